package kit

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"paperboy/core/say"
)

// stars escapes as a platform might: a star costs four units.
func stars(_ int, r rune) string {
	if r == '*' {
		return "\\(*)"
	}
	return string(r)
}

func TestACutStandsBetweenCharactersAndHasItsEllipsis(t *testing.T) {
	for _, c := range []struct {
		room           int
		s, ellipsis    string
		want, rest     string
		full, moreFits bool
	}{
		{9, "a**", "…", `a\(*)\(*)`, "", false, false},
		{8, "a**", "…", `a\(*)…`, "*", true, false},
		{5, "a**", "…", `a…`, "**", true, false},
		{5, "a**", "", `a\(*)`, "*", true, false},
		{1, "ab", "…", "…", "ab", true, false},
		{0, "ab", "…", "", "ab", true, false},
		{1, "😀", "…", "…", "😀", true, false}, // two units
		{4, "ab", "…", "ab", "", false, true},
	} {
		w := Writer{Room: c.room}
		rest := w.Escape(c.s, c.ellipsis, stars)
		if w.String() != c.want || rest != c.rest || w.Full != c.full {
			t.Errorf("%+v: %q, rest %q, full %v", c, w.String(), rest, w.Full)
		}
		if got := w.Mark("+"); got != c.moreFits {
			t.Errorf("%+v: after that a mark fits: %v", c, got)
		}
	}
}

func TestMarksStandAtWordsAndInPairs(t *testing.T) {
	for room, want := range map[int]string{0: "", 5: " ", 8: " ", 9: " <b>…</b>", 10: " <b>ab</b>", 11: " <b>ab</b> "} {
		w := Writer{Room: room}
		w.Enclose("<b>", "</b>", " ab ", func(s string) { w.Escape(s, "…", stars) })
		if got := w.String(); got != want {
			t.Errorf("room %d: %q, want %q", room, got, want)
		}
	}
}

func TestNothingIsLongerThanItsRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		room := rapid.IntRange(0, 40).Draw(t, "room")
		w := Writer{Room: room}
		for range rapid.IntRange(0, 6).Draw(t, "parts") {
			s := rapid.StringOf(rapid.RuneFrom([]rune("a *😀é"))).Draw(t, "s")
			switch rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				w.Mark(s)
			case 1:
				w.Escape(s, "…", stars)
			default:
				w.Enclose("**", "**", s, func(s string) { w.Escape(s, "…", stars) })
			}
		}
		if n := say.Length(w.String()); n > room || w.Room != room-n {
			t.Fatalf("%q: %d of %d, left %d", w.String(), n, room, w.Room)
		}
		if strings.Count(w.String(), "…") > 1 {
			t.Fatalf("it goes on after a cut: %q", w.String())
		}
	})
}

func TestPreformattedTextDoesNotEndItsBlock(t *testing.T) {
	if got, want := Preformatted("a\n```\n*b*\u202e\n\n"), "a\n``\u200b`\n*b*"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestALinkThatIsTooLongIsNone(t *testing.T) {
	const link = "https://x.example/a|b"
	for max, want := range map[int]string{23: "https://x.example/a%7Cb", 22: ""} {
		if got := Href(link, "|", max); got != want {
			t.Errorf("%d: %q", max, got)
		}
	}
}
