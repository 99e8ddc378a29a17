package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// How connections are kept. slack-go's own loop reconnects without a pause when
// a connection opens and drops, closes the old one before the new one is there,
// and leaves what it cannot parse unacknowledged; so this is ours.
const (
	silence    = 30 * time.Second // Slack pings more often; as in Slack's own SDKs
	helloTime  = 30 * time.Second
	writeTime  = 10 * time.Second
	settled    = 10 * time.Second // a connection that lived so long was a good one
	drainTime  = 10 * time.Second // what still comes on the old connection is taken for so long
	backoffMin = time.Second
	backoffMax = time.Minute
	// Slack repeats events for about six minutes; a gap that is longer than its
	// second try lost votes, maybe.
	gapMax    = time.Minute
	frameMax  = 4 << 20
	stopAfter = 5 * time.Second // what was begun gets so long
)

// Run answers people until the context ends: it is who brings both transports to
// life. It returns an error that is core.Unauthorised when Slack does not take
// the token; posting does not depend on it. It is called once.
func (s *Slack) Run(ctx context.Context, bot core.Handler) error {
	s.bot = bot
	stop := s.queue.Run(ctx, s.log, stopAfter)
	defer s.http.CloseIdleConnections()
	defer stop()
	var err error
	var refused <-chan struct{} // where the configuration has the token
	if s.one != nil {
		err, refused = s.one.identify(ctx), s.one.token.Refused()
	} else {
		close(s.ready)
		var aside sync.WaitGroup
		defer aside.Wait()
		aside.Go(func() { s.keepUp(ctx) })
	}
	if err == nil && s.opt.AppToken != "" {
		err = s.sockets(ctx)
	} else if err == nil {
		s.setState(nil) // HTTP mode: requests come when they come
		select {
		case <-refused:
		case <-ctx.Done():
		}
	}
	if err == nil || ctx.Err() != nil {
		err = s.Refused()
	}
	if core.Is[*core.Unauthorised](err) {
		s.mu.Lock()
		s.over = err
		s.mu.Unlock()
		s.log.Error("slack: "+err.Error()+"; nothing more is tried with it. Put a valid one into the configuration and start again.", "platform", Name)
	}
	return err
}

// backoff is the pause before a try.
func (s *app) backoff(try int) time.Duration {
	return kit.Backoff(try, backoffMin, backoffMax)
}

// sockets keeps a connection open: one after another, the next before the old
// one goes when Slack asks for that.
func (s *Slack) sockets(ctx context.Context) error {
	var open sync.WaitGroup
	defer open.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tries := 0
	s.hear()
	for ctx.Err() == nil && s.Refused() == nil {
		l, err := s.connect(ctx)
		if err != nil {
			if ctx.Err() != nil {
				break
			}
			if core.Is[*core.Unauthorised](err) {
				return err
			}
			s.setState(fmt.Errorf("no connection: %w", err))
			s.log.Warn("slack: no connection", "try", tries+1, "err", err)
			if kit.Sleep(ctx, s.backoff(tries)) != nil {
				break
			}
			tries++
			continue
		}
		begun := time.Now()
		s.setState(nil)
		open.Go(func() { l.read(ctx) })
		var reason string
		select {
		case reason = <-l.replace:
		case <-l.ended:
			reason = "the connection ended"
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		if time.Since(begun) > settled {
			tries = 0
		}
		s.log.Debug("slack: next connection", "reason", reason)
		if reason == "link_disabled" {
			s.setState(errors.New("slack: Socket Mode is switched off in the app's settings"))
			s.log.Error("slack: Socket Mode is switched off in the app's settings; switch it on there")
			tries = max(tries, 6)
		}
		// A connection that Slack asks to renew still works while the next one
		// is made; one that is gone does not.
		select {
		case <-l.ended:
			s.setState(errors.New("the connection was lost"))
		default:
		}
		if kit.Sleep(ctx, s.backoff(tries)) != nil {
			break
		}
		tries++
	}
	return s.Refused()
}

// link is one connection.
type link struct {
	s       *Slack
	conn    *websocket.Conn
	writing sync.Mutex    // one frame at a time
	replace chan string   // Slack asks for another one: why
	ended   chan struct{} // closed when it is over
}

// connect opens a connection and waits for Slack's hello.
func (s *Slack) connect(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	_, address, err := s.socket.StartSocketModeContext(ctx)
	if err != nil {
		return nil, s.openError(ctx, err)
	}
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: writeTime, NetDialContext: s.opt.Dial}
	conn, resp, err := dialer.DialContext(ctx, address, nil)
	if err != nil {
		if resp != nil {
			err = fmt.Errorf("%w (%s)", err, resp.Status)
		}
		return nil, s.discreet(err)
	}
	conn.SetReadLimit(frameMax)
	l := &link{s: s, conn: conn, replace: make(chan string, 1), ended: make(chan struct{})}
	_ = conn.SetReadDeadline(time.Now().Add(silence))
	conn.SetPingHandler(func(data string) error {
		l.alive()
		// A pong that cannot be written shows as silence soon enough.
		_ = conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeTime))
		return nil
	})
	// Reading cannot be interrupted but by closing.
	unblock := context.AfterFunc(ctx, func() { conn.Close() })
	f, err := l.frame()
	if !unblock() && err == nil {
		err = ctx.Err()
	}
	if err == nil && f.Type != "hello" {
		err = fmt.Errorf("slack said %q (%s) instead of hello", f.Type, f.Reason)
		if f.Reason == "link_disabled" {
			err = errors.New("in the app's settings Socket Mode is switched off; switch it on there")
		}
	}
	if err != nil {
		conn.Close()
		return nil, s.discreet(err)
	}
	return l, nil
}

