package feed

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What an element is for a reader of its text.
type class uint8

const (
	inline  class = 1 << iota // says nothing by itself
	block                     // parts words
	void                      // has no end
	lonely                    // may lack its end
	hidden                    // holds nothing for readers
	heading                   // may say no more than "Abstract"
)

// elements are HTML's, MathML's and JATS's (the markup of journals' articles).
// Everything else that looks like a tag is text: "Let's <think> about it".
var elements = func() map[string]class {
	m := map[string]class{}
	for _, row := range []struct {
		class class
		names string
	}{
		{inline, `a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike strong sub sup time tt u var ruby rb rt rp
			nobr center button picture video audio form select textarea
			math mi mn mo ms mtext mrow msub msup msubsup mfrac msqrt mroot mover munder munderover mstyle mtable mtr mtd mfenced menclose mpadded
			mphantom mmultiscripts merror maction semantics
			italic bold sc roman sans-serif monospace overline underline inline-formula disp-formula tex-math alternatives xref ext-link uri email
			named-content styled-content abbrev inline-supplementary-material ce:italic ce:bold ce:inf ce:sup inf`},
		{block, `div ul ol dl table tbody thead tfoot caption blockquote pre section article header footer main aside nav address figure figcaption details summary
			fieldset legend body html h1 h2 h3 h4 h5 h6 title sec list list-item abstract label disp-quote boxed-text fig table-wrap trans-title`},
		{block | lonely, `p li dt dd tr td th option`},
		{block | void, `br hr`},
		{void, `img wbr input link meta source track area col embed base param mspace none mprescripts inline-graphic graphic break`},
		{hidden, `script style svg iframe object template annotation annotation-xml head noscript canvas map`},
	} {
		for _, name := range strings.Fields(row.names) {
			m[name] |= row.class
		}
	}
	for _, name := range strings.Fields(`title h1 h2 h3 h4 h5 h6 b strong bold p div`) {
		m[name] |= heading
	}
	return m
}()

// piece is text or a tag.
type piece struct {
	tag
	text  string
	class class
	local string // the element's name without prefix
	match int    // of a start, the place of its end; of an end, that behind its start; 0: it has none
}

// plain is what a reader sees of a piece of HTML, MathML or JATS. Markup that
// was escaped once too often is markup too, as far as its tags fit together.
func plain(s string) string {
	for pass := range 3 {
		if !strings.ContainsAny(s, "<&") {
			break
		}
		t := strip(s, pass > 0)
		if t == s {
			break
		}
		s = t
	}
	return strings.Map(allowed, s)
}

// strip takes away one layer of markup. strict is for text that was markup
// already: there only what opens and closes is a tag, and only names with a
// semicolon are references.
func strip(s string, strict bool) string {
	unescape := html.UnescapeString
	if strict {
		unescape = decoded
	}
	if !strings.Contains(s, "<") {
		return unescape(s)
	}
	pieces, tex := pair(s)
	var b strings.Builder
	type level struct {
		name  string
		piece int
		kids  int
		begun int // bytes written before it
	}
	var open []level
	hide, math := 0, 0 // until which piece nothing is shown; how deep in formulas
	last := func() rune { r, _ := utf8.DecodeLastRuneInString(b.String()); return r }
	for i, p := range pieces {
		switch {
		case i < hide:
		case p.name == "" && math > 0 && len(open) > 0 && open[len(open)-1].name == "mtext":
			b.WriteString(unescape(p.text))
		case p.name == "" && math > 0:
			b.WriteString(strings.Join(strings.Fields(unescape(p.text)), " "))
		case p.name == "" || p.class == 0:
			b.WriteString(unescape(p.text))
		case p.end:
			n := len(open) - 1
			for n >= 0 && open[n].piece >= p.match {
				n--
			}
			if n >= 0 && open[n].piece == p.match-1 {
				begun := open[n].begun
				if p.class&heading != 0 && b.Len()-begun < 40 && isHeading(b.String()[begun:]) && strings.TrimSpace(b.String()[:begun]) == "" {
					b.Reset()
				}
				open = open[:n]
			}
			switch {
			case p.local == "math":
				math = max(0, math-1)
			case p.local == "mfenced":
				b.WriteByte(')')
			case p.class&block != 0:
				b.WriteByte(' ')
			}
		case p.class&void != 0 && (p.class&block != 0 || p.local == "wbr" || p.attrs != "") || p.empty || p.match > 0 || p.class&lonely != 0 && !strict && plainAttrs(p.tag):
			if strict && p.class&void != 0 && p.local != "br" {
				b.WriteString(p.text)
				continue
			}
			if n := len(open); math > 0 && n > 0 {
				if open[n-1].kids++; open[n-1].kids == 2 {
					switch open[n-1].name {
					case "mfrac":
						b.WriteByte('/')
					case "msup":
						if unicode.IsDigit(last()) {
							b.WriteByte('^')
						}
					}
				}
			}
			switch {
			case p.class&block != 0:
				b.WriteByte(' ')
			case p.local == "sup" && unicode.IsDigit(last()) && power(pieces[i+1:]):
				b.WriteByte('^') // 10<sup>6</sup> is not 106
			case p.local == "img":
				b.WriteString(alt(p.tag))
			case p.local == "mfenced":
				b.WriteByte('(')
			case p.local == "msqrt":
				b.WriteRune('√')
			case p.local == "math" && p.match > 0:
				math++
			}
			if p.class&hidden != 0 || p.local == "tex-math" && tex || strings.Contains(p.attrs, "aria-hidden") && p.attr("aria-hidden") == "true" {
				if p.local == "script" && strings.HasPrefix(p.attr("type"), "math/tex") && p.match == i+2 {
					b.WriteString("$" + pieces[i+1].text + "$")
				}
				hide = p.match
			}
			if p.match > 0 && i >= hide {
				open = append(open, level{name: p.local, piece: i, begun: b.Len()})
			}
		default:
			b.WriteString(unescape(p.text)) // a sign
		}
	}
	return b.String()
}

