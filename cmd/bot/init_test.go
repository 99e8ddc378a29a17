package main

import (
	"context"
	"strings"
	"testing"
)

// One wrong answer does not cost the tokens that were pasted before it.
func TestAPersonIsAskedAgainWhenAnAnswerCannotBe(t *testing.T) {
	var asked strings.Builder
	a := &app{ctx: context.Background(), err: &asked, in: strings.NewReader("xapp-hunter2\nxoxb-hunter2\nxapp-hunter2\n\nBerlin\nEurope/Berlin\n\n")}
	var c initCommand
	if err := c.ask(a, true); err != nil {
		t.Fatal(err)
	}
	if want := (initCommand{SlackBotToken: "xoxb-hunter2", SlackAppToken: "xapp-hunter2", Timezone: "Europe/Berlin"}); c != want {
		t.Errorf("got %+v", c)
	}
	for _, said := range []string{"the bot's begins with xoxb-", `I do not know the zone "Berlin"; use a name such as "Europe/Berlin"`} {
		if strings.Count(asked.String(), said) != 1 {
			t.Errorf("it does not say %s:\n%s", said, asked.String())
		}
	}
	if strings.Contains(asked.String(), "hunter2") {
		t.Error("a token is told")
	}
}
