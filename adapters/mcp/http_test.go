package mcp

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"paperboy/core"
	"paperboy/internal/recordings"
)

const public = "https://papers.example.org"

// opensPort serves /mcp as the bot does.
func (l *lab) opensPort() *httptest.Server {
	l.Helper()
	o := l.options(0)
	o.As = &Person{User: core.User{Key: "slack:T1/ana"}, List: l.store, Voter: l.voter()} // which no key may
	mux := http.NewServeMux()
	mux.Handle("/mcp", Handler(o, l.store, public))
	s := httptest.NewServer(mux)
	l.Cleanup(s.Close)
	return s
}

// gives makes a channel's key.
func (l *lab) gives(ch core.Channel, purpose core.Purpose) string {
	l.Helper()
	secret := core.NewSecret()
	l.ok(l.store.SetLink(l.Context(), core.Link{Channel: ch.ID, Purpose: purpose, Secret: secret, At: l.clock.Now()}))
	return secret
}

// bearer sends a key with every request.
type bearer string

func (key bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(key))
	return http.DefaultTransport.RoundTrip(r)
}

// dials connects an assistant with a key.
func (l *lab) dials(s *httptest.Server, key string) (assistant, error) {
	l.Helper()
	c, err := sdk.NewClient(&sdk.Implementation{Name: "assistant", Version: "1"}, nil).Connect(l.Context(),
		&sdk.StreamableClientTransport{Endpoint: s.URL + "/mcp", HTTPClient: &http.Client{Transport: bearer(key)}, MaxRetries: -1}, nil)
	if err == nil {
		l.Cleanup(func() { c.Close() })
	}
	return assistant{l, c}, err
}

func TestAKeyAnswersForItsChannelUntilItEnds(t *testing.T) {
	l := newLab(t)
	l.posts(l.ml, "2026-04-27", "2604.07429")
	l.posts(l.cv, "2026-04-28", "2604.20987")
	port := l.opensPort()
	ml, err := l.dials(port, l.gives(l.ml, core.LinkAssistant))
	l.ok(err)
	cv, err := l.dials(port, l.gives(l.cv, core.LinkAssistant))
	l.ok(err)
	ml.hears("digest", nil, "#ml got 1 paper", "2604.07429")
	cv.hears("digest", nil, "#cv got 1 paper", "2604.20987")
	if got := ml.tools(); slices.Contains(got, "save") || slices.Contains(got, "vote") {
		t.Errorf("a key that is nobody's is offered %v", got)
	}

	l.gives(l.ml, core.LinkAssistant) // a new one takes the old one's place
	if _, err := ml.CallTool(t.Context(), &sdk.CallToolParams{Name: "digest"}); err == nil {
		t.Error("a session goes on though its key ended")
	}
	cv.hears("digest", nil, "#cv got 1 paper")
	_, err = l.store.UpdateChannel(t.Context(), l.cv.ID, func(c *core.Channel) { c.Gone = l.clock.Now() })
	l.ok(err)
	if _, err := cv.CallTool(t.Context(), &sdk.CallToolParams{Name: "digest"}); err == nil {
		t.Error("a channel that is gone is answered for")
	}
}

// asked is what comes of one request over HTTP.
func (l *lab) asked(s *httptest.Server, body string, change func(*http.Request)) (status int, answer string) {
	l.Helper()
	r, err := http.NewRequestWithContext(l.Context(), "POST", s.URL+"/mcp", strings.NewReader(body))
	l.ok(err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	change(r)
	resp, err := http.DefaultClient.Do(r)
	l.ok(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	l.ok(err)
	return resp.StatusCode, string(b)
}

const listTools = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`

func TestWhoIsLetIn(t *testing.T) {
	l := newLab(t)
	port := l.opensPort()
	key, page := l.gives(l.ml, core.LinkAssistant), l.gives(l.ml, core.LinkRead)
	with := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+key)
			if name == "Host" {
				r.Host = value
			} else {
				r.Header.Set(name, value)
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		status int
	}{
		{"its key", with("Accept-Language", "en"), 200},
		{"the word in small letters", with("Authorization", "bearer "+key), 200},
		{"no key", func(*http.Request) {}, 401},
		{"an empty key", with("Authorization", "Bearer "), 401},
		{"another word", with("Authorization", "Basic "+key), 401},
		{"a wrong key", with("Authorization", "Bearer "+key[1:]), 401},
		{"the key of the page", with("Authorization", "Bearer "+page), 401},
		{"the key in the address", func(r *http.Request) { r.URL.RawQuery = "key=" + key }, 401},
		{"a page of another site", with("Origin", "https://evil.example"), 403},
		{"a browser that says so", with("Sec-Fetch-Site", "cross-site"), 403},
		{"our own page", with("Origin", public), 200},
		{"a name that was made to lead here", with("Host", "evil.example"), 403},
		{"a name that was made to lead here, with a port", with("Host", "evil.example:8080"), 403},
		{"a proxy that keeps our name", with("Host", "papers.example.org"), 200},
		{"this machine by name", with("Host", "localhost:8080"), 200},
	} {
		status, answer := l.asked(port, listTools, c.change)
		if status != c.status || status == 200 != strings.Contains(answer, `"seen_before"`) || status == 401 != strings.Contains(answer, "`/papers link assistant` in the channel gives one") {
			t.Errorf("%s: %d %s", c.name, status, answer)
		}
	}
	if status, _ := l.asked(port, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search","arguments":{"query":"`+strings.Repeat("a", mostBytes)+`"}}}`, with("X", "y")); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a request without end: %d", status)
	}
	if l.log.Len() > 0 {
		t.Errorf("the log has %s", l.log.String())
	}
}

