package chat

import (
	"errors"
	"strings"

	"paperboy/core"
	"paperboy/core/say"
)

var errNoPage = core.Userf("E-NOTFOUND", "This bot has no page: whoever runs it has to set `[http] listen` and `public_url` first.")

// link shows the address at which people read this channel who are not in it, and
// makes it when it is asked for first; new puts another in its place, off takes it away.
func (b *Chat) link(c *call) (core.Reply, error) {
	if change, ok := strings.CutPrefix(c.Args["change"], "assistant"); ok {
		return b.assistant(c, strings.TrimSpace(change))
	}
	if c.aboutMe() {
		return b.ownLink(c)
	}
	if c.Args["change"] == "off" { // also where there is no page any more
		return b.unlink(c)
	}
	if b.Page == "" {
		return core.Reply{}, errNoPage
	}
	l, err := b.Store.Link(c.ctx, c.channel.ID, core.LinkRead)
	missing := errors.Is(err, core.ErrNotFound)
	if err != nil && !missing {
		return core.Reply{}, err
	}
	var line []say.Text
	if missing || c.Args["change"] == "new" {
		l = core.Link{Channel: c.channel.ID, Purpose: core.LinkRead, Secret: core.NewSecret(), By: c.user.Name, ByKey: c.user.Key, At: c.now}
		if err := b.Store.SetLink(c.ctx, l); err != nil {
			return core.Reply{}, err
		}
		line = []say.Text{say.Say("%s made a secret link to this channel's page: whoever has it can read what is posted here.", c.mention())}
		if !missing {
			line = []say.Text{say.Say("%s made a new secret link to this channel's page; the old one ended.", c.mention())}
		}
	}
	return core.Reply{Card: b.linkCard(c, l), Line: line}, nil
}

// linkCard shows what a link opens.
func (b *Chat) linkCard(c *call, l core.Link) core.Card {
	card := core.Card{Lines: addresses(b.Page, l)}
	card.Lines = append(card.Lines, say.Say("Whoever has it reads this channel's topics, posts and votes in numbers, and changes nothing."))
	card.Context = []say.Text{say.Say("%s puts another in its place, %s ends it; either counts at once.", c.command("link new"), c.command("link off"))}
	card.Buttons = append(c.do("New link", "link new"), c.do("End it", "link off")...)
	return card
}

// addresses are what a link opens, each with what it is for.
func addresses(page string, l core.Link) (lines []say.Text) {
	feeds := "/feeds/" + l.Secret
	for _, of := range []struct{ what, at string }{
		{"The page", "/c/" + l.Secret},
		{"What is posted here, as a feed", feeds + "/posts.atom"},
		{"The day's most voted papers, as a feed", feeds + "/day.atom"},
		{"All feeds, each topic's too, as a list for readers (OPML)", feeds + "/channel.opml"},
	} {
		at := page + of.at
		lines = append(lines, say.Say("*%s*: %s", of.what, say.Link(at, at)))
	}
	return lines
}

// unlink ends the link.
func (b *Chat) unlink(c *call) (core.Reply, error) {
	err := b.Store.RemoveLink(c.ctx, c.channel.ID, core.LinkRead)
	if errors.Is(err, core.ErrNotFound) {
		return core.Reply{}, core.Userf("E-NOTFOUND", "There is no link to this channel's page.")
	}
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{
		Card: core.Card{Lines: []say.Text{say.Say("The link opens nothing any more.")}},
		Line: []say.Text{say.Say("%s ended the link to this channel's page.", c.mention())},
	}, nil
}

// ownLink signs the person in on the page, once. Nobody else is told, and nothing of it
// is shown again: who opens it is them.
func (b *Chat) ownLink(c *call) (core.Reply, error) {
	if b.Page == "" {
		return core.Reply{}, errNoPage
	}
	p := core.Pass{Purpose: core.PassEntry, Secret: core.NewSecret(), User: core.User{Key: c.user.Key, Name: c.user.Name}, Until: c.now.Add(core.EntryTime)}
	if err := b.Store.PutPass(c.ctx, p, c.now); err != nil {
		return core.Reply{}, err
	}
	at := b.Page + "/me/" + p.Secret
	return core.Reply{Card: core.Card{
		Lines: []say.Text{
			say.Say("Open this to see your own list, and the channels that you can read: %s", say.Link(at, at)),
			say.Say("It is for you alone, signs one browser in as you, and ends in %d minutes.", int(core.EntryTime.Minutes())),
		},
	}}, nil
}
