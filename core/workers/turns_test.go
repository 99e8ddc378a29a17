package workers_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
	"paperboy/core/topic"
)

// A gate is a platform that takes fifty messages a second from everybody together, in
// the order in which they come.
type gate struct {
	platform
	mu   sync.Mutex
	next time.Time
}

const perSecond = 50

func (g *gate) Network() core.Network {
	n := g.platform.Network()
	n.Limits.PerSecond = perSecond
	return n
}

func (g *gate) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	g.mu.Lock()
	at := g.next
	if now := time.Now(); at.Before(now) {
		at = now
	}
	g.next = at.Add(time.Second / perSecond)
	g.mu.Unlock()
	select {
	case <-time.After(time.Until(at)):
	case <-ctx.Done():
		return core.MessageRef{}, ctx.Err()
	}
	return g.platform.Post(ctx, p)
}

// A workspace of very many channels and ten of three are due in the same minute, and
// the large one was there first: the small ones have their posts within seconds. With
// PAPERBOY_CHANNELS=10000 it has as many.
func TestOneLargeWorkspaceDelaysNoOther(t *testing.T) {
	large := 700
	if n, err := strconv.Atoi(os.Getenv("PAPERBOY_CHANNELS")); err == nil {
		large = n
	}
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		g := &gate{}
		o.bot = o.process(o.db, g)
		follows, err := topic.Parse("lora")
		o.ok(err)
		nine := func(workspace string, channels int) {
			for i := range channels {
				ch, err := o.db.EnsureChannel(o.ctx(), core.Channel{
					Key: core.ChannelKey{Platform: "web", Workspace: workspace, ID: fmt.Sprint(workspace, i)}, Settings: core.DefaultSettings(),
					Schedule: core.Schedule{Time: "09:00", Zone: "UTC", Days: core.Daily}, Created: o.clock(), Scheduled: o.clock(),
				})
				o.ok(err)
				_, err = o.db.AddTopic(o.ctx(), ch.ID, follows, core.User{Name: "ana"}, o.clock())
				o.ok(err)
			}
		}
		nine("large", large)
		for i := range 10 {
			nine(fmt.Sprint("small", i), 3)
		}
		const messages = 6 // a header and five papers
		for i := range messages - 1 {
			o.comes(lora(core.PaperID(fmt.Sprintf("2001.%05d", i+1))))
		}
		minute := time.Now().Add(2 * time.Minute)
		stop := o.runs(o.bot)
		time.Sleep(time.Until(minute))
		seconds := func(small bool, posts int) int {
			for {
				time.Sleep(time.Second)
				n := 0
				g.platform.mu.Lock()
				for _, p := range g.posts {
					if (p.Channel.Workspace != "large") == small {
						n++
					}
				}
				g.platform.mu.Unlock()
				if n >= posts {
					return int(time.Since(minute) / time.Second)
				}
			}
		}
		smalls := seconds(true, 30*messages)
		all := seconds(false, large*messages)
		o.ok(stop())
		t.Logf("10 workspaces of 3 channels: after %d s; one of %d: after %d s", smalls, large, all)
		if smalls > 20 {
			t.Errorf("the small workspaces had their posts after %d s", smalls)
		}
		if most := ((large+30)*messages/perSecond)*100/95 + 5; all > most {
			t.Errorf("all had their posts after %d s, and %d messages a second would be %d s", all, perSecond, most)
		}
	})
}
