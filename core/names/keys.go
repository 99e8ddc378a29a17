package names

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"paperboy/core/text"
)

// Version numbers the rules by which keys are made. Raise it with every change
// of what Keys gives of any name: who keeps keys, as the store's index does,
// knows by it that they must be made anew. testdata/keys.txt holds it to that.
const Version = 1

// A key is a word of a name, or begins with a dot and says more of it:
//
//	jordan             one of its words
//	·jordan·michael    the family and the first name, and no other
//	·jordan·m…         a first name that begins so
//	·jordan·m          a first name that is no more than this initial
//	·jordan·michael·…  other names between the two
//	·jordan·michael·i… one between the two, as above
//	·vangool           a whole end of the name, run together
const (
	dot  = "·"
	more = "…"
)

// between is how many of the names between the first and the family's are
// compared.
const between = 2

// Words are the words of a name in small letters, given name first: what a
// query keeps of it. Words of words are the same. Hyphens and apostrophes inside
// a word stay, and letters that have two plain forms (ü is u or ue); all other
// diacritics are folded.
func Words(s string) []string {
	words := flat(s)
	for range 8 { // what a name in small letters says, as "dr jane doe phd"
		again := flat(strings.Join(words, " "))
		if slices.Equal(again, words) {
			break
		}
		words = again
	}
	return words
}

func flat(s string) []string {
	n := Parse(s)
	if n.eastern() {
		return pieces(n.Family + n.Given)
	}
	return pieces(n.String())
}

// Prefix is the beginning of a word of a name, as it stands before a star; ""
// where it is not one word.
func Prefix(s string) string {
	if w := pieces(s); len(w) == 1 {
		return w[0]
	}
	return ""
}

// Keys are the keys of a name, each once.
func Keys(name string) []string {
	n, turned := parse(name)
	words := pieces(n.String())
	if n.eastern() {
		words, turned = pieces(n.Family+n.Given), false
	}
	k := make(keys, 0, 16)
	for _, w := range words {
		k.add(forms(w)...)
		if strings.ContainsFunc(w, inside) {
			for part := range strings.FieldsFuncSeq(w, inside) {
				k.add(forms(part)...)
			}
		}
	}
	whole := words
	if n.Suffix != "" {
		words = unsuffixed(words)
		k.end(whole[len(words)-1:])
	}
	switch {
	case n.Literal != "" && len(words) > 1: // by any part that is longer than a word
		k.add(forms(strings.Join(words, ""))...)
		k.end(words)
		for i := range min(len(words), 12) {
			for j := i + 2; j <= min(len(words), 12); j++ {
				k.end(words[i:j])
			}
		}
		return k
	case len(words) == 1 || n.Given == "":
		k.end(words)
	}
	if turned {
		k.end(pieces(clean(name)))
	}
	for i := max(1, len(words)-4); i < len(words); i++ {
		if !initial(words[i]) && (i < len(words)-1 || strings.ContainsFunc(words[i], inside)) {
			k.end(words[i:])
		}
	}
	for _, r := range readings(words, true) {
		if strings.Contains(r.last, " ") {
			k.add(forms(r.last)...)
		}
		k.chain(r, true)
	}
	return k
}

// Wanted are the keys of which a name must have one to be what a query's Words
// ask for. One word is any of a name. Of several, the first and the last are the
// first name and the family's; an initial fits a name that begins so, on either
// side; names between them may be missing on either side, and fit where both
// have them. Or they are the whole end of a name, or part of an organisation's.
func Wanted(words []string) []string {
	var k keys
	if len(words) == 1 {
		return forms(words[0])
	}
	k.end(words)
	all := readings(words, false)
	if without := unsuffixed(words); len(without) < len(words) {
		all = append(all, readings(without, false)...)
	}
	for _, r := range all {
		k.chain(r, false)
	}
	return k
}

// WantedPrefixes are the beginnings of which a key must have one to fit a word
// with a star.
func WantedPrefixes(word string) []string { return forms(word) }

// keys gathers keys, each once.
type keys []string

func (k *keys) add(some ...string) {
	for _, s := range some {
		if s != "" && !slices.Contains(*k, s) {
			*k = append(*k, s)
		}
	}
}

