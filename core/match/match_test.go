package match

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paperboy/core/names"
	"paperboy/core/text"
	"paperboy/core/topic"
	"paperboy/internal/recordings"
)

// paper is what the tests need of a recorded paper.
type paper struct {
	Title, Abstract     string
	Authors, Categories []string
	Src                 string
	Upvotes             *int
	Code                bool
}

func (p *paper) doc() *topic.Doc {
	source := []string{"arxiv"}
	if p.Src == "hf" {
		source = []string{"hf"}
	}
	return topic.NewDoc(p.Title, p.Abstract, p.Authors, p.Categories, source, p.Code, p.Upvotes)
}

// daily is the papers of recorded days of Hugging Face, with their upvotes
// and code.
func daily(t testing.TB, days ...string) []paper {
	var out []paper
	for _, day := range days {
		type listed struct {
			Paper struct {
				Title, Summary, GithubRepo string
				Authors                    []struct{ Name string }
				Upvotes                    *int
			}
		}
		for _, l := range recordings.Values[[]listed](t, "hf_daily/"+day+".json.gz", 1)[0] {
			p := paper{Title: l.Paper.Title, Abstract: l.Paper.Summary, Src: "hf", Upvotes: l.Paper.Upvotes, Code: l.Paper.GithubRepo != ""}
			for _, a := range l.Paper.Authors {
				p.Authors = append(p.Authors, a.Name)
			}
			out = append(out, p)
		}
	}
	return out
}

// catalogue is some 300 papers that are always at hand, with descriptions instead
// of abstracts.
func catalogue(t testing.TB) (out []paper) {
	f, err := os.Open("../../internal/catalogue/papers.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for d := json.NewDecoder(f); d.More(); {
		var p struct {
			Title, About, Code  string
			Authors, Categories []string
			Upvotes             *int
		}
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		out = append(out, paper{p.Title, p.About, p.Authors, p.Categories, "hf", p.Upvotes, p.Code != ""})
	}
	return out
}

func docs(papers []paper) []*topic.Doc {
	out := make([]*topic.Doc, len(papers))
	for i := range papers {
		out[i] = papers[i].doc()
	}
	return out
}

func parse(t interface{ Fatal(...any) }, s string) topic.Topic {
	p, err := topic.Parse(s)
	if err != nil {
		t.Fatal(s, err)
	}
	return p
}

// pair is a topic and a paper that it brings, by place.
type pair struct{ Topic, Doc int }

func matched(docs []*topic.Doc, topics []topic.Topic) []pair {
	var out []pair
	Index(docs, topics).Each(topics, func(t int, found []int32) {
		for _, d := range found {
			out = append(out, pair{t, int(d)})
		}
	})
	return out
}

// slowly is every topic held against every paper.
func slowly(docs []*topic.Doc, topics []topic.Topic) []pair {
	var out []pair
	for i, t := range topics {
		for j, d := range docs {
			if _, ok := t.Match(d); ok {
				out = append(out, pair{i, j})
			}
		}
	}
	return out
}

