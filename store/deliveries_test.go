package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// plans a digest of these papers, with a header.
func (h *house) plans(c core.Channel, kind core.DigestKind, due time.Time, papers ...core.PaperID) core.Digest {
	h.Helper()
	d := core.Digest{Channel: c.ID, Due: due, Kind: kind, Planned: h.now, Thread: "Papers · Mon 23 Nov",
		Header: &core.Card{Title: "Papers", Lines: []say.Text{say.Say("*%d* papers", len(papers))}}}
	items := []core.Delivery{{Item: core.HeaderItem(kind, due), Place: core.InChannel}}
	for i, p := range papers {
		items = append(items, core.Delivery{Item: core.PaperItem(p), Position: i + 1, Place: core.InChannel, State: core.Planned,
			Matched: []core.Matched{{Topic: "lora", Why: []topic.Why{{Term: "lora", Field: topic.Title}}}}, Late: i > 0, Shown: 1})
	}
	id, ok, err := h.PlanDigest(context.Background(), d, items, 5)
	h.ok(err)
	if !ok {
		h.Fatalf("the digest of %v exists", due)
	}
	d.ID = id
	return d
}

func items(ds []core.Delivery) (out []core.Item) {
	for _, d := range ds {
		out = append(out, d.Item)
	}
	return out
}

func TestADigestIsPlannedOnce(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	ml := h.channel("ml")
	d := h.plans(ml, core.DailyPost, h.now, "2509.00002", "2509.00001")
	got, err := h.Digest(ctx, d.ID)
	h.ok(err)
	h.wants("the digest", got, d)
	header := core.HeaderItem(core.DailyPost, h.now)
	ds, err := h.Deliveries(ctx, d.ID)
	h.ok(err)
	h.wants("its deliveries", items(ds), []core.Item{header, "2509.00002", "2509.00001"})
	h.wants("the last of them", ds[2], core.Delivery{Channel: ml.ID, Item: "2509.00001", Digest: d.ID, Position: 2, Place: core.InChannel, State: core.Planned,
		Matched: []core.Matched{{Topic: "lora", Why: []topic.Why{{Term: "lora", Field: topic.Title}}}}, Late: true, Shown: 1, Updated: h.now})
	c, err := h.ChannelByID(ctx, ml.ID)
	h.ok(err)
	h.wants("how far the channel is", []any{c.Planned, c.LastDue}, []any{core.Seq(5), h.now})

	id, ok, err := h.PlanDigest(ctx, core.Digest{Channel: ml.ID, Due: h.now, Kind: core.DailyPost}, []core.Delivery{{Item: "2509.00003"}}, 99)
	h.ok(err)
	h.wants("planned again", []any{id, ok}, []any{d.ID, false})
	// What has a line in the ledger already is left out; nothing goes back.
	tomorrow := h.plans(ml, core.DailyPost, h.now.Add(24*time.Hour), "2509.00001", "2509.00004")
	ds, err = h.Deliveries(ctx, tomorrow.ID)
	h.ok(err)
	h.wants("tomorrow's", items(ds), []core.Item{core.HeaderItem(core.DailyPost, tomorrow.Due), "2509.00004"})
	_, ok, err = h.PlanDigest(ctx, core.Digest{Channel: ml.ID, Due: h.now, Kind: core.Notice}, nil, 0)
	h.ok(err)
	c, err = h.ChannelByID(ctx, ml.ID)
	h.ok(err)
	h.wants("a notice in between", []any{ok, c.Planned, c.LastDue}, []any{true, core.Seq(5), tomorrow.Due})

	for _, want := range []struct {
		before time.Time
		kinds  []core.DigestKind
		due    time.Time
		err    error
	}{
		{h.now.Add(48 * time.Hour), nil, tomorrow.Due, nil},
		{tomorrow.Due, []core.DigestKind{core.DailyPost, core.CatchUp}, h.now, nil},
		{tomorrow.Due.Add(1), []core.DigestKind{core.Notice}, h.now, nil},
		{h.now, nil, time.Time{}, core.ErrNotFound},
		{tomorrow.Due, []core.DigestKind{core.Weekly}, time.Time{}, core.ErrNotFound},
	} {
		last, err := h.LastDigest(ctx, ml.ID, want.before, want.kinds...)
		if !errors.Is(err, want.err) || !last.Due.Equal(want.due) {
			t.Errorf("before %v of %v: %v %v", want.before, want.kinds, last.Due, err)
		}
	}
	if _, _, err := h.PlanDigest(ctx, core.Digest{Channel: 99, Kind: core.DailyPost}, nil, 1); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("for a channel nobody knows: %v", err)
	}
}

