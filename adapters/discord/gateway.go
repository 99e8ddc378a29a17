package discord

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// How connections are kept. discordgo (v0.29) waits for ever in Open for a READY
// that does not come, reconnects for ever with a token that is refused, closes
// with code 1000, which ends the session, begins anew at once and as often as it
// likes, and resumes where it was told not to. So every connection is supervised
// here, over wire.go, and discordgo never reconnects by itself.
const (
	identifyEvery = 5 * time.Second // max_concurrency is 1
	openTime      = 30 * time.Second
	handshakeTime = 10 * time.Second
	settled       = 30 * time.Second // a connection that lived so long was a good one
	backoffMin    = time.Second
	backoffMax    = 2 * time.Minute
	hurry         = 900 // identifies left of the day's 1000, above which they may follow each other
	stopAfter     = 5 * time.Second
	gatewayQuery  = "v=10&encoding=json"
)

// intents are what is asked for: guilds, and reactions on messages in them. None
// is privileged, and messages are not read.
const intents = discordgo.IntentsGuilds | discordgo.IntentsGuildMessageReactions

// fatal are the close codes after which nobody may come back
// (topics/opcodes-and-status-codes.mdx).
var fatal = map[int]string{
	4004: "the token was refused",
	4010: "this shard does not exist",
	4011: "the bot is in so many servers that it needs shards, which this version has not",
	4012: "the gateway's version is gone; Paperboy needs an update",
	4013: "the intents are invalid; Paperboy needs an update",
	4014: "an intent is not allowed; Paperboy asks for none that needs permission",
}

// anew are those after which the session is lost.
var anew = map[int]bool{4007: true, 4009: true, websocket.CloseNormalClosure: true, websocket.CloseGoingAway: true}

// Run answers people until the context ends. It returns an error when Discord
// refuses us for good; posting does not depend on it otherwise. It is called
// once.
func (d *Discord) Run(ctx context.Context, bot core.Handler) error {
	d.bot = bot
	asked := ctx // to end
	ctx, cancel := context.WithCancel(ctx)
	defer d.rest.http.CloseIdleConnections()
	defer d.queue.Run(ctx, d.log, stopAfter)()
	defer d.acks.Run(ctx, d.log, stopAfter)() // ends first: it fills the other
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	all.Go(func() { d.keepCommands(ctx) })
	all.Go(func() { // the gateway may not know it yet
		select {
		case <-d.rest.auth.Refused():
			cancel()
		case <-ctx.Done():
		}
	})
	err := d.gateway(ctx)
	if refused := d.rest.auth.Err(); refused != nil {
		err = refused
	} else if asked.Err() != nil {
		return nil
	}
	if err != nil {
		d.log.Error("discord: "+err.Error()+"; nothing more is tried. Mend it, and start again.", "platform", Name)
		d.setLink(err)
		return err
	}
	return nil
}

// gatewayInfo is where the gateway is, and how often we may begin there.
type gatewayInfo struct {
	URL    string `json:"url"`
	Limits struct {
		Remaining int   `json:"remaining"`
		Reset     int64 `json:"reset_after"` // ms
		Total     int   `json:"total"`
	} `json:"session_start_limit"`
	now time.Time
}

func (g *gatewayInfo) date(h http.Header) {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		g.now = at
	}
}

// session is one of the gateway's, over as many connections as it lives.
type session struct {
	dg     *discordgo.Session
	resume string // host to resume at
	live   bool   // READY came
}

func (d *Discord) gateway(ctx context.Context) error {
	var s *session
	var identified time.Time
	tries := 0
	for ctx.Err() == nil {
		if s == nil {
			var err error
			if s, err = d.begin(ctx, &identified); err != nil {
				if core.Is[*core.Unauthorised](err) {
					return err
				}
				if ctx.Err() != nil {
					break
				}
				d.setLink(fmt.Errorf("Discord does not answer: %w", err))
				d.log.Warn("discord: no gateway", "try", tries+1, "err", err)
				if kit.Sleep(ctx, d.backoff(tries)) != nil {
					break
				}
				tries++
				continue
			}
		}
		began := time.Now()
		l := d.connection(ctx, s)
		if ctx.Err() != nil {
			break
		}
		l.mu.Lock()
		code, invalid, keep, live := l.code, l.invalid, l.keep, l.live
		l.mu.Unlock()
		if why, no := fatal[code]; no {
			err := fmt.Errorf("Discord closed the connection (%d): %s", code, why)
			if code == 4004 {
				return d.rest.auth.Refuse(err)
			}
			return err
		}
		if err := d.rest.auth.Err(); err != nil {
			return err
		}
		if live && time.Since(began) > d.wait(settled) {
			tries = 0
		}
		d.setLink(errors.New("the connection was lost"))
		d.log.Info("discord: the connection ended", "code", code, "invalid", invalid, "lived", time.Since(began).Round(time.Millisecond))
		pause := d.backoff(tries)
		if tries == 0 {
			pause = 0 // straight back, the first time
		}
		switch {
		case invalid && !keep || anew[code] || !s.live:
			s = nil
			if invalid { // "wait 1 to 5 seconds"
				pause = max(pause, d.wait(time.Second+rand.N(4*time.Second)))
			}
		case !live:
			s.resume = "" // the host for resuming does not answer: the general one may
		}
		tries++
		if kit.Sleep(ctx, pause) != nil {
			break
		}
	}
	return nil
}

