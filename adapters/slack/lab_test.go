package slack_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"paperboy/adapters/slack"
	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/workers"
	"paperboy/internal/fakeslack"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scale is how much faster Slack's time runs here: its second is 100 ms.
const scale = 10

// lab is a workspace with the bot in it, and a calendar that the test moves.
type lab struct {
	testing.TB
	slack  *fakeslack.Slack
	file   string
	log    *testkit.Log
	source *testkit.Wire
	papers testkit.Page
	clock  testkit.Clock
	opt    slack.Options

	store   *store.Store
	bot     *workers.Workers
	adapter *slack.Slack
	stop    func() error
}

// The words of every story.
var at, seedID = testkit.At, testkit.SeedID

// newLab starts on Monday 24 November 2025, at noon in Berlin, with #papers.
func newLab(t testing.TB, change ...func(*slack.Options)) *lab {
	t.Helper()
	l := &lab{TB: t, file: filepath.Join(t.TempDir(), "paperboy.db"), log: &testkit.Log{}, source: &testkit.Wire{}, papers: testkit.SeedPage(t)}
	l.set("2025-11-24 12:00")
	l.opt = slack.Options{BotToken: fakeslack.BotToken, AppToken: fakeslack.AppToken, Command: "/papers", Scale: scale, Now: l.clock.Now}
	for _, c := range change {
		c(&l.opt)
	}
	l.slack = fakeslack.New(t, fakeslack.Options{Scale: l.opt.Scale})
	l.opt.APIURL = l.slack.API
	l.slack.Channel("papers", "pi", "ana", "ben", "cem")
	l.start()
	l.fetches() // a source's first answer is what was there before
	t.Cleanup(func() { l.end() })
	return l
}

// inChannel is a lab whose bot was invited to #papers.
func inChannel(t *testing.T, change ...func(*slack.Options)) *lab {
	t.Helper()
	l := newLab(t, change...)
	l.slack.Invite("paperboy", "papers")
	l.slack.Wait("the greeting", func() bool { return len(l.slack.Posts("papers")) == 1 })
	return l
}

// following is the channel of the journeys on Tuesday, before its post.
func following(t *testing.T, change ...func(*slack.Options)) *lab {
	t.Helper()
	l := inChannel(t, change...)
	l.types("pi", "subscribe diffusion, lora").Wait(2)
	l.types("pi", "schedule 09:00 Europe/Berlin weekdays").Wait(1)
	l.set("2025-11-25 08:30")
	l.lists("2025-11-25", 1, 2, 3, 28, 17, 19, 5, 9)
	return l
}

// tuesday is that channel after its first post.
func tuesday(t *testing.T, change ...func(*slack.Options)) *lab {
	t.Helper()
	l := following(t, change...)
	l.until("2025-11-25 09:00")
	return l
}

func (l *lab) set(s string) { l.clock.Set(at(s)) }

// start is the process starting.
func (l *lab) start() {
	l.Helper()
	var err error
	if l.store, err = store.Open(context.Background(), l.file); err != nil {
		l.Fatal(err)
	}
	log := logger(l.log)
	l.opt.Log = log
	l.adapter = slack.New(l.opt)
	l.bot = workers.New(workers.Options{
		Store: l.store, Connections: core.NewConnections(nil, l.adapter), Clock: wallclock.New(l.clock.Now), Log: log,
		Feed: &feed.Feed{Store: l.store, Sources: []core.Source{l.source}, Now: l.clock.Now, Log: log},
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.adapter.Run(ctx, l.bot) }()
	l.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	if l.opt.AppToken != "" {
		l.eventually("ready", func() bool { return l.adapter.Ready() == nil || l.slack.Counts().Opened == 0 && len(ended) > 0 })
	}
}

// end is the process ending.
func (l *lab) end() error {
	err := l.stop()
	if cerr := l.store.Close(); cerr != nil {
		l.Error(cerr)
	}
	return err
}

func (l *lab) restart() {
	l.Helper()
	l.end()
	l.start()
}

// eventually waits for what does not happen in the workspace.
func (l *lab) eventually(what string, is func() bool) {
	l.Helper()
	testkit.Eventually(l, l.log, what, is)
}

func (l *lab) types(who, words string) *fakeslack.Answer {
	l.Helper()
	return l.slack.Types(who, "papers", strings.TrimSpace("/papers "+words))
}

// until moves the calendar on and does what is due then.
func (l *lab) until(s string) {
	l.Helper()
	l.set(s)
	l.tick()
}

func (l *lab) tick() {
	l.Helper()
	if err := l.bot.Tick(context.Background()); err != nil {
		l.Fatal(err)
	}
}

// lists is Hugging Face listing papers of the seed page, by their position.
func (l *lab) lists(day core.Date, positions ...int) {
	l.Helper()
	l.fetches(l.papers.Listed(day, positions...)...)
}

func (l *lab) fetches(seen ...core.Seen) { l.Helper(); l.source.Fetches(l, l.bot, seen...) }

// posted are the papers' messages in #papers and in the header's thread, in the
// order they were sent.
func (l *lab) posted() (papers []fakeslack.Message) {
	for _, m := range l.slack.Posts("papers") {
		if isPaper(m) {
			papers = append(papers, m)
		}
		for _, r := range l.slack.Thread(m) {
			if isPaper(r) {
				papers = append(papers, r)
			}
		}
	}
	return papers
}

func isPaper(m fakeslack.Message) bool {
	key := m.Key("key")
	return key != "" && !strings.Contains(key, "@")
}

func titlesOf(ms []fakeslack.Message) (ts []string) {
	for _, m := range ms {
		ts = append(ts, m.Links()[0].URL)
	}
	return ts
}

// paper is the message of the nth paper of the seed page.
func (l *lab) paper(n int) fakeslack.Message {
	l.Helper()
	for _, m := range l.posted() {
		if strings.HasSuffix(m.Key("key"), "/"+string(seedID(n))) {
			return m
		}
	}
	l.Fatalf("paper %d was not posted", n)
	return fakeslack.Message{}
}

func (l *lab) sees(what string, words ...string) { l.Helper(); testkit.Sees(l, what, words...) }

func (l *lab) doesNotSee(what string, words ...string) {
	l.Helper()
	testkit.DoesNotSee(l, what, words...)
}

// votes waits until a paper has so many.
func (l *lab) votes(n, want int) {
	l.Helper()
	testkit.Votes(l, l.log, l.store, core.ChannelKey{Platform: "slack", Workspace: fakeslack.Team, ID: l.paper(n).Channel}, seedID(n), want)
}

// overHTTP lets the workspace send signed requests instead of using sockets.
func overHTTP(o *slack.Options) { o.AppToken, o.SigningSecret = "", fakeslack.SigningSecret }

// serve opens the adapter's address to the workspace.
func (l *lab) serve() {
	mux := http.NewServeMux()
	for path, h := range l.adapter.Handlers() {
		mux.Handle(path, h)
	}
	l.slack.DeliverIn(mux)
	l.eventually("ready", func() bool { return l.adapter.Ready() == nil })
}

func logger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func newStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "paperboy.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// hurried is a lab where a minute of Slack's lasts a second.
func hurried(o *slack.Options) { o.Scale = 60 }
