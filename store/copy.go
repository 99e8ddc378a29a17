package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"paperboy/core"
)

// A Move is what Copy did.
type Move struct {
	Tables []Copied
	Living *core.Owner // who worked on the database that was copied; nil: nobody
}

// Papers is how many there are.
func (m Move) Papers() int {
	for _, t := range m.Tables {
		if t.Table == "papers" {
			return int(t.Rows)
		}
	}
	return 0
}

// A Copied is a table of which every row is there, as reading both sides has shown.
type Copied struct {
	Table string
	Rows  int64
	Sum   string // over all values, in whatever order the rows come
}

// ErrNotEmpty: something is kept already where a copy was to go.
var ErrNotEmpty = errors.New("something is kept there already")

// Copy copies the SQLite database at from, which may be in use, into the empty
// PostgreSQL database at to, all or nothing: every table as it is at one moment. What both
// hold is compared before it is kept. The index of words is made anew by who opens the
// copy first.
//
// Which tables there are is read from both schemas: one that only one of them has is an
// error, and none can be forgotten. While nobody works on from, nobody can begin to
// until Copy is done, and the copy is all that there is. Where somebody does, what is
// posted from then on is in doubt until somebody joins the copy (core.Restored).
func Copy(ctx context.Context, from, to string) (m Move, err error) {
	path, err := realPath(from)
	if err != nil {
		return m, err
	}
	if _, err := os.Stat(path); err != nil {
		return m, err
	}
	src, err := Open(ctx, path)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	lock := lockOf(path)
	free, err := lock.TryLock()
	if err != nil {
		return m, fmt.Errorf("locking the database: %w", err)
	}
	if free {
		defer lock.Unlock()
	} else {
		m.Living = &core.Owner{}
		if by, ok := errors.AsType[*core.Taken](holder(ctx, path)); ok {
			m.Living = &by.By
		}
	}
	dst, err := Open(ctx, to)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, dst.Close()) }()

	there, ok := dst.engine.(*pg)
	if !ok {
		return m, errors.New("a copy goes to PostgreSQL")
	}
	err = src.read(ctx, "copying the database", func(t tx) error {
		return there.fill(ctx, func(into tx, raw *sql.Conn) (err error) {
			if m.Tables, err = copyTables(t, into, raw); err != nil {
				return err
			}
			var copied time.Time
			if err := t.one([]any{millis{&copied}}, newestMoment); err != nil {
				return err
			}
			return into.moved(copied, m.Living != nil)
		})
	})
	return m, err
}

// fill runs f in a transaction in which nobody else writes, however long it takes; raw is
// its connection.
func (p *pg) fill(ctx context.Context, f func(t tx, raw *sql.Conn) error) error {
	raw, err := p.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer raw.Close()
	t, err := raw.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback() // does nothing after a commit
	if _, err := t.ExecContext(ctx, fmt.Sprintf(`SET LOCAL lock_timeout = %d; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SELECT pg_advisory_xact_lock(%d)`,
		patience.Milliseconds(), writersLock)); err != nil {
		return err
	}
	if err := f(tx{Tx: t, ctx: ctx, engine: p}, raw); err != nil {
		return err
	}
	return t.Commit()
}

// A table is what a schema says of one: its columns, sorted.
type table struct {
	name    string
	columns []string
}

// quoted is a list of names as a statement has it.
func quoted(of []string) string { return `"` + strings.Join(of, `", "`) + `"` }

// tablesOf are the tables in which a store keeps what cannot be made anew: all but the
// index of words, and what the migrations keep about themselves.
func tablesOf(t tx, query string) (map[string]table, error) {
	type row struct{ table, column string }
	rows, err := all(t, func(r *row) []any { return []any{&r.table, &r.column} }, query)
	tables := map[string]table{}
	for _, r := range rows {
		if r.table == "words" || strings.HasPrefix(r.table, "words_") || r.table == "vocabulary" || r.table == "goose_db_version" || strings.HasPrefix(r.table, "sqlite_") {
			continue
		}
		tables[r.table] = table{r.table, append(tables[r.table].columns, r.column)}
	}
	for _, t := range tables {
		slices.Sort(t.columns)
	}
	return tables, err
}

