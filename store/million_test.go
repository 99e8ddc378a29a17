package store

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
)

// many papers are made of the recorded ones: a paper keeps the first half of a
// title, half of an abstract's sentences, the names and the categories of one, and
// has the rest from others of its field, so words, pairs of words and phrases are as
// common as they are. It is the same papers every time, ten years of them, oldest
// first.
func manyPapers(b testing.TB, n int) iter.Seq[core.Seen] {
	recorded := corpus(b, 1)
	sentences := make([][]string, len(recorded))
	fields := map[string][]int{}
	for i := range recorded {
		p := &recorded[i].Paper
		p.Clean()
		sentences[i] = strings.SplitAfter(p.Abstract, ". ")
		fields[p.Primary()] = append(fields[p.Primary()], i)
	}
	first := core.Date("2016-11-23")
	return func(yield func(core.Seen) bool) {
		r := rand.New(rand.NewPCG(1, 2))
		for k := range n {
			i := r.IntN(len(recorded))
			s := recorded[i]
			p := &s.Paper
			other := func() int { f := fields[p.Primary()]; return f[r.IntN(len(f))] }
			head, tail := strings.Fields(p.Title), strings.Fields(recorded[other()].Paper.Title)
			p.Title = strings.Join(append(head[:(len(head)+1)/2:(len(head)+1)/2], tail[len(tail)/2:]...), " ")
			abstract := slices.Clone(sentences[i])
			for j := range abstract {
				if r.IntN(2) == 0 {
					o := sentences[other()]
					abstract[j] = o[r.IntN(len(o))]
				}
			}
			p.Abstract = strings.Join(abstract, " ")
			p.Authors = append(p.Authors[:len(p.Authors)/2:len(p.Authors)/2], recorded[other()].Paper.Authors...)
			day := first.AddDays(k * 3650 / n)
			p.ID = core.PaperID(fmt.Sprintf("%s%s.%05d", string(day)[2:4], string(day)[5:7], k%100000))
			p.ID = core.PaperID(fmt.Sprintf("%s/%07d", p.ID[:4], k))
			p.Published, s.Sighting.Day = day, day
			if !yield(s) {
				return
			}
		}
	}
}

// storeOf is a store of n papers, kept in PAPERBOY_MILLION where that names a
// folder: a million takes minutes.
func storeOf(b testing.TB, n int) (s *Store, took time.Duration) {
	dir := os.Getenv("PAPERBOY_MILLION")
	if dir == "" {
		dir = b.TempDir()
	}
	path := filepath.Join(dir, fmt.Sprintf("%d.db", n))
	if _, err := os.Stat(path); err != nil {
		s, err := Open(b.Context(), path+".part")
		if err != nil {
			b.Fatal(err)
		}
		var batch []core.Seen
		put := func() {
			start := time.Now()
			if _, err := s.PutPapers(b.Context(), batch, true, monday); err != nil {
				b.Fatal(err)
			}
			took += time.Since(start)
			batch = batch[:0]
		}
		for seen := range manyPapers(b, n) {
			if batch = append(batch, seen); len(batch) == 5000 {
				put()
			}
		}
		put()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		if err := os.Rename(path+".part", path); err != nil {
			b.Fatal(err)
		}
	}
	s, err := Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s, took
}

func TestBuildScratch(t *testing.T) {
	var n int
	fmt.Sscan(os.Getenv("BUILD_N"), &n)
	_, took := storeOf(t, n)
	t.Log(n, took, float64(n)/took.Seconds())
}

// A thousand papers kept, beside what their words and FTS5 alone cost, in turn.
func BenchmarkImport(b *testing.B) {
	whole, alone := opened(b, fresh(b)), opened(b, fresh(b))
	var batch []core.Seen
	next, stop := iter.Pull(manyPapers(b, 200_000))
	defer stop()
	var took, words time.Duration
	seq := core.Seq(0)
	for b.Loop() {
		for batch = batch[:0]; len(batch) < 1000; {
			seen, ok := next()
			if !ok {
				b.Fatal("no more papers")
			}
			batch = append(batch, seen)
		}
		start := time.Now()
		if _, err := whole.PutPapers(b.Context(), batch, true, monday); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		if err := alone.write(b.Context(), "keeping words", func(t tx) error {
			for i := range batch {
				seq++
				if err := t.keepWords(seq, batch[i].Paper.Doc()); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		took, words = took+middle.Sub(start), words+time.Since(middle)
	}
	b.ReportMetric(1000*float64(b.N)/took.Seconds(), "papers/s")
	b.ReportMetric(took.Seconds()/words.Seconds(), "times-the-words-alone")
}
