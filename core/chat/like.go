package chat

import (
	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// likeNothing says of a topic that is followed that its like: is about nothing, as a
// paper that came by a file, or that an older copy of the store does not have; nil where it is not.
func (b *Chat) likeNothing(c *call, t *core.Topic) (say.Text, error) {
	like, unknown, err := b.Query.UnknownLike(c.ctx, t.Topic)
	switch {
	case err != nil || !unknown:
		return nil, err
	case like.OfPaper():
		return say.Say("I do not have the paper %s, so nothing is like it", say.Link(like.Value, "https://arxiv.org/abs/"+like.Value)), nil
	}
	return say.Say("I know none of the words of `%s`, so nothing is like it", cards.Cut(like.Value, 60)), nil
}

// threshold shows what a topic's like: lets in and what lies just below it.
func (c *call) threshold(th query.Threshold, card *core.Card) {
	show := func(h *core.Hit, label string) {
		v := cards.Entry(&h.Paper)
		v.Matched = say.Say("%d alike", int(h.Score))
		if label != "" {
			v.Labels = append(v.Labels, label)
		}
		v.Open = c.button("", "abstract", string(v.ID)).ID
		card.Papers = append(card.Papers, v)
	}
	shown := map[core.PaperID]bool{}
	for _, h := range th.Best {
		shown[h.Paper.ID] = true
		show(&h, "")
	}
	for _, h := range th.Least {
		if !shown[h.Paper.ID] {
			show(&h, "")
		}
	}
	in := len(card.Papers)
	for _, h := range th.Below {
		label := "just below: stays out"
		if in == 0 {
			label = "stays out"
		}
		show(&h, label)
	}
	switch {
	case in > 0 && len(th.Below) > 0:
		card.Lines = append(card.Lines, say.Say("From the most alike to the least that *%d* lets in, then what lies just below:", th.Term.N))
	case in > 0:
		card.Lines = append(card.Lines, say.Say("From the most alike to the least that *%d* lets in:", th.Term.N))
	case len(th.Below) > 0:
		card.Lines = append(card.Lines, say.Say("Nothing of these days is *%d* alike. The nearest is *%d*:", th.Term.N, int(th.Below[0].Score)))
	default:
		card.Lines = append(card.Lines, say.Say("Nothing of these days is *%d* alike, nor anywhere near it.", th.Term.N))
	}
}

// nearMisses puts papers at a list's end that no word brings and that are alike in
// meaning.
func (b *Chat) nearMisses(c *call, card *core.Card, topics []topic.Topic, since, until core.Date) error {
	misses, err := b.Query.NearMisses(c.ctx, c.channel, topics, since, until)
	if err != nil || len(misses) == 0 {
		return err
	}
	card.Lines = append(card.Lines, say.Say("*Near misses*, at the end: not matched by the words, alike in meaning."))
	for _, m := range misses {
		v := cards.Entry(&m.Paper)
		v.Labels = append(v.Labels, "near miss")
		v.Matched = say.Say("%d alike *%s*", m.Alike, cards.Cut(m.Topic, 60))
		v.Buttons = append(c.do("Why not?", "why "+string(v.ID)), c.button("Abstract", "abstract", string(v.ID)))
		v.Open = c.button("", "abstract", string(v.ID)).ID
		card.Papers = append(card.Papers, v)
	}
	return nil
}

// edge says in a line where the threshold of a topic's like: lies.
func edge(th query.Threshold) say.Text {
	line := say.Say("The threshold is *%d*.", th.Term.N)
	if n := len(th.Least); n > 0 {
		line = append(line, say.Say(" It just lets in _%s_ (%d).", cards.Cut(th.Least[n-1].Paper.Title, 100), int(th.Least[n-1].Score))...)
	}
	if len(th.Below) > 0 {
		lies := "Just below lies"
		if len(th.Best) == 0 {
			lies = "The nearest below is"
		}
		line = append(line, say.Say(" %s _%s_ (%d).", lies, cards.Cut(th.Below[0].Paper.Title, 100), int(th.Below[0].Score))...)
	}
	return line
}

// moves are how a threshold can be moved.
func moves(th query.Threshold) (moved []query.Hint) {
	if len(th.Lower.Clauses) > 0 {
		moved = append(moved, query.Hint{Kind: query.Wider, Topic: th.Lower})
	}
	if len(th.Upper.Clauses) > 0 {
		moved = append(moved, query.Hint{Kind: query.Narrower, Topic: th.Upper})
	}
	return moved
}
