package store

import (
	"context"
	"errors"
	"time"

	"paperboy/core"
)

const selectDigest = `SELECT id, channel, due, kind, header, thread, planned FROM digests `

func digestPlaces(d *core.Digest) []any {
	return []any{&d.ID, &d.Channel, millis{&d.Due}, &d.Kind, document{&d.Header}, &d.Thread, millis{&d.Planned}}
}

// PlanDigest implements core.Ledger. When the digest exists, id is the one it has.
func (s *Store) PlanDigest(ctx context.Context, d core.Digest, items []core.Delivery, planned core.Seq) (id int64, ok bool, err error) {
	err = s.write(ctx, "planning a digest", func(t tx) error {
		ok = false
		c, err := t.channel(`WHERE id = $1`, d.Channel)
		if err != nil {
			return err
		}
		err = t.one([]any{&id}, `SELECT id FROM digests WHERE channel = $1 AND kind = $2 AND due = $3`, d.Channel, d.Kind, ms(d.Due))
		if !errors.Is(err, core.ErrNotFound) {
			return err
		}
		if err := t.one([]any{&id}, `INSERT INTO digests (channel, due, kind, header, thread, planned) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
			d.Channel, ms(d.Due), d.Kind, document{d.Header}, d.Thread, ms(d.Planned)); err != nil {
			return err
		}
		for _, item := range items {
			item.Channel, item.Digest, item.Updated = d.Channel, id, d.Planned
			if item.State == "" {
				item.State = core.Planned
			}
			if _, err := t.exec(`INSERT INTO deliveries (`+deliveryColumns+`) VALUES (`+places(deliveryColumns)+`) ON CONFLICT (channel, item) DO NOTHING`,
				deliveryValues(item)...); err != nil {
				return err
			}
		}
		ok = true
		// Neither goes back, whatever the order in which digests are planned. A
		// notice or the best of the week must not take a daily post's place.
		if d.Kind != core.DailyPost && d.Kind != core.CatchUp {
			d.Due = c.LastDue
		}
		return t.must(`UPDATE channels SET planned = $2, last_due = $3 WHERE id = $1`,
			d.Channel, max(c.Planned, planned), max(ms(c.LastDue), ms(d.Due)))
	})
	return id, ok && err == nil, err
}

// Digest implements core.Ledger.
func (s *Store) Digest(ctx context.Context, id int64) (d core.Digest, err error) {
	err = s.read(ctx, "reading a digest", func(t tx) error {
		return t.one(digestPlaces(&d), selectDigest+`WHERE id = $1`, id)
	})
	return d, err
}

// LastDigest implements core.Ledger.
func (s *Store) LastDigest(ctx context.Context, channel int64, before time.Time, kinds ...core.DigestKind) (d core.Digest, err error) {
	err = s.read(ctx, "reading the last digest", func(t tx) error {
		return t.one(digestPlaces(&d), selectDigest+`WHERE channel = $1 AND due < $2 AND ($3 = '[]' OR `+in("kind", "$3")+`)
			ORDER BY due DESC, id DESC LIMIT 1`, channel, ms(before), many(kinds))
	})
	return d, err
}
