package discord

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/say"
)

func TestSuggestionsSayWhatIsKnownOfThemAndAreToldApart(t *testing.T) {
	long := strings.Repeat("diffusion ", 12)
	got, meant := offers([]core.Choice{
		{Value: "diffusion", Label: "diffusion", Hint: "88 papers in 30 days"},
		{Value: "cat:cs.CV", Label: "cs.CV", Hint: "Computer Vision"},
		{Value: "a", Label: "the same"}, {Value: "b", Label: "the same"}, {Value: "a", Label: "a again"},
		{Value: long, Label: long}, {Value: long + "x", Label: long + "x"},
		{Value: "bare"}, {Label: "nothing"},
	})
	cut := long[:99] + "…"
	numbered := long[:95] + "… (2)"
	want := []choice{{"diffusion · 88 papers in 30 days", "diffusion"}, {"cs.CV · Computer Vision", "cat:cs.CV"}, {"the same", "a"}, {"the same (2)", "b"},
		{cut, cut}, {numbered, numbered}, {"bare", "bare"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q\nwant\n%q", got, want)
	}
	if meant[cut] != long || meant[numbered] != long+"x" || meant["the same (2)"] != "b" {
		t.Errorf("%v", meant)
	}
}

func TestWhateverIsSuggestedDiscordTakesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab \n𝔘·é\u202e")), 0, 120, -1)
		var all []core.Choice
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			all = append(all, core.Choice{Value: text.Draw(t, "value"), Label: text.Draw(t, "label"), Hint: text.Draw(t, "hint")})
		}
		got, meant := offers(all)
		names := map[string]bool{}
		for _, c := range got {
			if strings.TrimSpace(c.Name) == "" || say.Length(c.Name) > 100 || say.Length(c.Value) > 100 || c.Value == "" || names[c.Name] || meant[c.Name] == "" {
				t.Fatalf("%+q", c)
			}
			names[c.Name] = true
		}
		if len(got) > 25 {
			t.Fatalf("%d choices", len(got))
		}
		for _, c := range all { // never empty where something can be shown
			if c.Value != "" && strings.TrimSpace(say.OneLine(c.Value+c.Label)) != "" && trimmed(c.Label) != "" && len(got) == 0 {
				t.Fatalf("%+q is not offered", c)
			}
		}
	})
}
