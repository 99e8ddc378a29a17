// Package chat answers people: what they type, press and complete, and what
// becomes of the channels that we are in. It is a core.Handler but for the
// reactions, which are core/votes'.
//
//	args.go      what was given with a verb of core/verbs, read
//	forms.go     what is filled in by hand: a verb and its options
//	complete.go  how a line may go on: core/complete's answer
//	press.go     buttons, those of earlier versions too, and those about another
//	             channel than the one where they stand
//	pages.go     what is too long for one message
//	search.go, today.go, similar.go, follow.go, mute.go, lists.go, schedule.go,
//	settings.go, status.go, export.go, vote.go, help.go
//	             a file for what belongs together, each verb a method
//	stats.go     a channel in numbers, and their picture
//	club.go      the journal club: its time, its votes, what was read
//	missed.go    where a paper fell out, what would bring its like, and its guard
//	hints.go     what cannot be meant, and what finds something instead
//	join.go      greetings, and where we are and are not
//	mail.go      a channel's papers by mail
//	home.go      a person's own page
//	door.go      when the next post comes, and whether the channel takes it
//	link.go, assistant.go
//	             what lets people read a channel who are not in it, and programs
//	configs.go   a channel's configuration, taken away and brought back
//	notes.go     what is written down beside an answer, and what was asked twice
//
// In: core.Request, core.Press, core.Partial. Out: a core.Reply. What it knows
// it asks of core/query and the store; it says it with core/cards. It plans,
// posts and counts nothing itself.
//
// Promises: it reads only the store, so it is quick, and asks a connection only
// what that alone knows (who manages a channel, who can read it, whether it takes
// posts), for a moment; and it never fails: trouble is a sentence in the Reply and
// a reference in the log. Reading never waits for a writer: what a question
// teaches of its channel is written down beside the answer (notes.go). A request
// that comes twice is answered once. Who may change a channel is decided here, and so is what everybody may read: an answer
// that is about the person alone is never public, however it was asked, and one
// given in a channel knows nothing of any other. The limits are the network's.
package chat

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/complete"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
	"paperboy/core/verbs"
)

// Store is the part of core.Store that is needed here.
type Store interface {
	Paper(ctx context.Context, id core.PaperID) (core.Paper, error)
	Papers(ctx context.Context, ids []core.PaperID) ([]core.Paper, error)
	CountPapers(ctx context.Context) (int, error)

	EnsureChannel(ctx context.Context, fresh core.Channel) (core.Channel, error)
	ChannelByKey(ctx context.Context, key core.ChannelKey) (core.Channel, error)
	ChannelByID(ctx context.Context, id int64) (core.Channel, error)
	Channels(ctx context.Context) ([]core.Channel, error)
	Following(ctx context.Context, in core.Installation) ([]core.Channel, map[int64][]core.Topic, error)
	CountFollowing(ctx context.Context, in core.Installation) (int, error)
	UpdateChannel(ctx context.Context, id int64, change func(*core.Channel)) (core.Channel, error)
	GoneWorkspace(ctx context.Context, platform, workspace string, now time.Time) error
	Topics(ctx context.Context, channel int64) ([]core.Topic, error)
	AddTopic(ctx context.Context, channel int64, t topic.Topic, by core.User, now time.Time) (core.Topic, error)
	NarrowTopic(ctx context.Context, channel, id int64, to topic.Topic) (core.Topic, error)
	ReplaceTopic(ctx context.Context, channel, id int64, to topic.Topic) (core.Topic, error)
	WidenTopic(ctx context.Context, channel, id int64, to topic.Topic) (core.Topic, error)
	RemoveTopic(ctx context.Context, id int64, now time.Time) error
	RestoreTopic(ctx context.Context, channel, id int64, removedAfter time.Time) (core.Topic, error)
	Guards(ctx context.Context, channel int64) ([]core.Guard, error)
	AddGuard(ctx context.Context, channel int64, g core.Guard) error
	RemoveGuard(ctx context.Context, channel int64, g core.Guard) error
	Mutes(ctx context.Context, channel int64, user string, now time.Time) ([]core.Mute, error)
	AddMute(ctx context.Context, m core.Mute) (core.Mute, error)
	RemoveMute(ctx context.Context, id int64) error

	Delivery(ctx context.Context, channel int64, item core.Item) (core.Delivery, error)
	DeliveriesOf(ctx context.Context, channel int64, since time.Time, states ...core.DeliveryState) ([]core.Delivery, error)
	DeliveryByMessage(ctx context.Context, channel int64, message string) (core.Delivery, error)
	Reopen(ctx context.Context, channel int64, item core.Item, now time.Time) error

	Tally(ctx context.Context, channel int64, papers []core.PaperID, since time.Time) (map[core.PaperID]core.Tally, error)
	Save(ctx context.Context, s core.Saved) (changed bool, err error)
	Unsave(ctx context.Context, user string, paper core.PaperID) (changed bool, err error)
	SavedBy(ctx context.Context, user string) ([]core.Saved, error)
	Remember(ctx context.Context, user, search string, now time.Time) error
	Searches(ctx context.Context, user string) ([]string, error)
	ForgetUser(ctx context.Context, user string, now time.Time) error
	SeenEvent(ctx context.Context, id string, now time.Time) (bool, error)
	WorkspacePaused(ctx context.Context, in core.Installation) (bool, error)
	Exclusive() bool
	SourceStates(ctx context.Context) ([]core.SourceState, error)

	Link(ctx context.Context, channel int64, purpose core.Purpose) (core.Link, error)
	SetLink(ctx context.Context, l core.Link) error
	RemoveLink(ctx context.Context, channel int64, purpose core.Purpose) error
	PutPass(ctx context.Context, p core.Pass, now time.Time) error

	Libraries(ctx context.Context) ([]core.Library, error)
	SetLibrary(ctx context.Context, l core.Library) error
	DropChannel(ctx context.Context, id int64) error
}

