package cards_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/topic"
)

func number(n int) *int { return &n }

func lora() core.Paper {
	return core.Paper{
		ID: "2106.09685", Version: 2, Title: "LoRA: Low Ranks", Day: "2021-06-18", Published: "2021-06-17",
		Abstract:   "Large models are heavy. " + strings.Repeat("They weigh a lot. ", 30) + "We propose LoRA, which trains two small matrices. It is light.",
		Authors:    []string{"Edward J. Hu", "Yelong Shen", "Phillip Wallis", "Weizhu Chen"},
		Categories: []string{"cs.CL", "cs.AI"}, Upvotes: number(1234), Code: "https://github.com/microsoft/LoRA", Stars: number(0),
		Summary: "LoRA freezes the model and trains low-rank matrices.",
	}
}

// What a message may not have said when it was posted.
func TestWhatIsNews(t *testing.T) {
	posted := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	d := core.Delivery{Item: "2106.09685", State: core.Posted, Shown: 2, Updated: posted}
	for _, c := range []struct {
		name  string
		p     core.Paper
		d     core.Delivery
		label string
	}{
		{"nothing", core.Paper{Version: 2}, d, ""},
		{"a version", core.Paper{Version: 3}, d, "updated v3"},
		{"a withdrawal", core.Paper{Version: 2, Withdrawn: true}, d, "withdrawn"},
		{"an acceptance", core.Paper{Comment: "Accepted to ICML 2026"}, d, "accepted to ICML 2026"},
		{"a publication", core.Paper{Journal: "Nature 575, 350-355 (2019)"}, d, "published in Nature"},
		{"code", core.Paper{Code: "https://x", Coded: posted.Add(time.Second)}, d, "now with code"},
		{"code from the beginning", core.Paper{Code: "https://x"}, d, ""},
		{"code before it was posted", core.Paper{Code: "https://x", Coded: posted}, d, ""},
		{"code before it is posted", core.Paper{Code: "https://x", Coded: posted.Add(time.Second)}, core.Delivery{Updated: posted}, ""},
	} {
		if got := cards.IsNews(&c.p, &c.d); got != (c.label != "") {
			t.Errorf("%s: news is %v", c.name, got)
		}
		if got := strings.Join(cards.Delivered(&c.p, &c.d, core.DefaultSettings()).Papers[0].Labels, ", "); got != c.label {
			t.Errorf("%s: labelled %q", c.name, got)
		}
	}
	d.Item, d.Shown = core.AgainItem("2106.09685", 3), 3
	if got := cards.Title(&core.Paper{Version: 3}, &d, core.DefaultSettings()).Labels; !slices.Equal(got, []string{"again: v3"}) {
		t.Errorf("labelled %q", got)
	}
}

