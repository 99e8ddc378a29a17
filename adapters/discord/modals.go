package discord

import (
	"context"
	"slices"
	"time"

	"paperboy/core"
	"paperboy/core/say"
)

// Discord's limits of a modal.
const (
	maxFields     = 5 // parts of it, each a label with what is filled in
	maxModalTitle = 45
	maxFieldLabel = 45
	maxFieldHint  = 100
	maxInput      = 4000

	lookTime  = time.Second      // of the three until a press has to be acknowledged
	draftTime = 15 * time.Minute // as long as the person can answer with the same window
)

// modal is a window with something to fill in.
type modal struct {
	CustomID   string      `json:"custom_id"`
	Title      string      `json:"title"`
	Components []component `json:"components"`
}

// window is a form as a modal. typed is what was filled in before, if anything.
func (d drawer) window(f core.Form, typed map[string]string) modal {
	m := modal{CustomID: f.ID, Title: say.Shorten(trimmed(f.Title), maxModalTitle)}
	var about []string
	for _, t := range f.Lines {
		about = append(about, d.text(t, maxContent/2))
	}
	if text := together(about...); text != "" && len(f.Fields) < maxFields {
		m.Components = append(m.Components, component{Type: kindTextShown, Content: say.Shorten(text, maxInput)})
	}
	for _, field := range f.Fields[:min(len(f.Fields), maxFields)] {
		if v, ok := typed[field.Name]; ok {
			field.Value = v
		}
		label := component{Type: kindLabel, Label: say.Shorten(trimmed(field.Label), maxFieldLabel)}
		hint := say.Shorten(trimmed(field.Hint), maxFieldHint)
		required := !field.Optional
		if field.Kind == core.FieldChoice {
			if menu := choose(field); len(menu.Options) > 0 {
				menu.Required, label.Description, label.Component = &required, hint, &menu
				m.Components = append(m.Components, label)
				continue
			}
		}
		input := component{Type: kindTextInput, CustomID: field.Name, Style: styleShort, Placeholder: hint, Required: &required, MaxLength: min(field.Max, maxInput)}
		if field.Max > maxFieldHint {
			input.Style = styleLong
		}
		if field.Kind == core.FieldTime && hint == "" {
			input.Placeholder = "09:00"
		}
		input.Value = say.Shorten(say.Clean(field.Value), maxInput)
		if field.Max > 0 { // what is there already is not cut
			input.MaxLength = max(input.MaxLength, say.Length(input.Value))
		}
		label.Component = &input
		m.Components = append(m.Components, label)
	}
	return m
}

// choose is a choice as a select menu.
func choose(f core.Field) component {
	var options []core.Option
	for _, c := range f.Options {
		options = append(options, core.Option{ID: c.Value, Label: c.Label, Detail: c.Hint, Chosen: c.Value == f.Value})
	}
	menus := selects("", "", options)
	if len(menus) == 0 {
		return component{}
	}
	menus[0].CustomID, menus[0].Placeholder = f.Name, ""
	return menus[0]
}

// filled is a part of a modal as it came back.
type filled struct {
	CustomID   string   `json:"custom_id"`
	Value      string   `json:"value"`
	Values     []string `json:"values"`
	Component  *filled  `json:"component"`
	Components []filled `json:"components"`
}

// values are what was filled in, by field.
func values(all []filled) map[string]string {
	out := map[string]string{}
	var read func(f filled)
	read = func(f filled) {
		switch {
		case f.CustomID != "" && len(f.Values) > 0:
			out[f.CustomID] = f.Values[0]
		case f.CustomID != "":
			out[f.CustomID] = f.Value
		}
		if f.Component != nil {
			read(*f.Component)
		}
		for _, c := range f.Components {
			read(c)
		}
	}
	for _, f := range all {
		read(f)
	}
	return out
}

// opens shows the form that was pressed for, which is then the first answer. It
// says whether nothing else is to be done: a press that opens no form, or whose
// form Discord does not take, is answered like any other.
func (d *Discord) opens(ctx context.Context, i interaction, arrived time.Time) bool {
	looking, cancel := context.WithDeadline(ctx, arrived.Add(lookTime))
	defer cancel()
	p := d.pressed(looking, i)
	f, ok := d.bot.Form(looking, p)
	if !ok {
		return false
	}
	typed, _ := d.drafts.Get(draftOf(p.User, p.Channel, f.ID), time.Now())
	err := d.call(ctx, i, callback{openModal, d.drawer(i.Guild).window(f, typed)}, arrived)
	if code(err) == invalidForm {
		d.log.Error("discord does not show a form; the person is told how it is typed", "form", f.ID, "err", err)
		return false
	}
	return true
}

// draftOf is where what somebody filled in is kept, when something was wrong in it.
func draftOf(u core.User, ch core.ChannelKey, form string) string {
	return u.Key + " " + ch.String() + " " + form
}

// submit takes what was filled in. Where something is wrong, a window that is
// closed cannot say so: the answer does, and opens it again as it was.
func (d *Discord) submit(ctx context.Context, i interaction) {
	key, name := d.channelOf(ctx, i)
	s := core.Submission{ID: i.ID, Channel: key, Name: name, Private: d.isPrivate(i.Guild, key.ID), User: d.person(i), Form: i.Data.CustomID, Values: values(i.Data.Filled)}
	draft := draftOf(s.User, key, s.Form)
	again := i.isAgain() // what was wrong gives way to what becomes of it
	wrong := d.bot.Check(ctx, s)
	if len(wrong) == 0 {
		d.drafts.Forget(draft)
		r := d.bot.Submit(ctx, s)
		r.Edit = r.Edit || again
		d.answer(ctx, i, r)
		return
	}
	d.drafts.Put(draft, s.Values, time.Now().Add(draftTime))
	card := core.Card{Buttons: []core.Button{{ID: s.Form, Label: changeIt}}}
	fields := make([]string, 0, len(wrong))
	for field := range wrong {
		fields = append(fields, field)
	}
	slices.Sort(fields)
	for _, field := range fields {
		line := wrong[field]
		if v := s.Values[field]; v != "" {
			line = say.Join(" ", line, say.Say("You wrote `%s`.", v))
		}
		card.Lines = append(card.Lines, line)
	}
	d.answer(ctx, i, core.Reply{Card: card, Edit: again, Failed: true})
}

// changeIt stands on the button that opens a window again.
const changeIt = "Change it"

// isAgain reports whether a window was opened from the answer that said what was
// wrong in it.
func (i interaction) isAgain() bool {
	for _, r := range i.Message.Components {
		for _, b := range r.Components {
			if b.Label == changeIt && b.CustomID == i.Data.CustomID {
				return true
			}
		}
	}
	return false
}