const (
	sqliteSchema   = `SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`
	postgresSchema = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()`
	// postgresRefers is which table has to be there before which.
	postgresRefers = `SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
		WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conrelid <> confrelid`
	// postgresTypes are the columns' types, and whether numbers are drawn for them.
	postgresTypes = `SELECT table_name, column_name, data_type, is_identity = 'YES' FROM information_schema.columns WHERE table_schema = current_schema()`
)

// begun are the tables that a store has something in from its first moment, or once `bot
// doctor` has looked at it and at arXiv: what stands there says nothing.
var begun = []string{"counter", "notes", "turns"}

// copyTables copies all tables, and proves it.
func copyTables(from, into tx, raw *sql.Conn) (copied []Copied, err error) {
	have, err := tablesOf(from, sqliteSchema)
	if err != nil {
		return nil, err
	}
	want, err := tablesOf(into, postgresSchema)
	if err != nil {
		return nil, err
	}
	if err := alike(have, want); err != nil {
		return nil, err
	}
	type column struct {
		table, column, kind string
		drawn               bool
	}
	columns, err := all(into, func(c *column) []any { return []any{&c.table, &c.column, &c.kind, &c.drawn} }, postgresTypes)
	if err != nil {
		return nil, err
	}
	kinds := map[string]string{}
	for _, c := range columns {
		kinds[c.table+"."+c.column] = c.kind
	}
	order, err := parentsFirst(into, want)
	if err != nil {
		return nil, err
	}
	for _, t := range order {
		var there bool
		if err := into.one([]any{&there}, `SELECT EXISTS (SELECT 1 FROM `+t.name+`)`); err != nil {
			return nil, err
		}
		switch {
		case !there:
		case !slices.Contains(begun, t.name):
			return nil, fmt.Errorf("%w: its table %s has rows", ErrNotEmpty, t.name)
		default:
			if _, err := into.exec(`DELETE FROM ` + t.name); err != nil {
				return nil, err
			}
		}
	}
	for _, t := range order {
		c, err := copyTable(from, raw, t, kinds)
		if err == nil {
			err = c.prove(into, t)
		}
		if err != nil {
			return nil, fmt.Errorf("the table %s: %w", t.name, err)
		}
		copied = append(copied, c)
	}
	for _, c := range columns {
		if _, ours := want[c.table]; !c.drawn || !ours {
			continue
		}
		var given int64 // what is gone has had its number
		if err := from.one([]any{&given}, `SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = $1`, c.table); err != nil {
			return nil, err
		}
		if _, err := into.exec(`SELECT setval(pg_get_serial_sequence('`+c.table+`', '`+c.column+`'), greatest(max(`+c.column+`), $1) + 1, false) FROM `+c.table, given); err != nil {
			return nil, err
		}
	}
	return copied, nil
}

// alike reports what one of two schemas has and the other has not.
func alike(have, want map[string]table) error {
	for name := range maps.Keys(have) {
		if _, ok := want[name]; !ok {
			return fmt.Errorf("PostgreSQL's schema lacks the table %s", name)
		}
	}
	for name, t := range want {
		switch h, ok := have[name]; {
		case !ok:
			return fmt.Errorf("SQLite's schema lacks the table %s", name)
		case !slices.Equal(h.columns, t.columns):
			return fmt.Errorf("the table %s has the columns %s in SQLite and %s in PostgreSQL", name, quoted(h.columns), quoted(t.columns))
		}
	}
	return nil
}

// parentsFirst are the tables, each after those that it refers to.
func parentsFirst(t tx, tables map[string]table) (order []table, err error) {
	type reference struct{ from, to string }
	refers, err := all(t, func(r *reference) []any { return []any{&r.from, &r.to} }, postgresRefers)
	if err != nil {
		return nil, err
	}
	left := slices.Sorted(maps.Keys(tables))
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(name string) bool {
			return !slices.ContainsFunc(refers, func(r reference) bool { return r.from == name && slices.Contains(left, r.to) })
		})
		if i < 0 {
			return nil, fmt.Errorf("the tables %v refer to each other in a circle", left)
		}
		order = append(order, tables[left[i]])
		left = slices.Delete(left, i, i+1)
	}
	return order, nil
}

// copyTable streams a table's rows, as they are read, into the same table there. It is
// one statement, so that rows may refer to later ones.
func copyTable(from tx, raw *sql.Conn, t table, kinds map[string]string) (c Copied, err error) {
	c.Table = t.name
	rows, err := from.QueryContext(from.ctx, `SELECT `+quoted(t.columns)+` FROM "`+t.name+`"`)
	if err != nil {
		return c, err
	}
	defer rows.Close()
	var sum checksum
	next := func() ([]any, error) {
		if !rows.Next() {
			return nil, rows.Err()
		}
		values, err := values(rows, len(t.columns))
		if err != nil {
			return nil, err
		}
		for i, column := range t.columns {
			if values[i], err = fitting(values[i], kinds[t.name+"."+column]); err != nil {
				return nil, fmt.Errorf("%s: %w", column, err)
			}
		}
		sum.add(values)
		return values, nil
	}
	err = raw.Raw(func(driver any) error {
		c.Rows, err = driver.(*stdlib.Conn).Conn().CopyFrom(from.ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromFunc(next))
		return err
	})
	if err == nil && c.Rows != sum.rows {
		err = fmt.Errorf("%d rows were read and %d written", sum.rows, c.Rows)
	}
	c.Sum = sum.String()
	return c, err
}

