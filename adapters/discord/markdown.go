package discord

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"paperboy/adapters/kit"
	"paperboy/core/say"
)

// writer writes Discord's markdown.
type writer struct {
	kit.Writer
	papers string // the id of /papers where this is read; "": not known
	label  bool   // inside a link's text
}

func (d drawer) writer(room int) *writer {
	return &writer{Writer: kit.Writer{Room: room}, papers: d.papers}
}

// text is a paragraph in at most so many characters, "" where it says nothing.
func (d drawer) text(t say.Text, room int) string {
	if strings.TrimSpace(t.String()) == "" {
		return ""
	}
	w := d.writer(room)
	w.text(t)
	return w.String()
}

func (w *writer) text(t say.Text) {
	for _, s := range t {
		w.span(s)
	}
}

// line is a paragraph below what is there.
func (w *writer) line(t say.Text) {
	if strings.TrimSpace(t.String()) == "" {
		return
	}
	if w.Len() > 0 {
		w.Mark("\n")
	}
	w.text(t)
}

var styleMark = map[say.Style]string{say.Bold: "**", say.Italic: "*", say.Strike: "~~", say.Code: "`"}

// span writes a span between its marks. A link's address stands in <>, so that
// no preview grows under the message.
func (w *writer) span(s say.Span) {
	if s.Command != "" && w.command(s) || s.At != 0 && w.moment(s.At) {
		return
	}
	text := say.OneLine(s.Text)
	if strings.TrimSpace(text) == "" || s.Style == say.Plain && s.URL == "" {
		w.escaped(text)
		return
	}
	if s.Style == say.Strike { // its end counts though it is escaped
		text = strings.ReplaceAll(text, "~", "∼")
	}
	open, shut := styleMark[s.Style], styleMark[s.Style]
	if u := href(s.URL); u != "" && s.Style != say.Code {
		open, shut = open+"[", "](<"+u+">)"+shut
		w.label, text = true, inPairs(text)
		defer func() { w.label = false }()
	}
	w.Enclose(open, shut, text, func(inner string) {
		if s.Style == say.Code {
			w.code(inner)
		} else {
			w.escaped(inner)
		}
	})
}

// inPairs is a text in which each bracket has its other: one without, escaped or
// not, is taken for the end of the link's own text. It becomes a wide one.
func inPairs(s string) string {
	out := []rune(s)
	var open []int
	for i, r := range out {
		switch {
		case r == '[':
			open = append(open, i)
		case r == ']' && len(open) > 0:
			open = open[:len(open)-1]
		case r == ']':
			out[i] = '］'
		}
	}
	for _, i := range open {
		out[i] = '［'
	}
	return string(out)
}

// code writes what stands between back-ticks, where nothing is read as markup but
// their end.
func (w *writer) code(s string) {
	code := say.Shorten(verbatim(strings.ReplaceAll(s, "`", "ˋ")), w.Room)
	w.Mark(code)
	w.Full = w.Full || say.Length(code) < say.Length(s)
}

// verbatim is code without what ends something that began in the words before it:
// a reader looks for ends in code as well.
func verbatim(s string) string {
	out := []byte(strings.ReplaceAll(s, "](", "］("))
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] == '_' && (i+1 == len(out) || !isWord(out[i+1])) {
			out = slices.Replace(out, i, i+1, []byte("ˍ")...)
		}
	}
	return string(out)
}

// command writes a command as something to tap, its options after it. It does not
// where it has no room, or where nobody knows the command's id.
func (w *writer) command(s say.Span) bool {
	options, ok := strings.CutPrefix(say.OneLine(s.Text), "/"+s.Command)
	if w.papers == "" || !ok || strings.Trim(s.Command, "abcdefghijklmnopqrstuvwxyz ") != "" {
		return false
	}
	out := "</" + s.Command + ":" + w.papers + ">"
	if options = strings.TrimSpace(options); options != "" {
		out += " `" + verbatim(strings.ReplaceAll(options, "`", "ˋ")) + "`"
	}
	return say.Length(out) <= w.Room && w.Mark(out)
}

// moment writes a moment as everybody reads it in their own zone, and how far away
// it is.
func (w *writer) moment(unix int64) bool {
	out := fmt.Sprintf("<t:%d:f> (<t:%[1]d:R>)", unix)
	return say.Length(out) <= w.Room && w.Mark(out)
}

