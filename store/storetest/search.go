package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/names"
	"paperboy/core/rank"
	"paperboy/core/text"
	"paperboy/core/topic"
)

func (h *house) finds(q core.Query) (ids []core.PaperID) {
	h.Helper()
	f, err := h.store.Search(h.ctx(), q)
	h.ok(err)
	for _, hit := range f.Hits {
		ids = append(ids, hit.Paper.ID)
	}
	return ids
}

// lampsCome: four papers about them and one about roofs.
func (h *house) lampsCome() {
	h.Helper()
	voted := func(n int) func(*core.Paper) { return func(p *core.Paper) { p.Upvotes = count(n) } }
	about := func(s string) func(*core.Paper) { return func(p *core.Paper) { p.Abstract = s } }
	h.comes(
		listed("2509.00001", "Heat", "hf", "2025-09-05", voted(0), about("All about lamps and light and heat and warmth")),
		listed("2509.00002", "Lamps", "hf", "2025-09-04", voted(50), about("All about lights and heat and light and warmth")),
		listed("2509.00003", "Lamps", "hf", "2025-09-06", about("All about lights and heat and light and warmth")),
		listed("2509.00004", "Roofs", "hf", "2025-09-07", voted(99), about("Nothing to see here, nothing at all, move on")),
		listed("2509.00005", "Lamps too", "hf", "2025-09-03", voted(1), about("All about lights and heat and light and warmth")))
}