// backoff is the pause before a try.
func (d *Discord) backoff(try int) time.Duration {
	return d.wait(kit.Backoff(try, backoffMin, backoffMax))
}

// begin makes a new session, when there is one left: a day has 1000, and who
// takes more loses the token.
func (d *Discord) begin(ctx context.Context, identified *time.Time) (*session, error) {
	var info gatewayInfo
	if err := d.rest.call(ctx, request{method: "GET", route: "/gateway/bot", into: &info}); err != nil {
		return nil, err
	}
	if info.URL == "" {
		return nil, errors.New("the answer names no gateway")
	}
	gap := d.wait(identifyEvery)
	if left, reset := info.Limits.Remaining, time.Duration(info.Limits.Reset)*time.Millisecond; info.Limits.Total > 0 && left < min(hurry, info.Limits.Total) {
		if left <= 1 {
			d.setLink(fmt.Errorf("Discord lets nobody begin a session for %v", reset))
			d.log.Warn("discord: no session is left for today", "again", reset)
			if err := kit.Sleep(ctx, reset); err != nil {
				return nil, err
			}
		} else if !identified.IsZero() {
			gap = max(gap, reset/time.Duration(left))
		}
	}
	if err := kit.Sleep(ctx, time.Until(identified.Add(gap))); err != nil {
		return nil, err
	}
	*identified = time.Now()
	if info.now.IsZero() {
		info.now = time.Now()
	}
	d.mu.Lock()
	// Orders grow from session to session, also when this machine's clock steps.
	d.epoch = max(d.epoch+1, info.now.Unix())
	d.mu.Unlock()

	dg, err := discordgo.New("Bot " + d.opt.Token)
	if err != nil {
		return nil, err
	}
	dg.Identify.Intents = intents
	dg.Identify.Token = d.opt.Token
	dg.SyncEvents = true
	dg.StateEnabled = false
	dg.Compress = false
	dg.ShouldReconnectOnError = false
	dg.ShouldRetryOnRateLimit = false
	dg.MaxRestRetries = 0
	dg.LogLevel = -1 // it would print addresses and packets
	dg.Token = d.opt.Token
	dg.Client = &http.Client{Transport: addressOnly{info.URL}}
	s := &session{dg: dg}
	dg.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) { d.event(s, e) })
	return s, nil
}

// addressOnly answers the one question that discordgo asks over HTTP.
type addressOnly struct{ url string }

func (a addressOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	w := newAnswer(r)
	if !strings.HasSuffix(r.URL.Path, "/gateway") {
		return nil, errors.New("only the gateway's address is asked for here")
	}
	raw, err := json.Marshal(map[string]string{"url": a.url})
	w.Body = body{strings.NewReader(string(raw))}
	return w, err
}

type body struct{ *strings.Reader }

func (body) Close() error { return nil }

func newAnswer(r *http.Request) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Request: r}
}

// connection opens a connection for a session and stays until it is over.
func (d *Discord) connection(ctx context.Context, s *session) *line {
	l := newLine(ctx)
	defer l.cut()
	s.dg.Dialer = &websocket.Dialer{
		HandshakeTimeout: handshakeTime,
		// The dialer's view of a request before it is made: the only place where
		// the version and the host to resume at can be put in.
		Proxy: func(r *http.Request) (*url.URL, error) {
			r.URL.RawQuery = gatewayQuery
			if s.live && s.resume != "" {
				r.URL.Host, r.Host = s.resume, s.resume
			}
			return nil, nil
		},
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return l.dial(ctx, network, address, nil)
		},
		NetDialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return l.dial(ctx, network, address, &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}})
		},
	}
	opened := make(chan error, 1)
	go func() { opened <- s.dg.Open() }()
	watchdog := time.NewTimer(max(d.wait(openTime), time.Second))
	defer watchdog.Stop()
	var err error
	select {
	case err = <-opened:
	case <-watchdog.C:
		l.cut()
		err = errors.Join(<-opened, errors.New("no answer"))
	case <-ctx.Done():
		l.cut()
		<-opened
		return l
	}
	if err != nil {
		d.log.Warn("discord: no connection", "err", err)
		l.cut()
		_ = s.dg.Close() // it may be open by half; there is nothing to say goodbye to
		return l
	}
	l.begun()
	beats := time.NewTimer(0)
	defer beats.Stop()
	for {
		select {
		case <-l.gone:
			_ = s.dg.Close()
			return l
		case <-ctx.Done():
			l.mu.Lock()
			l.bye = true
			l.mu.Unlock()
			_ = s.dg.Close()
			return l
		case <-beats.C:
			silent, every := l.silent(time.Now())
			if silent {
				d.log.Warn("discord: heartbeats are not acknowledged any more", "interval", every)
				l.cut()
			}
			beats.Reset(max(every/4, 50*time.Millisecond))
		}
	}
}

