package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"paperboy/core"
)

// Edits implements core.Queue.
func (s *Store) Edits(ctx context.Context, now time.Time, limit int, serves func(core.Installation) bool) (edits []core.Edit, err error) {
	err = s.read(ctx, "asking what has to be edited", func(t tx) error {
		edits = nil
		due, err := t.dueEdits("edit_at", now, limit, serves)
		if err != nil {
			return err
		}
		votes, err := t.dueEdits("count_at", now, limit-len(due), serves)
		if err != nil {
			return err
		}
		for _, d := range votes {
			if !slices.ContainsFunc(due, d.same) { // a message may have both
				due = append(due, d)
			}
		}
		for _, d := range due {
			var e core.Edit
			if e.Channel, err = t.channel(`WHERE id = $1`, d.channel); err != nil {
				return err
			}
			if err := t.one(deliveryPlaces(&e.Delivery), selectDelivery+`WHERE channel = $1 AND item = $2`, d.channel, d.item); err != nil {
				return err
			}
			if err := t.one(digestPlaces(&e.Digest), selectDigest+`WHERE id = $1`, e.Delivery.Digest); err != nil {
				return err
			}
			var header core.Delivery
			err := t.one(deliveryPlaces(&header), selectDelivery+`WHERE channel = $1 AND item = $2`, d.channel, core.HeaderItem(e.Digest.Kind, e.Digest.Due))
			if ignoring(err) != nil {
				return err
			}
			e.Header = header.Ref
			if e.Item == header.Item {
				if e.Inside, err = t.inside(d.channel, e.Digest.ID); err != nil {
					return err
				}
			}
			edits = append(edits, e)
		}
		return nil
	})
	return edits, err
}

// A place among the edits: which message, and what has to be known of its
// channel.
type dueEdit struct {
	channel int64
	item    core.Item
	in      core.Installation
	hold    core.Hold
}

func (d dueEdit) same(e dueEdit) bool { return d.channel == e.channel && d.item == e.item }

// dueEdits asks for what is due by one of the columns, of news or of votes.
func dueEdits(column string) string {
	return `SELECT d.channel, d.item, c.platform, c.workspace, c.hold FROM deliveries d JOIN channels c ON c.id = d.channel
		WHERE d.` + column + ` <> 0 AND d.` + column + ` <= $1 AND d.state = 'posted' AND c.gone = 0` + unpaused("c") + ` ORDER BY d.` + column + `, d.channel, d.digest, d.position`
}

// dueEdits are messages that can be edited now, installations in turn. What cannot
// is in nobody's way, however much of it there is.
func (t tx) dueEdits(column string, now time.Time, limit int, serves func(core.Installation) bool) (due []dueEdit, err error) {
	rows, err := t.rows(dueEdits(column), ms(now))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	of := map[core.Installation][]dueEdit{}
	var turns []core.Installation
	for n := 0; n < mostEdits && rows.Next(); {
		var d dueEdit
		if err := rows.Scan(&d.channel, &d.item, &d.in.Platform, &d.in.Workspace, document{&d.hold}); err != nil {
			return nil, err
		}
		if !d.hold.Since.IsZero() || serves != nil && !serves(d.in) {
			continue
		}
		n++
		if of[d.in] == nil {
			turns = append(turns, d.in)
		}
		if len(of[d.in]) < limit {
			of[d.in] = append(of[d.in], d)
		}
	}
	for turn := 0; len(due) < limit && len(turns) > 0; turn++ {
		turns = slices.DeleteFunc(turns, func(in core.Installation) bool { return turn >= len(of[in]) })
		for _, in := range turns[:min(len(turns), limit-len(due))] {
			due = append(due, of[in][turn])
		}
	}
	return due, rows.Err()
}

// mostEdits is among how many of those that are longest due installations take turns:
// an edit takes a platform as long as it takes to read some thousands.
const mostEdits = 10_000

