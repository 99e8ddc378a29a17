package discord

import (
	"encoding/json"
	"testing"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/verbs"
)

// The playground's cards are made for the playground.
func TestACardOfAnotherNetworkIsWrittenAsHere(t *testing.T) {
	elsewhere := core.Network{Command: "/papers"}
	c := core.Card{Lines: []say.Text{{{Text: "Start with "}, verbs.Typed(elsewhere, "subscribe diffusion"), {Text: " or `x`"}}}}
	before, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Draw(c)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Draw(core.Card{Lines: []say.Text{{{Text: "Start with "}, verbs.Typed(network, "subscribe diffusion"), {Text: " or `x`"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if after, _ := json.Marshal(c); string(after) != string(before) {
		t.Error("the card itself was changed")
	}
}
