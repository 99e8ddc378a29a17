// Package post brings planned messages to where they belong, and keeps them true.
//
// In: the ledger, which says what is to be sent and what is to be edited, and
// the connections. Out: outcomes, written down in the ledger.
//
// One goroutine sends a channel's messages in order, under a claim that nobody
// else has. It promises: a message is sent at most once, whatever happens on
// the way; on doubt it is looked for before it is sent again, and where it
// cannot be looked for it stays uncertain, for a person to decide; a channel
// that refuses us holds its messages in order, and a message that is refused
// holds up no other; whoever is told to wait waits while the others go on; when
// it is told to stop, no message is begun, and what is on its way is awaited
// and written down. A posted message is edited when there is news of its paper,
// for that at most once a day, and so that its buttons show the votes: the first at
// once, then every ten seconds, the last state always. An edit that fails keeps
// back no other.
package post

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/core/breaker"
	"paperboy/core/cards"
)

// Store is what the poster needs of the store.
type Store interface {
	core.Outcomes
	core.EditOutcomes
	Claim(ctx context.Context, owner string, now time.Time, limit int, serves func(core.Installation) bool) ([]core.Claim, error)
	NextSend(ctx context.Context, after time.Time) (time.Time, error)
	Edits(ctx context.Context, now time.Time, limit int, serves func(core.Installation) bool) ([]core.Edit, error)
	Paper(ctx context.Context, id core.PaperID) (core.Paper, error)
	Tally(ctx context.Context, channel int64, papers []core.PaperID, since time.Time) (map[core.PaperID]core.Tally, error)
	UpdateChannel(ctx context.Context, id int64, change func(*core.Channel)) (core.Channel, error)
	GoneWorkspace(ctx context.Context, platform, workspace string, now time.Time) error
	Reread(ctx context.Context, channel int64, at time.Time) error
}

const (
	postTime  = 90 * time.Second // for one request, the platform's pace included
	lookTime  = 30 * time.Second
	maxTries  = 2                // of one message in a row that nobody knows the outcome of
	maxWrites = 3                // of one outcome, where the store fails
	shortest  = 15 * time.Second // who is told to wait no longer keeps its claim meanwhile …
	maxWaits  = 4                // … unless it is told so again and again
	lookSoon  = 30 * time.Second // what could not be looked for is looked for again …
	lookLate  = 15 * time.Minute // … and at last so often
	idle      = 5 * time.Second  // claims of the dead are looked for so often
	// sendAtOnce bounds the channels that are sent to at the same time, and with
	// it what the writer of the store has to do at once.
	sendAtOnce = 512
	claimBatch = 64
	// secondsAhead bounds it for networks that take so many messages a second and no
	// more, by how long that many wait there: in the queue installations take turns, and
	// at a network's gate whoever came first.
	secondsAhead = 2
	// writeAtOnce bounds how many of them wait for the writer of the store, so
	// that the planner and people's commands wait behind a few and not behind all.
	writeAtOnce = 2
)

// How a channel that refuses us is tried again.
const (
	holdSoon  = 2 * time.Minute // during the first hour
	holdLater = 15 * time.Minute
)

// Options are what a Poster is made of.
type Options struct {
	Store       Store
	Owner       string // core.Owner.ID, which has joined
	Connections *core.Connections
	Clock       core.Clock
	Breaker     *breaker.Breaker
	Log         *slog.Logger
	// Grace is what requests that are on their way when the context ends still
	// get: a context that ends a while after. nil: as long as they take.
	Grace func(context.Context) context.Context
	// Trust waits until this process may rely on its claims, and returns what ends with
	// that. nil: it always may.
	Trust func(context.Context) (context.Context, error)
	// Doubt is called when it is not known what this process has claimed. nil: nobody
	// has to know.
	Doubt func()
}

// Poster sends and edits. Its methods are safe for concurrent use.
type Poster struct {
	Options
	send, edit core.Bell

	slots  chan struct{}
	writes chan struct{}

	mu     sync.Mutex
	flying int            // channels that are being sent to …
	on     map[string]int // … by platform
	landed *sync.Cond
	places map[core.Installation]chan struct{} // of messages on their way
}

