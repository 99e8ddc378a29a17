package store

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"paperboy/core"
)

const channelColumns = `platform, workspace, channel, name, settings, schedule, set_up_by, owner, created, scheduled,
	paused_at, paused_until, planned, last_due, hold, gone, greeted, closed, resumed, private, taste, club, follows`

func channelPlaces(c *core.Channel) []any {
	c.Settings = core.DefaultSettings() // for what was not yet a setting when the row was written
	c.Damaged = nil
	return []any{&c.ID, &c.Key.Platform, &c.Key.Workspace, &c.Key.ID, &c.Name, settingsOf(c), scheduleOf(c), &c.SetUpBy, &c.Owner,
		millis{&c.Created}, millis{&c.Scheduled}, millis{&c.PausedAt}, millis{&c.PausedUntil}, &c.Planned, millis{&c.LastDue},
		orElse[core.Hold]{v: &c.Hold}, millis{&c.Gone}, &c.Greeted, &c.Closed, millis{&c.Resumed}, &c.Private, orElse[core.Taste]{v: &c.Taste}, orElse[core.Club]{v: &c.Club}, optional{&c.Follows}}
}

func channelValues(c core.Channel) []any {
	return []any{c.Key.Platform, c.Key.Workspace, c.Key.ID, c.Name, settingsOf(&c), scheduleOf(&c), c.SetUpBy, c.Owner,
		ms(c.Created), ms(c.Scheduled), ms(c.PausedAt), ms(c.PausedUntil), c.Planned, ms(c.LastDue),
		document{c.Hold}, ms(c.Gone), c.Greeted, c.Closed, ms(c.Resumed), c.Private, document{c.Taste}, document{c.Club}, optional{&c.Follows}}
}

// part is a document of a channel. One that is damaged is marked, and stays as it
// stands until somebody sets it anew.
type part[T any] struct {
	v         *T
	otherwise T
	c         *core.Channel
	name      string
}

func settingsOf(c *core.Channel) part[core.Settings] {
	return part[core.Settings]{&c.Settings, core.DefaultSettings(), c, core.TheSettings}
}

func scheduleOf(c *core.Channel) part[core.Schedule] {
	return part[core.Schedule]{&c.Schedule, core.Schedule{Time: "09:00", Days: core.Weekdays}, c, core.TheSchedule}
}

func (p part[T]) Scan(src any) error {
	if (document{p.v}).Scan(src) == nil {
		return nil
	}
	*p.v = p.otherwise
	text, err := raw(src)
	if err != nil {
		text = fmt.Append(nil, src)
	}
	if p.c.Damaged == nil {
		p.c.Damaged = map[string]string{}
	}
	p.c.Damaged[p.name] = string(text)
	return nil
}

func (p part[T]) Value() (driver.Value, error) {
	if text, damaged := p.c.Damaged[p.name]; damaged {
		return text, nil
	}
	return document{p.v}.Value()
}

const selectChannel = `SELECT id, ` + channelColumns + ` FROM channels `

func (t tx) channel(where string, args ...any) (c core.Channel, err error) {
	err = t.one(channelPlaces(&c), selectChannel+where, args...)
	return c, err
}

// saveChannel writes a channel down, and with it when the planner and the poster
// have to look at it: this is the only place that changes what those depend on.
func (t tx) saveChannel(c core.Channel) error {
	stood, err := t.settings(c.ID)
	if err != nil {
		return err
	}
	if err := t.must(`UPDATE channels SET `+assign(channelColumns)+`, next_due = $24 WHERE id = $25`,
		append(channelValues(c), ms(c.NextDue()), c.ID)...); err != nil {
		return err
	}
	if err := t.keepNewer(c.ID, stood); err != nil {
		return err
	}
	switch {
	case !c.Gone.IsZero():
		return t.must(`UPDATE channels SET next_send = 0, reread = 0 WHERE id = $1`, c.ID)
	case !c.Hold.Since.IsZero():
		return t.must(`UPDATE channels SET next_send = $2 WHERE id = $1`, c.ID, ms(c.Hold.NextTry))
	}
	return nil
}

