package plan

import (
	"context"
	"errors"
	"time"

	"paperboy/core"
)

// Repost plans a paper's version as a message of its own, sent at once: a line of the
// ledger that names the version, beside the one of the first post, so that it comes
// once too. planned is false when it was planned before.
func (p *Planner) Repost(ctx context.Context, ch core.Channel, paper *core.Paper, first core.Delivery) (planned bool, err error) {
	now := p.Clock.Now()
	place := core.InChannel
	if ch.Settings.Layout == core.LayoutForum {
		place = core.InForum
	}
	item := core.AgainItem(paper.ID, paper.Version)
	for due := now; ; due = due.Add(time.Millisecond) { // another paper may have come again at this one
		n, err := p.Store.PlanDigests(ctx, []core.Plan{{
			Digest: core.Digest{Channel: ch.ID, Due: due, Kind: core.Repost, Planned: now},
			Items:  []core.Delivery{{Item: item, Position: 1, Place: place, Matched: first.Matched}},
		}})
		if err != nil {
			return false, err
		}
		if n > 0 {
			p.WakePoster()
			return true, nil
		}
		if _, err := p.Store.Delivery(ctx, ch.ID, item); !errors.Is(err, core.ErrNotFound) {
			return false, err
		}
	}
}
