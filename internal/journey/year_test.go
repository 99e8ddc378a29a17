package journey

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
)

// A year of mornings with papers that come at any hour of the day, many
// of them again and again, and restarts between them: none is posted twice,
// none is lost, and no post comes at another minute than the one that was set.
func TestAYear(t *testing.T) {
	w := newTown(t)
	r := rand.New(rand.NewPCG(16, 2025))
	w.says("pi", "subscribe lora")
	w.says("pi", "settings max:15")
	w.says("pi", "schedule 02:30 Europe/Berlin weekdays")
	want := map[core.PaperID]bool{}
	var papers []core.Paper
	end := w.now.AddDate(1, 0, 0)
	for w.now.Before(end) {
		next := w.nextDue()
		for w.now.Before(next) {
			w.now = w.now.Add(time.Duration(1+r.IntN(int(20*time.Hour/time.Minute))) * time.Minute)
			if w.now.After(next) {
				w.now = next
			}
			var batch []core.Seen
			day := core.DateOf(w.now)
			for range r.IntN(3) {
				id := core.PaperID(fmt.Sprintf("2601.%05d", len(papers)))
				p := core.Paper{ID: id, Title: "A paper about cooking", Version: 1}
				if r.IntN(2) == 0 {
					p.Title = "A paper about LoRA"
					want[id] = true
				}
				papers = append(papers, p)
				batch = append(batch, core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: day}, Authority: core.Index})
			}
			for range min(len(papers), 3) { // listed again, perhaps as a new version
				p := papers[len(papers)-1-r.IntN(min(len(papers), 40))]
				p.Version += r.IntN(2)
				batch = append(batch, core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: day}, Authority: core.Index})
			}
			w.fetches(batch...)
		}
		if r.IntN(20) == 0 {
			w.restart()
		}
		before := len(w.chat.posts)
		w.until(next)
		for _, p := range w.chat.posts[before:] {
			if local := next.In(berlin); local.Format("15:04") != "02:30" && local.Format("15:04") != "03:30" || !core.Weekdays.Has(local.Weekday()) {
				t.Errorf("%s was posted at %s", p.Key, local)
			}
		}
	}
	w.until(w.now.AddDate(0, 0, 4))
	got := w.postedPapers()
	slices.Sort(got)
	if doubled := len(got) - len(slices.Compact(slices.Clone(got))); doubled != 0 {
		t.Errorf("%d papers were posted twice", doubled)
	}
	for _, id := range got {
		if !want[id] {
			t.Errorf("%s does not match", id)
		}
		delete(want, id)
	}
	if len(want) != 0 {
		t.Errorf("%d papers are lost, for instance %v", len(want), want)
	}
	t.Logf("%d papers, %d posted in %d messages", len(papers), len(got), len(w.chat.posts))
}

// Run keeps the minute by itself, fetches on the way, and stops when told.
func TestRunKeepsTheMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		w.now = time.Now()
		ctx, stop := context.WithCancel(t.Context())
		var at []time.Time
		w.chat.fail = func(core.Post) error { at = append(at, time.Now()); return nil }
		w.runs = true
		w.bot.Feed.Interval = 30 * time.Minute
		w.says("pi", "subscribe lora")
		w.says("pi", "schedule 09:00 Europe/Berlin daily")
		ended := make(chan error)
		go func() { ended <- w.bot.Run(ctx) }()
		for day := range 3 {
			p := core.Paper{ID: core.PaperID(fmt.Sprintf("2601.%05d", day)), Title: "LoRA"}
			w.source.Set(core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: core.DateOf(time.Now())}, Authority: core.Index})
			time.Sleep(24 * time.Hour)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if len(at) != 6 {
			t.Fatalf("%d messages, want a header and a paper on three days", len(at))
		}
		for _, when := range at {
			if late := when.In(berlin).Sub(time.Date(when.Year(), when.Month(), when.Day(), 9, 0, 0, 0, berlin)); late < 0 || late > time.Minute {
				t.Errorf("posted at %s", when.In(berlin))
			}
		}
	})
}

// A source that hangs holds a post back for ten seconds.
func TestASourceThatHangsDelaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t)
		w.runs = true
		w.says("pi", "subscribe lora")
		w.says("pi", "settings quiet:note")
		w.says("pi", "schedule "+time.Now().In(berlin).Add(90*time.Second).Format("15:04")+" Europe/Berlin daily")
		due := w.nextDue()
		w.bot.Feed.Interval = 5 * time.Minute
		w.source.Hang()
		var posted time.Time
		w.chat.fail = func(core.Post) error { posted = time.Now(); return nil }
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.bot.Run(ctx) }()
		time.Sleep(3 * time.Minute)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if late := posted.Sub(due); posted.IsZero() || late < 0 || late > 11*time.Second {
			t.Errorf("posted %v after its minute (%v, due %v)", late, posted, due)
		}
	})
}
