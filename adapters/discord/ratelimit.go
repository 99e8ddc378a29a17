package discord

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// How requests are paced. Bucket sizes are Discord's to say, in its headers;
// the one number it publishes is the global one (topics/rate-limits.mdx).
const (
	perSecond = 50
	// Requests may come closer together than they were sent; so much is added
	// to the second.
	globalMargin = 25 * time.Millisecond
	resetMargin  = 5 * time.Millisecond
)

// rateLimiter keeps Discord's limits before Discord has to. Its zero value is
// ready.
type rateLimiter struct {
	mu      sync.Mutex
	address time.Time         // blocked until then: Cloudflare
	global  time.Time         // what carries the token is: a global 429
	recent  []time.Time       // when the last requests with the token left
	names   map[string]string // of a route's bucket, in X-RateLimit-Bucket
	buckets map[string]*bucket
	swept   time.Time
}

// bucket is what is left of one limit.
type bucket struct {
	left     int
	reset    time.Time // when the window is over, or a 429's Retry-After
	blocked  bool      // reset is a 429's
	inFlight int
}

func (l *rateLimiter) bucketOf(r *request) *bucket {
	if l.names == nil {
		l.names, l.buckets = map[string]string{}, map[string]*bucket{}
	}
	name := r.method + " " + r.route
	if h := l.names[name]; h != "" {
		name = h
	}
	name += " " + r.major()
	b := l.buckets[name]
	if b == nil {
		b = &bucket{}
		l.buckets[name] = b
	}
	return b
}

// reserve takes a token from a request's bucket, and one of the global limit's:
// the request may leave at that moment. Tokens of the global limit are given in
// the order in which they are asked for, so that no channel falls behind the
// others. Without a token (b is nil) the moment is when to ask again. While
// nobody knows a bucket's size, one request at a time finds out. No token is
// taken that is of use only after the deadline.
func (l *rateLimiter) reserve(r *request, now, deadline time.Time) (b *bucket, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := l.blockedUntil(r); at.After(now) {
		return nil, at
	}
	b = l.bucketOf(r)
	switch {
	case b.reset.After(now) && (b.blocked || b.left <= 0):
		return nil, b.reset
	case !b.reset.After(now) && b.inFlight > 0:
		// A new window: how much it holds is known when somebody has asked.
		return nil, now.Add(2 * time.Millisecond)
	}
	at = now
	if !r.open {
		if n := len(l.recent); n >= perSecond {
			at = later(now, l.recent[n-perSecond].Add(time.Second+globalMargin))
		}
		if at.After(deadline) {
			return nil, at
		}
		l.recent = append(l.recent, at)
		if len(l.recent) > 4*perSecond {
			l.recent = append(l.recent[:0], l.recent[len(l.recent)-perSecond:]...)
		}
	}
	if b.reset.After(now) {
		b.left--
	} else {
		b.blocked = false
	}
	b.inFlight++
	if now.Sub(l.swept) > time.Minute {
		l.swept = now
		for name, old := range l.buckets {
			if old.inFlight == 0 && now.After(old.reset.Add(time.Minute)) {
				delete(l.buckets, name)
			}
		}
	}
	return b, at
}

// blockedUntil is when a request of this kind may leave again.
func (l *rateLimiter) blockedUntil(r *request) time.Time {
	if r.open {
		return l.address
	}
	return later(l.address, l.global)
}

// isBlocked is for who waited for its moment meanwhile.
func (l *rateLimiter) isBlocked(r *request, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.blockedUntil(r).After(now)
}

// update takes in what an answer's headers say of a bucket.
func (l *rateLimiter) update(r *request, b *bucket, h http.Header, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b.inFlight--
	name := h.Get("X-RateLimit-Bucket")
	if name == "" {
		return
	}
	route := r.method + " " + r.route
	if l.names[route] != name {
		// Learned under another name: the state moves to the one it is shared by.
		delete(l.buckets, route+" "+r.major())
		l.names[route] = name
		if shared := l.buckets[name+" "+r.major()]; shared != nil {
			shared.inFlight += b.inFlight
			b = shared
		} else {
			l.buckets[name+" "+r.major()] = b
		}
	}
	left, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	after, aerr := strconv.ParseFloat(h.Get("X-RateLimit-Reset-After"), 64)
	if err != nil || aerr != nil || b.blocked && now.Before(b.reset) {
		return
	}
	reset := now.Add(seconds(after) + resetMargin)
	left -= b.inFlight // they are not counted yet, or are: the careful of the two
	if now.Before(b.reset) && reset.Sub(b.reset) < 50*time.Millisecond {
		b.left = min(b.left, left) // the same window
		b.reset = later(b.reset, reset)
		return
	}
	b.left, b.reset = left, reset
}

// release is update for a request that brought no headers.
func (l *rateLimiter) release(b *bucket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b.inFlight--
}

// block notes a 429.
func (l *rateLimiter) block(r *request, until time.Time, how string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch how {
	case "cloudflare":
		l.address = later(l.address, until)
	case "global":
		l.global = later(l.global, until)
	default:
		b := l.bucketOf(r)
		b.blocked, b.left, b.reset = true, 0, later(b.reset, until)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func seconds(s float64) time.Duration { return time.Duration(math.Ceil(s * float64(time.Second))) }

// acquire waits until a request may leave.
func (c *client) acquire(ctx context.Context, r *request) (*bucket, error) {
	deadline, limited := ctx.Deadline()
	if !limited {
		deadline = time.Now().Add(time.Hour)
	}
	turn, cancel := core.Turn(ctx)
	defer cancel()
	for {
		if !r.open {
			if err := c.auth.Err(); err != nil {
				return nil, err
			}
		}
		b, at := c.limits.reserve(r, time.Now(), deadline)
		if b == nil && at.After(deadline) {
			return nil, &core.Retry{After: time.Until(at), Err: fmt.Errorf("discord %s %s: %w", r.method, r.route, errTooLate)}
		}
		var err error
		if b != nil && !r.open && c.share != nil {
			var mine time.Time
			mine, err = c.share.next(turn)
			at = later(at, mine)
		}
		if err == nil {
			err = kit.Sleep(turn, time.Until(at))
		}
		if err != nil && ctx.Err() == nil && !core.Is[*core.Retry](err) { // whoever waits for it is told to stop
			err = &core.Retry{Err: fmt.Errorf("discord %s %s: %w", r.method, r.route, errTooLate)}
		}
		switch {
		case b == nil && err != nil:
			return nil, err
		case b == nil:
		case err == nil && !c.limits.isBlocked(r, time.Now()):
			return b, nil
		default: // everything was blocked meanwhile, or nobody waits any more
			c.limits.release(b)
			if err != nil {
				return nil, err
			}
		}
	}
}
