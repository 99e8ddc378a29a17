package fakediscord_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"

	fake "paperboy/internal/fakediscord"
	"paperboy/internal/recordings"
)

// openAPI is Discord's published description of its API.
type openAPI struct {
	Paths map[string]map[string]struct {
		RequestBody struct {
			Content map[string]struct{ Schema body }
		}
		Responses map[string]struct {
			Content map[string]struct{ Schema body }
		}
	}
	Components struct{ Schemas map[string]body }
}

func readOpenAPI(t *testing.T) (api openAPI) {
	var all struct {
		Paths      map[string]body
		Components json.RawMessage
	}
	if err := json.NewDecoder(recordings.OpenSpec(t, "discord-openapi.json.gz")).Decode(&all); err != nil {
		t.Fatal(err)
	}
	for _, item := range all.Paths {
		delete(item, "parameters") // the only part of a path that is no method
	}
	cleaned, _ := json.Marshal(map[string]any{"paths": all.Paths, "components": all.Components})
	if err := json.Unmarshal(cleaned, &api); err != nil {
		t.Fatal(err)
	}
	return api
}

// check holds a value against a schema: types, required fields, choices.
func (api openAPI) check(at string, schema body, v any) (problems []string) {
	if ref, ok := schema["$ref"].(string); ok {
		return api.check(at, api.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]], v)
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		choices, ok := schema[key].([]any)
		if !ok || schema["type"] != nil { // typed ones list their named values
			continue
		}
		var least []string
		for i, choice := range choices {
			found := api.check(at, choice.(body), v)
			if len(found) == 0 {
				least = nil
				break
			}
			if i == 0 || len(found) < len(least) {
				least = found
			}
		}
		problems = append(problems, least...)
	}
	bad := func(format string, args ...any) { problems = append(problems, at+": "+fmt.Sprintf(format, args...)) }
	if kinds := fmt.Sprint(schema["type"]); schema["type"] != nil && !slices.Contains(strings.Fields(strings.Trim(kinds, "[]")), kind(v)) &&
		!(kind(v) == "integer" && strings.Contains(kinds, "number")) {
		bad("%v is no %s", v, kinds)
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		bad("%v is none of %v", v, enum)
	}
	switch v := v.(type) {
	case body:
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				bad("no %v", name)
			}
		}
		properties, _ := schema["properties"].(body)
		for name, field := range v {
			if p, ok := properties[name].(body); ok {
				problems = append(problems, api.check(at+"."+name, p, field)...)
			}
		}
	case []any:
		items, _ := schema["items"].(body)
		for i, e := range v {
			problems = append(problems, api.check(fmt.Sprint(at, ".", i), items, e)...)
		}
	}
	return problems
}

func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case body:
		return "object"
	case []any:
		return "array"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
	}
	return "number"
}

// witness holds every request and answer that passes through it against the
// schema of its path.
type witness struct {
	*testing.T
	api  openAPI
	next http.RoundTripper
	seen map[string]bool
}

func (w witness) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := w.next.RoundTrip(r)
	if err != nil {
		return resp, err
	}
	got, _ := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(got))
	path := strings.TrimPrefix(r.URL.Path, "/api/v9")
	method := strings.ToLower(r.Method)
	for template, item := range w.api.Paths {
		op, ok := item[method]
		if !ok || !matches(template, path) {
			continue
		}
		name := method + " " + template
		w.seen[name] = true
		// Refusals are described as 4XX for every path alike.
		answer, ok := op.Responses[fmt.Sprint(resp.StatusCode)]
		if !ok {
			answer, ok = op.Responses[fmt.Sprint(resp.StatusCode/100, "XX")]
		}
		if !ok {
			w.Errorf("%s does not answer %d", name, resp.StatusCode)
		}
		for side, it := range map[string]struct {
			schema body
			raw    []byte
		}{"request": {op.RequestBody.Content["application/json"].Schema, sent}, "answer": {answer.Content["application/json"].Schema, got}} {
			var v any
			if it.schema == nil || len(it.raw) == 0 || side == "request" && resp.StatusCode >= 400 {
				continue
			}
			if err := json.Unmarshal(it.raw, &v); err != nil {
				w.Errorf("%s %s: %v", name, side, err)
			}
			for _, problem := range w.api.check(side, it.schema, v) {
				w.Error(name, problem)
			}
		}
	}
	return resp, nil
}

