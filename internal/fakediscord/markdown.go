package fakediscord

import (
	"regexp"
	"strings"
)

// Reads is what a person reads of the message: its content and its embeds'
// texts, a line each, with the markdown worked out.
func (m Message) Reads() string { text, _ := m.render(); return text }

// Formats are the effects of markdown in their order, "bold: x", "link: label
// url", "mention: <@1>", "heading: …": what a stranger's text must not cause.
func (m Message) Formats() []string { _, formats := m.render(); return formats }

func (m Message) render() (string, []string) {
	var r renderer
	parts := []string{r.block(m.Content)}
	shown := map[string]bool{"": false}
	for _, e := range m.Embeds {
		if m.Flags&FlagSuppressEmbeds != 0 {
			break
		}
		// Embeds with one URL are merged: only the first one's text is shown.
		if shown[str(e, "url")] {
			continue
		}
		shown[str(e, "url")] = str(e, "url") != ""
		// Author and footer know no markdown.
		parts = append(parts, str(obj(e, "author"), "name"), r.line(str(e, "title")), r.block(str(e, "description")))
		for _, f := range list(e, "fields") {
			parts = append(parts, r.line(str(f, "name")), r.block(str(f, "value")))
		}
		parts = append(parts, str(obj(e, "footer"), "text"))
	}
	return join(parts...), r.formats
}

type renderer struct{ formats []string }

func (r *renderer) note(kind, what string) { r.formats = append(r.formats, kind+": "+what) }

var (
	escaped = regexp.MustCompile(`^\\[^0-9A-Za-z\s]`)
	blocks  = []struct {
		kind string
		mark *regexp.Regexp
	}{
		{"heading", regexp.MustCompile(`^#{1,3} `)},
		{"small", regexp.MustCompile(`^-# `)},
		{"quote", regexp.MustCompile(`^>(>>)? `)},
		{"list", regexp.MustCompile(`^\s*([-*]|\d+\.) `)},
	}
	spans = []struct {
		kind string
		mark *regexp.Regexp // text, and for links an address, in its groups
	}{
		{"code", regexp.MustCompile("^(?s:```(.+?)```|``(.+?)``|`([^`]+)`)")},
		{"bold", regexp.MustCompile(`^\*\*((?s:\\.|.)+?)\*\*`)},
		{"underline", regexp.MustCompile(`^__((?s:\\.|.)+?)__`)},
		{"italic", regexp.MustCompile(`^\*([^\s*](?:\\.|[^*\\])*)\*`)},
		{"italic", regexp.MustCompile(`^_((?:\\.|__|[^_\\])+?)_(?:[^0-9A-Za-z_]|$)`)}, // inside of words, too
		{"strike", regexp.MustCompile(`^~~((?s:.)+?)~~`)},                             // whatever is escaped in it
		{"spoiler", regexp.MustCompile(`^\|\|((?s:.)+?)\|\|`)},
		{"link", regexp.MustCompile(`^\[((?:\\.|[^\]\\])+)\]\(<?(https?://[^)\s>]+)>?\)`)},
		{"url", regexp.MustCompile(`^<(https?://[^>\s]+)>`)},
		{"url", regexp.MustCompile(`^(https?://[^\s<>]+)`)},
		{"emoji", regexp.MustCompile(`^:([\w+-]+):`)},
		{"mention", regexp.MustCompile(`^(<(?:@[!&]?\d+|#\d+|a?:\w+:\d+|t:-?\d+(?::\w)?|/[^:>]+:\d+)>|@everyone|@here)`)},
	}
)

func (r *renderer) block(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		for _, b := range blocks {
			if mark := b.mark.FindString(line); mark != "" {
				line = line[len(mark):]
				r.note(b.kind, line)
				break
			}
		}
		lines[i] = line
	}
	return r.line(strings.Join(lines, "\n"))
}

// line works out what stands inside of lines.
func (r *renderer) line(s string) string {
	var out strings.Builder
scan:
	for s != "" {
		if sign := escaped.FindString(s); sign != "" {
			out.WriteString(sign[1:])
			s = s[len(sign):]
			continue
		}
		for _, span := range spans {
			found := span.mark.FindStringSubmatchIndex(s)
			if found == nil {
				continue
			}
			inside, end := "", found[1]
			for g := 2; g < len(found); g += 2 {
				if found[g] >= 0 {
					inside = s[found[g]:found[g+1]]
					if span.kind == "italic" {
						end = found[g+1] + 1 // not what follows
					}
					break
				}
			}
			switch span.kind {
			case "code", "mention", "emoji":
				r.note(span.kind, inside)
				out.WriteString(inside)
			case "url":
				r.note("link", inside+" "+inside)
				out.WriteString(inside)
			case "link":
				label := r.line(inside)
				r.note("link", label+" "+s[found[4]:found[5]])
				out.WriteString(label)
			default:
				r.note(span.kind, inside)
				out.WriteString(r.line(inside))
			}
			s = s[end:]
			continue scan
		}
		out.WriteByte(s[0])
		s = s[1:]
	}
	return out.String()
}
