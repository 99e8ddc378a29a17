package core

import (
	"crypto/rand"
	"time"
)

// Link is what lets people read a channel who are not in it: whoever has the secret
// is let in, until somebody puts another in its place or takes it away.
type Link struct {
	Channel int64
	Purpose Purpose
	Secret  string
	By      string // the name of whoever made it …
	ByKey   string // … and their User.Key
	At      time.Time
}

// Purpose is what a link opens. The secret of one opens nothing of another.
type Purpose string

// The purposes.
const (
	LinkRead      Purpose = "read"      // the channel's pages and feeds
	LinkAssistant Purpose = "assistant" // what programs ask on somebody's behalf
)

// NewSecret is a secret that nobody guesses: 26 letters and digits that any address
// can carry, of at least 128 random bits.
func NewSecret() string { return rand.Text() }
