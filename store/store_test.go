package store

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"paperboy/core"
)

func TestWhatIsKeptIsThereAfterARestart(t *testing.T) {
	h := newHouse(t)
	h.comes(listed("2509.00001", "Lamps", "hf", "2025-09-05"))
	ml := h.channel("ml")
	h.follows(ml, "lamp")
	h.plans(ml, "2509.00001")
	h.ok(h.Close())
	h.Store = h.another()
	h.wants("found", h.finds(core.Query{Topic: query(t, "lamp"), Limit: 1}), []core.PaperID{"2509.00001"})
	open, err := h.DeliveriesOf(context.Background(), ml.ID, time.Time{}, core.Planned)
	h.ok(err)
	h.wants("planned", len(open), 2)
	h.wants("the channel", h.channel("ml").ID, ml.ID)
	for _, file := range []string{h.path, h.path + "-wal"} {
		info, err := os.Stat(file)
		h.ok(err)
		h.wants("who may read "+filepath.Base(file), info.Mode().Perm(), fs.FileMode(0o600))
	}
}

func TestWhatCannotBeOpenedSaysWhatToDo(t *testing.T) {
	text := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ url, says string }{
		{"postgres://user:secret@127.0.0.1:1/db", "no PostgreSQL answers there"},
		{"postgres://user:secret@host:port/db", "its address cannot be read"},
		{"postgres://user:secret@host/db?sslmode=nonsense", "its sslmode, or a certificate that it names, is wrong; look at [store] url (sslmode is invalid)"},
		{"postgres://user:secret@" + bare(t) + "/db?sslmode=require", "it does not speak TLS as [store] url wants it; look at sslmode"},
		{"mysql://user:secret@host/db", "path of a SQLite file"},
		{"", "empty"},
		{filepath.Join(t.TempDir(), "nowhere", "paperboy.db"), "no such file or directory"},
		{text, "not a database"},
	} {
		s, err := Open(context.Background(), c.url)
		if err == nil {
			s.Close()
			t.Errorf("%q was opened", c.url)
		} else if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", c.url, err)
		}
	}
}

// bare is where a server answers that has no TLS.
func bare(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.ReadFull(c, make([]byte, 8)) // whether it has
			io.WriteString(c, "N")
			c.Close()
		}
	}()
	return l.Addr().String()
}

func TestAFileMayHaveAnyName(t *testing.T) {
	for _, name := range []string{"a b?c#d%41.db", ":memory:", "ü&x=1.db"} {
		path := filepath.Join(t.TempDir(), name)
		s, err := Open(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: not there for its owner alone: %v %v", name, info, err)
		}
	}
}

// later is the schema of a version to come, and its number.
func later(t testing.TB) (schema fstest.MapFS, n int) {
	return with(t, "sqlite", map[string]string{"99999_more.sql": "CREATE TABLE more (n INTEGER);\nINSERT INTO more SELECT seq FROM papers;"}), 99999
}

// with is an engine's schema with migrations to come.
func with(t testing.TB, engine string, more map[string]string) fstest.MapFS {
	t.Helper()
	names, err := fs.Glob(schema(engine), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	next := fstest.MapFS{}
	for name, up := range more {
		next[name] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + up + "\n")}
	}
	for _, name := range names {
		data, err := fs.ReadFile(schema(engine), name)
		if err != nil {
			t.Fatal(err)
		}
		next[name] = &fstest.MapFile{Data: data}
	}
	return next
}

func TestAnOlderSchemaIsCopiedThenMigrated(t *testing.T) {
	h := newHouse(t)
	h.comes(listed("2509.00001", "Lamps", "hf", "2025-09-05"))
	h.ok(h.Close())
	schema, version := later(t)
	next, err := openSQLite(context.Background(), h.path, schema)
	h.ok(err)
	var n int
	h.ok(next.lite().r.QueryRow(`SELECT n FROM more`).Scan(&n))
	h.ok(next.Close())

	_, err = Open(context.Background(), h.path)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint("version ", version)) {
		t.Errorf("a newer schema was not refused: %v", err)
	}
	h.path += fmt.Sprint(".before-", version)
	h.Store = h.another()
	h.wants("the copy's paper", h.paper("2509.00001").Title, "Lamps")
}

