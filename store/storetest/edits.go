package storetest

import (
	"time"

	"paperboy/core"
)

// shown is a channel where a paper's first version is posted.
func (h *house) shown(paper core.PaperID) core.Channel {
	h.Helper()
	h.comes(listed(paper, "Lamps", "arxiv", "2026-11-23", func(p *core.Paper) { p.Version = 1 }))
	ml := h.channel("ml")
	h.daily(ml, paper)
	h.posts(h.joins("A"))
	h.passes(time.Hour)
	return ml
}

func (h *house) edits() []core.Edit {
	h.Helper()
	edits, err := h.store.Edits(h.ctx(), h.now, 100, nil)
	h.ok(err)
	return edits
}

func (h *house) toEdit() (items []core.Item) {
	h.Helper()
	for _, e := range h.edits() {
		items = append(items, e.Item)
	}
	return items
}

// edit is the only one that is due.
func (h *house) edit() core.Edit {
	h.Helper()
	edits := h.edits()
	if len(edits) != 1 {
		h.Fatalf("%d messages have to be edited", len(edits))
	}
	return edits[0]
}

func (h *house) folds(c core.Channel, item core.Item, folded bool) {
	h.Helper()
	h.ok(h.store.Fold(h.ctx(), c.ID, item, folded, h.now))
}

const lamps = core.PaperID("2511.00001")

