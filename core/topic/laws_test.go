package topic

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paperboy/core/names"
	"paperboy/core/text"
)

// readable checks what holds for every input: a topic is within the limits,
// has a positive term in every clause and prints as something that reads back
// to itself; an error has a sentence and a place within the text.
func readable(t interface{ Fatalf(string, ...any) }, s string, topics []Topic, err error) {
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%q: %T", s, err)
		}
		if e.Col < 1 || e.Col > utf8.RuneCountInString(s)+1 || e.Code == "" || !strings.HasSuffix(e.Error(), ".") && !strings.HasSuffix(e.Error(), "?") {
			t.Fatalf("%q: %+v", s, e)
		}
		return
	}
	for _, topic := range topics {
		printed := topic.String()
		again, err := Parse(printed)
		if err != nil || !cmp.Equal(topic, again) {
			t.Fatalf("%q printed as %q does not read back: %v\n%s", s, printed, err, cmp.Diff(topic, again))
		}
		terms := 0
		for _, c := range topic.Clauses {
			positive := false
			for _, term := range c {
				terms++
				positive = positive || !term.Not
			}
			if !positive {
				t.Fatalf("%q: nothing positive in %q", s, c)
			}
		}
		if terms == 0 || terms > MaxTerms || utf8.RuneCountInString(printed) > MaxChars || len(topic.Reading()) == 0 {
			t.Fatalf("%q: %d terms, %q", s, terms, printed)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`diffusion -"stable diffusion"`, `lora | gpt`, `diffus* title:"a b" abstract:x author:"Doe, Jane"`, `cat:cs.* -cat:physics.flu-dyn`,
		`source:hf source:"My Feed" has:code min:20`, `“a” –b — c`, `(bert | gpt) -(a | b)`, `a, b,, "c, d"`, `titel:x`, `*`, `fo*o`, `"`, `-`, `|`,
		`min:99999999999`, "\xff\x00", `ﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺ`, strings.Repeat("(a|", 60), strings.Repeat("x-", 100), `e` + "\u0301*", `source:İ`, `½ "½"`, `source:a:""`,
		`like:2509.24002@60 -like:"survey of models"@7 like:x@ like:"a"b like:@5 like:https://arxiv.org/abs/2509.24002v2 like:a*`,
		`NLP & vision / speech: a survey`, `Title: "a" -b ` + strings.Repeat("prose ", 40), `pose cat:cs.CV author:"Song Han"`, `lora - (qlora)`, `attention (is all) you — need?`, `a:b ::c (`, `–`, `"a" & "`,
		`C++ -c# title:A* A*-search | "D* Lite" RRT* a*b*`, `扩散模型 扩散* title:"stable diffusion 入門" รู้*`, `π* β-VAE CO$_2$ R^2* .NET 가 "ᄀ ᅡ"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		topic, err := Parse(s)
		readable(t, s, []Topic{topic}, err)
		searched, serr := ParseSearch(s)
		plain := Plain(s)
		if len(plain) == 0 {
			readable(t, s, []Topic{searched}, serr)
		} else if serr != nil || len(searched.Clauses) != 1 || len(plain) > MaxSearch*20 { // a sign may be a sentence
			t.Fatalf("%q of plain words %q: %v, %v", s, plain, searched, serr)
		}
		if err == nil && (serr != nil || !cmp.Equal(searched, topic)) {
			t.Fatalf("%q: a search reads %q, %v and a topic %q", s, searched, serr, topic)
		}
		if serr != nil && !strings.ContainsFunc(s, func(r rune) bool { return strings.ContainsRune(`"|*-:`, straight(r)) }) && len(text.Words(s)) > 0 {
			t.Fatalf("%q has no operator: %v", s, serr)
		}
		topics, err := ParseList(s)
		readable(t, s, topics, err)
		if scope, err := ParseScope(s); err == nil {
			if again, err := ParseScope(scope.String()); err != nil || !cmp.Equal(again, scope) {
				t.Fatalf("%q: %q does not read back: %v", s, scope, err)
			}
		} else {
			readable(t, s, nil, err)
		}
	})
}