func TestTheWayOfADelivery(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	ml := h.channel("ml")
	d := h.plans(ml, core.DailyPost, h.now, "2509.00001", "2509.00002", "2509.00003")
	lease := func(item core.Item, after time.Duration) (core.Delivery, bool) {
		t.Helper()
		now := h.now.Add(after)
		got, ok, err := h.Lease(ctx, ml.ID, item, now.Add(time.Minute), now)
		h.ok(err)
		return got, ok
	}
	save := func(d core.Delivery, after time.Duration) {
		t.Helper()
		h.ok(h.SaveDelivery(ctx, d, h.now.Add(after)))
	}

	one, ok := lease("2509.00001", 0)
	if !ok || one.State != core.Sending || one.Attempt != 1 || !one.Lease.Equal(h.now.Add(time.Minute)) || one.Digest != d.ID {
		t.Fatalf("leased: %v %+v", ok, one)
	}
	if _, ok := lease("2509.00001", 59*time.Second); ok {
		t.Error("leased to two")
	}
	if one, ok = lease("2509.00001", time.Minute); !ok || one.Attempt != 2 || !one.Begun.Equal(h.now) {
		t.Errorf("the first who leased it died: %v %+v", ok, one)
	}
	one.State, one.Lease, one.Ref, one.Shown, one.Position = core.Posted, time.Time{}, core.MessageRef{Conversation: "C1", ID: "17.1", Thread: "T"}, 2, 7
	save(one, time.Minute)
	if _, ok := lease("2509.00001", time.Hour); ok {
		t.Error("what is posted was leased")
	}
	two, _ := lease("2509.00002", 0)
	two.State, two.Reason = core.Held, "may not post there"
	save(two, 0)
	if two, ok = lease("2509.00002", 0); !ok || two.Attempt != 2 {
		t.Errorf("what is held was not tried again: %+v", two)
	}
	three, _ := lease("2509.00003", 0)
	three.State, three.Edited, three.Folded = core.Uncertain, "2026-11-23", true
	save(three, 2*time.Minute)
	if _, ok := lease("2509.00003", time.Hour); ok {
		t.Error("what is uncertain was leased")
	}

	open, err := h.Open(ctx)
	h.ok(err)
	h.wants("open", items(open), []core.Item{core.HeaderItem(core.DailyPost, h.now), "2509.00002"})
	one.Updated = h.now.Add(time.Minute)
	got, err := h.Delivery(ctx, ml.ID, "2509.00001")
	h.ok(err)
	h.wants("the posted one", got, one)
	got, err = h.DeliveryByMessage(ctx, ml.ID, "17.1")
	h.ok(err)
	h.wants("by its message", got, one)
	for _, missing := range []string{"", "17.2"} {
		if _, err := h.DeliveryByMessage(ctx, ml.ID, missing); !errors.Is(err, core.ErrNotFound) {
			t.Errorf("message %q: %v", missing, err)
		}
	}
	all, err := h.DeliveriesOfPaper(ctx, "2509.00001")
	h.ok(err)
	h.wants("of the paper", all, []core.Delivery{one})
	all, err = h.DeliveriesOf(ctx, ml.ID, h.now.Add(time.Minute))
	h.ok(err)
	h.wants("changed since", items(all), []core.Item{"2509.00003", "2509.00001"})
	all, err = h.DeliveriesOf(ctx, ml.ID, time.Time{}, core.Posted, core.Sending)
	h.ok(err)
	h.wants("in these states", items(all), []core.Item{"2509.00002", "2509.00001"})
	delivered, err := h.Delivered(ctx, ml.ID, []core.PaperID{"2509.00003", "2509.00009"})
	h.ok(err)
	h.wants("delivered", delivered, map[core.PaperID]bool{"2509.00003": true})

	if _, _, err := h.Lease(ctx, ml.ID, "2509.00009", h.now, h.now); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("leasing what was never planned: %v", err)
	}
	if err := h.SaveDelivery(ctx, core.Delivery{Channel: ml.ID, Item: "2509.00009", Digest: d.ID}, h.now); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("saving what was never planned: %v", err)
	}
}

