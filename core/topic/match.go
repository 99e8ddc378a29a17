package topic

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"paperboy/core/text"
)

// Why is a term that was found and where it was found first.
type Why struct {
	Term  string `json:"term"`  // as printed
	Field Field  `json:"field"` // Title before Abstract, or the term's own field
}

// Match evaluates the topic, slowly and obviously. The reference for
// everything faster. Why has the positive terms of the first clause that holds.
func (t Topic) Match(d *Doc) ([]Why, bool) {
	for _, c := range t.Clauses {
		if why, ok := c.match(d); ok {
			return why, true
		}
	}
	return nil, false
}

func (c Clause) match(d *Doc) ([]Why, bool) {
	var why []Why
	for _, t := range c {
		field, ok := t.find(d)
		if ok == t.Not {
			return nil, false
		}
		if ok {
			why = append(why, Why{Term: t.Text, Field: field})
		}
	}
	return why, len(why) > 0
}

// find looks for the term whether it has a minus or not.
func (t Term) find(d *Doc) (Field, bool) {
	switch t.Field {
	case Any:
		if t.in(d.Title) {
			return Title, true
		}
		return Abstract, t.in(d.Abstract)
	case Title:
		return Title, t.in(d.Title)
	case Abstract:
		return Abstract, t.in(d.Abstract)
	case Author:
		return Author, slices.ContainsFunc(d.Authors, t.in)
	case Cat:
		return Cat, t.Value == "*" || slices.ContainsFunc(d.Categories, func(c string) bool { return CatMatches(t.Value, c) })
	case Source:
		return Source, slices.ContainsFunc(d.Sources, func(s string) bool { return SourceName(s) == t.Value })
	case Has:
		return Has, d.Code
	case Min:
		return Min, d.Upvotes != nil && *d.Upvotes >= t.N
	}
	return t.Field, false
}

// in reports whether the words stand in the text, next to each other.
func (t Term) in(words []string) bool { return t.at(words) >= 0 }

// at is the place of the term's first word, or -1.
func (t Term) at(words []string) int {
	folded := t.Folded()
	for i := 0; i+len(t.Words) <= len(words); i++ {
		if t.Prefix && (strings.HasPrefix(words[i], t.Words[0]) || words[i] == folded) || slices.Equal(words[i:i+len(t.Words)], t.Words) {
			return i
		}
	}
	return -1
}

// Folded is the word that a prefix finds beside those that begin with it, ""
// where there is none: a paper's "models" is kept as model, and so models*
// finds model. Names are kept as they are, author:peters* finds no Peter.
func (t Term) Folded() string {
	if !t.Prefix || t.Field == Author {
		return ""
	}
	if w := text.Words(t.Words[0]); len(w) == 1 && !strings.HasPrefix(w[0], t.Words[0]) {
		return w[0]
	}
	return ""
}

// Sentence is the sentence of the paper in which the term stands, on one
// line: the whole title, or one of the abstract. Where the term is no word of
// the text, as cat:cs.CV, it is "".
func (w Why) Sentence(title, abstract string) string {
	t, err := Parse(w.Term)
	if err != nil {
		return ""
	}
	s := abstract
	if w.Field == Title {
		s = title
	}
	if w.Field != Title && w.Field != Abstract {
		return ""
	}
	tokens := text.Tokens(s)
	words := make([]string, len(tokens))
	for i, k := range tokens {
		words[i] = k.Word
	}
	term := t.Clauses[0][0]
	i := term.at(words)
	if i < 0 {
		return ""
	}
	if w.Field == Abstract {
		from, to := sentence(s, tokens[i].Start, tokens[i+len(term.Words)-1].End)
		s = s[from:to]
	}
	return strings.Join(strings.Fields(s), " ")
}

// sentence widens a stretch of s to whole sentences.
func sentence(s string, from, to int) (int, int) {
	begin, end := 0, len(s)
	for i, r := range s {
		if !strings.ContainsRune("。！？", r) && !stops(s, i) {
			continue
		}
		if next := i + utf8.RuneLen(r); next <= from {
			begin = next
		} else if i >= to {
			end = next
			break
		}
	}
	return begin, end
}

// stops reports whether a sentence ends with the byte at i: a stop, a blank,
// then neither a small letter nor a digit (Sec. 2), and not after an abbreviation.
func stops(s string, i int) bool {
	if !strings.ContainsRune(".!?", rune(s[i])) {
		return false
	}
	rest := strings.TrimLeftFunc(s[i+1:], unicode.IsSpace)
	if rest != "" && (len(rest) == len(s)-i-1 || 'a' <= rest[0] && rest[0] <= 'z' || '0' <= rest[0] && rest[0] <= '9') {
		return false
	}
	for _, a := range []string{"e.g", "i.e", "al", "vs", "cf", "Fig", "Eq", "resp", "approx"} {
		if before, ok := strings.CutSuffix(s[:i], a); ok && (before == "" || !isWordRune(rune(before[len(before)-1]))) {
			return false
		}
	}
	return true
}
