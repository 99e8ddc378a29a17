package main

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakediscord"
	"paperboy/internal/fakeslack"
	"paperboy/internal/replay"
	"paperboy/internal/testkit"
)

// fate is what becomes of a message on its way, and of who sends it.
type fate int

const (
	arrives      fate = iota
	killedBefore      // the process is killed, and the message never arrives …
	killedAfter       // … or it does, and nobody is left to hear of it
	neverArrives      // the connection breaks on the way there …
	answerLost        // … or on the way back
	answerBad         // a proxy's 5xx stands where the answer should
	answerFatal       // the platform says that something went wrong, and maybe not all
	answerLate        // the answer takes three seconds …
	noAnswer          // … or never comes, and nor does the message
)

// answerTime is how long a late answer takes.
const answerTime = 3 * time.Second

// place is a platform with channels that follow something.
type place interface {
	environ() []string
	// follow sets channels up by commands, as people do.
	follow()
	// decides is asked about every message that is posted.
	decides(func() fate)
	// arrived are the posts that people see, and when they came.
	arrived() []arrival
}

// places are the platforms that there are.
var places = []struct {
	name string
	open func(t *testing.T) place
}{{"slack", slackPlace}, {"discord", discordPlace}}

type arrival struct {
	key string // of the channel and what was posted
	at  time.Time
}

// restartTime is how soon what was open goes on after a restart.
const restartTime = 5 * time.Second

// channels is how many follow; in each of them a post is a header and papers.
const channels = 3

// siege is a bot of which two processes take turns: whenever one dies, the other
// starts.
type siege struct {
	*testing.T
	place  place
	file   string
	source *httptest.Server
	papers int // a day
	lists  map[core.Date][]core.Seen
	days   []core.Date  // that have a post
	ahead  atomic.Int64 // the bot's calendar
	begun  time.Time    // nothing before was a post

	mu     sync.Mutex
	chance *rand.Rand
	bot    *process
	doomed bool // somebody is about to end it
	left   int  // kills to come
	kills  []kill
	stops  int
	losses map[fate]int
	over   bool
}

// kill is one, when the next process started, and when the day's round was over.
type kill struct {
	at, next, over time.Time
	dead, heir     *process
}

// Whatever ends a process or an answer, at whatever moment: every paper comes,
// and comes once, and people wait for the next one no longer than a restart
// takes. PAPERBOY_KILLS=300 kills so often instead, and prints the table of
// docs/benchmarks.md.
func TestProcessesThatAreKilledAtRandomPostEachPaperOnce(t *testing.T) {
	for _, c := range places {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			seed, papers, kills := uint64(26), 13, 15
			if n, err := strconv.Atoi(os.Getenv("PAPERBOY_KILLS")); err == nil {
				seed, papers, kills = rand.Uint64(), 18, n
			}
			t.Logf("seed %d", seed)
			s := newSiege(t, c.open, papers)
			s.chance, s.left = rand.New(rand.NewPCG(seed, 9)), kills
			s.hold()
		})
	}
}

// newSiege is a bot that was set up on Monday, and papers for the days to come.
func newSiege(t *testing.T, open func(t *testing.T) place, papers int) *siege {
	t.Helper()
	return newSiegeIn(t, filepath.Join(t.TempDir(), "paperboy.db"), open, papers)
}

// newSiegeIn is one whose store is a file or a database of PostgreSQL.
func newSiegeIn(t *testing.T, store string, open func(t *testing.T) place, papers int) *siege {
	t.Helper()
	s := &siege{T: t, papers: papers, losses: map[fate]int{}, place: open(t), file: store}
	monday := testkit.At("2025-11-24 12:00")
	s.list(core.DateOf(monday))
	hf := replay.FromPapers(s.lists)
	hf.Now = func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }
	s.source = httptest.NewServer(hf)
	t.Cleanup(s.source.Close)

	s.ahead.Store(int64(time.Until(monday)))
	o := &operator{t, s.environ()}
	o.gets("fetched 1 new", "fetch") // what was there before nobody waits for
	bot := launch(t, s.environ())
	s.place.follow()
	bot.stop()
	s.begun = time.Now()
	return s
}

// hold kills so often, on as many days as that takes.
func (s *siege) hold() {
	want := s.left
	s.place.decides(s.fate)
	rounds := 0
	for ; rounds < len(s.days) && (rounds == 0 || s.remaining() > 0); rounds++ {
		s.round(s.days[rounds], (rounds+1)*channels*(s.papers+1))
	}
	if len(s.kills) < want {
		s.Errorf("killed %d times only, of %d", len(s.kills), want)
	}
	s.settle()
	s.count(s.days[:rounds])
}

