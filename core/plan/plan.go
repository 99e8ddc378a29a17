// Package plan decides what a channel's post holds, and writes it down in the
// ledger before anything is sent.
//
//	plan.go    the queue of channels whose minute has come
//	digest.go  a post as a pure function of what is known
//	club.go    the votes of the journal club, and what won
//	sample.go  something to see before the first morning
//	notices.go one line about a source that is late, or back
//
// In: channels that are due, and the papers that changed since each was last
// planned. Out: digests with their deliveries.
//
// What is new for a channel is what changed in the store since its last plan,
// came after its topics, matches, is not muted and has no line in its ledger.
// No date is asked. It promises: nothing eligible is left out silently, it is
// planned or skipped with a reason; posts that were missed are one; while a
// channel is held nothing more is planned for it; what is planned together, the
// day's post, the best of the week and the journal club, is written down together.
package plan

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/core/breaker"
	"paperboy/core/cards"
	"paperboy/core/query"
	"paperboy/core/rank"
	"paperboy/core/say"
	"paperboy/core/topic"
	"paperboy/core/verbs"
)

// Store is what the planner needs of the store.
type Store interface {
	Due(ctx context.Context, now time.Time, limit int, serves func(core.Installation) bool) ([]core.Channel, error)
	NextDue(ctx context.Context, after time.Time) (time.Time, error)
	Clamp(ctx context.Context, now time.Time) error
	Planning(ctx context.Context, channels []int64, papers []core.PaperID, votedSince, now time.Time) (map[int64]core.Planning, error)
	PlanDigests(ctx context.Context, plans []core.Plan, told ...core.Told) (int, error)
	Delivery(ctx context.Context, channel int64, item core.Item) (core.Delivery, error)
	Restored(ctx context.Context) (core.Restored, error)
	UpdateChannel(ctx context.Context, id int64, change func(*core.Channel)) (core.Channel, error)
	Channels(ctx context.Context) ([]core.Channel, error)
	ChannelByID(ctx context.Context, id int64) (core.Channel, error)
	Topics(ctx context.Context, channel int64) ([]core.Topic, error)
	WorkspacePaused(ctx context.Context, in core.Installation) (bool, error)
	Libraries(ctx context.Context) ([]core.Library, error)
	SavedBy(ctx context.Context, user string) ([]core.Saved, error)
	DeliveriesOf(ctx context.Context, channel int64, since time.Time, states ...core.DeliveryState) ([]core.Delivery, error)
	DeliveriesFor(ctx context.Context, channel int64, papers []core.PaperID) (map[core.PaperID]core.Delivery, error)
	Tally(ctx context.Context, channel int64, papers []core.PaperID, since time.Time) (map[core.PaperID]core.Tally, error)

	Seq(ctx context.Context) (core.Seq, error)
	ChangedPapers(ctx context.Context, after core.Seq) ([]core.Paper, error)
	Papers(ctx context.Context, ids []core.PaperID) ([]core.Paper, error)
	Sightings(ctx context.Context, ids []core.PaperID) (map[core.PaperID][]core.Sighting, error)
	Listed(ctx context.Context, day core.Date) (int, error)
	SourceStates(ctx context.Context) ([]core.SourceState, error)
	Note(ctx context.Context, name string) (string, error)
	SetNote(ctx context.Context, name, value string) error
}

const (
	// Channels are planned in batches: a small one first, so that sending begins
	// at once, then larger ones, each a transaction.
	firstBatch = 16
	batchSize  = 128
	idle       = 20 * time.Second // ended pauses and wrong clocks are looked at so often
	fetchWait  = 10 * time.Second // no post waits longer for a source
	tasteDays  = 90               // of votes that say what a channel likes
)

// Options are what a Planner is made of.
type Options struct {
	Store       Store
	Query       *query.Reader
	Connections *core.Connections
	Clock       core.Clock
	Breaker     *breaker.Breaker
	Log         *slog.Logger
	NotBefore   time.Time // a calendar earlier than this is a broken clock: nothing is planned
	// Complete is when a source's list of a day is as good as whole.
	Complete func(source string, day core.Date) time.Time
	// Fetching is closed when the fetch that runs, or ran last, is over; nil
	// before the first.
	Fetching   func() <-chan struct{}
	WakePoster func() // there is something to send
}

