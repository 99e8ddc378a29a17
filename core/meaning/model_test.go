package meaning_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"paperboy/core/meaning"
	"paperboy/core/text"
)

// small is a model that a person can reckon with.
func small() *meaning.Data {
	return &meaning.Data{
		Source: "by hand", Papers: 100,
		Words: []meaning.Entry{
			{Text: "bright", Papers: 50, Vector: []float32{0, 0, 0.5}},
			{Text: "lamp", Papers: 10, Vector: []float32{1, 0, 0}},
			{Text: "street", Papers: 10, Vector: []float32{0, 1, 0}},
		},
		Pairs:       []meaning.Pair{{First: 2, Second: 1, Vector: []float32{0, -1, 4}}},
		AlikePapers: [5]float32{0.1, 0.3, 0.5, 0.6, 0.8},
		AlikeWords:  [5]float32{0, 0.2, 0.4, 0.5, 0.6},
	}
}

func load(t testing.TB, d *meaning.Data) *meaning.Model {
	t.Helper()
	m, err := meaning.Load(d.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestATextIsTheSumOfItsWordsAndPairs(t *testing.T) {
	m := load(t, small())
	for _, c := range []struct {
		words string
		want  meaning.Vector
	}{
		{"lamp", meaning.Vector{127, 0, 0}},
		{"lamp street", meaning.Vector{127, 127, 0}},    // no pair: the order is another
		{"street lamp", meaning.Vector{32, 0, 127}},     // 1,0,4
		{"street zz lamp", meaning.Vector{127, 127, 0}}, // neighbours only
		{"lamp lamp bright", meaning.Vector{127, 0, 32}},
		{"zz", nil},
		{"", nil},
	} {
		if got := m.Text(text.Words(c.words)); !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.words, got, c.want)
		}
	}
	if got := m.Read([]string{"lamp"}, []string{"street"}).Vector; !slices.Equal(got, meaning.Vector{127, 64, 0}) {
		t.Errorf("a title's word counts twice: %v", got)
	}
	if rare, common := m.IDF(m.Term("lamp")), m.IDF(m.Term("bright")); rare <= common || m.IDF(m.Term("zz")) <= rare {
		t.Errorf("the rarer, the more telling: %.2f, %.2f, %.2f", common, rare, m.IDF(m.Term("zz")))
	}
}

func TestAlikenessMeansTheSameWithEveryModel(t *testing.T) {
	m := load(t, small())
	for _, c := range []struct {
		cosine        float64
		papers, words int
	}{
		{-1, 0, 0}, {0.05, 0, 5}, {0.1, 0, 10}, {0.2, 10, 20}, {0.3, 20, 30}, {0.5, 40, 60}, {0.7, 70, 85}, {0.8, 80, 90}, {0.9, 90, 95}, {1, 100, 100}, {1.01, 100, 100},
	} {
		// The file's numbers have 24 bits: what lies on a border may fall to its side.
		if p, w := m.Alike(c.cosine+1e-6), m.AlikeWords(c.cosine+1e-6); p != c.papers || w != c.words {
			t.Errorf("%.2f is %d and %d, want %d and %d", c.cosine, p, w, c.papers, c.words)
		}
	}
}

func TestADamagedModelIsRefused(t *testing.T) {
	file := small().Encode()
	for i := range file {
		damaged := bytes.Clone(file)
		damaged[i] ^= 0x10
		if _, err := meaning.Load(damaged); err == nil {
			t.Errorf("byte %d was changed, and nobody said so", i)
		}
		if _, err := meaning.Load(file[:i]); err == nil {
			t.Errorf("%d bytes of %d, and nobody said so", i, len(file))
		}
	}
}

func TestAModelsNameChangesWithAllThatItSays(t *testing.T) {
	names := map[string]bool{}
	for _, change := range []func(d *meaning.Data){
		func(*meaning.Data) {},
		func(*meaning.Data) {}, // the same twice
		func(d *meaning.Data) { d.Papers++ },
		func(d *meaning.Data) { d.Words[0].Vector[0] = 0.25 },
		func(d *meaning.Data) { d.Pairs[0].Second = 0 },
		func(d *meaning.Data) { d.AlikeWords[4] = 0.7 },
	} {
		d := small()
		change(d)
		names[load(t, d).Name()] = true
	}
	if len(names) != 5 {
		t.Errorf("five models have the names %v", names)
	}
}

// Of a file whose checksum is right, whatever it says.
func FuzzLoad(f *testing.F) {
	const magic = "paperboy meaning 2\n"
	f.Add(small().Encode()[len(magic)+4:])
	f.Fuzz(func(t *testing.T, said []byte) {
		file := binary.LittleEndian.AppendUint32([]byte(magic), crc32.ChecksumIEEE(said))
		if m, err := meaning.Load(append(file, said...)); err == nil {
			m.Read([]string{"street", "lamp"}, []string{"bright"})
		}
	})
}

func TestTheBuiltinModelIsWhole(t *testing.T) {
	m := meaning.Builtin()
	if len(m.Text([]string{"diffusion"})) != 128 || len(m.Name()) != 8 {
		t.Errorf("%d numbers, named %q", len(m.Text([]string{"diffusion"})), m.Name())
	}
}

