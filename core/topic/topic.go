// Package topic is the little language people write topics and searches in:
// lex and parse (parse.go), print and say (print.go), evaluate (match.go), the
// categories a channel looks at (scope.go), arXiv's categories by name
// (categories.go), and what is known of sources by name (source.go).
//
// In: what a person typed, on a keyboard that may bend quotes and lengthen
// dashes. Out: a Topic, or an Error with the place and what to type instead.
//
// Promises: Parse takes any bytes and little time; a Topic prints in one
// canonical form that Parse reads back to the same Topic; Match is the meaning
// of the language, and the store's search and core/match agree with it.
package topic

import (
	"slices"

	"paperboy/core/meaning"
	"paperboy/core/say"
	"paperboy/core/text"
)

// Field says where a term looks.
type Field string

// The fields of the language. Any is title or abstract.
const (
	Any      Field = ""
	Title    Field = "title"
	Abstract Field = "abstract"
	Author   Field = "author"
	Cat      Field = "cat"
	Source   Field = "source"
	Has      Field = "has"
	Min      Field = "min"
	Like     Field = "like" // alike in meaning, whatever the words
)

// The limits of one topic. They hold for what is typed and
// for what is printed.
const (
	MaxTerms = 12
	MaxChars = 200
	MaxLikes = 4 // like: terms
)

// Alike is how alike a paper must be for like: unless that is said, on the scale of
// meaning.Model.Alike: of a thousand papers of all sciences, one is.
const Alike = 60

// Term is the smallest thing that can be true of a paper.
type Term struct {
	Not    bool
	Field  Field
	Words  []string // Any, Title, Abstract: one word, or several for a phrase; Author: a name; normalised by text.Words, Author by names.Words
	Prefix bool     // the (only) word is a prefix: diffus*; see Folded
	Value  string   // Cat: "cs.CV" or a pattern ending in * as "physics.*", "cs.*", or "*" for any, known or not; Source: "hf", "arxiv" or a feed's name in lower case; Has: "code"; Like: a paper's id, or words as text.Words reads them with blanks between
	N      int      // Min; Like: how alike at least, 1 to 100
	Text   string   // as printed: without the minus, with its field, canonical
	// Vector is what a Like is about: nil until somebody who has the paper fills it
	// in, or for words, of which Direction is it.
	Vector meaning.Vector
}

// Direction is what a Like is about; nil where nobody knows: then it is like nothing.
func (t Term) Direction() meaning.Vector {
	if t.Vector == nil && t.Field == Like && !t.OfPaper() {
		return meaning.Builtin().Text(text.Words(t.Value))
	}
	return t.Vector
}

// Alike is how alike texts of this cosine are to what a Like is about, 0 to 100: the
// scale of papers, of which a Vector is filled in, is another than that of a few words.
func (t Term) Alike(cosine float64) int {
	if t.Vector != nil {
		return meaning.Builtin().Alike(cosine)
	}
	return meaning.Builtin().AlikeWords(cosine)
}

// At is a Like as it is written with another threshold.
func (t Term) At(n int) string {
	t.N = n
	t.Text = t.print()
	return t.String()
}

// OfPaper reports whether a Like names a paper.
func (t Term) OfPaper() bool { return t.Field == Like && paperID(t.Value) == t.Value }

// Clause is terms that must all hold. One at least has no Not.
type Clause []Term

// Topic is clauses of which one must hold. Its zero value matches nothing.
type Topic struct {
	Clauses []Clause
}

// HasCat reports whether the topic names a category itself, and so steps out
// of the channel's scope. To exclude one is to stay inside.
func (t Topic) HasCat() bool {
	for _, c := range t.Clauses {
		for _, term := range c {
			if term.Field == Cat && !term.Not {
				return true
			}
		}
	}
	return false
}

// Named are the values, each once, of the topic's terms of a field, as Cat or
// Source; those with a minus too.
func (t Topic) Named(f Field) (values []string) {
	for _, c := range t.Clauses {
		for _, term := range c {
			if term.Field == f && !slices.Contains(values, term.Value) {
				values = append(values, term.Value)
			}
		}
	}
	return values
}

// Likes are the topic's like: terms, those with a minus too.
func (t Topic) Likes() (likes []Term) {
	for _, c := range t.Clauses {
		for _, term := range c {
			if term.Field == Like {
				likes = append(likes, term)
			}
		}
	}
	return likes
}

// Doc is what a topic can see of a paper.
type Doc struct {
	Title, Abstract []string // words of core/text, in order
	Authors         []string // as published; author: looks at their keys, of core/names
	Categories      []string // the first is the primary one; none when unknown
	Sources         []string // "hf", "arxiv", a feed's name
	Code            bool
	Upvotes         *int // nil: unknown, which no min: admits
	// Vector is what the paper is about: nil where nobody has filled in what the
	// store keeps. Then Direction makes it of the words.
	Vector meaning.Vector
}

// Direction is what the paper is about, as it is kept.
func (d *Doc) Direction() meaning.Vector {
	if d.Vector != nil {
		return d.Vector
	}
	return meaning.Builtin().Read(d.Title, d.Abstract).Vector
}

// NewDoc makes words of a paper.
func NewDoc(title, abstract string, authors, categories, sources []string, code bool, upvotes *int) *Doc {
	return &Doc{
		Title: text.Words(title), Abstract: text.Words(abstract),
		Authors: authors, Categories: categories, Sources: sources, Code: code, Upvotes: upvotes,
	}
}

// Error is a topic that could not be read: what, where, and what to type instead.
type Error struct {
	Code string   // E-PARSE, E-ONLYNEG, E-PAREN, E-LONG
	Col  int      // 1-based, in characters of what was typed
	Text say.Text // one sentence for the person, with the way out
}

func (e *Error) Error() string { return e.Text.String() }
