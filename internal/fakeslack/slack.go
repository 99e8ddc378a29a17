// Package fakeslack is a Slack for tests: one workspace with people, channels
// and one app, behind the real Web API, Socket Mode and signed HTTP requests on
// a loopback address. Tests move its people ("ana types", "ben reacts") and
// look at what each of them sees; the app under test talks to it with its own
// client, over real sockets or, in a synctest bubble, inside the process.
//
// It is as strict as Slack, so that what passes here passes there. It refuses,
// with Slack's own error names in a 200 answer:
//
//   - calls without a token, with a wrong one, or without the scope of the
//     method (invalid_auth, missing_scope with needed and provided). Tokens
//     stand in the form or in the Authorization header, as Slack's libraries
//     send them; an app token opens sockets and nothing else.
//   - messages beyond Block Kit's limits (blocks.go, from the comments of
//     Slack's published types; invalid_blocks with a pointer to the place),
//     over 13,200 characters of blocks or 40,000 of text, empty ones, metadata
//     that is deeper than one object or over 8 KB.
//   - channels that are unknown, private and not joined, archived, deleted;
//     foreign messages in chat.update; replies to replies.
//   - more than one message a second in a channel and more calls a minute than
//     a method's tier (1, 2, 3, 4: 1, 20, 50, 100): HTTP 429 with Retry-After
//     in whole seconds. Slack publishes no bound for its tolerance of bursts,
//     so Tolerance is small. A call within a Retry-After is refused again and
//     counted as Impatient.
//
// It forgets and hides as Slack does: replies are not in a channel's history,
// where a deleted message with replies was stands that something was there,
// an edit without metadata drops it, lists of voters are cut at 50 unless asked
// in full, an envelope goes to any one socket. Events are sent again at once, after a minute and after five
// when nobody acknowledges them within three seconds, then they are lost;
// commands and interactions are never sent again. A response_url takes five
// answers within 30 minutes. What is refused counts against these limits too. Where Slack publishes no figure or unit, the fake takes the
// stricter one (characters are counted in UTF-16 units, after escaping).
//
// It answers exactly the calls that the adapter makes; one that it does not know
// fails the test.
//
// A Cloud has several workspaces, which people install the app in by OAuth: codes are
// good once and for ten minutes, redirect_uri and client secret must be the app's,
// tokens end where they are rotated, and a refresh token is good for one exchange.
//
// What it does not know: workspace-wide message limits (unpublished), other people's
// apps.
package fakeslack

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"paperboy/internal/testkit"
)

// The workspace and its app.
const (
	Team          = "T00000LAB"
	AppID         = "A0PAPERBOY"
	Bot           = "U0PAPERBOY" // the bot's user id
	BotID         = "B0PAPERBOY"
	BotToken      = "xoxb-fake-bot"
	AppToken      = "xapp-fake-app"
	SigningSecret = "fake-signing-secret"
)

// Options of a workspace. The zero value is a good one.
type Options struct {
	// Tolerance is how much too early a message may come. Default 200 ms.
	Tolerance time.Duration
	// Command is the app's slash command. Default /papers.
	Command string
	// Unknown is told of a method that the workspace does not know, as "method",
	// and of an argument, as "method.argument". nil: the test fails.
	Unknown func(what string)
	// InProcess opens no port: connections are made with Dial. For tests in a
	// synctest bubble.
	InProcess bool
	// Team is the workspace's id. Default Team.
	Team string
	// Hurried lets methods be called as often as somebody likes, for tests in
	// which a day's restarts happen in a minute. Messages keep their second.
	Hurried bool
}

// Counts is what happened so far.
type Counts struct {
	Calls       map[string]int // by method
	Opened      int            // apps.connections.open answered with a URL
	Sockets     int            // WebSockets accepted, ever
	Live        int            // WebSockets open now
	Limited     int            // 429s given, Impatient and injected ones included
	Impatient   int            // of these: calls within an earlier Retry-After
	Sent        int            // events that happened and the app listens to
	Retries     int            // deliveries of an event beyond the first
	Lost        int            // events given up after three retries
	Unanswered  int            // commands and interactions not acknowledged in 3 s
	LateAnswers int            // answers refused by a response_url: too many, too late
	UploadToken int            // uploads that sent a token to the upload URL
}

