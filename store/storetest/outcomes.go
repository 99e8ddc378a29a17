package storetest

import (
	"slices"
	"time"

	"paperboy/core"
)

// sending is a channel with a digest, under a claim.
func (h *house) sending(owner string, papers ...core.PaperID) (core.Channel, core.Digest, core.Claim) {
	h.Helper()
	ml := h.channel("ml")
	d := h.daily(ml, papers...)
	return ml, d, h.claim(owner)
}

// dies ends an owner in the middle of its work, and lets another one go on.
func (h *house) dies(owner, heir string) core.Claim {
	h.Helper()
	h.ok(h.store.Leave(h.ctx(), owner))
	return h.claim(heir)
}

func hold(h *house, reason string) core.Hold {
	return core.Hold{Since: h.now, Reason: reason, NextTry: h.now.Add(2 * time.Minute)}
}

// allOutcomes are all that can be written down about a claimed channel.
var allOutcomes = []struct {
	name  string
	write func(h *house, c core.Claim, item core.Item) error
}{
	{"Begin", func(h *house, c core.Claim, item core.Item) error {
		_, ok, err := h.store.Begin(h.ctx(), c, 0, -1, h.now)
		h.wants("begun", ok, false)
		return err
	}},
	{"Posted", func(h *house, c core.Claim, item core.Item) error {
		return h.store.Posted(h.ctx(), c, item, ref(item), 1, h.now)
	}},
	{"Uncertain", func(h *house, c core.Claim, item core.Item) error {
		return h.store.Uncertain(h.ctx(), c, item, "no answer", h.now)
	}},
	{"Held", func(h *house, c core.Claim, item core.Item) error {
		return h.store.Held(h.ctx(), c, item, false, hold(h, "may not post"), h.now)
	}},
	{"Held in doubt", func(h *house, c core.Claim, item core.Item) error {
		return h.store.Held(h.ctx(), c, item, true, hold(h, "may not post"), h.now)
	}},
	{"Skipped", func(h *house, c core.Claim, item core.Item) error {
		return h.store.Skipped(h.ctx(), c, item, "too long", h.now)
	}},
	{"GivenBack", func(h *house, c core.Claim, item core.Item) error {
		return h.store.GivenBack(h.ctx(), c, item, false, h.now)
	}},
	{"GivenBack in doubt", func(h *house, c core.Claim, item core.Item) error {
		return h.store.GivenBack(h.ctx(), c, item, true, h.now)
	}},
	{"Release", func(h *house, c core.Claim, _ core.Item) error {
		return h.store.Release(h.ctx(), c, h.now.Add(time.Hour))
	}},
	{"Release for good", func(h *house, c core.Claim, _ core.Item) error {
		return h.store.Release(h.ctx(), c, time.Time{})
	}},
}

// written is all that outcomes may change of a channel.
func (h *house) written(c core.Channel, d core.Digest) any {
	h.Helper()
	ds, err := h.store.DeliveriesOf(h.ctx(), c.ID, time.Time{})
	h.ok(err)
	ds = slices.DeleteFunc(ds, func(have core.Delivery) bool { return have.Digest != d.ID })
	return []any{h.again(c), ds, h.nextSend(time.Time{})}
}

// lost are the outcomes of a claim that is not ours any more.
func lost() (stories []story) {
	for _, o := range allOutcomes {
		stories = append(stories,
			it("lost to another owner, "+o.name+" writes nothing", func(h *house) {
				a, b := h.joins("A"), h.joins("B")
				ml, d, c := h.sending(a, "2509.00001")
				m := h.begins(c)
				after := h.dies(a, b)
				before := h.written(ml, d)
				h.passes(time.Minute)
				h.fails(o.name, o.write(h, c, m.Item), core.ErrLost)
				h.wants("written", h.written(ml, d), before)
				h.posted(after, h.begins(after), 1) // the other one goes on
			}),
			it("of an earlier claim of one's own, "+o.name+" writes nothing", func(h *house) {
				a := h.joins("A")
				ml, d, c := h.sending(a, "2509.00001")
				m := h.begins(c)
				h.releases(c, h.now)
				after := h.claim(a)
				before := h.written(ml, d)
				h.passes(time.Minute)
				h.fails(o.name, o.write(h, c, m.Item), core.ErrLost)
				h.wants("written", h.written(ml, d), before)
				h.posted(after, h.begins(after), 1)
			}),
			it("when nobody has claimed the channel, "+o.name+" writes nothing", func(h *house) {
				a := h.joins("A")
				ml, d, c := h.sending(a, "2509.00001")
				m := h.begins(c)
				h.releases(c, h.now)
				before := h.written(ml, d)
				h.passes(time.Minute)
				h.fails(o.name, o.write(h, c, m.Item), core.ErrLost)
				h.wants("written", h.written(ml, d), before)
			}),
			it("in a channel that is forgotten, "+o.name+" writes nothing", func(h *house) {
				_, _, c := h.sending(h.joins("A"), "2509.00001")
				m := h.begins(c)
				h.leaves(slack)
				h.ok(h.store.Forget(h.ctx(), h.now.Add(day)))
				h.fails(o.name, o.write(h, c, m.Item), core.ErrLost)
			}))
	}
	return stories
}

