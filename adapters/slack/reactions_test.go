package slack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakeslack"
)

// sends posts so many papers in a channel, or in the thread under a header.
func (a *app) sends(ch core.ChannelKey, n int, header ...core.MessageRef) (refs []core.MessageRef) {
	a.Helper()
	for i := range n {
		p := post(ch, fmt.Sprintf("2611.%05d", i))
		for _, h := range header {
			p.Place, p.Header = core.InThread, h
		}
		refs = append(refs, a.send(p))
	}
	return refs
}

// in is the message of a reference.
func (a *app) in(ref core.MessageRef) fakeslack.Message {
	return fakeslack.Message{Channel: ref.Conversation, TS: ref.ID}
}

// back is what was read back.
type back struct {
	parts [][]core.MessageRef // that were kept with each reading
	votes map[string]int      // by message
	calls map[string]int
	took  time.Duration
}

// readsBack has all of these messages read back, part by part.
func (a *app) readsBack(ch core.ChannelKey, thread core.MessageRef, refs ...core.MessageRef) back {
	a.Helper()
	b := back{votes: map[string]int{}, calls: a.workspace.Counts().Calls}
	begun := time.Now()
	for len(refs) > 0 {
		var part []core.MessageRef
		rest, err := a.Reactions(a.Context(), ch, thread, refs, func(ref core.MessageRef, rs []core.Reaction) error {
			if _, twice := b.votes[ref.ID]; twice {
				a.Errorf("%s was kept twice", ref.ID)
			}
			part = append(part, ref)
			b.votes[ref.ID] = len(rs)
			return nil
		})
		if err != nil || len(rest) >= len(refs) {
			a.Fatalf("%d of %d are left: %v", len(rest), len(refs), err)
		}
		b.parts, refs = append(b.parts, part), rest
	}
	b.took = time.Since(begun)
	after := a.workspace.Counts().Calls
	for method := range after {
		after[method] -= b.calls[method]
	}
	b.calls = after
	return b
}

// costs holds the calls against those that were needed, in the order history, replies,
// reactions.
func (b back) costs(a *app, what string, want ...int) {
	a.Helper()
	got := []int{b.calls["conversations.history"], b.calls["conversations.replies"], b.calls["reactions.get"]}
	if !slices.Equal(got, want) {
		a.Errorf("%s: %v calls of history, replies and reactions.get, want %v", what, got, want)
	}
}

// busy uses up what may be asked of single messages in this minute, as a large workspace
// does at once.
func (a *app) busy(ref core.MessageRef) {
	a.Helper()
	time.Sleep(time.Minute)
	for range 48 {
		a.readsBack(a.papers, core.MessageRef{}, ref)
	}
}

// A lab's messages are asked for by themselves: history is read where there are many.
func TestWhatAMinuteHasRoomForIsReadWithoutHistory(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		refs := a.sends(a.papers, 30)
		a.readsBack(a.papers, core.MessageRef{}, refs...).costs(a, "a lab's week", 0, 0, 30)
		a.readsBack(a.papers, core.MessageRef{}, refs...).costs(a, "once more in that minute", 1, 0, 0)
	})
}

func TestAPageTellsTheReactionsOfManyMessages(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		refs := a.sends(a.papers, 15)
		a.talk(3)
		a.workspace.Reacts("ana", a.in(refs[0]), "+1")
		a.workspace.Reacts("pi", a.in(refs[0]), "heart")
		a.workspace.Reacts("ana", a.in(refs[14]), "+1::skin-tone-3")
		a.workspace.Reacts("pi", a.in(refs[3]), "+1")
		a.workspace.Unreacts("pi", a.in(refs[3]), "+1")
		a.busy(refs[0])
		b := a.readsBack(a.papers, core.MessageRef{}, refs...)
		b.costs(a, "fifteen messages", 1, 0, 0)
		if len(b.votes) != 15 || b.votes[refs[0].ID] != 2 || b.votes[refs[14].ID] != 1 || b.votes[refs[3].ID] != 0 {
			t.Errorf("votes: %v", b.votes)
		}
		if newest := slices.SortedFunc(slices.Values(b.parts[0]), func(x, y core.MessageRef) int { return strings.Compare(y.ID, x.ID) }); !slices.Equal(b.parts[0], newest) {
			t.Errorf("in the order %v", b.parts[0])
		}
		a.readsBack(a.papers, core.MessageRef{}, refs[0]).costs(a, "one message", 0, 0, 1)
	})
}

