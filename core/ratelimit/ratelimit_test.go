package ratelimit_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/ratelimit"
	"paperboy/core/say"
	"paperboy/internal/testkit"
)

// bot counts what reaches it, and has the answer to everything.
type bot struct {
	core.Handler // nil: whatever else is asked of it fails
	heard        map[string]int
}

func (b *bot) hears(what string, key core.ChannelKey) { b.heard[what+" "+key.Workspace+key.ID]++ }

func (b *bot) Do(_ context.Context, r core.Request) core.Reply {
	b.hears("do", r.Channel)
	return core.Reply{Card: core.Card{Title: "papers"}, Public: r.Aloud}
}

func (b *bot) Press(_ context.Context, p core.Press) core.Reply {
	b.hears("press", p.Channel)
	return core.Reply{Card: core.Card{Title: "pressed"}}
}

func (b *bot) Form(_ context.Context, p core.Press) (core.Form, bool) {
	b.hears("form", p.Channel)
	return core.Form{Title: "form"}, p.Button == "pb1|form|schedule"
}

func (b *bot) Check(_ context.Context, s core.Submission) map[string]say.Text {
	b.hears("check", s.Channel)
	return nil
}

func (b *bot) Submit(_ context.Context, s core.Submission) core.Reply {
	b.hears("submit", s.Channel)
	return core.Reply{Card: core.Card{Title: "done"}}
}

func (b *bot) Complete(_ context.Context, p core.Partial) []core.Choice {
	b.hears("complete", p.Channel)
	return []core.Choice{{Value: "search"}}
}

func (b *bot) Unfurl(_ context.Context, key core.ChannelKey, _ string) (core.Card, bool) {
	b.hears("unfurl", key)
	return core.Card{Title: "paper"}, true
}

func (b *bot) Home(_ context.Context, in core.Installation, _ core.User) core.Card {
	b.hears("home", core.ChannelKey{Workspace: in.Workspace})
	return core.Card{Title: "Home", Rows: []core.Row{{}}}
}

func (b *bot) Welcome(_ context.Context, key core.ChannelKey, _ string, _ core.User) (core.Card, bool) {
	b.hears("welcome", key)
	return core.Card{Title: "hello"}, true
}

func (b *bot) React(_ context.Context, r core.Reaction) error {
	b.hears("react", r.Channel)
	return nil
}

// town is workspaces whose people ask, at moments that the story says.
type town struct {
	*testing.T
	now time.Time
	bot *bot
	log testkit.Log
	*ratelimit.Handler
}

func newTown(t *testing.T, perMinute int) *town {
	to := &town{T: t, now: testkit.At("2026-11-24 09:00"), bot: &bot{heard: map[string]int{}}}
	to.Handler = ratelimit.New(to.bot, perMinute, func() time.Time { return to.now }, slog.New(slog.NewTextHandler(&to.log, nil)))
	return to
}

func in(workspace string) core.ChannelKey {
	return core.ChannelKey{Platform: "slack", Workspace: workspace, ID: "C"}
}

func person(name string) core.User { return core.User{Key: "slack:" + name, Name: name} }

func (to *town) asks(who string, key core.ChannelKey) core.Reply {
	return to.Do(to.Context(), core.Request{Channel: key, User: person(who), Text: "search lora", Aloud: true})
}

func (to *town) heard(what string, want int) {
	to.Helper()
	if got := to.bot.heard[what]; got != want {
		to.Errorf("%s: %d, want %d", what, got, want)
	}
}

// usesUp has the workspace ask until nothing is left of its share.
func (to *town) usesUp(key core.ChannelKey) {
	for range 30 {
		to.asks("script", key)
	}
	for range 5 {
		to.Complete(to.Context(), core.Partial{Channel: key})
	}
	if r := to.asks("script", key); r.Card.Title != "" {
		to.Fatalf("there is something left: %+v", r)
	}
	clear(to.bot.heard)
}

