package chat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/chat"
	"paperboy/core/query"
	"paperboy/core/say"
	"paperboy/core/topic"
	"paperboy/core/verbs"
	"paperboy/internal/testkit"
	"paperboy/store"
)

// network is a kind of chat with the customs that a test gives it. It says who
// manages a channel only when it is asked.
type network struct {
	customs  core.Network
	managers []string
	asked    int
	noSeed   error // why it may not add reactions
}

func (n *network) MaySeed(context.Context, core.ChannelKey) error { return n.noSeed }

func (n *network) Network() core.Network          { return n.customs }
func (*network) Serves(in core.Installation) bool { return true }

func (*network) Post(context.Context, core.Post) (core.MessageRef, error) {
	return core.MessageRef{}, errors.New("chat posts nothing")
}

func (n *network) Manages(_ context.Context, _ core.ChannelKey, u core.User) bool {
	n.asked++
	return slices.Contains(n.managers, u.Name)
}

// shelf is the real store, but for a ledger that a test writes itself.
type shelf struct {
	*store.Store
	ledger []core.Delivery
	broken error // what a search answers
	events error // what noting an event answers

	settled chan struct{} // closed when the channel of that name is known
}

func (s *shelf) EnsureChannel(ctx context.Context, fresh core.Channel) (core.Channel, error) {
	ch, err := s.Store.EnsureChannel(ctx, fresh)
	if fresh.Key.ID == "settled" {
		close(s.settled)
	}
	return ch, err
}

func (s *shelf) SeenEvent(ctx context.Context, id string, now time.Time) (bool, error) {
	if s.events != nil {
		return false, s.events
	}
	return s.Store.SeenEvent(ctx, id, now)
}

func (s *shelf) Delivery(_ context.Context, channel int64, item core.Item) (core.Delivery, error) {
	for _, d := range s.ledger {
		if d.Channel == channel && d.Item == item {
			return d, nil
		}
	}
	return core.Delivery{}, core.ErrNotFound
}

func (s *shelf) DeliveriesFor(_ context.Context, channel int64, ids []core.PaperID) (map[core.PaperID]core.Delivery, error) {
	out := map[core.PaperID]core.Delivery{}
	for _, d := range s.ledger {
		if id, ok := d.Item.Paper(); ok && d.Channel == channel && slices.Contains(ids, id) {
			out[id] = d
		}
	}
	return out, nil
}

func (s *shelf) DeliveriesOf(_ context.Context, channel int64, _ time.Time, states ...core.DeliveryState) (ds []core.Delivery, err error) {
	for _, d := range s.ledger {
		if d.Channel == channel && slices.Contains(states, d.State) {
			ds = append(ds, d)
		}
	}
	return ds, nil
}

func (s *shelf) Reopen(_ context.Context, channel int64, item core.Item, _ time.Time) error {
	for i, d := range s.ledger {
		if d.Channel == channel && d.Item == item && d.State == core.Uncertain {
			s.ledger[i].State = core.Planned
			return nil
		}
	}
	return core.ErrNotFound
}

func (s *shelf) Search(ctx context.Context, q core.Query) (core.Found, error) {
	if s.broken != nil {
		return core.Found{}, s.broken
	}
	return s.Store.Search(ctx, q)
}

// worker plans and counts as a test says.
type worker struct {
	missed  int
	sampled bool
	from    core.Seq // of the catch-up that was asked for
	on      map[string]bool
}

func (w *worker) Missed(context.Context, core.Channel, time.Time) (int, core.Seq, error) {
	return w.missed, 40, nil
}

func (w *worker) Sample(context.Context, core.Channel) (int, bool, error) {
	had := w.sampled
	w.sampled = true
	if had {
		return 0, true, nil
	}
	return w.missed, false, nil
}

func (w *worker) Repost(context.Context, core.Channel, *core.Paper, core.Delivery) (bool, error) {
	return true, nil
}

