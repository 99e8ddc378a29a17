package kit

import (
	"fmt"
	"testing"
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
