package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"paperboy/core"
)

// Restored is what Restore did.
type Restored struct {
	Copied time.Time // the newest moment that the copy knows of; zero: none
	Papers int       // that it holds
	Kept   string    // where the database that was there is now; "" when there was none
}

// ErrInUse: somebody has the database open.
var ErrInUse = errors.New("another process has it open")

// errNoCopy says why a file cannot be restored.
type errNoCopy struct{ why string }

func (e errNoCopy) Error() string { return e.why }

// NoCopy is why a file is no copy that can be restored; ok is false for other
// errors of Restore.
func NoCopy(err error) (why string, ok bool) {
	e, ok := errors.AsType[errNoCopy](err)
	return e.why, ok
}

// Restore puts a copy of a database in the place of the one at url, which
// nobody may have open (*core.Taken, ErrInUse). What was there is kept beside it,
// with its -wal. The copy is checked first and stays as it is. What may have been
// posted since it was made is from now on in doubt (core.Restored): now is that
// moment on the bot's calendar.
//
// The copy is prepared under a name of its own and then renamed: whatever ends
// this process, what was there before is there, or all of the copy.
func Restore(ctx context.Context, url, file string, now time.Time) (r Restored, err error) {
	path, err := realPath(url)
	if err != nil {
		return r, err
	}
	if err := isCopy(file, path); err != nil {
		return r, err
	}
	lock := lockOf(path)
	switch free, err := lock.TryLock(); {
	case err != nil:
		return r, fmt.Errorf("locking the database: %w", err)
	case !free:
		return r, holder(ctx, path)
	}
	defer lock.Unlock()

	stage := path + ".restoring"
	if at, err := realPath(file); err == nil && at == stage {
		return r, errNoCopy{"it is what an interrupted restore left; name the copy itself"}
	}
	clean := func() {
		for _, leftover := range []string{"", "-wal", "-shm", "-journal", ".lock", ".generation", ".generation.part"} {
			os.Remove(stage + leftover)
		}
		migrated, _ := filepath.Glob(stage + ".before-*")
		for _, leftover := range migrated {
			os.Remove(leftover)
		}
	}
	clean()
	defer clean()
	if err := copyFile(file, stage); err != nil {
		return r, err
	}
	if hasWAL(file) && ownWAL(file) == nil { // it has been opened, or copied as a whole
		if err := copyFile(file+"-wal", stage+"-wal"); err != nil {
			return r, err
		}
	}
	if err := check(ctx, stage); err != nil {
		return r, err
	}
	if r, err = prepare(ctx, stage, now); err != nil {
		return r, err
	}
	if err := likeBefore(stage, path); err != nil {
		return r, err
	}
	r.Kept, err = swap(ctx, path, stage, now)
	return r, err
}

// isCopy looks at a file from outside.
func isCopy(file, path string) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errNoCopy{"there is no such file"}
	case err != nil:
		return err
	case info.IsDir():
		return errNoCopy{"it is a folder"}
	case !info.Mode().IsRegular():
		return errNoCopy{"it is no regular file"}
	case info.Size() == 0:
		return errNoCopy{"it is empty"}
	}
	if target, err := os.Stat(path); err == nil && os.SameFile(info, target) {
		return errNoCopy{"it is the database itself; move it away first, and restore it from there"}
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(f, head); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	switch {
	case string(head) == magic:
		return nil
	case strings.HasPrefix(string(head), "\x1f\x8b"), strings.HasPrefix(string(head), "\x28\xb5\x2f\xfd"), strings.HasPrefix(string(head), "BZh"), strings.HasPrefix(string(head), "PK\x03\x04"), strings.HasPrefix(string(head), "\xfd7zXZ"):
		return errNoCopy{"it is compressed; unpack it first"}
	}
	return errNoCopy{"it is no SQLite database"}
}

// holder is who has the database locked.
func holder(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite3", reader(path))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := (&sqlite{r: db}).taken(ctx); core.Is[*core.Taken](err) {
		return err
	}
	return ErrInUse
}

