package fakeslack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

var errRedirect = errors.New("redirected")

// DeliverTo sends what happens to an HTTP address instead of sockets: signed
// requests to its /slack/commands, /slack/events and /slack/interactions. Only
// a loopback address is taken.
func (s *Slack) DeliverTo(address string) {
	s.t.Helper()
	u, err := url.Parse(address)
	if err != nil || !net.ParseIP(u.Hostname()).IsLoopback() {
		s.t.Fatalf("%q is not a loopback address", address)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.target = strings.TrimSuffix(address, "/")
}

// DeliverIn is DeliverTo without a socket.
func (s *Slack) DeliverIn(h http.Handler) {
	s.http.Transport = inProcess{h}
	s.DeliverTo("http://127.0.0.1:0")
}

// Tamper lets a test change what is delivered, before it is signed. The kinds
// are those of envelopes: slash_commands, interactive, events_api.
func (s *Slack) Tamper(change func(kind string, payload map[string]any)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tamper = change
}

// Sign signs a request of that time as Slack does: HMAC-SHA256 over version,
// timestamp and raw body.
func Sign(h http.Header, body []byte, at time.Time) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(SigningSecret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	h.Set("X-Slack-Request-Timestamp", stamp)
	h.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
}

// Request is the signed HTTP request that delivers a payload, for tests that
// send it themselves: twice, late, or with something changed.
func (s *Slack) Request(kind string, payload map[string]any, at time.Time) *http.Request {
	s.mu.Lock()
	target := s.target
	s.mu.Unlock()
	path, contentType, body := "/slack/events", "application/json", encode(payload)
	switch kind {
	case "slash_commands":
		form := url.Values{}
		for name, v := range payload {
			form.Set(name, fmt.Sprint(v))
		}
		path, contentType, body = "/slack/commands", "application/x-www-form-urlencoded", []byte(form.Encode())
	case "interactive":
		path, contentType, body = "/slack/interactions", "application/x-www-form-urlencoded", []byte(url.Values{"payload": {string(body)}}.Encode())
	}
	r, err := http.NewRequest(http.MethodPost, target+path, bytes.NewReader(body))
	if err != nil {
		panic(err) // DeliverTo took only what parses
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	Sign(r.Header, body, at)
	return r
}

// VerifyURL is what Slack does when somebody enters the address for events: it
// must give the challenge back.
func (s *Slack) VerifyURL() error {
	challenge := "3eZbrw1aB1bt0H2kGkEd"
	body, failure := s.post("url_verification", object{"type": "url_verification", "challenge": challenge, "token": "legacy"}, 0, "")
	var echo struct{ Challenge string }
	if json.Unmarshal(body, &echo); failure == "" && strings.TrimSpace(string(body)) != challenge && echo.Challenge != challenge {
		failure = "wrong challenge"
	}
	if failure != "" {
		return errors.New(failure)
	}
	return nil
}

// post delivers once over HTTP. body is what the acknowledgement says, failure is Slack's name for what went wrong.
func (s *Slack) post(kind string, payload object, attempt int, reason string) (body []byte, failure string) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	r := s.Request(kind, payload, time.Now()).WithContext(ctx)
	if attempt > 0 {
		r.Header.Set("X-Slack-Retry-Num", strconv.Itoa(attempt))
		r.Header.Set("X-Slack-Retry-Reason", reason)
	}
	resp, err := s.http.Do(r)
	var timeout net.Error
	switch {
	case errors.Is(err, errRedirect):
		return nil, "too_many_redirects"
	case errors.As(err, &timeout) && timeout.Timeout():
		return nil, "http_timeout"
	case err != nil:
		return nil, "connection_failed"
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return nil, "http_timeout"
	case resp.StatusCode/100 == 2:
		if kind := resp.Header.Get("Content-Type"); len(body) > 0 && body[0] == '{' && !strings.HasPrefix(kind, "application/json") {
			s.t.Errorf("an acknowledgement is JSON and says that it is %q", kind)
		}
		return body, ""
	case resp.Header.Get("X-Slack-No-Retry") == "1":
		return nil, noRetry
	}
	return nil, "http_error"
}

const noRetry = "no_retry"

// send delivers once, in the order of its calls over sockets, and returns how
// to wait for the outcome: what the acknowledgement says, or what went wrong.
func (s *Slack) send(kind string, payload object, attempt int, reason string) (wait func() (says []byte, failure string)) {
	s.mu.Lock()
	target := s.target
	s.mu.Unlock()
	w := s.wire
	w.mu.Lock()
	var to *socket
	var free []*socket
	for _, c := range w.sockets {
		if !c.closing {
			free = append(free, c)
		}
	}
	if len(free) > 0 {
		w.turn++
		to = free[w.turn%len(free)]
	}
	if target == "" && to == nil {
		w.mu.Unlock()
		return func() ([]byte, string) { return nil, "connection_failed" }
	}
	if target != "" {
		w.mu.Unlock()
		var body []byte
		done := make(chan string, 1)
		s.wg.Go(func() {
			var failure string
			body, failure = s.post(kind, payload, attempt, reason)
			done <- failure
		})
		return func() ([]byte, string) {
			failure := <-done
			return body, failure
		}
	}
	id, acked, silent := w.id("envelope-"), make(chan []byte, 1), to.silent
	w.pending[id] = acked
	w.mu.Unlock()
	if !silent {
		envelope := object{"envelope_id": id, "type": kind, "accepts_response_payload": kind == "slash_commands" || listensFor[str(payload, "type")], "payload": payload}
		if kind == "events_api" {
			envelope["retry_attempt"], envelope["retry_reason"] = attempt, reason
		}
		to.send(envelope) // what cannot be written is not acknowledged
	}
	return func() ([]byte, string) {
		timer := time.NewTimer(ackWindow)
		defer timer.Stop()
		select {
		case says := <-acked:
			if len(says) > 0 && kind != "slash_commands" && !listensFor[str(payload, "type")] {
				s.t.Errorf("the acknowledgement of %s %s says %s: nobody hears it", kind, str(payload, "type"), says)
			}
			return says, ""
		case <-timer.C:
		case <-s.ctx.Done():
		}
		w.mu.Lock()
		delete(w.pending, id)
		w.mu.Unlock()
		return nil, "timeout"
	}
}

// listensFor are the interactions whose acknowledgement may say something.
var listensFor = map[string]bool{"view_submission": true, "block_suggestion": true}

// Event is something that happened and that the app was told.
type Event struct {
	ID      string
	payload object
	s       *Slack
}

// Again delivers the event once more under the same id, as Slack does when an
// acknowledgement was lost on the way.
func (e Event) Again() {
	if e.s == nil {
		return
	}
	e.s.mu.Lock()
	e.s.counts.Retries++
	e.s.mu.Unlock()
	e.s.send("events_api", e.payload, 1, "timeout")()
}

// subscribed are the events of the app's manifest, with the scope each needs.
var subscribed = map[string]string{
	"app_home_opened": "", "app_mention": "app_mentions:read", "app_uninstalled": "", "channel_archive": "channels:read",
	"channel_deleted": "channels:read", "link_shared": "links:read", "member_joined_channel": "channels:read", "message": "im:history",
	"reaction_added": "reactions:read", "reaction_removed": "reactions:read", "team_access_revoked": "", "tokens_revoked": "",
}

// happen records an event for the app; flush delivers it. The caller holds mu.
func (s *Slack) happen(event object) Event {
	scope, listens := subscribed[str(event, "type")]
	if strings.HasPrefix(str(event, "channel"), "G") {
		scope = strings.Replace(scope, "channels:", "groups:", 1)
	}
	if !listens || scope != "" && !s.scopes[scope] {
		return Event{}
	}
	if event["event_ts"] == nil {
		event["event_ts"] = s.ts()
	}
	payload := object{"type": "event_callback", "token": "legacy", "team_id": s.team, "api_app_id": AppID, "event": event,
		"event_id": s.id("Ev"), "event_time": time.Now().Unix(), "authed_users": []string{Bot}, "is_ext_shared_channel": false,
		"authorizations": []any{object{"enterprise_id": s.org, "team_id": s.team, "user_id": Bot, "is_bot": true, "is_enterprise_install": false}}}
	s.counts.Sent++
	s.outbox = append(s.outbox, payload)
	return Event{ID: payload["event_id"].(string), payload: payload, s: s}
}

// retryAfter is when an unacknowledged event is delivered again.
var retryAfter = []time.Duration{0, time.Minute, 5 * time.Minute}

// flush delivers the events that happened, first tries in their order.
func (s *Slack) flush() {
	s.sending.Lock()
	defer s.sending.Unlock()
	s.mu.Lock()
	events := s.outbox
	s.outbox = nil
	s.mu.Unlock()
	for _, payload := range events {
		s.mangle("events_api", payload)
		wait := s.send("events_api", payload, 0, "")
		s.wg.Go(func() {
			_, failure := wait()
			for i, pause := range retryAfter {
				if failure == "" || failure == noRetry || !s.sleep(pause) {
					return
				}
				s.mu.Lock()
				s.counts.Retries++
				s.mu.Unlock()
				_, failure = s.send("events_api", payload, i+1, failure)()
			}
			if failure != "" {
				s.mu.Lock()
				s.counts.Lost++
				s.changed.Ring()
				s.mu.Unlock()
			}
		})
	}
}

func (s *Slack) mangle(kind string, payload object) {
	s.mu.Lock()
	tamper := s.tamper
	s.mu.Unlock()
	if tamper != nil {
		tamper(kind, payload)
	}
}

// Answer is what became of a command or an interaction.
type Answer struct {
	Ack   time.Duration // until the acknowledgement, on the wall's clock
	Error string        // what the person reads when there was none: operation_timeout, dispatch_failed
	URL   string        // the response_url

	s    *Slack
	link *responseURL
	says []byte // what the acknowledgement says
}

// ask delivers a command or interaction and waits for its acknowledgement.
func (s *Slack) ask(kind string, payload object, link *responseURL) *Answer {
	a := &Answer{s: s, link: link, URL: str(payload, "response_url")}
	s.mangle(kind, payload)
	start := time.Now()
	says, failure := s.send(kind, payload, 0, "")()
	a.says = says
	a.Ack = time.Since(start)
	switch failure {
	case "":
		return a
	case "timeout", "http_timeout":
		a.Error = "operation_timeout"
	default:
		a.Error = "dispatch_failed"
	}
	s.mu.Lock()
	s.counts.Unanswered++
	s.mu.Unlock()
	return a
}

// Messages are the messages that the answer brought so far.
func (a *Answer) Messages() []Message {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	var sent []Message
	for _, m := range a.link.sent {
		if !m.Deleted {
			sent = append(sent, m.copy())
		}
	}
	return sent
}

// Wait waits for the answer's n-th message and returns all.
func (a *Answer) Wait(n int) []Message {
	a.s.t.Helper()
	a.s.Wait(fmt.Sprintf("%d messages in answer", n), func() bool { return len(a.Messages()) >= n })
	return a.Messages()
}

// Reads waits for the answer's first message and reads it.
func (a *Answer) Reads() string {
	a.s.t.Helper()
	return a.Wait(1)[0].Reads()
}

func clip(messages []*Message, pick func(*Message) bool) (found []Message) {
	for _, m := range messages {
		if !m.Deleted && pick(m) {
			found = append(found, m.copy())
		}
	}
	return slices.Clip(found)
}
