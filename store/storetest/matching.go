package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/text"
	"paperboy/core/topic"
)

// matching are the titles of what a query selects, in the order given.
func (h *house) matching(s core.PaperStore, q core.Query, most int) (titles []string, more bool) {
	h.Helper()
	matches, more, err := s.Matching(h.ctx(), q, most)
	h.ok(err)
	of := h.titles(s)
	for _, m := range matches {
		titles = append(titles, of[m.Seq])
	}
	return titles, more
}

// nearest are the titles of what is nearest to the words.
func (h *house) nearest(s core.PaperStore, words string, q core.Query, limit int) (titles []string) {
	h.Helper()
	near, err := s.Nearest(h.ctx(), meaning.Builtin().Text(text.Words(words)), q, limit)
	h.ok(err)
	of := h.titles(s)
	for _, n := range near {
		titles = append(titles, of[n.Seq])
	}
	return titles
}

func (h *house) titles(s core.PaperStore) map[core.Seq]string {
	h.Helper()
	papers, err := s.ChangedPapers(h.ctx(), 0)
	h.ok(err)
	titles := map[core.Seq]string{}
	for _, p := range papers {
		titles[p.Seq] = p.Title
	}
	return titles
}

// texts are papers whose titles mean something, of four fields.
func texts() (seen []core.Seen) {
	for i, title := range []string{
		"Denoising diffusion models for image synthesis", "Text to image generation with latent diffusion", "Video generation by diffusion transformers",
		"Low-rank adaptation of large language models", "Parameter-efficient tuning of language models", "Instruction tuning of large language models with human feedback",
		"Grasping with a robot hand", "Learning locomotion for legged robots", "Robot manipulation from demonstrations",
		"Speech recognition without transcripts", "Speaker verification in noise", "Synthesis of expressive speech",
	} {
		cat := []string{"cs.CV", "cs.CL", "cs.RO", "eess.AS"}[i/3]
		seen = append(seen, listed(core.PaperID(fmt.Sprintf("2601.%05d", i)), title, "arxiv", core.Date("2026-01-01").AddDays(i%3),
			func(p *core.Paper) { p.Categories, p.Upvotes = []string{cat}, count(i) }))
	}
	return seen
}

