package query

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// Widening is a topic edited so that it lets a missed paper in, with its price.
type Widening struct {
	Kind     WideningKind
	Topic    core.Topic  // what is edited; ID 0: nothing is, To is followed too
	To       topic.Topic // what it says then: all that it said, and more
	Word     string      // what is different: the term that is added or left out
	More     int         // papers of the last days, this one not counted, that would have come to the channel besides
	Weekdays int         // of those days
	Examples []core.Paper
	close    float64 // to what the topic means, from 0 to 1
}

// PerWeekday is the price: how many papers more a weekday would have brought.
func (w *Widening) PerWeekday() float64 { return float64(w.More) / float64(max(w.Weekdays, 1)) }

// WideningKind says in what a widening is different.
type WideningKind string

// The kinds.
const (
	WideBeginning WideningKind = "beginning" // all words that begin as one of the paper's does: segment*
	WideWritten   WideningKind = "written"   // another spelling, or initials: pretraining, llm
	WideField     WideningKind = "field"     // title: anywhere
	WideApart     WideningKind = "apart"     // a phrase's words apart
	WideAlike     WideningKind = "alike"     // a word of the paper that means about the same
	WideWithout   WideningKind = "without"   // a term less
	WideMin       WideningKind = "min"       // fewer upvotes
	WideScope     WideningKind = "scope"     // outside of the channel's scope too
	WideNew       WideningKind = "new"       // another topic, of the paper's title
)

// What counts for widenings.
const (
	wideningDays = 30
	maxWidenings = 3
	Affordable   = 1  // paper a weekday more: what costs no more is offered first
	mostMore     = 10 // papers a weekday more: what costs more is not offered
	mostTried    = 30 // edits that are tried, the closest first
	mostAlike    = 6  // of the paper's words for one term
	mostTelling  = 4  // words of the title that are tried beside a word that brings too much
	leastShared  = 2  // papers of the last days: what fewer others say stands for nothing
	examples     = 3
)

// How alike, by meaning.Model.AlikeWords, a topic and a paper have to be for the
// paper to be of its kind at all, and a word of the paper and one of the topic for
// the one to mean the other. Below are words that stand in the same papers, and
// papers that somebody only tries.
const (
	alikeAtAll  = 1  // more than half of all papers
	alikeEnough = 20 // more than nine of ten
)

// How close an edit is to what the topic means, where no cosine says it: another
// spelling is the same word, a condition less is another question.
const (
	closeWritten = 1.0
	closeField   = 0.9
	closeApart   = 0.85
	closeScope   = 0.8
	closeWithout = 0.4
	closeNew     = 0.25
	beside       = 0.7 // a word more, that keeps it small
	narrowed     = 0.6 // what is less close is worth neither a word more nor a higher price
)

