package journey

import (
	"fmt"
	"testing"

	"paperboy/core"
)

// wrote is a paper that Hugging Face lists on a day.
func wrote(n int, title string, day core.Date, change ...func(*core.Paper)) core.Seen {
	p := core.Paper{ID: core.PaperID(fmt.Sprintf("2511.%05d", n)), Title: title, Abstract: "A text.", Authors: []string{"Ana Doe"}, Categories: []string{"cs.CV"}, Sources: []string{"hf"}}
	for _, c := range change {
		c(&p)
	}
	return core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: day}, Authority: core.Index}
}

// A paper stops somewhere on its way into a channel, and whoever asks is told where:
// in the words of what was decided then, and not of what the topics say now.
func TestWhereAPaperFellOut(t *testing.T) {
	w := newTown(t)
	why := func(n int, words ...string) {
		t.Helper()
		w.sees(text(w.says("pi", fmt.Sprintf("missed 2511.%05d", n)).Card), words...)
	}
	w.fetches(wrote(1, "Lamps of old", "2025-11-24"))
	why(1, "this channel follows nothing yet")
	if _, err := w.store.PutPapers(t.Context(), []core.Seen{wrote(2, "Lamps that were imported", "2025-11-20")}, true, w.now); err != nil {
		t.Fatal(err)
	}
	w.says("pi", "subscribe lamp, soup -survey")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.says("pi", "settings layout:digest max:1 scope:cs.CV,strict")
	why(1, "I had it before the topic was followed, so it counts as seen")
	why(2, "it came with papers of earlier days")
	why(99, "I do not have the paper", "no source has listed it")

	w.until(at("2025-11-25 08:30"))
	w.says("pi", "mute bowl")
	w.fetches(wrote(10, "Lamps", "2025-11-25"), wrote(11, "Lamps, the second", "2025-11-25"), wrote(12, "Lamps in a bowl", "2025-11-25"),
		wrote(13, "Lamps elsewhere", "2025-11-25", func(p *core.Paper) { p.Categories = []string{"cs.CL"} }), wrote(14, "A survey of soup", "2025-11-25"), wrote(15, "Spoons", "2025-11-25"))
	why(10, "comes with the next")
	why(12, "it is hidden")
	w.until(at("2025-11-25 09:00"))
	why(10, "Topic lamp")
	w.doesNotSee(text(w.says("pi", "why 2511.00010").Card), "not")
	why(11, "It was not posted: beyond the size of a post")
	why(12, "It was not posted: muted")
	why(13, "lamp matches it, but it is in cs.CL, outside of the channel's categories: cs.CV, strict", "#1 lamp cat:*")
	why(14, "none of the 2 topics here matches it", "#2 soup -survey: it has `survey`, which `-survey` keeps away")
	why(15, "none of the 2 topics here matches it", "it never says `lamp`")

	// What was decided stays true though the topics say something else by now.
	w.says("pi", "unsubscribe lamp")
	w.says("pi", "unmute bowl")
	why(12, "It was not posted: muted")
	w.says("pi", "subscribe spoon")
	why(15, "I had it before the topic was followed")

	w.says("pi", "settings min:5")
	w.fetches(wrote(20, "Spoons again", "2025-11-25"))
	why(20, "the channel asks for 5 upvotes (`settings min:`), and nobody knows how many it has")
	w.says("pi", "settings min:0")
	why(20, "comes with the next")
	w.says("pi", "pause")
	why(20, "posts are paused")
	w.until(at("2025-11-26 09:00"))
	w.says("pi", "resume")
	w.until(at("2025-11-27 09:00"))
	w.says("pi", "settings scope:all")
	why(13, "none of the 2 topics here matches it")
}

// One press widens the topic: the like of what was missed comes from then on, and of
// what was there before nothing.
func TestAMissedPaperIsNotMissedAgain(t *testing.T) {
	w := newTown(t)
	w.says("pi", "subscribe segmentation")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.fetches(wrote(2, "How to segment bowls", "2025-11-24"))
	w.until(at("2025-11-25 08:30"))
	w.fetches(wrote(1, "We segment lamps", "2025-11-25"), wrote(3, "Soup", "2025-11-25"))
	w.until(at("2025-11-25 09:00"))
	w.fetches(wrote(4, "They segment spoons", "2025-11-25"))

	r := w.says("pi", "missed 2511.00001")
	w.sees(text(r.Card), "the topic of this channel does not match it", "#1 segment*", "a weekday, as They segment spoons")
	widened := w.presses("ana", r.Card, "Widen #1")
	w.sees(text(widened.Card), "#1 segment*", "We segment lamps guards it")
	if len(widened.Line) != 1 {
		t.Fatal("nobody else is told")
	}
	w.sees(widened.Line[0].String(), "@ana widened #1 here, so that papers like We segment lamps come: segment*, instead of segmentation.")
	w.sees(text(w.says("pi", "list").Card), "#1 segment*", "guarded by 1 paper")
	w.until(at("2025-11-25 12:00"))
	w.fetches(wrote(2, "How to segment bowls", "2025-11-26", func(p *core.Paper) { p.Code = "https://github.com/x/y" })) // it changes, and was there before
	w.until(at("2025-11-26 09:00"))
	if got := fmt.Sprint(w.postedPapers()); got != "[2511.00004]" {
		t.Errorf("posted %s, want what came after the last post and nothing from before", got)
	}
	w.sees(text(w.says("pi", "why 2511.00001").Card), "I had it before the topic was followed")
}
