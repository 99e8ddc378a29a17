package slack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/adapters/slack"
	"paperboy/core"
	"paperboy/internal/fakeslack"
	"paperboy/internal/testkit"
)

// Connections come and go; no vote is lost, and nobody hammers at Slack.
func TestSocketTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(1)
		trouble := []struct {
			name string
			do   func()
		}{
			{"refresh", func() { l.slack.Disconnect("refresh_requested") }},
			{"warning", func() { l.slack.Disconnect("warning") }},
			{"dropped", l.slack.Drop},
			{"a full house", func() { l.slack.FailNext("link", fakeslack.ServerError()); l.slack.Drop() }},
			{"no connection", func() {
				l.slack.FailNext("apps.connections.open", fakeslack.ServerError(), fakeslack.Reset(), fakeslack.RateLimited(time.Second))
				l.slack.Drop()
			}},
		}
		for i, x := range trouble {
			x.do()
			who := "reader" + string(rune('a'+i))
			l.slack.Reacts(who, m, "+1")
			l.votes(1, i+1)
			l.eventually("one connection after "+x.name, func() bool { return l.slack.Counts().Live == 1 })
		}
		if c := l.slack.Counts(); c.Lost != 0 || c.Opened > 20 {
			t.Errorf("events lost: %d; connections opened: %d", c.Lost, c.Opened)
		}
		l.sees(l.types("ana", "list").Reads(), "diffusion")
	})
}

// An hour of it, with people voting all the time: in the end the votes are what
// Slack shows.
func TestAnHourOfTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(1)
		rng := rand.New(rand.NewPCG(3, 4))
		next := time.NewTicker(time.Minute / 5)
		defer next.Stop()
		before := l.slack.Counts().Opened
		for i := range 60 * 5 {
			<-next.C
			who := fmt.Sprintf("reader%02d", rng.IntN(30))
			emoji := []string{"+1", "+1::skin-tone-4", "heart", "fire"}[rng.IntN(4)]
			if rng.IntN(3) == 0 {
				l.slack.Unreacts(who, m, emoji)
			} else {
				l.slack.Reacts(who, m, emoji)
			}
			if i%10 != 0 { // twice a minute something happens to the connection
				continue
			}
			switch rng.IntN(6) {
			case 0:
				l.slack.Drop()
			case 1:
				l.slack.Disconnect("refresh_requested")
			case 2:
				l.slack.Disconnect("warning")
			case 3:
				l.slack.Silence()
			case 4:
				l.slack.FailNext("apps.connections.open", fakeslack.ServerError(), fakeslack.Reset())
				l.slack.Drop()
			case 5:
				l.slack.FailNext("link", fakeslack.Reset())
				l.slack.Disconnect("too_many_websockets")
			}
		}
		l.eventually("connected", func() bool { return l.adapter.Ready() == nil })
		now, _ := l.slack.Message(m)
		l.votes(1, len(now.Voters("+1", "heart", "fire")))
		c := l.slack.Counts()
		t.Logf("%d connections opened, %d events, %d retried, %d lost", c.Opened-before, c.Sent, c.Retries, c.Lost)
		if c.Opened-before > 240 {
			t.Errorf("%d connections in an hour", c.Opened-before)
		}
	})
}

// Against a Slack that drops every connection, slack-go's own loop opens
// thousands a second.
func TestAStormOfDroppedConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		before := l.slack.Counts().Opened
		l.slack.Storm(true)
		l.slack.Drop()
		begun := time.Now()
		l.eventually("a few tries", func() bool { return l.slack.Counts().Opened >= before+4 })
		// Doubled pauses, jitter included: 0.5 s, 1, 2, 4 at the least, in Slack's time.
		if took := time.Since(begun); took < 3*time.Second {
			t.Errorf("4 connections within %v", took)
		}
		l.slack.Storm(false)
		l.eventually("connected again", func() bool { return l.adapter.Ready() == nil && l.slack.Counts().Live == 1 })
	})
}

// A connection over which nothing comes any more is given up.
func TestASilentConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.slack.Silence()
		opened := l.slack.Counts().Opened
		l.eventually("another connection", func() bool { return l.slack.Counts().Opened > opened })
		l.slack.Connected(1)
		l.sees(l.types("ana", "").Reads(), "no topics yet")
	})
}

