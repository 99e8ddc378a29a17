package discord_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"paperboy/adapters/discord"
	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/workers"
	"paperboy/internal/fakediscord"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// fleet is a bot in many servers, in several processes on one store.
type fleet struct {
	testing.TB
	discord  *fakediscord.Discord
	store    *store.Store
	log      *testkit.Log
	guilds   []*fakediscord.Guild
	channels []*fakediscord.Channel
	replicas []*replica
	real     bool // what stands behind the replicas is the bot itself
}

func newFleet(t testing.TB, servers, shards, concurrency int) *fleet {
	t.Helper()
	f := &fleet{TB: t, log: &testkit.Log{}}
	f.discord = fakediscord.New(t, fakediscord.Options{InProcess: true, Heartbeat: 41 * time.Second, Shards: shards, Concurrency: concurrency})
	for range servers {
		f.adds()
	}
	var err error
	if f.store, err = store.Open(context.Background(), filepath.Join(t.TempDir(), "paperboy.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, r := range f.replicas {
			r.stops()
		}
		if err := f.store.Close(); err != nil {
			t.Error(err)
		}
		if c := f.discord.Counts(); c.Early > 0 {
			t.Errorf("%d sessions were begun too early", c.Early)
		}
		if t.Failed() && len(f.guilds) < 1000 {
			t.Log(f.log)
		}
	})
	return f
}

// adds is the bot invited to another server.
func (f *fleet) adds() {
	g := f.discord.Guild(fmt.Sprint("server ", len(f.guilds)))
	f.guilds, f.channels = append(f.guilds, g), append(f.channels, g.Channel("papers"))
}

func (f *fleet) key(i int) core.ChannelKey {
	return core.ChannelKey{Platform: "discord", Workspace: f.guilds[i].ID, ID: f.channels[i].ID}
}

// replica is a process of a fleet, and what it heard.
type replica struct {
	core.Handler // what stands behind it
	f            *fleet
	adapter      *discord.Discord
	bot          *workers.Workers // where it is the bot itself
	owner        string
	end          context.CancelFunc
	ended        sync.WaitGroup

	mu      sync.Mutex
	cut     bool // from the store
	dead    bool
	conns   []net.Conn
	heard   map[string]int  // messages on which there were reactions
	gone    map[string]bool // servers that it said we are not in any more
	rereads map[string]bool // servers whose votes were to be read again
}

var errCut = errors.New("the store cannot be reached")

// The store as a replica reaches it.

func (r *replica) reach() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cut || r.dead {
		return errCut
	}
	return nil
}

func (r *replica) Lease(ctx context.Context, owner, name string) (bool, error) {
	if err := r.reach(); err != nil {
		return false, err
	}
	return r.f.store.Lease(ctx, owner, name)
}

func (r *replica) Unlease(ctx context.Context, owner, name string) error {
	if err := r.reach(); err != nil {
		return err
	}
	return r.f.store.Unlease(ctx, owner, name)
}

func (r *replica) Leases(ctx context.Context) (map[string]string, error) {
	if err := r.reach(); err != nil {
		return nil, err
	}
	return r.f.store.Leases(ctx)
}

func (r *replica) Owners(ctx context.Context) ([]core.Owner, error) { return r.f.store.Owners(ctx) }

func (r *replica) dial(ctx context.Context, network, address string) (net.Conn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead {
		return nil, errCut
	}
	c, err := r.f.discord.Dial(ctx, network, address)
	if err == nil {
		r.conns = append(r.conns, c)
	}
	return c, err
}

