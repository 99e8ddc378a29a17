package plan

import (
	"context"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
)

// lateNotice is for how long a source is late before it is mentioned.
const lateNotice = 24 * time.Hour

// Notices plans one line for every channel that follows something when a source
// has been late for a day, and one when it is there again.
func (p *Planner) Notices(ctx context.Context) error {
	if p.Breaker.Open(ctx) || !p.Plausible(p.Clock.Now()) {
		return nil
	}
	return p.Breaker.Note(p.notices(ctx))
}

func (p *Planner) notices(ctx context.Context) error {
	now := p.Clock.Now()
	states, err := p.Store.SourceStates(ctx)
	if err != nil {
		return err
	}
	var told []core.Told
	var lines []func(*time.Location) say.Text
	for _, s := range states {
		if !isNews(s, now) {
			continue
		}
		told = append(told, core.Told{Source: s.Source, Told: !s.Told})
		lines = append(lines, func(loc *time.Location) say.Text {
			if s.Told {
				return say.Say("%s is back. What was missed comes with the next post.", s.Called())
			}
			return cards.SourceSentence(s, now, loc)
		})
	}
	if len(lines) == 0 {
		return nil
	}
	plans, err := p.noticePlans(ctx, now, lines)
	if err != nil {
		return err
	}
	if _, err := p.Store.PlanDigests(ctx, plans, told...); err != nil {
		return err
	}
	p.WakePoster()
	return nil
}

// isNews reports whether channels do not know yet how the source is: late for
// a day, or back.
func isNews(s core.SourceState, now time.Time) bool {
	if s.Told {
		return s.Word == core.Fresh || s.Word == core.NotAnnounced
	}
	return (s.Word == core.Stale || s.Word == core.Failed) && now.Sub(s.Since) >= lateNotice && !s.LastSuccess.IsZero()
}

// noticePlans are the lines as one message in every channel that follows
// something and hears from us.
func (p *Planner) noticePlans(ctx context.Context, now time.Time, lines []func(*time.Location) say.Text) ([]core.Plan, error) {
	topics, err := p.Store.Topics(ctx, 0)
	if err != nil {
		return nil, err
	}
	follows := map[int64]bool{}
	for _, t := range topics {
		follows[t.Channel] = true
	}
	channels, err := p.Store.Channels(ctx)
	if err != nil {
		return nil, err
	}
	paused := map[core.Installation]bool{}
	for _, ch := range channels {
		in := ch.Key.Installation()
		if _, asked := paused[in]; !asked {
			if paused[in], err = p.Store.WorkspacePaused(ctx, in); err != nil {
				return nil, err
			}
		}
	}
	var plans []core.Plan
	for i := range channels {
		ch := &channels[i]
		if paused[ch.Key.Installation()] || !follows[ch.ID] || ch.Schedule.Zone == "" || ch.Paused(now) || !ch.Hold.Since.IsZero() || ch.Settings.Layout == core.LayoutForum {
			continue
		}
		card := &core.Card{}
		for _, line := range lines {
			card.Lines = append(card.Lines, line(ch.Location()))
		}
		plans = append(plans, core.Plan{
			Digest: core.Digest{Channel: ch.ID, Due: now, Kind: core.Notice, Planned: now, Header: card},
			Items:  []core.Delivery{{Channel: ch.ID, Item: core.HeaderItem(core.Notice, now), Place: core.InChannel, State: core.Planned}},
		})
	}
	return plans, nil
}