// A script asks a thousand times a second, for ten minutes. What is beyond its
// workspace's share reaches nothing; the people of the other workspace ask once a second,
// and each is answered.
func TestAFloodOfOneWorkspaceReachesNothing(t *testing.T) {
	to := newTown(t, 600)
	sentences, answered := 0, 0
	for ms := range 10 * 60 * 1000 {
		to.now = to.now.Add(time.Millisecond)
		if r := to.asks("script", in("Large")); r.Failed {
			sentences++
		}
		if ms%1000 == 0 {
			if r := to.asks("ana", in("Lab")); r.Card.Title == "papers" {
				answered++
			}
		}
	}
	if n := to.bot.heard["do LargeC"]; n < 10*600 || n > 10*600+30 {
		t.Errorf("%d of 600,000 searches were made, want a minute's share of 600 for each of ten minutes, and 30 that came at once", n)
	}
	if answered != 600 {
		t.Errorf("of 600 questions of the other workspace %d were answered", answered)
	}
	if sentences > 10*6+1 {
		t.Errorf("the script was told %d times, want once in ten seconds", sentences)
	}
	if lines := strings.Count(to.log.String(), "asks more than [limits] commands"); lines < 9 || lines > 11 {
		t.Errorf("%d lines of the log, want one a minute", lines)
	}
	testkit.Sees(t, to.log.String(), "platform=slack workspace=Large commands=600 refused=")
}

// Who is refused is told so, alone and with the way out, however it was asked; who asks on
// is not told again at once, and everybody is told for themselves.
func TestWhoIsRefusedIsToldOnce(t *testing.T) {
	to := newTown(t, 600)
	to.usesUp(in("Large"))
	told := to.asks("ana", in("Large"))
	if !told.Failed || told.Public || len(told.Card.Lines) != 1 {
		t.Fatalf("told %+v", told)
	}
	testkit.Sees(t, told.Card.Lines[0].String(), "more than the 600 commands a minute", "was not done", "ask again in a minute", "whoever runs Paperboy")
	if r := to.asks("ana", in("Large")); r.Failed || !r.Card.Empty() {
		t.Errorf("told again at once: %+v", r)
	}
	if r := to.Press(t.Context(), core.Press{Channel: in("Large"), User: person("bo"), Button: "pb1|save|2509.24002"}); !r.Failed {
		t.Errorf("another person: %+v", r)
	}
	to.now = to.now.Add(10 * time.Second)
	to.usesUp(in("Large")) // ten seconds' worth
	if r := to.asks("ana", in("Large")); !r.Failed {
		t.Errorf("ten seconds later: %+v", r)
	}
	to.now = to.now.Add(time.Minute)
	if r := to.asks("ana", in("Large")); r.Failed {
		t.Errorf("a minute later: %+v", r)
	}
}

// Commands, buttons, forms, windows, completions, pasted links, home pages: nothing of
// them reaches anything while nothing is left. Completions cost a fifth.
func TestWhateverCostsIsWithinTheShare(t *testing.T) {
	to := newTown(t, 600)
	ctx, key, ana := t.Context(), in("Large"), person("ana")
	save := core.Press{Channel: key, User: ana, Button: "pb1|save|2509.24002"}
	window := core.Press{Channel: key, User: ana, Button: "pb1|form|schedule"}
	filled := core.Submission{Channel: key, User: ana, Form: "pb1|form|schedule", Values: map[string]string{"zone": "Berlin", "time": "9"}}
	everything := func() {
		to.asks("ana", key)
		to.Press(ctx, save)
		to.Form(ctx, save)
		to.Form(ctx, window)
		to.Check(ctx, filled)
		to.Submit(ctx, filled)
		to.Complete(ctx, core.Partial{Channel: key, User: ana, Text: "sea"})
		to.Unfurl(ctx, key, "https://arxiv.org/abs/2509.24002")
		to.Home(ctx, key.Installation(), ana)
		to.Welcome(ctx, key, "#ml", ana)
	}
	everything()
	if len(to.bot.heard) != 9 {
		t.Errorf("within the share: %v", to.bot.heard)
	}
	to.usesUp(key)
	everything()
	if len(to.bot.heard) != 0 {
		t.Errorf("beyond it: %v", to.bot.heard)
	}
	if wrong := to.Check(ctx, filled); len(wrong) != 1 || !strings.Contains(wrong["time"].String(), "600 commands a minute") {
		t.Errorf("a window says %v", wrong)
	}
	if home := to.Home(ctx, key.Installation(), ana); len(home.Rows) != 0 || !strings.Contains(home.Lines[0].String(), "600 commands a minute") {
		t.Errorf("a home page says %v", home)
	}

	for _, one := range []struct {
		what  string
		most  int
		again func() bool
	}{
		{"completions", 150, func() bool { return len(to.Complete(ctx, core.Partial{Channel: key})) > 0 }},
		{"windows", 30, func() bool { _, ok := to.Form(ctx, window); return ok }},
		{"home pages", 30, func() bool { return len(to.Home(ctx, key.Installation(), ana).Rows) > 0 }},
		{"submissions", 30, func() bool { return to.Submit(ctx, filled).Card.Title == "done" }},
		{"presses", 30, func() bool { to.Form(ctx, save); return to.Press(ctx, save).Card.Title == "pressed" }},
	} {
		to.now = to.now.Add(time.Hour)
		n := 0
		for n < 1000 && one.again() {
			n++
		}
		if n != one.most {
			t.Errorf("%d %s at once, want %d", n, one.what, one.most)
		}
	}
}

