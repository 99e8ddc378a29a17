package chat_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"paperboy/core"
)

const zoteroKey = "P9NiFoyLeZu2bZNvvuQPDWsd"

// librarian knows one key.
type librarian struct{}

func (librarian) Network() core.Network { return core.Network{Name: "zotero", Outward: true} }

func (librarian) Library(_ context.Context, key, group, collection string) (core.Library, error) {
	if key != zoteroKey {
		return core.Library{}, core.Userf("E-KEY", "Zotero does not know that key.")
	}
	if group != "" {
		return core.Library{Path: "groups/" + group, Name: "Lab *7*", Collection: collection, Secret: key}, nil
	}
	return core.Library{Path: "users/12", Name: "ana", Collection: collection, Secret: key}, nil
}

// fills fills in the form for a library.
func (l *lab) fills(who, form string, values map[string]string) core.Reply {
	l.Helper()
	f, ok := l.Form(l.Context(), core.Press{Channel: at("ml"), User: person(who), Button: "pb1|form|" + form})
	if !ok || len(f.Fields) > 5 || len([]rune(f.Title)) > 24 || len([]rune(f.Submit)) > 24 {
		l.Fatalf("%v %+v", ok, f)
	}
	for _, field := range f.Fields {
		if len([]rune(field.Label)) > 45 || len([]rune(field.Hint)) > 100 {
			l.Errorf("%+v is too long", field)
		}
	}
	s := core.Submission{Channel: at("ml"), Name: "#ml", User: person(who), Form: f.ID, Values: values}
	if wrong := l.Check(l.Context(), s); len(wrong) > 0 {
		l.Errorf("%v", wrong)
	}
	r := l.Submit(l.Context(), s)
	if text := read(r); strings.Contains(text, zoteroKey) || r.Public {
		l.Errorf("public: %v\n%s", r.Public, text)
	}
	for _, line := range r.Line {
		if strings.Contains(line.String(), "Lab") || strings.Contains(line.String(), zoteroKey) {
			l.Errorf("everybody reads %s", line)
		}
	}
	return r
}

func (l *lab) libraries() []core.Library {
	l.Helper()
	ls, err := l.store.Libraries(l.Context())
	if err != nil {
		l.Fatal(err)
	}
	return ls
}

func TestALibraryIsSetUpByAFormAndEnded(t *testing.T) {
	l := newLab(t)
	l.Librarian = librarian{}
	r := l.says("ana", "zotero")
	l.sees(r, "No paper goes from here")
	l.button(r.Card, "Send this channel's posts")
	l.button(r.Card, "Send what I save")
	if r := l.fills("ana", "zotero", map[string]string{"key": zoteroKey, "group": "7", "collection": "C", "votes": "2"}); r.Failed || len(r.Line) != 1 {
		t.Fatal(read(r))
	}
	l.fills("ana", "zotero-mine", map[string]string{"key": zoteroKey})
	ls := l.libraries()
	if len(ls) != 2 || ls[0].Secret != zoteroKey || ls[0].Least != 2 || ls[0].Collection != "C" || ls[0].What != core.ShelvePosts || ls[1].What != core.ShelveSaves || !ls[1].At.Equal(l.now) {
		t.Fatalf("%+v", ls)
	}
	for _, ask := range []string{"zotero", "zotero status"} {
		l.sees(l.says("ana", ask), "what is posted here goes into Lab *7*, from 2 votes on", "what you save goes into ana")
	}
	l.doesNotSee(l.says("ben", "zotero"), "what you save goes")
	if r := l.says("ben", "zotero mine off"); !r.Failed || len(l.libraries()) != 2 {
		t.Error(read(r))
	}
	if r := l.says("ben", "zotero off"); r.Failed || len(r.Line) != 1 || len(l.libraries()) != 1 {
		t.Error(read(r))
	}
	if r := l.says("ana", "zotero mine off"); r.Failed || len(r.Line) != 0 || len(l.libraries()) != 0 {
		t.Error(read(r))
	}
	if channels, err := l.store.Channels(t.Context()); err != nil || len(channels) != 1 {
		t.Errorf("%v %v", channels, err)
	}
}