// A schema that lacks a migration which belongs before those it has, as that of two
// unfinished versions, is refused by name, and nothing is done to it: neither where it
// seems to be the newest nor where more is to come.
func TestASchemaWithAGapIsRefusedByName(t *testing.T) {
	h := newHouse(t)
	h.ok(h.Close())
	db, err := sql.Open("sqlite3", h.path)
	h.ok(err)
	_, err = db.Exec(`DELETE FROM goose_db_version WHERE version_id IN (10, 13)`)
	h.ok(err)
	h.ok(db.Close())
	schema, _ := later(t)
	for _, next := range []fs.FS{nil, schema} {
		if next == nil {
			_, err = Open(context.Background(), h.path)
		} else {
			_, err = openSQLite(context.Background(), h.path, next)
		}
		if err == nil || !strings.Contains(err.Error(), "lacks 00010_overview, 00013_guards, which belongs before") || !strings.Contains(err.Error(), "bot export config") {
			t.Errorf("%v", err)
		}
	}
	if copies, _ := filepath.Glob(h.path + ".before-*"); len(copies) > 0 {
		t.Errorf("%v was made", copies)
	}
}

// upTo are the migrations of an earlier version: the first so many.
func upTo(t *testing.T, n int) fs.FS {
	t.Helper()
	names, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	if err != nil || len(names) < n {
		t.Fatalf("%d migrations: %v", len(names), err)
	}
	old := fstest.MapFS{}
	for _, name := range names[:n] { // they come in their order
		data, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		old[path.Base(name)] = &fstest.MapFile{Data: data}
	}
	return old
}

// What the first schema's ledger held is there under today's.
func TestTheFirstSchemaIsMigrated(t *testing.T) {
	h := &house{TB: t, path: filepath.Join(t.TempDir(), "paperboy.db")}
	s, err := openSQLite(context.Background(), h.path, upTo(t, 1))
	h.ok(err)
	for _, q := range []string{
		`INSERT INTO channels VALUES (1, 'slack', 'T1', 'C1', '#ml', '{}', '{}', 'ana', 'slack:T1/U1', 1, 0, 0, 0, 0, 0, '{}', 0)`,
		`INSERT INTO digests VALUES (1, 1, 2, 'daily', 'null', '', 3)`,
		`INSERT INTO deliveries VALUES (1, '2509.00001', 1, 1, 'channel', 'posted', 1, 0, 'C1', '17.1', '', '', '[]', 0, 1, '', 0, 4)`,
	} {
		_, err := s.lite().w.Exec(q)
		h.ok(err)
	}
	h.ok(s.Close())
	h.Store = h.another()
	d, err := h.Delivery(context.Background(), 1, "2509.00001")
	h.ok(err)
	if d.State != core.Posted || d.Ref.ID != "17.1" || !d.EditAt.IsZero() || !d.Begun.IsZero() {
		t.Errorf("%+v", d)
	}
	ch, err := h.ChannelByID(context.Background(), 1)
	h.ok(err)
	if ch.Name != "#ml" || ch.Greeted {
		t.Errorf("%+v", ch)
	}
	if copies, err := filepath.Glob(h.path + ".before-*"); err != nil || len(copies) != 1 {
		t.Errorf("copies: %v %v", copies, err)
	}
}

