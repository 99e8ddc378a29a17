package fakeslack_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"paperboy/internal/fakeslack"
)

// fast is a workspace where a minute lasts 60 ms.
var fast = fakeslack.Options{Scale: 1000, Tolerance: time.Hour}

func TestEventsAreSentAgainUntilSomebodyHears(t *testing.T) {
	s, _, _ := lab(t, fast)
	m := s.Says("ana", "papers", "a paper")
	a := listen(t, s)
	s.Connected(1)
	s.Wait("the invitation", func() bool { return len(a.got()) == 1 }) // its retry found the socket
	a.set(func() { a.deaf = true })
	e := s.Reacts("ana", m, "+1")
	s.Wait("the vote is lost", func() bool { return s.Counts().Lost == 1 })
	if got := a.got(); len(got) != 5 || !slices.Equal(got[1:], []string{e.ID, e.ID, e.ID, e.ID}) {
		t.Error(got)
	}
	a.set(func() { a.deaf = false })
	s.Unreacts("ana", m, "+1").Again()
	s.Wait("two of one", func() bool { got := a.got(); return len(got) == 7 && got[5] == got[6] })
	a.set(func() {
		last, ok := a.inner[6].(*slackevents.ReactionRemovedEvent)
		if !ok || last.Reaction != "+1" || last.User != s.User("ana") || last.Item.Timestamp != m.TS {
			t.Errorf("%+v", a.inner[6])
		}
	})
	if c := s.Counts(); c.Sent != 3 || c.Lost != 1 {
		t.Errorf("%+v", c)
	}
}

func TestEventsWithoutASocketAreLostAfterSixMinutes(t *testing.T) {
	bubble(t, fakeslack.Options{}, func(t *testing.T, s *fakeslack.Slack, _ *slack.Client, _ string) {
		m := s.Says("ana", "papers", "a paper")
		s.Reacts("cem", m, "+1")
		time.Sleep(6*time.Minute - time.Second)
		if c := s.Counts(); c.Lost != 0 {
			t.Error("too early", c)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if c := s.Counts(); c.Lost != 2 || c.Retries != 6 {
			t.Error(c)
		}
	})
}

func TestSocketsComeAndGo(t *testing.T) {
	s, _, _ := lab(t, fakeslack.Options{Scale: 200})
	a := listen(t, s, socketmode.OptionPingInterval(300*time.Millisecond))
	m := s.Says("ana", "papers", "a paper")
	for i, trouble := range []func(){func() { s.Disconnect("refresh_requested") }, s.Drop, s.Silence} {
		s.Connected(1)
		before := s.Counts().Sockets
		trouble()
		e := s.Reacts("ana", m, fmt.Sprint("emoji", i))
		s.Wait("a new socket", func() bool { return s.Counts().Sockets > before })
		s.Wait("the vote", func() bool { return slices.Contains(a.got(), e.ID) })
	}
	s.Connected(1)
	if c := s.Counts(); c.Lost != 0 || c.Opened < 4 {
		t.Errorf("%+v", c)
	}
}

func TestASocketsURLWorksOnce(t *testing.T) {
	s, api, _ := lab(t)
	_, url, err := api.StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		ws, resp, err := websocket.DefaultDialer.Dial(url, nil)
		if (err != nil) != (i == 1) {
			t.Error(i, err, resp)
		}
		if err == nil {
			defer ws.Close()
		}
	}
	for range 9 {
		_, url, _ := api.StartSocketModeContext(t.Context())
		if ws, _, err := websocket.DefaultDialer.Dial(url, nil); err == nil {
			defer ws.Close()
		}
	}
	s.Connected(10)
	_, url, _ = api.StartSocketModeContext(t.Context())
	ws, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if _, frame, _ := ws.ReadMessage(); !strings.Contains(string(frame), "too_many_websockets") {
		t.Errorf("%s", frame)
	}
}

