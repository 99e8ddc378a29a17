package eval

import (
	"cmp"
	"math"
	"slices"
)

// entry is a term of a document, or a document of a term, with its count.
type entry struct{ id, n int32 }

// index is an inverted file of documents by their words, in memory and without any
// cleverness: the yardstick.
type index struct {
	terms    map[string]int32
	postings [][]entry // by term
	docs     [][]entry // by document
	lengths  []float64 // words of each document
	mean     float64   // of the lengths
}

func newIndex(docs [][]string) *index {
	x := &index{terms: map[string]int32{}, docs: make([][]entry, len(docs)), lengths: make([]float64, len(docs))}
	for d, words := range docs {
		counts := map[int32]int32{}
		for _, w := range words {
			t, ok := x.terms[w]
			if !ok {
				t = int32(len(x.postings))
				x.terms[w] = t
				x.postings = append(x.postings, nil)
			}
			counts[t]++
		}
		x.docs[d] = make([]entry, 0, len(counts))
		for t, n := range counts {
			x.docs[d] = append(x.docs[d], entry{t, n})
		}
		slices.SortFunc(x.docs[d], func(a, b entry) int { return cmp.Compare(a.id, b.id) })
		for _, e := range x.docs[d] {
			x.postings[e.id] = append(x.postings[e.id], entry{int32(d), e.n})
		}
		x.lengths[d] = float64(len(words))
		x.mean += float64(len(words)) / float64(len(docs))
	}
	return x
}

// The parameters of BM25 that everybody uses (Robertson and Zaragoza 2009).
const (
	k1 = 1.2
	b  = 0.75
)

func (x *index) idf(t int32) float64 {
	n := float64(len(x.postings[t]))
	return math.Log(1 + (float64(len(x.docs))-n+0.5)/(n+0.5))
}

// query is terms with their weights.
type query map[int32]float64

func (x *index) query(words []string) query {
	q := query{}
	for _, w := range words {
		if t, ok := x.terms[w]; ok {
			q[t]++
		}
	}
	return q
}

// bm25 scores every document that has any of the query's terms.
func (x *index) bm25(q query) []float64 {
	scores := make([]float64, len(x.docs))
	for _, t := range sortedKeys(q) {
		weight := q[t] * x.idf(t)
		for _, p := range x.postings[t] {
			n := float64(p.n)
			scores[p.id] += weight * n * (k1 + 1) / (n + k1*(1-b+b*x.lengths[p.id]/x.mean))
		}
	}
	return scores
}

// RM3's parameters, as in Anserini: the documents and the words of the feedback, and
// the weight of the query as typed.
const (
	feedbackDocs  = 10
	feedbackWords = 20
	queryWeight   = 0.5
)

// rm3 is BM25 with pseudo-relevance feedback by a relevance model (Lavrenko and
// Croft 2001; Abdul-Jaleel et al. 2004): the query is mixed with the words that its
// best documents have in common.
func (x *index) rm3(q query) []float64 {
	scores := x.bm25(q)
	best := top(scores, feedbackDocs)
	total := 0.0
	for _, d := range best {
		total += scores[d]
	}
	if total == 0 {
		return scores
	}
	model := query{}
	for _, d := range best {
		for _, e := range x.docs[d] {
			if len(x.postings[e.id]) < len(x.docs)/10 { // else the words that all texts have come first
				model[e.id] += scores[d] / total * float64(e.n) / x.lengths[d]
			}
		}
	}
	words := sortedKeys(model)
	slices.SortStableFunc(words, func(a, b int32) int { return cmp.Compare(model[b], model[a]) })
	words = words[:min(feedbackWords, len(words))]
	return x.bm25(mixed(q, model, words))
}

func mixed(q, model query, words []int32) query {
	sum, length := 0.0, 0.0
	for _, w := range words {
		sum += model[w]
	}
	for _, t := range sortedKeys(q) {
		length += q[t]
	}
	out := query{}
	for t, n := range q {
		out[t] = queryWeight * n / length
	}
	for _, w := range words {
		out[w] += (1 - queryWeight) * model[w] / sum
	}
	return out
}

// top are the places of the k greatest scores above zero, the greatest first, of
// equals the first.
func top(scores []float64, k int) []int {
	var places []int
	least := 0.0 // what a place is worth a look for
	cut := func() {
		slices.SortFunc(places, func(i, j int) int { return cmp.Or(cmp.Compare(scores[j], scores[i]), cmp.Compare(i, j)) })
		if places = places[:min(k, len(places))]; len(places) == k {
			least = scores[places[k-1]]
		}
	}
	for i, s := range scores {
		if s > least {
			if places = append(places, i); len(places) == 2*k {
				cut()
			}
		}
	}
	cut()
	return places
}

func sortedKeys(q query) []int32 {
	keys := make([]int32, 0, len(q))
	for t := range q {
		keys = append(keys, t)
	}
	slices.Sort(keys)
	return keys
}
