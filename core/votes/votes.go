// Package votes counts what people say about papers.
//
// In: reactions, as they happen and as they are read back, and the votes of
// buttons. Out: tallies in the store, people's lists (🔖), and papers that are to
// be folded, which core/post then shows.
//
// It promises: one vote per person and paper, however often and in whatever
// order it is told; a vote that could not be written down, or that nobody told
// us of, is read back; what somebody had deleted does not come back.
package votes

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/core/breaker"
)

// Store is what votes need of the store.
type Store interface {
	ChannelByKey(ctx context.Context, key core.ChannelKey) (core.Channel, error)
	DeliveryByMessage(ctx context.Context, channel int64, message string) (core.Delivery, error)
	DeliveriesOf(ctx context.Context, channel int64, since time.Time, states ...core.DeliveryState) ([]core.Delivery, error)
	PutReaction(ctx context.Context, channel int64, paper core.PaperID, kind core.VoteKind, r core.Reaction) (changed bool, err error)
	SetReactions(ctx context.Context, channel int64, paper core.PaperID, message string, kind func(emoji string) (core.VoteKind, bool), rs []core.Reaction, asked time.Time) (changed []core.Reaction, err error)
	Moment(ctx context.Context) (time.Time, error)
	Tally(ctx context.Context, channel int64, papers []core.PaperID, since time.Time) (map[core.PaperID]core.Tally, error)
	Fold(ctx context.Context, channel int64, item core.Item, folded bool, now time.Time) error
	Sending(ctx context.Context, channel int64) (bool, error)
	Rereads(ctx context.Context, now time.Time, limit int, serves func(core.Installation) bool) ([]core.Channel, error)
	Reread(ctx context.Context, channel int64, at time.Time) error
	RereadAll(ctx context.Context, platform string, workspaces []string, since, now time.Time) error
	RereadDone(ctx context.Context, channel int64, asked time.Time) error
}

const (
	rereadDays  = 7               // so far back votes are read again
	rereadAgain = 2 * time.Minute // what could not be read is tried again so often
	rereadBatch = 1000            // so many channels are read in turn
	idle        = 5 * time.Second
)

// Options are what Votes are made of.
type Options struct {
	Store       Store
	Connections *core.Connections
	Clock       core.Clock
	Breaker     *breaker.Breaker
	Log         *slog.Logger
	WakePoster  func() // a message is to be edited
}

// Votes count. Their methods are safe for concurrent use.
type Votes struct {
	Options
	bell  core.Bell // for what one process reads
	heard core.Bell // for what only this one hears

	mu sync.Mutex
	// To be read again, and even that could not be written down.
	missed    map[core.ChannelKey]bool
	missedAll map[core.Installation]bool
}

// New makes Votes. It starts nothing.
func New(o Options) *Votes {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.WakePoster == nil {
		o.WakePoster = func() {}
	}
	return &Votes{Options: o, bell: core.NewBell(), heard: core.NewBell(), missed: map[core.ChannelKey]bool{}, missedAll: map[core.Installation]bool{}}
}

// React takes in a reaction. Those on messages that are not ours, and emoji
// that say nothing about papers, are passed over. One that cannot be written
// down is read back later.
func (v *Votes) React(ctx context.Context, r core.Reaction) error {
	err := v.react(ctx, r)
	if err != nil {
		v.miss(context.WithoutCancel(ctx), r.Channel)
	}
	return v.Breaker.Note(err)
}

func (v *Votes) react(ctx context.Context, r core.Reaction) error {
	if r.At.IsZero() {
		r.At = v.Clock.Now()
	}
	ch, d, id, ok, err := v.paper(ctx, r.Channel, r.Message)
	if err != nil || !ok {
		return err
	}
	kind, ok := ch.Settings.VoteKind(r.Emoji)
	if !ok {
		return nil
	}
	changed, err := v.Store.PutReaction(ctx, ch.ID, id, kind, r)
	switch {
	case err != nil:
		return err
	case kind == core.Down: // also when it is told again: who was told first may have been killed in between
		return v.fold(ctx, ch, d, id)
	case changed && kind == core.Up:
		v.WakePoster() // its message may show the votes
	}
	return nil
}

