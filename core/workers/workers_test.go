package workers_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/workers"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// An office is the bot on a database in a file of its own and a platform that
// answers as it is told, with verbs for telling stories. It is two minutes before
// nine on the first of January 2000 where a story is in a bubble, whose clock it
// goes by.
type office struct {
	*testing.T
	file   string
	db     *store.Store
	bot    *workers.Workers
	chat   *platform
	source *testkit.Wire
	now    time.Time    // the calendar where it stands still …
	ahead  atomic.Int64 // … and how far it is ahead of package time where it runs
	log    testkit.Log
}

// platform keeps what is posted.
type platform struct {
	mu    sync.Mutex
	posts []core.Post
	when  []time.Time
	fails func(core.Post) error // what it answers instead
}

func (p *platform) Network() core.Network {
	return core.Network{Name: "web", Command: "/papers", Editors: "members", Threads: true}
}

func (p *platform) Serves(core.Installation) bool { return true }

func (p *platform) Post(_ context.Context, post core.Post) (core.MessageRef, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails != nil {
		if err := p.fails(post); err != nil {
			return core.MessageRef{}, err
		}
	}
	p.posts, p.when = append(p.posts, post), append(p.when, time.Now())
	return core.MessageRef{Conversation: post.Channel.ID, ID: fmt.Sprint("m", len(p.posts))}, nil
}

// Find looks for a post by its key.
func (p *platform) Find(_ context.Context, post core.Post) (core.MessageRef, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, have := range p.posts {
		if have.Key == post.Key {
			return core.MessageRef{Conversation: post.Channel.ID, ID: fmt.Sprint("m", i+1)}, true, nil
		}
	}
	return core.MessageRef{}, false, nil
}

// posted are the papers that are there, in their order.
func (p *platform) posted(channel string) (papers []core.PaperID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, post := range p.posts {
		if len(post.Card.Papers) == 1 && post.Channel.ID == channel {
			papers = append(papers, post.Card.Papers[0].ID)
		}
	}
	return papers
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{T: t, file: filepath.Join(t.TempDir(), "paperboy.db"), chat: &platform{}, source: &testkit.Wire{}}
	o.ahead.Store(int64(9*time.Hour - 2*time.Minute))
	o.db = o.opens()
	o.bot = o.process(o.db)
	o.ok(o.bot.Feed.Store.UpdateSourceState(o.ctx(), "huggingface", func(s *core.SourceState) { // which has been asked before
		s.Word, s.Since, s.LastSuccess, s.LastTry = core.Fresh, o.clock(), o.clock(), o.clock()
	}))
	return o
}

func (o *office) opens() *store.Store {
	o.Helper()
	db, err := store.Open(context.Background(), o.file)
	o.ok(err)
	o.Cleanup(func() { db.Close() })
	return db
}

// process is a bot on a store, as a process has it.
func (o *office) process(db core.Store, conns ...core.Connection) *workers.Workers {
	if conns == nil {
		conns = []core.Connection{o.chat}
	}
	log := slog.New(slog.NewTextHandler(&o.log, nil))
	return workers.New(workers.Options{
		Store: db, Connections: core.NewConnections(log, conns...), Clock: wallclock.New(o.clock), Log: log,
		Feed: &feed.Feed{Store: db, Sources: []core.Source{o.source}, Now: o.clock, Log: log, Interval: 30 * time.Minute},
	})
}

func (o *office) clock() time.Time {
	if !o.now.IsZero() {
		return o.now
	}
	return time.Now().Add(time.Duration(o.ahead.Load()))
}

// skips is time that passes while nobody has to do anything.
func (o *office) skips(d time.Duration) { o.ahead.Add(int64(d)) }

func (o *office) ctx() context.Context { return context.WithoutCancel(o.Context()) }

func (o *office) ok(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) wants(what string, got, want any) {
	o.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		o.Errorf("%s: want -, got +\n%s", what, diff)
	}
}

func key(channel string) core.ChannelKey { return core.ChannelKey{Platform: "web", ID: channel} }

