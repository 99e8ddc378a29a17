package fakediscord_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	fake "paperboy/internal/fakediscord"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type body = map[string]any

// lab is a guild with #papers, ana and ben, and a bot of a few lines.
type lab struct {
	*fake.Discord
	t        *testing.T
	guild    *fake.Guild
	papers   *fake.Channel
	ana, ben *fake.Member
	seen     map[string]bool // paths of the schema that were held against it
}

// in is a test in a bubble.
func in(t *testing.T, story func(t *testing.T, l *lab)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { story(t, open(t)) })
}

func open(t *testing.T, o ...fake.Options) *lab {
	d := fake.New(t, append(o, fake.Options{InProcess: true})[0])
	l := &lab{Discord: d, t: t, guild: d.Guild("lab"), seen: map[string]bool{}}
	l.papers = l.guild.Channel("papers")
	l.ana, l.ben = l.guild.Member("ana", fake.ManageChannels), l.guild.Member("ben")
	return l
}

// call makes a request, once all limits are far, and holds it and its answer
// against Discord's schema. code is Discord's of a refusal; -1: there is none.
func (l *lab) call(method, path string, sent any) (code int, answer any) {
	l.t.Helper()
	time.Sleep(time.Minute)
	return l.now(method, path, sent)
}

// now is call without waiting.
func (l *lab) now(method, path string, sent any) (code int, answer any) {
	l.t.Helper()
	var raw []byte
	if sent != nil {
		raw, _ = json.Marshal(sent)
	}
	r := httptest.NewRequest(method, l.API+path, bytes.NewReader(raw))
	r.Header = http.Header{"Authorization": {"Bot " + fake.Token}, "User-Agent": {"DiscordBot (https://example.org, 1.0)"}, "Content-Type": {"application/json"}}
	w := httptest.NewRecorder()
	l.ServeHTTP(w, r)
	l.holds(r, raw, w)
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			l.t.Fatal(err)
		}
	}
	if w.Code < 300 {
		return -1, answer
	}
	n, _ := answer.(body)["code"].(float64)
	return int(n), answer
}

// must is a call that is not refused, and an answer's id.
func (l *lab) must(method, path string, sent any) (id string) {
	l.t.Helper()
	code, answer := l.call(method, path, sent)
	if code >= 0 {
		l.t.Fatal(method, path, answer)
	}
	o, _ := answer.(body)
	id, _ = o["id"].(string)
	return id
}

func (l *lab) post(c *fake.Channel, b any) int {
	l.t.Helper()
	code, _ := l.call("POST", "channels/"+c.ID+"/messages", b)
	return code
}

// socket is a gateway client of a few lines.
type socket struct {
	*testing.T
	ws *websocket.Conn
}

// refuses: a message is invalid, and the tree of errors names the field.
func (l *lab) refuses(field string, bad body) {
	l.t.Helper()
	code, answer := l.call("POST", "channels/"+l.papers.ID+"/messages", bad)
	at, _ := answer.(body)["errors"].(body)
	for part := range strings.SplitSeq(field, ".") {
		at, _ = at[part].(body)
	}
	if code != 50035 || at["_errors"] == nil {
		l.t.Errorf("%s: %d, the tree is %v", field, code, answer)
	}
}

func (l *lab) dial() *socket {
	ws, _, err := (&websocket.Dialer{NetDialContext: l.Dial}).Dial("ws"+l.URL[len("http"):]+"/gateway/?v=10&encoding=json", nil)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { ws.Close() })
	return &socket{l.t, ws}
}

func (s *socket) do(op int, d any) { s.ws.WriteJSON(body{"op": op, "d": d}) }

func (s *socket) identify(change body) {
	d := body{"token": fake.Token, "intents": 1 | 1<<10, "properties": body{"os": "linux"}}
	for k, v := range change {
		d[k] = v
	}
	s.do(2, d)
}

// until reads events up to one.
func (s *socket) until(name string) (d body) {
	for {
		var e struct {
			T string
			D json.RawMessage
		}
		if err := s.ws.ReadJSON(&e); err != nil {
			s.Fatal(err)
		}
		if e.T == name {
			if err := json.Unmarshal(e.D, &d); err != nil {
				s.Fatal(err)
			}
			return d
		}
	}
}

// code reads until the server closes, and says with which code.
func (s *socket) code() int {
	for {
		if _, _, err := s.ws.ReadMessage(); err != nil {
			closed, ok := err.(*websocket.CloseError)
			if !ok {
				s.Fatal(err)
			}
			return closed.Code
		}
	}
}

func content(s string) body { return body{"content": s, "allowed_mentions": body{"parse": []string{}}} }

func buttons(n int, change body) []any {
	var all []any
	for i := range n {
		b := body{"type": 2, "style": 2, "label": "b", "custom_id": fmt.Sprint(i)}
		for k, v := range change {
			b[k] = v
		}
		all = append(all, b)
	}
	return []any{body{"type": 1, "components": all}}
}
