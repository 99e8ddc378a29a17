package core

import (
	"context"
	"errors"
	"strings"
	"time"

	"paperboy/core/say"
)

// How long a source that failed is left alone when it did not say: at first,
// then twice as long each time, at most the last.
const (
	firstBackOff = time.Minute
	lastBackOff  = time.Hour
	// A source that was silent for so long had a gap that status names.
	longGap = 24 * time.Hour
)

// limited begins the Reason of a source that asks for fewer requests.
const limited = "is limiting requests"

// Outcome is what came of asking a source.
type Outcome struct {
	Newest   Date          // the newest day that had papers, of this batch
	New      int           // papers that were not known
	Due      Date          // what should be there; zero: cannot be said
	Quiet    bool          // nothing more comes due about now: weekend, holiday, too early
	Err      error         // nil when everything asked for came
	Interval time.Duration // how often it is asked in peaceful times
}

// Judge is how a source is after it was asked, given how it was. The next
// fetch begins after Newest, which a source that failed vouches for too.
func Judge(prev SourceState, o Outcome, now time.Time) SourceState {
	s := prev
	s.LastTry, s.RetryAt = now, noTime
	s.Newest = max(prev.Newest, o.Newest)
	if o.New > 0 {
		s.LastNew = now
	}
	if o.Err != nil {
		s.Word, s.Reason = Failed, reason(o.Err)
		s.RetryAt = now.Add(wait(prev, o))
	} else {
		s.LastSuccess = now
		switch {
		case s.Newest < o.Due && !(s.Newest.IsZero() && o.Quiet): // who begins on a Saturday finds nothing
			s.Word = Stale
		case o.Quiet && s.Newest < DateOf(now.UTC()):
			s.Word = NotAnnounced
		default:
			s.Word = Fresh
		}
		switch {
		case !prev.LastSuccess.IsZero() && now.Sub(prev.LastSuccess) >= longGap+o.Interval:
			const layout = "Mon 2 Jan 15:04"
			s.Reason = "was not reached from " + prev.LastSuccess.UTC().Format(layout) + " to " + now.UTC().Format(layout) + " UTC"
		case prev.Word == Failed || now.Sub(s.Since) >= longGap:
			s.Reason = ""
		}
	}
	if s.Word != prev.Word || s.Since.IsZero() {
		s.Since = now
	}
	return s
}

// wait is how long a source that failed is left alone: as it said, else longer
// each time. Only one that limits requests is left alone for longer than in
// peaceful times.
func wait(prev SourceState, o Outcome) time.Duration {
	var e *SourceError
	errors.As(o.Err, &e)
	if e != nil && e.Wait > 0 {
		return e.Wait
	}
	w := firstBackOff
	if prev.Word == Failed && prev.RetryAt.After(prev.LastTry) {
		w = max(w, min(2*prev.RetryAt.Sub(prev.LastTry), lastBackOff))
	}
	if e != nil && e.Limit || o.Interval == 0 {
		return w
	}
	return min(w, o.Interval)
}

// reason says an error after the source's name.
func reason(err error) string {
	var e *SourceError
	switch {
	case errors.As(err, &e) && e.Limit:
		return limited + strings.TrimPrefix(" ("+e.Reason+")", " ()")
	case e != nil && e.Reason != "":
		return e.Reason
	case errors.Is(err, context.DeadlineExceeded):
		return "did not answer in time"
	}
	return "could not be read"
}

// Limited reports whether the source asks for fewer requests.
func (s SourceState) Limited() bool { return s.Word == Failed && strings.HasPrefix(s.Reason, limited) }

// leaveAlone reports whether the source itself wants not to be asked now, so
// that even a person must wait.
func (s SourceState) leaveAlone(now time.Time) bool {
	return now.Before(s.RetryAt) && (s.Limited() || s.RetryAt.Sub(s.LastTry) > lastBackOff)
}

// Sentence says how the source is and what that means for people, with times
// as a clock at loc shows them.
func (s SourceState) Sentence(now time.Time, loc *time.Location) say.Text {
	name := SourceTitle(s.Source)
	newest := "the beginning"
	if !s.Newest.IsZero() {
		newest = s.Newest.Time(utc).Format("Monday")
		if DateOf(now).AddDays(-7) >= s.Newest {
			newest = s.Newest.Time(utc).Format("2 January")
		}
	}
	switch s.Word {
	case Stale:
		if s.Source == "arxiv" {
			return say.Say("%s's feed has not changed since %s although an announcement was due. I am waiting, not skipping.", name, newest)
		}
		return say.Say("%s has listed nothing since %s although papers were due. I am waiting, not skipping.", name, newest)
	case Failed:
		switch {
		case s.Limited():
			return say.Say("%s is limiting requests. I will try again at %s; today's post may come late. Other sources are not affected.", name, clock(s.RetryAt, now, loc))
		case s.LastSuccess.IsZero():
			return say.Say("%s has not answered yet: it %s. Posts contain other sources' papers only; the rest follows.", name, s.Reason)
		}
		return say.Say("%s has not answered since %s: it %s. Today's post will contain other sources' papers only; the rest follows.", name, clock(s.LastSuccess, now, loc), s.Reason)
	case NotAnnounced:
		return say.Say("%s: nothing due. Its newest list is %s's.", name, newest)
	}
	if s.Newest.IsZero() {
		return say.Say("%s answers.", name)
	}
	return say.Say("%s has what is due: its newest list is %s's.", name, newest)
}