// paper is what stands in a message of ours; ok is false where that is no paper.
func (v *Votes) paper(ctx context.Context, key core.ChannelKey, message string) (ch core.Channel, d core.Delivery, id core.PaperID, ok bool, err error) {
	ch, err = v.Store.ChannelByKey(ctx, key)
	if errors.Is(err, core.ErrNotFound) || err == nil && !ch.Gone.IsZero() {
		return ch, d, id, false, nil // nothing of ours is there
	}
	find := func() error {
		d, err = v.Store.DeliveryByMessage(ctx, ch.ID, message)
		if err == nil {
			id, ok = d.Item.Paper()
		}
		return err
	}
	if err != nil || !errors.Is(find(), core.ErrNotFound) {
		return ch, d, id, ok, err
	}
	// A message of somebody else, or one of ours whose answer is still on its way.
	sending, err := v.Store.Sending(ctx, ch.ID)
	if err == nil && sending {
		return ch, d, id, false, v.Store.Reread(ctx, ch.ID, v.Clock.Now().Add(rereadAgain))
	}
	if err == nil {
		err = find() // it may have come between the two questions
	}
	if errors.Is(err, core.ErrNotFound) {
		err = nil
	}
	return ch, d, id, ok, err
}

// fold shows a paper by its title only once enough people said it is not for
// us, and in full again when they took that back.
func (v *Votes) fold(ctx context.Context, ch core.Channel, d core.Delivery, id core.PaperID) error {
	tally, err := v.Store.Tally(ctx, ch.ID, []core.PaperID{id}, time.Time{})
	if err != nil {
		return err
	}
	if err := v.Store.Fold(ctx, ch.ID, d.Item, tally[id].Down >= ch.Settings.NotForUsAt, v.Clock.Now()); err != nil {
		return err
	}
	v.WakePoster()
	return nil
}

// Toggle gives a person's vote for a delivered paper, or takes it back; on says
// which.
func (v *Votes) Toggle(ctx context.Context, ch core.Channel, d core.Delivery, id core.PaperID, kind core.VoteKind, user core.User, now time.Time) (on bool, err error) {
	if on, err = v.Give(ctx, ch, d, id, kind, user, true, now); err != nil || on {
		return on, err
	}
	_, err = v.Give(ctx, ch, d, id, kind, user, false, now) // it was there: a second press takes it back
	return false, err
}

// Give gives a person's vote for a delivered paper, or with on false takes it back;
// changed says that it was not so before. It counts like the emoji, under a name of
// its own, so that neither overwrites the other; that names the paper, since a
// message may hold several.
func (v *Votes) Give(ctx context.Context, ch core.Channel, d core.Delivery, id core.PaperID, kind core.VoteKind, user core.User, on bool, now time.Time) (changed bool, err error) {
	r := core.Reaction{Channel: ch.Key, Message: d.Ref.ID, User: user, Emoji: "button:" + string(kind) + ":" + string(id), Added: on, At: now}
	if changed, err = v.Store.PutReaction(ctx, ch.ID, id, kind, r); err != nil || !changed {
		return false, err
	}
	switch kind {
	case core.Up:
		v.WakePoster()
	case core.Down:
		if err := v.fold(ctx, ch, d, id); err != nil { // the vote is there; the fold follows when it is read back
			v.Log.Warn("a paper could not be folded; that is tried again", "channel", ch.ID, "item", d.Item, "err", v.Breaker.Note(err))
			v.miss(context.WithoutCancel(ctx), ch.Key)
		}
	}
	return true, nil
}

