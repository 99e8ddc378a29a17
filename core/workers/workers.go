// Package workers puts the bot together: one reader of sources, four workers and
// the store that they share, and the loop that they run in.
//
//	feed   papers come in        plan   posts are written down when they are due
//	post   messages go out       votes  what people say is counted
//	chat   people are answered
//
// None of them calls another to hand over work: it stands in the store, and a
// bell says that it is worth a look. What is put together here is a
// core.Handler for every connection.
//
// It promises: a restart goes on where the other process was, at once; a stop
// begins nothing and finishes what it began.
package workers

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/core/breaker"
	"paperboy/core/chat"
	"paperboy/core/embed"
	"paperboy/core/feed"
	"paperboy/core/plan"
	"paperboy/core/post"
	"paperboy/core/query"
	"paperboy/core/votes"
)

const (
	graceTime  = 30 * 24 * time.Hour // so long the data of what is gone are kept
	forgetPoll = 6 * time.Hour
	fetchPoll  = 20 * time.Second // the sources' own times are looked at so often
	roomNeeded = 1 << 20          // what must fit before we go on after the disk was full: about a day's papers
)

// Options are what the bot is made of.
type Options struct {
	Store       core.Store
	Connections *core.Connections
	Feed        *feed.Feed // brings the papers
	Clock       core.Clock
	Log         *slog.Logger
	Defaults    core.Defaults   // for a channel where nothing is set
	Quota       core.Quota      // as chat.Options has it
	Page        string          // as chat.Options has it
	Subscriber  chat.Subscriber // nil: no mail is sent
	Librarian   chat.Librarian  // nil: nothing goes into a library
	Owner       string          // this process's id in the store; "": one is made
	NotBefore   time.Time       // a calendar earlier than this is a broken clock: nothing is posted
	Embedder    core.Embedder   // nil: the model inside the program is all
	// Grace is what requests that are on their way when Run is told to stop
	// still get; see post.Options.
	Grace func(context.Context) context.Context
}

// Workers are the bot. They are safe for concurrent use; what they know is in
// the store.
type Workers struct {
	*chat.Chat
	*votes.Votes
	Feed *feed.Feed
	Plan *plan.Planner
	Post *post.Poster

	store   core.Store
	conns   *core.Connections
	clock   core.Clock
	log     *slog.Logger
	breaker *breaker.Breaker
	member  *member
	embed   *embed.Worker // nil where there is no Embedder

	fetches chan struct{} // held by who fetches

	mu       sync.Mutex
	fetching chan struct{} // closed when the fetch that runs, or ran last, is over
}

var _ core.Handler = (*Workers)(nil)

// New puts the bot together. It starts nothing.
func New(o Options) *Workers {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Connections == nil {
		o.Connections = core.NewConnections(o.Log)
	}
	host, _ := os.Hostname() // for an operator to read; "" says little
	owner := core.Owner{ID: cmp.Or(o.Owner, rand.Text()), Host: host, PID: os.Getpid(), Started: o.Clock.Now()}
	w := &Workers{
		Feed: o.Feed, store: o.Store, conns: o.Connections, clock: o.Clock, log: o.Log, fetches: make(chan struct{}, 1),
		member: newMember(o.Store, owner, o.Clock, o.Log),
	}
	w.breaker = breaker.New(w.probe, w.room, o.Log)
	reader := &query.Reader{Store: o.Store, Now: o.Clock.Now}
	if o.Embedder != nil {
		reader.Embedder = o.Embedder
		w.embed = &embed.Worker{Store: o.Store, Embedder: o.Embedder, Clock: o.Clock, Breaker: w.breaker, Log: o.Log}
	}
	w.Post = post.New(post.Options{
		Store: o.Store, Owner: owner.ID, Connections: o.Connections, Clock: o.Clock, Breaker: w.breaker, Log: o.Log, Grace: o.Grace, Trust: w.member.trusted, Doubt: w.member.doubt,
	})
	w.Plan = plan.New(plan.Options{
		Store: o.Store, Query: reader, Connections: o.Connections, Clock: o.Clock, Breaker: w.breaker, Log: o.Log, NotBefore: o.NotBefore,
		Complete: func(source string, day core.Date) time.Time { return w.Feed.Complete(source, day) }, Fetching: w.fetch, WakePoster: w.Post.Wake,
	})
	w.Votes = votes.New(votes.Options{
		Store: o.Store, Connections: o.Connections, Clock: o.Clock, Breaker: w.breaker, Log: o.Log, WakePoster: w.Post.Wake,
	})
	w.Chat = chat.New(chat.Options{
		Store: o.Store, Query: reader, Planner: w.Plan, Voter: w.Votes, Subscriber: o.Subscriber, Librarian: o.Librarian, Connections: o.Connections, Now: o.Clock.Now, Log: o.Log,
		Defaults: o.Defaults, Quota: o.Quota, Page: o.Page, NotBefore: o.NotBefore, Wake: w.Wake,
		Full:   func() bool { return w.breaker.Open(context.Background()) },
		NoRoom: func(err error) { _ = w.breaker.Note(err) },
	})
	return w
}

