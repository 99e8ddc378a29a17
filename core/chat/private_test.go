package chat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/configfile"
	"paperboy/core/verbs"
)

// gate is a network that knows who can read what, and whether it takes posts.
type gate struct {
	*network
	reads func(channel, person string) (bool, error)
	door  error
	tried int
}

func (g *gate) CanRead(_ context.Context, ch core.ChannelKey, u core.User) (bool, error) {
	if g.reads == nil {
		return true, nil
	}
	return g.reads(ch.ID, u.Name)
}

func (g *gate) MayPost(context.Context, core.Channel) error { g.tried++; return g.door }

// gated is a lab before such a network.
func gated(t *testing.T) (*lab, *gate) {
	l := newLab(t)
	g := &gate{network: l.net}
	l.Chat.Connections = core.NewConnections(nil, g)
	return l, g
}

// The den: a private channel of ana's in which much is said. Its workspace has a
// namesake with channels and people of the same ids.
var dens = []core.ChannelKey{at("den"), {Platform: "web", Workspace: "V", ID: "town"}, {Platform: "web", Workspace: "V", ID: "den"}}

// livesOn is what happens in such a channel.
func (l *lab) livesOn(key core.ChannelKey) {
	l.Helper()
	ana := core.User{Key: "web:" + key.Workspace + "/ana", Name: "ana-canary"}
	for _, words := range []string{
		"subscribe canary, diffusion -canary, lamps", "unsubscribe 3", "mute canary", "mute author:\"Ana Doe\" for:forever", "mute 2611.00002",
		"save 2611.00001 note:canary", "schedule 07:07 Asia/Tokyo daily", "settings max:15 quiet:note notforus:1 links:yes", "export config", "today", "pause 3d",
	} {
		if r := l.Do(l.Context(), core.Request{Channel: key, Name: "#canary", Private: true, User: ana, Text: words}); r.Failed {
			l.Fatal(words, read(r))
		}
	}
	ch, err := l.store.UpdateChannel(l.Context(), mustFind(l, key).ID, func(ch *core.Channel) {
		ch.Hold = core.Hold{Since: l.now, Reason: "canary", NextTry: l.now.Add(time.Hour)}
	})
	if err != nil {
		l.Fatal(err)
	}
	for i, id := range []core.PaperID{"2611.00001", "2611.00002", "2611.00003"} {
		l.store.ledger = append(l.store.ledger, core.Delivery{Channel: ch.ID, Item: core.PaperItem(id), State: []core.DeliveryState{core.Posted, core.Uncertain, core.Skipped}[i],
			Attempt: 1, Reason: "canary", Late: true, Folded: true, Matched: []core.Matched{{Topic: "canary"}}, Ref: core.MessageRef{Conversation: key.ID, ID: "m1"}})
		for _, who := range []string{"ana", "bo", "cem"}[i:] {
			if _, err := l.store.PutReaction(l.Context(), ch.ID, id, core.Up, core.Reaction{Channel: key, Message: fmt.Sprint("m", i), Added: true, Emoji: "👍", Order: 1, At: l.now,
				User: core.User{Key: "web:" + key.Workspace + "/" + who}}); err != nil {
				l.Fatal(err)
			}
		}
	}
}

func mustFind(l *lab, key core.ChannelKey) core.Channel {
	l.Helper()
	ch, err := l.store.ChannelByKey(l.Context(), key)
	if err != nil {
		l.Fatal(err)
	}
	return ch
}

