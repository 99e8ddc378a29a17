package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/meaning"
	"paperboy/core/topic"
)

// keepFeatures writes what is compared of a paper.
func (t tx) keepFeatures(seq core.Seq, d *topic.Doc) error {
	f := meaning.Builtin().Read(d.Title, d.Abstract)
	_, err := t.exec(`INSERT INTO features (seq, vector, bag) VALUES ($1, $2, $3) ON CONFLICT (seq) DO UPDATE SET vector = $2, bag = $3`,
		seq, f.Vector.Bytes(), append([]byte{}, f.Bag...))
	return err
}

// Features implements core.PaperStore.
func (s *Store) Features(ctx context.Context, seqs []core.Seq) (features map[core.Seq]meaning.Features, err error) {
	type row struct {
		seq         core.Seq
		vector, bag []byte
	}
	err = s.read(ctx, "reading what is compared of papers", func(t tx) error {
		rows, err := all(t, func(r *row) []any { return []any{&r.seq, &r.vector, &r.bag} },
			`SELECT seq, vector, bag FROM features WHERE `+in("seq", "$1"), many(seqs))
		features = make(map[core.Seq]meaning.Features, len(rows))
		for _, r := range rows {
			features[r.seq] = meaning.Features{Vector: meaning.VectorOf(r.vector), Bag: r.bag}
		}
		return err
	})
	return features, err
}

// Nearest implements core.PaperStore.
func (s *Store) Nearest(ctx context.Context, v meaning.Vector, q core.Query, limit int) (near []core.Near, err error) {
	type row struct {
		seq    core.Seq
		vector []byte
	}
	sel := selects(q)
	err = s.read(ctx, "looking for what is near in meaning", func(t tx) error {
		rows, err := all(t, func(r *row) []any { return []any{&r.seq, &r.vector} },
			sel.with+`SELECT p.seq, f.vector FROM `+sel.from+` JOIN features f ON f.seq = p.seq WHERE `+strings.Join(sel.where, " AND "), sel.args...)
		for _, r := range rows {
			near = append(near, core.Near{Seq: r.seq, Alike: v.Cosine(meaning.VectorOf(r.vector))})
		}
		return err
	})
	slices.SortFunc(near, func(a, b core.Near) int {
		return cmp.Or(cmp.Compare(b.Alike, a.Alike), cmp.Compare(b.Seq, a.Seq))
	})
	return near[:min(limit, len(near))], err
}

// Matching implements core.PaperStore.
func (s *Store) Matching(ctx context.Context, q core.Query, most int) (found []core.Match, more bool, err error) {
	sel := selects(q)
	err = s.read(ctx, "finding what matches", func(t tx) error {
		found, err = all(t, func(m *core.Match) []any { return []any{&m.Seq, &m.Day, &m.Primary, &m.Upvotes} },
			sel.with+`SELECT p.seq, p.day, p.prim, p.upvotes FROM `+sel.from+` WHERE `+strings.Join(sel.where, " AND ")+
				` ORDER BY p.seq DESC LIMIT `+sel.arg(most+1), sel.args...)
		return err
	})
	if more = len(found) > most; more {
		found = found[:most]
	}
	return found, more, err
}
