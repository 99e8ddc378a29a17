package meaning

// Word is the word of a Term; "" where the model does not know it: then the Term
// is a hash.
func (m *Model) Word(t Term) string {
	if int(t) >= m.words {
		return ""
	}
	return string(m.text(int(t)))
}

// Common is the direction of everything: the sum of all words' and pairs' vectors,
// each as often as papers have it, which is that of the papers that the model was
// made of. What texts have in common says nothing of what one is about.
func (m *Model) Common() []float32 {
	sum := make([]float32, m.dims)
	for e := range m.ends {
		m.addEntry(sum, e, float32(m.freq[e])/float32(m.papers))
	}
	return sum
}
