package arxiv_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/internal/polite"
	"paperboy/internal/recordings"
	"paperboy/internal/replay"
	"paperboy/sources/arxiv"
)

// notes is a memory that survives the source.
type notes map[string]string

func (n notes) Note(_ context.Context, name string) (string, error) { return n[name], nil }
func (n notes) SetNote(_ context.Context, name, value string) error { n[name] = value; return nil }

// world is arXiv, a memory and a calendar.
type world struct {
	*replay.Replay
	t     *testing.T
	now   time.Time
	notes notes
}

func newWorld(t *testing.T, byDay map[core.Date][]core.Seen) *world {
	w := &world{Replay: replay.FromPapers(byDay), t: t, notes: notes{}}
	w.Replay.Now = func() time.Time { return w.now }
	return w
}

func (w *world) source() *arxiv.Source {
	return arxiv.New(arxiv.Config{URL: "https://export.arxiv.org", RSSURL: "https://rss.arxiv.org", Categories: []string{"cs.LG", "cs.CL"},
		Client: &polite.Client{Transport: w}, Notes: w.notes, Now: func() time.Time { return w.now }})
}

func (w *world) at(s string) *world {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = t
	return w
}

// fetch asks from that day until today, and says what came as "id day announce".
func (w *world) fetch(from core.Date) []string {
	w.t.Helper()
	b, err := w.source().Fetch(context.Background(), from, core.DateOf(w.now))
	if err != nil || len(b.Problems) > 0 {
		w.t.Fatalf("%v %v", err, b.Problems)
	}
	return say(b)
}

func say(b core.Batch) []string {
	out := []string{}
	for _, s := range b.Seen {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", s.Paper.ID, s.Sighting.Day, s.Sighting.Announce)))
	}
	return append(out, "newest "+string(b.Newest))
}

func (w *world) expect(got []string, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("at %s (-want +got)\n%s", w.now.Format("Mon 2 Jan 15:04"), diff)
	}
}

func paper(id core.PaperID, version int, cats ...string) core.Seen {
	return core.Seen{Paper: core.Paper{ID: id, Version: version, Title: "On " + string(id), Abstract: "Text.", Authors: []string{"Ana A.", "Ben B."}, Categories: cats},
		Sighting: core.Sighting{Source: "arxiv"}}
}

// A week of November 2026: Thanksgiving is Thursday the 26th.
var week = map[core.Date][]core.Seen{
	"2026-11-20": {paper("2611.20001", 1, "cs.LG"), paper("2611.20002", 1, "cs.CV", "cs.LG"), paper("2611.20003", 1, "math.CO")},
	"2026-11-23": {paper("2611.23001", 1, "cs.CL"), paper("2611.20001", 2, "cs.LG")},
	"2026-11-24": {paper("2611.24001", 1, "cs.LG")},
	"2026-11-25": {paper("2611.25001", 1, "cs.LG")},
	"2026-11-30": {paper("2611.30001", 1, "cs.LG")},
}

func TestTheWeekIsReadAsItIsAnnounced(t *testing.T) {
	w := newWorld(t, week)
	w.expect(w.at("2026-11-20 07:00").fetch("2026-11-20"), "2611.20001 2026-11-20 new", "2611.20002 2026-11-20 cross", "newest 2026-11-20")
	w.expect(w.at("2026-11-21 07:00").fetch("2026-11-21"), "newest ")
	w.expect(w.at("2026-11-23 07:00").fetch("2026-11-21"), "2611.23001 2026-11-23 new", "2611.20001  replace", "newest 2026-11-23")
	w.expect(w.at("2026-11-24 05:10").fetch("2026-11-24"), "2611.24001 2026-11-24 new", "newest 2026-11-24") // as soon as it is built
	w.expect(w.at("2026-11-25 07:00").fetch("2026-11-25"), "2611.25001 2026-11-25 new", "newest 2026-11-25")
	w.expect(w.at("2026-11-26 07:00").fetch("2026-11-26"), "newest ") // a holiday
	w.expect(w.at("2026-11-27 07:00").fetch("2026-11-26"), "newest ")
	w.expect(w.at("2026-11-30 07:00").fetch("2026-11-26"), "2611.30001 2026-11-30 new", "newest 2026-11-30")
	if n := len(w.Requests()); n != 8 {
		t.Errorf("one request a day is enough, not %d", n)
	}
}

