package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paperboy/internal/recordings"
)

func TestAPersonsWordMeetsThePapersWord(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Large Language Models (LLMs)", "large language model llm"},
		{"text-to-image", "text to image"},
		{"An exploratory study of LoRA", "an exploratory study of lora"},
		{"GPT-4o, 2.6B parameters", "gpt 4o 2 6b parameter"},
		{"snake_case x/y", "snake case x y"},
		{"Newton's method, Bayes’ rule, SGD's noise", "newton method bayes rule sgd noise"},
		{"don't 'sup rock 'n' roll", "don t sup rock n roll"},
		{`$\alpha$-divergence and $\mathcal{O}(n^2)$`, "alpha divergence and mathcal o n 2"},
		{`Schr\"odinger, Schr\"{o}dinger, Schr{\"o}dinger, Schrödinger`, "schrodinger schrodinger schrodinger schrodinger"},
		{`Poincar\'e Erd\H{o}sian na\"\i ve na\"{\i}ve`, "poincare erdosian nai ve naive"},
		{`\'Etale; \cite{c} \c{c}a \u{g}`, "etale cite c ca g"},
		{`\"`, ""},
		{`it says \"hello\" and {\"}`, "it say hello and"},
		{"Gödel Łukasz Søren Straße naïve", "godel lukasz soren strasse naive"},
		{"go\u0308del e\u0301tale", "godel etale"},
		{"ﬁne-tuning ｆｕｌｌ x² ½ Transformer™", "fine tuning full x2 1 2 transformer"},
		{"dif\u00adfusion zero\u200bwidth", "diffusion zero width"},
		{"拡散モデル 扩散模型", "拡散モテル 扩散模型"},
		{"확산 모델", "확산 모델"},
		{"हिन्दी భాష ไทย", "हिन्दी భాష ไทย"},
		{"ΛΌΓΟΣ λόγος Ёлка", "λογοσ λογοσ елка"},
		{"\xff\xfea\xffb", "a b"},
		{"—…!?", ""},
		{"", ""},
	} {
		want := strings.Fields(c.want)
		if c.text == "拡散モデル 扩散模型" {
			want = []string{"拡散モデル", "扩散模型"} // a dakuten makes another letter, it is no diacritic
		}
		if got := Words(c.text); !cmp.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("Words(%q) = %q, want %q", c.text, got, want)
		}
	}
}

