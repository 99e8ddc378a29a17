package fakediscord_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	fake "paperboy/internal/fakediscord"
)

// raw posts a message without any library and returns status, header and body.
func (l *lab) raw(t *testing.T, timeout time.Duration) (status int, h http.Header, text string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, "POST", l.API+"channels/"+l.papers.ID+"/messages", strings.NewReader(`{"content":"x"}`))
	r.Header = http.Header{"Authorization": {"Bot " + fake.Token}, "User-Agent": {"DiscordBot (https://example.org, 1.0)"}, "Content-Type": {"application/json"}}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, "", err
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(b), nil
}

func TestABucketHoldsFiveMessagesInFiveSeconds(t *testing.T) {
	l := open(t, fake.Options{Scale: 20})
	for i := range 6 {
		status, h, text, err := l.raw(t, time.Second)
		if err != nil || (status == 429) != (i == 5) {
			t.Fatal(i, status, text, err)
		}
		for _, name := range []string{"Limit", "Remaining", "Reset", "Reset-After", "Bucket"} {
			if h.Get("X-RateLimit-"+name) == "" {
				t.Error("no", name)
			}
		}
		if i == 5 && (h.Get("Retry-After") != "1" || h.Get("X-RateLimit-Scope") != "user" || !strings.Contains(text, `"global":false`)) {
			t.Error(h, text)
		}
	}
	l.raw(t, time.Second)
	if c := l.Counts(); c.Limited != 2 || c.Impatient != 1 || c.Invalid != 2 {
		t.Errorf("%+v", c)
	}
	l.Wait("a new bucket", func() bool { status, _, _, _ := l.raw(t, time.Second); return status == 200 })
}

func TestARequestGoesWrongInEveryWay(t *testing.T) {
	l := open(t, fast)
	count := func() int { return len(l.Posts(l.papers)) }
	for name, c := range map[string]struct {
		f      fake.Failure
		status int // 0: no answer
		stored int
	}{
		"502":              {fake.ServerError(502), 502, 0},
		"stored, then 502": {fake.ServerError(502).AfterStoring(), 502, 1},
		"reset":            {fake.Reset(), 0, 0},
		"stored, reset":    {fake.Reset().AfterStoring(), 0, 1},
		"hang":             {fake.Hang(), 0, 0},
		"HTML":             {fake.HTML(520), 520, 0},
		"refused":          {fake.Error(403, 50013, "Missing Permissions"), 403, 0},
	} {
		before := count()
		l.FailNext(fake.CreateMessage, c.f)
		status, _, _, err := l.raw(t, 300*time.Millisecond)
		if status != c.status || (err != nil) != (c.status == 0) || count()-before != c.stored {
			t.Errorf("%s: %d %v, %d stored", name, status, err, count()-before)
		}
	}
}

func TestTheFour429s(t *testing.T) {
	for name, c := range map[string]struct {
		f       fake.Failure
		scope   string
		invalid int
		others  bool // other routes go on
	}{
		"bucket":     {fake.RateLimited(time.Minute), "user", 1, true},
		"shared":     {fake.Shared(time.Minute), "shared", 0, true},
		"global":     {fake.Global(time.Minute), "global", 1, false},
		"Cloudflare": {fake.Cloudflare(time.Minute), "", 1, false},
	} {
		l := open(t)
		l.FailNext(fake.CreateMessage, c.f)
		status, h, text, err := l.raw(t, time.Second)
		if err != nil || status != 429 || h.Get("Retry-After") != "60" || h.Get("X-RateLimit-Scope") != c.scope || l.Counts().Invalid != c.invalid {
			t.Error(name, status, h, err, l.Counts())
		}
		if global := h.Get("X-RateLimit-Global") == "true"; global != (name == "global") || (h.Get("X-RateLimit-Remaining") == "0") != c.others {
			t.Error(name, h)
		}
		if strings.HasPrefix(text, "<!DOCTYPE") != (name == "Cloudflare") {
			t.Error(name, text)
		}
		if _, err := l.s.User("@me"); (err == nil) != c.others {
			t.Error(name, err)
		}
	}
}

