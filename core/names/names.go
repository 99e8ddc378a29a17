// Package names reads the names of people, as sources and people write them:
// "Aäron van den Oord", "Heath, Jr., Robert W.", "Tencent Robotics X".
//
// In: a bare string. Out: its parts for citations and cards (Parse), and the
// keys by which author: finds it (keys.go).
//
// Promises: no letter of a name is lost or recased, only titles, degrees and
// the marks of footnotes are left out; any bytes are accepted; one function
// makes the keys of a name and one those that a query wants, and they fit when
// they share one, so that whoever keeps keys agrees with whoever compares them.
//
// What a string does not tell is not guessed. The last word is the family name,
// with the particles before it: of "José García Hernández" that is Hernández,
// unless the source writes "García Hernández, José". A name in Chinese,
// Japanese or Korean script without a blank stays whole.
package names

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Name is a name in its parts, as published. An organisation, a team, and who
// has only one name are Literal, and the other parts empty.
type Name struct {
	Given    string // "Edward J."
	Particle string // "van der": in small letters; one in capitals belongs to the family, "Van Gool"
	Family   string // "Berg"
	Suffix   string // "Jr.", "III"
	Literal  string // "Meta AI"
}

// Parse reads one name, in either order: "Jane Doe" or "Doe, Jane". What has no
// letter is no name: the zero Name.
func Parse(s string) Name {
	n, _ := parse(s)
	return n
}

// parse is Parse; turned says that the words of the parts do not stand in the
// order in which they were written without a comma.
func parse(s string) (n Name, turned bool) {
	if i := ordinary(s); i > 0 {
		return Name{Given: s[:i], Family: s[i+1:]}, false
	}
	return parseAny(s)
}

// ordinary is the blank before the last word of a name that holds nothing to think
// about, as five of six do not: plain words with a capital, initials, and none
// of lists.go. 0 for any other.
func ordinary(s string) (last int) {
	var low [24]byte
	words, n := 0, 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != ' ' {
			c := s[i]
			switch dotted := n == 1 && c == '.'; {
			case n == len(low), n == 0 && (c < 'A' || c > 'Z'), n > 0 && !dotted && (c < 'a' || c > 'z'), n > 1 && low[1] == '.':
				return 0
			case n == 0:
				c += 'a' - 'A'
			}
			low[n] = c
			n++
			continue
		}
		if words++; n == 0 || special[string(low[:n])] || i == len(s) && n < 3 {
			return 0
		}
		if n = 0; i < len(s) {
			last = i
		}
	}
	if words < 2 {
		return 0
	}
	return last
}

func parseAny(s string) (n Name, turned bool) {
	s = clean(s)
	if !strings.ContainsFunc(s, unicode.IsLetter) {
		return Name{}, false
	}
	if organisation(s) {
		return Name{Literal: s}, false
	}
	parts := commas(s, &n.Suffix)
	switch len(parts) {
	case 1:
	case 2:
		n.family(strings.Fields(parts[0]))
		given := strings.Fields(parts[1])
		i := len(given) // "Berg, Jan van der"
		for n.Particle == "" && i > 1 && small(given[i-1]) && particles[given[i-1]] {
			i--
		}
		if n.Particle = n.Particle + strings.Join(given[i:], " "); i > 0 {
			n.Given = strings.Join(given[:i], " ")
		}
		return n, false
	default: // no name has so many commas
		return Name{Literal: s}, false
	}
	words := titled(strings.Fields(parts[0]))
	for len(words) > 2 && degrees[plainDegree(words[len(words)-1])] {
		words = words[:len(words)-1]
	}
	if last := len(words) - 1; last > 1 && isSuffix(words[last]) && n.Suffix == "" {
		n.Suffix, words = words[last], words[:last]
	}
	switch {
	case len(words) == 1:
		return Name{Literal: words[0]}, false
	case eastAsian(parts[0]): // family first; more than two words are no person's
		if len(words) > 2 || !eastAsian(words[0]) || !eastAsian(words[1]) {
			return Name{Literal: strings.Join(words, " ")}, false
		}
		return Name{Family: words[0], Given: words[1]}, true
	case capitals(words[0]) && eastern[strings.ToLower(words[0])] && !slices.ContainsFunc(words[1:], capitals):
		n.Family, n.Given = words[0], strings.Join(words[1:], " ") // WANG Wei
		return n, true
	}
	if k := trailing(words); k > 0 {
		at := len(words) - k - 1
		if particles[words[0]] && small(words[0]) {
			at = 0
		}
		n.family(words[at : len(words)-k])
		given := slices.Clone(words[:at])
		for _, w := range words[len(words)-k:] {
			given = append(given, dotted(w)...)
		}
		n.Given = strings.Join(given, " ")
		return n, true
	}
	at := group(words)
	n.Given = strings.Join(words[:at], " ")
	n.family(words[at:])
	return n, false
}

