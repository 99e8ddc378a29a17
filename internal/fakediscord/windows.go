package fakediscord

import (
	"fmt"
	"slices"
	"strings"
)

// Menu is a select menu, and Option what it offers.
type Menu struct {
	Placeholder string
	Options     []Option
	customID    string
}

// Option is one of a menu's.
type Option struct {
	Label, Description, Value string
	Chosen                    bool
}

// Menus are the message's select menus.
func (m Message) Menus() (all []Menu) {
	for _, row := range m.Components {
		for _, c := range list(row, "components") {
			if num(c, "type") == 3 {
				all = append(all, Menu{str(c, "placeholder"), optionsOf(c), str(c, "custom_id")})
			}
		}
	}
	return all
}

func optionsOf(c object) (all []Option) {
	for _, o := range list(c, "options") {
		all = append(all, Option{str(o, "label"), str(o, "description"), str(o, "value"), flag(o, "default")})
	}
	return all
}

// Window is a modal as somebody sees it: by the fields' labels, what is filled in
// already, what is said of it, and what can be chosen.
type Window struct {
	Title, Text string
	Labels      []string
	Values      map[string]string
	Hints       map[string]string
	Options     map[string][]Option
}

// Window is the modal that a press was answered with; nil: there is none.
func (a *Answer) Window() *Window {
	if a.i == nil || a.i.modal == nil {
		return nil
	}
	w := &Window{Title: str(a.i.modal, "title"), Values: map[string]string{}, Hints: map[string]string{}, Options: map[string][]Option{}}
	for _, part := range list(a.i.modal, "components") {
		if num(part, "type") == 10 {
			w.Text = join(w.Text, str(part, "content"))
			continue
		}
		label, c := str(part, "label"), obj(part, "component")
		w.Labels = append(w.Labels, label)
		w.Values[label], w.Hints[label] = str(c, "value"), join(str(part, "description"), str(c, "placeholder"))
		if w.Options[label] = optionsOf(c); len(w.Options[label]) == 0 {
			continue
		}
		for _, o := range w.Options[label] {
			if o.Chosen {
				w.Values[label] = o.Label
			}
		}
	}
	return w
}

// Submits lets who opened a modal change some of what is filled in, by the fields'
// labels, and send it. What Discord's window would not let through is in
// Answer.Error and never sent.
func (a *Answer) Submits(change map[string]string) *Answer {
	d, w := a.d, a.Window()
	if w == nil {
		return &Answer{d: d, Error: "There is no window. " + a.Error}
	}
	for label := range change {
		if !slices.Contains(w.Labels, label) {
			return &Answer{d: d, Error: fmt.Sprintf("There is no field %q", label)}
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var parts []any
	for _, part := range list(a.i.modal, "components") {
		c, label := obj(part, "component"), str(part, "label")
		if c == nil {
			continue
		}
		value, changed := change[label]
		if !changed {
			value = w.Values[label]
		}
		in := object{"type": num(c, "type"), "custom_id": c["custom_id"]}
		problem := ""
		if num(c, "type") == 4 {
			in["value"], problem = written(c, value)
		} else {
			in["values"], problem = chosen(c, value)
		}
		if problem != "" {
			return &Answer{d: d, Error: label + ": " + problem}
		}
		parts = append(parts, object{"type": 18, "component": in})
	}
	return d.ask(modalSubmit, a.i.member, a.i.c, object{"custom_id": a.i.modal["custom_id"], "components": parts}, a.i.on)
}

// written is a text as a window's field takes it.
func written(c object, value string) (taken, problem string) {
	most := 4000
	if v := num(c, "max_length"); v > 0 {
		most = v
	}
	switch {
	case size(value) > most:
		return "", fmt.Sprintf("at most %d characters", most)
	case c["required"] != false && strings.TrimSpace(value) == "":
		return "", "This field is required"
	}
	return value, ""
}

// chosen is an option as a window's select menu takes it, by its label.
func chosen(c object, label string) (taken []any, problem string) {
	taken = []any{}
	for _, o := range optionsOf(c) {
		if o.Label == label {
			taken = append(taken, o.Value)
		}
	}
	if len(taken) == 0 && (label != "" || c["required"] != false) {
		return nil, fmt.Sprintf("%q is not offered", label)
	}
	return taken, ""
}