// Planner plans. Its methods are safe for concurrent use.
type Planner struct {
	Options
	bell core.Bell

	mu   sync.Mutex
	last time.Time // what the calendar showed when it was last looked at
}

// New makes a Planner. It starts nothing.
func New(o Options) *Planner {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.WakePoster == nil {
		o.WakePoster = func() {}
	}
	if o.Fetching == nil {
		o.Fetching = func() <-chan struct{} { return nil }
	}
	return &Planner{Options: o, bell: core.NewBell()}
}

// Wake says that something may be due: a schedule was changed, say.
func (p *Planner) Wake() { p.bell.Ring() }

// Run plans what is due until the context ends.
func (p *Planner) Run(ctx context.Context) {
	for ctx.Err() == nil {
		p.waitForFetch(ctx)
		looked := p.Clock.Now()
		if err := p.PlanDue(ctx); err != nil && ctx.Err() == nil {
			p.Log.Error("planning", "err", err)
		}
		if p.bell.Wait(ctx, p.Clock, p.pause(ctx, looked)) != nil {
			return
		}
	}
}

// pause is how long nothing will be due that was not when it was looked last,
// which may have taken longer than until the next minute.
func (p *Planner) pause(ctx context.Context, looked time.Time) time.Duration {
	now := p.Clock.Now()
	if next, err := p.Store.NextDue(ctx, looked); err == nil && !next.IsZero() && next.Sub(now) <= idle {
		return next.Sub(now)
	}
	return idle
}

// waitForFetch lets a post that is due wait for sources that are being asked
// at this moment, but not for long: late papers come with the next post.
func (p *Planner) waitForFetch(ctx context.Context) {
	fetching := p.Fetching()
	if fetching == nil {
		return
	}
	due, err := p.Store.Due(ctx, p.Clock.Now(), 1, p.Connections.Serves)
	if err != nil || len(due) == 0 {
		return
	}
	given, stop := p.Clock.After(fetchWait)
	defer stop()
	select {
	case <-fetching:
	case <-given:
	case <-ctx.Done():
	}
}

// PlanDue writes down every post whose minute has come.
func (p *Planner) PlanDue(ctx context.Context) error {
	if p.Breaker.Open(ctx) {
		return nil
	}
	return p.Breaker.Note(p.planDue(ctx))
}

func (p *Planner) planDue(ctx context.Context) error {
	now := p.Clock.Now()
	if !p.Plausible(now) {
		p.Log.Warn("the clock is earlier than this program; nothing is posted until it is right", "clock", now)
		return nil
	}
	if err := p.clamp(ctx, now); err != nil {
		return err
	}
	round := p.round(now)
	done := map[int64]int{}
	for size := firstBatch; ctx.Err() == nil; size = min(2*size, batchSize) {
		due, err := p.Store.Due(ctx, now, size, p.Connections.Serves)
		if err != nil {
			return err
		}
		if len(due) == 0 {
			return p.shelve(ctx, now) // after the posts, for which somebody waits
		}
		for _, ch := range due {
			if done[ch.ID]++; done[ch.ID] > 2 { // the end of a pause, then its post
				return fmt.Errorf("channel %d stays due, whatever is planned", ch.ID)
			}
		}
		if err := round.plan(ctx, due); err != nil {
			return err
		}
		p.WakePoster()
	}
	return nil
}

// Plausible reports whether the calendar can be true.
func (p *Planner) Plausible(now time.Time) bool { return !now.Before(p.NotBefore) }

// clamp mends what a wrong clock has written, at the start and whenever the
// clock was set back.
func (p *Planner) clamp(ctx context.Context, now time.Time) error {
	p.mu.Lock()
	last := p.last
	p.last = now
	p.mu.Unlock()
	if !last.IsZero() && !now.Before(last.Add(-time.Minute)) {
		return nil
	}
	return p.Store.Clamp(ctx, now)
}

