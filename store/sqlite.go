package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"

	"paperboy/core"
)

// sqlite is the engine of a file, for one process that works on it: one connection that
// writes, whose transactions take the write lock at their start, and a pool that cannot
// write. The driver's own errors are in driver.go, the index of words in fts5.go, the
// file's generations in generation.go.
type sqlite struct {
	w, r       *sql.DB
	path       string // of the file itself, whatever links lead there
	migrations fs.FS

	file       *os.File   // the database, for its generation
	mu         sync.Mutex // for what follows: a writer whose context ends loses w's connection before it is done
	generation uint32     // that it had when it was opened, and has as far as we know
	renewed    bool       // this process has given it a generation of its own

	last atomic.Int64 // moment that was told

	lockMu sync.Mutex
	lock   *flock.Flock // held once an owner of this process has joined
}

// openSQLite opens the file at path, which is made when it is not there (mode 0600).
func openSQLite(ctx context.Context, path string, migrations fs.FS) (s *Store, err error) {
	for range 3 { // Restore puts another file in the place of one that nobody has open: of ours, a moment ago
		var e *sqlite
		if e, err = openFile(ctx, path, migrations); err == nil {
			s, err = withEngine(ctx, e)
		}
		if !errors.Is(err, errReplaced) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("opening the store %s: %w", path, err)
	}
	return s, nil
}

var errReplaced = errors.New("it was replaced at this very moment; try again")

func openFile(ctx context.Context, path string, migrations fs.FS) (_ *sqlite, err error) {
	s := &sqlite{migrations: migrations}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if err := built(); err != nil {
		return nil, err
	}
	if s.path, err = realPath(path); err != nil {
		return nil, err
	}
	if err := ownWAL(s.path); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(s.path, os.O_CREATE|os.O_RDWR, 0o600) // else SQLite would let everybody read it
	if err != nil {
		return nil, err
	}
	s.file = f
	before, err := f.Stat()
	if err == nil {
		s.generation, err = generation(f)
	}
	if err != nil {
		return nil, err
	}
	adopt(s.path, s.generation)
	if s.w, err = sql.Open("sqlite3", writer(s.path)); err != nil {
		return nil, err
	}
	s.w.SetMaxOpenConns(1)
	if err := patiently(ctx, patience, func() error { return able(ctx, s.w) }); err != nil {
		return nil, err
	}
	if now, err := os.Stat(s.path); err != nil || !os.SameFile(before, now) {
		return nil, errors.Join(errReplaced, err)
	}
	if s.r, err = sql.Open("sqlite3", reader(s.path)); err != nil {
		return nil, err
	}
	s.r.SetMaxOpenConns(mostReaders)
	s.r.SetMaxIdleConns(mostReaders)
	return s, nil
}

// realPath is where a file is, or would be.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) { // a link to what is still to be made
		if target, err = os.Readlink(path); err == nil && !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
	}
	return target, err
}

// bind writes a statement's parameters as SQLite numbers them, as the driver takes $2
// for "the next" and ?2 for the second; and lists as it unpacks them.
func (*sqlite) bind(query string) string {
	if b, ok := bound.Load(query); ok {
		return b.(string)
	}
	b := strings.ReplaceAll(anyOf.ReplaceAllString(query, "IN (SELECT value FROM json_each($1))"), "$", "?")
	bound.Store(query, b)
	return b
}

var (
	bound sync.Map // of the statements, which are not many
	anyOf = regexp.MustCompile(`= ANY \((\$\d+)\)`)
)

func (*sqlite) args(args []any) []any { return args }

func writer(path string) string {
	return dsn(path, "_txlock=immediate&_journal_mode=WAL&_synchronous=NORMAL&_foreign_keys=on&_secure_delete=on")
}

// A reader's file is read only, but not its tables of its own, which indexedWords is.
// Its cache is of 1 MB, as there are several readers: with 8 and with 32 MB no search in
// a million papers was faster than with 2.
func reader(path string) string { return dsn(path, "mode=ro&_cache_size=-1000") }