// Edited implements core.EditOutcomes. What people did meanwhile is still shown
// at once, whatever day it is.
func (s *Store) Edited(ctx context.Context, e core.Edit, day core.Date) error {
	return s.write(ctx, "writing an edit down", func(t tx) error {
		day := day
		if len(e.Inside) > 0 {
			inside, err := t.inside(e.Delivery.Channel, e.Digest.ID)
			if err != nil {
				return err
			}
			if !slices.EqualFunc(inside, e.Inside, func(a, b core.Delivery) bool { return a.Item == b.Item && a.Folded == b.Folded }) {
				day = ""
			}
		}
		_, err := t.exec(`UPDATE deliveries SET edited = CASE WHEN $4 = '' OR folded <> $5 THEN edited ELSE $4 END,
			edit_at = CASE WHEN revision = $3 THEN 0 ELSE edit_at END WHERE channel = $1 AND item = $2`, e.Delivery.Channel, e.Item, e.Revision, day, e.Folded)
		return err
	})
}

// EditLater implements core.EditOutcomes.
func (s *Store) EditLater(ctx context.Context, e core.Edit, at time.Time) error {
	return s.write(ctx, "putting an edit off", func(t tx) error {
		_, err := t.exec(`UPDATE deliveries SET edit_at = $4 WHERE channel = $1 AND item = $2 AND revision = $3`, e.Delivery.Channel, e.Item, e.Revision, ms(at))
		return err
	})
}

// Fold implements core.EditOutcomes. It forgets the day of the last edit: what
// people did is shown at once.
func (s *Store) Fold(ctx context.Context, channel int64, item core.Item, folded bool, now time.Time) error {
	return s.write(ctx, "folding a paper", func(t tx) error {
		n, err := t.exec(`UPDATE deliveries SET folded = $3, revised = $4 WHERE channel = $1 AND item = $2 AND folded <> $3 AND state = 'posted'`, channel, item, folded, ms(now))
		if err != nil || n == 0 {
			return err
		}
		_, err = t.exec(`UPDATE deliveries SET edited = '', edit_at = $3, revised = $3, revision = revision + 1
			WHERE channel = $1 AND item = `+standsIn, channel, item, ms(now))
		return err
	})
}

// standsIn is the message in which item $2 of channel $1 stands: its own, or its
// digest's header's.
const standsIn = `coalesce((SELECT h.item FROM deliveries d JOIN deliveries h ON h.digest = d.digest AND h.position = 0 AND h.item LIKE '@%'
	WHERE d.channel = $1 AND d.item = $2 AND d.place = 'digest'), $2)`

// again are the lines of the ledger by which paper $2 was posted again.
const again = `(item > $2 || '@v' AND item < $2 || '@w')`

// inside are the papers that stand in a header's message, in their order.
func (t tx) inside(channel, digest int64) ([]core.Delivery, error) {
	return all(t, deliveryPlaces, selectDelivery+`WHERE channel = $1 AND digest = $2 AND place = 'digest'`+inOrder, channel, digest)
}

// recount has the message in which a paper stands show its votes. It is part of the transaction that keeps the vote, so that
// none is forgotten.
func (t tx) recount(channel int64, paper core.PaperID, now time.Time) error {
	_, err := t.exec(`UPDATE deliveries SET count_at = CASE WHEN counted <= $3 AND counted + $4 > $3 THEN counted + $4 ELSE $3 END
		WHERE channel = $1 AND count_at = 0 AND (item = `+standsIn+` OR `+again+`)`, channel, core.PaperItem(paper), ms(now), core.CountEvery.Milliseconds())
	return err
}

// Counted implements core.EditOutcomes.
func (s *Store) Counted(ctx context.Context, e core.Edit, votes map[core.PaperID]int, now time.Time) error {
	return s.write(ctx, "writing down which votes a message shows", func(t tx) error {
		tally, err := t.tally(e.Delivery.Channel, slices.Collect(maps.Keys(votes)), time.Time{})
		if err != nil {
			return err
		}
		var again time.Time
		for id, n := range votes {
			if tally[id].Up != n {
				again = now.Add(core.CountEvery)
			}
		}
		_, err = t.exec(`UPDATE deliveries SET count_at = $3, counted = $4 WHERE channel = $1 AND item = $2`, e.Delivery.Channel, e.Item, ms(again), ms(now))
		return err
	})
}