// Of what earlier versions kept nobody knows who said it: what no feed has
// touched is not replaced by one, and what a feed may have written over is
// mended by whoever speaks next, arXiv among them.
func TestWhatWasKeptWithoutItsTellerIsSoundAndCanBeMended(t *testing.T) {
	old := upTo(t, 4)
	h := &house{TB: t, path: filepath.Join(t.TempDir(), "paperboy.db"), now: monday}
	s, err := openSQLite(context.Background(), h.path, old)
	h.ok(err)
	const untouched, overwritten, imported, entry = "2509.00001", "2509.00002", "2509.00003", "feed:ab"
	for i, p := range []struct {
		id, title, sources string
		version            int
	}{
		{untouched, "Lamps", `["arxiv","hf"]`, 2},
		{overwritten, "Wow [pdf]", `["arxiv","links"]`, 9},
		{imported, "Lamps", `[]`, 1},
		{entry, "Note", `["links"]`, 0},
	} {
		for _, q := range []string{
			`INSERT INTO papers (seq, id, changed, backlog, day, prim) VALUES ($1, $2, $1, 0, '2025-09-05', 'cs.LG')`,
			`INSERT INTO texts (seq, version, title, abstract, authors, categories, sources, published, code, project, summary, keywords, organization, thumbnail, comment, journal, doi, link, withdrawn, seen)
				VALUES ($1, $5, $3, 'At https://github.com/a/b.', '["Ana"]', '["cs.LG"]', $4, '', 'https://github.com/a/b', '', '', '[]', '', '', '', '', '', '', 1, 0)`,
		} {
			_, err := s.lite().w.Exec((*sqlite)(nil).bind(q), i+1, p.id, p.title, p.sources, p.version)
			h.ok(err)
		}
	}
	_, err = s.lite().w.Exec(`UPDATE counter SET n = 4`)
	h.ok(err)
	h.ok(s.Close())
	h.Store = h.another()

	ids, err := h.Unread(context.Background(), "2025-01-01", 9)
	h.ok(err)
	h.wants("to ask arXiv for", ids, []core.PaperID{overwritten})
	feed := func(id core.PaperID) core.Seen { return listed(id, "On a feed", "links", "2025-09-06") }
	h.comes(feed(untouched), feed(overwritten), feed(imported), feed(entry))
	for id, want := range map[core.PaperID]string{untouched: "Lamps", overwritten: "Wow [pdf]", imported: "Lamps", entry: "On a feed"} {
		h.wants("the title of "+string(id)+", after a feed spoke", h.paper(id).Title, want)
	}
	true2 := func(id core.PaperID) core.Seen {
		s := listed(id, "The authors' title", "arxiv", "", func(p *core.Paper) { p.Version, p.Abstract = 2, "Text." })
		s.Knows = []core.Fact{core.FactComment, core.FactWithdrawn}
		return s
	}
	h.comes(true2(untouched), true2(overwritten), true2(imported))
	for _, id := range []core.PaperID{untouched, overwritten, imported} {
		p := h.paper(id)
		h.wants(string(id)+", after arXiv spoke", []any{p.Title, p.Version, p.Code, p.Withdrawn}, []any{"The authors' title", 2, "", false})
	}
}

func TestAMigrationThatFailsChangesNothing(t *testing.T) {
	h := newHouse(t)
	h.comes(listed("2509.00001", "Lamps", "hf", "2025-09-05"))
	h.ok(h.Close())
	broken, version := later(t)
	last := broken[fmt.Sprintf("%05d_more.sql", version)]
	last.Data = append(last.Data, "DROP TABLE nobody;\n"...)
	for range 2 {
		if _, err := openSQLite(context.Background(), h.path, broken); err == nil {
			t.Fatal("a broken migration went well")
		}
	}
	h.Store = h.another()
	h.wants("the paper", h.paper("2509.00001").Title, "Lamps")
}

func TestManyOpenAFreshFileAtOnce(t *testing.T) {
	h := &house{TB: t, path: filepath.Join(t.TempDir(), "paperboy.db")}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			s, err := Open(context.Background(), h.path)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Seq(context.Background()); err != nil {
				t.Error(err)
			}
			s.Close()
		})
	}
	wg.Wait()
}

// batch is n papers; each title says that it belongs to batch k.
func batch(k, n int) (seen []core.Seen) {
	for i := range n {
		id := core.PaperID(fmt.Sprintf("25%02d.%05d", k%12+1, k*n+i))
		seen = append(seen, listed(id, fmt.Sprintf("Batch%d lamp", k), "hf", "2025-09-05", func(p *core.Paper) {
			p.Abstract = strings.Repeat("We study lamps and heat. ", 20)
		}))
	}
	return seen
}

