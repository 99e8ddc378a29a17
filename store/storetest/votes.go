package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"paperboy/core"
)

func (h *house) votes(channel int64) core.Tally {
	h.Helper()
	return h.tally(channel, time.Time{}, lamps)[lamps]
}

func ordered(n int64) func(*core.Reaction) { return func(r *core.Reaction) { r.Order = n } }

// stands is a reaction as it is read back from a message.
func (h *house) stands(who, emoji string) core.Reaction {
	return core.Reaction{Message: "m1", User: core.User{Key: who}, Emoji: emoji, Added: true, Order: h.now.UnixMilli(), At: h.now}
}

// readsBack what stands on message m1, and says what that changed.
func (h *house) readsBack(c core.Channel, rs ...core.Reaction) (changed []string) {
	h.Helper()
	got, err := h.store.SetReactions(h.ctx(), c.ID, lamps, "m1", core.DefaultSettings().VoteKind, rs, time.Time{})
	h.ok(err)
	for _, r := range got {
		changed = append(changed, fmt.Sprint(r.User.Key, r.Emoji, r.Added))
	}
	return changed
}

func (h *house) forgets(who string) {
	h.Helper()
	h.ok(h.store.ForgetUser(h.ctx(), who, h.now))
}

// message posts a paper in a channel and says in which message.
func (h *house) message(c core.Channel, owner string, paper core.PaperID) string {
	h.Helper()
	h.daily(c, paper)
	h.posts(owner)
	return ref(core.PaperItem(paper)).ID
}

