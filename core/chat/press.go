package chat

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/verbs"
)

// Press answers a button. Buttons of older versions, and those that nobody
// knows, are answered too: privately, with the command that does the same.
func (b *Chat) Press(ctx context.Context, p core.Press) core.Reply {
	about, err := b.there(ctx, &p.Channel, &p.User, &p.Button)
	if err != nil {
		return b.errorReply(b.call(ctx, p.Channel, p.User), err)
	}
	if about != 0 {
		p.Name, p.Private = "", false // those of where it stands
	}
	verb, args, ok := cards.Pressed(p.Button)
	if ok && verb == "do" { // a topic may hold a |
		return b.do(ctx, core.Request{ID: p.ID, Channel: p.Channel, Name: p.Name, User: p.User, Private: p.Private, Text: strings.Join(args, "|")}, about)
	}
	c := b.call(ctx, p.Channel, p.User)
	c.about, c.Verb.Name = about, "button"
	do, known := presses[verb]
	if reply := b.begin(c, p.ID, p.Channel, p.Name, p.Private, ok && known && !slices.Contains(questions, verb)); reply != nil {
		return *reply
	}
	return b.answer(c, func() (core.Reply, error) {
		if !ok || !known || len(args) == 0 {
			return core.Reply{}, oldButton(c, "help")
		}
		return do(b, c, args)
	})
}

// elsewhere is the verb of a button that is about another channel than the one
// where it stands: on a person's own page, pb1|in|12|form|schedule sets the time of
// channel 12.
const elsewhere = "in"

// there puts the channel that a button names in the place of the one where it was
// pressed, and takes its name off the button. An id may have been made up: the
// channel has to be of the same installation, and one that the person can read
// there; whether it exists is nobody else's business. What the platform said of
// their rights was said of the place where they pressed.
func (b *Chat) there(ctx context.Context, key *core.ChannelKey, user *core.User, button *string) (about int64, err error) {
	verb, args, ok := cards.Pressed(*button)
	if !ok || verb != elsewhere {
		return 0, nil
	}
	no := core.Userf("E-NOTFOUND", "That is about a channel that you cannot read, or that I am not in any more.")
	if len(args) < 2 || args[1] == elsewhere {
		return 0, no
	}
	id, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return 0, no
	}
	ch, err := b.Store.ChannelByID(ctx, id)
	if err != nil || !ch.Gone.IsZero() || ch.Key.Installation() != key.Installation() {
		return 0, no
	}
	if can, _ := b.Connections.Readable(ctx, []core.Channel{ch}, *user); len(can) == 0 {
		return 0, no
	}
	if *key != ch.Key {
		user.Manager = false
	}
	*key, *button = ch.Key, cards.Button("", args[1:]...).ID
	return id, nil
}

// presses are the buttons' verbs. Each gets at least one argument, for most of
// them the paper's id.
var presses map[string]func(b *Chat, c *call, args []string) (core.Reply, error)

// questions are those that change nothing.
var questions = []string{"similar", "why", "abstract", "bibtex", "mute", "more", "form", "page", "topic", "setting", "because", "interest", "ics"}

func init() {
	onPaper := func(verb string) func(*Chat, *call, []string) (core.Reply, error) {
		return func(b *Chat, c *call, args []string) (core.Reply, error) {
			c.Verb, _ = verbs.Named(verb)
			c.Args = map[string]string{"paper": args[0]}
			return b.does(c)
		}
	}
	presses = map[string]func(*Chat, *call, []string) (core.Reply, error){
		"form":     (*Chat).unfilled,
		"page":     (*Chat).turn,
		"topic":    (*Chat).oneTopic,
		"setting":  (*Chat).oneSetting,
		"save":     (*Chat).toggleSave,
		"similar":  onPaper("similar"),
		"why":      onPaper("why"),
		"abstract": onPaper("show"),
		"bibtex":   (*Chat).bibtex,
		"more":     (*Chat).more,
		"notforus": (*Chat).notForUs,
		"up":       (*Chat).voteFor,
		"ballot":   (*Chat).choose,
		"ics":      (*Chat).calendarOf,
		"mute":     (*Chat).muteMenu,
		"unmute":   (*Chat).undoMute,
		"because":  (*Chat).because,
		"exclude":  (*Chat).exclude,
		"narrow":   (*Chat).narrow,
		"instead":  (*Chat).instead,
		"widen":    (*Chat).widen,
		"letgo":    (*Chat).insist,
		"undo":     (*Chat).undo,
		"catchup":  (*Chat).catchUp,
		"sample":   (*Chat).sample,
		"anyway":   (*Chat).postAnyway,
		"resend":   (*Chat).mailAnyway,
		"interest": (*Chat).oneInterest,
		"seeds":    (*Chat).useAsTaste,
		"done":     (*Chat).markDone,
		"unsave":   (*Chat).removeSaved,
		"forgetme": (*Chat).forgetMe,
	}
}

// more is what a paper's message has no room for.
func (b *Chat) more(c *call, args []string) (core.Reply, error) {
	p, err := b.paperNamed(c, args[0])
	if err != nil {
		return core.Reply{}, err
	}
	return core.Reply{Card: cards.Rest(&p)}, nil
}
