package fakeslack

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"math"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Call is a request to the Web API.
type Call struct {
	Method string
	Args   map[string]string // without the token
}

// Failure is a way in which a call goes wrong.
type Failure struct {
	how    string
	stored bool
	wait   time.Duration
	code   string
}

// ServerError answers 503 with an HTML page.
func ServerError() Failure { return Failure{how: "503"} }

// HTML answers 200 with an HTML page, as a proxy in between does.
func HTML() Failure { return Failure{how: "html"} }

// Reset cuts the connection without an answer.
func Reset() Failure { return Failure{how: "reset"} }

// Hang never answers.
func Hang() Failure { return Failure{how: "hang"} }

// Late answers rightly, but only after so long.
func Late(after time.Duration) Failure { return Failure{how: "late", wait: after, stored: true} }

// RateLimited answers 429; until its time is over, so does every call of that
// method (for that channel, where one is named).
func RateLimited(after time.Duration) Failure { return Failure{how: "429", wait: after} }

// Error answers 200 with ok:false and an error name.
func Error(code string) Failure { return Failure{how: "error", code: code} }

// AfterStoring lets the call take effect first: the message stands in the
// channel and only the answer is lost.
func (f Failure) AfterStoring() Failure { f.stored = true; return f }

// FailNext makes the next calls of a method go wrong, one failure a call. The
// method "link" is the opening of a WebSocket, "response_url" an answer.
func (s *Slack) FailNext(method string, failures ...Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures[method] = append(s.failures[method], failures...)
}

// OnCall asks decide at every call of the Web API; nil lets it pass. It runs
// before the call takes effect and must not call the workspace.
func (s *Slack) OnCall(decide func(Call) *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onCall = decide
}

func (s *Slack) failure(call Call) *Failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	if queue := s.failures[call.Method]; len(queue) > 0 {
		s.failures[call.Method] = queue[1:]
		return &queue[0]
	}
	if s.onCall != nil {
		return s.onCall(call)
	}
	return nil
}

// pace keeps the rate limits.
type pace struct {
	next  map[string]time.Time   // channel: when its next message is on time
	calls map[string][]time.Time // method: calls of the last minute
	held  map[string]time.Time   // method or method+channel: Retry-After ends
}

// tooFast says for how long a call is refused, and whether it came within an
// earlier Retry-After. An allowed call is counted. The caller holds mu.
func (s *Slack) tooFast(name string, m method, channel string) (wait time.Duration, impatient bool) {
	now := time.Now()
	for _, key := range []string{name, name + " " + channel} {
		if until := s.pace.held[key]; now.Before(until) {
			return until.Sub(now), true
		}
	}
	if name == "chat.postMessage" {
		due := s.pace.next[channel]
		if early := due.Sub(now); early > s.opt.Tolerance {
			return s.hold(name+" "+channel, early), false
		}
		if now.After(due) {
			due = now
		}
		s.pace.next[channel] = due.Add(time.Second)
		return 0, false
	}
	tier := m.tier
	if s.distributed && (name == "conversations.history" || name == "conversations.replies") {
		tier = 1
	}
	perMinute := []int{1 << 30, 1, 20, 50, 100}[tier]
	if s.opt.Hurried {
		perMinute = 1 << 30
	}
	recent := slices.DeleteFunc(s.pace.calls[name], func(t time.Time) bool { return !t.After(now.Add(-time.Minute)) })
	if len(recent) >= perMinute {
		s.pace.calls[name] = recent
		return s.hold(name, recent[len(recent)-perMinute].Add(time.Minute).Sub(now)), false
	}
	s.pace.calls[name] = append(recent, now)
	return 0, false
}

// hold refuses a key for a time, rounded up to the second as Retry-After is.
func (s *Slack) hold(key string, d time.Duration) time.Duration {
	d = time.Duration(math.Ceil(max(d.Seconds(), 1))) * time.Second
	s.pace.held[key] = time.Now().Add(d)
	return d
}

