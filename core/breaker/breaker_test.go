package breaker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
)

// A disk is full until somebody frees some space.
type disk struct {
	*testing.T
	*Breaker
	full   bool
	probed int // how often it was tried whether there is room
	closed int // how often we were told that there is
	log    strings.Builder
}

func newDisk(t *testing.T) *disk {
	d := &disk{T: t}
	d.Breaker = New(func(context.Context) error {
		d.probed++
		return d.writes()
	}, func() { d.closed++ }, slog.New(slog.NewTextHandler(&d.log, nil)))
	return d
}

func (d *disk) writes() error {
	if d.full {
		return fmt.Errorf("writing it down: %w", core.ErrFull)
	}
	return nil
}

func (d *disk) wants(what string, got, want any) {
	d.Helper()
	if got != want {
		d.Errorf("%s: want %v, got %v", what, want, got)
	}
}

func (d *disk) logged(words string) int { return strings.Count(d.log.String(), words) }

func TestWithRoomNothingIsTried(t *testing.T) {
	d := newDisk(t)
	d.wants("noted", d.Note(d.writes()), nil)
	d.wants("open", d.Open(t.Context()), false)
	d.wants("tried", d.probed, 0)
	d.wants("log", d.log.String(), "")
}

func TestAFullDiskOpensIt(t *testing.T) {
	d := newDisk(t)
	d.full = true
	d.wants("left of the error", d.Note(d.writes()), nil)
	d.wants("open", d.Open(t.Context()), true)
}

func TestOtherTroubleIsNotItsOwn(t *testing.T) {
	d := newDisk(t)
	for _, err := range []error{core.ErrNotFound, core.ErrLost, errors.New("database or disk is full"), context.Canceled} {
		d.wants("noted", d.Note(err), err)
	}
	d.wants("open", d.Open(t.Context()), false)
}

func TestItClosesByItselfWhenThereIsRoomAgain(t *testing.T) {
	d := newDisk(t)
	d.full = true
	d.Note(d.writes())
	for n := range 3 {
		d.wants("open", d.Open(t.Context()), true)
		d.wants("tried", d.probed, n+1)
	}
	d.full = false
	d.wants("with room", d.Open(t.Context()), false)
	d.wants("told", d.closed, 1)
	d.wants("and later", d.Open(t.Context()), false)
	d.wants("tried", d.probed, 4)
	d.wants("told", d.closed, 1)
}

// Everything that writes finds the same wall; the operator hears of it once.
func TestTheOperatorIsToldOnceAndThatItIsOverOnce(t *testing.T) {
	d := newDisk(t)
	for times := 1; times <= 2; times++ {
		d.full = true
		for range 5 {
			d.Note(d.writes())
			d.Open(t.Context())
		}
		d.full = false
		for range 5 {
			d.Open(t.Context())
		}
		d.wants("that it is full", d.logged("level=ERROR"), times)
		d.wants("that there is room", d.logged("there is room on the disk again"), times)
		d.wants("told", d.closed, times)
	}
}

// What else goes wrong while it is tried leaves it open: whether there is room
// is not known.
func TestATryThatFailsOtherwiseLeavesItOpen(t *testing.T) {
	b := New(func(ctx context.Context) error { return context.Cause(ctx) }, nil, nil)
	b.Note(core.ErrFull)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if !b.Open(ctx) {
		t.Error("closed by a try that was given up")
	}
	if b.Open(t.Context()) {
		t.Error("open with room")
	}
}

func TestManyWhoTryAtOnceTellOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		told := 0
		b := New(func(context.Context) error {
			time.Sleep(time.Second)
			return nil
		}, func() {
			mu.Lock()
			defer mu.Unlock()
			told++
		}, nil)
		b.Note(core.ErrFull)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if b.Open(t.Context()) {
					t.Error("open with room")
				}
			})
		}
		wg.Wait()
		if told != 1 {
			t.Errorf("told %d times", told)
		}
	})
}
