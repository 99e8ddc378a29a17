package meaning_test

import (
	"testing"

	"paperboy/core/meaning"
)

func TestAlikenessMeansTheSameWithEveryModel(t *testing.T) {
	made := meaning.Data{Papers: 1, Words: []meaning.Entry{{Text: "lamp", Papers: 1, Vector: []float32{1, 0}}},
		AlikePapers: [5]float32{0.1, 0.3, 0.5, 0.6, 0.8}, AlikeWords: [5]float32{0, 0.2, 0.4, 0.5, 0.6}}
	m, err := meaning.Load(made.Encode())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cosine        float64
		papers, words int
	}{
		{-1, 0, 0}, {0.05, 0, 5}, {0.1, 0, 10}, {0.2, 10, 20}, {0.3, 20, 30}, {0.5, 40, 60}, {0.7, 70, 85}, {0.8, 80, 90}, {0.9, 90, 95}, {1, 100, 100}, {1.01, 100, 100},
	} {
		// The file's numbers have 24 bits: what lies on a border may fall to its side.
		if p, w := m.Alike(c.cosine+1e-6), m.AlikeWords(c.cosine+1e-6); p != c.papers || w != c.words {
			t.Errorf("%.2f is %d and %d, want %d and %d", c.cosine, p, w, c.papers, c.words)
		}
	}
}
