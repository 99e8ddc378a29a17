package store

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"paperboy/core"
)

// reacts puts an emoji on a paper's message; who takes it back says so.
func (h *house) reacts(c core.Channel, message string, paper core.PaperID, who, emoji string, kind core.VoteKind, how ...func(*core.Reaction)) bool {
	h.Helper()
	r := core.Reaction{Message: message, User: core.User{Key: who}, Emoji: emoji, Added: true, Order: h.now.UnixMilli(), At: h.now}
	for _, f := range how {
		f(&r)
	}
	changed, err := h.PutReaction(context.Background(), c.ID, paper, kind, r)
	h.ok(err)
	h.now = h.now.Add(time.Second)
	return changed
}

func takenBack(r *core.Reaction) { r.Added = false }

func (h *house) tally(channel int64, since time.Time, papers ...core.PaperID) map[core.PaperID]core.Tally {
	h.Helper()
	got, err := h.Tally(context.Background(), channel, papers, since)
	h.ok(err)
	return got
}

func TestOneVoteAPerson(t *testing.T) {
	h := newHouse(t)
	ml, cv := h.channel("ml"), h.channel("cv")
	const paper = core.PaperID("2509.00001")
	votes := func(channel int64) core.Tally { return h.tally(channel, time.Time{}, paper)[paper] }

	h.wants("Ana's 👍", h.reacts(ml, "m1", paper, "ana", "👍", core.Up), true)
	h.wants("Ana's ❤️", h.reacts(ml, "m1", paper, "ana", "❤️", core.Up), true)
	h.reacts(ml, "m1", paper, "ben", "👍", core.Up)
	h.reacts(ml, "m1", paper, "ben", "🔖", core.Bookmark)
	h.reacts(ml, "m1", paper, "cem", "👎", core.Down)
	h.wants("in #ml", votes(ml.ID), core.Tally{Up: 2, Down: 1})
	h.reacts(ml, "m1", paper, "ana", "❤️", core.Up, takenBack)
	h.wants("without the ❤️", votes(ml.ID), core.Tally{Up: 2, Down: 1})
	h.reacts(cv, "m2", paper, "ana", "🔥", core.Up)
	h.wants("in #cv", votes(cv.ID), core.Tally{Up: 1})
	h.wants("anywhere, each person once", votes(0), core.Tally{Up: 2, Down: 1})
	h.wants("without the 👍", h.reacts(ml, "m1", paper, "ana", "👍", core.Up, takenBack), true)
	h.wants("then in #ml", votes(ml.ID), core.Tally{Up: 1, Down: 1})
	h.wants("still anywhere", votes(0), core.Tally{Up: 2, Down: 1})
	h.wants("for another paper", h.tally(0, time.Time{}, "2509.00002"), map[core.PaperID]core.Tally{})

	voted, err := h.Voted(context.Background(), ml.ID, time.Time{})
	h.ok(err)
	h.wants("voted", voted, []core.PaperID{paper})
	voted, err = h.Voted(context.Background(), ml.ID, h.now)
	h.ok(err)
	h.wants("voted since now", voted, []core.PaperID(nil))
}

func TestEventsComeTwiceAndInAnyOrder(t *testing.T) {
	h := newHouse(t)
	ml := h.channel("ml")
	order := func(n int64) func(*core.Reaction) { return func(r *core.Reaction) { r.Order = n } }
	const paper = core.PaperID("2509.00001")
	for _, step := range []struct {
		name    string
		how     []func(*core.Reaction)
		changed bool
		up      int
	}{
		{"taken back, before it is known to be given", []func(*core.Reaction){takenBack, order(5)}, false, 0},
		{"given, which came late", []func(*core.Reaction){order(4)}, false, 0},
		{"given again", []func(*core.Reaction){order(6)}, true, 1},
		{"the same event again", []func(*core.Reaction){order(6)}, false, 1},
		{"the old event again", []func(*core.Reaction){takenBack, order(5)}, false, 1},
		{"taken back", []func(*core.Reaction){takenBack, order(7)}, true, 0},
	} {
		h.wants(step.name, h.reacts(ml, "m1", paper, "ana", "👍", core.Up, step.how...), step.changed)
		h.wants(step.name, h.tally(ml.ID, time.Time{}, paper)[paper].Up, step.up)
	}
}

