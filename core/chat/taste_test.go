package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"paperboy/core"
)

// likes has people vote for papers.
func (l *lab) likes(papers ...core.PaperID) {
	l.Helper()
	for i, id := range papers {
		r := core.Reaction{Message: string(id), User: core.User{Key: "web:ana"}, Emoji: "👍", Added: true, Order: int64(i + 1), At: l.now}
		if _, err := l.store.PutReaction(l.Context(), l.channel().ID, id, core.Up, r); err != nil {
			l.Fatal(err)
		}
	}
}

// A channel reads in words what it likes, wants more of something, less of another,
// has a word not count, and begins anew. Votes stay what they are.
func TestTasteIsToldInWordsAndWeighed(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe lora")
	l.sees(l.says("ana", "taste"), "I do not know yet what this channel likes.", "/papers learn")
	l.comes(paper("2611.00011", "Robots that grasp cups"), paper("2611.00012", "Robots that grasp plates"), paper("2611.00013", "Grasping robots"))
	l.likes("2611.00011", "2611.00012", "2611.00013")
	r := l.says("ana", "taste")
	l.sees(r, "3 papers voted for here", "robots", "such as", "settings discover:2")
	if len(r.Card.Rows) != 1 || !strings.Contains(fmt.Sprint(r.Card.Rows[0].Menu), "pb1|do|taste forget robots") {
		t.Errorf("rows %+v", r.Card.Rows)
	}
	l.sees(l.presses("ana", "ml", r.Card.Rows[0].Open), "robots")

	r = l.says("ana", "taste more soup")
	l.sees(r, "More of soup")
	if r.Line[0].String() != "@ana wants more of soup here." {
		t.Errorf("everybody reads %v", r.Line)
	}
	l.says("ana", "taste less soups") // the same word
	l.says("ana", "taste forget robots")
	if got := l.channel().Taste; fmt.Sprint(got.More, got.Less, got.Forgotten) != "[] [soups] [robots]" {
		t.Errorf("kept %+v", got)
	}
	r = l.says("ana", "taste")
	l.sees(r, "Less of soups", "Does not count: robots")
	if strings.Contains(r.Card.Rows[0].Text.String(), "robots") {
		t.Errorf("%v: robots are forgotten", r.Card.Rows[0].Text)
	}
	l.says("ana", "taste forget soup") // what was said of it
	if got := l.channel().Taste; fmt.Sprint(got.Less, got.Forgotten) != "[] [robots]" {
		t.Errorf("kept %+v", got)
	}
	l.sees(l.says("ana", "taste more"), "Say what to change", "/papers taste more robotics")
	l.sees(l.says("ana", "taste louder soup"), "Say what to change")

	l.now = l.now.Add(time.Second)
	r = l.says("ana", "taste forget all")
	l.sees(r, "I do not know yet")
	if votes, err := l.store.Votes(t.Context(), []int64{l.channel().ID}, l.now.AddDate(0, 0, -1)); err != nil || len(votes[l.channel().ID]) != 3 {
		t.Errorf("%v votes are left, %v", votes, err)
	}
	l.change(func(c *core.Channel) { c.Settings.Editors, c.Owner = "managers", "" })
	l.sees(l.says("pi", "taste"), "I do not know yet")
	l.sees(l.says("pi", "taste more soup"), "Only channel managers")
}

// That all was forgotten is taken back within ten minutes, and not once something was
// said anew.
func TestAForgottenTasteComesBack(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe lora")
	l.says("ana", "taste more soup")
	l.change(func(c *core.Channel) { c.Taste.Seeds = []core.PaperID{"2611.00001"} })
	kept := fmt.Sprint(l.channel().Taste)
	undo := func() string { return l.button(l.says("ana", "taste forget all").Card, "Undo") }

	r := l.presses("ana", "ml", undo())
	l.sees(r, "More of soup")
	if got := fmt.Sprint(l.channel().Taste); got != kept || !r.Edit || r.Line[0].String() != "@ana took that back: I know this channel's taste again." {
		t.Errorf("%v, not %v; everybody reads %v", got, kept, r.Line)
	}
	press := undo()
	l.now = l.now.Add(11 * time.Minute)
	l.sees(l.presses("ana", "ml", press), "That was more than ten minutes ago", "/papers taste")

	l.says("ana", "taste more soup")
	press = undo()
	l.presses("ana", "ml", press)
	l.sees(l.presses("ana", "ml", press), "has come back already")
	press = undo()
	l.says("ana", "taste less noodles")
	l.sees(l.presses("ana", "ml", press), "The taste was changed since")
	press = undo()
	l.change(func(c *core.Channel) { c.Settings.Editors, c.Owner = "managers", "" })
	l.sees(l.presses("pi", "ml", press), "Only channel managers")
}

// From papers that somebody gives topics are proposed; nothing is followed, and no
// taste begins, before a press.
func TestPapersAreLearnedFromAndNothingIsFollowedWithoutAPress(t *testing.T) {
	l := newLab(t)
	l.comes(paper("2611.00011", "Robots that grasp cups"), paper("2611.00012", "Robots that grasp plates"), paper("2611.00013", "Robots that grasp and sing"))
	r := l.says("ana", "learn 2611.00011, arxiv.org/abs/2611.00012 2611.09999\n@misc{c, title={Robots that {Grasp} and Sing}}")
	l.sees(r, "I know 3 of the 4 papers that you gave me.", "I do not have 2611.09999.", "Nothing is followed yet.", "3 of your 3")
	if len(l.topics()) != 0 || len(l.channel().Taste.Seeds) != 0 || len(r.Line) != 0 {
		t.Fatalf("%v are followed, %v is the taste, everybody reads %v", l.topics(), l.channel().Taste, r.Line)
	}
	l.settles()
	use := l.button(r.Card, "Use as taste")
	l.sees(l.presses("ana", "ml", r.Card.Rows[0].Buttons[0].ID), "I read this as")
	if len(l.topics()) != 1 {
		t.Errorf("%v are followed", l.topics())
	}
	r = l.presses("ana", "ml", use)
	l.sees(r, "3 papers that you gave me", "robots")
	if len(l.channel().Taste.Seeds) != 3 || len(r.Line) != 1 {
		t.Errorf("the taste is %+v, everybody reads %v", l.channel().Taste, r.Line)
	}
	if r := l.presses("ana", "ml", use); !r.Failed {
		t.Error("what was used is offered still")
	}
	l.says("ana", "taste forget all")
	if len(l.channel().Taste.Seeds) != 0 {
		t.Error("what it began with is not forgotten")
	}
	l.sees(l.says("ana", "learn we build robots that grasp"), "most like your text", "grasp")
	var many []string
	for i := range 70 {
		many = append(many, fmt.Sprintf("2611.%05d", i))
	}
	l.sees(l.says("ana", "learn "+strings.Join(many, " ")), "I know 6 of the 50", "I looked at the first 50; 20 more stand there.")
	l.sees(l.says("ana", "learn"), "Give me something to learn from", "/papers learn 2509.24002 2510.04618")
	l.sees(l.says("ana", "help learn"), "papers")
	if got := l.says("ana", "help learn").Card; strings.Contains(fmt.Sprint(got.Lines), "file:") {
		t.Errorf("a line takes no file: %v", got.Lines)
	}
	l.sees(l.says("ana", "learn 2611.09999"), "I have none of these papers: 2611.09999.")
	l.sees(l.says("ana", "learn zzyyxx qqww"), "I found no paper like that text.")
}
