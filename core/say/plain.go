package say

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// Clean takes out of a stranger's text what has no picture but an effect:
// control characters, and those that turn the direction of the text around them
// (Unicode's bidirectional marks, embeddings, overrides and isolates). Line
// breaks and tabs stay.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r < ' ', r >= 0x7f && r < 0xa0, r == unicode.ReplacementChar,
			r == 0x200e, r == 0x200f, r == 0x061c,
			r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069,
			r >= 0xe0000 && r <= 0xe007f: // invisible tags
			return -1
		}
		return r
	}, s)
}

// OneLine is a text cleaned and with a space for whatever would break its line.
func OneLine(s string) string {
	return Clean(strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\t', '\r', '\v', '\f', 0x85, 0x2028, 0x2029:
			return ' '
		}
		return r
	}, s))
}

// Length counts UTF-16 units, the strictest of the units that a platform might
// mean by a character.
func Length(s string) (n int) {
	for _, r := range s {
		n += units(r)
	}
	return n
}

func units(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// Shorten cuts s to at most n UTF-16 units, the last of them an ellipsis, before
// which no space and no half of an escape is left.
func Shorten(s string, n int) string {
	if Length(s) <= n {
		return s
	}
	size := 1
	for i, r := range s {
		if size += units(r); size > n {
			return strings.TrimRight(s[:i], ` \`) + "…"
		}
	}
	return s
}

// Href lets a link pass that leads to a web page and carries no password; of
// all others it gives "". What is not visible ASCII is written as %XX, and so
// are the characters of ends, which would end it where it is to stand.
func Href(s, ends string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return ""
	}
	var b strings.Builder
	for _, c := range []byte(u.String()) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(ends, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
