package slack_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/adapters/slack"
	"paperboy/core"
	"paperboy/core/say"
	"paperboy/internal/fakeslack"
	"paperboy/internal/testkit"
)

// app is the adapter in #papers of a workspace, without a bot behind it.
type app struct {
	*slack.Slack
	testing.TB
	workspace *fakeslack.Slack
	log       *testkit.Log
	papers    core.ChannelKey
}

// inBubble runs a story with the adapter before a handler.
func inBubble(t *testing.T, h core.Handler, story func(*app), change ...func(*slack.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := &app{TB: t, workspace: fakeslack.New(t, fakeslack.Options{InProcess: true}), log: &testkit.Log{}}
		o := slack.Options{BotToken: fakeslack.BotToken, AppToken: fakeslack.AppToken, Command: "/papers",
			APIURL: a.workspace.API, Dial: a.workspace.Dial, Log: logger(a.log)}
		for _, c := range change {
			c(&o)
		}
		a.Slack = slack.New(o)
		a.papers = key(a.workspace.Channel("papers", "pi", "ana", "paperboy"))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); a.Run(ctx, h) }()
		defer func() { cancel(); <-ended }()
		for a.Ready() != nil && !core.Is[*core.Unauthorised](a.Ready()) {
			time.Sleep(time.Millisecond)
		}
		story(a)
	})
}

func key(channel string) core.ChannelKey {
	return core.ChannelKey{Platform: slack.Name, Workspace: fakeslack.Team, ID: channel}
}

// post is a paper's message for a channel.
func post(ch core.ChannelKey, paper string) core.Post {
	return core.Post{Key: "1/" + paper, Channel: ch, Since: time.Now(),
		Card: core.Card{Papers: []core.View{{ID: core.PaperID(paper), URL: "https://arxiv.org/abs/" + paper, Title: "Paper " + paper}}}}
}

// send posts, and fails the test when that fails.
func (a *app) send(p core.Post) core.MessageRef {
	a.Helper()
	ref, err := a.Post(a.Context(), p)
	if err != nil {
		a.Fatalf("%s: %v", p.Key, err)
	}
	return ref
}

// sameOutcome holds an error against what it should be, but for its cause.
func sameOutcome(t testing.TB, what string, got, want error) {
	t.Helper()
	if want == nil { // nobody knows
		for _, certain := range []bool{got == nil, core.Is[*core.Retry](got), core.Is[*core.Refused](got), core.Is[*core.Gone](got), core.Is[*core.Unauthorised](got), core.Is[*core.MayNot](got)} {
			if certain {
				t.Errorf("%s: %v, and nobody can know that", what, got)
			}
		}
		return
	}
	plain := func(err error) string {
		switch e := err.(type) {
		case *core.Retry:
			return fmt.Sprintf("retry after %v", e.After)
		case *core.Refused:
			return fmt.Sprintf("refused, message %t, with a reason %t", e.Message, e.Reason != "")
		case *core.Gone:
			return fmt.Sprintf("gone %s", e.What)
		case *core.MayNot:
			return fmt.Sprintf("may not %q", e.Right)
		case *core.Unauthorised:
			return "unauthorised"
		}
		return fmt.Sprint(err)
	}
	if plain(got) != plain(want) {
		t.Errorf("%s: %s (%v), want %s", what, plain(got), got, plain(want))
	}
}

var (
	theChannel = &core.Refused{Reason: "why"}
	theMessage = &core.Refused{Message: true, Reason: "why"}
)

func TestWhatAPostsErrorMeans(t *testing.T) {
	for code, want := range map[string]error{
		"fatal_error":                           nil,
		"internal_error":                        nil,
		"request_timeout":                       nil,
		"service_unavailable":                   &core.Retry{After: 5 * time.Second},
		"not_in_channel":                        theChannel,
		"is_archived":                           theChannel,
		"restricted_action":                     theChannel,
		"restricted_action_read_only_channel":   theChannel,
		"missing_scope":                         theChannel,
		"channel_not_found":                     &core.Gone{What: core.TheChannel},
		"invalid_blocks":                        theMessage, // as plain text too
		"msg_too_long":                          theMessage,
		"restricted_action_thread_locked":       theMessage,
		"something_that_came_with_a_new_policy": theMessage,
		"token_revoked":                         &core.Unauthorised{},
	} {
		t.Run(code, func(t *testing.T) {
			inBubble(t, nobody{}, func(a *app) {
				a.workspace.FailNext("chat.postMessage", fakeslack.Error(code), fakeslack.Error(code))
				_, err := a.Post(a.Context(), post(a.papers, "1"))
				sameOutcome(a, "post", err, want)
			})
		})
	}
}

