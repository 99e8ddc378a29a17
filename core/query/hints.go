package query

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/names"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// Hint is another way to ask, which finds something.
type Hint struct {
	Kind  HintKind
	Topic topic.Topic
	Since core.Date // as the query has it, but for Earlier
	Word  string    // what is different: the word as it should be, or as it is written too; the term that is left out, widened, or added
	Found int       // papers; always some; more than core.Countable are not counted
}

// HintKind says in what a hint is different.
type HintKind string

// The kinds, the likeliest first.
const (
	Spelling  HintKind = "spelling"  // words that hardly a paper has are put right
	Written   HintKind = "written"   // a word stands as it is written too: pre-training, pretraining
	Earlier   HintKind = "earlier"   // days further back
	Loose     HintKind = "loose"     // a phrase's words apart, a title's word anywhere
	Beginning HintKind = "beginning" // all words that begin so
	Wider     HintKind = "wider"     // outside of the channel's scope too
	Without   HintKind = "without"   // one term less
	Narrower  HintKind = "narrower"  // one condition more
)

// What counts for hints.
const (
	RareWord    = 10  // papers: a word with more is no typing error
	knownWord   = 3   // papers: a word with less is none to propose
	typoCosts   = 100 // a word that is one error nearer counts like one with so many times as many papers
	oftenEnough = 50  // another spelling that finds less than a fiftieth of what the topic finds is a trifle
	maxHints    = 4
)

