package post_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
	"paperboy/core/post"
	"paperboy/internal/testkit"
)

// posted is a channel where these papers are posted, by a process that runs no
// more, and another process that edits when the story says so.
func (h *house) posted(c core.Channel, papers ...int) *editor {
	h.Helper()
	a := h.runs(fmt.Sprint("A", len(h.all)))
	h.posts(c, core.InChannel, papers...)
	a.dies()
	return &editor{h, post.New(post.Options{Store: h.shaky, Owner: "E", Connections: h.conns, Clock: wallclockNow, Breaker: h.room})}
}

// An editor edits what is due.
type editor struct {
	*house
	p *post.Poster
}

// edits what is due, and says which requests that were.
func (e *editor) edits() []string {
	e.Helper()
	before := len(e.asked("edit"))
	e.ok(e.p.EditDue(e.ctx()))
	return e.asked("edit")[before:]
}

func (h *house) folds(c core.Channel, n int, folded bool) {
	h.Helper()
	h.ok(h.store.Fold(h.ctx(), c.ID, core.PaperItem(paper(n)), folded, time.Now()))
}

// shown is a paper's message as people see it.
func (h *house) shown(n int) core.View {
	h.Helper()
	ms := h.chat.There()
	i := slices.IndexFunc(ms, func(m testkit.Asked) bool { return name(m.Item()) == fmt.Sprint(n) })
	return ms[i].Card.Papers[0]
}

func berlin(c *core.Channel) { c.Schedule.Zone = "Europe/Berlin" }

func TestNewsOfAVersionIsShownInItsMessage(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.runs("A")
		h.posts(ml, core.InThread, 1)
		h.passes(time.Minute)
		h.comes(seen(1, 2))
		h.all[0].Wake()
		synctest.Wait()
		h.wants("edits", h.asked("edit"), []string{"edit 1 at 1m0s"})
		h.wants("labels", h.shown(1).Labels, []string{"updated v2"})
		e, m := h.chat.Asked("edit")[0], h.chat.There()[1]
		h.wants("which message", []any{e.Ref, e.Key, e.Place, e.Header, e.Silent}, []any{m.Ref, m.Key, core.InThread, h.chat.There()[0].Ref, true})
		h.passes(time.Minute)
		h.wants("edits", len(h.asked("edit")), 1)
	})
}

func TestAMessageIsEditedForNewsOnceADayInItsChannelsZone(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml", berlin)
		e := h.posted(ml, 1)
		h.comes(seen(1, 2))
		h.wants("the first", e.edits(), []string{"edit 1 at 0s"})
		h.comes(seen(1, 3))
		h.wants("the same day", e.edits(), []string(nil))
		h.passes(23*time.Hour - time.Second) // 23:59:59 in Berlin
		h.wants("the same day", e.edits(), []string(nil))
		h.passes(time.Second)
		h.wants("the next day", e.edits(), []string{"edit 1 at 23h0m0s"})
		h.wants("labels", h.shown(1).Labels, []string{"updated v3"})
	})
}

func TestAWithdrawalIsNews(t *testing.T) {
	story(t, func(h *house) {
		e := h.posted(h.channel("ml"), 1)
		s := seen(1, 1)
		s.Paper.Withdrawn = true
		h.comes(s)
		h.wants("edits", len(e.edits()), 1)
		h.wants("shown", []any{h.shown(1).Struck, h.shown(1).Labels}, []any{true, []string{"withdrawn"}})
		h.wants("more", e.edits(), []string(nil))
		h.comes(seen(1, 2))
		h.wants("a version of the same day", e.edits(), []string(nil))
	})
}

// by is a paper as arXiv has it, with what its authors say of it.
func by(n int, comment string) core.Seen {
	s := seen(n, 1)
	s.Paper.Comment, s.Knows = comment, []core.Fact{core.FactComment}
	return s
}

