package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"paperboy/core/rank"
	"paperboy/core/say"
)

// Options are what a Bot is made of.
type Options struct {
	Store       Store
	Connections *Connections
	Ingest      *Ingest          // brings the papers
	Now         func() time.Time // the calendar: what "today" and "due" mean
	Log         *slog.Logger
	Defaults    Defaults  // for a channel where nothing is set
	NotBefore   time.Time // a calendar earlier than this is a broken clock: nothing is posted
}

// Bot answers people and posts papers. Its methods are safe for concurrent
// use. What it knows is in the store; a Bot that is thrown away and made anew
// goes on where the other was.
type Bot struct {
	Options

	mu        sync.Mutex
	busy      map[int64]bool      // channels that a goroutine is delivering to
	unread    map[int64]bool      // channels whose votes have to be read
	unwritten map[string]Delivery // by Post.Key: what was posted and could not be written down
	wake      chan struct{}       // something may be due
	words     rank.Corpus         // how common words are …
	learned   time.Time           // … and when that was learned
	full      bool                // the store had no room
	missed    bool                // votes, meanwhile
	fetching  chan struct{}       // closed when the fetch that runs, or ran last, is over
}

// NewBot puts a Bot together. It starts nothing.
func NewBot(o Options) *Bot {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Connections == nil {
		o.Connections = NewConnections(o.Log)
	}
	if o.Defaults.Settings.Max == 0 {
		o.Defaults.Settings = DefaultSettings()
	}
	if o.Defaults.Schedule.Days == 0 {
		o.Defaults.Schedule.Days = Weekdays
	}
	if o.Defaults.Schedule.Time == "" {
		o.Defaults.Schedule.Time = "09:00"
	}
	return &Bot{Options: o, busy: map[int64]bool{}, unwritten: map[string]Delivery{}, unread: map[int64]bool{}, wake: make(chan struct{}, 1)}
}

// call is one request on its way through a verb.
type call struct {
	ctx     context.Context
	now     time.Time
	channel Channel
	profile Network
	user    User
	verb    Verb
	text    string // as typed
	args    map[string]string
}

func (c *call) loc() *time.Location {
	if loc, err := time.LoadLocation(c.channel.Schedule.Zone); err == nil {
		return loc
	}
	return time.UTC
}

func (c *call) today() Date { return DateOf(c.now.In(c.loc())) }

// command shows a command as people type it here.
func (c *call) command(text string) say.Span {
	return say.Span{Text: strings.TrimSpace(c.profile.Command + " " + text), Style: say.Code}
}

func (c *call) mention() string {
	if c.profile.Mention == "" {
		return c.user.Name
	}
	return fmt.Sprintf(c.profile.Mention, c.user.Name)
}

// Do answers a command. It reads only the store, so it is quick, and it never
// fails: trouble is a sentence in the Reply and a reference in the log. The
// zero Reply answers a repeated request: nothing is to be shown.
func (b *Bot) Do(ctx context.Context, r Request) Reply {
	c, reply := b.begin(ctx, r.ID, r.Channel, r.Name, r.User)
	if reply != nil {
		return *reply
	}
	c.text = r.Text
	return b.answer(c, func() (Reply, error) {
		if err := c.parse(r); err != nil {
			return Reply{}, err
		}
		if c.verb.Who == ForEditor {
			if err := c.mayEdit(); err != nil {
				return Reply{}, err
			}
		}
		return c.verb.do(b, c)
	})
}

