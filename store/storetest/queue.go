package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"paperboy/core"
)

// due are the channels that have to be planned now, at most so many.
func (h *house) due(limit int, serves func(core.Installation) bool) (names []string) {
	h.Helper()
	cs, err := h.store.Due(h.ctx(), h.now, limit, serves)
	h.ok(err)
	for _, c := range cs {
		names = append(names, c.Key.ID)
	}
	return names
}

// scheduled is a channel with a post every day at that hour.
func (h *house) scheduled(name, at string) core.Channel {
	h.Helper()
	return h.changes(h.channel(name), func(c *core.Channel) {
		everyDayAtNine(c)
		c.Schedule.Time = at
	})
}

func (h *house) nextSend(after time.Time) time.Time {
	h.Helper()
	at, err := h.store.NextSend(h.ctx(), after)
	h.ok(err)
	return at
}

func on(platform string) func(core.Installation) bool {
	return func(in core.Installation) bool { return in.Platform == platform }
}

// waiting makes channels with a post to send, each a minute after the other.
func (h *house) waiting(names ...string) []core.Channel {
	h.Helper()
	return h.waitingFor("2509.00001", names...)
}

func (h *house) waitingFor(paper core.PaperID, names ...string) (cs []core.Channel) {
	h.Helper()
	for _, name := range names {
		c := h.channel(name)
		h.daily(c, paper)
		h.passes(time.Minute)
		cs = append(cs, c)
	}
	return cs
}

func ahead(d time.Duration) func(*core.Channel) {
	return func(c *core.Channel) {
		everyDayAtNine(c)
		c.LastDue = monday.Add(d)
	}
}

