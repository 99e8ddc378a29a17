package skins

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Markdown is a text as Discord shows it, with blocks: headings, lists, quotes.
func (t thing) Markdown(name string) []node { return t.by.markdown(t.Str(name)) }

// Line is a text with what may stand inside of a line only.
func (t thing) Line(name string) []node { return t.by.discordLine(t.Str(name)) }

var (
	discordFence = regexp.MustCompile("(?s)```(?:[a-zA-Z0-9_+-]+\n)?(.+?)```")
	discordBlock = []struct {
		kind string
		mark *regexp.Regexp
	}{
		{"h1", regexp.MustCompile(`^# +`)},
		{"h2", regexp.MustCompile(`^## +`)},
		{"h3", regexp.MustCompile(`^### +`)},
		{"small", regexp.MustCompile(`^-# +`)},
		{"quote", regexp.MustCompile(`^>(?:>>)? `)},
		{"li", regexp.MustCompile(`^ *[-*] +`)},
		{"oli", regexp.MustCompile(`^ *\d+\. +`)},
	}
)

// markdown reads Discord's. A line that is a block ends itself.
func (r *Reader) markdown(s string) (out []node) {
	for s != "" {
		m := discordFence.FindStringSubmatchIndex(s)
		if m == nil || escapedAt(s, m[0]) {
			return append(out, r.discordLines(s)...)
		}
		if before := strings.TrimSuffix(s[:m[0]], "\n"); before != "" {
			out = append(out, r.discordLines(before)...)
		}
		out = append(out, node{Kind: "pre", Text: strings.Trim(s[m[2]:m[3]], "\n")})
		s = strings.TrimPrefix(s[m[1]:], "\n")
	}
	return out
}

// escapedAt reports whether an odd number of backslashes stands before i.
func escapedAt(s string, i int) bool {
	n := i
	for n > 0 && s[n-1] == '\\' {
		n--
	}
	return (i-n)%2 == 1
}

func (r *Reader) discordLines(s string) (out []node) {
	var plain []string // lines that go together, since marks reach over them
	flush := func() {
		if plain != nil {
			out = append(out, r.discordLine(strings.Join(plain, "\n"))...)
			plain = nil
		}
	}
line:
	for _, line := range strings.Split(s, "\n") {
		for _, b := range discordBlock {
			mark := b.mark.FindString(line)
			if mark == "" || mark == line {
				continue
			}
			flush()
			n := node{Kind: b.kind, In: r.discordLine(line[len(mark):])}
			if b.kind == "oli" {
				n.Text = strings.TrimSpace(mark)
			}
			out = append(out, n)
			continue line
		}
		plain = append(plain, line)
	}
	flush()
	return out
}

const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

var (
	discordSpans = []struct{ kind, mark string }{{"b", "**"}, {"u", "__"}, {"i", "*"}, {"i", "_"}, {"s", "~~"}, {"spoiler", "||"}}
	discordCode  = regexp.MustCompile("^(?:``((?s:.)+?)``|`([^`]+)`)")
	discordLink  = regexp.MustCompile(`^\[((?:\\.|[^\]\\\n])+)\]\((?:<(https?://[^>\s]+)>|(https?://[^)\s]+))\)`)
	discordBare  = regexp.MustCompile(`^(?:<(https?://[^>\s]+)>|(https?://[^\s<>]+))`)
	discordThing = regexp.MustCompile(`^<(@[!&]?|#|t:|/|a?:)([^<>\n]+)>`)
)

// discordLine reads what stands inside of lines.
func (r *Reader) discordLine(s string) []node {
	var p pen
	before := ' '
	for s != "" {
		n, put := r.discordSpan(s, before)
		if n == 0 {
			if s[0] == '\\' && len(s) > 1 && strings.IndexByte(punctuation, s[1]) >= 0 {
				n = 2
				p.write(s[1:2])
			} else if char, long := takeEmoji(s); long > 0 {
				n = long
				p.write(char)
			} else {
				_, n = utf8.DecodeRuneInString(s)
				p.write(s[:n])
			}
		} else {
			p.put(put)
		}
		before, _ = utf8.DecodeLastRuneInString(s[:n])
		s = s[n:]
	}
	return p.done()
}

