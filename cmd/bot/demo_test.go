package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"paperboy/internal/recordings"
)

// nowhere is an environment in which no source answers, so that the tests need
// no network and do not notice one.
var nowhere = []string{
	"PAPERBOY_SOURCES_HUGGINGFACE_URL=http://127.0.0.1:1",
	"PAPERBOY_SOURCES_ARXIV_URL=http://127.0.0.1:1",
	"PAPERBOY_SOURCES_ARXIV_RSS_URL=http://127.0.0.1:1",
}

// playground is a running `bot demo`.
type playground struct {
	t    *testing.T
	url  string
	says string // the line it printed
	stop func() int
}

func play(t *testing.T, environ []string, args ...string) *playground {
	t.Helper()
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	status := make(chan int, 1)
	var log strings.Builder
	go func() {
		status <- run(ctx, append([]string{"demo", "--listen", "127.0.0.1:0"}, args...), strings.NewReader(""), w, &log, environ)
		w.Close()
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("the demo ended with %d: %s", <-status, log.String())
	}
	p := &playground{t: t, says: line, url: regexp.MustCompile(`http://\S+/`).FindString(line)}
	p.stop = sync.OnceValue(func() int { cancel(); return <-status })
	t.Cleanup(func() { p.stop() }) // before its folder is taken away
	return p
}

func (p *playground) page() string {
	p.t.Helper()
	resp, err := http.Get(p.url + "?channel=" + demoChannels[0] + "&as=ana")
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("HTTP %d, %v", resp.StatusCode, err)
	}
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(string(b), " ")
	return strings.Join(strings.Fields(html.UnescapeString(text)), " ")
}

func (p *playground) post(door, text string) {
	p.t.Helper()
	body, err := json.Marshal(map[string]string{"as": "ana", "channel": demoChannels[0], "text": text})
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := http.Post(p.url+door, "application/json", strings.NewReader(string(body)))
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, _ := io.ReadAll(resp.Body); resp.StatusCode >= 300 {
		p.t.Fatalf("%s: HTTP %d: %s", door, resp.StatusCode, b)
	}
}

// types types a command and waits until the page has the answer.
func (p *playground) types(text, answer string) {
	p.t.Helper()
	p.post("say", text)
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(p.page(), answer); {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s: no %q in\n%s", text, answer, p.page())
		}
	}
}

func (p *playground) morning() { p.t.Helper(); p.post("morning", "") }

func (p *playground) sees(want string) {
	p.t.Helper()
	if page := p.page(); !strings.Contains(page, want) {
		p.t.Fatalf("no %q in\n%s", want, page)
	}
}

func TestTheDemoNeedsNeitherTokenNorNetwork(t *testing.T) {
	p := play(t, nowhere)
	if !strings.Contains(p.says, "the small catalogue inside this program") {
		t.Errorf("it says %s", p.says)
	}
	p.types("/papers search diffusion", "for diffusion")
	p.types("/papers subscribe agent, diffusion", "follows 2 topics here")
	p.morning()
	p.sees("📰 Papers · Thu 9 Apr")
	p.sees("RAGEN-2: Reasoning Collapse in Agentic RL")
	p.morning()
	p.sees("GameWorld: Towards Standardized and Verifiable Evaluation of Multimodal Game Agents")

	// Six days later it is listed again, and nobody gets it twice.
	for range 5 {
		p.morning()
	}
	p.sees("📰 Papers · Fri 17 Apr")
	if page := p.page(); strings.Count(page, "GameWorld: Towards") != 1 {
		t.Errorf("GameWorld came %d times", strings.Count(page, "GameWorld: Towards"))
	}

	if status := p.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "paperboy-demo-*")); len(left) > 0 {
		t.Errorf("it leaves %v behind", left)
	}
}

func TestTheDemoEndsWhereThePapersEnd(t *testing.T) {
	p := play(t, nowhere, "--from", "2026-05-19")
	p.morning()
	p.sees("Wed 20 May")
	p.sees("That was the last day that I have papers of (2026-05-20). Start the demo again to begin anew.")
}

func TestTheDemoPlaysRecordedDays(t *testing.T) {
	dir := recordings.Dir(t)
	// Without arXiv, whose replay reads the whole corpus for every day.
	environ := append([]string{"PAPERBOY_SOURCES_ARXIV_ENABLED=false"}, nowhere...)
	p := play(t, environ, "--data", dir, "--from", "2026-06-10")
	if !strings.Contains(p.says, "recorded days in "+dir) {
		t.Errorf("it says %s", p.says)
	}
	p.types("/papers subscribe llm", "follows 1 topic here: llm")
	p.morning()
	p.sees("📰 Papers · Thu 11 Jun")
}

func TestTheDemoTakesLivePapersFirst(t *testing.T) {
	asked := make(chan string, 100)
	hf := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case asked <- r.URL.Query().Get("date"):
		default:
		}
		fmt.Fprint(w, "[]")
	}))
	defer hf.Close()
	environ := append([]string{"PAPERBOY_SOURCES_HUGGINGFACE_URL=" + hf.URL}, nowhere[1:]...)
	p := play(t, environ, "--data", t.TempDir())
	if !strings.Contains(p.says, "papers: Hugging Face)") {
		t.Errorf("it says %s", p.says)
	}
	if len(asked) < demoLivePast {
		t.Errorf("it asked for %d days", len(asked))
	}
}

func TestTheDemoRefusesWhatCannotBe(t *testing.T) {
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"--listen", strings.TrimPrefix(taken.URL, "http://")}, "choose another address, as --listen 127.0.0.1:8081"},
		{[]string{"--data", t.TempDir()}, "has no recorded days"},
		{[]string{"--from", "2030-01-01"}, "there are papers from 2026-03-25 to 2026-05-20"},
		{[]string{"--from", "tomorrow"}, "--from tomorrow is no day; write it as 2026-04-09"},
	} {
		var out, errOut strings.Builder
		status := run(t.Context(), append([]string{"demo", "--listen", "127.0.0.1:0"}, tc.args...), nil, &out, &errOut, nowhere)
		if status != 2 || !strings.Contains(errOut.String(), tc.want) {
			t.Errorf("%v: exit %d, %s", tc.args, status, errOut.String())
		}
	}
}
