package post_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/post"
	"paperboy/internal/testkit"
)

// cards has these papers in one message, each with its buttons.
func (h *house) cards(c core.Channel, papers ...int) {
	h.Helper()
	now := time.Now()
	card := &core.Card{Title: "Papers", Apart: true}
	plan := core.Plan{Digest: core.Digest{Channel: c.ID, Due: now, Kind: core.DailyPost, Planned: now, Header: card}}
	plan.Items = append(plan.Items, core.Delivery{Item: core.HeaderItem(core.DailyPost, now), Place: core.InChannel})
	for i, n := range papers {
		h.comes(seen(n, 1))
		p := seen(n, 1).Paper
		card.Papers = append(card.Papers, cards.Apart(&p, &core.Delivery{Place: core.InDigest}, core.DefaultSettings()))
		plan.Items = append(plan.Items, core.Delivery{Item: core.PaperItem(paper(n)), Position: i + 1, Place: core.InDigest})
	}
	_, err := h.store.PlanDigests(h.ctx(), []core.Plan{plan})
	h.ok(err)
	for _, p := range h.all {
		p.Wake()
	}
	synctest.Wait()
}

// votes for the nth paper; who takes the vote back says so.
func (h *house) votes(c core.Channel, n int, who string, added bool) {
	h.Helper()
	r := core.Reaction{Message: h.delivery(c, n).Ref.ID, User: core.User{Key: who}, Emoji: "button:up:" + string(paper(n)), Added: added, Order: time.Now().UnixMicro(), At: time.Now()}
	_, err := h.store.PutReaction(h.ctx(), c.ID, paper(n), core.Up, r)
	h.ok(err)
	for _, p := range h.all {
		p.Wake()
	}
	synctest.Wait()
}

// labels are what stands on the buttons of the first message.
func (h *house) labels() (out []string) {
	card := h.chat.There()[0].Card
	for _, b := range card.Buttons {
		out = append(out, b.Label)
	}
	for _, v := range card.Papers {
		for _, b := range v.Buttons {
			out = append(out, b.Label)
		}
	}
	return out
}

func TestVotesAreCountedOnTheButtons(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.runs("A")
		h.cards(ml, 1, 2)
		h.wants("there", h.there(), []string{"header"})
		h.wants("before", h.labels(), []string{"👍", "Save", "👍", "Save"})
		h.passes(time.Minute)
		h.votes(ml, 2, "ana", true)
		h.wants("with a vote", h.labels(), []string{"👍", "Save", "👍 1", "Save"})
		h.passes(time.Minute)
		h.votes(ml, 1, "ana", true)
		h.passes(time.Minute)
		h.votes(ml, 2, "ana", false)
		h.wants("taken back", h.labels(), []string{"👍 1", "Save", "👍", "Save"})
		e, m := h.chat.Asked("edit")[0], h.chat.There()[0]
		h.wants("which message", []any{e.Ref, e.Key, e.Card.Apart}, []any{m.Ref, m.Key, true})
		h.wants("posted", len(h.asked("post")), 1)
	})
}

// Three thousand vote within a minute: the first sees the vote at once, the
// others in seconds.
func TestABurstOfVotesIsAFewEdits(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.runs("A")
		h.cards(ml, 1, 2, 3)
		h.chat.Always("edit", "", testkit.Answer{Takes: 200 * time.Millisecond})
		for n := range 3000 {
			h.votes(ml, n%3+1, fmt.Sprint("p", n), true)
			time.Sleep(20 * time.Millisecond)
		}
		h.passes(15 * time.Second)
		edits := h.asked("edit")
		t.Logf("%d edits for 3,000 votes", len(edits))
		if len(edits) > 8 {
			t.Errorf("%d edits: %v", len(edits), edits)
		}
		h.wants("the first", edits[0], "edit header at 0s")
		h.wants("in the end", h.labels(), []string{"👍 1,000", "Save", "👍 1,000", "Save", "👍 1,000", "Save"})
	})
}

