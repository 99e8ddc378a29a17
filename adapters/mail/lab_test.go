package mail_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"paperboy/adapters/mail"
	"paperboy/adapters/web"
	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/say"
	"paperboy/core/subscription"
	"paperboy/core/workers"
	"paperboy/internal/fakemail"
	"paperboy/internal/testkit"
	"paperboy/store"
)

var at = testkit.At

// lab is a channel, #papers, in a chat in memory, a mail server, and the bot between.
type lab struct {
	*testing.T
	now    time.Time
	file   string
	store  *store.Store
	bot    *workers.Workers
	room   *web.Room
	source *testkit.Wire
	papers testkit.Page
	server *fakemail.Server
	subs   *subscription.Subscriptions
	mail   *mail.Mail
	conns  *core.Connections
	reads  func() (bool, error) // whether ana can read #papers
	log    testkit.Log
	dkim   mail.DKIM

	change func(*mail.Options)
}

// clock stands where the test set it, and nobody waits for it.
type clock struct{ l *lab }

func (c clock) Now() time.Time { return c.l.now }

func (c clock) After(time.Duration) (<-chan struct{}, func()) {
	over := make(chan struct{})
	close(over)
	return over, func() {}
}

// reader is the chat, which knows who reads what.
type reader struct {
	*web.Room
	l *lab
}

func (r reader) CanRead(context.Context, core.ChannelKey, core.User) (bool, error) {
	return r.l.reads()
}

const address = "ana@example.net"

// newLab starts on Monday 24 November 2025, at noon in Berlin. #papers follows LoRA,
// and its post comes at nine.
func newLab(t *testing.T, change ...func(*mail.Options)) *lab {
	t.Helper()
	key := ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
	l := &lab{
		T: t, now: at("2025-11-24 12:00"), file: filepath.Join(t.TempDir(), "paperboy.db"), source: &testkit.Wire{}, papers: testkit.SeedPage(t),
		server: fakemail.New(t, false), reads: func() (bool, error) { return true, nil }, change: func(*mail.Options) {},
		dkim: mail.DKIM{Domain: "example.org", Selector: "papers", Key: crypto.Signer(key)},
	}
	if len(change) > 0 {
		l.change = change[0]
	}
	l.room = web.NewRoom(clock{l}.Now, "papers", "b")
	l.start()
	l.source.Fetches(t, l.bot)
	t.Cleanup(func() { l.store.Close() })
	l.says("subscribe lora")
	l.says("schedule 09:00 Europe/Berlin daily")
	return l
}

// start makes the bot on the database, as a process does that was just started.
func (l *lab) start() {
	l.Helper()
	var err error
	if l.store, err = store.Open(l.Context(), l.file); err != nil {
		l.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&l.log, nil))
	l.conns = core.NewConnections(log, reader{l.room, l})
	l.subs = subscription.New(subscription.Options{Store: l.store, Connections: l.conns, Platform: mail.Name, PublicURL: "https://papers.example.org/", Now: clock{l}.Now})
	o := mail.Options{
		URL: l.server.URL(), From: "papers@example.org", DKIM: l.dkim, Ledger: l.store, Subscriptions: l.subs, Now: clock{l}.Now, Log: log,
		Dial: l.server.Dial, Roots: l.server.Roots,
	}
	l.change(&o)
	if l.mail, err = mail.New(o); err != nil {
		l.Fatal(err)
	}
	l.conns.Add(l.mail)
	l.bot = workers.New(workers.Options{
		Store: l.store, Connections: l.conns, Clock: clock{l}, Log: log, Subscriber: l.subs,
		Feed: &feed.Feed{Store: l.store, Sources: []core.Source{l.source}, Now: clock{l}.Now, Log: log},
	})
}

func (l *lab) restart() {
	l.Helper()
	l.store.Close()
	l.start()
}

var papers = core.ChannelKey{Platform: "web", Workspace: "T1", ID: "papers"}

func (l *lab) says(words string) string { l.Helper(); return text(l.reply("ana", words).Card) }

func (l *lab) reply(who, words string) core.Reply {
	l.Helper()
	return l.bot.Do(l.Context(), core.Request{Channel: papers, Name: "#papers", User: core.User{Key: "web:" + who, Name: who}, Text: words})
}

func text(c core.Card) string {
	var b strings.Builder
	for _, t := range append(append([]say.Text{{{Text: c.Title}}}, c.Lines...), c.Context...) {
		b.WriteString(t.String() + "\n")
	}
	return b.String()
}

