package store

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"paperboy/core"
)

// The top goes from the papers to their marks, and not from each of the channel's marks
// through all papers; how many marks there are the index alone says.
func TestTheTopIsAskedByItsPapers(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		what    string
		channel int64
		search  string
	}{
		{allMarks, 1, "r USING COVERING INDEX reactions_votes (paper=? AND channel=?)"},
		{allMarks, 0, "r USING COVERING INDEX reactions_votes (paper=?)"},
		{upvoters, 1, "r USING INDEX reactions_votes (paper=? AND channel=?)"},
		{upvoters, 0, "r USING INDEX reactions_votes (paper=?)"},
	} {
		type row struct {
			id, parent, unused int
			step               string
		}
		var plan []string
		h.ok(h.read(t.Context(), "asking for the plan", func(t tx) error {
			steps, err := all(t, func(r *row) []any { return []any{&r.id, &r.parent, &r.unused, &r.step} }, `EXPLAIN QUERY PLAN `+marksOf(c.what, c.channel), many([]core.Seq{1, 2}), c.channel)
			for _, s := range steps {
				plan = append(plan, s.step)
			}
			return err
		}))
		if len(plan) < 2 || plan[0] != "SEARCH p USING INTEGER PRIMARY KEY (rowid=?)" || !strings.Contains(strings.Join(plan, "\n"), "SEARCH "+c.search) {
			t.Errorf("%s in channel %d: %q", c.what, c.channel, plan)
		}
	}
}

func BenchmarkPutReaction(b *testing.B) {
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "paperboy.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	c, err := s.EnsureChannel(b.Context(), core.Channel{Key: core.ChannelKey{Platform: "discord", ID: "1"}, Settings: core.DefaultSettings()})
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; b.Loop(); n++ {
		r := core.Reaction{Message: "m1", User: core.User{Key: fmt.Sprint("discord:", n/2)}, Emoji: "👍", Added: n%2 == 0, Order: int64(n), At: monday}
		if _, err := s.PutReaction(b.Context(), c.ID, "2509.00001", core.Up, r); err != nil {
			b.Fatal(err)
		}
	}
}