// vocabulary is what the plurals of the field's words fold to, judged by eye
// over the most frequent words of 78,596 titles and abstracts that end in s,
// and over those whose form without s is rare.
const vocabulary = `
	llms llm   models model   agents agent   images image   videos video   tasks task   networks network   gans gan
	losses loss   classes class   subclasses subclass   processes process   biases bias   harnesses harness
	addresses address   passes pass   businesses business   weaknesses weakness   glasses glass   masses mass
	analyses analysis   hypotheses hypothesis   syntheses synthesis   diagnoses diagnosis   prognoses prognosis
	parentheses parenthesis   prostheses prosthesis   metastases metastasis   theses thesis   crises crisis   axes axis
	matrices matrix   submatrices submatrix   indices index   indexes index   vertices vertex   cortices cortex
	supervertices supervertex   debiases debias   emphases emphasis   wsis wsi   hsis hsi   underlies underlie
	appendices appendix   simplices simplex   services service   devices device   choices choice   slices slice
	lattices lattice   practices practice   voices voice   prices price   novices novice   suffices suffice
	taxonomies taxonomy   studies study   queries query   properties property   ontologies ontology   series series
	species species   movies movie   calories calorie   lies lie   ties tie   categories category   memories memory
	gpus gpu   cpus cpu   tpus tpu   npus npu   imus imu   apis api   guis gui   mris mri   wsis wsi   rois roi   kpis kpi
	lms lm   kgs kg   fms fm   ids id   ads ad   vlms vlm   mllms mllm   vlas vla   loras lora   moes moe   dits dit
	caches cache   niches niche   approaches approach   patches patch   batches batch   sketches sketch   speeches speech
	meshes mesh   hashes hash   boxes box   mixes mix   prefixes prefix   complexes complex   heroes hero   echoes echo
	goes go   shoes shoe   focuses focus   viruses virus   buses bus   lenses lens   atlases atlas   canvases canvas
	aliases alias   campuses campus   bonuses bonus   databases database   codebases codebase   bases base
	responses response   cases case   phases phase   poses pose   diseases disease   uses use   causes cause
	clauses clause   purposes purpose   noises noise   premises premise   exercises exercise   universes universe
	courses course   senses sense   licenses license   sizes size   quizzes quiz   generalizes generalize
	curves curve   primitives primitive   waves wave   leaves leaf   halves half   objectives objective
	areas area   ideas idea   cameras camera   personas persona   schemas schema   lemmas lemma   antennas antenna
	scenarios scenario   ratios ratio   photos photo   demos demo   zeros zero   metrics metric   topics topic
	heuristics heuristic   characteristics characteristic   rubrics rubric   tactics tactic   critics critic
	harmonics harmonic   towards toward   gaussians gaussian   transformers transformer   lidars lidar   a100s a100
	corpora corpus   corpuses corpus   criteria criterion   phenomena phenomenon   spectra spectrum   stimuli stimulus
	automata automaton   children child   women woman   teeth tooth   womens woman   minima minimum   formulae formula

	= bias class loss analysis basis hypothesis synthesis thesis corpus focus status radius campus virus consensus nexus
	= bayes gauss gibbs stokes across physics dynamics robotics semantics mathematics statistics linguistics ethics
	= economics kinematics mechanics optics graphics analytics diagnostics forensics genomics logistics lens gas this
	= plus series species sparse always address versus https kubernetes aws news new mars iris tennis debris oasis chess
	= various previous thus autonomous continuous heterogeneous simultaneous process access progress success mass
	= stress less lossless unless whereas sometimes themselves does has was is as its us yes bus pus canvas atlas
	= pancreas alias chaos cosmos diabetes 3dgs 2dgs mcts lpips neurips nuscenes ddos mlops 1990s
	= debias hololens metalens timeseries interspecies mathcanvas procrustes reynolds hawkes keras rkhs nurbs aries
	= lora exploratory diffusion diffuse diffused model modeling data media people agenda schema criterion
	= attention learning information tuning html nerf clip bert gpt4 resnet50 word2vec s ss sss
`

func TestPluralsOfTheField(t *testing.T) {
	words := 0
	check := func(w, want string) {
		words++
		if got := Words(w); len(got) != 1 || got[0] != want {
			t.Errorf("%s became %v, want %s", w, got, want)
		}
	}
	for line := range strings.Lines(vocabulary) {
		f := strings.Fields(line)
		if len(f) > 0 && f[0] == "=" {
			for _, w := range f[1:] {
				check(w, w)
			}
			continue
		}
		for i := 0; i+1 < len(f); i += 2 {
			check(f[i], f[i+1])
			check(f[i+1], f[i+1])
		}
	}
	if words < 300 {
		t.Errorf("the vocabulary has only %d words", words)
	}
}

func TestWhatAWordOfTheTableBecomesStays(t *testing.T) {
	for many, one := range irregular {
		if again := singular(one); again != one {
			t.Errorf("%s becomes %s becomes %s", many, one, again)
		}
	}
}

