package excerpt

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Span is a stretch of a text, in bytes.
type Span struct{ Start, End int }

// Sentences are the places of a text's sentences, in order, without the blanks
// between them.
func Sentences(s string) []Span {
	var out []Span
	formulas := math(s)
	begin := 0
	end := func(i int) {
		from, to := begin, i
		for from < to {
			r, n := utf8.DecodeRuneInString(s[from:to])
			if !unicode.IsSpace(r) {
				break
			}
			from += n
		}
		if to = from + len(strings.TrimRightFunc(s[from:to], unicode.IsSpace)); to > from {
			out = append(out, Span{from, to})
		}
		begin = i
	}
	for i, r := range s {
		if i < begin || len(formulas) > 0 && formulas[0].Start < i && i < formulas[0].End {
			continue
		}
		for len(formulas) > 0 && formulas[0].End <= i {
			formulas = formulas[1:]
		}
		if strings.ContainsRune("。！？", r) {
			end(i + utf8.RuneLen(r))
		} else if n := stop(s, i); n > 0 {
			end(i + n)
		}
	}
	end(len(s))
	return out
}

// formula is TeX between dollars. As in Pandoc, blanks inside of them and a
// digit behind make them money.
var formula = regexp.MustCompile(`\$[^\s$](?:[^$]{0,160}?[^\s$\\])??\$`)

func math(s string) (out []Span) {
	if strings.IndexByte(s, '$') < 0 {
		return nil
	}
	for i := 0; i < len(s); {
		m := formula.FindStringIndex(s[i:])
		if m == nil {
			break
		}
		from, to := i+m[0], i+m[1]
		if to < len(s) && '0' <= s[to] && s[to] <= '9' {
			i = to - 1
			continue
		}
		out = append(out, Span{from, to})
		i = to
	}
	return out
}

// note is a citation's number behind a stop.
var note = regexp.MustCompile(`^(?:\$\^\{?[\d,\s–-]+\}?\$|\[[\d,\s–-]+\])`)

// closers may stand behind a stop and belong to its sentence.
const closers = "\"')]}”’»"

// stop is the length of the stop at i and of what closes with it, 0 where no
// sentence ends.
func stop(s string, i int) int {
	if c := s[i]; c != '.' && c != '!' && c != '?' {
		return 0
	}
	n := 1
	for i+n < len(s) {
		r, size := utf8.DecodeRuneInString(s[i+n:])
		if !strings.ContainsRune(closers, r) {
			break
		}
		n += size
	}
	if m := note.FindString(s[i+n:]); m != "" {
		n += len(m)
	}
	rest := strings.TrimLeftFunc(s[i+n:], unicode.IsSpace)
	if rest == "" {
		return n
	}
	next := leading(rest)
	last := trailing(s[:i])
	switch {
	case len(rest) == len(s)-i-n: // glued to what follows: problem.We propose
		if n == 1 && s[i] == '.' && starters[next] && lowerEnd(last) && !strings.Contains(last, "/") {
			return 1
		}
		return 0
	case strings.HasPrefix(rest, "."): // . . .
		return 0
	case s[i] != '.':
		return beginning(rest, n)
	case never[last]:
		return 0
	case seldom[last] || lone(last) || strings.Contains(last, "."):
		if starters[next] {
			return n
		}
		return 0
	}
	return beginning(rest, n)
}

// beginning gives n where the text may be the beginning of a sentence.
func beginning(s string, n int) int {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, "\"'([{“‘«"))
	switch {
	case unicode.IsLower(r):
		w := leading(s)
		if strings.IndexFunc(w, unicode.IsUpper) <= 0 { // iTransformer is a name
			return 0
		}
	case strings.ContainsRune(",;:)-–—", r):
		return 0
	}
	return n
}

// leading is the first word of s.
func leading(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '\'' })
	if end < 0 {
		end = len(s)
	}
	return s[:end]
}

// trailing is the last word of s, with the dots in it: U.S, e.g.
func trailing(s string) string {
	at := strings.LastIndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("(),;:[]{}\"“”‘’~—–/", r)
	})
	if at < 0 {
		return s
	}
	_, n := utf8.DecodeRuneInString(s[at:])
	return s[at+n:]
}

// lone reports whether a word is one capital letter, as an initial is.
func lone(w string) bool {
	r, n := utf8.DecodeRuneInString(w)
	return n == len(w) && unicode.IsUpper(r)
}

func lowerEnd(w string) bool {
	r, _ := utf8.DecodeLastRuneInString(w)
	return unicode.IsLower(r) || r == ')' || r == '%' || unicode.IsDigit(r)
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

var (
	// never ends a sentence, however it goes on.
	never = set(`e.g E.g i.e I.e eg vs cf Cf viz ca approx incl Fig Figs fig figs Eq Eqs Eqn eq eqs Dr Prof Mr Mrs Ms`)

	// seldom ends one: only where a word follows that begins most of them.
	seldom = set(`al etc resp Inc Ltd Co Corp Jr Sr ed eds dept Univ Sec Secs sec Ref Refs Tab Thm Prop Def Lem Cor No no Nos Vol vol pp St Mt`)

	// starters begin a sentence, and are no names.
	starters = set(`We This These Those The That There Our In On To It Its They Here However Moreover Furthermore Additionally Also And But Then Thus
		Therefore Hence While Although Though Despite Since Because If When Where Given Using By For From With Without Under Through Based Motivated
		Inspired As At An Extensive Experiments Experimental Empirical Empirically Results Finally First Second Third Specifically Concretely Notably
		Recent Recently Existing Current Previous Prior Most Many Some Such Both Each All Compared Unlike Unfortunately Yet Code What Which How Why
		Can Is Are Does Do Instead Overall Additional Further Nevertheless Consequently Building Leveraging Traditional`)
)
