package feed_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"paperboy/core"
	"paperboy/internal/polite"
	"paperboy/internal/replay"
	"paperboy/sources/feed"
)

func fetch(t *testing.T, body string, from, until core.Date) (core.Batch, error) {
	t.Helper()
	return fetchDays(t, replay.Answer(200, body), from, until)
}

func fetchAs(t *testing.T, body, contentType string) (core.Batch, error) {
	t.Helper()
	return fetchDays(t, replay.Answer(200, body, "Content-Type", contentType), "2026-11-23", "2026-11-23")
}

func fetchDays(t *testing.T, answer *http.Response, from, until core.Date) (core.Batch, error) {
	t.Helper()
	r := replay.FromPapers(nil)
	r.Fail(func(*http.Request) *http.Response { return answer })
	now := func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	s := feed.New(feed.Config{Name: "lab", URL: "https://lab.example/feed", Client: &polite.Client{Transport: r}, Now: now})
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
		{Paper: core.Paper{ID: "feed:6c069442ad9b", Title: "Let's <think> in bold & plain", Abstract: "First. Second link.", Authors: []string{},
			Link: "https://lab.example/one", Sources: []string{"lab"}, Published: "2026-11-23"},
			Sighting: core.Sighting{Source: "lab", Day: "2026-11-23", Assumed: true}},
		{Paper: core.Paper{ID: "feed:89e4947d5b3f", Title: "No date", Authors: []string{}, Link: "https://lab.example/three", Sources: []string{"lab"}, Published: "2026-11-23"},
			Sighting: core.Sighting{Source: "lab", Day: "2026-11-23", Assumed: true}},
	}
	for i := range b.Seen {
		b.Seen[i].Names = nil // see TestFeedsOfPublishersAreRead
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
		"":                                    "sent something else than a feed",
		"<!DOCTYPE html><title>Login</title>": "sent a web page instead of papers",
		" <html><head><title>Login</title>":   "sent a web page instead of papers",
		"<!-- x --><body class=x>Hello":       "sent a web page instead of papers",
		"Rate exceeded.":                      "sent something else than a feed",
		`{"error":"gone"}`:                    "sent something else than a feed",
		`{"items":[]}`:                        "sent something else than a feed",
		`[]`:                                  "sent something else than a feed",
		`{`:                                   "sent something else than a feed",
		`<opml><body/></opml>`:                "sent something else than a feed",
		"<!DOCTYPE x":                         "sent something else than a feed",
		"\x00\x00\x00\x00":                    "sent something else than a feed",
	} {
		_, err := fetch(t, body, "2026-11-23", "2026-11-23")
		var se *core.SourceError
		if !errors.As(err, &se) || se.Reason != reason {
			t.Errorf("%.30q: %v, want %q", body, err, reason)
		}
	}
}

func TestAWebPageNamesItsFeed(t *testing.T) {
	const is = "is a web page; its feed is "
	for head, reason := range map[string]string{
		`<link rel="alternate" type="application/rss+xml" href="/feed.xml">`:                                                                                          is + "https://lab.example/feed.xml",
		`<link rel=alternate type=application/atom+xml href=atom>`:                                                                                                    is + "https://lab.example/atom",
		`<LINK REL="ALTERNATE" TYPE="application/rss+xml; charset=utf-8" HREF="//cdn.example/f?a=1&amp;b=2"/>`:                                                        is + "https://cdn.example/f?a=1&b=2",
		`<link rel="alternate" type="application/rss+xml" title="Comments Feed" href="/c"><link rel="alternate" type="application/rss+xml" title="A feed" href="/f">`: is + "https://lab.example/f",
		`<base href="https://www.lab.example/x/"><link rel="home alternate" type="application/rss+xml" href="rss">`:                                                   is + "https://www.lab.example/x/rss",
		`<link rel="alternate" type="application/json" href="/wp-json/7"><link rel="alternate" type="application/feed+json" href="/j">`:                               is + "https://lab.example/j",
		`<link rel="alternate" hreflang="de" href="/de"><link rel="stylesheet" href="/x.css">`:                                                                        "sent a web page instead of papers",
		`<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">`:                                                                                "sent a web page instead of papers",
		`<link rel="alternate" type="application/rss+xml">`:                                                                                                           "sent a web page instead of papers",
	} {
		for _, page := range []string{"<!DOCTYPE html>\n<html><head>" + head + "</head><body>x", "<html>" + head + "<p>"} {
			_, err := fetch(t, page, "2026-11-23", "2026-11-23")
			var se *core.SourceError
			if !errors.As(err, &se) || se.Reason != reason {
				t.Errorf("%s\n got %v\nwant %q", head, err, reason)
			}
		}
	}
}

