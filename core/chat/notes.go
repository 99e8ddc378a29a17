package chat

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
)

// notes are small facts that a question teaches: a channel's new name, that
// somebody is there again. They are written down beside the answer, one after
// another, while Run runs; without it, at once. One that is lost comes with the
// next question.
type notes struct {
	log     *slog.Logger
	waiting chan func(context.Context) error
	running *atomic.Bool
}

// mostNotes is how many may wait for the writer.
const mostNotes = 256

func newNotes(log *slog.Logger) notes {
	return notes{log, make(chan func(context.Context) error, mostNotes), new(atomic.Bool)}
}

func (n *notes) put(ctx context.Context, write func(context.Context) error) {
	if !n.running.Load() {
		n.write(ctx, write)
		return
	}
	select {
	case n.waiting <- write:
	default:
		n.log.Warn("too much waits for the writer; what a question taught is not written down")
	}
}

func (n *notes) write(ctx context.Context, write func(context.Context) error) {
	if err := write(ctx); err != nil && ctx.Err() == nil {
		n.log.Warn("what a question taught is not written down", "err", err)
	}
}

// Run writes down what questions teach, until the context ends.
func (b *Chat) Run(ctx context.Context) {
	b.notes.running.Store(true)
	defer b.notes.running.Store(false)
	for {
		select {
		case write := <-b.notes.waiting:
			b.notes.write(ctx, write)
		case <-ctx.Done():
			return
		}
	}
}

// repeats are the ids of the last questions. Its zero value is ready.
type repeats struct {
	mu          sync.Mutex
	new, before map[string]bool
}

// mostRepeats is how many are remembered at least.
const mostRepeats = 4096

// has reports whether an id was there before, and remembers it.
func (r *repeats) has(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.new[id] || r.before[id] {
		return true
	}
	if len(r.new) >= mostRepeats || r.new == nil {
		r.new, r.before = map[string]bool{}, r.new
	}
	r.new[id] = true
	return false
}
