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
	"iter"
	"net/url"
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

// partOfFeed is how many entries are handed over at once: what is more takes
// memory in proportion to the page, and not to its papers.
const partOfFeed = 1000

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
	r := s.open(page, today)
	page.Body = nil
	b := core.Batch{Problems: r.problems}
	if err == nil {
		err = r.err
	}
	wanted := func(seen core.Seen) bool {
		return until >= today || from <= seen.Sighting.Day && seen.Sighting.Day <= until
	}
	b.Newest = r.newest
	if len(r.register.lines) > partOfFeed {
		b.Rest = r.parts(wanted)
	} else {
		for part := range r.parts(wanted) {
			b.Seen = part
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
	r := s.open(page, core.DateOf(s.Now().UTC()))
	if entries, err = len(r.register.lines), r.err; err == nil && entries == 0 && len(r.problems) > 0 {
		err = core.NoneReadable(r.problems)
	}
	return entries, err
}

// reading is a feed that is read twice: once to learn which entries it has and
// what they share, and once, in parts, to hand them over.
type reading struct {
	source   *Source
	text     string
	at       *url.URL
	today    core.Date
	register register
	brief    bool // authors are not asked for
	newest   core.Date
	problems []core.Problem
	err      error
}

// open reads a page for the first time. With an err there may be entries too.
func (s *Source) open(page polite.Page, today core.Date) *reading {
	r := &reading{source: s, text: inUTF8(page.Body, page.Type), at: page.URL, today: today, brief: true}
	whole, err := r.each(func(it *item, where int, err error) bool {
		if err != nil {
			r.problems = append(r.problems, core.Problem{Where: fmt.Sprintf("entry %d", where), Err: err})
			return true
		}
		r.register.add(it)
		r.newest = max(r.newest, it.Sighting.Day)
		return true
	})
	switch {
	case err != nil:
		r.err = notAFeed(r.text, page, err)
	case !whole:
		r.err = &core.SourceError{Reason: "sent only a part of its answer", Err: errors.New("the feed breaks off")}
	}
	r.register.close()
	r.brief = false
	return r
}

// each visits the entries until visit says no. whole is false when the feed
// breaks off.
func (r *reading) each(visit func(it *item, where int, err error) bool) (whole bool, err error) {
	n := 0
	keep := func(e entry, err error) bool {
		n++
		var it *item
		if err == nil && n > mostEntries {
			visit(nil, n, fmt.Errorf("the feed has more than %d entries; this and the following are left out", mostEntries))
			return false
		}
		if err == nil {
			it, err = r.item(e)
		}
		return visit(it, n, err)
	}
	if strings.HasPrefix(strings.TrimSpace(r.text[:min(len(r.text), 1000)]), "{") {
		return readJSON(r.text, r.at, keep)
	}
	d := document{}
	d.entry = func(n *node) { d.stop = !keep(fromXML(n, d.head.kids[0], d.kind == "feed"), nil) }
	if d.read(r.text, r.at); d.kind == "" {
		return false, errors.New("neither RSS nor Atom nor a JSON Feed")
	}
	return d.whole || d.stop, nil
}

// parts hands over the entries that are wanted, one of those that are the same.
func (r *reading) parts(wanted func(core.Seen) bool) iter.Seq[[]core.Seen] {
	return func(yield func([]core.Seen) bool) {
		var part []core.Seen
		more := true
		line := int32(0)
		same := map[int32][]*item{} // of which others are still to come
		r.each(func(it *item, _ int, err error) bool {
			if err != nil {
				return true
			}
			r.register.name(it)
			if leader, several := r.register.leader[line]; several {
				same[leader] = append(same[leader], it)
				if it = nil; len(same[leader]) == len(r.register.groups[leader]) {
					it = newest(same[leader])
					delete(same, leader)
				}
			}
			line++
			if it != nil && wanted(it.Seen) {
				part = append(part, it.Seen)
			}
			if len(part) == partOfFeed {
				more = yield(part)
				part = nil
			}
			return more
		})
		if more && len(part) > 0 {
			yield(part)
		}
	}
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

func (r *reading) item(e entry) (*item, error) {
	if r.brief {
		e.authors = nil
	}
	p, day, err := e.paper(r.source.Config.Name)
	if err != nil {
		return nil, err
	}
	it := &item{guid: e.guid, day: day}
	it.Sighting = core.Sighting{Source: r.source.Config.Name, Day: min(cmp.Or(day, r.today), r.today), Assumed: day == "" || day > r.today}
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