func titles(b core.Batch) (out []string) {
	for _, s := range b.Seen {
		out = append(out, s.Paper.Title)
	}
	return out
}

// Whatever is broken in an entry costs that entry at most.
func TestOneEntrysFaultKeepsItsNeighbours(t *testing.T) {
	good := func(n string) string {
		return `<item><title>Good ` + n + `</title><link>https://lab.example/` + n + `</link></item>`
	}
	for fault, title := range map[string]string{
		`<item><title>One &#29; reference</title><link>https://lab.example/x</link></item>`:                                                         "One \ufffd reference",
		`<item><title>Nothing &#0; here</title><link>https://lab.example/x</link></item>`:                                                           "Nothing \ufffd here",
		`<item><title>Half &#55357; a pair</title><link>https://lab.example/x</link></item>`:                                                        "Half \ufffd a pair",
		`<item><title>A pair &#55357;&#56832;</title><link>https://lab.example/x</link></item>`:                                                     "A pair \U0001f600",
		`<item><title>Hex &#xD83D;&#xDE00; &#x1F600;</title><link>https://lab.example/x</link></item>`:                                              "Hex \U0001f600 \U0001f600",
		`<item><title>Too great &#99999999; &#x110000;</title><link>https://lab.example/x</link></item>`:                                            "Too great \ufffd \ufffd",
		`<item><title>Windows &#150; dash</title><link>https://lab.example/x</link></item>`:                                                         "Windows – dash",
		`<item><title>Noncharacter &#xFFFE;</title><link>https://lab.example/x</link></item>`:                                                       "Noncharacter \ufffd",
		"<item><title>A byte \xff, ö</title><link>https://lab.example/x</link></item>":                                                              "A byte \ufffd, ö",
		"<item><title>Raw \x01\x1f control</title><link>https://lab.example/x</link></item>":                                                        "Raw control",
		`<item><title>R&D at AT&T &nbsp; &eacute;</title><link>https://lab.example/x?a=1&b=2&copy=3</link></item>`:                                  "R&D at AT&T é",
		`<item><title>When n < p</title><link>https://lab.example/x</link></item>`:                                                                  "When n < p",
		`<item><title>When n <p and q</title><link>https://lab.example/x</link></item>`:                                                             "When n <p and q",
		`<item><title>When <n></title><link>https://lab.example/x</link></item>`:                                                                    "When <n>",
		`<item><title>Unclosed <b>bold</title><link>https://lab.example/x</link></item>`:                                                            "Unclosed <b>bold",
		`<item><title>Crossed <i><b>x</i></b></title><link>https://lab.example/x</link></item>`:                                                     "Crossed <b>x",
		`<item><title>No end<link>https://lab.example/x</link></item>`:                                                                              "",
		`<item><title>No end of the entry</title><link>https://lab.example/x</link>`:                                                                "No end of the entry",
		`<item><title>A stray end</b></title></p><link>https://lab.example/x</link></foo></item>`:                                                   "A stray end",
		`<item><title><![CDATA[No end of data</title><link>https://lab.example/x</link></item>`:                                                     "<![CDATA[No end of data",
		`<item><title lang="en>No end of a quotation</title></item><item><title>Between</title><link>https://lab.example/x</link><x y=">"/></item>`: "Between",
		`<item><title><!-- No end of a comment</title><link>https://lab.example/x</link></item>`:                                                    "<!-- No end of a comment",
		`<item><title>Quotes</title><link href="https://lab.example/y>https://lab.example/x</link></item>`:                                          "",
		`<item><title>` + strings.Repeat("<a>", 500) + `deep</title><link>https://lab.example/x</link></item>`:                                      "",
		`<item/>`:                     "",
		`<item>text</item>`:           "",
		`<item><item></item>`:         "",
		`<title>Not an entry</title>`: "",
	} {
		b, err := fetch(t, `<rss><channel><title>t</title>`+good("1")+fault+good("2")+`</channel></rss>`, "2026-11-23", "2026-11-23")
		if err != nil {
			t.Errorf("%.60q: %v", fault, err)
		}
		got := titles(b)
		if !slices.Contains(got, "Good 1") || !slices.Contains(got, "Good 2") || title != "" && !slices.Contains(got, title) {
			t.Errorf("%.60q: %q, %v", fault, got, b.Problems)
		}
	}
}

