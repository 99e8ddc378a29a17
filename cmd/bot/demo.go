package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"paperboy/adapters/discord"
	"paperboy/adapters/slack"
	"paperboy/adapters/web"
	"paperboy/adapters/zotero"
	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/workers"
	"paperboy/internal/catalogue"
	"paperboy/internal/config"
	"paperboy/internal/replay"
	"paperboy/sources/arxiv"
	"paperboy/sources/huggingface"
	"paperboy/store"
)

type demoCommand struct {
	Listen    string `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Where the page is (default 127.0.0.1:8080)."`
	Data      string `placeholder:"DIR" help:"Recorded days, for when Hugging Face and arXiv do not answer: DIR/hf_daily/2026-04-10.json.gz and so on."`
	From      string `placeholder:"DATE" help:"The day the playground begins on; it moves on from there."`
	NoBrowser bool   `help:"Open no browser."`
}

func (demoCommand) Help() string {
	return `The whole bot behind a chat page, on a database that is thrown away afterwards. Its calendar stands
some weeks back, and a button moves it to the next morning. Papers come from Hugging Face and arXiv
when they answer within three seconds, else from DIR, else from a small catalogue in this program.`
}

const (
	demoPatience  = 3 * time.Second  // for a source to answer at all
	demoWait      = 10 * time.Second // for a source, on a morning
	demoZone      = "Europe/Berlin"  // when the configuration names none
	demoTime      = 10 * time.Hour   // of a day on which nothing is due: after the daily post
	demoBefore    = 2 * time.Hour    // so long before the next post the calendar begins
	demoHistory   = 45               // days before the first post that are in the store already
	demoLiveAhead = 14               // the same two where the sources themselves are asked
	demoLivePast  = 10
)

// The first of the channels is set up when the playground begins, by demoHost,
// and has had a post; the others are empty.
var (
	demoChannels = []string{"papers", "vision", "reading-group"}
	demoSetUp    = []string{"subscribe diffusion, agent*", "schedule 09:00 %s weekdays"}
)

const demoHost = "ben" // not whom the page takes its visitor for: private answers are not the first thing to be seen

func (c *demoCommand) Run(a *app) error {
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return usage("cannot listen on %s (%v); choose another address, as --listen 127.0.0.1:8081", c.Listen, listenTrouble(err))
	}
	defer l.Close()
	port := &port{TCPListener: l.(*net.TCPListener)}
	for first := true; ; first = false {
		anew, err := c.play(a, port, first)
		if err != nil || !anew {
			return err
		}
	}
}

// port is the playground's over all its rounds: who serves on it leaves it open,
// and browsers that ask meanwhile wait for the next round.
type port struct{ *net.TCPListener }

// Close ends an Accept, and nothing else.
func (p *port) Close() error { return p.SetDeadline(time.Unix(1, 0)) }

