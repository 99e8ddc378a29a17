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
	Order   int64 // grows with the platform's order of events; of two about the same (message, person, emoji) the greater is the truth; 0: in the order in which the store is told
	At      time.Time
}

// Vote kinds: what an emoji or a button says about a paper.
type VoteKind string

// The kinds.
const (
	Up       VoteKind = "up"       // 👍 and the like
	Down     VoteKind = "down"     // 👎, not for us
	Bookmark VoteKind = "bookmark" // 🔖, save for me
	Chosen   VoteKind = "chosen"   // of those on a ballot of the journal club; says nothing of the others
)

// Tally is what a paper's votes come to.
type Tally struct {
	Up, Down int // distinct people
}

// Voted is a paper that a channel voted for or against.
type Voted struct {
	Paper PaperID
	Seq   Seq
	Tally
}

// Taste is what people of a channel said about its taste beside their votes, by
// which core/rank orders and discovers.
type Taste struct {
	More      []string  `json:"more,omitempty"`      // words of which they want more …
	Less      []string  `json:"less,omitempty"`      // … or less
	Forgotten []string  `json:"forgotten,omitempty"` // words that say nothing
	Seeds     []PaperID `json:"seeds,omitempty"`     // count as voted for
	Offered   []PaperID `json:"offered,omitempty"`   // what somebody gave last and may make Seeds
	Since     time.Time `json:"since,omitzero"`      // votes before say nothing: they were forgotten
	Before    *Taste    `json:"before,omitempty"`    // all was forgotten: what that was, until something is said anew
}

// MostSeeds is how many papers a taste begins with at most, MostLeanings how many
// words it is told.
const (
	MostSeeds    = 50
	MostLeanings = 50
)

// LikedForTaste is how many papers a channel has to like before something is
// brought for its taste alone.
const LikedForTaste = 3

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