// list makes the days' lists: one paper that was there before, and then so many
// on every weekday.
func (s *siege) list(first core.Date) {
	paper := func(d core.Date, n int) core.Seen {
		id := core.PaperID(fmt.Sprintf("%s.%s%03d", strings.ReplaceAll(string(d[2:7]), "-", ""), d[8:10], n))
		return core.Seen{
			Paper:    core.Paper{ID: id, Title: fmt.Sprintf("lora, paper %d of %s", n, d), Abstract: "About lora.", Authors: []string{"A. Author"}, Published: d},
			Sighting: core.Sighting{Source: "hf", Day: d, Rank: n}, Authority: core.Index,
		}
	}
	s.lists = map[core.Date][]core.Seen{first: {paper(first, 1)}}
	for d := first.AddDays(1); len(s.days) < 60; d = d.AddDays(1) {
		if !core.IsWeekday(d) {
			continue
		}
		for n := range s.papers {
			s.lists[d] = append(s.lists[d], paper(d, n+1))
		}
		s.days = append(s.days, d)
	}
}

func (s *siege) environ() []string {
	return append(s.place.environ(),
		"PAPERBOY_STORE_URL="+s.file, "PAPERBOY_CLOCK_OFFSET="+time.Duration(s.ahead.Load()).String(), "PAPERBOY_FETCH_INTERVAL=1s",
		"PAPERBOY_SOURCES_HUGGINGFACE_URL="+s.source.URL, "PAPERBOY_SOURCES_ARXIV_ENABLED=false",
		"PAPERBOY_SOURCES_ARXIV_URL="+s.source.URL, "PAPERBOY_SOURCES_ARXIV_RSS_URL="+s.source.URL, // a calendar is shifted only where nobody else is met
	)
}

// round is one day's post: from shortly before nine until all of it is there.
func (s *siege) round(day core.Date, want int) {
	s.nearly(day)
	s.mu.Lock()
	s.over = false
	s.mu.Unlock()
	ended := make(chan struct{})
	go func() { defer close(ended); s.supervise() }()
	have, last := 0, time.Now()
	for have < want && time.Since(last) < 40*time.Second {
		time.Sleep(50 * time.Millisecond)
		if n := len(s.once()); n > have {
			have, last = n, time.Now()
		}
	}
	s.mu.Lock()
	if have < want {
		s.Errorf("%s: %d messages, want %d\n%s", day, have, want, s.bot.log)
	}
	s.over = true
	for i := range s.kills {
		if k := &s.kills[i]; k.over.IsZero() {
			k.over = time.Now()
		}
	}
	s.bot.terminate()
	s.mu.Unlock()
	select {
	case <-ended:
	case <-time.After(2 * stopTime):
		s.Fatalf("it does not stop\n%s", s.bot.log)
	}
}

// nearly moves the calendar to three seconds before a day's post.
func (s *siege) nearly(day core.Date) {
	s.ahead.Store(int64(time.Until(testkit.At(string(day) + " 09:00").Add(-3 * time.Second))))
}

// supervise starts one process after the other until the round is over.
func (s *siege) supervise() {
	for {
		s.mu.Lock()
		if s.over {
			s.mu.Unlock()
			return
		}
		s.bot, s.doomed = launch(s.T, s.environ()), false
		bot := s.bot
		if n := len(s.kills); n > 0 && s.kills[n-1].next.IsZero() {
			s.kills[n-1].next, s.kills[n-1].heir = bot.started, bot
		}
		s.mu.Unlock()
		<-bot.ended
		s.mu.Lock()
		killed := len(s.kills) > 0 && s.kills[len(s.kills)-1].next.IsZero()
		// One that is told to stop before it listens just ends.
		if status := bot.cmd.ProcessState.ExitCode(); status != 0 && !((killed || s.over) && status == -1) {
			s.Errorf("it ended by itself, with %d\n%s", status, bot.log)
			s.over = true
		}
		s.mu.Unlock()
	}
}

func (s *siege) remaining() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left
}

// fate decides about a message that has come to the platform.
func (s *siege) fate() fate {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doomed || s.over || s.left == 0 {
		return arrives
	}
	f := arrives
	switch n := s.chance.IntN(100); {
	case n < 10:
		f = killedBefore
	case n < 22:
		f = killedAfter
	case n < 40: // wherever it is by then
		s.soon(time.Duration(s.chance.IntN(600))*time.Millisecond, s.kill)
	case n < 44:
		s.stops++
		s.soon(time.Duration(s.chance.IntN(300))*time.Millisecond, func() { s.bot.terminate() })
	case n < 54:
		f = neverArrives + fate(s.chance.IntN(4))
		s.losses[f]++
	}
	if f == killedBefore || f == killedAfter {
		s.doomed = true
		s.kill()
	}
	return f
}

// soon ends the process in a moment.
func (s *siege) soon(wait time.Duration, end func()) {
	s.doomed = true
	time.AfterFunc(wait, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.over {
			end()
		}
	})
}

