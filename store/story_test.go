package store

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"paperboy/core"
)

// engine is the store, further away than the test that stands beside it: both
// have a Skipped.
type (
	engine struct{ stored }
	stored struct{ *Store }
)

// A house is a store in a file of its own, with verbs for telling stories.
type house struct {
	*testing.T
	engine
	path string
	now  time.Time
}

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func newHouse(t *testing.T) *house {
	h := &house{T: t, path: filepath.Join(t.TempDir(), "paperboy.db"), now: monday}
	h.Store = h.another()
	return h
}

// another opens the same file once more, as a second process does.
func (h *house) another() *Store {
	h.Helper()
	s, err := Open(context.Background(), h.path)
	h.ok(err)
	h.Cleanup(func() { s.Close() })
	return s
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// listed is a paper on a source's list.
func listed(id core.PaperID, title, source string, day core.Date, more ...func(*core.Paper)) core.Seen {
	p := core.Paper{ID: id, Title: title}
	for _, m := range more {
		m(&p)
	}
	return core.Seen{Paper: p, Sighting: core.Sighting{Source: source, Day: day}}
}

func (h *house) comes(seen ...core.Seen) core.Put {
	h.Helper()
	put, err := h.PutPapers(context.Background(), seen, false, h.now)
	h.ok(err)
	return put
}
