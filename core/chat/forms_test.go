package chat_test

import (
	"strings"
	"testing"

	"paperboy/core"
)

// What a button opens is filled in and done as if it had been typed.
func TestAFormIsAVerbFilledInByHand(t *testing.T) {
	l := newLab(t)
	open := func(button string) core.Form {
		t.Helper()
		f, ok := l.Form(t.Context(), core.Press{Channel: at("ml"), User: person("ana"), Button: button})
		if !ok {
			t.Fatalf("%s opens nothing", button)
		}
		return f
	}
	submit := func(form string, values map[string]string) (core.Reply, map[string]string) {
		t.Helper()
		s := core.Submission{ID: form + values["topic"] + values["zone"], Channel: at("ml"), User: person("ana"), Form: form, Values: values}
		wrong := map[string]string{}
		for field, why := range l.Check(t.Context(), s) {
			wrong[field] = why.String()
		}
		if len(wrong) > 0 {
			return core.Reply{}, wrong
		}
		return l.Submit(t.Context(), s), nil
	}

	f := open("pb1|form|subscribe")
	if _, wrong := submit(f.ID, map[string]string{"topic": "lora -"}); !strings.Contains(wrong["topic"], "A minus needs a word right after it") {
		t.Errorf("a bad topic: %v", wrong)
	}
	if _, wrong := submit(f.ID, nil); wrong["topic"] != "Nothing is written here yet: write what to follow, as in `diffusion -\"stable diffusion\"`." {
		t.Errorf("no topic: %v", wrong)
	}
	if r, _ := submit(f.ID, map[string]string{"topic": "lora, diffusion"}); len(r.Line) != 1 || !strings.Contains(r.Line[0].String(), "follows 2 topics here") {
		t.Errorf("%+v", r)
	}
	f = open("pb1|form|preview")
	if r, _ := submit(f.ID, map[string]string{"topic": "lora"}); r.Failed || len(r.Line) > 0 {
		t.Errorf("%+v", r)
	}
	f = open("pb1|form|schedule")
	if f.Fields[0].Value != "09:00" || f.Fields[2].Value != "weekdays" {
		t.Errorf("what is known is not filled in: %+v", f.Fields)
	}
	if _, wrong := submit(f.ID, map[string]string{"time": "25:00", "zone": "CET+1", "days": "daily"}); len(wrong) != 2 || !strings.Contains(wrong["zone"], "I do not know the zone") {
		t.Errorf("%v", wrong)
	}
	if _, wrong := submit(f.ID, map[string]string{"time": "soon", "zone": "Berlin", "days": "daily"}); len(wrong) != 1 || !strings.Contains(wrong["time"], "is not a time of day") {
		t.Errorf("%v", wrong)
	}
	if r, _ := submit(f.ID, map[string]string{"time": "17:30", "zone": "Berlin", "days": "daily"}); len(r.Line) != 1 || !strings.Contains(r.Line[0].String(), "17:30") {
		t.Errorf("%+v", r)
	}
	if f := open("pb1|form|schedule"); f.Fields[0].Value != "17:30" || f.Fields[1].Value != "Europe/Berlin" || f.Fields[2].Value != "daily" {
		t.Errorf("what is set is not filled in: %+v", f.Fields)
	}
	for _, other := range []string{"pb1|save|2106.09685", "pb1|form|nothing", "pb1|form", "pb0|form|preview", ""} {
		if _, ok := l.Form(t.Context(), core.Press{Channel: at("ml"), User: person("ana"), Button: other}); ok {
			t.Errorf("%q opens a form", other)
		}
	}
}

// Where options have names, a form is done as the options that it has.
func TestAFormIsFilledInWhereOptionsHaveNames(t *testing.T) {
	l := newLab(t)
	l.net.customs.Named, l.net.customs.Limits.Fields = true, 5
	for form, values := range map[string]map[string]string{
		"preview":        {"topic": "lamps"},
		"subscribe":      {"topic": `lamps -"hot soup", diffusion`},
		"schedule":       {"time": "9", "zone": "berlin", "days": "weekly:mon"},
		"settings|max":   {"max": "7"},
		"settings|votes": {"votes": "🔥,👍"},
		"mute":           {"what": `author:"Jane Doe"`, "for": "forever"},
	} {
		button := "pb1|form|" + form
		f, ok := l.Form(t.Context(), core.Press{Channel: at("ml"), User: person("ana"), Button: button})
		if !ok || len(f.Fields) > 5 || f.Title == "" || len([]rune(f.Title)) > 24 || len([]rune(f.Submit)) > 24 {
			t.Errorf("%s: %v %+v", form, ok, f)
			continue
		}
		for _, field := range f.Fields {
			if _, given := values[field.Name]; !given || len([]rune(field.Label)) > 45 || len([]rune(field.Hint)) > 100 || len(field.Options) > 25 {
				t.Errorf("%s asks for %+v", form, field)
			}
		}
		s := core.Submission{ID: form, Channel: at("ml"), User: person("ana"), Form: f.ID, Values: values}
		if wrong := l.Check(t.Context(), s); len(wrong) > 0 {
			t.Errorf("%s: %v", form, wrong)
		}
		if r := l.Submit(t.Context(), s); r.Failed || form != "preview" && len(r.Line) != 1 {
			t.Errorf("%s: %s", form, read(r))
		}
	}
	if s := l.channel().Schedule.String(); s != "09:00 Europe/Berlin weekly:mon" || l.channel().Settings.Max != 7 || len(l.topics()) != 2 {
		t.Errorf("%s, %d papers, %d topics", s, l.channel().Settings.Max, len(l.topics()))
	}
}

// Who may not do what a form asks for gets no form, and is told why.
func TestAFormIsForWhoMaySubmitIt(t *testing.T) {
	l := newLab(t)
	l.says("pi", "settings editors:managers")
	p := core.Press{Channel: at("ml"), User: person("ana"), Button: "pb1|form|subscribe"}
	p.User.Manager = false
	if _, ok := l.Form(t.Context(), p); ok {
		t.Error("a form is shown")
	}
	if r := l.Press(t.Context(), p); !r.Failed || !strings.Contains(r.Card.Lines[0].String(), "Only channel managers") {
		t.Errorf("%+v", r)
	}
	if r := l.Submit(t.Context(), core.Submission{Channel: at("ml"), User: p.User, Form: p.Button, Values: map[string]string{"topic": "lora"}}); !r.Failed {
		t.Errorf("%+v", r)
	}
}
