package feeds

import (
	"cmp"
	"crypto/sha1"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/excerpt"
	"paperboy/core/query"
	"paperboy/core/say"
)

// A feed is papers in an order, before it is written in a format.
type feed struct {
	id      string // for ever
	title   string
	about   string // in a sentence
	self    string // where it is, in the format that was asked for
	home    string // the page for people
	updated time.Time
	entries []entry
}

// An entry is a paper in a feed. All of it is clean: one line a string, but for content.
type entry struct {
	id        string // for ever
	title     string
	url       string // of the paper
	pdf, code string // "": none
	authors   []string
	summary   string // the sentence in which the authors say what they did
	content   string // HTML
	tags      []string
	published time.Time // when it came here
	updated   time.Time // when there was news of it
}

// ends are the characters that no address has, though strangers' do.
const ends = `"<>\^{|}` + "`"

// mostAuthors are named each as an author of an entry: collaborations have thousands.
const mostAuthors = 30

// entryOf is a paper, as a channel sees it, as an entry.
func entryOf(ch *core.Channel, p *core.Paper, v core.View, published, updated time.Time) entry {
	e := entry{
		id:        urn(ch.Key.String() + " " + string(p.ID)),
		title:     cmp.Or(strings.TrimSpace(say.OneLine(v.Title)), string(p.ID)),
		url:       say.Href(v.URL, ends),
		pdf:       say.Href(v.PDF, ends),
		code:      say.Href(v.Code, ends),
		summary:   say.OneLine(v.Excerpt),
		published: moment(published),
		updated:   moment(updated),
	}
	if v.Folded {
		e.summary = ""
	}
	if v.Struck {
		e.title = "Withdrawn: " + e.title // a title has no style
	}
	for _, a := range p.Authors[:min(len(p.Authors), mostAuthors)] {
		if a = say.OneLine(cards.Name(a)); a != "" {
			e.authors = append(e.authors, a)
		}
	}
	for _, c := range p.Categories {
		e.tags = append(e.tags, say.OneLine(c))
	}
	e.content = content(p, v, &e)
	return e
}

// content is what people read of a paper. Upvotes, stars and votes are left out: they
// change by the hour, and an entry that changes is shown as news.
func content(p *core.Paper, v core.View, e *entry) string {
	var b strings.Builder
	paragraph := func(sep string, parts ...string) {
		parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
		if len(parts) > 0 {
			fmt.Fprintf(&b, "<p>%s</p>", strings.Join(parts, sep))
		}
	}
	link := func(url, words string) string {
		if url == "" {
			return ""
		}
		return `<a href="` + html.EscapeString(url) + `">` + words + "</a>"
	}
	text := func(s string) string { return html.EscapeString(say.OneLine(s)) }

	known := []string{text(v.Authors), text(p.Primary())}
	for _, l := range labels(v) {
		known = append(known, "<em>"+text(l)+"</em>")
	}
	paragraph(" · ", append(known, text(v.Matched.String()))...)
	if !v.Folded {
		paragraph("", text(excerpt.Plain(p.Abstract)))
	}
	paragraph(" · ", link(e.pdf, "PDF"), link(e.code, "Code"))
	if b.Len() == 0 {
		paragraph("", html.EscapeString(e.title))
	}
	return b.String()
}

// words are a channel's settings for what is read elsewhere: the authors' sentence,
// however much of it fits into the channel's messages.
func words(ch *core.Channel) core.Settings {
	s := ch.Settings
	s.Excerpt, s.Summary = core.ExcerptLine, false
	return s
}

// labels are those of a view, and that it is folded, which messages show by how they look.
func labels(v core.View) []string {
	if v.Folded {
		return append(slices.Clip(v.Labels), "not for us")
	}
	return v.Labels
}

// postsOf are the papers of posts as entries, post by post: each came when it was
// posted, and changed when its message had news to show.
func postsOf(ch *core.Channel, posts []query.Post) (entries []entry) {
	settings := words(ch)
	for _, post := range posts {
		for i := range post.Papers {
			p := &post.Papers[i]
			v := cards.Delivered(&p.Paper, &p.Delivery, settings).Papers[0]
			posted := p.Delivery.Updated
			updated := posted
			if p.Delivery.Revised.After(posted) {
				updated = p.Delivery.Revised
			}
			e := entryOf(ch, &p.Paper, v, posted, updated)
			if p.Delivery.Item.Again() > 0 { // a message of its own is an entry of its own
				e.id = urn(ch.Key.String() + " " + string(p.Delivery.Item))
			}
			entries = append(entries, e)
		}
	}
	return entries
}

// A found paper is one that concerns a channel, posted or not.
type found struct {
	Paper   core.Paper
	Matched []core.Matched
	Seen    []core.Sighting
}

// papersOf are papers as entries: each came when we first had it, and changed when a list
// had another version of it.
func papersOf(ch *core.Channel, papers []found) (entries []entry) {
	settings := words(ch)
	for i := range papers {
		f := &papers[i]
		came := f.Paper.Seen
		if f.Paper.Backlog && !f.Paper.Day.IsZero() { // of an import all came at once
			came = f.Paper.Day.Time(time.UTC)
		}
		updated := came
		for _, s := range f.Seen {
			if at := s.Day.Time(time.UTC); strings.HasPrefix(s.Announce, "replace") && at.After(updated) {
				updated = at
			}
		}
		entries = append(entries, entryOf(ch, &f.Paper, cards.View(&f.Paper, settings, f.Matched), came, updated))
	}
	return entries
}

// newest is when the last of the entries changed; otherwise where there is none.
func newest(entries []entry, otherwise time.Time) time.Time {
	if len(entries) == 0 {
		return moment(otherwise)
	}
	return slices.MaxFunc(entries, func(a, b entry) int { return a.updated.Compare(b.updated) }).updated
}

// space is where our names are made (RFC 9562, version 5).
var space = [16]byte{0xe9, 0xf7, 0x56, 0x3e, 0x68, 0x6e, 0x4a, 0xce, 0x8f, 0x77, 0x82, 0x32, 0x4c, 0x84, 0x58, 0x40}

// urn is an id made of a name, as good in any other database and at any other address. It
// does not say the name: whoever gets one entry passed on learns no channel.
func urn(name string) string {
	u := sha1.Sum(append(space[:], name...))
	u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:16])
}
