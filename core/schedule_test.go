package core

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func instant(t testing.TB, zone, s string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAScheduleIsReadInAnyOrder(t *testing.T) {
	berlin := Schedule{"09:00", "Europe/Berlin", Weekdays}
	monday := Days(1 << time.Monday)
	for _, c := range []struct {
		typed string
		old   Schedule
		want  Schedule
	}{
		{"09:00 Europe/Berlin weekdays", Schedule{}, berlin},
		{"weekdays europe/berlin 9", Schedule{}, berlin},
		{"Berlin 9am Weekdays", Schedule{}, berlin},
		{"9 am, berlin, mon-fri", Schedule{}, berlin},
		{"17:30 daily", berlin, Schedule{"17:30", "Europe/Berlin", Daily}},
		{"5pm", berlin, Schedule{"17:00", "Europe/Berlin", Weekdays}},
		{"5:30 PM", berlin, Schedule{"17:30", "Europe/Berlin", Weekdays}},
		{"12am", berlin, Schedule{"00:00", "Europe/Berlin", Weekdays}},
		{"12pm", berlin, Schedule{"12:00", "Europe/Berlin", Weekdays}},
		{"0:05", berlin, Schedule{"00:05", "Europe/Berlin", Weekdays}},
		{"", berlin, berlin},
		{"09:00 Asia/Tokyo weekly:mon", Schedule{}, Schedule{"09:00", "Asia/Tokyo", monday}},
		{"weekly:Monday", berlin, Schedule{"09:00", "Europe/Berlin", monday}},
		{"weekly monday", berlin, Schedule{"09:00", "Europe/Berlin", monday}},
		{"mondays", berlin, Schedule{"09:00", "Europe/Berlin", monday}},
		{"mon,wed,fri", berlin, Schedule{"09:00", "Europe/Berlin", 1<<time.Monday | 1<<time.Wednesday | 1<<time.Friday}},
		{"fri-mon", berlin, Schedule{"09:00", "Europe/Berlin", 1<<time.Friday | weekends | 1<<time.Monday}},
		{"weekends", berlin, Schedule{"09:00", "Europe/Berlin", weekends}},
		{"utc", berlin, Schedule{"09:00", "UTC", Weekdays}},
		{"New York 8", Schedule{}, Schedule{"08:00", "America/New_York", 0}},
		{"america/argentina/buenos_aires", berlin, Schedule{"09:00", "America/Argentina/Buenos_Aires", Weekdays}},
		{"us/eastern", berlin, Schedule{"09:00", "US/Eastern", Weekdays}},
		{"Calcutta", berlin, Schedule{"09:00", "Asia/Calcutta", Weekdays}},
		{"singapore", berlin, Schedule{"09:00", "Singapore", Weekdays}},
	} {
		got, err := ParseSchedule(c.typed, c.old)
		if err != nil {
			t.Errorf("%q: %v", c.typed, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", c.typed, diff)
		}
	}
}

func TestAScheduleThatCannotBeReadSaysWhatToType(t *testing.T) {
	old := Schedule{"09:00", "Europe/Berlin", Weekdays}
	for _, c := range []struct {
		typed, code, text string
		col               int
	}{
		{"9 CET+1", "E-ZONE", "I do not know the zone `CET+1`. Use a name such as `Europe/Berlin`.", 3},
		{"9 GMT+2", "E-ZONE", "I do not know the zone `GMT+2`. Use a name such as `Europe/Berlin`.", 3},
		{"Local", "E-ZONE", "I do not know the zone `Local`. Use a name such as `Europe/Berlin`.", 1},
		{"9 EST", "E-ZONE", "I do not know the zone `EST`. Use a name such as `Europe/Berlin`.", 3},
		{"../../etc/passwd 9", "E-ZONE", "I do not know the zone `../../etc/passwd`. Use a name such as `Europe/Berlin`.", 1},
		{"right/Europe/Berlin", "E-ZONE", "I do not know the zone `right/Europe/Berlin`. Use a name such as `Europe/Berlin`.", 1},
		{"9 Middle Earth", "E-ZONE", "I do not know the zone `Middle Earth`. Use a name such as `Europe/Berlin`.", 3},
		{"25:00", "E-PARSE", "`25:00` is not a time of day. Write `09:00`, `17:30` or `5pm`.", 1},
		{"13pm", "E-PARSE", "`13pm` is not a time of day. Write `09:00`, `17:30` or `5pm`.", 1},
		{"weekdays 9:5", "E-PARSE", "`9:5` is not a time of day. Write `09:00`, `17:30` or `5pm`.", 10},
		{"9:+5", "E-PARSE", "`9:+5` is not a time of day. Write `09:00`, `17:30` or `5pm`.", 1},
		{"09:00 17:00", "E-PARSE", "I found two times, `09:00` and `17:00`. A channel has one post a day; give one of them.", 7},
		{"weekly:funday", "E-PARSE", "I do not know the day `funday`. Write `weekly:mon`, or `weekdays` or `daily`.", 1},
		{"9 weekly", "E-PARSE", "Weekly on which day? Write `weekly:mon`.", 0},
		{"Europe/Berlin every weekdays", "E-PARSE", "I could not read `every`. Write a time, a zone and days: `09:00 Europe/Berlin weekdays`.", 15},
	} {
		got, err := ParseSchedule(c.typed, old)
		var pe *UserError
		if !errors.As(err, &pe) {
			t.Errorf("%q: got %v, %v; want a person's error", c.typed, got, err)
			continue
		}
		if pe.Code != c.code || pe.Error() != c.text || pe.Col != c.col {
			t.Errorf("%q: got %s %d %s\nwant %s %d %s", c.typed, pe.Code, pe.Col, pe, c.code, c.col, c.text)
		}
		if got != old {
			t.Errorf("%q changed the schedule to %v", c.typed, got)
		}
	}
}

func TestEveryScheduleReadsAsItPrints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Schedule{
			Time: time.Unix(rapid.Int64Range(0, 86399).Draw(t, "seconds"), 0).UTC().Format("15:04"),
			Zone: rapid.SampledFrom(slices.Concat(currentZones, formerZones)).Draw(t, "zone"),
			Days: Days(rapid.IntRange(1, int(Daily)).Draw(t, "days")),
		}
		got, err := ParseSchedule(s.String(), Schedule{})
		if err != nil || got != s {
			t.Fatalf("%q reads as %v, %v", s, got, err)
		}
	})
}

