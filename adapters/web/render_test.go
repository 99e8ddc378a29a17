package web

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/internal/testkit"
)

// hostile is what strangers write into titles.
const hostile = "<script>alert(1)</script> @everyone *bold* [x](http://evil.example) &amp; \u202egnp.exe\u2066 \x07 `</bdi>`"

func TestPictures(t *testing.T) {
	at := time.Date(2025, 12, 10, 8, 0, 0, 0, time.UTC)
	msg := func(m message) message {
		m.id, m.channel, m.at = 12, "diffusion", at
		if m.author == "" && m.ask == "" {
			m.key = "diffusion/12"
		}
		if m.author == "" {
			m.author = botName
		}
		return m
	}
	folded := paper("2509.24006", "SLA: Beyond Sparsity in Diffusion Transformers")
	folded.Papers[0].Folded, folded.Papers[0].Against = true, 2
	single := morning() // its only paper is folded: what the header says stays
	single.Papers = single.Papers[:1]
	single.Papers[0].Folded = true
	settings := core.Card{
		Lines: []say.Text{say.Say("How this channel is served:")},
		Rows: []core.Row{
			{Text: say.Say("The post")},
			{Text: say.Say("*%s*", hostile), Small: say.Say("papers a post, at most %s", hostile), Menu: &core.Menu{Label: "Change", Options: []core.Option{{ID: "pb1|set|max|5", Label: "5", Chosen: true}, {ID: `"><img src=x>`, Label: hostile, Detail: hostile}}}},
			{Text: say.Say("*lora*"), Buttons: []core.Button{{ID: "pb1|pause|1", Label: "Pause"}}, Menu: &core.Menu{Label: "Edit", Options: []core.Option{{ID: "pb1|edit|1", Label: "Edit"}}}, Open: "pb1|open|1"},
		},
		Menu: &core.Menu{Label: "Open a paper …", Options: []core.Option{{ID: "pb1|open|2509.24006", Label: "SLA", Detail: "cs.LG"}}},
	}
	withdrawn := lonely()
	withdrawn.Papers[0].Struck, withdrawn.Papers[0].Labels = true, []string{"withdrawn"}
	nasty := core.Card{
		Title: hostile, Block: hostile,
		Lines:   []say.Text{say.Say("*%s* and %s and %s", hostile, say.Link(hostile, "javascript:alert(1)"), say.Link("here", "https://arxiv.org/?a=1&b=\"2\"'"))},
		Papers:  []core.View{{ID: "1", URL: "javascript:alert(1)", Title: hostile, Authors: hostile, Facts: []string{hostile}, Labels: []string{hostile}, Excerpt: hostile, Matched: say.Say("matched *%s*", hostile)}},
		Context: []say.Text{say.Say("`%s`", "/papers "+hostile)},
		Buttons: []core.Button{{ID: `"><img src=x onerror=alert(1)>`, Label: hostile}, {Label: "data", URL: "data:text/html,x"}, {Label: "file", URL: "//evil.example"}},
	}
	for name, m := range map[string]message{
		"header":    msg(message{card: header(), thread: "Papers · Wed 10 Dec", replies: 2}),
		"paper":     msg(message{card: paper("2509.24006", "SLA: Beyond Sparsity in Diffusion Transformers via Fine-Tunable Sparse-Linear Attention"), reactions: map[string]map[string]uint64{"👍": {"ana": 1, "ben": 2}, "🔥": {"ben": 3}}, replies: 1}),
		"lonely":    msg(message{card: lonely()}),
		"folded":    msg(message{card: folded}),
		"settings":  msg(message{author: "ana", to: "ana", ask: "/papers settings", card: settings}),
		"under":     msg(message{author: "ana", to: "ana", ask: "Similar", source: "3|similar", under: 3, about: "SLA", card: found()}),
		"withdrawn": msg(message{card: withdrawn}),
		"cards":     msg(message{card: morning()}),
		"card":      msg(message{card: single}),
		"search":    msg(message{author: "ana", to: "ana", ask: "/papers diffusion", card: found()}),
		"hinted":    msg(message{author: "ana", to: "ana", ask: "/papers subscribe difusion", card: testkit.Hinted()}),
		"pending":   msg(message{author: "ana", to: "ana", ask: "/papers diffusion", pending: true}),
		"public":    msg(message{author: "ana", ask: "/papers top since:7d share:yes", card: found()}),
		"error":     msg(message{author: "ana", to: "ana", ask: "/papers diffusion -", card: core.Card{Lines: []say.Text{say.Say("I could not read `diffusion -`. A minus needs a word right after it: `-video`.")}}}),
		"help":      msg(message{author: "ana", to: "ana", ask: "/papers help", card: core.Card{Block: "/papers <words>   search: words are ANDed, \"exact phrase\"\n/papers status    is it quiet or is something broken?"}}),
		"file":      msg(message{author: "ana", to: "ana", ask: "Export", source: "3|export", about: hostile, card: core.Card{Lines: []say.Text{say.Say("2 papers.")}}, file: &file{core.File{Name: "papers of #ml.bib", Data: make([]byte, 12345)}, "TOKEN"}}),
		"picture":   msg(message{author: "ana", to: "ana", ask: "/papers stats", card: core.Card{Lines: []say.Text{say.Say("2 papers.")}}, file: &file{core.File{Name: "stats.png", Type: "image/png", Data: make([]byte, 12345), Alt: hostile}, "TOKEN"}}),
		"hostile":   msg(message{card: nasty, thread: hostile}),
		"said":      msg(message{author: "ana", text: hostile, parent: 3}),
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := render(&b, see(&m, "ana", time.UTC)); err != nil {
				t.Fatal(err)
			}
			testkit.LooksLike(t, name+".html", b.Bytes())
			// Whatever the picture is, these are in none.
			for _, never := range []string{"<script", "<img src=x", "javascript:", "data:text", `href="//`, "\u202e", "\u2066", "\x07", "pixel.png", "</bdi>`"} {
				if strings.Contains(b.String(), never) {
					t.Errorf("the picture has %q", never)
				}
			}
			if strings.Contains(b.String(), `aria-label=""`) {
				t.Error("something is named by nothing")
			}
			if strings.Count(b.String(), `target="_blank"`) != strings.Count(b.String(), `rel="noopener noreferrer"`) {
				t.Error("a link opens a window that can reach back")
			}
		})
	}
}