var windows = []story{
	it("the newest that match come, as many as are asked for, and whether there are more is known", func(h *house) {
		h.lampsCome()
		q := core.Query{Topic: query(h, "lamp")}
		for most, want := range map[int][]string{2: {"Lamps", "Heat"}, 4: {"Lamps", "Heat", "Lamps", "Lamps too"}, 9: {"Lamps", "Heat", "Lamps", "Lamps too"}} {
			got, more := h.matching(h.store, q, most)
			h.wants("the newest", got, want)
			h.wants("more", more, most < 4)
		}
	}),

	it("the newest are those of the newest days, though older ones came later", func(h *house) {
		h.comes(listed("2601.00001", "Lamp of today", "hf", "2026-01-09"))
		h.comes(listed("2501.00001", "Lamp of last year", "hf", "2025-01-09"), listed("2501.00002", "Lamp of the day after", "hf", "2025-01-10"))
		got, _ := h.matching(h.store, core.Query{Topic: query(h, "lamp")}, 2)
		h.wants("the newest", got, []string{"Lamp of today", "Lamp of the day after"})
	}),

	it("a match tells day, category, upvotes and the signs of its direction", func(h *house) {
		h.comes(texts()[3], listed("2601.00099", "Adaptation", "hf", "2026-01-01"))
		got, _, err := h.store.Matching(h.ctx(), core.Query{Topic: query(h, "adaptation")}, 9)
		h.ok(err)
		features, err := h.store.Features(h.ctx(), []core.Seq{1, 2})
		h.ok(err)
		for i := range got {
			h.wants("code", got[i].Code, features[got[i].Seq].Vector.Code())
			got[i].Code = meaning.Code{}
		}
		h.wants("matches", got, []core.Match{{Seq: 2, Day: "2026-01-01"}, {Seq: 1, Day: "2026-01-01", Primary: "cs.CL", Upvotes: count(3)}})
	}),

	it("more than can be counted are said to be more, and the newest of them are ordered", func(h *house) {
		var seen []core.Seen
		for i := range core.Countable + 5 {
			seen = append(seen, listed(core.PaperID(fmt.Sprintf("2601.%05d", i)), fmt.Sprintf("Lamp %d", i), "hf", core.Date("2026-01-01").AddDays(i/500)))
		}
		h.imports(seen...)
		for words, want := range map[string][]any{"lamp": {core.Countable, true, "Lamp 4004"}, "lamp -4004": {core.Countable, true, "Lamp 4003"}, "17": {1, false, "Lamp 17"}} {
			f, err := h.store.Search(h.ctx(), core.Query{Topic: query(h, words), Sort: core.SortNew, Limit: 1})
			h.ok(err)
			h.wants(words, []any{f.Total, f.More, f.Hits[0].Paper.Title}, want)
		}
		f, err := h.store.Search(h.ctx(), core.Query{Topic: query(h, "lamp"), Sort: core.SortNew, Limit: 5000})
		h.ok(err)
		h.wants("all, for who asks for them", []any{f.Total, f.More, len(f.Hits)}, []any{core.Countable + 5, false, core.Countable + 5})
	}),

	it("a paper of which two tell in one batch is found by the words that are kept", func(h *house) {
		h.comes(listed("2601.00001", "Lamps", "arxiv", "2026-01-01"), listed("2601.00001", "Torches", "hf", "2026-01-01"))
		for words, n := range map[string]int{"lamp": 1, "torch": 0, "source:hf source:arxiv": 1} {
			got, _ := h.matching(h.store, core.Query{Topic: query(h, words)}, 9)
			h.wants(words, len(got), n)
		}
	}),

	it("papers are counted", func(h *house) {
		h.comes(texts()...)
		h.comes(texts()...)
		h.imports(listed("2601.00099", "Once", "hf", "2026-01-01"), listed("2601.00099", "Once", "hf", "2026-01-02"))
		n, err := h.store.CountPapers(h.ctx())
		h.ok(err)
		h.wants("papers", n, 13)
	}),

	it("the nearest in meaning are those whose directions are", func(h *house) {
		h.comes(texts()...)
		for _, words := range []string{"text to image", "a model that speaks", "walking machines", "nothing of the kind", "unheardof"} {
			v := meaning.Builtin().Text(text.Words(words))
			type near struct {
				title string
				alike float64
			}
			var want []near
			for _, s := range texts() {
				d := s.Paper.Doc()
				want = append(want, near{s.Paper.Title, v.Cosine(meaning.Builtin().Read(d.Title, d.Abstract).Vector)})
			}
			slices.Reverse(want) // the newest of equals first
			slices.SortStableFunc(want, func(a, b near) int { return cmp.Compare(b.alike, a.alike) })
			var titles []string
			for _, n := range want[:5] {
				if v != nil {
					titles = append(titles, n.title)
				}
			}
			h.wants(words, h.nearest(h.store, words, core.Query{}, 5), titles)
		}
	}),

	it("the nearest are of those that the query selects", func(h *house) {
		h.comes(texts()...)
		for words, n := range map[string]int{"": 12, "cat:cs.RO": 3, "min:9": 3, "cat:cs.CV | cat:cs.CL min:4": 5, "models": 4, "models -image": 3, "source:arxiv -cat:cs.*": 3, "has:code": 0} {
			q := core.Query{}
			if words != "" {
				q.Topic = query(h, words)
			}
			for _, q.Since = range []core.Date{"", "2026-01-02"} {
				for _, q.Scope.Patterns = range [][]string{nil, {"cs.*"}} {
					got := h.nearest(h.store, "speech of robots", q, 99)
					want, _ := h.matching(h.store, q, 99)
					if q.Topic.Clauses == nil && q.Since == "" && q.Scope.Patterns == nil || words != "" && q.Since == "" && q.Scope.Patterns == nil {
						h.wants(words+": how many", len(want), n)
					}
					slices.Sort(got)
					slices.Sort(want)
					h.wants(words, got, want)
				}
			}
		}
	}),

	it("what another process wrote is found, and what it changed is found elsewhere", func(h *house) {
		h.comes(texts()...)
		h.wants("before", h.nearest(h.store, "robot manipulation from demonstrations", core.Query{}, 1), []string{"Robot manipulation from demonstrations"})
		other := h.store.Again(h)
		put := func(id core.PaperID, title string, version int) {
			_, err := other.PutPapers(h.ctx(), []core.Seen{listed(id, title, "arxiv", "2026-01-05", func(p *core.Paper) {
				p.Version, p.Categories, p.Upvotes = version, []string{"cs.RO"}, count(500)
			})}, false, h.now)
			h.ok(err)
		}
		put("2602.00001", "From demonstrations: robot manipulation", 1)
		h.wants("a new one", h.nearest(h.store, "robot manipulation from demonstrations", core.Query{}, 2), []string{"From demonstrations: robot manipulation", "Robot manipulation from demonstrations"})
		put("2601.00008", "Folding of proteins", 2)
		h.wants("a changed one", h.nearest(h.store, "folding proteins", core.Query{Topic: query(h, "min:500")}, 1), []string{"Folding of proteins"})
		h.wants("by its old title", h.nearest(h.store, "robot manipulation from demonstrations", core.Query{}, 1), []string{"From demonstrations: robot manipulation"})
		got, _ := h.matching(h.store, core.Query{Topic: query(h, "cat:cs.RO min:500")}, 9)
		h.wants("by what it is filed under", got, []string{"From demonstrations: robot manipulation", "Folding of proteins"})
	}),

	it("what is compared of papers is read for many at once", func(h *house) {
		h.comes(texts()...)
		h.comes(listed("2601.00099", "—", "hf", "2026-01-01"))
		f, err := h.store.Features(h.ctx(), []core.Seq{13, 3, 7, 99})
		h.ok(err)
		want := map[core.Seq]meaning.Features{13: {Bag: meaning.Bag{}}}
		for _, seq := range []core.Seq{3, 7} {
			d := texts()[seq-1].Paper.Doc()
			want[seq] = meaning.Builtin().Read(d.Title, d.Abstract)
		}
		h.wants("features", f, want)
	}),

	it("many search while papers come and change", func(h *house) {
		h.comes(texts()...)
		done := make(chan struct{})
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for last := 0; ; {
					v := meaning.Builtin().Text(text.Words("lamp"))
					near, err := h.store.Nearest(h.ctx(), v, core.Query{Topic: topic.Topic{Clauses: []topic.Clause{{{Field: topic.Cat, Value: "cs.LG"}}}}}, 999)
					if err != nil || len(near)%20 != 0 || len(near) < last {
						h.Errorf("%d near after %d, %v", len(near), last, err)
						return
					}
					last = len(near)
					select {
					case <-done:
						return
					default:
					}
				}
			})
		}
		for k := range 10 {
			var seen []core.Seen
			for i := range 20 {
				seen = append(seen, listed(core.PaperID(fmt.Sprintf("27%02d.%05d", k+1, i)), "Lamp", "hf", "2026-01-01", func(p *core.Paper) { p.Categories = []string{"cs.LG"} }))
			}
			for i := range 12 {
				seen = append(seen, listed(core.PaperID(fmt.Sprintf("2601.%05d", i)), "", "hf", "2026-01-05", func(p *core.Paper) { p.Title, p.Upvotes = "Lamp", count(k) }))
			}
			h.imports(seen...)
		}
		close(done)
		wg.Wait()
	}),
}