func TestAPaperIsShownByWhatIsKnown(t *testing.T) {
	for _, tc := range []struct {
		p    core.Paper
		want string
	}{
		{lora(), "Edward J. Hu … Weizhu Chen (4) · cs.CL · ▲1,234 · code"},
		{core.Paper{Authors: []string{"Ana"}, Code: "https://x", Stars: number(2913)}, "Ana · code ★2,913"},
		{core.Paper{Authors: []string{"Ana Doe", "van der Berg"}, Upvotes: number(0), Withdrawn: true}, "Ana Doe, van der Berg · withdrawn"},
		{core.Paper{Authors: []string{"Ana Doe"}, Comment: "12 pages, accepted to ICML 2026"}, "Ana Doe · accepted to ICML 2026"},
		{core.Paper{Authors: []string{"Ana Doe"}, Comment: "Accepted to ICML 2026", Withdrawn: true}, "Ana Doe · withdrawn"},
		{core.Paper{Authors: []string{"Tencent Robotics X", "HY Vision Team", "Inclusion AI"}}, "Tencent Robotics X, HY Vision Team, Inclusion AI"},
		{core.Paper{Authors: []string{"Team Seedance", "Mind Lab", "CocoaBench Team", "Venus Team"}}, "Team Seedance … Venus Team (4)"},
		{core.Paper{Authors: []string{"Doe, Jane", ":", "Heath, Jr., Robert W.", "WANG Wei"}}, "Jane Doe, Robert W. Heath Jr., WANG Wei"},
		{core.Paper{Authors: []string{"李 明", "Aäron van den Oord*", "Schr\\\"odinger, Erwin (Wien)"}}, "李 明, Aäron van den Oord, Erwin Schrödinger"},
		{core.Paper{Authors: []string{"Doe JA", "Madonna"}}, "Doe JA, Madonna"},
		{core.Paper{}, ""},
	} {
		tc.p.Day = ""
		if got := cards.Entry(&tc.p).Line().String(); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
	if v := cards.Entry(&core.Paper{Withdrawn: true}); !v.Struck {
		t.Error("a withdrawn paper is not struck through")
	}
	p := lora()
	p.Thumbnail = "https://cdn.example.org/lora.png"
	if v := cards.Entry(&p); v.Excerpt != "" || v.Facts[len(v.Facts)-1] != "18 Jun 2021" || v.Code != "" || v.Thumbnail != p.Thumbnail {
		t.Errorf("an entry shows %+v", v)
	}
	if got := strings.Join(cards.Dates(&p), ", "); got != "18 Jun 2021, published 17 Jun 2021" {
		t.Errorf("dates %s", got)
	}
	if v := cards.Whole(&p, 3).Papers[0]; v.Votes != 3 || v.Excerpt != p.Abstract {
		t.Errorf("the whole paper is %+v", v)
	}
}

func TestAChannelSaysHowMuchOfAnAbstractItSees(t *testing.T) {
	p, none := lora(), lora()
	none.Summary = ""
	line := core.DefaultSettings()
	with := func(key, value string) core.Settings {
		s := line
		if err := s.Set(key, value); err != nil {
			t.Fatal(err)
		}
		return s
	}
	const sentence = "We propose LoRA, which trains two small matrices."
	for _, tc := range []struct {
		name     string
		p        core.Paper
		s        core.Settings
		want, by string
	}{
		{"the sentence in which the authors say what they did", p, line, sentence, ""},
		{"nothing", p, with("excerpt", "none"), "", ""},
		{"everything", p, with("excerpt", "full"), p.Abstract, ""},
		{"Hugging Face's summary, and whose it is", p, with("summary", "hf"), p.Summary, "summary by Hugging Face"},
		{"the authors' sentence where there is no summary", none, with("summary", "hf"), sentence, ""},
		{"the sentence where a setting is not known", p, core.Settings{}, sentence, ""},
	} {
		v := cards.View(&tc.p, tc.s, nil)
		if v.Excerpt != tc.want || v.ExcerptBy != tc.by || strings.Contains(v.Line().String(), "summary by Hugging Face") != (tc.by != "") {
			t.Errorf("%s: %q by %q in %q", tc.name, v.Excerpt, v.ExcerptBy, v.Line().String())
		}
	}
	p.Abstract, p.Summary = strings.Repeat("word ", 1000), strings.Repeat("word ", 100)
	for _, tc := range []struct {
		s core.Settings
		n int
	}{{line, 220}, {with("summary", "hf"), 220}, {with("excerpt", "full"), 2500}} {
		if v := cards.View(&p, tc.s, nil); len(v.Excerpt) > tc.n || !strings.HasSuffix(v.Excerpt, "word …") {
			t.Errorf("%d characters of %d: %q", len(v.Excerpt), tc.n, v.Excerpt)
		}
	}
}

func TestWhereNobodySaysWhatTheyDidTheSentenceThatMatchedIsShown(t *testing.T) {
	p := core.Paper{Title: "Agents", Abstract: "Lamps are old. Agentic ones are new. They burn. " + strings.Repeat("They burn on. ", 20)}
	ms := []core.Matched{{Topic: "agent*", Why: []topic.Why{{Term: "agent*", Field: topic.Title}}}}
	if got := cards.View(&p, core.DefaultSettings(), ms).Excerpt; !strings.HasPrefix(got, "Lamps are old. Agentic") {
		t.Errorf("found in the title: %q", got)
	}
	ms[0].Why[0].Field = topic.Abstract
	if got := cards.View(&p, core.DefaultSettings(), ms).Excerpt; got != "Agentic ones are new." {
		t.Errorf("found in the abstract: %q", got)
	}
}

func TestADeliveredPaperSaysWhatBecameOfIt(t *testing.T) {
	p := lora()
	d := core.Delivery{Late: true, Shown: 1, Folded: true, Matched: []core.Matched{{Topic: "LoRA", Why: []topic.Why{{Term: "lora", Field: topic.Title}}}}}
	v := cards.Delivered(&p, &d, core.DefaultSettings()).Papers[0]
	if diff := cmp.Diff([]string{"listed late", "updated v2"}, v.Labels); diff != "" {
		t.Error(diff)
	}
	if !v.Folded || v.Against != 2 || v.Tags[0] != "lora" || v.Matched.String() != "matched LoRA" || v.Excerpt == "" {
		t.Errorf("%+v", v)
	}
	if got := v.Line().String(); got != "Edward J. Hu … Weizhu Chen (4) · cs.CL · ▲1,234 · code · listed late · updated v2 · matched LoRA" {
		t.Error(got)
	}
	for _, tc := range []struct {
		version, shown int
		want           bool
	}{{0, 0, false}, {1, 0, false}, {2, 0, true}, {2, 2, false}, {3, 2, true}} {
		if got := cards.IsNewer(&core.Paper{Version: tc.version}, &core.Delivery{Shown: tc.shown}); got != tc.want {
			t.Errorf("v%d after v%d is newer: %v", tc.version, tc.shown, got)
		}
	}
}

// What a message of several shows first is no news, whichever version it is.
func TestAPaperInsideAHeaderSaysWhatBecameOfIt(t *testing.T) {
	p, s := lora(), core.DefaultSettings()
	d := core.Delivery{Item: core.PaperItem(p.ID), Place: core.InDigest}
	for _, apart := range []bool{true, false} {
		draw := func() core.View {
			header := core.Card{Title: "Papers", Apart: apart, Papers: []core.View{{ID: "2511.00001", Title: "Another"}, {ID: p.ID, Title: "as it was"}}}
			c := cards.Inside(header, map[core.Item]*core.Paper{d.Item: &p}, []core.Delivery{d}, s)
			if c.Title != "Papers" || c.Papers[0].Title != "Another" || header.Papers[1].Title != "as it was" {
				t.Errorf("%+v", c)
			}
			return c.Papers[1]
		}
		d.Shown, d.Folded = 0, false
		if v := draw(); v.Title != p.Title || len(v.Labels) > 0 || (len(v.Buttons) == 2) != apart || (v.Excerpt != "") != apart {
			t.Errorf("%+v", v)
		}
		d.Shown, d.Folded = 1, true
		if v := draw(); fmt.Sprint(v.Labels) != "[updated v2]" || !v.Folded || v.Against != 2 {
			t.Errorf("%+v", v)
		}
	}
}

func TestTheWordsThatMatchedAreNamedAsTheyStandInThePaper(t *testing.T) {
	p := core.Paper{Title: "Agentic LLMs", Abstract: "LLMs with tools. We use text-to-image models, a b c d e."}
	in := func(f topic.Field, terms ...string) (ws []topic.Why) {
		for _, term := range terms {
			ws = append(ws, topic.Why{Term: term, Field: f})
		}
		return ws
	}
	for _, tc := range []struct {
		ms   []core.Matched
		want string
	}{
		{nil, ""},
		{[]core.Matched{{Topic: "agent* llm", Why: in(topic.Title, "agent*", "llm")}, {Topic: "title:llm", Why: in(topic.Title, "title:llm")}}, "matched Agentic, LLMs"},
		{[]core.Matched{{Why: in(topic.Abstract, `"text to image"`)}, {Why: in(topic.Abstract, "llm")}}, "matched text-to-image, LLMs"},
		{[]core.Matched{{Why: in(topic.Abstract, "abstract:gone*")}}, "matched gone*"}, // a later version has it no more
		{[]core.Matched{{Why: in(topic.Cat, "cat:cs.CV")}, {Why: in(topic.Min, "min:20")}}, "matched cat:cs.CV, min:20"},
		{[]core.Matched{{Why: []topic.Why{{Term: `author:"ana doe"`, Field: topic.Author, Name: "Ana M. Doe"}}}}, "matched author Ana M. Doe (name match)"},
		{[]core.Matched{{Why: in(topic.Abstract, "a", "b", "c", "d", "e", "tool", "model")}}, "matched a, b, c, d, e, 2 more"},
		{[]core.Matched{{Why: in(topic.Abstract, "a", "b", "c", "d", "e", "tool")}}, "matched a, b, c, d, e, tools"},
	} {
		if got := cards.Matched(&p, tc.ms).String(); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

func TestAnAuthorIsAMatchOfNames(t *testing.T) {
	why := topic.Why{Term: `author:"michael jordan"`, Field: topic.Author, Name: "Michael I. Jordan"}
	if got := cards.Why(why).String(); got != "author Michael I. Jordan (name match)" {
		t.Error(got)
	}
	why.Name = "" // as earlier versions kept it
	if got := cards.Why(why).String(); got != `author:"michael jordan"` {
		t.Error(got)
	}
}

func TestAButtonThatIsTooLongIsNone(t *testing.T) {
	long := strings.Repeat("x", 94) // pb1|do| goes before it
	fit := func(command string, most int) []core.Button {
		return cards.Fit(cards.Button("Follow", "do", command), core.Limits{ButtonID: most})
	}
	if len(fit(long, 100)) != 0 || len(fit(long[1:], 100)) != 1 || len(fit(long, 0)) != 1 {
		t.Error("the network's limit is not kept")
	}
	verb, args, ok := cards.Pressed(cards.Button("Do", "do", "search a | b").ID)
	if !ok || verb != "do" || strings.Join(args, "|") != "search a | b" {
		t.Errorf("pressed %s %q %v", verb, args, ok)
	}
	for _, id := range []string{"", "pb0|save|1", "pb1"} {
		if _, _, ok := cards.Pressed(id); ok {
			t.Errorf("%q is a button", id)
		}
	}
}

func TestSmallWords(t *testing.T) {
	same := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	same(cards.Count(1, "paper"), "1 paper")
	same(cards.Count(2913, "paper"), "2,913 papers")
	same(cards.Number(-1234567), "-1,234,567")
	same(cards.List([]say.Text{say.Say("a"), say.Say("b"), say.Say("c")}).String(), "a, b and c")
	same(cards.List(nil).String(), "")
	same(cards.Codes([]string{"a", "b", "c"}).String(), "`a`, `b` or `c`")
	same(cards.Cut("some words here", 12), "some words …")
	same(cards.Cut("unbreakable", 5), "unbr…")
	same(cards.Capital("élan"), "Élan")
}

func TestAClosedDoorIsSaidWithTheWayOut(t *testing.T) {
	for _, c := range []struct{ name, reason, want string }{
		{"#ml", "missing Send Messages", "I may not post in #ml: missing Send Messages. An admin can fix this under channel permissions."},
		{"#ml", "I am not in it; invite me", "I may not post in #ml: I am not in it; invite me."},
		{"", "I am not in it; invite me", "I may not post here: I am not in it; invite me."},
	} {
		if got := cards.Closed(&core.Channel{Name: c.name}, c.reason).String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
		if got := cards.Held(&core.Channel{Name: c.name, Hold: core.Hold{Reason: c.reason}}).String(); got != c.want+" Nothing was lost; I will post when I can." {
			t.Errorf("held: %q", got)
		}
	}
}

// Where there is no small menu, five buttons do what all do: the last opens the
// others. What leads away is a link on every platform.
func TestAPapersButtonsFitIntoFive(t *testing.T) {
	labels := func(bs []core.Button) (all []string) {
		for _, b := range bs {
			all = append(all, b.Label)
		}
		return all
	}
	v := core.View{ID: "2509.24006", Title: "SLA", PDF: "https://arxiv.org/pdf/2509.24006", Code: "https://github.com/x/y", Facts: []string{"cs.CV", "code ★29"}}
	c := cards.Paper(v)
	if got := labels(c.Compact); !slices.Equal(got, []string{"Abstract", "Why?", "Save", "Not for us", "More…"}) {
		t.Errorf("%v", got)
	}
	reached := slices.Concat(c.Compact, cards.Rest(&core.Paper{ID: v.ID, Title: v.Title}).Buttons)
	for _, b := range slices.Concat(c.Buttons, c.More) {
		if b.URL == "" && !slices.ContainsFunc(reached, func(r core.Button) bool { return r.ID == b.ID }) {
			t.Errorf("%s is out of reach", b.Label)
		}
	}
	if got := labels(c.More); !slices.Contains(got, "PDF") || !slices.Contains(got, "Code ★29") {
		t.Errorf("links: %v", got)
	}
	whole := cards.Whole(&core.Paper{ID: v.ID, Title: v.Title, Abstract: "All of it."}, 0)
	if got := labels(whole.Compact); len(got) != 5 || got[0] != "Similar" {
		t.Errorf("the abstract is there: %v", got)
	}
}

func TestASearchSaysWhyAPaperIsThere(t *testing.T) {
	parsed, err := topic.ParseSearch("video lamps")
	if err != nil {
		t.Fatal(err)
	}
	paper := core.Paper{Title: "Lamps in videos"}
	for want, why := range map[string]core.Because{
		"matched videos, Lamps":        {All: true, Has: []string{"video", "lamp"}},
		"has lamp · near: film, light": {Has: []string{"lamp"}, Near: []string{"film", "light"}},
		"near: film":                   {Near: []string{"film"}},
		"near in meaning":              {},
	} {
		if got := cards.Found(&core.Query{Topic: parsed, Plain: []string{"video", "lamp"}}, &core.Hit{Paper: paper, Why: why}).String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := cards.Found(&core.Query{Topic: parsed}, &core.Hit{Paper: paper}).String(); got != "matched videos, Lamps" {
		t.Errorf("exactly: %q", got)
	}
	if got := cards.CountUpTo(4000, true, "paper"); got != "more than 4,000 papers" {
		t.Error(got)
	}
}
