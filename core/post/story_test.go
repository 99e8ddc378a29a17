package post_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"paperboy/core"
	"paperboy/core/breaker"
	"paperboy/core/post"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// A house is a store in a file, a chat that answers what the story says, and
// the processes that post there, in a bubble where a minute takes none.
type house struct {
	*testing.T
	store *store.Store
	shaky *shaky // the store as the processes see it
	chat  *testkit.Chat
	conns *core.Connections
	log   *testkit.Log
	start time.Time
	room  *breaker.Breaker
	all   []*process
}

func story(t *testing.T, tell func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{T: t, chat: &testkit.Chat{Name: "slack"}, log: &testkit.Log{}, start: time.Now()}
		var err error
		h.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "paperboy.db"))
		h.ok(err)
		h.shaky = &shaky{Store: h.store}
		h.room = breaker.New(func(context.Context) error { return h.shaky.trouble("probe") }, nil, nil)
		h.conns = core.NewConnections(nil, h.chat)
		defer func() {
			h.shaky.heals()
			for _, p := range h.all {
				p.dies()
			}
			synctest.Wait()
			if err := h.store.Close(); err != nil {
				t.Error(err)
			}
		}()
		tell(h)
	})
}

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

var wallclockNow = wallclock.New(time.Now)

func (h *house) ctx() context.Context { return context.WithoutCancel(h.Context()) }

// passes lets time pass, and what happens in it.
func (h *house) passes(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// since is how long ago the story began.
func (h *house) since() time.Duration { return time.Since(h.start) }

// paper is the id of the nth paper.
func paper(n int) core.PaperID { return core.PaperID(fmt.Sprintf("2611.%05d", n)) }

func seen(n, version int) core.Seen {
	return core.Seen{
		Paper:    core.Paper{ID: paper(n), Title: fmt.Sprint("Lamp ", n), Version: version, Sources: []string{"arxiv"}},
		Sighting: core.Sighting{Source: "arxiv", Day: "2026-11-23"}, Authority: core.Publisher,
	}
}

func (h *house) comes(seen ...core.Seen) {
	h.Helper()
	_, err := h.store.PutPapers(h.ctx(), seen, false, time.Now())
	h.ok(err)
}

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

func (h *house) again(c core.Channel) core.Channel {
	h.Helper()
	c, err := h.store.ChannelByID(h.ctx(), c.ID)
	h.ok(err)
	return c
}

// plans a post of now with these papers, at a place; in a forum it has no header.
func (h *house) plans(c core.Channel, place core.Place, papers ...int) {
	h.Helper()
	now := time.Now()
	plan := core.Plan{Digest: core.Digest{Channel: c.ID, Due: now, Kind: core.DailyPost, Planned: now, Thread: "Papers of today"}}
	if place != core.InForum {
		plan.Digest.Header = &core.Card{Title: "Papers"}
		plan.Items = append(plan.Items, core.Delivery{Item: core.HeaderItem(core.DailyPost, now), Place: core.InChannel})
	}
	for i, n := range papers {
		if _, err := h.store.Paper(h.ctx(), paper(n)); errors.Is(err, core.ErrNotFound) && n < 90 { // from 90 on they are missing
			h.comes(seen(n, 1))
		}
		plan.Items = append(plan.Items, core.Delivery{Item: core.PaperItem(paper(n)), Position: i + 1, Place: place})
	}
	_, err := h.store.PlanDigests(h.ctx(), []core.Plan{plan})
	h.ok(err)
	for _, p := range h.all {
		p.Wake()
	}
}

// posts plans a post and waits until what can be done at once is done.
func (h *house) posts(c core.Channel, place core.Place, papers ...int) {
	h.Helper()
	h.plans(c, place, papers...)
	synctest.Wait()
}

// name is "header", or the number of a paper.
func name(item string) string {
	if strings.HasPrefix(item, "@") {
		return "header"
	}
	return strings.TrimLeft(strings.TrimPrefix(item, "2611."), "0")
}

// there are the messages that people see, in their order.
func (h *house) there() (names []string) {
	for _, m := range h.chat.There() {
		names = append(names, name(m.Item()))
	}
	return names
}

// asked are the requests of these kinds, with when they came: "post 1 at 2m0s".
func (h *house) asked(kinds ...string) (out []string) {
	for _, a := range h.chat.Asked(kinds...) {
		out = append(out, fmt.Sprintf("%s %s at %v", a.What, name(a.Item()), a.At.Sub(h.start)))
	}
	return out
}

func (h *house) delivery(c core.Channel, n int) core.Delivery {
	h.Helper()
	d, err := h.store.Delivery(h.ctx(), c.ID, core.PaperItem(paper(n)))
	h.ok(err)
	return d
}

// states are how a channel's messages stand, in order: "header posted".
func (h *house) states(c core.Channel) (out []string) {
	h.Helper()
	ds, err := h.store.DeliveriesOf(h.ctx(), c.ID, time.Time{})
	h.ok(err)
	for _, d := range ds {
		out = append(out, strings.TrimSpace(name(string(d.Item))+" "+string(d.State)+" "+d.Reason))
	}
	return out
}

// reread says whether the channel's votes are to be read again now.
func (h *house) reread(c core.Channel) bool {
	h.Helper()
	cs, err := h.store.Rereads(h.ctx(), time.Now(), 100, nil)
	h.ok(err)
	for _, have := range cs {
		if have.ID == c.ID {
			return true
		}
	}
	return false
}

// A process posts until it is told to stop, or dies.
type process struct {
	*post.Poster
	id     string
	cancel context.CancelFunc
	kill   context.CancelFunc
	ended  chan struct{} // Run has returned
}

// runs is a process that has joined, and posts.
func (h *house) runs(id string, change ...func(*post.Options)) *process {
	h.Helper()
	h.ok(h.store.Join(h.ctx(), core.Owner{ID: id, Host: "here", PID: 1, Started: time.Now()}))
	life, kill := context.WithCancel(h.ctx())
	o := post.Options{
		Store: h.shaky, Owner: id, Connections: h.conns, Clock: wallclockNow, Breaker: h.room,
		Log: slog.New(slog.NewTextHandler(h.log, nil)), Grace: func(context.Context) context.Context { return life },
	}
	for _, f := range change {
		f(&o)
	}
	ctx, cancel := context.WithCancel(life)
	p := &process{Poster: post.New(o), id: id, cancel: cancel, kill: kill, ended: make(chan struct{})}
	h.all = append(h.all, p)
	go func() {
		defer close(p.ended)
		var running sync.WaitGroup
		running.Go(func() { p.RunEdits(ctx) })
		p.Run(ctx)
		running.Wait()
	}()
	go func() {
		for core.Sleep(ctx, o.Clock, core.OwnerBeat) == nil {
			_ = h.store.Beat(ctx, id)
		}
	}()
	synctest.Wait()
	return p
}

// dies ends the process as it is: nothing more is written down.
func (p *process) dies() {
	p.kill()
	<-p.ended
}

// shaky is the store with what can go wrong in it.
type shaky struct {
	*store.Store
	mu    sync.Mutex
	fails map[string][]error
	slow  map[string]time.Duration
	calls map[string]int
}

// fail makes the next calls of a method fail, "" all of them.
func (s *shaky) fail(method string, errs ...error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails == nil {
		s.fails = map[string][]error{}
	}
	s.fails[method] = errs
}

// slows makes a method take its time.
func (s *shaky) slows(method string, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slow == nil {
		s.slow = map[string]time.Duration{}
	}
	s.slow[method] = d
}

// heals makes all well.
func (s *shaky) heals() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails, s.slow = nil, nil
}

