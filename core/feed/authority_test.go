package feed_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"paperboy/core"
	"paperboy/internal/polite"
	"paperboy/internal/replay"
	"paperboy/sources/feed"
)

// links adds a feed that links papers, as aggregators do.
func (f *inflow) links(items string) {
	rest := f.server
	rest.Fail(func(r *http.Request) *http.Response {
		if r.URL.Host == "links.example" {
			return replay.Answer(200, `<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Links</title>`+items+`</channel></rss>`)
		}
		return nil
	})
	f.Sources = append(f.Sources, feed.New("links", "https://links.example/rss", &polite.Client{Transport: f.server}, f.Now))
}

func (f *inflow) paper(id core.PaperID) core.Paper {
	f.t.Helper()
	p, err := f.store.Paper(context.Background(), id)
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

func (f *inflow) looksUp() core.Put {
	f.t.Helper()
	put, err := f.Lookup(context.Background())
	if err != nil {
		f.t.Fatal(err)
	}
	return put
}

const wow = `<item><title>Wow, a prize for all [pdf]</title><link>https://arxiv.org/pdf/2611.20003v9</link><dc:creator>user42</dc:creator>
	<description>12 points, 3 comments, code: https://github.com/spam/spam</description><guid isPermaLink="false">1</guid></item>`

func TestAFeedThatLinksAPaperRewritesNothing(t *testing.T) {
	f := flow(t, november(), false)
	f.at("2026-11-19 09:00")
	f.at("2026-11-20 09:00")
	f.links(wow)
	f.at("2026-11-20 12:00")
	p := f.paper("2611.20003")
	same(t, []any{p.Title, p.Abstract, p.Authors, p.Version, p.Code}, []any{"On 2611.20003", "Text.", []string{"Ana"}, 1, ""})
	same(t, p.Sources, []string{"arxiv", "links"})
	same(t, f.at("2026-11-23 12:00").NewVersions, []core.PaperID{"2611.20003"}) // arXiv's second, whatever stood in the link
	same(t, f.paper("2611.20003").Version, 2)
}

func TestAPaperThatAFeedLinksFirstIsLookedUp(t *testing.T) {
	byDay := november()
	byDay["2026-10-01"] = []core.Seen{onArxiv("2610.00001", 3)} // what arXiv knows and nobody lists any more
	f := flow(t, byDay, false)
	f.links(`<item><title>Ask: any good?</title><link>https://arxiv.org/abs/2610.00001v1</link><pubDate>Tue, 01 Sep 2026 10:00:00 GMT</pubDate></item>
		<item><title>No such paper</title><link>https://arxiv.org/abs/2610.99999</link></item>`)
	f.at("2026-11-20 09:00")
	same(t, f.paper("2610.00001").Title, "Ask: any good?")
	put := f.looksUp()
	same(t, put.Corrected, []core.PaperID{"2610.00001"})
	same(t, len(put.NewVersions), 0)
	p := f.paper("2610.00001")
	same(t, []any{p.Title, p.Version, p.Primary(), p.Sources}, []any{"On 2610.00001", 3, "cs.LG", []string{"links"}})
	f.at("2026-11-20 10:00") // the feed says it again
	same(t, f.paper("2610.00001").Title, "On 2610.00001")

	// What arXiv does not know is asked for once a day, and for a month.
	asked := func() (n int) {
		for _, r := range f.server.Requests() {
			if strings.Contains(r.URL, "2610.99999") {
				n++
			}
		}
		return n
	}
	f.looksUp()
	same(t, asked(), 1)
	f.at("2026-11-24 09:00")
	f.looksUp()
	same(t, asked(), 2)
}

// arXiv announces a withdrawal as a version like any other; that it is one its
// query says, where its comment is.
func TestAWithdrawalIsReadWhereItsCommentIs(t *testing.T) {
	byDay := november()
	version := func(n int, comment string) core.Seen {
		s := onArxiv("2611.19002", n)
		s.Paper.Comment = comment
		return s
	}
	f := flow(t, byDay, false)
	f.at("2026-11-19 09:00")
	byDay["2026-11-20"] = append(byDay["2026-11-20"], version(2, "5 pages; withdrawn because of an error in Lemma 1"))
	delete(byDay, "2026-11-19")
	same(t, f.at("2026-11-20 09:00").NewVersions, []core.PaperID{"2611.19002"})
	same(t, f.paper("2611.19002").Withdrawn, false)
	same(t, f.looksUp().NewVersions, []core.PaperID{"2611.19002"})
	same(t, f.paper("2611.19002").Withdrawn, true)
	same(t, f.looksUp(), core.Put{}) // nothing is asked twice
	f.at("2026-11-20 12:00")
	same(t, f.paper("2611.19002").Withdrawn, true)

	byDay["2026-11-20"] = nil
	byDay["2026-11-23"] = append(byDay["2026-11-23"], version(3, "The proof is repaired"))
	same(t, f.at("2026-11-23 09:00").NewVersions, []core.PaperID{"2611.20003", "2611.19002"})
	same(t, f.paper("2611.19002").Withdrawn, false)
	f.looksUp()
	p := f.paper("2611.19002")
	same(t, []any{p.Version, p.Withdrawn, p.Comment}, []any{3, false, "The proof is repaired"})
}

func TestVotesGoOnAndCodeIsTakenBackWhereArxivHasSpoken(t *testing.T) {
	byDay := november()
	coded := hf("2611.20001", 9)
	coded.Paper.Title, coded.Paper.Code = "HF's title", "https://github.com/a/b"
	byDay["2026-11-20"][0] = coded
	f := flow(t, byDay, false)
	f.at("2026-11-19 09:00")
	f.at("2026-11-20 09:00")
	p := f.paper("2611.20001")
	same(t, []any{p.Title, *p.Upvotes, p.Code}, []any{"On 2611.20001", 9, "https://github.com/a/b"})
	more := hf("2611.20001", 30)
	more.Paper.Title = "HF's title"
	byDay["2026-11-20"][0] = more
	f.at("2026-11-20 15:00")
	p = f.paper("2611.20001")
	same(t, []any{p.Title, *p.Upvotes, p.Code}, []any{"On 2611.20001", 30, ""})
}