// NextDue is when the next post of any channel is due; zero when none is.
func (p *Planner) NextDue(ctx context.Context) (time.Time, error) {
	return p.Store.NextDue(ctx, p.Clock.Now())
}

// round is what all channels of one moment are planned from.
type round struct {
	*Planner
	now time.Time

	known   bool
	from    core.Seq // papers that changed after this …
	seq     core.Seq // … and up to this
	papers  []core.Paper
	ids     []core.PaperID
	seen    map[core.PaperID][]core.Sighting
	sources []core.SourceState

	restored core.Restored
	listed   map[core.Date]int
	tastes   *query.Tastes
}

func (p *Planner) round(now time.Time) *round {
	return &round{Planner: p, now: now, listed: map[core.Date]int{}, tastes: p.Query.Tastes(now)}
}

// read reads the papers that changed since a channel was planned, once for the
// whole round where that is possible.
func (r *round) read(ctx context.Context, from core.Seq) (err error) {
	if r.known && from >= r.from {
		return nil
	}
	if !r.known {
		if r.seq, err = r.Store.Seq(ctx); err != nil {
			return err
		}
		if r.sources, err = r.Store.SourceStates(ctx); err != nil {
			return err
		}
		if r.restored, err = r.Store.Restored(ctx); err != nil {
			return err
		}
	}
	all, err := r.Store.ChangedPapers(ctx, from)
	if err != nil {
		return err
	}
	r.papers = r.papers[:0:0]
	for _, p := range all {
		if p.Changed <= r.seq { // what came since belongs to the next round
			r.papers = append(r.papers, p)
		}
	}
	r.ids = make([]core.PaperID, len(r.papers))
	for i := range r.papers {
		r.ids[i] = r.papers[i].ID
	}
	if r.seen, err = r.Store.Sightings(ctx, r.ids); err != nil {
		return err
	}
	r.from, r.known = from, true
	return nil
}

// plan plans the posts of some channels that are due, as one transaction.
func (r *round) plan(ctx context.Context, due []core.Channel) error {
	for i := range due {
		if ch := &due[i]; !ch.PausedAt.IsZero() && !ch.Paused(r.now) {
			// What came meanwhile was not asked for: the next plan passes it over.
			ended, err := r.Store.UpdateChannel(ctx, ch.ID, func(c *core.Channel) {
				c.Resumed, c.LastDue = c.PausedUntil, c.PausedUntil
				c.PausedAt, c.PausedUntil = time.Time{}, time.Time{}
			})
			if err != nil {
				return err
			}
			*ch = ended
		}
	}
	pool, err := r.pool(ctx, due)
	if err != nil {
		return err
	}
	var plans []core.Plan
	brought := map[reader]map[core.PaperID]bool{}
	for i := range due {
		ch := &due[i]
		club, err := r.club(ctx, ch)
		if err != nil {
			return err
		}
		at, missed := ch.Missed(r.now)
		if missed == 0 && len(club) > 0 {
			plans = append(plans, club...)
			continue
		}
		if missed == 0 { // looked at in vain: its moment is written down anew
			for document, text := range ch.Damaged {
				r.Log.Error("a channel cannot be read; nothing is planned for it until that is set anew", "channel", ch.ID, "document", document, "text", text)
			}
			if _, err := r.Store.UpdateChannel(ctx, ch.ID, func(*core.Channel) {}); err != nil {
				return err
			}
			continue
		}
		kind := core.DailyPost
		if missed > 1 {
			kind = core.CatchUp
		}
		posts, err := r.posts(ctx, ch, pool[ch.ID].without(brought[readerOf(ch)]), kind, at, missed)
		if err != nil {
			return err
		}
		plans = append(plans, posts...)
		if ch.Follows != 0 {
			brought[readerOf(ch)] = bring(brought[readerOf(ch)], posts)
		}
		if monday, ok := mondays(ch, at); ok && ch.Settings.Weekly {
			best, err := r.weekly(ctx, ch, monday)
			if err != nil {
				return err
			}
			plans = append(plans, best...)
		}
		plans = append(plans, club...)
	}
	if len(plans) == 0 {
		return nil
	}
	if _, err := r.Store.PlanDigests(ctx, plans); err != nil {
		return err
	}
	return nil
}

