package storetest

import (
	"time"

	"paperboy/core"
)

// numbers of the topics that a channel follows; of all channels with 0.
func (h *house) numbers(channel int64) (got []int) {
	h.Helper()
	topics, err := h.store.Topics(h.ctx(), channel)
	h.ok(err)
	for _, tp := range topics {
		got = append(got, tp.Number)
	}
	return got
}

var topics = []story{
	it("a topic is kept as it was printed, with who added it", func(h *house) {
		ml := h.channel("ml")
		const words = `diffusion -"stable diffusion" | author:"Jane Doe" cat:cs.CV`
		first := h.follows(ml, words)
		h.wants("as kept", first, core.Topic{ID: first.ID, Channel: ml.ID, Number: 1, Topic: query(h, words), AddedBy: "ana", AddedKey: "slack:T1/ana", AddedAt: h.now})
		topics, err := h.store.Topics(h.ctx(), ml.ID)
		h.ok(err)
		h.wants("as read", topics, []core.Topic{first})
	}),

	it("topics are numbered in their channel", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		for _, words := range []string{"lora", "nerf"} {
			h.follows(ml, words)
		}
		h.follows(cv, "lora")
		h.wants("of #ml", h.numbers(ml.ID), []int{1, 2})
		h.wants("of all, by channel", h.numbers(0), []int{1, 2, 1})
	}),

	it("what an installation follows is its own channels' topics, of those that are there and follow something", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		was := h.follows(h.channel("quiet"), "lora")
		h.ok(h.store.RemoveTopic(h.ctx(), was.ID, h.now))
		lora, nerf := h.follows(ml, "lora"), h.follows(ml, "nerf")
		gone := h.follows(cv, "video")
		h.ok(h.store.RemoveTopic(h.ctx(), nerf.ID, h.now))
		h.follows(h.elsewhere(), "lora")
		other, err := h.store.EnsureChannel(h.ctx(), core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: "T2", ID: "ml"}, Created: h.now})
		h.ok(err)
		h.follows(other, "lora")
		channels, followed, err := h.store.Following(h.ctx(), ml.Key.Installation())
		h.ok(err)
		h.wants("channels", keys(channels), []string{"ml", "cv"})
		n, err := h.store.CountFollowing(h.ctx(), ml.Key.Installation())
		h.ok(err)
		h.wants("their number", n, 2)
		h.wants("topics", followed, map[int64][]core.Topic{ml.ID: {lora}, cv.ID: {gone}})
		_, err = h.store.UpdateChannel(h.ctx(), cv.ID, func(c *core.Channel) { c.Gone = h.now })
		h.ok(err)
		channels, _, err = h.store.Following(h.ctx(), ml.Key.Installation())
		h.ok(err)
		h.wants("that are there", keys(channels), []string{"ml"})
		n, err = h.store.CountFollowing(h.ctx(), ml.Key.Installation())
		h.ok(err)
		h.wants("and their number", n, 1)
	}),

	it("a number is never used again", func(h *house) {
		ml := h.channel("ml")
		h.follows(ml, "nerf")
		last := h.follows(ml, "lora")
		h.ok(h.store.RemoveTopic(h.ctx(), last.ID, h.now))
		h.wants("without the last", h.numbers(ml.ID), []int{1})
		h.wants("the same again", h.follows(ml, "lora").Number, 3)
	}),

	it("a topic begins after all that is there when it is added", func(h *house) {
		ml := h.channel("ml")
		h.comes(listed("2509.00001", "One", "hf", "2025-09-05"))
		h.wants("since", h.follows(ml, "lora").Since, h.seq())
	}),

	it("what was removed comes back with its number and its beginning", func(h *house) {
		ml := h.channel("ml")
		first := h.follows(ml, "lora")
		h.comes(listed("2509.00001", "One", "hf", "2025-09-05"))
		h.ok(h.store.RemoveTopic(h.ctx(), first.ID, h.now))
		restored, err := h.store.RestoreTopic(h.ctx(), ml.ID, first.ID, h.now.Add(-time.Minute))
		h.ok(err)
		h.wants("restored", restored, first)
		h.wants("followed", h.numbers(ml.ID), []int{1})
	}),

	it("a topic that is narrowed keeps its number and its beginning: what has come is not lost", func(h *house) {
		ml := h.channel("ml")
		first := h.follows(ml, "lora")
		h.comes(listed("2509.00001", "One", "hf", "2025-09-05"))
		narrowed, err := h.store.NarrowTopic(h.ctx(), ml.ID, first.ID, query(h, "lora -survey"))
		h.ok(err)
		want := first
		want.Topic = query(h, "lora -survey")
		h.wants("narrowed", narrowed, want)
	}),

	it("a topic in another's place has its number and begins anew", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		first := h.follows(ml, "lora")
		h.comes(listed("2509.00001", "One", "hf", "2025-09-05"))
		replaced, err := h.store.ReplaceTopic(h.ctx(), ml.ID, first.ID, query(h, "nerf"))
		h.ok(err)
		next := h.follows(cv, "nerf")
		want := first
		want.Topic, want.Since = query(h, "nerf"), next.Since
		h.wants("replaced", replaced, want)
		h.wants("begins anew", replaced.Since > first.Since, true)
		_, err = h.store.ReplaceTopic(h.ctx(), cv.ID, first.ID, query(h, "nerf"))
		h.fails("another channel's", err, core.ErrNotFound)
	}),

	it("a topic that is widened begins at the channel's last post: what came since is new, what came before is seen", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		first := h.follows(ml, "lora")
		h.comes(listed("2509.00001", "One", "hf", "2025-09-05"))
		planned := h.seq()
		_, err := h.store.UpdateChannel(h.ctx(), ml.ID, func(c *core.Channel) { c.Planned = planned })
		h.ok(err)
		h.comes(listed("2509.00002", "Two", "hf", "2025-09-05"))
		widened, err := h.store.WidenTopic(h.ctx(), ml.ID, first.ID, query(h, "lora | adapter"))
		h.ok(err)
		want := first
		want.Topic, want.Since = query(h, "lora | adapter"), planned
		h.wants("widened", widened, want)
		_, err = h.store.WidenTopic(h.ctx(), cv.ID, first.ID, query(h, "nerf"))
		h.fails("another channel's", err, core.ErrNotFound)

		late := h.follows(ml, "nerf") // after the last post
		widened, err = h.store.WidenTopic(h.ctx(), ml.ID, late.ID, query(h, "nerf | splatting"))
		h.ok(err)
		h.wants("begins no earlier than it did", widened.Since, late.Since)
	}),

	it("a guard goes with its topic, and comes back with it", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		first, second := h.follows(ml, "lora"), h.follows(ml, "nerf")
		other := h.follows(cv, "lora")
		guard := func(t core.Topic, id core.PaperID) core.Guard { return core.Guard{Topic: t.ID, Paper: id, At: h.now} }
		for _, g := range []struct {
			channel core.Channel
			guard   core.Guard
		}{{ml, guard(second, "2509.00001")}, {ml, guard(first, "2509.00002")}, {ml, guard(first, "2509.00001")}, {cv, guard(other, "2509.00001")}} {
			h.ok(h.store.AddGuard(h.ctx(), g.channel.ID, g.guard))
		}
		later := guard(first, "2509.00001")
		later.At = h.now.Add(time.Hour)
		h.ok(h.store.AddGuard(h.ctx(), ml.ID, later)) // it has one
		h.fails("another channel's topic", h.store.AddGuard(h.ctx(), cv.ID, guard(first, "2509.00003")), core.ErrNotFound)
		guards := func(channel int64) []core.Guard {
			got, err := h.store.Guards(h.ctx(), channel)
			h.ok(err)
			return got
		}
		h.wants("of #ml", guards(ml.ID), []core.Guard{guard(first, "2509.00001"), guard(first, "2509.00002"), guard(second, "2509.00001")})
		h.wants("of all", guards(0), append(guards(ml.ID), guard(other, "2509.00001")))

		h.fails("taken back elsewhere", h.store.RemoveGuard(h.ctx(), cv.ID, guard(first, "2509.00002")), core.ErrNotFound)
		h.ok(h.store.RemoveGuard(h.ctx(), ml.ID, guard(first, "2509.00002")))
		h.ok(h.store.RemoveTopic(h.ctx(), first.ID, h.now))
		h.wants("without the topic", guards(ml.ID), []core.Guard{guard(second, "2509.00001")})
		_, err := h.store.RestoreTopic(h.ctx(), ml.ID, first.ID, h.now.Add(-time.Minute))
		h.ok(err)
		h.wants("with it again", guards(ml.ID), []core.Guard{guard(first, "2509.00001"), guard(second, "2509.00001")})
		h.leaves(slack)
		h.wants("of channels that are gone", guards(0), []core.Guard(nil))
	}),

	it("what is not followed there cannot be narrowed", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		first := h.follows(ml, "lora")
		_, err := h.store.NarrowTopic(h.ctx(), cv.ID, first.ID, query(h, "nerf"))
		h.fails("another channel's", err, core.ErrNotFound)
		h.ok(h.store.RemoveTopic(h.ctx(), first.ID, h.now))
		_, err = h.store.NarrowTopic(h.ctx(), ml.ID, first.ID, query(h, "nerf"))
		h.fails("one that was removed", err, core.ErrNotFound)
	}),

	it("topics of channels that are gone are nobody's", func(h *house) {
		h.follows(h.channel("ml"), "lora")
		h.leaves(slack)
		h.wants("of all", h.numbers(0), []int(nil))
	}),

	it("a topic that nobody follows is not found", func(h *house) {
		h.fails("removing it", h.store.RemoveTopic(h.ctx(), 99, h.now), core.ErrNotFound)
		_, err := h.store.RestoreTopic(h.ctx(), 1, 99, h.now)
		h.fails("restoring it", err, core.ErrNotFound)
		_, err = h.store.AddTopic(h.ctx(), 99, query(h, "lora"), core.User{Name: "ana"}, h.now)
		h.fails("adding one in a channel nobody knows", err, core.ErrNotFound)
	}),
}

