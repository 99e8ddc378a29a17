package feed

import (
	"context"
	"errors"
	"strings"
	"time"

	"paperboy/core"
)

// How long a source that failed is left alone when it did not say: at first,
// then twice as long each time, at most the last.
const (
	firstBackOff = time.Minute
	lastBackOff  = time.Hour
	// A source that was silent for so long had a gap that status names.
	longGap = 24 * time.Hour
)

// Outcome is what came of asking a source.
type Outcome struct {
	Newest   core.Date     // the newest day that had papers, of this batch
	New      int           // papers that were not known
	Due      core.Date     // what should be there; zero: cannot be said
	Quiet    bool          // nothing more comes due about now: weekend, holiday, too early
	Again    *core.Again   // an earlier list came in the place of a newer one
	Err      error         // nil when everything asked for came
	Interval time.Duration // how often it is asked in peaceful times
}

// Judge is how a source is after it was asked, given how it was. The next
// fetch begins after Newest, which a source that failed vouches for too.
func Judge(prev core.SourceState, o Outcome, now time.Time) core.SourceState {
	s := prev
	s.LastTry, s.RetryAt = now, time.Time{}
	s.Newest = max(prev.Newest, o.Newest)
	if o.New > 0 {
		s.LastNew = now
	}
	if o.Err != nil {
		s.Word, s.Reason = core.Failed, reason(o.Err)
		s.RetryAt = now.Add(wait(prev, o))
	} else {
		s.LastSuccess = now
		switch {
		case o.Again != nil && !o.Again.Claims.IsZero(), s.Newest < o.Due && !(s.Newest.IsZero() && o.Quiet): // who begins on a Saturday finds nothing
			s.Word = core.Stale
		case o.Quiet && s.Newest < core.DateOf(now.UTC()):
			s.Word = core.NotAnnounced
		default:
			s.Word = core.Fresh
		}
		switch {
		case s.Word == core.Stale && o.Again != nil:
			s.Reason = again(*o.Again, now)
		case !prev.LastSuccess.IsZero() && now.Sub(prev.LastSuccess) >= longGap+o.Interval:
			const layout = "Mon 2 Jan 15:04"
			s.Reason = "was not reached from " + prev.LastSuccess.UTC().Format(layout) + " to " + now.UTC().Format(layout) + " UTC"
		case prev.Word == core.Failed || now.Sub(s.Since) >= longGap || strings.HasPrefix(s.Reason, core.ShowsAgain):
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
func wait(prev core.SourceState, o Outcome) time.Duration {
	var e *core.SourceError
	errors.As(o.Err, &e)
	if e != nil && e.Wait > 0 {
		return e.Wait
	}
	w := firstBackOff
	if prev.Word == core.Failed && prev.RetryAt.After(prev.LastTry) {
		w = max(w, min(2*prev.RetryAt.Sub(prev.LastTry), lastBackOff))
	}
	if e != nil && e.Limit || o.Interval == 0 {
		return w
	}
	return min(w, o.Interval)
}

// reason says an error after the source's name.
func reason(err error) string {
	var e *core.SourceError
	switch {
	case errors.As(err, &e) && e.Limit:
		return core.LimitsRequests + strings.TrimPrefix(" ("+e.Reason+")", " ()")
	case e != nil && e.Reason != "":
		return e.Reason
	case errors.Is(err, context.DeadlineExceeded):
		return "did not answer in time"
	}
	return "could not be read"
}

// again says which list came again: "still shows Friday's list for cs.AI".
func again(a core.Again, now time.Time) string {
	day := a.Day.Time(time.UTC)
	s := core.ShowsAgain + " " + day.Format("Monday") + "'s list"
	if a.Day <= core.DateOf(now.UTC()).AddDays(-7) {
		s = core.ShowsAgain + " the list of " + day.Format("2 January")
	}
	if len(a.Parts) > 0 {
		s += " for " + strings.Join(a.Parts, ", ")
	}
	return s
}

// leaveAlone reports whether the source itself wants not to be asked now, so
// that even a person must wait.
func leaveAlone(s core.SourceState, now time.Time) bool {
	return now.Before(s.RetryAt) && (s.Limited() || s.RetryAt.Sub(s.LastTry) > lastBackOff)
}
