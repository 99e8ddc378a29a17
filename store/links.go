package store

import (
	"context"

	"paperboy/core"
)

const selectLink = `SELECT channel, purpose, secret, made_by, made_key, at FROM links `

func (t tx) link(where string, args ...any) (l core.Link, err error) {
	err = t.one([]any{&l.Channel, &l.Purpose, &l.Secret, &l.By, &l.ByKey, millis{&l.At}}, selectLink+where, args...)
	return l, err
}

// Link implements core.LinkStore.
func (s *Store) Link(ctx context.Context, channel int64, purpose core.Purpose) (l core.Link, err error) {
	err = s.read(ctx, "reading a link", func(t tx) error {
		l, err = t.link(`WHERE channel = $1 AND purpose = $2`, channel, purpose)
		return err
	})
	return l, err
}

// SetLink implements core.LinkStore.
func (s *Store) SetLink(ctx context.Context, l core.Link) error {
	return s.write(ctx, "keeping a link", func(t tx) error {
		_, err := t.exec(`INSERT INTO links (channel, purpose, secret, made_by, made_key, at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (channel, purpose) DO UPDATE SET secret = $3, made_by = $4, made_key = $5, at = $6`,
			l.Channel, l.Purpose, l.Secret, l.By, l.ByKey, ms(l.At))
		return err
	})
}

// RemoveLink implements core.LinkStore.
func (s *Store) RemoveLink(ctx context.Context, channel int64, purpose core.Purpose) error {
	return s.write(ctx, "removing a link", func(t tx) error {
		return t.must(`DELETE FROM links WHERE channel = $1 AND purpose = $2`, channel, purpose)
	})
}

// LinkBySecret implements core.LinkStore.
func (s *Store) LinkBySecret(ctx context.Context, purpose core.Purpose, secret string) (l core.Link, c core.Channel, err error) {
	err = s.read(ctx, "finding a link", func(t tx) error {
		if l, err = t.link(`WHERE secret = $1 AND purpose = $2`, secret, purpose); err != nil {
			return err
		}
		c, err = t.channel(`WHERE id = $1 AND gone = 0`, l.Channel)
		return err
	})
	if err != nil {
		return core.Link{}, core.Channel{}, err
	}
	return l, c, nil
}