func TestOnlyOneProcessLeasesADelivery(t *testing.T) {
	h := newHouse(t)
	ml := h.channel("ml")
	h.plans(ml, core.DailyPost, h.now, "2509.00001")
	var got atomic.Int32
	var wg sync.WaitGroup
	for _, s := range []*Store{h.Store, h.another(), h.another()} {
		for range 8 {
			wg.Go(func() {
				_, ok, err := s.Lease(context.Background(), ml.ID, "2509.00001", h.now.Add(time.Minute), h.now)
				if err != nil {
					t.Error(err)
				}
				if ok {
					got.Add(1)
				}
			})
		}
	}
	wg.Wait()
	h.wants("leases", got.Load(), int32(1))
}

func TestTheHeaderStandsForAMessageOfSeveral(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	ml := h.channel("ml")
	d := h.plans(ml, core.DailyPost, h.now, "2509.00001", "2509.00002")
	ds, err := h.Deliveries(ctx, d.ID)
	h.ok(err)
	for _, d := range ds {
		d.State, d.Ref = core.Posted, core.MessageRef{Conversation: "C1", ID: "17.1"}
		h.ok(h.SaveDelivery(ctx, d, h.now))
	}
	got, err := h.DeliveryByMessage(ctx, ml.ID, "17.1")
	h.ok(err)
	h.wants("the message", got.Item, core.HeaderItem(core.DailyPost, h.now))
}

func TestAMessageIsOutdatedUntilItShowsWhatIsWritten(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	ml := h.channel("ml")
	h.plans(ml, core.DailyPost, h.now, "2509.00001")
	outdated := func(since time.Time, want ...core.Item) {
		t.Helper()
		ds, err := h.Outdated(ctx, since)
		h.ok(err)
		h.wants("outdated", items(ds), want)
	}
	d, _, err := h.Lease(ctx, ml.ID, "2509.00001", h.now, h.now)
	h.ok(err)
	d.State = core.Posted
	h.ok(h.SaveDelivery(ctx, d, h.now))
	outdated(h.now)
	d.Outdated, d.Updated = true, h.now.Add(time.Minute)
	h.ok(h.SaveDelivery(ctx, d, d.Updated))
	outdated(h.now, "2509.00001")
	outdated(h.now.Add(time.Hour)) // too long ago

	// While it was edited, more was written down.
	d.Folded = true
	h.ok(h.SaveDelivery(ctx, d, h.now.Add(2*time.Minute)))
	h.ok(h.SaveEdit(ctx, d, "2025-09-05"))
	outdated(h.now, "2509.00001")
	d, err = h.Delivery(ctx, ml.ID, "2509.00001")
	h.ok(err)
	h.ok(h.SaveEdit(ctx, d, "2025-09-06"))
	outdated(h.now)
	d, err = h.Delivery(ctx, ml.ID, "2509.00001")
	h.ok(err)
	if d.Edited != "2025-09-06" || !d.Folded {
		t.Errorf("%+v", d)
	}
}
