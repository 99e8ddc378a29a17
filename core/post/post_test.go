package post_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
	"paperboy/core/post"
	"paperboy/internal/testkit"
)

// What a chat may answer.
var (
	errLine    = errors.New("connection reset by peer") // nobody knows what became of it
	unknown    = testkit.Answer{Err: errLine}
	unknownYet = testkit.Answer{Err: errLine, Kept: true}
	blind      = testkit.Answer{Err: &core.MayNot{Right: "history", Err: errors.New("no scope")}}
	locked     = testkit.Answer{Err: &core.Refused{Reason: "I am not a member", Err: errors.New("not_in_channel")}}
	badForm    = testkit.Answer{Err: &core.Refused{Message: true, Reason: "it was moderated", Err: errors.New("200000")}}
	badToken   = testkit.Answer{Err: &core.Unauthorised{Err: errors.New("token_revoked")}}
)

func wait(d time.Duration) testkit.Answer {
	return testkit.Answer{Err: &core.Retry{After: d, Err: errors.New("429")}}
}

func gone(what core.Subject) testkit.Answer {
	return testkit.Answer{Err: &core.Gone{What: what, Err: errors.New("404")}}
}

func TestTheHeaderComesFirstAndThePapersInTheirOrder(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.runs("A")
		h.posts(ml, core.InChannel, 3, 1, 2)
		h.wants("there", h.there(), []string{"header", "3", "1", "2"})
		h.wants("written down", h.states(ml), []string{"header posted", "3 posted", "1 posted", "2 posted"})
		h.wants("the version people saw", h.delivery(ml, 1).Shown, 1)
		h.wants("votes are to be read again", h.reread(ml), false)
	})
}

func TestPapersAreSilentAndTheHeaderIsNot(t *testing.T) {
	story(t, func(h *house) {
		h.runs("A")
		h.posts(h.channel("ml"), core.InChannel, 1)
		for i, silent := range []bool{false, true} {
			h.wants("silent", h.chat.There()[i].Silent, silent)
		}
	})
}

func TestWhatAClubReadsIsShownAgainInTheThreadOfWhatAnnouncesIt(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml", func(c *core.Channel) { c.Settings.Seed = true })
		h.posts(ml, core.InChannel, 1)
		now := time.Now()
		_, err := h.store.PlanDigests(h.ctx(), []core.Plan{{
			Digest: core.Digest{Channel: ml.ID, Due: now, Kind: core.Meeting, Planned: now, Thread: "Journal club", Header: &core.Card{Title: "We read"}},
			Items: []core.Delivery{
				{Channel: ml.ID, Item: core.HeaderItem(core.Meeting, now), Place: core.InChannel},
				{Channel: ml.ID, Item: core.ReadItem(paper(1)), Position: 1, Place: core.InThread},
			},
		}})
		h.ok(err)
		h.runs("A")
		all := h.chat.There()
		if len(all) != 4 {
			t.Fatalf("there are %v", h.there())
		}
		announced, again := all[2], all[3]
		h.wants("it hangs on", again.Header.ID, announced.Ref.ID)
		h.wants("in", []any{again.Place, again.Thread, again.Silent, again.Seed}, []any{core.InThread, "Journal club", true, false})
		h.wants("it shows", again.Card.Papers[0].ID, paper(1))
	})
}

func TestAFirstVoteIsGivenOnlyWhereThatIsSetAndOnlyToPapers(t *testing.T) {
	story(t, func(h *house) {
		h.runs("A")
		h.posts(h.channel("ml"), core.InChannel, 1)
		h.posts(h.channel("cv", func(c *core.Channel) { c.Settings.Seed = true }), core.InChannel, 1)
		var seeded []bool
		for _, m := range h.chat.There() {
			seeded = append(seeded, m.Seed)
		}
		h.wants("seeded", seeded, []bool{false, false, false, true})
	})
}

func TestPapersOfAThreadHangOnTheHeader(t *testing.T) {
	story(t, func(h *house) {
		h.runs("A")
		h.posts(h.channel("ml"), core.InThread, 1)
		header, paper := h.chat.There()[0], h.chat.There()[1]
		h.wants("the header's place", []any{header.Place, header.Header.ID}, []any{core.InChannel, ""})
		h.wants("the paper's", []any{paper.Place, paper.Header, paper.Thread}, []any{core.InThread, header.Ref, "Papers of today"})
	})
}

