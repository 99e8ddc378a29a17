package core

import (
	"testing"
	"time"
)

func nineInBerlin(c *Channel) *Channel {
	if c.Schedule.Zone == "" {
		c.Schedule = Schedule{Time: "09:00", Zone: "Europe/Berlin", Days: Daily}
	}
	return c
}

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Who sets nine o'clock a few seconds before nine did not mean today.
func TestAMinuteLessThanFiveSecondsAheadDoesNotCount(t *testing.T) {
	nine := moment(t, "2025-11-25T08:00:00Z")
	for ahead, want := range map[time.Duration]time.Time{
		5 * time.Second:                 nine,
		6 * time.Second:                 nine,
		5*time.Second - time.Nanosecond: nine.AddDate(0, 0, 1),
		time.Second:                     nine.AddDate(0, 0, 1),
		0:                               nine.AddDate(0, 0, 1),
		-time.Second:                    nine.AddDate(0, 0, 1),
	} {
		c := nineInBerlin(&Channel{Scheduled: nine.Add(-ahead)})
		if got := c.NextDue(); !got.Equal(want) {
			t.Errorf("set %v ahead: %v, want %v", ahead, got, want)
		}
		if due, posts := c.Missed(want); !due.Equal(want) || posts != 1 {
			t.Errorf("set %v ahead, at its minute: %v, %d posts", ahead, due, posts)
		}
		if _, posts := c.Missed(want.Add(-time.Nanosecond)); posts != 0 {
			t.Errorf("set %v ahead, before its minute: %d posts", ahead, posts)
		}
	}
	// The day on which a post was planned is none on which a schedule was set.
	c := nineInBerlin(&Channel{Scheduled: nine.AddDate(0, 0, -3), LastDue: nine.Add(-time.Second)})
	if got := c.NextDue(); !got.Equal(nine) {
		t.Errorf("a second after another post: %v", got)
	}
}

func TestWhenThePlannerLooksAtAChannel(t *testing.T) {
	noon := moment(t, "2025-11-24T11:00:00Z")
	for what, of := range map[string]struct {
		c    *Channel
		want string // "": never
	}{
		"ordinary":                  {&Channel{Scheduled: noon}, "2025-11-25T08:00:00Z"},
		"after a post":              {&Channel{Scheduled: noon, LastDue: noon.AddDate(0, 0, 2)}, "2025-11-27T08:00:00Z"},
		"nothing was set":           {&Channel{}, ""},
		"no zone":                   {&Channel{Scheduled: noon, Schedule: Schedule{Time: "09:00", Zone: "Nowhere", Days: Daily}}, ""},
		"gone":                      {&Channel{Scheduled: noon, Gone: noon}, ""},
		"held":                      {&Channel{Scheduled: noon, Hold: Hold{Since: noon}}, ""},
		"damaged":                   {&Channel{Scheduled: noon, Damaged: map[string]string{TheSettings: "{"}}, ""},
		"paused until somebody":     {&Channel{Scheduled: noon, PausedAt: noon}, ""},
		"paused for two days":       {&Channel{Scheduled: noon, PausedAt: noon, PausedUntil: noon.AddDate(0, 0, 2)}, "2025-11-26T11:00:00Z"},
		"the schedule is newer":     {&Channel{Scheduled: noon.AddDate(0, 0, 3), LastDue: noon}, "2025-11-28T08:00:00Z"},
		"the post is newer than it": {&Channel{Scheduled: noon, LastDue: noon.AddDate(0, 0, 3)}, "2025-11-28T08:00:00Z"},
	} {
		var want time.Time
		if of.want != "" {
			want = moment(t, of.want)
		}
		c := nineInBerlin(of.c)
		if got := c.NextDue(); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
		if _, posts := c.Missed(noon.Add(time.Minute)); posts != 0 {
			t.Errorf("%s: %d posts are due at once", what, posts)
		}
		if what == "damaged" || what == "held" || what == "gone" || c.Paused(noon.AddDate(0, 0, 1)) {
			if _, posts := c.Missed(noon.AddDate(0, 0, 1)); posts != 0 {
				t.Errorf("%s: %d posts are due a day later", what, posts)
			}
		}
	}
}

func TestAPauseEndsAtItsMoment(t *testing.T) {
	noon := moment(t, "2025-11-24T11:00:00Z")
	c := Channel{PausedAt: noon, PausedUntil: noon.Add(time.Hour)}
	if !c.Paused(noon.Add(time.Hour-1)) || c.Paused(noon.Add(time.Hour)) {
		t.Error("a pause of an hour takes an hour")
	}
	if c.PausedUntil = (time.Time{}); !c.Paused(noon.AddDate(10, 0, 0)) {
		t.Error("a pause without an end has none")
	}
	c.Planned = 7
	if c.Resume(noon, 5); c.Paused(noon) || c.Planned != 7 || !c.LastDue.Equal(noon) {
		t.Errorf("resumed: %+v", c)
	}
	if c.Resume(noon, 9); c.Planned != 9 {
		t.Errorf("resumed: planned up to %d", c.Planned)
	}
}

// A clock that was wrong by decades must not keep us counting.
func TestMissedPostsAreCountedForFourHundredDays(t *testing.T) {
	set := moment(t, "1970-01-01T00:00:00Z")
	now := moment(t, "2025-11-24T11:00:00Z")
	due, posts := nineInBerlin(&Channel{Scheduled: set}).Missed(now)
	if want := moment(t, "2025-11-24T08:00:00Z"); !due.Equal(want) || posts != 400 {
		t.Errorf("%d posts, the last of %v", posts, due)
	}
}

// The clocks of Berlin go back on 26 October 2025 and forward on 29 March 2026: a
// day has one post, whether it has 23, 24 or 25 hours.
func TestADayHasOnePostHoweverLongItIs(t *testing.T) {
	for _, at := range []string{"00:00", "02:00", "02:30", "03:00", "23:59"} {
		for _, change := range []string{"2025-10-24T00:00:00Z", "2026-03-27T00:00:00Z"} {
			c := &Channel{Scheduled: moment(t, change), Schedule: Schedule{Time: at, Zone: "Europe/Berlin", Days: Daily}}
			days := map[Date]int{}
			for now := c.Scheduled; now.Before(c.Scheduled.AddDate(0, 0, 6)); now = now.Add(time.Minute) {
				due, posts := c.Missed(now)
				if posts > 1 { // which would be titled a catch-up
					t.Fatalf("%s: %d posts within a minute", at, posts)
				}
				if posts == 1 {
					days[c.Day(due)]++
					c.LastDue = due
				}
			}
			for n := 1; n <= 5; n++ {
				if day := DateOf(c.Scheduled).AddDays(n); days[day] != 1 {
					t.Errorf("%s: %d posts on %s", at, days[day], day)
				}
			}
		}
	}
}

func TestAChannelAsksForUpvotes(t *testing.T) {
	five := 5
	for _, c := range []struct {
		min     int
		upvotes *int
		want    bool
	}{{0, nil, true}, {5, &five, true}, {6, &five, false}, {1, nil, false}} {
		ch := Channel{Settings: Settings{Min: c.min}}
		if got := ch.Enough(&Paper{Upvotes: c.upvotes}); got != c.want {
			t.Errorf("min:%d of %v: %v", c.min, c.upvotes, got)
		}
	}
}