// starts is another process starting.
func (f *fleet) starts() *replica {
	f.Helper()
	r := &replica{f: f, owner: fmt.Sprint("replica ", len(f.replicas)), heard: map[string]int{}, gone: map[string]bool{}, rereads: map[string]bool{}}
	f.replicas = append(f.replicas, r)
	log := slog.New(slog.NewTextHandler(f.log, nil)).With("replica", len(f.replicas)-1)
	r.adapter = discord.New(discord.Options{Token: fakediscord.Token, APIURL: f.discord.API, Dial: r.dial, Log: log, Leases: r, Owner: r.owner})
	ctx, end := context.WithCancel(context.Background())
	r.end = end
	if f.real {
		r.bot = workers.New(workers.Options{
			Store: f.store, Connections: core.NewConnections(nil, r.adapter), Clock: wallclock.New(time.Now), Log: log, Owner: r.owner,
			Feed: &feed.Feed{Store: f.store, Now: time.Now, Log: log},
		})
		r.Handler = r.bot
		r.ended.Go(func() { r.bot.Votes.Run(ctx) })
	}
	join := func(ctx context.Context) error {
		return f.store.Join(ctx, core.Owner{ID: r.owner, Host: "pi", PID: len(f.replicas), Started: time.Now()})
	}
	first := join
	if f.real {
		first = r.bot.Join
	}
	if err := first(ctx); err != nil {
		f.Fatal(err)
	}
	r.ended.Go(func() {
		for core.Sleep(ctx, wallclock.New(time.Now), core.OwnerBeat) == nil {
			if r.reach() != nil {
				continue
			}
			if err := f.store.Beat(ctx, r.owner); errors.Is(err, core.ErrLost) {
				_ = join(ctx)
			}
		}
	})
	r.ended.Go(func() {
		if err := r.adapter.Run(ctx, r); err != nil {
			f.Error(err)
		}
	})
	return r
}

// stops is the process told to stop; dies is the process killed, with all that it
// holds.
func (r *replica) stops() {
	r.end()
	r.ended.Wait()
	if r.reach() == nil {
		_ = r.f.store.Leave(context.Background(), r.owner)
	}
}

func (r *replica) dies() {
	r.mu.Lock()
	r.dead = true
	for _, c := range r.conns {
		c.Close()
	}
	r.mu.Unlock()
	r.stops()
}

// What a replica hears.

func (r *replica) React(ctx context.Context, x core.Reaction) error {
	r.mu.Lock()
	r.heard[x.Message]++
	r.mu.Unlock()
	if r.Handler != nil {
		return r.Handler.React(ctx, x)
	}
	return nil
}

func (r *replica) Present(ctx context.Context, platform string, in func(string) bool) error {
	r.mu.Lock()
	for _, g := range r.f.guilds {
		if !in(g.ID) {
			r.gone[g.ID] = true
		}
	}
	r.mu.Unlock()
	if r.Handler != nil {
		return r.Handler.Present(ctx, platform, in)
	}
	return nil
}

func (r *replica) Returned(ctx context.Context, in core.Installation) error {
	if r.Handler != nil {
		return r.Handler.Returned(ctx, in)
	}
	return nil
}

func (r *replica) ReadVotes(ctx context.Context, platform string, servers ...string) error {
	r.mu.Lock()
	for _, s := range servers {
		r.rereads[s] = true
	}
	r.mu.Unlock()
	if r.Handler != nil {
		return r.Handler.ReadVotes(ctx, platform, servers...)
	}
	return nil
}

func (r *replica) shards() int { return len(r.adapter.Shards()) }

// hearsOf reports whether a replica hears of a server.
func (r *replica) hearsOf(i int) bool { return r.adapter.Hears(r.f.key(i).Installation()) }

// until waits, and says how long; at no moment is a shard heard twice.
func (f *fleet) until(what string, is func() bool) time.Duration {
	f.Helper()
	begun := time.Now()
	for !is() {
		f.once()
		if time.Since(begun) > 2*time.Hour {
			f.Fatalf("in vain waited for: %s; %v are online\n%v", what, f.discord.Online(), f.log)
		}
		time.Sleep(250 * time.Millisecond)
	}
	return time.Since(begun)
}

func (f *fleet) once() {
	f.Helper()
	online := f.discord.Online()
	if n := len(slices.Compact(slices.Clone(online))); n != len(online) {
		f.Errorf("a shard is heard twice: %v", online)
	}
}

