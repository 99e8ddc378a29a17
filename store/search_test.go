package store

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/complete"
	ask "paperboy/core/query"
	"paperboy/core/topic"
	"paperboy/internal/catalogue"
	"paperboy/internal/recordings"
	"paperboy/store/storetest"
)

// corpus reads every step-th paper of the recorded corpus, as an import would.
func corpus(t testing.TB, step int) (seen []core.Seen) {
	type row struct {
		ID, Title, Abstract, Comment, Src string
		Authors, Categories               []string
		Published, Listed                 core.Date
	}
	for n, p := range recordings.Values[row](t, "arxiv-corpus.jsonl.gz", recordings.All) {
		if n%step != 0 {
			continue
		}
		source := map[string]string{"dw": "arxiv", "hf": "hf"}[p.Src]
		seen = append(seen, core.Seen{
			Paper: core.Paper{ID: core.PaperID(p.ID), Title: p.Title, Abstract: p.Abstract, Comment: p.Comment,
				Authors: p.Authors, Categories: p.Categories, Published: p.Published},
			Sighting: core.Sighting{Source: source, Day: p.Listed},
		})
	}
	return seen
}

// hfDay reads a recorded day of Hugging Face, as much as a topic can see.
func hfDay(t testing.TB, day core.Date) (seen []core.Seen) {
	type entry struct {
		Paper struct {
			ID, Title, Summary, GithubRepo string
			Authors                        []struct{ Name string }
			Upvotes                        *int
		}
	}
	for _, e := range recordings.Values[[]entry](t, "hf_daily/"+string(day)+".json.gz", 1)[0] {
		p := core.Paper{ID: core.PaperID(e.Paper.ID), Title: e.Paper.Title, Abstract: e.Paper.Summary, Code: e.Paper.GithubRepo, Upvotes: e.Paper.Upvotes}
		for _, a := range e.Paper.Authors {
			p.Authors = append(p.Authors, a.Name)
		}
		seen = append(seen, core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: day}, Authority: core.Index})
	}
	return seen
}

// recorded is what realPapers has read: the corpus is long to read.
var recorded []core.Seen

func (h *house) realPapers() []core.Paper {
	h.Helper()
	if recorded == nil {
		recorded = storetest.Oddities()
		if recordings.Here(h) {
			recorded = slices.Concat(corpus(h, 160), hfDay(h, "2025-09-10"), hfDay(h, "2026-08-20"), recorded)
		} else {
			days := catalogue.Days()
			for _, day := range slices.Sorted(maps.Keys(days)) {
				recorded = append(recorded, days[day]...)
			}
		}
	}
	h.comes(recorded...)
	papers, err := h.ChangedPapers(context.Background(), 0)
	h.ok(err)
	if len(papers) < 200 { // the catalogue alone has 208
		h.Fatalf("only %d papers", len(papers))
	}
	return papers
}

// What the index answers is what the slow evaluator says, on real papers too.
func TestSearchAgreesWithTheReference(t *testing.T) {
	h := newHouse(t)
	h.realPapers()
	storetest.SearchAgrees(t, h.Store, recorded)
}

// Whoever types a word as a paper has it, with a star, finds that paper.
func TestAStarFindsThePaperItsWordWasReadIn(t *testing.T) {
	h := newHouse(t)
	papers := h.realPapers()
	rapid.Check(t, func(rt *rapid.T) {
		p := rapid.SampledFrom(papers).Draw(rt, "paper")
		for _, w := range storetest.Plurals(p.Title) {
			found, err := h.Search(context.Background(), core.Query{Limit: len(papers), Topic: topic.Topic{Clauses: []topic.Clause{{{Field: topic.Title, Words: []string{w}, Prefix: true}}}}})
			if err != nil {
				rt.Fatal(err)
			}
			if !slices.ContainsFunc(found.Hits, func(hit core.Hit) bool { return hit.Paper.ID == p.ID }) {
				rt.Fatalf("title:%s* does not find %q", w, p.Title)
			}
		}
	})
}

