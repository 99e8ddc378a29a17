package journey

import (
	"strings"
	"testing"

	"paperboy/core"
)

// What an answer calls a search, typed again, is the same search.
func TestASearchForAVerbIsPrintedAsItIsTyped(t *testing.T) {
	w := newTown(t)
	for typed, shown := range map[string]string{
		`"top"`:            `No papers match "top".`,
		`"mute" -video`:    `No papers match "mute" -video.`,
		`“top” | nonesuch`: `No papers match "top" | nonesuch.`,
		`nonesuch`:         `No papers match nonesuch.`,
		`"preview"`:        `No papers match "preview".`,
	} {
		answer := text(w.says("ana", typed).Card)
		w.sees(answer, shown)
		w.doesNotSee(answer, "Did you mean")
		again := strings.TrimSuffix(strings.TrimPrefix(shown, "No papers match "), ".")
		if got := text(w.says("ana", again).Card); got != answer {
			t.Errorf("%s, typed again as %s, gives\n%s", typed, again, got)
		}
	}
	w.lists("2025-11-19", true, 1)
	p := w.papers[seedID(1)]
	w.sees(text(w.says("ana", `search "`+strings.ToLower(strings.Fields(p.Title)[0])+`"`).Card), "1 paper for")
}

// The settings say who may edit here, also where nobody decided that.
func TestSettingsNameTheEditorsThatThePlatformHasByCustom(t *testing.T) {
	w := newTown(t)
	w.sees(text(w.says("pi", "settings").Card), "Who may change this: members")
	w.bot.Chat.Connections = core.NewConnections(nil, strict{w.chat})
	answer := text(w.says("pi", "settings").Card)
	w.sees(answer, "Who may change this: managers")
	w.doesNotSee(answer, "default")
	w.sees(text(w.says("pi", "subscribe diffusion").Card), "Only channel managers may change topics")
}

// strict is a chat where only managers may edit by default.
type strict struct{ *chat }

func (s strict) Network() core.Network {
	p := s.chat.Network()
	p.Editors = "managers"
	return p
}
