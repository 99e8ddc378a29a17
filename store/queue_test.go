package store

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paperboy/core"
)

// What is asked at every wake reads what is due, and nothing that is not.
func TestWhatIsDueIsAskedAndNeverScanned(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct{ name, query, index string }{
		{"Due", dueSome("next_due", ""), "channels USING INDEX channels_due (next_due"},
		{"Claim", dueSome("next_send", unclaimed), "channels USING INDEX channels_send (next_send"},
		{"Rereads", dueSome("reread", ""), "channels USING INDEX channels_reread (reread"},
		{"the next turns", nextTurns("next_due", ""), "n USING COVERING INDEX channels_due_turns ((platform,workspace)>(?,?)"},
		{"the next turns of those that send", nextTurns("next_send", unclaimed), "n USING COVERING INDEX channels_send_turns ((platform,workspace)>(?,?)"},
		{"the next turns of those to read again", nextTurns("reread", ""), "n USING COVERING INDEX channels_reread_turns ((platform,workspace)>(?,?)"},
		{"of an installation", dueOf("next_due", ""), "channels USING INDEX channels_due_turns (platform=? AND workspace=? AND next_due"},
		{"of an installation to send", dueOf("next_send", unclaimed), "channels USING INDEX channels_send_turns (platform=? AND workspace=? AND next_send"},
		{"NextDue", nextOf("next_due"), "channels USING COVERING INDEX channels_due (next_due"},
		{"NextSend", nextOf("next_send"), "channels USING COVERING INDEX channels_send (next_send"},
		{"Edits", dueEdits("edit_at"), "d USING INDEX deliveries_edit (edit_at"},
		{"Edits for votes", dueEdits("count_at"), "d USING INDEX deliveries_count (count_at"},
		{"Begin", nextMessage, "deliveries USING INDEX deliveries_open (channel=?"},
	} {
		var args []any
		for strings.Contains(c.query, fmt.Sprint("$", len(args)+1)) {
			args = append(args, 1)
		}
		rows, err := h.lite().r.Query(`EXPLAIN QUERY PLAN `+(*sqlite)(nil).bind(c.query), args...)
		h.ok(err)
		used := false
		for rows.Next() {
			var id, parent, unused int
			var step string
			h.ok(rows.Scan(&id, &parent, &unused, &step))
			used = used || strings.Contains(step, c.index)
			if strings.HasPrefix(c.name, "the next turns") && (step == "SCAN turns" || step == "USE TEMP B-TREE FOR ORDER BY") {
				continue // as many as there are turns
			}
			if strings.HasPrefix(step, "SCAN") && step != "SCAN CONSTANT ROW" || strings.Contains(step, "TEMP B-TREE FOR ORDER BY") {
				t.Errorf("%s: %s", c.name, step)
			}
		}
		h.ok(rows.Err())
		rows.Close()
		if !used {
			t.Errorf("%s does not search %s", c.name, c.index)
		}
	}
}

// What cannot be edited now, because it is another installation's, is in
// nobody's way, however much of it there is.
func TestManyEditsOfOthersKeepNoneBack(t *testing.T) {
	h := newHouse(t)
	h.joins("first")
	far, err := h.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "discord", Workspace: "7", ID: "8"}})
	h.ok(err)
	for _, c := range []core.Channel{far, h.channel("ml")} {
		h.plans(c, "2509.00001")
	}
	_, err = h.lite().w.Exec(`UPDATE deliveries SET state = 'posted', edit_at = channel WHERE item NOT LIKE '@%'`)
	h.ok(err)
	h.copies("deliveries", "item", `'n' || n`, far.ID, 10_500)
	edits, err := h.Edits(t.Context(), h.now, 9, func(in core.Installation) bool { return in.Platform == "slack" })
	h.ok(err)
	h.wants("edits", len(edits), 1)
}

// copies multiplies a channel's posted delivery, or a channel: all is as it was
// but one column, which is made from n.
func (h *house) copies(table, column, value string, channel int64, n int) {
	h.Helper()
	rows, err := h.lite().w.Query(`SELECT name FROM pragma_table_info(?)`, table)
	h.ok(err)
	var columns []string
	for rows.Next() {
		var name string
		h.ok(rows.Scan(&name))
		if name != column && !(table == "channels" && name == "id") {
			columns = append(columns, name)
		}
	}
	rows.Close()
	of := map[string]string{"channels": `id = ?`, "deliveries": `state = 'posted' AND channel = ?`}[table]
	_, err = h.lite().w.Exec(fmt.Sprintf(`WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
		INSERT INTO %s (%[3]s, %[4]s) SELECT %[3]s, %[5]s FROM %[2]s, numbers WHERE %[6]s`,
		n, table, strings.Join(columns, ", "), column, value, of), channel)
	h.ok(err)
}

