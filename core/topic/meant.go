package topic

import (
	"slices"
	"strings"
	"unicode"
)

// Meant is a name that somebody may have meant who left out the quotes, and
// what was typed with the quotes in it.
type Meant struct {
	Name string // Song Han, Doe, Jane
	Text string // author:"Song Han" pruning
}

// NamesMeant are the names that may begin with the word behind an author:
// without quotes, because words in capitals follow it, the longest first. Of
// author:Song Han that is Song Han: as typed it is the author Song and the word
// han. Commas between topics are kept.
func NamesMeant(s string) (out []Meant) {
	p := newParser(s)
	lexemes, err := p.lex(0, len(p.in))
	if err != nil {
		return nil
	}
	const most = 4 // words of a name
	for i, l := range lexemes {
		from := l.from
		for from < l.to && p.in[from] == '-' {
			from++
		}
		name, ok := p.fieldName(from, l.to)
		if !ok || !strings.EqualFold(name, string(Author)) {
			continue
		}
		from += len([]rune(name)) + 1
		if from == l.to || slices.Contains(p.in[from:l.to], '"') || slices.Contains(p.in[from:l.to], '*') {
			continue
		}
		for _, next := range lexemes[i+1 : min(len(lexemes), i+most)] {
			if next.bar || next.paren || !capital(p.in[next.from:next.to]) {
				break
			}
			to, ends := next.to, false
			if p.in[to-1] == ',' {
				to, ends = to-1, true
			}
			words := strings.Join(strings.Fields(string(p.in[from:to])), " ")
			out = append(out, Meant{words, string(p.in[:from]) + `"` + words + `"` + string(p.in[to:])})
			if ends {
				break
			}
		}
		if len(out) > 0 {
			break
		}
	}
	slices.Reverse(out)
	return out
}

// capital reports whether a word begins with a capital letter and has nothing
// of the topic language in it.
func capital(word []rune) bool {
	return unicode.IsUpper(word[0]) && !slices.ContainsFunc(word, func(r rune) bool { return strings.ContainsRune(`":*`, r) })
}