// settings are a channel's as they stand, by their names; nil where they are damaged.
func (t tx) settings(channel int64) (all map[string]json.RawMessage, err error) {
	var text string
	if err := t.one([]any{&text}, `SELECT settings FROM channels WHERE id = $1`, channel); err != nil {
		return nil, err
	}
	_ = json.Unmarshal([]byte(text), &all)
	return all, nil
}

// keepNewer puts settings back that stood there and that this program does not know: a
// newer one beside it does.
func (t tx) keepNewer(channel int64, stood map[string]json.RawMessage) error {
	now, err := t.settings(channel)
	if err != nil || now == nil {
		return err
	}
	known := len(now)
	for name, value := range stood {
		if _, ok := now[name]; !ok {
			now[name] = value
		}
	}
	if len(now) == known {
		return nil
	}
	return t.must(`UPDATE channels SET settings = $2 WHERE id = $1`, channel, document{now})
}

// EnsureChannel implements core.ChannelStore.
func (s *Store) EnsureChannel(ctx context.Context, fresh core.Channel) (c core.Channel, err error) {
	const doing = "finding a channel"
	find := func(t tx) error {
		c, err = t.channel(`WHERE platform = $1 AND workspace = $2 AND channel = $3`, fresh.Key.Platform, fresh.Key.Workspace, fresh.Key.ID)
		return err
	}
	asAsked := func() bool { return c.Gone.IsZero() && (fresh.Name == "" || fresh.Name == c.Name) }
	// Nearly always it is there as asked, and nobody has to wait for the writer.
	err = s.read(ctx, doing, find)
	if err == nil && asAsked() || err != nil && !errors.Is(err, core.ErrNotFound) {
		return c, err
	}
	err = s.write(ctx, doing, func(t tx) error {
		err := find(t)
		if errors.Is(err, core.ErrNotFound) {
			if err := t.one([]any{&fresh.Planned}, `SELECT CASE WHEN n > $1 THEN n ELSE $1 END FROM counter`, fresh.Planned); err != nil {
				return err
			}
			if err := t.one([]any{&fresh.ID}, `INSERT INTO channels (`+channelColumns+`) VALUES (`+places(channelColumns)+`) RETURNING id`, channelValues(fresh)...); err != nil {
				return err
			}
			if err := find(t); err != nil {
				return err
			}
			t.ring(core.ToPlan)
			return t.saveChannel(c) // with when it is due
		}
		if err != nil || asAsked() {
			return err
		}
		before := c
		c.Gone, c.Closed = time.Time{}, false
		c.Name = cmp.Or(fresh.Name, c.Name)
		return t.changeChannel(before, c)
	})
	return c, err
}

// ChannelByKey implements core.ChannelStore.
func (s *Store) ChannelByKey(ctx context.Context, key core.ChannelKey) (c core.Channel, err error) {
	err = s.read(ctx, "reading a channel", func(t tx) error {
		c, err = t.channel(`WHERE platform = $1 AND workspace = $2 AND channel = $3`, key.Platform, key.Workspace, key.ID)
		return err
	})
	return c, err
}

// ChannelByID implements core.ChannelStore.
func (s *Store) ChannelByID(ctx context.Context, id int64) (c core.Channel, err error) {
	err = s.read(ctx, "reading a channel", func(t tx) error {
		c, err = t.channel(`WHERE id = $1`, id)
		return err
	})
	return c, err
}

// Channels implements core.ChannelStore.
func (s *Store) Channels(ctx context.Context) (channels []core.Channel, err error) {
	err = s.read(ctx, "reading channels", func(t tx) error {
		channels, err = all(t, channelPlaces, selectChannel+`WHERE gone = 0 ORDER BY id`)
		return err
	})
	return channels, err
}

