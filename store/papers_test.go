package store

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/topic"
)

func count(n int) *int { return &n }

func (h *house) paper(id core.PaperID) core.Paper {
	h.Helper()
	p, err := h.Paper(context.Background(), id)
	h.ok(err)
	return p
}

func (h *house) changedAfter(n core.Seq) (ids []core.PaperID) {
	h.Helper()
	papers, err := h.ChangedPapers(context.Background(), n)
	h.ok(err)
	for _, p := range papers {
		ids = append(ids, p.ID)
	}
	return ids
}

func (h *house) seq() core.Seq {
	h.Helper()
	n, err := h.Store.Seq(context.Background())
	h.ok(err)
	return n
}

func (h *house) wants(what string, got, want any) {
	h.Helper()
	if d := cmp.Diff(want, got); d != "" {
		h.Errorf("%s: want -, got +\n%s", what, d)
	}
}

func TestEverythingKnownOfAPaperIsKept(t *testing.T) {
	h := newHouse(t)
	want := core.Paper{
		ID: "2509.24002", Version: 2, Title: "A title", Abstract: "An abstract.", Authors: []string{"Ana B.", "C. Død"},
		Categories: []string{"cs.CV", "cs.LG"}, Published: "2025-09-28", Upvotes: count(0), Comments: count(3),
		Code: "https://github.com/a/b", Stars: count(7), Project: "https://a.b", Summary: "In short.", Keywords: []string{"x", "y z"},
		Organization: "An org", Thumbnail: "https://a/b.png", Comment: "8 pages", Journal: "J. 1", DOI: "10.1/2", Link: "https://a/c", Withdrawn: true,
	}
	h.comes(core.Seen{Paper: want, Sighting: core.Sighting{Source: "hf", Day: "2025-09-30", Rank: 4, Announce: "new", Upvotes: count(2)}})
	want.Sources, want.Day, want.Seq, want.Changed, want.Seen = []string{"hf"}, "2025-09-30", 1, 1, h.now
	h.wants("the paper", h.paper("2509.24002"), want)
	many, err := h.Papers(context.Background(), []core.PaperID{"9999.00001", "2509.24002"})
	h.ok(err)
	h.wants("the papers", many, []core.Paper{want})
	s, err := h.Sightings(context.Background(), []core.PaperID{"2509.24002", "9999.00001"})
	h.ok(err)
	h.wants("its sightings", s, map[core.PaperID][]core.Sighting{"2509.24002": {{Source: "hf", Day: "2025-09-30", Rank: 4, Announce: "new", Upvotes: count(2)}}})
	if _, err := h.Paper(context.Background(), "9999.00001"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("a paper that nobody sent: %v", err)
	}
}

func TestAPaperComesAgain(t *testing.T) {
	h := newHouse(t)
	hf := func(upvotes int) core.Seen {
		return listed("2509.00001", "Diffusion  of\nheat", "hf", "2025-09-10", func(p *core.Paper) {
			p.Abstract, p.Published, p.Upvotes = "We study heat.", "2025-09-08", count(upvotes)
		})
	}
	arxiv := func(version int, announce string, day core.Date) core.Seen {
		s := listed("2509.00001", "Diffusion of heat", "arxiv", day, func(p *core.Paper) {
			p.Abstract, p.Categories, p.Version = "We study heat.", []string{"cs.LG"}, version
		})
		s.Sighting.Announce = announce
		return s
	}
	lookedUp := arxiv(3, "", "")
	withdrawn := arxiv(3, "", "")
	withdrawn.Paper.Withdrawn = true
	starred := hf(5)
	starred.Paper.Stars = count(9)

	for _, step := range []struct {
		name    string
		seen    core.Seen
		put     core.Put
		changed bool
	}{
		{"on Hugging Face's list", hf(4), core.Put{New: 1}, true},
		{"the same again", hf(4), core.Put{Unchanged: 1}, false},
		{"with one more upvote", hf(5), core.Put{Updated: 1}, true},
		{"with stars, which no topic sees", starred, core.Put{Updated: 1}, false},
		{"announced by arXiv", arxiv(1, "cross", "2025-09-09"), core.Put{Updated: 1}, true},
		{"new in another category's list", arxiv(1, "new", "2025-09-09"), core.Put{Updated: 1}, false},
		{"and again the cross-list", arxiv(1, "cross", "2025-09-09"), core.Put{Unchanged: 1}, false},
		{"replaced", arxiv(2, "replace", "2025-10-01"), core.Put{Updated: 1, NewVersions: []core.PaperID{"2509.00001"}}, true},
		{"an older version is no news", arxiv(1, "replace", "2025-10-01"), core.Put{Unchanged: 1}, false},
		{"looked up as the third version", lookedUp, core.Put{Updated: 1, NewVersions: []core.PaperID{"2509.00001"}}, true},
		{"withdrawn", withdrawn, core.Put{Updated: 1, NewVersions: []core.PaperID{"2509.00001"}}, true},
	} {
		before := h.seq()
		h.wants(step.name, h.comes(step.seen), step.put)
		if changed := h.seq() > before; changed != step.changed {
			t.Errorf("%s: changed is %v", step.name, changed)
		}
		if got := h.changedAfter(before); (len(got) == 1) != step.changed {
			t.Errorf("%s: changed papers are %v", step.name, got)
		}
	}
	p := h.paper("2509.00001")
	h.wants("the day of the first list", p.Day, core.Date("2025-09-09"))
	h.wants("who listed it", p.Sources, []string{"arxiv", "hf"})
	h.wants("its number", p.Seq, core.Seq(1))
	s, err := h.Sightings(context.Background(), []core.PaperID{p.ID})
	h.ok(err)
	h.wants("its sightings", s[p.ID], []core.Sighting{
		{Source: "arxiv", Day: "2025-09-09", Announce: "new"},
		{Source: "hf", Day: "2025-09-10"},
		{Source: "arxiv", Day: "2025-10-01", Announce: "replace"},
	})
}

