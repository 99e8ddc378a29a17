package fakeslack_test

import (
	"context"
	"io"
	"log"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"paperboy/internal/fakeslack"
)

func client(s *fakeslack.Slack, options ...slack.Option) *slack.Client {
	return slack.New(fakeslack.BotToken, append([]slack.Option{slack.OptionAPIURL(s.API), slack.OptionAppLevelToken(fakeslack.AppToken)}, options...)...)
}

// lab is a workspace with #papers, ana and ben, and the bot invited.
func lab(t *testing.T, o ...fakeslack.Options) (*fakeslack.Slack, *slack.Client, string) {
	s := fakeslack.New(t, o...)
	papers := s.Channel("papers", "pi", "ana", "ben")
	s.Invite("paperboy", "papers")
	return s, client(s), papers
}

// app is slack-go on a socket: it acknowledges everything while deaf is false,
// and remembers the events it got.
type app struct {
	mu     sync.Mutex
	events []string // event ids
	inner  []any
	deaf   bool
	ack    func(socketmode.Event) any
}

func listen(t *testing.T, s *fakeslack.Slack, options ...socketmode.Option) *app {
	a := &app{}
	ctx, cancel := context.WithCancel(context.Background())
	quiet := log.New(io.Discard, "", 0)
	smc := socketmode.New(client(s), append(options, socketmode.OptionLog(quiet))...)
	done := make(chan struct{})
	go func() { defer close(done); smc.RunContext(ctx) }()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-smc.Events:
				a.take(smc, e)
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return a
}

func (a *app) take(smc *socketmode.Client, e socketmode.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e.Request == nil || e.Request.EnvelopeID == "" {
		return
	}
	if outer, ok := e.Data.(slackevents.EventsAPIEvent); ok {
		a.events = append(a.events, outer.Data.(*slackevents.EventsAPICallbackEvent).EventID)
		a.inner = append(a.inner, outer.InnerEvent.Data)
	}
	if a.deaf {
		return
	}
	var payload any
	if a.ack != nil {
		payload = a.ack(e)
	}
	smc.Ack(*e.Request, payload)
}

func (a *app) got() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.events)
}

func (a *app) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

func TestAnAppPostsAndPeopleSee(t *testing.T) {
	s, api, papers := lab(t)
	if _, err := api.AuthTest(); err != nil {
		t.Fatal(err)
	}
	_, ts, err := api.PostMessage(papers, slack.MsgOptionText("5 papers", false), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "paperboy_digest", EventPayload: map[string]any{"key": "k1"}}),
		slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*<https://arxiv.org/abs/9912.00001|Diffusion &amp; you>*", false, true), nil,
			slack.NewAccessory(slack.NewOverflowBlockElement("more", slack.NewOptionBlockObject("bib", slack.NewTextBlockObject("plain_text", "BibTeX", false, false), nil)))),
			slack.NewActionBlock("", slack.NewButtonBlockElement("save", "9912.00001", slack.NewTextBlockObject("plain_text", "Save", false, false)))))
	if err != nil {
		t.Fatal(err)
	}
	for _, person := range []string{"ana", "ben"} {
		seen := s.Sees(person, "papers")
		if len(seen) != 1 || seen[0].TS != ts || seen[0].Reads() != "Diffusion & you" || seen[0].Key("key") != "k1" {
			t.Fatalf("%s sees %+v", person, seen)
		}
	}
	m := s.Posts("papers")[0]
	if diff := cmp.Diff([]fakeslack.Link{{URL: "https://arxiv.org/abs/9912.00001", Label: "Diffusion & you"}}, m.Links()); diff != "" {
		t.Error(diff)
	}
	if got := m.Formats(); !slices.Equal(got, []string{"bold: Diffusion & you"}) || m.Notifies() != nil {
		t.Error(got, m.Notifies())
	}
	var labels []string
	for _, b := range m.Buttons() {
		labels = append(labels, b.Label+" "+b.ActionID+" "+b.Value)
	}
	if !slices.Equal(labels, []string{"BibTeX more bib", "Save save 9912.00001"}) {
		t.Error(labels)
	}
	h, err := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: papers, IncludeAllMetadata: true, Oldest: ts, Inclusive: true})
	if err != nil || len(h.Messages) != 1 || h.Messages[0].Metadata.EventPayload["key"] != "k1" || h.Messages[0].BotID != fakeslack.BotID {
		t.Fatal(h, err)
	}
}

func TestACommandOverASocket(t *testing.T) {
	s, _, _ := lab(t)
	a := listen(t, s)
	a.ack = func(e socketmode.Event) any {
		if command, ok := e.Data.(slack.SlashCommand); ok {
			return map[string]any{"text": "You typed " + command.Text}
		}
		return nil
	}
	s.Connected(1)
	answer := s.Types("ana", "papers", "/papers diffusion")
	if got := answer.Reads(); got != "You typed diffusion" || answer.Error != "" || answer.Ack > time.Second {
		t.Errorf("%q %+v", got, answer)
	}
	if len(s.Sees("ana", "papers")) != 1 || len(s.Sees("ben", "papers")) != 0 {
		t.Error("the answer is ana's alone")
	}
	a.set(func() { a.ack = nil })
	answer = s.Types("ana", "papers", "/papers")
	for i := range 6 {
		err := slack.PostWebhook(answer.URL, &slack.WebhookMessage{Text: "line", ResponseType: "in_channel"})
		if (err != nil) != (i >= 5) {
			t.Errorf("answer %d: %v", i+1, err)
		}
	}
	if c := s.Counts(); c.LateAnswers != 1 || len(answer.Messages()) != 5 || len(s.Sees("ben", "papers")) != 5 {
		t.Error(c)
	}
}
