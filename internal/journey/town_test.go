// Package journey walks through the product as people do: its tests are the
// journeys of the product's description, each named after its step, played on
// the playground's platform with the real store, the real sources' clients
// against recorded days, and a clock that the test moves.
package journey

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"paperboy/adapters/web"
	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/say"
	"paperboy/core/workers"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// town is a lab with one channel, #papers, and people who talk in it.
type town struct {
	*testing.T
	now     time.Time
	runs    bool   // by the clock of the bubble that it is in
	url     string // the database's
	store   *store.Store
	bot     *workers.Workers
	chat    *chat
	source  *testkit.Wire
	sources []core.Source
	log     strings.Builder // what the operator reads
	papers  testkit.Page
}

// chat is the playground's room, with an eye on what is posted there.
type chat struct {
	*web.Room
	mu    sync.Mutex
	posts []posted
	fail  func(core.Post) error      // what the platform answers instead of posting
	blind bool                       // it may not look for earlier posts
	stand map[string][]core.Reaction // what stands on messages, whether somebody listened or not

	noEdits  error // what the platform answers instead of editing
	refusals int   // how often it did
}

type posted struct {
	core.Post
	Ref   core.MessageRef
	Edits int
}

func (c *chat) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail != nil {
		if err := c.fail(p); err != nil {
			return core.MessageRef{}, err
		}
	}
	return c.store(ctx, p)
}

// store is the platform keeping a message, whatever it then answers.
func (c *chat) store(ctx context.Context, p core.Post) (core.MessageRef, error) {
	ref, err := c.Room.Post(ctx, p)
	if err == nil && !slices.ContainsFunc(c.posts, func(have posted) bool { return have.Ref == ref }) {
		c.posts = append(c.posts, posted{Post: p, Ref: ref})
	}
	return ref, err
}

func (c *chat) Find(ctx context.Context, p core.Post) (core.MessageRef, bool, error) {
	if c.blind {
		return core.MessageRef{}, false, &core.MayNot{Err: errors.New("no history here")}
	}
	return c.Room.Find(ctx, p)
}

func (c *chat) Reactions(_ context.Context, _ core.ChannelKey, _ core.MessageRef, refs []core.MessageRef, keep func(core.MessageRef, []core.Reaction) error) ([]core.MessageRef, error) {
	return refs[1:], keep(refs[0], c.stand[refs[0].ID])
}