// play is one round, from the first day of the calendar. It reports whether
// somebody wants another one.
func (c *demoCommand) play(a *app, l *port, opening bool) (anew bool, err error) {
	dir, err := os.MkdirTemp("", "paperboy-demo-*")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := store.Open(a.ctx, filepath.Join(dir, "demo.db"))
	if err != nil {
		return false, err
	}
	defer s.Close()

	zone := cmp.Or(a.config.Digest.Timezone, demoZone)
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return false, err
	}
	ctx, stop := context.WithCancel(a.ctx)
	defer stop()
	d := &demo{zone: zone, loc: loc, store: s}
	d.anew = sync.OnceFunc(func() { anew = true; stop() })
	papers, err := c.origin(a, d, s)
	if err != nil {
		return false, err
	}
	first, err := c.first(papers)
	if err != nil {
		return false, err
	}
	d.papers = papers
	eve := first.AddDays(-1)
	d.set(eve.Time(loc).Add(demoTime))

	room := web.NewRoom(d.Now, demoChannels...)
	defaults, err := a.defaults()
	if err != nil {
		return false, err
	}
	defaults.Schedule.Zone = zone
	shelves := zotero.New(zotero.Options{Store: s, Now: time.Now})
	connections := core.NewConnections(a.log, room, shelves)
	page, readers, err := c.readers(ctx, a, l, s, d, room, connections)
	if err != nil {
		return false, err
	}
	ingest := a.ingest(s, papers.sources, d.Now)
	ingest.Timeout = demoWait
	if papers.days != nil { // arXiv may know papers by id and yet have announced none
		ingest.Sources = slices.DeleteFunc(slices.Clone(papers.sources), func(s core.Source) bool { return s.Name() == arxiv.Name && !papers.announced })
	}
	d.bot = workers.New(workers.Options{Store: s, Connections: connections, Librarian: shelves, Feed: ingest, Clock: d, Log: a.log, Defaults: defaults, Quota: core.Quota(a.config.Limits), Page: page})
	for _, src := range ingest.Sources {
		past := papers.past
		if src.Name() != huggingface.Name {
			past = 0 // arXiv's days are long, and nobody searches for them yet
		}
		if _, err := ingest.Backfill(ctx, src.Name(), eve.AddDays(-past), eve, nil); err != nil {
			a.log.Warn("some of the days before the first are missing", "err", err)
		}
	}
	site := web.NewSite(room, d.bot, d, a.log)
	site.Skins = []web.Skin{{Name: slack.Name, Draw: slack.Draw}, {Name: discord.Name, Draw: discord.Draw}}
	if err := d.open(ctx, site); err != nil && a.ctx.Err() == nil {
		a.log.Warn("the first post is missing", "err", err)
	}

	if opening {
		address := "http://" + l.Addr().String() + "/"
		fmt.Fprintf(a.out, "The playground is at %s (papers: %s). Ctrl-C ends it.\n", address, papers.name)
		if !local(l.Addr()) {
			fmt.Fprintln(a.err, "bot: there are no accounts: whoever reaches this address may type as anybody")
		}
		if !c.NoBrowser {
			browse(address)
		}
	}
	var running sync.WaitGroup
	running.Go(readers)
	running.Go(func() {
		if err := d.bot.Run(ctx); err != nil {
			a.log.Error("the demo's bot failed", "err", err)
		}
	})
	if err = l.SetDeadline(time.Time{}); err == nil {
		err = site.Serve(ctx, l)
	}
	stop()
	running.Wait()
	return anew, err
}

// readers are the readers' page, feeds and assistants of the playground, as `bot run`
// has them, at a port of their own: the chat's page has its own "/" and "/static/". They
// are reached on this machine only, and not at all where the chat's page is meant for
// others, for whom that port may be shut.
func (c *demoCommand) readers(ctx context.Context, a *app, chat *port, s *store.Store, d *demo, room *web.Room, connections *core.Connections) (page string, serve func(), err error) {
	if !local(chat.Addr()) {
		return "", func() {}, nil
	}
	host, _, err := net.SplitHostPort(chat.Addr().String())
	if err != nil {
		return "", nil, err
	}
	there := *a
	there.clock = d.Now
	there.config.HTTP = config.HTTP{Listen: net.JoinHostPort(host, "0")}
	there.config.Slack.Command = room.Network().Command
	return there.listenHere(ctx, s, connections)
}

// open sets the first channel up, as a person would, and delivers its first
// post. The calendar then stands before the next one.
func (d *demo) open(ctx context.Context, site *web.Site) error {
	for _, line := range demoSetUp {
		if strings.Contains(line, "%s") {
			line = fmt.Sprintf(line, d.zone)
		}
		if err := site.Type(ctx, demoHost, demoChannels[0], line); err != nil {
			return err
		}
	}
	if err := d.Morning(ctx); err != nil {
		return err
	}
	if next, err := d.bot.Plan.NextDue(ctx); err != nil || next.IsZero() {
		return err
	} else if before := next.Add(-demoBefore); before.After(d.Now()) {
		d.set(before)
	}
	return nil
}