var queue = []story{
	it("a channel is due from its minute on", func(h *house) {
		h.scheduled("ml", "09:30")
		h.passes(30*time.Minute - 1e6)
		h.wants("before", h.due(9, nil), []string(nil))
		h.passes(1e6)
		h.wants("then", h.due(9, nil), []string{"ml"})
	}),

	it("those longest due come first, at most as many as are asked for", func(h *house) {
		h.scheduled("late", "11:00")
		h.scheduled("first", "09:30")
		h.scheduled("second", "10:00")
		h.scheduled("tomorrow", "07:30")
		h.passes(2 * time.Hour)
		h.wants("all", h.due(9, nil), []string{"first", "second", "late"})
		h.wants("two", h.due(2, nil), []string{"first", "second"})
	}),

	it("what is due stays due until it is planned", func(h *house) {
		ml := h.scheduled("ml", "09:00")
		for range 2 {
			h.wants("due", h.due(9, nil), []string{"ml"})
		}
		h.daily(ml)
		h.wants("planned", h.due(9, nil), []string(nil))
	}),

	it("a channel of an installation that others work for stays due, and is in nobody's way", func(h *house) {
		h.changes(h.elsewhere(), everyDayAtNine)
		h.scheduled("ml", "09:30")
		h.passes(time.Hour)
		h.wants("mine", h.due(1, on("slack")), []string{"ml"})
		h.wants("theirs", h.due(1, on("discord")), []string{"8"})
		h.wants("everybody's", slices.Sorted(slices.Values(h.due(9, nil))), []string{"8", "ml"})
	}),

	it("installations take turns, however much is due in one of them and however long", func(h *house) {
		in := func(workspace string, names ...string) {
			for _, name := range names {
				h.changes(h.meets(core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: workspace, ID: name}, Settings: core.DefaultSettings()}), everyDayAtNine)
				h.passes(time.Second)
			}
		}
		in("large", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9")
		in("small", "b1", "b2")
		in("tiny", "c1")
		h.wants("three", slices.Sorted(slices.Values(h.due(3, nil))), []string{"a1", "b1", "c1"})
		h.wants("six", slices.Sorted(slices.Values(h.due(6, nil))), []string{"a1", "a2", "b1", "b2", "c1"})
		h.wants("all", len(h.due(99, nil)), 12)
		var each []string
		for range 3 {
			each = append(each, h.due(1, nil)...)
		}
		h.wants("one after another", slices.Sorted(slices.Values(each)), []string{"a1", "b1", "c1"})
	}),

	it("a claim takes of each installation in turn, and what is longest due of it first", func(h *house) {
		a := h.joins("A")
		var names []string
		for i := range 20 {
			names = append(names, fmt.Sprintf("ml%02d", i))
		}
		h.waiting(names...)
		far := h.elsewhere()
		h.daily(far, "2509.00001")
		var got [][]string
		for range 3 {
			claims, err := h.store.Claim(h.ctx(), a, h.now, 2, nil)
			h.ok(err)
			got = append(got, slices.Sorted(slices.Values(claimed(claims))))
		}
		h.wants("claimed", got, [][]string{{"8", "ml00"}, {"ml01", "ml02"}, {"ml03", "ml04"}})
	}),

	it("installations whose work comes later are in nobody's way, however many there are", func(h *house) {
		a := h.joins("A")
		for i := range 40 {
			c := h.meets(core.Channel{Key: core.ChannelKey{Platform: "discord", Workspace: fmt.Sprint(i), ID: "1"}, Settings: core.DefaultSettings()})
			h.daily(c, "2509.00001")
		}
		for range 2 {
			for _, c := range h.claims(a) {
				h.releases(c, h.now.Add(time.Hour))
			}
		}
		h.waiting("ml")
		claims, err := h.store.Again(h).Claim(h.ctx(), a, h.now, 1, nil) // whose turns begin with the first of them
		h.ok(err)
		h.wants("claimed", claimed(claims), []string{"ml"})
	}),

	it("edits are made for installations in turn", func(h *house) {
		a := h.joins("A")
		h.comes(listed(lamps, "Lamps", "arxiv", "2026-11-23"))
		far := h.elsewhere()
		cs := append(h.waitingFor(lamps, "a", "b", "c", "d"), far)
		h.daily(far, lamps)
		for _, c := range h.claims(a) {
			for m, ok := h.begin(c); ok; m, ok = h.begin(c, m) {
				h.posted(c, m, 1)
			}
			h.releases(c, time.Time{})
		}
		for _, c := range cs {
			h.ok(h.store.Fold(h.ctx(), c.ID, core.PaperItem(lamps), true, h.now))
			h.passes(time.Second)
		}
		edits, err := h.store.Edits(h.ctx(), h.now, 2, nil)
		h.ok(err)
		var of []string
		for _, e := range edits {
			of = append(of, e.Channel.Key.ID)
		}
		h.wants("edited", of, []string{"a", "8"})
	}),

	it("a due channel comes as it is", func(h *house) {
		ml := h.scheduled("ml", "09:00")
		cs, err := h.store.Due(h.ctx(), h.now, 9, nil)
		h.ok(err)
		h.wants("due", cs, []core.Channel{ml})
	}),

	it("a pause that runs out is looked at when it does", func(h *house) {
		h.changes(h.scheduled("ml", "09:30"), func(c *core.Channel) { c.PausedAt, c.PausedUntil = h.now, monday.Add(2*day) })
		h.passes(day)
		h.wants("paused", h.due(9, nil), []string(nil))
		h.passes(day)
		h.wants("run out", h.due(9, nil), []string{"ml"})
	}),

	it("the next moment at which something is due is told, or that none is to come", func(h *house) {
		next := func(after time.Time) time.Time {
			at, err := h.store.NextDue(h.ctx(), after)
			h.ok(err)
			return at
		}
		h.wants("with nobody there", next(monday), time.Time{})
		h.scheduled("late", "11:00")
		h.scheduled("first", "09:30")
		h.wants("after nine", next(monday), monday.Add(30*time.Minute))
		h.wants("after half past", next(monday.Add(30*time.Minute)), monday.Add(2*time.Hour))
		h.wants("after all", next(monday.Add(2*time.Hour)), time.Time{})
	}),

	it("what is planned can be claimed, and what is claimed is claimed by nobody else", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		h.waiting("ml")
		c := h.claim(a)
		h.wants("the claim", []any{c.Owner, c.Attempt, c.Channel.Key.ID}, []any{"A", int64(1), "ml"})
		h.wants("for another", h.claims(b), []core.Claim(nil))
		h.wants("for the same", h.claims(a), []core.Claim(nil))
	}),

	it("those waiting longest are claimed first, at most as many as are asked for", func(h *house) {
		a := h.joins("A")
		h.waiting("one", "two", "three")
		for _, want := range [][]string{{"one", "two"}, {"three"}, nil} {
			claims, err := h.store.Claim(h.ctx(), a, h.now, 2, nil)
			h.ok(err)
			h.wants("claimed", claimed(claims), want)
		}
	}),

	it("what is to be sent of an installation that others work for stays to be sent, and is in nobody's way", func(h *house) {
		a := h.joins("A")
		h.daily(h.elsewhere(), "2509.00001")
		h.passes(time.Minute)
		h.waiting("ml")
		for platform, want := range map[string][]string{"slack": {"ml"}, "discord": {"8"}} {
			claims, err := h.store.Claim(h.ctx(), a, h.now, 1, on(platform))
			h.ok(err)
			h.wants("claimed", claimed(claims), want)
		}
	}),

	it("every claim of a channel has a greater attempt than the one before", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		h.waiting("ml")
		last := int64(0)
		for _, owner := range []string{a, b, a} {
			c := h.claim(owner)
			if c.Attempt <= last {
				h.Errorf("attempt %d after %d", c.Attempt, last)
			}
			last = c.Attempt
			h.releases(c, h.now)
		}
	}),

	it("a channel that is gone has nothing to send until it is back", func(h *house) {
		a := h.joins("A")
		h.waiting("ml")
		h.leaves(slack)
		h.wants("gone", h.claims(a), []core.Claim(nil))
		h.returns(slack)
		h.wants("back", claimed(h.claims(a)), []string{"ml"})
	}),

	it("whoever is met again, or put back, goes on with what was open", func(h *house) {
		a := h.joins("A")
		ml := h.waiting("ml")[0]
		gone := func(c *core.Channel) { c.Gone = h.now }
		h.changes(ml, gone)
		h.channel("ml")
		c := h.claim(a)
		h.changes(ml, gone)
		h.releases(c, time.Time{})
		h.changes(ml, func(c *core.Channel) { c.Gone = time.Time{} })
		h.wants("claimed", claimed(h.claims(a)), []string{"ml"})
	}),

	it("a digest that is planned for a channel that is gone waits for it", func(h *house) {
		a := h.joins("A")
		ml := h.channel("ml")
		h.leaves(slack)
		h.daily(ml, "2509.00001")
		h.wants("gone", []any{claimed(h.claims(a)), h.nextSend(time.Time{})}, []any{[]string(nil), time.Time{}})
		h.returns(slack)
		h.wants("back", claimed(h.claims(a)), []string{"ml"})
	}),

	it("a post of nothing wakes nobody", func(h *house) {
		a := h.joins("A")
		ml := h.channel("ml")
		quiet := h.plan(ml, core.DailyPost, h.now)
		quiet.Items, quiet.Digest.Header = nil, nil
		h.plans(quiet)
		h.wants("claimed", h.claims(a), []core.Claim(nil))
	}),

	it("the next moment at which something may be sent is told, or that nothing waits", func(h *house) {
		a := h.joins("A")
		h.waiting("ml")
		h.wants("what waits for nothing", h.nextSend(h.now), time.Time{})
		h.releases(h.claim(a), h.now.Add(time.Minute))
		h.wants("released for later", h.nextSend(h.now), h.now.Add(time.Minute))
		h.wants("not now", h.claims(a), []core.Claim(nil))
		h.passes(time.Minute)
		h.wants("then", claimed(h.claims(a)), []string{"ml"})
	}),

	it("a wrong clock's last posts are taken back, and the next one is due", func(h *house) {
		ml := h.changes(h.channel("ml"), ahead(365*day))
		h.ok(h.store.Clamp(h.ctx(), h.now))
		h.wants("the last post", h.again(ml).LastDue, h.now)
		h.dueAt("then", monday.Add(day))
	}),

	it("a wrong clock's schedule is taken back", func(h *house) {
		ml := h.changes(h.channel("ml"), func(c *core.Channel) {
			everyDayAtNine(c)
			c.Scheduled = monday.Add(365 * day)
		})
		h.ok(h.store.Clamp(h.ctx(), h.now))
		h.wants("scheduled", h.again(ml).Scheduled, h.now)
		h.dueAt("then", monday.Add(day))
	}),

	it("a wrong clock's moments of a journal club are taken back", func(h *house) {
		ml := h.changes(h.channel("ml"), func(c *core.Channel) {
			c.Club = core.Club{Schedule: core.Schedule{Time: "16:00", Zone: "UTC", Days: 1 << time.Thursday}, Since: monday.Add(300 * day), Done: monday.Add(365 * day)}
		})
		h.ok(h.store.Clamp(h.ctx(), h.now))
		h.wants("the club", []time.Time{h.again(ml).Club.Since, h.again(ml).Club.Done}, []time.Time{h.now, h.now})
	}),

	it("a clock that is set by a little changes nothing", func(h *house) {
		ml := h.changes(h.channel("ml"), ahead(time.Minute))
		h.ok(h.store.Clamp(h.ctx(), h.now))
		h.wants("the channel", h.again(ml), ml)
	}),

	it("a wrong clock's next tries are taken back", func(h *house) {
		a := h.joins("A")
		h.waiting("ml", "cv")
		claims := h.claims(a)
		h.releases(claims[0], h.now.Add(365*day))
		m := h.begins(claims[1])
		h.ok(h.store.Held(h.ctx(), claims[1], m.Item, false, core.Hold{Since: h.now, Reason: "may not post", NextTry: h.now.Add(365 * day)}, h.now))
		h.releases(claims[1], h.now.Add(365*day))
		h.ok(h.store.Reread(h.ctx(), claims[0].Channel.ID, h.now.Add(365*day)))
		h.wants("before", h.claims(a), []core.Claim(nil))
		h.ok(h.store.Clamp(h.ctx(), h.now))
		h.wants("claimed", len(h.claims(a)), 2)
		h.wants("the hold's next try", h.again(claims[1].Channel).Hold.NextTry, h.now)
		h.wants("votes to read", h.toReread(), []string{"ml"})
	}),

	it("what waits for longer than a try may wait is taken back", func(h *house) {
		a := h.joins("A")
		h.waiting("ml", "cv")
		claims := h.claims(a)
		again := h.now.Add(25 * time.Minute)
		h.releases(claims[0], again)
		m := h.begins(claims[1])
		h.ok(h.store.Held(h.ctx(), claims[1], m.Item, false, core.Hold{Since: h.now, Reason: "may not post", NextTry: again}, h.now))
		h.releases(claims[1], again)
		h.ok(h.store.Reread(h.ctx(), claims[0].Channel.ID, again))
		h.ok(h.store.Clamp(h.ctx(), h.now))
		h.wants("claimed", len(h.claims(a)), 2)
		h.wants("the hold's next try", h.again(claims[1].Channel).Hold.NextTry, h.now)
		h.wants("votes to read", h.toReread(), []string{"ml"})
	}),

	it("what waits for as long as a try may wait is left alone", func(h *house) {
		a := h.joins("A")
		h.waiting("ml")
		again := h.now.Add(15 * time.Minute)
		h.releases(h.claim(a), again)
		h.ok(h.store.Clamp(h.ctx(), h.now))
		h.wants("sent again", h.nextSend(h.now), again)
	}),
}