func TestThatAPaperWasAcceptedIsNews(t *testing.T) {
	story(t, func(h *house) {
		e := h.posted(h.channel("ml"), 1)
		h.comes(by(1, "12 pages"))
		h.wants("a comment is none", e.edits(), []string(nil))
		h.comes(by(1, "12 pages, accepted to ICML 2026"))
		h.wants("edits", e.edits(), []string{"edit 1 at 0s"})
		h.wants("labels", h.shown(1).Labels, []string{"accepted to ICML 2026"})
		h.comes(by(1, "14 pages, accepted to ICML 2026"))
		h.wants("the same again", e.edits(), []string(nil))
		h.comes(by(1, "Accepted to a journal"))
		h.wants("another word the same day", e.edits(), []string(nil))
		h.passes(24 * time.Hour)
		h.wants("the next day", len(e.edits()), 1)
		h.wants("labels", h.shown(1).Labels, []string{"accepted"})
	})
}

func TestThatThereIsCodeNowIsNews(t *testing.T) {
	story(t, func(h *house) {
		with := by(1, "Code: https://github.com/a/b")
		had := by(2, "Code: https://github.com/a/c")
		h.comes(had)
		e := h.posted(h.channel("ml"), 1, 2)
		h.wants("what it had from the beginning is none", h.shown(2).Labels, []string(nil))
		h.passes(time.Minute)
		h.comes(with, had)
		h.wants("edits", e.edits(), []string{"edit 1 at 1m0s"})
		h.wants("shown", []any{h.shown(1).Labels, h.shown(1).Code, h.shown(1).Facts}, []any{[]string{"now with code"}, "https://github.com/a/b", []string{"code"}})
	})
}

// However often a source changes its mind: there was an edit today.
func TestWhatIsSaidAndTakenBackIsShownOnceADay(t *testing.T) {
	story(t, func(h *house) {
		e := h.posted(h.channel("ml"), 1)
		h.passes(time.Minute)
		for range 3 {
			h.comes(by(1, "Code: https://github.com/a/b"))
			e.edits()
			h.comes(by(1, "12 pages"))
			e.edits()
		}
		h.wants("edits", len(h.asked("edit")), 1)
		h.wants("labels", h.shown(1).Labels, []string{"now with code"})
		h.passes(24 * time.Hour)
		h.wants("the next day", len(e.edits()), 1)
		h.wants("shown", []any{h.shown(1).Labels, h.shown(1).Code}, []any{[]string(nil), ""})
	})
}

func TestWhatIsNotForUsIsFoldedAtOnceAndShownInFullAgainWhenTakenBack(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		e := h.posted(ml, 1)
		h.comes(seen(1, 2))
		h.wants("news", len(e.edits()), 1)
		for _, folded := range []bool{true, false, true} { // all of them on the same day
			h.folds(ml, 1, folded)
			h.wants("edits", len(e.edits()), 1)
			h.wants("folded", h.shown(1).Folded, folded)
			h.wants("more", e.edits(), []string(nil))
		}
		h.folds(ml, 1, true)
		h.wants("what is folded already", e.edits(), []string(nil))
		h.comes(seen(1, 3))
		h.wants("news of the same day", e.edits(), []string(nil))
	})
}

// The edit for a version is on its way when people say that the paper is not for
// us: its day is not the fold's.
func TestWhatIsFoldedWhileAnEditIsOnItsWayIsFoldedAtOnce(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		e := h.posted(ml, 1)
		h.comes(seen(1, 2))
		h.chat.Answers("edit", "", testkit.Answer{Takes: time.Second, Meanwhile: func() { h.folds(ml, 1, true) }})
		h.wants("edits", e.edits(), []string{"edit 1 at 0s", "edit 1 at 1s"})
		h.wants("folded", h.shown(1).Folded, true)
	})
}

func TestAVersionThatComesWhileAnEditIsOnItsWayIsShownTheNextDay(t *testing.T) {
	story(t, func(h *house) {
		e := h.posted(h.channel("ml"), 1)
		h.comes(seen(1, 2))
		h.chat.Answers("edit", "", testkit.Answer{Takes: time.Second, Meanwhile: func() { h.comes(seen(1, 3)) }})
		h.wants("edits", len(e.edits()), 1)
		h.passes(24*time.Hour - 2*time.Second)
		h.wants("edits", e.edits(), []string(nil))
		h.passes(time.Second)
		h.wants("edits", len(e.edits()), 1)
		h.wants("labels", h.shown(1).Labels, []string{"updated v3"})
	})
}

