package slack

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
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

// errNoAnswer: Slack said neither yes nor no.
var errNoAnswer = errors.New("the answer says neither what was posted nor why not")

// Post sends a message once, in its channel's turn.
func (s *Slack) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	thread := ""
	if p.Place == core.InThread {
		thread = p.Header.ID
	}
	ref, err := s.send(ctx, p.Channel.ID, thread, p.Key, draw(p.Card))
	if err == nil && p.Seed {
		s.queue.Put("", func(ctx context.Context) { s.seed(ctx, ref) })
	}
	return ref, err
}

// send posts a message. One that Slack does not show as blocks is sent as plain
// text instead, and a reply to what is gone goes to the channel: better plain
// than never.
func (s *Slack) send(ctx context.Context, channel, thread, key string, m message) (core.MessageRef, error) {
	for {
		if err := s.token.Err(); err != nil {
			return core.MessageRef{}, err
		}
		for {
			d := s.pace.reserve(channel, time.Now(), s.wait(postEvery))
			if d == 0 {
				break
			}
			if err := kit.Sleep(ctx, d); err != nil {
				return core.MessageRef{}, &core.Retry{Err: err}
			}
		}
		start := time.Now()
		_, ts, err := s.api.PostMessageContext(ctx, channel, append(options(key, m), slack.MsgOptionTS(thread))...)
		s.pace.sent(channel, start.Add(s.wait(postEvery)+min(time.Since(start), s.wait(postMargin))))
		switch {
		case err == nil && ts != "":
			return core.MessageRef{Conversation: channel, ID: ts}, nil
		case err == nil:
			return core.MessageRef{}, errNoAnswer
		case slices.Contains(tooMuch, code(err)) && m.Blocks != nil:
			s.log.Error("slack does not show a message as it is meant; it is sent as plain text", "channel", channel, "key", key, "err", err, "details", details(err))
			m.Blocks = nil
		case slices.Contains(noThread, code(err)) && thread != "":
			s.log.Warn("the thread is gone; its message goes to the channel", "channel", channel, "key", key, "err", err)
			thread = ""
		default:
			return core.MessageRef{}, s.certain(channel, err)
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
func (s *Slack) seed(ctx context.Context, ref core.MessageRef) {
	err := s.call(ctx, "reactions.add", func() error {
		return s.api.AddReactionContext(ctx, "+1", slack.NewRefToMessage(ref.Conversation, ref.ID))
	})
	if err != nil && code(err) != "already_reacted" {
		s.log.Warn("cannot add the first reaction", "channel", ref.Conversation, "err", err)
	}
}

// MaySeed says whether the app may add reactions.
func (s *Slack) MaySeed(context.Context, core.ChannelKey) error {
	if s.lacks("reactions:write") {
		return errors.New("the app lacks the scope reactions:write; an admin can reinstall it from what bot manifest slack prints")
	}
	return nil
}

// mayNotLook say that we may not read a conversation.
var mayNotLook = []string{"missing_scope", "not_in_channel", "channel_not_found", "no_permission", "method_not_supported_for_channel_type", "access_denied"}

// pageSize and maxPages bound a look into a channel's history. Slack may give
// fewer messages than were asked for.
const (
	pageSize = 100
	maxPages = 20
)

// Find looks for a post by the key in its metadata: in the channel's history,
// or among the header's replies, which stand in no history.
func (s *Slack) Find(ctx context.Context, p core.Post) (core.MessageRef, bool, error) {
	if err := s.known(ctx); err != nil {
		return core.MessageRef{}, false, err
	}
	cursor, oldest := "", s.oldest(p.Since)
	for range maxPages {
		var found []slack.Message
		next := ""
		look := func() error {
			r, err := s.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
				ChannelID: p.Channel.ID, Oldest: oldest, Cursor: cursor, Limit: pageSize, IncludeAllMetadata: true})
			if err == nil {
				found, next = r.Messages, r.ResponseMetaData.NextCursor
			}
			return err
		}
		method := "conversations.history"
		if p.Place == core.InThread && p.Header.ID != "" {
			method, look = "conversations.replies", func() (err error) {
				found, _, next, err = s.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
					ChannelID: p.Channel.ID, Timestamp: p.Header.ID, Oldest: oldest, Cursor: cursor, Limit: pageSize, IncludeAllMetadata: true})
				return err
			}
		}
		switch err := s.call(ctx, method, look); {
		case slices.Contains(mayNotLook, code(err)):
			return core.MessageRef{}, false, &core.MayNot{Err: err}
		case slices.Contains(noThread, code(err)):
			p.Header.ID = "" // its reply would have gone to the channel
			cursor = ""
			continue
		case err != nil:
			return core.MessageRef{}, false, err
		}
		for _, m := range found {
			if m.Metadata.EventType == metadataType && m.Metadata.EventPayload["key"] == p.Key && (m.BotID == s.self.bot || m.User == s.self.user) {
				return core.MessageRef{Conversation: p.Channel.ID, ID: m.Timestamp}, true, nil
			}
		}
		if next == "" {
			return core.MessageRef{}, false, nil
		}
		cursor = next
	}
	return core.MessageRef{}, false, errors.New("the channel's history since then is too long to read")
}

// oldest is where looking back may stop. Since is of the bot's calendar, which
// may have been shifted against Slack's.
func (s *Slack) oldest(since time.Time) string {
	if since.IsZero() {
		return ""
	}
	if wall := time.Now().Add(-s.opt.Now().Sub(since)); wall.Before(since) {
		since = wall
	}
	at := since.Add(-5 * time.Minute).UnixMicro()
	return fmt.Sprintf("%d.%06d", at/1e6, at%1e6)
}

// Edit changes a message. The key is sent again: an edit without it drops it.
func (s *Slack) Edit(ctx context.Context, p core.Post, ref core.MessageRef) error {
	return s.call(ctx, "chat.update", func() error {
		_, _, _, err := s.api.UpdateMessageContext(ctx, ref.Conversation, ref.ID, options(p.Key, draw(p.Card))...)
		return err
	})
}

// Reactions reads back who put what on a message, in the lane of its events.
// Our own do not count. They have no Order: Slack does not say when they were
// given, and an event that comes after this has a later time than any before it.
func (s *Slack) Reactions(ctx context.Context, ch core.ChannelKey, ref core.MessageRef, keep func([]core.Reaction) error) error {
	if err := s.known(ctx); err != nil {
		return err
	}
	return s.queue.Do(ctx, lane(ref.Conversation, ref.ID), func() error {
		rs, err := s.reactions(ctx, ch, ref)
		switch code(err) {
		case "message_not_found", "channel_not_found":
			return nil
		case "missing_scope", "not_in_channel", "no_permission":
			return &core.MayNot{Err: err}
		}
		if err != nil {
			return err
		}
		return keep(rs)
	})
}

func (s *Slack) reactions(ctx context.Context, ch core.ChannelKey, ref core.MessageRef) ([]core.Reaction, error) {
	var got slack.ReactedItem
	err := s.call(ctx, "reactions.get", func() (err error) {
		got, err = s.api.GetReactionsContext(ctx, slack.NewRefToMessage(ref.Conversation, ref.ID), slack.GetReactionsParameters{Full: true})
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []core.Reaction
	for _, r := range got.Reactions {
		for _, u := range r.Users {
			if u != s.self.user {
				out = append(out, core.Reaction{Channel: ch, Message: ref.ID, User: s.user(u, ""), Emoji: r.Name, Added: true})
			}
		}
	}
	return out, nil
}

// known waits until Slack has said who we are.
func (s *Slack) known(ctx context.Context) error {
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
