package pictures

import (
	"context"
	"encoding/json"
	"errors"
	"html/template"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/adapters/discord"
	"paperboy/adapters/slack"
	"paperboy/adapters/web/skins"
	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/workers"
	"paperboy/internal/catalogue"
	"paperboy/internal/fakediscord"
	"paperboy/internal/fakeslack"
	"paperboy/internal/polite"
	"paperboy/internal/recordings"
	"paperboy/internal/replay"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/sources/huggingface"
	"paperboy/store"
)

// page is what somebody looks at: a channel, an answer, a view.
type page struct {
	skin  *skins.Skin
	name  string // of its files
	where string // over it
	shown []template.HTML
}

// lab has one bot on both platforms, each with a channel that follows the same.
type lab struct {
	testing.TB
	log     *testkit.Log
	source  *testkit.Wire
	bot     *workers.Workers
	slack   *fakeslack.Slack
	discord *fakediscord.Discord
	guild   *fakediscord.Guild
	channel *fakediscord.Channel
	mod     *fakediscord.Member
	names   map[string]string
	pages   []page
}

// The morning that is shown, and the day on which the channels are set up.
const (
	topics  = "diffusion, agent*"
	eve     = "2026-04-09 12:00"
	listed  = core.Date("2026-04-10")
	morning = "2026-04-10 09:00"
)

func (l *lab) until(s string) { time.Sleep(time.Until(testkit.At(s))) }

// eventually waits for what the adapters do by themselves.
func (l *lab) eventually(what string, is func() bool) {
	l.Helper()
	for end := time.Now().Add(10 * time.Minute); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			l.Fatalf("in vain waited for: %s\n%s", what, l.log)
		}
	}
}