// meanwhile are stories of what becomes due while a channel is claimed.
func meanwhile() (stories []story) {
	for _, m := range []struct {
		name    string
		happens func(h *house, c core.Claim, d core.Digest)
	}{
		{"a post is planned", func(h *house, c core.Claim, _ core.Digest) { h.daily(c.Channel, "2509.00001") }},
		{"a person has a message sent again", func(h *house, c core.Claim, d core.Digest) {
			h.ok(h.store.Uncertain(h.ctx(), c, h.begins(c).Item, "no answer", h.now))
			h.ok(h.store.Reopen(h.ctx(), c.Channel.ID, header(d), h.now))
		}},
		{"a person says that it is mended", func(h *house, c core.Claim, _ core.Digest) {
			h.changes(c.Channel, held)
			h.changes(c.Channel, unheld)
		}},
		{"the workspace goes and comes back", func(h *house, _ core.Claim, _ core.Digest) {
			h.leaves(slack)
			h.returns(slack)
		}},
	} {
		for _, again := range []time.Duration{0, time.Hour} {
			stories = append(stories, it("when "+m.name+" while a channel is claimed, that stays due, released for "+again.String(), func(h *house) {
				a := h.joins("A")
				_, d, c := h.sending(a)
				h.passes(day)
				m.happens(h, c, d)
				h.wants("claimed meanwhile", h.claims(a), []core.Claim(nil))
				at := time.Time{}
				if again > 0 {
					at = h.now.Add(again)
				}
				h.releases(c, at)
				h.wants("claimed", claimed(h.claims(a)), []string{"ml"})
			}))
		}
	}
	return stories
}

