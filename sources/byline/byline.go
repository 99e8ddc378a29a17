// Package byline takes apart what publishers write where authors' names belong.
//
// In: the strings of the elements that name authors: one name each, or several
// in one, as written or turned round ("Doe, J., Wang, W."), with addresses,
// degrees and affiliations. Out: the names in their order, each as one writes
// it: "Jane Doe", "J. Doe", "John Doe Jr.", "ATLAS Collaboration".
//
// Promises: a name is never invented: words are left out (degrees, addresses,
// affiliations, "et al.") or turned round, and nothing else; what is in doubt
// stays as it was written; an organisation stays whole.
package byline

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// List takes apart a list of names as one writes them, between commas: what
// arXiv's feeds have. Commas within brackets belong to an affiliation, which
// is dropped.
func List(list string) []string {
	var names []string
	for _, part := range parts(tidy(list)) {
		names = add(names, strings.Fields(part))
	}
	return names
}

// Split takes apart the strings of one paper's elements, whatever their form.
func Split(elements ...string) []string {
	var names []string
	for _, e := range elements {
		names = append(names, split(tidy(e))...)
	}
	if indexed(names) {
		for i, n := range names {
			words := strings.Fields(n)
			names[i] = dotted(words[len(words)-1]) + " " + strings.Join(words[:len(words)-1], " ")
		}
	}
	said := map[string]bool{}
	return slices.DeleteFunc(names, func(n string) bool {
		again := said[n]
		said[n] = true
		return again
	})
}

var (
	address = regexp.MustCompile(`(?i)(?:mailto:)?[^\s<>(),;"]+@[^\s<>(),;"]+`)
	page    = regexp.MustCompile(`(?i)\bhttps?://[^\s<>(),;"]+`)
	label   = regexp.MustCompile(`(?i)^\s*(?:by\s+|(?:written|posted)\s+by:?\s+|authors?(?:\(s\))?\s*:\s*)`)
	others  = regexp.MustCompile(`(?i)[\s,;&]*(?:\band\s+)?\b(?:et\s+al\b\.?|and\s+others\b)`)
	joint   = regexp.MustCompile(`(?i)\s+(?:and|und|et|with)\s+|\s*[&＆]\s*|\s+\|\s+|\s+[·•]\s+`)
	// Signs and numbers that lead to a footnote: "Jane Doe1,2", "Wei Wang*†".
	footnote = regexp.MustCompile(`(?:[*†‡§¶#✉]|(?:\p{Ll})?[¹²³⁰-⁹]+)+$|^[*†‡§¶#✉]+`)
	numbered = regexp.MustCompile(`(\s\S*\p{Ll})\d{1,2}(?:\s*,\s*\d{1,2})*(\s*(?:[,;]|$))`)
)

// tidy takes away what is no name: addresses, pages, what stands in brackets.
func tidy(s string) string {
	s = strings.NewReplacer("，", ",", "、", ",", "；", ";", "\u00a0", " ", "\u202f", " ", "\u200b", "", "\u00ad", "").Replace(s)
	if only := inBrackets(s); only != "" && address.MatchString(s) && strings.TrimSpace(address.ReplaceAllString(withoutBrackets(s), "")) == "" {
		s = only // "jane@lab.example (Jane Doe)"
	} else if bare := withoutBrackets(s); strings.TrimSpace(bare) != "" {
		s = bare
	} else {
		s = strings.NewReplacer("(", " ", ")", " ", "[", " ", "]", " ").Replace(s)
	}
	s = page.ReplaceAllString(address.ReplaceAllString(s, " "), " ")
	s = label.ReplaceAllString(strings.NewReplacer("<", " ", ">", " ", `"`, " ").Replace(s), "")
	if lines := nonEmpty(strings.Split(s, "\n")); len(lines) > 1 && !strings.ContainsAny(s, ",;&") && !joint.MatchString(strings.Join(lines, "\t")) {
		s = strings.Join(lines, ";") // a name a line
	}
	s = others.ReplaceAllString(strings.Join(strings.Fields(s), " "), "")
	return numbered.ReplaceAllString(s, "$1$2")
}

