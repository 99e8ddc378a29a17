package slack

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/slack-go/slack"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/say"
)

// Slack's limits of a message (comments of @slack/types 3.2.0), counted after
// escaping, in UTF-16 units as its clients do. Blocks together fail near 13,200
// characters even when each is legal (slackapi/bolt-js#2509).
const (
	maxBlocks      = 50
	maxHomeBlocks  = 100
	maxChars       = 13000
	maxSection     = 3000
	maxHeader      = 150
	maxContext     = 2000 // of one element
	maxContexts    = 10   // elements of a block
	maxLabel       = 75
	maxOption      = 150 // the value of an overflow menu's line
	maxMenu        = 5   // its lines
	maxActions     = 25  // elements of a block
	maxValue       = 2000
	maxURL         = 3000
	maxText        = 3000 // of the text beside the blocks; Slack takes 40,000
	maxEntry       = 900  // a paper's lines in a list
	buttonsInFront = 3    // the others are in the menu, where there is one
)

// message is a card as Slack takes it: blocks, and the text that notifications
// and screen readers use.
type message struct {
	Text   string        `json:"text"`
	Blocks []slack.Block `json:"blocks"`

	simpler *message // for where Slack refuses these blocks
}

// draw is a card as a message.
func draw(c core.Card) message {
	m := message{Text: plainCard(c), Blocks: drawBlocks(c, maxBlocks)}
	if c.Apart {
		list := draw(c.AsList())
		m.simpler = &list
	}
	return m
}

// drawBlocks is a card as at most limit blocks.
func drawBlocks(c core.Card, limit int) []slack.Block {
	d := drawing{blocksLeft: limit, charsLeft: maxChars}
	// What stands at the end is drawn first, so that it always finds room.
	tail := drawing{blocksLeft: limit, charsLeft: maxChars / 3}
	more := c.More
	if c.Own() { // its small line leads to the code: the menu has no room for every link
		more = slices.DeleteFunc(slices.Clone(more), func(b core.Button) bool { return b.URL != "" && b.URL == c.Papers[0].Code })
	}
	tail.actions(c.Buttons, more)
	if c.Menu != nil {
		if e := selectElement(*c.Menu); e != nil {
			tail.controls(e)
		}
	}
	tail.context(c.Context)
	d.blocksLeft -= len(tail.blocks) + 2 // and for "more", twice
	d.charsLeft -= maxChars/3 - tail.charsLeft + 2*maxContext/10

	if c.Title != "" {
		d.header(c.Title)
	}
	d.lines(c.Lines)
	papers := 2 * min(len(c.Papers), 5) // the first of them are not crowded out by rows
	d.blocksLeft -= papers
	d.rows(c.Rows, len(c.Papers) > 0)
	d.blocksLeft += papers
	switch {
	case c.Own():
		d.one(c.Papers[0])
	case c.Apart:
		d.apart(c.Papers)
	default:
		d.papers(c)
	}
	d.preformatted(c.Block)
	return append(d.blocks, tail.blocks...)
}

// drawing is a message that fills up.
type drawing struct {
	blocks     []slack.Block
	blocksLeft int
	charsLeft  int
}

// add takes a block of so many characters, if there is room.
func (d *drawing) add(b slack.Block, chars int) bool {
	if d.blocksLeft < 1 || d.charsLeft < chars {
		return false
	}
	d.blocks = append(d.blocks, b)
	d.blocksLeft--
	d.charsLeft -= chars
	return true
}

func (d *drawing) header(title string) {
	t := plainText(title, maxHeader)
	d.add(slack.NewHeaderBlock(t), say.Length(t.Text))
}

func (d *drawing) section(text string) bool {
	return text == "" || d.add(slack.NewSectionBlock(mrkdwn(text), nil, nil), say.Length(text))
}

