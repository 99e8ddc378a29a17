package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// How requests are paced. Bucket sizes are Discord's to say, in its headers;
// the one number it publishes is the global one (topics/rate-limits.mdx).
const (
	perSecond = 50
	// Requests may come closer together than they were sent; so much is added
	// to the second.
	globalMargin = 25 * time.Millisecond
	resetMargin  = 5 * time.Millisecond
	callTime     = 15 * time.Second // Discord answers, or nobody knows
	// A 429 that asks for more ends the call, instead of keeping who waits for it.
	patience     = time.Minute
	dialAgain    = 10 * time.Second // a try that never left this machine
	troubleAgain = 5 * time.Second
	frontAgain   = time.Minute // after an answer that is not Discord's own
	repeats      = 3           // of what may be done twice, after a 5xx or none at all
	maxAnswer    = 8 << 20
)

// userAgent is the form that Discord asks for; without it Cloudflare refuses.
const userAgent = "DiscordBot (paperboy, 1)"

// request is a call of the REST API.
type request struct {
	method string
	route  string   // "/channels/{}/messages/{}": the rate limit's and the log's name of it
	args   []string // what stands for the {}, the first of them the bucket's major parameter
	query  string
	body   any         // JSON, if any
	files  []core.File // beside it
	open   bool        // an interaction's: without our token, outside of the global limit
	single bool        // it may not be made twice: what may have been taken is not tried again
	into   any         // the answer, decoded
}

func (r *request) path() string {
	var b strings.Builder
	rest := r.route
	for _, a := range r.args {
		before, after, _ := strings.Cut(rest, "{}")
		b.WriteString(before + url.PathEscape(a))
		rest = after
	}
	b.WriteString(rest)
	if r.query != "" {
		b.WriteString("?" + r.query)
	}
	return b.String()
}

// major is what a bucket is kept by beside its route: the channel, the guild, or
// a webhook with its token.
func (r *request) major() string {
	if strings.HasPrefix(r.route, "/webhooks/") || strings.HasPrefix(r.route, "/interactions/") {
		return strings.Join(r.args[:2], "/")
	}
	if len(r.args) == 0 {
		return ""
	}
	return r.args[0]
}

// client is the REST API. discordgo's own sends a POST again after a 502, sleeps
// without looking at the context, and keeps buckets by path; so this is ours. It
// tries once, and its pace is what Discord's headers say.
type client struct {
	base  string
	token string
	http  *http.Client
	pace  pace
	auth  kit.Token
}

// dial makes the connections; nil: the network's own way.
func newClient(base, token string, dial func(ctx context.Context, network, address string) (net.Conn, error)) *client {
	c := &client{base: strings.TrimRight(base, "/"), token: token, http: kit.HTTPClient(callTime, 128)} // one host, many channels
	if dial != nil {
		c.http.Transport.(*http.Transport).DialContext = dial
	}
	return c
}

// pace keeps Discord's limits before Discord has to.
type pace struct {
	mu      sync.Mutex
	held    time.Time         // nothing leaves until then: Cloudflare
	global  time.Time         // nothing with the token does: a global 429
	recent  []time.Time       // when the last requests with the token left
	hash    map[string]string // route to the bucket's name in X-RateLimit-Bucket
	buckets map[string]*bucket
	swept   time.Time
}

// bucket is what is left of one limit.
type bucket struct {
	left   int
	reset  time.Time // when the window is over, or a 429's Retry-After
	held   bool      // reset is a 429's
	flying int       // requests on their way
}

func (p *pace) of(r *request) *bucket {
	if p.hash == nil {
		p.hash, p.buckets = map[string]string{}, map[string]*bucket{}
	}
	name := r.method + " " + r.route
	if h := p.hash[name]; h != "" {
		name = h
	}
	name += " " + r.major()
	b := p.buckets[name]
	if b == nil {
		b = &bucket{}
		p.buckets[name] = b
	}
	return b
}