func (h *house) mutes(m core.Mute) core.Mute {
	h.Helper()
	m.At, m.By, m.ByKey = h.now, "ana", "slack:T1/ana"
	added, err := h.store.AddMute(h.ctx(), m)
	h.ok(err)
	m.ID = added.ID
	h.wants("as kept", added, m)
	return added
}

func (h *house) muted(channel int64, user string) []core.Mute {
	h.Helper()
	got, err := h.store.Mutes(h.ctx(), channel, user, h.now)
	h.ok(err)
	return got
}

var mutes = []story{
	it("a channel's mutes hold for all, a person's own for them alone", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		survey := h.mutes(core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "survey"})
		own := h.mutes(core.Mute{User: "slack:T1/ana", Kind: core.MutePaper, Value: "2509.00001"})
		h.mutes(core.Mute{User: "slack:T1/ben", Kind: core.MutePaper, Value: "2509.00001"})
		h.wants("the channel's", h.muted(ml.ID, ""), []core.Mute{survey})
		h.wants("the channel's and Ana's", h.muted(ml.ID, "slack:T1/ana"), []core.Mute{survey, own})
		h.wants("Ana's elsewhere", h.muted(cv.ID, "slack:T1/ana"), []core.Mute{own})
	}),

	it("a mute holds until its end", func(h *house) {
		ml := h.channel("ml")
		survey := h.mutes(core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "survey", Until: h.now.Add(time.Hour)})
		h.passes(time.Hour - 1e6)
		h.wants("before", h.muted(ml.ID, ""), []core.Mute{survey})
		h.passes(1e6)
		h.wants("then", h.muted(ml.ID, ""), []core.Mute(nil))
	}),

	it("the same mute again takes the first one's place, whatever its end", func(h *house) {
		ml := h.channel("ml")
		h.mutes(core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "survey", Until: h.now.Add(time.Hour)})
		longer := h.mutes(core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "survey"})
		h.wants("muted", h.muted(ml.ID, ""), []core.Mute{longer})
		h.ok(h.store.RemoveMute(h.ctx(), longer.ID))
		h.wants("unmuted", h.muted(ml.ID, ""), []core.Mute(nil))
	}),

	it("the button of a mute that is gone ends no other, however it went", func(h *house) {
		ml := h.channel("ml")
		unmuted := h.mutes(core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "survey"})
		h.ok(h.store.RemoveMute(h.ctx(), unmuted.ID))
		replaced := h.mutes(core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "video", Until: h.now.Add(time.Hour)})
		video := h.mutes(core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "video"})
		for _, gone := range []core.Mute{unmuted, replaced} {
			h.fails("the button of "+gone.Value, h.store.RemoveMute(h.ctx(), gone.ID), core.ErrNotFound)
		}
		h.wants("muted", h.muted(ml.ID, ""), []core.Mute{video})
	}),

	it("what is not muted cannot be unmuted, and nobody mutes in a channel that is not known", func(h *house) {
		h.fails("unmuting", h.store.RemoveMute(h.ctx(), 99), core.ErrNotFound)
		_, err := h.store.AddMute(h.ctx(), core.Mute{Channel: 99, Kind: core.MuteTopic, Value: "survey", At: h.now})
		h.fails("muting", err, core.ErrNotFound)
	}),
}

func keys(channels []core.Channel) (names []string) {
	for _, c := range channels {
		names = append(names, c.Key.ID)
	}
	return names
}