// lines puts paragraphs together in as few blocks as they fit in.
func (d *drawing) lines(lines []say.Text) {
	var b strings.Builder
	for i, l := range lines {
		w := newWriter(maxSection)
		w.text(l)
		if size := say.Length(b.String()) + 1 + say.Length(w.String()); i > 0 && (size > maxSection || size > d.charsLeft) {
			if !d.section(b.String()) {
				return
			}
			b.Reset()
		} else if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(w.String())
	}
	d.section(b.String())
}

// papers draws a list.
func (d *drawing) papers(c core.Card) {
	for i, v := range c.Papers {
		w := newWriter(maxEntry)
		if c.Numbered {
			w.Mark(fmt.Sprintf("%d. ", i+1))
		}
		if !d.entry(listed(w, v)) {
			d.beyond(len(c.Papers) - i)
			return
		}
	}
}

func (w *writer) title(v core.View) {
	style := say.Bold
	if v.Struck {
		style = say.Strike
	}
	w.span(say.Span{Text: v.Title, Style: style, URL: v.URL})
	if v.Folded {
		w.Mark(" · ")
		w.text(say.Say("_not for us_"))
	}
}

// below writes a line of its own, where there is something to write.
func (w *writer) below(t say.Text) {
	if strings.TrimSpace(t.String()) != "" {
		w.Mark("\n")
		w.text(t)
	}
}

// one draws a paper's own message on three levels: its title, the sentence, and
// in small print what else is known.
func (d *drawing) one(v core.View) {
	w := newWriter(maxSection)
	w.title(v)
	if v.Folded {
		d.section(w.String())
		return
	}
	w.below(say.Text{{Text: v.Excerpt}})
	d.section(w.String())
	d.context([]say.Text{v.Line()})
}

// preformatted shows text as it is, in as many blocks as it takes.
func (d *drawing) preformatted(s string) {
	s = kit.Preformatted(s)
	for s != "" {
		w := newWriter(maxSection - 8)
		rest := w.literal(s)
		if !d.section("```\n" + w.String() + "\n```") {
			return
		}
		s = rest
	}
}

func (d *drawing) context(texts []say.Text) {
	var elements []slack.MixedElement
	chars := 0
	for _, t := range texts {
		w := newWriter(min(maxContext, d.charsLeft-chars))
		w.text(t)
		if w.Len() > 0 && len(elements) < maxContexts {
			elements = append(elements, mrkdwn(w.String()))
			chars += say.Length(w.String())
		}
	}
	if len(elements) > 0 {
		d.add(slack.NewContextBlock("", elements...), chars)
	}
}

// linkValue is the value of a menu's line that opens a page: nothing is to be
// done when it comes back.
const linkValue = "link"

// mrkdwn is a text object whose addresses and names Slack leaves alone.
func mrkdwn(s string) *slack.TextBlockObject {
	return &slack.TextBlockObject{Type: slack.MarkdownType, Text: s, Verbatim: true}
}

// plainText is a text object without markup, in which not even emoji have names.
func plainText(s string, limit int) *slack.TextBlockObject {
	off := false
	return &slack.TextBlockObject{Type: slack.PlainTextType, Text: shorten(say.Clean(s), limit), Emoji: &off}
}

// shorten cuts a text to a limit of Slack's, for which each & is the five
// characters of its entity.
func shorten(s string, limit int) string {
	for room := limit; room > 0; {
		short := say.Shorten(s, room)
		over := say.Length(short) + 4*strings.Count(short, "&") - limit
		if over <= 0 {
			return short
		}
		room -= (over + 4) / 5
	}
	return ""
}

// writer writes mrkdwn.
type writer struct{ kit.Writer }

func newWriter(room int) *writer { return &writer{kit.Writer{Room: room}} }

func (w *writer) text(t say.Text) {
	for _, s := range t {
		w.span(s)
	}
}

var styleMark = map[say.Style]string{say.Bold: "*", say.Italic: "_", say.Strike: "~", say.Code: "`"}

// star stands for * in bold words, between whose marks Slack has no way to write
// one. When somebody copies it, it is taken for one (typed.go).
const star = "\u2217"

