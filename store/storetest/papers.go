package storetest

import (
	"strings"

	"paperboy/core"
)

// changedAfter are the papers that a channel which has seen n has still to see.
func (h *house) changedAfter(n core.Seq) (ids []core.PaperID) {
	h.Helper()
	papers, err := h.store.ChangedPapers(h.ctx(), n)
	h.ok(err)
	for _, p := range papers {
		ids = append(ids, p.ID)
	}
	return ids
}

func (h *house) imports(seen ...core.Seen) core.Put {
	h.Helper()
	put, err := h.store.PutPapers(h.ctx(), seen, true, h.now)
	h.ok(err)
	return put
}

var papers = []story{
	it("everything known of a paper is kept", func(h *house) {
		want := core.Paper{
			ID: "2509.24002", Version: 2, Title: "A title", Abstract: "An abstract.", Authors: []string{"Ana B.", "C. Død"},
			Categories: []string{"cs.CV", "cs.LG"}, Published: "2025-09-28", Upvotes: count(0), Comments: count(3),
			Code: "https://github.com/a/b", Stars: count(7), Project: "https://a.b", Summary: "In short.", Keywords: []string{"x", "y z"},
			Organization: "An org", Thumbnail: "https://a/b.png", Comment: "8 pages", Journal: "J. 1", DOI: "10.1/2", Link: "https://a/c", Withdrawn: true,
		}
		h.comes(core.Seen{Paper: want, Sighting: core.Sighting{Source: "hf", Day: "2025-09-30", Rank: 4, Announce: "new", Upvotes: count(2)}, Authority: core.Index})
		want.Sources, want.Day, want.Seq, want.Changed, want.Seen = []string{"hf"}, "2025-09-30", 1, 1, h.now
		h.wants("the paper", h.paper("2509.24002"), want)
		s, err := h.store.Sightings(h.ctx(), []core.PaperID{"2509.24002", "9999.00001"})
		h.ok(err)
		h.wants("its sightings", s, map[core.PaperID][]core.Sighting{"2509.24002": {{Source: "hf", Day: "2025-09-30", Rank: 4, Announce: "new", Upvotes: count(2)}}})
	}),

	it("a paper that nobody sent is not found", func(h *house) {
		_, err := h.store.Paper(h.ctx(), "9999.00001")
		h.fails("reading it", err, core.ErrNotFound)
	}),

	it("several come in the order asked, without those that are missing", func(h *house) {
		h.comes(listed("2509.00001", "One", "hf", "2025-09-05"), listed("2509.00002", "Two", "hf", "2025-09-05"))
		many, err := h.store.Papers(h.ctx(), []core.PaperID{"2509.00002", "9999.00001", "2509.00001"})
		h.ok(err)
		h.wants("the papers", many, []core.Paper{h.paper("2509.00002"), h.paper("2509.00001")})
	}),

	it("a paper that comes again is merged, and its number grows with what a topic can see", func(h *house) {
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
		coded := hf(5)
		coded.Paper.Code = "https://github.com/a/b"
		starred := hf(5)
		starred.Paper.Code, starred.Paper.Stars = "https://github.com/a/b", count(9)

		for _, step := range []struct {
			name    string
			seen    core.Seen
			put     core.Put
			changed bool
		}{
			{"on Hugging Face's list", hf(4), core.Put{New: 1}, true},
			{"the same again", hf(4), core.Put{Unchanged: 1}, false},
			{"with one more upvote", hf(5), core.Put{Updated: 1}, true},
			{"with code", coded, core.Put{Updated: 1, Furthered: []core.PaperID{"2509.00001"}}, true},
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
				h.Errorf("%s: changed is %v", step.name, changed)
			}
			if got := h.changedAfter(before); (len(got) == 1) != step.changed {
				h.Errorf("%s: changed papers are %v", step.name, got)
			}
		}
		p := h.paper("2509.00001")
		h.wants("the day of the first list", p.Day, core.Date("2025-09-09"))
		h.wants("who listed it", p.Sources, []string{"arxiv", "hf"})
		h.wants("its number", p.Seq, core.Seq(1))
		s, err := h.store.Sightings(h.ctx(), []core.PaperID{p.ID})
		h.ok(err)
		h.wants("its sightings, oldest first", s[p.ID], []core.Sighting{
			{Source: "arxiv", Day: "2025-09-09", Announce: "new"},
			{Source: "hf", Day: "2025-09-10"},
			{Source: "arxiv", Day: "2025-10-01", Announce: "replace"},
		})
	}),

	it("whatever a topic can see is a change, and nothing else is", func(h *house) {
		h.comes(listed("2509.00001", "Heat", "hf", "2025-09-10", func(p *core.Paper) { p.Abstract = "We study heat." }))
		for _, step := range []struct {
			name    string
			learned core.Paper
			change  bool
		}{
			{"another title", core.Paper{Title: "Heat and light"}, true},
			{"another abstract", core.Paper{Abstract: "We study light."}, true},
			{"its authors", core.Paper{Authors: []string{"Ana B."}}, true},
			{"its categories", core.Paper{Categories: []string{"cs.LG"}}, true},
			{"another one who listed it", core.Paper{Sources: []string{"lab"}}, true},
			{"its code", core.Paper{Code: "https://github.com/a/b"}, true},
			{"its upvotes", core.Paper{Upvotes: count(3)}, true},
			{"that its code has moved", core.Paper{Code: "https://github.com/a/c"}, false},
			{"its comments", core.Paper{Comments: count(3)}, false},
			{"its DOI", core.Paper{DOI: "10.1/2"}, false},
		} {
			before := h.seq()
			step.learned.ID = "2509.00001"
			h.wants(step.name, h.comes(core.Seen{Paper: step.learned, Sighting: core.Sighting{Source: "hf"}, Authority: core.Index}).Updated, 1)
			h.wants(step.name+" is a change", h.seq() > before, step.change)
		}
	}),

	it("who links a paper adds that it was seen there, and changes nothing that is known", func(h *house) {
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23", func(p *core.Paper) {
			p.Version, p.Abstract, p.Authors, p.Categories = 2, "Light.", []string{"Ana"}, []string{"cs.LG"}
		}))
		want := h.paper(lamps)
		wow := listed(lamps, "Wow [pdf]", "links", "2026-11-24", func(p *core.Paper) {
			p.Version, p.Abstract, p.Authors = 9, "12 points, https://github.com/a/b", []string{"user42"}
		})
		h.wants("put", h.comes(wow), core.Put{Updated: 1})
		want.Sources, want.Changed = []string{"arxiv", "links"}, h.seq()
		h.wants("the paper", h.paper(lamps), want)
		h.wants("and again", h.comes(wow), core.Put{Unchanged: 1})
		h.wants("arXiv's next version", h.comes(replaced(lamps, 3)).NewVersions, []core.PaperID{lamps})
	}),

	it("what only a feed said of a paper gives way when somebody better speaks", func(h *house) {
		h.comes(listed(lamps, "Ask: is this any good?", "links", "2026-11-23"))
		h.wants("put", h.comes(listed(lamps, "Lamps", "hf", "2026-11-24")).Corrected, []core.PaperID{lamps})
		h.wants("put", h.comes(replaced(lamps, 1)).Corrected, []core.PaperID(nil)) // it says the same
		h.comes(listed(lamps, "Ask: is this any good?", "links", "2026-11-24"))
		h.wants("the title", h.paper(lamps).Title, "Lamps")
	}),

	it("who says the same as somebody lesser is believed from then on", func(h *house) {
		h.imports(listed(lamps, "Lamps", "import", ""))
		h.wants("put", h.comes(listed(lamps, "Lamps", "hf", "")), core.Put{Unchanged: 1})
		h.imports(listed(lamps, "My lamps", "import", ""))
		h.wants("the title", h.paper(lamps).Title, "Lamps")
	}),

	it("only the publisher announces versions, and none is kept out by a number that somebody typed", func(h *house) {
		version := func(source string, n int) core.Seen {
			return listed(lamps, "Lamps", source, "", func(p *core.Paper) { p.Version = n })
		}
		h.wants("imported", h.imports(version("import", 1), version("import", 9)).NewVersions, []core.PaperID(nil))
		h.wants("announced", h.comes(replaced(lamps, 2)).NewVersions, []core.PaperID{lamps})
		h.wants("the version", h.paper(lamps).Version, 2)
		h.wants("imported again", h.imports(version("import", 9)), core.Put{Unchanged: 1})
	}),

	it("what its teller does not say any more is taken back, and what others say of it does not bring it back", func(h *house) {
		says := func(source, code string) {
			s := listed(lamps, "Lamps", source, "", func(p *core.Paper) { p.Code = code })
			s.Knows = []core.Fact{core.FactCode}
			h.comes(s)
		}
		says("hf", "https://github.com/a/b")
		says("hf", "")
		h.wants("code", h.paper(lamps).Code, "")
		says("import", "https://github.com/old/copy")
		h.wants("code", h.paper(lamps).Code, "")
		says("hf", "https://github.com/c/d")
		h.wants("code", h.paper(lamps).Code, "https://github.com/c/d")
	}),

	it("what one batch says twice is kept once", func(h *house) {
		h.wants("put", h.comes(listed("2509.00001", "One", "hf", "2025-09-05"), listed("2509.00001", "One", "hf", "2025-09-05")),
			core.Put{New: 1, Unchanged: 1})
	}),

	it("a version that was not known is new only when it is announced as a replacement", func(h *house) {
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
	}),

	it("papers that were there before are no news to channels, whatever comes of them later", func(h *house) {
		old := listed("2509.00001", "Imported", "arxiv", "")
		old.Paper.Published = "2025-09-01"
		h.wants("put", h.imports(old), core.Put{New: 1})
		if p := h.paper("2509.00001"); !p.Backlog || p.Day != "2025-09-01" || p.Sources != nil {
			h.Errorf("imported: %+v", p)
		}
		h.comes(listed("2509.00001", "Imported", "hf", "2025-09-05"))
		if p := h.paper("2509.00001"); !p.Backlog || p.Day != "2025-09-05" || p.Changed <= p.Seq {
			h.Errorf("listed later: %+v", p)
		}
		h.wants("for channels", h.changedAfter(0), []core.PaperID(nil))
	}),

	it("a paper that is imported again later was new once", func(h *house) {
		h.comes(listed("2509.00001", "One", "hf", "2025-09-05"))
		h.imports(listed("2509.00001", "One", "hf", "2025-09-06"))
		h.wants("for channels", h.changedAfter(0), []core.PaperID{"2509.00001"})
	}),

	it("changes come in their order", func(h *house) {
		h.comes(listed("2509.00001", "One", "hf", "2025-09-05"), listed("2509.00002", "Two", "hf", "2025-09-05"), listed("2509.00003", "Three", "hf", "2025-09-05"))
		seen := h.seq()
		h.comes(listed("2509.00003", "Three!", "hf", "2025-09-05"))
		h.comes(listed("2509.00001", "One!", "hf", "2025-09-05"))
		h.wants("since then", h.changedAfter(seen), []core.PaperID{"2509.00003", "2509.00001"})
		h.wants("all", h.changedAfter(0), []core.PaperID{"2509.00002", "2509.00003", "2509.00001"})
		h.wants("the newest change", h.paper("2509.00001").Changed, h.seq())
	}),

	it("a paper without a title spoils nothing", func(h *house) {
		_, err := h.store.PutPapers(h.ctx(), []core.Seen{listed("2509.00001", "Good", "hf", "2025-09-05"), listed("2509.00002", " ", "hf", "2025-09-05")}, false, h.now)
		if err == nil || !strings.Contains(err.Error(), "2509.00002") {
			h.Errorf("the error does not name the paper: %v", err)
		}
		n, err := h.store.CountPapers(h.ctx())
		h.ok(err)
		h.wants("papers of half a batch", n, 0)
	}),

	it("the list of a day counts a paper once, whoever listed it", func(h *house) {
		h.comes(listed("2509.00001", "One", "hf", "2025-09-05"), listed("2509.00001", "One", "arxiv", "2025-09-05"),
			listed("2509.00002", "Two", "hf", "2025-09-05"), listed("2509.00003", "Three", "hf", "2025-09-04"))
		n, err := h.store.Listed(h.ctx(), "2025-09-05")
		h.ok(err)
		h.wants("papers listed", n, 2)
	}),

	it("papers of arXiv without categories are looked up, the newest first", func(h *house) {
		day, category := core.Date("2025-09-05"), func(p *core.Paper) { p.Categories = []string{"cs.CV"} }
		h.comes(listed("2509.00001", "One", "arxiv", day, category), listed("2509.00002", "Two", "hf", day), listed("2509.00003", "Three", "hf", "2025-09-04"),
			listed("feed:ab", "Blog", "blog", day), listed("2509.00004", "Four", "hf", "2025-09-06"))
		ids, err := h.store.Unread(h.ctx(), day, 9)
		h.ok(err)
		h.wants("to look up at arXiv", ids, []core.PaperID{"2509.00004", "2509.00002"})
		ids, err = h.store.Unread(h.ctx(), day, 1)
		h.ok(err)
		h.wants("the newest", ids, []core.PaperID{"2509.00004"})
	}),

	it("papers that arXiv knows more about than was said are looked up for a while", func(h *house) {
		category := func(p *core.Paper) { p.Categories = []string{"cs.CV"} }
		unread := func(since core.Date) (ids []core.PaperID) {
			ids, err := h.store.Unread(h.ctx(), since, 9)
			h.ok(err)
			return ids
		}
		today := core.DateOf(h.now)
		h.comes(listed(lamps, "Lamps", "arxiv", today, category, func(p *core.Paper) { p.Version = 1 }),
			listed("2509.00002", "Ask: is this any good?", "links", "2020-01-01"), listed("2509.00003", "Three", "hf", today, category))
		h.wants("what only a feed has linked, however long ago", unread(today), []core.PaperID{"2509.00002"})
		h.comes(replaced(lamps, 2))
		h.wants("and a version without its comment", unread(today), []core.PaperID{"2509.00002", lamps})
		h.wants("for a while", unread(today.AddDays(1)), []core.PaperID(nil))
		read := listed(lamps, "Lamps", "arxiv", "", func(p *core.Paper) { p.Version = 2 })
		read.Knows = []core.Fact{core.FactComment, core.FactWithdrawn}
		h.comes(read)
		h.comes(replaced(lamps, 2))
		h.wants("until it is read", unread(today), []core.PaperID{"2509.00002"})
	}),
}
