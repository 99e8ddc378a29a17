package core_test

import (
	"context"
	"errors"
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
