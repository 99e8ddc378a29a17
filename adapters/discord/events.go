package discord

import (
	"context"
	"encoding/json"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"paperboy/core"
)

// event takes in what the gateway says, in its order. It only sorts: nothing
// here waits.
func (s *shard) event(now *session, name string, seq int64, raw json.RawMessage) {
	d := s.d
	defer func() {
		if r := recover(); r != nil {
			d.log.Error("an event failed badly", "type", name, "panic", r, "stack", string(debug.Stack()))
		}
	}()
	switch name {
	case "READY":
		s.begun(now, raw)
	case "RESUMED":
		s.setLink(nil)
	case "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE", "MESSAGE_REACTION_REMOVE_ALL", "MESSAGE_REACTION_REMOVE_EMOJI":
		d.reactionEvent(name, s.epoch<<32|seq, raw)
	case "INTERACTION_CREATE":
		d.interact(raw)
	case "GUILD_CREATE":
		var g guild
		if json.Unmarshal(raw, &g) == nil && !g.Away {
			d.guilds.has(g, d.self, time.Time{})
			d.mu.Lock()
			away := s.away[g.ID]
			delete(s.away, g.ID)
			if s.in != nil {
				s.in[g.ID] = true
			}
			d.mu.Unlock()
			d.queue.Put(guildsKey, func(ctx context.Context) {
				if d.returned(ctx, g.ID); away { // nobody told what happened meanwhile
					d.reread(func(ctx context.Context) error { return d.bot.ReadVotes(ctx, Name, g.ID) })
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
			s.away[g.ID] = true
			d.mu.Unlock()
		default:
			s.removed(g.ID)
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

// begun is a new session: what happened since the last one, which may have been
// another process's, is gone.
func (s *shard) begun(now *session, raw json.RawMessage) {
	d := s.d
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
	now.id, now.resume = r.ID, r.Resume
	in := make(map[string]bool, len(r.Guilds))
	for _, g := range r.Guilds {
		in[g.ID] = true
	}
	d.mu.Lock()
	if d.app == "" {
		d.app = r.App.ID
	}
	s.link, s.in = nil, maps.Clone(in)
	d.mu.Unlock()
	d.wake()
	for _, g := range d.guilds.all() {
		if s.hears(g) && !in[g] {
			s.removed(g)
		}
	}
	d.queue.Put(guildsKey, func(ctx context.Context) { s.leftMeanwhile(ctx, in) })
	d.log.Info("discord: a new session; votes are read again", "shard", s, "servers", len(in))
	if guilds := slices.Sorted(maps.Keys(in)); len(guilds) > 0 {
		d.reread(func(ctx context.Context) error { return d.bot.ReadVotes(ctx, Name, guilds...) })
	}
}

// guildsKey is that of what happens to servers and channels: somebody may come
// and go within a second, and the last of it is true.
const guildsKey = "guilds"

// leftMeanwhile marks the servers gone that removed us while nobody listened: of
// those that the shard hears of.
func (s *shard) leftMeanwhile(ctx context.Context, in map[string]bool) {
	if err := s.d.bot.Present(ctx, Name, func(guild string) bool { return guild == "" || !s.hears(guild) || in[guild] }); err != nil {
		s.d.log.Error("cannot tell which servers are gone", "err", err)
	}
}

// removed forgets a server that we are not in any more.
func (s *shard) removed(guild string) {
	d := s.d
	d.guilds.forget(guild)
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(s.in, guild)
	delete(d.registered, guild) // Discord forgets them too
	s.away[guild] = true
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
