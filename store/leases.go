package store

import (
	"context"

	"paperboy/core"
)

// Lease implements core.Leases.
func (s *Store) Lease(ctx context.Context, owner, name string) (held bool, err error) {
	// Nearly always it is as it was, and nobody has to wait for the writer.
	oldest, newest, err := s.living(ctx)
	if err != nil {
		return false, err
	}
	taken := false
	if err := s.read(ctx, "asking for a lease", func(t tx) error {
		var by string
		err := t.one([]any{&by}, `SELECT owner FROM leases WHERE name = $3 AND owner NOT IN (SELECT id FROM owners WHERE `+dead+`)`, oldest, newest, name)
		held, taken = by == owner, by != ""
		return ignoring(err)
	}); err != nil || taken {
		return held, err
	}
	err = s.write(ctx, "taking a lease", func(t tx) error {
		if err := t.beat(owner); err != nil { // who asks lives
			return err
		}
		if err := s.buryDead(t, oldest, newest); err != nil {
			return err
		}
		// It is the owner's still where that was taken for dead by nobody but us.
		n, err := t.exec(`INSERT INTO leases (name, owner) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET owner = excluded.owner WHERE leases.owner = excluded.owner`, name, owner)
		held = n > 0
		return err
	})
	return held && err == nil, err
}

// Unlease implements core.Leases.
func (s *Store) Unlease(ctx context.Context, owner, name string) error {
	return s.write(ctx, "giving a lease back", func(t tx) error {
		return lost(t.must(`DELETE FROM leases WHERE name = $1 AND owner = $2`, name, owner))
	})
}

// Leases implements core.Leases.
func (s *Store) Leases(ctx context.Context) (leases map[string]string, err error) {
	type row struct{ name, owner string }
	oldest, newest, err := s.living(ctx)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, "reading who does what", func(t tx) error {
		rows, err := all(t, func(r *row) []any { return []any{&r.name, &r.owner} },
			`SELECT name, owner FROM leases WHERE owner NOT IN (SELECT id FROM owners WHERE `+dead+`)`, oldest, newest)
		leases = make(map[string]string, len(rows))
		for _, r := range rows {
			leases[r.name] = r.owner
		}
		return err
	})
	return leases, err
}

// Owners implements core.Leases.
func (s *Store) Owners(ctx context.Context) (owners []core.Owner, err error) {
	oldest, newest, err := s.living(ctx)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, "reading who lives", func(t tx) error {
		owners, err = all(t, ownerPlaces, `SELECT `+ownerColumns+` FROM owners WHERE NOT (`+dead+`) ORDER BY started, id`,
			oldest, newest)
		return err
	})
	return owners, err
}

// lost is what it means that a row of an owner's is not there.
func lost(err error) error {
	if err != nil && ignoring(err) == nil {
		return core.ErrLost
	}
	return err
}
