package main

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/topic"
	"paperboy/internal/fakediscord"
	"paperboy/internal/fakeslack"
	"paperboy/internal/postgres"
	"paperboy/internal/replay"
	"paperboy/internal/testkit"
	"paperboy/store"
)

// A cordon stands between a process and the database, and can cut it off: nothing passes
// then, and no connection is closed.
type cordon struct {
	listener net.Listener
	network  string
	address  string

	mu    sync.Mutex
	heals chan struct{} // nil: everything passes
}

func newCordon(t *testing.T, network, address string) *cordon {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c := &cordon{listener: l, network: network, address: address}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go c.serve(conn)
		}
	}()
	return c
}

func (c *cordon) serve(conn net.Conn) {
	defer conn.Close()
	c.passes()
	to, err := net.Dial(c.network, c.address)
	if err != nil {
		return
	}
	defer to.Close()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{conn, to}, {to, conn}} {
		both.Go(func() {
			defer way[0].Close()
			defer way[1].Close()
			bytes := make([]byte, 32<<10)
			for {
				n, err := way[0].Read(bytes)
				c.passes()
				if _, werr := way[1].Write(bytes[:n]); err != nil || werr != nil {
					return
				}
			}
		})
	}
	both.Wait()
}

func (c *cordon) passes() {
	c.mu.Lock()
	heals := c.heals
	c.mu.Unlock()
	if heals != nil {
		<-heals
	}
}

func (c *cordon) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heals == nil {
		c.heals = make(chan struct{})
	}
}

func (c *cordon) heal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heals != nil {
		close(c.heals)
		c.heals = nil
	}
}

// A fleet is three processes on one database, and what is done to them.
type fleet struct {
	*testing.T
	slack   *fakeslack.Slack
	discord *fakediscord.Discord
	inSlack []string // names of channels
	guild   *fakediscord.Guild
	inGuild []*fakediscord.Channel
	members map[string]*fakediscord.Member
	papers  int
	url     string
	db      *sql.DB
	store   *store.Store
	source  *httptest.Server
	lists   *siege // the days' papers and the calendar
	cordons []*cordon
	program func(i int) string // what is started next in a process's place; nil: the test's own
	posted  atomic.Int64
	cutting sync.WaitGroup

	mu     sync.Mutex
	chance *rand.Rand
	bots   []*process
	over   bool       // the round is
	kills  []handover // and partitions
	killed int
	cuts   int
	quota  int // of kills in this round
	cutsIn int // of partitions in it
	next   time.Time
}

// A handover is a kill, and the channels for which the dead worked.
type handover struct {
	at       time.Time
	channels []string // keys
	cut      bool     // it was not killed, but cut off
}

// Three processes work on one database, and are killed and cut off from it at random,
// while events come to all of them: every paper comes, and comes once, every vote counts,
// and counts once, and another process goes on within half a minute.
// PAPERBOY_REPLICAS=channels,kills,partitions does it at that size, and prints the table of
// docs/benchmarks.md.
func TestReplicasThatAreKilledAndCutOffLoseNothingAndRepeatNothing(t *testing.T) {
	if testkit.Race {
		t.Skip("skipped, the race detector makes each of the processes ten times as slow and finds in none what it does not find elsewhere")
	}
	postgres.Needed(t)
	channels, kills, cuts, perRound, seed := 60, 4, 1, 4, uint64(14)
	if size := strings.Split(os.Getenv("PAPERBOY_REPLICAS"), ","); len(size) == 3 {
		channels, kills, cuts, perRound, seed = number(t, size[0]), number(t, size[1]), number(t, size[2]), 20, rand.Uint64()
	}
	t.Logf("seed %d", seed)
	f := newFleet(t, channels, seed)
	rounds := 0
	for ; f.killed < kills || f.cuts < cuts; rounds++ {
		if rounds == len(f.lists.days) {
			t.Fatalf("%d kills and %d partitions only", f.killed, f.cuts)
		}
		left := max(1, (kills-f.killed+perRound-1)/perRound)
		f.round(f.lists.days[rounds], rounds+1, min(perRound, kills-f.killed), (cuts-f.cuts+left-1)/left)
		if t.Failed() {
			break
		}
	}
	if f.ends(rounds) == 0 {
		t.Error("no channel was handed over")
	}
}