// admit gives a request its place, and the moment at which it may leave; places
// under the global limit are given in the order in which they are asked for, so
// that no channel falls behind the others. Without a place (b is nil) the moment
// is when to ask again. While nobody knows a bucket, one request at a time finds
// out. Nothing is taken by who would have to go past the deadline.
func (p *pace) admit(r *request, now, deadline time.Time, second time.Duration) (b *bucket, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := p.shut(r); at.After(now) {
		return nil, at
	}
	b = p.of(r)
	switch {
	case b.reset.After(now) && (b.held || b.left <= 0):
		return nil, b.reset
	case !b.reset.After(now) && b.flying > 0:
		// A new window: how much it holds is known when somebody has asked.
		return nil, now.Add(2 * time.Millisecond)
	}
	at = now
	if !r.open {
		if n := len(p.recent); n >= perSecond {
			at = later(now, p.recent[n-perSecond].Add(second+globalMargin))
		}
		if at.After(deadline) {
			return nil, at
		}
		p.recent = append(p.recent, at)
		if len(p.recent) > 4*perSecond {
			p.recent = append(p.recent[:0], p.recent[len(p.recent)-perSecond:]...)
		}
	}
	if b.reset.After(now) {
		b.left--
	} else {
		b.held = false
	}
	b.flying++
	if now.Sub(p.swept) > time.Minute {
		p.swept = now
		for name, old := range p.buckets {
			if old.flying == 0 && now.After(old.reset.Add(time.Minute)) {
				delete(p.buckets, name)
			}
		}
	}
	return b, at
}

// shut is until when nothing of a request's kind may leave.
func (p *pace) shut(r *request) time.Time {
	if r.open {
		return p.held
	}
	return later(p.held, p.global)
}

// isShut is shut for who waited for its moment meanwhile.
func (p *pace) isShut(r *request, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shut(r).After(now)
}

// learn reads an answer's headers.
func (p *pace) learn(r *request, b *bucket, h http.Header, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b.flying--
	name := h.Get("X-RateLimit-Bucket")
	if name == "" {
		return
	}
	route := r.method + " " + r.route
	if p.hash[route] != name {
		// Learned under another name: the state moves to the one it is shared by.
		delete(p.buckets, route+" "+r.major())
		p.hash[route] = name
		if shared := p.buckets[name+" "+r.major()]; shared != nil {
			shared.flying += b.flying
			b = shared
		} else {
			p.buckets[name+" "+r.major()] = b
		}
	}
	left, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	after, aerr := strconv.ParseFloat(h.Get("X-RateLimit-Reset-After"), 64)
	if err != nil || aerr != nil || b.held && now.Before(b.reset) {
		return
	}
	reset := now.Add(seconds(after) + resetMargin)
	left -= b.flying // they are not counted yet, or are: the careful of the two
	if now.Before(b.reset) && reset.Sub(b.reset) < 50*time.Millisecond {
		b.left = min(b.left, left) // the same window
		b.reset = later(b.reset, reset)
		return
	}
	b.left, b.reset = left, reset
}

// failed gives a request's place back that brought no headers.
func (p *pace) failed(b *bucket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b.flying--
}

