package chat

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// reasons say what became of papers, after their number: "6 posted".
var reasons = map[query.Reason]string{
	query.WasPosted: "posted", query.PostedBefore: "posted before", query.OnItsWay: "coming", query.ByTaste: "coming, to this channel's taste", query.InDoubt: "uncertain",
	query.WasBeyond: "beyond the size of a post", query.WasMuted: "muted", query.WasPaused: "passed by in a pause", query.WasRefused: "refused here",
	query.WasFew: "with too few upvotes", query.WasExcluded: "excluded by a topic", query.WasOutside: "outside the categories", query.WasOther: "matched no topic",
	query.WasThere: "seen before, not new", query.MatchesSince: "matched only since", query.WasRepeated: "repeated from an earlier list",
}

// auditBack is how many days back the newest day with a list is looked for.
const auditBack = 7

// audit says where every paper of a day went: the numbers add up to what the sources
// announced, and each opens its papers.
func (b *Chat) audit(c *call) (core.Reply, error) {
	a, err := b.audited(c)
	if err != nil {
		return core.Reply{}, err
	}
	c.Args["date"] = string(a.Day)
	if only := query.Reason(c.Args["only"]); only != "" {
		return b.auditPapers(c, &a, only)
	}
	states, err := b.Store.SourceStates(c.ctx)
	if err != nil {
		return core.Reply{}, err
	}
	card := core.Card{Lines: announced(&a, states)}
	var parts []say.Text
	menu := &core.Menu{Label: "Show the papers …"}
	for _, why := range query.Reasons {
		n := len(a.Papers[why])
		if n == 0 {
			continue
		}
		parts = append(parts, say.Say("%s %s", cards.Number(n), reasons[why]))
		menu.Options = append(menu.Options, core.Option{
			ID: c.button("", "do", "audit "+string(a.Day)+" only:"+string(why)).ID, Label: cards.Number(n) + " " + reasons[why],
		})
	}
	if len(parts) > 0 {
		card.Lines = append(card.Lines, append(say.Join(" · ", parts...), say.Say(".")...))
		card.Menu = menu
	}
	for _, s := range a.Sources {
		if line := oddity(c, &s, called(states, s.Source), a.Day); line != nil {
			card.Lines = append(card.Lines, line)
		}
	}
	if c.shared() {
		card.Context = append(card.Context, say.Say("shared by %s: %s", c.mention(), c.command(c.line())))
		return core.Reply{Card: card, Public: true}, nil
	}
	if !c.aloud {
		card.Buttons = append(card.Buttons, c.do("Day before", "audit "+string(a.Day.AddDays(-1)))...)
		card.Buttons = append(card.Buttons, c.do("Share", c.line()+" share:yes")...)
	}
	return core.Reply{Card: card}, nil
}

// audited is the day that was asked for; of the last days the newest that has a list,
// where none was.
func (b *Chat) audited(c *call) (query.Audit, error) {
	day, err := c.day()
	if err != nil {
		return query.Audit{}, err
	}
	today, err := b.Query.Audit(c.ctx, c.channel, day)
	if err != nil || strings.TrimSpace(c.Args["date"]) != "" {
		return today, err
	}
	a := today
	for back := 1; a.Total == 0 && back <= auditBack; back++ {
		if a, err = b.Query.Audit(c.ctx, c.channel, day.AddDays(-back)); err != nil {
			return a, err
		}
	}
	if a.Total == 0 {
		return today, nil
	}
	return a, nil
}

// called is what people call the source that says so of itself in papers.
func called(states []core.SourceState, short string) string {
	i := slices.IndexFunc(states, func(s core.SourceState) bool { return topic.SourceName(s.Source) == short || s.Source == short })
	if i < 0 {
		return short
	}
	return cmp.Or(states[i].Title, short)
}

func onDay(d core.Date) string { return d.Time(time.UTC).Format("Mon 2 Jan") }

// announced says what each source announced: "arXiv announced 812, Hugging Face 31 (29
// on both): 814 papers."
func announced(a *query.Audit, states []core.SourceState) []say.Text {
	day := onDay(a.Day)
	var parts []say.Text
	for _, s := range a.Sources {
		if s.Papers == 0 {
			continue
		}
		word := ""
		if len(parts) == 0 {
			word = "announced "
		}
		parts = append(parts, say.Say("%s %s%s", called(states, s.Source), word, cards.Number(s.Papers)))
	}
	if len(parts) == 0 {
		return []say.Text{say.Say("*%s*: no source announced a paper.", day)}
	}
	line := append(say.Say("*%s*: ", day), say.Join(", ", parts...)...)
	switch {
	case len(parts) == 1:
		return []say.Text{append(line, say.Say(".")...)}
	case len(parts) == 2 && a.Shared > 0:
		line = append(line, say.Say(" (%s on both)", cards.Number(a.Shared))...)
	case a.Shared > 0:
		line = append(line, say.Say(" (%s on several)", cards.Number(a.Shared))...)
	}
	return []say.Text{append(line, say.Say(": %s.", cards.Count(a.Total, "paper"))...)}
}

// oddity says what was wrong with a source's list, or with what we have of it; nil
// where nothing was.
func oddity(c *call, s *query.Announced, name string, day core.Date) say.Text {
	l := s.List
	list := onDay(l.Again) + "'s list"
	if len(l.Parts) > 0 {
		list += " for " + strings.Join(l.Parts, ", ")
	}
	since := func(t time.Time) say.Span { return say.At(t, cards.Clock(t, c.now, c.loc())) }
	switch {
	case !l.Again.IsZero() && !l.Due:
		return say.Say("%s had nothing due: it still showed %s.", name, list)
	case !l.Again.IsZero() && l.Until.IsZero():
		return say.Say("*%s is stale*: it has shown %s again since %s, and not what was due on %s.", name, list, since(l.Since), onDay(day))
	case !l.Again.IsZero():
		return say.Say("%s was stale: it showed %s again from %s to %s. Its own has come since.", name, list, since(l.Since), since(l.Until))
	case l.Count > s.Papers:
		return say.Say("%s's own count is %s: %s could not be read.", name, cards.Number(l.Count), cards.Number(l.Count-s.Papers))
	}
	return nil
}

// auditPapers are a day's papers with one reason.
func (b *Chat) auditPapers(c *call, a *query.Audit, only query.Reason) (core.Reply, error) {
	ids := a.Papers[only]
	from, to := c.part(longPage, len(ids))
	line := say.Say("*%s*: %s %s", onDay(a.Day), cards.Number(len(ids)), reasons[only])
	if to-from < len(ids) {
		line = append(line, say.Say(", %s", place(from, to, len(ids)))...)
	}
	card := core.Card{Lines: []say.Text{line}}
	papers, err := b.Store.Papers(c.ctx, ids[from:to])
	if err != nil {
		return core.Reply{}, err
	}
	for i := range papers {
		id := string(papers[i].ID)
		v := cards.Listed(&papers[i])
		v.Buttons = []core.Button{cards.Button("Why", "why", id), cards.Button("Save", "save", id), cards.Button("Abstract", "abstract", id)}
		v.Open = cards.Button("", "why", id).ID
		card.Papers = append(card.Papers, v)
	}
	card.Buttons = c.do("The whole day", "audit "+string(a.Day))
	return b.shareable(c, card, from, to, longPage, len(ids))
}
