package cards_test

import (
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
)

func TestWhatPeopleAreToldAboutASource(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		state core.SourceState
		want  string
	}{
		{core.SourceState{Title: "arXiv", Word: core.Failed, Reason: "is limiting requests (HTTP 429)", RetryAt: now.Add(50 * time.Minute)},
			"arXiv is limiting requests. I will try again at 09:20; today's post may come late. Other sources are not affected."},
		{core.SourceState{Title: "arXiv", Word: core.Stale, Newest: "2026-11-20"},
			"arXiv has listed nothing since Friday although papers were due. I am waiting, not skipping."},
		{core.SourceState{Title: "Hugging Face", Word: core.Stale, Newest: "2026-11-12"},
			"Hugging Face has listed nothing since 12 November although papers were due. I am waiting, not skipping."},
		{core.SourceState{Title: "Hugging Face", Word: core.Failed, Reason: "cannot be reached", LastSuccess: now.Add(-110 * time.Minute)},
			"Hugging Face has not answered since 06:40: it cannot be reached. Today's post will contain other sources' papers only; the rest follows."},
		{core.SourceState{Title: "arXiv", Word: core.Failed, Reason: "cannot be reached"},
			"arXiv has not answered yet: it cannot be reached. Posts contain other sources' papers only; the rest follows."},
		{core.SourceState{Title: "arXiv", Word: core.NotAnnounced, Newest: "2026-11-20"}, "arXiv: nothing due. Its newest list is Friday's."},
		{core.SourceState{Title: "arXiv", Word: core.Fresh, Newest: "2026-11-23"}, "arXiv has what is due: its newest list is Monday's."},
		{core.SourceState{Source: "lab", Word: core.Fresh}, "lab answers."},
	} {
		if got := cards.SourceSentence(c.state, now, berlin).String(); got != c.want {
			t.Errorf("%s %s:\ngot  %s\nwant %s", c.state.Title, c.state.Word, got, c.want)
		}
	}
}

func TestTheSmallPrintAboutASource(t *testing.T) {
	answered := time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		state core.SourceState
		want  string
	}{
		{core.SourceState{Title: "arXiv", Note: "arXiv: Monday's announcement", Word: core.Fresh}, "arXiv: Monday's announcement"},
		{core.SourceState{Title: "arXiv", Note: "arXiv: Monday's announcement", Word: core.Stale}, "arXiv is late"},
		{core.SourceState{Title: "arXiv", Note: "arXiv: Monday's announcement", Word: core.NotAnnounced}, ""},
		{core.SourceState{Source: "lab", Word: core.Fresh}, ""},
		{core.SourceState{Source: "lab", Word: core.Failed}, "lab has not answered yet"},
		{core.SourceState{Source: "lab", Word: core.Failed, LastSuccess: answered}, "lab has not answered since Mon 07:30"},
	} {
		if got := cards.SourceNote(c.state, time.UTC).String(); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.state, got, c.want)
		}
	}
}
