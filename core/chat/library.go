package chat

import (
	"context"
	"strconv"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/say"
)

// Librarian is the reference manager that papers can go into.
type Librarian interface {
	Network() core.Network
	// Library is what a key lets us write into: its owner's own library where group
	// is "", else that group's, and there the collection of that name, "": none. What
	// whoever typed it can mend is a *core.UserError, which has no key in it.
	Library(ctx context.Context, key, group, collection string) (core.Library, error)
}

// A shelf is a library and its channel.
type shelf struct {
	core.Library
	ch core.Channel
}

// shelves are the libraries that this channel's posts go into, and the person's own.
func (b *Chat) shelves(c *call) (out []shelf, err error) {
	ls, err := b.Store.Libraries(c.ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range ls {
		ch, err := b.Store.ChannelByID(c.ctx, l.Channel)
		if err != nil {
			return nil, err
		}
		if s := (shelf{l, ch}); s.isOf(c, l.What) {
			out = append(out, s)
		}
	}
	return out, nil
}

// isOf: it takes this channel's posts, or what the person saves.
func (s *shelf) isOf(c *call, what core.Shelved) bool {
	own := s.ch.Owner != "" && s.ch.Owner == c.user.Key
	return s.What == what && (what == core.ShelvePosts && s.ch.Follows == c.channel.ID || what == core.ShelveSaves && own)
}

// title says which library it is, and what goes there.
func (s *shelf) title() say.Text {
	t := say.Say("what you save goes into _%s_", s.Name)
	if s.What == core.ShelvePosts {
		t = say.Say("what is posted here goes into _%s_", s.Name)
		if s.Least > 0 {
			t = append(t, say.Say(", from %s on", cards.Count(s.Least, "vote"))...)
		}
	}
	return t
}

// waits says why nothing goes there at the moment; nil: something does.
func (s *shelf) waits() say.Text {
	if s.ch.Hold.Since.IsZero() {
		return nil
	}
	return say.Say("*%s waits*: %s", s.Name, s.ch.Hold.Reason)
}

// heldLibraries are those that wait.
func (b *Chat) heldLibraries(c *call) (lines []say.Text, err error) {
	shelves, err := b.shelves(c)
	for _, s := range shelves {
		if why := s.waits(); why != nil {
			c.own = c.own || s.What == core.ShelveSaves
			lines = append(lines, why)
		}
	}
	return lines, err
}

// zotero is where papers go for good: how that stands, or its end. What it needs, a
// key, is asked for by a form alone, so that it stands in no channel.
func (b *Chat) zotero(c *call) (core.Reply, error) {
	switch strings.Join(strings.Fields(strings.ToLower(c.Args["change"])), " ") {
	case "", "status":
		return b.libraryStands(c)
	case "off":
		return b.noLibrary(c, core.ShelvePosts)
	case "mine off", "off mine":
		return b.noLibrary(c, core.ShelveSaves)
	}
	return core.Reply{}, core.Userf("E-PARSE", "Say %s, and I ask for what I need: a key is a secret, and belongs into no message. %s and %s end it.", // what was typed, a key perhaps, is not said again
		c.command("zotero"), c.command("zotero off"), c.command("zotero mine off"))
}

func (b *Chat) libraryStands(c *call) (core.Reply, error) {
	if b.Librarian == nil {
		return core.Reply{}, noLibrarian
	}
	shelves, err := b.shelves(c)
	if err != nil {
		return core.Reply{}, err
	}
	card := core.Card{Title: "Zotero"}
	posts, mine := "Send this channel's posts", "Send what I save"
	var ends []core.Button
	for _, s := range shelves {
		card.Lines = append(card.Lines, append(say.Say("• "), s.title()...))
		if why := s.waits(); why != nil {
			card.Lines = append(card.Lines, why)
		}
		if s.What == core.ShelvePosts {
			posts = "Change this channel's"
			if b.mayEdit(c) == nil {
				ends = append(ends, c.do("End this channel's", "zotero off")...)
			}
		} else {
			mine = "Change mine"
			ends = append(ends, c.do("End mine", "zotero mine off")...)
		}
	}
	if len(shelves) == 0 {
		card.Lines = append(card.Lines, say.Say("No paper goes from here into a library of Zotero yet. You need a key that may write: %s.", say.Link("make one", "https://www.zotero.org/settings/keys/new")))
	}
	if b.mayEdit(c) == nil {
		card.Buttons = append(card.Buttons, c.button(posts, "form", "zotero"))
	}
	card.Buttons = append(append(card.Buttons, c.button(mine, "form", "zotero-mine")), ends...)
	card.Context = []say.Text{say.Say("A paper goes there once, from now on. I change nothing that is in a library, and show your key to nobody; what I keep of you, the key included, goes with *Delete everything about me*.")}
	return core.Reply{Card: card}, nil
}

var noLibrarian = core.Userf("E-OFF", "Papers cannot go into Zotero from here: this bot has no way there.")

// noLibrary ends it, and forgets the key.
func (b *Chat) noLibrary(c *call, what core.Shelved) (core.Reply, error) {
	if what == core.ShelvePosts {
		if err := b.mayEdit(c); err != nil {
			return core.Reply{}, err
		}
	}
	shelves, err := b.shelves(c)
	if err != nil {
		return core.Reply{}, err
	}
	ended := false
	for _, s := range shelves {
		if s.What == what {
			if err := b.Store.DropChannel(c.ctx, s.Channel); err != nil {
				return core.Reply{}, err
			}
			ended = true
		}
	}
	if !ended {
		return core.Reply{}, core.Userf("E-NOTFOUND", "Nothing goes from here into Zotero. %s shows how it stands.", c.command("zotero"))
	}
	reply := core.Reply{Card: core.Card{Lines: []say.Text{say.Say("Nothing goes there any more, and the key is forgotten. What is in the library stays.")}}}
	if what == core.ShelvePosts {
		reply.Line = []say.Text{say.Say("%s ended what goes from here into Zotero.", c.mention())}
	}
	return reply, nil
}

// zoteroForm asks for what a library needs.
func (b *Chat) zoteroForm(c *call, _ []string) (core.Form, error) {
	return b.libraryForm("This channel in Zotero", core.Field{Name: "votes", Label: "Votes that a paper needs here", Hint: "empty: all that is posted goes there", Kind: core.FieldText, Optional: true, Max: 3})
}

func (b *Chat) zoteroMineForm(*call, []string) (core.Form, error) {
	return b.libraryForm("My list in Zotero")
}

func (b *Chat) libraryForm(title string, more ...core.Field) (core.Form, error) {
	if b.Librarian == nil {
		return core.Form{}, noLibrarian
	}
	return core.Form{Title: title, Submit: "Set up",
		Lines: []say.Text{say.Say("Zotero makes keys at %s. It has to be one that may write.", say.Link("zotero.org/settings/keys/new", "https://www.zotero.org/settings/keys/new"))},
		Fields: append([]core.Field{
			{Name: "key", Label: "Key", Hint: "of 24 letters and digits, from zotero.org/settings/keys; it may write", Kind: core.FieldText, Max: 100},
			{Name: "group", Label: "Group", Hint: "its number or address; empty: your own library", Kind: core.FieldText, Optional: true, Max: 200},
			{Name: "collection", Label: "Collection", Hint: "its name, which has to be there; empty: none", Kind: core.FieldText, Optional: true, Max: 200},
		}, more...)}, nil
}

// checkLibrary says what is wrong with what was filled in, without asking Zotero.
func checkLibrary(values map[string]string) map[string]say.Text {
	wrong := map[string]say.Text{}
	if strings.TrimSpace(values["key"]) == "" {
		wrong["key"] = say.Say("Nothing is written here yet: a key from zotero.org/settings/keys.")
	}
	if _, err := leastVotes(values); err != nil {
		wrong["votes"], _ = userMessage(err)
	}
	return wrong
}

func leastVotes(values map[string]string) (int, error) {
	typed := strings.TrimSpace(values["votes"])
	if typed == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 0 || n > 100 {
		return 0, core.Userf("E-PARSE", "`%s` is no number of votes. Write one from 0 to 100.", cards.Cut(typed, 20))
	}
	return n, nil
}

// setLibrary keeps a library, once its key was checked. The same library goes on where
// it was, with what waits for it.
func (b *Chat) setLibrary(c *call, what core.Shelved, values map[string]string) (core.Reply, error) {
	if b.Librarian == nil {
		return core.Reply{}, noLibrarian
	}
	if what == core.ShelvePosts {
		if err := b.mayEdit(c); err != nil {
			return core.Reply{}, err
		}
	}
	least, err := leastVotes(values)
	if err != nil {
		return core.Reply{}, err
	}
	l, err := b.Librarian.Library(c.ctx, values["key"], values["group"], values["collection"])
	if err != nil {
		return core.Reply{}, err
	}
	l.What, l.Least, l.At = what, least, c.now
	old, err := b.shelves(c)
	if err != nil {
		return core.Reply{}, err
	}
	var others []int64 // whose place it takes
	for _, s := range old {
		switch {
		case s.What != what:
		case s.Path == l.Path && l.Channel == 0:
			l.Channel, l.At = s.Channel, s.At
		default:
			others = append(others, s.Channel)
		}
	}
	if l.Channel == 0 {
		ch, err := b.Store.EnsureChannel(c.ctx, core.Channel{Key: core.ChannelKey{Platform: b.Librarian.Network().Name, ID: core.NewSecret()},
			Name: l.Name, Settings: core.DefaultSettings(), Created: c.now, Private: true, Follows: c.channel.ID, Owner: c.user.Key, SetUpBy: c.user.Name})
		if err != nil {
			return core.Reply{}, err
		}
		l.Channel = ch.ID
	} else if _, err := b.Store.UpdateChannel(c.ctx, l.Channel, func(ch *core.Channel) {
		ch.Name, ch.Owner, ch.SetUpBy = l.Name, c.user.Key, c.user.Name
		if !ch.Hold.Since.IsZero() {
			ch.Hold.NextTry = c.now
		}
	}); err != nil {
		return core.Reply{}, err
	}
	if err := b.Store.SetLibrary(c.ctx, l); err != nil {
		return core.Reply{}, err
	}
	for _, other := range others {
		if err := b.Store.DropChannel(c.ctx, other); err != nil {
			return core.Reply{}, err
		}
	}
	b.Wake()
	s := shelf{Library: l}
	reply := core.Reply{Card: core.Card{Lines: []say.Text{say.Join("", say.Say("From now on "), s.title(), say.Say(".")), say.Say("%s shows how it stands, and ends it.", c.command("zotero"))}}}
	if what == core.ShelvePosts {
		reply.Line = []say.Text{say.Say("%s has what is posted here put into a library of Zotero.", c.mention())}
	}
	return reply, nil
}
