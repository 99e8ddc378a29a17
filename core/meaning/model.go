package meaning

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"sync"
)

// Model is the vectors of words and of pairs of neighbouring words. It reads the
// file that it was loaded from in place.
type Model struct {
	name    string
	dims    int
	papers  int // that it was made of
	words   int // of the entries: the others are pairs
	texts   []byte
	ends    []uint32  // of each entry's text
	freq    []uint32  // papers with it
	scales  []float32 // what a vector's numbers are multiplied with: its weight is in it
	vectors []int8
	slots   []uint32 // entries + 1 by hash of their text, open addressing
}

// A model's file: magic, a checksum (CRC-32, IEEE) of all that follows, the
// name's length and the name, then as little-endian uint32 dims, papers, words and
// entries; for each entry the end of its text, its papers, its scale as float32
// bits; all texts; all vectors. A pair is its two words with a blank between them.
// Words come first, then pairs, each in byte order.
const magic = "paperboy meaning 1\n"

// Entry is a word or a pair as a model's file has it.
type Entry struct {
	Text   string
	Papers int       // that have it
	Vector []float32 // of any length: its length is its weight in a text
}

// Encode is the file of a model. Entries: words, then pairs, each by Text.
func Encode(name string, papers, words int, entries []Entry) []byte {
	dims := len(entries[0].Vector)
	b := append([]byte{byte(len(name))}, name...)
	for _, n := range []int{dims, papers, words, len(entries)} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	end := uint32(0)
	var texts, vectors []byte
	for _, e := range entries {
		largest := float32(0)
		for _, x := range e.Vector {
			largest = max(largest, x, -x)
		}
		for _, x := range Quantised(e.Vector) {
			vectors = append(vectors, byte(x))
		}
		if largest == 0 {
			vectors = append(vectors, make([]byte, dims)...)
		}
		end += uint32(len(e.Text))
		texts = append(texts, e.Text...)
		b = binary.LittleEndian.AppendUint32(b, end)
		b = binary.LittleEndian.AppendUint32(b, uint32(e.Papers))
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(largest/127))
	}
	b = append(append(b, texts...), vectors...)
	head := binary.LittleEndian.AppendUint32([]byte(magic), crc32.ChecksumIEEE(b))
	return append(head, b...)
}

var errNoModel = errors.New("this is no whole model of meaning")

// Load reads a model's file, which must not change as long as the model is used.
func Load(file []byte) (*Model, error) {
	b, ok := bytes.CutPrefix(file, []byte(magic))
	if !ok || len(b) < 4 || crc32.ChecksumIEEE(b[4:]) != binary.LittleEndian.Uint32(b) {
		return nil, errNoModel
	}
	b = b[4:]
	m := &Model{name: string(b[1 : 1+b[0]])}
	b = b[1+b[0]:]
	next := func() int {
		n := binary.LittleEndian.Uint32(b)
		b = b[4:]
		return int(n)
	}
	m.dims, m.papers, m.words = next(), next(), next()
	n := next()
	for range n {
		m.ends, m.freq, m.scales = append(m.ends, uint32(next())), append(m.freq, uint32(next())), append(m.scales, math.Float32frombits(uint32(next())))
	}
	if n == 0 || len(b) != int(m.ends[n-1])+n*m.dims {
		return nil, fmt.Errorf("%w: %d bytes of %d entries", errNoModel, len(b), n)
	}
	m.texts, b = b[:m.ends[n-1]], b[m.ends[n-1]:]
	m.vectors = int8s(b)
	m.slots = make([]uint32, 1<<bitsFor(2*n))
	for e := range n {
		h := hash(m.text(e), nil)
		for ; m.slots[h&uint32(len(m.slots)-1)] != 0; h++ {
		}
		m.slots[h&uint32(len(m.slots)-1)] = uint32(e + 1)
	}
	return m, nil
}

//go:embed model.bin
var builtin []byte

// Builtin is the model inside the program.
var Builtin = sync.OnceValue(func() *Model {
	m, err := Load(builtin)
	if err != nil {
		panic(err) // a test loads it
	}
	return m
})

// Name changes with everything that changes Features.
func (m *Model) Name() string { return m.name }

