package discord

import (
	"context"
	"encoding/json"

	"paperboy/core"
)

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

// reactionEvent takes a reaction in. It only puts it into its message's lane.
func (d *Discord) reactionEvent(name string, seq int64, raw json.RawMessage) {
	var r reaction
	if json.Unmarshal(raw, &r) != nil || r.User == d.self || r.Member.User.Bot || r.Guild == "" {
		return
	}
	if r.Author != "" && r.Author != d.self {
		return // somebody else's message
	}
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
	d.mu.Lock()
	order := d.epoch<<32 | seq
	d.mu.Unlock()
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
// messages' lanes.
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
