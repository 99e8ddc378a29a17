package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/rank"
	"paperboy/core/topic"
)

// A selection is what a query asks of a paper: one of its clauses, and the rest.
type selection struct {
	core.Query
	grammar
	clauses []clause
}

// A clause is what the index says of it and what the overview does.
type clause struct {
	yes, no string       // expressions; "": nothing is asked
	fields  []topic.Term // of categories, sources and code
	upvotes []topic.Term
}

// selects compiles a query.
func (s *Store) selects(q core.Query) *selection {
	return selects(q, s.engine.grammar())
}

func selects(q core.Query, g grammar) *selection {
	s := &selection{Query: q, grammar: g}
	if q.Topic.HasCat() {
		s.Scope = topic.Scope{}
	}
	if len(q.Topic.Clauses) == 0 {
		s.clauses = []clause{{}}
	}
	var any []string // clauses that the index alone can say are one
	for _, terms := range q.Topic.Clauses {
		switch c, positive := g.parts(terms); {
		case !positive: // only negatives say nothing
		case c.yes != "" && len(c.fields)+len(c.upvotes) == 0:
			any = append(any, g.but(c.yes, c.no))
		default:
			s.clauses = append(s.clauses, c)
		}
	}
	if len(any) > 0 {
		s.clauses = append(s.clauses, clause{yes: strings.Join(any, g.or)})
	}
	return s
}

// parts sorts a clause's terms. The overview tells fields faster than the index;
// only beside words, which may be common, the index looks for both at once.
func (g grammar) parts(terms topic.Clause) (c clause, positive bool) {
	var all, none, fields []string
	for _, t := range terms {
		positive = positive || !t.Not
		switch {
		case t.Field == topic.Min:
			c.upvotes = append(c.upvotes, t)
		case t.Field == topic.Cat, t.Field == topic.Source, t.Field == topic.Has:
			c.fields = append(c.fields, t)
			if !t.Not && t.Value != "*" {
				fields = append(fields, g.term(t))
			}
		case t.Not:
			none = append(none, g.term(t))
		default:
			all = append(all, g.term(t))
		}
	}
	if len(all) > 0 {
		c.yes = "(" + strings.Join(append(all, fields...), g.and) + ")"
	}
	c.no = strings.Join(none, g.or)
	return c, positive
}

func (g grammar) but(yes, no string) string {
	if no == "" {
		return yes
	}
	return "(" + yes + g.not + "(" + no + "))"
}

// A sieve is a selection over an overview: what it says of a filing it says once.
type sieve struct {
	*selection
	*overview
	within []bool   // by day
	scope  []int8   // by filing, whether the scope admits it
	known  [][]int8 // by clause and filing: whether both hold, as far as the filing tells; 0 is not known yet
}

const (
	holds   = 1
	differs = -1
)

func (s *selection) over(o *overview) *sieve {
	v := &sieve{selection: s, overview: o, within: make([]bool, len(o.days)), scope: o.scope(s.Scope), known: make([][]int8, len(s.clauses))}
	for i, d := range o.days {
		v.within[i] = (s.Since.IsZero() || d >= s.Since) && (s.Until.IsZero() || d <= s.Until)
	}
	for i := range v.known {
		if v.known[i] = v.scope; len(s.clauses[i].fields) > 0 {
			v.known[i] = make([]int8, len(o.filed))
		}
	}
	return v
}

// admits reports whether all of a clause holds that the overview can tell.
func (v *sieve) admits(clause int, b *block, i int) bool {
	known := v.known[clause][b.filed[i]]
	if known == 0 {
		known = v.learns(clause, b.filed[i])
	}
	return known == holds && v.within[b.days[i]] && (len(v.clauses[clause].upvotes) == 0 || v.upvoted(clause, b.upvotes[i]))
}

// learns asks a filing for the fields of a clause that has some.
func (v *sieve) learns(clause int, filing uint32) int8 {
	doc, known := v.filed[filing].doc(), v.scope[filing]
	for _, t := range v.clauses[clause].fields {
		not := t.Not
		t.Not = false
		if _, ok := (topic.Topic{Clauses: []topic.Clause{{t}}}).Match(doc); ok == not {
			known = differs
		}
	}
	v.known[clause][filing] = known
	return known
}

