package mail

import (
	"embed"
	"html/template"
	"strconv"
	"strings"

	"paperboy/core"
	"paperboy/core/say"
)

// letter is a card with what every mail says beside it.
type letter struct {
	card     core.Card
	of       string // the channel that it brings; "" where that is not said
	end      string // where it is ended
	confirms bool   // it asks for a confirmation
	room     int    // characters of an abstract
}

const mostTitle = 300 // characters of a title; of some feeds they are paragraphs

//go:embed letter.html page.html
var files embed.FS

var page = template.Must(template.New("letter.html").Funcs(template.FuncMap{"spans": spans, "href": func(s string) string { return say.Href(s, "") }}).ParseFS(files, "letter.html"))

// subject is the card's headline, and the channel where there are several to tell apart.
func (l letter) subject() string {
	s := l.title()
	if l.of != "" {
		s += " · " + say.OneLine(l.of)
	}
	return say.Shorten(s, 120)
}

// title is the card's headline, without the picture that finds it in a chat.
func (l letter) title() string {
	return strings.TrimSpace(strings.TrimPrefix(say.OneLine(l.card.Title), "📰"))
}

// stop is what the link that ends it says.
func (l letter) stop() string {
	if l.confirms {
		return "forget my address"
	}
	return "stop these mails"
}

// why is what a mail says of itself.
func (l letter) why() string {
	switch {
	case l.confirms:
		return "Somebody asked for this at your address. This link forgets it at once:"
	case l.of != "":
		return "You get this because you asked for the papers of " + say.OneLine(l.of) + ". This link ends it, and deletes your address:"
	}
	return "You get this because you asked for it. This link ends it, and deletes your address:"
}

// papers are the card's, cleaned and cut.
func (l letter) papers() []core.View {
	vs := make([]core.View, len(l.card.Papers))
	for i, v := range l.card.Papers {
		v.Title = say.Shorten(say.OneLine(v.Title), mostTitle)
		v.Excerpt = say.Shorten(say.OneLine(v.Excerpt), l.room)
		if v.Folded || l.room == 0 {
			v.Excerpt = ""
		}
		vs[i] = v
	}
	return vs
}

// links are the card's buttons that lead somewhere: what is to be pressed in a chat
// cannot be in a mail.
func (l letter) links() (links []core.Button) {
	for _, b := range l.card.Buttons {
		if say.Href(b.URL, "") != "" {
			links = append(links, b)
		}
	}
	return links
}

// text is the letter without any form.
func (l letter) text() string {
	var b strings.Builder
	paragraph := func(lines ...string) {
		for _, line := range lines {
			if line != "" {
				b.WriteString(line + "\r\n")
			}
		}
		b.WriteString("\r\n")
	}
	paragraph(l.title())
	for _, t := range l.card.Lines {
		paragraph(say.OneLine(t.String()))
	}
	for i, v := range l.papers() {
		paragraph(strconv.Itoa(i+1)+". "+v.Title, say.OneLine(v.Line().String()), v.Excerpt, say.Href(v.URL, ""))
	}
	for _, link := range l.links() {
		paragraph(link.Label+":", say.Href(link.URL, ""))
	}
	for _, t := range l.card.Context {
		paragraph(say.OneLine(t.String()))
	}
	b.WriteString("-- \r\n")
	paragraph(l.why(), l.end)
	return b.String()
}

// html is the letter for those who read it in a mail client: tables and styles in
// place, as they all know them, nothing from elsewhere.
func (l letter) html() (string, error) {
	var b strings.Builder
	err := page.Execute(&b, map[string]any{
		"Title": l.title(), "Stop": l.stop(), "Lines": l.card.Lines, "Papers": l.papers(), "Links": l.links(), "Context": l.card.Context, "Why": l.why(), "End": l.end,
	})
	return b.String(), err
}

// spans are sentences with marks as HTML; what strangers wrote is characters.
func spans(t say.Text) template.HTML {
	var b strings.Builder
	for _, s := range t {
		out := template.HTMLEscapeString(say.OneLine(s.Text))
		switch s.Style {
		case say.Bold:
			out = "<strong>" + out + "</strong>"
		case say.Italic:
			out = "<em>" + out + "</em>"
		case say.Code:
			out = `<code style="font-family:Consolas,Menlo,monospace;font-size:13px">` + out + "</code>"
		case say.Strike:
			out = "<s>" + out + "</s>"
		}
		if to := say.Href(s.URL, ""); to != "" {
			out = `<a href="` + template.HTMLEscapeString(to) + `" style="color:#5b4a8a">` + out + "</a>"
		}
		b.WriteString(out)
	}
	return template.HTML(b.String())
}