func TestADigestIsOneMessage(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.runs("A")
		h.posts(ml, core.InDigest, 1, 2)
		h.wants("there", h.there(), []string{"header"})
		h.wants("written down", h.states(ml), []string{"header posted", "1 posted", "2 posted"})
		h.wants("their message", h.delivery(ml, 2).Ref.ID, "m1")
	})
}

func TestAForumGetsAPostForEachPaper(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00002", badForm)
		h.runs("A")
		h.posts(ml, core.InForum, 1, 2)
		h.wants("there", h.there(), []string{"1", "2"})
		for i, plain := range []bool{false, true} {
			m := h.chat.There()[i]
			h.wants("place and form", []any{m.Place, m.Plain}, []any{core.InForum, plain})
		}
	})
}

// Two processes on one store: A is told to wait and gives the message back, B
// posts it and dies before that is written down. Whoever takes it next looks.
func TestAMessageIsPostedOnceThoughAnotherProcessDiedWithIt(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		a := h.runs("A")
		h.chat.Answers("post", "2611.00001", wait(time.Minute), testkit.Answer{Takes: time.Hour})
		h.posts(ml, core.InChannel, 1)
		h.passes(50 * time.Second)
		h.wants("given back", h.states(ml), []string{"header posted", "1 planned"})
		h.shaky.slows("Claim", time.Second) // A comes a little later
		b := h.runs("B", func(o *post.Options) { o.Store = h.store })
		h.passes(10 * time.Second)
		h.wants("requests", h.asked("post"), []string{"post header at 0s", "post 1 at 0s", "post 1 at 1m0s"})
		b.dies()
		h.passes(40 * time.Second)
		h.wants("there", h.there(), []string{"header", "1"})
		h.wants("written down", h.states(ml), []string{"header posted", "1 posted"})
		h.wants("looks", len(h.chat.Asked("look")), 1)
		h.wants("votes are to be read again", h.reread(ml), true)
		a.dies()
	})
}

func TestTheClaimsOfTheDeadAreTakenWithinThirtyFiveSeconds(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "@", testkit.Answer{Takes: time.Hour})
		b := h.runs("B")
		h.posts(ml, core.InChannel, 1)
		b.dies()
		h.runs("A")
		h.passes(core.OwnerTTL - time.Second)
		h.wants("before", h.asked("look"), []string(nil))
		h.passes(12 * time.Second)
		h.wants("there", h.there(), []string{"header", "1"})
	})
}

func TestWithoutAnAnswerItIsLookedForAndFound(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", unknownYet)
		h.runs("A")
		h.posts(ml, core.InChannel, 1, 2)
		h.passes(5 * time.Second)
		h.wants("requests", h.asked(), []string{"post header at 0s", "post 1 at 0s", "look 1 at 1s", "post 2 at 1s"})
		h.wants("written down", h.states(ml), []string{"header posted", "1 posted", "2 posted"})
		h.wants("which message", h.delivery(ml, 1).Ref.ID, "m2")
		h.wants("votes are read again", h.reread(ml), true)
	})
}

func TestWhatIsNotFoundIsSentAgain(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", unknown)
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(5 * time.Second)
		h.wants("requests", h.asked(), []string{"post header at 0s", "post 1 at 0s", "look 1 at 1s", "post 1 at 1s"})
		h.wants("written down", h.states(ml), []string{"header posted", "1 posted"})
		h.wants("votes are read again", h.reread(ml), true) // it may be the first one that is there after all
	})
}

func TestAMessageIsTriedTwiceInARowAndThenLeftAlone(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Always("post", "2611.00001", unknown)
		h.runs("A")
		h.posts(ml, core.InChannel, 1, 2)
		h.passes(29 * time.Second)
		h.wants("requests", h.asked("post"), []string{"post header at 0s", "post 1 at 0s", "post 1 at 1s"})
		h.wants("in doubt", h.states(ml), []string{"header posted", "1 sending", "2 planned"})
		h.passes(3 * time.Second)
		h.wants("requests", h.asked("look", "post")[4:], []string{"look 1 at 31s", "post 1 at 31s", "look 1 at 32s", "post 1 at 32s"})
	})
}

