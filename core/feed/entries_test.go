package feed_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/internal/polite"
	"paperboy/internal/replay"
	rss "paperboy/sources/feed"
	"paperboy/store"
)

// subscription is a store and the feeds that it is fed from.
type subscription struct {
	*feed.Feed
	t     testing.TB
	store *store.Store
	put   *counting
	pages map[string]string // by host
	sent  int               // bodies
	etag  bool              // whether the server knows versions
	now   time.Time
}

// counting is a store that counts what is put into it at once.
type counting struct {
	feed.Store
	mu      sync.Mutex
	batches []int
}

func (c *counting) PutPapers(ctx context.Context, seen []core.Seen, backlog bool, now time.Time) (core.Put, error) {
	c.mu.Lock()
	c.batches = append(c.batches, len(seen))
	c.mu.Unlock()
	return c.Store.PutPapers(ctx, seen, backlog, now)
}

func feeds(t testing.TB, names ...string) *subscription {
	t.Helper()
	s := &subscription{t: t, pages: map[string]string{}, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	st, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "paperboy.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	s.store, s.put = st, &counting{Store: st}
	server := replay.FromPapers(nil)
	var mu sync.Mutex // feeds are asked at once
	server.Fail(func(r *http.Request) *http.Response {
		mu.Lock()
		defer mu.Unlock()
		body := s.pages[r.URL.Host]
		tag := fmt.Sprintf("%q", fmt.Sprint(len(body)))
		if s.etag && r.Header.Get("If-None-Match") == tag {
			return replay.Answer(304, "")
		}
		s.sent++
		if s.etag {
			return replay.Answer(200, body, "ETag", tag)
		}
		return replay.Answer(200, body)
	})
	now := func() time.Time { return s.now }
	s.Feed = &feed.Feed{Store: s.put, Now: now, Interval: 30 * time.Minute}
	for _, name := range names {
		s.Sources = append(s.Sources, rss.New(rss.Config{Name: name, URL: "https://" + name + ".example/feed.xml",
			Client: &polite.Client{Transport: server}, Notes: st, Now: now}))
	}
	return s
}

// polls asks all feeds, an hour later than last time.
func (s *subscription) polls() core.Put {
	s.t.Helper()
	s.now = s.now.Add(time.Hour)
	put, err := s.Poll(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	return put
}

// sends lets a feed hold those entries, and asks.
func (s *subscription) sends(name string, entries ...string) core.Put {
	s.t.Helper()
	s.pages[name+".example"] = `<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>A feed</title>` + strings.Join(entries, "\n") + `</channel></rss>`
	return s.polls()
}

// titles are those of all papers, sorted.
func (s *subscription) titles() []string {
	s.t.Helper()
	found, err := s.store.Search(context.Background(), core.Query{Sort: core.SortNew, Limit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	var titles []string
	for _, h := range found.Hits {
		titles = append(titles, h.Paper.Title)
	}
	slices.Sort(titles)
	return titles
}

// an is an entry; what is empty is left out.
func an(title, guid, link string) string {
	return on("Fri, 20 Nov 2026 10:00:00 GMT", title, guid, link)
}

func on(date, title, guid, link string) string {
	e := "<item><title>" + title + "</title>"
	if guid != "" {
		e += `<guid isPermaLink="false">` + guid + "</guid>"
	}
	if link != "" {
		e += "<link>" + strings.ReplaceAll(link, "&", "&amp;") + "</link>"
	}
	if date != "" {
		e += "<pubDate>" + date + "</pubDate>"
	}
	return e + "</item>"
}

func withDOI(entry, doi string) string {
	return strings.Replace(entry, "</item>", "<dc:identifier>doi:"+doi+"</dc:identifier></item>", 1)
}

func TestAnEntryStaysItselfWhateverChangesAroundIt(t *testing.T) {
	for name, versions := range map[string][]string{
		"its site moves to https":        {an("Bees", "b1", "http://j.example/1"), an("Bees", "b1", "https://j.example/1")},
		"its link carries a session":     {an("Bees", "b1", "https://j.example/1?sid=111"), an("Bees", "b1", "https://j.example/1?sid=222")},
		"its link carries anything":      {an("Bees", "b1", "https://j.example/1?xyz=111"), an("Bees", "b1", "https://j.example/1?xyz=222")},
		"its site has another name":      {an("Bees", "b1", "https://old.example/1"), an("Bees", "b1", "https://new.example/one")},
		"its title is corrected":         {an("Bees", "b1", "https://j.example/1"), an("Bees, again", "b1", "https://j.example/1"), an("Wasps", "b1", "https://j.example/wasps")},
		"it is dated anew":               {on("Mon, 16 Nov 2026 10:00:00 GMT", "Bees", "b1", "https://j.example/1"), an("Bees", "b1", "https://j.example/1")},
		"its guid is its address":        {an("Bees", "http://www.j.example/1", ""), an("Bees", "https://j.example/1", "")},
		"without a guid: https":          {an("Bees", "", "http://j.example/1"), an("Bees", "", "https://j.example/1")},
		"without a guid: www.":           {an("Bees", "", "https://www.j.example/1"), an("Bees", "", "https://j.example/1")},
		"without a guid: a fragment":     {an("Bees", "", "https://j.example/1#rss"), an("Bees", "", "https://j.example/1#xtor=RSS-16")},
		"without a guid: tracking":       {an("Bees", "", "https://j.example/1?id=7&utm_source=rss"), an("Bees", "", "https://j.example/1?utm_medium=x&id=7&fbclid=abc")},
		"without a guid: order":          {an("Bees", "", "https://j.example/1?a=1&b=2"), an("Bees", "", "https://j.example/1?b=2&a=1")},
		"without a guid: a slash":        {an("Bees", "", "https://j.example/1/"), an("Bees", "", "https://j.example/1")},
		"without a guid: a port":         {an("Bees", "", "https://j.example:443/1"), an("Bees", "", "http://J.example/1")},
		"without a guid: a session":      {an("Bees", "", "https://j.example/1;jsessionid=AB"), an("Bees", "", "https://j.example/1;jsessionid=CD")},
		"it gets a guid":                 {an("Bees", "", "https://j.example/1"), an("Bees", "b1", "https://j.example/1")},
		"it loses its guid":              {an("Bees", "b1", "https://j.example/1"), an("Bees", "", "https://j.example/1")},
		"a preprint's next version":      {an("Bees", "", "https://pre.example/2026.11.18.123456v1"), an("Bees: a study", "", "https://pre.example/2026.11.18.123456v2")},
		"a preprint's version by guid":   {an("Bees", "b1", "https://pre.example/x/v1"), an("Bees", "b1", "https://pre.example/x/v2")},
		"a preprint's version by DOI":    {withDOI(an("Bees", "b.v1", "https://pre.example/x/v1"), "10.1101/7"), withDOI(an("Bees: a study", "b.v2", "https://pre.example/x/v2"), "10.1101/7")},
		"the site is built anew":         {an("Bees", "?p=17", "https://j.example/1"), an("Bees", "urn:uuid:4711", "https://j.example/1")},
		"built anew, and without a date": {on("", "Bees", "?p=17", "https://j.example/1"), on("", "Bees", "urn:uuid:4711", "https://j.example/1")},
	} {
		t.Run(name, func(t *testing.T) {
			s := feeds(t, "lab")
			s.sends("lab", an("The first fetch", "0", "https://j.example/0"))
			for i, v := range versions {
				if put := s.sends("lab", v); put.New != map[bool]int{true: 1}[i == 0] {
					t.Errorf("version %d brought %d new papers", i+1, put.New)
				}
				if put := s.sends("lab", v+"<!-- anew -->"); put.New+put.Updated != 0 || put.Unchanged != 1 {
					t.Errorf("the same again: %+v", put)
				}
			}
		})
	}
}

func TestDifferentEntriesAreDifferentPapers(t *testing.T) {
	const list = "https://lab.example/upcoming/"
	for name, entries := range map[string][]string{
		"three guids share one link":          {an("One", "T1", list), an("Two", "T2", list), an("Three", "T3", list)},
		"and their titles too":                {an("A talk", "T1", list), an("A talk", "T2", list)},
		"one guid for all":                    {an("One", "x", "https://lab.example/1"), an("Two", "x", "https://lab.example/2"), an("Three", "x", "https://lab.example/3")},
		"one guid and one link for all":       {an("One", "x", list), an("Two", "x", list), an("Three", "x", list)},
		"one link and no guid":                {an("One", "", list), an("Two", "", list)},
		"fragments only":                      {an("One", "", list+"#1"), an("Two", "", list+"#2")},
		"a parameter that says which":         {an("One", "", list+"?id=1"), an("Two", "", list+"?id=2")},
		"a DOI of the whole journal":          {withDOI(an("One", "1", list+"1"), "10.1234/j"), withDOI(an("Two", "2", list+"2"), "10.1234/j"), withDOI(an("Three", "3", list+"3"), "10.1234/j")},
		"guids that differ in case":           {an("One", "a", list+"1"), an("Two", "A", list+"2")},
		"versions of software are no version": {an("One", "", list+"v1"), an("Two", "", list+"v2")},
	} {
		t.Run(name, func(t *testing.T) {
			s := feeds(t, "lab")
			if put := s.sends("lab", entries...); put.New != len(entries) {
				t.Errorf("%d papers of %d entries", put.New, len(entries))
			}
			for range 2 {
				slices.Reverse(entries)
				if put := s.sends("lab", entries...); put.New+put.Updated != 0 {
					t.Errorf("the same entries again: %+v", put)
				}
			}
			for i := range entries { // and one by one
				if put := s.sends("lab", entries[i]); put.New+put.Updated != 0 {
					t.Errorf("entry %d alone: %+v", i+1, put)
				}
			}
		})
	}
}

func TestAnotherTalkUnderTheSameAddressIsNew(t *testing.T) {
	s := feeds(t, "lab")
	s.sends("lab", on("Mon, 16 Nov 2026 10:00:00 GMT", "Seminar", "T1", "https://lab.example/next"))
	if put := s.sends("lab", on("Mon, 23 Nov 2026 08:00:00 GMT", "Seminar", "T2", "https://lab.example/next")); put.New != 1 {
		t.Errorf("next week's: %+v", put)
	}
	if put := s.sends("lab", on("Mon, 23 Nov 2026 08:00:00 GMT", "Talk", "T3", "https://lab.example/next")); put.New != 1 {
		t.Errorf("another title: %+v", put)
	}
}

func TestAGuidIdentifiesWithinItsFeed(t *testing.T) {
	s := feeds(t, "lab", "press")
	s.sends("lab", an("Bees", "1", "https://lab.example/bees"))
	if put := s.sends("press", an("Wasps", "1", "https://press.example/wasps")); put.New != 1 {
		t.Errorf("another feed's entry 1: %+v", put)
	}
	if put := s.sends("press", an("Bees", "2", "http://www.lab.example/bees/")); put.New != 0 {
		t.Errorf("a page that another feed has is no new paper: %+v", put)
	}
	same(t, s.titles(), []string{"Bees", "Wasps"})
}

// Earlier versions kept an entry under a hash of its link, whatever its guid.
func TestEntriesThatEarlierVersionsKeptAreFoundAgain(t *testing.T) {
	s := feeds(t, "lab")
	keep := func(id core.PaperID, title, link string) {
		_, err := s.store.PutPapers(context.Background(), []core.Seen{{Paper: core.Paper{ID: id, Title: title, Link: link, Sources: []string{"lab"}},
			Sighting: core.Sighting{Source: "lab", Day: "2026-11-20"}}}, false, s.now)
		if err != nil {
			t.Fatal(err)
		}
	}
	keep("feed:b3efea7bb2e2", "One", "https://lab.example/one") // sha256 of the link
	if put := s.sends("lab", an("One", "guid-1", "https://lab.example/one"), an("Two", "guid-2", "https://lab.example/two")); put.New != 1 {
		t.Errorf("after the upgrade: %+v", put)
	}
	if put := s.sends("lab", an("One", "guid-1", "https://moved.example/one"), an("Two", "guid-2", "https://lab.example/two")); put.New != 0 {
		t.Errorf("and from then on by its guid: %+v", put)
	}
	p, err := s.store.Paper(context.Background(), "feed:b3efea7bb2e2")
	if err != nil || p.Link != "https://moved.example/one" {
		t.Errorf("%+v, %v", p, err)
	}
	// Three entries were one paper then; the one that it was last keeps it.
	keep("feed:bd38056342a8", "Talk three", "https://lab.example/upcoming/")
	link := "https://lab.example/upcoming/"
	if put := s.sends("lab", an("Talk one", "T1", link), an("Talk two", "T2", link), an("Talk three", "T3", link)); put.New != 2 {
		t.Errorf("the talks: %+v", put)
	}
	same(t, s.titles(), []string{"One", "Talk one", "Talk three", "Talk two", "Two"})
}

func TestAnEntryWithoutADateIsListedOnce(t *testing.T) {
	s := feeds(t, "lab")
	entries := []string{on("", "Undated", "1", "https://lab.example/1"), on("Tue, 01 Jan 2036 00:00:00 GMT", "To come", "2", "https://lab.example/2"), on("soon", "Unreadable", "3", "https://lab.example/3")}
	s.sends("lab", entries...)
	for day := range 3 {
		s.now = s.now.AddDate(0, 0, 1)
		if put := s.sends("lab", append(entries, fmt.Sprintf("<!-- %d -->", day))...); put.New+put.Updated != 0 {
			t.Errorf("%d days later: %+v", day+1, put)
		}
	}
}

func TestArxivsOwnFeedKnowsReplacements(t *testing.T) {
	s := feeds(t, "arxivrss")
	entry := func(id, kind string) string {
		return `<item><title>On ` + id + `</title><link>https://arxiv.org/abs/` + id + `</link><guid isPermaLink="false">oai:arXiv.org:` + id + `v3</guid>
			<description>arXiv:` + id + `v3 Announce Type: ` + kind + ` Abstract: We study.</description><dc:creator>Jane Doe, Wei Wang</dc:creator></item>`
	}
	s.sends("arxivrss", entry("2611.00001", "new"))
	if put := s.sends("arxivrss", entry("2611.00002", "new"), entry("2611.00003", "cross"), entry("2401.00001", "replace"), entry("2401.00002", "replace-cross")); put.New != 2 {
		t.Errorf("%+v", put)
	}
	p, err := s.store.Paper(context.Background(), "2611.00002")
	if err != nil || p.Version != 0 || p.Abstract != "We study." {
		t.Errorf("%+v, %v", p, err)
	}
	same(t, p.Authors, []string{"Jane Doe", "Wei Wang"})
}

func TestAFeedThatHasNotChangedCostsNothing(t *testing.T) {
	for _, etag := range []bool{true, false} {
		s := feeds(t, "lab")
		s.etag = etag
		s.sends("lab", an("Bees", "1", "https://lab.example/1"))
		sent, batches := s.sent, len(s.put.batches)
		if put := s.polls(); put.New+put.Updated+put.Unchanged != 0 || len(s.put.batches) != batches {
			t.Errorf("unchanged: %+v", put)
		}
		if etag && s.sent != sent {
			t.Error("it was sent again")
		}
		same(t, s.Feed.Sources[0].Name(), "lab")
		if st := s.state("lab"); st.Word != core.Fresh {
			t.Errorf("it is %s", st.Word)
		}
		if put := s.sends("lab", an("Bees", "1", "https://lab.example/1"), an("Wasps", "2", "https://lab.example/2")); put.New != 1 {
			t.Errorf("changed: %+v", put)
		}
	}
}

// What a store could not take is asked for again, though the feed has not changed.
func TestAFeedIsNotDoneBeforeItIsKept(t *testing.T) {
	s := feeds(t, "lab")
	s.pages["lab.example"] = `<rss><channel>` + an("Bees", "1", "https://lab.example/1") + `</channel></rss>`
	failing := &failingStore{Store: s.store}
	s.Feed.Store = failing
	if _, err := s.Poll(context.Background()); err == nil {
		t.Fatal("the store failed")
	}
	s.Feed.Store = s.store
	if put := s.polls(); put.New != 1 {
		t.Errorf("%+v", put)
	}
}

type failingStore struct{ feed.Store }

func (f *failingStore) PutPapers(context.Context, []core.Seen, bool, time.Time) (core.Put, error) {
	return core.Put{}, core.ErrFull
}

func (s *subscription) state(name string) core.SourceState {
	s.t.Helper()
	states, err := s.store.SourceStates(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, st := range states {
		if st.Source == name {
			return st
		}
	}
	return core.SourceState{}
}

func TestAFetchOfWhichNothingCouldBeReadHasFailed(t *testing.T) {
	s := feeds(t, "lab")
	for range 2 { // the second time though the feed has not changed
		s.sends("lab", "<item><title>One</title></item>", "<item><title>Two</title><link>javascript:alert(1)</link></item>")
		if st := s.state("lab"); st.Word != core.Failed || st.Reason != "sent nothing that can be read: an entry without a link" {
			t.Errorf("it is %s: %s", st.Word, st.Reason)
		}
	}
	s.sends("lab", "<item><title>One</title></item>", an("Two", "2", "https://lab.example/2"))
	if st := s.state("lab"); st.Word != core.Fresh {
		t.Errorf("with one good entry it is %s: %s", st.Word, st.Reason)
	}
	s.sends("lab")
	if st := s.state("lab"); st.Word != core.Fresh {
		t.Errorf("an empty feed is %s: %s", st.Word, st.Reason)
	}
}

func TestALongFeedIsKeptInBatches(t *testing.T) {
	s := feeds(t, "lab")
	var entries []string
	for i := range 1201 {
		entries = append(entries, an(fmt.Sprintf("Entry %d", i), fmt.Sprint(i), fmt.Sprintf("https://lab.example/%d", i)))
	}
	if put := s.sends("lab", entries...); put.New != 1201 {
		t.Errorf("%+v", put)
	}
	same(t, s.put.batches, []int{500, 500, 201})
}

// Whatever a feed with honest guids sends, in whatever order and with whatever
// links: each guid is one paper, and nothing that stays the same is news.
func TestOnePaperForEachGuid(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := feeds(t, "lab")
		known := map[int]string{}
		for range rapid.IntRange(1, 4).Draw(r, "fetches") {
			guids := rapid.SliceOfNDistinct(rapid.IntRange(1, 6), 1, 6, rapid.ID[int]).Draw(r, "guids")
			var entries []string
			fresh := 0
			for _, g := range guids {
				link := fmt.Sprintf("https://lab.example/%d", rapid.IntRange(1, 4).Draw(r, "link"))
				e := on("", fmt.Sprintf("Entry %d", g), fmt.Sprintf("guid-%d", g), link)
				if known[g] == "" {
					fresh++
				}
				known[g] = e
				entries = append(entries, e)
			}
			if put := s.sends("lab", entries...); put.New != fresh {
				r.Fatalf("%v: %+v, want %d new", entries, put, fresh)
			}
			if put := s.sends("lab", append(entries, "<!-- anew -->")...); put.New+put.Updated != 0 {
				r.Fatalf("%v again: %+v", entries, put)
			}
		}
		if n := len(s.titles()); n != len(known) {
			r.Fatalf("%d papers of %d guids", n, len(known))
		}
	})
}
