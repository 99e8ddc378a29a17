package store

import (
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
)

// The clock stands in a bubble, and a wrong one may have been set back since.
func TestWhatWasHeardBeforeAndAfterAMomentIsKnownWhateverTheClockShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		ml, err := h.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: "ml"}, Settings: core.DefaultSettings()})
		h.ok(err)
		votes := func(what string, asked time.Time, want int) {
			t.Helper()
			_, err := h.SetReactions(t.Context(), ml.ID, "2509.00001", "m1", core.DefaultSettings().VoteKind, nil, asked)
			h.ok(err)
			tally, err := h.Tally(t.Context(), ml.ID, []core.PaperID{"2509.00001"}, time.Time{})
			h.ok(err)
			h.wants(what, tally["2509.00001"].Up, want)
		}
		vote := func() {
			t.Helper()
			_, err := h.PutReaction(t.Context(), ml.ID, "2509.00001", core.Up, core.Reaction{Message: "m1", User: core.User{Key: "slack:T1/ana"}, Emoji: "+1", Added: true})
			h.ok(err)
		}
		before, err := h.Moment(t.Context())
		h.ok(err)
		vote()
		after, err := h.Moment(t.Context())
		h.ok(err)
		votes("heard after it", before, 1)
		votes("heard before it", after, 0)
		vote()
		_, err = h.lite().w.Exec(`UPDATE reactions SET heard = $1`, time.Now().Add(time.Hour).UnixMilli())
		h.ok(err)
		votes("heard by a clock that was an hour ahead", after, 0)
	})
}
