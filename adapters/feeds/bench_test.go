package feeds

import (
	"slices"
	"sync"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/recordings"
	"paperboy/internal/testkit"
)

// BenchmarkFeeds asks for every feed of a channel in a store of all recorded papers, that
// of two months before it posted: one after the other, whole and with nothing new, and by
// sixteen readers at the same time.
func BenchmarkFeeds(b *testing.B) {
	type row struct {
		ID, Title, Abstract string
		Authors, Categories []string
		Published, Listed   core.Date
	}
	days := map[core.Date][]core.Seen{}
	papers := 0
	for _, p := range recordings.Values[row](b, "arxiv-corpus.jsonl.gz", recordings.All) {
		days[p.Listed] = append(days[p.Listed], core.Seen{
			Paper:    core.Paper{ID: core.PaperID(p.ID), Title: p.Title, Abstract: p.Abstract, Authors: p.Authors, Categories: p.Categories, Published: p.Published},
			Sighting: core.Sighting{Source: "hf", Day: p.Listed},
		})
		papers++
	}
	l := newLab(b)
	var order []core.Date
	for day := range days {
		order = append(order, day)
	}
	slices.Sort(order)
	last := order[len(order)-1]
	put := func(day core.Date, backlog bool) {
		for part := range slices.Chunk(days[day], 500) {
			if _, err := l.store.PutPapers(b.Context(), part, backlog, l.now); err != nil {
				b.Fatal(err)
			}
		}
	}
	first := true
	for _, day := range order {
		if day < last.AddDays(-60) {
			put(day, true)
			continue
		}
		l.now = day.Time(testkit.Berlin).Add(8 * time.Hour)
		if first {
			l.says(l.ml, "subscribe diffusion, agent, reasoning")
			l.says(l.ml, "schedule 09:00 Europe/Berlin daily")
			first = false
		}
		put(day, false)
		l.until(l.now.Add(time.Hour))
	}
	ids, _ := l.posted()
	b.Logf("%d papers, %d posted", papers, len(ids))
	for _, name := range []string{"posts.atom", "day.atom", "topics/1.atom", "search.atom?q=model", "digest/" + string(last) + ".json", "channel.opml"} {
		b.Run(name, func(b *testing.B) {
			last := l.gets(l.base + name)
			ask := func(status int, header ...string) time.Duration {
				start := time.Now()
				w := l.gets(l.base+name, header...)
				took := time.Since(start)
				if w.Code != status {
					b.Errorf("%d %s", w.Code, w.Body)
				}
				return took
			}
			var whole, unchanged, together []time.Duration
			for b.Loop() {
				for range 100 {
					whole = append(whole, ask(200))
					unchanged = append(unchanged, ask(304, "If-None-Match", last.Header().Get("ETag")))
				}
			}
			b.ReportMetric(float64(last.Body.Len())/1000, "kB")
			testkit.ReportTimes(b, "whole", whole)
			testkit.ReportTimes(b, "unchanged", unchanged)
			var mu sync.Mutex
			var wg sync.WaitGroup
			for range 16 {
				wg.Go(func() {
					for range 25 {
						took := ask(200)
						mu.Lock()
						together = append(together, took)
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			testkit.ReportTimes(b, "sixteen", together)
		})
	}
}
