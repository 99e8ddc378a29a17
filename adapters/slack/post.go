package slack

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// metadataType is the event_type of our messages' metadata; its payload has the
// delivery's key. Members can read it: it names channel and paper.
const metadataType = "paperboy_digest"

// secretURL finds addresses that are secrets in errors' words.
var secretURL = regexp.MustCompile(`((?:https?|wss?)://[^/\s"]+/)(?:actions|commands|services|workflows|link|upload|app)/?[^\s"]*`)

// secretToken finds tokens in errors' words: those of many workspaces are not known
// by heart.
var secretToken = regexp.MustCompile(`xox[a-z](?:\.xox[a-z])?-[\w.-]+`)

// errNoAnswer: Slack said neither yes nor no.
var errNoAnswer = errors.New("the answer says neither what was posted nor why not")

// Post sends a message once, in its channel's turn.
func (s *workspace) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	if p.Private { // it was known in an earlier life
		s.names.private(p.Channel.ID)
	}
	ref, err := s.send(ctx, p.Channel.ID, thread(p), p.Key, drawPost(p))
	if err == nil && p.Seed {
		seed := func(ctx context.Context) { s.seed(ctx, ref) }
		if !s.queue.Put("", seed) { // a message that was on its way at the stop
			kit.Briefly(ctx, seed)
		}
	}
	return ref, err
}

// thread is the message that a post replies to; "" for none.
func thread(p core.Post) string {
	if p.Place == core.InThread && !p.Plain {
		return p.Header.ID
	}
	return ""
}

// drawPost is a post's card as it is to be sent.
func drawPost(p core.Post) message {
	m := draw(p.Card)
	if p.Plain {
		m.Blocks, m.simpler = nil, nil
	}
	return m
}

// send posts a message. One that Slack does not show as blocks is sent as plain
// text instead, and a reply to what is gone goes to the channel: better plain
// than never.
func (s *workspace) send(ctx context.Context, channel, thread, key string, m message) (core.MessageRef, error) {
	turn, cancel := core.Turn(ctx)
	defer cancel()
	for {
		if err := s.token.Err(); err != nil {
			return core.MessageRef{}, err
		}
		for {
			if err := turn.Err(); err != nil {
				return core.MessageRef{}, &core.Retry{Err: err}
			}
			d := s.pace.reserve(channel, time.Now())
			if d == 0 {
				break
			}
			_ = kit.Sleep(turn, d) // whether it ended is asked next
		}
		start := time.Now()
		var ts string
		err := s.granted(ctx, func() (err error) {
			_, ts, err = s.api().PostMessageContext(ctx, channel, append(options(key, m), slack.MsgOptionTS(thread))...)
			return err
		})
		s.pace.sent(channel, start.Add(postEvery+min(time.Since(start), postMargin)))
		if limit, ok := errors.AsType[*slack.RateLimitedError](err); ok {
			s.pace.limited(channel, time.Now().Add(limit.RetryAfter), time.Now())
		}
		switch {
		case err == nil && ts != "":
			return core.MessageRef{Conversation: channel, ID: ts}, nil
		case err == nil:
			return core.MessageRef{}, errNoAnswer
		case slices.Contains(tooMuch, code(err)) && m.simpler != nil:
			s.log.Error("slack does not show a post as cards; it is sent as a list", "channel", channel, "key", key, "err", err, "details", details(err))
			m = *m.simpler
		case slices.Contains(tooMuch, code(err)) && m.Blocks != nil:
			s.log.Error("slack does not show a message as it is meant; it is sent as plain text", "channel", channel, "key", key, "err", err, "details", details(err))
			m.Blocks = nil
		case slices.Contains(noThread, code(err)) && thread != "":
			s.log.Warn("the thread is gone; its message goes to the channel", "channel", channel, "key", key, "err", err)
			thread = ""
		default:
			return core.MessageRef{}, s.outcome("chat.postMessage", channel, err)
		}
	}
}

