// Package meaning knows what texts are about without knowing their words: every
// word, and every pair of words that often stand side by side, has a vector, a
// text's vector is their sum, and texts about the same thing point in about the
// same direction, whether or not they share a word.
//
// In: words of core/text. Out: a paper's Features, to be kept with it: its Vector,
// and its words with their counts (Bag), which is what likeness by words needs
// and a hundredth of the time of reading the text again.
//
// Promises: everything is a pure function of the text and the model, with the same
// bytes on every machine; a Model is read once, from a file inside the program
// (model.bin, made by internal/model from CC0 titles and abstracts), and is safe for
// concurrent use. What a model's Name made is compared with nothing that another
// made.
package meaning

import (
	"encoding/binary"
	"iter"
	"math"
	"math/bits"
)

// Vector is the direction of a text, of as many numbers as a Model has; its length says
// nothing. Nil is a text without a known word, or one that has not been read yet.
type Vector []int8

// Cosine is how alike two directions are, from -1 to 1; 0 where one is nil or they
// are of different models.
func (v Vector) Cosine(w Vector) float64 {
	return Cosine(v.Dot(w), v.Dot(v), w.Dot(w))
}

// Dot is the sum of the products of the numbers, of v with itself the square of its
// length; 0 where one is nil or they are of different models.
func (v Vector) Dot(w Vector) int32 {
	if len(v) != len(w) {
		return 0
	}
	w = w[:len(v)]
	var a, b, c, d int32 // four sums, so that none waits for the other
	i := 0
	for ; i+8 <= len(v); i += 8 {
		x, y := v[i:i+8:i+8], w[i:i+8:i+8]
		a += int32(x[0])*int32(y[0]) + int32(x[4])*int32(y[4])
		b += int32(x[1])*int32(y[1]) + int32(x[5])*int32(y[5])
		c += int32(x[2])*int32(y[2]) + int32(x[6])*int32(y[6])
		d += int32(x[3])*int32(y[3]) + int32(x[7])*int32(y[7])
	}
	for ; i < len(v); i++ {
		a += int32(v[i]) * int32(w[i])
	}
	return a + b + c + d
}

// Cosine is Vector.Cosine from the product of two vectors and of each with itself.
func Cosine(dot, vv, ww int32) float64 {
	if vv == 0 || ww == 0 {
		return 0
	}
	return float64(dot) / math.Sqrt(float64(vv)*float64(ww))
}

// Quantised is a direction with its largest number at 127, nil where there is none.
func Quantised(v []float32) Vector {
	largest := float32(0)
	for _, x := range v {
		largest = max(largest, x, -x)
	}
	if largest == 0 {
		return nil
	}
	q := make(Vector, len(v))
	for i, x := range v {
		q[i] = int8(math.RoundToEven(float64(x / largest * 127)))
	}
	return q
}

// Code is a direction in 128 bits, the signs of its numbers: near directions have
// few bits that differ (random hyperplanes, Charikar 2002).
type Code [2]uint64

// Code is the vector's. Of a vector of more than 128 numbers it is made of sums.
func (v Vector) Code() (c Code) {
	var sums [128]int32
	for i, x := range v {
		sums[i%len(sums)] += int32(x)
	}
	for i, sum := range sums {
		if sum > 0 {
			c[i/64] |= 1 << (i % 64)
		}
	}
	return c
}

// Distance is how many bits differ.
func (c Code) Distance(d Code) int {
	return bits.OnesCount64(c[0]^d[0]) + bits.OnesCount64(c[1]^d[1])
}

// Weights are what each byte of a code adds to a direction's product with its signs,
// an asymmetric distance: the bits of the direction's greater numbers count more.
type Weights [16][256]int32

// Weigh are a direction's.
func Weigh(v Vector) *Weights {
	var w Weights
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

// Of is how like the direction a code is; of two, the greater is the nearer.
func (w *Weights) Of(c Code) (sum int32) {
	for i := range w {
		sum += w[i][byte(c[i/8]>>(i%8*8))]
	}
	return sum
}

// Key orders numbers by how like their codes are: the greater is the nearer. Numbered
// is the number again, which is below 2³².
func (w *Weights) Key(c Code, number int64) int64 { return int64(w.Of(c))<<32 | number }

// Numbered is the number of a Key.
func Numbered(key int64) int64 { return int64(uint32(key)) }

// Term is a word by its number: a word of the model's, or a hash of any other.
type Term uint32

// Count is how often a word stands in a paper.
type Count struct {
	Term  Term
	N     int  // at least 1, at most maxCount
	Title bool // it stands in the title too
}

const maxCount = 127

// Bag is a paper's distinct words with their counts, by Term, packed: the
// difference to the Term before as a varint, then the count and a bit for the title.
type Bag []byte

// All are the words of the bag, by Term. Of a damaged one it is those before the damage.
func (b Bag) All() iter.Seq[Count] {
	return func(yield func(Count) bool) {
		last := uint64(0)
		for rest := []byte(b); len(rest) > 0; {
			step, n := binary.Uvarint(rest)
			if n <= 0 || n >= len(rest) {
				return
			}
			last += step
			c := rest[n]
			if !yield(Count{Term(last), int(c & maxCount), c > maxCount}) {
				return
			}
			rest = rest[n+1:]
		}
	}
}

// Words is how many words the paper has, those that stand there twice counted twice.
func (b Bag) Words() (n int) {
	for c := range b.All() {
		n += c.N
	}
	return n
}

// Features are what is compared of a paper.
type Features struct {
	Vector Vector
	Bag    Bag
}
