package huggingface_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/internal/polite"
	"paperboy/internal/recordings"
	"paperboy/internal/replay"
	"paperboy/sources/huggingface"
)

// noon of a recorded day, by which its list can be asked for.
func noon(day core.Date) func() time.Time {
	return func() time.Time { return day.Time(time.UTC).Add(12 * time.Hour) }
}

func source(r *replay.Replay, today core.Date) *huggingface.Source {
	r.Now = noon(today)
	return huggingface.New("https://huggingface.co", &polite.Client{Transport: r}, r.Now)
}

func TestEveryRecordedDayIsReadWhole(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(recordings.Dir(t), "hf_daily", "*.json.gz"))
	if err != nil || len(files) != 419 {
		t.Fatalf("419 days were recorded, found %d (%v)", len(files), err)
	}
	r := replay.FromPapers(nil)
	s := source(r, "2026-08-22")
	days := map[core.PaperID][]core.Date{}
	for _, file := range files {
		day := core.Date(strings.TrimSuffix(filepath.Base(file), ".json.gz"))
		var raw []struct{ Paper struct{ ID core.PaperID } }
		body, err := io.ReadAll(recordings.Open(t, "hf_daily/"+filepath.Base(file)))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(body, &raw); err != nil {
			t.Fatal(err)
		}
		r.Fail(func(*http.Request) *http.Response { return replay.Answer(200, string(body)) })
		b, err := s.Fetch(context.Background(), day, day)
		if err != nil || len(b.Problems) > 0 || b.Newest != day {
			t.Fatalf("%s: newest %s, %v, %v", day, b.Newest, err, b.Problems)
		}
		if !core.IsWeekday(day) {
			t.Errorf("%s is a %s", day, day.Weekday())
		}
		var want, got []core.PaperID
		for _, e := range raw {
			want = append(want, e.Paper.ID)
		}
		for i, seen := range b.Seen {
			p, at := seen.Paper, seen.Sighting
			got = append(got, p.ID)
			days[p.ID] = append(days[p.ID], at.Day)
			if at.Rank != i+1 || at.Day != day || at.Source != "hf" { // recorded in the order of upvotes
				t.Errorf("%s %s: stands as %+v", day, p.ID, at)
			}
			if p.Title == "" || p.Abstract == "" || len(p.Authors) == 0 || p.Upvotes == nil || p.Comments == nil ||
				len(p.Published) != 10 || p.Published > day || strings.ContainsAny(p.Title+p.Abstract, "\n") {
				t.Errorf("%s: something is missing in %+v", day, p)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-recorded +read):\n%s", day, diff)
		}
	}
	for id, want := range map[core.PaperID]int{"2604.07429": 2, "2606.11176": 2, "2608.12313": 2, "2608.13558": 2} {
		if len(days[id]) != want {
			t.Errorf("%s was featured on %v", id, days[id])
		}
	}
}

const good = `{"paper":{"id":"2511.00001","title":"Good","summary":"Fine.","authors":[{"name":"Ana"}],"publishedAt":"2025-11-01T00:00:00.000Z","upvotes":3},"publishedAt":"2025-10-31T20:00:00.000Z","title":"Good","numComments":0}`

