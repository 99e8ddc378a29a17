package storetest

import (
	"sync"
	"time"

	"paperboy/core"
)

var sources = []story{
	it("how sources are is kept, by name", func(h *house) {
		arxiv := core.SourceState{Source: "arxiv", Word: core.Failed, Reason: "HTTP 429", LastTry: h.now, LastSuccess: h.now.Add(-time.Hour), LastNew: h.now.Add(-2 * time.Hour),
			Newest: "2026-11-20", Since: h.now, RetryAt: h.now.Add(time.Minute), Told: true}
		for _, state := range []core.SourceState{{Source: "huggingface", Word: core.Fresh}, {Source: "arxiv", Word: core.Fresh}, arxiv} {
			h.ok(h.store.UpdateSourceState(h.ctx(), state.Source, func(s *core.SourceState) { *s = state }))
		}
		states, err := h.store.SourceStates(h.ctx())
		h.ok(err)
		h.wants("the sources", states, []core.SourceState{arxiv, {Source: "huggingface", Word: core.Fresh}})
	}),

	it("a source that is not known yet is changed from nothing", func(h *house) {
		h.ok(h.store.UpdateSourceState(h.ctx(), "arxiv", func(s *core.SourceState) {
			h.wants("before", *s, core.SourceState{})
			s.Word = core.Fresh
		}))
		h.wants("then", h.source("arxiv"), core.SourceState{Source: "arxiv", Word: core.Fresh})
	}),

	// A fetch judges a source while somebody else notes that channels were told.
	it("what two write about a source is kept, in several processes either", func(h *house) {
		const times = 30
		var wg sync.WaitGroup
		for _, s := range []core.Store{h.store, h.store, h.store.Again(h)} {
			wg.Go(func() {
				for range times {
					if err := s.UpdateSourceState(h.ctx(), "arxiv", func(is *core.SourceState) { is.LastTry = is.LastTry.Add(time.Second) }); err != nil {
						h.Error(err)
					}
				}
			})
		}
		for n := range times {
			h.ok(h.store.UpdateSourceState(h.ctx(), "arxiv", func(is *core.SourceState) {
				if is.Told != (n%2 == 1) {
					h.Error("what was told is forgotten")
				}
				is.Told = !is.Told
			}))
		}
		wg.Wait()
		h.wants("tries", h.source("arxiv").LastTry.Sub(time.Time{}), 3*times*time.Second)
	}),

	it("a list's own count is the most that was said, and an earlier list in its place is kept with its time", func(h *house) {
		tell := func(lists ...core.List) {
			h.ok(h.store.PutLists(h.ctx(), lists, h.now))
		}
		now := h.now
		tell(core.List{Source: "hf", Day: "2026-11-23", Count: 31}, core.List{Source: "arxiv", Day: "2026-11-23", Again: "2026-11-20", Due: true})
		h.passes(time.Hour)
		tell(core.List{Source: "hf", Day: "2026-11-23", Count: 29}, core.List{Source: "arxiv", Day: "2026-11-23", Again: "2026-11-20", Parts: []string{"cs.AI"}, Due: true})
		h.passes(time.Hour)
		tell(core.List{Source: "arxiv", Day: "2026-11-23", Count: 812})
		h.passes(time.Hour)
		tell(core.List{Source: "arxiv", Day: "2026-11-23", Count: 812}, core.List{Source: "arxiv", Day: "2026-11-24", Count: 7})
		lists, err := h.store.Lists(h.ctx(), "2026-11-23")
		h.ok(err)
		h.wants("the lists", lists, []core.List{
			{Source: "arxiv", Day: "2026-11-23", Count: 812, Again: "2026-11-20", Parts: []string{"cs.AI"}, Due: true, Since: now, Until: now.Add(2 * time.Hour)},
			{Source: "hf", Day: "2026-11-23", Count: 31},
		})
	}),

	it("what sources listed on a day is one line a paper", func(h *house) {
		h.comes(listed("2509.00001", "One", "hf", "2025-09-05"), listed("2509.00002", "Two", "arxiv", "2025-09-05"), listed("2509.00001", "One", "arxiv", "2025-09-05"),
			listed("2509.00003", "Three", "hf", "2025-09-06"))
		on, err := h.store.OnDay(h.ctx(), "2025-09-05")
		h.ok(err)
		h.wants("the day", on, []core.Listed{{Paper: "2509.00001", Sources: []string{"arxiv", "hf"}}, {Paper: "2509.00002", Sources: []string{"arxiv"}}})
	}),

	it("a note is what it was last set to, and nothing before", func(h *house) {
		for _, want := range []string{"", "one", "two", ""} {
			h.ok(h.store.SetNote(h.ctx(), "etag", want))
			note, err := h.store.Note(h.ctx(), "etag")
			h.ok(err)
			h.wants("the note", note, want)
		}
		note, err := h.store.Note(h.ctx(), "another")
		h.ok(err)
		h.wants("another note", note, "")
	}),
}
