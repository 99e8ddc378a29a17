package chat

import (
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// meant is a name whose quotes somebody left out: typed author:Song Han, which
// is the author Song and the word han.
type meant struct {
	name   string
	line   string // the command with quotes
	papers int    // of that name; 0: nothing else was meant
}

// meantName looks for a name without quotes in an option that is read as a
// topic. It must be one that the store has.
func (b *Chat) meantName(c *call, option string) (m meant, err error) {
	for _, guess := range topic.NamesMeant(c.Args[option]) {
		t, err := topic.Parse(`author:"` + guess.Name + `"`)
		if err != nil {
			continue
		}
		found, err := b.Query.Search(c.ctx, core.Query{Topic: t})
		if err != nil {
			return meant{}, err
		}
		if found.Total > 0 {
			typed := c.Args[option]
			c.Args[option] = guess.Text
			m = meant{guess.Name, c.line(), found.Total}
			c.Args[option] = typed
			return m, nil
		}
	}
	return meant{}, nil
}

// ask puts the question into an answer to what was typed.
func (m *meant) ask(c *call, card *core.Card) {
	if m.papers == 0 {
		return
	}
	card.Lines = append(card.Lines, say.Say("Did you mean `author:\"%s\"`? I have %s under that name: %s.",
		m.name, cards.Count(m.papers, "paper"), c.command(m.line)))
	card.Buttons = append(card.Buttons, c.do("Yes: "+m.name, m.line)...)
}

// before asks before anything is followed. As read, in small letters, the
// topics are followed without a question.
func (m *meant) before(c *call, ts []topic.Topic) (reply core.Reply) {
	if m.papers == 0 {
		return reply
	}
	var read []string
	for _, t := range ts {
		reply.Card.Lines = append(reply.Card.Lines, say.Say("I read this as: %s.", t.Reading()))
		read = append(read, t.String())
	}
	m.ask(c, &reply.Card)
	as := "subscribe " + strings.Join(read, ", ")
	reply.Card.Lines = append(reply.Card.Lines, say.Say("Nothing is followed yet; %s follows it as I read it.", c.command(as)))
	reply.Card.Buttons = append(reply.Card.Buttons, c.do("No, as read", as)...)
	return reply
}

// namesakes says under which names the store has a person's family name, when
// nothing was found of the person.
func (b *Chat) namesakes(c *call, t topic.Topic, card *core.Card) error {
	for _, clause := range t.Clauses {
		for _, term := range clause {
			if term.Field != topic.Author || term.Not || len(term.Words) < 2 {
				continue
			}
			found, err := b.Query.Search(c.ctx, core.Query{Topic: topic.Topic{Clauses: []topic.Clause{{term}}}})
			if err != nil || found.Total > 0 {
				return err
			}
			like, err := b.Query.Namesakes(c.ctx, term, 3)
			if err != nil || len(like) == 0 {
				return err
			}
			for i, name := range like {
				like[i] = `author:"` + name + `"`
			}
			card.Lines = append(card.Lines, say.Join("", say.Say("Nobody here is called so. I have "), cards.Codes(like), say.Say(".")))
			return nil
		}
	}
	return nil
}