// words are of several alphabets and forms, as people type them.
var words = rapid.OneOf(
	rapid.StringMatching(`[A-Za-z]{1,8}[0-9]?`),
	rapid.SampledFrom([]string{"LLMs", "losses", "naïve", "Gödel", "拡散", "модели", "ﬁne", "x²", "OR", "top", "title"}),
	rapid.SampledFrom([]string{"C++", "c#", "A*", "H⁺", ".NET", "CO$_2$", "R^2", "τ", "βs", "λόγος", "ε2", "モデル", "データ", "확산", "รู้", "GPT模型", "model入門", "ᄀ", "ᅡ", "Я"}),
)

// term is any term of the language, made as a tree and not from text.
func term(t *rapid.T) Term {
	x := Term{
		Not:   rapid.Bool().Draw(t, "not"),
		Field: rapid.SampledFrom(append(fields, Any, Any)).Draw(t, "field"),
	}
	switch x.Field {
	case Cat:
		x.Value = rapid.SampledFrom([]string{"cs.CV", "cs.*", "*", "physics.flu-dyn", "physics.*", "hep-th", "math-ph", "q-bio.NC", "stat.M*"}).Draw(t, "cat")
	case Source:
		x.Value = rapid.SampledFrom([]string{"hf", "arxiv", "my feed", "a-b", "blog.x", "é", "1"}).Draw(t, "source")
	case Has:
		x.Value = "code"
	case Like:
		x.N = rapid.SampledFrom([]int{1, Alike, 70, 100}).Draw(t, "alike")
		if x.Value = rapid.SampledFrom([]string{"2509.24002", "cs/0112017", "hep-th/9901001"}).Draw(t, "paper"); rapid.Bool().Draw(t, "words") {
			x.Value = text.Join(text.Words(strings.Join(rapid.SliceOfN(words, 1, 4).Draw(t, "own words"), " ")))
		}
	case Min:
		x.Not = false
		x.N = rapid.IntRange(0, 5000).Draw(t, "min")
	default:
		x.Prefix = rapid.Bool().Draw(t, "prefix")
		n := 1
		if !x.Prefix {
			n = rapid.IntRange(1, 3).Draw(t, "words")
		}
		var typed []string
		for range n {
			w := words.Draw(t, "word")
			if x.Field == Author && rapid.IntRange(0, 3).Draw(t, "of a name") == 0 {
				w = rapid.SampledFrom([]string{"O’Connor", "Jean-Pierre", "van", "Müller", "Jr.", "J.", "Dr.", "McX", "d'Arc", "李", "明", "Team", "de"}).Draw(t, "name")
			}
			typed = append(typed, w)
		}
		if x.Field == Author {
			x.Words = names.Words(strings.Join(typed, " "))
			x.Prefix = x.Prefix && len(x.Words) == 1
		} else {
			for _, w := range typed {
				x.Words = append(x.Words, text.Words(w)[0])
			}
		}
		if x.Field != Author && text.Whole(x.Words[0]) {
			x.Prefix = false // nothing begins with it
		}
	}
	x.Text = x.print()
	return x
}

func TestATreeThatIsPrintedReadsBackAsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var topic Topic
		seen := map[string]bool{}
		likes := 0
		for range rapid.IntRange(1, 3).Draw(t, "clauses") {
			var c Clause
			had := map[string]bool{}
			for range rapid.IntRange(1, 4).Draw(t, "terms") {
				x := term(t)
				if len(c) == 0 {
					x.Not = false
				}
				if x.Field == Like {
					likes++
				}
				if !had[x.String()] {
					had[x.String()] = true
					c = append(c, x)
				}
			}
			if !seen[c.String()] {
				seen[c.String()] = true
				topic.Clauses = append(topic.Clauses, c)
			}
		}
		if utf8.RuneCountInString(topic.String()) > MaxChars || likes > MaxLikes {
			t.Skip("longer than a topic may be")
		}
		got, err := Parse(topic.String())
		if err != nil || !cmp.Equal(got, topic) {
			t.Fatalf("%s: %v\n%s", topic, err, cmp.Diff(topic, got))
		}
	})
}

func TestAnythingTypedIsReadOrAnswered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`(["“”()|,*:–\-+#$^_{}. ]|[a-zéτ扩散ไー2]{1,3}|title:|like:|@[0-9]{1,3}|cat:cs\.|min:|source:|author:"){0,30}`).Draw(t, "typed")
		topic, err := Parse(s)
		readable(t, s, []Topic{topic}, err)
		topics, err := ParseList(s)
		readable(t, s, topics, err)
	})
}

