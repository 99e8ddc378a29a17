package main

import (
	"math"
	"math/rand/v2"
	"slices"
)

// How the training goes; docs/decisions/0030-meaning.md says what else was tried.
const (
	temperature = 0.05
	rate        = 0.2 // of the first step; the last one's is nothing
	titles      = 0.2 // share of examples that ask by the title for the abstract
	windows     = 0.7 // … by a few neighbouring words for their paper; the rest by one half of the abstract for the other
	longest     = 5   // words of a window
	masked      = 0.6 // share of papers from which the words that ask are taken
	dropped     = 0.3
)

// train moves the entries' vectors so that a text stands nearer to its own paper
// than to those of the other texts of its step: InfoNCE with the step's other papers
// as negatives (van den Oord et al. 2018), both ways as CLIP has it. Where the asking
// words stay in the papers it learns to match letters only, which is why most are masked.
//
// A batch is a multiple of 4.
func train(c *corpus, m *matrix, steps, batch int) {
	order := rand.New(rand.NewPCG(seed, 2)).Perm(len(c.papers))
	dims := m.cols
	texts, papers := newSide(batch, dims), newSide(batch, dims)
	rows, columns, both := newMatrix(batch, batch), newMatrix(batch, batch), newMatrix(batch, batch)
	adam := newAdam(m)
	for step := range steps {
		parallel(batch, 16, func(i int) {
			n := step*batch + i
			// A paper comes again when all have come, so that no step has one twice.
			p := &c.papers[order[n%len(order)]]
			texts.bags[i], papers.bags[i] = example(p, rand.New(rand.NewPCG(seed, uint64(3+n))))
		})
		texts.sum(m)
		papers.sum(m)
		rows.dots(texts.units, papers.units)
		rows.transposed(columns)
		loss := softmaxes(rows) + softmaxes(columns)
		// The gradient of both losses by the cosines, and its transpose.
		columns.transposed(both)
		for i, x := range both.at {
			rows.at[i] += x
		}
		rows.transposed(columns)
		texts.gradient(rows, papers)
		papers.gradient(columns, texts)
		// Each call adds its own columns, so that the order of adding is the same.
		clear(adam.gradient.at)
		const strip = 16
		parallel(dims/strip, 1, func(k int) {
			from, to := k*strip, (k+1)*strip
			for _, s := range []*side{texts, papers} {
				for i, b := range s.bags {
					for j, e := range b.ids {
						addTo(adam.gradient.row(int(e))[from:to], s.gradients.row(i)[from:to], b.times[j])
					}
				}
			}
		})
		adam.step(m, rate*(1-float64(step)/float64(steps)))
		if (step+1)%20 == 0 {
			progress("training, loss %.2f, step", step+1, steps, loss/2)
		}
	}
}

// softmaxes makes of each row of cosines the gradient of its loss by them (times the
// temperature): what share of the likeness each paper gets, less 1 at the right one,
// which stands on the diagonal. It returns the mean loss.
func softmaxes(m *matrix) float64 {
	losses := make([]float64, m.rows)
	parallel(m.rows, 4, func(i int) {
		row := m.row(i)
		best, sum := slices.Max(row), float32(0)
		own := float64(row[i]-best) / temperature
		for j, x := range row {
			row[j] = float32(math.Exp(float64(x-best) / temperature))
			sum += row[j]
		}
		for j := range row {
			row[j] /= sum
		}
		row[i]--
		losses[i] = math.Log(float64(sum)) - own
	})
	sum := 0.0
	for _, x := range losses {
		sum += x
	}
	return sum / float64(m.rows)
}

// adam is the method of that name (Kingma & Ba 2015), without its weight decay. The
// gradient's size does not matter to it.
type adam struct {
	gradient, mean, square *matrix
	mean1, square1         float64 // what the decays leave of a first step
}

func newAdam(m *matrix) *adam {
	return &adam{newMatrix(m.rows, m.cols), newMatrix(m.rows, m.cols), newMatrix(m.rows, m.cols), 1, 1}
}

