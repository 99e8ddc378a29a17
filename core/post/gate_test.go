package post_test

import (
	"fmt"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/testkit"
)

// gated is a network that takes five messages a second.
type gated struct{ *testkit.Chat }

func (g gated) Network() core.Network {
	n := g.Chat.Network()
	n.Limits.PerSecond = 5
	return n
}

// What would only wait at a network's gate is left in the queue, where installations
// take turns, and is sent when there is room.
func TestWhatWouldWaitAtAGateIsLeftInTheQueue(t *testing.T) {
	story(t, func(h *house) {
		h.conns = core.NewConnections(nil, gated{h.chat})
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

// spaced is a network that takes a message a minute in each channel.
type spaced struct{ *testkit.Chat }

func (s spaced) Network() core.Network {
	n := s.Chat.Network()
	n.Limits.Gap = time.Minute
	return n
}

// What waits for its turn in a channel is not begun: whoever goes on when we are killed
// would have to look for it, and may look seldom.
func TestWhatWaitsForItsTurnInAChannelIsNotBegun(t *testing.T) {
	story(t, func(h *house) {
		h.conns = core.NewConnections(nil, spaced{h.chat})
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

// narrow is a network that lets us look for few messages.
type narrow struct{ *testkit.Chat }

func (n narrow) Network() core.Network {
	net := n.Chat.Network()
	net.Limits.InFlight = 3
	return net
}

// Of a process that is killed no more has to be looked for than can be at once.
func TestAsManyMessagesAreOnTheirWayAsCanBeLookedFor(t *testing.T) {
	story(t, func(h *house) {
		h.conns = core.NewConnections(nil, narrow{h.chat})
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
