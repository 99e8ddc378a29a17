package fakeslack_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"paperboy/internal/fakeslack"
)

// call is a plain Web API call, for what slack-go would not send.
func call(t *testing.T, s *fakeslack.Slack, method string, args map[string]string) map[string]any {
	t.Helper()
	form := url.Values{}
	if _, ok := args["token"]; !ok {
		form.Set("token", fakeslack.BotToken)
	}
	for name, v := range args {
		form.Set(name, v)
	}
	resp, err := http.PostForm(s.API+method, form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func repeat(n int, format string) string {
	var parts []string
	for i := range n {
		parts = append(parts, strings.ReplaceAll(format, "#", fmt.Sprint(i)))
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func TestSlackRefusesBlocksBeyondItsLimits(t *testing.T) {
	s, _, papers := lab(t, fakeslack.Options{Tolerance: time.Hour})
	long := func(n int) string { return strings.Repeat("x", n) }
	section := func(text string) string {
		return `[{"type":"section","text":{"type":"mrkdwn","text":"` + text + `"}}]`
	}
	actions := func(elements string) string { return `[{"type":"actions","elements":` + elements + `}]` }
	button := func(label, more string) string {
		return actions(`[{"type":"button","text":{"type":"plain_text","text":"` + label + `"}` + more + `}]`)
	}
	option := `{"text":{"type":"plain_text","text":"o#"},"value":"v#"}`
	for _, c := range []struct{ name, blocks, refused string }{
		{"a full section", section(long(3000)), ""},
		{"too long a section", section(long(3001)), "less than 3001 characters [json-pointer:/blocks/0/text/text]"},
		{"escapes count in full", section(strings.Repeat("&amp;", 601)), "less than 3001"},
		{"a bare & counts as five", section(long(2996) + "&"), "less than 3001"},
		{"an empty section", section(""), "more than 0 characters"},
		{"no text", `[{"type":"section"}]`, "missing required field: text"},
		{"50 blocks", repeat(50, `{"type":"divider"}`), ""},
		{"51 blocks", repeat(51, `{"type":"divider"}`), "no more than 50 items"},
		{"a header of mrkdwn", `[{"type":"header","text":{"type":"mrkdwn","text":"h"}}]`, "must be one of plain_text"},
		{"too long a header", `[{"type":"header","text":{"type":"plain_text","text":"` + long(151) + `"}}]`, "less than 151"},
		{"eleven parts of a context", `[{"type":"context","elements":` + repeat(11, `{"type":"mrkdwn","text":"t#"}`) + `}]`, "no more than 10 items"},
		{"eleven fields", `[{"type":"section","fields":` + repeat(11, `{"type":"mrkdwn","text":"t#"}`) + `}]`, "no more than 10 items"},
		{"too long a field", `[{"type":"section","fields":[{"type":"mrkdwn","text":"` + long(2001) + `"}]}]`, "less than 2001"},
		{"25 buttons", actions(repeat(25, `{"type":"button","action_id":"a#","text":{"type":"plain_text","text":"b"}}`)), ""},
		{"26 buttons", actions(repeat(26, `{"type":"button","action_id":"a#","text":{"type":"plain_text","text":"b"}}`)), "no more than 25 items"},
		{"two of one action", actions(repeat(2, `{"type":"button","action_id":"a","text":{"type":"plain_text","text":"b"}}`)), "already exists for another element"},
		{"too long a label", button(long(76), ""), "less than 76"},
		{"too long a value", button("b", `,"value":"`+long(2001)+`"`), "less than 2001"},
		{"too long an action", button("b", `,"action_id":"`+long(256)+`"`), "less than 256"},
		{"a link that is none", button("b", `,"url":"javascript:x"`), "valid URL"},
		{"a style that is none", button("b", `,"style":"secondary"`), "primary, danger"},
		{"something unknown", button("b", `,"colour":"red"`), "invalid additional property: colour"},
		{"five lines of a menu", actions(`[{"type":"overflow","options":` + repeat(5, option) + `}]`), ""},
		{"six lines of a menu", actions(`[{"type":"overflow","options":` + repeat(6, option) + `}]`), "between 1 and 5"},
		{"101 lines of a select", actions(`[{"type":"static_select","options":` + repeat(101, option) + `}]`), "between 1 and 100"},
		{"the same block twice", repeat(2, `{"type":"divider","block_id":"d"}`), "already exists"},
		{"too long a block_id", `[{"type":"divider","block_id":"` + long(256) + `"}]`, "less than 256"},
		{"a select that begins with what it offers", actions(`[{"type":"static_select","options":` + repeat(2, option) + `,"initial_option":{"text":{"type":"plain_text","text":"o1"},"value":"v1"}}]`), ""},
		{"a select that begins with something else", actions(`[{"type":"static_select","options":` + repeat(2, option) + `,"initial_option":{"text":{"type":"plain_text","text":"o2"},"value":"v2"}}]`), "must exactly match"},
		{"too long a meaning", actions(`[{"type":"static_select","options":[{"text":{"type":"plain_text","text":"o"},"value":"v","description":{"type":"plain_text","text":"` + long(76) + `"}}]}]`), "less than 76"},
		{"too long a value of an option", actions(`[{"type":"overflow","options":[{"text":{"type":"plain_text","text":"o"},"value":"` + long(151) + `"}]}]`), "less than 151"},
		{"an address in a select", actions(`[{"type":"static_select","options":[{"text":{"type":"plain_text","text":"o"},"value":"v","url":"https://a.b/"}]}]`), "invalid additional property: url"},
		{"a search", actions(`[{"type":"external_select","min_query_length":0}]`), ""},
		{"a search among given options", actions(`[{"type":"external_select","options":` + repeat(1, option) + `}]`), "invalid additional property: options"},
		{"half a letter", actions(`[{"type":"external_select","min_query_length":0.5}]`), "whole number"},
		{"no time of day", actions(`[{"type":"timepicker","initial_time":"9:00"}]`), "must be HH:mm"},
		{"an input in a message", `[{"type":"input"}]`, "unsupported type: input"},
		{"a picture without words", `[{"type":"image","image_url":"https://a.b/c.png"}]`, "alt_text"},
		{"a picture", `[{"type":"image","image_url":"https://a.b/c.png","alt_text":"c"}]`, ""},
		{"two tables", repeat(2, `{"type":"table","rows":[]}`), "only one table"},
		{"much markdown", repeat(2, `{"type":"markdown","text":"`+long(6001)+`"}`), "12001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := call(t, s, "chat.postMessage", map[string]string{"channel": papers, "text": "t", "blocks": c.blocks})
			meta, _ := answer["response_metadata"].(map[string]any)
			if ok := answer["ok"] == true; ok != (c.refused == "") || !ok && (answer["error"] != "invalid_blocks" || !strings.Contains(fmt.Sprint(meta["messages"]), c.refused)) {
				t.Errorf("%v, want %q", answer, c.refused)
			}
		})
	}
}

func TestSlackRefusesMessages(t *testing.T) {
	s, _, papers := lab(t, fakeslack.Options{Tolerance: time.Hour})
	foreign, archived, gone := s.Channel("foreign", "ana"), s.Channel("old"), s.Channel("gone")
	secret := s.PrivateChannel("secret", "ana")
	direct, group := s.DirectMessage("ana", "ben"), s.GroupMessage("ana", "ben", "cem")
	s.Invite("paperboy", "old")
	s.Archive("old")
	s.Delete("gone")
	theirs := s.Says("ana", "papers", "hello").TS
	call(t, s, "chat.postMessage", map[string]string{"channel": papers, "text": "t", "thread_ts": theirs})
	reply := s.Thread(s.Sees("ana", "papers")[0])[0].TS
	long := strings.Repeat("x", 2900)
	for _, c := range []struct {
		method, want string
		args         map[string]string
	}{
		{"chat.postMessage", "no_text", map[string]string{"channel": papers}},
		{"chat.postMessage", "msg_too_long", map[string]string{"channel": papers, "text": strings.Repeat("x", 40_001)}},
		{"chat.postMessage", "msg_blocks_too_long", map[string]string{"channel": papers, "blocks": repeat(5, `{"type":"section","text":{"type":"mrkdwn","text":"`+long+`"}}`)}},
		{"chat.postMessage", "invalid_blocks_format", map[string]string{"channel": papers, "blocks": `{"type":"divider"}`}},
		{"chat.postMessage", "channel_not_found", map[string]string{"channel": "papers", "text": "t"}},
		{"chat.postMessage", "not_in_channel", map[string]string{"channel": foreign, "text": "t"}},
		{"chat.postMessage", "channel_not_found", map[string]string{"channel": secret, "text": "t"}},
		{"chat.postMessage", "is_archived", map[string]string{"channel": archived, "text": "t"}},
		{"chat.postMessage", "channel_not_found", map[string]string{"channel": gone, "text": "t"}},
		{"chat.postMessage", "thread_not_found", map[string]string{"channel": papers, "text": "t", "thread_ts": "1.000000"}},
		{"chat.postMessage", "cannot_reply_to_message", map[string]string{"channel": papers, "text": "t", "thread_ts": reply}},
		{"chat.postMessage", "metadata_too_large", map[string]string{"channel": papers, "text": "t", "metadata": `{"event_type":"e","event_payload":{"k":"` + strings.Repeat("x", 8<<10) + `"}}`}},
		{"chat.postMessage", "invalid_metadata_format", map[string]string{"channel": papers, "text": "t", "metadata": `{"event_type":"e","event_payload":{"k":{"l":{}}}}`}},
		{"chat.postMessage", "invalid_metadata_format", map[string]string{"channel": papers, "text": "t", "metadata": `{"event_payload":{}}`}},
		{"chat.postMessage", "not_authed", map[string]string{"channel": papers, "text": "t", "token": ""}},
		{"chat.postMessage", "invalid_auth", map[string]string{"channel": papers, "text": "t", "token": "xoxb-other"}},
		{"chat.postMessage", "not_allowed_token_type", map[string]string{"channel": papers, "text": "t", "token": fakeslack.AppToken}},
		{"apps.connections.open", "not_allowed_token_type", nil},
		{"chat.postEphemeral", "user_not_in_channel", map[string]string{"channel": papers, "text": "t", "user": s.User("stranger")}},
		{"chat.update", "cant_update_message", map[string]string{"channel": papers, "ts": theirs, "text": "t"}},
		{"chat.update", "message_not_found", map[string]string{"channel": papers, "ts": "1.0", "text": "t"}},
		{"conversations.history", "not_in_channel", map[string]string{"channel": foreign}},
		{"conversations.history", "invalid_ts_oldest", map[string]string{"channel": papers, "oldest": "yesterday"}},
		{"conversations.info", "channel_not_found", map[string]string{"channel": secret}},
		{"conversations.info", "channel_not_found", map[string]string{"channel": direct}},
		{"conversations.info", "channel_not_found", map[string]string{"channel": group}},
		{"conversations.members", "channel_not_found", map[string]string{"channel": secret}},
		{"conversations.members", "channel_not_found", map[string]string{"channel": direct}},
		{"users.conversations", "invalid_types", map[string]string{"types": "channels"}},
		{"conversations.members", "invalid_cursor", map[string]string{"channel": papers, "cursor": "x"}},
		{"chat.postMessage", "channel_not_found", map[string]string{"channel": direct, "text": "t"}},
		{"reactions.add", "invalid_name", map[string]string{"channel": papers, "timestamp": theirs, "name": ":+1:"}},
		{"reactions.get", "message_not_found", map[string]string{"channel": papers, "timestamp": "1.0"}},
		{"users.info", "user_not_found", map[string]string{"user": "U0NOBODY"}},
		{"views.open", "invalid_trigger_id", map[string]string{"trigger_id": "x"}},
		{"chat.unfurl", "missing_unfurls", map[string]string{"channel": papers, "ts": theirs}},
		{"files.completeUploadExternal", "file_not_found", map[string]string{"files": `[{"id":"F1"}]`}},
	} {
		if answer := call(t, s, c.method, c.args); answer["error"] != c.want || answer["ok"] != false {
			t.Errorf("%s: %v, want %s", c.method, answer, c.want)
		}
	}
	s.Withdraw("channels:history")
	if a := call(t, s, "conversations.history", map[string]string{"channel": papers}); a["needed"] != "channels:history" || !strings.Contains(a["provided"].(string), "chat:write") {
		t.Error(a)
	}
	s.Grant("chat:write.public")
	if a := call(t, s, "chat.postMessage", map[string]string{"channel": foreign, "text": "t"}); a["ok"] != true {
		t.Error(a)
	}
	if c := s.Counts(); c.Limited != 0 {
		t.Error(c)
	}
	s.Refuse("token_revoked")
	if _, err := client(s).AuthTest(); err == nil || err.Error() != "token_revoked" {
		t.Error(err)
	}
}

func TestOneMessageASecondInEachChannel(t *testing.T) {
	bubble(t, fakeslack.Options{}, func(t *testing.T, s *fakeslack.Slack, api *slack.Client, papers string) {
		other := s.Channel("other")
		s.Invite("paperboy", "other")
		post := func(channel string) error {
			_, _, err := api.PostMessage(channel, slack.MsgOptionText("t", false))
			return err
		}
		var limited *slack.RateLimitedError
		if err := post(papers); err != nil {
			t.Fatal(err)
		}
		if err := post(papers); !errors.As(err, &limited) || limited.RetryAfter != time.Second {
			t.Fatal(err)
		}
		if err := post(other); err != nil {
			t.Error("another channel waits too:", err)
		}
		time.Sleep(500 * time.Millisecond)
		if err := post(papers); err == nil {
			t.Error("accepted within Retry-After")
		}
		time.Sleep(500 * time.Millisecond)
		for range 100 { // a hundred seconds at the full pace
			if err := post(papers); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if c := s.Counts(); c.Limited != 2 || c.Impatient != 1 {
			t.Errorf("%+v", c)
		}
		for range 50 {
			if _, err := api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: papers}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: papers}); !errors.As(err, &limited) || limited.RetryAfter != time.Minute {
			t.Error("the 51st call of a minute:", err)
		}
		s.FailNext("chat.postMessage", fakeslack.RateLimited(7*time.Second))
		if err := post(papers); !errors.As(err, &limited) || limited.RetryAfter != 7*time.Second {
			t.Error(err)
		}
		time.Sleep(7 * time.Second)
		if err := post(papers); err != nil {
			t.Error(err)
		}
	})
}

func TestStoredOrNotTheAnswerIsLost(t *testing.T) {
	for name, f := range map[string]fakeslack.Failure{"503": fakeslack.ServerError(), "reset": fakeslack.Reset(), "page": fakeslack.HTML(), "hang": fakeslack.Hang()} {
		for _, stored := range []bool{false, true} {
			t.Run(fmt.Sprint(name, stored), func(t *testing.T) {
				t.Parallel()
				s, api, papers := lab(t)
				f := f
				if stored {
					f = f.AfterStoring()
				}
				s.FailNext("chat.postMessage", f)
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				_, _, err := api.PostMessageContext(ctx, papers, slack.MsgOptionText("t", false))
				if err == nil || len(s.Posts("papers")) != map[bool]int{true: 1}[stored] {
					t.Error(err, s.Posts("papers"))
				}
			})
		}
	}
	s, api, papers := lab(t)
	s.OnCall(func(c fakeslack.Call) *fakeslack.Failure {
		if c.Args["text"] == "doomed" {
			f := fakeslack.Error("internal_error")
			return &f
		}
		return nil
	})
	if _, _, err := api.PostMessage(papers, slack.MsgOptionText("doomed", false)); err == nil || err.Error() != "internal_error" {
		t.Error(err)
	}
}

func TestThreadsEditsAndVotesAsSlackKeepsThem(t *testing.T) {
	s, api, papers := lab(t, fakeslack.Options{Tolerance: time.Hour})
	key := slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "e", EventPayload: map[string]any{"key": "k"}})
	_, ts, err := api.PostMessage(papers, slack.MsgOptionText("header", false), key)
	if err != nil {
		t.Fatal(err)
	}
	_, reply, err := api.PostMessage(papers, slack.MsgOptionText("paper", false), slack.MsgOptionTS(ts), key)
	if err != nil || reply <= ts {
		t.Fatal(err, reply)
	}
	look := func() []slack.Message {
		h, err := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: papers, IncludeAllMetadata: true})
		if err != nil {
			t.Fatal(err)
		}
		return h.Messages
	}
	if h := look(); len(h) != 1 || h[0].Text != "header" {
		t.Error("the reply is in the history", h)
	}
	r, _, _, err := api.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: papers, Timestamp: ts, IncludeAllMetadata: true})
	if err != nil || len(r) != 2 || r[1].Metadata.EventPayload["key"] != "k" {
		t.Error(r, err)
	}
	if _, _, _, err := api.UpdateMessage(papers, ts, slack.MsgOptionText("header, edited", false)); err != nil {
		t.Fatal(err)
	}
	if h := look(); h[0].Text != "header, edited" || h[0].Metadata.EventType != "" || s.Posts("papers")[0].Edits != 1 {
		t.Error("metadata survived an edit without them", h[0])
	}
	m := s.Posts("papers")[0]
	for i := range 60 {
		s.Reacts(fmt.Sprintf("u%d", i), m, "thumbsup")
	}
	s.Reacts("ana", m, "+1::skin-tone-3")
	s.Unreacts("ana", m, "+1::skin-tone-3")
	s.Reacts("ana", m, "heart")
	item := slack.NewRefToMessage(papers, ts)
	for full, want := range map[bool]int{false: 50, true: 60} {
		got, err := api.GetReactions(item, slack.GetReactionsParameters{Full: full})
		if err != nil || len(got.Reactions) != 2 || got.Reactions[0].Name != "+1" || len(got.Reactions[0].Users) != want || got.Reactions[0].Count != 60 {
			t.Error(full, got, err)
		}
	}
	if err := api.AddReaction("+1", item); err != nil {
		t.Error(err)
	}
	if err := api.AddReaction("+1", item); err == nil || err.Error() != "already_reacted" {
		t.Error(err)
	}
	if m, _ = s.Message(m); len(m.Voters("+1", "heart")) != 62 {
		t.Error(m.Voters("+1"))
	}
}

