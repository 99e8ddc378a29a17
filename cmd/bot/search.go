package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
)

type searchCommand struct {
	JSON  bool     `name:"json" help:"One object a line: id, title, authors, published, upvotes, url, categories, score, matched."`
	Limit int      `default:"10" placeholder:"N" help:"How many papers (default 10)."`
	Sort  string   `enum:"best,new,top" default:"best" placeholder:"ORDER" help:"The order: best, new or top."`
	Since string   `placeholder:"DATE" help:"How far back: 7d, 2w, 2026-11-01; since: among the words is the same."`
	Query []string `arg:"" help:"Words, understood by what they mean too; -word excludes, \"a phrase\", diffus*, title: author: cat: has:code min:20 since:7d, | is or."`
}

func (searchCommand) Help() string {
	return `Examples:
  bot search Model Compression '&' Efficiency
  bot search '"stable diffusion" -video since:30d'
  bot search --json --sort top 'title:agent | author:"Jane Doe"'

Plain words find papers that have them and papers that mean the same. Quotes, -, *
and | make a search exact; fields may stand beside plain words.
Quote the whole query for the shell, which else takes the quotes of a phrase and reads | as a pipe.`
}

func (c *searchCommand) Run(a *app) error {
	q, err := c.query(a)
	if err != nil {
		return err
	}
	s, err := a.open(true)
	if err != nil {
		return err
	}
	defer s.Close()
	reader := &query.Reader{Store: s, Now: a.now, Embedder: a.embedder()}
	if like, unknown, err := reader.UnknownLike(a.ctx, q.Topic); err != nil {
		return err
	} else if unknown && like.OfPaper() {
		return usage("there is no paper %s here, so nothing can be told to be like it", like.Value)
	} else if unknown {
		return usage("I know none of the words of %q, so nothing can be like it; say it in other words", like.Value)
	}
	u, unknown, err := reader.Unknown(a.ctx, q.Topic)
	switch {
	case err != nil:
		return err
	case unknown && u.Field == topic.Cat:
		return usage("%v", topic.NoCategory(u.Value))
	case unknown:
		return usage("there is no source %q; there is source:%s", u.Value, strings.Join(u.Near, ", source:"))
	}
	if err := reader.Ready(a.ctx, &q.Topic); err != nil {
		return err
	}
	found, err := reader.Search(a.ctx, q)
	if err != nil {
		return err
	}
	// The shell takes the quotes of author:"Song Han", and leaves the author Song
	// and the word han.
	for _, m := range topic.NamesMeant(strings.Join(c.Query, " ")) {
		if t, err := topic.Parse(`author:"` + m.Name + `"`); err == nil {
			if who, err := s.Search(a.ctx, core.Query{Topic: t}); err == nil && who.Total > 0 {
				fmt.Fprintf(a.err, "did you mean 'author:\"%s\"', with %s? The shell needs quotes of its own around it\n", m.Name, count(who.Total, "paper"))
				break
			}
		}
	}
	if guess, papers, err := reader.AuthorMeant(a.ctx, q, found, strings.Join(c.Query, " ")); err == nil && papers > 0 {
		fmt.Fprintf(a.err, "did you mean '%s', with %s?\n", guess, count(papers, "paper"))
	}
	if c.JSON {
		return c.printJSON(a, q, found)
	}
	if len(found.Hits) == 0 {
		if n, err := s.CountPapers(a.ctx); err == nil && n == 0 {
			return fmt.Errorf("there are no papers in %s yet; `bot fetch` or `bot import FILE` brings some", a.config.Store.URL)
		}
		fmt.Fprintf(a.out, "No papers match %s%s. I read this as: %s.\n", q.Topic, sinceWords(q.Since), q.Topic.Reading())
		hints, err := reader.Instead(a.ctx, q)
		if err != nil {
			return err
		}
		for _, h := range hints {
			if h.Kind != query.Earlier {
				fmt.Fprintf(a.out, "%s finds %s%s.\n", shellQuoted(h.Topic.String()), count(h.Found, "paper"), sinceWords(h.Since))
			}
		}
		if q.Since.IsZero() {
			return nil
		}
		q.Since, q.Sort, q.Limit = "", core.SortNew, 1
		if earlier, err := reader.Search(a.ctx, q); err == nil && earlier.Total > 0 {
			fmt.Fprintf(a.out, "Without since: there are %s, the newest of %s.\n", thousands(earlier.Total), earlier.Hits[0].Paper.Day)
		}
		return nil
	}
	for _, h := range found.Hits {
		printPaper(a, &h.Paper, cards.Found(&q, &h))
	}
	spelt, err := reader.Spelling(a.ctx, q)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.out, summary(q, found))
	for _, h := range spelt {
		fmt.Fprintf(a.out, "%s finds %s.\n", shellQuoted(h.Topic.String()), count(h.Found, "paper"))
	}
	return nil
}