// whole waits until each shard is heard, and nobody has more than so many.
func (f *fleet) whole(shards, most int) time.Duration {
	f.Helper()
	return f.until(fmt.Sprintf("%d shards, at most %d in a process", shards, most), func() bool {
		n := 0
		for _, r := range f.replicas {
			if r.reach() != nil {
				continue
			}
			if have := r.adapter.Shards(); len(have) > most || slices.ContainsFunc(have, func(s discord.Shard) bool { return s.Err != nil }) {
				return false
			} else {
				n += len(have)
			}
		}
		return n == shards && len(f.discord.Online()) == shards
	})
}

// posts is a message in a channel, sent by a process that does not hear the server.
func (f *fleet) posts(i int) fakediscord.Message {
	f.Helper()
	var by *replica
	for _, r := range f.replicas {
		if r.reach() == nil && (by == nil || !r.hearsOf(i)) {
			by = r
		}
	}
	card := core.Card{Title: fmt.Sprint("paper ", i)}
	for {
		_, err := by.adapter.Post(context.Background(), core.Post{Key: fmt.Sprint(i), Channel: f.key(i), Place: core.InChannel, Card: card})
		if retry, ok := errors.AsType[*core.Retry](err); ok { // three processes share one limit
			time.Sleep(retry.After)
			continue
		}
		if err != nil {
			f.Fatal(err)
		}
		break
	}
	all := f.discord.Posts(f.channels[i])
	return all[len(all)-1]
}

// reactions is how often a reaction on a message was heard, by all together.
func (f *fleet) reactions(message string) (n int) {
	for _, r := range f.replicas {
		r.mu.Lock()
		n += r.heard[message]
		r.mu.Unlock()
	}
	return n
}

// The largest story: 20,000 servers in 16 shards; three processes that start at
// once, one that is killed and one that comes.
func TestTwentyThousandServersInThreeProcesses(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		const shards, every = 16, 97 // of the servers some are looked at, of all shards
		servers := 20_000
		if testkit.Race { // which takes ten times as long
			servers = 2000
		}
		f := newFleet(t, servers, shards, 1)
		for range 3 {
			f.starts()
		}
		took := f.whole(shards, 6)
		t.Logf("three processes hear everything after %v", took)
		if took > shards*6*time.Second+10*time.Second {
			t.Errorf("it took %v", took)
		}
		messages := map[int]fakediscord.Message{}
		for i := 0; i < servers; i += every {
			messages[i] = f.posts(i)
		}
		hears := func(what string, emoji string, want int, but func(i int) bool) {
			t.Helper()
			for i, m := range messages {
				f.discord.Reacts(f.guilds[i].Member("ana"), m, emoji)
			}
			time.Sleep(time.Second)
			for i, m := range messages {
				if but != nil && but(i) {
					continue
				}
				if got := f.reactions(m.ID); got != want {
					t.Errorf("%s: a reaction in server %d was heard %d times, want %d", what, i, got, want)
				}
			}
		}
		hears("at first", "👍", 1, nil)

		// One is killed. The others hear what was theirs within the minute.
		dead := f.replicas[0]
		was := map[int]bool{}
		for i := range f.guilds {
			was[i] = dead.hearsOf(i)
		}
		mine := dead.shards()
		dead.dies()
		hears("while one is dead", "🎉", 2, func(i int) bool { return was[i] })
		took = f.whole(shards, 8)
		t.Logf("the %d shards of a process that was killed are heard after %v", mine, took)
		if limit := core.OwnerTTL + time.Duration(mine)*6*time.Second; took > limit {
			t.Errorf("it took %v, more than %v", took, limit)
		}
		again := 0
		for _, r := range f.replicas[1:] {
			for i, g := range f.guilds {
				if r.hearsOf(i) && was[i] && !r.rereads[g.ID] {
					t.Fatalf("the votes of server %d are not read again", i)
				} else if r.hearsOf(i) && was[i] {
					again++
				}
			}
		}
		if again == 0 {
			t.Error("nothing was taken over")
		}

		// Another one comes, and has its share.
		f.starts()
		took = f.whole(shards, 6)
		t.Logf("another one has its share after %v", took)
		if took > 2*time.Minute {
			t.Errorf("it took %v", took)
		}
		before := map[string]int{}
		for _, m := range messages {
			before[m.ID] = f.reactions(m.ID)
		}
		for i, m := range messages {
			f.discord.Reacts(f.guilds[i].Member("ben"), m, "👍")
		}
		time.Sleep(time.Second)
		for i, m := range messages {
			if got := f.reactions(m.ID) - before[m.ID]; got != 1 {
				t.Errorf("at last: a reaction in server %d was heard %d times", i, got)
			}
		}
		for _, r := range f.replicas {
			if len(r.gone) > 0 {
				t.Errorf("%d servers were taken for gone", len(r.gone))
			}
		}
		t.Logf("%d sessions of the day's 1000", f.discord.Counts().Identifies)
	})
}