// A word of the topic language means the same with bent quotes and long dashes.
func TestCurlyIsStraight(t *testing.T) {
	bend := strings.NewReplacer(`"`, `“`, `-`, `–`)
	rapid.Check(t, func(t *rapid.T) {
		x := term(t)
		x.Not = false
		s := x.Text + ` -"` + words.Draw(t, "a") + " " + words.Draw(t, "b") + `"`
		straight, err := Parse(s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		bent, err := Parse(bend.Replace(s))
		if err != nil || !cmp.Equal(straight, bent) {
			t.Fatalf("%s: %v %s", s, err, cmp.Diff(straight, bent))
		}
	})
}

// A star only widens: whoever types a word with one finds all that the word
// alone finds, whatever its form in the paper. Behind one letter it is a name's.
func TestAStarLosesNothing(t *testing.T) {
	word := rapid.OneOf(words, rapid.SampledFrom([]string{"models", "classes", "analyses", "matrices", "children", "series", "GANs", "biases", "trans", "corpora", "this"}))
	rapid.Check(t, func(t *rapid.T) {
		w := word.Draw(t, "word")
		field := rapid.SampledFrom([]string{"", "title:", "abstract:", "author:"}).Draw(t, "field")
		d := NewDoc(w+" "+word.Draw(t, "other"), word.Draw(t, "abstract"), []string{word.Draw(t, "author")}, nil, nil, false, nil)
		typed := rapid.SampledFrom([]string{w, text.Words(w)[0], word.Draw(t, "asked")}).Draw(t, "typed")
		if _, n := utf8.DecodeRuneInString(typed); n == len(typed) && text.Whole(typed) || strings.HasSuffix(typed, "*") {
			t.Skip("a name's star")
		}
		if len(text.Names(typed)) > 1 && (field == "author:" || !text.Whole(typed)) {
			t.Skip("a star widens one word")
		}
		plain, err := Parse(field + `"` + typed + `"`)
		if err != nil {
			t.Fatal(err)
		}
		star, err := Parse(field + typed + "*")
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := plain.Match(d); ok {
			if _, ok := star.Match(d); !ok {
				t.Fatalf("%s finds %v, and %s does not", plain, d, star)
			}
		}
	})
}

// cat:* lifts the scope and excludes nothing, whatever is known of a paper.
func TestAnyCategoryIsNoCondition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := term(t)
		d := &Doc{
			Title: rapid.SliceOfN(rapid.SampledFrom([]string{"llm", "naive", "top", "x"}), 0, 3).Draw(t, "title"), Sources: []string{"hf"},
			Categories: rapid.SliceOfN(rapid.SampledFrom([]string{"cs.CV", "hep-th", "physics.flu-dyn"}), 0, 2).Draw(t, "categories"),
		}
		any := Term{Field: Cat, Value: "*", Text: "cat:*"}
		_, alone := Topic{Clauses: []Clause{{x}}}.Match(d)
		if x.Not {
			x.Not = false
			_, alone = Topic{Clauses: []Clause{{x}}}.Match(d)
			x.Not, alone = true, !alone
		}
		topic := Topic{Clauses: []Clause{{x, any}}}
		if _, ok := topic.Match(d); ok != alone || !topic.HasCat() {
			t.Fatalf("%s of %+v: %v, without cat:* %v", topic, d, ok, alone)
		}
	})
}

func TestHostileTextIsRefusedQuickly(t *testing.T) {
	begin := time.Now()
	for _, s := range []string{
		strings.Repeat("a", 1<<20), strings.Repeat("(", 1<<20), strings.Repeat(`"`, 1<<20), strings.Repeat(",", 1<<20), strings.Repeat("a,", 1<<18),
		strings.Repeat("(a|b)", 40), strings.Repeat("(", 100) + strings.Repeat(")", 100), strings.Repeat("(a|", 60) + "b" + strings.Repeat(")", 19),
		strings.Repeat("-", 200), strings.Repeat("*", 200), strings.Repeat(":", 200), strings.Repeat("z", 199) + ":b",
	} {
		topic, err := Parse(s)
		readable(t, s, []Topic{topic}, err)
		_, err = ParseList(s)
		readable(t, s, nil, err)
		if _, err = ParseSearch(s); err != nil {
			readable(t, s, nil, err)
		}
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}
