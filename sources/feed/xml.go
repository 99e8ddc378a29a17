package feed

import (
	"net/url"
	"slices"
	"strings"
)

// node is an element of an entry, or a piece of text.
type node struct {
	name   string // as names has it: "title", "dc:creator"; "" for text
	tag    tag    // its start
	text   string // of a piece of text
	kids   []*node
	closed bool     // its end came
	base   *url.URL // what its links are relative to
	scope  scope
}

// scope is which prefix stands for which namespace.
type scope map[string]string

// Namespaces that we know, by what their addresses contain, and the prefix that
// they have here, whatever the feed calls them.
var namespaces = []struct{ part, prefix string }{
	{"purl.org/rss/1.0/modules/content", "content"}, {"purl.org/rss/1.0", ""}, {"netscape.com/rdf/simple", ""}, {"backend.userland.com/rss", ""},
	{"purl.org/dc/elements", "dc"}, {"purl.org/dc/terms", "dcterms"}, {"prismstandard.org/namespaces", "prism"}, {"search.yahoo.com/mrss", "media"},
	{"arxiv.org/schemas/atom", "arxiv"}, {"www.w3.org/1998/math/mathml", "mml"}, {"jats", "jats"}, {"www.w3.org/1999/xhtml", ""},
	{"www.w3.org/1999/02/22-rdf-syntax", "rdf"}, {"itunes.com/dtds", "itunes"}, {"rssnamespace.org/feedburner", "feedburner"},
	{"www.w3.org/2005/atom", "atom"}, {"purl.org/atom/ns", "atom"},
}

// Limits of what a tree may take; no entry of a publisher comes near.
const (
	deepest   = 100
	mostNodes = 100_000
)

// document is a feed in XML while it is read.
type document struct {
	kind  string // "rss", "rdf", "feed"; "" when it is none
	whole bool   // its root was closed
	head  *node  // the elements beside the entries
	entry func(*node)
	stop  bool // set by entry: no more of them

	open   []*node
	atom   string // the prefix of Atom's elements
	nodes  int    // of this entry
	beside int    // of the head
}

// room counts one node more and reports whether it may be kept.
func (d *document) room() bool {
	n := &d.beside
	if d.inEntry() > 0 {
		n = &d.nodes
	}
	*n++
	return *n < mostNodes
}

// What XML puts between brackets of its own.
var brackets = [3]struct{ begin, end string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}}

// read reads a feed and hands on its entries, one by one; what is no XML is
// text. An entry ends where the next begins, whatever is still open in it.
func (d *document) read(s string, base *url.URL) {
	root := &node{base: base, scope: scope{}}
	d.head = root
	d.open = []*node{root}
	var none [3]bool // no more ends of comments, data, instructions
	from := 0        // where the text before i begins
	for i := 0; i < len(s) && !d.stop; {
		n := strings.IndexByte(s[i:], '<')
		if n < 0 {
			break
		}
		i += n
		rest := s[i:]
		length, data := 0, ""
		for k, b := range brackets {
			if !none[k] && strings.HasPrefix(rest, b.begin) {
				n := strings.Index(rest[len(b.begin):], b.end)
				if none[k] = n < 0; n >= 0 {
					length, data = len(b.begin)+n+len(b.end), rest[len(b.begin):len(b.begin)+n]
				}
			}
		}
		if d.kind == "" && length == 0 && strings.HasPrefix(rest, "<!") { // <!DOCTYPE, with its own rules in brackets
			length = strings.IndexByte(rest, '>') + 1
			if strings.Contains(rest[:length], "[") {
				length = strings.Index(rest, "]>") + 2
			}
			if length < 2 {
				return
			}
		}
		var t tag
		ok := false
		if length == 0 {
			if t, ok = tagAt(s, i, true); !ok {
				i++ // a sign
				continue
			}
			length = len(t.raw)
		}
		d.said(decoded(s[from:i]))
		switch {
		case ok && t.end:
			d.closes(t)
		case ok:
			if d.opens(t); d.kind == "" {
				return
			}
		case strings.HasPrefix(rest, "<![CDATA["):
			d.said(data)
		}
		i += length
		from = i
	}
	d.said(decoded(s[from:]))
	if e := d.inEntry(); e > 0 && d.whole {
		d.leave(e)
	}
}

// said takes text.
func (d *document) said(s string) {
	if d.kind == "" || s == "" {
		return
	}
	top := d.open[len(d.open)-1]
	if d.inEntry() == 0 && len(d.open) <= 3 && strings.TrimSpace(s) == "" {
		return
	}
	if d.room() {
		top.kids = append(top.kids, &node{text: s})
	}
}

// inEntry is the place of the open entry among what is open, 0 when there is none.
func (d *document) inEntry() int {
	for i := 1; i < len(d.open); i++ {
		if d.isEntry(d.open[i].name) {
			return i
		}
	}
	return 0
}

