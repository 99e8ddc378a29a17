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
