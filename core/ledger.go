package core

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// The ledger is the queue of work. What is to be planned and what is to be sent
// stands in it with the moment from which it is due, so that it is asked and
// never scanned; whoever works on a channel holds it by a claim; and what came
// of a message is written down only while that claim holds.
//
//	planned → sending (claim, attempt) → posted (ref) | uncertain | held (reason) | skipped (reason)
//
// Terms. An owner is a process; it lives as long as it beats (Owners). A claim
// is an owner's right to send one channel's messages, in order: nobody else
// sends there meanwhile. A claim's attempt is the fence: an outcome whose
// attempt is not the channel's any more changes nothing and is ErrLost. The
// claims of an owner that is dead are free at once.

// Owner is a process that works on a store.
type Owner struct {
	ID      string // unique for ever
	Host    string
	PID     int
	Started time.Time
}

// String says who it is, for an operator: by the operator's own clock.
func (o Owner) String() string {
	if o.ID == "" {
		return "another process, which has only just begun"
	}
	return fmt.Sprintf("process %d on %s, since %s", o.PID, o.Host, o.Started.Local().Format("2 Jan 15:04:05 MST"))
}

// OwnerTTL is how long an owner that does not beat is taken for alive, by the
// database's clock, where nothing better is known; OwnerBeat is how often one
// beats.
const (
	OwnerTTL  = 24 * time.Second // with what is noticed late, half a minute
	OwnerBeat = 5 * time.Second
)

// ErrLost: the claim is not ours any more; somebody else works on the channel.
var ErrLost = errors.New("somebody else has claimed the channel")

// Claim is an owner's right to send the messages of a channel.
type Claim struct {
	Channel Channel // as it was when it was claimed
	Owner   string  // Owner.ID
	Attempt int64   // grows with every claim of the channel: the fence
}

// Message is the next message of a claimed channel: what a delivery needs to be
// sent.
type Message struct {
	Delivery
	Doubt  bool   // it was begun before, and nobody knows whether it is out there
	Lost   bool   // in doubt because the store was restored: if at all, it was posted before
	Digest Digest // that it belongs to
	Header MessageRef
}

// Restored is what a store that was restored from a copy does not know: what was
// posted after From, the moment of the copy, and until it was put in its place.
// Zero: it never was.
type Restored struct{ From, Until time.Time }

// LostReason is why a message is uncertain that may have been posted in that time.
const LostReason = "it may have been posted before the database was restored, and I may not look"

// Doubts reports whether a paper may have been posted in that time: whether it
// was there, kept or on a source's list, when the copy was put in its place. The
// day of that counts as a whole.
func (r Restored) Doubts(p *Paper, seen []Sighting) bool {
	switch {
	case r.Until.IsZero():
		return false
	case p.Seen.Before(r.Until), len(seen) == 0:
		return true
	}
	last := DateOf(r.Until.UTC())
	return slices.ContainsFunc(seen, func(s Sighting) bool { return s.Day <= last })
}

// Plan is a digest to be written down with its deliveries.
type Plan struct {
	Digest Digest
	Items  []Delivery
	Seq    Seq // every change up to here was considered
}

// Told says that channels are told how a source is: with the plans of the
// notices, so that neither is without the other.
type Told struct {
	Source string
	Told   bool
}

// Edit is a posted message that does not show what is written down.
type Edit struct {
	Channel Channel
	Delivery
	Digest Digest
	Header MessageRef
	Inside []Delivery // of a header: the papers that stand in its message
}

// Planning is what a post is planned from, beside the papers.
type Planning struct {
	Topics   []Topic
	Mutes    []Mute    // of the channel
	Previous time.Time // due instant of the last post before; zero: none
	Waiting  []Delivery
	Voted    bool             // somebody voted here lately
	Had      map[PaperID]bool // of the papers asked about: those with a line in the ledger
	// Elsewhere are those that another post brings, or has brought, to the same
	// reader: of a channel that follows another one, on this platform, of this name.
	Elsewhere map[PaperID]bool
}

// Owners are the processes that work on the store. Their beats go by the
// database's clock.
type Owners interface {
	// Exclusive: no other process can work on the store while an owner of this one
	// does, so what it holds is its own for as long as it runs.
	Exclusive() bool
	// Join writes the owner down, alive. An engine for one process at a time
	// answers *Taken while another one that holds the store lives, and takes
	// every earlier owner for dead.
	Join(ctx context.Context, o Owner) error
	// Beat says that the owner lives. ErrLost: it was taken for dead.
	Beat(ctx context.Context, owner string) error
	// Leave ends the owner; its claims are free.
	Leave(ctx context.Context, owner string) error
}

// Leases are what only one owner may do at a time: to lead, to speak for a shard. A
// lease is its owner's for as long as that lives, and free at once when it left or is
// dead. Who has not heard for OwnerTTL that it lives must not rely on one.
type Leases interface {
	// Lease reports whether the owner has the lease of that name: it takes it where
	// nobody alive has it. ErrLost: the owner was taken for dead, and has to join anew.
	Lease(ctx context.Context, owner, name string) (held bool, err error)
	// Unlease gives it back. ErrLost: it was not the owner's.
	Unlease(ctx context.Context, owner, name string) error
	// Leases are all that are held, by name: whose each is.
	Leases(ctx context.Context) (map[string]string, error)
	// Owners are those that live, the first that began first.
	Owners(ctx context.Context) ([]Owner, error)
}

// Work is what is worth a look, as a bell says it.
type Work string

// The kinds of work.
const (
	ToPlan Work = "plan"  // something may be due
	ToSend Work = "send"  // … is to be sent or edited
	ToRead Work = "votes" // … is to be read back
	ToLead Work = "lead"  // nobody leads
)