var search = []story{
	it("the best: a title's word counts more, then the newest", func(h *house) {
		h.lampsCome()
		h.wants("found", h.finds(core.Query{Topic: query(h, "lamp"), Limit: 9}), []core.PaperID{"2509.00003", "2509.00002", "2509.00005", "2509.00001"})
	}),

	it("the newest first", func(h *house) {
		h.lampsCome()
		h.wants("found", h.finds(core.Query{Topic: query(h, "lamp"), Sort: core.SortNew, Limit: 9}), []core.PaperID{"2509.00003", "2509.00001", "2509.00002", "2509.00005"})
	}),

	it("the top without votes: by upvotes, and what is not known stands between one and none", func(h *house) {
		h.lampsCome()
		h.wants("found", h.finds(core.Query{Topic: query(h, "lamp"), Sort: core.SortTop, Limit: 9}), []core.PaperID{"2509.00002", "2509.00005", "2509.00003", "2509.00001"})
	}),

	it("the top: votes of the channel or of everybody, each person once", func(h *house) {
		h.lampsCome()
		ml, cv := h.channel("ml"), h.channel("cv")
		h.reacts(ml, "m1", "2509.00001", "ana", "👍", core.Up)
		h.reacts(cv, "m2", "2509.00001", "ana", "👍", core.Up)
		h.reacts(cv, "m2", "2509.00005", "ben", "👍", core.Up)
		h.reacts(cv, "m3", "2509.00005", "ben", "🔥", core.Up)
		h.reacts(cv, "m3", "2509.00003", "ben", "👎", core.Down)
		for channel, want := range map[int64][]core.PaperID{
			ml.ID: {"2509.00001", "2509.00002", "2509.00005", "2509.00003"},
			0:     {"2509.00005", "2509.00001", "2509.00002", "2509.00003"},
		} {
			h.wants("found", h.finds(core.Query{Topic: query(h, "lamp"), Sort: core.SortTop, Limit: 9, Channel: channel}), want)
		}
		f, err := h.store.Search(h.ctx(), core.Query{Topic: query(h, "lamp"), Sort: core.SortTop, Limit: 1})
		h.ok(err)
		h.wants("the first: votes and score", []any{f.Hits[0].Votes, f.Hits[0].Score}, []any{1, 0.0})
	}),

	it("the top is what counting everybody's votes for every paper gives, page by page", func(h *house) {
		var ids []core.PaperID
		for i := range 24 {
			id := core.PaperID(fmt.Sprintf("2509.%05d", i+1))
			ids = append(ids, id)
			h.comes(listed(id, "Lamps", "hf", core.Date(fmt.Sprintf("2025-09-%02d", 1+i*7%5)), func(p *core.Paper) {
				if i%3 > 0 {
					p.Upvotes = count(i % 4)
				}
			}))
		}
		channels := []core.Channel{h.channel("ml"), h.channel("cv")}
		newest, err := h.store.Search(h.ctx(), core.Query{Topic: query(h, "lamp"), Sort: core.SortNew, Limit: len(ids)})
		h.ok(err)
		kinds := map[string]core.VoteKind{"👍": core.Up, "🔥": core.Up, "👎": core.Down, "🔖": core.Bookmark, "button:chosen": core.Chosen}
		emoji := slices.Sorted(maps.Keys(kinds))
		rapid.Check(h.T, func(t *rapid.T) {
			for range rapid.IntRange(0, 12).Draw(t, "marks") {
				c, id, e := rapid.SampledFrom(channels).Draw(t, "channel"), rapid.SampledFrom(ids[:9]).Draw(t, "paper"), rapid.SampledFrom(emoji).Draw(t, "emoji")
				h.reacts(c, string(id), id, rapid.SampledFrom([]string{"ana", "ben", "cem", "dee"}).Draw(t, "who"), e, kinds[e], func(r *core.Reaction) {
					r.Added = rapid.IntRange(0, 3).Draw(t, "taken back") > 0
				})
			}
			q := core.Query{Topic: query(h, "lamp"), Sort: core.SortTop, Channel: rapid.SampledFrom([]int64{0, channels[0].ID, channels[1].ID, -1}).Draw(t, "of"),
				Since: rapid.SampledFrom([]core.Date{"", "2025-09-03"}).Draw(t, "since"), Limit: rapid.IntRange(1, 9).Draw(t, "limit"), Offset: rapid.IntRange(0, 25).Draw(t, "offset")}
			tally := h.tally(q.Channel, time.Time{}, ids...)
			var want []core.Hit
			for _, hit := range newest.Hits {
				if hit.Votes = tally[hit.Paper.ID].Up; hit.Paper.Day >= q.Since {
					want = append(want, hit)
				}
			}
			slices.SortStableFunc(want, func(a, b core.Hit) int {
				return rank.CompareTop(rank.TopKey{Votes: a.Votes, Upvotes: a.Paper.Upvotes}, rank.TopKey{Votes: b.Votes, Upvotes: b.Paper.Upvotes})
			})
			found, err := h.store.Search(h.ctx(), q)
			h.ok(err)
			h.wants("of all", found.Total, len(want))
			want = want[min(q.Offset, len(want)):]
			if d := cmp.Diff(want[:min(q.Limit, len(want))], found.Hits, cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("the top of %d from %d on: counted -, found +\n%s", q.Channel, q.Offset, d)
			}
		})
	}),

	it("a phrase stands in the title or in the abstract, and does not run from one into the other", func(h *house) {
		h.comes(listed("2509.00001", "Lamps of brass", "hf", "2025-09-05", func(p *core.Paper) { p.Abstract = "Hands hold lamps of copper" }))
		for asked, n := range map[string]int{`"brass hands"`: 0, `"lamps of brass"`: 1, `"lamps of copper"`: 1, `title:"lamps of copper"`: 0, `abstract:"of brass"`: 0} {
			h.wants(asked, len(h.finds(core.Query{Topic: query(h, asked), Limit: 9})), n)
		}
	}),

	it("the last word of a very long text is found, and so is the first", func(h *house) {
		h.comes(listed("2509.00001", "Lamps", "hf", "2025-09-05", func(p *core.Paper) {
			p.Abstract = "first " + strings.Repeat("light and heat ", 10_000) + "last " + strings.Repeat("x", 5000)
		}))
		for _, asked := range []string{"first", "last", `"first light and heat"`, "abstract:last", "xxx*"} {
			h.wants(asked[:3], len(h.finds(core.Query{Topic: query(h, asked), Limit: 9})), 1)
		}
	}),

	it("days bound a search on both sides", func(h *house) {
		h.lampsCome()
		h.wants("found", h.finds(core.Query{Topic: query(h, "lamp"), Since: "2025-09-04", Until: "2025-09-05", Limit: 9}), []core.PaperID{"2509.00002", "2509.00001"})
	}),

	it("the words that papers have, and how many have each, are known", func(h *house) {
		h.lampsCome()
		h.comes(listed("2509.00006", "Lampions für 拡散 in C++", "hf", "2025-09-08", func(p *core.Paper) { p.Authors = []string{"Ana Lamprecht", "Bo Peters"} }))
		for _, c := range []struct {
			field  topic.Field
			prefix string
			words  []string
			want   map[string]int
		}{
			{topic.Any, "lam", []string{"light", "nonesuch", "roof"}, map[string]int{"lamp": 3, "lampion": 1, "light": 4, "roof": 1}},
			{topic.Any, "", []string{"lamp", "peters", "lamprecht", "fur", "c++"}, map[string]int{"lamp": 3, "fur": 1, "c++": 1}},
			{topic.Any, "c+", []string{"c"}, map[string]int{"c++": 1}},
			{topic.Any, "拡", nil, map[string]int{"拡": 1}},
			{topic.Author, "la", []string{"peters", "bo", "lamp"}, map[string]int{"lamprecht": 1, "peters": 1, "bo": 1}},
			{topic.Any, "", nil, map[string]int{}},
			{topic.Any, `"`, []string{`" OR lamp`, "", "%"}, map[string]int{}},
		} {
			got, err := h.store.Vocabulary(h.ctx(), c.field, c.prefix, c.words)
			h.ok(err)
			h.wants("words of "+c.prefix, got, c.want)
		}
	}),

	it("the first day of which there are papers is known", func(h *house) {
		h.lampsCome()
		h.comes(listed("2509.00006", "Undated", "hf", ""))
		for since, want := range map[core.Date]core.Date{"": "2025-09-03", "2025-09-05": "2025-09-05", "2024-01-01": "2025-09-03", "2025-09-08": ""} {
			got, err := h.store.FirstDay(h.ctx(), since)
			h.ok(err)
			h.wants("first since "+string(since), got, want)
		}
	}),

	it("no topic is every paper", func(h *house) {
		h.lampsCome()
		h.wants("found", h.finds(core.Query{Limit: 2, Sort: core.SortNew}), []core.PaperID{"2509.00004", "2509.00003"})
		h.wants("the next", h.finds(core.Query{Limit: 2, Offset: 2, Sort: core.SortNew}), []core.PaperID{"2509.00001", "2509.00002"})
	}),

	it("matches are counted exactly, by primary category, whatever the limit", func(h *house) {
		in := func(categories ...string) func(*core.Paper) { return func(p *core.Paper) { p.Categories = categories } }
		h.comes(listed("2509.00001", "Lamps", "arxiv", "2025-09-05", in("cs.CV", "hep-th")), listed("2509.00002", "Lamps", "arxiv", "2025-09-04", in("hep-th")),
			listed("2509.00003", "Lamps", "hf", "2025-09-03"), listed("2509.00004", "Roofs", "hf", "2025-09-02"))
		for _, limit := range []int{0, 1, 9} {
			f, err := h.store.Search(h.ctx(), core.Query{Topic: query(h, "lamp"), Limit: limit})
			h.ok(err)
			h.wants("counted", []any{f.Total, f.Primary, len(f.Hits)}, []any{3, map[string]int{"cs.CV": 1, "hep-th": 1, "": 1}, min(limit, 3)})
		}
	}),

	it("a scope holds unless the topic names a category, and cat:* lifts it", func(h *house) {
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
			h.wants(words, h.finds(core.Query{Topic: query(h, words), Scope: scope, Sort: core.SortNew, Limit: 9}), want)
		}
	}),

	it("what stands beside numbers is scored too", func(h *house) {
		h.lampsCome()
		f, err := h.store.Search(h.ctx(), core.Query{Topic: query(h, "lamp min:1 | roof min:100 | heat"), Limit: 9})
		h.ok(err)
		if f.Total != 4 || f.Hits[0].Score <= 0 {
			h.Errorf("%+v", f)
		}
	}),

	it("a changed paper is found by its new words only", func(h *house) {
		h.comes(listed("2509.00001", "A lamp", "arxiv", "2025-09-05", func(p *core.Paper) { p.Version = 1 }))
		h.comes(listed("2509.00001", "A torch", "arxiv", "2025-09-06", func(p *core.Paper) { p.Version = 2 }))
		h.wants("the old word", h.finds(core.Query{Topic: query(h, "lamp"), Limit: 9}), []core.PaperID(nil))
		h.wants("the new word", h.finds(core.Query{Topic: query(h, "torch"), Limit: 9}), []core.PaperID{"2509.00001"})
	}),

	it("a word is one word to the index, whatever signs it has", func(h *house) {
		h.comes(listed("2509.00001", "A C++ library", "hf", "2025-09-05"), listed("2509.00002", "Vitamin C", "hf", "2025-09-05"),
			listed("2509.00003", "C# on .NET", "hf", "2025-09-05"), listed("2509.00004", "A* search, of CO$_2$", "hf", "2025-09-05"),
			listed("2509.00005", "τ-bench", "hf", "2025-09-05"), listed("2509.00006", "拡散モデル入門 Stable Diffusion入門", "hf", "2025-09-05"),
			listed("2509.00007", "การเรียนรู้", "hf", "2025-09-05"))
		for words, want := range map[string][]core.PaperID{
			"C++": {"2509.00001"}, "C": {"2509.00002"}, "C#": {"2509.00003"}, ".NET": {"2509.00003"}, "net": nil, `"C# on .NET"`: {"2509.00003"},
			"A*": {"2509.00004"}, `"A* search"`: {"2509.00004"}, "CO₂": {"2509.00004"}, "tau-bench": {"2509.00005"},
			"拡散": {"2509.00006"}, "モデル*": {"2509.00006"}, "散拡": nil, "diffusion": {"2509.00006"}, "เรียน": {"2509.00007"},
		} {
			h.wants(words, h.finds(core.Query{Topic: query(h, words), Limit: 9}), want)
		}
	}),

	it("what is found is what matches, whatever is asked", func(h *house) {
		h.lampsCome()
		SearchAgrees(h.T, h.store, Oddities())
	}),
}

