package feed_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/internal/polite"
	"paperboy/internal/replay"
	"paperboy/sources/feed"
)

func fetch(t *testing.T, body string, from, until core.Date) (core.Batch, error) {
	t.Helper()
	r := replay.FromPapers(nil)
	r.Fail(func(*http.Request) *http.Response { return replay.Answer(200, body) })
	now := func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	s := feed.New("lab", "https://lab.example/feed", &polite.Client{Transport: r}, now)
	return s.Fetch(context.Background(), from, until)
}

const rss = `<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Lab</title>
<item><title>On arXiv</title><link>https://arxiv.org/abs/2611.00001v2</link><dc:creator>Ana</dc:creator><pubDate>Fri, 20 Nov 2026 10:00:00 GMT</pubDate></item>
<item><title>Let's &lt;think&gt; in &lt;b&gt;bold&lt;/b&gt; &amp;amp; plain</title><link>https://lab.example/one</link>
  <description>&lt;p&gt;First.&lt;/p&gt;&lt;p&gt;Second &lt;script&gt;alert(1)&lt;/script&gt;&lt;a href="https://evil.example"&gt;link&lt;/a&gt;.&lt;/p&gt;</description><pubDate>Tue, 01 Jan 2036 00:00:00 GMT</pubDate></item>
<item><title>No link</title><link>javascript:alert(1)</link></item>
<item><title> </title><link>https://lab.example/two</link></item>
<item><title>No date</title><guid>https://lab.example/three</guid></item>
</channel></rss>`

func TestAFeedsEntriesBecomePapers(t *testing.T) {
	b, err := fetch(t, rss, "2026-11-23", "2026-11-23")
	if err != nil {
		t.Fatal(err)
	}
	want := []core.Seen{
		{Paper: core.Paper{ID: "2611.00001", Title: "On arXiv", Authors: []string{"Ana"}, Sources: []string{"lab"}},
			Sighting: core.Sighting{Source: "lab", Day: "2026-11-20"}},
		{Paper: core.Paper{ID: "feed:b3efea7bb2e2", Title: "Let's <think> in bold & plain", Abstract: "First. Second link.", Authors: []string{},
			Link: "https://lab.example/one", Sources: []string{"lab"}, Published: "2026-11-23"},
			Sighting: core.Sighting{Source: "lab", Day: "2026-11-23"}},
		{Paper: core.Paper{ID: "feed:106aab5c6149", Title: "No date", Authors: []string{}, Link: "https://lab.example/three", Sources: []string{"lab"}, Published: "2026-11-23"},
			Sighting: core.Sighting{Source: "lab", Day: "2026-11-23"}},
	}
	if diff := cmp.Diff(want, b.Seen); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var problems []string
	for _, p := range b.Problems {
		problems = append(problems, p.Where+": "+p.Err.Error())
	}
	if diff := cmp.Diff([]string{"entry 3: an entry without a link", "entry 4: https://lab.example/two has no title"}, problems); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if b, _ := fetch(t, rss, "2026-11-19", "2026-11-20"); len(b.Seen) != 1 {
		t.Errorf("of those days there is one entry, not %d", len(b.Seen))
	}
}

func TestAnAtomFeedIsReadToo(t *testing.T) {
	b, err := fetch(t, `<feed xmlns="http://www.w3.org/2005/Atom"><title>Lab</title><entry><title>Note</title>
		<id>tag:lab.example,2026:1</id><link href="https://doi.org/10.48550/arXiv.2611.00002"/><updated>2026-11-22T00:00:00Z</updated>
		<summary>Sum.</summary><author><name>Ben</name></author></entry></feed>`, "2026-11-23", "2026-11-23")
	if err != nil || len(b.Seen) != 1 || b.Seen[0].Paper.ID != "2611.00002" || b.Seen[0].Sighting.Day != "2026-11-22" {
		t.Errorf("got %+v, %v", b, err)
	}
}

func TestWhatIsNoFeedIsAnError(t *testing.T) {
	for body, reason := range map[string]string{
		"":                                     "sent something else than a feed",
		"<!DOCTYPE html><title>Login</title>":  "sent a web page instead of papers",
		"Rate exceeded.":                       "sent something else than a feed",
		`{"error":"gone"}`:                     "sent something else than a feed",
		rss[:strings.Index(rss, "No link")-30]: "sent something else than a feed",
	} {
		_, err := fetch(t, body, "2026-11-23", "2026-11-23")
		var se *core.SourceError
		if !errors.As(err, &se) || se.Reason != reason {
			t.Errorf("%.30q: %v, want %q", body, err, reason)
		}
	}
}