var owners = []story{
	it("an owner that leaves frees its claims at once", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		h.waiting("ml")
		h.claim(a)
		h.ok(h.store.Leave(h.ctx(), a))
		h.wants("for another", claimed(h.claims(b)), []string{"ml"})
	}),

	it("an owner that leaves ends nobody else's claims", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		h.waiting("ml")
		c := h.claim(a)
		h.ok(h.store.Leave(h.ctx(), b))
		h.posted(c, h.begins(c), 1)
	}),

	inTime("an owner that does not beat is taken for dead after a while", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		h.waiting("ml")
		h.claim(a)
		for range int(core.OwnerTTL / core.OwnerBeat) {
			time.Sleep(core.OwnerBeat)
			h.ok(h.store.Beat(h.ctx(), b))
			h.wants("while it may live", h.claims(b), []core.Claim(nil))
		}
		time.Sleep(core.OwnerTTL%core.OwnerBeat + time.Second)
		h.wants("then", claimed(h.claims(b)), []string{"ml"})
		h.fails("its next beat", h.store.Beat(h.ctx(), a), core.ErrLost)
	}),

	inTime("an owner that beats keeps its claims for as long as it works", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		h.waiting("ml")
		c := h.claim(a)
		for range 100 {
			time.Sleep(core.OwnerBeat)
			h.ok(h.store.Beat(h.ctx(), a))
			h.ok(h.store.Beat(h.ctx(), b))
		}
		h.wants("for another", h.claims(b), []core.Claim(nil))
		h.posted(c, h.begins(c), 1)
	}),

	inTime("the bot's calendar ends no claim", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		h.waiting("ml")
		h.claim(a)
		h.passes(365 * day)
		h.wants("for another", h.claims(b), []core.Claim(nil))
	}),

	inTime("an owner that slept for too long, or could not beat, goes on when nobody has taken its place", func(h *house) {
		a := h.joins("A")
		h.waiting("ml")
		c := h.claim(a)
		time.Sleep(2 * core.OwnerTTL)
		h.waiting("cv")
		h.wants("claimed", claimed(h.claims(a)), []string{"cv"})
		h.posted(c, h.begins(c), 1)
	}),

	inTime("an owner that slept for too long claims nothing more when somebody has taken its place", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		h.waiting("ml")
		h.claim(a)
		time.Sleep(2 * core.OwnerTTL)
		h.ok(h.store.Beat(h.ctx(), b))
		h.wants("taken", claimed(h.claims(b)), []string{"ml"})
		h.waiting("cv")
		_, err := h.store.Claim(h.ctx(), a, h.now, 1, nil)
		h.fails("claiming", err, core.ErrLost)
	}),

	it("who has not joined claims nothing and does not live", func(h *house) {
		h.waiting("ml")
		_, err := h.store.Claim(h.ctx(), "nobody", h.now, 1, nil)
		h.fails("claiming", err, core.ErrLost)
		h.fails("beating", h.store.Beat(h.ctx(), "nobody"), core.ErrLost)
		h.wants("for who has", claimed(h.claims(h.joins("A"))), []string{"ml"})
	}),

	it("a process that may not work beside another is told who that is", func(h *house) {
		h.joins("A")
		err := h.store.Again(h).Join(h.ctx(), core.Owner{ID: "B", Host: "there", PID: 2, Started: h.now})
		if taken, ok := errors.AsType[*core.Taken](err); ok {
			h.wants("who", taken.By, core.Owner{ID: "A", Host: "here", PID: 1, Started: h.now})
		} else {
			h.ok(err) // an engine for several at a time
		}
	}),
}

