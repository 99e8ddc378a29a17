package fakeslack_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"paperboy/internal/fakeslack"
)

func TestHomeAndModals(t *testing.T) {
	s, api, _ := lab(t)
	a := listen(t, s)
	var got slack.InteractionCallback
	a.ack = func(e socketmode.Event) any {
		got, _ = e.Data.(slack.InteractionCallback)
		if got.Type == slack.InteractionTypeViewSubmission && got.View.State.Values["why"]["reason"].Value == "" {
			return map[string]any{"response_action": "errors", "errors": map[string]string{"why": "Say why."}}
		}
		return nil
	}
	s.Connected(1)
	s.OpensHome("ana")
	s.Wait("the event", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return slices.ContainsFunc(a.inner, func(e any) bool {
			opened, ok := e.(*slackevents.AppHomeOpenedEvent)
			return ok && opened.User == s.User("ana")
		})
	})
	save := slack.NewActionBlock("", slack.NewButtonBlockElement("more", "", slack.NewTextBlockObject("plain_text", "More", false, false)))
	home := slack.HomeTabViewRequest{Type: "home", Blocks: slack.Blocks{BlockSet: []slack.Block{save}}}
	if _, err := api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: s.User("ana"), View: home}); err != nil {
		t.Fatal(err)
	}
	s.PressesHome("ana", "More")
	if got.View.Type != "home" || got.TriggerID == "" {
		t.Fatalf("%+v", got)
	}
	modal := slack.ModalViewRequest{Type: "modal", Title: slack.NewTextBlockObject("plain_text", "Not for us", false, false), Submit: slack.NewTextBlockObject("plain_text", "Send", false, false),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("why", slack.NewTextBlockObject("plain_text", "Why", false, false), nil, slack.NewPlainTextInputBlockElement(nil, "reason"))}}}
	trigger := got.TriggerID
	if _, err := api.OpenView(trigger, modal); err != nil {
		t.Fatal(err)
	}
	if _, err := api.OpenView(trigger, modal); err == nil || err.Error() != "exchanged_trigger_id" {
		t.Error(err)
	}
	if a := s.Submits("ana", map[string]string{"reason": ""}); !strings.Contains(a.Error, "Say why.") {
		t.Error(a.Error)
	}
	if _, open := s.Modal("ana"); !open {
		t.Error("closed in spite of errors")
	}
	s.Submits("ana", map[string]string{"reason": "off topic"})
	if _, open := s.Modal("ana"); open {
		t.Error("still open")
	}
	modal.Title.Text = strings.Repeat("x", 25)
	if _, err := api.OpenView("t", modal); err == nil {
		t.Error("a title of 25 characters")
	}
}

func TestAFileInThreeSteps(t *testing.T) {
	s, api, papers := lab(t)
	body := []byte("@article{a}")
	f, err := api.UploadFile(slack.UploadFileParameters{Filename: "saved.bib", FileSize: len(body), Reader: bytes.NewReader(body), Title: "Saved", Channel: papers, InitialComment: "12 entries"})
	if err != nil {
		t.Fatal(err)
	}
	kept, ok := s.File(f.ID)
	if m := s.Posts("papers")[0]; !ok || !bytes.Equal(kept.Body, body) || len(m.Files) != 1 || m.Files[0].Title != "Saved" || m.Text != "12 entries" {
		t.Errorf("%+v %+v", kept, m)
	}
	u, err := api.GetUploadURLExternalContext(t.Context(), slack.GetUploadURLExternalParameters{FileName: "a", FileSize: 5})
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]int{"four": 400, "fives": 200} {
		resp, err := http.Post(u.UploadURL, "application/octet-stream", strings.NewReader(body))
		if err != nil || resp.StatusCode != want {
			t.Error(body, resp, err)
		}
	}
	if s.Counts().UploadToken != 1 {
		t.Error("slack-go sends its token to the upload URL")
	}
}