// Votes are never refused and cost nothing, by reaction or by whichever button.
func TestAVoteIsNeverRefused(t *testing.T) {
	to := newTown(t, 600)
	key := in("Large")
	to.usesUp(key)
	paper := core.Paper{ID: "2509.24002", Title: "We segment lamps"}
	card := cards.Voting(cards.Paper(cards.View(&paper, core.DefaultSettings(), nil)))
	var voted int
	for _, b := range append(card.Buttons, cards.Button("1", "ballot", "1764061200000", "2509.24002")) {
		r := to.Press(t.Context(), core.Press{Channel: key, User: person(b.Label), Button: b.ID})
		if r.Failed == cards.Votes(b.ID) {
			t.Errorf("%s: %+v", b.ID, r)
		}
		if cards.Votes(b.ID) {
			voted++
		}
	}
	to.heard("press LargeC", voted)
	if voted != 3 {
		t.Errorf("%d buttons vote, want 👍, Not for us and a ballot's", voted)
	}
	if err := to.React(t.Context(), core.Reaction{Channel: key}); err != nil {
		t.Error(err)
	}
	to.heard("react LargeC", 1)

	to.now = to.now.Add(time.Minute)
	for range 1000 {
		to.Press(t.Context(), core.Press{Channel: key, User: person("bo"), Button: cards.Vote(paper.ID, 0).ID})
	}
	if r := to.asks("ana", key); r.Failed {
		t.Error("a thousand votes used the share up")
	}
}

// Direct messages that are in no workspace are each a share of their own: nobody there
// knows of the others.
func TestEachDirectMessageHasItsOwnShare(t *testing.T) {
	to := newTown(t, 600)
	dm := func(id string) core.ChannelKey { return core.ChannelKey{Platform: "discord", ID: id} }
	to.usesUp(dm("one"))
	if r := to.asks("bo", dm("another")); r.Failed {
		t.Error("a flood in one direct message closed another")
	}
	to.usesUp(in("Large"))
	elsewhere := in("Large")
	elsewhere.ID = "D"
	if r := to.asks("bo", elsewhere); !r.Failed {
		t.Error("another channel of the same workspace has a share of its own")
	}
}

// Where the operator sets no limit there is none; where it is small it holds all the same.
func TestTheLimitIsTheOperators(t *testing.T) {
	for limit, want := range map[int]int{0: 5000, 6: 6, 6000: 30} {
		to := newTown(t, limit)
		for i := range 5000 {
			to.asks(fmt.Sprint(i), in("Lab"))
		}
		to.heard("do LabC", want)
	}
	to := newTown(t, 6)
	for range 6 {
		to.asks("ana", in("Lab"))
	}
	to.now = to.now.Add(9 * time.Second)
	if r := to.asks("ana", in("Lab")); !r.Failed {
		t.Error("six a minute are one in ten seconds")
	}
	to.now = to.now.Add(time.Second)
	if r := to.asks("ana", in("Lab")); r.Failed {
		t.Error("after ten seconds there is one more")
	}
}
