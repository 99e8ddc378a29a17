package arxiv_test

import (
	"testing"
	"time"

	"paperboy/core"
	"paperboy/sources/arxiv"
)

func TestTheCalendar(t *testing.T) {
	for day, want := range map[core.Date]bool{
		"2026-11-20": true, "2026-11-21": false, "2026-11-22": false, "2026-11-23": true,
		"2026-11-26": false, "2026-11-27": false, "2026-11-30": true, // Thanksgiving
		"2026-07-03": false, "2026-07-06": false, "2026-07-07": true, // the Fourth is a Saturday
		"2025-07-04": false, "2025-07-07": false, "2025-07-08": true,
		"2025-06-20": false, "2025-09-02": false, "2025-12-26": false, "2026-01-02": false, "2026-01-20": false, // as the listings of those days were
		"2026-12-29": false, "2026-12-31": false,
	} {
		if got := arxiv.Announces(day); got != want {
			t.Errorf("%s: %v, want %v", day, got, want)
		}
	}
	// From one window to the next nothing is lost, through a whole year with both clock changes.
	_, end := arxiv.Window("2026-01-01")
	for day := core.Date("2026-01-02"); day < "2027-01-02"; day = day.AddDays(1) {
		if !core.IsWeekday(day) {
			continue
		}
		from, to := arxiv.Window(day)
		if !from.Equal(end) {
			t.Fatalf("%s begins at %s, the day before it ended at %s", day, from, end)
		}
		for _, at := range []time.Time{from, from.Add(to.Sub(from) / 2), to.Add(-time.Second)} {
			if got := arxiv.Day(at); got != day {
				t.Errorf("what was submitted at %s is announced on %s, want %s", at, got, day)
			}
		}
		end = to
	}
	if from, to := arxiv.Window("2026-11-24"); from.Format("Mon 15:04") != "Fri 14:00" || to.Format("Mon 15:04") != "Mon 14:00" {
		t.Errorf("Tuesday's announcement has what came from %s to %s", from, to)
	}
}