func TestACountThatCannotBeShownIsShownLater(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.runs("A")
		h.cards(ml, 1)
		h.passes(time.Minute)
		h.chat.Answers("edit", "", wait(7*time.Second), unknown)
		h.votes(ml, 1, "ana", true)
		h.votes(ml, 1, "ben", true)
		h.passes(30 * time.Second)
		h.wants("tried", h.asked("edit"), []string{"edit header at 1m0s", "edit header at 1m10s"})
		h.passes(time.Hour)
		h.wants("shown", h.labels(), []string{"👍 2", "Save"})
	})
}

func TestAMessageThatTakesNoEditIsLeftAlone(t *testing.T) {
	for _, answer := range []testkit.Answer{badForm, gone(core.TheMessage)} {
		story(t, func(h *house) {
			ml := h.channel("ml")
			h.runs("A")
			h.cards(ml, 1)
			h.chat.Always("edit", "", answer)
			h.votes(ml, 1, "ana", true)
			h.passes(2 * time.Hour)
			h.wants("tried", h.asked("edit"), []string{"edit header at 0s"})
			h.votes(ml, 1, "ben", true)
			h.wants("for another vote", len(h.asked("edit")), 2)
		})
	}
}

// A count that fails for a week and more is not tried every hour for ever.
func TestACountOfAnOldMessageIsGivenUp(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		a := h.runs("A")
		h.cards(ml, 1)
		a.dies()
		e := &editor{h, post.New(post.Options{Store: h.shaky, Owner: "E", Connections: h.conns, Clock: wallclockNow, Breaker: h.room})}
		h.votes(ml, 1, "ana", true)
		h.wants("edits", len(e.edits()), 1)
		h.passes(7 * 24 * time.Hour)
		h.chat.Always("edit", "", unknown)
		h.votes(ml, 1, "ben", true)
		h.wants("within a week", len(e.edits()), 1)
		h.passes(time.Hour)
		h.wants("an hour later", len(e.edits()), 1)
		h.passes(time.Hour)
		h.wants("no more", e.edits(), []string(nil))
		h.chat.Always("edit", "", testkit.Answer{})
		h.votes(ml, 1, "eve", true)
		h.wants("edits", len(e.edits()), 1)
		h.wants("shown", h.labels(), []string{"👍 3", "Save"})
	})
}

// Killed between a vote and its edit: whoever comes next makes it.
func TestAVoteThatWasNotShownYetIsShownAfterARestart(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		a := h.runs("A")
		h.cards(ml, 1)
		h.passes(time.Minute)
		h.chat.Answers("edit", "", testkit.Answer{Takes: time.Hour, Err: errors.New("nobody heard")})
		h.votes(ml, 1, "ana", true)
		a.dies()
		h.wants("before", h.labels(), []string{"👍", "Save"})
		h.runs("B")
		h.passes(5 * time.Second)
		h.wants("after", h.labels(), []string{"👍 1", "Save"})
		h.wants("messages", h.there(), []string{"header"})
	})
}

func TestAPapersOwnMessageHasAButtonToVoteWhereThePlatformAsksForOne(t *testing.T) {
	story(t, func(h *house) {
		h.chat.Vote = true
		ml := h.channel("ml")
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		labels := func() (out []string) {
			for _, b := range h.chat.There()[1].Card.Buttons {
				out = append(out, b.Label)
			}
			return out
		}
		h.wants("buttons", labels(), []string{"👍", "Save", "Similar", "BibTeX", "Not for us", "Mute"})
		h.votes(ml, 1, "ana", true)
		h.wants("with a vote", labels()[0], "👍 1")
		h.passes(time.Minute)
		h.comes(seen(1, 2))
		h.all[0].Wake()
		synctest.Wait()
		h.wants("after news", []any{labels()[0], h.shown(1).Labels}, []any{"👍 1", []string{"updated v2"}})
		h.passes(time.Minute)
		h.votes(ml, 1, "ben", true)
		h.wants("news of today keep no vote back", labels()[0], "👍 2")
		h.comes(seen(1, 3))
		h.passes(time.Minute)
		h.votes(ml, 1, "eve", true)
		h.wants("nor do news that have to wait", labels()[0], "👍 3")
		h.wants("which are shown with it", h.shown(1).Labels, []string{"updated v3"})
	})
}