// smallFleet is a bot of its own in each of two processes; everywhere it follows
// something, and has posted a paper.
func smallFleet(t *testing.T) (f *fleet, papers map[int]fakediscord.Message) {
	t.Helper()
	f = newFleet(t, 12, 4, 1)
	f.real = true
	f.starts()
	f.starts()
	f.whole(4, 2)
	wire, page := &testkit.Wire{}, testkit.SeedPage(t)
	source := &feed.Feed{Store: f.store, Sources: []core.Source{wire}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	f.replicas[0].bot.Feed = source
	wire.Fetches(t, f.replicas[0].bot) // a source's first answer is what was there before
	for i := range f.guilds {
		for _, words := range []string{"subscribe lora", "schedule 09:00 Europe/Berlin daily"} {
			if r := f.replicas[0].bot.Do(t.Context(), core.Request{Channel: f.key(i), Name: "#papers", User: core.User{Key: "discord:1", Name: "mod", Manager: true}, Text: words}); r.Failed {
				t.Fatal(r.Card)
			}
		}
	}
	wire.Fetches(t, f.replicas[0].bot, page.Listed(core.DateOf(time.Now()), 1, 2, 3)...)
	time.Sleep(24 * time.Hour)
	f.ticks(0)
	papers = map[int]fakediscord.Message{}
	for i := range f.guilds {
		for _, m := range f.discord.Posts(f.channels[i]) {
			if link(m) != "" {
				papers[i] = m
			}
		}
		if link(papers[i]) == "" {
			t.Fatalf("nothing was posted in server %d\n%v", i, f.log)
		}
	}
	return f, papers
}

// ticks does what is due, in a process.
func (f *fleet) ticks(replica int) {
	f.Helper()
	if err := f.replicas[replica].bot.Tick(context.Background()); err != nil {
		f.Fatal(err)
	}
}

// votes waits until the store has so many for the papers of a server.
func (f *fleet) votes(i, want int) {
	f.Helper()
	f.until(fmt.Sprintf("%d votes in server %d", want, i), func() bool {
		ch, err := f.store.ChannelByKey(context.Background(), f.key(i))
		if err != nil {
			f.Fatal(err)
		}
		ds, err := f.store.DeliveriesOf(context.Background(), ch.ID, time.Time{}, core.Posted)
		if err != nil {
			f.Fatal(err)
		}
		n := 0
		for _, d := range ds {
			if id, ok := d.Item.Paper(); ok {
				tally, err := f.store.Tally(context.Background(), ch.ID, []core.PaperID{id}, time.Time{})
				if err != nil {
					f.Fatal(err)
				}
				n += tally[id].Up
			}
		}
		return n == want
	})
}

// A process posts everywhere, also where another one hears; what people do while
// nobody hears them, because a process was killed, is read back; and of a server
// that is left meanwhile nobody else's is taken for gone.
func TestWhatHappensWhileNobodyHearsIsReadBack(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		f, papers := smallFleet(t)
		dead, left := f.replicas[1], -1
		var theirs []int
		for i := range f.guilds {
			if dead.hearsOf(i) {
				theirs = append(theirs, i)
				left = i
			}
		}
		if len(theirs) < 2 || len(theirs) == len(f.guilds) {
			t.Fatalf("it hears %v", theirs)
		}
		dead.dies()
		for i := range f.guilds {
			f.discord.Reacts(f.guilds[i].Member("ana"), papers[i], "👍")
		}
		f.discord.Kicks(f.guilds[left])
		f.whole(4, 4)
		for i := range f.guilds {
			if i != left {
				f.votes(i, 1)
			}
		}
		channels, err := f.store.Channels(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(channels) != len(f.guilds)-1 || slices.ContainsFunc(channels, func(ch core.Channel) bool { return ch.Key == f.key(left) }) {
			t.Errorf("%d channels are left of %d, one of which is gone", len(channels), len(f.guilds))
		}
	})
}

