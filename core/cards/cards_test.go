package cards_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/topic"
)

func number(n int) *int { return &n }

func lora() core.Paper {
	return core.Paper{
		ID: "2106.09685", Version: 2, Title: "LoRA", Abstract: strings.Repeat("word ", 100), Day: "2021-06-18", Published: "2021-06-17",
		Authors:    []string{"Edward J. Hu", "Yelong Shen", "Phillip Wallis", "Weizhu Chen"},
		Categories: []string{"cs.CL", "cs.AI"}, Upvotes: number(1234), Code: "https://github.com/microsoft/LoRA", Stars: number(0),
	}
}

func TestAPaperIsShownByWhatIsKnown(t *testing.T) {
	for _, tc := range []struct {
		p    core.Paper
		want string
	}{
		{lora(), "E. J. Hu, Y. Shen … W. Chen (4) · cs.CL · HF ▲1,234 · code ★0"},
		{core.Paper{Authors: []string{"Ana"}, Code: "https://x"}, "Ana (1 author) · code"},
		{core.Paper{Authors: []string{"Ana Doe", "van der Berg"}, Withdrawn: true}, "A. Doe, van der Berg (2) · withdrawn"},
		{core.Paper{Authors: []string{"Tencent Robotics X", "Carl D. Epsilon Jr.", "Luc Van Gool"}}, "Tencent Robotics X, C. D. Epsilon Jr., L. Van Gool (3)"},
		{core.Paper{Authors: []string{"Doe, Jane", ":"}}, "J. Doe (1 author)"},
		{core.Paper{}, ""},
	} {
		if got := cards.View(&tc.p).Line().String(); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
	if v := cards.View(&core.Paper{Withdrawn: true}); !v.Struck {
		t.Error("a withdrawn paper is not struck through")
	}
	p := lora()
	if v := cards.View(&p); len([]rune(v.Excerpt)) > 280 || !strings.HasSuffix(v.Excerpt, "word …") {
		t.Errorf("excerpt %q", v.Excerpt)
	}
	if v := cards.Entry(&p); v.Excerpt != "" || v.Facts[len(v.Facts)-1] != "18 Jun 2021" {
		t.Errorf("an entry shows %+v", v)
	}
	if got := strings.Join(cards.Dates(&p), ", "); got != "18 Jun 2021, published 17 Jun 2021" {
		t.Errorf("dates %s", got)
	}
	if v := cards.Whole(&p, 3).Papers[0]; v.Votes != 3 || len(v.Excerpt) < 490 {
		t.Errorf("the whole paper is %+v", v)
	}
}

func TestADeliveredPaperSaysWhatBecameOfIt(t *testing.T) {
	p := lora()
	d := core.Delivery{Late: true, Shown: 1, Folded: true, Matched: []core.Matched{{Topic: "LoRA", Why: []topic.Why{{Term: "lora", Field: topic.Title}}}}}
	v := cards.Delivered(&p, &d).Papers[0]
	if diff := cmp.Diff([]string{"listed late", "updated v2"}, v.Labels); diff != "" {
		t.Error(diff)
	}
	if !v.Folded || v.Tags[0] != "lora" || v.Matched.String() != "matched: lora in title" {
		t.Errorf("%+v", v)
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

func TestWhatMatchedIsNamedOnceAndBriefly(t *testing.T) {
	why := func(terms ...string) (ws []topic.Why) {
		for _, term := range terms {
			ws = append(ws, topic.Why{Term: term, Field: topic.Abstract})
		}
		return ws
	}
	ms := []core.Matched{{Topic: "a", Why: why("a", "b")}, {Topic: "a c", Why: why("a", "c")}}
	if got := cards.Matched(ms).String(); got != "matched: a in abstract · b in abstract · c in abstract" {
		t.Error(got)
	}
	if got := cards.Matched([]core.Matched{{Why: why("a", "b", "c", "d", "e", "f", "g")}}).String(); !strings.HasSuffix(got, "e in abstract · 2 more") {
		t.Error(got)
	}
	if cards.Matched(nil) != nil {
		t.Error("nothing matched, and something is said")
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
