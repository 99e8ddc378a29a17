package store

import (
	"context"
	"errors"

	"paperboy/core"
)

const (
	ownerColumns = `id, host, pid, started`
	dead         = `beat < $1 OR beat > $2` // a beat far ahead was written by a wrong clock
)

func ownerPlaces(o *core.Owner) []any { return []any{&o.ID, &o.Host, &o.PID, millis{&o.Started}} }

// Join implements core.Owners.
func (s *Store) Join(ctx context.Context, o core.Owner) error {
	first, err := s.engine.join(ctx)
	if err != nil {
		return err
	}
	err = s.write(ctx, "joining", func(t tx) error {
		if first {
			if err := t.bury(`true`); err != nil {
				return err
			}
			// What may be out there is looked for now, however long whoever was here
			// before would have waited.
			if _, err := t.exec(`UPDATE channels SET next_send = 1 WHERE gone = 0 AND next_send > 1 AND id IN
				(SELECT channel FROM deliveries WHERE state IN ('planned', 'held', 'sending') AND state = 'sending')`); err != nil {
				return err
			}
		}
		clock, err := s.engine.clock(ctx)
		if err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO owners (`+ownerColumns+`, beat) VALUES ($1, $2, $3, $4, $5)`, o.ID, o.Host, o.PID, ms(o.Started), clock)
		return err
	})
	if err != nil && first { // else the next one would not know that the earlier owners are dead
		return errors.Join(err, s.engine.unjoin())
	}
	return err
}

// living is the database's clock, and between which beats an owner lives.
func (s *Store) living(ctx context.Context) (clock, oldest, newest int64, err error) {
	clock, err = s.engine.clock(ctx)
	return clock, clock - core.OwnerTTL.Milliseconds(), clock + core.OwnerTTL.Milliseconds(), err
}

// bury ends owners, and what they had claimed is to be done.
func (t tx) bury(which string, args ...any) error {
	if _, err := t.exec(`UPDATE channels SET next_send = 1 WHERE gone = 0 AND id IN
		(SELECT channel FROM claims JOIN owners ON owners.id = claims.owner WHERE `+which+`)`, args...); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM owners WHERE `+which, args...)
	return err
}

// Beat implements core.Owners.
func (s *Store) Beat(ctx context.Context, owner string) error {
	clock, err := s.engine.clock(ctx)
	if err != nil {
		return err
	}
	return s.write(ctx, "beating", func(t tx) error {
		return lost(t.must(`UPDATE owners SET beat = $2 WHERE id = $1`, owner, clock))
	})
}

// Leave implements core.Owners.
func (s *Store) Leave(ctx context.Context, owner string) error {
	return s.write(ctx, "leaving", func(t tx) error { return t.bury(`owners.id = $1`, owner) })
}