// New makes a Poster. It starts nothing.
func New(o Options) *Poster {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Grace == nil {
		o.Grace = context.WithoutCancel
	}
	if o.Trust == nil {
		o.Trust = func(ctx context.Context) (context.Context, error) { return context.Background(), ctx.Err() }
	}
	if o.Doubt == nil {
		o.Doubt = func() {}
	}
	p := &Poster{Options: o, send: core.NewBell(), edit: core.NewBell(), slots: make(chan struct{}, sendAtOnce), writes: make(chan struct{}, writeAtOnce), on: map[string]int{}, places: map[core.Installation]chan struct{}{}}
	p.landed = sync.NewCond(&p.mu)
	return p
}

// Wake says that something may be there to be sent or edited.
func (p *Poster) Wake() {
	p.send.Ring()
	p.edit.Ring()
}

// Run sends what is due until the context ends, and returns when what was on its way
// is written down.
func (p *Poster) Run(ctx context.Context) {
	grace := p.Grace(ctx)
	for ctx.Err() == nil {
		if err := p.start(ctx, grace); err != nil && ctx.Err() == nil {
			p.Log.Error("sending", "err", err)
		}
		if p.send.Wait(ctx, p.Clock, p.pause(ctx)) != nil {
			break
		}
	}
	p.wait()
}

// fly counts the channels that are being sent to; wait waits until there is none.
func (p *Poster) fly(platform string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.on[platform] += n
	if p.flying += n; p.flying == 0 {
		p.landed.Broadcast()
	}
}

func (p *Poster) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.flying > 0 {
		p.landed.Wait()
	}
}

// pause is how long nothing will be due.
func (p *Poster) pause(ctx context.Context) time.Duration {
	now := p.Clock.Now()
	if next, err := p.Store.NextSend(ctx, now); err == nil && !next.IsZero() {
		return min(idle, next.Sub(now))
	}
	return idle
}

// Drain sends what is due, and returns when that is done.
func (p *Poster) Drain(ctx context.Context) error {
	grace := p.Grace(ctx)
	err := p.start(ctx, grace)
	p.wait()
	return errors.Join(err, p.editOpen(ctx, grace, p.Connections.Serves))
}

// room is how many more channels can be sent to, and on which installations: those
// whose network has as much to do as it can are left in the queue.
func (p *Poster) room() (limit int, serves func(core.Installation) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	limit = max(1, min(claimBatch, cap(p.slots)-len(p.slots)))
	full := map[string]bool{}
	for _, conn := range p.Connections.All() {
		n := conn.Network()
		if n.Limits.PerSecond == 0 {
			continue
		}
		if left := secondsAhead*n.Limits.PerSecond - p.on[n.Name]; left > 0 {
			limit = min(limit, left)
		} else {
			full[n.Name] = true
		}
	}
	return limit, func(in core.Installation) bool { return !full[in.Platform] && p.Connections.Serves(in) }
}

// start takes every channel that has something to send and that nobody else
// works for. It waits for a slot, and not for the messages.
func (p *Poster) start(ctx, grace context.Context) error {
	for ctx.Err() == nil {
		if p.Breaker.Open(ctx) {
			return nil
		}
		select { // a claim is taken only when somebody is free to work for it
		case p.slots <- struct{}{}:
			<-p.slots
		case <-ctx.Done():
			return nil
		}
		trust, err := p.Trust(ctx)
		if err != nil {
			return nil
		}
		limit, serves := p.room()
		claims, err := p.Store.Claim(ctx, p.Owner, p.Clock.Now(), limit, serves)
		if err != nil && !errors.Is(err, core.ErrLost) && !errors.Is(err, core.ErrBusy) && !errors.Is(err, core.ErrFull) {
			p.Doubt() // what was claimed all the same would be nobody's while this process lives
		}
		if err = p.Breaker.Note(err); err != nil || len(claims) == 0 {
			return err
		}
		for _, c := range claims {
			p.slots <- struct{}{}
			platform := c.Channel.Key.Platform
			p.fly(platform, 1)
			go func() {
				defer p.send.Ring() // a slot is free
				defer p.fly(platform, -1)
				defer func() { <-p.slots }()
				p.channel(ctx, grace, trust, c)
			}()
		}
	}
	return nil
}