// Choose gives a person's one vote of a ballot to a paper, or takes it back from the
// one that has it; on says which. All of them go under one name, so that the next
// takes the place of the last.
func (v *Votes) Choose(ctx context.Context, ch core.Channel, ballot core.Item, id core.PaperID, user core.User, now time.Time) (on bool, err error) {
	r := core.Reaction{Channel: ch.Key, Message: string(ballot), User: user, Emoji: "button:" + string(core.Chosen), Added: true, At: now}
	if on, err = v.Store.PutReaction(ctx, ch.ID, id, core.Chosen, r); err != nil || on {
		return on, err
	}
	r.Added = false
	_, err = v.Store.PutReaction(ctx, ch.ID, id, core.Chosen, r)
	return false, err
}

// ReadVotes has the reactions of the last week read again: nobody repeats what
// happened while the bot, or some workspaces, were away; none named are all of the
// platform.
func (v *Votes) ReadVotes(ctx context.Context, platform string, workspaces ...string) error {
	now := v.Clock.Now()
	err := v.Store.RereadAll(ctx, platform, workspaces, now.AddDate(0, 0, -rereadDays), now)
	if err != nil {
		if workspaces == nil {
			workspaces = []string{""}
		}
		v.mu.Lock()
		for _, w := range workspaces {
			v.missedAll[core.Installation{Platform: platform, Workspace: w}] = true
		}
		v.mu.Unlock()
		return v.Breaker.Note(err) // it is tried again with the next round
	}
	v.Wake()
	return nil
}

// ReadVotesOn reads the reactions on one message again: a moderator took off
// several at once. Messages that are not ours are passed over.
func (v *Votes) ReadVotesOn(ctx context.Context, key core.ChannelKey, message string) error {
	ch, d, _, ok, err := v.paper(ctx, key, message)
	if err != nil {
		v.miss(context.WithoutCancel(ctx), key)
		return v.Breaker.Note(err)
	}
	reader, can := v.Connections.For(key.Installation()).(core.VoteReader)
	if !ok || !can || d.Place == core.InDigest {
		return nil
	}
	if _, err = v.read(ctx, reader, ch, core.MessageRef{}, []core.Delivery{d}); err != nil && !core.Is[*core.MayNot](err) {
		v.miss(context.WithoutCancel(ctx), key)
	}
	return v.Breaker.Note(err)
}

// miss notes that a channel's votes have to be read again.
func (v *Votes) miss(ctx context.Context, key core.ChannelKey) {
	ch, err := v.Store.ChannelByKey(ctx, key)
	if err == nil {
		err = v.Store.Reread(ctx, ch.ID, v.Clock.Now().Add(rereadAgain))
	}
	if err == nil || errors.Is(err, core.ErrNotFound) {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.missed[key] = true
}

// Run writes down what has to be read again, where that could not be done at once, and
// reads it where this process alone hears what people do (core.Listener), until the
// context ends.
func (v *Votes) Run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { v.rounds(ctx, v.heard, true) })
	for core.Sleep(ctx, v.Clock, idle) == nil {
		v.note(ctx)
	}
}

// RunReading reads what has to be read again everywhere else until the context ends. One
// process does it.
func (v *Votes) RunReading(ctx context.Context) { v.rounds(ctx, v.bell, false) }

func (v *Votes) rounds(ctx context.Context, bell core.Bell, listening bool) {
	v.Connections.Rounds(ctx, bell, v.Clock, idle, func(conn core.Connection, serves func(core.Installation) bool) {
		if _, listens := conn.(core.Listener); listens != listening {
			return
		}
		if err := v.rereadDue(ctx, func(in core.Installation) bool { return serves(in) && hears(conn, in) }); err != nil && ctx.Err() == nil {
			v.Log.Error("reading votes again", "platform", conn.Network().Name, "err", err)
		}
	})
}

// Wake says that something may have to be read.
func (v *Votes) Wake() {
	v.bell.Ring()
	v.heard.Ring()
}