func TestWhereItCannotBeLookedForItStaysUncertain(t *testing.T) {
	for _, bare := range []bool{true, false} {
		t.Run(fmt.Sprint("cannot look at all: ", bare), func(t *testing.T) {
			story(t, func(h *house) {
				ml := h.channel("ml")
				if bare {
					h.conns = core.NewConnections(nil, testkit.Bare(h.chat))
				}
				h.chat.Always("look", "", blind)
				h.chat.Always("post", "2611.00001", unknown)
				h.runs("A")
				h.posts(ml, core.InChannel, 1, 2)
				h.passes(2 * time.Hour)
				h.wants("requests", h.asked("post"), []string{"post header at 0s", "post 1 at 0s", "post 2 at 1s"})
				h.wants("written down", h.states(ml), []string{"header posted", "1 uncertain the platform gave no answer, and I may not look", "2 posted"})
			})
		})
	}
}

// A look may be allowed to read only a page a minute.
func TestALookGoesOnLaterHoweverOftenWithTheDoubtKept(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", unknownYet)
		h.chat.Answers("look", "", slices.Repeat([]testkit.Answer{wait(time.Minute)}, 20)...)
		h.runs("A")
		h.posts(ml, core.InChannel, 1, 2)
		h.passes(10 * time.Minute)
		h.wants("in doubt", h.states(ml), []string{"header posted", "1 sending", "2 planned"})
		looks := h.asked("look")
		h.wants("looks", looks[:3], []string{"look 1 at 1s", "look 1 at 1m1s", "look 1 at 2m1s"})
		h.passes(11 * time.Minute)
		h.wants("looks", len(h.asked("look")), 21)
		h.wants("there", h.there(), []string{"header", "1", "2"})
		h.wants("written down", h.states(ml), []string{"header posted", "1 posted", "2 posted"})
	})
}

func TestLooksThatFailAreAskedAgainEverMoreSeldom(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", unknownYet)
		h.chat.Answers("look", "", slices.Repeat([]testkit.Answer{unknown}, 9)...)
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(3 * time.Hour)
		var pauses []time.Duration
		looks := h.chat.Asked("look")
		for i := range looks[1:] {
			pauses = append(pauses, looks[i+1].At.Sub(looks[i].At))
		}
		h.wants("pauses", pauses, []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute,
			15 * time.Minute, 15 * time.Minute, 15 * time.Minute, 15 * time.Minute})
		h.wants("requests", len(h.asked("post")), 2)
		h.wants("written down", h.states(ml), []string{"header posted", "1 posted"})
	})
}

func TestWhoIsToldToWaitAMomentWaitsInPlace(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", wait(15*time.Second))
		h.runs("A")
		h.posts(ml, core.InChannel, 1, 2)
		h.passes(20 * time.Second)
		h.wants("requests", h.asked(), []string{"post header at 0s", "post 1 at 0s", "post 1 at 15s", "post 2 at 15s"})
		h.wants("claimed", h.shaky.called("Release"), 1)
	})
}

func TestWhoIsToldToWaitForLongIsTriedThenAndNotBefore(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", wait(16*time.Second))
		h.runs("A")
		h.posts(ml, core.InChannel, 1, 2)
		h.wants("given back", h.states(ml), []string{"header posted", "1 planned", "2 planned"})
		h.wants("released", h.shaky.called("Release"), 1)
		h.passes(20 * time.Second)
		h.wants("requests", h.asked(), []string{"post header at 0s", "post 1 at 0s", "post 1 at 16s", "post 2 at 16s"})
	})
}

// That this attempt was not taken says nothing about the one before.
func TestAnAnswerToWaitKeepsAnEarlierDoubt(t *testing.T) {
	for _, d := range []time.Duration{2 * time.Second, time.Minute} {
		t.Run(d.String(), func(t *testing.T) {
			story(t, func(h *house) {
				ml := h.channel("ml")
				h.chat.Answers("post", "2611.00001", unknown, wait(d))
				h.runs("A")
				h.posts(ml, core.InChannel, 1)
				h.passes(1500 * time.Millisecond)
				h.wants("in doubt", h.states(ml), []string{"header posted", "1 sending"})
				h.passes(2 * d)
				at := time.Second + d
				h.wants("requests", h.asked()[2:], []string{"look 1 at 1s", "post 1 at 1s", fmt.Sprintf("look 1 at %v", at), fmt.Sprintf("post 1 at %v", at)})
			})
		})
	}
}

