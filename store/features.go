package store

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

	"paperboy/core"
	"paperboy/core/meaning"
)

// keepFeatures writes what is compared of a paper.
func (t tx) keepFeatures(seq core.Seq, f meaning.Features) error {
	_, err := t.exec(`INSERT INTO features (seq, vector, bag) VALUES ($1, $2, $3) ON CONFLICT (seq) DO UPDATE SET vector = $2, bag = $3`,
		seq, f.Vector.Bytes(), append([]byte{}, f.Bag...))
	return err
}

// Features implements core.PaperStore.
func (s *Store) Features(ctx context.Context, seqs []core.Seq) (features map[core.Seq]meaning.Features, err error) {
	err = s.read(ctx, "reading what is compared of papers", func(t tx) error {
		features, err = t.features(seqs)
		return err
	})
	return features, err
}

func (t tx) features(seqs []core.Seq) (map[core.Seq]meaning.Features, error) {
	features := make(map[core.Seq]meaning.Features, len(seqs))
	var numbers, sizes, ends string
	var vectors, bags []byte
	if err := t.one([]any{&numbers, &sizes, &ends, &vectors, &bags}, t.engine.packedFeatures()+in("seq", "$1"), many(seqs)); err != nil {
		return nil, err
	}
	var size, end []int
	each(sizes, func(n core.Seq) { size = append(size, int(n)) })
	each(ends, func(n core.Seq) { end = append(end, int(n)) })
	i := 0
	each(numbers, func(seq core.Seq) {
		v, b := vectors[:size[i]:size[i]], bags[:end[i]:end[i]]
		vectors, bags = vectors[size[i]:], bags[end[i]:]
		features[seq] = meaning.Features{Vector: meaning.VectorOf(v), Bag: b}
		i++
	})
	return features, nil
}

// How many of the nearest by the signs of their directions are compared by all of
// their numbers.
const compared = 1500

// Nearest implements core.PaperStore.
func (s *Store) Nearest(ctx context.Context, v meaning.Vector, q core.Query, limit int) (near []core.Near, err error) {
	if len(v) == 0 || limit <= 0 {
		return nil, nil
	}
	err = s.read(ctx, "looking for what is near in meaning", func(t tx) error {
		o, err := t.overview(&s.papers)
		if err != nil {
			return err
		}
		if o.model != model() && o.model != mixed {
			return nil // a newer program made its directions, which are not comparable
		}
		sel := s.selects(q)
		var like []core.Seq
		if sel.worded() { // which only the index knows
			found, _, err := s.matching(t, sel, o, core.Countable)
			if err != nil {
				return err
			}
			like = seqs(found)
		} else {
			like = sel.over(o).likely(v, max(compared, 2*limit))
		}
		halves, half := [2][]core.Near{}, len(like)/2
		err = s.both(t, func(t tx) (err error) { halves[0], err = t.compare(v, like[:half]); return err },
			func(t tx) (err error) { halves[1], err = t.compare(v, like[half:]); return err })
		near = slices.Concat(halves[:]...)
		return err
	})
	slices.SortFunc(near, nearer)
	return near[:min(limit, len(near))], err
}

func nearer(a, b core.Near) int {
	return cmp.Or(cmp.Compare(b.Alike, a.Alike), cmp.Compare(b.Seq, a.Seq))
}

// coarse is how many times as many codes are taken by the bits that differ as are then
// taken by the weight that those bits have in the direction.
const coarse = 8

// likely are the papers of a selection whose codes are most like a direction, so many
// where there are as many.
func (v *sieve) likely(w meaning.Vector, most int) []core.Seq {
	for clause := range v.clauses { // so that there is nothing to learn at the same time
		for filing := range v.filed {
			if v.known[clause][filing] == 0 {
				v.learns(clause, uint32(filing))
			}
		}
	}
	near := v.around(w, v.reach(w.Code(), coarse*most))
	if len(near) < most { // what is selected lies otherwise than where the sample was taken
		near = v.around(w, farthestCode)
	}
	if len(near) > most {
		slices.Sort(near)
		near = near[len(near)-most:]
	}
	likely := make([]core.Seq, len(near))
	for i, n := range near {
		likely[i] = core.Seq(meaning.Numbered(n))
	}
	return likely
}

// farthestCode is the greatest distance of two codes.
const farthestCode = 128

// reach is within which distance of a code about so many selected papers are, by a
// sample of every block.
func (v *sieve) reach(code meaning.Code, most int) int {
	const sample = 256
	var count [farthestCode + 1]int
	all, sampled := 0, 0
	for _, b := range v.blocks {
		all += len(b.at)
		for i, c := range b.codes[:min(sample, len(b.at))] {
			if sampled++; v.any(b, i) {
				count[code.Distance(c)]++
			}
		}
	}
	n := 0
	for d, here := range count {
		if n += here; n*all >= most*sampled {
			return d
		}
	}
	return farthestCode
}

// around are the keys of the selected papers whose codes are within a distance of a
// direction's. As few are, the rest is asked of those alone.
func (v *sieve) around(w meaning.Vector, far int) []int64 {
	code, weights := w.Code(), meaning.Weigh(w)
	shares := min(runtime.GOMAXPROCS(0), len(v.blocks))
	near := make([][]int64, shares)
	var wg sync.WaitGroup
	for share := range shares {
		wg.Go(func() {
			for k := share; k < len(v.blocks); k += shares {
				b := v.blocks[k]
				for i, c := range b.codes {
					if code.Distance(c) <= far && v.any(b, i) {
						near[share] = append(near[share], weights.Key(c, int64(b.first)+int64(b.at[i])))
					}
				}
			}
		})
	}
	wg.Wait()
	return slices.Concat(near...)
}

// any reports whether any clause admits it.
func (v *sieve) any(b *block, i int) bool {
	for clause := range v.clauses {
		if v.admits(clause, b, i) {
			return true
		}
	}
	return false
}

// compare says how near the papers are; one without a direction is left out.
func (t tx) compare(v meaning.Vector, seqs []core.Seq) ([]core.Near, error) {
	var numbers string
	var vectors []byte
	if err := t.one([]any{&numbers, &vectors}, t.engine.packedVectors()+in("seq", "$1"), many(seqs), len(v)); err != nil {
		return nil, err
	}
	near, vv := make([]core.Near, 0, len(seqs)), v.Dot(v)
	each(numbers, func(seq core.Seq) {
		w := meaning.VectorOf(vectors[:len(v)])
		near = append(near, core.Near{Seq: seq, Alike: meaning.Cosine(v.Dot(w), vv, w.Dot(w))})
		vectors = vectors[len(v):]
	})
	return near, nil
}
