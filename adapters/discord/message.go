package discord

import (
	"fmt"
	"slices"
	"strings"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/say"
)

// Discord's limits of a message (developers/resources/message.mdx), counted
// here in UTF-16 units, the strictest of the units that Discord might mean.
const (
	maxContent     = 2000
	maxTitle       = 256
	maxDescription = 4096
	maxRows        = 5
	maxInRow       = 5
	maxLabel       = 80
	maxCustomID    = 100
	maxButtonURL   = 512
	maxURL         = 2048
	maxName        = 100 // of a thread
	maxEntry       = 800 // a paper's lines in a list
	minEntry       = 250
	maxLines       = 1400 // of the content's lines, where a list or a block follows
)

// Flags of a message.
const (
	flagEphemeral = 1 << 6
	flagSilent    = 1 << 12
)

// message is the body of a create, an edit, and an answer to an interaction. An
// edit takes away what it does not name, so that nothing is left out when empty.
type message struct {
	Content      string   `json:"content"`
	Embeds       []embed  `json:"embeds"`
	Components   []row    `json:"components"`
	Mentions     mentions `json:"allowed_mentions"`
	Flags        int      `json:"flags,omitempty"`
	Nonce        string   `json:"nonce,omitempty"`
	EnforceNonce bool     `json:"enforce_nonce,omitempty"`
}

// embed is the box under a message's content.
type embed struct {
	Title       string `json:"title,omitempty"`
	URL         string `json:"url,omitempty"`
	Description string `json:"description,omitempty"`
}

// row is an action row with buttons.
type row struct {
	Type    int         `json:"type"` // 1
	Buttons []component `json:"components"`
}

// component is a button.
type component struct {
	Type     int    `json:"type"`  // 2
	Style    int    `json:"style"` // 2 secondary, 5 link
	Label    string `json:"label"`
	CustomID string `json:"custom_id,omitempty"`
	URL      string `json:"url,omitempty"`
}

// mentions with an empty list is nobody; without it Discord notifies all who
// are named.
type mentions struct {
	Parse []string `json:"parse"`
}

// draw is a card as a message.
func draw(c core.Card) message {
	m := message{Embeds: []embed{}, Components: rows(c), Mentions: mentions{Parse: []string{}}}
	if len(c.Papers) == 1 && !c.Numbered && c.Title == "" && len(c.Lines) == 0 && c.Block == "" && len(c.Papers[0].Buttons) == 0 {
		m.Embeds = append(m.Embeds, paper(c.Papers[0]))
		m.Content = small(c.Context, maxContent)
		return m
	}
	head := newWriter(maxContent)
	if c.Title != "" {
		head.span(say.Span{Text: say.Shorten(c.Title, maxTitle), Style: say.Bold})
	}
	if len(c.Papers) > 0 {
		head.Room = min(head.Room, maxLines)
	}
	head.lines(c.Lines)
	block, tail := "", small(c.Context, maxContent/4)
	if c.Block != "" {
		block = fenced(c.Block, maxDescription-maxContent/4-1)
	}
	// All in the content where it fits, since that is read first and aloud; else
	// the list and the block stand in an embed.
	if all := together(head.String(), block, tail); len(c.Papers) == 0 && say.Length(all) <= maxContent {
		m.Content = all
		return m
	}
	m.Content = head.String()
	body := newWriter(maxDescription - say.Length(tail) - say.Length(block) - 2)
	body.list(c)
	m.Embeds = append(m.Embeds, embed{Description: together(body.String(), block, tail)})
	return m
}

// paper is a paper's own message on three levels: title, sentence, and in small
// print what else is known. The embed's address is the paper's page, by
// which the message is known when a channel is read back.
func paper(v core.View) embed {
	e := embed{URL: href(v.URL)}
	title := newWriter(maxTitle)
	style := say.Plain
	if v.Struck {
		style = say.Strike
	}
	title.span(say.Span{Text: v.Title, Style: style})
	e.Title = title.String()
	if v.Folded {
		body := newWriter(maxDescription)
		body.text(say.Say("_not for us_"))
		e.Description = body.String()
		return e
	}
	line := small([]say.Text{v.Line()}, maxLines)
	body := newWriter(maxDescription - say.Length(line) - 1)
	body.line(say.Text{{Text: v.Excerpt}})
	e.Description = together(body.String(), line)
	return e
}

// list writes papers one after another; all find room, the shorter the more
// there are of them.
func (w *writer) list(c core.Card) {
	numbered := c.Numbered || slices.ContainsFunc(c.Papers, func(v core.View) bool { return len(v.Buttons) > 0 })
	const more = 24 // room for "… and 12 more"
	each := min(maxEntry, max(minEntry, (w.Room-more)/max(1, len(c.Papers))-2))
	for i, v := range c.Papers {
		e := newWriter(each)
		if numbered {
			e.Mark(fmt.Sprintf("%d\\. ", i+1))
		}
		style := say.Bold
		if v.Struck {
			style = say.Strike
		}
		e.span(say.Span{Text: v.Title, Style: style, URL: v.URL})
		if v.Folded {
			e.text(say.Say(" · _not for us_"))
		} else {
			for _, line := range []say.Text{v.Line(), {{Text: v.Excerpt}}} {
				e.line(line)
			}
		}
		sep := "\n\n"
		if w.Len() == 0 {
			sep = ""
		}
		if say.Length(sep+e.String())+more > w.Room {
			w.Mark(fmt.Sprintf("\n\n… and %d more", len(c.Papers)-i))
			return
		}
		w.Mark(sep + e.String())
	}
}

// lines are paragraphs, one below the other.
func (w *writer) lines(lines []say.Text) {
	for _, l := range lines {
		w.line(l)
	}
}

