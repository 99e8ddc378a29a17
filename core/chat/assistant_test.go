package chat_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"paperboy/core"
)

var bearer = regexp.MustCompile(`"Authorization: Bearer ([A-Z2-7]{26,})"`)

// key is the key that an answer shows.
func (l *lab) key(r core.Reply) string {
	l.Helper()
	m := bearer.FindStringSubmatch(r.Card.Block)
	if m == nil {
		l.Fatalf("no key in\n%s\n%s", read(r), r.Card.Block)
	}
	return m[1]
}

// answersAs is the channel that a key is for; "" where there is none.
func (l *lab) answersAs(key string, purpose core.Purpose) string {
	l.Helper()
	_, ch, err := l.store.LinkBySecret(l.Context(), purpose, key)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		l.Fatal(err)
	}
	return ch.Name
}

func TestAnAssistantsKeyIsMadeReplacedAndEnded(t *testing.T) {
	l := newLab(t)
	l.Page = page
	made := l.says("ana", "link assistant")
	first := l.key(made)
	if l.answersAs(first, core.LinkAssistant) != "#ml" || l.answersAs(first, core.LinkRead) != "" || made.Public {
		t.Errorf("%s opens %q and the page of %q, public %v", first, l.answersAs(first, core.LinkAssistant), l.answersAs(first, core.LinkRead), made.Public)
	}
	if !strings.Contains(made.Card.Block, `"url": "`+page+`/mcp"`) || !strings.Contains(made.Card.Block, "claude mcp add --transport http paperboy "+page+"/mcp ") {
		t.Errorf("a program is told\n%s", made.Card.Block)
	}
	if line := made.Line; len(line) != 1 || !strings.Contains(line[0].String(), "@ana made a key for assistants") || strings.Contains(line[0].String(), first) {
		t.Errorf("everybody is told %v", line)
	}
	if again := l.says("ben", "link assistant"); l.key(again) != first || len(again.Line) > 0 {
		t.Errorf("asked again: %s, and everybody is told %v", read(again), again.Line)
	}

	renewed := l.presses("ana", "ml", l.button(made.Card, "New key"))
	second := l.key(renewed)
	if second == first || l.answersAs(first, core.LinkAssistant) != "" || l.answersAs(second, core.LinkAssistant) != "#ml" || len(renewed.Line) != 1 {
		t.Errorf("the old key is for %q, the new one for %q; everybody is told %v", l.answersAs(first, core.LinkAssistant), l.answersAs(second, core.LinkAssistant), renewed.Line)
	}
	ended := l.presses("ana", "ml", l.button(renewed.Card, "End it"))
	l.sees(ended, "opens nothing any more")
	if l.answersAs(second, core.LinkAssistant) != "" || len(ended.Line) != 1 {
		t.Errorf("an ended key is for %q; everybody is told %v", l.answersAs(second, core.LinkAssistant), ended.Line)
	}
	l.sees(l.says("ana", "link assistant off"), "There is no key for assistants in this channel.")
}

// The page's link and the key end each alone.
func TestAKeyAndALinkEndEachAlone(t *testing.T) {
	l := newLab(t)
	l.Page = page
	address, key := l.address(l.says("ana", "link")), l.key(l.says("ana", "link assistant"))
	l.says("ana", "link off")
	if l.opens(address) != "" || l.answersAs(key, core.LinkAssistant) != "#ml" {
		t.Errorf("the page of %q, the key for %q", l.opens(address), l.answersAs(key, core.LinkAssistant))
	}
}

// A key lets programs in, so it is made, seen and ended as the page's link is.
func TestAKeyIsAnEditorsBusiness(t *testing.T) {
	l := newLab(t)
	l.Page = page
	first := l.key(l.says("ana", "link assistant"))
	l.says("ana", "settings editors:managers")
	for _, words := range []string{"link assistant", "link assistant new", "link assistant off"} {
		if r := l.says("ben", words); !r.Failed || r.Card.Block != "" || len(r.Line) > 0 || l.answersAs(first, core.LinkAssistant) != "#ml" {
			t.Errorf("ben says %s: %s", words, read(r))
		}
	}
	if r := l.asksAloud("ana", "link assistant"); r.Public || l.key(r) != first {
		t.Errorf("asked before everybody, the key is public: %v", r.Public)
	}
}

func TestWithoutAnAddressNoAssistantIsLetIn(t *testing.T) {
	l := newLab(t)
	l.sees(l.says("ana", "link assistant"), "[http] listen", "public_url")
	if _, err := l.store.Link(t.Context(), 1, core.LinkAssistant); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("a key was made all the same: %v", err)
	}
}
