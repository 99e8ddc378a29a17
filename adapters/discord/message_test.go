package discord

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/internal/testkit"
)

func aPaper() core.View {
	return core.View{
		ID: "2509.24006", URL: "https://arxiv.org/abs/2509.24006", Title: "SLA: Beyond Sparsity in Diffusion Transformers via Fine-Tunable Sparse-Linear Attention",
		Authors: "Jintao Zhang … Jianfei Chen (11)", Facts: []string{"cs.CV", "▲41", "code"},
		Excerpt: "In made-up words: we propose attention that is sparse and linear (SLA), and faster …", Matched: say.Say("matched *Diffusion*, *Sparse-Linear*"),
	}
}

func paperButtons(id string) []core.Button {
	var bs []core.Button
	for _, b := range [][2]string{{"save", "Save"}, {"similar", "Similar"}, {"bibtex", "BibTeX"}, {"notforus", "Not for us"}, {"mute", "Mute"}} {
		bs = append(bs, core.Button{ID: "pb1|" + b[0] + "|" + id, Label: b[1]})
	}
	return bs
}

// cards are the messages of which there is a picture.
func cards() map[string]core.Card {
	one := aPaper()
	bare := core.View{ID: "x", URL: "https://huggingface.co/papers/x", Title: "FedRE"}
	withdrawn := aPaper()
	withdrawn.Struck, withdrawn.Labels = true, []string{"withdrawn"}
	folded := aPaper()
	folded.Folded = true
	hostile := core.View{
		ID: "9912.00001", URL: "https://arxiv.org/abs/9912.00001?a=(b)&c=<d>|e",
		Title:   "@everyone <@123> <@&4> `tick` [arXiv](https://evil.example) ||spoiler|| **bold** <t:0> :smile: \u202e back",
		Authors: "1. A_b_c *d*", Facts: []string{"https://evil.example/x"}, Labels: []string{"~~no~~"},
		Excerpt: "# a heading\n- a list\n> a quote\n-# small <#5> </x:1>", Matched: say.Say("matched *%s*", "@here `x`"),
	}
	summary := aPaper()
	summary.ExcerptBy = "summary by Hugging Face"
	list := core.Card{Lines: []say.Text{say.Say("5 of 2,913 papers match *%s*.", "diffusion -video")}}
	for i := range 5 {
		v := aPaper()
		v.ID, v.Title, v.Excerpt = core.PaperID(fmt.Sprintf("2509.2400%d", i)), fmt.Sprintf("Paper number %d", i+1), ""
		v.URL = "https://arxiv.org/abs/" + string(v.ID)
		for _, verb := range []string{"Save", "Similar", "Abstract"} {
			v.Buttons = append(v.Buttons, core.Button{ID: "pb1|" + strings.ToLower(verb) + "|" + string(v.ID), Label: verb})
		}
		list.Papers = append(list.Papers, v)
	}
	list.Buttons = []core.Button{{ID: "pb1|do|search diffusion -video share:yes", Label: "Share"}}
	digest := core.Card{
		Title: "📰 Papers · Tue 10 Dec", Lines: []say.Text{say.Say("*7 new for this channel* · diffusion (4) · lora (3)")}, Numbered: true,
		Context: []say.Text{say.Say("HF list of 9 Dec · next post Wed 09:00 Berlin")},
	}
	for i := range 7 {
		v := aPaper()
		v.ID, v.Title, v.Excerpt, v.URL = core.PaperID(fmt.Sprint(i)), fmt.Sprintf("Paper number %d", i+1), "", fmt.Sprintf("https://arxiv.org/abs/%d", i)
		digest.Papers = append(digest.Papers, v)
		digest.Buttons = append(digest.Buttons, core.Button{ID: fmt.Sprintf("pb1|up|%d", i), Label: fmt.Sprint(i + 1)})
	}
	return map[string]core.Card{
		"header": {Title: "📰 Papers · Tue 10 Dec", Lines: []say.Text{say.Say("*7 new for this channel* · diffusion (4) · lora (3) · top 5 below, 2 in thread 🧵")},
			Context: []say.Text{say.Say("HF list of 9 Dec · arXiv: Monday's announcement · next post Wed 09:00 Berlin")}},
		"paper":     {Papers: []core.View{one}, Buttons: paperButtons("2509.24006"), More: []core.Button{{Label: "PDF", URL: "https://arxiv.org/pdf/2509.24006"}}},
		"summary":   {Papers: []core.View{summary}, Buttons: paperButtons("2509.24006")},
		"bare":      {Papers: []core.View{bare}, Buttons: paperButtons("x")},
		"withdrawn": {Papers: []core.View{withdrawn}, Buttons: paperButtons("2509.24006")},
		"folded":    {Papers: []core.View{folded}, Buttons: paperButtons("2509.24006")},
		"hostile":   {Papers: []core.View{hostile}, Buttons: paperButtons("9912.00001")},
		"search":    list,
		"hinted":    testkit.Hinted(),
		"digest":    digest,
		"status": {Title: "Status", Lines: []say.Text{say.Say("*Hugging Face* is _fresh_."), say.Say("*arXiv* has nothing due.")},
			Block: "max  5\nlayout  channel", Context: []say.Text{say.Say("next post Wed 09:00 Berlin")}},
		"error": {Lines: []say.Text{say.Say("I could not read `%s`. A minus needs a word right after it: `-video`.", "diffusion -`x`")}, Block: "diffusion -\n           ^"},
	}
}

