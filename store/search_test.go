package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/text"
	"paperboy/core/topic"
	"paperboy/internal/catalogue"
	"paperboy/internal/recordings"
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
		seen = append(seen, core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: day}})
	}
	return seen
}

// oddities are papers that words trip over.
func oddities() []core.Seen {
	votes := 20
	return []core.Seen{
		listed("9901.00001", `NOT "near" AND or* the NEAR(end)`, "My Feed: a–z", "2026-11-01", func(p *core.Paper) {
			p.Abstract, p.Authors = "title : abstract AND NOT authors ^x + {y}", []string{"Ana Near", "And Or", "O'Neil Not-Near", "—"}
		}),
		listed("9901.00002", "拡散モデル Ünïcödé ½ x² \x00 zero\x00byte 扩散模型", "arxiv", "2026-11-02", func(p *core.Paper) {
			p.Authors, p.Categories = []string{"李 明", "Łukasz Søren", ""}, []string{"hep-th", "math.AG", "physics.flu-dyn"}
		}),
		listed("feed:1", "A ¦ bar — and nothing", "hf", "2026-11-03", func(p *core.Paper) { p.Categories, p.Upvotes = []string{"quant-ph"}, &votes }),
		listed("9901.00004", "—", "arxiv", "2026-11-04", func(p *core.Paper) { p.Categories = []string{"cs.CV", "eess.IV"} }),
	}
}

// recorded is what realPapers has read: the corpus is long to read.
var recorded []core.Seen