var edits = []story{
	it("what is posted and shows what is known has not to be edited", func(h *house) {
		h.shown(lamps)
		h.wants("to edit", h.toEdit(), []core.Item(nil))
	}),

	it("with a new version its message has to be edited", func(h *house) {
		ml := h.shown(lamps)
		h.comes(replaced(lamps, 2))
		e := h.edit()
		d := h.digest(ml, core.DailyPost, monday)
		h.wants("the edit", e, core.Edit{Channel: h.again(ml), Delivery: h.delivery(ml, core.PaperItem(lamps)), Digest: d, Header: ref(header(d))})
		h.wants("since when", []any{e.EditAt, e.Revised}, []any{h.now, h.now})
	}),

	it("with a withdrawal its message has to be edited", func(h *house) {
		h.shown(lamps)
		h.comes(withdrawn(lamps))
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
	}),

	it("with the end of a withdrawal its message has to be edited", func(h *house) {
		h.shown(lamps)
		knows := func(version int) core.Seen {
			s := listed(lamps, "Lamps", "arxiv", "2026-11-25", func(p *core.Paper) { p.Version = version })
			s.Knows = []core.Fact{core.FactComment, core.FactWithdrawn}
			return s
		}
		for _, step := range []struct {
			name string
			seen core.Seen
			want bool
		}{
			{"withdrawn", withdrawn(lamps), true},
			{"not withdrawn after all", knows(1), false},
			{"withdrawn again", withdrawn(lamps), true},
			{"a version without a word about it", replaced(lamps, 2), false},
		} {
			h.wants(step.name, h.comes(step.seen).NewVersions, []core.PaperID{lamps})
			h.wants(step.name, h.paper(lamps).Withdrawn, step.want)
			h.ok(h.store.Edited(h.ctx(), h.edit(), ""))
		}
	}),

	it("that a paper was accepted, or has code, has its message edited, and that it is so no more", func(h *house) {
		h.shown(lamps)
		for _, step := range []struct {
			comment string
			edit    bool
		}{{"12 pages", false}, {"Accepted to ICML 2026", true}, {"9 pages, accepted to ICML 2026", false}, {"Code: https://github.com/a/b", true},
			{"The code: https://github.com/a/b", false}, {"https://github.com/a/c", true}, {"12 pages", true}} {
			s := listed(lamps, "Lamps", "arxiv", "2026-11-23", func(p *core.Paper) { p.Version, p.Comment = 1, step.comment })
			s.Knows = []core.Fact{core.FactComment}
			put := h.comes(s)
			h.wants(step.comment, []any{len(put.Furthered) == 1, len(h.toEdit()) == 1}, []any{step.edit, step.edit})
			if p := h.paper(lamps); (p.Code == "") != p.Coded.IsZero() {
				h.Errorf("%s: code since %v", step.comment, p.Coded)
			}
			for _, e := range h.edits() {
				h.ok(h.store.Edited(h.ctx(), e, ""))
			}
			h.passes(time.Hour)
		}
	}),

	it("what came again is another line, and has the news and the votes of its paper too", func(h *house) {
		ml := h.shown(lamps)
		again := core.AgainItem(lamps, 2)
		plan := core.Plan{Digest: core.Digest{Channel: ml.ID, Due: h.now, Kind: core.Repost, Planned: h.now}, Items: []core.Delivery{{Item: again, Position: 1, Place: core.InChannel}}}
		h.comes(replaced(lamps, 2))
		h.ok(h.store.Edited(h.ctx(), h.edit(), ""))
		h.wants("planned", []int{h.plans(plan), h.plans(plan)}, []int{1, 0})
		plan.Digest.Due = h.now.Add(time.Second)
		h.wants("at another time", h.plans(plan), 0)
		c := h.claim(h.joins("B"))
		h.posted(c, h.begins(c), 2)
		h.releases(c, time.Time{})
		h.passes(time.Hour)
		h.comes(replaced(lamps, 3))
		both := []core.Item{core.PaperItem(lamps), again}
		h.wants("to edit", h.toEdit(), both)
		for _, e := range h.edits() {
			h.ok(h.store.Edited(h.ctx(), e, ""))
		}
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		h.wants("to count", h.toEdit(), both)
		standing, err := h.store.Standing(h.ctx(), h.now.Add(-day))
		h.ok(err)
		h.wants("standing", standing, []core.PaperID{lamps})
		standing, err = h.store.Standing(h.ctx(), h.now)
		h.ok(err)
		h.wants("standing since now", standing, []core.PaperID(nil))
	}),

	it("a text that somebody better told is shown by an edit, and is no version", func(h *house) {
		h.comes(listed(lamps, "Ask: is this any good?", "links", "2026-11-23"))
		ml := h.channel("ml")
		h.daily(ml, lamps)
		h.posts(h.joins("A"))
		h.passes(time.Hour)
		known := listed(lamps, "Lamps", "arxiv", "", func(p *core.Paper) { p.Version = 4 })
		put := h.comes(known)
		h.wants("put", []any{put.NewVersions, put.Corrected}, []any{[]core.PaperID(nil), []core.PaperID{lamps}})
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
		h.wants("the version that it shows", h.delivery(ml, core.PaperItem(lamps)).Shown, 4)
		h.ok(h.store.Edited(h.ctx(), h.edit(), ""))
		h.comes(known)
		h.wants("to edit", h.toEdit(), []core.Item(nil))
		h.comes(replaced(lamps, 5))
		h.wants("the version that it shows", h.delivery(ml, core.PaperItem(lamps)).Shown, 4)
	}),

	it("a text that was corrected while its message was on its way is no version either", func(h *house) {
		h.comes(listed(lamps, "Ask: is this any good?", "links", "2026-11-23"))
		ml, _, c := h.sending(h.joins("A"), lamps)
		m := h.begins(c)
		h.posted(c, m, 0)
		m = h.begins(c, m)
		h.comes(listed(lamps, "Lamps", "arxiv", "", func(p *core.Paper) { p.Version = 4 }))
		h.posted(c, m, 0)
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
		h.wants("the version that it shows", h.delivery(ml, core.PaperItem(lamps)).Shown, 4)
	}),

	it("a message with a version that somebody typed shows the true one as news", func(h *house) {
		h.comes(listed(lamps, "Lamps", "import", "2026-11-23", func(p *core.Paper) { p.Version = 9 }))
		ml := h.channel("ml")
		h.daily(ml, lamps)
		c := h.claim(h.joins("A"))
		h.posted(c, h.begins(c), 0)
		h.posted(c, h.begins(c), 9)
		h.comes(replaced(lamps, 2))
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
		h.wants("the version that it shows", h.delivery(ml, core.PaperItem(lamps)).Shown, 1)
	}),

	it("what else comes of a paper edits nothing", func(h *house) {
		h.shown(lamps)
		h.comes(listed(lamps, "Lamps, renamed", "hf", "2026-11-24", func(p *core.Paper) { p.Upvotes = count(9) }))
		h.wants("to edit", h.toEdit(), []core.Item(nil))
	}),

	it("a version is news in every channel where it is posted", func(h *house) {
		h.shown(lamps)
		far := h.elsewhere()
		h.daily(far, lamps)
		h.posts("A")
		h.comes(replaced(lamps, 2))
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps), core.PaperItem(lamps)})
	}),

	it("a version is kept together with its news, or neither is", func(h *house) {
		h.shown(lamps)
		_, err := h.store.PutPapers(h.ctx(), []core.Seen{replaced(lamps, 2), listed("2511.00002", "", "hf", "2026-11-24")}, false, h.now)
		if err == nil {
			h.Fatal("a paper without a title was kept")
		}
		h.wants("kept", []any{h.paper(lamps).Version, h.toEdit()}, []any{1, []core.Item(nil)})
		h.wants("when it comes again", h.comes(replaced(lamps, 2)).NewVersions, []core.PaperID{lamps})
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
	}),

	it("news of a paper that is not posted edits nothing: its message will show it", func(h *house) {
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23", func(p *core.Paper) { p.Version = 1 }))
		ml := h.channel("ml")
		h.daily(ml, lamps)
		c := h.claim(h.joins("A"))
		h.comes(replaced(lamps, 2))
		m := h.begins(c)
		h.posted(c, m, 0)
		h.posted(c, h.begins(c, m), 2)
		h.wants("to edit", h.toEdit(), []core.Item(nil))
	}),

	it("a version that came while its message was on its way is shown by an edit", func(h *house) {
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23", func(p *core.Paper) { p.Version = 1 }))
		_, _, c := h.sending(h.joins("A"), lamps)
		m := h.begins(c)
		h.posted(c, m, 0)
		m = h.begins(c, m)
		h.comes(replaced(lamps, 2))
		h.wants("on its way", h.toEdit(), []core.Item(nil))
		h.posted(c, m, 1)
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
	}),

	it("a withdrawal that came while its message was on its way is shown by an edit", func(h *house) {
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23", func(p *core.Paper) { p.Version = 1 }))
		_, _, c := h.sending(h.joins("A"), lamps)
		m := h.begins(c)
		h.posted(c, m, 0)
		m = h.begins(c, m)
		h.comes(withdrawn(lamps))
		h.posted(c, m, 1)
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
	}),

	it("a version that came while nobody knew whether its message is there is shown by an edit when it is found", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23", func(p *core.Paper) { p.Version = 1 }))
		_, _, c := h.sending(a, lamps)
		m := h.begins(c)
		h.posted(c, m, 0)
		h.begins(c, m) // and is sent, with the first version
		c = h.dies(a, b)
		h.comes(replaced(lamps, 2))
		h.posted(c, h.begins(c), 2) // found: what would be sent now has the second
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
	}),

	it("a message that was not sent shows the news when it is: no edit is left over", func(h *house) {
		a := h.joins("A")
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23", func(p *core.Paper) { p.Version = 1 }))
		_, _, c := h.sending(a, lamps)
		m := h.begins(c)
		h.posted(c, m, 0)
		m = h.begins(c, m)
		h.comes(replaced(lamps, 2))
		h.ok(h.store.GivenBack(h.ctx(), c, m.Item, false, h.now))
		h.releases(c, h.now)
		c = h.claim(a)
		h.posted(c, h.begins(c), 2)
		h.wants("to edit", h.toEdit(), []core.Item(nil))
	}),

	it("a paper inside a header's message says itself when there was news of it, and its neighbours do not", func(h *house) {
		other := core.PaperID("2511.00002")
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23", func(p *core.Paper) { p.Version = 3 }), listed(other, "Other lamps", "arxiv", "2026-11-23"))
		ml, d := h.one(lamps, other)
		revised := func(id core.PaperID) time.Time { return h.delivery(ml, core.PaperItem(id)).Revised }
		h.comes(replaced(lamps, 4))
		h.wants("of whom there is news", []any{revised(lamps), revised(other)}, []any{h.now, time.Time{}})
		h.wants("to edit", h.toEdit(), []core.Item{header(d)})
		before := h.now
		h.passes(time.Hour)
		h.folds(ml, core.PaperItem(other), true)
		h.wants("of whom there is news", []any{revised(lamps), revised(other)}, []any{before, h.now})
	}),

	it("news of a paper inside a header's message has that edited, once for all its papers", func(h *house) {
		other := core.PaperID("2511.00002")
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23", func(p *core.Paper) { p.Version = 3 }), listed(other, "Other lamps", "arxiv", "2026-11-23"))
		ml, d := h.one(other, lamps)
		h.comes(replaced(lamps, 4), withdrawn(other))
		e := h.edit()
		h.wants("which message", []any{e.Item, e.Ref, e.Revised}, []any{header(d), ref(header(d)), h.now})
		h.wants("what stands in it", e.Inside, []core.Delivery{h.delivery(ml, core.PaperItem(other)), h.delivery(ml, core.PaperItem(lamps))})
		h.wants("the version that it shows", e.Inside[1].Shown, 3)
		h.ok(h.store.Edited(h.ctx(), e, "2026-11-24"))
		h.wants("edited", h.delivery(ml, header(d)).Edited, core.Date("2026-11-24"))
		h.wants("more", h.toEdit(), []core.Item(nil))
		h.comes(replaced(lamps, 5))
		h.wants("the version that it shows", h.edit().Inside[1].Shown, 3)
	}),

	it("news of a paper that come before the message in which it stands are shown by an edit", func(h *house) {
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23", func(p *core.Paper) { p.Version = 1 }))
		ml := h.channel("ml")
		h.plans(placed(h.plan(ml, core.DailyPost, h.now, lamps), core.InDigest))
		h.comes(replaced(lamps, 2))
		h.wants("before", h.toEdit(), []core.Item(nil))
		h.posts(h.joins("A"))
		e := h.edit()
		h.wants("the edit", []any{e.Item, e.Inside[0].Shown}, []any{header(h.digest(ml, core.DailyPost, h.now)), 1})
	}),

	it("a paper inside a header's message that is folded is shown so at once, whatever was edited that day", func(h *house) {
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23", func(p *core.Paper) { p.Version = 1 }))
		ml, d := h.one(lamps, "2511.00002")
		for _, folded := range []bool{true, false} {
			h.comes(replaced(lamps, h.paper(lamps).Version+1))
			e := h.edit()
			h.folds(ml, core.PaperItem(lamps), folded) // while it is edited
			h.ok(h.store.Edited(h.ctx(), e, "2026-11-24"))
			e = h.edit()
			h.wants("folded", []any{e.Item, e.Inside[0].Folded, e.Inside[1].Folded, e.Edited}, []any{header(d), folded, false, core.Date("")})
			h.ok(h.store.Edited(h.ctx(), e, "2026-11-24"))
			h.folds(ml, core.PaperItem(lamps), folded)
			h.wants("again", h.toEdit(), []core.Item(nil))
		}
	}),

	it("what was edited shows what is known, and says on which day", func(h *house) {
		ml := h.shown(lamps)
		h.comes(replaced(lamps, 2))
		h.ok(h.store.Edited(h.ctx(), h.edit(), "2026-11-24"))
		h.wants("to edit", h.toEdit(), []core.Item(nil))
		got := h.delivery(ml, core.PaperItem(lamps))
		h.wants("edited", []any{got.Edited, got.Shown}, []any{core.Date("2026-11-24"), 1})
	}),

	it("an edit that was none of a version keeps the day of the last that was", func(h *house) {
		ml := h.shown(lamps)
		h.comes(replaced(lamps, 2))
		h.ok(h.store.Edited(h.ctx(), h.edit(), "2026-11-24"))
		h.comes(replaced(lamps, 3))
		h.ok(h.store.Edited(h.ctx(), h.edit(), ""))
		h.wants("edited", h.delivery(ml, core.PaperItem(lamps)).Edited, core.Date("2026-11-24"))
	}),

	it("news that came while a message was edited stays due", func(h *house) {
		ml := h.shown(lamps)
		h.comes(replaced(lamps, 2))
		e := h.edit()
		h.comes(replaced(lamps, 3))
		h.ok(h.store.Edited(h.ctx(), e, "2026-11-24"))
		h.wants("the day", h.delivery(ml, core.PaperItem(lamps)).Edited, core.Date("2026-11-24"))
		h.ok(h.store.Edited(h.ctx(), h.edit(), "2026-11-24"))
		h.wants("then", h.toEdit(), []core.Item(nil))
	}),

	it("an edit that is put off is due then", func(h *house) {
		h.shown(lamps)
		h.comes(replaced(lamps, 2))
		h.ok(h.store.EditLater(h.ctx(), h.edit(), h.now.Add(time.Hour)))
		h.passes(time.Hour - 1e6)
		h.wants("before", h.toEdit(), []core.Item(nil))
		h.passes(1e6)
		h.wants("then", h.toEdit(), []core.Item{core.PaperItem(lamps)})
	}),

	it("an edit that is put off says still since when it is due", func(h *house) {
		h.shown(lamps)
		h.comes(replaced(lamps, 2))
		since := h.now
		for range 3 {
			h.ok(h.store.EditLater(h.ctx(), h.edit(), h.now.Add(time.Hour)))
			h.passes(time.Hour)
		}
		h.wants("since", h.edit().Revised, since)
	}),

	it("news that came before an edit was put off is not put off", func(h *house) {
		h.shown(lamps)
		h.comes(replaced(lamps, 2))
		e := h.edit()
		h.comes(replaced(lamps, 3))
		h.ok(h.store.EditLater(h.ctx(), e, h.now.Add(time.Hour)))
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
	}),

	it("a paper that is folded is shown so at once, whatever was edited that day", func(h *house) {
		ml := h.shown(lamps)
		h.comes(replaced(lamps, 2))
		h.ok(h.store.Edited(h.ctx(), h.edit(), "2026-11-24"))
		h.folds(ml, core.PaperItem(lamps), true)
		e := h.edit()
		h.wants("folded", []any{e.Folded, e.Edited}, []any{true, core.Date("")})
	}),

	it("a paper that is folded while its message is edited is shown so at once", func(h *house) {
		ml := h.shown(lamps)
		h.comes(replaced(lamps, 2))
		e := h.edit()
		h.folds(ml, core.PaperItem(lamps), true)
		h.ok(h.store.Edited(h.ctx(), e, "2026-11-24"))
		e = h.edit()
		h.wants("folded", []any{e.Folded, e.Edited}, []any{true, core.Date("")})
	}),

	it("folding is news once", func(h *house) {
		ml := h.shown(lamps)
		for _, folded := range []bool{true, false} {
			h.folds(ml, core.PaperItem(lamps), folded)
			e := h.edit()
			h.wants("folded", e.Folded, folded)
			h.ok(h.store.Edited(h.ctx(), e, ""))
			h.folds(ml, core.PaperItem(lamps), folded)
			h.wants("again", h.toEdit(), []core.Item(nil))
		}
	}),

	it("what is not posted is not folded", func(h *house) {
		ml := h.channel("ml")
		h.daily(ml, lamps)
		h.folds(ml, core.PaperItem(lamps), true)
		h.folds(ml, "2509.00009", true)
		h.wants("folded", h.delivery(ml, core.PaperItem(lamps)).Folded, false)
	}),

	it("what does not change what a message shows leaves the edit that is due", func(h *house) {
		ml := h.shown(lamps)
		h.comes(replaced(lamps, 2))
		e := h.edit()
		h.folds(ml, core.PaperItem(lamps), false)
		h.wants("to edit", h.edit().Revision, e.Revision)
	}),

	it("in a channel that is gone or held nothing is edited until it is not", func(h *house) {
		ml := h.shown(lamps)
		h.comes(replaced(lamps, 2))
		for name, change := range map[string][2]func(*core.Channel){
			"gone": {func(c *core.Channel) { c.Gone = h.now }, func(c *core.Channel) { c.Gone = time.Time{} }}, "held": {held, unheld},
		} {
			h.changes(ml, change[0])
			h.wants(name, h.toEdit(), []core.Item(nil))
			h.changes(ml, change[1])
			h.wants("not "+name, h.toEdit(), []core.Item{core.PaperItem(lamps)})
		}
	}),

	it("edits come the longest due first, at most as many as are asked for, without those of installations that others work for", func(h *house) {
		h.joins("A")
		one, two, three := core.PaperID("2511.00001"), core.PaperID("2511.00002"), core.PaperID("2511.00003")
		h.comes(listed(one, "Lamps", "hf", "2026-11-23"), listed(two, "Lamps", "hf", "2026-11-23"), listed(three, "Lamps", "hf", "2026-11-23"))
		ml, far := h.channel("ml"), h.elsewhere()
		h.daily(far, three)
		h.posts("A")
		h.daily(ml, one, two)
		h.posts("A")
		h.folds(far, core.PaperItem(three), true)
		h.passes(time.Minute)
		h.folds(ml, core.PaperItem(two), true)
		h.passes(time.Minute)
		h.folds(ml, core.PaperItem(one), true)
		for _, want := range []struct {
			limit  int
			serves func(core.Installation) bool
			items  []core.Item
		}{
			{9, nil, []core.Item{core.PaperItem(three), core.PaperItem(two), core.PaperItem(one)}},
			{1, nil, []core.Item{core.PaperItem(three)}},
			{1, on("slack"), []core.Item{core.PaperItem(two)}},
			{9, on("slack"), []core.Item{core.PaperItem(two), core.PaperItem(one)}},
		} {
			edits, err := h.store.Edits(h.ctx(), h.now, want.limit, want.serves)
			h.ok(err)
			var got []core.Item
			for _, e := range edits {
				got = append(got, e.Item)
			}
			h.wants("to edit", got, want.items)
		}
	}),

	it("a wrong clock's edits are taken back, and a day's wait is left alone", func(h *house) {
		h.shown(lamps)
		h.comes(replaced(lamps, 2))
		h.ok(h.store.EditLater(h.ctx(), h.edit(), h.now.Add(day)))
		h.ok(h.store.Clamp(h.ctx(), h.now))
		h.wants("tomorrow's", h.toEdit(), []core.Item(nil))
		h.passes(day)
		h.ok(h.store.EditLater(h.ctx(), h.edit(), h.now.Add(365*day)))
		h.ok(h.store.Clamp(h.ctx(), h.now))
		h.wants("next year's", h.toEdit(), []core.Item{core.PaperItem(lamps)})
	}),
}
