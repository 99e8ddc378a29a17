package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/ratelimit"
	"paperboy/core/workers"
	"paperboy/internal/config"
	"paperboy/internal/recordings"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// BenchmarkFlood is how long a person waits for a search of 78,596 papers, ten of them a
// second for ten seconds: by themselves; while a script in another workspace makes a
// thousand a second, and while a stranger asks the public page for as many; without a
// limit and with it. Commands go through one queue, as in an adapter.
//
//	go test -tags sqlite_fts5 -timeout 30m -run '^$' -bench Flood -benchtime 1x ./cmd/bot
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
	clock := wallclock.New(func() time.Time { return last.Time(time.UTC).Add(12 * time.Hour) })
	log := slog.New(slog.DiscardHandler)
	bot := workers.New(workers.Options{Store: s, Clock: clock})
	a := &app{ctx: b.Context(), log: log, config: config.Default()}
	a.config.HTTP.Listen, a.config.Site.Public = "127.0.0.1:0", true
	connections := core.NewConnections(log)
	words := []string{"diffusion policy", "agents that remember", "protein folding", "lora", "speech", "graph neural network", "unlearning", "robot grasping"}
	for _, story := range []struct {
		name       string
		script     int // searches a second
		limit      int
		pages      int // a second
		answeredBy http.Handler
	}{
		{name: "alone"},
		{name: "a script", script: 1000},
		{name: "a script within 600 a minute", script: 1000, limit: 600},
		{name: "pages", pages: 1000, answeredBy: a.site(s, connections, nil)},
		{name: "pages, a few at once", pages: 1000, answeredBy: a.port(s, connections, nil)},
	} {
		b.Run(story.name, func(b *testing.B) {
			for b.Loop() {
				h := ratelimit.New(bot, story.limit, time.Now, log)
				var q kit.Queue
				stop := q.Run(b.Context(), log, 0)
				reading, leave := context.WithCancel(b.Context())
				var mu sync.Mutex
				var waits []time.Duration
				var done, readers sync.WaitGroup
				flood := 0
				ask := func(workspace string, i int, over func(answered bool, took time.Duration)) {
					begun := time.Now()
					q.Put("", func(ctx context.Context) {
						r := h.Do(ctx, core.Request{Channel: core.ChannelKey{Platform: "slack", Workspace: workspace, ID: "C"}, User: core.User{Key: "slack:" + workspace}, Text: "search " + words[i%len(words)]})
						mu.Lock()
						defer mu.Unlock()
						over(len(r.Card.Papers) > 0, time.Since(begun))
					})
				}
				begun, tick := time.Now(), time.NewTicker(10*time.Millisecond)
				for n := range 1000 {
					<-tick.C
					for range story.script / 100 {
						ask("Large", n, func(answered bool, _ time.Duration) {
							if answered {
								flood++
							}
						})
					}
					for range story.pages / 100 {
						readers.Go(func() {
							w := httptest.NewRecorder()
							story.answeredBy.ServeHTTP(w, httptest.NewRequestWithContext(reading, "GET", "/?q="+url.QueryEscape(words[n%len(words)]), nil))
							mu.Lock()
							defer mu.Unlock()
							if w.Code == http.StatusOK {
								flood++
							}
						})
					}
					if n%10 == 0 {
						done.Add(1)
						ask("Lab", n, func(answered bool, took time.Duration) {
							defer done.Done()
							if waits = append(waits, took); !answered {
								b.Error("the other workspace is not answered")
							}
						})
					}
				}
				tick.Stop()
				done.Wait()
				leave()
				readers.Wait()
				testkit.ReportTimes(b, "answer", waits)
				b.ReportMetric(float64(flood), "of-the-flood")
				b.ReportMetric(time.Since(begun).Seconds(), "s")
				stop()
			}
		})
	}
}
