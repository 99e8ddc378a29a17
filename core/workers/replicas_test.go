package workers_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/workers"
	"paperboy/internal/testkit"
	"paperboy/store"
)

// A replica's store is one that several processes share, as one of them sees it. It may
// be cut off: then nothing that is asked is answered until it is healed.
type replica struct {
	*store.Store
	bus   *bus
	heals atomic.Pointer[chan struct{}] // nil: it is not cut off
	lost  atomic.Int32                  // so many answers to claims are lost
}

// bus are the bells of all.
type bus struct {
	mu    sync.Mutex
	heard []func(core.Work)
}

func (r *replica) cut() {
	heals := make(chan struct{})
	r.heals.Store(&heals)
}

func (r *replica) heal() { close(*r.heals.Swap(nil)) }

func (r *replica) reach(ctx context.Context) error {
	if heals := r.heals.Load(); heals != nil {
		select {
		case <-*heals:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (r *replica) Exclusive() bool { return false }

func (r *replica) Ring(ctx context.Context, work core.Work) error {
	if err := r.reach(ctx); err != nil {
		return err
	}
	r.bus.mu.Lock()
	defer r.bus.mu.Unlock()
	for _, heard := range r.bus.heard {
		heard(work)
	}
	return nil
}

func (r *replica) Hear(ctx context.Context, heard func(core.Work)) {
	r.bus.mu.Lock()
	r.bus.heard = append(r.bus.heard, heard)
	r.bus.mu.Unlock()
	<-ctx.Done()
}

func (r *replica) Beat(ctx context.Context, owner string) error {
	if err := r.reach(ctx); err != nil {
		return err
	}
	return r.Store.Beat(ctx, owner)
}

func (r *replica) Leave(ctx context.Context, owner string) error {
	if err := r.reach(ctx); err != nil {
		return err
	}
	return r.Store.Leave(ctx, owner)
}

func (r *replica) Lease(ctx context.Context, owner, name string) (bool, error) {
	if err := r.reach(ctx); err != nil {
		return false, err
	}
	return r.Store.Lease(ctx, owner, name)
}

func (r *replica) Unlease(ctx context.Context, owner, name string) error {
	if err := r.reach(ctx); err != nil {
		return err
	}
	return r.Store.Unlease(ctx, owner, name)
}

func (r *replica) Claim(ctx context.Context, owner string, now time.Time, limit int, serves func(core.Installation) bool) ([]core.Claim, error) {
	if err := r.reach(ctx); err != nil {
		return nil, err
	}
	claims, err := r.Store.Claim(ctx, owner, now, limit, serves)
	if len(claims) > 0 && r.lost.Add(-1) >= 0 {
		return nil, errors.New("the connection broke")
	}
	return claims, err
}

func (r *replica) Begin(ctx context.Context, c core.Claim, digest int64, position int, now time.Time) (core.Message, bool, error) {
	if err := r.reach(ctx); err != nil {
		return core.Message{}, false, err
	}
	return r.Store.Begin(ctx, c, digest, position, now)
}

func (r *replica) Posted(ctx context.Context, c core.Claim, item core.Item, ref core.MessageRef, shown int, now time.Time) error {
	if err := r.reach(ctx); err != nil {
		return err
	}
	return r.Store.Posted(ctx, c, item, ref, shown, now)
}

func (r *replica) Release(ctx context.Context, c core.Claim, again time.Time) error {
	if err := r.reach(ctx); err != nil {
		return err
	}
	return r.Store.Release(ctx, c, again)
}

// A town is several processes on one store.
type town struct {
	*office
	stores []*replica
	bots   []*workers.Workers
	stops  []func() error
}

func newTown(o *office, processes int) *town {
	w := &town{office: o}
	bells := &bus{}
	for range processes {
		r := &replica{Store: o.db, bus: bells}
		w.stores = append(w.stores, r)
		w.bots = append(w.bots, o.process(r))
		w.stops = append(w.stops, nil)
	}
	return w
}

// another channel follows the same.
func (w *town) another(channel string) string {
	w.Helper()
	for _, words := range []string{"subscribe lora", "schedule 09:00 UTC daily"} {
		if r := w.bots[0].Do(w.ctx(), core.Request{Channel: key(channel), User: core.User{Key: "web:pi"}, Text: words}); r.Failed {
			w.Fatal(words)
		}
	}
	return channel
}

// cutsAtTheFirst is a platform on which the first message takes longer than it takes until
// its process is taken for dead; with it that process is cut off from the store.
func (w *town) cutsAtTheFirst() (slow *slowPlatform, begun *atomic.Int32) {
	begun = new(atomic.Int32)
	return &slowPlatform{platform: w.chat, takes: func() time.Duration {
		if begun.Add(1) == 1 {
			w.stores[0].cut()
			return time.Minute
		}
		return 0
	}}, begun
}

// starts lets processes run, one after the other.
func (w *town) starts(which ...int) {
	for _, i := range which {
		w.stops[i] = w.runs(w.bots[i])
		time.Sleep(time.Second)
	}
}

// leaders are how many have said that they lead, and how many that they do no longer.
func (w *town) leaders() (leads, led int) {
	return strings.Count(w.log.String(), `msg="leads now`), strings.Count(w.log.String(), `msg="leads no longer`)
}

func (w *town) leader() string {
	leases, err := w.db.Leases(w.ctx())
	w.ok(err)
	return leases["lead"]
}

func TestOneOfThreeFetchesAndPlansAndAllOfThemPost(t *testing.T) {
	inABubble(t, func(o *office) {
		w := newTown(o, 3)
		channels := []string{"papers"}
		o.follows()
		for i := range 12 {
			channels = append(channels, w.another(fmt.Sprint("c", i)))
		}
		for _, b := range w.bots {
			b.Feed.Interval = time.Minute
		}
		w.starts(0, 1, 2)
		first := w.leader()
		leads, _ := w.leaders()
		o.wants("leaders", leads, 1)
		o.source.Set(lora("2511.00001"))
		time.Sleep(3 * time.Minute)
		for _, ch := range channels {
			o.wants(ch, o.chat.posted(ch), []core.PaperID{"2511.00001"})
		}
		o.wants("who leads", w.leader(), first)

		// Told to stop, it hands over at once.
		o.ok(w.stops[0]())
		time.Sleep(time.Second)
		leads, led := w.leaders()
		o.wants("leaders by then", leads-led, 1)
		if next := w.leader(); next == "" || next == first {
			o.Errorf("%q leads after %q", next, first)
		}
		o.skips(24 * time.Hour)
		o.source.Set(lora("2511.00002"))
		time.Sleep(3 * time.Minute)
		for _, ch := range channels {
			o.wants(ch, o.chat.posted(ch), []core.PaperID{"2511.00001", "2511.00002"})
		}
		o.ok(w.stops[1]())
		o.ok(w.stops[2]())
		testkit.DoesNotSee(o, o.log.String(), "level=ERROR")
	})
}

// Of several that begin at once one reads back what nobody heard, and none of those that
// come later.
func TestOfSeveralThatBeginAtOnceOneReadsBackWhatNobodyHeard(t *testing.T) {
	inABubble(t, func(o *office) {
		w := newTown(o, 3)
		o.ok(w.bots[0].Join(w.ctx()))
		o.ok(w.bots[1].Join(w.ctx()))
		w.starts(0, 1, 2)
		o.wants("read again by", strings.Count(w.log.String(), "no other process is at work: votes are read again"), 1)
		for _, stop := range w.stops {
			o.ok(stop())
		}
	})
}

func TestALeaderThatIsCutOffStopsBeforeAnotherBegins(t *testing.T) {
	inABubble(t, func(o *office) {
		w := newTown(o, 2)
		w.starts(0, 1)
		first := w.leader()
		cut := time.Now()
		w.stores[0].cut()
		var stopped, next time.Duration
		for range 60 {
			time.Sleep(time.Second)
			leads, led := w.leaders()
			if led == 1 && stopped == 0 {
				stopped = time.Since(cut)
			}
			if leads == 2 && next == 0 {
				next = time.Since(cut)
			}
		}
		if stopped == 0 || next == 0 || stopped > 24*time.Second || next-stopped < 5*time.Second || next > core.OwnerTTL+core.OwnerBeat {
			t.Errorf("it stopped after %v, the next began after %v", stopped, next)
		}
		second := w.leader()
		if second == first {
			t.Error("the same leads")
		}
		w.stores[0].heal()
		time.Sleep(time.Minute)
		o.wants("who leads then", w.leader(), second)
		o.wants("that it is over is told", strings.Count(o.log.String(), "the database answers again"), 1)
		owners, err := o.db.Owners(o.ctx())
		o.ok(err)
		o.wants("owners", len(owners), 2)
		o.ok(w.stops[0]())
		o.ok(w.stops[1]())
	})
}

// What a process has on its way when it is cut off would arrive after another has looked
// for it in vain.
func TestAProcessThatIsCutOffSendsNothingThatOthersMaySend(t *testing.T) {
	inABubble(t, func(o *office) {
		w := newTown(o, 2)
		o.follows()
		slow, _ := w.cutsAtTheFirst()
		o.chat.fails = nil
		w.bots[0].Post.Connections = core.NewConnections(nil, slow)
		w.bots[1].Post.Connections = core.NewConnections(nil, slow)
		w.starts(0)
		o.comes(lora("2511.00001"), lora("2511.00002"))
		w.starts(1)
		time.Sleep(5 * time.Minute)
		o.wants("posted", o.chat.posted("papers"), []core.PaperID{"2511.00001", "2511.00002"})
		if slow.gaveUp.Load() != 1 {
			t.Errorf("%d were given up", slow.gaveUp.Load())
		}
		// Healed, it goes on, and so does the channel.
		w.stores[0].heal()
		o.ok(w.stops[1]())
		o.comes(lora("2511.00003")) // before its day is planned
		o.skips(24 * time.Hour)
		time.Sleep(3 * time.Minute)
		o.wants("posted then", o.chat.posted("papers"), []core.PaperID{"2511.00001", "2511.00002", "2511.00003"})
		o.ok(w.stops[0]())
	})
}

// A process that was cut off for less than it takes to be taken for dead, but longer than
// it trusts itself, still has its claims in the store: it gives them back.
func TestWhatAProcessThatWasCutOffForAWhileHeldIsFreeAtOnce(t *testing.T) {
	inABubble(t, func(o *office) {
		w := newTown(o, 2)
		o.follows()
		slow, begun := w.cutsAtTheFirst()
		w.bots[0].Post.Connections = core.NewConnections(nil, slow)
		w.starts(0)
		o.comes(lora("2511.00001"))
		for begun.Load() == 0 {
			time.Sleep(time.Second)
		}
		time.Sleep(20 * time.Second)
		w.stores[0].heal()
		time.Sleep(10 * time.Second)
		o.wants("posted", o.chat.posted("papers"), []core.PaperID{"2511.00001"})
		o.ok(w.stops[0]())
	})
}

// A claim whose answer is lost is the process's, and it does not know.
func TestAClaimWhoseAnswerIsLostSilencesNoChannel(t *testing.T) {
	inABubble(t, func(o *office) {
		w := newTown(o, 1)
		o.follows()
		w.another("c")
		o.comes(lora("2511.00001"))
		w.stores[0].lost.Store(1)
		w.starts(0)
		time.Sleep(3 * time.Minute)
		o.wants("posted", o.chat.posted("papers"), []core.PaperID{"2511.00001"})
		o.wants("posted elsewhere", o.chat.posted("c"), []core.PaperID{"2511.00001"})
		o.ok(w.stops[0]())
	})
}

// slowPlatform takes its time with what is posted, unless nobody waits for it any more.
type slowPlatform struct {
	*platform
	takes  func() time.Duration
	gaveUp atomic.Int32
}

func (s *slowPlatform) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	select {
	case <-time.After(s.takes()):
		return s.platform.Post(ctx, p)
	case <-ctx.Done():
		s.gaveUp.Add(1)
		return core.MessageRef{}, ctx.Err()
	}
}

// Should two lead for a moment, they plan every post once.
func TestTwoThatPlanAtOncePlanEachPaperOnce(t *testing.T) {
	inABubble(t, func(o *office) { twoPlan(o) })
}

func twoPlan(o *office) {
	w := newTown(o, 2)
	var channels []string
	for i := range 20 {
		channels = append(channels, w.another(fmt.Sprint("c", i)))
	}
	o.comes(lora("2511.00001"), lora("2511.00002"))
	o.skips(3 * time.Minute)
	for _, b := range w.bots {
		o.ok(b.Join(o.ctx()))
	}
	var planning sync.WaitGroup
	for _, b := range slices.Concat(w.bots, w.bots) {
		planning.Go(func() {
			if err := b.Plan.PlanDue(o.ctx()); err != nil {
				o.Error(err)
			}
		})
	}
	planning.Wait()
	var sending sync.WaitGroup
	for _, b := range w.bots {
		sending.Go(func() {
			if err := b.Post.Drain(o.ctx()); err != nil {
				o.Error(err)
			}
		})
	}
	sending.Wait()
	for _, ch := range channels {
		o.wants(ch, o.chat.posted(ch), []core.PaperID{"2511.00001", "2511.00002"})
	}
	o.wants("messages", len(o.chat.posts), 3*len(channels))
}
