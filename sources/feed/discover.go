package feed

import (
	"net/url"
	"regexp"
	"strings"
)

var feedType = regexp.MustCompile(`(?i)^\s*application/(?:rss\+xml|atom\+xml|rdf\+xml|feed\+json|json|xml)\b`)

// isPage reports whether text is a web page: its first element is one of HTML's,
// or its server says so.
func isPage(text, contentType string) bool {
	text = text[:min(len(text), 4000)]
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), "<!doctype html") {
		return true
	}
	for i := range len(text) {
		if text[i] != '<' {
			continue
		}
		if t, ok := tagAt(text, i, false); ok {
			return elements[strings.ToLower(t.name)] != 0 || strings.HasPrefix(strings.ToLower(contentType), "text/html")
		}
	}
	return false
}

// offered is the address of the feed that a web page names as its own; "" when
// it names none. A feed of comments is not what is meant.
func offered(page string, base *url.URL) string {
	second := ""
	for i := 0; i < len(page); i++ {
		n := strings.IndexByte(page[i:], '<')
		if n < 0 {
			break
		}
		i += n
		t, ok := tagAt(page, i, false)
		if !ok || t.end {
			continue
		}
		switch strings.ToLower(t.name) {
		case "base":
			if u, err := url.Parse(t.attr("href")); err == nil && base != nil {
				base = base.ResolveReference(u)
			}
		case "link":
			if !strings.Contains(" "+strings.ToLower(t.attr("rel"))+" ", " alternate ") || !feedType.MatchString(t.attr("type")) {
				continue
			}
			link := resolve(base, t.attr("href"))
			about := strings.ToLower(t.attr("title") + " " + link)
			if strings.Contains(about, "comment") || strings.Contains(about, "oembed") || strings.Contains(about, "wp-json") {
				continue
			}
			if strings.Contains(strings.ToLower(t.attr("type")), "xml") || strings.Contains(strings.ToLower(t.attr("type")), "feed") {
				return link
			}
			if second == "" {
				second = link
			}
		}
	}
	return second
}
