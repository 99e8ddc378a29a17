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
)

// view is a message as one person sees it.
type view struct {
	ID      int64
	Thread  int64 // the message whose thread it is in; 0: in the channel
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
	Replies string // "2 in thread", "1 reply", "Reply"; "" where no thread can be
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
}

type fileView struct {
	Name, Href, Size string
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
		ID: m.id, Thread: m.parent, Author: m.author, Bot: m.author == botName, Own: m.author == user,
		Private: m.to != "", Answer: m.ask != "", Asked: m.ask, Command: m.source == "", About: m.about, Pending: m.pending,
		Text: m.text, Card: m.card, Named: m.thread,
		Day: at.Format("Monday 2 January 2006"), Clock: at.Format("15:04"), At: at.Format(time.RFC3339),
	}
	if m.aloud {
		v.Asked = ""
	}
	if v.Answer && !v.Private { // an answer for everybody is the bot's
		v.Asker, v.Author, v.Bot = m.author, botName, true
	}
	first, _ := utf8.DecodeRuneInString(v.Author)
	v.Initial = strings.ToUpper(string(first))
	h := fnv.New32a()
	h.Write([]byte(m.author))
	v.Hue = int(h.Sum32() % hues)
	if m.file != nil {
		v.File = &fileView{Name: m.file.Name, Href: "/files/" + m.file.token, Size: size(len(m.file.Data))}
	}
	if v.Private {
		return v
	}
	v.Paper = m.key != "" && len(m.card.Papers) == 1 && m.card.Title == ""
	for i, e := range emoji {
		people := slices.Sorted(maps.Keys(m.reactions[e]))
		_, mine := m.reactions[e][user]
		c := chip{Emoji: e, Count: len(people), Mine: mine, Names: names(people)}
		switch {
		case c.Count > 0 || v.Paper && i < 3: // 👍 🔖 👎 are the ones that mean something
			v.Chips = append(v.Chips, c)
		case v.Paper:
			v.More = append(v.More, c)
		}
	}
	switch {
	case m.parent != 0:
	case m.replies > 0 && m.thread != "":
		v.Replies = fmt.Sprintf("%d in thread", m.replies)
	case m.replies == 1:
		v.Replies = "1 reply"
	case m.replies > 1:
		v.Replies = fmt.Sprintf("%d replies", m.replies)
	default:
		v.Replies = "Reply"
	}
	return v
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
