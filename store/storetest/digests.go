package storetest

import (
	"time"

	"paperboy/core"
)

// told are plans of notices, with what they say about a source.
func (h *house) told(plans []core.Plan, told ...core.Told) int {
	h.Helper()
	n, err := h.store.PlanDigests(h.ctx(), plans, told...)
	h.ok(err)
	return n
}

func (h *house) source(name string) core.SourceState {
	h.Helper()
	states, err := h.store.SourceStates(h.ctx())
	h.ok(err)
	for _, s := range states {
		if s.Source == name {
			return s
		}
	}
	return core.SourceState{}
}

func (h *house) planning(c core.Channel, papers ...core.PaperID) core.Planning {
	h.Helper()
	p, err := h.store.Planning(h.ctx(), []int64{c.ID}, papers, h.now.Add(-day), h.now)
	h.ok(err)
	return p[c.ID]
}

// doubted is a channel with a post of thread papers whose header nobody knows to
// be there.
func (h *house) doubted(owner string, papers ...core.PaperID) (core.Channel, core.Digest) {
	h.Helper()
	ml := h.channel("ml")
	h.plans(placed(h.plan(ml, core.DailyPost, h.now, papers...), core.InThread))
	d := h.digest(ml, core.DailyPost, h.now)
	c := h.claim(owner)
	h.begins(c)
	h.ok(h.store.Uncertain(h.ctx(), c, header(d), "no answer", h.now))
	h.releases(c, time.Time{})
	return ml, d
}

// adopting makes a plan take papers over that wait in an earlier digest.
func adopting(p core.Plan) core.Plan {
	for i := range p.Items {
		_, isPaper := p.Items[i].Item.Paper()
		p.Items[i].Adopted = isPaper
	}
	return p
}

