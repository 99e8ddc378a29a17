package kit

import (
	"sync"
	"time"
)

// Cache remembers what a platform said beside other things: how somebody is
// called, who may do what. It forgets everything when it is full: what is
// forgotten is learned again. Its zero value is ready.
type Cache[V any] struct {
	mu      sync.Mutex
	entries map[string]entry[V]
	asked   map[string]*question[V]
}

type entry[V any] struct {
	value V
	until time.Time // zero: for ever
}

const maxEntries = 50000

// Put remembers the value until a moment, or for ever when that is zero.
func (c *Cache[V]) Put(key string, value V, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.entries[key]; c.entries == nil || !known && len(c.entries) >= maxEntries {
		c.entries = map[string]entry[V]{}
	}
	c.entries[key] = entry[V]{value, until}
}

// Get is what is remembered of the key at that moment, if anything.
func (c *Cache[V]) Get(key string, now time.Time) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.get(key, now)
}

func (c *Cache[V]) get(key string, now time.Time) (value V, ok bool) {
	e, ok := c.entries[key]
	if !ok || !e.until.IsZero() && !now.Before(e.until) {
		return value, false
	}
	return e.value, true
}

// Forget drops what is kept under a key.
func (c *Cache[V]) Forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
}

// Ask is what is kept under a key or, when that is too old, what ask says, which
// is kept for so long unless it is an error. Who asks for the same meanwhile gets
// the same answer.
func (c *Cache[V]) Ask(key string, now time.Time, keep time.Duration, ask func() (V, error)) (V, error) {
	c.mu.Lock()
	if v, ok := c.get(key, now); ok { // in one look with the next: else it may have been answered in between
		c.mu.Unlock()
		return v, nil
	}
	if q := c.asked[key]; q != nil {
		c.mu.Unlock()
		<-q.done
		return q.value, q.err
	}
	q := &question[V]{done: make(chan struct{}), err: errPanic}
	if c.asked == nil {
		c.asked = map[string]*question[V]{}
	}
	c.asked[key] = q
	c.mu.Unlock()
	defer func() {
		if q.err == nil {
			c.Put(key, q.value, now.Add(keep))
		}
		c.mu.Lock()
		delete(c.asked, key)
		c.mu.Unlock()
		close(q.done)
	}()
	q.value, q.err = ask()
	return q.value, q.err
}

// question is one that is being asked.
type question[V any] struct {
	done  chan struct{}
	value V
	err   error
}
