package journey

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"paperboy/internal/postgres"
	"paperboy/internal/testkit"
	"paperboy/store"
)

// onPostgres has this process tell its stories on PostgreSQL.
const onPostgres = "PAPERBOY_TEST_ON_POSTGRES"

// database is where an empty one is.
func database(t testing.TB) string {
	t.Helper()
	if os.Getenv(onPostgres) != "" {
		return server(t)
	}
	return filepath.Join(t.TempDir(), "paperboy.db")
}

// server is where an empty database of a server's is.
func server(t testing.TB) string {
	t.Helper()
	return postgres.Database(t, func(url string) error {
		s, err := store.Open(context.Background(), url)
		if err == nil {
			err = s.Close()
		}
		return err
	})
}

// passes has those who worked on a database and are no more be dead, which another
// process on PostgreSQL knows half a minute later.
func passes(t testing.TB, url string) {
	t.Helper()
	if !strings.Contains(url, "://") {
		return
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), `UPDATE owners SET beat = 1`); err != nil {
		t.Fatal(err)
	}
}

// Every story of this package is told once more on PostgreSQL, by a process of its own.
// Left out are those that tell of both engines, the sums of a year's mornings, and those in
// which the bot's loop runs in simulated time, which stands while a connection listens: that
// loop runs on PostgreSQL in cmd/bot's stories of several processes.
func TestEveryStoryIsToldOnPostgresToo(t *testing.T) {
	if os.Getenv(onPostgres) != "" {
		t.Skip("skipped, this is that process")
	}
	if testkit.Race {
		t.Skip("skipped, the race detector has nothing to find there that it does not find here")
	}
	postgres.Needed(t)
	out, err := stories(t, "-test.skip=^(TestAYear|TestEvery.*|TestRealDays.*|TestTwoEngines.*|TestAMoved.*|TestRun.*|TestASourceThatHangs.*)$")
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// stories runs this test's program on PostgreSQL.
func stories(t *testing.T, args ...string) ([]byte, error) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], args...)
	child.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PAPERBOY_TEST_POSTGRES=") }),
		onPostgres+"=1", "PAPERBOY_TEST_POSTGRES="+server(t))
	return child.CombinedOutput()
}
