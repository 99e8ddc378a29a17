package discord

import (
	"context"
	"encoding/json"
	"maps"
	"runtime/debug"

	"paperboy/core"
)

// event takes in what the gateway says, in its order. It only sorts: nothing
// here waits.
func (d *Discord) event(s *session, name string, seq int64, raw json.RawMessage) {
	defer func() {
		if r := recover(); r != nil {
			d.log.Error("an event failed badly", "type", name, "panic", r, "stack", string(debug.Stack()))
		}
	}()
	switch name {
	case "READY":
		d.begun(s, raw)
	case "RESUMED":
		d.setLink(nil)
	case "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE", "MESSAGE_REACTION_REMOVE_ALL", "MESSAGE_REACTION_REMOVE_EMOJI":
		d.reactionEvent(name, seq, raw)
	case "INTERACTION_CREATE":
		d.interact(raw)
	case "GUILD_CREATE":
		var g guild
		if json.Unmarshal(raw, &g) == nil && !g.Away {
			d.guilds.has(g, d.self)
			d.mu.Lock()
			away := d.away[g.ID]
			delete(d.away, g.ID)
			if d.in != nil {
				d.in[g.ID] = true
			}
			d.mu.Unlock()
			d.queue.Put(guildsKey, func(ctx context.Context) {
				if d.returned(ctx, g.ID); away { // nobody told what happened meanwhile
					d.reread(func(ctx context.Context) error {
						return d.bot.ReadVotes(ctx, core.Installation{Platform: Name, Workspace: g.ID})
					})
				}
			})
			d.needCommands()
		}
	case "GUILD_UPDATE":
		// Name and owner; roles have events of their own.
	case "GUILD_DELETE":
		var g guild
		switch {
		case json.Unmarshal(raw, &g) != nil:
		case g.Away: // Discord's trouble, not a removal
			d.mu.Lock()
			d.away[g.ID] = true
			d.mu.Unlock()
		default:
			d.removed(g.ID)
			d.queue.Put(guildsKey, func(ctx context.Context) { d.left(ctx, g.ID) })
		}
	case "CHANNEL_DELETE":
		var c channel
		if json.Unmarshal(raw, &c) == nil {
			d.queue.Put(guildsKey, func(ctx context.Context) {
				if err := d.bot.Left(ctx, d.key(c.Guild, c.ID)); err != nil {
					d.log.Error("a deleted channel could not be written down", "channel", c.ID, "err", err)
				}
			})
		}
		fallthrough
	default:
		d.guilds.heard(name, raw, d.self)
	}
}

// begun is a new session: what happened since the last one is gone.
func (d *Discord) begun(s *session, raw json.RawMessage) {
	var r struct {
		ID     string  `json:"session_id"`
		Resume string  `json:"resume_gateway_url"`
		Guilds []guild `json:"guilds"`
		App    struct {
			ID string `json:"id"`
		} `json:"application"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		d.log.Error("discord: READY cannot be read")
		return
	}
	s.id, s.resume = r.ID, r.Resume
	d.mu.Lock()
	if d.app == "" {
		d.app = r.App.ID
	}
	d.link = nil
	d.in = map[string]bool{}
	for _, g := range r.Guilds {
		d.in[g.ID] = true
	}
	in := maps.Clone(d.in)
	d.mu.Unlock()
	for _, g := range d.guilds.all() {
		if !in[g] {
			d.removed(g)
		}
	}
	d.queue.Put(guildsKey, func(ctx context.Context) { d.leftMeanwhile(ctx, in) })
	select {
	case <-d.ready:
	default: // the first session
		close(d.ready)
		return // core reads the votes again at the start, and waits for this
	}
	d.log.Info("discord: a new session; votes are read again")
	d.reread(func(ctx context.Context) error { return d.bot.ReadVotes(ctx, core.Installation{Platform: Name}) })
}

// guildsKey is that of what happens to servers and channels: somebody may come
// and go within a second, and the last of it is true.
const guildsKey = "guilds"

// leftMeanwhile marks the guilds gone that removed us while nobody listened.
func (d *Discord) leftMeanwhile(ctx context.Context, in map[string]bool) {
	if err := d.bot.Present(ctx, Name, func(guild string) bool { return guild == "" || in[guild] }); err != nil {
		d.log.Error("cannot tell which servers are gone", "err", err)
	}
}

// removed forgets a server that we are not in any more.
func (d *Discord) removed(guild string) {
	d.guilds.forget(guild)
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.in, guild)
	delete(d.registered, guild) // Discord forgets them too
	d.away[guild] = true
}

func (d *Discord) left(ctx context.Context, guild string) {
	if err := d.bot.Removed(ctx, core.Installation{Platform: Name, Workspace: guild}); err != nil {
		d.log.Error("a server that is gone could not be written down", "guild", guild, "err", err)
	}
}

func (d *Discord) returned(ctx context.Context, guild string) {
	if err := d.bot.Returned(ctx, core.Installation{Platform: Name, Workspace: guild}); err != nil {
		d.log.Error("a server could not be written down", "guild", guild, "err", err)
	}
}