func TestOddEntriesAreNamedAndTheirNeighboursKept(t *testing.T) {
	for _, c := range []struct {
		name, entry string
		want        core.PaperID // of the odd entry; none when it is no paper
		problem     string
	}{
		{"an unknown field", `{"paper":{"id":"2511.00002","title":"T","shoeSize":44},"moon":"full"}`, "2511.00002", ""},
		{"no upvotes", `{"paper":{"id":"2511.00002","title":"T"}}`, "2511.00002", ""},
		{"an id with a version", `{"paper":{"id":"2511.00002v3","title":"T"}}`, "2511.00002", ""},
		{"an old id", `{"paper":{"id":"hep-th/9901001","title":"T"}}`, "hep-th/9901001", ""},
		{"an id beside the paper", `{"id":"2511.00002","paper":{"title":"T"}}`, "2511.00002", ""},
		{"a title beside the paper", `{"title":"T","paper":{"id":"2511.00002"}}`, "2511.00002", ""},
		{"upvotes in words", `{"paper":{"id":"2511.00002","title":"T","upvotes":"many"}}`, "2511.00002", "upvotes"},
		{"upvotes below zero", `{"paper":{"id":"2511.00002","title":"T","upvotes":-4}}`, "2511.00002", ""},
		{"authors that are none", `{"paper":{"id":"2511.00002","title":"T","authors":"Ana"}}`, "2511.00002", "authors"},
		{"no id", `{"paper":{"title":"T"}}`, "", "not an arXiv id"},
		{"no title", `{"paper":{"id":"2511.00002","title":" \n "}}`, "", "no title"},
		{"an id that cannot be", `{"paper":{"id":"2513.00002","title":"T"}}`, "", "not an arXiv id"},
		{"null", `null`, "", "not an arXiv id"},
		{"a number", `7`, "", "not an arXiv id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := replay.FromPapers(nil)
			r.Fail(func(*http.Request) *http.Response { return replay.Answer(200, "["+good+","+c.entry+"]") })
			b, err := source(r, "2025-11-04").Fetch(context.Background(), "2025-11-03", "2025-11-03")
			if err != nil {
				t.Fatal(err)
			}
			var problem string
			if len(b.Problems) == 1 {
				problem = b.Problems[0].Where + ": " + b.Problems[0].Err.Error()
			}
			if (problem == "") != (c.problem == "") || !strings.Contains(problem, c.problem) || c.problem != "" && !strings.HasPrefix(problem, "2025-11-03 entry 2: ") {
				t.Errorf("problem %q, want %q", problem, c.problem)
			}
			want := []core.PaperID{"2511.00001"}
			if c.want != "" {
				want = append(want, c.want)
			}
			var got []core.PaperID
			for _, s := range b.Seen {
				got = append(got, s.Paper.ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if c.want != "" && b.Seen[1].Paper.Upvotes != nil {
				t.Error("unknown upvotes became a number")
			}
			if c.name == "an id with a version" && b.Seen[1].Paper.Version != 3 {
				t.Error("the version was lost")
			}
		})
	}
}

func TestWhatIsNoListIsAnErrorAndNeverAnEmptyDay(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func() *http.Response
		papers int
		reason string
	}{
		{"a web page", func() *http.Response { return replay.Answer(200, "<!doctype html><title>Sorry</title>") }, 0, "sent a web page instead of papers"},
		{"an error object", func() *http.Response { return replay.Answer(200, `{"error":"Internal"}`) }, 0, "sent an error instead of papers"},
		{"nothing", func() *http.Response { return replay.Answer(200, "") }, 0, "sent an empty answer"},
		{"words", func() *http.Response { return replay.Answer(200, "Rate exceeded.") }, 0, "sent something else than papers"},
		{"half a body", func() *http.Response { return replay.Answer(200, "["+good+`,{"paper":{"id":"2511.0`) }, 1, "sent only a part of its answer"},
		{"a body whose bracket is missing", func() *http.Response { return replay.Answer(200, "["+good) }, 1, "sent only a part of its answer"},
		{"a broken connection", func() *http.Response { return replay.Cut("[" + good + ",") }, 1, "sent only a part of its answer"},
		{"a server error", func() *http.Response { return replay.Answer(502, "bad gateway") }, 0, "answers with an error (HTTP 502)"},
		{"a day that is refused", func() *http.Response { return replay.Answer(400, "no") }, 0, "answers with an error (HTTP 400)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := replay.FromPapers(nil)
			r.Fail(func(*http.Request) *http.Response { return c.answer() })
			b, err := source(r, "2025-11-04").Fetch(context.Background(), "2025-11-03", "2025-11-03")
			var se *core.SourceError
			if !errors.As(err, &se) || se.Reason != c.reason || len(b.Seen) != c.papers {
				t.Errorf("%d papers, %v; want %d, %q", len(b.Seen), err, c.papers, c.reason)
			}
		})
	}
}

