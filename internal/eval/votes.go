package eval

import (
	"context"

	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"paperboy/core"
)

// budget is how many papers a day a person is shown.
const budget = 5

// ks are how many votes people have given.
var ks = []int{4, 10, 20, 50}

// person is simulated: somebody who wants what is filed under one heading, or under
// two that have nothing to do with each other, and votes for it.
type person struct {
	name  string
	wants map[int]bool // labelled papers of either half
}

func newPeople(papers []core.Paper, hs []heading) (people []person) {
	for i, h := range hs {
		other := hs[(i+len(hs)/2)%len(hs)]
		both := map[int]bool{}
		for _, wants := range []map[int]bool{h.papers, other.papers} {
			for p := range wants {
				both[p] = true
			}
		}
		people = append(people, person{h.name, h.papers}, person{h.name + " + " + other.name, both})
	}
	return people
}

// Taster is a way to learn from votes. Learn gives a function that scores papers, by
// place, the greatest the most wanted; up are the papers voted for, the newest first.
type Taster struct {
	Name  string
	Learn func(ctx context.Context, up []int) (func(candidates []int) ([]float64, error), error)
}

// VoteScore is what a taster's five papers a day were worth, in the mean over people
// and their days on which there was something to find.
type VoteScore struct {
	Task   string  `json:"task"` // "votes"
	System string  `json:"system"`
	Votes  int     `json:"votes"`
	People int     `json:"people"`
	Days   int     `json:"days"` // of all of them
	NDCG   float64 `json:"ndcg5"`
	Recall float64 `json:"r5"`
	Millis float64 `json:"ms"` // a person: to learn, and to look at all those days
}

// split is the day from which on papers are recommended: what was listed before it
// was voted for. Three fifths of the labelled papers were.
func (s *Set) split() core.Date {
	var days []core.Date
	for i := range s.given {
		if len(s.given[i].Keywords) > 0 {
			days = append(days, s.given[i].Day)
		}
	}
	if len(days) == 0 {
		return ""
	}
	return days[len(days)*3/5]
}

// fewestDays is how many days with something to find a person needs.
const fewestDays = 5

// measureVotes has everybody vote for their newest papers before the split, and
// looks at the labelled papers of the half's days from then on, a day at a time.
func (s *Set) measureVotes(ctx context.Context, k int, t Taster) (VoteScore, error) {
	score := VoteScore{Task: "votes", System: t.Name, Votes: k}
	split := s.split()
	days := map[core.Date][]int{}
	for i := range s.given {
		if p := &s.given[i]; len(p.Keywords) > 0 && p.Day >= split && s.half.of(p) {
			days[p.Day] = append(days[p.Day], i)
		}
	}
	dates := slices.Sorted(maps.Keys(days))
	for _, who := range s.people {
		var up []int
		for i := len(s.given) - 1; i >= 0 && len(up) < k; i-- {
			if who.wants[i] && s.given[i].Day < split {
				up = append(up, i)
			}
		}
		var some []core.Date
		for _, d := range dates {
			if slices.ContainsFunc(days[d], func(i int) bool { return who.wants[i] }) && len(days[d]) > budget {
				some = append(some, d)
			}
		}
		if len(up) < k || len(some) < fewestDays {
			continue
		}
		score.People++
		score.Days += len(some)
		begun := time.Now()
		scores, err := t.Learn(ctx, up)
		if err != nil {
			return score, err
		}
		for _, d := range some {
			candidates := days[d]
			values, err := scores(candidates)
			if err != nil {
				return score, err
			}
			wanted := map[int]bool{}
			for _, i := range candidates {
				if who.wants[i] {
					wanted[i] = true
				}
			}
			ranking := byScore(candidates, values)
			score.NDCG += NDCG(ranking, wanted, budget) / float64(len(some))
			// Of more than fit into the budget nobody can show all.
			score.Recall += Recall(ranking, wanted, budget) * float64(len(wanted)) / float64(min(budget, len(wanted))) / float64(len(some))
		}
		score.Millis += time.Since(begun).Seconds() * 1000
	}
	if n := float64(score.People); n > 0 {
		score.NDCG, score.Recall, score.Millis = score.NDCG/n, score.Recall/n, score.Millis/n
	}
	return score, ctx.Err()
}

