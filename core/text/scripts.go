package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/rangetable"
)

// unspaced are the scripts that put no blanks between words, or whose words
// wear endings that no blank parts from them, as the Korean ones do. Their
// words are not told apart without a dictionary, so each sign is a word: a run
// of signs that somebody types is a phrase, and finds exactly the texts in
// which it stands.
var unspaced = rangetable.Merge(
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul, unicode.Yi,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tai_Le, unicode.New_Tai_Lue, unicode.Tai_Tham, unicode.Tai_Viet,
	rangetable.New('ー', 'ｰ', '〆', '〱', '〲', '〳', '〴', '〵', '〼'), // which several of them share
)

// firstUnspaced is the first byte of the first of them, U+0E01, in UTF-8.
const firstUnspaced = 0xe0

// sign is the length of a sign at i that is a word by itself, with the marks
// that it wears; 0 where none stands.
func sign(s string, i int) int {
	if s[i] < firstUnspaced {
		return 0
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	if !unicode.Is(unspaced, r) || !isAlnum(r) {
		return 0
	}
	for i+n < len(s) {
		r, size := utf8.DecodeRuneInString(s[i+n:])
		if !wears(r) {
			break
		}
		n += size
	}
	return n
}

// wears reports whether a character belongs to the sign before it: marks, what
// is not seen, the half-width dakuten, and the parts of a Hangul syllable that
// is written apart.
func wears(r rune) bool {
	return unicode.IsMark(r) || unicode.Is(unicode.Cf, r) && r != '\u200b' || r == 'ﾞ' || r == 'ﾟ' || 0x1160 <= r && r <= 0x11ff
}

// cut appends the words of normalised text. A word ends before a letter of
// another script; digits stay with the letters before them.
func cut(words []string, s string, prose bool) []string {
	var (
		word  = -1                // where it began
		of    *unicode.RangeTable // its script, where its letters told it
		ended = func(at int) {
			if word >= 0 {
				words = append(words, greek(s[word:at], prose))
			}
			word, of = -1, nil
		}
	)
	for i, r := range s {
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			t := of
			if t == nil || !unicode.Is(t, r) {
				t = scriptOf(r)
			}
			if t != nil && of != nil && t != of || prose && (t == unspaced || of == unspaced) {
				ended(i)
			}
			if word < 0 {
				word = i
			}
			if t != nil {
				of = t
			}
		case !unicode.IsMark(r):
			ended(i)
		}
	}
	ended(len(s))
	return words
}

// scriptOf is the script of a letter, nil for digits and what several share.
func scriptOf(r rune) *unicode.RangeTable {
	if unicode.IsNumber(r) && !unicode.Is(unspaced, r) {
		return nil
	}
	for _, t := range common {
		if unicode.Is(t, r) {
			return t
		}
	}
	for name, t := range unicode.Scripts {
		if name != "Common" && name != "Inherited" && unicode.Is(t, r) {
			return t
		}
	}
	return nil
}

// common are the scripts that are looked at first.
var common = []*unicode.RangeTable{unicode.Latin, unicode.Greek, unspaced, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew, unicode.Devanagari}

// greek is the name of a Greek letter that is the only letter of a word.
func greek(w string, prose bool) string {
	if !prose {
		return w
	}
	letter, at := rune(0), 0
	for i, r := range w {
		if unicode.IsNumber(r) {
			continue
		}
		if letter != 0 {
			return w
		}
		letter, at = r, i
	}
	if name := greekLetters[letter]; name != "" {
		return w[:at] + name + w[at+utf8.RuneLen(letter):]
	}
	return w
}

var greekLetters = func() map[rune]string {
	m := map[rune]string{}
	names := strings.Fields("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega")
	for i, r := range []rune("αβγδεζηθικλμνξοπρστυφχψω") {
		m[r] = names[i]
	}
	return m
}()