// ServeHTTP is the workspace seen from the app.
func (s *Slack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if host, _, err := net.SplitHostPort(r.Host); err != nil || !net.ParseIP(host).IsLoopback() {
		http.Error(w, "wrong host", http.StatusForbidden)
		return
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/"):
		s.serveAPI(w, r, strings.TrimPrefix(r.URL.Path, "/api/"))
	case strings.HasPrefix(r.URL.Path, "/link"):
		s.serveLink(w, r)
	case strings.HasPrefix(r.URL.Path, "/commands/"), strings.HasPrefix(r.URL.Path, "/actions/"):
		s.serveAnswer(w, r)
	case strings.HasPrefix(r.URL.Path, "/upload/"):
		s.serveUpload(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *Slack) serveAPI(w http.ResponseWriter, r *http.Request, name string) {
	args, token, err := arguments(r)
	if err != nil {
		write(w, refuse("invalid_form_data"))
		return
	}
	m, known := methods[name]
	s.mu.Lock()
	s.counts.Calls[name]++
	for arg := range args {
		if known && !slices.Contains(strings.Fields(m.args), arg) {
			s.opt.Unknown(name + "." + arg)
		}
	}
	s.mu.Unlock()
	if !known {
		s.opt.Unknown(name)
		write(w, refuse("unknown_method"))
		return
	}
	failure := s.failure(Call{Method: name, Args: args})
	if failure == nil || failure.stored {
		answer, wait := s.call(name, m, token, args, r)
		if wait > 0 {
			limited(w, wait)
			return
		}
		if failure != nil && failure.how == "late" {
			s.sleep(failure.wait)
			failure = nil
		}
		if failure == nil {
			s.mu.Lock()
			w.Header().Set("X-OAuth-Scopes", s.provided())
			s.mu.Unlock()
			w.Header().Set("X-Accepted-OAuth-Scopes", m.scope)
			write(w, answer)
			return
		}
		s.fail(w, r, name, args, *failure)
		return
	}
	s.fail(w, r, name, args, *failure)
}

// call checks who calls and how often, and does what is asked.
func (s *Slack) call(name string, m method, token string, args map[string]string, r *http.Request) (answer object, wait time.Duration) {
	defer s.flush() // after mu
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case token == "":
		return refuse("not_authed"), 0
	case m.app && strings.HasPrefix(token, "xoxb-"), !m.app && token == AppToken:
		return refuse("not_allowed_token_type"), 0
	case m.app && token != AppToken:
		return refuse("invalid_auth"), 0
	case !m.app && s.takes(token) != "":
		return refuse(s.takes(token)), 0
	case !m.app && s.refused != "":
		return refuse(s.refused), 0
	}
	wait, impatient := s.tooFast(name, m, args["channel"])
	if wait > 0 {
		s.counts.Limited++
		if impatient {
			s.counts.Impatient++
		}
		return nil, wait
	}
	if m.scope != "" && !s.scopes[m.scope] {
		return s.missing(m.scope), 0
	}
	answer = m.do(s, args, r)
	if _, done := answer["error"]; !done {
		answer["ok"] = true
	}
	s.changed.Ring()
	return answer, 0
}

func (s *Slack) missing(scope string) object {
	return object{"ok": false, "error": "missing_scope", "needed": scope, "provided": s.provided()}
}

// fail gives the wrong answer.
func (s *Slack) fail(w http.ResponseWriter, r *http.Request, name string, args map[string]string, f Failure) {
	switch f.how {
	case "503":
		page(w, http.StatusServiceUnavailable)
	case "html":
		page(w, http.StatusOK)
	case "reset":
		reset(w)
	case "hang":
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		reset(w)
	case "429":
		s.mu.Lock()
		wait := s.hold(strings.TrimSpace(name+" "+args["channel"]), f.wait)
		s.counts.Limited++
		s.mu.Unlock()
		limited(w, wait)
	case "error":
		write(w, refuse(f.code))
	}
}

// refuse is an answer that says no.
func refuse(code string, messages ...string) object {
	o := object{"ok": false, "error": code}
	if len(messages) > 0 {
		o["response_metadata"] = object{"messages": messages}
	}
	return o
}

func write(w http.ResponseWriter, answer object) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Write(encode(answer))
}

func limited(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusTooManyRequests)
	w.Write(encode(refuse("ratelimited")))
}

func page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	io.WriteString(w, "<!DOCTYPE html><html><title>Slack</title><p>Something is not as it should be.</html>")
}

// reset closes the connection so that the other side reads an error.
func reset(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			if tcp, ok := conn.(*net.TCPConn); ok {
				tcp.SetLinger(0)
			}
			conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

// arguments reads a call in any of the forms that Slack takes: a form, a query,
// or a JSON object, whose parts that are no strings stay JSON.
func arguments(r *http.Request) (args map[string]string, token string, err error) {
	args = map[string]string{}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, "", err
		}
		var fields map[string]json.RawMessage
		if len(bytes.TrimSpace(body)) > 0 {
			if err := json.Unmarshal(body, &fields); err != nil {
				return nil, "", err
			}
		}
		for name, raw := range fields {
			var text string
			if json.Unmarshal(raw, &text) != nil {
				text = string(raw)
			}
			args[name] = text
		}
	} else {
		if err := r.ParseForm(); err != nil {
			return nil, "", err
		}
		for name := range r.Form {
			args[name] = r.Form.Get(name)
		}
	}
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	token = cmp.Or(r.PostForm.Get("token"), bearer)
	delete(args, "token")
	return args, token, nil
}

// pipes is a listener whose connections stay inside the process.
type pipes struct {
	dialled chan net.Conn
	closed  chan struct{}
	close   func()
}

func newPipes() *pipes {
	p := &pipes{dialled: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })
	return p
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.dialled:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.close(); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// Dial connects to the workspace, whatever the address, without a port.
func (s *Slack) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case s.pipes.dialled <- theirs:
		return ours, nil
	case <-s.pipes.closed:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inProcess takes requests to a handler without a connection.
type inProcess struct{ http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	served := r.Clone(r.Context())
	served.RequestURI = r.URL.RequestURI()
	served.Host = r.URL.Host
	done := make(chan *http.Response, 1)
	go func() {
		rec := httptest.NewRecorder()
		p.ServeHTTP(rec, served)
		done <- rec.Result()
	}()
	select {
	case resp := <-done:
		return resp, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}
