//go:build unix

package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"paperboy/core"
)

// BenchmarkVotes asks a store of very many votes, by the processor's time that each
// question takes: a hundred people voted in each of a tenth of the channels, for some of
// the same 20,000 papers. With PAPERBOY_VOTES=10000000 there are as many.
func BenchmarkVotes(b *testing.B) {
	many := 100_000
	if n, err := strconv.Atoi(os.Getenv("PAPERBOY_VOTES")); err == nil {
		many = n
	}
	const papers, perChannel = 20_000, 1000
	channels := many / perChannel
	h := &house{TB: b, path: filepath.Join(b.TempDir(), "paperboy.db"), now: monday}
	s, err := Open(b.Context(), h.path)
	h.ok(err)
	b.Cleanup(func() { s.Close() })
	h.Store = s
	paper := func(n int) core.PaperID { return core.PaperID(fmt.Sprintf("2511.%05d", n+1)) }
	for from := 0; from < papers; from += 1000 {
		var seen []core.Seen
		for i := from; i < from+1000; i++ {
			seen = append(seen, core.Seen{Paper: core.Paper{ID: paper(i), Title: fmt.Sprint("Lamps of the kind ", i)}, Sighting: core.Sighting{Source: "hf", Day: "2025-11-20"}, Authority: core.Index})
		}
		h.comes(seen...)
	}
	began := time.Now()
	w := h.lite().w
	for c := range channels {
		ch := h.channel(fmt.Sprint("c", c))
		// 200 papers with five votes each, the oldest of them half a year old.
		_, err := w.Exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
			INSERT INTO reactions (channel, message, person, emoji, paper, kind, present, ord, at)
			SELECT ?1, 'm' || (i / 5), 'slack:T1/U' || ((?1 * 100 + i * 7) % 100000), '👍', printf('2511.%05d', (?1 * 37 + i / 5 * 101) % 20000 + 1), 'up', 1, i, ?3 - (i / 5) * 78000000 FROM n`,
			ch.ID, perChannel-1, ms(h.now))
		h.ok(err)
	}
	_, err = w.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`)
	h.ok(err)
	info, err := os.Stat(h.path)
	h.ok(err)
	b.Logf("%d votes in %d channels: %d MB, made in %v", many, channels, info.Size()>>20, time.Since(began).Round(time.Second))

	ch := int64(channels/2 + 1)
	var some []core.PaperID // of which ten people of the channel voted for two
	for i := range 10 {
		some = append(some, paper(int(ch*37+int64(i)*101)%papers))
	}
	var all []int64
	for i := range 128 {
		all = append(all, int64(i%channels)+1)
	}
	lately, quarter := h.now.AddDate(0, 0, -7), h.now.AddDate(0, 0, -90)
	n := 0
	for _, q := range []struct {
		name string
		ask  func() error
	}{
		{"tally of ten papers in a channel", func() error { _, err := h.Tally(b.Context(), ch, some, time.Time{}); return err }},
		{"tally of ten papers everywhere", func() error { _, err := h.Tally(b.Context(), 0, some, time.Time{}); return err }},
		{"voted in a week", func() error { _, err := h.Voted(b.Context(), ch, lately); return err }},
		{"voters in a week", func() error { _, err := h.Voters(b.Context(), ch, lately); return err }},
		{"votes of 128 channels in 90 days", func() error { _, err := h.Votes(b.Context(), all, quarter); return err }},
		{"top of a channel", func() error {
			_, err := h.Search(b.Context(), core.Query{Topic: query(b, "lamp"), Sort: core.SortTop, Limit: 10, Channel: ch})
			return err
		}},
		{"top everywhere", func() error {
			_, err := h.Search(b.Context(), core.Query{Topic: query(b, "lamp"), Sort: core.SortTop, Limit: 10})
			return err
		}},
		{"a vote", func() error {
			n++
			_, err := h.PutReaction(b.Context(), ch, some[0], core.Up, core.Reaction{Message: "m0", User: core.User{Key: fmt.Sprint("slack:T1/V", n)}, Emoji: "👍", Added: true, Order: 1, At: h.now})
			return err
		}},
		{"the votes of a message, read again", func() error {
			_, err := h.SetReactions(b.Context(), ch, some[1], "m1", core.DefaultSettings().VoteKind, nil, h.now)
			return err
		}},
		{"planning 128 channels", func() error { _, err := h.Planning(b.Context(), all, some, quarter, h.now); return err }},
		{"who asks to be forgotten", func() error { return h.ForgetUser(b.Context(), "slack:T1/U77", h.now) }},
	} {
		b.Run(q.name, func(b *testing.B) {
			before := processor(b)
			for b.Loop() {
				h.ok(q.ask())
			}
			b.ReportMetric(float64((processor(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}

// processor is the time that this process has had.
func processor(t testing.TB) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