func TestAChannelThatRefusesUsHoldsItsMessagesInOrder(t *testing.T) {
	for _, answer := range []testkit.Answer{locked, {Err: &core.MayNot{Right: "Send Messages", Err: errors.New("50013")}}} {
		t.Run(answer.Err.Error(), func(t *testing.T) {
			story(t, func(h *house) {
				ml := h.channel("ml")
				h.chat.Always("post", "2611.00001", answer)
				h.runs("A")
				h.posts(ml, core.InChannel, 1, 2)
				h.passes(time.Minute)
				hold := h.again(ml).Hold
				h.wants("held since", hold.Since.Sub(h.start), time.Duration(0))
				h.wants("and why", h.states(ml), []string{"header posted", "1 held " + hold.Reason, "2 planned"})
				h.passes(2 * time.Hour)
				tries := h.chat.Asked("post")[1:]
				for i := range tries[1:] {
					want := 2 * time.Minute
					if tries[i].At.Sub(h.start) >= time.Hour {
						want = 15 * time.Minute
					}
					h.wants(fmt.Sprint("pause after try ", i), tries[i+1].At.Sub(tries[i].At), want)
				}
				for _, a := range tries {
					h.wants("one request a try, and in order", name(a.Item()), "1")
				}
				h.wants("still since", h.again(ml).Hold.Since, hold.Since)

				h.chat.Always("post", "2611.00001", testkit.Answer{})
				h.passes(15 * time.Minute)
				h.wants("there", h.there(), []string{"header", "1", "2"})
				h.wants("held", h.again(ml).Hold, core.Hold{})
			})
		})
	}
}

func TestAChannelThatRefusesUsKeepsBackNoOther(t *testing.T) {
	story(t, func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		h.chat.Always("post", fmt.Sprint(ml.ID, "/"), locked)
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.posts(cv, core.InChannel, 2)
		h.wants("there", h.there(), []string{"header", "2"})
		h.wants("waits", h.states(ml), []string{"header held I am not a member", "1 planned"})
	})
}

func TestAHoldKeepsAnEarlierDoubt(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", unknown, locked)
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(time.Minute)
		h.wants("in doubt", h.states(ml), []string{"header posted", "1 sending I am not a member"})
		h.passes(2 * time.Minute)
		h.wants("requests", h.asked()[2:], []string{"look 1 at 1s", "post 1 at 1s", "look 1 at 2m1s", "post 1 at 2m1s"})
		h.wants("held", h.again(ml).Hold, core.Hold{})
	})
}

func TestAMessageThatIsRefusedIsSentAsPlainTextOnceAndThenPassedOver(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Always("post", "2611.00001", badForm)
		h.chat.Answers("post", "2611.00002", badForm)
		h.runs("A")
		h.posts(ml, core.InThread, 1, 2, 3)
		h.passes(2 * time.Hour)
		h.wants("requests", h.asked(), []string{"post header at 0s", "post 1 at 0s", "post 1 at 0s", "post 2 at 0s", "post 2 at 0s", "post 3 at 0s"})
		h.wants("written down", h.states(ml), []string{"header posted", "1 skipped it was moderated", "2 posted", "3 posted"})
		plain := h.chat.There()[1]
		h.wants("the plain one", []any{plain.Plain, plain.Place, plain.Header.ID}, []any{true, core.InChannel, ""})
		h.wants("the next one", []any{h.chat.There()[2].Plain, h.chat.There()[2].Place}, []any{false, core.InThread})
		h.wants("held", h.again(ml).Hold, core.Hold{})
	})
}

func TestPapersOfAHeaderThatIsRefusedGoIntoTheChannel(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Always("post", "@", badForm)
		h.runs("A")
		h.posts(ml, core.InThread, 1)
		h.wants("written down", h.states(ml), []string{"header skipped it was moderated", "1 posted"})
		h.wants("the paper", []any{h.chat.There()[0].Place, h.chat.There()[0].Plain}, []any{core.InChannel, false})
	})
}

func TestWithAHeadersThreadGoneThePaperGoesIntoTheChannel(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", gone(core.TheMessage))
		h.runs("A")
		h.posts(ml, core.InThread, 1)
		h.wants("written down", h.states(ml), []string{"header posted", "1 posted"})
		h.wants("its place", h.chat.There()[1].Place, core.InChannel)
		h.wants("gone", h.again(ml).Gone.IsZero(), true)
	})
}