// matches compares a path with its template, in which no variable stands for a
// name like @me.
func matches(template, path string) bool {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return false
	}
	for i, part := range want {
		variable := strings.HasPrefix(part, "{") && !strings.HasPrefix(have[i], "@")
		if !variable && part != have[i] {
			return false
		}
	}
	return true
}

func TestRequestsAndAnswersAreThoseOfDiscordsSchema(t *testing.T) {
	l := open(t, fast).listen(t)
	w := witness{t, readOpenAPI(t), l.s.Client.Transport, map[string]bool{}}
	l.s.Client.Transport = w
	must := func(v any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(l.s.User("@me"))
	must(l.s.GatewayBot())
	must(l.s.Gateway())
	must(l.s.Request("GET", discordgo.EndpointApplication("@me"), nil))
	must(l.s.ApplicationCommandBulkOverwrite(fake.AppID, l.guild.ID, papers))
	must(l.s.ApplicationCommands(fake.AppID, l.guild.ID))
	must(l.s.Guild(l.guild.ID))
	must(l.s.GuildRoles(l.guild.ID))
	f := l.guild.Forum("papers-forum", "LLM")
	l.Grants(l.papers, fake.AddReactions)
	must(l.s.GuildChannels(l.guild.ID))
	must(l.s.Channel(l.papers.ID))
	m, err := l.s.ChannelMessageSendComplex(l.papers.ID, &discordgo.MessageSend{Content: "x", AllowedMentions: &discordgo.MessageAllowedMentions{Parse: []discordgo.AllowedMentionType{}},
		Embeds:     []*discordgo.MessageEmbed{{Title: "t", URL: "https://arxiv.org/abs/1", Fields: []*discordgo.MessageEmbedField{{Name: "n", Value: "v", Inline: true}}, Footer: &discordgo.MessageEmbedFooter{Text: "f"}}},
		Components: []discordgo.MessageComponent{discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.Button{Label: "Save", CustomID: "s", Style: 2}, discordgo.Button{Label: "PDF", URL: "https://arxiv.org/pdf/1", Style: 5}}}}})
	must(m, err)
	must(nil, l.s.MessageReactionAdd(l.papers.ID, m.ID, "👍"))
	must(l.s.MessageReactions(l.papers.ID, m.ID, "👍", 100, "", ""))
	must(l.s.MessageThreadStart(l.papers.ID, m.ID, "Papers", 1440))
	must(l.s.ChannelMessages(m.ID, 50, "", "", "")) // of the thread
	must(l.s.ChannelMessageEdit(l.papers.ID, m.ID, "y"))
	must(l.s.ChannelMessage(l.papers.ID, m.ID))
	must(l.s.ChannelMessages(l.papers.ID, 50, "", "", ""))
	must(l.s.ForumThreadStart(f.ID, "A paper", 1440, "text"))
	must(l.s.GuildThreadsActive(l.guild.ID))
	l.post(l.papers, content(strings.Repeat("x", 2001)))
	l.post(&fake.Channel{ID: "7"}, content("x"))
	done := make(chan bool)
	l.reply = func(i *discordgo.Interaction) {
		defer close(done)
		l.s.InteractionRespond(i, &discordgo.InteractionResponse{Type: 5})
		text := "done"
		l.s.InteractionResponseEdit(i, &discordgo.WebhookEdit{Content: &text})
		l.s.InteractionResponse(i)
		l.s.FollowupMessageCreate(i, true, &discordgo.WebhookParams{Content: "more"})
		l.s.InteractionResponseDelete(i)
	}
	l.Types(l.ana, l.papers, "today", nil)
	<-done
	must(nil, l.s.MessageReactionRemove(l.papers.ID, m.ID, "👍", "@me"))
	must(nil, l.s.ChannelMessageDelete(l.papers.ID, m.ID))
	if len(w.seen) < 25 {
		t.Errorf("only %d routes were held against the schema", len(w.seen))
	}
}
