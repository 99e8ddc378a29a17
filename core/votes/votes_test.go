package votes_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/testkit"
)

var (
	errBroken = errors.New("disk I/O error")
	errFull   = fmt.Errorf("writing: %w", core.ErrFull)
	unknown   = testkit.Answer{Err: errors.New("connection reset by peer")}
)

func TestAPersonsVoteCountsOnceHoweverOftenItIsTold(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.posts(ml, 1)
		up := h.puts(ml, 1, "ana", "👍")
		h.hears(up, up, up, h.puts(ml, 1, "ana", "❤️"), h.puts(ml, 1, "ana", "👍🏽"), h.puts(ml, 1, "ben", "+1"))
		h.wants("votes", h.tally(ml, 1), core.Tally{Up: 2})
		h.hears(h.takes(ml, 1, "ana", "👍"))
		h.wants("with her heart still there", h.tally(ml, 1), core.Tally{Up: 2})
		h.hears(h.takes(ml, 1, "ana", "❤️"), h.takes(ml, 1, "ana", "👍🏽"))
		h.wants("without it", h.tally(ml, 1), core.Tally{Up: 1})
	})
}

func TestOfTwoEventsTheLaterOneIsTheTruthInWhateverOrderTheyAreTold(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.posts(ml, 1)
		added, taken := h.puts(ml, 1, "ana", "👍"), h.takes(ml, 1, "ana", "👍")
		h.hears(taken, added)
		h.wants("votes", h.tally(ml, 1), core.Tally{})
		h.hears(h.puts(ml, 1, "ana", "👍"))
		h.wants("votes", h.tally(ml, 1), core.Tally{Up: 1})
	})
}

func TestAButtonAndAnEmojiCountOnePersonOnce(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.posts(ml, 1)
		press := func(want bool) {
			t.Helper()
			h.passes(time.Second)
			on, err := h.votes.Toggle(h.ctx(), ml, h.delivery(ml, 1), paper(1), core.Up, core.User{Key: "ana"}, time.Now())
			h.ok(err)
			h.wants("on", on, want)
		}
		press(true)
		h.hears(h.puts(ml, 1, "ana", "👍"))
		h.wants("votes", h.tally(ml, 1), core.Tally{Up: 1})
		press(false)
		h.wants("her emoji stands", h.tally(ml, 1), core.Tally{Up: 1})
		press(true)
		h.hears(h.takes(ml, 1, "ana", "👍"))
		h.wants("her button's does", h.tally(ml, 1), core.Tally{Up: 1})
		h.runs() // nothing is read back about a button
		h.wants("read", len(h.reads()), 1)
		h.wants("votes", h.tally(ml, 1), core.Tally{Up: 1})
	})
}

// Several papers may stand in one message: a vote for one is none for another.
func TestAPersonVotesForSeveralPapersOfAMessage(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.posts(ml, 1, 2)
		press := func(n int, want bool) {
			t.Helper()
			h.passes(time.Second)
			d := h.delivery(ml, n)
			d.Ref.ID = message(1)
			on, err := h.votes.Toggle(h.ctx(), ml, d, paper(n), core.Up, core.User{Key: "ana"}, time.Now())
			h.ok(err)
			h.wants("on", on, want)
		}
		press(1, true)
		press(2, true)
		h.wants("votes", []core.Tally{h.tally(ml, 1), h.tally(ml, 2)}, []core.Tally{{Up: 1}, {Up: 1}})
		press(1, false)
		h.wants("votes", []core.Tally{h.tally(ml, 1), h.tally(ml, 2)}, []core.Tally{{}, {Up: 1}})
	})
}

func TestAPersonHasOneVoteOfABallot(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		ballot := core.HeaderItem(core.Ballot, time.Now())
		choose := func(who string, n int, want bool) {
			t.Helper()
			h.passes(time.Second)
			on, err := h.votes.Choose(h.ctx(), ml, ballot, paper(n), core.User{Key: who}, time.Now())
			h.ok(err)
			h.wants("on", on, want)
		}
		choose("ana", 1, true)
		choose("ana", 2, true) // moved
		choose("ben", 1, true)
		choose("cem", 1, true)
		choose("cem", 1, false) // taken back
		votes, err := h.store.Ballot(h.ctx(), ml.ID, ballot)
		h.ok(err)
		h.wants("votes", fmt.Sprint(votes), fmt.Sprint(map[core.PaperID]int{paper(1): 1, paper(2): 1}))
	})
}

