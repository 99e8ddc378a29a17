package core

import (
	"context"
	"log/slog"
	"time"
)

// Request is something a person typed or chose.
type Request struct {
	ID      string // the platform's, so that repeats are recognised; may be empty
	Channel ChannelKey
	Name    string // of the channel, "#ml"; may be empty
	User    User
	Text    string            // as typed after the command: "subscribe diffusion"
	Verb    string            // instead of Text, where the platform has options …
	Args    map[string]string // … by Option.Name
	Paper   PaperID           // implied: the request was made on this paper's message
}

// Press is a button that was pressed.
type Press struct {
	ID      string
	Channel ChannelKey
	Name    string
	User    User
	Button  string // Button.ID
	Message string // MessageRef.ID of the message it stands on; may be empty
}

// Partial is a command being typed, for completion.
type Partial struct {
	Channel ChannelKey
	User    User
	Text    string // as typed so far after the command, where it is free text
	Verb    string // or the verb and option in focus, with what is typed of it
	Option  string
	Value   string
}

// Choice is a way to go on.
type Choice struct {
	Value string // replaces the whole Text, or the option's Value
	Label string // unique among the choices, ≤ 100 characters
	Hint  string
}

// Options are what a Bot is made of.
type Options struct {
	Store     Store
	Platforms []Platform
	Sources   []Source
	Now       func() time.Time // the calendar: what "today" and "due" mean
	Log       *slog.Logger
	Defaults  Defaults      // for a new channel
	Interval  time.Duration // between fetches
}

// Defaults are what [digest] of the configuration says about a new channel.
type Defaults struct {
	Settings Settings
	Schedule Schedule
}

// Bot answers people and posts papers. Its methods are safe for concurrent use.
type Bot struct{ Options }

// NewBot puts a Bot together. It starts nothing.
func NewBot(o Options) *Bot { panic("todo") }

// Do answers a command. It reads only the store, so it is quick; it never fails: trouble is
// a sentence in the Reply and a reference in the log.
func (b *Bot) Do(ctx context.Context, r Request) Reply { panic("todo") }

// Press answers a button.
func (b *Bot) Press(ctx context.Context, p Press) Reply { panic("todo") }

// React takes in a reaction.
func (b *Bot) React(ctx context.Context, r Reaction) error { panic("todo") }

// Complete offers at most 25 ways to go on, from the store alone.
func (b *Bot) Complete(ctx context.Context, p Partial) []Choice { panic("todo") }

// Joined is the bot invited to a channel; the card is its greeting.
func (b *Bot) Joined(ctx context.Context, key ChannelKey, name string) (Card, error) { panic("todo") }

// Tick does everything that is due: ends nothing, starts nothing that it does not finish. It plans
// due digests and delivers what is open, and returns when something will be due next.
func (b *Bot) Tick(ctx context.Context) (next time.Time, err error) { panic("todo") }

// Fetch asks the sources that are due to be asked, and keeps what they send.
func (b *Bot) Fetch(ctx context.Context) error { panic("todo") }

// Run fetches and ticks until the context ends.
func (b *Bot) Run(ctx context.Context) error { panic("todo") }
