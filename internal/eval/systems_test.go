package eval

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"paperboy/core/text"
)

var few = []string{
	"cats purr and cats sleep",
	"dogs bark at cats",
	"a dog sleeps",
	"kittens purr, kittens play, kittens sleep",
	"stocks fall",
	"stocks rise and bonds fall",
}

func words(texts []string) [][]string {
	docs := make([][]string, len(texts))
	for i, s := range texts {
		docs[i] = text.Words(s)
	}
	return docs
}

func TestBM25IsItsFormula(t *testing.T) {
	docs := words(few)
	x := newIndex(docs)
	asked := text.Words("cat sleep, cats")
	got := x.bm25(x.query(asked))
	mean := 0.0
	for _, d := range docs {
		mean += float64(len(d)) / float64(len(docs))
	}
	for i, d := range docs {
		want := 0.0
		for _, w := range asked { // a word that is asked twice counts twice
			df, tf := 0.0, 0.0
			for _, other := range docs {
				if slices.Contains(other, w) {
					df++
				}
			}
			for _, own := range d {
				if own == w {
					tf++
				}
			}
			idf := math.Log(1 + (float64(len(docs))-df+0.5)/(df+0.5))
			want += idf * tf * 2.2 / (tf + 1.2*(1-0.75+0.75*float64(len(d))/mean))
		}
		near(t, few[i], got[i], want)
	}
}

// Whoever asks for cats finds, through the words of what was found, what does not say
// so; what has nothing to do with it stays away.
func TestRM3FindsWhatIsSaidInOtherWords(t *testing.T) {
	texts := slices.Clone(few)
	for range 40 { // so that the words are rare ones
		texts = append(texts, "nothing of it")
	}
	x := newIndex(words(texts))
	q := x.query(text.Words("cats"))
	if x.bm25(q)[3] != 0 {
		t.Fatal("the kittens were found by letters")
	}
	scores := x.rm3(q)
	if scores[3] == 0 || scores[4] != 0 {
		t.Errorf("kittens have %v, stocks %v", scores[3], scores[4])
	}
	if best := top(scores, 1); best[0] > 1 {
		t.Errorf("%q comes before what was asked for", texts[best[0]])
	}
}

func TestTopIsTheBeginningOfTheSortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOf(rapid.Map(rapid.IntRange(-2, 6), func(n int) float64 { return float64(n) })).Draw(t, "scores")
		k := rapid.IntRange(1, 8).Draw(t, "k")
		var want []int
		for i, s := range scores {
			if s > 0 {
				want = append(want, i)
			}
		}
		slices.SortStableFunc(want, func(i, j int) int { return int(scores[j] - scores[i]) })
		if got := top(scores, k); !slices.Equal(got, want[:min(k, len(want))]) {
			t.Errorf("%v, not %v", got, want[:min(k, len(want))])
		}
	})
}

// made is papers about one of some subjects, each with words of its own; two words of
// a subject that never stand together are alike all the same.
func made(subjects, papers int) (texts []string) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range papers {
		var b strings.Builder
		for range 12 {
			b.WriteString(string(rune('a'+i%subjects)) + string(rune('a'+rnd.IntN(20))) + "x ")
		}
		texts = append(texts, b.String())
	}
	return texts
}

