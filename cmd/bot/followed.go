package main

import (
	"context"
	"slices"
	"time"

	"paperboy/adapters/folder"
	"paperboy/adapters/kit"
	"paperboy/adapters/webhook"
	"paperboy/core"
	"paperboy/core/topic"
	"paperboy/internal/config"
)

// webhook sends to all addresses that the configuration names.
func (a *app) webhook() (*webhook.Webhook, error) {
	targets := map[string]webhook.Target{}
	for _, w := range a.config.Webhook {
		key, err := w.Key()
		if err != nil {
			return nil, usage("webhook %s: the secret %v", w.Name, err)
		}
		targets[w.Name] = webhook.Target{URL: string(w.URL), Key: key}
	}
	return webhook.New(targets, time.Now, nil), nil
}

// folders are all that get notes.
func (a *app) folders() *folder.Folder {
	paths := map[string]string{}
	for _, f := range a.config.Folder {
		paths[f.Name] = f.Path
	}
	return folder.New(paths)
}

// followed is a channel where nobody can type a command, as the configuration has it.
type followed struct {
	key      core.ChannelKey
	topics   []string
	schedule string
	together bool
}

func (a *app) followed() (all []followed) {
	for _, w := range a.config.Webhook {
		all = append(all, followed{webhook.Key(w.Name), w.Topics, w.Schedule, w.Together})
	}
	for _, f := range a.config.Folder {
		all = append(all, followed{folder.Key(f.Name), f.Topics, f.Schedule, false})
	}
	return all
}

// The most papers that a post can have: nobody scrolls there.
const (
	mostApart    = 15
	mostTogether = 10
)

// follow makes these channels what the configuration says. One that it does not name
// any more is closed.
func (a *app) follow(ctx context.Context, s core.Store) error {
	named := map[core.ChannelKey]bool{}
	for _, f := range a.followed() {
		named[f.key] = true
		schedule, err := config.When(f.schedule)
		if err != nil {
			return err
		}
		settings := core.DefaultSettings()
		settings.Max, settings.Layout = mostApart, core.LayoutForum // a message a paper, and no header
		if f.together {
			settings.Max, settings.Layout = mostTogether, core.LayoutDigest
		}
		now := a.now()
		ch, err := s.EnsureChannel(ctx, core.Channel{Key: f.key, Name: f.key.ID, Settings: settings, Schedule: schedule, Scheduled: now, Created: now, Private: true})
		if err != nil {
			return err
		}
		if ch, err = s.UpdateChannel(ctx, ch.ID, func(c *core.Channel) {
			if c.Schedule != schedule {
				c.Schedule, c.Scheduled = schedule, now
			}
			c.Settings.Max, c.Settings.Layout = settings.Max, settings.Layout
		}); err != nil {
			return err
		}
		if err := followTopics(ctx, s, ch, f.topics, now); err != nil {
			return err
		}
	}
	channels, err := s.Channels(ctx)
	if err != nil {
		return err
	}
	for _, ch := range channels {
		if (ch.Key.Platform == webhook.Name || ch.Key.Platform == folder.Name) && !named[ch.Key] {
			if _, err := s.UpdateChannel(ctx, ch.ID, func(c *core.Channel) { c.Gone, c.Closed = a.now(), true }); err != nil {
				return err
			}
		}
	}
	return nil
}

// followTopics has a channel follow these topics and no other. One that it follows
// already goes on.
func followTopics(ctx context.Context, s core.Store, ch core.Channel, wanted []string, now time.Time) error {
	old, err := s.Topics(ctx, ch.ID)
	if err != nil {
		return err
	}
	var keep []string
	for _, w := range wanted {
		t, err := topic.Parse(w)
		if err != nil {
			return err
		}
		if keep = append(keep, t.String()); slices.ContainsFunc(old, func(o core.Topic) bool { return o.Topic.String() == t.String() }) {
			continue
		}
		if _, err := s.AddTopic(ctx, ch.ID, t, core.User{Name: "the configuration"}, now); err != nil {
			return err
		}
	}
	for _, o := range old {
		if !slices.Contains(keep, o.Topic.String()) {
			if err := s.RemoveTopic(ctx, o.ID, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// examineFollowed says what is sent and written where. Nothing is sent: a receiver
// would take it for a message.
func (c *doctorCommand) examineFollowed(a *app) (out []kit.Finding) {
	paths := map[core.ChannelKey]string{}
	for _, f := range a.config.Folder {
		paths[folder.Key(f.Name)] = f.Path
	}
	for _, f := range a.followed() {
		check := f.key.Platform + " " + f.key.ID
		when, _ := config.When(f.schedule)
		finding := kit.OK(check, when.Human())
		if path, ok := paths[f.key]; ok {
			if err := writable(path); err != nil {
				finding = kit.Failed(check, err.Error(), "make the folder, let this user write there, or mend path under [[folder]]")
			}
		}
		out = append(out, finding)
	}
	return out
}
