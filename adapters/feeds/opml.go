package feeds

import "encoding/xml"

type opmlDocument struct {
	XMLName  xml.Name      `xml:"opml"`
	Version  string        `xml:"version,attr"`
	Title    string        `xml:"head>title"`
	Outlines []opmlOutline `xml:"body>outline"`
}

type opmlOutline struct {
	Type  string `xml:"type,attr"` // "rss" of Atom too
	Text  string `xml:"text,attr"`
	Title string `xml:"title,attr"`
	XML   string `xml:"xmlUrl,attr"`
	HTML  string `xml:"htmlUrl,attr"`
}

// opml writes a list of feeds, of which only what they are called and where they are is
// asked.
func opml(title string, feeds []feed) ([]byte, error) {
	out := opmlDocument{Version: "2.0", Title: title}
	for _, f := range feeds {
		out.Outlines = append(out.Outlines, opmlOutline{Type: "rss", Text: f.title, Title: f.title, XML: f.self, HTML: f.home})
	}
	return document(out)
}