func TestTwoWhoPressAtOnceAreTwoVotes(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.posts(ml, 1)
		d := h.delivery(ml, 1)
		var all sync.WaitGroup
		for _, who := range []string{"ana", "ben", "cem", "dot"} {
			all.Go(func() {
				if on, err := h.votes.Toggle(h.ctx(), ml, d, paper(1), core.Up, core.User{Key: who}, time.Now()); err != nil || !on {
					t.Errorf("%s: %v, %v", who, on, err)
				}
			})
		}
		all.Wait()
		h.wants("votes", h.tally(ml, 1), core.Tally{Up: 4})
		edits, err := h.store.Edits(h.ctx(), time.Now(), 9, nil)
		h.ok(err)
		h.wants("edits that are due", len(edits), 1)
	})
}

func TestWhatSaysNothingAboutPapersIsPassedOver(t *testing.T) {
	story(t, func(h *house) {
		ml, old := h.channel("ml"), h.channel("old")
		h.posts(ml, 1)
		h.posts(old, 2)
		h.channel("old", func(c *core.Channel) { c.Gone = time.Now() })
		nowhere := ml
		nowhere.Key.ID = "elsewhere"
		h.hears(h.puts(ml, 1, "ana", "🙃"), h.puts(ml, 9, "ana", "👍"), h.puts(old, 2, "ana", "👍"), h.puts(nowhere, 1, "ana", "👍"))
		h.wants("votes", []core.Tally{h.tally(ml, 1), h.tally(old, 2)}, []core.Tally{{}, {}})
		h.passes(3 * time.Minute)
		h.ok(h.votes.RereadDue(h.ctx()))
		h.wants("read", h.reads(), []string{})
	})
}

func TestABookmarkSavesAndUnsaves(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.posts(ml, 1)
		mark := h.puts(ml, 1, "ana", "🔖")
		h.hears(mark)
		h.wants("list", h.list("ana"), []core.PaperID{paper(1)})
		h.wants("votes", h.tally(ml, 1), core.Tally{})
		_, err := h.store.Unsave(h.ctx(), "ana", paper(1))
		h.ok(err)
		h.hears(mark)
		h.wants("told again", h.list("ana"), []core.PaperID{})
		h.hears(h.takes(ml, 1, "ana", "🔖"), h.puts(ml, 1, "ana", "🔖"))
		h.wants("saved again", h.list("ana"), []core.PaperID{paper(1)})
		h.hears(h.takes(ml, 1, "ana", "🔖"))
		h.wants("unsaved", h.list("ana"), []core.PaperID{})
	})
}

func TestSoManyVotesAgainstAPaperFoldIt(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml", func(c *core.Channel) { c.Settings.NotForUsAt = 3 })
		h.posts(ml, 1, 2)
		h.hears(h.puts(ml, 1, "ana", "👎"), h.puts(ml, 1, "ben", "👎"), h.puts(ml, 1, "ben", "👎🏽"), h.puts(ml, 2, "cem", "👎"))
		h.wants("with two", h.delivery(ml, 1).Folded, false)
		before := h.wakes.Load()
		h.hears(h.puts(ml, 1, "cem", "👎"))
		h.wants("with three", h.delivery(ml, 1).Folded, true)
		h.wants("the poster is told", h.wakes.Load(), before+1)
		h.wants("the other paper", h.delivery(ml, 2).Folded, false)
		h.hears(h.takes(ml, 1, "ana", "👎"))
		h.wants("with two again", h.delivery(ml, 1).Folded, false)
	})
}