// Slack is a workspace.
type Slack struct {
	// URL of the workspace, and API what a client takes as the Web API's
	// address.
	URL, API string
	// UnfurlDomains is what the app listens to in messages.
	UnfurlDomains []string

	t      testing.TB
	opt    Options
	team   string
	org    string                    // the organisation that it belongs to; "": none
	wire   *Slack                    // whose sockets the app's events of this workspace come by; itself, or another of its Cloud
	takes  func(token string) string // the error that answers a bot's token; "": it is good
	server *httptest.Server
	pipes  *pipes          // nil: real sockets
	ctx    context.Context // ends with the test
	wg     sync.WaitGroup
	http   *http.Client // for deliveries

	mu       sync.Mutex
	changed  testkit.Bell // rung by every change
	serial   int
	lastTS   int64 // microseconds
	channels []*channel
	users    map[string]*User
	scopes   map[string]bool
	refused  string // the error that answers every call with the bot's token
	replies  map[string]*responseURL
	triggers map[string]time.Time
	views    map[string]*View // by user: Home and modal under "home "+user, "modal "+user
	files    map[string]*File
	tickets  map[string]time.Time // one-use socket URLs
	sockets  []*socket
	turn     int
	pending  map[string]chan []byte // envelopes that wait for their acknowledgement, and what it says
	target   string                 // where HTTP deliveries go; empty: Socket Mode
	pace     pace
	failures map[string][]Failure
	onCall   func(Call) *Failure
	tamper   func(kind string, payload map[string]any)
	storm    bool
	outbox   []object   // events not yet delivered
	sending  sync.Mutex // one flush at a time
	counts   Counts

	distributed bool // and so reads a page of 15 messages a minute
}

type channel struct {
	ID, Name                   string
	private, archived, deleted bool
	im                         string // the person of a direct message
	members                    []string
	messages                   []*Message
}

// User is a person of the workspace.
type User struct {
	ID, Name, RealName, Zone string
	Bot, Guest               bool
}

// New opens a workspace that closes with the test. Its app has every scope but
// chat:write.public; its only person so far is the bot.
func New(t testing.TB, options ...Options) *Slack {
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	o.Tolerance = cmp.Or(o.Tolerance, 200*time.Millisecond)
	o.Command = cmp.Or(o.Command, "/papers")
	if o.Unknown == nil {
		o.Unknown = func(what string) { t.Errorf("the app asks for %s, which this workspace does not know", what) }
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Slack{
		t: t, opt: o, ctx: ctx, team: cmp.Or(o.Team, Team),
		UnfurlDomains: []string{"arxiv.org", "huggingface.co"},
		users:         map[string]*User{Bot: {ID: Bot, Name: "paperboy", RealName: "Paperboy", Bot: true}},
		scopes:        map[string]bool{},
		replies:       map[string]*responseURL{},
		triggers:      map[string]time.Time{},
		views:         map[string]*View{},
		files:         map[string]*File{},
		tickets:       map[string]time.Time{},
		pending:       map[string]chan []byte{},
		failures:      map[string][]Failure{},
		pace:          pace{next: map[string]time.Time{}, calls: map[string][]time.Time{}, held: map[string]time.Time{}},
		counts:        Counts{Calls: map[string]int{}},
		http:          &http.Client{Timeout: ackWindow, CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect }},
	}
	s.wire = s
	s.takes = func(token string) string {
		if token != BotToken {
			return "invalid_auth"
		}
		return ""
	}
	s.Grant("commands", "chat:write", "reactions:read", "reactions:write", "channels:read", "groups:read", "im:read", "im:write", "mpim:read",
		"channels:history", "groups:history", "im:history", "app_mentions:read", "links:read", "links:write", "users:read", "files:write")
	s.server = httptest.NewUnstartedServer(s)
	if o.InProcess {
		s.server.Listener.Close()
		s.pipes = newPipes()
		s.server.Listener = s.pipes
	}
	s.server.Start()
	s.URL = s.server.URL
	s.API = s.URL + "/api/"
	t.Cleanup(func() {
		cancel()
		s.mu.Lock()
		open := slices.Clone(s.sockets)
		s.mu.Unlock()
		for _, c := range open {
			c.drop()
		}
		s.server.CloseClientConnections()
		s.server.Close()
		s.http.CloseIdleConnections()
		s.wg.Wait()
	})
	return s
}