// everything is all that zoe, who is in no den, can find out: by every button,
// every verb in every form, every completion, her page and pasted links.
func (l *lab) everything() (answers []string) {
	l.Helper()
	zoe := core.User{Key: "web:W/zoe", Name: "zoe"}
	heard := func(what string, r core.Reply) {
		labels := ""
		for _, b := range r.Card.Buttons {
			labels += " [" + b.Label + "]"
		}
		if r.File != nil {
			labels += "\n" + string(r.File.Data)
		}
		answers = append(answers, what+"\n"+read(r)+fmt.Sprint(r.Line, r.Public, r.Failed)+labels)
	}
	var buttons []string
	for _, id := range []string{"2611.00001", "2611.00002", "2611.00003"} {
		for _, verb := range []string{"save", "similar", "why", "abstract", "bibtex", "notforus", "up", "mute", "done", "unsave"} {
			buttons = append(buttons, verb+"|"+id)
		}
		for what := range 6 {
			buttons = append(buttons, fmt.Sprintf("mute|%s|%d", id, what))
		}
		buttons = append(buttons, "anyway|"+string(core.PaperItem(core.PaperID(id))))
	}
	for n := range 20 {
		buttons = append(buttons, fmt.Sprintf("undo|topic|%d", n), fmt.Sprintf("unmute|%d", n), fmt.Sprintf("exclude|%d|soup", n), fmt.Sprintf("catchup|%d", n))
	}
	for n := range 9 {
		for _, verb := range []string{"topic|1", "form|subscribe", "form|edit|1", "do|list", "do|today", "page|0|top", "because|2611.00001|off"} {
			buttons = append(buttons, fmt.Sprintf("in|%d|%s", n, verb))
		}
		buttons = append(buttons, fmt.Sprintf("topic|%d", n), fmt.Sprintf("form|edit|%d", n), fmt.Sprintf("page|%d|search canary", n))
	}
	buttons = append(buttons, "because|2611.00001|off", "because|2611.00001|weak", "form|settings", "form|mute", "setting|max", "page|0|top since:90d", "page|0|today", "page|1|similar 2611.00001", "sample|now")
	buttons = append(buttons, "forgetme|ask", "do|list", "do|status", "do|top", "do|export config")
	for _, b := range buttons {
		heard(b, l.Press(l.Context(), core.Press{Channel: at("town"), Name: "#town", User: zoe, Button: "pb1|" + b, Message: "m1"}))
	}
	lines := []string{"", "list", "status", "today", "today yesterday", "top since:90d", "top topic:diffusion", "search diffusion sort:top", "lamps sort:top since:90d", "settings", "unmute canary", "unsubscribe canary", "why 2611.00001", "show 2611.00001"}
	for _, v := range verbs.Table {
		lines = append(lines, v.Examples...)
	}
	for _, format := range []string{"bibtex", "ris", "csv", "json", "markdown", "config"} {
		for _, what := range []string{"saved", "posted", "top"} {
			lines = append(lines, "export "+format+" what:"+what+" since:90d")
		}
	}
	for _, line := range lines {
		for _, aloud := range []bool{false, true} {
			heard(line, l.Do(l.Context(), core.Request{Channel: at("town"), Name: "#town", User: zoe, Text: line, Aloud: aloud}))
		}
		heard(line, l.Do(l.Context(), core.Request{Channel: at("town"), Name: "#town", User: zoe, Text: line + " share:yes"}))
	}
	for _, text := range []string{"", "unsubscribe ", "unmute ", "mute ", "top topic:", "show ", "why ", "save ", "subscribe ", "search "} {
		answers = append(answers, fmt.Sprint(text, l.Complete(l.Context(), core.Partial{Channel: at("town"), User: zoe, Text: text})))
	}
	heard("home", core.Reply{Card: l.Home(l.Context(), core.Installation{Platform: "web", Workspace: "W"}, zoe)})
	answers = append(answers, l.About(l.Context(), at("town")).String())
	card, unfolds := l.Unfurl(l.Context(), at("town"), "https://arxiv.org/abs/2611.00001")
	heard(fmt.Sprint("unfurl ", unfolds), core.Reply{Card: card})
	return answers
}

// What happens in a channel that somebody cannot read changes nothing of what
// they are answered: not a word, not a count, not an order.
func TestAPrivateChannelChangesNoOtherAnswer(t *testing.T) {
	told := func(active bool) []string {
		l, g := gated(t)
		g.reads = func(channel, person string) (bool, error) { return channel != "den" || person == "ana", nil }
		zoe := core.User{Key: "web:W/zoe", Name: "zoe"}
		for _, words := range []string{"subscribe diffusion, agents", "schedule 09:00 Europe/Berlin", "mute soup", "save 2611.00003"} {
			if r := l.Do(t.Context(), core.Request{Channel: at("town"), Name: "#town", User: zoe, Text: words}); r.Failed {
				t.Fatal(words, read(r))
			}
		}
		town := mustFind(l, at("town")).ID
		for _, id := range []core.PaperID{"2611.00001", "2611.00003"} {
			l.store.ledger = append(l.store.ledger, core.Delivery{Channel: town, Item: core.PaperItem(id), State: core.Posted})
			if _, err := l.store.PutReaction(t.Context(), town, id, core.Up, core.Reaction{Message: string(id), User: zoe, Emoji: "👍", Added: true, Order: 1, At: l.now}); err != nil {
				t.Fatal(err)
			}
		}
		if active {
			for _, den := range dens {
				l.livesOn(den)
			}
		}
		return l.everything()
	}
	quiet, loud := told(false), told(true)
	if len(quiet) < 200 {
		t.Fatalf("only %d answers", len(quiet))
	}
	for i := range quiet {
		if diff := cmp.Diff(quiet[i], loud[i]); diff != "" {
			t.Errorf("an answer knows of the den:\n%s", diff)
		}
		if strings.Contains(loud[i], "canary") && !strings.Contains(quiet[i], "canary") {
			t.Errorf("the canary sings:\n%s", loud[i])
		}
	}
}

