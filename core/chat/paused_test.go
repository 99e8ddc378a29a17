package chat_test

import (
	"testing"

	"paperboy/core"
)

// Where an operator has paused a workspace, whatever people do there is answered by one
// sentence, nothing is posted, and nothing changes.
func TestAPausedWorkspaceAnswersWithOneSentence(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe diffusion")
	in := at("ml").Installation()
	if err := l.store.PauseWorkspace(t.Context(), in, l.now); err != nil {
		t.Fatal(err)
	}
	const sentence = "Paperboy is paused here by the people who run it"
	for _, r := range []core.Reply{l.says("ana", "today"), l.says("ana", "subscribe agents"), l.presses("ana", "ml", "pb1|do|help")} {
		l.sees(r, sentence)
		if !r.Failed || r.Public || len(r.Card.Lines) != 1 {
			t.Errorf("it answers %+v", r)
		}
	}
	l.sees(core.Reply{Card: l.Home(t.Context(), in, person("ana"))}, sentence)
	if card, err := l.Joined(t.Context(), at("new"), "#new", false); err != nil || !card.Empty() {
		t.Errorf("it greets with %v, %v", card, err)
	}
	if got := l.Complete(t.Context(), core.Partial{Channel: at("ml"), User: person("ana"), Text: "sea"}); len(got) > 0 {
		t.Errorf("it completes %v", got)
	}
	if err := l.store.ResumeWorkspace(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	l.sees(l.says("ana", "list"), "diffusion")
	l.doesNotSee(l.says("ana", "list"), "agents")
}