// says is somebody typing /papers and the words in #papers.
func (o *office) says(words string) string {
	o.Helper()
	r := o.bot.Do(o.ctx(), core.Request{Channel: key("papers"), Name: "#papers", User: core.User{Key: "web:ana", Name: "ana"}, Text: words})
	var b strings.Builder
	for _, line := range r.Card.Lines {
		b.WriteString(line.String() + "\n")
	}
	for _, row := range r.Card.Rows {
		b.WriteString(row.Text.String() + "\n")
	}
	for _, line := range r.Card.Context {
		b.WriteString(line.String() + "\n")
	}
	return b.String()
}

// follows is #papers, which follows lora and gets its post at nine every day.
func (o *office) follows() core.Channel {
	o.Helper()
	o.says("subscribe lora")
	o.says("schedule 09:00 UTC daily")
	return o.channel("papers")
}

func (o *office) channel(name string) core.Channel {
	o.Helper()
	ch, err := o.db.ChannelByKey(o.ctx(), key(name))
	o.ok(err)
	return ch
}

// lora is a paper about it, as a source lists it.
func lora(id core.PaperID, title ...string) core.Seen {
	return core.Seen{Paper: core.Paper{ID: id, Title: strings.Join(append(title, "LoRA"), " ")}, Sighting: core.Sighting{Source: "hf", Day: "2000-01-01"}, Authority: core.Index}
}

func (o *office) comes(seen ...core.Seen) {
	o.Helper()
	_, err := o.db.PutPapers(o.ctx(), seen, false, o.clock())
	o.ok(err)
}

// runs is the loop, until the story stops it.
func (o *office) runs(bot *workers.Workers) (stop func() error) {
	ctx, cancel := context.WithCancel(o.ctx())
	ended := make(chan error, 1)
	go func() { ended <- bot.Run(ctx) }()
	return func() error { cancel(); return <-ended }
}

// inABubble is a story in which time passes.
func inABubble(t *testing.T, tell func(o *office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { tell(newOffice(t)) })
}

func TestEveryWorkerDoesItsPart(t *testing.T) {
	inABubble(t, func(o *office) {
		o.follows()
		o.bot.Feed.Interval = time.Minute
		stop := o.runs(o.bot)
		o.source.Set(lora("2511.00001"))
		time.Sleep(2*time.Minute - time.Second)
		o.wants("before nine", o.chat.posted("papers"), []core.PaperID(nil))
		time.Sleep(2 * time.Second)
		o.wants("at nine", o.chat.posted("papers"), []core.PaperID{"2511.00001"})
		o.skips(24 * time.Hour)
		time.Sleep(time.Minute)
		o.wants("on a day without news", len(o.chat.posts), 2)
		told := time.Now()
		o.ok(stop())
		o.wants("told to stop, it took", time.Since(told), time.Duration(0))
	})
}

// The post was missed, and the papers of the night have not been fetched yet.
func TestAStartFetchesBeforeItPlans(t *testing.T) {
	for range 10 { // whichever begins first
		inABubble(t, func(o *office) {
			o.follows()
			o.skips(10 * time.Hour)
			o.source.Set(lora("2511.00001"))
			stop := o.runs(o.bot)
			time.Sleep(time.Minute)
			o.wants("posted", o.chat.posted("papers"), []core.PaperID{"2511.00001"})
			o.ok(stop())
		})
	}
}

func TestAStartWaitsForASourceThatHangsTenSeconds(t *testing.T) {
	inABubble(t, func(o *office) {
		o.follows()
		o.comes(lora("2511.00001"))
		o.skips(10 * time.Hour)
		o.source.Hang()
		began := time.Now()
		stop := o.runs(o.bot)
		time.Sleep(30 * time.Second)
		o.wants("posted", o.chat.posted("papers"), []core.PaperID{"2511.00001"})
		if waited := o.chat.when[0].Sub(began); waited < 10*time.Second || waited > 12*time.Second {
			o.Errorf("it waited %v", waited)
		}
		o.ok(stop())
	})
}

