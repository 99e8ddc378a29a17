package fakeslack_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	"paperboy/internal/fakeslack"
)

func client(s *fakeslack.Slack, options ...slack.Option) *slack.Client {
	return slack.New(fakeslack.BotToken, append([]slack.Option{slack.OptionAPIURL(s.API), slack.OptionAppLevelToken(fakeslack.AppToken)}, options...)...)
}

// lab is a workspace with #papers, ana and ben, and the bot invited.
func lab(t *testing.T, o ...fakeslack.Options) (*fakeslack.Slack, *slack.Client, string) {
	s := fakeslack.New(t, o...)
	papers := s.Channel("papers", "pi", "ana", "ben")
	s.Invite("paperboy", "papers")
	return s, client(s), papers
}

// web is an HTTP client that reaches a workspace inside the process.
func web(s *fakeslack.Slack) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: s.Dial}}
}

// In a bubble a day of pace takes no time.
func bubble(t *testing.T, o fakeslack.Options, story func(t *testing.T, s *fakeslack.Slack, api *slack.Client, papers string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o.InProcess = true
		s, _, papers := lab(t, o)
		story(t, s, client(s, slack.OptionHTTPClient(web(s))), papers)
	})
}

func TestACallThatTheWorkspaceDoesNotKnowIsTold(t *testing.T) {
	var told []string
	s, _, papers := lab(t, fakeslack.Options{Unknown: func(what string) { told = append(told, what) }})
	call(t, s, "chat.postMessage", map[string]string{"channel": papers, "text": "t", "client_msg_id": "1"})
	if a := call(t, s, "no.such.method", nil); a["error"] != "unknown_method" {
		t.Error(a)
	}
	if !slices.Equal(told, []string{"chat.postMessage.client_msg_id", "no.such.method"}) {
		t.Error(told)
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

// open opens one socket, and gives its first frame.
func open(t *testing.T, s *fakeslack.Slack, address string) (ws *websocket.Conn, frame string, err error) {
	t.Helper()
	ws, _, err = (&websocket.Dialer{NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) { return s.Dial(ctx, network, addr) }}).Dial(address, nil)
	if err == nil {
		t.Cleanup(func() { ws.Close() })
		_, raw, _ := ws.ReadMessage()
		frame = string(raw)
	}
	return ws, frame, err
}

func TestASocketsAddressWorksOnceAndTenAreEnough(t *testing.T) {
	bubble(t, fakeslack.Options{}, func(t *testing.T, s *fakeslack.Slack, api *slack.Client, _ string) {
		var address string
		for i := range 11 {
			var err error
			if _, address, err = api.StartSocketModeContext(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, frame, err := open(t, s, address)
			if want := map[bool]string{false: "hello", true: "too_many_websockets"}[i == 10]; err != nil || !strings.Contains(frame, want) {
				t.Errorf("socket %d: %s %v", i+1, frame, err)
			}
		}
		if _, _, err := open(t, s, address); err == nil {
			t.Error("twice")
		}
	})
}

func TestACommandWaitsThreeSecondsAndIsNotSentAgain(t *testing.T) {
	bubble(t, fakeslack.Options{}, func(t *testing.T, s *fakeslack.Slack, api *slack.Client, _ string) {
		if a := s.Types("ana", "papers", "/papers"); a.Error != "dispatch_failed" {
			t.Error("nobody listens:", a.Error)
		}
		_, address, err := api.StartSocketModeContext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := open(t, s, address); err != nil {
			t.Fatal(err)
		}
		s.Silence()
		if a := s.Types("ana", "papers", "/papers"); a.Error != "operation_timeout" || a.Ack != 3*time.Second {
			t.Error(a.Error, a.Ack)
		}
		if c := s.Counts(); c.Unanswered != 2 {
			t.Errorf("%+v", c)
		}
	})
}

func TestAResponseURLTakesFiveAnswersWithinThirtyMinutes(t *testing.T) {
	for _, wait := range []time.Duration{0, 31 * time.Minute} {
		bubble(t, fakeslack.Options{}, func(t *testing.T, s *fakeslack.Slack, _ *slack.Client, _ string) {
			answer := s.Types("ana", "papers", "/papers")
			time.Sleep(wait)
			for i := range 6 {
				resp, err := web(s).Post(answer.URL, "application/json", strings.NewReader(`{"text":"t"}`))
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if taken := resp.StatusCode == http.StatusOK; taken != (i < 5 && wait == 0) {
					t.Errorf("answer %d after %v: %s", i+1, wait, resp.Status)
				}
			}
		})
	}
}

// refusing is an app behind HTTP that checks signatures with Slack's library.
type refusing struct{ got []http.Header }

func (a *refusing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	v, err := slack.NewSecretsVerifier(r.Header, fakeslack.SigningSecret)
	if err == nil {
		v.Write(body)
		err = v.Ensure()
	}
	if err == nil {
		a.got = append(a.got, r.Header)
	}
	w.WriteHeader(http.StatusInternalServerError)
}

func TestSignedEventsThatAreRefusedComeThreeTimesMore(t *testing.T) {
	bubble(t, fakeslack.Options{}, func(t *testing.T, s *fakeslack.Slack, _ *slack.Client, _ string) {
		time.Sleep(10 * time.Minute) // the invitation is lost
		a := &refusing{}
		s.DeliverIn(a)
		s.Reacts("ana", s.Says("ana", "papers", "a paper"), "+1")
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(a.got) != 4 || a.got[0].Get("X-Slack-Retry-Num") != "" || a.got[3].Get("X-Slack-Retry-Num") != "3" || a.got[3].Get("X-Slack-Retry-Reason") != "http_error" {
			t.Error(a.got)
		}
		if c := s.Counts(); c.Lost != 2 {
			t.Errorf("%+v", c)
		}
	})
}
