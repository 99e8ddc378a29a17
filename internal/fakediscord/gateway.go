package fakediscord

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// Gateway intents.
const (
	intentGuilds    = 1 << 0
	intentMessages  = 1 << 9
	intentReactions = 1 << 10

	privileged = 1<<1 | 1<<8 | 1<<15
	known      = 1<<26 - 1

	// sessionLife is how long a session can be resumed: "a few minutes".
	sessionLife = 2 * time.Minute
)

// session is what identify begins: it outlives its connections.
type session struct {
	id      string
	shard   shard
	intents int
	seq     int
	log     [][]byte // log[i] has s = i+1
	conn    *conn    // nil while offline
	offline time.Time
}

// shard is a part of the guilds: those whose number it is by their id.
type shard struct{ id, of int }

// hears reports whether a guild's events are the shard's; those of no guild are
// the first one's.
func (s shard) hears(guild string) bool {
	n, _ := strconv.ParseInt(guild, 10, 64)
	return int((n>>22)%int64(s.of)) == s.id
}

// conn is a WebSocket. Its queue is written by one goroutine.
type conn struct {
	ws     *websocket.Conn
	host   string // where it was opened
	queue  []frame
	ready  chan struct{}
	done   chan struct{}
	s      *session
	zombie bool
	ended  bool        // we sent a close: the client's reply decides nothing
	recent []time.Time // client events of the last minute
}

type frame struct {
	raw  []byte
	code int // closes, instead of raw
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

func (d *Discord) serveGateway(w http.ResponseWriter, r *http.Request) {
	if f := d.failure(Call{Route: "gateway", Path: r.URL.Path}); f != nil {
		switch f.how {
		case "reset":
			reset(w)
		default:
			page(w, max(f.status, 503))
		}
		return
	}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &conn{ws: ws, host: r.Host, ready: make(chan struct{}, 1), done: make(chan struct{})}
	d.mu.Lock()
	if d.ctx.Err() != nil { // the test is over
		d.mu.Unlock()
		ws.Close()
		return
	}
	d.wg.Add(1)
	defer d.wg.Done()
	d.counts.Connections++
	d.conns = append(d.conns, c)
	mute := d.helloOnly > 0
	if mute {
		d.helloOnly--
	}
	c.send(10, object{"heartbeat_interval": d.opt.Heartbeat.Milliseconds(), "_trace": []string{"fake"}})
	switch q := r.URL.Query(); {
	case q.Get("v") != "9" && q.Get("v") != "10":
		c.close(4012)
	case q.Get("encoding") != "json":
		c.close(4002)
	}
	d.changed.Ring()
	d.mu.Unlock()
	d.wg.Go(func() { d.write(c) })
	code := d.read(c, mute)
	d.mu.Lock()
	defer d.mu.Unlock()
	close(c.done)
	d.conns = without(d.conns, c)
	if s := c.s; s != nil && s.conn == c {
		s.conn, s.offline = nil, time.Now()
		if code == websocket.CloseNormalClosure || code == websocket.CloseGoingAway || code == 4009 {
			delete(d.sessions, s.id)
		}
	}
	d.changed.Ring()
}

// send queues a payload without a sequence, close a close frame. The caller
// holds mu.
func (c *conn) send(op int, v any) {
	c.put(frame{raw: encode(object{"op": op, "d": v, "s": nil, "t": nil})})
}

func (c *conn) close(code int) {
	c.ended = true
	c.put(frame{code: code})
}

func (c *conn) put(f frame) {
	c.queue = append(c.queue, f)
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

func (d *Discord) write(c *conn) {
	for {
		select {
		case <-c.ready:
		case <-c.done:
			return
		}
		d.mu.Lock()
		queue := c.queue
		c.queue = nil
		d.mu.Unlock()
		for _, f := range queue {
			if f.code != 0 {
				c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(f.code, ""), time.Now().Add(time.Second))
				c.ws.SetReadDeadline(time.Now().Add(100 * time.Millisecond)) // for the other side's close
				return
			}
			if c.ws.WriteMessage(websocket.TextMessage, f.raw) != nil {
				return
			}
		}
	}
}

// read takes what the client sends until the connection ends, and says with
// which close code; 0 without one, or after our own (but 4009).
func (d *Discord) read(c *conn, mute bool) int {
	defer c.ws.Close()
	beat := func() { c.ws.SetReadDeadline(time.Now().Add(3 * d.opt.Heartbeat)) }
	if !mute {
		beat()
	}
	for {
		_, raw, err := c.ws.ReadMessage()
		if closed := (*websocket.CloseError)(nil); errors.As(err, &closed) {
			d.mu.Lock()
			defer d.mu.Unlock()
			if closed.Code == websocket.CloseAbnormalClosure || c.ended {
				return 0
			}
			return closed.Code
		}
		if err != nil {
			d.mu.Lock()
			defer d.mu.Unlock()
			if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() && !c.ended {
				c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4009, "Session timed out."), time.Now().Add(time.Second))
				return 4009
			}
			return 0
		}
		if mute {
			continue
		}
		var p struct {
			Op *int
			D  json.RawMessage
		}
		d.mu.Lock()
		now := time.Now()
		c.recent = append(slices.DeleteFunc(c.recent, func(t time.Time) bool { return now.Sub(t) > time.Minute }), now)
		switch {
		case c.ended: // nothing counts any more
		case len(raw) > 4096 || json.Unmarshal(raw, &p) != nil || p.Op == nil:
			c.close(4002)
		case len(c.recent) > 120:
			c.close(4008)
		case *p.Op == 1:
			beat()
			if !c.zombie {
				c.send(11, nil)
			}
		case *p.Op == 2:
			d.identify(c, p.D)
		case *p.Op == 6:
			d.resume(c, p.D)
		case *p.Op == 3 || *p.Op == 4 || *p.Op == 8:
			if c.s == nil {
				c.close(4003)
			}
		default:
			c.close(4001)
		}
		d.changed.Ring()
		d.mu.Unlock()
	}
}