// Bells are heard by all processes that work on a store.
type Bells interface {
	// Ring tells all others.
	Ring(ctx context.Context, work Work) error
	// Hear calls heard for what another process rings, until ctx ends. Where rings are not
	// heard for a while, it calls it for every kind, again and again: missing a ring costs
	// a second or so, and none stands for work that is not in the store.
	Hear(ctx context.Context, heard func(Work))
}

// Turns keep requests of all processes apart, by the database's clock.
type Turns interface {
	// TakeTurn takes the next turn of that name, which lasts for hold, less than a minute,
	// unless it is ended before. wait is how long until it begins; where that is longer than ahead, it is not
	// taken.
	TakeTurn(ctx context.Context, name, by string, ahead, hold time.Duration) (wait time.Duration, taken bool, err error)
	// EndTurn ends by's turn: the next one begins after pause. Where the turn is another's by
	// now, nothing happens.
	EndTurn(ctx context.Context, name, by string, pause time.Duration) error
}

// Taken: another process holds the store.
type Taken struct{ By Owner }

func (e *Taken) Error() string { return "the database is in use by " + e.By.String() }

// Queue is the part of the ledger that is asked for what is due. serves says
// which installations can be worked for; what belongs to others stays due, and so
// does what is due in an installation that is paused. Installations take turns: how
// much is due in one of them delays no other, and of each the longest due comes
// first. now is the bot's calendar.
type Queue interface {
	// Due are channels whose NextDue has come, at most limit, none only where none
	// has; NextDue is when the next one will be, zero when none is to come.
	Due(ctx context.Context, now time.Time, limit int, serves func(Installation) bool) ([]Channel, error)
	NextDue(ctx context.Context, after time.Time) (time.Time, error)

	// Claim takes channels that have a message to send now and that nobody
	// alive has claimed, at most limit, none only where there is none. NextSend is when
	// the next one may be sent, zero when nothing waits for a later moment.
	// ErrLost: the owner has not joined, or was taken for dead.
	Claim(ctx context.Context, owner string, now time.Time, limit int, serves func(Installation) bool) ([]Claim, error)
	NextSend(ctx context.Context, after time.Time) (time.Time, error)

	// Edits are posted messages that have to be edited now, for news or for votes,
	// at most limit, in channels that are neither gone nor held.
	Edits(ctx context.Context, now time.Time, limit int, serves func(Installation) bool) ([]Edit, error)

	// Rereads are channels whose votes have to be read again now.
	Rereads(ctx context.Context, now time.Time, limit int, serves func(Installation) bool) ([]Channel, error)

	// Clamp takes back what lies ahead of now by more than it can, because the
	// clock was wrong when it was written: last posts, next tries.
	Clamp(ctx context.Context, now time.Time) error
}

// Outcomes are what can be written down about a claimed channel. Each is one
// transaction and ErrLost when the claim is not ours any more: then nothing was
// written.
type Outcomes interface {
	// Begin takes the claimed channel's next message after the given place in
	// its order (digest, position) for sending: attempt grows by one, Begun is
	// now unless it was in doubt already. A message in a thread whose header is
	// uncertain is passed over: it waits for the next post. ok is false when
	// there is none, and in a workspace that is paused.
	Begin(ctx context.Context, c Claim, digest int64, position int, now time.Time) (m Message, ok bool, err error)
	// Posted: it is there. What stands inside a header's message is posted with
	// it, and the channel is not held any more. shown is the paper's version.
	Posted(ctx context.Context, c Claim, item Item, ref MessageRef, shown int, now time.Time) error
	// Uncertain: nobody knows, and it cannot be looked for. A person decides.
	Uncertain(ctx context.Context, c Claim, item Item, reason string, now time.Time) error
	// Held: the channel refuses us. doubt says that an earlier attempt may be
	// out there all the same.
	Held(ctx context.Context, c Claim, item Item, doubt bool, h Hold, now time.Time) error
	// Skipped: it will not be posted, for a reason; nor will what stands inside
	// a header's message.
	Skipped(ctx context.Context, c Claim, item Item, reason string, now time.Time) error
	// GivenBack: it certainly was not sent by this attempt.
	GivenBack(ctx context.Context, c Claim, item Item, doubt bool, now time.Time) error
	// Release ends the claim. again is when there is something to do; zero: not
	// before something new is planned, and the channel is not held any more,
	// else nothing ever would be. What became due meanwhile stays due.
	Release(ctx context.Context, c Claim, again time.Time) error
}

// CountEvery is how often a message is edited at most to show the votes on its
// buttons: votes come in bursts.
const CountEvery = 10 * time.Second

// Edits' outcomes. A revision that has been overtaken stays due.
type EditOutcomes interface {
	// Edited: the message shows the delivery as it was read. day is written
	// down as that of a version's edit; "" where it was none.
	Edited(ctx context.Context, e Edit, day Date) error
	// EditLater puts the edit off.
	EditLater(ctx context.Context, e Edit, at time.Time) error
	// Counted: the buttons of the message show these votes. Those given meanwhile
	// are shown after CountEvery. Without votes, it shows none, or never will.
	// CountLater puts that off.
	Counted(ctx context.Context, e Edit, votes map[PaperID]int, now time.Time) error
	CountLater(ctx context.Context, e Edit, at time.Time) error
	// Fold writes down whether a posted paper is shown by its title only, and
	// has the message in which it stands edited now when that is news.
	Fold(ctx context.Context, channel int64, item Item, folded bool, now time.Time) error
}

// Key names the message to the platform.
func (d *Delivery) Key() string { return fmt.Sprintf("%d/%s", d.Channel, d.Item) }
