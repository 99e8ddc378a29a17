package feeds

import (
	"encoding/xml"
	"time"
)

const (
	atomType = "application/atom+xml"
	jsonType = "application/feed+json"
	opmlType = "text/x-opml"
)

type atomFeed struct {
	XMLName   xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Subtitle  string      `xml:"subtitle"`
	Updated   string      `xml:"updated"`
	Author    atomPerson  `xml:"author"` // of entries that have none
	Links     []atomLink  `xml:"link"`
	Generator string      `xml:"generator"`
	Entries   []atomEntry `xml:"entry"`
}

type atomEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Published  string         `xml:"published"`
	Updated    string         `xml:"updated"`
	Authors    []atomPerson   `xml:"author"`
	Links      []atomLink     `xml:"link"`
	Categories []atomCategory `xml:"category"`
	Summary    string         `xml:"summary,omitempty"`
	Content    atomText       `xml:"content"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomLink struct {
	Rel   string `xml:"rel,attr"`
	Type  string `xml:"type,attr,omitempty"`
	Title string `xml:"title,attr,omitempty"`
	Href  string `xml:"href,attr"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// by is who says so, of entries whose authors are not known.
const by = "Paperboy"

// atom writes a feed as Atom.
func atom(f feed) ([]byte, error) {
	out := atomFeed{
		ID: f.id, Title: f.title, Subtitle: f.about, Updated: stamp(f.updated), Author: atomPerson{by}, Generator: by,
		Links: []atomLink{{Rel: "self", Type: atomType, Href: f.self}, {Rel: "alternate", Type: "text/html", Href: f.home}},
	}
	for _, e := range f.entries {
		a := atomEntry{
			ID: e.id, Title: e.title, Published: stamp(e.published), Updated: stamp(e.updated),
			Summary: e.summary, Content: atomText{"html", e.content},
		}
		for _, name := range e.authors {
			a.Authors = append(a.Authors, atomPerson{name})
		}
		for _, l := range []atomLink{{Rel: "alternate", Type: "text/html", Href: e.url}, {Rel: "related", Type: "application/pdf", Title: "PDF", Href: e.pdf}, {Rel: "related", Title: "Code", Href: e.code}} {
			if l.Href != "" {
				a.Links = append(a.Links, l)
			}
		}
		for _, t := range e.tags {
			a.Categories = append(a.Categories, atomCategory{t})
		}
		out.Entries = append(out.Entries, a)
	}
	return document(out)
}

// document is an XML document.
func document(v any) ([]byte, error) {
	b, err := xml.MarshalIndent(v, "", " ")
	return append([]byte(xml.Header), append(b, '\n')...), err
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