// Two workspaces may have requests, channels and messages of the same ids.
func TestTwoWorkspacesWithTheSameIds(t *testing.T) {
	l := newLab(t)
	for _, workspace := range []string{"W", "V"} {
		key := core.ChannelKey{Platform: "web", Workspace: workspace, ID: "C1"}
		r := l.Do(t.Context(), core.Request{ID: "1", Channel: key, User: core.User{Key: "web:" + workspace + "/U1", Name: "ana"}, Text: "subscribe lamps"})
		l.sees(r, "#1 lamp:")
	}
}

// A person's page names the channels that they can read, and in doubt none.
func TestHomeShowsWhatItsPersonCanRead(t *testing.T) {
	l, g := gated(t)
	in := core.Installation{Platform: "web", Workspace: "W"}
	home := func(who string) core.Reply { return core.Reply{Card: l.Home(t.Context(), in, person(who))} }
	l.sees(home("ana"), "No channel that you can read follows a topic yet")
	for _, id := range []string{"town", "den"} {
		l.Do(t.Context(), core.Request{Channel: at(id), Name: "#" + id, User: person("ana"), Private: id == "den", Text: "subscribe " + id})
	}
	g.reads = func(channel, person string) (bool, error) { return channel == "town" || person == "ana", nil }
	l.sees(home("ana"), "#town", "#1 town", "#den", "#1 den")
	l.sees(home("zoe"), "#town", "#1 town")
	l.doesNotSee(home("zoe"), "den", "find out")
	g.reads = func(channel, _ string) (bool, error) { return channel == "town", errors.New("no answer") }
	l.sees(home("ana"), "I could not find out just now what else you can read here")
	l.doesNotSee(home("ana"), "den", "town", "No channel")
	g.reads = func(_, _ string) (bool, error) { return false, nil }
	l.sees(home("ana"), "No channel that you can read follows a topic yet")
	l.doesNotSee(home("ana"), "den", "town")
}

// What a closed door is told as: by whom asks, once, and without a promise.
func TestAPostIsPromisedOnlyWhereOneCanBeMade(t *testing.T) {
	for _, c := range []struct {
		name  string
		door  error
		says  []string
		never bool
		open  bool
	}{
		{name: "open", open: true},
		{name: "to invite", door: &core.Refused{Reason: "I am not in it; invite me"}, says: []string{"I may not post in #ml: I am not in it; invite me. Once that is mended, posts come weekdays 09:00 Berlin."}},
		{name: "a right", door: &core.Refused{Reason: "missing Send Messages"}, says: []string{"I may not post in #ml: missing Send Messages. An admin can fix this under channel permissions. Once that is mended"}},
		{name: "never", door: &core.MayNot{}, says: []string{"I can never post here"}, never: true},
		{name: "not to be known", door: &core.MayNot{Right: "im:read"}, open: true},
		{name: "no answer", door: errors.New("reset"), open: true},
		{name: "not now", door: &core.Retry{After: time.Minute}, open: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, g := gated(t)
			l.says("ana", "schedule 09:00 Europe/Berlin")
			g.door = c.door
			for _, words := range []string{"subscribe lamps", "schedule 09:00", "settings max:4", "status", "pause 1d", "resume"} {
				before := l.channel().Schedule
				r := l.says("ana", words)
				switch promised := strings.Contains(read(r), "Next post: "); {
				case words == "pause 1d":
				case promised != c.open:
					t.Errorf("%s: %s", words, read(r))
				default:
					l.sees(r, c.says...)
				}
				if never := words == "subscribe lamps" || words == "schedule 09:00"; c.never && never && (!r.Failed || len(r.Line) > 0 || l.channel().Schedule != before) {
					t.Errorf("%s: done all the same: %s", words, read(r))
				}
			}
			for _, words := range []string{"list", "settings"} {
				r := l.says("ana", words)
				if strings.Contains(read(r), "Next post: ") && !c.open {
					t.Errorf("%s promises a post: %s", words, read(r))
				}
			}
			if c.never {
				l.sees(l.says("ana", "list"), "no topics yet")
			}
			l.worker.missed = 2
			l.store.ledger = []core.Delivery{{Channel: l.channel().ID, Item: core.PaperItem("2611.00001"), State: core.Uncertain}}
			for button, going := range map[string]string{"pb1|catchup|1": "On its way: one post with 2 papers.", "pb1|anyway|" + string(core.PaperItem("2611.00001")): "Posting it."} {
				if r := l.presses("ana", "ml", button); strings.Contains(read(r), going) != c.open {
					t.Errorf("%s: %s", button, read(r))
				} else if !c.open && !strings.Contains(read(r), "It waits. I ") {
					t.Errorf("%s does not say why: %s", button, read(r))
				}
			}
		})
	}
}

