package slack_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
	"paperboy/internal/fakeslack"
)

// ofDaily are the messages of the day's post, as they stand.
func (l *lab) ofDaily() (ms []fakeslack.Message) {
	for _, m := range l.slack.Posts("papers") {
		if m.Key("key") != "" {
			ms = append(ms, m)
		}
	}
	return ms
}

// morning is the message of the cards.
func (l *lab) morning() fakeslack.Message {
	l.Helper()
	ms := l.ofDaily()
	if len(ms) != 1 {
		l.Fatalf("%d messages\n%s", len(ms), l.log)
	}
	return ms[0]
}

func labels(m fakeslack.Message) (out []string) {
	for _, b := range m.Buttons() {
		out = append(out, b.Label)
	}
	return out
}

// later is a moment later, with what the workers do by then.
func (l *lab) later() {
	l.Helper()
	l.clock.Set(l.clock.Now().Add(core.CountEvery))
	l.settles()
}

func TestAMorningIsOneMessageWithAVoteAndASaveEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := following(t)
		l.types("pi", "settings layout:cards max:10").Wait(1)
		l.until("2025-11-25 09:00")
		m := l.morning()
		l.sees(m.Text, "Papers · Tue 25 Nov\n*6 new for this channel* · first: DataDream: Few-shot Guided Dataset Generation")
		l.sees(m.Reads(), "👍 = vote", "next post Wed 09:00 Berlin")
		if got := labels(m); len(got) != 12 || got[0] != "👍" || got[1] != "Save" {
			t.Fatalf("buttons %v", got)
		}
		l.sees(l.slack.Presses("ana", m, "👍").Reads(), "Counted: your vote for", "It has 1 vote here.")
		l.settles()
		l.later()
		if got := labels(l.morning()); !slices.Equal(got[:4], []string{"👍 1", "Save", "👍", "Save"}) {
			t.Errorf("buttons %v", got)
		}
		if key := l.morning().Key("key"); !strings.Contains(key, "@daily") {
			t.Errorf("an edit drops the key: %q", key)
		}
		l.sees(l.slack.Presses("ana", l.morning(), "👍").Reads(), "Counted") // another paper's
		l.sees(l.slack.Presses("ben", l.morning(), "👍 1").Reads(), "It has 2 votes here.")
		l.later()
		l.later()
		if got := labels(l.morning()); !slices.Equal(got[:4], []string{"👍 2", "Save", "👍 1", "Save"}) {
			t.Errorf("buttons %v", got)
		}
		l.sees(l.slack.Presses("ana", l.morning(), "👍 2").Reads(), "Taken back", "It has 1 vote here.")
		l.sees(l.slack.Presses("ana", l.morning(), "Save").Reads(), "Saved. 1 in your list")
		l.sees(l.slack.Presses("ana", l.morning(), "Save").Reads(), "Removed")
	})
}

func TestCardsThatAreRefusedAreAList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := following(t)
		l.types("pi", "settings layout:cards").Wait(1)
		l.slack.FailNext("chat.postMessage", fakeslack.Error("invalid_blocks"))
		l.until("2025-11-25 09:00")
		m := l.morning()
		if got := labels(m); len(got) != 5 || got[0] != "1 👍" {
			t.Fatalf("buttons %v", got)
		}
		l.sees(m.Reads(), "1. ", l.papers[seedID(28)].Title)
		l.sees(l.slack.Presses("ana", m, "1 👍").Reads(), "It has 1 vote here.")
		l.slack.FailNext("chat.update", fakeslack.Error("invalid_blocks"))
		l.later()
		if got := labels(l.morning()); got[0] != "1 👍 1" {
			t.Errorf("buttons %v", got)
		}
	})
}

