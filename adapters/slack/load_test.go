package slack_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakeslack"
	"paperboy/internal/testkit"
)

// BenchmarkLoad types 1,000 commands at 50 a second while 200 channels get
// their post, in real time: half a minute, once.
//
//	go test -tags sqlite_fts5 -bench Load -benchtime 1x -run - ./adapters/slack
func BenchmarkLoad(b *testing.B) {
	const channels, commands, every = 200, 1000, 20 * time.Millisecond
	for b.Loop() {
		l := newLab(b)
		var ids []string
		for i := range channels {
			ids = append(ids, l.slack.Channel(fmt.Sprintf("lab%03d", i), "pi", "paperboy"))
		}
		key := func(i int) core.ChannelKey {
			return core.ChannelKey{Platform: "slack", Workspace: fakeslack.Team, ID: ids[i]}
		}
		ctx := context.Background()
		for i := range channels {
			for _, words := range []string{"subscribe diffusion, lora", "settings max:15", "schedule 09:00 Europe/Berlin weekdays"} {
				l.bot.Do(ctx, core.Request{Channel: key(i), Name: fmt.Sprintf("#lab%03d", i), User: core.User{Key: "slack:T/pi", Name: "pi"}, Text: words})
			}
		}
		l.set("2025-11-25 08:30")
		l.lists("2025-11-25", 1, 2, 3, 28, 17, 19)
		l.set("2025-11-25 09:00")

		var mu sync.Mutex
		sent := map[string][]time.Time{}
		l.slack.OnCall(func(c fakeslack.Call) *fakeslack.Failure {
			if c.Method == "chat.postMessage" {
				mu.Lock()
				sent[c.Args["channel"]] = append(sent[c.Args["channel"]], time.Now())
				mu.Unlock()
			}
			return nil
		})
		var done sync.WaitGroup
		begun := time.Now()
		done.Go(l.tick)
		var acks, answers []time.Duration
		tick := time.NewTicker(every)
		for i := range commands {
			<-tick.C
			done.Go(func() {
				start := time.Now()
				words := []string{"diffusion", "lora since:30d", "list", "top since:7d", "similar 9912.00001"}[i%5]
				a := l.slack.Types(fmt.Sprintf("reader%03d", i%300), fmt.Sprintf("lab%03d", i%channels), "/papers "+words)
				a.Wait(1)
				took := time.Since(start)
				mu.Lock()
				acks, answers = append(acks, a.Ack), append(answers, took)
				mu.Unlock()
			})
		}
		tick.Stop()
		done.Wait()
		reached := 1.0
		messages := 0
		for _, at := range sent {
			messages += len(at)
			if n := len(at); n > 1 {
				reached = min(reached, float64(n-1)/at[n-1].Sub(at[0]).Seconds())
			}
		}
		c := l.slack.Counts()
		testkit.ReportTimes(b, "ack", acks)
		testkit.ReportTimes(b, "answer", answers)
		b.ReportMetric(float64(c.Limited), "429s")
		b.ReportMetric(float64(messages), "messages")
		b.ReportMetric(100*reached, "%limit-slowest-channel")
		b.ReportMetric(time.Since(begun).Seconds(), "s")
		if c.Unanswered+c.LateAnswers > 0 || messages != channels*7 {
			b.Errorf("%+v", c)
		}
	}
}
