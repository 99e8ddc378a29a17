package fakediscord

import "time"

// Call is a request to the REST API, or to "gateway".
type Call struct {
	Route string // "POST /channels/{channel}/messages"
	Path  string // "/channels/123/messages"
	Body  map[string]any
}

// Failure is a way in which a call goes wrong.
type Failure struct {
	how     string
	stored  bool
	wait    time.Duration
	status  int
	code    int
	message string
}

// ServerError answers with a status of 500 or more and a JSON body, as
// Discord's own servers do.
func ServerError(status int) Failure {
	return Failure{how: "error", status: status, message: "Server error"}
}

// HTML answers with a status and an HTML page, as Cloudflare does.
func HTML(status int) Failure { return Failure{how: "html", status: status} }

// Reset cuts the connection without an answer.
func Reset() Failure { return Failure{how: "reset"} }

// Hang never answers, and Late answers rightly, but only after so long.
func Hang() Failure                    { return Failure{how: "hang"} }
func Late(after time.Duration) Failure { return Failure{how: "late", wait: after} }

// Error refuses with one of Discord's codes.
func Error(status, code int, message string) Failure {
	return Failure{how: "error", status: status, code: code, message: message}
}

// RateLimited answers 429 for the route's bucket, Global for all routes with the three headers
// that a global one has, Cloudflare for the whole address in HTML. Until the
// time (on the wall's clock) is over so do the requests that follow.
func RateLimited(d time.Duration) Failure { return Failure{how: "user", wait: d} }
func Global(d time.Duration) Failure      { return Failure{how: "global", wait: d} }
func Cloudflare(d time.Duration) Failure  { return Failure{how: "cloudflare", wait: d} }

// AfterStoring lets the call take effect first: the message stands in the
// channel and only the answer is lost.
func (f Failure) AfterStoring() Failure { f.stored = true; return f }

// FailNext makes the next calls of a route (as in routes, or "gateway" for the
// opening of a WebSocket) go wrong, one failure a call.
func (d *Discord) FailNext(route string, failures ...Failure) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, known := routes[route]; !known && route != "gateway" {
		d.t.Errorf("no route %q", route)
	}
	d.failures[route] = append(d.failures[route], failures...)
}

// OnCall asks decide at every call; nil lets it pass. It runs before the call
// takes effect.
func (d *Discord) OnCall(decide func(Call) *Failure) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.onCall = decide
}

func (d *Discord) failure(call Call) *Failure {
	d.mu.Lock()
	queue, decide := d.failures[call.Route], d.onCall
	if len(queue) > 0 {
		d.failures[call.Route] = queue[1:]
	}
	d.mu.Unlock()
	if len(queue) > 0 {
		return &queue[0]
	}
	if decide != nil {
		return decide(call)
	}
	return nil
}

// RefusesToken revokes the bot's token: 401 and close code 4004 from now on.
func (d *Discord) RefusesToken() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.revoke()
}

// revoke ends the token and what it opened. The caller holds mu.
func (d *Discord) revoke() {
	d.revoked = true
	clear(d.sessions)
	for _, c := range d.conns {
		c.close(4004)
	}
}