// Planner is what of core/plan a person can ask for.
type Planner interface {
	// Missed counts what a channel would get if it were planned now, and says up
	// to which change that looks.
	Missed(ctx context.Context, ch core.Channel, now time.Time) (papers int, to core.Seq, err error)
	// CatchUp plans one post of what came since from, and says how many papers
	// are in it.
	CatchUp(ctx context.Context, ch core.Channel, from core.Seq, now time.Time) (papers int, err error)
	// Sample plans one post of the newest day that has papers for the channel,
	// once a channel: had says that it has had it.
	Sample(ctx context.Context, ch core.Channel) (papers int, had bool, err error)
	// Repost plans a paper's version as a message of its own, once: planned says
	// that it was not planned before. first is the paper's line in the ledger.
	Repost(ctx context.Context, ch core.Channel, paper *core.Paper, first core.Delivery) (planned bool, err error)
}

// Voter is what of core/votes a button can do.
type Voter interface {
	// Toggle gives a person's vote for a delivered paper, or takes it back; on
	// says which.
	Toggle(ctx context.Context, ch core.Channel, d core.Delivery, id core.PaperID, kind core.VoteKind, user core.User, now time.Time) (on bool, err error)
	// Choose gives a person's one vote of a ballot to a paper, or takes it back
	// from the one that has it; on says which.
	Choose(ctx context.Context, ch core.Channel, ballot core.Item, id core.PaperID, user core.User, now time.Time) (on bool, err error)
}

// Options are what a Chat is made of.
type Options struct {
	Store       Store
	Query       *query.Reader
	Planner     Planner
	Voter       Voter
	Subscriber  Subscriber // nil: no mail is sent
	Librarian   Librarian  // nil: nothing goes into a library
	Connections *core.Connections
	Now         func() time.Time // the calendar
	Log         *slog.Logger
	Defaults    core.Defaults   // for a channel where nothing is set
	Quota       core.Quota      // of channels and topics; how often people ask is kept by core/ratelimit
	Page        string          // where the readers' page is reached, without a slash at its end; "": there is none
	NotBefore   time.Time       // a calendar earlier than this is a broken clock: status says so
	Wake        func()          // something may be due; nil: nobody has to know
	Full        func() bool     // the store has no room; nil: it has
	NoRoom      func(err error) // the store answered so; nil: nobody has to know
}

// Chat answers. Its methods are safe for concurrent use; what it knows is in
// the store.
type Chat struct {
	Options
	completer *complete.Completer
	notes     notes
	repeats   repeats
}

// New puts a Chat together.
func New(o Options) *Chat {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Connections == nil {
		o.Connections = core.NewConnections(o.Log)
	}
	if o.Defaults.Settings.Max == 0 {
		o.Defaults.Settings = core.DefaultSettings()
	}
	if o.Defaults.Schedule.Days == 0 {
		o.Defaults.Schedule.Days = core.Weekdays
	}
	if o.Defaults.Schedule.Time == "" {
		o.Defaults.Schedule.Time = "09:00"
	}
	if o.Wake == nil {
		o.Wake = func() {}
	}
	if o.Full == nil {
		o.Full = func() bool { return false }
	}
	if o.NoRoom == nil {
		o.NoRoom = func(error) {}
	}
	return &Chat{Options: o, completer: &complete.Completer{Store: o.Store, Query: o.Query, Log: o.Log}, notes: newNotes(o.Log)}
}

