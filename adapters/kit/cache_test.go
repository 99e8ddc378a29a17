package kit

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheCacheRemembersAsLongAsItShould(t *testing.T) {
	var c Cache[string]
	now := time.Now()
	if v, ok := c.Get("U1", now); ok {
		t.Errorf("from nowhere: %q", v)
	}
	c.Put("U1", "Ana", time.Time{})
	c.Put("U2", "Bo", now.Add(time.Minute))
	for _, x := range []struct {
		key   string
		after time.Duration
		want  string
	}{{"U1", 0, "Ana"}, {"U1", 1000 * time.Hour, "Ana"}, {"U2", 59 * time.Second, "Bo"}, {"U2", time.Minute, ""}, {"U3", 0, ""}} {
		if v, ok := c.Get(x.key, now.Add(x.after)); v != x.want || ok != (x.want != "") {
			t.Errorf("%s after %v: %q, %v", x.key, x.after, v, ok)
		}
	}
}

func TestTheCacheDoesNotGrowForEver(t *testing.T) {
	var c Cache[int]
	for i := range 3 * maxEntries {
		c.Put(fmt.Sprint(i), i, time.Time{})
		if len(c.entries) > maxEntries {
			t.Fatalf("%d entries", len(c.entries))
		}
		if v, ok := c.Get(fmt.Sprint(i), time.Time{}); !ok || v != i {
			t.Fatalf("what was put last is forgotten: %d", i)
		}
	}
	full := len(c.entries)
	c.Put(fmt.Sprint(3*maxEntries-1), 0, time.Time{}) // known already: nothing is forgotten for it
	if len(c.entries) != full {
		t.Errorf("%d entries of %d are left", len(c.entries), full)
	}
}

func TestWhatIsAskedIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Cache[int]
		asked := 0
		ask := func() (int, error) { time.Sleep(time.Second); asked++; return asked, nil }
		var wg sync.WaitGroup
		for range 10 { // who comes meanwhile gets the same answer
			wg.Go(func() {
				if n, err := c.Ask("U1", time.Now(), time.Minute, ask); n != 1 || err != nil {
					t.Errorf("%d %v", n, err)
				}
			})
		}
		wg.Wait()
		if n, _ := c.Ask("U1", time.Now().Add(50*time.Second), time.Minute, ask); n != 1 {
			t.Error("asked again too soon")
		}
		if n, _ := c.Ask("U2", time.Now(), time.Minute, ask); n != 2 {
			t.Error("another is not the same")
		}
		time.Sleep(time.Minute)
		if n, _ := c.Ask("U1", time.Now(), time.Minute, ask); n != 3 {
			t.Error("too old, and not asked again")
		}
		c.Forget("U1")
		if n, _ := c.Ask("U1", time.Now(), time.Minute, ask); n != 4 {
			t.Error("forgotten, and not asked again")
		}

		// An error is nothing to keep, and holds nobody up for ever.
		no := errors.New("no answer")
		if _, err := c.Ask("U3", time.Now(), time.Minute, func() (int, error) { return 0, no }); !errors.Is(err, no) {
			t.Errorf("%v", err)
		}
		func() {
			defer func() { _ = recover() }()
			c.Ask("U3", time.Now(), time.Minute, func() (int, error) { panic("badly") })
		}()
		if n, err := c.Ask("U3", time.Now(), time.Minute, ask); n != 5 || err != nil {
			t.Errorf("%d %v", n, err)
		}
	})
}

// Who comes just as an answer does is given that, and asks nothing.
func TestManyWhoAskAtOnceAskOnce(t *testing.T) {
	for range 20_000 {
		var c Cache[int]
		var asked atomic.Int32
		var all sync.WaitGroup
		begin := make(chan struct{})
		for range 8 {
			all.Go(func() {
				<-begin
				for range 20 {
					_, _ = c.Ask("U1", time.Time{}, time.Minute, func() (int, error) { return int(asked.Add(1)), nil })
				}
			})
		}
		close(begin)
		all.Wait()
		if n := asked.Load(); n != 1 {
			t.Fatalf("asked %d times", n)
		}
	}
}
