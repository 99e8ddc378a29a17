package core

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"
	"time"
)

// Source is where papers come from.
type Source interface {
	// Name is "huggingface", "arxiv" or a feed's name: what people type after
	// source: and --source, and what its state is kept under.
	Name() string
	// Short is what Paper.Sources and sightings say: "hf" for Hugging Face,
	// else the Name.
	Short() string
	// Title is what people call it: "Hugging Face".
	Title() string
	// Note says in a few words of small print what its list of that day is:
	// "HF list of 2 Jan". "" where nothing can be said.
	Note(newest Date) string
	// Fetch asks for what was listed on the days from..until, both included.
	// It returns what it could read together with an error about the rest:
	// a batch may be useful though err is not nil. An err may be a
	// *SourceError. A source whose lists grow after their day asks for a few
	// days before from too when until is today.
	Fetch(ctx context.Context, from, until Date) (Batch, error)
	// Due is the newest day whose list should be there by now, so that not to
	// have it is stale; zero when that cannot be said.
	Due(now time.Time) Date
	// Complete is when the list of a day is as good as whole: what is listed
	// for that day later is late.
	Complete(day Date) time.Time
}

// Batch is what a source sent.
type Batch struct {
	Seen []Seen
	// Rest, when not nil, gives what a source has that does not fit into memory
	// at once, in parts, when it is ranged over; Seen is empty then.
	Rest     iter.Seq[[]Seen]
	Newest   Date      // the newest day that had papers, such that nothing before it is missing for good; may be zero
	Problems []Problem // single entries that could not be read; the rest is good
	Lists    []List    // how much it had on each day that it sent as a whole, by its own count; Day and Count
	Again    *Again    // an earlier list that came in the place of a newer one; nil: none did
	// Kept, when not nil, is told once everything of the batch is in the store:
	// a source that then remembers what it sent need not send it again.
	Kept func(context.Context) error
}

// Problem is something a source sent that could not be used.
type Problem struct {
	Where string // "2025-10-30 entry 7", "https://…"
	Err   error
}

// Again is an earlier day's list in the place of a newer one. It is told by what is
// on it: the date on a list may be new.
type Again struct {
	Day    Date     // of the list that came
	Parts  []string // of the source, such as "cs.AI", that it came for; nil: for all of it
	Claims Date     // the day whose list it says it is; zero: it says nothing
}

// List is what a source said of its list of a day.
type List struct {
	Source string    // its Short
	Day    Date      // the day that the list is due for
	Count  int       // the most entries that it had, those that could not be read among them; 0: none, or nobody knows
	Again  Date      // the day of the earlier list that came in its place; zero: none did
	Parts  []string  // of the source that it came for; nil: for all of it
	Due    bool      // that was no day without a list: something was missing
	Since  time.Time // since when the earlier list came …
	Until  time.Time // … and when this one came at last; zero: it has not
}

// Heard is what is known of a list after news came of it at a moment.
func (l List) Heard(news List, now time.Time) List {
	l.Source, l.Day, l.Count = news.Source, news.Day, max(l.Count, news.Count)
	switch {
	case !news.Again.IsZero():
		if l.Again != news.Again || l.Since.IsZero() {
			l.Since = now
		}
		l.Again, l.Parts, l.Due, l.Until = news.Again, news.Parts, l.Due || news.Due, time.Time{}
	case !l.Again.IsZero() && l.Until.IsZero():
		l.Until = now
	}
	return l
}

// SourceError is why a source gave nothing, or not everything.
type SourceError struct {
	Reason string        // goes on after the source's name: "sent a web page instead of papers"
	Limit  bool          // it asks for fewer requests
	Wait   time.Duration // it is to be left alone for so long; 0: not said
	Err    error         // the cause, for the operator
}

func (e *SourceError) Error() string {
	if e.Err == nil {
		return e.Reason
	}
	return e.Reason + ": " + e.Err.Error()
}

func (e *SourceError) Unwrap() error { return e.Err }

// NoneReadable is the error of a source that sent entries of which none could be
// read.
func NoneReadable(problems []Problem) *SourceError {
	return &SourceError{Reason: fmt.Sprintf("sent nothing that can be read: %v", problems[0].Err),
		Err: fmt.Errorf("%d entries could not be read; the first: %s: %w", len(problems), problems[0].Where, problems[0].Err)}
}

// SourceStateWord is how a source is, in a word.
type SourceStateWord string

// The words of status.
const (
	Fresh        SourceStateWord = "fresh"         // has what is due
	NotAnnounced SourceStateWord = "not announced" // nothing is due: weekend, holiday, too early
	Stale        SourceStateWord = "stale"         // answers, but what was due is not there
	Failed       SourceStateWord = "failed"        // does not answer, or not sensibly
)

// SourceState is what is known about a source; kept in the store.
type SourceState struct {
	Source      string // its Name
	Title       string // its Title; "" before it was asked
	Note        string // its Note of Newest
	Word        SourceStateWord
	Reason      string    // for people, goes on after its name: "is limiting requests (HTTP 429)"; may be empty
	LastTry     time.Time // of a fetch, whatever came of it
	LastSuccess time.Time // zero: never; the first success makes backlog
	LastNew     time.Time // when a paper last came that was not known
	Newest      Date      // newest day that had papers
	Since       time.Time // since when Word holds
	RetryAt     time.Time // not to be asked before
	Told        bool      // channels have been told that it is late
}

// LimitsRequests begins the Reason of a source that asks for fewer requests.
const LimitsRequests = "is limiting requests"

// ShowsAgain begins the Reason of a source that sends an earlier list again.
const ShowsAgain = "still shows"

// Limited reports whether the source asks for fewer requests.
func (s SourceState) Limited() bool {
	return s.Word == Failed && strings.HasPrefix(s.Reason, LimitsRequests)
}

// Called is how people call the source.
func (s SourceState) Called() string { return cmp.Or(s.Title, s.Source) }