// What the bot cannot read is acknowledged all the same.
func TestEnvelopesThatNobodyKnows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.slack.Tamper(func(kind string, payload map[string]any) {
			if e, ok := payload["event"].(map[string]any); ok && e["type"] == "reaction_added" {
				e["item"] = map[string]any{"type": "file", "file": "F1"}
				e["channel"] = map[string]any{"id": "C1"}
				e["links"] = "none"
			}
		})
		l.slack.Reacts("ana", l.slack.Posts("papers")[0], "+1")
		l.slack.Tamper(nil)
		l.sees(l.types("ana", "").Reads(), "no topics yet")
		if c := l.slack.Counts(); c.Retries != 0 || c.Unanswered != 0 {
			t.Errorf("%+v", c)
		}
	})
}

func TestATokenThatSlackDoesNotTake(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*slack.Options)
		says   string
	}{
		"the bot's": {func(o *slack.Options) { o.BotToken = "xoxb-wrong" }, "the bot token"},
		"the app's": {func(o *slack.Options) { o.AppToken = "xapp-wrong" }, "the app token"},
		"exchanged": {func(o *slack.Options) { o.BotToken, o.AppToken = o.AppToken, o.BotToken }, "token"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				workspace := fakeslack.New(t, fakeslack.Options{InProcess: true})
				log := &testkit.Log{}
				o := slack.Options{BotToken: fakeslack.BotToken, AppToken: fakeslack.AppToken, APIURL: workspace.API, Dial: workspace.Dial, Command: "/papers", Log: logger(log)}
				c.change(&o)
				err := slack.New(o).Run(context.Background(), nobody{})
				if !core.Is[*core.Unauthorised](err) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("Run: %v", err)
				}
				if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
					t.Errorf("%d error lines:\n%s", n, log)
				}
				calls := 0
				for _, n := range workspace.Counts().Calls {
					calls += n
				}
				if calls > 2 {
					t.Errorf("%d calls with a refused token", calls)
				}
				for _, secret := range []string{o.BotToken, o.AppToken} {
					if strings.Contains(log.String()+err.Error(), secret) {
						t.Errorf("the token is told: %s %v", log, err)
					}
				}
			})
		})
	}
}

func TestSignedRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, overHTTP)
		handlers := l.adapter.Handlers()
		l.eventually("ready", func() bool { return l.adapter.Ready() == nil })
		mux := http.NewServeMux()
		for path, h := range handlers {
			mux.Handle(path, h)
		}
		ask := func(r *http.Request) int {
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			return w.Code
		}
		payload := func() map[string]any {
			return map[string]any{"team_id": fakeslack.Team, "channel_id": "C0PAPERS", "channel_name": "papers", "user_id": "U0PI", "user_name": "pi", "command": "/papers", "text": "list", "trigger_id": "t1", "response_url": "https://evil.example/x"}
		}
		now := time.Now()
		good := l.slack.Request("slash_commands", payload(), now)
		body, err := io.ReadAll(good.Body)
		if err != nil {
			t.Fatal(err)
		}
		again := func() *http.Request {
			r := good.Clone(context.Background())
			r.Body = io.NopCloser(bytes.NewReader(body))
			return r
		}
		changed := again()
		changed.Body = io.NopCloser(bytes.NewReader(append(body, "&x=1"...)))
		unsigned := again()
		unsigned.Header.Del("X-Slack-Signature")
		for _, c := range []struct {
			name string
			r    *http.Request
			want int
		}{
			{"signed", again(), http.StatusOK},
			{"the same once more", again(), http.StatusUnauthorized},
			{"changed", changed, http.StatusUnauthorized},
			{"unsigned", unsigned, http.StatusUnauthorized},
			{"six minutes old", l.slack.Request("slash_commands", payload(), now.Add(-6*time.Minute)), http.StatusUnauthorized},
			{"from the future", l.slack.Request("slash_commands", payload(), now.Add(6*time.Minute)), http.StatusUnauthorized},
			{"four minutes old", l.slack.Request("slash_commands", payload(), now.Add(-4*time.Minute)), http.StatusOK},
			{"a GET", httptest.NewRequest("GET", "/slack/commands", nil), http.StatusMethodNotAllowed},
		} {
			if got := ask(c.r); got != c.want {
				t.Errorf("%s: %d, want %d", c.name, got, c.want)
			}
		}
	})
}