// slowly is a store that writes the second batch of a morning down only when a
// message of the first is there.
type slowly struct {
	*store.Store
	first  <-chan struct{}
	writes int
}

func (s *slowly) PlanDigests(ctx context.Context, plans []core.Plan, told ...core.Told) (int, error) {
	if s.writes++; s.writes > 1 {
		select {
		case <-s.first:
		case <-time.After(time.Minute):
			return 0, errors.New("nothing is sent while others are planned")
		}
	}
	return s.Store.PlanDigests(ctx, plans, told...)
}

func TestSendingBeginsWhileOthersAreStillPlanned(t *testing.T) {
	inABubble(t, func(o *office) {
		o.follows()
		for i := range 60 {
			fresh := o.channel("papers")
			fresh.Key, fresh.ID = key(fmt.Sprint("c", i)), 0
			_, err := o.db.EnsureChannel(o.ctx(), fresh)
			o.ok(err)
		}
		ch := o.channel("papers")
		o.comes(lora("2511.00001"))
		first := make(chan struct{})
		var once sync.Once
		o.chat.fails = func(core.Post) error { once.Do(func() { close(first) }); return nil }
		db := &slowly{Store: o.db, first: first}
		stop := o.runs(o.process(db))
		nine := time.Now().Add(2 * time.Minute)
		time.Sleep(3 * time.Minute)
		o.wants("posted", o.chat.posted("papers"), []core.PaperID{"2511.00001"})
		last := o.channel("c59")
		o.wants("the last channel was planned", last.LastDue.Equal(o.channel("papers").LastDue) && !ch.LastDue.Equal(last.LastDue), true)
		if late := o.chat.when[0].Sub(nine); late < 0 || late > time.Second {
			o.Errorf("the first message came %v after its minute", late)
		}
		if db.writes < 2 {
			o.Error("all of them were planned before the first was sent")
		}
		o.ok(stop())
	})
}

func TestDataAreKeptForThirtyDaysAndThenGone(t *testing.T) {
	inABubble(t, func(o *office) {
		ch := o.follows()
		left := core.ChannelKey{Platform: "slack", Workspace: "T1", ID: "C1"}
		gone, err := o.db.EnsureChannel(o.ctx(), core.Channel{Key: left, Settings: core.DefaultSettings()})
		o.ok(err)
		_, err = o.db.Save(o.ctx(), core.Saved{User: "slack:T1/U1", Paper: "2511.00001", At: time.Now()})
		o.ok(err)
		_, err = o.db.Save(o.ctx(), core.Saved{User: "slack:T12/U1", Paper: "2511.00001", At: time.Now()})
		o.ok(err)
		o.ok(o.bot.Left(o.ctx(), left))
		o.ok(o.bot.Left(o.ctx(), ch.Key))
		there := func() (got []bool) {
			stop := o.runs(o.bot)
			time.Sleep(time.Second)
			for _, id := range []int64{gone.ID, ch.ID} {
				_, err := o.db.ChannelByID(o.ctx(), id)
				got = append(got, err == nil)
			}
			for _, who := range []string{"slack:T1/U1", "slack:T12/U1"} {
				saved, err := o.db.SavedBy(o.ctx(), who)
				o.ok(err)
				got = append(got, len(saved) > 0)
			}
			topics, err := o.db.Topics(o.ctx(), ch.ID)
			o.ok(err)
			o.ok(stop())
			return append(got, len(topics) > 0)
		}
		o.skips(30*24*time.Hour - time.Minute)
		o.wants("after thirty days", there(), []bool{true, true, true, true, true})
		o.skips(2 * time.Minute)
		o.bot = o.process(o.db)
		o.wants("and then", there(), []bool{false, false, false, true, false})
	})
}

type tidied struct {
	*store.Store
	times atomic.Int32
}

func (s *tidied) Tidy(ctx context.Context) error {
	s.times.Add(1)
	return s.Store.Tidy(ctx)
}