func TestANewKeyGoesOnWhereTheOldOneWas(t *testing.T) {
	l := newLab(t)
	l.Librarian = librarian{}
	l.fills("ana", "zotero", map[string]string{"key": zoteroKey, "group": "7"})
	first := l.libraries()[0]
	if _, err := l.store.UpdateChannel(t.Context(), first.Channel, func(c *core.Channel) {
		c.Hold = core.Hold{Since: l.now, Reason: "Zotero does not let its key write there any more", NextTry: l.now.Add(24 * time.Hour)}
	}); err != nil {
		t.Fatal(err)
	}
	for _, ask := range []string{"status", "zotero"} {
		l.sees(l.says("ben", ask), "Lab *7* waits: Zotero does not let its key write there any more")
	}
	l.now = l.now.Add(time.Hour)
	l.fills("ben", "zotero", map[string]string{"key": zoteroKey, "group": "7", "votes": "3"})
	again := l.libraries()
	ch, err := l.store.ChannelByID(t.Context(), first.Channel)
	if err != nil || len(again) != 1 || again[0].Channel != first.Channel || !again[0].At.Equal(first.At) || again[0].Least != 3 || !ch.Hold.NextTry.Equal(l.now) || ch.Owner != "web:ben" {
		t.Errorf("%+v, tried at %s for %s: %v", again, ch.Hold.NextTry, ch.Owner, err)
	}
	l.fills("ben", "zotero", map[string]string{"key": zoteroKey, "group": "8"})
	if other := l.libraries(); len(other) != 1 || other[0].Path != "groups/8" || other[0].Channel == first.Channel || !other[0].At.Equal(l.now) {
		t.Errorf("%+v", other)
	}
}

func TestAKeyToZoteroStandsNowhere(t *testing.T) {
	l := newLab(t)
	l.Librarian = librarian{}
	l.fills("ana", "zotero-mine", map[string]string{"key": zoteroKey})
	for _, words := range []string{"zotero", "zotero " + zoteroKey, "status", "export config", "list", "settings", "saved"} {
		if r := l.says("ana", words); strings.Contains(read(r), zoteroKey) || r.File != nil && strings.Contains(string(r.File.Data), zoteroKey) {
			t.Errorf("%s: %s", words, read(r))
		}
	}
	if r := l.says("ana", "zotero "+zoteroKey); !r.Failed || !strings.Contains(read(r), "belongs into no message") {
		t.Error(read(r))
	}
	if searches, err := l.store.Searches(t.Context(), "web:ana"); err != nil || len(searches) > 0 {
		t.Errorf("it was remembered: %v %v", searches, err)
	}
	if strings.Contains(l.log.String(), zoteroKey) {
		t.Error("it stands in the log")
	}
	if r := l.fills("ana", "zotero-mine", map[string]string{"key": "another"}); !r.Failed || len(l.libraries()) != 1 {
		t.Error(read(r))
	}
	l.presses("ana", "ml", "pb1|forgetme|yes")
	if ls := l.libraries(); len(ls) > 0 {
		t.Errorf("%+v", ls)
	}
}

func TestALibraryIsForWhoMayHaveIt(t *testing.T) {
	l := newLab(t)
	if r := l.says("ana", "zotero"); !r.Failed || !strings.Contains(read(r), "no way there") {
		t.Error(read(r))
	}
	l.Librarian = librarian{}
	l.says("pi", "settings editors:managers")
	values := map[string]string{"key": zoteroKey}
	if _, ok := l.Form(t.Context(), core.Press{Channel: at("ml"), User: person("ana"), Button: "pb1|form|zotero"}); ok {
		t.Error("a form is shown")
	}
	if r := l.Submit(t.Context(), core.Submission{Channel: at("ml"), User: person("ana"), Form: "pb1|form|zotero", Values: values}); !r.Failed || len(l.libraries()) > 0 {
		t.Error(read(r))
	}
	l.fills("pi", "zotero", values)
	if r := l.says("ana", "zotero off"); !r.Failed || len(l.libraries()) != 1 {
		t.Error(read(r))
	}
	for field, values := range map[string]map[string]string{"key": {"key": " "}, "votes": {"key": zoteroKey, "votes": "many"}} {
		wrong := l.Check(t.Context(), core.Submission{Channel: at("ml"), User: person("pi"), Form: "pb1|form|zotero", Values: values})
		if len(wrong) != 1 || len(wrong[field]) == 0 {
			t.Errorf("%s: %v", field, wrong)
		}
	}
}
