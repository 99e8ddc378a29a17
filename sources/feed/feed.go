// Package feed reads any feed: RSS 0.9 to 2.0 and 1.0 in RDF, Atom, JSON Feed,
// with what publishers add of Dublin Core, PRISM and arXiv's own.
//
// In: a feed's address. Out: its entries as papers: under their arXiv id when
// the entry is arXiv's paper, so that they merge with what others say, else
// with the names (guid, DOI, link) by which the store finds them again. What
// arXiv's own feed calls a replacement is told as one. An entry of a feed
// announces no version.
//
// Promises: one entry's fault costs that entry at most, and what is broken
// inside it costs a few characters: it becomes a Problem and its neighbours are
// kept; whatever the bytes, reading ends, in time proportional to them;
// markup becomes plain text, and a sign that only looks like markup stays; a
// date in the future counts as today; a web page is told from a feed, and the
// feed that it offers is named; a feed that has not changed since everything in
// it was kept is not read again.
package feed

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/internal/polite"
)

// Accept says what this package reads, to servers that insist on being told.
const Accept = "application/rss+xml, application/atom+xml, application/rdf+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"

// edition grows with each change of what becomes of an entry, so that feeds
// which have not changed are read once more.
const edition = 1

// mostEntries of a feed are read. DBLP's greatest have some 60,000, and the
// memory that a feed takes grows with them.
const mostEntries = 100_000

// Notes remember a fact across restarts.
type Notes interface {
	Note(ctx context.Context, name string) (string, error)
	SetNote(ctx context.Context, name, value string) error
}

// Config is what a Source is made of.
type Config struct {
	Name   string // that people type after source:
	URL    string
	Client *polite.Client
	Notes  Notes            // nil: the feed is read whole each time
	Now    func() time.Time // the calendar
}

// Source is one feed.
type Source struct{ Config }

// New is the feed.
func New(c Config) *Source { return &Source{c} }

// Name implements core.Source.
func (s *Source) Name() string { return s.Config.Name }

// Short implements core.Source.
func (s *Source) Short() string { return s.Config.Name }

// Title implements core.Source.
func (s *Source) Title() string { return s.Config.Name }

// Note implements core.Source: a feed has no lists of a day.
func (s *Source) Note(core.Date) string { return "" }

// Due implements core.Source: nobody knows when a feed owes something.
func (s *Source) Due(time.Time) core.Date { return "" }

// Complete implements core.Source: what a feed brings is never late.
func (s *Source) Complete(core.Date) time.Time { return time.Unix(1<<40, 0) }

// mark is what is remembered of a feed that was read and kept.
type mark struct {
	URL     string      `json:"url"`
	Edition int         `json:"edition"`
	Page    polite.Mark `json:"page"`
}

// Fetch implements core.Source. When until is today it gives all that the feed
// holds, because an entry's date may lie before the day it appears on; and
// nothing when that is in the store already.
func (s *Source) Fetch(ctx context.Context, from, until core.Date) (core.Batch, error) {
	today := core.DateOf(s.Now().UTC())
	have := mark{URL: s.URL, Edition: edition}
	note := "feed/" + s.Config.Name
	if s.Notes != nil && until >= today {
		var last mark
		if line, err := s.Notes.Note(ctx, note); err != nil {
			return core.Batch{}, err
		} else if json.Unmarshal([]byte(line), &last) == nil && last.URL == have.URL && last.Edition == have.Edition {
			have.Page = last.Page
		}
	}
	page, changed, err := s.Client.Changed(ctx, s.URL, have.Page)
	if !changed {
		return core.Batch{}, err
	}
	if err != nil && len(page.Body) == 0 || page.URL == nil {
		return core.Batch{}, err
	}
	var status *polite.StatusError
	if errors.As(err, &status) {
		return core.Batch{}, err
	}
	var b core.Batch
	items, problems, readErr := s.read(page, today)
	b.Problems = problems
	if err == nil {
		err = readErr
	}
	for _, seen := range identify(items) {
		b.Newest = max(b.Newest, seen.Sighting.Day)
		if until >= today || from <= seen.Sighting.Day && seen.Sighting.Day <= until {
			b.Seen = append(b.Seen, seen)
		}
	}
	if err == nil && s.Notes != nil && until >= today {
		have.Page = page.Mark
		b.Kept = func(ctx context.Context) error {
			line, err := json.Marshal(have)
			if err != nil {
				return err
			}
			return s.Notes.SetNote(ctx, note, string(line))
		}
	}
	return b, err
}

