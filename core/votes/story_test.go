package votes_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"paperboy/core"
	"paperboy/core/breaker"
	"paperboy/core/votes"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// A house is a store in a file, a chat whose reactions the story sets, and what
// counts them, in a bubble where a minute takes none.
type house struct {
	*testing.T
	store *store.Store
	shaky *shaky
	chat  *testkit.Chat
	conns *core.Connections
	votes *votes.Votes
	log   *testkit.Log
	start time.Time
	order int64
	wakes atomic.Int64
	stop  func()
}

func story(t *testing.T, tell func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{T: t, chat: &testkit.Chat{Name: "slack"}, log: &testkit.Log{}, start: time.Now(), stop: func() {}}
		var err error
		h.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "paperboy.db"))
		h.ok(err)
		h.ok(h.store.Join(t.Context(), core.Owner{ID: "A", Host: "here", PID: 1, Started: time.Now()}))
		h.shaky = &shaky{Store: h.store}
		h.connects(h.chat)
		defer func() {
			h.stop()
			synctest.Wait()
			if err := h.store.Close(); err != nil {
				t.Error(err)
			}
		}()
		tell(h)
	})
}

// connects makes these the connections, of a process that has just begun.
func (h *house) connects(all ...core.Connection) {
	h.conns = core.NewConnections(nil, all...)
	h.votes = votes.New(votes.Options{
		Store: h.shaky, Connections: h.conns, Clock: wallclock.New(time.Now), Log: slog.New(slog.NewTextHandler(h.log, nil)),
		Breaker:    breaker.New(func(context.Context) error { return h.shaky.trouble("probe") }, nil, nil),
		WakePoster: func() { h.wakes.Add(1) },
	})
}

// runs lets votes be read again when that is due.
func (h *house) runs() {
	h.Helper()
	ctx, cancel := context.WithCancel(h.ctx())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.votes.ReadAll(ctx)
		var running sync.WaitGroup
		running.Go(func() { h.votes.Run(ctx) })
		running.Go(func() { h.votes.RunReading(ctx) })
		running.Wait()
	}()
	h.stop = func() { cancel(); <-ended }
	synctest.Wait()
}

func (h *house) ctx() context.Context { return context.WithoutCancel(h.Context()) }

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) wants(what string, got, want any) {
	h.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		h.Errorf("%s: want -, got +\n%s", what, d)
	}
}

