package discord_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakediscord"
)

// cardsOn is a channel that wants its morning as cards, after its first post.
func cardsOn(t testing.TB, change ...func(*lab)) *lab {
	t.Helper()
	l := following(t, change...)
	l.types(l.mod, "settings", "layout", "cards", "max", 10).Wait(2)
	l.until("2025-11-25 09:00")
	return l
}

// morning is the message of the cards, as it stands.
func (l *lab) morning() fakediscord.Message {
	l.Helper()
	posts := slices.DeleteFunc(l.discord.Posts(l.channel), func(m fakediscord.Message) bool { return m.Interaction != "" })
	if len(posts) != 1 {
		l.Fatalf("%d messages\n%s", len(posts), l.log)
	}
	return posts[0]
}

func labels(m fakediscord.Message) (out []string) {
	for _, b := range m.Buttons() {
		out = append(out, b.Label)
	}
	return out
}

// shows waits until the buttons of the cards say so.
func (l *lab) shows(want ...string) {
	l.Helper()
	l.eventually(fmt.Sprint(want), func() bool { return slices.Equal(labels(l.morning())[:len(want)], want) })
}

func TestAMorningIsOneMessageWithAVoteAndASaveEach(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := cardsOn(t)
		m := l.morning()
		if m.Flags&fakediscord.FlagLayout == 0 || m.Silent() || len(m.Notifies()) > 0 {
			t.Errorf("flags %d, it notifies %v", m.Flags, m.Notifies())
		}
		l.sees(m.Reads(), "Papers · Tue 25 Nov", "6 new for this channel · first: ", l.papers[seedID(28)].Title, "👍 = vote", "next post")
		if got := labels(m); len(got) != 12 || got[0] != "👍" || got[1] != "Save" {
			t.Fatalf("buttons %v", got)
		}
		l.sees(l.discord.Presses(l.ana, m, "👍").Reads(), "Counted: your vote for", "It has 1 vote here.")
		l.shows("👍 1", "Save", "👍", "Save")
		l.passes(time.Minute)
		l.sees(l.discord.Presses(l.mod, l.morning(), "👍 1").Reads(), "It has 2 votes here.")
		l.shows("👍 2", "Save", "👍")
		l.sees(l.discord.Presses(l.mod, l.morning(), "👍").Reads(), "Counted") // another paper's
		l.passes(time.Minute)
		l.shows("👍 2", "Save", "👍 1")
		l.sees(l.discord.Presses(l.ana, l.morning(), "👍 2").Reads(), "Taken back")
		l.shows("👍 1", "Save", "👍 1")
		l.sees(l.discord.Presses(l.ana, l.morning(), "Save").Reads(), "Saved. 1 in your list")
		l.sees(l.discord.Presses(l.ana, l.morning(), "Save").Reads(), "Removed")
		if c := l.discord.Counts(); c.Limited != 0 || c.Invalid != 0 {
			t.Errorf("429s %d, invalid %d", c.Limited, c.Invalid)
		}
		l.restart()
		l.until("2025-11-26 09:00")
		l.morning()
	})
}

func TestTenPapersAreSavedFromOneMenu(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		l.types(l.mod, "subscribe", "topic", "cat:* -zzz, learning | model | image | data").Wait(3)
		l.types(l.mod, "schedule", "time", "09:00", "zone", "Europe/Berlin", "days", "weekdays").Wait(2)
		l.types(l.mod, "settings", "layout", "cards", "max", 15).Wait(2)
		l.set("2025-11-25 08:30")
		all := make([]int, 33)
		for i := range all {
			all[i] = i + 1
		}
		l.lists("2025-11-25", all...)
		l.until("2025-11-25 09:00")
		m := l.morning()
		if got := labels(m); len(got) != 10 || len(m.Menus()) != 1 || len(m.Menus()[0].Options) != 10 {
			t.Fatalf("buttons %v, menus %v", got, m.Menus())
		}
		l.sees(m.Reads(), "more today")
		o := m.Menus()[0].Options[9]
		l.sees(l.discord.Chooses(l.ana, m, o.Label).Reads(), "Saved. 1 in your list")
		l.sees(l.types(l.ana, "saved").Reads(), strings.TrimSuffix(o.Label, "…"))
	})
}

