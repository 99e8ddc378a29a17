package store

import (
	"context"
	"time"

	"paperboy/core"
)

// Remember implements core.VoteStore.
func (s *Store) Remember(ctx context.Context, user, search string, now time.Time) error {
	if user == "" {
		return nil
	}
	return s.write(ctx, "remembering a search", func(t tx) error {
		var last int64 // so that of two in the same moment the later one is the later
		if err := t.one([]any{&last}, `SELECT coalesce(max(at), 0) FROM searches WHERE person = $1`, user); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO searches (person, search, at) VALUES ($1, $2, $3) ON CONFLICT (person, search) DO UPDATE SET at = $3`,
			user, search, max(ms(now), last+1)); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM searches WHERE person = $1 AND search NOT IN
			(SELECT search FROM searches WHERE person = $1 ORDER BY at DESC, search LIMIT $2)`, user, core.MostSearches)
		return err
	})
}

// Searches implements core.VoteStore.
func (s *Store) Searches(ctx context.Context, user string) (searches []string, err error) {
	err = s.read(ctx, "reading searches", func(t tx) error {
		searches, err = all(t, value[string], `SELECT search FROM searches WHERE person = $1 ORDER BY at DESC, search`, user)
		return err
	})
	return searches, err
}
