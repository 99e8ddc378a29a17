package feed_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/polite"
	"paperboy/internal/replay"
	"paperboy/sources/feed"
)

// named is what identifies the entries: "guid 1, link x (shared)".
func named(t *testing.T, entries ...string) []string {
	t.Helper()
	b, err := fetch(t, "<rss><channel>"+strings.Join(entries, "")+"</channel></rss>", "2026-11-23", "2026-11-23")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range golden(b, nil).Papers {
		out = append(out, strings.Join(p.Names, ", "))
	}
	return out
}

func plainEntry(title, guid, link string) string {
	return "<item><title>" + title + `</title><guid isPermaLink="false">` + guid + "</guid><link>" + strings.ReplaceAll(link, "&", "&amp;") + "</link></item>"
}

func TestLinksOfOnePageAreOneName(t *testing.T) {
	for _, link := range []string{"https://j.example/a?id=7", "http://j.example/a?id=7", "https://www.j.example/a?id=7", "HTTPS://J.Example:443/a?id=7", "https://j.example./a?id=7#x", "https://j.example/a/?id=7",
		"https://j.example/a?utm_source=rss&id=7&utm_medium=feed", "https://j.example/a;jsessionid=AB12?id=7", "https://j.example/a?id=7&sid=1&fbclid=2&ref=rss&dgcid=x&af=R&source=rss----1---4", "https://j.example/a?id=7&rss=1#xtor=RSS-1"} {
		if got := named(t, plainEntry("x", "", link)); got[0] != "link j.example/a?id=7" {
			t.Errorf("%s is %q", link, got[0])
		}
	}
	for link, want := range map[string]string{"https://j.example/A": "link j.example/A", "https://sub.j.example/a": "link sub.j.example/a", "https://j.example:8443/a": "link j.example:8443/a", "https://j.example/a?p=1&b=2": "link j.example/a?b=2&p=1",
		"https://pre.example/2026.11.18.123456v12": "link pre.example/2026.11.18.123456", "https://j.example/v2": "link j.example/v2", "https://j.example/": "link j.example", "https://j.example/?p=4711": "link j.example?p=4711"} {
		if got := named(t, plainEntry("x", "", link)); got[0] != want {
			t.Errorf("%s is %q, want %q", link, got[0], want)
		}
	}
}

func TestLinksOfSeveralEntriesAreShared(t *testing.T) {
	const list = "https://l.example/talks"
	for name, c := range map[string]struct{ entries, want []string }{
		"guids under a link":         {[]string{plainEntry("One", "1", list), plainEntry("Two", "2", list)}, []string{"guid 1, link l.example/talks (shared)", "guid 2, link l.example/talks (shared)"}},
		"titles under a link":        {[]string{plainEntry("One", "", list), plainEntry("Two", "", list)}, []string{"link l.example/talks (shared)", "link l.example/talks (shared)"}},
		"entries under a guid":       {[]string{plainEntry("One", "x", list+"/1"), plainEntry("Two", "x", list+"/2")}, []string{"guid x (shared), link l.example/talks/1", "guid x (shared), link l.example/talks/2"}},
		"the same twice":             {[]string{plainEntry("One", "1", list), plainEntry("One", "1", list)}, []string{"guid 1, link l.example/talks"}},
		"the same under two links":   {[]string{plainEntry("One", "1", list), plainEntry("One", "1", list+"/1")}, []string{"guid 1, link l.example/talks, link l.example/talks/1"}},
		"two wordings of one":        {[]string{plainEntry("One", "1", list), plainEntry("One, revised", "1", list)}, []string{"guid 1, link l.example/talks (shared)"}},
		"versions of a preprint":     {[]string{plainEntry("One", "", "https://p.example/123456v1"), plainEntry("One", "", "https://p.example/123456v2")}, []string{"link p.example/123456"}},
		"an arXiv paper twice":       {[]string{plainEntry("One", "1", "https://arxiv.org/abs/2611.00001"), plainEntry("Wow", "2", "https://arxiv.org/pdf/2611.00001v2")}, []string{""}},
		"an arXiv paper in the text": {[]string{strings.Replace(plainEntry("One", "1", list), "</item>", "<description>https://arxiv.org/abs/2611.00001</description></item>", 1)}, []string{"guid 1, link l.example/talks"}},
	} {
		if got := named(t, c.entries...); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

// notes is what a store remembers.
type notes map[string]string

func (n notes) Note(_ context.Context, name string) (string, error) { return n[name], nil }
func (n notes) SetNote(_ context.Context, name, value string) error { n[name] = value; return nil }

func TestAFeedIsReadAgainOnlyWhenItHasChanged(t *testing.T) {
	long := ""
	for i := range 2500 {
		long += plainEntry(fmt.Sprint("Entry ", i), fmt.Sprint(i), fmt.Sprint("https://l.example/", i))
	}
	body := "<rss><channel>" + long + "</channel></rss>"
	r := replay.FromPapers(nil)
	r.Fail(func(*http.Request) *http.Response { return replay.Answer(200, body) })
	now := func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	config := feed.Config{Name: "lab", URL: "https://lab.example/feed", Client: &polite.Client{Transport: r}, Notes: notes{}, Now: now}
	fetches := func(what string, until core.Date, want int) core.Batch {
		t.Helper()
		b, err := feed.New(config).Fetch(context.Background(), "2026-11-01", until)
		if err != nil {
			t.Fatal(err)
		}
		n := len(b.Seen)
		if b.Rest != nil {
			for part := range b.Rest {
				if n += len(part); len(part) > 1000 {
					t.Errorf("a part has %d entries", len(part))
				}
			}
		}
		if n != want {
			t.Errorf("%s: %d entries, want %d", what, n, want)
		}
		if want > 1000 && b.Rest == nil {
			t.Errorf("%s: all at once", what)
		}
		return b
	}
	fetches("first", "2026-11-23", 2500)
	b := fetches("not kept yet", "2026-11-23", 2500)
	if err := b.Kept(context.Background()); err != nil {
		t.Fatal(err)
	}
	fetches("kept", "2026-11-23", 0)
	fetches("a back-fill asks for all", "2026-11-22", 0)
	config.URL += "?moved"
	fetches("another address", "2026-11-23", 2500)
	config.URL = "https://lab.example/feed"
	body = strings.Replace(body, "Entry 7<", "Entry seven<", 1)
	fetches("one word", "2026-11-23", 2500)
}