// UpdateChannel implements core.ChannelStore. change must not write to the
// store: it would wait for itself.
func (s *Store) UpdateChannel(ctx context.Context, id int64, change func(*core.Channel)) (c core.Channel, err error) {
	err = s.write(ctx, "changing a channel", func(t tx) error {
		if c, err = t.channel(`WHERE id = $1`, id); err != nil {
			return err
		}
		before := c
		change(&c)
		c.ID, c.Key = id, before.Key
		if err := t.changeChannel(before, c); err != nil {
			return err
		}
		c, err = t.channel(`WHERE id = $1`, id) // as it is kept
		return err
	})
	return c, err
}

// GoneWorkspace implements core.ChannelStore.
func (s *Store) GoneWorkspace(ctx context.Context, platform, workspace string, now time.Time) error {
	if now.IsZero() { // nearly always nothing was gone, and nobody has to wait for the writer
		var gone int
		err := s.read(ctx, "asking whether a workspace was gone", func(t tx) error {
			return t.one([]any{&gone}, `SELECT count(*) FROM channels WHERE platform = $1 AND workspace = $2 AND gone <> 0 AND closed = 0`, platform, workspace)
		})
		if err != nil || gone == 0 {
			return err
		}
	}
	return s.write(ctx, "marking a workspace", func(t tx) error {
		if err := t.goneInstallation(core.Installation{Platform: platform, Workspace: workspace}, now); err != nil {
			return err
		}
		if !now.IsZero() { // who was gone already keeps the day
			_, err := t.exec(`UPDATE channels SET gone = $3, next_due = 0, next_send = 0, reread = 0
				WHERE platform = $1 AND workspace = $2 AND gone = 0`, platform, workspace, ms(now))
			return err
		}
		gone, err := all(t, channelPlaces, selectChannel+`WHERE platform = $1 AND workspace = $2 AND gone <> 0 AND closed = 0 ORDER BY id`, platform, workspace)
		if err != nil {
			return err
		}
		for _, c := range gone {
			c.Gone = time.Time{}
			if err := t.back(c); err != nil {
				return err
			}
		}
		return nil
	})
}

// changeChannel writes down what somebody changed. Where a channel is back, or
// does not refuse us any more, its messages need not wait for a next try.
func (t tx) changeChannel(before, c core.Channel) error {
	t.ring(core.ToPlan, core.ToSend)
	switch {
	case !before.Gone.IsZero() && c.Gone.IsZero():
		return t.back(c)
	case !before.Hold.Since.IsZero() && c.Hold.Since.IsZero():
		if err := t.must(`UPDATE channels SET next_send = 1 WHERE id = $1`, c.ID); err != nil {
			return err
		}
	}
	return t.saveChannel(c)
}

// back writes a channel down that is not gone any more: what was open goes on,
// and votes were missed meanwhile.
func (t tx) back(c core.Channel) error {
	if err := t.saveChannel(c); err != nil {
		return err
	}
	return t.must(`UPDATE channels SET next_send = 1, reread = 1 WHERE id = $1`, c.ID)
}

// Forget implements core.ChannelStore.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	return s.write(ctx, "forgetting channels", func(t tx) error {
		gone, err := all(t, func(in *core.Installation) []any { return []any{&in.Platform, &in.Workspace} },
			`SELECT DISTINCT platform, workspace FROM channels WHERE gone <> 0 AND gone < $1`, ms(before))
		if err != nil {
			return err
		}
		if err := t.deleteChannels(`gone <> 0 AND gone < $1`, ms(before)); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM installations WHERE gone <> 0 AND gone < $1`, ms(before)); err != nil {
			return err
		}
		for _, in := range gone {
			if err := t.forgetWorkspace(in); err != nil {
				return err
			}
		}
		return nil
	})
}

// DropChannel implements core.ChannelStore.
func (s *Store) DropChannel(ctx context.Context, id int64) error {
	return s.write(ctx, "dropping a channel", func(t tx) error {
		return t.deleteChannels(`id = $1`, id)
	})
}
