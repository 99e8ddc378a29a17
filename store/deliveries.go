package store

import (
	"context"
	"errors"
	"time"

	"paperboy/core"
)

const (
	deliveryColumns = `channel, item, digest, position, place, state, attempt, lease, conversation, message, thread,
		reason, matched, late, shown, edited, folded, updated, begun, outdated`
	selectDelivery = `SELECT ` + deliveryColumns + ` FROM deliveries `
	inOrder        = ` ORDER BY channel, digest, position, item`
)

func deliveryPlaces(d *core.Delivery) []any {
	return []any{&d.Channel, &d.Item, &d.Digest, &d.Position, &d.Place, &d.State, &d.Attempt, millis{&d.Lease},
		&d.Ref.Conversation, &d.Ref.ID, &d.Ref.Thread, &d.Reason, document{&d.Matched}, &d.Late, &d.Shown, &d.Edited, &d.Folded, millis{&d.Updated},
		millis{&d.Begun}, &d.Outdated}
}

func deliveryValues(d core.Delivery) []any {
	return []any{d.Channel, d.Item, d.Digest, d.Position, d.Place, d.State, d.Attempt, ms(d.Lease),
		d.Ref.Conversation, d.Ref.ID, d.Ref.Thread, d.Reason, document{d.Matched}, d.Late, d.Shown, d.Edited, d.Folded, ms(d.Updated),
		ms(d.Begun), d.Outdated}
}

func (s *Store) deliveries(ctx context.Context, doing, where string, args ...any) (ds []core.Delivery, err error) {
	err = s.read(ctx, doing, func(t tx) error {
		ds, err = all(t, deliveryPlaces, selectDelivery+where+inOrder, args...)
		return err
	})
	return ds, err
}

func (s *Store) delivery(ctx context.Context, doing, where string, args ...any) (d core.Delivery, err error) {
	err = s.read(ctx, doing, func(t tx) error {
		return t.one(deliveryPlaces(&d), selectDelivery+where+inOrder+` LIMIT 1`, args...)
	})
	return d, err
}

// Open implements core.Ledger.
func (s *Store) Open(ctx context.Context) ([]core.Delivery, error) {
	return s.deliveries(ctx, "reading open deliveries",
		`WHERE state IN ('planned', 'held', 'sending') AND channel IN (SELECT id FROM channels WHERE gone = 0)`)
}

// Lease implements core.Ledger.
func (s *Store) Lease(ctx context.Context, channel int64, item core.Item, until, now time.Time) (d core.Delivery, ok bool, err error) {
	err = s.write(ctx, "taking a delivery", func(t tx) error {
		err := t.one(deliveryPlaces(&d), `UPDATE deliveries SET state = 'sending', attempt = attempt + 1, lease = $3, updated = $4,
				begun = CASE WHEN state = 'sending' THEN begun ELSE $4 END
			WHERE channel = $1 AND item = $2 AND (state IN ('planned', 'held') OR state = 'sending' AND lease <= $4)
			RETURNING `+deliveryColumns, channel, item, ms(until), ms(now))
		if ok = err == nil; ok || !errors.Is(err, core.ErrNotFound) {
			return err
		}
		return t.one(deliveryPlaces(&d), selectDelivery+`WHERE channel = $1 AND item = $2`, channel, item)
	})
	return d, ok && err == nil, err
}

// SaveDelivery implements core.Ledger.
func (s *Store) SaveDelivery(ctx context.Context, d core.Delivery, now time.Time) error {
	return s.write(ctx, "writing a delivery down", func(t tx) error {
		return t.must(`UPDATE deliveries SET state = $3, lease = $4, conversation = $5, message = $6, thread = $7, reason = $8,
			position = $9, shown = $10, edited = $11, folded = $12, digest = $13, updated = $14, outdated = $15 WHERE channel = $1 AND item = $2`,
			d.Channel, d.Item, d.State, ms(d.Lease), d.Ref.Conversation, d.Ref.ID, d.Ref.Thread, d.Reason,
			d.Position, d.Shown, d.Edited, d.Folded, d.Digest, ms(now), d.Outdated)
	})
}

// SaveEdit implements core.Ledger.
func (s *Store) SaveEdit(ctx context.Context, d core.Delivery, day core.Date) error {
	return s.write(ctx, "writing an edit down", func(t tx) error {
		_, err := t.exec(`UPDATE deliveries SET edited = $4, outdated = CASE WHEN updated = $3 THEN 0 ELSE outdated END
			WHERE channel = $1 AND item = $2`, d.Channel, d.Item, ms(d.Updated), day)
		return err
	})
}

// Outdated implements core.Ledger.
func (s *Store) Outdated(ctx context.Context, since time.Time) ([]core.Delivery, error) {
	return s.deliveries(ctx, "reading what has to be edited",
		`WHERE outdated = 1 AND state = 'posted' AND updated >= $1 AND channel IN (SELECT id FROM channels WHERE gone = 0)`, ms(since))
}

// Delivery implements core.Ledger.
func (s *Store) Delivery(ctx context.Context, channel int64, item core.Item) (core.Delivery, error) {
	return s.delivery(ctx, "reading a delivery", `WHERE channel = $1 AND item = $2`, channel, item)
}

// Deliveries implements core.Ledger.
func (s *Store) Deliveries(ctx context.Context, digest int64) ([]core.Delivery, error) {
	return s.deliveries(ctx, "reading a digest's deliveries", `WHERE digest = $1`, digest)
}

// DeliveriesOf implements core.Ledger.
func (s *Store) DeliveriesOf(ctx context.Context, channel int64, since time.Time, states ...core.DeliveryState) ([]core.Delivery, error) {
	return s.deliveries(ctx, "reading a channel's deliveries",
		`WHERE channel = $1 AND updated >= $2 AND ($3 = '[]' OR `+in("state", "$3")+`)`, channel, ms(since), many(states))
}

// DeliveriesOfPaper implements core.Ledger.
func (s *Store) DeliveriesOfPaper(ctx context.Context, paper core.PaperID) ([]core.Delivery, error) {
	return s.deliveries(ctx, "reading a paper's deliveries", `WHERE item = $1 AND state = 'posted'`, core.PaperItem(paper))
}

// DeliveryByMessage implements core.Ledger.
func (s *Store) DeliveryByMessage(ctx context.Context, channel int64, message string) (core.Delivery, error) {
	return s.delivery(ctx, "reading what a message delivers", `WHERE channel = $1 AND message = $2 AND message <> ''`, channel, message)
}

// Delivered implements core.Ledger.
func (s *Store) Delivered(ctx context.Context, channel int64, papers []core.PaperID) (delivered map[core.PaperID]bool, err error) {
	err = s.read(ctx, "reading what was delivered", func(t tx) error {
		ids, err := all(t, value[core.PaperID], `SELECT item FROM deliveries WHERE channel = $1 AND `+in("item", "$2"), channel, many(papers))
		delivered = make(map[core.PaperID]bool, len(ids))
		for _, id := range ids {
			delivered[id] = true
		}
		return err
	})
	return delivered, err
}
