package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
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

func (p *playground) page() string { p.t.Helper(); return p.of(demoChannels[0]) }

func (p *playground) of(channel string) string {
	p.t.Helper()
	text, err := p.load(channel)
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

func (p *playground) load(channel string) (string, error) {
	resp, err := http.Get(p.url + "?channel=" + channel + "&as=ana")
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(string(b), " ")
	return strings.Join(strings.Fields(html.UnescapeString(text)), " "), err
}

func (p *playground) post(door, text string) { p.t.Helper(); p.answer(door, text) }

// answer is what a door answers, as text.
func (p *playground) answer(door, text string) string {
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
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		p.t.Fatalf("%s: HTTP %d: %s %v", door, resp.StatusCode, b, err)
	}
	return html.UnescapeString(string(b))
}

// types types a command and waits until the page has the answer.
func (p *playground) types(text, answer string) {
	p.t.Helper()
	p.post("say", text)
	p.until(answer)
}

func (p *playground) until(words string) {
	p.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		text, err := p.load(demoChannels[0])
		if err == nil && strings.Contains(text, words) {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("no %q in\n%s\n%v", words, text, err)
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
	// One channel is set up, and had its post; the others are empty.
	p.sees("follows 2 topics here: diffusion and agent*")
	p.sees("📰 Papers · Thu 16 Apr")
	p.sees("next post Fri 09:00 Berlin")
	p.sees("Fri 17 Apr, 07:00")
	for _, empty := range demoChannels[1:] {
		if page := p.of(empty); !strings.Contains(page, "follows nothing yet") || strings.Contains(page, "📰") {
			t.Errorf("#%s: %s", empty, page)
		}
	}
	p.types("/papers search diffusion", "for diffusion")

	// Every morning is the one that the post before has promised, to the last:
	// no source is late, and nothing was missed.
	days := []string{"Fri 17 Apr", "Mon 20 Apr", "Tue 21 Apr", "Wed 22 Apr", "Thu 23 Apr", "Fri 24 Apr", "Mon 27 Apr", "Tue 28 Apr"}
	for i, day := range days {
		p.sees("next post " + day[:3] + " 09:00 Berlin")
		p.morning()
		p.until("📰 Papers · " + day)
		if got := strings.Count(p.page(), "📰"); got != i+2 {
			t.Fatalf("%s: %d posts", day, got)
		}
	}
	page := p.page()
	for _, wolf := range []string{"although papers were due", "is back", "has not answered", "Catch-up", "listed late"} {
		if strings.Contains(page, wolf) {
			t.Errorf("it says %q, and nothing was the matter", wolf)
		}
	}
	p.sees("That was the last day that I have papers of (Tuesday 28 April).")

	// Begin anew.
	p.types("/papers subscribe lora", "follows 1 topic here: lora")
	p.post("anew", "")
	p.until("Fri 17 Apr, 07:00")
	p.sees("📰 Papers · Thu 16 Apr")
	if page := p.page(); strings.Contains(page, "Tue 28 Apr") || strings.Contains(page, "here: lora") {
		t.Errorf("of before it shows\n%s", page)
	}
	p.morning()
	p.until("📰 Papers · Fri 17 Apr")

	if status := p.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "paperboy-demo-*")); len(left) > 0 {
		t.Errorf("it leaves %v behind", left)
	}
}

// Days that nobody recorded are quiet: no source is late on them. A paper that
// is listed again comes once.
func TestTheDemoPassesOverDaysWithoutPapers(t *testing.T) {
	dir := t.TempDir()
	days := []string{"2026-04-01", "2026-04-02", "2026-04-13", "2026-04-14"}
	for i, day := range days {
		writeDay(t, dir, day, fmt.Sprintf("2604.0000%d", i), "2604.00099")
	}
	p := play(t, nowhere, "--data", dir, "--from", days[0])
	for _, day := range []string{"Thu 2 Apr", "Mon 13 Apr", "Tue 14 Apr"} {
		p.morning()
		p.until("📰 Papers · " + day)
	}
	page := p.page()
	for _, wolf := range []string{"although papers were due", "is back"} {
		if strings.Contains(page, wolf) {
			t.Errorf("it says %q, and nothing was the matter", wolf)
		}
	}
	if n := strings.Count(page, "Agents 2604.00099 Ana Doe"); n != 1 {
		t.Errorf("what was listed again came %d times:\n%s", n, page)
	}
}

