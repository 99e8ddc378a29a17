package feed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/internal/polite"
	"paperboy/internal/recordings"
	"paperboy/internal/replay"
	"paperboy/sources/arxiv"
	"paperboy/sources/huggingface"
	"paperboy/store"
)

// inflow is everything between the sources and the store: fakes of both
// servers, the real clients, the real store, and a calendar.
type inflow struct {
	*feed.Feed
	t      *testing.T
	store  *store.Store
	server *replay.Replay
	arxiv  *arxiv.Source
	now    time.Time // the calendar, where the test does not live in a bubble
	log    bytes.Buffer
}

// flow makes one. In a synctest bubble now is the bubble's time.
func flow(t *testing.T, byDay map[core.Date][]core.Seen, bubble bool) *inflow {
	t.Helper()
	f := &inflow{t: t, server: replay.FromPapers(byDay)}
	now := func() time.Time { return f.now }
	if bubble {
		now = time.Now
	}
	f.server.Now = now
	st, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "paperboy.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	f.store = st
	agent := polite.UserAgent("1.0", "ana@lab.example")
	pace := &polite.RateLimiter{Every: 3 * time.Second}
	if bubble {
		pace.Turns, pace.Name = st, "arxiv"
	} else {
		pace.Every = 0
	}
	f.arxiv = arxiv.New(arxiv.Config{URL: "https://export.arxiv.org", RSSURL: "https://rss.arxiv.org", Categories: []string{"cs.LG", "cs.CL"},
		Client: &polite.Client{Agent: agent, Transport: f.server, RateLimiter: pace}, Notes: st, Now: now})
	f.Feed = &feed.Feed{
		Store:     st,
		Sources:   []core.Source{huggingface.New("https://huggingface.co", &polite.Client{Agent: agent, Transport: f.server}, now), f.arxiv},
		Now:       now,
		Log:       slog.New(slog.NewTextHandler(&f.log, nil)),
		Interval:  30 * time.Minute,
		NotBefore: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC),
		Catalogue: f.arxiv,
		Sleep:     kit.Sleep,
	}
	return f
}

// at sets the calendar and polls.
func (f *inflow) at(s string) core.Put {
	f.t.Helper()
	var err error
	if f.now, err = time.Parse("2006-01-02 15:04", s); err != nil {
		f.t.Fatal(err)
	}
	put, err := f.Poll(context.Background())
	if err != nil {
		f.t.Fatal(err)
	}
	return put
}

// is checks how a source is: its word and reason.
func (f *inflow) is(source string, want string) {
	f.t.Helper()
	if s := f.state(source); strings.TrimSpace(string(s.Word)+" "+s.Reason) != want {
		f.t.Errorf("%s is %s %s, want %s", source, s.Word, s.Reason, want)
	}
}

func (f *inflow) state(source string) core.SourceState {
	f.t.Helper()
	states, err := f.store.SourceStates(context.Background())
	if err != nil {
		f.t.Fatal(err)
	}
	for _, s := range states {
		if s.Source == source {
			return s
		}
	}
	return core.SourceState{}
}

// eligible are the papers that may be new for a channel.
func (f *inflow) eligible() []string {
	f.t.Helper()
	papers, err := f.store.ChangedPapers(context.Background(), 0)
	if err != nil {
		f.t.Fatal(err)
	}
	ids := []string{}
	for _, p := range papers {
		ids = append(ids, string(p.ID))
	}
	slices.Sort(ids)
	return ids
}

