package old

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
)

// How Run keeps time.
const (
	heartbeat  = 20 * time.Second // held channels and ended pauses are looked at so often
	missedPoll = 2 * time.Minute  // votes that could not be read are tried again so often
	amendPoll  = time.Hour        // edits that were refused or had their day's already likewise: a refusal is not asked for every few seconds
	fetchPoll  = 20 * time.Second // the sources' own times are looked at so often
	fetchWait  = 10 * time.Second // no post waits longer for a source
	lateNotice = 24 * time.Hour   // a source that is late for so long is mentioned
)

// Fetch asks the sources that are due to be asked, keeps what they send, and
// brings posted messages up to date with new versions.
func (b *Bot) Fetch(ctx context.Context) error {
	if !b.hasRoom(ctx) {
		return nil
	}
	done := make(chan struct{})
	b.mu.Lock()
	b.fetching = done
	b.mu.Unlock()
	defer close(done)
	put, err := b.Ingest.Poll(ctx)
	if len(put.NewVersions) > 0 {
		err = errors.Join(err, b.update(ctx, put.NewVersions), b.Amend(ctx))
	}
	return b.noRoom(errors.Join(err, b.notices(ctx)))
}

// Run fetches, plans and delivers until the context ends, which is no error,
// or until no platform takes our token any more; then it waits for messages
// that are on their way to be written down.
func (b *Bot) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	wg.Go(func() {
		for ctx.Err() == nil {
			if err := b.Fetch(ctx); err != nil && ctx.Err() == nil {
				b.Log.Error("fetch", "err", err)
			}
			if b.hasRoom(ctx) {
				if _, err := b.Ingest.LookupCategories(ctx); b.noRoom(err) != nil && ctx.Err() == nil {
					b.Log.Error("looking categories up", "err", err)
				}
			}
			if pause(ctx, max(time.Second, min(fetchPoll, b.Ingest.Interval))) != nil {
				return
			}
		}
	})
	wg.Go(func() {
		b.every(ctx, 6*time.Hour, "forget", func(ctx context.Context) error { return b.Store.Forget(ctx, b.Now().Add(-graceTime)) })
	})
	wg.Go(func() { b.every(ctx, missedPoll, "reading votes that were missed", b.ReadMissedVotes) })
	wg.Go(func() { b.every(ctx, amendPoll, "editing what is outdated", b.Amend) })
	readVotes := func() {
		for _, p := range b.Connections.All() {
			wg.Go(func() {
				name := p.Network().Name
				if err := b.ReadVotes(ctx, core.Installation{Platform: name}); b.noRoom(err) != nil && ctx.Err() == nil {
					b.Log.Error("reading votes again", "platform", name, "err", err)
				}
			})
		}
	}
	readVotes()
	for {
		if b.missedVotes() {
			readVotes()
		}
		b.waitForFetch(ctx)
		if err := b.planDue(ctx); err != nil && ctx.Err() == nil {
			b.Log.Error("plan", "err", err)
		}
		wg.Go(func() {
			if err := b.deliverOpen(ctx); err != nil && ctx.Err() == nil {
				b.Log.Error("deliver", "err", err)
			}
		})
		if b.Connections.Dead() {
			return &core.Unauthorised{Err: errors.New("no installation is left")}
		}
		t := time.NewTimer(b.untilDue(ctx))
		select {
		case <-ctx.Done():
			t.Stop()
			return nil
		case <-b.wake:
			t.Stop()
		case <-t.C:
		}
	}
}

// every does something at once, and again whenever so much time has passed.
func (b *Bot) every(ctx context.Context, interval time.Duration, what string, do func(context.Context) error) {
	for ctx.Err() == nil {
		if err := do(ctx); b.noRoom(err) != nil && ctx.Err() == nil {
			b.Log.Error(what, "err", err)
		}
		if pause(ctx, interval) != nil {
			return
		}
	}
}

// waitForFetch lets a post that is due wait for sources that are being asked
// at this moment, but not for long: late papers come with the next post.
func (b *Bot) waitForFetch(ctx context.Context) {
	b.mu.Lock()
	fetching := b.fetching
	b.mu.Unlock()
	if fetching == nil || !b.anyDue(ctx) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, fetchWait)
	defer cancel()
	select {
	case <-fetching:
	case <-ctx.Done():
	}
}