func TestReactionsAreReadBack(t *testing.T) {
	h := newHouse(t)
	ml := h.channel("ml")
	const paper = core.PaperID("2509.00001")
	given := h.now
	h.reacts(ml, "m1", paper, "ana", "👍", core.Up)
	h.reacts(ml, "m1", paper, "ben", "👍", core.Up)
	h.reacts(ml, "m1", paper, "dan", "button", core.Down) // no emoji: not to be read back
	h.reacts(ml, "m2", paper, "eva", "👍", core.Up)        // another message
	later := given.Add(time.Hour)
	back := func(who, emoji string) core.Reaction {
		return core.Reaction{Message: "m1", User: core.User{Key: who}, Emoji: emoji, Added: true, Order: later.UnixMilli(), At: later}
	}
	kind := core.DefaultSettings().VoteKind
	for _, times := range []string{"first", "again"} {
		changed, err := h.SetReactions(context.Background(), ml.ID, paper, "m1", kind, []core.Reaction{back("ana", "👍"), back("cem", "👍"), back("cem", "👎"), back("cem", "🎉")})
		h.ok(err)
		var what []string
		for _, r := range changed {
			what = append(what, fmt.Sprint(r.User.Key, r.Emoji, r.Added))
		}
		want := []string{"cem👍true", "cem👎true", "ben👍false"}
		if times == "again" {
			want = nil
		}
		h.wants("changed "+times, what, want)
		h.wants("all", h.tally(ml.ID, time.Time{}, paper)[paper], core.Tally{Up: 3, Down: 2})
		h.wants("given in that hour", h.tally(ml.ID, later, paper)[paper], core.Tally{Up: 1, Down: 1})
	}
	// An event from before the reading changes nothing.
	h.wants("Ana's event, late", h.reacts(ml, "m1", paper, "ana", "👍", core.Up, takenBack), false)
}

func TestAListOfOnesOwn(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	save := func(who string, paper core.PaperID, note string, done bool) bool {
		t.Helper()
		changed, err := h.Save(ctx, core.Saved{User: who, Paper: paper, Note: note, At: h.now, Done: done})
		h.ok(err)
		h.now = h.now.Add(time.Minute)
		return changed
	}
	at := h.now
	h.wants("saved", save("ana", "2509.00001", "for Friday", false), true)
	h.wants("saved again by 🔖", save("ana", "2509.00001", "", false), false)
	h.wants("another note", save("ana", "2509.00001", "for Monday", false), true)
	h.wants("done", save("ana", "2509.00001", "", true), true)
	save("ana", "2509.00002", "", false)
	save("ben", "2509.00003", "", false)
	list, err := h.SavedBy(ctx, "ana")
	h.ok(err)
	h.wants("Ana's list", list, []core.Saved{{User: "ana", Paper: "2509.00002", At: at.Add(4 * time.Minute)},
		{User: "ana", Paper: "2509.00001", Note: "for Monday", At: at, Done: true}})
	for _, want := range []bool{true, false} {
		changed, err := h.Unsave(ctx, "ana", "2509.00002")
		h.ok(err)
		h.wants("taken off", changed, want)
	}

	ml := h.channel("ml")
	h.reacts(ml, "m1", "2509.00001", "ana", "👍", core.Up)
	h.reacts(ml, "m1", "2509.00001", "ben", "👍", core.Up)
	_, err = h.AddMute(ctx, core.Mute{User: "ana", Kind: core.MutePaper, Value: "2509.00001", At: h.now})
	h.ok(err)
	h.ok(h.ForgetUser(ctx, "ana", h.now))
	list, err = h.SavedBy(ctx, "ana")
	h.ok(err)
	mutes, err := h.Mutes(ctx, ml.ID, "ana", h.now)
	h.ok(err)
	h.wants("what is left of Ana", []any{len(list), len(mutes), h.tally(0, time.Time{}, "2509.00001")["2509.00001"].Up}, []any{0, 0, 1})
	list, err = h.SavedBy(ctx, "ben")
	h.ok(err)
	h.wants("Ben's list", len(list), 1)
}