// begin finds the channel and recognises repeats.
func (b *Bot) begin(ctx context.Context, id string, key ChannelKey, name string, user User) (*call, *Reply) {
	c := &call{ctx: ctx, now: b.Now(), user: user}
	c.profile, _ = b.Connections.Network(key.Platform)
	if id != "" {
		seen, err := b.Store.SeenEvent(ctx, "request/"+key.Platform+"/"+id, c.now)
		if err = b.noRoom(err); err != nil { // without room a repeat is not recognised; it can change nothing either
			r := b.trouble(c, err)
			return nil, &r
		}
		if seen {
			return nil, &Reply{}
		}
	}
	ch, err := b.Store.Channel(ctx, b.newChannel(key, name, c.now))
	if err != nil {
		r := b.trouble(c, err)
		return nil, &r
	}
	c.channel = ch
	if m, ok := b.Connections.For(key.Installation()).(Managers); ok && ch.Settings.Editors == "managers" && !user.Manager && user.Key != "" {
		c.user.Manager = m.Manages(ctx, key, user)
	}
	return c, nil
}

// newChannel is a channel as the configuration wants new ones.
func (b *Bot) newChannel(key ChannelKey, name string, now time.Time) Channel {
	ch := Channel{Key: key, Name: name, Settings: b.Defaults.Settings, Schedule: b.Defaults.Schedule, Created: now}
	if ch.Schedule.Zone != "" {
		ch.Scheduled = now
	}
	return ch
}

// answer runs what was asked, and adds what the channel should have been told.
func (b *Bot) answer(c *call, do func() (Reply, error)) Reply {
	reply, err := do()
	if err != nil {
		reply = b.trouble(c, err)
	}
	if !c.channel.Hold.Since.IsZero() {
		b.nudge(c, &reply)
	}
	return reply
}

// trouble turns an error into its two readers' versions.
func (b *Bot) trouble(c *call, err error) Reply {
	text, ref := sentence(err)
	if errors.Is(err, ErrFull) {
		err = b.noRoom(err)
	}
	if ref != "" {
		b.Log.Error("request failed", "ref", ref, "verb", c.verb.Name, "channel", c.channel.ID, "err", err)
	}
	card := Card{Lines: []say.Text{text}}
	if pe, ok := err.(*UserError); ok && pe.Col > 0 && pe.Col <= len([]rune(c.text))+1 {
		card.Block = c.text + "\n" + strings.Repeat(" ", pe.Col-1) + "^"
	}
	return Reply{Card: card, Failed: true}
}

// mayEdit says whether the person may change what the channel follows.
func (c *call) mayEdit() error {
	editors := c.editors()
	switch {
	case editors == "members" || c.user.Manager || c.isOwner():
		return nil
	case strings.HasPrefix(editors, "@"):
		for _, role := range c.user.Roles {
			if strings.EqualFold(role, editors[1:]) {
				return nil
			}
		}
	}
	if c.profile.ManageRight != "" {
		return Userf("E-PERM-D", "You need *%s* here to change topics. You can still search and save.", c.profile.ManageRight)
	}
	if c.channel.SetUpBy != "" {
		return Userf("E-PERM-S", "Only channel managers may change topics in this channel. Ask @%s, who set it up.", c.channel.SetUpBy)
	}
	return Userf("E-PERM-S", "Only channel managers may change topics in this channel.")
}

// editors are who may change topics here: as was set, or by the platform's custom.
func (c *call) editors() string {
	return cmp.Or(c.channel.Settings.Editors, c.profile.Editors, "members")
}

// isOwner: where the platform has no right of its own for it, whoever set a
// channel up cannot shut themselves out.
func (c *call) isOwner() bool {
	return c.profile.ManageRight == "" && c.channel.Owner != "" && c.channel.Owner == c.user.Key
}

// change updates the channel on behalf of the person, who set it up if nobody did before.
func (b *Bot) change(c *call, f func(*Channel)) error {
	ch, err := b.Store.UpdateChannel(c.ctx, c.channel.ID, func(ch *Channel) {
		if ch.SetUpBy == "" {
			ch.SetUpBy, ch.Owner = c.user.Name, c.user.Key
		}
		f(ch)
	})
	if err == nil {
		c.channel = ch
		b.poke()
	}
	return err
}

// poke wakes Run: something may be due.
func (b *Bot) poke() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}
