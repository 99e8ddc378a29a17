package store

import (
	"context"
	"errors"
	"strings"

	"paperboy/core"
	"paperboy/core/say"
)

const selectDigest = `SELECT id, channel, due, kind, header, thread, planned FROM digests `

func digestPlaces(d *core.Digest) []any {
	return []any{&d.ID, &d.Channel, millis{&d.Due}, &d.Kind, orElse[*core.Card]{&d.Header, damagedHeader}, &d.Thread, millis{&d.Planned}}
}

// damagedHeader stands where a header cannot be read, so that its papers come all
// the same.
var damagedHeader = &core.Card{Title: "📰 Papers", Lines: []say.Text{say.Say("What stood here cannot be read any more. %s shows the day's papers.", say.Span{Text: "today", Style: say.Code})}}

// Digest implements core.Ledger.
func (s *Store) Digest(ctx context.Context, id int64) (d core.Digest, err error) {
	err = s.read(ctx, "reading a digest", func(t tx) error {
		return t.one(digestPlaces(&d), selectDigest+`WHERE id = $1`, id)
	})
	return d, err
}

// Digests implements core.Ledger.
func (s *Store) Digests(ctx context.Context, channel int64, kinds ...core.DigestKind) (ds []core.Digest, err error) {
	err = s.read(ctx, "reading a channel's digests", func(t tx) error {
		ds, err = all(t, digestPlaces, selectDigest+`WHERE channel = $1 AND `+in("kind", "$2")+` ORDER BY due, id`, channel, many(kinds))
		return err
	})
	return ds, err
}

// PlanDigests implements core.Ledger.
func (s *Store) PlanDigests(ctx context.Context, plans []core.Plan, told ...core.Told) (planned int, err error) {
	err = s.write(ctx, "planning digests", func(t tx) error {
		planned = 0
		for _, news := range told {
			n, err := t.exec(`UPDATE sources SET told = $2 WHERE source = $1 AND told <> $2`, news.Source, news.Told)
			if err != nil {
				return err
			}
			if n == 0 {
				return errNoNews // another process was first
			}
		}
		for _, p := range plans {
			ok, err := t.plan(p)
			if err != nil {
				return err
			}
			if ok {
				planned++
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, errNoNews):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return planned, nil
}

// errNoNews undoes what was said about other sources.
var errNoNews = errors.New("channels have been told")

// plan writes one digest down; ok is false when it was there, or all that it
// holds is.
func (t tx) plan(p core.Plan) (ok bool, err error) {
	d := p.Digest
	c, err := t.channel(`WHERE id = $1`, d.Channel)
	if err != nil {
		return false, err
	}
	// Neither goes back, whatever the order in which digests are planned, and both
	// go on though nothing is written: the planner would ask again at once. A
	// notice or the best of the week must not take a daily post's place.
	c.Planned = max(c.Planned, p.Seq)
	if (d.Kind == core.DailyPost || d.Kind == core.CatchUp) && d.Due.After(c.LastDue) {
		c.LastDue = d.Due
	}
	if (d.Kind == core.Ballot || d.Kind == core.Meeting) && d.Due.After(c.Club.Done) {
		c.Club.Done = d.Due
	}
	// As saveChannel would, which also writes down what nobody has changed.
	if err := t.must(`UPDATE channels SET planned = $2, last_due = $3, club = $4, next_due = $5 WHERE id = $1`,
		c.ID, c.Planned, ms(c.LastDue), document{c.Club}, ms(c.NextDue())); err != nil {
		return false, err
	}
	var exists bool
	if err := t.one([]any{&exists}, `SELECT EXISTS (SELECT 1 FROM digests WHERE channel = $1 AND kind = $2 AND due = $3)`, d.Channel, d.Kind, ms(d.Due)); err != nil || exists {
		return false, err
	}
	had, err := t.had(d.Channel, p.Items)
	if err != nil {
		return false, err
	}
	var papers, fresh int
	for _, item := range p.Items {
		if _, isPaper := item.Item.Paper(); isPaper {
			papers++
			state, known := had[item.Item]
			if !known || item.Adopted && state == core.Planned {
				fresh++
			}
		}
	}
	if papers > 0 && fresh == 0 {
		return false, nil // somebody else was first, and a header alone says nothing
	}
	var id int64
	if err := t.one([]any{&id}, `INSERT INTO digests (channel, due, kind, header, thread, planned) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		d.Channel, ms(d.Due), d.Kind, document{d.Header}, d.Thread, ms(d.Planned)); err != nil {
		return false, err
	}
	toSend := false
	var lines []any
	for _, item := range p.Items {
		item.Channel, item.Digest, item.Updated = d.Channel, id, d.Planned
		if item.State == "" {
			item.State = core.Planned
		}
		if item.Adopted {
			if _, err := t.exec(`UPDATE deliveries SET digest = $3, position = $4, place = $5, late = $6, state = $7, reason = $8, updated = $9
				WHERE channel = $1 AND item = $2 AND state = 'planned'`,
				d.Channel, item.Item, id, item.Position, item.Place, item.Late, item.State, item.Reason, ms(d.Planned)); err != nil {
				return false, err
			}
		} else {
			lines = append(lines, deliveryValues(item)...)
		}
		toSend = toSend || item.State == core.Planned || item.State == core.Sending
	}
	if err := t.insertDeliveries(lines); err != nil {
		return false, err
	}
	if toSend && c.Gone.IsZero() && c.Hold.Since.IsZero() {
		t.ring(core.ToSend)
		if _, err := t.exec(`UPDATE channels SET next_send = $2 WHERE id = $1 AND (next_send = 0 OR next_send > $2)`, d.Channel, ms(d.Planned)); err != nil {
			return false, err
		}
	}
	return true, nil
}

// insertDeliveries writes down lines of the ledger that are not there yet, as
// deliveryValues has them one after another: many in a statement, of which there are only
// three, so that each stays prepared.
func (t tx) insertDeliveries(values []any) error {
	for _, rows := range []int{64, 8, 1} {
		for n := rows * deliveryWidth; len(values) >= n; values = values[n:] {
			lines := make([]string, rows)
			for i := range lines {
				lines[i] = "(" + placesFrom(1+i*deliveryWidth, deliveryWidth) + ")"
			}
			if _, err := t.exec(`INSERT INTO deliveries (`+deliveryColumns+`) VALUES `+strings.Join(lines, ", ")+` ON CONFLICT (channel, item) DO NOTHING`, values[:n]...); err != nil {
				return err
			}
		}
	}
	return nil
}

// had are the papers among the items that have a line in the channel's ledger,
// and how they stand.
func (t tx) had(channel int64, items []core.Delivery) (map[core.Item]core.DeliveryState, error) {
	var papers []core.Item
	for _, item := range items {
		if _, isPaper := item.Item.Paper(); isPaper {
			papers = append(papers, item.Item)
		}
	}
	if len(papers) == 0 {
		return nil, nil
	}
	type line struct {
		item  core.Item
		state core.DeliveryState
	}
	found, err := all(t, func(l *line) []any { return []any{&l.item, &l.state} },
		`SELECT item, state FROM deliveries WHERE channel = $1 AND `+in("item", "$2"), channel, many(papers))
	had := make(map[core.Item]core.DeliveryState, len(found))
	for _, l := range found {
		had[l.item] = l.state
	}
	return had, err
}