func (h *house) realPapers() []core.Paper {
	h.Helper()
	if recorded == nil {
		recorded = oddities()
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
	if len(papers) < 280 {
		h.Fatalf("only %d papers", len(papers))
	}
	return papers
}

// anyTerm draws a term from what stands in one of the papers, or nearly.
func anyTerm(papers []core.Paper, docs []*topic.Doc) *rapid.Generator[topic.Term] {
	return rapid.Custom(func(t *rapid.T) topic.Term {
		i := rapid.IntRange(0, len(papers)-1).Draw(t, "paper")
		d := docs[i]
		fields := []topic.Field{topic.Any, topic.Any, topic.Any, topic.Title, topic.Abstract, topic.Author, topic.Cat, topic.Source, topic.Has, topic.Min}
		term := topic.Term{Field: rapid.SampledFrom(fields).Draw(t, "field"), Not: rapid.IntRange(0, 3).Draw(t, "not") == 0}
		from := func(words []string) {
			if len(words) == 0 {
				words = []string{"model"}
			}
			n := min(rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(t, "length"), len(words))
			at := rapid.IntRange(0, len(words)-n).Draw(t, "at")
			term.Words = slices.Clone(words[at : at+n])
			switch {
			case n == 2 && rapid.IntRange(0, 3).Draw(t, "turn") == 0:
				slices.Reverse(term.Words)
			case n == 1 && rapid.IntRange(0, 3).Draw(t, "cut") == 0:
				term.Prefix = true
				r := []rune(words[at])
				letters := rapid.IntRange(1, len(r)).Draw(t, "letters")
				if p := plurals(papers[i].Title + " " + papers[i].Abstract); len(p) > 0 && rapid.Bool().Draw(t, "plural") {
					r = []rune(rapid.SampledFrom(p).Draw(t, "word"))
					letters = len(r)
				}
				if p := text.Prefix(string(r[:letters])); p != "" {
					term.Words[0] = p
				}
			}
		}
		switch term.Field {
		case topic.Any:
			from(rapid.SampledFrom([][]string{d.Title, d.Abstract}).Draw(t, "column"))
		case topic.Title:
			from(d.Title)
		case topic.Abstract:
			from(d.Abstract)
		case topic.Author:
			from(slices.Concat(d.Authors...)) // sometimes across two people
		case topic.Cat:
			cats := append([]string{"cs.*", "*", "physics.*", "hep-*", "math.ph", "cs.C*", "c*", "q-bio.*"}, d.Categories...)
			term.Value = rapid.SampledFrom(cats).Draw(t, "category")
		case topic.Source:
			term.Value = topic.SourceName(rapid.SampledFrom(append(d.Sources, "elsewhere")).Draw(t, "source"))
		case topic.Has:
			term.Value = "code"
		case topic.Min:
			term.N = rapid.IntRange(0, 60).Draw(t, "upvotes")
		}
		return term
	})
}

// plurals are the words of a text that are kept in another form.
func plurals(s string) []string {
	return slices.DeleteFunc(text.Names(s), func(w string) bool { return text.Words(w)[0] == w })
}

// What the index answers is what the slow evaluator says, on every topic and paper.
func TestSearchAgreesWithTheReference(t *testing.T) {
	h := newHouse(t)
	papers := h.realPapers()
	docs := make([]*topic.Doc, len(papers))
	for i := range papers {
		docs[i] = papers[i].Doc()
	}
	term := anyTerm(papers, docs)
	matched := 0
	rapid.Check(t, func(rt *rapid.T) {
		var tp topic.Topic
		for range rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(rt, "clauses") {
			tp.Clauses = append(tp.Clauses, rapid.SliceOfN(term, 1, 4).Draw(rt, "clause"))
		}
		scope := topic.Scope{
			Patterns: rapid.SliceOfN(rapid.SampledFrom([]string{"cs.*", "stat.ML", "eess.*", "cs.CV", "hep-th", "*", "math.*", "c*"}), 0, 3).Draw(rt, "patterns"),
			Strict:   rapid.Bool().Draw(rt, "strict"),
		}
		q := core.Query{Topic: tp, Scope: scope, Limit: len(papers), Since: rapid.SampledFrom([]core.Date{"", "", "2025-09-10"}).Draw(rt, "since"),
			Sort: rapid.SampledFrom([]core.Sort{core.SortBest, core.SortNew, core.SortTop}).Draw(rt, "sort")}

		var want []core.PaperID
		primary := map[string]int{}
		for i, d := range docs {
			if _, ok := tp.Match(d); ok && (tp.HasCat() || scope.Admits(d)) && papers[i].Day >= q.Since {
				want = append(want, papers[i].ID)
				primary[papers[i].Primary()]++
			}
		}
		matched += len(want)
		found, err := h.Search(context.Background(), q)
		if err != nil {
			rt.Fatalf("%+v: %v", tp, err)
		}
		var got []core.PaperID
		for _, hit := range found.Hits {
			got = append(got, hit.Paper.ID)
			if q.Sort == core.SortBest && hit.Score < 0 {
				rt.Fatalf("%s scores %f", hit.Paper.ID, hit.Score)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("%+v in %+v: reference -, index +\n%s", tp, scope, d)
		}
		if found.Total != len(want) || !cmp.Equal(found.Primary, primary) {
			rt.Fatalf("%+v: %d in all, %v; want %d, %v", tp, found.Total, found.Primary, len(want), primary)
		}
	})
	if matched == 0 {
		t.Error("no topic matched any paper")
	}
}

// Whoever types a word as a paper has it, with a star, finds that paper.
func TestAStarFindsThePaperItsWordWasReadIn(t *testing.T) {
	h := newHouse(t)
	papers := h.realPapers()
	rapid.Check(t, func(rt *rapid.T) {
		p := rapid.SampledFrom(papers).Draw(rt, "paper")
		for _, w := range plurals(p.Title) {
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

// cat:* is the way out of a scope: it leaves no paper behind.
func TestAnyCategoryIsEverywhere(t *testing.T) {
	h := newHouse(t)
	in := func(categories ...string) func(*core.Paper) { return func(p *core.Paper) { p.Categories = categories } }
	h.comes(listed("2509.00001", "Lamps", "arxiv", "2025-09-05", in("cs.CV", "hep-th")), listed("2509.00002", "Lamps", "arxiv", "2025-09-04", in("hep-th")),
		listed("2509.00003", "Lamps", "hf", "2025-09-03"), listed("2509.00004", "Roofs", "hf", "2025-09-02"))
	scope := topic.Scope{Patterns: []string{"cs.*"}, Strict: true}
	for words, want := range map[string][]core.PaperID{
		"lamp":          {"2509.00001", "2509.00003"},
		"lamp cat:*":    {"2509.00001", "2509.00002", "2509.00003"},
		"cat:*":         {"2509.00001", "2509.00002", "2509.00003", "2509.00004"},
		"lamp -cat:*":   nil,
		"lamp cat:h*":   {"2509.00001", "2509.00002"},
		"cat:* | lamp":  {"2509.00001", "2509.00002", "2509.00003", "2509.00004"},
		"cat:* min:0":   nil,
		"cat:* -lamp":   {"2509.00004"},
		"cat:* | min:0": {"2509.00001", "2509.00002", "2509.00003", "2509.00004"},
	} {
		h.wants(words, h.finds(core.Query{Topic: query(t, words), Scope: scope, Sort: core.SortNew, Limit: 9}), want)
	}
	// And beside any other words, whatever they are.
	papers := h.realPapers()
	docs := make([]*topic.Doc, len(papers))
	for i := range papers {
		docs[i] = papers[i].Doc()
	}
	term := anyTerm(papers, docs)
	rapid.Check(t, func(rt *rapid.T) {
		c := rapid.SliceOfN(term, 1, 3).Draw(rt, "clause")
		c[0].Not = false
		without, err := h.Search(context.Background(), core.Query{Topic: topic.Topic{Clauses: []topic.Clause{c}}})
		if err != nil {
			rt.Fatal(err)
		}
		c = append(c, topic.Term{Field: topic.Cat, Value: "*"})
		with, err := h.Search(context.Background(), core.Query{Topic: topic.Topic{Clauses: []topic.Clause{c}}, Scope: scope})
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(without, with); d != "" {
			rt.Fatalf("%+v: without cat:* -, with it +\n%s", c, d)
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

func query(t testing.TB, s string) topic.Topic {
	t.Helper()
	tp, err := topic.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return tp
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

func BenchmarkSearch(b *testing.B) {
	s := wholeStore(b)
	measure := func(b *testing.B, q core.Query) {
		var took []time.Duration
		total := 0
		for b.Loop() {
			start := time.Now()
			f, err := s.Search(b.Context(), q)
			if err != nil {
				b.Fatal(err)
			}
			total = f.Total
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		at := func(p float64) float64 {
			return float64(took[int(math.Ceil(p*float64(len(took))))-1].Microseconds()) / 1000
		}
		b.ReportMetric(at(0.50), "p50-ms")
		b.ReportMetric(at(0.99), "p99-ms")
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

// The twelve most telling words of a paper, as core asks.
func BenchmarkNear(b *testing.B) {
	s := wholeStore(b)
	telling := []string{"lora", "adapter", "rank", "finetuning", "quantization", "memory", "gpu", "gradient", "sparse", "kernel", "throughput", "checkpoint"}
	for b.Loop() {
		if _, err := s.Near(b.Context(), telling, 400); err != nil {
			b.Fatal(err)
		}
	}
}
