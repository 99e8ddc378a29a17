package main

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"paperboy/internal/fakediscord"
	"paperboy/internal/fakeslack"
	"paperboy/internal/testkit"
)

// An operator sets the bot up in a workspace, as the README says, and stops it.
func TestSettingUpSlack(t *testing.T) {
	workspace := fakeslack.New(t)
	workspace.Channel("papers", "pi")
	environ := []string{
		"PAPERBOY_SLACK_API_URL=" + workspace.API,
		"PAPERBOY_STORE_URL=" + filepath.Join(t.TempDir(), "paperboy.db"),
		"PAPERBOY_SOURCES_HUGGINGFACE_ENABLED=false", "PAPERBOY_SOURCES_ARXIV_ENABLED=false",
		"PAPERBOY_SLACK_BOT_TOKEN=" + fakeslack.BotToken, "PAPERBOY_SLACK_APP_TOKEN=" + fakeslack.AppToken,
		"PAPERBOY_HTTP_LISTEN=127.0.0.1:0",
	}
	bot := func(ctx context.Context, out, log io.Writer, args ...string) int {
		return run(ctx, args, strings.NewReader(""), out, log, environ)
	}
	var manifest testkit.Log
	if status := bot(t.Context(), &manifest, io.Discard, "manifest", "slack"); status != 0 || !strings.Contains(manifest.String(), `"command": "/papers"`) {
		t.Fatalf("manifest: %d %s", status, &manifest)
	}

	b := begin(t, environ)
	workspace.Connected(1)
	workspace.Invite("paperboy", "papers")
	workspace.Wait("the greeting", func() bool { return len(workspace.Posts("papers")) == 1 })
	if got := workspace.Types("pi", "papers", "/papers").Reads(); !strings.Contains(got, "no topics yet") {
		t.Errorf("the bare command: %s", got)
	}
	workspace.Types("pi", "papers", "/papers subscribe diffusion").Wait(2)

	var report testkit.Log
	if status := bot(t.Context(), &report, io.Discard, "doctor"); status != 0 {
		t.Errorf("doctor: %d\n%s", status, &report)
	}
	for _, want := range []string{"slack            ok", "slack scopes", "all there", "opens connections", "agrees with Slack's", "slack #papers    ok"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &report)
		}
	}

	if status, body := b.readyz(t); status != http.StatusOK {
		t.Errorf("readyz: %d %s", status, body)
	}
	if status := b.stop(); status != 0 {
		t.Errorf("it ended with %d\n%s", status, b.log)
	}
	for _, secret := range []string{fakeslack.BotToken, fakeslack.AppToken} {
		if strings.Contains(b.log.String()+report.String(), secret) {
			t.Errorf("a token is told:\n%s%s", b.log, &report)
		}
	}
}

// What is wrong has a line, and a way out.
func TestTheDoctorAboutSlack(t *testing.T) {
	workspace := fakeslack.New(t)
	workspace.Withdraw("channels:history", "reactions:read")
	environ := []string{
		"PAPERBOY_SLACK_API_URL=" + workspace.API, "PAPERBOY_STORE_URL=" + filepath.Join(t.TempDir(), "paperboy.db"),
		"PAPERBOY_SOURCES_HUGGINGFACE_ENABLED=false", "PAPERBOY_SOURCES_ARXIV_ENABLED=false",
		"PAPERBOY_SLACK_BOT_TOKEN=" + fakeslack.BotToken, "PAPERBOY_SLACK_APP_TOKEN=xapp-wrong",
	}
	var report testkit.Log
	if status := run(t.Context(), []string{"doctor"}, strings.NewReader(""), &report, io.Discard, environ); status != 1 {
		t.Errorf("status %d", status)
	}
	for _, want := range []string{"missing: reactions:read, channels:history (a post whose answer was lost stays uncertain)", "invalid_auth", "→ make an app-level token"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &report)
		}
	}
}

// A token that Slack refuses, for whatever reason, is told from a network that
// does not let us through: each has its own way out.
func TestTheDoctorTellsARefusedTokenFromANetwork(t *testing.T) {
	report := func(api string, environ ...string) string {
		t.Helper()
		var report testkit.Log
		environ = append([]string{
			"PAPERBOY_SLACK_API_URL=" + api, "PAPERBOY_DISCORD_API_URL=" + api, "PAPERBOY_STORE_URL=" + filepath.Join(t.TempDir(), "paperboy.db"),
			"PAPERBOY_SOURCES_HUGGINGFACE_ENABLED=false", "PAPERBOY_SOURCES_ARXIV_ENABLED=false",
		}, environ...)
		if status := run(t.Context(), []string{"doctor"}, strings.NewReader(""), &report, io.Discard, environ); status != 1 {
			t.Errorf("status %d", status)
		}
		return report.String()
	}
	slack := []string{"PAPERBOY_SLACK_BOT_TOKEN=" + fakeslack.BotToken, "PAPERBOY_SLACK_APP_TOKEN=" + fakeslack.AppToken}
	discord := []string{"PAPERBOY_DISCORD_TOKEN=" + fakediscord.Token}
	refused := map[string]string{}
	for _, code := range []string{"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type", "org_login_required", "team_access_not_granted"} {
		workspace := fakeslack.New(t)
		workspace.Refuse(code)
		got := report(workspace.API, slack...)
		refused["Slack does not take the bot token: "+code] = got
	}
	server := fakediscord.New(t)
	server.RefusesToken()
	refused["Discord does not take the token"] = report(server.API, discord...)
	for says, got := range refused {
		if !strings.Contains(got, says) || strings.Contains(got, "network") || !strings.Contains(got, "token") {
			t.Errorf("%s:\n%s", says, got)
		}
	}
	const nobody = "http://127.0.0.1:1/"
	for _, got := range []string{report(nobody, slack...), report(nobody, discord...)} {
		if !strings.Contains(got, "cannot be reached") || !strings.Contains(got, "check this machine's network") || strings.Contains(got, "does not take") {
			t.Errorf("without a network:\n%s", got)
		}
	}
}

// A refused token ends a run that has no other platform.
func TestRunWithARefusedToken(t *testing.T) {
	workspace := fakeslack.New(t)
	workspace.Refuse("token_revoked")
	environ := []string{
		"PAPERBOY_SLACK_API_URL=" + workspace.API, "PAPERBOY_STORE_URL=" + filepath.Join(t.TempDir(), "paperboy.db"),
		"PAPERBOY_SOURCES_HUGGINGFACE_ENABLED=false", "PAPERBOY_SOURCES_ARXIV_ENABLED=false",
		"PAPERBOY_SLACK_BOT_TOKEN=" + fakeslack.BotToken, "PAPERBOY_SLACK_APP_TOKEN=" + fakeslack.AppToken,
	}
	var log testkit.Log
	if status := run(t.Context(), []string{"run"}, strings.NewReader(""), io.Discard, &log, environ); status != 1 {
		t.Errorf("status %d\n%s", status, &log)
	}
	if calls := workspace.Counts().Calls["auth.test"]; calls != 1 {
		t.Errorf("%d calls with a refused token", calls)
	}
}

func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, _ = strings.Cut(s, after)
	return s
}
