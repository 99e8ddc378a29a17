// Package polite is the HTTP client that the sources share.
//
// In: a URL. Out: the body that the server sent, whole or with the error that
// cut it off, or a *core.SourceError in words for people.
//
// Promises: every request says who we are; none takes longer than 30 seconds
// or more than 32 MB; nothing is asked twice behind the caller's back; what a
// server says about waiting (Retry-After, Hugging Face's RateLimit) is handed
// on, and with a RateLimiter it is obeyed by everybody who shares that RateLimiter; a page
// that has not changed is not sent again.
package polite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"paperboy/core"
)

// Limits of one answer. arXiv's and Hugging Face's greatest are below 5 MB.
const (
	Timeout = 30 * time.Second
	MaxBody = 32 << 20
)

// UserAgent names the program, and whom to ask about it when there is a contact.
func UserAgent(version, contact string) string {
	if contact == "" {
		return "Paperboy/" + version
	}
	return "Paperboy/" + version + " (+" + contact + ")"
}

// Client asks politely. The zero Client works.
type Client struct {
	Agent       string            // the User-Agent, see UserAgent
	Transport   http.RoundTripper // nil: http.DefaultTransport
	RateLimiter *RateLimiter      // nil: no pause between requests

	mu    sync.Mutex
	known map[string]page // by URL, of Fresh
}

// page is an answer that is asked for again only if it changed. It is kept
// whole and in memory, so that nothing is lost when the program stops between
// reading a page and writing its papers down.
type page struct {
	etag, modified string
	body           []byte
}

// StatusError is an answer that is not 200.
type StatusError struct {
	URL  string
	Code int
	Wait time.Duration // how long the server asks to be left alone; 0: not said
	Body string        // its beginning
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: HTTP %d: %q", e.URL, e.Code, e.Body)
}

// Get asks for the page. With an error there may be a body too: as much of it
// as came. The error is a *core.SourceError around a *StatusError for an
// answer that is not 200.
func (c *Client) Get(ctx context.Context, address string) ([]byte, error) {
	return c.get(ctx, address, nil)
}

// Fresh is Get of a page that seldom changes: the server is told which version
// we have, and sends the page only when there is a newer one.
func (c *Client) Fresh(ctx context.Context, address string) ([]byte, error) {
	c.mu.Lock()
	have := c.known[address]
	c.mu.Unlock()
	body, err := c.get(ctx, address, &have)
	if err == nil && have.etag+have.modified != "" {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.known == nil {
			c.known = map[string]page{}
		}
		c.known[address] = have
	}
	return body, err
}

func (c *Client) get(ctx context.Context, address string, keep *page) (body []byte, err error) {
	if c.RateLimiter == nil {
		return c.once(ctx, address, keep)
	}
	err = c.RateLimiter.do(ctx, func() error {
		body, err = c.once(ctx, address, keep)
		return err
	})
	return body, err
}

// once makes one request. keep is the page we have, and takes the newer one.
func (c *Client) once(ctx context.Context, address string, keep *page) ([]byte, error) {
	var have page
	if keep != nil {
		have = *keep
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, &core.SourceError{Reason: "has an address that cannot be", Err: err}
	}
	if c.Agent != "" {
		req.Header.Set("User-Agent", c.Agent)
	}
	if have.etag != "" {
		req.Header.Set("If-None-Match", have.etag)
	}
	if have.modified != "" {
		req.Header.Set("If-Modified-Since", have.modified)
	}
	client := http.Client{Transport: c.Transport, CheckRedirect: sameHost}
	res, err := client.Do(req)
	if err != nil {
		return nil, unreachable(err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotModified && have.body != nil {
		return have.body, nil
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxBody+1))
	switch {
	case res.StatusCode != http.StatusOK:
		return body, refusal(address, res, body)
	case err != nil:
		return body, &core.SourceError{Reason: "sent only a part of its answer", Err: err}
	case len(body) > MaxBody:
		return body[:MaxBody], &core.SourceError{Reason: "sent more than it should", Err: fmt.Errorf("%s: more than %d bytes", address, MaxBody)}
	}
	if keep != nil {
		*keep = page{etag: res.Header.Get("ETag"), modified: res.Header.Get("Last-Modified"), body: body}
	}
	return body, nil
}

// sameHost follows redirects (arXiv's from http, a feed's from its old place)
// but never from https to http.
func sameHost(req *http.Request, via []*http.Request) error {
	if len(via) >= 5 {
		return errors.New("more than 5 redirects")
	}
	if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return errors.New("redirected from https to " + req.URL.Scheme)
	}
	return nil
}

func unreachable(err error) error {
	var ue *url.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ue) && ue.Timeout() {
		return &core.SourceError{Reason: "did not answer in time", Err: err}
	}
	return &core.SourceError{Reason: "cannot be reached", Err: err}
}

// blocked is how long nothing is asked of a server that forbids us: asking on
// would only make it worse.
const blocked = 24 * time.Hour

func refusal(address string, res *http.Response, body []byte) error {
	cause := &StatusError{URL: address, Code: res.StatusCode, Wait: asked(res.Header, time.Now()), Body: Excerpt(body)}
	e := &core.SourceError{Reason: fmt.Sprintf("HTTP %d", res.StatusCode), Wait: cause.Wait, Err: cause}
	switch {
	case res.StatusCode == http.StatusTooManyRequests:
		e.Limit = true
	case res.StatusCode == http.StatusForbidden:
		e.Reason = "refuses our requests (HTTP 403); I ask again in a day"
		e.Wait = max(e.Wait, blocked)
	default:
		e.Reason = fmt.Sprintf("answers with an error (HTTP %d)", res.StatusCode)
	}
	return e
}

// Excerpt is the beginning of a body for a log: one line, at most 200 bytes.
func Excerpt(body []byte) string {
	return strings.ToValidUTF8(string(bytes.Join(bytes.Fields(body[:min(len(body), 200)]), []byte(" "))), "")
}

// longestWait bounds what a header may ask for: a wrong date must not silence
// a source for years.
const longestWait = 24 * time.Hour

// asked is how long the headers ask us to wait: Retry-After in seconds or as a
// date (RFC 9110, section 10.2.3), or the t of Hugging Face's RateLimit when
// its r, the requests that remain, is 0.
func asked(h http.Header, now time.Time) time.Duration {
	var wait time.Duration
	if v := strings.TrimSpace(h.Get("Retry-After")); v != "" {
		if n, err := strconv.Atoi(v); err == nil {
			wait = time.Duration(min(max(n, 0), int(longestWait/time.Second))) * time.Second
		} else if t, err := http.ParseTime(v); err == nil {
			wait = t.Sub(now)
		}
	}
	if wait <= 0 {
		params := map[string]int{}
		for part := range strings.SplitSeq(h.Get("RateLimit"), ";") {
			if k, v, ok := strings.Cut(strings.TrimSpace(part), "="); ok {
				if n, err := strconv.Atoi(v); err == nil {
					params[k] = n
				}
			}
		}
		if r, ok := params["r"]; ok && r == 0 {
			wait = time.Duration(min(params["t"], int(longestWait/time.Second))) * time.Second
		}
	}
	return min(max(wait, 0), longestWait)
}
