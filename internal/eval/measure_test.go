package eval

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func set(places ...int) map[int]bool {
	m := map[int]bool{}
	for _, p := range places {
		m[p] = true
	}
	return m
}

// near compares what was worked out by hand.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-6 {
		t.Errorf("%s is %.7f, by hand %.7f", what, got, want)
	}
}

func TestMeasuresAreThoseOfTheTextbooks(t *testing.T) {
	ranking := []int{7, 3, 9, 1, 4} // 3 and 4 are relevant, so is 8, which was not found
	relevant := set(3, 4, 8)
	// Places 2 and 5 of a best order of 1, 2 and 3.
	near(t, "nDCG@5", NDCG(ranking, relevant, 5), (1/math.Log2(3)+1/math.Log2(6))/(1+1/math.Log2(3)+1/math.Log2(4)))
	near(t, "nDCG@2", NDCG(ranking, relevant, 2), (1/math.Log2(3))/(1+1/math.Log2(3)))
	near(t, "recall@2", Recall(ranking, relevant, 2), 1.0/3)
	near(t, "recall@100", Recall(ranking, relevant, 100), 2.0/3)
	near(t, "precision@5", Precision(ranking, relevant, 5), 2.0/5)
	near(t, "precision@10 of five answers", Precision(ranking, relevant, 10), 2.0/10)
	near(t, "reciprocal rank", ReciprocalRank(ranking, relevant, 10), 1.0/2)
	near(t, "reciprocal rank beyond its depth", ReciprocalRank(ranking, relevant, 1), 0)
	for what, got := range map[string]float64{"nDCG": NDCG(nil, relevant, 10), "recall": Recall(nil, relevant, 10), "precision": Precision(nil, relevant, 10), "rank": ReciprocalRank(nil, relevant, 10), "nDCG of nothing to find": NDCG(ranking, nil, 10), "recall of nothing to find": Recall(ranking, nil, 10)} {
		near(t, what, got, 0)
	}
}

// Whatever is ranked: from 0 to 1, 1 for the relevant in front, no worse for a relevant
// paper moved up, and the same whatever the papers are called.
func TestMeasuresKeepTheirLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ranking := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).Draw(t, "ranking")
		relevant := set(rapid.SliceOfNDistinct(rapid.IntRange(0, 11), 1, 8, rapid.ID[int]).Draw(t, "relevant")...)
		k := rapid.IntRange(1, 15).Draw(t, "k")
		renamed, other := make([]int, len(ranking)), map[int]bool{}
		for i, p := range ranking {
			renamed[i], other[p+100] = p+100, relevant[p]
		}
		for p := range other {
			if !other[p] {
				delete(other, p)
			}
		}
		best := slices.Clone(ranking)
		slices.SortStableFunc(best, func(a, b int) int {
			switch {
			case relevant[a] && !relevant[b]:
				return -1
			case relevant[b] && !relevant[a]:
				return 1
			}
			return 0
		})
		better := slices.Clone(ranking)
		at := rapid.IntRange(1, len(ranking)-1).Draw(t, "at")
		if relevant[better[at]] && !relevant[better[at-1]] {
			better[at], better[at-1] = better[at-1], better[at]
		}
		for name, measure := range map[string]func([]int, map[int]bool, int) float64{"nDCG": NDCG, "recall": Recall, "precision": Precision, "rank": ReciprocalRank} {
			v := measure(ranking, relevant, k)
			if v < 0 || v > 1+1e-12 {
				t.Errorf("%s is %v", name, v)
			}
			if measure(renamed, other, k) != v {
				t.Errorf("%s is another one for papers of other names", name)
			}
			if measure(better, relevant, k) < v {
				t.Errorf("%s falls where a relevant paper rises", name)
			}
			top := measure(best, relevant, k)
			if top < v {
				t.Errorf("%s of the best order is %v, of another one %v", name, top, v)
			}
			if (name == "nDCG" || name == "rank") && math.Abs(top-1) > 1e-12 {
				t.Errorf("%s of the best order is %v", name, top)
			}
		}
	})
}
