package topic

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paperboy/internal/recordings"
)

// page is the 33 papers Paperboy started from, in page order.
func page(t testing.TB) (docs []*Doc, abstracts []string) {
	f, err := os.Open(recordings.File(t, "seed_page.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var p struct {
			Title, Abstract string
			Authors         []string
		}
		if err := json.Unmarshal(sc.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		docs = append(docs, NewDoc(p.Title, p.Abstract, p.Authors, nil, []string{"hf"}, false, nil))
		abstracts = append(abstracts, p.Abstract)
	}
	if len(docs) != 33 {
		t.Fatalf("the page has %d papers, not 33", len(docs))
	}
	return docs, abstracts
}

func TestTheTruthTableOfTheFirstPage(t *testing.T) {
	docs, _ := page(t)
	all := make([]int, len(docs))
	for i := range docs {
		all[i] = i + 1
	}
	for query, want := range map[string][]int{
		`diffusion`:                       {1, 2, 3, 28},
		`title:diffusion`:                 {28},
		`"stable diffusion"`:              {2},
		`diffusion -"stable diffusion"`:   {1, 3, 28},
		`diffusion –“stable diffusion”`:   {1, 3, 28},
		`lora`:                            {3, 17, 19},
		`llm`:                             {16, 17, 19, 25},
		`LLMs`:                            {16, 17, 19, 25},
		`federated`:                       {5},
		`imbalance*`:                      {9, 12, 14, 20, 27, 30},
		`lora | federated`:                {3, 5, 17, 19},
		`lora llm`:                        {17, 19},
		`lora -llm | title:diffusion`:     {3, 28},
		`min:0`:                           nil,
		`source:hf federated`:             {5},
		`source:arxiv`:                    nil,
		`cat:*`:                           all,
		`cat:* diffusion`:                 {1, 2, 3, 28}, // no category of theirs is known
		`cat:c*`:                          nil,
		`diffusion -cat:*`:                nil,
		`diffusion -cat:cs.CV -has:code`:  {1, 2, 3, 28},
		`title:"sparse linear attention"`: {28},
	} {
		topic, err := Parse(query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		var got []int
		for i, d := range docs {
			if _, ok := topic.Match(d); ok {
				got = append(got, i+1)
			}
		}
		if !cmp.Equal(got, want) {
			t.Errorf("%s matches %v, want %v", query, got, want)
		}
	}
}

func TestHowATopicIsReadBackAndSaid(t *testing.T) {
	for _, c := range []struct{ typed, printed, reading string }{
		{`diffusion`, ``, `word diffusion in title or abstract`},
		{`  Diffusion   Models `, `diffusion model`, `word diffusion and word model in title or abstract`},
		{`diffusion -"stable diffusion"`, ``, `word diffusion in title or abstract, without "stable diffusion"`},
		{`diffusion -“Stable Diffusion”`, `diffusion -"stable diffusion"`, ``},
		{`diffusion –„stable diffusion“`, `diffusion -"stable diffusion"`, ``},
		{`diffusion −«stable diffusion»`, `diffusion -"stable diffusion"`, ``},
		{`diffusion —"stable diffusion"`, `diffusion -"stable diffusion"`, ``},
		{`diffusion --video`, `diffusion -video`, `word diffusion in title or abstract, without "video"`},
		{`text-to-image`, `"text to image"`, `phrase text to image in title or abstract`},
		{`text–to–image`, `"text to image"`, ``},
		{`"top"`, `top`, `word top in title or abstract`},
		{`"LLMs"`, `llm`, ``},
		{`diffus*`, ``, `words beginning with diffus in title or abstract`},
		{`Diffus* -vid*`, `diffus* -vid*`, `words beginning with diffus in title or abstract, without words beginning with vid`},
		{`Models* -title:GANs*`, `models* -title:gans*`, `words beginning with models or the word model in title or abstract, without words beginning with gans or the word gan in title`},
		{`author:peters*`, ``, `author beginning with Peters`},
		{`lora|gpt -title:survey`, `lora | gpt -title:survey`, `word lora in title or abstract, or word gpt in title or abstract, without "survey" in title`},
		{`TITLE:"Stable Diffusion" abstract:diffus*`, `title:"stable diffusion" abstract:diffus*`,
			`phrase stable diffusion in title, words beginning with diffus in abstract`},
		{`author:"Jane Doe"`, `author:"jane doe"`, `author Jane Doe`},
		{`author:"Doe, Jane"`, `author:"jane doe"`, ``},
		{`author:peters -author:"Łukasz Kaiser"`, `author:peters -author:"lukasz kaiser"`, `author Peters, not author Lukasz Kaiser`},
		{`author:schmid*`, ``, `author beginning with Schmid`},
		{`author:"Wei-Lin O’Connor"`, `author:"wei-lin o'connor"`, `author Wei-Lin O'Connor`},
		{`author:Jürgen author:O'Co*`, `author:jürgen author:o'co*`, `author Jürgen, author beginning with O'Co`},
		{`author:"Heath, Jr., Robert W."`, `author:"robert w heath jr"`, `author Robert W Heath Jr`},
		{`cat:CS.cv`, `cat:cs.CV`, `category cs.CV`},
		{`lora cat:* -cat:*`, ``, `word lora in title or abstract, any category or none, not any category or none`},
		{`cat:cs cat:physics.FLU-dyn cat:hep-TH cat:q-bio.nc cat:*`, `cat:cs.* cat:physics.flu-dyn cat:hep-th cat:q-bio.NC cat:*`, ``},
		{`lora cat:physics.* -cat:cs.cr`, `lora cat:physics.* -cat:cs.CR`,
			`word lora in title or abstract, category physics.*, not category cs.CR`},
		{`source:HuggingFace lora`, `source:hf lora`, `word lora in title or abstract, from Hugging Face`},
		{`source:arXiv -source:"My  Feed"`, `source:arxiv -source:"my feed"`, `from arXiv, not from my feed`},
		{`lora has:code min:20`, ``, `word lora in title or abstract, with code, at least 20 upvotes on Hugging Face`},
		{`lora min:01 -has:CODE`, `lora min:1 -has:code`, `word lora in title or abstract, at least 1 upvote on Hugging Face, without code`},
		{`lora LoRA loras | lora -a -a | lora`, `lora | lora -a`, ``},
		{`SLA: beyond 2:1`, `sla beyond "2 1"`, ``},
		{`Newton's method`, `newton method`, ``},
		{`"f(x) | (a, b) -c"`, `"f x a b c"`, ``},
		{`C++ naïve`, `c++ naive`, `word c++ and word naive in title or abstract`},
		{`title:C# -F#`, `title:c# -f#`, ``},
		{`.NET`, `.net`, ``},
		{`C/C++`, `"c c++"`, ``},
		{`A*`, `a*`, `word a* in title or abstract`},
		{`-title:A* "A* search" A*-search D⋆`, `-title:a* "a* search" d*`, ``},
		{`A$^*$`, `a*`, ``},
		{`RRT* T2*`, `rrt* t2*`, `words beginning with rrt and words beginning with t2 in title or abstract`},
		{`author:J*`, `author:j*`, `author beginning with J`},
		{`C++*`, `c++`, ``},
		{`R² R^2 R$^2$ | CO$_2$`, `r2 | co2`, ``},
		{`τ-bench`, `"tau bench"`, ``},
		{`β beta BETA* | π*`, `beta beta* | pi`, ``},
		{`拡散モデル`, ``, `phrase 拡散モデル in title or abstract`},
		{`"拡散 モデル"`, `拡散モデル`, ``},
		{`扩散* -扩*`, `扩散 -扩`, ``},
		{`"Stable Diffusion入門" title:확산`, `"stable diffusion 入門" title:확산`, ``},
		{`เรียนรู้ รู้*`, `เรียนรู้ รู้`, ``},
		{`"ᄀ ᅡ"`, ``, ``}, // together they would be another sign
	} {
		topic, err := Parse(c.typed)
		if err != nil {
			t.Errorf("%s: %v", c.typed, err)
			continue
		}
		want := c.printed
		if want == "" {
			want = c.typed
		}
		if got := topic.String(); got != want {
			t.Errorf("%s prints as %s, want %s", c.typed, got, want)
		}
		again, err := Parse(topic.String())
		if err != nil || !cmp.Equal(topic, again) {
			t.Errorf("%s does not read back: %v\n%s", topic, err, cmp.Diff(topic, again))
		}
		if got := topic.Reading().String(); c.reading != "" && got != c.reading {
			t.Errorf("%s reads\n%s, want\n%s", c.typed, got, c.reading)
		}
	}
}

// Every name is found as people write it, and not by what is left of it.
func TestNamesOfSignsAndOtherScriptsAreFound(t *testing.T) {
	papers := []string{
		"A C++ Library for Graphs", "Vitamin C and Hepatitis C", "Kernels in C#/.NET", "A* Search and Aardvarks", "On A$^*$ with RRT*", // 1 to 5
		"CO$_2$ Capture", "CO₂ and R² of a Net", "τ-bench", "$\\tau$-Bench and β-VAE", "tau2", // 6 to 10
		"扩散模型在图像生成中的应用", "拡散モデル入門 Stable Diffusion入門", "확산 모델을 학습", "การเรียนรู้ของเครื่อง", "Модель GPTмодель", // 11 to 15
	}
	for typed, want := range map[string][]int{
		"C++": {1}, "title:c++": {1}, "C": {2}, "C#": {3}, ".NET": {3}, "net": {7}, "F#": nil, "C -C++": {2},
		"A*": {4, 5}, "a* search": {4}, `"A* Search"`: {4}, "A*-search": {4}, "a⋆": {4, 5}, "RRT*": {5}, "aard*": {4}, "A": {1, 7},
		"CO2": {6, 7}, "CO₂": {6, 7}, "CO$_2$": {6, 7}, "CO_2 capture": {6}, "R^2": {7}, "R2": {7}, "CO": nil,
		"τ-bench": {8, 9}, "tau-bench": {8, 9}, "τ": {8, 9}, "τ²": {10}, "beta-VAE": {9}, "τ*": {8, 9}, "tau*": {8, 9, 10},
		"扩散模型": {11}, "散模": {11}, "扩散*": {11}, "扩模": nil, "图像 -扩散": nil, "拡散": {12}, "diffusion": {12}, "入門": {12}, `"Diffusion入門"`: {12}, "モデ": {12},
		"확산모델": {13}, "모델": {13}, "학습*": {13}, "เรียน": {14}, "เรียนรู้": {14}, "เครื่อง*": {14}, "รู": nil, "модель": {15}, "GPT": {15},
	} {
		topic, err := Parse(typed)
		if err != nil {
			t.Errorf("%s: %v", typed, err)
			continue
		}
		var got []int
		for i, title := range papers {
			if _, ok := topic.Match(NewDoc(title, "", nil, nil, nil, false, nil)); ok {
				got = append(got, i+1)
			}
		}
		if !cmp.Equal(got, want) {
			t.Errorf("%s finds %v, want %v", typed, got, want)
		}
	}
}

func TestTheReadingMarksOnlyItsWords(t *testing.T) {
	topic, err := Parse("diffusion")
	if err != nil {
		t.Fatal(err)
	}
	reading := topic.Reading()
	if got := []string{reading[0].Text, reading[1].Text, string(reading[1].Style)}; !cmp.Equal(got, []string{"word ", "diffusion", "bold"}) {
		t.Errorf("got %q", got)
	}
}

func TestWhatCannotBeReadIsAnsweredWithWhatToType(t *testing.T) {
	words := strings.Repeat("w ", 14)
	for _, c := range []struct {
		typed, code string
		col         int
		text        string
	}{
		{`diffusion -`, "E-PARSE", 11, "I could not read `diffusion -`. A minus needs a word right after it: `-video`."},
		{`diffusion – survey`, "E-PARSE", 11, "I could not read `diffusion – survey`. A minus needs a word right after it: `-survey`."},
		{`-survey`, "E-ONLYNEG", 1, "A topic needs at least one positive word. `-survey` alone would match almost everything."},
		{`lora |  -survey -"a b"`, "E-ONLYNEG", 9, "A topic needs at least one positive word. `-survey -\"a b\"` alone would match almost everything."},
		{`(bert | gpt) lora`, "E-PAREN", 1, "Brackets are not supported. Write `bert lora | gpt lora`."},
		{`bert (lora | gpt)`, "E-PAREN", 6, "Brackets are not supported. Write `bert lora | bert gpt`."},
		{`bert -(lora | "a b")`, "E-PAREN", 7, "Brackets are not supported. Write `bert -lora -\"a b\"`."},
		{`bert -(lora gpt)`, "E-PAREN", 7, "Brackets are not supported. Write every choice out, with a `|` between: `bert lora | gpt lora`."},
		{`(a | (b c)) (d | e)`, "E-PAREN", 1, "Brackets are not supported. Write `a d | a e | b c d | b c e`."},
		{`bert (lora`, "E-PAREN", 6, "Brackets are not supported. Write every choice out, with a `|` between: `bert lora | gpt lora`."},
		{`bert) lora`, "E-PAREN", 5, "Brackets are not supported. Write every choice out, with a `|` between: `bert lora | gpt lora`."},
		{`（bert）`, "E-PAREN", 1, "Brackets are not supported. Write `bert`."},
		{words, "E-LONG", 25, "That topic has 14 words; the limit is 12. Split it with commas into two topics."},
		{strings.Repeat("x", 231), "E-LONG", 201, "That topic has 231 characters; the limit is 200. Shorten it."},
		{strings.Repeat("x-", 99) + "xx", "E-LONG", 200, "That topic has 202 characters; the limit is 200. Shorten it."},
		{``, "E-PARSE", 1, "There is no word to look for. Write one, such as `diffusion`."},
		{`   `, "E-PARSE", 4, "There is no word to look for. Write one, such as `diffusion`."},
		{`|`, "E-PARSE", 1, "I could not read `|`. A `|` stands between two choices: `diffusion | lora`."},
		{`a || b`, "E-PARSE", 4, "I could not read `a || b`. A `|` stands between two choices: `diffusion | lora`."},
		{`a |`, "E-PARSE", 3, "I could not read `a |`. A `|` needs a word after it too: `diffusion | lora`."},
		{`lora “stable diffusion`, "E-PARSE", 6, "I could not read `lora “stable diffusion`. A quote is missing at the end: `\"stable diffusion\"`."},
		{`lora title:"stable`, "E-PARSE", 12, "I could not read `lora title:\"stable`. A quote is missing at the end: `title:\"stable\"`."},
		{`titel:diffusion`, "E-PARSE", 1, "I could not read `titel:diffusion`. There is no field `titel:`. Did you mean `title:diffusion`?"},
		{`a -categories:cs.CV`, "E-PARSE", 4, "I could not read `a -categories:cs.CV`. There is no field `categories:`. Did you mean `cat:cs.CV`?"},
		{`https://arxiv.org/abs/2509.24002`, "E-PARSE", 1, "I could not read `https://arxiv.org/abs/2509.24002`. That is a paper. To look for others like it write `like:2509.24002`."},
		{`https://example.org/x`, "E-PARSE", 1, "I could not read `https://example.org/x`. There is no field `https:`. The fields are `title:`, `abstract:`, `author:`, `cat:`, `source:`, `has:`, `min:` and `like:`; put anything else in quotes."},
		{`like:`, "E-PARSE", 5, "I could not read `like:`. Its value stands right after the colon: `like:\"video of people\"`."},
		{`like:"a b"@0`, "E-PARSE", 6, "I could not read `like:\"a b\"@0`. How alike papers must be is a whole number from 1 to 100 right behind it: `like:\"a b\"@70`."},
		{`like:lora@much`, "E-PARSE", 6, "I could not read `like:lora@much`. How alike papers must be is a whole number from 1 to 100 right behind it: `like:lora@70`."},
		{`like:"a b"60`, "E-PARSE", 6, "I could not read `like:\"a b\"60`. How alike papers must be is a whole number from 1 to 100 right behind it: `like:\"a b\"@70`."},
		{`like:diffus*`, "E-PARSE", 6, "I could not read `like:diffus*`. `like:` looks at meaning, and needs whole words: `like:diffus`."},
		{`like:"?"`, "E-PARSE", 6, "I could not read `like:\"?\"`. `like:` takes a paper's number or your own words in quotes: `like:2509.24002`, `like:\"video of people\"`."},
		{`similar:2509.24002`, "E-PARSE", 1, "I could not read `similar:2509.24002`. There is no field `similar:`. Did you mean `like:2509.24002`?"},
		{`-like:lora`, "E-ONLYNEG", 1, "A topic needs at least one positive word. `-like:lora` alone would match almost everything."},
		{`like:a | like:b | like:c | like:d | like:e`, "E-LONG", 37, "That topic has 5 `like:`; the limit is 4. Split it with commas into two topics."},
		{`lora since:7d`, "E-PARSE", 6, "I could not read `lora since:7d`. `since:` belongs to a search, not to a topic. Leave it out here."},
		{`*`, "E-PARSE", 1, "I could not read `*`. A `*` needs the beginning of a word in front of it: `diffus*`."},
		{`*foo`, "E-PARSE", 1, "I could not read `*foo`. A `*` stands only at the end of a word: `foo*`."},
		{`fo*o`, "E-PARSE", 1, "I could not read `fo*o`. A `*` stands only at the end of a word: `fo*`."},
		{`text-to-im*`, "E-PARSE", 1, "I could not read `text-to-im*`. A `*` widens one word, not several: `im*`."},
		{`"stable diff"*`, "E-PARSE", 14, "I could not read `\"stable diff\"*`. A `*` widens one word, not a phrase: `diffus*`."},
		{`a ""`, "E-PARSE", 3, "I could not read `a \"\"`. There is nothing between the quotes. Write a phrase: `\"stable diffusion\"`."},
		{`a "&?"`, "E-PARSE", 3, "I could not read `a \"&?\"`. `&?` has no letter and no digit. Write words: `diffusion`."},
		{`a & b`, "E-PARSE", 3, "I could not read `a & b`. `&` has no letter and no digit. Write words: `diffusion`."},
		{`title:`, "E-PARSE", 6, "I could not read `title:`. Its value stands right after the colon: `title:diffusion`."},
		{`Author: smith`, "E-PARSE", 7, "I could not read `Author: smith`. Its value stands right after the colon: `author:smith`."},
		{`title:-survey`, "E-PARSE", 7, "I could not read `title:-survey`. The minus goes in front of the field: `-title:survey`."},
		{`min:abc`, "E-PARSE", 5, "I could not read `min:abc`. `min:` takes a whole number of upvotes: `min:20`."},
		{`a -min:20`, "E-PARSE", 3, "I could not read `a -min:20`. `min:` cannot be excluded. Write `min:20` for at least so many upvotes."},
		{`has:dog`, "E-PARSE", 5, "I could not read `has:dog`. Only `has:code` can be asked for."},
		{`cat:cv`, "E-PARSE", 5, "I could not read `cat:cv`. `cv` is no category. Did you mean `cs.CV` (Computer Vision and Pattern Recognition) or `math.CV` (Complex Variables)?"},
		{`cat:*.CV`, "E-PARSE", 5, "I could not read `cat:*.CV`. `*.CV` is no category. Did you mean `cs.CV` (Computer Vision and Pattern Recognition) or `math.CV` (Complex Variables)?"},
		{`source:"?"`, "E-PARSE", 8, "I could not read `source:\"?\"`. A source is `source:hf`, `source:arxiv` or a feed's name."},
		{strings.Repeat("ab ", 25)[:74] + ` -`, "E-LONG", 37, "That topic has 26 words; the limit is 12. Split it with commas into two topics."},
		{strings.Repeat("x", 99) + ` -`, "E-PARSE", 101, "I could not read `" + strings.Repeat("x", 60) + "…`. A minus needs a word right after it: `-video`."},
	} {
		topic, err := Parse(c.typed)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q was read as %s, want %s", c.typed, topic, c.code)
			continue
		}
		if e.Code != c.code || e.Col != c.col || e.Error() != c.text {
			t.Errorf("%q\n got %s at %d: %s\nwant %s at %d: %s", c.typed, e.Code, e.Col, e, c.code, c.col, c.text)
		}
	}
}

func TestTopicsInOneLine(t *testing.T) {
	for _, c := range []struct {
		typed string
		want  []string
	}{
		{`diffusion -"stable diffusion", author:"Jane Doe"`, []string{`diffusion -"stable diffusion"`, `author:"jane doe"`}},
		{`author:“Doe, Jane”, lora`, []string{`author:"jane doe"`, `lora`}},
		{`a | b, c,, d, `, []string{"a | b", "c", "d"}},
		{`llm, LLMs`, []string{"llm"}},
		{`拡散，llm、lora`, []string{"拡散", "llm", "lora"}},
	} {
		topics, err := ParseList(c.typed)
		if err != nil {
			t.Errorf("%s: %v", c.typed, err)
			continue
		}
		var got []string
		for _, topic := range topics {
			got = append(got, topic.String())
		}
		if !cmp.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.typed, got, c.want)
		}
	}
	for _, c := range []struct {
		typed, text string
		col         int
	}{
		{" , ", "I could not read `,`. There is no word to look for. Write topics with commas between: `diffusion, lora`.", 1},
		{"", "There is no word to look for. Write topics with commas between: `diffusion, lora`.", 1},
		{`lora, diffusion -`, "I could not read `diffusion -`. A minus needs a word right after it: `-video`.", 17},
	} {
		_, err := ParseList(c.typed)
		var e *Error
		if !errors.As(err, &e) || e.Error() != c.text || e.Col != c.col {
			t.Errorf("%q: %+v", c.typed, err)
		}
	}
}

