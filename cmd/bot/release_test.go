package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"paperboy/internal/catalogue"
	"paperboy/internal/testkit"
)

// What a release's program may take on the machine that it is made for.
const (
	releaseStart  = time.Second // until people are heard
	releaseMemory = 60 << 20    // resident, with so many papers, after a morning
	releasePapers = 5000
)

// A program that is released is tried as people use it: it says what it is,
// takes papers in, finds them, and brings a channel its papers in the morning.
// `make release` tells this of every program that it makes.
func TestAProgramThatIsReleasedBringsAMorningsPapers(t *testing.T) {
	native := len(released()) == 1 // and no emulator
	papers := 500
	if native {
		papers = releasePapers
	}
	s := newSiege(t, slackPlace, 4)
	workspace := s.place.(slackChannels)
	bot := func(want string, args ...string) {
		t.Helper()
		p := launch(t, s.environ(), args...)
		if status, _ := p.ends(2 * time.Minute); status != 0 || !strings.Contains(p.out.String(), want) {
			t.Fatalf("bot %s: %d, %s%s", strings.Join(args, " "), status, p.out, p.log)
		}
	}
	bot("paperboy ", "version")
	bot(fmt.Sprintf("imported %d, updated 0, unchanged 0, bad 0", papers), "import", manyPapers(t, papers))
	bot("for diffusion", "search", "diffusion", "--limit", "1")

	if native {
		var starts []time.Duration
		for range 5 { // the others on this machine may hold one of them up
			p := launch(t, s.environ())
			workspace.Connected(1)
			starts = append(starts, time.Since(p.started))
			p.stop()
			workspace.Connected(0)
		}
		start := slices.Min(starts)
		t.Logf("people are heard %v after the start", start.Round(time.Millisecond))
		if start > releaseStart {
			t.Errorf("it starts in %v, and is to in %v", starts, releaseStart)
		}
	}

	s.nearly(s.days[0])
	p := launch(t, s.environ())
	testkit.Eventually(t, p.log, "the morning's papers in each channel", func() bool { return len(s.once()) == channels*(s.papers+1) })
	workspace.Types("pi", name(0), "/papers search diffusion").Wait(1)
	if native {
		now, peak := memory(t, p.cmd.Process.Pid)
		t.Logf("with %d papers, after a morning, it has %d MB, and had %d at most", papers, now>>20, peak>>20)
		if now > releaseMemory {
			t.Errorf("it has %d MB, and may have %d", now>>20, releaseMemory>>20)
		}
	}
	p.stop()
}

// The playground is the first thing that people start: its page is there, its
// mornings come, and the terminal that it was started from stays quiet.
func TestTheTerminalOfThePlaygroundIsQuiet(t *testing.T) {
	p := launch(t, append(slices.Clone(nowhere), "DISPLAY=", "WAYLAND_DISPLAY="), "demo", "--listen", "127.0.0.1:0")
	testkit.Eventually(t, p.log, "the page's address", func() bool { return strings.Contains(p.out.String(), "\n") })
	address := regexp.MustCompile(`http://\S+/`).FindString(p.out.String())
	for range 2 {
		resp, err := http.Post(address+"morning", "application/json", strings.NewReader(`{"as": "ana", "channel": "`+demoChannels[0]+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		if body, _ := io.ReadAll(resp.Body); resp.StatusCode >= 300 {
			t.Fatalf("a morning: HTTP %d %s", resp.StatusCode, body)
		}
		resp.Body.Close()
	}
	p.stop()
	if log := p.log.String(); log != "" {
		t.Errorf("it says\n%s", log)
	}
	if n := strings.Count(p.out.String(), "\n"); n != 1 {
		t.Errorf("%d lines:\n%s", n, p.out)
	}
}

// manyPapers is a file of made-up papers, as long as real ones.
func manyPapers(t *testing.T, n int) string {
	t.Helper()
	var titles, words []string
	for _, day := range catalogue.Days() {
		for _, seen := range day {
			titles = append(titles, seen.Paper.Title)
		}
	}
	slices.Sort(titles)
	for _, title := range titles {
		words = append(words, strings.Fields(title)...)
	}
	chance := rand.New(rand.NewPCG(1, 2))
	var lines bytes.Buffer
	for i := range n {
		abstract := make([]string, 170)
		for j := range abstract {
			abstract[j] = words[chance.IntN(len(words))]
			if chance.IntN(30) == 0 { // real abstracts have their own words too
				abstract[j] += strconv.Itoa(chance.IntN(100_000))
			}
		}
		if err := json.NewEncoder(&lines).Encode(map[string]any{
			"id": fmt.Sprintf("2401.%05d", i), "title": fmt.Sprintf("%s %d", titles[chance.IntN(len(titles))], i), "abstract": strings.Join(abstract, " "),
			"authors": []string{"A. Author", "B. Writer", "C. Scribe", "D. Penman", "E. Last"}, "categories": []string{"cs.LG"}, "published": "2024-01-02",
		}); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "papers.jsonl")
	if err := os.WriteFile(file, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// memory is what a process has of the machine's memory, and had at most.
func memory(t *testing.T, pid int) (now, peak int64) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	kB := func(name string) int64 {
		m := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(status)
		if m == nil {
			t.Fatalf("no %s in\n%s", name, status)
		}
		n, _ := strconv.ParseInt(string(m[1]), 10, 64)
		return n << 10
	}
	return kB("VmRSS"), kB("VmHWM")
}
