package chat_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"paperboy/core"
	"paperboy/core/verbs"
)

// while runs f while a stranger holds the database's write lock, as an import
// does, and the bot runs.
func (l *lab) while(f func()) {
	l.Helper()
	ctx, stop := context.WithCancel(l.Context())
	var running sync.WaitGroup
	running.Go(func() { l.Chat.Run(ctx) })
	defer running.Wait()
	defer stop()
	for !l.Running() {
		runtime.Gosched()
	}
	db, err := sql.Open("sqlite3", "file:"+l.path+"?_txlock=immediate")
	if err != nil {
		l.Fatal(err)
	}
	defer db.Close()
	stranger, err := db.Begin()
	if err != nil {
		l.Fatal(err)
	}
	f()
	if err := stranger.Rollback(); err != nil {
		l.Fatal(err)
	}
	l.settles()
}

// settles waits until all that was noted before is written down.
func (l *lab) settles() {
	l.Helper()
	l.store.settled = make(chan struct{})
	l.Do(l.Context(), core.Request{Channel: at("settled"), User: person("pi"), Text: "help"})
	<-l.store.settled
}

// Nobody who reads waits for a writer, however long that takes: every question
// has the same answer while a stranger holds the write lock.
func TestReadingNeverWaitsForAWriter(t *testing.T) {
	l := newLab(t)
	l.says("pi", "subscribe diffusion")
	l.says("pi", "mute soup")
	l.says("ana", "save 2611.00001")
	var asked []string
	for _, v := range verbs.Table {
		switch v.Name {
		case "subscribe", "unsubscribe", "mute", "unmute", "pause", "resume", "save", "link", "repost", "mail":
			continue // they write
		case "settings", "schedule", "taste", "club":
			asked = append(asked, v.Name)
			continue
		}
		for _, example := range v.Examples {
			for _, id := range []string{"2509.24002", "2604.07429"} {
				example = strings.ReplaceAll(example, id, "2611.00001")
			}
			asked = append(asked, example)
		}
	}
	asked = append(asked, "", "diffusion", "club list", "club calendar", "search (", "nonsense:yes", "list nothing", "help nonsense")
	buttons := []string{"pb1|similar|2611.00001", "pb1|why|2611.00001", "pb1|abstract|2611.00001", "pb1|bibtex|2611.00001", "pb1|more|2611.00001", "pb1|mute|2611.00001",
		"pb1|do|search diffusion share:yes", "pb1|do|today yesterday", "pb1|nobody|knows", "nonsense"}
	partials := []core.Partial{{Text: "se"}, {Text: "unsubscribe "}, {Verb: "unmute", Option: "what"}, {Verb: "why", Option: "paper", Value: "2611"}}

	// all asks everything in a channel: the words of each answer.
	n := 0
	all := func(channel string) map[string]string {
		out := map[string]string{}
		for i, text := range asked {
			for _, aloud := range []bool{false, true} {
				n++
				r := l.Do(l.Context(), core.Request{ID: fmt.Sprint("r", n), Channel: at(channel), Name: "#" + channel, User: person("ana"), Text: text, Aloud: aloud})
				out[fmt.Sprint(i, " ", text, aloud)] = words(t, r)
			}
		}
		for _, b := range buttons {
			n++
			out[b] = words(t, l.Press(l.Context(), core.Press{ID: fmt.Sprint("b", n), Channel: at(channel), Name: "#" + channel, User: person("ana"), Button: b}))
		}
		for _, p := range partials {
			p.Channel, p.User = at(channel), person("ana")
			out[p.Text+p.Verb] = words(t, l.Complete(l.Context(), p))
		}
		out["home"] = words(t, l.Home(l.Context(), core.Installation{Platform: "web", Workspace: "W"}, person("ana")))
		card, ok := l.Unfurl(l.Context(), at(channel), "https://arxiv.org/abs/2611.00001")
		out["a pasted link"] = words(t, card) + fmt.Sprint(ok)
		id, ok := l.PaperOf(l.Context(), at(channel), "nothing")
		out["a paper's message"] = fmt.Sprint(id, ok)
		out["about"] = l.About(l.Context(), at(channel)).String()
		return out
	}
	before := all("ml")
	unknown := all("nowhere yet")
	l.while(func() {
		same(t, "a channel that is known", before, all("ml"))
		for question := range unknown {
			if strings.Contains(question, "export config") {
				delete(unknown, question) // it holds what is written down, which this is not yet
			}
		}
		same(t, "a channel that nobody has used", unknown, all("new"))
		if card, ok := l.Welcome(l.Context(), at("new"), "#new", core.User{Key: "web:pi", Name: "pi", Manager: true}); !ok || len(card.Lines) == 0 {
			t.Error("nobody is greeted")
		}
		if _, ok := l.Welcome(l.Context(), at("new"), "#new", core.User{Key: "web:pi", Name: "pi", Manager: true}); ok {
			t.Error("greeted twice")
		}
	})
}

