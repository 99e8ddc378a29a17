package chat

import (
	"context"
	"errors"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
)

// doorTime is how long a connection may take to say whether a channel takes our
// posts: somebody waits for the answer.
const doorTime = 2 * time.Second

// door is what a connection says of posting in a channel. Where it says nothing,
// all of it is false.
type door struct {
	open   bool
	never  bool   // nobody can ever open it
	reason string // why it is shut; completes "I may not post in #papers: …"
}

// tries the channel's door, once an answer.
func (b *Chat) tries(c *call) door {
	if c.door != nil {
		return *c.door
	}
	c.door = &door{}
	d, ok := b.Connections.For(c.channel.Key.Installation()).(core.Doors)
	if !ok {
		return *c.door
	}
	ctx, cancel := context.WithTimeout(c.ctx, doorTime)
	defer cancel()
	err := d.MayPost(ctx, c.channel)
	refused, no := errors.AsType[*core.Refused](err)
	may, mayNot := errors.AsType[*core.MayNot](err)
	switch {
	case err == nil:
		c.door.open = true
	case no:
		c.door.reason = refused.Reason
	case mayNot && may.Right == "":
		c.door.never = true
	default:
		b.Log.Info("cannot tell whether a channel takes posts", "channel", c.channel.ID, "err", err)
	}
	return *c.door
}

// canEverPost refuses what would wait for a post that can never come.
func (b *Chat) canEverPost(c *call) error {
	if b.tries(c).never {
		return &core.UserError{Code: "E-NOTINCHANNEL", Text: never()}
	}
	return nil
}

func never() say.Text {
	return say.Say("I can never post here: this is a conversation of others, to which nobody can add me. Follow topics in a channel, or in your direct messages with me.")
}

// closed says why nothing is posted in the channel as things stand; nil where it
// takes posts, and where nobody knows better.
func (b *Chat) closed(c *call) say.Text {
	ch, held := c.channel, !c.channel.Hold.Since.IsZero()
	switch d := b.tries(c); {
	case d.open, !held && !d.never && d.reason == "":
		return nil
	case d.never:
		c.told = held
		return never()
	case !held:
		return cards.Closed(&ch, d.reason)
	case d.reason != "":
		ch.Hold.Reason = d.reason
	}
	c.told = true
	return cards.Held(&ch)
}

// outlook says when the channel gets its next post or, where none can be made,
// why not. A post is promised only where one can be made.
func (b *Chat) outlook(c *call) say.Text {
	closed := b.closed(c)
	if closed == nil {
		return b.scheduled(c)
	}
	_, ok := c.channel.Schedule.Next(c.now)
	switch {
	case b.tries(c).never:
		return closed
	case !ok || c.channel.Paused(c.now) || len(c.channel.Damaged) > 0:
		return say.Join(" ", closed, b.scheduled(c))
	case !c.channel.Hold.Since.IsZero(): // it says so itself
		return closed
	}
	return say.Join(" ", closed, say.Say("Once that is mended, posts come *%s*.", c.channel.Schedule.Human()))
}

// nextPost is outlook without the reasons, which are told once, and not to
// everybody.
func (b *Chat) nextPost(c *call) say.Text {
	told := c.told
	closed := b.closed(c)
	if c.told = told; closed != nil {
		return say.Say("No post can be made here as things stand: %s says why.", c.command("status"))
	}
	return b.scheduled(c)
}

// onItsWay says that something is, where nothing keeps it here.
func (b *Chat) onItsWay(c *call, going say.Text) say.Text {
	if closed := b.closed(c); closed != nil {
		return say.Join(" ", say.Say("It waits."), closed)
	}
	return going
}

// scheduled says when the channel's next post is due, or what is missing.
func (b *Chat) scheduled(c *call) say.Text {
	for _, d := range []struct{ document, anew string }{{core.TheSettings, "settings max:5"}, {core.TheSchedule, "schedule 09:00 Europe/Berlin weekdays"}} {
		if _, damaged := c.channel.Damaged[d.document]; damaged {
			return say.Say("*Nothing is posted here*: the %s of this channel cannot be read any more. %s, say, sets that anew.", d.document, c.command(d.anew))
		}
	}
	if c.channel.Paused(c.now) {
		if c.channel.PausedUntil.IsZero() {
			return say.Say("Paused until somebody types %s.", c.command("resume"))
		}
		return say.Say("Paused until %s.", c.when(c.channel.PausedUntil))
	}
	next, ok := c.channel.Schedule.Next(c.now)
	if !ok {
		return say.Say("No post can come before a time is set: %s.", c.command("schedule 09:00 Europe/Berlin weekdays"))
	}
	return say.Say("Next post: %s.", c.when(next))
}
