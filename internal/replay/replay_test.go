package replay_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/polite"
	"paperboy/internal/recordings"
	"paperboy/internal/replay"
	"paperboy/sources/arxiv"
)

// ask asks over a real socket, as the bot does.
func ask(t *testing.T, r *replay.Replay, path string) (int, string) {
	t.Helper()
	s := httptest.NewServer(r)
	defer s.Close()
	res, err := http.Get(s.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestItRefusesWhatTheRealOnesRefuse(t *testing.T) {
	r := replay.FromPapers(nil)
	r.Now = func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	for path, want := range map[string]int{
		"/api/daily_papers": 200,
		"/api/daily_papers?date=2026-11-23&limit=100&p=3":                      200,
		"/api/daily_papers?date=2026-11-22&sort=trending":                      200,
		"/api/daily_papers?date=2026-11-24":                                    400, // has not begun
		"/api/daily_papers?date=2025-13-40":                                    400,
		"/api/daily_papers?date=2026-11-22&sort=hot":                           400,
		"/api/daily_papers?limit=101":                                          400,
		"/api/daily_papers?limit=0":                                            400,
		"/api/daily_papers?limit=many":                                         400,
		"/api/daily_papers?p=-1":                                               400,
		"/papers.rss":                                                          404,
		"/rss/cs.LG+cs.CL":                                                     200,
		"/rss/cs":                                                              200,
		"/rss/17":                                                              400,
		"/api/query?id_list=2401.01234":                                        200,
		"/api/query?id_list=0000.0000":                                         200,
		"/api/query?id_list=abc":                                               400,
		"/api/query?id_list=2401.01234&max_results=2001":                       400,
		"/api/query?id_list=2401.01234&start=-1":                               400,
		"/api/query?id_list=2401.01234&start=29000&max_results=2000":           400,
		"/api/query?search_query=electron":                                     400,
		"/api/query?search_query=submittedDate:[202611200000+TO+202611230000]": 200,
	} {
		if code, body := ask(t, r, path); code != want {
			t.Errorf("%s: %d, want %d: %s", path, code, want, body)
		}
	}
	if n := len(r.Requests()); n != 22 {
		t.Errorf("counted %d requests of 22", n)
	}
}

func TestADayIsServedAsItWasSeenAtThatTime(t *testing.T) {
	r, err := replay.FromDir(recordings.Dir(t))
	if err != nil {
		t.Fatal(err)
	}
	if r.Newest() != "2026-08-21" {
		t.Errorf("the newest recorded day is %s", r.Newest())
	}
	for at, want := range map[string]int{"2025-10-30T05:30:00Z": 16, "2025-10-30T08:00:00Z": 20} {
		now, _ := time.Parse(time.RFC3339, at)
		r.Now = func() time.Time { return now }
		_, body := ask(t, r, "/api/daily_papers?date=2025-10-30&limit=100")
		var list []json.RawMessage
		if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != want {
			t.Errorf("at %s: %d papers, %v; want %d", at, len(list), err, want)
		}
	}
}

// march is a folder with the beginning of the corpus.
func march(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := os.Create(filepath.Join(dir, "arxiv-corpus.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := gzip.NewWriter(out)
	defer w.Close()
	lines := bufio.NewScanner(recordings.Open(t, "arxiv-corpus.jsonl.gz"))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && !strings.Contains(lines.Text(), `"listed": "2025-04`) {
		w.Write(append(lines.Bytes(), '\n'))
	}
	return dir
}

func TestRecordedListingsAreAnnouncedAndFound(t *testing.T) {
	r, err := replay.FromDir(march(t))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2025, 3, 26, 12, 0, 0, 0, time.UTC)
	r.Now = func() time.Time { return now }
	s := arxiv.New(arxiv.Config{URL: "https://a", RSSURL: "https://a", Categories: []string{"cs.CL", "cs.CV"}, Client: &polite.Client{Transport: r}, Notes: notes{}, Now: r.Now})
	b, err := s.Fetch(context.Background(), "2025-03-26", "2025-03-26")
	if err != nil || len(b.Problems) > 0 || b.Newest != "2025-03-26" || len(b.Seen) < 150 {
		t.Fatalf("%d papers, newest %s, %v %v", len(b.Seen), b.Newest, err, b.Problems)
	}
	kinds := map[string]int{}
	var ids []core.PaperID
	for _, seen := range b.Seen {
		kinds[seen.Sighting.Announce]++
		ids = append(ids, seen.Paper.ID)
	}
	if kinds["new"] == 0 || kinds["cross"] == 0 {
		t.Errorf("announced %v", kinds)
	}
	found, err := s.Lookup(context.Background(), ids)
	if err != nil || len(found) != len(ids) {
		t.Errorf("looked up %d of %d, %v", len(found), len(ids), err)
	}
	back, err := s.Fetch(context.Background(), "2025-03-25", "2025-03-25")
	if err != nil || len(back.Seen) < 300 || back.Newest != "2025-03-25" {
		t.Errorf("the day before: %d papers, newest %s, %v", len(back.Seen), back.Newest, err)
	}
}

type notes map[string]string

func (n notes) Note(_ context.Context, name string) (string, error) { return n[name], nil }
func (n notes) SetNote(_ context.Context, name, value string) error { n[name] = value; return nil }

func TestABrokenConnectionBreaks(t *testing.T) {
	r := replay.FromPapers(nil)
	r.Fail(func(*http.Request) *http.Response { return replay.Cut(`[{"paper":`) })
	s := httptest.NewServer(r)
	defer s.Close()
	res, err := http.Get(s.URL + "/api/daily_papers")
	if err == nil {
		defer res.Body.Close()
		var body []byte
		if body, err = io.ReadAll(res.Body); err == nil {
			t.Errorf("got a whole answer: %s", body)
		}
	}
	if _, err := replay.FromDir(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no recorded days") {
		t.Errorf("an empty folder: %v", err)
	}
}