// identify begins a session. The caller holds mu.
func (d *Discord) identify(c *conn, raw []byte) {
	var p struct {
		Token      string
		Intents    *int
		Properties object
		Shard      []int
	}
	d.counts.Identifies++
	if d.left--; d.left < 0 {
		d.revoke() // and Discord writes to the app's owner
		return
	}
	if json.Unmarshal(raw, &p) != nil || p.Properties == nil || len(p.Shard) != 0 && len(p.Shard) != 2 {
		c.close(4002)
		return
	}
	as := shard{0, 1}
	if p.Shard != nil {
		as = shard{p.Shard[0], p.Shard[1]}
	}
	now, window := time.Now(), as.id%d.opt.Concurrency
	early := now.Before(d.identified[window].Add(5 * time.Second))
	d.identified[window] = now
	switch {
	case d.revoked || !ours(p.Token):
		c.close(4004)
		return
	case c.s != nil:
		c.close(4005)
		return
	case p.Intents == nil || *p.Intents&^known != 0:
		c.close(4013)
		return
	case *p.Intents&privileged != 0:
		c.close(4014)
		return
	case as.of < 1 || as.id < 0 || as.id >= as.of:
		c.close(4010)
		return
	case len(d.guildsOf(as)) > d.opt.PerShard:
		c.close(4011)
		return
	case early:
		d.counts.Early++
		c.send(9, false)
		return
	}
	s := &session{id: "session" + d.id(), shard: as, intents: *p.Intents, conn: c}
	d.sessions[s.id], c.s = s, s
	d.counts.Ready++
	guilds := []object{}
	for _, g := range d.guildsOf(as) {
		guilds = append(guilds, object{"id": g.ID, "unavailable": true})
	}
	self := userObject(d.users[Bot])
	self["verified"], self["mfa_enabled"], self["email"] = true, false, nil
	s.emit("READY", object{"v": 10, "user": self, "guilds": guilds, "session_id": s.id, "resume_gateway_url": "ws" + d.second.URL[len("http"):] + "/gateway",
		"application": object{"id": AppID, "flags": 0}, "session_type": "normal", "private_channels": []any{}, "shard": []int{as.id, as.of}})
	for _, g := range d.guildsOf(as) {
		if !g.outage && s.intents&intentGuilds != 0 {
			s.emit("GUILD_CREATE", g.create())
		}
	}
}

// guildsOf are those of a shard that the bot is in. The caller holds mu.
func (d *Discord) guildsOf(as shard) (all []*Guild) {
	for _, g := range d.guilds {
		if !g.away && as.hears(g.ID) {
			all = append(all, g)
		}
	}
	return all
}

// ours compares a gateway token, which may carry the prefix of REST's header.
func ours(token string) bool { return strings.TrimPrefix(token, "Bot ") == Token }

// resume takes a session up again and repeats what it missed. The caller holds
// mu.
func (d *Discord) resume(c *conn, raw []byte) {
	var p struct {
		Token     string
		SessionID string `json:"session_id"`
		Seq       *int
	}
	if json.Unmarshal(raw, &p) != nil || p.Seq == nil {
		c.close(4002)
		return
	}
	s := d.sessions[p.SessionID]
	switch {
	case d.revoked || !ours(p.Token):
		c.close(4004)
	case c.s != nil:
		c.close(4005)
	case s == nil || d.expired(s):
		c.send(9, false)
	case *p.Seq > s.seq || *p.Seq < 0:
		delete(d.sessions, s.id)
		c.close(4007)
	default:
		if s.conn != nil {
			s.conn.close(4000)
		}
		s.conn, c.s = c, s
		d.counts.Resumes++
		if "http://"+c.host != d.second.URL {
			d.counts.Astray++
		}
		for _, raw := range s.log[max(0, *p.Seq-d.repeat):] {
			c.put(frame{raw: raw})
		}
		d.repeat = 0
		s.emit("RESUMED", object{"_trace": []string{"fake"}})
	}
}