func TestWhereNoButtonShowsVotesNothingIsEditedForThem(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.passes(time.Minute)
		h.posts(ml, core.InDigest, 2)
		h.votes(ml, 1, "ana", true)
		h.votes(ml, 2, "ana", true)
		h.passes(time.Hour)
		h.wants("edits", h.asked("edit"), []string(nil))
	})
}

func TestAVoteBringsNoNewsAgain(t *testing.T) {
	story(t, func(h *house) {
		h.chat.Vote = true
		ml := h.channel("ml")
		e := h.posted(ml, 1)
		h.comes(seen(1, 2))
		h.wants("news", len(e.edits()), 1)
		h.votes(ml, 1, "ana", true)
		h.wants("a vote", len(e.edits()), 1)
		h.passes(48 * time.Hour)
		h.wants("the days after", e.edits(), []string(nil))
	})
}

// several is a channel where these papers stand in one message, and a process that
// edits when the story says so.
func (h *house) several(c core.Channel, papers ...int) *editor {
	h.Helper()
	a := h.runs("A")
	h.cards(c, papers...)
	a.dies()
	return &editor{h, post.New(post.Options{Store: h.shaky, Owner: "E", Connections: h.conns, Clock: wallclockNow, Breaker: h.room})}
}

// standing is how the papers of the first message stand: "updated v2".
func (h *house) standing() (out []string) {
	for _, v := range h.chat.There()[0].Card.Papers {
		s := strings.Join(v.Labels, " ")
		if v.Struck {
			s += " struck"
		}
		if v.Folded {
			s += "folded"
		}
		out = append(out, s)
	}
	return out
}

func withdrawn(n int) core.Seen {
	s := seen(n, 1)
	s.Paper.Withdrawn = true
	return s
}

func TestNewsOfPapersInOneMessageAreShownInItOnceADay(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml", berlin)
		e := h.several(ml, 1, 2, 3, 4)
		h.comes(seen(1, 2), withdrawn(3))
		h.wants("one edit for both", e.edits(), []string{"edit header at 0s"})
		h.wants("shown", h.standing(), []string{"updated v2", "", "withdrawn struck", ""})
		edit, m := h.chat.Asked("edit")[0], h.chat.There()[0]
		h.wants("which message", []any{edit.Ref, edit.Key, edit.Card.Title, edit.Silent}, []any{m.Ref, m.Key, "Papers", true})
		h.comes(seen(2, 2))
		h.wants("another paper's, the same day", e.edits(), []string(nil))
		h.passes(23*time.Hour - time.Second) // 23:59:59 in Berlin
		h.wants("the same day", e.edits(), []string(nil))
		h.passes(time.Second)
		h.wants("the next day", e.edits(), []string{"edit header at 23h0m0s"})
		h.wants("shown", h.standing(), []string{"updated v2", "updated v2", "withdrawn struck", ""})
		h.wants("posted", len(h.asked("post")), 1)
	})
}

func TestVotesAndFoldsOfPapersInOneMessageWaitForNoDay(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		e := h.several(ml, 1, 2)
		h.comes(seen(1, 2))
		h.wants("news", len(e.edits()), 1)
		h.votes(ml, 2, "ana", true)
		h.wants("a vote", len(e.edits()), 1)
		h.wants("shown", []any{h.standing(), h.labels()}, []any{[]string{"updated v2", ""}, []string{"👍", "Save", "👍 1", "Save"}})
		for _, folded := range []bool{true, false, true} {
			h.folds(ml, 2, folded)
			h.wants("a fold", len(e.edits()), 1)
			h.wants("folded", h.standing()[1] == "folded", folded)
		}
		h.comes(seen(1, 3))
		h.chat.Answers("edit", "", testkit.Answer{Takes: time.Second, Meanwhile: func() { h.folds(ml, 1, true) }})
		h.passes(24 * time.Hour)
		h.wants("news, and a fold while they are on their way", len(e.edits()), 2)
		h.wants("shown", []any{h.standing(), h.labels()}, []any{[]string{"updated v3folded", "folded"}, []string{"👍", "Save", "👍 1", "Save"}})
		h.wants("more", e.edits(), []string(nil))
		h.wants("posted", len(h.asked("post")), 1)
	})
}
