package topic

import (
	"slices"
	"strings"

	"paperboy/core/excerpt"
	"paperboy/core/names"
	"paperboy/core/text"
)

// Why is a term that was found and where it was found first.
type Why struct {
	Term  string `json:"term"`            // as printed
	Field Field  `json:"field"`           // Title before Abstract, or the term's own field
	Name  string `json:"name,omitempty"`  // Author: of whom, as published; names that fit are not always the person's
	Alike int    `json:"alike,omitempty"` // Like: how alike the paper is
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
		where, ok := t.find(d)
		if ok == t.Not {
			return nil, false
		}
		if ok {
			why = append(why, where)
		}
	}
	return why, len(why) > 0
}

// Lacks are the terms that keep the clause from a paper: those that it does not
// have and, with Not, those that it has. None where the clause holds.
func (c Clause) Lacks(d *Doc) (lacks []Term) {
	for _, t := range c {
		if _, ok := t.find(d); ok == t.Not {
			lacks = append(lacks, t)
		}
	}
	return lacks
}

// find looks for the term whether it has a minus or not.
func (t Term) find(d *Doc) (why Why, ok bool) {
	why = Why{Term: t.Text, Field: t.Field}
	switch t.Field {
	case Any:
		if why.Field = Title; t.in(d.Title) {
			return why, true
		}
		why.Field = Abstract
		return why, t.in(d.Abstract)
	case Title:
		return why, t.in(d.Title)
	case Abstract:
		return why, t.in(d.Abstract)
	case Author:
		keys, prefixes := t.Names()
		for _, name := range d.Authors {
			for _, k := range names.Keys(name) {
				if slices.Contains(keys, k) || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(k, p) }) {
					why.Name = name
					return why, true
				}
			}
		}
		return why, false
	case Cat:
		return why, t.Value == "*" || slices.ContainsFunc(d.Categories, func(c string) bool { return CatMatches(t.Value, c) })
	case Source:
		return why, slices.ContainsFunc(d.Sources, func(s string) bool { return SourceName(s) == t.Value })
	case Has:
		return why, d.Code
	case Min:
		return why, d.Upvotes != nil && *d.Upvotes >= t.N
	case Like:
		if v := t.Direction(); v != nil {
			why.Alike = t.Alike(d.Direction().Cosine(v))
		}
		return why, why.Alike >= t.N
	}
	return why, false
}

// Names are the keys of which an author must have one to be whom the term
// names, and the beginnings of which one of the author's keys must have one.
func (t Term) Names() (keys, prefixes []string) {
	switch {
	case t.Field != Author || len(t.Words) == 0:
		return nil, nil
	case t.Prefix:
		return nil, names.WantedPrefixes(t.Words[0])
	}
	return names.Wanted(t.Words), nil
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

// Found is the term as it stands in the paper: "agentic" for agent*, "LLMs" for
// llm. Where it is no word of the text, as cat:cs.CV, or not there any more, it
// is "".
func (w Why) Found(title, abstract string) string {
	s, from, to := w.place(title, abstract)
	return s[from:to]
}

// Sentence is the sentence of the paper in which the term stands, on one
// line: the whole title, or one of the abstract. Where the term is no word of
// the text it is "".
func (w Why) Sentence(title, abstract string) string {
	s, from, to := w.place(title, abstract)
	switch {
	case from == to:
		return ""
	case w.Field == Abstract:
		first, last := from, to // a phrase may go over a stop
		for _, at := range excerpt.Sentences(s) {
			if at.Start <= from {
				first = at.Start
			}
			if last = at.End; last >= to {
				break
			}
		}
		s = s[first:last]
	}
	return strings.Join(strings.Fields(s), " ")
}

// place is where the term stands first in its field of the paper, in bytes.
// from is to where it does not.
func (w Why) place(title, abstract string) (s string, from, to int) {
	t, err := Parse(w.Term)
	switch {
	case err != nil:
		return "", 0, 0
	case w.Field == Title:
		s = title
	case w.Field == Abstract:
		s = abstract
	}
	tokens := text.Tokens(s)
	words := make([]string, len(tokens))
	for i, k := range tokens {
		words[i] = k.Word
	}
	term := t.Clauses[0][0]
	i := term.at(words)
	if i < 0 || len(term.Words) == 0 {
		return "", 0, 0
	}
	return s, tokens[i].Start, tokens[i+len(term.Words)-1].End
}
