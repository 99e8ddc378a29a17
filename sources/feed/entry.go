package feed

import (
	"cmp"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"paperboy/core"
	"paperboy/sources/byline"
)

// entry is what an entry of any kind of feed says.
type entry struct {
	title, abstract string // plain text
	guid            string
	link            string
	authors         []string // as the elements have them
	dates           []string // when it was published, and after those when it was changed
	dois            []string // what may be one
	journal         string
	announce        string   // arXiv's
	categories      []string // as written
}

// fromXML reads an entry of RSS (0.9 to 2.0, RDF) or Atom. head is what stands
// beside the entries.
func fromXML(n, head *node, atom bool) entry {
	var e entry
	e.title = prose(cmp.Or(n.first("title", "atom:title"), n.first("dc:title", "media:title"), mediaGroup(n, "media:title")), atom)
	e.guid = n.first("guid", "id", "atom:id").says()
	e.link = linkOf(n, atom)

	for _, k := range n.all("dc:creator", "dcterms:creator") {
		e.authors = append(e.authors, person(k))
	}
	if len(e.authors) == 0 {
		for _, k := range n.all("author", "atom:author") {
			e.authors = append(e.authors, person(k))
		}
	}
	if len(e.authors) == 0 {
		for _, k := range n.all("itunes:author", "media:credit", "citation:author", "prism:author", "authors", "creator") {
			e.authors = append(e.authors, person(k))
		}
	}
	if len(e.authors) == 0 && atom { // RFC 4287, 4.1.1: the feed's authors are each entry's
		from := head
		if source := n.first("source"); source != nil {
			from = source
		}
		for _, k := range from.all("author") {
			e.authors = append(e.authors, person(k))
		}
	}

	for _, k := range n.all("pubdate", "published", "issued", "atom:published", "dc:date", "dcterms:issued", "dcterms:created", "prism:publicationdate", "created", "date", "dcterms:date",
		"updated", "atom:updated", "modified", "dcterms:modified", "prism:modificationdate") {
		e.dates = append(e.dates, k.says())
	}
	for _, k := range n.all("prism:doi", "arxiv:doi", "doi", "citation:doi", "dc:identifier", "dcterms:identifier", "prism:url") {
		e.dois = append(e.dois, k.says())
	}
	e.journal = journalOf(n, head)
	e.announce = n.first("arxiv:announce_type").says()
	for _, k := range n.all("category") {
		e.categories = append(e.categories, cmp.Or(k.tag.attr("term"), k.says()))
	}

	if whole := prose(n.first("dc:title"), false); whole != "" && strings.HasSuffix(e.title, whole) {
		e.title = whole // "Sensors, Vol. 26, Pages 7001: Listening to Bees"
	}
	for _, k := range []*node{n.first("description", "summary", "atom:summary"), n.first("dc:description", "dcterms:abstract", "prism:teaser"),
		n.first("content:encoded", "content", "atom:content", "body", "media:description"), mediaGroup(n, "media:description")} {
		if e.abstract = e.bare(prose(k, atom)); e.abstract != "" {
			break
		}
	}
	return e
}

// mediaGroup is an element of YouTube's media:group.
func mediaGroup(n *node, name string) *node {
	if g := n.first("media:group"); g != nil {
		return g.first(name)
	}
	return nil
}

// prose is the text of an element that holds prose. In RSS that is HTML. In
// Atom it is what the type says; where an element has none it is text, as RFC
// 4287 has it, unless there is markup in it that fits together.
func prose(n *node, atom bool) string {
	if n == nil {
		return ""
	}
	kind := strings.ToLower(n.tag.attr("type"))
	switch {
	case n.nested():
		var b strings.Builder
		n.markup(&b)
		return plain(b.String())
	case atom && (kind == "text" || kind == "text/plain"):
		return strings.Map(allowed, n.says())
	case atom && kind == "":
		return strings.Map(allowed, strip(n.says(), true))
	}
	return plain(n.says())
}

// person is what an element says of an author: a name or several.
func person(n *node) string {
	if name := n.first("name", "atom:name", "foaf:name"); name != nil {
		return plain(name.says())
	}
	var list []string
	for _, k := range n.all("rdf:bag", "rdf:seq") { // the rare RDF way
		for _, li := range k.all("rdf:li") {
			list = append(list, li.says())
		}
	}
	if list != nil {
		return plain(strings.Join(list, ";"))
	}
	if n.first("email", "uri", "atom:email", "atom:uri") != nil {
		return ""
	}
	if n.nested() {
		return prose(n, false)
	}
	return plain(n.says())
}