func dsn(path, options string) string {
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	return fmt.Sprintf("file:%s?_busy_timeout=%d&_stmt_cache_size=64&%s", escaped, patience.Milliseconds(), options)
}

// patience is how long we wait for another process that writes.
const patience = 10 * time.Second

// able says at once when the program was built without what it needs.
func able(ctx context.Context, db *sql.DB) error {
	var fts bool
	if err := db.QueryRowContext(ctx, `SELECT sqlite_compileoption_used('ENABLE_FTS5')`).Scan(&fts); err != nil {
		return err
	}
	if !fts {
		return errors.New("this program was built without full text search: build it with -tags sqlite_fts5, or make build")
	}
	return nil
}

// patiently tries again while another process opens, migrates or closes the
// same file: for some of those steps SQLite itself does not wait.
func patiently(ctx context.Context, patience time.Duration, try func() error) error {
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		err := try()
		if !busy(err) && !errors.Is(err, core.ErrBusy) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-end.C:
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *sqlite) migrate(ctx context.Context) error {
	return patiently(ctx, patience, func() error { return s.migrateOnce(ctx) })
}

func (s *sqlite) migrateOnce(ctx context.Context) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, s.w, s.migrations, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("asking for the schema's version: %w", err)
	}
	missing, err := missing(ctx, p, have)
	if err != nil {
		return fmt.Errorf("asking for the schema's version: %w", err)
	}
	switch {
	case len(missing) > 0:
		return fmt.Errorf("its schema has version %d and lacks %s, which belongs before: a version of Paperboy that was never released wrote it. Take a copy from before (%s.before-…), or a new database with what `bot export config` of that version gives",
			have, strings.Join(missing, ", "), s.path)
	case have > want:
		return newerSchema(have, want)
	case have == want:
		return nil
	case have > 0:
		// An earlier attempt's copy is of the same data: migrating is all or nothing.
		// Several processes may be about to do it, so each has a name of its own.
		before := fmt.Sprintf("%s.before-%d", s.path, want)
		part := fmt.Sprintf("%s.%s.part", before, rand.Text()[:8])
		if err := s.backup(ctx, part); err != nil {
			return err
		}
		if err := os.Rename(part, before); err != nil {
			return err
		}
	}
	if _, err := p.Up(ctx); err != nil {
		// Another process may have done it meanwhile, or be at it.
		if now, _, e := p.GetVersions(ctx); e == nil && now > have {
			return s.migrateOnce(ctx)
		}
		if pending, e := p.HasPending(ctx); e != nil || pending {
			return fmt.Errorf("migrating the schema from version %d to %d: %w", have, want, err)
		}
	}
	return nil
}

func newerSchema(have, known int64) error {
	return fmt.Errorf("its schema has version %d and this program knows versions up to %d: use the version of Paperboy that wrote it, or a newer one", have, known)
}

// missing are the migrations below a schema's version that it has not seen: their order
// is part of what they mean, so none is made up for.
func missing(ctx context.Context, p *goose.Provider, have int64) (names []string, err error) {
	all, err := p.Status(ctx)
	for _, m := range all {
		if m.State == goose.StatePending && m.Source.Version < have {
			names = append(names, strings.TrimSuffix(filepath.Base(m.Source.Path), ".sql"))
		}
	}
	return names, err
}

// begin waits for its turn in this process; and, by SQLite's lock, for whoever writes in
// another. Neither is waited for longer than patience. Whoever writes is always alone.
func (s *sqlite) begin(ctx context.Context, _ bool) (*sql.Tx, func(error), error) {
	turn, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	w, err := s.w.Conn(turn)
	if err != nil {
		if turn.Err() != nil && ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", core.ErrBusy, err)
		}
		return nil, nil, err
	}
	t, err := w.BeginTx(ctx, nil)
	if err == nil {
		if err = s.generate(tx{Tx: t, ctx: context.WithoutCancel(ctx), engine: s}); err != nil {
			t.Rollback()
		}
	}
	if err != nil {
		w.Close()
		return nil, nil, err
	}
	return t, func(err error) {
		s.mu.Lock()
		s.renewed = s.renewed || err == nil
		s.mu.Unlock()
		w.Close()
	}, nil
}

