package main

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"paperboy/internal/fakediscord"
	"paperboy/internal/testkit"
)

// An operator invites the bot to a server, as the README says, and stops it.
func TestSettingUpDiscord(t *testing.T) {
	server := fakediscord.New(t)
	guild := server.Guild("lab")
	channel := guild.Channel("papers")
	mod := guild.Member("mod", fakediscord.ManageChannels)
	environ := []string{
		"PAPERBOY_DISCORD_API_URL=" + server.API, "PAPERBOY_DISCORD_TOKEN=" + fakediscord.Token,
		"PAPERBOY_STORE_URL=" + filepath.Join(t.TempDir(), "paperboy.db"),
		"PAPERBOY_SOURCES_HUGGINGFACE_ENABLED=false", "PAPERBOY_SOURCES_ARXIV_ENABLED=false",
	}
	bot := func(ctx context.Context, out, log io.Writer, args ...string) int {
		return run(ctx, args, strings.NewReader(""), out, log, environ)
	}
	for _, c := range []struct {
		args []string
		want fakediscord.Perm
	}{
		{[]string{"manifest", "discord"}, fakediscord.Invited},
		{[]string{"manifest", "discord", "--seed"}, fakediscord.Invited | fakediscord.AddReactions},
	} {
		var out testkit.Log
		if status := bot(t.Context(), &out, io.Discard, c.args...); status != 0 || !strings.Contains(out.String(), "permissions="+c.want.String()) || !strings.Contains(out.String(), "client_id="+fakediscord.AppID) {
			t.Errorf("%v: %d %s", c.args, status, &out)
		}
	}
	if calls := server.Counts().Calls; len(calls) != 0 {
		t.Errorf("the link needs no network: %v", calls)
	}

	b := begin(t, environ)
	server.Wait("the commands", func() bool { return server.Counts().CommandsCreated == 4 })
	server.Connected(1)
	server.Types(mod, channel, "subscribe", map[string]any{"topic": "diffusion"}).Wait(2)
	next := server.Types(mod, channel, "schedule", map[string]any{"time": "09:00", "zone": "Europe/Berlin", "days": "weekdays"})
	if got := next.Reads(); !strings.Contains(got, "Next post") {
		t.Errorf("schedule: %s", got)
	}

	var report testkit.Log
	if status := bot(t.Context(), &report, io.Discard, "doctor"); status != 0 {
		t.Errorf("doctor: %d\n%s", status, &report)
	}
	for _, want := range []string{"as paperboy", "registered everywhere", "discord #papers", "I may post"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &report)
		}
	}
	if status := b.stop(); status != 0 {
		t.Errorf("it ended with %d\n%s", status, b.log)
	}
	if strings.Contains(b.log.String()+report.String(), fakediscord.Token) {
		t.Error("the token is told")
	}
}

// A refused token ends a run that has no other platform.
func TestRunWithARefusedDiscordToken(t *testing.T) {
	server := fakediscord.New(t)
	server.RefusesToken()
	environ := []string{
		"PAPERBOY_DISCORD_API_URL=" + server.API, "PAPERBOY_DISCORD_TOKEN=" + fakediscord.Token,
		"PAPERBOY_STORE_URL=" + filepath.Join(t.TempDir(), "paperboy.db"),
		"PAPERBOY_SOURCES_HUGGINGFACE_ENABLED=false", "PAPERBOY_SOURCES_ARXIV_ENABLED=false",
	}
	var log testkit.Log
	if status := run(t.Context(), []string{"run"}, strings.NewReader(""), io.Discard, &log, environ); status != 1 {
		t.Errorf("status %d\n%s", status, &log)
	}
	calls := 0
	for _, n := range server.Counts().Calls {
		calls += n
	}
	if calls > 2 { // the gateway's address and the commands, side by side
		t.Errorf("%d calls with a refused token", calls)
	}
}
