package journey

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
)

// There is something to see on the day on which the bot comes: once, marked as a
// sample, and nothing of it comes again.
func TestSomethingToSeeBeforeTheFirstMorning(t *testing.T) {
	w := newTown(t)
	w.lists("2025-11-19", true, 1, 17)
	w.lists("2025-11-21", true, 2, 3, 19)
	w.lists("2025-11-24", true, 5)
	r := w.says("pi", "subscribe diffusion, lora")
	w.says("ana", `mute "stable diffusion"`)
	if len(w.chat.posts) != 0 {
		t.Fatal("subscribing posts something")
	}
	button := "Post today's now"
	r = w.presses("pi", r.Card, button)
	w.sees(text(r.Card), "On its way: a sample with 2 papers.")
	w.sees(texts(r.Line), "@pi asked for a sample")
	w.tick()
	header := w.chat.posts[0]
	w.sees(text(header.Card), "A sample", "what Fri 21 Nov brought")
	sample := w.postedPapers()
	if diff := cmp.Diff([]core.PaperID{seedID(3), seedID(19)}, sample); diff != "" {
		t.Errorf("the newest day with papers, without what is muted: %s", diff)
	}

	again := w.says("pi", "subscribe agents")
	if strings.Contains(labels(again.Card), button) {
		t.Error("a second sample is offered")
	}
	w.sees(text(w.presses("pi", core.Card{Buttons: []core.Button{{ID: "pb1|sample|now", Label: button}}}, button).Card), "This channel has had its sample.")
	w.tick()

	// What comes from now on comes in the first post, and the sample does not.
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.lists("2025-11-24", false, 28)
	w.lists("2025-11-24", false, 3)
	w.until(at("2025-11-25 09:00"))
	w.until(at("2025-11-26 09:00"))
	got := w.postedPapers()
	if diff := cmp.Diff(append(sample, seedID(28)), got); diff != "" {
		t.Error(diff)
	}
	w.eachOnce()
}

func TestWhatCameBeforeTheSampleIsNotLost(t *testing.T) {
	w := newTown(t)
	w.says("pi", "subscribe diffusion, lora")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.lists("2025-11-21", false, 17)
	w.lists("2025-11-24", false, 1, 3)
	w.presses("pi", core.Card{Buttons: []core.Button{{ID: "pb1|sample|now", Label: "sample"}}}, "sample")
	w.tick()
	if got := len(w.postedPapers()); got != 2 {
		t.Fatalf("%d papers in the sample", got)
	}
	w.until(at("2025-11-25 09:00"))
	if got := w.postedPapers(); len(got) != 3 || got[2] != seedID(17) {
		t.Errorf("posted are %v", got)
	}
	w.eachOnce()
}

func TestASampleIsForEditorsAndNeedsPapers(t *testing.T) {
	w := newTown(t)
	sample := core.Card{Buttons: []core.Button{{ID: "pb1|sample|now", Label: "sample"}}}
	w.sees(text(w.presses("pi", sample, "sample").Card), "There is nothing to show")
	r := w.says("pi", "subscribe diffusion")
	if strings.Contains(labels(r.Card), "Post today's now") {
		t.Error("a sample of nothing is offered")
	}
	w.lists("2025-11-24", true, 1)
	w.says("pi", "settings editors:managers")
	w.sees(text(w.presses("ana", sample, "sample").Card), "Only channel managers")
	w.says("pi", "settings min:5") // nobody knows how many upvotes it has
	w.sees(text(w.presses("pi", sample, "sample").Card), "There is nothing to show")
	w.tick()
	if len(w.chat.posts) != 0 {
		t.Error("something was posted")
	}
}

// eachOnce: no paper was posted twice.
func (w *town) eachOnce() {
	w.Helper()
	seen := map[core.PaperID]bool{}
	for _, id := range w.postedPapers() {
		if seen[id] {
			w.Errorf("%s was posted twice", id)
		}
		seen[id] = true
	}
}

func labels(c core.Card) string {
	var b strings.Builder
	for _, button := range c.Buttons {
		b.WriteString(button.Label + "\n")
	}
	return b.String()
}