// Where the name is not known it is "here", and a reason is said once, also of a
// channel that is held.
func TestWhyNothingIsPostedIsSaidOnce(t *testing.T) {
	l, g := gated(t)
	nameless := func(words string) core.Reply {
		return l.Do(t.Context(), core.Request{Channel: at("x"), User: person("ana"), Text: words})
	}
	g.door = &core.Refused{Reason: "I am not in it; invite me"}
	r := nameless("subscribe lamps")
	l.sees(r, "I may not post here: I am not in it; invite me.", "No post can come before a time is set")
	l.doesNotSee(r, " in :")

	hold := core.Hold{Since: l.now, Reason: "I am not in it; invite me", NextTry: l.now.Add(time.Hour)}
	for _, words := range []string{"status", "subscribe soup", "schedule 09:00 Europe/Berlin", "settings max:3"} {
		if _, err := l.store.UpdateChannel(t.Context(), mustFind(l, at("x")).ID, func(ch *core.Channel) { ch.Hold = hold }); err != nil {
			t.Fatal(err)
		}
		r := nameless(words)
		if n := strings.Count(read(r), "invite me"); n != 1 {
			t.Errorf("%s says why %d times:\n%s", words, n, read(r))
		}
		if !mustFind(l, at("x")).Hold.Told {
			t.Errorf("%s: it counts as not told", words)
		}
	}
	// Mended a moment ago: nobody is told any more what was wrong.
	if _, err := l.store.UpdateChannel(t.Context(), mustFind(l, at("x")).ID, func(ch *core.Channel) { ch.Hold = hold }); err != nil {
		t.Fatal(err)
	}
	g.door = nil
	r = nameless("list")
	l.sees(r, "Next post: ")
	l.doesNotSee(r, "invite me")
	if g.tried == 0 {
		t.Error("the door was not tried")
	}
	// An invitation may be what was missing: that is tried at once, and told to nobody.
	if _, err := l.store.UpdateChannel(t.Context(), mustFind(l, at("x")).ID, func(ch *core.Channel) { ch.Hold = hold }); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Joined(t.Context(), at("x"), "#x", true); err != nil {
		t.Fatal(err)
	}
	if h := mustFind(l, at("x")).Hold; !h.NextTry.Equal(l.now) || h.Told {
		t.Errorf("after the invitation: %+v", h)
	}
}

// A connection is asked only where a post is promised: other answers do not wait.
func TestMostAnswersAskNobody(t *testing.T) {
	l, g := gated(t)
	for _, words := range []string{"", "search lamps", "preview lamps", "today", "top", "show 2611.00001", "why 2611.00001", "similar 2611.00001", "save 2611.00001", "saved", "export bibtex", "mute soup", "unmute soup", "help", "pause"} {
		l.says("ana", words)
	}
	if g.tried > 0 {
		t.Errorf("asked %d times", g.tried)
	}
}

// A channel of a file that nobody has told about is taken for private.
func TestAnImportedChannelIsPrivateUntilItIsKnown(t *testing.T) {
	l := newLab(t)
	if _, _, err := l.ImportConfig(t.Context(), configfile.Write([]configfile.Channel{{Channel: "#canary", Key: at("new").String(), Topics: []string{"canary"}}})); err != nil {
		t.Fatal(err)
	}
	r := core.Reply{Card: l.Home(t.Context(), core.Installation{Platform: "web", Workspace: "W"}, person("zoe"))}
	if l.doesNotSee(r, "canary"); !mustFind(l, at("new")).Private {
		t.Error("kept as everybody's")
	}
}