func details(err error) string {
	e, _ := errors.AsType[slack.SlackErrorResponse](err)
	return strings.Join(e.ResponseMetadata.Messages, "; ")
}

// options are what a message is sent, or edited, with. Links do not unfold; what
// looks like a name stays text.
func options(key string, m message) []slack.MsgOption {
	o := []slack.MsgOption{slack.MsgOptionText(m.Text, false), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl()}
	if m.Blocks != nil {
		o = append(o, slack.MsgOptionBlocks(m.Blocks...))
	}
	if key != "" {
		o = append(o, slack.MsgOptionMetadata(slack.SlackMetadata{EventType: metadataType, EventPayload: map[string]any{"key": key}}))
	}
	return o
}

// seed adds the first 👍.
func (s *workspace) seed(ctx context.Context, ref core.MessageRef) {
	err := s.call(ctx, "reactions.add", ref.Conversation, func() error {
		return s.api().AddReactionContext(ctx, "+1", slack.NewRefToMessage(ref.Conversation, ref.ID))
	})
	if err != nil && code(err) != "already_reacted" {
		s.log.Warn("cannot add the first reaction", "channel", ref.Conversation, "err", err)
	}
}

// MaySeed says whether the app may add reactions.
func (s *workspace) MaySeed(context.Context, core.ChannelKey) error {
	if s.lacks("reactions:write") {
		return &core.MayNot{Right: "reactions:write", Err: errors.New("the app can be reinstalled from what bot manifest slack prints")}
	}
	return nil
}

// How a look goes. Nearly always a message was posted soon after it was begun, so
// that is read first, whatever was said since; only when it is not there may a
// later try have been the one. Slack may give fewer messages a page than were
// asked for.
const (
	lookAround = 5 * time.Minute // from when it was begun, in either direction
	pageSize   = 100
	maxPages   = 50   // a look that has read so many has no answer
	maxLooks   = 1000 // that are remembered
)

// look is how far looking for a post has come.
type look struct {
	unthreaded bool // the thread is read, or gone: a reply may have gone to the channel
	later      bool // what was said around its beginning is read
	cursor     string
	pages      int
}

// looks are those that have to go on, by the keys of their posts. Its zero value
// is ready.
type looks struct {
	mu sync.Mutex
	at map[string]look
}

func (l *looks) take(key string) look {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.at[key]
	delete(l.at, key)
	return at
}

func (l *looks) keep(key string, at look) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at == nil || len(l.at) >= maxLooks {
		l.at = map[string]look{} // those that are forgotten begin anew
	}
	l.at[key] = at
}

// Find looks for a post by the key in its metadata: among the header's replies,
// which stand in no history, and in the channel's history, where a reply that
// its thread did not take went. When Slack asks to wait it is Retry, and the
// next look for the same post goes on from there.
func (s *workspace) Find(ctx context.Context, p core.Post) (core.MessageRef, bool, error) {
	if err := s.known(ctx); err != nil {
		return core.MessageRef{}, false, err
	}
	if p.Lost {
		return s.findLost(ctx, p)
	}
	l := s.looks.take(p.Key)
	l.unthreaded = l.unthreaded || thread(p) == ""
	for ; l.pages < maxPages; l.pages++ {
		messages, next, err := s.page(ctx, p, l)
		switch {
		case !l.unthreaded && slices.Contains(noThread, code(err)):
			l = look{unthreaded: true, pages: l.pages}
			continue
		case code(err) == "invalid_cursor":
			l.cursor = ""
			continue
		case core.Is[*core.MayNot](err):
			return core.MessageRef{}, false, err
		case core.Is[*core.Gone](err):
			return core.MessageRef{}, false, &core.MayNot{Err: err}
		case err != nil:
			s.looks.keep(p.Key, l)
			return core.MessageRef{}, false, err
		}
		for _, m := range messages {
			if m.Metadata.EventType == metadataType && m.Metadata.EventPayload["key"] == p.Key && (m.BotID == s.self.bot || m.User == s.self.user) {
				return core.MessageRef{Conversation: p.Channel.ID, ID: m.Timestamp}, true, nil
			}
		}
		if l.cursor = next; next != "" {
			continue
		}
		begun, ok := s.begun(p)
		switch all := l.later || !ok || time.Since(begun) < lookAround; {
		case !all:
			l.later = true
		case l.unthreaded:
			return core.MessageRef{}, false, nil
		default:
			l = look{unthreaded: true, pages: l.pages}
		}
	}
	return core.MessageRef{}, false, &core.MayNot{Err: errors.New("too much was said since then to read it all")}
}

