package polite

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"time"

	"paperboy/core"
)

// RateLimiter keeps requests apart: one at a time, each at least Every after the one
// before ended, over all Clients that share it and, through Load and Save, over
// all processes that share a store. When the server asks to be left alone, all
// of them leave it alone.
type RateLimiter struct {
	Every time.Duration
	// Load and Save keep a line of text across processes. nil: this process only.
	Load func(context.Context) (string, error)
	Save func(context.Context, string) error

	once  sync.Once
	turn  chan struct{} // holds one token: whose turn it is
	owner string
	last  time.Time // when the last request of this process ended
	until time.Time // not before, the server said
	why   error
}

// settle is how long a claim in the store must stand unchallenged: longer than
// another process needs from reading the store to writing it.
const settle = 100 * time.Millisecond

// The line that Save keeps: when the last request began or ended, whose it is,
// and "open" while it is under way.
type claim struct {
	at    time.Time
	owner string
	open  bool
}

func (c claim) String() string {
	s := c.at.UTC().Format(time.RFC3339Nano) + " " + c.owner
	if c.open {
		s += " open"
	}
	return s
}

func parseClaim(s string) (c claim) {
	f := strings.Fields(s)
	if len(f) > 0 {
		c.at, _ = time.Parse(time.RFC3339Nano, f[0])
	}
	if len(f) > 1 {
		c.owner = f[1]
	}
	c.open = len(f) > 2 && f[2] == "open"
	return c
}

// do runs request when its turn has come.
func (p *RateLimiter) do(ctx context.Context, request func() error) error {
	p.once.Do(func() {
		p.turn = make(chan struct{}, 1)
		p.owner = rand.Text()[:8]
	})
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return &core.SourceError{Reason: "did not answer in time", Err: ctx.Err()}
	}
	if wait := time.Until(p.until); wait > 0 {
		return p.refuse(wait)
	}
	mine, err := p.claim(ctx)
	if err != nil {
		return err
	}
	err = request()
	p.last = time.Now()
	if p.Save != nil {
		mine.at, mine.open = p.last, false
		// Even when our caller has given up, the others must hear that we are done.
		if e := p.Save(context.WithoutCancel(ctx), mine.String()); e != nil && err == nil {
			err = e
		}
	}
	p.obey(err)
	return err
}

// claim waits for our turn among all processes and takes it.
func (p *RateLimiter) claim(ctx context.Context) (claim, error) {
	var before string // what the store said, and since when we know
	var since time.Time
	for {
		if err := sleep(ctx, p.rest(p.last)); err != nil {
			return claim{}, err
		}
		if p.Load == nil {
			return claim{at: time.Now()}, nil
		}
		line, err := p.Load(ctx)
		if err != nil {
			return claim{}, err
		}
		if line != before {
			before, since = line, time.Now()
		}
		theirs := parseClaim(line)
		// By a clock that was set back, theirs may lie in the future for ever.
		wait := min(p.rest(theirs.at), p.rest(since))
		if left := Timeout - time.Since(theirs.at); theirs.open && theirs.owner != p.owner && left > 0 && left <= Timeout {
			wait = max(wait, min(left, p.Every)) // under way elsewhere: look again
		}
		if wait > 0 {
			if err := sleep(ctx, wait); err != nil {
				return claim{}, err
			}
			continue
		}
		mine := claim{at: time.Now().Add(settle), owner: p.owner, open: true}
		if err := p.Save(ctx, mine.String()); err != nil {
			return claim{}, err
		}
		if err := sleep(ctx, settle); err != nil {
			return claim{}, err
		}
		if line, err = p.Load(ctx); err != nil {
			return claim{}, err
		}
		if line == mine.String() {
			return mine, nil
		}
	}
}

// rest is how long after last we must still wait.
func (p *RateLimiter) rest(last time.Time) time.Duration {
	return min(p.Every-time.Since(last), p.Every)
}

// obey remembers how long the server wants to be left alone.
func (p *RateLimiter) obey(err error) {
	var e *core.SourceError
	if errors.As(err, &e) && e.Wait > 0 {
		p.until, p.why = time.Now().Add(e.Wait), err
	}
}

func (p *RateLimiter) refuse(wait time.Duration) error {
	e := &core.SourceError{Wait: wait, Err: p.why}
	var first *core.SourceError
	if errors.As(p.why, &first) {
		e.Reason, e.Limit = first.Reason, first.Limit
	}
	return e
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return &core.SourceError{Reason: "did not answer in time", Err: ctx.Err()}
	}
}