// summary says what the papers above are.
func summary(q core.Query, found core.Found) string {
	order := map[core.Sort]string{core.SortBest: "best", core.SortNew: "newest", core.SortTop: "top"}[q.Sort]
	n, near := len(found.Hits), found.Ranked > found.Total
	if n > 0 && found.Total == 0 {
		line := "no paper has all of " + cards.Cut(q.Topic.String(), 200) + sinceWords(q.Since) + "; above are the nearest in meaning"
		if n < found.Ranked {
			line += ", and --limit N shows more"
		}
		return line
	}
	line := cards.CountUpTo(found.Total, found.More, "paper") + " for " + cards.Cut(q.Topic.String(), 200) + sinceWords(q.Since)
	if near && len(q.Plain) > 1 {
		line += " with all the words"
	}
	switch {
	case near && found.Total < n && q.Sort == core.SortBest:
		line += ", then the nearest in meaning"
	case near:
		line += fmt.Sprintf(" and others near in meaning, the %s %d of them above", order, n)
	case n < found.Total:
		line += fmt.Sprintf(", the %s %d of them above", order, n)
	}
	if n < max(found.Total, found.Ranked) {
		line += "; --limit N shows more"
	}
	return line
}

// shellQuoted is a query as the shell takes it.
func shellQuoted(q string) string { return "bot search '" + strings.ReplaceAll(q, "'", "'\\''") + "'" }

// query reads the words and what stands among them as modifiers of a search.
func (c *searchCommand) query(a *app) (core.Query, error) {
	typed := strings.ReplaceAll(strings.Join(c.Query, " "), mask, "")
	q := core.Query{Sort: core.Sort(c.Sort), Limit: c.Limit}
	if c.Since != "" {
		var err error
		if q.Since, _, err = a.days(c.Since, ""); err != nil {
			return q, err
		}
	}
	words, modifiers := modifiers(typed, "since", "sort", "limit")
	for _, m := range modifiers {
		var err error
		switch m.name {
		case "since":
			q.Since, err = core.ParseSince(m.value, core.DateOf(a.now().UTC()))
		case "limit":
			if q.Limit, err = strconv.Atoi(m.value); err != nil {
				err = usage("limit:%s is no number; write limit:20", m.value)
			}
		case "sort":
			q.Sort = core.Sort(m.value)
			if !slices.Contains([]core.Sort{core.SortBest, core.SortNew, core.SortTop}, q.Sort) {
				err = usage("there is no order sort:%s; write sort:best, sort:new or sort:top", m.value)
			}
		}
		if err != nil {
			return q, pointed(err, typed, m.column)
		}
	}
	if q.Limit < 1 {
		return q, usage("a limit of %d shows nothing; write --limit 20", q.Limit)
	}
	if strings.TrimSpace(words) == "" {
		return q, usage("say what to search for, as `bot search diffusion`")
	}
	t, err := topic.ParseSearch(words)
	if te, ok := errors.AsType[*topic.Error](err); ok {
		return q, pointed(err, typed, te.Col)
	}
	q.Topic, q.Plain = t, topic.Plain(words)
	return q, err
}

// pointed is an error about a place in what was typed: the sentence, the words
// and a mark below the column (1-based, in characters; 0 is none).
func pointed(err error, typed string, column int) error {
	if column < 1 || column > utf8.RuneCountInString(typed)+1 || strings.ContainsFunc(typed, unicode.IsControl) {
		return usage("%v", err)
	}
	return usage("%v\n  %s\n  %s^", err, typed, strings.Repeat(" ", column-1))
}