func number(t *testing.T, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func newFleet(t *testing.T, channels int, seed uint64) *fleet {
	t.Helper()
	f := &fleet{T: t, papers: 3, chance: rand.New(rand.NewPCG(seed, 14))}
	f.slack = fakeslack.New(t, fakeslack.Options{Hurried: true})
	f.discord = fakediscord.New(t, fakediscord.Options{Identifies: 100_000, Hurried: true})
	f.discord.Limits(fakediscord.CreateMessage, fakediscord.Limit{N: 5, Per: 5 * time.Second})

	f.url = postgres.Database(t, nil)
	s, err := store.Open(t.Context(), f.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	f.store = s
	if f.db, err = sql.Open("pgx", f.url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.db.Close() })

	f.lists = &siege{T: t, papers: f.papers}
	monday := testkit.At("2025-11-24 12:00")
	f.lists.list(core.DateOf(monday))
	hf := replay.FromPapers(f.lists.lists)
	hf.Now = func() time.Time { return time.Now().Add(time.Duration(f.lists.ahead.Load())) }
	f.source = httptest.NewServer(hf)
	t.Cleanup(f.source.Close)

	f.cordon()
	f.lists.ahead.Store(int64(time.Until(monday)))
	o := &operator{t, f.environ(0)}
	o.gets("fetched 1 new", "fetch") // what was there before nobody waits for

	f.guild, f.members = f.discord.Guild("lab"), map[string]*fakediscord.Member{}
	for _, who := range voters {
		f.members[who] = f.guild.Member(who)
	}
	schedule, err := core.ParseSchedule("09:00 Europe/Berlin weekdays", core.Schedule{})
	f.ok(err)
	expr, err := topic.Parse("lora")
	f.ok(err)
	follow := func(key core.ChannelKey, name string) {
		settings := core.DefaultSettings()
		ch, err := s.EnsureChannel(t.Context(), core.Channel{Key: key, Name: name, Schedule: schedule, Scheduled: monday, Settings: settings, Created: monday})
		f.ok(err)
		_, err = s.AddTopic(t.Context(), ch.ID, expr, core.User{Key: "web:pi"}, monday)
		f.ok(err)
	}
	for i := range channels {
		if i%3 == 2 {
			c := f.guild.Channel(name(i))
			f.inGuild = append(f.inGuild, c)
			follow(core.ChannelKey{Platform: "discord", Workspace: f.guild.ID, ID: c.ID}, "#"+name(i))
		} else {
			id := f.slack.Channel(name(i), append(voters, "paperboy")...)
			f.inSlack = append(f.inSlack, name(i))
			follow(core.ChannelKey{Platform: "slack", Workspace: fakeslack.Team, ID: id}, "#"+name(i))
		}
	}
	f.slack.OnCall(func(c fakeslack.Call) *fakeslack.Failure {
		if c.Method != "chat.postMessage" {
			return nil
		}
		switch f.strikes("slack", c.Args["channel"]) {
		case killedBefore:
			fails := fakeslack.Reset()
			return &fails
		case killedAfter:
			fails := fakeslack.Reset().AfterStoring()
			return &fails
		}
		return nil
	})
	f.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
		if c.Route != fakediscord.CreateMessage && c.Route != fakediscord.StartThread {
			return nil
		}
		f.posted.Add(1)
		return nil
	})
	return f
}

// cordon puts each process behind one of its own.
func (f *fleet) cordon() {
	u, err := url.Parse(f.url)
	f.ok(err)
	network, address := "tcp", u.Host
	if dir := u.Query().Get("host"); dir != "" {
		network, address = "unix", dir+"/.s.PGSQL.5432"
	}
	for range 3 {
		f.cordons = append(f.cordons, newCordon(f.T, network, address))
		f.bots = append(f.bots, nil)
	}
}

