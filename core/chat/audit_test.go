package chat_test

import (
	"fmt"
	"testing"
	"time"

	"paperboy/core"
)

// What is wrong with a list is said in the audit of its day, and what only looks so is
// not called a fault.
func TestAnAuditSaysWhatWasWrongWithAList(t *testing.T) {
	for _, c := range []struct {
		list core.List
		want string
	}{
		{core.List{Count: 5}, "hf's own count is 5: 2 could not be read."},
		{core.List{Count: 3}, ""},
		{core.List{Again: "2026-11-23", Due: true, Since: time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)}, "hf is stale: it has shown Mon 23 Nov's list again since 06:00, and not what was due on Tue 24 Nov."},
		{core.List{Again: "2026-11-23", Parts: []string{"cs.AI", "cs.CL"}, Due: true, Since: time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)},
			"hf was stale: it showed Mon 23 Nov's list for cs.AI, cs.CL again from 06:00 to 09:30. Its own has come since."},
		{core.List{Again: "2026-11-23"}, "hf had nothing due: it still showed Mon 23 Nov's list."},
	} {
		l := newLab(t)
		c.list.Source, c.list.Day = "hf", "2026-11-24"
		for _, heard := range []core.List{c.list, {Source: "hf", Day: "2026-11-24"}} {
			if !c.list.Again.IsZero() && c.list.Until.IsZero() && heard.Again.IsZero() {
				continue // it has not come
			}
			when := c.list.Since
			if heard.Again.IsZero() {
				when = c.list.Until
			}
			if err := l.store.PutLists(t.Context(), []core.List{heard}, when); err != nil {
				t.Fatal(err)
			}
		}
		said := read(l.says("ana", "audit"))
		l.sees(l.says("ana", "audit"), "Tue 24 Nov: hf announced 3.", "3 matched no topic.", c.want)
		if c.want == "" && len(l.says("ana", "audit").Card.Lines) != 2 {
			t.Error(said)
		}
	}
}

// A number opens its papers, a page at a time, each with why.
func TestANumberOfAnAuditOpensItsPapers(t *testing.T) {
	l := emptyLab(t)
	for i := range 12 {
		l.comes(paper(core.PaperID(fmt.Sprintf("2611.%05d", i)), fmt.Sprint("Lamps ", i)))
	}
	l.says("pi", "subscribe diffusion")
	all := l.says("ana", "audit today")
	l.sees(all, "hf announced 12.", "12 matched no topic.")
	first := l.presses("ana", "ml", all.Card.Menu.Options[0].ID)
	l.sees(first, "Tue 24 Nov: 12 matched no topic, 1–10 of 12", "Lamps 0", "Lamps 9")
	next, ok := find(first.Card.Buttons, "Next 2 ▸")
	if !ok {
		t.Fatal("there is no second page")
	}
	l.sees(l.presses("ana", "ml", next.ID), "11–12 of 12", "Lamps 11")
	why, ok := find(first.Card.Papers[0].Buttons, "Why")
	if !ok {
		t.Fatal("it does not say why")
	}
	l.sees(l.presses("ana", "ml", why.ID), "It was not posted here")
	if r := l.says("ana", "audit today only:muted"); len(r.Card.Papers) != 0 || r.Failed {
		t.Error(read(r))
	}
}