func (f *inflow) count() int {
	f.t.Helper()
	n, err := f.store.CountPapers(context.Background())
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func hf(id core.PaperID, upvotes int) core.Seen {
	return core.Seen{Paper: core.Paper{ID: id, Title: "On " + string(id), Abstract: "Text.", Authors: []string{"Ana"}, Upvotes: &upvotes}, Sighting: core.Sighting{Source: "hf"}, Authority: core.Index}
}

func onArxiv(id core.PaperID, version int) core.Seen {
	return core.Seen{Paper: core.Paper{ID: id, Version: version, Title: "On " + string(id), Abstract: "Text.", Authors: []string{"Ana"}, Categories: []string{"cs.LG"}}, Sighting: core.Sighting{Source: "arxiv"}, Authority: core.Publisher}
}

// november is from a Thursday to the Tuesday after.
func november() map[core.Date][]core.Seen {
	return map[core.Date][]core.Seen{
		"2026-11-19": {hf("2611.19001", 4), onArxiv("2611.19002", 1)},
		"2026-11-20": {hf("2611.20001", 9), hf("2611.20002", 2), onArxiv("2611.20001", 1), onArxiv("2611.20003", 1)},
		"2026-11-23": {hf("2611.23001", 5), onArxiv("2611.23002", 1), onArxiv("2611.20003", 2), onArxiv("2609.00001", 7)},
		"2026-11-24": {hf("2611.23002", 3), onArxiv("2611.24001", 1)},
	}
}

func TestTheFirstFetchIsBacklogAndWhatComesLaterIsNew(t *testing.T) {
	f := flow(t, november(), false)
	f.at("2026-11-19 09:00")
	same(t, f.count(), 2)
	same(t, f.eligible(), []string{})
	f.at("2026-11-20 09:00")
	same(t, f.eligible(), []string{"2611.20001", "2611.20002", "2611.20003"})
	p, err := f.store.Paper(context.Background(), "2611.20001")
	if err != nil {
		t.Fatal(err)
	}
	same(t, p.Sources, []string{"arxiv", "hf"})
	same(t, p.Primary(), "cs.LG")
	same(t, *p.Upvotes, 9)
	if put := f.at("2026-11-20 09:30"); put.New+put.Updated > 0 {
		t.Errorf("the same again changes nothing: %+v", put)
	}
}

func TestNothingIsAskedBeforeItsTime(t *testing.T) {
	f := flow(t, november(), false)
	f.at("2026-11-20 09:00")
	n := len(f.server.Requests())
	f.at("2026-11-20 09:29")
	same(t, len(f.server.Requests()), n)
	f.at("2026-11-20 09:30")
	if len(f.server.Requests()) == n {
		t.Error("half an hour later the sources are asked again")
	}
}

func TestAtWeekendsNothingIsDue(t *testing.T) {
	f := flow(t, november(), false)
	f.at("2026-11-19 09:00")
	f.at("2026-11-20 09:00")
	f.is("huggingface", "fresh")
	f.is("arxiv", "fresh")
	for _, when := range []string{"2026-11-21 08:00", "2026-11-21 20:00", "2026-11-22 08:00"} {
		f.at(when)
		f.is("huggingface", "not announced")
		f.is("arxiv", "not announced")
	}
}

func TestAStaleMondayLosesNothingAndDoublesNothing(t *testing.T) {
	f := flow(t, november(), false)
	f.at("2026-11-19 09:00")
	f.at("2026-11-20 09:00")
	f.at("2026-11-21 09:00")
	f.at("2026-11-22 09:00")
	f.server.Stale("2026-11-23", true)
	f.at("2026-11-23 08:00")
	f.is("arxiv", "stale still shows Friday's list")
	f.is("huggingface", "fresh")
	same(t, f.eligible(), []string{"2611.20001", "2611.20002", "2611.20003", "2611.23001"})
	f.server.Stale("2026-11-23", false)
	put := f.at("2026-11-23 12:00")
	same(t, put.New, 1)
	same(t, put.NewVersions, []core.PaperID{"2611.20003"}) // and the seventh version of a paper that nobody knows is no news
	f.is("arxiv", "fresh")
	sightings, err := f.store.Sightings(context.Background(), []core.PaperID{"2611.23002"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, sightings["2611.23002"], []core.Sighting{{Source: "arxiv", Day: "2026-11-23", Announce: "new"}})
	if complete := f.Complete("arxiv", "2026-11-23"); !complete.Before(f.now.Add(-4 * time.Hour)) {
		t.Errorf("it was complete at %s, so that the paper is late for a post at eight", complete)
	}
	if put := f.at("2026-11-24 09:00"); len(put.NewVersions) > 0 {
		t.Errorf("again new versions %v", put.NewVersions)
	}
	same(t, f.eligible(), []string{"2611.20001", "2611.20002", "2611.20003", "2611.23001", "2611.23002", "2611.24001"})
}

func TestThreeDaysWithoutANetworkAreMadeUpFor(t *testing.T) {
	f := flow(t, november(), false)
	f.at("2026-11-19 09:00")
	f.server.Fail(func(*http.Request) *http.Response { return replay.Answer(502, "no network") })
	for _, when := range []string{"2026-11-20 09:00", "2026-11-21 09:00", "2026-11-22 09:00", "2026-11-23 09:00"} {
		f.at(when)
		f.is("arxiv", "failed answers with an error (HTTP 502)")
	}
	f.server.Fail(nil)
	f.at("2026-11-24 09:00")
	same(t, f.eligible(), []string{"2611.20001", "2611.20002", "2611.20003", "2611.23001", "2611.23002", "2611.24001"})
	for _, source := range []string{"arxiv", "huggingface"} {
		f.is(source, "fresh was not reached from Thu 19 Nov 09:00 to Tue 24 Nov 09:00 UTC")
	}
	sightings, err := f.store.Sightings(context.Background(), []core.PaperID{"2611.23002"})
	if err != nil {
		t.Fatal(err)
	}
	three := 3
	same(t, sightings["2611.23002"], []core.Sighting{{Source: "arxiv", Day: "2026-11-23", Announce: "new"}, {Source: "hf", Day: "2026-11-24", Rank: 1, Upvotes: &three}})
}

func TestAnswersThatAreOddAreSurvivedAndNamedOnce(t *testing.T) {
	good := `{"paper":{"id":"2611.20001","title":"Good","upvotes":1}}`
	for name, c := range map[string]struct {
		body  string
		state string
		logs  string
		kept  int
	}{
		"HTML":             {"<!doctype html>", "failed sent a web page instead of papers", "a web page", 0},
		"truncated":        {"[" + good + `,{"pap`, "failed sent only a part of its answer", "only a part", 1},
		"an error object":  {`{"error":"Internal"}`, "failed sent an error instead of papers", "Internal", 0},
		"an unknown field": {`[{"paper":{"id":"2611.20002","title":"T","mood":"blue"}},` + good + `]`, "fresh", "", 2},
		"no upvotes":       {`[{"paper":{"id":"2611.20002","title":"T"}},` + good + `]`, "fresh", "", 2},
		"an id's version":  {`[{"paper":{"id":"2611.20002v2","title":"T"}},` + good + `]`, "fresh", "", 2},
		"an old-style id":  {`[{"paper":{"id":"hep-th/9901001","title":"T"}},` + good + `]`, "fresh", "", 2},
		"no id at all":     {`[{"paper":{"title":"T"}},` + good + `]`, "fresh", "not an arXiv id", 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := flow(t, map[core.Date][]core.Seen{"2026-11-20": {onArxiv("2611.20009", 1)}}, false)
			f.server.Fail(func(r *http.Request) *http.Response {
				if r.URL.Query().Get("date") == "2026-11-20" {
					return replay.Answer(200, c.body)
				}
				return nil
			})
			f.at("2026-11-20 09:00")
			f.is("huggingface", c.state)
			f.is("arxiv", "fresh") // whatever the other does
			same(t, f.count(), c.kept+1)
			f.at("2026-11-20 11:00")
			f.at("2026-11-20 13:00")
			warnings := strings.Count(f.log.String(), "level=WARN")
			if want := min(1, len(c.logs)); warnings != want || c.logs != "" && (!strings.Contains(f.log.String(), c.logs) || !strings.Contains(f.log.String(), "ref=")) {
				t.Errorf("%d warnings, want %d with %q:\n%s", warnings, want, c.logs, f.log.String())
			}
		})
	}
}

func TestAClockAt1970AsksNobody(t *testing.T) {
	f := flow(t, november(), false)
	f.at("1970-01-01 00:05")
	same(t, len(f.server.Requests()), 0)
	f.is("arxiv", "failed was not asked: my clock says 1 January 1970")
	f.at("2026-11-20 09:00")
	f.is("arxiv", "fresh")
	same(t, f.eligible(), []string{}) // still the first fetch
}

func TestAHangingSourceKeepsNobodyBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)))
		f := flow(t, november(), true)
		f.server.Fail(func(r *http.Request) *http.Response {
			if strings.HasPrefix(r.URL.Path, "/rss") {
				return replay.Hang(r)
			}
			return nil
		})
		done := make(chan error)
		go func() {
			_, err := f.Poll(t.Context())
			done <- err
		}()
		time.Sleep(time.Second)
		synctest.Wait()
		same(t, f.count(), 3) // Hugging Face's
		if err := <-done; err != nil {
			t.Error(err)
		}
		f.is("arxiv", "failed did not answer in time")
		f.is("huggingface", "fresh")
		if waited := time.Since(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)); waited > time.Minute {
			t.Errorf("given up after %s", waited)
		}
		f.store.Close()
	})
}