// writeDay writes a day of Hugging Face with a paper of each id.
func writeDay(t *testing.T, dir, day string, ids ...string) {
	t.Helper()
	var list []string
	for _, id := range ids {
		list = append(list, fmt.Sprintf(`{"paper":{"id":%q,"title":"Agents %s","summary":"","authors":[{"name":"Ana Doe"}],"publishedAt":"%sT00:00:00.000Z","upvotes":1},"publishedAt":"%sT00:00:00.000Z"}`, id, id, day, day))
	}
	if err := os.MkdirAll(filepath.Join(dir, "hf_daily"), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "hf_daily", day+".json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := fmt.Fprintf(z, "[%s]", strings.Join(list, ",")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestTheDemoEndsWhereThePapersEnd(t *testing.T) {
	p := play(t, nowhere, "--from", "2026-04-27")
	p.morning()
	p.until("Tue 28 Apr")
	p.sees("That was the last day that I have papers of (Tuesday 28 April).")
}

// With nothing to post the morning says why, and what to try.
func TestAQuietMorningSaysWhy(t *testing.T) {
	p := play(t, nowhere)
	if got := p.answer("morning", ""); got != "" {
		t.Errorf("a morning with a post: %s", got)
	}
	p.types("/papers pause", "paused the posts here")
	if got := p.answer("morning", ""); !strings.Contains(got, "what is followed is paused") || !strings.Contains(got, "/papers resume") {
		t.Errorf("paused: %s", got)
	}
	p.types("/papers resume", "resumed the posts here")
	p.types("/papers unsubscribe 1", "no longer follows diffusion")
	p.types("/papers unsubscribe 2", "#papers follows nothing yet")
	if got := p.answer("morning", ""); !strings.Contains(got, "no channel follows a topic") || !strings.Contains(got, "/papers subscribe diffusion, agent*") {
		t.Errorf("nothing followed: %s", got)
	}
	p.types("/papers subscribe nonesuch", "follows 1 topic here: nonesuch")
	if got := p.answer("morning", ""); !strings.Contains(got, "none of this morning") || !strings.Contains(got, "/papers preview") {
		t.Errorf("nothing matches: %s", got)
	}
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
	p.until("📰 Papers · Thu 11 Jun")
	p.stop()

	// Left to itself it plays the longest row of weekdays that were recorded.
	p = play(t, environ, "--data", dir)
	p.sees("📰 Papers · Thu 7 Aug")
	p.sees("Fri 8 Aug, 07:00")
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
		{[]string{"--from", "2030-01-01"}, "there are papers from 2026-03-25 to 2026-04-28"},
		{[]string{"--from", "tomorrow"}, "--from tomorrow is no day; write it as 2026-04-09"},
	} {
		var out, errOut strings.Builder
		status := run(t.Context(), append([]string{"demo", "--listen", "127.0.0.1:0"}, tc.args...), nil, &out, &errOut, nowhere)
		if status != 2 || !strings.Contains(errOut.String(), tc.want) {
			t.Errorf("%v: exit %d, %s", tc.args, status, errOut.String())
		}
	}
}

// Who types `/papers link` in the playground gets addresses that open: the page, a feed;
// and without the secret, or under a name that was made to lead here, nothing does.
func TestThePlaygroundsLinkOpensThePage(t *testing.T) {
	p := play(t, nowhere)
	p.types("/papers link", "The page")
	page := regexp.MustCompile(`http://127\.0\.0\.1:\d+/c/[A-Za-z0-9]+`).FindString(p.page())
	if page == "" {
		t.Fatal("no link")
	}
	get := func(address, host string, cookies http.CookieJar) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		resp, err := (&http.Client{Jar: cookies}).Do(r)
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
	base, secret, _ := strings.Cut(page, "/c/")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	if code, body := get(page, "", jar); code != http.StatusOK || !strings.Contains(body, "#papers") {
		t.Error(code, body)
	}
	if code, body := get(base+"/feeds/"+secret+"/posts.atom", "", nil); code != http.StatusOK || !strings.Contains(body, "<entry>") {
		t.Error(code, body)
	}
	p.types("/papers link me", "/me/")
	me := regexp.MustCompile(`http://127\.0\.0\.1:\d+/me/[A-Za-z0-9]+`).FindString(p.page())
	own, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := (&http.Client{Jar: own}).Post(me, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	signed.Body.Close()
	if code, body := get(base+"/channels", "", own); code != http.StatusOK || !strings.Contains(body, "#papers") {
		t.Errorf("signed in by %q: %d %s", me, code, body)
	}
	for _, path := range []string{"/", "/papers/2511.00001", "/mcp"} {
		if code, _ := get(base+path, "", nil); code != http.StatusUnauthorized {
			t.Errorf("%s without a link: %d", path, code)
		}
	}
	if code, _ := get(page, "rebound.example.org", nil); code != http.StatusForbidden {
		t.Errorf("under another name: %d", code)
	}
}
