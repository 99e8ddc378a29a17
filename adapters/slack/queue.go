package slack

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"log/slog"
)

// queue does what people asked for, after it was acknowledged: what belongs to
// one lane in its order, everything else side by side. Its zero value keeps
// what comes until it is started.
type queue struct {
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

// put adds work. An empty lane is one of its own.
func (q *queue) put(lane string, do func(context.Context)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ctx == nil {
		q.waiting = append(q.waiting, work{lane, do})
		return
	}
	if q.ctx.Err() != nil {
		return
	}
	if lane != "" {
		if behind, busy := q.lanes[lane]; busy {
			q.lanes[lane] = append(behind, do)
			return
		}
		q.lanes[lane] = nil
	}
	q.workers.Go(func() {
		for do != nil {
			q.one(do)
			do = q.next(lane)
		}
	})
}

func (q *queue) next(lane string) (do func(context.Context)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if behind := q.lanes[lane]; lane != "" && len(behind) > 0 {
		q.lanes[lane] = behind[1:]
		return behind[0]
	}
	delete(q.lanes, lane)
	return nil
}

// one does one thing. A panic ends only that.
func (q *queue) one(do func(context.Context)) {
	q.places <- struct{}{}
	defer func() {
		<-q.places
		if r := recover(); r != nil {
			q.log.Error("a request failed badly", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	do(q.ctx)
}

// run starts the work and returns a function that ends it: what has begun gets
// so long to be finished.
func (q *queue) run(ctx context.Context, log *slog.Logger, patience time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	q.mu.Lock()
	q.ctx, q.log = ctx, log
	q.lanes, q.places = map[string][]func(context.Context){}, make(chan struct{}, atWork)
	waiting := q.waiting
	q.waiting = nil
	q.mu.Unlock()
	for _, w := range waiting {
		q.put(w.lane, w.do)
	}
	return func() {
		t := time.AfterFunc(patience, cancel)
		q.workers.Wait()
		t.Stop()
		cancel()
	}
}

// seen remembers what came within the last hour. Its zero value is ready.
type seen struct {
	mu   sync.Mutex
	at   map[string]time.Time
	swep time.Time
}

// seenTime is longer than Slack repeats anything.
const seenTime = time.Hour

// before reports whether the id came already, and notes it. An empty id never did.
func (s *seen) before(id string, now time.Time) bool {
	if id == "" {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil {
		s.at = map[string]time.Time{}
	}
	if now.Sub(s.swep) > time.Minute {
		s.swep = now
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
