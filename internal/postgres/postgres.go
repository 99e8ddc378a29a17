// Package postgres lends tests a real PostgreSQL: the server at PAPERBOY_TEST_POSTGRES
// (a URL whose user may make databases), or else one that it starts itself from the
// programs on this machine, in a folder that goes away, and stops when the test process
// ends, however that ends. Every test has a database of its own. Where there is no
// server and no program, the test is skipped and says so.
package postgres

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // as "pgx"

	"paperboy/internal/recordings"
)

// Needed skips a test where there is no PostgreSQL. Like recordings.Missing, it is asked
// before a test's parts.
func Needed(t testing.TB) {
	t.Helper()
	if _, err := running(); err != nil {
		recordings.Missing(t, "postgres", err.Error())
	}
}

// Database is the URL of a new database, which is dropped when the test ends; it is a
// copy of the template that prepare has made ready, once for this test process.
func Database(t testing.TB, prepare func(url string) error) string {
	t.Helper()
	server, err := running()
	if err != nil {
		recordings.Missing(t, "postgres", err.Error())
	}
	name := "t" + strings.ToLower(rand.Text()[:12])
	if err := server.make(name, prepare); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.exec(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			t.Log(err)
		}
	})
	return server.url(name)
}

// Run runs one of PostgreSQL's own programs, such as pg_dump.
func Run(t testing.TB, name string, args ...string) {
	t.Helper()
	path, err := program(name)
	if err != nil {
		recordings.Missing(t, "postgres", err.Error())
	}
	if out, err := exec.Command(path, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// A server is where databases are made.
type server struct {
	address *url.URL
	db      *sql.DB

	mu       sync.Mutex
	template string
}

func (s *server) url(database string) string {
	u := *s.address
	u.Path = "/" + database
	return u.String()
}

func (s *server) exec(statement string) error {
	_, err := s.db.ExecContext(context.Background(), statement)
	return err
}

func (s *server) make(name string, prepare func(url string) error) error {
	s.mu.Lock() // a template may not be in use by two
	defer s.mu.Unlock()
	if s.template == "" {
		template := "template_" + strings.ToLower(rand.Text()[:12])
		if err := s.exec(`CREATE DATABASE ` + template + ` TEMPLATE template0 ENCODING 'UTF8'`); err != nil {
			return err
		}
		if prepare != nil {
			if err := prepare(s.url(template)); err != nil {
				return err
			}
		}
		s.template = template
	}
	return s.exec(`CREATE DATABASE ` + name + ` TEMPLATE ` + s.template + ` STRATEGY FILE_COPY`) // faster where nothing is logged
}

// none is what PAPERBOY_TEST_POSTGRES says where tests are to do without.
const none = "none"

var running = sync.OnceValues(func() (*server, error) {
	address := os.Getenv("PAPERBOY_TEST_POSTGRES")
	if address == none {
		return nil, errors.New("PAPERBOY_TEST_POSTGRES says that there is none")
	}
	if address == "" {
		var err error
		if address, err = start(); err != nil {
			return nil, err
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		return nil, err
	}
	for range 100 { // it takes a moment to begin
		if err = db.Ping(); err == nil {
			return &server{address: u, db: db}, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil, fmt.Errorf("PostgreSQL does not answer: %w", err)
})

// start starts a server of our own, on a socket in its folder alone.
func start() (address string, err error) {
	initdb, err := program("initdb")
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(memory(), "pb-pg-") // short: a socket's name has 107 letters
	if err != nil {
		return "", err
	}
	who, err := user.Current()
	if err != nil {
		return "", err
	}
	as, err := ordinary(dir)
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	run := exec.Command(initdb, "-D", data, "-U", "paperboy", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
	run.SysProcAttr, run.Dir = as, dir
	if out, err := run.CombinedOutput(); err != nil {
		os.RemoveAll(dir)
		return "", fmt.Errorf("initdb as %s: %w: %s", who.Username, err, bytes.TrimSpace(out))
	}
	postgres := filepath.Join(filepath.Dir(initdb), "postgres")
	if err := untilWeEnd(as, dir, postgres, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=300"); err != nil {
		return "", err
	}
	return "postgres://paperboy@/postgres?host=" + url.QueryEscape(dir), nil
}

// untilWeEnd starts a program in a folder. A shell waits for our end of a pipe to be
// closed, which it is however we end; then it stops the program and takes the folder away.
func untilWeEnd(as *syscall.SysProcAttr, dir string, program ...string) error {
	stop, hold, err := os.Pipe()
	if err != nil {
		return err
	}
	defer stop.Close()
	watch := exec.Command("/bin/sh", append([]string{"-c", `dir=$1; shift; "$@" >"$dir/log" 2>&1 &
		pid=$!; cat >/dev/null; kill -QUIT $pid; (sleep 2; kill -KILL $pid) 2>/dev/null & wait $pid; rm -rf "$dir"`, "sh", dir}, program...)...)
	watch.SysProcAttr, watch.Dir, watch.Stdin = as, dir, stop
	if err := watch.Start(); err != nil {
		return err
	}
	held = append(held, hold)
	return nil
}

var held []*os.File // open for as long as this process lives

// program finds one of PostgreSQL's, where Debian hides them too.
func program(name string) (string, error) {
	places, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	slices.SortFunc(places, func(a, b string) int { return version(b) - version(a) })
	if len(places) > 0 {
		return places[0], nil
	}
	if path, err := exec.LookPath(name); err == nil {
		return filepath.EvalSymlinks(path)
	}
	return "", errors.New("no PostgreSQL is here; Debian has it in the package postgresql, or set PAPERBOY_TEST_POSTGRES to a server's URL")
}

func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}
