package core

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"paperboy/core/text"
	"paperboy/core/topic"
)

// ErrNotFound is what the store answers when there is no such thing.
var ErrNotFound = errors.New("not found")

// ErrBusy is what a Store answers, wrapped, when others write for so long that
// waiting for them was given up. Nothing was changed.
var ErrBusy = errors.New("somebody else is writing")

// ErrFull is what a Store answers, wrapped, when it has no room to write
// something down. What it holds can be read all the same.
var ErrFull = errors.New("the disk is full")

// PaperID identifies a paper whatever its versions: an arXiv id without
// version ("2509.24002", "math/0611800"), or for a paper that only a feed
// knows "feed:" and a hash of its link.
type PaperID string

// Paper is what is known about one paper. Only ID and Title are always there;
// what a source did not say is the zero value, and nil for a count, because
// unknown is not zero.
type Paper struct {
	ID       PaperID
	Version  int // of the text below; 0 when unknown
	Title    string
	Abstract string
	Authors  []string // as published, in order

	Categories []string // arXiv's; the first is the primary one; none when unknown
	Sources    []string // who has listed it: "hf", "arxiv", a feed's name; sorted
	Published  Date     // of the first version; when unknown, the day it was listed
	Day        Date     // the day it counts for: first listed by a source, else Published

	Upvotes  *int // Hugging Face's
	Comments *int // Hugging Face's

	Code         string // URL of the repository
	Stars        *int   // of that repository
	Project      string // URL of the project page
	Summary      string // Hugging Face's one-sentence AI summary
	Keywords     []string
	Organization string
	Thumbnail    string // URL
	Comment      string // authors' comment on arXiv
	Journal      string // reference
	DOI          string
	Link         string // page of a paper that is not on arXiv
	Withdrawn    bool

	// Written by the store.
	Seq     Seq       // grows with each new paper: what came later is greater
	Changed Seq       // grows with each change that a topic could see
	Backlog bool      // came by import, back-fill or a source's first fetch: never new for a channel
	Seen    time.Time // when the store first had it
	Coded   time.Time // when code came of a paper that was kept without; zero: it had it from the beginning, or has none
}

// Seq numbers what happened to papers, in order, without trusting a clock.
type Seq int64

// Sighting is a source's listing of a paper on a day.
type Sighting struct {
	Source   string // "hf", "arxiv", a feed's name
	Day      Date   // the list it stood on (HF: the featured day; arXiv: the announcement)
	Rank     int    // 1-based place in that list; 0 when the list has no order
	Announce string // arXiv: new, cross, replace, replace-cross
	Upvotes  *int   // as seen then
	// Assumed is a Day that the source did not name: that of the fetch. It says
	// nothing about a paper that the source has listed before. It is not kept.
	Assumed bool
}

// Seen is a paper as a source just sent it. Sighting.Day is zero when the
// paper was looked up rather than listed. Who speaks is Sighting.Source.
type Seen struct {
	Paper       Paper
	Sighting    Sighting
	Authority   Authority    // of who speaks; zero is Mention
	Knows       []Fact       // what it would have said if there were something: its silence about these takes back
	Identifiers []Identifier // of a paper that has no arXiv id; none: its ID is all
}

// URL is the page of the paper itself, where a title links to.
func (p *Paper) URL() string {
	if p.Link != "" {
		return p.Link
	}
	return "https://arxiv.org/abs/" + string(p.ID)
}

// PDF is the paper's PDF, empty when it is not on arXiv.
func (p *Paper) PDF() string {
	if p.Link != "" {
		return ""
	}
	return "https://arxiv.org/pdf/" + string(p.ID)
}

// Primary is the primary category, empty when unknown.
func (p *Paper) Primary() string {
	if len(p.Categories) == 0 {
		return ""
	}
	return p.Categories[0]
}

// Doc is the paper as topics see it.
func (p *Paper) Doc() *topic.Doc {
	return topic.NewDoc(p.Title, p.Abstract, p.Authors, p.Categories, p.Sources, p.Code != "", p.Upvotes)
}

// Clean puts what a source sent into the form the store keeps: white space
// collapsed, empty authors dropped.
func (p *Paper) Clean() {
	p.Title, p.Abstract = oneLine(p.Title), oneLine(p.Abstract)
	authors := make([]string, 0, len(p.Authors))
	for _, a := range p.Authors {
		if a = oneLine(a); a != "" {
			authors = append(authors, a)
		}
	}
	p.Authors = authors
}

// oneLine is a text with single blanks, and without what is no text: PostgreSQL keeps
// neither NUL nor bytes that are no UTF-8.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "\ufffd"), "\ufffd")
}

var codeLink = regexp.MustCompile(`(?i)\bhttps?://(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|gitee\.com)/[\w\-.~:/?#@!$&'()*+,;=%]+`) // what RFC 3986 lets a URL hold, but for brackets

// CodeLink is the first link to a code host in prose, without the punctuation
// that prose glues to it; empty when there is none.
func CodeLink(s string) string {
	if !strings.Contains(s, "://") { // most prose has none, and the expression looks at each of its letters
		return ""
	}
	return strings.TrimRight(codeLink.FindString(s), `.,;:!?)]}'"`)
}

// Words is the paper's title and abstract as one list of words, for likeness:
// neighbouring signs of scripts without blanks come in pairs (text.Terms).
func (p *Paper) Words() []string {
	return slices.Concat(text.Terms(text.Words(p.Title)), text.Terms(text.Words(p.Abstract)))
}