func (c *chat) Edit(ctx context.Context, p core.Post, ref core.MessageRef) error {
	if c.noEdits != nil {
		c.refusals++
		return c.noEdits
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.posts {
		if c.posts[i].Ref.ID == ref.ID {
			c.posts[i].Card = p.Card
			c.posts[i].Edits++
		}
	}
	return c.Room.Edit(ctx, p, ref)
}

const papersChannel = "papers"

// The words of every story.
var berlin, at, seedID = testkit.Berlin, testkit.At, testkit.SeedID

// newTown starts on Monday 24 November 2025, at noon in Berlin.
func newTown(t *testing.T) *town {
	t.Helper()
	return newTownAt(t, database(t))
}

// newTownAt starts there on an empty database, or goes on with one.
func newTownAt(t *testing.T, url string) *town {
	t.Helper()
	w := &town{T: t, now: at("2025-11-24 12:00"), url: url, papers: testkit.SeedPage(t)}
	w.source = &testkit.Wire{}
	w.sources = []core.Source{w.source}
	w.chat = &chat{Room: web.NewRoom(w.clock, papersChannel), stand: map[string][]core.Reaction{}}
	w.start()
	w.fetches() // a source's first answer is what was there before
	t.Cleanup(func() { w.store.Close() })
	return w
}

func (w *town) clock() time.Time {
	if w.runs {
		return time.Now()
	}
	return w.now
}

// nextDue is when the next post is due.
func (w *town) nextDue() time.Time {
	w.Helper()
	next, err := w.bot.Plan.NextDue(w.Context())
	if err != nil || next.IsZero() {
		w.Fatalf("nothing is due any more (%v)", err)
	}
	return next
}

// start makes a Bot on the database, as a process does that was just started.
func (w *town) start() {
	w.Helper()
	passes(w, w.url)
	var err error
	if w.store, err = store.Open(w.Context(), w.url); err != nil {
		w.Fatal(err)
	}
	w.bot = w.botOn(w.store)
}

// botOn is a Bot that lives in the town, on that database.
func (w *town) botOn(st *store.Store) *workers.Workers {
	log := slog.New(slog.NewTextHandler(&w.log, nil))
	return workers.New(workers.Options{
		Store:       st,
		Connections: core.NewConnections(nil, w.chat),
		Feed:        &feed.Feed{Store: st, Sources: w.sources, Now: w.clock, Log: log},
		Clock:       wallclock.New(w.clock),
		Log:         log,
	})
}

// restart throws the process away and starts it anew.
func (w *town) restart() {
	w.Helper()
	if err := w.store.Close(); err != nil {
		w.Fatal(err)
	}
	w.start()
}

func user(name string) core.User { return core.User{Key: "web:" + name, Name: name} }

func channel(name string) core.ChannelKey { return core.ChannelKey{Platform: "web", ID: name} }

// says is somebody typing /papers and the words.
func (w *town) says(who, words string) core.Reply {
	w.Helper()
	return w.bot.Do(w.Context(), core.Request{Channel: channel(papersChannel), Name: "#papers", User: user(who), Text: words})
}

// presses is somebody pressing the button with that label on a card.
func (w *town) presses(who string, card core.Card, label string) core.Reply {
	w.Helper()
	for _, b := range testkit.Pressable(card) {
		if strings.HasPrefix(b.Label, label) {
			reply := w.bot.Press(w.Context(), core.Press{Channel: channel(papersChannel), User: user(who), Button: b.ID})
			w.settles()
			return reply
		}
	}
	w.Fatalf("there is no button %q on %v", label, testkit.Pressable(card))
	return core.Reply{}
}

// reacts is somebody putting an emoji on a paper's message, or taking it off.
func (w *town) reacts(who string, id core.PaperID, emoji string, added bool) {
	w.Helper()
	w.now = w.now.Add(time.Second)
	r := core.Reaction{Channel: channel(papersChannel), Message: w.message(id).Ref.ID, User: user(who), Emoji: emoji, Added: added, Order: w.now.UnixMicro(), At: w.now}
	stand := slices.DeleteFunc(w.chat.stand[r.Message], func(o core.Reaction) bool { return o.User.Key == r.User.Key && o.Emoji == r.Emoji })
	if added {
		stand = append(stand, core.Reaction{Channel: r.Channel, Message: r.Message, User: r.User, Emoji: r.Emoji, Added: true})
	}
	w.chat.stand[r.Message] = stand
	if err := w.bot.React(w.Context(), r); err != nil {
		w.Fatal(err)
	}
	w.settles()
}

// settles is what the workers do by themselves a moment later: votes are read
// again where that was asked for, and messages are edited.
func (w *town) settles() {
	w.Helper()
	if err := errors.Join(w.bot.RereadDue(w.Context()), w.bot.Post.EditDue(w.Context())); err != nil {
		w.Fatal(err)
	}
}

// message is the message of a paper in #papers.
func (w *town) message(id core.PaperID) posted {
	w.Helper()
	for _, p := range w.chat.posts {
		if len(p.Card.Papers) == 1 && p.Card.Papers[0].ID == id {
			return p
		}
	}
	w.Fatalf("%s was not posted", id)
	return posted{}
}

// until moves the clock on and does what is due then.
func (w *town) until(t time.Time) {
	w.Helper()
	w.now = t
	if err := w.bot.Tick(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// lists is Hugging Face listing papers of the seed page on a day, by their
// position there, as they are fetched now.
func (w *town) lists(day core.Date, backlog bool, positions ...int) {
	w.Helper()
	seen := w.papers.Listed(day, positions...)
	if !backlog {
		w.fetches(seen...)
		return
	}
	if _, err := w.store.PutPapers(w.Context(), seen, true, w.now); err != nil {
		w.Fatal(err)
	}
}

// fetches is a source sending papers, as a fetch of the bot puts them away.
func (w *town) fetches(seen ...core.Seen) { w.Helper(); w.source.Fetches(w, w.bot, seen...) }

// text is everything that a card shows, for looking for words in it.
func text(c core.Card) string {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	line(c.Title)
	for _, t := range c.Lines {
		line(t.String())
	}
	for _, r := range c.Rows {
		line(say.Join(" · ", r.Line(false), r.Small).String())
	}
	for _, p := range c.Papers {
		line(strings.Join(append([]string{p.Title, p.Authors, p.Excerpt, p.Matched.String()}, append(p.Facts, p.Labels...)...), " · "))
	}
	line(c.Block)
	for _, t := range c.Context {
		line(t.String())
	}
	return b.String()
}

func texts(ts []say.Text) string {
	var s []string
	for _, t := range ts {
		s = append(s, t.String())
	}
	return strings.Join(s, "\n")
}

func (w *town) sees(what string, words ...string) { w.Helper(); testkit.Sees(w, what, words...) }

func (w *town) doesNotSee(what string, words ...string) {
	w.Helper()
	testkit.DoesNotSee(w, what, words...)
}

// ids are the papers of a card.
func ids(c core.Card) []core.PaperID {
	var out []core.PaperID
	for _, v := range c.Papers {
		out = append(out, v.ID)
	}
	slices.Sort(out)
	return out
}

// postedPapers are the papers posted in #papers so far, in order.
func (w *town) postedPapers() []core.PaperID {
	var out []core.PaperID
	for _, p := range w.chat.posts {
		if len(p.Card.Papers) == 1 && len(p.Card.Buttons) == 5 {
			out = append(out, p.Card.Papers[0].ID)
		}
	}
	return out
}
