package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"paperboy/core"
)

// A place in the queue: an installation, and the channel that is longest due of it.
type waiting struct {
	id int64
	in core.Installation
}

func waitingPlaces(w *waiting) []any { return []any{&w.id, &w.in.Platform, &w.in.Workspace} }

// due are channels whose column has come and that can be worked for: installations
// take turns, and of each the longest due comes first. How many channels wait in one
// of them is no matter to the others.
func (s *Store) due(t tx, column, where string, now time.Time, limit int, serves func(core.Installation) bool) (ids []int64, err error) {
	if some, err := t.anyDue(column, where, now); err != nil || !some {
		return nil, err
	}
	began := s.turns.after(column)
	at, looked, around := began, 0, false
	var first []waiting // of each installation that has something due
circle:
	for len(first) < limit && (looked < mostTurns || len(first) == 0) {
		atOnce := min(max(limit-len(first), 16), mostTurns)
		next, err := all(t, waitingPlaces, nextTurns(column, where), ms(now), at.Platform, at.Workspace, atOnce)
		if err != nil {
			return nil, err
		}
		for _, w := range next {
			if len(first) == limit || around && began.Before(w.in) {
				break circle
			}
			at, looked = w.in, looked+1
			if w.id != 0 && (serves == nil || serves(w.in)) {
				first = append(first, w)
			}
		}
		if len(next) < atOnce && len(first) < limit { // that was the last one
			if around {
				break
			}
			at, around = core.Installation{}, true
		}
	}
	s.turns.ended(column, at)
	for _, w := range first {
		ids = append(ids, w.id)
	}
	if len(first) == 0 || len(first) == limit {
		return ids, nil
	}
	// There is room for more of each.
	more := make([][]int64, len(first))
	for i, w := range first {
		if more[i], err = all(t, value[int64], dueOf(column, where), ms(now), w.in.Platform, w.in.Workspace, limit/len(first)); err != nil {
			return nil, err
		}
	}
	for n := 1; n < limit/len(first); n++ {
		for _, of := range more {
			if n < len(of) {
				ids = append(ids, of[n])
			}
		}
	}
	return ids, nil
}

// mostTurns is how many installations are looked at before those have their turn that
// have something due: others may have much that is due later.
const mostTurns = 1024

// turns are where each queue of this process goes on.
type turns struct {
	mu   sync.Mutex
	last map[string]core.Installation // that was looked at, by column
}

func (q *turns) after(column string) core.Installation {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.last[column]
}

func (q *turns) ended(column string, in core.Installation) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.last == nil {
		q.last = map[string]core.Installation{}
	}
	q.last[column] = in
}

// anyDue reports whether the column of any channel has come.
func (t tx) anyDue(column, where string, now time.Time) (some bool, err error) {
	err = t.one([]any{&some}, dueSome(column, where), ms(now))
	return some, err
}

func dueSome(column, where string) string {
	return `SELECT EXISTS (SELECT 1 FROM channels WHERE ` + column + ` <> 0 AND ` + column + ` <= $1 AND gone = 0` + unpaused("channels") + where + `)`
}

// dueOf are the longest due of an installation, at most $4; of those whose votes have to
// be read again since the same moment, the last that had a post come first.
func dueOf(column, where string) string {
	order := column
	if column == "reread" {
		order += `, last_due DESC`
	}
	return `SELECT id FROM channels WHERE platform = $2 AND workspace = $3 AND ` + column + ` <> 0 AND ` + column + ` <= $1 AND gone = 0` + where + `
		ORDER BY ` + order + `, id LIMIT $4`
}

