package testkit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/internal/wallclock"
)

// Chat is a connection that answers what the test says, request by request, and
// remembers what it was asked. It has every ability; Bare has none of them.
type Chat struct {
	Name string // of its network
	Vote bool   // its papers have a button to vote
	Page int    // so many messages' reactions come at once; 0: one's

	mu      sync.Mutex
	script  []*scripted                // the newest first
	asked   []Asked                    // what it was asked, in order
	there   []Asked                    // the messages that it has, as they stand
	marks   map[string][]core.Reaction // by message
	nowhere bool                       // it speaks for nobody
}

// Asked is a request to a Chat.
type Asked struct {
	What string // "post", "look", "edit", "read"
	At   time.Time
	core.Post
	Ref  core.MessageRef
	Also []core.MessageRef // that are read with it
}

// Item is what the message delivers: "@daily/…" or a paper.
func (a Asked) Item() string {
	_, item, _ := strings.Cut(a.Key, "/")
	return item
}

// Answer is what comes of a request. The zero Answer is that it is done.
type Answer struct {
	Err       error
	Kept      bool          // in spite of Err it is done
	Takes     time.Duration // so long it takes to say so
	Meanwhile func()        // what happens before it is said
}

type scripted struct {
	what, about string
	answers     []Answer
	always      bool
}

// Answers scripts the next requests of a kind whose key, or message, holds a
// word. Those after them are done.
func (c *Chat) Answers(what, about string, answers ...Answer) { c.add(what, about, false, answers) }

// Always scripts all of them, until Answers or Always says otherwise.
func (c *Chat) Always(what, about string, answer Answer) {
	c.add(what, about, true, []Answer{answer})
}

func (c *Chat) add(what, about string, always bool, answers []Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.script = append([]*scripted{{what, about, answers, always}}, c.script...)
}

// Leaves makes it speak for nobody, or for everybody again.
func (c *Chat) Leaves(nowhere bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nowhere = nowhere
}

// Marks sets what people have put on a message.
func (c *Chat) Marks(message string, rs ...core.Reaction) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.marks == nil {
		c.marks = map[string][]core.Reaction{}
	}
	for i := range rs {
		rs[i].Message, rs[i].Added = message, true
	}
	c.marks[message] = rs
}

// Asked are the requests of these kinds, all where none is named.
func (c *Chat) Asked(kinds ...string) (out []Asked) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.asked {
		if len(kinds) == 0 || slices.Contains(kinds, a.What) {
			out = append(out, a)
		}
	}
	return out
}

// There are the messages that people see.
func (c *Chat) There() []Asked {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.there)
}

// ask notes a request, does it where the answer says so, and waits for the
// answer.
func (c *Chat) ask(ctx context.Context, a Asked, do func()) error {
	c.mu.Lock()
	a.At = time.Now()
	c.asked = append(c.asked, a)
	var answer Answer
	for _, s := range c.script {
		if s.what == a.What && len(s.answers) > 0 && (strings.Contains(a.Key, s.about) || s.about == a.Ref.ID) {
			if answer = s.answers[0]; !s.always {
				s.answers = s.answers[1:]
			}
			break
		}
	}
	if answer.Err == nil || answer.Kept {
		do()
	}
	c.mu.Unlock()
	if answer.Meanwhile != nil {
		answer.Meanwhile()
	}
	if err := core.Sleep(ctx, wallclock.New(time.Now), answer.Takes); err != nil {
		return err // nobody heard the answer
	}
	return answer.Err
}

// Network and the other methods are those of a core.Connection and its
// abilities.
func (c *Chat) Network() core.Network {
	return core.Network{Name: c.Name, Command: "/papers", Editors: "members", Threads: true, VoteButton: c.Vote}
}

func (c *Chat) Serves(in core.Installation) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return in.Platform == c.Name && !c.nowhere
}

func (c *Chat) Post(ctx context.Context, p core.Post) (ref core.MessageRef, err error) {
	err = c.ask(ctx, Asked{What: "post", Post: p}, func() {
		ref = core.MessageRef{Conversation: p.Channel.ID, ID: fmt.Sprintf("m%d", len(c.there)+1)}
		c.there = append(c.there, Asked{What: "post", At: time.Now(), Post: p, Ref: ref})
	})
	return ref, err
}

func (c *Chat) Find(ctx context.Context, p core.Post) (ref core.MessageRef, found bool, err error) {
	err = c.ask(ctx, Asked{What: "look", Post: p}, func() {
		for _, m := range c.there {
			if m.Key == p.Key {
				ref, found = m.Ref, true
			}
		}
	})
	return ref, found && err == nil, err
}

func (c *Chat) Edit(ctx context.Context, p core.Post, ref core.MessageRef) error {
	return c.ask(ctx, Asked{What: "edit", Post: p, Ref: ref}, func() {
		for i := range c.there {
			if c.there[i].Ref.ID == ref.ID {
				c.there[i].Card = p.Card
			}
		}
	})
}

func (c *Chat) Reactions(ctx context.Context, _ core.ChannelKey, thread core.MessageRef, refs []core.MessageRef, keep func(core.MessageRef, []core.Reaction) error) (rest []core.MessageRef, err error) {
	n := min(max(c.Page, 1), len(refs))
	page := make([][]core.Reaction, n)
	err = c.ask(ctx, Asked{What: "read", Ref: refs[0], Also: refs[1:n], Post: core.Post{Header: thread}}, func() {
		for i, ref := range refs[:n] {
			page[i] = slices.Clone(c.marks[ref.ID])
		}
	})
	for i := 0; i < n && err == nil; i++ {
		err = keep(refs[i], page[i])
	}
	return refs[n:], err
}

// Bare is a connection that can do nothing but post.
func Bare(c core.Connection) core.Connection { return struct{ core.Connection }{c} }