// Only as many are named as Slack likes to; the count is right.
func TestWhereAPageDoesNotNameEverybodyAMessageIsAskedForByItself(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		refs := a.sends(a.papers, 3)
		for i := range 60 {
			a.workspace.Reacts(fmt.Sprint("reader", i), a.in(refs[1]), "+1")
			if i < 50 {
				a.workspace.Reacts(fmt.Sprint("reader", i), a.in(refs[2]), "+1")
			}
		}
		a.busy(refs[0])
		b := a.readsBack(a.papers, core.MessageRef{}, refs...)
		b.costs(a, "sixty voters", 1, 0, 1)
		if b.votes[refs[1].ID] != 60 || b.votes[refs[2].ID] != 50 {
			t.Errorf("votes: %v", b.votes)
		}
	})
}

func TestAPageGoesOnWhereTheNextMessageStands(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		old := a.sends(a.papers, 2)
		a.talk(450)
		refs := append(old, a.sends(a.papers, 2)...)
		a.busy(refs[0])
		b := a.readsBack(a.papers, core.MessageRef{}, refs...)
		b.costs(a, "with a long talk between", 2, 0, 0)
		if len(b.parts) != 2 || len(b.parts[0]) != 2 || len(b.parts[1]) != 2 || !slices.Contains(b.parts[0], refs[3]) {
			t.Errorf("in parts: %v", b.parts)
		}
	})
}

func TestAThreadsPageTellsTheReactionsInIt(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		header := a.send(post(a.papers, "header"))
		refs := a.sends(a.papers, 15, header)
		a.workspace.Reacts("ana", a.in(refs[7]), "+1")
		a.busy(refs[0])
		b := a.readsBack(a.papers, header, refs...)
		b.costs(a, "a thread", 0, 1, 0)
		if len(b.votes) != 15 || b.votes[refs[7].ID] != 1 {
			t.Errorf("votes: %v", b.votes)
		}
		a.workspace.Deletes(a.in(header))
		a.busy(refs[0])
		b = a.readsBack(a.papers, header, refs...)
		b.costs(a, "a thread whose header is gone", 0, 1, 15)
		if b.votes[refs[7].ID] != 1 {
			t.Errorf("votes: %v", b.votes)
		}
	})
}

// A message that its thread did not take stands in the channel; one that is gone has
// nothing to give, though Slack may show that something stood there.
func TestWhatIsNotOnItsPageIsAskedForByItself(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		header := a.send(post(a.papers, "header"))
		refs := append(a.sends(a.papers, 2, header), a.sends(a.papers, 1)...)
		a.workspace.Reacts("ana", a.in(refs[2]), "+1")
		a.busy(refs[0])
		b := a.readsBack(a.papers, header, refs...)
		b.costs(a, "one beside its thread", 0, 1, 1)
		if b.votes[refs[2].ID] != 1 {
			t.Errorf("votes: %v", b.votes)
		}

		refs = a.sends(a.papers, 4)
		discussed, _ := a.workspace.Message(a.in(refs[2]))
		a.workspace.Says("ana", "papers", "hm", discussed)
		a.workspace.Deletes(a.in(refs[1]))
		a.workspace.Deletes(discussed)
		a.busy(refs[0])
		b = a.readsBack(a.papers, core.MessageRef{}, refs...)
		b.costs(a, "two are gone", 1, 0, 2)
		if len(b.votes) != 2 {
			t.Errorf("votes: %v", b.votes)
		}
	})
}

