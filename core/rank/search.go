package rank

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"paperboy/core/meaning"
)

// Words are the words that somebody asked for, each weighed by how telling it is.
type Words struct {
	terms   []meaning.Term
	weights []float64
	known   float64 // share of the weights whose words the model knows, 0 to 1
}

// NewWords weighs the distinct words of a question.
func NewWords(m *meaning.Model, words []string) (w Words) {
	all, known := 0.0, 0.0
	for _, word := range words {
		t := m.Term(word)
		if slices.Contains(w.terms, t) {
			continue
		}
		idf := m.IDF(t)
		w.terms, w.weights = append(w.terms, t), append(w.weights, idf)
		if all += idf; m.Text([]string{word}) != nil {
			known += idf
		}
	}
	if all > 0 {
		w.known = known / all
	}
	return w
}

// Known reports whether the model knows all of them.
func (w Words) Known() bool { return w.known == 1 }

// BM25's numbers as the literature has them (Robertson and Zaragoza 2009, The
// Probabilistic Relevance Framework, section 3.4); a word of the title counts like so
// many more, as in BM25F (3.6); and how many words a paper of the corpus has, in the mean.
const (
	k1        = 1.2
	b         = 0.75
	titleMore = 2
	meanWords = 190
)

// BM25 is how much a paper says of the words; 0 where it has none.
func (w Words) BM25(bag meaning.Bag) float64 {
	var few [32]float64
	counts := few[:]
	if len(w.terms) > len(few) {
		counts = make([]float64, len(w.terms))
	}
	length, has := 0, false
	for c := range bag.All() {
		length += c.N
		if i := slices.Index(w.terms, c.Term); i >= 0 {
			has = true
			if counts[i] = float64(c.N); c.Title {
				counts[i] += titleMore
			}
		}
	}
	if !has {
		return 0
	}
	damped := k1 * (1 - b + b*float64(length)/meanWords)
	sum := 0.0
	for i, weight := range w.weights {
		sum += weight * counts[i] * (k1 + 1) / (counts[i] + damped)
	}
	return sum
}

// meaningWeight is how much meaning counts beside words, each scaled to its own best.
const meaningWeight = 1.5

// hardly is how much meaning counts, of all of it, where words say all.
const hardly = 0.03

// MostScore is more than any score of Search.
const MostScore = 1 + meaningWeight

// Search is how well each paper answers a question of words, whose direction is v,
// by its BM25 and its vector: words and meaning, each scaled to the best of the
// papers. Of words that the model does not know the direction says nothing, so the
// more of a question they are, the less meaning counts: it only orders equals where
// none is known.
func Search(w Words, v meaning.Vector, bm25 []float64, vectors []meaning.Vector) []float64 {
	scores, alike := slices.Clone(bm25), make([]float64, len(vectors))
	mostWords, mostAlike, vv := 0.0, 0.0, v.Dot(v)
	for i, w := range vectors {
		alike[i] = meaning.Cosine(v.Dot(w), vv, w.Dot(w))
		mostWords, mostAlike = max(mostWords, scores[i]), max(mostAlike, alike[i])
	}
	for i := range scores {
		if mostWords > 0 {
			scores[i] /= mostWords
		}
		if mostAlike > 0 {
			scores[i] += meaningWeight * max(w.known*w.known, hardly) * alike[i] / mostAlike
		}
	}
	return scores
}

// feedbackWeight is how much the question counts beside the middle of its answers.
const feedbackWeight = 1

// Feedback is the question's direction, moved to the middle of those of its best
// answers (Rocchio 1971; that the best are taken for good unseen is
// pseudo-relevance feedback, Manning, Raghavan and Schütze 2008, section 9.1.6).
// Where v is nil, of words that nobody knows, it is that middle.
func Feedback(v meaning.Vector, best []meaning.Vector) meaning.Vector {
	dims := len(v)
	for _, one := range best {
		dims = max(dims, len(one))
	}
	sum := make([]float32, dims)
	add := func(v meaning.Vector, weight float64) {
		length := 0.0
		for _, x := range v {
			length += float64(x) * float64(x)
		}
		if length == 0 || len(v) != len(sum) {
			return
		}
		for i, x := range v {
			sum[i] += float32(float64(x) * weight / math.Sqrt(length))
		}
	}
	add(v, feedbackWeight)
	for _, one := range best {
		add(one, 1/float64(len(best)))
	}
	return meaning.Quantised(sum)
}

// Telling are the most telling words of a text, at most most, by how often it says
// them (damped by the logarithm) and how few papers do: what to ask for when it is
// papers like it that are wanted.
func Telling(m *meaning.Model, words []string, most int) []string {
	said := map[string]int{}
	for _, w := range words {
		said[w]++
	}
	weight := func(w string) float64 { return (1 + math.Log(float64(said[w]))) * m.IDF(m.Term(w)) }
	telling := slices.SortedFunc(maps.Keys(said), func(a, b string) int {
		return cmp.Or(cmp.Compare(weight(b), weight(a)), cmp.Compare(a, b))
	})
	return telling[:min(most, len(telling))]
}
