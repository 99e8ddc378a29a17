package cards

import (
	"paperboy/core"
	"paperboy/core/say"
)

// ConfirmMail asks an address whether it wants a channel's papers; name is "" where
// the channel's name is nobody's business.
func ConfirmMail(name string, topics []string, at core.Schedule, link string) core.Card {
	of := say.Say("the papers of a channel")
	if name != "" {
		of = say.Say("the papers of *%s*", name)
	}
	if len(topics) > 0 {
		of = say.Say("new papers about %s", Codes(topics))
	}
	return core.Card{
		Title: "Confirm: papers by mail",
		Lines: []say.Text{
			say.Say("Somebody, probably you, asked for %s at this address: *%s*.", of, at.Human()),
			say.Say("Say yes within 48 hours, and they come. If it was not you, do nothing: nothing else comes, and the address is deleted."),
		},
		Buttons: []core.Button{{Label: "Yes, send them", URL: link}},
	}
}