// Who cannot reach the store stops hearing before another may begin, and hears
// again when it can; votes are counted once all the same.
func TestWhoIsCutOffFromTheStoreHearsNobodyBeforeOthersDo(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		f := newFleet(t, 40, 4, 1)
		cut := f.starts()
		f.starts()
		f.whole(4, 2)
		m := f.posts(0)
		setCut := func(to bool) {
			cut.mu.Lock()
			defer cut.mu.Unlock()
			cut.cut = to
		}
		setCut(true)
		deaf := f.until("it hears nobody", func() bool { return cut.shards() == 0 })
		if deaf > core.OwnerTTL-core.OwnerBeat || cut.adapter.Ready() == nil {
			t.Errorf("after %v, ready: %v", deaf, cut.adapter.Ready())
		}
		f.until("others do", func() bool { return f.replicas[1].shards() == 4 })
		f.whole(4, 4)
		f.discord.Reacts(f.guilds[0].Member("ana"), m, "👍")
		setCut(false)
		back := f.whole(4, 2)
		t.Logf("deaf after %v; half of them again %v after it was over", deaf, back)
		f.discord.Reacts(f.guilds[0].Member("ben"), m, "👍")
		f.until("both reactions", func() bool { return f.reactions(m.ID) == 2 })
		time.Sleep(time.Minute)
		f.once()
		if n := f.reactions(m.ID); n != 2 || cut.adapter.Ready() != nil {
			t.Errorf("%d reactions heard; ready: %v", n, cut.adapter.Ready())
		}
	})
}

// A process that is told to stop gives its shards to the others at once.
func TestAStopHandsItsShardsOver(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		f := newFleet(t, 40, 4, 4)
		leader := f.starts()
		time.Sleep(time.Minute)
		f.starts()
		f.whole(4, 2)
		begun := time.Now()
		leader.stops()
		leader.dead = true
		f.whole(4, 4)
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("they are heard again after %v", took)
		}
		if n := f.discord.Counts().Identifies; n > 4+2+2 {
			t.Errorf("%d sessions", n)
		}
	})
}

// A bot grows: when Discord wants twice as many shards all processes change to
// them, and when it takes no more servers on one, at once. No shard of the old
// ones is heard beside the new ones.
func TestABotThatGrowsGetsMoreShards(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		f := newFleet(t, 60, 2, 2)
		f.starts()
		f.starts()
		f.whole(2, 1)
		f.discord.Recommends(3, 2500)
		time.Sleep(2 * time.Hour)
		if got := f.discord.Online(); len(got) != 2 {
			t.Errorf("half as many more is no reason: %v", got)
		}
		f.discord.Recommends(4, 2500)
		took := f.until("four", func() bool {
			online := f.discord.Online()
			of := func(n string) bool {
				return slices.ContainsFunc(online, func(s string) bool { return strings.HasSuffix(s, n) })
			}
			if of("/2") && of("/4") {
				t.Errorf("old and new: %v", online)
			}
			return len(online) == 4 && f.replicas[0].shards() == 2 && f.replicas[1].shards() == 2
		})
		if took > time.Hour+time.Minute {
			t.Errorf("after %v", took)
		}
		m := f.posts(7)
		f.discord.Reacts(f.guilds[7].Member("ana"), m, "👍")
		f.until("the reaction", func() bool { return f.reactions(m.ID) == 1 })

		f.discord.Recommends(4, 12) // its recommendation lags behind
		f.discord.Closes(4000)
		f.discord.Forgets()
		took = f.until("more than four", func() bool {
			online := f.discord.Online()
			return len(online) > 4 && len(online) == f.replicas[0].shards()+f.replicas[1].shards()
		})
		t.Logf("more shards after %v: %v", took, f.discord.Online())
		if took > 2*time.Minute {
			t.Errorf("after %v", took)
		}
		if c := f.discord.Counts(); c.Identifies > 30 {
			t.Errorf("%d sessions", c.Identifies)
		}
	})
}

