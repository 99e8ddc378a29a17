package chat

import (
	"context"
	"errors"
	"slices"
	"time"

	"paperboy/core"
	"paperboy/core/configfile"
	"paperboy/core/topic"
)

// ExportConfig is the configuration of a channel, or of all with 0, as
// configfile.Read reads it.
func (b *Chat) ExportConfig(ctx context.Context, channel int64) ([]byte, error) {
	channels, err := b.Store.Channels(ctx)
	if err != nil {
		return nil, err
	}
	var cs []configfile.Channel
	for _, ch := range channels {
		if channel != 0 && ch.ID != channel || ch.Follows != 0 { // somebody's mail is nobody else's
			continue
		}
		c := configfile.Channel{Channel: ch.Name, Key: ch.Key.String(), Schedule: ch.Schedule.String(), Settings: map[string]string{}, Club: ch.Club.Schedule.String(), Rota: ch.Club.Rota}
		if c.Channel == "" {
			c.Channel = ch.Key.ID
		}
		for _, p := range ch.Settings.Pairs() {
			c.Settings[p.Key] = p.Value
		}
		topics, err := b.Store.Topics(ctx, ch.ID)
		if err != nil {
			return nil, err
		}
		for _, t := range topics {
			if t.Unreadable == "" { // else nobody could read the file
				c.Topics = append(c.Topics, t.Topic.String())
			}
		}
		guards, err := b.Store.Guards(ctx, ch.ID)
		if err != nil {
			return nil, err
		}
		for _, g := range guards {
			if i := slices.IndexFunc(topics, func(t core.Topic) bool { return t.ID == g.Topic && t.Unreadable == "" }); i >= 0 {
				c.Guards = append(c.Guards, configfile.Guard{Topic: topics[i].Topic.String(), Paper: string(g.Paper)})
			}
		}
		mutes, err := b.Store.Mutes(ctx, ch.ID, "", b.Now())
		if err != nil {
			return nil, err
		}
		for _, m := range mutes {
			c.Mutes = append(c.Mutes, configfile.Mute{What: m.Value, Until: m.Until})
		}
		cs = append(cs, c)
	}
	return configfile.Write(cs), nil
}

// ImportConfig gives channels the configurations of a file. A channel is found
// by its key, else by its name when only one has it, else it is made under its
// key, to be there when the bot meets it. What is there already stays;
// importing twice changes nothing. It returns how many channels changed.
func (b *Chat) ImportConfig(ctx context.Context, data []byte) (channels, changed int, err error) {
	cs, err := configfile.Read(data)
	if err != nil {
		return 0, 0, err
	}
	for _, c := range cs { // before anything changes
		if err := b.meant(ctx, c); err != nil {
			return 0, 0, err
		}
	}
	for _, c := range cs {
		did, err := b.importChannel(ctx, c)
		if err != nil {
			return channels, changed, err
		}
		channels++
		if did {
			changed++
		}
	}
	b.Wake()
	return channels, changed, nil
}

// meant refuses a configuration, which was read, with a category or a
// source that nobody knows.
func (b *Chat) meant(ctx context.Context, c configfile.Channel) error {
	texts := slices.Clone(c.Topics)
	for _, m := range c.Mutes {
		texts = append(texts, m.What)
	}
	var no *core.UserError
	for _, s := range texts {
		t, err := topic.Parse(s)
		if err != nil {
			continue // a paper's id
		}
		u, unknown, err := b.Query.Unknown(ctx, t)
		if err != nil {
			return err
		}
		if unknown {
			no = noSuch(u)
		}
	}
	if s, ok := c.Settings["scope"]; ok {
		scope, err := topic.ParseScope(s)
		if err != nil {
			return err
		}
		if err := b.knownScope(ctx, scope); err != nil && !errors.As(err, &no) {
			return err
		}
	}
	if no != nil {
		return core.Userf(no.Code, "%s: %s", c.Channel, no.Text)
	}
	return nil
}

