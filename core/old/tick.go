package old

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/rank"
	"paperboy/core/say"
)

// Tick does everything that is due: it plans the posts whose minute has come
// and delivers what is open, and returns when both are done. Run does the same
// without waiting for slow channels.
func (b *Bot) Tick(ctx context.Context) error {
	err := b.planDue(ctx)
	return errors.Join(err, b.deliverOpen(ctx))
}

// deliverOpen sends what is open, each channel on its own, and waits for all.
func (b *Bot) deliverOpen(ctx context.Context) error {
	if !b.hasRoom(ctx) {
		return nil
	}
	open, err := b.Store.Open(ctx)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var errs []error
	var wg sync.WaitGroup
	for len(open) > 0 {
		ch := open[0].Channel
		n := 1
		for n < len(open) && open[n].Channel == ch {
			n++
		}
		batch := open[:n]
		open = open[n:]
		if !b.take(ch) {
			continue
		}
		wg.Go(func() {
			defer b.give(ch)
			if err := b.deliver(ctx, ch, batch); err != nil && ctx.Err() == nil {
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return b.noRoom(errors.Join(errs...))
}

// take makes sure that one goroutine at a time delivers to a channel. Who
// comes while it is taken leaves word, so that give has it looked at again.
func (b *Bot) take(channel int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, taken := b.busy[channel]; taken {
		b.busy[channel] = true
		return false
	}
	b.busy[channel] = false
	return true
}

func (b *Bot) give(channel int64) {
	b.mu.Lock()
	again := b.busy[channel]
	delete(b.busy, channel)
	b.mu.Unlock()
	if again {
		b.poke()
	}
}

// due is a channel whose post should be planned now.
type due struct {
	channel core.Channel
	at      time.Time
	missed  int // posts that this one stands for
}

// missedLimit is how many days back missed posts are counted.
const missedLimit = 400

// isDue says whether the channel's post is due at now. Several that were
// missed are one.
func isDue(ch core.Channel, now time.Time) (due, bool) {
	if ch.Paused(now) || ch.Schedule.Zone == "" || ch.Scheduled.IsZero() && ch.LastDue.IsZero() {
		return due{}, false
	}
	after := ch.LastDue
	if ch.Scheduled.After(after) {
		after = ch.Scheduled.Add(setAhead - 1)
	}
	if oldest := now.AddDate(0, 0, -missedLimit); after.Before(oldest) {
		after = oldest
	}
	d := due{channel: ch}
	for next, ok := ch.Schedule.Next(after); ok && !next.After(now); next, ok = ch.Schedule.Next(next) {
		d.at = next
		d.missed++
	}
	return d, d.missed > 0
}

// plausible reports whether the calendar can be true.
func (b *Bot) plausible(now time.Time) bool { return !now.Before(b.NotBefore) }

// planDue writes down every post whose minute has come.
func (b *Bot) planDue(ctx context.Context) error {
	if !b.hasRoom(ctx) {
		return nil
	}
	return b.noRoom(b.planAll(ctx))
}

func (b *Bot) planAll(ctx context.Context) error {
	now := b.Now()
	if !b.plausible(now) {
		b.Log.Warn("the clock is earlier than this program; nothing is posted until it is right", "clock", now)
		return nil
	}
	channels, err := b.Store.Channels(ctx)
	if err != nil {
		return err
	}
	var dues []due
	var dueChannels []core.Channel
	for _, ch := range channels {
		if !ch.PausedAt.IsZero() && !ch.Paused(now) {
			if ch, err = b.pauseEnds(ctx, ch, now); err != nil {
				return err
			}
		}
		if d, ok := isDue(ch, now); ok {
			dues = append(dues, d)
			dueChannels = append(dueChannels, ch)
		}
	}
	if len(dues) == 0 {
		return nil
	}
	pool, err := b.eligible(ctx, dueChannels, now)
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range dues {
		kind := core.DailyPost
		if d.missed > 1 {
			kind = core.CatchUp
		}
		if err := b.planPost(ctx, d, kind, pool, now); err != nil {
			errs = append(errs, err)
			continue
		}
		if d.channel.Settings.Weekly && monday(d) {
			errs = append(errs, b.planWeekly(ctx, d, pool.seq, now))
		}
	}
	return errors.Join(errs...)
}

func monday(d due) bool { return d.at.In(d.channel.Location()).Weekday() == time.Monday }

// pauseEnds lets a channel go on whose pause has run out. What came in the
// meantime was not asked for: it is skipped, as resume would without the
// catch-up.
func (b *Bot) pauseEnds(ctx context.Context, ch core.Channel, now time.Time) (core.Channel, error) {
	seq, err := b.Store.Seq(ctx)
	if err != nil {
		return ch, err
	}
	return b.Store.UpdateChannel(ctx, ch.ID, func(c *core.Channel) { c.Resume(cmp.Or(c.PausedUntil, now), seq) })
}

// planPost plans one channel's post from what is eligible.
func (b *Bot) planPost(ctx context.Context, d due, kind core.DigestKind, pool pool, now time.Time) error {
	in := planInput{channel: d.channel, kind: kind, due: d.at, now: now, missed: d.missed, muted: pool.muted[d.channel.ID]}
	network, _ := b.Connections.Network(d.channel.Key.Platform)
	in.threads = network.Threads
	in.command = func(text string) say.Span {
		return say.Span{Text: strings.TrimSpace(network.Command + " " + text), Style: say.Code}
	}
	last, err := b.Store.LastDigest(ctx, d.channel.ID, d.at, core.DailyPost, core.CatchUp)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return err
	}
	in.previous = last.Due
	topics, err := b.Store.Topics(ctx, d.channel.ID)
	if err != nil {
		return err
	}
	in.topics = len(topics)
	if in.listed, err = b.Store.Listed(ctx, core.DateOf(d.at.In(d.channel.Location()))); err != nil {
		return err
	}
	states, err := b.Store.SourceStates(ctx)
	if err != nil {
		return err
	}
	for _, s := range states {
		if note := cards.SourceNote(s, d.channel.Location()); note != nil {
			in.sources = append(in.sources, note)
		}
	}
	fresh, err := b.order(ctx, d.channel, pool.of[d.channel.ID], in.previous, now)
	if err != nil {
		return err
	}
	waiting, err := b.waiting(ctx, d.channel.ID)
	if err != nil {
		return err
	}
	in.papers = append(waiting, fresh...)

	digest, items := plan(in)
	id, ok, err := b.Store.PlanDigest(ctx, digest, items, pool.seq)
	if err != nil || !ok {
		return err
	}
	return b.adopt(ctx, id, in.papers, items, now)
}

// waiting are papers of a post whose header nobody knows to be there: they
// come in the next one, labelled late.
func (b *Bot) waiting(ctx context.Context, channel int64) ([]candidate, error) {
	planned, err := b.Store.DeliveriesOf(ctx, channel, time.Time{}, core.Planned)
	if err != nil {
		return nil, err
	}
	var out []candidate
	for _, d := range planned {
		id, isPaper := d.Item.Paper()
		if !isPaper || d.Place != core.InThread {
			continue
		}
		digest, err := b.Store.Digest(ctx, d.Digest)
		if err != nil {
			return nil, err
		}
		header, err := b.Store.Delivery(ctx, channel, core.HeaderItem(digest.Kind, digest.Due))
		if err != nil || header.State != core.Uncertain {
			continue
		}
		p, err := b.Store.Paper(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, candidate{Candidate: query.Candidate{Paper: &p, Matched: d.Matched, Late: true}, waiting: true})
	}
	return out, nil
}

// adopt moves papers that were waiting into the digest that was planned now.
// Should it be cut off, they are still waiting and the next post adopts them.
func (b *Bot) adopt(ctx context.Context, digest int64, papers []candidate, items []core.Delivery, now time.Time) error {
	for _, c := range papers {
		if !c.waiting {
			continue
		}
		i := slices.IndexFunc(items, func(d core.Delivery) bool { return d.Item == core.PaperItem(c.Paper.ID) })
		d := items[i]
		d.Digest = digest
		if err := b.Store.SaveDelivery(ctx, d, now); err != nil {
			return err
		}
	}
	return nil
}

// order puts what is eligible into the order : author matches,
// then the score of core/rank, ties by id.
func (b *Bot) order(ctx context.Context, ch core.Channel, cs []candidate, previous, now time.Time) ([]candidate, error) {
	if len(cs) == 0 {
		return nil, nil
	}
	ids := make([]core.PaperID, len(cs))
	papers := make([]core.Paper, len(cs))
	for i, c := range cs {
		ids[i], papers[i] = c.Paper.ID, *c.Paper
	}
	sightings, err := b.Store.Sightings(ctx, ids)
	if err != nil {
		return nil, err
	}
	affinity, err := b.query.Taste(ctx, ch.ID, papers, now)
	if err != nil {
		return nil, err
	}
	ranked := make([]rank.Candidate, len(cs))
	for i := range cs {
		c := &cs[i]
		c.Late = isLate(c.Paper, sightings[c.Paper.ID], previous, b.Ingest.Complete)
		ranked[i] = query.Rank(&c.Candidate)
		ranked[i].Affinity = affinity[i]
	}
	out := make([]candidate, len(cs))
	for place, i := range rank.Order(ranked) {
		out[place] = cs[i]
	}
	return out, nil
}

// planWeekly plans the best of the week: one message, ten by votes since last
// Monday. A week without votes has none.
func (b *Bot) planWeekly(ctx context.Context, d due, planned core.Seq, now time.Time) error {
	since := core.DateOf(d.at.In(d.channel.Location())).AddDays(-7)
	ranked, voted, err := b.query.Top(ctx, d.channel, since)
	if err != nil || !voted {
		return err
	}
	card := &core.Card{
		Title:    "📰 Best of the week" + d.at.In(d.channel.Location()).Format(" · Mon 2 Jan"),
		Numbered: true,
		Lines:    []say.Text{say.Say("By votes here since %s:", since.Time(time.UTC).Format("Mon 2 Jan"))},
		Buttons:  []core.Button{cards.Button("Export BibTeX", "do", "export bibtex what:top since:7d")},
	}
	for _, h := range ranked[:min(len(ranked), 10)] {
		if h.Votes == 0 {
			break
		}
		v := cards.Entry(&h.Paper)
		v.Votes = h.Votes
		card.Papers = append(card.Papers, v)
	}
	digest := core.Digest{Channel: d.channel.ID, Due: d.at, Kind: core.Weekly, Header: card, Planned: now}
	header := core.Delivery{Channel: d.channel.ID, Item: core.HeaderItem(core.Weekly, d.at), Place: core.InChannel, State: core.Planned}
	if d.channel.Settings.Layout == core.LayoutForum {
		header.Place = core.InForum
	}
	_, _, err = b.Store.PlanDigest(ctx, digest, []core.Delivery{header}, planned)
	return err
}
