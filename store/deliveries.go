package store

import (
	"context"
	"strings"
	"time"

	"paperboy/core"
)

const (
	deliveryColumns = `channel, item, digest, position, place, state, attempt, conversation, message, thread,
		reason, matched, late, shown, edited, folded, updated, begun, edit_at, revision, revised, count_at, counted`
	deliveryWidth  = 23 // how many they are
	selectDelivery = `SELECT ` + deliveryColumns + ` FROM deliveries `
	inOrder        = ` ORDER BY channel, digest, position, item`
)

func deliveryPlaces(d *core.Delivery) []any {
	return []any{&d.Channel, &d.Item, &d.Digest, &d.Position, &d.Place, &d.State, &d.Attempt,
		&d.Ref.Conversation, &d.Ref.ID, &d.Ref.Thread, &d.Reason, orElse[[]core.Matched]{v: &d.Matched}, &d.Late, &d.Shown, &d.Edited, &d.Folded, millis{&d.Updated},
		millis{&d.Begun}, millis{&d.EditAt}, &d.Revision, millis{&d.Revised}, millis{&d.CountAt}, millis{&d.Counted}}
}

func deliveryValues(d core.Delivery) []any {
	return []any{d.Channel, d.Item, d.Digest, d.Position, d.Place, d.State, d.Attempt,
		d.Ref.Conversation, d.Ref.ID, d.Ref.Thread, d.Reason, document{d.Matched}, d.Late, d.Shown, d.Edited, d.Folded, ms(d.Updated),
		ms(d.Begun), ms(d.EditAt), d.Revision, ms(d.Revised), ms(d.CountAt), ms(d.Counted)}
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

// Delivery implements core.Ledger.
func (s *Store) Delivery(ctx context.Context, channel int64, item core.Item) (core.Delivery, error) {
	return s.delivery(ctx, "reading a delivery", `WHERE channel = $1 AND item = $2`, channel, item)
}

// DeliveriesOf implements core.Ledger.
func (s *Store) DeliveriesOf(ctx context.Context, channel int64, since time.Time, states ...core.DeliveryState) ([]core.Delivery, error) {
	return s.deliveries(ctx, "reading a channel's deliveries",
		`WHERE channel = $1 AND updated >= $2 AND ($3 = 0 OR `+in("state", "$4")+`)`, channel, ms(since), len(states), many(states))
}

// DeliveriesFor implements core.Ledger.
func (s *Store) DeliveriesFor(ctx context.Context, channel int64, papers []core.PaperID) (map[core.PaperID]core.Delivery, error) {
	ds, err := s.deliveries(ctx, "reading what became of papers", `WHERE channel = $1 AND `+in("item", "$2"), channel, many(papers))
	out := make(map[core.PaperID]core.Delivery, len(ds))
	for _, d := range ds {
		out[core.PaperID(d.Item)] = d
	}
	return out, err
}

// Standing implements core.Ledger.
func (s *Store) Standing(ctx context.Context, since time.Time) (ids []core.PaperID, err error) {
	err = s.read(ctx, "reading what stands in posts", func(t tx) error {
		ids, err = all(t, value[core.PaperID], `SELECT d.item FROM channels c CROSS JOIN deliveries d
			WHERE d.channel = c.id AND d.updated >= $1 AND c.gone = 0 AND d.state = 'posted' AND d.item NOT LIKE '%@%' GROUP BY d.item ORDER BY max(d.updated) DESC, d.item`, ms(since))
		return err
	})
	return ids, err
}

// DeliveryByMessage implements core.Ledger.
func (s *Store) DeliveryByMessage(ctx context.Context, channel int64, message string) (core.Delivery, error) {
	return s.delivery(ctx, "reading what a message delivers", `WHERE channel = $1 AND message = $2 AND message <> ''`, channel, message)
}

// CountOpen implements core.Ledger.
func (s *Store) CountOpen(ctx context.Context) (counts map[core.DeliveryState]int, err error) {
	type row struct {
		state core.DeliveryState
		n     int
	}
	err = s.read(ctx, "counting open deliveries", func(t tx) error {
		rows, err := all(t, func(r *row) []any { return []any{&r.state, &r.n} }, `SELECT state, count(*) FROM deliveries WHERE state IN ('planned', 'held', 'sending') GROUP BY state`)
		counts = map[core.DeliveryState]int{core.Planned: 0, core.Sending: 0, core.Held: 0}
		for _, r := range rows {
			counts[r.state] = r.n
		}
		return err
	})
	return counts, err
}

// Reopen implements core.Ledger.
func (s *Store) Reopen(ctx context.Context, channel int64, item core.Item, now time.Time) error {
	return s.write(ctx, "sending an uncertain message again", func(t tx) error {
		if err := t.must(`UPDATE deliveries SET state = 'planned', reason = '', updated = $3 WHERE channel = $1 AND item = $2 AND state = 'uncertain'`, channel, item, ms(now)); err != nil {
			return err
		}
		t.ring(core.ToSend)
		_, err := t.exec(`UPDATE channels SET next_send = $2 WHERE id = $1 AND gone = 0`, channel, ms(now))
		return err
	})
}

// Planning implements core.Ledger.
func (s *Store) Planning(ctx context.Context, channels []int64, papers []core.PaperID, votedSince, now time.Time) (out map[int64]core.Planning, err error) {
	err = s.read(ctx, "reading what posts are planned from", func(t tx) error {
		out = make(map[int64]core.Planning, len(channels))
		ids := many(channels)
		topics, err := all(t, topicPlaces, selectTopic+`WHERE `+in("t.channel", "$1")+` AND t.removed = 0 ORDER BY t.channel, t.number`, ids)
		if err != nil {
			return err
		}
		for _, tp := range topics {
			p := out[tp.Channel]
			p.Topics = append(p.Topics, tp)
			out[tp.Channel] = p
		}
		mutes, err := all(t, mutePlaces, selectMute+`WHERE `+in("channel", "$1")+` AND (until = 0 OR until > $2) ORDER BY channel, id`, ids, ms(now))
		if err != nil {
			return err
		}
		for _, m := range mutes {
			p := out[m.Channel]
			p.Mutes = append(p.Mutes, m)
			out[m.Channel] = p
		}
		// A post of a moment that has not come was planned by a wrong clock.
		type last struct {
			channel int64
			due     time.Time
		}
		lasts, err := all(t, func(l *last) []any { return []any{&l.channel, millis{&l.due}} },
			`SELECT channel, max(due) FROM digests WHERE `+in("channel", "$1")+` AND kind IN ('daily', 'catchup') AND due <= $2 GROUP BY channel`, ids, ms(now))
		if err != nil {
			return err
		}
		for _, l := range lasts {
			p := out[l.channel]
			p.Previous = l.due
			out[l.channel] = p
		}
		// Papers of a post whose header nobody knows to be there.
		waiting, err := all(t, deliveryPlaces, `SELECT `+prefixed("d", deliveryColumns)+` FROM deliveries d JOIN digests g ON g.id = d.digest
			WHERE `+in("d.channel", "$1")+` AND d.state IN ('planned', 'held', 'sending') AND d.state = 'planned' AND d.place = 'thread' AND EXISTS (
				SELECT 1 FROM deliveries h WHERE h.channel = d.channel AND h.digest = d.digest AND h.position = 0 AND h.item LIKE '@%' AND h.state = 'uncertain')
			ORDER BY d.channel, d.digest, d.position`, ids)
		if err != nil {
			return err
		}
		for _, d := range waiting {
			p := out[d.Channel]
			p.Waiting = append(p.Waiting, d)
			out[d.Channel] = p
		}
		voted, err := all(t, value[int64], `SELECT id FROM channels WHERE `+in("id", "$1")+` AND EXISTS (SELECT 1 FROM reactions r
			WHERE r.channel = channels.id AND r.at >= $2 AND r.present = 1 AND r.kind IN ('up', 'down'))`, ids, ms(votedSince))
		if err != nil {
			return err
		}
		for _, id := range voted {
			p := out[id]
			p.Voted = true
			out[id] = p
		}
		type line struct {
			channel int64
			paper   core.PaperID
		}
		had, err := all(t, func(l *line) []any { return []any{&l.channel, &l.paper} },
			`SELECT channel, item FROM deliveries WHERE `+in("channel", "$1")+` AND `+in("item", "$2"), ids, many(papers))
		if err != nil {
			return err
		}
		for _, l := range had {
			p := out[l.channel]
			if p.Had == nil {
				p.Had = map[core.PaperID]bool{}
			}
			p.Had[l.paper] = true
			out[l.channel] = p
		}
		elsewhere, err := all(t, func(l *line) []any { return []any{&l.channel, &l.paper} },
			`SELECT DISTINCT c.id, d.item FROM channels c
			JOIN channels o ON o.follows IS NOT NULL AND o.platform = c.platform AND o.workspace = c.workspace AND lower(o.name) = lower(c.name) AND o.id <> c.id
			JOIN deliveries d ON d.channel = o.id
			WHERE `+in("c.id", "$1")+` AND c.follows IS NOT NULL AND d.state <> 'skipped' AND `+in("d.item", "$2"), ids, many(papers))
		if err != nil {
			return err
		}
		for _, l := range elsewhere {
			p := out[l.channel]
			if p.Elsewhere == nil {
				p.Elsewhere = map[core.PaperID]bool{}
			}
			p.Elsewhere[l.paper] = true
			out[l.channel] = p
		}
		return nil
	})
	return out, err
}

// prefixed names a table before each column of a list.
func prefixed(table, columns string) string {
	c := strings.Split(columns, ",")
	for i := range c {
		c[i] = table + "." + strings.TrimSpace(c[i])
	}
	return strings.Join(c, ", ")
}

// Sending implements core.Ledger.
func (s *Store) Sending(ctx context.Context, channel int64) (sending bool, err error) {
	err = s.read(ctx, "asking whether a message is on its way", func(t tx) error {
		return t.one([]any{&sending}, `SELECT EXISTS (SELECT 1 FROM deliveries WHERE channel = $1 AND state IN ('planned', 'held', 'sending') AND state = 'sending')`, channel)
	})
	return sending, err
}
