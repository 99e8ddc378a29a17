// Package polite is the HTTP client that the sources share.
//
// In: a URL. Out: the body that the server sent, whole or with the error that
// cut it off, or a *core.SourceError in words for people.
//
// Promises: every request says who we are; none takes longer than 30 seconds
// or more than 32 MB; nothing is asked twice behind the caller's back; what a
// server says about waiting (Retry-After, Hugging Face's RateLimit) is handed
// on, and with a RateLimiter it is obeyed by everybody who shares that RateLimiter; a page
// that has not changed is not sent again; cookies live as long as one request
// with its redirects; *cannot be reached* is said only of a server that did not
// answer, and whatever else went wrong has a reason of its own.
package polite

import (
	"bytes"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"paperboy/core"
)

// Limits of one answer. arXiv's and Hugging Face's greatest are below 5 MB;
// publishers' chains of redirects have up to five steps.
const (
	Timeout      = 30 * time.Second
	MaxBody      = 32 << 20
	maxRedirects = 10
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
	Accept      string            // which kinds of content we read; "": any
	Transport   http.RoundTripper // nil: http.DefaultTransport
	RateLimiter *RateLimiter      // nil: no pause between requests

	mu    sync.Mutex
	known map[string]page // by URL, of Fresh
}

// page is an answer that is asked for again only if it changed. It is kept
// whole and in memory, so that nothing is lost when the program stops between
// reading a page and writing its papers down.
type page struct {
	validator
	body []byte
}

// validator is what a server calls a version of a page.
type validator struct{ etag, modified string }

// Page is a server's answer.
type Page struct {
	URL  *url.URL // where it came from, after redirects
	Type string   // its Content-Type
	Body []byte
	// Mark names this version of the page; to Changed it says which one we have.
	Mark Mark
}

// Mark names a version of a page: by what its server calls it, and by what it
// holds, for servers that call it nothing or always something else.
type Mark struct {
	ETag     string            `json:"etag,omitempty"`
	Modified string            `json:"modified,omitempty"`
	Sum      [sha256.Size]byte `json:"sum"`
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
	p, err := c.get(ctx, address, validator{})
	return p.Body, err
}

// Fresh is Get of a page that seldom changes: the server is told which version
// we have, and sends the page only when there is a newer one.
func (c *Client) Fresh(ctx context.Context, address string) ([]byte, error) {
	c.mu.Lock()
	have := c.known[address]
	c.mu.Unlock()
	p, err := c.get(ctx, address, have.validator)
	if err == errUnchanged {
		return have.body, nil
	}
	if now := (validator{p.Mark.ETag, p.Mark.Modified}); err == nil && now != (validator{}) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.known == nil {
			c.known = map[string]page{}
		}
		c.known[address] = page{now, p.Body}
	}
	return p.Body, err
}

// Changed is Get of a page of which the caller may have a version: have is its
// Mark, or the zero one. changed is false, and there is no body, when the page
// is still that version. Nothing is kept here, so who has worked with a page
// keeps its Mark when all of the work is done.
func (c *Client) Changed(ctx context.Context, address string, have Mark) (p Page, changed bool, err error) {
	p, err = c.get(ctx, address, validator{have.ETag, have.Modified})
	if err == errUnchanged {
		return Page{URL: p.URL, Mark: have}, false, nil
	}
	if err != nil {
		return p, true, err
	}
	p.Mark.Sum = sha256.Sum256(p.Body)
	if p.Mark.Sum == have.Sum {
		return Page{URL: p.URL, Mark: p.Mark}, false, nil
	}
	return p, true, nil
}

// errUnchanged is the answer to one who has the page already.
var errUnchanged = errors.New("not modified")

func (c *Client) get(ctx context.Context, address string, have validator) (p Page, err error) {
	if c.RateLimiter == nil {
		return c.once(ctx, address, have)
	}
	err = c.RateLimiter.do(ctx, func() error {
		p, err = c.once(ctx, address, have)
		return err
	})
	return p, err
}