func (v *sieve) upvoted(clause int, upvotes int32) bool {
	return !slices.ContainsFunc(v.clauses[clause].upvotes, func(t topic.Term) bool {
		return (int(upvotes) >= t.N) == t.Not // what is not known is less than none
	})
}

// worded reports whether the index has a say.
func (s *selection) worded() bool {
	return slices.ContainsFunc(s.clauses, func(c clause) bool { return c.yes != "" || c.no != "" })
}

// says is what the index is asked for a clause, and whether it says whom not.
func (v *sieve) says(i int) (expression string, none bool) {
	c := &v.clauses[i]
	if c.yes == "" {
		return c.no, true
	}
	return v.but(c.yes, c.no), false
}

// said is what the index says of some blocks, by clause.
func (s *Store) said(t tx, v *sieve, blocks []*block) ([]map[core.Seq][]core.Seq, error) {
	half := len(blocks) / 2
	if half == 0 {
		return t.said(v, blocks)
	}
	var said, others []map[core.Seq][]core.Seq
	err := s.both(t, func(t tx) (err error) { said, err = t.said(v, blocks[:half]); return err },
		func(t tx) (err error) { others, err = t.said(v, blocks[half:]); return err })
	for c := range others {
		if err == nil {
			maps.Copy(said[c], others[c])
		}
	}
	return said, err
}

func (t tx) said(v *sieve, blocks []*block) (said []map[core.Seq][]core.Seq, err error) {
	said = make([]map[core.Seq][]core.Seq, len(v.clauses))
	for c := range v.clauses {
		expression, _ := v.says(c)
		if expression == "" {
			continue
		}
		rowids, err := t.engine.rowids(t, expression, blocks)
		if err != nil {
			return nil, err
		}
		said[c] = make(map[core.Seq][]core.Seq, len(blocks))
		for _, some := range rowids {
			each(some, func(seq core.Seq) {
				first := seq &^ (blockSize - 1)
				said[c][first] = append(said[c][first], seq)
			})
		}
		for _, seqs := range said[c] {
			if !slices.IsSorted(seqs) { // an engine gives them as it finds them
				slices.Sort(seqs)
			}
		}
	}
	return said, nil
}

// selected are the places of a block's papers that are selected.
func (v *sieve) selected(b *block, said []map[core.Seq][]core.Seq) (selected []int) {
	for c := range v.clauses {
		next := 0 // place that nothing has been said of yet
		take := func(until int) {
			for ; next < until; next++ {
				if v.admits(c, b, next) {
					selected = append(selected, next)
				}
			}
		}
		expression, none := v.says(c)
		for _, seq := range said[c][b.first] {
			at := b.place(seq, next)
			switch {
			case at < 0: // came after the overview
			case none:
				take(at)
				next = at + 1
			default:
				next = at
				take(at + 1)
			}
		}
		if none || expression == "" { // the index says at most whom not
			take(len(b.at))
		}
	}
	if len(v.clauses) > 1 {
		slices.Sort(selected)
		selected = slices.Compact(selected)
	}
	return selected
}

// place is where a paper stands in the block, -1 if nowhere; from is where it may
// stand first.
func (b *block) place(seq core.Seq, from int) int {
	at := uint16(seq - b.first)
	if from > 0 && b.at[from-1] >= at {
		from = 0
	}
	for i := from; i < min(from+4, len(b.at)); i++ {
		if b.at[i] == at {
			return i
		}
	}
	i, ok := slices.BinarySearch(b.at[from:], at)
	if !ok {
		return -1
	}
	return from + i
}

// enough is how many matches are looked through at most for the newest of them,
// where the papers of all days came mixed.
const enough = 4 * blockSize

// ahead is of how many blocks the index is asked at once, after some in which so many
// were found: of one at first, and of as many as there may be enough in. So what is
// rare takes few statements.
func ahead(blocks, found, most int) int {
	const atOnce = 16
	return max(1, min(blocks, atOnce, (most-found)*blocks/max(1, found)))
}

