package old

import (
	"context"
	"errors"
	"strings"

	"paperboy/core"
)

// roomNeeded is what must fit before we go on after the disk was full: about
// what a day's papers take, so that we do not run against the wall at once.
const roomNeeded = 1 << 20

// noRoom takes note when err says that the disk is full. Until there is room
// nothing is fetched, planned or posted. It is logged once, and handled with
// that: what is left of err is nil.
func (b *Bot) noRoom(err error) error {
	if !errors.Is(err, core.ErrFull) {
		return err
	}
	b.mu.Lock()
	known := b.full
	b.full = true
	b.mu.Unlock()
	if !known {
		b.Log.Error("the disk is full; nothing is fetched or posted until there is room, then it goes on by itself", "err", err)
	}
	return nil
}

// hasRoom reports whether things can be written down. Once they could not, it
// tries whether they can again.
func (b *Bot) hasRoom(ctx context.Context) bool {
	b.mu.Lock()
	full := b.full
	b.mu.Unlock()
	if !full {
		return true
	}
	const note = "room"
	if b.Store.SetNote(ctx, note, strings.Repeat(" ", roomNeeded)) != nil || b.Store.SetNote(ctx, note, "") != nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.full { // else another found it out meanwhile
		b.full, b.missed = false, true
		b.Log.Info("there is room on the disk again")
		b.poke()
	}
	return true
}

// missedVotes says, once each time, that votes may have been given that there
// was no room to write down.
func (b *Bot) missedVotes() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	missed := b.missed
	b.missed = false
	return missed
}

// remember keeps a delivery that was made and could not be written down, and
// recall finds it: as long as the process lives nobody has to look for it.
func (b *Bot) remember(d core.Delivery) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unwritten[d.Key()] = d
}

func (b *Bot) recall(d core.Delivery) (sent core.Delivery, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sent, ok = b.unwritten[d.Key()]
	delete(b.unwritten, d.Key())
	return sent, ok
}
