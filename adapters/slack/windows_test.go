package slack_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/adapters/slack"
	"paperboy/internal/fakeslack"
)

// window waits for the window that somebody sees.
func (l *lab) window(who string) fakeslack.View {
	l.Helper()
	l.eventually("a window for "+who, func() bool { _, ok := l.slack.Modal(who); return ok })
	v, _ := l.slack.Modal(who)
	return v
}

// alone is the last that somebody reads in #papers for themselves alone.
func (l *lab) alone(who string) string {
	for _, m := range slices.Backward(l.slack.Sees(who, "papers")) {
		if m.For != "" {
			return m.Reads()
		}
	}
	return ""
}

// aloud is the last message for everybody in #papers.
func (l *lab) aloud() string {
	posts := l.slack.Posts("papers")
	return posts[len(posts)-1].Reads()
}

// bothWays tells a story over sockets and over signed requests.
func bothWays(t *testing.T, story func(t *testing.T, l *lab)) {
	t.Run("socket", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { story(t, inChannel(t)) })
	})
	t.Run("http", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, overHTTP)
			l.serve()
			l.slack.Invite("paperboy", "papers")
			l.slack.Wait("the greeting", func() bool { return len(l.slack.Posts("papers")) == 1 })
			story(t, l)
		})
	})
}

// The greeting's buttons do what they say: the time is set in a window, with a
// zone that is searched.
func TestTheTimeIsSetInAWindow(t *testing.T) {
	bothWays(t, func(t *testing.T, l *lab) {
		l.types("pi", "subscribe lora").Wait(2)
		l.slack.Presses("pi", l.slack.Posts("papers")[0], "Set time")
		v := l.window("pi")
		l.sees(v.Reads(), "Set the time", "Time of day", "09:00", "Time zone", "weekdays", "Set")
		if offered := l.slack.Searches("pi", "Time zone", "tok"); !slices.Contains(offered, "Asia/Tokyo") {
			t.Errorf("offered: %v", offered)
		}
		if offered := l.slack.Searches("pi", "Time zone", ""); len(offered) == 0 {
			t.Error("nothing is offered before anything is typed")
		}
		f := l.slack.Fills("pi", map[string]string{"Time of day": "17:30", "Time zone": "Asia/Tokyo", "Days": "every day"})
		if !f.Closed || f.Ack > 3*time.Second {
			t.Errorf("%+v", f)
		}
		l.eventually("the answer", func() bool { return strings.Contains(l.alone("pi"), "17:30") })
		l.eventually("the line", func() bool { return strings.Contains(l.aloud(), "17:30") })
		l.sees(l.alone("pi"), "17:30 (Tokyo)")
		if _, ok := l.slack.Modal("pi"); ok {
			t.Error("the window is still there")
		}
	})
}

// What is wrong is said where it was typed, and nothing that was typed is lost.
func TestWhatIsWrongIsSaidInTheWindow(t *testing.T) {
	bothWays(t, func(t *testing.T, l *lab) {
		l.slack.Presses("ana", l.slack.Posts("papers")[0], "Preview a topic")
		l.sees(l.window("ana").Reads(), "Preview a topic", "Topic", "as in:")
		f := l.slack.Fills("ana", map[string]string{"Topic": "diffusion -"})
		l.sees(f.Problems["Topic"], "A minus needs a word right after it")
		if f.Closed {
			t.Fatal("the window is gone, with what was typed")
		}
		if n := len(l.slack.Sees("ana", "papers")); n != 1 {
			t.Errorf("%d messages, want the greeting alone", n)
		}
		if f = l.slack.Fills("ana", map[string]string{"Topic": "diffusion"}); !f.Closed {
			t.Errorf("%+v", f)
		}
		l.eventually("the preview", func() bool { return strings.Contains(l.alone("ana"), "word diffusion in title or abstract") })
		if n := len(l.slack.Posts("papers")); n != 1 {
			t.Errorf("%d messages for everybody", n)
		}
	})
}

// A zone that nobody knows can be written all the same, and is refused with a
// sentence that helps.
func TestASearchTakesWhatWasTyped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.slack.Presses("pi", l.slack.Posts("papers")[0], "Set time")
		l.window("pi")
		f := l.slack.Fills("pi", map[string]string{"Time zone": "CET+1"})
		l.sees(f.Problems["Time zone"], "I do not know the zone")
		if f.Closed {
			t.Error("closed")
		}
	})
}