// page reads what comes next in a look.
func (s *workspace) page(ctx context.Context, p core.Post, l look) (messages []slack.Message, next string, err error) {
	at := stretch{channel: p.Channel.ID, cursor: l.cursor, limit: pageSize}
	if begun, ok := s.begun(p); ok && l.later {
		at.oldest = timestamp(begun.Add(lookAround))
	} else if ok {
		at.oldest, at.latest = timestamp(begun.Add(-lookAround)), timestamp(begun.Add(lookAround))
	}
	if !l.unthreaded {
		at.thread = thread(p)
	}
	return s.messages(ctx, at)
}

// stretch is a part of a channel, or of a thread, that is read.
type stretch struct {
	channel, thread string // no thread: the channel itself
	oldest, latest  string
	cursor          string
	limit           int
}

// method is the one that reads it.
func (p stretch) method() string {
	if p.thread != "" {
		return "conversations.replies"
	}
	return "conversations.history"
}

// messages is a page: of a channel the newest come first, of a thread the oldest.
func (s *workspace) messages(ctx context.Context, p stretch) (messages []slack.Message, next string, err error) {
	err = s.try(ctx, p.method(), p.channel, func() (err error) {
		if p.thread != "" {
			messages, _, next, err = s.api().GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{ChannelID: p.channel, Timestamp: p.thread,
				Oldest: p.oldest, Latest: p.latest, Inclusive: true, Cursor: p.cursor, Limit: p.limit, IncludeAllMetadata: true})
			return err
		}
		r, err := s.api().GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{ChannelID: p.channel,
			Oldest: p.oldest, Latest: p.latest, Inclusive: true, Cursor: p.cursor, Limit: p.limit, IncludeAllMetadata: true})
		if err == nil {
			messages, next = r.Messages, r.ResponseMetaData.NextCursor
		}
		return err
	})
	return messages, next, err
}

// begun is when a post was first tried, by Slack's clock. Since is of the bot's
// calendar, which may have been shifted against that; one that lies ahead says
// nothing.
func (s *workspace) begun(p core.Post) (at time.Time, ok bool) {
	ago := s.opt.Now().Sub(p.Since)
	return time.Now().Add(-ago), !p.Since.IsZero() && ago >= 0
}

// timestamp is a moment as Slack writes it.
func timestamp(t time.Time) string {
	us := t.UnixMicro()
	return fmt.Sprintf("%d.%06d", us/1e6, us%1e6)
}

// Edit changes a message. The key is sent again: an edit without it drops it.
func (s *workspace) Edit(ctx context.Context, p core.Post, ref core.MessageRef) error {
	if p.Private {
		s.names.private(p.Channel.ID)
	}
	m := drawPost(p)
	update := func() error {
		return s.call(ctx, "chat.update", ref.Conversation, func() error {
			_, _, _, err := s.api().UpdateMessageContext(ctx, ref.Conversation, ref.ID, options(p.Key, m)...)
			return err
		})
	}
	err := update()
	if slices.Contains(tooMuch, code(err)) && m.simpler != nil { // it was sent as a list
		m = *m.simpler
		err = update()
	}
	return err
}

// known waits until Slack has said who we are.
func (s *workspace) known(ctx context.Context) error {
	select {
	case <-s.ready:
		return nil
	case <-ctx.Done():
		if err := s.token.Err(); err != nil {
			return err
		}
		return fmt.Errorf("Slack has not said who we are: %w", ctx.Err())
	}
}
