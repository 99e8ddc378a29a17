package arxiv

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/internal/polite"
)

// check names a body that is not the XML we asked for.
func check(body []byte) error {
	head := strings.ToLower(string(bytes.TrimSpace(body[:min(len(body), 1000)])))
	switch {
	case head == "":
		return &core.SourceError{Reason: "sent an empty answer"}
	case strings.Contains(head, "rate exceeded") && !strings.HasPrefix(head, "<"):
		return &core.SourceError{Limit: true, Err: errors.New(polite.Excerpt(body))}
	case strings.HasPrefix(head, "<!doctype html") || strings.HasPrefix(head, "<html"):
		return &core.SourceError{Reason: "sent a web page instead of papers", Err: errors.New(polite.Excerpt(body))}
	case !strings.HasPrefix(head, "<"):
		return &core.SourceError{Reason: "sent something else than papers", Err: errors.New(polite.Excerpt(body))}
	}
	return nil
}

// each calls visit at each element below the root, which must have that name.
// visit reads the element to its end, or leaves it to have its children visited.
func each(body []byte, root string, visit func(*xml.Decoder, xml.StartElement) error) error {
	if err := check(body); err != nil {
		return err
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	inside := false
	for {
		token, err := d.Token()
		if err == io.EOF && inside {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case !inside:
			if start.Name.Local != root {
				return &core.SourceError{Reason: "sent something else than papers", Err: fmt.Errorf("a <%s> instead of a <%s>: %s", start.Name.Local, root, polite.Excerpt(body))}
			}
			inside = true
		default:
			if err := visit(d, start); err != nil {
				return broken(err)
			}
		}
	}
}

func broken(err error) error {
	var se *core.SourceError
	if errors.As(err, &se) {
		return err
	}
	return &core.SourceError{Reason: "sent only a part of its answer", Err: err}
}

// What arXiv takes back by leaving it out. The feed has no comments, and so
// does not know whether a version is a withdrawal.
var (
	feedKnows  = []core.Fact{core.FactJournal, core.FactDOI}
	queryKnows = []core.Fact{core.FactJournal, core.FactDOI, core.FactComment, core.FactWithdrawn}
)

const nsSearch = "http://a9.com/-/spec/opensearch/1.1/"

// rssFeed is an announcement.
type rssFeed struct {
	Items   []rssItem
	pubDate string
}

// rssItem is one paper of it.
type rssItem struct {
	Title       string   `xml:"title"`
	Link        string   `xml:"link"`
	Description string   `xml:"description"`
	GUID        string   `xml:"guid"`
	Categories  []string `xml:"category"`
	Announce    string   `xml:"http://arxiv.org/schemas/atom announce_type"`
	Creators    []string `xml:"http://purl.org/dc/elements/1.1/ creator"`
	Journal     string   `xml:"http://arxiv.org/schemas/atom journal_reference"`
	DOI         string   `xml:"http://arxiv.org/schemas/atom DOI"`
}

// parseRSS reads a feed. Of one that breaks off it gives the whole items, with
// an error.
func parseRSS(body []byte) (rssFeed, error) {
	var f rssFeed
	channel := false
	err := each(body, "rss", func(d *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "channel":
			channel = true
			return nil
		case "item":
			var it rssItem
			err := d.DecodeElement(&it, &e)
			if err == nil {
				f.Items = append(f.Items, it)
			}
			return err
		case "title":
			var title string
			err := d.DecodeElement(&title, &e)
			if err == nil && strings.HasPrefix(title, "Feed error") {
				err = &core.SourceError{Reason: "rejects the request", Err: errors.New(title)}
			}
			return err
		case "pubDate":
			return d.DecodeElement(&f.pubDate, &e)
		}
		return d.Skip()
	})
	if err == nil && !channel {
		err = &core.SourceError{Reason: "sent something else than papers", Err: errors.New(polite.Excerpt(body))}
	}
	return f, err
}

// day is the day that the feed names; zero when it names none.
func (f rssFeed) day() core.Date {
	for _, layout := range []string{time.RFC1123Z, time.RFC1123} {
		if t, err := time.Parse(layout, strings.TrimSpace(f.pubDate)); err == nil {
			return core.DateOf(t.In(Eastern))
		}
	}
	return ""
}

// preface stands before the abstract in a feed: "arXiv:2604.21935v1 Announce
// Type: new \nAbstract: ".
var preface = regexp.MustCompile(`(?s)^\s*arXiv:\S+\s+Announce Type:\s*(\S+)\s+Abstract:\s*`)

func (it *rssItem) seen() (core.Seen, error) {
	id, version, ok := core.ParsePaperID(it.GUID)
	if !ok {
		if id, version, ok = core.ParsePaperID(it.Link); !ok {
			return core.Seen{}, fmt.Errorf("neither %q nor %q is an arXiv id", it.GUID, it.Link)
		}
	}
	announce := strings.TrimSpace(it.Announce)
	if m := preface.FindStringSubmatch(it.Description); m != nil {
		it.Description = it.Description[len(m[0]):]
		announce = cmp.Or(announce, m[1])
	}
	p := core.Paper{
		ID: id, Version: version, Title: it.Title, Abstract: it.Description,
		Authors: splitNames(strings.Join(it.Creators, ", ")), Categories: categories("", it.Categories),
		Journal: squeeze(it.Journal), DOI: squeeze(it.DOI), Withdrawn: withdrawnAbstract(it.Description),
	}
	p.Clean()
	if p.Title == "" {
		return core.Seen{}, fmt.Errorf("%s has no title", id)
	}
	seen := core.Seen{Paper: p, Sighting: core.Sighting{Source: Name, Announce: announce}, Authority: core.Publisher, Knows: feedKnows}
	switch announce {
	case "new", "cross":
		seen.Paper.Sources = []string{Name}
	case "replace", "replace-cross":
	default:
		return core.Seen{}, fmt.Errorf("%s has the announce type %q", id, announce)
	}
	return seen, nil
}

