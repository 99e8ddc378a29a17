package plan

import (
	"context"
	"time"

	"paperboy/core"
)

// voteDays is how long a posted paper may take to get the votes that a library asks for.
const voteDays = 30

// shelve plans what goes into libraries: what was saved or posted since they were set
// up and has no line in their ledger. So it does not matter how often it is asked, nor
// who asks.
func (p *Planner) shelve(ctx context.Context, now time.Time) error {
	ls, err := p.Store.Libraries(ctx)
	if err != nil || len(ls) == 0 {
		return err
	}
	var plans []core.Plan
	for _, l := range ls {
		ch, err := p.Store.ChannelByID(ctx, l.Channel)
		if err != nil {
			return err
		}
		if !ch.Gone.IsZero() || !p.Connections.Serves(ch.Key.Installation()) {
			continue
		}
		items, err := p.shelved(ctx, l, ch, now)
		if err != nil {
			return err
		}
		if len(items) > 0 {
			plans = append(plans, core.Plan{Digest: core.Digest{Channel: ch.ID, Due: now, Kind: core.Shelving, Planned: now}, Items: items})
		}
	}
	if len(plans) == 0 {
		return nil
	}
	written, err := p.Store.PlanDigests(ctx, plans)
	if written > 0 {
		p.WakePoster()
	}
	return err
}

// shelved are the lines of what goes into a library and is not in its ledger.
func (p *Planner) shelved(ctx context.Context, l core.Library, ch core.Channel, now time.Time) ([]core.Delivery, error) {
	var ids []core.PaperID // oldest first
	because := map[core.PaperID][]core.Matched{}
	switch l.What {
	case core.ShelveSaves:
		saved, err := p.Store.SavedBy(ctx, ch.Owner)
		if err != nil {
			return nil, err
		}
		for i := len(saved) - 1; i >= 0; i-- {
			if s := saved[i]; !s.At.Before(l.At) {
				ids = append(ids, s.Paper)
			}
		}
	case core.ShelvePosts:
		since := now.AddDate(0, 0, -voteDays)
		if since.Before(l.At) {
			since = l.At
		}
		posted, err := p.Store.DeliveriesOf(ctx, ch.Follows, since, core.Posted)
		if err != nil {
			return nil, err
		}
		for _, d := range posted {
			if id, ok := d.Item.Paper(); ok {
				ids, because[id] = append(ids, id), d.Matched
			}
		}
		if l.Least > 0 && len(ids) > 0 {
			votes, err := p.Store.Tally(ctx, ch.Follows, ids, time.Time{})
			if err != nil {
				return nil, err
			}
			enough := ids[:0]
			for _, id := range ids {
				if votes[id].Up >= l.Least {
					enough = append(enough, id)
				}
			}
			ids = enough
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	had, err := p.Store.DeliveriesFor(ctx, ch.ID, ids)
	if err != nil {
		return nil, err
	}
	var items []core.Delivery
	for _, id := range ids {
		if _, there := had[id]; !there {
			items = append(items, core.Delivery{Item: core.PaperItem(id), Position: len(items) + 1, Place: core.InChannel, State: core.Planned, Matched: because[id]})
		}
	}
	return items, nil
}
