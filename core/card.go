package core

import (
	"fmt"
	"slices"
	"strings"

	"paperboy/core/say"
)

// Card is one message as core means it, before a platform draws it. It holds
// no markup; every string in it may be a stranger's.
type Card struct {
	Title   string     `json:"title,omitempty"`   // headline, plain characters
	Lines   []say.Text `json:"lines,omitempty"`   // paragraphs
	Papers  []View     `json:"papers,omitempty"`  // one: the paper's own message; several: a compact list, numbered when Numbered
	Context []say.Text `json:"context,omitempty"` // small print under everything

	Rows     []Row    `json:"rows,omitempty"` // below Lines and above Papers: topics, settings
	Numbered bool     `json:"numbered,omitempty"`
	Apart    bool     `json:"apart,omitempty"`   // each of several papers stands for itself, its buttons under it
	Block    string   `json:"block,omitempty"`   // preformatted: a BibTeX entry, the help screen
	Buttons  []Button `json:"buttons,omitempty"` // at most five on a paper's message
	More     []Button `json:"more,omitempty"`    // for the platforms with room for a small menu
	// Compact are Buttons and More as five, the last of which opens the others: for
	// platforms that have no small menu. What leads away is no button here.
	Compact []Button `json:"compact,omitempty"`
	Menu    *Menu    `json:"menu,omitempty"` // below everything
}

// Empty reports whether there is nothing to show.
func (c Card) Empty() bool {
	return c.Title == "" && c.Block == "" && len(c.Lines)+len(c.Papers)+len(c.Context)+len(c.Rows)+len(c.Buttons)+len(c.More) == 0 && c.Menu == nil
}

// Own reports whether a card is a paper's own message, and not a list of one.
func (c Card) Own() bool {
	return len(c.Papers) == 1 && !c.Numbered && c.Title == "" && len(c.Lines) == 0 && len(c.Rows) == 0 && c.Block == "" && len(c.Papers[0].Buttons) == 0
}

// AsList is a card whose papers stand Apart as a numbered list, for where that is
// refused: of each paper's buttons the first is among the card's, by its number.
func (c Card) AsList() Card {
	if !c.Apart {
		return c
	}
	papers := c.Papers
	c.Apart, c.Numbered, c.Papers = false, true, make([]View, len(papers))
	for i, v := range papers {
		if len(v.Buttons) > 0 {
			b := v.Buttons[0]
			b.Label = fmt.Sprintf("%d %s", i+1, b.Label)
			c.Buttons = append(c.Buttons[:len(c.Buttons):len(c.Buttons)], b)
		}
		v.Excerpt, v.Buttons = "", nil
		c.Papers[i] = v
	}
	return c
}

// Row is a line with something to do at its side: a topic, a setting, or, without
// that, a heading over the rows that follow.
type Row struct {
	Text    say.Text `json:"text"`
	Value   string   `json:"value,omitempty"` // what Text is set to, of a setting
	Small   say.Text `json:"small,omitempty"` // what Text means, or what is known of it
	Menu    *Menu    `json:"menu,omitempty"`
	Buttons []Button `json:"buttons,omitempty"` // instead of a menu, or beside it
	// Open is the id of a button that answers with this row's menu alone, for
	// platforms that have no room for one at the side of each.
	Open string `json:"open,omitempty"`
}

// Line is the row's text with its value. beside: the menu stands at its side, and
// shows the value itself where it is one of its options.
func (r Row) Line(beside bool) say.Text {
	if r.Value == "" || beside && r.Menu != nil && slices.ContainsFunc(r.Menu.Options, func(o Option) bool { return o.Chosen }) {
		return r.Text
	}
	return append(slices.Clip(r.Text), say.Span{Text: ": " + r.Value})
}

// Menu is a choice of things to press, behind one control.
type Menu struct {
	Label   string   `json:"label"`   // what stands on it: "Change", "Open a paper …"
	Options []Option `json:"options"` // ≤ 25
}

// Option is one of a menu's.
type Option struct {
	ID     string `json:"id"`               // as a Button.ID: it comes back in a Press
	Label  string `json:"label"`            // ≤ 75 characters
	Detail string `json:"detail,omitempty"` // a line of meaning, ≤ 75 characters
	Chosen bool   `json:"chosen,omitempty"` // it is so now
}

