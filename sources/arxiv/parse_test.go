package arxiv

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
)

func TestAuthorsTakePapersBack(t *testing.T) {
	for _, c := range []struct {
		comment, abstract string
		want              bool
	}{
		{"", "", false},
		{"This paper has been withdrawn by the author due to an error in Lemma 2", "", true},
		{"Withdrawn due to a crucial error", "", true},
		{"[WITHDRAWN]", "", true},
		{"8 pages. This submission has been withdrawn by arXiv administrators", "", true},
		{"", "This paper has now been withdrawn.", true},
		{"", "This work is withdrawn by the authors", true},
		{"A previous version was withdrawn from a venue", "", false},
		{"", "Withdrawn patients are hard to study.", false},
		{"", "This paper studies patients who have withdrawn from treatment.", false},
		{"", "We show that the paper has been withdrawn in many cases.", false},
		{"accepted, not withdrawn", "", false},
	} {
		if got := withdrawn(c.comment, c.abstract); got != c.want {
			t.Errorf("%q, %q: %v", c.comment, c.abstract, got)
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