func TestAStaleFeedIsToldByItsIdsWhateverItsDate(t *testing.T) {
	w := newWorld(t, week)
	w.at("2026-11-20 07:00").fetch("2026-11-20")
	w.Stale("2026-11-23", true)
	w.expect(w.at("2026-11-23 07:00").fetch("2026-11-21"), "2611.20001 2026-11-20 new", "2611.20002 2026-11-20 cross", "newest 2026-11-20")
	w.Stale("2026-11-23", false)
	w.expect(w.at("2026-11-23 11:00").fetch("2026-11-21"), "2611.23001 2026-11-23 new", "2611.20001  replace", "newest 2026-11-23")
	// An old copy from some cache changes nothing, nor does what comes after it.
	w.Stale("2026-11-24", true)
	w.expect(w.at("2026-11-24 07:00").fetch("2026-11-24"), "2611.23001 2026-11-23 new", "2611.20001  replace", "newest 2026-11-23")
	w.Stale("2026-11-23", true)
	w.expect(w.at("2026-11-24 08:00").fetch("2026-11-24"), "2611.20001 2026-11-20 new", "2611.20002 2026-11-20 cross", "newest 2026-11-20")
	w.Stale("2026-11-23", false)
	w.expect(w.at("2026-11-24 09:00").fetch("2026-11-24"), "2611.23001 2026-11-23 new", "2611.20001  replace", "newest 2026-11-23")
}

// In a joined feed a category may be the day before's. What has come is of its day;
// the missing rest is asked for as soon as the feed shows it no more.
func TestACategoryThatShowsAnEarlierListIsNamed(t *testing.T) {
	w := newWorld(t, map[core.Date][]core.Seen{
		"2026-11-23": {paper("2611.23001", 1, "cs.LG"), paper("2611.23002", 1, "cs.CL")},
		"2026-11-24": {paper("2611.24001", 1, "cs.LG"), paper("2611.23002", 1, "cs.CL"), paper("2611.23001", 1, "cs.LG")},
	})
	b, err := w.at("2026-11-23 07:00").source().Fetch(context.Background(), "2026-11-23", "2026-11-23")
	if err != nil || b.Again != nil || len(b.Lists) != 1 || b.Lists[0].Count != 2 {
		t.Errorf("%+v, %v", b, err)
	}
	b, err = w.at("2026-11-24 07:00").source().Fetch(context.Background(), "2026-11-24", "2026-11-24")
	if err != nil {
		t.Fatal(err)
	}
	w.expect(say(b), "2611.24001 2026-11-24 new", "2611.23002 2026-11-23 new", "2611.23001 2026-11-23 new", "newest 2026-11-23")
	if diff := cmp.Diff(&core.Again{Day: "2026-11-23", Parts: []string{"cs.CL"}}, b.Again); diff != "" {
		t.Error(diff)
	}
}

// arXiv cuts a joined feed off and says nothing of it: it is asked for by halves, and
// each paper is counted once, as new where it is new.
func TestAFeedThatIsCutOffIsAskedForByHalves(t *testing.T) {
	var all []core.Seen
	for i := range 2300 {
		cats := []string{"cs.LG", "cs.CL"}
		if i%2 == 1 {
			cats = []string{"cs.CL", "cs.LG"}
		}
		all = append(all, paper(core.PaperID(fmt.Sprintf("2611.%05d", 20000+i)), 1, cats[:1+i%3/2]...))
	}
	w := newWorld(t, map[core.Date][]core.Seen{"2026-11-20": all})
	b, err := w.at("2026-11-20 07:00").source().Fetch(context.Background(), "2026-11-20", "2026-11-20")
	if err != nil || len(b.Seen) != 2300 || len(b.Lists) != 1 || b.Lists[0].Count != 2300 || b.Newest != "2026-11-20" {
		t.Fatalf("%d of 2300 papers, lists %+v, %v", len(b.Seen), b.Lists, err)
	}
	for _, s := range b.Seen {
		if s.Sighting.Announce != "new" {
			t.Errorf("%s is %s", s.Paper.ID, s.Sighting.Announce)
		}
	}
	for i := range all {
		all[i].Paper.Categories = []string{"cs.LG"}
	}
	w = newWorld(t, map[core.Date][]core.Seen{"2026-11-20": all})
	b, err = w.at("2026-11-20 07:00").source().Fetch(context.Background(), "2026-11-20", "2026-11-20")
	if e, ok := errors.AsType[*core.SourceError](err); !ok || e.Reason != "ends its feed of cs.LG after 2000 papers" || len(b.Seen) != 2000 || b.Newest != "" {
		t.Errorf("%d papers, newest %q, %v", len(b.Seen), b.Newest, err)
	}
}

