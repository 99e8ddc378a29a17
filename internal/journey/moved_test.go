package journey

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"paperboy/internal/postgres"
	"paperboy/store"
)

// differ says where two tellings differ first.
func differ(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return "after\n" + strings.Join(x[max(0, i-30):i], "\n") + "\n- " + x[i] + "\n+ " + y[i]
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}

// A month of papers, commands, searches, votes and restarts, told by chance and told
// again on the other engine: every message and every answer is the same, byte by byte.
func TestTwoEnginesTellTheSameMonth(t *testing.T) {
	postgres.Needed(t)
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			here, there := aMonth(t, database(t), seed), aMonth(t, server(t), seed)
			if a, b := here.told(), there.told(); a != b {
				t.Fatal(differ(a, b))
			}
			if a, b := here.found(here.store), there.found(there.store); a != b {
				t.Fatal(differ(a, b))
			}
			if len(here.postedPapers()) < 20 || len(here.replies) < 50 {
				t.Errorf("hardly anything happened: %d papers, %d answers", len(here.postedPapers()), len(here.replies)/2)
			}
		})
	}
}

// A bot that has lived a month on SQLite is copied to PostgreSQL while it runs, and goes
// on here for a while: there the same is found, and what was posted since does not come
// again.
func TestAMovedBotFindsTheSameAndPostsNothingTwice(t *testing.T) {
	postgres.Needed(t)
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m, to := aMonth(t, database(t), seed), server(t)
			m.says("pi", "settings layout:channel max:15 discover:0")
			moved, err := store.Copy(t.Context(), m.url, to)
			if err != nil {
				t.Fatal(err)
			}
			if moved.Living == nil {
				t.Error("nobody was seen working on it")
			}
			if moved.Papers() != len(m.papers) || len(moved.Tables) < 20 {
				t.Errorf("%d papers of %d, %d tables", moved.Papers(), len(m.papers), len(moved.Tables))
			}
			copied, err := store.Open(t.Context(), to)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := m.found(m.store), m.found(copied); a != b {
				t.Error(differ(a, b))
			}
			if err := copied.Close(); err != nil {
				t.Fatal(err)
			}

			before := len(m.postedPapers())
			for range 3 { // it goes on, and the copy does not know
				m.fetches(m.batch()...)
				m.until(m.nextDue())
			}
			if err := m.store.Close(); err != nil {
				t.Fatal(err)
			}
			since := len(m.postedPapers())
			m.url = to
			m.start()
			m.lives()
			m.once()
			if after := len(m.postedPapers()); since == before || after == since {
				t.Errorf("%d papers were posted before the copy, %d after it, %d by the copy", before, since-before, after-since)
			}
		})
	}
}

// once checks that no paper was posted twice.
func (m *month) once() {
	m.Helper()
	got := m.postedPapers()
	slices.Sort(got)
	for i := 1; i < len(got); i++ {
		if got[i] == got[i-1] {
			m.Errorf("%s was posted twice", got[i])
		}
	}
}
