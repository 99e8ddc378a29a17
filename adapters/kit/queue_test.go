package kit

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestALaneKeepsItsOrderAndHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue
		var votes []int
		gate := make(chan struct{})
		q.Put("message", func(context.Context) { <-gate; votes = append(votes, 0) }) // before the start: it waits
		stop := q.Run(t.Context(), slog.New(slog.DiscardHandler), time.Minute)
		for i := 1; i < 100; i++ {
			q.Put("message", func(context.Context) { votes = append(votes, i) })
		}
		other := false
		q.Put("", func(context.Context) { other = true })
		synctest.Wait()
		if !other || len(votes) > 0 {
			t.Errorf("other %v, %v", other, votes)
		}
		close(gate)
		if err := q.Do(t.Context(), "message", func() error { votes = append(votes, 100); return nil }); err != nil {
			t.Error(err)
		}
		if len(votes) != 101 || !slices.IsSorted(votes) {
			t.Errorf("%v", votes)
		}
		stop()
		if q.Put("", func(context.Context) { t.Error("after the end") }) {
			t.Error("work was taken after the end")
		}
	})
}

func TestAPanicEndsOnlyWhatItIsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue
		stop := q.Run(t.Context(), slog.New(slog.DiscardHandler), time.Minute)
		defer stop()
		if err := q.Do(t.Context(), "a", func() error { panic("no") }); !errors.Is(err, errPanic) {
			t.Errorf("%v", err)
		}
		if err := q.Do(t.Context(), "a", func() error { return nil }); err != nil {
			t.Errorf("the lane is dead: %v", err)
		}
	})
}

func TestTheEndWaitsForWhatHasBegunButNotForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue
		stop := q.Run(t.Context(), slog.New(slog.DiscardHandler), 5*time.Second)
		var told error
		q.Put("", func(ctx context.Context) { <-ctx.Done(); told = ctx.Err() })
		begun := time.Now()
		stop()
		if took := time.Since(begun); took != 5*time.Second || told == nil {
			t.Errorf("%v, %v", took, told)
		}
		// Nobody does it any more: who waits has a limit of their own.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.Do(ctx, "", func() error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}

func TestWhatCameBeforeIsKnownForAnHour(t *testing.T) {
	var s Seen
	now := time.Now()
	for _, c := range []struct {
		id    string
		after time.Duration
		want  bool
	}{{"a", 0, false}, {"a", 59 * time.Minute, true}, {"", 0, false}, {"", 0, false}, {"b", 0, false}, {"a", 3 * time.Hour, false}} {
		if got := s.Before(c.id, now.Add(c.after)); got != c.want {
			t.Errorf("%q after %v: %v", c.id, c.after, got)
		}
	}
}

func TestSixtyFourThingsAreDoneAtOnceAndTheNextWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue
		stop := q.Run(t.Context(), slog.New(slog.DiscardHandler), time.Minute)
		defer stop()
		gate, begun := make(chan struct{}), make(chan struct{}, 100)
		for range 65 {
			q.Put("", func(context.Context) { begun <- struct{}{}; <-gate })
		}
		synctest.Wait()
		if len(begun) != 64 {
			t.Errorf("%d at once", len(begun))
		}
		close(gate)
		synctest.Wait()
		if len(begun) != 65 {
			t.Errorf("%d were done", len(begun))
		}
	})
}
