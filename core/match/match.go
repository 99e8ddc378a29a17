// Package match finds which topics bring which papers, all at once: thousands
// of topics against a batch of new papers.
//
// In: the papers as topics see them, and the topics. Out: for each topic the
// papers it brings. Why one does is topic.Match's to say, for the few pairs
// that anybody will read; a channel's scope is the caller's (Scope.Admits).
//
// Promises: the pairs are exactly those for which topic.Match holds, in
// order; equal topics are evaluated once, however many channels follow them.
//
// The batch is indexed backwards (an inverted index, Zobel and Moffat 2006):
// one walk over its words lengthens the list of papers of every word, prefix
// and phrase that some topic names, and of no other; for like: every paper's
// direction is compared once. A topic then is an intersection of a few short lists,
// the shortest first.
package match

import (
	"slices"

	"paperboy/core/meaning"
	"paperboy/core/names"
	"paperboy/core/topic"
)

// Batch is papers indexed for topics. It is not for use by several goroutines
// at once.
type Batch struct {
	docs  []*topic.Doc
	norms []int32          // of the papers' directions; none until a topic asks for likeness
	lists map[string]*list // by Term.Text: the papers for which the term holds
	// Facets are the papers of one category, of one source, with code, of one
	// count of upvotes: terms that are no words ask each of them once.
	facets map[facet]*list

	with, without []*list // of the clause at work
	found, both   []int32 // what a clause, and a topic of several, found
	any           bitmap  // of the clauses of the topic at work; else empty
}

// facet is one thing that a paper may be besides its words.
type facet struct {
	field topic.Field
	value string
	n     int
}

// Index makes a batch of papers. The topics say which words, prefixes and
// phrases are worth a list; others can be matched too, but slowly.
func Index(docs []*topic.Doc, topics []topic.Topic) *Batch {
	b := &Batch{docs: docs, lists: map[string]*list{}, facets: map[facet]*list{}, any: newBitmap(len(docs))}
	title, abstract, author := newPlace(), newPlace(), newPlace()
	for _, t := range topics {
		for _, c := range t.Clauses {
			for _, term := range c {
				if b.lists[term.Text] != nil || len(term.Words) == 0 {
					continue
				}
				l := &list{}
				b.lists[term.Text] = l
				switch term.Field {
				case topic.Any:
					title.want(term, l)
					abstract.want(term, l)
				case topic.Title:
					title.want(term, l)
				case topic.Abstract:
					abstract.want(term, l)
				case topic.Author:
					author.named(term, l)
				}
			}
		}
	}
	for i, d := range docs {
		doc := int32(i)
		title.read(doc, d.Title)
		abstract.read(doc, d.Abstract)
		if !author.empty() { // keys take as long as words
			for _, name := range d.Authors {
				author.read(doc, names.Keys(name))
			}
		}
		for _, c := range d.Categories {
			b.facet(doc, facet{field: topic.Cat, value: c})
		}
		if len(d.Categories) == 0 {
			b.facet(doc, facet{field: topic.Cat}) // which only cat:* admits
		}
		for _, s := range d.Sources {
			b.facet(doc, facet{field: topic.Source, value: s})
		}
		if d.Code {
			b.facet(doc, facet{field: topic.Has})
		}
		if d.Upvotes != nil {
			b.facet(doc, facet{field: topic.Min, n: *d.Upvotes})
		}
	}
	for _, l := range b.lists {
		l.seal(len(docs))
	}
	return b
}

func (b *Batch) facet(doc int32, f facet) {
	l := b.facets[f]
	if l == nil {
		l = &list{}
		b.facets[f] = l
	}
	l.add(doc)
}

// Each calls yield for every topic that brings papers, in order: the place of
// the topic in topics, the places of the papers in the batch. The latter,
// ascending, are yield's to read until it returns.
func (b *Batch) Each(topics []topic.Topic, yield func(topic int, docs []int32)) {
	texts := make([]string, len(topics))
	followers := make(map[string]int, len(topics))
	for i, t := range topics {
		texts[i] = t.String()
		followers[texts[i]]++
	}
	kept := map[string][]int32{} // of topics that come again
	for i, t := range topics {
		docs, ok := kept[texts[i]]
		if !ok {
			docs = b.topic(t)
			if followers[texts[i]] > 1 {
				kept[texts[i]] = slices.Clone(docs)
			}
		}
		if len(docs) > 0 {
			yield(i, docs)
		}
	}
}

func (b *Batch) topic(t topic.Topic) []int32 {
	if len(t.Clauses) == 1 {
		return b.clause(t.Clauses[0])
	}
	for _, c := range t.Clauses {
		b.any.add(b.clause(c))
	}
	b.both = b.any.drain(b.both[:0])
	return b.both
}

func (b *Batch) clause(c topic.Clause) []int32 {
	b.with, b.without = b.with[:0], b.without[:0]
	for _, t := range c {
		if l := b.list(t); t.Not {
			b.without = append(b.without, l)
		} else {
			b.with = append(b.with, l)
		}
	}
	if len(b.with) == 0 {
		return nil
	}
	slices.SortFunc(b.with, func(x, y *list) int { return len(x.docs) - len(y.docs) })
	if len(c) == 1 {
		return b.with[0].docs
	}
	b.found = append(b.found[:0], b.with[0].docs...)
	for _, l := range b.with[1:] {
		b.found = l.filter(b.found, true)
	}
	for _, l := range b.without {
		b.found = l.filter(b.found, false)
	}
	return b.found
}

// list is the papers for which a term, without its minus, holds.
func (b *Batch) list(t topic.Term) *list {
	if l := b.lists[t.Text]; l != nil {
		return l
	}
	t.Not = false
	alone := topic.Topic{Clauses: []topic.Clause{{t}}}
	l, of := &list{}, newBitmap(len(b.docs))
	b.lists[t.Text] = l
	if t.Field == topic.Like {
		b.alike(t, l)
	}
	if len(t.Words) > 0 { // Index was not told
		for i, d := range b.docs {
			if _, ok := alone.Match(d); ok {
				l.add(int32(i))
			}
		}
	}
	for f, docs := range b.facets {
		if f.field != t.Field {
			continue
		}
		if _, ok := alone.Match(f.doc()); ok {
			of.add(docs.docs)
		}
	}
	l.docs = of.drain(l.docs)
	l.seal(len(b.docs))
	return l
}

// alike lengthens the list by the papers that are alike: topic.Term's find, with the
// papers' norms reckoned once for all terms.
func (b *Batch) alike(t topic.Term, l *list) {
	v := t.Direction()
	if v == nil {
		return
	}
	if b.norms == nil {
		b.norms = make([]int32, len(b.docs))
		for i, d := range b.docs {
			d.Vector = d.Direction()
			b.norms[i] = d.Vector.Dot(d.Vector)
		}
	}
	norm := v.Dot(v)
	for i, d := range b.docs {
		if t.Alike(meaning.Cosine(d.Vector.Dot(v), b.norms[i], norm)) >= t.N {
			l.add(int32(i))
		}
	}
}

// doc is a paper that is nothing but the facet.
func (f facet) doc() *topic.Doc {
	switch f.field {
	case topic.Cat:
		return &topic.Doc{Categories: []string{f.value}}
	case topic.Source:
		return &topic.Doc{Sources: []string{f.value}}
	case topic.Has:
		return &topic.Doc{Code: true}
	default:
		return &topic.Doc{Upvotes: &f.n}
	}
}
