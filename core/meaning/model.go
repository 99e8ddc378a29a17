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
// file that it was loaded from in place, so that what lies in memory of it is the
// program's own pages and a small index.
type Model struct {
	name   string
	source string
	dims   int
	papers int // that it was made of
	scales [2]scale

	// Of each word: the end of its text, papers with it, the first of the pairs
	// that it begins.
	ends, freq, pairs array
	seconds           []byte // of each pair: its second word, a uint16
	weights           array  // of each word, then of each pair: what its numbers are multiplied with, as float32 bits
	texts             []byte // of the words
	vectors           []byte // of the words, then of the pairs: dims signed bytes each

	slots []uint16 // word + 1 by hash of its text, open addressing
}

// array is little-endian uint32s in a file.
type array []byte

func (a array) at(i int) uint32 { return binary.LittleEndian.Uint32(a[4*i:]) }
func (a array) len() int        { return len(a) / 4 }

// A model's file: magic; a checksum (CRC-32, IEEE) of all that follows; then, as
// little-endian uint32, dims, papers, words, pairs, the length of the source and of
// the texts, and two scales as float32 bits; then the source and the arrays of Model in their order.
// Words stand in byte order, pairs by their first and then their second word.
const magic = "paperboy meaning 2\n"

const headLen = len(magic) + 4 + 4*(6+2*len(scale{}))

// Data is what a model's file says.
type Data struct {
	Source string // what it was made of and how, for tests
	Papers int    // that it was made of
	Words  []Entry
	Pairs  []Pair
	// AlikePapers and AlikeWords are the cosines that Alike and AlikeWords call 0, 20, 40, 60 and 80.
	AlikePapers, AlikeWords [5]float32
}

// Entry is a word. Its vector's length is its weight in a text.
type Entry struct {
	Text   string
	Papers int // that have it
	Vector []float32
}

// Pair is two words side by side, by their places among the words.
type Pair struct {
	First, Second int
	Vector        []float32
}

// Encode is the file of a model with fewer than 65,535 words. Words must be in byte
// order, pairs by their words.
func (d *Data) Encode() []byte {
	dims := len(d.Words[0].Vector)
	var ends, freq, pairs, seconds, weights, texts, vectors []byte
	u32 := binary.LittleEndian.AppendUint32
	add := func(vector []float32) {
		largest := float32(0)
		for _, x := range vector {
			largest = max(largest, x, -x)
		}
		weights = u32(weights, math.Float32bits(largest/127))
		if largest == 0 {
			vectors = append(vectors, make([]byte, dims)...)
		}
		for _, x := range Quantised(vector) {
			vectors = append(vectors, byte(x))
		}
	}
	next := 0
	for i, w := range d.Words {
		for next < len(d.Pairs) && d.Pairs[next].First < i {
			next++
		}
		texts = append(texts, w.Text...)
		ends, freq, pairs = u32(ends, uint32(len(texts))), u32(freq, uint32(w.Papers)), u32(pairs, uint32(next))
		add(w.Vector)
	}
	for _, p := range d.Pairs {
		seconds = binary.LittleEndian.AppendUint16(seconds, uint16(p.Second))
		add(p.Vector)
	}
	var b []byte
	for _, n := range []int{dims, d.Papers, len(d.Words), len(d.Pairs), len(d.Source), len(texts)} {
		b = u32(b, uint32(n))
	}
	for _, s := range [...]scale{d.AlikePapers, d.AlikeWords} {
		for _, cosine := range s {
			b = u32(b, math.Float32bits(cosine))
		}
	}
	b = slices.Concat(b, []byte(d.Source), ends, freq, pairs, seconds, weights, texts, vectors)
	return append(u32([]byte(magic), crc32.ChecksumIEEE(b)), b...)
}

var errNoModel = errors.New("this is no whole model of meaning")

