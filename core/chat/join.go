package chat

import (
	"context"
	"errors"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
)

// Joined is the bot invited to a channel; the card is its greeting.
func (b *Chat) Joined(ctx context.Context, key core.ChannelKey, name string, private bool) (core.Card, error) {
	if err := b.paused(ctx, key.Installation()); err != nil {
		if core.Is[*core.UserError](err) {
			err = nil // nothing is posted there
		}
		return core.Card{}, err
	}
	c := b.call(ctx, key, core.User{})
	if reply := b.begin(c, "", key, name, private, true); reply != nil {
		return reply.Card, nil
	}
	if !c.channel.Hold.Since.IsZero() { // this may be what was missing
		c.aloud = true
		b.retryNow(c, &core.Reply{})
	}
	return b.greeting(c), nil
}

func (b *Chat) greeting(c *call) core.Card {
	example, quiet := b.example(c), "digest"
	if c.network.Threads {
		quiet = "thread"
	}
	return core.Card{
		Lines: []say.Text{
			say.Say("Hi, I'm *Paperboy*. I post new papers that match this channel's topics: one message per paper, and a 👍 on it is a vote."),
			say.Say("1  %s  see what you would get, nothing is posted", c.command("preview "+example)),
			say.Say("2  %s  follow it here", c.command("subscribe "+example)),
			say.Say("3  %s  say when", c.command("schedule 09:00 Europe/Berlin weekdays")),
		},
		Context: []say.Text{
			say.Say("Sources: Hugging Face Daily Papers and arXiv. I read only commands and reactions on my own posts."),
			say.Say("Much is said here? %s makes it one message a day, %s shows titles only.", c.command("settings layout:"+quiet), c.command("settings excerpt:none")),
		},
		Buttons: append([]core.Button{c.button("Preview a topic", "form", "preview"), c.button("Set time", "form", "schedule")}, c.do("Help", "help")...),
	}
}

// Welcome is the greeting for a manager's first command in a channel where
// nobody has set anything up, on platforms where nothing is posted on joining;
// ok is false on every other occasion.
func (b *Chat) Welcome(ctx context.Context, key core.ChannelKey, name string, user core.User) (card core.Card, ok bool) {
	if !user.Manager {
		return core.Card{}, false
	}
	c := b.call(ctx, key, user)
	if b.begin(c, "", key, name, false, false) != nil || c.channel.SetUpBy != "" || c.channel.Greeted || b.repeats.has("welcome/"+key.String()) {
		return core.Card{}, false
	}
	b.notes.put(ctx, func(ctx context.Context) error {
		ch, err := b.ensure(ctx, b.newChannel(key, name, c.now), false)
		if err == nil {
			_, err = b.Store.UpdateChannel(ctx, ch.ID, func(ch *core.Channel) { ch.Greeted = true })
		}
		return err
	})
	return b.greeting(c), true
}

// PaperOf is the paper that stands in a message of ours; ok is false for other
// messages.
func (b *Chat) PaperOf(ctx context.Context, key core.ChannelKey, message string) (id core.PaperID, ok bool) {
	ch, err := b.Store.ChannelByKey(ctx, key)
	if err != nil {
		return "", false
	}
	d, err := b.Store.DeliveryByMessage(ctx, ch.ID, message)
	if err != nil {
		return "", false
	}
	return d.Item.Paper()
}

// Unfurl is the card for a link to a paper that somebody pasted, where the
// channel wants that and the paper is known.
func (b *Chat) Unfurl(ctx context.Context, key core.ChannelKey, url string) (core.Card, bool) {
	id, _, ok := core.ParsePaperID(url)
	if !ok {
		return core.Card{}, false
	}
	ch, err := b.Store.ChannelByKey(ctx, key)
	if err != nil || !ch.Settings.Links || b.paused(ctx, key.Installation()) != nil {
		return core.Card{}, false
	}
	p, err := b.Store.Paper(ctx, id)
	if err != nil {
		return core.Card{}, false
	}
	card := cards.Paper(cards.View(&p, ch.Settings, nil))
	card.Buttons, card.More = card.Buttons[:3], nil // the vote belongs to posts
	return card, true
}

// Removed is the bot removed from an installation.
func (b *Chat) Removed(ctx context.Context, in core.Installation) error {
	return b.Store.GoneWorkspace(ctx, in.Platform, in.Workspace, b.Now())
}

// Returned is the bot in an installation, maybe again within the time that its
// data are kept.
func (b *Chat) Returned(ctx context.Context, in core.Installation) error {
	return b.Store.GoneWorkspace(ctx, in.Platform, in.Workspace, time.Time{})
}

// Present marks the workspaces gone in which the bot is not any more.
func (b *Chat) Present(ctx context.Context, platform string, in func(workspace string) bool) error {
	channels, err := b.Store.Channels(ctx)
	if err != nil {
		return err
	}
	gone := map[core.Installation]bool{}
	for _, ch := range channels {
		if where := ch.Key.Installation(); where.Platform == platform && !in(where.Workspace) && !gone[where] {
			gone[where] = true
			if err := b.Removed(ctx, where); err != nil {
				return err
			}
		}
	}
	return nil
}

// Left is the bot removed from a channel, or the channel deleted.
func (b *Chat) Left(ctx context.Context, key core.ChannelKey) error {
	ch, err := b.Store.ChannelByKey(ctx, key)
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = b.Store.UpdateChannel(ctx, ch.ID, func(c *core.Channel) {
		if c.Closed = true; c.Gone.IsZero() {
			c.Gone = b.Now()
		}
	})
	return err
}

// About is a channel's headline: what it follows and when.
func (b *Chat) About(ctx context.Context, key core.ChannelKey) say.Text {
	c := b.call(ctx, key, core.User{})
	if b.begin(c, "", key, "", false, false) != nil {
		return nil
	}
	topics, err := b.Store.Topics(ctx, c.channel.ID)
	if err != nil {
		b.Log.Error("about a channel", "channel", c.channel.ID, "err", err)
	}
	if len(topics) == 0 {
		return say.Say("follows nothing yet")
	}
	return followsWhat(c.channel, topics, c.now)
}

// followsWhat says what a channel follows, and when.
func followsWhat(ch core.Channel, topics []core.Topic, now time.Time) say.Text {
	var names []say.Text
	for i, t := range topics {
		if i == 3 && len(topics) > 4 {
			names = append(names, say.Say("%d more", len(topics)-i))
			break
		}
		names = append(names, say.Say("*%s*", t.Topic.String()))
	}
	text := say.Say("follows %s", cards.List(names))
	switch {
	case ch.Paused(now):
		return append(text, say.Say(" · paused")...)
	case ch.Schedule.Zone == "":
		return append(text, say.Say(" · no time set yet")...)
	}
	return append(text, say.Say(" · %s", ch.Schedule.Human())...)
}