func (w *writer) line(t say.Text) {
	if strings.TrimSpace(t.String()) == "" {
		return
	}
	if w.Len() > 0 {
		w.Mark("\n")
	}
	w.text(t)
}

// small is the small print: Discord's "-#" before each line.
func small(texts []say.Text, room int) string {
	w := newWriter(room)
	for _, t := range texts {
		if strings.TrimSpace(t.String()) == "" {
			continue
		}
		if w.Len() > 0 {
			w.Mark("\n")
		}
		if w.Mark("-# ") {
			w.text(t)
		}
	}
	return w.String()
}

// fenced shows text as it is.
func fenced(s string, room int) string {
	return "```\n" + say.Shorten(kit.Preformatted(s), room-8) + "\n```"
}

func together(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n")
}

// rows are a card's buttons, and under a list those of its entries: a row for
// each kind of button, numbered as the entries are.
func rows(c core.Card) []row {
	out := []row{}
	seen := map[string]bool{}
	fill := func(bs []core.Button) {
		if len(out) == maxRows {
			return
		}
		r := row{Type: 1}
		for _, b := range bs {
			k, ok := buttonOf(b)
			if id := k.CustomID + k.URL; ok && !seen[id] {
				seen[id] = true
				r.Buttons = append(r.Buttons, k)
			}
		}
		if len(r.Buttons) > 0 {
			out = append(out, r)
		}
	}
	own := slices.Collect(slices.Chunk(c.Buttons, maxInRow))
	kinds := 0
	for _, v := range c.Papers {
		kinds = max(kinds, len(v.Buttons))
	}
	for kind := range kinds {
		var bs []core.Button
		for i, v := range c.Papers {
			if kind < len(v.Buttons) {
				b := v.Buttons[kind]
				b.Label = fmt.Sprintf("%s %d", b.Label, i+1)
				bs = append(bs, b)
			}
		}
		chunks := slices.Collect(slices.Chunk(bs, maxInRow))
		if len(out)+len(chunks)+len(own) > maxRows {
			break
		}
		for _, chunk := range chunks {
			fill(chunk)
		}
	}
	for _, chunk := range own {
		fill(chunk)
	}
	return out
}

// buttonOf is a button as Discord takes it; ok is false for one that it would
// refuse, with the whole message.
func buttonOf(b core.Button) (k component, ok bool) {
	k = component{Type: 2, Style: 2, Label: say.Shorten(say.Clean(b.Label), maxLabel), CustomID: b.ID}
	if b.URL != "" {
		k.Style, k.CustomID, k.URL = 5, "", href(b.URL)
		return k, k.Label != "" && k.URL != "" && say.Length(k.URL) <= maxButtonURL
	}
	return k, k.Label != "" && k.CustomID != "" && say.Length(k.CustomID) <= maxCustomID
}

// firstLine is what a header is known by.
func firstLine(content string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(content), "\n")
	return strings.TrimSpace(line)
}

// withoutEmbeds is the plainest form of a message: for one that Discord does
// not take as it is meant.
func (m message) withoutEmbeds() message {
	for _, e := range m.Embeds {
		m.Content = together(m.Content, e.Title, e.URL)
		if e.Title == "" {
			m.Content = together(m.Content, e.Description)
		}
	}
	m.Content, m.Embeds, m.Components = say.Shorten(m.Content, maxContent), []embed{}, []row{}
	if strings.TrimSpace(m.Content) == "" {
		m.Content = "Paperboy"
	}
	return m
}

// writer writes Discord's markdown.
type writer struct{ kit.Writer }

func newWriter(room int) *writer { return &writer{kit.Writer{Room: room}} }

func (w *writer) text(t say.Text) {
	for _, s := range t {
		w.span(s)
	}
}

var styleMark = map[say.Style]string{say.Bold: "**", say.Italic: "*", say.Strike: "~~", say.Code: "`"}

// span writes a span between its marks. A link's address stands in <>, so that
// no preview grows under the message.
func (w *writer) span(s say.Span) {
	text := say.OneLine(s.Text)
	if strings.TrimSpace(text) == "" || s.Style == say.Plain && s.URL == "" {
		w.escaped(text)
		return
	}
	open, shut := styleMark[s.Style], styleMark[s.Style]
	if u := href(s.URL); u != "" && s.Style != say.Code {
		open, shut = open+"[", "](<"+u+">)"+shut
	}
	w.Enclose(open, shut, text, func(inner string) {
		if s.Style != say.Code {
			w.escaped(inner)
			return
		}
		// Nothing is read as markup in code but its end.
		code := say.Shorten(strings.ReplaceAll(inner, "`", "ˋ"), w.Room)
		w.Mark(code)
		w.Full = w.Full || say.Length(code) < say.Length(inner)
	})
}

// special are the characters that format, mention or link wherever they stand;
// blockers only those that do so at the beginning of a line.
const (
	special  = "\\*_~`|<>[]#@:"
	blockers = "-+.)"
)

// escaped writes a stranger's text so that it stays text.
func (w *writer) escaped(s string) {
	begin := strings.TrimLeft(w.String()[strings.LastIndexByte(w.String(), '\n')+1:], " 0123456789\\*~_[") == ""
	w.Escape(s, "…", func(_ int, r rune) string {
		special := strings.ContainsRune(special, r) || begin && strings.ContainsRune(blockers, r)
		begin = begin && (r == ' ' || r >= '0' && r <= '9')
		if special {
			return "\\" + string(r)
		}
		return string(r)
	})
}

// href is a link that may stand in Discord's markdown, or "".
func href(s string) string { return kit.Href(s, "|<>\"`\\()[]*~", maxURL) }
