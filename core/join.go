package core

import (
	"context"
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

// Left is the bot removed from a channel, or the channel deleted.
func (b *Bot) Left(ctx context.Context, key ChannelKey) error {
	ch, err := b.Store.Channel(ctx, b.newChannel(key, "", b.Now()))
	if err != nil {
		return err
	}
	_, err = b.Store.UpdateChannel(ctx, ch.ID, func(c *Channel) { c.Gone = b.Now() })
	return err
}

// About is a channel's headline: what it follows and when.
func (b *Bot) About(ctx context.Context, key ChannelKey) say.Text {
	c, reply := b.begin(ctx, "", key, "", User{})
	if reply != nil {
		return nil
	}
	topics, err := b.Store.Topics(ctx, c.channel.ID)
	if err != nil {
		b.Log.Error("about a channel", "channel", c.channel.ID, "err", err)
		return nil
	}
	if len(topics) == 0 {
		return say.Say("follows nothing yet")
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
	case c.channel.Paused(c.now):
		return append(text, say.Say(" · paused")...)
	case c.channel.Schedule.Zone == "":
		return append(text, say.Say(" · no time set yet")...)
	}
	return append(text, say.Say(" · %s", c.channel.Schedule.Human())...)
}
