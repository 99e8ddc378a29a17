package main

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"

	"paperboy/core/text"
)

// A word is in at least minWordPapers papers, a pair of neighbours in minPairPapers.
const (
	minWordPapers = 8
	minPairPapers = 25
	maxPairs      = 29_500
)

// prose is a text as places of entries: its words, and at each word the pair that it
// makes with the one before it. -1 is none that is an entry.
type prose struct{ words, pairs []int32 }

type paper struct{ title, abstract prose }

// entry is a word or, where first is not -1, a pair of them.
type entry struct {
	text          string // of a word
	first, second int32
	papers        int
}

type corpus struct {
	papers  []paper
	entries []entry // words in byte order, then pairs by their words
	words   int     // how many of the entries are words
}

// readCorpus reads lines of JSON with a title and an abstract.
func readCorpus(packed io.Reader) (*corpus, error) {
	z, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	type line struct {
		Title, Abstract string
	}
	var lines []line
	scanner := bufio.NewScanner(z)
	scanner.Buffer(nil, 1<<24)
	for scanner.Scan() {
		var l line
		if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("line %d: %w", len(lines)+1, err)
		}
		lines = append(lines, l)
	}
	if err := scanner.Err(); err != nil {
		return nil, err
	}
	read := make([][2][]string, len(lines))
	parallel(len(lines), 64, func(i int) {
		read[i] = [2][]string{text.Words(lines[i].Title), text.Words(lines[i].Abstract)}
	})
	return newCorpus(read), nil
}

// newCorpus finds the entries of papers, each the words of its title and of its abstract.
func newCorpus(read [][2][]string) *corpus {
	c := &corpus{papers: make([]paper, len(read))}
	in := counts[string]{}
	for i, p := range read {
		for _, words := range p {
			for _, w := range words {
				in.add(w, i)
			}
		}
	}
	for w, n := range in {
		if n.papers >= minWordPapers {
			c.entries = append(c.entries, entry{text: w, first: -1, papers: n.papers})
		}
	}
	slices.SortFunc(c.entries, func(a, b entry) int { return cmp.Compare(a.text, b.text) })
	c.words = len(c.entries)
	place := map[string]int32{}
	for i, e := range c.entries {
		place[e.text] = int32(i)
	}
	fields := func(p *paper) [2]*prose { return [2]*prose{&p.title, &p.abstract} }
	pairs := counts[[2]int32]{}
	for i, p := range read {
		for f, words := range p {
			to := fields(&c.papers[i])[f]
			for j, w := range words {
				e, ok := place[w]
				if !ok {
					e = -1
				}
				to.words = append(to.words, e)
				if j > 0 && e >= 0 && to.words[j-1] >= 0 {
					pairs.add([2]int32{to.words[j-1], e}, i)
				}
			}
		}
	}
	// Those are taken that are many and more than their words would have by chance:
	// papers × pointwise mutual information.
	type pair struct {
		entry
		score float64
	}
	var found []pair
	for words, n := range pairs {
		if n.papers >= minPairPapers {
			e := entry{first: words[0], second: words[1], papers: n.papers}
			chance := float64(c.entries[e.first].papers) * float64(c.entries[e.second].papers) / float64(len(read))
			found = append(found, pair{e, float64(n.papers) * math.Log(float64(n.papers)/chance)})
		}
	}
	byWords := func(a, b pair) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.second, b.second)) }
	slices.SortFunc(found, func(a, b pair) int { return cmp.Or(cmp.Compare(b.score, a.score), byWords(a, b)) })
	found = found[:min(maxPairs, len(found))]
	slices.SortFunc(found, byWords)
	at := map[[2]int32]int32{}
	for _, p := range found {
		at[[2]int32{p.first, p.second}] = int32(len(c.entries))
		c.entries = append(c.entries, p.entry)
	}
	for i := range c.papers {
		for _, p := range fields(&c.papers[i]) {
			p.pairs = make([]int32, len(p.words))
			for j := range p.words {
				p.pairs[j] = -1
				if j > 0 {
					if e, ok := at[[2]int32{p.words[j-1], p.words[j]}]; ok {
						p.pairs[j] = e
					}
				}
			}
		}
	}
	return c
}

// ids appends the entries of a paper, those of the title twice, but not those that skip says.
func (p *paper) ids(skip func(word int32) bool) (ids []int32) {
	ids = p.title.ids(ids, 0, len(p.title.words), skip)
	ids = append(ids, ids...)
	return p.abstract.ids(ids, 0, len(p.abstract.words), skip)
}

// ids appends the entries of the words from and up to, without those of skip.
func (p *prose) ids(ids []int32, from, to int, skip func(word int32) bool) []int32 {
	before := true
	for i := from; i < to; i++ {
		w := p.words[i]
		skipped := w < 0 || skip != nil && skip(w)
		if !skipped {
			ids = append(ids, w)
			if !before && p.pairs[i] >= 0 {
				ids = append(ids, p.pairs[i])
			}
		}
		before = skipped
	}
	return ids
}

// idf is an entry's inverse document frequency.
func (c *corpus) idf(e int32) float32 {
	return float32(math.Log(float64(len(c.papers)) / float64(c.entries[e].papers)))
}

// counts are in how many papers things are; those of one paper are added together.
type counts[K comparable] map[K]count

type count struct{ papers, last int }

func (c counts[K]) add(k K, paper int) {
	if n, ok := c[k]; !ok || n.last != paper {
		c[k] = count{n.papers + 1, paper}
	}
}

// strings are the words of a text; one that is no entry is "".
func (c *corpus) strings(p prose) []string {
	words := make([]string, len(p.words))
	for i, w := range p.words {
		if w >= 0 {
			words[i] = c.entries[w].text
		}
	}
	return words
}
