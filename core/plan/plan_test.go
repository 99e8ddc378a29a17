package plan_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/breaker"
	"paperboy/core/plan"
	"paperboy/core/query"
	"paperboy/core/topic"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// A desk is a planner with a database in a file of its own, and verbs for
// telling stories. Nothing is sent: what is planned stands in the ledger. It is
// Monday, 24 November 2025, noon in Berlin.
type desk struct {
	*testing.T
	file    string
	db      *store.Store
	ledger  *ledger // the database as the planner sees it
	planner *plan.Planner
	now     time.Time
	runs    bool // by the clock of the bubble that it is in
	wakes   atomic.Int32
	log     testkit.Log
}

// ledger counts what is asked, and fails when it is told to.
type ledger struct {
	*store.Store
	everything atomic.Int32 // questions whose answer grows with all channels
	asked      atomic.Int32 // questions at all
	slow       atomic.Int64 // how long it takes to say what is due
	fails      func(plans []core.Plan, told []core.Told) error
	wrote      [][]core.Plan // what was written together
}

func (l *ledger) Channels(ctx context.Context) ([]core.Channel, error) {
	l.everything.Add(1)
	return l.Store.Channels(ctx)
}

func (l *ledger) Topics(ctx context.Context, channel int64) ([]core.Topic, error) {
	l.everything.Add(1)
	return l.Store.Topics(ctx, channel)
}

func (l *ledger) Due(ctx context.Context, now time.Time, limit int, serves func(core.Installation) bool) ([]core.Channel, error) {
	due, err := l.Store.Due(ctx, now, limit, serves)
	time.Sleep(time.Duration(l.slow.Load()))
	return due, err
}

func (l *ledger) ChangedPapers(ctx context.Context, after core.Seq) ([]core.Paper, error) {
	l.asked.Add(1)
	return l.Store.ChangedPapers(ctx, after)
}

func (l *ledger) Planning(ctx context.Context, channels []int64, papers []core.PaperID, votedSince, now time.Time) (map[int64]core.Planning, error) {
	l.asked.Add(1)
	return l.Store.Planning(ctx, channels, papers, votedSince, now)
}

func (l *ledger) UpdateChannel(ctx context.Context, id int64, change func(*core.Channel)) (core.Channel, error) {
	l.asked.Add(1)
	return l.Store.UpdateChannel(ctx, id, change)
}

func (l *ledger) PlanDigests(ctx context.Context, plans []core.Plan, told ...core.Told) (int, error) {
	l.asked.Add(1)
	if l.fails != nil {
		if err := l.fails(plans, told); err != nil {
			return 0, err
		}
	}
	l.wrote = append(l.wrote, plans)
	return l.Store.PlanDigests(ctx, plans, told...)
}

// platform is where the channels are; nothing is posted there.
type platform struct{}

func (platform) Network() core.Network {
	return core.Network{Name: "web", Command: "/papers", Editors: "members", Threads: true}
}

func (platform) Serves(in core.Installation) bool { return in.Workspace != "deaf" }

func (platform) Post(context.Context, core.Post) (core.MessageRef, error) {
	return core.MessageRef{}, errors.New("nothing is sent here")
}

var at = testkit.At

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t, now: at("2025-11-24 12:00")}
	d.file = filepath.Join(t.TempDir(), "paperboy.db")
	db, err := store.Open(context.Background(), d.file)
	d.ok(err)
	t.Cleanup(func() { db.Close() })
	d.db, d.ledger = db, &ledger{Store: db}
	d.restarts()
	return d
}

// restarts makes a planner that knows nothing, as a process does that was just
// started.
func (d *desk) restarts(change ...func(*plan.Options)) {
	o := plan.Options{
		Store: d.ledger, Query: &query.Reader{Store: d.db, Now: d.clock}, Connections: core.NewConnections(nil, platform{}),
		Clock: wallclock.New(d.clock), Breaker: breaker.New(func(context.Context) error { return nil }, nil, nil),
		Log: slog.New(slog.NewTextHandler(&d.log, nil)), WakePoster: func() { d.wakes.Add(1) },
		Complete: func(_ string, day core.Date) time.Time { return day.AddDays(1).Time(time.UTC).Add(150 * time.Minute) },
	}
	for _, f := range change {
		f(&o)
	}
	d.planner = plan.New(o)
}

func (d *desk) clock() time.Time {
	if d.runs {
		return time.Now()
	}
	return d.now
}

func (d *desk) ctx() context.Context { return context.WithoutCancel(d.Context()) }

func (d *desk) ok(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) wants(what string, got, want any) {
	d.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		d.Errorf("%s: want -, got +\n%s", what, diff)
	}
}

// channel is a channel with a post at nine in Berlin on every day.
func (d *desk) channel(name string, change ...func(*core.Channel)) core.Channel {
	d.Helper()
	fresh := core.Channel{
		Key: core.ChannelKey{Platform: "web", ID: name}, Name: "#" + name, Settings: core.DefaultSettings(), Created: d.clock(),
		Schedule: core.Schedule{Time: "09:00", Zone: "Europe/Berlin", Days: core.Daily}, Scheduled: d.clock(),
	}
	for _, f := range change {
		f(&fresh)
	}
	ch, err := d.db.EnsureChannel(d.ctx(), fresh)
	d.ok(err)
	return ch
}

