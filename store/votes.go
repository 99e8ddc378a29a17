package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"paperboy/core"
)

// A mark is the row of one (channel, message, person, emoji).
type mark struct {
	person, emoji string
	paper         core.PaperID
	kind          core.VoteKind
	present       bool
	ord           int64
	at            time.Time
	heard         int64 // when an event last wrote it, by the database's clock
}

// newer reports whether an event wrote the mark since then: what was read may know
// nothing of it. What was written after now was by a clock that was wrong.
func (m mark) newer(asked time.Time, now int64) bool {
	return !asked.IsZero() && m.heard >= ms(asked) && m.heard <= now
}

func markPlaces(m *mark) []any {
	return []any{&m.person, &m.emoji, &m.paper, &m.kind, &m.present, &m.ord, millis{&m.at}, &m.heard}
}

const selectMark = `SELECT person, emoji, paper, kind, present, ord, at, heard FROM reactions `

func (t tx) saveMark(channel int64, message string, m mark) error {
	_, err := t.exec(`INSERT INTO reactions (channel, message, person, emoji, paper, kind, present, ord, at, heard) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (channel, message, person, emoji) DO UPDATE SET paper = $5, kind = $6, present = $7, ord = $8, at = $9, heard = $10`,
		channel, message, m.person, m.emoji, m.paper, m.kind, m.present, m.ord, ms(m.at), m.heard)
	return err
}

// PutReaction implements core.VoteStore.
func (s *Store) PutReaction(ctx context.Context, channel int64, paper core.PaperID, kind core.VoteKind, r core.Reaction) (changed bool, err error) {
	err = s.write(ctx, "writing a reaction down", func(t tx) error {
		changed = false
		var old mark
		err := t.one(markPlaces(&old), selectMark+`WHERE channel = $1 AND message = $2 AND person = $3 AND emoji = $4`,
			channel, r.Message, r.User.Key, r.Emoji)
		order := r.Order
		if order == 0 {
			order = old.ord + 1
		}
		if err != nil && !errors.Is(err, core.ErrNotFound) || err == nil && order <= old.ord {
			return ignoring(err) // or it was heard before: what was read back since knows better
		}
		if err != nil && !r.Added {
			// That nothing stands there is kept, so that an older event does not bring it
			// back; but not of somebody of whom nothing is to be kept.
			salt, serr := t.salt()
			if serr != nil {
				return serr
			}
			if asked, aerr := t.asked(salt, r.User.Key); aerr != nil || !asked.IsZero() {
				return aerr
			}
		}
		m := mark{person: r.User.Key, emoji: r.Emoji, paper: paper, kind: kind, present: r.Added, ord: order, at: r.At}
		if m.heard, err = t.engine.moment(t.ctx, t); err != nil {
			return err
		}
		changed = old.present != m.present || m.present && (old.kind != kind || old.paper != paper)
		if old.present && m.present {
			m.at = old.at // the vote was given then
		}
		if changed {
			t.ring(core.ToSend)
			if err := t.follow(channel, m, r.At); err != nil {
				return err
			}
		}
		return t.saveMark(channel, r.Message, m)
	})
	return changed && err == nil, err
}

// Moment implements core.VoteStore.
func (s *Store) Moment(ctx context.Context) (time.Time, error) {
	ms, err := s.engine.moment(ctx, nil)
	return time.UnixMilli(ms), err
}