func TestACopyIsOfOneMoment(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	stop := make(chan struct{})
	started := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for k := 0; ; k++ {
			if _, err := h.PutPapers(ctx, batch(k, 50), false, monday); err != nil {
				t.Error(err)
			}
			if k == 3 {
				close(started)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	<-started
	copied := filepath.Join(t.TempDir(), "copy.db")
	err := h.Backup(ctx, copied)
	close(stop)
	wg.Wait()
	h.ok(err)
	if err := h.Backup(ctx, copied); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("an older copy was written over: %v", err)
	}
	info, err := os.Stat(copied)
	h.ok(err)
	h.wants("who may read it", info.Mode().Perm(), fs.FileMode(0o600))
	consistent(t, copied)
}

// consistent opens the store in a file and checks that it is whole: batches of
// 50 papers, each with its words, its text, and a digest of every batch.
func consistent(t *testing.T, file string) (papers int) {
	t.Helper()
	s, err := Open(context.Background(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var integrity string
	if err := s.lite().r.QueryRow(`PRAGMA integrity_check`).Scan(&integrity); err != nil || integrity != "ok" {
		t.Errorf("integrity: %s, %v", integrity, err)
	}
	if _, err := s.lite().w.Exec(`INSERT INTO words (words) VALUES ('integrity-check')`); err != nil {
		t.Errorf("the index of words: %v", err)
	}
	var texts, sightings int
	var top, n core.Seq
	if err := s.lite().r.QueryRow(`SELECT (SELECT count(*) FROM papers), (SELECT count(*) FROM texts), (SELECT count(*) FROM sightings),
		(SELECT max(changed) FROM papers), n FROM counter`).Scan(&papers, &texts, &sightings, &top, &n); err != nil {
		t.Fatal(err)
	}
	found, err := s.Search(context.Background(), core.Query{Topic: query(t, "lamp")})
	if err != nil {
		t.Fatal(err)
	}
	if papers == 0 || papers%50 != 0 || texts != papers || sightings != papers || found.Total != papers || top != n {
		t.Errorf("%d papers, %d texts, %d sightings, %d found, changes up to %d of %d", papers, texts, sightings, found.Total, top, n)
	}
	return papers
}

func TestReadersNeverSeeHalfABatch(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	done := make(chan struct{})
	var wg sync.WaitGroup
	for _, s := range []*Store{h.Store, h.Store, h.another()} {
		wg.Go(func() {
			last, looks := 0, 0
			for {
				found, err := s.Search(ctx, core.Query{Topic: query(t, "lamp"), Limit: 2})
				if err != nil {
					t.Error(err)
					return
				}
				if looks++; found.Total%50 != 0 || found.Total < last || found.Total != found.Primary[""] {
					t.Errorf("%d papers after %d", found.Total, last)
				}
				last = found.Total
				select {
				case <-done:
					if looks < 2 {
						t.Error("the reader waited for the writer")
					}
					return
				default:
				}
			}
		})
	}
	for k := range 20 {
		h.comes(batch(k, 50)...)
	}
	close(done)
	wg.Wait()
}

func TestNeitherReadersNorWritersWaitForEachOther(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	h.comes(batch(0, 50)...)
	count := func(t tx) (n int) {
		h.ok(t.one([]any{&n}, `SELECT count(*) FROM papers`))
		return n
	}
	h.ok(h.read(ctx, "reading for long", func(t tx) error {
		h.wants("papers", count(t), 50)
		h.comes(batch(1, 50)...)
		h.wants("papers, as they were", count(t), 50)
		return nil
	}))
	h.ok(h.write(ctx, "writing for long", func(t tx) error {
		_, err := t.exec(`DELETE FROM papers`)
		h.wants("papers, for who reads meanwhile", len(h.finds(core.Query{Topic: query(h, "lamp"), Limit: 200})), 100)
		return err
	}))
	h.wants("papers afterwards", len(h.finds(core.Query{Topic: query(h, "lamp"), Limit: 200})), 0)
}

func TestAFullDiskIsToldApart(t *testing.T) {
	h := newHouse(t)
	var pages int
	h.ok(h.lite().w.QueryRow(`PRAGMA page_count`).Scan(&pages))
	_, err := h.lite().w.Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+2))
	h.ok(err)
	_, err = h.PutPapers(context.Background(), batch(0, 50), false, h.now)
	if !errors.Is(err, core.ErrFull) {
		t.Errorf("a full disk is %v", err)
	}
	for _, other := range []error{nil, errors.New("database or disk is full"), core.ErrNotFound, sql.ErrConnDone} {
		if full(other) {
			t.Errorf("%v is taken for a full disk", other)
		}
	}
	if _, err := h.Paper(context.Background(), "2401.00001"); errors.Is(err, core.ErrFull) {
		t.Errorf("reading needs no room: %v", err)
	}
	if n, err := h.CountPapers(context.Background()); n != 0 || err != nil {
		t.Errorf("half a batch was kept: %d, %v", n, err)
	}
}

// TestMain lets the test binary play the process that is killed, and clears
// up after the benchmarks.
func TestMain(m *testing.M) {
	if file := os.Getenv("PAPERBOY_TEST_VICTIM"); file != "" {
		fmt.Println(victim(file))
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(benched)
	os.Exit(code)
}

// victim writes batches of papers and digests until it is killed, and says
// what it has been promised.
func victim(file string) error {
	ctx := context.Background()
	s, err := Open(ctx, file)
	if err != nil {
		return err
	}
	if err := s.Join(ctx, core.Owner{ID: fmt.Sprint("victim ", os.Getpid()), PID: os.Getpid()}); err != nil {
		return err
	}
	c, err := s.EnsureChannel(ctx, core.Channel{Key: core.ChannelKey{Platform: "slack", ID: "ml"}, Settings: core.DefaultSettings()})
	if err != nil {
		return err
	}
	for k := 0; ; k++ {
		seen := batch(k, 50)
		if _, err := s.PutPapers(ctx, seen, false, monday); err != nil {
			return err
		}
		var papers []core.PaperID
		for _, p := range seen {
			papers = append(papers, p.Paper.ID)
		}
		if _, err := s.PlanDigests(ctx, []core.Plan{daily(c.ID, monday.Add(time.Duration(k)*time.Hour), papers...)}); err != nil {
			return err
		}
		fmt.Println("kept", k)
	}
}

func TestAKilledProcessLeavesAWholeStore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "paperboy.db")
	for round := range 3 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "PAPERBOY_TEST_VICTIM="+file)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines, kept := bufio.NewScanner(out), 0
		for lines.Scan() {
			if !strings.HasPrefix(lines.Text(), "kept") {
				t.Fatal(lines.Text())
			}
			if kept++; kept == 4*(round+1) {
				break
			}
		}
		// Somewhere in the next batch.
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			kept++
		}
		c.Wait()
		papers := consistent(t, file)
		if papers < 50*kept {
			t.Errorf("%d batches were promised and %d papers are there", kept, papers)
		}
		s, err := Open(context.Background(), file)
		if err != nil {
			t.Fatal(err)
		}
		var digests, deliveries int
		if err := s.lite().r.QueryRow(`SELECT (SELECT count(*) FROM digests), (SELECT count(*) FROM deliveries)`).Scan(&digests, &deliveries); err != nil {
			t.Fatal(err)
		}
		// The dead hold nothing: what is to be sent can be claimed at once.
		owner := fmt.Sprint("heir ", round)
		if err := s.Join(context.Background(), core.Owner{ID: owner}); err != nil {
			t.Error(err)
		}
		if claims, err := s.Claim(context.Background(), owner, monday.Add(24*time.Hour), 9, nil); err != nil || len(claims) != 1 {
			t.Errorf("%d channels were claimed: %v", len(claims), err)
		}
		if digests < kept || deliveries != 51*digests {
			t.Errorf("%d digests with %d deliveries after %d were promised", digests, deliveries, kept)
		}
		s.Close()
	}
}

