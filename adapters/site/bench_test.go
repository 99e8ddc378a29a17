package site

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/internal/recordings"
	"paperboy/internal/testkit"
	"paperboy/store"
)

// BenchmarkPages makes pages of 78,596 recorded papers: each kind by itself, one after
// another; then for sixteen readers, who look at what they got for a second or so before they
// ask for the next. It takes as long whatever b.N says: ask for it once.
func BenchmarkPages(b *testing.B) {
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
	var ids []core.PaperID
	var days []core.Date
	r := rand.New(rand.NewPCG(1, 2))
	for part := range slices.Chunk(recordings.Values[entry](b, "arxiv-corpus.jsonl.gz", recordings.All), 1000) {
		var seen []core.Seen
		for _, e := range part {
			p := core.Paper{ID: e.ID, Title: e.Title, Abstract: e.Abstract, Authors: e.Authors, Categories: e.Categories, Published: e.Published}
			if r.IntN(8) == 0 {
				n := int(r.ExpFloat64() * 20)
				p.Upvotes = &n
			}
			ids, days = append(ids, e.ID), append(days, e.Published)
			seen = append(seen, core.Seen{Paper: p, Sighting: core.Sighting{Source: "import"}, Authority: core.Copy})
		}
		if _, err := s.PutPapers(b.Context(), seen, true, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Tidy(b.Context()); err != nil {
		b.Fatal(err)
	}
	ch, err := s.EnsureChannel(b.Context(), core.Channel{Key: core.ChannelKey{Platform: "web", ID: "ml"}, Name: "#ml"})
	if err != nil {
		b.Fatal(err)
	}
	for i := range 500 {
		if _, err := s.PutReaction(b.Context(), ch.ID, ids[r.IntN(len(ids))], core.Up, core.Reaction{Message: fmt.Sprint("m", i), User: core.User{Key: "web:ana"}, Emoji: "👍", Added: true, Order: 1, At: time.Now()}); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.SetLink(b.Context(), core.Link{Channel: ch.ID, Purpose: core.LinkRead, Secret: "S"}); err != nil {
		b.Fatal(err)
	}
	last := slices.Max(days).Time(time.UTC)
	now := func() time.Time { return last.Add(12 * time.Hour) }
	site := New(Options{Store: s, Query: &query.Reader{Store: s, Now: now}, Now: now})
	words := []string{"diffusion+policy", "agents+that+remember", "protein+folding", "lora", "speech", "graph+neural+network", "unlearning", "robot+grasping"}
	var newest []core.PaperID // what lists lead to
	for i, d := range days {
		if d > core.DateOf(last).AddDays(-3) {
			newest = append(newest, ids[i])
		}
	}
	kinds := map[string]func(r *rand.Rand) string{
		"newest": func(*rand.Rand) string { return "/" },
		"day":    func(r *rand.Rand) string { return "/?date=" + string(days[r.IntN(len(days))]) },
		"week":   func(r *rand.Rand) string { return "/?span=week&date=" + string(days[r.IntN(len(days))]) },
		"month":  func(r *rand.Rand) string { return "/?span=month&date=" + string(days[r.IntN(len(days))]) },
		"paper":  func(r *rand.Rand) string { return "/papers/" + string(ids[r.IntN(len(ids))]) },
		"listed": func(r *rand.Rand) string { return "/papers/" + string(newest[r.IntN(len(newest))]) },
		"search": func(r *rand.Rand) string { return "/?q=" + words[r.IntN(len(words))] },
	}
	ask := func(b *testing.B, path string) (took time.Duration, size int) {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		req.Header.Set("Cookie", cookieName+"=S")
		w := httptest.NewRecorder()
		start := time.Now()
		site.ServeHTTP(w, req)
		took = time.Since(start)
		if w.Code != http.StatusOK {
			b.Errorf("%s is %d", path, w.Code)
		}
		return took, w.Body.Len()
	}
	ask(b, "/?q=lora") // reads what is kept in memory
	for _, kind := range []string{"newest", "day", "week", "month", "paper", "listed", "search"} {
		b.Run(kind, func(b *testing.B) {
			var all []time.Duration
			most := 0
			r := rand.New(rand.NewPCG(3, 4))
			for range 200 {
				took, size := ask(b, kinds[kind](r))
				all, most = append(all, took), max(most, size)
			}
			testkit.ReportTimes(b, "page", all)
			b.ReportMetric(float64(most)/1000, "largest-kB")
			b.ReportMetric(0, "ns/op")
		})
	}
	b.Run("readers=16", func(b *testing.B) {
		var mu sync.Mutex
		all := map[string][]time.Duration{}
		var wg sync.WaitGroup
		for reader := range 16 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(5, uint64(reader)))
				for i := range 50 {
					time.Sleep(time.Duration(float64(time.Second) * (.5 + r.Float64())))
					kind := []string{"newest", "day", "day", "day", "week", "month", "listed", "listed", "listed", "search"}[r.IntN(10)]
					took, _ := ask(b, kinds[kind](r))
					if i < 10 {
						continue // each of the store's connections begins with nothing in memory
					}
					mu.Lock()
					all[kind], all["any"] = append(all[kind], took), append(all["any"], took)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for kind, took := range all {
			testkit.ReportTimes(b, kind, took)
		}
		b.ReportMetric(0, "ns/op")
	})
}