// matching are the newest papers that a selection selects.
func (s *Store) matching(t tx, sel *selection, o *overview, most int) (found []core.Match, more bool, err error) {
	v := sel.over(o)
	blocks := slices.Clone(o.blocks)
	slices.SortFunc(blocks, func(a, b *block) int { return cmp.Or(cmp.Compare(b.newest, a.newest), cmp.Compare(b.first, a.first)) })
	type place struct {
		block *block
		i     int
		order uint64 // by day, then by seq
	}
	var places []place
	var said []map[core.Seq][]core.Seq
	asked := 0
	for k, b := range blocks {
		if !sel.Since.IsZero() && b.newest < sel.Since || len(places) > max(4*most, enough) {
			break
		}
		if len(places) > most {
			newer := 0
			for _, p := range places {
				if o.days[p.block.days[p.i]] >= b.newest {
					newer++
				}
			}
			if newer > most {
				break
			}
		}
		if k == asked {
			asked = min(len(blocks), k+ahead(k, len(places), most))
			if said, err = s.said(t, v, blocks[k:asked]); err != nil {
				return nil, false, err
			}
		}
		for _, i := range v.selected(b, said) {
			places = append(places, place{b, i, uint64(o.order[b.days[i]])<<48 | uint64(b.first) + uint64(b.at[i])})
		}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(b.order, a.order) })
	if more = len(places) > most; more {
		places = places[:most]
	}
	for _, p := range places {
		found = append(found, p.block.match(o, p.i))
	}
	return found, more, nil
}

// Matching implements core.PaperStore.
func (s *Store) Matching(ctx context.Context, q core.Query, most int) (found []core.Match, more bool, err error) {
	err = s.read(ctx, "finding what matches", func(t tx) error {
		o, err := t.overview(&s.papers)
		if err != nil {
			return err
		}
		found, more, err = s.matching(t, s.selects(q), o, most)
		return err
	})
	return found, more, err
}

// Search implements core.PaperStore.
func (s *Store) Search(ctx context.Context, q core.Query) (found core.Found, err error) {
	err = s.read(ctx, "searching", func(t tx) error {
		o, err := t.overview(&s.papers)
		if err != nil {
			return err
		}
		found, err = s.search(t, q, o)
		return err
	})
	return found, err
}

func (s *Store) search(t tx, q core.Query, o *overview) (found core.Found, err error) {
	found.Primary = map[string]int{}
	matches, more, err := s.matching(t, s.selects(q), o, max(core.Countable, q.Offset+q.Limit))
	if err != nil {
		return found, err
	}
	for _, m := range matches {
		found.Primary[m.Primary]++
	}
	found.Total, found.More = len(matches), more
	if q.Limit <= 0 || q.Offset >= len(matches) {
		return found, nil
	}

	score, votes := map[core.Seq]float64{}, map[core.Seq]int{}
	switch q.Sort {
	case core.SortTop:
		if matches, votes, err = t.top(matches, q.Channel, q.Offset+q.Limit); err != nil {
			return found, err
		}
	case core.SortBest, "":
		if words := positive(q.Topic); len(words) > 0 {
			features, err := t.features(seqs(matches))
			if err != nil {
				return found, err
			}
			asked := rank.NewWords(meaning.Builtin(), words)
			for seq, f := range features {
				score[seq] = asked.BM25(f.Bag)
			}
			slices.SortStableFunc(matches, func(a, b core.Match) int { return cmp.Compare(score[b.Seq], score[a.Seq]) })
		}
	}
	page := matches[q.Offset:min(q.Offset+q.Limit, len(matches))]
	papers, err := t.bySeq(seqs(page))
	if err != nil {
		return found, err
	}
	for _, p := range papers { // in the page's order; one is missing that came after this transaction began, which the overview may know
		found.Hits = append(found.Hits, core.Hit{Paper: p, Score: score[p.Seq], Votes: votes[p.Seq]})
	}
	return found, nil
}

