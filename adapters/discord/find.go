package discord

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"paperboy/core"
)

// nonceTrust: Discord remembers a nonce for "the past few minutes". So long after
// the first try the same message can safely be sent again without looking.
const nonceTrust = time.Minute

// Discord gives at most so many messages at once. So many pages are read: what was
// said since a few minutes before the post was begun, in the liveliest channel.
const (
	pageSize = 100
	maxPages = 10
)

var errTooMuch = &core.MayNot{Err: errors.New("too much was said since then to read it all")}

// Find looks for a post among our own messages since it was planned. Within a
// minute of the first try there is nothing to look for: sent again, its nonce
// makes it the same message. A look that has to wait for Discord's pace is Retry,
// and goes on from where it was.
func (d *Discord) Find(ctx context.Context, p core.Post) (core.MessageRef, bool, error) {
	if ago, tried := d.tries.ago(p.Key, time.Now(), d.opt.Now()); tried && ago < nonceTrust && p.Place != core.InForum && !p.Lost {
		return core.MessageRef{}, false, nil
	}
	ref, found, err := d.find(ctx, p)
	switch {
	case core.Is[*core.Gone](err):
		return core.MessageRef{}, false, nil // posting will tell
	case core.Is[*core.Refused](err):
		err = &core.MayNot{Err: err}
	}
	if err == nil || core.Is[*core.MayNot](err) {
		d.looks.forget(p.Key)
	}
	return ref, found, err
}

func (d *Discord) find(ctx context.Context, p core.Post) (core.MessageRef, bool, error) {
	have, err := d.may(ctx, p.Channel.Workspace, p.Channel.ID)
	if err != nil {
		return core.MessageRef{}, false, err
	}
	// Without Read Message History Discord shows an empty channel, not an error.
	if names := lacking(have, viewChannel|readMessageHistory); len(names) > 0 {
		if _, there := d.guilds.channel(p.Channel.ID); !there {
			return core.MessageRef{}, false, nil
		}
		return core.MessageRef{}, false, &core.MayNot{Right: strings.Join(names, " and "), Err: errors.New("a permission is missing")}
	}
	want := d.draw(p.Channel.Workspace, p.Card)
	if p.Place == core.InForum {
		return d.findInForum(ctx, p, want)
	}
	if p.Lost {
		return d.findLost(ctx, p, want)
	}
	if p.Place == core.InThread && p.Header.ID != "" {
		ref, found, err := d.findIn(ctx, p, p.Header.ID, want)
		if found || err != nil && code(err) != unknownChannel {
			return ref, found, err
		}
	}
	return d.findIn(ctx, p, p.Channel.ID, want)
}

// findIn reads a channel or a thread, page by page, from where the last look had
// come to.
func (d *Discord) findIn(ctx context.Context, p core.Post, where string, want message) (core.MessageRef, bool, error) {
	at := d.looks.at(p.Key, where)
	if at.after == "" {
		at.after = d.oldest(p.Since)
	}
	for ; at.pages < maxPages; at.pages++ {
		var page []posted
		if err := d.rest.call(ctx, request{method: "GET", route: "/channels/{}/messages", args: []string{where},
			query: fmt.Sprintf("limit=%d&after=%s", pageSize, at.after), into: &page}); err != nil {
			d.looks.keep(p.Key, where, at)
			return core.MessageRef{}, false, err
		}
		newest := at.after
		for _, m := range page {
			if m.is(want, d.self) {
				return core.MessageRef{Conversation: where, ID: m.ID}, true, nil
			}
			if newer(m.ID, newest) {
				newest = m.ID
			}
		}
		done := len(page) < pageSize || newest == at.after
		if at.after = newest; done {
			d.looks.keep(p.Key, where, at)
			return core.MessageRef{}, false, nil
		}
	}
	return core.MessageRef{}, false, errTooMuch
}

// looks are those that have not come to their end. The zero value is ready.
type looks struct {
	mu   sync.Mutex
	open map[string]map[string]cursor // by a post's key and where it is looked for
}

// cursor is how far a look has come.
type cursor struct {
	after string // "": not begun
	pages int
}

func (l *looks) at(key, where string) cursor {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open[key][where]
}

func (l *looks) keep(key, where string, at cursor) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil || len(l.open) > 10000 { // whose looks nobody went on with
		l.open = map[string]map[string]cursor{}
	}
	if l.open[key] == nil {
		l.open[key] = map[string]cursor{}
	}
	l.open[key][where] = at
}

func (l *looks) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, key)
}

// tries remembers when a delivery was first tried, by the machine's running time
// and by the calendar: while a machine sleeps, only the calendar goes on. Its
// zero value is ready.
type tries struct {
	mu sync.Mutex
	at map[string]try
}

type try struct{ wall, calendar time.Time }

func (t try) ago(wall, calendar time.Time) time.Duration {
	return max(wall.Sub(t.wall), calendar.Round(0).Sub(t.calendar.Round(0)).Abs())
}

func (t *tries) note(key string, wall, calendar time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at == nil {
		t.at = map[string]try{}
	}
	for k, at := range t.at {
		if at.ago(wall, calendar) > 10*time.Minute {
			delete(t.at, k)
		}
	}
	if _, tried := t.at[key]; !tried {
		t.at[key] = try{wall, calendar}
	}
}

func (t *tries) ago(key string, wall, calendar time.Time) (time.Duration, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, ok := t.at[key]
	return at.ago(wall, calendar), ok
}

// posted is a message as it is read back.
type posted struct {
	ID      string `json:"id"`
	Content string `json:"content"`
	Author  struct {
		ID string `json:"id"`
	} `json:"author"`
	Webhook string  `json:"webhook_id"` // an answer's: no post
	Embeds  []embed `json:"embeds"`

	Reactions []struct {
		Emoji emoji `json:"emoji"`
		Count int   `json:"count"`
		Each  struct {
			Burst  int `json:"burst"`
			Normal int `json:"normal"`
		} `json:"count_details"`
	} `json:"reactions"`
}

// is reports whether a message is the post: by the paper's address, or by a
// header's first line.
func (m posted) is(want message, self string) bool {
	if m.Author.ID != self || m.Webhook != "" {
		return false
	}
	if len(want.Embeds) == 0 || want.Embeds[0].URL == "" {
		return firstLine(m.Content) != "" && firstLine(m.Content) == firstLine(want.Content)
	}
	for _, e := range m.Embeds {
		if e.URL == want.Embeds[0].URL {
			return true
		}
	}
	return len(m.Embeds) == 0 && strings.Contains(m.Content, want.Embeds[0].URL)
}

// discordEpoch is the millisecond from which ids count: the first of 2015.
const discordEpoch = 1420070400000

// oldest is the id where looking back may stop. Since is of the bot's calendar,
// which may have been shifted against Discord's.
func (d *Discord) oldest(since time.Time) string {
	if since.IsZero() {
		return "0"
	}
	if wall := time.Now().Add(-d.opt.Now().Sub(since)); wall.Before(since) {
		since = wall
	}
	return idAt(since.Add(-5 * time.Minute))
}

// idAt is the smallest id of a moment.
func idAt(t time.Time) string { return strconv.FormatInt(max(0, t.UnixMilli()-discordEpoch)<<22, 10) }

// newer compares ids, which grow.
func newer(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}
