package plan

import (
	"context"
	"fmt"
	"slices"
	"time"

	"paperboy/core"
	"paperboy/core/say"
)

// Sample plans a post of what the newest day that brought something for a channel
// did, marked as a sample, so that there is something to see before the first
// morning. A channel has one: had says that it has had it. Its papers are posted
// as any are, once; what has come and is not in it comes with the next post.
func (p *Planner) Sample(ctx context.Context, ch core.Channel) (papers int, had bool, err error) {
	note := fmt.Sprintf("sample/%d", ch.ID)
	if given, err := p.Store.Note(ctx, note); err != nil || given != "" {
		return 0, given != "", err
	}
	now := p.Clock.Now()
	r := p.round(now)
	if err := r.read(ctx, ch.Planned); err != nil {
		return 0, false, err
	}
	topics, err := p.Store.Topics(ctx, ch.ID)
	if err != nil {
		return 0, false, err
	}
	day, err := p.Query.NewestDay(ctx, ch, topics)
	if err != nil || day.IsZero() {
		return 0, false, err
	}
	found, _, _, err := p.Query.OfDay(ctx, ch, topics, day)
	if err != nil {
		return 0, false, err
	}
	ids := make([]core.PaperID, len(found))
	for i, c := range found {
		ids[i] = c.Paper.ID
	}
	known, err := p.Store.Planning(ctx, []int64{ch.ID}, ids, now.AddDate(0, 0, -tasteDays), now)
	if err != nil {
		return 0, false, err
	}
	e := eligible{Planning: known[ch.ID]}
	e.Waiting = nil // of a post that is to come
	for _, c := range found {
		if !e.Had[c.Paper.ID] && ch.Enough(c.Paper) && !core.Discovered(c.Matched) {
			e.papers = append(e.papers, c)
		}
	}
	if len(e.papers) == 0 {
		return 0, false, nil
	}
	ch.Settings.QuietNote = false
	plans, err := r.posts(ctx, &ch, e, core.Sample, now, 1)
	if err != nil {
		return 0, false, err
	}
	for i := range plans {
		plans[i].Seq = 0 // the next post begins where it would have, and brings what had no place
		plans[i].Items = slices.DeleteFunc(plans[i].Items, func(d core.Delivery) bool { return d.State == core.Skipped })
		if h := plans[i].Digest.Header; h != nil {
			h.Context = append([]say.Text{say.Say("A sample, asked for: what %s brought. From now on only what is new comes.", day.Time(time.UTC).Format("Mon 2 Jan"))}, h.Context...)
		}
		for _, d := range plans[i].Items {
			if _, isPaper := d.Item.Paper(); isPaper {
				papers++
			}
		}
	}
	written, err := p.Store.PlanDigests(ctx, plans)
	if err != nil || written == 0 {
		return 0, false, err
	}
	p.WakePoster()
	return papers, false, p.Store.SetNote(ctx, note, string(day))
}