func TestAVersionThatWasNotKnownIsNewOnlyWhenReplaced(t *testing.T) {
	h := newHouse(t)
	version := func(id core.PaperID, v int, announce string) core.Seen {
		s := listed(id, "A paper", "arxiv", "2025-09-12", func(p *core.Paper) { p.Version = v })
		s.Sighting.Announce = announce
		return s
	}
	for _, id := range []core.PaperID{"2509.00001", "2509.00002", "2509.00003"} {
		h.comes(listed(id, "A paper", "hf", "2025-09-10"))
	}
	put := h.comes(version("2509.00001", 1, "new"), version("2509.00002", 2, ""), version("2509.00003", 2, "replace"))
	h.wants("new versions", put.NewVersions, []core.PaperID{"2509.00003"})
}

func TestThePapersThatWereThereBefore(t *testing.T) {
	h := newHouse(t)
	old := listed("2509.00001", "Imported", "arxiv", "")
	old.Paper.Published = "2025-09-01"
	put, err := h.PutPapers(context.Background(), []core.Seen{old}, true, h.now)
	h.ok(err)
	h.wants("put", put, core.Put{New: 1})
	p := h.paper("2509.00001")
	if !p.Backlog || p.Day != "2025-09-01" || p.Sources != nil {
		t.Errorf("imported: %+v", p)
	}
	h.comes(listed("2509.00001", "Imported", "hf", "2025-09-05"))
	if p = h.paper("2509.00001"); !p.Backlog || p.Day != "2025-09-05" || p.Changed <= p.Seq {
		t.Errorf("listed later: %+v", p)
	}
	h.wants("for channels", h.changedAfter(0), []core.PaperID(nil))
}

func TestAPaperWithoutTitleSpoilsNothing(t *testing.T) {
	h := newHouse(t)
	_, err := h.PutPapers(context.Background(), []core.Seen{listed("2509.00001", "Good", "hf", "2025-09-05"), listed("2509.00002", " ", "hf", "2025-09-05")}, false, h.now)
	if err == nil || !strings.Contains(err.Error(), "2509.00002") {
		t.Errorf("the error does not name the paper: %v", err)
	}
	if n, err := h.CountPapers(context.Background()); n != 0 || err != nil {
		t.Errorf("half a batch was kept: %d papers, %v", n, err)
	}
}

func TestTheListOfADay(t *testing.T) {
	h := newHouse(t)
	day, category := core.Date("2025-09-05"), func(p *core.Paper) { p.Categories = []string{"cs.CV"} }
	h.comes(listed("2509.00001", "One", "hf", day), listed("2509.00001", "One", "arxiv", day, category),
		listed("2509.00002", "Two", "hf", day), listed("2509.00003", "Three", "hf", "2025-09-04"), listed("feed:ab", "Blog", "blog", day),
		listed("2509.00004", "Four", "hf", "2025-09-06"))
	n, err := h.Listed(context.Background(), day)
	h.ok(err)
	h.wants("papers listed", n, 3)
	ids, err := h.Uncategorised(context.Background(), day, 9)
	h.ok(err)
	h.wants("to look up at arXiv", ids, []core.PaperID{"2509.00004", "2509.00002"})
	ids, err = h.Uncategorised(context.Background(), day, 1)
	h.ok(err)
	h.wants("the newest", ids, []core.PaperID{"2509.00004"})
}

func (h *house) finds(q core.Query) (ids []core.PaperID) {
	h.Helper()
	f, err := h.Search(context.Background(), q)
	h.ok(err)
	for _, hit := range f.Hits {
		ids = append(ids, hit.Paper.ID)
	}
	return ids
}

