package main

import (
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"paperboy/internal/catalogue"
	"paperboy/internal/postgres"
	"paperboy/internal/replay"
)

// An operator moves to PostgreSQL: sees what was copied, and finds there what was found
// before.
func TestMovingToPostgres(t *testing.T) {
	postgres.Needed(t)
	hf := httptest.NewServer(replay.FromPapers(catalogue.Days()))
	defer hf.Close()
	file, to := filepath.Join(t.TempDir(), "papers.db"), postgres.Database(t, nil)
	here := &operator{t, []string{"PAPERBOY_STORE_URL=" + file, "PAPERBOY_SOURCES_HUGGINGFACE_URL=" + hf.URL, "PAPERBOY_SOURCES_ARXIV_ENABLED=false"}}
	here.gets("fetched 30 new", "fetch", "--source", "hf", "--since", "2026-04-09", "--until", "2026-04-13")

	there := &operator{t, append([]string{"WHERE=" + to}, here.environ...)}
	out, _ := there.types(0, "migrate-store", file, "${WHERE}")
	for _, want := range []string{"copied " + file + " to postgres://paperboy@/", ": 30 papers; each table has the same rows and the same checksum on both sides\n", "start `bot run`"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if !regexp.MustCompile(`\npapers +30 +[0-9a-f]{32}\n`).MatchString(out) {
		t.Error(out)
	}
	there.environ[1] = "PAPERBOY_STORE_URL=" + to
	for _, words := range []string{"gameworld", "diffusion", "agents that remember", "author:wang"} {
		a, _ := here.types(0, "search", words)
		if b, _ := there.types(0, "search", words); a != b {
			t.Errorf("search %s:\n%s\non PostgreSQL\n%s", words, a, b)
		}
	}
	there.gets("fetched 0 new, updated 0, unchanged 30", "fetch", "--source", "hf", "--since", "2026-04-09", "--until", "2026-04-13")
	out, _ = there.types(0, "doctor")
	if !strings.Contains(out, ", 30 papers\n") || !strings.Contains(out, "database       ok   postgres://") {
		t.Error(out)
	}

	_, told := there.types(1, "migrate-store", file, to)
	if !strings.Contains(told, "something is kept there already") || !strings.HasSuffix(told, "make one with `createdb`. Where this one is the copy already, start `bot run` on it. Nothing was changed\n") {
		t.Error(told)
	}
	there.gets("nothing is in doubt", "restore", "--done")
	for _, command := range []string{"backup", "restore"} {
		if _, told := there.types(2, command, "copy"); !strings.Contains(told, "`pg_"+map[string]string{"backup": "dump", "restore": "restore"}[command]) {
			t.Error(told)
		}
	}
}

// What cannot be moved is refused in a sentence, without anybody's password.
func TestWhatCannotBeMoved(t *testing.T) {
	o := &operator{t, []string{"PASSWORD=hunter2"}}
	for _, c := range []struct {
		status   int
		from, to string
		want     string
	}{
		{2, "a.db", "b.db", "bot: from a SQLite file to PostgreSQL, as `bot migrate-store"},
		{2, "postgres://me@host/db", "a.db", "bot: from a SQLite file to PostgreSQL, as `bot migrate-store"},
		{2, "a.db", "postgres://me:hunter2@host", "bot: names no database; write it as"},
		{2, "a.db", "postgres://me:${NOWHERE}@host/db", "bot: store.url wants ${NOWHERE} and the environment has no NOWHERE"},
		{1, "nowhere.db", "postgres://me:${PASSWORD}@host/db", "bot: there is no database at nowhere.db"},
	} {
		if _, told := o.types(c.status, "migrate-store", c.from, c.to); !strings.HasPrefix(told, c.want) || strings.Contains(told, "hunter2") {
			t.Errorf("%q, want %q", told, c.want)
		}
	}
}

// A server that does not answer, or not to us, is told by its host and database.
func TestADatabaseServerThatDoesNotAnswer(t *testing.T) {
	o := &operator{t, []string{"PAPERBOY_STORE_URL=postgres://me:hunter2@127.0.0.1:1/papers?connect_timeout=2"}}
	_, told := o.types(1, "search", "lamps")
	if want := "bot: opening the store postgres://127.0.0.1:1/papers: no PostgreSQL answers there; look at [store] url, and whether it runs (dial tcp 127.0.0.1:1: connect: connection refused)\n"; told != want {
		t.Errorf("\ngot  %swant %s", told, want)
	}
}