func TestTenThousandInvalidRequestsEndInABan(t *testing.T) {
	l := open(t)
	status := 0
	for i := range 10001 {
		r := httptest.NewRequest("GET", l.API+"users/@me", nil)
		r.Header.Set("User-Agent", "DiscordBot (https://example.org, 1.0)")
		w := httptest.NewRecorder()
		l.ServeHTTP(w, r)
		if status = w.Code; status != 401 && i < 10000 {
			t.Fatal(i, status)
		}
	}
	if c := l.Counts(); status != 429 || c.Cloudflare != 1 || c.Invalid != 10001 {
		t.Errorf("%d %+v", status, c)
	}
	if _, err := l.s.Gateway(); err == nil {
		t.Error("the ban is of the address, for all that it asks")
	}
}

func TestFiftyRequestsASecondOverAllRoutes(t *testing.T) {
	l := open(t)
	for i := range 51 {
		c := l.guild.Channel("c")
		_, err := l.s.Channel(c.ID)
		if limited := new(discordgo.RateLimitError); errors.As(err, &limited) != (i == 50) {
			t.Fatal(i, err)
		}
	}
	if c := l.Counts(); c.Global != 1 || c.Limited != 1 {
		t.Errorf("%+v", c)
	}
}

func TestAnInteractionIsAnsweredInTimeOnceAndRightly(t *testing.T) {
	now := time.Date(2024, 12, 10, 9, 0, 0, 0, time.UTC)
	l := open(t, fake.Options{Now: func() time.Time { return now }, Scale: 20}).listen(t)
	if _, err := l.s.ApplicationCommandBulkOverwrite(fake.AppID, "", papers); err != nil {
		t.Fatal(err)
	}
	answers := make(chan *discordgo.Interaction, 1)
	l.reply = func(i *discordgo.Interaction) { answers <- i }
	a := l.Types(l.ana, l.papers, "today", nil)
	late := <-answers
	say := func(i *discordgo.Interaction, kind int, flags int) error {
		return l.s.InteractionRespond(i, &discordgo.InteractionResponse{Type: discordgo.InteractionResponseType(kind),
			Data: &discordgo.InteractionResponseData{Content: "x", Flags: discordgo.MessageFlags(flags)}})
	}
	if err := say(late, 4, 0); a.Error != "The application did not respond" || code(err) != 10062 {
		t.Error(a.Error, err)
	}
	errs := make(chan error, 9)
	l.reply = func(i *discordgo.Interaction) {
		errs <- say(i, 7, 0)               // no message to update
		errs <- say(i, 8, 0)               // nothing to complete
		errs <- say(i, 5, fake.FlagSilent) // only EPHEMERAL
		errs <- say(i, 5, fake.FlagEphemeral)
		errs <- say(i, 4, 0)
		l.s.FollowupMessageCreate(i, true, &discordgo.WebhookParams{Content: "private, as the deferral was"})
		l.s.FollowupMessageCreate(i, true, &discordgo.WebhookParams{Content: "for all"})
		answers <- i
	}
	a = l.Types(l.ana, l.papers, "today", nil)
	i := <-answers
	for n, want := range []int{50035, 50035, 50035, -1, 40060} {
		if got := code(<-errs); got != want {
			t.Errorf("callback %d: %d", n, got)
		}
	}
	sent := a.Wait(2)
	if sent[0].For != l.ana.ID || sent[1].For != "" || len(l.Sees(l.ben, l.papers)) != 1 {
		t.Errorf("%+v", sent)
	}
	if p := i.Member.Permissions; p&int64(fake.ManageChannels) == 0 {
		t.Errorf("ana's permissions are %d", p)
	}
	took := l.Posts(l.papers)[0]
	l.reply = func(i *discordgo.Interaction) {
		errs <- say(i, 5, fake.FlagEphemeral)
		errs <- l.s.InteractionResponseDelete(i)
		_, err := l.s.FollowupMessageCreate(i, true, &discordgo.WebhookParams{Content: "a line of its own"})
		errs <- err
		_, err = l.s.ChannelMessageEdit(l.papers.ID, took.ID, "changed")
		errs <- err
		_, err = l.s.FollowupMessageCreate(i, true, &discordgo.WebhookParams{Content: strings.Repeat("x", 2001)})
		errs <- err
		l.DeletesChannel(l.papers)
		_, err = l.s.FollowupMessageCreate(i, true, &discordgo.WebhookParams{Content: "nowhere"})
		errs <- err
		answers <- i
	}
	a = l.Types(l.ana, l.papers, "today", nil)
	<-answers
	for n, want := range []int{-1, -1, -1, -1, 50035, 10003} {
		if got := code(<-errs); got != want {
			t.Errorf("call %d: %d", n, got)
		}
	}
	if sent := a.Messages(); len(sent) != 1 || sent[0].For != "" {
		t.Errorf("%+v", sent)
	}
	now = now.Add(16 * time.Minute)
	text := "late"
	if _, err := l.s.InteractionResponseEdit(i, &discordgo.WebhookEdit{Content: &text}); code(err) != 50027 {
		t.Error(err)
	}
	if c := l.Counts(); c.Unanswered != 1 || c.Late != 1 || c.Twice != 1 {
		t.Errorf("%+v", c)
	}
	for verb, options := range map[string]map[string]any{"nothing": nil, "subscribe": nil, "today": {"x": 1}} {
		if l.Types(l.ana, l.papers, verb, options).Error == "" {
			t.Error("Discord's input lets through", verb, options)
		}
	}
}

