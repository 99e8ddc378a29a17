// Package text turns prose into words. Search, live matching, ranking and
// similarity all use this one function, so that they agree on every paper.
//
// In: any string, as a source or a person wrote it. Out: its words in order:
// NFKC, lower case, without diacritics, split at everything that is neither
// letter nor digit and wherever the script changes, with plurals folded
// (plural.go) and nothing else stemmed.
//
// Promises: a word is a fixed point, Words(w) is just w for every w that
// Words gives, so that what was printed or stored can be read again; places
// never run backwards and lie inside the text; any bytes are accepted.
//
// Small print, each for a reason seen in real titles: the s of Newton's is no
// word; TeX accents are read as the letter they make (Schr\"odinger), raised
// and lowered digits as the digits they are (CO$_2$ is co2, as CO₂ is), all
// other TeX commands keep their name ($\alpha$ is alpha, and \emph is emph);
// symbols are no letters although NFKC would make some (™ is not tm); a Greek
// letter by itself is its name, τ is tau; a sign behind a letter by itself
// belongs to its name (signs.go), C++ is not c; scripts that put no blanks
// between words are cut into their signs (scripts.go), so that a phrase of
// signs finds whatever part of a text somebody types.
package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Version numbers the rules by which words are made. Raise it with every
// change of what Words or Names give of any text: who keeps words, as the
// store's index does, knows by it that they must be made anew. The words of
// testdata/words.txt hold it to that.
const Version = 2

// Token is one word of a text and where it stood.
type Token struct {
	Word       string // normalised: NFKC, lower case, diacritics and plural folded
	Start, End int    // byte offsets into the original text
}

// Tokens splits s into its words, in order.
func Tokens(s string) []Token {
	out := make([]Token, 0, len(s)/6+1)
	each(s, true, func(w string, start, end int) { out = append(out, Token{singular(w), start, end}) })
	return out
}

// Words is Tokens without the places.
func Words(s string) []string {
	out := make([]string, 0, len(s)/6+1)
	each(s, true, func(w string, _, _ int) { out = append(out, singular(w)) })
	return out
}

// Names is Words for the names of people, which are letters alone: their
// plurals are not folded (Peters is not Peter), 李明 is one word, the star behind
// an author's initial is a footnote's, and Α. is no alpha.
func Names(s string) []string {
	var out []string
	each(s, false, func(w string, _, _ int) { out = append(out, w) })
	return out
}

// Prefix normalises the beginning of a word as a person typed it before a *:
// like Words, but nothing is folded at its end, which need not be the word's end.
// What is not exactly one word gives "".
func Prefix(s string) string {
	var words []string
	each(s, true, func(w string, _, _ int) { words = append(words, w) })
	if len(words) == 1 {
		return words[0]
	}
	return ""
}

// Whole reports whether no longer word begins with what s ends with, or that
// nobody means: it ends in a sign that is a word by itself, or is one letter. A
// * behind it widens nothing.
func Whole(s string) bool {
	i := len(s)
	for i > 0 {
		r, n := utf8.DecodeLastRuneInString(s[:i])
		i -= n
		if !wears(r) {
			break
		}
	}
	if i < len(s) && sign(s, i) > 0 {
		return true
	}
	var names []string
	each(s, false, func(w string, _, _ int) { names = append(names, w) })
	if len(names) != 1 {
		return false
	}
	r, n := utf8.DecodeRuneInString(names[0])
	return n == len(names[0]) && unicode.IsLetter(r)
}

