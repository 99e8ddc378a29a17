// Package fakediscord is a Discord for tests: guilds with channels, forums and
// members, one app and its bot, behind the real REST API (v10) and the
// gateway, on a loopback address or, for tests in a synctest bubble, in this
// process. Tests move its people ("ana types", "ben reacts") and look at what
// each of them sees; the bot under test talks to it with its own client.
//
// It answers exactly the calls that Paperboy makes; any other fails the test.
//
// It is as strict as Discord, so that what passes here passes there. It
// refuses, with Discord's own status and code:
//
//   - requests without "Authorization: Bot …" (401) or without "User-Agent:
//     DiscordBot (…)" (Cloudflare's 403); interaction callbacks and follow-ups
//     need no token, and their own dies after 15 minutes (50027).
//   - what the bot may not do in that channel, computed from roles, overwrites
//     and Discord's implications: no VIEW_CHANNEL is 50001, the rest 50013.
//     Without READ_MESSAGE_HISTORY a list of messages is empty, as documented;
//     without EMBED_LINKS embeds beside a text, and in edits, vanish in silence.
//     It hears only of channels that it sees, and reads strangers' words only
//     when they mention it (it cannot have MESSAGE_CONTENT).
//   - messages beyond Discord's limits (form.go: 50035 with its tree of fields),
//     empty ones (50006), posts in a forum's root (40058), posts and edits in
//     locked threads, edits and reactions in archived ones (50083), too many edits
//     of old messages (30046), replies without history (160002), a second thread
//     on a message (160004), a forum post without a required tag (40067).
//   - callbacks after three seconds (10062), second ones (40060), of a type that
//     the interaction does not take: a modal only as the first answer to a command
//     or to something pressed, and never to a modal.
//   - select menus with the same value twice, with buttons beside them or more than
//     25 options; modals of more than five parts, or with anything in them that no
//     modal holds.
//   - commands beyond their limits: names, 25 options, 25 choices, 8000
//     characters, 200 creates a day.
//   - more requests than a route's bucket or 50 a second hold: 429 with all of
//     its headers; a request within a Retry-After is refused again and counted
//     as Impatient. 10,000 invalid requests in 10 minutes end in Cloudflare's
//     ban. Discord publishes no bucket sizes: those in routes are its usual ones.
//   - on the gateway: unknown tokens (4004), privileged intents (4014), identifies
//     closer than 5 s in their window (op 9), more than 1000 of them (the token is reset), missed
//     heartbeats (4009), more than 120 events a minute (4008), big payloads (4002).
//     Sessions end by the client's close codes 1000 and 1001, by 4007 and 4009,
//     and after some minutes offline. A shard that is none is 4010, and one with
//     too many guilds 4011; a session hears its shard's guilds alone.
//
// A nonce with enforce_nonce returns the author's earlier message, of whatever
// channel, for some minutes; then it is forgotten. Without allowed_mentions a
// message notifies whom it names: ask Message.Notifies. Where Discord publishes
// no unit, the fake takes the stricter one (lengths are UTF-16 units).
//
// What it does not know: components V2, webhooks other than
// those of interactions, direct messages, voice, threads that archive by
// themselves (tests archive them), slowmode (it does not touch bots).
package fakediscord

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"paperboy/internal/testkit"
)

// The app, its bot and its secret.
const (
	AppID = "100000000000000001"
	Bot   = "100000000000000001" // the bot's user id, equal to its application's as in new apps
	Token = "MTAwMDAwMDAwMDAwMDAwMDAx.fake.token"
)

