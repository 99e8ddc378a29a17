package slack_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"paperboy/adapters/slack"
	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/say"
	"paperboy/core/workers"
	"paperboy/internal/fakeslack"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
	l.opt = slack.Options{BotToken: fakeslack.BotToken, AppToken: fakeslack.AppToken, Command: "/papers", Now: l.clock.Now}
	for _, c := range change {
		c(&l.opt)
	}
	l.slack = fakeslack.New(t, fakeslack.Options{InProcess: true})
	l.opt.APIURL, l.opt.Dial = l.slack.API, l.slack.Dial
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
	l.opt.Log = logger(l.log)
	l.adapter = slack.New(l.opt)
	l.bot = newBot(l)
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

// newBot is the bot behind the adapter. Only it and the verbs below know of what
// the bot is made.
func newBot(l *lab) *workers.Workers {
	return workers.New(workers.Options{
		Store: l.store, Connections: core.NewConnections(nil, l.adapter), Clock: wallclock.New(l.clock.Now), Log: l.opt.Log,
		Feed: &feed.Feed{Store: l.store, Sources: []core.Source{l.source}, Now: l.clock.Now, Log: l.opt.Log},
	})
}

// tick does what is due.
func (l *lab) tick() {
	l.Helper()
	if err := l.tickIn(context.Background()); err != nil {
		l.Fatal(err)
	}
}

func (l *lab) tickIn(ctx context.Context) error { return l.bot.Tick(ctx) }

// fetches is a fetch to which Hugging Face sends these papers.
func (l *lab) fetches(seen ...core.Seen) { l.Helper(); l.source.Fetches(l, l.bot, seen...) }

// reads adds a source.
func (l *lab) reads(s core.Source) { l.bot.Feed.Sources = append(l.bot.Feed.Sources, s) }

// readVotes reads the reactions of the last week again, as at every start.
func (l *lab) readVotes() {
	l.Helper()
	if err := l.bot.ReadVotes(context.Background(), slack.Name); err != nil {
		l.Fatal(err)
	}
	l.settles()
}

// settles is what the workers do by themselves a moment later: votes are read
// again where that was asked for, and messages are edited.
func (l *lab) settles() {
	l.Helper()
	ctx := context.Background()
	if err := errors.Join(l.bot.RereadDue(ctx), l.bot.Post.EditDue(ctx)); err != nil {
		l.Fatal(err)
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

// eventually waits ten minutes of the bubble for something.
func (l *lab) eventually(what string, is func() bool) {
	l.Helper()
	for end := time.Now().Add(10 * time.Minute); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			l.Fatalf("in vain waited for: %s\n%s", what, l.log)
		}
	}
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

// lists is Hugging Face listing papers of the seed page, by their position.
func (l *lab) lists(day core.Date, positions ...int) {
	l.Helper()
	l.fetches(l.papers.Listed(day, positions...)...)
}

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
	ch, err := l.store.EnsureChannel(context.Background(), core.Channel{Key: core.ChannelKey{Platform: slack.Name, Workspace: fakeslack.Team, ID: l.paper(n).Channel}})
	if err != nil {
		l.Fatal(err)
	}
	l.eventually(fmt.Sprintf("%d votes", want), func() bool {
		tally, err := l.store.Tally(context.Background(), ch.ID, []core.PaperID{seedID(n)}, time.Time{})
		if err != nil {
			l.Fatal(err)
		}
		return tally[seedID(n)].Up == want
	})
}

// overHTTP lets the workspace send signed requests instead of using sockets.
func overHTTP(o *slack.Options) { o.AppToken, o.SigningSecret = "", fakeslack.SigningSecret }

// serve opens the adapter's address to the workspace.
func (l *lab) serve() {
	delivers(l.slack, l.adapter)
	l.eventually("ready", func() bool { return l.adapter.Ready() == nil })
}

func delivers(workspace *fakeslack.Slack, to *slack.Slack) {
	mux := http.NewServeMux()
	for path, h := range to.Handlers() {
		mux.Handle(path, h)
	}
	workspace.DeliverIn(mux)
}

func logger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// nobody is a bot that knows nothing and says nothing.
type nobody struct{}

func (nobody) Do(context.Context, core.Request) core.Reply                  { return core.Reply{} }
func (nobody) Press(context.Context, core.Press) core.Reply                 { return core.Reply{} }
func (nobody) Form(context.Context, core.Press) (core.Form, bool)           { return core.Form{}, false }
func (nobody) Check(context.Context, core.Submission) map[string]say.Text   { return nil }
func (nobody) Submit(context.Context, core.Submission) core.Reply           { return core.Reply{} }
func (nobody) Complete(context.Context, core.Partial) []core.Choice         { return nil }
func (nobody) Home(context.Context, core.Installation, core.User) core.Card { return core.Card{} }
func (nobody) Left(context.Context, core.ChannelKey) error                  { return nil }
func (nobody) Removed(context.Context, core.Installation) error             { return nil }
func (nobody) Returned(context.Context, core.Installation) error            { return nil }
func (nobody) React(context.Context, core.Reaction) error                   { return nil }
func (nobody) ReadVotes(context.Context, string, ...string) error           { return nil }
func (nobody) ReadVotesOn(context.Context, core.ChannelKey, string) error   { return nil }
func (nobody) Present(context.Context, string, func(string) bool) error     { return nil }
func (nobody) PaperOf(context.Context, core.ChannelKey, string) (core.PaperID, bool) {
	return "", false
}
func (nobody) Unfurl(context.Context, core.ChannelKey, string) (core.Card, bool) {
	return core.Card{}, false
}
func (nobody) Joined(context.Context, core.ChannelKey, string, bool) (core.Card, error) {
	return core.Card{}, nil
}
func (nobody) Welcome(context.Context, core.ChannelKey, string, core.User) (core.Card, bool) {
	return core.Card{}, false
}
