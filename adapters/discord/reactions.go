package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"paperboy/core"
)

// rereadsPerSecond is how many pages, or messages by themselves, are asked for in a second
// when votes are read back, of the 50 requests that Discord lets us make.
const rereadsPerSecond = 10

// user is a person, or a bot.
type user struct {
	ID     string `json:"id"`
	Name   string `json:"username"`
	Global string `json:"global_name"`
	Bot    bool   `json:"bot"`
}

// core is the person under the name that the guild sees.
func (u user) core(nick string) core.User {
	name := u.ID
	for _, n := range []string{u.Name, u.Global, nick} {
		if n != "" {
			name = n
		}
	}
	return core.User{Key: Name + ":" + u.ID, Name: name}
}

// emoji is one of Unicode, or a guild's own with an id.
type emoji struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// name tells apart what can be taken back apart: skin tones, a guild's own emoji
// and super (burst) reactions. core.FoldEmoji makes the same of all of them that
// mean the same.
func (e emoji) name(burst bool) string {
	n := e.path()
	if burst {
		n += ":burst"
	}
	return n
}

// path is the emoji as the REST API names it.
func (e emoji) path() string {
	if e.ID != "" {
		return e.Name + ":" + e.ID
	}
	return e.Name
}

// reaction is an event about reactions on a message.
type reaction struct {
	User    string `json:"user_id"`
	Channel string `json:"channel_id"`
	Message string `json:"message_id"`
	Guild   string `json:"guild_id"`
	Author  string `json:"message_author_id"`
	Emoji   emoji  `json:"emoji"`
	Burst   bool   `json:"burst"`
	Member  struct {
		User user   `json:"user"`
		Nick string `json:"nick"`
	} `json:"member"`
}

// reactionEvent takes a reaction in, of that place in the order of all. It only puts it into the queue, under its message's key.
func (d *Discord) reactionEvent(name string, order int64, raw json.RawMessage) {
	var r reaction
	if json.Unmarshal(raw, &r) != nil || r.User == d.self || r.Member.User.Bot || r.Guild == "" {
		return
	}
	if r.Author != "" && r.Author != d.self {
		return // somebody else's message
	}
	d.watches.note(r.Message)
	added := name == "MESSAGE_REACTION_ADD"
	if !added && name != "MESSAGE_REACTION_REMOVE" {
		// A moderator took all off, or all of one emoji: what is left is read again.
		d.reread(func(ctx context.Context) error {
			key, err := d.parent(ctx, r.Guild, r.Channel)
			if err != nil {
				return err
			}
			return d.bot.ReadVotesOn(ctx, key, r.Message)
		})
		return
	}
	d.queue.Put(r.Message, func(ctx context.Context) {
		if err := d.react(ctx, r, added, order); err != nil && ctx.Err() == nil {
			d.log.Error("a reaction could not be written down", "channel", r.Channel, "err", err)
		}
	})
}

func (d *Discord) react(ctx context.Context, r reaction, added bool, order int64) error {
	ctx, cancel := context.WithTimeout(ctx, handleTime)
	defer cancel()
	key, err := d.parent(ctx, r.Guild, r.Channel)
	if err != nil {
		return err
	}
	who := r.Member.User
	who.ID = r.User
	return d.bot.React(ctx, core.Reaction{
		Channel: key, Message: r.Message, User: who.core(r.Member.Nick), Emoji: r.Emoji.name(r.Burst), Added: added, Order: order,
	})
}

// reread reads votes back, one reading after another: each waits for its
// messages' keys.
func (d *Discord) reread(read func(context.Context) error) {
	d.queue.Put("votes", func(ctx context.Context) {
		if err := read(ctx); err != nil && ctx.Err() == nil {
			d.log.Error("reading votes again", "platform", Name, "err", err)
		}
	})
}

// parent is the channel that a message in it, or in one of its threads, belongs
// to.
func (d *Discord) parent(ctx context.Context, guild, id string) (core.ChannelKey, error) {
	c, err := d.look(ctx, id)
	if err != nil {
		return core.ChannelKey{}, err
	}
	if c.isThread() && c.Parent != "" {
		id = c.Parent
	}
	return d.key(guild, id), nil
}

