package core_test

import (
	"context"
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