// CountLater implements core.EditOutcomes.
func (s *Store) CountLater(ctx context.Context, e core.Edit, at time.Time) error {
	return s.write(ctx, "putting off to show votes", func(t tx) error {
		_, err := t.exec(`UPDATE deliveries SET count_at = $3 WHERE channel = $1 AND item = $2 AND count_at <> 0`, e.Delivery.Channel, e.Item, ms(at))
		return err
	})
}

// outdate has the messages of a paper edited, because there is news of it: what
// is posted now, and what is on its way as soon as it is. It is part of the
// transaction that keeps the news, so that none is forgotten. A header's message
// is drawn when it is planned: what comes from then on is shown by an edit, and
// the version before it is the one that the message showed first; 0: no other came.
// The paper's own line says when the news came, though the header's is edited.
func (t tx) outdate(id core.PaperID, before int, now time.Time) error {
	if _, err := t.exec(`UPDATE deliveries SET shown = $2 WHERE item = $1 AND place = 'digest' AND shown = 0`, core.PaperItem(id), before); err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE deliveries SET revised = $2 WHERE item = $1 AND place = 'digest'`, core.PaperItem(id), ms(now)); err != nil {
		return err
	}
	for _, where := range []string{
		`(item = $1 OR ` + strings.ReplaceAll(again, "$2", "$1") + `) AND state IN ('posted', 'sending') AND place <> 'digest'`,
		`position = 0 AND item LIKE '@%' AND digest IN (SELECT digest FROM deliveries WHERE item = $1 AND place = 'digest')`,
	} {
		if _, err := t.exec(`UPDATE deliveries SET edit_at = $2, revised = $2, revision = revision + 1 WHERE `+where, core.PaperItem(id), ms(now)); err != nil {
			return err
		}
	}
	return nil
}

// shows has the messages of a paper show that version: nobody announced
// another one since, only its number was not known, or wrong.
func (t tx) shows(id core.PaperID, version int) error {
	_, err := t.exec(`UPDATE deliveries SET shown = $2 WHERE (item = $1 OR `+strings.ReplaceAll(again, "$2", "$1")+`) AND state IN ('posted', 'sending')`, core.PaperItem(id), version)
	return err
}

// Reread implements core.VoteStore.
func (s *Store) Reread(ctx context.Context, channel int64, at time.Time) error {
	return s.write(ctx, "noting that votes have to be read", func(t tx) error {
		t.ring(core.ToRead)
		_, err := t.exec(`UPDATE channels SET reread = $2 WHERE id = $1 AND gone = 0`, channel, ms(at))
		return err
	})
}

// RereadAll implements core.VoteStore.
func (s *Store) RereadAll(ctx context.Context, platform string, workspaces []string, since, now time.Time) error {
	all := 0
	if workspaces == nil {
		all = 1
	}
	return s.write(ctx, "noting that votes have to be read", func(t tx) error {
		t.ring(core.ToRead)
		_, err := t.exec(`UPDATE channels SET reread = $5 WHERE platform = $1 AND ($2 = 1 OR `+in("workspace", "$3")+`) AND gone = 0
			AND EXISTS (SELECT 1 FROM deliveries d WHERE d.channel = channels.id AND d.updated >= $4 AND d.state = 'posted')`,
			platform, all, many(workspaces), ms(since), ms(now))
		return err
	})
}

// RereadDone implements core.VoteStore.
func (s *Store) RereadDone(ctx context.Context, channel int64, asked time.Time) error {
	return s.write(ctx, "noting that votes were read", func(t tx) error {
		_, err := t.exec(`UPDATE channels SET reread = 0 WHERE id = $1 AND reread <= $2`, channel, ms(asked))
		return err
	})
}
