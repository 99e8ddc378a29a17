// Command model makes core/meaning/model.bin of arXiv's titles and abstracts.
package main

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"

	"paperboy/core/meaning"
	"paperboy/core/text"
)

const dims = 128

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<24)
	var docs [][]string
	for lines.Scan() {
		var p struct{ Title, Abstract string }
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			panic(err)
		}
		docs = append(docs, text.Words(p.Title+"\n"+p.Abstract))
		if len(docs)%10000 == 0 {
			fmt.Fprintln(os.Stderr, len(docs))
		}
	}
	freq := map[string]int{}
	for _, d := range docs {
		seen := map[string]bool{}
		for _, w := range d {
			if !seen[w] {
				seen[w] = true
				freq[w]++
			}
		}
	}
	var entries []meaning.Entry
	for w, n := range freq {
		if n >= 8 {
			entries = append(entries, meaning.Entry{Text: w, Papers: n, Vector: make([]float32, dims)})
		}
	}
	slices.SortFunc(entries, func(a, b meaning.Entry) int { return cmp.Compare(a.Text, b.Text) })
	place := map[string]int{}
	for i, e := range entries {
		place[e.Text] = i
	}
	idf := func(e int) float32 { return float32(math.Log(float64(len(docs)) / float64(entries[e].Papers))) }
	// Random indexing, two rounds: words → papers → words.
	rnd := rand.New(rand.NewPCG(1, 2))
	start := make([][]float32, len(entries))
	for i := range start {
		start[i] = make([]float32, dims)
		for j := range start[i] {
			start[i][j] = float32(rnd.NormFloat64())
		}
	}
	for round := range 3 {
		for i := range entries {
			clear(entries[i].Vector)
		}
		for _, d := range docs {
			var v [dims]float32
			var in []int
			for _, w := range d {
				if e, ok := place[w]; ok {
					in = append(in, e)
				}
			}
			slices.Sort(in)
			in = slices.Compact(in)
			for _, e := range in {
				for j := range v {
					v[j] += start[e][j] * idf(e)
				}
			}
			norm(v[:])
			for _, e := range in {
				for j := range v {
					entries[e].Vector[j] += v[j]
				}
			}
		}
		var mean [dims]float32
		for i := range entries {
			norm(entries[i].Vector)
			for j := range mean {
				mean[j] += entries[i].Vector[j] / float32(len(entries))
			}
		}
		for i := range entries {
			for j := range mean {
				entries[i].Vector[j] -= mean[j]
			}
			norm(entries[i].Vector)
			copy(start[i], entries[i].Vector)
		}
		fmt.Fprintln(os.Stderr, "round", round)
	}
	for i := range entries {
		for j := range entries[i].Vector {
			entries[i].Vector[j] *= idf(i)
		}
	}
	data := &meaning.Data{Source: "interim", Papers: len(docs), Words: entries}
	m, err := meaning.Load(data.Encode())
	if err != nil {
		panic(err)
	}
	data.AlikePapers, data.AlikeWords = scales(m, docs)
	if err := os.WriteFile(os.Args[2], data.Encode(), 0o644); err != nil {
		panic(err)
	}
}

// scales measures how alike papers are, and a few words and papers, by chance.
func scales(m *meaning.Model, docs [][]string) (papers, words [5]float32) {
	rnd := rand.New(rand.NewPCG(3, 4))
	const sample, pairs = 20_000, 4_000_000
	var of, few []meaning.Vector
	for range sample {
		d := docs[rnd.IntN(len(docs))]
		of = append(of, m.Text(d))
		d = d[:min(len(d), 12)] // about its title
		start := rnd.IntN(max(1, len(d)-1))
		few = append(few, m.Text(d[start:min(len(d), start+2+rnd.IntN(3))]))
	}
	cosines := func(with []meaning.Vector) (s [5]float32) {
		all := make([]float32, pairs)
		for i := range all {
			all[i] = float32(of[rnd.IntN(sample)].Cosine(with[rnd.IntN(sample)]))
		}
		slices.Sort(all)
		for i, rest := range []int{2, 10, 100, 1000, 10_000} {
			s[i] = all[len(all)-len(all)/rest]
		}
		return s
	}
	papers, words = cosines(of), cosines(few)
	fmt.Fprintln(os.Stderr, papers, words)
	return papers, words
}

func norm(v []float32) {
	s := 0.0
	for _, x := range v {
		s += float64(x) * float64(x)
	}
	if s > 0 {
		for i := range v {
			v[i] /= float32(math.Sqrt(s))
		}
	}
}
