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
	if _, wrong := submit(f.ID, nil); !strings.Contains(wrong["topic"], "needs") {
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
