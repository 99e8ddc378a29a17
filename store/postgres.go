package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// pg is the engine of a PostgreSQL database, for any number of processes. The
// index of words is in tsvector.go.
//
// Whoever writes holds an advisory lock until its transaction ends, so that what it read
// stays true until it writes, as in SQLite. Outcomes of different channels, which a
// claim's row keeps apart, are written side by side: they share the lock. It is a
// transaction's and not a session's, and no statement is prepared under a name, so that
// everything works behind PgBouncer in transaction mode.
type pg struct {
	db         *sql.DB
	config     *pgx.ConnConfig // of a connection of its own
	migrations fs.FS
	older      bool             // than a program that the schema has grown with
	idle       time.Duration    // longestIdle, but in tests
	now        func() time.Time // of tests; nil: the database's clock
}

// Advisory locks share their numbers with whatever else is in the database.
const (
	writersLock  = 0x70617065 // "pape"
	migratesLock = writersLock + 1
)

// mostConnections is how many a process has at most: readers, and who waits to write.
const mostConnections = 2 * mostReaders

// A process that is cut off in the middle of a transaction holds the others up for no
// longer than this, which is less than their patience.
const longestIdle = 5 * time.Second

func openPostgres(ctx context.Context, address string, migrations fs.FS) (*Store, error) {
	e, err := connect(address, migrations)
	var s *Store
	if err == nil {
		if err = e.able(ctx); err == nil {
			s, err = withEngine(ctx, e)
		} else {
			err = errors.Join(err, e.close())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("opening the store %s: %w", Name(address), plainly(err))
	}
	return s, nil
}

// plainly says in a sentence why a database cannot be used, which the driver does in
// several lines, and what to do.
func plainly(err error) error {
	_, unreachable := errors.AsType[*pgconn.ConnectError](err)
	var hint string
	switch code := code(err); {
	case code == "28P01", code == "28000": // invalid_password, invalid_authorization_specification
		hint = "it refuses this user or password; look at [store] url"
	case code == "3D000": // invalid_catalog_name
		hint = "there is no such database; make it with createdb"
	case code == "42501": // insufficient_privilege
		hint = "this user lacks a right there; let it own the database, as ALTER DATABASE … OWNER TO does"
	case code == "3F000": // invalid_schema_name
		hint = "there is no schema there for its tables; make one, or look at this user's search_path"
	case code == "25006": // read_only_sql_transaction
		hint = "nothing can be written there; look whether it is a standby, and at default_transaction_read_only"
	case code == "53300": // too_many_connections
		hint = "it takes no more connections; raise max_connections, or put PgBouncer before it"
	case code == "57P03": // cannot_connect_now
		hint = "it is starting or stopping; try again in a moment"
	case !unreachable:
		return err
	case code != "":
		hint = "it turns this connection away; look at [store] url"
	case strings.Contains(err.Error(), "tls error"):
		hint = "it does not speak TLS as [store] url wants it; look at sslmode and sslrootcert there"
	default:
		hint = "no PostgreSQL answers there; look at [store] url, and whether it runs"
	}
	return fmt.Errorf("%s (%s)", hint, cause(err))
}

// cause is the end of what a driver says in several lines: one for each address that it
// tried, with and without TLS.
func cause(err error) string {
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		return said.Message
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Error()
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.Error()
	}
	if all, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		err = all
	}
	told := strings.TrimSpace(err.Error())
	return strings.TrimSpace(told[strings.LastIndexByte(told, '\n')+1:])
}

// Name is a database's address as it may be shown: without a password.
func Name(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		if strings.Contains(address, "://") {
			return "postgres://…"
		}
		return address
	}
	u.User, u.RawQuery = nil, ""
	return u.String()
}

func connect(address string, migrations fs.FS) (*pg, error) {
	config, err := pgx.ParseConfig(address)
	switch {
	case err != nil && strings.Contains(err.Error(), "failed to configure TLS"):
		return nil, fmt.Errorf("its sslmode, or a certificate that it names, is wrong; look at [store] url (%w)", errors.Unwrap(err))
	case err != nil: // the cause may quote the password
		return nil, errors.New("its address cannot be read; write postgres://user:password@host:5432/database, with %40 for an @ in the password")
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // nothing that PgBouncer would have to remember
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "paperboy"
	}
	p := &pg{db: sql.OpenDB(connector{stdlib.GetConnector(*config)}), config: config, migrations: migrations, idle: longestIdle}
	p.db.SetMaxOpenConns(mostConnections)
	p.db.SetMaxIdleConns(mostConnections)
	p.db.SetConnMaxIdleTime(5 * time.Minute)
	return p, nil
}

// connector makes connections that say plainly why they cannot be made, wherever that is
// read: in the log of a process whose database is away, most of all.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, plain{err}
	}
	return conn, nil
}

// plain is an error that says plainly what it is.
type plain struct{ error }

func (p plain) Error() string { return plainly(p.error).Error() }
func (p plain) Unwrap() error { return p.error }

// oldest is the oldest PostgreSQL that this is tried with.
const oldest = 15

// able says at once when the database is not as we need it.
func (p *pg) able(ctx context.Context) error {
	var version int
	var encoding string
	if err := p.db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding')`).Scan(&version, &encoding); err != nil {
		return err
	}
	if version/10000 < oldest {
		return fmt.Errorf("this is PostgreSQL %d, and Paperboy needs %d or newer", version/10000, oldest)
	}
	if encoding != "UTF8" {
		return fmt.Errorf("its encoding is %s; make the database anew with ENCODING 'UTF8'", encoding)
	}
	return nil
}