func TestAChannelThatIsGoneIsClosedAndKeepsWhatItHad(t *testing.T) {
	story(t, func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		h.chat.Answers("post", "2611.00001", gone(core.TheChannel))
		h.runs("A")
		h.posts(ml, core.InChannel, 1, 2)
		h.posts(cv, core.InChannel, 3)
		h.passes(2 * time.Hour)
		got := h.again(ml)
		h.wants("closed", []any{got.Closed, got.Gone.Sub(h.start)}, []any{true, time.Duration(0)})
		h.wants("written down", h.states(ml), []string{"header posted", "1 planned", "2 planned"})
		h.wants("requests", len(h.asked()), 4)
		h.wants("the other one", h.again(cv).Gone.IsZero(), true)

		_, err := h.store.EnsureChannel(h.ctx(), core.Channel{Key: ml.Key}) // we are invited again
		h.ok(err)
		h.passes(5 * time.Second)
		h.wants("there", h.there(), []string{"header", "header", "3", "1", "2"})
	})
}

func TestWithAWorkspaceGoAllItsChannels(t *testing.T) {
	story(t, func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		h.chat.Answers("post", "@", gone(core.TheWorkspace))
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		for _, c := range []core.Channel{ml, cv} {
			got := h.again(c)
			h.wants("gone, but not by itself", []any{got.Gone.IsZero(), got.Closed}, []any{false, false})
		}
	})
}

func TestATokenThatIsRefusedStopsItsInstallationOnly(t *testing.T) {
	story(t, func(h *house) {
		discord := &testkit.Chat{Name: "discord"}
		h.conns = core.NewConnections(nil, h.chat, discord)
		ml, far := h.channel("ml"), h.channelOn(discord, "far")
		h.chat.Answers("post", "2611.00001", badToken)
		a := h.runs("A")
		h.posts(ml, core.InChannel, 1, 2)
		h.posts(far, core.InChannel, 3)
		h.passes(2 * time.Hour)
		h.wants("requests", h.asked(), []string{"post header at 0s", "post 1 at 0s"})
		h.wants("given back", h.states(ml), []string{"header posted", "1 planned", "2 planned"})
		h.wants("the other installation", len(discord.There()), 2)
		a.dies()

		h.conns = core.NewConnections(nil, h.chat) // a new token, and a new process
		h.runs("B")
		h.passes(5 * time.Second)
		h.wants("there", h.there(), []string{"header", "1", "2"})
	})
}

func TestATokenThatIsRefusedWhileLookingKeepsTheDoubt(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", unknownYet)
		h.chat.Answers("look", "", badToken)
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(time.Hour)
		h.wants("in doubt", h.states(ml), []string{"header posted", "1 sending"})
		h.wants("requests", len(h.asked()), 3)
	})
}

func TestAClaimThatIsLostInTheMiddleWritesNothing(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", testkit.Answer{Takes: 10 * time.Second})
		a := h.runs("A")
		h.posts(ml, core.InChannel, 1, 2)
		h.ok(h.store.Leave(h.ctx(), "A")) // taken for dead
		h.passes(15 * time.Second)
		h.wants("written down", h.states(ml), []string{"header posted", "1 sending", "2 planned"})
		h.wants("requests", h.asked(), []string{"post header at 0s", "post 1 at 0s"})
		h.runs("B")
		h.passes(time.Second)
		h.wants("there", h.there(), []string{"header", "1", "2"})
		h.wants("looks", len(h.asked("look")), 1)
		a.dies()
	})
}

func TestWhatIsOnItsWayWhenTheDiskIsFullIsWrittenDownWhenThereIsRoom(t *testing.T) {
	story(t, func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		h.chat.Always("look", "", blind)
		h.chat.Answers("post", "2611.00001", testkit.Answer{Meanwhile: h.shaky.fills})
		h.runs("A")
		h.posts(ml, core.InChannel, 1, 2)
		h.plans(cv, core.InChannel, 3)
		h.passes(time.Hour)
		h.wants("requests", h.asked(), []string{"post header at 0s", "post 1 at 0s"})
		h.shaky.heals()
		h.passes(5 * time.Second)
		h.wants("written down", h.states(ml), []string{"header posted", "1 posted", "2 posted"})
		h.wants("the other", h.states(cv), []string{"header posted", "3 posted"})
		h.wants("requests", len(h.asked("post", "look")), 5)
	})
}

