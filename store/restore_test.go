package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paperboy/core"
)

// wreck is a folder in which a process was killed while its database had a -wal,
// with copies that were made before.
type wreck struct {
	testing.TB
	dir string
}

// newWreck has four papers in paperboy.db, the last of which stand in its -wal;
// two in raw.db, which was copied while nothing ran; three in backup.db, which
// Backup made.
func newWreck(t testing.TB) *wreck {
	t.Helper()
	h := newHouse(t)
	w := &wreck{t, t.TempDir()}
	h.comes(listed("2509.00001", "Lamps", "hf", "2025-09-05"), listed("2509.00002", "Soup", "hf", "2025-09-05"))
	h.ok(h.Close())
	w.copies(h.path, "raw.db")
	h.Store = h.another()
	h.comes(listed("2509.00003", "Agents", "hf", "2025-09-05"))
	h.ok(h.Backup(context.Background(), w.file("backup.db")))
	_, err := h.lite().w.Exec(`PRAGMA wal_checkpoint(PASSIVE)`) // as happens every thousand pages
	h.ok(err)
	h.comes(listed("2509.00004", "Foxes", "hf", "2025-09-05"))
	for _, part := range []string{"", "-wal", ".generation"} {
		w.copies(h.path+part, "paperboy.db"+part)
	}
	return w
}

func (w *wreck) file(name string) string { return filepath.Join(w.dir, name) }

func (w *wreck) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// copies writes a file over another one, as cp does.
func (w *wreck) copies(from, to string) {
	w.Helper()
	data, err := os.ReadFile(from)
	w.ok(err)
	w.ok(os.WriteFile(w.file(to), data, 0o600))
}

func (w *wreck) moves(from, to string) {
	w.Helper()
	w.ok(os.Rename(w.file(from), w.file(to)))
}

// holds wants so many papers in a database.
func (w *wreck) holds(name string, papers int) {
	w.Helper()
	s, err := Open(context.Background(), w.file(name))
	w.ok(err)
	defer s.Close()
	w.ok(s.Check(context.Background()))
	if n, err := s.CountPapers(context.Background()); err != nil || n != papers {
		w.Errorf("%s holds %d papers, want %d: %v", name, n, papers, err)
	}
}

// all is what the folder holds.
func (w *wreck) all() map[string]string {
	w.Helper()
	out := map[string]string{}
	files, err := os.ReadDir(w.dir)
	w.ok(err)
	for _, f := range files {
		if f.IsDir() {
			continue
		}
		data, err := os.ReadFile(w.file(f.Name()))
		w.ok(err)
		out[f.Name()] = string(data)
	}
	return out
}

// Whoever puts another file in the place of the database while the -wal of the
// one before is there is told so, nothing is touched, and a restore mends it.
func TestAStrangeWALIsNotReplayed(t *testing.T) {
	for name, replace := range map[string]func(w *wreck){
		"a backup is copied over it":                          func(w *wreck) { w.copies(w.file("backup.db"), "paperboy.db") },
		"a backup is moved there":                             func(w *wreck) { w.copies(w.file("backup.db"), "b"); w.moves("b", "paperboy.db") },
		"what was copied while nothing ran is copied over it": func(w *wreck) { w.copies(w.file("raw.db"), "paperboy.db") },
		"it was removed":                                      func(w *wreck) { w.ok(os.Remove(w.file("paperboy.db"))) },
		"it was emptied":                                      func(w *wreck) { w.ok(os.Truncate(w.file("paperboy.db"), 0)) },
		"a text is there":                                     func(w *wreck) { w.ok(os.WriteFile(w.file("paperboy.db"), []byte("nothing"), 0o600)) },
		"a new one is there": func(w *wreck) {
			s, err := Open(context.Background(), w.file("new.db"))
			w.ok(err)
			w.ok(s.SetNote(context.Background(), "a", "b"))
			w.ok(s.Close())
			w.moves("new.db", "paperboy.db")
			os.Remove(w.file("new.db.generation"))
		},
		"what a migration kept is there": func(w *wreck) {
			h := newHouse(w)
			h.comes(listed("2509.00001", "Lamps", "hf", "2025-09-05"))
			h.ok(h.Close())
			schema, version := later(w)
			next, err := openSQLite(context.Background(), h.path, schema)
			w.ok(err)
			w.ok(next.Close())
			w.copies(fmt.Sprintf("%s.before-%d", h.path, version), "paperboy.db")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWreck(t)
			replace(w)
			before := w.all()
			for range 2 {
				s, err := Open(context.Background(), w.file("paperboy.db"))
				if err == nil {
					s.Close()
					t.Fatal("it was opened")
				}
				if !errors.Is(err, ErrStrangeWAL) || !strings.Contains(err.Error(), "`bot restore FILE`") {
					t.Errorf("it says %v", err)
				}
			}
			for name, content := range w.all() {
				if before[name] != content {
					t.Errorf("%s was touched", name)
				}
			}
			r, err := Restore(context.Background(), w.file("paperboy.db"), w.file("backup.db"), monday)
			w.ok(err)
			w.holds("paperboy.db", 3)
			if r.Papers != 3 || r.Kept == "" || !exists(r.Kept+"-wal") {
				t.Errorf("it did %+v", r)
			}
			// What was kept is not mixed up later either.
			if _, err := Restore(context.Background(), w.file("again.db"), r.Kept, monday); err != nil {
				if _, ok := NoCopy(err); !ok {
					t.Error(err)
				}
			} else if name == "a backup is copied over it" {
				w.holds("again.db", 3)
			}
		})
	}
}

