package chat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/topic"
)

// missing is a channel that follows segmentation and missed a paper.
func missing(t *testing.T) (*lab, core.Reply) {
	t.Helper()
	l := emptyLab(t)
	l.comes(paper("2611.00001", "We segment lamps"), paper("2611.00002", "Soup"))
	l.says("ana", "subscribe segmentation")
	return l, l.says("bo", "missed https://arxiv.org/abs/2611.00001")
}

func (l *lab) follows() (texts []string) {
	l.Helper()
	for _, t := range l.topics() {
		texts = append(texts, t.Text())
	}
	return texts
}

func (l *lab) guards() (of []core.PaperID) {
	l.Helper()
	all, err := l.store.Guards(l.Context(), l.channel().ID)
	if err != nil {
		l.Fatal(err)
	}
	for _, g := range all {
		of = append(of, g.Paper)
	}
	return of
}

// Missed is another name for why, before a paper; before all else it is a word that
// papers have.
func TestMissedIsWhy(t *testing.T) {
	l, r := missing(t)
	l.sees(r, "It was not posted here: the topic of this channel does not match it.", "#1 segmentation: it never says segmentation.", "nothing else of the last days")
	if again := l.says("bo", "why 2611.00001"); read(again) != read(r) {
		t.Errorf("why says\n%s", read(again))
	}
	l.sees(l.says("bo", "missed modality"), "No papers match missed modality")
	l.sees(l.says("bo", "missed 2611.99999"), "I do not have the paper 2611.99999: no source has listed it")
	if r.Public || len(r.Line) > 0 {
		t.Error("a question is answered before everybody")
	}
}

// A widening is an editor's to press, is told once, and can be taken back for ten
// minutes, the guard with it.
func TestAWideningIsPressedAndTakenBack(t *testing.T) {
	l, r := missing(t)
	press := l.button(r.Card, "Widen #1")
	l.change(func(c *core.Channel) { c.Settings.Editors = "managers" })
	if no := l.presses("bo", "ml", press); !no.Failed {
		t.Fatalf("anybody may: %s", read(no))
	}
	l.change(func(c *core.Channel) { c.Settings.Editors = "members" })
	widened := l.presses("bo", "ml", press)
	l.sees(widened, "I read this as", "We segment lamps guards it")
	if got := l.follows(); len(got) != 1 || got[0] != "segment*" || !slices.Equal(l.guards(), []core.PaperID{"2611.00001"}) {
		t.Fatalf("follows %v, guarded by %v", got, l.guards())
	}
	if len(widened.Line) != 1 || !widened.Edit {
		t.Errorf("told %v", widened.Line)
	}
	l.sees(l.says("ana", "list"), "guarded by 1 paper")
	l.sees(l.presses("bo", "ml", press), "no longer works") // nothing is missed any more

	undo := l.button(widened.Card, "Undo")
	l.now = l.now.Add(11 * time.Minute)
	l.sees(l.presses("bo", "ml", undo), "more than ten minutes ago")
	l.now = l.now.Add(-2 * time.Minute)
	l.sees(l.presses("bo", "ml", undo), "This channel follows segmentation (#1) again.")
	if got := l.follows(); got[0] != "segmentation" || len(l.guards()) > 0 {
		t.Errorf("follows %v, guarded by %v", got, l.guards())
	}
}

// Whoever changes a topic so that it would lose a paper that was missed once is asked,
// by whichever way they do it; who insists lets the guard go.
func TestAChangeThatLosesAGuardIsAskedAbout(t *testing.T) {
	l, r := missing(t)
	l.presses("bo", "ml", l.button(r.Card, "Widen #1"))
	for _, button := range []string{"pb1|instead|1|soup", "pb1|narrow|1|segment* soup", "pb1|exclude|1|lamp"} {
		ask := l.presses("ana", "ml", button)
		l.sees(ask, "would lose 1 paper of segment* (#1), which once was missed here: We segment lamps. Nothing has changed yet.")
		if got := l.follows(); got[0] != "segment*" || len(l.guards()) != 1 || len(ask.Line) > 0 {
			t.Fatalf("%s: follows %v, guarded by %v", button, got, l.guards())
		}
	}
	l.sees(l.presses("ana", "ml", "pb1|narrow|1|segment* lamp"), "#1 segment* lamp") // which loses nothing
	ask := l.presses("ana", "ml", "pb1|instead|1|soup")
	l.sees(l.presses("ana", "ml", l.button(ask.Card, "Change it all the same")), "#1 soup")
	if got := l.follows(); got[0] != "soup" || len(l.guards()) > 0 {
		t.Errorf("follows %v, guarded by %v", got, l.guards())
	}
	l.sees(l.presses("ana", "ml", "pb1|letgo|forgetme|1"), "no longer works")
}

func TestWhyKnowsWhatTasteMayBring(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe lora")
	var liked []core.PaperID
	for i := range core.LikedForTaste {
		id := core.PaperID(fmt.Sprintf("2611.001%02d", i))
		l.comes(paper(id, fmt.Sprint("Robots that grasp cups and plates ", i)))
		liked = append(liked, id)
	}
	l.likes(liked...)
	l.change(func(c *core.Channel) { c.Planned = 1000 })
	l.now = l.now.Add(time.Hour)
	l.comes(paper("2611.00021", "Robots that grasp cups and plates anew"), paper("2611.00022", "Quarks and gluons"))
	l.change(func(c *core.Channel) { c.Planned = 0 })
	const brings = "This channel's taste may bring it: up to 2 a day come so"
	l.doesNotSee(l.says("ana", "why 2611.00021"), brings) // it is not asked to
	l.says("ana", "settings discover:2")
	l.sees(l.says("ana", "why 2611.00021"), "No topic here matches it", brings)
	l.doesNotSee(l.says("ana", "why 2611.00022"), brings)
	for what, change := range map[string]func(*core.Channel){
		"it was there before the last post": func(c *core.Channel) { c.Planned = 1000 },
		"its category is not wanted":        func(c *core.Channel) { c.Settings.Scope = scope("math.*") },
		"it has too few upvotes":            func(c *core.Channel) { c.Settings.Min = 5 },
	} {
		before := l.channel()
		l.change(change)
		if r := l.says("ana", "why 2611.00021"); strings.Contains(read(r), brings) {
			t.Errorf("though %s:\n%s", what, read(r))
		}
		l.change(func(c *core.Channel) { c.Planned, c.Settings = before.Planned, before.Settings })
	}
	l.says("ana", "mute 2611.00021 for:forever")
	l.says("ana", "mute robots for:forever")
	l.doesNotSee(l.says("ana", "why 2611.00021"), brings)
}

func scope(pattern string) topic.Scope { return topic.Scope{Patterns: []string{pattern}, Strict: true} }
