package storetest

import (
	"context"
	"strings"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/core/topic"
)

func (h *house) leaves(in core.Installation) {
	h.Helper()
	h.ok(h.store.GoneWorkspace(h.ctx(), in.Platform, in.Workspace, h.now))
}

func (h *house) returns(in core.Installation) {
	h.Helper()
	h.ok(h.store.GoneWorkspace(h.ctx(), in.Platform, in.Workspace, time.Time{}))
}

// present are the channels that are not gone, by id.
func (h *house) present() (names []string) {
	h.Helper()
	cs, err := h.store.Channels(h.ctx())
	h.ok(err)
	for _, c := range cs {
		names = append(names, c.Key.ID)
	}
	return names
}

// dueAt checks when the planner will look at the only channel; zero: never.
func (h *house) dueAt(what string, want time.Time) {
	h.Helper()
	at, err := h.store.NextDue(h.ctx(), time.Time{})
	h.ok(err)
	h.wants(what+": due", at, want)
}

func held(c *core.Channel) {
	c.Hold = core.Hold{Since: monday, Reason: "may not post", NextTry: monday.Add(2 * time.Minute)}
}

func unheld(c *core.Channel) { c.Hold = core.Hold{} }

var channels = []story{
	it("a channel is made as it is first met, and is the same when it is met again", func(h *house) {
		ml := h.channel("ml")
		h.wants("as made", ml, core.Channel{ID: ml.ID, Key: key("ml"), Name: "#ml", Settings: core.DefaultSettings(), Created: h.now})
		h.wants("met again", h.channel("ml"), ml)
		h.wants("read again", h.again(ml), ml)
	}),

	it("a new channel follows nothing yet: it has seen all that is there", func(h *house) {
		h.comes(listed("2509.00001", "One", "hf", "2025-09-05"), listed("2509.00002", "Two", "hf", "2025-09-05"))
		h.wants("seen", h.channel("ml").Planned, h.seq())
		h.wants("seen of more", h.meets(core.Channel{Key: key("cv"), Planned: 9}).Planned, core.Seq(9))
	}),

	it("a channel's name follows what the platform calls it, unless that is nothing", func(h *house) {
		ml := h.channel("ml")
		h.wants("without a name", h.meets(core.Channel{Key: ml.Key}).Name, "#ml")
		h.wants("renamed", h.meets(core.Channel{Key: ml.Key, Name: "#machine-learning"}).Name, "#machine-learning")
		h.wants("read again", h.again(ml).Name, "#machine-learning")
	}),

	it("a channel that was gone comes back when somebody is met there, even when it was closed", func(h *house) {
		ml := h.channel("ml")
		h.changes(ml, func(c *core.Channel) { c.Gone, c.Closed = h.now, true })
		h.wants("present", h.present(), []string(nil))
		back := h.channel("ml")
		h.wants("back", []any{back.ID, back.Gone, back.Closed}, []any{ml.ID, time.Time{}, false})
		h.wants("present", h.present(), []string{"ml"})
	}),

	it("everything but who it is may change", func(h *house) {
		ml := h.channel("ml")
		full := ml
		full.Settings = core.Settings{Max: 3, Layout: core.LayoutForum, Min: 1, QuietNote: true, Scope: topic.Scope{Strict: true}, Editors: "@cv", Seed: true,
			Weekly: true, Links: true, NotForUsAt: 4, VoteEmoji: []string{"🔥"}, Excerpt: core.ExcerptFull, Summary: true, Discover: 2}
		full.Taste = core.Taste{More: []string{"soup"}, Less: []string{"lamps"}, Forgotten: []string{"text"}, Seeds: []core.PaperID{lamps}, Offered: []core.PaperID{"2511.00009"}, Since: h.now.UTC()}
		full.Schedule = core.Schedule{Time: "09:00", Zone: "Europe/Berlin", Days: core.Weekdays}
		full.SetUpBy, full.Owner, full.Scheduled, full.PausedAt, full.PausedUntil, full.Resumed = "ana", "slack:T1/ana", h.now, h.now, h.now.Add(time.Hour), h.now
		full.Planned, full.LastDue, full.Gone, full.Closed, full.Greeted, full.Private = 9, h.now, h.now, true, true, true
		full.Hold = core.Hold{Since: h.now, Reason: "may not post", NextTry: h.now.Add(time.Minute), Told: true}
		h.wants("changed", h.changes(ml, func(c *core.Channel) {
			*c = full
			c.ID, c.Key = 77, core.ChannelKey{}
		}), full)
		h.wants("read again", h.again(ml), full)
	}),

	it("a channel is found by its key, gone or not", func(h *house) {
		ml := h.channel("ml")
		ml = h.changes(ml, func(c *core.Channel) { c.Gone = h.now })
		got, err := h.store.ChannelByKey(h.ctx(), ml.Key)
		h.ok(err)
		h.wants("found", got, ml)
	}),

	it("a channel that nobody knows is not found", func(h *house) {
		_, err := h.store.ChannelByKey(h.ctx(), key("nowhere"))
		h.fails("by its key", err, core.ErrNotFound)
		_, err = h.store.ChannelByID(h.ctx(), 99)
		h.fails("by its id", err, core.ErrNotFound)
		_, err = h.store.UpdateChannel(h.ctx(), 99, func(*core.Channel) {})
		h.fails("changing it", err, core.ErrNotFound)
	}),

	it("two who change a channel at once lose nothing, in two processes either", func(h *house) {
		ml := h.channel("ml")
		var wg sync.WaitGroup
		for _, s := range []core.Store{h.store, h.store.Again(h)} {
			for range 20 {
				wg.Go(func() {
					if _, err := s.UpdateChannel(h.ctx(), ml.ID, func(c *core.Channel) { c.Settings.Min++ }); err != nil {
						h.Error(err)
					}
				})
			}
		}
		wg.Wait()
		h.wants("changes", h.again(ml).Settings.Min, 40)
	}),

	it("a change that is given up is undone", func(h *house) {
		ml := h.channel("ml")
		ctx, cancel := context.WithCancel(h.ctx())
		defer cancel()
		_, err := h.store.UpdateChannel(ctx, ml.ID, func(c *core.Channel) {
			c.Settings.Max = 9
			cancel()
		})
		if err == nil {
			h.Error("what was given up was reported as done")
		}
		h.wants("read again", h.again(ml), ml)
	}),

	it("with a workspace all its channels go, and no other", func(h *house) {
		ml, far := h.channel("ml"), h.elsewhere()
		h.leaves(slack)
		h.wants("present", h.present(), []string{far.Key.ID})
		h.wants("since when", h.again(ml).Gone, h.now)
	}),

	it("a channel that was gone before its workspace keeps its day", func(h *house) {
		ml := h.channel("ml")
		h.changes(ml, func(c *core.Channel) { c.Gone = h.now.Add(-time.Hour) })
		h.leaves(slack)
		h.wants("since when", h.again(ml).Gone, h.now.Add(-time.Hour))
	}),

	it("a workspace that comes back brings its channels, but those that are closed", func(h *house) {
		h.channel("ml")
		cv := h.channel("cv")
		h.changes(cv, func(c *core.Channel) { c.Gone, c.Closed = h.now, true })
		h.leaves(slack)
		h.returns(slack)
		h.wants("present", h.present(), []string{"ml"})
	}),

	it("what has been gone for long enough is forgotten, with all that hangs on it", func(h *house) {
		ml, far := h.channel("ml"), h.elsewhere()
		for _, c := range []core.Channel{ml, far} {
			h.follows(c, "lora")
			h.daily(c, "2509.00001")
			h.reacts(c, "m1", "2509.00001", "ana", "👍", core.Up)
			_, err := h.store.AddMute(h.ctx(), core.Mute{Channel: c.ID, Kind: core.MuteTopic, Value: "survey", At: h.now})
			h.ok(err)
			h.passes(time.Minute)
		}
		gone := h.now
		h.leaves(slack)
		h.ok(h.store.Forget(h.ctx(), gone))
		h.wants("not long enough", h.again(ml).ID, ml.ID)

		h.ok(h.store.Forget(h.ctx(), gone.Add(time.Millisecond)))
		_, err := h.store.ChannelByID(h.ctx(), ml.ID)
		h.fails("the channel", err, core.ErrNotFound)
		_, err = h.store.Delivery(h.ctx(), ml.ID, "2509.00001")
		h.fails("its deliveries", err, core.ErrNotFound)
		h.wants("its digests", len(h.digests(ml)), 0)
		topics, err := h.store.Topics(h.ctx(), ml.ID)
		h.ok(err)
		muted, err := h.store.Mutes(h.ctx(), ml.ID, "", h.now)
		h.ok(err)
		h.wants("its topics, mutes and votes", []any{len(topics), len(muted), h.tally(ml.ID, time.Time{}, "2509.00001")["2509.00001"].Up}, []any{0, 0, 0})

		topics, err = h.store.Topics(h.ctx(), far.ID)
		h.ok(err)
		h.wants("what others have", []any{len(topics), h.state(far, "2509.00001"), h.tally(0, time.Time{}, "2509.00001")["2509.00001"].Up}, []any{1, core.Planned, 1})
	}),

	it("a channel that is dropped is gone at once, with all that hangs on it, and who sends there has lost it", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		for _, c := range []core.Channel{ml, cv} {
			h.follows(c, "lora")
			h.daily(c, "2509.00001")
		}
		h.ok(h.store.DropChannel(h.ctx(), ml.ID))
		_, err := h.store.ChannelByID(h.ctx(), ml.ID)
		h.fails("the channel", err, core.ErrNotFound)
		_, err = h.store.Delivery(h.ctx(), ml.ID, "2509.00001")
		h.fails("its deliveries", err, core.ErrNotFound)
		h.wants("what others have", h.state(cv, "2509.00001"), core.Planned)
		h.ok(h.store.DropChannel(h.ctx(), ml.ID))
	}),

	it("no number of a channel that is gone, of its topics or of its posts is given again", func(h *house) {
		before := h.channel("ml")
		topic, post := h.follows(before, "lora"), h.daily(before, "2509.00001")
		h.ok(h.store.DropChannel(h.ctx(), before.ID))
		after := h.channel("ml")
		again := []int64{after.ID, h.follows(after, "lora").ID, h.daily(after, "2509.00001").ID}
		for i, was := range []int64{before.ID, topic.ID, post.ID} {
			if again[i] <= was {
				h.Errorf("%d came after %d", again[i], was)
			}
		}
	}),

	it("a reader's channel goes with the one that it follows, and with its owner's wish", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		follows := func(name, owner string, of core.Channel) core.Channel {
			ch := h.meets(core.Channel{Key: core.ChannelKey{Platform: "mail", ID: name}, Name: name, Owner: owner, Follows: of.ID})
			h.wants("as made", h.again(ch).Follows, of.ID)
			return ch
		}
		anas, bens := follows("ana's", "slack:T1/ana", ml), follows("ben's", "slack:T1/ben", cv)
		h.wants("whose it reads", []int64{anas.Reads(), ml.Reads()}, []int64{ml.ID, ml.ID})
		h.ok(h.store.ForgetUser(h.ctx(), "slack:T1/ana", h.now))
		_, err := h.store.ChannelByID(h.ctx(), anas.ID)
		h.fails("ana's", err, core.ErrNotFound)
		h.wants("what it followed", h.again(ml).ID, ml.ID)
		h.changes(cv, func(c *core.Channel) { c.Gone = h.now })
		h.ok(h.store.Forget(h.ctx(), h.now.Add(time.Millisecond)))
		_, err = h.store.ChannelByID(h.ctx(), bens.ID)
		h.fails("ben's", err, core.ErrNotFound)
	}),

	it("with the last channel of a workspace its people's lists are forgotten", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		lists := func() (n []int) {
			for _, who := range []string{"slack:T1/ana", "slack:T10/ben"} {
				saved, err := h.store.SavedBy(h.ctx(), who)
				h.ok(err)
				muted, err := h.store.Mutes(h.ctx(), 0, who, h.now)
				h.ok(err)
				n = append(n, len(saved)+len(muted))
			}
			return n
		}
		for _, who := range []string{"slack:T1/ana", "slack:T10/ben"} {
			_, err := h.store.Save(h.ctx(), core.Saved{User: who, Paper: "2509.00001", At: h.now})
			h.ok(err)
			_, err = h.store.AddMute(h.ctx(), core.Mute{User: who, Kind: core.MutePaper, Value: "2509.00002", At: h.now})
			h.ok(err)
		}
		gone := func(c core.Channel) {
			h.changes(c, func(c *core.Channel) { c.Gone = h.now })
			h.ok(h.store.Forget(h.ctx(), h.now.Add(1e6)))
		}
		gone(ml)
		h.wants("while #cv is there", lists(), []int{2, 2})
		gone(cv)
		h.wants("with nobody left in T1", lists(), []int{0, 2})
	}),

	it("no table has a word of the people of a forgotten workspace, and those of a platform go with its last one", func(h *house) {
		join := func(platform, workspace, person string) core.Channel {
			c, err := h.store.EnsureChannel(h.ctx(), core.Channel{Key: core.ChannelKey{Platform: platform, Workspace: workspace, ID: "C1"}, SetUpBy: "Canary", Owner: person})
			h.ok(err)
			_, err = h.store.AddTopic(h.ctx(), c.ID, query(h, "lora"), core.User{Key: person, Name: "Canary"}, h.now)
			h.ok(err)
			_, err = h.store.AddMute(h.ctx(), core.Mute{User: person, Kind: core.MutePaper, Value: "2509.00001", By: "Canary", ByKey: person, At: h.now})
			h.ok(err)
			h.saves(person, "2509.00001", "Canary", false)
			h.ok(h.store.Remember(h.ctx(), person, "search canary", h.now))
			h.reacts(c, "m1", "2509.00001", person, "👍", core.Up)
			return c
		}
		_, err := h.store.EnsureChannel(h.ctx(), core.Channel{Key: core.ChannelKey{Platform: "discord", ID: "D1"}}) // direct messages
		h.ok(err)
		left := func() (n int) {
			for _, value := range h.store.Everything(h) {
				if strings.Contains(value, "Canary") || strings.Contains(value, "canary") {
					n++
				}
			}
			return n
		}
		forget := func(in core.Installation) {
			h.ok(h.store.GoneWorkspace(h.ctx(), in.Platform, in.Workspace, h.now))
			h.ok(h.store.Forget(h.ctx(), h.now.Add(time.Millisecond)))
		}
		join("slack", "T9", "slack:T9/canary")
		forget(core.Installation{Platform: "slack", Workspace: "T9"})
		h.wants("of the workspace", left(), 0)

		join("discord", "1", "discord:canary") // one person in two servers
		join("discord", "2", "discord:canary")
		forget(core.Installation{Platform: "discord", Workspace: "1"})
		h.wants("their list, as long as they are in another server", len(h.list("discord:canary")), 1)
		forget(core.Installation{Platform: "discord", Workspace: "2"})
		h.wants("of the platform", left(), 0)
	}),

	it("when a post is due is kept with every change", func(h *house) {
		ml := h.channel("ml")
		nine := monday
		for _, step := range []struct {
			name   string
			change func(*core.Channel)
			due    time.Time
		}{
			{"new", func(*core.Channel) {}, time.Time{}},
			{"scheduled", everyDayAtNine, nine},
			{"rescheduled", func(c *core.Channel) { c.Schedule.Time = "10:00" }, nine.Add(time.Hour)},
			{"scheduled as before", everyDayAtNine, nine},
			{"paused until Wednesday", func(c *core.Channel) { c.PausedAt, c.PausedUntil = monday, monday.Add(2*day) }, nine.Add(2 * day)},
			{"paused", func(c *core.Channel) { c.PausedUntil = time.Time{} }, time.Time{}},
			{"resumed", func(c *core.Channel) { c.PausedAt = time.Time{} }, nine},
			{"held", held, time.Time{}},
			{"not held any more", unheld, nine},
			{"gone", func(c *core.Channel) { c.Gone = monday }, time.Time{}},
			{"back", func(c *core.Channel) { c.Gone = time.Time{} }, nine},
			{"posted", func(c *core.Channel) { c.LastDue = nine }, nine.Add(day)},
		} {
			c := h.changes(ml, step.change)
			h.dueAt(step.name, step.due)
			h.wants(step.name+": as the calendar says", c.NextDue(), step.due)
		}
	}),

	it("with a workspace that is gone nothing is due, and when it comes back it is due as before", func(h *house) {
		ml := h.channel("ml")
		h.changes(ml, everyDayAtNine)
		h.leaves(slack)
		h.dueAt("gone", time.Time{})
		h.returns(slack)
		h.dueAt("back", monday)
	}),

	it("a channel that is met again after it was gone is due as before", func(h *house) {
		ml := h.channel("ml")
		h.changes(ml, everyDayAtNine)
		h.changes(ml, func(c *core.Channel) { c.Gone = monday })
		h.channel("ml")
		h.dueAt("back", monday)
	}),

	it("a channel that is paused, held or without a schedule is not due because its workspace comes back", func(h *house) {
		for name, change := range map[string]func(*core.Channel){
			"fresh": func(*core.Channel) {}, "paused": func(c *core.Channel) { everyDayAtNine(c); c.PausedAt = monday },
			"held": func(c *core.Channel) { everyDayAtNine(c); held(c) },
		} {
			h.changes(h.channel(name), change)
		}
		h.leaves(slack)
		h.returns(slack)
		h.dueAt("back", time.Time{})
	}),
}