// Oddities are papers that words trip over.
func Oddities() []core.Seen {
	return []core.Seen{
		listed("9901.00001", `NOT "near" AND or* the NEAR(end)`, "My Feed: a–z", "2026-11-01", func(p *core.Paper) {
			p.Abstract, p.Authors = "title : abstract AND NOT authors ^x + {y}", []string{"Ana Near", "And Or", "O'Neil Not-Near", "—", "Jürgen M. van den Oord, Jr.", "J. Oord", "Near Team"}
		}),
		listed("9901.00002", "拡散モデル Ünïcödé ½ x² \x00 zero\x00byte 扩散模型", "arxiv", "2026-11-02", func(p *core.Paper) {
			p.Authors, p.Categories = []string{"李 明", "Łukasz Søren", ""}, []string{"hep-th", "math.AG", "physics.flu-dyn"}
		}),
		listed("feed:1", "A ¦ bar — and nothing", "hf", "2026-11-03", func(p *core.Paper) { p.Categories, p.Upvotes = []string{"quant-ph"}, count(20) }),
		listed("9901.00003", "C++, C# or .NET: A* search, A$^*$ and RRT* in CO$_2$ at R^2, τ-bench", "hf", "2026-11-04", func(p *core.Paper) {
			p.Abstract, p.Authors = "确扩散模型 확산 모델 การเรียนรู้ модельGPT Stable Diffusion入門 λόγος β+ H⁺ C c++ a* a.net", []string{"李明", "A* Wei王伟"}
		}),
		listed("9901.00004", "—", "arxiv", "2026-11-04", func(p *core.Paper) { p.Categories = []string{"cs.CV", "eess.IV"} }),
	}
}

