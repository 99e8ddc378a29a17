package slack

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"pgregory.net/rapid"

	"paperboy/core"
	papercards "paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/internal/fakeslack"
	"paperboy/internal/testkit"
)

// hostile is what strangers write into titles.
const hostile = "<!channel> <@U0PI> <https://evil.example|arxiv.org> https://evil.example @channel *bold* _it_ ~no~ `code` :skull: &amp; > quote \u202egnp.exe\u2066 \x07 ```x```"

func paper(id, title string) core.Card {
	b := func(label, verb string) core.Button {
		return core.Button{ID: "pb1|" + verb + "|" + id, Label: label}
	}
	return core.Card{
		Papers: []core.View{{
			ID: core.PaperID(id), URL: "https://arxiv.org/abs/" + id, PDF: "https://arxiv.org/pdf/" + id, Title: title,
			Authors: "Ana Author … Zoe Author (11)", Facts: []string{"cs.CV", "▲41", "code ★312"}, Labels: []string{"listed late"},
			Excerpt: "We propose SLA, attention that is sparse where it may be and linear elsewhere …",
			Matched: say.Say("matched *Diffusion*, *%s*", "diffus*"),
		}},
		Buttons: []core.Button{b("Save", "save"), b("Similar", "similar"), b("BibTeX", "bibtex"), b("Not for us", "notforus"), b("Mute", "mute")},
		More:    []core.Button{b("Abstract", "abstract"), b("Why?", "why"), {Label: "PDF", URL: "https://arxiv.org/pdf/" + id}},
	}
}

func list(n int) []core.View {
	var vs []core.View
	for i := range n {
		v := paper(fmt.Sprintf("2509.%05d", i+1), fmt.Sprintf("Paper number %d", i+1)).Papers[0]
		v.Excerpt, v.Votes = "", i%3
		vs = append(vs, v)
	}
	return vs
}

func header(papers []core.View) core.Card {
	return core.Card{
		Title: "📰 Papers · Tue 10 Dec", Papers: papers,
		Lines:   []say.Text{say.Say("*7 new for this channel* · diffusion (4) · lora (3) · top 5 below, 2 in thread 🧵"), say.Say("41 more today: `/papers today`")},
		Context: []say.Text{say.Say("HF list of 9 Dec complete"), say.Say("next post Wed 09:00 Berlin")},
	}
}

// withButtons puts buttons in front of a card's own.
func withButtons(c core.Card, bs ...core.Button) core.Card {
	c.Buttons = append(bs, c.Buttons...)
	return c
}

// morning is a post in layout cards.
func morning(n int) core.Card {
	c := header(nil)
	c.Apart = true
	for i := range n {
		id := fmt.Sprintf("2509.%05d", i+1)
		v := paper(id, fmt.Sprintf("Paper number %d", i+1)).Papers[0]
		v.Buttons = []core.Button{{ID: "pb1|up|" + id, Label: "👍"}, {ID: "pb1|save|" + id, Label: "Save"}}
		c.Papers = append(c.Papers, v)
	}
	return c
}

