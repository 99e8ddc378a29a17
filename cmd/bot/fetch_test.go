package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/catalogue"
	"paperboy/internal/replay"
)

// operator types commands in a folder of their own.
type operator struct {
	t       *testing.T
	environ []string
}

func (o *operator) types(want int, args ...string) (out, errOut string) {
	o.t.Helper()
	var stdout, stderr strings.Builder
	if got := run(o.t.Context(), args, strings.NewReader(""), &stdout, &stderr, o.environ); got != want {
		o.t.Fatalf("bot %s: exit %d, want %d\n%s%s", strings.Join(args, " "), got, want, stdout.String(), stderr.String())
	}
	return stdout.String(), stderr.String()
}

func (o *operator) gets(want string, args ...string) {
	o.t.Helper()
	if out, _ := o.types(0, args...); !strings.Contains(out, want) {
		o.t.Errorf("bot %s: no %q in %q", strings.Join(args, " "), want, out)
	}
}

func TestABackFillMayBeRepeated(t *testing.T) {
	server := replay.FromPapers(catalogue.Days())
	hf := httptest.NewServer(server)
	defer hf.Close()
	o := &operator{t, []string{
		"PAPERBOY_STORE_URL=" + filepath.Join(t.TempDir(), "papers.db"),
		"PAPERBOY_SOURCES_HUGGINGFACE_URL=" + hf.URL,
		"PAPERBOY_SOURCES_ARXIV_ENABLED=false",
		"PAPERBOY_FETCH_USER_AGENT_CONTACT=me@example.org",
	}}
	backfill := []string{"fetch", "--source", "hf", "--since", "2026-04-09", "--until", "2026-04-13"}
	o.gets("fetched 30 new, updated 0, unchanged 0", backfill...)
	o.gets("fetched 0 new, updated 0, unchanged 30", backfill...)
	o.gets("1 paper for gameworld", "search", "gameworld")

	// One pass asks for today; what the lists of today hold is nothing here.
	o.gets("fetched 0 new", "fetch")
	for _, r := range server.Requests() {
		if !strings.Contains(r.Agent, "(+me@example.org)") {
			t.Errorf("asked as %q", r.Agent)
		}
	}

	// A source that is down is a failure, in a sentence.
	hf.Close()
	_, errOut := o.types(1, backfill...)
	complaint := "bot: Hugging Face cannot be reached, so its days from 2026-04-09 on are not all here; check this machine's network, and HTTPS_PROXY where it needs one, and type the same again\n"
	if log, said := strings.CutSuffix(errOut, complaint); !said || !strings.Contains(log, "level=WARN") || !strings.Contains(log, "refused") || strings.Contains(log, "bot: ") {
		t.Errorf("the cause is for the log, and last comes one sentence: %s", errOut)
	}
	_, errOut = o.types(1, "fetch")
	if !strings.HasSuffix(errOut, "\nbot: check this machine's network, and HTTPS_PROXY where it needs one, and fetch again\n") {
		t.Error(errOut)
	}
	_, errOut = o.types(2, "fetch", "--source", "arxiv")
	if !strings.Contains(errOut, `bot: there is no source "arxiv" that is enabled; there are huggingface`) {
		t.Error(errOut)
	}
}

func TestABackFillSaysWhichDaysItLacksAndWhenToAskAgain(t *testing.T) {
	server := replay.FromPapers(catalogue.Days())
	hf := httptest.NewServer(server)
	defer hf.Close()
	o := &operator{t, []string{
		"PAPERBOY_STORE_URL=" + filepath.Join(t.TempDir(), "papers.db"),
		"PAPERBOY_SOURCES_HUGGINGFACE_URL=" + hf.URL,
		"PAPERBOY_SOURCES_ARXIV_ENABLED=false",
	}}
	server.Fail(func(r *http.Request) *http.Response {
		if r.URL.Query().Get("date") >= "2026-04-11" {
			return replay.Answer(429, "", "Retry-After", "7200")
		}
		return nil
	})
	_, errOut := o.types(1, "fetch", "--since", "2026-04-09", "--until", "2026-04-13")
	said := regexp.MustCompile(`(?m)^bot: Hugging Face is limiting requests, so its days from 2026-04-11 on are not all here; it may be asked again at \d\d:\d\d UTC, and goes on from there$`)
	if !said.MatchString(errOut) {
		t.Error(errOut)
	}
	o.gets("paper", "search", "cat:*") // what came is kept
}

func TestWhatIsImportedIsNeverNewForAChannel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "paperboy.db")
	line := `{"id": "2509.24002", "title": "MCMark", "published": "2025-09-28"}`
	if status := run(t.Context(), []string{"import", "-"}, strings.NewReader(line), io.Discard, io.Discard, []string{"PAPERBOY_STORE_URL=" + path}); status != 0 {
		t.Fatalf("exit %d", status)
	}
	s := openedStore(t, path)
	if p, err := s.Paper(t.Context(), "2509.24002"); err != nil || p.Title != "MCMark" {
		t.Fatalf("%+v, %v", p, err)
	}
	if new, err := s.ChangedPapers(t.Context(), 0); err != nil || len(new) > 0 {
		t.Errorf("new for channels: %v, %v", new, err)
	}
}

func TestWhatIsImportedIsACopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "paperboy.db")
	imports := func(line string) {
		t.Helper()
		if status := run(t.Context(), []string{"import", "-"}, strings.NewReader(line), io.Discard, io.Discard, []string{"PAPERBOY_STORE_URL=" + path}); status != 0 {
			t.Fatalf("exit %d", status)
		}
	}
	imports(`{"id": "2611.20001v9", "title": "Typed", "comment": "Withdrawn by the authors"}`)
	s := openedStore(t, path)
	paper := func() core.Paper {
		t.Helper()
		p, err := s.Paper(t.Context(), "2611.20001")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := paper(); !p.Withdrawn {
		t.Error("its comment was not read")
	}
	hf := core.Seen{Paper: core.Paper{ID: "2611.20001", Title: "On HF"}, Sighting: core.Sighting{Source: "hf"}, Authority: core.Index}
	if _, err := s.PutPapers(t.Context(), []core.Seen{hf}, false, time.Now()); err != nil {
		t.Fatal(err)
	}
	if p := paper(); p.Title != "On HF" {
		t.Errorf("the title is %q", p.Title)
	}
	arxiv := core.Seen{Paper: core.Paper{ID: "2611.20001", Version: 2, Title: "The authors'", Comment: "8 pages"}, Sighting: core.Sighting{Source: "arxiv"},
		Authority: core.Publisher, Knows: []core.Fact{core.FactComment, core.FactWithdrawn}}
	if _, err := s.PutPapers(t.Context(), []core.Seen{arxiv}, false, time.Now()); err != nil {
		t.Fatal(err)
	}
	imports(`{"id": "2611.20001v9", "title": "Typed", "comment": "Withdrawn by the authors"}`)
	imports(`{"id": "2611.20001", "title": "Mine", "categories": ["cs.LG"]}`)
	if p := paper(); p.Title != "The authors'" || p.Version != 2 || p.Withdrawn || p.Comment != "8 pages" || p.Primary() != "cs.LG" {
		t.Errorf("%+v", p)
	}
}