func words(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func same(t *testing.T, what string, want, got map[string]string) {
	t.Helper()
	for question, answer := range want {
		if got[question] != answer {
			t.Errorf("%s, %q: while somebody writes the answer is\n%s\nand not\n%s", what, question, got[question], answer)
		}
	}
}

// What a question teaches is written down when there is room for it: a new
// name, that a channel is private, that it is there again, that somebody may mend
// what holds it.
func TestWhatAQuestionTeachesIsWrittenDownLater(t *testing.T) {
	l := newLab(t)
	l.says("pi", "subscribe diffusion")
	l.change(func(c *core.Channel) {
		c.Gone, c.Closed = l.now, true
		c.Hold = core.Hold{Since: l.now, Reason: "nobody knows", NextTry: l.now.AddDate(0, 0, 1)}
	})
	l.while(func() {
		r := l.Do(l.Context(), core.Request{Channel: at("ml"), Name: "#machines", User: person("pi"), Text: "list", Private: true})
		l.sees(r, "diffusion", "nobody knows")
		if c := l.channel(); c.Name != "#ml" || c.Gone.IsZero() {
			t.Errorf("somebody else writes, and yet it is %+v", c)
		}
	})
	if c := l.channel(); c.Name != "#machines" || !c.Private || !c.Gone.IsZero() || !c.Hold.NextTry.Equal(l.now) || !c.Hold.Told {
		t.Errorf("the channel is %+v", c)
	}
}

// A question that comes twice is answered once.
func TestAQuestionThatComesTwiceIsAnsweredOnce(t *testing.T) {
	l := newLab(t)
	ask := func(id string) core.Reply {
		return l.Do(l.Context(), core.Request{ID: id, Channel: at("ml"), Name: "#ml", User: person("ana"), Text: "search diffusion"})
	}
	if r := ask("1"); len(r.Card.Papers) == 0 {
		t.Errorf("first %s", read(r))
	}
	if r := ask("1"); words(t, r) != words(t, core.Reply{}) {
		t.Errorf("again %s", read(r))
	}
	for i := range 5000 { // not for ever, but for the last thousands
		l.Do(l.Context(), core.Request{ID: fmt.Sprint("other", i), Channel: at("ml"), Name: "#ml", User: person("ana"), Text: "help"})
	}
	if r := ask("other4999"); words(t, r) != words(t, core.Reply{}) {
		t.Errorf("the last one again: %s", read(r))
	}
	if r := ask("other1500"); words(t, r) != words(t, core.Reply{}) {
		t.Errorf("one of before again: %s", read(r))
	}
}

// Who writes and has to wait too long is told so.
func TestAWriterThatWaitsTooLongIsToldSo(t *testing.T) {
	l := newLab(t)
	l.store.events = fmt.Errorf("noting an event: %w", core.ErrBusy)
	r := l.Do(l.Context(), core.Request{ID: "1", Channel: at("ml"), Name: "#ml", User: person("ana"), Text: "subscribe lora"})
	l.sees(r, "My database is busy with something long, so nothing was changed. Ask again in a moment")
	if !r.Failed || strings.Contains(read(r), "ref ") || !strings.Contains(l.log.String(), "somebody else is writing") {
		t.Errorf("%s\nlog %s", read(r), &l.log)
	}
}
