package journey

import (
	"testing"

	"paperboy/core"
)

// links is a feed that links a paper of the seed page in its own words.
func links(n int, title string) core.Seen {
	return core.Seen{Paper: core.Paper{ID: seedID(n), Title: title, Abstract: "discuss", Authors: []string{"user42"}, Version: 9, Sources: []string{"links"}},
		Sighting: core.Sighting{Source: "links", Day: "2025-11-25"}}
}

func TestAFeedsWordsHideNoPaper(t *testing.T) {
	w := almostTuesday(t)
	w.now = at("2025-11-25 08:45")
	w.fetches(links(28, "Ask: is this any good?"))
	w.until(at("2025-11-25 09:00"))
	w.onceEach()
	w.sees(text(w.message(seedID(28)).Card), w.papers[seedID(28)].Title)
	w.fetches(links(28, "Win a prize"))
	w.amends()
	if m := w.message(seedID(28)); m.Edits != 0 {
		t.Errorf("the feed has the message edited: %s", text(m.Card))
	}
}

func TestAPaperThatAFeedLinksFirstEndsWithItsAuthorsWords(t *testing.T) {
	w := newTown(t)
	w.says("pi", "subscribe lora")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.now = at("2025-11-25 08:30")
	w.fetches(links(28, "Ask: is this LoRA any good?"))
	w.until(at("2025-11-25 09:00"))
	w.sees(text(w.message(seedID(28)).Card), "Ask: is this LoRA any good?", "user42")

	p := w.papers[seedID(28)]
	p.Version, p.Categories = 4, []string{"cs.LG"}
	w.fetches(core.Seen{Paper: p, Sighting: core.Sighting{Source: "arxiv"}, Authority: core.Publisher})
	w.amends()
	m := w.message(seedID(28))
	w.sees(text(m.Card), p.Title)
	w.doesNotSee(text(m.Card), "Ask:", "user42", "updated")
	w.until(at("2025-11-26 09:00"))
	if n := len(w.postedPapers()); n != 1 || w.message(seedID(28)).Edits != 1 {
		t.Errorf("%d posts, %d edits", n, w.message(seedID(28)).Edits)
	}
}

func TestAWithdrawalEnds(t *testing.T) {
	w := tuesday(t)
	id := seedID(28)
	says := func(version int, comment string, withdrawn bool) core.Seen {
		p := w.papers[id]
		p.Version, p.Comment, p.Withdrawn = version, comment, withdrawn
		return core.Seen{Paper: p, Sighting: core.Sighting{Source: "arxiv"}, Authority: core.Publisher, Knows: []core.Fact{core.FactComment, core.FactWithdrawn}}
	}
	w.fetches(says(1, "8 pages", false))
	w.until(at("2025-11-26 09:00"))
	w.fetches(says(2, "Withdrawn by the authors", true))
	w.amends()
	card := w.message(id).Card
	w.sees(text(card), "withdrawn", "updated v2")
	if !card.Papers[0].Struck {
		t.Error("it is not struck out")
	}
	w.until(at("2025-11-27 09:00"))
	w.fetches(says(3, "Corrected", false))
	w.amends()
	card = w.message(id).Card
	w.sees(text(card), "updated v3")
	w.doesNotSee(text(card), "withdrawn")
	if card.Papers[0].Struck {
		t.Error("it is struck out still")
	}
}
