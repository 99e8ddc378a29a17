package core_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
	"paperboy/internal/wallclock"
)

// quiet is a connection of a platform of its own, which posts nothing.
type quiet struct{ name string }

func (q *quiet) Network() core.Network            { return core.Network{Name: q.name} }
func (q *quiet) Serves(in core.Installation) bool { return in.Platform == q.name }
func (q *quiet) Post(context.Context, core.Post) (core.MessageRef, error) {
	return core.MessageRef{}, nil
}

// Slack waits for its platform and does not come back; Discord has a round at
// every ring, and every idle minute, all the same.
func TestAConnectionThatHangsHasOneRoundAndHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conns := core.NewConnections(nil, &quiet{"slack"}, &quiet{"discord"})
		ctx, stop := context.WithCancel(t.Context())
		bell := core.NewBell()
		rounds := map[string]int{}
		lock := make(chan struct{}, 1)
		over := make(chan struct{})
		go func() {
			defer close(over)
			conns.Rounds(ctx, bell, wallclock.New(time.Now), time.Minute, func(conn core.Connection, serves func(core.Installation) bool) {
				name := conn.Network().Name
				for _, platform := range []string{"slack", "discord"} {
					if own := serves(core.Installation{Platform: platform}); own != (platform == name) {
						t.Errorf("%s serves %s: %v", name, platform, own)
					}
				}
				lock <- struct{}{}
				rounds[name]++
				<-lock
				if name == "slack" {
					<-ctx.Done()
					time.Sleep(time.Second) // it ends what it has begun
				}
			})
		}()
		wants := func(slack, discord int) {
			t.Helper()
			synctest.Wait()
			lock <- struct{}{}
			defer func() { <-lock }()
			if rounds["slack"] != slack || rounds["discord"] != discord {
				t.Errorf("rounds %v, want %d of slack and %d of discord", rounds, slack, discord)
			}
		}
		wants(1, 1)
		bell.Ring()
		wants(1, 2)
		time.Sleep(time.Minute)
		wants(1, 3)

		stopped := time.Now()
		stop()
		<-over
		if waited := time.Since(stopped); waited != time.Second {
			t.Errorf("ended after %v; a round was still running for a second", waited)
		}
	})
}

// asking is a connection that knows who reads what.
type asking struct {
	quiet
	reads map[string]bool
}

func (a *asking) CanRead(_ context.Context, ch core.ChannelKey, _ core.User) (bool, error) {
	yes, known := a.reads[ch.ID]
	if !known {
		return true, errors.New("nobody answers") // what is said beside an error says nothing
	}
	return yes, nil
}

// Where a platform says who can read a channel, that holds, and an error is a no; where it
// does not, private channels are nobody's. Of a platform that is not there nobody knows.
func TestWhatAPersonCanRead(t *testing.T) {
	c := core.NewConnections(nil, &quiet{"mute"}, &asking{quiet{"says"}, map[string]bool{"in": true, "out": false}})
	at := func(platform, id string, private bool) core.Channel {
		return core.Channel{Key: core.ChannelKey{Platform: platform, ID: id}, Private: private}
	}
	ids := func(channels ...core.Channel) (ids []string, unsure bool) {
		can, unsure := c.Readable(t.Context(), channels, core.User{Key: "x:1"})
		for _, ch := range can {
			ids = append(ids, ch.Key.Platform+" "+ch.Key.ID)
		}
		return ids, unsure
	}
	got, unsure := ids(at("says", "in", true), at("says", "out", false), at("mute", "open", false), at("mute", "closed", true), at("gone", "open", false))
	if want := []string{"says in", "mute open"}; !slices.Equal(got, want) || unsure {
		t.Errorf("they can read %q, want %q; unsure %v", got, want, unsure)
	}
	if got, unsure := ids(at("says", "in", false), at("says", "unknown", false)); len(got) != 1 || !unsure {
		t.Errorf("in doubt they can read %q, unsure %v", got, unsure)
	}
}