// Reactions reads back who put what on messages, under the keys of their events. Our own
// do not count. A page says on which messages there is nothing; the others are asked for
// one by one, and so is one to which something happens meanwhile. It waits for the
// gateway, so that nothing that happens later is missed.
func (d *Discord) Reactions(ctx context.Context, ch core.ChannelKey, _ core.MessageRef, refs []core.MessageRef, keep func(core.MessageRef, []core.Reaction) error) (rest []core.MessageRef, err error) {
	if !d.Hears(ch.Installation()) {
		return nil, &core.Retry{After: time.Minute, Err: errors.New("another process hears the server, or none yet")}
	}
	have, err := d.may(ctx, ch.Workspace, ch.ID)
	if err != nil {
		return nil, unread(err)
	}
	if names := lacking(have, viewChannel|readMessageHistory); len(names) > 0 {
		return nil, &core.MayNot{Right: strings.Join(names, " and "), Err: errors.New("a permission is missing")}
	}
	happens, end := d.watches.begin()
	defer end()
	silent, from, err := d.silent(ctx, refs)
	if err != nil {
		return nil, unread(err)
	}
	for i, ref := range refs {
		if i > 0 && (ref.Conversation != refs[0].Conversation || newer(from, ref.ID)) {
			rest = append(rest, ref)
			continue
		}
		if !silent[ref.ID] {
			if err := d.rereads.Wait(ctx); err != nil {
				return nil, err
			}
		}
		err := d.queue.Do(ctx, ref.ID, func() (err error) {
			var rs []core.Reaction
			if !silent[ref.ID] || happens(ref.ID) {
				rs, err = d.reactions(ctx, ch, ref)
			}
			if err != nil {
				return err
			}
			return keep(ref, rs)
		})
		if err = unread(err); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// unread is what it means that reactions could not be read: what is gone has none.
func unread(err error) error {
	switch {
	case core.Is[*core.Gone](err):
		return nil
	case core.Is[*core.Refused](err):
		return &core.MayNot{Err: err}
	}
	return err
}

// silent are the messages in the conversation of the first of these on which there is
// nothing, of a page that begins with the newest and shows all of them from one on.
// Where one is asked for alone, it is that.
func (d *Discord) silent(ctx context.Context, refs []core.MessageRef) (silent map[string]bool, from string, err error) {
	where, newest := refs[0].Conversation, ""
	n := 0
	for _, ref := range refs {
		if ref.Conversation == where {
			n++
			if newest == "" || newer(ref.ID, newest) {
				newest = ref.ID
			}
		}
	}
	id, err := strconv.ParseUint(newest, 10, 64)
	if n == 1 || err != nil {
		return nil, newest, nil
	}
	if err := d.rereads.Wait(ctx); err != nil {
		return nil, "", err
	}
	var page []posted
	if err := d.rest.call(ctx, request{method: "GET", route: "/channels/{}/messages", args: []string{where},
		query: fmt.Sprintf("limit=%d&before=%d", pageSize, id+1), into: &page}); err != nil {
		if core.Is[*core.Gone](err) { // the thread, with all of them
			return nil, "", nil
		}
		return nil, "", err
	}
	silent = map[string]bool{}
	for _, m := range page {
		silent[m.ID] = len(m.Reactions) == 0
		if len(page) == pageSize && (from == "" || newer(from, m.ID)) {
			from = m.ID
		}
	}
	return silent, from, nil
}

// watches know to which messages something happens while pages are read. The zero value
// is ready.
type watches struct {
	mu   sync.Mutex
	open int            // pages that are read
	n    int            // events so far
	last map[string]int // by message: the last one
}

// begin watches until end; happens says whether something happened to a message since.
func (w *watches) begin() (happens func(message string) bool, end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open++
	since := w.n
	happens = func(message string) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.last[message] > since
	}
	return happens, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.open--; w.open == 0 {
			w.last = nil
		}
	}
}

func (w *watches) note(message string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open == 0 {
		return
	}
	if w.last == nil {
		w.last = map[string]int{}
	}
	w.n++
	w.last[message] = w.n
}

func (d *Discord) reactions(ctx context.Context, ch core.ChannelKey, ref core.MessageRef) ([]core.Reaction, error) {
	var m posted
	if err := d.rest.call(ctx, request{method: "GET", route: "/channels/{}/messages/{}", args: []string{ref.Conversation, ref.ID}, into: &m}); err != nil {
		return nil, err
	}
	var out []core.Reaction
	for _, r := range m.Reactions {
		for _, kind := range []struct {
			burst bool
			n     int
		}{{false, r.Each.Normal}, {true, r.Each.Burst}} {
			if kind.n == 0 && (kind.burst || r.Each.Burst > 0) {
				continue
			}
			users, err := d.reacted(ctx, ref, r.Emoji, kind.burst)
			if err != nil {
				return nil, err
			}
			for _, u := range users {
				if u.ID != d.self && !u.Bot {
					out = append(out, core.Reaction{Channel: ch, Message: ref.ID, User: u.core(""), Emoji: r.Emoji.name(kind.burst), Added: true})
				}
			}
		}
	}
	return out, nil
}

func (d *Discord) reacted(ctx context.Context, ref core.MessageRef, e emoji, burst bool) (all []user, err error) {
	kind, after := "0", "0"
	if burst {
		kind = "1"
	}
	for {
		var page []user
		if err := d.rest.call(ctx, request{method: "GET", route: "/channels/{}/messages/{}/reactions/{}", args: []string{ref.Conversation, ref.ID, e.path()},
			query: fmt.Sprintf("limit=%d&type=%s&after=%s", pageSize, kind, after), into: &page}); err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < pageSize || !newer(page[len(page)-1].ID, after) {
			return all, nil
		}
		after = page[len(page)-1].ID
	}
}
