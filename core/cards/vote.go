package cards

import (
	"slices"

	"paperboy/core"
)

// Vote is the button by which a person votes for a paper, with the votes it has;
// nobody's is no number.
func Vote(id core.PaperID, votes int) core.Button {
	label := voteSign
	if votes > 0 {
		label += " " + Number(votes)
	}
	return Button(label, "up", string(id))
}

// votes are the verbs of buttons that give a vote, or take it back.
var votes = []string{"up", "notforus", "ballot"}

// Votes reports whether a button's id is that of one that votes.
func Votes(id string) bool {
	verb, _, ok := Pressed(id)
	return ok && slices.Contains(votes, verb)
}

const voteSign = "👍"

// Voting puts a button to vote in front of a paper's own.
func Voting(c core.Card) core.Card {
	for _, v := range c.Papers {
		c.Buttons = slices.Insert(slices.Clone(c.Buttons), 0, Vote(v.ID, 0))
	}
	return c
}

// Apart is a paper among others in one message: as its own message shows it, with
// what one can do with it at once.
func Apart(p *core.Paper, d *core.Delivery, s core.Settings) core.View {
	v := Delivered(p, d, s).Papers[0]
	v.Buttons = []core.Button{Vote(p.ID, 0), Button("Save", "save", string(p.ID))}
	return v
}

// Voted are the papers whose votes a card's buttons show.
func Voted(c core.Card) (ids []core.PaperID) {
	for _, b := range allButtons(&c) {
		if id, ok := counts(*b); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// Counting is a card whose buttons show these votes.
func Counting(c core.Card, votes map[core.PaperID]int) core.Card {
	c.Buttons, c.Papers = slices.Clone(c.Buttons), slices.Clone(c.Papers)
	for i := range c.Papers {
		c.Papers[i].Buttons = slices.Clone(c.Papers[i].Buttons)
	}
	for _, b := range allButtons(&c) {
		if id, ok := counts(*b); ok {
			*b = Vote(id, votes[id])
		}
	}
	return c
}

func allButtons(c *core.Card) (all []*core.Button) {
	for i := range c.Buttons {
		all = append(all, &c.Buttons[i])
	}
	for _, v := range c.Papers {
		for i := range v.Buttons {
			all = append(all, &v.Buttons[i])
		}
	}
	return all
}

// counts is the paper whose votes a button shows. A digest's, which is called by
// its number, shows none.
func counts(b core.Button) (id core.PaperID, ok bool) {
	verb, args, ok := Pressed(b.ID)
	if !ok || verb != "up" || len(args) == 0 || b.Label != voteSign {
		return "", false
	}
	return core.PaperID(args[0]), true
}
