// Package cards turns a paper, or what a command found out, into what people
// see.
//
// In: papers, deliveries and why topics matched. Out: a core.Card or core.View,
// and the small words (counts, lists, dates) that every answer is made of.
//
// Promises: it reads nothing and knows no platform; strangers' words are
// arguments of core/say, never markup; what is not known is left out, not shown
// as zero. Buttons of earlier versions keep their meaning, because messages
// outlive the program that posted them.
package cards

import (
	"fmt"
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// excerptLength is how much of an abstract a message shows.
const excerptLength = 280

// View is a paper as messages show it.
func View(p *core.Paper) core.View {
	v := core.View{
		ID: p.ID, URL: p.URL(), PDF: p.PDF(),
		Title:   p.Title,
		Authors: byline(p.Authors),
		Excerpt: Cut(p.Abstract, excerptLength),
	}
	if c := p.Primary(); c != "" {
		v.Facts = append(v.Facts, c)
	}
	if p.Upvotes != nil {
		v.Facts = append(v.Facts, "HF ▲"+Number(*p.Upvotes))
	}
	switch {
	case p.Code != "" && p.Stars != nil:
		v.Facts = append(v.Facts, "code ★"+Number(*p.Stars))
	case p.Code != "":
		v.Facts = append(v.Facts, "code")
	}
	if p.Withdrawn {
		v.Labels = append(v.Labels, "withdrawn")
		v.Struck = true
	}
	return v
}

// Entry is a paper as a line of a list: no abstract, but its day.
func Entry(p *core.Paper) core.View {
	v := View(p)
	v.Excerpt = ""
	if !p.Day.IsZero() {
		v.Facts = append(v.Facts, LongDate(p.Day))
	}
	return v
}

// Listed is an entry with what one can do with it at once.
func Listed(p *core.Paper) core.View {
	v := Entry(p)
	id := string(p.ID)
	v.Buttons = []core.Button{Button("Save", "save", id), Button("Similar", "similar", id), Button("Abstract", "abstract", id)}
	v.Open = Button("", "abstract", id).ID
	return v
}

// Title is an entry of a digest: with what brought it, and whether it is late.
func Title(p *core.Paper, ms []core.Matched, late bool) core.View {
	v := Entry(p)
	v.Matched = Matched(ms)
	if late {
		v.Labels = append(v.Labels, LabelLate)
	}
	return v
}

// Whole is a paper as `show` gives it: the whole abstract, its dates, and the
// votes it has here.
func Whole(p *core.Paper, votes int) core.Card {
	v := View(p)
	v.Excerpt = Cut(p.Abstract, 2500) // one Slack section and one Discord embed hold it
	v.Votes = votes
	v.Facts = append(v.Facts, Dates(p)...)
	return Paper(v)
}

// Paper is a paper's own message.
func Paper(v core.View) core.Card {
	id := string(v.ID)
	card := core.Card{
		Papers: []core.View{v},
		Buttons: []core.Button{
			Button("Save", "save", id), Button("Similar", "similar", id), Button("BibTeX", "bibtex", id),
			Button("Not for us", "notforus", id), Button("Mute", "mute", id),
		},
		More: []core.Button{Button("Abstract", "abstract", id), Button("Why?", "why", id)},
	}
	if v.PDF != "" {
		card.More = append(card.More, core.Button{Label: "PDF", URL: v.PDF})
	}
	return card
}

// Delivered is a paper's message in a channel, as it stands now.
func Delivered(p *core.Paper, d *core.Delivery) core.Card {
	v := View(p)
	v.Matched = Matched(d.Matched)
	v.Tags = Tags(d.Matched)
	if d.Late {
		v.Labels = append(v.Labels, LabelLate)
	}
	if IsNewer(p, d) {
		v.Labels = append(v.Labels, fmt.Sprintf("updated v%d", p.Version))
	}
	v.Folded = d.Folded
	return Paper(v)
}

// LabelLate marks what was listed only after the post that it belonged to.
const LabelLate = "listed late"

// IsNewer reports whether a version came after the one that was posted. A
// source that names none lists first versions.
func IsNewer(p *core.Paper, d *core.Delivery) bool { return p.Version > max(d.Shown, 1) }

// Tags are a paper's topics as words for a forum's tags.
func Tags(ms []core.Matched) []string {
	var ts []string
	for _, m := range ms {
		ts = append(ts, strings.ToLower(m.Topic))
	}
	return ts
}

// Matched says which topics brought a paper: "matched: diffusion in title".
// A topic whose own words differ from the terms that were found is named too.
func Matched(ms []core.Matched) say.Text {
	var whys []topic.Why
	for _, m := range ms {
		for _, w := range m.Why {
			if !slices.Contains(whys, w) {
				whys = append(whys, w)
			}
		}
	}
	if len(ms) == 0 {
		return nil
	}
	var parts []say.Text
	for _, w := range whys {
		parts = append(parts, Why(w))
	}
	if len(parts) > 6 {
		parts = append(parts[:5], say.Say("%d more", len(parts)-5))
	}
	return append(say.Say("matched: "), say.Join(" · ", parts...)...)
}

// Why says what of a topic was found where.
func Why(w topic.Why) say.Text {
	switch w.Field {
	case topic.Title:
		return say.Say("*%s* in title", strings.TrimPrefix(w.Term, "title:"))
	case topic.Abstract:
		return say.Say("*%s* in abstract", strings.TrimPrefix(w.Term, "abstract:"))
	case topic.Author:
		if w.Name != "" { // kept by earlier versions without
			return say.Say("author *%s* (name match)", Cut(w.Name, 80))
		}
	}
	return say.Say("*%s*", w.Term)
}

// version is that of the buttons' ids.
const version = "pb1"

// Button carries its verb and what it is about: "pb1|save|2509.24002".
func Button(label string, parts ...string) core.Button {
	return core.Button{ID: version + "|" + strings.Join(parts, "|"), Label: label}
}

// Pressed takes a button's id apart; ok is false for one of another version.
func Pressed(id string) (verb string, args []string, ok bool) {
	parts := strings.Split(id, "|")
	if len(parts) < 2 || parts[0] != version {
		return "", nil, false
	}
	return parts[1], parts[2:], true
}

// Fit is the button; none where its id is too long for the platform.
func Fit(b core.Button, limits core.Limits) []core.Button {
	if limits.ButtonID > 0 && len(b.ID) > limits.ButtonID {
		return nil
	}
	return []core.Button{b}
}