// eligible is what may go into one channel's post.
type eligible struct {
	core.Planning
	papers []query.Candidate
	others []query.Candidate // to its taste, of no topic
	passed []passed
}

// reader is whose a channel is that follows another one: who gets several has each
// paper once.
type reader struct {
	in   core.Installation
	name string
}

func readerOf(ch *core.Channel) reader {
	if ch.Follows == 0 {
		return reader{}
	}
	return reader{ch.Key.Installation(), strings.ToLower(ch.Name)}
}

// without passes over what other posts of the same round bring to the same reader.
func (e eligible) without(brought map[core.PaperID]bool) eligible {
	if len(brought) == 0 {
		return e
	}
	all := e.papers
	e.papers = nil
	for _, c := range all {
		if brought[c.Paper.ID] {
			e.passed = append(e.passed, passed{c, core.CameElsewhere})
		} else {
			e.papers = append(e.papers, c)
		}
	}
	e.others = slices.DeleteFunc(slices.Clone(e.others), func(c query.Candidate) bool { return brought[c.Paper.ID] })
	return e
}

// bring adds the papers of some posts.
func bring(brought map[core.PaperID]bool, posts []core.Plan) map[core.PaperID]bool {
	if brought == nil {
		brought = map[core.PaperID]bool{}
	}
	for _, p := range posts {
		for _, d := range p.Items {
			if id, isPaper := d.Item.Paper(); isPaper && d.State != core.Skipped {
				brought[id] = true
			}
		}
	}
	return brought
}

// passed is a paper that is not posted, and why.
type passed struct {
	query.Candidate
	reason string
}

// pool finds what is eligible for some channels.
func (r *round) pool(ctx context.Context, channels []core.Channel) (map[int64]eligible, error) {
	from := channels[0].Planned
	var ids []int64
	for _, ch := range channels {
		from, ids = min(from, ch.Planned), append(ids, ch.ID)
		if ch.Follows != 0 {
			ids = append(ids, ch.Follows)
		}
	}
	if err := r.read(ctx, from); err != nil {
		return nil, err
	}
	known, err := r.Store.Planning(ctx, ids, r.ids, r.now.AddDate(0, 0, -tasteDays), r.now)
	if err != nil {
		return nil, err
	}
	if err := r.follow(ctx, channels, known); err != nil {
		return nil, err
	}
	var readable []*core.Topic
	var said []*topic.Topic
	for _, ch := range channels {
		for i := range known[ch.ID].Topics {
			t := &known[ch.ID].Topics[i]
			if t.Unreadable != "" {
				r.Log.Error("a topic cannot be read and matches nothing", "channel", ch.ID, "topic", t.Unreadable)
				continue
			}
			readable, said = append(readable, t), append(said, &t.Topic)
		}
	}
	if err := r.Query.Ready(ctx, said...); err != nil {
		return nil, err
	}
	topics := make([]core.Topic, len(readable))
	for i, t := range readable {
		topics[i] = *t
	}
	matches := query.NewMatches(r.papers, topics)
	if err := r.learn(ctx, channels, known); err != nil {
		return nil, err
	}
	out := make(map[int64]eligible, len(channels))
	for i := range channels {
		ch := &channels[i]
		e := eligible{Planning: known[ch.ID]}
		hidden, err := r.Query.Hide(ctx, e.Mutes)
		if err != nil {
			return nil, err
		}
		found := matches.Of(ch, e.Topics, func(p *core.Paper, t *core.Topic) bool {
			return p.Changed > ch.Planned && p.Seq > t.Since && ch.Enough(p)
		})
		for _, c := range found {
			switch {
			case e.Had[c.Paper.ID]:
			case hidden.Has(c.Paper.ID, c.Doc):
				e.passed = append(e.passed, passed{c, core.MutedHere})
			case !ch.Resumed.IsZero() && c.Paper.Seq > ch.Planned && r.cameBefore(c.Paper, ch.Resumed):
				e.passed = append(e.passed, passed{c, core.CameWhilePaused})
			case e.Elsewhere[c.Paper.ID]:
				e.passed = append(e.passed, passed{c, core.CameElsewhere})
			default:
				e.papers = append(e.papers, c)
			}
		}
		if ch.Settings.Discover > 0 {
			others := slices.DeleteFunc(matches.Others(ch, e.Topics), func(c query.Candidate) bool {
				return c.Paper.Seq <= ch.Planned || !ch.Enough(c.Paper) || e.Had[c.Paper.ID] || e.Elsewhere[c.Paper.ID] || hidden.Has(c.Paper.ID, c.Doc) ||
					!ch.Resumed.IsZero() && r.cameBefore(c.Paper, ch.Resumed)
			})
			if e.others, err = r.discover(ctx, ch, e.Previous, others); err != nil {
				return nil, err
			}
		}
		out[ch.ID] = e
	}
	return out, nil
}