// Options of a Discord. The zero value is a good one.
type Options struct {
	// Now is the calendar: ids, message times, the life of nonces and tokens.
	// Rate limits, deadlines and sessions keep the wall's clock.
	Now func() time.Time
	// Heartbeat is the interval that hello asks for, on the wall's clock.
	// Default 1 s.
	Heartbeat time.Duration
	// Identifies is what is left of the day's 1000. Default 1000.
	Identifies int
	// InProcess opens no port: connections go through Dial. For tests in a
	// synctest bubble.
	InProcess bool
	// Shards is how many of them Discord asks for, and Concurrency how many may be
	// identified in five seconds, each in its own window. Default 1.
	Shards, Concurrency int
	// PerShard is how many guilds a shard may have: more are 4011. Default 2500.
	PerShard int
	// Hurried lets everything be read as often as somebody likes, for
	// tests in which a day's restarts happen in a minute.
	Hurried bool
}

// Counts is what happened so far.
type Counts struct {
	Calls           map[string]int // by route, "POST /channels/{channel}/messages"
	Limited         int            // 429s given, those below and injected ones included
	Global          int            // of these: over all routes
	Cloudflare      int            // of these: HTML pages
	Impatient       int            // of these: within an earlier Retry-After
	Invalid         int            // 401, 403 and 429 (but shared ones)
	NoMentions      int            // messages, edits and answers without allowed_mentions
	NonceHits       int            // creates that found their nonce's earlier message
	Connections     int            // WebSockets accepted, ever
	Identifies      int            // op 2 received
	Early           int            // of these: before their window was open
	Ready           int            // sessions begun
	Resumes         int            // sessions taken up again
	Astray          int            // of these: elsewhere than READY's resume_gateway_url says
	Dispatched      int            // events that happened while a session lived
	Unanswered      int            // interactions without a callback in 3 s
	Late            int            // callbacks refused with 10062
	CommandsCreated int            // commands that were new by name
}

// Discord is one Discord with one app.
type Discord struct {
	// URL is its address, and API what a client takes as api_url.
	URL, API string

	t         testing.TB
	opt       Options
	server    *httptest.Server
	second    *httptest.Server // the same at another address, for resuming
	listeners []*memory        // where InProcess
	mux       *http.ServeMux
	ctx       context.Context // ends with the test
	wg        sync.WaitGroup

	mu           sync.Mutex
	changed      testkit.Bell // rung by every change
	lastID       int64
	guilds       []*Guild
	byID         map[string]*Guild
	channels     map[string]*Channel
	users        map[string]*Member // by id, over all guilds
	commands     map[string][]object
	created      map[string][]time.Time // creates of commands, by guild or ""
	nonces       map[string]remembered
	interactions map[string]*interaction // by token
	given        map[string][]byte       // files that members gave with commands, by path
	lost         string                  // a name: who asks for such files is not answered
	sessions     map[string]*session
	conns        []*conn
	founded      int64             // guilds
	identified   map[int]time.Time // by window
	left         int               // identifies
	revoked      bool
	helloOnly    int
	repeat       int
	buckets      map[string]*bucket
	global       bucket
	held         map[string]holding
	limits       map[string]Limit
	invalid      []time.Time
	failures     map[string][]Failure
	onCall       func(Call) *Failure
	counts       Counts
}

type remembered struct {
	m  *Message
	at time.Time
}

