package core

import (
	"cmp"
	"fmt"
	"maps"
	"strings"
	"time"

	"paperboy/core/topic"
)

// ChannelKey is a channel's name in the world: the platform, the workspace or
// server ("" where there is none), and the platform's own id.
type ChannelKey struct {
	Platform, Workspace, ID string
}

// String is the key as ParseChannelKey reads it: "slack/T1/C2".
func (k ChannelKey) String() string { return k.Platform + "/" + k.Workspace + "/" + k.ID }

// ParseChannelKey reads what String wrote.
func ParseChannelKey(s string) (ChannelKey, error) {
	parts := strings.SplitN(s, "/", 3)
	if len(parts) != 3 || parts[0] == "" || parts[2] == "" {
		return ChannelKey{}, fmt.Errorf("%q is no channel; write platform/workspace/id", s)
	}
	return ChannelKey{Platform: parts[0], Workspace: parts[1], ID: parts[2]}, nil
}

// Channel is a place that follows topics.
type Channel struct {
	ID       int64 // the store's
	Key      ChannelKey
	Name     string // "#ml", as the platform last called it
	Settings Settings
	Schedule Schedule
	Taste    Taste
	Club     Club

	SetUpBy     string    // the name of whoever first changed something here …
	Owner       string    // … and their User.Key: they may always edit
	Created     time.Time // when it was first heard of
	Scheduled   time.Time // when the schedule was last set: no post is due before it
	PausedAt    time.Time // zero: not paused
	PausedUntil time.Time // zero while PausedAt is set: until someone resumes
	Resumed     time.Time // when the last pause ran out by itself: what came before was not asked for
	Planned     Seq       // every change up to here has been considered for a post
	LastDue     time.Time // the due instant of the last digest that was planned
	Hold        Hold
	Private     bool      // not everybody of the workspace may read it; direct messages are
	Greeted     bool      // somebody who may set it up has been told how
	Closed      bool      // it is gone by itself: it does not come back with its workspace
	Gone        time.Time // removed from the platform; its data are kept 30 days
	// Damaged are the documents that cannot be read, by name, as they stand in
	// the store. In their places are the defaults, and nothing is planned until
	// somebody sets them anew.
	Damaged map[string]string
	// Follows is the channel whose topics, mutes, settings and taste this one goes
	// by: it is a reader's, whom it reaches somewhere else. 0: its own.
	Follows int64
}

// Reads is the channel that says what concerns this one.
func (c *Channel) Reads() int64 { return cmp.Or(c.Follows, c.ID) }

// The documents of a channel that may be damaged.
const (
	TheSettings = "settings"
	TheSchedule = "schedule"
)

// Mend says that a document is set anew.
func (c *Channel) Mend(document string) {
	c.Damaged = maps.Clone(c.Damaged) // which copies of the channel share
	delete(c.Damaged, document)
}

// Paused reports whether the channel is paused at now.
func (c *Channel) Paused(now time.Time) bool {
	return !c.PausedAt.IsZero() && (c.PausedUntil.IsZero() || now.Before(c.PausedUntil))
}

// setAhead is how far ahead a minute must lie to count on the day on which a
// schedule is set.
const setAhead = 5 * time.Second

// missedLimit is how many days back missed posts are counted: a clock that was
// wrong by decades must not keep us counting.
const missedLimit = 400

// NextDue is when the planner has to look at the channel: at its next post's
// minute, at the next moment of its journal club, or when its pause runs out. Zero: not before somebody changes
// something. While the channel is held no further day is planned.
func (c *Channel) NextDue() time.Time {
	switch {
	case c.waits():
		return time.Time{}
	case !c.PausedAt.IsZero():
		return c.PausedUntil
	}
	post, club := c.nextPost(), c.Club.Next()
	if post.IsZero() || !club.IsZero() && club.Before(post) {
		return club
	}
	return post
}

// waits: nothing is planned before somebody mends something.
func (c *Channel) waits() bool {
	return !c.Gone.IsZero() || !c.Hold.Since.IsZero() || len(c.Damaged) > 0
}

// nextPost is the minute of the next post; zero where none was ever asked for.
func (c *Channel) nextPost() time.Time {
	if c.Scheduled.IsZero() && c.LastDue.IsZero() {
		return time.Time{}
	}
	due, _ := c.Schedule.Next(c.planned())
	return due
}

// planned is the moment after which posts have still to be planned.
func (c *Channel) planned() time.Time {
	if c.Scheduled.After(c.LastDue) {
		return c.Scheduled.Add(setAhead - 1)
	}
	return c.LastDue
}

// Missed says for which due instant a post has to be planned at now, and for
// how many it stands: several that were missed are one. None: zero.
func (c *Channel) Missed(now time.Time) (due time.Time, posts int) {
	if c.Paused(now) || c.waits() || c.nextPost().IsZero() {
		return time.Time{}, 0
	}
	after := c.planned()
	if oldest := now.AddDate(0, 0, -missedLimit); after.Before(oldest) {
		after = oldest
	}
	for next, ok := c.Schedule.Next(after); ok && !next.After(now); next, ok = c.Schedule.Next(next) {
		due = next
		posts++
	}
	return due, posts
}

// Enough: the paper has the upvotes that the channel asks for.
func (c *Channel) Enough(p *Paper) bool {
	return c.Settings.Min == 0 || p.Upvotes != nil && *p.Upvotes >= c.Settings.Min
}