var votes = []story{
	it("a person has one vote for a paper, whatever the emoji", func(h *house) {
		ml := h.channel("ml")
		h.wants("Ana's 👍", h.reacts(ml, "m1", lamps, "ana", "👍", core.Up), true)
		h.wants("Ana's ❤️", h.reacts(ml, "m1", lamps, "ana", "❤️", core.Up), true)
		h.reacts(ml, "m1", lamps, "ben", "👍", core.Up)
		h.wants("votes", h.votes(ml.ID), core.Tally{Up: 2})
		h.reacts(ml, "m1", lamps, "ana", "❤️", core.Up, takenBack)
		h.wants("without the ❤️", h.votes(ml.ID), core.Tally{Up: 2})
		h.wants("Ana takes the 👍 back", h.reacts(ml, "m1", lamps, "ana", "👍", core.Up, takenBack), true)
		h.wants("without both", h.votes(ml.ID), core.Tally{Up: 1})
	}),

	it("a person's list changes with a bookmark, in whatever way that is told, and with nothing else", func(h *house) {
		ml := h.channel("ml")
		h.reacts(ml, "m1", lamps, "ana", "🔖", core.Bookmark)
		h.reacts(ml, "m1", lamps, "ben", "👍", core.Up)
		h.wants("put", []int{len(h.list("ana")), len(h.list("ben"))}, []int{1, 0})
		h.reacts(ml, "m1", lamps, "ana", "🔖", core.Bookmark, takenBack)
		h.wants("taken back", len(h.list("ana")), 0)
		h.readsBack(ml, h.stands("cem", "🔖"), h.stands("cem", "👍"))
		h.wants("read back", len(h.list("cem")), 1)
		h.readsBack(ml, h.stands("cem", "👍"))
		h.wants("read back without it", len(h.list("cem")), 0)
	}),

	it("votes for and against are counted, bookmarks are not", func(h *house) {
		ml := h.channel("ml")
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		h.reacts(ml, "m1", lamps, "ben", "🔖", core.Bookmark)
		h.reacts(ml, "m1", lamps, "cem", "👎", core.Down)
		h.wants("votes", h.votes(ml.ID), core.Tally{Up: 1, Down: 1})
		h.wants("of another paper", h.tally(0, time.Time{}, "2509.00002"), map[core.PaperID]core.Tally{})
	}),

	it("a channel's votes are its own, and over all channels each person counts once", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		h.reacts(cv, "m2", lamps, "ana", "🔥", core.Up)
		h.reacts(cv, "m2", lamps, "ben", "👎", core.Down)
		h.wants("in #ml", h.votes(ml.ID), core.Tally{Up: 1})
		h.wants("in #cv", h.votes(cv.ID), core.Tally{Up: 1, Down: 1})
		h.wants("anywhere", h.votes(0), core.Tally{Up: 1, Down: 1})
	}),

	it("only votes since a moment count when they are asked for", func(h *house) {
		ml := h.channel("ml")
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		since := h.now
		h.reacts(ml, "m1", lamps, "ben", "👍", core.Up)
		h.wants("since then", h.tally(ml.ID, since, lamps)[lamps], core.Tally{Up: 1})
		for at, want := range map[time.Time][]core.PaperID{since: {lamps}, h.now: nil} {
			voted, err := h.store.Voted(h.ctx(), ml.ID, at)
			h.ok(err)
			h.wants("voted for", voted, want)
		}
	}),

	it("a person has one vote of a ballot, which the next takes the place of; it is no vote for the paper", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		ballot := core.HeaderItem(core.Ballot, monday)
		chooses := func(who string, id core.PaperID, how ...func(*core.Reaction)) {
			h.reacts(ml, string(ballot), id, who, "button:chosen", core.Chosen, how...)
		}
		chooses("ana", lamps)
		chooses("ana", "2509.00002")
		chooses("ben", "2509.00002")
		chooses("cem", lamps)
		chooses("dee", lamps)
		chooses("dee", lamps, takenBack)
		h.reacts(ml, string(core.HeaderItem(core.Ballot, monday.Add(day))), lamps, "eva", "button:chosen", core.Chosen)
		h.reacts(cv, string(ballot), lamps, "eva", "button:chosen", core.Chosen)
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		votes, err := h.store.Ballot(h.ctx(), ml.ID, ballot)
		h.ok(err)
		h.wants("the ballot", votes, map[core.PaperID]int{lamps: 1, "2509.00002": 2})
		h.wants("votes for the paper", h.votes(ml.ID), core.Tally{Up: 1})
		h.forgets("ben")
		votes, err = h.store.Ballot(h.ctx(), ml.ID, ballot)
		h.ok(err)
		h.wants("without Ben, who asked to be forgotten", votes, map[core.PaperID]int{lamps: 1, "2509.00002": 1})
	}),

	it("who voted for something in a channel is counted once, whatever else they said", func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		since := h.now
		h.reacts(ml, "m2", "2509.00002", "ana", "🔥", core.Up)
		h.reacts(ml, "m1", lamps, "ben", "👎", core.Down)
		h.reacts(ml, "m1", lamps, "cem", "👍", core.Up)
		h.reacts(ml, "m1", lamps, "dee", "👍", core.Up)
		h.reacts(ml, "m1", lamps, "dee", "👍", core.Up, takenBack)
		h.reacts(cv, "m3", lamps, "eva", "👍", core.Up)
		for at, want := range map[time.Time]int{{}: 2, since: 2, h.now: 0} {
			n, err := h.store.Voters(h.ctx(), ml.ID, at)
			h.ok(err)
			h.wants(fmt.Sprint("since ", at), n, want)
		}
	}),

	it("what several channels voted for is read at once, each paper with its votes", func(h *house) {
		ml, cv, quiet := h.channel("ml"), h.channel("cv"), h.channel("quiet")
		h.comes(core.Seen{Paper: core.Paper{ID: lamps, Title: "Lamps"}, Sighting: core.Sighting{Source: "hf", Day: "2025-11-24"}, Authority: core.Index})
		seq := h.paper(lamps).Seq
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		since := h.now
		h.reacts(ml, "m1", lamps, "ben", "👍", core.Up)
		h.reacts(ml, "m1", lamps, "ben", "🔥", core.Up)
		h.reacts(cv, "m2", lamps, "ben", "👎", core.Down)
		votes, err := h.store.Votes(h.ctx(), []int64{ml.ID, cv.ID, quiet.ID}, time.Time{})
		h.ok(err)
		h.wants("ever", votes, map[int64][]core.Voted{ml.ID: {{Paper: lamps, Seq: seq, Tally: core.Tally{Up: 2}}}, cv.ID: {{Paper: lamps, Seq: seq, Tally: core.Tally{Down: 1}}}})
		votes, err = h.store.Votes(h.ctx(), []int64{ml.ID}, since)
		h.ok(err)
		h.wants("since then", votes, map[int64][]core.Voted{ml.ID: {{Paper: lamps, Seq: seq, Tally: core.Tally{Up: 1}}}})
	}),

	it("a vote was given when it was first given", func(h *house) {
		ml := h.channel("ml")
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		since := h.now
		h.wants("the event again", h.reacts(ml, "m1", lamps, "ana", "👍", core.Up), false)
		h.readsBack(ml, h.stands("ana", "👍"))
		h.wants("since then", h.tally(ml.ID, since, lamps)[lamps], core.Tally{})
	}),

	it("events come twice and in any order", func(h *house) {
		ml := h.channel("ml")
		for _, step := range []struct {
			name    string
			how     []func(*core.Reaction)
			changed bool
			up      int
		}{
			{"taken back, before it is known to be given", []func(*core.Reaction){takenBack, ordered(5)}, false, 0},
			{"given, which came late", []func(*core.Reaction){ordered(4)}, false, 0},
			{"given again", []func(*core.Reaction){ordered(6)}, true, 1},
			{"the same event again", []func(*core.Reaction){ordered(6)}, false, 1},
			{"the old event again", []func(*core.Reaction){takenBack, ordered(5)}, false, 1},
			{"taken back", []func(*core.Reaction){takenBack, ordered(7)}, true, 0},
		} {
			h.wants(step.name, h.reacts(ml, "m1", lamps, "ana", "👍", core.Up, step.how...), step.changed)
			h.wants(step.name, h.votes(ml.ID).Up, step.up)
		}
	}),

	it("what is read back takes the place of what is known of a message", func(h *house) {
		ml := h.channel("ml")
		given := h.now
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		h.reacts(ml, "m1", lamps, "ben", "👍", core.Up)
		h.reacts(ml, "m2", lamps, "eva", "👍", core.Up) // another message
		h.now = given.Add(time.Hour)
		back := []core.Reaction{h.stands("ana", "👍"), h.stands("cem", "👍"), h.stands("cem", "👎"), h.stands("cem", "🎉")}
		h.wants("changed", h.readsBack(ml, back...), []string{"cem👍true", "cem👎true", "ben👍false"})
		h.wants("votes", h.votes(ml.ID), core.Tally{Up: 3, Down: 1})
		h.wants("given in that hour", h.tally(ml.ID, h.now, lamps)[lamps], core.Tally{Up: 1, Down: 1})
		h.wants("changed the second time", h.readsBack(ml, back...), []string(nil))
	}),

	it("an event from before the reading changes nothing", func(h *house) {
		ml := h.channel("ml")
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		h.now = h.now.Add(time.Hour)
		h.readsBack(ml, h.stands("ana", "👍"))
		h.wants("taken back", h.reacts(ml, "m1", lamps, "ana", "👍", core.Up, takenBack, ordered(h.now.UnixMilli()-1)), false)
		h.wants("votes", h.votes(ml.ID), core.Tally{Up: 1})
	}),

	it("a button's vote stands on no message, and is not taken off when one is read back", func(h *house) {
		ml := h.channel("ml")
		h.reacts(ml, "m1", lamps, "dan", "button", core.Down)
		h.wants("changed", h.readsBack(ml), []string(nil))
		h.wants("votes", h.votes(ml.ID), core.Tally{Down: 1})
	}),

	it("nothing is left of a person who asks to be forgotten", func(h *house) {
		ml := h.channel("ml")
		h.changes(ml, func(c *core.Channel) { c.SetUpBy, c.Owner = "ana", "slack:T1/ana" })
		added := h.follows(ml, "lora")
		survey := h.mutes(core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "survey"})
		h.mutes(core.Mute{User: "slack:T1/ana", Kind: core.MutePaper, Value: "2509.00001"})
		h.reacts(ml, "m1", lamps, "slack:T1/ana", "👍", core.Up)
		h.reacts(ml, "m1", lamps, "slack:T1/ben", "👍", core.Up)
		h.saves("slack:T1/ana", lamps, "", false)
		h.saves("slack:T1/ben", lamps, "", false)
		h.forgets("slack:T1/ana")

		h.wants("votes", h.votes(0), core.Tally{Up: 1})
		h.wants("lists", []int{len(h.list("slack:T1/ana")), len(h.list("slack:T1/ben"))}, []int{0, 1})
		survey.By, survey.ByKey = "", ""
		h.wants("mutes", h.muted(ml.ID, "slack:T1/ana"), []core.Mute{survey})
		added.AddedBy, added.AddedKey = "", ""
		topics, err := h.store.Topics(h.ctx(), ml.ID)
		h.ok(err)
		h.wants("topics", topics, []core.Topic{added})
		h.wants("the channel", []any{h.again(ml).SetUpBy, h.again(ml).Owner}, []any{"", ""})
	}),

	it("no table has a word of a forgotten person, whatever they did before and take back after", func(h *house) {
		const key, name = "slack:T1/U0CANARY", "Canary Jones"
		who := core.User{Key: key, Name: name}
		ml := h.channel("ml")
		own, err := h.store.EnsureChannel(h.ctx(), core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: "U0CANARY"}, Private: true})
		h.ok(err)
		for _, c := range []core.Channel{ml, h.channel("cv"), own} {
			h.changes(c, func(c *core.Channel) { c.SetUpBy, c.Owner = name, key })
			for _, words := range []string{"lora", "agents"} {
				_, err := h.store.AddTopic(h.ctx(), c.ID, query(h, words), who, h.now)
				h.ok(err)
			}
			// A row of an early version has no key.
			_, err := h.store.AddTopic(h.ctx(), c.ID, query(h, "soup"), core.User{Name: name}, h.now)
			h.ok(err)
			_, err = h.store.AddMute(h.ctx(), core.Mute{Channel: c.ID, Kind: core.MuteTopic, Value: "survey", By: name, ByKey: key, At: h.now})
			h.ok(err)
			_, err = h.store.AddMute(h.ctx(), core.Mute{Channel: c.ID, Kind: core.MuteTopic, Value: "video", By: name, At: h.now})
			h.ok(err)
			h.ok(h.store.SetLink(h.ctx(), core.Link{Channel: c.ID, Purpose: core.LinkRead, Secret: "of " + c.Key.ID[:2], By: name, ByKey: key, At: h.now}))
		}
		_, err = h.store.AddMute(h.ctx(), core.Mute{User: key, Kind: core.MutePaper, Value: string(lamps), By: name, ByKey: key, At: h.now})
		h.ok(err)
		message := h.message(ml, h.joins("A"), lamps)
		for _, emoji := range []string{"👍", "🔖", "👎", "button:up"} {
			h.reacts(ml, message, lamps, key, emoji, core.Up)
		}
		h.reacts(ml, message, lamps, key, "❤️", core.Up)
		h.reacts(ml, message, lamps, key, "❤️", core.Up, takenBack)
		h.saves(key, lamps, "by Canary Jones", true)
		h.ok(h.store.Remember(h.ctx(), key, "search Canary Jones", h.now))
		h.reacts(ml, message, lamps, "slack:T1/ben", "👍", core.Up)
		h.passes(time.Minute)
		h.forgets(key)
		told := func(when string) {
			h.Helper()
			for _, value := range h.store.Everything(h) {
				if strings.Contains(value, "CANARY") || strings.Contains(value, "Canary") {
					h.Errorf("%s: %s", when, value)
				}
			}
		}
		told("forgotten")

		// Their emoji stand there still: read back, and then taken off one by one.
		h.passes(time.Minute)
		_, err = h.store.SetReactions(h.ctx(), ml.ID, lamps, message, core.DefaultSettings().VoteKind, []core.Reaction{h.stands(key, "👍"), h.stands(key, "🔖"), h.stands("slack:T1/ben", "👍")}, time.Time{})
		h.ok(err)
		told("read back")
		h.wants("taking off what was forgotten", h.reacts(ml, message, lamps, key, "👍", core.Up, takenBack), false)
		h.reacts(ml, message, lamps, key, "🔖", core.Bookmark, takenBack)
		told("taken back")
		h.wants("votes", h.votes(ml.ID), core.Tally{Up: 1})
	}),

	it("what a forgotten person left on older messages is not counted when it is read back", func(h *house) {
		ml := h.channel("ml")
		message := h.message(ml, h.joins("A"), lamps)
		h.passes(time.Minute)
		h.reacts(ml, message, lamps, "ana", "👍", core.Up)
		h.forgets("ana")
		h.passes(time.Minute)
		for range 2 {
			changed, err := h.store.SetReactions(h.ctx(), ml.ID, lamps, message, core.DefaultSettings().VoteKind, []core.Reaction{h.stands("ana", "👍"), h.stands("ben", "👍")}, time.Time{})
			h.ok(err)
			for _, r := range changed {
				h.wants("who", r.User.Key, "ben")
			}
			h.wants("votes", h.votes(ml.ID), core.Tally{Up: 1})
		}
	}),

	it("what a forgotten person says on newer messages counts, read back or not", func(h *house) {
		ml := h.channel("ml")
		owner := h.joins("A")
		h.forgets("ana")
		h.passes(time.Minute)
		message := h.message(ml, owner, lamps)
		h.passes(time.Minute)
		_, err := h.store.SetReactions(h.ctx(), ml.ID, lamps, message, core.DefaultSettings().VoteKind, []core.Reaction{h.stands("ana", "👍")}, time.Time{})
		h.ok(err)
		h.wants("read back", h.votes(ml.ID), core.Tally{Up: 1})
		h.reacts(ml, message, lamps, "ana", "👎", core.Down)
		h.wants("given", h.votes(ml.ID), core.Tally{Up: 1, Down: 1})
	}),

	it("what a forgotten person says anew on an older message counts, and stays", func(h *house) {
		ml := h.channel("ml")
		message := h.message(ml, h.joins("A"), lamps)
		h.passes(time.Minute)
		h.forgets("ana")
		h.passes(time.Minute)
		h.reacts(ml, message, lamps, "ana", "👍", core.Up)
		_, err := h.store.SetReactions(h.ctx(), ml.ID, lamps, message, core.DefaultSettings().VoteKind, []core.Reaction{h.stands("ana", "👍")}, time.Time{})
		h.ok(err)
		h.wants("votes", h.votes(ml.ID), core.Tally{Up: 1})
	}),

	it("what was heard since a reading began stays, whatever was read", func(h *house) {
		ml := h.channel("ml")
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		h.reacts(ml, "m1", lamps, "ben", "👍", core.Up)
		asked := time.Now().Add(time.Hour) // by the database's clock: after that …
		for _, step := range []struct {
			what  string
			asked time.Time
			stood []core.Reaction
			want  core.Tally
		}{
			{"heard before, and read to be gone", asked, []core.Reaction{h.stands("ben", "👍")}, core.Tally{Up: 1}},
			{"read to be there", asked, []core.Reaction{h.stands("ana", "👍"), h.stands("ben", "👍")}, core.Tally{Up: 2}},
			{"… and before: gone as of then", time.Now().Add(-time.Hour), nil, core.Tally{Up: 2}},
			{"there as of then", time.Now().Add(-time.Hour), []core.Reaction{h.stands("eve", "👍")}, core.Tally{Up: 3}},
		} {
			_, err := h.store.SetReactions(h.ctx(), ml.ID, lamps, "m1", core.DefaultSettings().VoteKind, step.stood, step.asked)
			h.ok(err)
			h.wants(step.what, h.votes(ml.ID), step.want)
		}
		h.passes(time.Minute)
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up, takenBack, ordered(h.now.UnixMilli()))
		_, err := h.store.SetReactions(h.ctx(), ml.ID, lamps, "m1", core.DefaultSettings().VoteKind, []core.Reaction{h.stands("ana", "👍")}, time.Now().Add(-time.Hour))
		h.ok(err)
		h.wants("taken back meanwhile, and eve's, which was only read", h.votes(ml.ID).Up, 1)
	}),

	it("an event that is told once more undoes nothing that was read back since", func(h *house) {
		ml := h.channel("ml")
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up, ordered(1))
		read := func(stood ...core.Reaction) {
			_, err := h.store.SetReactions(h.ctx(), ml.ID, lamps, "m1", core.DefaultSettings().VoteKind, stood, time.Now().Add(time.Hour))
			h.ok(err)
		}
		read() // nobody is left who heard it taken back
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up, ordered(1))
		h.wants("told once more", h.votes(ml.ID), core.Tally{})
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up, takenBack, ordered(2))
		read(h.stands("ana", "👍"))
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up, takenBack, ordered(2))
		h.wants("taken back, once more", h.votes(ml.ID), core.Tally{Up: 1})
	}),

	it("what is heard after a moment is newer than what was read from then on", func(h *house) {
		ml := h.channel("ml")
		asked, err := h.store.Moment(h.ctx())
		h.ok(err)
		h.reacts(ml, "m1", lamps, "ana", "👍", core.Up)
		_, err = h.store.SetReactions(h.ctx(), ml.ID, lamps, "m1", core.DefaultSettings().VoteKind, nil, asked)
		h.ok(err)
		h.wants("votes", h.votes(ml.ID), core.Tally{Up: 1})
	}),

	it("whoever hears events, in whatever order and however often, the votes are the same", func(h *house) {
		ml := h.channel("ml")
		people, emoji := []string{"ana", "ben", "eve"}, []string{"👍", "❤️"}
		message := 0
		rapid.Check(h.T, func(t *rapid.T) {
			message++
			// What happened, in the platform's order.
			type mark struct{ who, emoji string }
			stands := map[mark]bool{}
			var happened []core.Reaction
			for i := range rapid.IntRange(1, 10).Draw(t, "events") {
				m := mark{rapid.SampledFrom(people).Draw(t, "who"), rapid.SampledFrom(emoji).Draw(t, "emoji")}
				stands[m] = !stands[m]
				happened = append(happened, core.Reaction{Channel: ml.Key, Message: fmt.Sprint("m", message), User: core.User{Key: m.who}, Emoji: m.emoji,
					Added: stands[m], Order: int64(i + 1), At: h.now})
			}
			// Each is heard by one process at least, and by all at most.
			heard := slices.Clone(happened)
			for range rapid.IntRange(0, 2*len(happened)).Draw(t, "repeats") {
				heard = append(heard, rapid.SampledFrom(happened).Draw(t, "again"))
			}
			for _, r := range rapid.Permutation(heard).Draw(t, "heard") {
				if _, err := h.store.PutReaction(h.ctx(), ml.ID, lamps, core.Up, r); err != nil {
					t.Fatal(err)
				}
			}
			want := map[string]bool{}
			for m, there := range stands {
				if there {
					want[m.who] = true
				}
			}
			// All of the message's, and then none for the next round.
			if got := h.votes(ml.ID).Up; got != len(want) {
				t.Fatalf("%d voted, want %d", got, len(want))
			}
			if _, err := h.store.SetReactions(h.ctx(), ml.ID, lamps, fmt.Sprint("m", message), core.DefaultSettings().VoteKind, nil, time.Time{}); err != nil {
				t.Fatal(err)
			}
		})
	}),

	it("presses of a button count in the order in which the store is told", func(h *house) {
		ml := h.channel("ml")
		h.wants("the first", h.reacts(ml, "m1", lamps, "ana", "button", core.Up, ordered(0)), true)
		h.wants("taken back", h.reacts(ml, "m1", lamps, "ana", "button", core.Up, takenBack, ordered(0)), true)
		h.wants("votes", h.votes(ml.ID).Up, 0)
		h.wants("given again", h.reacts(ml, "m1", lamps, "ana", "button", core.Up, ordered(0)), true)
		h.wants("votes then", h.votes(ml.ID).Up, 1)
	}),

	it("an event is recognised for a day", func(h *house) {
		for _, step := range []struct {
			id    string
			after time.Duration
			seen  bool
		}{
			{"Ev1", 0, false}, {"Ev1", time.Second, true}, {"Ev2", time.Second, false}, {"Ev1", day, true},
		} {
			seen, err := h.store.SeenEvent(h.ctx(), step.id, h.now.Add(step.after))
			h.ok(err)
			if seen != step.seen {
				h.Errorf("%q after %v: %v", step.id, step.after, seen)
			}
		}
	}),

	it("an event without an id is always new", func(h *house) {
		for range 2 {
			seen, err := h.store.SeenEvent(h.ctx(), "", h.now)
			h.ok(err)
			h.wants("seen", seen, false)
		}
	}),
}