// Wake says that something may be due.
func (w *Workers) Wake() {
	w.Plan.Wake()
	w.Post.Wake()
}

// Returned is the bot in an installation: what is open there goes on.
func (w *Workers) Returned(ctx context.Context, in core.Installation) error {
	err := w.Chat.Returned(ctx, in)
	w.Wake()
	return err
}

func (w *Workers) probe(ctx context.Context) error {
	const note = "room"
	return errors.Join(w.store.SetNote(ctx, note, strings.Repeat(" ", roomNeeded)), w.store.SetNote(ctx, note, ""))
}

// room: there is room on the disk again. Votes that came meanwhile could not be
// written down.
func (w *Workers) room() {
	for _, conn := range w.conns.All() {
		if err := w.ReadVotes(context.Background(), conn.Network().Name); err != nil {
			w.log.Error("reading votes again", "err", err)
		}
	}
	w.Wake()
}

// Join makes this process an owner in the store, which whoever sends has to be.
// *core.Taken: another process has it.
func (w *Workers) Join(ctx context.Context) error { return w.member.join(ctx) }

// Fetch asks the sources that are due to be asked, and keeps what they send.
func (w *Workers) Fetch(ctx context.Context) error {
	if w.breaker.Open(ctx) {
		return nil
	}
	select { // one at a time: who comes meanwhile would pass over sources that are being asked
	case w.fetches <- struct{}{}:
		defer func() { <-w.fetches }()
	case <-ctx.Done():
		return ctx.Err()
	}
	done := w.begin()
	put, err := w.Feed.Poll(ctx)
	close(done)
	w.news(put)
	return errors.Join(w.breaker.Note(err), w.Plan.Notices(ctx))
}

// news has the messages edited that what came makes wrong.
func (w *Workers) news(put core.Put) {
	if len(put.NewVersions)+len(put.Corrected)+len(put.Furthered) > 0 {
		w.Post.Wake()
	}
}

// begin says that sources are being asked, until what it returns is closed: by
// whoever fetches.
func (w *Workers) begin() chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.fetching:
		w.fetching = make(chan struct{})
	default:
		if w.fetching == nil {
			w.fetching = make(chan struct{})
		}
	}
	return w.fetching
}

func (w *Workers) fetch() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fetching
}

// Tick does everything that is due, and returns when it is done: Run in one
// round.
func (w *Workers) Tick(ctx context.Context) error {
	if err := w.Join(ctx); err != nil {
		return err
	}
	if err := w.member.beat(ctx); w.breaker.Note(err) != nil {
		return err
	}
	return errors.Join(w.Plan.PlanDue(ctx), w.Post.Drain(ctx))
}

