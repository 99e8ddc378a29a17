package chat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"paperboy/core"
)

// brings are n papers of a title, which came today.
func (l *lab) brings(n int, title string, more ...func(*core.Paper)) {
	l.Helper()
	for i := range n {
		p := paper(core.PaperID(fmt.Sprintf("2610.%05d", len(title)*300+i)), title)
		for _, f := range more {
			f(&p)
		}
		l.comes(p)
	}
}

func labels(r core.Reply) (out []string) {
	for _, b := range r.Card.Buttons {
		out = append(out, b.Label)
	}
	return out
}

func TestASearchForAMisspeltWordOffersTheRightOne(t *testing.T) {
	l := newLab(t)
	l.brings(3, "Diffusion everywhere")
	r := l.says("ana", "search difusion sort:new")
	l.sees(r, "No papers match difusion.", "Did you mean diffusion (5 papers)?")
	l.doesNotSee(r, "Try")
	l.sees(l.presses("ana", "ml", l.button(r.Card, "diffusion")), "5 papers for diffusion:")
	if id := l.button(r.Card, "diffusion"); !strings.HasSuffix(id, "|search diffusion sort:new") {
		t.Errorf("what else was asked is lost: %s", id)
	}
	// A typing error stands in a paper too, and is found.
	l.brings(120, "Lanterns")
	l.brings(1, "One lantrens")
	r = l.says("ana", "lantrens")
	l.sees(r, "1 paper for lantren: Did you mean lantern (120 papers)?")
	l.button(r.Card, "lantern")
	// Nobody knows what this means.
	r = l.says("ana", "asdfghjkl")
	l.doesNotSee(r, "Did you mean", "Try")
	if len(r.Card.Buttons) > 0 {
		t.Errorf("offers %v", labels(r))
	}
}

func TestWhatIsOfferedForASearchFindsSomething(t *testing.T) {
	l := newLab(t)
	now := l.now
	l.now = now.AddDate(0, 0, -60)
	l.brings(2, "Sundials")
	l.now = now
	l.comes(core.Paper{ID: "2611.00009", Title: "Galaxies", Categories: []string{"astro-ph.GA"}})
	l.says("ana", "settings scope:strict")
	for typed, want := range map[string]string{
		"sundial since:7d":    "Try since:90d (2 papers).",
		"galaxy":              "Try cat:* (1 paper).",
		`"soup diffusion"`:    "Try soup diffusion (1 paper).",
		`"lamp" agents`:       "Try without ",
		"sundiagram":          "",
		"lamp -lamp since:1d": "Try without -lamp (1 paper).",
		"agents cat:hep-th":   "Try without cat:hep-th (1 paper).",
		"min:20 lamp":         "Try without min:20 (1 paper).",
	} {
		r := l.says("ana", typed)
		l.sees(r, "No papers match", want)
		if want == "" {
			l.doesNotSee(r, "Try")
		}
		for _, b := range r.Card.Buttons {
			if again := l.presses("ana", "ml", b.ID); again.Failed || strings.Contains(read(again), "No papers match") {
				t.Errorf("%s: %s finds nothing:\n%s", typed, b.ID, read(again))
			}
		}
	}
}

func TestAnEmptyStoreSaysSo(t *testing.T) {
	l := emptyLab(t)
	l.sees(l.says("ana", "lamps"), "No papers match lamp.", "I have no papers at all yet.")
	l.sees(l.says("ana", "subscribe lamps"), "I have no papers of the last 30 days yet, so I cannot say how many to expect.")
	l.doesNotSee(l.says("ana", "subscribe soup"), "No paper")
}

