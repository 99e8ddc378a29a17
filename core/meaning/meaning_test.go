package meaning_test

import (
	"testing"

	"paperboy/core/meaning"
	"paperboy/core/text"
)

func TestABagHasEveryWordOnce(t *testing.T) {
	m := meaning.Builtin()
	f := m.Read(text.Words("Diffusion lamps"), text.Words("Lamps, lamps and zzxxyy. Diffusion"))
	got := map[meaning.Term]meaning.Count{}
	for c := range f.Bag.All() {
		got[c.Term] = c
	}
	for word, want := range map[string]meaning.Count{"lamp": {N: 3, Title: true}, "zzxxyy": {N: 1}, "and": {N: 1}, "diffusion": {N: 2, Title: true}} {
		if want.Term = m.Term(word); got[want.Term] != want {
			t.Errorf("%s: %+v, want %+v", word, got[want.Term], want)
		}
	}
	if len(got) != 4 || f.Bag.Words() != 7 {
		t.Errorf("%d words, %d in all", len(got), f.Bag.Words())
	}
}

func BenchmarkRead(b *testing.B) {
	title, abstract := "Attention is all you need", "The dominant sequence transduction models are based on complex recurrent or convolutional neural networks in an encoder-decoder configuration. The best performing models also connect the encoder and decoder through an attention mechanism. We propose a new simple network architecture, the Transformer, based solely on attention mechanisms, dispensing with recurrence and convolutions entirely. Experiments on two machine translation tasks show these models to be superior in quality while being more parallelizable and requiring significantly less time to train."
	b.Run("words and features", func(b *testing.B) {
		for b.Loop() {
			meaning.Builtin().Read(text.Words(title), text.Words(abstract))
		}
	})
	b.Run("words alone", func(b *testing.B) {
		for b.Loop() {
			text.Words(title)
			text.Words(abstract)
		}
	})
}