// What means about the same is near, whatever its words; the third has to do with neither.
func TestMeaningIsFoundWithoutACommonWord(t *testing.T) {
	m := meaning.Builtin()
	of := func(s string) meaning.Vector { return m.Text(text.Words(s)) }
	for _, c := range [][3]string{
		{"a denoising model paints pictures", "text-to-image diffusion", "graph neural networks"},
		{"shrinking big networks for small devices", "model compression and efficiency", "speech recognition"},
		{"jailbreak prompts", "adversarial attacks on safety alignment", "point cloud registration"},
		{"3D human pose", "skeleton keypoint estimation", "retrieval augmented generation"},
		{"driving cars without a driver", "autonomous vehicle trajectory", "protein folding"},
		{"answers that are made up", "hallucination of language models", "image super-resolution"},
		{"spoken words into letters", "automatic speech recognition", "mesh reconstruction"},
		{"finding tumours in scans", "medical image segmentation", "code generation"},
		{"machines that grasp things", "robotic manipulation", "theorem proving"},
		{"writing programs", "code generation", "video diffusion"},
		{"proofs of theorems", "formal mathematical reasoning", "audio synthesis"},
		{"learning from rewards", "policy optimization", "optical flow"},
		{"documents looked up while answering", "retrieval-augmented generation", "object tracking"},
		{"bigger photos from small ones", "image super-resolution", "sentiment analysis"},
		{"questions about pictures", "visual question answering", "federated learning"},
		{"training on many phones without sharing data", "federated learning", "novel view synthesis"},
		{"scenes from new angles", "novel view synthesis gaussian splatting", "named entity recognition"},
		{"movies from a sentence", "text-to-video generation", "knowledge graph completion"},
		{"lower precision weights", "post-training quantization", "dialogue emotion"},
		{"one tongue into another", "machine translation multilingual", "depth estimation"},
		{"what customers feel", "sentiment analysis of reviews", "LiDAR detection"},
	} {
		if near, far := of(c[0]).Cosine(of(c[1])), of(c[0]).Cosine(of(c[2])); near <= far {
			t.Errorf("%q is %.2f near %q, and %.2f near %q", c[0], near, c[1], far, c[2])
		}
	}
}

func TestABagHasEveryWordAsOftenAsThePaper(t *testing.T) {
	m := load(t, small())
	word := rapid.SampledFrom([]string{"bright", "lamp", "street", "zz", "yy", "xx"})
	rapid.Check(t, func(t *rapid.T) {
		title, abstract := rapid.SliceOfN(word, 0, 12).Draw(t, "title"), rapid.SliceOfN(word, 0, 300).Draw(t, "abstract")
		want := map[meaning.Term]meaning.Count{}
		for i, w := range slices.Concat(title, abstract) {
			c := want[m.Term(w)]
			want[m.Term(w)] = meaning.Count{Term: m.Term(w), N: min(c.N+1, 127), Title: c.Title || i < len(title)}
		}
		last := meaning.Term(0)
		for c := range m.Read(title, abstract).Bag.All() {
			if c != want[c.Term] || c.Term < last {
				t.Fatalf("%+v, want %+v", c, want[c.Term])
			}
			last = c.Term
			delete(want, c.Term)
		}
		if len(want) != 0 {
			t.Fatalf("missing: %v", want)
		}
	})
}

func FuzzBag(f *testing.F) {
	f.Add([]byte(load(f, small()).Read([]string{"lamp"}, []string{"zz"}).Bag))
	f.Add([]byte{0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		words := 0
		for c := range meaning.Bag(b).All() {
			words += c.N
		}
		if words != meaning.Bag(b).Words() {
			t.Error(words)
		}
	})
}

func TestCosinesAreSymmetricAndBounded(t *testing.T) {
	vector := rapid.SliceOfN(rapid.Int8(), 128, 128)
	rapid.Check(t, func(t *rapid.T) {
		a, b := meaning.Vector(vector.Draw(t, "a")), meaning.Vector(vector.Draw(t, "b"))
		if c := a.Cosine(b); c != b.Cosine(a) || c < -1 || c > 1 {
			t.Fatal(c)
		}
		if c := a.Cosine(a); c != 1 && slices.Max(a) != 0 {
			t.Fatal(c)
		}
		if a.Cosine(nil) != 0 || a.Cosine(b[:5]) != 0 {
			t.Fatal("what cannot be compared is like something")
		}
		if !slices.Equal(meaning.VectorOf(a.Bytes()), a) {
			t.Fatal("other bytes come back")
		}
	})
}

func TestNearDirectionsHaveNearCodes(t *testing.T) {
	m := meaning.Builtin()
	of := func(s string) meaning.Vector { return m.Text(text.Words(s)) }
	asked, sums, n := of("text-to-image generation with diffusion models"), [3]int{}, [3]int{}
	for _, s := range []string{"image generation", "diffusion model", "video generation", "speech", "graph neural network", "theorem proving", "image editing",
		"tumour segmentation", "robot grasping", "machine translation", "style transfer", "score matching", "flow matching", "federated learning"} {
		v := of(s)
		near := min(2, int(max(0, asked.Cosine(v))*3/0.6))
		sums[near] += asked.Code().Distance(v.Code())
		n[near]++
	}
	if n[0] == 0 || n[2] == 0 || sums[2]/max(1, n[2]) >= sums[0]/max(1, n[0]) {
		t.Errorf("bits that differ, from far to near: %v of %v", sums, n)
	}
	if asked.Code().Distance(asked.Code()) != 0 {
		t.Error("a direction is not like itself")
	}
}