var digests = []story{
	it("what became of some papers here is asked at once", func(h *house) {
		h.comes(listed("2509.00001", "One", "hf", "2025-09-05"), listed("2509.00002", "Two", "hf", "2025-09-05"), listed("2509.00003", "Three", "hf", "2025-09-05"))
		ml, other := h.channel("ml"), h.channel("other")
		h.daily(ml, "2509.00001", "2509.00002")
		h.daily(other, "2509.00003")
		got, err := h.store.DeliveriesFor(h.ctx(), ml.ID, []core.PaperID{"2509.00002", "2509.00003"})
		h.ok(err)
		h.wants("what became of them", got, map[core.PaperID]core.Delivery{"2509.00002": h.delivery(ml, core.PaperItem("2509.00002"))})
	}),

	it("a digest is written down with its deliveries, in their order", func(h *house) {
		ml := h.channel("ml")
		d := h.daily(ml, "2509.00002", "2509.00001")
		p := h.plan(ml, core.DailyPost, h.now, "2509.00002", "2509.00001")
		want := p.Digest
		want.ID = d.ID
		h.wants("the digest", d, want)
		got, err := h.store.Digest(h.ctx(), d.ID)
		h.ok(err)
		h.wants("by its id", got, want)
		h.wants("its deliveries", h.itemsOf(d), []core.Item{header(d), "2509.00002", "2509.00001"})
		last := p.Items[2]
		last.Channel, last.Digest, last.State, last.Updated = ml.ID, d.ID, core.Planned, h.now
		h.wants("the last of them", h.delivery(ml, "2509.00001"), last)
	}),

	it("a digest is planned once", func(h *house) {
		ml := h.channel("ml")
		d := h.daily(ml, "2509.00001")
		h.wants("again", h.plans(h.plan(ml, core.DailyPost, h.now, "2509.00002")), 0)
		h.wants("its deliveries", h.itemsOf(d), []core.Item{header(d), "2509.00001"})
		_, err := h.store.Delivery(h.ctx(), ml.ID, "2509.00002")
		h.fails("the other paper", err, core.ErrNotFound)
	}),

	it("a digest of another kind or moment is another one", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		h.wants("planned", h.plans(h.plan(ml, core.DailyPost, h.now, "2509.00001"), h.plan(ml, core.CatchUp, h.now, "2509.00002"),
			h.plan(ml, core.DailyPost, h.now.Add(day), "2509.00003"), h.plan(cv, core.DailyPost, h.now, "2509.00001")), 4)
	}),

	it("what has a line in the ledger is left out", func(h *house) {
		ml := h.channel("ml")
		h.daily(ml, "2509.00001")
		h.passes(day)
		d := h.daily(ml, "2509.00001", "2509.00004")
		h.wants("tomorrow's", h.itemsOf(d), []core.Item{header(d), "2509.00004"})
	}),

	it("when somebody else was first with all papers, no header is left alone", func(h *house) {
		ml := h.channel("ml")
		h.daily(ml, "2509.00001", "2509.00002")
		h.wants("planned", h.plans(h.plan(ml, core.CatchUp, h.now, "2509.00002", "2509.00001")), 0)
		h.wants("digests", len(h.digests(ml)), 1)
	}),

	it("a digest without papers is written all the same: a header alone, or nothing", func(h *house) {
		ml := h.channel("ml")
		quiet := h.plan(ml, core.DailyPost, h.now.Add(day))
		quiet.Items, quiet.Digest.Header = nil, nil
		h.wants("planned", h.plans(h.plan(ml, core.DailyPost, h.now), quiet), 2)
	}),

	it("papers that wait for a header that may not be there move to the next digest", func(h *house) {
		ml, d := h.doubted(h.joins("A"), "2509.00001", "2509.00002")
		h.passes(day)
		p := adopting(h.plan(ml, core.DailyPost, h.now, "2509.00001", "2509.00002"))
		for i := range p.Items {
			p.Items[i].Late = true
		}
		h.wants("planned", h.plans(p), 1)
		next := h.digest(ml, core.DailyPost, h.now)
		h.wants("the first digest", h.itemsOf(d), []core.Item{header(d)})
		h.wants("the next", h.itemsOf(next), []core.Item{header(next), "2509.00001", "2509.00002"})
		moved := h.delivery(ml, "2509.00001")
		h.wants("labelled, in the channel", []any{moved.Late, moved.Place, moved.State}, []any{true, core.InChannel, core.Planned})
		h.wants("sent", h.posts("A"), []core.Item{header(next), "2509.00001", "2509.00002"})
	}),

	it("a paper that is on its way meanwhile does not move, and no header is left alone", func(h *house) {
		owner := h.joins("A")
		ml := h.channel("ml")
		d := h.daily(ml, "2509.00001")
		h.posts(owner)
		h.passes(day)
		h.wants("planned", h.plans(adopting(h.plan(ml, core.DailyPost, h.now, "2509.00001"))), 0)
		h.wants("the first digest", h.itemsOf(d), []core.Item{header(d), "2509.00001"})
		h.wants("its paper", h.state(ml, "2509.00001"), core.Posted)
	}),

	it("a paper that is on its way meanwhile stays where it is when others move", func(h *house) {
		owner := h.joins("A")
		ml := h.channel("ml")
		d := h.daily(ml, "2509.00001")
		h.posts(owner)
		before := h.delivery(ml, "2509.00001")
		h.passes(day)
		next := h.plan(ml, core.Weekly, h.now, "2509.00001", "2509.00003")
		next.Items[1].Adopted = true
		h.wants("planned", h.plans(next), 1)
		h.wants("the first digest", h.itemsOf(d), []core.Item{header(d), "2509.00001"})
		h.wants("its paper", h.delivery(ml, "2509.00001"), before)
	}),

	it("a journal club's moments say how far it is, and never go back; the digests of a kind come by their moments", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		var due []time.Time
		for _, step := range []struct {
			kind      core.DigestKind
			due, done time.Duration
		}{{core.Ballot, 2 * day, 2 * day}, {core.Meeting, day, 2 * day}, {core.DailyPost, 5 * day, 2 * day}, {core.Meeting, 4 * day, 4 * day}} {
			h.wants("planned", h.plans(h.plan(ml, step.kind, monday.Add(step.due))), 1)
			h.wants("how far", h.again(ml).Club.Done, monday.Add(step.done))
		}
		h.plans(h.plan(cv, core.Ballot, monday))
		h.wants("again", h.plans(h.plan(ml, core.Ballot, monday.Add(2*day))), 0)
		ds, err := h.store.Digests(h.ctx(), ml.ID, core.Ballot, core.Meeting)
		h.ok(err)
		for _, d := range ds {
			due = append(due, d.Due)
		}
		h.wants("the club's", due, []time.Time{monday.Add(day), monday.Add(2 * day), monday.Add(4 * day)})
	}),

	it("daily posts and catch-ups say how far a channel is, and neither goes back", func(h *house) {
		ml := h.channel("ml")
		for _, step := range []struct {
			name    string
			kind    core.DigestKind
			due     time.Duration
			seq     core.Seq
			planned core.Seq
			lastDue time.Duration
		}{
			{"a daily post", core.DailyPost, day, 5, 5, day},
			{"an earlier one", core.DailyPost, 0, 3, 5, day},
			{"a notice later", core.Notice, 2 * day, 0, 5, day},
			{"the best of the week, later", core.Weekly, 2 * day, 7, 7, day},
			{"a catch-up", core.CatchUp, 3 * day, 7, 7, 3 * day},
		} {
			p := h.plan(ml, step.kind, monday.Add(step.due))
			p.Seq = step.seq
			h.wants(step.name, h.plans(p), 1)
			c := h.again(ml)
			h.wants(step.name+": how far", []any{c.Planned, c.LastDue}, []any{step.planned, monday.Add(step.lastDue)})
		}
	}),

	it("with a post the next one becomes due", func(h *house) {
		ml := h.channel("ml")
		h.changes(ml, everyDayAtNine)
		h.daily(ml, "2509.00001")
		h.dueAt("planned", monday.Add(day))
	}),

	it("what is planned together is written together or not at all", func(h *house) {
		ml := h.channel("ml")
		h.changes(ml, everyDayAtNine)
		before := h.again(ml)
		n, err := h.store.PlanDigests(h.ctx(), []core.Plan{h.plan(ml, core.Weekly, h.now), h.plan(ml, core.DailyPost, h.now, "2509.00001"), h.plan(core.Channel{ID: 99}, core.DailyPost, h.now)})
		h.fails("with a channel nobody knows", err, core.ErrNotFound)
		h.wants("planned", n, 0)
		h.wants("the digests", len(h.digests(ml)), 0)
		h.wants("the channel", h.again(ml), before)
		h.dueAt("as before", monday)
		h.wants("both, then", h.plans(h.plan(ml, core.Weekly, h.now), h.plan(ml, core.DailyPost, h.now, "2509.00001")), 2)
	}),

	it("channels are told once how a source is, by whoever is first", func(h *house) {
		ml := h.channel("ml")
		h.ok(h.store.UpdateSourceState(h.ctx(), "arxiv", func(s *core.SourceState) { s.Word = core.Stale }))
		late := core.Told{Source: "arxiv", Told: true}
		h.wants("the first", h.told([]core.Plan{h.plan(ml, core.Notice, h.now)}, late), 1)
		h.wants("noted", h.source("arxiv").Told, true)
		h.wants("the second", h.told([]core.Plan{h.plan(ml, core.Notice, h.now.Add(time.Second))}, late), 0)
		h.wants("when it works again", h.told([]core.Plan{h.plan(ml, core.Notice, h.now.Add(time.Minute))}, core.Told{Source: "arxiv"}), 1)
		h.wants("noted", h.source("arxiv").Told, false)
	}),

	it("what is told of several sources is written only when all of it is news", func(h *house) {
		ml := h.channel("ml")
		for _, source := range []string{"arxiv", "huggingface"} {
			h.ok(h.store.UpdateSourceState(h.ctx(), source, func(s *core.SourceState) { s.Told = source == "huggingface" }))
		}
		h.wants("planned", h.told([]core.Plan{h.plan(ml, core.Notice, h.now)}, core.Told{Source: "arxiv", Told: true}, core.Told{Source: "huggingface", Told: true}), 0)
		h.wants("noted of arXiv", h.source("arxiv").Told, false)
	}),

	it("a notice that cannot be planned has not been told", func(h *house) {
		h.ok(h.store.UpdateSourceState(h.ctx(), "arxiv", func(s *core.SourceState) { s.Word = core.Stale }))
		_, err := h.store.PlanDigests(h.ctx(), []core.Plan{h.plan(core.Channel{ID: 99}, core.Notice, h.now)}, core.Told{Source: "arxiv", Told: true})
		h.fails("for a channel nobody knows", err, core.ErrNotFound)
		h.wants("noted", h.source("arxiv").Told, false)
	}),

	it("a post is planned from what the channel follows, hides, had, and what waits", func(h *house) {
		owner := h.joins("A")
		ml, _ := h.doubted(owner, "2509.00001")
		cv := h.channel("cv")
		followed, gone := h.follows(ml, "lora"), h.follows(ml, "nerf")
		h.ok(h.store.RemoveTopic(h.ctx(), gone.ID, h.now))
		survey := h.mutes(core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "survey"})
		h.mutes(core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "over", Until: h.now})
		h.mutes(core.Mute{User: "slack:T1/ana", Kind: core.MutePaper, Value: "2509.00001"})
		h.plans(h.plan(ml, core.Weekly, h.now.Add(time.Hour)))
		h.wants("of #ml", h.planning(ml, "2509.00001", "2509.00002"), core.Planning{Topics: []core.Topic{followed}, Mutes: []core.Mute{survey}, Previous: monday,
			Waiting: []core.Delivery{h.delivery(ml, "2509.00001")}, Had: map[core.PaperID]bool{"2509.00001": true}})
		h.wants("of #cv", h.planning(cv, "2509.00001"), core.Planning{})
	}),

	it("what another post brings to the same reader is known, but for what it passed over", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		follows := func(id, name string, of core.Channel) core.Channel {
			return h.meets(core.Channel{Key: core.ChannelKey{Platform: "mail", ID: id}, Name: name, Follows: of.ID})
		}
		first, second, bens := follows("1", "ana@example.net", ml), follows("2", "Ana@Example.net", cv), follows("3", "ben@example.net", cv)
		p := h.plan(first, core.DailyPost, h.now, "2509.00001", "2509.00002")
		p.Items[2].State, p.Items[2].Reason = core.Skipped, core.BeyondSize
		h.plans(p)
		h.plans(h.plan(cv, core.DailyPost, h.now, "2509.00003"))
		papers := []core.PaperID{"2509.00001", "2509.00002", "2509.00003"}
		h.wants("of ana's other", h.planning(second, papers...), core.Planning{Elsewhere: map[core.PaperID]bool{"2509.00001": true}})
		h.wants("of ben's", h.planning(bens, papers...), core.Planning{})
		h.wants("of a channel that follows none", h.planning(cv, papers...).Elsewhere, map[core.PaperID]bool(nil))
		h.wants("of its own", h.planning(first, papers...).Elsewhere, map[core.PaperID]bool(nil))
	}),

	it("a channel where somebody voted lately is planned from that", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		h.reacts(ml, "m1", "2509.00001", "ana", "👎", core.Down)
		h.reacts(cv, "m2", "2509.00001", "ana", "🔖", core.Bookmark)
		h.wants("voted", []bool{h.planning(ml).Voted, h.planning(cv).Voted}, []bool{true, false})
		h.passes(2 * day)
		h.wants("long ago", h.planning(ml).Voted, false)
	}),

	it("only papers in the thread of a header in doubt wait for the next post", func(h *house) {
		a := h.joins("A")
		for _, place := range []core.Place{core.InChannel, core.InDigest} {
			c := h.channel(string(place))
			h.plans(placed(h.plan(c, core.DailyPost, h.now, "2509.00001"), place))
			claim := h.claim(a)
			h.ok(h.store.Uncertain(h.ctx(), claim, h.begins(claim).Item, "no answer", h.now))
			h.releases(claim, time.Time{})
			h.wants(string(place), h.planning(c).Waiting, []core.Delivery(nil))
		}
	}),

	it("papers wait only while their header is in doubt", func(h *house) {
		ml, d := h.doubted(h.joins("A"), "2509.00001")
		h.wants("waiting", items(h.planning(ml).Waiting), []core.Item{"2509.00001"})
		h.ok(h.store.Reopen(h.ctx(), ml.ID, header(d), h.now))
		h.wants("when it is sent again", items(h.planning(ml).Waiting), []core.Item(nil))
	}),
}

// digests are a channel's, by what is to be delivered of them.
func (h *house) digests(c core.Channel) map[int64]bool {
	h.Helper()
	ds, err := h.store.DeliveriesOf(h.ctx(), c.ID, time.Time{})
	h.ok(err)
	found := map[int64]bool{}
	for _, d := range ds {
		found[d.Digest] = true
	}
	return found
}
