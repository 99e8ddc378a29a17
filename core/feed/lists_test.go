package feed_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/replay"
)

// lists are what sources said of a day's.
func (f *inflow) lists(day core.Date) []core.List {
	f.t.Helper()
	lists, err := f.store.Lists(context.Background(), day)
	if err != nil {
		f.t.Fatal(err)
	}
	return lists
}

func utc(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

// The list is due at six. However rarely a source is asked, it is asked then.
func TestAListThatIsAnEarlierOneIsNamedWithinTheHour(t *testing.T) {
	f := flow(t, november(), false)
	f.Sources, f.Interval = f.Sources[1:], 6*time.Hour
	f.at("2026-11-19 09:00")
	f.at("2026-11-20 09:00")
	f.at("2026-11-21 09:00")
	f.at("2026-11-22 09:00")
	f.server.Stale("2026-11-23", true)
	f.at("2026-11-23 05:40")
	f.is("arxiv", "not announced")
	same(t, len(f.lists("2026-11-23")), 0) // it is not due yet
	f.at("2026-11-23 06:00")
	f.is("arxiv", "stale still shows Friday's list")
	stale := core.List{Source: "arxiv", Day: "2026-11-23", Again: "2026-11-20", Due: true, Since: utc("2026-11-23 06:00")}
	same(t, f.lists("2026-11-23"), []core.List{stale})
	f.at("2026-11-23 12:00")
	same(t, f.lists("2026-11-23")[0], stale)
	f.server.Stale("2026-11-23", false)
	f.at("2026-11-23 18:00")
	f.is("arxiv", "fresh")
	stale.Count, stale.Until = 1, utc("2026-11-23 18:00")
	same(t, f.lists("2026-11-23")[0], stale)
}

// sends has Hugging Face send the same papers for a day under its date.
func (f *inflow) sends(day core.Date, ids ...int) {
	list := []any{}
	for _, n := range ids {
		list = append(list, map[string]any{"paper": map[string]any{"id": fmt.Sprintf("2611.2000%d", n), "title": fmt.Sprint("On ", n), "submittedOnDailyAt": string(day) + "T00:00:00.000Z"}})
	}
	body, err := json.Marshal(list)
	if err != nil {
		f.t.Fatal(err)
	}
	f.server.Fail(func(r *http.Request) *http.Response {
		if r.URL.Query().Get("date") == string(day) {
			return replay.Answer(200, string(body))
		}
		return nil
	})
}

func TestAnEarlierListUnderANewDateIsToldByItsPapers(t *testing.T) {
	friday := []core.Seen{hf("2611.20001", 1), hf("2611.20002", 1), hf("2611.20003", 1), hf("2611.20004", 1), hf("2611.20005", 1), hf("2611.20006", 1)}
	f := flow(t, map[core.Date][]core.Seen{"2026-11-19": {hf("2611.19001", 1)}, "2026-11-20": friday}, false)
	f.Sources = f.Sources[:1]
	f.at("2026-11-19 20:00")
	f.at("2026-11-20 20:00")
	f.sends("2026-11-23", 1, 2, 3, 4, 5, 6)
	f.at("2026-11-23 12:00")
	f.is("huggingface", "stale still shows Friday's list")
	same(t, f.lists("2026-11-23"), []core.List{{Source: "hf", Day: "2026-11-23", Again: "2026-11-20", Due: true, Since: utc("2026-11-23 12:00")}})
	f.sends("2026-11-23", 1, 7, 8, 9, 6) // two of them are featured again
	f.at("2026-11-23 12:30")
	f.is("huggingface", "fresh")
	same(t, f.lists("2026-11-23"), []core.List{{Source: "hf", Day: "2026-11-23", Count: 5, Again: "2026-11-20", Due: true, Since: utc("2026-11-23 12:00"), Until: utc("2026-11-23 12:30")}})
	day, err := f.store.OnDay(context.Background(), "2026-11-23")
	if err != nil {
		t.Fatal(err)
	}
	same(t, len(day), 5)
}

func TestAShortListOfPapersThatWereListedBeforeIsNoEarlierList(t *testing.T) {
	f := flow(t, map[core.Date][]core.Seen{"2026-11-19": {hf("2611.19001", 1)}, "2026-11-20": {hf("2611.20001", 1), hf("2611.20002", 1)}}, false)
	f.Sources = f.Sources[:1]
	f.at("2026-11-19 20:00")
	f.at("2026-11-20 20:00")
	f.sends("2026-11-23", 1, 2)
	f.at("2026-11-23 12:00")
	same(t, f.state("huggingface").Word, core.Fresh)
}

// In a joined feed one category may be yesterday's.
func TestACategoryThatIsYesterdaysIsNamedAndNothingOfItIsLost(t *testing.T) {
	in := func(id core.PaperID, category string) core.Seen {
		s := onArxiv(id, 1)
		s.Paper.Categories = []string{category}
		return s
	}
	monday, tuesday := []core.Seen{in("2611.23001", "cs.LG"), in("2611.23002", "cs.CL")}, []core.Seen{in("2611.24001", "cs.LG"), in("2611.24002", "cs.CL")}
	f := flow(t, map[core.Date][]core.Seen{"2026-11-20": {in("2611.20001", "cs.LG")}, "2026-11-23": monday, "2026-11-24": tuesday, "2026-11-25": {in("2611.25001", "cs.LG"), in("2611.25002", "cs.CL")}}, false)
	f.Sources = f.Sources[1:]
	f.at("2026-11-20 09:00")
	f.at("2026-11-23 09:00")
	// What the feed shows: Tuesday's cs.LG and Monday's cs.CL.
	mixed := replay.FromPapers(map[core.Date][]core.Seen{"2026-11-24": {tuesday[0], monday[1]}})
	mixed.Now = f.server.Now
	f.server.Fail(func(r *http.Request) *http.Response {
		if f.now.Day() == 24 && r.URL.Path != "/api/query" {
			res, err := mixed.RoundTrip(r)
			if err != nil {
				t.Error(err)
			}
			return res
		}
		return nil
	})
	put := f.at("2026-11-24 09:00")
	same(t, put.New, 1) // what has come is not held back
	f.is("arxiv", "stale still shows Monday's list for cs.CL")
	same(t, f.lists("2026-11-24"), []core.List{{Source: "arxiv", Day: "2026-11-24", Again: "2026-11-23", Parts: []string{"cs.CL"}, Due: true, Since: utc("2026-11-24 09:00")}})
	f.at("2026-11-25 09:00") // the feed is Wednesday's, and the rest of Tuesday is asked for
	f.is("arxiv", "fresh")
	same(t, f.eligible(), []string{"2611.23001", "2611.23002", "2611.24001", "2611.24002", "2611.25001", "2611.25002"})
}

func TestAWeekendShowsFridaysListAndNothingIsWrong(t *testing.T) {
	f := flow(t, november(), false)
	f.Sources = f.Sources[1:]
	f.at("2026-11-19 09:00")
	f.at("2026-11-20 09:00")
	f.server.Fail(func(*http.Request) *http.Response {
		was := replay.FromPapers(november())
		was.Now = func() time.Time { return utc("2026-11-20 09:00") }
		res, err := was.RoundTrip(must(http.NewRequest("GET", "https://rss.arxiv.org/rss/cs.LG+cs.CL", nil)))
		if err != nil {
			t.Error(err)
		}
		return res
	})
	f.at("2026-11-21 09:00")
	f.is("arxiv", "not announced")
	same(t, f.lists("2026-11-21"), []core.List{{Source: "arxiv", Day: "2026-11-21", Again: "2026-11-20", Since: utc("2026-11-21 09:00")}})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// An entry that names no paper is counted all the same.
func TestASourcesOwnCountHasWhatCannotBeRead(t *testing.T) {
	f := flow(t, november(), false)
	f.Sources = f.Sources[:1]
	f.server.Fail(func(r *http.Request) *http.Response {
		if r.URL.Query().Get("date") == "2026-11-20" {
			return replay.Answer(200, `[{"paper":{"id":"2611.20001","title":"Good"}},{"paper":{"id":"?","title":"Who?"}},{"paper":{"id":"2611.20001","title":"Good"}}]`)
		}
		return nil
	})
	f.at("2026-11-20 09:00")
	same(t, f.lists("2026-11-20"), []core.List{{Source: "hf", Day: "2026-11-20", Count: 2}})
}
