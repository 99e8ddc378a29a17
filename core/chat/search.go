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
	if err != nil {
		return core.Reply{}, err
	}
	if found.Total == 0 {
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
	card := core.Card{Context: []say.Text{say.Say("I read this as: %s.", reading(t, q.Scope))}}
	meant.ask(c, &card)
	if c.from >= found.Total { // there are fewer than there were
		c.from = 0
		return b.search(c)
	}
	from, to := c.part(q.Limit, found.Total)
	what := say.Say("*%s* for *%s*%s", cards.Count(found.Total, "paper"), searched(t), since(q.Since))
	switch {
	case from > 0:
		what = say.Say("%s for *%s*%s, the %s first", place(from, to, found.Total), searched(t), since(q.Since), superlative(q.Sort))
	case to < found.Total:
		what = append(what, say.Say(", the %s %d", superlative(q.Sort), to)...)
	}
	card.Lines = append(card.Lines, append(what, say.Say(":")...))
	for _, h := range found.Hits {
		v := cards.Listed(&h.Paper)
		v.Votes = h.Votes
		card.Papers = append(card.Papers, v)
	}
	b.remember(c)
	reply, err := b.shareable(c, card, from, to, q.Limit, found.Total)
	if err == nil && from == 0 && found.Total <= query.RareWord && q.Since.IsZero() { // a typing error is in some papers too
		hints, err := b.Query.Spelling(c.ctx, q)
		if err != nil {
			return core.Reply{}, err
		}
		for _, h := range hints {
			reply.Card.Lines[0] = append(reply.Card.Lines[0], c.tried([]query.Hint{h})...)
			reply.Card.Buttons = append(reply.Card.Buttons, c.again(h)...)
		}
	}
	return reply, err
}

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
