package core

import (
	"testing"
	"time"
)

// Clocks that are set forward at midnight leave the day's first hour out.
func TestADayBeginsInItself(t *testing.T) {
	for _, c := range []struct {
		zone string
		day  Date
		want string
	}{
		{"Europe/Berlin", "2026-03-29", "2026-03-29T00:00:00+01:00"},
		{"America/Havana", "2026-03-08", "2026-03-08T01:00:00-04:00"},
		{"Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00"},
		{"UTC", "2026-11-26", "2026-11-26T00:00:00Z"},
	} {
		loc, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.day.Time(loc).Format(time.RFC3339); got != c.want {
			t.Errorf("%s in %s: want %s, got %s", c.day, c.zone, c.want, got)
		}
	}
	if !Date("tomorrow").Time(time.UTC).IsZero() {
		t.Error("what is no day begins")
	}
}
