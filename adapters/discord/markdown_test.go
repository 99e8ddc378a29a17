package discord

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"paperboy/core/say"
	"paperboy/internal/fakediscord"
	"paperboy/internal/recordings"
)

// What is escaped, and what is not, because it needs no escape: some
// notifications, and the search, show the backslashes.
func TestNothingIsEscapedThatNeedsNoEscape(t *testing.T) {
	for text, want := range map[string]string{
		"Next post: Wed 09:00 Berlin":           "Next post: Wed 09:00 Berlin",
		"cs.CV · HF ▲41 · code ★29":             "cs.CV · HF ▲41 · code ★29",
		"snake_case_name":                       "snake_case_name",
		"_init_ and __init__":                   `\_init\_ and \_\_init\_\_`,
		"GPT-4.1 (11) + 3 = x > y < z":          "GPT-4.1 (11) + 3 = x > y < z",
		"p<0.05, a<b":                           `p<0.05, a\<b`,
		"a*b":                                   `a\*b`,
		"a | b || c":                            `a | b \|\| c`,
		"~5 ~~no~~":                             `~5 \~\~no\~\~`,
		"@ana follows, @everyone @here":         `@ana follows, \@everyone \@here`,
		"#1 of 3, # one":                        "#1 of 3, # one",
		"# one":                                 `\# one`,
		"-video":                                "-video",
		"- one":                                 `\- one`,
		"-# one":                                `\-# one`,
		"1. one":                                `1\. one`,
		"1.4 a weekday":                         "1.4 a weekday",
		"> one":                                 `\> one`,
		"[v2] of [arXiv](https://evil.example)": `\[v2] of \[arXiv]\(https:\//evil.example)`,
		":smile: at 12:30:45":                   `:smile\: at 12:30\:45`,
		`\alpha \_ \`:                           `\alpha \\\_ \\`,
		"Ünïcode_é_":                            `Ünïcode\_é\_`,
		"<@1> <t:0> </x:1> <https://x.example>": `\<@1> \<t:0> \</x:1> \<https:\//x.example>`,
		"":                                      "",
	} {
		w := drawer{}.writer(500)
		w.span(say.Span{Text: text})
		if got := w.String(); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// A bracket without its other, in a link's text, would be taken for its end.
func TestBracketsInALinksTextComeInPairs(t *testing.T) {
	for text, want := range map[string]string{"[a] b": `\[a\] b`, "[a b": "［a b", "a] [b": "a］ ［b", "[[a]": `［\[a\]`} {
		w := drawer{}.writer(500)
		w.span(say.Span{Text: text, URL: "https://arxiv.org/abs/1"})
		if got := w.String(); got != "["+want+"](<https://arxiv.org/abs/1>)" {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

var nasty = rapid.Custom(func(t *rapid.T) string {
	pieces := []string{"a", "b", "1", " ", ".", "*", "_", "~", "`", "|", "<", ">", "[", "]", "(", ")", "#", "@", ":", "\\", "-", "+", "/", "!", "é", "…",
		"@everyone", "@here", "http", "https://evil.example/", "smile", "<@123456789012345678>", "<t:1>", "</papers list:123456789012345678>", "](", "-# ", "\n"}
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 14).Draw(t, "pieces"), "")
})

// spans are a stranger's texts in all styles, what their marks are to a reader, and
// the words.
func spansOf(t *rapid.T) (all say.Text, kinds []string, words string) {
	for i := range rapid.IntRange(1, 4).Draw(t, "spans") {
		if i > 0 {
			all, words = append(all, say.Span{Text: " · "}), words+" · "
		}
		s := say.Span{Text: nasty.Draw(t, "text"), Style: rapid.SampledFrom([]say.Style{say.Plain, say.Bold, say.Strike, say.Code}).Draw(t, "style")}
		if rapid.Bool().Draw(t, "linked") && s.Style != say.Code {
			s.URL = "https://arxiv.org/abs/1"
		}
		all, words = append(all, s), words+say.OneLine(s.Text)
		if strings.TrimSpace(say.OneLine(s.Text)) == "" {
			continue
		}
		if s.Style != say.Plain {
			kinds = append(kinds, string(s.Style))
		}
		if s.URL != "" {
			kinds = append(kinds, "link")
		}
	}
	return all, kinds, words
}

// read is what a reader makes of markdown: the words, and the kinds of its effects.
func read(markdown string) (words string, kinds []string) {
	m := fakediscord.Message{Content: markdown}
	for _, f := range m.Formats() {
		kind, _, _ := strings.Cut(f, ":")
		kinds = append(kinds, kind)
	}
	return m.Reads(), kinds
}

// Nothing of a stranger's text formats, links or mentions, wherever it stands and
// wherever it is cut, and all of it is read.
func TestStrangersTextStaysText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, kinds, words := spansOf(t)
		whole := drawer{}.writer(4000)
		whole.text(text)
		got, found := read(whole.String())
		if alike.Replace(got) != alike.Replace(words) || !slices.Equal(found, kinds) {
			t.Fatalf("%q reads %q, want %q; it has %v, want %v", whole, got, words, found, kinds)
		}
		cut := drawer{}.writer(rapid.IntRange(0, 60).Draw(t, "room"))
		room := cut.Room
		cut.text(text)
		for i, kind := range second(read(cut.String())) {
			if i >= len(kinds) || kinds[i] != kind {
				t.Fatalf("cut to %q it has %q", cut, kind)
			}
		}
		begun, _ := read(cut.String())
		if begun = strings.TrimSuffix(alike.Replace(begun), "…"); !strings.HasPrefix(alike.Replace(words), begun) {
			t.Fatalf("%q reads %q, which is not how %q begins", cut, begun, words)
		}
		if n := say.Length(cut.String()); n > room {
			t.Fatalf("%q has %d units, more than %d", cut, n, room)
		}
	})
}