// channel sends what is open in one channel, in order, and stops at what has to
// wait. When the trust ends, so does what is on its way: others may have the claim soon.
func (p *Poster) channel(ctx, grace, trust context.Context, c core.Claim) {
	ctx, done := core.Until(ctx, trust)
	defer done()
	grace, over := core.Until(grace, trust)
	defer over()
	again, err := p.messages(ctx, grace, c)
	if err != nil && !errors.Is(err, core.ErrLost) && ctx.Err() == nil {
		p.Log.Error("sending to a channel", "channel", c.Channel.ID, "err", err)
		again = p.Clock.Now().Add(lookSoon)
	}
	if ctx.Err() != nil && again.IsZero() {
		again = p.Clock.Now() // whoever comes next goes on at once
	}
	for { // else the claim would be ours, and the channel silent, for as long as we live
		ended := ctx.Err() != nil
		err := p.Store.Release(grace, c, again)
		if err == nil || errors.Is(err, core.ErrLost) {
			return
		}
		if p.Breaker.Note(err) != nil {
			p.Log.Warn("a channel could not be released; it is free when this process ends", "channel", c.Channel.ID, "err", err)
		}
		if ended {
			return
		}
		_ = core.Sleep(ctx, p.Clock, idle) // at the end it is tried for the last time
		p.Breaker.Open(ctx)
	}
}

func (p *Poster) messages(ctx, grace context.Context, c core.Claim) (again time.Time, err error) {
	conn := p.Connections.For(c.Channel.Key.Installation())
	if conn == nil {
		return p.Clock.Now().Add(idle), nil // nobody speaks for it any more
	}
	var digest int64
	position := -1
	gap, next := conn.Network().Limits.Gap, p.Clock.Now()
	for ctx.Err() == nil {
		// It waits here and not at the network: begun messages of who is killed have to be
		// looked for.
		if core.Sleep(ctx, p.Clock, next.Sub(p.Clock.Now())) != nil {
			break
		}
		leave, err := p.place(ctx, conn, c.Channel.Key.Installation())
		if err != nil {
			break
		}
		next = p.Clock.Now().Add(gap)
		var m core.Message
		var ok bool
		if err := p.write(ctx, func() (err error) { // waiting for room ends with ctx: nothing is begun then
			m, ok, err = p.Store.Begin(grace, c, digest, position, p.Clock.Now())
			return err
		}); err != nil || !ok {
			leave()
			return time.Time{}, err
		}
		s := sender{Poster: p, ctx: ctx, grace: grace, conn: conn, claim: c, m: m, doubt: m.Doubt}
		goOn, again, err := s.deliver()
		leave()
		if err != nil || !goOn {
			return again, err
		}
		if !s.anew {
			digest, position = m.Delivery.Digest, m.Position
		}
	}
	return time.Time{}, nil
}

