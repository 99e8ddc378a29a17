package chat

import (
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/verbs"
)

// helpGroups are what one can do: three groups of four, each an example to tap.
// %s is a word that finds something.
var helpGroups = []struct {
	name  string
	lines [][2]string
}{
	{"Find", [][2]string{
		{"search %s -survey since:7d", "papers with a word, without another"},
		{"today", "what is new for this channel"},
		{"top since:7d", "what was voted for here"},
		{"similar 2509.24002", "papers like one"},
	}},
	{"Follow", [][2]string{
		{"preview %s", "what a topic would bring; nothing is posted"},
		{"subscribe %s", "new papers about it, here"},
		{"schedule 09:00 Europe/Berlin weekdays", "when they come"},
		{"list", "the topics here: edit, hide, stop"},
	}},
	{"Mine", [][2]string{
		{"saved", "my list: Save or 🔖 puts papers there"},
		{"export bibtex", "my list as a file"},
		{"mute 2509.24002", "hide a paper from me; for all: mute survey for:7d"},
		{"status", "is it quiet or is something broken?"},
	}},
}

// help explains everything, or one verb with examples.
func (b *Chat) help(c *call) (core.Reply, error) {
	name := strings.TrimSpace(c.Args["verb"])
	if name == "" {
		card := core.Card{}
		example := b.example(c)
		for _, g := range helpGroups {
			card.Lines = append(card.Lines, say.Say("*%s*", g.name))
			for _, l := range g.lines {
				card.Lines = append(card.Lines, say.Say("%s %s", c.command(strings.ReplaceAll(l[0], "%s", example)), l[1]))
			}
		}
		card.Context = []say.Text{
			say.Say("👍 on a paper is a vote, 🔖 saves it for you, 👎 is not for us."),
			say.Say("A search finds what is meant; quotes, - and | make it exact. What a channel follows matches by its words: a paper that never writes them is missed."),
		}
		card.Buttons = append(c.do("More about searching", "help search"), c.do("Settings", "settings")...)
		return core.Reply{Card: card}, nil
	}
	v, ok := verbs.Named(name)
	if !ok {
		hint := c.command("help")
		if near := verbs.Nearest(name); near != "" {
			hint = c.command("help " + near)
		}
		return core.Reply{}, core.Userf("E-NOTFOUND", "I do not know `%s`. Try %s.", cards.Cut(name, 60), hint)
	}
	card := core.Card{Lines: []say.Text{say.Say("*%s*: %s", v.Name, v.Summary)}}
	switch v.Who {
	case verbs.ForEditor:
		card.Lines[0] = append(card.Lines[0], say.Say(" (for those who may edit this channel)")...)
	case verbs.Self:
		card.Lines[0] = append(card.Lines[0], say.Say(" (only you see it)")...)
	}
	for _, e := range v.Examples {
		card.Lines = append(card.Lines, say.Text{c.command(e)})
	}
	if v.Name == "settings" {
		b.explainSettings(c, &card)
		return core.Reply{Card: card}, nil
	}
	for _, o := range v.Options {
		if o.Kind == verbs.File && !c.network.Named {
			continue
		}
		var values say.Text
		if o.Kind == verbs.Choose {
			values = append(say.Say(": "), cards.Codes(o.Choices)...)
		}
		name := o.Name
		if !o.Rest {
			name += ":"
		}
		card.Lines = append(card.Lines, append(say.Say("`%s` %s", name, o.Summary), values...))
	}
	if v.Name == "search" {
		card.Lines = append(card.Lines,
			say.Say("*Fields*: `title:` `abstract:` `author:\"Jane Doe\"` `cat:cs.CV` `source:hf` `has:code` `min:20`, a paper with 20 upvotes on Hugging Face, `like:2509.24002` or `like:\"your own words\"`, alike in meaning; `@70` behind it asks for more."))
	}
	return core.Reply{Card: card}, nil
}

// explainSettings says what each is for, and what its values mean.
func (b *Chat) explainSettings(c *call, card *core.Card) {
	for _, s := range b.theSettings(c) {
		line := say.Say("`%s:` %s", s.key, s.meaning)
		for _, v := range s.values {
			if v.meaning != "" {
				line = append(line, say.Say(" · `%s` %s", v.value, v.meaning)...)
			}
		}
		card.Lines = append(card.Lines, line)
	}
	card.Context = append(card.Context, say.Say("In a thread nobody can react any more once it is archived, seven days after the last message."))
	card.Buttons = c.do("Change them", "settings")
}