// openError says what a refusal of apps.connections.open means. The app's token
// is another one than the bot's, and posting goes on without it.
func (s *Slack) openError(ctx context.Context, err error) error {
	switch c := code(err); c {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type", "missing_scope", "no_permission":
		return fmt.Errorf("the app token: %w", &core.Unauthorised{Err: fmt.Errorf("Slack says %s (it begins with xapp- and has the scope connections:write)", c)})
	}
	if limit, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		_ = kit.Sleep(context.WithoutCancel(ctx), min(limit.RetryAfter, time.Minute)) // the next try comes after a pause of its own
	}
	return s.discreet(err)
}

// frame is what comes over a connection.
type frame struct {
	Type     string          `json:"type"`
	Envelope string          `json:"envelope_id"`
	Reason   string          `json:"reason"`
	Tries    int             `json:"retry_attempt"` // how often it was sent before
	Payload  json.RawMessage `json:"payload"`
}

// acknowledge says that an envelope arrived. It may come from anywhere.
func (l *link) acknowledge(envelope string, says any) error {
	ack := map[string]any{"envelope_id": envelope}
	if says != nil {
		ack["payload"] = says
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	_ = l.conn.SetWriteDeadline(time.Now().Add(writeTime))
	return l.conn.WriteJSON(ack)
}

// alive notes that the other side was heard.
func (l *link) alive() {
	_ = l.conn.SetReadDeadline(time.Now().Add(silence))
	l.s.hear()
}

// hear notes that Slack was heard, on whatever connection. After a gap votes are
// read again. It is measured by the calendar, because a machine that slept did
// not count the time.
func (s *Slack) hear() {
	now := s.opt.Now().Round(0)
	s.mu.Lock()
	gap := now.Sub(s.heard)
	first := s.heard.IsZero()
	s.heard = now
	s.mu.Unlock()
	if gap > gapMax && !first {
		s.log.Info("slack was not heard for some time; votes are read again", "gap", gap)
		s.readVotes()
	}
}

// errUnreadable is a frame that is no JSON object; the connection may be well.
var errUnreadable = errors.New("a frame is no JSON object")

func (l *link) frame() (f frame, err error) {
	_, data, err := l.conn.ReadMessage()
	if err != nil {
		return f, err
	}
	l.alive()
	if json.Unmarshal(data, &f) != nil {
		return f, errUnreadable
	}
	return f, nil
}

// read takes frames until the connection is over. An envelope is acknowledged also
// when nobody knows its kind: Slack would only send it again.
func (l *link) read(ctx context.Context) {
	defer close(l.ended)
	defer l.conn.Close()
	defer context.AfterFunc(ctx, func() { l.conn.Close() })()
	for {
		f, err := l.frame()
		if errors.Is(err, errUnreadable) {
			l.s.log.Warn("slack sent a frame that cannot be read")
			continue
		}
		if err != nil {
			if ctx.Err() == nil {
				l.s.log.Info("slack: a connection ended", "err", l.s.discreet(err))
			}
			return
		}
		if f.Envelope != "" {
			if l.s.take(f.Type, f.Payload, f.Tries, func(says any) error { return l.acknowledge(f.Envelope, says) }) != nil {
				return // Slack sends it again
			}
			continue
		}
		if f.Type == "disconnect" {
			select {
			case l.replace <- f.Reason:
			default:
			}
			if f.Reason == "link_disabled" {
				return
			}
			// The next one is on its way; whatever still comes here is taken.
			time.AfterFunc(drainTime, func() { l.conn.Close() })
		}
	}
}
