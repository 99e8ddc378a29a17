package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"paperboy/internal/fakeslack"
	"paperboy/internal/replay"
)

// One database, one bot: whoever comes second is told who is there, and ends,
// and the first does not notice.
func TestASecondRunSaysWhoHoldsTheDatabase(t *testing.T) {
	t.Parallel()
	workspace := fakeslack.New(t)
	workspace.Channel("papers", "pi", "paperboy")
	file := filepath.Join(t.TempDir(), "paperboy.db")
	source := httptest.NewServer(replay.FromPapers(nil))
	defer source.Close()
	environ := []string{
		"PAPERBOY_SLACK_API_URL=" + workspace.API, "PAPERBOY_STORE_URL=" + file,
		"PAPERBOY_SOURCES_HUGGINGFACE_URL=" + source.URL, "PAPERBOY_SOURCES_ARXIV_ENABLED=false",
		"PAPERBOY_SLACK_BOT_TOKEN=" + fakeslack.BotToken, "PAPERBOY_SLACK_APP_TOKEN=" + fakeslack.AppToken,
	}
	answers := func(who string) {
		t.Helper()
		if got := workspace.Types("pi", "papers", "/papers").Reads(); !strings.Contains(got, "no topics yet") {
			t.Errorf("%s answers %q", who, got)
		}
	}
	first := launch(t, environ)
	first.says("msg=running")
	workspace.Connected(1)
	answers("the first")

	// The moment is told by the clock of who reads it.
	second := launch(t, append(environ, "TZ=America/New_York"))
	if status, _ := second.ends(restartTime); status != 1 {
		t.Errorf("the second ended with %d", status)
	}
	host, _ := os.Hostname()
	said := regexp.MustCompile(fmt.Sprintf(`(?m)^bot: %s is in use by process %d on %s, since (.+); stop that first, or set \[store\] url to another file$`,
		regexp.QuoteMeta(file), first.cmd.Process.Pid, regexp.QuoteMeta(host))).FindStringSubmatch(second.log.String())
	if said == nil {
		t.Fatalf("the second says %s", second.log)
	}
	there, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	const layout = "2 Jan 15:04:05 MST"
	want := first.started.In(there)
	since, err := time.ParseInLocation("2006 "+layout, fmt.Sprint(want.Year(), " ", said[1]), there)
	if err != nil || since.Sub(want).Abs() > restartTime || !strings.Contains(said[1], " E") {
		t.Errorf("the first is there since %s, says the second, and not since %s", said[1], want.Format(layout))
	}
	if n := workspace.Counts().Sockets; n != 1 {
		t.Errorf("the second was in Slack: %d connections", n)
	}
	answers("the first, afterwards,")

	o := &operator{t, environ}
	// What an operator types meanwhile does not need the database for itself.
	o.gets("imported 1", "import", paperFile(t))
	o.gets("fetched 0 new", "fetch")
	o.gets("1 paper for lora", "search", "lora")
	o.gets("copied", "backup", filepath.Join(t.TempDir(), "copy.db"))
	o.gets("database", "doctor")
	info, err := os.Stat(file + ".lock")
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != 0 {
		t.Errorf("the lock: %v %v", info, err)
	}

	first.kill()
	first.ends(time.Second)
	workspace.Connected(0) // or the third's question is put to who is dead
	third := launch(t, environ)
	workspace.Connected(1)
	if took := time.Since(third.started); took > restartTime {
		t.Errorf("the third was there after %v", took)
	}
	answers("the third")
	third.stop()
}

// paperFile is a paper to be imported.
func paperFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "papers.jsonl")
	if err := os.WriteFile(file, []byte(`{"id":"2511.00001","title":"lora","abstract":"","authors":["A"],"categories":["cs.LG"],"published":"2025-11-03"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
