package discord_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakediscord"
)

// greeted is a channel whose moderator has just read the greeting.
func greeted(t *testing.T, change ...func(*lab)) (*lab, fakediscord.Message) {
	l := newLab(t, change...)
	return l, l.types(l.mod, "list").Wait(2)[1]
}

func TestAButtonOpensAWindowToFillIn(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l, greeting := greeted(t)
		l.lists("2025-11-24", 1, 2, 3, 28)
		a := l.discord.Presses(l.mod, greeting, "Preview a topic")
		w := a.Window()
		if w == nil || w.Title != "Preview a topic" || !slices.Equal(w.Labels, []string{"Topic"}) || !strings.Contains(w.Hints["Topic"], "as in: diffusion") {
			t.Fatalf("%+v %s", w, a.Error)
		}
		if said := a.Submits(map[string]string{"Topic": ""}); said.Error == "" {
			t.Error("an empty topic was sent")
		}
		said := a.Submits(map[string]string{"Topic": "diffusion"}).Wait(1)[0]
		l.sees(said.Reads(), "I read this as", "Nothing was posted")
		if said.For != l.mod.ID {
			t.Error("others see it")
		}
		if a.Acked > time.Second {
			t.Errorf("it took %v to open", a.Acked)
		}
	})
}

// A window that is closed cannot say what is wrong: the answer does, and opens it
// again as it was filled in.
func TestWhatIsWrongInAWindowIsSaidAndNothingTypedIsLost(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l, greeting := greeted(t)
		a := l.discord.Presses(l.mod, greeting, "Set time")
		w := a.Window()
		if w.Values["Time of day"] != "09:00" || w.Values["Days"] != "weekdays" || len(w.Options["Days"]) != 3 {
			t.Errorf("what is known is not filled in: %+v", w)
		}
		wrong := a.Submits(map[string]string{"Time of day": "25:00", "Time zone": "CET+1", "Days": "every day"}).Wait(1)[0]
		l.sees(wrong.Reads(), "25:00", "I do not know the zone CET+1", "You wrote CET+1.")
		if wrong.For != l.mod.ID {
			t.Error("others see it")
		}
		again := l.discord.Presses(l.mod, wrong, "Change it")
		if w = again.Window(); w.Values["Time of day"] != "25:00" || w.Values["Time zone"] != "CET+1" || w.Values["Days"] != "every day" {
			t.Errorf("what was typed is lost: %+v", w)
		}
		l.sees(again.Submits(map[string]string{"Time of day": "08:30"}).Wait(1)[0].Reads(), "I do not know the zone CET+1")
		again = l.discord.Presses(l.mod, l.discord.Message(wrong), "Change it")
		if said := again.Submits(map[string]string{"Time zone": "Berlin"}); !said.Updated {
			t.Errorf("the answer that was wrong should go: %+v", said)
		}
		l.eventually("the line for everybody", func() bool {
			posts := l.discord.Posts(l.channel)
			return len(posts) > 0 && strings.Contains(posts[len(posts)-1].Reads(), "@mod set the post here to daily 08:30")
		})
		if w := l.discord.Presses(l.mod, greeting, "Set time").Window(); w.Values["Time zone"] != "Europe/Berlin" || w.Values["Time of day"] != "08:30" {
			t.Errorf("what is set is not filled in: %+v", w)
		}
	})
}

// What one person typed wrongly is nobody else's, nor another channel's.
func TestADraftIsForWhoTypedItWhereItWasTyped(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l, greeting := greeted(t)
		l.discord.Presses(l.mod, greeting, "Preview a topic").Submits(map[string]string{"Topic": "lora -"}).Wait(1)
		other := l.guild.Channel("other")
		elsewhere := l.typesIn(other, l.mod, "list").Wait(2)[1]
		second := l.guild.Member("second", fakediscord.ManageChannels)
		for who, a := range map[string]*fakediscord.Answer{
			"elsewhere":    l.discord.Presses(l.mod, elsewhere, "Preview a topic"),
			"another":      l.discord.PressesOld(second, greeting, "pb1|form|preview"),
			"another form": l.discord.PressesOld(l.mod, greeting, "pb1|form|subscribe"),
		} {
			if w := a.Window(); w == nil || w.Values["Topic"] != "" {
				t.Errorf("%s: %+v", who, w)
			}
		}
		a := l.discord.Presses(l.mod, greeting, "Preview a topic")
		if w := a.Window(); w == nil || w.Values["Topic"] != "lora -" {
			t.Fatalf("%+v %+v", w, a)
		}
		l.passes(16 * time.Minute)
		if w := l.discord.Presses(l.mod, greeting, "Preview a topic").Window(); w.Values["Topic"] != "" {
			t.Errorf("a quarter of an hour later: %+v", w)
		}
	})
}

