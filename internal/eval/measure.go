// Package eval measures search and ranking on recorded papers, beside the usual
// ways to do them: how good, and how many papers or queries a second.
//
// In: arXiv's papers and what Hugging Face says of some of them (Read), and the
// systems under test: those of the program itself are handed in, so that what is
// measured is what answers, and no copy of its formula.   Out: Results, as tables.
//
// Promises: the same data give the same numbers every time, but for speeds;
// each measure is its textbook definition; every system gets the same papers, the
// same words (core/text) and the same queries; papers listed on odd days of a month
// are reported, those of even days are there to tune on, and never the other way
// round.
package eval

import "math"

// NDCG is the normalised discounted cumulative gain of a ranking's first k places
// (Järvelin and Kekäläinen 2002) where a document is relevant or not: 1 is the best
// order, 0 one without a relevant document.
func NDCG(ranking []int, relevant map[int]bool, k int) float64 {
	gain, best := 0.0, 0.0
	for i := range k {
		discounted := 1 / math.Log2(float64(i+2))
		if i < len(ranking) && relevant[ranking[i]] {
			gain += discounted
		}
		if i < len(relevant) {
			best += discounted
		}
	}
	if best == 0 {
		return 0
	}
	return gain / best
}

// Recall is the part of the relevant documents that stand in the first k places.
func Recall(ranking []int, relevant map[int]bool, k int) float64 {
	if len(relevant) == 0 {
		return 0
	}
	return float64(hits(ranking, relevant, k)) / float64(len(relevant))
}

// Precision is the part of the first k places in which a relevant document stands.
func Precision(ranking []int, relevant map[int]bool, k int) float64 {
	return float64(hits(ranking, relevant, k)) / float64(k)
}

// ReciprocalRank is 1 over the place of the first relevant document, 0 where none
// stands in the first k. Its mean over queries is the MRR.
func ReciprocalRank(ranking []int, relevant map[int]bool, k int) float64 {
	for i, d := range ranking[:min(k, len(ranking))] {
		if relevant[d] {
			return 1 / float64(i+1)
		}
	}
	return 0
}

func hits(ranking []int, relevant map[int]bool, k int) (n int) {
	for _, d := range ranking[:min(k, len(ranking))] {
		if relevant[d] {
			n++
		}
	}
	return n
}
