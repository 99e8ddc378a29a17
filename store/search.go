package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// A selection is what a query compiles to: FROM and WHERE over papers p, with
// its arguments, and the score of each row.
type selection struct {
	with  string
	from  string
	where []string
	score string // "0" where nothing can be scored
	args  []any
}

func (s *selection) arg(v any) string {
	s.args = append(s.args, v)
	return fmt.Sprintf("$%d", len(s.args))
}

// selects compiles a query.
func selects(q core.Query) *selection {
	s := &selection{from: "papers p", score: "0"}
	within := ""
	if len(q.Scope.Patterns) > 0 && !q.Topic.HasCat() {
		within = scope(q.Scope)
	}
	switch match, numbers, ok := expressions(q.Topic.Clauses); {
	case len(q.Topic.Clauses) == 0 && within != "":
		s.where = append(s.where, found(s.arg(within)))
	case len(q.Topic.Clauses) == 0:
	case ok: // the index alone can say it
		if within != "" {
			match = "(" + match + ") AND " + within
		}
		s.from = "words JOIN papers p ON p.seq = words.rowid"
		s.where = append(s.where, "words MATCH "+s.arg(match))
		if !q.Since.IsZero() { // papers come about in the order of their days, so most of the index need not be read; + for the index of days
			s.where = append(s.where, "words.rowid >= (SELECT min(+seq) FROM papers WHERE day >= "+s.arg(q.Since)+")")
		}
		for _, t := range numbers {
			s.where = append(s.where, s.number(t))
		}
		s.score = relevance
	default:
		var any []string
		for _, c := range q.Topic.Clauses {
			any = append(any, s.clause(c))
		}
		s.where = append(s.where, "("+strings.Join(any, " OR ")+")")
		if within != "" {
			s.where = append(s.where, found(s.arg(within)))
		}
		if words := scored(q.Topic.Clauses); words != "" && q.Sort == core.SortBest && q.Limit > 0 {
			s.with = "WITH scored AS MATERIALIZED (SELECT rowid AS seq, " + relevance + " AS score FROM words WHERE words MATCH " + s.arg(words) + ") "
			s.from = "papers p LEFT JOIN scored USING (seq)"
			s.score = "coalesce(score, 0)"
		}
	}
	if !q.Since.IsZero() {
		s.where = append(s.where, "p.day >= "+s.arg(q.Since))
	}
	if !q.Until.IsZero() {
		s.where = append(s.where, "p.day <= "+s.arg(q.Until))
	}
	if len(s.where) == 0 {
		s.where = []string{"1 = 1"}
	}
	return s
}

// expressions is the clauses as one expression of the index, and the numbers
// that must hold beside it. ok is false when they cannot be said so.
func expressions(clauses []topic.Clause) (match string, numbers []topic.Term, ok bool) {
	var any []string
	for _, c := range clauses {
		yes, no, n := parts(c)
		if yes == "" || len(n) > 0 && len(clauses) > 1 {
			return "", nil, false
		}
		any = append(any, but(yes, no))
		numbers = n
	}
	return strings.Join(any, " OR "), numbers, true
}

// parts sorts a clause's terms: what must be in the index, what must not, and
// what is a number.
func parts(c topic.Clause) (yes, no string, numbers []topic.Term) {
	var all, none []string
	for _, t := range c {
		switch {
		case t.Field == topic.Min:
			numbers = append(numbers, t)
		case t.Not:
			none = append(none, expression(t))
		default:
			all = append(all, expression(t))
		}
	}
	if len(all) > 0 {
		yes = "(" + strings.Join(all, " AND ") + ")"
	}
	return yes, strings.Join(none, " OR "), numbers
}

func but(yes, no string) string {
	if no == "" {
		return yes
	}
	return "(" + yes + " NOT (" + no + "))"
}

// clause is a clause as a condition of SQL.
func (s *selection) clause(c topic.Clause) string {
	if !slices.ContainsFunc(c, func(t topic.Term) bool { return !t.Not }) {
		return "1 = 0" // only negatives say nothing
	}
	yes, no, numbers := parts(c)
	var all []string
	switch {
	case yes != "":
		all = append(all, found(s.arg(but(yes, no))))
	case no != "":
		all = append(all, "NOT "+found(s.arg(no)))
	}
	for _, t := range numbers {
		all = append(all, s.number(t))
	}
	return "(" + strings.Join(all, " AND ") + ")"
}

// number is min: as a condition; what is not known is not enough.
func (s *selection) number(t topic.Term) string {
	condition := "coalesce(p.upvotes >= " + s.arg(t.N) + ", 1 = 0)"
	if t.Not {
		return "NOT " + condition
	}
	return condition
}

// scored is the expression of everything in the clauses that a score counts.
func scored(clauses []topic.Clause) string {
	var any []string
	for _, c := range clauses {
		for _, t := range c {
			if !t.Not && len(t.Words) > 0 {
				any = append(any, expression(t))
			}
		}
	}
	return strings.Join(any, " OR ")
}

// scope is the index's expression for Scope.Admits.
func scope(s topic.Scope) string {
	cats := []string{quote(unlisted)}
	for _, p := range s.Patterns {
		cats = append(cats, category(p))
	}
	e := "cats : (" + strings.Join(cats, " OR ") + ")"
	if !s.Strict {
		e = "(" + e + " OR sources : " + quote(term("hf")) + ")"
	}
	return e
}

