package workers

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"paperboy/core"
)

// A member is this process among those that work on one store.
//
// Its heartbeat (core.Owners) keeps what it holds there: the claims of channels and
// the lease "lead". A process that has not beaten for core.OwnerTTL, by the database's
// clock, is dead to the others, and they take over what it held. It cannot see that
// itself: it may only be cut off, or its machine may sleep. So it relies on what it
// holds for a shorter time, the trust window: since the last beat that the store took
// began, by its own clock. What it does under a claim or as the leader is done in a
// context that ends with the trust, so it has stopped before another begins, and margin
// is what a request that left may still take to arrive. Once it hears from the store
// again it gives back whatever it still holds, and joins anew.
//
// A term is a time in which it leads. Where no other process can join (core.Owners),
// there is nothing to distrust: it leads from the beginning to the end.
type member struct {
	store interface {
		core.Owners
		core.Leases
		core.Bells
	}
	owner core.Owner
	clock core.Clock
	log   *slog.Logger
	bell  core.Bell // rung: another may have stopped leading

	mu      sync.Mutex
	joined  bool
	alone   bool            // nobody else lived when it joined
	heard   time.Time       // when the last beat that the store took began
	trust   context.Context // ends with the trust; nil: there is none
	lapse   context.CancelCauseFunc
	term    context.Context // within trust; nil: another leads
	end     context.CancelFunc
	changed chan struct{} // closed, and made anew, when trust or term begin
}

const (
	margin   = 8 * time.Second
	trustFor = core.OwnerTTL - margin
	leading  = "lead" // the lease
)

var errUnheard = errors.New("the database has not been heard from for so long that others may have taken over")

func newMember(store core.Store, owner core.Owner, clock core.Clock, log *slog.Logger) *member {
	return &member{store: store, owner: owner, clock: clock, log: log, bell: core.NewBell(), changed: make(chan struct{})}
}

// join makes this process an owner in the store. *core.Taken: another has it.
func (m *member) join(ctx context.Context) error {
	m.mu.Lock()
	joined := m.joined
	m.mu.Unlock()
	if joined {
		return nil
	}
	// It is asked before: of several that begin at once each would see the others.
	living, err := m.store.Owners(ctx)
	alone := err != nil || len(living) == 0
	begun := m.clock.Now()
	if err := m.store.Join(ctx, m.owner); err != nil {
		return err
	}
	m.hear(begun)
	m.mu.Lock()
	m.alone = alone
	m.mu.Unlock()
	return nil
}

// hear notes that the store took a beat that began then.
func (m *member) hear(begun time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.joined, m.heard = true, begun
	if m.trust == nil {
		m.trust, m.lapse = context.WithCancelCause(context.Background())
		m.begun()
	}
}

// begun tells who waits. The caller holds mu.
func (m *member) begun() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// since is how much time has passed, by the greater of the machine's two clocks: one
// stands still while it sleeps, and the other can be set.
func since(now, then time.Time) time.Duration {
	return max(now.Sub(then), now.Round(0).Sub(then.Round(0)))
}

// watch ends the trust when it is over.
func (m *member) watch(ctx context.Context) {
	for ctx.Err() == nil {
		m.mu.Lock()
		left := trustFor - since(m.clock.Now(), m.heard)
		if left <= 0 && m.trust != nil {
			m.log.Warn("stopped: " + errUnheard.Error())
			m.distrust()
		}
		m.mu.Unlock()
		if core.Sleep(ctx, m.clock, min(max(left, time.Second), core.OwnerBeat)) != nil {
			return
		}
	}
}

// trusted waits until this process may rely on what it holds, and returns what ends
// with that.
func (m *member) trusted(ctx context.Context) (context.Context, error) {
	return m.wait(ctx, func() context.Context { return m.trust })
}

// leads waits until this process leads, likewise.
func (m *member) leads(ctx context.Context) (context.Context, error) {
	return m.wait(ctx, func() context.Context { return m.term })
}

func (m *member) wait(ctx context.Context, span func() context.Context) (context.Context, error) {
	for ctx.Err() == nil {
		if m.store.Exclusive() {
			return context.Background(), nil
		}
		m.mu.Lock()
		in, changed := span(), m.changed
		m.mu.Unlock()
		if in != nil {
			return in, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	return nil, ctx.Err()
}

// beat says that this process lives, and takes the lead where nobody has it. One that
// slept for long was taken for dead and begins anew.
func (m *member) beat(ctx context.Context) error {
	if m.store.Exclusive() {
		err := m.store.Beat(ctx, m.owner.ID)
		if errors.Is(err, core.ErrLost) {
			err = m.store.Join(ctx, m.owner)
		}
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, trustFor)
	defer cancel()
	m.mu.Lock()
	lapsed := m.trust == nil
	m.mu.Unlock()
	begun := m.clock.Now()
	if lapsed { // what it still held nobody works on any more
		if err := m.store.Leave(ctx, m.owner.ID); err != nil {
			return err
		}
	}
	err := m.store.Beat(ctx, m.owner.ID)
	if errors.Is(err, core.ErrLost) {
		m.mu.Lock()
		m.distrust() // others have taken over
		m.mu.Unlock()
		err = m.store.Join(ctx, m.owner)
	}
	if err != nil {
		return err
	}
	if since(m.clock.Now(), begun) < trustFor {
		m.hear(begun)
	}
	held, err := m.store.Lease(ctx, m.owner.ID, leading)
	if err != nil && !errors.Is(err, core.ErrLost) { // the next beat joins anew
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case held && m.term == nil && m.trust != nil:
		m.term, m.end = context.WithCancel(m.trust)
		m.begun()
	case !held && m.term != nil:
		m.end()
		m.term, m.end = nil, nil
	}
	return nil
}

// first reports whether no other process worked on the store when this one began. In
// doubt none did.
func (m *member) first() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.alone || m.store.Exclusive()
}

// doubt begins anew: the store may have given this process what it does not know of, since
// the answer was lost. With the next beat it gives back all that it has.
func (m *member) doubt() {
	if m.store.Exclusive() {
		return
	}
	m.mu.Lock()
	m.distrust()
	m.mu.Unlock()
	m.bell.Ring()
}

// distrust ends the trust. The caller holds mu.
func (m *member) distrust() {
	if m.trust != nil {
		m.lapse(errUnheard)
		m.trust, m.lapse, m.term, m.end = nil, nil, nil, nil
	}
}

// run beats until the context ends, and sooner when the lead may be free.
func (m *member) run(ctx context.Context, note func(error) error) {
	failed := false
	for ctx.Err() == nil {
		switch err := note(m.beat(ctx)); {
		case err != nil && ctx.Err() == nil:
			m.log.Error("saying that this process lives", "err", err)
			failed = true
		case err == nil && failed:
			m.log.Info("the database answers again")
			failed = false
		}
		if m.bell.Wait(ctx, m.clock, core.OwnerBeat) != nil {
			return
		}
	}
}

// resign gives the lead back, so that another has it at once.
func (m *member) resign(ctx context.Context) error {
	m.mu.Lock()
	if m.end != nil {
		m.end()
	}
	m.term, m.end = nil, nil
	m.mu.Unlock()
	if m.store.Exclusive() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, core.OwnerBeat)
	defer cancel()
	if err := m.store.Unlease(ctx, m.owner.ID, leading); err != nil {
		if errors.Is(err, core.ErrLost) {
			return nil
		}
		return err
	}
	return m.store.Ring(ctx, core.ToLead)
}
