package core

import (
	"slices"
	"strings"
	"time"

	"paperboy/core/say"
	"paperboy/core/topic"
)

// save puts a paper on the person's list.
func (b *Bot) save(c *call) (Reply, error) {
	p, err := b.paperNamed(c, c.args["paper"])
	if err != nil {
		return Reply{}, err
	}
	if _, err := b.Store.Save(c.ctx, Saved{User: c.user.Key, Paper: p.ID, Note: c.args["note"], At: c.now}); err != nil {
		return Reply{}, err
	}
	return b.savedLine(c)
}

// savedLine answers Save.
func (b *Bot) savedLine(c *call) (Reply, error) {
	mine, err := b.Store.SavedBy(c.ctx, c.user.Key)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Card: Card{Lines: []say.Text{say.Say("Saved. %s in your list · %s", number(len(mine)), c.command("saved"))}}}, nil
}

// toggleSave is the Save button: on the list, or off it again.
func (b *Bot) toggleSave(c *call, id PaperID) (Reply, error) {
	p, err := b.paperNamed(c, string(id))
	if err != nil {
		return Reply{}, err
	}
	removed, err := b.Store.Unsave(c.ctx, c.user.Key, p.ID)
	if err != nil {
		return Reply{}, err
	}
	if removed {
		return Reply{Card: Card{Lines: []say.Text{say.Say("Removed from your list.")}}}, nil
	}
	if _, err := b.Store.Save(c.ctx, Saved{User: c.user.Key, Paper: p.ID, At: c.now}); err != nil {
		return Reply{}, err
	}
	return b.savedLine(c)
}

// savedPapers are the papers of the person's list that match t (zero: all) and
// were saved since, newest first.
func (b *Bot) savedPapers(c *call, t topic.Topic, since Date) ([]Paper, map[PaperID]Saved, error) {
	mine, err := b.Store.SavedBy(c.ctx, c.user.Key)
	if err != nil {
		return nil, nil, err
	}
	about := map[PaperID]Saved{}
	var ids []PaperID
	for _, s := range mine {
		if since.IsZero() || !DateOf(s.At.In(c.loc())).Before(since) {
			about[s.Paper] = s
			ids = append(ids, s.Paper)
		}
	}
	papers, err := b.Store.Papers(c.ctx, ids)
	if len(t.Clauses) > 0 {
		papers = slices.DeleteFunc(papers, func(p Paper) bool { _, ok := t.Match(p.Doc()); return !ok })
	}
	return papers, about, err
}

// listLength is how many papers a list shows where nobody says.
const listLength = 10

// shownSaved is how many papers of a list one message holds: each has a row of
// buttons, and Discord takes five rows.
const shownSaved = 5

// saved shows the person's list.
func (b *Bot) saved(c *call) (Reply, error) {
	var t topic.Topic
	var since Date
	var err error
	if strings.TrimSpace(c.args["query"]) != "" {
		if t, err = c.topic("query"); err != nil {
			return Reply{}, err
		}
	}
	if s := c.args["since"]; s != "" {
		if since, err = ParseSince(s, c.today()); err != nil {
			return Reply{}, err
		}
	}
	papers, about, err := b.savedPapers(c, t, since)
	if err != nil {
		return Reply{}, err
	}
	forget := []Button{button("Delete everything about me", "forgetme", "ask")}
	if len(papers) == 0 {
		line := say.Say("Your list is empty. Press *Save* under a paper or react with 🔖.")
		if len(t.Clauses) > 0 || !since.IsZero() {
			line = say.Say("Nothing in your list is like that. %s shows all.", c.command("saved"))
		}
		return Reply{Card: Card{Lines: []say.Text{line}, Buttons: forget}}, nil
	}
	card := Card{Lines: []say.Text{say.Say("*%s* in your list:", count(len(papers), "paper"))}}
	for i := range papers[:min(len(papers), shownSaved)] {
		v := entry(&papers[i])
		s := about[v.ID]
		if s.Note != "" {
			v.Facts = append(v.Facts, "“"+cut(s.Note, 80)+"”")
		}
		if s.Done {
			v.Labels = append(v.Labels, "done")
		}
		v.Buttons = []Button{button("Done", "done", string(v.ID)), button("Remove", "unsave", string(v.ID))}
		card.Papers = append(card.Papers, v)
	}
	if more := len(papers) - len(card.Papers); more > 0 {
		card.Context = append(card.Context, say.Say("%s more: %s has them all, %s finds one.", number(more), c.command("export bibtex"), c.command("saved diffusion")))
	}
	card.Buttons = forget
	return Reply{Card: card}, nil
}