func (k *keys) end(words []string) {
	for _, f := range forms(strings.Join(words, "")) {
		k.add(dot + f)
	}
}

// reading is one way to see which words are whose.
type reading struct {
	given []string
	last  string
}

// readings are the ways to read a person's name; none without a given name.
// Kept names have some more: the queries of those who leave a particle out.
func readings(words []string, kept bool) (out []reading) {
	if len(words) < 2 {
		return nil
	}
	end := len(words)
	if n := end - 1; n > 1 && agnomens[words[n]] && !initial(words[n-1]) {
		out = append(out, reading{words[:particled(words[:n], n-1, 1)], strings.Join(words[n-1:], " ")}) // Silva Filho
		if kept {
			out = append(out, readings(words[:n], true)...)
		}
	}
	if n := end - 2; n > 1 && joiners[words[n]] {
		out = append(out, reading{words[:n-1], strings.Join(words[n-1:], " ")}) // Reis e Silva
	}
	at := end - 1
	if !eastern[fold(words[at])] { // in small letters nobody knows Kiet Van Nguyen from Jan van Ho: both have names between
		at = particled(words, at, 1)
	}
	given, last := words[:at], words[at:]
	out = append(out, reading{given, strings.Join(last, " ")})
	if kept && len(last) > 1 {
		out = append(out, reading{given, last[len(last)-1]})
	}
	n := len(given)
	if n == 2 && !initial(given[0]) && !initial(given[1]) && len(last) == 1 {
		out = append(out, reading{[]string{given[0] + "-" + given[1]}, last[0]}) // Wei Lin is Wei-Lin
	}
	if n > 1 && len(last) == 1 && (!initial(given[n-1]) || strings.Contains("odl", given[n-1])) {
		out = append(out, reading{given[:n-1], given[n-1] + "-" + last[0]}) // Ana Smith Jones is Ana Smith-Jones
	}
	return out
}

// chain adds the keys of a reading: of a name that is kept, or of one that is
// wanted.
func (k *keys) chain(r reading, kept bool) {
	var family []string
	for _, f := range forms(r.last) {
		family = append(family, dot+f)
	}
	first, rest := r.given[0], r.given[1:]
	if !initial(first) {
		k.middle(cross(family, forms(first)), rest, kept)
	}
	// By the initial, the second part of Jean-Pierre may be a name of its own.
	short := cross(family, abbreviated(first, kept))
	if parts := strings.FieldsFunc(first, inside); len(parts) > 1 {
		k.middle(short, append(parts[1:], rest...), kept)
		if len(rest) == 0 {
			return
		}
	}
	k.middle(short, rest, kept)
}

// middle adds keys for the names between: a kept name says that others follow
// or which; a wanted one may lack each of them, and have more.
func (k *keys) middle(heads, rest []string, kept bool) {
	for _, m := range rest[:min(len(rest), between)] {
		if kept {
			k.add(cross(heads, []string{more})...)
		} else {
			k.add(heads...)
		}
		all := abbreviated(m, kept)
		if !initial(m) {
			all = append(forms(m), all...)
		}
		heads = cross(heads, all)
	}
	k.add(heads...)
	if !kept {
		k.add(cross(heads, []string{more})...)
	}
}

// abbreviated are the forms of a name by its first letter. A kept name is known
// by what it begins with, and where it is an initial by that alone too; a wanted
// one fits an initial, and where it is one, whatever begins so.
func abbreviated(word string, kept bool) []string {
	_, n := utf8.DecodeRuneInString(word)
	_, n = utf8.DecodeRuneInString(fold(word[:n]))
	letter := fold(word)[:n]
	switch {
	case kept && initial(word):
		return []string{letter, letter + more}
	case kept || initial(word):
		return []string{letter + more}
	}
	return []string{letter}
}

func cross(heads, tails []string) (out []string) {
	for _, h := range heads {
		for _, t := range tails {
			out = append(out, h+dot+t)
		}
	}
	return out
}

func initial(word string) bool { return utf8.RuneCountInString(word) == 1 }

// unsuffixed drops a suffix that is not all.
func unsuffixed(words []string) []string {
	if n := len(words) - 1; n > 1 && isSuffix(words[n]) {
		return words[:n]
	}
	return words
}