func TestAnEditThatFailsIsTriedAfterAnHourAndKeepsBackNoOther(t *testing.T) {
	for _, answer := range []testkit.Answer{unknown, locked, blind} {
		t.Run(answer.Err.Error(), func(t *testing.T) {
			story(t, func(h *house) {
				e := h.posted(h.channel("ml"), 1, 2)
				h.chat.Always("edit", "2611.00001", answer)
				h.comes(seen(1, 2), seen(2, 2))
				h.wants("edits", e.edits(), []string{"edit 1 at 0s", "edit 2 at 0s"})
				h.passes(time.Hour - time.Second)
				h.wants("edits", e.edits(), []string(nil))
				h.passes(time.Second)
				h.wants("edits", e.edits(), []string{"edit 1 at 1h0m0s"})
				h.chat.Always("edit", "2611.00001", testkit.Answer{})
				h.passes(time.Hour)
				h.wants("edits", e.edits(), []string{"edit 1 at 2h0m0s"})
				h.wants("labels", h.shown(1).Labels, []string{"updated v2"})
			})
		})
	}
}

func TestAfterAWeekAMessageThatCannotBeEditedStays(t *testing.T) {
	story(t, func(h *house) {
		e := h.posted(h.channel("ml"), 1)
		h.chat.Always("edit", "", unknown)
		h.comes(seen(1, 2))
		e.edits()
		h.passes(7 * 24 * time.Hour)
		h.wants("on the seventh day", len(e.edits()), 1)
		h.passes(time.Hour)
		h.wants("for the last time", len(e.edits()), 1)
		h.passes(24 * time.Hour)
		h.wants("never again", e.edits(), []string(nil))
	})
}

func TestAnEditThatIsToldToWaitIsTriedThen(t *testing.T) {
	story(t, func(h *house) {
		e := h.posted(h.channel("ml"), 1)
		h.chat.Answers("edit", "", wait(10*time.Minute), wait(0))
		h.comes(seen(1, 2))
		h.wants("edits", len(e.edits()), 1)
		h.passes(10*time.Minute - time.Second)
		h.wants("edits", e.edits(), []string(nil))
		h.passes(time.Second)
		h.wants("edits", len(e.edits()), 1)
		h.passes(time.Second)
		h.wants("edits", len(e.edits()), 1)
		h.wants("labels", h.shown(1).Labels, []string{"updated v2"})
	})
}

func TestWhatWillNeverBeEditedIsLeftAlone(t *testing.T) {
	for _, answer := range []testkit.Answer{gone(core.TheMessage), gone(core.TheChannel), badForm} {
		t.Run(answer.Err.Error(), func(t *testing.T) {
			story(t, func(h *house) {
				e := h.posted(h.channel("ml"), 1, 2)
				h.chat.Always("edit", "2611.00001", answer)
				h.comes(seen(1, 2), seen(2, 2))
				h.wants("edits", len(e.edits()), 2)
				h.passes(2 * time.Hour)
				h.wants("more", e.edits(), []string(nil))
			})
		})
	}
}

func TestAChannelThatIsHeldIsEditedWhenItTakesUsAgain(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		e := h.posted(ml, 1)
		h.channel("ml", func(c *core.Channel) { c.Hold = core.Hold{Since: time.Now(), Reason: "no", NextTry: time.Now()} })
		h.comes(seen(1, 2))
		h.wants("held", e.edits(), []string(nil))
		h.channel("ml", func(c *core.Channel) { c.Hold = core.Hold{} })
		h.wants("free", len(e.edits()), 1)
	})
}

func TestWhereNothingCanBeEditedNothingIsTried(t *testing.T) {
	story(t, func(h *house) {
		ml := h.channel("ml")
		h.conns = core.NewConnections(nil, testkit.Bare(h.chat))
		e := h.posted(ml, 1)
		h.comes(seen(1, 2))
		h.wants("edits", e.edits(), []string(nil))
		due, err := h.store.Edits(h.ctx(), time.Now(), 100, nil)
		h.ok(err)
		h.wants("due", len(due), 0)
	})
}

