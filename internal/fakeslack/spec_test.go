package fakeslack_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/internal/fakeslack"
	"paperboy/internal/recordings"
)

// openAPI is Slack's published description of its Web API. It was archived in
// 2021: newer methods and arguments are not in it.
type openAPI struct {
	Paths map[string]map[string]struct {
		Parameters []struct{ Name string }
		Responses  map[string]struct{ Schema map[string]any }
	}
	Definitions map[string]map[string]any
}

func readOpenAPI(t *testing.T) (api openAPI) {
	if err := json.NewDecoder(recordings.OpenSpec(t, "slack_web_openapi_v2.json.gz")).Decode(&api); err != nil {
		t.Fatal(err)
	}
	return api
}

// check holds an answer against a schema: required fields, types, patterns and
// choices; fields that the schema does not name pass, as they came later.
func (api openAPI) check(at string, schema map[string]any, v any) (problems []string) {
	if ref, ok := schema["$ref"].(string); ok {
		return api.check(at, api.Definitions[ref[strings.LastIndex(ref, "/")+1:]], v)
	}
	if choices, ok := schema["items"].([]any); ok { // this file's way to say "one of these"
		var all []string
		for _, choice := range choices {
			choice, _ := choice.(map[string]any)
			found := api.check(at, choice, v)
			if len(found) == 0 {
				return nil
			}
			all = append(all, found...)
		}
		return all
	}
	bad := func(format string, args ...any) { problems = append(problems, at+": "+fmt.Sprintf(format, args...)) }
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		bad("%v is none of %v", v, enum)
	}
	switch v := v.(type) {
	case map[string]any:
		if kind := schema["type"]; kind != nil && kind != "object" {
			bad("an object, not %v", kind)
		}
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				bad("no %v", name)
			}
		}
		properties, _ := schema["properties"].(map[string]any)
		for name, field := range v {
			if p, ok := properties[name].(map[string]any); ok && name != "blocks" { // which it calls an object
				problems = append(problems, api.check(at+"."+name, p, field)...)
			}
		}
	case []any:
		if kind := schema["type"]; kind != nil && kind != "array" {
			bad("an array, not %v", kind)
		}
		items, _ := schema["items"].(map[string]any)
		for i, e := range v {
			problems = append(problems, api.check(fmt.Sprint(at, i), items, e)...)
		}
	case string:
		if kind := schema["type"]; kind != nil && kind != "string" {
			bad("a string, not %v", kind)
		}
		if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(v) {
			bad("%q is not %s", v, pattern)
		}
	case bool:
		if kind := schema["type"]; kind != nil && kind != "boolean" {
			bad("a boolean, not %v", kind)
		}
	case float64:
		if kind := schema["type"]; kind != nil && kind != "integer" && kind != "number" {
			bad("a number, not %v", kind)
		}
	}
	return problems
}

func TestAnswersAreThoseOfSlacksSchema(t *testing.T) {
	api := readOpenAPI(t)
	s, _, papers := lab(t, fakeslack.Options{Tolerance: time.Hour})
	ts := call(t, s, "chat.postMessage", map[string]string{"channel": papers, "text": "t", "blocks": `[{"type":"divider"}]`, "unfurl_links": "false"})["ts"].(string)
	s.Reacts("ana", s.Posts("papers")[0], "heart")
	shared := s.Says("ana", "papers", "https://arxiv.org/abs/9912.00001")
	for _, c := range []struct {
		method string
		args   map[string]string
	}{
		{"auth.test", nil},
		{"chat.postMessage", map[string]string{"channel": papers, "text": "t", "thread_ts": ts}},
		{"chat.postEphemeral", map[string]string{"channel": papers, "text": "t", "user": s.User("ana")}},
		{"chat.update", map[string]string{"channel": papers, "text": "u", "ts": ts}},
		{"chat.unfurl", map[string]string{"channel": papers, "ts": shared.TS, "unfurls": `{"https://arxiv.org/abs/9912.00001":{"blocks":[{"type":"divider"}]}}`}},
		{"conversations.history", map[string]string{"channel": papers, "limit": "10", "inclusive": "true", "oldest": "1", "latest": "9999999999"}},
		{"conversations.info", map[string]string{"channel": papers}},
		{"conversations.members", map[string]string{"channel": papers, "limit": "1000"}},
		{"users.conversations", map[string]string{"types": "public_channel,private_channel,mpim,im", "limit": "999"}},
		{"reactions.add", map[string]string{"channel": papers, "timestamp": ts, "name": "+1"}},
		{"reactions.get", map[string]string{"channel": papers, "timestamp": ts, "full": "true"}},
		{"users.info", map[string]string{"user": s.User("ana")}},
		{"conversations.replies", map[string]string{"channel": papers, "ts": ts}},
	} {
		path, known := api.Paths["/"+c.method]
		if !known {
			t.Errorf("%s is not in the schema", c.method)
		}
		answer := call(t, s, c.method, c.args)
		for _, verb := range path {
			for name := range c.args {
				if !slices.ContainsFunc(verb.Parameters, func(p struct{ Name string }) bool { return p.Name == name }) {
					t.Errorf("%s has no argument %s", c.method, name)
				}
			}
			if answer["ok"] != true {
				t.Errorf("%s: %v", c.method, answer)
			}
			for _, problem := range api.check(c.method, verb.Responses["200"].Schema, answer) {
				t.Error(problem)
			}
		}
	}
}

// eventSchemas are the parts of Slack's published events that are checked.
type eventSchemas struct {
	Topics map[string]struct {
		Subscribe struct{ Payload map[string]any }
	}
	Components struct{ Schemas map[string]map[string]any }
}

func TestEventsAreThoseOfSlacksSchema(t *testing.T) {
	dir := recordings.Specs(t)
	var wrapper map[string]any
	var events eventSchemas
	for file, into := range map[string]any{"slack_common_event_wrapper_schema.json": &wrapper, "slack_events_api_async_v1.json": &events} {
		raw, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	s, _, _ := lab(t)
	a := &struct{ payloads []map[string]any }{}
	s.Tamper(func(kind string, payload map[string]any) {
		raw, _ := json.Marshal(payload)
		var p map[string]any
		json.Unmarshal(raw, &p)
		a.payloads = append(a.payloads, p)
	})
	m := s.Says("ana", "papers", "https://arxiv.org/abs/9912.00001")
	s.Reacts("ana", m, "+1")
	s.Unreacts("ana", m, "+1")
	s.Mentions("ben", m, "similar")
	s.Invite("cem", "papers")
	s.Says("ana", "@paperboy", "help")
	s.Archive("papers")
	s.Delete("papers")
	s.Uninstall()
	if len(a.payloads) != 10 {
		t.Errorf("%d events", len(a.payloads))
	}
	for _, p := range a.payloads {
		inner := p["event"].(map[string]any)
		name := strings.ReplaceAll(inner["type"].(string), "_", ".")
		if name == "message" {
			name += "." + inner["channel_type"].(string)
		}
		topic, known := events.Topics[name]
		if !known {
			t.Errorf("no event is called %v", inner["type"])
		}
		for _, problem := range (openAPI{}).check(fmt.Sprint(inner["type"]), wrapper, p) {
			t.Error(problem)
		}
		for _, problem := range (openAPI{Definitions: events.Components.Schemas}).check(fmt.Sprint(inner["type"]), topic.Subscribe.Payload, p) {
			t.Error(problem)
		}
	}
}