// pair cuts s into text and tags, and finds each start's end. tex reports
// whether formulas in TeX have their like in MathML beside them.
func pair(s string) (pieces []piece, tex bool) {
	open := map[string][]int{}
	math, twice := false, false
	noComment := false
	from := 0
	text := func(to int) {
		if to > from {
			pieces = append(pieces, piece{text: s[from:to]})
		}
	}
	for i := 0; i < len(s); {
		n := strings.IndexByte(s[i:], '<')
		if n < 0 {
			break
		}
		i += n
		if !noComment && strings.HasPrefix(s[i:], "<!--") {
			if n := strings.Index(s[i:], "-->"); n > 0 {
				text(i)
				i += n + 3
				from = i
				continue
			}
			noComment = true
		}
		t, ok := tagAt(s, i, false)
		if !ok {
			i++
			continue
		}
		text(i)
		p := piece{tag: t, text: t.raw}
		prefix, local, prefixed := strings.Cut(strings.ToLower(t.name), ":")
		if !prefixed {
			local = prefix
		}
		p.local, p.class = local, elements[local]
		if prefixed && p.class == 0 && (prefix == "mml" || prefix == "jats" || prefix == "m" || prefix == "ce") {
			p.class = inline
		}
		pieces = append(pieces, p)
		at := len(pieces) - 1
		name := strings.ToLower(t.name)
		switch {
		case p.class == 0 || p.class&void != 0 || p.empty:
		case !p.end:
			open[name] = append(open[name], at)
			math, twice = math || local == "math", twice || local == "alternatives"
		default:
			if starts := open[name]; len(starts) > 0 {
				start := starts[len(starts)-1]
				pieces[start].match, pieces[at].match = at, start+1
				open[name] = starts[:len(starts)-1]
			} else if p.class&block == 0 {
				pieces[at].class = 0 // the end of nothing is text
			}
		}
		i += len(t.raw)
		from = i
	}
	text(len(s))
	return pieces, math && twice
}

// plainAttrs reports whether a tag that is never closed looks like one all the
// same: "n <p and q> m" does not.
func plainAttrs(t tag) bool {
	good := true
	t.each(func(_, value string) { good = good && value != "" })
	return good
}

// power reports whether the text that comes next is an exponent.
func power(next []piece) bool {
	if len(next) == 0 || next[0].name != "" {
		return false
	}
	r, n := utf8.DecodeRuneInString(html.UnescapeString(strings.TrimSpace(next[0].text)))
	return n > 0 && (unicode.IsDigit(r) || r == '-' || r == '−' || r == '–' || r == '+')
}

var picture = regexp.MustCompile(`(?i)\b(?:latex|tex|math|equation|formula|emoji|wp-smiley)\b`)

// alt is what stands for a picture of a formula or of one sign.
func alt(t tag) string {
	s := t.attr("alt")
	if strings.HasPrefix(s, "$") || strings.HasPrefix(s, `\(`) || strings.HasPrefix(s, `\[`) || picture.MatchString(t.attr("class")) || picture.MatchString(t.attr("src")) {
		return s
	}
	return ""
}

func isHeading(s string) bool {
	switch strings.ToLower(strings.Trim(s, " \t\r\n:.")) {
	case "abstract", "summary", "résumé", "zusammenfassung", "resumen":
		return true
	}
	return false
}