// follow has channels that are readers' go by those that they follow. Where the bot
// is not in one any more, nothing concerns who follows it.
func (r *round) follow(ctx context.Context, channels []core.Channel, known map[int64]core.Planning) error {
	for i := range channels {
		ch := &channels[i]
		if ch.Follows == 0 {
			continue
		}
		of, err := r.Store.ChannelByID(ctx, ch.Follows)
		if err != nil {
			return err
		}
		own := known[ch.ID]
		topics := own.Topics // a reader may have its own
		if own.Topics, own.Mutes = nil, nil; of.Gone.IsZero() {
			own.Topics, own.Mutes, own.Voted = topics, known[of.ID].Mutes, known[of.ID].Voted
			if len(topics) == 0 {
				own.Topics = known[of.ID].Topics
			}
		}
		known[ch.ID] = own
		ch.Settings, ch.Taste = of.Settings, of.Taste
		s := &ch.Settings
		s.Max, s.Layout, s.QuietNote, s.Weekly = maxPerDigest, core.LayoutCards, false, false
	}
	return nil
}

// learn reads what the votes of those channels say that have any.
func (r *round) learn(ctx context.Context, channels []core.Channel, known map[int64]core.Planning) error {
	var voting []core.Channel
	for _, ch := range channels {
		if said := ch.Taste; known[ch.ID].Voted || len(said.Seeds)+len(said.More)+len(said.Less) > 0 {
			ch.ID = ch.Reads()
			voting = append(voting, ch)
		}
	}
	return r.tastes.Learn(ctx, voting...)
}

// discover is what a channel's taste brings beside its topics, as much as a day
// may have.
func (r *round) discover(ctx context.Context, ch *core.Channel, previous time.Time, others []query.Candidate) ([]query.Candidate, error) {
	most := ch.Settings.Discover
	if today := ch.Day(r.now); !previous.IsZero() && ch.Day(previous) == today { // there was a post already
		had, err := r.Query.Discovered(ctx, *ch, today)
		if err != nil {
			return nil, err
		}
		most -= len(had)
	}
	return r.tastes.Discover(ctx, ch, others, most)
}

// cameBefore reports whether a paper was there at a moment: stored, or on lists
// that were whole by then, though nobody was up to read them.
func (r *round) cameBefore(p *core.Paper, t time.Time) bool {
	if p.Seen.Before(t) {
		return true
	}
	seen := r.seen[p.ID]
	for _, s := range seen {
		if r.Complete(s.Source, s.Day).After(t) {
			return false
		}
	}
	return len(seen) > 0
}