// A -wal that is the database's own is read as ever: after a kill, after the
// folder was moved or put back as a whole, after other processes wrote.
func TestAWALOfItsOwnIsReplayed(t *testing.T) {
	for name, happens := range map[string]func(w *wreck){
		"nothing else":                   func(*wreck) {},
		"the file that knows was lost":   func(w *wreck) { w.ok(os.Remove(w.file("paperboy.db.generation"))) },
		"the file that knows is damaged": func(w *wreck) { w.ok(os.WriteFile(w.file("paperboy.db.generation"), []byte("x\n"), 0o600)) },
		"all of it was put back": func(w *wreck) {
			for _, part := range []string{"", "-wal", ".generation"} {
				w.copies(w.file("paperboy.db"+part), "kept"+part)
			}
			w.holds("paperboy.db", 4)
			for _, part := range []string{"", "-wal", ".generation"} {
				w.moves("kept"+part, "paperboy.db"+part)
			}
		},
		"another file was put there while there was none, and migrated": func(w *wreck) {
			h := newHouse(w)
			h.comes(listed("2509.00001", "Lamps", "hf", "2025-09-05"), listed("2509.00002", "Lamps", "hf", "2025-09-05"),
				listed("2509.00003", "Lamps", "hf", "2025-09-05"), listed("2509.00004", "Lamps", "hf", "2025-09-05"))
			h.ok(h.Close())
			w.ok(os.Remove(w.file("paperboy.db-wal")))
			w.copies(h.path, "paperboy.db")
			s, err := Open(context.Background(), w.file("paperboy.db"))
			w.ok(err)
			defer s.Close()
			_, err = s.lite().w.Exec(`CREATE TABLE more (n)`) // as a migration, it is no transaction of ours
			w.ok(err)
			for _, part := range []string{"", "-wal", ".generation"} {
				w.copies(w.file("paperboy.db"+part), "kept"+part)
			}
			w.ok(s.Close())
			for _, part := range []string{"", "-wal", ".generation"} {
				w.moves("kept"+part, "paperboy.db"+part)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWreck(t)
			happens(w)
			w.holds("paperboy.db", 4)
		})
	}
}

// However many processes write, in turn or at once, and wherever the last is
// killed: the -wal stays its own.
func TestAnyNumberOfWritersLeaveAWALOfItsOwn(t *testing.T) {
	h := newHouse(t)
	w := &wreck{t, t.TempDir()}
	for n := range 12 {
		other := h.another()
		h.ok(other.SetNote(context.Background(), "who", fmt.Sprint(n)))
		if n%4 == 3 { // what stands in the -wal is written into the file now and then
			_, err := other.lite().w.Exec(`PRAGMA wal_checkpoint(PASSIVE)`)
			h.ok(err)
		}
		for _, part := range []string{"", "-wal", ".generation"} {
			w.copies(h.path+part, "paperboy.db"+part)
		}
		s, err := Open(context.Background(), w.file("paperboy.db"))
		h.ok(err)
		who, err := s.Note(context.Background(), "who")
		h.ok(err)
		h.wants("the last that wrote", who, fmt.Sprint(n))
		h.ok(s.Close())
		h.ok(os.RemoveAll(w.file("paperboy.db-shm")))
		if n%2 == 1 {
			h.ok(other.Close())
		}
		if n == 6 {
			h.ok(h.Close())
			h.Store = h.another()
		}
	}
}

