package meaning

import (
	"sort"
	"strings"
)

// Common is the direction of everything: the sum of all words' vectors, each as
// often as papers have it, which is about that of the papers that the model was
// made of. What texts have in common says nothing of what one is about.
func (m *Model) Common() []float32 {
	sum := make([]float32, m.dims)
	for word := range m.freq.len() {
		m.addVector(sum, word, float32(m.freq.at(word))/float32(m.papers))
	}
	return sum
}

// Beginning are the model's words that begin so, each with the papers of those that
// the model was made of that have it.
func (m *Model) Beginning(prefix string) map[string]int {
	known := map[string]int{}
	first := sort.Search(m.ends.len(), func(w int) bool { return string(m.text(w)) >= prefix })
	for w := first; w < m.ends.len() && strings.HasPrefix(string(m.text(w)), prefix); w++ {
		known[string(m.text(w))] = int(m.freq.at(w))
	}
	return known
}
