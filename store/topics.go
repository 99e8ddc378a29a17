package store

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"paperboy/core"
	"paperboy/core/topic"
)

const selectTopic = `SELECT t.id, t.channel, t.number, t.topic, t.added_by, t.added_key, t.added_at, t.since, t.removed FROM topics t `

// printed is a topic as its text. One that cannot be read, of a stricter grammar
// or a damaged row, harms nobody but itself: it matches nothing and says so.
type printed struct{ t *core.Topic }

func (p printed) Scan(src any) (err error) {
	s, err := raw(src)
	if err != nil {
		return err
	}
	text := string(s)
	if t, ok := parsed.Load(text); ok {
		p.t.Topic = t.(topic.Topic)
		return nil
	}
	t, err := topic.Parse(text)
	if err != nil {
		p.t.Unreadable = text
		return nil
	}
	if kept.Add(1) > maxParsed {
		parsed.Clear()
		kept.Store(0)
	}
	parsed.Store(text, t)
	p.t.Topic = t
	return nil
}

// parsed are the topics by their text: they are parsed when they change, and not
// whenever they are read. What is parsed is never changed.
var (
	parsed sync.Map
	kept   atomic.Int64
)

const maxParsed = 100_000

func topicPlaces(t *core.Topic) []any {
	return []any{&t.ID, &t.Channel, &t.Number, printed{t}, &t.AddedBy, &t.AddedKey, millis{&t.AddedAt}, &t.Since, millis{&t.Removed}}
}

// Topics implements core.ChannelStore.
func (s *Store) Topics(ctx context.Context, channel int64) (topics []core.Topic, err error) {
	err = s.read(ctx, "reading topics", func(t tx) error {
		if channel == 0 {
			topics, err = all(t, topicPlaces, selectTopic+`JOIN channels c ON c.id = t.channel
				WHERE t.removed = 0 AND c.gone = 0 ORDER BY t.channel, t.number`)
		} else {
			topics, err = all(t, topicPlaces, selectTopic+`WHERE t.channel = $1 AND t.removed = 0 ORDER BY t.number`, channel)
		}
		return err
	})
	return topics, err
}

// AddTopic implements core.ChannelStore.
func (s *Store) AddTopic(ctx context.Context, channel int64, tp topic.Topic, by core.User, now time.Time) (added core.Topic, err error) {
	err = s.write(ctx, "adding a topic", func(t tx) error {
		if _, err := t.channel(`WHERE id = $1`, channel); err != nil {
			return err
		}
		var id int64
		if err := t.one([]any{&id}, `INSERT INTO topics (channel, number, topic, added_by, added_key, added_at, since, removed)
			SELECT $1, (SELECT coalesce(max(number), 0) + 1 FROM topics WHERE channel = $1), $2, $3, $4, $5, n, 0 FROM counter RETURNING id`,
			channel, tp.String(), by.Name, by.Key, ms(now)); err != nil {
			return err
		}
		return t.one(topicPlaces(&added), selectTopic+`WHERE t.id = $1`, id)
	})
	return added, err
}

// NarrowTopic implements core.ChannelStore.
func (s *Store) NarrowTopic(ctx context.Context, channel, id int64, to topic.Topic) (core.Topic, error) {
	return s.changeTopic(ctx, channel, id, `UPDATE topics SET topic = $3 WHERE id = $2 AND channel = $1 AND removed = 0`, to)
}

// ReplaceTopic implements core.ChannelStore.
func (s *Store) ReplaceTopic(ctx context.Context, channel, id int64, to topic.Topic) (core.Topic, error) {
	return s.changeTopic(ctx, channel, id, `UPDATE topics SET topic = $3, since = (SELECT n FROM counter) WHERE id = $2 AND channel = $1 AND removed = 0`, to)
}

// WidenTopic implements core.ChannelStore.
func (s *Store) WidenTopic(ctx context.Context, channel, id int64, to topic.Topic) (core.Topic, error) {
	return s.changeTopic(ctx, channel, id, `UPDATE topics SET topic = $3,
		since = (SELECT CASE WHEN planned > since THEN planned ELSE since END FROM channels WHERE id = $1) WHERE id = $2 AND channel = $1 AND removed = 0`, to)
}

func (s *Store) changeTopic(ctx context.Context, channel, id int64, change string, to topic.Topic) (changed core.Topic, err error) {
	err = s.write(ctx, "changing a topic", func(t tx) error {
		if err := t.must(change, channel, id, to.String()); err != nil {
			return err
		}
		return t.one(topicPlaces(&changed), selectTopic+`WHERE t.id = $1`, id)
	})
	return changed, err
}

// Following implements core.ChannelStore.
func (s *Store) Following(ctx context.Context, in core.Installation) (channels []core.Channel, followed map[int64][]core.Topic, err error) {
	err = s.read(ctx, "reading who follows what", func(t tx) error {
		topics, err := all(t, topicPlaces, selectTopic+`JOIN channels c ON c.id = t.channel
			WHERE c.platform = $1 AND c.workspace = $2 AND c.gone = 0 AND t.removed = 0 ORDER BY t.channel, t.number`, in.Platform, in.Workspace)
		if err != nil {
			return err
		}
		followed = map[int64][]core.Topic{}
		var ids []int64
		for _, tp := range topics {
			if followed[tp.Channel] == nil {
				ids = append(ids, tp.Channel)
			}
			followed[tp.Channel] = append(followed[tp.Channel], tp)
		}
		channels, err = t.channels(ids)
		return err
	})
	return channels, followed, err
}

