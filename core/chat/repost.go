package chat

import (
	"errors"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
)

// repost posts a paper again whose new version is a new paper, once a version.
func (b *Chat) repost(c *call) (core.Reply, error) {
	p, err := b.paperNamed(c, c.Args["paper"])
	if err != nil {
		return core.Reply{}, err
	}
	id := string(p.ID)
	first, err := b.Store.Delivery(c.ctx, c.channel.ID, core.PaperItem(p.ID))
	switch {
	case err != nil && !errors.Is(err, core.ErrNotFound):
		return core.Reply{}, err
	case err != nil || first.State != core.Posted:
		return core.Reply{}, core.Userf("E-NOTFOUND", "That paper was not posted here, so it cannot come again. %s shows it to everybody.", c.command("show "+id+" share:yes"))
	case p.Withdrawn:
		return core.Reply{}, core.Userf("E-WITHDRAWN", "That paper is withdrawn. %s shows what it was.", c.command("show "+id))
	case !cards.IsNewer(&p, &first):
		return core.Reply{}, core.Userf("E-DUP", "The version that was posted here is the newest that I know. %s shows it to everybody.", c.command("show "+id+" share:yes"))
	}
	planned, err := b.Planner.Repost(c.ctx, c.channel, &p, first)
	if err != nil {
		return core.Reply{}, err
	}
	if !planned {
		return core.Reply{}, core.Userf("E-DUP", "Version %d has come again here, and comes once. %s shows it to everybody.", p.Version, c.command("show "+id+" share:yes"))
	}
	title := cards.Cut(p.Title, 150)
	return core.Reply{
		Card: core.Card{Lines: []say.Text{say.Say("Version %d of _%s_ comes as a message of its own.", p.Version, title)}},
		Line: []say.Text{say.Say("%s posts _%s_ again: version %d is a new paper.", c.mention(), title, p.Version)},
	}, nil
}
