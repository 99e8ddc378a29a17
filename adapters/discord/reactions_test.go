package discord_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakediscord"
)

// back is what was read back.
type back struct {
	parts [][]core.MessageRef // that were kept with each reading
	votes map[string]int      // by message
	calls map[string]int
	took  time.Duration
}

// readsBack has all of these messages read back, part by part.
func (l *lab) readsBack(refs ...core.MessageRef) back {
	l.Helper()
	b := back{votes: map[string]int{}, calls: map[string]int{}}
	before, begun := l.discord.Counts().Calls, time.Now()
	for len(refs) > 0 {
		var part []core.MessageRef
		ch := l.key(l.channel)
		ch.ID = refs[0].Conversation
		rest, err := l.adapter.Reactions(l.Context(), ch, core.MessageRef{}, refs, func(ref core.MessageRef, rs []core.Reaction) error {
			if _, twice := b.votes[ref.ID]; twice {
				l.Errorf("%s was kept twice", ref.ID)
			}
			part = append(part, ref)
			b.votes[ref.ID] = len(rs)
			return nil
		})
		if err != nil || len(rest) >= len(refs) {
			l.Fatalf("%d of %d are left: %v", len(rest), len(refs), err)
		}
		b.parts, refs = append(b.parts, part), rest
	}
	b.took = time.Since(begun)
	for route, n := range l.discord.Counts().Calls {
		if n -= before[route]; n > 0 {
			b.calls[route] = n
		}
	}
	return b
}

// costs holds the calls against those that were needed: pages, messages, lists of people.
func (b back) costs(l *lab, what string, want ...int) {
	l.Helper()
	got := []int{b.calls[fakediscord.ListMessages], b.calls["GET /channels/{channel}/messages/{message}"], b.calls[fakediscord.GetReactions]}
	if !slices.Equal(got, want) {
		l.Errorf("%s: %v calls for pages, messages and lists of people, want %v", what, got, want)
	}
}

// sends posts so many papers, the newest first.
func (l *lab) sends(c *fakediscord.Channel, n int) (refs []core.MessageRef) {
	l.Helper()
	for i := range n {
		_, ref, err := l.posts(c, func(p *core.Post) { p.Key = fmt.Sprint("1/", c.Name, l.now().UnixNano(), i) })
		if err != nil {
			l.Fatal(err)
		}
		refs = append([]core.MessageRef{ref}, refs...)
	}
	return refs
}

func TestAPageTellsOnWhichMessagesThereIsNothing(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		refs := l.sends(l.channel, 15)
		posts := l.discord.Posts(l.channel)
		for i, emoji := range map[int]string{3: "👍", 7: "❤️"} {
			if err := l.discord.Reacts(l.ana, posts[len(posts)-1-i], emoji); err != nil {
				t.Fatal(err)
			}
		}
		l.passes(time.Minute)
		b := l.readsBack(refs...)
		b.costs(l, "fifteen messages", 1, 2, 2)
		if len(b.votes) != 15 || len(b.parts) != 1 || b.votes[refs[3].ID] != 1 || b.votes[refs[7].ID] != 1 || b.votes[refs[0].ID] != 0 {
			t.Errorf("%v", b)
		}
		l.readsBack(refs[0]).costs(l, "one message", 0, 1, 0)

		elsewhere := l.sends(l.guild.Channel("elsewhere"), 2)
		for range 120 {
			l.discord.Says(l.ana, l.channel, "hm")
		}
		refs = append(l.sends(l.channel, 2), refs[:2]...)
		b = l.readsBack(append(refs, elsewhere...)...)
		b.costs(l, "with a long talk between, and in two places", 3, 0, 0)
		if len(b.votes) != 6 || len(b.parts) != 3 {
			t.Errorf("%v", b)
		}
	})
}

// What happens while a page is on its way is not undone by it.
func TestAVoteThatComesWhileAPageIsReadStays(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(3)
		l.passes(time.Minute)
		l.discord.FailNext(fakediscord.ListMessages, fakediscord.Late(5*time.Second))
		read := make(chan struct{})
		go func() {
			defer close(read)
			l.readsVotes()
		}()
		time.Sleep(3 * time.Second)
		if err := l.discord.Reacts(l.ana, m, "👍"); err != nil {
			t.Fatal(err)
		}
		l.votes(3, 1)
		<-read
		l.votes(3, 1)
	})
}

// What docs/scaling.md says.
func TestAHundredChannelsWithFewVotesAreReadBackWithFewCalls(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		var weeks [][]core.MessageRef
		for i := range 100 {
			c := l.guild.Channel(fmt.Sprint("lab", i))
			weeks = append(weeks, l.sends(c, 15))
			for _, m := range l.discord.Posts(c)[:3] {
				if err := l.discord.Reacts(l.ana, m, "👍"); err != nil {
					t.Fatal(err)
				}
			}
		}
		all := func(what string, atMost time.Duration, parts func([]core.MessageRef) [][]core.MessageRef, want ...int) {
			l.passes(time.Hour)
			sum, begun := back{calls: map[string]int{}}, time.Now()
			for _, refs := range weeks {
				for _, part := range parts(refs) {
					for route, n := range l.readsBack(part...).calls {
						sum.calls[route] += n
					}
				}
			}
			sum.costs(l, what, want...)
			took := time.Since(begun)
			if took > atMost {
				t.Errorf("%s: took %v", what, took)
			}
			t.Log(what, sum.calls, took)
		}
		all("in pages", time.Minute, func(refs []core.MessageRef) [][]core.MessageRef { return [][]core.MessageRef{refs} }, 100, 300, 300)
		all("one by one", 3*time.Minute, func(refs []core.MessageRef) [][]core.MessageRef { return slices.Collect(slices.Chunk(refs, 1)) }, 0, 1500, 300)
	})
}