func listenTrouble(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

func local(addr net.Addr) bool {
	a, err := netip.ParseAddrPort(addr.String())
	return err == nil && a.Addr().IsLoopback()
}

// browse opens a browser where there is a screen to open it on. That it cannot
// is no trouble: the address has been printed.
func browse(address string) {
	opener := "xdg-open"
	switch {
	case runtime.GOOS == "darwin":
		opener = "open"
	case os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "":
		return
	}
	if cmd := exec.Command(opener, address); cmd.Start() == nil {
		go cmd.Wait()
	}
}

// origin is where the demo's papers come from.
type origin struct {
	name    string // for people
	sources []core.Source
	days    []core.Date // that have papers, in order; nil: all weekdays, of sources that are asked themselves
	past    int         // days before the first one that go into the store

	announced bool      // arXiv's announcements are recorded too
	last      core.Date // as far as the calendar can go
}

// has reports whether some source has papers of the day.
func (o *origin) has(day core.Date) bool {
	if o.days == nil {
		return core.IsWeekday(day)
	}
	if o.announced && arxiv.Announces(day) {
		return true
	}
	_, found := slices.BinarySearch(o.days, day)
	return found
}

// origin asks the sources, and falls back on what is recorded.
func (c *demoCommand) origin(a *app, d *demo, s sourceStore) (*origin, error) {
	if live := a.answering(s); len(live) > 0 {
		// They keep the real calendar: the demo's stands in their past, where
		// every list is whole.
		var names []string
		for _, src := range live {
			names = append(names, src.Title())
		}
		return &origin{name: strings.Join(names, " and "), sources: live, past: demoLivePast, last: core.DateOf(time.Now().UTC()).AddDays(-1)}, nil
	}
	o := &origin{name: "the small catalogue inside this program", past: demoHistory}
	papers := catalogue.Days()
	r := replay.FromPapers(papers)
	for day := range papers {
		o.days = append(o.days, day)
	}
	if c.Data != "" {
		var err error
		if r, err = replay.FromDir(c.Data); err != nil {
			return nil, usage("--data: %v", err)
		}
		o.name, o.days = "recorded days in "+c.Data, nil
		files, _ := filepath.Glob(filepath.Join(c.Data, "hf_daily", "*.json.gz")) // the pattern is well formed
		for _, f := range files {
			if day, err := core.ParseDate(strings.TrimSuffix(filepath.Base(f), ".json.gz")); err == nil {
				o.days = append(o.days, day)
			}
		}
		if len(o.days) < 2 {
			return nil, usage("--data %s has no recorded days; they are files such as hf_daily/2026-04-10.json.gz", c.Data)
		}
	}
	slices.Sort(o.days)
	o.last = o.days[len(o.days)-1]
	r.Now = d.Now
	o.sources = a.sources(s, r, d.Now)
	for i, src := range o.sources {
		if src.Name() == huggingface.Name {
			o.sources[i] = recorded{src, o}
		}
	}
	_, err := os.Stat(filepath.Join(c.Data, "arxiv-corpus.jsonl.gz"))
	o.announced = c.Data != "" && err == nil
	return o, nil
}

// recorded is a source of which only some days are there: on the others nothing
// is due, and nothing late.
type recorded struct {
	core.Source
	*origin
}

// Due implements core.Source.
func (r recorded) Due(now time.Time) core.Date {
	i, found := slices.BinarySearch(r.days, r.Source.Due(now))
	if !found {
		i--
	}
	if i < 0 {
		return ""
	}
	return r.days[i]
}

// first is the day of the first post. The weekdays after it have lists, as far
// as the calendar can go, so that every press of the button brings the morning
// that the post before has promised; where somebody chose the day himself, days
// without are passed over.
func (c *demoCommand) first(o *origin) (core.Date, error) {
	if c.From != "" {
		day, err := core.ParseDate(c.From)
		switch {
		case err != nil:
			return "", usage("--from %s is no day; write it as 2026-04-09", c.From)
		case day >= o.last || len(o.days) > 0 && day < o.days[0]:
			begin := ""
			if len(o.days) > 0 {
				begin = fmt.Sprintf("from %s ", o.days[0])
			}
			return "", usage("--from %s: there are papers %sto %s", c.From, begin, o.last)
		}
		return day, nil
	}
	if o.days == nil {
		return core.LastDay(o.last.AddDays(-demoLiveAhead), core.IsWeekday), nil
	}
	longest := o.days[:1]
	for i := range o.days {
		run := o.days[i : i+1]
		for end := i + 1; end < len(o.days) && o.days[end] == weekdayAfter(o.days[end-1]); end++ {
			run = o.days[i : end+1]
		}
		if len(run) >= len(longest) { // the newest of equals
			longest = run
		}
	}
	if len(longest) < 2 { // no two in a row
		longest = o.days
	}
	o.last = longest[len(longest)-1]
	return longest[0], nil
}

func weekdayAfter(d core.Date) core.Date {
	for d = d.AddDays(1); !core.IsWeekday(d); {
		d = d.AddDays(1)
	}
	return d
}

// demo is the playground's time: a calendar that runs on, and jumps to the
// next morning when somebody presses the button.
type demo struct {
	bot    *workers.Workers
	store  *store.Store
	papers *origin
	zone   string
	loc    *time.Location
	anew   func() // ends this round, for another one

	working sync.Mutex // held while a morning comes

	mu    sync.Mutex
	done  core.Date // of the last morning that came
	base  time.Time // what the calendar showed …
	at    time.Time // … at this moment
	waits map[*wait]bool
}

// wait is for a moment on the calendar.
type wait struct {
	until time.Time
	timer *time.Timer
	over  chan struct{}
}

// Now implements core.Clock.
func (d *demo) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now()
}