func TestAStopBeginsNothingAndAwaitsWhatIsOnItsWay(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", testkit.Answer{Takes: 5 * time.Second})
		a := h.runs("A")
		h.posts(ml, core.InChannel, 1, 2)
		h.passes(time.Second)
		a.cancel()
		synctest.Wait()
		select {
		case <-a.ended:
			t.Error("it did not wait for the answer")
		default:
		}
		<-a.ended
		h.wants("after", h.since(), 5*time.Second)
		h.wants("written down", h.states(ml), []string{"header posted", "1 posted", "2 planned"})
		h.wants("tries of the next", h.delivery(ml, 2).Attempt, 0)
		h.runs("B")
		h.wants("the rest is free at once", h.there(), []string{"header", "1", "2"})
		h.wants("requests", len(h.asked()), 3)
	})
}

func TestAPaperThatIsMissingHarmsNoOtherChannel(t *testing.T) {
	story(t, func(h *house) {
		ml, cv := h.channel("ml"), h.channel("cv")
		h.runs("A")
		h.posts(ml, core.InChannel, 90)
		h.posts(cv, core.InChannel, 1)
		h.passes(20 * time.Second)
		h.wants("there", h.there(), []string{"header", "header", "1"})
		h.wants("given back", h.states(ml), []string{"header posted", "90 planned"})
		h.comes(seen(90, 1))
		h.passes(10 * time.Second)
		h.wants("there", h.there(), []string{"header", "header", "1", "90"})
		testkit.Sees(t, h.log.String(), "sending to a channel")
	})
}

func TestManyChannelsAreSentToAtOnce(t *testing.T) {
	story(t, func(h *house) {
		for n := range 600 {
			h.plans(h.channel(fmt.Sprint("c", n)), core.InDigest, 1)
		}
		h.chat.Always("post", "", testkit.Answer{Takes: time.Second})
		h.runs("A")
		h.passes(500 * time.Millisecond)
		h.wants("at once", len(h.asked()), 512)
		h.passes(2 * time.Second)
		h.wants("all", len(h.there()), 600)
		h.wants("claims", strings.Contains(h.log.String(), "level="), false)
	})
}

func TestWhoWaitsKeepsNoSlot(t *testing.T) {
	story(t, func(h *house) {
		for n := range 512 {
			h.plans(h.channel(fmt.Sprint("c", n)), core.InDigest, 1)
		}
		h.chat.Always("post", "", wait(time.Minute))
		h.runs("A")
		h.chat.Always("post", "", testkit.Answer{})
		h.posts(h.channel("last"), core.InDigest, 2)
		h.wants("there", h.there(), []string{"header"})
	})
}

func TestAChannelIsReleasedHoweverOftenThatFails(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.shaky.fail("Release", slices.Repeat([]error{errors.New("disk I/O error")}, 4)...)
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(time.Second)
		h.posts(ml, core.InChannel, 2)
		h.passes(30 * time.Second)
		h.wants("there", h.there(), []string{"header", "1", "header", "2"})
	})
}

func TestAStopDoesNotWaitForAChannelThatCannotBeReleased(t *testing.T) {
	story(t, func(h *house) {
		h.shaky.fail("Release", slices.Repeat([]error{errors.New("disk I/O error")}, 1000)...)
		a := h.runs("A")
		h.posts(h.channel("ml"), core.InChannel, 1)
		a.cancel()
		<-a.ended
		h.wants("after", h.since(), time.Duration(0))
	})
}

func TestWhatIsKnownOfAMessageIsWrittenDownThoughThatFailsAtFirst(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Always("look", "", blind)
		h.shaky.fail("Posted", errors.New("disk I/O error"), errors.New("disk I/O error"))
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(time.Minute)
		h.wants("requests", h.asked()[:1], []string{"post header at 0s"})
		h.wants("written down", h.states(ml), []string{"header posted", "1 posted"})
	})
}

func TestAMessageThatCannotBeBegunIsBegunLater(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.shaky.fail("Begin", slices.Repeat([]error{errors.New("disk I/O error")}, 9)...)
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(5 * time.Minute)
		h.wants("written down", h.states(ml), []string{"header posted", "1 posted"})
		h.wants("tries", h.shaky.called("Begin") < 20, true)
	})
}