func TestTheOrdersOfASearch(t *testing.T) {
	h := newHouse(t)
	voted := func(n int) func(*core.Paper) { return func(p *core.Paper) { p.Upvotes = count(n) } }
	about := func(s string) func(*core.Paper) { return func(p *core.Paper) { p.Abstract = s } }
	h.comes(
		listed("2509.00001", "Heat", "hf", "2025-09-05", voted(0), about("All about lamps and light and heat and warmth")),
		listed("2509.00002", "Lamps", "hf", "2025-09-04", voted(50), about("All about lights and heat and light and warmth")),
		listed("2509.00003", "Lamps", "hf", "2025-09-06", about("All about lights and heat and light and warmth")),
		listed("2509.00004", "Roofs", "hf", "2025-09-07", voted(99), about("Nothing to see here, nothing at all, move on")),
		listed("2509.00005", "Lamps too", "hf", "2025-09-03", voted(1), about("All about lights and heat and light and warmth")))
	lamp := query(t, "lamp")
	h.wants("best", h.finds(core.Query{Topic: lamp, Limit: 9}), []core.PaperID{"2509.00003", "2509.00002", "2509.00005", "2509.00001"})
	h.wants("new", h.finds(core.Query{Topic: lamp, Sort: core.SortNew, Limit: 9}), []core.PaperID{"2509.00003", "2509.00001", "2509.00002", "2509.00005"})
	h.wants("top", h.finds(core.Query{Topic: lamp, Sort: core.SortTop, Limit: 9}), []core.PaperID{"2509.00002", "2509.00005", "2509.00003", "2509.00001"})
	h.wants("of days", h.finds(core.Query{Topic: lamp, Since: "2025-09-04", Until: "2025-09-05", Limit: 9}), []core.PaperID{"2509.00002", "2509.00001"})
	h.wants("every paper", h.finds(core.Query{Limit: 2, Sort: core.SortNew}), []core.PaperID{"2509.00004", "2509.00003"})

	ml, cv := h.channel("ml"), h.channel("cv")
	h.reacts(ml, "m1", "2509.00001", "ana", "👍", core.Up)
	h.reacts(cv, "m2", "2509.00001", "ana", "👍", core.Up)
	h.reacts(cv, "m2", "2509.00005", "ben", "👍", core.Up)
	h.reacts(cv, "m3", "2509.00005", "ben", "🔥", core.Up)
	h.reacts(cv, "m3", "2509.00003", "ben", "👎", core.Down)
	for channel, want := range map[int64][]core.PaperID{
		ml.ID: {"2509.00001", "2509.00002", "2509.00005", "2509.00003"},
		0:     {"2509.00005", "2509.00001", "2509.00002", "2509.00003"},
	} {
		h.wants("top with votes", h.finds(core.Query{Topic: lamp, Sort: core.SortTop, Limit: 9, Channel: channel}), want)
	}
	f, err := h.Search(context.Background(), core.Query{Topic: lamp, Sort: core.SortTop, Limit: 1})
	h.ok(err)
	if f.Total != 4 || len(f.Hits) != 1 || f.Hits[0].Votes != 1 || f.Hits[0].Score != 0 {
		t.Errorf("the first of the top: %+v", f)
	}
	f, err = h.Search(context.Background(), core.Query{Topic: lamp, Scope: topic.Scope{Patterns: []string{"cs.*"}, Strict: true}})
	h.ok(err)
	h.wants("counted", f, core.Found{Total: 4, Primary: map[string]int{"": 4}})
	f, err = h.Search(context.Background(), core.Query{Topic: query(t, "lamp min:1 | roof min:100 | heat"), Limit: 9})
	h.ok(err)
	if f.Total != 4 || f.Hits[0].Score <= 0 {
		t.Errorf("scored beside numbers: %+v", f)
	}
}

func TestAChangedPaperIsFoundByItsNewWordsOnly(t *testing.T) {
	h := newHouse(t)
	h.comes(listed("2509.00001", "A lamp", "arxiv", "2025-09-05", func(p *core.Paper) { p.Version = 1 }))
	h.comes(listed("2509.00001", "A torch", "arxiv", "2025-09-06", func(p *core.Paper) { p.Version = 2 }))
	h.wants("the old word", h.finds(core.Query{Topic: query(t, "lamp"), Limit: 9}), []core.PaperID(nil))
	h.wants("the new word", h.finds(core.Query{Topic: query(t, "torch"), Limit: 9}), []core.PaperID{"2509.00001"})
}

func TestRareWordsLeadToLikePapers(t *testing.T) {
	h := newHouse(t)
	h.comes(listed("2509.00001", "Lamps of brass", "hf", "2025-09-05"), listed("2509.00002", "Brass", "hf", "2025-09-05"),
		listed("2509.00003", "Roofs", "hf", "2025-09-05", func(p *core.Paper) { p.Abstract, p.Authors = "A lamp.", []string{"Brass Lamp"} }))
	ids, err := h.Near(context.Background(), []string{"lamp", "brass", "lamp", "unheard"}, 9)
	h.ok(err)
	h.wants("near", ids, []core.PaperID{"2509.00001", "2509.00003", "2509.00002"})
	ids, err = h.Near(context.Background(), nil, 9)
	h.ok(err)
	h.wants("near nothing", ids, []core.PaperID(nil))
}
