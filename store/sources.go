package store

import (
	"context"
	"time"

	"paperboy/core"
)

const sourceColumns = `source, title, note, word, reason, last_try, last_success, last_new, newest, since, retry_at, told`

func sourcePlaces(s *core.SourceState) []any {
	return []any{&s.Source, &s.Title, &s.Note, &s.Word, &s.Reason, millis{&s.LastTry}, millis{&s.LastSuccess}, millis{&s.LastNew}, &s.Newest,
		millis{&s.Since}, millis{&s.RetryAt}, &s.Told}
}

// SourceStates implements core.SourceStore.
func (s *Store) SourceStates(ctx context.Context) (states []core.SourceState, err error) {
	err = s.read(ctx, "reading how the sources are", func(t tx) error {
		states, err = all(t, sourcePlaces, `SELECT `+sourceColumns+` FROM sources ORDER BY source`)
		return err
	})
	return states, err
}

// UpdateSourceState implements core.SourceStore.
func (s *Store) UpdateSourceState(ctx context.Context, source string, change func(*core.SourceState)) error {
	return s.write(ctx, "writing down how a source is", func(t tx) error {
		var state core.SourceState
		err := t.one(sourcePlaces(&state), `SELECT `+sourceColumns+` FROM sources WHERE source = $1`, source)
		if ignoring(err) != nil {
			return err
		}
		change(&state)
		state.Source = source
		_, err = t.exec(`INSERT INTO sources (`+sourceColumns+`) VALUES (`+places(sourceColumns)+`)
			ON CONFLICT (source) DO UPDATE SET `+assign(sourceColumns), sourcePlaces(&state)...)
		return err
	})
}

// Note implements core.SourceStore.
func (s *Store) Note(ctx context.Context, name string) (note string, err error) {
	err = s.read(ctx, "reading a note", func(t tx) error {
		return ignoring(t.one([]any{&note}, `SELECT value FROM notes WHERE name = $1`, name))
	})
	return note, err
}

// SetNote implements core.SourceStore.
func (s *Store) SetNote(ctx context.Context, name, value string) error {
	return s.write(ctx, "writing a note", func(t tx) error {
		_, err := t.exec(`INSERT INTO notes (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2`, name, value)
		return err
	})
}

const listColumns = `source, day, entries, again, parts, due, since, until`

func listPlaces(l *core.List) []any {
	return []any{&l.Source, &l.Day, &l.Count, &l.Again, list{&l.Parts}, &l.Due, millis{&l.Since}, millis{&l.Until}}
}

// PutLists implements core.SourceStore.
func (s *Store) PutLists(ctx context.Context, lists []core.List, now time.Time) error {
	if len(lists) == 0 {
		return nil
	}
	return s.write(ctx, "writing down what sources listed", func(t tx) error {
		for _, news := range lists {
			var l core.List
			if err := t.one(listPlaces(&l), `SELECT `+listColumns+` FROM lists WHERE source = $1 AND day = $2`, news.Source, news.Day); ignoring(err) != nil {
				return err
			}
			l = l.Heard(news, now)
			if _, err := t.exec(`INSERT INTO lists (`+listColumns+`) VALUES (`+places(listColumns)+`)
				ON CONFLICT (day, source) DO UPDATE SET `+assign(listColumns), listPlaces(&l)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// Lists implements core.SourceStore.
func (s *Store) Lists(ctx context.Context, day core.Date) (lists []core.List, err error) {
	err = s.read(ctx, "reading what sources listed", func(t tx) error {
		lists, err = all(t, listPlaces, `SELECT `+listColumns+` FROM lists WHERE day = $1 ORDER BY source`, day)
		return err
	})
	return lists, err
}