func TestAskedToWaitItWaitsAndSaysHowLong(t *testing.T) {
	r := replay.FromPapers(nil)
	r.Fail(func(*http.Request) *http.Response {
		return replay.Answer(429, "slow down", "RateLimit", `"api";r=0;t=55`)
	})
	_, err := source(r, "2025-11-04").Fetch(context.Background(), "2025-11-01", "2025-11-03")
	var se *core.SourceError
	if !errors.As(err, &se) || !se.Limit || se.Wait != 55*time.Second {
		t.Errorf("got %v", err)
	}
	if n := len(r.Requests()); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestOneBrokenDayKeepsNoOtherBack(t *testing.T) {
	r := replay.FromPapers(map[core.Date][]core.Seen{
		"2025-10-20": {{Paper: core.Paper{ID: "2510.00020", Title: "T"}}}, "2025-11-03": {{Paper: core.Paper{ID: "2511.00003", Title: "T"}}},
	})
	broken := "2025-11-01"
	r.Fail(func(req *http.Request) *http.Response {
		if req.URL.Query().Get("date") == broken {
			return replay.Answer(500, "")
		}
		return nil
	})
	for day, newest := range map[string]core.Date{
		"2025-11-01": "2025-11-03", // will be asked for again for days
		"2025-10-22": "2025-10-20", // will be asked for again only if we begin there
	} {
		broken = day
		b, err := source(r, "2025-11-04").Fetch(context.Background(), "2025-10-20", "2025-11-04")
		if err == nil || len(b.Seen) != 2 || b.Newest != newest {
			t.Errorf("without %s: %d papers, newest %s, %v", day, len(b.Seen), b.Newest, err)
		}
	}
}

func TestADayThatHasNotBegunIsEmpty(t *testing.T) {
	r := replay.FromPapers(nil)
	s := source(r, "2025-11-04")
	r.Now = noon("2025-11-03") // their day has not begun though ours has
	b, err := s.Fetch(context.Background(), "2025-11-04", "2025-11-04")
	if err != nil || len(b.Seen) > 0 || !b.Newest.IsZero() {
		t.Errorf("got %v, %v", b, err)
	}
	if n := len(r.Requests()); n != 5 {
		t.Errorf("today and the four days before are asked for, not %d", n)
	}
}

func TestLongListsAreReadPageByPage(t *testing.T) {
	seen := map[core.Date][]core.Seen{}
	for i := range 230 {
		p := core.Paper{ID: core.PaperID(fmt.Sprintf("2511.%05d", i)), Title: "T", Upvotes: &i}
		seen["2025-11-03"] = append(seen["2025-11-03"], core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf"}, Authority: core.Index})
	}
	r := replay.FromPapers(seen)
	b, err := source(r, "2025-11-04").Fetch(context.Background(), "2025-11-03", "2025-11-03")
	if err != nil || len(b.Seen) != 230 || len(r.Requests()) != 3 {
		t.Errorf("%d papers in %d requests, %v", len(b.Seen), len(r.Requests()), err)
	}
	// A server that ignores the page must not keep us asking.
	page := "[" + strings.TrimSuffix(strings.Repeat(good+",", 100), ",") + "]"
	r.Fail(func(*http.Request) *http.Response { return replay.Answer(200, page) })
	before := len(r.Requests())
	if b, err := source(r, "2025-11-04").Fetch(context.Background(), "2025-11-03", "2025-11-03"); err != nil || len(b.Seen) != 1 || len(r.Requests())-before != 2 {
		t.Errorf("%d papers in %d requests, %v", len(b.Seen), len(r.Requests())-before, err)
	}
}

func TestAllThatTheAPIOffersIsKept(t *testing.T) {
	n := func(i int) *int { return &i }
	got, err := huggingface.Entry([]byte(`{
		"paper":{"id":"2608.19880","title":"Env\n  Harness","summary":"Agents\nlearn.","authors":[{"name":"Ana"},{"name":"Ghost","hidden":true},{"name":" Ben  B. "}],
			"publishedAt":"2026-08-20T00:00:00.000Z","submittedOnDailyAt":"2026-08-21T00:00:00.000Z","upvotes":163,"projectPage":"https://env.example/",
			"githubRepo":"https://github.com/a/b","githubStars":8,"ai_summary":"One sentence.","ai_keywords":["agents"],"organization":{"name":"google","fullname":"Google"}},
		"publishedAt":"2026-08-19T20:00:00.000Z","title":"EnvHarness","thumbnail":"https://cdn.example/x.png","numComments":1}`), "2026-08-22", "2026-08-22")
	if err != nil {
		t.Fatal(err)
	}
	want := core.Seen{
		Paper: core.Paper{ID: "2608.19880", Title: "Env Harness", Abstract: "Agents learn.", Authors: []string{"Ana", "Ben B."}, Sources: []string{"hf"},
			Published: "2026-08-20", Upvotes: n(163), Comments: n(1), Code: "https://github.com/a/b", Stars: n(8), Project: "https://env.example/",
			Summary: "One sentence.", Keywords: []string{"agents"}, Organization: "Google", Thumbnail: "https://cdn.example/x.png"},
		Sighting: core.Sighting{Source: "hf", Day: "2026-08-21", Upvotes: n(163)}, Authority: core.Index,
		Knows: []core.Fact{core.FactCode, core.FactProject, core.FactSummary, core.FactKeywords, core.FactOrganization, core.FactThumbnail},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestWhatCouldNotBeReadIsNotTakenBack(t *testing.T) {
	seen, err := huggingface.Entry([]byte(`{"paper":{"id":"2608.19880","title":"T","githubRepo":7}}`), "2026-08-22", "2026-08-22")
	if err == nil || seen.Knows != nil {
		t.Errorf("it knows %v, %v", seen.Knows, err)
	}
}

func TestWhenAListIsDue(t *testing.T) {
	s := huggingface.New("", nil, nil)
	for now, want := range map[string]core.Date{
		"2025-12-10T08:00:00Z": "2025-12-09", // Wednesday morning: Tuesday's is complete
		"2025-12-10T02:29:00Z": "2025-12-08",
		"2025-12-10T02:30:00Z": "2025-12-09",
		"2025-12-13T08:00:00Z": "2025-12-12", // Saturday
		"2025-12-15T08:00:00Z": "2025-12-12", // Monday
		"2025-12-16T02:30:00Z": "2025-12-15",
	} {
		at, _ := time.Parse(time.RFC3339, now)
		if got := s.Due(at); got != want {
			t.Errorf("at %s %s is due, want %s", now, got, want)
		}
	}
}

func FuzzEntry(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(`{"paper":{"id":"2511.00002v3","authors":[null]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		seen, err := huggingface.Entry(raw, "2025-11-03", "2025-11-04")
		if seen.Paper.ID == "" && err == nil {
			t.Error("no paper and no reason")
		}
		if seen.Paper.ID != "" && (seen.Paper.Title == "" || bytes.ContainsAny([]byte(seen.Paper.Title), "\n")) {
			t.Errorf("title %q", seen.Paper.Title)
		}
	})
}

func TestTheOwnCountHasWhatNamesNoPaperAndEachPaperOnce(t *testing.T) {
	r := replay.FromPapers(nil)
	r.Fail(func(*http.Request) *http.Response {
		return replay.Answer(200, `[{"paper":{"id":"2611.20001","title":"Good"}},{"paper":{"id":"?","title":"Who?"}},{"paper":{"id":"2611.20001","title":"Good"}},
			{"paper":{"id":"2611.19001","title":"Of the day before","submittedOnDailyAt":"2026-11-19T00:00:00Z"}}]`)
	})
	b, err := source(r, "2026-11-30").Fetch(context.Background(), "2026-11-20", "2026-11-20")
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(b.Lists, func(a, b core.List) int { return strings.Compare(string(a.Day), string(b.Day)) })
	if diff := cmp.Diff([]core.List{{Day: "2026-11-19", Count: 1}, {Day: "2026-11-20", Count: 2}}, b.Lists); diff != "" {
		t.Error(diff)
	}
}
