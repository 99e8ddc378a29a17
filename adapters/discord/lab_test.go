package discord_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"paperboy/adapters/discord"
	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/workers"
	"paperboy/internal/fakediscord"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// simulated is a test in a synctest bubble: Discord is in this process, and its
// time passes when nobody has anything to do. With a name it is a subtest.
func simulated(t *testing.T, name string, story func(t *testing.T)) {
	t.Helper()
	if name != "" {
		t.Run(name, func(t *testing.T) { simulated(t, "", story) })
		return
	}
	t.Parallel()
	synctest.Test(t, story)
}

// lab is a server with the bot in it.
type lab struct {
	settling atomic.Bool
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
	opt     discord.Options
	of      fakediscord.Options
	ahead   atomic.Int64 // of the calendar: 0 in a bubble, where time itself passes

	between func(core.Handler) core.Handler // nil: nobody stands between

	store   *store.Store
	bot     *workers.Workers
	adapter *discord.Discord
	ended   chan struct{} // closed when the adapter has ended
	err     error         // with which it did
	stop    func() error
}

// The words of every story.
var at, seedID = testkit.At, testkit.SeedID

// newLab starts on Monday 24 November 2025, at noon in Berlin, with #papers.
func newLab(t testing.TB, change ...func(*lab)) *lab {
	t.Helper()
	l := openLab(t, change...)
	l.start()
	l.fetches() // a source's first answer is what was there before
	return l
}

// openLab is a lab in which nothing runs yet.
func openLab(t testing.TB, change ...func(*lab)) *lab {
	t.Helper()
	_, isBenchmark := t.(*testing.B)
	l := &lab{TB: t, file: filepath.Join(t.TempDir(), "paperboy.db"), log: &testkit.Log{}, source: &testkit.Wire{}, papers: testkit.SeedPage(t)}
	l.of = fakediscord.Options{
		Now: l.now, InProcess: !isBenchmark,
		Heartbeat:  15 * time.Minute, // Discord's 41 s make days long
		Identifies: 100_000,          // a test may start more often than a day allows
	}
	l.set("2025-11-24 12:00")
	for _, c := range change {
		c(l)
	}
	l.discord = fakediscord.New(t, l.of)
	l.opt = discord.Options{Token: fakediscord.Token, Now: l.now, APIURL: l.discord.API}
	if l.of.InProcess {
		l.opt.Dial = l.discord.Dial
	}
	l.guild = l.discord.Guild("lab")
	l.channel = l.guild.Channel("papers")
	l.mod = l.guild.Member("mod", fakediscord.ManageChannels)
	l.ana = l.guild.Member("ana")
	t.Cleanup(func() {
		if err := l.end(); err != nil {
			l.Error(err)
		}
		if log := l.log.String(); strings.Contains(log, fakediscord.Token) || strings.Contains(log, "interaction-token-") || strings.Contains(log, "panic") {
			l.Errorf("a secret, or a panic, in the log:\n%s", log)
		}
		if n := l.discord.Counts().NoMentions; n > 0 {
			l.Errorf("%d messages without allowed_mentions", n)
		}
	})
	return l
}

// beating lets the gateway's heart beat as fast as Discord's.
func beating(l *lab) { l.of.Heartbeat = 41 * time.Second }

// following is a channel that follows two topics on Tuesday, before its post.
func following(t testing.TB, change ...func(*lab)) *lab {
	t.Helper()
	l := newLab(t, change...)
	l.types(l.mod, "subscribe", "topic", "diffusion, lora").Wait(3) // the answer, its line, the greeting
	l.types(l.mod, "schedule", "time", "09:00", "zone", "Europe/Berlin", "days", "weekdays").Wait(2)
	l.set("2025-11-25 08:30")
	l.lists("2025-11-25", 1, 2, 3, 28, 17, 19, 5, 9)
	return l
}

// tuesday is that channel after its first post.
func tuesday(t testing.TB, change ...func(*lab)) *lab {
	t.Helper()
	l := following(t, change...)
	l.until("2025-11-25 09:00")
	return l
}

func (l *lab) now() time.Time { return time.Now().Add(time.Duration(l.ahead.Load())) }

// set moves the calendar on.
func (l *lab) set(s string) { l.passes(at(s).Sub(l.now())) }

// passes lets time pass. Outside of a bubble only the calendar goes on.
func (l *lab) passes(d time.Duration) {
	if l.of.InProcess {
		time.Sleep(d)
	} else {
		l.ahead.Add(int64(d))
	}
}

func (l *lab) tickAfter(d time.Duration) { l.Helper(); l.passes(d); l.tick() }

// start is the process starting, until it is ready.
func (l *lab) start() {
	l.Helper()
	l.begin()
	l.eventually("ready", func() bool { return l.adapter.Ready() == nil })
}