// alike are the signs that stand for others where those cannot be escaped.
var alike = strings.NewReplacer("ˋ", "`", "∼", "~", "ˍ", "_", "［", "[", "］", "]", "\n", " ")

func second[A, B any](_ A, b B) B { return b }

// A reader of Discord's dialect that others wrote finds the same: the npm package
// discord-markdown-parser, where it is installed below a NODE_PATH.
func TestAnotherReaderReadsTheSame(t *testing.T) {
	node, err := exec.LookPath("node")
	if err == nil {
		err = exec.Command(node, "-e", `require("discord-markdown-parser")`).Run()
	}
	if err != nil {
		recordings.Missing(t, "discord-markdown-parser", "no Node that finds discord-markdown-parser: "+err.Error())
	}
	type sample struct {
		Markdown, Words string
		Kinds           []string
	}
	var all []sample
	rapid.Check(t, func(t *rapid.T) {
		text, kinds, words := spansOf(t)
		w := drawer{}.writer(4000)
		w.text(text)
		all = append(all, sample{w.String(), words, kinds})
	})
	for range 2000 { // lengths that rapid rarely draws
		s := strings.Repeat(string(pick("ab1. *_~`|<>[]()#@:\\-+/é")), 1+rand.N(4)) + "x_y:z:" + string(pick("*_~|<>[]#@:\\-+"))
		w := drawer{}.writer(4000)
		w.span(say.Span{Text: s})
		all = append(all, sample{w.String(), s, nil})
	}
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "testdata/reader.js")
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(raw)), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []sample
	if err := json.Unmarshal(out, &got); err != nil || len(got) != len(all) {
		t.Fatal(err, len(got))
	}
	bad := 0
	for i, g := range got {
		want := all[i]
		if strings.TrimSpace(alike.Replace(g.Words)) != strings.TrimSpace(alike.Replace(say.OneLine(want.Words))) || !slices.Equal(g.Kinds, want.Kinds) {
			if bad++; bad < 10 {
				t.Errorf("%q reads %q, want %q; it has %v, want %v", want.Markdown, g.Words, want.Words, g.Kinds, want.Kinds)
			}
		}
	}
	t.Logf("%d of %d are read otherwise", bad, len(all))
}

func pick(of string) rune { all := []rune(of); return all[rand.N(len(all))] }

func FuzzStrangersText(f *testing.F) {
	f.Add("@everyone <@123> `x` [a](https://evil.example) ||s|| __u__ *i* :smile: # h", 40)
	f.Fuzz(func(t *testing.T, s string, room int) {
		w := drawer{}.writer(room & 1023)
		w.span(say.Span{Text: s})
		if _, kinds := read(w.String()); len(kinds) > 0 {
			t.Errorf("%q has %v", w.String(), kinds)
		}
	})
}
