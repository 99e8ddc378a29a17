// Package text turns prose into words. Search, live matching, ranking and
// similarity all use this one function, so that they agree on every paper.
package text

// Token is one word of a text and where it stood.
type Token struct {
	Word       string // normalised: NFKC, lower case, diacritics and plural folded
	Start, End int    // byte offsets into the original text
}

// Tokens splits s into its words, in order.
func Tokens(s string) []Token { panic("todo") }

// Words is Tokens without the places.
func Words(s string) []string { panic("todo") }

// Prefix normalises the beginning of a word as a person typed it before a *:
// like Words, but nothing is folded at its end, which is not the word's end.
func Prefix(s string) string { panic("todo") }
