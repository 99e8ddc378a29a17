package core

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"paperboy/core/say"
)

// Installation is one place where the app is installed: a workspace of Slack, a
// server of Discord ("" are its direct messages), the playground. It is what is
// connected, paced, refused, measured and stopped; nothing of one installation
// is known in another.
type Installation struct{ Platform, Workspace string }

// Before orders installations, by platform.
func (in Installation) Before(other Installation) bool {
	return in.Platform < other.Platform || in.Platform == other.Platform && in.Workspace < other.Workspace
}

// Installation is where the channel lives.
func (k ChannelKey) Installation() Installation { return Installation{k.Platform, k.Workspace} }

// Network is a kind of chat: its customs, and what it takes. It never changes.
type Network struct {
	Name        string // "slack": part of ChannelKey and User.Key
	Command     string // as people type it: "/papers"
	Editors     string // who may edit by default: "members" or "managers"
	ManageRight string // what the platform calls the right: "Manage Channels"; "" where it has no name
	Roles       bool   // people have roles, which may be named as editors
	Threads     bool   // a thread can hang on a message (Place InThread)
	Named       bool   // a command's words are options with names: there is no free text after it
	Outward     bool   // papers only leave there: nobody says anything
	VoteButton  bool   // a paper's own message has a button to vote: nobody sees that one can react before somebody did
	Limits      Limits
}

// Limits are what a network takes. Zero: there is none.
type Limits struct {
	Choices  int // of a completion
	ButtonID int // characters of a Button.ID
	Fields   int // of a Form
	Rows     int // of buttons under one message
	// PerSecond are messages that leave in a second, those to all installations together.
	PerSecond int
	Gap       time.Duration // between two messages in one channel
	// InFlight are messages on their way in one installation at once: where a process is
	// killed each has to be looked for, and a network may let us look seldom.
	InFlight int
}

// Connection speaks for one installation, or for several that share a token. It
// answers in the vocabulary of errors.go. What only some can do are the small
// interfaces below; the core asks for the ability, never for the name.
type Connection interface {
	Network() Network
	// Serves reports whether it speaks for the installation at the moment. It
	// may become true later: whose a token is must be asked.
	Serves(Installation) bool
	// Post sends one message. It waits for the platform's pace, and tries once.
	Post(ctx context.Context, p Post) (MessageRef, error)
}

// Post is one message to send.
type Post struct {
	Key     string // unique and stable: names channel and item; the platform's idempotency key or metadata
	Channel ChannelKey
	Place   Place
	Header  MessageRef // of the digest, for Place InThread
	Thread  string     // name for the thread, should it have to be opened
	Card    Card
	Private bool      // the channel is known not to be everybody's: that we do not see it does not mean that it is gone
	Plain   bool      // no blocks, embeds or threads: text in the channel, for what was refused in its own form
	Silent  bool      // no notification: papers are silent, headers are not
	Seed    bool      // add the first 👍
	Since   time.Time // no earlier message can be this one: where looking for it may stop
	Lost    bool      // where it was posted, if it was, is not known: in the channel, or in a thread there
}

// Finder looks for an earlier post by its key. found is false when it is
// certainly not there. MayNot: it can never be known here. A look that has not
// come to its end because the platform lets us read only so much at a time is
// Retry: it goes on from where it was.
type Finder interface {
	Find(ctx context.Context, p Post) (ref MessageRef, found bool, err error)
}

// Editor changes a message that was posted. It keeps the key. Gone and Refused
// mean that the message will stay as it is.
type Editor interface {
	Edit(ctx context.Context, p Post, ref MessageRef) error
}

// VoteReader reads back the reactions on messages of a channel, of as many as the
// platform tells of at once, at least one; rest are the others. All of them stand in the
// channel itself, or all in the thread under a message. What is on one is given to keep,
// once; nothing else is written down about that message while keep is at work. A message
// that is gone has nothing to give, and that is no error; MayNot where our rights do not
// suffice.
type VoteReader interface {
	Reactions(ctx context.Context, ch ChannelKey, thread MessageRef, refs []MessageRef, keep func(MessageRef, []Reaction) error) (rest []MessageRef, err error)
}

// Listener says whose people a connection hears in this process, where another
// process may hear those of some installations that it serves. What they did is
// read back only by who hears what they do next, and asked for by the connection
// itself when it begins to hear. What happens to a message while its reactions are read
// waits until they are kept, or has them read anew: there is nothing that was heard
// meanwhile.
type Listener interface {
	Hears(Installation) bool
}

// Forums tells forum channels (Place InForum) from others.
type Forums interface {
	IsForum(ctx context.Context, ch ChannelKey) (bool, error)
}

