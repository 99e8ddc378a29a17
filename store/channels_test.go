package store

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/topic"
)

// channel is #name on Slack in workspace T1, known from now on.
func (h *house) channel(name string) core.Channel {
	h.Helper()
	c, err := h.Channel(context.Background(), core.Channel{
		Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: name}, Name: "#" + name,
		Settings: core.DefaultSettings(), Created: h.now,
	})
	h.ok(err)
	return c
}

func (h *house) follows(c core.Channel, text string) core.Topic {
	h.Helper()
	tp, err := h.AddTopic(context.Background(), c.ID, query(h, text), core.User{Name: "ana"}, h.now)
	h.ok(err)
	return tp
}

func TestAChannelIsMetAgain(t *testing.T) {
	h := newHouse(t)
	h.comes(listed("2509.00001", "One", "hf", "2025-09-05"))
	ml := h.channel("ml")
	h.wants("as kept", ml, core.Channel{ID: 1, Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: "ml"}, Name: "#ml",
		Settings: core.DefaultSettings(), Created: h.now, Planned: 1})
	h.wants("met again", h.channel("ml"), ml)

	unnamed, err := h.Channel(context.Background(), core.Channel{Key: ml.Key})
	h.ok(err)
	h.wants("without a name", unnamed, ml)
	renamed, err := h.Channel(context.Background(), core.Channel{Key: ml.Key, Name: "#machine-learning"})
	h.ok(err)
	h.wants("renamed", renamed.Name, "#machine-learning")

	full := renamed
	full.Settings = core.Settings{Max: 3, Layout: core.LayoutForum, Min: 1, QuietNote: true, Scope: topic.Scope{Strict: true}, Editors: "@cv", Seed: true,
		Weekly: true, Links: true, NotForUsAt: 4, Upvotes: []string{"🔥"}}
	full.Schedule = core.Schedule{Time: "09:00", Zone: "Europe/Berlin", Days: core.Weekdays}
	full.SetUpBy, full.Scheduled, full.PausedAt, full.PausedUntil = "ana", h.now, h.now, h.now.Add(time.Hour)
	full.Planned, full.LastDue, full.Gone = 9, h.now, h.now
	full.Hold = core.Hold{Since: h.now, Reason: "may not post", NextTry: h.now.Add(time.Minute), Told: true}
	changed, err := h.UpdateChannel(context.Background(), ml.ID, func(c *core.Channel) {
		*c = full
		c.ID, c.Key = 77, core.ChannelKey{} // these may not change
	})
	h.ok(err)
	h.wants("changed", changed, full)
	again, err := h.ChannelByID(context.Background(), ml.ID)
	h.ok(err)
	h.wants("read again", again, full)

	if _, err := h.UpdateChannel(context.Background(), 99, func(*core.Channel) {}); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("a channel nobody knows: %v", err)
	}
	if h.channel("ml").Gone != (time.Time{}) {
		t.Error("the channel was gone and did not come back")
	}
}

