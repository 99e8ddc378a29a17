package storetest

import (
	"time"

	"paperboy/core"
)

// one is a channel where these papers stand in one message, m… of their header.
func (h *house) one(papers ...core.PaperID) (core.Channel, core.Digest) {
	h.Helper()
	ml := h.channel("ml")
	h.plans(placed(h.plan(ml, core.DailyPost, h.now, papers...), core.InDigest))
	d := h.digest(ml, core.DailyPost, h.now)
	h.posts(h.joins("A"))
	h.passes(time.Hour)
	return ml, d
}

func (h *house) counted(e core.Edit, votes map[core.PaperID]int) {
	h.Helper()
	h.ok(h.store.Counted(h.ctx(), e, votes, h.now))
}

var counts = []story{
	it("a vote has the message of its paper show the count at once", func(h *house) {
		ml := h.shown(lamps)
		at := h.now
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
		h.wants("since when", h.edit().CountAt, at)
		h.wants("for news", h.edit().EditAt, time.Time{})
		h.counted(h.edit(), map[core.PaperID]int{lamps: 1})
		h.wants("to edit", h.toEdit(), []core.Item(nil))
	}),

	it("a vote for a paper inside a header's message has that show the count", func(h *house) {
		ml, d := h.one(lamps, "2511.00002")
		h.reacts(ml, "m1", "2511.00002", "ana", "button:up:2511.00002", core.Up)
		h.wants("to edit", h.toEdit(), []core.Item{header(d)})
		e := h.edit()
		h.wants("of which digest", e.Digest.ID, d.ID)
		h.counted(e, map[core.PaperID]int{lamps: 0, "2511.00002": 1})
		h.wants("to edit", h.toEdit(), []core.Item(nil))
	}),

	it("what is no vote for a paper, or no news, changes no count", func(h *house) {
		ml := h.shown(lamps)
		h.reacts(ml, "m1", lamps, "ana", "👎", core.Down)
		h.reacts(ml, "m1", lamps, "ana", "🔖", core.Bookmark)
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up, takenBack)
		h.wants("to edit", h.toEdit(), []core.Item(nil))
	}),

	it("a message shows its votes once in ten seconds, the last of them always", func(h *house) {
		ml := h.shown(lamps)
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		e := h.edit()
		h.reacts(ml, "m1", lamps, "ben", "👍", core.Up) // while it is edited
		h.counted(e, map[core.PaperID]int{lamps: 1})
		h.passes(core.CountEvery - 1)
		h.wants("a moment before", h.toEdit(), []core.Item(nil))
		h.passes(1)
		h.wants("ten seconds later", h.toEdit(), []core.Item{core.PaperItem(lamps)})
		h.counted(h.edit(), map[core.PaperID]int{lamps: 2})
		h.wants("to edit", h.toEdit(), []core.Item(nil))
		at := h.now
		h.passes(time.Second)
		h.reacts(ml, "m1", lamps, "ben", "👍", core.Up, takenBack)
		h.wants("at once", h.toEdit(), []core.Item(nil))
		h.now = at.Add(core.CountEvery)
		h.wants("ten seconds after the last", h.edit().CountAt, h.now)
	}),

	it("a count that is put off comes then, and asks nothing of votes that came meanwhile", func(h *house) {
		ml := h.shown(lamps)
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		at := h.now.Add(time.Hour)
		h.ok(h.store.CountLater(h.ctx(), h.edit(), at))
		h.reacts(ml, "m1", lamps, "ben", "👍", core.Up)
		h.wants("to edit", h.toEdit(), []core.Item(nil))
		h.now = at
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
	}),

	it("a message that shows no votes is not asked for again", func(h *house) {
		ml := h.shown(lamps)
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		h.counted(h.edit(), nil)
		h.passes(time.Hour)
		h.wants("to edit", h.toEdit(), []core.Item(nil))
	}),

	it("news and votes of a message are one edit", func(h *house) {
		ml := h.shown(lamps)
		h.comes(replaced(lamps, 2))
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		e := h.edit()
		h.ok(h.store.Edited(h.ctx(), e, "2026-11-24"))
		h.wants("still to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
		h.counted(e, map[core.PaperID]int{lamps: 1})
		h.wants("to edit", h.toEdit(), []core.Item(nil))
	}),

	it("a vote that is read back is counted, and one that is taken off", func(h *house) {
		ml := h.shown(lamps)
		h.readsBack(ml, h.stands("ana", "👍"))
		h.counted(h.edit(), map[core.PaperID]int{lamps: 1})
		h.passes(time.Minute)
		h.readsBack(ml)
		h.counted(h.edit(), map[core.PaperID]int{lamps: 0})
		h.wants("to edit", h.toEdit(), []core.Item(nil))
	}),

	it("a vote that is given before anybody knew that the message is there is shown when it is", func(h *house) {
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23"))
		ml, _, c := h.sending(h.joins("A"), lamps)
		m := h.begins(c)
		h.posted(c, m, 0)
		m = h.begins(c, m)
		h.reacts(ml, "m1", lamps, "ana", "button:up:"+string(lamps), core.Up)
		h.wants("to edit", h.toEdit(), []core.Item(nil))
		h.posted(c, m, 1)
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
	}),

	it("who is forgotten is counted no more, on messages of the last month", func(h *house) {
		ml := h.shown(lamps)
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		h.counted(h.edit(), map[core.PaperID]int{lamps: 1})
		h.passes(time.Minute)
		h.forgets("ana")
		h.counted(h.edit(), map[core.PaperID]int{lamps: 0})
		h.passes(time.Minute)
		h.reacts(ml, "m1", lamps, "ben", "👍", core.Up)
		h.counted(h.edit(), map[core.PaperID]int{lamps: 1})
		h.passes(31 * 24 * time.Hour)
		h.forgets("ben")
		h.wants("to edit", h.toEdit(), []core.Item(nil))
	}),

	it("a clock that was wrong keeps no count back", func(h *house) {
		ml := h.shown(lamps)
		h.passes(1000 * time.Hour)
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		h.counted(h.edit(), map[core.PaperID]int{lamps: 1})
		h.passes(-900 * time.Hour)
		h.reacts(ml, "m1", lamps, "ben", "👍", core.Up)
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
		h.ok(h.store.CountLater(h.ctx(), h.edit(), h.now.Add(900*time.Hour)))
		h.ok(h.store.Clamp(h.ctx(), h.now))
		h.wants("to edit", h.toEdit(), []core.Item{core.PaperItem(lamps)})
	}),
}