// A window opens within three seconds or never. Then the press says how what it
// asks for is typed.
func TestWhereNoWindowOpensOneCanType(t *testing.T) {
	for name, failure := range map[string]fakeslack.Failure{
		"expired": fakeslack.Error("expired_trigger_id"), "exchanged": fakeslack.Error("exchanged_trigger_id"), "told to wait": fakeslack.RateLimited(time.Minute),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := inChannel(t)
				l.slack.FailNext("views.open", failure)
				said := l.slack.Presses("pi", l.slack.Posts("papers")[0], "Set time").Reads()
				l.sees(said, "/papers schedule 09:00 Europe/Berlin weekdays")
				if _, ok := l.slack.Modal("pi"); ok {
					t.Error("there is a window, too")
				}
			})
		})
	}
}

// Everybody who asks Slack gets to see a window's metadata: no address of an
// answer stands there. Without it, as after a restart, the answer finds its way.
func TestAWindowHoldsNoSecretAndSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		a := l.slack.Presses("pi", l.slack.Posts("papers")[0], "Preview a topic")
		v := l.window("pi")
		if v.Private == "" || strings.Contains(v.Private, "http") || strings.Contains(v.Private, a.URL) || len(v.Private) > 3000 {
			t.Errorf("private_metadata: %s", v.Private)
		}
		l.restart()
		if f := l.slack.Fills("pi", map[string]string{"Topic": "lora"}); !f.Closed {
			t.Fatalf("%+v", f)
		}
		l.eventually("the preview", func() bool { return strings.Contains(l.alone("pi"), "word lora") })
	})
}

// Who writes to the bot in its own messages is answered there, once, in messages
// that stay; it does not answer itself.
func TestTheMessageTabAnswers(t *testing.T) {
	bothWays(t, func(t *testing.T, l *lab) {
		l.lists("2025-11-24", 1, 2, 3, 28, 17)
		l.slack.Says("ana", "@paperboy", "diffusion -<http://cs.CL|cs.CL>")
		read := func() (all []string) {
			for _, m := range l.slack.Sees("ana", "@paperboy") {
				if m.User == fakeslack.Bot {
					all = append(all, m.Reads())
					if m.For != "" {
						t.Error("it will be gone")
					}
				}
			}
			return all
		}
		l.eventually("an answer", func() bool { return len(read()) == 1 })
		l.sees(read()[0], "diffusion")
		l.slack.Says("ana", "@paperboy", "help")
		l.eventually("an answer", func() bool { return len(read()) == 2 })
		l.sees(read()[1], "/papers")
		l.slack.Says("ana", "papers", "help") // nobody asked us
		synctest.Wait()
		if n := len(read()); n != 2 {
			t.Errorf("%d answers", n)
		}
	})
}

// An app that was made before it listened to its messages hears nothing, and
// works.
func TestWithoutItsScopeTheMessageTabIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.slack.Withdraw("im:history")
		l.slack.Says("ana", "@paperboy", "help")
		l.sees(l.types("ana", "list").Reads(), "no topics yet")
		if n := len(l.slack.Sees("ana", "@paperboy")); n != 1 {
			t.Errorf("%d messages", n)
		}
	})
}

func TestTheManifestListensAndShowsItsColour(t *testing.T) {
	for address, url := range map[string]bool{"": false, "https://bot.example": true} {
		var m struct {
			Display struct {
				Name        string
				Description string
				Long        string `json:"long_description"`
				Background  string `json:"background_color"`
			} `json:"display_information"`
			Settings struct {
				Interactivity struct {
					Options string `json:"message_menu_options_url"`
				}
				Events struct {
					Bot []string `json:"bot_events"`
				} `json:"event_subscriptions"`
			}
		}
		if err := json.Unmarshal(slack.Manifest("/papers", address, address, false), &m); err != nil {
			t.Fatal(err)
		}
		if n := len(m.Display.Long); m.Display.Background != "#a3441a" || len(m.Display.Description) > 140 || n < 175 || n > 4000 {
			t.Errorf("%+v", m.Display)
		}
		if !slices.Contains(m.Settings.Events.Bot, "message.im") || !slices.Contains(slack.Scopes, "im:history") {
			t.Error("what is written to the app is not heard")
		}
		if got := m.Settings.Interactivity.Options; (got == "https://bot.example/slack/interactions") != url {
			t.Errorf("options are asked for at %q", got)
		}
	}
}