// SetReactions implements core.VoteStore.
func (s *Store) SetReactions(ctx context.Context, channel int64, paper core.PaperID, message string, kind func(emoji string) (core.VoteKind, bool), rs []core.Reaction, asked time.Time) (changed []core.Reaction, err error) {
	type key struct{ person, emoji string }
	err = s.write(ctx, "writing reactions down", func(t tx) error {
		changed = nil
		marks, err := all(t, markPlaces, selectMark+`WHERE channel = $1 AND message = $2 ORDER BY person, emoji`, channel, message)
		if err != nil {
			return err
		}
		now, err := t.engine.moment(t.ctx, t)
		if err != nil {
			return err
		}
		salt, err := t.salt()
		if err != nil {
			return err
		}
		var posted time.Time // before it nobody can have reacted
		if err := ignoring(t.one([]any{millis{&posted}}, `SELECT min(updated) FROM deliveries WHERE channel = $1 AND message = $2 HAVING count(*) > 0`, channel, message)); err != nil {
			return err
		}
		known := map[key]mark{}
		for _, m := range marks {
			known[key{m.person, m.emoji}] = m
		}
		for _, r := range rs {
			kind, counts := kind(r.Emoji)
			if !counts {
				continue
			}
			k := key{r.User.Key, r.Emoji}
			old := known[k]
			delete(known, k)
			if old.newer(asked, now) {
				continue
			}
			if !old.present {
				asked, err := t.asked(salt, k.person)
				if err != nil {
					return err
				}
				if !asked.Before(posted) && !asked.IsZero() {
					continue // it was deleted, and stands there still
				}
			}
			m := mark{person: k.person, emoji: k.emoji, paper: paper, kind: kind, present: true, ord: max(old.ord, r.Order), at: r.At, heard: old.heard}
			if old.present {
				m.at = old.at
			}
			if m == old {
				continue
			}
			if !old.present {
				changed = append(changed, r)
				if err := t.follow(channel, m, m.at); err != nil {
					return err
				}
			}
			if err := t.saveMark(channel, message, m); err != nil {
				return err
			}
		}
		for _, m := range marks {
			if _, missing := known[key{m.person, m.emoji}]; !missing || !m.present || m.newer(asked, now) {
				continue
			}
			if _, counts := kind(m.emoji); !counts {
				continue // nothing was read back about a button's vote
			}
			m.present = false
			changed = append(changed, core.Reaction{Message: message, User: core.User{Key: m.person}, Emoji: m.emoji, Order: m.ord, At: m.at})
			if err := errors.Join(t.follow(channel, m, m.at), t.saveMark(channel, message, m)); err != nil {
				return err
			}
		}
		return nil
	})
	return changed, err
}

// follow does what follows from a mark that is new, or gone: with a bookmark a
// person's list changes, with a vote what its message shows.
func (t tx) follow(channel int64, m mark, now time.Time) (err error) {
	switch {
	case m.kind == core.Up:
		err = t.recount(channel, m.paper, now)
	case m.kind != core.Bookmark:
	case m.present:
		_, err = t.save(core.Saved{User: m.person, Paper: m.paper, At: m.at})
	default:
		_, err = t.unsave(m.person, m.paper)
	}
	return err
}

// Tally implements core.VoteStore.
func (s *Store) Tally(ctx context.Context, channel int64, papers []core.PaperID, since time.Time) (tally map[core.PaperID]core.Tally, err error) {
	err = s.read(ctx, "counting votes", func(t tx) error {
		tally, err = t.tally(channel, papers, since)
		return err
	})
	return tally, err
}

func (t tx) tally(channel int64, papers []core.PaperID, since time.Time) (map[core.PaperID]core.Tally, error) {
	type row struct {
		paper core.PaperID
		core.Tally
	}
	rows, err := all(t, func(r *row) []any { return []any{&r.paper, &r.Up, &r.Down} },
		`SELECT paper, count(DISTINCT CASE kind WHEN 'up' THEN person END), count(DISTINCT CASE kind WHEN 'down' THEN person END)
		FROM reactions WHERE present = 1 AND kind IN ('up', 'down') AND `+in("paper", "$1")+` AND `+ofChannel("channel", channel)+` AND at >= $3
		GROUP BY paper`, many(papers), channel, ms(since))
	tally := make(map[core.PaperID]core.Tally, len(rows))
	for _, r := range rows {
		tally[r.paper] = r.Tally
	}
	return tally, err
}

// ofChannel is the condition that a row is of channel $2; 0: of any, of which $2 says
// nothing. Said at once, the second would keep both from the index of the first.
func ofChannel(column string, channel int64) string {
	if channel == 0 {
		return "$2 = 0"
	}
	return column + " = $2"
}

// Voted implements core.VoteStore.
func (s *Store) Voted(ctx context.Context, channel int64, since time.Time) (papers []core.PaperID, err error) {
	err = s.read(ctx, "reading what was voted for", func(t tx) error {
		papers, err = all(t, value[core.PaperID], `SELECT DISTINCT paper FROM reactions
			WHERE channel = $1 AND at >= $2 AND present = 1 AND kind IN ('up', 'down') ORDER BY paper`, channel, ms(since))
		return err
	})
	return papers, err
}

// Voters implements core.VoteStore.
func (s *Store) Voters(ctx context.Context, channel int64, since time.Time) (people int, err error) {
	err = s.read(ctx, "counting who voted", func(t tx) error {
		return t.one([]any{&people}, `SELECT count(DISTINCT person) FROM reactions WHERE channel = $1 AND at >= $2 AND present = 1 AND kind = 'up'`, channel, ms(since))
	})
	return people, err
}