func (d *desk) follows(ch core.Channel, text string) {
	d.Helper()
	t, err := topic.Parse(text)
	d.ok(err)
	_, err = d.db.AddTopic(d.ctx(), ch.ID, t, core.User{Name: "ana", Key: "web:ana"}, d.clock())
	d.ok(err)
}

// papers is #papers, which follows lora.
func (d *desk) papers(change ...func(*core.Channel)) core.Channel {
	d.Helper()
	ch := d.channel("papers", change...)
	d.follows(ch, "lora")
	return ch
}

func (d *desk) changes(ch core.Channel, change func(*core.Channel)) core.Channel {
	d.Helper()
	ch, err := d.db.UpdateChannel(d.ctx(), ch.ID, change)
	d.ok(err)
	return ch
}

func (d *desk) again(ch core.Channel) core.Channel {
	d.Helper()
	ch, err := d.db.ChannelByID(d.ctx(), ch.ID)
	d.ok(err)
	return ch
}

// lists is a source listing a paper about LoRA on a day.
func (d *desk) lists(day core.Date, id core.PaperID, more ...func(*core.Paper)) {
	d.Helper()
	p := core.Paper{ID: id, Title: "LoRA", Sources: []string{"hf"}}
	for _, f := range more {
		f(&p)
	}
	_, err := d.db.PutPapers(d.ctx(), []core.Seen{{Paper: p, Sighting: core.Sighting{Source: "hf", Day: day}, Authority: core.Index}}, false, d.clock())
	d.ok(err)
}

// until moves the clock on and plans what is due then.
func (d *desk) until(when string) {
	d.Helper()
	d.now = at(when)
	d.ok(d.planner.PlanDue(d.ctx()))
}