// The page it started from, and what its words are known to match (positions
// on the page).
func TestTheFirstPage(t *testing.T) {
	h := newHouse(t)
	f, err := os.Open(recordings.File(t, "seed_page.jsonl"))
	h.ok(err)
	defer f.Close()
	for d := json.NewDecoder(f); d.More(); {
		var p struct{ ID, Title, Abstract string }
		h.ok(d.Decode(&p))
		h.comes(listed(core.PaperID(p.ID), p.Title, "hf", "2025-12-10", func(c *core.Paper) { c.Abstract = p.Abstract }))
	}
	for words, want := range map[string][]int{
		`diffusion`:                     {1, 2, 3, 28},
		`title:diffusion`:               {28},
		`"stable diffusion"`:            {2},
		`diffusion -"stable diffusion"`: {1, 3, 28},
		`lora`:                          {3, 17, 19},
		`LLMs`:                          {16, 17, 19, 25},
		`federated`:                     {5},
		`imbalance*`:                    {9, 12, 14, 20, 27, 30},
		`llms*`:                         {16, 17, 19, 25},
		`federated | title:diffusion`:   {5, 28},
	} {
		var ids []core.PaperID
		for _, n := range want {
			ids = append(ids, core.PaperID(fmt.Sprintf("9912.%05d", n)))
		}
		got := h.finds(core.Query{Topic: query(t, words), Scope: core.DefaultSettings().Scope, Limit: 33})
		slices.Sort(got)
		h.wants(words, got, ids)
	}
	h.wants("with code", len(h.finds(core.Query{Topic: query(t, "has:code"), Limit: 33})), 7)
}

// benched is the folder of wholeStore; TestMain empties it.
var benched string

// wholeStore is the recorded corpus in a store, made once a run.
func wholeStore(b *testing.B) *Store {
	if benched == "" {
		dir, err := os.MkdirTemp("", "paperboy-bench-")
		if err != nil {
			b.Fatal(err)
		}
		benched = dir
	}
	s, err := Open(b.Context(), filepath.Join(benched, "paperboy.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	if n, err := s.CountPapers(b.Context()); err != nil || n == 0 {
		for batch := range slices.Chunk(corpus(b, 1), 5000) {
			if _, err := s.PutPapers(b.Context(), batch, true, monday); err != nil {
				b.Fatal(err)
			}
		}
	}
	return s
}

// timed reports how long f takes.
func timed(b *testing.B, f func()) {
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		f()
		took = append(took, time.Since(start))
	}
	percentiles(b, took)
}

