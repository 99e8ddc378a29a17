package webhook_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"paperboy/adapters/webhook"
	"paperboy/core"
)

var program = regexp.MustCompile("(?s)```go\n(.*?)```")

// The receiver of docs/webhook.md takes what is signed, each id once, and nothing else.
func TestTheReceiverOfTheDocumentsVerifies(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "webhook.md"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	l.Close()
	dir := t.TempDir()
	source := strings.Replace(program.FindStringSubmatch(string(text))[1], "127.0.0.1:9000", at, 1)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", "receiver", "main.go")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.Command(filepath.Join(dir, "receiver"))
	run.Env = []string{"SECRET=whsec_" + base64.StdEncoding.EncodeToString(key)}
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	defer run.Wait()
	defer run.Process.Kill()

	target := func(key []byte, now func() time.Time) *webhook.Webhook {
		return webhook.New(map[string]webhook.Target{"lab": {URL: "http://" + at + "/in/s3cret", Key: key}}, now, nil)
	}
	w := target(key, time.Now)
	for { // until it listens
		_, err := w.Post(t.Context(), post())
		if err == nil {
			break
		}
		if !core.Is[*core.Retry](err) {
			t.Fatal(err)
		}
	}
	other := post()
	other.Key = "1/2509.24003"
	for _, p := range []core.Post{post(), other} {
		if _, err := w.Post(t.Context(), p); err != nil {
			t.Error(err)
		}
	}
	hour := func() time.Time { return time.Now().Add(-time.Hour) }
	for name, forged := range map[string]*webhook.Webhook{"another key": target([]byte("another twenty-four byte"), time.Now), "an old one": target(key, hour)} {
		if _, err := forged.Post(context.Background(), post()); !core.Is[*core.Refused](err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	lines := bufio.NewScanner(out)
	for i, want := range []core.Post{post(), other} {
		var m webhook.Message
		if !lines.Scan() {
			t.Fatal(i, lines.Err())
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil || m.Type != "papers.posted" || m.Data.Papers[0].ID != want.Card.Papers[0].ID {
			t.Errorf("%v, %s", err, lines.Bytes())
		}
	}
}
