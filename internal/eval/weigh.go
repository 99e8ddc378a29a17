package eval

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// weight is a term of a text with its weight.
type weight struct {
	id int32
	w  float32
}

// weigher weighs the words that are in at least five papers by (1 + log count) · idf,
// in rows of length 1.
type weigher struct {
	terms map[string]int32
	idf   []float64
}

const leastPapers = 5

// newWeigher leaves out the words that are in more than that part of the papers.
func newWeigher(x *index, most float64) *weigher {
	w := &weigher{terms: map[string]int32{}}
	names := make([]string, len(x.postings))
	for name, t := range x.terms {
		names[t] = name
	}
	n := float64(len(x.docs))
	for t, p := range x.postings { // in the order of the papers, which is always the same
		if df := float64(len(p)); df >= leastPapers && df <= max(leastPapers, most*n) {
			w.terms[names[t]] = int32(len(w.idf))
			w.idf = append(w.idf, math.Log((1+n)/(1+df))+1)
		}
	}
	return w
}

// row is a text's, by term.
func (w *weigher) row(words []string) []weight {
	counts := map[int32]float64{}
	for _, word := range words {
		if t, ok := w.terms[word]; ok {
			counts[t]++
		}
	}
	row := make([]weight, 0, len(counts))
	for t, n := range counts {
		row = append(row, weight{t, float32((1 + math.Log(n)) * w.idf[t])})
	}
	slices.SortFunc(row, func(a, b weight) int { return cmp.Compare(a.id, b.id) })
	length := 0.0
	for _, e := range row {
		length += float64(e.w) * float64(e.w)
	}
	for i := range row {
		row[i].w /= float32(math.Sqrt(length))
	}
	return row
}

func (w *weigher) rows(docs [][]string) [][]weight {
	rows := make([][]weight, len(docs))
	for i, d := range docs {
		rows[i] = w.row(d)
	}
	return rows
}

// sparseDot is the product of a row and a dense vector.
func sparseDot(row []weight, v []float64) (sum float64) {
	for _, e := range row {
		sum += float64(e.w) * v[e.id]
	}
	return sum
}

// The linear SVM as arxiv-sanity-lite fits it: LinearSVC(class_weight="balanced",
// C=0.01), which has squared hinge loss.
const (
	sanityMost = 0.1 // of the papers, the words that it looks at are in

	svmC      = 0.01
	svmRounds = 200
	svmEnough = 1e-4 // of the projected gradient, over all examples
)

// svm is the weights that part the liked rows from the others, by dual coordinate
// descent (Hsieh et al. 2008); the last one is the bias.
func svm(rows [][]weight, liked []bool, terms int) []float64 {
	n, positive := float64(len(rows)), 0.0
	for _, l := range liked {
		if l {
			positive++
		}
	}
	w := make([]float64, terms+1)
	alpha := make([]float64, len(rows))
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	rnd := rand.New(rand.NewPCG(seed, 6))
	for range svmRounds {
		rnd.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		worst := 0.0
		for _, i := range order {
			y, c := -1.0, svmC*n/(2*(n-positive))
			if liked[i] {
				y, c = 1, svmC*n/(2*positive)
			}
			diagonal := 1 / (2 * c)
			square := 1.0 // the bias's
			for _, e := range rows[i] {
				square += float64(e.w) * float64(e.w)
			}
			gradient := y*(sparseDot(rows[i], w)+w[terms]) - 1 + diagonal*alpha[i]
			if alpha[i] == 0 && gradient >= 0 {
				continue
			}
			worst = max(worst, math.Abs(gradient))
			before := alpha[i]
			alpha[i] = max(0, before-gradient/(square+diagonal))
			step := (alpha[i] - before) * y
			for _, e := range rows[i] {
				w[e.id] += step * float64(e.w)
			}
			w[terms] += step
		}
		if worst < svmEnough {
			break
		}
	}
	return w
}
