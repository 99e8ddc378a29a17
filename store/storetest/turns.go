package storetest

import (
	"sync"
	"time"

	"paperboy/core"
)

var turns = []story{
	it("a turn is one process's, and the next one's after its pause", func(h *house) {
		take := func(by string, ahead, hold time.Duration) (time.Duration, bool) {
			wait, taken, err := h.store.TakeTurn(h.ctx(), "arxiv", by, ahead, hold)
			h.ok(err)
			return wait, taken
		}
		if wait, taken := take("A", 0, 30*time.Second); !taken || wait != 0 {
			h.Errorf("the first: %v %v", wait, taken)
		}
		if wait, taken := take("B", 0, 30*time.Second); taken || wait <= 20*time.Second || wait > 30*time.Second {
			h.Errorf("while the first has it: %v %v", wait, taken)
		}
		h.ok(h.store.EndTurn(h.ctx(), "arxiv", "B", 0)) // who has none ends none
		if _, taken := take("B", 0, time.Second); taken {
			h.Error("the turn of another was ended")
		}
		h.ok(h.store.EndTurn(h.ctx(), "arxiv", "A", 3*time.Second))
		if wait, taken := take("B", 0, time.Second); taken || wait <= 0 || wait > 3*time.Second {
			h.Errorf("in the pause: %v %v", wait, taken)
		}
		if wait, taken := take("B", 10*time.Second, time.Second); !taken || wait <= 0 || wait > 3*time.Second {
			h.Errorf("ahead: %v %v", wait, taken)
		}
		if wait, taken, err := h.store.TakeTurn(h.ctx(), "another", "C", 0, time.Second); err != nil || !taken || wait != 0 {
			h.Errorf("another name: %v %v %v", wait, taken, err)
		}
	}),

	it("of several that take turns at once, each has its own time", func(h *house) {
		const each = 5
		stores := []core.Turns{h.store, h.store.Again(h), h.store.Again(h)}
		var mu sync.Mutex
		var begins []time.Time
		var all sync.WaitGroup
		for i, s := range stores {
			all.Go(func() {
				for range each {
					asked := time.Now()
					wait, taken, err := s.TakeTurn(h.ctx(), "discord", string(rune('A'+i)), time.Minute, 2*time.Second)
					if err != nil || !taken {
						h.Error(wait, taken, err)
						return
					}
					mu.Lock()
					begins = append(begins, asked.Add(wait))
					mu.Unlock()
				}
			})
		}
		all.Wait()
		for i, a := range begins {
			for _, b := range begins[i+1:] {
				if a.Sub(b).Abs() < time.Second { // the store was asked in less
					h.Errorf("two begin within %v", a.Sub(b).Abs())
				}
			}
		}
	}),
}