func TestWhatCannotBeMeantIsRefused(t *testing.T) {
	l := newLab(t)
	for typed, want := range map[string]string{
		"subscribe cat:cs.ZZ":         "cs.ZZ is no category. Did you mean cs.* (all of cs)?",
		"subscribe lamps, cat:cs.LQ":  "cs.LQ is no category. Did you mean cs.LG (Machine Learning)",
		"preview cat:stat.MLL":        "Did you mean stat.ML (Machine Learning)?",
		"cat:nlp":                     "nlp is no category. Did you mean cs.CL (Computation and Language)?",
		"search lamp -cat:cs.QQ":      "cs.QQ is no category.",
		"saved cat:hep-xx":            "hep-xx is no category. Did you mean hep-ex",
		"top cat:cs.ZZ":               "cs.ZZ is no category.",
		"mute cat:math.XX":            "math.XX is no category. Did you mean math.* (all of math)?",
		"settings scope:cs.*,cs.ZZ":   "cs.ZZ is no category.",
		"subscribe source:arxv lamps": "I have no source arxv. Did you mean source:arxiv?",
		`subscribe source:"my feed"`:  "I have no source my feed. There is source:",
	} {
		r := l.says("ana", typed)
		if l.sees(r, want); !r.Failed || len(r.Line) > 0 {
			t.Errorf("%s is taken: %s", typed, read(r))
		}
	}
	l.sees(l.says("ana", "list"), "This channel has no topics yet.")
	if r := l.says("ana", "subscribe lamps cat:cs.ZZ"); r.Card.Block != "subscribe lamps cat:cs.ZZ\n"+strings.Repeat(" ", 20)+"^" {
		t.Errorf("the place is\n%s", r.Card.Block)
	}
	for _, typed := range []string{"subscribe cat:CS.ai", "subscribe cat:hep-th", "subscribe cat:cs", "subscribe cat:physics.*", "settings scope:cs.*,math-ph", "subscribe source:hf lamps", "mute cat:cond-mat.soft"} {
		if r := l.says("ana", typed); r.Failed {
			t.Errorf("%s: %s", typed, read(r))
		}
	}
	// What was followed before, when nobody looked, is followed on, and can be stopped.
	if _, err := l.store.AddTopic(t.Context(), l.channel().ID, topicOf(t, "cat:cs.ZZ"), person("ana"), l.now); err != nil {
		t.Fatal(err)
	}
	l.sees(l.says("ana", "list"), "cat:cs.ZZ · nothing in 1 day")
	l.sees(l.says("ana", "unsubscribe cat:cs.ZZ"), "no longer follows cat:cs.ZZ")
	if _, err := l.store.AddMute(t.Context(), core.Mute{Channel: l.channel().ID, Kind: core.MuteTopic, Value: "cat:cs.ZZ", At: l.now}); err != nil {
		t.Fatal(err)
	}
	l.sees(l.says("ana", "unmute cat:cs.ZZ"), "Shown here again: papers in cs.ZZ.")
}

