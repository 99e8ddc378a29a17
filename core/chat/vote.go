package chat

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// voteFor is the button under a paper, or a digest's numbered one: my vote, or not
// any more.
func (b *Chat) voteFor(c *call, args []string) (core.Reply, error) {
	p, err := b.paperNamed(c, args[0])
	if err != nil {
		return core.Reply{}, err
	}
	on, _, err := b.toggle(c, p.ID, core.Up)
	if err != nil {
		return core.Reply{}, err
	}
	what := "Taken back"
	if on {
		what = "Counted"
	}
	line := say.Say("%s: your vote for *%s*.", what, cards.Cut(p.Title, 150))
	if tally, err := b.Store.Tally(c.ctx, c.channel.ID, []core.PaperID{p.ID}, time.Time{}); err == nil { // the vote is given in any case
		line = append(line, say.Say(" It has %s here.", cards.Count(tally[p.ID].Up, "vote"))...)
	}
	return core.Reply{Card: core.Card{Lines: []say.Text{line}}}, nil
}

// notForUs is my vote against a paper, or not any more; with it comes the question
// why.
func (b *Chat) notForUs(c *call, args []string) (core.Reply, error) {
	p, err := b.paperNamed(c, args[0])
	if err != nil {
		return core.Reply{}, err
	}
	on, _, err := b.toggle(c, p.ID, core.Down)
	if err != nil || !on {
		return answered("Taken back."), err
	}
	card := core.Card{Lines: []say.Text{say.Say("Noted. What is it?")}, Buttons: []core.Button{
		c.button("Off topic", "because", string(p.ID), offTopic), c.button("Weak", "because", string(p.ID), weak), c.button("Seen before", "because", string(p.ID), seen),
	}}
	return core.Reply{Card: card}, nil
}

func answered(words string) core.Reply {
	return core.Reply{Card: core.Card{Lines: []say.Text{say.Say(words)}}}
}

// toggle gives or takes back a person's vote by button.
func (b *Chat) toggle(c *call, id core.PaperID, kind core.VoteKind) (on bool, d core.Delivery, err error) {
	d, err = b.Store.Delivery(c.ctx, c.channel.ID, core.PaperItem(id))
	if errors.Is(err, core.ErrNotFound) {
		return false, d, core.Userf("E-NOTFOUND", "That paper was not posted here. %s saves it for you.", c.command("save "+string(id)))
	}
	if err != nil {
		return false, d, err
	}
	on, err = b.Voter.Toggle(c.ctx, c.channel, d, id, kind, c.user, c.now)
	return on, d, err
}

// Why a paper is not for us.
const (
	offTopic = "off"
	weak     = "weak"
	seen     = "seen"
)

// because answers why a paper is not for us. Only where it is off topic can other
// words help: suggested are those that would have.
func (b *Chat) because(c *call, args []string) (core.Reply, error) {
	if len(args) != 2 {
		return core.Reply{}, oldButton(c, "list")
	}
	p, err := b.paperNamed(c, args[0])
	if err != nil {
		return core.Reply{}, err
	}
	reply := core.Reply{Edit: true, Card: core.Card{Lines: []say.Text{say.Say("Noted: your 👎 counts against papers like this one here.")}}}
	if args[1] != offTopic {
		return reply, nil
	}
	d, err := b.Store.Delivery(c.ctx, c.channel.ID, core.PaperItem(p.ID))
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return core.Reply{}, err
	}
	for _, m := range d.Matched {
		if m.Topic == "" { // its taste brought it
			continue
		}
		t, err := b.topicNamed(c, m.Topic)
		if err != nil { // not followed any more
			continue
		}
		found, err := b.Query.Exclusions(c.ctx, c.channel, &p, t.Topic)
		if err != nil {
			return core.Reply{}, err
		}
		if len(found) == 0 {
			continue
		}
		reply.Card.Lines = append(reply.Card.Lines, say.Say("Exclude something from *%s* (#%d)? In the last 30 days", t.Text(), t.Number))
		for _, e := range found {
			reply.Card.Lines = append(reply.Card.Lines, say.Say("`%s` would have kept %d of %s away", e.Term(), e.Kept, cards.Count(e.Of, "paper")))
			reply.Card.Buttons = append(reply.Card.Buttons, c.fits(c.button(e.Term(), "exclude", fmt.Sprint(t.Number), e.Words))...)
		}
		reply.Card.Buttons = append(reply.Card.Buttons, c.button("No", "because", string(p.ID), "no"))
		return reply, nil
	}
	reply.Card.Lines = append(reply.Card.Lines, say.Say("I know no word of it that would keep its like away and not what you want to see."))
	return reply, nil
}