func TestAVoteThatCannotBeWrittenDownIsReadBackAfterTwoMinutes(t *testing.T) {
	for _, c := range []struct {
		name  string
		fails []string
		left  error
	}{{"once", []string{"PutReaction"}, errBroken}, {"nor that it was missed", []string{"PutReaction", "Reread"}, errBroken}} {
		t.Run(c.name, func(t *testing.T) {
			story(t, func(h *house) {
				ml := h.channel("ml")
				h.posts(ml, 1)
				h.runs()
				h.passes(time.Second) // 2s
				for _, m := range c.fails {
					h.shaky.fail(m, errBroken)
				}
				up := h.puts(ml, 1, "ana", "👍")
				if err := h.votes.React(h.ctx(), up); !errors.Is(err, errBroken) {
					t.Errorf("what could not be written down was passed over: %v", err)
				}
				h.chat.Marks(message(1), up)
				h.passes(119 * time.Second)
				h.wants("before", len(h.reads()), 1)
				h.passes(9 * time.Second)
				h.wants("then", len(h.reads()), 2)
				h.wants("votes", h.tally(ml, 1), core.Tally{Up: 1})
			})
		})
	}
}

func TestWithoutRoomAVoteIsNoErrorAndReadBackWhenThereIs(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.posts(ml, 1)
		h.runs()
		h.shaky.fail("PutReaction", errFull)
		h.shaky.fail("Reread", errFull)
		h.hears(h.puts(ml, 1, "ana", "👍"))
		h.chat.Marks(message(1), given("ana", "👍"))
		h.passes(3 * time.Minute)
		h.wants("votes", h.tally(ml, 1), core.Tally{Up: 1})
	})
}

// What follows from a vote is not lost either: the list, and the fold.
func TestWhatFollowsFromAVoteIsMadeUpFor(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml", func(c *core.Channel) { c.Settings.NotForUsAt = 1 })
		h.posts(ml, 1, 2)
		h.runs()
		h.shaky.fail("PutReaction", errBroken)
		h.shaky.fail("Fold", errBroken)
		mark, down := h.puts(ml, 1, "ana", "🔖"), h.puts(ml, 2, "ana", "👎")
		_, _ = h.votes.React(h.ctx(), mark), h.votes.React(h.ctx(), down)
		h.chat.Marks(message(1), mark)
		h.chat.Marks(message(2), down)
		h.passes(3 * time.Minute)
		h.wants("list", h.list("ana"), []core.PaperID{paper(1)})
		h.wants("folded", h.delivery(ml, 2).Folded, true)
	})
}

// Nor what a process that is killed halfway has begun: the vote is told again.
func TestAVoteThatIsToldAgainFoldsWhatWasOnlyCounted(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml", func(c *core.Channel) { c.Settings.NotForUsAt = 1 })
		h.posts(ml, 1)
		h.shaky.fail("Fold", errBroken)
		down := h.puts(ml, 1, "ana", "👎")
		_ = h.votes.React(h.ctx(), down)
		h.wants("counted", h.tally(ml, 1), core.Tally{Down: 1})
		h.hears(down)
		h.wants("folded", h.delivery(ml, 1).Folded, true)
	})
}

func TestAButtonsVoteCountsThoughTheFoldFollowsLater(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml", func(c *core.Channel) { c.Settings.NotForUsAt = 1 })
		h.posts(ml, 1)
		h.runs()
		h.shaky.fail("Fold", errBroken)
		on, err := h.votes.Toggle(h.ctx(), ml, h.delivery(ml, 1), paper(1), core.Down, core.User{Key: "ana"}, time.Now())
		h.ok(err)
		h.wants("on", on, true)
		h.passes(3 * time.Minute)
		h.wants("folded", h.delivery(ml, 1).Folded, true)
	})
}