// expired says that a session was offline for too long, and forgets it.
func (d *Discord) expired(s *session) bool {
	if s.conn != nil || time.Since(s.offline) < sessionLife {
		return false
	}
	delete(d.sessions, s.id)
	return true
}

// emit gives a session its next event; offline ones remember it.
func (s *session) emit(name string, v any) {
	s.seq++
	raw := encode(object{"op": 0, "t": name, "s": s.seq, "d": v})
	s.log = append(s.log, raw)
	if s.conn != nil && !s.conn.zombie {
		s.conn.put(frame{raw: raw})
	}
}

// happens dispatches an event of a guild that has the bot in it and is well,
// noted one in a channel that the bot sees. The caller holds mu.
func (g *Guild) happens(name string, v any) {
	if !g.away && !g.outage {
		g.d.happen(name, intentGuilds, g.ID, v)
	}
}

func (c *Channel) noted(name string, intent int, v any) {
	if !c.guild.outage && c.d.may(Bot, c)&ViewChannel != 0 {
		c.d.happen(name, intent, c.guild.ID, v)
	}
}

// happen dispatches a guild's event to every session that listens. The caller
// holds mu.
func (d *Discord) happen(name string, intent int, guild string, v any) {
	raw := json.RawMessage(encode(v))
	heard := false
	for _, s := range d.sessions {
		if s.shard.hears(guild) && !d.expired(s) && (intent == 0 || s.intents&intent != 0) {
			s.emit(name, raw)
			heard = true
		}
	}
	if heard {
		d.counts.Dispatched++
	}
}

// Connected waits until n sessions are online, past READY or RESUMED.
func (d *Discord) Connected(n int) {
	d.t.Helper()
	d.Wait("a bot on the gateway", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		online := 0
		for _, s := range d.sessions {
			if s.conn != nil {
				online++
			}
		}
		return online == n
	})
}

// Online are the shards of the sessions that are online, "3/16", sorted.
func (d *Discord) Online() (all []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.sessions {
		if s.conn != nil {
			all = append(all, fmt.Sprintf("%d/%d", s.shard.id, s.shard.of))
		}
	}
	slices.Sort(all)
	return all
}

// Recommends makes Discord ask for so many shards, and take at most so many
// guilds on each.
func (d *Discord) Recommends(shards, perShard int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opt.Shards, d.opt.PerShard = shards, perShard
}

// Intents are those of the sessions that live.
func (d *Discord) Intents() (all []int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.sessions {
		all = append(all, s.intents)
	}
	return all
}

// each does something to every connection.
func (d *Discord) each(do func(*conn)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.conns {
		do(c)
	}
}

// Drops cuts all gateway connections without a close frame.
func (d *Discord) Drops() {
	d.each(func(c *conn) {
		if tcp, ok := c.ws.NetConn().(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		c.ws.NetConn().Close()
	})
}

// Closes ends all gateway connections with a code. Those that ask for a new
// session, 4007 and 4009, end the sessions too.
func (d *Discord) Closes(code int) {
	if code == 4007 || code == 4009 {
		d.Forgets()
	}
	d.each(func(c *conn) { c.close(code) })
}

// AsksReconnect sends op 7.
func (d *Discord) AsksReconnect() {
	d.each(func(c *conn) { c.send(7, nil) })
}

// AsksHeartbeat sends op 1.
func (d *Discord) AsksHeartbeat() {
	d.each(func(c *conn) { c.send(1, nil) })
}

// Invalidates sends op 9; unless resumable, the sessions are forgotten.
func (d *Discord) Invalidates(resumable bool) {
	if !resumable {
		d.Forgets()
	}
	d.each(func(c *conn) {
		if c.s != nil {
			c.s.conn, c.s.offline, c.s = nil, time.Now(), nil
		}
		c.send(9, resumable)
	})
}

// Forgets ends all sessions: the next resume gets op 9.
func (d *Discord) Forgets() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.sessions)
}

// Zombie lets the connections of now hang half open: no event and no
// acknowledgement of heartbeats comes through any more. New ones are well.
func (d *Discord) Zombie() { d.each(func(c *conn) { c.zombie = true }) }

// HelloOnly lets the next n connections get hello and then nothing.
func (d *Discord) HelloOnly(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.helloOnly = n
}

// Repeats makes the next resume send the last n events before its sequence once
// more.
func (d *Discord) Repeats(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.repeat = n
}
