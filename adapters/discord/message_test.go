package discord

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/verbs"
	"paperboy/internal/fakediscord"
	"paperboy/internal/testkit"
)

func aPaper() core.View {
	return core.View{
		ID: "2509.24006", URL: "https://arxiv.org/abs/2509.24006", Title: "SLA: Beyond Sparsity in Diffusion Transformers via Fine-Tunable Sparse-Linear Attention",
		Authors: "Jintao Zhang … Jianfei Chen (11)", Facts: []string{"cs.CV", "▲41", "code"},
		Excerpt: "In made-up words: we propose attention that is sparse and linear (SLA), and faster …", Thumbnail: "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2509.24006.png", Matched: say.Say("matched *Diffusion*, *Sparse-Linear*"),
	}
}

// draw draws for a place where /papers has the id 42.
func draw(c core.Card) message { return drawer{"42"}.message(c) }

// ofPaper is a paper's own message, with its buttons.
func ofPaper(v core.View) core.Card {
	id := string(v.ID)
	button := func(verb, label string) core.Button { return core.Button{ID: "pb1|" + verb + "|" + id, Label: label} }
	return core.Card{
		Papers:  []core.View{v},
		Buttons: []core.Button{button("save", "Save"), button("similar", "Similar")},
		More:    []core.Button{button("why", "Why?"), {Label: "PDF", URL: "https://arxiv.org/pdf/" + id}, {Label: "Code ★29", URL: "https://github.com/x/" + id}},
		Compact: []core.Button{button("abstract", "Abstract"), button("why", "Why?"), button("save", "Save"), button("notforus", "Not for us"), button("more", "More…")},
	}
}

// messages are those of which there is a picture.
func messages() map[string]core.Card {
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
		v.Open = "pb1|abstract|" + string(v.ID)
		list.Papers = append(list.Papers, v)
	}
	list.Buttons = []core.Button{{ID: "pb1|page|7|1", Label: "Next 5 ▶"}, {ID: "pb1|do|search diffusion -video share:yes", Label: "Share"}}
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
	long := core.Card{Lines: []say.Text{say.Say("This channel follows 90 topics:")}}
	for i := range 90 {
		long.Rows = append(long.Rows, core.Row{Text: say.Say("#%d *%s*", i+1, fmt.Sprintf(`"graph neural networks %d" -survey`, i+1)),
			Small: say.Say("nothing in 30 days · added by %s on 24 Nov 2025", "ana"), Open: fmt.Sprint("pb1|topic|", i), Menu: &core.Menu{Label: "Change a topic …"}})
	}
	return map[string]core.Card{
		"header": {Title: "📰 Papers · Tue 10 Dec", Lines: []say.Text{say.Say("*7 new for this channel* · diffusion (4) · lora (3) · top 5 below, 2 in thread 🧵")},
			Context: []say.Text{say.Say("HF list of 9 Dec · arXiv: Monday's announcement · next post Wed 09:00 Berlin")}},
		"paper":     ofPaper(one),
		"summary":   ofPaper(summary),
		"bare":      ofPaper(bare),
		"withdrawn": ofPaper(withdrawn),
		"folded":    ofPaper(folded),
		"hostile":   ofPaper(hostile),
		"list": {Lines: []say.Text{say.Say("This channel follows 2 topics:")}, Rows: []core.Row{
			{Text: say.Say("#1 *%s*", "diffusion -video"), Small: say.Say("1.4 a weekday · added by %s", "ana"), Open: "pb1|topic|1", Menu: &core.Menu{Label: "Change a topic …"}},
			{Text: say.Say("#2 *%s*", "agent*"), Small: say.Say("about one in two weeks"), Open: "pb1|topic|2", Menu: &core.Menu{Label: "Change a topic …"}},
		}, Context: []say.Text{say.Say("next post %s · %s changes it", say.At(testkit.At("2025-11-26 09:00"), "Wed 09:00 Berlin"), verbs.Typed(network, "schedule 09:00 Europe/Berlin weekdays"))},
			Buttons: []core.Button{{ID: "pb1|form|subscribe", Label: "Add a topic"}, {ID: "pb1|form|schedule", Label: "Set time"}}},
		"long": long,
		"setting": {Lines: []say.Text{say.Say("*%s*: days without papers", "quiet")},
			Menu: &core.Menu{Label: "quiet: silent", Options: []core.Option{{ID: "pb1|do|settings quiet:silent", Label: "silent", Detail: "nothing is posted", Chosen: true}, {ID: "pb1|do|settings quiet:note", Label: "note", Detail: "one line says so"}}}},
		"search": list,
		"hinted": testkit.Hinted(),
		"digest": digest,
		"status": {Title: "Status", Lines: []say.Text{say.Say("*Hugging Face* is _fresh_."), say.Say("*arXiv* has nothing due.")},
			Block: "max  5\nlayout  channel", Context: []say.Text{say.Say("next post Wed 09:00 Berlin")}},
		"error": {Lines: []say.Text{say.Say("I could not read `%s`. A minus needs a word right after it: `-video`.", "diffusion -`x`")}, Block: "diffusion -\n           ^"},
	}
}