// once makes one request.
func (c *Client) once(ctx context.Context, address string, have validator) (p Page, err error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return p, &core.SourceError{Reason: "has an address that cannot be", Err: err}
	}
	for name, value := range map[string]string{"User-Agent": c.Agent, "Accept": c.Accept, "If-None-Match": have.etag, "If-Modified-Since": have.modified} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		return p, err
	}
	client := http.Client{Transport: c.Transport, CheckRedirect: follow, Jar: jar}
	res, err := client.Do(req)
	if err != nil {
		return p, unanswered(err)
	}
	defer res.Body.Close()
	p.URL, p.Type = req.URL, res.Header.Get("Content-Type")
	if res.Request != nil {
		p.URL = res.Request.URL
	}
	p.Mark.ETag, p.Mark.Modified = res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	if res.StatusCode == http.StatusNotModified && have != (validator{}) {
		return p, errUnchanged
	}
	var body bytes.Buffer
	body.Grow(int(min(max(res.ContentLength, 0), MaxBody)) + bytes.MinRead) // a long page is not copied as it grows
	_, err = body.ReadFrom(io.LimitReader(res.Body, MaxBody+1))
	p.Body = body.Bytes()
	var corrupt flate.CorruptInputError
	switch {
	case res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNonAuthoritativeInfo:
		return p, refusal(address, res, p.Body)
	case errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, &corrupt):
		return p, &core.SourceError{Reason: "sent something that cannot be unpacked", Err: err}
	case err != nil:
		return p, &core.SourceError{Reason: "sent only a part of its answer", Err: err}
	case len(p.Body) > MaxBody:
		p.Body = p.Body[:MaxBody]
		return p, &core.SourceError{Reason: "sent more than it should", Err: fmt.Errorf("%s: more than %d bytes", address, MaxBody)}
	}
	return p, nil
}

// What a chain of redirects may not do.
var (
	errCircle  = errors.New("redirected too often")
	errInClear = errors.New("redirected from https to something else")
)

// follow follows redirects (arXiv's from http, a feed's from its old place)
// but never from https to http.
func follow(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("%w: %d times, at last to %s", errCircle, maxRedirects, req.URL)
	}
	if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return fmt.Errorf("%w: to %s", errInClear, req.URL)
	}
	return nil
}

// Unreachable is the Reason when there is no way to the server: the network, a
// name, a firewall. Every other Reason means that somebody answered.
const Unreachable = "cannot be reached"

// unanswered says why there is no answer that one could read.
func unanswered(err error) error {
	var ue *url.Error
	var op *net.OpError
	var record tls.RecordHeaderError
	var untrusted *tls.CertificateVerificationError
	var certificate x509.CertificateInvalidError
	reason := Unreachable
	said := err.Error()
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ue) && ue.Timeout():
		reason = "did not answer in time"
	case errors.Is(err, errCircle):
		reason = "sends us round in circles"
	case errors.Is(err, errInClear):
		reason = "sends us from https to an address without encryption"
	case errors.As(err, &certificate) && certificate.Reason == x509.Expired:
		reason = "shows a certificate that is out of date (or this machine's clock is)"
	case errors.As(err, &untrusted):
		reason = "shows a certificate that this machine does not trust"
	case errors.As(err, &record) || strings.Contains(said, "gave HTTP response to HTTPS"):
		reason = "does not speak https"
	case errors.As(err, &op) && op.Op == "proxyconnect":
		reason = Unreachable + " through the proxy that HTTPS_PROXY names"
	case strings.Contains(said, "unsupported protocol scheme"), strings.Contains(said, "failed to parse Location"), strings.Contains(said, "no Host in request"):
		reason = "sends us to an address that cannot be"
	case strings.Contains(said, "malformed"), strings.Contains(said, "exceeded MaxResponseHeaderBytes"), strings.Contains(said, "unsupported transfer encoding"), strings.Contains(said, "http2:"):
		reason = "answers with something that is not HTTP"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &op) && op.Op == "read":
		reason = "hung up before it answered"
	case errors.As(err, &op) && op.Op == "remote error": // its TLS refuses ours
		reason = "does not agree on an encryption with this machine"
	}
	return &core.SourceError{Reason: reason, Err: err}
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
		e.Reason = fmt.Sprintf("%s (HTTP %d)", cmp.Or(refusals[res.StatusCode], "answers with an error"), res.StatusCode)
	}
	return e
}

// refusals are the answers of which somebody can mend what is wrong.
var refusals = map[int]string{
	http.StatusNoContent:                  "sent an empty answer",
	http.StatusMovedPermanently:           "sends us on without saying where",
	http.StatusFound:                      "sends us on without saying where",
	http.StatusSeeOther:                   "sends us on without saying where",
	http.StatusTemporaryRedirect:          "sends us on without saying where",
	http.StatusPermanentRedirect:          "sends us on without saying where",
	http.StatusUnauthorized:               "asks for a password",
	http.StatusPaymentRequired:            "asks for money",
	http.StatusNotFound:                   "has no such page",
	http.StatusMethodNotAllowed:           "lets nobody read that address",
	http.StatusNotAcceptable:              "has nothing in a form that we read",
	http.StatusProxyAuthRequired:          "is behind a proxy that asks for a password",
	http.StatusGone:                       "has taken that page away for good",
	http.StatusUnavailableForLegalReasons: "may not show that page here",
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
