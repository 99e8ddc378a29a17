package discord_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakediscord"
	"paperboy/internal/testkit"
)

// BenchmarkLoad types 1,000 commands at 50 a second while 200 channels get
// their post, in real time: half a minute, once.
//
//	go test -tags sqlite_fts5 -bench Load -benchtime 1x -run - ./adapters/discord
func BenchmarkLoad(b *testing.B) {
	const channels, commands, every = 200, 1000, 20 * time.Millisecond
	for b.Loop() {
		l := newLab(b)
		var cs []*fakediscord.Channel
		for i := range channels {
			c := l.guild.Channel(fmt.Sprintf("lab%03d", i))
			cs = append(cs, c)
			for _, words := range []string{"subscribe diffusion, lora", "settings max:15", "schedule 09:00 Europe/Berlin weekdays"} {
				l.asks(c, words)
			}
		}
		l.set("2025-11-25 08:30")
		l.lists("2025-11-25", 1, 2, 3, 28, 17, 19)
		l.set("2025-11-25 09:00")
		var mu sync.Mutex
		messages := 0
		var all []time.Time
		l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
			mu.Lock()
			defer mu.Unlock()
			switch c.Route {
			case fakediscord.CreateMessage:
				messages++
				all = append(all, time.Now())
			case fakediscord.StartThread: // counts as well
				all = append(all, time.Now())
			}
			return nil
		})
		var done sync.WaitGroup
		done.Go(l.tick)
		var acks, answers []time.Duration
		tick := time.NewTicker(every)
		for i := range commands {
			<-tick.C
			done.Go(func() {
				verb, options := "list", map[string]any(nil)
				switch i % 3 {
				case 0:
					verb, options = "search", map[string]any{"query": "diffusion"}
				case 1:
					verb, options = "top", map[string]any{"since": "7d"}
				}
				begun := time.Now()
				a := l.discord.Types(l.ana, cs[i%channels], verb, options)
				if a.Error != "" {
					b.Error(a.Error)
					return
				}
				a.Wait(1)
				mu.Lock()
				acks, answers = append(acks, a.Acked), append(answers, time.Since(begun))
				mu.Unlock()
			})
		}
		tick.Stop()
		done.Wait()
		c := l.discord.Counts()
		testkit.ReportTimes(b, "ack", acks)
		testkit.ReportTimes(b, "answer", answers)
		b.ReportMetric(float64(c.Limited), "429s")
		b.ReportMetric(float64(messages), "messages")
		b.ReportMetric(100*float64(len(all)-1)/all[len(all)-1].Sub(all[0]).Seconds()/50, "%global-limit")
		if c.Unanswered+c.Late > 0 || messages != channels*7 {
			b.Errorf("%d messages, %d unanswered, %d late", messages, c.Unanswered, c.Late)
		}
	}
}

// BenchmarkChannel posts 31 messages into one channel, in real time, and says
// what share of five in five seconds that is: half a minute, once.
//
//	go test -tags sqlite_fts5 -bench Channel -benchtime 1x -run - ./adapters/discord
func BenchmarkChannel(b *testing.B) {
	for b.Loop() {
		l := newLab(b)
		b.ReportMetric(100*l.fills(30), "%channel-limit")
		b.ReportMetric(float64(l.discord.Counts().Limited), "429s")
	}
}

// A channel that takes five messages in five seconds gets five in five seconds.
func TestAChannelGetsAllThatItsLimitAllows(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		if reached := l.fills(30); reached < 0.97 {
			t.Errorf("%.0f %% of the channel's limit", 100*reached)
		}
		if c := l.discord.Counts(); c.Limited > 0 {
			t.Errorf("%d 429s", c.Limited)
		}
	})
}

// fills posts one message and n more, which is n/5 windows, and says how much of
// five in five seconds that was.
func (l *lab) fills(n int) float64 {
	key := l.key(l.channel)
	var begun time.Time
	for i := range n + 1 {
		if _, err := l.adapter.Post(context.Background(), core.Post{Key: fmt.Sprint("load/", i), Channel: key, Place: core.InChannel, Card: core.Card{Title: fmt.Sprint("number ", i)}}); err != nil {
			l.Fatal(err)
		}
		if i == 0 {
			begun = time.Now()
		}
	}
	return float64(n) / time.Since(begun).Seconds()
}

// A server that the bot is not in stands in the configuration: that is tried
// again after a while, and not whenever another server comes.
func TestAWrongServerMakesNoBurstOfRefusals(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		if err := l.end(); err != nil {
			t.Fatal(err)
		}
		awaited := l.discord.Guild("awaited")
		l.discord.Kicks(awaited)
		l.opt.GuildIDs = []string{l.guild.ID, awaited.ID}
		l.begin()
		refused := func() bool { return strings.Contains(l.log.String(), "is the bot in it?") }
		l.eventually("the refusal", refused)
		l.discord.Connected(1)
		before := l.discord.Counts()
		for i := range 40 {
			l.discord.Guild(fmt.Sprint("another ", i))
		}
		l.types(l.mod, "list").Wait(1)
		if n := l.discord.Counts().Invalid - before.Invalid; n > 0 {
			t.Errorf("%d more refusals", n)
		}
		l.discord.Returns(awaited)
		l.eventually("all registered", func() bool { return l.adapter.Ready() == nil })
	})
}

func TestTheCommandsStandInOnePlaceOnly(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		if err := l.end(); err != nil {
			t.Fatal(err)
		}
		global := fmt.Sprintf("%v", l.discord.Counts().CommandsCreated)
		l.opt.GuildIDs = []string{l.guild.ID}
		l.start()
		l.eventually("the commands here", func() bool { return l.discord.Counts().CommandsCreated == 8 })
		l.sees(l.types(l.ana, "list").Reads(), "no topics yet")
		if n := l.discord.Counts().Calls[fakediscord.PutCommands]; global != "4" || n != 2 {
			t.Errorf("%d writes of the global commands, want one to make and one to take away", n)
		}
		if err := l.end(); err != nil {
			t.Fatal(err)
		}
		l.opt.GuildIDs = nil
		l.start()
		l.eventually("the server's are taken away", func() bool { return l.discord.Counts().Calls[fakediscord.PutGuild] == 2 })
	})
}
