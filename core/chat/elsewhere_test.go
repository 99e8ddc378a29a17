package chat_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"paperboy/core"
	"paperboy/core/say"
)

// On a person's page one manages the channels that one can read: each button
// names its channel, and what is changed is told there.
func TestAPageManagesTheChannelsThatItsPersonCanRead(t *testing.T) {
	l, _ := gated(t)
	for _, id := range []string{"town", "ml"} {
		l.Do(t.Context(), core.Request{Channel: at(id), Name: "#" + id, User: person("ana"), Text: "subscribe diffusion"})
	}
	in := core.Installation{Platform: "web", Workspace: "W"}
	home := func() core.Card { t.Helper(); return l.Home(t.Context(), in, person("ana")) }
	own := core.ChannelKey{Platform: "web", Workspace: "W", ID: "D-ana"}
	card := home()
	if len(card.Rows) != 5 { // and their own list
		t.Fatalf("%d rows", len(card.Rows))
	}
	town := core.Card{Rows: card.Rows[:2]}

	f, ok := l.Form(t.Context(), core.Press{Channel: own, User: person("ana"), Button: l.button(town, "Add a topic")})
	if !ok {
		t.Fatal("no form")
	}
	s := core.Submission{Channel: own, User: person("ana"), Form: f.ID, Values: map[string]string{"topic": "lamps, -soup"}}
	if wrong := l.Check(t.Context(), s); len(wrong) != 1 {
		t.Errorf("nothing is wrong with it: %v", wrong)
	}
	s.Values["topic"] = "lamps"
	r := l.Submit(t.Context(), s)
	if r.Told != at("town") || len(r.Line) != 1 || r.Line[0].String() != "@ana follows 1 topic here: lamp." {
		t.Errorf("told in %v: %v", r.Told, r.Line)
	}
	followed, err := l.store.Topics(t.Context(), mustFind(l, at("town")).ID)
	if err != nil || len(followed) != 2 {
		t.Fatalf("%v, %v", followed, err)
	}

	press := func(button string) core.Reply {
		t.Helper()
		return l.Press(t.Context(), core.Press{Channel: own, Private: true, User: person("ana"), Button: button})
	}
	l.sees(press(l.button(town, "Preview")), "word diffusion in title")
	r = press(l.button(town, "Stop following"))
	l.sees(r, "no longer follows diffusion (#1)")
	if r.Told != at("town") {
		t.Errorf("told in %v", r.Told)
	}
	r = press(l.button(r.Card, "Undo")) // which stands there too
	l.sees(r, "follows diffusion (#1) again")
	l.sees(press(l.button(town, "What's new")), "for this channel")
	if mustFind(l, at("town")).Private {
		t.Error("the place where a button was pressed made its channel private")
	}

	// What is done there is not done where it is pressed.
	if _, err := l.store.ChannelByKey(t.Context(), own); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("their own page became a channel: %v", err)
	}
	if r := l.says("ana", "list"); len(r.Card.Rows) != 1 {
		t.Error(read(r))
	}
	if r := press("pb1|do|list"); r.Told != (core.ChannelKey{}) {
		t.Errorf("told in %v", r.Told)
	}
}

