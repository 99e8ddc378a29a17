package plan_test

import (
	"testing"

	"paperboy/core"
)

func TestAVersionComesAgainOnceAsAMessageOfItsOwn(t *testing.T) {
	d := newDesk(t)
	ch := d.papers()
	for layout, place := range map[core.Layout]core.Place{core.LayoutChannel: core.InChannel, core.LayoutDigest: core.InChannel, core.LayoutForum: core.InForum} {
		ch := d.channel(string(layout), func(c *core.Channel) { c.Settings.Layout = layout })
		planned, err := d.planner.Repost(d.ctx(), ch, &core.Paper{ID: "2511.00001", Version: 3}, core.Delivery{})
		d.ok(err)
		again, err := d.db.Delivery(d.ctx(), ch.ID, core.AgainItem("2511.00001", 3))
		d.ok(err)
		d.wants(string(layout), []any{planned, again.Place, again.State}, []any{true, place, core.Planned})
	}
	for _, c := range []struct {
		id      core.PaperID
		version int
		planned bool
	}{{"2511.00001", 3, true}, {"2511.00001", 3, false}, {"2511.00002", 2, true}, {"2511.00001", 4, true}, {"2511.00001", 4, false}} { // all in one moment
		planned, err := d.planner.Repost(d.ctx(), ch, &core.Paper{ID: c.id, Version: c.version}, core.Delivery{})
		d.ok(err)
		d.wants("planned", planned, c.planned)
	}
	d.wants("the ledger", d.lines(ch), []string{"2511.00001@v3 planned", "2511.00002@v2 planned", "2511.00001@v4 planned"})
}