func (d *demo) now() time.Time { return d.base.Add(time.Since(d.at)) }

// After implements core.Clock: who waits is woken by a jump too.
func (d *demo) After(after time.Duration) (<-chan struct{}, func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := &wait{until: d.now().Add(after), over: make(chan struct{})}
	w.timer = time.AfterFunc(after, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.end(w)
	})
	if d.waits == nil {
		d.waits = map[*wait]bool{}
	}
	d.waits[w] = true
	return w.over, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		w.timer.Stop()
		delete(d.waits, w)
	}
}

// end ends a wait that is not over yet. The caller holds the lock.
func (d *demo) end(w *wait) {
	if d.waits[w] {
		delete(d.waits, w)
		w.timer.Stop()
		close(w.over)
	}
}

// set makes the calendar jump.
func (d *demo) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.base, d.at = t.In(d.loc), time.Now()
	for w := range d.waits {
		if left := w.until.Sub(d.base); left > 0 {
			w.timer.Reset(left)
		} else {
			d.end(w)
		}
	}
}

// Morning moves to the next due post and delivers it. A day of which nothing
// was recorded passes on the way, as quiet as it was.
func (d *demo) Morning(ctx context.Context) error {
	d.working.Lock()
	defer d.working.Unlock()
	for {
		now := d.Now()
		next, err := d.bot.Plan.NextDue(ctx)
		if err != nil {
			return err
		}
		if next.IsZero() { // every channel is paused, say
			if next = core.DateOf(now).Time(d.loc).Add(demoTime); !next.After(now) {
				next = core.DateOf(now).AddDays(1).Time(d.loc).Add(demoTime)
			}
		}
		day := core.DateOf(next.In(d.loc))
		if day > d.papers.last {
			return errors.New(d.ended())
		}
		for passed := core.DateOf(now).AddDays(1); passed < day; passed = passed.AddDays(1) {
			d.set(passed.Time(d.loc).Add(demoTime))
			if err := d.bot.Fetch(ctx); err != nil {
				return err
			}
		}
		if eve := next.Add(-time.Minute); eve.After(now) {
			d.set(eve)
		}
		if err := d.bot.Fetch(ctx); err != nil {
			return err
		}
		d.set(next)
		if err := d.bot.Tick(ctx); err != nil {
			return err
		}
		d.came(day)
		if d.papers.has(day) || ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

func (d *demo) came(day core.Date) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = day
}

// Quiet implements web.Demo.
func (d *demo) Quiet(ctx context.Context) (say.Text, error) {
	channels, err := d.store.Channels(ctx)
	if err != nil {
		return nil, err
	}
	follows, paused := false, false
	for _, ch := range channels {
		topics, err := d.store.Topics(ctx, ch.ID)
		if err != nil {
			return nil, err
		}
		follows = follows || len(topics) > 0
		paused = paused || len(topics) > 0 && ch.Paused(d.Now())
	}
	switch {
	case !follows:
		return say.Say("Nothing was posted: no channel follows a topic. Try `/papers subscribe diffusion, agent**`."), nil
	case paused:
		return say.Say("Nothing was posted: what is followed is paused. Try `/papers resume`."), nil
	}
	return say.Say("Nothing was posted: none of this morning's papers match what is followed. See what a topic would bring: `/papers preview video`."), nil
}

// Anew implements web.Demo.
func (d *demo) Anew() { d.anew() }

func (d *demo) ended() string {
	return fmt.Sprintf("That was the last day that I have papers of (%s).", d.papers.last.Time(time.UTC).Format("Monday 2 January"))
}

// Status implements web.Demo.
func (d *demo) Status() (now time.Time, zone, source string, canAdvance bool, why string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now = d.now()
	if d.done >= d.papers.last || core.DateOf(now) > d.papers.last {
		return now, d.zone, d.papers.name, false, d.ended()
	}
	return now, d.zone, d.papers.name, true, ""
}