func TestAConfigurationThatCannotBeMeantChangesNothing(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe lamps")
	before, err := l.ExportConfig(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []string{`"topics": ["soup", "cat:cs.ZZ"]`, `"mutes": [{"what": "cat:cs.ZZ"}]`, `"settings": {"max": "9", "scope": "cs.ZZ"}`} {
		file := fmt.Sprintf(`{"paperboy_config": 1, "channels": [{"channel": "#ml", "topics": ["soup"]}, {"channel": "#ml", %s}]}`, change)
		_, _, err := l.ImportConfig(t.Context(), []byte(file))
		if err == nil || !strings.Contains(err.Error(), "#ml: `cs.ZZ` is no category. Did you mean `cs.*`") {
			t.Errorf("%s: %v", change, err)
		}
	}
	if after, err := l.ExportConfig(t.Context(), 0); err != nil || string(after) != string(before) {
		t.Errorf("changed to %s: %v", after, err)
	}
}

func TestATopicThatNobodyWritesAboutSaysSoWhenItIsFollowed(t *testing.T) {
	l := newLab(t)
	now := l.now
	l.now = now.AddDate(0, 0, -40)
	l.brings(3, "Sundials")
	l.now = now.AddDate(0, 0, -29)
	l.brings(3, "Diffusion everywhere")
	l.now = now

	r := l.says("ana", "subscribe difusion")
	l.sees(r, "#1 difusion:", "Last 30 days: 0 papers.", "No paper that I have matches it: the channel may stay quiet.", "Did you mean diffusion (5 papers)?")
	if got := labels(r); !slices.Equal(got, []string{"Set time", "Follow diffusion instead", "Stop following #1"}) {
		t.Errorf("offers %q", got)
	}
	r = l.presses("ana", "ml", l.button(r.Card, "Follow diffusion instead"))
	l.sees(r, "#1 diffusion: I read this as word diffusion", "Last 30 days: 5 papers")
	if !r.Edit || len(r.Line) != 1 || r.Line[0].String() != "@ana follows diffusion here, instead of difusion." {
		t.Errorf("everybody reads %v", r.Line)
	}
	list := l.says("ana", "list")
	l.sees(list, "This channel follows 1 topic", "#1 diffusion")
	l.doesNotSee(list, "difusion ·")

	r = l.says("ana", "subscribe sundials")
	l.sees(r, "No paper of these days matches it", "I know 3 papers before, the newest of 15 Oct 2026.")
	l.sees(l.presses("ana", "ml", l.button(r.Card, "Stop following #2")), "no longer follows sundial")
	l.sees(l.says("ana", "preview difusion"), "Did you mean diffusion (5 papers)?", "Nothing was posted.")
	l.sees(l.presses("ana", "ml", l.button(l.says("ana", "preview difusion").Card, "Preview diffusion")), "Last 30 days: 5 papers")
}

func TestAYoungStorePromisesNothing(t *testing.T) {
	l := newLab(t) // its papers came today
	r := l.says("ana", "subscribe soup")
	l.sees(r, "Last 30 days: 1 paper, 1.0 a weekday. I have papers of only 1 day.")
	l.sees(l.says("ana", "subscribe galaxies"), "Last 30 days: 0 papers. I have papers of only 1 day.")
	l.sees(l.says("ana", "list"), "galaxy · nothing in 1 day")
	l.now = l.now.AddDate(0, 2, 0)
	l.sees(l.says("ana", "preview soup"), "I have no papers of the last 30 days yet, so I cannot say how many to expect.", "I know 1 paper before, the newest of 24 Nov 2026.")
}

func TestATopicWithTooMuchIsNarrowed(t *testing.T) {
	l := newLab(t)
	l.brings(15, "Lamps", func(p *core.Paper) { p.Abstract = "About light." })
	l.brings(9, "Light bulbs", func(p *core.Paper) { p.Categories = []string{"cs.CV"} })
	r := l.says("ana", "subscribe light")
	l.sees(r, "#1 light:", "24.0 a weekday", "That is more than 20 a weekday, and a post here shows 5. To narrow it:", "light cat:cs.LG (15.0 a weekday)", "title:light (9.0 a weekday)")
	if got := labels(r); !slices.Equal(got, []string{"Post today's now", "Set time", "One message a day", "Titles only", "Follow light cat:cs.LG instead", "Follow title:light instead"}) {
		t.Errorf("offers %q", got)
	}
	added := l.topics()[0]
	l.comes(paper("2611.00077", "Light and soup"))
	r = l.presses("ana", "ml", l.button(r.Card, "title:light"))
	l.sees(r, "#1 title:light: I read this as word light in title")
	// What came since the topic was followed is not lost.
	if now := l.topics()[0]; now.ID != added.ID || now.Since != added.Since {
		t.Errorf("%+v was %+v", now, added)
	}
	l.sees(l.says("ana", "preview light"), "That is more than 20 a weekday")
	l.doesNotSee(l.says("ana", "preview title:light"), "more than 20")
	l.brings(10, "Twenty") // and no more than 20 is not too much
	l.brings(10, "Twenty!")
	r = l.says("ana", "preview twenty")
	l.sees(r, "20.0 a weekday")
	l.doesNotSee(r, "more than 20")
}

func TestButtonsThatChangeATopicAreForEditorsOfThisChannel(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe lamps, soup")
	id := fmt.Sprint(l.topics()[0].ID)
	r := l.presses("mallory", "other", "pb1|instead|"+id+"|agents")
	if !r.Failed || len(r.Line) > 0 {
		t.Errorf("another channel's topic: %s", read(r))
	}
	l.sees(l.presses("ana", "ml", "pb1|narrow|"+id+"|soup"), "already follows soup (#2). Nothing changed.")
	l.sees(l.presses("ana", "ml", "pb1|instead|"+id), "no longer works")
	l.sees(l.presses("ana", "ml", "pb1|instead|"+id+"|agents | tea"), "#1 agent | tea") // a topic may hold a |
	l.says("ana", "unsubscribe 1")
	l.sees(l.presses("ana", "ml", "pb1|instead|"+id+"|cups"), "That topic is not followed any more. /papers subscribe cup follows this one.")
	l.change(func(ch *core.Channel) { ch.Settings.Editors, ch.Owner = "managers", "" })
	if r := l.presses("ben", "ml", fmt.Sprintf("pb1|narrow|%d|soup -tea", l.topics()[0].ID)); !r.Failed {
		t.Errorf("ben may: %s", read(r))
	}
}

func TestAPreviewOffersTheOtherSpelling(t *testing.T) {
	l := newLab(t)
	l.brings(4, "Pre-training of lamps")
	l.brings(3, "Pretraining")
	r := l.says("ana", "preview pre-training")
	l.sees(r, "Also written pretraining: 3 papers. \"pre training\" | pretraining follows both.")
	l.sees(l.presses("ana", "ml", l.button(r.Card, `Preview "pre training" | pretraining`)), "7 papers")
	r = l.says("ana", "subscribe pretraining")
	l.sees(r, "Also written pre-training: 4 papers.")
	l.sees(l.presses("ana", "ml", l.button(r.Card, "instead")), `pretraining | "pre training"`)
	l.doesNotSee(l.says("ana", `preview "pre training" | pretraining`), "Also written")
}

func TestASearchIsAPastedTitleToo(t *testing.T) {
	l := newLab(t)
	l.sees(l.says("ana", "search Diffusion (of lamps): what & why?"), "No paper has all of diffusion of lamp what why. The nearest in meaning:", "Diffusion of lamps", "has diffusion, lamp")
	l.sees(l.says("ana", "Diffusion / lamps …"), "1 paper for diffusion lamp with all the words, then the nearest in meaning:")
	if r := l.says("ana", "subscribe diffusion & lamps"); !r.Failed {
		t.Errorf("what is followed is exact: %s", read(r))
	}
}

func TestWhatBeginnersAreShownFindsSomething(t *testing.T) {
	l := newLab(t)
	card, err := l.Joined(t.Context(), at("new"), "#new", false)
	if err != nil {
		t.Fatal(err)
	}
	l.sees(core.Reply{Card: card}, "/papers preview diffusion")
	l = emptyLab(t)
	l.sees(l.says("ana", "list"), "Start with /papers subscribe diffusion") // nothing finds anything
	l.brings(1, "A theory of knots", func(p *core.Paper) { p.Categories = []string{"math.GT"} })
	l.sees(l.says("ana", "list"), "Start with /papers subscribe theory.")
	l.sees(l.says("ana", ""), "Search with /papers theory")
	l.sees(l.says("ana", "show 2601.00001"), "/papers search theory finds papers by words")
	for _, who := range []string{"Home", "Joined"} {
		card := l.Home(t.Context(), core.Installation{Platform: "web", Workspace: "W"}, person("ana"))
		if who == "Joined" {
			card, _ = l.Joined(t.Context(), at("new"), "#new", false)
		}
		l.sees(core.Reply{Card: card}, "subscribe theory")
		l.doesNotSee(core.Reply{Card: card}, "diffusion")
	}
}
