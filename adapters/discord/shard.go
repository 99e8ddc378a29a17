package discord

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// shard is a part of the servers, and what is heard of them: one session after
// another. Of other shards' servers it knows nothing.
type shard struct {
	d      *Discord
	id, of int
	stop   context.CancelFunc
	ended  chan struct{} // closed when nothing is heard any more
	epoch  int64         // of this session, in the high bits of reactions' order

	// Guarded by Discord.mu.
	link error           // nil: connected
	in   map[string]bool // servers that we are in; nil until READY says it
	away map[string]bool // those that we were removed from, or that Discord cannot reach
}

// shardOf is which of so many shards hears of a server; the first hears of direct
// messages.
func shardOf(guild string, of int) int {
	n, _ := strconv.ParseUint(guild, 10, 64)
	return int(n >> 22 % uint64(of))
}

func (s *shard) hears(guild string) bool { return shardOf(guild, s.of) == s.id }

func (s *shard) String() string { return fmt.Sprintf("%d/%d", s.id, s.of) }

func (s *shard) setLink(err error) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.link = err
}

// session is one of the gateway's, over as many connections as it lives.
type session struct {
	address string       // of the gateway
	id      string       // "": READY has not come
	seq     atomic.Int64 // of the last event
	resume  string       // address to resume at; "": the gateway's
	lost    time.Time    // when the last connection that lived ended
	ignored int          // tries to resume since then that nobody answered
	turn    *turn        // to begin
}

// errOutgrown: the shard has too many servers.
var errOutgrown = errors.New("the bot is in so many servers that it needs more shards")

// run keeps a connection, and with it a session, until the context ends or
// Discord refuses us for good.
func (s *shard) run(ctx context.Context) error {
	d := s.d
	var now *session
	var identified time.Time
	tries := 0
	for ctx.Err() == nil {
		if now == nil {
			var err error
			if now, err = s.begin(ctx, identified); err != nil {
				if core.Is[*core.Unauthorised](err) {
					return err
				}
				if ctx.Err() != nil {
					break
				}
				s.setLink(fmt.Errorf("Discord does not answer: %w", err))
				d.log.Warn("discord: no gateway", "shard", s, "try", tries+1, "err", err)
				if kit.Sleep(ctx, d.backoff(tries)) != nil {
					break
				}
				tries++
				continue
			}
			identified = time.Now()
		}
		began := time.Now()
		c := s.connect(ctx, now)
		now.turn.end(false)
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
		if c.code == outgrown {
			return errOutgrown
		}
		if err := d.rest.auth.Err(); err != nil {
			return err
		}
		if c.live && time.Since(began) > settled {
			tries = 0
		}
		s.setLink(errors.New("the connection was lost"))
		d.log.Info("discord: the connection ended", "shard", s, "code", c.code, "invalid", c.invalid, "lived", time.Since(began).Round(time.Millisecond), "err", c.err)
		pause := d.backoff(tries)
		if tries == 0 {
			pause = 0 // straight back, the first time
		}
		switch {
		case c.invalid && !c.resumable || anew[c.code] || now.id == "":
			now = nil
			if c.invalid { // "wait 1 to 5 seconds"
				pause = max(pause, time.Second+rand.N(4*time.Second))
			}
		case c.live:
			now.lost, now.ignored = time.Now(), 0
		default:
			now.resume = "" // the host for resuming does not answer: the general one may
			if c.greeted && !c.invalid {
				now.ignored++
			}
			if now.ignored >= resumeTries || time.Since(now.lost) > resumeTime {
				d.log.Info("discord: the session is not taken up again; a new one begins", "shard", s, "unanswered", now.ignored)
				now = nil
			}
		}
		tries++
		if kit.Sleep(ctx, pause) != nil {
			break
		}
	}
	return nil
}

// begin makes a new session in its turn, when there is one left: a day has 1000
// over all shards and processes, and who takes more loses the token.
func (s *shard) begin(ctx context.Context, identified time.Time) (*session, error) {
	d := s.d
	for {
		windows := d.windows()
		t, err := d.takeTurn(ctx, s.id%windows)
		if err != nil {
			return nil, err
		}
		info, err := d.askGateway(ctx)
		if err == nil && info.URL == "" {
			err = errors.New("the answer names no gateway")
		}
		if err != nil {
			t.end(false)
			return nil, err
		}
		d.setWindows(info.Limits.Concurrency)
		pause := s.pause(info, identified)
		if info.Limits.Concurrency == windows && pause <= 0 {
			if info.now.IsZero() {
				info.now = time.Now()
			}
			// Orders grow from session to session, also when this machine's clock steps, and
			// when another process had the shard before: they go by Discord's clock, and
			// sessions of a shard begin seconds apart.
			s.epoch = max(s.epoch+1, info.now.Unix())
			return &session{address: info.URL, turn: t}, nil
		}
		t.end(false)
		if err := kit.Sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// hurry is how many sessions of a day each shard may begin before those that are
// left, or the last quarter of them, are spread over the rest of the day.
const hurry = 100

// pause is how long to wait before a session may begin, by what is left of the
// day's.
func (s *shard) pause(info gatewayInfo, identified time.Time) time.Duration {
	left, total, reset := info.Limits.Remaining, info.Limits.Total, time.Duration(info.Limits.Reset)*time.Millisecond
	switch {
	case total <= 0:
		return 0
	case left <= info.Limits.Concurrency: // others may be about to take as many
		s.setLink(fmt.Errorf("Discord lets nobody begin a session for %v", reset))
		s.d.log.Warn("discord: no session is left for today", "shard", s, "again", reset)
		return max(reset, time.Second)
	case left < max(total-hurry*s.of, total/4) && !identified.IsZero():
		return time.Until(identified.Add(reset / time.Duration(left) * time.Duration(s.of)))
	}
	return 0
}