// A vote by button names its paper now; a second press takes an earlier one back.
func TestVotesByButtonOfEarlierVersionsCountOn(t *testing.T) {
	old := upTo(t, 6)
	h := &house{TB: t, path: filepath.Join(t.TempDir(), "paperboy.db"), now: monday}
	s, err := openSQLite(context.Background(), h.path, old)
	h.ok(err)
	_, err = s.lite().w.Exec(`INSERT INTO channels (id, platform, workspace, channel, name, settings, schedule, set_up_by, owner, created, scheduled, paused_at, paused_until, planned, last_due, hold, gone)
		VALUES (1, 'slack', 'T1', 'ml', '', '{}', '{}', '', '', 0, 0, 0, 0, 0, 0, '{}', 0)`)
	h.ok(err)
	_, err = s.lite().w.Exec(`INSERT INTO reactions (channel, message, person, emoji, paper, kind, present, ord, at) VALUES (1, 'm1', 'ana', 'button:up', '2509.00001', 'up', 1, 5, 0)`)
	h.ok(err)
	h.ok(s.Close())
	h.Store = h.another()
	changed, err := h.PutReaction(context.Background(), 1, "2509.00001", core.Up, core.Reaction{Message: "m1", User: core.User{Key: "ana"}, Emoji: "button:up:2509.00001", Order: 6})
	h.ok(err)
	tally, err := h.Tally(context.Background(), 1, []core.PaperID{"2509.00001"}, time.Time{})
	h.ok(err)
	h.wants("taken back", []any{changed, tally["2509.00001"]}, []any{true, core.Tally{}})
}