// A restore puts the copy in its place and keeps the old database whole beside it.
func TestARestore(t *testing.T) {
	w := newWreck(t)
	w.ok(os.Chmod(w.file("paperboy.db"), 0o640))
	backup := w.all()["backup.db"]
	r, err := Restore(context.Background(), w.file("paperboy.db"), w.file("backup.db"), monday)
	w.ok(err)
	if r.Kept != w.file("paperboy.db.before-restore-20261123T090000Z") {
		t.Errorf("kept as %s", r.Kept)
	}
	if w.all()["backup.db"] != backup {
		t.Error("the copy was touched")
	}
	info, err := os.Stat(w.file("paperboy.db"))
	w.ok(err)
	if info.Mode().Perm() != 0o640 {
		t.Errorf("the rights are %v", info.Mode())
	}
	for name := range w.all() {
		if strings.Contains(name, "restoring") || strings.HasSuffix(name, "-wal") || strings.HasSuffix(name, "-shm") {
			t.Errorf("%s is left", name)
		}
	}
	w.holds("paperboy.db", 3)
	w.holds(filepath.Base(r.Kept), 4)

	// Once more, at the same moment: what was kept stays.
	again, err := Restore(context.Background(), w.file("paperboy.db"), w.file("raw.db"), monday)
	w.ok(err)
	w.holds("paperboy.db", 2)
	w.holds(filepath.Base(again.Kept), 3)
	w.holds(filepath.Base(r.Kept), 4)

	// Where there is none, there is nothing to keep.
	none, err := Restore(context.Background(), w.file("none.db"), w.file("backup.db"), monday)
	w.ok(err)
	if none.Kept != "" {
		t.Errorf("kept %s", none.Kept)
	}
	w.holds("none.db", 3)
}