func TestMentionsAndPastedLinks(t *testing.T) {
	s, api, papers := lab(t)
	a := listen(t, s)
	s.Connected(1)
	link := "https://arxiv.org/abs/9912.00001"
	m := s.Says("ana", "papers", "look <"+link+"> and https://example.org")
	s.Mentions("ben", m, "similar")
	s.Wait("both events", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		var shared, asked bool
		for _, e := range a.inner {
			switch e := e.(type) {
			case *slackevents.LinkSharedEvent:
				shared = len(e.Links) == 1 && e.Links[0].URL == link && e.MessageTimeStamp == m.TS
			case *slackevents.AppMentionEvent:
				asked = e.ThreadTimeStamp == m.TS && strings.HasSuffix(e.Text, " similar")
			}
		}
		return shared && asked
	})
	card := slack.Attachment{Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "A paper", false, true), nil, nil)}}}
	if _, _, _, err := api.UnfurlMessage(papers, m.TS, map[string]slack.Attachment{"https://example.org": card}); err == nil || err.Error() != "cannot_unfurl_url" {
		t.Error(err)
	}
	if _, _, _, err := api.UnfurlMessage(papers, m.TS, map[string]slack.Attachment{link: card}); err != nil {
		t.Error(err)
	}
	if m, _ := s.Message(m); len(m.Unfurls) != 1 {
		t.Errorf("%+v", m)
	}
}

func TestInstallingByOAuth(t *testing.T) {
	s := fakeslack.New(t)
	get := func(secret, code string) error {
		r, err := slack.GetOAuthV2ResponseContext(t.Context(), http.DefaultClient, fakeslack.ClientID, secret, code, "", slack.OAuthOptionAPIURL(s.API))
		if err == nil && (r.AccessToken != fakeslack.BotToken || r.Team.ID != fakeslack.Team) {
			t.Errorf("%+v", r)
		}
		return err
	}
	code := s.Installs()
	for i, try := range []struct{ secret, code, want string }{{"x", code, "bad_client_secret"}, {fakeslack.ClientSecret, code, "<nil>"}, {fakeslack.ClientSecret, code, "invalid_code"}} {
		if err := get(try.secret, try.code); fmt.Sprint(err) != try.want {
			t.Error(i, err)
		}
	}
}

func TestTheLifeOfAChannel(t *testing.T) {
	s, api, papers := lab(t, fakeslack.Options{Tolerance: time.Hour})
	a := listen(t, s)
	s.Connected(1)
	post := func() string {
		_, _, err := api.PostMessage(papers, slack.MsgOptionText("t", false))
		return fmt.Sprint(err)
	}
	s.Archive("papers")
	if got := post(); got != "is_archived" {
		t.Error(got)
	}
	s.Unarchive("papers")
	s.Kick("paperboy", "papers")
	if got := post(); got != "not_in_channel" {
		t.Error(got)
	}
	s.Invite("paperboy", "papers")
	if got := post(); got != "<nil>" {
		t.Error(got)
	}
	list, _, err := api.GetConversations(&slack.GetConversationsParameters{Limit: 10})
	if err != nil || len(list) != 1 || !list[0].IsMember || list[0].Name != "papers" {
		t.Error(list, err)
	}
	if u, err := api.GetUserInfo(s.User("ana")); err != nil || u.TZ != "Europe/Berlin" {
		t.Error(u, err)
	}
	s.Delete("papers")
	s.Uninstall()
	if _, err := api.AuthTest(); err == nil || err.Error() != "account_inactive" {
		t.Error(err)
	}
	var told []string
	s.Wait("the end", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		told = nil
		for _, e := range a.inner {
			if kind := fmt.Sprintf("%T", e); kind != "*slackevents.MemberJoinedChannelEvent" {
				told = append(told, strings.TrimPrefix(kind, "*slackevents."))
			}
		}
		return len(told) == 4
	})
	if !slices.Equal(told, []string{"ChannelArchiveEvent", "ChannelDeletedEvent", "TokensRevokedEvent", "AppUninstalledEvent"}) {
		t.Error(told)
	}
}
