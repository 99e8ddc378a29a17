package post_test

import (
	"fmt"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/testkit"
)

// limited is a network with limits.
type limited struct {
	*testkit.Chat
	limits core.Limits
}

func (l limited) Network() core.Network {
	n := l.Chat.Network()
	n.Limits = l.limits
	return n
}

// takes gives the network limits.
func (h *house) takes(l core.Limits) { h.conns = core.NewConnections(nil, limited{h.chat, l}) }

// What would only wait at a network's gate is left in the queue, where installations
// take turns, and is sent when there is room.
func TestWhatWouldWaitAtAGateIsLeftInTheQueue(t *testing.T) {
	story(t, func(h *house) {
		h.takes(core.Limits{PerSecond: 5})
		for n := range 25 {
			h.plans(h.channel(fmt.Sprint("c", n)), core.InDigest, 1)
		}
		h.chat.Always("post", "", testkit.Answer{Takes: time.Second})
		h.runs("A")
		h.passes(500 * time.Millisecond)
		h.wants("at once", len(h.asked()), 10)
		h.passes(time.Second)
		h.wants("then", len(h.asked()), 20)
		h.passes(2 * time.Second)
		h.wants("all", len(h.there()), 25)
	})
}

// What waits for its turn in a channel is not begun: whoever goes on when we are killed
// would have to look for it, and may look seldom.
func TestWhatWaitsForItsTurnInAChannelIsNotBegun(t *testing.T) {
	story(t, func(h *house) {
		h.takes(core.Limits{Gap: time.Minute})
		h.plans(h.channel("ml"), core.InChannel, 1, 2)
		h.runs("A")
		h.passes(59 * time.Second)
		h.wants("in a minute", len(h.there()), 1)
		open, err := h.store.CountOpen(h.ctx())
		h.ok(err)
		h.wants("begun", open[core.Sending], 0)
		h.passes(2 * time.Second)
		h.wants("then", len(h.there()), 2)
	})
}

// Of a process that is killed no more has to be looked for than can be at once.
func TestAsManyMessagesAreOnTheirWayAsCanBeLookedFor(t *testing.T) {
	story(t, func(h *house) {
		h.takes(core.Limits{InFlight: 3})
		for n := range 10 {
			h.plans(h.channel(fmt.Sprint("c", n)), core.InDigest, 1)
		}
		h.chat.Always("post", "", testkit.Answer{Takes: time.Second})
		h.runs("A")
		h.passes(500 * time.Millisecond)
		open, err := h.store.CountOpen(h.ctx())
		h.ok(err)
		h.wants("begun", open[core.Sending], 3)
		h.passes(4 * time.Second)
		h.wants("all", len(h.there()), 10)
	})
}

// Whoever had to wait for a place has its next turn that much later.
func TestATurnIsReckonedFromWhenAMessageIsBegun(t *testing.T) {
	story(t, func(h *house) {
		h.takes(core.Limits{Gap: time.Minute, InFlight: 1})
		for n := range 2 {
			h.plans(h.channel(fmt.Sprint("c", n)), core.InChannel, 1)
		}
		h.chat.Answers("post", "", testkit.Answer{Takes: 50 * time.Second})
		h.runs("A")
		h.passes(5 * time.Minute)
		h.wants("requests", h.asked(), []string{"post header at 0s", "post header at 50s", "post 1 at 1m0s", "post 1 at 1m50s"})
	})
}
