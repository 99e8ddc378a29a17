package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"paperboy/core"
)

// Store is a core.Store in a SQLite file. It is safe for concurrent use, by
// several processes too.
type Store struct {
	w, r *sql.DB // one connection that writes, a pool that cannot
	path string  // of the file itself, whatever links lead there

	papers papers              // what is asked of every paper
	second *semaphore.Weighted // who reads by two connections at once
	turns  turns               // whose turn it is in the queues

	file       *os.File // the database, for its generation
	generation uint32   // that it had when it was opened, and has as far as we know
	renewed    bool     // this process has given it a generation of its own; whoever has w's connection looks after these

	lockMu sync.Mutex
	lock   *flock.Flock // held once an owner of this process has joined
}

var _ core.Store = (*Store)(nil)

// How many connections read, and how many of their users may use a second one: fewer,
// so that those do not all wait for each other.
const (
	mostReaders = 8
	mostSecond  = 2
)

//go:embed migrations
var migrations embed.FS

// Open opens the store at url, the path of a SQLite file, which is made when
// it is not there (mode 0600), and brings its schema up to date.
func Open(ctx context.Context, url string) (*Store, error) {
	if scheme, _, ok := strings.Cut(url, "://"); ok {
		if scheme == "postgres" || scheme == "postgresql" {
			return nil, errors.New("this build keeps papers in SQLite; PostgreSQL comes later. Set [store] url to the path of a file, such as paperboy.db")
		}
		return nil, fmt.Errorf("[store] url: %s:// is not known here. Give the path of a SQLite file, such as paperboy.db", scheme)
	}
	if url == "" {
		return nil, errors.New("[store] url is empty. Give the path of a SQLite file, such as paperboy.db")
	}
	sub, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return nil, err
	}
	return open(ctx, url, sub)
}

func open(ctx context.Context, path string, migrations fs.FS) (s *Store, err error) {
	for range 3 { // Restore puts another file in the place of one that nobody has open: of ours, a moment ago
		if s, err = openOnce(ctx, path, migrations); !errors.Is(err, errReplaced) {
			break
		}
	}
	return s, err
}

var errReplaced = errors.New("it was replaced at this very moment; try again")