func percentiles(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	at := func(p float64) float64 {
		return float64(took[int(math.Ceil(p*float64(len(took))))-1].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.50), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
}

// What a search that finds nothing offers, for common words each with one typing
// error, and what a preview of a known word offers.
func BenchmarkHints(b *testing.B) {
	s := wholeStore(b)
	r := &ask.Reader{Store: s, Now: func() time.Time { return monday }}
	var words []string
	for _, beginning := range "abcdefghilmnoprstv" {
		known, err := s.Vocabulary(b.Context(), topic.Any, string(beginning), nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, w := range slices.Sorted(maps.Keys(known)) {
			if len(w) > 6 && known[w] > 1000 {
				words = append(words, w)
			}
		}
	}
	for name, offers := range map[string]func(i int) (bool, error){
		"misspelt": func(i int) (bool, error) {
			w := []byte(words[i%len(words)])
			at := 1 + i%(len(w)-2)
			w[at], w[at+1] = w[at+1], w[at]
			hints, err := r.Instead(b.Context(), core.Query{Topic: query(b, string(w)), Scope: core.DefaultSettings().Scope})
			return len(hints) > 0 && hints[0].Topic.String() == words[i%len(words)], err
		},
		"known": func(i int) (bool, error) {
			hints, err := r.Written(b.Context(), core.Query{Topic: query(b, words[i%len(words)]), Scope: core.DefaultSettings().Scope})
			return len(hints) > 0, err
		},
	} {
		b.Run(name, func(b *testing.B) {
			asked, offered := 0, 0
			timed(b, func() {
				did, err := offers(asked)
				if err != nil {
					b.Fatal(err)
				}
				if asked++; did {
					offered++
				}
			})
			b.ReportMetric(float64(offered)/float64(asked), "offered")
		})
	}
}

// All that is typed on the way to common words, up to their first four letters, and
// other beginnings, in a channel as it starts, after the month that has most papers.
func BenchmarkComplete(b *testing.B) {
	s := wholeStore(b)
	now := core.Date("2026-07-01").Time(time.UTC)
	reader := &ask.Reader{Store: s, Now: func() time.Time { return now }}
	completer := &complete.Completer{Store: s, Query: reader, Log: slog.New(slog.DiscardHandler)}
	where := complete.Where{Channel: core.Channel{Settings: core.DefaultSettings()}, Network: core.Network{Named: true, Limits: core.Limits{Choices: 25}}, Now: now}
	typed := []string{"", "cat:cs", "author:", "author:hin", "diffusion -su", "lora, mo", "language mod", "title:tra", `"low ra`, "xyzzy"}
	var beginnings []string
	for letter := 'a'; letter <= 'z'; letter++ {
		known, err := s.Vocabulary(b.Context(), topic.Any, string(letter), nil)
		if err != nil {
			b.Fatal(err)
		}
		for w, papers := range known {
			for n := 1; papers > 1000 && n <= min(4, len(w)); n++ {
				beginnings = append(beginnings, w[:n])
			}
		}
	}
	slices.Sort(beginnings)
	beginnings = slices.Compact(beginnings)
	b.Run("offered", func(b *testing.B) {
		eachTimed(b, slices.Concat(typed, beginnings), func(t string) {
			completer.Complete(b.Context(), where, core.Partial{Verb: "search", Option: "query", Value: t})
		})
	})
	b.Run("obvious", func(b *testing.B) { // every word that begins so is counted; it takes long, so 20 beginnings do
		var some []string
		for i := range 20 {
			some = append(some, beginnings[i*len(beginnings)/20])
		}
		eachTimed(b, some, func(t string) {
			known, err := s.Vocabulary(b.Context(), topic.Any, t, nil)
			if err != nil {
				b.Fatal(err)
			}
			for w := range known {
				q := core.Query{Scope: where.Channel.Settings.Scope, Since: where.Channel.Day(now).AddDays(-30)}
				if q.Topic, err = topic.Parse(w); err != nil {
					continue
				}
				if _, err := s.Search(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

// eachTimed reports how long f takes for each; an operation is all of them.
func eachTimed(b *testing.B, all []string, f func(string)) {
	var took []time.Duration
	var slowest string
	var most time.Duration
	for b.Loop() {
		for _, one := range all {
			start := time.Now()
			f(one)
			t := time.Since(start)
			if took = append(took, t); t > most {
				slowest, most = one, t
			}
		}
	}
	percentiles(b, took)
	b.ReportMetric(float64(most.Microseconds())/1000, "max-ms")
	b.Logf("%d in all, slowest %q", len(all), slowest)
}

func BenchmarkSearch(b *testing.B) {
	s := wholeStore(b)
	measure := func(b *testing.B, q core.Query) {
		total := 0
		timed(b, func() {
			f, err := s.Search(b.Context(), q)
			if err != nil {
				b.Fatal(err)
			}
			total = f.Total
		})
		b.ReportMetric(float64(total), "papers")
	}
	for _, scope := range []struct {
		name string
		topic.Scope
	}{{"everywhere", topic.Scope{}}, {"scope", core.DefaultSettings().Scope}} {
		for _, q := range []string{"model", "lora", `"large language model"`, "diffus*", "diffusion | lora | transformer", "language model -video", "the"} {
			b.Run(scope.name+"/"+strings.ReplaceAll(q, " ", "_"), func(b *testing.B) {
				measure(b, core.Query{Topic: query(b, q), Scope: scope.Scope, Limit: 5})
			})
		}
	}
	scope := core.DefaultSettings().Scope
	for name, q := range map[string]core.Query{
		"everything": {Scope: scope, Limit: 5, Sort: core.SortNew},
		"counted":    {Topic: query(b, "model"), Scope: scope},
		"week":       {Topic: query(b, "model"), Scope: scope, Limit: 5, Since: "2026-06-24"},
		"new":        {Topic: query(b, "model"), Scope: scope, Limit: 5, Sort: core.SortNew},
		"top":        {Topic: query(b, "model"), Scope: scope, Limit: 5, Sort: core.SortTop},
		"min":        {Topic: query(b, "model min:0"), Scope: scope, Limit: 5},
		"min or":     {Topic: query(b, "model min:0 | lora"), Scope: scope, Limit: 5},
		"source":     {Topic: query(b, "source:hf min:0"), Scope: scope, Limit: 5},
	} {
		b.Run(name, func(b *testing.B) { measure(b, q) })
	}
}

// Plain words, understood and in order, and what they cost as before: all of them,
// counted, the best five.
func BenchmarkPlain(b *testing.B) {
	s := wholeStore(b)
	r := &ask.Reader{Store: s, Now: func() time.Time { return monday }}
	for _, typed := range []string{"diffusion", "Model Compression & Efficiency", "LLM agents that plan with tools", "HuMo", "song han"} {
		q := core.Query{Limit: 5}
		var err error
		if q.Topic, err = topic.ParseSearch(typed); err != nil {
			b.Fatal(err)
		}
		for name, search := range map[string]func(context.Context, core.Query) (core.Found, error){"all words": s.Search, "understood": r.Search} {
			q.Plain = topic.Plain(typed)
			b.Run(strings.ReplaceAll(typed, " ", "_")+"/"+name, func(b *testing.B) {
				timed(b, func() {
					if _, err := search(b.Context(), q); err != nil {
						b.Fatal(err)
					}
				})
			})
		}
	}
}
