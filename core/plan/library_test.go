package plan_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/plan"
)

// librarian is where libraries are.
type librarian struct{}

func (librarian) Network() core.Network            { return core.Network{Name: "zotero", Outward: true} }
func (librarian) Serves(in core.Installation) bool { return in.Platform == "zotero" }
func (librarian) Post(context.Context, core.Post) (core.MessageRef, error) {
	return core.MessageRef{}, errors.New("nothing is sent here")
}

// library is somebody's, of a channel.
func (d *desk) library(name string, of core.Channel, what core.Shelved, least int) core.Channel {
	d.Helper()
	ch := d.channel(name, func(c *core.Channel) {
		c.Key.Platform, c.Follows, c.Owner, c.Schedule, c.Scheduled = "zotero", of.ID, "web:ana", core.Schedule{}, time.Time{}
	})
	d.ok(d.db.SetLibrary(d.ctx(), core.Library{Channel: ch.ID, What: what, Least: least, At: d.now}))
	return ch
}

// arrives has everything that was planned in a channel posted.
func (d *desk) arrives(ch core.Channel) {
	d.Helper()
	owner := core.NewSecret()
	d.ok(d.db.Join(d.ctx(), core.Owner{ID: owner}))
	claims, err := d.db.Claim(d.ctx(), owner, d.now, 100, func(in core.Installation) bool { return in == ch.Key.Installation() })
	d.ok(err)
	for _, c := range claims {
		for digest, position := int64(0), -1; ; {
			m, ok, err := d.db.Begin(d.ctx(), c, digest, position, d.now)
			d.ok(err)
			if !ok {
				break
			}
			d.ok(d.db.Posted(d.ctx(), c, m.Item, core.MessageRef{ID: string(m.Item)}, 1, d.now))
			digest, position = m.Delivery.Digest, m.Position
		}
		d.ok(d.db.Release(d.ctx(), c, time.Time{}))
	}
}

func newLibraries(t *testing.T) *desk {
	d := newDesk(t)
	d.restarts(func(o *plan.Options) { o.Connections = core.NewConnections(nil, platform{}, librarian{}) })
	return d
}

func TestWhatIsPostedGoesIntoALibraryOnce(t *testing.T) {
	d := newLibraries(t)
	ch := d.papers()
	d.lists("2025-11-24", "2511.00001")
	d.until("2025-11-25 09:00")
	d.arrives(ch)
	d.now = at("2025-11-25 12:00")
	lib := d.library("lab", ch, core.ShelvePosts, 0)
	d.lists("2025-11-25", "2511.00002")
	d.lists("2025-11-25", "2511.00003")
	d.until("2025-11-26 09:00")
	d.wants("before they are posted", d.lines(lib), []string(nil))
	d.arrives(ch)
	d.until("2025-11-26 09:01")
	d.restarts(func(o *plan.Options) { o.Connections = core.NewConnections(nil, platform{}, librarian{}) })
	d.until("2025-11-26 09:02")
	d.wants("what was posted since", d.lines(lib), []string{"2511.00002 planned", "2511.00003 planned"})
	one, err := d.db.Delivery(d.ctx(), lib.ID, "2511.00002")
	d.ok(err)
	d.wants("because of", len(one.Matched), 1)
	d.arrives(lib)
	d.until("2025-11-26 09:03")
	d.wants("sent", d.lines(lib), []string{"2511.00002 posted", "2511.00003 posted"})
}

func TestALibraryTakesWhatWasVotedFor(t *testing.T) {
	d := newLibraries(t)
	ch := d.papers()
	lib := d.library("lab", ch, core.ShelvePosts, 2)
	d.lists("2025-11-25", "2511.00001")
	d.lists("2025-11-25", "2511.00002")
	d.until("2025-11-26 09:00")
	d.arrives(ch)
	votes := func(who ...string) {
		var rs []core.Reaction
		for _, w := range who {
			rs = append(rs, core.Reaction{Channel: ch.Key, Message: "2511.00001", User: core.User{Key: "web:" + w}, Emoji: "👍", Added: true, At: d.now})
		}
		_, err := d.db.SetReactions(d.ctx(), ch.ID, "2511.00001", "2511.00001", func(string) (core.VoteKind, bool) { return core.Up, true }, rs, d.now)
		d.ok(err)
	}
	votes("ana")
	d.until("2025-11-27 08:00")
	d.wants("one is too few", d.lines(lib), []string(nil))
	votes("ana", "ben")
	d.until("2025-11-28 08:00")
	d.wants("two days later", d.lines(lib), []string{"2511.00001 planned"})
}

func TestWhatSomebodySavesGoesIntoTheirLibrary(t *testing.T) {
	d := newLibraries(t)
	ch := d.papers()
	saves := func(who string, id core.PaperID) {
		_, err := d.db.Save(d.ctx(), core.Saved{User: who, Paper: id, At: d.now})
		d.ok(err)
	}
	for _, id := range []core.PaperID{"2511.00001", "2511.00002", "2511.00003", "2511.00004"} {
		d.lists("2025-11-25", id)
	}
	saves("web:ana", "2511.00001")
	d.now = d.now.Add(time.Minute)
	mine := d.library("mine", ch, core.ShelveSaves, 0)
	saves("web:ben", "2511.00004")
	saves("web:ana", "2511.00003")
	d.now = d.now.Add(time.Minute)
	saves("web:ana", "2511.00002")
	d.ok(d.planner.PlanDue(d.ctx()))
	d.ok(d.planner.PlanDue(d.ctx()))
	d.wants("hers, in her order", d.lines(mine), []string{"2511.00003 planned", "2511.00002 planned"})
	d.restarts() // nobody speaks for libraries
	saves("web:ana", "2511.00004")
	d.ok(d.planner.PlanDue(d.ctx()))
	d.wants("without a way there", len(d.lines(mine)), 2)
}
