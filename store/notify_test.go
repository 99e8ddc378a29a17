package store

import (
	"context"
	"sync"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/postgres"
)

// bells are what a process hears.
type bells struct {
	mu    sync.Mutex
	heard map[core.Work]int
}

func listens(t *testing.T, s *Store) *bells {
	b := &bells{heard: map[core.Work]int{}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Hear(ctx, func(w core.Work) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.heard[w]++
		})
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return b
}

func (b *bells) count(w core.Work) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.heard[w]
}

func (b *bells) waitsFor(t *testing.T, w core.Work, more int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); b.count(w) < more; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s was heard %d times, want %d", w, b.count(w), more)
		}
	}
}

// What one process makes due another hears of, and what is undone it does not.
func TestProcessesHearOfEachOthersWork(t *testing.T) {
	h := aDatabase(t)
	other := inPostgres(t, h.path)
	here, there := listens(t, h.Store), listens(t, other)
	for _, b := range []*bells{here, there} {
		b.waitsFor(t, core.ToLead, 1) // which says that it hears
	}
	time.Sleep(1500 * time.Millisecond) // what was rung by looking
	plans, sends := there.count(core.ToPlan), there.count(core.ToSend)
	own := here.count(core.ToSend)
	ml := h.channel("ml")
	there.waitsFor(t, core.ToPlan, plans+1)
	_, err := h.PutReaction(t.Context(), ml.ID, "2511.00001", core.Up, core.Reaction{Message: "m", User: core.User{Key: "ana"}, Emoji: "👍", Added: true, Order: 1, At: monday})
	h.ok(err)
	there.waitsFor(t, core.ToSend, sends+1)
	if n := here.count(core.ToSend); n != own {
		t.Errorf("it heard itself %d times", n-own)
	}
	reads := there.count(core.ToRead)
	h.ok(h.Reread(t.Context(), ml.ID, monday))
	there.waitsFor(t, core.ToRead, reads+1)
}

// A connection that a pooler lends for a transaction hears nothing: then each looks, every
// second.
func TestWhoCannotHearLooksEverySecond(t *testing.T) {
	h := aDatabase(t)
	other := inPostgres(t, h.path)
	broken := *other.engine.(*pg).config
	broken.Port, broken.Host = 1, "127.0.0.1" // nobody is there
	other.engine.(*pg).config = &broken
	b := listens(t, other)
	begun := time.Now()
	b.waitsFor(t, core.ToSend, 3)
	if took := time.Since(begun); took < 2*time.Second || took > 10*time.Second {
		t.Errorf("three looks took %v", took)
	}
}

// Behind PgBouncer in transaction mode LISTEN is taken, and nothing is heard.
func TestBehindPgBouncerEachLooksEverySecond(t *testing.T) {
	h := aDatabase(t)
	pooled := inPostgres(t, postgres.Pooled(t, h.path))
	b := listens(t, pooled)
	b.waitsFor(t, core.ToSend, 4)
}