// Two may need a source's papers at once, the planner's minute and a person's
// button: it is asked once, and both have them.
func TestWhoAsksMeanwhileWaitsForThePapers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)))
		f := flow(t, november(), true)
		f.server.Fail(func(*http.Request) *http.Response {
			time.Sleep(5 * time.Second)
			return nil
		})
		f.Sources = f.Sources[:1] // Hugging Face
		go f.Poll(t.Context())
		synctest.Wait()
		if _, err := f.Poll(t.Context()); err != nil {
			t.Error(err)
		}
		same(t, f.count(), 3)
		asked := map[string]int{}
		for _, r := range f.server.Requests() {
			if asked[r.URL]++; asked[r.URL] > 1 {
				t.Errorf("%s was asked for twice", r.URL)
			}
		}
		f.store.Close()
	})
}

func TestArxivIsAskedOnceInThreeSecondsAllWeek(t *testing.T) {
	byDay := november()
	for i := range 450 { // pages to be asked for, and categories to be looked up
		byDay["2026-11-20"] = append(byDay["2026-11-20"], onArxiv(core.PaperID(fmt.Sprintf("2611.%05d", i+40000)), 1))
		if i < 90 {
			byDay["2026-11-23"] = append(byDay["2026-11-23"], hf(core.PaperID(fmt.Sprintf("2611.%05d", i+50000)), i))
		}
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 19, 7, 0, 0, 0, time.UTC)))
		f := flow(t, byDay, true)
		var refusedAt time.Time
		f.server.Fail(func(r *http.Request) *http.Response {
			switch now := time.Now(); {
			case r.URL.Path != "/api/query" && !strings.HasPrefix(r.URL.Path, "/rss"):
			case core.DateOf(now) == "2026-11-20": // a day of silence, so that there is something to query
				return replay.Answer(502, "")
			case core.DateOf(now) == "2026-11-24" && refusedAt.IsZero():
				refusedAt = now
				return replay.Answer(429, "Rate exceeded.", "Retry-After", "5400")
			default:
				time.Sleep(700 * time.Millisecond) // an answer takes its time
			}
			return nil
		})
		for end := time.Date(2026, 11, 26, 7, 0, 0, 0, time.UTC); time.Now().Before(end); time.Sleep(5 * time.Minute) {
			done := make(chan bool)
			go func() { // beside the poll, as the bot does
				f.Lookup(t.Context())
				close(done)
			}()
			if _, err := f.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			<-done
		}
		var last time.Time
		asked := map[string]int{}
		for _, r := range f.server.Requests() {
			if r.Agent != "Paperboy/1.0 (+ana@lab.example)" {
				t.Fatalf("who is %q?", r.Agent)
			}
			if r.Server != "arxiv" {
				continue
			}
			if gap := r.At.Sub(last); gap < 3*time.Second {
				t.Errorf("%s only %s after the one before", r.URL, gap)
			}
			if !refusedAt.IsZero() && r.At.After(refusedAt) && r.At.Before(refusedAt.Add(90*time.Minute)) {
				t.Errorf("asked at %s though told at %s to wait 90 minutes", r.At, refusedAt)
			}
			last = r.At
			asked[strings.Split(strings.SplitN(r.URL, "/", 4)[3], "?")[0]]++
		}
		same(t, f.server.AtOnce("arxiv"), 1)
		if asked["api/query"] < 4 || asked["rss/cs.LG+cs.CL"] < 200 {
			t.Errorf("asked %v: the week had queries, look-ups and feeds", asked)
		}
		missing, err := f.store.Papers(t.Context(), []core.PaperID{"2611.20003", "2611.40449", "2611.24001"})
		if err != nil || len(missing) != 3 {
			t.Errorf("the silent day's papers are not all there: %d, %v", len(missing), err)
		}
		f.store.Close()
	})
}