func TestMessagesLookLikeTheirPictures(t *testing.T) {
	for name, card := range messages() {
		t.Run(name, func(t *testing.T) {
			testkit.LooksLike(t, name+".json", testkit.JSON(t, draw(card)))
		})
	}
}

// windows are the forms of which there is a picture.
func windows() map[string]modal {
	long := strings.Repeat("very ", 30) + "long"
	full := core.Form{ID: "pb1|form|all", Title: "A " + long + " title", Lines: []say.Text{say.Say("Left out: *five* fields.")}, Submit: "Go"}
	for i := range 7 {
		full.Fields = append(full.Fields, core.Field{Name: fmt.Sprint("f", i), Label: long, Hint: long, Kind: core.FieldText, Value: long, Max: 40, Optional: i%2 == 0})
	}
	var many []core.Choice
	for i := range 40 {
		many = append(many, core.Choice{Value: fmt.Sprint(i), Label: fmt.Sprint("choice ", i), Hint: "what it means"})
	}
	return map[string]modal{
		"window-schedule": drawer{"42"}.window(core.Form{ID: "pb1|form|schedule", Title: "Set the time", Fields: []core.Field{
			{Name: "time", Label: "Time of day", Kind: core.FieldTime, Value: "09:00"},
			{Name: "zone", Label: "Time zone", Hint: "a city or a name such as Europe/Berlin", Kind: core.FieldSearch},
			{Name: "days", Label: "Days", Kind: core.FieldChoice, Value: "daily", Options: []core.Choice{{Value: "weekdays", Label: "weekdays"}, {Value: "daily", Label: "every day", Hint: "weekends too"}}},
		}}, map[string]string{"zone": "CET+1"}),
		"window-topic": drawer{"42"}.window(core.Form{ID: "pb1|form|subscribe", Title: "Follow a topic", Lines: []say.Text{say.Say("As in %s.", verbs.Typed(network, "subscribe lora"))}, Fields: []core.Field{
			{Name: "topic", Label: "Topic", Hint: "as in: diffusion", Kind: core.FieldText, Max: 1000}}}, nil),
		"window-full":   drawer{}.window(full, nil),
		"window-choice": drawer{}.window(core.Form{ID: "x", Title: "t", Fields: []core.Field{{Name: "many", Label: "Many", Kind: core.FieldChoice, Options: many}, {Name: "none", Label: "None", Kind: core.FieldChoice}}}, nil),
	}
}

func TestWindowsLookLikeTheirPictures(t *testing.T) {
	for name, w := range windows() {
		t.Run(name, func(t *testing.T) {
			testkit.LooksLike(t, name+".json", testkit.JSON(t, w))
		})
	}
}

// Every message, and every window, is what Discord describes.
func TestWhatIsSentIsAsDiscordDescribesIt(t *testing.T) {
	schema := fakediscord.ReadSchema(t)
	for name, card := range messages() {
		for _, m := range []message{draw(card), draw(card).withoutEmbeds()} {
			for _, thing := range []string{"MessageCreateRequest", "MessageEditRequestPartial", "IncomingWebhookUpdateRequestPartial"} {
				for _, problem := range schema.Named(thing, m) {
					t.Error(name, problem)
				}
			}
		}
	}
	for name, w := range windows() {
		for _, problem := range schema.Named("ModalInteractionCallbackRequest", callback{openModal, w}) {
			t.Error(name, problem)
		}
	}
	for _, global := range []bool{true, false} {
		for _, c := range tree(global) {
			for _, problem := range schema.Named("ApplicationCommandUpdateRequest", c) {
				t.Error(c.Name, problem)
			}
		}
	}
}

