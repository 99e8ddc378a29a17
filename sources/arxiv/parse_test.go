package arxiv

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
)

// The query has comments and so can take a withdrawal back; the feed has none.
func TestWhatTheAnswersKnow(t *testing.T) {
	entry := atomEntry{ID: "http://arxiv.org/abs/2611.00001v2", Title: "T", Published: "2026-11-02T10:00:00Z", Comment: "Withdrawn by the authors"}
	query, _, err := entry.seen()
	if err != nil {
		t.Fatal(err)
	}
	item := rssItem{Title: "T", GUID: "oai:arXiv.org:2611.00001v3", Announce: "replace", Description: "arXiv:2611.00001v3 Announce Type: replace \nAbstract: We do."}
	feed, err := item.seen()
	if err != nil {
		t.Fatal(err)
	}
	know := func(f core.Fact) []bool {
		return []bool{slices.Contains(query.Knows, f), slices.Contains(feed.Knows, f)}
	}
	for fact, want := range map[core.Fact][]bool{
		core.FactComment: {true, false}, core.FactWithdrawn: {true, false}, core.FactJournal: {true, true}, core.FactDOI: {true, true}, core.FactCode: {false, false},
	} {
		if diff := cmp.Diff(want, know(fact)); diff != "" {
			t.Errorf("%s: -want +got\n%s", fact, diff)
		}
	}
	if !query.Paper.Withdrawn || feed.Paper.Withdrawn || query.Authority != core.Publisher || feed.Authority != core.Publisher {
		t.Errorf("%+v\n%+v", query, feed)
	}
}

func TestNamesAreTakenApart(t *testing.T) {
	for list, want := range map[string][]string{
		"":                                   nil,
		"Ana":                                {"Ana"},
		"Ana A.,  Ben B.":                    {"Ana A.", "Ben B."},
		"Sam Young, Jr., Ana":                {"Sam Young, Jr.", "Ana"},
		"Sam Young Jr., Ana":                 {"Sam Young Jr.", "Ana"},
		"Rex, III, Ana, Sr":                  {"Rex, III", "Ana, Sr"},
		"Jr., Ana":                           {"Jr.", "Ana"},
		"Ana (MIT, USA), Ben (ETH (Zürich))": {"Ana", "Ben"},
		"Ana (unclosed, Ben":                 {"Ana unclosed", "Ben"},
		"José Raúl, Ö. Ü.":                   {"José Raúl", "Ö. Ü."},
		",, ,":                               nil,
	} {
		if diff := cmp.Diff(want, splitNames(list)); diff != "" {
			t.Errorf("%q -want +got\n%s", list, diff)
		}
	}
}

func TestOnlyCategoriesOfArxivAreKept(t *testing.T) {
	got := categories("cs.SE", []string{"cs.LG", "cs.SE", "68T50", "I.2.7", "cond-mat.mes-hall", "physics.flu-dyn", "astro-ph", " stat.ML ", "68T50; 03B70", ""})
	if diff := cmp.Diff([]string{"cs.SE", "cs.LG", "cond-mat.mes-hall", "physics.flu-dyn", "astro-ph", "stat.ML"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`<rss xmlns:a="http://arxiv.org/schemas/atom"><channel><item><title>T</title><guid>oai:arXiv.org:2611.23001v1</guid><a:announce_type>new</a:announce_type></item></channel></rss>`))
	f.Add([]byte(`<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/"><o:totalResults>1</o:totalResults><entry><id>http://arxiv.org/abs/hep-th/9901001v2</id><title>T</title><published>2006-01-02T14:57:58Z</published></entry></feed>`))
	f.Add([]byte(`Rate exceeded.`))
	f.Fuzz(func(t *testing.T, body []byte) {
		good := func(s core.Seen, err error) {
			if id, _, ok := core.ParsePaperID(string(s.Paper.ID)); err == nil && (!ok || id != s.Paper.ID || s.Paper.Title == "") {
				t.Errorf("a paper %+v", s)
			}
		}
		feed, err := parseRSS(body)
		if err == nil && len(feed.Items) > 0 && feed.Items[0].GUID == "" && feed.Items[0].Link == "" {
			if _, err := feed.Items[0].seen(); err == nil {
				t.Error("a paper out of nothing")
			}
		}
		for i := range feed.Items {
			good(feed.Items[i].seen())
		}
		page, _ := parseAtom(body)
		for i := range page.entries {
			seen, _, err := page.entries[i].seen()
			good(seen, err)
		}
	})
}