func TestABackfillIsBacklogAndTakesNothingFromTheChannels(t *testing.T) {
	f := flow(t, november(), false)
	f.at("2026-11-23 09:00")
	same(t, f.eligible(), []string{})
	f.now = f.now.AddDate(0, 0, 1) // Tuesday: its lists were not polled yet
	for range 2 {                  // once more changes nothing
		var steps []string
		if _, err := f.Backfill(context.Background(), "arxiv", "2026-11-18", "2026-11-24", func(done, total int) { steps = append(steps, fmt.Sprint(done, "/", total)) }); err != nil {
			t.Fatal(err)
		}
		same(t, strings.Join(steps, " "), "0/7 1/7 2/7 3/7 4/7 5/7 6/7 7/7")
		same(t, f.eligible(), []string{"2611.24001"})
		for _, id := range []core.PaperID{"2611.19002", "2611.20003"} {
			if p, err := f.store.Paper(context.Background(), id); err != nil || !p.Backlog {
				t.Errorf("%s: backlog %v, %v", id, p.Backlog, err)
			}
		}
	}
	if _, err := f.Backfill(context.Background(), "nature", "2026-11-18", "2026-11-24", nil); err == nil {
		t.Error("there is no such source")
	}
	f.server.Fail(func(r *http.Request) *http.Response { return replay.Answer(429, "", "Retry-After", "7200") })
	_, err := f.Backfill(context.Background(), "hf", "2026-11-01", "2026-11-03", nil)
	var se *core.SourceError
	if !errors.As(err, &se) || se.Wait != 2*time.Hour {
		t.Errorf("got %v", err)
	}
	f.is("huggingface", "failed is limiting requests (HTTP 429)")
	f.server.Fail(nil)
	asked := len(f.server.Requests())
	if _, err := f.Backfill(context.Background(), "hf", "2026-11-01", "2026-11-03", nil); !errors.As(err, &se) || se.Reason != "is limiting requests (HTTP 429)" || !se.Limit || se.Wait != 2*time.Hour {
		t.Errorf("got %v", err)
	}
	if _, err := f.PollNow(context.Background()); err != nil {
		t.Error(err)
	}
	for _, r := range f.server.Requests()[asked:] {
		if r.Server == "huggingface" {
			t.Errorf("asked for %s though told to wait", r.URL)
		}
	}
}