// Location is the channel's zone, UTC until one is set.
func (c *Channel) Location() *time.Location {
	if loc, ok := c.Schedule.Location(); ok {
		return loc
	}
	return time.UTC
}

// Day is the day that it is in the channel's zone at t.
func (c *Channel) Day(t time.Time) Date { return DateOf(t.In(c.Location())) }

// Resume makes a channel go on from at: what came during its pause, up to seq,
// counts as considered, and what was due in it as past.
func (c *Channel) Resume(at time.Time, seq Seq) {
	c.PausedAt, c.PausedUntil = time.Time{}, time.Time{}
	c.Planned, c.LastDue = max(c.Planned, seq), at
}

// Hold is why a channel's posts wait: the platform refuses us there.
type Hold struct {
	Since   time.Time // zero: not held
	Reason  string    // a sentence's words for the person who can mend it
	NextTry time.Time
	Told    bool // the reason has been told, privately, once
}

// Layout is the form of the daily post.
type Layout string

// The layouts.
const (
	LayoutChannel Layout = "channel" // header and first papers in the channel, the rest in the header's thread
	LayoutThread  Layout = "thread"  // header in the channel, papers in its thread
	LayoutCards   Layout = "cards"   // one message, its papers one below the other with their buttons
	LayoutDigest  Layout = "digest"  // one message with a numbered list
	LayoutForum   Layout = "forum"   // one forum post a paper
)

// Layouts are all of them, in the order in which they are offered.
var Layouts = []Layout{LayoutChannel, LayoutThread, LayoutCards, LayoutDigest, LayoutForum}

// OneMessage reports whether a post is one message with all its papers.
func (l Layout) OneMessage() bool { return l == LayoutCards || l == LayoutDigest }

// Excerpt is how much of its abstract a paper's message shows.
type Excerpt string

// The sizes.
const (
	ExcerptNone Excerpt = "none"
	ExcerptLine Excerpt = "line" // the sentence in which the authors say what they did
	ExcerptFull Excerpt = "full"
)

// Settings are what `/papers settings` changes. The zero value is not valid;
// take DefaultSettings.
type Settings struct {
	Max        int // papers, 1–15
	Layout     Layout
	Min        int         // upvotes on Hugging Face a paper needs here; 0: none
	QuietNote  bool        // a line on days without papers
	Scope      topic.Scope // for topics that name no category
	Editors    string      // "members", "managers", or "@role"; "": the platform's custom
	Seed       bool        // the bot adds the first 👍
	Weekly     bool        // the best of the week on Mondays
	Links      bool        // pasted links unfold into cards
	NotForUsAt int         // 👎 by so many people folds a paper
	VoteEmoji  []string    `json:"Upvotes"` // emoji that count as a vote
	Excerpt    Excerpt     // what of its abstract a paper's message shows
	Discover   int         // papers a day that no topic brings, to the channel's taste
	Summary    bool        // Hugging Face's sentence instead of the authors', where there is one
}

// DefaultSettings is a new channel's.
func DefaultSettings() Settings {
	return Settings{
		Max:        5,
		Layout:     LayoutChannel,
		Scope:      topic.Scope{Patterns: []string{"cs.*", "stat.ML", "eess.*"}},
		NotForUsAt: 2,
		VoteEmoji:  []string{"👍", "❤️", "🔥", "⬆️"},
		Excerpt:    ExcerptLine,
	}
}

// Schedule is when a channel gets its post.
type Schedule struct {
	Time string // "09:00", of a 24-hour clock
	Zone string // IANA name; "": not set yet, and nothing is posted
	Days Days
}

// Days is a set of weekdays; bit 0 is Sunday, as in package time.
type Days uint8

// The sets people name.
const (
	Daily    Days = 1<<7 - 1
	Weekdays Days = Daily &^ (1<<time.Sunday | 1<<time.Saturday)
)

// Has reports whether d is one of the days.
func (s Days) Has(d time.Weekday) bool { return s&(1<<d) != 0 }

// Topic is what a channel follows.
type Topic struct {
	ID      int64 // the store's
	Channel int64
	Number  int // as people call it: #1, #2 … in this channel, never reused
	Topic   topic.Topic
	// Unreadable is the text of a topic that this version cannot read; it matches
	// nothing.
	Unreadable string
	AddedBy    string // a name …
	AddedKey   string // … and User.Key
	AddedAt    time.Time
	Since      Seq       // papers up to here were there before and are seen, not new
	Removed    time.Time // unsubscribed then; can be undone for ten minutes
}

// Text is what the topic says, as it stands in the store.
func (t *Topic) Text() string {
	if t.Unreadable != "" {
		return t.Unreadable
	}
	return t.Topic.String()
}

// Guard is a promise of a topic's: a paper that was missed once, which the topic has
// to match whatever becomes of its words, of ours and of the model. It goes with the
// topic.
type Guard struct {
	Topic int64 // Topic.ID
	Paper PaperID
	At    time.Time // when it was given
}

// Mute hides what matches from a channel, or one paper from one person.
type Mute struct {
	ID      int64
	Channel int64  // 0: the person's own
	User    string // UserKey when it is the person's own
	Kind    MuteKind
	Value   string // the topic's text, the author's or category's name, the paper's id
	By      string // a name …
	ByKey   string // … and User.Key
	At      time.Time
	Until   time.Time // zero: for ever
}

// MuteKind says what a mute's value is.
type MuteKind string

// What can be muted.
const (
	MuteTopic MuteKind = "topic" // a topic's text; hides every paper that it matches
	MutePaper MuteKind = "paper"
)
