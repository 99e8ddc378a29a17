package chat

import (
	"context"
	"slices"
	"strings"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/verbs"
)

// Press answers a button. Buttons of older versions, and those that nobody
// knows, are answered too: privately, with the command that does the same.
func (b *Chat) Press(ctx context.Context, p core.Press) core.Reply {
	verb, args, ok := cards.Pressed(p.Button)
	if ok && verb == "do" { // a topic may hold a |
		return b.Do(ctx, core.Request{ID: p.ID, Channel: p.Channel, Name: p.Name, User: p.User, Private: p.Private, Text: strings.Join(args, "|")})
	}
	c := b.call(ctx, p.Channel, p.User)
	c.Verb.Name = "button"
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

// presses are the buttons' verbs. Each gets at least one argument, for most of
// them the paper's id.
var presses map[string]func(b *Chat, c *call, args []string) (core.Reply, error)

// questions are those that change nothing.
var questions = []string{"similar", "why", "abstract", "bibtex", "mute", "form"}

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
		"save":     (*Chat).toggleSave,
		"similar":  onPaper("similar"),
		"why":      onPaper("why"),
		"abstract": onPaper("show"),
		"bibtex":   (*Chat).bibtex,
		"notforus": (*Chat).notForUs,
		"up":       (*Chat).voteFor,
		"mute":     (*Chat).muteMenu,
		"unmute":   (*Chat).undoMute,
		"exclude":  (*Chat).exclude,
		"narrow":   (*Chat).narrow,
		"instead":  (*Chat).instead,
		"undo":     (*Chat).undo,
		"catchup":  (*Chat).catchUp,
		"anyway":   (*Chat).postAnyway,
		"done":     (*Chat).markDone,
		"unsave":   (*Chat).removeSaved,
		"forgetme": (*Chat).forgetMe,
	}
}