// call is one request on its way through a verb.
type call struct {
	ctx     context.Context
	now     time.Time
	channel core.Channel
	network core.Network
	user    core.User
	verbs.Call
	about int64 // the channel that buttons have to name, because they stand elsewhere; 0: they need not
	from  int   // of a list, the first entry that is shown

	aloud bool  // asked before everybody
	own   bool  // the answer is about the person alone
	letGo bool  // a change was insisted on, whatever guards it loses
	told  bool  // the answer says why the channel is held
	door  *door // what the connection says of posting here; nil: not asked
}

func (c *call) today() core.Date { return c.channel.Day(c.now) }

func (c *call) loc() *time.Location { return c.channel.Location() }

// command shows a command as people type it here.
func (c *call) command(text string) say.Span { return verbs.Typed(c.network, text) }

// when tells a moment to come.
func (c *call) when(t time.Time) say.Span { return say.At(t, core.When(t, c.now, c.loc())) }

func (c *call) mention() string { return "@" + c.user.Name }

// button carries its verb and what it is about.
func (c *call) button(label string, parts ...string) core.Button {
	if c.about != 0 {
		parts = append([]string{elsewhere, strconv.FormatInt(c.about, 10)}, parts...)
	}
	return cards.Button(label, parts...)
}

// fits is the button, where it is not too long for the platform.
func (c *call) fits(button core.Button) []core.Button { return cards.Fit(button, c.network.Limits) }

// do is a button that types a command.
func (c *call) do(label, command string) []core.Button { return c.fits(c.button(label, "do", command)) }

// Do answers a command.
func (b *Chat) Do(ctx context.Context, r core.Request) core.Reply { return b.do(ctx, r, 0) }

func (b *Chat) do(ctx context.Context, r core.Request, about int64) core.Reply {
	c := b.call(ctx, r.Channel, r.User)
	c.aloud, c.about = r.Aloud, about
	var unread error
	if c.Call, unread = verbs.Parse(r, c.network); c.Guess && c.Verb.Name == "unsubscribe" && !b.follows(ctx, r.Channel, c.Args["topic"]) {
		c.Call, unread = verbs.Search(r.Text, c.network)
	}
	if reply := b.begin(c, r.ID, r.Channel, r.Name, r.Private, unread == nil && c.changes()); reply != nil {
		return *reply
	}
	return b.answer(c, func() (core.Reply, error) {
		if unread != nil {
			return core.Reply{}, unread
		}
		if c.Verb.Who == verbs.ForEditor && !c.aboutMe() {
			if err := b.mayEdit(c); err != nil {
				return core.Reply{}, err
			}
		}
		return b.does(c)
	})
}

// does answers a verb.
func (b *Chat) does(c *call) (core.Reply, error) { return does[c.Verb.Name](b, c) }

// does has what answers each verb.
var does map[string]func(*Chat, *call) (core.Reply, error)

func init() { // a literal would refer to itself through the buttons
	does = map[string]func(*Chat, *call) (core.Reply, error){
		"search": (*Chat).search, "today": (*Chat).today, "top": (*Chat).top, "show": (*Chat).show,
		"similar": (*Chat).similar, "why": (*Chat).why, "subscribe": (*Chat).subscribe, "unsubscribe": (*Chat).unsubscribe,
		"list": (*Chat).listTopics, "preview": (*Chat).preview, "mute": (*Chat).mute, "unmute": (*Chat).unmute,
		"schedule": (*Chat).schedule, "settings": (*Chat).settings, "pause": (*Chat).pause, "resume": (*Chat).resume,
		"save": (*Chat).save, "saved": (*Chat).saved, "export": (*Chat).export, "status": (*Chat).status, "help": (*Chat).help,
		"audit": (*Chat).audit, "taste": (*Chat).taste, "learn": (*Chat).learn, "link": (*Chat).link, "stats": (*Chat).stats, "club": (*Chat).club,
		"repost": (*Chat).repost, "mail": (*Chat).mail, "zotero": (*Chat).zotero,
	}
}

func (b *Chat) call(ctx context.Context, key core.ChannelKey, user core.User) *call {
	c := &call{ctx: ctx, now: b.Now(), user: user}
	c.network, _ = b.Connections.Network(key.Platform)
	return c
}

