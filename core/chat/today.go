package chat

import (
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// top is what the channel voted for.
func (b *Chat) top(c *call) (core.Reply, error) {
	days, _, err := c.sinceOr("7d")
	if err != nil {
		return core.Reply{}, err
	}
	ranked, voted, turnedDown, err := b.Query.Top(c.ctx, c.channel, days)
	if err != nil {
		return core.Reply{}, err
	}
	if strings.TrimSpace(c.Args["topic"]) != "" {
		t, err := b.asked(c, "topic", topic.ParseSearch)
		if err != nil {
			return core.Reply{}, err
		}
		ranked = slices.DeleteFunc(ranked, func(h core.Hit) bool { _, ok := t.Match(h.Paper.Doc()); return !ok })
	}
	var card core.Card
	switch turnedDown {
	case 0:
	case 1:
		card.Context = append(card.Context, say.Say("Left out: 1 paper that was not for us."))
	default:
		card.Context = append(card.Context, say.Say("Left out: %s that were not for us.", cards.Count(turnedDown, "paper")))
	}
	if !voted {
		card.Lines = append(card.Lines, say.Say("No votes%s. React with 👍 on a paper to count it.", inThePast(days, c.today())))
		if len(ranked) == 0 {
			return core.Reply{Card: card}, nil
		}
		card.Lines = append(card.Lines, say.Say("By upvotes on Hugging Face:"))
	} else {
		card.Lines = append(card.Lines, say.Say("*Top papers here since %s*", days.Time(time.UTC).Format("2 Jan")))
	}
	length := c.int("limit", longPage)
	from, to := c.part(length, len(ranked))
	if from > 0 {
		card.Lines[len(card.Lines)-1] = append(card.Lines[len(card.Lines)-1], say.Say(" %s:", place(from, to, len(ranked)))...)
	}
	card.Numbered = true
	for _, h := range ranked[from:to] {
		v := cards.Listed(&h.Paper)
		v.Votes = h.Votes
		card.Papers = append(card.Papers, v)
	}
	return b.shareable(c, card, from, to, length, len(ranked))
}

// sinceOr reads since:, or def when it was not given.
func (c *call) sinceOr(def string) (from core.Date, given bool, err error) {
	s := c.Args["since"]
	if s == "" {
		s = def
	}
	from, err = core.ParseSince(s, c.today())
	return from, c.Args["since"] != "", err
}

func inThePast(from, today core.Date) string {
	n := int(today.Time(time.UTC).Sub(from.Time(time.UTC)) / (24 * time.Hour))
	return " in the last " + cards.Count(max(n, 1), "day")
}

// today is what is there for this channel on a day, posted or not.
func (b *Chat) today(c *call) (core.Reply, error) {
	day, err := c.day()
	if err != nil {
		return core.Reply{}, err
	}
	hint := func(card *core.Card) {
		if c.Args["hint"] != "" {
			card.Context = append(card.Context, say.Say("Search with %s · %s", c.command(b.example(c)), c.command("help")))
		}
	}
	topics, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return core.Reply{}, err
	}
	if len(topics) == 0 {
		card := core.Card{Lines: []say.Text{b.noTopics(c)}}
		hint(&card)
		return core.Reply{Card: card}, nil
	}
	papers, listed, posted, err := b.Query.OfDay(c.ctx, c.channel, topics, day)
	if err != nil {
		return core.Reply{}, err
	}
	var card core.Card
	from, to := c.part(longPage, len(papers))
	switch {
	case len(papers) > 0:
		line := say.Say("*%s* for this channel on %s", cards.Count(len(papers), "paper"), day.Time(time.UTC).Format("Mon 2 Jan"))
		if to-from < len(papers) {
			line = append(line, say.Say(", %s", place(from, to, len(papers)))...)
		}
		card.Lines = append(card.Lines, append(line, say.Say(":")...))
		for _, p := range papers[from:to] {
			v := cards.Listed(p.Paper)
			v.Matched = cards.Matched(p.Paper, p.Matched)
			if posted[v.ID] {
				v.Labels = append(v.Labels, "posted")
			}
			card.Papers = append(card.Papers, v)
		}
	case !core.Weekdays.Has(day.Weekday()):
		card.Lines = append(card.Lines, b.weekend(c))
	default:
		when := "today"
		if day != c.today() {
			when = "on " + day.Time(time.UTC).Format("Mon 2 Jan")
		}
		card.Lines = append(card.Lines, say.Join("", say.Say("Nothing new for this channel %s. ", when), cards.NoneOf(listed, len(topics))))
	}
	hint(&card)
	if len(card.Papers) == 0 {
		return core.Reply{Card: card}, nil
	}
	return b.shareable(c, card, from, to, longPage, len(papers))
}

// day reads the option date: today where it was not given.
func (c *call) day() (core.Date, error) {
	switch s := strings.ToLower(strings.TrimSpace(c.Args["date"])); s {
	case "", "today":
		return c.today(), nil
	case "yesterday":
		return c.today().AddDays(-1), nil
	default:
		d, err := core.ParseDate(s)
		if err != nil {
			return d, core.Userf("E-PARSE", "I could not read `%s`. Write a day as in %s.", s, c.command(c.Verb.Name+" 2026-11-20"))
		}
		return d, nil
	}
}

// weekend says why a Saturday is quiet.
func (b *Chat) weekend(c *call) say.Text {
	t := say.Say("arXiv announces nothing on Friday and Saturday, and Hugging Face lists nothing at weekends.")
	if next, ok := c.channel.Schedule.Next(c.now); ok && !c.channel.Paused(c.now) && c.channel.Hold.Since.IsZero() {
		t = append(t, say.Say(" Next post: %s.", say.At(next, next.In(c.loc()).Format("Monday 15:04")+" ("+core.City(c.channel.Schedule.Zone)+")"))...)
	}
	return t
}
