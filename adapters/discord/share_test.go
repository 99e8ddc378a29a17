package discord

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
)

// takes are those of a store, which takes its time.
type takes struct {
	mu    sync.Mutex
	free  time.Time
	slow  time.Duration
	fails error
}

func (s *takes) TakeTurn(_ context.Context, _, _ string, ahead, hold time.Duration) (time.Duration, bool, error) {
	time.Sleep(s.slow / 2)
	defer time.Sleep(s.slow / 2)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return 0, false, s.fails
	}
	begins := later(s.free, time.Now())
	if wait := time.Until(begins); wait > ahead {
		return wait, false, nil
	}
	s.free = begins.Add(hold)
	return time.Until(begins), true, nil
}

func (s *takes) EndTurn(context.Context, string, string, time.Duration) error { return nil }

// sharing is a bot of three processes that have as much to send as they can, for so long.
func sharing(t *testing.T, s *takes, processes, senders int, long time.Duration, killed int) (left []time.Time) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range processes {
		life, kill := ctx, context.CancelFunc(func() {})
		if i < killed {
			life, kill = context.WithTimeout(ctx, long/2)
		}
		defer kill()
		d := New(Options{Token: "MQ.x.y"})
		d.Share(s)
		for range senders {
			all.Go(func() {
				for life.Err() == nil {
					at, err := d.rest.share.next(life)
					if err != nil {
						continue
					}
					time.Sleep(time.Until(at))
					mu.Lock()
					left = append(left, time.Now())
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	slices.SortFunc(left, time.Time.Compare)
	return left
}

// However many processes speak with one token, and while some are killed, fifty requests
// leave in any second, and no fewer than can.
func TestProcessesThatShareATokenKeepItsLimitTogether(t *testing.T) {
	for _, c := range []struct{ processes, senders, killed int }{{1, 40, 0}, {3, 40, 0}, {3, 3, 0}, {8, 20, 0}, {3, 40, 2}} {
		synctest.Test(t, func(t *testing.T) {
			const long = 20 * time.Second
			left := sharing(t, &takes{slow: 8 * time.Millisecond}, c.processes, c.senders, long, c.killed)
			for i := range left {
				if i >= perSecond && left[i].Sub(left[i-perSecond]) < time.Second {
					t.Fatalf("%+v: %d requests within %v", c, perSecond+1, left[i].Sub(left[i-perSecond]))
				}
			}
			if share := float64(len(left)) / (perSecond * long.Seconds()); share < 0.95 {
				t.Errorf("%+v: %.1f %% of what may be sent", c, 100*share)
			}
		})
	}
}

// Where the store does not answer nothing leaves, and that is certain.
func TestWithoutTheStoreNobodyKnowsItsShare(t *testing.T) {
	d := New(Options{Token: "MQ.x.y"})
	d.Share(&takes{fails: errors.New("no database")})
	if _, err := d.rest.acquire(t.Context(), &request{method: "POST", route: "/x"}); !core.Is[*core.Retry](err) {
		t.Errorf("%v", err)
	}
	if _, err := d.rest.acquire(t.Context(), &request{method: "POST", route: "/y", open: true}); err != nil {
		t.Errorf("what needs no token: %v", err)
	}
}