// Ballot implements core.VoteStore.
func (s *Store) Ballot(ctx context.Context, channel int64, ballot core.Item) (votes map[core.PaperID]int, err error) {
	type row struct {
		paper core.PaperID
		n     int
	}
	err = s.read(ctx, "counting a ballot", func(t tx) error {
		rows, err := all(t, func(r *row) []any { return []any{&r.paper, &r.n} },
			`SELECT paper, count(DISTINCT person) FROM reactions WHERE channel = $1 AND message = $2 AND present = 1 AND kind = 'chosen' GROUP BY paper`, channel, ballot)
		votes = make(map[core.PaperID]int, len(rows))
		for _, r := range rows {
			votes[r.paper] = r.n
		}
		return err
	})
	return votes, err
}

// Votes implements core.VoteStore.
func (s *Store) Votes(ctx context.Context, channels []int64, since time.Time) (votes map[int64][]core.Voted, err error) {
	type row struct {
		channel int64
		core.Voted
	}
	err = s.read(ctx, "reading what channels voted for", func(t tx) error {
		rows, err := all(t, func(r *row) []any { return []any{&r.channel, &r.Paper, &r.Seq, &r.Up, &r.Down} },
			`SELECT r.channel, r.paper, p.seq, count(DISTINCT CASE r.kind WHEN 'up' THEN r.person END), count(DISTINCT CASE r.kind WHEN 'down' THEN r.person END)
			FROM reactions r JOIN papers p ON p.id = r.paper
			WHERE `+in("r.channel", "$1")+` AND r.at >= $2 AND r.present = 1 AND r.kind IN ('up', 'down')
			GROUP BY r.channel, r.paper, p.seq ORDER BY r.channel, r.paper`, many(channels), ms(since))
		votes = map[int64][]core.Voted{}
		for _, r := range rows {
			votes[r.channel] = append(votes[r.channel], r.Voted)
		}
		return err
	})
	return votes, err
}

const selectSaved = `SELECT person, paper, note, at, done FROM saves `

func savedPlaces(s *core.Saved) []any {
	return []any{&s.User, &s.Paper, &s.Note, millis{&s.At}, &s.Done}
}

// Save implements core.VoteStore. What is on the list keeps its time.
func (s *Store) Save(ctx context.Context, save core.Saved) (changed bool, err error) {
	err = s.write(ctx, "saving a paper", func(t tx) (err error) {
		changed, err = t.save(save)
		return err
	})
	return changed && err == nil, err
}

func (t tx) save(save core.Saved) (changed bool, err error) {
	var old core.Saved
	err = t.one(savedPlaces(&old), selectSaved+`WHERE person = $1 AND paper = $2`, save.User, save.Paper)
	switch {
	case errors.Is(err, core.ErrNotFound):
		_, err = t.exec(`INSERT INTO saves (person, paper, note, at, done) VALUES ($1, $2, $3, $4, $5)`,
			save.User, save.Paper, save.Note, ms(save.At), save.Done)
		return true, err
	case err != nil:
		return false, err
	}
	if save.Note == "" {
		save.Note = old.Note
	}
	if save.Note == old.Note && save.Done == old.Done {
		return false, nil
	}
	return true, t.must(`UPDATE saves SET note = $3, done = $4 WHERE person = $1 AND paper = $2`, save.User, save.Paper, save.Note, save.Done)
}

// Unsave implements core.VoteStore.
func (s *Store) Unsave(ctx context.Context, user string, paper core.PaperID) (changed bool, err error) {
	err = s.write(ctx, "taking a paper off a list", func(t tx) (err error) {
		changed, err = t.unsave(user, paper)
		return err
	})
	return changed && err == nil, err
}

func (t tx) unsave(user string, paper core.PaperID) (changed bool, err error) {
	n, err := t.exec(`DELETE FROM saves WHERE person = $1 AND paper = $2`, user, paper)
	return n > 0, err
}

// SavedBy implements core.VoteStore.
func (s *Store) SavedBy(ctx context.Context, user string) (list []core.Saved, err error) {
	err = s.read(ctx, "reading a list", func(t tx) error {
		list, err = all(t, savedPlaces, selectSaved+`WHERE person = $1 ORDER BY at DESC, paper DESC`, user)
		return err
	})
	return list, err
}

// countedDays is how far back messages lose the votes of who is forgotten.
const countedDays = 30

