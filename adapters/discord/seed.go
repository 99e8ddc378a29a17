package discord

import (
	"context"
	"errors"
	"strings"
	"time"

	"paperboy/core"
)

const seedTime = 10 * time.Minute // later nobody needs the first 👍 any more

// seed adds the first 👍.
func (d *Discord) seed(ctx context.Context, ref core.MessageRef) {
	ctx, cancel := context.WithTimeout(ctx, seedTime)
	defer cancel()
	err := d.rest.call(ctx, request{method: "PUT", route: "/channels/{}/messages/{}/reactions/{}/@me", args: []string{ref.Conversation, ref.ID, "👍"}})
	if err != nil && ctx.Err() == nil {
		d.log.Warn("cannot add the first reaction", "channel", ref.Conversation, "err", err)
	}
}

// MaySeed says whether the bot may add reactions in a channel.
func (d *Discord) MaySeed(ctx context.Context, ch core.ChannelKey) error {
	have, err := d.may(ctx, ch.Workspace, ch.ID)
	if err != nil {
		return err
	}
	if names := lacking(have, addReactions|readMessageHistory); len(names) > 0 {
		return &core.MayNot{Right: strings.Join(names, " and "), Err: errors.New("a permission is missing")}
	}
	return nil
}
