package query

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/rank"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// How many papers are looked at for an answer: depth times as many where more than
// deepMost are asked for, and of those that are near to the best answers too.
const (
	nearMost     = 500 // nearest in meaning
	readMost     = 500 // with all the words, whose meaning is compared
	tellingMost  = 500 // with one telling word …
	tellingRead  = 200 // … whose meaning is compared
	tellingWords = 3   // of a question, whose papers are looked at
	deepMost     = 100
	bestMost     = 15  // answers that say where others like them are
	alikeMost    = 100 // as good as asked for, where the order is another than the best first
	firstMost    = 50  // papers with all the words that come first whatever else is near
)

func depth(q core.Query) int {
	if q.Limit > deepMost {
		return 4
	}
	return 1
}

// What a word's idf says: one paper of twenty has a telling one, and more than a
// third of all one that says nothing.
const (
	telling = 3
	saying  = 1
)

// What is near enough, as meaning.Model.AlikeWords says: the nearest tenth of all
// papers is not far off what was asked, a thousandth is about it.
const (
	nearEnough = 20
	almost     = 40
	about      = 60
)

// says: the words say what v is about, so much at least. A word that stands in papers
// of all kinds, as "again" and "giving" do, is far from each of them; one that the model
// does not know says what its letters say.
func says(words []string, v meaning.Vector, least int) bool {
	model := meaning.Builtin()
	w := model.Text(words)
	return w == nil || model.AlikeWords(v.Cosine(w)) >= least
}

// Search is what a topic finds, and of plain words also what is near in meaning. In
// the order of SortBest, words and meaning count both. A few papers with all of the
// words come first. In another order plain words are those papers, and as many of
// the nearest as make alikeMost.
func (r *Reader) Search(ctx context.Context, q core.Query) (core.Found, error) {
	switch {
	case q.Limit <= 0, len(q.Topic.Likes()) > 0:
		return r.find(ctx, q)
	case len(q.Plain) > 0:
		return r.plain(ctx, q)
	case q.Sort == core.SortBest || q.Sort == "":
		return r.exact(ctx, q)
	}
	return r.Store.Search(ctx, q)
}

// exact ranks what the query selects, the newest of it where that is much.
func (r *Reader) exact(ctx context.Context, q core.Query) (core.Found, error) {
	var words []string
	model := meaning.Builtin()
	for _, c := range q.Topic.Clauses {
		for _, t := range c {
			if !t.Not && t.Field != topic.Author && (!t.Prefix || model.Text(t.Words) != nil) {
				words = append(words, t.Words...)
			}
		}
	}
	if len(words) == 0 {
		return r.Store.Search(ctx, q)
	}
	all, more, err := r.Store.Matching(ctx, q, core.Countable)
	if err != nil {
		return core.Found{}, err
	}
	found := counted(all, more)
	a, asked := answers{words: rank.NewWords(model, words)}, model.Text(words)
	a.addWorded(all, asked, depth(q)*readMost)
	if err := a.rank(ctx, r, asked); err != nil {
		return found, err
	}
	if err := a.embed(ctx, r, func() meaning.Vector { return r.embedded(ctx, strings.Join(words, " ")) }); err != nil {
		return found, err
	}
	found.Hits, err = a.hits(ctx, r, q)
	return found, err
}

