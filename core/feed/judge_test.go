package feed_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/feed"
)

func TestHowASourceIsJudged(t *testing.T) {
	at := func(s string) time.Time {
		t.Helper()
		tm, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return tm
	}
	const interval = 30 * time.Minute
	limited := &core.SourceError{Reason: "HTTP 429", Limit: true}
	down := &core.SourceError{Reason: "answers with an error (HTTP 502)"}
	friday := core.SourceState{Source: "arxiv", Word: core.Fresh, Newest: "2026-11-20", LastTry: at("2026-11-20 22:00"), LastSuccess: at("2026-11-20 22:00"), Since: at("2026-11-20 06:00")}
	stale := core.SourceState{Source: "arxiv", Word: core.Stale, Newest: "2026-11-20", LastTry: at("2026-11-23 10:00"), LastSuccess: at("2026-11-23 10:00"), Since: at("2026-11-23 06:10"), Told: true}
	failed := func(word string, waited time.Duration) core.SourceState {
		return core.SourceState{Source: "arxiv", Word: core.Failed, Reason: word, Newest: "2026-11-20", LastTry: at("2026-11-23 08:00"), LastSuccess: at("2026-11-23 06:40"),
			RetryAt: at("2026-11-23 08:00").Add(waited), Since: at("2026-11-23 07:10")}
	}
	for _, c := range []struct {
		name string
		prev core.SourceState
		now  string
		out  feed.Outcome
		word core.SourceStateWord
		why  string
		// since when it is so; and when it may be asked again, if later than usual
		since, retry string
		newest       core.Date
	}{
		{"the first answer", core.SourceState{Source: "arxiv"}, "2026-11-23 07:00", feed.Outcome{Newest: "2026-11-23", New: 5, Due: "2026-11-23"}, core.Fresh, "", "2026-11-23 07:00", "", "2026-11-23"},
		{"a Saturday", friday, "2026-11-21 08:00", feed.Outcome{Due: "2026-11-20", Quiet: true}, core.NotAnnounced, "", "2026-11-21 08:00", "", "2026-11-20"},
		{"a holiday", core.SourceState{Word: core.Fresh, Newest: "2026-11-25", LastSuccess: at("2026-11-25 23:00"), Since: at("2026-11-24 06:00")}, "2026-11-26 08:00",
			feed.Outcome{Due: "2026-11-25", Quiet: true}, core.NotAnnounced, "", "2026-11-26 08:00", "", "2026-11-25"},
		{"a new list on a quiet day", friday, "2026-11-20 23:00", feed.Outcome{Newest: "2026-11-20", Due: "2026-11-20", Quiet: true}, core.Fresh, "", "2026-11-20 06:00", "", "2026-11-20"},
		{"Friday's batch on Monday", friday, "2026-11-21 21:00", feed.Outcome{Newest: "2026-11-20", Due: "2026-11-23"}, core.Stale, "", "2026-11-21 21:00", "", "2026-11-20"},
		{"an empty feed on Monday", friday, "2026-11-21 21:00", feed.Outcome{Due: "2026-11-23"}, core.Stale, "", "2026-11-21 21:00", "", "2026-11-20"},
		{"still stale", stale, "2026-11-23 11:00", feed.Outcome{Newest: "2026-11-20", Due: "2026-11-23"}, core.Stale, "", "2026-11-23 06:10", "", "2026-11-20"},
		{"the batch arrives", stale, "2026-11-23 11:00", feed.Outcome{Newest: "2026-11-23", New: 4, Due: "2026-11-23"}, core.Fresh, "", "2026-11-23 11:00", "", "2026-11-23"},
		{"a failure", friday, "2026-11-20 22:30", feed.Outcome{Err: down, Due: "2026-11-20"}, core.Failed, "answers with an error (HTTP 502)", "2026-11-20 22:30", "2026-11-20 22:31", "2026-11-20"},
		{"what it got before it failed is not asked for again", friday, "2026-11-23 07:00", feed.Outcome{Err: down, Newest: "2026-11-22", Due: "2026-11-23"}, core.Failed, "answers with an error (HTTP 502)", "2026-11-23 07:00", "2026-11-23 07:01", "2026-11-22"},
		{"beginning on a Saturday", core.SourceState{Source: "arxiv"}, "2026-11-21 07:00", feed.Outcome{Due: "2026-11-20", Quiet: true}, core.NotAnnounced, "", "2026-11-21 07:00", "", ""},
		{"beginning on a Tuesday with an empty feed", core.SourceState{Source: "arxiv"}, "2026-11-24 07:00", feed.Outcome{Due: "2026-11-24"}, core.Stale, "", "2026-11-24 07:00", "", ""},
		{"a second failure waits twice as long", failed("x", 4*time.Minute), "2026-11-23 08:04", feed.Outcome{Err: down}, core.Failed, "answers with an error (HTTP 502)", "2026-11-23 07:10", "2026-11-23 08:12", "2026-11-20"},
		{"but not longer than in peace", failed("x", 25*time.Minute), "2026-11-23 08:25", feed.Outcome{Err: down}, core.Failed, "answers with an error (HTTP 502)", "2026-11-23 07:10", "2026-11-23 08:55", "2026-11-20"},
		{"429 for a stated time", friday, "2026-11-23 08:00", feed.Outcome{Err: &core.SourceError{Reason: "HTTP 429", Limit: true, Wait: 80 * time.Minute}}, core.Failed, "is limiting requests (HTTP 429)", "2026-11-23 08:00", "2026-11-23 09:20", "2026-11-20"},
		{"429 without a time", friday, "2026-11-23 08:00", feed.Outcome{Err: fmt.Errorf("the feed: %w", limited)}, core.Failed, "is limiting requests (HTTP 429)", "2026-11-23 08:00", "2026-11-23 08:01", "2026-11-20"},
		{"429 again and again", failed("x", 45*time.Minute), "2026-11-23 08:45", feed.Outcome{Err: limited}, core.Failed, "is limiting requests (HTTP 429)", "2026-11-23 07:10", "2026-11-23 09:45", "2026-11-20"},
		{"recovery", failed("x", time.Minute), "2026-11-23 08:01", feed.Outcome{Newest: "2026-11-23", Due: "2026-11-23"}, core.Fresh, "", "2026-11-23 08:01", "", "2026-11-23"},
		{"recovery after three days", core.SourceState{Word: core.Failed, Reason: "cannot be reached", Newest: "2026-11-19", LastSuccess: at("2026-11-20 06:40"), Since: at("2026-11-20 07:10")}, "2026-11-23 09:02",
			feed.Outcome{Newest: "2026-11-23", Due: "2026-11-23"}, core.Fresh, "was not reached from Fri 20 Nov 06:40 to Mon 23 Nov 09:02 UTC", "2026-11-23 09:02", "", "2026-11-23"},
		{"a day after that it is forgotten", core.SourceState{Word: core.Fresh, Reason: "was not reached …", Newest: "2026-11-23", LastSuccess: at("2026-11-24 09:00"), Since: at("2026-11-23 09:02")}, "2026-11-24 09:30",
			feed.Outcome{Newest: "2026-11-24", Due: "2026-11-24"}, core.Fresh, "", "2026-11-23 09:02", "", "2026-11-24"},
		{"an empty weekday before its list must be whole", core.SourceState{Word: core.Fresh, Newest: "2025-12-31", LastSuccess: at("2026-01-01 07:30"), Since: at("2025-12-30 02:30")}, "2026-01-01 08:00",
			feed.Outcome{Due: "2025-12-31"}, core.Fresh, "", "2025-12-30 02:30", "", "2025-12-31"},
		{"an empty weekday after that", core.SourceState{Word: core.Fresh, Newest: "2025-12-31", LastSuccess: at("2026-01-02 02:00"), Since: at("2025-12-30 02:30")}, "2026-01-02 02:30",
			feed.Outcome{Due: "2026-01-01"}, core.Stale, "", "2026-01-02 02:30", "", "2025-12-31"},
		{"a feed of which nothing is due", core.SourceState{Source: "lab"}, "2026-11-23 08:00", feed.Outcome{Newest: "2026-10-01", New: 3}, core.Fresh, "", "2026-11-23 08:00", "", "2026-10-01"},
		{"an error of nobody's making", friday, "2026-11-20 22:30", feed.Outcome{Err: errors.New("dial tcp: secret")}, core.Failed, "could not be read", "2026-11-20 22:30", "2026-11-20 22:31", "2026-11-20"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.out.Interval = interval
			got := feed.Judge(c.prev, c.out, at(c.now))
			want := c.prev
			want.Word, want.Reason, want.Since, want.Newest, want.LastTry = c.word, c.why, at(c.since), c.newest, at(c.now)
			want.RetryAt = time.Time{}
			if c.retry != "" {
				want.RetryAt = at(c.retry)
			}
			if c.out.Err == nil {
				want.LastSuccess = at(c.now)
			}
			if c.out.New > 0 {
				want.LastNew = at(c.now)
			}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}
