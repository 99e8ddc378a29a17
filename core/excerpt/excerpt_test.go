package excerpt

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"paperboy/internal/recordings"
)

func TestTheSentencesOfAText(t *testing.T) {
	for _, c := range [][]string{
		{"Lamps are old.", "We mend them."},
		{"Many tools, e.g. lamps, i.e. Lights, cf. Fig. 2 and Eq. 3, are old.", "We mend them."},
		{"It follows Doe et al. (2017) and J. R. Doe.", "We go on."},
		{"It was shown by Doe et al.", "We go on."},
		{"It holds for 3.5 and v2.0 of GPT-4.1 is old.", "Is it?", "Yes!", "It is."},
		{"Sold in the U.S. Army shops, and in the U.S.", "We buy."},
		{"See https://example.org/a.b?c=d.e for it.", "And lamps.js too."},
		{"Lamps wait … and wait ... for us.", "We come."},
		{"There are two parts.", "1) A lamp.", "2) A switch."},
		{"(1) A lamp, (2) a switch.", "(3) Nothing."},
		{`He said "it is lit."`, "We agree."},
		{"The set $x. Y$ is open.", "It costs $5.", "We pay $6."},
		{"It is known.$^{1-3}$", "It is shown.[4, 5]", "We differ."},
		{"Nothing worked before.We propose a lamp.", "It shines."},
		{"It is old.", "iLamp is new.", "dLLMs too."},
		{"It takes 5 ms.", "It favours MT.", "The answer is no.", "We are Dr. Doe and Sec. 2 and No. 5."},
		{"An approx. 3 m lamp vs. Two switches, etc. and more.", "We measure."},
		{"Yahoo! is one.", "Really?!", "“Quoted.”", "Done"},
		{"我们研究灯。", "它很亮！", "对吗？", "是"},
		{"Élan is first.", "Über is second."},
	} {
		s := strings.Join(c, " ")
		if strings.HasPrefix(c[0], "Nothing worked") {
			c = []string{"Nothing worked before.", "We propose a lamp.", "It shines."}
		}
		var got []string
		for _, at := range Sentences(s) {
			got = append(got, s[at.Start:at.End])
		}
		if strings.Join(got, "|") != strings.Join(c, "|") {
			t.Errorf("got  %q\nwant %q", got, c)
		}
	}
}

// What is shown of abstracts that begin with what is known already, and go on
// with what was seen.
func TestTheSentenceInWhichTheAuthorsSayWhatTheyDid(t *testing.T) {
	said := map[string]string{} // and what comes after it
	for _, s := range []string{
		"We propose a lamp that needs no oil.",
		"To address this gap, we introduce LampNet, a lamp with a net around it.",
		"In this paper, we study how lamps burn in the rain and the wind.",
		"Here I show that every lamp has exactly one switch in the long run.",
		"This paper presents a survey of lamps and of the people who light them.",
		"In this survey we review the lamps of the last ten years.",
		"The present study investigates whether lamps attract flies at noon.",
		"Our work introduces a lamp that is lit from a distance.",
		"A new lamp is proposed, which burns without any oil.",
		"In this work, the flicker of lamps is investigated in the open air.",
		"We prove that no lamp burns for ever unless somebody cares for it.",
		"We release LampBench, a benchmark of ten thousand lamps.",
		"The aim of this study was to find out how long a lamp burns.",
		"Objective: To compare two lamps with each other over a winter.",
		"We challenge this belief by introducing LampNet, a lamp without a wick.",
		"We call this the dark spot and introduce LampNet, which has none of it.",
		"Inspired by moths-we propose a lamp that is avoided by all of them.",
		"The authors describe a lamp that was found in a garden last year.",
	} {
		said[s] = "We also introduce a smaller one."
	}
	for _, s := range []string{
		"Motivated by this, we first look at oil and then propose a lamp without it.",
		"We ask one question: does a lamp that nobody sees still burn all night?",
		"We aim to relight each lamp of the old town within a single week.",
	} {
		said[s] = "We light it."
	}
	for said, next := range said {
		before := "Lamps have been used for a long time in many parts of the world. Recent work proposes lamps that turn themselves off. Can we do better than this? "
		after := " " + next + " Extensive experiments show that we develop less smoke than others. We do not introduce a larger lamp. Our code is publicly available at https://example.org."
		if got := Of("", before+said+after, ""); got.Text != said || got.Rule != Contribution {
			t.Errorf("%s: %q\nwant %q", got.Rule, got.Text, said)
		}
	}
	lampnet := "Lamps flicker. LampNet is a net in which no lamp can flicker at all. We evaluate it on three shores."
	if got := Of("LampNet: Lamps without Flicker", lampnet, "").Text; !strings.HasPrefix(got, "LampNet is") {
		t.Errorf("of what the title names: %q", got)
	}
}