func (*pg) bind(query string) string { return query }

// args are what pgx takes for what database/sql would have made of them: it sees types
// of ours, truth is a number, and a list an array.
func (*pg) args(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		if l, ok := a.(interface{ array() any }); ok {
			out[i] = l.array()
			continue
		}
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		switch v := v.(type) {
		case bool:
			out[i] = int64(0)
			if v {
				out[i] = int64(1)
			}
		case string:
			out[i] = strings.ToValidUTF8(strings.ReplaceAll(v, "\x00", "\ufffd"), "\ufffd") // else PostgreSQL takes none of it
		default:
			if out[i] = v; err != nil {
				out[i] = a // the driver says what is wrong with it
			}
		}
	}
	return out
}

// neededNote is the number of the oldest schema whose programs may work on this one. A
// migration that takes something away from them writes it; until then there is none.
const neededNote = "schema needed"

// migrate brings the schema up to date, one process at a time. One that has grown by what
// newer programs have added is as good: processes are upgraded one after the other, and an
// older one may have to start anew meanwhile.
func (p *pg) migrate(ctx context.Context) error {
	turn, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer turn.Rollback()
	if _, err := turn.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(migratesLock)); err != nil {
		return fmt.Errorf("waiting for another process that brings the schema up to date: %w", err)
	}
	g, err := goose.NewProvider(goose.DialectPostgres, p.db, p.migrations, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	have, want, err := g.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("asking for the schema's version: %w", err)
	}
	missing, err := missing(ctx, g, have)
	if err != nil {
		return fmt.Errorf("asking for the schema's version: %w", err)
	}
	switch {
	case len(missing) > 0 && have > 0:
		return fmt.Errorf("its schema has version %d and lacks %s, which belongs before: a version of Paperboy that was never released wrote it. Take a copy from before, or a new database with what `bot export config` of that version gives",
			have, strings.Join(missing, ", "))
	case have > want:
		var needed int64
		err := turn.QueryRowContext(ctx, `SELECT coalesce(max(value::bigint), 0) FROM notes WHERE name = $1`, neededNote).Scan(&needed)
		if err == nil && needed > want {
			err = newerSchema(have, want)
		}
		if err == nil {
			p.older = true
			slog.WarnContext(ctx, "a newer version of Paperboy has added to the database's schema; this one goes on beside it", "schema", have, "known", want)
		}
		return err
	}
	if _, err := g.Up(ctx); err != nil {
		return fmt.Errorf("migrating the schema from version %d to %d: %w", have, want, err)
	}
	return nil
}

func (p *pg) begin(ctx context.Context, alone bool) (*sql.Tx, func(error), error) {
	t, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	lock := "pg_advisory_xact_lock"
	if !alone {
		lock += "_shared"
	}
	if _, err := t.ExecContext(ctx, fmt.Sprintf(`SET LOCAL lock_timeout = %d; SET LOCAL idle_in_transaction_session_timeout = %d; SELECT %s(%d)`,
		patience.Milliseconds(), p.idle.Milliseconds(), lock, writersLock)); err != nil {
		return nil, nil, errors.Join(err, ignoringDone(t.Rollback()))
	}
	return t, func(error) {}, nil
}

func ignoringDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

func (*pg) locks() string { return " FOR UPDATE" }

// seconds: nobody. A moment later is long enough here for papers to come in between.
func (*pg) seconds() int64 { return 0 }

func (p *pg) reader() (pool, *sql.TxOptions) {
	return p.db, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

func (p *pg) clock(ctx context.Context, in asker) (ms int64, err error) {
	if p.now != nil {
		return p.now().UnixMilli(), nil
	}
	if in == nil {
		in = p.db
	}
	err = in.QueryRowContext(ctx, `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint`).Scan(&ms)
	return ms, err
}

func (p *pg) outgrown() bool { return p.older }

func (p *pg) moment(ctx context.Context, in asker) (int64, error) { return p.clock(ctx, in) }

// join is nobody's alone: who is dead is known by its beats.
func (*pg) join(context.Context) (first bool, err error) { return false, nil }
func (*pg) unjoin() error                                { return nil }

// home is the server's own number, where it may be asked, the database's and a table's:
// pg_restore makes the tables anew.
func (p *pg) home(ctx context.Context) (home string, err error) {
	const here = `SELECT concat_ws('/', %s, oid, 'notes'::regclass::oid) FROM pg_database WHERE datname = current_database()`
	err = p.db.QueryRowContext(ctx, fmt.Sprintf(here, `(SELECT system_identifier FROM pg_control_system())`)).Scan(&home)
	if code(err) == "42501" { // insufficient_privilege
		err = p.db.QueryRowContext(ctx, fmt.Sprintf(here, `'?'`)).Scan(&home)
	}
	return home, err
}

func (p *pg) close() error { return p.db.Close() }

func (*pg) backup(context.Context, string) error {
	return errors.New("this database is PostgreSQL's: copy it with pg_dump, and bring it back with pg_restore")
}

// check has nothing to look at that PostgreSQL does not look at itself.
func (p *pg) check(ctx context.Context) error { return p.db.PingContext(ctx) }

// Errors by their codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
func (*pg) busy(err error) bool {
	switch code(err) {
	case "55P03", // lock_not_available: it waited for long enough
		"40001", "40P01", // serialization_failure, deadlock_detected
		"53300": // too_many_connections
		return true
	}
	return false
}

func (*pg) full(err error) bool { return code(err) == "53100" } // disk_full

func code(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}