// Run runs all of it until the context ends, which is no error, or until no
// connection is left whose token is taken (*core.Unauthorised). It returns when
// what was on its way is written down.
func (w *Workers) Run(ctx context.Context) error {
	if err := w.Join(ctx); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if w.member.alone(ctx) { // nobody heard what happened
		w.ReadAll(ctx)
	}
	var wg sync.WaitGroup
	if !w.store.Exclusive() {
		wg.Go(func() { w.member.watch(ctx) })
		wg.Go(func() { w.store.Hear(ctx, w.heard) })
	}
	wg.Go(func() { w.member.run(ctx, w.breaker.Note) })
	wg.Go(func() { w.lead(ctx) })
	wg.Go(func() { w.Post.Run(ctx) })
	wg.Go(func() { w.Votes.Run(ctx) })
	wg.Go(func() { w.Chat.Run(ctx) })
	var err error
	select {
	case <-ctx.Done():
	case <-w.conns.Dead():
		err = &core.Unauthorised{Err: errors.New("no installation is left")}
		stop()
	}
	wg.Wait()
	return errors.Join(err, w.breaker.Note(w.store.Leave(context.WithoutCancel(ctx), w.member.owner.ID)))
}

// lead does what one process does, whenever this one is it.
func (w *Workers) lead(ctx context.Context) {
	for {
		term, err := w.member.leads(ctx)
		if err != nil {
			return
		}
		if !w.store.Exclusive() {
			w.log.Info("leads now: this process fetches, plans, edits, and reads votes back")
		}
		w.leadFor(ctx, term)
		if !w.store.Exclusive() {
			w.log.Info("leads no longer")
		}
		if err := w.breaker.Note(w.member.resign(context.WithoutCancel(ctx))); err != nil {
			w.log.Warn("the lead could not be given back; it is free when this process is taken for dead", "err", err)
		}
	}
}

// leadFor leads for a term. Should two lead for a moment, nothing comes of it: what
// is planned is planned once, by the keys of the ledger, and the rest may be done twice.
func (w *Workers) leadFor(ctx, term context.Context) {
	ctx, done := core.Until(ctx, term)
	defer done()
	w.begin() // what was missed waits for the first fetch, whichever goroutine is faster
	var wg sync.WaitGroup
	wg.Go(func() { w.fetchDue(ctx) })
	wg.Go(func() { w.Plan.Run(ctx) })
	wg.Go(func() { w.Post.RunEdits(ctx) })
	wg.Go(func() { w.Votes.RunReading(ctx) })
	if w.embed != nil {
		wg.Go(func() { w.embed.Run(ctx) })
	}
	wg.Go(func() {
		w.every(ctx, forgetPoll, "forgetting what has long been gone", func(ctx context.Context) error {
			return w.store.Forget(ctx, w.clock.Now().Add(-graceTime))
		})
	})
	wg.Go(func() { w.every(ctx, forgetPoll, "tidying the index of words", w.store.Tidy) })
	wg.Wait()
}

// heard wakes whoever waits for what another process has for it.
func (w *Workers) heard(work core.Work) {
	switch work {
	case core.ToPlan:
		w.Plan.Wake()
	case core.ToSend:
		w.Post.Wake()
	case core.ToRead:
		w.Votes.Wake()
	case core.ToLead:
		w.member.bell.Ring()
	}
}

// fetchDue fetches until the context ends.
func (w *Workers) fetchDue(ctx context.Context) {
	pause := max(time.Second, min(fetchPoll, w.Feed.Interval))
	w.every(ctx, pause, "fetching", func(ctx context.Context) error {
		err := w.Fetch(ctx)
		if !w.breaker.Open(ctx) {
			put, lookup := w.Feed.Lookup(ctx)
			w.news(put)
			err = errors.Join(err, lookup)
		}
		return err
	})
}

// every does something at once, and again whenever so much time has passed.
func (w *Workers) every(ctx context.Context, interval time.Duration, what string, do func(context.Context) error) {
	for ctx.Err() == nil {
		if err := w.breaker.Note(do(ctx)); err != nil && ctx.Err() == nil {
			w.log.Error(what, "err", err)
		}
		if core.Sleep(ctx, w.clock, interval) != nil {
			return
		}
	}
}