// What others did, what was not done, what is asked, and where the code is.
func TestWhatIsNoContribution(t *testing.T) {
	for _, s := range []string{
		"Recent work proposes a lamp that needs no oil.",
		"Many lamps have been proposed in recent years.",
		"As we show in another place, lamps burn.",
		"How can we introduce a lamp to those who sleep?",
		"We cannot introduce each of the lamps here.",
		"We previously introduced a lamp that needs no oil.",
		"The code is publicly available, and we release the weights.",
		"LampNet achieves the best result of all lamps.",
	} {
		if got := Of("LampNet: Lamps", s, ""); got.Rule != Beginning {
			t.Errorf("%s: %q", got.Rule, got.Text)
		}
	}
}

func TestElseTheSentenceThatWasFoundElseTheBeginning(t *testing.T) {
	abstract := "Lamps are old. Some lamps are shiny, and agentic at night. All are warm."
	for _, c := range []struct {
		found, want string
		rule        Rule
	}{
		{"agentic", "Some lamps are shiny, and agentic at night.", Found},
		{"shin", "Lamps are old. Some lamps are shiny, and agentic at night. All are warm.", Beginning}, // no word of it
		{"", "Lamps are old. Some lamps are shiny, and agentic at night. All are warm.", Beginning},
	} {
		if got := Of("", abstract, c.found); got.Text != c.want || got.Rule != c.rule {
			t.Errorf("%q: %s, %q", c.found, got.Rule, got.Text)
		}
	}
	long := strings.Repeat("Lamps have been burning in our town since a very early time. ", 5)
	if got := Of("", long, ""); got.Text != strings.TrimSpace(long[:61*3]) {
		t.Errorf("the beginning is whole sentences: %q", got.Text)
	}
	if got := Of("A title", "", ""); got.Text != "" {
		t.Errorf("of no abstract: %q", got.Text)
	}
}

func TestALongSentenceIsCutWhereItHurtsLeast(t *testing.T) {
	lead := "To overcome the many and well known limitations of lamps that were described by nearly everybody who ever lit one of them in a dark room or in the open air at night or in the rain, "
	for _, c := range []struct{ name, abstract, want string }{
		{"at the end of a clause", "We propose a lamp that needs no oil and no wick and that can be carried by a child, which is what matters in a town where children carry the lamps of their parents through the streets at night and back again in the morning.",
			"We propose a lamp that needs no oil and no wick and that can be carried by a child, which is what matters in a town where children carry the lamps of their parents through the streets at night …"},
		{"later, where what leads up to it leaves no room", lead + "we propose LampNet, a lamp that needs no oil.",
			"… we propose LampNet, a lamp that needs no oil."},
		{"later, and cut", lead + "we propose LampNet, a lamp that needs no oil, no wick and no glass, that can be lit from a distance of ten miles, that knows when somebody is asleep in the room, and that turns itself off slowly, when it is not needed any more by anybody.",
			"… we propose LampNet, a lamp that needs no oil, no wick and no glass, that can be lit from a distance of ten miles, that knows when somebody is asleep in the room, and that turns itself off slowly …"},
		{"before brackets that would stay open", "We propose a lamp for all who read late at night in their beds and for those who get up early in the morning when it is dark outside in every season (that is in winter, in most of the autumn, and in a good part of the spring as well).",
			"We propose a lamp for all who read late at night in their beds and for those who get up early in the morning when it is dark outside in every season …"},
	} {
		if got := Of("", c.abstract, "").Text; got != c.want {
			t.Errorf("%s:\n%q\n%q", c.name, got, c.want)
		}
	}
	summary := "A lamp " + strings.Repeat("that is lit ", 16) + "and put out by a child and then taken home"
	if got := Short(summary); got != strings.TrimSuffix(summary, " by a child and then taken home")+" …" {
		t.Errorf("another's sentence: %q", got)
	}
	if got := Of("", "We propose "+strings.Repeat("灯", 400), "").Text; utf8.RuneCountInString(got) > Length || len(got) < 500 {
		t.Errorf("%q", got)
	}
}

func TestTeXIsReadAsPeopleSeeIt(t *testing.T) {
	for in, want := range map[string]string{
		`We propose \textbf{LampNet}, an \emph{old  lamp}.`:             "We propose LampNet, an old lamp.",
		`\textbf{L}amp \textbf{N}et (\textit{\underline{LN}}) {\em is}`: "Lamp Net (LN) is",
		"$\\textbf{Lamp-Net (LN)}$ and $n$ of $3.5$ and $90\\%$":        "Lamp-Net (LN) and n of 3.5 and 90%",
		`$O(n \log n)$ and $x^2$ and $\mathbb{R}$`:                      `$O(n \log n)$ and $x^2$ and $\mathbb{R}$`,
		"It costs $5 and $6, R\\&D 10\\%.":                              "It costs $5 and $6, R&D 10%.",
		"``Lamps'' aren't `new'":                                        "“Lamps” aren't `new'",
		" a\n\tb\xff ":                                                  "a b",
		`Schr\"odinger \cite{x}`:                                        `Schr\"odinger \cite{x}`,
	} {
		if got := Plain(in); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
	}
}