// Ids can be made up. Nobody reaches by one what they cannot read on the platform:
// not another workspace's channel, not a private one, not one that is gone, and
// nobody learns from the answer which of these it was.
func TestAnIdThatWasMadeUpOpensNoOthersChannel(t *testing.T) {
	l, g := gated(t)
	for _, key := range append(dens, at("town"), at("gone"), at("doubt")) {
		l.Do(t.Context(), core.Request{Channel: key, Name: "#x", User: core.User{Key: "web:pi", Name: "pi"}, Private: key == at("den"), Text: "subscribe canary"})
	}
	if err := l.Left(t.Context(), at("gone")); err != nil {
		t.Fatal(err)
	}
	g.reads = func(channel, person string) (bool, error) {
		if channel == "doubt" {
			return true, errors.New("no answer")
		}
		return channel != "den" || person == "pi", nil
	}
	town, den := mustFind(l, at("town")).ID, mustFind(l, at("den")).ID
	others := []string{fmt.Sprint(den), fmt.Sprint(mustFind(l, at("gone")).ID), fmt.Sprint(mustFind(l, at("doubt")).ID), fmt.Sprint(mustFind(l, dens[1]).ID), fmt.Sprint(mustFind(l, dens[2]).ID),
		"0", "-1", "99", "9223372036854775807", "99999999999999999999", "", "x", "1 ", "in", "+" + fmt.Sprint(den), fmt.Sprintf("in|%d", den), fmt.Sprintf("%d|in|%d", town, den)}
	own := core.ChannelKey{Platform: "web", Workspace: "W", ID: "D-zoe"}
	topic := fmt.Sprint(followedIn(l, at("den"))[0].ID)
	said := map[string]bool{}
	for _, id := range others {
		for _, verb := range []string{"form|subscribe", "form|schedule", "form|settings", "form|settings|votes", "form|edit|" + topic, "form|mute", "mute|2611.00001", "do|list", "do|settings", "do|unsubscribe 1", "do|subscribe lamps",
			"do|export config", "topic|" + topic, "setting|max", "page|0|today", "undo|topic|" + topic, "exclude|1|x", "instead|" + topic + "|lamps", "narrow|" + topic + "|lamps", "catchup|0", "sample|now", "anyway|2611.00001"} {
			button := "pb1|in|" + id + "|" + verb
			p := core.Press{Channel: own, User: person("zoe"), Button: button}
			p.User.Manager = true // of where it was pressed
			if f, ok := l.Form(t.Context(), p); ok {
				t.Errorf("%s opens %q", button, f.Title)
			}
			s := core.Submission{Channel: own, User: p.User, Form: button, Values: map[string]string{"topic": "lamps", "time": "09:00", "zone": "Berlin", "days": "daily", "what": "lamps", "max": "9", "votes": "🔥"}}
			if wrong := l.Check(t.Context(), s); len(wrong) > 0 {
				t.Errorf("%s says %v", button, wrong)
			}
			for _, r := range []core.Reply{l.Press(t.Context(), p), l.Submit(t.Context(), s)} {
				if !r.Failed || len(r.Line) > 0 || strings.Contains(read(r), "canary") {
					t.Errorf("%s: %s %v", button, read(r), r.Line)
				}
				said[say.Text(r.Card.Lines[0]).String()] = true
			}
		}
	}
	if len(said) != 1 {
		t.Errorf("the answers differ: %v", said)
	}
	for _, key := range dens {
		if topics := followedIn(l, key); len(topics) != 1 || topics[0].Text() != "canary" {
			t.Errorf("%v follows %v", key, topics)
		}
	}
	// A topic's id is of the channel that it is asked in.
	for _, button := range []string{"pb1|topic|" + topic, "pb1|form|edit|" + topic, fmt.Sprintf("pb1|in|%d|topic|%s", town, topic), fmt.Sprintf("pb1|in|%d|form|edit|%s", town, topic), fmt.Sprintf("pb1|in|%d|instead|%s|lamps", town, topic)} {
		p := core.Press{Channel: at("town"), User: person("zoe"), Button: button}
		if _, ok := l.Form(t.Context(), p); ok {
			t.Errorf("%s opens a form", button)
		}
		if r := l.Press(t.Context(), p); !r.Failed {
			t.Errorf("%s: %s", button, read(r))
		}
		if r := l.Submit(t.Context(), core.Submission{Channel: at("town"), User: person("zoe"), Form: button, Values: map[string]string{"topic": "lamps"}}); !r.Failed {
			t.Errorf("%s: %s", button, read(r))
		}
	}
}

// Who manages the channel where a button stands need not manage the one that it is
// about.
func TestRightsAreThoseOfTheChannelThatIsMeant(t *testing.T) {
	l, _ := gated(t)
	l.Do(t.Context(), core.Request{Channel: at("town"), Name: "#town", User: person("pi"), Text: "settings editors:managers"})
	p := core.Press{Channel: at("ml"), User: person("zoe"), Button: fmt.Sprintf("pb1|in|%d|do|subscribe lamps", mustFind(l, at("town")).ID)}
	p.User.Manager = true
	if r := l.Press(t.Context(), p); !r.Failed || !strings.Contains(read(r), "Only channel managers") {
		t.Error(read(r))
	}
	l.net.managers = []string{"zoe"}
	if r := l.Press(t.Context(), p); r.Failed || r.Told != at("town") {
		t.Error(read(r))
	}
}

func followedIn(l *lab, key core.ChannelKey) []core.Topic {
	l.Helper()
	topics, err := l.store.Topics(l.Context(), mustFind(l, key).ID)
	if err != nil {
		l.Fatal(err)
	}
	return topics
}

// Whatever an id says, it is answered, and nobody's words are lost in it.
func FuzzAButton(f *testing.F) {
	for _, id := range []string{"pb1|form|edit|1", "pb1|in|1|form|subscribe", "pb1|page|5|search a | b", "pb1|page|0|=abc", "pb1|undo|exclude|1|zzz|lamp", "pb1|because|2611.00001|off", "pb1|mute|2611.00001|1|7d",
		"pb1|topic|", "pb1|setting|", "pb1|sample|", "pb1|do|", "pb1|in||", "pb1|in|1|in|1|do|list", "|", "pb1|exclude|1|\" -", "pb1|instead|1||", "pb1|form|settings|max", "pb1|form", "pb1|mute|"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		l := newLab(t)
		l.says("ana", "subscribe lamps")
		p := core.Press{Channel: at("ml"), User: person("ana"), Button: id}
		form, ok := l.Form(t.Context(), p)
		if ok && form.ID != id {
			t.Errorf("%q opens the form %q", id, form.ID)
		}
		s := core.Submission{Channel: at("ml"), User: person("ana"), Form: id, Values: map[string]string{"topic": id, "what": id, "zone": id, "max": id}}
		l.Check(t.Context(), s)
		for _, r := range []core.Reply{l.Press(t.Context(), p), l.Submit(t.Context(), s)} {
			if strings.Contains(read(r), "failed on my side") {
				t.Errorf("%q: %s", id, read(r))
			}
		}
	})
}