// top is what the channel voted for.
func (b *Bot) top(c *call) (Reply, error) {
	days, _, err := c.sinceOr("7d")
	if err != nil {
		return Reply{}, err
	}
	ranked, voted, err := b.topPapers(c, days)
	if err != nil {
		return Reply{}, err
	}
	if strings.TrimSpace(c.args["topic"]) != "" {
		t, err := c.topic("topic")
		if err != nil {
			return Reply{}, err
		}
		ranked = slices.DeleteFunc(ranked, func(h Hit) bool { _, ok := t.Match(h.Paper.Doc()); return !ok })
	}
	var card Card
	if !voted {
		card.Lines = append(card.Lines, say.Say("No votes%s. React with 👍 on a paper to count it.", inThePast(days, c.today())))
		if len(ranked) == 0 {
			return Reply{Card: card}, nil
		}
		card.Lines = append(card.Lines, say.Say("By upvotes on Hugging Face:"))
	} else {
		card.Lines = append(card.Lines, say.Say("*Top papers here since %s*", days.Time(utc).Format("2 Jan")))
	}
	card.Numbered = true
	for _, h := range ranked[:min(len(ranked), c.int("limit", listLength))] {
		v := listed(&h.Paper)
		v.Votes = h.Votes
		card.Papers = append(card.Papers, v)
	}
	return b.shareable(c, card)
}

// sinceOr reads since:, or def when it was not given.
func (c *call) sinceOr(def string) (from Date, given bool, err error) {
	s := c.args["since"]
	if s == "" {
		s = def
	}
	from, err = ParseSince(s, c.today())
	return from, c.args["since"] != "", err
}

func inThePast(from, today Date) string {
	n := int(today.Time(utc).Sub(from.Time(utc)) / (24 * time.Hour))
	return " in the last " + count(max(n, 1), "day")
}

// today is what is there for this channel on a day, posted or not.
func (b *Bot) today(c *call) (Reply, error) {
	day := c.today()
	switch s := strings.ToLower(strings.TrimSpace(c.args["date"])); s {
	case "", "today":
	case "yesterday":
		day = day.AddDays(-1)
	default:
		d, err := ParseDate(s)
		if err != nil {
			return Reply{}, Userf("E-PARSE", "I could not read `%s`. Write a day as in %s.", s, c.command("today 2026-11-20"))
		}
		day = d
	}
	hint := func(card *Card) {
		if c.args["hint"] != "" {
			card.Context = append(card.Context, say.Say("Search with %s · %s", c.command("diffusion"), c.command("help")))
		}
	}
	topics, err := b.Store.Topics(c.ctx, c.channel.ID)
	if err != nil {
		return Reply{}, err
	}
	if len(topics) == 0 {
		card := Card{Lines: []say.Text{b.noTopics(c)}}
		hint(&card)
		return Reply{Card: card}, nil
	}
	papers, listed, err := b.ofDay(c, day, topics)
	if err != nil {
		return Reply{}, err
	}
	var card Card
	switch {
	case len(papers) > 0:
		card.Lines = append(card.Lines, say.Say("*%s* for this channel on %s:", count(len(papers), "paper"), day.Time(utc).Format("Mon 2 Jan")))
		card.Papers = papers[:min(len(papers), listLength)]
		if more := len(papers) - len(card.Papers); more > 0 {
			card.Context = append(card.Context, say.Say("%s more.", number(more)))
		}
	case !Weekdays.Has(day.Weekday()):
		card.Lines = append(card.Lines, b.weekend(c))
	default:
		when := "today"
		if day != c.today() {
			when = "on " + day.Time(utc).Format("Mon 2 Jan")
		}
		card.Lines = append(card.Lines, say.Say("Nothing new for this channel %s. %s listed, none match your %s.", when, count(listed, "paper"), count(len(topics), "topic")))
	}
	hint(&card)
	if len(card.Papers) == 0 {
		return Reply{Card: card}, nil
	}
	return b.shareable(c, card)
}

// weekend says why a Saturday is quiet.
func (b *Bot) weekend(c *call) say.Text {
	t := say.Say("arXiv announces nothing on Friday and Saturday, and Hugging Face lists nothing at weekends.")
	if next, ok := c.channel.Schedule.Next(c.now); ok && !c.channel.Paused(c.now) {
		t = append(t, say.Say(" Next post: %s.", next.In(c.loc()).Format("Monday 15:04")+" ("+City(c.channel.Schedule.Zone)+")")...)
	}
	return t
}
