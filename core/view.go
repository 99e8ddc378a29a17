package core

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"paperboy/core/say"
	"paperboy/core/topic"
)

// excerptLength is how much of an abstract a message shows (product.md A9).
const excerptLength = 280

// view is a paper as messages show it.
func view(p *Paper) View {
	v := View{
		ID: p.ID, URL: p.URL(), PDF: p.PDF(),
		Title:   p.Title,
		Authors: byline(p.Authors),
		Excerpt: cut(p.Abstract, excerptLength),
		Thumb:   p.Thumbnail,
	}
	if c := p.Primary(); c != "" {
		v.Facts = append(v.Facts, c)
	}
	if p.Upvotes != nil {
		v.Facts = append(v.Facts, "HF ▲"+number(*p.Upvotes))
	}
	switch {
	case p.Code != "" && p.Stars != nil:
		v.Facts = append(v.Facts, "code ★"+number(*p.Stars))
	case p.Code != "":
		v.Facts = append(v.Facts, "code")
	}
	if p.Withdrawn {
		v.Labels = append(v.Labels, "withdrawn")
		v.Struck = true
	}
	return v
}

// entry is a paper as a line of a list: no abstract, but its day.
func entry(p *Paper) View {
	v := view(p)
	v.Excerpt, v.Thumb = "", ""
	if !p.Day.IsZero() {
		v.Facts = append(v.Facts, longDate(p.Day))
	}
	return v
}

func longDate(d Date) string { return d.Time(utc).Format("2 Jan 2006") }

// dates are the day that the paper counts for, as lists show it, and when it
// was published, where that is another day and known.
func dates(p *Paper) (facts []string) {
	if !p.Day.IsZero() {
		facts = append(facts, longDate(p.Day))
	}
	if !p.Published.IsZero() && p.Published != p.Day {
		facts = append(facts, "published "+longDate(p.Published))
	}
	return facts
}

// listed is an entry with what one can do with it at once.
func listed(p *Paper) View {
	v := entry(p)
	v.Buttons = []Button{button("Save", "save", string(p.ID)), button("Similar", "similar", string(p.ID)), button("Abstract", "abstract", string(p.ID))}
	return v
}

// byline shortens the authors: the first two and the last, and how many.
func byline(authors []string) string {
	switch n := len(authors); {
	case n == 0:
		return ""
	case n == 1:
		return initials(authors[0]) + " (1 author)"
	case n <= 3:
		short := make([]string, n)
		for i, a := range authors {
			short[i] = initials(a)
		}
		return fmt.Sprintf("%s (%d)", strings.Join(short, ", "), n)
	default:
		return fmt.Sprintf("%s, %s … %s (%s)", initials(authors[0]), initials(authors[1]), initials(authors[n-1]), number(n))
	}
}

// initials shortens given names: "Jan Peter Doe" is "J. P. Doe".
func initials(name string) string {
	parts := strings.Fields(name)
	for i := 0; i < len(parts)-1; i++ {
		r, _ := utf8.DecodeRuneInString(parts[i])
		if unicode.IsUpper(r) {
			parts[i] = string(r) + "."
		}
	}
	return cut(strings.Join(parts, " "), 40)
}

// matchedText says which topics brought a paper: "matched: diffusion in title".
// A topic whose own words differ from the terms that were found is named too.
func matchedText(ms []Matched) say.Text {
	if len(ms) == 0 {
		return nil
	}
	var parts []say.Text
	seen := map[topic.Why]bool{}
	for _, m := range ms {
		for _, w := range m.Why {
			if !seen[w] {
				seen[w] = true
				parts = append(parts, whyText(w))
			}
		}
	}
	if len(parts) > 6 {
		parts = append(parts[:5], say.Say("%d more", len(parts)-5))
	}
	return append(say.Say("matched: "), say.Join(" · ", parts...)...)
}

func whyText(w topic.Why) say.Text {
	switch w.Field {
	case topic.Title:
		return say.Say("*%s* in title", strings.TrimPrefix(w.Term, "title:"))
	case topic.Abstract:
		return say.Say("*%s* in abstract", strings.TrimPrefix(w.Term, "abstract:"))
	}
	return say.Say("*%s*", w.Term)
}

// paperCard is a paper's own message.
func paperCard(v View) Card {
	return Card{Papers: []View{v}, Buttons: paperButtons(v.ID), More: moreButtons(&v)}
}

// Buttons carry the paper's key; "pb1" is their version, so that old messages
// keep working after an upgrade.
const buttonVersion = "pb1"

// buttonLimit is Discord's for a custom_id.
const buttonLimit = 100

func button(label string, parts ...string) Button {
	return Button{ID: buttonVersion + "|" + strings.Join(parts, "|"), Label: label}
}

func paperButtons(id PaperID) []Button {
	return []Button{
		button("Save", "save", string(id)),
		button("Similar", "similar", string(id)),
		button("BibTeX", "bibtex", string(id)),
		button("Not for us", "notforus", string(id)),
		button("Mute", "mute", string(id)),
	}
}

func moreButtons(v *View) []Button {
	bs := []Button{button("Abstract", "abstract", string(v.ID)), button("Why?", "why", string(v.ID))}
	if v.PDF != "" {
		bs = append(bs, Button{Label: "PDF", URL: v.PDF})
	}
	return bs
}

// doButton runs a command when pressed; none when the command is too long for
// a button.
func doButton(label, command string) []Button {
	b := button(label, "do", command)
	if len(b.ID) > buttonLimit {
		return nil
	}
	return []Button{b}
}