// Seeder says whether the bot may add the first 👍 in a channel; MayNot names
// what is missing.
type Seeder interface {
	MaySeed(ctx context.Context, ch ChannelKey) error
}

// Doors tells before the first post whether one can be made in a channel, as its
// settings have it. It posts nothing. It answers as Post would: Refused says what
// has to be mended, MayNot without a Right that it can never be. Any other error
// says nothing: then it shows with the first post.
type Doors interface {
	MayPost(ctx context.Context, ch Channel) error
}

// Readers tells whether a person can read a channel on the platform at the
// moment. What of a channel is shown elsewhere is shown to those only; in doubt,
// which an error is, to nobody.
type Readers interface {
	CanRead(ctx context.Context, ch ChannelKey, u User) (bool, error)
}

// Managers tells who manages a channel, where a platform does not say so with
// every request. It is asked only where that decides something.
type Managers interface {
	Manages(ctx context.Context, ch ChannelKey, u User) bool
}

// Tenants is a connection whose installations each have a token of their own. One
// whose token is refused it does not serve any more; the others go on.
type Tenants interface {
	// Refused says why nothing goes on in any of them; nil while it does.
	Refused() error
}

// Handler takes what people do, and what becomes of us, from a connection.
type Handler interface {
	// Do answers a command, Press a button, Complete a line that is being
	// typed. They read only the store, and they never fail: trouble is a
	// sentence in the Reply. The zero Reply answers a repeat: nothing is shown.
	Do(ctx context.Context, r Request) Reply
	// Form is what a button opens to be filled in; ok is false for a button that
	// opens none, which is Pressed. It may be asked before a press is acknowledged.
	// Check holds what was filled in: what is wrong, by field, in a sentence each.
	// What has nothing wrong is Submitted.
	Press(ctx context.Context, p Press) Reply
	Form(ctx context.Context, p Press) (f Form, ok bool)
	Check(ctx context.Context, s Submission) map[string]say.Text
	Submit(ctx context.Context, s Submission) Reply
	Complete(ctx context.Context, p Partial) []Choice
	// PaperOf is the paper that stands in a message of ours.
	PaperOf(ctx context.Context, key ChannelKey, message string) (PaperID, bool)
	// Unfurl is the card for a pasted link, where the channel wants that.
	Unfurl(ctx context.Context, key ChannelKey, url string) (Card, bool)
	// Home is a person's own page, of what they may see.
	Home(ctx context.Context, in Installation, user User) Card

	// Joined is the bot invited to a channel; the card is its greeting. Welcome
	// is the greeting for a manager's first command, where nothing is posted on
	// joining; ok is false on every other occasion.
	Joined(ctx context.Context, key ChannelKey, name string, private bool) (Card, error)
	Welcome(ctx context.Context, key ChannelKey, name string, user User) (card Card, ok bool)
	// Left is the bot removed from a channel, or the channel deleted; Removed is
	// the bot removed from an installation, and Returned that it is there, again
	// or still.
	Left(ctx context.Context, key ChannelKey) error
	Removed(ctx context.Context, in Installation) error
	Returned(ctx context.Context, in Installation) error
	// Present says which workspaces of a platform we are in; of the others the
	// bot was removed while nobody listened.
	Present(ctx context.Context, platform string, in func(workspace string) bool) error

	// React takes in a reaction. Those on messages that are not ours, and emoji
	// that say nothing about papers, are passed over.
	React(ctx context.Context, r Reaction) error
	// ReadVotes has the reactions of the last week read again, because events
	// may have been lost: of some workspaces of a platform, or of all where none is
	// named. ReadVotesOn does it for one message.
	ReadVotes(ctx context.Context, platform string, workspaces ...string) error
	ReadVotesOn(ctx context.Context, key ChannelKey, message string) error
}

// Connections are all that this process has. They are safe for concurrent use.
type Connections struct {
	log *slog.Logger

	mu      sync.Mutex
	all     []Connection
	stopped map[Connection]error
	dead    chan struct{}
}

// NewConnections are those given.
func NewConnections(log *slog.Logger, all ...Connection) *Connections {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Connections{log: log, all: all, stopped: map[Connection]error{}, dead: make(chan struct{})}
}

// Add adds one.
func (c *Connections) Add(conn Connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, conn)
}

// For is the connection that speaks for an installation; nil where none does,
// or none any more.
func (c *Connections) For(in Installation) Connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.all {
		if c.stopped[conn] == nil && conn.Serves(in) {
			return conn
		}
	}
	return nil
}