// Instead are other ways to ask what found nothing, those first that are likeliest
// meant, at most maxHints. Each was tried.
func (r *Reader) Instead(ctx context.Context, q core.Query) ([]Hint, error) {
	spelt, err := r.Spelling(ctx, q)
	if err != nil {
		return nil, err
	}
	var hints []Hint
	try := func(h Hint, q core.Query) error {
		if len(hints) >= maxHints || len(q.Topic.Clauses) == 0 {
			return nil
		}
		found, err := r.count(ctx, q)
		if h.Topic, h.Since, h.Found = q.Topic, q.Since, found; found > 0 {
			hints = append(hints, h)
		}
		return err
	}
	written, err := r.variants(ctx, q.Topic, true)
	if err != nil {
		return nil, err
	}
	for _, v := range written {
		if err := try(Hint{Kind: Written, Word: v.word}, with(q, v.topic)); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(hints, func(a, b Hint) int { return b.Found - a.Found })
	hints = hints[:min(len(hints), 2)]
	if len(spelt) > 0 && len(hints) > 0 && hints[0].Found*oftenEnough > spelt[0].Found {
		spelt = nil // ecommerce is e-commerce, and not commerce
	}
	if hints = slices.Concat(spelt, hints); len(spelt) > 0 {
		return hints, nil // else of a word that nobody writes
	}
	if !q.Since.IsZero() {
		earlier := q
		for _, days := range []int{30, 90, 365, 0} {
			if earlier.Since = ""; days > 0 {
				earlier.Since = core.DateOf(r.Now()).AddDays(-days)
			}
			n := len(hints)
			if earlier.Since < q.Since {
				if err := try(Hint{Kind: Earlier}, earlier); err != nil {
					return nil, err
				}
			}
			if len(hints) > n {
				break
			}
		}
	}
	if loose := loosened(q.Topic); loose.String() != q.Topic.String() {
		if err := try(Hint{Kind: Loose}, with(q, loose)); err != nil {
			return nil, err
		}
	}
	if wide, word := widened(q.Topic); word != "" {
		if err := try(Hint{Kind: Beginning, Word: word}, with(q, wide)); err != nil {
			return nil, err
		}
	}
	if !q.Topic.HasCat() && len(q.Scope.Patterns) > 0 {
		if err := try(Hint{Kind: Wider, Word: "cat:*"}, with(q, edited(q.Topic, func(c topic.Clause) []string { return append(c.Terms(), "cat:*") }))); err != nil {
			return nil, err
		}
	}
	if len(q.Topic.Clauses) == 1 {
		best := Hint{}
		for i, term := range q.Topic.Clauses[0] {
			less := with(q, edited(q.Topic, func(c topic.Clause) []string { return slices.Delete(c.Terms(), i, i+1) }))
			if len(less.Topic.Clauses) == 0 || !slices.ContainsFunc(less.Topic.Clauses[0], func(t topic.Term) bool { return !t.Not && len(t.Words) > 0 }) {
				continue // without its only word it is another question
			}
			found, err := r.count(ctx, less)
			if err != nil {
				return nil, err
			}
			if found > 0 && (best.Found == 0 || found < best.Found) { // what leaves most of what was asked
				best = Hint{Kind: Without, Topic: less.Topic, Since: less.Since, Word: term.String(), Found: found}
			}
		}
		if best.Found > 0 && len(hints) < maxHints {
			hints = append(hints, best)
		}
	}
	return hints, nil
}

// Spelling is the query with words put right that hardly a paper has, where that
// finds much more: none or one hint.
func (r *Reader) Spelling(ctx context.Context, q core.Query) ([]Hint, error) {
	type typo struct{ near []string }
	typos := map[topic.Field]map[string]typo{} // by field and word
	most := 0
	for _, c := range q.Topic.Clauses {
		for _, term := range c {
			if term.Not || term.Prefix || len(term.Words) == 0 {
				continue
			}
			field := where(term.Field)
			for _, w := range term.Words {
				if _, done := typos[field][w]; done {
					continue
				}
				near, err := r.nearWords(ctx, field, w)
				if err != nil {
					return nil, err
				}
				if typos[field] == nil {
					typos[field] = map[string]typo{}
				}
				typos[field][w] = typo{near}
				most = max(most, len(near))
			}
		}
	}
	// All words' nearest, else all words' next ones.
	for n := range most {
		var right []string
		correct := edited(q.Topic, func(c topic.Clause) (out []string) {
			for _, term := range c {
				words := slices.Clone(term.Words)
				for i, w := range words {
					if near := typos[where(term.Field)][w].near; !term.Not && !term.Prefix && len(near) > 0 {
						words[i] = near[min(n, len(near)-1)]
						if !slices.Contains(right, words[i]) {
							right = append(right, words[i])
						}
					}
				}
				if slices.Equal(words, term.Words) {
					out = append(out, term.String())
				} else {
					out = append(out, written(term, words))
				}
			}
			return out
		})
		for _, since := range slices.Compact([]core.Date{q.Since, ""}) {
			try := with(q, correct)
			try.Since = since
			if len(correct.Clauses) == 0 {
				continue
			}
			found, err := r.count(ctx, try)
			if err != nil {
				return nil, err
			}
			if found > 0 {
				return []Hint{{Kind: Spelling, Topic: correct, Since: since, Word: strings.Join(right, " "), Found: found}}, nil
			}
		}
	}
	return nil, nil
}

// nearWords are words that may have been meant by one that hardly a paper has,
// the likeliest first, at most 3; none for a word that is known.
func (r *Reader) nearWords(ctx context.Context, field topic.Field, w string) ([]string, error) {
	letters := []rune(w)
	if len(letters) < 4 || !slices.ContainsFunc(letters, unicode.IsLetter) {
		return nil, nil // too short to tell an error from another word
	}
	have, err := r.Store.Vocabulary(ctx, field, "", []string{w})
	if err != nil || have[w] > RareWord {
		return nil, err
	}
	known, err := r.Store.Vocabulary(ctx, field, string(letters[0]), otherBeginnings(letters))
	if err != nil {
		return nil, err
	}
	atLeast := knownWord
	if field == topic.Author {
		atLeast = 1
	}
	errors := 1
	if len(letters) > 5 {
		errors = 2
	}
	weight := map[string]float64{}
	for k, papers := range known {
		if n := utf8.RuneCountInString(k); papers < max(atLeast, have[w]*typoCosts) || n > len(letters)+errors || n < len(letters)-errors {
			continue
		}
		if field == topic.Author && !slices.Equal(names.Words(k), []string{k}) {
			continue // a key of more than one word of a name
		}
		if d := text.Distance(w, k); d > 0 && d <= errors {
			if single(w) == single(k) { // diffusion, difusion: the commonest error of all
				d = 0
			}
			weight[k] = math.Log(float64(papers)) - float64(d)*math.Log(typoCosts)
		}
	}
	near := make([]string, 0, len(weight))
	for k := range weight {
		near = append(near, k)
	}
	slices.SortFunc(near, func(a, b string) int { return cmp.Or(cmp.Compare(weight[b], weight[a]), strings.Compare(a, b)) })
	return near[:min(len(near), 3)], nil
}

// single is a word without its doubled letters.
func single(w string) string { return string(slices.Compact([]rune(w))) }

// otherBeginnings are the words that differ from w by one error at its beginning.
func otherBeginnings(w []rune) []string {
	out := []string{string(w[1:]), string(w[1]) + string(w[0]) + string(w[2:])}
	for c := 'a'; c <= 'z'; c++ {
		out = append(out, string(c)+string(w), string(c)+string(w[1:]))
	}
	return out
}

// Written are the topic with its words as they are written too, pretraining for
// pre-training and the other way round, where that finds more than a trifle.
func (r *Reader) Written(ctx context.Context, q core.Query) ([]Hint, error) {
	vs, err := r.variants(ctx, q.Topic, false)
	if err != nil || len(vs) == 0 {
		return nil, err
	}
	all, err := r.count(ctx, q)
	if err != nil {
		return nil, err
	}
	var hints []Hint
	for _, v := range vs {
		alone, err := r.count(ctx, with(q, v.topic))
		if err != nil {
			return nil, err
		}
		if alone < knownWord || alone*oftenEnough < all {
			continue
		}
		both, err := topic.Parse(q.Topic.String() + " | " + v.topic.String())
		if err == nil && both.String() != q.Topic.String() {
			hints = append(hints, Hint{Kind: Written, Topic: both, Since: q.Since, Word: v.word, Found: alone})
		}
	}
	slices.SortStableFunc(hints, func(a, b Hint) int { return b.Found - a.Found })
	return hints[:min(len(hints), 1)], nil
}

// variant is a topic of which one term is written otherwise.
type variant struct {
	topic topic.Topic
	word  string // as one types it: pre-training
}

// variants are a topic's, of all clauses at once: words together that stand apart,
// and a word apart. Only words that papers have are tried.
func (r *Reader) variants(ctx context.Context, t topic.Topic, any bool) (out []variant, err error) {
	atLeast := knownWord
	if any {
		atLeast = 1
	}
	for _, c := range t.Clauses {
		for _, term := range c {
			if term.Not || term.Prefix || len(term.Words) == 0 || term.Field == topic.Author {
				continue
			}
			var others [][]string
			if len(term.Words) == 1 {
				letters := []rune(term.Words[0])
				var halves []string
				for i := 1; i < len(letters); i++ {
					halves = append(halves, string(letters[:i]), string(letters[i:]))
				}
				known, err := r.Store.Vocabulary(ctx, term.Field, "", halves)
				if err != nil {
					return nil, err
				}
				for i := 0; i < len(halves); i += 2 {
					if a, b := halves[i], halves[i+1]; known[a] >= atLeast && known[b] >= atLeast {
						others = append(others, []string{a, b})
					}
				}
				rarer := func(w []string) int { return min(known[w[0]], known[w[1]]) }
				slices.SortStableFunc(others, func(a, b []string) int { return rarer(b) - rarer(a) })
				others = others[:min(len(others), 6)]
			} else {
				var joined []string
				for i := range len(term.Words) - 1 {
					joined = append(joined, term.Words[i]+term.Words[i+1])
				}
				known, err := r.Store.Vocabulary(ctx, term.Field, "", append(joined, strings.Join(term.Words, "")))
				if err != nil {
					return nil, err
				}
				for i, w := range joined {
					if known[w] >= atLeast {
						others = append(others, slices.Concat(term.Words[:i], []string{w}, term.Words[i+2:]))
					}
				}
				if w := strings.Join(term.Words, ""); len(term.Words) > 2 && known[w] >= atLeast {
					others = append(others, []string{w})
				}
			}
			for _, words := range others {
				other := edited(t, func(c topic.Clause) (out []string) {
					for _, have := range c {
						if !have.Not && !have.Prefix && slices.Equal(have.Words, term.Words) && have.Field != topic.Author {
							out = append(out, written(have, words))
						} else {
							out = append(out, have.String())
						}
					}
					return out
				})
				same := func(v variant) bool { return v.topic.String() == other.String() }
				if len(other.Clauses) > 0 && other.String() != t.String() && !slices.ContainsFunc(out, same) {
					out = append(out, variant{other, strings.Join(words, "-")})
				}
			}
		}
	}
	return out, nil
}

// Less are conditions with which a forecast's topic brings less, at most 3: first
// those that bring at most most a weekday, the mildest first. Each was tried.
func (r *Reader) Less(ctx context.Context, f Forecast, most int) ([]Hint, error) {
	t := f.query.Topic
	type condition struct {
		word  string
		topic topic.Topic
	}
	add := func(word string) condition {
		return condition{word, edited(t, func(c topic.Clause) []string { return append(c.Terms(), word) })}
	}
	tries := []condition{{"title:", edited(t, func(c topic.Clause) (out []string) {
		for _, term := range c {
			if term.Field == topic.Any && !term.Not {
				term.Field = topic.Title
				out = append(out, written(term, term.Words))
			} else {
				out = append(out, term.String())
			}
		}
		return out
	})}}
	if !t.HasCat() {
		best := ""
		for cat, n := range f.Found.Primary {
			if cat != "" && (n > f.Found.Primary[best] || n == f.Found.Primary[best] && cat < best) {
				best = cat
			}
		}
		if best != "" {
			tries = append(tries, add("cat:"+best))
		}
	}
	if !strings.Contains(t.String(), "min:") {
		tries = append(tries, add("min:5"), add("min:20"))
	}
	if !strings.Contains(t.String(), "has:") {
		tries = append(tries, add("has:code"))
	}
	var hints []Hint
	for _, try := range tries {
		if len(try.topic.Clauses) == 0 || try.topic.String() == t.String() {
			continue
		}
		found, err := r.count(ctx, with(f.query, try.topic))
		if err != nil {
			return nil, err
		}
		if found > 0 && found*4 <= f.Found.Total*3 {
			hints = append(hints, Hint{Kind: Narrower, Topic: try.topic, Since: f.query.Since, Word: try.word, Found: found})
		}
	}
	few := func(h Hint) bool { return h.Found <= most*f.Weekdays }
	slices.SortStableFunc(hints, func(a, b Hint) int {
		switch {
		case few(a) != few(b):
			if few(a) {
				return -1
			}
			return 1
		case few(a):
			return b.Found - a.Found
		}
		return a.Found - b.Found
	})
	return hints[:min(len(hints), 3)], nil
}

// Unknown is a name in a topic that nobody knows.
type Unknown struct {
	Field topic.Field // Cat or Source
	Value string
	Near  []string // of a Source: the known ones, the nearest first where one is near
}

// Unknown finds a category that arXiv does not have, or a source that is not
// asked, and of which there is no paper either; ok is false where all are known.
func (r *Reader) Unknown(ctx context.Context, t topic.Topic) (u Unknown, ok bool, err error) {
	if u, ok, err = r.UnknownCategory(ctx, t.Named(topic.Cat)); ok || err != nil {
		return u, ok, err
	}
	values := t.Named(topic.Source)
	if len(values) == 0 {
		return u, false, nil
	}
	states, err := r.Store.SourceStates(ctx)
	if err != nil {
		return u, false, err
	}
	known := []string{"hf", "arxiv"}
	for _, s := range states {
		if name := topic.SourceName(s.Source); !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	for _, v := range values {
		if slices.Contains(known, v) {
			continue
		}
		if has, err := r.has(ctx, topic.Term{Field: topic.Source, Value: v}); has || err != nil {
			return u, false, err
		}
		slices.SortStableFunc(known, func(a, b string) int { return text.Distance(v, a) - text.Distance(v, b) })
		if text.Distance(v, known[0]) <= 1+utf8.RuneCountInString(v)/4 || strings.HasPrefix(known[0], v) {
			known = known[:1]
		}
		return Unknown{topic.Source, v, known}, true, nil
	}
	return u, false, nil
}

// UnknownCategory is Unknown for categories and patterns of them, as a scope has.
func (r *Reader) UnknownCategory(ctx context.Context, patterns []string) (Unknown, bool, error) {
	for _, v := range patterns {
		if topic.CategoryKnown(v) {
			continue
		}
		if has, err := r.has(ctx, topic.Term{Field: topic.Cat, Value: v}); err != nil || !has {
			return Unknown{Field: topic.Cat, Value: v}, err == nil, err
		}
	}
	return Unknown{}, false, nil
}

// has reports whether any paper is so.
func (r *Reader) has(ctx context.Context, t topic.Term) (bool, error) {
	n, err := r.count(ctx, core.Query{Topic: topic.Topic{Clauses: []topic.Clause{{t}}}})
	return n > 0, err
}

// count is how many papers a query selects, core.Countable and one where there are
// more than can be counted.
func (r *Reader) count(ctx context.Context, q core.Query) (int, error) {
	q.Limit = 0
	found, err := r.find(ctx, q)
	if found.More {
		found.Total++
	}
	return found.Total, err
}

func with(q core.Query, t topic.Topic) core.Query {
	q.Topic = t
	return q
}

// where is where the words of a field are counted.
func where(f topic.Field) topic.Field {
	if f == topic.Author {
		return f
	}
	return topic.Any
}

// edited is the topic with each clause's terms as edit writes them; zero where
// that is no topic.
func edited(t topic.Topic, edit func(topic.Clause) []string) topic.Topic {
	out, err := t.Edit(edit)
	if err != nil {
		return topic.Topic{}
	}
	return out
}

// written is the term with other words.
func written(t topic.Term, words []string) string {
	s := strings.Join(words, " ")
	switch {
	case len(words) > 1:
		s = `"` + s + `"`
	case t.Prefix:
		s += "*"
	}
	if t.Field != topic.Any {
		s = string(t.Field) + ":" + s
	}
	return s
}

// loosened has its phrases' words apart and title: and abstract: anywhere.
func loosened(t topic.Topic) topic.Topic {
	return edited(t, func(c topic.Clause) (out []string) {
		for _, term := range c {
			if term.Not || len(term.Words) == 0 || term.Field == topic.Author {
				out = append(out, term.String())
				continue
			}
			term.Field = topic.Any
			for _, w := range term.Words {
				out = append(out, written(term, []string{w}))
			}
		}
		return out
	})
}

// widened has its first long word as the beginning of words; word is that.
func widened(t topic.Topic) (wide topic.Topic, word string) {
	wide = edited(t, func(c topic.Clause) (out []string) {
		for _, term := range c {
			if letters := utf8.RuneCountInString(term.Text); word == "" && !term.Not && !term.Prefix && len(term.Words) == 1 && term.Field == topic.Any && letters > 5 {
				word = string([]rune(term.Words[0])[:letters-2]) + "*"
				out = append(out, word)
				continue
			}
			out = append(out, term.String())
		}
		return out
	})
	if len(wide.Clauses) == 0 {
		word = ""
	}
	return wide, word
}
