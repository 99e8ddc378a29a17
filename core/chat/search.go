package chat

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
	"paperboy/core/verbs"
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
func (b *Chat) search(c *call) (core.Reply, error) {
	t, err := b.asked(c, "query", topic.ParseSearch)
	if err != nil {
		return core.Reply{}, err
	}
	q := core.Query{Topic: t, Scope: c.channel.Settings.Scope, Sort: core.Sort(c.Args["sort"]), Limit: c.int("limit", shortPage), Offset: c.from, Channel: c.channel.ID}
	if typed := strings.TrimSpace(c.Args["query"]); !numbered.MatchString(typed) {
		q.Plain = topic.Plain(typed)
	}
	if s := c.Args["since"]; s != "" {
		if q.Since, err = core.ParseSince(s, c.today()); err != nil {
			return core.Reply{}, err
		}
	}
	found, err := b.Query.Search(c.ctx, q)
	if err != nil {
		return core.Reply{}, err
	}
	meant, err := b.meantName(c, "query")
	if err == nil && meant.line == "" {
		meant, err = b.meantAuthor(c, q, found)
	}
	if err != nil {
		return core.Reply{}, err
	}
	shown := max(found.Total, found.Ranked) // papers that its pages show
	if q.Plain != nil {
		shown = found.Ranked
	}
	if shown == 0 {
		reply, err := b.noResult(c, q)
		if err != nil {
			return core.Reply{}, err
		}
		if err := b.namesakes(c, t, &reply.Card); err != nil {
			return core.Reply{}, err
		}
		meant.ask(c, &reply.Card)
		return reply, nil
	}
	card := core.Card{Context: []say.Text{say.Say("I read this as: %s.", readSearch(&q))}}
	meant.ask(c, &card)
	if c.from >= shown { // there are fewer than there were
		c.from = 0
		return b.search(c)
	}
	from, to := c.part(q.Limit, shown)
	card.Lines = append(card.Lines, append(answer(&q, &found, from, to, shown), say.Say(":")...))
	for _, h := range found.Hits {
		v := cards.Listed(&h.Paper)
		v.Votes = h.Votes
		v.Matched = cards.Found(&q, &h)
		card.Papers = append(card.Papers, v)
	}
	b.remember(c)
	reply, err := b.shareable(c, card, from, to, q.Limit, shown)
	if err != nil || from > 0 || found.Total > query.RareWord {
		return reply, err
	}
	var hints []query.Hint
	switch {
	case found.Total == 0: // what is near may be far off
		c.meantVerb(&reply.Card)
		hints, err = b.Query.Instead(c.ctx, q)
		hints = slices.DeleteFunc(hints, func(h query.Hint) bool {
			return !slices.Contains([]query.HintKind{query.Spelling, query.Written, query.Earlier, query.Wider}, h.Kind)
		})
	case q.Since.IsZero(): // a typing error is in some papers too
		hints, err = b.Query.Spelling(c.ctx, q)
	}
	reply.Card.Lines[0] = append(reply.Card.Lines[0], c.tried(hints)...)
	for _, h := range hints {
		reply.Card.Buttons = append(reply.Card.Buttons, c.again(h)...)
	}
	return reply, err
}

// readSearch says how a search was read.
func readSearch(q *core.Query) say.Text {
	if len(q.Plain) == 0 {
		return reading(q.Topic, q.Scope)
	}
	t := say.Say("*%s* by words and by meaning", shortened(q.Topic))
	if rest := query.FieldsOf(q.Topic); len(rest.Clauses) > 0 {
		return say.Join(", ", t, reading(rest, q.Scope))
	} else if in := q.Scope.Reading(); len(in) > 0 {
		return say.Join(", ", t, in)
	}
	return t
}

// answer says what was found, of which from to to are shown.
func answer(q *core.Query, found *core.Found, from, to, shown int) (line say.Text) {
	asked := say.Join("", say.Say("*%s*", shortened(q.Topic)), say.Text{{Text: since(q.Since)}})
	near := shown > found.Total
	with := ""
	if near && len(q.Plain) > 1 {
		with = " with all the words"
	}
	switch papers := cards.CountUpTo(found.Total, found.More, "paper"); {
	case from > 0 && near:
		return say.Say("%s for %s by words and meaning, the %s first", place(from, to, shown), asked, superlative(q.Sort))
	case from > 0:
		return say.Say("%s for %s, the %s first", place(from, to, shown), asked, superlative(q.Sort))
	case near && found.Total == 0:
		return say.Say("No paper has all of %s. The nearest in meaning", asked)
	case near && (q.Sort == core.SortNew || q.Sort == core.SortTop):
		line = say.Say("*%s* for %s%s, and %s about the same", papers, asked, with, cards.Number(shown-found.Total))
	case near && found.Total <= to:
		return say.Say("*%s* for %s%s, then the nearest in meaning", papers, asked, with)
	case near:
		return say.Say("*%s* for %s%s, the best %d by words and meaning", papers, asked, with, to)
	default:
		line = say.Say("*%s* for %s", papers, asked)
	}
	if to < shown {
		line = append(line, say.Say(", the %s %d", superlative(q.Sort), to)...)
	}
	return line
}

// shortened is the topic as one types it, as much of it as one reads.
func shortened(t topic.Topic) string { return cards.Cut(searched(t), 80) }

