package feed

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// tag is a tag of XML or HTML.
type tag struct {
	raw   string // as it stands, with its brackets
	name  string // as written: "dc:creator"
	attrs string // what stands behind the name
	end   bool   // </name>
	empty bool   // <name/>
}

func nameStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

func nameByte(c byte) bool {
	return nameStart(c) || '0' <= c && c <= '9' || c == '-' || c == '.' || c == ':'
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// tagAt reads the tag that begins at s[i], a '<'. ok is false where it begins
// none: then it is a sign. A tag has well-formed attributes; XML's have values,
// and no '<' in them, so that a sign among prose takes nothing along. It looks
// no farther than the next '<' outside of quotation marks.
func tagAt(s string, i int, xml bool) (t tag, ok bool) {
	p := i + 1
	if p < len(s) && s[p] == '/' {
		t.end = true
		p++
	}
	from := p
	if p >= len(s) || !nameStart(s[p]) {
		return t, false
	}
	for p < len(s) && nameByte(s[p]) {
		p++
	}
	t.name = s[from:p]
	attrs := p
	for {
		gap := p
		for p < len(s) && space(s[p]) {
			p++
		}
		if p >= len(s) {
			return t, false
		}
		switch {
		case s[p] == '>':
			t.attrs, t.raw = s[attrs:p], s[i:p+1]
			return t, true
		case s[p] == '/' && p+1 < len(s) && s[p+1] == '>':
			t.attrs, t.raw, t.empty = s[attrs:p], s[i:p+2], true
			return t, !t.end
		case t.end || p == gap || !nameStart(s[p]):
			return t, false
		}
		for p < len(s) && nameByte(s[p]) {
			p++
		}
		after := p
		for p < len(s) && space(s[p]) {
			p++
		}
		if p >= len(s) || s[p] != '=' {
			if xml {
				return t, false
			}
			p = after
			continue
		}
		for p++; p < len(s) && space(s[p]); p++ {
		}
		if p >= len(s) {
			return t, false
		}
		if quote := s[p]; quote == '"' || quote == '\'' {
			n := strings.IndexByte(s[p+1:], quote)
			if n < 0 {
				return t, false
			}
			if xml {
				if sign := strings.IndexByte(s[p+1:p+1+n], '<'); sign >= 0 {
					return t, false
				}
			}
			p += n + 2
			if p < len(s) && nameStart(s[p]) {
				return t, false
			}
			continue
		}
		value := p
		for p < len(s) && !space(s[p]) && s[p] != '>' && s[p] != '<' && s[p] != '"' && s[p] != '\'' {
			p++
		}
		if p == value {
			return t, false
		}
	}
}

// each calls visit with the tag's attributes, their names as written.
func (t tag) each(visit func(name, value string)) {
	s := t.attrs
	for {
		s = strings.TrimLeft(s, " \t\r\n\f")
		n := 0
		for n < len(s) && nameByte(s[n]) {
			n++
		}
		if n == 0 {
			return
		}
		name := s[:n]
		s = strings.TrimLeft(s[n:], " \t\r\n\f")
		if !strings.HasPrefix(s, "=") {
			visit(name, "")
			continue
		}
		s = strings.TrimLeft(s[1:], " \t\r\n\f")
		if s == "" {
			return
		}
		var value string
		if s[0] == '"' || s[0] == '\'' {
			value, s, _ = strings.Cut(s[1:], s[:1])
		} else if n = strings.IndexAny(s, " \t\r\n\f"); n >= 0 {
			value, s = s[:n], s[n:]
		} else {
			value, s = s, ""
		}
		visit(name, decoded(value))
	}
}

// attr is an attribute of the tag; "" when it has none.
func (t tag) attr(name string) (value string) {
	t.each(func(n, v string) {
		if strings.EqualFold(n, name) {
			value = v
		}
	})
	return value
}

var reference = regexp.MustCompile(`&(?:#(?:[0-9]{1,9}|[xX][0-9a-fA-F]{1,8})|[A-Za-z][A-Za-z0-9]{1,30});(?:&#(?:[0-9]{1,9}|[xX][0-9a-fA-F]{1,8});)?`)

// decoded is text whose references end in a semicolon, as XML's do. What may
// not stand in XML becomes U+FFFD; halves of a pair of UTF-16 that stand
// together are the character that was meant.
func decoded(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	return reference.ReplaceAllStringFunc(s, func(ref string) string {
		one, two, _ := strings.Cut(ref, ";")
		two = strings.TrimSuffix(two, ";")
		if a, b := codePoint(one), codePoint(two); utf16.IsSurrogate(a) && utf16.IsSurrogate(b) {
			return string(utf16.DecodeRune(a, b))
		}
		out := character(one)
		if two != "" {
			out += character(two)
		}
		return out
	})
}

// codePoint is the number in "&#29"; -1 where there is none.
func codePoint(ref string) rune {
	digits, ok := strings.CutPrefix(ref, "&#")
	if !ok {
		return -1
	}
	base := 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseInt(digits, base, 32)
	if err != nil {
		return -1
	}
	return rune(n)
}

// character is what "&eacute" or "&#233" stands for; HTML's names count too,
// because publishers use them without saying so.
func character(ref string) string {
	return strings.Map(allowed, html.UnescapeString(ref+";"))
}

// allowed keeps XML's characters and makes U+FFFD of all others.
func allowed(r rune) rune {
	if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f || r&0xfffe == 0xfffe || 0xfdd0 <= r && r <= 0xfdef {
		return utf8.RuneError
	}
	return r
}
