package kit

import (
	"strings"
	"unicode/utf8"

	"paperboy/core/say"
)

// Writer writes a message's text up to a limit, which counts UTF-16 units as
// they are sent: after escaping. What each platform escapes, and how it marks
// bold, is the adapter's to say.
type Writer struct {
	strings.Builder
	Room int  // what is left
	Full bool // something was cut: nothing more is written
}

// Mark writes our own markup, whole or not at all.
func (w *Writer) Mark(s string) bool {
	if w.Full || say.Length(s) > w.Room {
		w.Full = true
		return false
	}
	w.WriteString(s)
	w.Room -= say.Length(s)
	return true
}

// Escape writes a stranger's text with escape applied to each of its characters
// (at i in s), cuts where room ends, between two of them, and returns what found
// none. The ellipsis, if any, finds room at the cut.
func (w *Writer) Escape(s, ellipsis string, escape func(i int, r rune) string) (rest string) {
	for i, r := range s {
		out := escape(i, r)
		need := say.Length(out)
		if _, size := utf8.DecodeRuneInString(s[i:]); i+size < len(s) {
			need += say.Length(ellipsis)
		}
		if w.Full || need > w.Room {
			w.Mark(ellipsis)
			w.Full = true
			return s[i:]
		}
		w.WriteString(out)
		w.Room -= say.Length(out)
	}
	return ""
}

// Enclose writes a text between two marks, which stand at its first and its last
// letter, not at a space, and never one without the other. words writes what is
// between them.
func (w *Writer) Enclose(open, shut, text string, words func(string)) {
	inner := strings.TrimSpace(text)
	before, after, _ := strings.Cut(text, inner)
	w.Mark(before)
	if w.Full || say.Length(open+shut)+1 > w.Room {
		w.Full = true
		return
	}
	w.Mark(open)
	w.Room -= say.Length(shut)
	words(inner)
	w.WriteString(shut)
	w.Mark(after)
}

// Preformatted is a stranger's text that may stand between ``` and ```.
func Preformatted(s string) string {
	return strings.TrimRight(strings.ReplaceAll(say.Clean(s), "```", "``\u200b`"), "\n")
}

// Href is say.Href for a platform that takes addresses of at most max bytes.
func Href(s, ends string, max int) string {
	if s = say.Href(s, ends); len(s) > max {
		return ""
	}
	return s
}