// check looks at every page of a copy, and whether it is one of ours.
func check(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite3", dsn(file, ""))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := sound(ctx, db, "integrity_check"); err != nil {
		return errNoCopy{err.Error()}
	}
	var tables int
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('goose_db_version', 'papers', 'channels', 'deliveries')`).Scan(&tables)
	if err == nil && tables < 4 {
		return errNoCopy{"it is a SQLite database, and not of Paperboy"}
	}
	return err
}

// sound asks SQLite to look at all pages; an error says what is wrong with them.
func sound(ctx context.Context, db *sql.DB, pragma string) error {
	var said string
	err := db.QueryRowContext(ctx, `PRAGMA `+pragma+`(1)`).Scan(&said)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("it is damaged: %w", err)
	case said != "ok":
		said, _, _ = strings.Cut(strings.TrimPrefix(said, "*** in database main ***\n"), "\n")
		return fmt.Errorf("it is damaged: %s", said)
	}
	return nil
}

// prepare brings a copy up to date, and writes down what is in doubt.
func prepare(ctx context.Context, stage string, now time.Time) (r Restored, err error) {
	s, err := Open(ctx, stage)
	switch {
	case full(err):
		return r, fmt.Errorf("%w: %w", core.ErrFull, err)
	case ctx.Err() != nil:
		return r, ctx.Err()
	case err != nil:
		return r, errNoCopy{strings.TrimPrefix(err.Error(), "opening the store "+stage+": ")}
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if r.Papers, err = s.CountPapers(ctx); err != nil {
		return r, err
	}
	err = s.write(ctx, "writing down what is in doubt", func(t tx) error {
		if err := t.one([]any{millis{&r.Copied}}, newestMoment); err != nil {
			return err
		}
		return t.doubt(r.Copied, now)
	})
	return r, err
}

// newestMoment is the newest that a store knows of on the bot's calendar: it is
// no younger than the moment at which a copy of it was made.
const newestMoment = `SELECT coalesce(max(at), 0) AS at FROM (SELECT max(updated) AS at FROM deliveries UNION ALL SELECT max(begun) FROM deliveries
	UNION ALL SELECT max(planned) FROM digests UNION ALL SELECT max(at) FROM events UNION ALL SELECT max(last_try) FROM sources) AS moments`

// Doubt says that the store was brought back from a copy by another program than ours, as
// it stands: what may have been posted since is from now on in doubt (core.Restored), as
// after Restore. Nobody may work on it (*core.Taken). now is that moment on the bot's
// calendar.
func (s *Store) Doubt(ctx context.Context, now time.Time) error {
	if _, err := s.engine.join(ctx); err != nil { // which Close ends
		return err
	}
	if !s.Exclusive() {
		living, err := s.Owners(ctx)
		if err != nil {
			return err
		}
		if len(living) > 0 {
			return &core.Taken{By: living[0]}
		}
	}
	return s.write(ctx, "writing down what is in doubt", func(t tx) error {
		if _, err := t.leaves(); err != nil {
			return err
		}
		return t.arrives(now)
	})
}

// homeNote is where the server had the database when it was opened last, by numbers that
// are the server's own and no dump takes along.
const homeNote = "home"

// settle notices that the database was brought back from a dump: it says that it is at
// home where it is not. What others posted since the dump is in doubt from the moment when
// somebody joins.
func (s *Store) settle(ctx context.Context) error {
	home, err := s.engine.home(ctx)
	if err != nil || home == "" {
		return err
	}
	if was, err := s.Note(ctx, homeNote); err != nil || was == home {
		return err
	}
	return s.write(ctx, "writing down where the database is", func(t tx) error {
		var was string
		if err := ignoring(t.one([]any{&was}, `SELECT value FROM notes WHERE name = $1`, homeNote)); err != nil || was == home {
			return err // or another process was faster
		}
		if was != "" {
			switch noted, err := t.leaves(); {
			case err != nil:
				return err
			case noted > 0:
				slog.WarnContext(ctx, "the database was brought back from a dump: what may have been posted since is looked for before anything is sent")
			}
		}
		return t.note(homeNote, home)
	})
}

const restoredNote = "restored"

// restored is core.Restored as the note has it.
type restored struct{ From, Until int64 }

// doubtKept is how long after a restore a doubt of then is carried into the next.
const doubtKept = 30 * 24 * time.Hour

// doubt writes down that nobody knows what was posted between two moments. What
// the ledger had still to send may be out there.
func (t tx) doubt(from, until time.Time) error {
	if from.After(until) {
		from = until
	}
	before, err := t.restored()
	if err != nil {
		return err
	}
	if !before.Until.IsZero() && before.From.Before(from) && from.Sub(before.Until) < doubtKept {
		from = before.From
	}
	note, err := json.Marshal(restored{ms(from), ms(until)})
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO notes (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2`, restoredNote, string(note)); err != nil {
		return err
	}
	// What waited for the next post, because nobody knows whether its thread's header
	// is there, is in doubt itself now.
	if _, err := t.exec(`UPDATE deliveries SET state = 'sending', attempt = CASE WHEN attempt > 0 THEN attempt ELSE 1 END,
			begun = CASE WHEN begun > 0 AND begun < $1 THEN begun ELSE $1 END,
			place = CASE WHEN place = 'thread' AND EXISTS (SELECT 1 FROM deliveries h WHERE h.digest = deliveries.digest AND h.position = 0 AND h.state = 'uncertain')
				THEN 'channel' ELSE place END
		WHERE state IN ('planned', 'held', 'sending') AND place <> 'digest'`, ms(from)); err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE channels SET next_send = 1 WHERE gone = 0 AND id IN
		(SELECT channel FROM deliveries WHERE state IN ('planned', 'held', 'sending') AND state = 'sending')`); err != nil {
		return err
	}
	return t.bury(`true`)
}

func (t tx) restored() (core.Restored, error) {
	var note string
	if err := t.one([]any{&note}, `SELECT value FROM notes WHERE name = $1`, restoredNote); err != nil {
		return core.Restored{}, ignoring(err)
	}
	var r restored
	if err := json.Unmarshal([]byte(note), &r); err != nil {
		return core.Restored{}, fmt.Errorf("the note of the last restore: %w", err)
	}
	var out core.Restored
	err := errors.Join(millis{&out.From}.Scan(r.From), millis{&out.Until}.Scan(r.Until))
	return out, err
}

// Restored implements core.Ledger.
func (s *Store) Restored(ctx context.Context) (r core.Restored, err error) {
	err = s.read(ctx, "asking what is in doubt since a restore", func(t tx) error {
		r, err = t.restored()
		return err
	})
	return r, err
}

// swap puts a file in the place of the database, which it keeps.
func swap(ctx context.Context, path, stage string, now time.Time) (kept string, err error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) && !hasWAL(path) {
		return "", errors.Join(os.Rename(stage, path), syncFolder(filepath.Dir(path)))
	}
	kept = path + ".before-restore-" + now.UTC().Format("20060102T150405Z")
	for n := 2; exists(kept) || exists(kept+"-wal"); n++ {
		kept = fmt.Sprintf("%s.before-restore-%s-%d", path, now.UTC().Format("20060102T150405Z"), n)
	}
	// What stands in the -wal goes into the file, so that the file alone is all of
	// the old database; and nobody can open it until the new one is there.
	release, err := closed(ctx, path)
	if errors.Is(err, ErrInUse) {
		return "", err
	}
	defer release()
	if err == nil {
		if err := link(path, kept); err != nil {
			return "", err
		}
	} else { // It is damaged, or the -wal is not its own: each stays as it is.
		if exists(path) {
			if err := link(path, kept); err != nil {
				return "", err
			}
		}
		if exists(path + "-wal") {
			if err := os.Rename(path+"-wal", kept+"-wal"); err != nil {
				return "", err
			}
			_ = link(generationsFile(path), generationsFile(kept)) // which tells them apart
		}
		os.Remove(path + "-shm")
		os.Remove(path + "-journal")
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return "", err
	}
	if err := os.Rename(stage, path); err != nil {
		return "", err
	}
	return kept, syncFolder(filepath.Dir(path))
}

// closed takes a database out of WAL mode, which works only while nobody else has
// it open, and lets nobody open it until release. ErrInUse: somebody has. Another
// error: it cannot be read.
func closed(ctx context.Context, path string) (release func(), err error) {
	release = func() {}
	if err := ownWAL(path); err != nil {
		return release, err
	}
	db, err := sql.Open("sqlite3", dsn(path, "_txlock=exclusive"))
	if err != nil {
		return release, err
	}
	db.SetMaxOpenConns(1)
	var mode string
	if _, err = db.ExecContext(ctx, `PRAGMA busy_timeout = 1000`); err == nil { // who is there stays there
		err = db.QueryRowContext(ctx, `PRAGMA journal_mode = DELETE`).Scan(&mode)
	}
	if err == nil && mode != "delete" {
		err = ErrInUse
	}
	var t *sql.Tx
	if err == nil {
		t, err = db.BeginTx(context.WithoutCancel(ctx), nil)
	}
	if err != nil {
		if busy(err) {
			err = ErrInUse
		}
		return release, errors.Join(err, db.Close())
	}
	return func() {
		t.Rollback()
		db.Close()
	}, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// link gives a file a second name, or copies it where a file has only one.
func link(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	return copyFile(from, to)
}

// copyFile copies a file to a new one (mode 0600), which is on the disk when it
// returns.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); full(err) {
		err = fmt.Errorf("%w: %w", core.ErrFull, err)
	}
	return err
}

// likeBefore gives the new file the owner and the rights of the old one: who
// restores may be another user than who runs the bot.
func likeBefore(stage, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil // there is none
	}
	if err := os.Chmod(stage, info.Mode().Perm()); err != nil {
		return err
	}
	return sameOwner(stage, info)
}
