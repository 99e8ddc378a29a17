// Package storetest holds a store to its word: one suite that every engine
// passes. What core.Store promises in comments is a test here, named after the
// promise, one behaviour a test.
//
// In: a way to open an empty store. Out: whether it keeps what it promises. What
// only one engine does, such as its files, its plans of queries and its
// migrations, is tested beside that engine.
//
//	func TestEngine(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) storetest.Engine { … })
//	}
package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/core/topic"
)

// Engine is a store under test, with what is needed to look at it from outside.
type Engine interface {
	core.Store
	doubter
	// Again opens the same database once more, as another process does, until
	// the test ends.
	Again(t testing.TB) core.Store
	// Everything is every value of every table, as text.
	Everything(t testing.TB) []string
	// Columns are all columns of all tables, as "table.column", sorted, but those of the
	// index of words and of what is known of migrations.
	Columns(t testing.TB) []string
}

// A doubter is told that another program put a copy in place.
type doubter interface {
	Doubt(ctx context.Context, now time.Time) error
}

// Run holds an engine to every promise. open makes an empty store, which lasts
// until the test ends. The database's clock has to be that of package time: some
// stories are told in a bubble of testing/synctest, where a minute takes none.
func Run(t *testing.T, open func(t *testing.T) Engine) {
	for _, of := range []struct {
		name    string
		stories []story
	}{
		{"papers", papers}, {"identifiers", identifiers}, {"search", search}, {"windows", windows}, {"channels", channels}, {"topics", topics}, {"mutes", mutes}, {"links", links}, {"installations", installations}, {"passes", passes}, {"libraries", libraries}, {"workspaces", workspaces},
		{"digests", digests}, {"queue", queue}, {"owners", owners}, {"leases", leases}, {"turns", turns}, {"outcomes", outcomes}, {"edits", edits}, {"counts", counts},
		{"votes", votes}, {"embeddings", embeddings}, {"lists", lists}, {"rereads", rereads}, {"sources", sources}, {"races", races},
	} {
		t.Run(of.name, func(t *testing.T) {
			for _, s := range of.stories {
				t.Run(s.name, func(t *testing.T) {
					tell := func(t *testing.T) { s.tell(&house{T: t, store: open(t), now: monday}) }
					if s.waits {
						synctest.Test(t, tell)
					} else {
						tell(t)
					}
				})
			}
		})
	}
}

// A story is a promise and how it is kept.
type story struct {
	name  string
	tell  func(h *house)
	waits bool // it takes time
}

// it is a story.
func it(name string, tell func(h *house)) story { return story{name: name, tell: tell} }

// inTime is a story in which time passes.
func inTime(name string, tell func(h *house)) story {
	return story{name: name, tell: tell, waits: true}
}

// A house is a store with verbs for telling stories.
type house struct {
	*testing.T
	store Engine
	now   time.Time // the bot's calendar
}

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func (h *house) ctx() context.Context { return context.WithoutCancel(h.Context()) }

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) wants(what string, got, want any) {
	h.Helper()
	if d := cmp.Diff(want, got); d != "" {
		h.Errorf("%s: want -, got +\n%s", what, d)
	}
}

// fails checks that err is another one.
func (h *house) fails(what string, err, want error) {
	h.Helper()
	if !errors.Is(err, want) {
		h.Errorf("%s: want %v, got %v", what, want, err)
	}
}

func (h *house) passes(d time.Duration) { h.now = h.now.Add(d) }

// listed is a paper on a source's list.
func listed(id core.PaperID, title, source string, day core.Date, more ...func(*core.Paper)) core.Seen {
	p := core.Paper{ID: id, Title: title}
	for _, m := range more {
		m(&p)
	}
	return core.Seen{Paper: p, Sighting: core.Sighting{Source: source, Day: day}, Authority: authority[source]}
}

// authority is how much the words of the sources count in the stories; others
// are feeds.
var authority = map[string]core.Authority{"arxiv": core.Publisher, "hf": core.Index, "import": core.Copy}

// replaced is a version of a paper, as arXiv announces it.
func replaced(id core.PaperID, version int) core.Seen {
	s := listed(id, "Lamps", "arxiv", "2026-11-24", func(p *core.Paper) { p.Version = version })
	s.Sighting.Announce = "replace"
	return s
}

func withdrawn(id core.PaperID) core.Seen {
	return listed(id, "Lamps", "arxiv", "2026-11-24", func(p *core.Paper) { p.Withdrawn = true })
}