// begin recognises repeats and finds the channel. What changes something is
// remembered in the store, so that no restart makes it twice; a question, which
// harms nobody when it is answered twice, in this process only where no other hears
// it: it must not wait for a writer.
func (b *Chat) begin(c *call, id string, key core.ChannelKey, name string, private, changes bool) *core.Reply {
	failed := func(err error) *core.Reply {
		r := b.errorReply(c, err)
		return &r
	}
	if err := b.paused(c.ctx, key.Installation()); err != nil {
		return failed(err)
	}
	var err error
	if !changes {
		if id != "" && b.repeated(c, eventID(key, id)) {
			return &core.Reply{}
		}
		if c.channel, err = b.lookUp(c, key, name, private); err != nil {
			return failed(err)
		}
		return nil
	}
	if id != "" {
		seen, err := b.Store.SeenEvent(c.ctx, "request/"+eventID(key, id), c.now)
		switch {
		case errors.Is(err, core.ErrFull): // a repeat is not recognised; it can change nothing either
			b.NoRoom(err)
		case err != nil:
			return failed(err)
		case seen:
			return &core.Reply{}
		}
	}
	if c.channel, err = b.ensure(c.ctx, b.newChannel(key, name, c.now), private); err != nil {
		return failed(err)
	}
	return nil
}

// paused is an error where an operator has paused an installation.
func (b *Chat) paused(ctx context.Context, in core.Installation) error {
	paused, err := b.Store.WorkspacePaused(ctx, in)
	if err == nil && paused {
		err = core.Userf("E-PAUSED", "Paperboy is paused here by the people who run it: nothing is posted or answered. Ask them to have it go on.")
	}
	return err
}

// repeated recognises a question that comes again: what others may have heard, by the
// store. A question that cannot be noted is answered.
func (b *Chat) repeated(c *call, id string) bool {
	if b.repeats.has(id) {
		return true
	}
	if b.Store.Exclusive() {
		return false
	}
	seen, err := b.Store.SeenEvent(c.ctx, "request/"+id, c.now)
	if err != nil {
		b.Log.Warn("a question could not be noted; should it come again, it is answered again", "err", err)
	}
	return seen
}

// eventID is an id of a request that no other installation has.
func eventID(key core.ChannelKey, id string) string {
	return key.Platform + "/" + key.Workspace + "/" + id
}

// ensure finds or makes a channel. private: it is known not to be everybody's.
func (b *Chat) ensure(ctx context.Context, fresh core.Channel, private bool) (core.Channel, error) {
	ch, err := b.Store.EnsureChannel(ctx, fresh)
	if err == nil && private && !ch.Private {
		ch, err = b.Store.UpdateChannel(ctx, ch.ID, func(c *core.Channel) { c.Private = true })
	}
	return ch, err
}

// nowhere is the ID of a channel that nothing is known of. No row has it, and
// unlike 0 it never means all of them.
const nowhere = -1

// lookUp is the channel for who only reads: as it is known, and as the question
// tells it.
func (b *Chat) lookUp(c *call, key core.ChannelKey, name string, private bool) (core.Channel, error) {
	ch, err := b.Store.ChannelByKey(c.ctx, key)
	fresh := b.newChannel(key, name, c.now)
	switch {
	case errors.Is(err, core.ErrNotFound):
		ch = fresh
		ch.ID = nowhere
	case err != nil:
		return core.Channel{}, err
	case ch.Gone.IsZero() && (name == "" || name == ch.Name) && (!private || ch.Private):
		return ch, nil
	}
	ch.Name, ch.Private = cmp.Or(name, ch.Name), ch.Private || private
	ch.Gone, ch.Closed = time.Time{}, false
	b.notes.put(c.ctx, func(ctx context.Context) error {
		_, err := b.ensure(ctx, fresh, private)
		return err
	})
	return ch, nil
}

// newChannel is a channel as the configuration wants new ones.
func (b *Chat) newChannel(key core.ChannelKey, name string, now time.Time) core.Channel {
	ch := core.Channel{Key: key, Name: name, Settings: b.Defaults.Settings, Schedule: b.Defaults.Schedule, Created: now}
	if ch.Schedule.Zone != "" {
		ch.Scheduled = now
	}
	return ch
}

// answer runs what was asked, adds what the channel should have been told, and
// decides whether everybody may read it: what was asked aloud, was answered,
// changed nothing and is not about the person alone.
func (b *Chat) answer(c *call, do func() (core.Reply, error)) core.Reply {
	reply, err := do()
	if err != nil {
		reply = b.errorReply(c, err)
	}
	if !c.channel.Hold.Since.IsZero() {
		b.retryNow(c, &reply)
	}
	if c.aloud && !reply.Failed && len(reply.Line) == 0 && c.Verb.Who == verbs.Anyone && !c.own {
		reply.Public = true
	}
	if c.about != 0 && len(reply.Line) > 0 {
		reply.Told = c.channel.Key
	}
	return reply
}

