package web

import (
	"errors"
	"strings"
	"testing"

	"paperboy/core"
)

// What the room cannot do it says in core's words, so that nothing is tried
// again that never can be done.
func TestTheRoomSaysWhatIsGone(t *testing.T) {
	p := newPlay(t)
	gone := func(doing string, err error, what core.Subject) {
		t.Helper()
		if g, ok := errors.AsType[*core.Gone](err); !ok || g.What != what {
			t.Errorf("%s: %v, want that the %s is gone", doing, err, what)
		}
	}
	post := core.Post{Key: "c/2409.15371", Channel: key("nowhere"), Card: lonely()}
	_, err := p.room.Post(t.Context(), post)
	gone("posting to a channel that is not there", err, core.TheChannel)
	if _, found, err := p.room.Find(t.Context(), post); found || err != nil {
		t.Errorf("found it all the same: %v", err)
	}
	if p.room.has("nowhere") {
		t.Error("the channel was made")
	}

	never := core.MessageRef{Conversation: "diffusion", ID: "17"} // of an earlier process, say
	id := p.room.asked("diffusion", "ana", 0, "/papers help", false)
	p.room.remove(p.room.byID[id])
	for _, ref := range []core.MessageRef{never, p.room.byID[id].ref(), {ID: "x"}} {
		gone("editing "+ref.ID, p.room.Edit(t.Context(), post, ref), core.TheMessage)
		kept := false
		if _, err := p.room.Reactions(t.Context(), key("diffusion"), core.MessageRef{}, []core.MessageRef{ref}, func(core.MessageRef, []core.Reaction) error { kept = true; return nil }); kept || err != nil {
			t.Errorf("reading the reactions on %s: %v, %v", ref.ID, kept, err)
		}
	}
}

func TestAPlainPostIsTextInTheChannel(t *testing.T) {
	p := newPlay(t)
	header, err := p.room.Post(t.Context(), core.Post{Key: "h", Channel: key("diffusion"), Card: core.Card{Title: "Papers"}})
	if err != nil {
		t.Fatal(err)
	}
	post := core.Post{Key: "p", Channel: key("diffusion"), Place: core.InThread, Header: header, Card: lonely(), Plain: true}
	ref, err := p.room.Post(t.Context(), post)
	if err != nil {
		t.Fatal(err)
	}
	paper := post.Card.Papers[0]
	m := p.room.lookup(ref.ID)
	if m.parent != 0 || !m.card.Empty() || m.text != paper.Title+"\n"+paper.URL {
		t.Errorf("in thread %d, a card %v, the text %q", m.parent, !m.card.Empty(), m.text)
	}
	ana := p.open("ana", "diffusion")
	if !strings.Contains(ana.page, paper.URL) || strings.Contains(ana.page, "pb1|save|") {
		t.Error("the page does not show text only")
	}
	post.Plain = false
	if err := p.room.Edit(t.Context(), post, ref); err != nil || m.text != "" || m.card.Empty() {
		t.Errorf("edited into its own form: %v, %q", err, m.text)
	}
}
