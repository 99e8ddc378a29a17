package say

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAFormatOfOursBecomesSpans(t *testing.T) {
	for _, c := range []struct {
		name string
		got  Text
		want Text
	}{
		{"marks", Say("Nothing *changed*, _really_: `/papers list` ~old~."), Text{
			{Text: "Nothing "}, {Text: "changed", Style: Bold}, {Text: ", "}, {Text: "really", Style: Italic}, {Text: ": "},
			{Text: "/papers list", Style: Code}, {Text: " "}, {Text: "old", Style: Strike}, {Text: "."}}},
		{"a stranger's marks are characters", Say("word *%s* in `%s`, %s", "a*b_c", "`x`", "*~%d~*"), Text{
			{Text: "word "}, {Text: "a*b_c", Style: Bold}, {Text: " in "}, {Text: "`x`", Style: Code}, {Text: ", *~%d~*"}}},
		{"inside code the other marks are characters", Say("Try `diffus*`, or `cat:*`."), Text{
			{Text: "Try "}, {Text: "diffus*", Style: Code}, {Text: ", or "}, {Text: "cat:*", Style: Code}, {Text: "."}}},
		{"a doubled mark stands for itself", Say("2 ** 3, snake__case"), Text{{Text: "2 * 3, snake_case"}}},
		{"numbers", Say("%d papers, %.1f a weekday, %02d:%02d, 100%%, %q, %v", 41, 1.44, 9, 5, "x", errors.New("no")), Text{
			{Text: `41 papers, 1.4 a weekday, 09:05, 100%, "x", no`}}},
		{"a text and a link keep their styles", Say("read %s, see *%s*", Say("as *x*"), Link("here", "https://arxiv.org")), Text{
			{Text: "read "}, {Text: "as "}, {Text: "x", Style: Bold}, {Text: ", see "}, {Text: "here", URL: "https://arxiv.org"}}},
		{"an argument that is missing shows", Say("%s and %s", "a"), Text{{Text: "a and %!(missing)"}}},
		{"a per cent at the end", Say("100%"), Text{{Text: "100%"}}},
		{"nothing", Say(""), nil},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestTextsAreJoinedWithoutTheEmptyOnes(t *testing.T) {
	got := Join(", ", nil, Say("*a*"), Say(""), Say("b"))
	if d := cmp.Diff(Text{{Text: "a", Style: Bold}, {Text: ", "}, {Text: "b"}}, got); d != "" {
		t.Error(d)
	}
	if got := Join("", Say("a"), Say("b")).String(); got != "ab" {
		t.Errorf("got %q", got)
	}
	if Join(", ") != nil {
		t.Error("nothing joined is something")
	}
}

func TestATerminalSeesCommandsInBackTicks(t *testing.T) {
	if got, want := Say("*Try* `%s` _now_", "diffus*").String(), "Try `diffus*` now"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAnArgumentIsNeverMarkup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching("[*_`~%sdv ]{1,9}")).Draw(t, "stranger")
		if s == "" {
			return
		}
		want := Text{{Text: "a " + s + " "}, {Text: s, Style: Bold}, {Text: " "}, {Text: s + "!", Style: Code}}
		if d := cmp.Diff(want, Say("a %s *%s* `%s!`", s, s, s)); d != "" {
			t.Fatal(d)
		}
	})
}

func FuzzFormat(f *testing.F) {
	f.Add("*a* %s `b", "x")
	f.Add("%", "*")
	f.Add("%.", "")
	f.Fuzz(func(t *testing.T, format, arg string) { _ = Say(format, arg, Say(format, arg)).String() })
}