// nextTurns are the $4 installations after ($2, $3) of which something is due some time,
// in their order, each with the longest due of it; 0: nothing is now.
func nextTurns(column, where string) string {
	next := func(platform, workspace string) string {
		return `SELECT n.id FROM channels n WHERE n.` + column + ` <> 0 AND (n.platform, n.workspace) > (` + platform + `, ` + workspace + `)
			ORDER BY n.platform, n.workspace, n.` + column + `, n.id LIMIT 1`
	}
	return `WITH RECURSIVE turns (turn, id) AS (
			SELECT 1, (` + next("$2", "$3") + `)
			UNION ALL
			SELECT turns.turn + 1, (` + next("c.platform", "c.workspace") + `) FROM turns JOIN channels c ON c.id = turns.id WHERE turns.turn < $4
		)
		SELECT coalesce((` + strings.NewReplacer("$2", "c.platform", "$3", "c.workspace", "$4", "1").Replace(dueOf(column, where+unpaused("channels"))) + `), 0), c.platform, c.workspace
		FROM turns JOIN channels c ON c.id = turns.id ORDER BY turns.turn`
}

// unpaused is the condition that a channel's installation is not paused.
func unpaused(channels string) string {
	return ` AND NOT EXISTS (SELECT 1 FROM installations i WHERE i.platform = ` + channels + `.platform AND i.workspace = ` + channels + `.workspace AND i.paused <> 0)`
}

func nextOf(column string) string {
	return `SELECT ` + column + ` FROM channels WHERE ` + column + ` <> 0 AND ` + column + ` > $1 ORDER BY ` + column + ` LIMIT 1`
}

// unclaimed is the condition that nobody works for a channel.
const unclaimed = ` AND id NOT IN (SELECT channel FROM claims)`

// next is the earliest moment of a column after another one; zero: none.
func (s *Store) next(ctx context.Context, column string, after time.Time) (at time.Time, err error) {
	err = s.read(ctx, "asking when something is due", func(t tx) error {
		return ignoring(t.one([]any{millis{&at}}, nextOf(column), ms(after)))
	})
	return at, err
}

func (t tx) channels(ids []int64) ([]core.Channel, error) {
	found, err := all(t, channelPlaces, selectChannel+`WHERE `+in("id", "$1"), many(ids))
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]core.Channel, len(found))
	for _, c := range found {
		byID[c.ID] = c
	}
	out := make([]core.Channel, 0, len(found))
	for _, id := range ids {
		out = append(out, byID[id])
	}
	return out, nil
}