func TestWithASlowStoreNoMessageIsBegunAfterAStop(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.shaky.slows("Begin", 10*time.Second)
		a := h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(5 * time.Second)
		a.cancel()
		<-a.ended
		h.wants("requests", h.asked(), []string(nil))
		h.wants("given back", h.states(ml), []string{"header planned", "1 planned"})
		h.shaky.heals()
		h.runs("B")
		h.wants("at once", h.asked(), []string{"post header at 10s", "post 1 at 10s"})
	})
}

func TestAStopWhileThereIsNoRoomBeginsNothingWhenThereIs(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "@", testkit.Answer{Meanwhile: func() { h.shaky.fail("Begin", errFull, errFull, errFull) }})
		a := h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(time.Second)
		a.cancel()
		<-a.ended
		h.wants("after", h.since(), time.Second)
		h.wants("requests", h.asked(), []string{"post header at 0s"})
		h.shaky.heals()
		h.runs("B")
		h.wants("at once", h.asked(), []string{"post header at 0s", "post 1 at 1s"})
	})
}

func TestAStopInDoubtLetsTheNextProcessLookAtOnce(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "@", unknownYet)
		a := h.runs("A")
		h.posts(ml, core.InChannel, 1)
		a.cancel() // before it looks
		<-a.ended
		h.runs("B")
		h.wants("requests", h.asked(), []string{"post header at 0s", "look header at 0s", "post 1 at 0s"})
	})
}

func TestWhoWaitsInPlaceAgainAndAgainFreesItsSlot(t *testing.T) {
	story(t, func(h *house) {
		discord := &testkit.Chat{Name: "discord"}
		h.conns = core.NewConnections(nil, h.chat, discord)
		for n := range 520 {
			h.plans(h.channel(fmt.Sprint("c", n)), core.InDigest, 1)
		}
		h.chat.Always("post", "", wait(10*time.Second))
		h.runs("A")
		h.posts(h.channelOn(discord, "far"), core.InDigest, 2)
		h.passes(time.Minute)
		h.wants("there", len(discord.There()), 1)
	})
}

func TestWhoIsToldToTryAtOnceDoesNotSpin(t *testing.T) {
	story(t, func(h *house) {
		h.chat.Always("post", "", wait(0))
		h.runs("A")
		h.posts(h.channel("ml"), core.InChannel, 1)
		h.passes(10500 * time.Millisecond)
		h.wants("requests", len(h.asked()), 11)
	})
}

func TestAChannelWithoutAConnectionDoesNotWaitWhenThereIsOneAgain(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.plans(ml, core.InChannel, 1)
		h.shaky.slows("Claimed", time.Second)
		a := h.runs("A")
		h.chat.Leaves(true)
		h.passes(time.Minute)
		h.wants("requests", h.asked(), []string(nil))
		h.wants("claims", h.shaky.called("Release"), 1)
		h.shaky.heals()
		h.chat.Leaves(false)
		h.passes(6 * time.Second)
		h.wants("there", h.there(), []string{"header", "1"})
		a.dies()
	})
}

func TestAChannelThatRefusesALookIsHeldInDoubt(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", unknownYet)
		h.chat.Answers("look", "", locked)
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(2 * time.Second)
		h.wants("in doubt", h.states(ml), []string{"header posted", "1 sending I am not a member"})
		h.wants("held", h.again(ml).Hold.Reason, "I am not a member")
		h.passes(2 * time.Minute)
		h.wants("requests", h.asked()[2:], []string{"look 1 at 1s", "look 1 at 2m1s"})
		h.wants("held", h.again(ml).Hold, core.Hold{})
	})
}

func TestALookWhereNothingIsAnyMoreClosesTheChannel(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", unknownYet)
		h.chat.Answers("look", "", gone(core.TheChannel))
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(time.Hour)
		h.wants("in doubt", h.states(ml), []string{"header posted", "1 sending"})
		h.wants("closed", h.again(ml).Closed, true)
		h.wants("requests", len(h.asked()), 3)
	})
}

func TestAPlainMessageWhosePlaceIsGoneIsPassedOverAndTheChannelStays(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Always("post", "2611.00001", gone(core.TheMessage))
		h.runs("A")
		h.posts(ml, core.InThread, 1, 2)
		h.wants("written down", h.states(ml), []string{"header posted", "1 skipped what it hangs on is gone", "2 posted"})
		h.wants("gone", h.again(ml).Gone.IsZero(), true)
	})
}