// So does that of a paper that stands in a message of several, of which no
// reactions are read.
func TestAFoldInsideAHeadersMessageFollowsLater(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml", func(c *core.Channel) { c.Settings.NotForUsAt = 1 })
		now := time.Now()
		_, err := h.store.PutPapers(h.ctx(), []core.Seen{{
			Paper:    core.Paper{ID: paper(1), Title: "Lamp", Sources: []string{"hf"}},
			Sighting: core.Sighting{Source: "hf", Day: "2026-11-23"}, Authority: core.Index,
		}}, false, now)
		h.ok(err)
		header := core.HeaderItem(core.DailyPost, now)
		_, err = h.store.PlanDigests(h.ctx(), []core.Plan{{
			Digest: core.Digest{Channel: ml.ID, Due: now, Kind: core.DailyPost, Planned: now, Header: &core.Card{Title: "Papers", Apart: true}},
			Items:  []core.Delivery{{Item: header, Place: core.InChannel}, {Item: core.PaperItem(paper(1)), Position: 1, Place: core.InDigest}},
		}})
		h.ok(err)
		claims, err := h.store.Claim(h.ctx(), "A", now, 1, nil)
		h.ok(err)
		_, _, err = h.store.Begin(h.ctx(), claims[0], 0, -1, now)
		h.ok(err)
		h.ok(h.store.Posted(h.ctx(), claims[0], header, core.MessageRef{Conversation: ml.Key.ID, ID: message(1)}, 0, now))
		h.runs()
		h.shaky.fail("Fold", errBroken)
		_, err = h.votes.Toggle(h.ctx(), ml, h.delivery(ml, 1), paper(1), core.Down, core.User{Key: "ana"}, time.Now())
		h.ok(err)
		h.passes(3 * time.Minute)
		h.wants("folded", h.delivery(ml, 1).Folded, true)
	})
}

func TestAVoteOnAMessageWhoseAnswerIsOnItsWayIsReadBack(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		claim, m := h.begins(ml, 1)
		h.runs()
		up := h.puts(ml, 1, "ana", "👍")
		h.hears(up)
		h.chat.Marks(message(1), up)
		h.ok(h.store.Posted(h.ctx(), claim, m.Item, core.MessageRef{ID: message(1)}, 1, time.Now()))
		h.passes(119 * time.Second)
		h.wants("before", h.reads(), []string{})
		h.passes(6 * time.Second)
		h.wants("votes", h.tally(ml, 1), core.Tally{Up: 1})
	})
}

func TestAtTheStartTheVotesOfTheLastSevenDaysAreReadTheNewestFirst(t *testing.T) {
	story(t, func(h *house) {
		ml, old := h.channel("ml"), h.channel("old")
		h.posts(ml, 1)
		h.posts(old, 2)
		h.passes(24 * time.Hour)
		h.posts(ml, 3, 4)
		h.passes(6*24*time.Hour - 10*time.Second)
		h.chat.Marks(message(1), given("ana", "👍"))
		h.runs() // the first ones were posted seven days ago, all but a few seconds
		at := h.chat.Asked("read")
		var order []string
		for _, a := range at {
			order = append(order, a.Ref.ID)
		}
		h.wants("read", order, []string{"m4", "m2", "m3", "m1"}) // the newest of each channel first
		h.wants("votes", h.tally(ml, 1), core.Tally{Up: 1})
		h.passes(time.Minute)
		h.wants("once", len(h.reads()), 4)
		h.ok(h.votes.ReadVotes(h.ctx(), "slack", "T1"))
		h.passes(time.Second)
		h.wants("those of seven days only", len(h.reads()), 6)
	})
}

// The newest of every channel before the older ones of any, as many as come at once,
// and those of a thread by themselves.
func TestVotesAreReadManyMessagesAtOnce(t *testing.T) {
	story(t, func(h *house) {
		h.chat.Page = 3
		ml, cv := h.channel("ml"), h.channel("cv")
		h.posts(ml, 1, 2)
		h.postsUnder(ml, 90, 3, 4, 5, 6)
		h.posts(ml, 7, 8)
		h.posts(cv, 9)
		h.chat.Marks(message(1), given("ana", "👍"))
		h.chat.Marks(message(4), given("ana", "👍"), given("ben", "👍"))
		h.hears(h.puts(ml, 7, "ben", "👍")) // and took it back, unheard
		h.runs()
		var order []string
		for _, a := range h.chat.Asked("read") {
			part := a.Ref.ID
			for _, ref := range a.Also {
				part += " " + ref.ID
			}
			if a.Header.ID != "" {
				part += " under " + a.Header.ID
			}
			order = append(order, part)
		}
		h.wants("read", order, []string{"m9", "m8 m7 m2", "m6 m5 m4 under m90", "m3 under m90", "m1"})
		h.wants("votes", []core.Tally{h.tally(ml, 1), h.tally(ml, 4), h.tally(ml, 7)}, []core.Tally{{Up: 1}, {Up: 2}, {}})
		h.passes(time.Minute)
		h.wants("once", len(h.reads()), 5)
	})
}

