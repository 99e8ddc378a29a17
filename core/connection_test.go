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

// hosting is a connection with a token for each of its installations.
type hosting struct {
	quiet
	refused error
}

func (h *hosting) Refused() error { return h.refused }

func TestAConnectionOfManyTokensIsNotStoppedByOne(t *testing.T) {
	h := &hosting{quiet: quiet{"slack"}}
	conns := core.NewConnections(nil, h)
	in := core.Installation{Platform: "slack", Workspace: "T1"}
	conns.Stop(h, &core.Unauthorised{Err: errors.New("token_revoked")})
	if !conns.Serves(in) || len(conns.Stopped()) > 0 {
		t.Error("a token that one workspace's platform refused stops the others")
	}
	h.refused = &core.Unauthorised{Err: errors.New("the app token")}
	conns.Stop(h, h.refused)
	if conns.Serves(in) {
		t.Error("it goes on when all of it is refused")
	}
	select {
	case <-conns.Dead():
	default:
		t.Error("nobody is told that nothing is left")
	}
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

// What only takes papers has nothing to do without the chats in which people ask for it.
func TestWhatOnlyLeavesKeepsNobodyAlive(t *testing.T) {
	slack, discord, library := &quiet{"slack"}, &quiet{"discord"}, outward{&quiet{"zotero"}}
	conns := core.NewConnections(nil, slack, library, discord)
	dead := func() bool {
		select {
		case <-conns.Dead():
			return true
		default:
			return false
		}
	}
	for _, c := range []struct {
		stops core.Connection
		dead  bool
	}{{library, false}, {slack, false}, {discord, true}} {
		conns.Stop(c.stops, context.Canceled)
		if dead() != c.dead {
			t.Errorf("after %s has stopped: dead %v", c.stops.Network().Name, dead())
		}
	}
	conns = core.NewConnections(nil, slack, library)
	conns.Stop(slack, context.Canceled)
	conns.Stop(library, context.Canceled)
	if !dead() {
		t.Error("a library keeps the process alive")
	}
}

type outward struct{ *quiet }

func (o outward) Network() core.Network { return core.Network{Name: o.name, Outward: true} }