// errorReply turns an error into its two readers' versions.
func (b *Chat) errorReply(c *call, err error) core.Reply {
	text, ref := userMessage(err)
	if errors.Is(err, core.ErrFull) {
		b.NoRoom(err)
	}
	if errors.Is(err, core.ErrBusy) {
		b.Log.Warn("the database is busy; a request was given up", "verb", c.Verb.Name, "channel", c.channel.ID, "err", err)
	}
	if ref != "" {
		b.Log.Error("request failed", "ref", ref, "verb", c.Verb.Name, "channel", c.channel.ID, "err", err)
	}
	card := core.Card{Lines: []say.Text{text}}
	if e, ok := errors.AsType[*core.UserError](err); ok && e.Col > 0 && e.Col <= len([]rune(c.Text))+1 {
		card.Block = pointed(c.Text, e.Col)
	}
	return core.Reply{Card: card, Failed: true}
}

// pointed shows a place in what was typed: as much of it as a phone shows on a line.
func pointed(typed string, col int) string {
	const before, after = 30, 15
	line := []rune(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, typed))
	at := col - 1
	if to := at + after; to < len(line) {
		line = append(line[:to:to], '…')
	}
	if from := at - before; from > 0 {
		line = append([]rune{'…'}, line[from:]...)
		at = before + 1
	}
	return string(line) + "\n" + strings.Repeat(" ", at) + "^"
}

// mayEdit says whether the person may change what the channel follows. A
// platform that does not say with every request who manages a channel is asked
// only where nothing else lets the person.
func (b *Chat) mayEdit(c *call) error {
	editors := c.editors()
	if editors == "members" || c.user.Manager || c.isOwner() || c.hasRole(editors) {
		return nil
	}
	if m, ok := b.Connections.For(c.channel.Key.Installation()).(core.Managers); ok && c.user.Key != "" {
		if c.user.Manager = m.Manages(c.ctx, c.channel.Key, c.user); c.user.Manager {
			return nil
		}
	}
	if c.network.ManageRight != "" {
		return core.Userf("E-PERM-D", "You need *%s* here to change topics. You can still search and save.", c.network.ManageRight)
	}
	if c.channel.SetUpBy != "" {
		return core.Userf("E-PERM-S", "Only channel managers may change topics in this channel. Ask @%s, who set it up.", c.channel.SetUpBy)
	}
	return core.Userf("E-PERM-S", "Only channel managers may change topics in this channel.")
}

// editors are who may change topics here: as was set, or by the platform's custom.
func (c *call) editors() string {
	return cmp.Or(c.channel.Settings.Editors, c.network.Editors, "members")
}

// hasRole reports whether editors is a role that the person has.
func (c *call) hasRole(editors string) bool {
	role, ok := strings.CutPrefix(editors, "@")
	for _, has := range c.user.Roles {
		if ok && strings.EqualFold(has, role) {
			return true
		}
	}
	return false
}

// isOwner: where the platform has no right of its own for it, whoever set a
// channel up cannot shut themselves out.
func (c *call) isOwner() bool {
	return c.network.ManageRight == "" && c.channel.Owner != "" && c.channel.Owner == c.user.Key
}

// change updates the channel on behalf of the person, who set it up if nobody did before.
func (b *Chat) change(c *call, f func(*core.Channel)) error {
	ch, err := b.Store.UpdateChannel(c.ctx, c.channel.ID, func(ch *core.Channel) {
		if ch.SetUpBy == "" {
			ch.SetUpBy, ch.Owner = c.user.Name, c.user.Key
		}
		f(ch)
	})
	if err == nil {
		c.channel = ch
		b.Wake()
	}
	return err
}

// retryNow has a held channel tried at once, since somebody is there, and tells the
// reason once, privately, to someone who can edit.
func (b *Chat) retryNow(c *call, reply *core.Reply) {
	mended := c.door != nil && c.door.open
	tell := c.told || !mended && !c.channel.Hold.Told && !c.aloud && b.mayEdit(c) == nil
	b.notes.put(c.ctx, func(ctx context.Context) error {
		_, err := b.Store.UpdateChannel(ctx, c.channel.ID, func(ch *core.Channel) {
			if !ch.Hold.Since.IsZero() {
				ch.Hold.NextTry = c.now
				ch.Hold.Told = ch.Hold.Told || tell
			}
		})
		b.Wake()
		return err
	})
	if tell && !c.told {
		reply.Card.Lines = append(reply.Card.Lines, cards.Held(&c.channel))
	}
}
