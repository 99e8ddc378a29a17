package discord

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// How connections are kept.
const (
	identifyEvery = 5 * time.Second  // max_concurrency is 1
	settled       = 30 * time.Second // a connection that lived so long was a good one
	backoffMin    = time.Second
	backoffMax    = 2 * time.Minute
	hurry         = 900 // identifies left of the day's 1000, above which they may follow each other
	stopAfter     = 5 * time.Second
	// A session that is not taken up again is given up after so many tries that
	// the gateway leaves without an answer, or after so long: Discord keeps one
	// for a few minutes.
	resumeTries = 2
	resumeTime  = 5 * time.Minute
)

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
	address string       // of the gateway
	id      string       // "": READY has not come
	seq     atomic.Int64 // of the last event
	resume  string       // address to resume at; "": the gateway's
	lost    time.Time    // when the last connection that lived ended
	ignored int          // tries to resume since then that nobody answered
}

// gateway keeps a connection, and with it a session, until the context ends or
// Discord refuses us for good.
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
		c := d.connect(ctx, s)
		if ctx.Err() != nil {
			break
		}
		if why, no := fatal[c.code]; no {
			err := fmt.Errorf("Discord closed the connection (%d): %s", c.code, why)
			if c.code == 4004 {
				return d.rest.auth.Refuse(err)
			}
			return err
		}
		if err := d.rest.auth.Err(); err != nil {
			return err
		}
		if c.live && time.Since(began) > settled {
			tries = 0
		}
		d.setLink(errors.New("the connection was lost"))
		d.log.Info("discord: the connection ended", "code", c.code, "invalid", c.invalid, "lived", time.Since(began).Round(time.Millisecond), "err", c.err)
		pause := d.backoff(tries)
		if tries == 0 {
			pause = 0 // straight back, the first time
		}
		switch {
		case c.invalid && !c.resumable || anew[c.code] || s.id == "":
			s = nil
			if c.invalid { // "wait 1 to 5 seconds"
				pause = max(pause, time.Second+rand.N(4*time.Second))
			}
		case c.live:
			s.lost, s.ignored = time.Now(), 0
		default:
			s.resume = "" // the host for resuming does not answer: the general one may
			if c.greeted && !c.invalid {
				s.ignored++
			}
			if s.ignored >= resumeTries || time.Since(s.lost) > resumeTime {
				d.log.Info("discord: the session is not taken up again; a new one begins", "unanswered", s.ignored)
				s = nil
			}
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
	return kit.Backoff(try, backoffMin, backoffMax)
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
	gap := time.Duration(identifyEvery)
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

	return &session{address: info.URL}, nil
}
