package slack_test

import (
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
	"paperboy/internal/testkit"
	"paperboy/sources/arxiv"
)

// announcer is arXiv, with its calendar, announcing what the test says.
type announcer struct{ testkit.Wire }

func (*announcer) Name() string          { return "arxiv" }
func (*announcer) Short() string         { return "arxiv" }
func (*announcer) Title() string         { return "arXiv" }
func (*announcer) Note(core.Date) string { return "" }
func (*announcer) Due(now time.Time) core.Date {
	return core.LastDay(core.DateOf(now.UTC().Add(-6*time.Hour)), arxiv.Announces)
}
func (*announcer) Complete(day core.Date) time.Time {
	return day.Time(time.UTC).Add(6 * time.Hour)
}

// announces is arXiv's batch of a day: papers of the seed page, by position.
func (l *lab) announces(a *announcer, day core.Date, positions ...int) {
	var seen []core.Seen
	for _, n := range positions {
		p := l.papers[seedID(n)]
		p.Sources, p.Categories, p.Version = []string{"arxiv"}, []string{"cs.CV"}, 1
		seen = append(seen, core.Seen{Paper: p, Sighting: core.Sighting{Source: "arxiv", Day: day, Announce: "new"}, Authority: core.Publisher})
	}
	a.Set(seen...)
}

func TestNoOldPaperIsPostedBySubscribing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.lists("2025-11-24", 1, 2, 3, 17)
		l.types("pi", "subscribe diffusion, lora").Wait(2)
		l.types("pi", "schedule 09:00 Europe/Berlin weekdays").Wait(1)
		l.until("2025-11-25 09:00")
		if got := titlesOf(l.posted()); len(got) != 0 {
			t.Errorf("posted %v", got)
		}
	})
}

func TestStatusAtTheWeekend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		a := &announcer{}
		l.reads(a)
		l.announces(a, "2025-11-21", 5)
		l.set("2025-11-22 10:00")
		l.fetches()
		l.sees(l.types("ana", "status").Reads(), "arXiv", "nothing due")
	})
}

func TestArxivIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		a := &announcer{}
		l.reads(a)
		l.announces(a, "2025-11-24", 5)
		l.fetches() // what was there before
		l.types("pi", "subscribe diffusion").Wait(2)
		l.types("pi", "schedule 09:00 Europe/Berlin weekdays").Wait(1)

		// Tuesday's announcement was due; arXiv still shows Monday's.
		l.set("2025-11-25 08:55")
		l.lists("2025-11-25", 28)
		l.until("2025-11-25 09:00")
		posts := l.slack.Posts("papers")
		l.sees(posts[len(posts)-2].Reads(), "1 new for this channel", "arXiv is late")
		l.sees(l.types("pi", "status").Reads(), "stale")

		l.set("2025-11-25 13:00")
		l.announces(a, "2025-11-25", 1)
		l.fetches()
		l.set("2025-11-26 08:55")
		l.announces(a, "2025-11-26", 2)
		l.fetches()
		l.until("2025-11-26 09:00")
		if n := len(l.posted()); n != 3 {
			t.Errorf("%d papers in all, want 3: nothing lost, nothing doubled", n)
		}
		l.sees(l.paper(1).Reads(), "listed late")
		l.doesNotSee(l.paper(2).Reads(), "listed late")
	})
}
