package discord

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// A share is what one process has of the global limit where others speak with the same
// token: moments at which one request may leave, reserved a few at a time from the turns
// that the store gives by its database's clock. So nobody has to know how many processes
// there are: one that is killed takes at most the moments with it that it had reserved,
// and one that works alone has all of them.
type share struct {
	turns core.Turns
	by    string

	waiting atomic.Int32
	asks    chan struct{} // held by who asks the store

	mu      sync.Mutex
	moments []time.Time
}

const (
	moment      = (time.Second + globalMargin) / perSecond
	mostMoments = 10                     // reserved at once: what a process that is killed takes with it
	aheadTime   = 300 * time.Millisecond // no reservation lies further ahead, so that nobody waits behind another's queue
	globalTurns = Name + "/global"
)

// Share has the global limit shared with other processes that have the same token. It is
// called before Run.
func (d *Discord) Share(turns core.Turns) {
	d.rest.share = &share{turns: turns, by: rand.Text(), asks: make(chan struct{}, 1)}
}

// next is a moment at which one request may leave. It is Retry where the store does not
// say.
func (s *share) next(ctx context.Context) (time.Time, error) {
	s.waiting.Add(1)
	defer s.waiting.Add(-1)
	select {
	case s.asks <- struct{}{}:
		defer func() { <-s.asks }()
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
	for {
		if at, ok := s.take(time.Now()); ok {
			return at, nil
		}
		n := min(max(s.waiting.Load(), 1), mostMoments)
		wait, taken, err := s.turns.TakeTurn(ctx, globalTurns, s.by, aheadTime, time.Duration(n)*moment)
		switch {
		case err != nil && ctx.Err() != nil:
			return time.Time{}, ctx.Err()
		case err != nil:
			return time.Time{}, &core.Retry{After: time.Second, Err: fmt.Errorf("discord: the share of its limit is not known: %w", err)}
		case !taken:
			if err := kit.Sleep(ctx, wait-aheadTime); err != nil {
				return time.Time{}, err
			}
			continue
		}
		s.give(time.Now().Add(wait), int(n))
	}
}

// take takes a moment that is not over.
func (s *share) take(now time.Time) (at time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.moments) > 0 {
		at, s.moments = s.moments[0], s.moments[1:]
		if now.Before(at.Add(moment)) {
			return at, true
		}
	}
	return time.Time{}, false
}

func (s *share) give(begin time.Time, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range n {
		s.moments = append(s.moments, begin.Add(time.Duration(i)*moment))
	}
}