// shown reports whether an excerpt is the abstract's own text.
func shown(abstract string, e Excerpt) error {
	s := Plain(abstract)
	own := strings.TrimSuffix(strings.TrimPrefix(e.Text, "… "), " …")
	switch {
	case !utf8.ValidString(e.Text):
		return fmt.Errorf("%q is no UTF-8", e.Text)
	case utf8.RuneCountInString(e.Text) > 220:
		return fmt.Errorf("%d characters", utf8.RuneCountInString(e.Text))
	case !strings.Contains(s, own):
		return fmt.Errorf("%q does not stand in %q", own, s)
	case own == "" && s != "":
		return fmt.Errorf("nothing of %q", s)
	}
	return nil
}

func TestAnExcerptIsTheAbstractsOwnText(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"we", "We", "propose", "introduce", "this", "This", "paper", "is", "proposed", "a", "A", "novel", "lamp", ",", ";", ".", "!", "?", " ", " ", " ", " ", "\n", "\t",
		"(", ")", "$", "$x^2$", "e.g.", "et al.", "\\textbf{", "}", "{\\em ", "\\%", "``", "''", "…", "...", "灯", "。", "é", "\u0301", "\xff", "https://a.b/c.", "1)", "“", "”", "-we", "by introducing", "In this work,", "İ", "K",
	})
	rapid.Check(t, func(t *rapid.T) {
		abstract := strings.Join(rapid.SliceOfN(piece, 0, 150).Draw(t, "abstract"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
		e := Of(rapid.SampledFrom([]string{"", "lamp: a", "A: b", "İ K: c"}).Draw(t, "title"), abstract, rapid.SampledFrom([]string{"", "lamp", "灯", "\xff"}).Draw(t, "found"))
		if err := shown(abstract, e); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzOf(f *testing.F) {
	f.Add("LampNet: Lamps", "Lamps are old. We propose LampNet, a lamp (with a net).", "lamp")
	f.Add("", strings.Repeat("word ", 100)+". We do.", "word")
	f.Add("İ: K", "İ is a. $x. Y$ In this paper, K is proposed.We propose … . . .", "")
	f.Fuzz(func(t *testing.T, title, abstract, found string) {
		if err := shown(abstract, Of(title, abstract, found)); err != nil {
			t.Fatal(err)
		}
	})
}

// testdata/judged.tsv is 200 papers, drawn after the patterns were finished from
// a half of the recorded ones that was not looked at before, whose excerpts were
// read beside the abstract: id, the rule that decided, a hash of what was
// shown, and whether that is the contribution.
func TestTheContributionOfTwoHundredPapersThatWereRead(t *testing.T) {
	data, err := os.ReadFile("testdata/judged.tsv")
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ rule, hash, verdict string }
	judged := map[string]row{}
	right := 0
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		judged[f[0]] = row{f[1], f[2], f[3]}
		if f[3] == "right" {
			right++
		}
	}
	if len(judged) != 200 || right*100 < 85*200 {
		t.Errorf("%d of %d papers are shown by their contribution", right, len(judged))
	}
	n := 0
	for _, p := range recordings.Values[struct{ ID, Title, Abstract string }](t, "arxiv-corpus.jsonl.gz", recordings.All) {
		r, ok := judged[p.ID]
		if !ok {
			continue
		}
		n++
		e := Of(p.Title, p.Abstract, "")
		if hash := fmt.Sprintf("%x", sha256.Sum256([]byte(e.Text)))[:16]; r.verdict == "right" && (hash != r.hash || string(e.Rule) != r.rule) {
			t.Errorf("%s was judged right and is another by %s: read it again: %s", p.ID, e.Rule, e.Text)
		}
	}
	if n != len(judged) {
		t.Errorf("%d of %d papers are there", n, len(judged))
	}
}

func BenchmarkOf(b *testing.B) {
	const abstract = "Lamps have been used for a long time in many parts of the world, and yet they flicker. Existing lamps need oil, which is heavy, and burn down at night. " +
		"To address this gap, we introduce LampNet, a lamp that needs no oil and is lit from a distance. LampNet has two parts: a lamp, and a net. " +
		"We light it on five shores and compare it with ten other lamps. Extensive experiments show that it flickers 3.5 times less. Our code is available at https://example.org."
	b.SetBytes(int64(len(abstract)))
	for b.Loop() {
		Of("LampNet: Lamps without Oil", abstract, "lamp")
	}
}