// Due implements core.Queue. The column says when to look at a channel, and the
// channel whether it is due: it is not when an earlier version wrote the column,
// or when a zone's rules have changed since. That is put right, once.
func (s *Store) Due(ctx context.Context, now time.Time, limit int, serves func(core.Installation) bool) ([]core.Channel, error) {
	for {
		var due, early []core.Channel
		if err := s.read(ctx, "asking what has to be planned", func(t tx) error {
			ids, err := s.due(t, "next_due", "", now, limit, serves)
			if err != nil || len(ids) == 0 {
				return err
			}
			channels, err := t.channels(ids)
			for _, c := range channels {
				// One that is damaged is the planner's to pass over, who says so.
				if at := c.NextDue(); len(c.Damaged) == 0 && (at.IsZero() || at.After(now)) {
					early = append(early, c)
				} else {
					due = append(due, c)
				}
			}
			return err
		}); err != nil || len(early) == 0 {
			return due, err
		}
		if err := s.write(ctx, "setting right when channels are due", func(t tx) error {
			for _, c := range early {
				c, err := t.channel(`WHERE id = $1`, c.ID)
				if err == nil {
					err = t.saveChannel(c)
				}
				if ignoring(err) != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
}

// NextDue implements core.Queue.
func (s *Store) NextDue(ctx context.Context, after time.Time) (time.Time, error) {
	return s.next(ctx, "next_due", after)
}

// NextSend implements core.Queue.
func (s *Store) NextSend(ctx context.Context, after time.Time) (time.Time, error) {
	return s.next(ctx, "next_send", after)
}

// Claim implements core.Queue.
func (s *Store) Claim(ctx context.Context, owner string, now time.Time, limit int, serves func(core.Installation) bool) (claims []core.Claim, err error) {
	// Nearly always there is nothing, and nobody has to wait for the writer.
	oldest, newest, err := s.living(ctx)
	if err != nil {
		return nil, err
	}
	nothing := false
	if err := s.read(ctx, "asking what has to be sent", func(t tx) error {
		some, err := t.anyDue("next_send", unclaimed, now)
		if err != nil || some {
			return err
		}
		var buried int
		err = t.one([]any{&buried}, `SELECT count(*) FROM owners WHERE `+dead, oldest, newest)
		nothing = buried == 0
		return err
	}); err != nil || nothing {
		return nil, err
	}
	alive := true
	err = s.write(ctx, "claiming channels", func(t tx) error {
		claims = nil
		err := t.beat(owner) // who asks lives
		if err != nil && !errors.Is(err, core.ErrLost) {
			return err
		}
		alive = err == nil
		if err := s.buryDead(t, oldest, newest); err != nil {
			return err
		}
		if !alive {
			return nil // what the dead had is free all the same
		}
		ids, err := s.due(t, "next_send", unclaimed, now, limit, serves)
		if err != nil || len(ids) == 0 {
			return err
		}
		channels, err := t.channels(ids)
		if err != nil {
			return err
		}
		for _, ch := range channels {
			c := core.Claim{Channel: ch, Owner: owner}
			if err := t.one([]any{&c.Attempt}, `UPDATE channels SET attempt = attempt + 1, next_send = 0 WHERE id = $1 RETURNING attempt`, ch.ID); err != nil {
				return err
			}
			if _, err := t.exec(`INSERT INTO claims (channel, owner, attempt) VALUES ($1, $2, $3)`, ch.ID, owner, c.Attempt); err != nil {
				return err
			}
			claims = append(claims, c)
		}
		return nil
	})
	if err == nil && !alive {
		err = fmt.Errorf("claiming channels: %w", core.ErrLost)
	}
	return claims, err
}

// fenced runs f while the claim holds.
func (s *Store) fenced(ctx context.Context, doing string, c core.Claim, f func(t tx) error) error {
	return s.writing(ctx, doing, false, func(t tx) error { // what it writes is the channel's alone
		var attempt int64
		err := t.one([]any{&attempt}, `SELECT attempt FROM claims WHERE channel = $1 AND owner = $2 AND attempt = $3`+s.engine.locks(), c.Channel.ID, c.Owner, c.Attempt)
		if errors.Is(err, core.ErrNotFound) {
			return core.ErrLost
		}
		if err != nil {
			return err
		}
		return f(t)
	})
}

// nextMessage is a channel's next open message after a place in its order.
const nextMessage = selectDelivery + `WHERE channel = $1 AND state IN ('planned', 'held', 'sending') AND place <> 'digest'
	AND (digest > $2 OR digest = $2 AND position > $3) ORDER BY digest, position, item LIMIT 1`

// Begin implements core.Outcomes.
func (s *Store) Begin(ctx context.Context, c core.Claim, digest int64, position int, now time.Time) (m core.Message, ok bool, err error) {
	err = s.fenced(ctx, "beginning a message", c, func(t tx) error {
		if paused, err := t.paused(c.Channel.Key.Installation()); err != nil || paused {
			ok = false
			return err
		}
		for {
			m, ok = core.Message{}, false
			err := t.one(deliveryPlaces(&m.Delivery), nextMessage, c.Channel.ID, digest, position)
			if err != nil {
				return ignoring(err)
			}
			digest, position = m.Delivery.Digest, m.Position
			if err := t.one(digestPlaces(&m.Digest), selectDigest+`WHERE id = $1`, digest); err != nil {
				return err
			}
			if first := core.HeaderItem(m.Digest.Kind, m.Digest.Due); m.Item != first && m.Digest.Header != nil {
				var header core.Delivery
				err := t.one(deliveryPlaces(&header), selectDelivery+`WHERE channel = $1 AND item = $2`, c.Channel.ID, first)
				if err != nil {
					return err
				}
				switch {
				case header.State == core.Uncertain && m.Place == core.InThread:
					continue // waits for the next post
				case header.State == core.Planned || header.State == core.Sending || header.State == core.Held:
					return nil // the header goes first
				}
				m.Header = header.Ref
			}
			break
		}
		m.Doubt = m.State == core.Sending
		if !m.Doubt {
			m.Begun = now
		} else {
			restored, err := t.restored()
			if err != nil {
				return err
			}
			m.Lost = !m.Begun.After(restored.From) && !restored.Until.IsZero()
		}
		m.State, m.Attempt, m.Updated, ok = core.Sending, m.Attempt+1, now, true
		if _, isPaper := m.Item.Paper(); isPaper && !m.Doubt {
			m.EditAt = time.Time{} // what is sent now shows all that is known; a header, what was when it was planned
		}
		return t.must(`UPDATE deliveries SET state = 'sending', attempt = $3, begun = $4, updated = $5, edit_at = $6 WHERE channel = $1 AND item = $2`,
			m.Channel, m.Item, m.Attempt, ms(m.Begun), ms(now), ms(m.EditAt))
	})
	return m, ok && err == nil, err
}

// settle writes down what became of a message.
func (t tx) settle(c core.Claim, item core.Item, state core.DeliveryState, reason string, now time.Time) error {
	return t.must(`UPDATE deliveries SET state = $3, reason = $4, updated = $5 WHERE channel = $1 AND item = $2`, c.Channel.ID, item, state, reason, ms(now))
}

// Posted implements core.Outcomes.
func (s *Store) Posted(ctx context.Context, c core.Claim, item core.Item, ref core.MessageRef, shown int, now time.Time) error {
	return s.fenced(ctx, "writing a post down", c, func(t tx) error {
		if err := t.must(`UPDATE deliveries SET state = 'posted', reason = '', conversation = $3, message = $4, thread = $5,
			shown = CASE WHEN shown > $6 THEN shown ELSE $6 END, updated = $7
			WHERE channel = $1 AND item = $2`, c.Channel.ID, item, ref.Conversation, ref.ID, ref.Thread, shown, ms(now)); err != nil {
			return err
		}
		if _, isPaper := item.Paper(); !isPaper {
			if _, err := t.exec(`UPDATE deliveries SET state = 'posted', conversation = $3, message = $4, thread = $5, updated = $6
				WHERE digest = (SELECT digest FROM deliveries WHERE channel = $1 AND item = $2) AND place = 'digest' AND state = 'planned'`,
				c.Channel.ID, item, ref.Conversation, ref.ID, ref.Thread, ms(now)); err != nil {
				return err
			}
		}
		return t.endHold(c.Channel.ID)
	})
}

func (t tx) endHold(channel int64) error {
	ch, err := t.channel(`WHERE id = $1`, channel)
	if err != nil || ch.Hold.Since.IsZero() {
		return err
	}
	ch.Hold = core.Hold{}
	return t.saveChannel(ch)
}

// Uncertain implements core.Outcomes.
func (s *Store) Uncertain(ctx context.Context, c core.Claim, item core.Item, reason string, now time.Time) error {
	return s.fenced(ctx, "writing a doubt down", c, func(t tx) error { return t.settle(c, item, core.Uncertain, reason, now) })
}

// Skipped implements core.Outcomes.
func (s *Store) Skipped(ctx context.Context, c core.Claim, item core.Item, reason string, now time.Time) error {
	return s.fenced(ctx, "passing a message over", c, func(t tx) error {
		if err := t.settle(c, item, core.Skipped, reason, now); err != nil {
			return err
		}
		if _, isPaper := item.Paper(); isPaper {
			return nil
		}
		_, err := t.exec(`UPDATE deliveries SET state = 'skipped', reason = $3, updated = $4
			WHERE digest = (SELECT digest FROM deliveries WHERE channel = $1 AND item = $2) AND place = 'digest' AND state = 'planned'`,
			c.Channel.ID, item, reason, ms(now))
		return err
	})
}

// GivenBack implements core.Outcomes.
func (s *Store) GivenBack(ctx context.Context, c core.Claim, item core.Item, doubt bool, now time.Time) error {
	return s.fenced(ctx, "giving a message back", c, func(t tx) error {
		return t.settle(c, item, undecided(core.Planned, doubt), "", now)
	})
}

// undecided is the state of what was not sent by this attempt: while an earlier
// one is in doubt it stays in sending, so that whoever takes it next looks first.
func undecided(state core.DeliveryState, doubt bool) core.DeliveryState {
	if doubt {
		return core.Sending
	}
	return state
}

// Held implements core.Outcomes.
func (s *Store) Held(ctx context.Context, c core.Claim, item core.Item, doubt bool, h core.Hold, now time.Time) error {
	return s.fenced(ctx, "holding a channel", c, func(t tx) error {
		if err := t.settle(c, item, undecided(core.Held, doubt), h.Reason, now); err != nil {
			return err
		}
		ch, err := t.channel(`WHERE id = $1`, c.Channel.ID)
		if err != nil {
			return err
		}
		if ch.Hold.Reason == h.Reason && !ch.Hold.Since.IsZero() {
			h.Since, h.Told = ch.Hold.Since, ch.Hold.Told
		}
		ch.Hold = h
		return t.saveChannel(ch)
	})
}

// Release implements core.Outcomes.
func (s *Store) Release(ctx context.Context, c core.Claim, again time.Time) error {
	return s.fenced(ctx, "releasing a channel", c, func(t tx) error {
		if _, err := t.exec(`DELETE FROM claims WHERE channel = $1`, c.Channel.ID); err != nil {
			return err
		}
		if again.IsZero() {
			return t.endHold(c.Channel.ID)
		}
		_, err := t.exec(`UPDATE channels SET next_send = $2 WHERE id = $1 AND gone = 0 AND (next_send = 0 OR next_send > $2)`, c.Channel.ID, ms(again))
		return err
	})
}

// Clamp implements core.Queue.
func (s *Store) Clamp(ctx context.Context, now time.Time) error {
	return s.write(ctx, "setting a wrong clock's times right", func(t tx) error {
		ahead, err := all(t, channelPlaces, selectChannel+`WHERE gone = 0 AND (last_due > $1 OR scheduled > $1 OR next_send > $2 OR club <> '{}')`, ms(now.Add(clockSlack)), ms(now.Add(longestTry)))
		if err != nil {
			return err
		}
		for _, c := range ahead {
			before := c
			if c.LastDue.After(now.Add(clockSlack)) {
				c.LastDue = now
			}
			if c.Scheduled.After(now.Add(clockSlack)) {
				c.Scheduled = now
			}
			if c.Hold.NextTry.After(now.Add(longestTry)) {
				c.Hold.NextTry = now
			}
			for _, at := range []*time.Time{&c.Club.Since, &c.Club.Done} {
				if at.After(now.Add(clockSlack)) {
					*at = now
				}
			}
			if c.Club.Since.Equal(before.Club.Since) && c.Club.Done.Equal(before.Club.Done) && c.LastDue.Equal(before.LastDue) && c.Scheduled.Equal(before.Scheduled) && c.Hold == before.Hold {
				continue
			}
			if err := t.saveChannel(c); err != nil {
				return err
			}
		}
		if _, err := t.exec(`UPDATE channels SET next_send = $1 WHERE next_send > $2`, ms(now), ms(now.Add(longestTry))); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE channels SET reread = $1 WHERE reread > $2`, ms(now), ms(now.Add(longestTry))); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE deliveries SET edit_at = $1 WHERE edit_at > $2`, ms(now), ms(now.AddDate(0, 0, 2))); err != nil {
			return err
		}
		_, err = t.exec(`UPDATE deliveries SET count_at = $1 WHERE count_at > $2`, ms(now), ms(now.AddDate(0, 0, 2)))
		return err
	})
}

// How far ahead of now something kept may lie.
const (
	clockSlack = 2 * time.Minute  // a clock that is set by a little
	longestTry = 20 * time.Minute // the longest wait for a next try, and a little
)

// Rereads implements core.Queue.
func (s *Store) Rereads(ctx context.Context, now time.Time, limit int, serves func(core.Installation) bool) (channels []core.Channel, err error) {
	err = s.read(ctx, "asking whose votes have to be read", func(t tx) error {
		ids, err := s.due(t, "reread", "", now, limit, serves)
		if err != nil || len(ids) == 0 {
			return err
		}
		channels, err = t.channels(ids)
		return err
	})
	return channels, err
}
