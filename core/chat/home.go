package chat

import (
	"context"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/verbs"
)

// A page opens within three seconds: so long may it take to find out which
// channels its person can read, of which so many are asked for at once.
const (
	homeTime  = 2 * time.Second
	homeAsked = 8
)

// Home is a person's own page: what is followed where in their workspace, as far
// as they can read it there, and their list.
func (b *Chat) Home(ctx context.Context, in core.Installation, user core.User) core.Card {
	c := &call{ctx: ctx, now: b.Now(), user: user, Call: verbs.Call{Args: map[string]string{}}}
	c.network, _ = b.Connections.Network(in.Platform)
	return b.answer(c, func() (core.Reply, error) {
		mine, err := b.saved(c)
		if err != nil {
			return core.Reply{}, err
		}
		channels, err := b.Store.Channels(ctx)
		if err != nil {
			return core.Reply{}, err
		}
		topics, err := b.Store.Topics(ctx, 0)
		if err != nil {
			return core.Reply{}, err
		}
		followed := map[int64][]core.Topic{}
		for _, t := range topics {
			followed[t.Channel] = append(followed[t.Channel], t)
		}
		var following []core.Channel
		for _, ch := range channels {
			if ch.Key.Installation() == in && len(followed[ch.ID]) > 0 {
				following = append(following, ch)
			}
		}
		card := mine.Card
		mineLines := card.Lines
		card.Title, card.Lines = "Paperboy", []say.Text{say.Say("New papers for the channels that follow topics, and votes on them.")}
		shown, unsure := b.readable(ctx, in, following, user)
		for _, ch := range shown {
			name := ch.Name
			if name == "" {
				name = "a private channel"
			}
			card.Lines = append(card.Lines, say.Say("*%s* %s", name, follows(ch, followed[ch.ID], c.now)))
		}
		switch {
		case unsure:
			card.Lines = append(card.Lines, say.Say("I could not find out just now what else you can read here. Open this page again in a minute."))
		case len(shown) == 0:
			card.Lines = append(card.Lines, say.Say("No channel that you can read follows a topic yet. Invite me to one and type %s there.", c.command("subscribe "+b.example(c))))
		}
		card.Lines = append(card.Lines, mineLines...)
		return core.Reply{Card: card}, nil
	}).Card
}

// readable are those of the channels that a person can read on the platform; of
// the others not even their number is told. unsure is that of some nobody knows.
func (b *Chat) readable(ctx context.Context, in core.Installation, channels []core.Channel, user core.User) (can []core.Channel, unsure bool) {
	readers, asks := b.Connections.For(in).(core.Readers)
	answers := make([]bool, len(channels))
	failed := make([]error, len(channels))
	if asks {
		ctx, cancel := context.WithTimeout(ctx, homeTime)
		defer cancel()
		places := make(chan struct{}, homeAsked)
		var wg sync.WaitGroup
		for i, ch := range channels {
			places <- struct{}{}
			wg.Go(func() {
				defer func() { <-places }()
				answers[i], failed[i] = readers.CanRead(ctx, ch.Key, user)
			})
		}
		wg.Wait()
	}
	for i, ch := range channels {
		switch {
		case failed[i] != nil:
			b.Log.Info("cannot tell who can read a channel", "channel", ch.ID, "err", failed[i])
			unsure = true
		case answers[i], !asks && !ch.Private:
			can = append(can, ch)
		}
	}
	return can, unsure
}
