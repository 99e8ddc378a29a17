package match

import (
	"math/bits"

	"paperboy/core/topic"
)

// bitmap is papers as one bit each.
type bitmap []uint64

func newBitmap(papers int) bitmap { return make(bitmap, (papers+63)/64) }

func (m bitmap) has(doc int32) bool { return m[doc/64]>>(doc%64)&1 == 1 }

func (m bitmap) add(docs []int32) {
	for _, d := range docs {
		m[d/64] |= 1 << (d % 64)
	}
}

// drain empties the bitmap onto the end of docs, ascending.
func (m bitmap) drain(docs []int32) []int32 {
	for i, word := range m {
		for ; word != 0; word &= word - 1 {
			docs = append(docs, int32(i*64+bits.TrailingZeros64(word)))
		}
		m[i] = 0
	}
	return docs
}

// list is papers, ascending. A long list is a bitmap too, so that to look one
// paper up costs no walk.
type list struct {
	docs []int32
	bits bitmap
}

// add puts a paper at the end, once.
func (l *list) add(doc int32) {
	if n := len(l.docs); n == 0 || l.docs[n-1] != doc {
		l.docs = append(l.docs, doc)
	}
}

// seal makes the bitmap of a list that will not grow, where it takes no more
// room than twice the list itself.
func (l *list) seal(papers int) {
	if len(l.docs)*64 < papers {
		return
	}
	l.bits = newBitmap(papers)
	l.bits.add(l.docs)
}

// filter keeps, in place, those of docs that are in the list, or those that
// are not.
func (l *list) filter(docs []int32, in bool) []int32 {
	kept := docs[:0]
	if l.bits != nil {
		for _, d := range docs {
			if l.bits.has(d) == in {
				kept = append(kept, d)
			}
		}
		return kept
	}
	rest := l.docs
	for _, d := range docs {
		for len(rest) > 0 && rest[0] < d {
			rest = rest[1:]
		}
		if (len(rest) > 0 && rest[0] == d) == in {
			kept = append(kept, d)
		}
	}
	return kept
}

// place is where terms look: titles, abstracts, or the keys of authors. It
// is a trie of words, so that a phrase of any length is found as exactly as a
// word, and a common word costs nothing unless a phrase goes on behind it.
type place struct {
	first    map[string]*node
	prefixes map[string][]*list // of the terms that end in *
	row      []*node            // of the text being read
}

// node is the end of a word or of a phrase.
type node struct {
	lists []*list         // that an occurrence lengthens
	then  map[*node]*node // by the first node of the word that follows
	met   bool            // its prefixes are among the lists
}

func newPlace() *place {
	return &place{first: map[string]*node{}, prefixes: map[string][]*list{}}
}

// want has l lengthened wherever the term stands. All of that comes before
// the first read.
func (p *place) want(t topic.Term, l *list) {
	if t.Prefix {
		p.prefixes[t.Words[0]] = append(p.prefixes[t.Words[0]], l)
		if folded := t.Folded(); folded != "" {
			p.want(topic.Term{Words: []string{folded}}, l)
		}
		return
	}
	var n *node
	for _, w := range t.Words {
		word := p.first[w]
		if word == nil {
			word = &node{}
			p.first[w] = word
		}
		if n == nil {
			n = word
			continue
		}
		if n.then == nil {
			n.then = map[*node]*node{}
		}
		if n.then[word] == nil {
			n.then[word] = &node{}
		}
		n = n.then[word]
	}
	n.lists = append(n.lists, l)
}

// empty reports whether no term looks here.
func (p *place) empty() bool { return len(p.first)+len(p.prefixes) == 0 }

// named is want for a name, of which keys are read.
func (p *place) named(t topic.Term, l *list) {
	keys, prefixes := t.Names()
	for _, k := range keys {
		p.want(topic.Term{Words: []string{k}}, l)
	}
	for _, s := range prefixes {
		p.prefixes[s] = append(p.prefixes[s], l)
	}
}

// read lengthens the lists of all that stands in a text.
func (p *place) read(doc int32, words []string) {
	if p.empty() {
		return
	}
	p.row = p.row[:0]
	for _, w := range words {
		p.row = append(p.row, p.meet(w))
	}
	for i, n := range p.row {
		for next := i + 1; n != nil; next++ {
			for _, l := range n.lists {
				l.add(doc)
			}
			if n.then == nil || next == len(p.row) {
				break
			}
			n = n.then[p.row[next]]
		}
	}
}

// meet is the node of a word, nil when no term has to do with it. The first
// time it finds the prefixes that the word begins with.
func (p *place) meet(w string) *node {
	n, known := p.first[w]
	if len(p.prefixes) == 0 || known && (n == nil || n.met) {
		return n
	}
	var lists []*list
	for i := range len(w) {
		lists = append(lists, p.prefixes[w[:i+1]]...)
	}
	if n == nil && len(lists) > 0 {
		n = &node{}
	}
	if n != nil {
		n.lists, n.met = append(n.lists, lists...), true
	}
	p.first[w] = n
	return n
}