// generation is what stands behind a comma and belongs to the name before it.
var generation = regexp.MustCompile(`^(?:Jr|Sr|II|III|IV|Ph\.?D)\.?$`)

// splitNames takes a list with commas apart. Commas within brackets belong to
// an affiliation, which is dropped.
func splitNames(list string) []string {
	var names []string
	var b strings.Builder
	depth := 0
	end := func() {
		name := squeeze(b.String())
		b.Reset()
		switch {
		case name == "":
		case generation.MatchString(name) && len(names) > 0:
			names[len(names)-1] += ", " + name
		default:
			names = append(names, name)
		}
	}
	for _, r := range list {
		switch {
		case r == '(':
			depth++
		case r == ')' && depth > 0:
			depth--
		case depth > 0:
		case r == ',':
			end()
		default:
			b.WriteRune(r)
		}
	}
	if depth > 0 { // no bracket that closes: then they mean nothing
		return splitNames(strings.NewReplacer("(", " ", ")", " ").Replace(list))
	}
	end()
	return names
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// category is arXiv's form; the API also gives MSC and ACM classes ("68T50", "I.2.7").
var category = regexp.MustCompile(`^[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]{2,}(?:-[a-z]+)*)?$`)

// categories puts the primary one first.
func categories(primary string, all []string) []string {
	var out []string
	for _, c := range slices.Concat([]string{primary}, all) {
		if c = strings.TrimSpace(c); category.MatchString(c) && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// atomPage is a page of a query's answer.
type atomPage struct {
	total   int
	entries []atomEntry
	refused string // what the API has against the request
}

type atomEntry struct {
	ID         string `xml:"id"`
	Title      string `xml:"title"`
	Summary    string `xml:"summary"`
	Published  string `xml:"published"`
	Comment    string `xml:"http://arxiv.org/schemas/atom comment"`
	Journal    string `xml:"http://arxiv.org/schemas/atom journal_ref"`
	DOI        string `xml:"http://arxiv.org/schemas/atom doi"`
	Primary    term   `xml:"http://arxiv.org/schemas/atom primary_category"`
	Categories []term `xml:"http://www.w3.org/2005/Atom category"`
	Authors    []struct {
		Name string `xml:"name"`
	} `xml:"author"`
}

type term struct {
	Term string `xml:"term,attr"`
}

// parseAtom reads an answer of the query API. Of one that breaks off it gives
// the whole entries, with an error.
func parseAtom(body []byte) (atomPage, error) {
	p := atomPage{total: -1}
	err := each(body, "feed", func(d *xml.Decoder, e xml.StartElement) error {
		switch {
		case e.Name.Local == "entry":
			var entry atomEntry
			if err := d.DecodeElement(&entry, &e); err != nil {
				return err
			}
			if strings.Contains(entry.ID, "/api/errors") {
				p.refused = squeeze(entry.Summary)
				return &core.SourceError{Reason: "rejects the request", Err: errors.New(p.refused)}
			}
			p.entries = append(p.entries, entry)
			return nil
		case e.Name.Space == nsSearch && e.Name.Local == "totalResults":
			return d.DecodeElement(&p.total, &e)
		}
		return d.Skip()
	})
	if err == nil && p.total < 0 {
		err = &core.SourceError{Reason: "sent something else than papers", Err: errors.New("no totalResults: " + polite.Excerpt(body))}
	}
	return p, err
}

// seen is the entry as a paper, and when its first version was submitted.
func (e *atomEntry) seen() (core.Seen, time.Time, error) {
	id, version, ok := core.ParsePaperID(e.ID)
	if !ok {
		return core.Seen{}, time.Time{}, fmt.Errorf("%q is not an arXiv id", e.ID)
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(e.Published))
	if err != nil {
		return core.Seen{}, time.Time{}, fmt.Errorf("%s: published: %w", id, err)
	}
	p := core.Paper{
		ID: id, Version: version, Title: e.Title, Abstract: e.Summary, Published: core.DateOf(at.UTC()),
		Comment: squeeze(e.Comment), Journal: squeeze(e.Journal), DOI: squeeze(e.DOI),
	}
	terms := make([]string, len(e.Categories))
	for i, c := range e.Categories {
		terms[i] = c.Term
	}
	p.Categories = categories(e.Primary.Term, terms)
	for _, a := range e.Authors {
		p.Authors = append(p.Authors, a.Name)
	}
	p.Clean()
	p.Withdrawn = Withdrawn(p.Comment) || withdrawnAbstract(p.Abstract)
	if p.Title == "" {
		return core.Seen{}, time.Time{}, fmt.Errorf("%s has no title", id)
	}
	return core.Seen{Paper: p, Sighting: core.Sighting{Source: Name}, Authority: core.Publisher, Knows: queryKnows}, at, nil
}
