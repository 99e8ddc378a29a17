package old

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
)

// React takes in a reaction. Those on messages that are not ours, and emoji
// that say nothing about papers, are passed over. Where the disk is full, votes
// are read back when there is room.
func (b *Bot) React(ctx context.Context, r core.Reaction) error { return b.noRoom(b.react(ctx, r)) }

func (b *Bot) react(ctx context.Context, r core.Reaction) error {
	now := b.Now()
	if r.At.IsZero() {
		r.At = now
	}
	if r.EventID != "" {
		seen, err := b.Store.SeenEvent(ctx, "event/"+r.Channel.Platform+"/"+r.EventID, now)
		if err != nil || seen {
			return err
		}
	}
	ch, err := b.Store.ChannelByKey(ctx, r.Channel)
	if errors.Is(err, core.ErrNotFound) || err == nil && !ch.Gone.IsZero() {
		return nil // nothing of ours is there
	}
	if err != nil {
		return err
	}
	kind, ok := ch.Settings.VoteKind(r.Emoji)
	if !ok {
		return nil
	}
	d, err := b.Store.DeliveryByMessage(ctx, ch.ID, r.Message)
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	id, isPaper := d.Item.Paper()
	if !isPaper {
		return nil
	}
	return b.vote(ctx, ch, d, id, kind, r)
}

// vote writes a reaction down and does what follows from it.
func (b *Bot) vote(ctx context.Context, ch core.Channel, d core.Delivery, id core.PaperID, kind core.VoteKind, r core.Reaction) error {
	changed, err := b.Store.PutReaction(ctx, ch.ID, id, kind, r)
	if err != nil || !changed {
		return err
	}
	return b.voted(ctx, ch, d, id, kind, r)
}

// voted does what follows from a reaction that is new, or gone.
func (b *Bot) voted(ctx context.Context, ch core.Channel, d core.Delivery, id core.PaperID, kind core.VoteKind, r core.Reaction) (err error) {
	switch kind {
	case core.Bookmark:
		if r.Added {
			_, err = b.Store.Save(ctx, core.Saved{User: r.User.Key, Paper: id, At: r.At})
		} else {
			_, err = b.Store.Unsave(ctx, r.User.Key, id)
		}
	case core.Down:
		err = b.fold(ctx, ch, d, id)
	}
	return err
}

// rereadDays is how far back votes are read again after the bot was away.
const rereadDays = 7

