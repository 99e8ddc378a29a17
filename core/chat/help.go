package chat

import (
	"fmt"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/verbs"
)

// helpScreen fits one screen; %s is the command.
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
func (b *Chat) help(c *call) (core.Reply, error) {
	name := strings.TrimSpace(c.Args["verb"])
	if name == "" {
		return core.Reply{Card: core.Card{Block: fmt.Sprintf(helpScreen, c.network.Command)}}, nil
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
	var block []string
	for _, e := range v.Examples {
		block = append(block, c.network.Command+" "+e)
	}
	card.Block = strings.Join(block, "\n")
	for _, o := range v.Options {
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
	if v.Name == "settings" {
		card.Context = append(card.Context, say.Say("In a thread nobody can react any more once it is archived, seven days after the last message."))
	}
	return core.Reply{Card: card}, nil
}