// saves a paper on somebody's list, and says whether that changed it.
func (h *house) saves(who string, paper core.PaperID, note string, done bool) bool {
	h.Helper()
	changed, err := h.store.Save(h.ctx(), core.Saved{User: who, Paper: paper, Note: note, At: h.now, Done: done})
	h.ok(err)
	h.passes(time.Minute)
	return changed
}

func (h *house) list(who string) []core.Saved {
	h.Helper()
	list, err := h.store.SavedBy(h.ctx(), who)
	h.ok(err)
	return list
}

var lists = []story{
	it("a list is one's own, the newest first", func(h *house) {
		at := h.now
		h.saves("ana", "2509.00001", "", false)
		h.saves("ana", "2509.00002", "for Friday", false)
		h.saves("ben", "2509.00003", "", false)
		h.wants("Ana's", h.list("ana"), []core.Saved{{User: "ana", Paper: "2509.00002", Note: "for Friday", At: at.Add(time.Minute)}, {User: "ana", Paper: "2509.00001", At: at}})
	}),

	it("what is saved again keeps its time, and its note when no other is given", func(h *house) {
		at := h.now
		for _, step := range []struct {
			name, note string
			done       bool
			changed    bool
			want       core.Saved
		}{
			{"saved", "for Friday", false, true, core.Saved{Note: "for Friday"}},
			{"saved again by 🔖", "", false, false, core.Saved{Note: "for Friday"}},
			{"another note", "for Monday", false, true, core.Saved{Note: "for Monday"}},
			{"done", "", true, true, core.Saved{Note: "for Monday", Done: true}},
		} {
			h.wants(step.name, h.saves("ana", lamps, step.note, step.done), step.changed)
			step.want.User, step.want.Paper, step.want.At = "ana", lamps, at
			h.wants(step.name, h.list("ana"), []core.Saved{step.want})
		}
	}),

	it("a person's last searches are kept, the newest first, and the same once", func(h *house) {
		search := func(who string, n int) {
			h.now = h.now.Add(time.Minute)
			h.ok(h.store.Remember(h.ctx(), who, fmt.Sprint("search ", n), h.now))
		}
		for n := range core.MostSearches + 2 {
			search("ana", n)
		}
		search("ben", 1)
		search("ana", 5)
		search("", 7)
		got, err := h.store.Searches(h.ctx(), "ana")
		h.ok(err)
		h.wants("how many", len(got), core.MostSearches)
		h.wants("the newest", got[:2], []string{"search 5", "search 21"})
		h.wants("the oldest", got[len(got)-1], "search 2")
		got, err = h.store.Searches(h.ctx(), "ben")
		h.ok(err)
		h.wants("Ben's", got, []string{"search 1"})
		got, err = h.store.Searches(h.ctx(), "")
		h.ok(err)
		h.wants("nobody's", got, []string(nil))
		h.forgets("ana")
		got, err = h.store.Searches(h.ctx(), "ana")
		h.ok(err)
		h.wants("forgotten", got, []string(nil))
	}),

	it("what is taken off a list is off it", func(h *house) {
		h.saves("ana", lamps, "", false)
		for _, want := range []bool{true, false} {
			changed, err := h.store.Unsave(h.ctx(), "ana", lamps)
			h.ok(err)
			h.wants("taken off", changed, want)
		}
		h.wants("the list", h.list("ana"), []core.Saved(nil))
	}),
}