func TestWhoFollowsTheSameGetsTheSame(t *testing.T) {
	papers := []*topic.Doc{
		topic.NewDoc("LoRA for video", "", nil, nil, nil, false, nil),
		topic.NewDoc("Video diffusion", "", nil, nil, nil, false, nil),
		topic.NewDoc("LoRA and diffusion of video", "", nil, nil, nil, false, nil),
	}
	topics := []topic.Topic{parse(t, "lora video"), parse(t, "diffusion video"), parse(t, "lora video"), parse(t, "video -lora"), parse(t, "lora video")}
	want := []pair{{0, 0}, {0, 2}, {1, 1}, {1, 2}, {2, 0}, {2, 2}, {3, 1}, {4, 0}, {4, 2}}
	if diff := gocmp.Diff(want, matched(papers, topics)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// The truth table of the page that it started from.
func TestThePageItStartedFrom(t *testing.T) {
	page := docs(recordings.Values[paper](t, "seed_page.jsonl", 1000))
	if len(page) != 33 {
		t.Fatalf("%d papers", len(page))
	}
	table := []struct {
		topic string
		want  []int // places on the page
	}{
		{`diffusion`, []int{1, 2, 3, 28}},
		{`title:diffusion`, []int{28}},
		{`"stable diffusion"`, []int{2}},
		{`diffusion -"stable diffusion"`, []int{1, 3, 28}},
		{`lora`, []int{3, 17, 19}},
		{`llm`, []int{16, 17, 19, 25}},
		{`federated`, []int{5}},
		{`imbalance*`, []int{9, 12, 14, 20, 27, 30}},
		{`lora | federated`, []int{3, 5, 17, 19}},
		{`diffusion`, []int{1, 2, 3, 28}},
	}
	var topics []topic.Topic
	var want []pair
	for i, row := range table {
		topics = append(topics, parse(t, row.topic))
		for _, place := range row.want {
			want = append(want, pair{i, place - 1})
		}
	}
	if got := matched(page, topics); !gocmp.Equal(got, want) {
		t.Error(gocmp.Diff(want, got))
	}
}

func TestEveryKindOfTermIsFoundWhereItStands(t *testing.T) {
	votes := 20
	docs := []*topic.Doc{
		topic.NewDoc("Large language models", "Nothing else.", []string{"Jane Doe", "Max Language"}, []string{"cs.CL", "cs.LG"}, []string{"arxiv", "hf"}, true, &votes),
		topic.NewDoc("Large models", "A language models a large language.", []string{"Doe Jane", "Model, L."}, []string{"physics.flu-dyn"}, []string{"My Feed"}, false, nil),
		topic.NewDoc("", "", nil, nil, nil, false, new(int)),
		topic.NewDoc("Models", "large. Language models and large language models", []string{"Janette Doer"}, []string{"cs.CV"}, []string{"arxiv"}, false, nil),
	}
	for _, c := range []struct {
		topic string
		want  []int32
	}{
		{`large`, []int32{0, 1, 3}},
		{`title:large`, []int32{0, 1}},
		{`abstract:large`, []int32{1, 3}},
		{`"language model"`, []int32{0, 1, 3}},
		{`"large language model"`, []int32{0, 3}},
		{`title:"large language model"`, []int32{0}},
		{`"model nothing"`, nil}, // a phrase does not run from the title into the abstract
		{`lang*`, []int32{0, 1, 3}},
		{`title:lang*`, []int32{0}},
		{`models*`, []int32{0, 1, 3}}, // kept as model
		{`title:languages* -models* | abstract:models*`, []int32{1, 3}},
		{`author:models*`, nil}, // a name is kept as it is
		{`author:"jane doe"`, []int32{0}},
		{`author:"doe max"`, nil}, // nor from one author into the next
		{`author:jan*`, []int32{0, 1, 3}},
		{`author:language`, []int32{0}},
		{`cat:cs.*`, []int32{0, 3}},
		{`cat:cs.LG`, []int32{0}},
		{`cat:*`, []int32{0, 1, 2, 3}}, // of 2 none is known
		{`cat:* min:0 -cat:cs.*`, []int32{2}},
		{`large | models -cat:*`, []int32{0, 1, 3}},
		{`source:hf`, []int32{0}},
		{`source:"my feed"`, []int32{1}},
		{`has:code`, []int32{0}},
		{`min:0`, []int32{0, 2}}, // unknown upvotes are not zero
		{`min:20`, []int32{0}},
		{`min:21`, nil},
		{`cat:* -has:code -nothing`, []int32{1, 2, 3}},
		{`min:0 -large | source:"my feed" | cat:cs.CV -absent`, []int32{1, 2, 3}},
		{`title:lang* | cat:cs.CV abstract:"and large"`, []int32{0, 3}},
		{`large language model -author:janette`, []int32{0, 1}},
	} {
		for _, told := range [][]topic.Topic{{parse(t, c.topic)}, nil} {
			var got []int32
			Index(docs, told).Each([]topic.Topic{parse(t, c.topic)}, func(_ int, found []int32) { got = slices.Clone(found) })
			if !gocmp.Equal(got, c.want) {
				t.Errorf("%s (told: %t): got %v, want %v", c.topic, told != nil, got, c.want)
			}
		}
	}
}

func TestNothingIsMatchedByNothing(t *testing.T) {
	if got := matched(nil, []topic.Topic{parse(t, "a"), parse(t, "cat:cs.* -b")}); got != nil {
		t.Error(got)
	}
	if got := matched([]*topic.Doc{topic.NewDoc("a", "", nil, nil, nil, false, nil)}, []topic.Topic{{}, {Clauses: []topic.Clause{{}}}}); got != nil {
		t.Error(got)
	}
}

// aTopic draws a topic of things that really occur in some paper, so that
// most terms hold somewhere.
func aTopic(t *rapid.T, docs []*topic.Doc) topic.Topic {
	from := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "i") }
	words := func(in []string, n int) (string, bool) {
		if len(in) < n {
			return "", false
		}
		i := from(len(in) - n + 1)
		return strings.Join(in[i:i+n], " "), true
	}
	term := func() (string, bool) {
		d := docs[from(len(docs))]
		if rapid.IntRange(0, 3).Draw(t, "of the last") == 0 { // where signs stand
			d = docs[len(docs)-1-from(min(len(docs), 9))]
		}
		where, in := rapid.SampledFrom([]string{"", "", "title:", "abstract:"}).Draw(t, "where"), d.Abstract
		if where == "title:" || where == "" && rapid.Bool().Draw(t, "of the title") {
			in = d.Title
		}
		switch rapid.SampledFrom([]string{"word", "word", "word", "phrase", "phrase", "prefix", "prefix", "author", "cat", "source", "has", "min", "like"}).Draw(t, "kind") {
		case "word":
			w, ok := words(in, 1)
			return where + w, ok
		case "phrase":
			w, ok := words(in, rapid.IntRange(2, 4).Draw(t, "words"))
			return where + `"` + w + `"`, ok
		case "prefix":
			w, ok := words(in, 1)
			if ok && rapid.Bool().Draw(t, "of a plural") {
				return where + plural(w) + "*", true
			}
			r := []rune(w)
			return where + string(r[:min(len(r), rapid.IntRange(2, 6).Draw(t, "letters"))]) + "*", ok && len(r) > 1
		case "author":
			if len(d.Authors) == 0 {
				return "", false
			}
			n := names.Parse(d.Authors[from(len(d.Authors))])
			w := rapid.SampledFrom([]string{n.String(), string([]rune(n.String() + " ")[:1]) + ". " + n.Family, n.Family, n.Given, n.Family + ", " + n.Given}).Draw(t, "asked")
			if first, _, ok := strings.Cut(n.Given, " "); ok && rapid.Bool().Draw(t, "without the middle") {
				w = first + " " + n.Family
			}
			return `author:"` + strings.ReplaceAll(w, `"`, "") + `"`, true
		case "cat":
			if len(d.Categories) == 0 || rapid.IntRange(0, 3).Draw(t, "any") == 0 {
				return "cat:*", true
			}
			c := d.Categories[from(len(d.Categories))]
			if archive, _, ok := strings.Cut(c, "."); ok && rapid.Bool().Draw(t, "archive") {
				c = archive + ".*"
			}
			return "cat:" + c, true
		case "source":
			return "source:" + rapid.SampledFrom([]string{"hf", "arxiv", "nobody"}).Draw(t, "source"), true
		case "has":
			return "has:code", true
		case "like":
			w, ok := words(in, rapid.IntRange(1, 5).Draw(t, "words"))
			return fmt.Sprintf(`like:"%s"@%d`, w, rapid.SampledFrom([]int{20, 40, 60, 80}).Draw(t, "alike")), ok
		}
		return fmt.Sprint("min:", rapid.IntRange(0, 80).Draw(t, "min")), true
	}
	for { // until the language takes it: drawn words may be too long, or nothing but negatives
		var b strings.Builder
		for i := range rapid.SampledFrom([]int{1, 1, 1, 2, 2, 3, 4, 5}).Draw(t, "terms") {
			s, ok := term()
			if !ok {
				continue
			}
			switch rapid.SampledFrom([]string{" ", " ", " -", " | "}).Draw(t, "joint") {
			case " ":
				b.WriteString(" " + s)
			case " -":
				if i > 0 && !strings.HasPrefix(s, "min:") {
					s = "-" + s
				}
				b.WriteString(" " + s)
			default:
				if b.Len() > 0 {
					b.WriteString(" |")
				}
				b.WriteString(" " + s)
			}
		}
		if p, err := topic.Parse(b.String()); err == nil {
			return p
		}
	}
}

