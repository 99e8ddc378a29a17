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
	line   string // the command with quotes; "": nothing else was meant
	papers int    // of that name
}

// meantName looks for a name without quotes in an option that is read as a
// topic. It must be one that the store has.
func (b *Chat) meantName(c *call, option string) (m meant, err error) {
	for _, guess := range topic.NamesMeant(c.Args[option]) {
		if found, err := b.papersOf(c, `author:"`+guess.Name+`"`); err != nil || found > 0 {
			return meant{guess.Name, c.with(option, guess.Text), found}, err
		}
	}
	return meant{}, nil
}

// meantAuthor takes plain words for the name of an author: song han.
func (b *Chat) meantAuthor(c *call, q core.Query, found core.Found) (meant, error) {
	name := strings.Join(strings.Fields(c.Args["query"]), " ")
	guess, papers, err := b.Query.AuthorMeant(c.ctx, q, found, name)
	if err != nil || papers == 0 {
		return meant{}, err
	}
	return meant{name, c.with("query", guess), papers}, nil
}

// meantToKeep is meantName for what stays when it is answered, a topic that is
// followed or hidden: there a name that the store does not have yet is asked about
// too, where nothing is found of what was typed either.
func (b *Chat) meantToKeep(c *call, option string) (meant, error) {
	m, err := b.meantName(c, option)
	if err != nil || m.line != "" {
		return m, err
	}
	guesses := topic.NamesMeant(c.Args[option])
	if len(guesses) == 0 {
		return meant{}, nil
	}
	longest := guesses[0]
	if found, err := b.papersOf(c, "author:"+longest.Name); err != nil || found > 0 {
		return meant{}, err
	}
	return meant{longest.Name, c.with(option, longest.Text), 0}, nil
}

// papersOf counts what matches a guess; one that cannot be read has none.
func (b *Chat) papersOf(c *call, guess string) (int, error) {
	t, err := topic.Parse(guess)
	if err != nil {
		return 0, nil
	}
	found, err := b.Query.Search(c.ctx, core.Query{Topic: t})
	return found.Total, err
}

// with is the command with another value of one of its options.
func (c *call) with(option, value string) string {
	typed := c.Args[option]
	c.Args[option] = value
	defer func() { c.Args[option] = typed }()
	return c.line()
}

// ask puts the question into an answer to what was typed.
func (m *meant) ask(c *call, card *core.Card) {
	if m.line == "" {
		return
	}
	have := "no paper under that name yet"
	if m.papers > 0 {
		have = cards.Count(m.papers, "paper") + " under that name"
	}
	card.Lines = append(card.Lines, say.Say("Did you mean `author:\"%s\"`? I have %s: %s.", m.name, have, c.command(m.line)))
	card.Buttons = append(card.Buttons, c.do("Yes: "+m.name, m.line)...)
}

// before asks before anything is followed or hidden, which is what done says. As
// read, in small letters, the command as does it without a question.
func (m *meant) before(c *call, ts []topic.Topic, as, done, does string) (reply core.Reply) {
	for _, t := range ts {
		reply.Card.Lines = append(reply.Card.Lines, say.Say("I read this as: %s.", t.Reading()))
	}
	m.ask(c, &reply.Card)
	reply.Card.Lines = append(reply.Card.Lines, say.Say("Nothing is %s yet; %s %s it as I read it.", done, c.command(as), does))
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