// A database that cannot be read is replaced, and kept as it is.
func TestADamagedDatabaseIsRestored(t *testing.T) {
	for name, damage := range map[string]func(w *wreck){
		"zeros":       func(w *wreck) { w.ok(os.WriteFile(w.file("paperboy.db"), make([]byte, 1<<16), 0o600)) },
		"half of it":  func(w *wreck) { w.ok(os.Truncate(w.file("paperboy.db"), 20000)) },
		"no database": func(w *wreck) { w.ok(os.WriteFile(w.file("paperboy.db"), bytes.Repeat([]byte("text "), 9999), 0o600)) },
		"nothing":     func(w *wreck) { w.ok(os.WriteFile(w.file("paperboy.db"), nil, 0o600)) },
		"a broken wal": func(w *wreck) {
			w.ok(os.WriteFile(w.file("paperboy.db-wal"), bytes.Repeat([]byte("wal"), 9999), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWreck(t)
			damage(w)
			r, err := Restore(context.Background(), w.file("paperboy.db"), w.file("backup.db"), monday)
			w.ok(err)
			w.holds("paperboy.db", 3)
			if !exists(r.Kept) {
				t.Error("what was there is not kept")
			}
		})
	}
}

// What is no copy is refused, and nothing changes.
func TestWhatCannotBeRestored(t *testing.T) {
	w := newWreck(t)
	good := w.all()["backup.db"]
	write := func(name, content string) string {
		w.ok(os.WriteFile(w.file(name), []byte(content), 0o600))
		return w.file(name)
	}
	holed := []byte(good)
	for i := range 3 * 4096 {
		holed[5*4096+i] = 0xa5
	}
	w.ok(os.Symlink(w.file("paperboy.db"), w.file("link.db")))
	w.ok(os.Mkdir(w.file("folder"), 0o700))
	other, err := Open(context.Background(), w.file("newer.db"))
	w.ok(err)
	_, err = other.lite().w.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999999, 1)`)
	w.ok(err)
	_, err = other.lite().w.Exec(`ATTACH ? AS foreigner`, w.file("foreign.db"))
	w.ok(err)
	_, err = other.lite().w.Exec(`CREATE TABLE foreigner.things (a)`)
	w.ok(err)
	w.ok(other.Close())
	for file, says := range map[string]string{
		w.file("paperboy.db"):                   "it is the database itself; move it away first",
		w.file("link.db"):                       "it is the database itself; move it away first",
		w.file("nowhere.db"):                    "there is no such file",
		w.file("folder"):                        "it is a folder",
		os.DevNull:                              "it is no regular file",
		write("empty.db", ""):                   "it is empty",
		write("text.db", "a text\n"):            "it is no SQLite database",
		write("short.db", "SQL"):                "it is no SQLite database",
		write("zip.db", "\x1f\x8b and so on"):   "it is compressed; unpack it first",
		write("head.db", good[:100]):            "it is damaged",
		write("half.db", good[:len(good)/2]):    "it is damaged",
		write("holed.db", string(holed)):        "it is damaged",
		write("less.db", good[:len(good)-4096]): "it is damaged",
		w.file("newer.db"):                      "its schema has version 9999999 and this program knows versions up to",
		w.file("foreign.db"):                    "it is a SQLite database, and not of Paperboy",
	} {
		before := w.all()
		_, err := Restore(context.Background(), w.file("paperboy.db"), file, monday)
		if why, ok := NoCopy(err); !ok || !strings.Contains(why, says) {
			t.Errorf("%s: %v, want %q", filepath.Base(file), err, says)
		}
		after := w.all()
		delete(after, "paperboy.db.lock")
		delete(before, "paperboy.db.lock")
		for name, content := range after {
			if before[name] != content {
				t.Errorf("%s: %s changed", filepath.Base(file), name)
			}
		}
	}
	_, err = Restore(context.Background(), w.file("paperboy.db"), write("paperboy.db.restoring", good), monday)
	if why, ok := NoCopy(err); !ok || !strings.Contains(why, "it is what an interrupted restore left") || !exists(w.file("paperboy.db.restoring")) {
		t.Errorf("what is left of a restore: %v", err)
	}
	w.holds("paperboy.db", 4)
}

// While anybody has the database open, nothing is restored.
func TestADatabaseInUseIsNotRestored(t *testing.T) {
	h := newHouse(t)
	backup := filepath.Join(t.TempDir(), "copy.db")
	h.ok(h.Backup(context.Background(), backup))
	h.comes(listed("2509.00001", "Lamps", "hf", "2025-09-05"))
	restore := func() error {
		_, err := Restore(context.Background(), h.path, backup, monday)
		return err
	}
	if err := restore(); !errors.Is(err, ErrInUse) {
		t.Errorf("in use, and yet %v", err)
	}
	h.ok(h.Join(context.Background(), core.Owner{ID: "a", Host: "here", PID: 7, Started: monday}))
	taken, ok := errors.AsType[*core.Taken](restore())
	if !ok || taken.By.PID != 7 {
		t.Errorf("somebody runs, and yet %v", taken)
	}
	h.wants("papers", h.paper("2509.00001").Title, "Lamps")
	h.ok(h.Close())
	h.ok(restore())
}

// A folder that cannot be written to, or that is full, is left as it is.
func TestWhereNothingCanBeWrittenNothingIsRestored(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	w := newWreck(t)
	w.moves("backup.db", "../backup.db")
	w.ok(os.Chmod(w.dir, 0o500))
	defer os.Chmod(w.dir, 0o700)
	if _, err := Restore(context.Background(), w.file("paperboy.db"), w.file("../backup.db"), monday); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("it says %v", err)
	}
}

// What the ledger had still to send may be out there, and is looked for; from
// when on, the newest thing that the copy knows says.
func TestWhatWasToBeSentIsInDoubtAfterARestore(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.comes(listed("2509.00001", "Lamps", "hf", "2025-09-05"), listed("2509.00002", "Soup", "hf", "2025-09-05"))
	ml := h.channel("ml")
	h.follows(ml, "lamp")
	h.plans(ml, "2509.00001", "2509.00002")
	copied := filepath.Join(t.TempDir(), "copy.db")
	h.ok(h.Backup(ctx, copied))
	h.ok(h.Close())
	until := monday.Add(48 * time.Hour)
	r, err := Restore(ctx, h.path, copied, until)
	h.ok(err)
	h.wants("copied", r.Copied, monday)
	h.Store = h.another()
	doubt, err := h.Restored(ctx)
	h.ok(err)
	h.wants("the doubt", doubt, core.Restored{From: monday, Until: until})
	owner := core.Owner{ID: "a", Host: "here", PID: 7, Started: until}
	h.ok(h.Join(ctx, owner))
	claims, err := h.Claim(ctx, owner.ID, until, 1, nil)
	h.ok(err)
	h.wants("claims", len(claims), 1)
	m, ok, err := h.Begin(ctx, claims[0], 0, -1, until)
	h.ok(err)
	h.wants("the header", []any{ok, m.Doubt, m.Lost, m.Begun}, []any{true, true, true, monday})

	// It was not there: from now on it is a message like any other.
	h.ok(h.GivenBack(ctx, claims[0], m.Item, false, until))
	m, ok, err = h.Begin(ctx, claims[0], 0, -1, until.Add(time.Minute))
	h.ok(err)
	h.wants("the header anew", []any{ok, m.Doubt, m.Lost, m.Begun}, []any{true, false, false, until.Add(time.Minute)})
	h.ok(h.GivenBack(ctx, claims[0], m.Item, true, until))
	m, _, err = h.Begin(ctx, claims[0], 0, -1, until.Add(2*time.Minute))
	h.ok(err)
	h.wants("in doubt by itself", []any{m.Doubt, m.Lost, m.Begun}, []any{true, false, until.Add(time.Minute)})

	// A second restore soon after goes back as far as the first one's doubt.
	h.ok(h.Backup(ctx, copied+"2"))
	h.ok(h.Close())
	_, err = Restore(ctx, h.path, copied+"2", until.AddDate(0, 0, 3))
	h.ok(err)
	h.Store = h.another()
	doubt, err = h.Restored(ctx)
	h.ok(err)
	h.wants("the doubt of both", doubt, core.Restored{From: monday, Until: until.AddDate(0, 0, 3)})
}

// A database of PostgreSQL that was brought back from a dump, which makes its tables anew,
// is noticed whoever opens it first; one that is only opened anew is not.
func TestADatabaseThatWasBroughtBackFromADumpIsNoticed(t *testing.T) {
	h := aDatabase(t)
	ctx := t.Context()
	ml := h.channel("ml")
	h.comes(listed("2509.00001", "Lamps", "hf", "2025-09-05"))
	h.plans(ml, "2509.00001")
	h.ok(h.Close())
	until := monday.Add(48 * time.Hour)
	arrives := func(n int) core.Restored {
		h.Store = inPostgres(t, h.path)
		h.ok(h.Join(ctx, core.Owner{ID: fmt.Sprint("owner", n), Host: "here", PID: n, Started: until.Add(time.Duration(n) * time.Hour)}))
		r, err := h.Restored(ctx)
		h.ok(err)
		return r
	}
	h.wants("opened anew", arrives(1), core.Restored{})
	comesBack := func() {
		h.ok(h.write(ctx, "bringing it back", func(t tx) error {
			for _, do := range []string{`CREATE TABLE again (LIKE notes INCLUDING ALL)`, `INSERT INTO again SELECT * FROM notes`, `DROP TABLE notes`, `ALTER TABLE again RENAME TO notes`} {
				if _, err := t.exec(do); err != nil {
					return err
				}
			}
			return nil
		}))
		h.ok(h.Close())
	}
	comesBack()
	h.Store = inPostgres(t, h.path) // as a command that fetches
	h.ok(h.UpdateSourceState(ctx, "hf", func(s *core.SourceState) { s.LastTry = until }))
	comesBack() // before anybody has worked on it
	want := core.Restored{From: monday, Until: until.Add(2 * time.Hour)}
	h.wants("in doubt", arrives(2), want)
	h.wants("noticed once", arrives(3), want)
}

// A page that nobody happens to read is looked at too.
func TestCheckLooksAtEveryPage(t *testing.T) {
	h := newHouse(t)
	for n := range 200 {
		h.comes(listed(core.PaperID(fmt.Sprintf("2509.%05d", n)), strings.Repeat("Lamps ", 50), "hf", "2025-09-05"))
	}
	h.ok(h.Check(context.Background()))
	h.ok(h.Close())
	f, err := os.OpenFile(h.path, os.O_WRONLY, 0)
	h.ok(err)
	info, err := f.Stat()
	h.ok(err)
	_, err = f.WriteAt(make([]byte, 4096), info.Size()/4096*2/3*4096)
	h.ok(errors.Join(err, f.Close()))
	h.Store = h.another()
	if err := h.Check(context.Background()); err == nil || !strings.HasPrefix(err.Error(), "it is damaged: ") {
		t.Errorf("a page of zeros: %v", err)
	}
}