// plural is a form of a word that is kept as w, as a paper or a person may
// have written it; w where it has no regular one.
func plural(w string) string {
	for _, end := range []string{"s", "es"} {
		if folded := text.Words(w + end); len(folded) == 1 && folded[0] == w {
			return w + end
		}
	}
	return w
}

// A star and a plural only widen, in the batch as in the language.
func TestAStarLosesNoPaper(t *testing.T) {
	recorded := docs(recordings.Values[paper](t, "seed_page.jsonl", 1000))
	widened := 0
	for _, d := range recorded {
		for _, w := range d.Abstract {
			if plural(w) == w {
				continue
			}
			topics := []topic.Topic{parse(t, `"`+w+`"`), parse(t, plural(w)+"*")}
			found := [2][]int32{}
			Index(recorded, topics).Each(topics, func(i int, docs []int32) { found[i] = slices.Clone(docs) })
			for _, doc := range found[0] {
				if !slices.Contains(found[1], doc) {
					t.Fatalf("%s finds paper %d, %s does not", topics[0], doc, topics[1])
				}
			}
			widened++
		}
	}
	if widened < 100 {
		t.Errorf("only %d plurals", widened)
	}
}

// signs are papers of which other alphabets, signs and TeX make words.
func signs() []paper {
	var out []paper
	for _, title := range []string{
		"A C++ library, in C#/.NET and not in C", "A* search, A$^*$ and RRT*", "CO$_2$, CO₂ and H_2O at R^2", "τ-bench, $\\tau$-bench and β-VAEs",
		"扩散模型在图像生成中的应用", "拡散モデル入門 Stable Diffusion入門", "확산 모델을 학습하는 확산", "การเรียนรู้ของเครื่อง", "модельGPT 模型C++ データ",
	} {
		out = append(out, paper{Title: title, Abstract: title + " " + title, Authors: []string{"李明", "A* Wei王伟"}})
	}
	return out
}