var outcomes = slices.Concat(lost(), meanwhile(), []story{
	it("messages are begun in their order, the header first", func(h *house) {
		a := h.joins("A")
		ml := h.channel("ml")
		first := h.daily(ml, "2509.00002", "2509.00001")
		h.passes(day)
		second := h.daily(ml, "2509.00003")
		h.wants("sent", h.posts(a), []core.Item{header(first), "2509.00002", "2509.00001", header(second), "2509.00003"})
	}),

	it("who begins a message has all that it takes to send it", func(h *house) {
		ml, d, c := h.sending(h.joins("A"), "2509.00001")
		m := h.begins(c)
		h.wants("the header", []any{m.Item, m.Digest, m.Doubt, m.Header}, []any{header(d), d, false, core.MessageRef{}})
		h.posted(c, m, 0)
		h.passes(time.Second)
		m = h.begins(c, m)
		want := h.delivery(ml, "2509.00001")
		h.wants("the paper", m, core.Message{Delivery: want, Digest: d, Header: ref(header(d))})
		h.wants("its state", []any{want.State, want.Attempt, want.Begun, want.Updated}, []any{core.Sending, 1, h.now, h.now})
	}),

	it("a message is in doubt when it was begun by somebody who did not finish", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		_, _, c := h.sending(a)
		begun := h.now
		h.wants("at first", h.begins(c).Doubt, false)
		c = h.dies(a, b)
		h.passes(time.Minute)
		m := h.begins(c)
		h.wants("taken over", []any{m.Doubt, m.Begun, m.Attempt}, []any{true, begun, 2})
		h.releases(c, h.now)
		m = h.begins(h.claim(b))
		h.wants("again, undecided", []any{m.Doubt, m.Begun, m.Attempt}, []any{true, begun, 3})
	}),

	it("a message that was certainly not sent is not in doubt", func(h *house) {
		a := h.joins("A")
		ml, d, c := h.sending(a)
		h.ok(h.store.GivenBack(h.ctx(), c, h.begins(c).Item, false, h.now))
		h.wants("given back", h.state(ml, header(d)), core.Planned)
		h.releases(c, h.now)
		h.passes(time.Minute)
		m := h.begins(h.claim(a))
		h.wants("begun again", []any{m.Doubt, m.Begun, m.Attempt}, []any{false, h.now, 2})
	}),

	it("a message that this attempt did not send stays in doubt about an earlier one", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		ml, d, c := h.sending(a)
		begun := h.begins(c).Begun
		c = h.dies(a, b)
		h.passes(time.Minute)
		m := h.begins(c)
		h.ok(h.store.GivenBack(h.ctx(), c, m.Item, m.Doubt, h.now))
		h.wants("given back", h.state(ml, header(d)), core.Sending)
		h.releases(c, h.now)
		m = h.begins(h.claim(b))
		h.wants("begun again", []any{m.Doubt, m.Begun}, []any{true, begun})
	}),

	it("papers wait for their header", func(h *house) {
		_, _, c := h.sending(h.joins("A"), "2509.00001")
		m := h.begins(c)
		h.ok(h.store.GivenBack(h.ctx(), c, m.Item, false, h.now))
		_, ok := h.begin(c, m)
		h.wants("a paper is begun", ok, false)
	}),

	it("papers in the thread of an uncertain header wait for the next post, and keep nothing back", func(h *house) {
		a := h.joins("A")
		ml, d := h.doubted(a, "2509.00001", "2509.00002")
		h.passes(day)
		next := h.daily(ml, "2509.00003")
		h.wants("sent", h.posts(a), []core.Item{header(next), "2509.00003"})
		h.wants("the first post", []any{h.state(ml, header(d)), h.state(ml, "2509.00001"), h.state(ml, "2509.00002")}, []any{core.Uncertain, core.Planned, core.Planned})
	}),

	it("what a journal club reads is shown again behind what announces it, in its thread", func(h *house) {
		ml := h.channel("ml")
		a := h.joins("A")
		h.daily(ml, "2509.00001")
		h.posts(a)
		h.passes(day)
		p := h.plan(ml, core.Meeting, h.now)
		p.Items = append(p.Items, core.Delivery{Item: core.ReadItem("2509.00001"), Position: 1, Place: core.InThread})
		h.wants("planned", h.plans(p), 1)
		c := h.claim(a)
		m := h.begins(c)
		h.ok(h.store.GivenBack(h.ctx(), c, m.Item, false, h.now))
		_, ok := h.begin(c, m)
		h.wants("it is begun before what announces it", ok, false)
		m = h.begins(c)
		h.posted(c, m, 1)
		m = h.begins(c, m)
		h.wants("begun", []any{m.Item, m.Header}, []any{core.ReadItem("2509.00001"), ref(core.HeaderItem(core.Meeting, h.now))})
	}),

	it("papers in the channel do not wait for an uncertain header", func(h *house) {
		_, _, c := h.sending(h.joins("A"), "2509.00001")
		m := h.begins(c)
		h.ok(h.store.Uncertain(h.ctx(), c, m.Item, "no answer", h.now))
		m = h.begins(c, m)
		h.wants("begun", []any{m.Item, m.Header}, []any{core.Item("2509.00001"), core.MessageRef{}})
	}),

	it("a paper that hangs on a header that was passed over is begun without it", func(h *house) {
		ml := h.channel("ml")
		h.plans(placed(h.plan(ml, core.DailyPost, h.now, "2509.00001"), core.InThread))
		c := h.claim(h.joins("A"))
		m := h.begins(c)
		h.ok(h.store.Skipped(h.ctx(), c, m.Item, "too long", h.now))
		m = h.begins(c, m)
		h.wants("begun", []any{m.Item, m.Header}, []any{core.Item("2509.00001"), core.MessageRef{}})
	}),

	it("papers without a header are begun as they are", func(h *house) {
		ml := h.channel("ml")
		p := placed(h.plan(ml, core.DailyPost, h.now, "2509.00001", "2509.00002"), core.InForum)
		p.Digest.Header, p.Items = nil, p.Items[1:]
		h.plans(p)
		h.wants("sent", h.posts(h.joins("A")), []core.Item{"2509.00001", "2509.00002"})
	}),

	it("what stands inside a header's message is posted with it", func(h *house) {
		ml := h.channel("ml")
		h.plans(placed(h.plan(ml, core.DailyPost, h.now, "2509.00001", "2509.00002"), core.InDigest))
		d := h.digest(ml, core.DailyPost, h.now)
		h.wants("sent", h.posts(h.joins("A")), []core.Item{header(d)})
		for _, item := range []core.Item{"2509.00001", "2509.00002"} {
			got := h.delivery(ml, item)
			h.wants("posted", []any{got.State, got.Ref, got.Updated}, []any{core.Posted, ref(header(d)), h.now})
		}
		got, err := h.store.DeliveryByMessage(h.ctx(), ml.ID, ref(header(d)).ID)
		h.ok(err)
		h.wants("what the message is", got.Item, header(d))
	}),

	it("what stands inside a header's message that is passed over is passed over with it", func(h *house) {
		ml := h.channel("ml")
		h.plans(placed(h.plan(ml, core.DailyPost, h.now, "2509.00001"), core.InDigest))
		c := h.claim(h.joins("A"))
		h.ok(h.store.Skipped(h.ctx(), c, h.begins(c).Item, "too long", h.now))
		got := h.delivery(ml, "2509.00001")
		h.wants("passed over", []any{got.State, got.Reason}, []any{core.Skipped, "too long"})
	}),

	it("what stands inside a header's message that is uncertain comes with it when it is sent again", func(h *house) {
		a := h.joins("A")
		ml := h.channel("ml")
		h.plans(placed(h.plan(ml, core.DailyPost, h.now, "2509.00001"), core.InDigest))
		d := h.digest(ml, core.DailyPost, h.now)
		c := h.claim(a)
		m := h.begins(c)
		h.ok(h.store.Uncertain(h.ctx(), c, m.Item, "no answer", h.now))
		_, ok := h.begin(c, m)
		h.wants("begun alone", ok, false)
		h.releases(c, time.Time{})
		h.ok(h.store.Reopen(h.ctx(), ml.ID, header(d), h.now))
		h.posts(a)
		h.wants("the paper", h.state(ml, "2509.00001"), core.Posted)
	}),

	it("a posted message says where it is, and is never begun again", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		ml, d, c := h.sending(a, "2509.00001")
		m := h.begins(c)
		h.passes(time.Second)
		h.posted(c, m, 0)
		m = h.begins(c, m)
		h.posted(c, m, 3)
		got := h.delivery(ml, "2509.00001")
		h.wants("posted", []any{got.State, got.Ref, got.Shown, got.Updated}, []any{core.Posted, ref("2509.00001"), 3, h.now})
		found, err := h.store.DeliveryByMessage(h.ctx(), ml.ID, ref("2509.00001").ID)
		h.ok(err)
		h.wants("by its message", found, got)
		_, ok := h.begin(h.dies(a, b))
		h.wants("begun again", ok, false)
		h.wants("the header", h.state(ml, header(d)), core.Posted)
	}),

	it("a message that nobody posted is not found", func(h *house) {
		ml := h.channel("ml")
		h.daily(ml, "2509.00001")
		for _, missing := range []string{"", "17.2"} {
			_, err := h.store.DeliveryByMessage(h.ctx(), ml.ID, missing)
			h.fails("message "+missing, err, core.ErrNotFound)
		}
	}),

	it("a channel that takes a message is not held any more, and its next post becomes due", func(h *house) {
		a := h.joins("A")
		ml, _, c := h.sending(a, "2509.00001")
		h.changes(ml, everyDayAtNine)
		h.ok(h.store.Held(h.ctx(), c, h.begins(c).Item, false, hold(h, "may not post"), h.now))
		h.releases(c, h.now.Add(2*time.Minute))
		h.dueAt("held", time.Time{})
		h.passes(2 * time.Minute)
		c = h.claim(a)
		h.posted(c, h.begins(c), 0)
		h.wants("held", h.again(ml).Hold, core.Hold{})
		h.dueAt("taken", monday.Add(day))
	}),

	it("a channel that refuses us keeps its messages, and is tried again then", func(h *house) {
		a := h.joins("A")
		ml, d, c := h.sending(a, "2509.00001")
		why := hold(h, "may not post")
		m := h.begins(c)
		h.ok(h.store.Held(h.ctx(), c, m.Item, false, why, h.now))
		h.wants("the channel", h.again(ml).Hold, why)
		got := h.delivery(ml, header(d))
		h.wants("the message", []any{got.State, got.Reason}, []any{core.Held, "may not post"})
		h.releases(c, why.NextTry)
		h.wants("at once", h.claims(a), []core.Claim(nil))
		h.wants("next", h.nextSend(h.now), why.NextTry)
		h.passes(2 * time.Minute)
		m = h.begins(h.claim(a))
		h.wants("tried again", []any{m.Item, m.Doubt, m.Attempt}, []any{header(d), false, 2})
	}),

	it("a hold for the same reason began when it began, and was told when it was told", func(h *house) {
		a := h.joins("A")
		ml, _, c := h.sending(a, "2509.00001")
		since := h.now
		m := h.begins(c)
		for _, step := range []struct {
			reason string
			since  time.Duration
			told   bool
		}{{"may not post", 0, false}, {"may not post", 0, true}, {"is archived", 2 * time.Minute, false}} {
			h.ok(h.store.Held(h.ctx(), c, m.Item, false, hold(h, step.reason), h.now))
			got := h.again(ml).Hold
			h.wants(step.reason, []any{got.Since, got.Told, got.NextTry}, []any{since.Add(step.since), step.told, h.now.Add(2 * time.Minute)})
			h.changes(ml, func(c *core.Channel) { c.Hold.Told = true })
			h.passes(time.Minute)
		}
	}),

	it("a message that is held stays in doubt about an earlier attempt", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		ml, d, c := h.sending(a)
		begun := h.begins(c).Begun
		c = h.dies(a, b)
		m := h.begins(c)
		h.ok(h.store.Held(h.ctx(), c, m.Item, m.Doubt, hold(h, "may not post"), h.now))
		h.wants("held", h.state(ml, header(d)), core.Sending)
		h.releases(c, h.now.Add(2*time.Minute))
		h.passes(2 * time.Minute)
		m = h.begins(h.claim(b))
		h.wants("begun again", []any{m.Doubt, m.Begun}, []any{true, begun})
	}),

	it("a person who says that it is mended has what is held tried at once", func(h *house) {
		a := h.joins("A")
		ml, _, c := h.sending(a)
		h.ok(h.store.Held(h.ctx(), c, h.begins(c).Item, false, hold(h, "may not post"), h.now))
		h.releases(c, h.now.Add(2*time.Minute))
		h.changes(ml, func(c *core.Channel) { c.Hold.NextTry = h.now })
		h.releases(h.claim(a), h.now.Add(2*time.Minute))
		h.changes(ml, unheld)
		h.wants("claimed", claimed(h.claims(a)), []string{"ml"})
	}),

	it("a channel that has nothing left to try is not held any more: else nothing would ever be planned", func(h *house) {
		for _, end := range []string{"passed over", "uncertain"} {
			a := h.joins(end)
			ml := h.changes(h.channel(end), everyDayAtNine)
			h.wants("planned", h.plans(placed(h.plan(ml, core.DailyPost, monday, "2509.00001"), core.InThread)), 1)
			c := h.claim(a)
			m := h.begins(c)
			h.ok(h.store.Held(h.ctx(), c, m.Item, true, hold(h, "may not post"), h.now))
			h.releases(c, h.now.Add(2*time.Minute))
			h.passes(2 * time.Minute)
			c = h.claim(a)
			m = h.begins(c)
			if end == "uncertain" {
				h.ok(h.store.Uncertain(h.ctx(), c, m.Item, "may not look", h.now))
			} else {
				h.ok(h.store.Skipped(h.ctx(), c, m.Item, "too long", h.now))
				m = h.begins(c, m)
				h.ok(h.store.Skipped(h.ctx(), c, m.Item, "too long", h.now))
			}
			_, ok := h.begin(c, m)
			h.wants(end+": more to begin", ok, false)
			h.wants(end+": held while it is claimed", h.again(ml).Hold.Reason, "may not post")
			h.releases(c, time.Time{})
			h.wants(end+": held", h.again(ml).Hold, core.Hold{})
			h.dueAt(end, monday.Add(day))
			h.changes(ml, func(c *core.Channel) { c.Gone = h.now })
		}
	}),

	it("an uncertain message is sent again only when a person says so", func(h *house) {
		a := h.joins("A")
		ml, d, c := h.sending(a, "2509.00001")
		m := h.begins(c)
		h.ok(h.store.Uncertain(h.ctx(), c, m.Item, "no answer", h.now))
		got := h.delivery(ml, header(d))
		h.wants("uncertain", []any{got.State, got.Reason}, []any{core.Uncertain, "no answer"})
		h.posted(c, h.begins(c, m), 1)
		_, ok := h.begin(c)
		h.wants("begun", ok, false)
		h.releases(c, time.Time{})
		h.wants("claimed", h.claims(a), []core.Claim(nil))
		h.passes(time.Hour)
		h.ok(h.store.Reopen(h.ctx(), ml.ID, header(d), h.now))
		m = h.begins(h.claim(a))
		h.wants("sent again", []any{m.Item, m.Doubt, m.Reason, m.Begun}, []any{header(d), false, "", h.now})
	}),

	it("an uncertain message of a channel that is gone is sent again when it is back", func(h *house) {
		a := h.joins("A")
		ml, d := h.doubted(a)
		h.leaves(slack)
		h.ok(h.store.Reopen(h.ctx(), ml.ID, header(d), h.now))
		h.wants("waited for", h.nextSend(time.Time{}), time.Time{})
		h.returns(slack)
		h.wants("begun", h.begins(h.claim(a)).Item, header(d))
	}),

	it("only what is uncertain can be sent again", func(h *house) {
		a := h.joins("A")
		ml := h.channel("ml")
		d := h.daily(ml, "2509.00001")
		h.fails("planned", h.store.Reopen(h.ctx(), ml.ID, header(d), h.now), core.ErrNotFound)
		h.posts(a)
		h.fails("posted", h.store.Reopen(h.ctx(), ml.ID, header(d), h.now), core.ErrNotFound)
		h.fails("never planned", h.store.Reopen(h.ctx(), ml.ID, "2509.00009", h.now), core.ErrNotFound)
	}),

	it("a message that is passed over says why, and holds up no other", func(h *house) {
		a := h.joins("A")
		ml, _, c := h.sending(a, "2509.00001", "2509.00002")
		m := h.begins(c)
		h.posted(c, m, 0)
		m = h.begins(c, m)
		h.ok(h.store.Skipped(h.ctx(), c, m.Item, "too long", h.now))
		got := h.delivery(ml, "2509.00001")
		h.wants("passed over", []any{got.State, got.Reason}, []any{core.Skipped, "too long"})
		m = h.begins(c, m)
		h.wants("the next", m.Item, core.Item("2509.00002"))
		h.posted(c, m, 1)
		h.releases(c, h.now)
		_, ok := h.begin(h.claim(a))
		h.wants("begun again", ok, false)
	}),

	it("a released channel is claimed again at its time, or when something new is planned", func(h *house) {
		a := h.joins("A")
		ml, _, c := h.sending(a)
		h.releases(c, h.now.Add(time.Hour))
		h.wants("before", h.claims(a), []core.Claim(nil))
		h.passes(time.Hour)
		h.releases(h.claim(a), time.Time{})
		h.passes(day)
		h.wants("for good", h.claims(a), []core.Claim(nil))
		h.daily(ml, "2509.00001")
		c = h.claim(a)
		h.releases(c, h.now.Add(2*day))
		h.passes(day)
		h.daily(ml, "2509.00002")
		h.wants("planned before its time", claimed(h.claims(a)), []string{"ml"})
	}),

	it("a channel that went while it was claimed is not claimed when it is released", func(h *house) {
		a := h.joins("A")
		_, _, c := h.sending(a)
		h.leaves(slack)
		h.releases(c, h.now)
		h.wants("claimed", h.claims(a), []core.Claim(nil))
		h.wants("waited for", h.nextSend(time.Time{}), time.Time{})
	}),

	it("what was never planned has no outcome", func(h *house) {
		_, _, c := h.sending(h.joins("A"))
		for _, o := range allOutcomes[1:8] {
			h.fails(o.name, o.write(h, c, "2509.00009"), core.ErrNotFound)
		}
	}),

	it("deliveries are asked by what became of them, and since when", func(h *house) {
		a := h.joins("A")
		ml, d, c := h.sending(a, "2509.00001", "2509.00002")
		h.passes(time.Minute)
		m := h.begins(c)
		h.posted(c, m, 0)
		h.passes(time.Minute)
		h.begins(c, m)
		of := func(since time.Time, states ...core.DeliveryState) []core.Item {
			ds, err := h.store.DeliveriesOf(h.ctx(), ml.ID, since, states...)
			h.ok(err)
			return items(ds)
		}
		h.wants("all", of(time.Time{}), []core.Item{header(d), "2509.00001", "2509.00002"})
		h.wants("changed lately", of(monday.Add(time.Minute)), []core.Item{header(d), "2509.00001"})
		h.wants("open", of(time.Time{}, core.Planned, core.Sending), []core.Item{"2509.00001", "2509.00002"})
	}),
})