// posts plans one channel's post from what is eligible, and before it what may
// have been posted before the store was restored.
func (r *round) posts(ctx context.Context, ch *core.Channel, e eligible, kind core.DigestKind, at time.Time, missed int) ([]core.Plan, error) {
	network, _ := r.Connections.Network(ch.Key.Platform)
	in := input{
		channel: *ch, kind: kind, due: at, now: r.now, missed: missed, previous: e.Previous, threads: network.Threads,
		command: func(text string) say.Span { return verbs.Typed(network, text) }, topics: len(e.Topics), passed: e.passed, voted: e.Voted,
	}
	day := ch.Day(at)
	if _, ok := r.listed[day]; !ok {
		n, err := r.Store.Listed(ctx, day)
		if err != nil {
			return nil, err
		}
		r.listed[day] = n
	}
	in.listed = r.listed[day]
	for _, s := range r.sources {
		if note := cards.SourceNote(s, ch.Location()); note != nil {
			in.sources = append(in.sources, note)
		}
	}
	waiting, err := r.waiting(ctx, e.Waiting)
	if err != nil {
		return nil, err
	}
	fresh, because, err := r.order(ctx, ch, e, e.papers)
	if err != nil {
		return nil, err
	}
	var plans []core.Plan
	certain, lost := r.sort(fresh)
	if len(lost) > 0 {
		digest, items := recheck(in, lost, r.restored.From)
		plans = append(plans, core.Plan{Digest: digest, Items: items, Seq: r.seq})
		in.channel.Settings.QuietNote = false // something may come yet
	}
	in.papers = append(waiting, certain...)
	for _, c := range e.others {
		if !r.restored.Doubts(c.Paper, r.seen[c.Paper.ID]) {
			in.others = append(in.others, candidate{Candidate: c})
		}
	}
	if len(waiting) == 0 && len(certain) > 0 && certain[0].Paper == fresh[0].Paper {
		in.because = because
	}
	digest, items := compose(in)
	r.doubtHeader(at, items)
	return append(plans, core.Plan{Digest: digest, Items: items, Seq: r.seq}), nil
}

// sort tells what certainly was not posted from what may have been, before the
// store was restored.
func (r *round) sort(cs []candidate) (certain, lost []candidate) {
	for _, c := range cs {
		if r.restored.Doubts(c.Paper, r.seen[c.Paper.ID]) {
			lost = append(lost, c)
		} else {
			certain = append(certain, c)
		}
	}
	return certain, lost
}

// doubtHeader has a header looked for that was due before the store was restored.
func (r *round) doubtHeader(due time.Time, items []core.Delivery) {
	for i := range items {
		if _, isPaper := items[i].Item.Paper(); !isPaper && !due.After(r.restored.Until) {
			items[i].State, items[i].Attempt, items[i].Begun = core.Sending, 1, r.restored.From
		}
	}
}

// waiting are papers of a post whose header nobody knows to be there: they come
// in the next one, labelled late.
func (r *round) waiting(ctx context.Context, ds []core.Delivery) ([]candidate, error) {
	if len(ds) == 0 {
		return nil, nil
	}
	matched := map[core.PaperID][]core.Matched{}
	var ids []core.PaperID
	for _, d := range ds {
		if id, isPaper := d.Item.Paper(); isPaper {
			ids = append(ids, id)
			matched[id] = d.Matched
		}
	}
	papers, err := r.Store.Papers(ctx, ids)
	out := make([]candidate, len(papers))
	for i := range papers {
		out[i] = candidate{Candidate: query.Candidate{Paper: &papers[i], Matched: matched[papers[i].ID], Late: true}, adopted: true}
	}
	return out, err
}

// order puts what is eligible into the order in which people are to see it:
// author matches, then the score of core/rank, ties by id. because says why the
// first is the first, where that is for votes here alone.
func (r *round) order(ctx context.Context, ch *core.Channel, e eligible, cs []query.Candidate) (out []candidate, because say.Text, err error) {
	ranked := make([]rank.Candidate, len(cs))
	for i := range cs {
		c := &cs[i]
		c.Late = r.isLate(c.Paper, e.Previous)
		ranked[i] = query.Rank(c)
	}
	if len(cs) > 0 {
		affinity, err := r.tastes.Affinity(ctx, ch.Reads(), cs)
		if err != nil {
			return nil, nil, err
		}
		without := rank.Order(ranked)
		for i := range ranked {
			ranked[i].Affinity = affinity[i]
		}
		if first := rank.Order(ranked)[0]; first != without[0] {
			liked, ok, err := r.tastes.Nearest(ctx, ch.Reads(), cs[first].Paper)
			if err != nil {
				return nil, nil, err
			}
			if ok {
				because = say.Join("", say.Say("first because "), cards.WhoLiked(liked))
			}
		}
	}
	out = make([]candidate, len(cs))
	for place, i := range rank.Order(ranked) {
		out[place] = candidate{Candidate: cs[i]}
	}
	return out, because, nil
}

