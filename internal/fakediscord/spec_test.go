package fakediscord_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	fake "paperboy/internal/fakediscord"
)

// schema is what the answers are held against, once it was read.
var schema *fake.Schema

func (l *lab) holds(r *http.Request, sent []byte, got *httptest.ResponseRecorder) {
	l.t.Helper()
	if schema == nil {
		return
	}
	path, method := strings.TrimPrefix(r.URL.Path, "/api/v10"), strings.ToLower(r.Method)
	for template, item := range schema.Paths {
		op, ok := item[method]
		if !ok || !matches(template, path) {
			continue
		}
		name := method + " " + template
		l.seen[name] = true
		// Refusals are described as 4XX for every path alike.
		answer, ok := op.Responses[fmt.Sprint(got.Code)]
		if !ok {
			answer, ok = op.Responses[fmt.Sprint(got.Code/100, "XX")]
		}
		if !ok {
			l.t.Errorf("%s does not answer %d", name, got.Code)
		}
		for side, it := range map[string]struct {
			schema body
			raw    []byte
		}{"request": {op.RequestBody.Content["application/json"].Schema, sent}, "answer": {answer.Content["application/json"].Schema, got.Body.Bytes()}} {
			var v any
			if it.schema == nil || len(it.raw) == 0 || side == "request" && got.Code >= 400 {
				continue
			}
			if err := json.Unmarshal(it.raw, &v); err != nil {
				l.t.Errorf("%s %s: %v", name, side, err)
			}
			for _, problem := range schema.Check(side, it.schema, v) {
				l.t.Error(name, problem)
			}
		}
	}
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
	schema = fake.ReadSchema(t)
	synctest.Test(t, func(t *testing.T) {
		l := open(t, fake.Options{InProcess: true, Heartbeat: time.Hour})
		commands := []body{{"name": "papers", "type": 1, "description": "Papers", "options": []body{
			{"type": 1, "name": "today", "description": "Today's papers"}}}, {"name": "Save", "type": 3}}
		f := l.guild.Forum("papers-forum", "LLM")
		l.Grants(l.papers, fake.AddReactions)
		channel := "channels/" + l.papers.ID
		for _, path := range []string{"users/@me", "gateway/bot", "applications/@me", "guilds/" + l.guild.ID, "guilds/" + l.guild.ID + "/channels", "guilds/" + l.guild.ID + "/members/" + fake.Bot, channel} {
			l.must("GET", path, nil)
		}
		for _, path := range []string{"applications/" + fake.AppID + "/commands", "applications/" + fake.AppID + "/guilds/" + l.guild.ID + "/commands"} {
			l.must("PUT", path, commands)
			l.must("GET", path, nil)
		}
		message := content("x")
		message["nonce"], message["enforce_nonce"], message["flags"] = "n", true, fake.FlagSilent
		message["embeds"] = []body{{"title": "t", "url": "https://arxiv.org/abs/1", "description": "d", "footer": body{"text": "f"}}}
		message["components"] = []body{{"type": 1, "components": []body{{"type": 2, "style": 2, "label": "Save", "custom_id": "s"}, {"type": 2, "style": 5, "label": "PDF", "url": "https://arxiv.org/pdf/1"}}}}
		id := l.must("POST", channel+"/messages", message)
		at := channel + "/messages/" + id
		l.must("PUT", at+"/reactions/👍/@me", nil)
		l.must("GET", at+"/reactions/👍?limit=100&type=0&after=0", nil)
		l.must("POST", at+"/threads", body{"name": "Papers", "auto_archive_duration": 1440})
		l.must("GET", "channels/"+id+"/messages?limit=50&after=0", nil)
		l.must("PATCH", "channels/"+id, body{"archived": true})
		l.must("PATCH", at, content("y"))
		l.must("GET", at, nil)
		l.must("GET", channel+"/messages", nil)
		l.must("POST", "channels/"+f.ID+"/threads", body{"name": "A paper", "auto_archive_duration": 1440, "message": content("text")})
		l.must("GET", "guilds/"+l.guild.ID+"/threads/active", nil)
		l.must("GET", channel+"/threads/archived/public?limit=100", nil)
		l.post(l.papers, content(strings.Repeat("x", 2001)))
		l.post(&fake.Channel{ID: "7"}, content("x"))

		s := l.dial()
		s.identify(nil)
		s.until("READY")
		answered := make(chan *fake.Answer)
		go func() { answered <- l.Types(l.ana, l.papers, "today", nil) }()
		i := s.until("INTERACTION_CREATE")
		hook := fmt.Sprint("webhooks/", fake.AppID, "/", i["token"])
		l.now("POST", fmt.Sprint("interactions/", i["id"], "/", i["token"], "/callback"), body{"type": 5, "data": body{"flags": fake.FlagEphemeral}})
		a := <-answered
		l.must("PATCH", hook+"/messages/@original", content("done"))
		l.must("POST", hook, content("more"))
		if got := a.Wait(2); got[0].Reads() != "done" || got[0].For != l.ana.ID || got[1].Reads() != "more" || got[1].For != "" {
			t.Errorf("%+v", got)
		}
		l.must("DELETE", hook+"/messages/@original", nil)
		l.must("POST", channel+"/messages", body{"content": "x", "allowed_mentions": body{"parse": []string{}}, "components": choose(2, body{"placeholder": "p"})})
		go func() { answered <- l.Types(l.ana, l.papers, "today", nil) }()
		i = s.until("INTERACTION_CREATE")
		l.now("POST", fmt.Sprint("interactions/", i["id"], "/", i["token"], "/callback"), body{"type": 9, "data": body{"custom_id": "m", "title": "t", "components": []any{
			body{"type": 10, "content": "about"}, label(nil), body{"type": 18, "label": "Days", "component": choose(2, body{"custom_id": "days"})[0].(body)["components"].([]any)[0]}}}})
		if (<-answered).Window() == nil {
			t.Error("no window")
		}
		if len(l.seen) != 26 { // all that there are
			t.Errorf("only %d routes were held against the schema", len(l.seen))
		}
	})
}
