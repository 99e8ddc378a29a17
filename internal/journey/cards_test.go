package journey

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
)

// on presses a paper's button in a message of several.
func (w *town) on(who string, id core.PaperID, verb string) core.Reply {
	w.Helper()
	reply := w.bot.Press(w.Context(), core.Press{Channel: channel(papersChannel), User: user(who), Button: "pb1|" + verb + "|" + string(id)})
	w.settles()
	return reply
}

// count is what stands on a paper's button to vote.
func (w *town) count(id core.PaperID) string {
	w.Helper()
	for _, p := range w.chat.posts {
		for _, v := range p.Card.Papers {
			if v.ID == id && len(v.Buttons) > 0 {
				return v.Buttons[0].Label
			}
		}
	}
	w.Fatalf("%s has no button", id)
	return ""
}

func TestCardsAreOneMessageForTheWholeMorning(t *testing.T) {
	w := almostTuesday(t)
	w.sees(texts(w.says("pi", "settings layout:cards max:15").Line), "layout is now cards")
	w.tick()
	if len(w.chat.posts) != 1 {
		t.Fatalf("%d messages, want one", len(w.chat.posts))
	}
	m := w.chat.posts[0]
	if !m.Card.Apart || len(m.Card.Papers) != 6 || len(m.Card.Buttons) != 0 || m.Silent {
		t.Fatalf("%d papers, buttons %v", len(m.Card.Papers), m.Card.Buttons)
	}
	first, second := m.Card.Papers[0], m.Card.Papers[1]
	w.sees(text(m.Card), "6 new for this channel · first: "+first.Title, first.Excerpt, "👍 = vote")

	w.sees(text(w.on("ana", first.ID, "up").Card), "Counted: your vote for", "It has 1 vote here.")
	w.on("ana", second.ID, "up")
	w.on("ben", second.ID, "up")
	w.now = w.now.Add(core.CountEvery)
	w.settles()
	if w.count(first.ID) != "👍 1" || w.count(second.ID) != "👍 2" {
		t.Errorf("buttons say %s and %s", w.count(first.ID), w.count(second.ID))
	}
	w.now = w.now.Add(time.Minute)
	w.sees(text(w.on("ana", first.ID, "up").Card), "Taken back", "It has 0 votes here.")
	if w.count(first.ID) != "👍" {
		t.Errorf("the button says %s", w.count(first.ID))
	}
	w.sees(text(w.on("ana", first.ID, "save").Card), "Saved")
	w.sees(text(w.on("ana", first.ID, "save").Card), "Removed")
	w.sees(text(w.says("ben", "top since:1d").Card), second.Title)

	w.until(at("2025-11-26 09:00"))
	if len(w.chat.posts) != 1 {
		t.Error("posted again on a quiet day")
	}
}

// An emoji on a message of several papers names none of them.
func TestAReactionOnSeveralPapersCountsForNone(t *testing.T) {
	w := almostTuesday(t)
	w.says("pi", "settings layout:cards")
	w.tick()
	m := w.chat.posts[0]
	r := core.Reaction{Channel: channel(papersChannel), Message: m.Ref.ID, User: user("ana"), Emoji: "👍", Added: true, Order: 1, At: w.now}
	if err := w.bot.React(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	w.settles()
	for _, v := range m.Card.Papers {
		if w.votes(v.ID).Up != 0 {
			t.Errorf("%s has a vote", v.ID)
		}
	}
}

// Cut off wherever: one message, and each of its papers once in the ledger.
func TestCardsAreCutOff(t *testing.T) {
	for n, kept := range []bool{false, true} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := almostTuesday(t)
				w.says("pi", "settings layout:cards")
				w.dies(0, kept)
				w.dies(0, kept)
				w.until(w.now)
				if len(w.chat.posts) != 1 {
					t.Fatalf("%d messages", len(w.chat.posts))
				}
				posted, err := w.store.DeliveriesOf(t.Context(), w.channel().ID, time.Time{}, core.Posted)
				if err != nil || len(posted) != 6 { // a header and the five of max
					t.Errorf("%d in the ledger, %v", len(posted), err)
				}
				first := w.chat.posts[0].Card.Papers[0].ID
				w.on("ana", first, "up")
				if w.count(first) != "👍 1" {
					t.Errorf("the button says %s", w.count(first))
				}
			})
		})
	}
}
