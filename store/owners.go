package store

import (
	"context"
	"errors"
	"time"

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
		if err := t.arrives(o.Started); err != nil {
			return err
		}
		clock, err := t.clock()
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

// living are the oldest and the newest beat of an owner that lives.
func (s *Store) living(ctx context.Context) (oldest, newest int64, err error) {
	clock, err := s.engine.clock(ctx, nil)
	return clock - core.OwnerTTL.Milliseconds(), clock + core.OwnerTTL.Milliseconds(), err
}

// buryDead ends those that have not beaten for OwnerTTL.
func (s *Store) buryDead(t tx, oldest, newest int64) error {
	var n int
	if err := t.one([]any{&n}, `SELECT count(*) FROM owners WHERE `+dead, oldest, newest); err != nil || n == 0 {
		return err
	}
	return t.bury(dead, oldest, newest)
}

// Clock is the database's.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	ms, err := s.engine.clock(ctx, nil)
	return time.UnixMilli(ms), err
}

// bury ends owners, and what they had claimed is to be done.
func (t tx) bury(which string, args ...any) error {
	if _, err := t.exec(`UPDATE channels SET next_send = 1 WHERE gone = 0 AND id IN
		(SELECT channel FROM claims JOIN owners ON owners.id = claims.owner WHERE `+which+`)`, args...); err != nil {
		return err
	}
	t.ring(core.ToSend, core.ToLead)
	_, err := t.exec(`DELETE FROM owners WHERE `+which, args...)
	return err
}

// beat notes that an owner lives, by the clock of when it is written down and not of when
// somebody began to wait for that. ErrLost: there is none.
func (t tx) beat(owner string) error {
	clock, err := t.clock()
	if err != nil {
		return err
	}
	return lost(t.must(`UPDATE owners SET beat = $2 WHERE id = $1`, owner, clock))
}

// Beat implements core.Owners.
func (s *Store) Beat(ctx context.Context, owner string) error {
	return s.write(ctx, "beating", func(t tx) error { return t.beat(owner) })
}

// Leave implements core.Owners.
func (s *Store) Leave(ctx context.Context, owner string) error {
	return s.write(ctx, "leaving", func(t tx) error { return t.bury(`owners.id = $1`, owner) })
}