// span writes a span between its marks. What holds its own mark is plain.
func (w *writer) span(s say.Span) {
	text := say.OneLine(s.Text)
	if s.Style == say.Plain && s.URL == "" {
		w.escaped(text)
		return
	}
	inner := strings.TrimSpace(text)
	if inner == "" {
		w.Mark(text)
		return
	}
	style := s.Style
	if m := styleMark[style]; m != "" && style != say.Code && strings.Contains(inner, m) {
		if style = say.Plain; s.Style == say.Bold && s.URL == "" {
			style, text = say.Bold, strings.ReplaceAll(text, "*", star)
		}
	}
	open, shut := styleMark[style], styleMark[style]
	if u := href(s.URL); u != "" && style != say.Code {
		open, shut = open+"<"+entities.Replace(u)+"|", ">"+shut
	}
	w.Enclose(open, shut, text, func(inner string) {
		switch {
		case style == say.Code:
			w.literal(strings.ReplaceAll(inner, "`", "ˋ"))
		case s.URL != "":
			w.escaped(strings.ReplaceAll(inner, "|", "¦"))
		default:
			w.escaped(inner)
		}
	})
}

// entities are for the characters that Slack reads as the start of a mention, a
// link or an entity.
var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// literal writes text of which only & < > mean anything, and returns what found
// no room.
func (w *writer) literal(s string) (rest string) {
	return w.Escape(s, "", func(_ int, r rune) string { return entities.Replace(string(r)) })
}

// joiner has no width and breaks what it stands in.
const joiner = "\u2060"

var (
	emojiName = regexp.MustCompile(`^:[A-Za-z0-9_+'-]+:`)
	loudName  = regexp.MustCompile(`^@(channel|here|everyone|group)\b`)
)

// escaped writes a stranger's text so that it stays text: escaped, and with
// joiners where * _ ~ would format, :name: would become a picture, > quote or
// @channel be heard. A back-tick, which a joiner does not stop, becomes a look-
// alike.
func (w *writer) escaped(s string) {
	prev := ' '
	w.Escape(s, "…", func(i int, r rune) string {
		next := ' '
		for _, n := range s[i+len(string(r)):] {
			next = n
			break
		}
		out := entities.Replace(string(r))
		switch {
		case r == '`':
			out = "ˋ"
		case r == '>' && i == 0:
			out = joiner + out
		case strings.ContainsRune("*_~", r) && !(wordy(prev) && wordy(next)): // inside a word it is inert
			out = joiner + out + joiner
		case r == ':' && emojiName.MatchString(s[i:]), r == '@' && loudName.MatchString(s[i:]):
			out += joiner
		}
		prev = r
		return out
	})
}

func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// href is a link that may stand between < and |, or "".
func href(s string) string { return kit.Href(s, "|<>\"`\\", maxURL) }

// plainCard is a card without its blocks: what a notification shows and a screen
// reader says.
func plainCard(c core.Card) string {
	w := newWriter(maxText)
	line := func(t say.Text) {
		if strings.TrimSpace(t.String()) == "" || w.Len() > 0 && !w.Mark("\n") {
			return
		}
		w.text(t)
	}
	plain := func(s string) { line(say.Text{{Text: s}}) }
	plain(c.Title)
	for _, l := range c.Lines {
		line(l)
	}
	for _, r := range c.Rows {
		line(r.Line(false))
	}
	for i, v := range c.Papers {
		if c.Numbered {
			line(say.Say("%d. %s", i+1, v.Title))
		} else {
			plain(v.Title)
		}
		if v.Excerpt != "" && !v.Folded {
			plain(v.Excerpt)
		} else if v.Authors != "" && !v.Folded {
			plain(strings.Join(append([]string{v.Authors}, v.Facts...), " · "))
		}
	}
	for l := range strings.Lines(c.Block) {
		plain(strings.TrimRight(l, "\n"))
	}
	for _, l := range c.Context {
		line(l)
	}
	if w.Len() == 0 {
		return "Paperboy"
	}
	return w.String()
}