func TestLSISeesSubjects(t *testing.T) {
	docs := words(made(4, 200))
	w := newWeigher(newIndex(docs), 1)
	rows := w.rows(docs)
	sp := lsi(w, rows, 4)
	vectors, err := sp.embed([]string{"aax", "abx acx", "bax"})
	if err != nil {
		t.Fatal(err)
	}
	if alike, apart := dot(vectors[0], vectors[1]), dot(vectors[0], vectors[2]); alike < 0.9 || apart > 0.1 {
		t.Errorf("words of a subject have %v, of two %v", alike, apart)
	}
	// Of few papers there are few directions, and no more are asked for.
	if vectors, err = lsi(w, rows[:8], 256).embed([]string{"aax abx acx adx aex afx"}); err != nil || len(vectors[0]) != 4 || math.IsNaN(dot(vectors[0], vectors[0])) {
		t.Errorf("of 8 papers: %v, %v", vectors, err)
	}
	// The best subspace of so many directions keeps what the subjects have in common.
	kept := 0.0
	x := subspace(rows, len(w.idf), 4)
	for a := range 4 {
		for b := range 4 {
			sum := 0.0
			for r := 0; r < len(x); r += 4 {
				sum += float64(x[r+a]) * float64(x[r+b])
			}
			want := 0.0
			if a == b {
				want = 1
			}
			if math.Abs(sum-want) > 1e-4 {
				t.Errorf("columns %d and %d have the product %v", a, b, sum)
			}
		}
	}
	for _, row := range rows {
		p := project(row, x, 4)
		kept += dot(p, p)
	}
	if kept < 0.3*float64(len(rows)) { // each subject's mean; what is left is noise
		t.Errorf("a space of 4 keeps %v of %d", kept, len(rows))
	}
}

// At the optimum of LIBLINEAR's L2-regularised squared hinge loss the gradient is zero.
func TestTheSVMIsAtItsOptimum(t *testing.T) {
	docs := words(made(3, 60))
	w := newWeigher(newIndex(docs), 1)
	rows := w.rows(docs)
	liked := make([]bool, len(rows))
	for i := range rows {
		liked[i] = i%3 == 0
	}
	plane := svm(rows, liked, len(w.idf))
	bias := plane[len(w.idf)]
	gradient := slices.Clone(plane) // of |w|²/2 and the losses, the bias among the weights
	for i, row := range rows {
		y, c := -1.0, 0.01*60/(2*40)
		if liked[i] {
			y, c = 1, 0.01*60/(2*20)
		}
		margin := 1 - y*(sparseDot(row, plane)+bias)
		if margin <= 0 {
			continue
		}
		for _, e := range row {
			gradient[e.id] -= 2 * c * margin * y * float64(e.w)
		}
		gradient[len(w.idf)] -= 2 * c * margin * y
	}
	for i, g := range gradient {
		if math.Abs(g) > 1e-3 {
			t.Errorf("the gradient of weight %d is %v", i, g)
		}
	}
	if a, b := sparseDot(rows[0], plane), sparseDot(rows[1], plane); a <= b {
		t.Errorf("what is liked has %v, another one %v", a, b)
	}
}

// zotero-arxiv-daily: the papers of the library, newest first, are weighed by
// 1/(1+log10 of their place); a candidate has the weighed mean of its cosines.
func TestZoterosFormula(t *testing.T) {
	sp := &space{papers: [][]float32{{1, 0}, {0, 1}, {0.6, 0.8}, {0.8, 0.6}}}
	score := sp.likeness([]int{0, 1}, recency)
	second := 1 / (1 + math.Log10(2))
	for i, want := range map[int]float64{2: 0.6 + second*0.8, 3: 0.8 + second*0.6} {
		near(t, "a candidate", score(i), want)
	}
	if score(3) <= score(2) {
		t.Error("what is like the newest does not come first")
	}
}

// Without its packages an encoder is left out, and everything else is measured.
func TestAnEncoderThatIsNotThereIsLeftOut(t *testing.T) {
	s, err := NewSet(library(40), Report, 5)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	r, err := s.Run(context.Background(), Options{Python: "false", Tell: func(format string, args ...any) { told = append(told, format) }})
	if err != nil || len(r.Searches) == 0 {
		t.Fatal(err, len(r.Searches))
	}
	left := 0
	for _, line := range told {
		if strings.Contains(line, "left out") {
			left++
		}
	}
	if left != len(encoders) {
		t.Errorf("told %d times that an encoder is left out: %q", left, told)
	}
}
