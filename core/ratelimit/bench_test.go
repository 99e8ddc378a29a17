package ratelimit_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/ratelimit"
	"paperboy/core/workers"
	"paperboy/internal/recordings"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// BenchmarkFlood is how long a person waits for a search of 78,596 papers while a script
// in another workspace makes a thousand searches a second for ten seconds: without it,
// with it and no limit, and with the limit as it is. Both go through one queue, as in an
// adapter.
//
//	go test -tags sqlite_fts5 -timeout 20m -run '^$' -bench Flood -benchtime 1x ./core/ratelimit
func BenchmarkFlood(b *testing.B) {
	type entry struct {
		ID                  core.PaperID
		Title, Abstract     string
		Authors, Categories []string
		Published           core.Date
	}
	recordings.Dir(b)
	s, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "paperboy.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	var last core.Date
	for part := range slices.Chunk(recordings.Values[entry](b, "arxiv-corpus.jsonl.gz", recordings.All), 1000) {
		var seen []core.Seen
		for _, e := range part {
			last = max(last, e.Published)
			seen = append(seen, core.Seen{Sighting: core.Sighting{Source: "import"}, Authority: core.Copy,
				Paper: core.Paper{ID: e.ID, Title: e.Title, Abstract: e.Abstract, Authors: e.Authors, Categories: e.Categories, Published: e.Published}})
		}
		if _, err := s.PutPapers(b.Context(), seen, true, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Tidy(b.Context()); err != nil {
		b.Fatal(err)
	}
	now := func() time.Time { return last.Time(time.UTC).Add(12 * time.Hour) }
	bot := workers.New(workers.Options{Store: s, Clock: wallclock.New(now)})
	words := []string{"diffusion policy", "agents that remember", "protein folding", "lora", "speech", "graph neural network", "unlearning", "robot grasping"}
	if _, err := (&query.Reader{Store: s, Now: now}).Search(b.Context(), core.Query{Limit: 1}); err != nil {
		b.Fatal(err)
	}
	for _, story := range []struct {
		name         string
		flood, limit int
	}{{"alone", 0, 600}, {"no limit", 1000, 0}, {"600 a minute", 1000, 600}} {
		b.Run(story.name, func(b *testing.B) {
			for b.Loop() {
				h := ratelimit.New(bot, story.limit, time.Now, slog.New(slog.DiscardHandler))
				var q kit.Queue
				stop := q.Run(b.Context(), slog.New(slog.DiscardHandler), 0)
				var mu sync.Mutex
				var waits []time.Duration
				searched := 0
				ask := func(workspace string, i int, over func(core.Reply, time.Duration)) {
					begun := time.Now()
					q.Put("", func(ctx context.Context) {
						r := h.Do(ctx, core.Request{Channel: in(workspace), User: person(workspace), Text: "search " + words[i%len(words)]})
						mu.Lock()
						defer mu.Unlock()
						over(r, time.Since(begun))
					})
				}
				begun, tick := time.Now(), time.NewTicker(10*time.Millisecond)
				for n := range 1000 {
					<-tick.C
					for range story.flood / 100 {
						ask("Large", n, func(r core.Reply, _ time.Duration) {
							if len(r.Card.Papers) > 0 {
								searched++
							}
						})
					}
					if n%10 == 0 {
						ask("Lab", n, func(r core.Reply, took time.Duration) {
							if waits = append(waits, took); len(r.Card.Papers) == 0 {
								b.Errorf("the other workspace is told %+v", r)
							}
						})
					}
				}
				tick.Stop()
				for {
					mu.Lock()
					n := len(waits)
					mu.Unlock()
					if n == 100 {
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
				testkit.ReportTimes(b, "answer", waits)
				b.ReportMetric(float64(searched), "of-the-flood")
				b.ReportMetric(time.Since(begun).Seconds(), "s")
				stop()
			}
		})
	}
}
