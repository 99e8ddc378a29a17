// Package topic is the little language people write topics and searches in:
// lex, parse, print, evaluate.
package topic

import "paperboy/core/say"

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
)

// Term is the smallest thing that can be true of a paper.
type Term struct {
	Not    bool
	Field  Field
	Words  []string // Any, Title, Abstract, Author: one word, or several for a phrase; normalised by core/text
	Prefix bool     // the (only) word is a prefix: diffus*
	Value  string   // Cat: "cs.CV" or a pattern ending in * as "physics.*", "cs.*", "*"; Source: "hf", "arxiv" or a feed's name; Has: "code"
	N      int      // Min
	Text   string   // as printed: without the minus, with its field, canonical
}

// Clause is terms that must all hold.
type Clause []Term

// Topic is clauses of which one must hold. Its zero value matches nothing.
type Topic struct {
	Clauses []Clause
}

// Parse reads one topic.
func Parse(s string) (Topic, error) { panic("todo") }

// ParseList reads topics separated by commas (outside quotes), as subscribe takes them.
func ParseList(s string) ([]Topic, error) { panic("todo") }

// String prints the topic as people are shown it; Parse(t.String()) equals t.
func (t Topic) String() string { panic("todo") }

// Reading says the topic in words.
func (t Topic) Reading() say.Text { panic("todo") }

// HasCat reports whether the topic names a category itself, and so steps out of the channel's scope.
func (t Topic) HasCat() bool { panic("todo") }

// Doc is what a topic can see of a paper.
type Doc struct {
	Title, Abstract []string   // words of core/text, in order
	Authors         [][]string // each name's words
	Categories      []string   // the first is the primary one; none when unknown
	Sources         []string   // "hf", "arxiv", a feed's name
	Code            bool
	Upvotes         *int // nil: unknown, which no min: admits
}

// Why is a term that was found and where it was found first.
type Why struct {
	Term  string `json:"term"`  // as printed
	Field Field  `json:"field"` // Title before Abstract, or the term's own field
}

// Match evaluates the topic, slowly and obviously. The reference for everything faster.
func (t Topic) Match(d *Doc) ([]Why, bool) { panic("todo") }

// Scope is the categories a channel looks at when a topic names none.
type Scope struct {
	Patterns []string // "cs.*", "stat.ML"; none: everything
	Strict   bool     // papers listed by Hugging Face do not pass by that alone
}

// Admits reports whether a paper of these categories and sources lies in the scope.
func (s Scope) Admits(d *Doc) bool { panic("todo") }

// Error is a topic that could not be read: what, where, and what to type instead.
type Error struct {
	Code string   // E-PARSE, E-ONLYNEG, E-PAREN, E-LONG
	Col  int      // 1-based, in characters of what was typed
	Text say.Text // one sentence for the person, with the way out
}

func (e *Error) Error() string { return e.Text.String() }