// Search implements core.PaperStore.
func (s *Store) Search(ctx context.Context, q core.Query) (found core.Found, err error) {
	if q.Sort == "" {
		q.Sort = core.SortBest
	}
	err = s.read(ctx, "searching", func(t tx) error {
		found, err = t.search(q)
		return err
	})
	return found, err
}

func (t tx) search(q core.Query) (core.Found, error) {
	sel := selects(q)
	rest := " FROM " + sel.from + " WHERE " + strings.Join(sel.where, " AND ")
	found := core.Found{Primary: map[string]int{}}
	type tally struct {
		prim string
		n    int
	}
	tallies, err := all(t, func(c *tally) []any { return []any{&c.prim, &c.n} },
		sel.with+`SELECT p.prim, count(*)`+rest+` GROUP BY p.prim`, sel.args...)
	if err != nil {
		return found, err
	}
	for _, c := range tallies {
		found.Primary[c.prim] = c.n
		found.Total += c.n
	}
	if q.Limit <= 0 || found.Total == 0 {
		return found, nil
	}

	score, votes, order := "0.0", "0", "p.day DESC, p.seq DESC"
	switch q.Sort {
	case core.SortBest:
		score, order = sel.score, "2 DESC, "+order
	case core.SortTop:
		votes = `(SELECT count(DISTINCT r.person) FROM reactions r WHERE r.paper = p.id AND r.kind = 'up' AND r.present = 1`
		if q.Channel != 0 {
			votes += ` AND r.channel = ` + sel.arg(q.Channel)
		}
		votes += `)`
		order = "3 DESC, coalesce(p.upvotes, 0.5) DESC, " + order // unknown is less than one and more than none
	}
	type row struct {
		seq   core.Seq
		score float64
		votes int
	}
	rows, err := all(t, func(r *row) []any { return []any{&r.seq, &r.score, &r.votes} },
		sel.with+`SELECT p.seq, `+score+`, `+votes+rest+` ORDER BY `+order+` LIMIT `+sel.arg(q.Limit)+` OFFSET `+sel.arg(q.Offset), sel.args...)
	if err != nil {
		return found, err
	}
	seqs := make([]core.Seq, len(rows))
	for i, r := range rows {
		seqs[i] = r.seq
	}
	papers, err := t.bySeq(seqs)
	if err != nil {
		return found, err
	}
	for i, r := range rows { // all are there: it is one transaction
		found.Hits = append(found.Hits, core.Hit{Paper: papers[i], Score: r.score, Votes: r.votes})
	}
	return found, nil
}

// Vocabulary implements core.PaperStore.
func (s *Store) Vocabulary(ctx context.Context, field topic.Field, prefix string, words []string) (known map[string]int, err error) {
	columns := []string{"title", "abstract"}
	if field == topic.Author {
		columns = []string{"authors"}
	}
	type row struct {
		word   string
		papers int
	}
	kept := make([]string, len(words))
	for i, w := range words {
		kept[i] = joined([]string{w})
	}
	known = map[string]int{}
	err = s.read(ctx, "looking words up", func(t tx) error {
		if _, err := t.exec(indexedWords); err != nil {
			return err
		}
		keep := func(from string, args ...any) error {
			rows, err := all(t, func(r *row) []any { return []any{&r.word, &r.papers} },
				`SELECT term, max(doc) FROM `+from+` AND `+in("col", "$1")+` GROUP BY term`, append([]any{many(columns)}, args...)...)
			for _, r := range rows {
				known[unmoved(r.word)] = r.papers
			}
			return err
		}
		if prefix != "" {
			if err := keep(`indexed WHERE term >= $2 AND term < $3`, joined([]string{prefix}), joined([]string{prefix})+string(utf8.MaxRune)); err != nil {
				return err
			}
		}
		return keep(`json_each($2) j CROSS JOIN indexed WHERE term = j.value`, many(kept))
	})
	return known, err
}

// words are the FTS expressions of single words, or of pairs of signs, as
// text.Terms gives them, each once, in title or abstract. What is no word is left
// out.
func words(in []string) []string {
	var expr []string
	for _, w := range in {
		if ws := text.Words(w); len(ws) > 0 {
			expr = append(expr, expression(topic.Term{Field: topic.Any, Words: ws}))
		}
	}
	slices.Sort(expr)
	return slices.Compact(expr)
}

// Near implements core.PaperStore.
func (s *Store) Near(ctx context.Context, in []string, limit int) (ids []core.PaperID, err error) {
	expr := words(in)
	err = s.read(ctx, "finding papers of like words", func(t tx) error {
		ids, err = all(t, value[core.PaperID],
			`SELECT p.id FROM (SELECT words.rowid AS seq, count(*) AS n FROM `+foundByEach("$1")+`
				GROUP BY words.rowid ORDER BY n DESC, words.rowid DESC LIMIT $2) w JOIN papers p ON p.seq = w.seq ORDER BY w.n DESC, p.seq DESC`,
			many(expr), limit)
		return err
	})
	return ids, err
}
