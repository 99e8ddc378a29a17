package discord

import (
	"encoding/json"
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/verbs"
)

// Draw is a card as the JSON of a message: the body of a create, an edit, and an
// answer to an interaction. The card may have been made for another network: its
// commands are written as they are typed here.
func Draw(c core.Card) ([]byte, error) {
	c.Lines, c.Context = typedHere(c.Lines), typedHere(c.Context)
	c.Rows = slices.Clone(c.Rows)
	for i, r := range c.Rows {
		rows := typedHere([]say.Text{r.Text, r.Small})
		c.Rows[i].Text, c.Rows[i].Small = rows[0], rows[1]
	}
	return json.Marshal(drawer{papers: "1"}.message(c))
}

func typedHere(texts []say.Text) []say.Text {
	out := make([]say.Text, len(texts))
	for i, t := range texts {
		out[i] = slices.Clone(t)
		for k, s := range t {
			if words, ok := strings.CutPrefix(s.Text, network.Command+" "); ok && s.Style == say.Code && s.Command == "" {
				out[i][k] = verbs.Typed(network, words)
			}
		}
	}
	return out
}
