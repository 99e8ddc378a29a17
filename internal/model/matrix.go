package main

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls f of 0 to n-1, some at a time, on all processors. Each call writes
// what no other does, so that the outcome is the same in any order.
func parallel(n, some int, f func(i int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for {
				end := int(next.Add(int64(some)))
				for i := end - some; i < min(n, end); i++ {
					f(i)
				}
				if end >= n {
					return
				}
			}
		})
	}
	wait.Wait()
}

// matrix is rows of float32, one after another.
//
// All sums are made in an order that does not depend on the processors, and every
// product is rounded before it is added (the conversions below keep compilers from
// fusing the two), so that the same numbers come out whatever the processors; only
// math.Exp and math.Log may differ between architectures, in the last bit.
type matrix struct {
	rows, cols int
	at         []float32
}

func newMatrix(rows, cols int) *matrix { return &matrix{rows, cols, make([]float32, rows*cols)} }

func (m *matrix) row(i int) []float32 { return m.at[i*m.cols : (i+1)*m.cols : (i+1)*m.cols] }

// random fills it with normal numbers.
func (m *matrix) random(rnd *rand.Rand) {
	for i := range m.at {
		m.at[i] = float32(rnd.NormFloat64())
	}
}

// transposed writes the matrix into t with rows for columns.
func (m *matrix) transposed(t *matrix) {
	const block = 32
	parallel((m.rows+block-1)/block, 1, func(b int) {
		for j := 0; j < m.cols; j += block {
			for i := b * block; i < min(m.rows, (b+1)*block); i++ {
				row := m.row(i)
				for k := j; k < min(m.cols, j+block); k++ {
					t.at[k*m.rows+i] = row[k]
				}
			}
		}
	})
}

// dots sets m to a·bᵀ: the products of all rows of a with all rows of b. Of rows, m has a multiple
// of four, of columns a multiple of two.
func (m *matrix) dots(a, b *matrix) {
	parallel(m.rows/4, 4, func(i int) {
		i *= 4
		a0, a1, a2, a3 := a.row(i), a.row(i+1), a.row(i+2), a.row(i+3)
		m0, m1, m2, m3 := m.row(i), m.row(i+1), m.row(i+2), m.row(i+3)
		for j := 0; j < m.cols; j += 2 {
			b0, b1 := b.row(j), b.row(j+1)
			b1, a0, a1, a2, a3 := b1[:len(b0)], a0[:len(b0)], a1[:len(b0)], a2[:len(b0)], a3[:len(b0)]
			var s00, s01, s10, s11, s20, s21, s30, s31 float32
			for k, x := range b0 {
				y := b1[k]
				s00 += float32(a0[k] * x)
				s01 += float32(a0[k] * y)
				s10 += float32(a1[k] * x)
				s11 += float32(a1[k] * y)
				s20 += float32(a2[k] * x)
				s21 += float32(a2[k] * y)
				s30 += float32(a3[k] * x)
				s31 += float32(a3[k] * y)
			}
			m0[j], m0[j+1], m1[j], m1[j+1] = s00, s01, s10, s11
			m2[j], m2[j+1], m3[j], m3[j+1] = s20, s21, s30, s31
		}
	})
}

func dot(a, b []float32) (s float32) {
	for i, x := range a {
		s += float32(x * b[i])
	}
	return s
}

// addTo adds scale × a to sum.
func addTo(sum, a []float32, scale float32) {
	a = a[:len(sum)]
	for i := range sum {
		sum[i] += float32(scale * a[i])
	}
}

// normalise gives a the length 1, and tells the length it had.
func normalise(a []float32) float32 {
	s := 0.0
	for _, x := range a {
		s += float64(float64(x) * float64(x))
	}
	length := float32(math.Sqrt(s))
	if length > 0 {
		for i := range a {
			a[i] /= length
		}
	}
	return length
}