// discordSpan reads a mark at the beginning, what it encloses, and its end; n is
// 0 where there is none.
func (r *Reader) discordSpan(s string, before rune) (n int, _ node) {
	if m := discordCode.FindStringSubmatch(s); m != nil {
		return len(m[0]), node{Kind: "code", Text: m[1] + m[2]}
	}
	if s[0] == '[' && strings.Contains(s, "](") { // which is cheaper than to try
		if m := discordLink.FindStringSubmatch(s); m != nil {
			return len(m[0]), link(m[2]+m[3], r.discordLine(m[1]))
		}
	}
	if m := discordBare.FindStringSubmatch(s); m != nil {
		return len(m[0]), link(m[1]+m[2], []node{words(m[1] + m[2])})
	}
	if m := discordThing.FindStringSubmatch(s); m != nil {
		if text := r.discordReference(m[1], m[2]); text != "" {
			kind := "mention"
			if m[1] == "t:" {
				kind = "time"
			}
			return len(m[0]), node{Kind: kind, Text: text}
		}
	}
	for _, who := range []string{"@everyone", "@here"} {
		if strings.HasPrefix(s, who) {
			return len(who), node{Kind: "mention", Text: who}
		}
	}
	for _, span := range discordSpans {
		if !strings.HasPrefix(s, span.mark) || span.mark == "_" && wordy(before) {
			continue
		}
		if end := discordEnd(s, span.mark); end > 0 {
			return end + len(span.mark), node{Kind: span.kind, In: r.discordLine(s[len(span.mark):end])}
		}
	}
	return 0, node{}
}

// discordEnd is where the mark is that closes the one at the beginning, 0 for
// none. What is escaped or code closes nothing.
func discordEnd(s, mark string) int {
	for i := len(mark); i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '`':
			if m := discordCode.FindString(s[i:]); m != "" {
				i += len(m) - 1
			}
		case len(mark) == 2 && strings.HasPrefix(s[i:], mark+mark[:1]): // the first of *** is somebody else's
		case strings.HasPrefix(s[i:], mark):
			alone := len(mark) == 2 || !strings.HasPrefix(s[i+1:], mark) && s[i-1:i] != mark
			if !alone { // ** is no end of *
				i++
				continue
			}
			after, _ := utf8.DecodeRuneInString(s[i+len(mark):])
			if i == len(mark) || mark == "*" && (s[1] == ' ' || s[i-1] == ' ') || mark == "_" && wordy(after) {
				continue
			}
			return i
		}
	}
	return 0
}

// discordReference is what a <…> shows, "" where it is none.
func (r *Reader) discordReference(sign, inside string) string {
	switch sign {
	case "t:":
		return r.discordTime(inside)
	case "/":
		name, id, ok := strings.Cut(inside, ":")
		if _, err := strconv.ParseUint(id, 10, 64); !ok || err != nil {
			return ""
		}
		return "/" + name
	case ":", "a:":
		name, _, _ := strings.Cut(inside, ":")
		return ":" + name + ":"
	}
	if _, err := strconv.ParseUint(inside, 10, 64); err != nil {
		return ""
	}
	shown := map[string]string{"@": "@", "@!": "@", "@&": "@", "#": "#"}[sign]
	if name := r.Names[inside]; name != "" {
		return shown + name
	}
	return shown + "unknown"
}

// discordTime is <t:UNIX:STYLE> in the reader's zone.
func (r *Reader) discordTime(inside string) string {
	number, style, _ := strings.Cut(inside, ":")
	unix, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return ""
	}
	at := time.Unix(unix, 0).In(r.Now.Location())
	forms := map[string]string{"t": "15:04", "T": "15:04:05", "d": "02/01/2006", "D": "2 January 2006", "f": "2 January 2006 15:04", "": "2 January 2006 15:04", "F": "Monday, 2 January 2006 15:04",
		"s": "02/01/2006, 15:04", "S": "02/01/2006, 15:04:05"}
	if style == "R" {
		return r.ago(at)
	}
	if forms[style] == "" {
		return ""
	}
	return at.Format(forms[style])
}