// modifier is a name:value among the words that says how to search, not what for.
type modifier struct {
	name, value string
	column      int
}

// modifiers parts what has one of the names, as since:7d, from the words.
// Blanks stand in their place, so that columns in what is left are columns of
// what was typed.
func modifiers(typed string, names ...string) (words string, found []modifier) {
	runes := []rune(typed)
	quoted := false
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case strings.ContainsRune(`"“”„«»`, r):
			quoted = !quoted
			continue
		case quoted || unicode.IsSpace(r) || i > 0 && !unicode.IsSpace(runes[i-1]):
			continue
		}
		end := i
		for end < len(runes) && !unicode.IsSpace(runes[end]) {
			end++
		}
		name, value, ok := strings.Cut(string(runes[i:end]), ":")
		name = strings.ToLower(name)
		if ok && slices.Contains(names, name) {
			found = append(found, modifier{name, strings.ToLower(strings.Trim(value, `"“”`)), i + 1})
			for ; i < end; i++ {
				runes[i] = ' '
			}
		}
	}
	return string(runes), found
}

// result is a line of --json; the names are part of the contract.
type result struct {
	ID         core.PaperID `json:"id"`
	Title      string       `json:"title"`
	Authors    []string     `json:"authors"`
	Published  *core.Date   `json:"published"` // null when unknown
	Upvotes    *int         `json:"upvotes"`   // null when unknown
	URL        string       `json:"url"`
	Categories []string     `json:"categories"`
	Score      float64      `json:"score"`
	Matched    []string     `json:"matched"`        // the terms of the query that were found; none of what is only near in meaning
	Near       []string     `json:"near,omitempty"` // words of the paper that mean most nearly what was asked, where it has not all the words
}

func (c *searchCommand) printJSON(a *app, q core.Query, found core.Found) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	for _, h := range found.Hits {
		p := &h.Paper
		r := result{ID: p.ID, Title: p.Title, Authors: orNone(p.Authors), Upvotes: p.Upvotes, URL: p.URL(),
			Categories: orNone(p.Categories), Score: h.Score, Matched: []string{}, Near: h.Why.Near}
		if !p.Published.IsZero() {
			r.Published = &p.Published
		}
		why, all := q.Topic.Match(p.Doc())
		if !all {
			r.Matched = orNone(h.Why.Has)
		}
		for _, w := range why {
			if !slices.Contains(r.Matched, w.Term) {
				r.Matched = append(r.Matched, w.Term)
			}
		}
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// orNone is the list, [] in JSON where there is none.
func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// printPaper writes a paper for a person at a terminal: its title, a line of
// facts of which the unknown are left out, why it stands there, its address.
func printPaper(a *app, p *core.Paper, why say.Text) {
	facts := []string{string(p.ID)}
	if !p.Day.IsZero() { // what --since goes by
		facts = append(facts, string(p.Day))
	}
	if !p.Published.IsZero() && p.Published != p.Day {
		facts = append(facts, "published "+string(p.Published))
	}
	switch n := len(p.Authors); {
	case n > 3:
		facts = append(facts, fmt.Sprintf("%s … %s (%d)", p.Authors[0], p.Authors[n-1], n))
	case n > 0:
		facts = append(facts, strings.Join(p.Authors, ", "))
	}
	if cat := p.Primary(); cat != "" {
		facts = append(facts, cat)
	}
	if p.Upvotes != nil {
		facts = append(facts, fmt.Sprintf("HF ▲%d", *p.Upvotes))
	}
	if p.Code != "" {
		facts = append(facts, "code")
	}
	fmt.Fprintf(a.out, "%s\n  %s\n", printable(p.Title), printable(strings.Join(facts, " · ")))
	if len(why) > 0 {
		fmt.Fprintf(a.out, "  %s\n", printable(why.String()))
	}
	fmt.Fprintf(a.out, "  %s\n\n", printable(p.URL()))
}

// printable keeps strangers' text from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

func sinceWords(d core.Date) string {
	if d.IsZero() {
		return ""
	}
	return " since " + string(d)
}

// count says "1 paper", "2,913 papers".
func count(n int, one string) string {
	if n != 1 {
		one += "s"
	}
	return thousands(n) + " " + one
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
