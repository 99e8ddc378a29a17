package say_test

import (
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"paperboy/core/say"
)

func TestWhatHasAnEffectAndNoPictureIsTakenOut(t *testing.T) {
	for in, want := range map[string]string{
		"two\nlines\tand a tab":         "two\nlines\tand a tab",
		"\u202egnp.exe\u2066 \x07\x00":  "gnp.exe ",
		"\u200ea\u061cb\u200f":          "ab",
		"half \xff\ufffd a letter":      "half  a letter",
		"tag\U000e0041\U000e007f ged":   "tag ged",
		"\u0085next":                    "next",
		"👩‍🔬 keeps her joiner, é 漢 too": "👩‍🔬 keeps her joiner, é 漢 too",
	} {
		if got := say.Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestOneLineHasNoBreaks(t *testing.T) {
	if got, want := say.OneLine("a\nb\tc\u2028d\u2029e\u0085f\rg\x07"), "a b c d e f g"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestACutTextFits(t *testing.T) {
	for in, want := range map[string]string{
		"short":        "short",
		"exactly8":     "exactly8",
		"a sentence":   "a sente…",
		"no room at":   "no room…",
		`escaped\*end`: "escaped…",
		"𝔘𝔘𝔘𝔘𝔘":        "𝔘𝔘𝔘…",
	} {
		if got := say.Shorten(in, 8); got != want {
			t.Errorf("Shorten(%q) = %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s, n := rapid.String().Draw(t, "s"), rapid.IntRange(1, 20).Draw(t, "n")
		got := say.Shorten(s, n)
		if l := len(utf16.Encode([]rune(got))); l > n || l != say.Length(got) {
			t.Fatalf("%q has %d units, of at most %d, and is said to have %d", got, l, n, say.Length(got))
		}
	})
}

func TestLinksLeadToWebPages(t *testing.T) {
	for in, want := range map[string]string{
		"https://arxiv.org/abs/2509.24002": "https://arxiv.org/abs/2509.24002",
		"http://127.0.0.1:9/x?a=1&b=2":     "http://127.0.0.1:9/x?a=1&b=2",
		"https://x.example/?q=a|b c":       "https://x.example/?q=a%7Cb%20c",
		"https://x.example/?q=é":           "https://x.example/?q=%C3%A9",
		"JAVASCRIPT:alert(1)":              "",
		"javascript:alert(1)":              "",
		"data:text/html,x":                 "",
		"https://user:pw@x.example/":       "",
		"https:///nohost":                  "",
		"https:opaque":                     "",
		"//x.example":                      "",
		" https://x.example":               "",
		"":                                 "",
	} {
		if got := say.Href(in, "|"); got != want {
			t.Errorf("Href(%q) = %q, want %q", in, got, want)
		}
	}
}
