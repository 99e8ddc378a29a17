package loglimit_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/internal/loglimit"
)

// A log is what is written, without its times.
type log struct {
	strings.Builder
	*slog.Logger
}

func newLog() *log {
	l := &log{}
	l.Logger = slog.New(loglimit.New(slog.NewTextHandler(&l.Builder, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})))
	return l
}

// away is what a process says each second while its database is away.
func (l *log) away(port int) {
	l.Error("saying that this process lives", "err", fmt.Errorf("dial tcp 127.0.0.1:%d: connect: connection refused", port))
}

func TestANightWithoutADatabaseIsAPageOfLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLog()
		for i := range 9 * 3600 {
			l.away(40000 + i%1000)
			time.Sleep(time.Second)
		}
		lines := strings.Split(strings.TrimSpace(l.String()), "\n")
		if len(lines) != 14 { // at 0, 1, 3, 7, 15, 31 and 63 minutes, then each hour but the first
			t.Errorf("%d lines\n%s", len(lines), l)
		}
		if strings.Contains(lines[0], "repeated") || !strings.HasSuffix(lines[1], " repeated=59") || !strings.HasSuffix(lines[2], " repeated=119") || !strings.HasSuffix(lines[len(lines)-1], " repeated=3599") {
			t.Errorf("%s", l)
		}
		l.Reset()
		time.Sleep(2 * time.Hour)
		l.away(1)
		time.Sleep(time.Minute)
		l.away(1)
		if n := strings.Count(l.String(), "\n"); n != 2 || strings.Count(l.String(), "repeated") != 1 {
			t.Errorf("the next time:\n%s", l)
		}
	})
}

func TestWhatDiffersIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLog()
		for range 2 {
			l.Error("sending", "channel", 5)
			l.Error("sending", "channel", 6)
			l.Warn("sending", "channel", 5)
			l.Error("reading", "channel", 5)
			l.Error("sending", "err", errors.New("no room"))
			l.Error("sending", "err", errors.New("no right"))
			l.With("platform", "slack").Error("sending", "channel", 5)
			l.With("platform", "discord").Error("sending", "channel", 5)
			l.WithGroup("a").Error("sending", "channel", 5)
			l.Info("a new session")
		}
		if n := strings.Count(l.String(), "\n"); n != 9+2 {
			t.Errorf("%d lines\n%s", n, l)
		}
		for i := range 3000 { // more kinds than are remembered
			l.Reset()
			l.Error("sending", "ref", i)
			if l.Len() == 0 {
				t.Fatal("what is new is left out:", i)
			}
		}
	})
}
