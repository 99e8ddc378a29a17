package rank

import (
	"cmp"
	"math"
	"slices"
)

// Corpus says how common words are: in how many of its papers each occurs.
type Corpus struct {
	Freq   map[string]int // a word that is missing counts as one paper's
	Papers int
}

// idf is how telling a word is, its inverse document frequency (Spärck Jones
// 1972): 0 for a word of every paper.
func (c Corpus) idf(word string) float64 {
	return max(0, math.Log(float64(c.Papers+1)/float64(max(1, c.Freq[word])+1)))
}

// Vector is a paper as likeness sees it: its distinct words, each weighed by
// how telling it is, those of the title twice; of length 1, or empty
// (the vector space model, Salton, Wong and Yang 1975).
type Vector struct {
	words []word // by text, so that sums come out the same every time
}

type word struct {
	text   string
	weight float64
}

func moreTelling(a, b word) int {
	return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.text, b.text))
}

// Vector makes one of the words of a title and an abstract.
func (c Corpus) Vector(title, abstract []string) Vector {
	all := slices.Sorted(slices.Values(slices.Concat(title, abstract)))
	var v Vector
	for _, w := range slices.Compact(all) {
		if idf := c.idf(w); idf > 0 {
			if slices.Contains(title, w) {
				idf *= 2
			}
			v.words = append(v.words, word{w, idf})
		}
	}
	v.normalise()
	return v
}

// normalise makes the length 1.
func (v Vector) normalise() {
	length := math.Sqrt(v.Cosine(v))
	for i := range v.words {
		v.words[i].weight /= length
	}
}

// Cosine is how alike two papers are: 0 without a common word, 1 for the same
// words.
func (v Vector) Cosine(o Vector) float64 {
	sum := 0.0
	for i, j := 0, 0; i < len(v.words) && j < len(o.words); {
		switch a, b := v.words[i], o.words[j]; {
		case a.text < b.text:
			i++
		case a.text > b.text:
			j++
		default:
			sum += a.weight * b.weight
			i++
			j++
		}
	}
	return sum
}

// Paper is a paper to compare.
type Paper struct {
	ID      string
	Vector  Vector
	Primary string // category, "" when unknown
}

// samePrimary is what the same primary category adds to a likeness: enough to
// decide between papers about equally alike, too little to make one.
const samePrimary = 0.02

// Likeness is the cosine, and a little for the same primary category.
func Likeness(a, b Paper) float64 {
	likeness := a.Vector.Cosine(b.Vector)
	if a.Primary != "" && a.Primary == b.Primary {
		likeness += samePrimary
	}
	return likeness
}

// Similar gives the places of the candidates that share a word with the
// target, the most alike first, then by id. The target itself is left out.
func Similar(target Paper, candidates []Paper) []int {
	var places []int
	likeness := make([]float64, len(candidates))
	for i, c := range candidates {
		if c.ID == target.ID || target.Vector.Cosine(c.Vector) == 0 {
			continue
		}
		places, likeness[i] = append(places, i), Likeness(target, c)
	}
	slices.SortFunc(places, func(i, j int) int {
		return cmp.Or(cmp.Compare(likeness[j], likeness[i]), cmp.Compare(candidates[i].ID, candidates[j].ID))
	})
	return places
}

// RareWords are the k most telling words of a text, by how often it says them
// (damped by the logarithm) and how few papers do: where to look for papers
// like it. A word of no other paper finds none and is left out.
func RareWords(words []string, c Corpus, k int) []string {
	said := map[string]int{}
	for _, w := range words {
		said[w]++
	}
	var out []word
	for w, n := range said {
		if weight := (1 + math.Log(float64(n))) * c.idf(w); weight > 0 && c.Freq[w] > 1 {
			out = append(out, word{w, weight})
		}
	}
	slices.SortFunc(out, moreTelling)
	var telling []string
	for _, w := range out[:min(k, len(out))] {
		telling = append(telling, w.text)
	}
	return telling
}
