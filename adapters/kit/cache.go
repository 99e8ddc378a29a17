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
	e, ok := c.entries[key]
	if !ok || !e.until.IsZero() && !now.Before(e.until) {
		return value, false
	}
	return e.value, true
}
