package kit

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Queue is a set of lanes. Its zero value keeps what comes until it runs.
type Queue struct {
	mu      sync.Mutex
	ctx     context.Context // nil: not started
	log     *slog.Logger
	lanes   map[string][]func(context.Context) // what waits behind the one at work
	waiting []work
	workers sync.WaitGroup
	places  chan struct{}
}

type work struct {
	lane string
	do   func(context.Context)
}

// atWork bounds how much is done at the same time.
const atWork = 64

// Put adds work and does not wait. An empty lane is one of its own. What comes
// after the end is dropped, and taken is false.
func (q *Queue) Put(lane string, do func(context.Context)) (taken bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ctx == nil {
		q.waiting = append(q.waiting, work{lane, do})
		return true
	}
	if q.ctx.Err() != nil {
		return false
	}
	if lane != "" {
		if behind, busy := q.lanes[lane]; busy {
			q.lanes[lane] = append(behind, do)
			return true
		}
		q.lanes[lane] = nil
	}
	q.workers.Go(func() {
		for do != nil {
			q.one(do)
			do = q.next(lane)
		}
	})
	return true
}

var errPanic = errors.New("it failed badly")

// Do does something in its lane's turn and waits for it. Who calls it from
// within the same lane waits in vain.
func (q *Queue) Do(ctx context.Context, lane string, do func() error) error {
	done := make(chan error, 1)
	q.Put(lane, func(context.Context) {
		err := errPanic
		defer func() { done <- err }()
		if ctx.Err() == nil { // else nobody waits any more
			err = do()
		}
	})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (q *Queue) next(lane string) (do func(context.Context)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if behind := q.lanes[lane]; lane != "" && len(behind) > 0 {
		q.lanes[lane] = behind[1:]
		return behind[0]
	}
	delete(q.lanes, lane)
	return nil
}

func (q *Queue) one(do func(context.Context)) {
	q.places <- struct{}{}
	defer func() {
		<-q.places
		if r := recover(); r != nil {
			q.log.Error("a request failed badly", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	do(q.ctx)
}

// Run starts the work and returns a function that ends it: what has begun, and
// waits behind that, gets so long to be finished. It is called once.
func (q *Queue) Run(ctx context.Context, log *slog.Logger, patience time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	q.mu.Lock()
	q.ctx, q.log = ctx, log
	q.lanes, q.places = map[string][]func(context.Context){}, make(chan struct{}, atWork)
	waiting := q.waiting
	q.waiting = nil
	q.mu.Unlock()
	for _, w := range waiting {
		q.Put(w.lane, w.do)
	}
	return func() {
		t := time.AfterFunc(patience, cancel)
		q.workers.Wait()
		t.Stop()
		cancel()
	}
}

// Seen remembers what came within the last hour, which is longer than a
// platform repeats anything. Its zero value is ready.
type Seen struct {
	mu    sync.Mutex
	at    map[string]time.Time
	swept time.Time
}

const seenTime = time.Hour

// Before reports whether the id came already, and notes it. An empty id never did.
func (s *Seen) Before(id string, now time.Time) bool {
	if id == "" {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil {
		s.at = map[string]time.Time{}
	}
	if now.Sub(s.swept) > time.Minute {
		s.swept = now
		for id, at := range s.at {
			if now.Sub(at) > seenTime {
				delete(s.at, id)
			}
		}
	}
	_, was := s.at[id]
	s.at[id] = now
	return was
}
