package slack

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/slack-go/slack"
)

// maxBody is more than Slack sends.
const maxBody = 1 << 20

// Handlers take Slack's signed requests, by path; there are none in Socket Mode.
// They are answered at once; the work comes after. Before Run has begun they ask
// to come again.
func (s *Slack) Handlers() map[string]http.Handler {
	if s.opt.AppToken != "" || s.opt.SigningSecret == "" {
		return nil
	}
	return map[string]http.Handler{
		"POST /slack/events":       s.signed(s.takeEvent),
		"POST /slack/commands":     s.signed(s.takeCommand),
		"POST /slack/interactions": s.signed(s.takeInteraction),
	}
}

func (s *Slack) takeEvent(w http.ResponseWriter, body []byte) {
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
	s.accept(w, kindEvent, body)
}

func (s *Slack) takeCommand(w http.ResponseWriter, body []byte) {
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
	s.accept(w, kindCommand, payload)
}

func (s *Slack) takeInteraction(w http.ResponseWriter, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("payload") == "" {
		http.Error(w, "not an interaction", http.StatusBadRequest)
		return
	}
	s.accept(w, kindPress, []byte(form.Get("payload")))
}

// accept acknowledges and takes.
func (s *Slack) accept(w http.ResponseWriter, kind string, payload []byte) {
	select {
	case <-s.ready:
		w.WriteHeader(http.StatusOK)
		s.take(kind, payload)
	default:
		http.Error(w, "starting", http.StatusServiceUnavailable)
	}
}

var errReplayed = errors.New("the request was here before")

// signed lets only what Slack signed pass, within five minutes, and once. The
// signature is over the raw body, which is read before anything is parsed.
func (s *Slack) signed(next func(http.ResponseWriter, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, "too much", http.StatusRequestEntityTooLarge)
			return
		}
		if err := s.verify(r.Header, body); err != nil {
			s.log.Warn("a request that is not Slack's was refused", "path", r.URL.Path, "from", r.RemoteAddr, "err", err)
			http.Error(w, "not signed by Slack, too old, or a repetition", http.StatusUnauthorized)
			return
		}
		next(w, body)
	}
}

func (s *Slack) verify(h http.Header, body []byte) error {
	v, err := slack.NewSecretsVerifier(h, s.opt.SigningSecret)
	if err != nil {
		return err
	}
	v.Write(body)
	if err := v.Ensure(); err != nil {
		return err
	}
	// What we could not take yet may come again unchanged.
	select {
	case <-s.ready:
		if s.seen.before("signature "+h.Get("X-Slack-Signature"), time.Now()) {
			return errReplayed
		}
	default:
	}
	return nil
}
