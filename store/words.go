package store

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/names"
	"paperboy/core/topic"
)

// What the index of words is made of, whoever keeps it: words of core/text with the
// mark of their block, and words of ours for what is no word.

// unlisted is the category of a paper of which none is known.
const unlisted = "\ue100"

// term makes any value one word of the index: lower case, and what the
// tokenizer would split at is moved, as it is, to a place of Unicode where
// nothing else lives (U+E000–U+E07F).
func term(value string) string { return strings.Map(moved, strings.ToLower(value)) }

func moved(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r >= 0x80:
		return r
	}
	return 0xe000 + r
}

// blockMark begins every word of a paper's in the index, and says in which block of
// numbers the paper is: so a block can be searched alone, and what is common costs
// no more than a block. It is a sign that no word has. authorMark begins the keys of
// its authors, of which each is rare: it is that of several blocks.
func blockMark(seq core.Seq) string  { return string(rune(0xf0000 + int64(seq)/blockSize)) }
func authorMark(seq core.Seq) string { return string(rune(0xf8000 + int64(seq)/authorsBlock)) }

// authorsBlock is how many numbers of papers share a mark of authors. A person is
// looked up once in each, and there are five keys of a paper's and more to complete.
const authorsBlock = 4 * blockSize

// anyMark and anyAuthorMark stand for each block's marks in an expression: those of
// the first.
var anyMark, anyAuthorMark = blockMark(0), authorMark(0)

// What is no word of the title or the abstract has a sign of its column, so that none
// has to be named: to sort out columns costs FTS5 as much as to find the papers.
const (
	catSign    = "\ue101"
	sourceSign = "\ue102"
	hasSign    = "\ue103"
)

// joined is words of core/text as the index has them: marked, with blanks between
// them, and each one word to the tokenizer, c++ too.
func joined(mark string, words []string) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(mark)
		if strings.ContainsAny(w, "+#*.") { // spares most words the look at each letter
			w = strings.Map(moved, w)
		}
		b.WriteString(w)
	}
	return b.String()
}

// marked are words, each as the index has it.
func marked(mark string, words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = joined(mark, []string{w})
	}
	return out
}

// wordCount is how many papers more, or less, have a word in their title, or author, and in
// their abstract.
type wordCount struct{ title, abstract int }

// unmoved is a word of the index as it was before it was joined.
func unmoved(word string) string {
	_, mark := utf8.DecodeRuneInString(word)
	word = word[mark:]
	return strings.Map(func(r rune) rune {
		if r >= 0xe000 && r < 0xe080 {
			return r - 0xe000
		}
		return r
	}, word)
}

// authorKeys are the keys by which a paper's authors are found.
func authorKeys(authors []string) (keys []string) {
	known := map[string]bool{}
	for _, a := range authors {
		for _, k := range names.Keys(a) {
			if !known[k] {
				known[k] = true
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// term is the expression for one term, without its minus, with anyMark for a block's
// mark. min: has none.
func (g grammar) term(t topic.Term) string {
	switch t.Field {
	case topic.Any, topic.Title, topic.Abstract:
		return g.phrase(t)
	case topic.Author: // any of the keys by which a person is found
		keys, prefixes := t.Names()
		var any []string
		for _, k := range keys {
			any = append(any, g.word(joined(anyAuthorMark, []string{k}), false))
		}
		for _, p := range prefixes {
			any = append(any, g.word(joined(anyAuthorMark, []string{p}), true))
		}
		return "(" + strings.Join(any, g.or) + ")"
	case topic.Cat:
		return g.category(t.Value)
	case topic.Source:
		return g.word(anyMark+sourceSign+term(t.Value), false)
	case topic.Has:
		return g.word(anyMark+hasSign+term(t.Value), false)
	}
	panic(fmt.Sprintf("store: the index cannot say %q", t.Field))
}

// category is a pattern of categories.
func (g grammar) category(pattern string) string {
	word := func(value string, open bool) string { return g.word(anyMark+catSign+value, open) }
	if pattern == "*" {
		return "(" + word(term("*"), false) + g.or + word(unlisted, false) + ")"
	}
	head, open := strings.CutSuffix(pattern, "*")
	if archive, dotted := strings.CutSuffix(head, "."); !open || dotted && !strings.Contains(archive, ".") {
		return word(term(pattern), false)
	}
	return word(term(head), true)
}

// filedWords are a paper's categories, sources and code as words of the index.
func filedWords(seq core.Seq, d *topic.Doc) (cats, sources []string, has string) {
	mark := blockMark(seq)
	for _, c := range d.Categories {
		cats = append(cats, mark+catSign+term(c))
		if archive, _, ok := strings.Cut(c, "."); ok {
			cats = append(cats, mark+catSign+term(archive+".*")) // so that cs.* is one word to look up, as * is, and not forty
		}
	}
	if cats == nil {
		cats = []string{mark + catSign + unlisted}
	} else {
		cats = append(cats, mark+catSign+term("*"))
	}
	for _, s := range d.Sources {
		sources = append(sources, mark+sourceSign+term(topic.SourceName(s)))
	}
	if d.Code {
		has = mark + hasSign + "code"
	}
	return cats, sources, has
}

// each calls f with the numbers of rowids.
func each(rowids string, f func(core.Seq)) {
	n := core.Seq(0)
	for i := range len(rowids) {
		if rowids[i] == ',' {
			f(n)
			n = 0
			continue
		}
		n = n*10 + core.Seq(rowids[i]-'0')
	}
	if rowids != "" {
		f(n)
	}
}

// spread calls f for a few blocks at a time, atOnce where that is free to choose: with an
// expression for all of them, and between which numbers their papers are.
func spread(expression string, blocks []*block, atOnce int, or string, f func(expression string, from, to core.Seq) error) error {
	if strings.Contains(expression, anyAuthorMark) {
		if atOnce = len(blocks); strings.Contains(expression, anyMark) {
			atOnce = 1 // as an author of one block is none of another's, whose words say nothing of it
		}
	}
	for some := range slices.Chunk(blocks, atOnce) {
		var each []string
		from, to := some[0].first, some[0].first
		for _, b := range some {
			from, to = min(from, b.first), max(to, b.first)
			e := "(" + strings.NewReplacer(anyMark, blockMark(b.first), anyAuthorMark, authorMark(b.first)).Replace(expression) + ")"
			if !slices.Contains(each, e) {
				each = append(each, e)
			}
		}
		if err := f(strings.Join(each, or), from, to+blockSize); err != nil {
			return err
		}
	}
	return nil
}