// inside are the signs that stand inside a word.
func inside(r rune) bool { return r == '-' || r == '\'' || r == ' ' }

// umlauts are letters that have two plain forms, or one of two letters.
var umlauts = map[rune][2]string{'ä': {"a", "ae"}, 'ö': {"o", "oe"}, 'ü': {"u", "ue"}, 'ø': {"o", "oe"}, 'å': {"a", "aa"},
	'æ': {"ae", "ae"}, 'œ': {"oe", "oe"}, 'þ': {"th", "th"}}

// forms are the plain forms of a word, without what stands inside: Müller is
// muller and mueller; so is Mueller.
func forms(word string) []string {
	if strings.IndexFunc(word, func(r rune) bool { return r >= utf8.RuneSelf || inside(r) }) < 0 {
		return plainForms(word)
	}
	var plain, long strings.Builder
	for _, r := range word {
		switch u, two := umlauts[r]; {
		case inside(r):
		case two:
			plain.WriteString(u[0])
			long.WriteString(u[1])
		default:
			plain.WriteRune(r)
			long.WriteRune(r)
		}
	}
	if plain.String() != long.String() {
		return []string{plain.String(), long.String()}
	}
	return plainForms(plain.String())
}

func plainForms(word string) []string {
	if short := shortened(word); short != "" {
		return []string{word, short}
	}
	return []string{word}
}

// shortened writes an oe or ue between consonants as o or u, as those do who
// drop the dots of Müller altogether; "" where there is none. Manuel, Joel and
// Chinese syllables (Yuen, Xue) have other ones.
func shortened(word string) string {
	for i := 1; i+2 < len(word); i++ {
		if word[i+1] != 'e' || word[i] != 'o' && word[i] != 'u' || vowel(word[i-1]) || vowel(word[i+2]) || word[i-1] == 'q' || word[i-1] == 'g' {
			continue
		}
		if end := i+3 == len(word); word[i+2] == 'l' && (end || word[i+3] != 'l') || end && word[i+2] == 'n' {
			continue
		}
		return word[:i+1] + word[i+2:]
	}
	return ""
}

func vowel(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }

// pieces parts a text into words in small letters.
func pieces(s string) (out []string) {
	if plain := lowerASCII(s); plain != "" {
		s = plain
	} else {
		s = canonical(s)
	}
	for field := range strings.FieldsFuncSeq(s, func(r rune) bool { return !inside(r) && !part(r) || r == ' ' }) {
		parts := strings.FieldsFunc(field, inside)
		if len(parts) > 1 && !slices.ContainsFunc(parts, func(p string) bool { return !initial(p) }) { // J.-P.
			out = append(out, parts...)
			continue
		}
		field = strings.Trim(field, "-'")
		for _, twice := range []string{"--", "-'", "'-", "''"} {
			for strings.Contains(field, twice) {
				field = strings.ReplaceAll(field, twice, twice[:1])
			}
		}
		if field != "" {
			out = append(out, field)
		}
	}
	return out
}

func part(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

// lowerASCII is s in small letters where it is plain ASCII, else "".
func lowerASCII(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] == '`' {
			return ""
		}
	}
	return strings.ToLower(s)
}

// canonical writes a text as Words keeps it: NFKC, small letters, umlauts, and
// all other letters plain; apostrophes and hyphens as the keyboard has them.
func canonical(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKC.String(s) {
		r = unicode.ToLower(r)
		switch _, two := umlauts[r]; {
		case two:
			b.WriteRune(r)
		case strings.ContainsRune("’‘ʼʻʹ`´′＇", r):
			b.WriteByte('\'')
		case strings.ContainsRune("‐‑‒–—−－", r):
			b.WriteByte('-')
		case unicode.Is(unicode.Cf, r):
		default:
			b.WriteString(fold(string(r)))
		}
	}
	return norm.NFC.String(b.String())
}

// fold takes the diacritics off small letters, umlauts included.
func fold(s string) string {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	if ascii {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch plain, ok := text.PlainLetters[r]; {
		case ok:
			b.WriteString(plain)
		case r >= 0x0300 && r <= 0x036f:
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return norm.NFC.String(b.String())
}
