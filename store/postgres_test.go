package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/topic"
	"paperboy/internal/postgres"
	"paperboy/store/storetest"
)

// onPostgres is the other engine for the suite.
type onPostgres struct {
	*Store
	url string
}

func (s onPostgres) Again(t testing.TB) core.Store { return inPostgres(t, s.url) }

func (s onPostgres) Everything(t testing.TB) (values []string) {
	t.Helper()
	err := s.read(context.Background(), "reading everything", func(tx tx) error {
		type column struct{ table, name string }
		columns, err := all(tx, func(c *column) []any { return []any{&c.table, &c.name} },
			`SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT IN ('words', 'vocabulary')`)
		for _, c := range columns {
			cells, cerr := all(tx, value[string], `SELECT CAST("`+c.name+`" AS TEXT) FROM "`+c.table+`" WHERE "`+c.name+`" IS NOT NULL`)
			err = errors.Join(err, cerr)
			for _, cell := range cells {
				values = append(values, c.table+"."+c.name+": "+cell)
			}
		}
		return err
	})
	if err != nil || len(values) == 0 {
		t.Fatal(len(values), err)
	}
	return values
}

func (s onPostgres) Columns(t testing.TB) (columns []string) {
	t.Helper()
	if err := s.read(context.Background(), "reading the schema", func(tx tx) (err error) {
		columns, err = all(tx, value[string], `SELECT table_name || '.' || column_name FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name NOT IN ('words', 'vocabulary') AND table_name NOT LIKE 'goose%' ORDER BY 1`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(columns)
	return columns
}

func TestPostgreSQL(t *testing.T) {
	postgres.Needed(t)
	storetest.Run(t, func(t *testing.T) storetest.Engine {
		url := database(t)
		return onPostgres{inPostgres(t, url), url}
	})
}

// Who may not do what is needed, or comes to where it cannot be done, is told what mends
// it, in the server's words and not the driver's.
func TestADatabaseThatCannotBeUsedSaysWhatToDo(t *testing.T) {
	there := database(t)
	server, err := sql.Open("pgx", there)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	empty, guest := "e"+strings.ToLower(rand.Text()[:12]), "g"+strings.ToLower(rand.Text()[:12])
	t.Cleanup(func() {
		for _, q := range []string{`DROP DATABASE IF EXISTS ` + empty + ` WITH (FORCE)`, `DROP DATABASE IF EXISTS ` + empty + `_ascii WITH (FORCE)`, `DROP ROLE IF EXISTS ` + guest} {
			if _, err := server.Exec(q); err != nil {
				t.Error(err)
			}
		}
	})
	for _, q := range []string{`CREATE DATABASE ` + empty + ` TEMPLATE template0 ENCODING 'UTF8'`, `CREATE DATABASE ` + empty + `_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'`,
		// What stands before the server's own function says that it is an older one.
		`CREATE FUNCTION current_setting(text) RETURNS text LANGUAGE sql AS $$ SELECT CASE $1 WHEN 'server_version_num' THEN '140012' ELSE 'UTF8' END $$`,
		`CREATE ROLE ` + guest + ` LOGIN PASSWORD 'hunter2'`} {
		if _, err := server.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	var older string
	at := func(change func(u *url.URL), options string) string {
		u, err := url.Parse(there)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		older = u.Path
		u.Path = "/" + empty
		if options != "" {
			q.Set("options", options)
		}
		u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
		change(u)
		return u.String()
	}
	asGuest := func(u *url.URL) { u.User = url.UserPassword(guest, "hunter2") }
	for _, c := range []struct{ url, says string }{
		{at(asGuest, ""), "this user lacks a right there; let it own the database, as ALTER DATABASE … OWNER TO does (permission denied for schema public)"},
		{at(func(*url.URL) {}, "-c default_transaction_read_only=on"), "nothing can be written there; look whether it is a standby, and at default_transaction_read_only ("},
		{at(func(*url.URL) {}, "-c search_path=nowhere"), "there is no schema there for its tables; make one, or look at this user's search_path (no schema"},
		{at(func(u *url.URL) { u.Path += "_ascii" }, ""), "its encoding is SQL_ASCII; make the database anew with ENCODING 'UTF8'"},
		{at(func(u *url.URL) { u.Path = older }, "-c search_path=public,pg_catalog"), "this is PostgreSQL 14, and Paperboy needs 15 or newer"},
		{at(func(u *url.URL) { u.Path += "s" }, ""), "there is no such database; make it with createdb (database "},
		{at(func(u *url.URL) { u.RawQuery += "&foo=bar" }, ""), `it turns this connection away; look at [store] url (unrecognized configuration parameter "foo")`},
	} {
		s, err := Open(context.Background(), c.url)
		if err == nil {
			s.Close()
			t.Errorf("%s was opened", c.url)
		} else if !strings.Contains(err.Error(), ": "+c.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s:\ngot  %v\nwant %s", c.url, err, c.says)
		}
	}
}

// Who runs the server gives each process as many connections as the documents say.
func TestAProcessTakesNoMoreConnectionsThanIsSaid(t *testing.T) {
	const most = 17
	there := database(t)
	s := inPostgres(t, there)
	server, err := sql.Open("pgx", there)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	ctx, end := context.WithCancel(t.Context())
	reads, goOn := make(chan bool), make(chan bool)
	var work sync.WaitGroup
	t.Cleanup(func() {
		end()
		close(goOn)
		work.Wait()
	})
	work.Go(func() { s.Hear(ctx, func(core.Work) {}) }) // on one of its own
	for range 2 * most {
		work.Go(func() {
			_ = s.read(ctx, "reading for long", func(tx) error {
				select {
				case reads <- true:
					<-goOn
				case <-goOn:
				}
				return nil
			})
		})
	}
	for range most - 1 {
		<-reads
	}
	var open int
	if err := server.QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'paperboy'`).Scan(&open); err != nil || open > most {
		t.Errorf("%d connections, %v", open, err)
	}
	told, err := os.ReadFile("../docs/operating.md")
	if err != nil || !strings.Contains(string(told), fmt.Sprintf("A process takes at most %d connections.", most)) {
		t.Error("docs/operating.md says something else", err)
	}
}

// database is an empty store's.
func database(t testing.TB) string {
	t.Helper()
	return postgres.Database(t, func(url string) error {
		s, err := Open(context.Background(), url)
		if err != nil {
			return err
		}
		return s.Close()
	})
}

// inPostgres is the store in a database, until the test ends. Its clock is the test's.
func inPostgres(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	s.engine.(*pg).now = time.Now
	t.Cleanup(func() { s.Close() })
	return s
}

// aDatabase is a house whose store is in PostgreSQL.
func aDatabase(t *testing.T) *house {
	postgres.Needed(t)
	h := &house{TB: t, path: database(t), now: monday}
	h.Store = inPostgres(t, h.path)
	return h
}

// What the index of PostgreSQL answers is what the slow evaluator says.
func TestSearchInPostgreSQLAgreesWithTheReference(t *testing.T) {
	h := aDatabase(t)
	h.realPapers()
	storetest.SearchAgrees(t, h.Store, recorded)
}

// Both engines give the same answers, in the same order and with the same scores, and
// know the same words, also after papers have changed.
func TestBothEnginesAnswerTheSame(t *testing.T) {
	one, two := newHouse(t), aDatabase(t)
	papers := one.realPapers()
	two.realPapers()
	var changed []core.Seen
	for i, p := range papers {
		if i%7 == 0 {
			p.Title, p.Version, p.Authors = strings.ToUpper(p.Title)+" of lamps", p.Version+1, append(p.Authors, "Ada O'Lamp\\")
			changed = append(changed, core.Seen{Paper: p, Sighting: core.Sighting{Source: "arxiv", Day: "2026-11-24", Announce: "replace"}, Authority: core.Publisher})
		}
	}
	one.comes(changed...)
	two.comes(changed...)
	for _, h := range []*house{one, two} {
		_, err := h.PutReaction(context.Background(), h.channel("ml").ID, papers[3].ID, core.Up, core.Reaction{Message: "m", User: core.User{Key: "ana"}, Emoji: "👍", Added: true, Order: 1, At: monday})
		h.ok(err)
	}
	ctx := context.Background()
	rapid.Check(t, func(rt *rapid.T) {
		p := rapid.SampledFrom(papers).Draw(rt, "paper")
		words := append(slices.Clone(p.Doc().Title), "lamp") // a title may have no words
		i := rapid.IntRange(0, len(words)-1).Draw(rt, "word")
		w := topic.Term{Words: words[i:min(len(words), i+rapid.IntRange(1, 3).Draw(rt, "words"))], Prefix: rapid.Bool().Draw(rt, "prefix"),
			Field: rapid.SampledFrom([]topic.Field{topic.Any, topic.Title, topic.Abstract}).Draw(rt, "field")}
		q := core.Query{Topic: topic.Topic{Clauses: []topic.Clause{{w}}}, Limit: 50, Sort: rapid.SampledFrom([]core.Sort{core.SortBest, core.SortNew, core.SortTop}).Draw(rt, "sort")}
		prefix := words[i][:min(len(words[i]), 2)]
		for what, ask := range map[string]func(s *Store) (any, error){
			"search":     func(s *Store) (any, error) { return s.Search(ctx, q) },
			"nearest":    func(s *Store) (any, error) { return s.Nearest(ctx, meaning.Builtin().Text(words), core.Query{}, 20) },
			"vocabulary": func(s *Store) (any, error) { return s.Vocabulary(ctx, topic.Any, prefix, words) },
			"names":      func(s *Store) (any, error) { return s.Vocabulary(ctx, topic.Author, "l", nil) },
		} {
			a, err := ask(one.Store)
			b, err2 := ask(two.Store)
			if err = errors.Join(err, err2); err != nil {
				rt.Fatal(err)
			}
			if d := cmp.Diff(a, b); d != "" {
				rt.Fatalf("%s: SQLite -, PostgreSQL +\n%s", what, d)
			}
		}
	})
}

// A text with bytes that PostgreSQL refuses is kept without them.
func TestWhatNoTextMayHoldLosesNoPaper(t *testing.T) {
	h := aDatabase(t)
	h.comes(core.Seen{Paper: core.Paper{ID: "p", Title: "Lamps\x00 of \xff brass", Authors: []string{"\x00"}}})
	if got := h.paper("p").Title; got != "Lamps\ufffd of \ufffd brass" {
		t.Errorf("%q", got)
	}
}

// A change whose transaction ends late has no later number than what ended before: who
// has seen a number has seen all below it.
func TestANumberThatCommitsLateIsNeverSkipped(t *testing.T) {
	h := aDatabase(t)
	ctx, slow, other := context.Background(), make(chan struct{}), make(chan error)
	begun := make(chan struct{})
	go func() {
		other <- h.write(ctx, "keeping a paper slowly", func(t tx) error {
			var n core.Seq
			if err := t.one([]any{&n}, `UPDATE counter SET n = n + 1, papers = papers + 1 RETURNING n`); err != nil {
				return err
			}
			close(begun)
			<-slow
			_, err := t.exec(`INSERT INTO papers (seq, id, changed, backlog, day, prim) VALUES ($1, 'slow', $1, 0, '', '')`, n)
			if err == nil {
				_, err = t.exec(`INSERT INTO texts (seq, version, title, abstract, authors, categories, sources, published, code, project, summary, keywords, organization, thumbnail, comment, journal, doi, link, withdrawn, seen)
					VALUES ($1, 1, 'Slow', '', '[]', '[]', '[]', '', '', '', '', '[]', '', '', '', '', '', '', 0, 0)`, n)
			}
			return err
		})
	}()
	<-begun
	quick := make(chan error)
	go func() {
		_, err := inPostgres(t, h.path).PutPapers(ctx, []core.Seen{{Paper: core.Paper{ID: "quick", Title: "Quick"}}}, false, monday)
		quick <- err
	}()
	seen, err := h.Seq(ctx) // a reader in between
	h.ok(err)
	close(slow)
	h.ok(<-other)
	h.ok(<-quick)
	papers, err := h.ChangedPapers(ctx, seen)
	h.ok(err)
	if len(papers) != 2 || papers[0].ID != "slow" || papers[1].ID != "quick" {
		t.Errorf("after %d came %v", seen, papers)
	}
}

// A process that is cut off from the database in the middle of writing holds nobody up for
// long.
func TestAWriterThatIsCutOffHoldsNobodyUp(t *testing.T) {
	h := aDatabase(t)
	cut := inPostgres(t, h.path)
	cut.engine.(*pg).idle = 100 * time.Millisecond
	half, done, err := cut.engine.begin(t.Context(), true)
	h.ok(err)
	_, err = half.Exec(`UPDATE counter SET n = 1000`) // and no more is heard of it
	h.ok(err)
	h.comes(core.Seen{Paper: core.Paper{ID: "p", Title: "P"}})
	if n, err := h.Seq(t.Context()); err != nil || n != 1 {
		t.Errorf("the newest change is %d: %v", n, err)
	}
	if err := half.Commit(); err == nil {
		t.Error("what was cut off was written all the same")
	}
	done(err)
}

// What becomes of the messages of one claim is written down one after the other, and of
// different channels side by side.
func TestOutcomesOfDifferentChannelsAreWrittenSideBySide(t *testing.T) {
	h := aDatabase(t)
	h.joins("first")
	claims := map[string]core.Claim{}
	for _, name := range []string{"ml", "cv"} {
		c := core.Claim{Channel: h.channel(name), Owner: "first", Attempt: 1}
		h.ok(h.write(t.Context(), "claiming", func(t tx) error {
			return t.must(`INSERT INTO claims (channel, owner, attempt) VALUES ($1, $2, $3)`, c.Channel.ID, c.Owner, c.Attempt)
		}))
		claims[name] = c
	}
	begun, goOn := make(chan string, 3), make(chan bool)
	var writing errgroup.Group
	outcome := func(who, channel string, f func()) {
		writing.Go(func() error {
			return h.fenced(context.Background(), "writing an outcome", claims[channel], func(t tx) error {
				begun <- who
				f()
				return nil
			})
		})
	}
	outcome("the first of #ml", "ml", func() { <-goOn })
	if who := <-begun; who != "the first of #ml" {
		t.Fatal(who)
	}
	outcome("the second of #ml", "ml", func() {})
	waits := func() (n int) {
		h.ok(h.read(t.Context(), "asking who waits", func(t tx) error {
			return t.one([]any{&n}, `SELECT count(*) FROM pg_locks WHERE NOT granted`)
		}))
		return n
	}
	for waits() == 0 && len(begun) == 0 {
		time.Sleep(time.Millisecond)
	}
	outcome("one of #cv", "cv", func() {})
	if who := <-begun; who != "one of #cv" {
		t.Errorf("%s began meanwhile", who)
	}
	close(goOn)
	h.ok(writing.Wait())
}

// From the version on that PostgreSQL began with, a migration is written for both, and
// every text is compared byte by byte, as SQLite does.
func TestBothEnginesHaveTheSameSchema(t *testing.T) {
	const begins = "00021"
	names := map[string]int{}
	for _, engine := range []string{"sqlite", "postgres"} {
		files, err := fs.Glob(schema(engine), "*.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if f[:5] > begins {
				names[f]++
			}
		}
	}
	for f, n := range names {
		if n != 2 {
			t.Errorf("%s is there for one engine only", f)
		}
	}
	one, two := newHouse(t), aDatabase(t)
	lite := columns(one, `SELECT m.name || '.' || i.name FROM sqlite_schema m, pragma_table_info(m.name) i
		WHERE m.type = 'table' AND m.name NOT LIKE 'words%' AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%' ORDER BY 1`)
	big := columns(two, `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name NOT IN ('words', 'vocabulary') AND table_name NOT LIKE 'goose%' ORDER BY 1`)
	if d := cmp.Diff(lite, big); d != "" {
		t.Errorf("SQLite -, PostgreSQL +\n%s", d)
	}
	if other := columns(two, `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'`); len(other) > 0 {
		t.Errorf("write TEXT COLLATE \"C\" for %v", other)
	}
	if other := columns(two, `SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%' AND data_type NOT IN ('text', 'bigint', 'bytea', 'tsvector')`); len(other) > 0 {
		t.Errorf("write BIGINT, TEXT or BYTEA for %v", other)
	}
}

func columns(h *house, query string) (names []string) {
	h.ok(h.read(context.Background(), "reading the schema", func(t tx) (err error) {
		names, err = all(t, value[string], query)
		return err
	}))
	return names
}