func openOnce(ctx context.Context, path string, migrations fs.FS) (_ *Store, err error) {
	s := &Store{second: semaphore.NewWeighted(mostSecond)}
	defer func() {
		if err != nil {
			s.Close()
			err = fmt.Errorf("opening the store %s: %w", path, err)
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
	if err := patiently(ctx, patience, func() error { return s.migrate(ctx, migrations) }); err != nil {
		return nil, err
	}
	if s.r, err = sql.Open("sqlite3", reader(s.path)); err != nil {
		return nil, err
	}
	s.r.SetMaxOpenConns(mostReaders)
	s.r.SetMaxIdleConns(8)
	if err := patiently(ctx, patience, func() error { return s.r.PingContext(ctx) }); err != nil {
		return nil, err
	}
	return s, patiently(ctx, reindexPatience, func() error { return s.reindex(ctx) })
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

// patiently tries again while another process opens, migrates or closes the
// same file: for some of those steps SQLite itself does not wait.
func patiently(ctx context.Context, patience time.Duration, try func() error) error {
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		err := try()
		if !busy(err) {
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

func (s *Store) migrate(ctx context.Context, migrations fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, s.w, migrations, goose.WithDisableGlobalRegistry(true))
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
		return fmt.Errorf("its schema has version %d and this program knows versions up to %d: use the version of Paperboy that wrote it, or a newer one", have, want)
	case have == want:
		return nil
	case have > 0:
		// An earlier attempt's copy is of the same data: migrating is all or nothing.
		// Several processes may be about to do it, so each has a name of its own.
		before := fmt.Sprintf("%s.before-%d", s.path, want)
		part := fmt.Sprintf("%s.%s.part", before, rand.Text()[:8])
		if err := s.Backup(ctx, part); err != nil {
			return err
		}
		if err := os.Rename(part, before); err != nil {
			return err
		}
	}
	if _, err := p.Up(ctx); err != nil {
		// Another process may have done it meanwhile, or be at it.
		if now, _, e := p.GetVersions(ctx); e == nil && now > have {
			return s.migrate(ctx, migrations)
		}
		if pending, e := p.HasPending(ctx); e != nil || pending {
			return fmt.Errorf("migrating the schema from version %d to %d: %w", have, want, err)
		}
	}
	return nil
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

// Close closes the store. Transactions that run are finished first.
func (s *Store) Close() error {
	errs := []error{s.unlock()}
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

// Backup writes a consistent copy of the store, as it is at one moment, to a
// new file (mode 0600) while others read and write on. A file that exists is
// refused.
func (s *Store) Backup(ctx context.Context, file string) (err error) {
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
	if err := backup(ctx, s.path, file); err != nil {
		return err
	}
	return setGeneration(file)
}

// A tx is a transaction with our ways of asking.
type tx struct {
	*sql.Tx
	ctx context.Context
}

// write runs f in a transaction that holds the write lock from its start.
// When ctx ends, all of it is undone. Its statements are not interrupted one by
// one: they are short, and watching each costs the driver a goroutine.
//
// Whoever in this process writes has its turn; so has, by SQLite's lock, whoever
// writes in another. Neither is waited for longer than patience.
func (s *Store) write(ctx context.Context, doing string, f func(t tx) error) error {
	turn, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	w, err := s.w.Conn(turn)
	if err != nil {
		if turn.Err() != nil && ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", core.ErrBusy, err)
		}
		return fmt.Errorf("%s: %w", doing, err)
	}
	defer w.Close()
	err = transact(ctx, w, doing, func(t tx) error {
		t.ctx = context.WithoutCancel(ctx)
		if err := s.generate(t); err != nil {
			return err
		}
		return f(t)
	})
	s.renewed = s.renewed || err == nil
	return err
}

// read runs f on one consistent view that no writer disturbs.
func (s *Store) read(ctx context.Context, doing string, f func(t tx) error) error {
	return transact(ctx, s.r, doing, f)
}

// generate looks after the generations of the database.
func (s *Store) generate(t tx) error {
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

// pool is where a transaction can be begun: *sql.DB, *sql.Conn.
type pool interface {
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}

func transact(ctx context.Context, db pool, doing string, f func(t tx) error) (err error) {
	defer func() {
		if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
			err = ctx.Err() // what ended it, and not what was noticed first
		}
		if full(err) {
			err = fmt.Errorf("%w: %w", core.ErrFull, err)
		}
		if busy(err) {
			err = fmt.Errorf("%w: %w", core.ErrBusy, err)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", doing, err)
		}
	}()
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback() // does nothing after a commit
	if err := f(tx{t, ctx}); err != nil {
		return err
	}
	return t.Commit()
}

// both does two things that read, the second by another connection where one is free:
// long lists and many rows that lie far apart take a core. What one of them sees, as
// of a moment later, the other may not.
func (s *Store) both(t tx, first, second func(t tx) error) error {
	if !s.second.TryAcquire(1) {
		return errors.Join(first(t), second(t))
	}
	defer s.second.Release(1)
	var both errgroup.Group
	both.Go(func() error { return s.read(t.ctx, "reading", second) })
	return errors.Join(first(t), both.Wait())
}

// exec runs a statement and says how many rows it changed.
func (t tx) exec(query string, args ...any) (int64, error) {
	res, err := t.ExecContext(t.ctx, bind(query), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// must is exec for a row that has to be there.
func (t tx) must(query string, args ...any) error {
	n, err := t.exec(query, args...)
	if err == nil && n == 0 {
		err = core.ErrNotFound
	}
	return err
}

// one reads one row; none is core.ErrNotFound.
func (t tx) one(into []any, query string, args ...any) error {
	err := t.QueryRowContext(t.ctx, bind(query), args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return core.ErrNotFound
	}
	return err
}

// all reads every row into a T, whose places into gives.
func all[T any](t tx, into func(*T) []any, query string, args ...any) ([]T, error) {
	rows, err := t.QueryContext(t.ctx, bind(query), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(into(&v)...); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// value is the place of a row that is one value.
func value[T any](v *T) []any { return []any{v} }
