package main

import "math/rand/v2"

// lsi gives every entry a vector by latent semantic indexing (Deerwester et al.
// 1990): the right singular vectors of the matrix of papers × entries with tf-idf
// weights, by subspace iteration (Halko, Martinsson, Tropp 2011). They are left in no
// particular basis of their space, as cosines do not see that, and multiplied by
// their idf, so that a text's vector is the plain sum of its entries'.
func lsi(c *corpus, dims int) *matrix {
	type cell struct {
		at     int32
		weight float32
	}
	papers, entries := make([][]cell, len(c.papers)), make([][]cell, len(c.entries))
	parallel(len(c.papers), 64, func(i int) {
		b := newBag(c.papers[i].ids(nil))
		row := make([]float32, len(b.ids))
		for j, e := range b.ids {
			row[j] = b.times[j] * c.idf(e)
		}
		normalise(row)
		for j, e := range b.ids {
			papers[i] = append(papers[i], cell{e, row[j]})
		}
	})
	for i, row := range papers {
		for _, x := range row {
			entries[x.at] = append(entries[x.at], cell{int32(i), x.weight})
		}
	}
	times := func(rows [][]cell, of, out *matrix) {
		parallel(len(rows), 64, func(i int) {
			sum := out.row(i)
			clear(sum)
			for _, x := range rows[i] {
				addTo(sum, of.row(int(x.at)), x.weight)
			}
		})
	}
	space, image := newMatrix(len(entries), dims), newMatrix(len(papers), dims)
	space.random(rand.New(rand.NewPCG(seed, 1)))
	const rounds = 4
	for round := range rounds {
		times(papers, space, image)
		times(entries, image, space)
		orthonormalise(space)
		progress("latent semantic indexing, round", round+1, rounds)
	}
	for e := range entries {
		scale := c.idf(int32(e))
		for i, x := range space.row(e) {
			space.row(e)[i] = x * scale
		}
	}
	return space
}

// orthonormalise makes the columns of m perpendicular to each other and of length 1
// (modified Gram-Schmidt).
func orthonormalise(m *matrix) {
	columns := newMatrix(m.cols, m.rows)
	m.transposed(columns)
	for i := range columns.rows {
		normalise(columns.row(i))
		rest := columns.rows - i - 1
		parallel(rest, 1, func(j int) {
			c := columns.row(i + 1 + j)
			addTo(c, columns.row(i), -dot(c, columns.row(i)))
		})
	}
	columns.transposed(m)
}