// What Discord does not take as cards is a list with a button for each paper; its
// counts cannot be shown then, and the votes count all the same.
func TestCardsThatAreRefusedAreAList(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		l.types(l.mod, "settings", "layout", "cards", "max", 10).Wait(2)
		l.discord.FailNext(fakediscord.CreateMessage, fakediscord.Error(400, 50035, "Invalid Form Body"))
		l.until("2025-11-25 09:00")
		m := l.morning()
		if m.Flags&fakediscord.FlagLayout != 0 || len(m.Embeds) != 1 || labels(m)[0] != "1 👍" {
			t.Fatalf("flags %d, embeds %v, buttons %v", m.Flags, m.Embeds, labels(m))
		}
		l.sees(m.Reads(), "1. ", l.papers[seedID(28)].Title)
		l.sees(l.discord.Presses(l.ana, m, "1 👍").Reads(), "It has 1 vote here.")
		l.shows("1 👍 1", "2 👍")
	})
	simulated(t, "in no form", func(t *testing.T) {
		l := following(t)
		l.types(l.mod, "settings", "layout", "cards").Wait(2)
		no := fakediscord.Error(400, 50035, "Invalid Form Body")
		l.discord.FailNext(fakediscord.CreateMessage, no, no)
		l.until("2025-11-25 09:00")
		l.sees(l.morning().Content, "Papers · Tue 25 Nov", "6 new for this channel")
	})
}

// The process is cut off after the message and before its answer; so long after
// that Discord remembers no nonce.
func TestCardsAreFoundAgain(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		l.types(l.mod, "settings", "layout", "cards").Wait(2)
		l.discord.FailNext(fakediscord.CreateMessage, fakediscord.Reset().AfterStoring())
		l.set("2025-11-25 09:00")
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		_ = l.tickUntil(ctx)
		cancel()
		l.restart()
		l.passes(10 * time.Minute)
		l.tick()
		l.sees(l.discord.Presses(l.ana, l.morning(), "👍").Reads(), "Counted")
		l.shows("👍 1")
	})
}

// A moderator's forum gets a post for each paper: cards would be one for all.
func TestAForumRefusesCards(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		forum := l.guild.Forum("papers-forum")
		r := l.bot.Do(context.Background(), core.Request{Channel: l.key(forum), User: core.User{Key: "discord:1", Name: "mod", Manager: true}, Text: "settings layout:cards"})
		if !r.Failed {
			t.Fatal("it is set")
		}
		l.sees(r.Card.Lines[0].String(), "A forum channel can only have layout:forum.")
	})
}

// What becomes of a paper is said where it stands, in a list of titles too, and
// nothing is posted anew.
func TestAMorningInOneMessageStaysTrue(t *testing.T) {
	for layout, buttons := range map[string]string{"cards": "👍", "digest": "1"} {
		simulated(t, layout, func(t *testing.T) {
			l := following(t)
			l.types(l.mod, "settings", "layout", layout, "max", 10, "notforus", 1).Wait(2)
			l.until("2025-11-25 09:00")
			before, calls := l.morning(), l.discord.Counts().Calls[fakediscord.EditMessage]
			replaced, withdrawn := l.papers[seedID(3)], l.papers[seedID(28)]
			replaced.Version, withdrawn.Version, withdrawn.Withdrawn = 2, 2, true
			list := core.Sighting{Source: "arxiv", Day: "2025-11-26", Announce: "replace"}
			l.set("2025-11-26 08:00")
			l.fetches(core.Seen{Paper: replaced, Sighting: list, Authority: core.Publisher}, core.Seen{Paper: withdrawn, Sighting: list, Authority: core.Publisher})
			l.eventually("the news", func() bool { return strings.Contains(l.morning().Reads(), "updated v2") })
			m := l.morning()
			l.sees(m.Reads(), "updated v2", "withdrawn", replaced.Title)
			if !strings.Contains(fmt.Sprint(m.Formats()), "strike: ") {
				t.Errorf("its title is not struck: %v", m.Formats())
			}
			if m.ID != before.ID || labels(m)[0] != buttons {
				t.Errorf("%s became %s, buttons %v", before.ID, m.ID, labels(m))
			}
			shown := l.types(l.ana, "show", "paper", string(replaced.ID)).Wait(1)
			l.sees(l.discord.Presses(l.ana, shown[0], "Not for us").Reads(), "Noted")
			l.eventually("the folded paper", func() bool { return strings.Contains(l.morning().Reads(), replaced.Title+" · not for us") })
			l.sees(l.morning().Reads(), "withdrawn")
			_, below, _ := strings.Cut(l.morning().Reads(), " · not for us")
			if below = strings.TrimPrefix(strings.TrimSpace(below), "2. "); !strings.HasPrefix(below, withdrawn.Title) {
				t.Errorf("below its title there is %s", below)
			}
			if got := labels(l.morning()); !slices.Equal(got, labels(before)) {
				t.Errorf("buttons %v", got)
			}
			if n := l.discord.Counts().Calls[fakediscord.EditMessage] - calls; n != 2 {
				t.Errorf("%d edits, want one for the news and one for the fold", n)
			}
			l.until("2025-11-26 09:00")
			l.morning()
		})
	}
}
