package store

import (
	"context"

	"paperboy/core"
)

const selectLibrary = `SELECT channel, what, least, path, name, collection, secret, at FROM libraries `

func libraryPlaces(l *core.Library) []any {
	return []any{&l.Channel, &l.What, &l.Least, &l.Path, &l.Name, &l.Collection, secret{&l.Secret}, millis{&l.At}}
}

// Library implements core.LibraryStore.
func (s *Store) Library(ctx context.Context, channel int64) (l core.Library, err error) {
	err = s.read(ctx, "reading a library", func(t tx) error {
		return t.one(libraryPlaces(&l), selectLibrary+`WHERE channel = $1`, channel)
	})
	return l, err
}

// Libraries implements core.LibraryStore.
func (s *Store) Libraries(ctx context.Context) (ls []core.Library, err error) {
	err = s.read(ctx, "reading libraries", func(t tx) error {
		ls, err = all(t, libraryPlaces, selectLibrary+`ORDER BY channel`)
		return err
	})
	return ls, err
}

// SetLibrary implements core.LibraryStore.
func (s *Store) SetLibrary(ctx context.Context, l core.Library) error {
	return s.write(ctx, "keeping a library", func(t tx) error {
		_, err := t.exec(`INSERT INTO libraries (channel, what, least, path, name, collection, secret, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (channel) DO UPDATE SET what = $2, least = $3, path = $4, name = $5, collection = $6, secret = $7, at = $8`,
			l.Channel, l.What, l.Least, l.Path, l.Name, l.Collection, secret{&l.Secret}, ms(l.At))
		return err
	})
}

// ReplaceSecret implements core.LibraryStore.
func (s *Store) ReplaceSecret(ctx context.Context, channel int64, was, is string) error {
	return s.write(ctx, "keeping a library's key", func(t tx) error {
		_, err := t.exec(`UPDATE libraries SET secret = $3 WHERE channel = $1 AND secret = $2`, channel, secret{&was}, secret{&is})
		return err
	})
}