func TestAFeedThatIsBuiltEarlyIsOfTheNextDay(t *testing.T) {
	w := newWorld(t, week)
	w.at("2026-11-23 07:00").fetch("2026-11-23")
	w.at("2026-11-24 02:30") // Monday evening in New York …
	w.Replay.Now = func() time.Time { return w.now.Add(3 * time.Hour) }
	w.expect(w.fetch("2026-11-24"), "2611.24001 2026-11-24 new", "newest 2026-11-24")
}

func TestAnEmptyMondayIsNoQuietDay(t *testing.T) {
	w := newWorld(t, map[core.Date][]core.Seen{"2026-11-20": week["2026-11-20"]})
	w.at("2026-11-20 07:00").fetch("2026-11-20")
	w.expect(w.at("2026-11-23 07:00").fetch("2026-11-21"), "newest ")
	if due := w.source().Due(w.now); due != "2026-11-23" || len(w.Requests()) != 2 {
		t.Errorf("%s is due, asked %d times", due, len(w.Requests()))
	}
}

func TestAnnouncementsThatWereMissedAreQueried(t *testing.T) {
	w := newWorld(t, week)
	w.at("2026-11-20 07:00").fetch("2026-11-20")
	w.expect(w.at("2026-11-25 07:00").fetch("2026-11-21"),
		"2611.23001 2026-11-23 new", "2611.24001 2026-11-24 new", "2611.25001 2026-11-25 new", "newest 2026-11-25")
}

func TestAnAnnouncementThatIsNoLongerInTheFeedIsQueried(t *testing.T) {
	w := newWorld(t, week)
	w.expect(w.at("2026-11-21 07:00").fetch("2026-11-20"), "2611.20001 2026-11-20 new", "2611.20002 2026-11-20 cross", "newest 2026-11-20")
	// When only a part comes, the whole is asked for again.
	w.Fail(func(r *http.Request) *http.Response {
		if r.URL.Path == "/api/query" {
			return replay.Answer(429, "Rate exceeded.")
		}
		return nil
	})
	b, err := w.at("2026-11-25 07:00").source().Fetch(context.Background(), "2026-11-24", "2026-11-25")
	var se *core.SourceError
	if !errors.As(err, &se) || !se.Limit || len(b.Seen) != 1 || b.Newest != "" {
		t.Errorf("%v, %v", say(b), err)
	}
}

func TestABackfillAsksOnlyTheQueryAPI(t *testing.T) {
	w := newWorld(t, week).at("2026-11-30 07:00")
	b, err := w.source().Fetch(context.Background(), "2026-11-24", "2026-11-24")
	if err != nil {
		t.Fatal(err)
	}
	w.expect(say(b), "2611.24001 2026-11-24 new", "newest 2026-11-24")
	if b, err = w.source().Fetch(context.Background(), "2026-11-28", "2026-11-29"); err != nil || len(b.Seen) > 0 {
		t.Errorf("a weekend has nothing: %v %v", b, err)
	}
	if r := w.Requests(); len(r) != 1 || !strings.Contains(r[0].URL, "/api/query?") {
		t.Errorf("asked %v", r)
	}
}

func TestLongAnswersAreReadPageByPageAndEmptyPagesTwice(t *testing.T) {
	day := map[core.Date][]core.Seen{}
	for i := range 450 {
		day["2026-11-24"] = append(day["2026-11-24"], paper(core.PaperID(fmt.Sprintf("2611.%05d", i)), 1, "cs.LG"))
	}
	w := newWorld(t, day).at("2026-11-30 07:00")
	hole := true
	w.Fail(func(r *http.Request) *http.Response {
		if hole && r.URL.Query().Get("start") == "200" {
			hole = false
			return replay.Answer(200, `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/"><o:totalResults>450</o:totalResults></feed>`)
		}
		return nil
	})
	b, err := w.source().Fetch(context.Background(), "2026-11-24", "2026-11-24")
	if err != nil || len(b.Seen) != 450 || len(w.Requests()) != 4 {
		t.Errorf("%d papers in %d requests, %v", len(b.Seen), len(w.Requests()), err)
	}
	w.Fail(func(r *http.Request) *http.Response {
		if r.URL.Query().Get("start") == "400" {
			return replay.Answer(200, `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/"><o:totalResults>450</o:totalResults></feed>`)
		}
		return nil
	})
	b, err = w.source().Fetch(context.Background(), "2026-11-24", "2026-11-24")
	if err == nil || len(b.Seen) != 400 {
		t.Errorf("a page that stays empty is an error: %d papers, %v", len(b.Seen), err)
	}
}

