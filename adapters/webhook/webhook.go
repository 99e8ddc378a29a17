// Package webhook brings a channel's posts to any address, as signed requests in
// the form of Standard Webhooks (standardwebhooks.com).
//
// In: posts and edits of channels that the configuration names. Out: POST requests
// with JSON, webhook-id, webhook-timestamp and webhook-signature.
//
// It promises: a message has the same id however often it is sent, so that who keeps
// the ids has each once; what was not taken is sent again, later and later, in order;
// nobody but who has the secret can sign. It follows no redirect. An address, which
// may be a secret, appears in no error and no log line.
//
// The rule of doubt is the receiver's: with no answer, or one of 500 and more, the
// message is sent again with the id that it had. So nothing is ever uncertain here,
// and Find says that it is not there, which has it sent again.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// Name is the platform's in keys: "webhook//lab-site".
const Name = "webhook"

const (
	answerTime = 20 * time.Second // that a receiver has
	soonest    = 5 * time.Second  // who did not take a message gets it again …
	latest     = time.Hour        // … and at last so often
)

var (
	_ core.Connection = (*Webhook)(nil)
	_ core.Editor     = (*Webhook)(nil)
	_ core.Finder     = (*Webhook)(nil)
)

// Target is where a channel's messages go, and the key that signs them.
type Target struct {
	URL string
	Key []byte
}

// Webhook sends to all targets. It is safe for concurrent use.
type Webhook struct {
	targets map[string]Target // by the channel's id
	now     func() time.Time
	client  *http.Client

	mu    sync.Mutex
	tries map[string]int // in vain in a row, by channel
}

// New makes one. now is the time of signatures, which no calendar shifts; dial makes
// connections, nil: over the network.
func New(targets map[string]Target, now func() time.Time, dial func(context.Context, string, string) (net.Conn, error)) *Webhook {
	return &Webhook{targets: targets, now: now, client: kit.HTTPClient(answerTime, 2, dial), tries: map[string]int{}}
}

// Key names a channel of this platform.
func Key(name string) core.ChannelKey { return core.ChannelKey{Platform: Name, ID: name} }

// Network says what a receiver takes: anything, and nobody says anything there.
func (w *Webhook) Network() core.Network {
	return core.Network{Name: Name, Command: "/papers", Editors: "managers"}
}

// Serves implements core.Connection.
func (w *Webhook) Serves(in core.Installation) bool { return in == Key("").Installation() }

// Run ends with the context: nobody says anything here.
func (w *Webhook) Run(ctx context.Context, _ core.Handler) error {
	<-ctx.Done()
	return nil
}

// Ready is always so.
func (w *Webhook) Ready() error { return nil }

// Handlers are none.
func (w *Webhook) Handlers() map[string]http.Handler { return nil }

// Message is the body of a request.
type Message struct {
	Type      string    `json:"type"` // "papers.posted", "papers.updated": what stands in the message posted before
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`
}

// Data is what a message holds.
type Data struct {
	Message string      `json:"message"` // its id, the same in what updates it
	Channel string      `json:"channel"` // the webhook's name
	Title   string      `json:"title,omitempty"`
	Lines   []string    `json:"lines,omitempty"`
	Papers  []core.View `json:"papers"`
}

// data is a card as data: without its buttons, which nobody can press there.
func data(p core.Post) Data {
	d := Data{Message: id(p.Key), Channel: p.Channel.ID, Title: p.Card.Title, Papers: []core.View{}}
	for _, l := range p.Card.Lines {
		d.Lines = append(d.Lines, l.String())
	}
	for _, v := range p.Card.Papers {
		v.Buttons, v.Open = nil, ""
		d.Papers = append(d.Papers, v)
	}
	return d
}

// id names a message, or one state of it; it holds no full stop, which parts what is
// signed.
func id(of string) string {
	sum := sha256.Sum256([]byte(of))
	return "msg_" + base64.RawURLEncoding.EncodeToString(sum[:18])
}

// Post implements core.Connection.
func (w *Webhook) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	d := data(p)
	return core.MessageRef{Conversation: p.Channel.ID, ID: d.Message}, w.send(ctx, p.Channel.ID, d.Message, "papers.posted", d)
}

// Edit implements core.Editor. The same state has the same id.
func (w *Webhook) Edit(ctx context.Context, p core.Post, _ core.MessageRef) error {
	d := data(p)
	state, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return w.send(ctx, p.Channel.ID, id(p.Key+"\n"+string(state)), "papers.updated", d)
}

// Find implements core.Finder: what may have come is sent again with its id.
func (w *Webhook) Find(context.Context, core.Post) (core.MessageRef, bool, error) {
	return core.MessageRef{}, false, nil
}

// send sends once, and says in core's words what came of it.
func (w *Webhook) send(ctx context.Context, channel, id, kind string, d Data) error {
	t, ok := w.targets[channel]
	if !ok {
		return &core.Gone{What: core.TheChannel, Err: errors.New("the configuration names no such webhook any more")}
	}
	now := w.now()
	body, err := json.Marshal(Message{kind, now.UTC().Truncate(time.Second), d})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, bytes.NewReader(body))
	if err != nil {
		return &core.Refused{Reason: "its address cannot be read; mend url under [[webhook]]", Err: bare(err)}
	}
	at := strconv.FormatInt(now.Unix(), 10)
	r.Header.Set("content-type", "application/json")
	r.Header.Set("user-agent", "Paperboy")
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", at)
	r.Header.Set("webhook-signature", "v1,"+Sign(t.Key, id, at, body))
	answer, err := w.client.Do(r)
	if err != nil {
		return w.later(channel, 0, bare(err))
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 4096) // so that the connection can be used again; what it says is nothing to us
	err = fmt.Errorf("the receiver answered %d", answer.StatusCode)
	switch code := answer.StatusCode; {
	case code < 300:
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.tries, channel)
		return nil
	case code == http.StatusGone: // as Standard Webhooks has it: for good
		return &core.Gone{What: core.TheChannel, Err: err}
	case code == http.StatusTooManyRequests || code >= 500:
		return w.later(channel, wait(answer.Header.Get("retry-after"), now), err)
	case code == http.StatusBadRequest || code == http.StatusRequestEntityTooLarge || code == http.StatusUnprocessableEntity:
		return &core.Refused{Message: true, Reason: err.Error(), Err: err}
	}
	return &core.Refused{Reason: err.Error() + "; mend url or secret under [[webhook]], or what takes the requests", Err: err}
}

// later has a message sent again: when the receiver says, else the later the more
// often it was in vain.
func (w *Webhook) later(channel string, after time.Duration, err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tries[channel]++
	if after <= 0 {
		after = kit.Backoff(w.tries[channel], soonest, latest)
	}
	return &core.Retry{After: min(after, latest), Err: err}
}

// wait reads Retry-After: seconds, or a date.
func wait(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(s); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return t.Sub(now)
	}
	return 0
}

// Sign is the signature of a message: HMAC-SHA256 of its id, timestamp and body.
func Sign(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// bare is an HTTP client's error without the address.
func bare(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
