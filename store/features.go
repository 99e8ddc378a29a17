package store

import (
	"cmp"
	"context"
	"slices"

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
const compared = 2000

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
			found, _, err := t.matching(sel, o, core.Countable)
			if err != nil {
				return err
			}
			like = seqs(found)
		} else {
			like = sel.over(o).likely(v, max(compared, 2*limit))
		}
		near, err = t.compare(v, like)
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
	const none = 255
	code := w.Code()
	var count [129]int
	distances := make([][]uint8, len(v.blocks))
	for k, b := range v.blocks {
		d := make([]uint8, len(b.at))
		for i, c := range b.codes {
			d[i] = none
			for clause := range v.clauses {
				if v.admits(clause, b, i) {
					d[i] = uint8(code.Distance(c))
					count[d[i]]++
					break
				}
			}
		}
		distances[k] = d
	}
	farthest, n := 0, count[0]
	for n < coarse*most && farthest < len(count)-1 {
		farthest++
		n += count[farthest]
	}
	type one struct {
		seq    core.Seq
		weight int32
	}
	near := make([]one, 0, n)
	weights := weigh(w)
	for k, b := range v.blocks {
		for i, d := range distances[k] {
			if int(d) <= farthest {
				near = append(near, one{b.first + core.Seq(b.at[i]), weights.of(b.codes[i])})
			}
		}
	}
	if len(near) > most {
		slices.SortFunc(near, func(a, b one) int { return cmp.Compare(b.weight, a.weight) })
		near = near[:most]
	}
	likely := make([]core.Seq, len(near))
	for i, o := range near {
		likely[i] = o.seq
	}
	return likely
}

// weights are what each byte of a code adds to a direction's product with its signs,
// an asymmetric distance: the bits of the direction's greater numbers count more.
type weights [16][256]int32

func weigh(v meaning.Vector) *weights {
	var w weights
	for i, x := range v {
		i %= 128 // as in a code
		for b := range w[i/8] {
			if b>>(i%8)&1 == 1 {
				w[i/8][b] += int32(x)
			} else {
				w[i/8][b] -= int32(x)
			}
		}
	}
	return &w
}

func (w *weights) of(c meaning.Code) (sum int32) {
	for i := range w {
		sum += w[i][byte(c[i/8]>>(i%8*8))]
	}
	return sum
}

// compare says how near the papers are; one without a direction is left out.
func (t tx) compare(v meaning.Vector, seqs []core.Seq) ([]core.Near, error) {
	var numbers string
	var vectors []byte
	if err := t.one([]any{&numbers, &vectors}, packedVectors+in("seq", "$1"), many(seqs), len(v)); err != nil {
		return nil, err
	}
	near := make([]core.Near, 0, len(seqs))
	each(numbers, func(seq core.Seq) {
		near = append(near, core.Near{Seq: seq, Alike: v.Cosine(meaning.VectorOf(vectors[:len(v)]))})
		vectors = vectors[len(v):]
	})
	return near, nil
}
