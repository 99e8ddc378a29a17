package zotero

import (
	"crypto/sha256"
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/names"
)

// An Item is a paper as Zotero has it: the fields of its "preprint" that we know.
type Item struct {
	Key         string    `json:"key"`
	Version     int       `json:"version"` // 0: only if there is none
	ItemType    string    `json:"itemType"`
	Title       string    `json:"title"`
	Creators    []Creator `json:"creators"`
	Abstract    string    `json:"abstractNote"`
	Repository  string    `json:"repository"`
	ArchiveID   string    `json:"archiveID"`
	Date        string    `json:"date"`
	DOI         string    `json:"DOI"`
	URL         string    `json:"url"`
	Extra       string    `json:"extra"`
	Tags        []Tag     `json:"tags"`
	Collections []string  `json:"collections"`
}

// Creator is an author: a name in two parts, or one that has none.
type Creator struct {
	Type  string `json:"creatorType"`
	First string `json:"firstName,omitempty"`
	Last  string `json:"lastName,omitempty"`
	Name  string `json:"name,omitempty"`
}

// Tag is what a topic becomes; Type 1 is one that a program gave.
type Tag struct {
	Tag  string `json:"tag"`
	Type int    `json:"type"`
}

// letters are those of Zotero's keys.
const letters = "23456789ABCDEFGHIJKLMNPQRSTUVWXYZ"

// Key is the key of a paper's item in a library: always the same, so that it is there
// once.
func Key(library string, id core.PaperID) string {
	sum := sha256.Sum256([]byte(library + "/" + string(id)))
	out := make([]byte, 8)
	for i := range out {
		out[i] = letters[(int(sum[2*i])<<8|int(sum[2*i+1]))%len(letters)]
	}
	return string(out)
}

// mostTag is how long a tag may be.
const mostTag = 255

func item(l core.Library, p *core.Paper, topics []string) Item {
	it := Item{
		Key: Key(l.Path, p.ID), ItemType: "preprint", Title: p.Title, Creators: []Creator{}, Abstract: p.Abstract, Date: string(p.Published),
		DOI: p.DOI, URL: p.URL(), Tags: []Tag{}, Collections: []string{},
	}
	if p.Link == "" { // on arXiv
		it.Repository, it.ArchiveID = "arXiv", "arXiv:"+string(p.ID)
		it.Extra = it.ArchiveID
		if c := p.Primary(); c != "" {
			field, _, _ := strings.Cut(c, ".")
			it.Extra += " [" + field + "]"
		}
		if it.DOI == "" {
			it.DOI = "10.48550/arXiv." + string(p.ID)
		}
	}
	for _, a := range p.Authors {
		if c := creator(names.Parse(a)); c != (Creator{}) {
			it.Creators = append(it.Creators, c)
		}
	}
	for _, t := range topics {
		tag := Tag{t, 1}
		if r := []rune(t); len(r) > mostTag {
			tag.Tag = string(r[:mostTag-1]) + "…"
		}
		if t != "" && !slices.Contains(it.Tags, tag) {
			it.Tags = append(it.Tags, tag)
		}
	}
	if l.Collection != "" {
		it.Collections = append(it.Collections, l.Collection)
	}
	return it
}

func creator(n names.Name) Creator {
	switch {
	case n == (names.Name{}):
		return Creator{}
	case n.Literal != "":
		return Creator{Type: "author", Name: n.Literal}
	}
	first := n.Given
	if n.Suffix != "" {
		first += ", " + n.Suffix
	}
	return Creator{Type: "author", First: first, Last: strings.TrimSpace(n.Particle + " " + n.Family)}
}
