// Package excerpt finds the sentence of an abstract in which the authors say
// what they did.
//
// In: a paper's title and abstract, and the word by which somebody found it.
// Out: one sentence, or the part of one, and the rule that chose it; also the
// sentences of any prose (sentences.go).
//
// Promises: it is the abstract's own text, as Plain gives it, contiguous and not
// rewritten, but for " …" where it was cut and "… " where it begins late; at most
// Length characters; any bytes are accepted. Nothing is understood here: the sentence
// is told by the words that authors use to say it (patterns.go), judged by
// reading 200 abstracts of many fields (testdata/judged.tsv).
package excerpt

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Length is how many characters an excerpt has at most.
const Length = 220

// Rule says why a sentence was chosen.
type Rule string

// The rules, in this order.
const (
	Contribution Rule = "contribution" // the authors say what they did
	Found        Rule = "found"        // it has the word by which the paper was found
	Beginning    Rule = "beginning"
)

// Excerpt is what of an abstract is shown.
type Excerpt struct {
	Text string
	Rule Rule
}

// Of chooses from an abstract. The title tells how the authors call what they
// made; found is a word as it stands in the text, or "".
func Of(title, abstract, found string) Excerpt {
	s := Plain(abstract)
	sentences := Sentences(s)
	if len(sentences) == 0 {
		return Excerpt{Rule: Beginning}
	}
	if at, c, ok := contribution(s, sentences, strings.ToLower(named(Plain(title)))); ok {
		return Excerpt{cut(s[at.Start:at.End], c), Contribution}
	}
	if found != "" {
		for _, at := range sentences {
			if i := word(s[at.Start:at.End], found); i >= 0 {
				return Excerpt{cut(s[at.Start:at.End], clause{begin: i, end: i + len(found)}), Found}
			}
		}
	}
	// What comes first, with as much of what follows as there is room for.
	whole := sentences[0]
	for _, at := range sentences[1:] {
		if utf8.RuneCountInString(s[whole.Start:at.End]) > Length {
			break
		}
		whole.End = at.End
	}
	return Excerpt{cut(s[whole.Start:whole.End], clause{}), Beginning}
}

// named is the name that the title gives to something: "SLA: Beyond Sparsity"
// is about SLA.
func named(title string) string {
	name, _, ok := strings.Cut(title, ":")
	if name = strings.TrimSpace(name); !ok || len(strings.Fields(name)) > 3 || utf8.RuneCountInString(name) < 2 {
		return ""
	}
	return name
}

// word is where w stands in s as a word of its own, or -1.
func word(s, w string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], w)
		if i < 0 {
			return -1
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+len(w):])
		if !wordy(before) && !wordy(after) {
			return i
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		from = i + n
	}
}

func wordy(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