// Members come in pages, to whoever may ask about that kind of channel.
func TestWhoIsInAChannel(t *testing.T) {
	s, _, papers := lab(t, fakeslack.Options{Hurried: true})
	members := func(channel, cursor string) (ids []any, next string) {
		answer := call(t, s, "conversations.members", map[string]string{"channel": channel, "limit": "2", "cursor": cursor})
		ids, _ = answer["members"].([]any)
		meta, _ := answer["response_metadata"].(map[string]any)
		next, _ = meta["next_cursor"].(string)
		return ids, next
	}
	all, next := members(papers, "")
	for n := len(all); next != "" && n > 0; {
		var some []any
		some, next = members(papers, next)
		all, n = append(all, some...), len(some)
	}
	if !slices.Contains(all, any(s.User("ana"))) || !slices.Contains(all, any(fakeslack.Bot)) || slices.Contains(all, any(s.User("stranger"))) {
		t.Errorf("in #papers are %v", all)
	}
	secret := s.NewPrivateChannel("secret", "ana")
	s.Invite("paperboy", "secret")
	for _, method := range []string{"conversations.members", "conversations.info"} {
		s.Withdraw("groups:read")
		if answer := call(t, s, method, map[string]string{"channel": secret}); answer["error"] != "missing_scope" || answer["needed"] != "groups:read" {
			t.Errorf("%s without the scope: %v", method, answer)
		}
		s.Grant("groups:read")
		if answer := call(t, s, method, map[string]string{"channel": secret}); answer["ok"] != true {
			t.Errorf("%s: %v", method, answer)
		}
	}

	// Of the bot's own conversations those it is in, whatever else there is.
	s.Channel("elsewhere", "ana")
	answer := call(t, s, "users.conversations", map[string]string{"types": "public_channel,private_channel"})
	var in []string
	for _, c := range answer["channels"].([]any) {
		in = append(in, fmt.Sprint(c.(map[string]any)["name"], c.(map[string]any)["is_private"]))
	}
	if slices.Sort(in); fmt.Sprint(in) != "[papersfalse secrettrue]" {
		t.Errorf("the bot is in %v", in)
	}
	s.Withdraw("groups:read")
	if answer := call(t, s, "users.conversations", map[string]string{"types": "public_channel,private_channel"}); answer["error"] != "missing_scope" {
		t.Errorf("without the scope: %v", answer)
	}
}
