package testkit

import (
	"paperboy/core"
	"paperboy/core/say"
)

// Hinted is the answer to somebody who follows a misspelt topic, with all that may
// be offered there, as every platform draws it.
func Hinted() core.Card {
	return core.Card{
		Lines: []say.Text{
			say.Say("#3 *%s*: I read this as word *difusion* in title or abstract. Last 30 days: *0 papers*. I have papers of only 2 days.", "difusion"),
			say.Say("No paper that I have matches it: the channel may stay quiet."),
			say.Say("Did you mean *%s* (7,258 papers)? Try `%s` (2 papers) or without `%s` (1 paper).", `"stable diffusion" | diffusion`, "difus*", "-video"),
			say.Say("Also written *%s*: 1,854 papers. `%s` follows both.", "pre-training", `pretraining | "pre training"`),
		},
		Buttons: []core.Button{
			{ID: `pb1|instead|3|"stable diffusion" | diffusion`, Label: `Follow "stable diffusion" | diffusion instead`},
			{ID: "pb1|narrow|3|title:difusion", Label: "Follow title:difusion instead"},
			{ID: "pb1|do|unsubscribe 3", Label: "Stop following #3"},
		},
	}
}
