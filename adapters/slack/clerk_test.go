package slack_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
	"paperboy/core/say"
	"paperboy/internal/fakeslack"
	"paperboy/internal/testkit"
)

// clerk is a bot whose every answer has a form, a menu and a next page.
type clerk struct {
	nobody
	mu        sync.Mutex
	pressed   []string
	submitted []core.Submission
	topics    int // that Home shows
}

func (h *clerk) page(n int) core.Card {
	return core.Card{
		Lines: []say.Text{say.Say("Page %d.", n)},
		Rows: []core.Row{
			{Text: say.Say("Topics")},
			{Text: say.Say("*lora*"), Small: say.Say("word lora in title or abstract"), Menu: &core.Menu{Label: "Change", Options: []core.Option{{ID: "edit", Label: "Edit …"}, {ID: "pause", Label: "Pause"}}}},
			{Text: say.Say("*quiet*"), Menu: &core.Menu{Label: "Change", Options: []core.Option{{ID: "silent", Label: "silent", Detail: "nothing is posted", Chosen: true}, {ID: "note", Label: "note"}}}},
		},
		Buttons: []core.Button{{ID: "form", Label: "Fill in"}, {ID: fmt.Sprintf("page|%d", n+1), Label: "Next 5 ▸"}},
	}
}

func (h *clerk) Do(context.Context, core.Request) core.Reply { return core.Reply{Card: h.page(1)} }

func (h *clerk) Home(context.Context, core.Installation, core.User) core.Card {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.page(0)
	c.Lines = []say.Text{say.Say("%d filled in.", len(h.submitted))}
	for i := range h.topics {
		c.Rows = append(c.Rows, core.Row{Text: say.Say("*topic %d*", i), Small: say.Say("small"), Menu: c.Rows[1].Menu})
	}
	return c
}

func (h *clerk) Press(_ context.Context, p core.Press) core.Reply {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pressed = append(h.pressed, p.Button)
	var n int
	if _, err := fmt.Sscanf(p.Button, "page|%d", &n); err == nil {
		return core.Reply{Card: h.page(n), Edit: true}
	}
	if p.Button == "form" {
		return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("Type it.")}}}
	}
	return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("Pressed %s.", p.Button)}, Buttons: []core.Button{{ID: "form", Label: "Fill in"}}}}
}

func (h *clerk) Form(_ context.Context, p core.Press) (core.Form, bool) {
	if p.Button != "form" && p.Button != "edit" {
		return core.Form{}, false
	}
	return core.Form{ID: p.Button, Title: "A form", Submit: "Do it", Fields: []core.Field{{Name: "word", Label: "Word", Max: 9}, {Name: "note", Label: "Note", Optional: true}}}, true
}

func (h *clerk) Check(_ context.Context, s core.Submission) map[string]say.Text {
	if s.Values["word"] == "wrong" {
		return map[string]say.Text{"word": say.Say("%s", strings.Repeat("This is wrong. ", 100)), "elsewhere": say.Say("So is something else.")}
	}
	return nil
}

func (h *clerk) Submit(_ context.Context, s core.Submission) core.Reply {
	if s.Values["word"] == "slow" {
		time.Sleep(10 * time.Second)
	}
	if s.Values["word"] == "long" {
		return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("You wrote long."), say.Say(strings.Repeat("漢", 2900)), say.Say(strings.Repeat("字", 2900)), say.Say(strings.Repeat("漢", 2900))}}}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.submitted = append(h.submitted, s)
	return core.Reply{Card: core.Card{Lines: []say.Text{say.Say("You wrote %s.", s.Values["word"])}, Buttons: []core.Button{{ID: "form", Label: "Again"}}}, Line: []say.Text{say.Say("A line for all.")}}
}

func (a *app) window(who string) fakeslack.View {
	a.Helper()
	a.workspace.Wait("a window", func() bool { _, ok := a.workspace.Modal(who); return ok })
	v, _ := a.workspace.Modal(who)
	return v
}

// The answer stands where the button stood: in its thread, and also in a channel
// into which nobody has invited us.
func TestAWindowsAnswerStandsWhereItsButtonStood(t *testing.T) {
	h := &clerk{}
	inBubble(t, h, func(a *app) {
		a.workspace.Channel("lobby", "ana")
		m := a.workspace.Types("ana", "lobby", "/papers").Wait(1)[0]
		press := a.workspace.Presses("ana", m, "Fill in")
		a.window("ana")
		if f := a.workspace.Fills("ana", map[string]string{"Word": "lobby"}); !f.Closed {
			a.Errorf("%+v", f)
		}
		said := press.Wait(2)
		testkit.Sees(a, said[0].Reads(), "You wrote lobby.")
		if said[0].For == "" || said[1].For != "" {
			a.Error("the answer is private, and the line public")
		}
		if got := h.submitted[0]; got.Channel != key(m.Channel) || got.Name != "#lobby" || got.Form != "form" || len(got.Values) != 1 {
			a.Errorf("%+v", got)
		}

		said0 := a.workspace.Says("ana", "papers", "a paper")
		a.workspace.Mentions("ana", said0, "help")
		a.workspace.Wait("an answer in the thread", func() bool { return len(a.inThread("ana", said0)) == 1 })
		a.workspace.Presses("ana", a.inThread("ana", said0)[0], "Fill in")
		a.window("ana")
		a.workspace.Fills("ana", map[string]string{"Word": "thread"})
		a.workspace.Wait("two answers in the thread", func() bool { return len(a.inThread("ana", said0)) == 2 })
		testkit.Sees(a, a.inThread("ana", said0)[1].Reads(), "You wrote thread.")
	})
}

