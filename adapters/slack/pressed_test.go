package slack_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"paperboy/internal/fakeslack"
)

// App Home is the place to manage what one may see: topics and times change there,
// in windows, and it shows what changed; the channel is told.
func TestAppHomeManagesItsChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := following(t)
		l.slack.Presses("pi", l.slack.Posts("papers")[0], "Help").Wait(1)
		l.sees(l.home("ana"), "#papers", "weekdays 09:00 Berlin", "#1 diffusion", "#2 lora")
		shows := func(words string) {
			t.Helper()
			l.eventually("home with "+words, func() bool { v, _ := l.slack.Home("ana"); return strings.Contains(v.Reads(), words) })
		}
		answered := func(words string) {
			t.Helper()
			l.eventually("a window with "+words, func() bool { v, _ := l.slack.Modal("ana"); return strings.Contains(v.Reads(), words) })
			l.slack.Closes("ana")
		}

		l.slack.PressesHome("ana", "Set time")
		l.window("ana")
		l.slack.Fills("ana", map[string]string{"Time of day": "17:30"})
		answered("17:30")
		shows("weekdays 17:30 Berlin")
		l.eventually("the line", func() bool { return strings.Contains(l.aloud(), "@ana set the post here to weekdays 17:30 Berlin.") })

		l.slack.PressesHome("ana", "Add a topic")
		l.window("ana")
		if f := l.slack.Fills("ana", map[string]string{"Topic": "robot -"}); f.Closed || f.Problems["Topic"] == "" {
			t.Errorf("%+v", f)
		}
		l.slack.Fills("ana", map[string]string{"Topic": "robot"})
		answered("robot")
		shows("#3 robot")

		l.slack.PressesHome("ana", "Edit …")
		l.sees(l.window("ana").Reads(), "diffusion")
		l.slack.Fills("ana", map[string]string{"Topic": "diffusion -video"})
		answered("diffusion -video")
		shows("#1 diffusion -video")

		l.slack.PressesHome("ana", "Stop following") // the first
		answered("no longer follows")
		l.eventually("a home without it", func() bool { v, _ := l.slack.Home("ana"); return !strings.Contains(v.Reads(), "-video") })

		l.slack.PressesHome("ana", "What's new")
		answered("for this channel")
		v, _ := l.slack.Home("ana")
		if b := v.Buttons(); slices.ContainsFunc(b[:len(b)-1], func(b fakeslack.Button) bool { return strings.HasPrefix(b.Label, "Delete") }) || !strings.HasPrefix(b[len(b)-1].Label, "Delete everything") {
			t.Errorf("privacy stands last: %v", b)
		}
	})
}

// A long list has pages, which turn in their place.
func TestResultsHavePages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.lists("2025-11-24", 1, 2, 3, 28, 17, 19, 5, 9)
		m := l.types("ana", "search cat:*").Wait(1)[0]
		first := m.Links()
		next := m.Buttons()[slices.IndexFunc(m.Buttons(), func(b fakeslack.Button) bool { return strings.HasPrefix(b.Label, "Next ") })]
		l.slack.Presses("ana", m, next.Label)
		l.eventually("the next page", func() bool { now := l.slack.Whispers("ana", m.Channel); return now[0].Edits == 1 })
		now := l.slack.Whispers("ana", m.Channel)
		if len(now) != 1 || slices.Equal(now[0].Links(), first) {
			t.Errorf("%d messages", len(now))
		}
		l.sees(now[0].Reads(), "6–8 of 8")
		l.slack.Presses("ana", now[0], "◀ Previous")
		l.eventually("the first page", func() bool { return slices.Equal(l.slack.Whispers("ana", m.Channel)[0].Links(), first) })
	})
}

// A setting is a choice with a line of meaning each; several are changed in a
// window.
func TestSettingsAreChosen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := following(t)
		m := l.types("pi", "settings").Wait(1)[0]
		l.sees(m.Reads(), "Form of the post", "channel")
		l.slack.Presses("pi", m, "thread").Wait(1)
		l.sees(l.types("pi", "settings").Reads(), "thread")
		l.slack.Presses("pi", m, "Change several …")
		l.sees(l.window("pi").Reads(), "Settings", "Form of the post", "thread")
		f := l.slack.Fills("pi", map[string]string{"Papers in a post": "3", "Days without papers": "note"})
		if !f.Closed {
			t.Fatalf("%+v", f)
		}
		l.eventually("the answer", func() bool { return l.channel(m.Channel).Settings.Max == 3 })
		if s := l.channel(m.Channel).Settings; !s.QuietNote || s.Layout != "thread" {
			t.Errorf("%+v", s)
		}
	})
}

// What is to be hidden of a paper, and for how long, is asked in a window.
func TestMutingInAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		l.slack.Presses("ana", l.paper(1), "Mute")
		l.sees(l.window("ana").Reads(), "Hide papers", "This paper, for me", "a week")
		if f := l.slack.Fills("ana", map[string]string{"For how long": "a month"}); !f.Closed {
			t.Fatalf("%+v", f)
		}
		l.eventually("the answer", func() bool {
			return strings.Contains(l.alone("ana"), "30 days") || strings.Contains(l.alone("ana"), "a month")
		})
	})
}