func TestWhatAnEditsErrorMeans(t *testing.T) {
	for code, want := range map[string]error{
		"message_not_found":   &core.Gone{What: core.TheMessage},
		"cant_update_message": theMessage,
		"edit_window_closed":  theMessage,
		"msg_too_long":        theMessage,
		"something_new":       theMessage,
		"channel_not_found":   &core.Gone{What: core.TheChannel},
		"is_archived":         theChannel,
		"not_in_channel":      theChannel,
		"missing_scope":       theChannel,
		"fatal_error":         nil,
		"token_revoked":       &core.Unauthorised{},
	} {
		t.Run(code, func(t *testing.T) {
			inBubble(t, nobody{}, func(a *app) {
				p := post(a.papers, "1")
				ref := a.send(p)
				a.workspace.FailNext("chat.update", fakeslack.Error(code))
				sameOutcome(a, "edit", a.Edit(a.Context(), p, ref), want)
			})
		})
	}
}

// Where rights are missing, that is said, with their name.
func TestWhatIsNotAllowedIsCalledByItsScope(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		p := post(a.papers, "1")
		ref := a.send(p)
		for scope, do := range map[string]func() error{
			"reactions:write": func() error { return a.MaySeed(a.Context(), a.papers) },
			"reactions:read": func() error {
				_, err := a.Reactions(a.Context(), a.papers, core.MessageRef{}, []core.MessageRef{ref}, func(core.MessageRef, []core.Reaction) error { return nil })
				return err
			},
			"channels:history": func() error { _, _, err := a.Find(a.Context(), p); return err },
		} {
			a.workspace.Withdraw(scope)
			a.Manages(a.Context(), a.papers, core.User{Key: scope}) // any call: Slack names the scopes with the answer
			sameOutcome(a, scope, do(), &core.MayNot{Right: scope})
			a.workspace.Grant(scope)
		}
	})
}

func TestAPlainMessageIsTextInTheChannel(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		p := post(a.papers, "2")
		p.Place, p.Header, p.Plain = core.InThread, a.send(post(a.papers, "1")), true
		a.send(p)
		posts := a.workspace.Posts("papers")
		if len(posts) != 2 || len(posts[1].Blocks) != 0 || posts[1].Key("key") != p.Key {
			a.Fatalf("%+v", posts)
		}
		testkit.Sees(a, posts[1].Text, "Paper 2")
		if _, found, err := a.Find(a.Context(), p); !found || err != nil {
			a.Errorf("found %t, %v", found, err)
		}
	})
}

// One channel that is told to wait waits alone; when a second one is told so
// meanwhile, it is the workspace that has had enough.
func TestASecondChannelThatIsToldToWaitHoldsTheWorkspace(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		took := func(channel string) time.Duration {
			begun := time.Now()
			a.send(post(key(channel), channel))
			return time.Since(begun).Round(time.Second)
		}
		var channels []string
		for _, name := range []string{"one", "two", "three", "four"} {
			channels = append(channels, a.workspace.Channel(name, "paperboy"))
		}
		a.workspace.FailNext("chat.postMessage", fakeslack.RateLimited(30*time.Second))
		_, err := a.Post(a.Context(), post(key(channels[0]), "1"))
		sameOutcome(a, "the first", err, &core.Retry{After: 30 * time.Second})
		if d := took(channels[1]); d != 0 {
			a.Errorf("another channel waited %v", d)
		}
		a.workspace.FailNext("chat.postMessage", fakeslack.RateLimited(20*time.Second))
		_, err = a.Post(a.Context(), post(key(channels[2]), "3"))
		sameOutcome(a, "the second", err, &core.Retry{After: 20 * time.Second})
		if d := took(channels[3]); d != 20*time.Second {
			a.Errorf("a third channel waited %v", d)
		}
		if c := a.workspace.Counts(); c.Impatient != 0 {
			a.Errorf("%+v", c)
		}
	})
}

// A reply that its thread did not take went to the channel, and is found there.
func TestALookForAReplyReadsTheChannelToo(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		header := a.send(post(a.papers, "header"))
		reply := func(paper string) core.Post {
			p := post(a.papers, paper)
			p.Place, p.Header = core.InThread, header
			return p
		}
		a.send(reply("1"))
		plain := reply("2")
		plain.Plain = true
		a.send(plain)
		for paper, want := range map[string]bool{"1": true, "2": true, "3": false} {
			if found, err := a.looks(reply(paper)); found != want || err != nil {
				a.Errorf("paper %s: found %t, %v", paper, found, err)
			}
		}
	})
}

// talk is what people say in the channel, so often.
func (a *app) talk(n int) {
	for range n {
		a.workspace.Says("ana", "papers", "hm")
	}
}

