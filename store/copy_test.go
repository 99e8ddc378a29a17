package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/postgres"
)

// lived is a house of SQLite in which something of everything is kept.
func lived(t *testing.T) *house {
	h := newHouse(t)
	h.comes(listed("2611.00001", "Lamps of brass", "hf", "2026-11-23"), listed("2611.00002", "Lamps of glass", "arxiv", "2026-11-23"))
	h.channel("first")
	c := h.channel("ml")
	ctx := context.Background()
	h.ok(h.write(ctx, "writing what PostgreSQL would not take", func(t tx) error {
		_, err := t.exec(`UPDATE texts SET abstract = CAST(x'6100ff62' AS TEXT), title = CAST('Lamps of glass' AS BLOB) WHERE seq = 2`)
		return err
	}))
	_, err := h.UpdateChannel(ctx, h.channel("first").ID, func(ch *core.Channel) { ch.Follows = c.ID }) // a later row
	h.ok(err)
	h.ok(h.SetNote(ctx, "word", "kept"))
	return h
}

// event is something that is known to have happened now.
func (h *house) event(id string) {
	_, err := h.SeenEvent(context.Background(), id, h.now)
	h.ok(err)
}

// moves is the store into which a house moves.
func (h *house) moves(to string) (Move, error) { return Copy(context.Background(), h.path, to) }

// Every row of every table is in the copy, as reading it again proves; what is drawn for
// rows goes on behind those that ever were there.
func TestAMoveHasEverything(t *testing.T) {
	postgres.Needed(t)
	h, to := lived(t), database(t)
	gone := h.channel("gone")
	h.ok(h.DropChannel(t.Context(), gone.ID))
	m, err := h.moves(to)
	h.ok(err)
	there := inPostgres(t, to)
	tables := map[string]int64{}
	for _, c := range m.Tables {
		tables[c.Table] = c.Rows
		var here, copied int64
		for s, n := range map[*Store]*int64{h.Store: &here, there: &copied} {
			h.ok(s.read(t.Context(), "counting", func(t tx) error { return t.one([]any{n}, `SELECT count(*) FROM `+c.Table) }))
		}
		if c.Table == "notes" { // the copy also notes where it is
			copied--
		}
		if here != c.Rows || copied != here || len(c.Sum) != 32 {
			t.Errorf("%s: %+v, and %d of %d are there", c.Table, c, copied, here)
		}
	}
	for table, n := range map[string]int64{"papers": 2, "texts": 2, "channels": 2, "sightings": 2, "counter": 1} {
		if tables[table] != n {
			t.Errorf("%d rows of %s, want %d", tables[table], table, n)
		}
	}
	if m.Papers() != 2 || m.Living != nil {
		t.Errorf("%+v", m)
	}
	found, err := there.Search(t.Context(), core.Query{Topic: query(t, "lamps")})
	if err != nil || found.Total != 2 {
		t.Errorf("found %+v: %v", found, err)
	}
	if p, err := there.Paper(t.Context(), "2611.00002"); err != nil || p.Title != "Lamps of glass" || p.Abstract != "a\ufffd\ufffdb" {
		t.Errorf("%q %q %v", p.Title, p.Abstract, err)
	}
	fresh, err := there.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: "new"}, Settings: core.DefaultSettings()})
	h.ok(err)
	if chs, err := there.Channels(t.Context()); err != nil || len(chs) != 3 || fresh.ID <= gone.ID {
		t.Errorf("the new channel has number %d: %v", fresh.ID, err)
	}
	if r, err := there.Restored(t.Context()); err != nil || r != (core.Restored{}) {
		t.Errorf("nobody went on, and %+v is in doubt: %v", r, err)
	}
}

// A database that holds something is no place for a copy, and stays as it is.
func TestAMoveGoesNowhereButIntoAnEmptyDatabase(t *testing.T) {
	postgres.Needed(t)
	h, to := lived(t), database(t)
	there := inPostgres(t, to)
	_, err := there.PutPapers(t.Context(), []core.Seen{listed("2611.00009", "Soup", "hf", "2026-11-23")}, false, h.now)
	h.ok(err)
	if _, err := h.moves(to); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("%v", err)
	}
	if n, err := there.CountPapers(t.Context()); err != nil || n != 1 {
		t.Errorf("%d papers: %v", n, err)
	}
	if _, err := there.Paper(t.Context(), "2611.00009"); err != nil {
		t.Error(err)
	}
}

// Who makes a database has `bot doctor` look at it before anything is moved there, which
// notes that and takes arXiv's turn.
func TestAMoveGoesWhereTheDoctorHasLooked(t *testing.T) {
	postgres.Needed(t)
	h, to := lived(t), database(t)
	there := inPostgres(t, to)
	h.ok(there.SetNote(t.Context(), "doctor", "2026-11-24T12:00:00Z"))
	if _, taken, err := there.TakeTurn(t.Context(), "arxiv", "doctor", 0, time.Minute); err != nil || !taken {
		t.Fatal(taken, err)
	}
	if _, err := h.moves(to); err != nil {
		t.Error(err)
	}
}

