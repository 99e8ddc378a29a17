package store

import (
	"context"

	"paperboy/core"
)

// Exclusive implements core.Owners.
func (s *Store) Exclusive() bool { return true }

// Ring implements core.Bells. Who is alone rings for nobody.
func (s *Store) Ring(context.Context, core.Work) error { return nil }

// Hear implements core.Bells.
func (s *Store) Hear(ctx context.Context, _ func(core.Work)) { <-ctx.Done() }
