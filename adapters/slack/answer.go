package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/say"
)

// maxAnswers is how often a response_url can be used, within 30 minutes.
const maxAnswers = 5

// replyTo is where an answer goes.
type replyTo struct {
	url     string // a response_url; empty where there is none
	channel string
	user    string
	thread  string // the answer belongs into it
	private bool   // what was pressed is seen by one person only

	used int
}

// response is what a response_url takes.
type response struct {
	message
	Type        string `json:"response_type"`
	Thread      string `json:"thread_ts,omitempty"`
	Replace     bool   `json:"replace_original"`
	UnfurlLinks bool   `json:"unfurl_links"`
	UnfurlMedia bool   `json:"unfurl_media"`
}

// answer brings a reply to who asked, and its lines to everybody. The private
// part comes first; trouble with it does not keep the lines back.
func (s *workspace) answer(ctx context.Context, to replyTo, r core.Reply) {
	var errs []error
	if card := r.Card; !card.Empty() {
		if r.File != nil && showsAll(card, r.File) {
			r.File = nil
		}
		errs = append(errs, s.say(ctx, &to, draw(card), r.Public, r.Edit && to.private))
	}
	if len(r.Line) > 0 {
		errs = append(errs, s.tell(ctx, &to, r))
	}
	if r.File != nil {
		errs = append(errs, s.handOver(ctx, &to, r))
	}
	if err := errors.Join(errs...); err != nil && ctx.Err() == nil {
		s.log.Error("an answer did not arrive", "workspace", s.self.team, "channel", to.channel, "err", s.discreet(err))
	}
}

// tell brings a reply's lines to everybody in the channel that they are for.
func (s *workspace) tell(ctx context.Context, to *replyTo, r core.Reply) error {
	if r.Told != (core.ChannelKey{}) && r.Told.ID != to.channel {
		to = &replyTo{channel: r.Told.ID}
	}
	return s.say(ctx, to, draw(core.Card{Lines: r.Line}), true, false)
}

// showsAll: the card shows all that is in the file, as one BibTeX entry does.
func showsAll(c core.Card, f *core.File) bool {
	return c.Block != "" && strings.TrimSpace(c.Block) == strings.TrimSpace(string(f.Data))
}

// say sends one message back, by the response_url while it lasts.
func (s *workspace) say(ctx context.Context, to *replyTo, m message, public, replace bool) error {
	if s.mayAnswer(to.url) && to.used < maxAnswers {
		kind := "ephemeral"
		if public {
			kind = "in_channel"
		}
		return s.respond(ctx, to, response{message: m, Type: kind, Thread: to.thread, Replace: replace})
	}
	if public {
		_, err := s.send(ctx, to.channel, to.thread, "", m)
		if again, ok := errors.AsType[*core.Retry](err); ok && kit.Sleep(ctx, again.After) == nil {
			_, err = s.send(ctx, to.channel, to.thread, "", m)
		}
		return err
	}
	return s.call(ctx, "chat.postEphemeral", to.channel, func() error {
		_, err := s.api().PostEphemeralContext(ctx, to.channel, to.user, append(options("", m), slack.MsgOptionTS(to.thread))...)
		return err
	})
}

// mayAnswer: a response_url leads to Slack, or, in tests, to where the Web API
// is. Requests may be forged, and whoever forges one must not choose where we
// connect to.
func (s *app) mayAnswer(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return false
	}
	switch host := strings.ToLower(u.Hostname()); host {
	case "hooks.slack.com", "hooks.slack-gov.com":
		return u.Scheme == "https" && u.Port() == ""
	default:
		return host == s.host && (u.Scheme == "https" || u.Scheme == "http")
	}
}

// respond posts to a response_url. A second try may show the answer twice, to
// somebody who else might have seen none.
func (s *workspace) respond(ctx context.Context, to *replyTo, r response) error {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	for try := 0; ; try++ {
		to.used++
		again, err := s.hand(ctx, to.url, "application/json; charset=utf-8", body)
		if err == nil || again == 0 || try > 0 || to.used >= maxAnswers || kit.Sleep(ctx, again) != nil {
			return err
		}
	}
}

// hand posts bytes to an address that is a secret, without a token. again is
// when another try makes sense; 0: never.
func (s *app) hand(ctx context.Context, address, kind string, body []byte) (again time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, errors.New("not an address")
	}
	req.Header.Set("Content-Type", kind)
	resp, err := s.http.Do(req)
	if err != nil {
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err // without the address
		}
		return time.Second, s.discreet(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 300))
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		after, _ := time.ParseDuration(resp.Header.Get("Retry-After") + "s")
		return max(after, time.Second), errors.New("Slack asks to wait")
	case resp.StatusCode >= 500:
		return time.Second, fmt.Errorf("Slack answers %s", resp.Status)
	case resp.StatusCode >= 300:
		return 0, fmt.Errorf("Slack answers %s: %s", resp.Status, text)
	}
	return 0, nil
}

// handOver uploads a file: to the channel when everybody is to see it, else to
// the direct messages of who asked. The upload's address is Slack's own and gets
// no token.
func (s *workspace) handOver(ctx context.Context, to *replyTo, r core.Reply) error {
	channel, thread := to.channel, to.thread
	err := func() error {
		if !r.Public && !strings.HasPrefix(channel, "D") {
			var dm *slack.Channel
			if err := s.call(ctx, "conversations.open", "", func() (err error) {
				dm, _, _, err = s.api().OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{to.user}})
				return err
			}); err != nil {
				return err
			}
			channel, thread = dm.ID, ""
		}
		return s.upload(ctx, channel, thread, r.File)
	}()
	text := say.Say("%s is in your direct messages with me.", r.File.Name)
	switch {
	case err == nil && (r.Public || channel == to.channel):
		return nil
	case err != nil:
		text = say.Say("I could not hand you %s: the app needs the scopes files:write and im:write. An admin can reinstall it from `bot manifest slack`.", r.File.Name)
		if code(err) != "missing_scope" {
			text = say.Say("I could not hand you %s just now. Ask again in a minute.", r.File.Name)
		}
	}
	card := core.Card{Lines: []say.Text{text}}
	if err != nil && r.File.Alt == "" && len(r.File.Data) < maxSection { // a picture has said in words what it shows
		card.Block = string(r.File.Data)
	}
	return errors.Join(err, s.say(ctx, to, draw(card), false, false))
}

func (s *workspace) upload(ctx context.Context, channel, thread string, f *core.File) error {
	var place *slack.GetUploadURLExternalResponse
	if err := s.call(ctx, "files.getUploadURLExternal", "", func() (err error) {
		place, err = s.api().GetUploadURLExternalContext(ctx, slack.GetUploadURLExternalParameters{FileName: f.Name, FileSize: len(f.Data), AltTxt: f.Alt})
		return err
	}); err != nil {
		return err
	}
	if !s.mayUpload(place.UploadURL) {
		return errors.New("Slack names a place for files that is not its own")
	}
	if _, err := s.hand(ctx, place.UploadURL, "application/octet-stream", f.Data); err != nil {
		return err
	}
	return s.call(ctx, "files.completeUploadExternal", channel, func() error {
		_, err := s.api().CompleteUploadExternalContext(ctx, slack.CompleteUploadExternalParameters{
			Files: []slack.FileSummary{{ID: place.FileID, Title: f.Name}}, Channel: channel, ThreadTimestamp: thread})
		return err
	})
}

func (s *app) mayUpload(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	return host == s.host || u.Scheme == "https" && (strings.HasSuffix(host, ".slack.com") || strings.HasSuffix(host, ".slack-gov.com"))
}