// kill kills. The caller holds mu.
func (s *siege) kill() {
	s.left--
	s.kills = append(s.kills, kill{at: time.Now(), dead: s.bot})
	s.bot.kill()
}

// once are the posts by their keys, and how often each is there.
func (s *siege) once() map[string]int {
	n := map[string]int{}
	for _, a := range s.place.arrived() {
		if a.at.After(s.begun) {
			n[a.key]++
		}
	}
	return n
}

// settle lets the bot find what the last kill left open.
func (s *siege) settle() {
	s.mu.Lock()
	s.left = 0
	s.mu.Unlock()
	bot := launch(s.T, s.environ())
	st := openedStore(s.T, s.file)
	testkit.Eventually(s.T, bot.log, "nothing is open any more", func() bool {
		open, err := st.CountOpen(s.Context())
		if err != nil {
			s.Fatal(err)
		}
		n := 0
		for _, count := range open {
			n += count
		}
		return n == 0
	})
	bot.says("msg=running")
	bot.stop()
}

// count holds what arrived against the ledger, and says how long people waited.
func (s *siege) count(days []core.Date) {
	st := openedStore(s.T, s.file)
	chs, err := st.Channels(s.Context())
	if err != nil || len(chs) != channels {
		s.Fatal(len(chs), err)
	}
	lost, uncertain := 0, 0
	for _, ch := range chs {
		rows, err := st.DeliveriesOf(s.Context(), ch.ID, time.Time{}, core.Planned, core.Sending, core.Posted, core.Uncertain, core.Held, core.Skipped)
		if err != nil {
			s.Fatal(err)
		}
		papers := 0
		for _, d := range rows {
			if _, ok := d.Item.Paper(); ok {
				papers++
			}
			switch {
			case d.State == core.Uncertain:
				uncertain++
			case d.State == core.Posted, d.State == core.Skipped && d.Reason != "":
			default:
				lost++
				s.Errorf("%s %s is %s in the ledger", ch.Name, d.Item, d.State)
			}
		}
		lost += len(days)*s.papers - papers
	}
	there := s.once()
	doubled := 0
	for key, n := range there {
		if n > 1 {
			doubled += n - 1
			s.Errorf("%s was posted %d times", key, n)
		}
	}
	want := len(days) * channels * (s.papers + 1)
	if missing := want - uncertain - len(there); missing > 0 || lost > 0 {
		s.Errorf("%d messages are missing, %d papers are lost", missing, lost)
	}
	if uncertain > 0 {
		s.Errorf("%d are uncertain, though it may look", uncertain)
	}
	waits := s.waits()
	p := func(percent int) float64 { return waits[min(len(waits)*percent/100, len(waits)-1)].Seconds() }
	if p(50) > restartTime.Seconds() {
		s.Errorf("half of the restarts took more than %.1f s", p(50))
	}
	s.Logf("| platform | messages | kills | stops | lost on the way there | answers lost | 5xx for an answer | fatal errors | doubled | lost | uncertain | p50 | p99 | longest |\n"+
		"| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %.1f s | %.1f s | %.1f s |",
		filepath.Base(s.Name()), want, len(s.kills), s.stops, s.losses[neverArrives], s.losses[answerLost], s.losses[answerBad], s.losses[answerFatal],
		doubled, lost, uncertain, p(50), p(99), waits[len(waits)-1].Seconds())
}

// waits is how long people waited after each kill for the next message, from
// the shortest to the longest. After the last of a day none comes.
func (s *siege) waits() (waits []time.Duration) {
	var all []time.Time
	for _, a := range s.place.arrived() {
		all = append(all, a.at)
	}
	slices.SortFunc(all, time.Time.Compare)
	for _, k := range s.kills {
		next, _ := slices.BinarySearchFunc(all, k.next, time.Time.Compare)
		if !k.next.IsZero() && next < len(all) && all[next].Before(k.over) {
			waits = append(waits, all[next].Sub(k.at))
			if wait := all[next].Sub(k.at); wait > restartTime {
				s.Logf("killed at %v, the next message came after %v\n%s\nand then\n%s", k.at.UTC(), wait, k.dead.log, k.heir.log)
			}
		}
	}
	slices.Sort(waits)
	return waits
}

// slackChannels are three channels of a workspace.
type slackChannels struct{ *fakeslack.Slack }

func slackPlace(t *testing.T) place {
	w := slackChannels{fakeslack.New(t, fakeslack.Options{Hurried: true})}
	for i := range channels {
		w.Channel(name(i), "pi", "paperboy")
	}
	return w
}

func name(channel int) string { return fmt.Sprintf("papers%d", channel) }

