// Package zotero puts papers into libraries of Zotero, by its Web API, version 3.
//
//	zotero.go  the connection: one item, and what became of it
//	item.go    a paper as an item
//	ask.go     whose a key is, and what it may write
//
// In: posts of channels that are a core.Library. Out: one item for a paper, or one of
// the errors of core/errors.go.
//
// It promises: an item's key is made from its library and its paper, and is sent with
// version 0, which Zotero takes once; so a paper is in a library once, however often it
// is sent and from how many channels, and what a lost answer meant is found by looking
// for that one item. An item that is there is never changed: it is its owner's. A key
// that lost its right stops its own library only. What Zotero asks of a library's pace
// (Backoff, Retry-After) is kept. No key comes into an error, a log line or an address.
package zotero

import (
	"bytes"
	"cmp"
	"context"
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

// Name is the platform's.
const Name = "zotero"

// API is where Zotero is asked.
const API = "https://api.zotero.org"

const (
	answerTime = 30 * time.Second // that Zotero has
	pause      = time.Minute      // where it does not say how long
	longest    = time.Hour        // whatever it says
	mostRead   = 4 << 20          // bytes of an answer
)

var (
	_ core.Connection = (*Zotero)(nil)
	_ core.Finder     = (*Zotero)(nil)
)

// Store is what is asked of the store.
type Store interface {
	ChannelByKey(ctx context.Context, key core.ChannelKey) (core.Channel, error)
	Library(ctx context.Context, channel int64) (core.Library, error)
	Libraries(ctx context.Context) ([]core.Library, error)
	ReplaceSecret(ctx context.Context, channel int64, was, is string) error
	Paper(ctx context.Context, id core.PaperID) (core.Paper, error)
	Delivery(ctx context.Context, channel int64, item core.Item) (core.Delivery, error)
}

// Options are what a Zotero is made of.
type Options struct {
	Store Store
	URL   string    // "": API
	Keys  *kit.Keys // that the libraries' keys are sealed with; nil: they are kept as they are
	Now   func() time.Time
	// Dial makes connections; nil: over the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Zotero writes into all libraries. It is safe for concurrent use.
type Zotero struct {
	Options
	client *http.Client

	mu    sync.Mutex
	until map[string]time.Time // no request before, by library
}

// New makes the connection. It asks nobody anything.
func New(o Options) *Zotero {
	o.URL = cmp.Or(o.URL, API)
	return &Zotero{Options: o, client: kit.HTTPClient(answerTime, 4, o.Dial), until: map[string]time.Time{}}
}

// Network says the customs: nobody types or votes in a library.
func (z *Zotero) Network() core.Network {
	return core.Network{Name: Name, Command: "/papers", Editors: "managers", Outward: true}
}

// Serves implements core.Connection.
func (z *Zotero) Serves(in core.Installation) bool { return in.Platform == Name }

// Post implements core.Connection: the one paper of a message becomes an item.
func (z *Zotero) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	l, paper, err := z.about(ctx, p)
	if err != nil {
		return core.MessageRef{}, err
	}
	var topics []string
	if d, err := z.Store.Delivery(ctx, l.Channel, core.PaperItem(paper.ID)); err == nil {
		for _, m := range d.Matched {
			topics = append(topics, m.Topic)
		}
	} else if !errors.Is(err, core.ErrNotFound) {
		return core.MessageRef{}, &core.Retry{After: pause, Err: err}
	}
	it := item(l, &paper, topics)
	var said struct {
		Failed map[string]struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"failed"`
		Success   map[string]string `json:"success"`
		Unchanged map[string]string `json:"unchanged"`
	}
	ref := core.MessageRef{Conversation: p.Channel.ID, ID: it.Key}
	if err := z.ask(ctx, l, http.MethodPost, "/items", []any{it}, &said); err != nil {
		return core.MessageRef{}, err
	}
	if said.Success["0"] == it.Key || said.Unchanged["0"] == it.Key {
		return ref, nil
	}
	failed, ok := said.Failed["0"]
	if !ok {
		return core.MessageRef{}, errors.New("the answer says nothing of the item") // it may be there
	}
	err = fmt.Errorf("Zotero refused the item: %d", failed.Code)
	switch failed.Code {
	case http.StatusPreconditionFailed: // a version greater than 0: it is there
		return ref, nil
	case http.StatusConflict:
		return core.MessageRef{}, &core.Refused{Reason: "its collection is not there any more; set it up anew", Err: err}
	case http.StatusForbidden:
		return core.MessageRef{}, refusedKey(err)
	}
	return core.MessageRef{}, &core.Refused{Message: true, Reason: "Zotero does not take it (" + strconv.Itoa(failed.Code) + ")", Err: err}
}

// Find implements core.Finder: an item can be looked for by its key, in the trash too.
func (z *Zotero) Find(ctx context.Context, p core.Post) (core.MessageRef, bool, error) {
	l, paper, err := z.about(ctx, p)
	if err != nil {
		return core.MessageRef{}, false, err
	}
	key := Key(l.Path, paper.ID)
	err = z.ask(ctx, l, http.MethodGet, "/items/"+key, nil, nil)
	switch {
	case errors.Is(err, errNothing):
		return core.MessageRef{}, false, nil
	case err != nil:
		if !certain(err) {
			err = &core.Retry{After: pause, Err: err} // a look can be taken again
		}
		return core.MessageRef{}, false, err
	}
	return core.MessageRef{Conversation: p.Channel.ID, ID: key}, true, nil
}

// about is what a post is about: a library and a paper.
func (z *Zotero) about(ctx context.Context, p core.Post) (l core.Library, paper core.Paper, err error) {
	ch, err := z.Store.ChannelByKey(ctx, p.Channel)
	if err == nil {
		l, err = z.Store.Library(ctx, ch.ID)
	}
	switch {
	case errors.Is(err, core.ErrNotFound):
		return l, paper, &core.Gone{What: core.TheChannel, Err: errors.New("the library is not set up any more")}
	case err != nil:
		return l, paper, &core.Retry{After: pause, Err: err}
	case len(p.Card.Papers) != 1:
		return l, paper, &core.Refused{Message: true, Reason: "only papers go into a library", Err: errors.New("no paper")}
	}
	if paper, err = z.Store.Paper(ctx, p.Card.Papers[0].ID); err != nil {
		return l, paper, &core.Retry{After: pause, Err: err}
	}
	return l, paper, nil
}

// errNothing: there is no such thing in the library.
var errNothing = errors.New("Zotero has nothing there")

func refusedKey(err error) error {
	return &core.Refused{Reason: "Zotero does not let its key write there any more; set it up anew with a new key", Err: err}
}

// certain reports whether an error says what became of a request.
func certain(err error) bool {
	return core.Is[*core.Retry](err) || core.Is[*core.Refused](err) || core.Is[*core.Gone](err)
}

// ask sends one request about a library, and reads the answer into out. An answer that
// nobody had, and one of 500 and more, are errors that say nothing certain.
func (z *Zotero) ask(ctx context.Context, l core.Library, method, path string, body, out any) error {
	if wait := z.rest(l.Path); wait > 0 {
		return &core.Retry{After: wait, Err: errors.New("Zotero asked for a pause")}
	}
	if l.Path != "" {
		path = "/" + l.Path + path
	}
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			return &core.Refused{Message: true, Reason: "it cannot be written as an item", Err: err}
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, z.URL+path, bytes.NewReader(sent))
	if err != nil {
		return &core.Refused{Reason: "Zotero's address cannot be read", Err: bare(err)}
	}
	r.Header.Set("user-agent", "Paperboy")
	r.Header.Set("zotero-api-version", "3")
	key, err := z.key(l)
	if err != nil {
		return err
	}
	r.Header.Set("zotero-api-key", key)
	if body != nil {
		r.Header.Set("content-type", "application/json")
	}
	answer, err := z.client.Do(r)
	if err != nil {
		if err = bare(err); kit.NeverLeft(err) {
			return &core.Retry{After: pause, Err: err}
		}
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostRead))
	z.slowDown(l.Path, answer.Header.Get("backoff"))
	if code := answer.StatusCode; code >= 300 {
		return z.outcome(l.Path, code, answer.Header.Get("retry-after"))
	}
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		return fmt.Errorf("reading Zotero's answer: %w", err)
	}
	return nil
}

// outcome is a refusal of a whole request in the words of core/errors.go.
func (z *Zotero) outcome(library string, code int, after string) error {
	err := fmt.Errorf("Zotero answered %d", code)
	switch {
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable && after != "":
		z.slowDown(library, cmp.Or(after, strconv.Itoa(int(pause.Seconds()))))
		return &core.Retry{After: max(z.rest(library), time.Second), Err: err}
	case code >= 500:
		return err
	case code == http.StatusForbidden || code == http.StatusUnauthorized:
		return refusedKey(err)
	case code == http.StatusNotFound:
		return errNothing
	case code == http.StatusConflict: // the library is locked: a change of many things is on its way
		return &core.Retry{After: pause, Err: err}
	}
	return &core.Refused{Message: true, Reason: "Zotero does not take it (" + strconv.Itoa(code) + ")", Err: err}
}

// slowDown keeps what Zotero asks of the pace: no request before so many seconds.
func (z *Zotero) slowDown(library, seconds string) {
	n, err := strconv.Atoi(seconds)
	if err != nil || n <= 0 {
		return
	}
	until := z.Now().Add(min(time.Duration(min(n, 1<<20))*time.Second, longest))
	z.mu.Lock()
	defer z.mu.Unlock()
	if until.After(z.until[library]) {
		z.until[library] = until
	}
}

// rest is how long nothing may be asked about a library.
func (z *Zotero) rest(library string) time.Duration {
	z.mu.Lock()
	defer z.mu.Unlock()
	wait := z.until[library].Sub(z.Now())
	if wait <= 0 || wait > longest { // longer: the clock was set back
		delete(z.until, library)
		return 0
	}
	return wait
}

// bare is an HTTP client's error without the address.
func bare(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