// linkOf is the address of the entry's own page, resolved; "" when it has none.
func linkOf(n *node, atom bool) string {
	var found []string
	add := func(k *node, s string) {
		if s = resolve(k.base, s); s != "" {
			found = append(found, s)
		}
	}
	for _, k := range n.all("feedburner:origlink", "link", "atom:link") {
		href := k.tag.attr("href")
		if rel := strings.ToLower(k.tag.attr("rel")); href != "" && rel != "" && rel != "alternate" && rel != "http://www.iana.org/assignments/relation/alternate" {
			continue
		}
		if kind := strings.ToLower(k.tag.attr("type")); href != "" && kind != "" && !strings.Contains(kind, "html") && len(n.all("link")) > 1 && atom {
			continue
		}
		add(k, cmp.Or(href, k.says()))
	}
	for _, k := range n.all("guid", "id", "atom:id") {
		if !strings.EqualFold(strings.TrimSpace(k.tag.attr("isPermaLink")), "false") || absolute(k.says()) {
			if s := k.says(); absolute(s) || k.name == "guid" && strings.HasPrefix(s, "/") {
				add(k, s)
			}
		}
	}
	for _, k := range n.all("prism:url", "dc:identifier", "content", "enclosure") {
		if s := cmp.Or(k.tag.attr("src"), k.tag.attr("url"), k.says()); absolute(s) {
			add(k, s)
		}
	}
	if about := n.tag.attr("rdf:about"); absolute(about) {
		add(n, about)
	}
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

func absolute(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// resolve is an address of the web as RFC 3986, 5.2 has it; "" where it is none.
func resolve(base *url.URL, s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, strings.TrimSpace(s))
	if s == "" {
		return ""
	}
	if strings.HasPrefix(strings.ToLower(s), "www.") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.String()
}

var (
	doi     = regexp.MustCompile(`(?i)\b10\.\d{4,9}/[^\s"<>?#]+`)
	inPath  = regexp.MustCompile(`(?i)(?:/(?:full|abstract|abs|pdf|epdf|html|meta|fulltext|full-text|summary|references|v\d+)|(?:v\d+)?(?:\.(?:full|abstract|short|pdf))+|(?:\.full)?\.pdf)+/?$`)
	preVer  = regexp.MustCompile(`(?i)^(10\.(?:1101|64898|20944|21203|48550|31234|31219|26434|2139)/.*\d)(?:v|\.v|/v)\d+$`)
	unDOI   = regexp.MustCompile(`(?i)^(?:doi:\s*|info:doi/|urn:doi:|https?://(?:dx\.|www\.)?doi\.org/)`)
	sourced = regexp.MustCompile(`(?i)\s*(?:,\s*(?:published online|vol(?:ume|\.)?\s|articles? in press|iss\w* )|[;|]|\bdoi:).*$`)
)

// findDOI is the first DOI that the entry names, in lower case of its prefix
// and without the version that preprint servers add.
func findDOI(said []string, links ...string) string {
	for _, s := range said {
		s = strings.TrimSpace(s)
		if m := unDOI.FindString(s); m != "" || strings.HasPrefix(s, "10.") {
			if d := doi.FindString(s); d != "" {
				return trimDOI(d)
			}
		}
	}
	for _, l := range links {
		if decoded, err := url.PathUnescape(l); err == nil {
			l = decoded
		}
		if unDOI.MatchString(l) || strings.HasPrefix(l, "10.") || strings.Contains(l, "/10.") {
			if d := doi.FindString(l); d != "" {
				return trimDOI(inPath.ReplaceAllString(d, ""))
			}
		}
	}
	return ""
}

func trimDOI(d string) string {
	d = strings.TrimRight(d, ".,;:)]}>'\"")
	if m := preVer.FindStringSubmatch(d); m != nil {
		return m[1]
	}
	return d
}

// journalOf is where the entry was published.
func journalOf(n, head *node) string {
	for _, k := range n.all("prism:publicationname", "arxiv:journal_reference", "arxiv:journal_ref", "citation:journal_title", "dc:source", "dcterms:source") {
		s := plain(k.says())
		if k.name == "dc:source" || k.name == "dcterms:source" {
			s = sourced.ReplaceAllString(s, "")
		}
		if s = squeeze(s); s != "" && !absolute(s) && !strings.Contains(s, "issn:") && strings.ContainsFunc(s, func(r rune) bool { return r > '9' }) {
			return s
		}
	}
	for _, at := range []*node{head, head.first("channel")} {
		if at != nil {
			if k := at.first("prism:publicationname"); k != nil {
				return squeeze(plain(k.says()))
			}
		}
	}
	return ""
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// What stands before an abstract, or after it, and is none of it.
var (
	preface  = regexp.MustCompile(`(?s)^\s*arXiv:\S+\s+Announce Type:\s*(\S+)\s+Abstract:\s*`)                // arXiv's feeds
	online   = regexp.MustCompile(`^\s*[^.;<]{1,80}, Published online: [^;]{4,40};\s*(?:doi:)?\s*10\.\S+\s*`) // Nature's
	elsevier = regexp.MustCompile(`(?s)^\s*Publication date:\s*(.*?)\s*Source:\s*(.*?)\s*Author\(s\):\s*(.*?)\s*$`)
	pubmed   = regexp.MustCompile(`(?s)^.{0,600}?\bdoi: 10\.\S+.{0,300}?ABSTRACT\s*(.*?)\s*(?:PMID:.*)?$`)
	labelled = regexp.MustCompile(`^\s*(?:ABSTRACT|Abstract|Summary)\s*[:.–—-]\s+`)
	volume   = regexp.MustCompile(`^\s*,\s*(?:Volume\b.{0,120}?\d{4}\.|(?:EarlyView|Ahead of Print|Accepted Article|Early Access|Just Accepted)\b.{0,40}?\.)\s*`) // Wiley's, ACM's
	readOn   = regexp.MustCompile(`\s*(?:Continue reading\b.{0,200}→|\[(?:…|\.\.\.)\]|The post .{1,300} appeared first on .{1,200}\.)\s*$`)
	nothing  = regexp.MustCompile(`^\s*Comments\s*$`) // Hacker News
)

// bare is a description without what other elements say, or should say: then
// it goes there.
func (e *entry) bare(s string) string {
	s = squeeze(s)
	if m := elsevier.FindStringSubmatch(s); m != nil {
		e.dates = append(e.dates, m[1])
		e.journal = cmp.Or(e.journal, squeeze(sourced.ReplaceAllString(m[2], "")))
		if len(e.authors) == 0 {
			e.authors = []string{m[3]}
		}
		return ""
	}
	if m := preface.FindStringSubmatch(s); m != nil {
		s, e.announce = s[len(m[0]):], cmp.Or(e.announce, m[1])
	}
	if e.journal != "" && strings.HasPrefix(s, e.journal) {
		if m := volume.FindString(s[len(e.journal):]); m != "" {
			s = s[len(e.journal)+len(m):]
		}
	}
	s = online.ReplaceAllString(s, "")
	if m := pubmed.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	for _, names := range []string{strings.Join(e.authors, ", "), strings.Join(e.authors, " ")} {
		for _, before := range []string{"by ", "Author(s): ", "Authors: "} {
			if i := strings.Index(s[:min(len(s), 4000)], before+names); names != "" && (i == 0 || i > 0 && before == "Authors: ") {
				s = s[i+len(before)+len(names):]
			}
		}
	}
	return strings.TrimSpace(nothing.ReplaceAllString(readOn.ReplaceAllString(labelled.ReplaceAllString(s, ""), ""), ""))
}

var arxivCategory = regexp.MustCompile(`^[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]{2,}(?:-[a-z]+)*)?$`)

// paper is the entry as a paper of the source, and the day it names, if it names one.
func (e *entry) paper(source string) (p core.Paper, day core.Date, err error) {
	p.DOI = findDOI(e.dois, e.guid, e.link)
	for _, s := range []string{e.link, e.guid, p.DOI} {
		id, _, ok := core.ParsePaperID(s)
		if ok = ok && (absolute(s) || strings.HasPrefix(strings.ToLower(s), "oai:arxiv.org:") || s == p.DOI && s != ""); ok {
			p.ID = id
			break
		}
	}
	if p.ID != "" && strings.HasPrefix(strings.ToLower(p.DOI), "10.48550/") {
		p.DOI = "" // arXiv's own, which says what the id says
	}
	if p.ID == "" {
		p.Link = e.link
		if p.Link == "" && p.DOI != "" {
			p.Link = "https://doi.org/" + p.DOI
		}
		if p.Link == "" {
			return p, "", errors.New("an entry without a link")
		}
	}
	p.Title, p.Abstract, p.Journal, p.Sources = e.title, e.abstract, e.journal, []string{source}
	if e.announce != "" { // arXiv's own feed
		for _, c := range e.categories {
			if arxivCategory.MatchString(c) && p.ID != "" {
				p.Categories = append(p.Categories, c)
			}
		}
		p.Authors = byline.List(strings.Join(e.authors, ", "))
	} else {
		p.Authors = byline.Split(e.authors...)
	}
	if strings.TrimSpace(p.Title) == "" {
		p.Title = opening(p.Abstract)
	}
	for _, s := range e.dates {
		if day = dayOf(s); day != "" {
			break
		}
	}
	p.Clean()
	if p.Title == "" {
		return p, "", errors.New(cmp.Or(p.Link, string(p.ID)) + " has no title")
	}
	return p, day, nil
}

// opening is what a note without a title is called: its first words.
func opening(text string) string {
	const most = 12
	words := strings.Fields(text)
	for i, w := range words[:min(len(words), most)] {
		if strings.ContainsAny(w[len(w)-1:], ".!?") && i > 1 {
			return strings.Join(words[:i+1], " ")
		}
	}
	if len(words) > most {
		return strings.Join(words[:most], " ") + " …"
	}
	return strings.Join(words, " ")
}
