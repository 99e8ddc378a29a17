package core

import (
	"errors"
	"slices"
	"strings"

	"paperboy/core/say"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// reading says a topic and where it looks: "word diffusion in title or
// abstract, in cs.*, stat.ML, eess.* (HF-listed papers always included)".
func reading(t topic.Topic, s topic.Scope) say.Text {
	r := t.Reading()
	if t.HasCat() {
		return r
	}
	if in := s.Reading(); len(in) > 0 {
		return say.Join(", ", r, in)
	}
	return r
}

// search is `/papers search` and `/papers` followed by anything that is no verb.
func (b *Bot) search(c *call) (Reply, error) {
	t, err := c.topic("query")
	if err != nil {
		return Reply{}, err
	}
	q := Query{Topic: t, Scope: c.channel.Settings.Scope, Sort: Sort(c.args["sort"]), Limit: c.int("limit", 5), Channel: c.channel.ID}
	if s := c.args["since"]; s != "" {
		if q.Since, err = ParseSince(s, c.today()); err != nil {
			return Reply{}, err
		}
	}
	found, err := b.Store.Search(c.ctx, q)
	if err != nil {
		return Reply{}, err
	}
	if found.Total == 0 {
		return b.noResult(c, q), nil
	}
	card := Card{Context: []say.Text{say.Say("I read this as: %s.", reading(t, q.Scope))}}
	what := say.Say("*%s* for *%s*%s", count(found.Total, "paper"), searched(t), since(q.Since))
	if found.Total > len(found.Hits) {
		what = append(what, say.Say(", the %s %d", superlative(q.Sort), len(found.Hits))...)
	}
	card.Lines = []say.Text{append(what, say.Say(":")...)}
	for _, h := range found.Hits {
		v := listed(&h.Paper)
		v.Votes = h.Votes
		card.Papers = append(card.Papers, v)
	}
	return b.shareable(c, card)
}

// searched is the topic as one types it to search for it again: a first word
// that is a verb stands in quotes.
func searched(t topic.Topic) string {
	s := t.String()
	first, _, _ := strings.Cut(s, " ")
	if _, verb := VerbNamed(first); verb {
		return `"` + first + `"` + s[len(first):]
	}
	return s
}

func superlative(s Sort) string {
	switch s {
	case SortNew:
		return "newest"
	case SortTop:
		return "top"
	}
	return "best"
}

func since(d Date) string {
	if d.IsZero() {
		return ""
	}
	return " since " + d.Time(utc).Format("2 Jan 2006")
}

// noResult says how the search was read and what to try (product.md 4.6).
func (b *Bot) noResult(c *call, q Query) Reply {
	var tries []string
	if !q.Since.IsZero() {
		tries = append(tries, "since:30d")
	}
	for _, term := range q.Topic.Clauses[0] {
		if !term.Not && len(term.Words) == 1 && !term.Prefix && len(term.Words[0]) > 5 {
			tries = append(tries, term.Words[0][:len(term.Words[0])-2]+"*")
			break
		}
	}
	if !q.Topic.HasCat() && len(q.Scope.Patterns) > 0 {
		tries = append(tries, "cat:*")
	}
	line := say.Say("No papers match *%s*%s. I read this as: %s.", searched(q.Topic), since(q.Since), reading(q.Topic, q.Scope))
	if len(tries) > 0 {
		line = append(line, say.Say(" Try %s.", codes(tries))...)
	}
	card := Card{Lines: []say.Text{line}}
	if first, rest, _ := strings.Cut(strings.TrimSpace(c.text), " "); c.verb.Name == "search" && !strings.ContainsAny(first, quotes) {
		if v := nearestVerb(first); v != "" {
			meant := strings.TrimSpace(v + " " + rest)
			card.Lines = append(card.Lines, say.Say("Did you mean %s?", c.command(meant)))
			card.Buttons = doButton("Yes: "+v, meant)
		}
	}
	return Reply{Card: card}
}

// shareable makes a private answer with a Share button, without the papers
// that the person muted for themselves, or a public one when that was asked for.
func (b *Bot) shareable(c *call, card Card) (Reply, error) {
	if c.shared() {
		card.Context = append(card.Context, say.Say("shared by %s: %s", c.mention(), c.command(strings.TrimSpace(c.line()))))
		return Reply{Card: card, Public: true}, nil
	}
	mutes, err := b.Store.Mutes(c.ctx, 0, c.user.Key, c.now)
	if err != nil {
		return Reply{}, err
	}
	all := len(card.Papers)
	card.Papers = slices.DeleteFunc(card.Papers, func(v View) bool {
		return slices.ContainsFunc(mutes, func(m Mute) bool { return m.Kind == MutePaper && m.Value == string(v.ID) })
	})
	if n := all - len(card.Papers); n > 0 {
		card.Context = append(card.Context, say.Say("%s that you muted left out.", count(n, "paper")))
	}
	card.Buttons = append(card.Buttons, doButton("Share", c.line()+" share:yes")...)
	return Reply{Card: card}, nil
}

// line is the call as a command, without share.
func (c *call) line() string {
	var b strings.Builder
	b.WriteString(c.verb.Name)
	rest, _ := c.verb.rest()
	if v := strings.Join(strings.Fields(c.args[rest.Name]), " "); v != "" {
		b.WriteString(" " + v)
	}
	for _, o := range c.verb.Options {
		if v := c.args[o.Name]; v != "" && !o.Rest && o.Name != "share" {
			if strings.ContainsAny(v, " ") {
				v = `"` + v + `"`
			}
			b.WriteString(" " + o.Name + ":" + v)
		}
	}
	return b.String()
}

// nearestVerb is the verb that a mistyped word meant; "" when none is near:
// one edit for short words, two for longer ones.
func nearestVerb(s string) string {
	s = strings.ToLower(s)
	for _, v := range Verbs {
		limit := 1
		if len(v.Name) > 5 {
			limit = 2
		}
		if d := text.Distance(s, v.Name); d > 0 && d <= limit && len(s) > 3 {
			return v.Name
		}
	}
	return ""
}

// show is one paper.
func (b *Bot) show(c *call) (Reply, error) {
	p, err := b.paperNamed(c, c.args["paper"])
	if err != nil {
		return Reply{}, err
	}
	card, err := b.fullCard(c, &p)
	if err != nil {
		return Reply{}, err
	}
	if c.shared() {
		card.Context = append(card.Context, say.Say("shared by %s", c.mention()))
		return Reply{Card: card, Public: true}, nil
	}
	return Reply{Card: card}, nil
}

// fullCard is a paper as `show` and the Abstract button give it: the whole
// abstract, and what this channel thinks of it.
func (b *Bot) fullCard(c *call, p *Paper) (Card, error) {
	tally, err := b.Store.Tally(c.ctx, c.channel.ID, []PaperID{p.ID}, noTime)
	if err != nil {
		return Card{}, err
	}
	v := view(p)
	v.Excerpt = cut(p.Abstract, 2500) // one Slack section and one Discord embed hold it
	v.Votes = tally[p.ID].Up
	v.Facts = append(v.Facts, dates(p)...)
	return paperCard(v), nil
}

// paperNamed finds the paper that a person wrote as an id or a link, or as the
// label that completion showed.
func (b *Bot) paperNamed(c *call, ref string) (Paper, error) {
	ref = unquote(ref)
	id, _, ok := ParsePaperID(ref)
	if first, _, found := strings.Cut(ref, " "); !ok && found {
		id, _, ok = ParsePaperID(first) // "2509.24002 · SLA: Beyond Sparsity …"
	}
	if !ok && strings.HasPrefix(ref, "feed:") {
		id, ok = PaperID(ref), true
	}
	if !ok {
		return Paper{}, Userf("E-PARSE", "I could not read `%s`. Write an arXiv id or a link, as in `2509.24002`.", cut(ref, 80))
	}
	p, err := b.Store.Paper(c.ctx, id)
	if errors.Is(err, ErrNotFound) {
		return Paper{}, Userf("E-NOTFOUND", "I do not have the paper %s. I know what Hugging Face and arXiv listed since I was set up: %s finds papers by words.", say.Link(string(id), "https://arxiv.org/abs/"+string(id)), c.command("search diffusion"))
	}
	return p, err
}
