package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"paperboy/core"
)

// second is an owner in another process.
func (h *house) second(s *Store) error {
	h.Helper()
	return s.Join(context.Background(), core.Owner{ID: "second", Host: "there", PID: 2, Started: h.now})
}

func TestASecondProcessIsToldWhoHoldsTheStore(t *testing.T) {
	h := newHouse(t)
	h.joins("first")
	err := h.second(h.another())
	taken, ok := errors.AsType[*core.Taken](err)
	if !ok {
		t.Fatalf("two processes hold the store: %v", err)
	}
	h.wants("who holds it", taken.By, core.Owner{ID: "first", Host: "here", PID: 1, Started: h.now})
}

func TestAStoreUnderAnotherNameIsTheSameStore(t *testing.T) {
	h := newHouse(t)
	h.joins("first")
	link := filepath.Join(t.TempDir(), "link.db")
	h.ok(os.Symlink(h.path, link))
	if err := h.second(opened(h, link)); !core.Is[*core.Taken](err) {
		t.Errorf("two processes hold the store: %v", err)
	}
}

// Without a lock it may look, and write what is nobody's work.
func TestASecondProcessMayReadAndWriteAllTheSame(t *testing.T) {
	h := newHouse(t)
	h.joins("first")
	ml := h.channel("ml")
	other := h.another()
	if _, err := other.UpdateChannel(t.Context(), ml.ID, func(c *core.Channel) { c.Settings.Max = 3 }); err != nil {
		t.Error(err)
	}
}

func TestOwnersOfOneProcessShareTheStore(t *testing.T) {
	h := newHouse(t)
	first, second := h.joins("first"), h.joins("second")
	h.plans(h.channel("ml"), "2509.00001")
	h.wants("claimed", len(h.claims(first)), 1)
	h.ok(h.Leave(t.Context(), second))
	if err := h.second(h.another()); !core.Is[*core.Taken](err) {
		t.Errorf("with one owner left the store is free: %v", err)
	}
}

// A process that ends without a word is known to be dead by the lock that it
// does not hold any more: nothing waits for its time to run out.
func TestAfterARestartTheClaimsOfBeforeAreFreeAtOnce(t *testing.T) {
	h := newHouse(t)
	first := h.joins("first")
	h.plans(h.channel("ml"), "2509.00001")
	before := h.claims(first)[0]
	m, ok, err := h.Begin(t.Context(), before, 0, -1, h.now)
	h.ok(err)
	h.ok(h.Close())

	h.Store = h.another()
	h.ok(h.second(h.Store))
	claims := h.claims("second")
	h.wants("claimed", len(claims), 1)
	again, ok2, err := h.Begin(t.Context(), claims[0], 0, -1, h.now)
	h.ok(err)
	h.wants("begun again, in doubt", []any{ok, ok2, again.Item, again.Doubt}, []any{true, true, m.Item, true})
	if err := h.Posted(t.Context(), before, m.Item, core.MessageRef{ID: "m1"}, 0, h.now); !errors.Is(err, core.ErrLost) {
		t.Errorf("the dead wrote an outcome: %v", err)
	}
}

// Whoever was there before had put the look off; who comes next does not wait.
// What a platform asked to wait with, waits.
func TestAfterARestartWhatIsInDoubtIsTakenUpAtOnce(t *testing.T) {
	h := newHouse(t)
	first := h.joins("first")
	doubtful, told := h.channel("doubtful"), h.channel("told")
	h.plans(doubtful, "2509.00001")
	h.plans(told, "2509.00001")
	for _, c := range h.claims(first) {
		m, ok, err := h.Begin(t.Context(), c, 0, -1, h.now)
		h.ok(err)
		h.wants("begun", ok, true)
		if c.Channel.ID == told.ID {
			h.ok(h.GivenBack(t.Context(), c, m.Item, false, h.now))
		}
		h.ok(h.Release(t.Context(), c, h.now.Add(time.Minute)))
	}
	h.wants("claimed before the restart", len(h.claims(first)), 0)
	h.ok(h.Close())

	h.Store = h.another()
	h.ok(h.second(h.Store))
	claims := h.claims("second")
	h.wants("claimed", len(claims), 1)
	h.wants("which", claims[0].Channel.ID, doubtful.ID)
}

func TestAJoinThatFailedHoldsNothing(t *testing.T) {
	h := newHouse(t)
	first := h.joins("first")
	h.plans(h.channel("ml"), "2509.00001")
	h.claims(first)
	h.ok(h.Close())

	h.Store = h.another()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Join(ctx, core.Owner{ID: "second", Started: h.now}); !errors.Is(err, context.Canceled) {
		t.Fatalf("joined in spite of it: %v", err)
	}
	other := h.another()
	h.ok(h.second(other))
	h.ok(other.Close())
	// And whoever joins at last takes the earlier ones for dead.
	h.joins("third")
	h.wants("claimed", len(h.claims("third")), 1)
}
