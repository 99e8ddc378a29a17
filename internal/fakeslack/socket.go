package fakeslack

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Figures of Socket Mode.
const (
	ackWindow   = 3 * time.Second
	pingEvery   = 5 * time.Second
	mostSockets = 10
	ticketLife  = 30 * time.Second
	longestAck  = 20_000 // bytes of what an acknowledgement says
)

// socket is one WebSocket of the app.
type socket struct {
	ws      *websocket.Conn
	write   sync.Mutex
	silent  bool // nothing is sent any more, as behind a dead NAT; under Slack.mu
	closing bool // a disconnect was announced; under Slack.mu
}

func (c *socket) send(v any) error {
	c.write.Lock()
	defer c.write.Unlock()
	return c.put(v)
}

// put is send for who holds write.
func (c *socket) put(v any) error {
	c.ws.SetWriteDeadline(time.Now().Add(5 * time.Second))
	return c.ws.WriteMessage(websocket.TextMessage, encode(v))
}

// drop cuts the connection without a closing frame.
func (c *socket) drop() { c.ws.NetConn().Close() }

// serveLink is the life of a socket: its one-use ticket, hello, pings,
// acknowledgements.
func (s *Slack) serveLink(w http.ResponseWriter, r *http.Request) {
	if f := s.failure(Call{Method: "link"}); f != nil {
		s.fail(w, r, "link", nil, *f)
		return
	}
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	made, known := s.tickets[ticket]
	delete(s.tickets, ticket)
	s.mu.Unlock()
	if !known || time.Since(made) > ticketLife {
		http.Error(w, "this URL was used or is too old", http.StatusForbidden)
		return
	}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	c := &socket{ws: ws}
	s.mu.Lock()
	s.counts.Sockets++
	n, storm := len(s.sockets)+1, s.storm
	s.mu.Unlock()
	if n > mostSockets {
		c.send(object{"type": "disconnect", "reason": "too_many_websockets", "debug_info": object{"host": "applink-fake"}})
		return
	}
	hello := object{"type": "hello", "num_connections": n, "connection_info": object{"app_id": AppID},
		"debug_info": object{"host": "applink-fake", "build_number": 0, "approximate_connection_time": 18060}}
	if storm {
		c.send(hello)
		return
	}
	// It takes envelopes from its hello on: they wait for the lock.
	c.write.Lock()
	s.mu.Lock()
	s.sockets = append(s.sockets, c)
	s.changed.Ring()
	s.mu.Unlock()
	err = c.put(hello)
	c.write.Unlock()
	gone := make(chan struct{})
	defer func() {
		close(gone)
		s.mu.Lock()
		s.sockets = slices.DeleteFunc(s.sockets, func(other *socket) bool { return other == c })
		s.changed.Ring()
		s.mu.Unlock()
	}()
	if err != nil {
		return
	}
	s.wg.Go(func() { s.ping(c, gone) })
	for {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			return
		}
		s.ack(frame)
	}
}

func (s *Slack) ping(c *socket, gone chan struct{}) {
	every := time.NewTicker(pingEvery)
	defer every.Stop()
	for {
		s.mu.Lock()
		silent := c.silent
		s.mu.Unlock()
		if !silent {
			c.ws.WriteControl(websocket.PingMessage, []byte("Ping from applink-fake"), time.Now().Add(time.Second))
		}
		select {
		case <-every.C:
		case <-gone:
			return
		case <-s.ctx.Done():
			return
		}
	}
}

func (s *Slack) ack(frame []byte) {
	var a struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if json.Unmarshal(frame, &a) != nil {
		return
	}
	if waits := s.pending[a.EnvelopeID]; waits != nil { // whichever socket it came on
		delete(s.pending, a.EnvelopeID)
		if len(a.Payload) >= longestAck {
			s.t.Errorf("an acknowledgement of %d bytes: Slack drops what it says", len(a.Payload))
			a.Payload = nil
		}
		waits <- a.Payload
	}
}

// Disconnect announces the end of all sockets, as Slack does every few hours:
// "warning", "refresh_requested", "link_disabled". They get nothing more and are
// closed after ten seconds.
func (s *Slack) Disconnect(reason string) {
	for _, c := range s.live(func(c *socket) { c.closing = true }) {
		c.send(object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "applink-fake"}})
		s.wg.Go(func() {
			s.sleep(10 * time.Second)
			c.drop()
		})
	}
}

// Drop cuts all sockets.
func (s *Slack) Drop() {
	for _, c := range s.live(nil) {
		c.drop()
	}
}

// Silence lets all sockets live on without sending anything, pings included;
// what is sent to them is lost on the way.
func (s *Slack) Silence() { s.live(func(c *socket) { c.silent = true }) }

// Storm drops every new socket right after its hello while it is on.
func (s *Slack) Storm(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.storm = on
}

func (s *Slack) live(change func(*socket)) []*socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if change != nil {
		for _, c := range s.sockets {
			change(c)
		}
	}
	return slices.Clone(s.sockets)
}

// Connected waits until the app has this many sockets open.
func (s *Slack) Connected(n int) {
	s.t.Helper()
	s.Wait("open sockets", func() bool { return s.Counts().Live == n })
}