// SearchAgrees keeps papers, and holds what a store finds against what the slow
// evaluator says, on topics of these papers' words and on every paper.
func SearchAgrees(t *testing.T, s core.PaperStore, seen []core.Seen) {
	if _, err := s.PutPapers(t.Context(), seen, false, monday); err != nil {
		t.Fatal(err)
	}
	papers, err := s.ChangedPapers(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
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
		found, err := s.Search(t.Context(), q)
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
		// cat:* is no condition beside any other words, whatever they are.
		c := tp.Clauses[0]
		c[0].Not = false
		without, err := s.Search(t.Context(), core.Query{Topic: topic.Topic{Clauses: []topic.Clause{c}}})
		if err != nil {
			rt.Fatal(err)
		}
		anywhere := topic.Topic{Clauses: []topic.Clause{append(slices.Clone(c), topic.Term{Field: topic.Cat, Value: "*"})}}
		with, err := s.Search(t.Context(), core.Query{Topic: anywhere, Scope: topic.Scope{Patterns: []string{"cs.*"}, Strict: true}})
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(without, with); d != "" {
			rt.Fatalf("%+v: without cat:* -, with it +\n%s", c, d)
		}
	})
	if matched == 0 {
		t.Error("no topic matched any paper")
	}
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
				if p := Plurals(papers[i].Title + " " + papers[i].Abstract); len(p) > 0 && rapid.Bool().Draw(t, "plural") {
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
			term.Words = AsAsked(t, papers[i].Authors)
			if len(term.Words) == 1 && rapid.IntRange(0, 3).Draw(t, "cut") == 0 {
				r := []rune(term.Words[0])
				if p := names.Prefix(string(r[:rapid.IntRange(1, len(r)).Draw(t, "letters")])); p != "" {
					term.Words, term.Prefix = []string{p}, true
				}
			}
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

// AsAsked are words by which people may ask for one of a paper's authors: the
// name, a part of it with initials, turned, or of two people.
func AsAsked(t *rapid.T, authors []string) (words []string) {
	name := "Jane Doe"
	if len(authors) > 0 {
		name = rapid.SampledFrom(authors).Draw(t, "author")
	}
	switch rapid.SampledFrom([]string{"whole", "part", "part", "part", "turned", "two"}).Draw(t, "asked") {
	case "part":
		words = names.Words(name)
		if len(words) > 0 {
			n := rapid.IntRange(1, len(words)).Draw(t, "words")
			at := rapid.IntRange(0, len(words)-n).Draw(t, "at")
			words = words[at : at+n]
		}
		for i := range len(words) - 1 {
			if rapid.Bool().Draw(t, "initial") {
				words[i] = string([]rune(words[i])[:1])
			}
		}
		name = strings.Join(words, " ")
	case "turned":
		if n := names.Parse(name); n.Family != "" {
			name = n.Family + ", " + n.Given
		}
	case "two":
		if len(authors) > 0 {
			name += " " + rapid.SampledFrom(authors).Draw(t, "another")
		}
	}
	if words = names.Words(name); len(words) == 0 {
		return []string{"doe"}
	}
	return words
}

// Plurals are the words of a text that are kept in another form.
func Plurals(s string) []string {
	return slices.DeleteFunc(text.Names(s), func(w string) bool {
		kept := text.Words(w)
		return len(kept) > 1 || kept[0] == w
	})
}