// Join writes words so that Words gives them back: with blanks between them,
// but none between signs of scripts that have none.
func Join(words []string) string {
	blanks := strings.Join(words, " ")
	if !strings.ContainsFunc(blanks, func(r rune) bool { return unicode.Is(unspaced, r) }) {
		return blanks
	}
	var b strings.Builder
	for i, w := range words {
		if i > 0 && (sign(w, 0) == 0 || sign(words[i-1], 0) == 0) {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	if s := b.String(); slices.Equal(Words(s), words) {
		return s
	}
	return blanks // two signs that would grow together
}

// Terms are words to count by: a sign of a script without blanks says as
// little as a letter does, so neighbouring ones come in pairs, each joined as
// Join does, and what stands by itself as it is.
func Terms(words []string) []string {
	isSign := func(i int) bool { return i >= 0 && i < len(words) && sign(words[i], 0) > 0 }
	if !slices.ContainsFunc(words, func(w string) bool { return w != "" && sign(w, 0) > 0 }) {
		return words
	}
	var out []string
	for i, w := range words {
		switch {
		case isSign(i) && isSign(i+1):
			out = append(out, Join(words[i:i+2]))
		case !isSign(i) || !isSign(i-1):
			out = append(out, w)
		}
	}
	return out
}

// each calls yield for every word of s before plurals are folded. What makes a
// name of signs or takes one apart is for prose only.
func each(s string, prose bool, yield func(w string, start, end int)) {
	// One copy in lower case serves all words that are plain ASCII: they are
	// slices of it. Bytes above ASCII are not touched, so places stay.
	lower := lowerASCII(s)
	var words []string // of one run of letters
	for i := 0; i < len(s); {
		switch c := class[s[i]]; {
		case c == 0:
			i++
			continue
		case c != alnum && opens(s, i) == 0:
			i += skip(s, i)
			continue
		}
		start, plain := i, true
		if prose && s[i] >= firstUnspaced {
			if n := sign(s, i); n > 0 {
				i, plain = i+n, false
			}
		}
		if plain {
			i, plain = run(s, i, prose)
		}
		if plain {
			w := lower[start:i]
			if prose && mayBeNamed(s, w, i) {
				w, start, i = named(s, w, start, i)
			}
			yield(w, start, i)
		} else {
			words = slow(words[:0], s, start, i, prose)
			if prose && len(words) == 1 && mayBeNamed(s, words[0], i) {
				words[0], start, i = named(s, words[0], start, i)
			}
			for _, w := range words {
				yield(w, start, i)
			}
		}
		if i < len(s) && (s[i] == '\'' || class[s[i]] == high) {
			i += possessive(s, i)
		}
	}
}

// run is the end of the letters and digits that begin at i, and whether they
// are plain ASCII.
func run(s string, i int, prose bool) (end int, plain bool) {
	command := i > 0 && s[i-1] == '\\'
	for plain = true; i < len(s); {
		c := class[s[i]]
		if c == alnum {
			i++
			continue
		}
		if c == 0 || c == high && prose && sign(s, i) > 0 {
			break
		}
		n := continues(s, i)
		if n == 0 && prose {
			if _, n = script(s, i); n > 0 && command { // of \mu^2X the X is another word
				return i + n, false
			}
		}
		if n == 0 {
			break
		}
		i, plain = i+n, false
	}
	return i, plain
}

// class sorts bytes: most of a text is ASCII and needs no more than this.
var class = func() (c [256]byte) {
	for b := range c {
		switch {
		case b >= utf8.RuneSelf:
			c[b] = high
		case b >= '0' && b <= '9', b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z':
			c[b] = alnum
		case strings.IndexByte(`\{}$^_`, byte(b)) >= 0:
			c[b] = tex
		case strings.IndexByte("+#*", byte(b)) >= 0:
			c[b] = mark
		}
	}
	return c
}()

const (
	alnum = iota + 1
	high
	tex
	mark
)

// opens is the number of bytes of the letter or digit that stands at i, 0 if
// none does.
func opens(s string, i int) int {
	switch class[s[i]] {
	case alnum:
		return 1
	case high:
		if r, n := utf8.DecodeRuneInString(s[i:]); unicode.IsLetter(r) || unicode.IsNumber(r) {
			return n
		}
	case tex:
		_, _, n := accent(s[i:])
		return n
	}
	return 0
}

// continues is opens for the middle of a word, where marks belong to it too,
// and characters that are not seen, as the soft hyphen.
func continues(s string, i int) int {
	if class[s[i]] == high {
		const spaceOfNoWidth = '\u200b'
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.IsMark(r) || unicode.Is(unicode.Cf, r) && r != spaceOfNoWidth {
			return n
		}
	}
	return opens(s, i)
}

// skip is the length of what stands at i and is no word. Of TeX's \ell, which
// is an l, it is all but the l: ℓ_1 and L1 are the same norm.
func skip(s string, i int) int {
	if strings.HasPrefix(s[i:], `\ell`) && (len(s) == i+4 || s[i+4] < utf8.RuneSelf && (class[s[i+4]] != alnum || s[i+4] <= '9')) {
		return len(`\el`)
	}
	if class[s[i]] == high {
		_, n := utf8.DecodeRuneInString(s[i:])
		return n
	}
	return 1
}

// possessive is the length of an 's that ends at a word's end.
func possessive(s string, i int) int {
	n := 0
	switch {
	case strings.HasPrefix(s[i:], "'"):
		n = 1
	case strings.HasPrefix(s[i:], "’"):
		n = len("’")
	default:
		return 0
	}
	if j := i + n; j < len(s) && (s[j] == 's' || s[j] == 'S') && (j+1 == len(s) || continues(s, j+1) == 0) {
		return n + 1
	}
	return 0
}

// accent reads a TeX accent with its letter at the start of s: \"o \"{o}
// {\"o} \"\i \v{c}. It gives the letter, the combining mark and the length, 0
// where there is none.
func accent(s string) (letter byte, mark rune, n int) {
	if strings.HasPrefix(s, "{\\") {
		if letter, mark, n = accent(s[1:]); n > 0 && n+1 < len(s) && s[n+1] == '}' {
			return letter, mark, n + 2
		}
		return 0, 0, 0
	}
	if len(s) < 3 || s[0] != '\\' {
		return 0, 0, 0
	}
	mark, ok := Accents[s[1]]
	if !ok {
		return 0, 0, 0
	}
	rest := s[2:]
	braced := rest[0] == '{'
	if braced {
		rest = rest[1:]
	} else if class[s[1]] == alnum {
		return 0, 0, 0 // \cite is a command, \c{c} an accent
	}
	if len(rest) > 1 && rest[0] == '\\' && (rest[1] == 'i' || rest[1] == 'j') {
		rest = rest[1:]
	}
	if rest == "" || class[rest[0]] != alnum || rest[0] <= '9' {
		return 0, 0, 0
	}
	letter, rest = rest[0], rest[1:]
	if braced {
		if rest == "" || rest[0] != '}' {
			return 0, 0, 0
		}
		rest = rest[1:]
	}
	return letter, mark, len(s) - len(rest)
}

// Accents are TeX's accent commands and the marks they set.
var Accents = map[byte]rune{
	'"': '\u0308', '\'': '\u0301', '`': '\u0300', '^': '\u0302', '~': '\u0303', '=': '\u0304', '.': '\u0307',
	'v': '\u030c', 'c': '\u0327', 'H': '\u030b', 'u': '\u0306', 'k': '\u0328', 'r': '\u030a',
	'd': '\u0323', 'b': '\u0331',
}

// slow normalises a word that is not plain ASCII, s[i:end]. It may fall into
// several, as ½ does (1⁄2), or into none.
func slow(words []string, s string, i, end int, prose bool) []string {
	var b strings.Builder
	for i < end {
		if letter, mark, n := accent(s[i:end]); n > 0 {
			b.WriteByte(letter)
			b.WriteRune(mark)
			i += n
			continue
		}
		if prose {
			if digits, n := script(s, i); n > 0 {
				b.WriteString(digits)
				i += n
				continue
			}
		}
		r, n := utf8.DecodeRuneInString(s[i:end])
		if !unicode.Is(unicode.Cf, r) {
			b.WriteRune(r)
		}
		i += n
	}
	// Taken apart, so that marks stand alone; lower case; put together again,
	// which leaves as they were the scripts whose marks are no diacritics.
	apart := norm.NFKD.String(b.String())
	b.Reset()
	for _, r := range apart {
		r = unicode.ToLower(r)
		switch plain, ok := PlainLetters[r]; {
		case ok:
			b.WriteString(plain)
		case !unicode.Is(diacritics, r):
			b.WriteRune(r)
		}
	}
	return cut(words, norm.NFC.String(b.String()), prose)
}

// diacritics are the marks that any letter may wear, and those that choose
// between two pictures of it. The marks of one script
// alone, as the vowel signs of Devanagari, are not among them.
var diacritics = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0300, Hi: 0x036f, Stride: 1}, {Lo: 0x1ab0, Hi: 0x1aff, Stride: 1}, {Lo: 0x1dc0, Hi: 0x1dff, Stride: 1},
	{Lo: 0x20d0, Hi: 0x20ff, Stride: 1}, {Lo: 0xfe00, Hi: 0xfe0f, Stride: 1}, {Lo: 0xfe20, Hi: 0xfe2f, Stride: 1},
}, R32: []unicode.Range32{{Lo: 0xe0100, Hi: 0xe01ef, Stride: 1}}}

// PlainLetters are letters that Unicode does not take apart and that people
// who lack the key write so.
var PlainLetters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h", 'ς': "σ",
}

// lowerASCII leaves all bytes above ASCII as they are.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