func TestCategoriesAreLookedUpInTheBackground(t *testing.T) {
	byDay := november()
	byDay["2026-11-20"] = append(byDay["2026-11-20"], hf("2611.20004", 1))
	byDay["2026-11-10"] = []core.Seen{onArxiv("2611.20002", 3), onArxiv("2611.19001", 1)} // what arXiv knows
	f := flow(t, byDay, false)
	f.at("2026-11-20 09:00")
	before := len(f.server.Requests())
	put, err := f.Lookup(context.Background())
	if err != nil || put.Updated != 2 || put.New > 0 || len(put.NewVersions) > 0 {
		t.Errorf("%+v, %v", put, err)
	}
	p, err := f.store.Paper(context.Background(), "2611.20002")
	if err != nil {
		t.Fatal(err)
	}
	same(t, p.Categories, []string{"cs.LG"})
	same(t, p.Sources, []string{"hf"}) // looked up is not listed
	if _, err := f.Lookup(context.Background()); err != nil {
		t.Error(err)
	}
	same(t, len(f.server.Requests()), before+1) // 2611.20004 is not asked for again today
}

// Nobody announces that a paper was accepted: arXiv is asked for what stands in posts.
func TestWhatStandsInPostsIsLookedUpOnceADay(t *testing.T) {
	f := flow(t, november(), false)
	f.at("2026-11-20 09:00")
	f.looksUp()
	asked := func(id string) (n int) {
		for _, r := range f.server.Requests() {
			if strings.Contains(r.URL, "id_list") && strings.Contains(r.URL, id) {
				n++
			}
		}
		return n
	}
	same(t, asked("2611.20003"), 0) // nothing stands anywhere

	ctx := context.Background()
	ch, err := f.store.EnsureChannel(ctx, core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: "ml"}, Settings: core.DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	items := []core.Delivery{{Item: core.PaperItem("2611.20003"), State: core.Posted}, {Item: core.PaperItem("2611.20009"), State: core.Skipped}}
	if _, err := f.store.PlanDigests(ctx, []core.Plan{{Digest: core.Digest{Channel: ch.ID, Kind: core.DailyPost, Due: f.now, Planned: f.now}, Items: items}}); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ days, asked int }{{0, 0}, {1, 1}, {0, 1}, {89, 2}, {1, 2}} { // on the day itself its list is read; for 90 days; no longer
		f.now = f.now.AddDate(0, 0, step.days)
		f.looksUp()
		f.looksUp()
		same(t, asked("2611.20003"), step.asked)
	}
	same(t, asked("2611.20009"), 0)
}

