package polite

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"paperboy/core"
)

// RateLimiter keeps requests apart: one at a time, each at least Every after the one
// before ended, over all Clients that share it and, through Turns, over all processes
// that share a store. When the server asks to be left alone, all Clients leave it alone;
// other processes hear that from the server.
type RateLimiter struct {
	Every time.Duration
	Turns Turns  // of all processes. nil: this process only
	Name  string // of the turns

	once  sync.Once
	turn  chan struct{} // holds one token: whose turn it is
	owner string
	last  time.Time // when the last request of this process ended
	until time.Time // not before, the server said
	why   error
}

// Turns are core.Turns: kept by the store, and given by the clock of its database.
type Turns interface {
	TakeTurn(ctx context.Context, name, by string, ahead, hold time.Duration) (wait time.Duration, taken bool, err error)
	EndTurn(ctx context.Context, name, by string, pause time.Duration) error
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
	if err := p.take(ctx); err != nil {
		return err
	}
	err := request()
	p.last = time.Now()
	if p.Turns != nil {
		// Even when our caller has given up, the others must hear that we are done.
		if e := p.Turns.EndTurn(context.WithoutCancel(ctx), p.Name, p.owner, p.Every); e != nil && err == nil {
			err = e
		}
	}
	p.obey(err)
	return err
}

// take waits for our turn among all processes and takes it: for as long as a request
// may take, should we not come to say that it is over.
func (p *RateLimiter) take(ctx context.Context) error {
	if err := sleep(ctx, p.rest(p.last)); err != nil || p.Turns == nil {
		return err
	}
	for {
		wait, taken, err := p.Turns.TakeTurn(ctx, p.Name, p.owner, 0, Timeout+p.Every)
		if err != nil || taken {
			return err
		}
		if err := sleep(ctx, min(wait, p.Every)); err != nil { // it may be over sooner
			return err
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