func TestPapersAreLookedUpById(t *testing.T) {
	w := newWorld(t, week).at("2026-11-30 07:00")
	got, err := w.source().Lookup(context.Background(), []core.PaperID{"2611.20002", "0808.05394", "2611.24001"})
	if err != nil || len(got) != 2 || got[0].Sighting.Day != "" || len(got[0].Paper.Sources) != 0 || len(got[0].Paper.Categories) == 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatIsNoAnswerIsAnError(t *testing.T) {
	const half = `<rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom"><channel><pubDate>Mon, 23 Nov 2026 00:00:00 -0500</pubDate><item><title>T</title><guid>oai:arXiv.org:2611.23001v1</guid><arxiv:announce_type>new</arxiv:announce_type></item><item><title>Ha`
	for _, c := range []struct {
		name   string
		answer *http.Response
		reason string
		limit  bool
		wait   time.Duration
		papers int
	}{
		{"a web page", replay.Answer(200, "<!DOCTYPE html><html>Sorry</html>"), "sent a web page instead of papers", false, 0, 0},
		{"a web page without its type", replay.Answer(200, "<div>Sorry</div>"), "sent something else than papers", false, 0, 0},
		{"nothing", replay.Answer(200, ""), "sent an empty answer", false, 0, 0},
		{"the rate in words", replay.Answer(200, "Rate exceeded."), "", true, 0, 0},
		{"429", replay.Answer(429, "Rate exceeded.", "Retry-After", "120"), "HTTP 429", true, 2 * time.Minute, 0},
		{"429 without a time", replay.Answer(429, "Rate exceeded."), "HTTP 429", true, 0, 0},
		{"503", replay.Answer(503, "", "Retry-After", "60"), "answers with an error (HTTP 503)", false, time.Minute, 0},
		{"403", replay.Answer(403, ""), "refuses our requests (HTTP 403); I ask again in a day", false, 24 * time.Hour, 0},
		{"half a feed", replay.Answer(200, half), "sent only a part of its answer", false, 0, 1},
		{"a feed error", replay.Answer(200, `<rss><channel><title>Feed error for query: cs.XX</title></channel></rss>`), "rejects the request", false, 0, 0},
		{"no channel", replay.Answer(200, `<rss/>`), "sent something else than papers", false, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nil).at("2026-11-23 07:00")
			w.Fail(func(*http.Request) *http.Response { return c.answer })
			b, err := w.source().Fetch(context.Background(), "2026-11-23", "2026-11-23")
			var se *core.SourceError
			if !errors.As(err, &se) || se.Reason != c.reason || se.Limit != c.limit || se.Wait != c.wait || len(b.Seen) != c.papers {
				t.Errorf("%d papers, %+v", len(b.Seen), err)
			}
		})
	}
}

func TestOddItemsAreNamedAndTheirNeighboursKept(t *testing.T) {
	w := newWorld(t, nil).at("2026-11-23 07:00")
	item := func(guid, kind, title string) string {
		return `<item><title>` + title + `</title><guid>` + guid + `</guid><arxiv:announce_type>` + kind + `</arxiv:announce_type><dc:creator>A. Young, Jr., B (MIT, USA), Carla</dc:creator></item>`
	}
	w.Fail(func(*http.Request) *http.Response {
		return replay.Answer(200, `<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>`+
			item("oai:arXiv.org:2611.23001v1", "new", "Good")+item("nonsense", "new", "Bad")+item("oai:arXiv.org:hep-th/9901001v3", "replace-cross", "Old")+
			item("oai:arXiv.org:2611.23002v1", "absonly", "Odd")+item("oai:arXiv.org:2611.23003v1", "new", "")+`</channel></rss>`)
	})
	b, err := w.source().Fetch(context.Background(), "2026-11-23", "2026-11-23")
	if err != nil {
		t.Fatal(err)
	}
	w.expect(say(b), "2611.23001 2026-11-23 new", "hep-th/9901001  replace-cross", "newest 2026-11-23")
	if len(b.Lists) != 1 || b.Lists[0].Count != 1+3 {
		t.Errorf("its own count has what cannot be read, and no replacement: %+v", b.Lists)
	}
	if len(b.Problems) != 3 || b.Problems[0].Where != "feed item 2" {
		t.Errorf("problems %v", b.Problems)
	}
	if diff := cmp.Diff([]string{"A. Young Jr.", "B", "Carla"}, b.Seen[0].Paper.Authors); diff != "" {
		t.Errorf("authors -want +got\n%s", diff)
	}
}