// The reason stands in a sentence for people.
func TestAHoldNamesTheRightThatIsMissing(t *testing.T) {
	for right, reason := range map[string]string{"Send Messages": "missing Send Messages", "": "that cannot be done there"} {
		story(t, func(h *house) {
			ml := h.channel("ml")
			h.chat.Answers("post", "@", testkit.Answer{Err: &core.MayNot{Right: right, Err: errors.New("50013 xyz")}})
			h.runs("A")
			h.posts(ml, core.InChannel, 1)
			h.wants("reason", h.again(ml).Hold.Reason, reason)
		})
	}
}

func TestWhatIsPlannedWhileAChannelIsSentToFollowsAtOnce(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Answers("post", "2611.00001", testkit.Answer{Takes: 10 * time.Second})
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(2 * time.Second)
		h.posts(ml, core.InChannel, 2)
		h.wants("in order", h.there(), []string{"header", "1"})
		h.passes(8 * time.Second)
		h.wants("requests", h.asked("post")[2:], []string{"post header at 10s", "post 2 at 10s"})
	})
}

func TestWhoWasTakenForDeadGoesOnWhenItHasJoinedAnew(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.runs("A")
		h.ok(h.store.Leave(h.ctx(), "A"))
		h.posts(ml, core.InChannel, 1)
		h.wants("requests", h.asked(), []string(nil))
		h.ok(h.store.Join(h.ctx(), core.Owner{ID: "A", Host: "here", PID: 1, Started: time.Now()}))
		h.passes(5 * time.Second)
		h.wants("there", h.there(), []string{"header", "1"})
	})
}

func TestTwoProcessesNeverSendToOneChannelAtATime(t *testing.T) {
	story(t, func(h *house) {
		h.chat.Always("post", "", testkit.Answer{Takes: time.Second})
		a, b := h.runs("A"), h.runs("B")
		for n := range 20 {
			h.plans(h.channel(fmt.Sprint("c", n)), core.InChannel, 1, 2, 3)
		}
		h.passes(10 * time.Second)
		h.wants("messages", len(h.there()), 80)
		busy := map[string]time.Time{}
		for _, p := range h.chat.Asked("post") {
			if p.At.Before(busy[p.Channel.ID]) {
				t.Errorf("%s was sent to twice at a time", p.Channel.ID)
			}
			busy[p.Channel.ID] = p.At.Add(time.Second)
		}
		a.dies()
		b.dies()
	})
}

func TestNothingIsAskedOfTheStoreMoreOftenThanEveryFiveSecondsWhileNothingIsDue(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.chat.Always("post", "", locked)
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		before := h.shaky.called("Claim")
		h.passes(100 * time.Second)
		h.wants("asked", h.shaky.called("Claim")-before, 20)
	})
}

func TestDrainReturnsWhenWhatIsDueIsSentAndEdited(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		a := h.runs("A")
		a.dies()
		h.chat.Always("post", "", testkit.Answer{Takes: time.Second})
		h.plans(ml, core.InChannel, 1)
		h.ok(h.store.Join(h.ctx(), core.Owner{ID: "B", Host: "here", PID: 1, Started: time.Now()}))
		b := post.New(post.Options{Store: h.store, Owner: "B", Connections: h.conns, Clock: wallclockNow, Breaker: h.room})
		h.ok(b.Drain(h.ctx()))
		h.wants("there", h.there(), []string{"header", "1"})
		h.comes(seen(1, 2))
		h.ok(b.Drain(h.ctx()))
		h.wants("labels", h.shown(1).Labels, []string{"updated v2"})
	})
}

// That there is no room was found out by somebody else, who writes more.
func TestWithoutRoomNothingIsBegunNorEdited(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(time.Second)
		h.shaky.fail("probe", errFull)
		h.ok(h.room.Note(errFull))
		h.comes(seen(1, 2))
		h.posts(ml, core.InChannel, 2)
		h.passes(10 * time.Minute)
		h.wants("requests", len(h.asked()), 2)
		h.shaky.heals()
		h.passes(5 * time.Second)
		h.wants("there", h.there(), []string{"header", "1", "header", "2"})
		h.wants("edits", len(h.asked("edit")), 1)
	})
}
