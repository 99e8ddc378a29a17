package store

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"paperboy/core"
	"paperboy/store/storetest"
)

// sqlite is the engine for the suite that all engines pass.
type sqlite struct{ *Store }

func (s sqlite) Again(t testing.TB) core.Store { return opened(t, s.path) }

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Engine { return sqlite{opened(t, fresh(t))} })
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
