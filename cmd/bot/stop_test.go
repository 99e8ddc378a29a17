package main

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakediscord"
	"paperboy/internal/fakeslack"
	"paperboy/internal/testkit"
)

// stopped is a bot that is told to stop while its second message is on its way,
// and how long it took to end.
func stopped(t *testing.T, open func(*testing.T) place, becomes fate) (s *siege, took time.Duration) {
	s = newSiege(t, open, 4)
	var asked atomic.Int64
	onItsWay := make(chan struct{})
	s.place.decides(func() fate {
		switch asked.Add(1) {
		case 1:
			return arrives
		case 2:
			close(onItsWay)
		}
		return becomes
	})
	s.nearly(s.days[0])
	bot := launch(t, s.environ())
	select {
	case <-onItsWay:
	case <-time.After(20 * time.Second):
		t.Fatalf("nothing is posted\n%s", bot.log)
	}
	time.Sleep(300 * time.Millisecond)
	n := asked.Load()
	bot.terminate()
	status, took := bot.ends(stopTime)
	if status != 0 {
		t.Errorf("it ended with %d\n%s", status, bot.log)
	}
	if now := asked.Load(); now != n {
		t.Errorf("%d messages were begun after it was told to stop", now-n)
	}
	return s, took
}

// goesOn starts the bot again, and wants the next message at once and in the end
// all of them, once each.
func (s *siege) goesOn() {
	s.Helper()
	s.place.decides(func() fate { return arrives })
	before, want := len(s.once()), channels*(s.papers+1)
	bot := launch(s.T, s.environ())
	testkit.Eventually(s.T, bot.log, "the next message", func() bool { return len(s.once()) > before })
	if took := time.Since(bot.started); took > restartTime {
		s.Errorf("the next message came %v after the restart", took)
	}
	testkit.Eventually(s.T, bot.log, "all of them", func() bool { return len(s.once()) == want })
	bot.stop()
	for key, n := range s.once() {
		if n > 1 {
			s.Errorf("%s was posted %d times", key, n)
		}
	}
}

// states are how many messages of the ledger are in which.
func (s *siege) states() map[core.DeliveryState]int {
	s.Helper()
	st := openedStore(s.T, s.file)
	defer st.Close()
	chs, err := st.Channels(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	n := map[core.DeliveryState]int{}
	for _, ch := range chs {
		rows, err := st.DeliveriesOf(s.Context(), ch.ID, time.Time{}, core.Planned, core.Sending, core.Posted, core.Uncertain, core.Held, core.Skipped)
		if err != nil {
			s.Fatal(err)
		}
		for _, d := range rows {
			n[d.State]++
		}
	}
	return n
}

// Who stops the bot at nine costs nobody a paper: what is on its way is awaited
// and written down, and the next start has nothing to look for.
func TestAStopWaitsForTheAnswer(t *testing.T) {
	for _, c := range places {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, took := stopped(t, c.open, answerLate)
			if took < answerTime/2 {
				t.Errorf("it ended after %v, before the answer", took)
			}
			there, states := len(s.once()), s.states()
			if states[core.Posted] != there || states[core.Sending] > 0 {
				t.Errorf("%d messages are there, and the ledger says %v", there, states)
			}
			s.goesOn()
		})
	}
}

// Nor does a stop that comes while nobody knows whether a message arrived: who
// starts next looks at once.
func TestAStopInDoubtIsTakenUpAtOnce(t *testing.T) {
	for _, c := range places {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, took := stopped(t, c.open, answerLost)
			if took > time.Second {
				t.Errorf("it took %v to stop, with nothing on its way", took)
			}
			s.goesOn()
		})
	}
}

// A platform that never answers keeps nobody from stopping.
func TestAStopDoesNotWaitForEver(t *testing.T) {
	for _, c := range places {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, took := stopped(t, c.open, noAnswer)
			t.Logf("it took %v", took)
			if states := s.states(); states[core.Uncertain] > 0 {
				t.Errorf("the ledger says %v", states)
			}
			s.goesOn()
		})
	}
}

// Nor do answers that people wait for, however many hang one behind the other.
func TestAStopDoesNotWaitForAnswersEither(t *testing.T) {
	t.Parallel()
	w := discordPlace(t).(discordChannels)
	bot := launch(t, append(w.environ(), "PAPERBOY_STORE_URL="+filepath.Join(t.TempDir(), "paperboy.db"),
		"PAPERBOY_SOURCES_HUGGINGFACE_ENABLED=false", "PAPERBOY_SOURCES_ARXIV_ENABLED=false"))
	w.Wait("the commands", func() bool { return w.Counts().CommandsCreated == 4 })
	w.Connected(1)
	w.FailNext(fakediscord.EditOriginal, fakediscord.Hang())
	w.Types(w.mod, w.all[0], "list", nil)
	w.Wait("an answer on its way", func() bool { return w.Counts().Calls[fakediscord.EditOriginal] == 1 })
	w.FailNext(fakediscord.Callback, fakediscord.Hang())
	go w.Types(w.mod, w.all[1], "list", nil)
	w.Wait("an acknowledgement on its way", func() bool { return w.Counts().Calls[fakediscord.Callback] == 2 })
	bot.terminate()
	if status, took := bot.ends(stopTime); status != 0 {
		t.Errorf("it ended with %d after %v\n%s", status, took, bot.log)
	}
}

// A stop that comes while it still starts is as clean as any other.
func TestAStopAtTheStart(t *testing.T) {
	workspace := fakeslack.New(t)
	environ := []string{
		"PAPERBOY_SLACK_API_URL=" + workspace.API, "PAPERBOY_STORE_URL=" + filepath.Join(t.TempDir(), "paperboy.db"),
		"PAPERBOY_SLACK_BOT_TOKEN=" + fakeslack.BotToken, "PAPERBOY_SLACK_APP_TOKEN=" + fakeslack.AppToken,
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var log bytes.Buffer
	if status := run(ctx, []string{"run"}, strings.NewReader(""), io.Discard, &log, environ); status != 0 {
		t.Errorf("it ended with %d\n%s", status, &log)
	}
}
