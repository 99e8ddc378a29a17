package discord

import (
	"bytes"
	"encoding/json"
	"strings"

	"paperboy/core"
	"paperboy/core/say"
)

// A post in layout cards is drawn in Components V2 (components/reference.mdx): a
// container, and in it each paper with its buttons. Up to nine papers have a row of
// two buttons each, and up to six of them a picture beside the text; ten have their
// first button beside the text, and of the second one select menu for all. That is
// what 40 components hold:
//
//	1 container + 2 texts + 6 × (section, text, picture, row, 2 buttons) = 39
//	1 container + 2 texts + 9 × (text, row, 2 buttons)                   = 39
//	1 container + 2 texts + 10 × (section, text, button) + row, menu     = 35
const (
	maxShown      = 4000 // characters of all texts in a layout
	maxPictured   = 6    // papers
	maxTwoButtons = 9    // papers
)

// cards is a card whose papers stand apart.
func (d drawer) cards(c core.Card) message {
	box := component{Type: kindContainer, AccentColor: colour}
	add := func(parts ...component) { box.Components = append(box.Components, parts...) }
	head := d.text(say.Text{{Text: say.Shorten(c.Title, maxTitle), Style: say.Bold}}, maxTitle)
	for _, t := range c.Lines {
		head = together(head, d.text(t, maxLines/4))
	}
	tail := d.small(c.Context, maxLines/4)
	add(shown(head)...)
	var second []core.Option
	label := "" // on all of them
	room := (maxShown - say.Length(head) - say.Length(tail)) / max(1, len(c.Papers))
	for _, v := range c.Papers {
		text := component{Type: kindTextShown, Content: d.apart(v, room)}
		var buttons []component
		for _, b := range v.Buttons {
			if k, ok := buttonOf(b); ok {
				buttons = append(buttons, k)
			}
		}
		switch {
		case len(buttons) > 0 && len(c.Papers) > maxTwoButtons:
			add(component{Type: kindSection, Components: []component{text}, Accessory: &buttons[0]})
			for _, b := range buttons[1:] {
				label = b.Label
				second = append(second, core.Option{ID: b.CustomID, Label: v.Title, Detail: plain(v.Line())})
			}
		case len(c.Papers) <= maxPictured && showable(href(v.Thumbnail)) && !v.Folded:
			add(component{Type: kindSection, Components: []component{text}, Accessory: &component{Type: kindPicture, Media: &picture{href(v.Thumbnail)}}})
		default:
			add(text)
		}
		if len(buttons) > 0 && len(c.Papers) <= maxTwoButtons {
			add(component{Type: kindRow, Components: buttons[:min(len(buttons), maxInRow)]})
		}
	}
	for _, menu := range selects("second", label+" a paper …", second) {
		add(component{Type: kindRow, Components: []component{menu}})
	}
	add(shown(tail)...)
	return message{Components: []component{box}, Mentions: mentions{Parse: []string{}}, Flags: flagLayout}
}

// shown is a text of a layout; none, where there is nothing to show.
func shown(text string) []component {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return []component{{Type: kindTextShown, Content: text}}
}

// apart is a paper among others: title, sentence, and in small print what else is
// known. Where there is little room it is the sentence that is cut.
func (d drawer) apart(v core.View, room int) string {
	title := d.text(say.Text{entitled(v)}, room*2/3)
	known := d.small([]say.Text{v.Line()}, room/3-2)
	if v.Folded {
		return title + d.text(say.Say(" · _not for us_"), room/3)
	}
	left := room - say.Length(title) - say.Length(known) - 2
	if v.Excerpt == "" || left < minExcerpt {
		return together(title, known)
	}
	return together(title, d.text(say.Text{{Text: v.Excerpt}}, left), known)
}

// minExcerpt is the least of a sentence that says anything.
const minExcerpt = 40

// headline is what a header is known by: its first line, wherever it stands.
func headline(content string, parts []component) string {
	for _, p := range parts {
		if content != "" {
			break
		}
		if content = p.Content; content == "" {
			content = headline("", p.Components)
		}
	}
	return firstLine(content)
}

// MarshalJSON leaves out of a layout what may not stand beside one.
func (m message) MarshalJSON() ([]byte, error) {
	type all message
	var body any = all(m)
	if m.Flags&flagLayout != 0 {
		body = struct {
			Components   []component `json:"components"`
			Mentions     mentions    `json:"allowed_mentions"`
			Flags        int         `json:"flags"`
			Nonce        string      `json:"nonce,omitempty"`
			EnforceNonce bool        `json:"enforce_nonce,omitempty"`
		}{m.Components, m.Mentions, m.Flags, m.Nonce, m.EnforceNonce}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // what is around it does that
	err := enc.Encode(body)
	return b.Bytes(), err
}
