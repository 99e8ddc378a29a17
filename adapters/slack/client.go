package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// How long one call may take, and how the calls are paced.
const (
	callTime = 30 * time.Second
	// A channel takes about a message a second (docs.slack.dev, rate limits).
	// The interval counts from when the earlier one was sent, and a little of
	// its way is added, so that what overtakes on the network is not too early.
	postEvery  = time.Second
	postMargin = 40 * time.Millisecond
	// A try that never left this machine is made again so much later.
	dialAgain = 10 * time.Second
	// What Slack says is its own passing trouble is tried again so much later.
	troubleAgain = 5 * time.Second
)

// perMinute are calls a minute that we allow ourselves: the methods' tiers,
// less a few. What is not named is of tier 3.
var perMinute = map[string]int{
	"users.info": 95, "views.publish": 95, "views.open": 95, "views.update": 95, "chat.postEphemeral": 95,
	"conversations.members":      95,
	"files.getUploadURLExternal": 95, "files.completeUploadExternal": 95, "auth.test": 95,
}

const tier3 = 48

// rateLimiter keeps Slack's limits before Slack has to. Its zero value is ready.
type rateLimiter struct {
	mu    sync.Mutex
	next  map[string]time.Time   // by channel: when it takes its next message
	held  map[string]time.Time   // by method, or "post " and channel: until then we were told to wait
	calls map[string][]time.Time // by method: calls of the last minute
}

func (p *rateLimiter) init() {
	if p.next == nil {
		p.next, p.held, p.calls = map[string]time.Time{}, map[string]time.Time{}, map[string][]time.Time{}
	}
}

// reserve is how long a message to the channel has to wait; its place in the
// row is taken when that is nothing.
func (p *rateLimiter) reserve(channel string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.init()
	at := p.next[channel]
	for _, key := range []string{"post", "post " + channel} {
		if p.held[key].After(at) {
			at = p.held[key]
		}
	}
	if at.After(now) {
		return at.Sub(now)
	}
	p.next[channel] = now.Add(postEvery)
	return 0
}

// sent puts the channel's next turn off.
func (p *rateLimiter) sent(channel string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until.After(p.next[channel]) {
		p.next[channel] = until
	}
}

// limited notes that a channel was told to wait. When a second one is told so
// while the first still waits, it is the workspace that has had enough, and
// all wait.
func (p *rateLimiter) limited(channel string, until time.Time, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.init()
	for key, other := range p.held {
		if key != "post "+channel && strings.HasPrefix(key, "post ") && other.After(now) {
			p.held["post"] = until
		}
	}
	p.held["post "+channel] = until
}

// admit is how long a call of the method has to wait; it is counted when that is
// nothing.
func (p *rateLimiter) admit(method string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.init()
	if until := p.held[method]; until.After(now) {
		return until.Sub(now)
	}
	d := p.wait(method, 1, now)
	if d == 0 {
		p.calls[method] = append(p.calls[method], now)
	}
	return d
}

// lately are the calls of a method in the last minute, and limit is how many we allow
// ourselves. The caller holds mu.
func (p *rateLimiter) lately(method string, now time.Time) (recent []time.Time, limit int) {
	recent = slices.DeleteFunc(p.calls[method], func(t time.Time) bool { return now.Sub(t) >= time.Minute })
	p.calls[method] = recent
	return recent, cmp.Or(perMinute[method], tier3)
}

// room is how many calls of a method there may be at once.
func (p *rateLimiter) room(method string, now time.Time) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.init()
	if p.held[method].After(now) {
		return 0
	}
	recent, limit := p.lately(method, now)
	return limit - len(recent)
}

// wait is how long until a method has had less than a share of what we allow ourselves.
// The caller holds mu.
func (p *rateLimiter) wait(method string, share int, now time.Time) time.Duration {
	recent, limit := p.lately(method, now)
	limit /= share
	if len(recent) < limit {
		return 0
	}
	return recent[len(recent)-limit].Add(time.Minute).Sub(now)
}

// spare is how long what is not urgent has to wait before it calls the method, of which
// half is left to others.
func (p *rateLimiter) spare(method string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.init()
	return p.wait(method, 2, now)
}

func (p *rateLimiter) hold(method string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held[method] = until
}

// errWait: a call was not made because its turn has not come.
var errWait = errors.New("Slack asks to wait")

// try does something at Slack. It does not wait for its turn: it is Retry then.
func (s *workspace) try(ctx context.Context, method, channel string, do func() error) error {
	if err := s.token.Err(); err != nil {
		return err
	}
	if d := s.pace.admit(method, time.Now()); d > 0 {
		return &core.Retry{After: d, Err: errWait}
	}
	err := s.granted(ctx, do)
	if limit, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		s.pace.hold(method, time.Now().Add(limit.RetryAfter))
	}
	return s.outcome(method, channel, err)
}

// call is try that waits for its turn, where there is time for that.
func (s *workspace) call(ctx context.Context, method, channel string, do func() error) error {
	for {
		err := s.try(ctx, method, channel, do)
		again, ok := errors.AsType[*core.Retry](err)
		if !ok || !errors.Is(err, errWait) {
			return err
		}
		if end, ends := ctx.Deadline(); ends && time.Until(end) < again.After || kit.Sleep(ctx, again.After) != nil {
			return err
		}
	}
}

