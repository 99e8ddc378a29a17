package chat

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
)

// doubtTime is how long a message may be on its way before it is said to be in
// doubt: longer than a platform has to answer.
const doubtTime = 2 * time.Minute

// status answers: is it quiet or is something broken?
func (b *Chat) status(c *call) (core.Reply, error) {
	states, err := b.Store.SourceStates(c.ctx)
	if err != nil {
		return core.Reply{}, err
	}
	card := core.Card{Title: "Status"}
	if len(states) == 0 {
		card.Lines = append(card.Lines, say.Say("No source has been asked yet."))
	}
	for _, s := range states {
		card.Lines = append(card.Lines, b.sourceLine(c, s))
	}
	stopped := b.Connections.Stopped()
	for _, name := range slices.Sorted(maps.Keys(stopped)) {
		card.Lines = append(card.Lines, say.Say("*%s* refuses my token and has stopped: %s", name, stopped[name].Error()))
	}
	card.Lines = append(card.Lines, b.outlook(c))
	if b.Full() {
		card.Lines = append(card.Lines, cards.Full())
	}
	if c.now.Before(b.NotBefore) {
		card.Lines = append(card.Lines, say.Say("My clock says %s, which cannot be. I post nothing until it is right.", c.now.Format("2 Jan 2006")))
	}
	open, err := b.Store.DeliveriesOf(c.ctx, c.channel.ID, time.Time{}, core.Planned, core.Sending, core.Held)
	if err != nil {
		return core.Reply{}, err
	}
	doubtful := 0
	for _, d := range open {
		if d.State == core.Sending && c.now.Sub(d.Begun) >= doubtTime {
			doubtful++
		}
	}
	if n := len(open) - doubtful; n > 0 {
		card.Lines = append(card.Lines, say.Say("%s on the way.", cards.Count(n, "message")))
	}
	if doubtful > 0 {
		card.Lines = append(card.Lines, say.Say("*in doubt*: %s. I had no answer when I posted, so I look whether it is there before I post it again.", cards.Count(doubtful, "message")))
	}
	uncertain, err := b.Store.DeliveriesOf(c.ctx, c.channel.ID, time.Time{}, core.Uncertain)
	if err != nil {
		return core.Reply{}, err
	}
	for i, d := range uncertain {
		title := "the header of a post"
		id, ok := d.Item.Paper()
		if again, is := d.Item.Read(); is {
			id, ok = again, true
		}
		if ok {
			p, err := b.Store.Paper(c.ctx, id)
			if err != nil {
				return core.Reply{}, err
			}
			title = p.Title
		}
		why := "I had no answer when I posted it and may not look."
		if d.Reason == core.LostReason {
			why = "It may have been posted before my database was restored, and I may not look."
		}
		card.Lines = append(card.Lines, say.Say("*uncertain*: _%s_. %s If it is not there, post it.", title, why))
		if i < 5 { // as many as fit a row
			card.Buttons = append(card.Buttons, c.button("Post it anyway: "+cards.Cut(title, 40), "anyway", string(d.Item)))
		}
	}
	mailed, buttons, err := b.mailed(c)
	if err != nil {
		return core.Reply{}, err
	}
	card.Lines, card.Buttons = append(card.Lines, mailed...), append(card.Buttons, buttons...)
	card.Buttons = card.Buttons[:min(len(card.Buttons), 5)] // as many as fit a row
	c.own = c.own || len(mailed) > 0
	waiting, err := b.heldLibraries(c)
	if err != nil {
		return core.Reply{}, err
	}
	card.Lines = append(card.Lines, waiting...)
	refused, err := b.refused(c)
	if err != nil {
		return core.Reply{}, err
	}
	card.Lines = append(card.Lines, refused...)
	topics, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return core.Reply{}, err
	}
	for _, t := range topics {
		if lost, err := b.likeNothing(c, &t); err != nil {
			return core.Reply{}, err
		} else if lost != nil {
			card.Lines = append(card.Lines, say.Join("", say.Say("*#%d %s*: ", t.Number, t.Text()), lost, say.Say(". %s changes it.", c.command("list"))))
		}
	}
	n, err := b.Store.CountPapers(c.ctx)
	if err != nil {
		return core.Reply{}, err
	}
	card.Context = []say.Text{say.Say("%s in the store.", cards.Count(n, "paper"))}
	return core.Reply{Card: card}, nil
}

// refusedDays is how far back status tells what could not be posted.
const refusedDays = 7

// refused names the messages of the last days that were tried and that the
// platform did not take in any form.
func (b *Chat) refused(c *call) (lines []say.Text, err error) {
	skipped, err := b.Store.DeliveriesOf(c.ctx, c.channel.ID, c.now.AddDate(0, 0, -refusedDays), core.Skipped)
	if err != nil {
		return nil, err
	}
	for _, d := range skipped {
		id, isPaper := d.Item.Paper()
		if d.Attempt == 0 || !isPaper { // passed over by the plan, or a header
			continue
		}
		p, err := b.Store.Paper(c.ctx, id)
		if err != nil {
			return nil, err
		}
		lines = append(lines, say.Say("*not posted*: _%s_. %s", p.Title, d.Reason))
	}
	return lines, nil
}

// sourceLine is a source's line: its word, last success, newest list.
func (b *Chat) sourceLine(c *call, s core.SourceState) say.Text {
	word := string(s.Word)
	if s.Word == core.NotAnnounced {
		word = "nothing due"
	}
	t := say.Say("*%s*: %s", s.Called(), word)
	if s.Reason != "" {
		t = append(t, say.Say(" (%s)", s.Reason)...)
	}
	if s.LastSuccess.IsZero() {
		t = append(t, say.Say(" · never answered yet")...)
	} else {
		t = append(t, say.Say(" · last answer %s", say.At(s.LastSuccess, cards.Clock(s.LastSuccess, c.now, c.loc())))...)
	}
	if !s.Newest.IsZero() {
		t = append(t, say.Say(" · newest list %s", s.Newest.Time(time.UTC).Format("Mon 2 Jan"))...)
	}
	if !s.RetryAt.IsZero() && s.RetryAt.After(c.now) {
		t = append(t, say.Say(" · next try %s", say.At(s.RetryAt, cards.Clock(s.RetryAt, c.now, c.loc())))...)
	}
	return t
}

// postAnyway sends a message again of which nobody knows whether it is there.
// Only a person may decide that.
func (b *Chat) postAnyway(c *call, args []string) (core.Reply, error) {
	if err := b.mayEdit(c); err != nil {
		return core.Reply{}, err
	}
	err := b.Store.Reopen(c.ctx, c.channel.ID, core.Item(strings.Join(args, "|")), c.now)
	if errors.Is(err, core.ErrNotFound) {
		return core.Reply{}, core.Userf("E-NOTFOUND", "That one is not uncertain any more. %s shows what is.", c.command("status"))
	}
	if err != nil {
		return core.Reply{}, err
	}
	b.Wake()
	return core.Reply{Edit: true, Card: core.Card{Lines: []say.Text{b.onItsWay(c, say.Say("Posting it."))}}}, nil
}
