package store

import (
	"context"

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
