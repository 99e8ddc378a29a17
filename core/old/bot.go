// Package old is what is left of the bot that did everything: it plans, posts
// and counts votes until core/plan, core/post and core/votes do.
package old

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/core/chat"
	"paperboy/core/feed"
	"paperboy/core/query"
)

// Options are what a Bot is made of.
type Options struct {
	Store       core.Store
	Connections *core.Connections
	Ingest      *feed.Feed       // brings the papers
	Now         func() time.Time // the calendar: what "today" and "due" mean
	Log         *slog.Logger
	Defaults    core.Defaults // for a channel where nothing is set
	NotBefore   time.Time     // a calendar earlier than this is a broken clock: nothing is posted
}

// Bot answers people and posts papers.
type Bot struct {
	Options
	*chat.Chat
	query *query.Reader

	mu        sync.Mutex
	busy      map[int64]bool           // channels that a goroutine is delivering to
	unread    map[int64]bool           // channels whose votes have to be read
	unwritten map[string]core.Delivery // by Post.Key: what was posted and could not be written down
	wake      chan struct{}            // something may be due
	full      bool                     // the store had no room
	missed    bool                     // votes, meanwhile
	fetching  chan struct{}            // closed when the fetch that runs, or ran last, is over
}

var _ core.Handler = (*Bot)(nil)

// NewBot puts a Bot together. It starts nothing.
func NewBot(o Options) *Bot {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Connections == nil {
		o.Connections = core.NewConnections(o.Log)
	}
	b := &Bot{Options: o, busy: map[int64]bool{}, unwritten: map[string]core.Delivery{}, unread: map[int64]bool{}, wake: make(chan struct{}, 1)}
	b.query = &query.Reader{Store: o.Store, Now: func() time.Time { return b.Options.Now() }}
	b.Chat = chat.New(chat.Options{
		Store: o.Store, Query: b.query, Planner: b, Voter: b, Connections: o.Connections, Now: func() time.Time { return b.Options.Now() }, Log: o.Log,
		Defaults: o.Defaults, NotBefore: o.NotBefore, Poke: b.poke,
		Full:   func() bool { return !b.hasRoom(context.Background()) },
		NoRoom: func(err error) { b.noRoom(err) },
	})
	return b
}

// poke wakes Run: something may be due.
func (b *Bot) poke() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Missed implements chat.Planner.
func (b *Bot) Missed(ctx context.Context, ch core.Channel, now time.Time) (int, core.Seq, error) {
	pool, err := b.eligible(ctx, []core.Channel{ch}, now)
	return len(pool.of[ch.ID]), pool.seq, err
}

// CatchUp implements chat.Planner.
func (b *Bot) CatchUp(ctx context.Context, ch core.Channel, from core.Seq, now time.Time) (int, error) {
	ch.Planned = from
	pool, err := b.eligible(ctx, []core.Channel{ch}, now)
	n := len(pool.of[ch.ID])
	if err != nil || n == 0 {
		return 0, err
	}
	return n, b.planPost(ctx, due{channel: ch, at: now, missed: 1}, core.CatchUp, pool, now)
}

// Toggle implements chat.Voter. A button counts like the emoji, under a name of
// its own, so that neither overwrites the other.
func (b *Bot) Toggle(ctx context.Context, ch core.Channel, d core.Delivery, id core.PaperID, kind core.VoteKind, user core.User, now time.Time) (bool, error) {
	r := core.Reaction{Channel: ch.Key, Message: d.Ref.ID, User: user, Emoji: "button:" + string(kind), Added: true, Order: now.UnixMicro(), At: now}
	on, err := b.Options.Store.PutReaction(ctx, ch.ID, id, kind, r)
	if err != nil {
		return false, err
	}
	if !on { // it was there: a second press takes it back
		r.Added, r.Order = false, r.Order+1
		if _, err := b.Options.Store.PutReaction(ctx, ch.ID, id, kind, r); err != nil {
			return false, err
		}
	}
	if kind == core.Down {
		if err := b.fold(ctx, ch, d, id); err != nil {
			b.Options.Log.Warn("cannot fold a message", "channel", ch.ID, "paper", id, "err", err)
		}
	}
	return on, nil
}

// close marks a channel as gone by itself.
func (b *Bot) close(ctx context.Context, channel int64) error {
	_, err := b.Options.Store.UpdateChannel(ctx, channel, func(c *core.Channel) {
		if c.Closed = true; c.Gone.IsZero() {
			c.Gone = b.Options.Now()
		}
	})
	return err
}

// graceTime is how long the data of a channel that is gone are kept.
const graceTime = 30 * 24 * time.Hour

// setAhead is how far ahead a minute must lie to count when a schedule is set.
const setAhead = 5 * time.Second

// pause waits, or returns early with the context's error.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