// searched is the topic as one types it to search for it again: a first word
// that is a verb stands in quotes.
func searched(t topic.Topic) string {
	s := t.String()
	first, _, _ := strings.Cut(s, " ")
	if _, verb := verbs.Named(first); verb {
		return `"` + first + `"` + s[len(first):]
	}
	return s
}

func superlative(s core.Sort) string {
	switch s {
	case core.SortNew:
		return "newest"
	case core.SortTop:
		return "top"
	}
	return "best"
}

func since(d core.Date) string {
	if d.IsZero() {
		return ""
	}
	return " since " + d.Time(time.UTC).Format("2 Jan 2006")
}

// shareable makes a private answer of a list, of which from to to are shown: with
// a Share button, its pages, and without the papers that the person muted for
// themselves; or a public one when that was asked for.
func (b *Chat) shareable(c *call, card core.Card, from, to, length, total int) (core.Reply, error) {
	if c.shared() {
		card.Context = append(card.Context, say.Say("shared by %s: %s", c.mention(), c.command(strings.TrimSpace(c.line()))))
		return core.Reply{Card: card, Public: true}, nil
	}
	if c.aloud { // what somebody muted for themselves is nobody else's
		return core.Reply{Card: card}, nil
	}
	mutes, err := b.Store.Mutes(c.ctx, 0, c.user.Key, c.now)
	if err != nil {
		return core.Reply{}, err
	}
	all := len(card.Papers)
	card.Papers = slices.DeleteFunc(card.Papers, func(v core.View) bool {
		return slices.ContainsFunc(mutes, func(m core.Mute) bool { return m.Kind == core.MutePaper && m.Value == string(v.ID) })
	})
	if n := all - len(card.Papers); n > 0 {
		card.Context = append(card.Context, say.Say("%s that you muted left out.", cards.Count(n, "paper")))
	}
	c.pages(&card, from, to, length, total)
	if from == 0 {
		card.Buttons = append(card.Buttons, c.do("Share", c.line()+" share:yes")...)
	} else {
		card.Buttons = append(card.Buttons, c.fits(c.button("Share", "page", strconv.Itoa(from), c.line()+" share:yes"))...)
	}
	return core.Reply{Card: card}, nil
}

// line is the call as a command, without share.
func (c *call) line() string {
	var b strings.Builder
	b.WriteString(c.Verb.Name)
	rest, _ := c.Verb.Rest()
	if v := strings.Join(strings.Fields(c.Args[rest.Name]), " "); v != "" {
		b.WriteString(" " + v)
	}
	for _, o := range c.Verb.Options {
		if v := c.Args[o.Name]; v != "" && !o.Rest && o.Name != "share" {
			if strings.ContainsAny(v, " ") {
				v = `"` + v + `"`
			}
			b.WriteString(" " + o.Name + ":" + v)
		}
	}
	return b.String()
}

// show is one paper.
func (b *Chat) show(c *call) (core.Reply, error) {
	p, err := b.paperNamed(c, c.Args["paper"])
	if err != nil {
		return core.Reply{}, err
	}
	card, err := b.fullCard(c, &p)
	if err != nil {
		return core.Reply{}, err
	}
	if c.shared() {
		card.Context = append(card.Context, say.Say("shared by %s", c.mention()))
		return core.Reply{Card: card, Public: true}, nil
	}
	return core.Reply{Card: card}, nil
}

// fullCard is a paper as `show` and the Abstract button give it: the whole
// abstract, and what this channel thinks of it.
func (b *Chat) fullCard(c *call, p *core.Paper) (core.Card, error) {
	tally, err := b.Store.Tally(c.ctx, c.channel.ID, []core.PaperID{p.ID}, time.Time{})
	if err != nil {
		return core.Card{}, err
	}
	return cards.Whole(p, tally[p.ID].Up), nil
}

// paperNamed finds the paper that a person wrote as an id or a link, or as the
// label that completion showed.
func (b *Chat) paperNamed(c *call, ref string) (core.Paper, error) {
	id, err := c.paperID(ref)
	if err != nil {
		return core.Paper{}, err
	}
	p, err := b.Store.Paper(c.ctx, id)
	if errors.Is(err, core.ErrNotFound) {
		return core.Paper{}, core.Userf("E-NOTFOUND", "I do not have the paper %s. I know what Hugging Face and arXiv listed since I was set up: %s finds papers by words.", say.Link(string(id), "https://arxiv.org/abs/"+string(id)), c.command("search "+b.example(c)))
	}
	return p, err
}

// paperID is the id that an argument names.
func (c *call) paperID(ref string) (core.PaperID, error) {
	ref = verbs.Unquote(ref)
	id, _, ok := core.ParsePaperID(ref)
	if first, _, found := strings.Cut(ref, " "); !ok && found {
		id, _, ok = core.ParsePaperID(first) // "2509.24002 · SLA: Beyond Sparsity …"
	}
	if !ok && strings.HasPrefix(ref, "feed:") {
		id, ok = core.PaperID(ref), true
	}
	if !ok {
		return "", core.Userf("E-PARSE", "I could not read `%s`. Write an arXiv id or a link, as in `2509.24002`.", cards.Cut(ref, 80))
	}
	return id, nil
}