var leases = []story{
	it("what only one may do is done by whoever asks first, for as long as it lives", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		h.wants("A's", []bool{h.leases(a, "lead"), h.leases(b, "lead"), h.leases(a, "lead")}, []bool{true, false, true})
		h.wants("another", h.leases(b, "shard 1"), true)
		h.wants("all", h.leased(), map[string]string{"lead": "A", "shard 1": "B"})
		h.ok(h.store.Leave(h.ctx(), a))
		h.wants("B's", h.leases(b, "lead"), true)
	}),

	it("of many who ask for a lease at once one has it", func(h *house) {
		var asking errgroup.Group
		var held atomic.Int32
		for i := range 8 {
			owner := h.joins(fmt.Sprint(i))
			asking.Go(func() error {
				got, err := h.store.Lease(h.ctx(), owner, "lead")
				if got {
					held.Add(1)
				}
				return err
			})
		}
		h.ok(asking.Wait())
		h.wants("have it", held.Load(), int32(1))
	}),

	it("a lease that is given back is free, and only its owner gives it back", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		h.leases(a, "lead")
		h.fails("another's", h.store.Unlease(h.ctx(), b, "lead"), core.ErrLost)
		h.wants("still A's", h.leased(), map[string]string{"lead": "A"})
		h.ok(h.store.Unlease(h.ctx(), a, "lead"))
		h.fails("a second time", h.store.Unlease(h.ctx(), a, "lead"), core.ErrLost)
		h.wants("B's", h.leases(b, "lead"), true)
	}),

	inTime("a lease of an owner that is dead is free, and no sooner", func(h *house) {
		a, b := h.joins("A"), h.joins("B")
		h.leases(a, "lead")
		for range int(core.OwnerTTL / core.OwnerBeat) {
			time.Sleep(core.OwnerBeat)
			h.ok(h.store.Beat(h.ctx(), b))
			h.wants("while it may live", h.leases(b, "lead"), false)
		}
		time.Sleep(core.OwnerTTL%core.OwnerBeat + time.Second)
		h.wants("who has it", h.leased(), map[string]string{})
		h.wants("then", h.leases(b, "lead"), true)
		_, err := h.store.Lease(h.ctx(), a, "another")
		h.fails("the dead", err, core.ErrLost)
	}),

	inTime("who was not heard for long has its lease still where nobody took it", func(h *house) {
		a := h.joins("A")
		h.leases(a, "lead")
		time.Sleep(core.OwnerTTL + time.Second)
		h.wants("its own", h.leases(a, "lead"), true)
		h.wants("who has it", h.leased(), map[string]string{"lead": "A"})
	}),

	inTime("who lives is known, the first that began first", func(h *house) {
		h.joins("B")
		h.passes(time.Second)
		h.joins("A")
		h.wants("both", h.alive(), []string{"B", "A"})
		time.Sleep(core.OwnerTTL)
		h.ok(h.store.Beat(h.ctx(), "A"))
		time.Sleep(time.Second)
		h.wants("who beat", h.alive(), []string{"A"})
	}),

	it("who has not joined has no lease", func(h *house) {
		_, err := h.store.Lease(h.ctx(), "nobody", "lead")
		h.fails("taking one", err, core.ErrLost)
	}),
}

func (h *house) leases(owner, name string) bool {
	h.Helper()
	held, err := h.store.Lease(h.ctx(), owner, name)
	h.ok(err)
	return held
}

func (h *house) leased() map[string]string {
	h.Helper()
	leases, err := h.store.Leases(h.ctx())
	h.ok(err)
	return leases
}

func (h *house) alive() (ids []string) {
	h.Helper()
	owners, err := h.store.Owners(h.ctx())
	h.ok(err)
	for _, o := range owners {
		ids = append(ids, o.ID)
	}
	return ids
}
