package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"paperboy/core"
	"paperboy/internal/testkit"
)

// spoken is `bot mcp` and an assistant that started it.
type spoken struct {
	*sdk.ClientSession
	out    *bytes.Buffer // all of its standard output
	err    testkit.Log
	ends   func() int // closes its input: its exit status
	stored string
}

// starts starts `bot mcp` on a database with two channels.
func starts(t *testing.T, args ...string) *spoken {
	t.Helper()
	c := &spoken{out: &bytes.Buffer{}, stored: filepath.Join(t.TempDir(), "paperboy.db")}
	s := openedStore(t, c.stored)
	paper := core.Seen{Paper: core.Paper{ID: "2611.00001", Title: "We segment lamps", Categories: []string{"cs.CV"}}, Sighting: core.Sighting{Source: "arxiv", Day: "2026-11-24"}, Authority: core.Index}
	if _, err := s.PutPapers(t.Context(), []core.Seen{paper}, false, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"C1", "C2"} {
		if _, err := s.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: id}, Name: "#" + strings.ToLower(id), Settings: core.DefaultSettings()}); err != nil {
			t.Fatal(err)
		}
	}
	in, writes := io.Pipe()
	reads, out := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- run(t.Context(), append([]string{"mcp", "--log-level", "debug"}, args...), in, io.MultiWriter(c.out, out), &c.err, []string{"PAPERBOY_STORE_URL=" + c.stored})
		out.Close()
	}()
	c.ends = func() int {
		writes.Close()
		return <-status
	}
	var err error
	if c.ClientSession, err = sdk.NewClient(&sdk.Implementation{Name: "assistant", Version: "1"}, nil).Connect(t.Context(), &sdk.IOTransport{Reader: reads, Writer: writes}, nil); err != nil {
		t.Fatalf("%v\n%s", err, c.err.String())
	}
	return c
}

func (c *spoken) hears(t *testing.T, tool string, in map[string]any) string {
	t.Helper()
	res, err := c.CallTool(t.Context(), &sdk.CallToolParams{Name: tool, Arguments: in})
	if err != nil {
		t.Fatal(err)
	}
	return res.Content[0].(*sdk.TextContent).Text
}

// What starts us as a program hears the protocol and nothing else, and we end with it.
func TestAnAssistantStartsTheBot(t *testing.T) {
	c := starts(t, "--channel", "c1")
	if said := c.hears(t, "search", map[string]any{"query": "lamps"}); !strings.Contains(said, "> We segment lamps") {
		t.Errorf("it hears %s", said)
	}
	if said := c.hears(t, "digest", nil); !strings.Contains(said, "#c1 got nothing") {
		t.Errorf("it hears %s", said)
	}
	if status := c.ends(); status != 0 {
		t.Errorf("status %d: %s", status, c.err.String())
	}
	lines := 0
	for scan := bufio.NewScanner(c.out); scan.Scan(); lines++ {
		var message struct{ JSONRPC string }
		if err := json.Unmarshal(scan.Bytes(), &message); err != nil || message.JSONRPC != "2.0" {
			t.Errorf("no message: %s", scan.Text())
		}
	}
	if lines < 3 {
		t.Errorf("only %d messages", lines)
	}
}

func TestAnAssistantOfSeveralChannelsNamesOne(t *testing.T) {
	c := starts(t)
	if said := c.hears(t, "digest", nil); !strings.Contains(said, "slack/T1/C1 #c1, slack/T1/C2 #c2") {
		t.Errorf("it hears %s", said)
	}
	if said := c.hears(t, "digest", map[string]any{"channel": "#c2"}); !strings.Contains(said, "#c2 got nothing") {
		t.Errorf("it hears %s", said)
	}
	c.ends()
}

func TestAnAssistantActsForAPersonOnlyWhereOneIsNamed(t *testing.T) {
	c := starts(t, "--as", "slack:T1/U7")
	if said := c.hears(t, "save", map[string]any{"id": "2611.00001"}); !strings.Contains(said, "Saved.") {
		t.Errorf("it hears %s", said)
	}
	c.ends()
	list, err := openedStore(t, c.stored).SavedBy(t.Context(), "slack:T1/U7")
	if err != nil || len(list) != 1 || list[0].Paper != "2611.00001" {
		t.Errorf("the list is %v, %v", list, err)
	}

	for _, wrong := range []string{"ana", "slack:", "slack:T9/U7", "discord:7"} {
		var out, complained strings.Builder
		if status := run(t.Context(), []string{"mcp", "--as", wrong}, strings.NewReader(""), &out, &complained, []string{"PAPERBOY_STORE_URL=" + c.stored}); status != 2 || out.Len() > 0 || !strings.Contains(complained.String(), "write it as slack:T012/U345") {
			t.Errorf("--as %s: status %d, %q, %s", wrong, status, out.String(), &complained)
		}
	}
}

// The port answers at /mcp whoever has a channel's key, and only as that channel.
func TestThePortAnswersAssistants(t *testing.T) {
	s := openedStore(t, filepath.Join(t.TempDir(), "paperboy.db"))
	ch, err := s.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: "C1"}, Name: "#c1", Settings: core.DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	key := core.NewSecret()
	if err := s.SetLink(t.Context(), core.Link{Channel: ch.ID, Purpose: core.LinkAssistant, Secret: key}); err != nil {
		t.Fatal(err)
	}
	a := &app{ctx: t.Context(), log: slog.New(slog.DiscardHandler)}
	port := httptest.NewServer(a.port(s, core.NewConnections(nil), nil))
	t.Cleanup(port.Close)
	ask := func(key string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), "POST", port.URL+"/mcp", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"}, "Authorization": {"Bearer " + key}}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
	if status, said := ask(key); status != 200 || !strings.Contains(said, `"digest"`) || strings.Contains(said, `"channel"`) {
		t.Errorf("%d %s", status, said)
	}
	if status, _ := ask(core.NewSecret()); status != 401 {
		t.Errorf("a stranger's key: %d", status)
	}
}