// Serves reports whether any connection speaks for the installation.
func (c *Connections) Serves(in Installation) bool { return c.For(in) != nil }

// A page opens within three seconds: so long may it take to find out which channels
// its person can read, of which so many are asked for at once.
const (
	readersTime  = 2 * time.Second
	readersAsked = 8
)

// Readable are those of the channels that a person of their platform can read there; of
// the others not even their number is told. unsure is that of some nobody knows.
func (c *Connections) Readable(ctx context.Context, channels []Channel, u User) (can []Channel, unsure bool) {
	ctx, cancel := context.WithTimeout(ctx, readersTime)
	defer cancel()
	answers := make([]bool, len(channels))
	failed := make([]error, len(channels))
	places := make(chan struct{}, readersAsked)
	var wg sync.WaitGroup
	for i, ch := range channels {
		conn := c.For(ch.Key.Installation())
		readers, asks := conn.(Readers)
		if !asks {
			answers[i] = conn != nil && !ch.Private
			continue
		}
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			answers[i], failed[i] = readers.CanRead(ctx, ch.Key, u)
		})
	}
	wg.Wait()
	for i, ch := range channels {
		switch {
		case failed[i] != nil:
			c.log.Info("cannot tell who can read a channel", "channel", ch.ID, "err", failed[i])
			unsure = true
		case answers[i]:
			can = append(can, ch)
		}
	}
	return can, unsure
}

// Network is a platform's customs; ok is false when no connection is of it.
func (c *Connections) Network(platform string) (n Network, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.all {
		if n = conn.Network(); n.Name == platform {
			return n, true
		}
	}
	return Network{}, false
}

// Stop ends everything that goes through a connection whose token is refused. The
// others go on; so do the other installations of one that has a token for each.
func (c *Connections) Stop(conn Connection, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if conn == nil || c.stopped[conn] != nil {
		return
	}
	if t, ok := conn.(Tenants); ok && t.Refused() == nil {
		c.log.Error("one installation stops until the app is installed there anew", "platform", conn.Network().Name, "err", err)
		return
	}
	c.log.Error("this installation stops until an operator has mended what is wrong", "platform", conn.Network().Name, "err", err)
	c.stopped[conn] = err
	lives := func(other Connection) bool { return c.stopped[other] == nil && !other.Network().Outward }
	if !conn.Network().Outward && !slices.ContainsFunc(c.all, lives) {
		close(c.dead)
	}
}

// Stopped are the errors of those that were stopped, by platform.
func (c *Connections) Stopped() map[string]error {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[string]error, len(c.stopped))
	for conn, err := range c.stopped {
		out[conn.Network().Name] = err
	}
	return out
}

// Dead is closed when all of them were stopped but those that are Outward, which have
// nothing to send without the others.
func (c *Connections) Dead() <-chan struct{} { return c.dead }

// All are the connections, stopped ones too.
func (c *Connections) All() []Connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Connection(nil), c.all...)
}

// Rounds runs a round for every connection at each ring of the bell, and when
// the clock has moved on by idle, until the context ends and the rounds are over.
// A connection may have to wait for its platform: it has one round at a time, and
// holds up no other. serves are the installations that are its own.
func (c *Connections) Rounds(ctx context.Context, bell Bell, clock Clock, idle time.Duration, round func(conn Connection, serves func(Installation) bool)) {
	var wg sync.WaitGroup
	defer wg.Wait()
	busy := map[Connection]chan struct{}{}
	for {
		for _, conn := range c.All() {
			if busy[conn] == nil {
				busy[conn] = make(chan struct{}, 1)
			}
			slot := busy[conn]
			select {
			case slot <- struct{}{}:
				wg.Go(func() {
					defer func() { <-slot }()
					round(conn, func(in Installation) bool { return c.For(in) == conn })
				})
			default:
			}
		}
		if bell.Wait(ctx, clock, idle) != nil {
			return
		}
	}
}

type turnKey struct{}

// WithTurn says how long a request may wait for its turn: when turn ends, one
// that has not left never does, and is Retry. One that has left goes on for as
// long as ctx does.
func WithTurn(ctx, turn context.Context) context.Context {
	return context.WithValue(ctx, turnKey{}, turn)
}

// Turn is the context in which a request may wait for its turn.
func Turn(ctx context.Context) (context.Context, context.CancelFunc) {
	turn, ok := ctx.Value(turnKey{}).(context.Context)
	out, cancel := context.WithCancel(ctx)
	if ok {
		forget := context.AfterFunc(turn, cancel)
		return out, func() { forget(); cancel() }
	}
	return out, cancel
}