func TestTheIndexIsTidiedSeveralTimesADay(t *testing.T) {
	inABubble(t, func(o *office) {
		db := &tidied{Store: o.db}
		stop := o.runs(o.process(db))
		time.Sleep(23 * time.Hour)
		o.ok(stop())
		o.wants("times", db.times.Load(), int32(4))
	})
}

// A machine slept; meanwhile another process took this one for dead.
func TestAProcessThatSleptGoesOn(t *testing.T) {
	inABubble(t, func(o *office) {
		o.follows()
		o.ok(o.bot.Tick(o.ctx()))
		time.Sleep(core.OwnerTTL + time.Second)
		o.comes(lora("2511.00001"))
		o.ok(o.process(o.db).Tick(o.ctx()))
		time.Sleep(3 * time.Minute)
		o.ok(o.bot.Tick(o.ctx()))
		o.wants("posted", o.chat.posted("papers"), []core.PaperID{"2511.00001"})
		testkit.DoesNotSee(o, o.log.String(), "level=ERROR")
	})
}

func TestASecondProcessIsToldWhoHasTheDatabase(t *testing.T) {
	o := newOffice(t)
	o.ok(o.bot.Join(o.ctx()))
	o.ok(o.bot.Join(o.ctx())) // who has it has it
	second := o.process(o.opens())
	for what, err := range map[string]error{"to run": second.Run(o.ctx()), "a tick": second.Tick(o.ctx())} {
		if taken, ok := errors.AsType[*core.Taken](err); !ok || !strings.Contains(taken.Error(), "the database is in use by process") {
			o.Errorf("%s: %v", what, err)
		}
	}
	o.wants("posts", len(o.chat.posts), 0)
}

func TestAStopLeavesTheDatabaseToTheNext(t *testing.T) {
	inABubble(t, func(o *office) {
		o.follows()
		stop := o.runs(o.bot)
		time.Sleep(time.Minute)
		o.ok(stop())
		o.ok(o.db.Close())
		o.db = o.opens()
		var owners int
		db, err := sql.Open("sqlite3", o.file)
		o.ok(err)
		defer db.Close()
		o.ok(db.QueryRow(`SELECT count(*) FROM owners`).Scan(&owners))
		o.wants("owners that are left", owners, 0)
		o.ok(o.process(o.db).Tick(o.ctx()))
	})
}

func TestItEndsWhenNoTokenIsTaken(t *testing.T) {
	inABubble(t, func(o *office) {
		o.follows()
		o.comes(lora("2511.00001"))
		o.chat.fails = func(core.Post) error { return &core.Unauthorised{Err: errors.New("token_revoked")} }
		began := time.Now()
		err := o.bot.Run(o.ctx())
		if !core.Is[*core.Unauthorised](err) {
			o.Errorf("it ended with %v", err)
		}
		if took := time.Since(began); took < 2*time.Minute || took > 3*time.Minute {
			o.Errorf("it ended after %v", took)
		}
		open, err := o.db.CountOpen(o.ctx())
		o.ok(err)
		o.wants("waits for another token", open[core.Planned], 2)
	})
}

// The pause ended, and the lists of the days after it came, while nobody was up.
func TestAPauseThatEndsWhileTheBotIsOffSwallowsNothing(t *testing.T) {
	inABubble(t, func(o *office) {
		ch := o.follows()
		o.says("pause 1d")
		o.comes(lora("2511.00001"))
		o.skips(70 * time.Hour)
		after := lora("2511.00002")
		after.Sighting.Day = "2000-01-03"
		o.source.Set(after)
		stop := o.runs(o.bot)
		time.Sleep(10 * time.Minute)
		o.wants("posted", o.chat.posted("papers"), []core.PaperID{"2511.00002"})
		d, err := o.db.Delivery(o.ctx(), ch.ID, "2511.00001")
		o.ok(err)
		o.wants("of the other", []any{d.State, d.Reason}, []any{core.Skipped, "it came while posts were paused here"})
		o.ok(stop())
	})
}

