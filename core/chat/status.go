package core

import (
	"fmt"
	"strings"
	"time"

	"paperboy/core/say"
	"paperboy/core/topic"
)

// status answers: is it quiet or is something broken?
func (b *Bot) status(c *call) (Reply, error) {
	states, err := b.Store.SourceStates(c.ctx)
	if err != nil {
		return Reply{}, err
	}
	card := Card{Title: "Status"}
	if len(states) == 0 {
		card.Lines = append(card.Lines, say.Say("No source has been asked yet."))
	}
	for _, s := range states {
		card.Lines = append(card.Lines, b.sourceLine(c, s))
	}
	for name, err := range b.Connections.Stopped() {
		card.Lines = append(card.Lines, say.Say("*%s* refuses my token and has stopped: %s", name, err.Error()))
	}
	card.Lines = append(card.Lines, b.nextPost(c))
	if !c.channel.Hold.Since.IsZero() {
		card.Lines = append(card.Lines, heldText(&c.channel))
	}
	if !b.hasRoom(c.ctx) {
		card.Lines = append(card.Lines, fullText())
	}
	if !b.plausible(c.now) {
		card.Lines = append(card.Lines, say.Say("My clock says %s, which cannot be. I post nothing until it is right.", c.now.Format("2 Jan 2006")))
	}
	open, err := b.Store.DeliveriesOf(c.ctx, c.channel.ID, noTime, Planned, Sending, Held)
	if err != nil {
		return Reply{}, err
	}
	if len(open) > 0 {
		card.Lines = append(card.Lines, say.Say("%s on the way.", capital(count(len(open), "message"))))
	}
	uncertain, err := b.Store.DeliveriesOf(c.ctx, c.channel.ID, noTime, Uncertain)
	if err != nil {
		return Reply{}, err
	}
	for i, d := range uncertain {
		title := "the header of a post"
		if id, ok := d.Item.Paper(); ok {
			p, err := b.Store.Paper(c.ctx, id)
			if err != nil {
				return Reply{}, err
			}
			title = p.Title
		}
		card.Lines = append(card.Lines, say.Say("*uncertain*: _%s_. I had no answer when I posted it and may not look. If it is not there, post it.", title))
		if i < 5 { // as many as fit a row
			card.Buttons = append(card.Buttons, button("Post it anyway: "+cut(title, 40), "anyway", string(d.Item)))
		}
	}
	n, err := b.Store.CountPapers(c.ctx)
	if err != nil {
		return Reply{}, err
	}
	card.Context = []say.Text{say.Say("%s in the store.", count(n, "paper"))}
	return Reply{Card: card}, nil
}

// sourceLine is a source's line: its word, last success, newest list.
func (b *Bot) sourceLine(c *call, s SourceState) say.Text {
	word := string(s.Word)
	if s.Word == NotAnnounced {
		word = "nothing due"
	}
	t := say.Say("*%s*: %s", SourceTitle(s.Source), word)
	if s.Reason != "" {
		t = append(t, say.Say(" (%s)", s.Reason)...)
	}
	if s.LastSuccess.IsZero() {
		t = append(t, say.Say(" · never answered yet")...)
	} else {
		t = append(t, say.Say(" · last answer %s", clock(s.LastSuccess, c.now, c.loc()))...)
	}
	if !s.Newest.IsZero() {
		t = append(t, say.Say(" · newest list %s", s.Newest.Time(utc).Format("Mon 2 Jan"))...)
	}
	if !s.RetryAt.IsZero() && s.RetryAt.After(c.now) {
		t = append(t, say.Say(" · next try %s", clock(s.RetryAt, c.now, c.loc()))...)
	}
	return t
}

// helpScreen fits one screen (product.md 4.9); %s is the command.
const helpScreen = `%[1]s <words>                search: words are ANDed, | is OR, -word excludes, "exact phrase", diffus*
   fields  title: abstract: author: cat: source: has:code min:20    also since:7d sort:top limit:5
%[1]s subscribe <topic>[, <topic>]   follow in this channel       %[1]s unsubscribe <n>
%[1]s list · preview <topic> · mute <what> for:7d · schedule 09:00 Europe/Berlin weekdays
%[1]s today · top since:7d · show <id> · similar <id> · why <id>
%[1]s save <id> · saved · export bibtex                           %[1]s settings · pause · resume
%[1]s status   is it quiet or is something broken?
Reactions on a post: 👍 vote · 🔖 save for me · 👎 not for us
Matching looks at title and abstract words, not meaning: a paper that never writes the word is missed.`

