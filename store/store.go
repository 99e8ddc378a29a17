package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"paperboy/core"
)

// Store is a core.Store in a SQLite file or in PostgreSQL. It is safe for concurrent use,
// by several processes too.
type Store struct {
	engine engine
	id     string // by which others know who rings

	papers papers              // what is asked of every paper
	second *semaphore.Weighted // who reads by two connections at once
	turns  turns               // whose turn it is in the queues
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
// it is not there (mode 0600), or the address of a PostgreSQL database, and brings its
// schema up to date.
func Open(ctx context.Context, url string) (*Store, error) {
	if scheme, _, ok := strings.Cut(url, "://"); ok {
		if scheme == "postgres" || scheme == "postgresql" {
			return openPostgres(ctx, url, schema("postgres"))
		}
		return nil, fmt.Errorf("[store] url: %s:// is not known here. Give the path of a SQLite file, such as paperboy.db, or postgres://user:password@host/database", scheme)
	}
	if url == "" {
		return nil, errors.New("[store] url is empty. Give the path of a SQLite file, such as paperboy.db")
	}
	return openSQLite(ctx, url, schema("sqlite"))
}

// schema are an engine's migrations.
func schema(engine string) fs.FS {
	sub, err := fs.Sub(migrations, "migrations/"+engine)
	if err != nil {
		panic(err) // the name is a good one
	}
	return sub
}

// withEngine is the store of an engine whose database can be reached.
func withEngine(ctx context.Context, e engine) (*Store, error) {
	s := &Store{engine: e, id: rand.Text()[:8], second: semaphore.NewWeighted(e.seconds())}
	if err := e.migrate(ctx); err != nil {
		return nil, errors.Join(err, e.close())
	}
	if err := s.settle(ctx); err != nil {
		return nil, errors.Join(err, e.close())
	}
	if err := patiently(ctx, reindexPatience, func() error { return s.reindex(ctx) }); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return s, nil
}

// Close closes the store. Transactions that run are finished first.
func (s *Store) Close() error { return s.engine.close() }

// Backup writes a consistent copy of the store, as it is at one moment, to a
// new file (mode 0600) while others read and write on. A file that exists is
// refused.
func (s *Store) Backup(ctx context.Context, file string) error { return s.engine.backup(ctx, file) }

// Check looks for damage; an error says what is wrong.
func (s *Store) Check(ctx context.Context) error { return s.engine.check(ctx) }

// A tx is a transaction with our ways of asking.
type tx struct {
	*sql.Tx
	ctx    context.Context
	engine engine
	words  map[string]*wordCount // by the engine's word: what this transaction changes of the vocabulary
	rung   *[]core.Work          // what others are told when it is committed
	awake  *time.Timer           // ends the transaction, unless statements go on; nil: nothing does
}

// ring tells other processes that there is work, when the transaction is committed.
func (t tx) ring(works ...core.Work) {
	for _, w := range works {
		if t.rung != nil && !slices.Contains(*t.rung, w) {
			*t.rung = append(*t.rung, w)
		}
	}
}

// clock is the database's.
func (t tx) clock() (int64, error) { return t.engine.clock(t.ctx, t) }

// goesOn notes that the database has answered so far.
func (t tx) goesOn() {
	if t.awake != nil {
		t.awake.Reset(t.engine.limit())
	}
}

// write runs f in a transaction that sees all that others wrote, and while which nobody
// else writes. When ctx ends, all of it is undone. Its statements are not interrupted one
// by one: they are short, and watching each costs a driver a goroutine.
func (s *Store) write(ctx context.Context, doing string, f func(t tx) error) error {
	return s.writing(ctx, doing, true, f)
}

func (s *Store) writing(ctx context.Context, doing string, alone bool, f func(t tx) error) (err error) {
	within, awake, over := s.watched(ctx)
	defer over()
	t, done, err := s.engine.begin(within, alone)
	if err != nil {
		return s.inWords(ctx, doing, err)
	}
	defer func() { done(err) }()
	return s.finish(within, awake, t, doing, func(t tx) error {
		t.words, t.rung = map[string]*wordCount{}, new([]core.Work)
		t.ctx = context.WithoutCancel(ctx)
		if awake != nil {
			long, cancel := core.Until(t.ctx, silence(within))
			defer cancel()
			t.ctx = long
		}
		if err := f(t); err != nil {
			return err
		}
		if err := s.engine.endWords(t); err != nil || len(*t.rung) == 0 {
			return err
		}
		return s.engine.ring(t, s.id, *t.rung)
	})
}

// watched is a context that ends with ctx, and when the database has been silent for so
// long that it may be cut off: it is then not known what became of the transaction.
func (s *Store) watched(ctx context.Context) (within context.Context, awake *time.Timer, over func()) {
	if s.engine.limit() == 0 {
		return ctx, nil, func() {}
	}
	silent, cut := context.WithCancelCause(context.Background())
	awake = time.AfterFunc(s.engine.limit(), func() { cut(errSilent) })
	within, cancel := core.Until(context.WithValue(ctx, silentKey{}, silent), silent)
	return within, awake, func() { awake.Stop(); cancel(); cut(nil) }
}

type silentKey struct{}

// silence ends when the database has been silent for too long.
func silence(within context.Context) context.Context {
	return within.Value(silentKey{}).(context.Context)
}

var errSilent = errors.New("the database does not answer")

// read runs f on one consistent view that no writer disturbs.
func (s *Store) read(ctx context.Context, doing string, f func(t tx) error) error {
	within, awake, over := s.watched(ctx)
	defer over()
	db, opts := s.engine.reader()
	t, err := db.BeginTx(within, opts)
	if err != nil {
		return s.inWords(ctx, doing, err)
	}
	return s.finish(within, awake, t, doing, f)
}

// pool is where a transaction can be begun: *sql.DB, *sql.Conn.
type pool interface {
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}

// finish runs f in a transaction, and commits.
func (s *Store) finish(ctx context.Context, awake *time.Timer, t *sql.Tx, doing string, f func(t tx) error) error {
	defer t.Rollback() // does nothing after a commit
	this := tx{Tx: t, ctx: ctx, engine: s.engine, awake: awake}
	err := f(this)
	this.goesOn()
	if err == nil {
		err = t.Commit()
	}
	return s.inWords(ctx, doing, err)
}

// inWords is an error as we say it.
func (s *Store) inWords(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		err = context.Cause(ctx) // what ended it, and not what was noticed first
	}
	if s.engine.full(err) {
		err = fmt.Errorf("%w: %w", core.ErrFull, err)
	}
	if s.engine.busy(err) {
		err = fmt.Errorf("%w: %w", core.ErrBusy, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
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
	t.goesOn()
	res, err := t.ExecContext(t.ctx, t.engine.bind(query), t.engine.args(args)...)
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
	t.goesOn()
	err := t.QueryRowContext(t.ctx, t.engine.bind(query), t.engine.args(args)...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return core.ErrNotFound
	}
	return err
}

// all reads every row into a T, whose places into gives.
func all[T any](t tx, into func(*T) []any, query string, args ...any) ([]T, error) {
	rows, err := t.rows(query, args...)
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

// rows are a statement's, one after another. Nothing else can be asked meanwhile.
func (t tx) rows(query string, args ...any) (*sql.Rows, error) {
	t.goesOn()
	return t.QueryContext(t.ctx, t.engine.bind(query), t.engine.args(args)...)
}

// value is the place of a row that is one value.
func value[T any](v *T) []any { return []any{v} }
