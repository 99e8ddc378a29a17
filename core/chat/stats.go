package chat

import (
	"fmt"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/chart"
	"paperboy/core/query"
	"paperboy/core/say"
)

const (
	statsTop   = 3 // most voted papers that are shown
	inPlainSay = 60
)

// stats are the channel's numbers, as text and as a picture.
func (b *Chat) stats(c *call) (core.Reply, error) {
	from, _, err := c.sinceOr("30d")
	if err != nil {
		return core.Reply{}, err
	}
	s, err := b.Query.Stats(c.ctx, c.channel, from, statsTop)
	if err != nil {
		return core.Reply{}, err
	}
	period := inThePast(from, c.today())
	if s.Papers == 0 && s.Votes == 0 {
		return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("Nothing was posted here%s, and nobody voted. %s looks further back.", period, c.command("stats since:90d"))}}}, nil
	}
	card := core.Card{Lines: []say.Text{
		say.Say("*%s* in %s%s; *%s* voted for here.", cards.Count(s.Papers, "paper"), cards.Count(s.Posts, "post"), period, wereLiked(s.Liked)),
		say.Say("*%s* by %s.", cards.Count(s.Votes, "vote"), people(s.Voters)),
	}}
	if s.Votes == 0 {
		card.Lines[1] = say.Say("Nobody voted. React with 👍 on a paper to count it.")
	}
	picture := chart.Chart{Title: "What each topic brought" + period, Whole: "posted", Part: "voted for"}
	alt := []string{}
	for _, t := range s.Topics[:min(len(s.Topics), chart.MostBars)] {
		figures := fmt.Sprintf("%s of %s", cards.Number(t.Liked), cards.Number(t.Papers))
		picture.Bars = append(picture.Bars, chart.Bar{Label: brought(t), Whole: t.Papers, Part: t.Liked, Figures: figures})
		alt = append(alt, cards.Cut(brought(t), inPlainSay)+" "+figures)
		card.Lines = append(card.Lines, say.Say("• *%s*: %s, %s voted for", cards.Cut(brought(t), inPlainSay), cards.Count(t.Papers, "paper"), cards.Number(t.Liked)))
	}
	if more := len(s.Topics) - chart.MostBars; more > 0 {
		card.Lines = append(card.Lines, say.Say("… and %s that brought no more. %s shows all that is followed.", cards.Count(more, "topic"), c.command("list")))
	}
	if len(s.Top) > 0 {
		card.Lines = append(card.Lines, say.Say("Most voted:"))
		card.Numbered = true
	}
	for _, h := range s.Top {
		v := cards.Listed(&h.Paper)
		v.Votes = h.Votes
		card.Papers = append(card.Papers, v)
	}
	reply, err := b.shareable(c, card, 0, len(card.Papers), len(card.Papers), len(card.Papers))
	if len(picture.Bars) > 0 {
		reply.File = &core.File{
			Name: "stats-" + string(c.today()) + ".png", Type: "image/png", Data: picture.PNG(),
			Alt: picture.Title + ", voted for of posted: " + strings.Join(alt, "; "),
		}
	}
	return reply, err
}

// brought is what a topic is called beside its numbers.
func brought(t query.Brought) string {
	switch {
	case t.Topic == "":
		return "to your taste"
	case t.Number == 0:
		return t.Topic
	}
	return fmt.Sprintf("#%d %s", t.Number, t.Topic)
}

func wereLiked(n int) string {
	if n == 1 {
		return "1 was"
	}
	return cards.Number(n) + " were"
}

func people(n int) string {
	if n == 1 {
		return "one person"
	}
	return cards.Number(n) + " people"
}
