package discord

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"paperboy/adapters/kit"
)

const (
	openTime      = 30 * time.Second // for READY, or RESUMED
	handshakeTime = 10 * time.Second
	writeTime     = 10 * time.Second
	farewellTime  = time.Second
	maxPayload    = 64 << 20 // more than the largest guild's GUILD_CREATE
)

// The gateway's opcodes (topics/opcodes-and-status-codes.mdx).
const (
	opEvent      = 0
	opHeartbeat  = 1
	opIdentify   = 2
	opResume     = 6
	opReconnect  = 7
	opInvalid    = 9
	opHello      = 10
	opHeartbeatA = 11 // acknowledged
)

// intents are what is asked for: guilds (1), and reactions on messages in them
// (1024). None is privileged, and messages are not read.
const intents = 1<<0 | 1<<10

// connection is one to the gateway, and afterwards how it ended.
type connection struct {
	ws      *websocket.Conn
	writing sync.Mutex
	unacked atomic.Bool // a heartbeat is

	greeted   bool // hello came
	live      bool // READY or RESUMED did
	code      int  // of the close frame; 0: none came
	invalid   bool // we were told to begin anew …
	resumable bool // … or that the session can be taken up all the same
	err       error
}

// connect opens a connection for a session and stays until it is over. It ends
// without a close frame, so that the session can be taken up again, unless the
// context ends: then we leave for good.
func (of *shard) connect(ctx context.Context, s *session) *connection {
	d, c := of.d, &connection{}
	address := s.address
	if s.id != "" && s.resume != "" {
		address = s.resume
	}
	u, err := url.Parse(address)
	if err != nil {
		c.err = errors.New("the gateway's address cannot be read")
		return c
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.RawQuery = "v=10&encoding=json"
	dialer := websocket.Dialer{HandshakeTimeout: handshakeTime, Proxy: http.ProxyFromEnvironment, NetDialContext: d.opt.Dial}
	if c.ws, _, c.err = dialer.DialContext(ctx, u.String(), http.Header{"User-Agent": {userAgent}}); c.err != nil {
		return c
	}
	defer c.ws.Close()
	c.ws.SetReadLimit(maxPayload)
	c.ws.SetCloseHandler(func(int, string) error { return nil })
	watchdog := time.AfterFunc(openTime, func() { c.ws.Close() })
	defer watchdog.Stop()
	defer context.AfterFunc(ctx, func() {
		c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(farewellTime))
		c.ws.SetReadDeadline(time.Now().Add(farewellTime)) // for the other side to end it
	})()
	var beating sync.WaitGroup
	defer beating.Wait()
	over, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	for {
		_, raw, err := c.ws.ReadMessage()
		if err != nil {
			c.err = err
			if closed, ok := errors.AsType[*websocket.CloseError](err); ok && closed.Code != websocket.CloseAbnormalClosure {
				c.code = closed.Code
			}
			return c
		}
		var p struct {
			Op  int             `json:"op"`
			T   string          `json:"t"`
			Seq int64           `json:"s"`
			D   json.RawMessage `json:"d"`
		}
		if ctx.Err() != nil {
			continue // only the farewell is waited for
		}
		if json.Unmarshal(raw, &p) != nil {
			d.log.Warn("discord: the gateway sent what cannot be read", "bytes", len(raw))
			continue
		}
		switch p.Op {
		case opEvent:
			s.seq.Store(max(s.seq.Load(), p.Seq)) // after a resume some come twice
			if p.T == "READY" || p.T == "RESUMED" {
				c.live = true
				watchdog.Stop()
			}
			of.event(s, p.T, p.Seq, p.D)
		case opHeartbeat:
			c.err = c.beat(s)
		case opReconnect:
			return c
		case opInvalid:
			c.invalid, c.resumable = true, string(p.D) == "true"
			return c
		case opHello:
			var hello struct {
				Every float64 `json:"heartbeat_interval"` // ms
			}
			if json.Unmarshal(p.D, &hello) != nil || hello.Every <= 0 {
				c.err = errors.New("hello names no interval")
				return c
			}
			c.greeted = true
			beating.Go(func() { c.keepBeating(over, s, time.Duration(hello.Every*float64(time.Millisecond))) })
			c.err = of.introduce(c, s)
		case opHeartbeatA:
			c.unacked.Store(false)
		}
		if c.err != nil {
			return c
		}
	}
}

// introduce begins a session, or takes one up again.
func (of *shard) introduce(c *connection, s *session) error {
	token := of.d.opt.Token
	if s.id != "" {
		return c.send(opResume, map[string]any{"token": token, "session_id": s.id, "seq": s.seq.Load()})
	}
	defer s.turn.end(true)
	return c.send(opIdentify, map[string]any{"token": token, "intents": intents, "shard": []int{of.id, of.of},
		"properties": map[string]string{"os": runtime.GOOS, "browser": "paperboy", "device": "paperboy"}})
}

func (c *connection) send(op int, data any) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.ws.SetWriteDeadline(time.Now().Add(writeTime))
	return c.ws.WriteJSON(map[string]any{"op": op, "d": data})
}

func (c *connection) beat(s *session) error {
	c.unacked.Store(true)
	return c.send(opHeartbeat, s.seq.Load())
}

// keepBeating sends heartbeats, the first at a moment by chance, and ends the
// connection when one has not been acknowledged before the next: it hangs half
// open.
func (c *connection) keepBeating(over context.Context, s *session, every time.Duration) {
	for wait := rand.N(every); kit.Sleep(over, wait) == nil; wait = every {
		if c.unacked.Load() || c.beat(s) != nil {
			c.ws.Close()
			return
		}
	}
}