// Dims is how many numbers a vector has.
func (m *Model) Dims() int { return m.dims }

func (m *Model) text(e int) []byte {
	start := uint32(0)
	if e > 0 {
		start = m.ends[e-1]
	}
	return m.texts[start:m.ends[e]]
}

// entry is the place of a word ("" behind it), or of a pair; -1 where it is unknown.
func (m *Model) entry(word, behind string) int {
	h := hash([]byte(word), []byte(behind))
	for ; ; h++ {
		slot := m.slots[h&uint32(len(m.slots)-1)]
		if slot == 0 {
			return -1
		}
		text := m.text(int(slot - 1))
		if behind == "" {
			if string(text) == word {
				return int(slot - 1)
			}
			continue
		}
		if len(text) == len(word)+1+len(behind) && string(text[:len(word)]) == word && text[len(word)] == ' ' && string(text[len(word)+1:]) == behind {
			return int(slot - 1)
		}
	}
}

// add adds a text's words and pairs to a sum.
func (m *Model) add(sum []float32, words []string, weight float32) {
	for i, w := range words {
		m.addEntry(sum, m.entry(w, ""), weight)
		if i > 0 {
			m.addEntry(sum, m.entry(words[i-1], w), weight)
		}
	}
}

func (m *Model) addEntry(sum []float32, e int, weight float32) {
	if e < 0 {
		return
	}
	scale := m.scales[e] * weight
	for i, x := range m.vectors[e*m.dims : (e+1)*m.dims] {
		sum[i] += float32(scale * float32(x))
	}
}

// titleWeight is how many times a title's word counts in a paper's direction.
const titleWeight = 2

// Read gives a paper's features; title and abstract are words of core/text.
func (m *Model) Read(title, abstract []string) Features {
	sum := make([]float32, m.dims)
	m.add(sum, title, titleWeight)
	m.add(sum, abstract, 1)
	return Features{Quantised(sum), m.bag(title, abstract)}
}

// Text is the direction of any words, as a person typed them; nil where the model
// knows none of them.
func (m *Model) Text(words []string) Vector {
	sum := make([]float32, m.dims)
	m.add(sum, words, 1)
	return Quantised(sum)
}

// Term is a word's number.
func (m *Model) Term(word string) Term {
	if e := m.entry(word, ""); e >= 0 && e < m.words {
		return Term(e)
	}
	return Term(m.words) + Term(hash([]byte(word), nil)%unknownTerms)
}

// unknownTerms is how many numbers words have that the model does not know: two of
// a paper's share one in a thousand papers or so.
const unknownTerms = 1 << 20

// IDF is how telling a word is, its inverse document frequency (Spärck Jones 1972) in the
// papers that the model was made of; a word that it does not know is in few.
func (m *Model) IDF(t Term) float64 {
	papers := 4.0 // most that are in fewer than the model asks of a word
	if int(t) < m.words {
		papers = float64(m.freq[t])
	}
	return math.Log(1 + (float64(m.papers)-papers+0.5)/(papers+0.5))
}

func (m *Model) bag(title, abstract []string) (b Bag) {
	terms := make([]uint64, 0, len(title)+len(abstract)) // the term, a bit for the abstract
	for _, w := range title {
		terms = append(terms, uint64(m.Term(w))<<1)
	}
	for _, w := range abstract {
		terms = append(terms, uint64(m.Term(w))<<1|1)
	}
	slices.Sort(terms)
	last := uint64(0)
	for i := 0; i < len(terms); {
		t, n := terms[i]>>1, 0
		count := byte(0)
		if terms[i]&1 == 0 {
			count = maxCount + 1
		}
		for ; i < len(terms) && terms[i]>>1 == t; i++ {
			n++
		}
		b = append(binary.AppendUvarint(b, t-last), count|byte(min(n, maxCount)))
		last = t
	}
	return b
}

// hash is FNV-1a of the text, or of two with a blank between them.
func hash(word, behind []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range word {
		h = (h ^ uint32(c)) * 16777619
	}
	if len(behind) == 0 {
		return h
	}
	h = (h ^ ' ') * 16777619
	for _, c := range behind {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

func bitsFor(n int) (bits int) {
	for 1<<bits < n {
		bits++
	}
	return bits
}