func TestWherePagesMayNotBeReadMessagesAre(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		refs := a.sends(a.papers, 3)
		a.workspace.Reacts("ana", a.in(refs[0]), "+1")
		for _, c := range []struct {
			what  string
			do    func()
			parts int
			want  []int
		}{
			{"without the scope, for all that is known", func() { a.busy(refs[0]); a.workspace.Withdraw("channels:history") }, 1, []int{1, 0, 3}},
			{"then it is known", func() { a.busy(refs[0]) }, 3, []int{0, 0, 3}},
			{"in a channel that it is not in", func() {
				a.workspace.Grant("channels:history")
				a.workspace.Kick("paperboy", "papers")
				a.busy(refs[0]) // Slack names the scopes with every answer
			}, 1, []int{1, 0, 3}},
		} {
			c.do()
			b := a.readsBack(a.papers, core.MessageRef{}, refs...)
			b.costs(a, c.what, c.want...)
			if len(b.parts) != c.parts || b.votes[refs[0].ID] != 1 {
				t.Errorf("%s: %v", c.what, b)
			}
		}
		a.busy(refs[0])
		a.workspace.Delete("papers")
		b := a.readsBack(a.papers, core.MessageRef{}, refs...)
		b.costs(a, "a channel that is gone", 1, 0, 0)
		if len(b.votes) != 0 {
			t.Errorf("votes: %v", b.votes)
		}
	})
}

// An app that is sold outside of the Marketplace has a page of fifteen a minute;
// messages by themselves are sooner.
func TestWherePagesAreSeldomMessagesAreReadMeanwhile(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		refs := a.sends(a.papers, 200)
		a.workspace.Distributes()
		time.Sleep(time.Hour)
		b := a.readsBack(a.papers, core.MessageRef{}, refs...)
		if c := a.workspace.Counts(); len(b.votes) != 200 || c.Impatient > 0 || b.took > 5*time.Minute {
			t.Errorf("%d messages took %v; %+v", len(b.votes), b.took, c)
		}
	})
}

// Whether a message may be out there already is asked of the same method, and a post
// waits for the answer.
func TestReadingVotesLeavesHalfOfThePagesToLooks(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		refs := a.sends(a.papers, 2)
		time.Sleep(time.Minute)
		for range 3 {
			a.busy(refs[0])
			begun := time.Now()
			for range 24 {
				a.readsBack(a.papers, core.MessageRef{}, refs...)
			}
			for range 20 {
				if _, _, err := a.Find(a.Context(), post(a.papers, "2611.00000")); err != nil {
					t.Fatalf("after %v: %v", time.Since(begun), err)
				}
			}
			a.readsBack(a.papers, core.MessageRef{}, refs...)
			if took := time.Since(begun); took < time.Minute || took > 61*time.Second {
				t.Fatalf("the next page came after %v", took)
			}
			time.Sleep(time.Minute)
		}
		if c := a.workspace.Counts(); c.Limited > 0 {
			t.Errorf("%+v", c)
		}
	})
}

// What docs/scaling.md says.
func TestAHundredChannelsAreReadBackInMinutes(t *testing.T) {
	inBubble(t, nobody{}, func(a *app) {
		type week struct {
			ch   core.ChannelKey
			refs []core.MessageRef
		}
		var weeks []week
		for i := range 100 {
			ch := key(a.workspace.Channel(fmt.Sprint("lab", i), "pi", "paperboy"))
			weeks = append(weeks, week{ch, a.sends(ch, 15)})
		}
		all := func(what string, atMost time.Duration, want ...int) {
			time.Sleep(time.Hour)
			sum, begun := back{calls: map[string]int{}}, time.Now()
			for _, w := range weeks {
				for method, n := range a.readsBack(w.ch, core.MessageRef{}, w.refs...).calls {
					sum.calls[method] += n
				}
			}
			sum.costs(a, what, want...)
			took := time.Since(begun)
			if took > atMost {
				t.Errorf("%s: took %v", what, took)
			}
			t.Log(what, sum.calls, took)
		}
		all("in pages", 5*time.Minute, 88, 0, 180)
		a.workspace.Withdraw("channels:history")
		a.readsBack(weeks[0].ch, core.MessageRef{}, weeks[0].refs[0]) // Slack names the scopes with every answer
		all("by message", 32*time.Minute, 0, 0, 1500)
	})
}
