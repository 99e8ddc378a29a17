//go:build unix

package workers_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/plan"
	"paperboy/core/text"
	"paperboy/core/topic"
	"paperboy/core/workers"
	"paperboy/internal/catalogue"
	"paperboy/internal/postgres"
	"paperboy/internal/recordings"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// BenchmarkNineOClock has ever more channels due in the same minute, three topics
// each and votes in every fifth, on a platform that takes 100 ms for a message, in real time: when the
// first message is there, when the last post is written down, when the last
// message is there, and how much memory that took at its highest. In the same run
// the obvious thing, one channel planned after another and all of them before
// anything is sent, up to its first message.
func BenchmarkNineOClock(b *testing.B) {
	old, papers, asked := morning(b, 130)
	base := map[string]float64{}
	for _, n := range []int{500, 2000, 5000, 10_000} {
		b.Run(fmt.Sprintf("channels=%d", n), func(b *testing.B) {
			sums := map[string]float64{}
			for b.Loop() {
				b.StopTimer()
				overlapped, obvious := newMorning(b, inFile(b), old, papers, asked, n), newMorning(b, inFile(b), old, papers, asked, n)
				b.StartTimer()
				for unit, v := range overlapped.run(b) {
					sums[unit] += v
				}
				for unit, v := range obvious.oneAfterAnother(b) {
					sums[unit] += v
				}
			}
			for unit, sum := range sums {
				b.ReportMetric(sum/float64(b.N), unit)
				if n == 500 {
					base[unit] = sum / float64(b.N)
				} else if base[unit] > 0 && (unit == "first-ms" || unit == "planned-ms") {
					b.ReportMetric(sum/float64(b.N)/base[unit], strings.TrimSuffix(unit, "-ms")+"-of-500")
				}
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkPlanning plans ten thousand channels' posts from 2,000 papers, in both of the
// usual layouts and on both engines, and sends nothing. With PAPERBOY_CHANNELS=100000 there are as many.
func BenchmarkPlanning(b *testing.B) {
	old, papers, asked := morning(b, 2000)
	n := 10_000
	if many, err := strconv.Atoi(os.Getenv("PAPERBOY_CHANNELS")); err == nil {
		n = many
	}
	for i, layout := range []core.Layout{core.LayoutChannel, core.LayoutCards, core.LayoutChannel, core.LayoutCards} {
		engine, database := "SQLite", inFile
		if i > 1 {
			engine, database = "PostgreSQL", inPostgres
		}
		b.Run(engine+"/"+string(layout), func(b *testing.B) {
			for b.Loop() {
				w := newMorning(b, database(b), old, papers, asked, n)
				for id := range int64(n) {
					if _, err := w.store.UpdateChannel(context.Background(), id+1, func(c *core.Channel) { c.Settings.Layout = layout }); err != nil {
						b.Fatal(err)
					}
				}
				runtime.GC()
				peak := watchHeap()
				w.begins()
				w.minutes = w.minutes.Add(-time.Minute)
				began, before := time.Now(), processor(b)
				if err := w.bot.Plan.PlanDue(context.Background()); err != nil {
					b.Fatal(err)
				}
				spent := processor(b) - before
				b.ReportMetric(time.Since(began).Seconds(), "s")
				b.ReportMetric(spent.Seconds(), "cpu-s")
				b.ReportMetric(spent.Seconds()*1000/float64(n), "cpu-ms/channel")
				b.ReportMetric(peak(), "heap-MB")
				open, err := w.store.CountOpen(context.Background())
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(open[core.Planned])/float64(n), "rows/channel")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// processor is the time that this process has had.
func processor(b *testing.B) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// morning is what was there before, what a day brings, and words that people may follow: those that half
// a percent to four percent of other papers have.
func morning(b *testing.B, listed int) (old, papers []core.Seen, asked []topic.Topic) {
	var all []core.Paper
	if recordings.Here(b) {
		type entry struct {
			ID                  core.PaperID
			Title, Abstract     string
			Authors, Categories []string
		}
		for _, e := range recordings.Values[entry](b, "arxiv-corpus.jsonl.gz", 3870+listed) {
			all = append(all, core.Paper{ID: e.ID, Title: e.Title, Abstract: e.Abstract, Authors: e.Authors, Categories: e.Categories})
		}
	} else {
		days := catalogue.Days()
		listed = min(listed, 100)
		for _, day := range slices.Sorted(maps.Keys(days)) {
			for _, s := range days[day] {
				all = append(all, s.Paper)
			}
		}
	}
	for _, p := range all[len(all)-listed:] {
		p.Sources = []string{"hf"}
		papers = append(papers, core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: "2025-11-24"}, Authority: core.Index})
	}
	for _, p := range all[:len(all)-listed] {
		old = append(old, core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: "2025-11-20"}, Authority: core.Index})
	}
	count := map[string]int{}
	for _, p := range all[:len(all)-listed] {
		words := append(text.Words(p.Title), text.Words(p.Abstract)...)
		slices.Sort(words)
		for _, w := range slices.Compact(words) {
			count[w]++
		}
	}
	for _, w := range slices.Sorted(maps.Keys(count)) {
		if n := count[w]; len(w) > 3 && n >= len(all)/200 && n < len(all)/25 {
			if t, err := topic.Parse(w); err == nil {
				asked = append(asked, t)
			}
		}
	}
	return old, papers, asked
}

// nine is a morning at nine.
type nine struct {
	store   *watched
	clock   core.Clock
	due     time.Time
	bot     *workers.Workers
	slow    *slow
	n       int
	minutes time.Time // when the calendar showed nine
}

func inFile(b *testing.B) string { return filepath.Join(b.TempDir(), "paperboy.db") }

func inPostgres(b *testing.B) string { return postgres.Database(b, nil) }

// newMorning is a database with 3,870 papers of before and so many channels, papers that came over night,
// and a calendar that shows a moment before nine.
func newMorning(b *testing.B, url string, old, papers []core.Seen, asked []topic.Topic, n int) *nine {
	ctx := context.Background()
	db, err := store.Open(ctx, url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	due := time.Date(2025, 11, 25, 9, 0, 0, 0, time.UTC)
	yesterday := due.Add(-23 * time.Hour)
	if _, err := db.PutPapers(ctx, old, true, yesterday); err != nil {
		b.Fatal(err)
	}
	for i := range n {
		ch, err := db.EnsureChannel(ctx, core.Channel{
			Key: core.ChannelKey{Platform: "slow", ID: fmt.Sprint("c", i)}, Name: fmt.Sprint("#c", i), Settings: core.DefaultSettings(),
			Schedule: core.Schedule{Time: "09:00", Zone: "UTC", Days: core.Daily}, Created: yesterday, Scheduled: yesterday,
		})
		if err != nil {
			b.Fatal(err)
		}
		for j := range 3 {
			if _, err := db.AddTopic(ctx, ch.ID, asked[(i*7+j*131)%len(asked)], core.User{Name: "ana", Key: "slow:ana"}, yesterday); err != nil {
				b.Fatal(err)
			}
			if i%5 > 0 {
				continue
			}
			vote := core.Reaction{Message: fmt.Sprint("m", j), User: core.User{Key: "slow:ana"}, Emoji: "👍", Added: true, Order: 1, At: yesterday}
			if _, err := db.PutReaction(ctx, ch.ID, old[(i+j*31)%len(old)].Paper.ID, core.Up, vote); err != nil {
				b.Fatal(err)
			}
		}
	}
	if _, err := db.PutPapers(ctx, papers, false, due.Add(-6*time.Hour)); err != nil {
		b.Fatal(err)
	}
	return &nine{store: &watched{Store: db}, due: due, n: n}
}

// begins has the calendar run on from two seconds before nine.
func (w *nine) begins() {
	w.minutes = time.Now().Add(2 * time.Second)
	w.clock = wallclock.New(func() time.Time { return w.due.Add(time.Since(w.minutes)) })
	w.slow = &slow{}
	w.bot = workers.New(workers.Options{
		Store: w.store, Connections: core.NewConnections(nil, w.slow), Clock: w.clock,
		Feed: &feed.Feed{Store: w.store, Now: w.clock.Now, Interval: time.Hour},
	})
}

func (w *nine) since(t time.Time) float64 { return float64(t.Sub(w.minutes).Microseconds()) / 1000 }

// run is the bot as it is.
func (w *nine) run(b *testing.B) map[string]float64 {
	runtime.GC()
	peak := watchHeap()
	w.begins()
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.bot.Run(ctx); err != nil {
			b.Error(err)
		}
	})
	for w.store.planned.Load() < int64(w.n) || !w.allPosted(b) {
		time.Sleep(100 * time.Millisecond)
		if time.Since(w.minutes) > 10*time.Minute {
			b.Error("it takes too long")
			break
		}
	}
	stop()
	running.Wait()
	first, last, posts := w.slow.seen()
	return map[string]float64{
		"first-ms": w.since(first), "planned-ms": w.since(w.store.at()), "posted-ms": w.since(last), "heap-MB": peak(),
		"messages": float64(posts),
	}
}

func (w *nine) allPosted(b *testing.B) bool {
	open, err := w.store.CountOpen(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	return open[core.Planned]+open[core.Sending] == 0
}

// oneAfterAnother plans each channel by itself, all of them before the first
// message is sent.
func (w *nine) oneAfterAnother(b *testing.B) map[string]float64 {
	w.begins()
	w.store.alone = true
	if err := w.bot.Join(context.Background()); err != nil {
		b.Fatal(err)
	}
	time.Sleep(time.Until(w.minutes))
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	for w.store.planned.Load() < int64(w.n) {
		o := w.bot.Plan.Options
		o.WakePoster = nil
		if err := plan.New(o).PlanDue(ctx); err != nil {
			b.Fatal(err)
		}
	}
	var running sync.WaitGroup
	running.Go(func() { w.bot.Post.Run(ctx) })
	for {
		if first, _, _ := w.slow.seen(); !first.IsZero() {
			stop()
			running.Wait()
			return map[string]float64{"obvious-first-ms": w.since(first), "obvious-planned-ms": w.since(w.store.at())}
		}
		time.Sleep(time.Millisecond)
	}
}

// watched is a store that knows when the last post was written down. With alone
// it gives channels one at a time.
type watched struct {
	*store.Store
	planned atomic.Int64
	last    atomic.Pointer[time.Time]
	alone   bool
}

func (s *watched) at() time.Time {
	if t := s.last.Load(); t != nil {
		return *t
	}
	return time.Time{}
}

func (s *watched) Due(ctx context.Context, now time.Time, limit int, serves func(core.Installation) bool) ([]core.Channel, error) {
	if s.alone {
		limit = 1
	}
	return s.Store.Due(ctx, now, limit, serves)
}

func (s *watched) PlanDigests(ctx context.Context, plans []core.Plan, told ...core.Told) (int, error) {
	n, err := s.Store.PlanDigests(ctx, plans, told...)
	now := time.Now()
	s.last.Store(&now)
	s.planned.Add(int64(n))
	return n, err
}

// slow is a platform that takes 100 ms for a message.
type slow struct {
	mu          sync.Mutex
	first, last time.Time
	posts       int
}

func (*slow) Network() core.Network {
	return core.Network{Name: "slow", Command: "/papers", Editors: "members", Threads: true}
}

func (*slow) Serves(core.Installation) bool { return true }

func (s *slow) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	select {
	case <-time.After(100 * time.Millisecond):
	case <-ctx.Done():
		return core.MessageRef{}, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = time.Now()
	if s.posts++; s.posts == 1 {
		s.first = s.last
	}
	return core.MessageRef{Conversation: p.Channel.ID, ID: p.Key}, nil
}

func (s *slow) seen() (first, last time.Time, posts int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first, s.last, s.posts
}

// watchHeap samples the heap until it is asked for its peak, in megabytes.
func watchHeap() (peak func() float64) {
	var most uint64
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		again := time.NewTicker(50 * time.Millisecond)
		defer again.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-again.C:
			case <-over:
				return
			}
		}
	}()
	return func() float64 {
		close(over)
		<-done
		return float64(most) / 1e6
	}
}