// 100 topics in each of rapid's 100 batches: 10,000 random queries.
func TestTheBatchSaysWhatEveryTopicSaysOfEveryPaper(t *testing.T) {
	papers := slices.Concat(recordings.Values[paper](t, "seed_page.jsonl", 1000), catalogue(t))
	if recordings.Here(t) {
		papers = slices.Concat(papers,
			recordings.Values[paper](t, "arxiv-corpus.jsonl.gz", 12000)[10000:], // the first ones have no categories
			daily(t, "2024-05-28", "2025-06-17", "2026-08-21"))
	}
	recorded := docs(append(papers, signs()...))
	queries, hits := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		batch := make([]*topic.Doc, rapid.IntRange(1, 150).Draw(t, "papers"))
		for i := range batch {
			batch[i] = recorded[rapid.IntRange(0, len(recorded)-1).Draw(t, "paper")]
		}
		one := rapid.Custom(func(t *rapid.T) topic.Topic { return aTopic(t, batch) })
		topics := rapid.SliceOfN(one, 100, 100).Draw(t, "topics")
		topics = append(topics, topics[:10]...) // which several channels follow
		told := topics[rapid.IntRange(0, 1).Draw(t, "not told"):]
		var got []pair
		Index(batch, told).Each(topics, func(i int, found []int32) {
			for _, d := range found {
				got = append(got, pair{i, int(d)})
			}
		})
		want := slowly(batch, topics)
		if !slices.Equal(got, want) {
			for _, p := range slices.Concat(got, want) {
				if slices.Contains(got, p) != slices.Contains(want, p) {
					t.Fatalf("%s: paper %d %v", topics[p.Topic], p.Doc, batch[p.Doc])
				}
			}
			t.Fatalf("not in order: %v", got)
		}
		queries, hits = queries+100, hits+len(got)
	})
	t.Logf("%d queries, %d hits", queries, hits)
	if hits < queries {
		t.Errorf("only %d hits of %d queries: they test little", hits, queries)
	}
}

// asked makes n distinct topics as people ask for them: words and pairs of
// recorded titles, as often as titles have them, sometimes narrowed.
func asked(b testing.TB, papers []paper, n int) []topic.Topic {
	df := map[string]int{}
	titles := make([][]string, len(papers))
	for i, p := range papers {
		titles[i] = topic.NewDoc(p.Title, "", nil, nil, nil, false, nil).Title
		sorted := slices.Sorted(slices.Values(titles[i]))
		for _, w := range slices.Compact(sorted) {
			df[w]++
		}
	}
	telling := func(w string) bool { return len(w) > 2 && df[w] < len(papers)/10 }
	seen := map[string]bool{}
	var out []topic.Topic
	for i := 0; len(out) < n; i++ {
		// A step that is prime to the number of papers visits them all, far from each other.
		at := i * 7919
		t, p := titles[at%len(titles)], &papers[at%len(papers)]
		if len(t) < 3 {
			continue
		}
		j := i / 7 % (len(t) - 1)
		one, two := t[j], t[j+1]
		if !telling(one) || !telling(two) {
			continue
		}
		var s string
		switch i % 20 {
		default:
			s = one
		case 10, 11, 12, 13:
			s = `"` + one + " " + two + `"`
		case 14, 15:
			s = one + " " + t[len(t)-1]
		case 16:
			s = one + " -" + two
		case 17:
			s = one + " | " + two
		case 18:
			s = fmt.Sprintf(`author:"%s"`, cmp.Or(append(p.Authors, "nobody")[0], "nobody"))
		case 19:
			s = one[:len(one)-1] + "* cat:" + cmp.Or(append(p.Categories, "*")[0], "*")
		}
		q, err := topic.Parse(s)
		if err != nil || seen[q.String()] {
			continue
		}
		seen[q.String()] = true
		out = append(out, q)
	}
	return out
}
