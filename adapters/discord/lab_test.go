package discord_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"paperboy/adapters/discord"
	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/old"
	"paperboy/internal/fakediscord"
	"paperboy/internal/testkit"
	"paperboy/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scale is how much faster Discord's time runs here: its second is 50 ms.
const scale = 20

// lab is a server with the bot in it, and a calendar that the test moves.
type lab struct {
	testing.TB
	discord *fakediscord.Discord
	guild   *fakediscord.Guild
	channel *fakediscord.Channel
	mod     *fakediscord.Member // may manage channels
	ana     *fakediscord.Member // may not
	file    string
	log     *testkit.Log
	source  *testkit.Wire
	papers  testkit.Page
	clock   testkit.Clock
	opt     discord.Options

	store   *store.Store
	bot     *old.Bot
	adapter *discord.Discord
	stop    func() error
	buried  sync.WaitGroup
}

// The words of every story.
var at, seedID = testkit.At, testkit.SeedID

// newLab starts on Monday 24 November 2025, at noon in Berlin, with #papers.
func newLab(t testing.TB, change ...func(*discord.Options)) *lab {
	t.Helper()
	l := &lab{TB: t, file: filepath.Join(t.TempDir(), "paperboy.db"), log: &testkit.Log{}, source: &testkit.Wire{}, papers: testkit.SeedPage(t)}
	l.set("2025-11-24 12:00")
	l.opt = discord.Options{Token: fakediscord.Token, Scale: scale, Now: l.clock.Now}
	for _, c := range change {
		c(&l.opt)
	}
	l.discord = fakediscord.New(t, fakediscord.Options{
		Scale: l.opt.Scale, Now: l.clock.Now, Heartbeat: 500 * time.Millisecond,
		Identifies: 100_000, // a test may start more often than a day allows
	})
	l.opt.APIURL = l.discord.API
	l.guild = l.discord.Guild("lab")
	l.channel = l.guild.Channel("papers")
	l.mod = l.guild.Member("mod", fakediscord.ManageChannels)
	l.ana = l.guild.Member("ana")
	l.start()
	l.fetches() // a source's first answer is what was there before
	t.Cleanup(func() {
		if err := l.end(); err != nil {
			l.Error(err)
		}
		l.buried.Wait()
		if log := l.log.String(); strings.Contains(log, fakediscord.Token) || strings.Contains(log, "interaction-token-") || strings.Contains(log, "panic") {
			l.Errorf("a secret, or a panic, in the log:\n%s", log)
		}
		if n := l.discord.Counts().NoMentions; n > 0 {
			l.Errorf("%d messages without allowed_mentions", n)
		}
	})
	return l
}

// following is the channel of the journeys on Tuesday, before its post.
func following(t testing.TB, change ...func(*discord.Options)) *lab {
	t.Helper()
	l := newLab(t, change...)
	l.types(l.mod, "subscribe", "topic", "diffusion, lora").Wait(3) // the answer, its line, the greeting
	l.types(l.mod, "schedule", "time", "09:00", "zone", "Europe/Berlin", "days", "weekdays").Wait(2)
	l.set("2025-11-25 08:30")
	l.lists("2025-11-25", 1, 2, 3, 28, 17, 19, 5, 9)
	return l
}

// tuesday is that channel after its first post.
func tuesday(t testing.TB, change ...func(*discord.Options)) *lab {
	t.Helper()
	l := following(t, change...)
	l.until("2025-11-25 09:00")
	return l
}

func (l *lab) set(s string)              { l.clock.Set(at(s)) }
func (l *lab) passes(d time.Duration)    { l.clock.Set(l.clock.Now().Add(d)) }
func (l *lab) tickAfter(d time.Duration) { l.passes(d); l.tick() }

// start is the process starting, until it is ready.
func (l *lab) start() {
	l.Helper()
	ended := l.begin()
	l.eventually("ready", func() bool { return l.adapter.Ready() == nil || len(ended) > 0 })
}

