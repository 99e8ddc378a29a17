// Package breaker is the circuit breaker for a full disk. While it is open
// nothing is fetched, planned or sent, because what came of it could not be
// written down; searches and answers go on. It closes by itself when there is
// room again.
//
// In: the errors of everything that writes. Out: whether writing makes sense. It
// promises: the operator is told once, and that it is over once.
package breaker

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"paperboy/core"
)

// Breaker is closed, that is well, until told otherwise. It is safe for
// concurrent use.
type Breaker struct {
	probe  func(context.Context) error
	closed func()
	log    *slog.Logger

	mu   sync.Mutex
	open bool
}

// New makes a breaker. probe writes about as much as a day's papers take, so
// that we do not run against the wall at once; closed, which may be nil, is
// called when there is room again.
func New(probe func(context.Context) error, closed func(), log *slog.Logger) *Breaker {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Breaker{probe: probe, closed: closed, log: log}
}

// Note opens the breaker when err says that there was no room, and has handled
// it with that: what is left of err is nil. Other errors come back.
func (b *Breaker) Note(err error) error {
	if !errors.Is(err, core.ErrFull) {
		return err
	}
	b.mu.Lock()
	was := b.open
	b.open = true
	b.mu.Unlock()
	if !was {
		b.log.Error("the disk is full; nothing is fetched or posted until there is room, then it goes on by itself", "err", err)
	}
	return nil
}

// Open reports whether there is no room; while it is so, it tries.
func (b *Breaker) Open(ctx context.Context) bool {
	b.mu.Lock()
	open := b.open
	b.mu.Unlock()
	if !open || b.probe(ctx) != nil {
		return open
	}
	b.mu.Lock()
	first := b.open // else another found it out meanwhile
	b.open = false
	b.mu.Unlock()
	if first {
		b.log.Info("there is room on the disk again")
		if b.closed != nil {
			b.closed()
		}
	}
	return false
}
