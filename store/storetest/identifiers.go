package storetest

import (
	"strings"

	"paperboy/core"
)

// entry is one of a feed's: its title and its identifiers, "guid 1", "link x", each
// with a ! behind it when it is shared.
func entry(feed, title string, day core.Date, identifiers ...string) core.Seen {
	s := core.Seen{Paper: core.Paper{ID: "feed:unnamed", Title: title, Link: "https://x.example"}, Sighting: core.Sighting{Source: feed, Day: day}}
	for _, n := range identifiers {
		n, shared := strings.CutSuffix(n, "!")
		kind, value, _ := strings.Cut(n, " ")
		s.Identifiers = append(s.Identifiers, core.Identifier{Kind: core.IdentifierKind(kind), Value: value, Shared: shared})
	}
	return s
}

const theFriday, theMonday = core.Date("2026-11-20"), core.Date("2026-11-23")

var identifiers = []story{
	it("a paper is known by its strongest identifier, and takes new ones", func(h *house) {
		h.wants("first", h.comes(entry("lab", "Bees", theFriday, "guid 1", "link a")).New, 1)
		h.wants("another link", h.comes(entry("lab", "Bees", theFriday, "guid 1", "link b")).New, 0)
		h.wants("another feed, by the new link", h.comes(entry("press", "Bees", theFriday, "guid 7", "link b")).New, 0)
		h.wants("and by its guid there", h.comes(entry("press", "Bees!", theFriday, "guid 7", "link c")).New, 0)
		h.wants("a DOI beside a guid", h.comes(entry("lab", "Wasps", theFriday, "guid 2", "doi 10.1/2", "link d")).New, 1)
		h.wants("another guid of that DOI", h.comes(entry("lab", "Wasps, again", theMonday, "guid 3", "doi 10.1/2", "link e")).New, 0)
		n, err := h.store.CountPapers(h.ctx())
		h.ok(err)
		h.wants("papers", n, 2)
		h.wants("the same again", h.comes(entry("lab", "Wasps, again", theMonday, "guid 3", "doi 10.1/2", "link e")), core.Put{Unchanged: 1})
	}),

	it("a guid identifies within its feed", func(h *house) {
		h.comes(entry("lab", "Bees", theFriday, "guid 1", "link a"))
		h.wants("another feed's", h.comes(entry("press", "Wasps", theFriday, "guid 1", "link b")).New, 1)
	}),

	it("a link says nothing against a guid, unless title and day are the same", func(h *house) {
		h.comes(entry("lab", "Seminar", theFriday, "guid 1", "link next"))
		h.wants("another title", h.comes(entry("lab", "Talk", theFriday, "guid 2", "link next")).New, 1)
		h.wants("another day", h.comes(entry("lab", "Seminar", theMonday, "guid 3", "link next")).New, 1)
		h.wants("built anew", h.comes(entry("lab", "seminar", theFriday, "guid uuid", "link next")).New, 0)
		h.wants("and known from then on", h.comes(entry("lab", "Whatever", theMonday, "guid uuid", "link other")).New, 0)
		h.wants("without a guid", h.comes(entry("lab", "Anything", theMonday, "link other")).New, 0)
	}),

	it("what several carry identifies none of them, then and later", func(h *house) {
		h.comes(entry("lab", "One", theFriday, "guid x", "link 1"))
		h.wants("two of a guid", h.comes(entry("lab", "One", theFriday, "guid x!", "link 1"), entry("lab", "Two", theFriday, "guid x!", "link 2")).New, 1)
		h.wants("a third alone", h.comes(entry("lab", "Three", theFriday, "guid x", "link 3")).New, 1)
		h.wants("all shared", h.comes(entry("lab", "Four", theFriday, "guid x!", "link 4!"), entry("lab", "Five", theFriday, "guid x!", "link 4!")).New, 2)
		h.wants("again", h.comes(entry("lab", "Four", theFriday, "guid x!", "link 4!"), entry("lab", "Five", theFriday, "guid x", "link 4")), core.Put{Unchanged: 2})
	}),

	it("what an earlier version kept is found by its old id", func(h *house) {
		h.comes(listed("feed:old", "Bees", "lab", theFriday), listed("feed:talks", "Talk two", "lab", theFriday))
		h.wants("with a guid now", h.comes(entry("lab", "Bees, again", theFriday, "guid 1", "link a", "earlier feed:old")).New, 0)
		h.wants("its id stays", h.paper("feed:old").Title, "Bees, again")
		h.wants("another entry of that link", h.comes(entry("lab", "Wasps", theFriday, "guid 2", "link a", "earlier feed:old")).New, 1)
		h.wants("of three that were one", h.comes(entry("lab", "Talk one", theFriday, "guid 3", "link t!", "earlier feed:talks!"), entry("lab", "Talk two", theFriday, "guid 4", "link t!", "earlier feed:talks!")).New, 1)
	}),

	it("a day that is assumed lists a paper once", func(h *house) {
		undated := entry("lab", "Bees", theFriday, "guid 1", "link a")
		undated.Sighting.Assumed = true
		h.wants("first", h.comes(undated).New, 1)
		undated.Sighting.Day = theMonday
		h.wants("on Monday", h.comes(undated), core.Put{Unchanged: 1})
		undated.Sighting.Source = "press"
		h.wants("by another", h.comes(undated).Unchanged, 0)
	}),

	it("a day that is assumed tells no entry of a site that was built anew from itself", func(h *house) {
		h.comes(entry("lab", "Bees", theFriday, "guid 1", "link a"))
		undated := entry("lab", "bees", theMonday, "guid uuid", "link a")
		undated.Sighting.Assumed = true
		h.wants("the same title", h.comes(undated).New, 0)
		undated = entry("lab", "Wasps", theMonday, "guid other", "link a")
		undated.Sighting.Assumed = true
		h.wants("another title", h.comes(undated).New, 1)
	}),
}
