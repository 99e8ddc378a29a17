package feed_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever the bytes: no panic, an end, text that is text, links of the web, and
// neighbours that are kept.
func FuzzFeed(f *testing.F) {
	files, err := filepath.Glob("testdata/*.[xj]*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if body, err := os.ReadFile(file); err == nil && !strings.HasSuffix(file, ".golden") {
			f.Add(string(body))
		}
	}
	for _, s := range []string{"<", "<rss", "<rss><item", "<rss><item>&#", "<feed><entry><title type='xhtml'><b><i></b>", `{"items":[{`, "\xff\xfe<\x00", "<a b='", "<rss><item><title><![CDATA[", "<rss xmlns='", "<rdf:RDF><item rdf:about='/'>",
		"<math><msup><mi></msup></math>", "<sup><sup>&lt;sup&gt;", "<script type='math/tex'>", "&#55357;&#55357;&#56832;"} {
		f.Add(s)
		f.Add("<rss><channel><item><title>" + s + "</title><link>/1</link><dc:creator>" + s + "</dc:creator></item></channel></rss>")
	}
	const neighbour = `<item><title>The neighbour</title><link>https://n.example/1</link></item>`
	f.Fuzz(func(t *testing.T, s string) {
		for _, body := range []string{s, "<rss><channel>" + neighbour + s, "<rss><channel><item><title>" + s + neighbour + "</channel></rss>"} {
			b, err := fetch(t, body, "2026-11-23", "2026-11-23")
			for _, seen := range b.Seen {
				p := seen.Paper
				if p.ID == "" || p.Title == "" || !utf8.ValidString(p.Title+p.Abstract+strings.Join(p.Authors, "")) || strings.ContainsAny(p.Title+p.Abstract, "\x00\x01\x1f") {
					t.Errorf("%q gives %+v", body, p)
				}
				if p.Link != "" && !strings.HasPrefix(p.Link, "https://") && !strings.HasPrefix(p.Link, "http://") {
					t.Errorf("%q gives the link %q", body, p.Link)
				}
				if (p.Link == "") != (len(seen.Names) == 0) {
					t.Errorf("%q is named %v", body, seen.Names)
				}
			}
			if strings.HasPrefix(body, "<rss><channel>"+neighbour) {
				found := false
				for _, title := range titles(b) {
					found = found || title == "The neighbour"
				}
				if !found {
					t.Errorf("%q lost its neighbour: %v", body, err)
				}
			}
		}
	})
}

// Reading takes time in proportion to the bytes. No clock is looked at: what is
// quadratic takes longer for these than a test may.
func TestNoFeedTakesForever(t *testing.T) {
	const size = 1 << 15
	for _, unit := range []string{"<", "<a", "<a ", "<a>", "<a b='", `<a b="`, "<a b='<a b=\"", "</a>", "<!--", "<![CDATA[", "<?", "<!x>", "&#1;", "&amp;", "<item>", "<item><title>", "</item>", "<b><i>", "<b></i>", "<p>", "</p>", "<div>",
		"&lt;b&gt;", "&lt;b ", "&lt;!--", "&lt;b x='", "&lt;div&gt;", "&lt;/p&gt;", "&lt;sup&gt;1", "&lt;math&gt;", "&lt;p&gt;abstract&lt;/p&gt;", "&amp;amp;", "A, ", "A; ", "A and ", "(", "a@", "Jr., ", "\n", "é", "\xff", "10.1234/", "Continue reading ", "Authors: ", " "} {
		many := strings.Repeat(unit, size/len(unit))
		for _, body := range []string{many, "<rss><channel>" + many, "<rss><channel><item><title>x</title><link>/1</link><description>" + many + "</description><dc:creator>" + many + "</dc:creator></item></channel></rss>",
			"<html><head>" + many, `{"title":"x","items":[{"id":"https://x.example","title":"` + many} {
			fetch(t, body, "2026-11-23", "2026-11-23")
		}
	}
}
