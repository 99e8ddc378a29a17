package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"paperboy/internal/recordings"
)

// Pooled is the URL of a database behind PgBouncer in transaction mode: each transaction
// may have another connection of few, and nothing of an earlier one's may be relied on.
func Pooled(t testing.TB, database string) string {
	t.Helper()
	at, err := pooling()
	if err != nil {
		recordings.Missing(t, "postgres", err.Error())
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u.Host, u.RawQuery = "", at
	return u.String()
}

// pooling is where PgBouncer is, as the query of a URL.
var pooling = sync.OnceValues(func() (string, error) {
	server, err := running()
	if err != nil {
		return "", err
	}
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // Debian's, which is not on everybody's path
	}
	if _, err := os.Stat(program); err != nil {
		return "", errors.New("no PgBouncer is here; Debian has it in the package pgbouncer")
	}
	dir, err := os.MkdirTemp("", "pb-pool-")
	if err != nil {
		return "", err
	}
	as, err := ordinary(dir)
	if err != nil {
		return "", err
	}
	to := "host=" + server.address.Query().Get("host")
	if host := server.address.Hostname(); host != "" {
		to = "host=" + host
	}
	if port := server.address.Port(); port != "" {
		to += " port=" + port
	}
	to += " user=" + server.address.User.Username()
	if password, ok := server.address.User.Password(); ok {
		to += " password='" + password + "'"
	}
	config := fmt.Sprintf(`[databases]
* = %s
[pgbouncer]
pool_mode = transaction
default_pool_size = 4
max_client_conn = 1000
auth_type = any
unix_socket_dir = %s
listen_port = 6432
`, to, dir)
	file := filepath.Join(dir, "pgbouncer.ini")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		return "", err
	}
	if err := untilWeEnd(as, dir, program, "-q", file); err != nil {
		return "", err
	}
	socket := filepath.Join(dir, ".s.PGSQL.6432")
	for range 100 { // it takes a moment to begin
		if _, err = os.Stat(socket); err == nil {
			return url.Values{"host": {dir}, "port": {"6432"}}.Encode(), nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return "", fmt.Errorf("PgBouncer does not begin: %w", err)
})