func TestWhateverTheEncodingTheTextIsRead(t *testing.T) {
	const text = `<rss><channel><title>t</title><item><title>Müller’s naïve café</title><link>https://lab.example/1</link></item></channel></rss>`
	encoded := func(e encoding.Encoding, s string) string {
		t.Helper()
		out, err := e.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	utf16 := func(e unicode.Endianness, bom unicode.BOMPolicy) encoding.Encoding { return unicode.UTF16(e, bom) }
	for name, c := range map[string]struct{ body, contentType string }{
		"UTF-8":                          {text, ""},
		"UTF-8 that says Latin 1":        {`<?xml version="1.0" encoding="ISO-8859-1"?>` + text, ""},
		"UTF-8 that says UTF-16":         {`<?xml version="1.0" encoding="utf-16"?>` + text, ""},
		"with a mark and blank lines":    {"\ufeff\n\n" + text, ""},
		"XML 1.1":                        {`<?xml version="1.1"?>` + text, ""},
		"windows-1252, the XML says so":  {encoded(charmap.Windows1252, `<?xml version='1.0' encoding='windows-1252'?>`+text), "text/xml"},
		"windows-1252, the header too":   {encoded(charmap.Windows1252, text), "text/xml; charset=windows-1252"},
		"windows-1252, called Latin 1":   {encoded(charmap.Windows1252, text), `application/xml; charset="ISO-8859-1"`},
		"windows-1252, nobody says so":   {encoded(charmap.Windows1252, text), ""},
		"windows-1252 that says UTF-8":   {encoded(charmap.Windows1252, `<?xml version="1.0" encoding="UTF-8"?>`+text), "text/xml; charset=utf-8"},
		"UTF-16 with a mark, little end": {encoded(utf16(unicode.LittleEndian, unicode.UseBOM), text), ""},
		"UTF-16 with a mark, big end":    {encoded(utf16(unicode.BigEndian, unicode.UseBOM), `<?xml version="1.0" encoding="UTF-16"?>`+text), ""},
		"UTF-16 without, little end":     {encoded(utf16(unicode.LittleEndian, unicode.IgnoreBOM), text), ""},
		"UTF-16 without, big end":        {encoded(utf16(unicode.BigEndian, unicode.IgnoreBOM), text), "text/xml; charset=utf-8"},
		"UTF-32":                         {encoded(utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), text), ""},
		"Mac":                            {encoded(charmap.Macintosh, `<?xml version="1.0" encoding="macintosh"?>`+text), ""},
		"an encoding that nobody knows":  {`<?xml version="1.0" encoding="x-nothing"?>` + text, "text/xml; charset=nothing"},
		"a header that makes no sense":   {text, ";;;charset="},
	} {
		b, err := fetchAs(t, c.body, c.contentType)
		if err != nil || len(b.Seen) != 1 || b.Seen[0].Paper.Title != "Müller’s naïve café" {
			t.Errorf("%s: %q, %v", name, titles(b), err)
		}
	}
	for charset, title := range map[string]string{"gb2312": "扩散模型", "big5": "擴散模型", "shift_jis": "拡散モデル", "euc-jp": "拡散モデル", "euc-kr": "확산 모델", "koi8-r": "Диффузия", "iso-8859-2": "Łódź", "iso-8859-15": "œuvre"} {
		e, err := htmlindex.Get(charset)
		if err != nil {
			t.Fatal(err)
		}
		body := `<rss><channel><item><title>` + title + `</title><link>https://lab.example/1</link></item></channel></rss>`
		for _, c := range []struct{ body, contentType string }{
			{encoded(e, body), "text/xml; charset=" + charset},
			{encoded(e, `<?xml version="1.0" encoding="`+strings.ToUpper(charset)+`"?>`+body), "text/xml"},
			{encoded(e, `<?xml version="1.0" encoding="`+charset+`"?>`+body), "text/xml; charset=utf-8"},
		} {
			if b, err := fetchAs(t, c.body, c.contentType); err != nil || len(b.Seen) != 1 || b.Seen[0].Paper.Title != title {
				t.Errorf("%s, %s: %q, %v", charset, c.contentType, titles(b), err)
			}
		}
	}
}