func TestWhyNamesTheTermAndItsPlace(t *testing.T) {
	votes := 20
	d := NewDoc("Stable Diffusion with LoRA", "We adapt diffusion models. Large models, e.g. LLMs (cf. Sec. 2), learn v2.0 fast! It\nworks.",
		[]string{"Jane Doe", "Ann Lee Peters"}, []string{"cs.CV", "physics.flu-dyn"}, []string{"arxiv", "My Feed"}, true, &votes)
	for _, c := range []struct {
		topic string
		want  []Why
	}{
		{`llm | lora`, []Why{{Term: "llm", Field: Abstract}}},
		{`lora abstract:diffusion`, []Why{{Term: "lora", Field: Title}, {Term: "abstract:diffusion", Field: Abstract}}},
		{`"stable diffusion" -video author:"jane doe"`, []Why{{Term: `"stable diffusion"`, Field: Title}, {Term: `author:"jane doe"`, Field: Author, Name: "Jane Doe"}}},
		{`cat:physics.* source:"my feed" has:code min:20`, []Why{{Term: "cat:physics.*", Field: Cat}, {Term: `source:"my feed"`, Field: Source}, {Term: "has:code", Field: Has}, {Term: "min:20", Field: Min}}},
		{`author:peters`, []Why{{Term: "author:peters", Field: Author, Name: "Ann Lee Peters"}}},
		{`author:peter`, nil},
		{`author:"doe ann"`, nil},
		{`author:"ann peters"`, []Why{{Term: `author:"ann peters"`, Field: Author, Name: "Ann Lee Peters"}}},
		{`author:"a. l. peters"`, []Why{{Term: `author:"a l peters"`, Field: Author, Name: "Ann Lee Peters"}}},
		{`author:"ann m. peters"`, nil},
		{`author:pet*`, []Why{{Term: "author:pet*", Field: Author, Name: "Ann Lee Peters"}}},
		{`"lora we"`, nil}, // a phrase does not reach from the title into the abstract
		{`min:21`, nil},
		{`cat:cs.LG`, nil},
		{`lora -has:code`, nil},
		{`lora -cat:cs.*`, nil},
	} {
		topic, err := Parse(c.topic)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := topic.Match(d)
		if ok != (c.want != nil) || !cmp.Equal(got, c.want) {
			t.Errorf("%s: %v %v, want %v", c.topic, ok, got, c.want)
		}
	}
	if _, ok := (Topic{}).Match(d); ok {
		t.Error("the topic without a word matched")
	}
}

