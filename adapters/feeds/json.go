package feeds

import (
	"bytes"
	"encoding/json"
)

// jsonFeed and its parts are as https://jsonfeed.org/version/1.1 has them.
type jsonFeed struct {
	Version     string     `json:"version"`
	Title       string     `json:"title"`
	Home        string     `json:"home_page_url"`
	Self        string     `json:"feed_url"`
	Description string     `json:"description"`
	Items       []jsonItem `json:"items"`
}

type jsonItem struct {
	ID        string       `json:"id"`
	URL       string       `json:"url,omitempty"`
	Title     string       `json:"title"`
	Summary   string       `json:"summary,omitempty"`
	Content   string       `json:"content_html"`
	Published string       `json:"date_published"`
	Modified  string       `json:"date_modified"`
	Authors   []jsonAuthor `json:"authors,omitempty"`
	Tags      []string     `json:"tags,omitempty"`
}

type jsonAuthor struct {
	Name string `json:"name"`
}

// jsonFeedOf writes a feed as JSON Feed.
func jsonFeedOf(f feed) ([]byte, error) {
	out := jsonFeed{Version: "https://jsonfeed.org/version/1.1", Title: f.title, Home: f.home, Self: f.self, Description: f.about, Items: []jsonItem{}}
	for _, e := range f.entries {
		item := jsonItem{
			ID: e.id, URL: e.url, Title: e.title, Summary: e.summary, Content: e.content,
			Published: stamp(e.published), Modified: stamp(e.updated), Tags: e.tags,
		}
		for _, name := range e.authors {
			item.Authors = append(item.Authors, jsonAuthor{name})
		}
		out.Items = append(out.Items, item)
	}
	return jsonOf(out)
}

// jsonOf is an indented JSON document.
func jsonOf(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(v)
	return b.Bytes(), err
}