func (w *worker) CatchUp(_ context.Context, _ core.Channel, from core.Seq, _ time.Time) (int, error) {
	w.from = from
	n := w.missed
	w.missed = 0
	return n, nil
}

func (w *worker) Choose(context.Context, core.Channel, core.Item, core.PaperID, core.User, time.Time) (bool, error) {
	return true, nil
}

func (w *worker) Toggle(_ context.Context, _ core.Channel, _ core.Delivery, id core.PaperID, kind core.VoteKind, u core.User, _ time.Time) (bool, error) {
	k := fmt.Sprint(id, kind, u.Key)
	w.on[k] = !w.on[k]
	return w.on[k], nil
}

// lab is a Chat with people who talk to it.
type lab struct {
	*testing.T
	*chat.Chat
	now    time.Time
	store  *shelf
	net    *network
	worker *worker
	woken  int
	full   bool
	log    bytes.Buffer
	path   string // of the database
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := emptyLab(t)
	l.comes(paper("2611.00001", "Diffusion of lamps"), paper("2611.00002", "Diffusion of soup"), paper("2611.00003", "Agents"))
	return l
}

// emptyLab has no papers.
func emptyLab(t *testing.T) *lab {
	t.Helper()
	path := filepath.Join(t.TempDir(), "paperboy.db")
	st, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	l := &lab{
		T: t, path: path, now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), store: &shelf{Store: st}, worker: &worker{on: map[string]bool{}},
		net: &network{customs: core.Network{Name: "web", Command: "/papers", Editors: "members", Threads: true, Limits: core.Limits{Choices: 25, ButtonID: 100, Rows: 5}}},
	}
	now := func() time.Time { return l.now }
	l.Chat = chat.New(chat.Options{
		Store: l.store, Query: &query.Reader{Store: l.store, Now: now}, Planner: l.worker, Voter: l.worker,
		Connections: core.NewConnections(nil, l.net), Now: now, Log: slog.New(slog.NewTextHandler(&l.log, nil)), Quota: core.DefaultQuota(),
		Wake: func() { l.woken++ }, Full: func() bool { return l.full },
	})
	return l
}

func paper(id core.PaperID, title string) core.Paper {
	return core.Paper{ID: id, Title: title, Abstract: "A text.", Authors: []string{"Ana Doe"}, Categories: []string{"cs.LG"}}
}

func (l *lab) comes(papers ...core.Paper) {
	l.Helper()
	var seen []core.Seen
	for _, p := range papers {
		seen = append(seen, core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: core.DateOf(l.now)}, Authority: core.Index})
	}
	if _, err := l.store.PutPapers(l.Context(), seen, false, l.now); err != nil {
		l.Fatal(err)
	}
}

func at(id string) core.ChannelKey { return core.ChannelKey{Platform: "web", Workspace: "W", ID: id} }

func person(name string) core.User { return core.User{Key: "web:" + name, Name: name} }

func (l *lab) says(who, words string) core.Reply {
	l.Helper()
	return l.Do(l.Context(), core.Request{Channel: at("ml"), Name: "#ml", User: person(who), Text: words})
}

// asksAloud is somebody asking before everybody.
func (l *lab) asksAloud(who, words string) core.Reply {
	l.Helper()
	return l.Do(l.Context(), core.Request{Channel: at("ml"), Name: "#ml", User: person(who), Text: words, Aloud: true})
}

func (l *lab) presses(who, channel, button string) core.Reply {
	l.Helper()
	return l.Press(l.Context(), core.Press{Channel: at(channel), User: person(who), Button: button})
}

// channel is #ml as the store has it.
func (l *lab) channel() core.Channel {
	l.Helper()
	ch, err := l.store.ChannelByKey(l.Context(), at("ml"))
	if err != nil {
		l.Fatal(err)
	}
	return ch
}

// topics are what #ml follows.
func (l *lab) topics() []core.Topic {
	l.Helper()
	topics, err := l.store.Topics(l.Context(), l.channel().ID)
	if err != nil {
		l.Fatal(err)
	}
	return topics
}