// plain understands words: papers that have all of them, that have a telling one,
// that are near in meaning, and that are near to the best of those.
func (r *Reader) plain(ctx context.Context, q core.Query) (core.Found, error) {
	q.Topic = contentWords(q.Topic)
	sorted := q.Sort != core.SortBest && q.Sort != ""
	if sorted {
		_, enough, err := r.Store.Matching(ctx, q, alikeMost-1)
		if err != nil {
			return core.Found{}, err
		}
		if enough {
			found, err := r.Store.Search(ctx, q)
			found.Ranked = found.Total
			for i := range found.Hits {
				found.Hits[i].Why = core.Because{All: true, Has: distinctWords(q.Plain)}
			}
			return found, err
		}
	}
	model := meaning.Builtin()
	within := q
	within.Topic = FieldsOf(q.Topic)
	asked := model.Text(q.Plain)
	var all []core.Match
	var more bool
	var telling [tellingWords][]core.Match
	var near []core.Near
	asks, asking := errgroup.WithContext(ctx) // what each takes is of the same size
	asks.Go(func() (err error) {
		all, more, err = r.Store.Matching(asking, q, core.Countable)
		return err
	})
	asks.Go(func() (err error) {
		for i, w := range tellingOf(q.Plain) {
			one := within
			one.Topic = topic.Topic{Clauses: []topic.Clause{{{Words: []string{w}}}}}
			if len(within.Topic.Clauses) > 0 {
				one.Topic.Clauses[0] = append(one.Topic.Clauses[0], within.Topic.Clauses[0]...)
			}
			if telling[i], _, err = r.Store.Matching(asking, one, tellingMost); err != nil {
				return err
			}
		}
		return nil
	})
	asks.Go(func() (err error) {
		if asked != nil {
			near, err = r.Store.Nearest(asking, asked, within, depth(q)*nearMost)
		}
		return err
	})
	if err := asks.Wait(); err != nil {
		return core.Found{}, err
	}
	found := counted(all, more)
	a := answers{words: rank.NewWords(model, q.Plain)}
	a.addWorded(all, asked, depth(q)*readMost)
	if found.Total <= firstMost {
		a.first = found.Total
	}
	for _, some := range telling {
		a.addWorded(some, asked, depth(q)*tellingRead)
	}
	words := len(a.seqs) // those have all words, or a telling one
	a.addNear(near)
	if err := a.rank(ctx, r, asked); err != nil {
		return found, err
	}
	v := a.feedback(asked)
	if asked == nil || q.Limit > deepMost { // else what is near to the best is near to the question
		near, err := r.Store.Nearest(ctx, v, within, depth(q)*nearMost)
		if err != nil {
			return found, err
		}
		a.addNear(near)
	}
	if err := a.rank(ctx, r, v); err != nil {
		return found, err
	}
	alike := func(i int) int {
		if asked == nil { // there are only papers to be like
			return model.Alike(v.Cosine(a.vectors[i])) - nearEnough // which two papers are sooner
		}
		return model.AlikeWords(asked.Cosine(a.vectors[i]))
	}
	a.ranked = slices.DeleteFunc(a.ranked, func(i int) bool {
		return sorted && i >= found.Total && alike(i) < about || i >= words && alike(i) < nearEnough
	})
	if sorted {
		a.ranked = a.ranked[:min(alikeMost, len(a.ranked))]
	}
	if err := a.embed(ctx, r, func() meaning.Vector { return r.embedded(ctx, strings.Join(q.Plain, " ")) }); err != nil {
		return found, err
	}
	found.Ranked = len(a.ranked)
	var err error
	if sorted {
		found.Hits, err = a.sorted(ctx, r, q)
	} else {
		found.Hits, err = a.hits(ctx, r, q)
	}
	because(found.Hits, q, v)
	return found, err
}

// functionWords make sentences of other words. Which of them a paper has says nothing
// of it, and to look them up takes longest, as nearly all have them.
var functionWords = strings.Fields("a an and are as at by for from how in into is of on or our that the this to via we what with")

// contentWords is a plain search without its function words, where there are others.
func contentWords(t topic.Topic) topic.Topic {
	clause := slices.DeleteFunc(slices.Clone(t.Clauses[0]), func(t topic.Term) bool {
		return t.Field == topic.Any && len(t.Words) == 1 && slices.Contains(functionWords, t.Words[0])
	})
	if !slices.ContainsFunc(clause, func(t topic.Term) bool { return t.Field == topic.Any }) {
		return t
	}
	return topic.Topic{Clauses: []topic.Clause{clause}}
}

// tellingOf are the most telling of some words.
func tellingOf(words []string) []string {
	model := meaning.Builtin()
	known := slices.DeleteFunc(distinctWords(words), func(w string) bool { return model.IDF(model.Term(w)) < telling })
	slices.SortStableFunc(known, func(a, b string) int {
		return cmp.Compare(model.IDF(model.Term(b)), model.IDF(model.Term(a)))
	})
	return known[:min(tellingWords, len(known))]
}

// counted is what is known of matches before they are put in order.
func counted(all []core.Match, more bool) core.Found {
	found := core.Found{Total: len(all), More: more, Primary: map[string]int{}}
	for _, m := range all {
		found.Primary[m.Primary]++
	}
	return found
}

