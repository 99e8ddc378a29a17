package match

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"paperboy/core/topic"
	"paperboy/internal/recordings"
)

// BenchmarkMatch holds 2,000 papers against ever more topics, and in the same
// run does the obvious thing, every topic against every paper, on papers whose
// words are made already. Of more than 1,000 topics that takes minutes, so it
// is measured on 1,000 of them, evenly spread, and multiplied: the unit says so.
func BenchmarkMatch(b *testing.B) {
	const papers, sample = 2000, 1000
	corpus := recordings.Values[paper](b, "arxiv-corpus.jsonl.gz", 1<<30)
	past, batch := corpus[:len(corpus)-papers], corpus[len(corpus)-papers:]
	all := asked(b, past, 100_000)
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("topics=%d", n), func(b *testing.B) {
			topics := all[:n]
			var tokenise, build, match time.Duration
			var made []*topic.Doc
			hits := 0
			for b.Loop() {
				begin := time.Now()
				made = docs(batch)
				tokenised := time.Now()
				index := Index(made, topics)
				built := time.Now()
				hits = 0
				index.Each(topics, func(_ int, found []int32) { hits += len(found) })
				tokenise += tokenised.Sub(begin)
				build += built.Sub(tokenised)
				match += time.Since(built)
			}
			b.StopTimer()
			few := make([]topic.Topic, 0, sample)
			for i := range sample {
				few = append(few, topics[i*n/sample])
			}
			begin := time.Now()
			want := len(slowly(made, few))
			naive := time.Since(begin)
			if got := len(matched(made, few)); got != want {
				b.Fatalf("%d hits, slowly %d", got, want)
			}
			per := func(d time.Duration) float64 { return d.Seconds() / float64(b.N) }
			b.ReportMetric(per(tokenise), "tokenise-s")
			b.ReportMetric(per(build), "build-s")
			b.ReportMetric(per(match), "match-s")
			b.ReportMetric(float64(hits), "hits")
			unit := "naive-s"
			if n > sample {
				unit = fmt.Sprintf("naive-s(%d-topics-times-%d)", sample, n/sample)
			}
			b.ReportMetric(naive.Seconds()*float64(n)/sample, unit)
			b.ReportMetric(naive.Seconds()*float64(n)/sample/(per(build)+per(match)), "times-faster")
		})
	}
}

// BenchmarkADay is 50 topics in each of 10 channels, 1,000
// papers, under 200 ms on a small machine; and why, for every channel and hit.
func BenchmarkADay(b *testing.B) {
	const papers, followed, channels = 1000, 50, 10
	corpus := recordings.Values[paper](b, "arxiv-corpus.jsonl.gz", 40_000)
	distinct := asked(b, corpus[:30_000], followed)
	made := docs(corpus[len(corpus)-papers:])
	var topics []topic.Topic
	for range channels {
		topics = append(topics, distinct...)
	}
	hits := 0
	for b.Loop() {
		hits = 0
		Index(made, topics).Each(topics, func(t int, found []int32) {
			for _, d := range found {
				if _, ok := topics[t].Match(made[d]); ok {
					hits++
				}
			}
		})
	}
	b.ReportMetric(float64(hits), "hits")
}

// BenchmarkLike holds 50 topics of like: against 2,000 papers, whose directions the
// store keeps, and in the same run does it pair by pair.
func BenchmarkLike(b *testing.B) {
	corpus := recordings.Values[paper](b, "arxiv-corpus.jsonl.gz", 4000)
	batch := docs(corpus[:2000])
	for _, d := range batch {
		d.Vector = d.Direction()
	}
	var topics []topic.Topic
	for i := range 50 {
		t := parse(b, fmt.Sprintf(`like:"%s"`, strings.Join(corpus[2000+i].doc().Title[:2], " ")))
		topics = append(topics, t)
	}
	for b.Loop() {
		Index(batch, topics).Each(topics, func(int, []int32) {})
	}
	b.StopTimer()
	begin := time.Now()
	slowly(batch, topics)
	b.ReportMetric(float64(time.Since(begin).Milliseconds()), "pair-by-pair-ms")
}