// opens has the bot run on both platforms, until it is closed.
func (l *lab) opens() (stop func()) {
	l.Helper()
	l.log, l.source = &testkit.Log{}, &testkit.Wire{}
	log := slog.New(slog.NewTextHandler(l.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := store.Open(context.Background(), filepath.Join(l.TempDir(), "paperboy.db"))
	if err != nil {
		l.Fatal(err)
	}
	l.slack = fakeslack.New(l, fakeslack.Options{InProcess: true})
	l.discord = fakediscord.New(l, fakediscord.Options{Now: time.Now, InProcess: true, Heartbeat: 15 * time.Minute})
	l.slack.Channel("papers", "pi", "ana", "ben", "cem")
	l.guild = l.discord.Guild("lab")
	l.channel = l.guild.Channel("papers")
	l.mod = l.guild.Member("pi", fakediscord.ManageChannels)
	l.names = map[string]string{l.mod.ID: "pi", l.channel.ID: "papers"}

	sl := slack.New(slack.Options{BotToken: fakeslack.BotToken, AppToken: fakeslack.AppToken, Command: "/papers", Now: time.Now, Log: log, APIURL: l.slack.API, Dial: l.slack.Dial})
	dc := discord.New(discord.Options{Token: fakediscord.Token, Now: time.Now, Log: log, APIURL: l.discord.API, Dial: l.discord.Dial})
	l.bot = workers.New(workers.Options{
		Store: s, Connections: core.NewConnections(nil, sl, dc), Clock: wallclock.New(time.Now), Log: log,
		Feed: &feed.Feed{Store: s, Sources: []core.Source{l.source}, Now: time.Now, Log: log},
	})
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- sl.Run(ctx, l.bot) }()
	go func() { ended <- dc.Run(ctx, l.bot) }()
	l.eventually("ready", func() bool { return sl.Ready() == nil && dc.Ready() == nil })
	return func() {
		end()
		if err := errors.Join(<-ended, <-ended, s.Close()); err != nil {
			l.Error(err)
		}
	}
}

// tell runs the story from its evening to the answers of the morning.
func (l *lab) tell(days map[core.Date][]core.Seen) {
	l.Helper()
	l.until(eve)
	defer l.opens()()
	guild := l.guild
	busy := guild.Channel("busy") // which follows the same in one message a morning
	l.slack.Channel("busy", "pi")
	ana, ben := guild.Member("ana"), guild.Member("ben")
	l.names[ana.ID], l.names[ben.ID] = "ana", "ben"

	for _, day := range slices.Sorted(maps.Keys(days)) {
		if day < listed {
			l.source.Fetches(l, l.bot, days[day]...)
		}
	}
	l.slack.Invite("paperboy", "papers")
	l.slack.Wait("the greeting", func() bool { return len(l.slack.Posts("papers")) == 1 })
	l.show(skins.Slack, "first", "# papers", l.ofSlack(l.slack.Posts("papers")...)...)
	greeting := l.slack.Posts("papers")[0]
	for _, w := range []struct{ name, label string }{{"preview-window", "Preview a topic"}, {"time-window", "Set time"}} {
		l.slack.Presses("pi", greeting, w.label)
		l.eventually(w.name, func() bool { _, ok := l.slack.Modal("pi"); return ok })
		v, _ := l.slack.Modal("pi")
		l.show(skins.Slack, w.name, "# papers", l.draw(skins.Slack, skins.Message{Body: encode(v.JSON())}))
		l.slack.Closes("pi")
	}
	l.slack.Types("pi", "papers", "/papers subscribe "+topics).Wait(2)
	l.slack.Types("pi", "papers", "/papers schedule 09:00 Europe/Berlin weekdays").Wait(1)
	first := l.asks("subscribe", "topic", topics)
	l.show(skins.Discord, "first", "# papers", l.ofDiscord("pi used /papers subscribe", first...)...)
	for _, w := range []struct{ name, label string }{{"preview-window", "Preview a topic"}, {"time-window", "Set time"}} {
		a := l.discord.Presses(l.mod, first[len(first)-1], w.label)
		l.eventually(w.name, func() bool { return a.Modal() != nil })
		l.show(skins.Discord, w.name, "# papers", l.draw(skins.Discord, skins.Message{Body: encode(a.Modal())}))
	}
	l.asks("schedule", "time", "09:00", "zone", "Europe/Berlin", "days", "weekdays")

	l.slack.Invite("paperboy", "busy")
	l.slack.Wait("the other greeting", func() bool { return len(l.slack.Posts("busy")) == 1 })
	for _, command := range []string{"subscribe " + topics, "schedule 09:00 Europe/Berlin weekdays", "settings layout:cards"} {
		l.slack.Types("pi", "busy", "/papers "+command).Wait(1)
		time.Sleep(5 * time.Second)
	}
	papers := l.channel
	l.channel = busy
	l.asks("subscribe", "topic", topics)
	l.asks("schedule", "time", "09:00", "zone", "Europe/Berlin", "days", "weekdays")
	l.asks("settings", "layout", "cards")
	l.channel = papers

	l.until("2026-04-10 08:30")
	l.source.Fetches(l, l.bot, days[listed]...)
	l.until(morning)
	before, beside := len(l.slack.Posts("papers")), len(l.discord.Posts(l.channel))
	earlier, elsewhere := len(l.slack.Posts("busy")), len(l.discord.Posts(busy))
	if err := l.bot.Tick(context.Background()); err != nil {
		l.Fatal(err)
	}
	posts, others := l.slack.Posts("papers")[before:], l.discord.Posts(l.channel)[beside:]
	if len(posts) < 2 || len(others) < 2 {
		l.Fatalf("at 09:00 there are %d messages on Slack and %d on Discord\n%s", len(posts), len(others), l.log)
	}
	l.slack.Reacts("ana", posts[1], "+1")
	l.slack.Reacts("ben", posts[1], "+1")
	l.slack.Reacts("cem", posts[1], "bookmark")
	l.discord.Reacts(ana, others[1], "👍")
	l.discord.Reacts(ben, others[1], "👍")
	l.discord.Reacts(l.mod, others[1], "🔖")
	l.until("2026-04-10 09:05")
	if err := l.bot.Tick(context.Background()); err != nil { // what was counted is shown
		l.Fatal(err)
	}
	l.show(skins.Slack, "daily", "# papers", l.ofSlack(l.slack.Posts("papers")[before:]...)...)
	l.show(skins.Discord, "daily", "# papers", l.ofDiscord("", l.discord.Posts(l.channel)[beside:]...)...)

	l.show(skins.Slack, "cards", "# busy", l.ofSlack(l.slack.Posts("busy")[earlier:]...)...)
	l.show(skins.Discord, "cards", "# busy", l.ofDiscord("", l.discord.Posts(busy)[elsewhere:]...)...)

	for _, a := range []struct{ name, typed, verb, option, value string }{
		{"search", "diffusion since:30d", "search", "query", "diffusion"},
		{"today", "today", "today", "", ""},
		{"help", "help", "help", "", ""},
		{"list", "list", "list", "", ""},
		{"preview", "preview lora", "preview", "topic", "lora"},
		{"settings", "settings", "settings", "", ""},
		{"status", "status", "status", "", ""},
		{"error", "subscribe diffusion -", "subscribe", "topic", "diffusion -"},
	} {
		l.answers(a.name, a.typed, a.verb, a.option, a.value)
	}
	l.slack.OpensHome("ana")
	l.eventually("her home", func() bool { _, ok := l.slack.Home("ana"); return ok })
	home, _ := l.slack.Home("ana")
	l.show(skins.Slack, "home", "Paperboy · Home", l.draw(skins.Slack, skins.Message{Body: encode(home.JSON())}))
}

// answers shows what a command is answered on both platforms.
func (l *lab) answers(name, typed, verb, option, value string) {
	l.Helper()
	l.show(skins.Slack, name, "# papers", l.ofSlack(l.slack.Types("ana", "papers", "/papers "+typed).Wait(1)...)...)
	options := []any{}
	if option != "" {
		options = append(options, option, value)
	}
	l.show(skins.Discord, name, "# papers", l.ofDiscord("pi used /papers "+verb, l.asks(verb, options...)...)...)
}

// asks is pi's command on Discord, and what was answered.
func (l *lab) asks(verb string, options ...any) []fakediscord.Message {
	l.Helper()
	filled := map[string]any{}
	for i := 0; i < len(options); i += 2 {
		filled[options[i].(string)] = options[i+1]
	}
	a := l.discord.Types(l.mod, l.channel, verb, filled)
	if a.Error != "" {
		l.Fatalf("%s: %s\n%s", verb, a.Error, l.log)
	}
	a.Wait(1)
	time.Sleep(5 * time.Second) // and what follows it
	return a.Messages()
}

func (l *lab) show(s *skins.Skin, name, where string, shown ...template.HTML) {
	l.pages = append(l.pages, page{s, name, where, shown})
}

// draw draws a message, and looks whether all of it is there.
func (l *lab) draw(s *skins.Skin, m skins.Message) template.HTML {
	l.Helper()
	drawn, err := s.Draw(m, skins.Reader{Now: time.Now().In(testkit.Berlin), Names: l.names})
	if err != nil {
		l.Fatal(err)
	}
	testkit.Drawn(l, s.Title, string(drawn), m.Body)
	return drawn
}

// slackEmoji are Slack's names of the emoji that people give here.
var slackEmoji = map[string]string{"+1": "👍", "bookmark": "🔖", "-1": "👎"}

func (l *lab) ofSlack(ms ...fakeslack.Message) (drawn []template.HTML) {
	l.Helper()
	for _, m := range ms {
		body := map[string]any{"text": m.Text}
		if len(m.Blocks) > 0 {
			body["blocks"] = m.Blocks
		}
		d := skins.Message{Body: encode(body), Author: "Paperboy", App: true, At: sent(m.TS), Only: m.For != "", Replies: replies(len(l.slack.Thread(m)))}
		for _, r := range m.Reactions {
			d.Reactions = append(d.Reactions, skins.Reaction{Emoji: slackEmoji[r.Name], Count: len(r.Users)})
		}
		drawn = append(drawn, l.draw(skins.Slack, d))
	}
	return drawn
}

// ofDiscord draws messages; asked is what the first of them answers.
func (l *lab) ofDiscord(asked string, ms ...fakediscord.Message) (drawn []template.HTML) {
	l.Helper()
	for i, m := range ms {
		d := skins.Message{Body: encode(map[string]any{"content": m.Content, "embeds": m.Embeds, "components": m.Components, "flags": m.Flags}),
			Author: "Paperboy", App: true, At: m.Sent, Only: m.For != ""}
		if i == 0 {
			d.Asked = asked
		}
		if t := l.discord.Thread(m); t != nil {
			d.Replies = strings.TrimSpace(t.Name + " · " + replies(len(l.discord.Posts(t))))
		}
		for _, r := range m.Reactions {
			d.Reactions = append(d.Reactions, skins.Reaction{Emoji: r.Emoji, Count: len(r.Normal), Mine: slices.Contains(r.Normal, l.mod.ID)})
		}
		drawn = append(drawn, l.draw(skins.Discord, d))
	}
	return drawn
}

// sent is the moment that a message's id is made of.
func sent(ts string) time.Time {
	seconds, _, _ := strings.Cut(ts, ".")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		panic(err) // it is the fake's
	}
	return time.Unix(unix, 0)
}

