package slack

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/slack-go/slack"
)

// maxBody is more than Slack sends.
const maxBody = 1 << 20

// Handlers take Slack's signed requests, by path; there are none in Socket Mode. Where
// people install the app, they give the pages for that too.
// They are answered as Socket Mode's envelopes are acknowledged. Before Run has begun
// they ask to come again.
func (s *Slack) Handlers() map[string]http.Handler {
	handlers := map[string]http.Handler{}
	if s.opt.AppToken == "" && s.opt.SigningSecret != "" {
		handlers["POST /slack/events"] = s.signed(s.takeEvent)
		handlers["POST /slack/commands"] = s.signed(s.takeCommand)
		handlers["POST /slack/interactions"] = s.signed(s.takeInteraction)
	}
	if s.one == nil {
		handlers["GET /slack/install"] = http.HandlerFunc(s.serveInstall)
		handlers["GET /slack/oauth"] = http.HandlerFunc(s.serveOAuth)
	}
	return handlers
}

func (s *Slack) takeEvent(w http.ResponseWriter, r *http.Request, body []byte) {
	var e envelope
	if json.Unmarshal(body, &e) != nil {
		http.Error(w, "not an event", http.StatusBadRequest)
		return
	}
	if e.Type == "url_verification" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		io.WriteString(w, e.Challenge)
		return
	}
	s.accept(w, r, kindEvent, body)
}

func (s *Slack) takeCommand(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, "not a form", http.StatusBadRequest)
		return
	}
	if form.Has("ssl_check") {
		return
	}
	fields := map[string]string{}
	for k := range form {
		fields[k] = form.Get(k)
	}
	payload, _ := json.Marshal(fields) // strings always marshal
	s.accept(w, r, kindCommand, payload)
}

func (s *Slack) takeInteraction(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("payload") == "" {
		http.Error(w, "not an interaction", http.StatusBadRequest)
		return
	}
	s.accept(w, r, kindPress, []byte(form.Get("payload")))
}

// accept takes, and acknowledges. What is not an event comes from Slack once;
// when the same signature comes again, somebody plays it back. Events Slack does
// repeat; they are recognised by their ids.
func (s *Slack) accept(w http.ResponseWriter, r *http.Request, kind string, payload []byte) {
	select {
	case <-s.ready:
	default:
		http.Error(w, "starting", http.StatusServiceUnavailable)
		return
	}
	if kind != kindEvent && s.seen.Before("signature "+r.Header.Get("X-Slack-Signature"), time.Now()) {
		s.log.Warn("a request that was here before was refused", "path", r.URL.Path, "from", r.RemoteAddr)
		http.Error(w, "this request was here before", http.StatusUnauthorized)
		return
	}
	said := make(chan any, 1)
	tries, _ := strconv.Atoi(r.Header.Get("X-Slack-Retry-Num"))
	_ = s.take(kind, payload, tries, func(says any) error {
		said <- says
		return nil
	})
	select {
	case says := <-said:
		if says != nil {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			_ = json.NewEncoder(w).Encode(says) // who does not hear it asks again
		}
	case <-time.After(2 * ackTime): // it could not be written down, or we are ending
		http.Error(w, "not now", http.StatusServiceUnavailable)
	case <-r.Context().Done():
	}
}

// signed lets only what Slack signed pass, within five minutes. The signature is
// over the raw body, which is read before anything is parsed.
func (s *Slack) signed(next func(http.ResponseWriter, *http.Request, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, "too much", http.StatusRequestEntityTooLarge)
			return
		}
		if err := s.verify(r.Header, body); err != nil {
			s.log.Warn("a request that is not Slack's was refused", "path", r.URL.Path, "from", r.RemoteAddr, "err", err)
			http.Error(w, "not signed by Slack, or too old", http.StatusUnauthorized)
			return
		}
		next(w, r, body)
	}
}

func (s *Slack) verify(h http.Header, body []byte) error {
	v, err := slack.NewSecretsVerifier(h, s.opt.SigningSecret)
	if err != nil {
		return err
	}
	v.Write(body)
	return v.Ensure()
}