func TestRecordedAnswersOfTheQueryAPIAreRead(t *testing.T) {
	dir := filepath.Join(recordings.Dir(t), "arxiv_atom", "query")
	var index []struct {
		File            string
		Status, Entries int
		TotalResults    int
	}
	read(t, filepath.Join(dir, "index.json"), func(b []byte) error { return json.Unmarshal(b, &index) })
	if len(index) != 20 {
		t.Fatalf("20 answers were recorded, not %d", len(index))
	}
	old := map[string]core.PaperID{"id_astro-ph_0601001_s0_m100_3150dca9dc76.atom.xml": "astro-ph/0601001", "id_quant-ph_0201082v1_s0_m100_86989fe779ef.atom.xml": "quant-ph/0201082"}
	for _, answer := range index {
		read(t, filepath.Join(dir, answer.File), func(body []byte) error {
			w := newWorld(t, nil).at("2026-11-23 07:00")
			w.Fail(func(*http.Request) *http.Response { return replay.Answer(answer.Status, string(body)) })
			got, err := w.source().Lookup(context.Background(), []core.PaperID{"any"})
			if answer.Status != 200 {
				var status *polite.StatusError
				if !errors.As(err, &status) || len(got) > 0 || !strings.Contains(err.Error(), "incorrect id format for abc") {
					t.Errorf("%s: %d papers, %v", answer.File, len(got), err)
				}
				return nil
			}
			if err != nil || len(got) != answer.Entries {
				t.Errorf("%s: %d papers, %v; want %d", answer.File, len(got), err, answer.Entries)
			}
			for _, s := range got {
				p := s.Paper
				if p.ID == "" || p.Version == 0 || p.Title == "" || p.Abstract == "" || len(p.Authors) == 0 || p.Primary() == "" || len(p.Published) != 10 ||
					strings.ContainsAny(p.Title+p.Abstract, "\n") || strings.HasPrefix(p.Abstract, " ") {
					t.Errorf("%s: something is missing in %+v", answer.File, p)
				}
			}
			if id, ok := old[answer.File]; ok && got[0].Paper.ID != id {
				t.Errorf("%s: id %s", answer.File, got[0].Paper.ID)
			}
			return nil
		})
	}
}

func TestRecordedFeedsAreRead(t *testing.T) {
	for _, cat := range []string{"ai", "cl", "lg"} {
		read(t, filepath.Join(recordings.Dir(t), "arxiv_atom", "rss", "rss_cs_"+cat+".2026-04-27.xml"), func(body []byte) error {
			w := newWorld(t, nil).at("2026-04-27 07:00")
			w.Fail(func(*http.Request) *http.Response { return replay.Answer(200, string(body)) })
			b, err := w.source().Fetch(context.Background(), "2026-04-27", "2026-04-27")
			if err != nil || len(b.Seen) != 3 || len(b.Problems) > 0 || b.Newest != "2026-04-27" {
				t.Fatalf("%s: %v", cat, err)
			}
			for _, s := range b.Seen {
				p := s.Paper
				if p.Version != 1 || strings.Contains(p.Abstract, "Announce") || len(p.Authors) == 0 || len(p.Categories) == 0 || s.Sighting.Announce != "new" || s.Sighting.Day != "2026-04-27" {
					t.Errorf("%s: %+v", cat, s)
				}
			}
			return nil
		})
	}
}

func read(t *testing.T, name string, use func([]byte) error) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err == nil {
		err = use(b)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAHundredPapersAreLookedUpAtATime(t *testing.T) {
	w := newWorld(t, nil).at("2026-11-30 07:00")
	var ids []core.PaperID
	for i := range 250 {
		ids = append(ids, core.PaperID(fmt.Sprintf("2611.%05d", i)))
	}
	var asked []int
	w.Fail(func(r *http.Request) *http.Response {
		asked = append(asked, len(strings.Split(r.URL.Query().Get("id_list"), ",")))
		return nil
	})
	if _, err := w.source().Lookup(t.Context(), ids); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{100, 100, 50}, asked); diff != "" {
		t.Errorf("ids a request, -want +got\n%s", diff)
	}
}