func TestNamesKeepTheirS(t *testing.T) {
	if got, want := Names("James O'Peters, José-María"), []string{"james", "o", "peters", "jose", "maria"}; !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestThePrefixOfAWordIsNotItsEnd(t *testing.T) {
	for in, want := range map[string]string{
		"Diffus": "diffus", "class": "class", "imbalances": "imbalances", "trans": "trans", "Poincaré": "poincare",
		"two words": "", "": "", "-": "", "C++": "c",
	} {
		if got := Prefix(in); got != want {
			t.Errorf("Prefix(%q) = %q, want %q", in, got, want)
		}
	}
}

// promises are what every text must keep.
func promises(t interface{ Fatalf(string, ...any) }, s string) {
	tokens, words := Tokens(s), Words(s)
	if len(tokens) != len(words) {
		t.Fatalf("%q: %d tokens, %d words", s, len(tokens), len(words))
	}
	at, before := 0, 0
	for i, k := range tokens {
		if k.Word != words[i] {
			t.Fatalf("%q: token %q, word %q", s, k.Word, words[i])
		}
		if k.Start < before || k.End < at || k.Start >= k.End || k.End > len(s) {
			t.Fatalf("%q: %+v does not follow %d", s, k, at)
		}
		before, at = k.Start, k.End
		if again := Words(k.Word); len(again) != 1 || again[0] != k.Word {
			t.Fatalf("%q gives the word %q, and that gives %q", s, k.Word, again)
		}
	}
	for _, n := range Names(s) {
		if again := Names(n); len(again) != 1 || again[0] != n {
			t.Fatalf("%q gives the name %q, and that gives %q", s, n, again)
		}
	}
	for _, k := range tokens {
		if utf8.ValidString(s) && strings.IndexFunc(k.Word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) }) >= 0 {
			t.Fatalf("%q: %q has more than letters, digits and marks", s, k.Word)
		}
	}
}

func TestAWordIsAFixedPoint(t *testing.T) {
	t.Run("letters that make plurals", rapid.MakeCheck(func(t *rapid.T) {
		promises(t, rapid.StringMatching(`[a-z0-9]{0,4}([sieuoxyzhcr]|es|ss|ses|ies|ics){1,6}`).Draw(t, "word"))
	}))
	t.Run("TeX", rapid.MakeCheck(func(t *rapid.T) {
		promises(t, rapid.StringMatching(`([ab]|\\|["'{}.vci ]){0,12}`).Draw(t, "text"))
	}))
	t.Run("any characters", rapid.MakeCheck(func(t *rapid.T) { promises(t, rapid.String().Draw(t, "text")) }))
	t.Run("any letters and marks", rapid.MakeCheck(func(t *rapid.T) {
		r := rapid.RuneFrom(nil, unicode.L, unicode.M, unicode.N, unicode.Cf, unicode.So)
		promises(t, rapid.StringOf(r).Draw(t, "text"))
	}))
	t.Run("every single character", func(t *testing.T) {
		for r := rune(0); r <= unicode.MaxRune; r++ {
			promises(t, string(r))
			promises(t, "a"+string(r)+"s")
		}
	})
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"LLMs", `Schr\"{o}dinger's`, "½x²", "e\u0301\u200b", "\xffas\\v{", "हिन्दी"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { promises(t, s) })
}

func TestEveryRecordedTitleKeepsThePromises(t *testing.T) {
	for _, s := range corpus(t, recordings.All) {
		promises(t, s)
	}
}

// corpus is the first n recorded papers, title and abstract together.
func corpus(t testing.TB, n int) []string {
	var out []string
	for _, p := range recordings.Values[struct{ Title, Abstract string }](t, "arxiv-corpus.jsonl.gz", n) {
		if n == recordings.All {
			p.Abstract = "" // all titles are enough, all abstracts too slow
		}
		out = append(out, p.Title+"\n"+p.Abstract)
	}
	return out
}

// The obvious alternative, which folds nothing, sets the scale.
func BenchmarkWords(b *testing.B) {
	papers := corpus(b, 500)
	size := 0
	for _, p := range papers {
		size += len(p)
	}
	for _, c := range []struct {
		name  string
		words func(string) []string
	}{
		{"Words", Words},
		{"FieldsFunc", func(s string) []string {
			return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				for _, p := range papers {
					c.words(p)
				}
			}
		})
	}
}
