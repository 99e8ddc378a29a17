package storetest

import (
	"paperboy/core"
	"paperboy/core/meaning"
)

var embeddings = []story{
	it("papers that an endpoint has not seen are asked for, the newest first, and once", func(h *house) {
		h.comes(listed("2509.00001", "A lamp", "hf", "2025-09-05"), listed("2509.00002", "A torch", "hf", "2025-09-05"), listed("2509.00003", "A roof", "hf", "2025-09-05"))
		asked := func(model string, limit int) (ids []core.PaperID) {
			papers, err := h.store.Unembedded(h.ctx(), model, limit)
			h.ok(err)
			for _, p := range papers {
				ids = append(ids, p.ID)
			}
			return ids
		}
		h.wants("two of three", asked("m1", 2), []core.PaperID{"2509.00003", "2509.00002"})
		papers, err := h.store.Papers(h.ctx(), []core.PaperID{"2509.00002", "2509.00003"})
		h.ok(err)
		h.ok(h.store.PutEmbeddings(h.ctx(), "m1", papers, []meaning.Vector{{1, -2}, nil}))
		h.wants("the rest", asked("m1", 9), []core.PaperID{"2509.00001"})
		seqs := []core.Seq{papers[0].Seq, papers[1].Seq, 1}
		vectors, err := h.store.Embeddings(h.ctx(), "m1", seqs)
		h.ok(err)
		h.wants("vectors", vectors, map[core.Seq]meaning.Vector{papers[0].Seq: {1, -2}, papers[1].Seq: nil})
		h.wants("of another model", asked("m2", 9), []core.PaperID{"2509.00003", "2509.00002", "2509.00001"})
		vectors, err = h.store.Embeddings(h.ctx(), "m2", seqs)
		h.ok(err)
		h.wants("vectors of another model", len(vectors), 0)
	}),

	it("a paper with another text is asked for again, and what was made of the old one is not kept", func(h *house) {
		h.comes(listed("2509.00001", "A lamp", "arxiv", "2025-09-05", func(p *core.Paper) { p.Version = 1 }))
		old, err := h.store.Papers(h.ctx(), []core.PaperID{"2509.00001"})
		h.ok(err)
		h.ok(h.store.PutEmbeddings(h.ctx(), "m1", old, []meaning.Vector{{1}}))
		h.comes(listed("2509.00001", "A torch", "arxiv", "2025-09-06", func(p *core.Paper) { p.Version = 2 }))
		h.ok(h.store.PutEmbeddings(h.ctx(), "m1", old, []meaning.Vector{{1}})) // it took its time
		again, err := h.store.Unembedded(h.ctx(), "m1", 9)
		h.ok(err)
		h.wants("asked for again", len(again), 1)
	}),
}
