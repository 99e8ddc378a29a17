package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"paperboy/internal/testkit"
)

// process is a `bot run` that is a process of its own, so that it can be killed.
type process struct {
	t       *testing.T
	cmd     *exec.Cmd
	out     *testkit.Log
	log     *testkit.Log
	started time.Time
	ended   chan struct{} // closed when it is over
}

// released is the program that PAPERBOY_BOT names, behind an emulator maybe: one
// that is to be released. Otherwise the test's own program is the bot, see TestMain.
func released() []string { return strings.Fields(os.Getenv("PAPERBOY_BOT")) }

// launch starts `bot run`, or another command.
func launch(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	if len(args) == 0 {
		args = []string{"run"}
	}
	if call := released(); len(call) > 0 {
		return launchOf(t, environ, append(call, args...)...)
	}
	return launchOf(t, environ, append([]string{"bot"}, args...)...)
}

// launchOf starts a program.
func launchOf(t *testing.T, environ []string, call ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(call[0], call[1:]...), out: &testkit.Log{}, log: &testkit.Log{}, started: time.Now(), ended: make(chan struct{})}
	p.cmd.Dir = t.TempDir()
	p.cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PAPERBOY_") }), environ...)
	p.cmd.Env = append(p.cmd.Env, "GORACE=atexit_sleep_ms=0") // the race detector's own second at the end is none of ours
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // how it ended is asked from its state
	}()
	t.Cleanup(func() {
		p.kill()
		<-p.ended
	})
	return p
}

// kill is kill -9; terminate asks it to stop.
func (p *process) kill()      { _ = p.cmd.Process.Kill() }
func (p *process) terminate() { _ = p.cmd.Process.Signal(syscall.SIGTERM) }

// ends waits until it is over and says with which status: -1 when it was killed.
func (p *process) ends(within time.Duration) (status int, took time.Duration) {
	p.t.Helper()
	begun := time.Now()
	select {
	case <-p.ended:
	case <-time.After(within):
		p.t.Fatalf("it does not end within %v\n%s", within, p.log)
	}
	return p.cmd.ProcessState.ExitCode(), time.Since(begun)
}

// stop asks it to stop and wants a clean end in time.
func (p *process) stop() {
	p.t.Helper()
	p.terminate()
	if status, _ := p.ends(stopTime); status != 0 {
		p.t.Errorf("it ended with %d\n%s", status, p.log)
	}
}

// says waits for words in its log.
func (p *process) says(words string) {
	p.t.Helper()
	testkit.Eventually(p.t, p.log, words, func() bool { return strings.Contains(p.log.String(), words) })
}