// Discord fetches pictures itself: those of hosts that we know, and over HTTPS.
func TestAPictureIsShownFromHostsWeKnow(t *testing.T) {
	for address, want := range map[string]bool{
		"https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/1.png": true,
		"https://huggingface.co/x.png":                                         true,
		"http://huggingface.co/x.png":                                          false,
		"https://huggingface.co.evil.example/x.png":                            false,
		"https://evil.example/https://huggingface.co/x.png":                    false,
		"https://a:b@huggingface.co/x.png":                                     false,
		"javascript:alert(1)":                                                  false,
		"":                                                                     false,
	} {
		v := aPaper()
		v.Thumbnail = address
		if got := draw(ofPaper(v)).Embeds[0].Thumbnail != nil; got != want {
			t.Errorf("%q is shown: %v", address, got)
		}
	}
	v := aPaper()
	v.Folded = true
	if draw(ofPaper(v)).Embeds[0].Thumbnail != nil {
		t.Error("a folded paper has a picture")
	}
}

// What leads away is no button of the five.
func TestAPaperHasExactlyFiveButtonsAndAHeaderNone(t *testing.T) {
	for name, card := range map[string]core.Card{"paper": messages()["paper"], "folded": messages()["folded"]} {
		var inRow []int
		for _, r := range draw(card).Components {
			n := 0
			for _, b := range r.Components {
				if b.CustomID != "" {
					n++
				}
			}
			inRow = append(inRow, n)
		}
		if !slices.Equal(inRow, []int{5, 0}) {
			t.Errorf("%s: buttons in its rows: %v", name, inRow)
		}
	}
	if c := draw(messages()["header"]).Components; len(c) != 0 {
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
		if len(r.Components) < 1 || len(r.Components) > 5 || len(r.Components) > 1 && r.Components[0].Type == kindSelect {
			t.Errorf("%d things in a row", len(r.Components))
		}
		for _, b := range r.Components {
			within("label", b.Label, 80)
			within("custom_id", b.CustomID, 100)
			within("placeholder", b.Placeholder, 150)
			if b.Type == kindButton && b.Label == "" || (b.CustomID == "") == (b.URL == "") || ids[b.CustomID+b.URL] || len(b.Options) > 25 || (b.Type == kindSelect) != (len(b.Options) > 0) {
				t.Errorf("button %+v", b)
			}
			ids[b.CustomID+b.URL] = true
			values := map[string]bool{}
			for _, o := range b.Options {
				within("an option's label", o.Label, 100)
				within("an option's value", o.Value, 100)
				within("an option's description", o.Description, 100)
				if o.Label == "" || o.Value == "" || values[o.Value] {
					t.Errorf("option %+v", o)
				}
				values[o.Value] = true
			}
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
		for i := range rapid.IntRange(0, 60).Draw(t, "rows") {
			r := core.Row{Text: text("row"), Small: text("small"), Open: rapid.SampledFrom([]string{"", fmt.Sprint("open", i)}).Draw(t, "open")}
			if rapid.Bool().Draw(t, "has a menu") {
				r.Menu = &core.Menu{Label: wild.Draw(t, "menu"), Options: []core.Option{{ID: "same", Label: "a", Chosen: true}, {ID: "same", Label: "b", Chosen: true}, {ID: "other", Label: wild.Draw(t, "o"), Chosen: true}}}
			}
			c.Rows = append(c.Rows, r)
		}
		for i := range rapid.IntRange(0, 12).Draw(t, "own") {
			c.Buttons = append(c.Buttons, core.Button{ID: fmt.Sprint("own", i), Label: "x"})
		}
		fits(t, draw(c))
		fits(t, draw(c).withoutEmbeds())
	})
}

func TestCutCodeIsShownAsFarAsItGoes(t *testing.T) {
	w := drawer{}.writer(8)
	w.text(say.Text{{Text: "subscribe lora", Style: say.Code}, {Text: " x"}})
	if got, want := w.String(), "`subsc…`"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
