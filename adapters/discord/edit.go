package discord

import (
	"context"

	"paperboy/core"
)

// Edit changes a message. One in a thread that is archived only is changed all
// the same: the thread is opened for a moment.
func (d *Discord) Edit(ctx context.Context, p core.Post, ref core.MessageRef) error {
	m := d.draw(p.Channel.Workspace, p.Card)
	err := d.edit(ctx, ref, m)
	if code(err) == threadArchived {
		if err = d.archive(ctx, ref.Conversation, false); err == nil {
			err = d.edit(ctx, ref, m)
			if err := d.archive(ctx, ref.Conversation, true); err != nil {
				d.log.Info("a thread stays open after an edit", "thread", ref.Conversation, "err", err)
			}
		}
	}
	if code(err) == invalidForm && len(m.Embeds) > 0 {
		d.log.Error("discord does not show a message as it is meant; it becomes plain text", "channel", ref.Conversation, "key", p.Key, "err", err)
		err = d.edit(ctx, ref, m.withoutEmbeds())
	}
	if core.Is[*core.Gone](err) { // with its thread, it may be; the channel is another's business
		return &core.Gone{What: core.TheMessage, Err: err}
	}
	return err
}

func (d *Discord) edit(ctx context.Context, ref core.MessageRef, m message) error {
	return d.rest.call(ctx, request{method: "PATCH", route: "/channels/{}/messages/{}", args: []string{ref.Conversation, ref.ID}, body: m})
}