// A row that a stricter grammar cannot read, or that is damaged, harms nobody
// but itself.
func TestATopicThatCannotBeReadHarmsNobodyElse(t *testing.T) {
	h := newHouse(t)
	ml, cv := h.channel("ml"), h.channel("cv")
	damaged, whole := h.follows(ml, "lora"), h.follows(ml, "nerf")
	others := h.follows(cv, "lora")
	_, err := h.lite().w.Exec(`UPDATE topics SET topic = '((' WHERE id = ?`, damaged.ID)
	h.ok(err)
	damaged.Topic.Clauses, damaged.Unreadable = nil, "(("

	topics, err := h.Topics(t.Context(), ml.ID)
	h.ok(err)
	h.wants("of #ml", topics, []core.Topic{damaged, whole})
	topics, err = h.Topics(t.Context(), 0)
	h.ok(err)
	h.wants("of all", topics, []core.Topic{damaged, whole, others})
	planning, err := h.Planning(t.Context(), []int64{ml.ID}, nil, h.now, h.now)
	h.ok(err)
	h.wants("for a post", planning[ml.ID].Topics, []core.Topic{damaged, whole})
	if why, ok := damaged.Topic.Match((&core.Paper{Title: "LoRA"}).Doc()); ok {
		t.Errorf("it matches: %v", why)
	}
	// It can be taken away, brought back, and mended.
	h.ok(h.RemoveTopic(t.Context(), damaged.ID, h.now))
	_, err = h.RestoreTopic(t.Context(), ml.ID, damaged.ID, h.now.Add(-time.Minute))
	h.ok(err)
	mended, err := h.NarrowTopic(t.Context(), ml.ID, damaged.ID, query(t, "lora"))
	h.ok(err)
	h.wants("mended", []any{mended.Topic, mended.Unreadable}, []any{query(t, "lora"), ""})
}

// secondSchema is a store as the last version without claims wrote it.
func secondSchema(t *testing.T) (h *house, exec func(query string, args ...any)) {
	old := upTo(t, 2)
	h = &house{TB: t, path: filepath.Join(t.TempDir(), "paperboy.db"), now: monday}
	s, err := openSQLite(context.Background(), h.path, old)
	h.ok(err)
	t.Cleanup(func() { s.Close() })
	return h, func(query string, args ...any) {
		h.Helper()
		_, err := s.lite().w.Exec(query, args...)
		h.ok(err)
	}
}

// What was open in the ledger of before is due in the queue of today: nothing is
// lost by an upgrade, and nothing is sent twice.
func TestWhatWasOpenBeforeThereWereClaimsIsDue(t *testing.T) {
	h, exec := secondSchema(t)
	channel := func(id int, name string, gone time.Time) {
		exec(`INSERT INTO channels (id, platform, workspace, channel, name, settings, schedule, set_up_by, owner, created, scheduled, paused_at, paused_until, planned, last_due, hold, gone)
			VALUES (?, 'slack', 'T1', ?, '#' || ?, '{}', '{"Time":"09:00","Zone":"UTC","Days":127}', 'ana', 'slack:T1/ana', 1, ?, 0, 0, 0, 0, '{}', ?)`,
			id, name, name, monday.Add(-48*time.Hour).UnixMilli(), ms(gone))
		exec(`INSERT INTO digests (id, channel, due, kind, header, thread, planned) VALUES (?, ?, ?, 'daily', '{}', '', ?)`, id, id, monday.Add(-24*time.Hour).UnixMilli(), monday.UnixMilli())
	}
	delivery := func(channel, position int, item core.Item, state core.DeliveryState, outdated bool) {
		exec(`INSERT INTO deliveries (channel, item, digest, position, place, state, attempt, lease, conversation, message, thread, reason, matched, late, shown, edited, folded, updated, begun, outdated)
			VALUES (?, ?, ?, ?, 'channel', ?, 1, ?, 'C1', ?, '', '', '[]', 0, 1, '', 0, ?, ?, ?)`,
			channel, item, channel, position, state, monday.Add(time.Minute).UnixMilli(), "m/"+string(item), monday.UnixMilli(), monday.Add(-time.Minute).UnixMilli(), outdated)
	}
	header := core.HeaderItem(core.DailyPost, monday.Add(-24*time.Hour))
	for n, open := range []core.DeliveryState{core.Planned, core.Held, core.Sending} {
		channel(n+1, string(open), time.Time{})
		delivery(n+1, 0, header, core.Posted, false)
		delivery(n+1, 1, "2509.00001", open, false)
	}
	channel(4, "settled", time.Time{})
	for n, settled := range []core.DeliveryState{core.Posted, core.Uncertain, core.Skipped} {
		delivery(4, n+1, core.Item(fmt.Sprint("2509.0000", n+1)), settled, false)
	}
	channel(5, "outdated", time.Time{})
	delivery(5, 1, "2509.00001", core.Posted, true)
	delivery(5, 2, "2509.00002", core.Posted, false)
	delivery(5, 3, "2509.00003", core.Skipped, true)
	channel(6, "gone", monday)
	delivery(6, 1, "2509.00001", core.Planned, false)
	delivery(6, 2, "2509.00002", core.Posted, true)

	// Nothing can be planned for these: they are not due, and in nobody's way.
	for n, without := range []string{`schedule = '{}', scheduled = 0`, `paused_at = 1`, `hold = '{"Since":"2026-11-22T09:00:00Z","Reason":"may not post"}'`} {
		channel(-1-n, fmt.Sprint("idle", n), time.Time{})
		exec(`UPDATE channels SET `+without+` WHERE id = ?`, -1-n)
	}

	h.Store = h.another()
	names := func(cs []core.Channel) (names []string) {
		for _, c := range cs {
			names = append(names, c.Key.ID)
		}
		return names
	}
	for limit, want := range map[int][]string{1: {"planned"}, 9: {"planned", "held", "sending", "settled", "outdated"}} {
		due, err := h.Due(t.Context(), h.now, limit, nil)
		h.ok(err)
		h.wants("to be planned", names(due), want)
	}
	var idle int
	h.ok(h.lite().r.QueryRow(`SELECT count(*) FROM channels WHERE id < 0 AND next_due <> 0`).Scan(&idle))
	h.wants("looked at again", idle, 0)

	claims := h.claims(h.joins("first"))
	h.wants("to be sent", len(claims), 3)
	for n, want := range []core.DeliveryState{core.Planned, core.Held, core.Sending} {
		c := claims[n]
		h.wants("channel", c.Channel.Key.ID, string(want))
		m, ok, err := h.Begin(t.Context(), c, 0, -1, h.now)
		h.ok(err)
		begun := h.now
		if want == core.Sending {
			begun = monday.Add(-time.Minute)
		}
		h.wants("begun", []any{ok, m.Item, m.Doubt, m.Begun, m.Header.ID}, []any{true, core.Item("2509.00001"), want == core.Sending, begun, "m/" + string(header)})
	}

	edits, err := h.Edits(t.Context(), h.now, 9, nil)
	h.ok(err)
	var edited []string
	for _, e := range edits {
		edited = append(edited, fmt.Sprint(e.Channel.Key.ID, " ", e.Item))
		h.wants("since when", e.Revised, monday)
		h.ok(h.Edited(t.Context(), e, ""))
	}
	h.wants("to be edited", edited, []string{"outdated 2509.00001"})
	edits, err = h.Edits(t.Context(), h.now, 9, nil)
	h.ok(err)
	h.wants("then", len(edits), 0)

	h.ok(h.GoneWorkspace(t.Context(), "slack", "T1", time.Time{}))
	h.wants("when it is back", len(h.claims("first")), 1)
	edits, err = h.Edits(t.Context(), h.now, 9, nil)
	h.ok(err)
	h.wants("to be edited there", len(edits), 1)
	if copies, err := filepath.Glob(h.path + ".before-*"); err != nil || len(copies) != 1 {
		t.Errorf("copies: %v %v", copies, err)
	}
}