// family takes the small particles off the front of a family name, and a suffix
// off its end.
func (n *Name) family(words []string) {
	if last := len(words) - 1; last > 0 && isSuffix(words[last]) && n.Suffix == "" {
		n.Suffix, words = words[last], words[:last]
	}
	i := 0
	for i < len(words)-1 && small(words[i]) && particles[words[i]] {
		i++
	}
	n.Particle, n.Family = strings.Join(words[:i], " "), strings.Join(words[i:], " ")
}

// String is the whole name, given name first.
func (n Name) String() string { return join(n.Given, n.Particle, n.Family, n.Suffix, n.Literal) }

// Full is a name to be read, without what hangs on to it: given name first,
// "Jane Doe" for "Doe, Jane", but where the other order was published without a
// comma, that one.
func Full(s string) string {
	n, turned := parse(s)
	if turned {
		return clean(s)
	}
	return n.String()
}

// eastern reports whether the family's name comes first.
func (n Name) eastern() bool { return eastAsian(n.Family) && eastAsian(n.Given) }

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// commas parts a name at its commas, without what stands there and is no part:
// a suffix, which is set, and degrees.
func commas(s string, suffix *string) (parts []string) {
	for i, part := range strings.Split(s, ",") {
		part = strings.TrimSpace(part)
		switch {
		case part == "":
		case i > 0 && isSuffix(part):
			*suffix = part
		case i > 0 && isDegrees(part):
		default:
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return []string{s}
	}
	return parts
}

// isDegrees reports whether all words are degrees: "PhD", "MD PhD".
func isDegrees(s string) bool {
	words := strings.Fields(s)
	for _, w := range words {
		if w = plainDegree(w); !degrees[w] && !letters[w] {
			return false
		}
	}
	return len(words) > 0
}

func plainDegree(w string) string { return strings.ReplaceAll(w, ".", "") }

// isSuffix reports whether a word tells a son from his father.
func isSuffix(w string) bool {
	switch strings.ToLower(strings.TrimSuffix(w, ".")) {
	case "jr", "sr", "ii", "iii", "iv", "2nd", "3rd": // not V, which is an initial more often
		return true
	}
	return false
}

// titled drops the titles in front, where a name of two words is left.
func titled(words []string) []string {
	for len(words) > 2 && titles[strings.ToLower(strings.TrimSuffix(words[0], "."))] {
		words = words[1:]
	}
	return words
}

// trailing is the number of initials behind a name that stands first, as
// PubMed has it ("Doe JA") and as they are written in the south of India
// ("Akhil V"). What has a dot may be any name cut short.
func trailing(words []string) int {
	if strings.HasSuffix(words[len(words)-1], ".") {
		return 0
	}
	k := 0
	for k < len(words)-1 && initials(words[len(words)-1-k], k == 0) {
		k++
	}
	if w := words[len(words)-1-k]; initials(w, false) || capitals(w) && len(w) > 1 {
		return 0 // nothing else is left
	}
	return k
}

// initials reports whether a word is some initials run together: no family is
// called so. Of one letter E, I, O and U are names, of two those of the east.
func initials(w string, last bool) bool {
	plain := strings.ReplaceAll(w, ".", "")
	switch r := []rune(plain); {
	case len(r) == 0 || len(r) > 5 || strings.ContainsFunc(plain, func(r rune) bool { return !unicode.IsUpper(r) }):
		return false
	case len(r) == 1:
		return !last || !strings.ContainsAny(plain, "EIOU")
	case plain != w:
		return false
	case len(r) == 2:
		return !eastern[strings.ToLower(plain)]
	default:
		return !strings.ContainsAny(plain, "AEIOUY")
	}
}

// dotted writes initials that were run together one by one.
func dotted(w string) (out []string) {
	if strings.Contains(w, ".") {
		return []string{w}
	}
	for _, r := range w {
		out = append(out, string(r)+".")
	}
	return out
}

// group is where the family name begins, its particles included. Case does not
// matter, but for what joins two family names (Graell i Amat).
func group(words []string) int {
	low := make([]string, len(words))
	for i, w := range words {
		low[i] = strings.ToLower(w)
	}
	at := len(words) - 1
	if at > 1 && agnomens[low[at]] && len([]rune(strings.TrimSuffix(words[at-1], "."))) > 1 {
		at-- // Silva Filho
	}
	if at > 2 && joiners[words[at-1]] {
		at -= 2
	}
	least := 1
	if particles[words[0]] { // in small letters: van der Berg, and nothing before it
		least = 0
	}
	if eastern[fold(low[len(words)-1])] && !(at > 0 && particles[words[at-1]]) {
		return at // Kiet Van Nguyen has two given names, Jan van Ho one
	}
	return particled(low, at, least)
}

// particled moves the beginning of a family name in front of its particles, but
// not before least. The words are in small letters.
func particled(words []string, at, least int) int {
	for i := least; i < at; i++ {
		// Dutch, German and Saints' names go on to the end: van Eijck van Heslinga.
		if northern[words[i]] {
			return i
		}
		// Spanish ones of two words too: de la Cruz Fernández, del Rio Chanona.
		after := len(words) - i - 1
		if words[i] == "del" && after <= 2 || words[i] == "de" && after <= 3 && (words[i+1] == "la" || words[i+1] == "los" || words[i+1] == "las") {
			return i
		}
	}
	for at > least && particles[words[at-1]] {
		at--
	}
	return at
}

// small reports whether a word begins with a small letter.
func small(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsLower(r)
}

// capitals reports whether a word of two letters or more is all capitals.
func capitals(w string) bool {
	return len([]rune(w)) > 1 && !strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsUpper(r) })
}