// prove reads what was written.
func (c Copied) prove(t tx, of table) error {
	rows, err := t.QueryContext(t.ctx, `SELECT `+quoted(of.columns)+` FROM "`+of.name+`"`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var sum checksum
	for rows.Next() {
		values, err := values(rows, len(of.columns))
		if err != nil {
			return err
		}
		sum.add(values)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if sum.rows != c.Rows || sum.String() != c.Sum {
		return fmt.Errorf("the copy differs: %d rows with the checksum %s, not %d with %s", sum.rows, sum.String(), c.Rows, c.Sum)
	}
	return nil
}

// values are a row's, as Go reads them.
func values(rows *sql.Rows, n int) ([]any, error) {
	values, places := make([]any, n), make([]any, n)
	for i := range values {
		places[i] = &values[i]
	}
	return values, rows.Scan(places...)
}

// fitting is a value of SQLite, which does not mind what stands in a column, as one of
// its column's type.
func fitting(v any, kind string) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case int64:
		if kind == "bigint" {
			return v, nil
		}
	case string:
		switch kind {
		case "text":
			return storable(v), nil
		case "bytea":
			return []byte(v), nil
		}
	case []byte:
		switch kind {
		case "text":
			return storable(string(v)), nil
		case "bytea":
			return v, nil
		}
	}
	return nil, fmt.Errorf("%T does not fit into %s", v, kind)
}

// storable is text as PostgreSQL takes it: UTF-8, and without NUL.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

// A checksum is of rows in any order: the sum of their hashes.
type checksum struct {
	rows   int64
	hi, lo uint64
	row    bytes.Buffer
}

func (c *checksum) add(values []any) {
	c.row.Reset()
	sized := func(kind byte, s []byte) {
		c.row.WriteByte(kind)
		c.row.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
		c.row.Write(s)
	}
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			c.row.WriteByte('0')
		case int64:
			sized('i', binary.BigEndian.AppendUint64(nil, uint64(v)))
		case string:
			sized('t', []byte(v))
		case []byte:
			sized('b', v)
		default:
			sized('?', fmt.Append(nil, v))
		}
	}
	sum := sha256.Sum256(c.row.Bytes())
	var carry uint64
	c.lo, carry = bits.Add64(c.lo, binary.BigEndian.Uint64(sum[8:]), 0)
	c.hi, _ = bits.Add64(c.hi, binary.BigEndian.Uint64(sum[:]), carry)
	c.rows++
}

func (c *checksum) String() string { return fmt.Sprintf("%016x%016x", c.hi, c.lo) }

// moved has a copy begin a life of its own: nobody works on it yet, and the index is made
// anew. Where somebody goes on with what was copied, nobody knows what they post until
// somebody joins the copy.
func (t tx) moved(copied time.Time, living bool) error {
	if _, err := t.exec(`DELETE FROM notes WHERE name = $1`, indexNote); err != nil {
		return err
	}
	if err := t.bury(`true`); err != nil || !living {
		return err
	}
	return t.note(movedNote, fmt.Sprint(ms(copied)))
}

// movedNote is the moment of a copy that others go on without.
const movedNote = "moved"

// leaves notes that the store is a copy as of the newest that it knows, unless that is
// nothing, or it was noted before and nobody has arrived since.
func (t tx) leaves() (noted int64, err error) {
	return t.exec(`INSERT INTO notes (name, value) SELECT $1, CAST(at AS TEXT) FROM (`+newestMoment+`) AS newest WHERE at > 0 ON CONFLICT (name) DO NOTHING`, movedNote)
}

// arrives is somebody joining a copy at that moment of the bot's calendar.
func (t tx) arrives(now time.Time) error {
	var note string
	if err := t.one([]any{&note}, `DELETE FROM notes WHERE name = $1 RETURNING value`, movedNote); err != nil {
		return ignoring(err)
	}
	n, err := strconv.ParseInt(note, 10, 64)
	if err != nil {
		return fmt.Errorf("the note of when it was copied: %w", err)
	}
	return t.doubt(time.UnixMilli(n).UTC(), now)
}

func (t tx) note(name, value string) error {
	_, err := t.exec(`INSERT INTO notes (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2`, name, value)
	return err
}