func TestStormAndFailingDials(t *testing.T) {
	s, api, _ := lab(t)
	s.Storm(true)
	s.FailNext("link", fakeslack.ServerError())
	for i := range 2 {
		_, url, _ := api.StartSocketModeContext(t.Context())
		ws, _, err := websocket.DefaultDialer.Dial(url, nil)
		if (err != nil) != (i == 0) {
			t.Fatal(err)
		}
		if err == nil {
			defer ws.Close()
			_, hello, _ := ws.ReadMessage()
			if _, _, err := ws.ReadMessage(); err == nil || !strings.Contains(string(hello), "hello") {
				t.Errorf("%s, then %v", hello, err)
			}
		}
	}
}

func TestCommandsAreNotSentAgain(t *testing.T) {
	s, _, _ := lab(t, fast)
	if a := s.Types("ana", "papers", "/papers"); a.Error != "dispatch_failed" {
		t.Error("nobody listens:", a.Error)
	}
	a := listen(t, s)
	s.Connected(1)
	a.set(func() { a.deaf = true })
	if a := s.Types("ana", "papers", "/papers"); a.Error != "operation_timeout" {
		t.Error(a.Error)
	}
	a.set(func() {
		a.deaf, a.ack = false, func(socketmode.Event) any { return map[string]string{"text": strings.Repeat("x", 20_000)} }
	})
	if a := s.Types("ana", "papers", "/papers"); a.Error != "" || len(a.Wait(1)[0].Text) != 20_000 {
		t.Error(a.Error)
	}
	if c := s.Counts(); c.Unanswered != 2 {
		t.Errorf("%+v", c)
	}
}

func TestButtonsAndMenusAnswerByTheirURL(t *testing.T) {
	s, api, papers := lab(t)
	a := listen(t, s)
	var got slack.InteractionCallback
	a.ack = func(e socketmode.Event) any {
		if i, ok := e.Data.(slack.InteractionCallback); ok {
			got = i
		}
		return map[string]string{"text": "a message in this acknowledgement is not shown"}
	}
	s.Connected(1)
	_, _, err := api.PostMessage(papers, slack.MsgOptionText("paper", false), slack.MsgOptionBlocks(slack.NewActionBlock("row",
		slack.NewButtonBlockElement("save", "9912.00001", slack.NewTextBlockObject("plain_text", "Save", false, false)),
		slack.NewOverflowBlockElement("more", slack.NewOptionBlockObject("bib", slack.NewTextBlockObject("plain_text", "BibTeX", false, false), nil)))))
	if err != nil {
		t.Fatal(err)
	}
	m := s.Posts("papers")[0]
	answer := s.Presses("ben", m, "Save")
	if act := got.ActionCallback.BlockActions[0]; act.Value != "9912.00001" || act.ActionID != "save" || act.BlockID != "row" || got.Message.Timestamp != m.TS || got.User.ID != s.User("ben") {
		t.Errorf("%+v", got)
	}
	if _, _, err := api.PostMessage(papers, slack.MsgOptionResponseURL(answer.URL, "ephemeral"), slack.MsgOptionText("Saved.", false)); err != nil {
		t.Fatal(err)
	}
	if ben := s.Sees("ben", "papers"); answer.Reads() != "Saved." || len(ben) != 2 || len(s.Sees("ana", "papers")) != 1 {
		t.Error(ben)
	}
	answer = s.Presses("ben", m, "BibTeX")
	if got.ActionCallback.BlockActions[0].SelectedOption.Value != "bib" {
		t.Errorf("%+v", got.ActionCallback.BlockActions[0])
	}
	if err := slack.PostWebhook(answer.URL, &slack.WebhookMessage{Text: "folded", ReplaceOriginal: true}); err != nil {
		t.Fatal(err)
	}
	if m, _ := s.Message(m); m.Text != "folded" || len(m.Blocks) != 0 || m.Edits != 1 {
		t.Errorf("%+v", m)
	}
	slack.PostWebhook(answer.URL, &slack.WebhookMessage{DeleteOriginal: true})
	if len(s.Posts("papers")) != 0 {
		t.Error("still there")
	}
	if err := slack.PostWebhook(answer.URL+"x", &slack.WebhookMessage{Text: "t"}); err == nil {
		t.Error("a URL that nobody gave out")
	}
	s.Shortcut("ana", "similar", s.Says("ben", "papers", "https://arxiv.org/abs/9912.00001"))
	if got.Type != slack.InteractionTypeMessageAction || got.CallbackID != "similar" || got.Message.Text == "" {
		t.Errorf("%+v", got)
	}
}

