package core

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"paperboy/core/say"
)

// Press answers a button. Buttons of older versions, and those that nobody
// knows, are answered too: privately, with the command that does the same.
func (b *Bot) Press(ctx context.Context, p Press) Reply {
	c, reply := b.begin(ctx, p.ID, p.Channel, p.Name, p.User)
	if reply != nil {
		return *reply
	}
	c.verb.Name = "button"
	return b.answer(c, func() (Reply, error) {
		parts := strings.Split(p.Button, "|")
		if len(parts) < 2 || parts[0] != buttonVersion {
			return Reply{}, oldButton(c, "help")
		}
		verb, args := parts[1], parts[2:]
		if verb == "do" {
			c.text = strings.Join(args, "|") // a topic may hold a |
			return b.Do(ctx, Request{Channel: p.Channel, Name: p.Name, User: p.User, Text: c.text}), nil
		}
		do, ok := presses[verb]
		if !ok || len(args) == 0 {
			return Reply{}, oldButton(c, "help")
		}
		return do(b, c, args, p.Message)
	})
}

// presses are the buttons' verbs. Each gets at least one argument, for most of
// them the paper's id.
var presses map[string]func(b *Bot, c *call, args []string, message string) (Reply, error)

func init() {
	onPaper := func(verb string) func(*Bot, *call, []string, string) (Reply, error) {
		return func(b *Bot, c *call, args []string, _ string) (Reply, error) {
			c.verb, _ = VerbNamed(verb)
			c.args = map[string]string{"paper": args[0]}
			return c.verb.do(b, c)
		}
	}
	plain := func(f func(*Bot, *call, []string) (Reply, error)) func(*Bot, *call, []string, string) (Reply, error) {
		return func(b *Bot, c *call, args []string, _ string) (Reply, error) { return f(b, c, args) }
	}
	presses = map[string]func(*Bot, *call, []string, string) (Reply, error){
		"save":     plain(func(b *Bot, c *call, args []string) (Reply, error) { return b.toggleSave(c, PaperID(args[0])) }),
		"similar":  onPaper("similar"),
		"why":      onPaper("why"),
		"abstract": onPaper("show"),
		"bibtex":   plain((*Bot).bibtex),
		"notforus": (*Bot).notForUs,
		"up":       (*Bot).voteButton,
		"mute":     plain((*Bot).muteMenu),
		"unmute":   plain((*Bot).undoMute),
		"exclude":  plain((*Bot).exclude),
		"undo":     plain((*Bot).undo),
		"catchup":  plain((*Bot).catchUp),
		"anyway":   plain((*Bot).postAnyway),
		"done":     plain((*Bot).markDone),
		"unsave":   plain((*Bot).removeSaved),
		"forgetme": plain((*Bot).forgetMe),
	}
}

// bibtex gives one entry, to copy and as a file.
func (b *Bot) bibtex(c *call, args []string) (Reply, error) {
	p, err := b.paperNamed(c, args[0])
	if err != nil {
		return Reply{}, err
	}
	f, err := Export("bibtex", []Paper{p}, c.today())
	if err != nil {
		return Reply{}, err
	}
	return Reply{Card: Card{Block: strings.TrimSpace(string(f.Data))}, File: &f}, nil
}

func (b *Bot) undoMute(c *call, args []string) (Reply, error) {
	id, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return Reply{}, oldButton(c, "list")
	}
	mutes, err := b.Store.Mutes(c.ctx, c.channel.ID, c.user.Key, c.now)
	if err != nil {
		return Reply{}, err
	}
	for _, m := range mutes {
		if m.ID == id {
			reply, err := b.endMute(c, m)
			reply.Edit = err == nil
			return reply, err
		}
	}
	return Reply{}, Userf("E-NOTFOUND", "That is not muted any more. %s shows what is.", c.command("list"))
}

func (b *Bot) markDone(c *call, args []string) (Reply, error) {
	mine, err := b.Store.SavedBy(c.ctx, c.user.Key)
	if err != nil {
		return Reply{}, err
	}
	for _, s := range mine {
		if s.Paper == PaperID(args[0]) {
			s.Done = !s.Done
			if _, err := b.Store.Save(c.ctx, s); err != nil {
				return Reply{}, err
			}
			return b.savedAgain(c)
		}
	}
	return Reply{}, Userf("E-NOTFOUND", "That paper is not in your list any more.")
}

func (b *Bot) removeSaved(c *call, args []string) (Reply, error) {
	if _, err := b.Store.Unsave(c.ctx, c.user.Key, PaperID(args[0])); err != nil {
		return Reply{}, err
	}
	return b.savedAgain(c)
}

func (b *Bot) savedAgain(c *call) (Reply, error) {
	c.args = map[string]string{}
	reply, err := b.saved(c)
	reply.Edit = err == nil
	return reply, err
}

// forgetMe deletes what is kept about a person, after asking once.
func (b *Bot) forgetMe(c *call, args []string) (Reply, error) {
	if args[0] != "yes" {
		return Reply{Edit: true, Card: Card{
			Lines:   []say.Text{say.Say("Delete your list, your votes and what you muted for yourself? This cannot be undone.")},
			Buttons: []Button{button("Delete everything about me", "forgetme", "yes")},
		}}, nil
	}
	if err := b.Store.ForgetUser(c.ctx, c.user.Key); err != nil {
		return Reply{}, err
	}
	return Reply{Edit: true, Card: Card{Lines: []say.Text{say.Say("Done. I keep nothing about you any more.")}}}, nil
}

// catchUp posts what a pause had kept back, in one post.
func (b *Bot) catchUp(c *call, args []string) (Reply, error) {
	from, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return Reply{}, oldButton(c, "today")
	}
	if err := c.mayEdit(); err != nil {
		return Reply{}, err
	}
	ch := c.channel
	ch.Planned = Seq(from)
	pool, err := b.eligible(c.ctx, []Channel{ch}, c.now)
	if err != nil {
		return Reply{}, err
	}
	n := len(pool.of[ch.ID])
	if n == 0 {
		return Reply{Edit: true, Card: Card{Lines: []say.Text{say.Say("Nothing is left to catch up with.")}}}, nil
	}
	if err := b.planPost(c.ctx, due{channel: ch, at: c.now, missed: 1}, CatchUp, pool, c.now); err != nil {
		return Reply{}, err
	}
	b.poke()
	return Reply{Edit: true, Card: Card{Lines: []say.Text{say.Say("On its way: one post with %s.", count(n, "paper"))}}}, nil
}

// postAnyway sends a message again of which nobody knows whether it is there.
// Only a person may decide that.
func (b *Bot) postAnyway(c *call, args []string) (Reply, error) {
	if err := c.mayEdit(); err != nil {
		return Reply{}, err
	}
	d, err := b.Store.Delivery(c.ctx, c.channel.ID, Item(strings.Join(args, "|")))
	if errors.Is(err, ErrNotFound) || err == nil && d.State != Uncertain {
		return Reply{}, Userf("E-NOTFOUND", "That one is not uncertain any more. %s shows what is.", c.command("status"))
	}
	if err != nil {
		return Reply{}, err
	}
	d.State, d.Reason = Planned, ""
	if err := b.Store.SaveDelivery(c.ctx, d, c.now); err != nil {
		return Reply{}, err
	}
	b.poke()
	return Reply{Edit: true, Card: Card{Lines: []say.Text{say.Say("Posting it.")}}}, nil
}