// inBrackets is what stands in the first pair of round brackets.
func inBrackets(s string) string {
	_, after, _ := strings.Cut(s, "(")
	inside, _, ok := strings.Cut(after, ")")
	if !ok {
		return ""
	}
	return strings.TrimSpace(inside)
}

// withoutBrackets leaves out what stands in brackets; where they do not fit
// together they mean nothing.
func withoutBrackets(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case r == '(' || r == '[':
			depth++
			b.WriteByte(' ')
		case (r == ')' || r == ']') && depth > 0:
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	if depth > 0 {
		return strings.NewReplacer("(", " ", ")", " ", "[", " ", "]", " ").Replace(s)
	}
	return b.String()
}

func nonEmpty(list []string) (out []string) {
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func parts(s string) []string { return nonEmpty(strings.Split(s, ",")) }

func split(s string) []string {
	if s == "" {
		return nil
	}
	if strings.Contains(s, ";") {
		var names []string
		for _, one := range nonEmpty(strings.Split(s, ";")) {
			one = strings.TrimLeft(one, "& ")
			if rest, ok := cutFold(one, "and "); ok {
				one = rest
			}
			names = append(names, split(one)...)
		}
		return names
	}
	// "Jane Doe, Wei Wang, and Ana Bell"; "Doe, Jane and Wang, Wei"
	if at := joint.FindAllStringIndex(s, -1); len(at) > 0 && !joined(s, at) {
		var pieces []string
		from := 0
		for _, a := range at {
			pieces = append(pieces, strings.TrimRight(s[from:a[0]], ", "))
			from = a[1]
		}
		pieces = nonEmpty(append(pieces, s[from:]))
		if slices.ContainsFunc(pieces, func(p string) bool { return !turnedRound(parts(p)) }) {
			return commas(parts(strings.Join(pieces, ",")))
		}
		var names []string
		for _, p := range pieces {
			names = append(names, commas(parts(p))...)
		}
		return names
	}
	return commas(parts(s))
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// joined reports whether the words at those places hold one name together:
// "Department of Energy and Climate", "Bill and Melinda Gates Foundation".
func joined(s string, at [][]int) bool {
	for i, a := range at {
		from, to := 0, len(s)
		if i > 0 {
			from = at[i-1][1]
		}
		if i+1 < len(at) {
			to = at[i+1][0]
		}
		left, right := parts(s[from:a[0]]), parts(s[a[1]:to])
		if len(right) == 0 {
			continue
		}
		if len(left) == 0 {
			if i > 0 {
				continue
			}
			return true
		}
		several := i > 0 || len(left) > 1
		before, after := strings.Fields(left[len(left)-1]), strings.Fields(right[0])
		if strings.EqualFold(after[0], "the") || initials(left[len(left)-1]) {
			continue // "Jane Doe and the ATLAS Collaboration"
		}
		ours := slices.ContainsFunc(before, organised)
		theirs := slices.ContainsFunc(after, organised)
		if several && strings.HasSuffix(strings.TrimRight(s[from:a[0]], " "), ",") {
			continue // "…, and …" ends a list
		}
		if ours && (theirs || len(after) < 2) || ours && slices.Contains(before, "of") || len(before) == 1 && (theirs || len(after) > 1 && !several && !turnedRound(right)) {
			return true
		}
	}
	return false
}

// organised are words of organisations' names, and of nobody's.
func organised(word string) bool {
	return organisations[strings.ToLower(strings.Trim(word, ".,:"))]
}

var organisations = set(`team group groups collaboration collaborations consortium institute institutes institution university college school department
	dept division faculty laboratory laboratories lab labs center centre foundation committee society association council network initiative project program
	programme agency ministry office company corporation corp inc ltd llc gmbh research technologies authors contributors community staff editors editorial
	board press news blog academy hospital clinic bank investigators partnership alliance bureau commission services science sciences technology`)

// Words of people's names that begin a family name.
var particles = set(`van von de der den del della di da dos das du la le ten ter zu zur af al el bin ibn st st. 't vande vander`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

var (
	generation = regexp.MustCompile(`(?i)^(?:[JS]r\.?|2nd|3rd|4th)$|^(?:II|III|IV)\.?$`)
	degree     = regexp.MustCompile(`^(?i:ph\.?\s?d|m\.?d|d\.?phil|m\.?sc|b\.?sc|m\.?p\.?h|m\.?b\.?a|d\.?v\.?m|pharm\.?d|ed\.?d|sc\.?d|dr\.?p\.?h|d\.?d\.?s|m\.?b\.?b\.?s|m\.?phil|m\.?eng|b\.?eng|m\.?ed|psy\.?d|r\.?n|d\.?sc|f\.?a\.?c\.?s|f\.?a\.?c\.?c|f\.?r\.?c\.?p|f\.?r\.?s|m\.?b\.?ch\.?b)\.?$|^(?:MA|BA|MS|BS|JD|PE|DO|OBE|CBE|LLM|LLB|M\.A\.|B\.A\.|M\.S\.|B\.S\.|J\.D\.)$`)
	initial    = regexp.MustCompile(`^(?:\p{Lu}\p{Ll}?\.?(?:[-‐‑ ]?\p{Lu}\p{Ll}?\.)*|\p{Lu}{1,3}\.?|(?:\p{Lu}[-‐‑. ]+)+\p{Lu}\.?)$`)
	form       = regexp.MustCompile(`(?i)^(?:inc|ltd|llc|llp|plc|corp|gmbh|ag|s\.?a|n\.?v|b\.?v|co|co\.,? ltd)\.?$`) // of a company
	title      = regexp.MustCompile(`(?i)^(?:dr|prof|professor|mr|mrs|ms|mx)\.?$`)
)

// initials reports whether the words are nothing but initials: "J.", "J. K.",
// "J.-P.", "JK".
func initials(s string) bool {
	words := strings.Fields(s)
	for _, w := range words {
		if !initial.MatchString(w) || organised(w) {
			return false
		}
	}
	return len(words) > 0
}

// eastern reports whether the script has no capitals and no blanks in names.
func eastern(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
	})
}

// family reports whether the words look like a family name alone: one word, or
// more behind a particle.
func family(s string) bool {
	words := strings.Fields(s)
	if eastern(s) || slices.ContainsFunc(words, organised) {
		return false
	}
	return len(words) == 1 && (utf8.RuneCountInString(words[0]) > 1 && !strings.HasSuffix(words[0], ".") || len(words[0]) > 2) ||
		len(words) > 1 && particles[strings.ToLower(words[0])]
}

// given reports whether the words may be given names: a few, none of them an
// organisation's.
func given(s string) bool {
	words := strings.Fields(s)
	return len(words) > 0 && len(words) <= 4 && !eastern(s) && !slices.ContainsFunc(words, organised)
}

// people is the list without what belongs to the name before it.
func people(list []string) (out []string) {
	for _, p := range list {
		if !generation.MatchString(p) && !degree.MatchString(p) {
			out = append(out, p)
		}
	}
	return out
}

// turnedRound reports whether a list between commas is of "Last, First" pairs.
func turnedRound(list []string) bool {
	list = people(list)
	if len(list) < 2 || len(list)%2 == 1 {
		return false
	}
	short, families := true, true
	for i := 0; i < len(list); i += 2 {
		if !given(list[i+1]) || initials(list[i]) && !initials(list[i+1]) {
			return false
		}
		short = short && initials(list[i+1]) && !slices.ContainsFunc(strings.Fields(list[i]), organised)
		families = families && family(list[i])
	}
	// "García Márquez, Gabriel" alone has no other reading.
	double := len(list) == 2 && len(strings.Fields(list[0])) == 2 && len(strings.Fields(list[1])) == 1 && given(list[0]) && !lastFirst(list[0])
	return short || families || double
}

// commas reads a list between commas: pairs that are turned round, or names as
// one writes them.
func commas(list []string) (names []string) {
	if indexed(list) {
		return list
	}
	turned := turnedRound(list)
	mixed := !turned && slices.ContainsFunc(list, initials) // "Doe, J., Wang, W., ATLAS Collaboration"
	for i := 0; i < len(list); i++ {
		words := strings.Fields(list[i])
		var behind []string
		for i+1 < len(list) && generation.MatchString(list[i+1]) { // "Doe, Jr., John"
			i++
			behind = append(behind, list[i])
		}
		if i+1 < len(list) && len(people(list[i+1:i+2])) > 0 && (turned || mixed && initials(list[i+1]) && !initials(list[i]) && given(list[i])) && len(people([]string{strings.Join(words, " ")})) > 0 {
			i++
			words = append(strings.Fields(list[i]), words...)
			if last := len(words) - 1; generation.MatchString(words[last]) && len(behind) == 0 && last > 0 { // "Doe Jr., John"
				behind, words = []string{words[last]}, words[:last]
			}
		}
		names = add(names, append(words, behind...))
	}
	return names
}

// add puts a name behind the others, or, where it is none, what it says about
// the last of them.
func add(names []string, words []string) []string {
	whole := strings.Join(words, " ")
	if generation.MatchString(whole) {
		if len(names) > 0 {
			names[len(names)-1] += " " + whole
		}
		return names
	}
	if degree.MatchString(whole) && len(names) > 0 {
		return names
	}
	if form.MatchString(whole) && len(names) > 0 { // "OpenAI, Inc."
		names[len(names)-1] += ", " + whole
		return names
	}
	for len(words) > 1 && title.MatchString(words[0]) {
		words = words[1:]
	}
	n := len(words)
	for n > 2 && degree.MatchString(words[n-1]) {
		n--
	}
	if len(words)-n > 1 || !initials(words[len(words)-1]) { // "Doe MA" may be M. A. Doe
		words = words[:n]
	}
	if len(words) > 1 && strings.EqualFold(words[0], "the") {
		words = words[1:]
	}
	name := footnote.ReplaceAllString(strings.Join(words, " "), "")
	name = strings.Trim(name, " -–—:|*")
	if last := name[strings.LastIndexByte(name, ' ')+1:]; strings.HasSuffix(last, ".") && utf8.RuneCountInString(last) > 4 && strings.Count(last, ".") == 1 {
		name = strings.TrimSuffix(name, ".") // the end of a sentence
	}
	if !strings.ContainsFunc(name, unicode.IsLetter) {
		return names
	}
	return append(names, name)
}

// indexed reports whether the names are all as PubMed has them: "Doe JA", "Li X".
func indexed(names []string) bool {
	return len(names) > 1 && slices.ContainsFunc(names, lastFirst) && !slices.ContainsFunc(names, func(n string) bool { return !endsInInitials(n) })
}

// lastFirst reports whether a name is a family name with initials behind it:
// "Doe JA". Of "Li X", which ends so too, that cannot be said of it alone.
func lastFirst(name string) bool {
	words := strings.Fields(name)
	return endsInInitials(name) && !slices.ContainsFunc(words[:len(words)-1], initial.MatchString)
}

func endsInInitials(name string) bool {
	words := strings.Fields(name)
	if len(words) < 2 || len(words) > 4 {
		return false
	}
	last := words[len(words)-1]
	if n := utf8.RuneCountInString(last); n > 3 || strings.ContainsFunc(last, func(r rune) bool { return !unicode.IsUpper(r) }) || last == "AI" {
		return false
	}
	for _, w := range words[:len(words)-1] {
		r, _ := utf8.DecodeRuneInString(w)
		if !unicode.IsUpper(r) && !particles[w] || utf8.RuneCountInString(w) < 2 || strings.HasSuffix(w, ".") || organised(w) {
			return false
		}
	}
	return true
}

// dotted is "J. A." for "JA".
func dotted(s string) string {
	var out []string
	for _, r := range s {
		out = append(out, string(r)+".")
	}
	return strings.Join(out, " ")
}