// hears reports whether what people do in an installation comes to this process.
func hears(conn core.Connection, in core.Installation) bool {
	l, some := conn.(core.Listener)
	return !some || l.Hears(in)
}

// ReadAll has everything of the last week read again: nobody was there to hear what
// happened. A connection that hears a part of its platform asks for that itself.
func (v *Votes) ReadAll(ctx context.Context) {
	for _, conn := range v.Connections.All() {
		if _, asks := conn.(core.Listener); asks {
			continue
		}
		if err := v.ReadVotes(ctx, conn.Network().Name); err != nil && ctx.Err() == nil {
			v.Log.Error("reading votes again", "err", err)
		}
	}
}

// note writes down what has to be read again, and could not be.
func (v *Votes) note(ctx context.Context) {
	v.mu.Lock()
	missed, missedAll := v.missed, v.missedAll
	v.missed, v.missedAll = map[core.ChannelKey]bool{}, map[core.Installation]bool{}
	v.mu.Unlock()
	for in := range missedAll {
		var one []string
		if in.Workspace != "" {
			one = []string{in.Workspace}
		}
		if err := v.ReadVotes(ctx, in.Platform, one...); err != nil {
			v.Log.Error("reading votes again", "platform", in.Platform, "err", err)
		}
	}
	for key := range missed {
		v.miss(ctx, key)
	}
}

// RereadDue reads every channel's votes that have to be read again now.
func (v *Votes) RereadDue(ctx context.Context) error {
	return v.rereadDue(ctx, func(in core.Installation) bool {
		conn := v.Connections.For(in)
		return conn != nil && hears(conn, in)
	})
}

// A reading is how far the reading of a channel's votes has come.
type reading struct {
	asked time.Time
	read  map[core.Item]bool
}

// rereadDue reads what is due, the channels in turn: the newest messages of all of them
// before the older ones of any.
func (v *Votes) rereadDue(ctx context.Context, serves func(core.Installation) bool) error {
	v.note(ctx)
	readings := map[int64]*reading{}
	for ctx.Err() == nil && !v.Breaker.Open(ctx) {
		now := v.Clock.Now()
		channels, err := v.Store.Rereads(ctx, now, rereadBatch, serves)
		if err = v.Breaker.Note(err); err != nil || len(channels) == 0 {
			return err
		}
		for _, ch := range channels {
			r := readings[ch.ID]
			if r == nil {
				r = &reading{asked: now, read: map[core.Item]bool{}}
				readings[ch.ID] = r
			}
			more, err := v.readMore(ctx, ch, r)
			if more && err == nil {
				continue
			}
			delete(readings, ch.ID)
			switch {
			case err == nil:
				err = v.Store.RereadDone(ctx, ch.ID, r.asked)
			case core.Is[*core.MayNot](err), core.Is[*core.Refused](err), core.Is[*core.Gone](err):
				v.Log.Warn("votes given while I was away cannot be read", "channel", ch.ID, "err", err)
				err = v.Store.RereadDone(ctx, ch.ID, r.asked)
			default:
				again := rereadAgain
				if retry, ok := errors.AsType[*core.Retry](err); ok {
					again = max(retry.After, time.Second)
				} else if ctx.Err() == nil {
					v.Log.Warn("votes could not be read; that is tried again", "channel", ch.ID, "err", err)
				}
				// From now on: it may have taken long to fail.
				err = v.Store.Reread(context.WithoutCancel(ctx), ch.ID, v.Clock.Now().Add(again))
			}
			if err = v.Breaker.Note(err); err != nil || ctx.Err() != nil {
				return err
			}
		}
	}
	return nil
}