type vote struct {
	channel int64
	paper   core.PaperID
}

// ForgetUser implements core.VoteStore. Who asked is kept as a hash, so that what
// still stands on messages is not taken for new when it is read back.
func (s *Store) ForgetUser(ctx context.Context, user string, now time.Time) error {
	return s.write(ctx, "forgetting a person", func(t tx) error {
		salt, err := t.salt()
		if err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO forgotten (person, at) VALUES ($1, $2) ON CONFLICT (person) DO UPDATE SET at = $2`, hashed(salt, user), ms(now)); err != nil {
			return err
		}
		// The messages that showed their votes show them no more, but for those that
		// nobody reads any more.
		gone, err := all(t, func(v *vote) []any { return []any{&v.channel, &v.paper} },
			`SELECT DISTINCT channel, paper FROM reactions WHERE person = $1 AND kind = 'up' AND present = 1 AND at >= $2`, user, ms(now.AddDate(0, 0, -countedDays)))
		if err != nil {
			return err
		}
		for _, v := range gone {
			if err := t.recount(v.channel, v.paper, now); err != nil {
				return err
			}
		}
		for _, q := range []string{
			// Rows of early versions have the name alone: it is known from the others.
			`UPDATE topics SET added_by = '' WHERE added_key = '' AND added_by IN (` + namesOf + `)`,
			`UPDATE mutes SET muted_by = '' WHERE muted_key = '' AND muted_by IN (` + namesOf + `)`,
			// What is called as the person is their own page.
			`DELETE FROM channels WHERE platform || ':' || workspace || '/' || channel = $1`,
			`DELETE FROM channels WHERE follows IS NOT NULL AND owner = $1`,
			`DELETE FROM saves WHERE person = $1`,
			`DELETE FROM searches WHERE person = $1`,
			`DELETE FROM reactions WHERE person = $1`,
			`DELETE FROM mutes WHERE person = $1 AND channel IS NULL`,
			`UPDATE topics SET added_by = '', added_key = '' WHERE added_key = $1`,
			`UPDATE mutes SET muted_by = '', muted_key = '' WHERE muted_key = $1`,
			`DELETE FROM passes WHERE person = $1`,
			`DELETE FROM subjects WHERE person = $1`,
			`UPDATE links SET made_by = '', made_key = '' WHERE made_key = $1`,
			`UPDATE channels SET owner = '', set_up_by = '' WHERE owner = $1`,
			`UPDATE installations SET installed_by = '' WHERE installed_by = $1`,
		} {
			if _, err := t.exec(q, user); err != nil {
				return err
			}
		}
		return nil
	})
}

// namesOf are the names that stand beside the key $1.
const namesOf = `SELECT set_up_by FROM channels WHERE owner = $1 UNION SELECT added_by FROM topics WHERE added_key = $1 UNION SELECT muted_by FROM mutes WHERE muted_key = $1`

// salt makes hashes of this store tell nothing about others'.
func (t tx) salt() (salt string, err error) {
	const name = "forgotten/salt"
	err = t.one([]any{&salt}, `SELECT value FROM notes WHERE name = $1`, name)
	if errors.Is(err, core.ErrNotFound) {
		salt = rand.Text()
		_, err = t.exec(`INSERT INTO notes (name, value) VALUES ($1, $2)`, name, salt)
	}
	return salt, err
}

func hashed(salt, user string) string {
	sum := sha256.Sum256([]byte(salt + "/" + user))
	return hex.EncodeToString(sum[:])
}

// asked says when a person asked to be forgotten; zero: never.
func (t tx) asked(salt, user string) (at time.Time, err error) {
	return at, ignoring(t.one([]any{millis{&at}}, `SELECT at FROM forgotten WHERE person = $1`, hashed(salt, user)))
}

// SeenEvent implements core.VoteStore. An event without an id is always new.
func (s *Store) SeenEvent(ctx context.Context, id string, now time.Time) (seen bool, err error) {
	if id == "" {
		return false, nil
	}
	err = s.write(ctx, "noting an event", func(t tx) error {
		if _, err := t.exec(`DELETE FROM events WHERE at < $1`, ms(now.Add(-24*time.Hour))); err != nil {
			return err
		}
		n, err := t.exec(`INSERT INTO events (id, at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, id, ms(now))
		seen = n == 0
		return err
	})
	return seen && err == nil, err
}

// ignoring is err unless it is that there was nothing.
func ignoring(err error) error {
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	return err
}
