package cards

import (
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/say"
)

// SourceSentence says how a source is and what that means for people, with
// times as a clock at loc shows them.
func SourceSentence(s core.SourceState, now time.Time, loc *time.Location) say.Text {
	name := s.Called()
	newest := "the beginning"
	if !s.Newest.IsZero() {
		newest = s.Newest.Time(time.UTC).Format("Monday")
		if core.DateOf(now).AddDays(-7) >= s.Newest {
			newest = s.Newest.Time(time.UTC).Format("2 January")
		}
	}
	switch s.Word {
	case core.Stale:
		if strings.HasPrefix(s.Reason, core.ShowsAgain) {
			return say.Say("%s %s although a newer one was due. I am waiting, not skipping.", name, s.Reason)
		}
		return say.Say("%s has listed nothing since %s although papers were due. I am waiting, not skipping.", name, newest)
	case core.Failed:
		switch {
		case s.Limited():
			return say.Say("%s is limiting requests. I will try again at %s; today's post may come late. Other sources are not affected.", name, Clock(s.RetryAt, now, loc))
		case s.LastSuccess.IsZero():
			return say.Say("%s has not answered yet: it %s. Posts contain other sources' papers only; the rest follows.", name, s.Reason)
		}
		return say.Say("%s has not answered since %s: it %s. Today's post will contain other sources' papers only; the rest follows.", name, Clock(s.LastSuccess, now, loc), s.Reason)
	case core.NotAnnounced:
		return say.Say("%s: nothing due. Its newest list is %s's.", name, newest)
	}
	if s.Newest.IsZero() {
		return say.Say("%s answers.", name)
	}
	return say.Say("%s has what is due: its newest list is %s's.", name, newest)
}

// SourceNote is how a source is, in the few words of a header's small print;
// nil where there is nothing to say.
func SourceNote(s core.SourceState, loc *time.Location) say.Text {
	switch s.Word {
	case core.Fresh:
		if s.Note != "" {
			return say.Text{{Text: s.Note}}
		}
	case core.Stale:
		if strings.HasPrefix(s.Reason, core.ShowsAgain) {
			return say.Say("%s is late: it %s", s.Called(), s.Reason)
		}
		return say.Say("%s is late", s.Called())
	case core.Failed:
		if s.LastSuccess.IsZero() {
			return say.Say("%s has not answered yet", s.Called())
		}
		return say.Say("%s has not answered since %s", s.Called(), s.LastSuccess.In(loc).Format("Mon 15:04"))
	}
	return nil
}

// Clock is a time as one would say it: without the day when it is today.
func Clock(t, now time.Time, loc *time.Location) string {
	if core.DateOf(t.In(loc)) == core.DateOf(now.In(loc)) {
		return t.In(loc).Format("15:04")
	}
	return t.In(loc).Format("Mon 2 Jan 15:04")
}