// program is one that other tests' machines may lack; find says where it is.
func program(t *testing.T, need string, find ...string) string {
	t.Helper()
	path, err := exec.LookPath(find[0])
	if err == nil {
		err = exec.Command(path, find[1:]...).Run()
	}
	if err != nil {
		recordings.Missing(t, need, strings.Join(find, " ")+": "+err.Error())
	}
	return path
}

// A client that others wrote, in another language, gets on with us.
func TestAClientInPythonAsks(t *testing.T) {
	python := program(t, "mcp-python", "python3", "-c", "import httpx2; from mcp.client.streamable_http import streamable_http_client")
	l := newLab(t)
	l.posts(l.ml, "2026-04-27", "2604.07429", "2604.20987")
	cmd := exec.CommandContext(t.Context(), python, "-c", `
import asyncio, json, sys
import httpx2 as httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
async def main(url, key):
    async with httpx.AsyncClient(headers={"Authorization": "Bearer " + key}) as client:
        async with streamable_http_client(url, http_client=client) as streams:
            async with ClientSession(streams[0], streams[1]) as s:
                hello = await s.initialize()
                tools = await s.list_tools()
                digest = await s.call_tool("digest", {})
                wrong = await s.call_tool("paper", {"id": "soup"})
                print(json.dumps({"name": hello.server_info.name, "tools": [t.name for t in tools.tools], "text": digest.content[0].text,
                    "ids": [p["id"] for p in digest.structured_content["papers"]], "wrong": wrong.is_error}))
asyncio.run(main(sys.argv[1], sys.argv[2]))
`, l.opensPort().URL+"/mcp", l.gives(l.ml, core.LinkAssistant))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	l.ok(err)
	var got struct {
		Name, Text string
		Tools, IDs []string
		Wrong      bool
	}
	l.ok(json.Unmarshal(out, &got))
	if got.Name != "paperboy" || len(got.Tools) != 7 || !slices.Equal(got.IDs, []string{"2604.07429", "2604.20987"}) || !strings.HasPrefix(got.Text, "#ml got 2 papers") || !got.Wrong {
		t.Errorf("it got %s", out)
	}
}

// Those scenarios of the protocol's own conformance suite that are about what we
// have: the others call tools of a server that was made for them.
func TestTheConformanceSuite(t *testing.T) {
	suite := program(t, "mcp-conformance", "conformance", "list")
	l := newLab(t)
	key := l.gives(l.ml, core.LinkAssistant)
	o := l.options(0)
	inside := Handler(o, l.store, public)
	// The suite sends no key of its own.
	port := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+key)
		inside.ServeHTTP(w, r)
	}))
	t.Cleanup(port.Close)
	for _, scenario := range []string{"server-initialize", "ping", "tools-list", "dns-rebinding-protection"} {
		out, err := exec.CommandContext(t.Context(), suite, "server", "--url", port.URL, "--scenario", scenario).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", scenario, err, out)
		} else {
			t.Logf("%s", out)
		}
	}
}

// What a request costs beside its question: the key, a server, the protocol.
func BenchmarkARequest(b *testing.B) {
	l := newLab(b)
	h := Handler(l.options(0), l.store, public)
	key := l.gives(l.ml, core.LinkAssistant)
	ask := func(method, params string) func(*testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest("POST", "/mcp", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"`+method+`","params":`+params+`}`))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Accept", "application/json, text/event-stream")
				r.Header.Set("Authorization", "Bearer "+key)
				w := httptest.NewRecorder()
				if h.ServeHTTP(w, r); w.Code != 200 {
					b.Fatal(w.Code, w.Body)
				}
			}
		}
	}
	b.Run("ping", ask("ping", `{}`))
	b.Run("tools", ask("tools/list", `{}`))
	b.Run("search", ask("tools/call", `{"name":"search","arguments":{"query":"agents that use tools"}}`))
}