// Check reads the feed as it is now and counts the entries that can be used.
func (s *Source) Check(ctx context.Context) (entries int, err error) {
	page, _, err := s.Client.Changed(ctx, s.URL, polite.Mark{})
	if err != nil {
		return 0, err
	}
	items, problems, err := s.read(page, core.DateOf(s.Now().UTC()))
	if err == nil && len(items) == 0 && len(problems) > 0 {
		err = core.NoneReadable(problems)
	}
	return len(items), err
}

// read takes a page apart. With an error there may be entries too.
func (s *Source) read(page polite.Page, today core.Date) (items []*item, problems []core.Problem, err error) {
	text := inUTF8(page.Body, page.Type)
	n := 0
	keep := func(e entry, err error) {
		n++
		var it *item
		if err == nil && n > mostEntries {
			if n > mostEntries+1 {
				return
			}
			err = fmt.Errorf("the feed has more than %d entries; this and the following are left out", mostEntries)
		}
		if err == nil {
			it, err = s.item(e, today)
		}
		if err != nil {
			problems = append(problems, core.Problem{Where: fmt.Sprintf("entry %d", n), Err: err})
			return
		}
		items = append(items, it)
	}
	whole := true
	if strings.HasPrefix(strings.TrimSpace(text[:min(len(text), 1000)]), "{") {
		if whole, err = readJSON(text, page.URL, keep); err != nil {
			return nil, nil, notAFeed(text, page, err)
		}
	} else {
		d := document{}
		d.entry = func(n *node) { keep(fromXML(n, d.head.kids[0], d.kind == "feed"), nil) }
		if d.read(text, page.URL); d.kind == "" {
			return nil, nil, notAFeed(text, page, errors.New("neither RSS nor Atom nor a JSON Feed"))
		}
		whole = d.whole
	}
	if !whole {
		err = &core.SourceError{Reason: "sent only a part of its answer", Err: errors.New("the feed breaks off")}
	}
	return items, problems, err
}

// notAFeed says what came instead, and where the feed is if the page names it.
func notAFeed(text string, page polite.Page, err error) error {
	e := &core.SourceError{Reason: "sent something else than a feed", Err: fmt.Errorf("%w: %s", err, polite.Excerpt([]byte(text[:min(len(text), 400)])))}
	if isPage(text, page.Type) {
		e.Reason = "sent a web page instead of papers"
		if address := offered(text, page.URL); address != "" {
			e.Reason = "is a web page; its feed is " + address
		}
	}
	return e
}

func (s *Source) item(e entry, today core.Date) (*item, error) {
	p, day, err := e.paper(s.Config.Name)
	if err != nil {
		return nil, err
	}
	it := &item{entry: entry{guid: strings.Clone(e.guid)}, day: day}
	it.Sighting = core.Sighting{Source: s.Config.Name, Day: min(cmp.Or(day, today), today), Assumed: day == "" || day > today}
	if p.Link == "" {
		it.Sighting.Announce = announcement(e.announce)
	} else {
		p.Published = it.Sighting.Day // arXiv's own date is not known from here
	}
	it.Paper = p
	return it, nil
}

// announcement is arXiv's word where it is one.
func announcement(s string) string {
	switch s {
	case "new", "cross", "replace", "replace-cross":
		return s
	}
	return ""
}

var _ core.Source = (*Source)(nil)