// begin is the process starting.
func (l *lab) begin() {
	l.Helper()
	var err error
	if l.store, err = store.Open(context.Background(), l.file); err != nil {
		l.Fatal(err)
	}
	l.opt.Log = slog.New(slog.NewTextHandler(l.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	l.adapter = discord.New(l.opt)
	l.bot = l.newBot()
	ctx, cancel := context.WithCancel(context.Background())
	l.ended = make(chan struct{})
	go func() {
		defer close(l.ended)
		if l.err = nil; l.between == nil {
			l.between = func(h core.Handler) core.Handler { return h }
		}
		l.err = l.adapter.Run(ctx, l.between(l.bot))
	}()
	l.stop = func() error {
		cancel()
		<-l.ended
		return l.err
	}
}

// gaveUp waits until the adapter ends by itself, and says why it did.
func (l *lab) gaveUp() (err error) {
	l.Helper()
	select {
	case <-l.ended:
	case <-time.After(time.Minute):
		l.Fatalf("it goes on for ever\n%s", l.log)
	}
	err, l.err = l.err, nil
	return err
}

// newBot is what stands behind the adapter. Only this and the verbs below it
// know what that is made of.
func (l *lab) newBot() *workers.Workers {
	return workers.New(workers.Options{
		Store: l.store, Connections: core.NewConnections(nil, l.adapter), Clock: wallclock.New(l.now), Log: l.opt.Log,
		Feed: &feed.Feed{Store: l.store, Sources: []core.Source{l.source}, Now: l.now, Log: l.opt.Log},
	})
}

// tick does what is due.
func (l *lab) tick() {
	l.Helper()
	if err := l.tickUntil(context.Background()); err != nil {
		l.Fatal(err)
	}
}

func (l *lab) tickUntil(ctx context.Context) error { return l.bot.Tick(ctx) }

func (l *lab) fetches(seen ...core.Seen) { l.Helper(); l.source.Fetches(l, l.bot, seen...) }

// asks is a moderator asking in plain words, where nobody can type.
func (l *lab) asks(c *fakediscord.Channel, words string) {
	l.Helper()
	if r := l.bot.Do(context.Background(), core.Request{Channel: l.key(c), Name: "#" + c.Name, User: core.User{Key: "discord:1", Name: "mod", Manager: true}, Text: words}); r.Failed {
		l.Fatalf("%s: %v", words, r.Card)
	}
}

func (l *lab) imports(config []byte) (channels, changed int, err error) {
	return l.bot.ImportConfig(context.Background(), config)
}

// readsVotes reads the votes of the last week again, as at every start.
func (l *lab) readsVotes() {
	l.Helper()
	if err := l.bot.ReadVotes(context.Background(), "discord"); err != nil {
		l.Fatal(err)
	}
	l.settles()
}

// settles is what the workers do by themselves a moment later: votes are read
// again where that was asked for, and messages are edited.
func (l *lab) settles() {
	l.Helper()
	if !l.settling.CompareAndSwap(false, true) {
		return // it is waited for what happens while they work
	}
	defer l.settling.Store(false)
	ctx := context.Background()
	if err := errors.Join(l.bot.RereadDue(ctx), l.bot.Post.EditDue(ctx)); err != nil {
		l.Fatal(err)
	}
}

// until moves the calendar on and does what is due then.
func (l *lab) until(s string) {
	l.Helper()
	l.set(s)
	l.tick()
}

// end is the process ending. It may have ended already.
func (l *lab) end() error {
	if l.store == nil {
		return nil
	}
	err := l.stop()
	if cerr := l.store.Close(); cerr != nil {
		l.Error(cerr)
	}
	l.store = nil
	return err
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
	if !l.of.InProcess {
		testkit.Eventually(l, l.log, what, is)
		return
	}
	for waited, step := time.Duration(0), time.Millisecond; !is(); step = min(2*step, time.Second) {
		if l.store != nil {
			l.settles()
		}
		if waited > 15*time.Minute {
			l.Fatalf("in vain waited for: %s\n%s", what, l.log)
		}
		time.Sleep(step)
		waited += step
	}
}

func (l *lab) key(c *fakediscord.Channel) core.ChannelKey {
	return core.ChannelKey{Platform: "discord", Workspace: l.guild.ID, ID: c.ID}
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

// lists is Hugging Face listing papers of the seed page, by their position.
func (l *lab) lists(day core.Date, positions ...int) {
	l.Helper()
	l.fetches(l.papers.Listed(day, positions...)...)
}

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

// pressable are the buttons of a message that do something here.
func pressable(m fakediscord.Message) (labels []string) {
	for _, b := range m.Buttons() {
		if b.URL == "" {
			labels = append(labels, b.Label)
		}
	}
	return labels
}

// command is what a command looks like that can be tapped.
func (l *lab) command(verb string) string {
	return fmt.Sprintf("</papers %s:%s>", verb, l.discord.CommandID(l.guild, "papers"))
}

// moment is what a moment looks like, for everybody in their own zone.
func moment(s string) string { return fmt.Sprintf("<t:%d:f> (<t:%[1]d:R>)", at(s).Unix()) }

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
	ch, err := l.store.EnsureChannel(context.Background(), core.Channel{Key: l.key(c)})
	if err != nil {
		l.Fatal(err)
	}
	return ch
}

// votes waits until a paper has so many.
func (l *lab) votes(n, want int) {
	l.Helper()
	ch := l.row(l.channel)
	l.eventually(fmt.Sprintf("%d votes", want), func() bool {
		tally, err := l.store.Tally(context.Background(), ch.ID, []core.PaperID{seedID(n)}, time.Time{})
		if err != nil {
			l.Fatal(err)
		}
		return tally[seedID(n)].Up == want
	})
}
