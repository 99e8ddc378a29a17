package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
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
	Within     float64 `json:"within"` // so much NDCG may differ with other such questions, 19 times in 20
	Precision  float64 `json:"p10"`
	MRR        float64 `json:"mrr10"`
	Recall100  float64 `json:"r100"`
	Recall1000 float64 `json:"r1000"`
	Nothing    int     `json:"nothing"` // questions that found nothing
	Refused    int     `json:"refused"` // of these, those that were not understood
	Millis     float64 `json:"ms"`      // a question
}

// Speed is how fast papers are read.
type Speed struct {
	Task   string  `json:"task"` // "speed"
	System string  `json:"system"`
	Papers float64 `json:"papers_per_second"`
	Learn  float64 `json:"learn_seconds"` // before the first
}

// Results are what was measured.
type Results struct {
	Searches []Score
	Votes    []VoteScore
	Speeds   []Speed
}

// Options say what is measured.
type Options struct {
	Only    []string // tasks; none: all
	Python  string   // one that has the packages of encode.py; "": without them
	Tell    func(format string, args ...any)
	Systems []System // the program's own
	Tasters []Taster
}

// Names are the tasks that there are.
func (s *Set) Names() []string {
	var names []string
	for _, t := range s.Tasks {
		names = append(names, t.Name)
	}
	return append(names, votes)
}

const votes = "votes"

// encoders are those of encode.py.
var encoders = []string{"wordllama", "minilm"}

// Run measures the program's own systems and the usual ones. An encoder that cannot
// be run is told of and left out.
func (s *Set) Run(ctx context.Context, o Options) (r Results, err error) {
	speed := func(name string, learn, read time.Duration) {
		r.Speeds = append(r.Speeds, Speed{"speed", name, float64(len(s.Papers)) / read.Seconds(), learn.Seconds()})
	}
	o.Tell("reading %d papers", len(s.Papers))
	begun := time.Now()
	docs := make([][]string, len(s.Papers))
	for i := range s.Papers {
		docs[i] = text.Words(s.Papers[i].Title + "\n" + s.Papers[i].Abstract)
	}
	speed("words", 0, time.Since(begun))
	begun = time.Now()
	x := newIndex(docs)
	speed("BM25", 0, time.Since(begun))
	w := newWeigher(x, sanityMost)
	rows := w.rows(docs)
	full := newWeigher(x, 1)
	fullRows := full.rows(docs)
	o.Tell("LSI")
	latent := lsi(full, fullRows, lsiDims)
	if err := latent.fill(ctx, s.Papers, o.Tell); err != nil {
		return r, err
	}
	spaces := []*space{meant(s.Papers), latent}
	for _, name := range encoders {
		if o.Python == "" {
			continue
		}
		o.Tell("%s", name)
		sp, stop, err := python(ctx, o.Python, name)
		if err != nil {
			o.Tell("%s is left out: %v", name, err)
			continue
		}
		defer stop()
		if err := sp.fill(ctx, s.Papers, o.Tell); err != nil {
			return r, err
		}
		spaces = append(spaces, sp)
	}
	systems := slices.Concat(o.Systems, []System{
		{"BM25", func(_ context.Context, typed string, k int) ([]int, error) {
			return top(x.bm25(x.query(text.Words(typed))), k), nil
		}},
		{"RM3", func(_ context.Context, typed string, k int) ([]int, error) {
			return top(x.rm3(x.query(text.Words(typed))), k), nil
		}},
	})
	for _, sp := range spaces {
		speed(sp.name, sp.learn, sp.read)
		systems = append(systems, System{sp.name, sp.rank})
	}
	wanted := func(task string) bool { return len(o.Only) == 0 || slices.Contains(o.Only, task) }
	for i := range s.Tasks {
		t := &s.Tasks[i]
		for _, sys := range systems {
			if !wanted(t.Name) {
				continue
			}
			o.Tell("%s: %s", t.Name, sys.Name)
			score, err := s.measure(ctx, t, sys)
			if err != nil {
				return r, err
			}
			r.Searches = append(r.Searches, score)
		}
	}
	for _, k := range ks {
		for _, t := range slices.Concat(o.Tasters, s.tasters(w, rows, spaces)) {
			if !wanted(votes) {
				continue
			}
			o.Tell("%d votes: %s", k, t.Name)
			score, err := s.measureVotes(ctx, k, t)
			if err != nil {
				return r, err
			}
			if score.People > 0 {
				r.Votes = append(r.Votes, score)
			}
		}
	}
	return r, nil
}

// measure asks a system a task's questions.
func (s *Set) measure(ctx context.Context, t *Task, sys System) (Score, error) {
	score := Score{Task: t.Name, System: sys.Name, Questions: len(t.Questions)}
	n := float64(len(t.Questions))
	squares := 0.0
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
		ndcg := NDCG(judged, q.Relevant, 10)
		score.NDCG += ndcg / n
		squares += ndcg * ndcg / n
		score.Precision += Precision(judged, q.Relevant, 10) / n
		score.MRR += ReciprocalRank(judged, q.Relevant, 10) / n
		score.Recall100 += Recall(whole, q.Relevant, 100) / n
		score.Recall1000 += Recall(whole, q.Relevant, 1000) / n
	}
	score.Within = 1.96 * math.Sqrt(max(0, squares-score.NDCG*score.NDCG)/n)
	return score, nil
}

// Print writes results as tables.
func (s *Set) Print(out io.Writer, r Results) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	task := ""
	for _, x := range r.Searches {
		if x.Task != task {
			w.Flush()
			task = x.Task
			t := s.Tasks[slices.IndexFunc(s.Tasks, func(t Task) bool { return t.Name == task })]
			fmt.Fprintf(out, "\n%s: %s (%d)\n", t.Name, t.About, len(t.Questions))
			fmt.Fprintln(w, "system\tnDCG@10\t±\tp@10\tMRR@10\tR@100\tR@1000\tnothing\trefused\tms\t")
		}
		fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%d\t%d\t%.1f\t\n", x.System, x.NDCG, x.Within, x.Precision, x.MRR, x.Recall100, x.Recall1000, x.Nothing, x.Refused, x.Millis)
	}
	k := 0
	for _, x := range r.Votes {
		if x.Votes != k {
			w.Flush()
			k = x.Votes
			fmt.Fprintf(out, "\nvotes: %d of a simulated person before %s, then five papers a day (%d people, %d days)\n", k, s.split(), x.People, x.Days)
			fmt.Fprintln(w, "system\tnDCG@5\tR@5\tms\t")
		}
		fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%.1f\t\n", x.System, x.NDCG, x.Recall, x.Millis)
	}
	w.Flush()
	fmt.Fprint(out, "\nspeed: papers read a second, on one core but for Python's\n")
	fmt.Fprintln(w, "system\tpapers/s\tseconds before\t")
	for _, x := range r.Speeds {
		fmt.Fprintf(w, "%s\t%.0f\t%.1f\t\n", x.System, x.Papers, x.Learn)
	}
	return w.Flush()
}

// JSON writes results as objects, one a line.
func (r *Results) JSON(out io.Writer) error {
	enc := json.NewEncoder(out)
	for _, list := range [][]any{anys(r.Searches), anys(r.Votes), anys(r.Speeds)} {
		for _, x := range list {
			if err := enc.Encode(x); err != nil {
				return err
			}
		}
	}
	return nil
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}