// ReadVotes reads the reactions on a platform's messages of the last week
// again, because nobody repeats what happened while the bot was away. An
// adapter asks for it when it has lost touch, for one workspace or ("") for
// all; Run does at the start. What cannot be read now is left to
// ReadMissedVotes.
func (b *Bot) ReadVotes(ctx context.Context, in core.Installation) error {
	channels, err := b.Store.Channels(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, ch := range channels {
		if ch.Key.Platform == in.Platform && (in.Workspace == "" || ch.Key.Workspace == in.Workspace) {
			errs = append(errs, b.readVotesIn(ctx, ch))
		}
	}
	return errors.Join(errs...)
}

// ReadMissedVotes reads what could not be read before.
func (b *Bot) ReadMissedVotes(ctx context.Context) error {
	b.mu.Lock()
	missed := slices.Sorted(maps.Keys(b.unread))
	clear(b.unread)
	b.mu.Unlock()
	var errs []error
	for _, id := range missed {
		ch, err := b.Store.ChannelByID(ctx, id)
		switch {
		case errors.Is(err, core.ErrNotFound) || err == nil && !ch.Gone.IsZero():
		case err != nil:
			b.voteMissed(id)
			errs = append(errs, err)
		default:
			errs = append(errs, b.readVotesIn(ctx, ch))
		}
	}
	return errors.Join(errs...)
}

// voteMissed notes that a channel's votes have to be read.
func (b *Bot) voteMissed(channel int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unread[channel] = true
}

// readVotesIn reads one channel's votes. It ends at the first that cannot be
// read: the others would fail likewise.
func (b *Bot) readVotesIn(ctx context.Context, ch core.Channel) error {
	reader, ok := b.Connections.For(ch.Key.Installation()).(core.VoteReader)
	if !ok {
		return nil
	}
	if !ch.Hold.Since.IsZero() { // we may not do much there; later
		b.voteMissed(ch.ID)
		return nil
	}
	now := b.Now()
	ds, err := b.Store.DeliveriesOf(ctx, ch.ID, now.AddDate(0, 0, -rereadDays), core.Posted)
	for _, d := range slices.Backward(ds) { // the newest first
		if id, isPaper := d.Item.Paper(); err == nil && isPaper && d.Place != core.InDigest {
			err = b.readVotes(ctx, reader, ch, d, id, now)
		}
	}
	if core.Is[*core.MayNot](err) {
		b.Log.Warn("votes given while I was away cannot be read", "channel", ch.ID, "err", err)
		return nil
	}
	if err != nil {
		b.voteMissed(ch.ID)
	}
	return err
}

// ReadVotesOn reads the reactions on one message again: a moderator took off
// several at once. Messages that are not ours are passed over.
func (b *Bot) ReadVotesOn(ctx context.Context, key core.ChannelKey, message string) error {
	now := b.Now()
	reader, ok := b.Connections.For(key.Installation()).(core.VoteReader)
	if !ok {
		return nil
	}
	ch, err := b.Store.ChannelByKey(ctx, key)
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	d, err := b.Store.DeliveryByMessage(ctx, ch.ID, message)
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	if id, isPaper := d.Item.Paper(); err == nil && isPaper && d.Place != core.InDigest {
		return b.readVotes(ctx, reader, ch, d, id, now)
	}
	return err
}

func (b *Bot) readVotes(ctx context.Context, reader core.VoteReader, ch core.Channel, d core.Delivery, id core.PaperID, now time.Time) error {
	return reader.Reactions(ctx, ch.Key, d.Ref, func(rs []core.Reaction) error {
		for i := range rs {
			if rs[i].At.IsZero() {
				rs[i].At = now
			}
		}
		changed, err := b.Store.SetReactions(ctx, ch.ID, id, d.Ref.ID, ch.Settings.VoteKind, rs)
		if err != nil {
			return err
		}
		var errs []error
		for _, r := range changed {
			kind, _ := ch.Settings.VoteKind(r.Emoji)
			errs = append(errs, b.voted(ctx, ch, d, id, kind, r))
		}
		return errors.Join(errs...)
	})
}

// fold shows a paper by its title only once enough people said it is not for
// us, and in full again when they took that back.
func (b *Bot) fold(ctx context.Context, ch core.Channel, d core.Delivery, id core.PaperID) error {
	tally, err := b.Store.Tally(ctx, ch.ID, []core.PaperID{id}, time.Time{})
	if err != nil {
		return err
	}
	folded := tally[id].Down >= ch.Settings.NotForUsAt
	if folded == d.Folded || d.State != core.Posted || d.Place == core.InDigest {
		return nil
	}
	d.Folded = folded
	return b.edit(ctx, ch, d, d.Edited)
}

// edit writes a posted delivery down as it is now and brings its message up to
// date. Where that fails, Amend tries again.
func (b *Bot) edit(ctx context.Context, ch core.Channel, d core.Delivery, day core.Date) error {
	if _, ok := b.Connections.For(ch.Key.Installation()).(core.Editor); !ok {
		return b.Store.SaveDelivery(ctx, d, b.Now())
	}
	d.Outdated, d.Updated = true, b.Now()
	if err := b.Store.SaveDelivery(ctx, d, d.Updated); err != nil {
		return err
	}
	b.redraw(ctx, ch, d, day)
	return nil
}

// redraw brings a message up to date; day is written down as that of its edit.
func (b *Bot) redraw(ctx context.Context, ch core.Channel, d core.Delivery, day core.Date) (ok bool) {
	err := b.tryEdit(ctx, ch, d, day)
	if err != nil && ctx.Err() == nil {
		b.Log.Warn("a message could not be edited; it is tried again", "channel", ch.ID, "item", d.Item, "err", err)
	}
	return err == nil
}

func (b *Bot) tryEdit(ctx context.Context, ch core.Channel, d core.Delivery, day core.Date) error {
	p := b.Connections.For(ch.Key.Installation())
	e, ok := p.(core.Editor)
	if !ok {
		return nil
	}
	digest, err := b.Store.Digest(ctx, d.Digest)
	if err != nil {
		return err
	}
	s := sender{Bot: b, platform: p, channel: ch, digest: digest}
	header, err := s.header(ctx, d)
	if err != nil {
		return err
	}
	shown := d
	post, err := s.post(ctx, &shown, header)
	if err != nil {
		return err
	}
	if err := e.Edit(ctx, post, d.Ref); err != nil {
		return err
	}
	return b.Store.SaveEdit(context.WithoutCancel(ctx), d, day)
}

// update edits the messages of papers of which a newer version, or the
// withdrawal, has come: at most once a day each. Nothing is posted again.
func (b *Bot) update(ctx context.Context, ids []core.PaperID) error {
	var errs []error
	for _, id := range ids {
		p, err := b.Store.Paper(ctx, id)
		if err != nil {
			return err
		}
		ds, err := b.Store.DeliveriesOfPaper(ctx, id)
		if err != nil {
			return err
		}
		for _, d := range ds {
			if !cards.IsNewer(&p, &d) && !p.Withdrawn || d.Place == core.InDigest {
				continue
			}
			d.Outdated = true
			errs = append(errs, b.Store.SaveDelivery(ctx, d, b.Now()))
		}
	}
	return errors.Join(errs...)
}

// Amend edits the messages that are outdated: those of newer versions, and what
// could not be edited before. Run calls it now and then. A channel where an edit
// fails has to wait for the next time, and after a week it stays as it is.
func (b *Bot) Amend(ctx context.Context) error {
	ds, err := b.Store.Outdated(ctx, b.Now().AddDate(0, 0, -rereadDays))
	if err != nil {
		return err
	}
	failed := map[int64]bool{}
	for _, d := range ds {
		if failed[d.Channel] {
			continue
		}
		ch, err := b.Store.ChannelByID(ctx, d.Channel)
		if err != nil {
			return err
		}
		today := core.DateOf(b.Now().In(ch.Location()))
		if d.Edited == today || !ch.Hold.Since.IsZero() {
			continue
		}
		failed[d.Channel] = !b.redraw(ctx, ch, d, today)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
