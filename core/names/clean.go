package names

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"paperboy/core/text"
)

var (
	bracketed = regexp.MustCompile(`\s*[(\[][^()\[\]]*[)\]]`)
	glued     = regexp.MustCompile(`((?:^|[\s.])\p{Lu})\.(\p{Lu}[\p{L}'’-]+)`)
	etal      = regexp.MustCompile(`(?i),?\s+et\.? al\.?$`)
)

// clean is a name on one line, without TeX, without what hangs on to it: the
// marks of footnotes, an affiliation in brackets, an "and" of the list it stood
// in.
func clean(s string) string {
	s = untex(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || r == '~' || r == '\u200b':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), strings.ContainsRune("*†‡§¶‖^", r):
			return -1
		}
		return r
	}, s)
	if strings.ContainsAny(s, "([") {
		if without := bracketed.ReplaceAllString(s, ""); strings.ContainsFunc(without, unicode.IsLetter) {
			s = without
		}
	}
	s = strings.Join(strings.Fields(s), " ")
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, " - ", "-"), ". -", ".-") // J. -P., as arXiv has them
	if strings.Contains(strings.ToLower(s), " al") {
		s = etal.ReplaceAllString(s, "")
	}
	s = strings.Trim(s, `/\:;,`+" ")
	for _, and := range []string{"and ", "& "} {
		if rest, ok := strings.CutPrefix(s, and); ok {
			s = rest
		}
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, " and"), " &")
	if strings.Contains(s, ".") {
		s = glued.ReplaceAllString(s, "$1. $2") // J.Doe
	}
	return strings.Trim(s, `/\:;,`+" ")
}

var texLetters = strings.NewReplacer(`\ss`, "ß", `\aa`, "å", `\AA`, "Å", `\ae`, "æ", `\AE`, "Æ", `\oe`, "œ", `\OE`, "Œ",
	`\o`, "ø", `\O`, "Ø", `\l`, "ł", `\L`, "Ł", `\i`, "i", `\j`, "j")

var (
	texAccent = regexp.MustCompile("\\\\(?:([\"'`^~=.])|([vcHukrdb])(?:\\{|\\s+|\\\\))\\{?\\\\?(\\p{L})\\}?")
	texLetter = regexp.MustCompile(`\\(?:ss|aa|AA|ae|AE|oe|OE|[oOlLij])(?:\{\}|\s+|\b)`)
)

// untex writes TeX's accents and letters as letters, and drops its braces and
// what is left of its backslashes.
func untex(s string) string {
	if !strings.ContainsAny(s, `\{}`) {
		return s
	}
	s = texAccent.ReplaceAllStringFunc(s, func(m string) string {
		at := 1
		r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(m, "}"))
		return norm.NFC.String(string(r) + string(text.Accents[m[at]]))
	})
	s = texLetter.ReplaceAllStringFunc(s, func(m string) string {
		return texLetters.Replace(strings.TrimRight(strings.TrimSuffix(m, "{}"), " "))
	})
	return strings.NewReplacer(`\`, "", "{", "", "}", "").Replace(s)
}