func (b *Bot) anyDue(ctx context.Context) bool {
	channels, err := b.Store.Channels(ctx)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(channels, func(ch core.Channel) bool { _, ok := isDue(ch, b.Now()); return ok })
}

// untilDue is how long nothing will be due: to the next post's minute, and at
// most a heartbeat.
func (b *Bot) untilDue(ctx context.Context) time.Duration {
	now := b.Now()
	wait := heartbeat
	if next, ok := b.nextDue(ctx, now); ok {
		wait = min(wait, next.Sub(now))
	}
	return max(wait, 10*time.Millisecond)
}

// nextDue is when the next post of any channel is due.
func (b *Bot) nextDue(ctx context.Context, now time.Time) (time.Time, bool) {
	channels, err := b.Store.Channels(ctx)
	if err != nil {
		return time.Time{}, false
	}
	var first time.Time
	for _, ch := range channels {
		if next, ok := ch.Schedule.Next(now); ok && !ch.Paused(now) && (first.IsZero() || next.Before(first)) {
			first = next
		}
	}
	return first, !first.IsZero()
}

// NextDue is when the next post of any channel is due; ok is false when no
// channel has a schedule.
func (b *Bot) NextDue(ctx context.Context) (time.Time, bool) { return b.nextDue(ctx, b.Now()) }

// notices plans one line for every channel that follows something when a
// source has been late for a day, and one when it is there again.
func (b *Bot) notices(ctx context.Context) error {
	now := b.Now()
	states, err := b.Store.SourceStates(ctx)
	if err != nil {
		return err
	}
	var lines []func(*time.Location) say.Text
	for _, s := range states {
		if !isNews(s, now) {
			continue
		}
		// It may have changed since it was read.
		if err := b.Store.UpdateSourceState(ctx, s.Source, func(is *core.SourceState) {
			if s = *is; isNews(s, now) {
				is.Told = !s.Told
			}
		}); err != nil {
			return err
		}
		switch {
		case !isNews(s, now):
		case s.Told:
			lines = append(lines, func(*time.Location) say.Text {
				return say.Say("%s is back. What was missed comes with the next post.", s.Called())
			})
		default:
			lines = append(lines, func(loc *time.Location) say.Text { return cards.SourceSentence(s, now, loc) })
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return b.notice(ctx, now, lines)
}

// isNews reports whether channels do not know yet how the source is: late for
// a day, or back.
func isNews(s core.SourceState, now time.Time) bool {
	if s.Told {
		return s.Word == core.Fresh || s.Word == core.NotAnnounced
	}
	return (s.Word == core.Stale || s.Word == core.Failed) && now.Sub(s.Since) >= lateNotice && !s.LastSuccess.IsZero()
}

// notice plans the lines as one message in every channel that follows something.
func (b *Bot) notice(ctx context.Context, now time.Time, lines []func(*time.Location) say.Text) error {
	topics, err := b.Store.Topics(ctx, 0)
	if err != nil {
		return err
	}
	follows := map[int64]bool{}
	for _, t := range topics {
		follows[t.Channel] = true
	}
	channels, err := b.Store.Channels(ctx)
	if err != nil {
		return err
	}
	for _, ch := range channels {
		if !follows[ch.ID] || ch.Schedule.Zone == "" || ch.Paused(now) || ch.Settings.Layout == core.LayoutForum {
			continue
		}
		card := &core.Card{}
		for _, line := range lines {
			card.Lines = append(card.Lines, line(ch.Location()))
		}
		d := core.Digest{Channel: ch.ID, Due: now, Kind: core.Notice, Planned: now, Header: card}
		line := core.Delivery{Channel: ch.ID, Item: core.HeaderItem(core.Notice, now), Place: core.InChannel, State: core.Planned}
		if _, _, err := b.Store.PlanDigest(ctx, d, []core.Delivery{line}, 0); err != nil {
			return err
		}
	}
	b.poke()
	return nil
}
