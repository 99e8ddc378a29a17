package core

import (
	"testing"
	"time"
)

// A paper may have been posted before a restore when it was kept or stood on a
// list by then; the day of the restore counts as a whole.
func TestWhatARestoreDoubts(t *testing.T) {
	until := time.Date(2026, 11, 24, 10, 0, 0, 0, time.FixedZone("", -5*3600))
	day := func(d Date) Sighting { return Sighting{Source: "hf", Day: d} }
	for _, c := range []struct {
		name  string
		r     Restored
		seen  time.Time // when the paper was kept
		lists []Sighting
		want  bool
	}{
		{"never restored", Restored{}, until.Add(-time.Hour), []Sighting{day("2026-11-20")}, false},
		{"kept before", Restored{Until: until}, until.Add(-time.Hour), []Sighting{day("2026-11-30")}, true},
		{"listed the day before", Restored{Until: until}, until.Add(time.Hour), []Sighting{day("2026-11-23")}, true},
		{"listed that day", Restored{Until: until}, until.Add(time.Hour), []Sighting{day("2026-11-24")}, true},
		{"listed the day after", Restored{Until: until}, until.Add(time.Hour), []Sighting{day("2026-11-25")}, false},
		{"listed again after", Restored{Until: until}, until.Add(time.Hour), []Sighting{day("2026-11-25"), day("2026-11-24")}, true},
		{"on no list", Restored{Until: until}, until.Add(time.Hour), nil, true},
		{"the day is UTC's", Restored{Until: time.Date(2026, 11, 24, 23, 0, 0, 0, time.FixedZone("", -5*3600))}, until.Add(48 * time.Hour), []Sighting{day("2026-11-25")}, true},
	} {
		if got := c.r.Doubts(&Paper{Seen: c.seen}, c.lists); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