func (a *adam) step(m *matrix, rate float64) {
	const decay, decaySquare = 0.9, 0.99
	a.mean1, a.square1 = a.mean1*decay, a.square1*decaySquare
	by := float32(rate * math.Sqrt(1-a.square1) / (1 - a.mean1))
	parallel(m.rows, 64, func(e int) {
		x, mean, square := m.row(e), a.mean.row(e), a.square.row(e)
		for i, g := range a.gradient.row(e) {
			mean[i] = float32(decay*mean[i]) + float32((1-decay)*g)
			square[i] = float32(decaySquare*square[i]) + float32((1-decaySquare)*float32(g*g))
			if mean[i] != 0 {
				x[i] -= float32(by*mean[i]) / (float32(math.Sqrt(float64(square[i]))) + 1e-9)
			}
		}
	})
}

// example is a text that asks and the paper that it asks for.
func example(p *paper, rnd *rand.Rand) (text, of bag) {
	kind, abstract := rnd.Float64(), len(p.abstract.words)
	var asks []int32
	answers := func(skip func(int32) bool) []int32 { return p.ids(skip) }
	switch {
	case kind < titles || abstract < 2*longest:
		asks = p.title.ids(nil, 0, len(p.title.words), nil)
		answers = func(skip func(int32) bool) []int32 { return p.abstract.ids(nil, 0, abstract, skip) }
	case kind < titles+windows:
		from := &p.abstract
		if rnd.IntN(3) == 0 && len(p.title.words) > longest {
			from = &p.title
		}
		length := 2 + rnd.IntN(longest-1)
		start := rnd.IntN(len(from.words) - length)
		asks = from.ids(nil, start, start+length, nil)
	default:
		asks = p.abstract.ids(nil, 0, abstract/2, nil)
		answers = func(skip func(int32) bool) []int32 { return p.abstract.ids(nil, abstract/2, abstract, skip) }
	}
	text = newBag(asks)
	var skip func(int32) bool
	if rnd.Float64() < masked {
		skip = func(word int32) bool {
			_, found := slices.BinarySearch(text.ids, word)
			return found
		}
	}
	return text, newBag(slices.DeleteFunc(answers(skip), func(int32) bool { return rnd.Float64() < dropped }))
}

// bag is distinct entries, and how often each is there.
type bag struct {
	ids   []int32
	times []float32
}

// newBag sorts ids, and keeps them.
func newBag(ids []int32) (b bag) {
	slices.Sort(ids)
	for i, e := range ids {
		if i > 0 && e == ids[i-1] {
			b.times[len(b.times)-1]++
			continue
		}
		b.ids, b.times = append(b.ids, e), append(b.times, 1)
	}
	return b
}

// side is the texts of a step, or its papers.
type side struct {
	bags      []bag
	units     *matrix   // their sums, each of length 1
	lengths   []float32 // that the sums had
	turned    *matrix   // units, transposed
	gradients *matrix   // of the loss by each sum
}

func newSide(n, dims int) *side {
	return &side{make([]bag, n), newMatrix(n, dims), make([]float32, n), newMatrix(dims, n), newMatrix(n, dims)}
}

func (s *side) sum(m *matrix) {
	parallel(len(s.bags), 16, func(i int) {
		sum := s.units.row(i)
		clear(sum)
		for j, e := range s.bags[i].ids {
			addTo(sum, m.row(int(e)), s.bags[i].times[j])
		}
		s.lengths[i] = normalise(sum)
	})
	s.units.transposed(s.turned)
}

// gradient makes that by the sums of that by the cosines with the other side: a
// cosine changes only with what is perpendicular to the sum's own direction, and in
// inverse proportion to its length.
func (s *side) gradient(byCosine *matrix, other *side) {
	s.gradients.dots(byCosine, other.turned)
	parallel(len(s.bags), 16, func(i int) {
		g, unit := s.gradients.row(i), s.units.row(i)
		if s.lengths[i] == 0 {
			clear(g)
			return
		}
		addTo(g, unit, -dot(g, unit))
		for k := range g {
			g[k] /= s.lengths[i]
		}
	})
}
