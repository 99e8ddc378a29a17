package excerpt

import (
	"regexp"
	"strings"
)

var (
	look    = regexp.MustCompile(`\\(?:text(?:bf|it|tt|sc|rm|sf|sl|normal)?|emph|underline|uline|math(?:bf|it|rm|sf|tt))\s*\{([^{}]*)\}|\{\\(?:em|it|bf|sc|tt|sl)\s+([^{}]*)\}`)
	opening = regexp.MustCompile(`(^|[\s(])''`)
	words   = regexp.MustCompile(`^[\p{L}\d .,%+()-]+$`)
	escapes = strings.NewReplacer(`\%`, "%", `\&`, "&", `\_`, "_", `\#`, "#", "``", "“", "''", "”")
)

// deepest is how many commands in each other are read; what lies deeper stays.
const deepest = 4

// Plain is a title or an abstract as people read it, on one line: without
// TeX's commands for the look of words, its dollars around what is no formula,
// and its ways to write a percent sign or a quote. Formulas stay.
func Plain(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if !strings.ContainsAny(s, "\\$`'") {
		return s
	}
	for range deepest {
		plain := look.ReplaceAllString(s, "$1$2")
		if plain == s {
			break
		}
		s = plain
	}
	s = escapes.Replace(opening.ReplaceAllString(s, "$1“"))
	var b strings.Builder
	done := 0
	for _, f := range math(s) {
		if inner := s[f.Start+1 : f.End-1]; words.MatchString(inner) {
			b.WriteString(s[done:f.Start] + inner)
			done = f.End
		}
	}
	b.WriteString(s[done:])
	return strings.Join(strings.Fields(b.String()), " ")
}