func FuzzParseSchedule(f *testing.F) {
	f.Add("09:00 Europe/Berlin weekdays")
	f.Add("5 pm weekly:mon,tue New York")
	f.Add("9 CET+1")
	f.Fuzz(func(t *testing.T, typed string) {
		s, err := ParseSchedule(typed, Schedule{"09:00", "UTC", Daily})
		var pe *UserError
		if err != nil {
			if !errors.As(err, &pe) {
				t.Fatalf("%q: %v is not for people", typed, err)
			}
			return
		}
		if _, ok := s.Next(time.Unix(0, 0)); !ok {
			t.Fatalf("%q is accepted as %v, which is never due", typed, s)
		}
	})
}

func TestEveryZoneOfTheListsExistsOnce(t *testing.T) {
	all := slices.Concat(currentZones, formerZones)
	for _, z := range all {
		if _, ok := (Schedule{Zone: z}).Location(); !ok {
			t.Errorf("%s cannot be loaded", z)
		}
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != len(currentZones)+len(formerZones) {
		t.Error("a zone is listed twice")
	}
}

func TestZonesAreCompletedByNameAndCity(t *testing.T) {
	for _, c := range []struct {
		prefix string
		limit  int
		want   []string
	}{
		{"berl", 5, []string{"Europe/Berlin"}},
		{"EUROPE/BER", 5, []string{"Europe/Berlin"}},
		{"new y", 5, []string{"America/New_York"}},
		{"africa/", 2, []string{"Africa/Abidjan", "Africa/Accra"}},
		{"as", 2, []string{"Asia/Aden", "Asia/Almaty"}},
		{"nowhere", 5, nil},
	} {
		if diff := cmp.Diff(c.want, Zones(c.prefix, c.limit), cmp.Transformer("", func(s []string) string { return strings.Join(s, " ") })); diff != "" {
			t.Errorf("%q (-want +got)\n%s", c.prefix, diff)
		}
	}
	if n := len(Zones("", 25)); n != 25 {
		t.Errorf("nothing typed offers %d zones, want 25", n)
	}
}

// The nights on which clocks change.
func TestTheNextPost(t *testing.T) {
	const utc = "2006-01-02T15:04Z07:00"
	for _, c := range []struct {
		name, schedule, after string // after is in the schedule's zone
		want                  []string
	}{
		{"weekdays skip the weekend", "09:00 Europe/Berlin weekdays", "2026-11-20 09:00:00",
			[]string{"2026-11-23T09:00+01:00", "2026-11-24T09:00+01:00"}},
		{"the minute itself is not after itself", "09:00 Europe/Berlin daily", "2026-11-20 08:59:59",
			[]string{"2026-11-20T09:00+01:00", "2026-11-21T09:00+01:00"}},
		{"the 25-hour day shows 02:30 twice, the first counts", "02:30 Europe/Berlin daily", "2026-10-24 12:00:00",
			[]string{"2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"}},
		{"the 23-hour day skips 02:30", "02:30 Europe/Berlin daily", "2026-03-28 02:30:00",
			[]string{"2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"}},
		{"midnight itself is skipped in Cairo", "00:00 Africa/Cairo daily", "2026-04-23 00:00:00",
			[]string{"2026-04-24T01:00+03:00", "2026-04-25T00:00+03:00"}},
		{"midnight comes twice in Havana", "00:00 America/Havana daily", "2026-10-31 12:00:00",
			[]string{"2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00"}},
		{"the skipped hour is the day's last", "23:30 America/Scoresbysund daily", "2025-03-29 12:00:00",
			[]string{"2025-03-29T22:30-02:00", "2025-03-30T23:30-01:00"}},
		{"half an hour on Lord Howe", "02:15 Australia/Lord_Howe daily", "2026-10-03 12:00:00",
			[]string{"2026-10-04T02:45+11:00", "2026-10-05T02:15+11:00"}},
		{"Samoa left a Friday out", "09:00 Pacific/Apia daily", "2011-12-29 08:00:00",
			[]string{"2011-12-29T09:00-10:00", "2011-12-31T09:00+14:00"}},
		{"a weekly post on the Friday that was left out", "09:00 Pacific/Apia weekly:fri", "2011-12-23 09:00:00",
			[]string{"2012-01-06T09:00+14:00"}},
		{"weekly", "09:00 Asia/Tokyo weekly:mon", "2026-11-23 09:00:00", []string{"2026-11-30T09:00+09:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := ParseSchedule(c.schedule, Schedule{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			due := instant(t, s.Zone, c.after)
			for range c.want {
				due, _ = s.Next(due)
				got = append(got, due.Format(utc))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// dueDays checks that within days local days from the one that from shows,
// each chosen day has one due instant of that day, in order, and that it is
// the first at which a clock there shows the time, where one does at all.
func dueDays(t interface{ Fatalf(string, ...any) }, s Schedule, from time.Time, days int) {
	loc, _ := s.Location()
	shown := map[Date]time.Time{} // the first instant of each day that shows the time; zero when none does
	var order []Date
	y, m, d := from.In(loc).Date()
	start := time.Date(y, m, d, 12, 0, 0, 0, loc)
	end := start.AddDate(0, 0, days)
	for at := start; at.Before(end); at = at.Add(time.Minute) {
		day := DateOf(at)
		if _, known := shown[day]; !known {
			shown[day] = time.Time{}
			if s.Days.Has(day.Weekday()) {
				order = append(order, day)
			}
		}
		if shown[day].IsZero() && at.Format("15:04") == s.Time {
			shown[day] = at
		}
	}
	first, last := DateOf(start), DateOf(end) // half days: looked at only in part
	due := start.AddDate(0, 0, -1)
	for _, day := range order {
		if day == first || day == last {
			continue
		}
		for {
			next, ok := s.Next(due)
			if !ok || !next.After(due) {
				t.Fatalf("%v: after %v comes %v, %v", s, due.In(loc), next, ok)
			}
			due = next
			if DateOf(due) > first {
				break
			}
		}
		if DateOf(due) != day {
			t.Fatalf("%v: the post of %s is due %v", s, day, due)
		}
		if want := shown[day]; !want.IsZero() && !want.Equal(due) {
			t.Fatalf("%v: due %v, but the clock shows the time at %v", s, due, want)
		}
	}
}

func TestEveryChosenDayHasOnePost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Schedule{
			Zone: rapid.SampledFrom(slices.Concat(currentZones, formerZones)).Draw(t, "zone"),
			Days: Days(rapid.IntRange(1, int(Daily)).Draw(t, "days")),
		}
		loc, ok := s.Location()
		if !ok {
			t.Fatalf("no zone %s", s.Zone)
		}
		from := time.Unix(rapid.Int64Range(94694400, 2840140800).Draw(t, "from"), 0) // 1973, when the last zone had given up odd seconds, to 2060
		if _, change := from.In(loc).ZoneBounds(); !change.IsZero() && rapid.Bool().Draw(t, "at a change") {
			// Times around what the clocks skip or repeat there.
			minute := rapid.Int64Range(-90, 90).Draw(t, "minutes from the change")
			s.Time = change.Add(time.Duration(minute) * time.Minute).Format("15:04")
			from = change.Add(-48 * time.Hour)
		} else {
			s.Time = time.Unix(rapid.Int64Range(0, 86399).Draw(t, "time"), 0).UTC().Format("15:04")
		}
		dueDays(t, s, from, 5)
	})
}

func TestAYearInBerlinAtHalfPastTwo(t *testing.T) {
	dueDays(t, Schedule{"02:30", "Europe/Berlin", Daily}, instant(t, "Europe/Berlin", "2026-01-01 00:00:00"), 370)
}

func TestAScheduleWithoutZoneTimeOrDayIsNeverDue(t *testing.T) {
	for _, s := range []Schedule{
		{},
		{"09:00", "", Weekdays},
		{"09:00", "Local", Weekdays},
		{"09:00", "Europe/Nowhere", Weekdays},
		{"09:00", "Europe/Berlin", 0},
		{"9 o'clock", "Europe/Berlin", Daily},
	} {
		if due, ok := s.Next(time.Unix(1e9, 0)); ok {
			t.Errorf("%q is due %v", s, due)
		}
	}
}

func TestSchedulesAndInstantsAreSaidInWords(t *testing.T) {
	for typed, want := range map[string]string{
		"09:00 Europe/Berlin weekdays":             "weekdays 09:00 Berlin",
		"17:30 UTC daily":                          "daily 17:30 UTC",
		"08:00 America/New_York weekly:mon":        "Mondays 08:00 New York",
		"08:00 America/New_York fri,mon,wednesday": "Mon, Wed, Fri 08:00 New York",
	} {
		s, err := ParseSchedule(typed, Schedule{})
		if err != nil || s.Human() != want {
			t.Errorf("%q is said %q (%v), want %q", typed, s.Human(), err, want)
		}
	}
	if s := (Schedule{Time: "09:00", Days: Weekdays}); s.Human() != "weekdays 09:00" || s.String() != "09:00 weekdays" {
		t.Errorf("without a zone: %q, %q", s.Human(), s)
	}

	due := instant(t, "Europe/Berlin", "2026-11-25 09:00:00")
	for before, want := range map[time.Duration]string{
		16*time.Hour - time.Minute:  "Wed 25 Nov 09:00 (Berlin), in 16 h",
		20 * time.Second:            "Wed 25 Nov 09:00 (Berlin), in less than a minute",
		5 * time.Minute:             "Wed 25 Nov 09:00 (Berlin), in 5 min",
		59*time.Minute + 40*1e9:     "Wed 25 Nov 09:00 (Berlin), in 1 h",
		47 * time.Hour:              "Wed 25 Nov 09:00 (Berlin), in 47 h",
		3*24*time.Hour - 5*3600*1e9: "Wed 25 Nov 09:00 (Berlin), in 3 days",
		0:                           "Wed 25 Nov 09:00 (Berlin)",
		-time.Hour:                  "Wed 25 Nov 09:00 (Berlin)",
	} {
		if got := When(due.UTC(), due.Add(-before), due.Location()); got != want {
			t.Errorf("%v before: %q, want %q", before, got, want)
		}
	}
}

func TestSpansAndSince(t *testing.T) {
	const day = 24 * time.Hour
	for typed, want := range map[string]time.Duration{
		"7d": 7 * day, "2w": 14 * day, "12h": 12 * time.Hour, "30D": 30 * day, "1 week": 7 * day, "3 days": 3 * day, "3660d": 3660 * day, "forever": 0,
	} {
		got, forever, ok := ParseSpan(typed)
		if !ok || got != want || forever != (typed == "forever") {
			t.Errorf("%q: %v, %v, %v", typed, got, forever, ok)
		}
	}
	for _, typed := range []string{"", "7", "d", "0d", "-7d", "7x", "1m", "99999999999999999999d", "3661d", "523w", "7d2w"} {
		if got, _, ok := ParseSpan(typed); ok {
			t.Errorf("%q was read as %v", typed, got)
		}
	}
	for typed, want := range map[string]Date{
		"1d": "2026-11-22", "7d": "2026-11-16", "2w": "2026-11-09", "12h": "2026-11-22", "36h": "2026-11-21",
		"2026-11-01": "2026-11-01", "today": "2026-11-23", "Yesterday": "2026-11-22",
	} {
		if got, err := ParseSince(typed, "2026-11-23"); err != nil || got != want {
			t.Errorf("since:%s starts %s (%v), want %s", typed, got, err, want)
		}
	}
	for _, typed := range []string{"", "forever", "2026-13-01", "last week"} {
		_, err := ParseSince(typed, "2026-11-23")
		want := "I could not read `since:" + typed + "`. Write `7d`, `2w` or a day such as `2026-11-01`."
		if err == nil || err.Error() != want {
			t.Errorf("since:%s: got %v, want %s", typed, err, want)
		}
	}
}
