package journey

import (
	"bytes"
	"image/png"
	"strings"
	"testing"
)

func TestAChannelInNumbers(t *testing.T) {
	w := tuesday(t)
	w.reacts("ana", seedID(28), "👍", true)
	w.reacts("ben", seedID(28), "🔥", true)
	w.reacts("ben", seedID(3), "👍", true)
	w.says("pi", "subscribe nothing of the kind")
	r := w.says("ana", "stats")
	w.sees(text(r.Card), "6 papers in 1 post in the last 30 days; 2 were voted for here.", "3 votes by 2 people.",
		"• #1 diffusion: 4 papers, 2 voted for", "• #2 lora: 3 papers, 1 voted for", "• #3 nothing of the kind: 0 papers, 0 voted for", "Most voted:")
	w.doesNotSee(text(r.Card), "ana", "ben") // a number of people, and no names
	if r.Public || len(r.Card.Papers) != 2 || r.Card.Papers[0].ID != seedID(28) || r.Card.Papers[0].Votes != 2 {
		t.Errorf("the most voted are %+v", r.Card.Papers)
	}
	if r.File == nil || r.File.Type != "image/png" {
		t.Fatalf("the picture is %+v", r.File)
	}
	if _, err := png.Decode(bytes.NewReader(r.File.Data)); err != nil {
		t.Error(err)
	}
	w.sees(r.File.Alt, "What each topic brought in the last 30 days, voted for of posted: #1 diffusion 2 of 4; #2 lora 1 of 3; #3 nothing of the kind 0 of 0")

	shared := w.says("ana", "stats 7d share:yes")
	w.sees(text(shared.Card), "in the last 7 days", "shared by @ana: `/papers stats 7d`")
	if !shared.Public || shared.File == nil {
		t.Error("what is shared is for everybody, with its picture")
	}
}

func TestAChannelWithoutNumbers(t *testing.T) {
	w := newTown(t)
	r := w.says("ana", "stats since:7d")
	w.sees(text(r.Card), "Nothing was posted here in the last 7 days, and nobody voted. `/papers stats since:90d` looks further back.")
	if r.File != nil {
		t.Error("a picture of nothing")
	}
	if r := w.says("ana", "stats since:yesteryear"); !r.Failed || !strings.Contains(text(r.Card), "yesteryear") {
		t.Errorf("%+v", r)
	}
}
