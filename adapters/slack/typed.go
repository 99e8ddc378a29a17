package slack

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"

	"paperboy/core"
)

// What people type arrives as Slack has understood it: addresses and names as
// <…>, what is emphasised between signs and, in a message, all of it once more as
// rich text. Below is the way back to what was typed.

// said is what an event's message says to us, as it was typed.
func (s *workspace) said(e event) string {
	var blocks []richText
	if json.Unmarshal(e.Blocks, &blocks) == nil {
		var b strings.Builder
		for _, block := range blocks {
			if block.Type != "rich_text" { // not typed by anybody
				b.Reset()
				break
			}
			s.read(&b, block)
		}
		if words := afterMention(b.String()); words != "" {
			return words
		}
	}
	text := e.Text
	for _, sign := range []string{"*", "_", "~"} { // they would stay behind
		text = strings.ReplaceAll(text, sign+"<@"+s.self.user+">"+sign, " ")
	}
	return afterMention(s.typed(text))
}

// afterMention is a line without what separates it from the mention before it.
func afterMention(line string) string {
	return strings.TrimSpace(strings.TrimLeftFunc(line, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ':' }))
}

// richText is a block of rich text, or a piece of one.
type richText struct {
	Type     string     `json:"type"`
	Elements []richText `json:"elements"`
	Text     string     `json:"text"`
	URL      string     `json:"url"`
	User     string     `json:"user_id"`
	Channel  string     `json:"channel_id"`
	Name     string     `json:"name"`
	Range    string     `json:"range"`
	Fallback string     `json:"fallback"`
	Value    string     `json:"value"`
}

func (s *workspace) read(b *strings.Builder, t richText) {
	switch t.Type {
	case "link":
		b.WriteString(address(t.URL, t.Text))
	case "user":
		b.WriteString(s.who(t.User, ""))
	case "channel":
		b.WriteString("#" + t.Channel)
	case "emoji":
		b.WriteString(":" + t.Name + ":")
	case "broadcast":
		b.WriteString("@" + t.Range)
	case "date":
		b.WriteString(t.Fallback)
	case "color":
		b.WriteString(t.Value)
	default:
		b.WriteString(bare(t.Text))
	}
	for _, e := range t.Elements {
		s.read(b, e)
	}
	if strings.HasPrefix(t.Type, "rich_text") {
		b.WriteString(" ") // a line ends
	}
}

var (
	angled = regexp.MustCompile(`<[^<>]*>`)
	// emphasised is a run of words between two signs, as Slack marks it: before it
	// and behind it no word goes on.
	emphasised = []*regexp.Regexp{
		regexp.MustCompile(`(^|[\s("“])\*([^\s*](?:[^*\n]*[^\s*])?)\*($|[\s)"”,.;:!?])`),
		regexp.MustCompile(`(^|[\s("“])_([^\s_](?:[^_\n]*[^\s_])?)_($|[\s)"”,.;:!?])`),
		regexp.MustCompile(`(^|[\s("“])~([^\s~](?:[^~\n]*[^\s~])?)~($|[\s)"”,.;:!?])`),
	}
	unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "&nbsp;", " ")
)

// typed gives back what was typed from how Slack writes it: links by what they
// were typed as, names as names, words without the signs of their emphasis, and
// & < >.
func (s *workspace) typed(text string) string {
	var b strings.Builder
	end := 0
	for _, at := range angled.FindAllStringIndex(text, -1) {
		b.WriteString(text[end:at[0]])
		b.WriteString(s.angle(text[at[0]+1 : at[1]-1]))
		end = at[1]
	}
	b.WriteString(text[end:])
	line := strings.ReplaceAll(b.String(), "`", "") // code, which no topic has
	for before := ""; before != line; {             // emphasis in emphasis, and side by side
		before = line
		for _, e := range emphasised {
			line = e.ReplaceAllString(line, "$1$2$3")
		}
	}
	return bare(unescaper.Replace(line))
}

// bare is a text without characters that cannot be seen: those that our own
// answers, from which people copy, keep signs apart with, among them, and with the
// stars that stand in their bold words.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u200b', '\u2060', '\ufeff', '\u200e', '\u200f':
			return -1
		case '\u00a0':
			return ' '
		case '\u2217': // star
			return '*'
		}
		return r
	}, text)
}

// angle is what stands between < and >, as it was typed.
func (s *workspace) angle(inside string) string {
	what, label, _ := strings.Cut(inside, "|")
	switch {
	case what == "":
		return "<" + inside + ">"
	case what[0] == '@':
		return s.who(what[1:], label)
	case what[0] == '#':
		if label == "" {
			return what
		}
		return "#" + label
	case what[0] == '!' && label != "":
		return label
	case what[0] == '!':
		what, _, _ = strings.Cut(what[1:], "^")
		return "@" + what
	}
	return address(what, label)
}

// who is a person as one would call them; nothing where that is ourselves.
func (s *workspace) who(id, label string) string {
	if id == s.self.user && id != "" {
		return " "
	}
	if label != "" {
		return "@" + label
	}
	return "@" + s.names.user(id, "")
}

// address is an address as it was typed. Slack makes one of whatever ends like a
// domain, cs.AI for one, and of mail addresses and numbers: its label is what was
// typed then. Of one that somebody put under a label of their own the paper
// counts, where it is a paper's, else the label; and of a host alone its name.
func address(url, label string) string {
	scheme, rest, ok := strings.Cut(url, ":")
	rest = strings.TrimPrefix(rest, "//")
	host := strings.TrimSuffix(rest, "/")
	switch _, _, paper := core.ParsePaperID(url); {
	case label != "" && (!paper || strings.EqualFold(host, strings.TrimSuffix(label, "/"))):
		return label
	case !ok:
		return url
	case scheme != "http" && scheme != "https":
		return rest
	case !strings.ContainsAny(host, "/?#"):
		return host
	}
	return url
}
