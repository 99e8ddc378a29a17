package slack

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/slack-go/slack"

	"paperboy/core"
)

// What a restored store has lost is looked for in one reading of a channel, from
// the moment of the copy on, and of the threads under our headers there; every
// message of that channel that is in doubt is answered from it.

// maxLostPages is how many pages such a reading has at most.
const maxLostPages = 200

// reading is how far one has come.
type reading struct {
	mu      sync.Mutex
	found   map[string]core.MessageRef // by what the message delivers
	cursor  string
	threads []string // that are still to be read
	history bool     // is read
	pages   int
}

// item is what a message of ours delivers. The number of the channel before it
// may have been another one in what was lost.
func item(key string) string {
	_, item, _ := strings.Cut(key, "/")
	return item
}

// findLost is Find for a post that was made, if it was, by what the store has lost.
func (s *workspace) findLost(ctx context.Context, p core.Post) (core.MessageRef, bool, error) {
	kept, _ := s.lost.LoadOrStore(p.Channel.ID+" "+p.Since.String(), &reading{found: map[string]core.MessageRef{}})
	r := kept.(*reading)
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.history || len(r.threads) > 0 {
		if r.pages++; r.pages > maxLostPages {
			return core.MessageRef{}, false, &core.MayNot{Err: errors.New("too much was said since then to read it all")}
		}
		messages, next, err := s.lostPage(ctx, p, r)
		switch {
		case r.history && (slices.Contains(noThread, code(err)) || core.Is[*core.Gone](err)):
			messages, next = nil, "" // nothing hangs there any more
		case code(err) == "invalid_cursor":
			r.cursor = ""
			continue
		case core.Is[*core.Gone](err):
			return core.MessageRef{}, false, &core.MayNot{Err: err}
		case err != nil:
			r.pages--
			return core.MessageRef{}, false, err
		}
		for _, m := range messages {
			key, _ := m.Metadata.EventPayload["key"].(string)
			if m.Metadata.EventType != metadataType || m.BotID != s.self.bot && m.User != s.self.user {
				continue
			}
			r.found[item(key)] = core.MessageRef{Conversation: p.Channel.ID, ID: m.Timestamp}
			if !r.history && m.ReplyCount > 0 {
				r.threads = append(r.threads, m.Timestamp)
			}
		}
		switch r.cursor = next; {
		case next != "":
		case !r.history:
			r.history = true
		default:
			r.threads = r.threads[1:]
		}
	}
	ref, found := r.found[item(p.Key)]
	return ref, found, nil
}

// lostPage is the next page of a reading.
func (s *workspace) lostPage(ctx context.Context, p core.Post, r *reading) (messages []slack.Message, next string, err error) {
	at := stretch{channel: p.Channel.ID, cursor: r.cursor, limit: pageSize}
	if since, ok := s.begun(p); ok {
		at.oldest = timestamp(since.Add(-lookAround))
	}
	if r.history {
		at.thread = r.threads[0]
	}
	return s.messages(ctx, at)
}