func TestARecordedDayFillsAndDrifts(t *testing.T) {
	recorded, err := replay.FromDir(recordings.Dir(t))
	if err != nil {
		t.Fatal(err)
	}
	f := flow(t, nil, false)
	recorded.Now = func() time.Time { return f.now }
	f.Sources = []core.Source{huggingface.New("https://huggingface.co", &polite.Client{Transport: recorded}, recorded.Now)}
	f.at("2025-10-29 23:00")
	put := f.at("2025-10-30 05:00")
	same(t, put.New, 16)
	put = f.at("2025-10-30 08:00")
	same(t, put.New, 4)
	if put.Updated < 11 || len(put.NewVersions) > 0 {
		t.Errorf("votes rose on 11 papers at least, and no version: %+v", put)
	}
	put = f.at("2025-10-30 08:30")
	same(t, []int{put.New, put.Updated}, []int{0, 0})
	put = f.at("2025-10-31 08:00")
	same(t, put.New, 19)
	put = f.at("2025-11-01 03:00") // a Saturday: Friday's list is complete, and asked for again
	same(t, put.New, 10)
	f.is("huggingface", "not announced")
}

func TestTheDayFillsWhileWeLook(t *testing.T) {
	one := map[core.Date][]core.Seen{"2026-11-20": {hf("2611.20001", 1)}}
	f := flow(t, one, false)
	f.at("2026-11-20 05:00")
	one["2026-11-20"] = append(one["2026-11-20"], hf("2611.20002", 8))
	one["2026-11-20"][0] = hf("2611.20001", 30)
	put := f.at("2026-11-23 09:00")
	same(t, put.New, 1)
	p, err := f.store.Paper(context.Background(), "2611.20001")
	if err != nil {
		t.Fatal(err)
	}
	same(t, *p.Upvotes, 30)
	same(t, p.Day, core.Date("2026-11-20"))
}

// tired is a source that asks to be left alone before it answers.
type tired struct {
	core.Source
	waits []time.Duration
}

func (*tired) Name() string            { return "tired" }
func (*tired) Short() string           { return "td" }
func (*tired) Title() string           { return "The Tired" }
func (*tired) Note(d core.Date) string { return "list of " + string(d) }
func (*tired) Due(time.Time) core.Date { return "" }
func (s *tired) Fetch(_ context.Context, from, _ core.Date) (core.Batch, error) {
	if len(s.waits) > 0 {
		w := s.waits[0]
		s.waits = s.waits[1:]
		return core.Batch{}, &core.SourceError{Reason: "is tired", Wait: w}
	}
	seen := hf("2611.00001", 1)
	seen.Sighting.Day = from
	return core.Batch{Seen: []core.Seen{seen}, Newest: from}, nil
}