// answers are the papers that may answer a question, each once.
type answers struct {
	seqs    []core.Seq
	at      map[core.Seq]int
	far     map[core.Seq]bool // which are not read
	words   rank.Words
	bm25    []float64 // of those that have been asked for, by the words
	vectors []meaning.Vector
	first   int // so many of seqs come before all others
	scores  []float64
	ranked  []int // places among seqs, the best first
}

func (a *answers) add(seq core.Seq) {
	if a.at == nil {
		a.at = map[core.Seq]int{}
	}
	if _, had := a.at[seq]; !had {
		a.at[seq] = len(a.seqs)
		a.seqs = append(a.seqs, seq)
	}
}

// addWorded adds papers that have words. Of more than most those are read whose codes
// are most like what is asked, where the model knows that: as they have the words
// alike, the best are among them. The others come last.
func (a *answers) addWorded(matches []core.Match, asked meaning.Vector, most int) {
	var fresh []core.Match
	for _, m := range matches {
		if _, had := a.at[m.Seq]; !had {
			fresh = append(fresh, m)
		}
		a.add(m.Seq)
	}
	if len(fresh) <= most || asked == nil || !a.words.Known() {
		return
	}
	weights, keys := meaning.Weigh(asked), make([]int64, len(fresh))
	for i, m := range fresh {
		keys[i] = weights.Key(m.Code, int64(m.Seq))
	}
	slices.Sort(keys)
	if a.far == nil {
		a.far = map[core.Seq]bool{}
	}
	for _, k := range keys[:len(keys)-most] {
		a.far[core.Seq(meaning.Numbered(k))] = true
	}
}

// addNear adds what is nearest to a direction.
func (a *answers) addNear(near []core.Near) {
	for _, n := range near {
		if n.Alike > 0 {
			a.add(n.Seq)
			delete(a.far, n.Seq)
		}
	}
}

// rank orders them, the best first, of equals the newest.
func (a *answers) rank(ctx context.Context, r *Reader, v meaning.Vector) error {
	if err := a.read(ctx, r); err != nil {
		return err
	}
	a.scores = rank.Search(a.words, v, a.bm25, a.vectors)
	a.ranked = a.ranked[:0]
	var far []int
	for i, seq := range a.seqs {
		if a.far[seq] {
			far = append(far, i)
		} else {
			a.ranked = append(a.ranked, i)
		}
	}
	a.sort()
	a.ranked = append(a.ranked, far...)
	return nil
}

// read reads what is compared of those that have not been asked for: half of it by a
// second reader, as they lie far apart.
func (a *answers) read(ctx context.Context, r *Reader) error {
	unread := a.seqs[len(a.vectors):]
	a.bm25 = append(a.bm25, make([]float64, len(unread))...)
	a.vectors = append(a.vectors, make([]meaning.Vector, len(unread))...)
	var seqs []core.Seq
	for _, seq := range unread {
		if !a.far[seq] {
			seqs = append(seqs, seq)
		}
	}
	halves, ctx := errgroup.WithContext(ctx)
	for half := range slices.Chunk(seqs, max(1, (len(seqs)+1)/2)) {
		halves.Go(func() error {
			features, err := r.Store.Features(ctx, half)
			for _, seq := range half {
				f, at := features[seq], a.at[seq]
				a.bm25[at], a.vectors[at] = a.words.BM25(f.Bag), f.Vector
			}
			return err
		})
	}
	return halves.Wait()
}

// sort sorts what is ranked by its scores.
func (a *answers) sort() {
	for i := range a.first {
		a.scores[i] += rank.MostScore
	}
	slices.SortFunc(a.ranked, func(i, j int) int {
		return cmp.Or(cmp.Compare(a.scores[j], a.scores[i]), cmp.Compare(a.seqs[j], a.seqs[i]))
	})
}

// embed sorts what is ranked by the vectors of an endpoint, where one is set that has
// seen nearly all of it and says what was asked.
func (a *answers) embed(ctx context.Context, r *Reader, asked func() meaning.Vector) error {
	if r.Embedder == nil || len(a.seqs) == 0 {
		return nil
	}
	of, err := r.Store.Embeddings(ctx, r.Embedder.Name(), a.seqs)
	if err != nil || 10*len(of) < 9*len(a.seqs) {
		return err
	}
	v := asked()
	if v == nil {
		return nil
	}
	vectors := make([]meaning.Vector, len(a.seqs))
	for i, seq := range a.seqs {
		vectors[i] = of[seq]
	}
	a.scores = rank.Search(a.words, v, a.bm25, vectors)
	a.sort()
	return nil
}

