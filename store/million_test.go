//go:build unix

package store

import (
	"paperboy/internal/postgres"
	"paperboy/internal/recordings"

	"cmp"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/meaning"
	reading "paperboy/core/query"
	"paperboy/core/text"
	"paperboy/core/topic"
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
			p.ID = core.PaperID(fmt.Sprintf("%s%s/%07d", day[2:4], day[5:7], k)) // a month may have more than arXiv's have
			p.Published, s.Sighting.Day = day, day
			if !yield(s) {
				return
			}
		}
	}
}

// storeOf is a store of n papers, kept in PAPERBOY_MILLION where that names a
// folder: a million takes minutes.
func storeOf(b testing.TB, n int) *Store {
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
			if _, err := s.PutPapers(b.Context(), batch, true, monday); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
		for seen := range manyPapers(b, n) {
			if batch = append(batch, seen); len(batch) == 5000 {
				put()
			}
		}
		put()
		if err := s.Tidy(b.Context()); err != nil { // as an import does
			b.Fatal(err)
		}
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
	return s
}

// sizes are of the stores that a search is measured in: PAPERBOY_PAPERS, or two that
// are made in a few minutes.
func sizes(b *testing.B) (n []int) {
	for _, f := range strings.Fields(cmp.Or(os.Getenv("PAPERBOY_PAPERS"), "10000 100000")) {
		i, err := strconv.Atoi(f)
		if err != nil {
			b.Fatal(err)
		}
		n = append(n, i)
	}
	return n
}

// classes are searches of each kind, 200 each, of what stands in the recorded papers.
func classes(b *testing.B) map[string][]core.Query {
	recorded := corpus(b, 40)
	frequency := map[string]int{}
	var titles [][]string
	for _, s := range recorded {
		title := text.Words(s.Paper.Title)
		titles = append(titles, title)
		words := append(text.Words(s.Paper.Abstract), title...)
		slices.Sort(words)
		for _, w := range slices.Compact(words) {
			frequency[w]++
		}
	}
	common := func(w string) bool { return frequency[w]*50 > len(recorded) } // in one of fifty
	function := strings.Fields("a an and as at by for from in is of on or our that the this to via we with")
	scope := core.DefaultSettings().Scope
	of := map[string][]core.Query{}
	known := map[string]bool{}
	add := func(class, words string, change func(q *core.Query)) {
		t, err := topic.Parse(words)
		if err != nil || len(of[class]) == 200 || known[class+words] && class != "2-letter prefix" {
			return
		}
		known[class+words] = true
		q := core.Query{Topic: t, Plain: topic.Plain(words), Scope: scope, Limit: 5}
		if change != nil {
			change(&q)
		}
		of[class] = append(of[class], q)
	}
	for i, title := range titles {
		if at := i % max(1, len(title)-3); len(title) > 3 {
			add("plain words", strings.Join(title[at:at+2+i%3], " "), nil)
		}
		for j, w := range title {
			if common(w) {
				add("one word", w, nil)
				add("since: a month", w, func(q *core.Query) { q.Since = core.Date("2026-11-20").AddDays(-30) })
				add("field", []string{"title:", "abstract:", "cat:cs.CL ", "source:hf ", "cat:q-bio.* "}[i%5]+w, nil)
			}
			if j > 0 {
				class := "phrase"
				if slices.Contains(function, w) || slices.Contains(function, title[j-1]) {
					class = "phrase with a function word"
				}
				add(class, `"`+title[j-1]+" "+w+`"`, nil)
				if common(w) && common(title[0]) && w != title[0] {
					add("two words", title[0]+" "+w, nil)
				}
			}
			if len(w) > 2 {
				add("2-letter prefix", w[:2]+"*", nil)
			}
		}
		for j, a := range recorded[i].Paper.Authors {
			if words := strings.Fields(a); j%2 == 0 {
				add("author", "author:"+words[len(words)-1], nil)
			} else {
				add("author", `author:"`+a+`"`, nil)
			}
		}
	}
	return of
}

// All kinds of searches, in stores of several sizes. The shortest of three times of
// each search, since others use the machine.
func BenchmarkMillion(b *testing.B) {
	of := classes(b)
	for _, n := range sizes(b) {
		s := storeOf(b, n)
		b.Run(fmt.Sprint(n, "/the overview"), func(b *testing.B) {
			for b.Loop() {
				s.papers.now.Store(nil)
				if _, err := s.Search(b.Context(), core.Query{}); err != nil {
					b.Fatal(err)
				}
			}
			heap := func() float64 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				return float64(m.HeapAlloc)
			}
			with := heap()
			s.papers.now.Store(nil)
			s.papers.days, s.papers.filed = nil, nil
			b.ReportMetric((with-heap())/float64(n), "bytes/paper")
		})
		r := reading.Reader{Store: s, Now: time.Now}
		for _, class := range slices.Sorted(maps.Keys(of)) {
			b.Run(fmt.Sprint(n, "/", class), func(b *testing.B) {
				found := 0
				shortest(b, len(of[class]), func(i int) {
					f, err := r.Search(b.Context(), of[class][i]) // as people ask
					if err != nil {
						b.Fatal(err)
					}
					found += f.Total
				}, func(i int) string { return of[class][i].Topic.String() })
				b.ReportMetric(float64(found)/float64(3*b.N*len(of[class])), "papers")
			})
		}
		v := directions(b, 200)
		b.Run(fmt.Sprint(n, "/by meaning"), func(b *testing.B) {
			shortest(b, len(v), func(i int) {
				if _, err := s.Nearest(b.Context(), v[i], core.Query{Scope: core.DefaultSettings().Scope}, 1000); err != nil {
					b.Fatal(err)
				}
			}, strconv.Itoa)
		})
		b.Run(fmt.Sprint(n, "/what is compared"), func(b *testing.B) {
			found, _, err := s.Matching(b.Context(), core.Query{Topic: query(b, "model")}, 4000)
			if err != nil {
				b.Fatal(err)
			}
			shortest(b, 200, func(int) {
				if _, err := s.Features(b.Context(), seqs(found)); err != nil {
					b.Fatal(err)
				}
			}, strconv.Itoa)
		})
	}
}