func (h *house) passes(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func paper(n int) core.PaperID { return core.PaperID(fmt.Sprintf("2611.%05d", n)) }

// message is where the nth paper stands.
func message(n int) string { return fmt.Sprint("m", n) }

func (h *house) channel(name string, change ...func(*core.Channel)) core.Channel {
	h.Helper()
	return h.channelOn(h.chat, name, change...)
}

func (h *house) channelOn(chat *testkit.Chat, name string, change ...func(*core.Channel)) core.Channel {
	h.Helper()
	c, err := h.store.EnsureChannel(h.ctx(), core.Channel{
		Key: core.ChannelKey{Platform: chat.Name, Workspace: "T1", ID: name}, Name: "#" + name, Settings: core.DefaultSettings(), Created: time.Now(),
	})
	h.ok(err)
	for _, f := range change {
		c, err = h.store.UpdateChannel(h.ctx(), c.ID, f)
		h.ok(err)
	}
	return c
}

// keeps the nth paper.
func (h *house) keeps(n int) {
	h.Helper()
	_, err := h.store.PutPapers(h.ctx(), []core.Seen{{
		Paper:    core.Paper{ID: paper(n), Title: fmt.Sprint("Lamp ", n), Sources: []string{"hf"}},
		Sighting: core.Sighting{Source: "hf", Day: "2026-11-23"}, Authority: core.Index,
	}}, false, time.Now())
	h.ok(err)
}

// plans these papers for the channel.
func (h *house) plans(c core.Channel, papers ...int) core.Plan {
	h.Helper()
	now := time.Now()
	plan := core.Plan{Digest: core.Digest{Channel: c.ID, Due: now, Kind: core.DailyPost, Planned: now}}
	for i, n := range papers {
		h.keeps(n)
		plan.Items = append(plan.Items, core.Delivery{Item: core.PaperItem(paper(n)), Position: i + 1, Place: core.InChannel})
	}
	return plan
}

// begins has these papers planned in the channel, and the first message on its
// way.
func (h *house) begins(c core.Channel, papers ...int) (core.Claim, core.Message) {
	h.Helper()
	return h.beginsPlan(h.plans(c, papers...))
}

func (h *house) beginsPlan(plan core.Plan) (core.Claim, core.Message) {
	h.Helper()
	now := time.Now()
	_, err := h.store.PlanDigests(h.ctx(), []core.Plan{plan})
	h.ok(err)
	h.ok(h.store.Beat(h.ctx(), "A"))
	claims, err := h.store.Claim(h.ctx(), "A", now, 1, nil)
	h.ok(err)
	m, ok, err := h.store.Begin(h.ctx(), claims[0], 0, -1, now)
	h.ok(err)
	h.wants("begun", ok, true)
	return claims[0], m
}

// posts these papers in the channel, the nth as message(n).
func (h *house) posts(c core.Channel, papers ...int) {
	h.Helper()
	h.sends(c, h.plans(c, papers...), papers)
}

// sends a plan's messages, as these.
func (h *house) sends(c core.Channel, plan core.Plan, at []int) {
	h.Helper()
	claim, m := h.beginsPlan(plan)
	for i, n := range at {
		h.ok(h.store.Posted(h.ctx(), claim, m.Item, core.MessageRef{Conversation: c.Key.ID, ID: message(n)}, 1, time.Now()))
		if i+1 < len(at) {
			var err error
			m, _, err = h.store.Begin(h.ctx(), claim, m.Delivery.Digest, m.Position, time.Now())
			h.ok(err)
		}
	}
	h.ok(h.store.Release(h.ctx(), claim, time.Time{}))
	h.passes(time.Second)
}

// postsUnder posts these papers in the thread under a header, which is message(header).
func (h *house) postsUnder(c core.Channel, header int, papers ...int) {
	h.Helper()
	now := time.Now()
	plan := core.Plan{
		Digest: core.Digest{Channel: c.ID, Due: now, Kind: core.DailyPost, Planned: now, Header: &core.Card{Title: "Papers"}},
		Items:  []core.Delivery{{Item: core.HeaderItem(core.DailyPost, now), Place: core.InChannel}},
	}
	at := []int{header}
	for i, n := range papers {
		h.keeps(n)
		plan.Items = append(plan.Items, core.Delivery{Item: core.PaperItem(paper(n)), Position: i + 1, Place: core.InThread})
		at = append(at, n)
	}
	h.sends(c, plan, at)
}

// puts is an emoji that somebody puts on a paper's message.
func (h *house) puts(c core.Channel, n int, who, emoji string) core.Reaction {
	h.order++
	return core.Reaction{Channel: c.Key, Message: message(n), User: core.User{Key: who}, Emoji: emoji, Added: true, Order: h.order}
}

func (h *house) takes(c core.Channel, n int, who, emoji string) core.Reaction {
	r := h.puts(c, n, who, emoji)
	r.Added = false
	return r
}

func (h *house) hears(rs ...core.Reaction) {
	h.Helper()
	for _, r := range rs {
		h.ok(h.votes.React(h.ctx(), r))
	}
	synctest.Wait()
}

func (h *house) tally(c core.Channel, n int) core.Tally {
	h.Helper()
	t, err := h.store.Tally(h.ctx(), c.ID, []core.PaperID{paper(n)}, time.Time{})
	h.ok(err)
	return t[paper(n)]
}

func (h *house) delivery(c core.Channel, n int) core.Delivery {
	h.Helper()
	d, err := h.store.Delivery(h.ctx(), c.ID, core.PaperItem(paper(n)))
	h.ok(err)
	return d
}

func (h *house) list(who string) (ids []core.PaperID) {
	h.Helper()
	saved, err := h.store.SavedBy(h.ctx(), who)
	h.ok(err)
	for _, s := range saved {
		ids = append(ids, s.Paper)
	}
	return ids
}

// reads are the messages whose reactions were read: "m1 at 2m0s".
func (h *house) reads() []string {
	return h.readsOf(h.chat)
}

func (h *house) readsOf(chat *testkit.Chat) (out []string) {
	for _, a := range chat.Asked("read") {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s at %v", a.Ref.ID, a.At.Sub(h.start))))
	}
	return out
}

func given(who, emoji string) core.Reaction {
	return core.Reaction{User: core.User{Key: who}, Emoji: emoji}
}

// shaky is the store with what can go wrong in it.
type shaky struct {
	*store.Store
	mu        sync.Mutex
	fails     map[string][]error
	meanwhile map[string]func()
}

// fail makes the next calls of a method fail.
func (s *shaky) fail(method string, errs ...error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails == nil {
		s.fails = map[string][]error{}
	}
	s.fails[method] = errs
}

func (s *shaky) trouble(method string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	errs := s.fails[method]
	if len(errs) == 0 {
		return nil
	}
	s.fails[method] = errs[1:]
	return errs[0]
}

func (s *shaky) PutReaction(ctx context.Context, channel int64, paper core.PaperID, kind core.VoteKind, r core.Reaction) (bool, error) {
	if err := s.trouble("PutReaction"); err != nil {
		return false, err
	}
	return s.Store.PutReaction(ctx, channel, paper, kind, r)
}

func (s *shaky) SetReactions(ctx context.Context, channel int64, paper core.PaperID, message string, kind func(string) (core.VoteKind, bool), rs []core.Reaction, asked time.Time) ([]core.Reaction, error) {
	if err := s.trouble("SetReactions"); err != nil {
		return nil, err
	}
	return s.Store.SetReactions(ctx, channel, paper, message, kind, rs, asked)
}

func (s *shaky) Fold(ctx context.Context, channel int64, item core.Item, folded bool, now time.Time) error {
	if err := s.trouble("Fold"); err != nil {
		return err
	}
	return s.Store.Fold(ctx, channel, item, folded, now)
}

func (s *shaky) Reread(ctx context.Context, channel int64, at time.Time) error {
	if err := s.trouble("Reread"); err != nil {
		return err
	}
	return s.Store.Reread(ctx, channel, at)
}

func (s *shaky) RereadAll(ctx context.Context, platform string, workspaces []string, since, at time.Time) error {
	if err := s.trouble("RereadAll"); err != nil {
		return err
	}
	return s.Store.RereadAll(ctx, platform, workspaces, since, at)
}

func (s *shaky) DeliveryByMessage(ctx context.Context, channel int64, message string) (core.Delivery, error) {
	d, err := s.Store.DeliveryByMessage(ctx, channel, message)
	s.mu.Lock()
	f := s.meanwhile["DeliveryByMessage"]
	delete(s.meanwhile, "DeliveryByMessage")
	s.mu.Unlock()
	if f != nil {
		f()
	}
	return d, err
}