func TestAStarAfterAPluralFindsItsSingular(t *testing.T) {
	d := NewDoc("Modelling with models of classes", "Two analyses.", []string{"Jane Peter"}, nil, nil, false, nil)
	for typed, want := range map[string][]Why{
		`models*`:         {{Term: "models*", Field: Title}},
		`classes*`:        {{Term: "classes*", Field: Title}},
		`model*`:          {{Term: "model*", Field: Title}},
		`title:models*`:   {{Term: "title:models*", Field: Title}},
		`analyses*`:       {{Term: "analyses*", Field: Abstract}},
		`title:analyses*`: nil,
		`two -models*`:    nil,
		`modelss*`:        nil,
		`classe*`:         nil, // the beginning of "classes", which nobody wrote: kept is class
		`author:peters*`:  nil, // names are not folded
	} {
		topic, err := Parse(typed)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := topic.Match(d); !cmp.Equal(got, want) {
			t.Errorf("%s: %v, want %v", typed, got, want)
		}
		if topic.String() != typed {
			t.Errorf("%s prints as %s", typed, topic)
		}
	}
	// It widens to the singular, not to what the singular begins.
	topic, err := Parse(`models*`)
	if err != nil {
		t.Fatal(err)
	}
	if why, ok := topic.Match(NewDoc("Modelling a modeler", "Modelled.", nil, nil, nil, false, nil)); ok {
		t.Errorf("models* found %v", why)
	}
}