// lines are what stands in a channel's ledger of papers and in which state, in
// its order.
func (d *desk) lines(ch core.Channel) (lines []string) {
	d.Helper()
	ds, err := d.db.DeliveriesOf(d.ctx(), ch.ID, time.Time{})
	d.ok(err)
	for _, item := range ds {
		if _, isPaper := item.Item.Paper(); isPaper {
			line := string(item.Item) + " " + string(item.State)
			if item.Reason != "" {
				line += ": " + item.Reason
			}
			if item.Late {
				line += ", late"
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// posts are the titles of what was planned in a channel, in its order.
func (d *desk) posts(ch core.Channel) (titles []string) {
	d.Helper()
	ds, err := d.db.DeliveriesOf(d.ctx(), ch.ID, time.Time{})
	d.ok(err)
	for _, item := range ds {
		if _, isPaper := item.Item.Paper(); isPaper {
			continue
		}
		digest, err := d.db.Digest(d.ctx(), item.Digest)
		d.ok(err)
		title := digest.Header.Title
		if title == "" {
			title = digest.Header.Lines[0].String()
		}
		titles = append(titles, title)
	}
	return titles
}

func TestWhatWasThereWhenATopicWasFollowedIsNeverPosted(t *testing.T) {
	d := newDesk(t)
	d.lists("2025-11-24", "2511.00001")
	ch := d.papers()
	d.lists("2025-11-25", "2511.00001", func(p *core.Paper) { p.Version = 2; p.Title = "LoRA, again" }) // news of it is no new paper
	d.lists("2025-11-25", "2511.00002")
	d.lists("2025-11-25", "2511.00003", func(p *core.Paper) { p.Title = "Cooking" })
	d.until("2025-11-25 09:00")
	d.wants("planned", d.lines(ch), []string{"2511.00002 planned"})
	d.until("2025-11-26 09:00")
	d.wants("the next day", d.lines(ch), []string{"2511.00002 planned"})
}

func TestNothingIsPlannedBeforeItsMinuteAndNothingTwice(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	d.lists("2025-11-24", "2511.00001")
	d.now = at("2025-11-25 09:00").Add(-time.Millisecond)
	d.ok(d.planner.PlanDue(d.ctx()))
	d.wants("before nine", d.posts(ch), []string(nil))
	d.wants("somebody was told", d.wakes.Load(), int32(0))
	d.until("2025-11-25 09:00")
	d.wants("told that there is something to send", d.wakes.Load(), int32(1))
	d.until("2025-11-25 09:00")
	d.until("2025-11-25 12:00")
	d.wants("posts", d.posts(ch), []string{"📰 Papers · Tue 25 Nov"})
	ch = d.again(ch)
	d.wants("the next one", ch.NextDue().UTC(), at("2025-11-26 09:00").UTC())
}

func TestAPaperThatIsListedLateSaysSo(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	d.lists("2025-11-24", "2511.00001")
	d.until("2025-11-25 09:00")
	d.lists("2025-11-23", "2511.00002") // on a list that was whole on Tuesday at nine
	d.lists("2025-11-24", "2511.00003") // so was this one, since half past three
	d.lists("2025-11-25", "2511.00004") // and this one was not
	d.until("2025-11-26 09:00")
	d.wants("planned", d.lines(ch), []string{"2511.00001 planned", "2511.00002 planned, late", "2511.00003 planned, late", "2511.00004 planned"})
}

// A channel that voted for one paper gets its like first, and reads why; where
// upvotes alone say the same, there is nothing to say.
func TestAHeaderSaysWhyTheFirstIsTheFirst(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	of := func(n int, title string) func(*core.Paper) {
		return func(p *core.Paper) { p.Title, p.Upvotes = title, &n }
	}
	small := func() []string {
		t.Helper()
		ds, err := d.db.DeliveriesOf(d.ctx(), ch.ID, time.Time{})
		d.ok(err)
		digest, err := d.db.Digest(d.ctx(), ds[len(ds)-1].Digest)
		d.ok(err)
		var lines []string
		for _, l := range digest.Header.Context {
			lines = append(lines, l.String())
		}
		return lines
	}
	d.lists("2025-11-24", "2511.00001", of(5, "RAGEN-2: reasoning agents collapse with LoRA"))
	d.lists("2025-11-24", "2511.00002", of(9, "LoRA of protein folding"))
	d.until("2025-11-25 09:00")
	d.wants("before anybody voted", small(), []string{"👍 = vote, 🔖 = save", "next post Wed 09:00 Berlin"})
	for _, who := range []string{"ana", "ben"} {
		_, err := d.db.PutReaction(d.ctx(), ch.ID, "2511.00001", core.Up, core.Reaction{Message: "m", User: core.User{Key: who}, Emoji: "👍", Added: true, Order: 1, At: d.now})
		d.ok(err)
	}
	d.until("2025-12-05 12:00")
	d.lists("2025-12-05", "2512.00001", of(5, "Reasoning agents recover with LoRA"))
	d.lists("2025-12-05", "2512.00002", of(36, "Weather maps of oceans, clouds, glaciers and storms with LoRA"))
	d.until("2025-12-06 09:00")
	d.wants("planned", d.lines(ch)[2:], []string{"2512.00001 planned", "2512.00002 planned"})
	d.wants("what votes changed", small(), []string{"first because 2 of you liked RAGEN-2", "next post Sun 09:00 Berlin"})
	d.lists("2025-12-06", "2512.00003", of(36, "Reasoning agents forget with LoRA"))
	d.lists("2025-12-06", "2512.00004", of(5, "Maps of glaciers, storms and ocean currents with LoRA"))
	d.until("2025-12-07 09:00")
	d.wants("what they did not change", small(), []string{"next post Mon 09:00 Berlin"})
}

// A channel that follows LoRA voted for robots: with discover:1 a robot a day comes
// behind what its topics bring, and says what it is like; what it would not let in
// by a topic, and what it has had, does not come so either.
func TestATasteBringsWhatNoTopicDoes(t *testing.T) {
	d := newDesk(t)
	ch := d.papers(func(c *core.Channel) { c.Settings.Min = 3 })
	of := func(n int, title string) func(*core.Paper) {
		return func(p *core.Paper) { p.Title, p.Upvotes = title, &n }
	}
	for i, id := range []core.PaperID{"2511.00001", "2511.00002", "2511.00003"} {
		d.lists("2025-11-24", id, of(5, "LoRA for robots that grasp cups"))
		_, err := d.db.PutReaction(d.ctx(), ch.ID, id, core.Up, core.Reaction{Message: string(id), User: core.User{Key: "ana"}, Emoji: "👍", Added: true, Order: int64(i), At: d.now})
		d.ok(err)
	}
	d.until("2025-11-25 09:00")
	_, err := d.db.AddMute(d.ctx(), core.Mute{Channel: ch.ID, Kind: core.MuteTopic, Value: "zebra", At: d.now})
	d.ok(err)
	brought := func() (found []string) {
		t.Helper()
		ds, err := d.db.DeliveriesOf(d.ctx(), ch.ID, time.Time{})
		d.ok(err)
		for _, item := range ds {
			if id, isPaper := item.Item.Paper(); isPaper && core.Discovered(item.Matched) {
				found = append(found, fmt.Sprintf("%s %s, like %s of %d", id, item.State, item.Matched[0].Liked.Title, item.Matched[0].Liked.Votes))
			}
		}
		return found
	}
	comes := func(day core.Date, id string) {
		// Wholly to its taste are several: of these the first by id would come.
		d.lists(day, core.PaperID(id+"1"), of(2, "Robots that grasp cups")) // fewer upvotes than asked for
		d.lists(day, core.PaperID(id+"2"), of(9, "Robots that grasp cups like a zebra"))
		d.lists(day, core.PaperID(id+"3"), of(9, "Robots that grasp cups and plates"))
		d.lists(day, core.PaperID(id+"4"), of(9, "Robots grasp"))
		d.lists(day, core.PaperID(id+"5"), of(9, "Number theory"))
		d.lists(day, core.PaperID(id+"6"), of(5, "LoRA"))
	}
	comes("2025-11-25", "2511.0001")
	d.until("2025-11-26 09:00")
	d.wants("without discover", brought(), []string(nil))
	d.changes(ch, func(c *core.Channel) { c.Settings.Discover = 1 })
	comes("2025-11-26", "2511.0002")
	d.until("2025-11-27 09:00")
	d.wants("one a day", brought(), []string{"2511.00023 planned, like LoRA for robots that grasp cups of 1"})
	lines := d.lines(ch)
	d.wants("behind the topics'", lines[len(lines)-2:], []string{"2511.00026 planned", "2511.00023 planned"})

	// The channel is set to a later minute of the same day: a day has one all the same.
	d.changes(ch, func(c *core.Channel) { c.Schedule.Time, c.Scheduled = "12:00", d.now })
	comes("2025-11-27", "2511.0003")
	d.until("2025-11-27 12:00")
	d.wants("no second one that day", len(brought()), 1)

	// Of today's others the planner would take the same as today shows.
	comes("2025-11-28", "2511.0004")
	d.now = at("2025-11-28 11:00")
	topics, err := d.db.Topics(d.ctx(), ch.ID)
	d.ok(err)
	reader := &query.Reader{Store: d.db, Now: d.clock}
	shown := func() (ids []string) {
		t.Helper()
		found, _, _, err := reader.OfDay(d.ctx(), d.again(ch), topics, "2025-11-28")
		d.ok(err)
		for _, c := range found {
			if core.Discovered(c.Matched) {
				ids = append(ids, string(c.Paper.ID))
			}
		}
		return ids
	}
	d.wants("what today shows before the post", shown(), []string{"2511.00043"})
	d.until("2025-11-28 12:00")
	d.wants("what is posted", brought()[1:], []string{"2511.00043 planned, like LoRA for robots that grasp cups of 1"})
	d.wants("what today shows behind it", shown(), []string{"2511.00043"})
}

func TestWhatIsMutedOrTooLittleLikedIsNotPosted(t *testing.T) {
	d := newDesk(t)
	ch := d.papers(func(c *core.Channel) { c.Settings.Min = 3 })
	liked := func(n int) func(*core.Paper) { return func(p *core.Paper) { p.Upvotes = &n } }
	for _, m := range []core.Mute{{Kind: core.MuteTopic, Value: "zebra"}, {Kind: core.MutePaper, Value: "2511.00002"},
		{Kind: core.MuteTopic, Value: "okapi", Until: at("2025-11-25 08:59")}} {
		m.Channel, m.At = ch.ID, d.now
		_, err := d.db.AddMute(d.ctx(), m)
		d.ok(err)
	}
	d.lists("2025-11-24", "2511.00001", liked(9), func(p *core.Paper) { p.Title += " of a zebra" })
	d.lists("2025-11-24", "2511.00002", liked(9))
	d.lists("2025-11-24", "2511.00003", liked(9), func(p *core.Paper) { p.Title += " of an okapi" }) // shown again since a minute
	d.lists("2025-11-24", "2511.00004", liked(2))
	d.lists("2025-11-24", "2511.00005") // nobody knows how much it is liked
	d.lists("2025-11-24", "2511.00006", liked(3))
	d.until("2025-11-25 09:00")
	d.wants("planned", d.lines(ch), []string{"2511.00003 planned", "2511.00006 planned", "2511.00001 skipped: muted", "2511.00002 skipped: muted"})

	d.lists("2025-11-24", "2511.00004", liked(3)) // what was too little liked comes once it is
	d.until("2025-11-26 09:00")
	if !slices.Contains(d.lines(ch), "2511.00004 planned") {
		t.Error(d.lines(ch))
	}
}

func TestPapersOutsideTheScopeAreForTopicsThatNameACategory(t *testing.T) {
	d := newDesk(t)
	ch, wide := d.papers(), d.channel("wide")
	d.follows(wide, "lora cat:*")
	_, err := d.db.PutPapers(d.ctx(), []core.Seen{{Paper: core.Paper{ID: "2511.00001", Title: "LoRA", Categories: []string{"math.NT"}},
		Sighting: core.Sighting{Source: "arxiv", Day: "2025-11-24"}, Authority: core.Publisher}}, false, d.now)
	d.ok(err)
	d.until("2025-11-25 09:00")
	d.wants("in scope", d.lines(ch), []string(nil))
	d.wants("everywhere", d.lines(wide), []string{"2511.00001 planned"})
}

func TestTheAuthorThatSomebodyAskedForComesFirst(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	d.follows(ch, `author:"Ada Lovelace"`)
	many := 500
	d.lists("2025-11-24", "2511.00001", func(p *core.Paper) { p.Upvotes = &many })
	d.lists("2025-11-24", "2511.00002", func(p *core.Paper) { p.Title, p.Authors = "Engines", []string{"Ada Lovelace"} })
	d.until("2025-11-25 09:00")
	d.wants("planned", d.lines(ch), []string{"2511.00002 planned", "2511.00001 planned"})
}

func TestWhatIsBeyondThePostIsWrittenDownAndDoesNotComeBack(t *testing.T) {
	d := newDesk(t)
	ch := d.papers(func(c *core.Channel) { c.Settings.Max, c.Settings.Layout = 1, core.LayoutThread })
	d.lists("2025-11-24", "2511.00001")
	d.lists("2025-11-24", "2511.00002")
	d.until("2025-11-25 09:00")
	want := []string{"2511.00001 planned", "2511.00002 skipped: beyond the size of a post"}
	d.wants("planned", d.lines(ch), want)
	d.lists("2025-11-25", "2511.00002")
	d.until("2025-11-26 09:00")
	d.wants("the next day", d.lines(ch), want)
}

func TestPostsThatWereMissedAreOne(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	d.lists("2025-11-24", "2511.00001")
	d.lists("2025-11-26", "2511.00002")
	d.until("2025-11-28 14:00")
	d.wants("posts", d.posts(ch), []string{"📰 Catch-up: 4 days · Fri 28 Nov"})
	d.wants("planned", d.lines(ch), []string{"2511.00001 planned", "2511.00002 planned"})
	d.until("2025-11-29 09:00")
	d.wants("a quiet day after it", d.posts(ch), []string{"📰 Catch-up: 4 days · Fri 28 Nov"})
}

func TestAHeldChannelGetsNoFurtherDayAndThenOneCatchUp(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	d.lists("2025-11-24", "2511.00001")
	d.until("2025-11-25 09:00")
	d.changes(ch, func(c *core.Channel) { c.Hold = core.Hold{Since: d.now, Reason: "may not post"} })
	for _, day := range []string{"26", "27", "28"} {
		d.lists(core.Date("2025-11-"+day), core.PaperID("2511.000"+day))
		d.until("2025-11-" + day + " 09:00")
	}
	d.wants("while it is held", d.posts(ch), []string{"📰 Papers · Tue 25 Nov"})
	d.changes(ch, func(c *core.Channel) { c.Hold = core.Hold{} })
	d.until("2025-11-28 12:00")
	d.wants("then", d.posts(ch), []string{"📰 Papers · Tue 25 Nov", "📰 Catch-up: 3 days · Fri 28 Nov"})
	d.wants("with", d.lines(ch), []string{"2511.00001 planned", "2511.00026 planned", "2511.00027 planned", "2511.00028 planned"})
}

// The pause ends on Tuesday at noon, and nobody is up until Thursday.
func TestAPauseThatEndsWhileTheBotIsOffSwallowsNothing(t *testing.T) {
	d := newDesk(t)
	ch := d.papers(func(c *core.Channel) {
		c.PausedAt, c.PausedUntil = at("2025-11-24 12:00"), at("2025-11-25 12:00")
	})
	d.lists("2025-11-24", "2511.00001") // came while it was paused
	d.now = at("2025-11-25 11:59")
	d.lists("2025-11-25", "2511.00005") // so did this one, on a list that was not whole yet
	d.now = at("2025-11-27 08:00")
	d.lists("2025-11-23", "2511.00002") // would have, had somebody been up: its list was whole
	d.lists("2025-11-26", "2511.00003")
	d.lists("2025-11-27", "2511.00004")
	d.until("2025-11-27 09:00")
	const paused = " skipped: it came while posts were paused here"
	d.wants("planned", d.lines(ch), []string{"2511.00003 planned", "2511.00004 planned", "2511.00001" + paused, "2511.00005" + paused, "2511.00002" + paused})
	d.wants("post", d.posts(ch), []string{"📰 Catch-up: 2 days · Thu 27 Nov"})
}

// Nobody chose the catch-up of a pause; and a channel beside this one still has
// those papers to come.
func TestWhatWasSkippedForGoodStaysSoWhoeverIsPlannedBesideIt(t *testing.T) {
	d := newDesk(t)
	ch, other := d.papers(), d.channel("other")
	d.follows(other, "lora")
	d.changes(ch, func(c *core.Channel) { c.PausedAt = d.now })
	d.lists("2025-11-24", "2511.00001")
	_, to, err := d.planner.Missed(d.ctx(), ch, d.now)
	d.ok(err)
	d.changes(ch, func(c *core.Channel) { c.Resume(d.now, to) })
	d.lists("2025-11-24", "2511.00002")
	d.until("2025-11-25 09:00")
	d.wants("planned", d.lines(ch), []string{"2511.00002 planned"})
	d.wants("beside it", d.lines(other), []string{"2511.00001 planned", "2511.00002 planned"})
}

func TestWhatWasTooLittleLikedBeforeAPauseComesAfterIt(t *testing.T) {
	d := newDesk(t)
	ch := d.papers(func(c *core.Channel) { c.Settings.Min = 3 })
	votes := func(n int) func(*core.Paper) { return func(p *core.Paper) { p.Upvotes = &n } }
	d.lists("2025-11-24", "2511.00001", votes(2))
	d.until("2025-11-25 09:00")
	d.changes(ch, func(c *core.Channel) { c.PausedAt, c.PausedUntil = d.now, at("2025-11-26 12:00") })
	d.now = at("2025-11-26 14:00")
	d.lists("2025-11-24", "2511.00001", votes(3))
	d.until("2025-11-27 09:00")
	d.wants("planned", d.lines(ch), []string{"2511.00001 planned"})
}

// For one tick the clock is two years ahead: of a machine that was restored, say.
func TestAClockInTheFutureSilencesNobody(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	d.until("2025-11-24 12:30")
	d.until("2027-11-24 12:00")
	d.until("2025-11-25 08:30")
	d.lists("2025-11-25", "2511.00001")
	d.until("2025-11-25 09:00")
	d.wants("planned", d.lines(ch), []string{"2511.00001 planned"})
	d.now = at("2025-11-25 10:00")
	d.lists("2025-11-23", "2511.00002")
	d.until("2025-11-26 09:00")
	d.wants("the day after", d.lines(ch), []string{"2511.00001 planned", "2511.00002 planned, late"})
}

func TestAScheduleThatWasSetByAWrongClockIsSetRight(t *testing.T) {
	d := newDesk(t)
	ch := d.papers(func(c *core.Channel) { c.Scheduled = at("2027-11-24 12:00") })
	held := d.channel("held", func(c *core.Channel) {
		c.Hold = core.Hold{Since: d.now, Reason: "may not post", NextTry: at("2027-11-24 12:00")}
	})
	d.lists("2025-11-24", "2511.00001")
	d.until("2025-11-24 12:30")
	d.until("2025-11-25 09:00")
	d.wants("planned", d.lines(ch), []string{"2511.00001 planned"})
	if next := d.again(held).Hold.NextTry; next.After(d.now) {
		t.Errorf("a held channel is tried again at %v", next)
	}
}

func TestAClockEarlierThanTheProgramPlansNothing(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	d.restarts(func(o *plan.Options) { o.NotBefore = at("2025-11-26 00:00") })
	d.lists("2025-11-24", "2511.00001")
	d.ok(d.db.UpdateSourceState(d.ctx(), "hf", func(s *core.SourceState) { s.Word, s.Told, s.LastSuccess = core.Fresh, true, d.now }))
	d.until("2025-11-25 09:00")
	d.ok(d.planner.Notices(d.ctx()))
	d.wants("posts", d.posts(ch), []string(nil))
	d.wants("looked at", d.ledger.asked.Load(), int32(0))
	testkit.Sees(t, d.log.String(), "the clock is earlier than this program")
	d.until("2025-11-26 09:00")
	d.wants("posts of a clock that is right", d.posts(ch), []string{"📰 Catch-up: 2 days · Wed 26 Nov"})
}

func TestTheDaysPostAndTheBestOfTheWeekAreWrittenTogetherOrNotAtAll(t *testing.T) {
	d := newDesk(t)
	ch := d.papers(func(c *core.Channel) { c.Settings.Weekly = true })
	d.lists("2025-11-24", "2511.00001")
	d.until("2025-11-25 09:00")
	_, err := d.db.PutReaction(d.ctx(), ch.ID, "2511.00001", core.Up, core.Reaction{Message: "m", User: core.User{Key: "web:ana"}, Emoji: "👍", Added: true, Order: 1, At: d.now})
	d.ok(err)
	for _, day := range []string{"26", "27", "28", "29", "30"} {
		d.until("2025-11-" + day + " 09:00")
	}
	d.lists("2025-12-01", "2511.00003")
	busy := errors.New("database is locked")
	d.ledger.fails = func([]core.Plan, []core.Told) error { return busy }
	d.now = at("2025-12-01 09:00")
	if err := d.planner.PlanDue(d.ctx()); !errors.Is(err, busy) {
		t.Errorf("planning: %v", err)
	}
	before := []string{"📰 Papers · Tue 25 Nov"}
	d.wants("nothing was written", d.posts(ch), before)
	d.ledger.fails, d.ledger.wrote = nil, nil
	d.until("2025-12-01 09:01")
	d.wants("then", d.posts(ch), append(before, "📰 Papers · Mon 1 Dec", "📰 Best of the week · Mon 1 Dec"))
	d.wants("transactions", len(d.ledger.wrote), 1)
}

// Who was off on Monday gets the best of the week with Tuesday's catch-up.
func TestTheBestOfTheWeekIsNotMissedWithMonday(t *testing.T) {
	d := newDesk(t)
	ch := d.papers(func(c *core.Channel) { c.Settings.Weekly = true })
	d.lists("2025-11-24", "2511.00001")
	d.until("2025-11-25 09:00")
	_, err := d.db.PutReaction(d.ctx(), ch.ID, "2511.00001", core.Up, core.Reaction{Message: "m", User: core.User{Key: "web:ana"}, Emoji: "👍", Added: true, Order: 1, At: d.now})
	d.ok(err)
	d.until("2025-11-30 09:00")
	d.until("2025-12-02 12:00")
	d.until("2025-12-03 09:00")
	d.wants("posts", d.posts(ch), []string{"📰 Papers · Tue 25 Nov", "📰 Best of the week · Mon 1 Dec"})
}

func TestASourceIsMentionedOnceAfterADayAndOnceWhenItIsBack(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	quiet := []core.Channel{d.channel("follows-nothing"), d.channel("held", func(c *core.Channel) { c.Hold.Since = d.now }),
		d.channel("paused", func(c *core.Channel) { c.PausedAt = d.now }), d.channel("forum", func(c *core.Channel) { c.Settings.Layout = core.LayoutForum })}
	for _, q := range quiet[1:] {
		d.follows(q, "lora")
	}
	is := func(word core.SourceStateWord) {
		d.ok(d.db.UpdateSourceState(d.ctx(), "hf", func(s *core.SourceState) {
			s.Word, s.Since, s.LastSuccess, s.Title = word, d.now, d.now, "Hugging Face"
		}))
	}
	says := func() int { d.Helper(); d.ok(d.planner.Notices(d.ctx())); return len(d.posts(ch)) }
	is(core.Failed)
	d.now = d.now.Add(24*time.Hour - time.Millisecond)
	d.wants("before a day is over", says(), 0)
	d.now = d.now.Add(time.Millisecond)
	d.ledger.fails = func([]core.Plan, []core.Told) error { return errors.New("database is locked") }
	if err := d.planner.Notices(d.ctx()); err == nil {
		t.Error("nobody heard that it could not be written down")
	}
	d.ledger.fails = nil
	d.wants("after a day", says(), 1)
	d.now = d.now.Add(72 * time.Hour)
	d.wants("days later", says(), 1)
	is(core.Fresh)
	d.wants("when it is back", says(), 2)
	d.now = d.now.Add(time.Hour)
	d.wants("an hour later", says(), 2)
	d.wants("the last", d.posts(ch)[1], "Hugging Face is back. What was missed comes with the next post.")
	for _, q := range quiet {
		d.wants(q.Name, d.posts(q), []string(nil))
	}
}

func TestACatchUpThatIsPressedTwiceIsOnePost(t *testing.T) {
	for _, apart := range []time.Duration{0, time.Second} {
		d := newDesk(t)
		ch := d.papers()
		from := ch.Planned
		d.lists("2025-11-24", "2511.00001")
		n, to, err := d.planner.Missed(d.ctx(), ch, d.now)
		d.ok(err)
		d.wants("missed", n, 1)
		ch = d.changes(ch, func(c *core.Channel) { c.Resume(d.now, to) })
		for press, want := range []int{1, 0} {
			n, err := d.planner.CatchUp(d.ctx(), ch, from, d.now.Add(time.Duration(press)*apart))
			d.ok(err)
			d.wants("in it", n, want)
		}
		d.wants("posts", d.posts(ch), []string{"📰 Catch-up · Mon 24 Nov"})
		d.wants("planned", d.lines(ch), []string{"2511.00001 planned"})
		d.wants("told that there is something to send", d.wakes.Load(), int32(1))
	}
}

// Both were counted before either was written down.
func TestTwoCatchUpsAtTheSameMomentAreOnePost(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	d.lists("2025-11-24", "2511.00001")
	d.ledger.fails = func([]core.Plan, []core.Told) error {
		d.ledger.fails = nil
		n, err := d.planner.CatchUp(d.ctx(), ch, 0, d.now.Add(time.Second))
		d.wants("the faster one", n, 1)
		return err
	}
	n, err := d.planner.CatchUp(d.ctx(), ch, 0, d.now)
	d.ok(err)
	d.wants("the slower one", n, 0)
	d.wants("posts", d.posts(ch), []string{"📰 Catch-up · Mon 24 Nov"})
}

func TestAPlannerWithNothingToDoReadsNothing(t *testing.T) {
	d := newDesk(t)
	for i := range 300 {
		d.channel(fmt.Sprint("c", i))
	}
	d.until("2025-11-24 13:00")
	d.wants("questions", []int32{d.ledger.asked.Load(), d.ledger.everything.Load()}, []int32{0, 0})
	d.until("2025-11-25 09:00")
	d.wants("questions about all channels", d.ledger.everything.Load(), int32(0))
	if n := d.ledger.asked.Load(); n > 20 {
		t.Errorf("%d questions for 300 channels, want a few for each batch", n)
	}
}

func TestAChannelThatNobodyCanSpeakToStaysDue(t *testing.T) {
	d := newDesk(t)
	deaf := d.channel("deaf", func(c *core.Channel) { c.Key.Workspace = "deaf" })
	ch := d.papers()
	d.lists("2025-11-24", "2511.00001")
	d.until("2025-11-25 09:00")
	d.wants("planned", d.lines(ch), []string{"2511.00001 planned"})
	d.wants("the other", d.again(deaf).LastDue.IsZero(), true)
}

// damages breaks a row as nobody would, with a statement of the database's own.
func (d *desk) damages(statement string, args ...any) {
	d.Helper()
	db, err := sql.Open("sqlite3", d.file)
	d.ok(err)
	defer db.Close()
	_, err = db.Exec(statement, args...)
	d.ok(err)
}

func TestADamagedRowHarmsOnlyItsOwnChannel(t *testing.T) {
	for _, of := range []struct{ what, statement, logged string }{
		{"settings", `UPDATE channels SET settings = '{"Max":' WHERE channel = 'damaged'`, "document=settings"},
		{"schedule", `UPDATE channels SET schedule = '[' WHERE channel = 'damaged'`, "document=schedule"},
		{"topic", `UPDATE topics SET topic = '((' WHERE channel = (SELECT id FROM channels WHERE channel = 'damaged')`, "a topic cannot be read"},
	} {
		t.Run(of.what, func(t *testing.T) {
			d := newDesk(t)
			damaged, ch := d.channel("damaged"), d.papers()
			d.follows(damaged, "lora")
			d.damages(of.statement)
			d.lists("2025-11-24", "2511.00001")
			d.until("2025-11-25 09:00")
			d.wants("the other", d.lines(ch), []string{"2511.00001 planned"})
			d.wants("the damaged one", d.lines(damaged), []string(nil))
			testkit.Sees(t, d.log.String(), of.logged)
			if of.what == "topic" {
				return
			}
			d.until("2025-11-26 09:00")
			if n := strings.Count(d.log.String(), of.logged); n != 1 {
				t.Errorf("it was logged %d times", n)
			}
			d.wants("and nothing else was", d.again(damaged).Damaged[of.what] != "", true)
			// Somebody sets it anew, and it goes on with what came meanwhile.
			d.changes(damaged, func(c *core.Channel) {
				c.Settings, c.Schedule = ch.Settings, ch.Schedule
				c.Mend(of.what)
			})
			d.until("2025-11-26 10:00")
			d.wants("mended", d.lines(damaged), []string{"2511.00001 planned"})
		})
	}
}

// A channel that is written down for another reason keeps what stands in it.
func TestWhatIsDamagedStaysAsItStandsUntilItIsSetAnew(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	d.damages(`UPDATE channels SET settings = '{"Max":' , schedule = '['`)
	d.changes(ch, func(c *core.Channel) { c.Name = "#renamed" })
	d.wants("damaged", d.again(ch).Damaged, map[string]string{"settings": `{"Max":`, "schedule": "["})
	d.wants("in their place", d.again(ch).Settings, core.DefaultSettings())
	d.changes(ch, func(c *core.Channel) { c.Settings.Max = 7; c.Mend(core.TheSettings) })
	d.wants("damaged", d.again(ch).Damaged, map[string]string{"schedule": "["})
	d.wants("set anew", d.again(ch).Settings.Max, 7)
}

func TestADamagedHeaderOrReasonKeepsNoPaperBack(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	d.lists("2025-11-24", "2511.00001")
	d.until("2025-11-25 09:00")
	d.damages(`UPDATE digests SET header = '{'; UPDATE deliveries SET matched = '{'; UPDATE channels SET hold = '{'`)
	d.wants("post", d.posts(ch), []string{"📰 Papers"})
	d.wants("planned", d.lines(ch), []string{"2511.00001 planned"})
	d.lists("2025-11-25", "2511.00002")
	d.until("2025-11-26 09:00")
	d.wants("the next day", d.lines(ch), []string{"2511.00001 planned", "2511.00002 planned"})
}

// A source that is being asked at nine holds the post back, for ten seconds at
// the most; and one that answers in time is in it.
func TestAPostWaitsTenSecondsForASource(t *testing.T) {
	for _, of := range []struct {
		answers, want time.Duration
		fresh         []string
	}{
		{4 * time.Second, 4 * time.Second, []string{"2511.00001 planned", "2511.00002 planned"}},
		{time.Hour, 10 * time.Second, []string{"2511.00001 planned"}},
	} {
		t.Run(of.answers.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				d.runs = true
				due := time.Now().Add(time.Minute).Truncate(time.Minute)
				ch := d.papers(func(c *core.Channel) {
					c.Schedule = core.Schedule{Time: due.UTC().Format("15:04"), Zone: "UTC", Days: core.Daily}
					c.Scheduled = due.Add(-time.Minute)
				})
				d.lists("2000-01-01", "2511.00001")
				fetching := make(chan struct{})
				d.restarts(func(o *plan.Options) { o.Fetching = func() <-chan struct{} { return fetching } })
				ctx, stop := context.WithCancel(d.ctx())
				var running sync.WaitGroup
				running.Go(func() { d.planner.Run(ctx) })
				go func() {
					time.Sleep(time.Until(due.Add(of.answers)))
					if of.answers < time.Minute {
						d.lists("2000-01-01", "2511.00002")
					}
					close(fetching)
				}()
				var planned time.Time
				for time.Since(due) < time.Minute {
					if len(d.lines(ch)) > 0 {
						planned = time.Now()
						break
					}
					time.Sleep(100 * time.Millisecond)
				}
				d.wants("papers", d.lines(ch), of.fresh)
				if late := planned.Sub(due); planned.IsZero() || late < of.want || late > of.want+time.Second {
					t.Errorf("planned %v after its minute, want %v", late, of.want)
				}
				stop()
				running.Wait()
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

// The loop wakes at the minute by itself, and for nobody's schedule in between.
func TestTheLoopKeepsTheMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.runs = true
		ch := d.papers(func(c *core.Channel) {
			c.Schedule = core.Schedule{Time: "09:00", Zone: "UTC", Days: core.Daily}
		})
		d.lists("2000-01-01", "2511.00001")
		ctx, stop := context.WithCancel(d.ctx())
		var running sync.WaitGroup
		running.Go(func() { d.planner.Run(ctx) })
		time.Sleep(9*time.Hour - time.Millisecond) // a bubble begins at midnight
		d.wants("before nine", d.lines(ch), []string(nil))
		time.Sleep(101 * time.Millisecond)
		d.wants("at nine", d.lines(ch), []string{"2511.00001 planned"})
		soon := time.Now().Add(time.Minute)
		d.changes(ch, func(c *core.Channel) { c.Schedule.Time, c.Scheduled = soon.UTC().Format("15:04"), time.Now() })
		d.lists("2000-01-01", "2511.00002")
		d.planner.Wake()
		time.Sleep(61 * time.Second)
		d.wants("a minute later", d.lines(ch), []string{"2511.00001 planned", "2511.00002 planned"})
		stop()
		running.Wait()
	})
}

// The planner looked a moment before the minute, and was done a moment after it.
func TestAMinuteThatComesWhileThePlannerLooksIsNotMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.runs = true
		due := time.Now().Add(time.Minute)
		ch := d.papers(func(c *core.Channel) {
			c.Schedule = core.Schedule{Time: due.UTC().Format("15:04"), Zone: "UTC", Days: core.Daily}
		})
		d.lists("2000-01-01", "2511.00001")
		ctx, stop := context.WithCancel(d.ctx())
		var running sync.WaitGroup
		running.Go(func() { d.planner.Run(ctx) })
		time.Sleep(time.Minute - 100*time.Millisecond)
		d.ledger.slow.Store(int64(200 * time.Millisecond))
		d.planner.Wake()
		time.Sleep(time.Second)
		d.wants("planned", d.lines(ch), []string{"2511.00001 planned"})
		stop()
		running.Wait()
	})
}
