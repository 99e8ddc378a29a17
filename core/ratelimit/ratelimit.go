// Package ratelimit keeps what the people of one installation ask from costing those of
// the others: each has its share of a minute.
//
// In: what people do, as connections hand it over. Out: the same, to the core.Handler
// behind it, while the share lasts; then one sentence, to who asked alone.
//
// It promises: what is beyond the share reaches no store (but for PaperOf, by which a
// connection learns what a command is about), and in ten seconds nobody is told so
// twice: whoever asks on hears nothing. A vote is never refused, and costs
// nothing of the share; nor does what platforms tell of channels and workspaces. In
// direct messages that are in no workspace each has a share of its own. Shares are
// this process's, and nothing is kept of those that are whole.
package ratelimit

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
)

const (
	// What is typed has a completion at every few letters, which costs less than an answer.
	completion = 1
	command    = 5 // completions

	atOnce  = 30               // commands, after which the share of the minute comes evenly
	quiet   = 10 * time.Second // in which nobody is told twice
	sweep   = time.Minute
	logOnce = time.Minute
)

// Handler hands over what is within an installation's share. It is safe for concurrent
// use.
type Handler struct {
	core.Handler
	perMinute int
	now       func() time.Time
	log       *slog.Logger

	mu     sync.Mutex
	shares map[core.ChannelKey]*share
	swept  time.Time
}

// share is what an installation has left of its minute.
type share struct {
	left   *rate.Limiter
	told   map[string]bool // who was told that it is used up …
	since  time.Time       // … since then
	logged time.Time
	more   int // that was refused since then
}

// New puts a Handler before another one. Of each installation it takes so many commands
// a minute; 0: as many as come.
func New(to core.Handler, perMinute int, now func() time.Time, log *slog.Logger) *Handler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Handler{Handler: to, perMinute: perMinute, now: now, log: log, shares: map[core.ChannelKey]*share{}}
}

// share is that of where something was asked. The caller holds mu.
func (h *Handler) share(key core.ChannelKey, now time.Time) *share {
	if key.Workspace != "" {
		key.ID = ""
	}
	most := min(h.perMinute, atOnce) * command
	if now.Sub(h.swept) >= sweep || now.Before(h.swept) {
		h.swept = now
		maps.DeleteFunc(h.shares, func(_ core.ChannelKey, s *share) bool { return s.left.TokensAt(now) >= float64(most) })
	}
	s := h.shares[key]
	if s == nil {
		s = &share{left: rate.NewLimiter(rate.Limit(h.perMinute*command)/60, most), told: map[string]bool{}}
		h.shares[key] = s
	}
	return s
}

// takes something off a share; ok is false where there is not so much left.
func (h *Handler) takes(key core.ChannelKey, cost int) (ok bool) {
	if h.perMinute == 0 {
		return true
	}
	now := h.now()
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.share(key, now).left.AllowN(now, cost)
}

// has reports whether there would be enough for a command.
func (h *Handler) has(key core.ChannelKey) bool {
	if h.perMinute == 0 {
		return true
	}
	now := h.now()
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.share(key, now).left.TokensAt(now) >= command
}

// no is what a person hears where nothing is left: the sentence, or nothing if they
// have just been told.
func (h *Handler) no(key core.ChannelKey, u core.User) core.Reply {
	now := h.now()
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.share(key, now)
	if s.more++; now.Sub(s.logged).Abs() >= logOnce {
		h.log.Warn("a workspace asks more than [limits] commands; what is beyond is not answered", "platform", key.Platform, "workspace", key.Workspace, "commands", h.perMinute, "refused", s.more)
		s.logged, s.more = now, 0
	}
	if now.Sub(s.since).Abs() >= quiet {
		clear(s.told)
		s.since = now
	}
	if s.told[u.Key] {
		return core.Reply{}
	}
	s.told[u.Key] = true
	return core.Reply{Card: core.Card{Lines: []say.Text{h.sentence()}}, Failed: true}
}

func (h *Handler) sentence() say.Text {
	return say.Say("That is more than the %s a minute that I answer here, so it was not done: ask again in a minute, or have whoever runs Paperboy allow more.", cards.Count(h.perMinute, "command"))
}

// Do implements core.Handler.
func (h *Handler) Do(ctx context.Context, r core.Request) core.Reply {
	if !h.takes(r.Channel, command) {
		return h.no(r.Channel, r.User)
	}
	return h.Handler.Do(ctx, r)
}

// Press implements core.Handler.
func (h *Handler) Press(ctx context.Context, p core.Press) core.Reply {
	if !cards.Votes(p.Button) && !h.takes(p.Channel, command) {
		return h.no(p.Channel, p.User)
	}
	return h.Handler.Press(ctx, p)
}

// Form implements core.Handler. A press that opens no form is Pressed, and counted then.
func (h *Handler) Form(ctx context.Context, p core.Press) (core.Form, bool) {
	if !h.has(p.Channel) {
		return core.Form{}, false
	}
	f, ok := h.Handler.Form(ctx, p)
	if ok {
		h.takes(p.Channel, command)
	}
	return f, ok
}

// Check implements core.Handler. What was filled in stays where it is while it cannot be
// done; what can is counted when it is Submitted.
func (h *Handler) Check(ctx context.Context, s core.Submission) map[string]say.Text {
	if !h.has(s.Channel) {
		for _, field := range slices.Sorted(maps.Keys(s.Values)) {
			return map[string]say.Text{field: h.sentence()}
		}
	}
	return h.Handler.Check(ctx, s)
}

// Submit implements core.Handler.
func (h *Handler) Submit(ctx context.Context, s core.Submission) core.Reply {
	if !h.takes(s.Channel, command) {
		return h.no(s.Channel, s.User)
	}
	return h.Handler.Submit(ctx, s)
}

// Complete implements core.Handler.
func (h *Handler) Complete(ctx context.Context, p core.Partial) []core.Choice {
	if !h.takes(p.Channel, completion) {
		return nil
	}
	return h.Handler.Complete(ctx, p)
}

// Unfurl implements core.Handler.
func (h *Handler) Unfurl(ctx context.Context, key core.ChannelKey, url string) (core.Card, bool) {
	if !h.takes(key, completion) {
		return core.Card{}, false
	}
	return h.Handler.Unfurl(ctx, key, url)
}

// Home implements core.Handler. A page that says nothing would be taken for an empty one.
func (h *Handler) Home(ctx context.Context, in core.Installation, u core.User) core.Card {
	if !h.takes(core.ChannelKey{Platform: in.Platform, Workspace: in.Workspace, ID: u.Key}, command) {
		return core.Card{Title: "Paperboy", Lines: []say.Text{h.sentence()}}
	}
	return h.Handler.Home(ctx, in, u)
}

// Welcome implements core.Handler. It comes beside a command, which is counted; where that
// is refused it comes beside the next.
func (h *Handler) Welcome(ctx context.Context, key core.ChannelKey, name string, u core.User) (core.Card, bool) {
	if !h.has(key) {
		return core.Card{}, false
	}
	return h.Handler.Welcome(ctx, key, name, u)
}
