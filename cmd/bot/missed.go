package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"paperboy/core"
	"paperboy/core/chat"
	"paperboy/core/query"
	"paperboy/core/topic"
	"paperboy/store"
)

type missedCommand struct {
	Channel string   `placeholder:"NAME" help:"Only in this channel: its name, or platform/workspace/id."`
	Topic   string   `placeholder:"TEXT" help:"Ask this topic instead of those that channels follow."`
	Guards  bool     `help:"Check every guard: a paper that was missed once, and that its topic has to match. Exit 1 when one does not hold."`
	ID      []string `arg:"" optional:"" help:"arXiv ids, or links."`
}

func (missedCommand) Help() string {
	return `Examples:
  bot missed 2509.24002                      where it fell out, in each channel that follows something
  bot missed 2509.24002 --topic segmentation what would bring it, and what else with it
  bot missed --guards                        for a test of your own: after an update, after a change of topics`
}

func (c *missedCommand) Run(a *app) error {
	if c.Guards == (len(c.ID) > 0) {
		return usage("name a paper, as `bot missed 2509.24002`, or write --guards")
	}
	var ids []core.PaperID
	for _, arg := range c.ID {
		id, _, ok := core.ParsePaperID(arg)
		if !ok && strings.HasPrefix(arg, "feed:") {
			id, ok = core.PaperID(arg), true
		}
		if !ok {
			return usage("%q is no paper; write an arXiv id or a link, as 2509.24002", arg)
		}
		ids = append(ids, id)
	}
	s, err := a.open(true)
	if err != nil {
		return err
	}
	defer s.Close()
	r := &query.Reader{Store: s, Now: a.now}
	var channels []core.Channel
	if c.Topic != "" {
		t, err := topic.Parse(c.Topic)
		if err != nil {
			return usage("%v", err)
		}
		standard, err := a.defaults()
		if err != nil {
			return err
		}
		r.Store = asked{s, core.Topic{ID: 1, Number: 1, Topic: t}}
		channels = []core.Channel{{Name: "this topic", Settings: standard.Settings, Schedule: standard.Schedule}}
	} else if channels, err = a.channels(s, c.Channel); err != nil {
		return err
	}
	if c.Guards {
		return c.guards(a, r, channels)
	}
	for _, id := range ids {
		if err := c.paper(a, s, r, channels, id); err != nil {
			return err
		}
	}
	return nil
}

// asked is a store in which every channel follows one topic.
type asked struct {
	*store.Store
	topic core.Topic
}

func (s asked) Topics(context.Context, int64) ([]core.Topic, error) {
	return []core.Topic{s.topic}, nil
}

// paper says what became of one paper in the channels.
func (c *missedCommand) paper(a *app, s *store.Store, r *query.Reader, channels []core.Channel, id core.PaperID) error {
	p, err := s.Paper(a.ctx, id)
	if errors.Is(err, core.ErrNotFound) {
		fmt.Fprintf(a.out, "%s was never listed, or before this store began; `bot fetch --since DATE` asks for past days\n", id)
		states, err := s.SourceStates(a.ctx)
		for _, st := range states {
			list := "it has shown no list yet"
			if !st.Newest.IsZero() {
				list = "its newest list is that of " + string(st.Newest)
			}
			fmt.Fprintf(a.out, "  %s is %s; %s\n", printable(st.Called()), st.Word, list)
		}
		return err
	} else if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s %s\n", p.ID, printable(p.Title))
	for i := range channels {
		ch := &channels[i]
		f, err := r.Fate(a.ctx, *ch, &p)
		if err != nil {
			return err
		}
		if f.Stage == query.NoTopics && c.Channel == "" {
			continue
		}
		fmt.Fprintf(a.out, "  %s: %s\n", printable(called(ch)), chat.Stopped(&f))
		for _, m := range f.Matched {
			fmt.Fprintf(a.out, "    matches %s\n", m.Topic)
		}
		for _, m := range f.Misses[:min(len(f.Misses), 3)] {
			fmt.Fprintf(a.out, "    #%d %s: %s\n", m.Topic.Number, m.Topic.Text(), chat.Lacks(m.Lacks))
		}
		if f.Stage != query.NoTopic && f.Stage != query.OutOfScope {
			continue
		}
		offers, err := r.Widenings(a.ctx, *ch, &p)
		if err != nil {
			return err
		}
		for _, o := range offers {
			fmt.Fprintf(a.out, "    + %s: %.1f a weekday more\n", o.To, o.PerWeekday())
			for _, e := range o.Examples {
				fmt.Fprintf(a.out, "        %s %s\n", e.ID, printable(e.Title))
			}
		}
	}
	return nil
}

// called is how an operator knows a channel.
func called(ch *core.Channel) string {
	if ch.Key.Platform == "" {
		return ch.Name
	}
	return strings.TrimSpace(ch.Key.String() + " " + ch.Name)
}

// guards checks the guards of the channels.
func (c *missedCommand) guards(a *app, r *query.Reader, channels []core.Channel) error {
	held, broken, err := guards(a, r, channels)
	if err != nil {
		return err
	}
	for _, line := range broken {
		fmt.Fprintln(a.out, line)
	}
	fmt.Fprintf(a.err, "%s held, %d broken\n", count(held, "guard"), len(broken))
	if len(broken) > 0 {
		return errSilent
	}
	return nil
}

// guards are how many of the channels' guards hold, and a line for each that does not.
func guards(a *app, r *query.Reader, channels []core.Channel) (held int, broken []string, err error) {
	for i := range channels {
		ch := &channels[i]
		all, err := r.Store.Guards(a.ctx, ch.ID)
		if err != nil {
			return 0, nil, err
		}
		lost, err := r.Broken(a.ctx, *ch, 0, topic.Topic{})
		if err != nil {
			return 0, nil, err
		}
		held += len(all) - len(lost)
		for _, b := range lost {
			why := "it is outside of the channel's categories"
			switch {
			case b.Topic.Unreadable != "":
				why = "the topic cannot be read any more"
			case b.Paper.Title == "":
				why = "the store does not have the paper"
			case len(b.Lacks) > 0:
				why = chat.Lacks(b.Lacks).String()
			}
			paper := strings.TrimSpace(string(b.Paper.ID) + " " + b.Paper.Title)
			broken = append(broken, printable(fmt.Sprintf("%s: #%d %s no longer matches %s: %s", called(ch), b.Topic.Number, b.Topic.Text(), paper, why)))
		}
	}
	return held, broken, nil
}