// View is what a card shows of a paper. Empty parts are left out, never shown
// as zero or unknown.
type View struct {
	ID        PaperID  `json:"id"`
	URL       string   `json:"url"`
	PDF       string   `json:"pdf,omitempty"`
	Title     string   `json:"title"`
	Authors   string   `json:"authors,omitempty"`    // "Ana Doe, Ben Roe", "Ana Doe … Zoe Poe (11)"
	Facts     []string `json:"facts,omitempty"`      // "cs.CV", "▲41", "code ★312"
	Labels    []string `json:"labels,omitempty"`     // "listed late", "updated v2", "withdrawn", "accepted to ICML 2026"
	Excerpt   string   `json:"excerpt,omitempty"`    // the sentence of the abstract that says what was done, or all of it
	ExcerptBy string   `json:"excerpt_by,omitempty"` // who wrote it, where that is not the authors: "summary by Hugging Face"
	Code      string   `json:"code,omitempty"`       // where its code is
	Thumbnail string   `json:"thumbnail,omitempty"`  // the address of a picture
	Matched   say.Text `json:"matched,omitempty"`    // "matched diffusion"
	Struck    bool     `json:"struck,omitempty"`     // withdrawn: the title is crossed out
	Folded    bool     `json:"folded,omitempty"`     // title only: not for us
	Against   int      `json:"against,omitempty"`    // so many people have said so; 0: some
	Tags      []string `json:"tags,omitempty"`       // its topics, for a forum's tags
	Votes     int      `json:"votes,omitempty"`      // people's here, where the list shows them
	Buttons   []Button `json:"buttons,omitempty"`    // of an entry in a list; a paper's own message has the card's
	// Open is the id of a button that answers with the paper's own card, for
	// platforms that offer a list's papers in one menu instead of each its buttons.
	Open string `json:"open,omitempty"`
}

// LabelCode begins the fact that a paper has code, LabelStars its stars.
const (
	LabelCode  = "code"
	LabelStars = LabelCode + " ★"
)

// CodeFact is the fact that there is code, "code ★312"; empty where none says so.
func (v View) CodeFact() string {
	for _, f := range v.Facts {
		if f == LabelCode || strings.HasPrefix(f, LabelStars) {
			return f
		}
	}
	return ""
}

// Line is what is known of the paper beside its title and its excerpt, for one
// small line: authors, facts, votes, labels, what matched, and who wrote the
// excerpt where that is not the authors.
func (v View) Line() say.Text {
	var parts []say.Text
	if v.Authors != "" {
		parts = append(parts, say.Text{{Text: v.Authors}})
	}
	code := v.CodeFact()
	for _, f := range v.Facts {
		fact := say.Span{Text: f}
		if f == code {
			fact.URL = v.Code
		}
		parts = append(parts, say.Text{fact})
	}
	if v.Votes > 0 {
		parts = append(parts, say.Say("👍 %d", v.Votes))
	}
	for _, l := range v.Labels {
		parts = append(parts, say.Text{{Text: l, Style: say.Italic}})
	}
	parts = append(parts, v.Matched)
	if v.Excerpt != "" && v.ExcerptBy != "" {
		parts = append(parts, say.Text{{Text: v.ExcerptBy, Style: say.Italic}})
	}
	return say.Join(" · ", parts...)
}

// Button is something to press. Its ID comes back in a Press; one with a URL
// opens that instead.
type Button struct {
	ID    string `json:"id,omitempty"` // "pb1|save|2509.24002", ≤ 100 characters
	Label string `json:"label"`
	URL   string `json:"url,omitempty"`
}

// Reply is the answer to a request.
type Reply struct {
	Card   Card
	Public bool       // everybody in the channel sees Card; else only the person who asked. It holds nothing of theirs alone
	Line   []say.Text // lines for the whole channel beside a private Card: "@ana follows 2 topics here: …"
	Told   ChannelKey // the channel that Line is for; zero: the one where it was asked
	File   *File
	Edit   bool // replaces the message whose button was pressed
	Failed bool // nothing was done, and Card says why: never for everybody, however it was asked
}

// File is something to take away or, with an Alt, a picture to look at.
type File struct {
	Name string // "papers.bib"
	Type string // MIME
	Data []byte
	Alt  string // of a picture: what it shows, for who cannot see it
}
