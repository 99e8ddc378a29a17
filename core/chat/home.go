package chat

import (
	"context"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/topic"
	"paperboy/core/verbs"
)

// How much of it stands on the page: a platform draws a hundred pieces at most.
const (
	homeTopics = 8  // of a channel
	homeRows   = 40 // of all channels
)

// Home is a person's own page: what is followed where in their workspace, as far
// as they can read it there, with what one can do about it, and their list.
func (b *Chat) Home(ctx context.Context, in core.Installation, user core.User) core.Card {
	c := &call{ctx: ctx, now: b.Now(), user: user, Call: verbs.Call{Args: map[string]string{}}}
	c.network, _ = b.Connections.Network(in.Platform)
	return b.answer(c, func() (core.Reply, error) {
		if err := b.paused(ctx, in); err != nil {
			return core.Reply{}, err
		}
		mine, err := b.Query.Saved(ctx, user.Key, topic.Topic{}, "", time.UTC)
		if err != nil {
			return core.Reply{}, err
		}
		following, followed, err := b.Store.Following(ctx, in)
		if err != nil {
			return core.Reply{}, err
		}
		card := core.Card{Title: "Paperboy", Lines: []say.Text{say.Say("New papers for the channels that follow topics, and votes on them.")}, Menu: c.privacy()}
		shown, unsure := b.Connections.Readable(ctx, following, user)
		for i, ch := range shown {
			if len(card.Rows) >= homeRows {
				card.Rows = append(card.Rows, core.Row{Text: say.Say("%s more. %s in a channel shows what it follows.", cards.Count(len(shown)-i, "channel"), c.command("list"))})
				break
			}
			card.Rows = append(card.Rows, b.homeRows(c, ch, followed[ch.ID])...)
		}
		switch {
		case unsure:
			card.Lines = append(card.Lines, say.Say("I could not find out just now what else you can read here. Open this page again in a minute."))
		case len(shown) == 0:
			card.Lines = append(card.Lines,
				say.Say("No channel that you can read follows a topic yet. Invite me to one and type %s there: then new papers about it come every morning, and this page is the place to change what and when.", c.command("subscribe "+b.example(c))),
				say.Say("Try me at once: %s in any channel that I am in answers you alone.", c.command(b.example(c))))
		}
		switch {
		case len(mine) > 0:
			card.Rows = append(card.Rows, core.Row{Text: say.Say("*Your list*: %s", cards.Count(len(mine), "paper")), Buttons: c.do("Show all", "saved")})
			for _, p := range mine[:min(len(mine), shortPage)] {
				card.Papers = append(card.Papers, c.listed(&p))
			}
		default:
			card.Rows = append(card.Rows, core.Row{Text: say.Say("*Your list* is empty"), Small: say.Say("*Save* under a paper, or 🔖 on it, puts it here.")})
		}
		return core.Reply{Card: card}, nil
	}).Card
}

// homeRows are a channel's: when it gets its post, and what it follows.
func (b *Chat) homeRows(c *call, ch core.Channel, topics []core.Topic) []core.Row {
	there := *c
	there.channel, there.about = ch, ch.ID
	name := ch.Name
	if name == "" {
		name = "a private channel"
	}
	head := core.Row{Text: say.Say("*%s*", name), Small: there.rhythm(), Buttons: []core.Button{
		there.button("Add a topic", "form", "subscribe"), there.button("Set time", "form", "schedule"),
	}}
	head.Buttons = append(head.Buttons, there.do("What's new", "today")...)
	rows := []core.Row{head}
	for i, t := range topics {
		if i == homeTopics && len(topics) > homeTopics+1 {
			rows = append(rows, core.Row{Text: say.Say("%s more", cards.Count(len(topics)-i, "topic")), Buttons: there.do("Show all", "list")})
			break
		}
		row := there.topicRow(&t)
		row.Small = nil
		rows = append(rows, row)
	}
	return rows
}

// rhythm says when a channel gets its posts, from what is stored alone.
func (c *call) rhythm() say.Text {
	ch := &c.channel
	next, ok := ch.Schedule.Next(c.now)
	switch {
	case ch.Paused(c.now) && ch.PausedUntil.IsZero():
		return say.Say("paused")
	case ch.Paused(c.now):
		return say.Say("paused until %s", c.when(ch.PausedUntil))
	case !ch.Hold.Since.IsZero():
		return say.Say("posts wait: I may not post there")
	case !ok:
		return say.Say("no time set yet: nothing is posted")
	}
	return say.Say("%s · next post %s", strings.TrimSpace(ch.Schedule.Human()), say.At(next, next.In(c.loc()).Format("Mon 2 Jan 15:04")))
}
