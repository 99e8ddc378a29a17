package store

import (
	"context"
	"time"
)

// longestTurn is longer than anybody holds one.
const longestTurn = time.Minute

// TakeTurn implements core.Turns.
func (s *Store) TakeTurn(ctx context.Context, name, by string, ahead, hold time.Duration) (wait time.Duration, taken bool, err error) {
	err = s.write(ctx, "taking a turn", func(t tx) error {
		wait, taken = 0, false
		now, err := t.clock()
		if err != nil {
			return err
		}
		var free int64
		if err := ignoring(t.one([]any{&free}, `SELECT free FROM turns WHERE name = $1`, name)); err != nil {
			return err
		}
		if free-now > longestTurn.Milliseconds() {
			free = 0 // a wrong clock's
		}
		begins := max(free, now)
		if wait = time.Duration(begins-now) * time.Millisecond; wait > ahead {
			return nil
		}
		taken = true
		_, err = t.exec(`INSERT INTO turns (name, owner, free) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET owner = $2, free = $3`,
			name, by, begins+hold.Milliseconds())
		return err
	})
	return wait, taken && err == nil, err
}

// EndTurn implements core.Turns.
func (s *Store) EndTurn(ctx context.Context, name, by string, pause time.Duration) error {
	return s.write(ctx, "ending a turn", func(t tx) error {
		now, err := t.clock()
		if err != nil {
			return err
		}
		_, err = t.exec(`UPDATE turns SET free = $3 WHERE name = $1 AND owner = $2`, name, by, now+pause.Milliseconds())
		return err
	})
}
