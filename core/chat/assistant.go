package chat

import (
	"errors"
	"fmt"

	"paperboy/core"
	"paperboy/core/say"
)

// assistant shows the key with which a program asks about this channel, and what a
// program has to be told; it makes one when it is asked for first. new puts another
// in its place, off takes it away.
func (b *Chat) assistant(c *call, change string) (core.Reply, error) {
	if change == "off" { // also where nobody can ask any more
		return b.noAssistant(c)
	}
	if b.Page == "" {
		return core.Reply{}, core.Userf("E-NOTFOUND", "No assistant reaches this bot: whoever runs it has to set `[http] listen` and `public_url` first.")
	}
	l, err := b.Store.Link(c.ctx, c.channel.ID, core.LinkAssistant)
	missing := errors.Is(err, core.ErrNotFound)
	if err != nil && !missing {
		return core.Reply{}, err
	}
	var line []say.Text
	if missing || change == "new" {
		l = core.Link{Channel: c.channel.ID, Purpose: core.LinkAssistant, Secret: core.NewSecret(), By: c.user.Name, ByKey: c.user.Key, At: c.now}
		if err := b.Store.SetLink(c.ctx, l); err != nil {
			return core.Reply{}, err
		}
		line = []say.Text{say.Say("%s made a key for assistants: a program that has it can read what is posted and voted for here.", c.mention())}
		if !missing {
			line = []say.Text{say.Say("%s made a new key for assistants; the old one ended.", c.mention())}
		}
	}
	return core.Reply{Card: b.assistantCard(c, l), Line: line}, nil
}

// assistantCard shows the key, in the words that programs are told it with.
func (b *Chat) assistantCard(c *call, l core.Link) core.Card {
	at := b.Page + "/mcp"
	card := core.Card{
		Lines: []say.Text{
			say.Say("An assistant that speaks MCP asks at `%s`, with this channel's key. In Claude Code, and as JSON for Cursor and others (VS Code says `servers` for `mcpServers`):", at),
		},
		Block: fmt.Sprintf(`claude mcp add --transport http paperboy %s --header "Authorization: Bearer %s"

{"mcpServers": {"paperboy": {
  "type": "http", "url": "%s",
  "headers": {"Authorization": "Bearer %s"}
}}}`, at, l.Secret, at, l.Secret),
		Context: []say.Text{say.Say("Whoever has the key reads this channel's topics, posts and votes in numbers, and changes nothing. %s puts another in its place, %s ends it; either counts at once.",
			c.command("link assistant new"), c.command("link assistant off"))},
	}
	card.Buttons = append(c.do("New key", "link assistant new"), c.do("End it", "link assistant off")...)
	return card
}

// noAssistant ends the key.
func (b *Chat) noAssistant(c *call) (core.Reply, error) {
	err := b.Store.RemoveLink(c.ctx, c.channel.ID, core.LinkAssistant)
	if errors.Is(err, core.ErrNotFound) {
		return core.Reply{}, core.Userf("E-NOTFOUND", "There is no key for assistants in this channel.")
	}
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{
		Card: core.Card{Lines: []say.Text{say.Say("The key opens nothing any more.")}},
		Line: []say.Text{say.Say("%s ended this channel's key for assistants.", c.mention())},
	}, nil
}