// Who has what is said where operators look.
func TestWhoHasWhichShardsIsSaid(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		f := newFleet(t, 8, 4, 1)
		doctor := func() string {
			said := ""
			for _, x := range discord.New(discord.Options{Token: fakediscord.Token, APIURL: f.discord.API, Dial: f.discord.Dial, Leases: f.store}).Examine(t.Context(), nil) {
				if x.Check == "discord shards" {
					said += string(x.State) + " " + x.Detail
				}
			}
			return said
		}
		says := func(what, got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		says("nobody runs", doctor(), "ok Discord wants 4; no process has any at the moment")
		a := f.starts()
		f.until("the first two", func() bool { return a.shards() == 2 })
		says("it has begun", doctor(), "warning 4 of them: process 1 on pi has shards 0-1; nobody has shards 2-3")
		if err := a.adapter.Ready(); err == nil || !strings.Contains(err.Error(), "2 of 4 shards are nobody's yet") {
			t.Errorf("with half of them: %v", err)
		}
		f.whole(4, 4)
		b := f.starts()
		f.whole(4, 2)
		says("two", doctor(), "ok 4 of them: process 1 on pi has shards 0-1; process 2 on pi has shards 2-3")
		for want, r := range map[string]*replica{"shards 0-1 of 4": a, "shards 2-3 of 4": b} {
			says("it", discord.ShardNames(r.adapter.Shards()), want)
			servers := 0
			for _, s := range r.adapter.Shards() {
				servers += s.Servers
			}
			if err := r.adapter.Ready(); servers != 4 || err != nil {
				t.Errorf("%d servers, ready: %v", servers, err)
			}
		}
		says("none", discord.ShardNames(nil), "no shard; other processes have them")
		says("one", discord.ShardNames([]discord.Shard{{ID: 3, Of: 9}}), "shard 3 of 9")
	})
}

// Of a server that another process hears, what was asked of Discord is believed for
// a minute: nobody tells how it changes.
func TestWhatIsAskedOfAServerThatAnotherProcessHearsIsBelievedForAMinute(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		f := newFleet(t, 4, 2, 2)
		f.starts()
		f.starts()
		f.whole(2, 1)
		i := 0
		other := f.replicas[slices.IndexFunc(f.replicas, func(r *replica) bool { return !r.hearsOf(i) })]
		ana := f.guilds[i].Member("ana")
		reads := func() bool {
			ok, err := other.adapter.CanRead(t.Context(), f.key(i), core.User{Key: "discord:" + ana.ID})
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		if !reads() {
			t.Error("she can")
		}
		f.discord.Permits(f.channels[i], ana.ID, 0, fakediscord.ViewChannel)
		time.Sleep(time.Minute + time.Second)
		if reads() {
			t.Error("she cannot any more")
		}
	})
}

// Votes are read back at a pace that leaves Discord's limit to posts.
func TestVotesAreReadBackAtAPace(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		f := newFleet(t, 4, 1, 1)
		r := f.starts()
		f.whole(1, 1)
		var refs []core.MessageRef
		for i := range f.guilds {
			m := f.posts(i)
			refs = append(refs, core.MessageRef{Conversation: f.channels[i].ID, ID: m.ID})
		}
		begun := time.Now()
		for n := range 60 {
			i := n % len(refs)
			if _, err := r.adapter.Reactions(t.Context(), f.key(i), core.MessageRef{}, refs[i:i+1], func(core.MessageRef, []core.Reaction) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begun); took < 5*time.Second || took > 6*time.Second {
			t.Errorf("60 messages took %v", took)
		}
	})
}
