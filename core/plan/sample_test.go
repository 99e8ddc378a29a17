package plan_test

import (
	"testing"

	"paperboy/core"
)

// sample asks for one, and says how many papers are in it.
func (d *desk) sample(ch core.Channel) (papers int, had bool) {
	d.Helper()
	papers, had, err := d.planner.Sample(d.ctx(), d.again(ch))
	d.ok(err)
	return papers, had
}

func TestASampleIsTheNewestDayOnceAChannel(t *testing.T) {
	d := newDesk(t)
	d.lists("2025-11-20", "2511.00001")
	d.lists("2025-11-21", "2511.00002")
	d.lists("2025-11-21", "2511.00003")
	d.lists("2025-11-24", "2511.00004", func(p *core.Paper) { p.Title = "Cooking" })
	ch, other := d.papers(), d.channel("other")
	if n, had := d.sample(ch); n != 2 || had {
		t.Errorf("%d papers, had %v", n, had)
	}
	d.wants("posts", d.posts(ch), []string{"📰 A sample · Mon 24 Nov"})
	d.wants("planned", d.lines(ch), []string{"2511.00002 planned", "2511.00003 planned"})
	if n, had := d.sample(ch); n != 0 || !had {
		t.Errorf("a second one of %d papers, had %v", n, had)
	}
	d.lists("2025-11-25", "2511.00005")
	if n, had := d.sample(ch); n != 0 || !had {
		t.Errorf("a second one of %d papers, had %v", n, had)
	}
	if n, had := d.sample(other); n != 0 || had { // it follows nothing; should it, it has its own
		t.Errorf("%d papers, had %v", n, had)
	}
	d.follows(other, "lora")
	if n, had := d.sample(other); n != 2 || had {
		t.Errorf("%d papers, had %v", n, had)
	}
}

// What has come and is not in the sample is in the next post; what is in it is not.
func TestASampleTakesNothingFromTheNextPost(t *testing.T) {
	d := newDesk(t)
	ch := d.papers(func(c *core.Channel) { c.Settings.Layout, c.Settings.Max = core.LayoutThread, 2 })
	d.lists("2025-11-23", "2511.00001")
	for _, id := range []core.PaperID{"2511.00002", "2511.00003", "2511.00004"} {
		d.lists("2025-11-24", id)
	}
	if n, _ := d.sample(ch); n != 2 {
		t.Errorf("%d papers", n)
	}
	d.wants("the sample", d.lines(ch), []string{"2511.00002 planned", "2511.00003 planned"})
	d.until("2025-11-25 09:00")
	d.wants("and the first post", d.lines(ch), []string{"2511.00002 planned", "2511.00003 planned", "2511.00001 planned", "2511.00004 planned"})
}

func TestASampleHasNothingThatAPostWouldNotHave(t *testing.T) {
	d := newDesk(t)
	liked := func(n int) func(*core.Paper) { return func(p *core.Paper) { p.Upvotes = &n } }
	ch := d.papers(func(c *core.Channel) { c.Settings.Min = 3 })
	_, err := d.db.AddMute(d.ctx(), core.Mute{Channel: ch.ID, Kind: core.MuteTopic, Value: "zebra", At: d.now})
	d.ok(err)
	d.lists("2025-11-24", "2511.00001", liked(9), func(p *core.Paper) { p.Title += " of a zebra" })
	d.lists("2025-11-24", "2511.00002", liked(2))
	d.lists("2025-11-24", "2511.00003")
	if n, had := d.sample(ch); n != 0 || had {
		t.Errorf("%d papers, had %v", n, had)
	}
	d.lists("2025-11-24", "2511.00004", liked(3))
	if n, _ := d.sample(ch); n != 1 {
		t.Errorf("%d papers", n)
	}
}