// The token is refused by the first of several edits: the others are no less
// due for whoever comes with a new one.
func TestEditsOfATokenThatIsRefusedWaitForANewOne(t *testing.T) {
	story(t, func(h *house) {
		discord := &testkit.Chat{Name: "discord"}
		h.conns = core.NewConnections(nil, h.chat, discord)
		h.posted(h.channelOn(discord, "far"), 3)
		e := h.posted(h.channel("ml"), 1, 2)
		h.chat.Answers("edit", "", badToken)
		h.comes(seen(1, 2), seen(2, 2), seen(3, 2))
		h.wants("edits", len(e.edits()), 1)
		h.wants("the other installation", len(discord.Asked("edit")), 1)
		h.wants("stopped", h.conns.Serves(core.Installation{Platform: "slack", Workspace: "T1"}), false)
		h.wants("more", e.edits(), []string(nil))

		e.p = post.New(post.Options{Store: h.shaky, Owner: "F", Connections: core.NewConnections(nil, h.chat), Clock: wallclockNow, Breaker: h.room})
		h.wants("with a new one", e.edits(), []string{"edit 1 at 0s", "edit 2 at 0s"})
	})
}

func TestAnEditIsMadeOnceThoughItCannotBeWrittenDownYet(t *testing.T) {
	story(t, func(h *house) {
		e := h.posted(h.channel("ml"), 1)
		h.comes(seen(1, 2))
		h.chat.Answers("edit", "", testkit.Answer{Meanwhile: h.shaky.fills})
		go func() {
			h.passes(time.Minute)
			h.shaky.heals()
		}()
		h.wants("edits", e.edits(), []string{"edit 1 at 0s"})
		h.wants("written down", h.since() >= time.Minute, true)
		h.wants("more", e.edits(), []string(nil))
	})
}

func TestAnEditWhosePaperCannotBeReadKeepsBackNoOther(t *testing.T) {
	story(t, func(h *house) {
		e := h.posted(h.channel("ml"), 1, 2)
		h.comes(seen(1, 2), seen(2, 2))
		h.shaky.fail("Paper", slices.Repeat([]error{errors.New("a broken row")}, 3)...)
		_ = e.p.EditDue(h.ctx())
		h.wants("edits", h.asked("edit"), []string{"edit 2 at 10s"})
		h.wants("later", e.edits(), []string{"edit 1 at 10s"})
	})
}

func TestOneConnectionWhoseEditsHangKeepsBackNoOther(t *testing.T) {
	story(t, func(h *house) {
		discord := &testkit.Chat{Name: "discord"}
		h.conns = core.NewConnections(nil, h.chat, discord)
		ml, far := h.channel("ml"), h.channelOn(discord, "far")
		a := h.runs("A")
		h.posts(ml, core.InChannel, 1)
		h.posts(far, core.InChannel, 2)
		h.chat.Always("edit", "", testkit.Answer{Takes: time.Hour})
		h.comes(seen(1, 2), seen(2, 2))
		a.Wake()
		h.passes(time.Second)
		h.wants("edits", []int{len(h.chat.Asked("edit")), len(discord.Asked("edit"))}, []int{1, 1})
		h.passes(2 * time.Minute) // and the one that hangs is given up
		h.wants("edits", len(h.chat.Asked("edit")), 1)
	})
}

// In Havana the second of April 2000 has no midnight: its first hour is left out.
func TestWhereADayHasNoMidnightTheNextEditWaitsForThatDay(t *testing.T) {
	story(t, func(h *house) {
		time.Sleep(time.Until(time.Date(2000, 4, 1, 12, 0, 0, 0, time.UTC)))
		ml := h.channel("ml", func(c *core.Channel) { c.Schedule.Zone = "America/Havana" })
		e := h.posted(ml, 1)
		h.comes(seen(1, 2))
		h.wants("edits", len(e.edits()), 1)
		h.comes(seen(1, 3))
		h.wants("edits", len(e.edits()), 0)
		due := h.delivery(ml, 1).EditAt
		h.wants("due", due.UTC(), time.Date(2000, 4, 2, 5, 0, 0, 0, time.UTC))
		time.Sleep(time.Until(due))
		h.wants("edits", len(e.edits()), 1)
	})
}