// A wake with nothing due costs the same whatever there is: what is asked is
// what is due.
func BenchmarkWake(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := wholeHouse(b, n)
			ctx := b.Context()
			for b.Loop() {
				due, err := h.Due(ctx, h.now, 100, nil)
				if err != nil || len(due) > 0 {
					b.Fatal(due, err)
				}
				claims, err := h.Claim(ctx, "first", h.now, 100, nil)
				if err != nil || len(claims) > 0 {
					b.Fatal(claims, err)
				}
				edits, err := h.Edits(ctx, h.now, 100, nil)
				if err != nil || len(edits) > 0 {
					b.Fatal(edits, err)
				}
				rereads, err := h.Rereads(ctx, h.now, 100, nil)
				if err != nil || len(rereads) > 0 {
					b.Fatal(rereads, err)
				}
			}
		})
	}
}

// wholeHouse has so many channels, each with three papers posted and its next
// post tomorrow.
func wholeHouse(b *testing.B, n int) *house {
	h := newHouse(b)
	ml := h.changes(h.channel("ml"), func(c *core.Channel) {
		c.Schedule, c.Scheduled = core.Schedule{Time: "08:00", Zone: "UTC", Days: core.Daily}, h.now
	})
	h.plans(ml, "2509.00001")
	if _, err := h.lite().w.Exec(`UPDATE deliveries SET state = 'posted'; UPDATE channels SET next_send = 0`); err != nil {
		b.Fatal(err)
	}
	h.copies("channels", "channel", `'c' || n`, ml.ID, n-1)
	if _, err := h.lite().w.Exec(`INSERT INTO digests (channel, due, kind, header, thread, planned) SELECT c.id, due, kind, d.header, thread, d.planned FROM channels c, digests d WHERE c.id <> ?1`, ml.ID); err != nil {
		b.Fatal(err)
	}
	for _, paper := range []string{"2509.00001", "2509.00002", "2509.00003"} {
		if _, err := h.lite().w.Exec(`INSERT INTO deliveries (channel, item, digest, position, place, state, attempt, lease, conversation, message, thread, reason, matched, late, shown, edited, folded, updated)
			SELECT channel, ?1, id, 1, 'channel', 'posted', 1, 0, 'C1', 'm' || ?1, '', '', '[]', 0, 1, '', 0, planned FROM digests WHERE true ON CONFLICT DO NOTHING`, paper); err != nil {
			b.Fatal(err)
		}
	}
	h.joins("first")
	return h
}
