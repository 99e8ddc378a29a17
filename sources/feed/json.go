package feed

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
)

// text is a string of JSON, or whatever else stands in its place: numbers are
// common as ids.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = text(s)
	} else if c := b[0]; c != '{' && c != '[' && c != 'n' {
		*t = text(b)
	}
	return nil
}

type jsonAuthor struct {
	Name text `json:"name"`
}

// jsonAuthors are a list, as version 1.1 has it, or one, or just a string.
type jsonAuthors []string

func (a *jsonAuthors) UnmarshalJSON(b []byte) error {
	var many []json.RawMessage
	if json.Unmarshal(b, &many) != nil {
		many = []json.RawMessage{b}
	}
	for _, one := range many {
		var author jsonAuthor
		var name string
		if json.Unmarshal(one, &name) != nil && json.Unmarshal(one, &author) == nil {
			name = string(author.Name)
		}
		if name != "" {
			*a = append(*a, plain(name))
		}
	}
	return nil
}

type jsonItem struct {
	ID          text        `json:"id"`
	URL         text        `json:"url"`
	External    text        `json:"external_url"`
	Title       text        `json:"title"`
	ContentHTML text        `json:"content_html"`
	ContentText text        `json:"content_text"`
	Summary     text        `json:"summary"`
	Published   text        `json:"date_published"`
	Modified    text        `json:"date_modified"`
	Author      jsonAuthors `json:"author"`
	Authors     jsonAuthors `json:"authors"`
	DOI         text        `json:"doi"`
}

var errNoJSONFeed = errors.New("JSON that is no feed")

// readJSON reads a JSON Feed (version 1 or 1.1) and hands on its entries, or
// why one cannot be read. whole is false when it breaks off.
func readJSON(s string, base *url.URL, visit func(entry, error) bool) (whole bool, err error) {
	d := json.NewDecoder(strings.NewReader(s))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return false, errNoJSONFeed
	}
	var version, title text
	var authors jsonAuthors
	items := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return false, orNoFeed(items, err)
		}
		if key == "items" {
			if token, err := d.Token(); err != nil || token != json.Delim('[') {
				return false, errNoJSONFeed
			}
			items = true
			for d.More() {
				var raw json.RawMessage
				var it jsonItem
				if err := d.Decode(&raw); err != nil {
					return false, nil
				}
				if err := json.Unmarshal(raw, &it); err != nil {
					if !visit(entry{}, errors.New("an entry that is no object")) {
						return true, nil
					}
					continue
				}
				if !visit(it.entry(base, authors), nil) {
					return true, nil
				}
			}
			if _, err := d.Token(); err != nil {
				return false, nil
			}
			continue
		}
		var into any = new(json.RawMessage)
		switch key {
		case "version":
			into = &version
		case "title":
			into = &title
		case "author", "authors":
			into = &authors
		}
		if err := d.Decode(into); err != nil {
			return false, orNoFeed(items, err)
		}
	}
	if !items || title == "" && !strings.Contains(string(version), "jsonfeed") {
		return false, errNoJSONFeed
	}
	return true, nil
}

// orNoFeed is no error where entries came before it: then the feed breaks off.
func orNoFeed(items bool, err error) error {
	if items {
		return nil
	}
	return errors.Join(errNoJSONFeed, err)
}

func (it *jsonItem) entry(base *url.URL, authors jsonAuthors) entry {
	e := entry{guid: string(it.ID), title: plain(string(it.Title)), dois: []string{string(it.DOI)}, dates: []string{string(it.Published), string(it.Modified)}}
	for _, s := range []text{it.URL, it.ID, it.External} {
		if s == it.ID && !absolute(string(s)) {
			continue
		}
		if e.link = resolve(base, string(s)); e.link != "" {
			break
		}
	}
	for _, list := range []jsonAuthors{it.Authors, it.Author, authors} {
		if len(list) > 0 {
			e.authors = list
			break
		}
	}
	e.abstract = e.bare(cmp.Or(string(it.Summary), string(it.ContentText), plain(string(it.ContentHTML))))
	return e
}
