package chat

import (
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
)

// similar finds the papers that are most like one.
func (b *Chat) similar(c *call) (core.Reply, error) {
	p, err := b.paperNamed(c, c.Args["paper"])
	if err != nil {
		return core.Reply{}, err
	}
	near, err := b.Query.Nearest(c.ctx, &p)
	if err != nil {
		return core.Reply{}, err
	}
	if c.Args["sort"] == "new" {
		slices.SortStableFunc(near, func(a, b core.Paper) int { return strings.Compare(string(b.Day), string(a.Day)) })
	}
	if len(near) == 0 {
		return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("I have nothing that is like _%s_.", p.Title)}}}, nil
	}
	from, to := c.part(shortPage, len(near))
	line := say.Say("Nearest to _%s_ by words and meaning", p.Title)
	if from > 0 {
		line = append(line, say.Say(", %s", place(from, to, len(near)))...)
	}
	card := core.Card{Lines: []say.Text{append(line, say.Say(":")...)}}
	for i := range near[from:to] {
		card.Papers = append(card.Papers, cards.Listed(&near[from+i]))
	}
	return b.shareable(c, card, from, to, shortPage, len(near))
}