func TestWhatIsHeardWhileVotesAreReadStays(t *testing.T) {
	story(t, func(h *house) {
		h.chat.Page = 3
		ml := h.channel("ml")
		h.posts(ml, 1, 2, 3)
		h.hears(h.puts(ml, 2, "ben", "👍"))
		h.chat.Marks(message(2), given("ben", "👍"))
		h.chat.Answers("read", "m3", testkit.Answer{Takes: time.Minute})
		h.runs()
		h.passes(30 * time.Second)
		h.hears(h.puts(ml, 1, "ana", "👍"), h.takes(ml, 2, "ben", "👍"))
		h.passes(time.Minute)
		h.wants("read", len(h.reads()), 1)
		h.wants("votes", []core.Tally{h.tally(ml, 1), h.tally(ml, 2)}, []core.Tally{{Up: 1}, {}})
	})
}

// Who hears alone hands over what was read in its place among what happened: what came
// before it and was taken off by a moderator, all at once, is gone.
func TestWhatIsReadWhileEventsWaitIsTheTruth(t *testing.T) {
	story(t, func(h *house) {
		e := &ear{Chat: h.chat}
		e.hears.Store(true)
		h.connects(e)
		ml := h.channel("ml")
		h.posts(ml, 1)
		h.chat.Answers("read", "m1", testkit.Answer{Meanwhile: func() { h.hears(h.puts(ml, 1, "ana", "👍")) }})
		h.ok(h.votes.ReadVotesOn(h.ctx(), ml.Key, message(1)))
		h.wants("votes", h.tally(ml, 1), core.Tally{})
	})
}

// A long reading holds nobody up: who is due later has its turn, and who is asked for
// anew is read anew.
func TestWhoseVotesAreDueLaterAreReadInTurn(t *testing.T) {
	story(t, func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		h.posts(ml, slices.Collect(func(yield func(int) bool) {
			for n := range 20 {
				if !yield(100 + n) {
					return
				}
			}
		})...)
		h.chat.Always("read", "", testkit.Answer{Takes: 10 * time.Second})
		h.runs()
		h.posts(cv, 1)
		h.passes(12 * time.Second)
		h.shaky.fail("PutReaction", errBroken)
		_ = h.votes.React(h.ctx(), h.puts(cv, 1, "ana", "👍"))
		h.chat.Marks(message(1), given("ana", "👍"))
		h.passes(2*time.Minute + 30*time.Second)
		h.wants("the vote that was missed", h.tally(cv, 1), core.Tally{Up: 1})
		before := len(h.reads())
		h.ok(h.votes.ReadVotes(h.ctx(), "slack", "T1"))
		h.passes(10 * time.Minute)
		h.wants("all of it again", len(h.reads())-before, 20-(before-1)+21)
	})
}

func TestReadingEndsAtTheFirstFailureAndIsTriedAfterTwoMinutes(t *testing.T) {
	story(t, func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		h.posts(ml, 1, 2)
		h.posts(cv, 3)
		h.chat.Answers("read", "m2", unknown)
		h.runs()
		h.wants("read", h.reads(), []string{"m3 at 2s", "m2 at 2s"})
		h.passes(119 * time.Second)
		h.wants("before", len(h.reads()), 2)
		h.passes(6 * time.Second)
		h.wants("read", h.reads()[2:], []string{"m2 at 2m2s", "m1 at 2m2s"})
	})
}

func TestReadingThatIsToldToWaitIsTriedThen(t *testing.T) {
	story(t, func(h *house) {
		h.posts(h.channel("ml"), 1)
		h.chat.Answers("read", "m1", testkit.Answer{Err: &core.Retry{After: 29 * time.Second}})
		h.runs()
		h.passes(time.Minute)
		h.wants("read", h.reads(), []string{"m1 at 1s", "m1 at 31s"})
	})
}