// A number is given once, though early versions gave that of the last row again when
// it was gone: their buttons end no later mute. What hangs on the tables that are changed
// for this is there as before, and goes with them.
func TestNumbersOfEarlierVersionsAreNotGivenAgain(t *testing.T) {
	h := &house{TB: t, path: filepath.Join(t.TempDir(), "paperboy.db"), now: monday}
	s, err := openSQLite(context.Background(), h.path, upTo(t, 25))
	h.ok(err)
	for _, q := range []string{
		`INSERT INTO channels (id, platform, workspace, channel, name, settings, schedule, set_up_by, owner, created, scheduled, paused_at, paused_until, planned, last_due, hold, gone)
			VALUES (1, 'slack', 'T1', 'ml', '#ml', '{}', '{}', '', '', 0, 0, 0, 0, 0, 0, '{}', 0)`,
		`INSERT INTO topics (id, channel, number, topic, added_by, added_at, since, removed) VALUES (1, 1, 1, 'lora', '', 0, 0, 0)`,
		`INSERT INTO guards (topic, paper, at) VALUES (1, '2509.00001', 0)`,
		`INSERT INTO mutes (id, channel, person, kind, value, muted_by, at, until) VALUES (2, 1, '', 'topic', 'survey', '', 0, 0)`,
	} {
		_, err := s.lite().w.Exec(q)
		h.ok(err)
	}
	h.ok(s.Close())

	h.Store = h.another()
	h.ok(h.Check(t.Context()))
	ml := h.channel("ml")
	hangs := func() []int {
		topics, err := h.Topics(t.Context(), ml.ID)
		h.ok(err)
		guards, err := h.Guards(t.Context(), ml.ID)
		h.ok(err)
		return []int{len(topics), len(guards)}
	}
	h.wants("what was there", []any{ml.ID, hangs()}, []any{int64(1), []int{1, 1}})
	video, err := h.AddMute(t.Context(), core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "video"})
	h.ok(err)
	for id := range video.ID {
		if err := h.RemoveMute(t.Context(), id); id != 2 && !errors.Is(err, core.ErrNotFound) {
			t.Errorf("the button of mute %d ended something: %v", id, err)
		}
	}
	if cv := h.channel("cv"); video.ID < 100 || cv.ID < 100 {
		t.Errorf("the next ones are mute %d and channel %d, which may have been there", video.ID, cv.ID)
	}
	h.ok(h.DropChannel(t.Context(), ml.ID))
	h.wants("what is left", hangs(), []int{0, 0})
}

func TestWhatWasNoSettingYetIsAsForANewChannel(t *testing.T) {
	h := newHouse(t)
	ml := h.channel("ml")
	_, err := h.lite().w.Exec(`UPDATE channels SET settings = '{"Max":3,"Layout":"thread","Links":true,"Upvotes":["🔥"]}'`) // of an earlier version
	h.ok(err)
	want := core.DefaultSettings()
	want.Max, want.Layout, want.Links, want.VoteEmoji = 3, core.LayoutThread, true, []string{"🔥"}
	got, err := h.ChannelByKey(t.Context(), ml.Key)
	h.ok(err)
	h.wants("settings", got.Settings, want)
}