// Widenings are edits of the channel's topics, each of one, that let the paper in,
// at most maxWidenings: what costs at most Affordable first, then those that are
// closest to what the topic means, then the cheapest. None where a topic matches it.
// Each was tried: it matches the paper, and its price is counted; where nothing of
// the last days is known there is none.
func (r *Reader) Widenings(ctx context.Context, ch core.Channel, p *core.Paper) ([]Widening, error) {
	topics, err := r.followed(ctx, ch.ID)
	if err != nil {
		return nil, err
	}
	f, from, err := r.lately(ctx, ch, wideningDays)
	if err != nil || f.Known == 0 {
		return nil, err
	}
	w := widener{Reader: r, channel: &ch, paper: p, since: from, weekdays: f.Weekdays, reader: newReader(p)}
	var tries []Widening
	for _, t := range topics {
		if t.Unreadable != "" {
			continue
		}
		if _, ok := t.Topic.Match(w.doc); ok && (t.Topic.HasCat() || ch.Settings.Scope.Admits(w.doc)) {
			return nil, nil
		}
		tries = append(tries, w.edits(&t)...)
	}
	slices.SortStableFunc(tries, func(a, b Widening) int { return cmp.Compare(b.close, a.close) })
	if err := w.have(ctx, topics); err != nil {
		return nil, err
	}
	var offers []Widening
	for _, try := range tries[:min(len(tries), mostTried)] {
		if offers, err = w.try(ctx, offers, try); err != nil {
			return nil, err
		}
	}
	if !slices.ContainsFunc(offers, func(o Widening) bool { return o.PerWeekday() <= Affordable && o.close > closeNew }) || len(offers) < maxWidenings {
		if offers, err = w.anew(ctx, offers); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(offers, func(a, b Widening) int {
		if x, y := a.PerWeekday() <= Affordable, b.PerWeekday() <= Affordable; x != y {
			if x {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.close, a.close), cmp.Compare(a.More, b.More))
	})
	offers = distinctOffers(offers)
	for i := range offers {
		if err := w.show(ctx, &offers[i]); err != nil {
			return nil, err
		}
	}
	return offers, nil
}

// distinctOffers are the first that do not say the same of a topic, at most
// maxWidenings: of those that share a word the widest that can be afforded.
func distinctOffers(sorted []Widening) (out []Widening) {
	inside := func(narrow, wide *Widening) bool {
		return narrow.Topic.ID == wide.Topic.ID && narrow.Kind != WideWithout && wide.Kind != WideWithout && within(bare(wide.Word), bare(narrow.Word))
	}
	shares := func(had, o *Widening) bool {
		words := bare(had.Word)
		if o.Kind == WideNew {
			words = bare(had.To.String())
		}
		return (had.Topic.ID == o.Topic.ID || o.Kind == WideNew) && slices.ContainsFunc(bare(o.Word), func(w string) bool { return slices.Contains(words, w) })
	}
	for _, o := range sorted {
		for i := range sorted {
			if wider := &sorted[i]; wider.More > o.More && wider.PerWeekday() <= Affordable && wider.close >= o.close*closeField && inside(&o, wider) {
				o = *wider
			}
		}
		if len(out) < maxWidenings && !slices.ContainsFunc(out, func(had Widening) bool { return shares(&had, &o) }) {
			out = append(out, o)
		}
	}
	return out
}

// bare are the words of what is different.
func bare(word string) []string {
	return strings.FieldsFunc(word, func(r rune) bool { return r == ' ' || r == '"' || r == '*' })
}

// widener widens the topics of a channel for one paper.
type widener struct {
	*Reader
	reader
	channel  *core.Channel
	paper    *core.Paper
	since    core.Date
	weekdays int
	had      map[core.Seq]bool // papers of the last days that come to the channel already, and the paper itself
}

// have finds what comes to the channel already.
func (w *widener) have(ctx context.Context, topics []core.Topic) error {
	const all = 1 << 20 // more than any month has
	w.had = map[core.Seq]bool{w.paper.Seq: true}
	for _, t := range topics {
		if len(t.Topic.Clauses) == 0 {
			continue
		}
		found, _, err := w.matching(ctx, core.Query{Topic: t.Topic, Scope: w.channel.Settings.Scope, Since: w.since}, all)
		if err != nil {
			return err
		}
		for _, m := range found {
			w.had[m.Seq] = true
		}
	}
	return nil
}

// query finds what a widening brings that its topic does not: only the clauses that
// are new are asked for, unless the topic leaves the channel's scope.
func (w *widener) query(try *Widening) core.Query {
	q := core.Query{Topic: try.To, Scope: w.channel.Settings.Scope, Since: w.since}
	if try.To.HasCat() {
		q.Scope = topic.Scope{}
		if !try.Topic.Topic.HasCat() {
			return q
		}
	}
	q.Topic.Clauses = slices.DeleteFunc(slices.Clone(try.To.Clauses), func(c topic.Clause) bool {
		return slices.ContainsFunc(try.Topic.Topic.Clauses, func(old topic.Clause) bool { return old.String() == c.String() })
	})
	return q
}

// price counts what a widening brings besides; ok is false where it does not let the
// paper in, or costs more than is offered.
func (w *widener) price(ctx context.Context, try *Widening) (ok bool, err error) {
	if err := w.Ready(ctx, &try.To); err != nil {
		return false, err
	}
	if _, ok := try.To.Match(w.doc); !ok || !try.To.HasCat() && !w.channel.Settings.Scope.Admits(w.doc) {
		return false, nil
	}
	q := w.query(try)
	if len(q.Topic.Clauses) == 0 {
		return false, nil
	}
	found, more, err := w.matching(ctx, q, len(w.had)+mostMore*max(w.weekdays, 1))
	if err != nil || more {
		return false, err
	}
	for _, m := range found {
		if !w.had[m.Seq] {
			try.More++
		}
	}
	try.Weekdays = w.weekdays
	return true, nil
}

// try adds an edit to the offers, where it is one; where it brings too much, with a
// word of the paper's title beside it, that which is nearest to what the paper is about and
// keeps it small.
func (w *widener) try(ctx context.Context, offers []Widening, try Widening) ([]Widening, error) {
	same := func(o Widening) bool { return o.Topic.ID == try.Topic.ID && o.To.String() == try.To.String() }
	if slices.ContainsFunc(offers, same) || len(try.To.Clauses) == 0 {
		return offers, nil
	}
	ok, err := w.price(ctx, &try)
	if err != nil {
		return nil, err
	}
	if try.Kind == WideAlike && strings.Contains(try.Word, " ") && try.More < leastShared {
		return offers, nil // what hardly another paper says is an accident of this one
	}
	if ok && (try.PerWeekday() <= Affordable || try.close >= narrowed) {
		offers = append(offers, try)
	}
	if ok && try.PerWeekday() <= Affordable || try.close < narrowed || try.Kind == WideScope || try.Kind == WideMin {
		return offers, nil
	}
	if enough := func(o Widening) bool { return o.PerWeekday() <= Affordable && o.close >= try.close*beside }; len(offers) > maxWidenings && slices.ContainsFunc(offers, enough) {
		return offers, nil
	}
	fresh := w.query(&try).Topic.Clauses
	if len(fresh) != 1 {
		return offers, nil
	}
	tell := w.telling(fresh[0])
	if len(tell) > 1 { // at last two
		tell = append(tell, tell[0]+" "+tell[1])
	}
	for _, word := range tell {
		narrower := Widening{Kind: try.Kind, Topic: try.Topic, Word: strings.TrimSpace(try.Word + " " + word), close: try.close * beside}
		narrower.To = or(try.Topic.Topic, append(fresh[0].Terms(), word))
		if slices.ContainsFunc(offers, func(o Widening) bool { return o.To.String() == narrower.To.String() }) {
			continue
		}
		switch ok, err := w.price(ctx, &narrower); {
		case err != nil:
			return nil, err
		case ok && narrower.PerWeekday() <= Affordable:
			return append(offers, narrower), nil
		}
	}
	return offers, nil
}

// telling are words of the title that are not in the clause already, those first
// that are nearest to what the whole paper is about.
func (w *widener) telling(c topic.Clause) (out []string) {
	has := words(c)
	for _, word := range w.doc.Title {
		if speaks([]string{word}) && !slices.Contains(has, word) && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int {
		return cmp.Compare(w.about.Cosine(w.model.Text([]string{b})), w.about.Cosine(w.model.Text([]string{a})))
	})
	return out[:min(len(out), mostTelling)]
}

// anew is a topic of its own, of the paper's title: of what others write too and can
// be afforded, that which is nearest to what the paper is about.
func (w *widener) anew(ctx context.Context, offers []Widening) ([]Widening, error) {
	tries := pieces(w.paper.Title)
	slices.SortStableFunc(tries, func(a, b []string) int {
		return cmp.Compare(w.about.Cosine(w.model.Text(b)), w.about.Cosine(w.model.Text(a)))
	})
	var best *Widening
	for _, words := range tries[:min(len(tries), 2*mostAlike)] {
		to, err := topic.Parse(quoted(words))
		if err != nil {
			continue
		}
		try := Widening{Kind: WideNew, To: to, Word: to.String(), close: closeNew}
		ok, err := w.price(ctx, &try)
		if err != nil {
			return nil, err
		}
		if ok && try.PerWeekday() <= Affordable && (best == nil || best.More < leastShared && try.More > best.More) {
			best = &try
		}
	}
	if best != nil {
		offers = append(offers, *best)
	}
	return offers, nil
}

// show finds examples of what a widening brings besides, the newest.
func (w *widener) show(ctx context.Context, o *Widening) error {
	const looked = 300 // papers
	if o.More == 0 {
		return nil
	}
	q := w.query(o)
	q.Sort, q.Limit = core.SortNew, looked
	found, err := w.find(ctx, q)
	if err != nil {
		return err
	}
	for _, h := range found.Hits {
		if !w.had[h.Paper.Seq] && len(o.Examples) < examples {
			o.Examples = append(o.Examples, h.Paper)
		}
	}
	return nil
}

// edits are what of a topic may be different so that it lets the paper in.
func (w *widener) edits(t *core.Topic) (out []Widening) {
	add := func(kind WideningKind, to topic.Topic, word string, close float64) {
		if to.String() != t.Topic.String() {
			out = append(out, Widening{Kind: kind, Topic: *t, To: to, Word: word, close: close})
		}
	}
	if _, ok := t.Topic.Match(w.doc); ok {
		add(WideScope, edited(t.Topic, func(c topic.Clause) []string { return append(c.Terms(), "cat:*") }), "cat:*", closeScope)
		return out
	}
	for i, c := range t.Topic.Clauses {
		lacks := c.Lacks(w.doc)
		for _, edit := range w.clause(c, lacks) {
			if !edit.instead {
				add(edit.kind, or(t.Topic, edit.terms), edit.word, edit.close)
				continue
			}
			n := -1
			add(edit.kind, edited(t.Topic, func(c topic.Clause) []string {
				if n++; n == i {
					return edit.terms
				}
				return c.Terms()
			}), edit.word, edit.close)
		}
	}
	return out
}

// or is the topic with one more choice; zero where it has no room for it.
func or(t topic.Topic, terms []string) topic.Topic {
	text := strings.Join(terms, " ")
	if len(t.Clauses) > 0 {
		text = t.String() + " | " + text
	}
	out, err := topic.Parse(text)
	if err != nil {
		return topic.Topic{}
	}
	return out
}

// edit is a clause that lets the paper in.
type edit struct {
	kind    WideningKind
	terms   []string
	word    string
	close   float64
	instead bool // it brings all that the clause did, and takes its place
}

// repair is a term, or nothing, in the place of one that keeps the paper out.
type repair struct {
	kind    WideningKind
	terms   []string
	close   float64
	instead bool // it brings all that the term did
}

// clause are the edits of a clause: each way to mend what the paper lacks, where it
// lacks one term, else the best of each; and what in the paper says all of its words.
func (w *widener) clause(c topic.Clause, lacks []topic.Term) (out []edit) {
	var repairs [][]repair // of each term, the closest first
	for _, t := range lacks {
		rs := w.repairs(c, t)
		slices.SortStableFunc(rs, func(a, b repair) int { return cmp.Compare(b.close, a.close) })
		repairs = append(repairs, rs)
	}
	mend := func(pick func(i int) repair) {
		e := edit{instead: true, close: 1}
		for _, t := range c {
			i := slices.IndexFunc(lacks, func(l topic.Term) bool { return l.Not == t.Not && l.Text == t.Text })
			if i < 0 {
				e.terms = append(e.terms, t.String())
				continue
			}
			r := pick(i)
			e.terms = append(e.terms, r.terms...)
			e.instead = e.instead && r.instead
			e.close *= r.close
			if e.kind = r.kind; len(r.terms) > 0 {
				e.word = strings.TrimSpace(e.word + " " + strings.Join(r.terms, " "))
			} else {
				e.word = strings.TrimSpace(e.word + " " + t.String())
			}
		}
		out = append(out, e)
	}
	switch {
	case slices.ContainsFunc(repairs, func(rs []repair) bool { return len(rs) == 0 }):
	case len(lacks) == 1:
		for _, r := range repairs[0] {
			mend(func(int) repair { return r })
		}
	default:
		mend(func(i int) repair { return repairs[i][0] })
	}
	return append(out, w.whole(c, lacks)...)
}

// whole are what in the paper says all words of a clause of several terms, as llm
// says large language model.
func (w *widener) whole(c topic.Clause, lacks []topic.Term) (out []edit) {
	var rest []string
	n := 0
	for _, t := range c {
		if isText(t) && !t.Not && !t.Prefix {
			n++
		} else {
			rest = append(rest, t.String())
		}
	}
	if n < 2 || slices.ContainsFunc(lacks, func(t topic.Term) bool { return !isText(t) || t.Not || t.Prefix }) {
		return nil
	}
	for _, r := range append(w.initials(words(c)), w.alike(words(c))...) {
		out = append(out, edit{kind: r.kind, terms: append(slices.Clone(rest), r.terms...), word: strings.Join(r.terms, " "), close: r.close})
	}
	return out
}

// repairs are the ways to mend one term of a clause.
func (w *widener) repairs(c topic.Clause, t topic.Term) (out []repair) {
	less := repair{WideWithout, nil, closeWithout, true}
	switch {
	case t.Not:
		return []repair{less}
	case t.Field == topic.Min:
		if p := w.paper; p.Upvotes != nil && *p.Upvotes > 0 {
			out = append(out, repair{WideMin, []string{"min:" + strconv.Itoa(*p.Upvotes)}, closeField, true})
		}
		return append(out, less)
	case t.Field == topic.Author:
		return nil // another person
	case !isText(t):
		return []repair{less}
	}
	if t.Field != topic.Any {
		anywhere := t
		anywhere.Field = topic.Any
		if len((topic.Clause{anywhere}).Lacks(w.doc)) == 0 {
			out = append(out, repair{WideField, []string{written(anywhere, t.Words)}, closeField, true})
		}
	}
	if t.Prefix {
		return append(out, w.without(c, less)...)
	}
	out = append(out, w.spelt(t.Words)...)
	out = append(out, w.initials(t.Words)...)
	if apart, close, whole := w.apart(t.Words); apart != nil {
		kind := WideApart
		if len(t.Words) == 1 {
			kind = WideBeginning
		}
		out = append(out, repair{kind, apart, close, t.Field == topic.Any && whole})
	}
	if len(t.Words) == 1 && !w.stands[t.Words[0]] {
		if _, other, close := w.beginning(t.Words[0]); other != "" {
			out = append(out, repair{WideBeginning, []string{other}, close * closeField, false})
		}
	}
	out = append(out, w.alike(t.Words)...)
	return append(out, w.without(c, less)...)
}

// without leaves a term out of a clause that says something without it.
func (w *widener) without(c topic.Clause, less repair) []repair {
	for _, t := range c {
		if isText(t) && !t.Not && len((topic.Clause{t}).Lacks(w.doc)) == 0 {
			return []repair{less}
		}
	}
	return nil
}

// spelt is the words as the paper writes them: together, or apart.
func (w *widener) spelt(words []string) (out []repair) {
	all := strings.Join(words, "")
	if utf8.RuneCountInString(all) < 4 {
		return nil
	}
	for _, run := range w.runs {
		if strings.Join(run, "") == all && !slices.Equal(run, words) {
			return []repair{{WideWritten, []string{quoted(run)}, closeWritten, false}}
		}
	}
	return nil
}

// initials is the words' initials as a word of the paper, or the paper's words that
// a word is the initials of: llm, large language model.
func (w *widener) initials(words []string) []repair {
	for _, run := range w.runs {
		if len(words) > 1 && len(run) == 1 && shortened(words, run[0]) || len(words) == 1 && len(run) > 1 && shortened(run, words[0]) {
			return []repair{{WideWritten, []string{quoted(run)}, closeWritten, false}}
		}
	}
	return nil
}

// shortened reports whether a word is the initials of words, with or without those
// that say little: reinforcement learning from human feedback is rlhf.
func shortened(words []string, short string) bool {
	if utf8.RuneCountInString(short) < 2 || len(words) > 2*len(short) {
		return false
	}
	return initials(words) == short || !sayLittle[words[0]] && initials(slices.DeleteFunc(slices.Clone(words), func(w string) bool { return sayLittle[w] })) == short
}

// initials of words; what begins with a digit stands whole: 3d gaussian splatting is 3dgs.
func initials(words []string) string {
	var b strings.Builder
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		if r >= '0' && r <= '9' {
			b.WriteString(w)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// apart is each of the words as it stands in the paper, or the beginning that it
// shares with one that does; nil where one has none. whole: every paper with the
// words has these.
func (w *widener) apart(words []string) (terms []string, close float64, whole bool) {
	close = 1
	if len(words) > 1 {
		close = closeApart
	}
	for _, word := range words {
		if w.stands[word] {
			if len(words) == 1 {
				return nil, 0, false // it stands there, in another field
			}
			terms = append(terms, word)
			continue
		}
		begin, _, near := w.beginning(word)
		if begin == "" {
			return nil, 0, false
		}
		terms = append(terms, begin+"*")
		close *= near
	}
	return terms, close, true
}

// beginning is the longest beginning that the word shares with one of the paper's,
// where the two may be forms of one word: other; near says how far.
func (w *widener) beginning(word string) (begin, other string, near float64) {
	const shortest = 4
	letters := []rune(word)
	for stands := range w.stands {
		theirs := []rune(stands)
		n := 0
		for n < len(letters) && n < len(theirs) && letters[n] == theirs[n] {
			n++
		}
		longer := max(len(letters), len(theirs))
		if n < shortest || 2*n < longer {
			continue
		}
		alike := max(0, w.model.Text([]string{word}).Cosine(w.model.Text([]string{stands})))
		close := 0.5 + (float64(n)/float64(longer)+alike)/4
		if (close > near || close == near && stands < other) && text.Prefix(string(letters[:n])) != "" {
			begin, other, near = string(letters[:n]), stands, close
		}
	}
	return begin, other, near
}

// alike are words of the paper that mean about what these do, the nearest first.
func (w *widener) alike(words []string) (out []repair) {
	meant := w.model.Text(words)
	if w.model.AlikeWords(meant.Cosine(w.about)) < alikeAtAll {
		return nil
	}
	for i, run := range w.runs {
		if near := meant.Cosine(w.vectors[i]); w.model.AlikeWords(near) >= alikeEnough && speaks(run) && !within(run, words) {
			out = append(out, repair{WideAlike, []string{quoted(run)}, near * closeField, false})
		}
	}
	slices.SortStableFunc(out, func(a, b repair) int { return cmp.Compare(b.close, a.close) })
	return out[:min(len(out), mostAlike)]
}

// within: all of the one are of the other.
func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(w string) bool { return !slices.Contains(all, w) })
}

// reader is a paper's words as widenings look at them.
type reader struct {
	model   *meaning.Model
	doc     *topic.Doc
	about   meaning.Vector
	stands  map[string]bool  // its words
	runs    [][]string       // each once: its words, and what stands together, of at most longestRun
	vectors []meaning.Vector // of the runs
}

const longestRun = 5

func newReader(p *core.Paper) reader {
	r := reader{model: meaning.Builtin(), doc: p.Doc(), stands: map[string]bool{}}
	r.about = direction(r.doc)
	seen := map[string]bool{}
	for n := 1; n <= longestRun; n++ {
		for _, words := range [][]string{r.doc.Title, r.doc.Abstract} {
			for i := 0; i+n <= len(words); i++ {
				run := words[i : i+n]
				if n == 1 {
					r.stands[run[0]] = true
				}
				key := strings.Join(run, " ")
				if seen[key] {
					continue
				}
				seen[key] = true
				r.runs = append(r.runs, run)
				var v meaning.Vector
				if n <= 3 && speaks(run) {
					v = r.model.Text(run)
				}
				r.vectors = append(r.vectors, v)
			}
		}
	}
	return r
}

// speaks: the words say what a paper is about.
func speaks(words []string) bool {
	telling := 0
	for _, w := range words {
		switch {
		case sayLittle[w]:
			return false
		case !sayNothing[w] && utf8.RuneCountInString(w) > 1:
			telling++
		}
	}
	return telling > 0
}

// quoted are words as a term of a topic.
func quoted(words []string) string { return written(topic.Term{}, words) }
