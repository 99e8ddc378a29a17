// Package loglimit keeps a log readable while the same thing goes wrong for a long time,
// as a database that is away for a night.
//
// In: what is logged. Out: the same, but a warning or an error that was just said is not
// said again for a minute, then for two, and for an hour at last; the line that comes then
// has how often it was left out, as repeated=57. What is not said for twice as long begins
// anew.
//
// It promises that the first line of its kind is never left out, and lines below a warning
// never at all. Lines are of a kind whose level, message and attributes are the same,
// numbers within err excepted: ports and durations differ each time.
package loglimit

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// How long a line is left out, at first and at last.
const (
	shortest = time.Minute
	longest  = time.Hour
)

// most is how many kinds are remembered: more are all said.
const most = 1000

// New limits what a handler is given.
func New(to slog.Handler) slog.Handler {
	return handler{Handler: to, said: &said{kinds: map[string]*kind{}}}
}

type handler struct {
	slog.Handler
	with string // the attributes of all its lines
	said *said
}

// said is what was said lately, by all handlers that come of one.
type said struct {
	mu    sync.Mutex
	kinds map[string]*kind
}

type kind struct {
	last  time.Time     // when it was said
	quiet time.Duration // how long it is left out from then on
	left  int           // out since
}

// Handle implements slog.Handler.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		left, say := h.said.of(h.kind(r), r.Time)
		if !say {
			return nil
		}
		if left > 0 {
			r = r.Clone()
			r.AddAttrs(slog.Int("repeated", left))
		}
	}
	return h.Handler.Handle(ctx, r)
}

// of says whether a line of the kind is to be said, and how often one was left out before.
func (s *said) of(name string, now time.Time) (left int, say bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.kinds[name]
	if k == nil {
		if len(s.kinds) >= most {
			s.tidy(now)
		}
		if len(s.kinds) < most {
			s.kinds[name] = &kind{last: now, quiet: shortest}
		}
		return 0, true
	}
	switch since := now.Sub(k.last); {
	case since < 0: // the clock was set back
	case since < k.quiet:
		k.left++
		return 0, false
	case since < 2*k.quiet:
		k.quiet = min(2*k.quiet, longest)
	default:
		k.quiet = shortest
	}
	left, k.left, k.last = k.left, 0, now
	return left, true
}

// tidy forgets what was not said for long. The caller holds mu.
func (s *said) tidy(now time.Time) {
	for name, k := range s.kinds {
		if now.Sub(k.last) >= 2*k.quiet {
			delete(s.kinds, name)
		}
	}
}

func (h handler) kind(r slog.Record) string {
	var b strings.Builder
	b.WriteString(r.Level.String() + " " + r.Message + h.with)
	r.Attrs(func(a slog.Attr) bool {
		b.WriteString(text(a))
		return true
	})
	return b.String()
}

func text(a slog.Attr) string {
	value := a.Value.Resolve().String()
	if a.Key == "err" {
		value = strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return -1
			}
			return r
		}, value)
	}
	return " " + a.Key + "=" + value
}

// WithAttrs implements slog.Handler.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.Handler = h.Handler.WithAttrs(attrs)
	for _, a := range attrs {
		h.with += text(a)
	}
	return h
}

// WithGroup implements slog.Handler.
func (h handler) WithGroup(name string) slog.Handler {
	h.Handler = h.Handler.WithGroup(name)
	h.with += " " + name + "."
	return h
}
