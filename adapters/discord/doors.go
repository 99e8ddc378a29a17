package discord

import (
	"context"
	"errors"
	"strings"
	"time"

	"paperboy/core"
)

// toldTime is how long the permissions that came with an interaction are those
// that its answer goes by; memberTime how long somebody's roles are.
const (
	toldTime   = time.Minute
	memberTime = time.Minute
)

// unknownMember is Discord's number for somebody who is not in the server.
const unknownMember = 10007

// needed is what posts of a layout have to be allowed to.
func needed(layout core.Layout) perm {
	need := viewChannel | sendMessages | embedLinks
	if layout == core.LayoutChannel || layout == core.LayoutThread {
		need |= createPublicThreads | sendMessagesInThreads
	}
	return need
}

// MayPost says whether posts are taken in a channel, by what Discord told with
// the interaction that asks, else by what the gateway told. It asks nobody.
func (d *Discord) MayPost(_ context.Context, ch core.Channel) error {
	if ch.Key.Workspace == "" {
		return &core.MayNot{Err: errors.New("direct messages take no posts")}
	}
	have, ok := d.told.Get(ch.Key.ID, time.Now())
	if !ok || have == 0 {
		if have, ok = d.guilds.may(ch.Key.Workspace, ch.Key.ID, d.self); !ok {
			return errors.New("nothing is known of the channel yet")
		}
	}
	if names := lacking(have, needed(ch.Settings.Layout)); len(names) > 0 && have&administrator == 0 {
		switch { // of what hangs on another nothing can be told
		case have&viewChannel == 0:
			names = names[:1]
		case have&sendMessages == 0:
			names = lacking(have|embedLinks, needed(ch.Settings.Layout))
		}
		return &core.Refused{Reason: "missing " + strings.Join(names, " and "), Err: errors.New("a permission is missing")}
	}
	c, known := d.guilds.channel(ch.Key.ID)
	switch _, tagged := tagsFor(c, core.Post{}); {
	case !known:
	case c.isForum() && ch.Settings.Layout != core.LayoutForum:
		return refusedForum
	case !c.isForum() && ch.Settings.Layout == core.LayoutForum:
		return refusedNoForum
	case !tagged:
		return refusedTags
	}
	return nil
}

// Why a forum takes no posts, or another channel no posts of a forum.
var (
	refusedForum   = &core.Refused{Reason: "this is a forum, which takes posts only; /papers settings layout:forum", Err: errors.New("a forum")}
	refusedNoForum = &core.Refused{Reason: "this is no forum channel; /papers settings layout:channel", Err: errors.New("not a forum")}
	refusedTags    = &core.Refused{Reason: "the forum wants a tag on every post and has none", Err: errors.New("no tags")}
)

// CanRead says whether a member sees a channel, as Discord computes it from
// their roles.
func (d *Discord) CanRead(ctx context.Context, ch core.ChannelKey, u core.User) (bool, error) {
	if ch.Workspace == "" {
		return false, nil // whose direct messages they are nobody has to know
	}
	if _, err := d.may(ctx, ch.Workspace, ch.ID); err != nil { // what is not known is asked for
		return false, err
	}
	id := strings.TrimPrefix(u.Key, Name+":")
	roles, err := d.members.Ask(ch.Workspace+" "+id, time.Now(), memberTime, func() ([]string, error) {
		var m member
		err := d.rest.call(ctx, request{method: "GET", route: "/guilds/{}/members/{}", args: []string{ch.Workspace, id}, into: &m})
		return m.Roles, err
	})
	if code(err) == unknownMember {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	p, ok := d.guilds.permissions(ch.Workspace, ch.ID, id, roles)
	return ok && p&viewChannel != 0, nil
}

// isPrivate reports whether a channel is known not to be everybody's.
func (d *Discord) isPrivate(guild, id string) bool {
	p, ok := d.guilds.permissions(guild, id, "", nil)
	return guild == "" || ok && p&viewChannel == 0
}
