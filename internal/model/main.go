// Command model makes core/meaning/model.bin: the vectors of words and of pairs of
// words, learnt from titles and abstracts of arXiv, which are CC0.
//
//	model CORPUS MODEL
//
// CORPUS is lines of JSON with title and abstract, packed by gzip. The same corpus
// gives the same bytes, however many processors there are. It takes minutes, and says
// on stderr how far it is.
package main

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"paperboy/core/meaning"
)

// version is part of the model's source: a test asks whether the model that is kept
// is of this program and of the corpus beside the project. Count it up with every
// change that changes vectors.
const version = 1

const (
	dims  = 128
	steps = 600
	batch = 1024
	seed  = 1
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: model CORPUS MODEL, as make model has it")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "model:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	packed, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	c, err := readCorpus(bytes.NewReader(packed))
	if err != nil {
		return fmt.Errorf("reading %s: %w", from, err)
	}
	progress("words and pairs:", c.words, len(c.entries)-c.words)
	data := made(c, steps, batch)
	data.Source = source(packed)
	return os.WriteFile(to, data.Encode(), 0o644)
}

// source is what a model is made of and how.
func source(packed []byte) string {
	return fmt.Sprintf("trainer %d, corpus %08x", version, crc32.ChecksumIEEE(packed))
}

// made is the model of a corpus.
func made(c *corpus, steps, batch int) *meaning.Data {
	m := lsi(c, dims)
	unit := 0.0
	for e := range m.rows {
		unit += math.Sqrt(float64(dot(m.row(e), m.row(e))))
	}
	for i := range m.at {
		m.at[i] *= float32(float64(m.rows) / unit)
	}
	train(c, m, steps, batch)
	m = turned(m)
	data := &meaning.Data{Papers: len(c.papers)}
	for i, e := range c.entries {
		if i < c.words {
			data.Words = append(data.Words, meaning.Entry{Text: e.text, Papers: e.papers, Vector: m.row(i)})
		} else {
			data.Pairs = append(data.Pairs, meaning.Pair{First: int(e.first), Second: int(e.second), Vector: m.row(i)})
		}
	}
	calibrate(c, data)
	return data
}

// turned is the vectors in a random basis. Cosines stay; but now every number says
// about as much as any other, which is what rounding to a byte and a Code of signs ask for.
func turned(m *matrix) *matrix {
	basis, out := newMatrix(m.cols, m.cols), newMatrix(m.rows, m.cols)
	basis.random(rand.New(rand.NewPCG(seed, 0)))
	orthonormalise(basis)
	parallel(m.rows, 64, func(i int) {
		for j := range m.cols {
			out.row(i)[j] = dot(m.row(i), basis.row(j))
		}
	})
	return out
}

// calibrate measures which cosines papers have with one another, and a few
// neighbouring words of one with the others.
func calibrate(c *corpus, data *meaning.Data) {
	m, err := meaning.Load(data.Encode())
	if err != nil {
		panic(err) // tests load what Encode writes
	}
	rnd := rand.New(rand.NewPCG(seed, 0))
	const most = 20_000
	cosines := min(4_000_000, len(c.papers)*len(c.papers))
	var papers, words []meaning.Vector
	for _, i := range rnd.Perm(len(c.papers))[:min(most, len(c.papers))] {
		title, abstract := c.strings(c.papers[i].title), c.strings(c.papers[i].abstract)
		papers = append(papers, m.Read(title, abstract).Vector)
		length := min(len(title), 2+rnd.IntN(3))
		start := rnd.IntN(len(title) - length + 1)
		words = append(words, m.Text(title[start:start+length]))
	}
	measure := func(with []meaning.Vector) (quantiles [5]float32) {
		all := make([]float32, 0, cosines)
		for range cosines {
			if i, j := rnd.IntN(len(papers)), rnd.IntN(len(papers)); i != j {
				all = append(all, float32(papers[i].Cosine(with[j])))
			}
		}
		slices.Sort(all)
		for i, nearest := range []int{2, 10, 100, 1000, 10_000} {
			quantiles[i] = all[len(all)-1-len(all)/nearest]
		}
		return quantiles
	}
	data.AlikePapers, data.AlikeWords = measure(papers), measure(words)
}

var began = time.Now()

// progress says how far it is; what may have verbs for args.
func progress(what string, done, of int, args ...any) {
	fmt.Fprintf(os.Stderr, "%4.0f s  %s %d/%d\n", time.Since(began).Seconds(), fmt.Sprintf(what, args...), done, of)
}