func cards() map[string]core.Card {
	folded, withdrawn := paper("2509.24006", "SLA: Beyond Sparsity"), paper("2509.24006", "SLA: Beyond Sparsity")
	folded.Papers[0].Folded = true
	withdrawn.Papers[0].Struck, withdrawn.Papers[0].Labels = true, []string{"withdrawn"}
	summary := paper("2509.24006", "SLA: Beyond Sparsity")
	summary.Papers[0].ExcerptBy = "summary by Hugging Face"
	lonely := paper("9912.00028", "A paper of which little is known")
	lonely.Papers[0] = core.View{ID: "9912.00028", URL: lonely.Papers[0].URL, Title: lonely.Papers[0].Title}
	digest := header(list(10))
	digest.Numbered = true
	for i, v := range digest.Papers {
		digest.Buttons = append(digest.Buttons, core.Button{ID: "pb1|up|" + string(v.ID), Label: fmt.Sprint(i + 1)})
	}
	saved := core.Card{Lines: []say.Text{say.Say("3 papers in your list.")}, Papers: list(3)}
	for i := range saved.Papers {
		saved.Papers[i].Buttons = []core.Button{{ID: "pb1|done|" + string(saved.Papers[i].ID), Label: "Done"}, {ID: "pb1|unsave|" + string(saved.Papers[i].ID), Label: "Remove"}}
	}
	nasty := core.Card{
		Title: hostile, Block: hostile, Lines: []say.Text{say.Say("*%s* and `%s` and %s", hostile, hostile, say.Link(hostile, "javascript:alert(1)")), say.Say("%s", say.Link("here", "https://arxiv.org/?a=1&b=|<>\""))},
		Papers: []core.View{{ID: "1", URL: "javascript:alert(1)", Title: hostile, Authors: hostile, Facts: []string{hostile}, Labels: []string{hostile}, Excerpt: hostile, Matched: say.Say("matched *%s*", hostile)},
			{ID: "2", URL: "https://arxiv.org/abs/2", Title: hostile}},
		Context: []say.Text{say.Say("_%s_", hostile)},
		Buttons: []core.Button{{ID: "pb1|x", Label: hostile}, {Label: "data", URL: "data:text/html,x"}},
	}
	all := map[string]core.Card{
		"paper":          paper("2509.24006", "SLA: Beyond Sparsity in Diffusion Transformers via Fine-Tunable Sparse-Linear Attention"),
		"summary":        summary,
		"lonely":         lonely,
		"folded":         folded,
		"withdrawn":      withdrawn,
		"header-channel": header(nil),
		"header-thread":  header(list(5)),
		"header-digest":  digest,
		"search":         {Lines: []say.Text{say.Say("2,913 papers match *diffusion*; the best 5.")}, Papers: list(5), Buttons: []core.Button{{ID: "pb1|do|diffusion share:yes", Label: "Share"}}},
		"saved":          saved,
		"status":         {Lines: []say.Text{say.Say("*Hugging Face*: fresh, asked 5 minutes ago"), say.Say("*arXiv*: nothing due"), say.Say("Next post: Wed 25 Nov 09:00 (Berlin), in 16 h"), say.Say("_uncertain_: SLA: Beyond Sparsity")}, Buttons: []core.Button{{ID: "pb1|anyway|2509.24006", Label: "Post it anyway"}}},
		"help":           {Block: "/papers <words>                search: words are ANDed, | is OR, \"exact phrase\", diffus*\n/papers status   is it quiet or is something broken?"},
		"error":          {Lines: []say.Text{say.Say("I could not read `%s`. A minus needs a word right after it: `-video`.", "diffusion -")}, Block: "diffusion -\n          ^"},
		"bibtex":         {Block: "@misc{doe2025, title = {``Quotes'' & <b>}, eprint = {2509.24006}}"},
		"hostile":        nasty,
		"nothing":        {},
		"hinted":         testkit.Hinted(),
	}
	for name, card := range rowCards() {
		all["rows-"+name] = card
	}
	all["voted"] = withButtons(paper("2509.24006", "SLA: Beyond Sparsity"), core.Button{ID: "pb1|up|2509.24006", Label: "👍 2"})
	all["cards"] = morning(10)
	all["cards-as-list"] = morning(10).AsList()
	return all
}