// eastAsian reports whether all letters are of a script whose names begin with
// the family's.
func eastAsian(s string) bool {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			if !unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) && r != 'ー' {
				return false
			}
			n++
		}
	}
	return n > 0
}

// organisation reports whether a name is of no person, by the words that only
// organisations and teams have in theirs.
func organisation(s string) bool {
	if strings.Contains(s, ";") || strings.Contains(s, " and ") || strings.Contains(s, " & ") {
		return true // several, whom nobody parted
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",/():", r) })
	if len(words) < 2 {
		return false
	}
	for i, w := range words {
		bare := strings.TrimRight(w, ".")
		_, tail, hyphened := strings.Cut(bare, "-")
		switch {
		case bare == "AI" || bare == "ai" && strings.HasSuffix(words[max(0, i-1)], "."), hyphened && tail == "AI" && i == len(words)-1 && i > 1:
			return true
		case strings.ToLower(bare) == "research":
			if i > 0 {
				return true // Research is a given name too
			}
		case collective[strings.ToLower(bare)], hyphened && collective[strings.ToLower(tail)]:
			return true
		case i == 0 && (companies[bare] && !eastern[strings.ToLower(words[len(words)-1])] || bare == "the"):
			return true // and Xiaomi Li is a person
		}
	}
	return false
}