// exclude adds a negative word to a topic that is followed here.
func (b *Chat) exclude(c *call, args []string) (core.Reply, error) {
	if len(args) != 2 {
		return core.Reply{}, oldButton(c, "list")
	}
	if err := b.mayEdit(c); err != nil {
		return core.Reply{}, err
	}
	old, err := b.topicNamed(c, "#"+args[0])
	if err != nil {
		return core.Reply{}, err
	}
	next, err := and(old.Topic, query.Exclusion{Words: args[1]}.Term())
	if err != nil {
		return core.Reply{}, err
	}
	if ask, asked, err := b.guarded(c, old, next, "exclude", args[0], args[1]); asked || err != nil {
		return ask, err
	}
	// The narrower topic takes the old one's place: what has come and is not
	// posted yet stays what it was.
	narrowed, err := b.Store.NarrowTopic(c.ctx, c.channel.ID, old.ID, next)
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{
		Edit: true,
		Card: core.Card{
			Lines:   []say.Text{say.Say("This channel now follows *%s* (#%d). It can be taken back for ten minutes.", next.String(), narrowed.Number)},
			Buttons: c.fits(c.button("Undo", "undo", "exclude", strconv.FormatInt(old.ID, 10), strconv.FormatInt(c.now.Unix(), 36), args[1])),
		},
		Line: []say.Text{say.Say("%s excluded *%s*: this channel now follows *%s*.", c.mention(), args[1], next.String())},
	}, nil
}

// undone is the topic of which a change is taken back, in time and by somebody who
// may: what, the topic's id, when it was changed.
func (b *Chat) undone(c *call, args []string) (core.Topic, error) {
	since, err := strconv.ParseInt(args[2], 36, 64)
	if err != nil {
		return core.Topic{}, oldButton(c, "list")
	}
	if err := b.mayEdit(c); err != nil {
		return core.Topic{}, err
	}
	t, err := b.topicByID(c, args[1:])
	if err == nil && c.now.Sub(time.Unix(since, 0)).Abs() > undoTime {
		err = core.Userf("E-OLDBUTTON", "That was more than ten minutes ago. %s has *Edit …* beside each topic.", c.command("list"))
	}
	return t, err
}

// include takes an exclusion back: pb1|undo|exclude|7|t2k9b1|survey.
func (b *Chat) include(c *call, args []string) (core.Reply, error) {
	if len(args) != 4 {
		return core.Reply{}, oldButton(c, "list")
	}
	old, err := b.undone(c, args)
	if err != nil {
		return core.Reply{}, err
	}
	term := query.Exclusion{Words: args[3]}.Term()
	next, err := old.Topic.Edit(func(c topic.Clause) []string {
		return slices.DeleteFunc(c.Terms(), func(t string) bool { return t == term })
	})
	if err != nil {
		return core.Reply{}, err
	}
	if next.String() == old.Topic.String() {
		return core.Reply{}, core.Userf("E-OLDBUTTON", "*%s* is not excluded any more. %s shows what is followed.", args[3], c.command("list"))
	}
	wider, err := b.Store.NarrowTopic(c.ctx, c.channel.ID, old.ID, next)
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{
		Edit: true,
		Card: core.Card{Lines: []say.Text{say.Say("This channel follows *%s* (#%d) again.", next.String(), wider.Number)}},
		Line: []say.Text{say.Say("%s took that back: this channel follows *%s* again.", c.mention(), next.String())},
	}, nil
}