func (h *house) comes(seen ...core.Seen) core.Put {
	h.Helper()
	put, err := h.store.PutPapers(h.ctx(), seen, false, h.now)
	h.ok(err)
	return put
}

func (h *house) paper(id core.PaperID) core.Paper {
	h.Helper()
	p, err := h.store.Paper(h.ctx(), id)
	h.ok(err)
	return p
}

func (h *house) seq() core.Seq {
	h.Helper()
	n, err := h.store.Seq(h.ctx())
	h.ok(err)
	return n
}

func query(t testing.TB, s string) topic.Topic {
	t.Helper()
	tp, err := topic.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return tp
}

func count(n int) *int { return &n }

// slack is the workspace in which the stories take place.
var slack = core.Installation{Platform: "slack", Workspace: "T1"}

func key(name string) core.ChannelKey {
	return core.ChannelKey{Platform: slack.Platform, Workspace: slack.Workspace, ID: name}
}

// channel is #name on Slack in workspace T1, known from now on.
func (h *house) channel(name string) core.Channel {
	h.Helper()
	return h.meets(core.Channel{Key: key(name), Name: "#" + name, Settings: core.DefaultSettings(), Created: h.now})
}

func (h *house) meets(fresh core.Channel) core.Channel {
	h.Helper()
	c, err := h.store.EnsureChannel(h.ctx(), fresh)
	h.ok(err)
	return c
}

// elsewhere is a channel of another installation.
func (h *house) elsewhere() core.Channel {
	h.Helper()
	return h.meets(core.Channel{Key: core.ChannelKey{Platform: "discord", Workspace: "7", ID: "8"}, Settings: core.DefaultSettings()})
}

func (h *house) changes(c core.Channel, change func(*core.Channel)) core.Channel {
	h.Helper()
	changed, err := h.store.UpdateChannel(h.ctx(), c.ID, change)
	h.ok(err)
	return changed
}

func (h *house) again(c core.Channel) core.Channel {
	h.Helper()
	c, err := h.store.ChannelByID(h.ctx(), c.ID)
	h.ok(err)
	return c
}

// everyDayAtNine sets a channel's schedule, as of an hour before Monday's post.
func everyDayAtNine(c *core.Channel) {
	c.Schedule, c.Scheduled = core.Schedule{Time: "09:00", Zone: "UTC", Days: core.Daily}, monday.Add(-time.Hour)
}

func (h *house) follows(c core.Channel, text string) core.Topic {
	h.Helper()
	tp, err := h.store.AddTopic(h.ctx(), c.ID, query(h, text), core.User{Name: "ana", Key: "slack:T1/ana"}, h.now)
	h.ok(err)
	return tp
}

// plan is a digest with a header and these papers in the channel.
func (h *house) plan(c core.Channel, kind core.DigestKind, due time.Time, papers ...core.PaperID) core.Plan {
	p := core.Plan{Seq: 5, Digest: core.Digest{Channel: c.ID, Due: due, Kind: kind, Planned: h.now, Thread: "Papers · Mon 23 Nov",
		Header: &core.Card{Title: "Papers", Lines: []say.Text{say.Say("*%d* papers", len(papers))}}}}
	p.Items = append(p.Items, core.Delivery{Item: core.HeaderItem(kind, due), Place: core.InChannel})
	for i, id := range papers {
		p.Items = append(p.Items, core.Delivery{Item: core.PaperItem(id), Position: i + 1, Place: core.InChannel,
			Matched: []core.Matched{{Topic: "lora", Why: []topic.Why{{Term: "lora", Field: topic.Title}}}}, Late: i > 0})
	}
	return p
}

// placed puts the papers of a plan somewhere else.
func placed(p core.Plan, place core.Place) core.Plan {
	for i := range p.Items {
		if _, isPaper := p.Items[i].Item.Paper(); isPaper {
			p.Items[i].Place = place
		}
	}
	return p
}

// plans writes digests down and says how many were news.
func (h *house) plans(plans ...core.Plan) int {
	h.Helper()
	n, err := h.store.PlanDigests(h.ctx(), plans)
	h.ok(err)
	return n
}

// daily plans a channel's post of now.
func (h *house) daily(c core.Channel, papers ...core.PaperID) core.Digest {
	h.Helper()
	h.wants("planned", h.plans(h.plan(c, core.DailyPost, h.now, papers...)), 1)
	return h.digest(c, core.DailyPost, h.now)
}

func (h *house) digest(c core.Channel, kind core.DigestKind, due time.Time) core.Digest {
	h.Helper()
	for id := range h.digests(c) {
		d, err := h.store.Digest(h.ctx(), id)
		h.ok(err)
		if d.Kind == kind && d.Due.Equal(due) {
			return d
		}
	}
	h.Fatalf("there is no %s digest of %v", kind, due)
	return core.Digest{}
}

