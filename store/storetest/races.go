package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"pgregory.net/rapid"

	"paperboy/core"
)

// A wall is a chat that counts what is put on it. It can be looked at.
type wall struct {
	mu  sync.Mutex
	ups map[string]int // by core.Delivery.Key
}

func (w *wall) post(m core.Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ups[m.Key()]++
}

func (w *wall) has(m core.Message) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ups[m.Key()] > 0
}

// A fate is what becomes of a process that sends one message.
type fate string

const (
	sends      fate = "sends it and says so"
	waitsFor   fate = "is told to wait"
	isRefused  fate = "is refused"
	stops      fate = "stops there, in doubt"
	diesBefore fate = "dies before it is sent"
	diesAfter  fate = "dies after it is sent"
	comesLate  fate = "dies after it is sent, and says so later"
)

var fates = []fate{sends, sends, sends, sends, waitsFor, isRefused, stops, diesBefore, diesAfter, comesLate}

// A sender is a process that lives, with the next fates, through several lives.
type sender struct {
	h     *house
	name  string
	wall  *wall
	lives int
	fates []fate
}

// works until its fates are used up, or nothing is left to be sent.
func (s *sender) works(now time.Time) error {
	ctx := s.h.ctx()
	s.lives++
	owner := fmt.Sprint(s.name, s.lives)
	if err := s.h.store.Join(ctx, core.Owner{ID: owner, Started: now}); err != nil {
		return err
	}
	for idle := 0; idle < 3; {
		claims, err := s.h.store.Claim(ctx, owner, now, 1, nil)
		if err != nil {
			return err
		}
		if len(claims) == 0 {
			idle++
			continue
		}
		if died, err := s.channel(owner, claims[0], now); err != nil || died {
			return err
		}
	}
	return s.h.store.Leave(ctx, owner)
}

// channel sends what is open in one, as a poster does.
func (s *sender) channel(owner string, c core.Claim, now time.Time) (died bool, err error) {
	ctx, store := s.h.ctx(), s.h.store
	digest, position := int64(0), -1
	for {
		m, ok, err := store.Begin(ctx, c, digest, position, now)
		if err != nil {
			return false, err
		}
		if !ok {
			return false, store.Release(ctx, c, time.Time{})
		}
		digest, position = m.Delivery.Digest, m.Position
		posted := func() error { return store.Posted(ctx, c, m.Item, ref(m.Item), 1, now) }
		if m.Doubt && s.wall.has(m) {
			if err := posted(); err != nil {
				return false, err
			}
			continue
		}
		f := sends
		if len(s.fates) > 0 {
			f, s.fates = s.fates[0], s.fates[1:]
		}
		switch f {
		case sends:
			s.wall.post(m)
			if err := posted(); err != nil {
				return false, err
			}
		case waitsFor:
			return false, errors.Join(store.GivenBack(ctx, c, m.Item, false, now), store.Release(ctx, c, now))
		case isRefused:
			h := core.Hold{Since: now, Reason: "may not post", NextTry: now}
			return false, errors.Join(store.Held(ctx, c, m.Item, false, h, now), store.Release(ctx, c, now))
		case stops:
			return false, store.Release(ctx, c, now)
		case diesBefore, diesAfter, comesLate:
			if f != diesBefore {
				s.wall.post(m)
			}
			if err := store.Leave(ctx, owner); err != nil {
				return true, err
			}
			if f == comesLate {
				if err := posted(); !errors.Is(err, core.ErrLost) {
					return true, fmt.Errorf("the dead wrote an outcome: %v", err)
				}
			}
			return true, nil
		}
	}
}

// paperOf is the nth paper of a run.
func paperOf(run, n int) core.PaperID { return core.PaperID(fmt.Sprintf("%04d.%05d", run, n)) }

