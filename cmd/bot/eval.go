package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/text"
	"paperboy/core/topic"
	"paperboy/internal/eval"
	"paperboy/store"
)

type evalCommand struct {
	Data    string `default:"../shared/data" placeholder:"DIR" help:"Recorded papers: DIR/arxiv-corpus.jsonl.gz, and DIR/hf_daily with keywords and summaries (default ../shared/data)."`
	Half    string `enum:"report,tune" default:"report" placeholder:"HALF" help:"Whose labels are measured by: report (papers of odd days), or tune (of even days), to tune on."`
	Only    string `placeholder:"NAMES" help:"Only these tasks, with commas between."`
	Papers  int    `placeholder:"N" help:"Only N papers: those with keywords, then the newest (default all)."`
	Queries int    `default:"400" placeholder:"N" help:"At most N questions of a kind (default 400)."`
	JSON    bool   `name:"json" help:"One object a line: task, system, questions, ndcg10, p10, mrr10, r100, r1000, nothing, refused, ms."`
}

func (evalCommand) Help() string {
	return `Searches recorded papers for what is known to belong together, with Paperboy's own search and the
usual ways beside it, in a database that is thrown away. docs/evaluation.md says what the numbers mean.`
}

func (c *evalCommand) Run(a *app) (err error) {
	papers, err := eval.Read(c.Data, c.Papers)
	if errors.Is(err, eval.ErrNoData) {
		return usage("there are no recorded papers at %s; name a folder with arxiv-corpus.jsonl.gz, as --data DIR", filepath.Join(c.Data, "arxiv-corpus.jsonl.gz"))
	} else if err != nil {
		return err
	}
	set, err := eval.NewSet(papers, eval.Half(c.Half), c.Queries)
	if err != nil {
		return err
	}
	if c.Only != "" {
		only := strings.Split(c.Only, ",")
		for _, name := range only {
			if !slices.ContainsFunc(set.Tasks, func(t eval.Task) bool { return t.Name == name }) {
				return usage("there is no task %q", name)
			}
		}
		set.Tasks = slices.DeleteFunc(set.Tasks, func(t eval.Task) bool { return !slices.Contains(only, t.Name) })
	}
	dir, err := os.MkdirTemp("", "paperboy-eval-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := store.Open(a.ctx, filepath.Join(dir, "eval.db"))
	if err != nil {
		return err
	}
	defer s.Close()
	begun := time.Now()
	for batch := range slices.Chunk(set.Papers, importBatch) {
		seen := make([]core.Seen, len(batch))
		for i, p := range batch {
			seen[i] = core.Seen{Paper: p, Sighting: core.Sighting{Source: "import"}, Authority: core.Copy}
		}
		if _, err := s.PutPapers(a.ctx, seen, true, a.now()); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.err, "%s, imported in %.0f s\n", count(len(papers), "paper"), time.Since(begun).Seconds())

	all, err := s.Search(a.ctx, core.Query{Sort: core.SortNew, Limit: len(papers)})
	if err != nil {
		return err
	}
	ids := make(map[core.Seq]core.PaperID, len(papers))
	for _, h := range all.Hits {
		ids[h.Paper.Seq] = h.Paper.ID
	}
	systems := append(paperboy(a, set, s, ids), set.Baselines()...)
	var scores []eval.Score
	for i := range set.Tasks {
		for _, sys := range systems {
			fmt.Fprintf(a.err, "%s: %s\n", set.Tasks[i].Name, sys.Name)
			score, err := set.Measure(a.ctx, &set.Tasks[i], sys)
			if err != nil {
				return err
			}
			scores = append(scores, score)
		}
	}
	if c.JSON {
		enc := json.NewEncoder(a.out)
		for _, score := range scores {
			if err := enc.Encode(score); err != nil {
				return err
			}
		}
		return nil
	}
	return set.Print(a.out, scores)
}

// paperboy are this program's own ways to search.
func paperboy(a *app, set *eval.Set, s *store.Store, byID map[core.Seq]core.PaperID) []eval.System {
	reader := &query.Reader{Store: s, Now: a.now}
	found := func(f core.Found, err error) ([]int, error) {
		ids := make([]core.PaperID, len(f.Hits))
		for i, h := range f.Hits {
			ids[i] = h.Paper.ID
		}
		return set.Places(ids), err
	}
	return []eval.System{
		{Name: "Paperboy", Rank: func(ctx context.Context, typed string, k int) ([]int, error) {
			t, err := topic.ParseSearch(typed)
			if err != nil {
				return nil, err
			}
			return found(reader.Search(ctx, core.Query{Topic: t, Limit: k}))
		}},
		{Name: "all words", Rank: func(ctx context.Context, typed string, k int) ([]int, error) {
			t, err := topic.ParseSearch(typed)
			if err != nil {
				return nil, err
			}
			return found(s.Search(ctx, core.Query{Topic: t, Limit: k}))
		}},
		{Name: "directions alone", Rank: func(ctx context.Context, typed string, k int) ([]int, error) {
			v := reader.Direction(ctx, text.Words(typed))
			near, err := s.Nearest(ctx, v, core.Query{}, k)
			if err != nil || v == nil {
				return nil, err
			}
			ids := make([]core.PaperID, len(near))
			for i, n := range near {
				ids[i] = byID[n.Seq]
			}
			return set.Places(ids), nil
		}},
	}
}
