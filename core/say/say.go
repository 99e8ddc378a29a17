// Package say builds the sentences Paperboy speaks.
//
// In: a format written by us, in which *bold*, _italic_ and `code` are marks,
// and arguments that may be anybody's text. Out: a Text, a list of spans that
// a platform's renderer turns into its own markup.
//
// Promise: an argument is never read as markup. Titles, names and queries
// come from strangers; here they are data, and each renderer escapes them
// once, at the edge. No other package writes markup.
package say

import (
	"fmt"
	"strings"
	"time"
)

// Style is how a span looks.
type Style string

// The styles every platform can show.
const (
	Plain  Style = ""
	Bold   Style = "bold"
	Italic Style = "italic"
	Code   Style = "code"
	Strike Style = "strike"
)

// Span is a run of characters in one style; with a URL it is a link.
type Span struct {
	Text  string `json:"text"`
	Style Style  `json:"style,omitempty"`
	URL   string `json:"url,omitempty"` // http or https only; the renderer refuses others
	// Command is the command that Text, its words in full, begins with, without the
	// slash: "papers schedule". A renderer may make it something to tap.
	Command string `json:"command,omitempty"`
	// At is the moment that Text tells, in Unix seconds. A renderer may show it in
	// each reader's own zone.
	At int64 `json:"at,omitempty"`
}

// Text is one paragraph.
type Text []Span

// marks maps the mark in a format to its style.
var marks = map[byte]Style{'*': Bold, '_': Italic, '`': Code, '~': Strike}

// Say is fmt.Sprintf for people: the format's *bold*, _italic_, `code` and
// ~strike~ become styles, and each verb (%s, %d, %.1f, …) is filled with its
// argument as plain characters in the style around it. An argument that is
// itself a Text or Span is inserted with its own styles. A mark is doubled to
// stand for itself.
func Say(format string, args ...any) Text {
	var t Text
	var b strings.Builder
	style := Plain
	flush := func() {
		if b.Len() > 0 {
			t = append(t, Span{Text: b.String(), Style: style})
			b.Reset()
		}
	}
	next := 0
	arg := func() any {
		if next >= len(args) {
			return "%!(missing)"
		}
		next++
		return args[next-1]
	}
	for i := 0; i < len(format); i++ {
		c := format[i]
		if s, ok := marks[c]; ok && (style == Plain || style == s) {
			if i+1 < len(format) && format[i+1] == c {
				b.WriteByte(c)
				i++
				continue
			}
			flush()
			if style == Plain {
				style = s
			} else {
				style = Plain
			}
			continue
		}
		if c != '%' || i+1 >= len(format) {
			b.WriteByte(c)
			continue
		}
		verb := i
		for i++; i+1 < len(format) && strings.IndexByte("+-# .0123456789", format[i]) >= 0; i++ {
		}
		if format[i] == '%' {
			b.WriteByte('%')
			continue
		}
		switch a := arg().(type) {
		case Text:
			flush()
			t = append(t, a...)
		case Span:
			flush()
			t = append(t, a)
		default:
			fmt.Fprintf(&b, format[verb:i+1], a)
		}
	}
	flush()
	return t
}

// Link is a piece of text that leads somewhere.
func Link(text, url string) Span { return Span{Text: text, URL: url} }

// At is a moment, and how it is told where nobody's zone is known.
func At(t time.Time, text string) Span { return Span{Text: text, At: t.Unix()} }

// Join puts texts one after another with sep between them. Empty texts are
// left out, and so is the sep beside them.
func Join(sep string, texts ...Text) Text {
	var out Text
	for _, t := range texts {
		if len(t) > 0 && len(out) > 0 && sep != "" {
			out = append(out, Span{Text: sep})
		}
		out = append(out, t...)
	}
	return out
}

// String is the text without styles, as a terminal, a log or a notification
// shows it. Code keeps its back-ticks, because without them a command is hard
// to tell from the sentence around it.
func (t Text) String() string {
	var b strings.Builder
	for _, s := range t {
		if s.Style == Code {
			b.WriteString("`" + s.Text + "`")
		} else {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}