func TestABackfillWaitsAsLongAsASourceAsks(t *testing.T) {
	f := flow(t, nil, false)
	f.now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	src := &tired{waits: []time.Duration{time.Minute, 10 * time.Minute}}
	f.Sources = []core.Source{src}
	var slept []time.Duration
	f.Sleep = func(_ context.Context, d time.Duration) error { slept = append(slept, d); return nil }
	put, err := f.Backfill(t.Context(), "td", "2026-11-20", "2026-11-20", nil)
	if err != nil || put.New != 1 {
		t.Errorf("%+v, %v", put, err)
	}
	same(t, slept, []time.Duration{time.Minute, 10 * time.Minute})

	src.waits, slept = []time.Duration{11 * time.Minute}, nil // nobody waits so long
	var e *core.SourceError
	if _, err := f.Backfill(t.Context(), "td", "2026-11-20", "2026-11-20", nil); !errors.As(err, &e) || len(slept) > 0 {
		t.Errorf("slept %v, %v", slept, err)
	}
	f.now = f.now.Add(time.Hour)
	src.waits, f.Sleep = []time.Duration{time.Minute}, nil // nobody waits at all
	if _, err := f.Backfill(t.Context(), "td", "2026-11-20", "2026-11-20", nil); !errors.As(err, &e) {
		t.Errorf("%v", err)
	}
}

func TestASourceIsCalledWhatItCallsItself(t *testing.T) {
	f := flow(t, nil, false)
	f.Sources = []core.Source{&tired{}}
	f.at("2026-11-24 08:00")
	if s := f.state("tired"); s.Called() != "The Tired" || s.Note != "list of 2026-11-24" {
		t.Errorf("%+v", s)
	}
	if s := (core.SourceState{Source: "lab"}); s.Called() != "lab" {
		t.Errorf("called %s", s.Called())
	}
}

func TestWhoAsksForAPauseGetsIt(t *testing.T) {
	f := flow(t, november(), false)
	f.Sources = f.Sources[:1]
	f.server.Fail(func(*http.Request) *http.Response { return replay.Answer(429, "", "Retry-After", "7200") })
	asked := func(when string, want int, ask func(context.Context) (core.Put, error)) {
		t.Helper()
		before := len(f.server.Requests())
		var err error
		if f.now, err = time.Parse("2006-01-02 15:04", when); err != nil {
			t.Fatal(err)
		}
		if _, err := ask(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := len(f.server.Requests()) - before; got != want {
			t.Errorf("%s: %d requests, want %d", when, got, want)
		}
	}
	asked("2026-11-20 09:00", 1, f.Poll)
	asked("2026-11-20 10:59", 0, f.Poll)
	asked("2026-11-20 10:59", 0, f.PollNow) // nor for a person
	asked("2026-11-20 11:00", 1, f.Poll)
}

func TestAMonthIsMadeUpForAndNoMore(t *testing.T) {
	f := flow(t, map[core.Date][]core.Seen{"2026-10-01": {hf("2610.00001", 1)}}, false)
	f.Sources = f.Sources[:1]
	f.at("2026-10-01 12:00")
	before := len(f.server.Requests())
	f.at("2026-11-24 12:00")
	days := f.server.Requests()[before:]
	if len(days) != 32 || !strings.Contains(days[0].URL, "date=2026-10-24") {
		t.Errorf("%d days, from %s", len(days), days[0].URL)
	}
}

// hung is a source that never answers.
type hung struct{ tired }

func (*hung) Fetch(ctx context.Context, _, _ core.Date) (core.Batch, error) {
	<-ctx.Done()
	return core.Batch{}, ctx.Err()
}

func TestASourceGetsAMinuteForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flow(t, nil, true)
		f.Sources, f.NotBefore = []core.Source{&hung{}}, time.Time{}
		begun := time.Now()
		if _, err := f.PollNow(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, time.Since(begun), time.Minute)
		f.store.Close()
	})
}