// byScore are the candidates by their values, of equals those first that came first.
func byScore(candidates []int, values []float64) []int {
	order := make([]int, len(candidates))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case values[i] > values[j]:
			return -1
		case values[i] < values[j]:
			return 1
		}
		return 0
	})
	for i, o := range order {
		order[i] = candidates[o]
	}
	return order
}

// each is a taster that scores a paper at a time.
func each(name string, learn func(up []int) func(paper int) float64) Taster {
	return Taster{name, func(_ context.Context, up []int) (func([]int) ([]float64, error), error) {
		score := learn(up)
		return func(candidates []int) ([]float64, error) {
			values := make([]float64, len(candidates))
			for i, c := range candidates {
				values[i] = score(c)
			}
			return values, nil
		}, nil
	}}
}

// tasters are the usual ways.
func (s *Set) tasters(w *weigher, rows [][]weight, spaces []*space) []Taster {
	split := s.split()
	var before []int // labelled papers that are neither voted for nor recommended
	for i := range s.given {
		if len(s.given[i].Keywords) > 0 && s.given[i].Day < split {
			before = append(before, i)
		}
	}
	all := []Taster{
		each("by lot", func(up []int) func(int) float64 {
			rnd := rand.New(rand.NewPCG(seed, 7))
			return func(int) float64 { return rnd.Float64() }
		}),
		each("upvotes", func([]int) func(int) float64 {
			return func(i int) float64 {
				if n := s.given[i].Upvotes; n != nil {
					return float64(*n)
				}
				return 0
			}
		}),
		each("Rocchio", func(up []int) func(int) float64 {
			middle := make([]float64, len(w.idf))
			for _, u := range up {
				for _, e := range rows[u] {
					middle[e.id] += float64(e.w)
				}
			}
			return func(i int) float64 { return sparseDot(rows[i], middle) }
		}),
		each("linear SVM", func(up []int) func(int) float64 {
			examples, liked := make([][]weight, len(before)), make([]bool, len(before))
			for i, p := range before {
				examples[i], liked[i] = rows[p], slices.Contains(up, p)
			}
			plane := svm(examples, liked, len(w.idf))
			return func(i int) float64 { return sparseDot(rows[i], plane) }
		}),
		each("zotero, words", func(up []int) func(int) float64 {
			library := make([]float64, len(w.idf))
			for rank, u := range up {
				for _, e := range rows[u] {
					library[e.id] += recency(rank) * float64(e.w)
				}
			}
			return func(i int) float64 { return sparseDot(rows[i], library) }
		}),
	}
	for _, sp := range spaces {
		all = append(all,
			each("mean, "+sp.name, func(up []int) func(int) float64 { return sp.likeness(up, func(int) float64 { return 1 }) }),
			each("zotero, "+sp.name, func(up []int) func(int) float64 { return sp.likeness(up, recency) }))
	}
	return all
}

// recency is what zotero-arxiv-daily weighs a paper of the library with, by how many
// came after it; a paper's score is the weighed mean of its cosines to all of them.
func recency(rank int) float64 { return 1 / (1 + math.Log10(float64(rank+1))) }

// likeness is the weighed mean of cosines to some papers, but for a factor that all
// have: the cosine to the weighed sum.
func (sp *space) likeness(up []int, weigh func(rank int) float64) func(int) float64 {
	var sum []float32
	for rank, u := range up {
		v := sp.papers[u]
		if sum == nil {
			sum = make([]float32, len(v))
		}
		for i, x := range v {
			sum[i] += float32(weigh(rank)) * x
		}
	}
	return func(i int) float64 { return dot(sp.papers[i], sum) }
}