func TestTwoEditorsAtOnceLoseNothing(t *testing.T) {
	h := newHouse(t)
	ml := h.channel("ml")
	var wg sync.WaitGroup
	for _, s := range []*Store{h.Store, h.another()} {
		for range 20 {
			wg.Go(func() {
				if _, err := s.UpdateChannel(context.Background(), ml.ID, func(c *core.Channel) { c.Settings.Min++ }); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	got, err := h.ChannelByID(context.Background(), ml.ID)
	h.ok(err)
	h.wants("changes", got.Settings.Min, 40)
}

func TestAWorkspaceLeavesAndReturnsOrIsForgotten(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	ml, cv := h.channel("ml"), h.channel("cv")
	elsewhere, err := h.Channel(ctx, core.Channel{Key: core.ChannelKey{Platform: "discord", ID: "7"}, Settings: core.DefaultSettings()})
	h.ok(err)
	h.follows(ml, "lora")
	h.follows(elsewhere, "lora")
	_, err = h.AddMute(ctx, core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "survey", At: h.now})
	h.ok(err)
	due := h.now
	h.plans(ml, core.DailyPost, due, "2509.00001")
	h.plans(elsewhere, core.DailyPost, due, "2509.00001")
	h.reacts(ml, "m1", "2509.00001", "ana", "👍", core.Up)

	_, err = h.UpdateChannel(ctx, cv.ID, func(c *core.Channel) { c.Gone = h.now.Add(-time.Hour) })
	h.ok(err)
	h.ok(h.GoneWorkspace(ctx, "slack", "T1", h.now))
	left := func() (ids []int64) {
		channels, err := h.Channels(ctx)
		h.ok(err)
		for _, c := range channels {
			ids = append(ids, c.ID)
		}
		return ids
	}
	h.wants("who is left", left(), []int64{elsewhere.ID})
	open, err := h.Open(ctx)
	h.ok(err)
	h.wants("posts for nobody who is gone", items(open), []core.Item{core.HeaderItem(core.DailyPost, due), "2509.00001"})
	topics, err := h.Topics(ctx, 0)
	h.ok(err)
	h.wants("topics of who is left", len(topics), 1)

	h.ok(h.Forget(ctx, h.now)) // #cv left an hour before
	if _, err := h.ChannelByID(ctx, cv.ID); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("#cv is not forgotten: %v", err)
	}
	h.ok(h.GoneWorkspace(ctx, "slack", "T1", time.Time{}))
	h.wants("who returned", left(), []int64{ml.ID, elsewhere.ID})

	h.ok(h.GoneWorkspace(ctx, "slack", "T1", h.now))
	h.ok(h.Forget(ctx, h.now.Add(30*24*time.Hour)))
	for table, want := range map[string]int{"channels": 1, "topics": 1, "mutes": 0, "digests": 1, "deliveries": 2, "reactions": 0} {
		var n int
		h.ok(h.r.QueryRow(`SELECT count(*) FROM ` + table).Scan(&n))
		h.wants("rows of "+table, n, want)
	}
}

func TestTopicsKeepTheirNumbers(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	ml, cv := h.channel("ml"), h.channel("cv")
	numbers := func(channel int64) (got []int) {
		topics, err := h.Topics(ctx, channel)
		h.ok(err)
		for _, tp := range topics {
			got = append(got, tp.Number)
		}
		return got
	}
	first := h.follows(ml, `diffusion -"stable diffusion" | author:"Jane Doe" cat:cs.CV`)
	h.wants("as kept", first, core.Topic{ID: 1, Channel: ml.ID, Number: 1, Topic: first.Topic, AddedBy: "ana", AddedAt: h.now})
	h.wants("the text", first.Topic.String(), query(t, `diffusion -"stable diffusion" | author:"Jane Doe" cat:cs.CV`).String())
	second := h.follows(ml, "lora")
	h.follows(cv, "nerf")
	h.wants("of #ml", numbers(ml.ID), []int{1, 2})

	h.ok(h.RemoveTopic(ctx, second.ID, h.now))
	h.wants("without the second", numbers(ml.ID), []int{1})
	h.comes(listed("2509.00001", "One", "hf", "2025-09-05"))
	third := h.follows(ml, "lora")
	h.wants("the same again", []any{third.Number, third.Since}, []any{3, core.Seq(1)})
	h.ok(h.RemoveTopic(ctx, third.ID, h.now))
	refuse := func(what string, channel int64, removedAfter time.Time) {
		t.Helper()
		if _, err := h.RestoreTopic(ctx, channel, second.ID, removedAfter); !errors.Is(err, core.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refuse("another channel's", cv.ID, h.now.Add(-time.Minute))
	refuse("removed long ago", ml.ID, h.now)
	restored, err := h.RestoreTopic(ctx, ml.ID, second.ID, h.now.Add(-time.Minute))
	h.ok(err)
	h.wants("brought back", restored, second)
	refuse("not removed", ml.ID, time.Time{})
	h.ok(h.RemoveTopic(ctx, second.ID, h.now))
	again := h.follows(ml, "lora")
	refuse("followed again meanwhile", ml.ID, time.Time{})
	h.ok(h.RemoveTopic(ctx, again.ID, h.now))
	_, err = h.RestoreTopic(ctx, ml.ID, second.ID, time.Time{})
	h.ok(err)
	h.wants("of all", numbers(0), []int{1, 2, 1})

	if err := h.RemoveTopic(ctx, 99, h.now); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("a topic nobody follows: %v", err)
	}
	if _, err := h.AddTopic(ctx, 99, query(t, "lora"), core.User{Name: "ana"}, h.now); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("a channel nobody knows: %v", err)
	}
}

func TestMutesHoldForAWhile(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	ml := h.channel("ml")
	mute := func(m core.Mute) core.Mute {
		t.Helper()
		m.At, m.By = h.now, "ana"
		added, err := h.AddMute(ctx, m)
		h.ok(err)
		m.ID = added.ID
		h.wants("as kept", added, m)
		return added
	}
	survey := mute(core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "survey", Until: h.now.Add(time.Hour)})
	own := mute(core.Mute{User: "slack:T1/ana", Kind: core.MutePaper, Value: "2509.00001"})
	mute(core.Mute{User: "slack:T1/ben", Kind: core.MutePaper, Value: "2509.00001"})

	for _, c := range []struct {
		name  string
		user  string
		after time.Duration
		want  []core.Mute
	}{
		{"the channel's", "", 0, []core.Mute{survey}},
		{"the channel's and Ana's", "slack:T1/ana", 0, []core.Mute{survey, own}},
		{"an hour later", "slack:T1/ana", time.Hour, []core.Mute{own}},
	} {
		got, err := h.Mutes(ctx, ml.ID, c.user, h.now.Add(c.after))
		h.ok(err)
		h.wants(c.name, got, c.want)
	}
	longer := mute(core.Mute{Channel: ml.ID, Kind: core.MuteTopic, Value: "survey"})
	h.ok(h.RemoveMute(ctx, longer.ID))
	got, err := h.Mutes(ctx, ml.ID, "", h.now)
	h.ok(err)
	if !cmp.Equal(len(got), 0) {
		t.Errorf("muted twice, unmuted once, and still hidden: %+v", got)
	}
	if err := h.RemoveMute(ctx, longer.ID); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("unmuted twice: %v", err)
	}
}