// embedPatience is how long an answer waits for an endpoint to say what was asked.
const embedPatience = 1500 * time.Millisecond

// embedded is what an endpoint says of words; nil where it does not say it in time.
// What it said last is remembered.
func (r *Reader) embedded(ctx context.Context, words string) meaning.Vector {
	const most = 256
	r.mu.Lock()
	v, known := r.asked[words]
	r.mu.Unlock()
	if known {
		return v
	}
	ctx, cancel := context.WithTimeout(ctx, embedPatience)
	defer cancel()
	vectors, err := r.Embedder.Embed(ctx, []string{words})
	if err != nil {
		return nil // whoever embeds papers says so in the log
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked == nil || len(r.asked) >= most {
		r.asked = map[string]meaning.Vector{}
	}
	r.asked[words] = vectors[0]
	return vectors[0]
}

// feedback is the direction, moved towards the best answers.
func (a *answers) feedback(v meaning.Vector) meaning.Vector {
	var best []meaning.Vector
	for _, i := range a.ranked[:min(bestMost, len(a.ranked))] {
		best = append(best, a.vectors[i])
	}
	return rank.Feedback(v, best)
}

// hits are those of the query's page.
func (a *answers) hits(ctx context.Context, r *Reader, q core.Query) ([]core.Hit, error) {
	from := min(q.Offset, len(a.ranked))
	page := a.ranked[from:min(from+q.Limit, len(a.ranked))]
	seqs := make([]core.Seq, len(page))
	for n, i := range page {
		seqs[n] = a.seqs[i]
	}
	papers, err := r.Store.PapersBySeq(ctx, seqs)
	hits := make([]core.Hit, len(papers))
	for n, p := range papers {
		hits[n] = core.Hit{Paper: p, Score: a.scores[a.at[p.Seq]]}
	}
	return hits, err
}

// sorted are those of the page where all answers stand in another order.
func (a *answers) sorted(ctx context.Context, r *Reader, q core.Query) ([]core.Hit, error) {
	hits, err := a.hits(ctx, r, core.Query{Limit: len(a.ranked)})
	if err != nil {
		return nil, err
	}
	for i := range hits {
		hits[i].Score = 0
	}
	if q.Sort == core.SortNew {
		slices.SortFunc(hits, newest)
	} else if err := r.top(ctx, q.Channel, hits); err != nil {
		return nil, err
	}
	from := min(q.Offset, len(hits))
	return hits[from:min(from+q.Limit, len(hits))], nil
}

// newest is the order of SortNew.
func newest(a, b core.Hit) int {
	return cmp.Or(cmp.Compare(b.Paper.Day, a.Paper.Day), cmp.Compare(b.Paper.Seq, a.Paper.Seq))
}

// best is the order of SortBest.
func best(a, b core.Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), newest(a, b)) }

// top puts papers into the order of SortTop, by the votes that a channel ever gave
// (0: by everybody's).
func (r *Reader) top(ctx context.Context, channel int64, hits []core.Hit) error {
	err := r.counted(ctx, channel, hits)
	slices.SortFunc(hits, mostVoted)
	return err
}

// mostVoted is the order of SortTop by the votes that hits have.
func mostVoted(a, b core.Hit) int {
	key := func(h *core.Hit) rank.TopKey {
		return rank.TopKey{Votes: h.Votes, Upvotes: h.Paper.Upvotes, Day: string(h.Paper.Day), ID: string(h.Paper.ID)}
	}
	return rank.CompareTop(key(&a), key(&b))
}

// How similar papers are found: they have one of the paper's most telling words, or are
// near in meaning.
const (
	ownWords       = 25 // of a paper, which it is asked for by
	ownTelling     = 12 // the most telling of them
	nearCandidates = 400
	similarMost    = 1000 // nearest in meaning
	nearest        = 20
)