// escaped writes a stranger's text so that it stays text, cut where room ends.
func (w *writer) escaped(s string) {
	cut := s
	for room := w.Room; !w.Full; {
		out := w.escape(cut)
		over := say.Length(out) - w.Room
		if over <= 0 {
			w.Mark(out)
			w.Full = cut != s
			return
		}
		if room = min(room, say.Length(cut)) - over; room < 1 {
			room = 1
		}
		if next := say.Shorten(s, room); next != cut {
			cut = next
		} else { // not even its first sign
			w.Mark("…")
			w.Full = true
		}
	}
}

// escape puts a backslash before what would format, link or mention where it
// stands, and before nothing else: some notifications and the search show it.
func (w *writer) escape(s string) string {
	before := w.String()
	out := []byte(before[strings.LastIndexByte(before, '\n')+1:])
	from := len(out)
	for i, size := 0, 0; i < len(s); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(s[i:])
		if r < utf8.RuneSelf && w.formats(out, byte(r), s[i+size:]) {
			out = append(out, '\\')
		}
		out = append(out, s[i:i+size]...)
	}
	return string(out[from:])
}

// formats reports whether a character would be read as markup after what stands on
// its line, which is escaped already, and before what follows. An empty after may
// go on in any way.
func (w *writer) formats(before []byte, c byte, after string) bool {
	var next byte
	if after != "" {
		next = after[0]
	}
	switch c {
	case '*', '`':
		return true
	case '\\': // takes the meaning from a sign
		return !isWord(next) && next != ' '
	case '_': // closes at a word's end; inside of one it would open what nothing closes
		return !isWord(next) || len(before) == 0 || !isWord(before[len(before)-1])
	case '~', '|':
		return after == "" || next == c || len(before) > 0 && before[len(before)-1] == c
	case '<': // mentions, addresses, moments, emoji: none of them goes on like a comparison
		end := strings.IndexAny(after, " :>")
		return end < 0 || after[end] != ' ' || end > 0 && next != '=' && (next < '0' || next > '9')
	case '@':
		return startsAs(after, "everyone") || startsAs(after, "here")
	case '(': // after it one of ours may look as if it led there
		return len(before) > 0 && before[len(before)-1] == ']'
	case '[': // one of ours may end what it begins
		return true
	case ']':
		return w.label
	case '/':
		return endsWith(before, ":") && next == '/' || endsWith(before, ":/")
	case ':':
		return closesEmoji(before)
	}
	return opensBlock(before, c, after)
}

// isWord: what a word is made of, for Discord's markdown.
func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// startsAs reports whether a text begins with a word, or is its beginning.
func startsAs(s, word string) bool { return strings.HasPrefix(s, word) || strings.HasPrefix(word, s) }

// endsWith reports whether a line ends with signs that are not escaped.
func endsWith(line []byte, signs string) bool {
	rest, ok := bytes.CutSuffix(line, []byte(signs))
	slashes := len(rest) - len(bytes.TrimRight(rest, `\`))
	return ok && slashes%2 == 0
}

// closesEmoji reports whether a colon after the line would end a :name:.
func closesEmoji(line []byte) bool {
	opener := bytes.TrimRight(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-\\")
	return len(opener) < len(line) && endsWith(opener, ":")
}

// opensBlock reports whether a sign begins a list, a heading, a quote or small
// print: at a line's beginning, maybe after marks, and before a space.
func opensBlock(line []byte, c byte, after string) bool {
	line = bytes.TrimPrefix(bytes.TrimLeft(line, " *_~["), []byte("-# "))
	space := after == "" || after[0] == ' '
	switch c {
	case '.':
		return space && len(line) > 0 && len(bytes.Trim(line, "0123456789")) == 0
	case '>':
		return len(line) == 0
	case '#':
		after = strings.TrimLeft(after, "#")
		return len(line) == 0 && (after == "" || after[0] == ' ')
	case '-':
		return len(line) == 0 && (space || after[0] == '#')
	case '+':
		return len(line) == 0 && space
	}
	return false
}

// trimmed is a text on one line where there is no markdown, without the space
// around it.
func trimmed(s string) string { return strings.TrimSpace(say.OneLine(s)) }

// plain is a text where there is no markdown.
func plain(t say.Text) string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.Text)
	}
	return trimmed(b.String())
}

// fenced shows text as it is.
func fenced(s string, room int) string {
	return "```\n" + say.Shorten(verbatim(kit.Preformatted(s)), room-8) + "\n```"
}

// href is a link that may stand in Discord's markdown, or "".
func href(s string) string { return kit.Href(s, "|<>\"`\\()[]*~", maxURL) }