func header(d core.Digest) core.Item { return core.HeaderItem(d.Kind, d.Due) }

func (h *house) delivery(c core.Channel, item core.Item) core.Delivery {
	h.Helper()
	d, err := h.store.Delivery(h.ctx(), c.ID, item)
	h.ok(err)
	return d
}

func (h *house) state(c core.Channel, item core.Item) core.DeliveryState {
	h.Helper()
	return h.delivery(c, item).State
}

func items(ds []core.Delivery) (out []core.Item) {
	for _, d := range ds {
		out = append(out, d.Item)
	}
	return out
}

func (h *house) itemsOf(d core.Digest) []core.Item {
	h.Helper()
	ds, err := h.store.DeliveriesOf(h.ctx(), d.Channel, time.Time{})
	h.ok(err)
	return items(slices.DeleteFunc(ds, func(have core.Delivery) bool { return have.Digest != d.ID }))
}

// joins makes a process that works on the store.
func (h *house) joins(id string) string {
	h.Helper()
	h.ok(h.store.Join(h.ctx(), core.Owner{ID: id, Host: "here", PID: 1, Started: h.now}))
	return id
}

// claims what has to be sent now.
func (h *house) claims(owner string) []core.Claim {
	h.Helper()
	claims, err := h.store.Claim(h.ctx(), owner, h.now, 100, nil)
	h.ok(err)
	return claims
}

// claim is the only channel that has something to send.
func (h *house) claim(owner string) core.Claim {
	h.Helper()
	claims := h.claims(owner)
	if len(claims) != 1 {
		h.Fatalf("%d channels were claimed: %+v", len(claims), claims)
	}
	return claims[0]
}

func claimed(claims []core.Claim) (names []string) {
	for _, c := range claims {
		names = append(names, c.Channel.Key.ID)
	}
	return names
}

// begins takes the claimed channel's next message after another one, the first
// one where there is none.
func (h *house) begins(c core.Claim, after ...core.Message) core.Message {
	h.Helper()
	m, ok := h.begin(c, after...)
	if !ok {
		h.Fatal("nothing is left to be begun")
	}
	return m
}

func (h *house) begin(c core.Claim, after ...core.Message) (core.Message, bool) {
	h.Helper()
	digest, position := int64(0), -1
	if len(after) > 0 {
		digest, position = after[0].Delivery.Digest, after[0].Position
	}
	m, ok, err := h.store.Begin(h.ctx(), c, digest, position, h.now)
	h.ok(err)
	return m, ok
}

func ref(item core.Item) core.MessageRef {
	return core.MessageRef{Conversation: "C1", ID: "m/" + string(item)}
}

func (h *house) posted(c core.Claim, m core.Message, shown int) {
	h.Helper()
	h.ok(h.store.Posted(h.ctx(), c, m.Item, ref(m.Item), shown, h.now))
}

func (h *house) releases(c core.Claim, again time.Time) {
	h.Helper()
	h.ok(h.store.Release(h.ctx(), c, again))
}

// posts brings out all that is open in the one channel that has something to
// send, in its order, with the first version of each paper.
func (h *house) posts(owner string) (sent []core.Item) {
	h.Helper()
	c := h.claim(owner)
	var after []core.Message
	for {
		m, ok := h.begin(c, after...)
		if !ok {
			h.releases(c, time.Time{})
			return sent
		}
		h.posted(c, m, 1)
		sent, after = append(sent, m.Item), []core.Message{m}
	}
}

// reacts puts an emoji on a paper's message; who takes it back says so.
func (h *house) reacts(c core.Channel, message string, paper core.PaperID, who, emoji string, kind core.VoteKind, how ...func(*core.Reaction)) bool {
	h.Helper()
	r := core.Reaction{Message: message, User: core.User{Key: who}, Emoji: emoji, Added: true, Order: h.now.UnixMilli(), At: h.now}
	for _, f := range how {
		f(&r)
	}
	changed, err := h.store.PutReaction(h.ctx(), c.ID, paper, kind, r)
	h.ok(err)
	h.passes(time.Second)
	return changed
}

func takenBack(r *core.Reaction) { r.Added = false }

func (h *house) tally(channel int64, since time.Time, papers ...core.PaperID) map[core.PaperID]core.Tally {
	h.Helper()
	got, err := h.store.Tally(h.ctx(), channel, papers, since)
	h.ok(err)
	return got
}
