package store

import (
	"context"

	"paperboy/core"
	"paperboy/core/meaning"
)

// Unembedded implements core.EmbeddingStore.
func (s *Store) Unembedded(ctx context.Context, model string, limit int) (papers []core.Paper, err error) {
	err = s.read(ctx, "looking for papers to embed", func(t tx) error {
		papers, err = all(t, wholePaper, selectPaper+
			`WHERE NOT EXISTS (SELECT 1 FROM embeddings e WHERE e.seq = p.seq AND e.model = $1) ORDER BY p.seq DESC LIMIT $2`, model, limit)
		return err
	})
	return papers, err
}

// PutEmbeddings implements core.EmbeddingStore.
func (s *Store) PutEmbeddings(ctx context.Context, model string, papers []core.Paper, vectors []meaning.Vector) error {
	return s.write(ctx, "keeping embeddings", func(t tx) error {
		for i, p := range papers {
			if _, err := t.exec(`INSERT INTO embeddings (seq, model, vector) SELECT seq, $2, $3 FROM texts WHERE seq = $1 AND title = $4 AND abstract = $5
				ON CONFLICT (seq) DO UPDATE SET model = $2, vector = $3`, p.Seq, model, vectors[i].Bytes(), p.Title, p.Abstract); err != nil {
				return err
			}
		}
		return nil
	})
}

// Embeddings implements core.EmbeddingStore.
func (s *Store) Embeddings(ctx context.Context, model string, seqs []core.Seq) (vectors map[core.Seq]meaning.Vector, err error) {
	type row struct {
		seq    core.Seq
		vector []byte
	}
	err = s.read(ctx, "reading embeddings", func(t tx) error {
		rows, err := all(t, func(r *row) []any { return []any{&r.seq, &r.vector} },
			`SELECT seq, vector FROM embeddings WHERE model = $1 AND `+in("seq", "$2"), model, many(seqs))
		vectors = make(map[core.Seq]meaning.Vector, len(rows))
		for _, r := range rows {
			vectors[r.seq] = meaning.VectorOf(r.vector)
		}
		return err
	})
	return vectors, err
}
