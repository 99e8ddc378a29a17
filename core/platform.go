package core

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Platform is what every chat can do. What only some can do are the small
// interfaces below; core asks for the ability, never for the name.
type Platform interface {
	// Profile says the platform's customs. It never changes.
	Profile() Profile
	// Post sends one message. It waits for the platform's pace, tries once,
	// and says with one of the errors below what is certain. Any other error
	// means that nobody knows whether the message was posted.
	Post(ctx context.Context, p Post) (MessageRef, error)
}

// Profile is a platform's customs.
type Profile struct {
	Name        string // "slack": part of ChannelKey and User.Key
	Command     string // as people type it: "/papers"
	Mention     string // how a person's name is written: "@%s"
	Editors     string // who may edit by default: "members" or "managers"
	ManageRight string // what the platform calls the right: "Manage Channels"; "" where it has no name
}

// Post is one message to send.
type Post struct {
	Key     string // unique and stable: names channel and item; the platform's idempotency key or metadata
	Channel ChannelKey
	Place   Place
	Header  MessageRef // of the digest, for Place InThread
	Thread  string     // name for the thread, should it have to be opened
	Card    Card
	Silent  bool      // no notification: papers are silent, headers are not
	Seed    bool      // add the first 👍
	Since   time.Time // no earlier message can be this one: where looking for it may stop
}

// Finder looks for an earlier post by its key. found is false when it is
// certainly not there; an error when that cannot be known (ErrMayNotLook:
// never will be).
type Finder interface {
	Find(ctx context.Context, p Post) (ref MessageRef, found bool, err error)
}

// Editor changes a message that was posted. It keeps the key.
type Editor interface {
	Edit(ctx context.Context, p Post, ref MessageRef) error
}

// VoteReader reads back the reactions on a message, and gives them to keep,
// once. What happens to the message meanwhile waits until keep has returned:
// what was read is older, and may not be written over it. A message that is gone
// has nothing to give, and that is no error; ErrMayNotLook where our rights do
// not suffice.
type VoteReader interface {
	Reactions(ctx context.Context, ch ChannelKey, ref MessageRef, keep func([]Reaction) error) error
}

// Threads is an ability without a method: the platform can open a thread on a
// message (Place InThread). Forums likewise for Place InForum; it says whether
// a channel is a forum.
type Threads interface{ HasThreads() }

// Forums tells forum channels from others.
type Forums interface {
	IsForum(ctx context.Context, ch ChannelKey) (bool, error)
}

// Seeder says whether the bot may add the first 👍 in a channel; the error
// tells a person what is missing.
type Seeder interface {
	MaySeed(ctx context.Context, ch ChannelKey) error
}

// Managers tells who manages a channel, where a platform does not say so with
// every request. It is asked only where that decides something.
type Managers interface {
	Manages(ctx context.Context, ch ChannelKey, u User) bool
}

// ErrMayNotLook: the platform or our rights do not allow to look for a post.
var ErrMayNotLook = errors.New("may not look for earlier posts here")

// ErrGone: the channel does not exist any more.
var ErrGone = errors.New("the channel is gone")

// ErrToken: the platform refuses our token; nothing will work until an
// operator changes it.
var ErrToken = errors.New("the token was refused")

// NotPosted is the certainty that a message was not posted and can be tried
// again After that time.
type NotPosted struct {
	After time.Duration
	Err   error
}

func (e *NotPosted) Error() string { return fmt.Sprintf("not posted, again in %v: %v", e.After, e.Err) }
func (e *NotPosted) Unwrap() error { return e.Err }

// Refused is the certainty that a channel does not take our message until
// somebody changes something there.
type Refused struct {
	Reason string // completes "I may not post in #papers: …"
	Err    error
}

func (e *Refused) Error() string { return "refused: " + e.Reason }
func (e *Refused) Unwrap() error { return e.Err }