func seqs(matches []core.Match) []core.Seq {
	seqs := make([]core.Seq, len(matches))
	for i, m := range matches {
		seqs[i] = m.Seq
	}
	return seqs
}

// top puts matches, the newest first, into the order of SortTop as far as most, and says
// how many people voted for each so far. Who voted is asked of few: first each paper's
// marks are counted, and none has more votes than marks: what is ahead of the others'
// marks by its votes is ahead of their votes.
func (t tx) top(matches []core.Match, channel int64, most int) (ranked []core.Match, votes map[core.Seq]int, err error) {
	votes, err = t.countMarks(allMarks, seqs(matches), channel)
	counted := map[core.Seq]bool{}
	open := func(m core.Match) bool { return votes[m.Seq] > 0 && !counted[m.Seq] } // whose votes may be fewer
	for look := most; err == nil; look *= 2 {
		ranked = slices.Clone(matches)
		slices.SortStableFunc(ranked, func(a, b core.Match) int {
			return rank.CompareTop(rank.TopKey{Votes: votes[a.Seq], Upvotes: a.Upvotes}, rank.TopKey{Votes: votes[b.Seq], Upvotes: b.Upvotes})
		})
		if !slices.ContainsFunc(ranked[:min(most, len(ranked))], open) {
			break
		}
		var asked []core.Seq
		for _, m := range ranked[:min(look, len(ranked))] {
			if open(m) {
				asked = append(asked, m.Seq)
			}
		}
		var people map[core.Seq]int
		people, err = t.countMarks(upvoters, asked, channel)
		for _, seq := range asked {
			votes[seq], counted[seq] = people[seq], true
		}
	}
	return ranked, votes, err
}

// countMarks counts something of the marks that stand at some papers, in a channel or
// (0) anywhere.
func (t tx) countMarks(what string, of []core.Seq, channel int64) (map[core.Seq]int, error) {
	type row struct {
		seq core.Seq
		n   int
	}
	rows, err := all(t, func(r *row) []any { return []any{&r.seq, &r.n} }, marksOf(what, channel), many(of), channel)
	counts := make(map[core.Seq]int, len(rows))
	for _, r := range rows {
		counts[r.seq] = r.n
	}
	return counts, err
}

// marksOf asks for the papers first, which CROSS JOIN says to SQLite: else it goes
// through all of them for each mark of the channel.
func marksOf(what string, channel int64) string {
	return `SELECT p.seq, ` + what + ` FROM papers p CROSS JOIN reactions r
		WHERE r.paper = p.id AND r.present = 1 AND ` + in("p.seq", "$1") + ` AND ` + ofChannel("r.channel", channel) + ` GROUP BY p.seq`
}

// What is counted of marks: how many there are, which the index alone tells, and how many
// people voted with them.
const (
	allMarks = `count(*)`
	upvoters = `count(DISTINCT CASE r.kind WHEN 'up' THEN r.person END)`
)

// positive are the whole words that a topic asks for, wherever they stand.
func positive(t topic.Topic) (words []string) {
	for _, c := range t.Clauses {
		for _, term := range c {
			if !term.Not && !term.Prefix && (term.Field == topic.Any || term.Field == topic.Title || term.Field == topic.Abstract) {
				words = append(words, term.Words...)
			}
		}
	}
	return words
}

// lately is of how many blocks, the newest, the words are offered and counted:
// what it takes grows with them.
const lately = 4

// Vocabulary implements core.PaperStore.
func (s *Store) Vocabulary(ctx context.Context, field topic.Field, prefix string, words []string) (known map[string]int, err error) {
	mark := blockMark
	if field == topic.Author {
		mark = authorMark
	}
	known = map[string]int{}
	err = s.read(ctx, "looking words up", func(t tx) error {
		o, err := t.overview(&s.papers)
		if err != nil {
			return err
		}
		var marks []string
		for _, b := range o.blocks[max(0, len(o.blocks)-lately):] {
			marks = append(marks, mark(b.first))
		}
		return t.engine.vocabulary(t, field == topic.Author, slices.Compact(marks), prefix, words, func(word string, papers int) { known[word] += papers })
	})
	return known, err
}
