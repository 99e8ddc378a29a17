package journey

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
)

// six papers match in its post.
var six = []core.PaperID{seedID(1), seedID(2), seedID(3), seedID(17), seedID(19), seedID(28)}

// almostTuesday is that morning, just before the post.
func almostTuesday(t *testing.T) *town {
	w := newTown(t)
	w.says("pi", "subscribe diffusion, lora")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.now = at("2025-11-25 08:30")
	w.lists("2025-11-25", false, 1, 2, 3, 28, 17, 19, 5, 9)
	w.now = at("2025-11-25 09:00")
	return w
}

// tick does what is due, expecting that it may be cut off.
func (w *town) tick() { _ = w.bot.Tick(w.Context()) }

func (w *town) onceEach() {
	w.Helper()
	got := w.postedPapers()
	slices.Sort(got)
	if diff := cmp.Diff(six, got); diff != "" {
		w.Errorf("each paper once: %s", diff)
	}
}

// dies lets the process go on until its nth post from now, and then takes away
// everything it has: it can write nothing down any more. stored says whether
// the platform had kept the message by then.
func (w *town) dies(n int, stored bool) {
	w.Helper()
	ctx, kill := context.WithCancel(w.Context())
	defer kill()
	w.chat.fail = func(p core.Post) error {
		if n--; n >= 0 {
			return nil
		}
		if stored {
			if _, err := w.chat.store(w.Context(), p); err != nil {
				w.Error(err)
			}
		}
		kill()
		w.store.Close()
		return errors.New("nobody hears this")
	}
	_ = w.bot.Tick(ctx)
	w.chat.fail = nil
	w.restart()
	w.now = w.now.Add(6 * time.Minute) // the dead process's lease runs out
}

// On a platform that can look: cut off anywhere, started again, nothing is
// doubled and nothing lost.
func TestCutOffInTheMiddle(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := almostTuesday(t)
				r := rand.New(rand.NewPCG(seed, 10))
				for range 1 + r.IntN(4) {
					w.dies(r.IntN(8), r.IntN(2) == 0)
				}
				w.until(w.now)
				w.onceEach()
				if n := len(w.chat.posts); n != 7 {
					t.Errorf("%d messages, want 7", n)
				}
			})
		})
	}
}

func TestWithoutTheRightToLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := almostTuesday(t)
		w.chat.blind = true
		lost := 0
		w.chat.fail = func(p core.Post) error {
			if p.Card.Title == "" && p.Card.Papers[0].ID == seedID(28) {
				lost++
				return errors.New("connection reset")
			}
			return nil
		}
		w.tick()
		if lost != 1 {
			t.Fatalf("tried %d times; what may be there is not sent again", lost)
		}
		if got := w.postedPapers(); len(got) != 5 {
			t.Errorf("the others go on: %v", got)
		}
		w.chat.fail = nil
		w.until(w.now.Add(time.Hour))
		status := w.says("pi", "status").Card
		w.sees(text(status), "uncertain", w.papers[seedID(28)].Title)
		if len(status.Buttons) != 1 {
			t.Fatalf("buttons %v", status.Buttons)
		}
		w.presses("pi", status, status.Buttons[0].Label)
		w.until(w.now.Add(time.Minute))
		w.onceEach()
		w.doesNotSee(text(w.says("pi", "status").Card), "uncertain")
	})
}

func TestAnUncertainHeaderKeepsItsThreadForTheNextPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := almostTuesday(t)
		w.says("pi", "settings layout:thread")
		w.chat.blind = true
		w.chat.fail = func(p core.Post) error {
			if p.Card.Title != "" {
				return errors.New("connection reset")
			}
			return nil
		}
		w.tick()
		if len(w.chat.posts) != 0 {
			t.Fatalf("posted into a thread of which nobody knows the header: %v", w.postedPapers())
		}
		w.chat.fail = nil
		w.until(at("2025-11-26 09:00"))
		w.sees(text(w.chat.posts[0].Card), "Wed 26 Nov", "5 new for this channel", "listed late")
		got := w.postedPapers()
		slices.Sort(got)
		if len(got) != 5 {
			t.Errorf("max is 5: %v", got)
		}
	})
}

func TestToldToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := almostTuesday(t)
		n := 0
		w.chat.fail = func(core.Post) error {
			if n++; n == 4 {
				return &core.Retry{After: 7 * time.Second, Err: errors.New("rate limited")}
			}
			return nil
		}
		w.tick()
		w.onceEach()
		if n != 8 {
			t.Errorf("%d calls, want 7 and one again", n)
		}
		for i, p := range w.chat.posts[1:] {
			d, err := w.store.Delivery(t.Context(), w.channel().ID, core.PaperItem(p.Card.Papers[0].ID))
			if err != nil || d.Position != i+1 {
				t.Errorf("position %d came as number %d (%v)", d.Position, i+1, err)
			}
		}
	})
}

func TestAChannelThatRefusesHoldsItsPost(t *testing.T) {
	w := almostTuesday(t)
	calls := 0
	w.chat.fail = func(core.Post) error {
		calls++
		return &core.Refused{Reason: "missing Send Messages", Err: errors.New("50013")}
	}
	w.tick()
	if calls != 1 {
		t.Errorf("%d requests for one try", calls)
	}
	w.until(w.now.Add(time.Minute))
	if calls != 1 {
		t.Error("tried again too soon")
	}
	w.until(w.now.Add(2 * time.Minute))
	if calls != 2 {
		t.Errorf("%d calls after two minutes, want a second try", calls)
	}
	told := text(w.says("pi", "list").Card)
	w.sees(told, "I may not post in #papers: missing Send Messages.", "Nothing was lost")
	w.doesNotSee(text(w.says("pi", "list").Card), "I may not post") // once
	w.chat.fail = nil
	w.until(w.now.Add(2 * time.Minute))
	w.onceEach()
}

func TestARefusedTokenStopsTheLoop(t *testing.T) {
	w := almostTuesday(t)
	calls := 0
	w.chat.fail = func(core.Post) error { calls++; return &core.Unauthorised{Err: errors.New("401")} }
	for range 5 {
		w.tick()
	}
	if calls != 1 {
		t.Errorf("%d calls with a token that was refused", calls)
	}
	if err := w.bot.Run(t.Context()); !core.Is[*core.Unauthorised](err) {
		t.Errorf("with no platform left, running ends with %v", err)
	}
	w.chat.fail = nil
	w.restart()
	w.until(w.now.Add(time.Minute))
	w.onceEach()
}