// looks finds a post, waiting as long as Slack asks for between the looks.
func (a *app) looks(p core.Post) (found bool, err error) {
	for range 1000 {
		ctx, cancel := context.WithTimeout(a.Context(), 30*time.Second)
		_, found, err = a.Find(ctx, p)
		cancel()
		again, ok := errors.AsType[*core.Retry](err)
		if !ok {
			return found, err
		}
		time.Sleep(again.After)
	}
	return found, err
}

func (a *app) historyCalls() int { return a.workspace.Counts().Calls["conversations.history"] }

func TestALookThatIsToldToWaitGoesOnWhereItWas(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		p := post(a.papers, "1")
		a.send(p)
		a.talk(350)
		calls := 0
		a.workspace.OnCall(func(c fakeslack.Call) *fakeslack.Failure { // a page a minute
			if c.Method == "conversations.history" {
				if calls++; calls%2 == 0 {
					f := fakeslack.RateLimited(time.Minute)
					return &f
				}
			}
			return nil
		})
		_, _, err := a.Find(a.Context(), p)
		sameOutcome(a, "a look", err, &core.Retry{After: time.Minute})
		if found, err := a.looks(p); !found || err != nil {
			a.Errorf("found %t, %v", found, err)
		}
		if n := a.historyCalls(); n > 8 {
			a.Errorf("%d calls for 4 pages", n)
		}
	})
}

func TestALookDoesNotReadWhatWasSaidLongAfter(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		p := post(a.papers, "1")
		a.send(p)
		time.Sleep(10 * time.Minute)
		a.talk(2100)
		if found, err := a.looks(p); !found || err != nil || a.historyCalls() != 1 {
			a.Errorf("found %t, %v, %d calls", found, err, a.historyCalls())
		}
	})
}

// A message that was tried once more later on, by somebody who did not live to
// look for it, is found too.
func TestALookFindsALaterTry(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		p := post(a.papers, "1")
		time.Sleep(time.Hour)
		a.send(p)
		a.talk(200)
		if found, err := a.looks(p); !found || err != nil {
			a.Errorf("found %t, %v", found, err)
		}
	})
}

func TestALookEndsWhenTooMuchWasSaid(t *testing.T) {
	t.Parallel()
	inBubble(t, nobody{}, func(a *app) {
		p := post(a.papers, "1")
		a.talk(6000)
		_, err := a.looks(p)
		sameOutcome(a, "a look", err, &core.MayNot{})
		before := a.historyCalls()
		a.workspace.Delete("papers")
		_, err = a.looks(post(a.papers, "2"))
		sameOutcome(a, "a look into what is gone", err, &core.MayNot{})
		if n := a.historyCalls() - before; n != 1 {
			a.Errorf("%d calls", n)
		}
	})
}

// listener remembers what it is told.
type listener struct {
	nobody
	mu        sync.Mutex
	did       []string
	removed   int
	reacted   []core.Reaction
	unwritten int // times that something cannot be written down
	pressed   []string
	readVotes int
}

func (h *listener) ReadVotes(context.Context, string, ...string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.readVotes++
	return nil
}

func (h *listener) Do(_ context.Context, r core.Request) core.Reply {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.did = append(h.did, r.Text)
	return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("Here you are.")}}}
}

func (h *listener) Press(_ context.Context, p core.Press) core.Reply {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pressed = append(h.pressed, p.Button)
	return core.Reply{Card: window("Pressed "+p.Button+".", p.Button+"+")}
}

func (h *listener) Home(context.Context, core.Installation, core.User) core.Card {
	return window("At home.", "a")
}

func (h *listener) Removed(context.Context, core.Installation) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.removed++
	return h.written()
}

func (h *listener) React(_ context.Context, r core.Reaction) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reacted = append(h.reacted, r)
	return h.written()
}

func (h *listener) written() error {
	if h.unwritten > 0 {
		h.unwritten--
		return errors.New("the database is away")
	}
	return nil
}

// A vote that could not be written down Slack tells again, to any process there is: who
// heard it may be killed before it can.
func TestAVoteIsAcknowledgedOnceItIsWrittenDown(t *testing.T) {
	for _, x := range []struct{ unwritten, told int }{{0, 1}, {1, 2}, {2, 3}, {9, 4}} {
		for way, change := range map[string][]func(*slack.Options){"over a socket": nil, "by requests": {overHTTP}} {
			t.Run(fmt.Sprint("not written down ", x.unwritten, " times, ", way), func(t *testing.T) {
				h := &listener{unwritten: x.unwritten}
				inBubble(t, h, func(a *app) {
					if change != nil {
						delivers(a.workspace, a.Slack)
					}
					a.send(core.Post{Key: "1", Channel: a.papers, Card: window("A paper.", "up")})
					a.workspace.Reacts("ana", a.workspace.Posts("papers")[0], "+1")
					time.Sleep(10 * time.Minute)
					synctest.Wait()
					c := a.workspace.Counts()
					if len(h.reacted) != x.told || c.Retries != x.told-1 || c.Lost != 0 {
						a.Errorf("told %d times, want %d; %d events told again, %d given up", len(h.reacted), x.told, c.Retries, c.Lost)
					}
				}, change...)
			})
		}
	}
}

