package core

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"paperboy/core/topic"
)

// Digest is one post of a channel: a header and its papers. It belongs to
// (channel, due instant).
type Digest struct {
	ID      int64
	Channel int64
	Due     time.Time
	Kind    DigestKind
	Header  *Card  // as planned; nil when nothing is shown (a quiet day, a forum)
	Thread  string // the name of the header's thread, when one is needed
	Planned time.Time
}

// DigestKind is what occasion a digest has.
type DigestKind string

// The occasions.
const (
	DailyPost DigestKind = "daily"
	CatchUp   DigestKind = "catchup" // one post for several missed ones
	Sample    DigestKind = "sample"  // the newest day's, when somebody asked to see one before the first
	Weekly    DigestKind = "weekly"  // the best of the week
	Notice    DigestKind = "notice"  // one line: a source is late, or works again
	Ballot    DigestKind = "ballot"  // the journal club's vote opens; without a header there was nothing to vote on
	Meeting   DigestKind = "meeting" // … and is over: what won is announced; without a header nothing did
	Repost    DigestKind = "repost"  // a paper's new version, as a message of its own, when somebody asked for it; it has no header
	Shelving  DigestKind = "shelf"   // papers for a Library; it has no header
	Recheck   DigestKind = "recheck" // what may have been posted before the store was restored; it has no header
)

// Delivery is the ledger's line for one message: what is to be sent, what was
// tried, what came of it. (Channel, Item) is unique for ever; that is how a
// paper reaches a channel once.
//
//	planned → sending (claim, attempt) → posted (ref) | uncertain | held | skipped (reason)
type Delivery struct {
	Channel  int64
	Item     Item
	Digest   int64
	Position int   // order in the digest; the header is 0
	Place    Place // where it goes
	State    DeliveryState
	Attempt  int       // how often it was tried
	Begun    time.Time // while sending: the first try after which nobody knew whether it was posted
	Ref      MessageRef
	Reason   string // of held, skipped, uncertain
	Matched  []Matched
	Late     bool      // listed late
	Adopted  bool      // in a Plan: it waited in an earlier digest, which it leaves
	Shown    int       // the paper's version that the message shows
	Edited   Date      // the day of the last edit: at most one a day
	Folded   bool      // shown by its title only: not for us
	EditAt   time.Time // when its message has to be edited; zero: it shows what is written here
	Revision int       // grows with everything that an edit has to show …
	Revised  time.Time // … and when it last grew; of a paper inside a header's message, when there was news of it
	Updated  time.Time // when its state last changed
	CountAt  time.Time // when the votes on its message's buttons have to be shown; zero: they are
	Counted  time.Time // when they last were
}

// Matched is a topic that brought a paper, and why; or, where no topic did, what the
// channel's taste brought it for.
type Matched struct {
	Topic string      `json:"topic"` // as printed; "" where Liked is set
	Why   []topic.Why `json:"why"`
	Liked *Liked      `json:"liked,omitempty"`
}

// Liked is the paper most like one that was discovered, of those that a channel likes.
type Liked struct {
	Title string `json:"title"`
	Votes int    `json:"votes"` // 0: it is one of Taste.Seeds
}

// Discovered reports whether the channel's taste alone brought the paper.
func Discovered(ms []Matched) bool { return len(ms) > 0 && ms[0].Liked != nil }

// Item names what a delivery delivers: a paper, a version of it that is posted again,
// or a digest's header.
type Item string

// PaperItem and HeaderItem are the two kinds of items.
func PaperItem(id PaperID) Item { return Item(id) }

// HeaderItem is the header of the digest of that kind and due instant.
func HeaderItem(kind DigestKind, due time.Time) Item {
	return Item("@" + string(kind) + "/" + due.UTC().Format(time.RFC3339))
}

// readItem begins the item of a paper that is shown again to be read.
const readItem = "@read/"

// ReadItem is a paper that the journal club chose, shown again in the thread of what
// announces it.
func ReadItem(id PaperID) Item { return Item(readItem + id) }

// Read is the paper that a ReadItem shows again; ok is false for any other item.
func (i Item) Read() (id PaperID, ok bool) {
	s, ok := strings.CutPrefix(string(i), readItem)
	return PaperID(s), ok
}

// again stands between a paper's id, which does not hold it, and a version.
const again = "@v"

// AgainItem is a version of a paper that is posted again, because it is a new paper.
func AgainItem(id PaperID, version int) Item { return Item(fmt.Sprint(id, again, version)) }

// Paper is the paper an item stands for; ok is false for a header, and for a paper that
// is shown again to be read.
func (i Item) Paper() (id PaperID, ok bool) {
	if i == "" || i[0] == '@' {
		return "", false
	}
	paper, _, _ := strings.Cut(string(i), again)
	return PaperID(paper), true
}

// Again is the version of a paper that is posted again; 0 where it is not.
func (i Item) Again() int {
	_, version, _ := strings.Cut(string(i), again)
	n, _ := strconv.Atoi(version)
	return n
}

// Place is where in a channel a message goes.
type Place string

// The places.
const (
	InChannel Place = "channel"
	InThread  Place = "thread" // of the digest's header
	InForum   Place = "forum"  // a forum post of its own
	InDigest  Place = "digest" // inside the header's message
)

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states.
const (
	Planned   DeliveryState = "planned"
	Sending   DeliveryState = "sending"
	Posted    DeliveryState = "posted"
	Uncertain DeliveryState = "uncertain"
	Held      DeliveryState = "held"
	Skipped   DeliveryState = "skipped"
)

// Why a paper that concerns a channel is skipped when a post is planned. Any other
// reason of a skipped paper is why the platform did not take it.
const (
	BeyondSize      = "beyond the size of a post"
	MutedHere       = "muted"
	CameWhilePaused = "it came while posts were paused here"
	CameElsewhere   = "it came in another post to the same reader"
)

// MessageRef is a message in the world.
type MessageRef struct {
	Conversation string `json:"conversation"`     // channel or thread the message is in, as the platform needs it for edits
	ID           string `json:"id"`               // Slack's ts, Discord's snowflake
	Thread       string `json:"thread,omitempty"` // the thread that hangs on it, once opened
}