// BenchmarkEngines puts the recorded papers into either engine, and asks each the same.
func BenchmarkEngines(b *testing.B) {
	postgres.Needed(b)
	recordings.Dir(b)
	of, papers := classes(b), corpus(b, 1)
	for engine, s := range map[string]*Store{"SQLite": opened(b, fresh(b)), "PostgreSQL": inPostgres(b, database(b))} {
		b.Run(engine+"/import", func(b *testing.B) {
			for part := range slices.Chunk(papers, 1000) {
				if _, err := s.PutPapers(b.Context(), part, true, monday); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(len(papers)), "µs/paper")
			b.ReportMetric(0, "ns/op")
			if err := s.Tidy(b.Context()); err != nil {
				b.Fatal(err)
			}
		})
		engineSearches(b, engine, s, of)
	}
}

func engineSearches(b *testing.B, engine string, s *Store, of map[string][]core.Query) {
	r := reading.Reader{Store: s, Now: time.Now}
	for _, class := range slices.Sorted(maps.Keys(of)) {
		b.Run(engine+"/"+class, func(b *testing.B) {
			shortest(b, len(of[class]), func(i int) {
				if _, err := r.Search(b.Context(), of[class][i]); err != nil {
					b.Fatal(err)
				}
			}, func(i int) string { return of[class][i].Topic.String() })
		})
	}
}

// shortest reports the times of n things, of each the shortest of three; and the
// processor's, which is nearly what a machine to itself would take.
func shortest(b *testing.B, n int, do func(int), name func(int) string) {
	processor := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	var took, worked []time.Duration
	slowest, most := 0, time.Duration(0)
	for b.Loop() {
		for i := range n {
			clock, cpu := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
			for range 3 {
				start, before := time.Now(), processor()
				do(i)
				clock, cpu = min(clock, time.Since(start)), min(cpu, processor()-before)
			}
			took, worked = append(took, clock), append(worked, cpu)
			if cpu > most {
				slowest, most = i, cpu
			}
		}
	}
	percentiles(b, took)
	slices.Sort(worked)
	b.ReportMetric(float64(worked[len(worked)/2].Microseconds())/1000, "cpu-p50-ms")
	b.ReportMetric(float64(worked[len(worked)*99/100].Microseconds())/1000, "cpu-p99-ms")
	b.Logf("slowest: %s, %v", name(slowest), most)
}

// directions are those of a few words from titles.
func directions(b *testing.B, n int) (v []meaning.Vector) {
	for i, s := range corpus(b, 50) {
		words := text.Words(s.Paper.Title)
		if at := i % max(1, len(words)-3); len(v) < n && len(words) > 3 {
			v = append(v, meaning.Builtin().Text(words[at:at+2+i%3]))
		}
	}
	return v
}

// Of the 100 papers that are nearest when all are compared, how many are found.
func BenchmarkRecall(b *testing.B) {
	v := directions(b, 200)
	for _, n := range sizes(b) {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s := storeOf(b, n)
			o := (&house{TB: b, farther: farther{stored{s}}}).overlooks()
			var all []core.Seq
			for _, block := range o.blocks {
				for _, at := range block.at {
					all = append(all, block.first+core.Seq(at))
				}
			}
			best := make([][]core.Near, len(v))
			for some := range slices.Chunk(all, 100_000) {
				if err := s.read(b.Context(), "comparing all", func(t tx) error {
					for i := range v {
						near, err := t.compare(v[i], some)
						if err != nil {
							return err
						}
						best[i] = append(best[i], near...)
						slices.SortFunc(best[i], nearer)
						best[i] = best[i][:min(100, len(best[i]))]
					}
					return nil
				}); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				found, of := 0, 0
				for i := range v {
					near, err := s.Nearest(b.Context(), v[i], core.Query{}, 100)
					if err != nil {
						b.Fatal(err)
					}
					has := map[core.Seq]bool{}
					for _, n := range near {
						has[n.Seq] = true
					}
					for _, n := range best[i] {
						if of++; has[n.Seq] {
							found++
						}
					}
				}
				b.ReportMetric(float64(found)/float64(of), "recall@100")
			}
		})
	}
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
				if err := t.engine.keepWords(t, seq, batch[i].Paper.Doc(), authorKeys(batch[i].Paper.Authors)); err != nil {
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