// called is how often a method was called.
func (s *shaky) called(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

var errFull = fmt.Errorf("writing: %w", core.ErrFull)

// fills leaves no room for anything, until heals.
func (s *shaky) fills() {
	for _, m := range []string{"", "probe"} {
		s.fail(m, errFull)
	}
}

func (s *shaky) trouble(method string) error {
	s.mu.Lock()
	if s.calls == nil {
		s.calls = map[string]int{}
	}
	s.calls[method]++
	d := s.slow[method]
	var err error
	if errs := s.fails[method]; len(errs) > 0 {
		if err = errs[0]; method != "probe" {
			s.fails[method] = errs[1:]
		}
	} else if all := s.fails[""]; len(all) > 0 {
		err = all[0]
	}
	s.mu.Unlock()
	time.Sleep(d)
	return err
}

func (s *shaky) Claim(ctx context.Context, owner string, now time.Time, limit int, serves func(core.Installation) bool) ([]core.Claim, error) {
	if err := s.trouble("Claim"); err != nil {
		return nil, err
	}
	claims, err := s.Store.Claim(ctx, owner, now, limit, serves)
	return claims, errors.Join(err, s.trouble("Claimed"))
}

func (s *shaky) Begin(ctx context.Context, c core.Claim, digest int64, position int, now time.Time) (core.Message, bool, error) {
	if err := s.trouble("Begin"); err != nil {
		return core.Message{}, false, err
	}
	return s.Store.Begin(ctx, c, digest, position, now)
}

func (s *shaky) Posted(ctx context.Context, c core.Claim, item core.Item, ref core.MessageRef, shown int, now time.Time) error {
	if err := s.trouble("Posted"); err != nil {
		return err
	}
	return s.Store.Posted(ctx, c, item, ref, shown, now)
}

func (s *shaky) Release(ctx context.Context, c core.Claim, again time.Time) error {
	if err := s.trouble("Release"); err != nil {
		return err
	}
	return s.Store.Release(ctx, c, again)
}

func (s *shaky) Edits(ctx context.Context, now time.Time, limit int, serves func(core.Installation) bool) ([]core.Edit, error) {
	if err := s.trouble("Edits"); err != nil {
		return nil, err
	}
	return s.Store.Edits(ctx, now, limit, serves)
}

func (s *shaky) Paper(ctx context.Context, id core.PaperID) (core.Paper, error) {
	if err := s.trouble("Paper"); err != nil {
		return core.Paper{}, err
	}
	return s.Store.Paper(ctx, id)
}

func (s *shaky) Edited(ctx context.Context, e core.Edit, day core.Date) error {
	if err := s.trouble("Edited"); err != nil {
		return err
	}
	return s.Store.Edited(ctx, e, day)
}

func (s *shaky) EditLater(ctx context.Context, e core.Edit, at time.Time) error {
	if err := s.trouble("EditLater"); err != nil {
		return err
	}
	return s.Store.EditLater(ctx, e, at)
}
