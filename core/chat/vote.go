package chat

import (
	"errors"
	"fmt"
	"strings"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// voteFor is a digest's numbered button: my vote, or not any more.
func (b *Chat) voteFor(c *call, args []string) (core.Reply, error) {
	on, _, err := b.toggle(c, core.PaperID(args[0]), core.Up)
	if err != nil || !on {
		return answered("Taken back."), err
	}
	return answered("Counted: your vote for this paper."), nil
}

// notForUs is my vote against a paper, or not any more; with it comes the offer
// to exclude what the paper is about.
func (b *Chat) notForUs(c *call, args []string) (core.Reply, error) {
	p, err := b.paperNamed(c, args[0])
	if err != nil {
		return core.Reply{}, err
	}
	on, d, err := b.toggle(c, p.ID, core.Down)
	if err != nil || !on {
		return answered("Taken back."), err
	}
	return b.offerExclusion(c, d, &p)
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

// offerExclusion suggests words of the paper that would keep its like away.
func (b *Chat) offerExclusion(c *call, d core.Delivery, p *core.Paper) (core.Reply, error) {
	card := core.Card{Lines: []say.Text{say.Say("Noted.")}}
	if len(d.Matched) == 0 {
		return core.Reply{Card: card}, nil
	}
	t, err := b.topicNamed(c, d.Matched[0].Topic)
	if err != nil { // unsubscribed since
		return core.Reply{Card: card}, nil
	}
	words, err := b.Query.Telling(c.ctx, p, t.Topic, 2)
	if err != nil {
		return core.Reply{}, err
	}
	for _, w := range words {
		card.Buttons = append(card.Buttons, c.button("-"+w, "exclude", fmt.Sprint(t.Number), w))
	}
	if len(card.Buttons) > 0 {
		card.Lines[0] = say.Say("Noted. Exclude something from *%s*?", t.Topic.String())
	}
	return core.Reply{Card: card}, nil
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
	clauses := strings.Split(old.Topic.String(), " | ")
	for i := range clauses {
		clauses[i] += " -" + args[1]
	}
	next, err := topic.Parse(strings.Join(clauses, " | "))
	if err != nil {
		return core.Reply{}, err
	}
	// The narrower topic takes the old one's place: what has come and is not
	// posted yet stays what it was.
	narrowed, err := b.Store.NarrowTopic(c.ctx, c.channel.ID, old.ID, next)
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{
		Edit: true,
		Card: core.Card{Lines: []say.Text{say.Say("This channel now follows *%s* (#%d).", next.String(), narrowed.Number)}},
		Line: []say.Text{say.Say("%s excluded *%s*: this channel now follows *%s*.", c.mention(), args[1], next.String())},
	}, nil
}