func TestTheSentenceOfATerm(t *testing.T) {
	title := "Stable\n  Diffusion: a study"
	abstract := "We adapt diffusion models. Large models, e.g. LLMs (cf. Sec. 2), learn\nv2.0 fast! It works by Vaswani et al. A lot."
	for _, c := range []struct {
		why  Why
		want string
	}{
		{Why{Term: "diffusion", Field: Title}, "Stable Diffusion: a study"},
		{Why{Term: "diffusion", Field: Abstract}, "We adapt diffusion models."},
		{Why{Term: "llm", Field: Abstract}, "Large models, e.g. LLMs (cf. Sec. 2), learn v2.0 fast!"},
		{Why{Term: "abstract:wor*", Field: Abstract}, "It works by Vaswani et al. A lot."},
		{Why{Term: "models*", Field: Abstract}, "We adapt diffusion models."},
		{Why{Term: `"diffusion model"`, Field: Abstract}, "We adapt diffusion models."},
		{Why{Term: "missing", Field: Abstract}, ""},
		{Why{Term: "cat:cs.CV", Field: Cat}, ""},
		{Why{Term: "-", Field: Abstract}, ""},
	} {
		if got := c.why.Sentence(title, abstract); got != c.want {
			t.Errorf("%v: %q, want %q", c.why, got, c.want)
		}
	}
	chinese := "我们研究扩散模型。它写于C++！很快。"
	for term, want := range map[string]string{"扩散": "我们研究扩散模型。", "c++": "它写于C++！", "很快": "很快。"} {
		if got := (Why{Term: term, Field: Abstract}).Sentence("", chinese); got != want {
			t.Errorf("%s: %q, want %q", term, got, want)
		}
	}
}

