package core

import (
	"context"
	"errors"
	"time"

	"paperboy/core/say"
)

// graceTime is how long the data of a channel that is gone are kept
// (contract.md, Held).
const graceTime = 30 * 24 * time.Hour

// Joined is the bot invited to a channel; the card is its greeting
// (product.md 4.8).
func (b *Bot) Joined(ctx context.Context, key ChannelKey, name string) (Card, error) {
	c, reply := b.begin(ctx, "", key, name, User{})
	if reply != nil {
		return reply.Card, nil
	}
	return Card{
		Lines: []say.Text{
			say.Say("Hi, I'm *Paperboy*. I post new papers that match this channel's topics: one message per paper, and a 👍 on it is a vote."),
			say.Say("1  %s  see what you would get, nothing is posted", c.command("preview diffusion")),
			say.Say("2  %s  follow it here", c.command("subscribe diffusion")),
			say.Say("3  %s  say when", c.command("schedule 09:00 Europe/Berlin weekdays")),
		},
		Context: []say.Text{say.Say("Sources: Hugging Face Daily Papers and arXiv. I read only commands and reactions on my own posts.")},
		Buttons: append(append(doButton("Preview a topic", "preview diffusion"), doButton("Set time", "help schedule")...), doButton("Help", "help")...),
	}, nil
}

// Welcome is the greeting for a manager's first command in a channel where
// nobody has set anything up, on platforms where nothing is posted on joining;
// ok is false on every other occasion.
func (b *Bot) Welcome(ctx context.Context, key ChannelKey, name string, user User) (card Card, ok bool) {
	if !user.Manager {
		return Card{}, false
	}
	c, reply := b.begin(ctx, "", key, name, user)
	if reply != nil || c.channel.SetUpBy != "" || c.channel.Greeted {
		return Card{}, false
	}
	if _, err := b.Store.UpdateChannel(ctx, c.channel.ID, func(ch *Channel) { ok, ch.Greeted = !ch.Greeted, true }); err != nil || !ok {
		return Card{}, false
	}
	card, err := b.Joined(ctx, key, name)
	return card, err == nil
}

// PaperOf is the paper that stands in a message of ours; ok is false for other
// messages.
func (b *Bot) PaperOf(ctx context.Context, key ChannelKey, message string) (id PaperID, ok bool) {
	c, reply := b.begin(ctx, "", key, "", User{})
	if reply != nil {
		return "", false
	}
	d, err := b.Store.DeliveryByMessage(ctx, c.channel.ID, message)
	if err != nil {
		return "", false
	}
	return d.Item.Paper()
}

// Unfurl is the card for a link to a paper that somebody pasted, where the
// channel wants that and the paper is known.
func (b *Bot) Unfurl(ctx context.Context, key ChannelKey, url string) (Card, bool) {
	id, _, ok := ParsePaperID(url)
	if !ok {
		return Card{}, false
	}
	c, reply := b.begin(ctx, "", key, "", User{})
	if reply != nil || !c.channel.Settings.Links {
		return Card{}, false
	}
	p, err := b.Store.Paper(ctx, id)
	if err != nil {
		return Card{}, false
	}
	card := paperCard(view(&p))
	card.Buttons, card.More = card.Buttons[:3], nil // the vote belongs to posts
	return card, true
}

// Home is a person's own page: what is followed where in their workspace, and
// their list.
func (b *Bot) Home(ctx context.Context, in Installation, user User) Card {
	c := &call{ctx: ctx, now: b.Now(), user: user, args: map[string]string{}}
	c.profile, _ = b.Connections.Network(in.Platform)
	return b.answer(c, func() (Reply, error) {
		mine, err := b.saved(c)
		if err != nil {
			return Reply{}, err
		}
		channels, err := b.Store.Channels(ctx)
		if err != nil {
			return Reply{}, err
		}
		card := mine.Card
		mineLines := card.Lines
		card.Title, card.Lines = "Paperboy", []say.Text{say.Say("New papers for the channels that follow topics, and votes on them.")}
		for _, ch := range channels {
			if ch.Key.Installation() != in {
				continue
			}
			if about, err := b.about(ctx, ch, c.now); err != nil {
				return Reply{}, err
			} else if len(about) > 0 {
				card.Lines = append(card.Lines, say.Say("*%s* %s", ch.Name, about))
			}
		}
		if len(card.Lines) == 1 {
			card.Lines = append(card.Lines, say.Say("No channel follows a topic yet. Invite me to one and type %s there.", c.command("subscribe diffusion")))
		}
		card.Lines = append(card.Lines, mineLines...)
		return Reply{Card: card}, nil
	}).Card
}

// Removed is the bot removed from an installation.
func (b *Bot) Removed(ctx context.Context, in Installation) error {
	return b.Store.GoneWorkspace(ctx, in.Platform, in.Workspace, b.Now())
}

// Returned is the bot in an installation, maybe again within the time that its
// data are kept.
func (b *Bot) Returned(ctx context.Context, in Installation) error {
	return b.Store.GoneWorkspace(ctx, in.Platform, in.Workspace, noTime)
}

// Present marks the workspaces gone in which the bot is not any more.
func (b *Bot) Present(ctx context.Context, platform string, in func(workspace string) bool) error {
	channels, err := b.Store.Channels(ctx)
	if err != nil {
		return err
	}
	gone := map[Installation]bool{}
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
func (b *Bot) Left(ctx context.Context, key ChannelKey) error {
	ch, err := b.Store.ChannelByKey(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return b.close(ctx, ch.ID)
}

// close marks a channel as gone by itself.
func (b *Bot) close(ctx context.Context, channel int64) error {
	_, err := b.Store.UpdateChannel(ctx, channel, func(c *Channel) {
		if c.Closed = true; c.Gone.IsZero() {
			c.Gone = b.Now()
		}
	})
	return err
}

// About is a channel's headline: what it follows and when.
func (b *Bot) About(ctx context.Context, key ChannelKey) say.Text {
	c, reply := b.begin(ctx, "", key, "", User{})
	if reply != nil {
		return nil
	}
	text, err := b.about(ctx, c.channel, c.now)
	if err != nil {
		b.Log.Error("about a channel", "channel", c.channel.ID, "err", err)
	}
	if len(text) == 0 {
		return say.Say("follows nothing yet")
	}
	return text
}

// about is empty for a channel that follows nothing.
func (b *Bot) about(ctx context.Context, ch Channel, now time.Time) (say.Text, error) {
	topics, err := b.Store.Topics(ctx, ch.ID)
	if err != nil || len(topics) == 0 {
		return nil, err
	}
	var names []say.Text
	for i, t := range topics {
		if i == 3 && len(topics) > 4 {
			names = append(names, say.Say("%d more", len(topics)-i))
			break
		}
		names = append(names, say.Say("*%s*", t.Topic.String()))
	}
	text := say.Say("follows %s", list(names))
	switch {
	case ch.Paused(now):
		return append(text, say.Say(" · paused")...), nil
	case ch.Schedule.Zone == "":
		return append(text, say.Say(" · no time set yet")...), nil
	}
	return append(text, say.Say(" · %s", ch.Schedule.Human())...), nil
}