func (b *Chat) importChannel(ctx context.Context, c configfile.Channel) (changed bool, err error) {
	now := b.Now()
	ch, err := b.configured(ctx, c, now)
	if err != nil {
		return false, err
	}
	settings, schedule := ch.Settings, ch.Schedule
	for _, p := range core.DefaultSettings().Pairs() { // in a fixed order; what the file does not name stays
		if value, ok := c.Settings[p.Key]; ok {
			if err := settings.Set(p.Key, value); err != nil {
				return false, err
			}
		}
	}
	if c.Schedule != "" {
		if schedule, err = core.ParseSchedule(c.Schedule, ch.Schedule); err != nil {
			return false, err
		}
	}
	club := ch.Club
	if c.Club != "" {
		if club.Schedule, err = core.ParseSchedule(c.Club, core.Schedule{}); err != nil {
			return false, err
		}
		if club.Schedule != ch.Club.Schedule {
			club.Since = now
		}
		if !slices.Equal(c.Rota, ch.Club.Rota) {
			club.Rota, club.RotaSince = c.Rota, now
		}
	}
	before := ch.Settings.Pairs()
	if len(ch.Damaged) > 0 || schedule != ch.Schedule || !slices.Equal(before, settings.Pairs()) || !club.Since.Equal(ch.Club.Since) || !club.RotaSince.Equal(ch.Club.RotaSince) {
		changed = true
		if _, err := b.Store.UpdateChannel(ctx, ch.ID, func(ch *core.Channel) {
			ch.Settings, ch.Club = settings, club
			ch.Mend(core.TheSettings)
			if c.Schedule != "" {
				ch.Mend(core.TheSchedule)
			}
			if schedule != ch.Schedule {
				ch.Schedule, ch.Scheduled = schedule, now
			}
		}); err != nil {
			return false, err
		}
	}
	followed, err := b.Store.Topics(ctx, ch.ID)
	if err != nil {
		return false, err
	}
	for _, text := range c.Topics {
		t, err := topic.Parse(text)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(followed, func(f core.Topic) bool { return f.Topic.String() == t.String() }) {
			continue
		}
		changed = true
		added, err := b.Store.AddTopic(ctx, ch.ID, t, core.User{Name: "import"}, now)
		if err != nil {
			return false, err
		}
		followed = append(followed, added)
	}
	guards, err := b.Store.Guards(ctx, ch.ID)
	if err != nil {
		return false, err
	}
	for _, given := range c.Guards {
		t, err := topic.Parse(given.Topic)
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(followed, func(f core.Topic) bool { return f.Topic.String() == t.String() })
		g := core.Guard{Topic: followed[i].ID, Paper: core.PaperID(given.Paper), At: now} // Read holds guards against topics
		if slices.ContainsFunc(guards, func(have core.Guard) bool { return have.Topic == g.Topic && have.Paper == g.Paper }) {
			continue
		}
		changed = true
		if err := b.Store.AddGuard(ctx, ch.ID, g); err != nil {
			return false, err
		}
	}
	mutes, err := b.Store.Mutes(ctx, ch.ID, "", now)
	if err != nil {
		return false, err
	}
	for _, m := range c.Mutes {
		if !m.Until.IsZero() && !m.Until.After(now) || slices.ContainsFunc(mutes, func(have core.Mute) bool { return have.Value == m.What }) {
			continue
		}
		changed = true
		if _, err := b.Store.AddMute(ctx, core.Mute{Channel: ch.ID, Kind: configfile.KindOf(m.What), Value: m.What, By: "import", At: now, Until: m.Until}); err != nil {
			return false, err
		}
	}
	return changed, nil
}

// configured is the channel that a configuration is for.
func (b *Chat) configured(ctx context.Context, c configfile.Channel, now time.Time) (core.Channel, error) {
	channels, err := b.Store.Channels(ctx)
	if err != nil {
		return core.Channel{}, err
	}
	var named []core.Channel
	for _, ch := range channels {
		if c.Key != "" && ch.Key.String() == c.Key {
			return ch, nil
		}
		if ch.Name == c.Channel {
			named = append(named, ch)
		}
	}
	if len(named) == 1 {
		return named[0], nil
	}
	if c.Key == "" {
		return core.Channel{}, errors.New("I know no single channel " + c.Channel + ", and the file has no key for it")
	}
	key, err := core.ParseChannelKey(c.Key)
	if err != nil {
		return core.Channel{}, err
	}
	fresh := b.newChannel(key, c.Channel, now)
	fresh.Private = true // nobody has told yet who can read it, or that it has taken us
	return b.Store.EnsureChannel(ctx, fresh)
}