// until moves the clock on and does what is due then.
func (l *lab) until(moment string) {
	l.Helper()
	l.now = at(moment)
	if err := l.bot.Tick(l.Context()); err != nil {
		l.Fatal(err)
	}
}

// morning is a day of papers, and nine o'clock.
func (l *lab) morning(day string) {
	l.Helper()
	l.now = at(day + " 08:00")
	l.source.Fetches(l, l.bot, l.papers.Fresh(l.now)...)
	l.until(day + " 09:00")
}

// subscribed is ana with a mail every day at nine.
func (l *lab) subscribed() {
	l.Helper()
	l.says("mail " + address + " 09:00 Europe/Berlin daily")
	l.until("2025-11-24 12:01")
	if code, page := l.asks(http.MethodPost, l.link("confirm"), ""); code != http.StatusOK {
		l.Fatal(code, page)
	}
}

// mails are what the server took, but the confirmation.
func (l *lab) mails() (out []letter) {
	l.Helper()
	for _, m := range l.server.Taken() {
		if x := read(l, m); !strings.Contains(x.header.Get("Subject"), "Confirm") {
			out = append(out, x)
		}
	}
	return out
}

// letter is a message, taken apart by another reader than the one that wrote it.
type letter struct {
	fakemail.Message
	header     netmail.Header
	text, html string
}

func (x letter) subject(t testing.TB) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(x.header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t testing.TB, taken fakemail.Message) letter {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(string(taken.Raw)))
	if err != nil {
		t.Fatal(err)
	}
	x := letter{Message: taken, header: m.Header}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	decode := func(r io.Reader, encoding string) string {
		if strings.EqualFold(encoding, "quoted-printable") {
			r = quotedprintable.NewReader(r)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(b), "\r\n", "\n")
	}
	if kind == "text/plain" {
		x.text = decode(m.Body, m.Header.Get("Content-Transfer-Encoding"))
		return x
	}
	if kind != "multipart/alternative" {
		t.Fatalf("it is %s", kind)
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return x
		} else if err != nil {
			t.Fatal(err)
		}
		body := decode(p, p.Header.Get("Content-Transfer-Encoding"))
		switch kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); kind {
		case "text/plain":
			x.text = body
		case "text/html":
			x.html = body
		}
	}
}

var links = regexp.MustCompile(`https://papers\.example\.org(/mail/\w+\?t=\S+)`)

// link is the newest link of a kind that came by mail.
func (l *lab) link(kind string) (link string) {
	l.Helper()
	for _, m := range l.server.Taken() {
		for _, found := range links.FindAllStringSubmatch(read(l, m).text, -1) {
			if strings.Contains(found[1], "/"+kind+"?") {
				link = found[1]
			}
		}
	}
	if link == "" {
		l.Fatalf("no link to %s came", kind)
	}
	return link
}

// ticket is what #papers' page has for its form.
func (l *lab) ticket() string {
	l.Helper()
	ch, err := l.store.ChannelByKey(l.Context(), papers)
	if err != nil {
		l.Fatal(err)
	}
	ticket, err := l.subs.Ticket(l.Context(), ch)
	if err != nil {
		l.Fatal(err)
	}
	return ticket
}

// asks is a browser, or a mail program, at one of the pages.
func (l *lab) asks(method, path, form string) (code int, page string) {
	l.Helper()
	mux := http.NewServeMux()
	for pattern, h := range l.mail.Handlers() {
		mux.Handle(pattern, h)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(form))
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// known reports whether the store has a word of an address.
func (l *lab) known() bool {
	l.Helper()
	channels, err := l.store.Channels(l.Context())
	if err != nil {
		l.Fatal(err)
	}
	for _, ch := range channels {
		if ch.Key.Platform == mail.Name {
			return true
		}
	}
	return false
}

func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// headers are what a page is sent with.
func (l *lab) headers(path string) http.Header {
	l.Helper()
	mux := http.NewServeMux()
	for pattern, h := range l.mail.Handlers() {
		mux.Handle(pattern, h)
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Header()
}

// forgetful are subscriptions that know none.
func forgetful() *subscription.Subscriptions {
	return subscription.New(subscription.Options{Store: nothing{}, Platform: mail.Name, Now: time.Now})
}

type nothing struct{ subscription.Store }

func (nothing) Note(context.Context, string) (string, error) { return "a key", nil }