// place waits until a message may be on its way in an installation, and says how to give
// the place back.
func (p *Poster) place(ctx context.Context, conn core.Connection, in core.Installation) (leave func(), err error) {
	most := conn.Network().Limits.InFlight
	if most == 0 {
		return func() {}, nil
	}
	p.mu.Lock()
	places := p.places[in]
	if places == nil {
		places = make(chan struct{}, most)
		p.places[in] = places
	}
	p.mu.Unlock()
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// write writes an outcome down, and waits for room on the disk when there is
// none: as long as the process lives nobody has to look for what it knows. What
// fails otherwise is tried a few times.
func (p *Poster) write(ctx context.Context, f func() error) error {
	for tries := 1; ; tries++ {
		p.writes <- struct{}{}
		err := f()
		<-p.writes
		switch {
		case err == nil, errors.Is(err, core.ErrLost), errors.Is(err, core.ErrNotFound):
			return err
		case p.Breaker.Note(err) == nil:
		case tries >= maxWrites:
			return err
		}
		if err := core.Sleep(ctx, p.Clock, idle); err != nil {
			return err
		}
		p.Breaker.Open(ctx) // which tries whether there is room
	}
}

// sender brings one message as far as it can be brought now.
type sender struct {
	*Poster
	ctx   context.Context // ended: nothing more is begun
	grace context.Context // ended: what is on its way is given up
	conn  core.Connection
	claim core.Claim
	m     core.Message
	doubt bool // an attempt may be out there
	anew  bool // none is: the message is to be begun

	post  core.Post
	shown int // the paper's version that post shows
}

// deliver sends the message. goOn says whether the channel's next one may follow
// now; if not, again is when the channel is to be taken up again.
func (s *sender) deliver() (goOn bool, again time.Time, err error) {
	wait := func(d time.Duration, err error) (bool, time.Time, error) { return false, s.Clock.Now().Add(d), err }
	done := func(err error) (bool, time.Time, error) { return err == nil, time.Time{}, err }
	if err := s.draw(); err != nil {
		return done(errors.Join(err, s.giveBack()))
	}
	tries, waited, plain := 0, 0, false
	for {
		if s.doubt {
			ref, found, err := s.look()
			retry, waits := errors.AsType[*core.Retry](err)
			refused, no := errors.AsType[*core.Refused](err)
			gone, isGone := errors.AsType[*core.Gone](err)
			switch {
			case err == nil && found:
				return done(s.posted(ref, true))
			case err == nil && s.m.Lost: // from here on it is a message like any other, begun when it is begun
				s.doubt, s.anew = false, true
				return done(s.giveBack())
			case err == nil:
			case no && !refused.Message:
				return s.hold(refused)
			case isGone && gone.What != core.TheMessage:
				return false, time.Time{}, errors.Join(s.giveBack(), s.close(gone.What))
			case core.Is[*core.MayNot](err), no, isGone: // what it hung on is gone: it can never be known
				return done(s.outcome(func() error {
					return s.Store.Uncertain(s.grace, s.claim, s.m.Item, s.unknown(), s.Clock.Now())
				}))
			case core.Is[*core.Unauthorised](err):
				s.Connections.Stop(s.conn, err)
				return wait(0, nil)
			case waits:
				return wait(max(retry.After, time.Second), nil) // stays in sending: the look goes on then
			default:
				s.Log.Warn("cannot tell whether a message was posted", "channel", s.m.Channel, "item", s.m.Item, "err", err)
				return wait(min(lookSoon<<min(max(s.m.Attempt-1, 0), 10), lookLate), nil)
			}
		}
		if s.ctx.Err() != nil {
			return wait(0, s.giveBack())
		}
		ref, err := s.send(plain)
		retry, waits := errors.AsType[*core.Retry](err)
		refused, no := errors.AsType[*core.Refused](err)
		gone, isGone := errors.AsType[*core.Gone](err)
		may, mayNot := errors.AsType[*core.MayNot](err)
		switch {
		case err == nil:
			return done(s.posted(ref, s.doubt))
		case waits:
			tries = 0 // about earlier tries it says nothing
			after := max(retry.After, time.Second)
			if waited++; after > shortest || waited > maxWaits || s.ctx.Err() != nil {
				return wait(after, s.giveBack())
			}
			if core.Sleep(s.ctx, s.Clock, after) != nil {
				return wait(0, s.giveBack())
			}
		case no && refused.Message && !plain:
			s.Log.Warn("a message is refused; it is sent as plain text", "channel", s.m.Channel, "item", s.m.Item, "err", err)
			plain = true
		case no && refused.Message:
			s.Log.Error("a message is refused; it is passed over", "channel", s.m.Channel, "item", s.m.Item, "err", err)
			return done(s.outcome(func() error { return s.Store.Skipped(s.grace, s.claim, s.m.Item, refused.Reason, s.Clock.Now()) }))
		case no:
			return s.hold(refused)
		case mayNot:
			return s.hold(&core.Refused{Reason: lacking(may.Right), Err: err})
		case isGone && gone.What == core.TheMessage && !plain:
			plain = true // what it was to hang on is not there: into the channel
		case isGone && gone.What == core.TheMessage:
			return done(s.outcome(func() error {
				return s.Store.Skipped(s.grace, s.claim, s.m.Item, "what it hangs on is gone", s.Clock.Now())
			}))
		case isGone:
			return false, time.Time{}, errors.Join(s.giveBack(), s.close(gone.What))
		case core.Is[*core.Unauthorised](err):
			s.Connections.Stop(s.conn, err)
			return wait(0, s.giveBack())
		default:
			s.doubt = true
			tries++
			s.Log.Warn("no answer to a post", "channel", s.m.Channel, "item", s.m.Item, "attempt", s.m.Attempt, "try", tries, "err", err)
			if tries == maxTries {
				return wait(lookSoon, nil) // stays in sending: it is looked for then
			}
			if core.Sleep(s.ctx, s.Clock, time.Duration(tries)*time.Second) != nil {
				return wait(0, nil) // … by whoever comes next, at once
			}
		}
	}
}

// unknown is why nobody knows whether a message is there.
func (s *sender) unknown() string {
	if s.m.Lost {
		return core.LostReason
	}
	return "the platform gave no answer, and I may not look"
}

// lacking is a reason for people, the same as long as the trouble is.
func lacking(right string) string {
	if right == "" {
		return "that cannot be done there"
	}
	return "missing " + right
}

// draw makes the message.
func (s *sender) draw() error {
	m := &s.m
	s.post = core.Post{
		Key: m.Key(), Channel: s.claim.Channel.Key, Private: s.claim.Channel.Private, Place: m.Place, Header: m.Header, Thread: m.Digest.Thread, Since: m.Begun, Lost: m.Lost,
	}
	id, isPaper := m.Item.Paper()
	read, again := m.Item.Read()
	if !isPaper && !again {
		s.post.Header = core.MessageRef{}
		if m.Digest.Header != nil {
			s.post.Card = *m.Digest.Header
		}
		return nil
	}
	if s.post.Place == core.InThread && m.Header.ID == "" {
		s.post.Place = core.InChannel // the header was passed over
	}
	s.post.Silent = true
	if again {
		paper, err := s.Store.Paper(s.grace, read)
		s.post.Card = cards.Reading(&paper)
		return err
	}
	paper, err := s.Store.Paper(s.grace, id)
	if err != nil {
		return err
	}
	m.Shown, s.shown = paper.Version, paper.Version // the version people first see; later ones are labelled
	s.post.Card = delivered(&paper, &m.Delivery, s.claim.Channel.Settings, s.conn.Network())
	s.post.Seed = s.claim.Channel.Settings.Seed
	return nil
}

// delivered is a paper's own message on a network.
func delivered(p *core.Paper, d *core.Delivery, s core.Settings, n core.Network) core.Card {
	card := cards.Delivered(p, d, s)
	if n.VoteButton {
		card = cards.Voting(card)
	}
	return card
}

// send tries once.
func (s *sender) send(plain bool) (core.MessageRef, error) {
	ctx, cancel := context.WithTimeout(core.WithTurn(s.grace, s.ctx), postTime)
	defer cancel()
	post := s.post
	if plain {
		post.Plain, post.Place, post.Header = true, core.InChannel, core.MessageRef{}
		if s.m.Place == core.InForum {
			post.Place = core.InForum
		}
	}
	return s.conn.Post(ctx, post)
}

// look searches for a post that may have been made.
func (s *sender) look() (core.MessageRef, bool, error) {
	f, ok := s.conn.(core.Finder)
	if !ok {
		return core.MessageRef{}, false, &core.MayNot{Err: errors.New("this platform cannot look")}
	}
	ctx, cancel := context.WithTimeout(core.WithTurn(s.grace, s.ctx), lookTime)
	defer cancel()
	return f.Find(ctx, s.post)
}

func (s *sender) outcome(f func() error) error { return s.write(s.grace, f) }

// posted writes down where it is. What people did on it before we knew is read
// back.
func (s *sender) posted(ref core.MessageRef, reread bool) error {
	if err := s.outcome(func() error {
		return s.Store.Posted(s.grace, s.claim, s.m.Item, ref, s.shown, s.Clock.Now())
	}); err != nil {
		return err
	}
	if reread {
		return s.outcome(func() error { return s.Store.Reread(s.grace, s.m.Channel, s.Clock.Now()) })
	}
	return nil
}

func (s *sender) giveBack() error {
	return s.outcome(func() error { return s.Store.GivenBack(s.grace, s.claim, s.m.Item, s.doubt, s.Clock.Now()) })
}

// hold keeps the channel's messages until somebody has mended what is wrong
// there.
func (s *sender) hold(why *core.Refused) (goOn bool, again time.Time, err error) {
	now := s.Clock.Now()
	s.Log.Warn("channel refuses posts", "channel", s.m.Channel, "reason", why.Reason, "err", why.Err)
	h := core.Hold{Since: now, Reason: why.Reason, NextTry: now.Add(holdSoon)}
	if old := s.claim.Channel.Hold; !old.Since.IsZero() && now.Sub(old.Since) >= time.Hour {
		h.NextTry = now.Add(holdLater)
	}
	return false, h.NextTry, s.outcome(func() error { return s.Store.Held(s.grace, s.claim, s.m.Item, s.doubt, h, now) })
}

// close marks what is gone.
func (s *sender) close(what core.Subject) error {
	s.Log.Info("posts have nowhere to go any more", "channel", s.m.Channel, "gone", what)
	return s.outcome(func() error {
		if what == core.TheWorkspace {
			in := s.claim.Channel.Key.Installation()
			return s.Store.GoneWorkspace(s.grace, in.Platform, in.Workspace, s.Clock.Now())
		}
		_, err := s.Store.UpdateChannel(s.grace, s.m.Channel, func(c *core.Channel) {
			if c.Closed = true; c.Gone.IsZero() {
				c.Gone = s.Clock.Now()
			}
		})
		return err
	})
}
