package chat

import (
	"cmp"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// save puts a paper on the person's list.
func (b *Chat) save(c *call) (core.Reply, error) {
	p, err := b.paperNamed(c, c.Args["paper"])
	if err != nil {
		return core.Reply{}, err
	}
	if _, err := b.Store.Save(c.ctx, core.Saved{User: c.user.Key, Paper: p.ID, Note: c.Args["note"], At: c.now}); err != nil {
		return core.Reply{}, err
	}
	return b.savedLine(c)
}

// savedLine answers Save.
func (b *Chat) savedLine(c *call) (core.Reply, error) {
	mine, err := b.Store.SavedBy(c.ctx, c.user.Key)
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("Saved. %s in your list · %s", cards.Number(len(mine)), c.command("saved"))}}}, nil
}

// toggleSave is the Save button: on the list, or off it again.
func (b *Chat) toggleSave(c *call, args []string) (core.Reply, error) {
	p, err := b.paperNamed(c, args[0])
	if err != nil {
		return core.Reply{}, err
	}
	removed, err := b.Store.Unsave(c.ctx, c.user.Key, p.ID)
	if err != nil {
		return core.Reply{}, err
	}
	if removed {
		return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("Removed from your list.")}}}, nil
	}
	if _, err := b.Store.Save(c.ctx, core.Saved{User: c.user.Key, Paper: p.ID, At: c.now}); err != nil {
		return core.Reply{}, err
	}
	return b.savedLine(c)
}

// saved shows the person's list.
func (b *Chat) saved(c *call) (core.Reply, error) {
	var t topic.Topic
	var since core.Date
	var err error
	if strings.TrimSpace(c.Args["query"]) != "" {
		if t, err = b.asked(c, "query", topic.ParseSearch); err != nil {
			return core.Reply{}, err
		}
	}
	if s := c.Args["since"]; s != "" {
		if since, err = core.ParseSince(s, c.today()); err != nil {
			return core.Reply{}, err
		}
	}
	papers, err := b.Query.Saved(c.ctx, c.user.Key, t, since, c.loc())
	if err != nil {
		return core.Reply{}, err
	}
	if len(papers) == 0 {
		line := say.Say("Your list is empty. Press *Save* under a paper or react with 🔖.")
		if len(t.Clauses) > 0 || !since.IsZero() {
			line = say.Say("Nothing in your list is like that. %s shows all.", c.command("saved"))
		}
		return core.Reply{Card: core.Card{Lines: []say.Text{line}, Menu: c.privacy()}}, nil
	}
	length := cmp.Or(c.network.Limits.Rows, longPage) // each has a row of buttons
	from, to := c.part(length, len(papers))
	line := say.Say("*%s* in your list", cards.Count(len(papers), "paper"))
	if to-from < len(papers) {
		line = append(line, say.Say(", %s", place(from, to, len(papers)))...)
	}
	card := core.Card{Lines: []say.Text{append(line, say.Say(":")...)}, Menu: c.privacy()}
	for _, mine := range papers[from:to] {
		card.Papers = append(card.Papers, c.listed(&mine))
	}
	if len(papers) > length {
		card.Context = append(card.Context, say.Say("%s has them all.", c.command("export bibtex")))
	}
	c.pages(&card, from, to, length, len(papers))
	return core.Reply{Card: card}, nil
}

// listed is a paper of the person's list.
func (c *call) listed(mine *query.SavedPaper) core.View {
	v, s := cards.Entry(&mine.Paper), mine.Saved
	if s.Note != "" {
		v.Facts = append(v.Facts, "“"+cards.Cut(s.Note, 80)+"”")
	}
	if s.Done { // by a button of an earlier version
		v.Labels = append(v.Labels, "done")
	}
	v.Buttons = []core.Button{c.button("Abstract", "abstract", string(v.ID)), c.button("Remove", "unsave", string(v.ID))}
	v.Open = c.button("", "abstract", string(v.ID)).ID
	return v
}

// privacy is what a person can have done with what is kept about them.
func (c *call) privacy() *core.Menu {
	return &core.Menu{Label: "Privacy", Options: []core.Option{{
		ID: cards.Button("", "forgetme", "ask").ID, Label: "Delete everything about me", Detail: "my list, votes, searches, mutes and mail",
	}}}
}

func (b *Chat) markDone(c *call, args []string) (core.Reply, error) {
	mine, err := b.Store.SavedBy(c.ctx, c.user.Key)
	if err != nil {
		return core.Reply{}, err
	}
	for _, s := range mine {
		if s.Paper == core.PaperID(args[0]) {
			s.Done = !s.Done
			if _, err := b.Store.Save(c.ctx, s); err != nil {
				return core.Reply{}, err
			}
			return b.savedAgain(c)
		}
	}
	return core.Reply{}, core.Userf("E-NOTFOUND", "That paper is not in your list any more.")
}

func (b *Chat) removeSaved(c *call, args []string) (core.Reply, error) {
	if _, err := b.Store.Unsave(c.ctx, c.user.Key, core.PaperID(args[0])); err != nil {
		return core.Reply{}, err
	}
	return b.savedAgain(c)
}

func (b *Chat) savedAgain(c *call) (core.Reply, error) {
	c.Args = map[string]string{}
	reply, err := b.saved(c)
	reply.Edit = err == nil
	return reply, err
}

// forgetMe deletes what is kept about a person, after asking once.
func (b *Chat) forgetMe(c *call, args []string) (core.Reply, error) {
	if args[0] != "yes" {
		return core.Reply{Edit: true, Card: core.Card{
			Lines:   []say.Text{say.Say("Delete your list, your votes, your searches, what you muted for yourself, the mail that you asked for and the keys to Zotero that you gave? This cannot be undone.")},
			Buttons: []core.Button{c.button("Delete everything about me", "forgetme", "yes")},
		}}, nil
	}
	if err := b.Store.ForgetUser(c.ctx, c.user.Key, c.now); err != nil {
		return core.Reply{}, err
	}
	return core.Reply{Edit: true, Card: core.Card{Lines: []say.Text{say.Say("Done. I keep nothing about you any more.")}}}, nil
}
