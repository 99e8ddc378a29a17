package slack

import (
	"encoding/json"

	"paperboy/core"
)

// Draw is a card as the JSON of a message: the text and blocks that
// chat.postMessage and a response_url take.
func Draw(c core.Card) ([]byte, error) { return json.Marshal(draw(c)) }
