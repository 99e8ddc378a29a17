// Package feed reads any RSS, Atom or JSON feed.
//
// In: a feed's address. Out: its entries as papers: under their arXiv id when
// one of their links is arXiv's, so that they merge with what others say, else
// under a hash of their link.
//
// Promises: an entry without a link or a title becomes a Problem and its
// neighbours are kept; strangers' HTML becomes plain text; a date in the
// future counts as today.
package feed

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html"

	"paperboy/core"
	"paperboy/internal/polite"
)

// Source is one feed.
type Source struct {
	name, url string
	client    *polite.Client
	now       func() time.Time
}

// New is the feed at address under the name that people type after source:;
// now is the calendar.
func New(name, address string, client *polite.Client, now func() time.Time) *Source {
	return &Source{name: name, url: address, client: client, now: now}
}

// Name implements core.Source.
func (s *Source) Name() string { return s.name }

// Short implements core.Source.
func (s *Source) Short() string { return s.name }

// Title implements core.Source.
func (s *Source) Title() string { return s.name }

// Note implements core.Source: a feed has no lists of a day.
func (s *Source) Note(core.Date) string { return "" }

// Due implements core.Source: nobody knows when a feed owes something.
func (s *Source) Due(time.Time) core.Date { return "" }

// Complete implements core.Source: what a feed brings is never late.
func (s *Source) Complete(core.Date) time.Time { return time.Unix(1<<40, 0) }

// Fetch implements core.Source. When until is today it gives all that the feed
// holds, because an entry's date may lie before the day it appears on.
func (s *Source) Fetch(ctx context.Context, from, until core.Date) (core.Batch, error) {
	var b core.Batch
	body, err := s.client.Fresh(ctx, s.url)
	if err != nil {
		return b, err
	}
	parsed, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	if err == nil && parsed.FeedType == "json" && parsed.Title == "" { // a JSON feed must have a title
		err = errors.New("JSON that is no feed")
	}
	if err != nil {
		e := &core.SourceError{Reason: "sent something else than a feed", Err: fmt.Errorf("%w: %s", err, polite.Excerpt(body))}
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(string(body[:min(len(body), 100)]))), "<!doctype html") {
			e.Reason = "sent a web page instead of papers"
		}
		return b, e
	}
	today := core.DateOf(s.now().UTC())
	for i, item := range parsed.Items {
		seen, err := s.seen(item, today)
		if err != nil {
			b.Problems = append(b.Problems, core.Problem{Where: fmt.Sprintf("entry %d", i+1), Err: err})
			continue
		}
		b.Newest = max(b.Newest, seen.Sighting.Day)
		if until >= today || from <= seen.Sighting.Day && seen.Sighting.Day <= until {
			b.Seen = append(b.Seen, seen)
		}
	}
	return b, nil
}

func (s *Source) seen(item *gofeed.Item, today core.Date) (core.Seen, error) {
	page := ""
	var p core.Paper
	for _, link := range append([]string{item.Link, item.GUID}, item.Links...) {
		if id, _, ok := core.ParsePaperID(link); ok && p.ID == "" {
			p.ID = id // which version it is anybody can get wrong
		}
		if u, err := url.Parse(strings.TrimSpace(link)); err == nil && page == "" && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
			page = u.String()
		}
	}
	if p.ID == "" {
		if page == "" {
			return core.Seen{}, errors.New("an entry without a link")
		}
		sum := sha256.Sum256([]byte(page))
		p.ID = core.PaperID("feed:" + hex.EncodeToString(sum[:6]))
		p.Link = page
	}
	p.Title = plain(item.Title)
	p.Abstract = plain(cmp.Or(item.Description, item.Content))
	p.Sources = []string{s.name}
	for _, a := range item.Authors {
		if a != nil {
			p.Authors = append(p.Authors, plain(a.Name))
		}
	}
	day := today
	for _, at := range []*time.Time{item.PublishedParsed, item.UpdatedParsed} {
		if at != nil && at.Year() > 1990 {
			day = min(core.DateOf(at.UTC()), today)
			break
		}
	}
	if p.Link != "" {
		p.Published = day // arXiv's own date is not known from here
	}
	p.Clean()
	if p.Title == "" {
		return core.Seen{}, fmt.Errorf("%s has no title", cmp.Or(page, string(p.ID)))
	}
	return core.Seen{Paper: p, Sighting: core.Sighting{Source: s.name, Day: day}}, nil
}

// plain is the text of a piece of HTML.
func plain(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	hidden := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if hidden == 0 {
				b.Write(z.Text())
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			token := z.Token()
			if token.DataAtom == 0 { // no element of HTML: "Let's <think> about it"
				b.WriteString(raw)
				continue
			}
			if token.Data == "script" || token.Data == "style" {
				switch token.Type {
				case html.StartTagToken:
					hidden++
				case html.EndTagToken:
					hidden = max(0, hidden-1)
				}
			}
			if block[token.Data] {
				b.WriteByte(' ')
			}
		}
	}
}

// block are elements that part words.
var block = map[string]bool{"p": true, "br": true, "div": true, "li": true, "ul": true, "ol": true, "h1": true, "h2": true, "h3": true, "h4": true, "tr": true, "td": true, "blockquote": true, "pre": true}
