package core

import "time"

// Reaction is one emoji that one person put on, or took from, one message.
type Reaction struct {
	EventID string // the platform's; repeats are recognised by it; may be empty
	Channel ChannelKey
	Message string // MessageRef.ID
	User    User
	Emoji   string // as the platform names it, skin tone included: two tones are two reactions, of which one may go
	Added   bool
	Order   int64 // grows with the platform's order of events; of two about the same (message, person, emoji) the greater is the truth
	At      time.Time
}

// Vote kinds: what an emoji or a button says about a paper.
type VoteKind string

// The kinds.
const (
	Up       VoteKind = "up"       // 👍 and the like
	Down     VoteKind = "down"     // 👎, not for us
	Bookmark VoteKind = "bookmark" // 🔖, save for me
)

// Tally is what a paper's votes come to.
type Tally struct {
	Up, Down int // distinct people
}

// User is a person. Key is unique over the platform: "slack:T1/U2", "discord:7".
type User struct {
	Key     string
	Name    string   // as shown: "ana"
	Manager bool     // may manage the channel the request came from
	Roles   []string // names or ids of roles, where the platform has them
}

// Saved is a paper on somebody's list.
type Saved struct {
	User  string // User.Key
	Paper PaperID
	Note  string
	At    time.Time
	Done  bool
}
