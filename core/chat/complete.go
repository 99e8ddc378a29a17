package chat

import (
	"context"

	"paperboy/core"
	"paperboy/core/complete"
)

// Complete offers ways to go on with what is being typed.
func (b *Chat) Complete(ctx context.Context, p core.Partial) []core.Choice {
	c := b.call(ctx, p.Channel, p.User)
	if b.begin(c, "", p.Channel, "", false, false) != nil {
		return nil
	}
	return b.completer.Complete(ctx, complete.Where{Channel: c.channel, Network: c.network, User: c.user, Now: c.now}, p)
}