// Nearest are the papers most like p, the nearest first: its own words and its
// direction are the question.
func (r *Reader) Nearest(ctx context.Context, p *core.Paper) ([]core.Paper, error) {
	doc, model := p.Doc(), meaning.Builtin()
	read := model.Read(doc.Title, doc.Abstract)
	if kept, err := r.Store.Features(ctx, []core.Seq{p.Seq}); err != nil {
		return nil, err
	} else if f, ok := kept[p.Seq]; ok {
		read = f
	}
	words := rank.Telling(model, slices.Concat(text.Terms(doc.Title), text.Terms(doc.Abstract)), ownWords)
	var any topic.Topic
	for _, w := range words[:min(ownTelling, len(words))] {
		any.Clauses = append(any.Clauses, topic.Clause{{Words: text.Words(w)}})
	}
	a := answers{at: map[core.Seq]int{p.Seq: -1}, words: rank.NewWords(meaning.Builtin(), words)} // not itself
	if len(any.Clauses) > 0 {
		some, _, err := r.Store.Matching(ctx, core.Query{Topic: any}, nearCandidates)
		if err != nil {
			return nil, err
		}
		for _, m := range some {
			a.add(m.Seq)
		}
	}
	sharing := len(a.seqs)
	near, err := r.Store.Nearest(ctx, read.Vector, core.Query{}, similarMost)
	if err != nil {
		return nil, err
	}
	a.addNear(near)
	if err := a.rank(ctx, r, read.Vector); err != nil {
		return nil, err
	}
	a.ranked = slices.DeleteFunc(a.ranked, func(i int) bool {
		return i >= sharing && model.Alike(read.Vector.Cosine(a.vectors[i])) < nearEnough
	})
	if err := a.embed(ctx, r, func() meaning.Vector {
		own, _ := r.Store.Embeddings(ctx, r.Embedder.Name(), []core.Seq{p.Seq})
		return own[p.Seq]
	}); err != nil {
		return nil, err
	}
	hits, err := a.hits(ctx, r, core.Query{Limit: nearest})
	papers := make([]core.Paper, len(hits))
	for i, h := range hits {
		papers[i] = h.Paper
	}
	return papers, err
}

// nearWords is how many words of a paper say why it is near in meaning.
const nearWords = 3

// because says of each hit why plain words found it, whose direction is v.
func because(hits []core.Hit, q core.Query, v meaning.Vector) {
	model := meaning.Builtin()
	asked := distinctWords(q.Plain)
	asks := model.Text(q.Plain)
	if asks == nil {
		asks = v
	}
	for i := range hits {
		doc, why := hits[i].Paper.Doc(), &hits[i].Why
		_, why.All = q.Topic.Match(doc)
		own := distinctWords(slices.Concat(doc.Title, doc.Abstract))
		for _, w := range asked {
			if slices.Contains(own, w) {
				why.Has = append(why.Has, w)
			}
		}
		if says := func(w string) bool { return model.IDF(model.Term(w)) >= saying }; slices.ContainsFunc(why.Has, says) {
			why.Has = slices.DeleteFunc(why.Has, func(w string) bool { return !says(w) })
		}
		if why.All {
			continue
		}
		is := direction(doc)
		alike := map[string]float64{}
		own = slices.DeleteFunc(own, func(w string) bool {
			if slices.Contains(asked, w) || !speaks([]string{w}) || model.IDF(model.Term(w)) < telling {
				return true
			}
			alike[w] = v.Cosine(model.Text([]string{w})) * model.IDF(model.Term(w)) // what many papers say is near to much
			return alike[w] <= 0
		})
		slices.SortStableFunc(own, func(a, b string) int { return cmp.Compare(alike[b], alike[a]) })
		telling := slices.DeleteFunc(slices.Clone(own), func(w string) bool { return !says([]string{w}, is, almost) || !says([]string{w}, asks, almost) })
		if len(telling) == 0 && len(why.Has) == 0 { // a poor reason is better than none
			telling = own[:min(1, len(own))]
		}
		why.Near = telling[:min(nearWords, len(telling))]
	}
}

// distinctWords are the words, each at its first place.
func distinctWords(words []string) []string {
	seen := make(map[string]bool, len(words))
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		had := seen[w]
		seen[w] = true
		return had
	})
}

// FieldsOf is what a search of plain words says beside the words.
func FieldsOf(t topic.Topic) topic.Topic {
	var fields topic.Clause
	for _, term := range t.Clauses[0] {
		if term.Field != topic.Any {
			fields = append(fields, term)
		}
	}
	if len(fields) == 0 {
		return topic.Topic{}
	}
	return topic.Topic{Clauses: []topic.Clause{fields}}
}