// Of the app's removal two events tell, and each is told again.
func TestARemovalIsAcknowledgedOnceItIsWrittenDown(t *testing.T) {
	for _, x := range []struct{ unwritten, told int }{{0, 2}, {1, 3}, {2, 4}, {9, 8}} {
		h := &listener{unwritten: x.unwritten}
		inBubble(t, h, func(a *app) {
			a.workspace.Uninstall()
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			if h.removed != x.told {
				a.Errorf("not written down %d times: told %d times, want %d", x.unwritten, h.removed, x.told)
			}
		})
	}
}

func window(text, button string) core.Card {
	return core.Card{Lines: []say.Text{say.Say("%s", text)}, Buttons: []core.Button{{ID: button, Label: "Press " + button}}}
}

// The app may be installed elsewhere too: what happens there is not ours.
func TestWhatAnotherWorkspaceDoesIsNotDoneToUs(t *testing.T) {
	const other = "T0OTHER"
	// elsewhere turns whatever is delivered into that of the other workspace.
	elsewhere := func(_ string, payload map[string]any) {
		payload["team_id"] = other
		if _, ok := payload["team"]; ok {
			payload["team"] = map[string]any{"id": other}
		}
		if _, ok := payload["authorizations"]; ok {
			payload["authorizations"] = []any{map[string]any{"team_id": other}}
		}
	}
	h := &listener{}
	inBubble(t, h, func(a *app) {
		ref := a.send(core.Post{Key: "1", Channel: a.papers, Card: window("A paper.", "up")})
		m := a.workspace.Posts("papers")[0]
		a.workspace.Tamper(elsewhere)
		answer := a.workspace.Types("ana", "papers", "/papers list").Wait(1)
		if len(answer) != 1 || answer[0].For == "" {
			a.Errorf("%+v", answer)
		}
		testkit.Sees(a, answer[0].Reads(), "another workspace")
		a.workspace.Presses("ana", m, "up")
		a.workspace.Reacts("ana", m, "+1")
		a.workspace.Uninstall()
		synctest.Wait()
		if len(h.did)+len(h.pressed)+len(h.reacted)+h.removed > 0 || a.Ready() != nil {
			a.Errorf("did %v, pressed %v, reacted %v, removed %d, ready: %v", h.did, h.pressed, h.reacted, h.removed, a.Ready())
		}
		// People of a connected workspace vote in a channel that both share.
		for i, ours := range []func(payload map[string]any){
			func(payload map[string]any) {
				payload["authorizations"] = []any{map[string]any{"team_id": fakeslack.Team}}
			},
			func(payload map[string]any) { payload["context_team_id"] = fakeslack.Team },
			func(payload map[string]any) { payload["team_id"] = fakeslack.Team },
		} {
			a.workspace.Tamper(func(kind string, payload map[string]any) {
				elsewhere(kind, payload)
				ours(payload)
			})
			a.workspace.Reacts("ana", m, fmt.Sprintf("heart%d", i))
			synctest.Wait()
			if len(h.reacted) != i+1 {
				a.Errorf("the vote of a connected workspace, %d: %v", i, h.reacted)
			}
		}
		if ref.ID != m.TS {
			a.Errorf("%v is not %v", ref, m.TS)
		}
	})
}

// A button in a window draws the window anew.
func TestAButtonInAWindow(t *testing.T) {
	h := &listener{}
	inBubble(t, h, func(a *app) {
		a.workspace.OpensHome("ana")
		a.workspace.Wait("a home", func() bool { _, ok := a.workspace.Home("ana"); return ok })
		a.workspace.PressesHome("ana", "a")
		a.workspace.Wait("a window", func() bool { _, ok := a.workspace.Modal("ana"); return ok })
		a.workspace.PressesModal("ana", "a+")
		synctest.Wait()
		v, _ := a.workspace.Modal("ana")
		testkit.Sees(a, v.Reads(), "Pressed a+.")
		if want := []string{"a", "a+"}; !reflect.DeepEqual(h.pressed, want) {
			a.Errorf("%v", h.pressed)
		}
	})
}