// A forged or odd response_url is not where answers go.
func TestAnswersGoOnlyToSlack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		asked := make(chan struct{}, 1)
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked <- struct{}{} }))
		defer elsewhere.Close()
		l.slack.Tamper(func(kind string, payload map[string]any) {
			if _, ok := payload["response_url"]; ok {
				payload["response_url"] = strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)
			}
		})
		l.types("ana", "")
		l.slack.Wait("an answer by another way", func() bool { return l.slack.Counts().Calls["chat.postEphemeral"] == 1 })
		if len(asked) != 0 {
			t.Error("the answer went elsewhere")
		}
	})
}

func TestManifest(t *testing.T) {
	socket, web := string(slack.Manifest("/lab", "", "", false)), string(slack.Manifest("/lab", "https://bot.example/", "https://bot.example/", false))
	for _, want := range []string{`"command": "/lab"`, `"socket_mode_enabled": true`, `"channels:history"`, `"files:write"`, `"member_joined_channel"`, `"paperboy_similar"`} {
		if !strings.Contains(socket, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if strings.Contains(socket, "request_url") {
		t.Error("in Socket Mode Slack asks no address")
	}
	for _, want := range []string{`"https://bot.example/slack/events"`, `"https://bot.example/slack/commands"`, `"https://bot.example/slack/interactions"`, `"socket_mode_enabled": false`} {
		if !strings.Contains(web, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

// Slack repeats what was not acknowledged for some minutes only, so that after a
// gap votes are read again. It begins with the last thing that was heard, and it
// is there as well when the machine slept and did not count the time.
func TestVotesAreReadAgainAfterAGap(t *testing.T) {
	for name, c := range map[string]struct {
		gap  func(*app, *testkit.Clock)
		want int
	}{
		"a short one": {func(a *app, _ *testkit.Clock) { a.workspace.Drop() }, 0},
		"half of it silence": {func(a *app, _ *testkit.Clock) {
			f := fakeslack.ServerError()
			a.workspace.FailNext("apps.connections.open", f, f, f, f, f)
			a.workspace.Silence()
		}, 1},
		"asleep":          {func(_ *app, clock *testkit.Clock) { clock.Set(clock.Now().Add(7 * time.Minute)) }, 1},
		"for half a wink": {func(_ *app, clock *testkit.Clock) { clock.Set(clock.Now().Add(30 * time.Second)) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h, clock := &listener{}, &testkit.Clock{}
			inBubble(t, h, func(a *app) {
				stop := time.Now().Add(5 * time.Minute)
				c.gap(a, clock)
				for time.Now().Before(stop) { // the clock goes on
					time.Sleep(time.Second)
					clock.Set(clock.Now().Add(time.Second))
				}
				synctest.Wait()
				if h.readVotes != c.want {
					a.Errorf("votes were read %d times, want %d\n%s", h.readVotes, c.want, a.log)
				}
			}, func(o *slack.Options) {
				clock.Set(time.Now())
				o.Now = clock.Now
			})
		})
	}
}

// stumbling is a bot whose store does not answer at first.
type stumbling struct {
	nobody
	fails atomic.Int32
}

func (s *stumbling) Returned(context.Context, core.Installation) error {
	if s.fails.Add(-1) >= 0 {
		return core.ErrBusy
	}
	return nil
}

// A store that does not answer at the start makes nobody deaf for good: people are heard as
// soon as it does.
func TestAStoreThatDoesNotAnswerAtTheStartIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		workspace, log := fakeslack.New(t, fakeslack.Options{InProcess: true}), &testkit.Log{}
		s := slack.New(slack.Options{BotToken: fakeslack.BotToken, AppToken: fakeslack.AppToken, Command: "/papers", APIURL: workspace.API, Dial: workspace.Dial, Log: logger(log)})
		bot := &stumbling{}
		bot.fails.Store(3)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx, bot) }()
		time.Sleep(time.Second / 2)
		if err := s.Ready(); !errors.Is(err, core.ErrBusy) {
			t.Errorf("at first: %v", err)
		}
		time.Sleep(time.Minute)
		if err := s.Ready(); err != nil || workspace.Counts().Opened != 1 {
			t.Errorf("a minute later: %v, after %d connections\n%s", err, workspace.Counts().Opened, log)
		}
		cancel()
		<-ended
	})
}