// event takes in what the gateway says, in its order. It only sorts: nothing
// here waits.
func (d *Discord) event(s *session, e *discordgo.Event) {
	defer func() {
		if r := recover(); r != nil {
			d.log.Error("an event failed badly", "type", e.Type, "panic", r, "stack", string(debug.Stack()))
		}
	}()
	switch e.Type {
	case "READY":
		d.begun(s, e.RawData)
	case "RESUMED":
		d.setLink(nil)
	case "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE", "MESSAGE_REACTION_REMOVE_ALL", "MESSAGE_REACTION_REMOVE_EMOJI":
		d.reactionEvent(e.Type, e.Sequence, e.RawData)
	case "INTERACTION_CREATE":
		d.interact(e.RawData)
	case "GUILD_CREATE":
		var g guild
		if json.Unmarshal(e.RawData, &g) == nil && !g.Away {
			d.world.has(g, d.self)
			d.mu.Lock()
			away := d.away[g.ID]
			delete(d.away, g.ID)
			d.mu.Unlock()
			d.queue.Put(guildsLane, func(ctx context.Context) {
				if d.returned(ctx, g.ID); away { // nobody told what happened meanwhile
					d.reread(func(ctx context.Context) error {
						return d.bot.ReadVotes(ctx, core.Installation{Platform: Name, Workspace: g.ID})
					})
				}
			})
			d.needCommands()
		}
	case "GUILD_UPDATE":
		// Name and owner; roles have events of their own.
	case "GUILD_DELETE":
		var g guild
		switch {
		case json.Unmarshal(e.RawData, &g) != nil:
		case g.Away: // Discord's trouble, not a removal
			d.mu.Lock()
			d.away[g.ID] = true
			d.mu.Unlock()
		default:
			d.removed(g.ID)
			d.queue.Put(guildsLane, func(ctx context.Context) { d.left(ctx, g.ID) })
		}
	case "CHANNEL_DELETE":
		var c channel
		if json.Unmarshal(e.RawData, &c) == nil {
			d.queue.Put(guildsLane, func(ctx context.Context) {
				if err := d.bot.Left(ctx, d.key(c.Guild, c.ID)); err != nil {
					d.log.Error("a deleted channel could not be written down", "channel", c.ID, "err", err)
				}
			})
		}
		fallthrough
	default:
		d.world.heard(e.Type, e.RawData, d.self)
	}
}

// begun is a new session: what happened since the last one is gone.
func (d *Discord) begun(s *session, raw json.RawMessage) {
	var r struct {
		Resume string  `json:"resume_gateway_url"`
		Guilds []guild `json:"guilds"`
		App    struct {
			ID string `json:"id"`
		} `json:"application"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		d.log.Error("discord: READY cannot be read")
		return
	}
	s.live = true
	if u, err := url.Parse(r.Resume); err == nil && u.Host != "" {
		s.resume = u.Host
	}
	d.mu.Lock()
	if d.app == "" {
		d.app = r.App.ID
	}
	d.link = nil
	d.mu.Unlock()
	in := map[string]bool{}
	for _, g := range r.Guilds {
		in[g.ID] = true
	}
	for _, g := range d.world.all() {
		if !in[g] {
			d.removed(g)
		}
	}
	d.queue.Put(guildsLane, func(ctx context.Context) { d.leftMeanwhile(ctx, in) })
	select {
	case <-d.ready:
	default: // the first session
		close(d.ready)
		return // core reads the votes again at the start, and waits for this
	}
	d.log.Info("discord: a new session; votes are read again")
	d.reread(func(ctx context.Context) error { return d.bot.ReadVotes(ctx, core.Installation{Platform: Name}) })
}

// guildsLane is that of what happens to servers and channels: somebody may come
// and go within a second, and the last of it is true.
const guildsLane = "guilds"

// leftMeanwhile marks the guilds gone that removed us while nobody listened.
func (d *Discord) leftMeanwhile(ctx context.Context, in map[string]bool) {
	if err := d.bot.Present(ctx, Name, func(guild string) bool { return guild == "" || in[guild] }); err != nil {
		d.log.Error("cannot tell which servers are gone", "err", err)
	}
}

// removed forgets a server that we are not in any more.
func (d *Discord) removed(guild string) {
	d.world.forget(guild)
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.registered, guild) // Discord forgets them too
	d.away[guild] = true
}

func (d *Discord) left(ctx context.Context, guild string) {
	if err := d.bot.Removed(ctx, core.Installation{Platform: Name, Workspace: guild}); err != nil {
		d.log.Error("a server that is gone could not be written down", "guild", guild, "err", err)
	}
}

func (d *Discord) returned(ctx context.Context, guild string) {
	if err := d.bot.Returned(ctx, core.Installation{Platform: Name, Workspace: guild}); err != nil {
		d.log.Error("a server could not be written down", "guild", guild, "err", err)
	}
}
