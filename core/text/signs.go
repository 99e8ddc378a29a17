package text

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// named is the word w, read from s[start:end], with the signs that belong to
// it, and its place with them: C++, C#, A*, A$^*$, H⁺, and .NET. Signs are
// part of a name only behind a letter that stands by itself, of which they
// alone make a name; behind more letters they are left out (LLM+, RRT*), and
// between two letters they are an operator (a+b, n*m).
func named(s, w string, start, end int) (string, int, int) {
	if w == "net" {
		if start > 0 && s[start-1] == '.' {
			return ".net", start - 1, end
		}
		return w, start, end
	}
	if !lone(w) {
		return w, start, end
	}
	before := byte(' ')
	if start > 0 {
		before = s[start-1]
	}
	rest := s[end:min(len(s), end+lookahead)]
	if m := raised.FindStringSubmatch(rest); m != nil {
		return w + plainSign(m[1]), start, end + len(m[0])
	}
	if m := boxed.FindStringSubmatch(rest); m != nil && before != '$' {
		return w + plainSign(m[1]), start, end + len(m[0])
	}
	if m := bare.FindString(rest); m != "" {
		if sign := plainSign(m); sign == "++" || !operator(sign, s, start, end+len(m)) {
			return w + sign, start, end + len(m)
		}
	}
	return w, start, end
}

// operator reports whether the sign that ends at end, behind the letter at
// start, is one between two things, or marks *emphasis*.
func operator(sign, s string, start, end int) bool {
	before, next := ' ', ' '
	if start > 0 {
		before = rune(s[start-1])
	}
	if end < len(s) {
		next, _ = utf8.DecodeRuneInString(s[end:])
	}
	switch {
	case isAlnum(next) && !unicode.Is(unspaced, next):
		return true
	case sign == "#":
		return false
	case strings.ContainsRune(`+#*=({\`, next), next == '$' && before != '$':
		return true
	case before == '^' || before == '_': // a_i+
		return start > 1 && (s[start-2] == '}' || class[s[start-2]] == alnum)
	}
	return before == '*' && sign == "*"
}

// mayBeNamed spares most words the look at their signs.
func mayBeNamed(s, w string, end int) bool {
	return len(w) <= utf8.UTFMax && (end < len(s) && class[s[end]] > alnum || w == "net")
}

// lookahead bounds what an expression is shown of a text, for its speed.
const lookahead = 64

// The signs of names as people write them: as they are, raised, and in what
// TeX wants around them.
const (
	anySign  = `(?:\+\+?|[＋⁺﹢]{1,2}|\\?#|\\sharp\b|[♯＃﹟]|\*|\\ast\b|\\star\b|[∗⋆★＊⁎﹡])`
	typeSign = `(?:\+\+|\\?#|\\sharp\b|♯)`
)

var (
	bare   = regexp.MustCompile(`^(?:\+\+?|[＋⁺﹢]{1,2}|\\?#|[♯＃﹟*∗⋆★＊⁎﹡])`)
	raised = regexp.MustCompile(`^(?:\}?\$?\^ ?\{? ?|\\textsuperscript\{)(` + anySign + `) ?\}?\$?`)
	boxed  = regexp.MustCompile(`^(?:\$|\{|\\text[a-z]+\{)(` + typeSign + `)(?:\$|\})`)
)

// plainSign is a sign as a keyboard has it: "++", "+", "#" or "*".
func plainSign(m string) string {
	switch r, n := utf8.DecodeRuneInString(m); {
	case strings.ContainsRune("+＋⁺﹢", r):
		if len(m) > n {
			return "++"
		}
		return "+"
	case strings.ContainsRune("#♯＃﹟", r), m == `\#`, m == `\sharp`:
		return "#"
	}
	return "*"
}

// lone reports whether a word is one letter, of a script that makes words of
// letters. A Greek letter is its name by then, and more than one.
func lone(w string) bool {
	r, n := utf8.DecodeRuneInString(w)
	return n == len(w) && unicode.IsLetter(r) && !unicode.Is(unspaced, r)
}

func isAlnum(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r)) }

// script reads raised and lowered digits behind a letter, as TeX and those
// who lack the key write them: CO$_2$, CO_2, R^2, $\mathrm{R}^{2}$, PM$_{2.5}$,
// Ca$^{2+}$, CO\textsubscript{2}. It gives the digits and the length, 0 where
// there are none. Behind a digit they are no part of the word: 10^3 is not 103.
func script(s string, i int) (digits string, n int) {
	if i == 0 || class[s[i]] != tex || !endsInLetter(s[:i]) {
		return "", 0
	}
	m := scripts.FindStringSubmatch(s[i:min(len(s), i+lookahead)])
	if m == nil {
		return "", 0
	}
	n = len(m[0])
	if open := strings.HasSuffix(m[1], "{"); open && m[3] == "" {
		// Of 2.5 the word is begun here, and its rest follows by itself.
		if !decimal.MatchString(s[i+len(m[1])+len(m[2]):]) {
			return "", 0
		}
		n = len(m[1]) + len(m[2])
	} else if !open {
		n = len(m[1]) + len(m[2])
		if strings.HasPrefix(s[i+n:], "$") {
			n++
		}
	}
	return m[2], n
}

var (
	scripts = regexp.MustCompile(`^(\}?\$?[\^_]\{?|\\text(?:sub|super)script\{)([0-9]+)([+-]?\}\$?)?`)
	decimal = regexp.MustCompile(`^[.,][0-9]+\}`)
)

// endsInLetter looks behind a brace that closes, as in \mathrm{CO}_2.
func endsInLetter(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLetter(r) || unicode.IsMark(r)
}
