package discord

import (
	"fmt"
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/verbs"
)

// Discord's limits of a message (developers/resources/message.mdx), counted
// here in UTF-16 units, the strictest of the units that Discord might mean.
const (
	maxContent     = 2000
	maxTitle       = 256
	maxDescription = 4096
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
	flagLayout    = 1 << 15 // Components V2
)

// Colours of an embed's edge: ours, and that of what was turned down.
const (
	colour = 0xa3441a
	muted  = 0x8f8778
)

// message is the body of a create, an edit, and an answer to an interaction. An
// edit takes away what it does not name, so that nothing is left out when empty.
type message struct {
	Content      string       `json:"content"`
	Embeds       []embed      `json:"embeds"`
	Components   []component  `json:"components"`
	Mentions     mentions     `json:"allowed_mentions"`
	Flags        int          `json:"flags,omitempty"`
	Nonce        string       `json:"nonce,omitempty"`
	EnforceNonce bool         `json:"enforce_nonce,omitempty"`
	Attachments  []attachment `json:"attachments,omitempty"`
}

// attachment says of a file beside the message, by its place among them, what it
// shows, for who cannot see it.
type attachment struct {
	ID          int    `json:"id"`
	Filename    string `json:"filename"`
	Description string `json:"description"`
}

// maxAlt is how long a description may be.
const maxAlt = 1024

// described is the message with what its pictures show.
func (m message) described(files []core.File) message {
	for i, f := range files {
		if f.Alt != "" {
			m.Attachments = append(m.Attachments, attachment{i, f.Name, say.Shorten(say.Clean(f.Alt), maxAlt)})
		}
	}
	return m
}

// embed is the box under a message's content.
type embed struct {
	Title       string   `json:"title,omitempty"`
	URL         string   `json:"url,omitempty"`
	Description string   `json:"description,omitempty"`
	Color       int      `json:"color,omitempty"`
	Thumbnail   *picture `json:"thumbnail,omitempty"`
}

type picture struct {
	URL string `json:"url"`
}

// mentions with an empty list is nobody; without it Discord notifies all who
// are named.
type mentions struct {
	Parse []string `json:"parse"`
}

// drawer draws cards as messages, for those who read them in one place.
type drawer struct {
	papers string // the id of /papers there; "": not known
}

// message is a card as a message.
func (d drawer) message(c core.Card) message {
	if c.Apart {
		return d.cards(c)
	}
	m := message{Embeds: []embed{}, Components: rows(c), Mentions: mentions{Parse: []string{}}}
	if c.Own() {
		m.Embeds = append(m.Embeds, d.paper(c.Papers[0]))
		m.Content = d.small(c.Context, maxContent)
		return m
	}
	var lines []string // a paragraph each
	if c.Title != "" {
		lines = append(lines, d.text(say.Text{{Text: say.Shorten(c.Title, maxTitle), Style: say.Bold}}, maxContent))
	}
	for _, t := range c.Lines {
		lines = append(lines, d.text(t, maxContent))
	}
	for _, r := range c.Rows {
		lines = append(lines, together(d.text(r.Line(false), maxContent/2), d.small([]say.Text{r.Small}, maxContent/2-1)))
	}
	lines = slices.DeleteFunc(lines, func(s string) bool { return s == "" })
	block, tail := "", d.small(c.Context, maxContent/4)
	if c.Block != "" {
		block = fenced(c.Block, maxDescription-maxContent/4-1)
	}
	// All in the content where it fits, since that is read first and aloud; else
	// the list, the block, and the lines that found no room stand in an embed.
	if len(c.Rows)+len(c.Papers) > 0 && tail != "" {
		tail = "\n" + tail // not as if it belonged to the last of them
	}
	if all := together(append(lines, block, tail)...); len(c.Papers) == 0 && say.Length(all) <= maxContent {
		m.Content = all
		return m
	}
	room := maxContent
	if len(c.Papers) > 0 {
		room = maxLines
	}
	var rest []string
	m.Content, rest = fill(lines, room)
	body := d.writer(maxDescription - say.Length(tail) - say.Length(block) - 2)
	const more = 120 // room to say how many there are beyond
	over, left := fill(rest, body.Room-more)
	body.Mark(over)
	if len(left) > 0 {
		body.line(say.Say("%d more: %s", len(left), verbs.Typed(network, "export config")))
	}
	d.list(body, c)
	m.Embeds = append(m.Embeds, embed{Description: together(body.String(), block, tail), Color: colour})
	return m
}

// fill is as many lines as there is room for, one below the other, and those that
// are left.
func fill(lines []string, room int) (text string, rest []string) {
	for i, l := range lines {
		with := together(text, l)
		if say.Length(with) > room {
			return text, lines[i:]
		}
		text = with
	}
	return text, nil
}

// paper is a paper's own message on three levels: title, sentence, and in small
// print what else is known. The embed's address is the paper's page, by
// which the message is known when a channel is read back.
func (d drawer) paper(v core.View) embed {
	e := embed{URL: href(v.URL), Color: colour}
	title := d.writer(maxTitle)
	style := say.Plain
	if v.Struck {
		style = say.Strike
	}
	title.span(say.Span{Text: v.Title, Style: style})
	e.Title = title.String()
	if v.Struck || v.Folded {
		e.Color = muted
	}
	if v.Folded {
		body := d.writer(maxDescription)
		body.text(say.Say("_not for us_"))
		e.Description = body.String()
		return e
	}
	if u := href(v.Thumbnail); showable(u) {
		e.Thumbnail = &picture{u}
	}
	if v.Code != "" { // the link below says so
		v.Facts = slices.DeleteFunc(slices.Clone(v.Facts), func(f string) bool { return f == v.CodeFact() })
	}
	line := d.small([]say.Text{v.Line()}, maxLines)
	body := d.writer(maxDescription - say.Length(line) - 1)
	body.line(say.Text{{Text: v.Excerpt}})
	e.Description = together(body.String(), line)
	return e
}

// pictures are the hosts whose pictures are shown: Discord itself fetches them.
var pictures = []string{"https://cdn-thumbnails.huggingface.co/", "https://huggingface.co/", "https://arxiv.org/"}

func showable(u string) bool {
	return slices.ContainsFunc(pictures, func(host string) bool { return strings.HasPrefix(u, host) })
}

// list writes papers one after another; all find room, the shorter the more
// there are of them.
func (d drawer) list(w *writer, c core.Card) {
	const more = 24 // room for "… and 12 more"
	each := min(maxEntry, max(minEntry, (w.Room-more)/max(1, len(c.Papers))-2))
	for i, v := range c.Papers {
		e := d.writer(each)
		if c.Numbered {
			e.Mark(fmt.Sprintf("%d\\. ", i+1))
		}
		e.span(entitled(v))
		if v.Folded {
			e.text(say.Say(" · _not for us_"))
		} else {
			e.line(say.Text{{Text: v.Excerpt}})
			if line := d.small([]say.Text{v.Line()}, e.Room-1); line != "" {
				e.Mark("\n" + line)
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

// entitled is a paper's title as it stands among others.
func entitled(v core.View) say.Span {
	s := say.Span{Text: v.Title, Style: say.Bold, URL: v.URL}
	if v.Struck {
		s.Style = say.Strike
	}
	return s
}

// small is the small print: Discord's "-#" before each line.
func (d drawer) small(texts []say.Text, room int) string {
	w := d.writer(room)
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

func together(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n")
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
	m.Content, m.Embeds, m.Components = say.Shorten(m.Content, maxContent), []embed{}, []component{}
	if strings.TrimSpace(m.Content) == "" {
		m.Content = "Paperboy"
	}
	return m
}
