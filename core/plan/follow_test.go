package plan_test

import (
	"testing"

	"paperboy/core"
)

// reader is somebody's channel that goes by another one, at eight.
func (d *desk) reader(name string, of core.Channel) core.Channel {
	return d.channel(name, func(c *core.Channel) {
		c.Follows, c.Schedule.Time, c.Settings.Max, c.Settings.QuietNote = of.ID, "08:00", 1, true
	})
}

func TestAReadersPostGoesByTheChannelThatItFollows(t *testing.T) {
	d := newDesk(t)
	ch := d.papers(func(c *core.Channel) { c.Settings.Min, c.Settings.QuietNote, c.Settings.Weekly = 3, true, true })
	mine := d.reader("mine", ch)
	upvotes := func(n int) func(*core.Paper) { return func(p *core.Paper) { p.Upvotes = &n } }
	for _, id := range []core.PaperID{"2511.00001", "2511.00002", "2511.00003"} {
		d.lists("2025-11-25", id, upvotes(5))
	}
	d.lists("2025-11-25", "2511.00004", upvotes(1)) // too few for the channel
	_, err := d.db.AddMute(d.ctx(), core.Mute{Channel: ch.ID, Kind: core.MutePaper, Value: "2511.00002", At: d.now})
	d.ok(err)
	d.until("2025-11-25 08:00")
	want := []string{"2511.00001 planned", "2511.00003 planned", "2511.00002 skipped: muted"}
	d.wants("the reader's", d.lines(mine), want)
	d.wants("the channel's", d.lines(ch), []string(nil))
	d.until("2025-11-25 09:00")
	d.wants("the channel's, at its own time", d.lines(ch), want)
	d.until("2025-11-26 09:00") // quiet: the channel notes it, the reader is left in peace
	d.wants("the reader's posts", d.posts(mine), []string{"📰 Papers · Tue 25 Nov"})
	d.wants("the channel's posts", d.posts(ch), []string{"📰 Papers · Tue 25 Nov", "📰 Papers · Wed 26 Nov"})
}

func TestWhereTheChannelIsGoneAReaderGetsNothing(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	mine := d.reader("mine", ch)
	d.lists("2025-11-25", "2511.00001")
	d.changes(ch, func(c *core.Channel) { c.Gone = d.now })
	d.until("2025-11-25 08:00")
	d.wants("the reader's", d.lines(mine), []string(nil))
}

func TestAReaderIsToldNothingOfVotesAndCommands(t *testing.T) {
	d := newDesk(t)
	mine := d.reader("mine", d.papers())
	for _, id := range []core.PaperID{"2511.00001", "2511.00002", "2511.00003", "2511.00004", "2511.00005", "2511.00006", "2511.00007", "2511.00008", "2511.00009", "2511.00010", "2511.00011"} {
		d.lists("2025-11-25", id)
	}
	d.until("2025-11-25 08:00")
	ds, err := d.db.DeliveriesOf(d.ctx(), mine.ID, at("2025-11-25 00:00"))
	d.ok(err)
	digest, err := d.db.Digest(d.ctx(), ds[0].Digest)
	d.ok(err)
	var lines []string
	for _, line := range append(digest.Header.Lines, digest.Header.Context...) {
		lines = append(lines, line.String())
	}
	d.wants("its lines", lines, []string{"11 new", "lora (11)", "1 more came.", "next post Wed 08:00 Berlin"})
	d.wants("its papers", len(digest.Header.Papers), 10)
}

// Who reads two channels has each paper once, whether both posts are planned at the
// same minute or on different days; what the first had no room for comes with the
// second.
func TestWhoReadsTwoChannelsGetsEachPaperOnce(t *testing.T) {
	d := newDesk(t)
	a := d.papers()
	b := d.channel("b")
	d.follows(b, "lora")
	ana := func(id string, of core.Channel, time, name string) core.Channel {
		return d.channel(id, func(c *core.Channel) { c.Follows, c.Schedule.Time, c.Name = of.ID, time, name })
	}
	first, second, later := ana("1", a, "08:00", "ana@example.net"), ana("2", b, "08:00", "Ana@example.net"), ana("3", b, "10:00", "ana@example.net")
	ben := ana("4", b, "08:00", "ben@example.net")
	d.lists("2025-11-25", "2511.00001")
	d.lists("2025-11-25", "2511.00002")
	d.until("2025-11-25 08:00")
	d.until("2025-11-25 10:00")
	both := []string{"2511.00001 planned", "2511.00002 planned"}
	elsewhere := []string{"2511.00001 skipped: it came in another post to the same reader", "2511.00002 skipped: it came in another post to the same reader"}
	d.wants("of #a", d.lines(first), both)
	d.wants("of #b, at the same minute", d.lines(second), elsewhere)
	d.wants("of #b, later", d.lines(later), elsewhere)
	d.wants("posts of nothing else", len(d.posts(second))+len(d.posts(later)), 0)
	d.wants("somebody else's", d.lines(ben), both)
	d.wants("the channel's own", d.lines(b), both)

	d.follows(b, "nerf")
	d.lists("2025-11-26", "2511.00003")
	d.lists("2025-11-26", "2511.00004", func(p *core.Paper) { p.Title, p.Abstract = "nerf alone", "nerf" })
	d.until("2025-11-26 08:00")
	d.wants("what #b alone brings", d.lines(second)[2:], []string{"2511.00004 planned", "2511.00003 skipped: it came in another post to the same reader"})
	ds, err := d.db.DeliveriesOf(d.ctx(), second.ID, at("2025-11-26 00:00"), core.Planned)
	d.ok(err)
	digest, err := d.db.Digest(d.ctx(), ds[0].Digest)
	d.ok(err)
	d.wants("and says of the rest", digest.Header.Lines[2].String(), "1 more came to you with another channel's papers.")
}
