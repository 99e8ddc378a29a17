package store

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/topic"
)

// farther is the store, further away than the test that stands beside it: both
// have a Skipped.
type (
	farther struct{ stored }
	stored  struct{ *Store }
)

// A house is a store in a file of its own, with verbs for telling stories. What
// every engine promises is told in storetest; here is what only SQLite does.
type house struct {
	testing.TB
	farther
	path string
	now  time.Time
}

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func newHouse(t testing.TB) *house {
	h := &house{TB: t, path: fresh(t), now: monday}
	h.Store = h.another()
	return h
}

// another opens the same file once more, as a second process does.
func (h *house) another() *Store { return opened(h, h.path) }

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) wants(what string, got, want any) {
	h.Helper()
	if d := cmp.Diff(want, got); d != "" {
		h.Errorf("%s: want -, got +\n%s", what, d)
	}
}

// listed is a paper on a source's list.
func listed(id core.PaperID, title, source string, day core.Date, more ...func(*core.Paper)) core.Seen {
	p := core.Paper{ID: id, Title: title}
	for _, m := range more {
		m(&p)
	}
	return core.Seen{Paper: p, Sighting: core.Sighting{Source: source, Day: day}, Authority: map[string]core.Authority{"arxiv": core.Publisher, "hf": core.Index}[source]}
}

func (h *house) comes(seen ...core.Seen) core.Put {
	h.Helper()
	put, err := h.PutPapers(context.Background(), seen, false, h.now)
	h.ok(err)
	return put
}

func (h *house) paper(id core.PaperID) core.Paper {
	h.Helper()
	p, err := h.Paper(context.Background(), id)
	h.ok(err)
	return p
}

// channel is #name on Slack in workspace T1, known from now on.
func (h *house) channel(name string) core.Channel {
	h.Helper()
	c, err := h.EnsureChannel(context.Background(), core.Channel{
		Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: name}, Name: "#" + name,
		Settings: core.DefaultSettings(), Created: h.now,
	})
	h.ok(err)
	return c
}

func (h *house) changes(c core.Channel, change func(*core.Channel)) core.Channel {
	h.Helper()
	c, err := h.UpdateChannel(context.Background(), c.ID, change)
	h.ok(err)
	return c
}

func (h *house) follows(c core.Channel, text string) core.Topic {
	h.Helper()
	tp, err := h.AddTopic(context.Background(), c.ID, query(h, text), core.User{Name: "ana"}, h.now)
	h.ok(err)
	return tp
}

// daily is a post of these papers with a header.
func daily(channel int64, due time.Time, papers ...core.PaperID) core.Plan {
	p := core.Plan{Seq: 1, Digest: core.Digest{Channel: channel, Due: due, Kind: core.DailyPost, Planned: due, Header: &core.Card{Title: "Papers"}}}
	p.Items = append(p.Items, core.Delivery{Item: core.HeaderItem(core.DailyPost, due), Place: core.InChannel})
	for i, id := range papers {
		p.Items = append(p.Items, core.Delivery{Item: core.PaperItem(id), Position: i + 1, Place: core.InChannel})
	}
	return p
}

func (h *house) plans(c core.Channel, papers ...core.PaperID) {
	h.Helper()
	n, err := h.PlanDigests(context.Background(), []core.Plan{daily(c.ID, h.now, papers...)})
	h.ok(err)
	h.wants("planned", n, 1)
}

// joins makes a process that works on the store.
func (h *house) joins(id string) string {
	h.Helper()
	h.ok(h.Join(context.Background(), core.Owner{ID: id, Host: "here", PID: 1, Started: h.now}))
	return id
}

// claims what has to be sent now.
func (h *house) claims(owner string) []core.Claim {
	h.Helper()
	claims, err := h.Claim(context.Background(), owner, h.now, 100, nil)
	h.ok(err)
	return claims
}

func (h *house) finds(q core.Query) (ids []core.PaperID) {
	h.Helper()
	f, err := h.Search(context.Background(), q)
	h.ok(err)
	for _, hit := range f.Hits {
		ids = append(ids, hit.Paper.ID)
	}
	return ids
}

func query(t testing.TB, s string) topic.Topic {
	t.Helper()
	tp, err := topic.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return tp
}
