package query_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/core/topic"
)

// busy is a shelf whose disk is: after so many answers it has no more.
type busy struct {
	*shelf
	answers int
}

func (b *busy) answer(ctx context.Context) error {
	if b.answers--; b.answers < 0 {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (b *busy) Vocabulary(ctx context.Context, f topic.Field, prefix string, words []string) (map[string]int, error) {
	if err := b.answer(ctx); err != nil {
		return nil, err
	}
	return b.shelf.Vocabulary(ctx, f, prefix, words)
}

func (b *busy) Search(ctx context.Context, q core.Query) (core.Found, error) {
	if err := b.answer(ctx); err != nil {
		return core.Found{}, err
	}
	return b.shelf.Search(ctx, q)
}

// Who types is not kept waiting for words that take long to read or to count: what
// is there by then is offered, and the rest is not.
func TestWordsThatTakeLongAreNotWaitedFor(t *testing.T) {
	for answers, want := range map[int]int{0: 0, 1: 0, 2: 1, 3: 2, 4: 3, 9: 3} {
		synctest.Test(t, func(t *testing.T) {
			s := &busy{titled(map[string]int{"Lamps": 3, "Language": 2, "Lattice": 1}), answers}
			r := &query.Reader{Store: s, Now: func() time.Time { return now }}
			started := time.Now()
			words, err := r.Beginning(t.Context(), channel(), "la", 9)
			if err != nil || len(words) != want || time.Since(started) >= 200*time.Millisecond {
				t.Errorf("after %d answers: %v, %v in %s, want %d words", answers, words, err, time.Since(started), want)
			}
		})
	}
}

// Whoever went away is told so.
func TestWordsOfNobodyAreNotRead(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r := &query.Reader{Store: &busy{titled(nil), 0}, Now: func() time.Time { return now }}
	if words, err := r.Beginning(gone, channel(), "la", 9); err == nil {
		t.Errorf("%v", words)
	}
}
