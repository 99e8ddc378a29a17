package chat

import (
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/cite"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// export gives a file: papers in a format of the trade, or the configuration.
func (b *Chat) export(c *call) (core.Reply, error) {
	format := strings.ToLower(strings.TrimSpace(c.Args["format"]))
	if format == "config" {
		if err := b.mayEdit(c); err != nil {
			return core.Reply{}, err
		}
		data, err := b.ExportConfig(c.ctx, c.channel.ID)
		if err != nil {
			return core.Reply{}, err
		}
		return core.Reply{
			Card: core.Card{Lines: []say.Text{say.Say("The topics, mutes, schedule and settings of this channel.")}},
			File: &core.File{Name: "paperboy-config.json", Type: "application/json", Data: data},
		}, nil
	}
	papers, what, err := b.exported(c)
	if err != nil {
		return core.Reply{}, err
	}
	if len(papers) == 0 {
		other := "export " + format + " what:posted since:30d"
		if c.Args["what"] == "posted" {
			other = "export " + format + " what:posted since:90d"
		}
		return core.Reply{}, core.Userf("E-NOTFOUND", "There is nothing to export: there are no papers in %s. Try %s.", what, c.command(other))
	}
	f, err := cite.Export(format, papers, c.today())
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("%s from %s.", cards.Count(len(papers), "paper"), what)}}, File: &f}, nil
}

// exported are the papers asked for, and what they are called.
func (b *Chat) exported(c *call) ([]core.Paper, string, error) {
	from, given, err := c.sinceOr("7d")
	if err != nil {
		return nil, "", err
	}
	switch c.Args["what"] {
	case "posted":
		ids, err := b.Query.PostedSince(c.ctx, c.channel, from)
		if err != nil {
			return nil, "", err
		}
		papers, err := b.Store.Papers(c.ctx, ids)
		return papers, "what was posted here" + since(from), err
	case "club":
		rounds, err := b.Query.Rounds(c.ctx, c.channel)
		if err != nil {
			return nil, "", err
		}
		var ids []core.PaperID
		for _, r := range query.Won(rounds) {
			if !given || !c.channel.Day(r.Ended).Before(from) {
				ids = append(ids, r.Winner)
			}
		}
		if !given {
			from = ""
		}
		papers, err := b.Store.Papers(c.ctx, ids)
		return papers, "what the journal club chose" + since(from), err
	case "top":
		ranked, _, _, err := b.Query.Top(c.ctx, c.channel, from)
		papers := make([]core.Paper, 0, len(ranked))
		for _, h := range ranked {
			if h.Votes > 0 {
				papers = append(papers, h.Paper)
			}
		}
		return papers, "the papers voted for here" + since(from), err
	}
	if !given {
		from = ""
	}
	mine, err := b.Query.Saved(c.ctx, c.user.Key, topic.Topic{}, from, c.loc())
	papers := make([]core.Paper, len(mine))
	for i := range mine {
		papers[i] = mine[i].Paper
	}
	return papers, "your list", err
}

// bibtex gives one entry, to copy and as a file.
func (b *Chat) bibtex(c *call, args []string) (core.Reply, error) {
	p, err := b.paperNamed(c, args[0])
	if err != nil {
		return core.Reply{}, err
	}
	f, err := cite.Export("bibtex", []core.Paper{p}, c.today())
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{Card: core.Card{Block: strings.TrimSpace(string(f.Data))}, File: &f}, nil
}