// sleep waits; false when the test ended meanwhile.
func (s *Slack) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// Grant and Withdraw change what the app's installation may do.
func (s *Slack) Grant(scopes ...string)    { s.set(scopes, true) }
func (s *Slack) Withdraw(scopes ...string) { s.set(scopes, false) }

func (s *Slack) set(scopes []string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, scope := range scopes {
		s.scopes[scope] = on
	}
}

// provided lists the scopes of the installation. The caller holds mu.
func (s *Slack) provided() string {
	var have []string
	for scope, on := range s.scopes {
		if on {
			have = append(have, scope)
		}
	}
	slices.Sort(have)
	return strings.Join(have, ",")
}

// Refuse answers every call with the bot's token with an error: token_revoked,
// account_inactive, invalid_auth. An empty one takes the token back into use.
func (s *Slack) Refuse(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = code
}

// Counts is a copy of what happened so far.
func (s *Slack) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	c.Calls = maps.Clone(c.Calls)
	c.Live = len(s.sockets)
	return c
}

// Wait waits until something is true, looking again after every change here and
// every few milliseconds (for what the app knows), and fails the test when it is
// not in time.
func (s *Slack) Wait(what string, is func() bool) {
	s.t.Helper()
	s.changed.Wait(s.t, what, is)
}

// id makes a new identifier. The caller holds mu.
func (s *Slack) id(prefix string) string {
	s.serial++
	return fmt.Sprintf("%s%06d", prefix, s.serial)
}

// named makes the id of something with a name; Slack's have nine characters or
// more.
func named(kind, name string) string {
	name = notInIDs.ReplaceAllString(strings.ToUpper(name), "")
	return fmt.Sprintf("%s0%s%s", kind, strings.Repeat("0", max(0, 7-len(name))), name)
}

var notInIDs = regexp.MustCompile(`[^A-Z0-9]`)

// ts makes the next message or event id: seconds and microseconds, unique and
// increasing in the workspace even when the calendar stands or steps back. The
// caller holds mu.
func (s *Slack) ts() string {
	s.lastTS = max(s.lastTS+1, time.Now().UnixMicro())
	return fmt.Sprintf("%d.%06d", s.lastTS/1e6, s.lastTS%1e6)
}

// channel finds a channel by id, or nil. The caller holds mu.
func (s *Slack) channel(id string) *channel {
	for _, c := range s.channels {
		if c.ID == id && !c.deleted {
			return c
		}
	}
	return nil
}

// direct is a person's direct channel with the bot. The caller holds mu.
func (s *Slack) direct(user string) *channel {
	id := "D" + user[1:]
	if c := s.channel(id); c != nil {
		return c
	}
	c := &channel{ID: id, Name: directName, private: true, im: user, members: []string{user, Bot}}
	s.channels = append(s.channels, c)
	return c
}

func (c *channel) find(ts string) *Message {
	for _, m := range c.messages {
		if m.TS == ts && !m.Deleted && m.For == "" {
			return m
		}
	}
	return nil
}

func (c *channel) has(user string) bool { return slices.Contains(c.members, user) }

func (c *channel) kind() string {
	switch {
	case c.im != "":
		return "im"
	case strings.HasPrefix(c.Name, "mpdm-"):
		return "mpim"
	case c.private:
		return "group"
	}
	return "channel"
}

// object is a JSON object as Slack sends it.
type object = map[string]any

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only objects made here
	}
	return b
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