func TestMessages(t *testing.T) {
	var page strings.Builder
	for name, card := range cards() {
		t.Run(name, func(t *testing.T) {
			m := draw(card)
			drawn := testkit.JSON(t, m)
			testkit.LooksLike(t, name+".json", drawn)
			fmt.Fprintf(&page, "<h2>%s</h2><div class=m>%s</div>\n", name, picture(t, drawn))
			shown := shows(t, m)
			for _, problem := range fakeslack.CheckBlocks(shown.Blocks) {
				t.Error(problem)
			}
			if shown.Notifies() != nil {
				t.Errorf("it notifies %v", shown.Notifies())
			}
		})
	}
	for name, f := range forms() {
		fmt.Fprintf(&page, "<h2>form %s</h2><div class=m>%s</div>\n", name, picture(t, testkit.JSON(t, drawForm(f, place{}))))
	}
	if os.Getenv("PAPERBOY_SCREENSHOTS") != "" {
		path := filepath.Join(os.Getenv("PAPERBOY_SCREENSHOTS"), "slack.html")
		if err := os.WriteFile(path, []byte(style+page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Log(path)
	}
}

const style = `<!doctype html><meta charset=utf-8><style>body{font:15px/1.45 Lato,sans-serif;width:640px;margin:20px}h2{font-size:12px;color:#999;margin:24px 0 4px}
.m{border:1px solid #ddd;border-radius:6px;padding:8px 12px}h3{font-size:18px;margin:4px 0}p{margin:6px 0;white-space:pre-wrap}.c{color:#666;font-size:12px}
.b{display:inline-block;border:1px solid #bbb;border-radius:4px;padding:2px 10px;margin:2px 6px 2px 0;font-size:13px;font-weight:bold}code,pre{background:#f6f6f6;border:1px solid #ddd;padding:0 3px;color:#c0143c}pre{padding:6px;color:#222;white-space:pre-wrap}a{color:#1264a3}</style>`

// picture is a message for the eye.
func picture(t *testing.T, raw []byte) string {
	type element struct {
		Type        string
		Text        any
		Options     []struct{ Text struct{ Text string } }
		Placeholder struct{ Text string }
		Value       string                               `json:"initial_value"`
		Time        string                               `json:"initial_time"`
		Chosen      struct{ Text struct{ Text string } } `json:"initial_option"`
	}
	var m struct {
		Title  struct{ Text string }
		Submit struct{ Text string }
		Blocks []struct {
			Type              string
			Text, Label, Hint struct{ Text string }
			Accessory         *element
			Element           element
			Elements          []element
		}
	}
	control := func(e element) string {
		text, _ := e.Text.(map[string]any)
		switch show := e.Value + e.Time + e.Chosen.Text.Text; {
		case e.Type == "overflow":
			return "<span class=b>⋯</span>"
		case e.Type == "button":
			return "<span class=b>" + html.EscapeString(fmt.Sprint(text["text"])) + "</span>"
		case show == "":
			return "<span class=b style=color:#888>" + html.EscapeString(e.Placeholder.Text) + " ▾</span>"
		default:
			return "<span class=b>" + html.EscapeString(show) + " ▾</span>"
		}
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if m.Title.Text != "" {
		b.WriteString("<h3>" + html.EscapeString(m.Title.Text) + " <span class=b>" + html.EscapeString(m.Submit.Text) + "</span></h3>")
	}
	for _, block := range m.Blocks {
		switch block.Type {
		case "divider":
			b.WriteString("<hr style=clear:both>")
		case "header":
			b.WriteString("<h3>" + html.EscapeString(block.Text.Text) + "</h3>")
		case "section":
			if block.Accessory != nil {
				b.WriteString("<div style=float:right;clear:both>" + control(*block.Accessory) + "</div>")
			}
			b.WriteString("<p>" + mrkdwnPicture(block.Text.Text) + "</p>")
		case "input":
			b.WriteString("<p><b>" + html.EscapeString(block.Label.Text) + "</b>\n" + control(block.Element) + "\n<span class=c>" + html.EscapeString(block.Hint.Text) + "</span></p>")
		default:
			for _, e := range block.Elements {
				switch text := e.Text.(type) {
				case string:
					b.WriteString("<span class=c>" + mrkdwnPicture(text) + "</span> &nbsp; ")
				default:
					b.WriteString(control(e))
				}
			}
		}
	}
	return b.String()
}

func mrkdwnPicture(s string) string {
	if inner, ok := strings.CutPrefix(s, "```\n"); ok {
		return "<pre>" + strings.TrimSuffix(inner, "\n```") + "</pre>"
	}
	s = slackLabel.ReplaceAllString(s, `<a href="$1">$2</a>`)
	for mark, tag := range map[string]string{"*": "b", "_": "i", "~": "s", "`": "code"} {
		s = spanOf[mark].ReplaceAllString(s, "${1}<"+tag+">${2}</"+tag+">${3}")
	}
	return s
}

// shows is what the fake Slack's reader makes of a message.
func shows(t interface{ Fatal(...any) }, m message) fakeslack.Message {
	raw, err := json.Marshal(m.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	out := fakeslack.Message{Text: m.Text}
	if err := json.Unmarshal(raw, &out.Blocks); err != nil {
		t.Fatal(err)
	}
	return out
}

// Whatever strangers write: nothing rings, no link is theirs, no format either,
// and Slack's limits hold.
func TestStrangersTextStaysText(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"<!channel>", "<@U1>", "<https://evil.example|x>", "https://evil.example", "*b*", "*", "_i_", "~s~", "`c`", "```", ":skull:", "::", "&", "<", ">", "|", " ", "\n", "a", "word", "\u2060", "@here", "(", "😀", strings.Repeat("long ", 100), strings.Repeat("&", 700)})
	rapid.Check(t, func(t *rapid.T) {
		x := strings.Join(rapid.SliceOfN(piece, 1, 6).Draw(t, "stranger"), "")
		v := core.View{ID: "1", URL: "https://arxiv.org/abs/1", Title: x, Authors: x, Facts: []string{x}, Excerpt: x}
		card := core.Card{Title: x, Lines: []say.Text{say.Say("%s", x), say.Say("read %s here", x)}, Papers: []core.View{v, v, v}, Block: "", Context: []say.Text{say.Say("%s", x)},
			Buttons: []core.Button{{ID: "pb1|x", Label: x}}, More: []core.Button{{ID: "pb1|y", Label: x}}}
		m := draw(card)
		if len(m.Blocks) > maxBlocks || say.Length(m.Text) > maxText {
			t.Fatalf("%d blocks, text of %d", len(m.Blocks), say.Length(m.Text))
		}
		raw, err := json.Marshal(m.Blocks)
		if err != nil {
			t.Fatal(err)
		}
		shown := fakeslack.Message{Text: m.Text}
		if err := json.Unmarshal(raw, &shown.Blocks); err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, b := range shown.Blocks {
			switch b["type"] {
			case "section":
				n := say.Length(b["text"].(map[string]any)["text"].(string))
				if n > maxSection || n == 0 {
					t.Fatalf("a section of %d characters", n)
				}
				total += n
			case "header":
				n := say.Length(b["text"].(map[string]any)["text"].(string))
				if n > maxHeader {
					t.Fatalf("a header of %d characters", n)
				}
				total += n
			case "context":
				for _, e := range b["elements"].([]any) {
					total += say.Length(e.(map[string]any)["text"].(string))
				}
			}
		}
		if total > 13200 {
			t.Fatalf("%d characters", total)
		}
		if who := shown.Notifies(); len(who) > 0 {
			t.Fatalf("%q notifies %v", x, who)
		}
		for _, l := range shown.Links() {
			if l.URL != "https://arxiv.org/abs/1" && !l.Bare {
				t.Fatalf("%q links to %v", x, l)
			}
		}
		for _, f := range shown.Formats() {
			if strings.HasPrefix(f, "bold: ") && strings.HasPrefix(strings.TrimPrefix(f, "bold: "), "b") && len(f) == 7 || f == "italic: i" || f == "strike: s" || f == "code: c" || strings.HasPrefix(f, "quote") {
				t.Fatalf("%q formats %v", x, f)
			}
		}
	})
}

func TestLinks(t *testing.T) {
	for in, want := range map[string]string{
		"https://arxiv.org/abs/2509.24002": "https://arxiv.org/abs/2509.24002",
		"https://x.example/a|b>c d\"":      "https://x.example/a%7Cb%3Ec%20d%22",
		"https://x.example/?q=a|b<c":       "https://x.example/?q=a%7Cb%3Cc",
		"http://127.0.0.1:9/x?a=1&b=2":     "http://127.0.0.1:9/x?a=1&b=2",
		"javascript:alert(1)":              "",
		"https://user:pw@x.example/":       "",
		"https:///nohost":                  "",
		"//x.example":                      "",
		"":                                 "",
	} {
		if got := href(in); got != want {
			t.Errorf("href(%q) = %q, want %q", in, got, want)
		}
	}
}

// A topic with a star is as bold as any other, and whoever copies it types it.
func TestAStarIsBold(t *testing.T) {
	m := shows(t, draw(core.Card{Lines: []say.Text{say.Say("follows *%s* and *%s*", "agent*", "lora")}}))
	if got := m.Formats(); len(got) != 4 || got[0] != "bold: agent"+star || got[1] != "bold: lora" {
		t.Errorf("%q", got)
	}
	if got := bare(m.Reads()); got != "follows agent* and lora" {
		t.Errorf("%q", got)
	}
}

func TestALongListSaysWhatIsLeft(t *testing.T) {
	many := core.Card{Papers: list(60)}
	for i := range many.Papers {
		many.Papers[i].Buttons = []core.Button{{ID: "pb1|done|x", Label: "Done"}}
	}
	m := shows(t, draw(many))
	if len(m.Blocks) > maxBlocks {
		t.Errorf("%d blocks", len(m.Blocks))
	}
	if !strings.Contains(m.Reads(), "… and ") {
		t.Error("it does not say that there are more:", m.Reads())
	}
}

func TestACutNeverEndsInsideAnEntity(t *testing.T) {
	w := newWriter(12)
	w.escaped("a&&&&&&&&")
	if got, want := w.String(), "a&amp;&amp;…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

var (
	slackLabel = regexp.MustCompile(`<(https?://[^|>]+)\|([^>]+)>`)
	spanOf     = map[string]*regexp.Regexp{}
)

func init() {
	for _, m := range []string{"*", "_", "~", "`"} {
		q := regexp.QuoteMeta(m)
		spanOf[m] = regexp.MustCompile(`(^|[\s(])` + q + `([^` + q + `\n]+)` + q + `($|[\s.,;:)·])`)
	}
}

// However much there is to say of up to ten papers, Slack takes it, and every paper
// and its buttons are there.
func TestAMorningFitsIntoOneMessage(t *testing.T) {
	check := func(t interface{ Fatal(...any) }, n int, title, excerpt, authors, line string) {
		c := morning(n)
		for i := range c.Papers {
			v := &c.Papers[i]
			v.Title, v.Excerpt, v.Authors = fmt.Sprintf("Paper%d", i)+title, excerpt, authors
		}
		c.Lines = append(c.Lines, say.Text{{Text: line}})
		raw, err := json.Marshal(draw(c).Blocks)
		if err != nil {
			t.Fatal(err)
		}
		var blocks []map[string]any
		if err := json.Unmarshal(raw, &blocks); err != nil {
			t.Fatal(err)
		}
		if wrong := fakeslack.CheckBlocks(blocks); len(wrong) > 0 || len(blocks) > maxBlocks {
			t.Fatal(len(blocks), wrong)
		}
		for i, v := range c.Papers {
			if !strings.Contains(string(raw), fmt.Sprintf("Paper%d", i)) {
				t.Fatal("paper", i, "is missing")
			}
			for _, b := range v.Buttons {
				if !strings.Contains(string(raw), b.ID) {
					t.Fatal(b.ID, "cannot be pressed")
				}
			}
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab *_&<>|~`:😀\n")), 1, 900, -1)
		check(r, rapid.IntRange(1, 10).Draw(r, "papers"), text.Draw(r, "title"), text.Draw(r, "excerpt"), text.Draw(r, "authors"), text.Draw(r, "line"))
	})
	long := strings.Repeat("long & <wild> ", 300)
	check(t, 10, long, long, long, long)
}

// A paper with code has the same buttons in front as one without: the small line
// leads to the code, and the menu holds the rest.
func TestEveryPaperHasTheSameButtonsInFront(t *testing.T) {
	front := map[int]bool{}
	for _, code := range []string{"", "https://github.com/ana/sla"} {
		p := core.Paper{ID: "2509.24006", Title: "SLA", Code: code}
		m := draw(papercards.Paper(papercards.View(&p, core.DefaultSettings(), nil)))
		drawn := string(testkit.JSON(t, m))
		if linked := strings.Contains(drawn, "https://github.com/ana/sla|code"); linked != (code != "") {
			t.Errorf("the small line leads to %q: %v", code, linked)
		}
		for _, b := range m.Blocks {
			if a, ok := b.(*slack.ActionBlock); ok {
				front[len(a.Elements.ElementSet)] = true
				menu := a.Elements.ElementSet[len(a.Elements.ElementSet)-1].(*slack.OverflowBlockElement)
				if last := menu.Options[len(menu.Options)-1]; last.Text.Text != "PDF" {
					t.Errorf("the menu ends with %s", last.Text.Text)
				}
			}
		}
	}
	if len(front) != 1 {
		t.Errorf("buttons in front: %v", front)
	}
}