// inThread is what somebody alone reads under a message.
func (a *app) inThread(who string, m fakeslack.Message) (out []fakeslack.Message) {
	for _, r := range a.workspace.Whispers(who, m.Channel) {
		if r.ThreadTS == m.TS {
			out = append(out, r)
		}
	}
	return out
}

// A window that is submitted twice, as somebody does who saw no answer, is done
// once.
func TestAWindowIsSubmittedOnce(t *testing.T) {
	h := &clerk{}
	inBubble(t, h, func(a *app) {
		m := a.workspace.Types("ana", "papers", "/papers").Wait(1)[0]
		a.workspace.Presses("ana", m, "Fill in")
		a.window("ana")
		var again map[string]any
		a.workspace.Tamper(func(_ string, payload map[string]any) {
			raw, _ := json.Marshal(payload)
			_ = json.Unmarshal(raw, &again)
		})
		a.workspace.Fills("ana", map[string]string{"Word": "once"})
		a.workspace.Tamper(nil)
		if second := a.workspace.Repeat("interactive", again); second.Error != "" {
			a.Errorf("the second is not taken: %s", second.Error)
		}
		synctest.Wait()
		if n := len(h.submitted); n != 1 {
			a.Errorf("done %d times", n)
		}
		a.workspace.Presses("ana", m, "Fill in") // another window is another matter
		a.window("ana")
		a.workspace.Fills("ana", map[string]string{"Word": "once"})
		synctest.Wait()
		if n := len(h.submitted); n != 2 {
			a.Errorf("done %d times", n)
		}
	})
}

// Errors that are too long for a window are cut, and what belongs to no field
// stands somewhere.
func TestErrorsFitUnderTheirFields(t *testing.T) {
	inBubble(t, &clerk{}, func(a *app) {
		m := a.workspace.Types("ana", "papers", "/papers").Wait(1)[0]
		a.workspace.Presses("ana", m, "Fill in")
		a.window("ana")
		f := a.workspace.Fills("ana", map[string]string{"Word": "wrong"})
		if f.Closed || f.Problems["Word"] == "" {
			a.Errorf("%+v", f)
		}
		a.workspace.Fills("ana", map[string]string{"Note": "what stood there stands there"})
		if f := a.workspace.Submits("ana"); f.Closed {
			a.Error("what was typed is gone")
		}
	})
}

// App Home is a place to work in: forms open over it, are answered in their
// window, and it shows what changed.
func TestFormsOverAppHome(t *testing.T) {
	h := &clerk{}
	inBubble(t, h, func(a *app) {
		a.workspace.OpensHome("ana")
		a.workspace.Wait("a home", func() bool { _, ok := a.workspace.Home("ana"); return ok })
		for i, open := range []func(){
			func() { a.workspace.PressesHome("ana", "Edit …") },
			func() { a.workspace.PressesModal("ana", "Again") },
		} {
			open()
			a.workspace.Wait("a form", func() bool { v, ok := a.workspace.Modal("ana"); return ok && v.Title == "A form" })
			if f := a.workspace.Fills("ana", map[string]string{"Word": "wrong"}); f.Closed || len(f.Problems) == 0 {
				a.Errorf("%+v", f)
			}
			word := fmt.Sprint("home", i)
			a.workspace.Fills("ana", map[string]string{"Word": word})
			a.workspace.Wait("the answer", func() bool {
				v, _ := a.workspace.Modal("ana")
				return strings.Contains(v.Reads(), "You wrote "+word+".") && strings.Contains(v.Reads(), "A line for all.")
			})
			a.workspace.Wait("the home with it", func() bool {
				v, _ := a.workspace.Home("ana")
				return strings.Contains(v.Reads(), fmt.Sprint(i+1, " filled in."))
			})
		}
		if got := h.submitted[0]; got.Channel.ID != a.workspace.User("ana") || !got.Private || got.Form != "edit" {
			a.Errorf("%+v", got)
		}
		if n := len(a.workspace.Posts("papers")); n != 0 {
			a.Errorf("%d messages in a channel", n)
		}
		if where, _ := a.workspace.Modal("ana"); where.Private != "" {
			a.Errorf("the answer's window holds %q", where.Private)
		}
	})
}

