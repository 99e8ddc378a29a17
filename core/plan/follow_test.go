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
