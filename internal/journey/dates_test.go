package journey

import (
	"testing"

	"paperboy/core"
)

// A paper counts for the day a source first listed it; when it was published
// is said where that is another day.
func TestAPaperHasTheSameDateWhereverItIsShown(t *testing.T) {
	w := newTown(t)
	p := w.papers[seedID(1)]
	p.Published = "2025-11-18"
	w.papers[p.ID] = p
	w.lists("2025-11-19", true, 1)
	w.says("cem", "save "+string(p.ID))
	for _, words := range []string{"saved", "show " + string(p.ID), "search diffusion"} {
		w.sees(text(w.says("cem", words).Card), "19 Nov 2025")
	}
	w.sees(text(w.says("cem", "show "+string(p.ID)).Card), "19 Nov 2025 · published 18 Nov 2025")
	w.doesNotSee(text(w.says("cem", "saved").Card), "18 Nov")

	same := w.papers[seedID(2)]
	same.Published = "2025-11-19"
	w.papers[same.ID] = same
	w.lists("2025-11-19", true, 2)
	w.doesNotSee(text(w.says("cem", "show "+string(same.ID)).Card), "published")

	var unknown core.Date
	late := w.papers[seedID(3)]
	late.Published = unknown
	w.papers[late.ID] = late
	w.lists("2025-11-20", true, 3)
	w.sees(text(w.says("cem", "show "+string(late.ID)).Card), "20 Nov 2025")
}
