package meaning

// Word is the word of a Term; "" where the model does not know it: then the Term
// is a hash.
func (m *Model) Word(t Term) string {
	if int(t) >= m.ends.len() {
		return ""
	}
	return string(m.text(int(t)))
}

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