func TestWhereReactionsMayNotBeReadThatIsTheEndOfIt(t *testing.T) {
	for _, err := range []error{&core.MayNot{Right: "reactions:read", Err: errors.New("scope")}, &core.Refused{Reason: "no"}, &core.Gone{What: core.TheChannel, Err: errors.New("404")}} {
		t.Run(err.Error(), func(t *testing.T) {
			story(t, func(h *house) {
				h.posts(h.channel("ml"), 1, 2)
				h.chat.Always("read", "", testkit.Answer{Err: err})
				h.runs()
				h.passes(time.Hour)
				h.wants("read", h.reads(), []string{"m2 at 1s"})
			})
		})
	}
}

func TestAChannelThatIsHeldIsReadWhenItTakesUsAgain(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.posts(ml, 1)
		h.channel("ml", func(c *core.Channel) { c.Hold = core.Hold{Since: time.Now(), Reason: "no", NextTry: time.Now()} })
		h.runs()
		h.passes(5 * time.Minute)
		h.wants("held", h.reads(), []string{})
		h.channel("ml", func(c *core.Channel) { c.Hold = core.Hold{} })
		h.passes(3 * time.Minute)
		h.wants("then", len(h.reads()), 1)
	})
}

func TestOneConnectionThatHangsKeepsBackNoOther(t *testing.T) {
	story(t, func(h *house) {
		discord := &testkit.Chat{Name: "discord"}
		h.connects(h.chat, discord)
		h.posts(h.channel("ml"), 1)
		h.posts(h.channelOn(discord, "far"), 2)
		h.chat.Always("read", "", testkit.Answer{Takes: 24 * time.Hour})
		h.runs()
		h.wants("the other's", h.readsOf(discord), []string{"m2 at 2s"})
		h.ok(h.votes.ReadVotes(h.ctx(), "discord"))
		h.passes(time.Minute)
		h.wants("the other's", len(h.readsOf(discord)), 2)
		h.wants("one reading at a time", len(h.reads()), 1)
	})
}

// ear is a connection whose people another process may hear.
type ear struct {
	*testkit.Chat
	hears atomic.Bool
}

func (e *ear) Hears(core.Installation) bool { return e.hears.Load() }

func TestVotesAreReadAgainByWhoHearsWhatFollows(t *testing.T) {
	story(t, func(h *house) {
		e := &ear{Chat: h.chat}
		e.hears.Store(true)
		h.connects(e)
		h.posts(h.channel("ml"), 1)
		h.runs()
		h.wants("at the start it says itself when", h.reads(), []string{})
		e.hears.Store(false)
		h.ok(h.votes.ReadVotes(h.ctx(), "slack", "T1"))
		h.passes(time.Minute)
		h.ok(h.votes.RereadDue(h.ctx()))
		h.wants("another process hears", h.reads(), []string{})
		e.hears.Store(true)
		h.passes(10 * time.Second)
		h.wants("we do", len(h.reads()), 1)
	})
}

func TestVotesOfAConnectionThatIsNotThereAreReadWhenItIs(t *testing.T) {
	story(t, func(h *house) {
		h.posts(h.channel("ml"), 1)
		h.chat.Leaves(true)
		h.runs()
		h.passes(time.Minute)
		h.wants("read", h.reads(), []string{})
		h.chat.Leaves(false)
		h.passes(time.Minute)
		h.wants("read", len(h.reads()), 1)
	})
}

func TestTheReactionsOnOneMessageAreReadWhenAModeratorTookThemOff(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.posts(ml, 1, 2)
		h.hears(h.puts(ml, 1, "ana", "👍"), h.puts(ml, 1, "ben", "👎"))
		h.ok(h.votes.ReadVotesOn(h.ctx(), ml.Key, message(1)))
		h.wants("read", h.reads(), []string{"m1 at 1s"})
		h.wants("votes", h.tally(ml, 1), core.Tally{})
		h.ok(h.votes.ReadVotesOn(h.ctx(), ml.Key, "somebody else's"))
		h.wants("read", len(h.reads()), 1)
		h.chat.Answers("read", "m1", unknown)
		if err := h.votes.ReadVotesOn(h.ctx(), ml.Key, message(1)); err == nil {
			t.Error("a failure was passed over")
		}
		h.passes(2 * time.Minute)
		h.ok(h.votes.RereadDue(h.ctx()))
		h.wants("read again", len(h.reads()), 4)
	})
}

