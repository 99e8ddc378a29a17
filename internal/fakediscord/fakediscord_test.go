package fakediscord_test

import (
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"go.uber.org/goleak"

	"paperboy/internal/fakediscord"
)

// discordgo may go on reconnecting after its Close.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/bwmarrin/discordgo.(*Session).reconnect"))
}

// rewrite sends discordgo's requests to the fake.
type rewrite struct{ to *url.URL }

func (t rewrite) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = t.to.Scheme, t.to.Host, ""
	return http.DefaultTransport.RoundTrip(r)
}

func session(t *testing.T, d *fakediscord.Discord) *discordgo.Session {
	s, err := discordgo.New("Bot " + fakediscord.Token)
	if err != nil {
		t.Fatal(err)
	}
	to, _ := url.Parse(d.URL)
	s.Client = &http.Client{Transport: rewrite{to}, Timeout: 5 * time.Second}
	s.MaxRestRetries, s.ShouldRetryOnRateLimit, s.StateEnabled, s.SyncEvents = 0, false, false, true
	s.Identify.Intents = discordgo.IntentsGuilds | discordgo.IntentsGuildMessageReactions
	s.LogLevel = -1
	return s
}

// lab is a guild with #papers, ana and ben, and a bot on the gateway that
// remembers what it hears.
type lab struct {
	*fakediscord.Discord
	s        *discordgo.Session
	guild    *fakediscord.Guild
	papers   *fakediscord.Channel
	ana, ben *fakediscord.Member

	mu    sync.Mutex
	heard []string
	reply func(*discordgo.Interaction)
}

func open(t *testing.T, o ...fakediscord.Options) *lab {
	d := fakediscord.New(t, o...)
	l := &lab{Discord: d, s: session(t, d), guild: d.Guild("lab")}
	l.papers = l.guild.Channel("papers")
	l.ana, l.ben = l.guild.Member("ana", fakediscord.ManageChannels), l.guild.Member("ben")
	return l
}

// listen connects discordgo.
func (l *lab) listen(t *testing.T) *lab {
	l.s.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.heard = append(l.heard, e.Type)
		if i, ok := e.Struct.(*discordgo.InteractionCreate); ok && l.reply != nil {
			go l.reply(i.Interaction)
		}
	})
	if err := l.s.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.s.Close() })
	l.Connected(1)
	return l
}

func (l *lab) hears(event string, n int) {
	l.Wait(event, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(slices.DeleteFunc(slices.Clone(l.heard), func(s string) bool { return s != event })) == n
	})
}

var papers = []*discordgo.ApplicationCommand{
	{Name: "papers", Description: "Papers", Options: []*discordgo.ApplicationCommandOption{
		{Type: 1, Name: "subscribe", Description: "Follow a topic", Options: []*discordgo.ApplicationCommandOption{
			{Type: 3, Name: "topic", Description: "What", Required: true, Autocomplete: true},
			{Type: 4, Name: "min", Description: "Least upvotes"}}},
		{Type: 1, Name: "today", Description: "Today's papers"}}},
	{Name: "Save", Type: discordgo.MessageApplicationCommand},
}

func TestABotPostsAndAnswers(t *testing.T) {
	l := open(t).listen(t)
	if me, err := l.s.User("@me"); err != nil || me.ID != fakediscord.Bot {
		t.Fatal(me, err)
	}
	if _, err := l.s.ApplicationCommandBulkOverwrite(fakediscord.AppID, l.guild.ID, papers); err != nil {
		t.Fatal(err)
	}
	sent, err := l.s.ChannelMessageSendComplex(l.papers.ID, &discordgo.MessageSend{Content: "@everyone read", Embeds: []*discordgo.MessageEmbed{{Title: "Diffusion"}},
		Components: []discordgo.MessageComponent{discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.Button{Label: "Save", CustomID: "save:1", Style: 2}}}}})
	if err != nil {
		t.Fatal(err)
	}
	m := l.Posts(l.papers)[0]
	if m.ID != sent.ID || m.Reads() != "@everyone read\nDiffusion" || !slices.Equal(m.Notifies(), []string{"@everyone"}) {
		t.Errorf("%+v %v", m, m.Notifies())
	}

	l.reply = func(i *discordgo.Interaction) {
		if i.Type == discordgo.InteractionApplicationCommandAutocomplete {
			l.s.InteractionRespond(i, &discordgo.InteractionResponse{Type: 8, Data: &discordgo.InteractionResponseData{
				Choices: []*discordgo.ApplicationCommandOptionChoice{{Name: "diffusion", Value: "t1"}}}})
			return
		}
		l.s.InteractionRespond(i, &discordgo.InteractionResponse{Type: 5, Data: &discordgo.InteractionResponseData{Flags: discordgo.MessageFlagsEphemeral}})
		text := "done"
		l.s.InteractionResponseEdit(i, &discordgo.WebhookEdit{Content: &text})
	}
	a := l.Types(l.ana, l.papers, "subscribe", map[string]any{"topic": "diffusion", "min": 20})
	if got := a.Reads(); got != "done" || !a.Ephemeral || !a.Deferred || a.Error != "" {
		t.Errorf("%q %+v", got, a)
	}
	own := a.Messages()[0]
	if len(l.Sees(l.ana, l.papers)) != 2 || len(l.Sees(l.ben, l.papers)) != 1 {
		t.Error("the answer is ana's alone")
	}
	if got := l.Completes(l.ana, l.papers, "subscribe", "topic", "dif"); len(got) != 1 || got[0].Value != "t1" {
		t.Error(got)
	}
	if got := l.Presses(l.ben, m, "Save").Reads(); got != "done" {
		t.Error(got)
	}
	if got := l.Menu(l.ben, m, "Save").Reads(); got != "done" {
		t.Error(got)
	}
	for _, burst := range []bool{false, true} {
		if err := l.Reacts(l.ben, m, "👍", burst); err != nil {
			t.Error(err)
		}
	}
	l.Unreacts(l.ben, m, "👍")
	l.hears("MESSAGE_REACTION_ADD", 2)
	l.hears("MESSAGE_REACTION_REMOVE", 1)
	if err := l.Reacts(l.ana, own, "👍"); err == nil || l.Presses(l.ben, own, "Save").Error == "" || l.Menu(l.ben, own, "Save").Error == "" {
		t.Error("what is for one takes no reactions, and nothing of others", err)
	}
	voters, err := l.s.MessageReactions(l.papers.ID, m.ID, "👍", 100, "", "")
	if err != nil || len(voters) != 0 {
		t.Error("only the burst reaction is left, in its own list", voters, err)
	}
}