func topicOf(t *testing.T, s string) topic.Topic {
	t.Helper()
	parsed, err := topic.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func (l *lab) change(f func(*core.Channel)) {
	l.Helper()
	if _, err := l.store.UpdateChannel(l.Context(), l.channel().ID, f); err != nil {
		l.Fatal(err)
	}
}

// read is all that a reply shows the person who asked, without the marks around
// what can be typed.
func read(r core.Reply) string {
	var b strings.Builder
	b.WriteString(r.Card.Title + "\n" + r.Card.Block + "\n")
	for _, t := range slices.Concat(r.Card.Lines, r.Card.Context) {
		b.WriteString(t.String() + "\n")
	}
	for _, row := range r.Card.Rows {
		b.WriteString(say.Join(" · ", row.Line(false), row.Small).String() + "\n")
	}
	for _, v := range r.Card.Papers {
		b.WriteString(v.Title + " " + v.Line().String() + "\n")
	}
	return strings.ReplaceAll(b.String(), "`", "")
}

func (l *lab) sees(r core.Reply, words ...string) {
	l.Helper()
	for _, w := range words {
		if !strings.Contains(read(r), w) {
			l.Errorf("%q is missing in\n%s", w, read(r))
		}
	}
}

func (l *lab) doesNotSee(r core.Reply, words ...string) {
	l.Helper()
	for _, w := range words {
		if strings.Contains(read(r), w) {
			l.Errorf("%q should not be in\n%s", w, read(r))
		}
	}
}

func (l *lab) button(c core.Card, label string) string {
	l.Helper()
	for _, b := range testkit.Pressable(c) {
		if strings.Contains(b.Label, label) {
			return b.ID
		}
	}
	l.Fatalf("no button %q on %v", label, testkit.Pressable(c))
	return ""
}

func TestARequestThatComesTwiceIsAnsweredOnce(t *testing.T) {
	l := newLab(t)
	r := core.Request{ID: "1", Channel: at("ml"), User: person("ana"), Text: "subscribe diffusion"}
	if first := l.Do(t.Context(), r); first.Failed {
		t.Fatal(read(first))
	}
	if again := l.Do(t.Context(), r); len(again.Card.Lines) > 0 || again.Failed {
		t.Errorf("answered again: %s", read(again))
	}
}

func TestTroubleIsASentenceAndAReference(t *testing.T) {
	l := newLab(t)
	l.store.broken = errors.New("pq: secret")
	r := l.says("ana", "search diffusion")
	l.sees(r, "That failed on my side (ref ")
	l.doesNotSee(r, "secret")
	_, ref, _ := strings.Cut(read(r), "(ref ")
	if ref = ref[:4]; !r.Failed || !strings.Contains(l.log.String(), "ref="+ref) || !strings.Contains(l.log.String(), "pq: secret") {
		t.Errorf("ref %s is not in the log:\n%s", ref, l.log.String())
	}
	if r := l.says("ana", `search "diffusion`); r.Card.Block == "" || !strings.HasSuffix(r.Card.Block, "^") {
		t.Errorf("no place is shown in %q", r.Card.Block)
	}
}

func TestUndoIsOfThisChannelOnceAndForTenMinutes(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe diffusion, agents")
	undo := l.button(l.says("ana", "unsubscribe 1").Card, "Undo")

	if r := l.presses("mallory", "other", undo); !r.Failed || len(r.Line) > 0 {
		t.Errorf("another channel's topic came back: %s", read(r))
	}
	l.now = l.now.Add(10*time.Minute - time.Second)
	l.sees(l.presses("ana", "ml", undo), "follows diffusion (#1) again")
	if r := l.presses("ana", "ml", undo); !r.Failed {
		t.Errorf("it came back twice: %s", read(r))
	}

	undo = l.button(l.says("ana", "unsubscribe 1").Card, "Undo")
	l.says("ana", "subscribe diffusion")
	if r := l.presses("ana", "ml", undo); !r.Failed {
		t.Errorf("a topic is followed twice: %s", read(r))
	}

	undo = l.button(l.says("ana", "unsubscribe agents").Card, "Undo")
	l.now = l.now.Add(10 * time.Minute)
	if r := l.presses("ana", "ml", undo); !r.Failed {
		t.Errorf("it came back after ten minutes: %s", read(r))
	}
	l.now = l.now.Add(-10 * time.Minute)
	// The button of an earlier version says when it was; that is not believed.
	if r := l.presses("ana", "ml", undo+"|9999999999"); r.Failed {
		t.Errorf("an earlier version's button: %s", read(r))
	}
}

func TestUndoKeepsTheLimitOfTopics(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe diffusion")
	undo := l.button(l.says("ana", "unsubscribe 1").Card, "Undo")
	for n := range 50 {
		if r := l.says("ana", fmt.Sprintf("subscribe word%c%c", 'a'+n/26, 'a'+n%26)); r.Failed {
			t.Fatal(read(r))
		}
	}
	l.sees(l.presses("ana", "ml", undo), "the limit is 50")
	l.sees(l.says("ana", "subscribe another"), "the limit is 50")
	l.Quota.Topics = 0
	if r := l.says("ana", "subscribe another"); r.Failed {
		t.Errorf("without a limit: %s", read(r))
	}
}

// Of a workspace so many channels follow something as its quota says; those that do go
// on, and who stops makes room. Direct messages that are in no workspace are nobody's
// share.
func TestAWorkspaceFollowsInSoManyChannels(t *testing.T) {
	l := newLab(t)
	l.Quota.Channels = 2
	says := func(where core.ChannelKey, words string) core.Reply {
		return l.Do(t.Context(), core.Request{Channel: where, User: person("ana"), Text: words})
	}
	follows := func(where core.ChannelKey, words string) {
		t.Helper()
		if r := says(where, words); r.Failed {
			t.Errorf("%v: %s", where, read(r))
		}
	}
	follows(at("one"), "subscribe diffusion")
	follows(at("two"), "subscribe diffusion")
	follows(at("two"), "subscribe agents")
	l.sees(says(at("three"), "subscribe diffusion"), "follows topics in 2 channels here, and the limit is 2", "/papers unsubscribe", "whoever runs Paperboy")
	follows(at("three"), "preview diffusion")
	follows(core.ChannelKey{Platform: "web", Workspace: "V", ID: "three"}, "subscribe diffusion")
	for _, id := range []string{"d1", "d2", "d3"} {
		follows(core.ChannelKey{Platform: "web", ID: id}, "subscribe diffusion")
	}

	undo := l.button(says(at("one"), "unsubscribe 1").Card, "Undo")
	follows(at("three"), "subscribe diffusion")
	l.sees(l.presses("ana", "one", undo), "the limit is 2")
	l.Quota.Channels = 0
	follows(at("four"), "subscribe diffusion")
	l.Quota.Channels = 1 // what there is stays
	follows(at("two"), "subscribe lora")
}

func TestWhatIsPersonalIsNeverPublic(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe diffusion")
	l.says("ana", "mute soup")
	l.says("ana", "mute 2611.00001")
	for _, tc := range []struct {
		words  string
		public bool
		lines  bool // everybody is told
	}{
		{"list", true, false}, {"diffusion", true, false}, {"search diffusion", true, false}, {"help", true, false}, {"status", true, false}, {"", true, false},
		{"saved", false, false}, {"export bibtex what:posted", false, false}, {"save 2611.00003", false, false},
		{"mute 2611.00002", false, false}, {"unmute 2611.00002", false, false},
		{"mute lamps", false, true}, {"subscribe agents", false, true}, {"schedule", false, false},
		{"unsubscribe 77", false, false}, {"show 9999.99999", false, false},
	} {
		r := l.asksAloud("ana", tc.words)
		if r.Public != tc.public || len(r.Line) > 0 != tc.lines {
			t.Errorf("%q: public %v, lines %v: %s", tc.words, r.Public, r.Line, read(r))
		}
		if r.Public && tc.words != "help" {
			l.doesNotSee(r, "2611.00001", "for you", "you muted")
		}
		if quiet := l.says("ana", tc.words); quiet.Public {
			t.Errorf("%q is public though nobody asked aloud", tc.words)
		}
	}
	l.sees(l.asksAloud("ana", "list"), "Hidden here: papers that match soup")
	l.sees(l.says("ana", "list"), "Hidden for you: Diffusion of lamps")
	l.sees(l.asksAloud("ana", "search diffusion"), "Diffusion of lamps")
	l.sees(l.says("ana", "search diffusion"), "1 paper that you muted left out")
}

func TestManagersMayAlwaysEdit(t *testing.T) {
	l := newLab(t)
	l.net.managers = []string{"boss"}
	l.says("ana", "subscribe diffusion")
	if l.net.asked > 0 {
		t.Error("managers are asked for where everybody may edit")
	}
	l.change(func(ch *core.Channel) { ch.Settings.Editors = "@Moderators" }) // as an earlier version let people say
	if r := l.says("ben", "subscribe agents"); !r.Failed {
		t.Error("ben may edit")
	}
	if r := l.says("boss", "subscribe agents"); r.Failed {
		t.Errorf("a manager is locked out: %s", read(r))
	}
	l.net.asked = 0
	l.says("ana", "subscribe soup") // who set it up may
	l.says("ben", "search diffusion")
	if l.net.asked > 0 {
		t.Error("managers are asked for where that decides nothing")
	}
}

func TestRolesAreRefusedWhereThereAreNone(t *testing.T) {
	l := newLab(t)
	l.sees(l.says("ana", "settings editors:@Moderators"), "There are no roles here")
	if e := l.channel().Settings.Editors; e != "" {
		t.Errorf("editors are %q", e)
	}
	l.net.customs.Roles = true
	if r := l.says("ana", "settings editors:@Moderators"); r.Failed {
		t.Fatal(read(r))
	}
	mod := person("mo")
	mod.Roles = []string{"moderators"}
	if r := l.Do(t.Context(), core.Request{Channel: at("ml"), User: mod, Text: "subscribe agents"}); r.Failed {
		t.Error(read(r))
	}
}

func TestARightThatIsMissingIsNamed(t *testing.T) {
	l := newLab(t)
	for _, c := range []struct {
		err  error
		want string
	}{
		{&core.MayNot{Right: "Add Reactions"}, "I may not add reactions here: missing Add Reactions. An admin can give it to me"},
		{&core.MayNot{}, "I cannot add reactions here."},
		{errors.New("lost"), "That failed on my side"},
	} {
		l.net.noSeed = c.err
		l.sees(l.says("ana", "settings seed:yes"), c.want)
	}
	l.net.noSeed = nil
	if l.channel().Settings.Seed {
		t.Error("it is set all the same")
	}
	if r := l.says("ana", "settings seed:yes"); r.Failed || !l.channel().Settings.Seed {
		t.Error(read(r))
	}
}

func TestAHeldChannelSaysWhyOnce(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe diffusion")
	hold := core.Hold{Since: l.now.Add(-time.Hour), Reason: "I am not in it", NextTry: l.now.Add(time.Hour)}
	count := func(r core.Reply) int { return strings.Count(read(r), "I may not post in #ml: I am not in it") }

	l.change(func(ch *core.Channel) { ch.Hold = hold })
	if n := count(l.says("ana", "status")); n != 1 {
		t.Errorf("status says it %d times", n)
	}
	if n := count(l.says("ana", "list")); n != 0 {
		t.Errorf("told by status, and again %d times", n)
	}
	if ch := l.channel(); !ch.Hold.NextTry.Equal(l.now) || l.woken == 0 {
		t.Error("the channel is not tried again")
	}

	l.change(func(ch *core.Channel) { ch.Hold = hold })
	if n := count(l.asksAloud("ana", "list")); n != 0 {
		t.Error("what an editor is told privately was said aloud")
	}
	if n := count(l.presses("ana", "ml", "pb1|do|list")); n != 1 {
		t.Errorf("an editor is told %d times", n)
	}
	if n := count(l.says("ana", "list")); n != 0 {
		t.Error("told twice")
	}
}

func TestAMessageInDoubtIsSaidAsSuch(t *testing.T) {
	l := newLab(t)
	l.says("ana", "list")
	id := l.channel().ID
	l.store.ledger = []core.Delivery{
		{Channel: id, Item: "2611.00001", State: core.Planned},
		{Channel: id, Item: "2611.00002", State: core.Sending, Begun: l.now.Add(-time.Second)},
	}
	r := l.says("ana", "status")
	l.sees(r, "2 messages on the way.")
	l.doesNotSee(r, "in doubt")

	l.store.ledger[1].Begun = l.now.Add(-2 * time.Minute)
	l.sees(l.says("ana", "status"), "1 message on the way.", "in doubt: 1 message. I had no answer when I posted")

	l.store.ledger[1].State = core.Uncertain
	r = l.says("ana", "status")
	l.doesNotSee(r, "in doubt")
	anyway := l.button(r.Card, "Post it anyway: Diffusion of soup")
	l.sees(l.presses("ana", "ml", anyway), "Posting it.")
	if l.store.ledger[1].State != core.Planned {
		t.Error("it is not planned again")
	}
	l.sees(l.presses("ana", "ml", anyway), "not uncertain any more")
}

func TestStatusSaysWhatKeepsUsFromPosting(t *testing.T) {
	l := newLab(t)
	l.full, l.NotBefore = true, l.now.Add(time.Hour)
	l.sees(l.says("ana", "status"), "My disk is full", "My clock says 24 Nov 2026, which cannot be")
}

func TestTheLimitsAreTheNetworks(t *testing.T) {
	l := newLab(t)
	zones := func() int {
		return len(l.Complete(t.Context(), core.Partial{Channel: at("ml"), User: person("ana"), Verb: "schedule", Option: "zone", Value: "e"}))
	}
	saved := func() int {
		for _, id := range []string{"2611.00001", "2611.00002", "2611.00003"} {
			l.says("ana", "save "+id)
		}
		return len(l.says("ana", "saved").Card.Papers)
	}
	shares := func() bool {
		_, ok := find(l.says("ana", "search diffusion | "+strings.Repeat("x", 90)).Card.Buttons, "Share")
		return ok
	}
	if zones() != 25 || saved() != 3 || shares() {
		t.Errorf("%d zones, %d papers, share %v", zones(), saved(), shares())
	}
	offered := func() int {
		return len(l.Complete(t.Context(), core.Partial{Channel: at("ml"), User: person("ana"), Verb: "help", Option: "verb"}))
	}
	l.net.customs.Limits = core.Limits{Choices: 7, Rows: 2}
	if got := offered(); got != 7 {
		t.Errorf("%d verbs are offered", got)
	}
	if zones() != 7 || saved() != 2 || !shares() {
		t.Errorf("%d zones, %d papers, share %v", zones(), saved(), shares())
	}
	l.net.customs.Limits = core.Limits{}
	if got := offered(); got != len(verbs.Table) || saved() != 3 {
		t.Errorf("%d verbs are offered", got)
	}
}

func find(bs []core.Button, label string) (core.Button, bool) {
	i := slices.IndexFunc(bs, func(b core.Button) bool { return b.Label == label })
	if i < 0 {
		return core.Button{}, false
	}
	return bs[i], true
}

func TestWhatAPauseKeptBackIsOfferedOnce(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe diffusion")
	from := l.channel().Planned
	l.says("ana", "pause")
	l.worker.missed = 2
	r := l.says("ana", "resume")
	l.sees(r, "2 papers were missed. One post can bring them now")
	if ch := l.channel(); ch.Planned != 40 || !ch.PausedAt.IsZero() || !ch.LastDue.Equal(l.now) {
		t.Errorf("resumed as %+v", ch)
	}
	catchUp := l.button(r.Card, "Catch up now")
	l.sees(l.presses("ana", "ml", catchUp+"|40"), "On its way: one post with 2 papers.") // an earlier version's says up to where, too
	if l.worker.from != from {
		t.Errorf("caught up from %d, want %d", l.worker.from, from)
	}
	l.sees(l.presses("ana", "ml", catchUp), "Nothing is left to catch up with.")
	l.sees(l.says("ana", "resume"), "Nothing is paused here.")
}

func TestAButtonVotesAndTakesBack(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe diffusion")
	id := l.channel().ID
	l.sees(l.presses("ana", "ml", "pb1|up|2611.00001"), "That paper was not posted here.")
	l.store.ledger = []core.Delivery{{Channel: id, Item: "2611.00001", State: core.Posted, Matched: []core.Matched{{Topic: "diffusion"}}}}
	l.sees(l.presses("ana", "ml", "pb1|up|2611.00001"), "Counted: your vote for Diffusion of lamps.")
	l.sees(l.presses("ana", "ml", "pb1|up|2611.00001"), "Taken back: your vote for Diffusion of lamps.")
	for n := range 4 {
		l.comes(paper(core.PaperID(fmt.Sprintf("2611.0001%d", n)), "Diffusion of lamps"), paper(core.PaperID(fmt.Sprintf("2611.0002%d", n)), "Diffusion of soup"))
	}
	r := l.presses("ana", "ml", "pb1|notforus|2611.00001")
	l.sees(r, "Noted. What is it?")
	for _, why := range []string{"Weak", "Seen before"} {
		if r := l.presses("ana", "ml", l.button(r.Card, why)); len(r.Card.Buttons) > 0 || !r.Edit || r.Failed {
			t.Errorf("%s: %s", why, read(r))
		}
	}
	r = l.presses("ana", "ml", l.button(r.Card, "Off topic"))
	l.sees(r, "Exclude something from diffusion (#1)? In the last 30 days", "-lamp would have kept 5 of 10 papers away")
	if no := l.presses("ana", "ml", l.button(r.Card, "No")); !no.Edit || len(no.Card.Buttons) > 0 || len(no.Line) > 0 {
		t.Errorf("no is no answer: %s", read(no))
	}
	r = l.presses("ana", "ml", l.button(r.Card, "-lamp"))
	l.sees(r, "now follows diffusion -lamp (#1)")
	undo := l.button(r.Card, "Undo")
	r = l.presses("ana", "ml", undo)
	l.sees(r, "follows diffusion (#1) again")
	if len(r.Line) != 1 || l.topics()[0].Text() != "diffusion" {
		t.Errorf("%v", r.Line)
	}
	if again := l.presses("ana", "ml", undo); !again.Failed {
		t.Error(read(again))
	}
	undo = l.button(l.presses("ana", "ml", "pb1|exclude|1|lamp").Card, "Undo")
	l.now = l.now.Add(10*time.Minute + time.Second)
	l.sees(l.presses("ana", "ml", undo), "That was more than ten minutes ago.")
	l.sees(l.presses("ana", "ml", "pb1|exclude|1|hot soup"), `diffusion -lamp -"hot soup"`)
	l.sees(l.presses("ana", "ml", "pb1|notforus|2611.00001"), "Taken back.")
}

func TestEveryButtonOfAnOlderPostIsAnswered(t *testing.T) {
	l := newLab(t)
	for _, id := range []string{"", "pb0|save|1", "pb1|nothing|1", "pb1|save", "pb1|exclude|1", "pb1|undo|topic", "pb1|undo|topic|x", "pb1|catchup|x", "pb1|unmute|x", "pb1|mute|2611.00001|77"} {
		r := l.presses("ana", "ml", id)
		if !r.Failed || !strings.Contains(read(r), "from an older post") {
			t.Errorf("%q: %s", id, read(r))
		}
	}
}

func TestHomeShowsTheWorkspaceButNoPrivateChannel(t *testing.T) {
	l := newLab(t)
	for _, c := range []struct{ workspace, id string }{{"W", "open"}, {"W", "secret"}, {"V", "elsewhere"}} {
		l.Do(t.Context(), core.Request{Channel: core.ChannelKey{Platform: "web", Workspace: c.workspace, ID: c.id}, Name: "#" + c.id, User: person("ana"), Text: "subscribe diffusion"})
	}
	secret, err := l.store.ChannelByKey(t.Context(), at("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.store.UpdateChannel(t.Context(), secret.ID, func(ch *core.Channel) { ch.Private = true }); err != nil {
		t.Fatal(err)
	}
	r := core.Reply{Card: l.Home(t.Context(), core.Installation{Platform: "web", Workspace: "W"}, person("ben"))}
	l.sees(r, "#open · no time set yet", "#1 diffusion", "Your list is empty")
	l.doesNotSee(r, "#secret", "#elsewhere")
}

func TestLookingMakesNoChannel(t *testing.T) {
	l := newLab(t)
	if _, ok := l.Unfurl(t.Context(), at("new"), "https://arxiv.org/abs/2611.00001"); ok {
		t.Error("a link unfolds where nobody asked for it")
	}
	if _, ok := l.PaperOf(t.Context(), at("new"), "m1"); ok {
		t.Error("a paper stands in a message that nobody sent")
	}
	if _, err := l.store.ChannelByKey(t.Context(), at("new")); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("a channel was made: %v", err)
	}
	l.says("ana", "settings links:yes")
	if card, ok := l.Unfurl(t.Context(), at("ml"), "https://arxiv.org/abs/2611.00001v2"); !ok || len(card.Buttons) != 3 {
		t.Errorf("unfolded %v %v", ok, card)
	}
}

func TestAWorkspaceComesAndGoes(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe diffusion")
	here := core.Installation{Platform: "web", Workspace: "W"}
	gone := func() bool { l.Helper(); return !l.channel().Gone.IsZero() }
	if err := l.Present(t.Context(), "web", func(w string) bool { return w != "W" }); err != nil || !gone() {
		t.Errorf("%v, gone %v", err, gone())
	}
	if err := l.Returned(t.Context(), here); err != nil || gone() {
		t.Errorf("%v, gone %v", err, gone())
	}
	if err := l.Left(t.Context(), at("ml")); err != nil || !gone() {
		t.Errorf("%v, gone %v", err, gone())
	}
	if err := l.Returned(t.Context(), here); err != nil || !gone() {
		t.Errorf("a channel that is gone by itself came back: %v", err)
	}
	if err := l.Left(t.Context(), at("never heard of")); err != nil {
		t.Error(err)
	}
}

func TestAConfigurationTakenAwayComesBack(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe diffusion")
	l.says("ana", "mute soup for:forever")
	l.says("ana", "schedule 09:00 Europe/Berlin weekdays")
	l.says("ana", "settings max:7")
	if err := l.store.AddGuard(t.Context(), l.channel().ID, core.Guard{Topic: l.topics()[0].ID, Paper: "2611.00001", At: l.now}); err != nil {
		t.Fatal(err)
	}
	data, err := l.ExportConfig(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	other := newLab(t)
	for want := 1; want >= 0; want-- { // the second time changes nothing
		if n, changed, err := other.ImportConfig(t.Context(), data); err != nil || n != 1 || changed != want {
			t.Errorf("%d channels, %d changed, %v", n, changed, err)
		}
	}
	if again, err := other.ExportConfig(t.Context(), 0); err != nil || !bytes.Equal(again, data) || !strings.Contains(string(data), `"paper": "2611.00001"`) {
		t.Errorf("%v\n%s\nwas\n%s", err, again, data)
	}
}