func TestTheWordThatWasFound(t *testing.T) {
	title, abstract := "LLMs for *Agentic* search", "Text-to-image C++ code of Schr\\\"odinger. Agents of AI. 扩散模型"
	for _, c := range []struct {
		why  Why
		want string
	}{
		{Why{Term: "llm", Field: Title}, "LLMs"},
		{Why{Term: "agent*", Field: Title}, "Agentic"},
		{Why{Term: "title:agent*", Field: Title}, "Agentic"},
		{Why{Term: "agent*", Field: Abstract}, "Agents"},
		{Why{Term: `"text to image"`, Field: Abstract}, "Text-to-image"},
		{Why{Term: "c++", Field: Abstract}, "C++"},
		{Why{Term: "schrodinger", Field: Abstract}, `Schr\"odinger`},
		{Why{Term: "扩散", Field: Abstract}, "扩散"},
		{Why{Term: "gone", Field: Abstract}, ""}, // in an earlier version of the paper
		{Why{Term: "cat:cs.CV", Field: Cat}, ""},
		{Why{Term: `author:"jane doe"`, Field: Author, Name: "Jane Doe"}, ""},
		{Why{Term: "min:20", Field: Min}, ""},
		{Why{Term: "-", Field: Title}, ""},
	} {
		if got := c.why.Found(title, abstract); got != c.want {
			t.Errorf("%v: %q, want %q", c.why, got, c.want)
		}
	}
}

