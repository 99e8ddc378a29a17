package rank

import (
	"testing"

	"paperboy/core/meaning"
	"paperboy/core/text"
)

func read(title, abstract string) meaning.Features {
	return meaning.Builtin().Read(text.Words(title), text.Words(abstract))
}

func TestWordsCountByHowTellingTheyAre(t *testing.T) {
	m := meaning.Builtin()
	w := NewWords(m, text.Words("a lidar of the model"))
	for _, c := range []struct {
		what         string
		better, less meaning.Features
	}{
		{"a telling word", read("Lidar", "It is."), read("Model of the", "It is.")},
		{"in the title", read("Lidar", "Soup"), read("Soup", "Lidar")},
		{"a short text", read("Lidar", "Soup"), read("Lidar", "Soup and soup and soup and soup again with soup")},
		{"more often", read("Soup", "lidar lidar soup"), read("Soup", "lidar soup soup")},
	} {
		if a, b := w.BM25(c.better.Bag), w.BM25(c.less.Bag); a <= b {
			t.Errorf("%s: %v, else %v", c.what, a, b)
		}
	}
	if got := w.BM25(read("Soup", "Soup").Bag); got != 0 {
		t.Errorf("none of the words: %v", got)
	}
}

// Of a word that the model does not know the direction says nothing.
func TestMeaningSaysNothingOfUnknownWords(t *testing.T) {
	m := meaning.Builtin()
	words := text.Words("zorblax lidar")
	w := NewWords(m, words)
	name, known := read("Zorblax soup with many words of cooking", ""), read("Lidar and lidar point clouds for driving", "")
	scores := Search(w, m.Text(words), []float64{w.BM25(name.Bag), w.BM25(known.Bag)}, []meaning.Vector{name.Vector, known.Vector})
	if scores[0] <= scores[1] || scores[0] > MostScore {
		t.Errorf("the name has %v, the known word %v", scores[0], scores[1])
	}
}

func TestFeedbackMovesToTheMiddle(t *testing.T) {
	m := meaning.Builtin()
	v, to := m.Text(text.Words("lidar")), read("Protein folding", "").Vector
	if moved := Feedback(v, []meaning.Vector{to}); moved.Cosine(to) <= v.Cosine(to) || moved.Cosine(v) <= 0 {
		t.Errorf("moved to %v from %v", moved.Cosine(to), v.Cosine(to))
	}
	if got := Feedback(nil, []meaning.Vector{to}).Cosine(to); got < 0.99 {
		t.Errorf("without a question it is the middle: %v", got)
	}
	if got := Feedback(nil, nil); got != nil {
		t.Error(got)
	}
}