var races = []story{
	it("of many who ask at once, one has a channel", func(h *house) {
		const several = 12
		for n := range several {
			h.daily(h.channel(fmt.Sprint("c", n)), "2509.00001")
		}
		var mu sync.Mutex
		had := map[int64]int{}
		var wg sync.WaitGroup
		for n := range 6 {
			owner := h.joins(fmt.Sprint("A", n))
			wg.Go(func() {
				for range several {
					claims, err := h.store.Claim(h.ctx(), owner, h.now, 2, nil)
					if err != nil {
						h.Error(err)
					}
					mu.Lock()
					for _, c := range claims {
						had[c.Channel.ID]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		h.wants("channels", len(had), several)
		for channel, n := range had {
			if n != 1 {
				h.Errorf("channel %d was claimed by %d", channel, n)
			}
		}
	}),

	it("of many who plan the same post at once, one does", func(h *house) {
		ml := h.channel("ml")
		other := h.store.Again(h)
		var planned atomic.Int32
		var wg sync.WaitGroup
		for n := range 12 {
			s := []core.Store{h.store, other}[n%2]
			wg.Go(func() {
				n, err := s.PlanDigests(h.ctx(), []core.Plan{h.plan(ml, core.DailyPost, h.now, "2509.00001", "2509.00002")})
				if err != nil {
					h.Error(err)
				}
				planned.Add(int32(n))
			})
		}
		wg.Wait()
		h.wants("planned", planned.Load(), int32(1))
		h.wants("deliveries", len(h.itemsOf(h.digest(ml, core.DailyPost, h.now))), 3)
	}),

	it("two processes that send, wait, are refused and die post every message once and lose none", func(h *house) {
		run := 0
		rapid.Check(h.T, func(t *rapid.T) {
			w := &wall{ups: map[string]int{}}
			var cs []core.Channel
			run++
			h.now = h.now.Add(day)
			for n := range rapid.IntRange(1, 3).Draw(t, "channels") {
				c := h.channel(fmt.Sprint("c", n))
				place := rapid.SampledFrom([]core.Place{core.InChannel, core.InThread}).Draw(t, "place")
				if h.plans(placed(h.plan(c, core.DailyPost, h.now, paperOf(run, 1), paperOf(run, 2)), place)) != 1 {
					t.Fatal("nothing was planned")
				}
				cs = append(cs, c)
			}
			senders := []*sender{}
			for _, name := range []string{"A", "B"} {
				senders = append(senders, &sender{h: h, name: fmt.Sprintf("%s%d.", name, run), wall: w, fates: rapid.SliceOfN(rapid.SampledFrom(fates), 0, 12).Draw(t, name)})
			}
			var wg sync.WaitGroup
			errs := make([]error, len(senders))
			for i, s := range senders {
				wg.Go(func() {
					for errs[i] == nil && len(s.fates) > 0 {
						left := len(s.fates)
						if errs[i] = s.works(h.now); len(s.fates) == left {
							return // nothing is left to be sent
						}
					}
				})
			}
			wg.Wait()
			last := &sender{h: h, name: fmt.Sprintf("last%d.", run), wall: w}
			if err := errors.Join(errors.Join(errs...), last.works(h.now)); err != nil {
				t.Fatal(err)
			}
			for _, c := range cs {
				ds, err := h.store.DeliveriesOf(h.ctx(), c.ID, h.now)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range ds {
					if n := w.ups[d.Key()]; d.State != core.Posted || n != 1 {
						t.Fatalf("%s was posted %d times and is %s", d.Key(), n, d.State)
					}
				}
				if len(ds) != 3 {
					t.Fatalf("%d messages of 3", len(ds))
				}
			}
		})
	}),

	it("whatever is planned, in whatever order and by whomever, how far a channel is never goes back", func(h *house) {
		other := h.store.Again(h)
		run := 0
		rapid.Check(h.T, func(t *rapid.T) {
			run++
			c := h.changes(h.channel(fmt.Sprint("c", run)), everyDayAtNine)
			draw := rapid.Custom(func(t *rapid.T) core.Plan {
				kind := rapid.SampledFrom([]core.DigestKind{core.DailyPost, core.CatchUp, core.Weekly, core.Notice}).Draw(t, "kind")
				p := h.plan(c, kind, monday.Add(time.Duration(rapid.IntRange(0, 6).Draw(t, "due"))*day))
				for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(1, 9), 0, 3, rapid.ID[int]).Draw(t, "papers") {
					p.Items = append(p.Items, core.Delivery{Item: core.PaperItem(paperOf(run, n)), Position: len(p.Items), Place: core.InChannel})
				}
				p.Seq = core.Seq(rapid.IntRange(0, 20).Draw(t, "seq"))
				return p
			})
			batches := rapid.SliceOfN(rapid.SliceOfN(draw, 1, 3), 1, 4)
			var wg sync.WaitGroup
			done := make(chan struct{})
			planners := map[core.Store][][]core.Plan{h.store: batches.Draw(t, "mine"), other: batches.Draw(t, "theirs")}
			for s, batches := range planners {
				wg.Go(func() {
					for _, plans := range batches {
						if _, err := s.PlanDigests(h.ctx(), plans); err != nil {
							h.Error(err)
						}
					}
				})
			}
			go func() { wg.Wait(); close(done) }()
			last := h.again(c)
			for over := false; !over; {
				select {
				case <-done:
					over = true
				default:
				}
				now := h.again(c)
				if now.Planned < last.Planned || now.LastDue.Before(last.LastDue) {
					t.Fatalf("from %d, %v to %d, %v", last.Planned, last.LastDue, now.Planned, now.LastDue)
				}
				last = now
			}
			// In the end it is at the furthest post that was written, or further.
			var due time.Time
			for id := range h.digests(c) {
				d, err := h.store.Digest(h.ctx(), id)
				h.ok(err)
				if (d.Kind == core.DailyPost || d.Kind == core.CatchUp) && d.Due.After(due) {
					due = d.Due
				}
			}
			if last.LastDue.Before(due) {
				t.Fatalf("the last post was due at %v, and the channel is at %v", due, last.LastDue)
			}
		})
	}),
}