func TestEveryMatchOnThePageHasItsSentence(t *testing.T) {
	docs, abstracts := page(t)
	topic, err := Parse(`lora | diffusion | imbalance* | "class imbalance" | llm`)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i, d := range docs {
		why, _ := topic.Match(d)
		for _, w := range why {
			n++
			s := w.Sentence("", abstracts[i])
			if w.Field == Abstract && (s == "" || len(s) > len(abstracts[i])*3/4) {
				t.Errorf("#%d %v: %d of %d characters", i+1, w, len(s), len(abstracts[i]))
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d matches", n)
	}
}

func TestTheScopeOfAChannel(t *testing.T) {
	hf, arxiv, feed := []string{"arxiv", "hf"}, []string{"arxiv"}, []string{"My Feed"}
	for _, c := range []struct {
		scope      string
		categories []string
		sources    []string
		want       bool
	}{
		{"cs.* stat.ML eess.*", []string{"cs.CV"}, arxiv, true},
		{"cs.* stat.ML eess.*", []string{"math.ST", "STAT.ml"}, arxiv, true},
		{"cs.* stat.ML eess.*", []string{"physics.flu-dyn"}, arxiv, false},
		{"cs.* stat.ML eess.*", []string{"physics.flu-dyn"}, hf, true},
		{"cs.* stat.ML eess.* strict", []string{"physics.flu-dyn"}, hf, false},
		{"cs.* strict", nil, hf, true},
		{"cs.*", nil, feed, true},
		{"physics.*", []string{"physics.flu-dyn"}, arxiv, true},
		{"math-ph, hep-th", []string{"hep-th"}, arxiv, true},
		{"cs.*", []string{"css.X", "c"}, arxiv, false},
		{"*", []string{"physics.flu-dyn"}, arxiv, true},
		{"strict", []string{"physics.flu-dyn"}, arxiv, true},
	} {
		s, err := ParseScope(c.scope)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Admits(&Doc{Categories: c.categories, Sources: c.sources}); got != c.want {
			t.Errorf("%s admits %v of %v: %v", c.scope, c.categories, c.sources, got)
		}
	}
}

func TestAScopeIsReadPrintedAndSaid(t *testing.T) {
	for _, c := range []struct {
		typed   string
		scope   Scope
		printed string
		reading string
	}{
		{"cs.*, stat.ml eess", Scope{Patterns: []string{"cs.*", "stat.ML", "eess.*"}}, "cs.*, stat.ML, eess.*",
			"in cs.*, stat.ML, eess.* (HF-listed papers always included)"},
		{"cs.CV,cs.cv strict", Scope{Patterns: []string{"cs.CV"}, Strict: true}, "cs.CV, strict", "in cs.CV"},
		{"Strict", Scope{Strict: true}, "strict", ""},
		{"cs.CV all strict", Scope{}, "*", ""},
		{"*", Scope{}, "*", ""},
	} {
		s, err := ParseScope(c.typed)
		if err != nil || !cmp.Equal(s, c.scope) {
			t.Errorf("%s: %v %v", c.typed, s, err)
		}
		if s.String() != c.printed || s.Reading().String() != c.reading {
			t.Errorf("%s prints %q and reads %q", c.typed, s, s.Reading())
		}
		if again, err := ParseScope(s.String()); err != nil || !cmp.Equal(again, s) {
			t.Errorf("%s does not read back: %v", s, err)
		}
	}
	for typed, want := range map[string]string{
		"":        "A scope names categories, such as `cs.*, stat.ML`, or `*` for everything.",
		" , ":     "A scope names categories, such as `cs.*, stat.ML`, or `*` for everything.",
		"cs.* cv": "I could not read `cv`. `cv` is no category. Did you mean `cs.CV` (Computer Vision and Pattern Recognition) or `math.CV` (Complex Variables)?",
	} {
		if _, err := ParseScope(typed); err == nil || err.Error() != want {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

func TestOnlyAPositiveCategoryLeavesTheScope(t *testing.T) {
	for typed, want := range map[string]bool{"lora": false, "lora cat:cs.CV": true, "lora | cat:*": true, "lora -cat:cs.CR": false} {
		topic, err := Parse(typed)
		if err != nil {
			t.Fatal(err)
		}
		if topic.HasCat() != want {
			t.Errorf("%s: %v", typed, !want)
		}
	}
}

func TestAtLeastSoManyUpvotes(t *testing.T) {
	few, enough := 19, 20
	asked, err := Parse("min:20 llm")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		upvotes *int
		want    bool
	}{"one too few": {&few, false}, "just enough": {&enough, true}, "nobody knows": {nil, false}} {
		if _, ok := asked.Match(NewDoc("An LLM", "", nil, nil, nil, false, c.upvotes)); ok != c.want {
			t.Errorf("%s: found is %v", name, ok)
		}
	}
}
