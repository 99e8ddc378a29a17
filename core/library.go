package core

import (
	"context"
	"time"
)

// Library is where papers are put away for good: somebody's reference manager. It
// hangs on a channel of its own, of the platform that sends there, which follows the
// one in which it was asked for; so a paper is in it once, by the ledger.
type Library struct {
	Channel    int64     // its own
	What       Shelved   // which papers go there
	Least      int       // of Shelved posts: votes that a paper needs there; 0: none
	Path       string    // as the platform names it: "users/12345", "groups/678"
	Name       string    // as people know it
	Collection string    // the platform's key of the collection; "": none
	Secret     string    // lets us write there: never shown, logged or exported
	At         time.Time // what was saved or posted before was not asked for
}

// Shelved says which papers go into a library.
type Shelved string

// What can go there.
const (
	ShelvePosts Shelved = "posts" // what is posted in the channel
	ShelveSaves Shelved = "saves" // what its owner saves
)

// LibraryStore keeps libraries. They go with their channel.
type LibraryStore interface {
	// Library is a channel's; ErrNotFound where it is none.
	Library(ctx context.Context, channel int64) (Library, error)
	// Libraries are all, by channel.
	Libraries(ctx context.Context) ([]Library, error)
	// SetLibrary keeps one, or another in its place.
	SetLibrary(ctx context.Context, l Library) error
	// ReplaceSecret keeps the key of a channel's library in another form, where it is
	// still kept in the one that was read.
	ReplaceSecret(ctx context.Context, channel int64, was, is string) error
}