func TestWhatBreaksOffGivesWhatCame(t *testing.T) {
	for _, body := range []string{
		rss[:strings.Index(rss, "No link")-30],
		`{"version":"https://jsonfeed.org/version/1","title":"t","items":[{"id":"https://lab.example/1","title":"One"},{"id":"htt`,
		`<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>x</title><link href="https://lab.example/1"/></entry><entry><title>y</ti`,
	} {
		b, err := fetch(t, body, "2026-11-23", "2026-11-23")
		var se *core.SourceError
		if !errors.As(err, &se) || se.Reason != "sent only a part of its answer" || len(b.Seen) == 0 || b.Kept != nil {
			t.Errorf("%.40q: %d entries, %v", body, len(b.Seen), err)
		}
	}
}

func TestLinksAreRelativeToWhereTheFeedIs(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/old", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/site/feed.xml", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/site/feed.xml", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `<rss><channel><link>https://elsewhere.example/</link><item><title>a</title><link>/1</link></item><item><title>b</title><link>2.html?x=1#y</link></item>
			<item><title>c</title><link>//other.example/3</link></item><item><title>d</title><link>www.other.example/4</link></item><item xml:base="https://base.example/x/"><title>e</title><link>../5</link></item>
			<item><title>f</title><guid isPermaLink="true">/6</guid></item></channel></rss>`)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	s := feed.New(feed.Config{Name: "lab", URL: server.URL + "/old", Client: &polite.Client{}, Now: time.Now})
	b, err := s.Fetch(t.Context(), core.DateOf(time.Now()), core.DateOf(time.Now().AddDate(0, 0, 1)))
	if err != nil {
		t.Fatal(err)
	}
	var links []string
	for _, s := range b.Seen {
		links = append(links, s.Paper.Link)
	}
	want := []string{server.URL + "/1", server.URL + "/site/2.html?x=1#y", "http://other.example/3", "https://www.other.example/4", "https://base.example/5", server.URL + "/6"}
	if diff := cmp.Diff(want, links); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestDatesAreReadHoweverTheyAreWritten(t *testing.T) {
	for date, want := range map[string]core.Date{
		"Fri, 20 Nov 2026 10:00:00 GMT": "2026-11-20", "20 Nov 2026": "2026-11-20", "Fri, 20 Nov 2026 22:30:00 -0500": "2026-11-21", "Fri, 20 Nov 2026 22:30:00 EST": "2026-11-21",
		"Friday, 20-Nov-26 10:00:00 UTC": "2026-11-20", "2026-11-20": "2026-11-20", "2026-11-20T10:00:00Z": "2026-11-20", "2026-11-20T01:00:00.123+09:00": "2026-11-19", "2026-11-20 10:00:00": "2026-11-20",
		"20261120": "2026-11-20", "2026-11": "2026-11-01", "November 20, 2026": "2026-11-20", "Nov 20 2026": "2026-11-20", "20 November 2026": "2026-11-20", "THURSDAY NOV 19 2026 08:00:00 GMT": "2026-11-19",
		"Available online 12 November 2026": "2026-11-12", "Sat, 21 Nov 2026 00:30:00 +0100": "2026-11-20", "Sat, 21 Nov 2026 00:30:00 CET": "2026-11-20",
		"1 Jan 2036": "2026-11-23", "soon": "2026-11-23", "": "2026-11-23", "0000-00-00": "2026-11-23", "31 Nov 2026": "2026-11-23", "2026-13-40": "2026-11-23", "1970-01-01T00:00:00Z": "2026-11-23", "-": "2026-11-23", "99 Xyz 9999": "2026-11-23",
	} {
		b, err := fetch(t, `<rss><channel><item><title>t</title><link>https://lab.example/1</link><pubDate>`+date+`</pubDate></item></channel></rss>`, "2026-11-23", "2026-11-23")
		if err != nil || len(b.Seen) != 1 || b.Seen[0].Sighting.Day != want {
			t.Errorf("%q: %+v, %v; want %s", date, b.Seen, err, want)
		}
	}
}

func TestTheFeedsClientSaysWhatItReads(t *testing.T) {
	for _, kind := range []string{"application/rss+xml", "application/atom+xml", "application/feed+json", "application/xml", "*/*"} {
		if !strings.Contains(feed.Accept, kind) {
			t.Errorf("%s is not accepted", kind)
		}
	}
}