func TestWhatIsReadBackIsCountedAndFoldsAndSaves(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.posts(ml, 1)
		h.hears(h.puts(ml, 1, "dan", "🔖"))
		h.chat.Marks(message(1), given("ana", "👎"), given("ben", "👎"), given("cem", "👍"), given("cem", "🔖"), given("cem", "🙃"))
		h.runs()
		h.wants("votes", h.tally(ml, 1), core.Tally{Up: 1, Down: 2})
		h.wants("folded", h.delivery(ml, 1).Folded, true)
		h.wants("lists", [][]core.PaperID{h.list("cem"), h.list("dan")}, [][]core.PaperID{{paper(1)}, nil})
	})
}

func TestWhoAskedToBeForgottenStaysForgotten(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.posts(ml, 1)
		for _, r := range []core.Reaction{h.puts(ml, 1, "ana", "👍"), h.puts(ml, 1, "ana", "🔖")} {
			h.hears(r)
		}
		h.chat.Marks(message(1), given("ana", "👍"), given("ana", "🔖"), given("ben", "👍"))
		h.ok(h.store.ForgetUser(h.ctx(), "ana", time.Now()))
		h.runs()
		h.wants("votes", h.tally(ml, 1), core.Tally{Up: 1})
		h.wants("list", h.list("ana"), []core.PaperID{})
		h.passes(time.Second)
		h.posts(ml, 2)
		h.chat.Marks(message(2), given("ana", "👍"))
		h.ok(h.votes.ReadVotes(h.ctx(), ml.Key.Platform, ml.Key.Workspace))
		h.passes(time.Second)
		h.wants("what she does from now on", []core.Tally{h.tally(ml, 1), h.tally(ml, 2)}, []core.Tally{{Up: 1}, {Up: 1}})
	})
}

// The answer is written down between the two questions.
func TestAVoteThatComesJustAsTheAnswerDoesIsCounted(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		claim, m := h.begins(ml, 1)
		h.shaky.meanwhile = map[string]func(){"DeliveryByMessage": func() {
			h.ok(h.store.Posted(h.ctx(), claim, m.Item, core.MessageRef{ID: message(1)}, 1, time.Now()))
		}}
		h.hears(h.puts(ml, 1, "ana", "👍"))
		h.wants("votes", h.tally(ml, 1), core.Tally{Up: 1})
	})
}

func TestAReadingThatFailsLateIsNotTriedAtOnce(t *testing.T) {
	story(t, func(h *house) {
		h.posts(h.channel("ml"), 1)
		slow := unknown
		slow.Takes = 5 * time.Minute
		h.chat.Always("read", "m1", slow)
		h.runs()
		h.passes(10 * time.Minute)
		h.wants("read", h.reads(), []string{"m1 at 1s", "m1 at 7m1s"})
	})
}

func TestATokenThatIsRefusedWhileReadingStopsItsInstallation(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.posts(ml, 1, 2)
		h.chat.Answers("read", "", testkit.Answer{Err: &core.Unauthorised{Err: errors.New("token_revoked")}})
		h.runs()
		h.passes(time.Hour)
		h.wants("read", len(h.reads()), 1)
		h.wants("stopped", h.conns.Serves(ml.Key.Installation()), false)
	})
}

func TestThatVotesAreToBeReadIsNotForgottenThoughItCannotBeWrittenDown(t *testing.T) {
	story(t, func(h *house) {
		h.posts(h.channel("ml"), 1)
		h.shaky.fail("RereadAll", errBroken)
		h.runs()
		h.passes(time.Minute)
		h.wants("read", len(h.reads()), 1)
	})
}

func TestWithoutRoomNothingIsRead(t *testing.T) {
	story(t, func(h *house) {
		h.posts(h.channel("ml"), 1)
		h.shaky.fail("probe", slices.Repeat([]error{errFull}, 100)...)
		h.shaky.fail("PutReaction", errFull)
		h.hears(h.puts(h.channel("ml"), 1, "ana", "👍"))
		h.runs()
		h.passes(4 * time.Minute)
		h.wants("read", h.reads(), []string{})
		h.shaky.fail("probe")
		h.passes(5 * time.Second)
		h.wants("read", len(h.reads()), 1)
	})
}