func TestAPressChangesItsMessageAndAnswersCanBeChanged(t *testing.T) {
	l := open(t, fake.Options{Scale: 20}).listen(t)
	if _, err := l.post(l.papers, body{"content": "x", "components": buttons(1, nil)}); err != nil {
		t.Fatal(err)
	}
	m := l.Posts(l.papers)[0]
	errs := make(chan error, 9)
	respond := func(i *discordgo.Interaction, kind int, data *discordgo.InteractionResponseData) {
		errs <- l.s.InteractionRespond(i, &discordgo.InteractionResponse{Type: discordgo.InteractionResponseType(kind), Data: data})
	}
	l.reply = func(i *discordgo.Interaction) {
		respond(i, 7, &discordgo.InteractionResponseData{Content: strings.Repeat("x", 2001)})
		respond(i, 7, &discordgo.InteractionResponseData{Content: "pressed"})
	}
	a := l.Presses(l.ana, m, "b")
	if err := <-errs; code(err) != 50035 || !strings.Contains(err.Error(), `"data":{"content"`) {
		t.Error(err)
	}
	if err := <-errs; err != nil || !a.Updated || l.Message(m).Content != "pressed" {
		t.Error(err, l.Message(m))
	}
	l.reply = func(i *discordgo.Interaction) {
		respond(i, 4, &discordgo.InteractionResponseData{})
		respond(i, 4, &discordgo.InteractionResponseData{Content: "said"})
		more, err := l.s.FollowupMessageCreate(i, true, &discordgo.WebhookParams{Content: "more", Flags: discordgo.MessageFlagsEphemeral})
		errs <- err
		text := "changed"
		_, err = l.s.FollowupMessageEdit(i, more.ID, &discordgo.WebhookEdit{Content: &text})
		errs <- err
		_, err = l.s.ChannelMessage(l.papers.ID, more.ID)
		errs <- err // it is for one, and not in the channel
		_, err = l.s.FollowupMessageEdit(i, m.ID, &discordgo.WebhookEdit{Content: &text})
		errs <- err
		errs <- l.s.FollowupMessageDelete(i, more.ID)
	}
	a = l.PressesOld(l.ana, m, "0") // discordgo took the button away
	for n, want := range []int{50006, -1, -1, -1, 10008, 10008, -1} {
		if err := <-errs; code(err) != want {
			t.Error(n, err)
		}
	}
	if got := a.Messages(); len(got) != 1 || got[0].Reads() != "said" {
		t.Errorf("%+v", got)
	}
	if a := l.Presses(l.ana, m, "nothing"); a.Error == "" {
		t.Error("there is no such button")
	}
}
