package slack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"paperboy/core"
	"paperboy/core/say"
)

// What has something to do at its side: rows, the papers of a list, and menus.

// rows draws lines with what can be done with them at their side. One that has
// nothing there is a heading, with its buttons below; a line is drawn above it,
// and above what introduces papers. What finds no room is counted.
func (d *drawing) rows(rows []core.Row, papers bool) {
	for i, r := range rows {
		e, text := entry{small: r.Small}, r.Line(true)
		if r.Menu != nil {
			e.side = menuElement(*r.Menu)
		}
		if e.side == nil && len(r.Buttons) == 1 {
			e.side = button(r.Buttons[0], "b0")
		} else {
			e.below = inFront(r.Buttons)
		}
		if e.side == nil {
			text = bold(text)
		}
		e.apart = len(d.blocks) > 0 && (e.side == nil || papers && i == len(rows)-1 && r.Menu == nil)
		w := newWriter(maxEntry)
		w.text(text)
		if e.text = w.String(); !d.entry(e) {
			d.beyond(len(rows) - i)
			return
		}
	}
}

// bold is a text whose plain words are bold.
func bold(t say.Text) (out say.Text) {
	for _, s := range t {
		if s.Style == say.Plain {
			s.Style = say.Bold
		}
		out = append(out, s)
	}
	return out
}

// entry is a line, its small print, and what can be done with it.
type entry struct {
	apart bool // a line is drawn above it
	text  string
	small say.Text
	side  slack.BlockElement
	below []slack.BlockElement
}

// entry draws it whole or not at all.
func (d *drawing) entry(e entry) (ok bool) {
	whole := *d
	drawn := func(draw func()) bool {
		before := len(whole.blocks)
		draw()
		return len(whole.blocks) > before
	}
	var accessory *slack.Accessory
	if e.side != nil {
		accessory = slack.NewAccessory(e.side)
	}
	if e.text == "" ||
		e.apart && !whole.add(slack.NewDividerBlock(), 0) ||
		!whole.add(slack.NewSectionBlock(mrkdwn(e.text), nil, accessory), say.Length(e.text)+weigh(e.side)) ||
		strings.TrimSpace(e.small.String()) != "" && !drawn(func() { whole.context([]say.Text{e.small}) }) ||
		len(e.below) > 0 && !drawn(func() { whole.controls(e.below...) }) {
		return false
	}
	*d = whole
	return true
}

// beyond says how many there are for which there is no room.
func (d *drawing) beyond(n int) {
	d.blocksLeft++ // kept free for it
	d.charsLeft += maxContext / 10
	d.context([]say.Text{say.Say("… and %d more", n)})
}

// listed is a paper of a list, what is known of it in small print. Its buttons are
// at its side, where they are few.
func listed(w *writer, v core.View) entry {
	w.title(v)
	e := entry{side: compact(v.Buttons)}
	if !v.Folded {
		w.below(say.Text{{Text: v.Excerpt}})
		e.small = v.Line()
	}
	e.text = w.String()
	if e.side == nil {
		e.below = inFront(v.Buttons)
	}
	return e
}

// compact is buttons as one control: itself where it is one, and a small menu
// where they are few; nil where they are more.
func compact(buttons []core.Button) slack.BlockElement {
	if len(buttons) == 1 {
		return button(buttons[0], "b0")
	}
	if len(buttons) > maxMenu {
		return nil
	}
	return overflow(menuLines(buttons))
}

// button is nil where Slack would not take it.
func button(b core.Button, id string) slack.BlockElement {
	e := slack.NewButtonBlockElement(id, b.ID, plainText(b.Label, maxLabel))
	if b.URL != "" {
		e.URL, e.ActionID, e.Value = href(b.URL), "link"+id, ""
	}
	if b.URL != "" && e.URL == "" || say.Length(e.Value) > maxValue || e.Text.Text == "" {
		return nil
	}
	return e
}

// overflow is a small menu, ⋯, of the lines that Slack takes; nil without any.
func overflow(lines []*slack.OptionBlockObject) slack.BlockElement {
	lines = slices.DeleteFunc(lines, func(o *slack.OptionBlockObject) bool { return o == nil })
	if len(lines) == 0 {
		return nil
	}
	return slack.NewOverflowBlockElement("menu", lines[:min(len(lines), maxMenu)]...)
}

// menuLines are buttons as lines of a small menu.
func menuLines(buttons []core.Button) (lines []*slack.OptionBlockObject) {
	for _, b := range buttons {
		id, url := b.ID, ""
		if b.URL != "" {
			if id, url = linkValue, href(b.URL); url == "" {
				continue
			}
		}
		if o := option(core.Option{ID: id, Label: b.Label}); o != nil {
			o.URL = url
			lines = append(lines, o)
		}
	}
	return lines
}

// menuElement is a menu as one control: ⋯ where it is a few things to do, else a
// select, which shows what is chosen, and takes no choice twice.
func menuElement(m core.Menu) slack.BlockElement {
	var few []*slack.OptionBlockObject
	for _, o := range m.Options {
		if o.Chosen || len(few) == maxMenu {
			return selectElement(m)
		}
		few = append(few, option(o))
	}
	return overflow(few)
}

func selectElement(m core.Menu) slack.BlockElement {
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "menu")
	if label := plainText(m.Label, maxPlaceholder); label.Text != "" {
		e.Placeholder = label
	}
	for _, o := range m.Options {
		made := option(o)
		if made == nil || len(e.Options) == maxOptions {
			continue
		}
		e.Options = append(e.Options, made)
		if o.Chosen && e.InitialOption == nil {
			e.InitialOption = made
		}
	}
	if len(e.Options) == 0 {
		return nil
	}
	return e
}

// weigh is the characters of an element's texts, as Slack counts them.
func weigh(e slack.BlockElement) (n int) {
	switch e := e.(type) {
	case *slack.ButtonBlockElement:
		return say.Length(e.Text.Text + e.Value + e.URL)
	case *slack.OverflowBlockElement:
		return weighOptions(e.Options)
	case *slack.SelectBlockElement:
		return weighOptions(e.Options) + maxPlaceholder
	}
	return 0
}

func weighOptions(options []*slack.OptionBlockObject) (n int) {
	for _, o := range options {
		n += say.Length(o.Text.Text + o.Value + o.URL)
		if o.Description != nil {
			n += say.Length(o.Description.Text)
		}
	}
	return n
}

// actions draws buttons; with a menu, those that find no place in front are in it.
func (d *drawing) actions(buttons, menu []core.Button) {
	front := buttons
	if len(menu) > 0 {
		n := max(min(buttonsInFront, len(buttons)), len(buttons)+len(menu)-maxMenu)
		front, menu = buttons[:min(n, len(buttons))], append(append([]core.Button(nil), buttons[min(n, len(buttons)):]...), menu...)
	}
	elements := inFront(front)
	if e := overflow(menuLines(menu)); e != nil {
		elements = append(elements, e)
	}
	d.controls(elements...)
}

// inFront are buttons that stand beside one another.
func inFront(buttons []core.Button) (elements []slack.BlockElement) {
	for i, b := range buttons {
		if e := button(b, fmt.Sprintf("b%d", i)); e != nil && len(elements) < maxActions-1 { // and a menu
			elements = append(elements, e)
		}
	}
	return elements
}

// controls draws elements beside one another.
func (d *drawing) controls(elements ...slack.BlockElement) {
	chars := 0
	for _, e := range elements {
		chars += weigh(e)
	}
	if len(elements) > 0 {
		d.add(slack.NewActionBlock("", elements...), chars)
	}
}