func (h *house) toReread() (names []string) {
	h.Helper()
	cs, err := h.store.Rereads(h.ctx(), h.now, 100, nil)
	h.ok(err)
	for _, c := range cs {
		names = append(names, c.Key.ID)
	}
	return names
}

func (h *house) rereads(c core.Channel, at time.Time) {
	h.Helper()
	h.ok(h.store.Reread(h.ctx(), c.ID, at))
}

var rereads = []story{
	it("votes are read again at their time, until they were", func(h *house) {
		ml := h.channel("ml")
		h.wants("at first", h.toReread(), []string(nil))
		h.rereads(ml, h.now.Add(time.Minute))
		h.wants("before", h.toReread(), []string(nil))
		h.passes(time.Minute)
		for range 2 {
			h.wants("then", h.toReread(), []string{"ml"})
		}
		h.ok(h.store.RereadDone(h.ctx(), ml.ID, h.now))
		h.wants("read", h.toReread(), []string(nil))
	}),

	it("who asks while they are read has them read once more", func(h *house) {
		ml := h.channel("ml")
		h.rereads(ml, h.now)
		asked := h.now
		h.passes(time.Second)
		h.rereads(ml, h.now)
		h.ok(h.store.RereadDone(h.ctx(), ml.ID, asked))
		h.wants("once more", h.toReread(), []string{"ml"})
	}),

	it("the longest asked for come first, at most as many as are wanted, without those that others work for", func(h *house) {
		for _, name := range []string{"one", "two"} {
			h.rereads(h.channel(name), h.now)
			h.passes(time.Second)
		}
		h.rereads(h.elsewhere(), monday.Add(-time.Second))
		for _, want := range []struct {
			limit  int
			serves func(core.Installation) bool
			names  []string
		}{{9, nil, []string{"8", "one", "two"}}, {1, on("slack"), []string{"one"}}} {
			cs, err := h.store.Rereads(h.ctx(), h.now, want.limit, want.serves)
			h.ok(err)
			var names []string
			for _, c := range cs {
				names = append(names, c.Key.ID)
			}
			h.wants("to read", names, want.names)
		}
	}),

	it("an installation's votes are read again where something was posted since", func(h *house) {
		owner := h.joins("A")
		ml, old := h.channel("ml"), h.channel("old")
		h.channel("never")
		h.message(old, owner, lamps)
		h.passes(7 * day)
		since := h.now
		h.message(ml, owner, lamps)
		far := h.elsewhere()
		h.message(far, owner, lamps)
		h.daily(h.channel("planned"), lamps)
		h.ok(h.store.RereadAll(h.ctx(), slack.Platform, []string{slack.Workspace}, since, h.now))
		h.wants("of T1", h.toReread(), []string{"ml"})
		h.ok(h.store.RereadAll(h.ctx(), "discord", nil, since, h.now))
		h.wants("and of a whole platform", slices.Sorted(slices.Values(h.toReread())), []string{"8", "ml"})
	}),

	it("of workspaces whose events were lost, the votes of those are read again, where the last post was the newest first", func(h *house) {
		owner := h.joins("A")
		early, late, far := h.channel("early"), h.channel("late"), h.elsewhere()
		for _, c := range []core.Channel{late, early, far} {
			h.message(c, owner, lamps)
		}
		for c, due := range map[int64]time.Time{early.ID: h.now.Add(-day), late.ID: h.now} {
			_, err := h.store.UpdateChannel(h.ctx(), c, func(c *core.Channel) { c.LastDue = due })
			h.ok(err)
		}
		h.ok(h.store.RereadAll(h.ctx(), slack.Platform, []string{"T0", slack.Workspace}, h.now, h.now))
		h.wants("of T1", h.toReread(), []string{"late", "early"})
		h.ok(h.store.RereadDone(h.ctx(), late.ID, h.now))
		h.ok(h.store.RereadAll(h.ctx(), slack.Platform, []string{"T0"}, h.now, h.now))
		h.wants("of nobody else", h.toReread(), []string{"early"})
		h.ok(h.store.RereadAll(h.ctx(), slack.Platform, []string{}, h.now, h.now))
		h.wants("of none", h.toReread(), []string{"early"})
	}),

	it("in a channel that is gone nothing is read, until it is back", func(h *house) {
		ml := h.channel("ml")
		h.rereads(ml, h.now)
		h.leaves(slack)
		h.wants("gone", h.toReread(), []string(nil))
		h.rereads(ml, h.now)
		h.wants("asked for", h.toReread(), []string(nil))
		h.returns(slack)
		h.wants("back", h.toReread(), []string{"ml"})
	}),

	it("in a channel that comes back by itself votes are read again: events were lost", func(h *house) {
		ml := h.channel("ml")
		h.changes(ml, func(c *core.Channel) { c.Gone = h.now })
		h.channel("ml")
		h.wants("met again", h.toReread(), []string{"ml"})
	}),
}