func (d *document) isEntry(name string) bool {
	return d.kind == "feed" && name == "entry" || d.kind != "feed" && name == "item"
}

func (d *document) opens(t tag) {
	top := d.open[len(d.open)-1]
	n := &node{tag: t, base: top.base, scope: top.scope}
	if strings.Contains(t.attrs, "xmlns") || strings.Contains(t.attrs, "xml:base") {
		own := false
		t.each(func(name, value string) {
			prefix, ns := strings.CutPrefix(name, "xmlns:")
			switch {
			case name == "xml:base":
				if u, err := url.Parse(strings.TrimSpace(value)); err == nil {
					if n.base == nil {
						n.base = u
					} else {
						n.base = n.base.ResolveReference(u)
					}
				}
			case ns, name == "xmlns":
				if !own {
					own, n.scope = true, clone(n.scope)
				}
				if !ns {
					prefix = ""
				}
				n.scope[strings.ToLower(prefix)] = strings.ToLower(value)
			}
		})
	}
	if d.kind == "" {
		_, local, found := strings.Cut(strings.ToLower(t.name), ":")
		if !found {
			local = strings.ToLower(t.name)
		}
		if local != "rss" && local != "rdf" && local != "feed" {
			return
		}
		if d.kind, d.atom = local, "atom:"; local == "feed" {
			d.atom = ""
		}
	}
	n.name = d.name(t.name, n.scope)
	if d.isEntry(n.name) {
		if e := d.inEntry(); e > 0 {
			d.leave(e)
		}
		d.nodes = 0
	} else if d.room() {
		top.kids = append(top.kids, n)
	}
	if t.empty {
		n.closed = true
		if d.isEntry(n.name) {
			d.entry(n)
		}
		return
	}
	if len(d.open) < deepest {
		d.open = append(d.open, n)
	}
}

func clone(s scope) scope {
	c := make(scope, len(s)+1)
	for k, v := range s {
		c[k] = v
	}
	return c
}

// name is an element's name in lower case under our own prefix.
func (d *document) name(written string, s scope) string {
	prefix, local, found := strings.Cut(strings.ToLower(written), ":")
	if !found {
		prefix, local = "", prefix
	}
	if uri, ok := s[prefix]; ok {
		for _, ns := range namespaces {
			if strings.Contains(uri, ns.part) {
				prefix = ns.prefix
				break
			}
		}
	}
	switch prefix {
	case "":
		return local
	case "atom", "a10":
		return d.atom + local
	}
	return prefix + ":" + local
}

func (d *document) closes(t tag) {
	name := strings.ToLower(t.name)
	for i := len(d.open) - 1; i > 0; i-- {
		if strings.ToLower(d.open[i].tag.name) != name {
			continue
		}
		d.open[i].closed = true
		if e := d.inEntry(); e > 0 && i <= e {
			if i == e {
				e = i
			}
			d.leave(e)
		}
		d.open = d.open[:min(i, len(d.open))]
		d.whole = i == 1
		return
	}
}

// leave ends the entry at that place.
func (d *document) leave(at int) {
	n := d.open[at]
	d.open = d.open[:at]
	d.entry(n)
}

// all are the children of those names, in the order of the names.
func (n *node) all(names ...string) (out []*node) {
	for _, name := range names {
		for _, k := range n.kids {
			if k.name == name && name != "" {
				out = append(out, k)
			}
		}
	}
	return out
}

// first is the first child of one of the names that says something.
func (n *node) first(names ...string) *node {
	for _, k := range n.all(names...) {
		if k.says() != "" {
			return k
		}
	}
	return nil
}

// says is all text in the element, trimmed.
func (n *node) says() string {
	if n == nil {
		return ""
	}
	if len(n.kids) == 1 && n.kids[0].name == "" {
		return strings.TrimSpace(n.kids[0].text)
	}
	var b strings.Builder
	n.write(&b)
	return strings.TrimSpace(b.String())
}

func (n *node) write(b *strings.Builder) {
	b.WriteString(n.text)
	for _, k := range n.kids {
		k.write(b)
	}
}

// nested reports whether there are elements in it.
func (n *node) nested() bool {
	return slices.ContainsFunc(n.kids, func(k *node) bool { return k.name != "" })
}

// markup writes what is in the element as HTML.
func (n *node) markup(b *strings.Builder) {
	for _, k := range n.kids {
		switch {
		case k.name == "":
			b.WriteString(escaper.Replace(k.text))
		case !k.closed: // a sign that looked like a tag
			b.WriteString(escaper.Replace(k.tag.raw))
			k.markup(b)
		default:
			b.WriteByte('<')
			b.WriteString(k.name)
			b.WriteString(k.tag.attrs)
			b.WriteByte('>')
			k.markup(b)
			b.WriteString("</" + k.name + ">")
		}
	}
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
