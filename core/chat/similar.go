package chat

import (
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// why says which topic matched a paper, in which field, with the sentence.
func (b *Chat) why(c *call) (core.Reply, error) {
	p, err := b.paperNamed(c, c.Args["paper"])
	if err != nil {
		return core.Reply{}, err
	}
	card := core.Card{Papers: []core.View{cards.Entry(&p)}}
	matched, d, planned, err := b.Query.Why(c.ctx, c.channel, &p)
	if err != nil {
		return core.Reply{}, err
	}
	if len(matched) == 0 {
		card.Lines = []say.Text{say.Say("No topic of this channel matches it. %s shows the topics.", c.command("list"))}
		return core.Reply{Card: card}, nil
	}
	for _, m := range matched {
		if m.Liked != nil {
			card.Lines = append(card.Lines, say.Join("", cards.Discovered(*m.Liked), say.Say(". %s shows this channel's taste.", c.command("taste"))))
			continue
		}
		card.Lines = append(card.Lines, say.Say("Topic *%s*", m.Topic))
		for _, w := range m.Why {
			line := cards.Why(w)
			if s := w.Sentence(p.Title, p.Abstract); s != "" && w.Field != topic.Title {
				line = append(line, say.Say(": “%s”", cards.Cut(s, 400))...)
			}
			card.Lines = append(card.Lines, line)
		}
	}
	switch {
	case planned && d.State == core.Posted && d.Late:
		card.Context = append(card.Context, say.Say("It was listed late, after the post it belonged to."))
	case planned && d.State == core.Skipped:
		card.Context = append(card.Context, say.Say("It was not posted: %s.", d.Reason))
	case !planned:
		card.Context = append(card.Context, say.Say("It has not been posted here."))
	}
	return core.Reply{Card: card}, nil
}

// similar finds the nearest papers by shared rare words.
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
	line := say.Say("Nearest to _%s_ by shared rare words", p.Title)
	if from > 0 {
		line = append(line, say.Say(", %s", place(from, to, len(near)))...)
	}
	card := core.Card{Lines: []say.Text{append(line, say.Say(":")...)}}
	for i := range near[from:to] {
		card.Papers = append(card.Papers, cards.Listed(&near[from+i]))
	}
	return b.shareable(c, card, from, to, shortPage, len(near))
}