func (f *fleet) ok(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// environ is a process's: it reaches the database through its cordon.
func (f *fleet) environ(i int) []string {
	u, _ := url.Parse(f.url)
	q := u.Query()
	q.Del("host")
	q.Set("sslmode", "disable")
	u.Host, u.RawQuery = f.cordons[i].listener.Addr().String(), q.Encode()
	return []string{
		"PAPERBOY_SLACK_API_URL=" + f.slack.API, "PAPERBOY_SLACK_BOT_TOKEN=" + fakeslack.BotToken, "PAPERBOY_SLACK_APP_TOKEN=" + fakeslack.AppToken,
		"PAPERBOY_DISCORD_API_URL=" + f.discord.API, "PAPERBOY_DISCORD_TOKEN=" + fakediscord.Token,
		"PAPERBOY_STORE_URL=" + u.String(), "PAPERBOY_CLOCK_OFFSET=" + time.Duration(f.lists.ahead.Load()).String(), "PAPERBOY_FETCH_INTERVAL=1s",
		"PAPERBOY_SOURCES_HUGGINGFACE_URL=" + f.source.URL, "PAPERBOY_SOURCES_ARXIV_ENABLED=false",
		"PAPERBOY_SOURCES_ARXIV_URL=" + f.source.URL, "PAPERBOY_SOURCES_ARXIV_RSS_URL=" + f.source.URL,
	}
}

// strikes decides about a message that has come to a platform: now and then whoever sends
// it is killed, before it arrives or after, or cut off from the database.
func (f *fleet) strikes(platform, channel string) fate {
	f.posted.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if f.over || now.Before(f.next) || f.quota+f.cutsIn == 0 {
		return arrives
	}
	var pid int
	if err := f.db.QueryRow(`SELECT pid FROM owners JOIN claims ON claims.owner = owners.id JOIN channels ON channels.id = claims.channel
		WHERE channels.platform = $1 AND channels.channel = $2`, platform, channel).Scan(&pid); err != nil {
		if !errors.Is(err, sql.ErrNoRows) { // it is another's by now
			f.Error(err)
		}
		return arrives
	}
	i := slices.IndexFunc(f.bots, func(p *process) bool { return p != nil && p.cmd.Process.Pid == pid })
	sender := f.chance.IntN(2) == 0
	if !sender { // or whoever it may be
		i = f.chance.IntN(len(f.bots))
	}
	if i < 0 || f.bots[i] == nil {
		return arrives
	}
	pid = f.bots[i].cmd.Process.Pid
	f.next = now.Add(time.Duration(300+f.chance.IntN(900)) * time.Millisecond)
	h := handover{at: now}
	rows, err := f.db.Query(`SELECT channels.platform, channels.channel FROM channels JOIN claims ON channels.id = claims.channel JOIN owners ON claims.owner = owners.id WHERE pid = $1`, pid)
	if err == nil {
		for rows.Next() {
			var platform, key string
			if rows.Scan(&platform, &key) == nil {
				h.channels = append(h.channels, platform+"/"+key)
			}
		}
		rows.Close()
	}
	if f.chance.IntN(f.quota+f.cutsIn) >= f.quota {
		f.cutsIn--
		f.cuts++
		h.cut = true
		f.kills = append(f.kills, h)
		for_ := time.Duration(3+f.chance.IntN(42)) * time.Second
		f.cordons[i].cut()
		f.cutting.Go(func() { time.Sleep(for_); f.cordons[i].heal() })
		return arrives
	}
	f.quota--
	f.killed++
	f.kills = append(f.kills, h)
	f.bots[i].kill()
	switch n := f.chance.IntN(3); {
	case sender && n == 0:
		return killedBefore
	case sender && n == 1:
		return killedAfter
	}
	return arrives
}

// round is one day's post: from shortly before nine until all of it is there.
func (f *fleet) round(day core.Date, rounds, kills, cuts int) {
	f.lists.nearly(day)
	f.mu.Lock()
	f.over, f.quota, f.cutsIn, f.next = false, kills, cuts, time.Now().Add(4*time.Second)
	f.mu.Unlock()
	var running sync.WaitGroup
	for i := range f.bots {
		running.Go(func() { f.supervise(i) })
	}
	want := rounds * f.channels() * (f.papers + 1)
	have, last := 0, time.Now()
	votes := make(chan struct{})
	go func() { defer close(votes); f.votes(day) }()
	for have < want && time.Since(last) < 90*time.Second {
		time.Sleep(200 * time.Millisecond)
		if f.posted.Load() < int64(want-have) && time.Since(last) < time.Second {
			continue
		}
		if n := len(f.once()); n > have {
			have, last = n, time.Now()
		}
	}
	f.mu.Lock()
	f.over = true
	f.Logf("%s: %d of %d messages, %d kills and %d partitions so far", day, have, want, f.killed, f.cuts)
	f.mu.Unlock()
	<-votes
	f.cutting.Wait()
	if have < want {
		for i, b := range f.bots {
			f.Logf("process %d:\n%s", i, tail(b.log.String()))
		}
		f.Errorf("%s: %d messages, want %d", day, have, want)
	}
	f.mu.Lock()
	for _, b := range f.bots {
		b.terminate()
	}
	f.mu.Unlock()
	running.Wait()
}

func tail(s string) string { return s[max(0, len(s)-4000):] }

func (f *fleet) channels() int { return len(f.inSlack) + len(f.inGuild) }

// supervise starts a process anew whenever it is killed, until the round is over.
func (f *fleet) supervise(i int) {
	for {
		f.mu.Lock()
		if f.over {
			f.mu.Unlock()
			return
		}
		if f.program == nil {
			f.bots[i] = launch(f.T, f.environ(i))
		} else {
			f.bots[i] = launchOf(f.T, f.environ(i), f.program(i), "run")
		}
		bot := f.bots[i]
		f.mu.Unlock()
		<-bot.ended
		f.mu.Lock()
		status, over := bot.cmd.ProcessState.ExitCode(), f.over
		f.mu.Unlock()
		if status != -1 && !over || status > 0 {
			if !strings.Contains(bot.log.String(), "opening the store") { // it may have been cut off as it began
				f.Errorf("it ended by itself, with %d\n%s", status, tail(bot.log.String()))
				return
			}
			time.Sleep(time.Second)
		}
	}
}

// voters are people who are in Slack and on Discord.
var voters = []string{"pi", "ana", "ben"}

// votes are people's, while all of that happens.
func (f *fleet) votes(day core.Date) {
	var telling sync.WaitGroup
	defer telling.Wait()
	chance := rand.New(rand.NewPCG(uint64(len(day)), uint64(day[9])))
	for {
		f.mu.Lock()
		over := f.over
		f.mu.Unlock()
		if over {
			return
		}
		time.Sleep(100 * time.Millisecond)
		papers := f.ballots(chance.IntN(f.channels()))
		if len(papers) == 0 {
			continue
		}
		papers[chance.IntN(len(papers))].votes(voters[chance.IntN(len(voters))], &telling)
	}
}

// A ballot is a paper's message.
type ballot struct {
	message string
	key     string // of who posted it, in Slack
	up      int    // that people see
	votes   func(who string, telling *sync.WaitGroup)
}

// ballots are the papers' messages in a channel, of Slack's first and then of Discord's.
func (f *fleet) ballots(channel int) (all []ballot) {
	if channel < len(f.inSlack) {
		for _, m := range f.inSlackChannel(f.inSlack[channel]) {
			all = append(all, ballot{m.TS, m.Key("key"), len(m.Voters("+1")), func(who string, telling *sync.WaitGroup) {
				event := f.slack.Reacts
				if slices.Contains(m.Voters("+1"), f.slack.User(who)) {
					event = f.slack.Unreacts
				}
				e := event(who, m, "+1")
				for range 2 { // each event is told three times
					telling.Go(e.Again)
				}
			}})
		}
		return all
	}
	c := f.inGuild[channel-len(f.inSlack)]
	for _, part := range append([]*fakediscord.Channel{c}, f.discord.Threads(c)...) {
		for _, m := range f.discord.Posts(part) {
			if len(m.Buttons()) == 0 || m.Interaction != "" {
				continue // it is no paper's
			}
			all = append(all, ballot{m.ID, "", len(m.Voters("👍")), func(who string, _ *sync.WaitGroup) {
				member := f.members[who]
				if slices.Contains(m.Voters("👍"), member.ID) {
					f.discord.Unreacts(member, m, "👍")
				} else if err := f.discord.Reacts(member, m, "👍"); err != nil {
					f.Error(err)
				}
			}})
		}
	}
	return all
}

// inSlackChannel are the papers' messages in a channel of Slack.
func (f *fleet) inSlackChannel(channel string) (papers []fakeslack.Message) {
	for _, m := range f.slack.Posts(channel) {
		for _, m := range append([]fakeslack.Message{m}, f.slack.Thread(m)...) {
			if key := m.Key("key"); key != "" && !strings.Contains(key, "/@") {
				papers = append(papers, m)
			}
		}
	}
	return papers
}

// once are the posts by their keys, and how often each is there.
func (f *fleet) once() map[string]int {
	n := map[string]int{}
	for _, a := range f.arrived() {
		n[a.key]++
	}
	return n
}

func (f *fleet) arrived() (all []arrival) {
	for _, c := range f.inSlack {
		for _, m := range f.slack.Posts(c) {
			for _, m := range append([]fakeslack.Message{m}, f.slack.Thread(m)...) {
				if key := m.Key("key"); key != "" {
					seconds, micros, _ := strings.Cut(m.TS, ".")
					at, _ := strconv.ParseInt(seconds+micros, 10, 64)
					all = append(all, arrival{"slack/" + m.Channel + " " + key, time.UnixMicro(at)})
				}
			}
		}
	}
	for _, a := range (discordChannels{Discord: f.discord, all: f.inGuild}).arrived() {
		name, key, _ := strings.Cut(a.key, " ")
		i := slices.IndexFunc(f.inGuild, func(c *fakediscord.Channel) bool { return c.Name == name })
		all = append(all, arrival{"discord/" + f.inGuild[i].ID + " " + key, a.at})
	}
	return all
}

// ends holds what arrived against what should have, and says how long channels waited,
// and how many did.
func (f *fleet) ends(rounds int) (handed int) {
	f.mu.Lock()
	f.over, f.quota, f.cutsIn = false, 0, 0
	f.mu.Unlock()
	bot := launch(f.T, f.environ(0))
	bot.says("msg=running")
	testkit.Eventually(f.T, bot.log, "nothing is open any more", func() bool {
		open, err := f.store.CountOpen(f.Context())
		f.ok(err)
		n := 0
		for _, count := range open {
			n += count
		}
		return n == 0
	})
	doubled, want := 0, rounds*f.channels()*(f.papers+1)
	there := f.once()
	for key, n := range there {
		if n > 1 {
			doubled += n - 1
			f.Errorf("%s was posted %d times", key, n)
		}
	}
	lost := want - len(there)
	if lost != 0 {
		f.Errorf("%d messages are there, want %d", len(there), want)
	}
	wrong, counted := f.tallies(bot)
	waits := f.waits()
	p := func(percent int) float64 {
		if len(waits) == 0 {
			return 0
		}
		return waits[min(len(waits)*percent/100, len(waits)-1)].Seconds()
	}
	if p(100) > 45 {
		f.Errorf("a channel waited for %.1f s", p(100))
	}
	f.Logf("| channels | messages | kills | partitions | doubled | lost | votes | wrong | handed over | p50 | p99 | longest |\n| %d | %d | %d | %d | %d | %d | %d | %d | %d | %.1f s | %.1f s | %.1f s |",
		f.channels(), want, f.killed, f.cuts, doubled, lost, counted, len(wrong), len(waits), p(50), p(99), p(100))
	bot.stop()
	return len(waits)
}

// kept is what the store has of a message: its votes, and its line of the ledger.
func (f *fleet) kept(b ballot) (marks string) {
	f.Helper()
	f.ok(f.db.QueryRow(`SELECT coalesce(string_agg(concat_ws(' ', person, present, ord, heard), ', '), 'no votes') FROM reactions WHERE message = $1`, b.message).Scan(&marks))
	channel, item, _ := strings.Cut(b.key, "/")
	var line string
	f.ok(f.db.QueryRow(`SELECT coalesce(string_agg(concat_ws(' ', channel, item, state, conversation, message, thread, reason, attempt, begun, updated), ', '), 'no line') FROM deliveries
		WHERE message = $1 OR channel::text = $2 AND item = $3`, b.message, channel, item).Scan(&line))
	return marks + "; " + line
}

// tallies compares what people see with what was counted.
func (f *fleet) tallies(bot *process) (wrong []string, counted int) {
	compare := func() (wrong []string, counted int) {
		for i := range f.channels() {
			for _, b := range f.ballots(i) {
				var n int
				f.ok(f.db.QueryRow(`SELECT count(DISTINCT person) FROM reactions WHERE message = $1 AND kind = 'up' AND present = 1`, b.message).Scan(&n))
				if counted += b.up; n != b.up {
					wrong = append(wrong, fmt.Sprintf("message %s: %d votes, people see %d; kept are %s", b.message, n, b.up, f.kept(b)))
				}
			}
		}
		return wrong, counted
	}
	// Slack tells for six minutes what was not acknowledged, and is asked so many things a
	// minute about what happened before the first process began.
	begun := time.Now()
	told, read := begun.Add(7*time.Minute), begun.Add(45*time.Minute)
	toRead := func() (n int) {
		f.ok(f.db.QueryRow(`SELECT count(*) FROM channels WHERE reread <> 0`).Scan(&n))
		return n
	}
	for wrong, counted = compare(); len(wrong) > 0 && time.Now().Before(read) && (time.Now().Before(told) || toRead() > 0); wrong, counted = compare() {
		time.Sleep(time.Second)
	}
	f.Logf("%d votes are right after %v; %d channels are to be read back", counted, time.Since(begun).Round(time.Second), toRead())
	if len(wrong) > 0 {
		f.Errorf("%d messages have other votes than people see\n%s\n%s", len(wrong), strings.Join(wrong, "\n"), tail(bot.log.String()))
	}
	return wrong, counted
}

// waits is how long channels waited after each kill of who worked for them for the next
// message, from the shortest to the longest. After the last of a day none comes.
func (f *fleet) waits() (waits []time.Duration) {
	by := map[string][]time.Time{}
	for _, a := range f.arrived() {
		channel, _, _ := strings.Cut(a.key, " ")
		by[channel] = append(by[channel], a.at)
	}
	for _, at := range by {
		slices.SortFunc(at, time.Time.Compare)
	}
	for n, k := range f.kills {
		for _, c := range k.channels {
			at := by[c]
			next, _ := slices.BinarySearchFunc(at, k.at.Add(50*time.Millisecond), time.Time.Compare) // what had left arrives
			// Another that took it over may have been killed, or cut off, in its turn: the wait is for its heir.
			again := slices.ContainsFunc(f.kills[n+1:], func(later handover) bool {
				return next < len(at) && later.at.Before(at[next]) && slices.Contains(later.channels, c)
			})
			if !k.cut && !again && next < len(at) && next%(f.papers+1) != 0 {
				waits = append(waits, at[next].Sub(k.at))
			}
		}
	}
	slices.Sort(waits)
	return waits
}
