package main

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"paperboy/internal/postgres"
	"paperboy/internal/testkit"
)

// newer builds this program as a version to come, whose schema has grown.
func newer(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, content []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	grows := write("more.sql", []byte(`-- +goose Up
CREATE TABLE moods (id BIGINT NOT NULL PRIMARY KEY);
ALTER TABLE channels ADD COLUMN mood TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN mood BIGINT NOT NULL DEFAULT 0;
CREATE INDEX deliveries_mood ON deliveries (mood) WHERE mood <> 0;
`))
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, "store/migrations/postgres/99999_moods.sql"): grows}})
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "bot")
	if out, err := exec.Command("go", "build", "-tags", "sqlite_fts5", "-overlay", write("overlay.json", overlay), "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// Of three processes one after the other is upgraded, and some are killed while they post:
// a newer one brings the schema up to date while older ones go on, older ones start anew
// on it and work for channels beside a newer one, and every paper comes once.
func TestReplicasOfTwoVersionsWorkSideBySide(t *testing.T) {
	if testkit.Race {
		t.Skip("skipped, as the story of processes that are killed")
	}
	postgres.Needed(t)
	next := newer(t)
	f := newFleet(t, 9, 7)
	var started int
	olderFirst := func(int) string { // whoever is killed comes back as the next version
		if started++; started <= len(f.bots) {
			return "bot"
		}
		return next
	}
	f.program = olderFirst
	f.round(f.lists.days[0], 1, 1, 0)
	if n := f.schema(); n != 99999 {
		t.Errorf("after the first one was upgraded the schema has version %d", n)
	}

	working := f.watches()
	started = 0
	f.round(f.lists.days[1], 2, 1, 0)
	f.program = func(int) string { return next }
	f.round(f.lists.days[2], 3, 0, 0)
	if got := working(); !got["bot"] || !got[next] {
		t.Errorf("on the schema that has grown only %v worked for channels", slices.Collect(maps.Keys(got)))
	}
	f.program = nil
	f.ends(3)
}

// schema is the version that the database has.
func (f *fleet) schema() (n int) {
	f.Helper()
	f.ok(f.db.QueryRow(`SELECT max(version_id) FROM goose_db_version`).Scan(&n))
	return n
}

// watches looks which programs work for channels, until it is asked.
func (f *fleet) watches() (working func() map[string]bool) {
	stop, seen := make(chan struct{}), make(chan map[string]bool)
	go func() {
		all := map[string]bool{}
		for {
			select {
			case <-stop:
				seen <- all
				return
			case <-time.After(20 * time.Millisecond):
			}
			var pids []int
			rows, err := f.db.Query(`SELECT DISTINCT pid FROM owners JOIN claims ON claims.owner = owners.id`)
			if err != nil {
				f.Error(err)
				continue
			}
			for rows.Next() {
				var pid int
				if rows.Scan(&pid) == nil {
					pids = append(pids, pid)
				}
			}
			rows.Close()
			f.mu.Lock()
			for _, b := range f.bots {
				if b != nil && slices.Contains(pids, b.cmd.Process.Pid) {
					all[b.cmd.Args[0]] = true
				}
			}
			f.mu.Unlock()
		}
	}()
	return func() map[string]bool { close(stop); return <-seen }
}
