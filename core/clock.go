package core

import (
	"context"
	"time"
)

// Clock is time as a parameter: the bot's calendar, and waiting on it. The
// playground's jumps; the others run on.
type Clock interface {
	Now() time.Time
	// After closes the channel when the calendar has moved on by d. stop gives
	// up waiting.
	After(d time.Duration) (c <-chan struct{}, stop func())
}

// Sleep waits on a clock, or returns early with the context's error.
func Sleep(ctx context.Context, clock Clock, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	c, stop := clock.After(d)
	defer stop()
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Bell wakes one who waits: a ring that comes while nobody does is heard at the
// next wait.
type Bell chan struct{}

// NewBell is a bell that has not rung.
func NewBell() Bell { return make(Bell, 1) }

// Ring rings.
func (b Bell) Ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

// Wait waits for a ring, until the clock has moved on by d, or for the end of
// the context, whose error it returns.
func (b Bell) Wait(ctx context.Context, clock Clock, d time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c, stop := clock.After(max(d, 0))
	defer stop()
	select {
	case <-b:
	case <-c:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// Until is a context that ends when ctx does, or when end does, for the reason of that.
func Until(ctx, end context.Context) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancelCause(ctx)
	forget := context.AfterFunc(end, func() { cancel(context.Cause(end)) })
	return out, func() { forget(); cancel(nil) }
}