// noToken are the codes by which Slack says that it does not take the token any
// more, and what helps.
var noToken = map[string]string{
	"invalid_auth":            copyToken,
	"not_authed":              copyToken,
	"not_allowed_token_type":  "put the Bot User OAuth Token into [slack] bot_token: it begins with xoxb-",
	"account_inactive":        reinstall + ": it was removed from the workspace, or the workspace is closed",
	"token_revoked":           reinstall,
	"token_expired":           "switch token rotation off for the app, and " + reinstall,
	"org_login_required":      "ask an administrator of your organisation to let the app in, and then " + reinstall,
	"team_access_not_granted": "ask an administrator of your organisation to let the app into this workspace, and then " + reinstall,
}

const (
	copyToken = "copy the Bot User OAuth Token anew, in one piece, from OAuth & Permissions at https://api.slack.com/apps into [slack] bot_token"
	reinstall = "reinstall the app from `bot manifest slack`, and put the new token into the configuration"
)

// passingCodes are Slack's own trouble, certainly with nothing done.
var passingCodes = []string{"ratelimited", "rate_limited", "service_unavailable", "team_added_to_org", "message_limit_exceeded", "accesslimited"}

// unknownCodes are trouble of which Slack says that some of it may have been
// done all the same.
var unknownCodes = []string{"internal_error", "fatal_error", "request_timeout"}

// refusals are what a channel says no with, as the plain words that complete "I
// may not post in #papers: …". All other codes are about one message.
var refusals = map[string]string{
	"not_in_channel":                           "I am not in this channel; type /invite @Paperboy",
	"channel_not_found":                        "I am not in this private channel; type /invite @Paperboy",
	"is_archived":                              "the channel is archived; somebody has to unarchive it",
	"restricted_action":                        "the workspace does not let apps post here",
	"restricted_action_read_only_channel":      "only some members may post here",
	"restricted_action_thread_only_channel":    "only threads are allowed here",
	"restricted_action_non_threadable_channel": "threads are not allowed here",
	"missing_scope":                            "the app lacks the scope chat:write; reinstall it from bot manifest slack",
	"ekm_access_denied":                        "the workspace's administrators have suspended apps",
}

// tooMuch say that a message is not one that Slack shows.
var tooMuch = []string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "block_mismatch", "no_text", "invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large"}

// noThread say that there is nothing left to reply to.
var noThread = []string{"thread_not_found", "cannot_reply_to_message", "message_not_found"}

// code is Slack's name of an error; "" for those that are not Slack's answer.
func code(err error) string {
	if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return e.Err
	}
	return ""
}

// outcome says in core's words what an error of a method means; channel is where
// that was to happen, if anywhere. Without a code nobody knows what Slack did.
func (s *workspace) outcome(method, channel string, err error) error {
	if err == nil || core.Is[*core.Retry](err) || core.Is[*core.Unauthorised](err) {
		return err
	}
	limit, limited := errors.AsType[*slack.RateLimitedError](err)
	answer, answered := errors.AsType[slack.SlackErrorResponse](err)
	err = fmt.Errorf("slack %s: %w", method, s.discreet(err))
	reason := refusals[answer.Err]
	if answer.Err == "channel_not_found" && s.ofOthers(channel) {
		reason = "this is a conversation of others, to which nobody can add me; follow topics in a channel"
	}
	is := func(codes []string) bool { return slices.Contains(codes, answer.Err) }
	switch {
	case limited:
		return &core.Retry{After: limit.RetryAfter, Err: fmt.Errorf("%w: %w", errWait, err)}
	case kit.NeverLeft(err):
		return &core.Retry{After: dialAgain, Err: err}
	case !answered || is(unknownCodes):
		return err
	case answer.Err == "team_access_not_granted" && s.org: // which took the app off this workspace alone
		return &core.Gone{What: core.TheWorkspace, Err: err}
	case noToken[answer.Err] != "":
		return s.refuse(fmt.Errorf("Slack says %w", answer))
	case is(passingCodes):
		return &core.Retry{After: troubleAgain, Err: err}
	case answer.Err == "message_not_found":
		return &core.Gone{What: core.TheMessage, Err: err}
	case answer.Err == "channel_not_found" && !s.isPrivate(channel):
		// A private channel that we are not in does not exist for us either; when
		// it is known to be one, somebody can invite us back.
		return &core.Gone{What: core.TheChannel, Err: err}
	case method != "chat.postMessage" && method != "chat.update":
		return &core.MayNot{Right: answer.Needed, Err: err}
	case reason == "":
		return &core.Refused{Message: true, Reason: "Slack says " + answer.Err, Err: err}
	}
	return &core.Refused{Reason: reason, Err: err}
}

// discreet takes secrets out of an error: tokens, and the addresses of sockets
// and answers, which whoever has them may use.
func (s *app) discreet(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	clean := text
	for _, secret := range []string{s.opt.BotToken, s.opt.AppToken, s.opt.SigningSecret, s.opt.ClientSecret} {
		if secret != "" {
			clean = strings.ReplaceAll(clean, secret, "[secret]")
		}
	}
	clean = secretURL.ReplaceAllString(clean, "${1}[secret]")
	clean = secretToken.ReplaceAllString(clean, "[secret]")
	if clean == text {
		return err
	}
	return discreet{clean, err}
}

// discreet is an error whose words were cleaned; what it wraps can still be
// asked for its kind, and prints nothing by itself.
type discreet struct {
	text string
	err  error
}

func (e discreet) Error() string { return e.text }
func (e discreet) Unwrap() error { return e.err }
