package discord

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"paperboy/core"
)

// What a restored store has lost is looked for in one reading of a channel, from
// the moment of the copy on, and of the threads under our headers there; every
// message of that channel that is in doubt is answered from it.

// maxLostPages is how many pages such a reading has at most.
const maxLostPages = 100

// reading is how far one has come.
type reading struct {
	mu    sync.Mutex
	ours  []lostPost
	after string   // in the first of open
	open  []string // the channel and threads that are still to be read
	pages int
}

// lostPost is a message of ours, and where it stands.
type lostPost struct {
	posted
	where string
}

// findLost is find for a post that was made, if it was, by what the store has
// lost.
func (d *Discord) findLost(ctx context.Context, p core.Post, want message) (core.MessageRef, bool, error) {
	kept, _ := d.lost.LoadOrStore(p.Channel.ID+" "+p.Since.String(), &reading{open: []string{p.Channel.ID}})
	r := kept.(*reading)
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.open) > 0 {
		if r.after == "" {
			r.after = d.oldest(p.Since)
		}
		if r.pages++; r.pages > maxLostPages {
			return core.MessageRef{}, false, errTooMuch
		}
		where := r.open[0]
		var page []posted
		err := d.rest.call(ctx, request{method: "GET", route: "/channels/{}/messages", args: []string{where},
			query: fmt.Sprintf("limit=%d&after=%s", pageSize, r.after), into: &page})
		if err != nil && (where == p.Channel.ID || code(err) != unknownChannel) {
			r.pages--
			return core.MessageRef{}, false, err
		}
		newest := r.after
		for _, m := range page {
			if newer(m.ID, newest) {
				newest = m.ID
			}
			if m.Author.ID != d.self || m.Webhook != "" {
				continue
			}
			r.ours = append(r.ours, lostPost{m, where})
			if where == p.Channel.ID && m.isHeader() {
				r.open = append(r.open, m.ID) // a thread has the id of the message that it hangs on
			}
		}
		if len(page) == pageSize && newest != r.after {
			r.after = newest
			continue
		}
		r.after, r.open = "", r.open[1:]
	}
	for _, m := range r.ours {
		if isPaper := len(want.Embeds) > 0 && want.Embeds[0].URL != ""; isPaper && m.isHeader() {
			continue // it may name the paper, and is not its message
		}
		if m.is(want, d.self) {
			return core.MessageRef{Conversation: m.where, ID: m.ID}, true, nil
		}
	}
	return core.MessageRef{}, false, nil
}

// isHeader reports whether a message of ours is a header: all of them begin so.
func (m posted) isHeader() bool { return strings.Contains(headline(m.Content, m.Components), "📰") }