// Who may not do what a window asks for is told so instead; and where Discord does
// not show one, how it is typed.
func TestAWindowThatDoesNotOpenIsAnsweredInWords(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l, greeting := greeted(t)
		a := l.discord.PressesOld(l.ana, greeting, "pb1|form|subscribe")
		if a.Window() != nil {
			t.Error("a window for who may not")
		}
		l.sees(a.Reads(), "You need Manage Channels here")
		l.discord.FailNext(fakediscord.Callback, fakediscord.Error(400, 50035, "Invalid Form Body"))
		a = l.discord.Presses(l.mod, greeting, "Preview a topic")
		if a.Window() != nil || a.Error != "" {
			t.Fatalf("%+v", a)
		}
		l.sees(a.Reads(), "preview", "topic")
		// Discord was slow for a moment: the window still opens.
		l.discord.FailNext(fakediscord.Callback, fakediscord.ServerError(500))
		if a = l.discord.Presses(l.mod, greeting, "Preview a topic"); a.Window() == nil {
			t.Errorf("%+v", a)
		}
	})
}

// In a thread, and in a forum's post, a window is about the channel itself.
func TestAWindowInAThreadIsAboutItsChannel(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		thread := l.discord.Thread(l.header())
		said := l.typesIn(thread, l.mod, "list").Wait(1)[0]
		a := l.discord.PressesOld(l.mod, said, "pb1|form|schedule")
		if w := a.Window(); w.Values["Time zone"] != "Europe/Berlin" {
			t.Fatalf("%+v", w)
		}
		a.Submits(map[string]string{"Time of day": "10:00"}).Wait(1)
		ch := l.row(l.channel)
		l.eventually("the new time", func() bool { ch = l.row(l.channel); return ch.Schedule.Time == "10:00" })
	})
}

// Commands can be tapped once their id is known, in whichever server; before that
// they are shown as they are typed.
func TestACommandCanBeTappedOnceItsIDIsKnown(t *testing.T) {
	simulated(t, "everywhere", func(t *testing.T) {
		l := newLab(t)
		for _, restarted := range []bool{false, true} { // written, and found as it was
			if restarted {
				l.restart()
			}
			l.sees(l.types(l.ana, "list").Reads(), "Start with "+l.command("subscribe")+" topic:")
		}
	})
	simulated(t, "in one server", func(t *testing.T) {
		l := openLab(t)
		l.opt.GuildIDs = []string{l.guild.ID}
		l.start()
		l.fetches()
		l.sees(l.types(l.ana, "list").Reads(), "Start with "+l.command("subscribe")+" topic:")
		// Elsewhere nobody knows the commands, and nothing looks as if it could be tapped.
		elsewhere := core.ChannelKey{Platform: "discord", Workspace: l.discord.Guild("another").ID, ID: "7"}
		if ref, err := l.adapter.Post(t.Context(), core.Post{Key: "k", Channel: elsewhere}); err == nil {
			t.Error(ref)
		}
	})
}

// A link is shown to who asked alone; the channel is told that it was made, and not where.
func TestALinkIsShownToWhoAskedAlone(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		l.bot.Chat.Page = "https://papers.example.org"
		var alone, all []string
		for _, m := range l.types(l.mod, "more link").Wait(2) {
			if m.Flags&fakediscord.FlagEphemeral != 0 {
				alone = append(alone, m.Reads())
			} else {
				all = append(all, m.Reads())
			}
		}
		l.sees(strings.Join(alone, "\n"), "https://papers.example.org/c/", l.command("more link"))
		if len(all) != 1 || !strings.Contains(all[0], "@mod made a secret link") || strings.Contains(all[0], "/c/") {
			t.Errorf("everybody reads %q", all)
		}
		l.sees(l.types(l.mod, "more link", "change", "off").Reads(), "The link opens nothing any more.")
		l.sees(l.types(l.ana, "more link").Reads(), "You need")
	})
}

// A command has room for few verbs: the rare ones stand in a group.
func TestARareVerbStandsInItsGroup(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		l.sees(l.types(l.ana, "help", "verb", "audit").Reads(), l.command("more audit"))
		l.sees(l.types(l.ana, "more audit", "date", "2025-11-20").Reads(), "Thu 20 Nov")
		if offered := l.discord.Completes(l.ana, l.channel, "more audit", "date", "yes"); len(offered) != 1 || offered[0].Value != "yesterday" {
			t.Error(offered)
		}
	})
}
