package plan_test

import (
	"testing"

	"paperboy/core"
	"paperboy/internal/testkit"
)

// club has #ml meet on Thursdays at 16:00, with a paper nominated.
func (d *desk) club(change ...func(*core.Channel)) core.Channel {
	d.Helper()
	d.lists("2025-11-24", "2511.00001")
	return d.channel("ml", append(change, func(c *core.Channel) {
		c.Schedule, c.Scheduled = core.Schedule{Time: "09:00", Zone: "Europe/Berlin", Days: core.Daily}, d.now
		c.Club = core.Club{Schedule: core.Schedule{Time: "16:00", Zone: "Europe/Berlin", Days: 1 << 4}, Since: d.now, Rota: []string{"@ana", "@ben"}, RotaSince: d.now,
			Nominated: []core.Nomination{{Paper: "2511.00001", At: d.now}}}
	})...)
}

// choose is somebody giving their vote on the ballot that opened then.
func (d *desk) choose(ch core.Channel, opened, who string, id core.PaperID) {
	d.Helper()
	_, err := d.db.PutReaction(d.ctx(), ch.ID, id, core.Chosen, core.Reaction{Message: string(core.HeaderItem(core.Ballot, at(opened))), User: core.User{Key: who}, Emoji: "button:chosen", Added: true, Order: 1, At: d.now})
	d.ok(err)
}

// digest is the club's of a moment.
func (d *desk) digest(ch core.Channel, kind core.DigestKind, due string) core.Digest {
	d.Helper()
	ds, err := d.db.Digests(d.ctx(), ch.ID, kind)
	d.ok(err)
	for _, g := range ds {
		if g.Due.Equal(at(due)) {
			return g
		}
	}
	d.Fatalf("no %s of %s in %+v", kind, due, ds)
	return core.Digest{}
}

func TestAVoteOpensAndItsWinnerIsAnnouncedWithAThread(t *testing.T) {
	d := newDesk(t)
	ch := d.club()
	d.until("2025-11-24 16:00")
	d.wants("planned", d.posts(ch), []string{"🗳 Journal club · Thu 27 Nov: what do we read?"})
	d.choose(ch, "2025-11-24 16:00", "web:ana", "2511.00001")
	d.until("2025-11-26 16:00")
	d.wants("planned", d.posts(ch), []string{"🗳 Journal club · Thu 27 Nov: what do we read?", "📖 Journal club · Thu 27 Nov 16:00", "📖 Journal club · Thu 27 Nov 16:00"})
	again, err := d.db.Delivery(d.ctx(), ch.ID, core.ReadItem("2511.00001"))
	d.ok(err)
	d.wants("where it is shown again", again.Place, core.InThread)
	testkit.Sees(t, d.digest(ch, core.Meeting, "2025-11-26 16:00").Header.Lines[1].String(), "@ana presents; after that it is @ben's turn.")
	d.until("2025-12-01 16:00")
	d.wants("what won is not voted on again", d.digest(ch, core.Ballot, "2025-12-01 16:00").Header == nil, true)
}

func TestAWeekWithoutNominationsOrVotesIsAWeekOff(t *testing.T) {
	d := newDesk(t)
	ch := d.club()
	d.until("2025-11-24 16:00")
	d.until("2025-11-26 16:00")
	d.wants("nobody voted", d.posts(ch), []string{"🗳 Journal club · Thu 27 Nov: what do we read?"})
	d.wants("and that is written down", d.digest(ch, core.Meeting, "2025-11-26 16:00").Header == nil, true)
	d.until("2025-12-01 16:00")
	d.wants("nobody nominated", len(d.posts(ch)), 1)
}

// Nobody reads for a meeting that was.
func TestNothingIsAnnouncedAfterTheMeeting(t *testing.T) {
	d := newDesk(t)
	ch := d.club()
	d.until("2025-11-24 16:00")
	d.choose(ch, "2025-11-24 16:00", "web:ana", "2511.00001")
	d.until("2025-11-27 16:00")
	d.wants("planned", d.posts(ch), []string{"🗳 Journal club · Thu 27 Nov: what do we read?"})
}

func TestTheDaysPostAndTheClubAreWrittenTogether(t *testing.T) {
	d := newDesk(t)
	ch := d.club(func(c *core.Channel) {})
	d.changes(ch, func(c *core.Channel) { c.Schedule.Time, c.Settings.QuietNote = "16:00", true })
	d.follows(ch, "nothing")
	d.ledger.wrote = nil
	d.until("2025-11-24 16:00")
	d.wants("planned", d.posts(ch), []string{"📰 Papers · Mon 24 Nov", "🗳 Journal club · Thu 27 Nov: what do we read?"})
	d.wants("transactions", len(d.ledger.wrote), 1)
}

func TestAForumHasItsVoteAsAPostOfItsOwn(t *testing.T) {
	d := newDesk(t)
	ch := d.club(func(c *core.Channel) { c.Settings.Layout = core.LayoutForum })
	d.until("2025-11-24 16:00")
	d.choose(ch, "2025-11-24 16:00", "web:ana", "2511.00001")
	d.until("2025-11-26 16:00")
	ds, err := d.db.DeliveriesOf(d.ctx(), ch.ID, at("2025-11-24 00:00"))
	d.ok(err)
	var places []core.Place
	for _, line := range ds {
		places = append(places, line.Place)
	}
	d.wants("places", places, []core.Place{core.InForum, core.InForum})
}