func TestAResponseURLLivesThirtyMinutes(t *testing.T) {
	bubble(t, fakeslack.Options{}, func(t *testing.T, s *fakeslack.Slack, _ *slack.Client, _ string) {
		answer := s.Types("ana", "papers", "/papers")
		post := func() int {
			resp, err := (&http.Client{Transport: s.Transport()}).Post(answer.URL, "application/json", strings.NewReader(`{"text":"t"}`))
			if err != nil {
				t.Fatal(err)
			}
			return resp.StatusCode
		}
		if post() != 200 {
			t.Error("refused at once")
		}
		time.Sleep(31 * time.Minute)
		if post() != 404 {
			t.Error("accepted after 31 minutes")
		}
	})
}

// door is an app behind HTTP that checks signatures with Slack's library.
type door struct {
	mu     sync.Mutex
	status int
	got    []string
	header []http.Header
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	v, err := slack.NewSecretsVerifier(r.Header, fakeslack.SigningSecret)
	if err == nil {
		v.Write(body)
		err = v.Ensure()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.got, d.header = append(d.got, r.URL.Path+" "+string(body)), append(d.header, r.Header)
	var challenge struct{ Challenge string }
	if json.Unmarshal(body, &challenge) == nil && challenge.Challenge != "" {
		io.WriteString(w, challenge.Challenge)
		return
	}
	if d.status != 0 {
		w.WriteHeader(d.status)
		return
	}
	if strings.HasSuffix(r.URL.Path, "commands") {
		io.WriteString(w, "Heard you.")
	}
}

func TestTheSameOverSignedHTTP(t *testing.T) {
	bubble(t, fakeslack.Options{}, func(t *testing.T, s *fakeslack.Slack, _ *slack.Client, _ string) {
		synctest.Wait()
		time.Sleep(10 * time.Minute) // the invitation is lost
		d := &door{}
		s.DeliverIn(d)
		if err := s.VerifyURL(); err != nil {
			t.Fatal(err)
		}
		if got := s.Types("ana", "papers", "/papers one & two").Reads(); got != "Heard you." {
			t.Error(got)
		}
		if last := d.got[1]; !strings.HasPrefix(last, "/slack/commands ") || !strings.Contains(last, "text=one+%26+two") {
			t.Error(last)
		}
		m := s.Says("ana", "papers", "a paper")
		d.status = 500
		e := s.Reacts("ana", m, "+1")
		time.Sleep(time.Hour)
		synctest.Wait()
		tries := d.header[2:]
		if len(tries) != 4 || tries[0].Get("X-Slack-Retry-Num") != "" || tries[3].Get("X-Slack-Retry-Num") != "3" || tries[3].Get("X-Slack-Retry-Reason") != "http_error" || !strings.Contains(d.got[5], e.ID) {
			t.Error(maps.Collect(slices.All(tries)))
		}
		if c := s.Counts(); c.Lost != 2 {
			t.Errorf("%+v", c)
		}
		old := s.Request("events_api", map[string]any{"type": "event_callback"}, time.Now().Add(-6*time.Minute))
		if resp, err := (&http.Client{Transport: roundTrip(d)}).Do(old); err != nil || resp.StatusCode != http.StatusUnauthorized {
			t.Error("an old signature passed", err)
		}
	})
}

func roundTrip(h http.Handler) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		rec := recorder{header: http.Header{}, code: 200}
		h.ServeHTTP(&rec, r)
		return &http.Response{StatusCode: rec.code, Body: http.NoBody, Header: rec.header}, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type recorder struct {
	header http.Header
	code   int
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) Write(b []byte) (int, error) { return len(b), nil }
func (r *recorder) WriteHeader(code int)        { r.code = code }