// New opens a Discord that closes with the test. It has no guild yet.
func New(t testing.TB, options ...Options) *Discord {
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	o.Heartbeat = cmp.Or(o.Heartbeat, time.Second)
	o.Identifies = cmp.Or(o.Identifies, 1000)
	o.Shards, o.Concurrency, o.PerShard = cmp.Or(o.Shards, 1), cmp.Or(o.Concurrency, 1), cmp.Or(o.PerShard, 2500)
	if o.Now == nil {
		o.Now = time.Now
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &Discord{
		t: t, opt: o, mux: http.NewServeMux(), ctx: ctx, left: o.Identifies,
		byID:         map[string]*Guild{},
		channels:     map[string]*Channel{},
		users:        map[string]*Member{},
		commands:     map[string][]object{},
		created:      map[string][]time.Time{},
		nonces:       map[string]remembered{},
		interactions: map[string]*interaction{},
		given:        map[string][]byte{},
		sessions:     map[string]*session{},
		identified:   map[int]time.Time{},
		buckets:      map[string]*bucket{},
		held:         map[string]holding{},
		limits:       map[string]Limit{},
		failures:     map[string][]Failure{},
		counts:       Counts{Calls: map[string]int{}},
	}
	d.users[Bot] = &Member{ID: Bot, Name: "paperboy", bot: true, d: d}
	for pattern := range routes {
		d.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { d.serve(w, &request{Request: r, route: pattern}) })
	}
	d.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		d.t.Errorf("a call that nobody is known to make: %s %s", r.Method, r.URL.Path)
		answer(w, refuse(404, 0, "404: Not Found"), nil)
	})
	d.server, d.second = d.serveAt("127.0.0.1:8001"), d.serveAt("127.0.0.1:8002")
	d.URL = d.server.URL
	d.API = d.URL + "/api/v10/"
	t.Cleanup(func() {
		d.mu.Lock()
		cancel() // no connection begins after this
		d.mu.Unlock()
		d.Drops()
		for _, s := range []*httptest.Server{d.server, d.second} {
			s.CloseClientConnections()
			s.Close()
		}
		d.wg.Wait()
	})
	return d
}

// serveAt is a server at an address in this process, or at one of the machine's.
func (d *Discord) serveAt(in address) *httptest.Server {
	if !d.opt.InProcess {
		return httptest.NewServer(d)
	}
	m := listen(in)
	d.listeners = append(d.listeners, m)
	s := &httptest.Server{Listener: m, Config: &http.Server{Handler: d}}
	s.Start()
	return s
}

// Counts is a copy of what happened so far.
func (d *Discord) Counts() Counts {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.counts
	c.Calls = maps.Clone(c.Calls)
	return c
}

// Wait waits until something is true, looking again after every change here and
// every few milliseconds (for what the bot knows), and fails the test when it is
// not in time.
func (d *Discord) Wait(what string, is func() bool) {
	d.t.Helper()
	if !d.opt.InProcess {
		d.changed.Wait(d.t, what, is)
		return
	}
	// In a bubble a sleep ends when nobody else has anything to do.
	for waited, step := time.Duration(0), time.Millisecond; !is(); step = min(2*step, time.Second) {
		if waited > 15*time.Minute {
			d.t.Fatalf("in vain waited for: %s", what)
		}
		time.Sleep(step)
		waited += step
	}
}

// epoch is the first millisecond of 2015, from which snowflakes count; foundation
// the id before the first guild's, of 2016.
const (
	epoch      = 1420070400000
	foundation = 31536000000 << 22
)

// id makes a snowflake of now: unique and increasing even when the calendar
// stands or steps back. The caller holds mu.
func (d *Discord) id() string {
	d.lastID = max(d.lastID+1, (d.opt.Now().UnixMilli()-epoch)<<22)
	return strconv.FormatInt(d.lastID, 10)
}

// newer compares snowflakes.
func newer(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }

// object is a JSON object as Discord sends it.
type object = map[string]any

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only objects made here
	}
	return b
}

// str, num, list and obj read a field of a decoded object; absent, null and
// wrongly typed ones are empty.
func str(o object, key string) string { s, _ := o[key].(string); return s }
func num(o object, key string) int    { n, _ := o[key].(float64); return int(n) }
func flag(o object, key string) bool  { b, _ := o[key].(bool); return b }
func obj(o object, key string) object { v, _ := o[key].(object); return v }
func list(o object, key string) []object {
	all, _ := o[key].([]any)
	objects := make([]object, len(all))
	for i, v := range all {
		objects[i], _ = v.(object)
	}
	return objects
}

func words(o object, key string) (out []string) {
	all, _ := o[key].([]any)
	for _, v := range all {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func without[T comparable](all []T, v T) []T {
	return slices.DeleteFunc(slices.Clone(all), func(x T) bool { return x == v })
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n")
}
