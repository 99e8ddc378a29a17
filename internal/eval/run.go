package eval

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"paperboy/core/text"
)

// System is a way to search. Rank gives the places of the best k papers for what
// somebody typed, the best first; it may give fewer, and an error is a refusal.
type System struct {
	Name string
	Rank func(ctx context.Context, typed string, k int) ([]int, error)
}

// depth is how far rankings are asked for: 1,000, and some for those taken out.
const depth = 1200

// Score is what a system's answers to a task's questions were worth, in the mean.
type Score struct {
	Task       string  `json:"task"`
	System     string  `json:"system"`
	Questions  int     `json:"questions"`
	NDCG       float64 `json:"ndcg10"`
	Precision  float64 `json:"p10"`
	MRR        float64 `json:"mrr10"`
	Recall100  float64 `json:"r100"`
	Recall1000 float64 `json:"r1000"`
	Nothing    int     `json:"nothing"` // questions that found nothing
	Refused    int     `json:"refused"` // of these, those that were not understood
	Millis     float64 `json:"ms"`      // a question
}

// Measure asks a system a task's questions.
func (s *Set) Measure(ctx context.Context, t *Task, sys System) (Score, error) {
	score := Score{Task: t.Name, System: sys.Name, Questions: len(t.Questions)}
	n := float64(len(t.Questions))
	for _, q := range t.Questions {
		begun := time.Now()
		ranking, err := sys.Rank(ctx, q.Text, depth)
		score.Millis += time.Since(begun).Seconds() * 1000 / n
		if ctx.Err() != nil {
			return score, ctx.Err()
		}
		if err != nil {
			score.Refused++
		}
		if len(ranking) == 0 {
			score.Nothing++
		}
		whole := first(ranking, 1000, func(i int) bool { return !s.hide[i] })
		judged := first(whole, 10, func(i int) bool { return t.Judged == nil || t.Judged[i] })
		score.NDCG += NDCG(judged, q.Relevant, 10) / n
		score.Precision += Precision(judged, q.Relevant, 10) / n
		score.MRR += ReciprocalRank(judged, q.Relevant, 10) / n
		score.Recall100 += Recall(whole, q.Relevant, 100) / n
		score.Recall1000 += Recall(whole, q.Relevant, 1000) / n
	}
	return score, nil
}

// Baselines are the usual ways to search by words. ready is told how long each took
// to be made ready.
func (s *Set) Baselines() []System {
	docs := make([][]string, len(s.Papers))
	for i := range s.Papers {
		docs[i] = text.Words(s.Papers[i].Title + "\n" + s.Papers[i].Abstract)
	}
	x := newIndex(docs)
	return []System{
		{"BM25", func(_ context.Context, typed string, k int) ([]int, error) {
			return top(x.bm25(x.query(text.Words(typed))), k), nil
		}},
		{"RM3", func(_ context.Context, typed string, k int) ([]int, error) {
			return top(x.rm3(x.query(text.Words(typed))), k), nil
		}},
	}
}

// Print writes scores as tables, a table a task.
func (s *Set) Print(w io.Writer, scores []Score) error {
	for _, t := range s.Tasks {
		fmt.Fprintf(w, "\n%s: %s (%d)\n", t.Name, t.About, len(t.Questions))
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(tw, "system\tnDCG@10\tp@10\tMRR@10\tR@100\tR@1000\tnothing\tms\t")
		for _, r := range scores {
			if r.Task == t.Name {
				fmt.Fprintf(tw, "%s\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%d\t%.1f\t\n", r.System, r.NDCG, r.Precision, r.MRR, r.Recall100, r.Recall1000, r.Nothing, r.Millis)
			}
		}
		if err := tw.Flush(); err != nil {
			return err
		}
	}
	return nil
}
