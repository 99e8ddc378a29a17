package plan_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/store"
)

// copies makes a copy of the database, restores puts it back at a moment: what
// came between is lost.
func (d *desk) copies() (file string) {
	d.Helper()
	file = filepath.Join(d.TempDir(), "copy.db")
	d.ok(d.db.Backup(d.ctx(), file))
	return file
}

func (d *desk) restores(file, when string) {
	d.Helper()
	d.now = at(when)
	d.ok(d.db.Close())
	_, err := store.Restore(d.ctx(), d.file, file, d.now)
	d.ok(err)
	d.db, err = store.Open(d.ctx(), d.file)
	d.ok(err)
	d.Cleanup(func() { d.db.Close() })
	d.ledger = &ledger{Store: d.db}
	d.restarts()
}

// What was there before the copy was put back may have been posted: it is looked
// for, without a header. What came on the days after it certainly was not.
func TestWhatWasThereBeforeARestoreIsInDoubt(t *testing.T) {
	d := newDesk(t)
	ch := d.papers(func(c *core.Channel) { c.Settings.QuietNote = true })
	d.lists("2025-11-24", "2511.00001")
	file := d.copies()
	d.until("2025-11-25 09:00") // lost
	d.restores(file, "2025-11-26 10:00")
	d.lists("2025-11-25", "2511.00002") // the lists are asked for again
	d.lists("2025-11-26", "2511.00003")
	d.until("2025-11-26 10:01")
	d.wants("the first plan", d.lines(ch), []string{"2511.00001 sending", "2511.00002 sending", "2511.00003 sending"})
	d.wants("headers", len(d.posts(ch)), 0)
	ds, err := d.db.DeliveriesOf(d.ctx(), ch.ID, time.Time{}, core.Sending)
	d.ok(err)
	for _, item := range ds {
		if item.Place != core.InChannel || item.Attempt != 1 || item.Begun.After(at("2025-11-24 12:00")) {
			t.Errorf("%+v", item)
		}
	}

	d.lists("2025-11-26", "2511.00004") // of the very day of the restore: nobody knows
	d.lists("2025-11-27", "2511.00005")
	d.until("2025-11-27 09:00")
	d.wants("the next day", d.lines(ch)[3:], []string{"2511.00004 sending", "2511.00005 planned"})
	d.wants("headers", d.posts(ch), []string{"📰 Papers · Thu 27 Nov"})
	d.until("2025-11-28 09:00")
	d.wants("a quiet day", d.posts(ch), []string{"📰 Papers · Thu 27 Nov", "📰 Papers · Fri 28 Nov"})
}

// Where papers are posted in a form that can be looked for, they are, where that
// is; a paper inside a message of several is a person's to decide about.
func TestInWhichFormADoubtIsPlanned(t *testing.T) {
	for layout, want := range map[core.Layout]string{
		core.LayoutChannel: "sending channel", core.LayoutThread: "sending channel", core.LayoutForum: "sending forum",
		core.LayoutDigest: "uncertain channel " + core.LostReason,
		core.LayoutCards:  "uncertain channel " + core.LostReason,
	} {
		d := newDesk(t)
		ch := d.papers(func(c *core.Channel) { c.Settings.Layout = layout })
		d.lists("2025-11-24", "2511.00001")
		d.restores(d.copies(), "2025-11-25 10:00")
		d.until("2025-11-25 10:01")
		ds, err := d.db.DeliveriesOf(d.ctx(), ch.ID, time.Time{})
		d.ok(err)
		d.wants(string(layout), len(ds), 1)
		got := fmt.Sprint(ds[0].State, " ", ds[0].Place)
		if ds[0].Reason != "" {
			got += " " + ds[0].Reason
		}
		d.wants(string(layout), got, want)
	}
}

// However much is in doubt, no more comes at once than with any post.
func TestADoubtIsNoLongerThanAPost(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	for n := range 35 {
		d.lists("2025-11-24", core.PaperID(fmt.Sprintf("2511.%05d", n)))
	}
	d.restores(d.copies(), "2025-11-25 10:00")
	d.until("2025-11-25 10:01")
	n := map[core.DeliveryState]int{}
	ds, err := d.db.DeliveriesOf(d.ctx(), ch.ID, time.Time{})
	d.ok(err)
	for _, item := range ds {
		n[item.State]++
	}
	d.wants("states", n, map[core.DeliveryState]int{core.Sending: 30, core.Skipped: 5})
}

// The best of the week that was due before the restore may be there.
func TestAHeaderOfBeforeARestoreIsInDoubt(t *testing.T) {
	d := newDesk(t)
	ch := d.papers(func(c *core.Channel) { c.Settings.Weekly = true })
	d.lists("2025-11-24", "2511.00001")
	_, err := d.db.PutReaction(d.ctx(), ch.ID, "2511.00001", core.Up, core.Reaction{Message: "m", User: core.User{Key: "web:ana"}, Emoji: "👍", Added: true, At: at("2025-11-28 09:00")})
	d.ok(err)
	d.restores(d.copies(), "2025-12-01 10:00")
	d.until("2025-12-01 10:01")
	best, err := d.db.Delivery(d.ctx(), ch.ID, core.HeaderItem(core.Weekly, at("2025-12-01 09:00")))
	d.ok(err)
	d.wants("the best of the week", best.State, core.Sending)
	d.lists("2025-12-02", "2512.00001")
	d.until("2025-12-02 09:00")
	header, err := d.db.Delivery(d.ctx(), ch.ID, core.HeaderItem(core.DailyPost, at("2025-12-02 09:00")))
	d.ok(err)
	d.wants("a header of later", header.State, core.Planned)
}