func (w slackChannels) environ() []string {
	return []string{"PAPERBOY_SLACK_API_URL=" + w.API, "PAPERBOY_DISCORD_API_URL=" + w.API, "PAPERBOY_SLACK_BOT_TOKEN=" + fakeslack.BotToken, "PAPERBOY_SLACK_APP_TOKEN=" + fakeslack.AppToken}
}

func (w slackChannels) follow() {
	w.Connected(1)
	for i := range channels {
		w.Types("pi", name(i), "/papers subscribe lora").Wait(2)
		w.Types("pi", name(i), "/papers schedule 09:00 Europe/Berlin weekdays").Wait(1)
	}
}

func (w slackChannels) decides(decide func() fate) {
	how := map[fate]fakeslack.Failure{
		killedBefore: fakeslack.Reset(), killedAfter: fakeslack.Reset().AfterStoring(), neverArrives: fakeslack.Reset(),
		answerLost: fakeslack.Reset().AfterStoring(), answerBad: fakeslack.ServerError().AfterStoring(), answerFatal: fakeslack.Error("fatal_error").AfterStoring(),
		answerLate: fakeslack.Late(answerTime), noAnswer: fakeslack.Hang(),
	}
	w.OnCall(func(c fakeslack.Call) *fakeslack.Failure {
		if c.Method != "chat.postMessage" {
			return nil
		}
		if f, fails := how[decide()]; fails {
			return &f
		}
		return nil
	})
}

func (w slackChannels) arrived() (all []arrival) {
	for i := range channels {
		for _, m := range w.Posts(name(i)) {
			for _, m := range append([]fakeslack.Message{m}, w.Thread(m)...) {
				if key := m.Key("key"); key != "" {
					seconds, micros, _ := strings.Cut(m.TS, ".")
					at, _ := strconv.ParseInt(seconds+micros, 10, 64)
					all = append(all, arrival{key, time.UnixMicro(at)})
				}
			}
		}
	}
	return all
}

// discordChannels are three channels of a server.
type discordChannels struct {
	*fakediscord.Discord
	mod *fakediscord.Member
	all []*fakediscord.Channel
}

func discordPlace(t *testing.T) place {
	w := discordChannels{Discord: fakediscord.New(t, fakediscord.Options{Identifies: 100_000, Hurried: true})}
	// As often as five in five seconds; but after a burst a restart would mostly
	// wait for Discord.
	w.Limits(fakediscord.CreateMessage, fakediscord.Limit{N: 1, Per: time.Second})
	guild := w.Guild("lab")
	w.mod = guild.Member("mod", fakediscord.ManageChannels)
	for i := range channels {
		w.all = append(w.all, guild.Channel(name(i)))
	}
	return w
}

func (w discordChannels) environ() []string {
	return []string{"PAPERBOY_DISCORD_API_URL=" + w.API, "PAPERBOY_SLACK_API_URL=" + w.API, "PAPERBOY_DISCORD_TOKEN=" + fakediscord.Token}
}

func (w discordChannels) follow() {
	w.Wait("the commands", func() bool { return w.Counts().CommandsCreated == 4 })
	w.Connected(1)
	for _, c := range w.all {
		w.Types(w.mod, c, "subscribe", map[string]any{"topic": "lora"}).Wait(2)
		w.Types(w.mod, c, "schedule", map[string]any{"time": "09:00", "zone": "Europe/Berlin", "days": "weekdays"}).Wait(1)
	}
}

func (w discordChannels) decides(decide func() fate) {
	how := map[fate]fakediscord.Failure{
		killedBefore: fakediscord.Reset(), killedAfter: fakediscord.Reset().AfterStoring(), neverArrives: fakediscord.Reset(),
		answerLost: fakediscord.Reset().AfterStoring(), answerBad: fakediscord.HTML(502).AfterStoring(), answerFatal: fakediscord.ServerError(500).AfterStoring(),
		answerLate: fakediscord.Late(answerTime), noAnswer: fakediscord.Hang(),
	}
	w.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
		if c.Route != fakediscord.CreateMessage && c.Route != fakediscord.StartThread {
			return nil
		}
		if f, fails := how[decide()]; fails {
			return &f
		}
		return nil
	})
}

func (w discordChannels) arrived() (all []arrival) {
	for _, c := range w.all {
		for _, part := range append([]*fakediscord.Channel{c}, w.Threads(c)...) {
			for _, m := range w.Posts(part) {
				if m.Interaction != "" || m.Content == "" && len(m.Embeds) == 0 {
					continue // an answer, or where a thread hangs on its header
				}
				key, _, _ := strings.Cut(m.Content, "\n")
				for _, e := range m.Embeds {
					if u, ok := e["url"].(string); ok {
						key = u
					}
				}
				all = append(all, arrival{c.Name + " " + key, m.Sent})
			}
		}
	}
	return all
}
