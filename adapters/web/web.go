// Package web is the playground: a page that behaves like a chat, and behind
// it the same commands, ledger and cards that every platform has.
//
// In: what people type, press and react to in the page, as small JSON posts,
// and the Bot's Posts. Out: core's Requests, Presses and Reactions, and a
// stream of HTML fragments, one a message, to every open window.
//
//	room.go    the chat itself: channels, messages, reactions; in memory; a core.Connection
//	view.go    what one person sees of a message
//	render.go  that view as HTML: a pure function
//	page.go    the page, and the stream of what changes in it
//	http.go    the server, and what the page posts to it
//	static/    the page's style and its script, a file for each concern
//
// It promises what a chat promises: a post with a key that is already there is
// the same message; a private answer leaves the server only for the person it
// is meant for; a post is acknowledged before any work, and the answer comes
// over the stream; a window that was away gets what it missed, or loads anew.
// What one looks at stays where it is: an answer to a button stands under the
// message that it was pressed on, one of a line below everything, and threads
// open and close beside it.
// Strangers' text stays text: it passes html/template and a strict content
// security policy, and nothing in the page asks another server for anything.
//
// There are no accounts: whoever can open the page may call themselves what
// they like, and everybody may manage every channel. That is why it listens on
// the loopback interface, and refuses requests that other pages make or that
// come under another host's name. The room lives as long as the process. A
// browser keeps six connections to a server, so six windows are what one
// browser can have open.
package web

import (
	"context"
	"time"

	"paperboy/core"
	"paperboy/core/say"
)

var (
	_ core.Connection = (*Room)(nil)
	_ core.Finder     = (*Room)(nil)
	_ core.Editor     = (*Room)(nil)
	_ core.VoteReader = (*Room)(nil)
)

// Bot is what the page needs of a core.Handler, and one thing more.
type Bot interface {
	Do(ctx context.Context, r core.Request) core.Reply
	Press(ctx context.Context, p core.Press) core.Reply
	Form(ctx context.Context, p core.Press) (core.Form, bool)
	Check(ctx context.Context, s core.Submission) map[string]say.Text
	Submit(ctx context.Context, s core.Submission) core.Reply
	React(ctx context.Context, r core.Reaction) error
	Complete(ctx context.Context, p core.Partial) []core.Choice
	Joined(ctx context.Context, key core.ChannelKey, name string, private bool) (core.Card, error)
	// About is one line about a channel: what it follows, and when it posts.
	About(ctx context.Context, key core.ChannelKey) say.Text
}

// Demo moves the clock of the playground. Its methods are called by several
// goroutines, and Status often.
type Demo interface {
	// Morning moves the clock to the next due post and returns when it was
	// delivered.
	Morning(ctx context.Context) error
	// Quiet says why a morning brought nothing, with a way on.
	Quiet(ctx context.Context) (say.Text, error)
	// Anew begins with the first day again, in another room. It returns at once.
	Anew()
	// Status is the bot's time, its zone ("Europe/Berlin"), where the papers
	// come from ("recorded days"), and whether the clock can be moved on; if
	// not, why is a sentence for people.
	Status() (now time.Time, zone, source string, canAdvance bool, why string)
}

// network is what core knows of this chat's customs.
var network = core.Network{Name: "web", Command: "/papers", Editors: "members", Threads: true, Limits: core.Limits{Choices: 25, ButtonID: 100, Rows: 5}}

func key(channel string) core.ChannelKey {
	return core.ChannelKey{Platform: network.Name, ID: channel}
}

// person is somebody in the chat. Everybody manages everything here.
func person(name string) core.User {
	return core.User{Key: network.Name + ":" + name, Name: name, Manager: true}
}
