package rank

import (
	"math"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func n(i int) *int { return &i }

func TestWhatAPostShowsFirst(t *testing.T) {
	for _, c := range []struct {
		story string
		in    []Candidate
		want  []string
	}{
		{"a wanted author before any number of upvotes", []Candidate{{ID: "a", Upvotes: n(500)}, {ID: "b", Author: true}}, []string{"b", "a"}},
		{"more upvotes first", []Candidate{{ID: "a", Upvotes: n(3)}, {ID: "b", Upvotes: n(41)}}, []string{"b", "a"}},
		{"two topics outweigh a few upvotes", []Candidate{{ID: "a", Upvotes: n(4), Topics: 1}, {ID: "b", Upvotes: n(3), Topics: 2}}, []string{"b", "a"}},
		{"in the title before in the abstract", []Candidate{{ID: "a", Upvotes: n(4)}, {ID: "b", Upvotes: n(4), TitleHit: true}}, []string{"b", "a"}},
		{"unknown upvotes are the median, not zero", []Candidate{{ID: "a", Upvotes: n(0)}, {ID: "b"}, {ID: "c", Upvotes: n(10)}, {ID: "d", Upvotes: n(90)}}, []string{"d", "b", "c", "a"}},
		{"nobody's upvotes are known", []Candidate{{ID: "a"}, {ID: "b", TitleHit: true}}, []string{"b", "a"}},
		{"what the channel likes before what the world likes", []Candidate{{ID: "a", Upvotes: n(100)}, {ID: "b", Upvotes: n(2), Affinity: 0.7}}, []string{"b", "a"}},
		{"what is wholly to the channel's taste before 255 upvotes", []Candidate{{ID: "a", Upvotes: n(254)}, {ID: "b", Upvotes: n(0), Affinity: 1}}, []string{"b", "a"}},
		{"and after more than that", []Candidate{{ID: "a", Upvotes: n(0), Affinity: 1}, {ID: "b", Upvotes: n(256)}}, []string{"b", "a"}},
		{"what was not for us here comes last", []Candidate{{ID: "a", Upvotes: n(100), Affinity: -1}, {ID: "b", Upvotes: n(2)}}, []string{"b", "a"}},
		{"equals by id", []Candidate{{ID: "b", Upvotes: n(1)}, {ID: "c", Upvotes: n(1)}, {ID: "a", Upvotes: n(1)}}, []string{"a", "b", "c"}},
		{"nothing", nil, nil},
	} {
		var got []string
		for _, i := range Order(c.in) {
			got = append(got, c.in[i].ID)
		}
		// The median of 0, 10, 90 is 10: b is equal to c and comes first by id.
		if !gocmp.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.story, got, c.want)
		}
	}
}

func TestTheOrderIsTheSameHoweverThePapersCame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cs := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) Candidate {
			return Candidate{
				ID: rapid.StringN(1, 3, -1).Draw(t, "id"), Author: rapid.Bool().Draw(t, "author"),
				Upvotes: rapid.Ptr(rapid.IntRange(0, 3), true).Draw(t, "upvotes"),
				Topics:  rapid.IntRange(1, 3).Draw(t, "topics"), TitleHit: rapid.Bool().Draw(t, "title"),
				Affinity: rapid.SampledFrom([]float64{-1, 0, 0.5}).Draw(t, "affinity"),
			}
		}), 0, 10, func(c Candidate) string { return c.ID }).Draw(t, "papers")
		mixed := rapid.Permutation(cs).Draw(t, "mixed")
		for k, i := range Order(cs) {
			if j := Order(mixed)[k]; cs[i].ID != mixed[j].ID {
				t.Fatalf("place %d: %q, %q", k, cs[i].ID, mixed[j].ID)
			}
		}
	})
}

func TestTopIsByVotesHereThenUpvotes(t *testing.T) {
	want := []TopKey{
		{ID: "most votes here", Votes: 3, Upvotes: n(0), Day: "2026-11-01"},
		{ID: "more upvotes", Votes: 2, Upvotes: n(41), Day: "2026-11-01"},
		{ID: "some upvotes, newer", Votes: 2, Upvotes: n(1), Day: "2026-11-03"},
		{ID: "some upvotes, older", Votes: 2, Upvotes: n(1), Day: "2026-11-02"},
		{ID: "unknown upvotes", Votes: 2, Day: "2026-11-05"},
		{ID: "no upvotes, a", Votes: 2, Upvotes: n(0), Day: "2026-11-06"},
		{ID: "no upvotes, b", Votes: 2, Upvotes: n(0), Day: "2026-11-06"},
		{ID: "no votes here", Upvotes: n(900), Day: "2026-11-07"},
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, CompareTop)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if CompareTop(want[0], want[0]) != 0 {
		t.Error("a paper is not equal to itself")
	}
}

func TestTheMeasureOfAnOrder(t *testing.T) {
	for _, c := range []struct {
		gains []float64
		k     int
		want  float64
	}{
		{[]float64{1, 1, 0}, 5, 1},
		{[]float64{0, 1}, 5, 1 / math.Log2(3)},
		{[]float64{0, 0, 1}, 2, 0},
		// The textbooks' worked example.
		{[]float64{3, 2, 3, 0, 1, 2}, 6, 6.861126 / 7.140995},
		{[]float64{0, 0}, 5, 0},
		{nil, 5, 0},
	} {
		if got := ndcg(c.gains, c.k); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("ndcg(%v, %d) = %v, want %v", c.gains, c.k, got, c.want)
		}
	}
}