// CountFollowing implements core.ChannelStore.
func (s *Store) CountFollowing(ctx context.Context, in core.Installation) (n int, err error) {
	err = s.read(ctx, "counting who follows something", func(t tx) error {
		return t.one([]any{&n}, `SELECT count(*) FROM channels c WHERE platform = $1 AND workspace = $2 AND gone = 0
			AND EXISTS (SELECT 1 FROM topics t WHERE t.channel = c.id AND t.removed = 0)`, in.Platform, in.Workspace)
	})
	return n, err
}

// RemoveTopic implements core.ChannelStore.
func (s *Store) RemoveTopic(ctx context.Context, id int64, now time.Time) error {
	return s.write(ctx, "removing a topic", func(t tx) error {
		return t.must(`UPDATE topics SET removed = $2 WHERE id = $1`, id, ms(now))
	})
}

// RestoreTopic implements core.ChannelStore.
func (s *Store) RestoreTopic(ctx context.Context, channel, id int64, removedAfter time.Time) (restored core.Topic, err error) {
	err = s.write(ctx, "restoring a topic", func(t tx) error {
		if err := t.must(`UPDATE topics SET removed = 0 WHERE id = $1 AND channel = $2 AND removed > $3
			AND topic NOT IN (SELECT topic FROM topics WHERE channel = $2 AND removed = 0)`, id, channel, ms(removedAfter)); err != nil {
			return err
		}
		return t.one(topicPlaces(&restored), selectTopic+`WHERE t.id = $1`, id)
	})
	return restored, err
}

// Guards implements core.ChannelStore.
func (s *Store) Guards(ctx context.Context, channel int64) (guards []core.Guard, err error) {
	err = s.read(ctx, "reading guards", func(t tx) error {
		guards, err = all(t, func(g *core.Guard) []any { return []any{&g.Topic, &g.Paper, millis{&g.At}} },
			`SELECT g.topic, g.paper, g.at FROM guards g JOIN topics t ON t.id = g.topic JOIN channels c ON c.id = t.channel
			WHERE t.removed = 0 AND (t.channel = $1 OR $1 = 0 AND c.gone = 0) ORDER BY t.channel, t.number, g.paper`, channel)
		return err
	})
	return guards, err
}

// AddGuard implements core.ChannelStore.
func (s *Store) AddGuard(ctx context.Context, channel int64, g core.Guard) error {
	return s.write(ctx, "guarding a paper", func(t tx) error {
		if err := t.followed(channel, g.Topic); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO guards (topic, paper, at) VALUES ($1, $2, $3) ON CONFLICT (topic, paper) DO NOTHING`, g.Topic, g.Paper, ms(g.At))
		return err
	})
}

// RemoveGuard implements core.ChannelStore.
func (s *Store) RemoveGuard(ctx context.Context, channel int64, g core.Guard) error {
	return s.write(ctx, "taking a guard back", func(t tx) error {
		if err := t.followed(channel, g.Topic); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM guards WHERE topic = $1 AND paper = $2`, g.Topic, g.Paper)
		return err
	})
}

// followed is ErrNotFound for a topic that the channel does not follow.
func (t tx) followed(channel, id int64) error {
	var one int
	return t.one([]any{&one}, `SELECT 1 FROM topics WHERE id = $1 AND channel = $2 AND removed = 0`, id, channel)
}

const selectMute = `SELECT id, coalesce(channel, 0), person, kind, value, muted_by, muted_key, at, until FROM mutes `

func mutePlaces(m *core.Mute) []any {
	return []any{&m.ID, &m.Channel, &m.User, &m.Kind, &m.Value, &m.By, &m.ByKey, millis{&m.At}, millis{&m.Until}}
}

// Mutes implements core.ChannelStore.
func (s *Store) Mutes(ctx context.Context, channel int64, user string, now time.Time) (mutes []core.Mute, err error) {
	err = s.read(ctx, "reading mutes", func(t tx) error {
		mutes, err = all(t, mutePlaces, selectMute+`WHERE (channel = $1 OR channel IS NULL AND person = $2 AND $2 <> '')
			AND (until = 0 OR until > $3) ORDER BY id`, channel, user, ms(now))
		return err
	})
	return mutes, err
}

// AddMute implements core.ChannelStore.
func (s *Store) AddMute(ctx context.Context, m core.Mute) (added core.Mute, err error) {
	err = s.write(ctx, "muting", func(t tx) error {
		if m.Channel != 0 {
			if _, err := t.channel(`WHERE id = $1`, m.Channel); err != nil {
				return err
			}
		}
		if _, err := t.exec(`DELETE FROM mutes WHERE coalesce(channel, 0) = $1 AND person = $2 AND kind = $3 AND value = $4`,
			m.Channel, m.User, m.Kind, m.Value); err != nil {
			return err
		}
		return t.one(mutePlaces(&added), `INSERT INTO mutes (channel, person, kind, value, muted_by, muted_key, at, until)
			VALUES (nullif($1, 0), $2, $3, $4, $5, $6, $7, $8) RETURNING id, coalesce(channel, 0), person, kind, value, muted_by, muted_key, at, until`,
			m.Channel, m.User, m.Kind, m.Value, m.By, m.ByKey, ms(m.At), ms(m.Until))
	})
	return added, err
}

// RemoveMute implements core.ChannelStore.
func (s *Store) RemoveMute(ctx context.Context, id int64) error {
	return s.write(ctx, "unmuting", func(t tx) error {
		return t.must(`DELETE FROM mutes WHERE id = $1`, id)
	})
}
