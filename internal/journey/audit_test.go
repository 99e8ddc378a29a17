package journey

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/query"
	"paperboy/internal/polite"
	"paperboy/internal/recordings"
	"paperboy/internal/replay"
	"paperboy/internal/testkit"
	"paperboy/sources/arxiv"
	"paperboy/sources/huggingface"
)

// lines reads a recorded file, line by line.
func lines[T any](t *testing.T, name string, each func(T)) {
	t.Helper()
	f, err := os.Open(filepath.Join(recordings.Dir(t), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	s := bufio.NewScanner(z)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var line T
		if err := json.Unmarshal(s.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		each(line)
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
}

// wellKnown is what decides here about a paper that was announced.
type wellKnown struct {
	ID         core.PaperID `json:"id"`
	Title      string       `json:"title"`
	Categories []string     `json:"categories"`
}

// page is what somebody saw of arXiv's new papers on a day.
type page struct {
	Day core.Date      `json:"day"`
	IDs []core.PaperID `json:"ids"`
}

// recordedCategories are those whose pages were recorded.
var recordedCategories = []string{"cs.CV", "cs.CL", "cs.AI"}

// rss is a recorded page as arXiv's feed gives it.
func (p page) rss(papers map[core.PaperID]wellKnown) string {
	type item struct {
		Title      string   `xml:"title"`
		GUID       string   `xml:"guid"`
		Categories []string `xml:"category"`
		Announce   string   `xml:"http://arxiv.org/schemas/atom announce_type"`
	}
	var f struct {
		XMLName xml.Name `xml:"rss"`
		Channel struct {
			Items []item `xml:"item"`
		} `xml:"channel"`
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(p.IDs))) {
		w := papers[id]
		kind := "cross"
		if slices.Contains(recordedCategories, w.Categories[0]) {
			kind = "new"
		}
		f.Channel.Items = append(f.Channel.Items, item{w.Title, fmt.Sprintf("oai:arXiv.org:%sv1", id), w.Categories, kind})
	}
	b, err := xml.Marshal(f)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// What a day brought adds up, and each number opens its papers.
func TestWhereADaysPapersWent(t *testing.T) {
	w := tuesday(t)
	if err := w.store.PutLists(t.Context(), []core.List{{Source: "hf", Day: "2025-11-25", Count: 9}}, w.now); err != nil {
		t.Fatal(err)
	}
	r := w.says("ana", "audit")
	w.sees(text(r.Card), "Tue 25 Nov: Hugging Face announced 8.", "6 posted · 2 matched no topic.", "Hugging Face's own count is 9: 1 could not be read.")
	if r.Public {
		t.Error("it was asked by one, and answered to all")
	}
	opened := w.presses("ana", r.Card, "2 matched no topic")
	w.sees(text(opened.Card), "Tue 25 Nov: 2 matched no topic")
	if diff := cmp.Diff([]core.PaperID{seedID(5), seedID(9)}, ids(opened.Card)); diff != "" {
		t.Error(diff)
	}
	w.sees(text(w.presses("ana", opened.Card, "Why").Card), "It was not posted here")
	w.sees(text(w.presses("ana", opened.Card, "The whole day").Card), "6 posted · 2 matched no topic.")
	before := w.presses("ana", r.Card, "Day before")
	w.sees(text(before.Card), "Mon 24 Nov: no source announced a paper.")
	if shared := w.presses("ana", r.Card, "Share"); !shared.Public || !strings.Contains(text(shared.Card), "6 posted · 2 matched no topic.") {
		t.Errorf("%+v", shared)
	}
	w.now = at("2025-11-29 12:00") // a Saturday: the newest day that had a list
	w.sees(text(w.says("ana", "audit").Card), "Tue 25 Nov: Hugging Face announced 8.")
	w.sees(text(w.says("ana", "audit 2025-13-40").Card), "I could not read `2025-13-40`. Write a day as in `/papers audit 2026-11-20`.")
	w.sees(text(w.says("ana", "audit only:soup").Card), "I do not know `soup`")
}

// A paper that the channel's taste will bring is no paper that nothing matches: before
// the post it is coming, as today lists it, and afterwards it was posted.
func TestAnAuditKnowsWhatATasteBrings(t *testing.T) {
	w := newTown(t)
	about := func(id, title string, day core.Date) core.Seen {
		s := byHF(id, title)
		s.Paper.Abstract = "Unlearning has a language model forget private data that it memorized."
		s.Sighting.Day = day
		return s
	}
	w.until(at("2025-11-24 10:00"))
	w.fetches(about("2511.00001", "Unlearning secrets", "2025-11-24"), about("2511.00002", "Machine unlearning", "2025-11-24"), about("2511.00003", "Unlearning records", "2025-11-24"))
	w.says("pi", "subscribe lora")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.says("pi", "settings discover:1")
	w.presses("pi", w.says("pi", "learn 2511.00001 2511.00002 2511.00003").Card, "Use as taste")
	soup := byHF("2511.00012", "Wireless channels of 6G")
	soup.Sighting.Day = "2025-11-25"
	soup.Paper.Title, soup.Paper.Abstract = "Fading channels of the uplink", "Codes against noise at low latency."
	w.now = at("2025-11-25 08:00")
	w.fetches(about("2511.00011", "Forgetting by unlearning", "2025-11-25"), soup)

	w.sees(text(w.says("ana", "today").Card), "Forgetting by unlearning")
	r := w.says("ana", "audit")
	w.sees(text(r.Card), "Hugging Face announced 2.", "1 coming, to this channel's taste · 1 matched no topic.")
	if got := ids(w.presses("ana", r.Card, "1 coming").Card); len(got) != 1 || got[0] != "2511.00011" {
		t.Errorf("it opens %v", got)
	}
	w.says("pi", "mute unlearning for:7d")
	w.sees(text(w.says("ana", "audit").Card), "2 matched no topic.")
	w.says("pi", "unmute unlearning")
	w.until(at("2025-11-25 09:00"))
	w.sees(text(w.says("ana", "audit").Card), "1 posted · 1 matched no topic.")
}

// Both sources announce the same paper, and one of them shows its list again.
func TestAnAuditNamesAListThatCameAgain(t *testing.T) {
	w, r := november(t)
	w.says("pi", "subscribe lora")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.polls("2025-11-24 12:10")
	r.Stale("2025-11-25", true)
	w.polls("2025-11-25 08:00")
	w.until(at("2025-11-25 09:00"))
	said := text(w.says("pi", "audit 2025-11-25").Card)
	w.sees(said, "Tue 25 Nov: arXiv announced 1, Hugging Face 1: 2 papers.", "1 posted · 1 repeated from an earlier list.",
		"arXiv is stale: it has shown Mon 24 Nov's list again since 08:00, and not what was due on Tue 25 Nov.")
	w.sees(text(w.says("pi", "status").Card), "arXiv: stale (still shows Monday's list)")
	r.Stale("2025-11-25", false)
	w.polls("2025-11-25 14:00")
	w.sees(text(w.says("pi", "audit 2025-11-25").Card), "arXiv announced 1, Hugging Face 1: 2 papers.", "1 posted · 1 coming.",
		"arXiv was stale: it showed Mon 24 Nov's list again from 08:00 to 14:00. Its own has come since.")
}

// Sixteen months of arXiv's pages as somebody recorded them, 83 of which are the one
// before again, and of Hugging Face's lists: each page that is an earlier one's is
// named at the first look after the new one was due, and every paper has a reason, on
// each of its days.
func TestEveryRecordedDayAddsUpAndEveryStaleOneIsNamed(t *testing.T) {
	dir := recordings.Dir(t)
	if testkit.Race {
		t.Skip("76,065 papers take minutes with the race detector; .ci/run tells this story once more without it")
	}
	papers, pages, order := map[core.PaperID]wellKnown{}, map[core.Date]page{}, []core.Date{}
	lines(t, "arxiv-corpus.jsonl.gz", func(p wellKnown) { papers[p.ID] = p })
	lines(t, "arxiv-listing-days.jsonl.gz", func(p page) { pages[p.Day], order = p, append(order, p.Day) })

	w := newTown(t)
	r, err := replay.FromDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	r.Now = w.clock
	r.Fail(func(req *http.Request) *http.Response {
		switch {
		case strings.HasPrefix(req.URL.Path, "/rss/"):
			return replay.Answer(200, pages[core.DateOf(w.now.UTC())].rss(papers))
		case req.URL.Path == "/api/query": // of what nobody recorded nothing is known
			return replay.Answer(200, `<feed xmlns="http://www.w3.org/2005/Atom"><totalResults xmlns="http://a9.com/-/spec/opensearch/1.1/">0</totalResults></feed>`)
		}
		return nil
	})
	client := &polite.Client{Agent: "test", Transport: r}
	w.bot.Feed.Sources = []core.Source{
		huggingface.New("https://huggingface.co", client, w.clock),
		arxiv.New(arxiv.Config{URL: "https://export.arxiv.org", RSSURL: "https://rss.arxiv.org", Categories: recordedCategories, Client: client, Notes: w.store, Now: w.clock}),
	}
	looks := func(when time.Time) core.SourceState {
		w.now = when
		if err := w.bot.Fetch(t.Context()); err != nil {
			t.Fatal(err)
		}
		states, err := w.store.SourceStates(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return states[slices.IndexFunc(states, func(s core.SourceState) bool { return s.Source == "arxiv" })]
	}
	looks(order[0].Time(time.UTC).Add(-12 * time.Hour)) // what is there at first is seen
	for _, line := range []string{`subscribe diffusion -survey, "language model" | lora, agent min:10`, "settings max:5 layout:digest scope:cs.CV,cs.CL", "mute video for:forever", "schedule 09:00 Europe/Berlin weekdays"} {
		if r := w.says("pi", line); r.Failed {
			t.Fatal(text(r.Card))
		}
	}
	reader := &query.Reader{Store: w.store, Now: w.clock}
	kinds := map[string]int{}
	var before page
	for _, day := range order {
		page := pages[day]
		state := looks(day.Time(time.UTC).Add(6*time.Hour + 5*time.Minute)) // five minutes after it was due
		again := slices.Equal(slices.Compact(slices.Sorted(slices.Values(page.IDs))), slices.Compact(slices.Sorted(slices.Values(before.IDs))))
		said := text(w.says("ana", "audit "+string(day)).Card)
		switch due := arxiv.Announces(day); {
		case again && due:
			kinds["stale"]++
			if state.Word != core.Stale || !strings.HasPrefix(state.Reason, "still shows") || !strings.Contains(said, "arXiv is stale: it has shown") {
				t.Errorf("%s is not named: %s %s\n%s", day, state.Word, state.Reason, said)
			}
		case again:
			kinds["nothing due"]++
			if state.Word == core.Stale || !strings.Contains(said, "arXiv had nothing due: it still showed") {
				t.Errorf("%s is not named: %s %s\n%s", day, state.Word, state.Reason, said)
			}
		case state.Word == core.Stale && due:
			t.Errorf("%s is called stale: %s", day, state.Reason)
		default:
			kinds["its own"]++
		}
		before = page
		for local := day.Time(berlin).Add(9 * time.Hour); w.now.Before(local); {
			w.until(local)
		}
	}
	if kinds["stale"]+kinds["nothing due"] != 83 {
		t.Errorf("%v", kinds)
	}

	w.now = w.now.AddDate(0, 0, 5)
	ch, err := w.store.ChannelByKey(t.Context(), channel(papersChannel))
	if err != nil {
		t.Fatal(err)
	}
	all, sums, accounted := 0, map[query.Reason]int{}, map[core.PaperID]bool{}
	for _, day := range order {
		a, err := reader.Audit(t.Context(), ch, day)
		if err != nil {
			t.Fatal(err)
		}
		once := map[core.PaperID]bool{}
		for why, ids := range a.Papers {
			sums[why] += len(ids)
			for _, id := range ids {
				if once[id] {
					t.Errorf("%s has two reasons on %s", id, day)
				}
				once[id], accounted[id] = true, true
			}
		}
		all += a.Total
		for _, id := range pages[day].IDs {
			if !accounted[id] {
				t.Errorf("%s of %s is nowhere", id, day)
			}
		}
		for _, s := range a.Sources {
			if s.List.Count > s.Papers {
				t.Errorf("%s: %s counted %d, and we have %d", day, s.Source, s.List.Count, s.Papers)
			}
		}
		for _, id := range onHuggingFace(t, dir, day) {
			if !once[id] {
				t.Errorf("%s of Hugging Face's list of %s is nowhere", id, day)
			}
		}
	}
	t.Logf("%d days %v: %d papers, of which %d are distinct", len(order), kinds, all, len(accounted))
	for _, why := range query.Reasons {
		t.Logf("%-10s %6d", why, sums[why])
	}
}

// onHuggingFace are the papers of a recorded list.
func onHuggingFace(t *testing.T, dir string, day core.Date) (ids []core.PaperID) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "hf_daily", string(day)+".json.gz"))
	if err != nil {
		return nil
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var list []json.RawMessage
	if err := json.NewDecoder(z).Decode(&list); err != nil {
		t.Fatal(err)
	}
	for _, raw := range list {
		if seen, _ := huggingface.Entry(raw, day, day); seen.Sighting.Day == day {
			ids = append(ids, seen.Paper.ID)
		}
	}
	return ids
}