// Load reads a model's file, which must not change as long as the model is used.
func Load(file []byte) (*Model, error) {
	if len(file) < headLen || !bytes.HasPrefix(file, []byte(magic)) {
		return nil, errNoModel
	}
	sum := binary.LittleEndian.Uint32(file[len(magic):])
	if crc32.ChecksumIEEE(file[len(magic)+4:]) != sum {
		return nil, fmt.Errorf("%w: its checksum is not %08x", errNoModel, sum)
	}
	head := array(file[len(magic)+4 : headLen])
	n := func(i int) int { return int(head.at(i)) }
	m := &Model{name: fmt.Sprintf("%08x", sum), dims: n(0), papers: n(1)}
	words, pairs := n(2), n(3)
	for i := range m.scales {
		for j := range m.scales[i] {
			m.scales[i][j] = math.Float32frombits(head.at(6 + i*len(scale{}) + j))
		}
	}
	rest := file[headLen:]
	part := func(n int) []byte {
		if n > len(rest) {
			rest = nil
			return nil
		}
		p := rest[:n]
		rest = rest[n:]
		return p
	}
	if want := n(4) + 16*words + 6*pairs + n(5) + (words+pairs)*m.dims; len(rest) != want || words == 0 || words >= math.MaxUint16 {
		return nil, fmt.Errorf("%w: %d bytes of %d words and %d pairs", errNoModel, len(rest), words, pairs)
	}
	m.source = string(part(n(4)))
	m.ends, m.freq, m.pairs = part(4*words), part(4*words), part(4*words)
	m.seconds, m.weights, m.texts, m.vectors = part(2*pairs), part(4*(words+pairs)), part(n(5)), rest
	for i, end, first := 0, uint32(0), uint32(0); i < words; i++ {
		if m.ends.at(i) < end || m.pairs.at(i) < first {
			return nil, fmt.Errorf("%w: its words are in no order", errNoModel)
		}
		end, first = m.ends.at(i), m.pairs.at(i)
		if int(end) > len(m.texts) || int(first) > pairs {
			return nil, fmt.Errorf("%w: word %d lies outside", errNoModel, i)
		}
	}
	m.slots = make([]uint16, 1<<bitsFor(2*words))
	for e := range words {
		h := hash(string(m.text(e)))
		for ; m.slots[h&uint32(len(m.slots)-1)] != 0; h++ {
		}
		m.slots[h&uint32(len(m.slots)-1)] = uint16(e + 1)
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

// Source is what the model was made of and how.
func (m *Model) Source() string { return m.source }

func (m *Model) text(word int) []byte {
	start := uint32(0)
	if word > 0 {
		start = m.ends.at(word - 1)
	}
	return m.texts[start:m.ends.at(word)]
}

// word is a word's place; -1 where it is unknown.
func (m *Model) word(word string) int {
	for h := hash(word); ; h++ {
		slot := int(m.slots[h&uint32(len(m.slots)-1)])
		if slot == 0 || string(m.text(slot-1)) == word {
			return slot - 1
		}
	}
}

// pair is the place of the pair of two words among the vectors, -1 where it is none.
func (m *Model) pair(first, second int) int {
	if first < 0 || second < 0 {
		return -1
	}
	at, end := int(m.pairs.at(first)), len(m.seconds)/2
	if first+1 < m.pairs.len() {
		end = int(m.pairs.at(first + 1))
	}
	last := end
	for at < end {
		middle := (at + end) / 2
		if m.second(middle) < second {
			at = middle + 1
		} else {
			end = middle
		}
	}
	if at == last || m.second(at) != second {
		return -1
	}
	return m.ends.len() + at
}

func (m *Model) second(pair int) int { return int(binary.LittleEndian.Uint16(m.seconds[2*pair:])) }

// add adds a text's words and pairs to a sum.
func (m *Model) add(sum []float32, words []string, weight float32) {
	before := -1
	for _, w := range words {
		word := m.word(w)
		m.addVector(sum, word, weight)
		m.addVector(sum, m.pair(before, word), weight)
		before = word
	}
}

// addVector multiplies and then adds, each rounded: without the conversion some
// processors would round once, and give other bytes.
func (m *Model) addVector(sum []float32, at int, weight float32) {
	if at < 0 {
		return
	}
	weight *= math.Float32frombits(m.weights.at(at))
	for i, x := range m.vectors[at*m.dims : (at+1)*m.dims] {
		sum[i] += float32(weight * float32(int8(x)))
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

// scale is the cosines of 0, 20, 40, 60 and 80.
type scale [5]float32

// Alike says how alike two papers are whose directions have this cosine, from 0 to
// 100, in terms that mean the same with every model: 0 is what half of all pairs
// of papers are, 20 the nearest tenth of them, 40 the nearest in a hundred, 60 in a
// thousand, 80 in ten thousand, and 100 the same text. Of a thousand new papers, one
// is about 60 like a given one.
func (m *Model) Alike(cosine float64) int { return m.scales[0].of(cosine) }

// AlikeWords is Alike for the cosine of a few words, as a person types them, and a paper.
func (m *Model) AlikeWords(cosine float64) int { return m.scales[1].of(cosine) }

func (s scale) of(cosine float64) int {
	for i := len(s) - 1; i >= 0; i-- {
		from, to := float64(s[i]), 1.0
		if i+1 < len(s) {
			to = float64(s[i+1])
		}
		if cosine >= from && from < to {
			return min(100, 20*i+int(20*(cosine-from)/(to-from)))
		}
	}
	return 0
}

// Term is a word's number.
func (m *Model) Term(word string) Term {
	if e := m.word(word); e >= 0 {
		return Term(e)
	}
	return Term(m.ends.len()) + Term(hash(word)%unknownTerms)
}

// unknownTerms is how many numbers words have that the model does not know: two of
// a paper's share one in a thousand papers or so.
const unknownTerms = 1 << 20

// IDF is how telling a word is, its inverse document frequency (Spärck Jones 1972) in the
// papers that the model was made of; a word that it does not know is in few.
func (m *Model) IDF(t Term) float64 {
	papers := 4.0 // most that are in fewer than the model asks of a word
	if int(t) < m.freq.len() {
		papers = float64(m.freq.at(int(t)))
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

// hash is FNV-1a.
func hash(word string) uint32 {
	h := uint32(2166136261)
	for i := range len(word) {
		h = (h ^ uint32(word[i])) * 16777619
	}
	return h
}

func bitsFor(n int) (bits int) {
	for 1<<bits < n {
		bits++
	}
	return bits
}
