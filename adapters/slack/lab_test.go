package slack_test

import (
	"bytes"
	"context"
	"fmt"
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
	"paperboy/internal/fakeslack"
	"paperboy/internal/shared"
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
	log    *syncBuffer
	source *wire
	papers map[core.PaperID]core.Paper
	opt    slack.Options

	store   *store.Store
	bot     *core.Bot
	adapter *slack.Slack
	stop    func() error

	mu  sync.Mutex
	now time.Time
}

var berlin = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return loc
}()

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
	if err != nil {
		panic(err)
	}
	return t
}

// newLab starts on Monday 24 November 2025, at noon in Berlin, with #papers.
func newLab(t testing.TB, change ...func(*slack.Options)) *lab {
	t.Helper()
	l := &lab{TB: t, file: filepath.Join(t.TempDir(), "paperboy.db"), log: &syncBuffer{}, source: &wire{}, papers: seedPage(t), now: at("2025-11-24 12:00")}
	l.opt = slack.Options{BotToken: fakeslack.BotToken, AppToken: fakeslack.AppToken, Command: "/papers", Scale: scale, Now: l.clock}
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

func (l *lab) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *lab) set(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = at(s)
}

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
	l.bot = core.NewBot(core.Options{
		Store: l.store, Platforms: []core.Platform{l.adapter}, Now: l.clock, Log: log,
		Ingest: &core.Ingest{Store: l.store, Sources: []core.Source{l.source}, Now: l.clock, Log: log},
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
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(10 * time.Second)
	defer limit.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-limit.C:
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

func (l *lab) tick() {
	l.Helper()
	if err := l.bot.Tick(context.Background()); err != nil {
		l.Fatal(err)
	}
}

// lists is Hugging Face listing papers of the seed page, by their position.
func (l *lab) lists(day core.Date, positions ...int) {
	l.Helper()
	var seen []core.Seen
	for i, n := range positions {
		p := l.papers[seedID(n)]
		p.Sources = []string{"hf"}
		seen = append(seen, core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: day, Rank: i + 1}})
	}
	l.fetches(seen...)
}

func (l *lab) fetches(seen ...core.Seen) {
	l.Helper()
	l.source.set(seen...)
	if err := l.bot.Fetch(context.Background()); err != nil {
		l.Fatal(err)
	}
	l.source.set()
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

func (l *lab) sees(what string, words ...string) {
	l.Helper()
	for _, w := range words {
		if !strings.Contains(what, w) {
			l.Errorf("%q is missing in:\n%s", w, what)
		}
	}
}

func (l *lab) doesNotSee(what string, words ...string) {
	l.Helper()
	for _, w := range words {
		if strings.Contains(what, w) {
			l.Errorf("%q should not be in:\n%s", w, what)
		}
	}
}

// votes waits until a paper has so many.
func (l *lab) votes(n, want int) {
	l.Helper()
	ch, err := l.store.Channel(context.Background(), core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: fakeslack.Team, ID: l.paper(n).Channel}})
	if err != nil {
		l.Fatal(err)
	}
	got := -1
	l.eventually(fmt.Sprintf("%d votes", want), func() bool {
		t, err := l.store.Tally(context.Background(), ch.ID, []core.PaperID{seedID(n)}, time.Time{})
		if err != nil {
			l.Fatal(err)
		}
		got = t[seedID(n)].Up
		return got == want
	})
}

func seedID(n int) core.PaperID { return core.PaperID(fmt.Sprintf("9912.%05d", n)) }

// seedPage are the 33 papers of the page it started from.
func seedPage(t testing.TB) map[core.PaperID]core.Paper {
	type entry struct {
		ID, Title, Abstract, Published string
		NAuthors                       int `json:"n_authors"`
	}
	out := map[core.PaperID]core.Paper{}
	for _, row := range shared.Values[entry](t, "seed_page.jsonl", shared.All) {
		p := core.Paper{ID: core.PaperID(row.ID), Title: row.Title, Abstract: row.Abstract, Published: core.Date(row.Published)}
		for i := range row.NAuthors {
			p.Authors = append(p.Authors, string(rune('A'+i))+". Author")
		}
		out[p.ID] = p
	}
	return out
}

// wire is a source that sends what the test says.
type wire struct {
	mu    sync.Mutex
	batch []core.Seen
}

func (s *wire) set(batch ...core.Seen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batch = batch
}

func (*wire) Name() string { return "huggingface" }
func (s *wire) Fetch(context.Context, core.Date, core.Date) (core.Batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := core.Batch{Seen: s.batch}
	for _, seen := range s.batch {
		b.Newest = max(b.Newest, seen.Sighting.Day)
	}
	return b, nil
}
func (*wire) Due(time.Time) core.Date { return "" }
func (*wire) Complete(day core.Date) time.Time {
	return day.AddDays(1).Time(time.UTC).Add(150 * time.Minute)
}

// syncBuffer is a log that several goroutines write.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
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

func logger(w *syncBuffer) *slog.Logger {
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
