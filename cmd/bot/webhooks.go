package main

import (
	"context"
	"slices"
	"time"

	"paperboy/adapters/kit"
	"paperboy/adapters/webhook"
	"paperboy/core"
	"paperboy/core/topic"
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

// mostTogether is the most papers that a post can have: nobody scrolls there.
const mostTogether = 15

// followWebhooks makes the channels of webhooks what the configuration says: nobody
// can type a command there. One that it does not name any more is closed.
func (a *app) followWebhooks(ctx context.Context, s core.Store) error {
	named := map[core.ChannelKey]bool{}
	for _, w := range a.config.Webhook {
		key := webhook.Key(w.Name)
		named[key] = true
		schedule, err := w.When()
		if err != nil {
			return err
		}
		settings := core.DefaultSettings()
		settings.Max, settings.Layout = mostTogether, core.LayoutForum // a message a paper, and no header
		if w.Together {
			settings.Max, settings.Layout = 10, core.LayoutDigest
		}
		now := a.now()
		ch, err := s.EnsureChannel(ctx, core.Channel{Key: key, Name: w.Name, Settings: settings, Schedule: schedule, Scheduled: now, Created: now, Private: true})
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
		if err := followTopics(ctx, s, ch, w.Topics, now); err != nil {
			return err
		}
	}
	channels, err := s.Channels(ctx)
	if err != nil {
		return err
	}
	for _, ch := range channels {
		if ch.Key.Platform == webhook.Name && !named[ch.Key] {
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

// examineWebhooks says what is sent where. Nothing is: a receiver would take it for a
// message.
func (c *doctorCommand) examineWebhooks(a *app) (out []kit.Finding) {
	for _, w := range a.config.Webhook {
		when, _ := w.When()
		out = append(out, kit.OK("webhook "+w.Name, "signed requests "+when.Human()))
	}
	return out
}
