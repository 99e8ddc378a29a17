package core_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"paperboy/core"
)

// thursdays is a club that meets on Thursdays at 16:00 in Berlin.
func thursdays(since string) core.Club {
	return core.Club{Schedule: core.Schedule{Time: "16:00", Zone: "Europe/Berlin", Days: 1 << time.Thursday}, Since: clock(since)}
}

func clock(s string) time.Time {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		panic(err)
	}
	return t
}

func TestTheWeekOfAClub(t *testing.T) {
	// The clocks go forward on Sunday, 29 March 2026: the hour stays.
	for _, c := range []struct{ now, opens, closes, meets string }{
		{"2026-03-24 12:00", "2026-03-30 16:00", "2026-03-25 16:00", "2026-03-26 16:00"},
		{"2026-03-30 15:59", "2026-03-30 16:00", "2026-04-01 16:00", "2026-04-02 16:00"},
		{"2026-03-30 16:00", "2026-04-06 16:00", "2026-04-01 16:00", "2026-04-02 16:00"},
	} {
		club := thursdays("2026-01-01 00:00")
		now := clock(c.now)
		if o, cl, m := club.Opens(now), club.Closes(now), club.Meets(now); !o.Equal(clock(c.opens)) || !cl.Equal(clock(c.closes)) || !m.Equal(clock(c.meets)) {
			t.Errorf("at %s: opens %s, closes %s, meets %s", c.now, o, cl, m)
		}
	}
}

func TestTheLastMomentOfAClubIsDue(t *testing.T) {
	for _, c := range []struct {
		name, since, done, now string
		at                     string
		kind                   core.DigestKind
	}{
		{"nothing before it was set up", "2026-03-10 12:00", "", "2026-03-10 13:00", "", ""},
		{"the opening", "2026-03-10 12:00", "2026-03-11 16:00", "2026-03-16 16:00", "2026-03-16 16:00", core.Ballot},
		{"not the opening again", "2026-03-10 12:00", "2026-03-16 16:00", "2026-03-17 16:00", "", ""},
		{"the closing", "2026-03-10 12:00", "2026-03-16 16:00", "2026-03-18 16:30", "2026-03-18 16:00", core.Meeting},
		{"of several that were missed the last alone", "2026-03-10 12:00", "2026-03-16 16:00", "2026-03-24 09:00", "2026-03-23 16:00", core.Ballot},
		{"a year of them too", "2025-03-10 12:00", "", "2026-03-24 09:00", "2026-03-23 16:00", core.Ballot},
		{"what was done before it was set anew does not count", "2026-03-17 12:00", "2026-03-16 16:00", "2026-03-18 16:00", "2026-03-18 16:00", core.Meeting},
	} {
		club := thursdays(c.since)
		if c.done != "" {
			club.Done = clock(c.done)
		}
		at, kind := club.Due(clock(c.now))
		if kind != c.kind || c.at != "" && !at.Equal(clock(c.at)) || c.at == "" && !at.IsZero() {
			t.Errorf("%s: %s %q", c.name, at, kind)
		}
	}
	if at, _ := (&core.Club{}).Due(clock("2026-03-24 09:00")); !at.IsZero() || !(&core.Club{}).Next().IsZero() {
		t.Error("a club that is none has a moment")
	}
}

func TestAChannelIsDueForItsClub(t *testing.T) {
	ch := core.Channel{Club: thursdays("2026-03-10 12:00")}
	if next := ch.NextDue(); !next.Equal(clock("2026-03-11 16:00")) {
		t.Errorf("without posts: %s", next)
	}
	if at, n := ch.Missed(clock("2026-03-24 09:00")); n != 0 {
		t.Errorf("a channel that never asked for posts missed %d, at %s", n, at)
	}
	ch.Schedule, ch.Scheduled = core.Schedule{Time: "09:00", Zone: "Europe/Berlin", Days: core.Daily}, clock("2026-03-10 12:00")
	if next := ch.NextDue(); !next.Equal(clock("2026-03-11 09:00")) {
		t.Errorf("the post comes first: %s", next)
	}
	ch.LastDue = clock("2026-03-11 09:00")
	if next := ch.NextDue(); !next.Equal(clock("2026-03-11 16:00")) {
		t.Errorf("then the club: %s", next)
	}
	paused, held := ch, ch
	paused.PausedAt = clock("2026-03-11 10:00")
	held.Hold.Since = clock("2026-03-11 10:00")
	if next := paused.NextDue(); !next.IsZero() {
		t.Errorf("while it is paused: %s", next)
	}
	if next := held.NextDue(); !next.IsZero() {
		t.Errorf("while it is held: %s", next)
	}
}

func TestTheRotaGoesRound(t *testing.T) {
	club := core.Club{Rota: []string{"@ana", "@ben", "@cem"}}
	for n, want := range []string{"@ana", "@ben", "@cem", "@ana"} {
		if name, next := club.Presenter(n); name != want || next == want {
			t.Errorf("after %d meetings %s presents, then %s", n, name, next)
		}
	}
	if name, next := (&core.Club{}).Presenter(3); name != "" || next != "" {
		t.Error("somebody presents though nobody was named")
	}
}

// Whatever day, hour and zone: each week has its three moments, in their order, two
// days and one before the next, by the wall.
func TestEveryWeekHasItsMoments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "UTC"}).Draw(t, "zone")
		day := rapid.IntRange(0, 6).Draw(t, "day")
		club := core.Club{Schedule: core.Schedule{Time: rapid.SampledFrom([]string{"00:00", "02:30", "16:00", "23:59"}).Draw(t, "time"), Zone: zone, Days: 1 << day}}
		loc, _ := club.Schedule.Location()
		opens := club.Opens(time.Unix(rapid.Int64Range(1.7e9, 1.9e9).Draw(t, "at"), 0))
		closes := club.Closes(opens)
		meets := club.Meets(closes)
		days := func(a, b time.Time) int {
			return int(core.DateOf(b.In(loc)).Time(time.UTC).Sub(core.DateOf(a.In(loc)).Time(time.UTC)) / (24 * time.Hour))
		}
		if meets.In(loc).Weekday() != time.Weekday(day) || days(opens, closes) != 2 || days(closes, meets) != 1 {
			t.Errorf("opens %s, closes %s, meets %s", opens.In(loc), closes.In(loc), meets.In(loc))
		}
		club.Since = opens.Add(-time.Second)
		if at, kind := club.Due(opens); !at.Equal(opens) || kind != core.Ballot {
			t.Errorf("due at %s is %s %q", opens, at, kind)
		}
		club.Done = opens
		if at, kind := club.Due(closes); !at.Equal(closes) || kind != core.Meeting {
			t.Errorf("due at %s is %s %q", closes, at, kind)
		}
	})
}
