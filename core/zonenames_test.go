package core

import (
	"slices"
	"testing"
	"time"
)

func TestWhichZonesMayBeMeant(t *testing.T) {
	winter := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	summer := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		typed string
		now   time.Time
		want  []string
	}{
		{"IST", winter, []string{"Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"}},
		{"ist", winter, []string{"Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"}},
		{"EST", winter, []string{"America/New_York", "America/Panama"}},
		{"PST", winter, []string{"America/Los_Angeles", "Asia/Manila"}},
		{"CET", winter, []string{"Europe/Berlin", "Europe/Paris", "Europe/Madrid"}},
		{"BST", winter, []string{"Europe/London", "Asia/Dhaka"}},
		{"JST", winter, []string{"Asia/Tokyo"}},
		{"NYC", winter, []string{"America/New_York"}},
		{"San Francisco", winter, []string{"America/Los_Angeles"}},
		{"new  delhi", winter, []string{"Asia/Kolkata"}},
		{"America/NewYork", winter, []string{"America/New_York"}},
		{"Europe/Berln", winter, []string{"Europe/Berlin"}},
		{"Berlni", winter, []string{"Europe/Berlin"}},
		{"tokio", winter, []string{"Asia/Tokyo"}},
		{"Bejing", winter, []string{"Asia/Shanghai"}},
		{"Germnay", winter, []string{"Europe/Berlin"}},
		{"Eastern", winter, []string{"America/New_York"}},
		{"pacific", winter, []string{"America/Los_Angeles"}},
		{"Switzerland", winter, []string{"Europe/Zurich"}},
		{"UTC+5:30", winter, []string{"Asia/Kolkata"}},
		{"+0530", winter, []string{"Asia/Kolkata"}},
		{"GMT+1", winter, []string{"Europe/Berlin", "Europe/Paris", "Africa/Lagos"}},
		{"GMT+1", summer, []string{"Europe/London", "Europe/Lisbon", "Africa/Lagos"}},
		{"CET+1", winter, nil},
		{"UTC−8", winter, []string{"America/Los_Angeles"}},
		{"utc-3:30", winter, []string{"America/St_Johns"}},
		{"UTC+25", winter, nil},
		{"+", winter, nil},
		{"nope", winter, nil},
		{"", winter, nil},
		{"x", winter, nil},
	} {
		if got := ZonesMeant(c.typed, c.now); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.typed, got, c.want)
		}
	}
	for name, zones := range zoneNames {
		for _, z := range append(slices.Clone(zones), offsetCities...) {
			if knownZone(z) != z {
				t.Errorf("%s: there is no zone %s", name, z)
			}
		}
	}
}

// An abbreviation or an offset is never taken for a zone.
func TestNoZoneIsTakenSilently(t *testing.T) {
	for _, typed := range []string{"09:00 IST", "9 EST", "09:00 PST weekdays", "09:00 UTC+5:30", "9 GMT+1 daily", "09:00 America/NewYork", "09:00 NYC"} {
		s, err := ParseSchedule(typed, Schedule{})
		if _, ok := err.(*ZoneError); !ok || s.Zone != "" {
			t.Errorf("%q: %+v, %v", typed, s, err)
		}
	}
}
