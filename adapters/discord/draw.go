package discord

import (
	"encoding/json"

	"paperboy/core"
)

// Draw is a card as the JSON of a message: the body of a create, an edit, and an
// answer to an interaction.
func Draw(c core.Card) ([]byte, error) { return json.Marshal(draw(c)) }