// An answer that takes its time, or is longer than an acknowledgement, comes all
// the same.
func TestALateOrLongAnswerOverHomeComes(t *testing.T) {
	for _, word := range []string{"slow", "long"} {
		t.Run(word, func(t *testing.T) {
			inBubble(t, &clerk{}, func(a *app) {
				a.workspace.OpensHome("ana")
				a.workspace.Wait("a home", func() bool { _, ok := a.workspace.Home("ana"); return ok })
				a.workspace.PressesHome("ana", "Edit …")
				a.window("ana")
				f := a.workspace.Fills("ana", map[string]string{"Word": word})
				if f.Error != "" || f.Ack > 3*time.Second {
					a.Errorf("%s after %v", f.Error, f.Ack)
				}
				testkit.Sees(a, a.window("ana").Reads(), "One moment …")
				a.workspace.Wait("the answer", func() bool { v, _ := a.workspace.Modal("ana"); return strings.Contains(v.Reads(), "You wrote "+word) })
			})
		})
	}
}

// The window opens before the Home is drawn anew, which may take long.
func TestAWindowOverHomeIsNotLate(t *testing.T) {
	inBubble(t, &clerk{}, func(a *app) {
		a.workspace.OpensHome("ana")
		a.workspace.Wait("a home", func() bool { _, ok := a.workspace.Home("ana"); return ok })
		var order []string
		var mu sync.Mutex
		a.workspace.OnCall(func(c fakeslack.Call) *fakeslack.Failure {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, c.Method)
			return nil
		})
		a.workspace.PressesHome("ana", "Pause")
		synctest.Wait()
		if want := []string{"views.open", "views.publish"}; !slices.Equal(order, want) {
			a.Errorf("%v, want %v", order, want)
		}
	})
}

// What is chosen in a menu is pressed, be it a small one or one that shows what
// is so now.
func TestMenusArePressed(t *testing.T) {
	h := &clerk{}
	inBubble(t, h, func(a *app) {
		m := a.workspace.Types("ana", "papers", "/papers").Wait(1)[0]
		testkit.Sees(a, m.Reads(), "Topics", "lora", "word lora in title or abstract", "quiet", "silent")
		a.workspace.Presses("ana", m, "Pause").Wait(1)
		a.workspace.Presses("ana", m, "note").Wait(1)
		if want := []string{"pause", "note"}; !slices.Equal(h.pressed, want) {
			a.Errorf("%v", h.pressed)
		}
		a.workspace.Presses("ana", m, "Edit …")
		testkit.Sees(a, a.window("ana").Reads(), "A form")
	})
}

// The next page takes the place of the one before it, where one person alone sees
// that; what everybody sees stays.
func TestTheNextPageTakesThePlaceOfTheOneBefore(t *testing.T) {
	inBubble(t, &clerk{}, func(a *app) {
		m := a.workspace.Types("ana", "papers", "/papers").Wait(1)[0]
		for n := 2; n < 8; n++ { // more often than one address takes answers
			a.workspace.Presses("ana", m, "Next 5 ▸")
			synctest.Wait()
			seen := a.workspace.Sees("ana", "papers")
			if m = seen[0]; len(seen) != 1 || !strings.Contains(m.Reads(), fmt.Sprintf("Page %d.", n)) {
				a.Fatalf("%d messages, the first: %s", len(seen), m.Reads())
			}
		}
		a.send(core.Post{Key: "1", Channel: a.papers, Card: (&clerk{}).page(1)})
		shared := a.workspace.Posts("papers")[0]
		said := a.workspace.Presses("ana", shared, "Next 5 ▸").Wait(1)[0]
		if now, _ := a.workspace.Message(shared); now.Edits != 0 || said.For == "" {
			a.Error("what everybody reads was turned over")
		}
	})
}

// Home holds a hundred blocks; what is beyond is counted, and what stands at the
// end is there.
func TestALongHomeSaysWhatIsLeft(t *testing.T) {
	inBubble(t, &clerk{topics: 80}, func(a *app) {
		a.workspace.OpensHome("ana")
		a.workspace.Wait("a home", func() bool { _, ok := a.workspace.Home("ana"); return ok })
		v, _ := a.workspace.Home("ana")
		shown := strings.Count(v.Reads(), "topic ")
		testkit.Sees(a, v.Reads(), fmt.Sprintf("… and %d more", 80-shown))
		if i := slices.IndexFunc(v.Buttons(), func(b fakeslack.Button) bool { return b.Label == "Fill in" }); i < 0 {
			a.Error("the last row of buttons is gone")
		}
	})
}