// isLate reports whether a paper came only after the previous post, though
// every list it stood on was as good as whole by then.
func (r *round) isLate(p *core.Paper, previous time.Time) bool {
	seen := r.seen[p.ID]
	if previous.IsZero() || len(seen) == 0 || p.Seen.Before(previous) {
		return false
	}
	for _, s := range seen {
		if r.Complete(s.Source, s.Day).After(previous) {
			return false
		}
	}
	return true
}

// mondays is the last Monday's post among those that are due, up to at, which may
// be one that was missed.
func mondays(ch *core.Channel, at time.Time) (due time.Time, ok bool) {
	day := ch.Day(at)
	for day.Weekday() != time.Monday {
		day = day.AddDays(-1)
	}
	due, ok = ch.Schedule.Next(day.Time(ch.Location()).Add(-1))
	return due, ok && ch.Day(due) == day && !due.After(at) && due.After(ch.LastDue) && due.After(ch.Scheduled)
}

// weekly plans the best of the week: one message, ten by votes since last
// Monday. A week without votes has none.
func (r *round) weekly(ctx context.Context, ch *core.Channel, at time.Time) ([]core.Plan, error) {
	since := ch.Day(at).AddDays(-7)
	ranked, voted, _, err := r.Query.Top(ctx, *ch, since)
	if err != nil || !voted {
		return nil, err
	}
	card := &core.Card{
		Title:    "📰 Best of the week" + at.In(ch.Location()).Format(" · Mon 2 Jan"),
		Numbered: true,
		Lines:    []say.Text{say.Say("By votes here since %s:", since.Time(time.UTC).Format("Mon 2 Jan"))},
		Buttons:  []core.Button{cards.Button("Export BibTeX", "do", "export bibtex what:top since:7d")},
	}
	for _, h := range ranked[:min(len(ranked), 10)] {
		if h.Votes == 0 {
			break
		}
		v := cards.Entry(&h.Paper)
		v.Votes = h.Votes
		card.Papers = append(card.Papers, v)
	}
	header := core.Delivery{Channel: ch.ID, Item: core.HeaderItem(core.Weekly, at), Place: core.InChannel, State: core.Planned}
	if ch.Settings.Layout == core.LayoutForum {
		header.Place = core.InForum
	}
	items := []core.Delivery{header}
	r.doubtHeader(at, items)
	return []core.Plan{{Digest: core.Digest{Channel: ch.ID, Due: at, Kind: core.Weekly, Header: card, Planned: r.now}, Items: items}}, nil
}

// Missed counts what a channel would get if it were planned now, and says up to
// which change that looks.
func (p *Planner) Missed(ctx context.Context, ch core.Channel, now time.Time) (papers int, to core.Seq, err error) {
	r := p.round(now)
	pool, err := r.pool(ctx, []core.Channel{ch})
	return len(pool[ch.ID].papers), r.seq, err
}

// CatchUp plans one post of what came since from, and says how many papers are
// in it. Asked for twice, it is one.
func (p *Planner) CatchUp(ctx context.Context, ch core.Channel, from core.Seq, now time.Time) (papers int, err error) {
	r := p.round(now)
	ch.Planned = from
	pool, err := r.pool(ctx, []core.Channel{ch})
	if err != nil || len(pool[ch.ID].papers) == 0 {
		return 0, err
	}
	posts, err := r.posts(ctx, &ch, pool[ch.ID], core.CatchUp, now, 1)
	if err != nil {
		return 0, err
	}
	written, err := p.Store.PlanDigests(ctx, posts)
	if err != nil || written == 0 {
		return 0, err
	}
	p.WakePoster()
	return len(pool[ch.ID].papers), nil
}
