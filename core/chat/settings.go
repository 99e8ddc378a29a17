package chat

import (
	"errors"
	"fmt"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
)

// settings shows or changes how the channel's post looks.
func (b *Chat) settings(c *call) (core.Reply, error) {
	if len(c.Args) == 0 {
		return core.Reply{Card: b.settingsCard(c, b.nextPost(c))}, nil
	}
	if err := b.mayEdit(c); err != nil {
		return core.Reply{}, err
	}
	next := c.channel.Settings
	for _, o := range c.Verb.Options {
		value, given := c.Args[o.Name]
		if !given {
			continue
		}
		if err := next.Set(o.Name, value); err != nil {
			return core.Reply{}, err
		}
	}
	if _, given := c.Args["scope"]; given {
		if err := b.knownScope(c.ctx, next.Scope); err != nil {
			return core.Reply{}, err
		}
	}
	if err := b.fits(c, next); err != nil {
		return core.Reply{}, err
	}
	if err := b.change(c, func(ch *core.Channel) {
		ch.Settings = next
		ch.Mend(core.TheSettings)
	}); err != nil {
		return core.Reply{}, err
	}
	var changed []say.Text
	for _, p := range c.effective().Pairs() {
		if _, given := c.Args[p.Key]; given {
			changed = append(changed, say.Say("%s is now *%s*", p.Key, p.Value))
		}
	}
	return core.Reply{
		Card: b.settingsCard(c, b.outlook(c)),
		Line: []say.Text{say.Say("%s changed the settings here: %s.", c.mention(), cards.List(changed))},
	}, nil
}

// fits refuses a layout or a seed that the platform cannot give here.
func (b *Chat) fits(c *call, s core.Settings) error {
	p := b.Connections.For(c.channel.Key.Installation())
	forum := false
	if f, ok := p.(core.Forums); ok {
		var err error
		if forum, err = f.IsForum(c.ctx, c.channel.Key); err != nil {
			return err
		}
	}
	switch {
	case !c.network.Roles && strings.HasPrefix(s.Editors, "@"):
		return core.Userf("E-PARSE", "There are no roles here. Write `editors:managers` or `editors:members`.")
	case s.Layout == core.LayoutForum && !forum:
		return core.Userf("E-PARSE", "The layout `forum` needs a forum channel, and this is none. `layout:thread` is the nearest.")
	case s.Layout != core.LayoutForum && forum:
		return core.Userf("E-PARSE", "A forum channel can only have `layout:forum`.")
	case s.Layout == core.LayoutThread && !c.network.Threads:
		return core.Userf("E-PARSE", "There are no threads here. `layout:digest` keeps the channel quiet as well.")
	}
	sd, ok := p.(core.Seeder)
	if !ok || !s.Seed {
		return nil
	}
	err := sd.MaySeed(c.ctx, c.channel.Key)
	if no, ok := errors.AsType[*core.MayNot](err); ok {
		return mayNot("add reactions", no)
	}
	return err
}

// effective are the channel's settings with what nobody set filled in.
func (c *call) effective() core.Settings {
	s := c.channel.Settings
	s.Editors = c.editors()
	return s
}

func (b *Chat) settingsCard(c *call, next say.Text) core.Card {
	var lines []string
	for _, p := range c.effective().Pairs() {
		lines = append(lines, fmt.Sprintf("%-10s%s", p.Key, p.Value))
	}
	return core.Card{
		Lines:   []say.Text{say.Say("The settings of this channel. %s changes them.", c.command("settings max:5 layout:thread"))},
		Block:   strings.Join(lines, "\n"),
		Context: []say.Text{next},
	}
}
