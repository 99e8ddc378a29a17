package fakeslack_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"paperboy/internal/fakeslack"
)

const plain = `{"type":"plain_text","text":"T"}`

func TestSlackRefusesWindowsBeyondItsLimits(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	input := func(element string) string {
		return `{"type":"input","label":` + plain + `,"element":` + element + `}`
	}
	text := `{"type":"plain_text_input"}`
	modal := func(more string, blocks ...string) string {
		return `{"type":"modal","title":` + plain + more + `,"blocks":[` + strings.Join(blocks, ",") + `]}`
	}
	submit := `,"submit":` + plain
	for _, c := range []struct{ name, view, refused string }{
		{"one to fill in", modal(submit, input(text)), ""},
		{"one to read", modal("", `{"type":"divider"}`), ""},
		{"nothing to submit it with", modal("", input(text)), "missing required field: submit"},
		{"no title", `{"type":"modal","blocks":[]}`, "missing required field: title"},
		{"too long a title", `{"type":"modal","title":{"type":"plain_text","text":"` + long(25) + `"},"blocks":[]}`, "less than 25"},
		{"too long a button", modal(`,"submit":{"type":"plain_text","text":"`+long(25)+`"}`, input(text)), "less than 25"},
		{"too much metadata", modal(`,"private_metadata":"`+long(3001)+`"`, input(text)), "less than 3001"},
		{"too long a name", modal(`,"callback_id":"`+long(256)+`"`, input(text)), "less than 256"},
		{"something unknown", modal(`,"colour":"red"`), "invalid additional property: colour"},
		{"101 blocks", modal("", slices.Repeat([]string{`{"type":"divider"}`}, 101)...), "no more than 100"},
		{"two inputs of a name", modal(submit, strings.Replace(input(text), "{", `{"block_id":"a",`, 1), strings.Replace(input(text), "{", `{"block_id":"a",`, 1)), "already exists"},
		{"an input without a label", modal(submit, `{"type":"input","element":`+text+`}`), "missing required field: label"},
		{"a menu to fill in", modal(submit, input(`{"type":"overflow","options":[{"text":`+plain+`,"value":"v"}]}`)), "unsupported type: overflow"},
		{"too long a hint", modal(submit, strings.Replace(input(text), `{"type":"input"`, `{"type":"input","hint":{"type":"plain_text","text":"`+long(2001)+`"}`, 1)), "less than 2001"},
		{"too long a placeholder", modal(submit, input(`{"type":"plain_text_input","placeholder":{"type":"plain_text","text":"`+long(151)+`"}}`)), "less than 151"},
		{"a longest text of 3001", modal(submit, input(`{"type":"plain_text_input","max_length":3001}`)), "between 0 and 3000"},
		{"more than may be typed", modal(submit, input(`{"type":"plain_text_input","max_length":2,"initial_value":"xxx"}`)), "less than 3"},
		{"a home to fill in", `{"type":"home","blocks":[` + input(text) + `]}`, ""},
		{"a home with a title", `{"type":"home","title":` + plain + `,"blocks":[]}`, "invalid additional property: title"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var view map[string]any
			if err := json.Unmarshal([]byte(c.view), &view); err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprint(fakeslack.CheckView(view))
			if (got == "[]") != (c.refused == "") || !strings.Contains(got, c.refused) {
				t.Errorf("%s, want %q", got, c.refused)
			}
		})
	}
}

// A trigger opens one window, within three seconds.
func TestATriggerOpensOneWindowSoon(t *testing.T) {
	bubble(t, fakeslack.Options{}, func(t *testing.T, s *fakeslack.Slack, api *slack.Client, _ string) {
		trigger := make(chan string, 9)
		s.Tamper(func(_ string, payload map[string]any) { trigger <- payload["trigger_id"].(string) })
		view := slack.ModalViewRequest{Type: slack.VTModal, Title: slack.NewTextBlockObject("plain_text", "T", false, false), Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}
		s.Types("ana", "papers", "/papers")
		id := <-trigger
		if _, err := api.OpenViewContext(t.Context(), id, view); err != nil {
			t.Error(err)
		}
		if _, err := api.OpenViewContext(t.Context(), id, view); err == nil || err.Error() != "exchanged_trigger_id" {
			t.Error(err)
		}
		s.Types("ana", "papers", "/papers")
		id = <-trigger
		time.Sleep(4 * time.Second)
		if _, err := api.OpenViewContext(t.Context(), id, view); err == nil || err.Error() != "expired_trigger_id" {
			t.Error(err)
		}
	})
}