func (*sqlite) locks() string { return "" }

func (*sqlite) seconds() int64 { return mostSecond }

func (s *sqlite) reader() (pool, *sql.TxOptions) { return s.r, nil }

// generate looks after the generations of the database.
func (s *sqlite) generate(t tx) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.renewed {
		return t.renew(s.path, s.generation)
	}
	has, err := generation(s.file)
	if err != nil || has == s.generation {
		return err
	}
	s.generation = has
	return overtake(s.path, has)
}

// clock is the machine's.
func (*sqlite) clock(context.Context, asker) (int64, error) { return time.Now().UnixMilli(), nil }

// home: a file may be moved.
func (*sqlite) home(context.Context) (string, error) { return "", nil }

// moment grows though the clock be set back, or stand: nothing but it says here whether
// a vote was heard while others were read.
func (s *sqlite) moment(context.Context, asker) (int64, error) {
	for {
		last := s.last.Load()
		if next := max(last+1, time.Now().UnixMilli()); s.last.CompareAndSwap(last, next) {
			return next, nil
		}
	}
}

func (*sqlite) exclusive() bool { return true }

func (*sqlite) outgrown() bool { return false }

func (*sqlite) limit() time.Duration { return 0 }

// The one process rings its own bells.
func (*sqlite) ring(tx, string, []core.Work) error                    { return nil }
func (*sqlite) hear(ctx context.Context, _ string, _ func(core.Work)) { <-ctx.Done() }

// join locks a file beside the database. The system takes the lock away from a process
// however it ends: whoever gets it knows that all earlier owners are dead. Owners of one
// process share it.
func (s *sqlite) join(ctx context.Context) (first bool, err error) {
	s.lockMu.Lock()
	defer s.lockMu.Unlock()
	if s.lock != nil {
		return false, nil
	}
	lock := lockOf(s.path)
	ok, err := lock.TryLock()
	if err != nil {
		return false, fmt.Errorf("locking the store: %w", err)
	}
	if !ok {
		return false, s.taken(ctx)
	}
	s.lock = lock
	return true, nil
}

// lockOf is held by the process that works on the database.
func lockOf(path string) *flock.Flock { return flock.New(path+".lock", flock.SetPermissions(0o600)) }

// unjoin lets another process have the store.
func (s *sqlite) unjoin() error {
	s.lockMu.Lock()
	defer s.lockMu.Unlock()
	if s.lock == nil {
		return nil
	}
	err := s.lock.Unlock()
	s.lock = nil
	return err
}

func (s *sqlite) taken(ctx context.Context) error {
	var by core.Owner
	err := (&Store{engine: s}).read(ctx, "reading who holds the store", func(t tx) error {
		return t.one(ownerPlaces(&by), `SELECT `+ownerColumns+` FROM owners ORDER BY beat DESC LIMIT 1`)
	})
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return err
	}
	return &core.Taken{By: by}
}

func (*sqlite) busy(err error) bool { return busy(err) }
func (*sqlite) full(err error) bool { return full(err) }

func (s *sqlite) check(ctx context.Context) error { return sound(ctx, s.r, "quick_check") }

func (s *sqlite) backup(ctx context.Context, file string) (err error) {
	doing := fmt.Sprintf("backing up to %s", file)
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: the file exists; name one that does not", doing)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	f.Close()
	defer func() {
		if err != nil {
			os.Remove(file)
			err = fmt.Errorf("%s: %w", doing, err)
		}
	}()
	// A connection of its own: a long copy keeps no writer waiting.
	db, err := sql.Open("sqlite3", dsn(s.path, ""))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?1`, file); err != nil {
		return err
	}
	return setGeneration(file)
}

func (s *sqlite) close() error {
	errs := []error{s.unjoin()}
	for _, db := range []*sql.DB{s.r, s.w} { // the writer last: it empties the WAL
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.file != nil {
		if err := s.file.Close(); !errors.Is(err, fs.ErrClosed) { // a second time is no error
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