// Killed between Slack's taking the cards and hearing of it: found, not doubled.
func TestCardsAreFoundAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := following(t)
		l.types("pi", "settings layout:cards").Wait(1)
		l.slack.FailNext("chat.postMessage", fakeslack.Reset().AfterStoring())
		l.set("2025-11-25 09:00")
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		_ = l.tickIn(ctx)
		cancel()
		l.restart()
		l.set("2025-11-25 09:10")
		l.tick()
		l.sees(l.slack.Presses("ana", l.morning(), "👍").Reads(), "Counted")
		l.later()
		if got := labels(l.morning()); got[0] != "👍 1" {
			t.Errorf("buttons %v", got)
		}
	})
}

// Slack shows no empty reactions: a paper's own message has a button to vote, and
// what is said by it and by an emoji is one vote.
func TestAPapersMessageShowsItsVotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		l.sees(l.ofDaily()[0].Reads(), "👍 = vote, 🔖 = save")
		m := l.paper(1)
		if got := labels(m); got[0] != "👍" || got[1] != "Save" {
			t.Fatalf("buttons %v", got)
		}
		l.sees(l.slack.Presses("ana", m, "👍").Reads(), "It has 1 vote here.")
		l.slack.Reacts("ana", m, "+1")
		l.slack.Reacts("ben", m, "+1")
		l.votes(1, 2)
		l.later()
		l.later()
		if got := labels(l.paper(1)); got[0] != "👍 2" {
			t.Errorf("buttons %v", got)
		}
		edits := l.paper(1).Edits
		l.later()
		if n := l.paper(1).Edits; n != edits {
			t.Errorf("edited %d times for nothing", n-edits)
		}
	})
}

// What becomes of a paper is said where it stands, in a list of titles too, and
// nothing is posted anew.
func TestAMorningInOneMessageStaysTrue(t *testing.T) {
	for layout, buttons := range map[string]string{"cards": "👍", "digest": "1"} {
		synctest.Test(t, func(t *testing.T) {
			l := following(t)
			l.types("pi", "settings layout:"+layout+" max:10 notforus:1").Wait(1)
			l.until("2025-11-25 09:00")
			before := l.morning()
			l.set("2025-11-26 08:00")
			replaced, withdrawn := l.papers[seedID(3)], l.papers[seedID(28)]
			replaced.Version, withdrawn.Version, withdrawn.Withdrawn = 2, 2, true
			list := core.Sighting{Source: "arxiv", Day: "2025-11-26", Announce: "replace"}
			l.fetches(core.Seen{Paper: replaced, Sighting: list, Authority: core.Publisher}, core.Seen{Paper: withdrawn, Sighting: list, Authority: core.Publisher})
			m := l.morning()
			l.sees(m.Reads(), "updated v2", "withdrawn", replaced.Title)
			if !strings.Contains(fmt.Sprint(m.Formats()), "strike: "+withdrawn.Title[:20]) {
				t.Errorf("its title is not struck: %v", m.Formats())
			}
			if m.Edits != 1 || m.Key("key") == "" || m.Key("key") != before.Key("key") || labels(m)[0] != buttons {
				t.Errorf("%d edits, key %q, buttons %v", m.Edits, m.Key("key"), labels(m))
			}
			shown := l.types("ana", "show "+string(replaced.ID)).Wait(1)
			l.sees(l.slack.Presses("ana", shown[0], "Not for us").Reads(), "Noted")
			l.later()
			l.sees(l.morning().Reads(), replaced.Title+" · not for us", "withdrawn")
			_, below, _ := strings.Cut(l.morning().Reads(), " · not for us")
			if below = strings.TrimPrefix(strings.TrimSpace(below), "2. "); !strings.HasPrefix(below, withdrawn.Title) {
				t.Errorf("below its title there is %s", below)
			}
			if got := l.morning(); got.Edits != 2 || len(labels(got)) != len(labels(before)) {
				t.Errorf("%d edits, buttons %v", got.Edits, labels(got))
			}
			l.until("2025-11-26 09:00")
			l.morning()
		})
	}
}
