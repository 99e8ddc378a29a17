package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"paperboy/core"
	"paperboy/store/storetest"
)

// onSQLite is the engine for the suite that all engines pass.
type onSQLite struct{ *Store }

func (s onSQLite) Again(t testing.TB) core.Store { return opened(t, s.lite().path) }

func (s onSQLite) Everything(t testing.TB) (values []string) {
	t.Helper()
	err := s.read(context.Background(), "reading everything", func(tx tx) error {
		tables, err := all(tx, value[string], `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'words%' AND name NOT LIKE 'sqlite%'`)
		for _, table := range tables {
			columns, cerr := all(tx, value[string], `SELECT name FROM pragma_table_info($1)`, table)
			err = errors.Join(err, cerr)
			for _, column := range columns {
				cells, cerr := all(tx, value[string], `SELECT CAST("`+column+`" AS TEXT) FROM "`+table+`" WHERE "`+column+`" IS NOT NULL`)
				err = errors.Join(err, cerr)
				for _, cell := range cells {
					values = append(values, table+"."+column+": "+cell)
				}
			}
		}
		return err
	})
	if err != nil || len(values) == 0 {
		t.Fatal(len(values), err)
	}
	return values
}

func (s onSQLite) Columns(t testing.TB) (columns []string) {
	t.Helper()
	if err := s.read(context.Background(), "reading the schema", func(tx tx) (err error) {
		columns, err = all(tx, value[string], `SELECT s.name || '.' || c.name FROM sqlite_schema s, pragma_table_info(s.name) c
			WHERE s.type = 'table' AND s.name NOT LIKE 'words%' AND s.name NOT LIKE 'goose%' AND s.name NOT LIKE 'sqlite%' ORDER BY 1`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return columns
}

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Engine { return onSQLite{opened(t, fresh(t))} })
}

// opened is the store in a file, until the test ends.
func opened(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// fresh is the path of an empty store: a copy of one, which is made faster than
// another one is migrated.
func fresh(t testing.TB) string {
	t.Helper()
	db, err := empty()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "paperboy.db")
	if err := os.WriteFile(path, db, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "paperboy-empty-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "paperboy.db")
	s, err := Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// lite is the engine of a store in a file.
func (s *Store) lite() *sqlite { return s.engine.(*sqlite) }