// limited notes a 429.
func (p *pace) limited(r *request, until time.Time, how string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch how {
	case "cloudflare":
		p.held = later(p.held, until)
	case "global":
		p.global = later(p.global, until)
	default:
		b := p.of(r)
		b.held, b.left, b.reset = true, 0, later(b.reset, until)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func seconds(s float64) time.Duration { return time.Duration(math.Ceil(s * float64(time.Second))) }

// turn waits for a request's turn.
func (c *client) turn(ctx context.Context, r *request) (*bucket, error) {
	deadline, limited := ctx.Deadline()
	if !limited {
		deadline = time.Now().Add(time.Hour)
	}
	for {
		if !r.open {
			if err := c.auth.Err(); err != nil {
				return nil, err
			}
		}
		b, at := c.pace.admit(r, time.Now(), deadline, time.Second)
		if b == nil && at.After(deadline) {
			return nil, &core.Retry{After: time.Until(at), Err: fmt.Errorf("discord %s %s: %w", r.method, r.route, errNoTurn)}
		}
		err := kit.Sleep(ctx, time.Until(at))
		switch {
		case b == nil && err != nil:
			return nil, err
		case b == nil:
		case err == nil && !c.pace.isShut(r, time.Now()):
			return b, nil
		default: // everything was held meanwhile, or nobody waits any more
			c.pace.failed(b)
			if err != nil {
				return nil, err
			}
		}
	}
}

// once makes a request in its turn, a single time.
func (c *client) once(ctx context.Context, r *request) error {
	b, err := c.turn(ctx, r)
	if err != nil && !isCertain(err) { // nobody waits for it any more
		return &core.Retry{Err: err}
	}
	if err != nil {
		return err
	}
	req, err := c.compose(ctx, r)
	if err != nil {
		c.pace.failed(b)
		return &core.Refused{Message: true, Reason: "it cannot be sent", Err: err}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.pace.failed(b)
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err // its address may hold a token
		}
		never := kit.NeverLeft(err)
		if err = fmt.Errorf("discord %s %s: %w", r.method, r.route, err); never {
			return &core.Retry{After: dialAgain, Err: err}
		}
		return err
	}
	defer resp.Body.Close()
	c.pace.learn(r, b, resp.Header, time.Now())
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		if err == nil && r.into != nil {
			if err = json.Unmarshal(raw, r.into); err != nil {
				err = errors.New("the answer is no JSON that can be read")
			}
		}
		if err != nil {
			return fmt.Errorf("discord %s %s: %w", r.method, r.route, err)
		}
		if d, ok := r.into.(interface{ date(http.Header) }); ok {
			d.date(resp.Header)
		}
		return nil
	}
	e := &apiError{route: r.method + " " + r.route}
	isJSON := json.Unmarshal(raw, e) == nil
	e.Status = resp.StatusCode
	switch {
	case e.Status == http.StatusTooManyRequests:
		how := resp.Header.Get("X-RateLimit-Scope")
		e.wait = seconds(e.Retry)
		if after, err := strconv.ParseFloat(resp.Header.Get("Retry-After"), 64); err == nil && e.wait <= 0 {
			e.wait = seconds(after)
		}
		if e.wait <= 0 {
			e.wait = troubleAgain
		}
		switch {
		case !isJSON:
			how = "cloudflare"
			e.Message = errHeld.Error()
		case resp.Header.Get("X-RateLimit-Global") != "" || strings.Contains(string(raw), `"global":true`):
			how = "global"
		}
		if e.Code == 0 { // with a code it is this one thing that has had enough
			c.pace.limited(r, time.Now().Add(e.wait+resetMargin), how)
		}
	case e.Status == http.StatusUnauthorized && !r.open:
		return c.auth.Refuse(errors.New("Discord says 401 Unauthorized"))
	case !isJSON:
		e.foreign, e.wait = true, frontAgain
		e.Message = "not Discord's own answer"
	case e.Code == 0 && e.Status == http.StatusForbidden: // Cloudflare's, in JSON
		e.foreign, e.wait = true, frontAgain
	}
	return e.verdict()
}

func (c *client) compose(ctx context.Context, r *request) (*http.Request, error) {
	var body io.Reader
	kind := ""
	if r.body != nil {
		raw, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body, kind = bytes.NewReader(raw), "application/json"
		if len(r.files) > 0 {
			var b bytes.Buffer
			w := multipart.NewWriter(&b)
			part, _ := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="payload_json"`}, "Content-Type": {"application/json"}})
			part.Write(raw) // a buffer takes everything
			for i, f := range r.files {
				part, _ := w.CreatePart(textproto.MIMEHeader{
					"Content-Disposition": {fmt.Sprintf(`form-data; name="files[%d]"; filename=%q`, i, f.Name)}, "Content-Type": {f.Type}})
				part.Write(f.Data)
			}
			w.Close()
			body, kind = &b, w.FormDataContentType()
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path(), body)
	if err != nil {
		return nil, errors.New("discord " + r.route + ": not an address")
	}
	req.Header.Set("User-Agent", userAgent)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if !r.open {
		req.Header.Set("Authorization", "Bot "+c.token)
	}
	return req, nil
}

// call makes a request: after a 429 it waits as told, and after a 5xx or a lost
// answer it tries a few times more, unless it is single. Where the wait would
// outlast the context it is Retry at once.
func (c *client) call(ctx context.Context, r request) error {
	for try := 1; ; try++ {
		err := c.once(ctx, &r)
		e, answered := errors.AsType[*apiError](err)
		pause := time.Second << (try - 1)
		switch {
		case err == nil || ctx.Err() != nil || errors.Is(err, errNoTurn):
			return err
		case answered && e.Status == http.StatusTooManyRequests:
			if e.wait > patience {
				return err
			}
			try--
			if pause = 0; e.Code != 0 { // else the rate limiter waits
				pause = e.wait
			}
		case answered && e.Status < 500 || core.Is[*core.Unauthorised](err) || r.single || try > repeats:
			return err
		}
		if end, limited := ctx.Deadline(); limited && time.Until(end) < pause {
			return err
		}
		if kit.Sleep(ctx, pause) != nil {
			return err
		}
	}
}