// help explains everything, or one verb with examples.
func (b *Bot) help(c *call) (Reply, error) {
	name := strings.TrimSpace(c.args["verb"])
	if name == "" {
		return Reply{Card: Card{Block: fmt.Sprintf(helpScreen, c.profile.Command)}}, nil
	}
	v, ok := VerbNamed(name)
	if !ok {
		hint := c.command("help")
		if near := nearestVerb(name); near != "" {
			hint = c.command("help " + near)
		}
		return Reply{}, Userf("E-NOTFOUND", "I do not know `%s`. Try %s.", cut(name, 60), hint)
	}
	card := Card{Lines: []say.Text{say.Say("*%s*: %s", v.Name, v.Summary)}}
	switch v.Who {
	case ForEditor:
		card.Lines[0] = append(card.Lines[0], say.Say(" (for those who may edit this channel)")...)
	case Self:
		card.Lines[0] = append(card.Lines[0], say.Say(" (only you see it)")...)
	}
	var block []string
	for _, e := range v.Examples {
		block = append(block, c.profile.Command+" "+e)
	}
	card.Block = strings.Join(block, "\n")
	for _, o := range v.Options {
		var values say.Text
		if o.Kind == Choose {
			values = append(say.Say(": "), codes(o.Choices)...)
		}
		name := o.Name
		if !o.Rest {
			name += ":"
		}
		card.Lines = append(card.Lines, append(say.Say("`%s` %s", name, o.Summary), values...))
	}
	if v.Name == "settings" {
		card.Context = append(card.Context, say.Say("In a thread nobody can react any more once it is archived, seven days after the last message."))
	}
	return Reply{Card: card}, nil
}

// export gives a file: papers in a format of the trade, or the configuration.
func (b *Bot) export(c *call) (Reply, error) {
	format := strings.ToLower(strings.TrimSpace(c.args["format"]))
	if format == "config" {
		if err := c.mayEdit(); err != nil {
			return Reply{}, err
		}
		data, err := b.ExportConfig(c.ctx, c.channel.ID)
		if err != nil {
			return Reply{}, err
		}
		return Reply{
			Card: Card{Lines: []say.Text{say.Say("The topics, mutes, schedule and settings of this channel.")}},
			File: &File{Name: "paperboy-config.json", Type: "application/json", Data: data},
		}, nil
	}
	papers, what, err := b.exported(c)
	if err != nil {
		return Reply{}, err
	}
	if len(papers) == 0 {
		other := "export " + format + " what:posted since:30d"
		if c.args["what"] == "posted" {
			other = "export " + format + " what:posted since:90d"
		}
		return Reply{}, Userf("E-NOTFOUND", "There is nothing to export: there are no papers in %s. Try %s.", what, c.command(other))
	}
	f, err := Export(format, papers, c.today())
	if err != nil {
		return Reply{}, err
	}
	return Reply{Card: Card{Lines: []say.Text{say.Say("%s from %s.", count(len(papers), "paper"), what)}}, File: &f}, nil
}

// exported are the papers asked for, and what they are called.
func (b *Bot) exported(c *call) ([]Paper, string, error) {
	from, given, err := c.sinceOr("7d")
	if err != nil {
		return nil, "", err
	}
	switch c.args["what"] {
	case "posted":
		ids, err := b.postedSince(c, from)
		if err != nil {
			return nil, "", err
		}
		papers, err := b.Store.Papers(c.ctx, ids)
		return papers, "what was posted here" + since(from), err
	case "top":
		ranked, _, err := b.topPapers(c, from)
		papers := make([]Paper, 0, len(ranked))
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
	papers, _, err := b.savedPapers(c, topic.Topic{}, from)
	return papers, "your list", err
}