func TestMessagesLookLikeTheirPictures(t *testing.T) {
	for name, card := range cards() {
		t.Run(name, func(t *testing.T) {
			testkit.LooksLike(t, name+".json", testkit.JSON(t, draw(card)))
		})
	}
}

func TestAPaperHasExactlyFiveButtonsAndAHeaderNone(t *testing.T) {
	n := 0
	for _, r := range draw(cards()["paper"]).Components {
		n += len(r.Buttons)
	}
	if n != 5 {
		t.Errorf("%d buttons on a paper", n)
	}
	if c := draw(cards()["header"]).Components; len(c) != 0 {
		t.Errorf("buttons on a header: %v", c)
	}
}

// fits checks what Discord would refuse with 50035.
func fits(t interface{ Errorf(string, ...any) }, m message) {
	within := func(what string, s string, most int) {
		if n := say.Length(s); n > most {
			t.Errorf("%s has %d units, more than %d", what, n, most)
		}
	}
	within("content", m.Content, 2000)
	total := 0
	for _, e := range m.Embeds {
		within("title", e.Title, 256)
		within("description", e.Description, 4096)
		within("url", e.URL, 2048)
		total += say.Length(e.Title) + say.Length(e.Description)
	}
	if total > 6000 || len(m.Embeds) > 1 {
		t.Errorf("embeds of %d units", total)
	}
	if len(m.Components) > 5 {
		t.Errorf("%d rows", len(m.Components))
	}
	ids := map[string]bool{}
	for _, r := range m.Components {
		if len(r.Buttons) < 1 || len(r.Buttons) > 5 {
			t.Errorf("%d buttons in a row", len(r.Buttons))
		}
		for _, b := range r.Buttons {
			within("label", b.Label, 80)
			within("custom_id", b.CustomID, 100)
			if b.Label == "" || (b.CustomID == "") == (b.URL == "") || ids[b.CustomID+b.URL] {
				t.Errorf("button %+v", b)
			}
			ids[b.CustomID+b.URL] = true
		}
	}
	if m.Mentions.Parse == nil || len(m.Mentions.Parse) > 0 {
		t.Errorf("mentions %v", m.Mentions)
	}
}

func TestWhateverACardHoldsTheMessageFits(t *testing.T) {
	wild := rapid.Custom(func(t *rapid.T) string {
		s := rapid.StringOf(rapid.RuneFrom([]rune("ab *_~`|<>[]()#@:\\-1.\n𝔘é"))).Draw(t, "s")
		return strings.Repeat(s, rapid.IntRange(1, 60).Draw(t, "n"))
	})
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) say.Text {
			return say.Text{{Text: wild.Draw(t, name), Style: rapid.SampledFrom([]say.Style{say.Plain, say.Bold, say.Italic, say.Code, say.Strike}).Draw(t, "style"),
				URL: rapid.SampledFrom([]string{"", "https://arxiv.org/abs/1", "javascript:alert(1)"}).Draw(t, "url")}}
		}
		c := core.Card{Title: wild.Draw(t, "title"), Block: wild.Draw(t, "block"), Numbered: rapid.Bool().Draw(t, "numbered")}
		for range rapid.IntRange(0, 4).Draw(t, "lines") {
			c.Lines = append(c.Lines, text("line"))
			c.Context = append(c.Context, text("context"))
		}
		for i := range rapid.IntRange(0, 32).Draw(t, "papers") {
			v := core.View{URL: fmt.Sprint("https://arxiv.org/abs/", i), Title: wild.Draw(t, "t"), Authors: wild.Draw(t, "a"), Facts: []string{wild.Draw(t, "f")}, Excerpt: wild.Draw(t, "e"), Matched: text("m")}
			for j := range rapid.IntRange(0, 3).Draw(t, "buttons") {
				v.Buttons = append(v.Buttons, core.Button{ID: fmt.Sprint("b", i, j), Label: wild.Draw(t, "label")})
			}
			c.Papers = append(c.Papers, v)
		}
		for i := range rapid.IntRange(0, 12).Draw(t, "own") {
			c.Buttons = append(c.Buttons, core.Button{ID: fmt.Sprint("own", i), Label: "x"})
		}
		fits(t, draw(c))
		fits(t, draw(c).withoutEmbeds())
	})
}

func TestCutCodeIsShownAsFarAsItGoes(t *testing.T) {
	w := newWriter(8)
	w.text(say.Text{{Text: "subscribe lora", Style: say.Code}, {Text: " x"}})
	if got, want := w.String(), "`subsc…`"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Nothing of a stranger's text is left that Discord could read as markup: every
// character that formats anywhere has an odd number of backslashes before it.
func TestStrangersTextStaysText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("ab1. *_~`|<>[]()#@:\\-+\n"))).Draw(t, "s")
		w := newWriter(rapid.IntRange(0, 60).Draw(t, "room"))
		w.span(say.Span{Text: s})
		out := w.String()
		for i, r := range out {
			if !strings.ContainsRune("*_~`|<>[]#@:", r) {
				continue
			}
			n := len(out[:i]) - len(strings.TrimRight(out[:i], "\\"))
			if n%2 == 0 {
				t.Fatalf("%q at %d is not escaped in %q", r, i, out)
			}
		}
		if b := strings.TrimLeft(out, " 0123456789"); b != "" && strings.ContainsRune("-+.)", rune(b[0])) {
			t.Fatalf("a line begins with %q", out)
		}
		if n := len(out) - len(strings.TrimRight(out, "\\")); n%2 != 0 {
			t.Fatalf("%q ends in half an escape", out)
		}
	})
}
