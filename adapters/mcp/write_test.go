package mcp

import (
	"slices"
	"testing"
	"time"

	"paperboy/core"
)

func (l *lab) saved(who string) (ids []core.PaperID) {
	l.Helper()
	list, err := l.store.SavedBy(l.Context(), who)
	l.ok(err)
	for _, s := range list {
		ids = append(ids, s.Paper)
	}
	return ids
}

func (l *lab) tally(ch core.Channel, id core.PaperID) core.Tally {
	l.Helper()
	t, err := l.store.Tally(l.Context(), ch.ID, []core.PaperID{id}, time.Time{})
	l.ok(err)
	return t[id]
}

// tools are those that an assistant is offered.
func (a assistant) tools() (names []string) {
	a.Helper()
	list, err := a.ListTools(a.Context(), nil)
	a.ok(err)
	for _, t := range list.Tools {
		names = append(names, t.Name)
		if writes := t.Name == "save" || t.Name == "vote"; t.Annotations.ReadOnlyHint == writes || t.Description == "" || t.OutputSchema == nil || writes && *t.Annotations.DestructiveHint {
			a.Errorf("%s says of itself %+v", t.Name, t.Annotations)
		}
	}
	return names
}

func TestAnAssistantSavesAndVotesForAPerson(t *testing.T) {
	l := newLab(t)
	l.posts(l.ml, "2026-04-27", "2604.20987")
	o := l.options(l.ml.ID)
	o.As = &Person{User: core.User{Key: "slack:T1/ana"}, List: l.store, Voter: l.voter()}
	a := l.asks(o)
	if got := a.tools(); !slices.Contains(got, "save") || !slices.Contains(got, "vote") {
		t.Errorf("offered are %v", got)
	}

	a.hears("save", args{"id": "2604.20987", "note": "for Friday"}, "Saved.")
	a.hears("save", args{"id": "2604.20987"}, "Saved.") // again: once
	if got := l.saved("slack:T1/ana"); !slices.Equal(got, []core.PaperID{"2604.20987"}) {
		t.Errorf("the list has %v", got)
	}
	for range 2 { // a second time is the same vote
		a.hears("vote", args{"id": "2604.20987", "vote": "up"}, "Done. It has 1 vote here.")
		l.clock.Set(l.clock.Now().Add(time.Minute))
	}
	a.hears("vote", args{"id": "2604.20987", "vote": "down"}, "Done. It has 0 votes here.")
	if got := l.tally(l.ml, "2604.20987"); got != (core.Tally{Down: 1}) {
		t.Errorf("the votes are %+v", got)
	}
	l.clock.Set(l.clock.Now().Add(time.Minute))
	a.hears("vote", args{"id": "2604.20987", "vote": "none"}, "Done. It has 0 votes here.")
	if got := l.tally(l.ml, "2604.20987"); got != (core.Tally{}) {
		t.Errorf("the votes are %+v", got)
	}
	a.refuses("vote", args{"id": "2604.15715", "vote": "up"}, "That paper was not posted in the channel", "`save` keeps it")
	a.refuses("vote", args{"id": "2604.20987", "vote": "maybe"}, "These arguments do not fit")
	a.refuses("save", args{"id": "2601.00001"}, "I do not have the paper")
}

func TestWithoutAPersonNothingCanBeChanged(t *testing.T) {
	l := newLab(t)
	a := l.asks(l.options(l.ml.ID))
	if got := a.tools(); !slices.Equal(got, []string{"digest", "missed", "paper", "search", "seen_before", "top", "why"}) {
		t.Errorf("offered are %v", got)
	}
}