func TestAnEventIsRecognisedForADay(t *testing.T) {
	h := newHouse(t)
	for _, step := range []struct {
		id    string
		after time.Duration
		seen  bool
	}{
		{"Ev1", 0, false}, {"Ev1", time.Second, true}, {"Ev2", time.Second, false}, {"", 0, false}, {"", 0, false},
		{"Ev1", 24 * time.Hour, true}, {"Ev1", 24*time.Hour + 1e6, false},
	} {
		seen, err := h.SeenEvent(context.Background(), step.id, h.now.Add(step.after))
		h.ok(err)
		if seen != step.seen {
			t.Errorf("%q after %v: %v", step.id, step.after, seen)
		}
	}
}

func TestHowSourcesAre(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	arxiv := core.SourceState{Source: "arxiv", Word: core.Failed, Reason: "HTTP 429", LastTry: h.now, LastSuccess: h.now.Add(-time.Hour), LastNew: h.now.Add(-2 * time.Hour),
		Newest: "2026-11-20", Since: h.now, RetryAt: h.now.Add(time.Minute), Told: true}
	for _, state := range []core.SourceState{{Source: "huggingface", Word: core.Fresh}, {Source: "arxiv", Word: core.Fresh}, arxiv} {
		h.ok(h.UpdateSourceState(ctx, state.Source, func(s *core.SourceState) { *s = state }))
	}
	states, err := h.SourceStates(ctx)
	h.ok(err)
	h.wants("the sources", states, []core.SourceState{arxiv, {Source: "huggingface", Word: core.Fresh}})

	for _, want := range []string{"", "one", "two"} {
		if want != "" {
			h.ok(h.SetNote(ctx, "etag", want))
		}
		note, err := h.Note(ctx, "etag")
		h.ok(err)
		h.wants("the note", note, want)
	}
}

// A fetch judges a source while somebody else notes that channels were told:
// neither takes the other's word away, in several processes either.
func TestWhatTwoWriteAboutASourceIsKept(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	const times = 50
	var wg sync.WaitGroup
	for _, s := range []*Store{h.Store, h.Store, h.another()} {
		wg.Go(func() {
			for range times {
				if err := s.UpdateSourceState(ctx, "arxiv", func(is *core.SourceState) { is.LastTry = is.LastTry.Add(time.Second) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range times {
		h.ok(h.UpdateSourceState(ctx, "arxiv", func(is *core.SourceState) {
			if is.Told != (n%2 == 1) {
				t.Error("what was told is forgotten")
			}
			is.Told = !is.Told
		}))
	}
	wg.Wait()
	states, err := h.SourceStates(ctx)
	h.ok(err)
	h.wants("tries", states[0].LastTry.Sub(time.Time{}), 3*times*time.Second)
}

func BenchmarkPutReaction(b *testing.B) {
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "paperboy.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	c, err := s.Channel(b.Context(), core.Channel{Key: core.ChannelKey{Platform: "discord", ID: "1"}, Settings: core.DefaultSettings()})
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; b.Loop(); n++ {
		r := core.Reaction{Message: "m1", User: core.User{Key: fmt.Sprint("discord:", n/2)}, Emoji: "👍", Added: n%2 == 0, Order: int64(n), At: monday}
		if _, err := s.PutReaction(b.Context(), c.ID, "2509.00001", core.Up, r); err != nil {
			b.Fatal(err)
		}
	}
}
