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
	if err := t.one([]any{&numbers, &sizes, &ends, &vectors, &bags}, packedFeatures+in("seq", "$1"), many(seqs)); err != nil {
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
		sel := selects(q)
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
	shares := min(runtime.GOMAXPROCS(0), len(v.blocks))
	each := func(do func(share, k int, b *block)) {
		var wg sync.WaitGroup
		for share := range shares {
			wg.Go(func() {
				for k := share; k < len(v.blocks); k += shares {
					do(share, k, v.blocks[k])
				}
			})
		}
		wg.Wait()
	}
	code, weights := w.Code(), meaning.Weigh(w)
	distances, counts := make([][]uint8, len(v.blocks)), make([][none + 1]int, shares)
	each(func(share, k int, b *block) { distances[k] = v.distances(code, b, &counts[share]) })
	farthest, n := -1, 0
	for n < coarse*most && farthest < farthestCode {
		farthest++
		for _, count := range counts {
			n += count[farthest]
		}
	}
	nears := make([][]int64, shares) // a weight, and below it whose
	each(func(share, k int, b *block) {
		near := nears[share]
		for i, d := range distances[k] {
			if int(d) <= farthest {
				near = append(near, int64(weights.Of(b.codes[i]))<<32|(int64(b.first)+int64(b.at[i])))
			}
		}
		nears[share] = near
	})
	near := slices.Concat(nears...)
	if len(near) > most {
		slices.Sort(near)
		near = near[len(near)-most:]
	}
	likely := make([]core.Seq, len(near))
	for i, n := range near {
		likely[i] = core.Seq(uint32(n))
	}
	return likely
}

// The distances of codes are up to farthestCode; none is that of what is not selected.
const (
	farthestCode = 128
	none         = 255
)

// distances are those of a block's papers from a code, and are counted.
func (v *sieve) distances(code meaning.Code, b *block, count *[none + 1]int) []uint8 {
	d := make([]uint8, len(b.at))
	filed, days := b.filed[:len(d)], b.days[:len(d)]
	plain := len(v.clauses) == 1 && len(v.clauses[0].upvotes) == 0
	var known []int8
	if plain {
		known = v.known[0]
	}
	for i, c := range b.codes[:len(d)] {
		far := uint8(none)
		if plain && known[filed[i]] == holds && v.within[days[i]] || !plain && v.any(b, i) {
			far = uint8(code.Distance(c))
		}
		d[i] = far
		count[far]++
	}
	return d
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
	if err := t.one([]any{&numbers, &vectors}, packedVectors+in("seq", "$1"), many(seqs), len(v)); err != nil {
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
