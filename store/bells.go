package store

import (
	"context"

	"paperboy/core"
)

// Ring implements core.Bells.
func (s *Store) Ring(ctx context.Context, work core.Work) error {
	if s.Exclusive() {
		return nil
	}
	return s.writing(ctx, "ringing", false, func(t tx) error {
		t.ring(work)
		return nil
	})
}

// Hear implements core.Bells.
func (s *Store) Hear(ctx context.Context, heard func(core.Work)) { s.engine.hear(ctx, s.id, heard) }

// Exclusive implements core.Owners.
func (s *Store) Exclusive() bool { return s.engine.exclusive() }
