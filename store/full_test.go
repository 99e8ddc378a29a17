package store

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/workers"
	"paperboy/internal/wallclock"
)

// fills leaves the database no page that is not there already, as a full disk
// does; its undo is somebody freeing some space.
func (h *house) fills() {
	h.Helper()
	var pages int
	h.ok(h.lite().w.QueryRow(`PRAGMA page_count`).Scan(&pages))
	_, err := h.lite().w.Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages))
	h.ok(err)
}

func (h *house) frees() {
	h.Helper()
	_, err := h.lite().w.Exec(`PRAGMA max_page_count = 4294967294`)
	h.ok(err)
}

// wall is a chat that cannot look for what it has, so that what is not written
// down stays uncertain for ever.
type wall struct {
	read atomic.Int32 // how many messages' votes were read back

	mu     sync.Mutex
	items  []string
	answer func(n int) string // the id of the nth message
}

func (w *wall) answers(id func(n int) string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = id
}

func (w *wall) has() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.items)
}

func (*wall) Serves(core.Installation) bool { return true }

func (*wall) Network() core.Network {
	return core.Network{Name: "wall", Command: "/papers", Editors: "members"}
}

func (w *wall) Post(_ context.Context, p core.Post) (core.MessageRef, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.items = append(w.items, p.Key)
	return core.MessageRef{ID: w.answer(len(w.items))}, nil
}

func (w *wall) Reactions(_ context.Context, _ core.ChannelKey, _ core.MessageRef, refs []core.MessageRef, keep func(core.MessageRef, []core.Reaction) error) ([]core.MessageRef, error) {
	w.read.Add(1)
	return refs[1:], keep(refs[0], []core.Reaction{{User: core.User{Key: "wall:ben"}, Emoji: "👍", Added: true}})
}

// Nobody repeats a vote that was given while the disk was full.
func TestVotesAreReadBackWhenThereIsRoomAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		chat := &wall{answer: func(n int) string { return fmt.Sprint("m", n) }}
		clock := func() time.Time { return h.now }
		bot := workers.New(workers.Options{Store: h.Store, Connections: core.NewConnections(nil, chat), Clock: wallclock.New(clock), Feed: &feed.Feed{Store: h.Store, Now: clock, Interval: time.Hour}})
		asks := func(id, words string) {
			bot.Do(t.Context(), core.Request{ID: id, Channel: core.ChannelKey{Platform: "wall", ID: "ml"}, User: core.User{Key: "wall:ana", Name: "ana"}, Text: words})
		}
		asks("1", "subscribe lamp")
		asks("2", "schedule 10:00 UTC daily")
		h.comes(listed("2611.00001", "A lamp", "hf", "2026-11-23"))
		h.now = h.now.Add(time.Hour)
		h.ok(bot.Tick(t.Context()))
		h.wants("a header and a paper", len(chat.has()), 2)

		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- bot.Run(ctx) }()
		synctest.Wait()
		h.wants("read at the start", int(chat.read.Load()), 1)
		h.fills()
		asks(strings.Repeat("3", 100_000), "mute zebra") // does not fit
		time.Sleep(10 * time.Minute)
		h.wants("read without room", int(chat.read.Load()), 1)
		h.frees()
		time.Sleep(time.Minute)
		h.wants("read again", int(chat.read.Load()), 2)
		tally, err := h.Tally(t.Context(), 0, []core.PaperID{"2611.00001"}, time.Time{})
		h.ok(err)
		h.wants("votes", tally["2611.00001"].Up, 1)
		stop()
		h.ok(<-ended)
		h.ok(h.Close()) // its connections are of this bubble
	})
}

// Posting stops before a message that could not be written down, status says
// why, the log says it once, and free space is enough to go on.
func TestADiskThatIsFullStopsThePosts(t *testing.T) {
	for _, c := range []struct {
		name   string
		before int // messages that are out when the disk is full
	}{{"before the post", 0}, {"while a message is on its way", 2}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { fullDisk(t, c.before) })
		})
	}
}

func fullDisk(t *testing.T, before int) {
	h := newHouse(t)
	var log strings.Builder
	chat := &wall{answer: func(n int) string { return fmt.Sprint("m", n) }}
	start := time.Now()
	clock := func() time.Time { return h.now.Add(time.Since(start)) }
	bot := workers.New(workers.Options{
		Store: h.Store, Connections: core.NewConnections(nil, chat), Clock: wallclock.New(clock), Log: slog.New(slog.NewTextHandler(&log, nil)),
		Feed: &feed.Feed{Store: h.Store, Now: clock, Interval: time.Hour},
	})
	requests := 0
	says := func(words string) string {
		requests++
		r := bot.Do(t.Context(), core.Request{ID: fmt.Sprint(requests), Channel: core.ChannelKey{Platform: "wall", ID: "ml"},
			User: core.User{Key: "wall:ana", Name: "ana"}, Text: words})
		var lines []string
		for _, l := range r.Card.Lines {
			lines = append(lines, l.String())
		}
		return strings.Join(lines, "\n")
	}
	says("subscribe lamp")
	says("schedule 10:00 UTC daily")
	says("settings max:15")
	var seen []core.Seen
	for n := range 60 {
		seen = append(seen, listed(core.PaperID(fmt.Sprintf("2611.%05d", n+1)), fmt.Sprint("A lamp of kind ", n), "hf", "2026-11-23"))
	}
	h.comes(seen...)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- bot.Run(ctx) }()
	time.Sleep(59 * time.Minute)
	if before == 0 {
		h.fills()
	} else {
		chat.answers(func(n int) string {
			if n == before { // more than fits into the pages that there are
				h.fills()
				return strings.Repeat("m", 100_000)
			}
			return fmt.Sprint("m", n)
		})
	}
	const full = "My disk is full"
	time.Sleep(10 * time.Minute)
	h.wants("messages sent", len(chat.has()), before)
	h.wants("lines in the log", strings.Count(log.String(), `msg="the disk is full`), 1)
	if got := says("status"); !strings.Contains(got, full) || !strings.Contains(got, "free some space") {
		t.Errorf("status says\n%s", got)
	}
	h.wants("errors in the log", strings.Count(log.String(), "level=ERROR"), 1)

	h.frees()
	chat.answers(func(n int) string { return fmt.Sprint("m", n) })
	time.Sleep(time.Minute)
	posted := chat.has()
	h.wants("a header and the papers", len(posted), 16)
	slices.Sort(posted)
	h.wants("each sent once", len(slices.Compact(posted)), 16)
	if got := says("status"); strings.Contains(got, full) || strings.Contains(got, "uncertain") || strings.Contains(got, "on the way") {
		t.Errorf("status says\n%s", got)
	}
	h.wants("lines in the log", strings.Count(log.String(), "there is room on the disk again"), 1)
	stop()
	h.ok(<-ended)
	h.ok(h.Close()) // its connections are of this bubble
}