// What does not arrive as it was read is not kept, and nothing is: a second try finds the
// database as empty as the first.
func TestAMoveThatDiffersIsNotKept(t *testing.T) {
	postgres.Needed(t)
	h, to := lived(t), database(t)
	there := inPostgres(t, to)
	change := func(statement string) {
		t.Helper()
		h.ok(there.write(t.Context(), "changing the schema", func(t tx) error { _, err := t.exec(statement); return err }))
	}
	change(`CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.title := upper(NEW.title); RETURN NEW; END'`)
	change(`CREATE TRIGGER spoil BEFORE INSERT ON texts FOR EACH ROW EXECUTE FUNCTION spoil()`)
	if _, err := h.moves(to); err == nil || !strings.Contains(err.Error(), "the table texts: the copy differs") {
		t.Errorf("%v", err)
	}
	if chs, err := there.Channels(t.Context()); err != nil || len(chs) != 0 {
		t.Errorf("%d channels were left: %v", len(chs), err)
	}
	change(`DROP TRIGGER spoil ON texts`)
	_, err := h.moves(to)
	h.ok(err)
}

// A table that one of the engines has and the other has not is not passed over.
func TestAMoveForgetsNoTable(t *testing.T) {
	postgres.Needed(t)
	for _, c := range []struct{ here, there, says string }{
		{`CREATE TABLE loans (id INTEGER PRIMARY KEY)`, ``, "PostgreSQL's schema lacks the table loans"},
		{``, `CREATE TABLE loans (id BIGINT)`, "SQLite's schema lacks the table loans"},
		{`ALTER TABLE saves ADD COLUMN shelf TEXT`, ``, "the table saves has the columns"},
	} {
		h, to := lived(t), database(t)
		there := inPostgres(t, to)
		for s, statement := range map[*Store]string{h.Store: c.here, there: c.there} {
			if statement != "" {
				h.ok(s.write(t.Context(), "changing the schema", func(t tx) error { _, err := t.exec(statement); return err }))
			}
		}
		if _, err := h.moves(to); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q, want %q", err, c.says)
		}
	}
}

// While a database is copied that nobody works on, nobody begins to; where somebody does,
// what they post afterwards is in doubt from the moment when somebody joins the copy.
func TestWhoGoesOnWithoutTheCopyLeavesADoubt(t *testing.T) {
	postgres.Needed(t)
	h, to := lived(t), database(t)
	h.ok(h.Join(t.Context(), core.Owner{ID: "here", Host: "pi", PID: 7, Started: h.now}))
	h.event("1")
	m, err := h.moves(to)
	h.ok(err)
	if m.Living == nil || m.Living.PID != 7 {
		t.Errorf("who works on it: %+v", m.Living)
	}
	there := inPostgres(t, to)
	if r, err := there.Restored(t.Context()); err != nil || !r.Until.IsZero() {
		t.Errorf("in doubt before anybody joined: %+v %v", r, err)
	}
	if owners, err := there.Owners(t.Context()); err != nil || len(owners) != 0 {
		t.Errorf("who worked on the other one works here: %v %v", owners, err)
	}
	later := h.now.Add(50 * time.Hour)
	for i, joined := range []time.Time{later, later.Add(time.Hour)} { // the second finds nothing to do
		h.ok(there.Join(t.Context(), core.Owner{ID: strings.Repeat("b", i+1), Started: joined}))
		if r, err := there.Restored(t.Context()); err != nil || !r.From.Equal(h.now) || !r.Until.Equal(later) {
			t.Errorf("in doubt: %+v %v", r, err)
		}
	}
}

// A checksum is of what rows hold, and not of their order.
func TestAChecksumTellsRowsApart(t *testing.T) {
	sum := func(rows ...[]any) string {
		var c checksum
		for _, r := range rows {
			c.add(r)
		}
		return c.String()
	}
	a, b := []any{int64(1), "one", []byte{1}, nil}, []any{int64(2), "two", []byte{}, int64(0)}
	if sum(a, b) != sum(b, a) {
		t.Error("the order of rows counts")
	}
	for _, other := range [][]any{
		{int64(1), "one", []byte{1}, int64(0)}, {int64(1), "one", []byte{1}, ""}, {int64(1), "one", "\x01", nil}, {int64(1), "on", []byte("e\x01"), nil}, {"one", int64(1), []byte{1}, nil}, {int64(257), "one", []byte{1}, nil},
	} {
		if sum(a, b) == sum(other, b) {
			t.Errorf("%v is as good as %v", other, a)
		}
	}
	if sum(a, a) == sum() || sum(a, a) == sum(b, b) {
		t.Error("rows that are there twice do not count")
	}
}

// A database that is being written is copied as it is at one moment.
func TestAMoveIsOfOneMoment(t *testing.T) {
	postgres.Needed(t)
	h, to := lived(t), database(t)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				h.comes(listed(core.PaperID(fmt.Sprintf("2612.%05d", i)), "Soup", "hf", "2026-12-01"))
			}
		}
	}()
	m, err := h.moves(to)
	close(stop)
	<-stopped
	h.ok(err)
	there := inPostgres(t, to)
	n, err := there.CountPapers(t.Context()) // as the counter has it
	h.ok(err)
	for _, c := range m.Tables {
		if slices.Contains([]string{"papers", "texts", "sightings", "features"}, c.Table) && c.Rows != int64(n) {
			t.Errorf("%d rows of %s and %d papers", c.Rows, c.Table, n)
		}
	}
}
