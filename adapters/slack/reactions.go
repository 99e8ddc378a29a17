package slack

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// marksPage is how many messages are asked for at once; Slack recommends no more.
const marksPage = 200

// Reactions reads back who put what on messages: each by itself while the minute has room
// for all of them, which is what a lab has, and else with a page of the channel, or of the
// thread, on all that it shows. A message of which it does not show everybody, or that
// is not where it should be, is asked for by itself, and so are all of them where pages
// may not be read, or too seldom. Our own reactions do not count. They have no Order:
// Slack does not say when they were given, and an event that comes after this has a
// later time than any before it.
//
// Events do not wait for pages, which may take a minute: that nothing is written over
// what they say is the store's promise.
func (s *workspace) Reactions(ctx context.Context, ch core.ChannelKey, thread core.MessageRef, refs []core.MessageRef, keep func(core.MessageRef, []core.Reaction) error) (rest []core.MessageRef, err error) {
	if err := s.known(ctx); err != nil {
		return nil, err
	}
	refs = slices.SortedFunc(slices.Values(refs), func(a, b core.MessageRef) int { return cmp.Compare(micros(b.ID), micros(a.ID)) })
	page := marks{from: micros(refs[0].ID)} // without a page, the newest
	if len(refs) > s.pace.room("reactions.get", time.Now()) && len(refs) > 1 && !s.lacks(s.historyScope(ch.ID)) {
		page, err = s.marks(ctx, ch.ID, thread.ID, refs)
		if gone, ok := errors.AsType[*core.Gone](err); ok && gone.What == core.TheChannel {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
	for i, ref := range refs {
		if i > 0 && micros(ref.ID) < page.from {
			return refs[i:], nil
		}
		rs, shown := page.messages[ref.ID]
		if !shown {
			if rs, err = s.reactionsOn(ctx, ref); core.Is[*core.Gone](err) {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		err := s.queue.Do(ctx, queueKey(ref.Conversation, ref.ID), func() error { return keep(ref, s.given(ch, ref, rs)) })
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// marks are the reactions on our messages of a page.
type marks struct {
	messages map[string][]slack.ItemReaction // by timestamp: those of which everybody is named
	from     int64                           // the page has everything from here on, in microseconds
}

// marks reads a page that begins with the newest of these messages. It shows nothing
// where pages may not be read; and of the newest only, where Slack lets them be read so
// seldom that messages by themselves are sooner.
func (s *workspace) marks(ctx context.Context, channel, thread string, refs []core.MessageRef) (page marks, err error) {
	at := stretch{channel: channel, thread: thread, latest: refs[0].ID, oldest: refs[len(refs)-1].ID, limit: marksPage}
	seldom := marks{from: micros(at.latest)}
	for {
		d := s.pace.spare(at.method(), time.Now())
		if d == 0 {
			break
		}
		if err := kit.Sleep(ctx, d); err != nil {
			return page, err
		}
	}
	messages, next, err := s.messages(ctx, at)
	gone, isGone := errors.AsType[*core.Gone](err)
	switch {
	case errors.Is(err, errWait):
		return seldom, nil
	case core.Is[*core.MayNot](err), isGone && gone.What == core.TheMessage: // we are not in the channel; the thread is gone
		return page, nil
	case err != nil:
		return page, err
	}
	page.messages = map[string][]slack.ItemReaction{}
	for _, m := range messages {
		ours := m.BotID == s.self.bot || m.User == s.self.user // what was deleted may still stand there, as Slackbot's
		if ours && !slices.ContainsFunc(m.Reactions, func(r slack.ItemReaction) bool { return len(r.Users) < r.Count }) {
			page.messages[m.Timestamp] = m.Reactions
		}
		if next != "" && thread == "" {
			page.from = micros(m.Timestamp)
		}
	}
	return page, nil
}

// historyScope is what reading a conversation needs.
func (s *workspace) historyScope(channel string) string {
	switch {
	case isDirect(channel):
		return "im:history"
	case s.isPrivate(channel):
		return "groups:history"
	}
	return "channels:history"
}

// reactionsOn are those on one message, with everybody.
func (s *workspace) reactionsOn(ctx context.Context, ref core.MessageRef) (rs []slack.ItemReaction, err error) {
	err = s.call(ctx, "reactions.get", ref.Conversation, func() error {
		got, err := s.api().GetReactionsContext(ctx, slack.NewRefToMessage(ref.Conversation, ref.ID), slack.GetReactionsParameters{Full: true})
		rs = got.Reactions
		return err
	})
	return rs, err
}

// given are people's reactions on a message.
func (s *workspace) given(ch core.ChannelKey, ref core.MessageRef, rs []slack.ItemReaction) (out []core.Reaction) {
	for _, r := range rs {
		for _, u := range r.Users {
			if u != s.self.user {
				out = append(out, core.Reaction{Channel: ch, Message: ref.ID, User: s.user(u, ""), Emoji: r.Name, Added: true})
			}
		}
	}
	return out
}
