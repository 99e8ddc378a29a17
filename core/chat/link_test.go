package chat_test

import (
	"errors"
	"strings"
	"testing"

	"paperboy/core"
)

const page = "https://papers.example.org"

// opens is the channel that an address of #ml's page opens; "" where it opens none.
func (l *lab) opens(address string) string {
	l.Helper()
	_, ch, err := l.store.LinkBySecret(l.Context(), core.LinkRead, strings.TrimPrefix(address, page+"/c/"))
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		l.Fatal(err)
	}
	return ch.Name
}

// address is the page's address that an answer shows.
func (l *lab) address(r core.Reply) string {
	l.Helper()
	for _, line := range r.Card.Lines {
		for _, s := range line {
			if strings.HasPrefix(s.URL, page+"/c/") {
				return s.URL
			}
		}
	}
	l.Fatalf("no address in\n%s", read(r))
	return ""
}

func TestALinkIsMadeReplacedAndEnded(t *testing.T) {
	l := newLab(t)
	l.Page = page
	made := l.says("ana", "link")
	first := l.address(made)
	if secret := strings.TrimPrefix(first, page+"/c/"); len(secret) < 26 || l.opens(first) != "#ml" || made.Public {
		t.Errorf("%q opens %q, public %v", first, l.opens(first), made.Public)
	}
	if line := made.Line; len(line) != 1 || !strings.Contains(line[0].String(), "@ana made a secret link to this channel's page") || strings.Contains(line[0].String(), "/c/") {
		t.Errorf("everybody is told %v", line)
	}
	again := l.says("ben", "link")
	if l.address(again) != first || len(again.Line) > 0 {
		t.Errorf("asked again: %s, and everybody is told %v", read(again), again.Line)
	}

	renewed := l.presses("ana", "ml", l.button(again.Card, "New link"))
	second := l.address(renewed)
	if second == first || l.opens(first) != "" || l.opens(second) != "#ml" || len(renewed.Line) != 1 {
		t.Errorf("%s opens %q, %s opens %q; everybody is told %v", first, l.opens(first), second, l.opens(second), renewed.Line)
	}
	ended := l.presses("ana", "ml", l.button(renewed.Card, "End it"))
	l.sees(ended, "opens nothing any more")
	if l.opens(second) != "" || len(ended.Line) != 1 {
		t.Errorf("ended, it opens %q; everybody is told %v", l.opens(second), ended.Line)
	}
	l.sees(l.says("ana", "link off"), "There is no link to this channel's page.")
}

// A link lets strangers in, so only those make it, see it and end it who may edit.
func TestALinkIsAnEditorsBusiness(t *testing.T) {
	l := newLab(t)
	l.Page = page
	first := l.address(l.says("ana", "link"))
	l.says("ana", "settings editors:managers")
	for _, words := range []string{"link", "link new", "link off"} {
		r := l.says("ben", words)
		l.doesNotSee(r, "/c/")
		if !r.Failed || len(r.Line) > 0 || l.opens(first) != "#ml" {
			t.Errorf("ben says %s: %s", words, read(r))
		}
	}
	if r := l.asksAloud("ana", "link"); r.Public || l.address(r) != first {
		t.Errorf("asked before everybody, the address is public: %v", r.Public)
	}
}

// Without a page there is no address; what was given out before can still be ended.
func TestALinkNeedsAPage(t *testing.T) {
	l := newLab(t)
	r := l.says("ana", "link")
	l.sees(r, "This bot has no page: whoever runs it has to set [http] listen and public_url first.")
	if _, err := l.store.Link(t.Context(), l.channel().ID, core.LinkRead); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("a link was made all the same (%v)", err)
	}
	l.Page = page
	first := l.address(l.says("ana", "link"))
	l.Page = ""
	l.says("ana", "link off")
	if l.opens(first) != "" {
		t.Error("the link still opens the channel")
	}
}

// A person's own link signs in them alone: whoever may not edit the channel has one too,
// and nobody else is told of it.
func TestAPersonsOwnLink(t *testing.T) {
	l := newLab(t)
	l.sees(l.says("ana", "link me"), "This bot has no page")
	l.Page = page
	l.says("ana", "settings editors:managers")
	var secrets []string
	for range 2 {
		r := l.asksAloud("ben", "link me")
		l.sees(r, "Open this to see your own list", "It is for you alone, signs one browser in as you, and ends in 15 minutes.")
		if r.Public || len(r.Line) > 0 {
			t.Fatalf("others are told: public %v, %v", r.Public, r.Line)
		}
		for _, s := range r.Card.Lines[0] {
			if secret, ok := strings.CutPrefix(s.URL, page+"/me/"); ok {
				secrets = append(secrets, secret)
			}
		}
	}
	if len(secrets) != 2 || secrets[0] == secrets[1] {
		t.Fatalf("the links are %q", secrets)
	}
	for _, secret := range secrets {
		p, err := l.store.Pass(t.Context(), core.PassEntry, secret, l.now)
		if err != nil || p.User.Name != "ben" || !strings.HasSuffix(p.User.Key, "ben") {
			t.Errorf("%s is %+v, %v", secret, p, err)
		}
	}
	if l.opens(page+"/c/"+secrets[0]) != "" {
		t.Error("a person's link opens the channel")
	}
}