// readMore reads the newest of a channel's messages that are not read yet, as many as
// the platform tells of at once; more are to come after them. Where they cannot be read
// the others are not tried: they would fail likewise.
func (v *Votes) readMore(ctx context.Context, ch core.Channel, r *reading) (more bool, err error) {
	conn := v.Connections.For(ch.Key.Installation())
	if conn == nil { // stopped meanwhile
		return false, &core.Retry{After: rereadAgain, Err: errors.New("nobody speaks for the channel")}
	}
	reader, ok := conn.(core.VoteReader)
	if !ok {
		return false, nil
	}
	if !ch.Hold.Since.IsZero() { // we may not do much there; later
		return false, &core.Retry{After: rereadAgain, Err: errors.New("the channel is held")}
	}
	ds, err := v.Store.DeliveriesOf(ctx, ch.ID, v.Clock.Now().AddDate(0, 0, -rereadDays), core.Posted)
	if err != nil {
		return false, err
	}
	headers := map[int64]core.MessageRef{}
	for _, d := range ds {
		_, isPaper := d.Item.Paper()
		if _, again := d.Item.Read(); !isPaper && !again {
			headers[d.Digest] = d.Ref
		}
	}
	var thread core.MessageRef
	var part []core.Delivery // of one thread, or of the channel itself
	for _, d := range slices.Backward(ds) {
		id, isPaper := d.Item.Paper()
		if !isPaper || r.read[d.Item] {
			continue
		}
		if d.Place == core.InDigest { // a reaction names none of several papers
			r.read[d.Item] = true
			if err := v.owed(ctx, ch, d, id); err != nil {
				return false, err
			}
			continue
		}
		var in core.MessageRef
		if d.Place == core.InThread {
			in = headers[d.Digest]
		}
		if len(part) == 0 {
			thread = in
		}
		if in == thread {
			part = append(part, d)
		} else {
			more = true
		}
	}
	if len(part) == 0 {
		return false, nil
	}
	rest, err := v.read(ctx, reader, ch, thread, part)
	if core.Is[*core.Unauthorised](err) {
		v.Connections.Stop(conn, err)
	}
	if err != nil {
		return false, err
	}
	for _, d := range part {
		if slices.Contains(rest, d.Ref) {
			more = true
		} else {
			r.read[d.Item] = true
		}
	}
	return more, nil
}

// read reads back what stands on messages of papers, as many as come at once.
func (v *Votes) read(ctx context.Context, reader core.VoteReader, ch core.Channel, thread core.MessageRef, ds []core.Delivery) (rest []core.MessageRef, err error) {
	now := v.Clock.Now()
	var asked time.Time
	if _, waits := reader.(core.Listener); !waits {
		if asked, err = v.Store.Moment(ctx); err != nil {
			return nil, err
		}
	}
	refs, in := make([]core.MessageRef, len(ds)), map[core.MessageRef]core.Delivery{}
	for i, d := range ds {
		refs[i], in[d.Ref] = d.Ref, d
	}
	return reader.Reactions(ctx, ch.Key, thread, refs, func(ref core.MessageRef, rs []core.Reaction) error {
		d := in[ref]
		id, _ := d.Item.Paper()
		for i := range rs {
			if rs[i].At.IsZero() {
				rs[i].At = now
			}
		}
		changed, err := v.Store.SetReactions(ctx, ch.ID, id, ref.ID, ch.Settings.VoteKind, rs, asked)
		if err != nil {
			return err
		}
		against := slices.ContainsFunc(changed, func(r core.Reaction) bool {
			kind, _ := ch.Settings.VoteKind(r.Emoji)
			return kind == core.Down
		})
		if !against {
			return v.owed(ctx, ch, d, id)
		}
		return v.fold(ctx, ch, d, id)
	})
}

// owed folds what could not be folded when the vote was given.
func (v *Votes) owed(ctx context.Context, ch core.Channel, d core.Delivery, id core.PaperID) error {
	tally, err := v.Store.Tally(ctx, ch.ID, []core.PaperID{id}, time.Time{})
	if err != nil || d.Folded == (tally[id].Down >= ch.Settings.NotForUsAt) {
		return err
	}
	return v.fold(ctx, ch, d, id)
}