// For one tick the clock is two years ahead, and the channel does not take us
// then.
func TestAClockInTheFutureSilencesNoChannelThatWaits(t *testing.T) {
	for what, answer := range map[string]error{"held": &core.Refused{Reason: "it is archived"}, "told to wait": &core.Retry{After: time.Minute}} {
		t.Run(what, func(t *testing.T) { waitsInTheFuture(t, answer) })
	}
}

func waitsInTheFuture(t *testing.T, answer error) {
	o := newOffice(t)
	o.now = testkit.At("2025-11-24 12:00")
	o.follows()
	o.comes(lora("2511.00001"))
	o.ok(o.bot.Tick(o.ctx()))
	o.chat.fails = func(core.Post) error { return answer }
	o.now = testkit.At("2027-11-24 12:00")
	o.ok(o.bot.Tick(o.ctx()))
	o.chat.fails = nil
	o.now = testkit.At("2025-11-24 12:01")
	o.ok(o.bot.Tick(o.ctx()))
	o.now = testkit.At("2025-11-24 12:17")
	o.ok(o.bot.Tick(o.ctx()))
	o.wants("posted", o.chat.posted("papers"), []core.PaperID{"2511.00001"})
	o.comes(lora("2511.00002"))
	o.now = testkit.At("2025-11-25 10:00") // nine in Greenwich
	o.ok(o.bot.Tick(o.ctx()))
	o.wants("and the next day", o.chat.posted("papers"), []core.PaperID{"2511.00001", "2511.00002"})
}

// A narrower topic takes the old one's place, and its papers of this morning.
func TestToExcludeAWordLosesNothingThatHasCome(t *testing.T) {
	o := newOffice(t)
	o.now = testkit.At("2025-11-24 12:00")
	o.follows()
	o.comes(lora("2511.00001"), lora("2511.00002", "zebra"))
	o.bot.Press(o.ctx(), core.Press{Channel: key("papers"), User: core.User{Key: "web:ana", Name: "ana"}, Button: "pb1|exclude|1|zebra"})
	testkit.Sees(t, o.says("list"), "#1 lora -zebra")
	o.now = testkit.At("2025-11-25 10:00")
	o.ok(o.bot.Tick(o.ctx()))
	o.wants("posted", o.chat.posted("papers"), []core.PaperID{"2511.00001"})
}

func TestWhatIsDamagedIsSaidWherePeopleLook(t *testing.T) {
	o := newOffice(t)
	o.now = testkit.At("2025-11-24 12:00")
	o.follows()
	o.says("subscribe nerf")
	o.damages(`UPDATE channels SET settings = '{'`)
	for _, asked := range []string{"list", "status", "schedule"} {
		testkit.Sees(t, o.says(asked), "Nothing is posted here: the settings of this channel cannot be read any more. `/papers settings max:5`, say, sets that anew.")
	}
	o.says("settings max:7")
	testkit.DoesNotSee(t, o.says("status"), "cannot be read")
	testkit.Sees(t, o.says("status"), "Next post: Tue 25 Nov 09:00")
	o.damages(`UPDATE channels SET schedule = '{'`)
	testkit.Sees(t, o.says("status"), "the schedule of this channel cannot be read any more. `/papers schedule 09:00 Europe/Berlin weekdays`, say")
	o.says("schedule 10:00 UTC daily")
	testkit.Sees(t, o.says("status"), "Next post: Tue 25 Nov 10:00")
	o.damages(`UPDATE topics SET topic = '((' WHERE number = 1`)
	testkit.Sees(t, o.says("list"), "#1 (( cannot be read any more and matches nothing", "#2 nerf")
	testkit.Sees(t, o.says("unsubscribe #1"), "no longer follows (( (#1)")
	testkit.DoesNotSee(t, o.says("list"), "cannot be read")
}

// damages breaks a row as nobody would, with a statement of the database's own.
func (o *office) damages(statement string) {
	o.Helper()
	db, err := sql.Open("sqlite3", o.file)
	o.ok(err)
	defer db.Close()
	_, err = db.Exec(statement)
	o.ok(err)
}
