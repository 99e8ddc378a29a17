package web

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/core/cards"
)

// view is a message as one person sees it.
type view struct {
	ID      int64
	Thread  int64  // the message whose thread it is in; 0: in the channel
	Under   int64  // the message it stands under, as an answer to one of its buttons; 0: in its turn
	Name    string // what tells it from others when it is read out
	Author  string
	Initial string
	Hue     int // which of the avatars' colours
	Bot     bool
	Paper   bool // a paper's own message, with votes that count
	Own     bool // the viewer's, or the answer to something the viewer asked
	Private bool
	Answer  bool   // to what somebody asked
	Asked   string // what was typed or pressed to get it; "" where that can be read above
	Asker   string // by whom, where the author does not say it
	Command bool   // Asked was typed
	About   string // the title of the paper whose button was pressed
	Pending bool
	Text    string
	Card    core.Card
	File    *fileView
	Chips   []chip
	More    []chip // the emoji nobody has used yet and that are not always shown
	Folded  bool   // only its title is shown, until somebody wants to see more
	Inside  string // "2 in thread": the bot has begun its thread; else …
	Reply   string // … "Reply", "2 replies": what its own thread is called; "" where neither can be
	Replies int    // so many
	Named   string // the thread's name
	Day     string // "Wednesday 10 December"
	Clock   string // "09:00"
	At      string // RFC 3339
}

type chip struct {
	Emoji string
	Count int
	Mine  bool
	Names string
	Label string // as it is read out
}

type fileView struct {
	Name, Href, Size string
	Alt              string // of a picture
}

type channelView struct {
	Name   string
	Open   bool
	Unread int
}

// hues is the number of colours style.css has for people.
const hues = 6

// see makes the view of m for one person, with times in zone.
func see(m *message, user string, zone *time.Location) view {
	at := m.at.In(zone)
	v := view{
		ID: m.id, Thread: m.parent, Under: m.under, Author: m.author, Bot: m.author == botName, Own: m.author == user,
		Private: m.to != "", Answer: m.ask != "", Asked: m.ask, Command: m.source == "", About: m.about, Pending: m.pending,
		Text: m.text, Card: m.card, Named: m.thread,
		Day: at.Format("Monday 2 January 2006"), Clock: at.Format("15:04"), At: at.Format(time.RFC3339),
	}
	if m.aloud {
		v.Asked = ""
	}
	if m.under != 0 { // the title stands above
		v.About = ""
	}
	if v.Answer && !v.Private { // an answer for everybody is the bot's
		v.Asker, v.Author, v.Bot = m.author, botName, true
	}
	v.Name = cards.Cut(name(v), 120)
	first, _ := utf8.DecodeRuneInString(v.Author)
	v.Initial = strings.ToUpper(string(first))
	h := fnv.New32a()
	h.Write([]byte(m.author))
	v.Hue = int((h.Sum32() >> 18) % hues)
	if m.file != nil {
		v.File = &fileView{Name: m.file.Name, Href: "/files/" + m.file.token, Size: size(len(m.file.Data)), Alt: m.file.Alt}
	}
	if v.Private {
		return v
	}
	v.Folded = len(m.card.Papers) == 1 && m.card.Title == "" && m.card.Papers[0].Folded
	v.Paper = m.key != "" && len(m.card.Papers) == 1 && m.card.Title == ""
	for i, e := range emoji {
		people := slices.Sorted(maps.Keys(m.reactions[e]))
		_, mine := m.reactions[e][user]
		c := chip{Emoji: e, Count: len(people), Mine: mine, Names: names(people), Label: label(e, len(people), mine)}
		switch {
		case c.Count > 0 || v.Paper && i < 2: // for 👎 there is a button already
			v.Chips = append(v.Chips, c)
		case v.Paper:
			v.More = append(v.More, c)
		}
	}
	switch v.Replies = m.replies; {
	case m.parent != 0:
	case m.replies > 0 && m.thread != "":
		v.Inside = fmt.Sprintf("%d in thread", m.replies)
	case m.replies == 1:
		v.Reply = "1 reply"
	case m.replies > 1:
		v.Reply = fmt.Sprintf("%d replies", m.replies)
	default:
		v.Reply = "Reply"
	}
	return v
}

// name is what a message is called: a paper's by its title.
func name(v view) string {
	switch c := v.Card; {
	case len(c.Papers) == 1 && !v.Answer:
		return c.Papers[0].Title
	case v.Asked != "":
		return "Answer to " + v.Asked
	case c.Title != "":
		return c.Title
	}
	return v.Author + ", " + v.Clock
}

// unused says what an emoji means that nobody has put there.
var unused = map[string]string{
	"👍": "Vote for this paper, no votes yet", "🔖": "Save this paper for me, nobody has yet", "👎": "Not for us, nobody has said so yet",
	"❤️": "Vote for this paper with a heart", "🔥": "Vote for this paper with a fire",
}

func label(emoji string, count int, mine bool) string {
	switch {
	case count == 0:
		return unused[emoji]
	case mine:
		return fmt.Sprintf("%s %d, you reacted", emoji, count)
	}
	return fmt.Sprintf("%s %d", emoji, count)
}

// names lists people, the first twenty by name.
func names(people []string) string {
	if n := len(people) - 20; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(people[:20], ", "), n)
	}
	return strings.Join(people, ", ")
}

func size(n int) string {
	if n < 1000 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f kB", float64(n)/1000)
}