func replies(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 reply"
	}
	return strconv.Itoa(n) + " replies"
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // it came as JSON
	}
	return b
}

// tells is a test in a bubble, whose clock the story moves; then its pages are
// painted, their names after a prefix.
func tells(t *testing.T, prefix string, days map[core.Date][]core.Seen) {
	l := &lab{TB: t}
	synctest.Test(t, func(t *testing.T) {
		l.TB = t
		l.tell(days)
	})
	for i, p := range l.pages {
		if len(p.shown) == 0 {
			t.Errorf("%s %s shows nothing", p.skin.Title, p.name)
		}
		l.pages[i].name = prefix + p.name
	}
	paint(t, l.pages)
}

func TestAMorningAsPeopleSeeIt(t *testing.T) { tells(t, "", catalogue.Days()) }

// The same day as Hugging Face had it, with the authors' abstracts: how long it
// gets. Its pictures are to look at, not to keep.
func TestARecordedMorningAsPeopleSeeIt(t *testing.T) {
	r, err := replay.FromDir(recordings.Dir(t))
	if err != nil {
		t.Fatal(err)
	}
	r.Now = func() time.Time { return testkit.At(morning).AddDate(0, 0, 1) } // when the list was whole
	hf := huggingface.New("https://huggingface.co", &polite.Client{Transport: r}, r.Now)
	batch, err := hf.Fetch(t.Context(), listed.AddDays(-14), listed)
	if err != nil {
		t.Fatal(err)
	}
	days := map[core.Date][]core.Seen{}
	for _, s := range batch.Seen {
		days[s.Sighting.Day] = append(days[s.Sighting.Day], s)
	}
	tells(t, "recorded-", days)
}
