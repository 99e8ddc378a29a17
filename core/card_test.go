package core_test

import (
	"testing"

	"paperboy/core"
	"paperboy/core/say"
)

// A setting's value stands once: in the menu at its side, or in its line.
func TestAValueStandsOnce(t *testing.T) {
	row := core.Row{Text: say.Say("*Papers in a post*"), Value: "5", Menu: &core.Menu{Options: []core.Option{{Label: "3"}, {Label: "5", Chosen: true}}}}
	if got := row.Line(true).String(); got != "Papers in a post" {
		t.Error(got)
	}
	if got := row.Line(false).String(); got != "Papers in a post: 5" {
		t.Error(got)
	}
	row.Menu.Options[1].Chosen = false
	if got := row.Line(true).String(); got != "Papers in a post: 5" {
		t.Error("no option says so, and neither does " + got)
	}
}

// What a feed calls its categories is not taken for the paper's code.
func TestTheSmallLineLeadsToTheCodeAlone(t *testing.T) {
	v := core.View{Code: "https://github.com/ana/lamps", Facts: []string{"code review", "▲41", "code ★312"}}
	for _, s := range v.Line() {
		if (s.URL == v.Code) != (s.Text == "code ★312") {
			t.Errorf("%q leads to %q", s.Text, s.URL)
		}
	}
}