func TestFormsLookLikeTheirPictures(t *testing.T) {
	form := core.Form{ID: `pb1|form|"><img src=x>`, Title: hostile, Submit: "Set", Lines: []say.Text{say.Say("*%s*", hostile)}, Fields: []core.Field{
		{Name: "topic", Label: hostile, Hint: hostile, Kind: core.FieldText, Value: hostile, Options: []core.Choice{{Value: hostile, Label: hostile}}, Max: 200},
		{Name: "time", Label: "Time of day", Kind: core.FieldTime, Value: "09:00"},
		{Name: "zone", Label: "Time zone", Kind: core.FieldSearch, Value: "Europe/Berlin", Verb: "schedule", Option: "zone", Optional: true},
		{Name: "days", Label: "Days", Kind: core.FieldChoice, Value: "daily", Options: []core.Choice{{Value: "weekdays", Label: "weekdays"}, {Value: "daily", Label: "every day", Hint: hostile}}},
	}}
	html, err := fragment("form", form)
	if err != nil {
		t.Fatal(err)
	}
	testkit.LooksLike(t, "form.html", []byte(html))
	for _, never := range []string{"<script", "<img", "\u202e", "\x07", "</bdi>`"} {
		if strings.Contains(html, never) {
			t.Errorf("the form has %q", never)
		}
	}
}

// Whatever a stranger writes, the picture has the marks that our templates
// have, and no more.
func FuzzStrangersText(f *testing.F) {
	picture := func(s string) string {
		card := core.Card{Title: s, Block: s, Lines: []say.Text{say.Say("*%s* %s", s, s)},
			Papers: []core.View{{ID: "1", URL: "https://arxiv.org/abs/1", Title: s, Authors: s, Facts: []string{s}, Excerpt: s, Matched: say.Say("*%s*", s)}}, Buttons: []core.Button{{ID: "pb1|save|1", Label: s}}}
		var b bytes.Buffer
		if err := render(&b, see(&message{id: 1, key: "k", author: "ana", text: s + ".", thread: s + ".", card: card}, "ana", time.UTC)); err != nil {
			f.Fatal(err)
		}
		return b.String()
	}
	marks := func(s string) [3]int {
		return [3]int{strings.Count(s, "<"), strings.Count(s, ">"), strings.Count(s, `"`)}
	}
	want := marks(picture("words"))
	for _, s := range []string{hostile, `" onclick="x`, "</pre></article><b>", "\x00\xff\u2028", "&lt;b&gt;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if say.Clean(s) == "" {
			t.Skip("a part that is empty is left out")
		}
		got := picture(s)
		if marks(got) != want {
			t.Errorf("%q has %v marks, words have %v:\n%s", s, marks(got), want, got)
		}
		for _, r := range got {
			if r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				t.Errorf("%q keeps %U", s, r)
			}
		}
	})
}
