package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
)

const (
	callTime = 15 * time.Second // Discord answers, or nobody knows
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
	base   string
	token  string
	http   *http.Client
	limits rateLimiter
	share  *share // of the global limit; nil: all of it
	auth   kit.Token
}

// dial makes the connections; nil: the network's own way.
func newClient(base, token string, dial func(ctx context.Context, network, address string) (net.Conn, error)) *client {
	return &client{base: strings.TrimRight(base, "/"), token: token, http: kit.HTTPClient(callTime, 128, dial)} // many channels
}

// once makes a request when it may leave, a single time.
func (c *client) once(ctx context.Context, r *request) error {
	b, err := c.acquire(ctx, r)
	if err != nil && !isCertain(err) { // nobody waits for it any more
		return &core.Retry{Err: err}
	}
	if err != nil {
		return err
	}
	req, err := c.compose(ctx, r)
	if err != nil {
		c.limits.release(b)
		return &core.Refused{Message: true, Reason: "it cannot be sent", Err: err}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.limits.release(b)
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
	c.limits.update(r, b, resp.Header, time.Now())
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
			c.limits.block(r, time.Now().Add(e.wait+resetMargin), how)
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
		case err == nil || ctx.Err() != nil || errors.Is(err, errTooLate):
			return err
		case answered && e.Status == http.StatusTooManyRequests:
			if e.wait > patience {
				return err
			}
			try--
			if pause = 0; e.Code != 0 { // else the rate limiter does it
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