func (l *lab) begin() (ended chan error) {
	l.Helper()
	var err error
	if l.store, err = store.Open(context.Background(), l.file); err != nil {
		l.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(l.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	l.opt.Log = log
	l.adapter = discord.New(l.opt)
	l.bot = old.NewBot(old.Options{
		Store: l.store, Connections: core.NewConnections(nil, l.adapter), Now: l.clock.Now, Log: log,
		Ingest: &feed.Feed{Store: l.store, Sources: []core.Source{l.source}, Now: l.clock.Now, Log: log},
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended = make(chan error, 1)
	go func() { ended <- l.adapter.Run(ctx, l.bot) }()
	l.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	return ended
}

// end is the process ending.
func (l *lab) end() error {
	err := l.stop()
	if cerr := l.store.Close(); cerr != nil {
		l.Error(cerr)
	}
	return err
}

// dies is the process ending without a word, at whatever point it is.
func (l *lab) dies() {
	stop, store := l.stop, l.store
	l.buried.Go(func() {
		_ = stop() // discordgo takes a second for its farewell
		store.Close()
	})
}

func (l *lab) restart() {
	l.Helper()
	if err := l.end(); err != nil {
		l.Error(err)
	}
	l.start()
}

// eventually waits for what does not happen in the server.
func (l *lab) eventually(what string, is func() bool) {
	l.Helper()
	testkit.Eventually(l, l.log, what, is)
}

// types fills a command in: name, value, name, value …
func (l *lab) types(who *fakediscord.Member, verb string, options ...any) *fakediscord.Answer {
	l.Helper()
	return l.typesIn(l.channel, who, verb, options...)
}

func (l *lab) typesIn(c *fakediscord.Channel, who *fakediscord.Member, verb string, options ...any) *fakediscord.Answer {
	l.Helper()
	filled := map[string]any{}
	for i := 0; i < len(options); i += 2 {
		filled[options[i].(string)] = options[i+1]
	}
	a := l.discord.Types(who, c, verb, filled)
	if a.Error != "" {
		l.Fatalf("%s %v: %s\n%s", verb, options, a.Error, l.log)
	}
	return a
}

// doctor is what the doctor says.
func (l *lab) doctor() (said string) {
	l.Helper()
	channels, err := l.store.Channels(context.Background())
	if err != nil {
		l.Fatal(err)
	}
	for _, f := range discord.New(l.opt).Examine(context.Background(), channels) {
		said += f.Check + ": " + f.Detail + "\n"
	}
	return said
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

// posted are the papers' messages in a channel and in its threads.
func (l *lab) postedIn(c *fakediscord.Channel) (papers []fakediscord.Message) {
	all := l.discord.Posts(c)
	for _, t := range l.discord.Threads(c) {
		all = append(all, l.discord.Posts(t)...)
	}
	for _, m := range all {
		if m.Interaction == "" && link(m) != "" {
			papers = append(papers, m)
		}
	}
	return papers
}

func (l *lab) posted() []fakediscord.Message { return l.postedIn(l.channel) }

// link is the address in a paper's title.
func link(m fakediscord.Message) string {
	for _, e := range m.Embeds {
		if u, _ := e["url"].(string); u != "" {
			return u
		}
	}
	return ""
}

// header is the channel's last header.
func (l *lab) header() fakediscord.Message {
	l.Helper()
	posts := l.discord.Posts(l.channel)
	for i := len(posts) - 1; i >= 0; i-- {
		if posts[i].Interaction == "" && link(posts[i]) == "" {
			return posts[i]
		}
	}
	l.Fatal("there is no header")
	return fakediscord.Message{}
}

// paper is the message of the nth paper of the seed page.
func (l *lab) paper(n int) fakediscord.Message { l.Helper(); return l.paperIn(l.channel, n) }

func (l *lab) paperIn(c *fakediscord.Channel, n int) fakediscord.Message {
	l.Helper()
	for _, m := range l.postedIn(c) {
		if strings.HasSuffix(link(m), string(seedID(n))) {
			return m
		}
	}
	l.Fatalf("paper %d was not posted\n%s", n, l.log)
	return fakediscord.Message{}
}

func (l *lab) once(want int) {
	l.Helper()
	n := map[string]int{}
	for _, m := range l.posted() {
		n[link(m)]++
	}
	for u, times := range n {
		if times != 1 {
			l.Errorf("%s was posted %d times", u, times)
		}
	}
	if len(n) != want {
		l.Errorf("%d papers, want %d\n%s", len(n), want, l.log)
	}
}

func (l *lab) sees(what string, words ...string) {
	l.Helper()
	testkit.Sees(l, plainly(what), words...)
}

func (l *lab) doesNotSee(what string, words ...string) {
	l.Helper()
	testkit.DoesNotSee(l, plainly(what), words...)
}

// plainly is markdown without backslashes and marks.
func plainly(s string) string {
	return strings.NewReplacer("\\", "", "**", "", "`", "").Replace(s)
}

func (l *lab) row(c *fakediscord.Channel) core.Channel {
	l.Helper()
	ch, err := l.store.Channel(context.Background(), core.Channel{Key: core.ChannelKey{Platform: "discord", Workspace: l.guild.ID, ID: c.ID}})
	if err != nil {
		l.Fatal(err)
	}
	return ch
}

// votes waits until a paper has so many.
func (l *lab) votes(n, want int) {
	l.Helper()
	testkit.Votes(l, l.log, l.store, core.ChannelKey{Platform: "discord", Workspace: l.guild.ID, ID: l.channel.ID}, seedID(n), want)
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
