package main

import (
	"path/filepath"
	"strings"
	"testing"

	"paperboy/internal/fakeslack"
)

// An operator's limits hold in a workspace of the bot that runs.
func TestARunKeepsItsLimits(t *testing.T) {
	workspace := fakeslack.New(t)
	workspace.Channel("papers", "pi", "paperboy")
	b := begin(t, []string{
		"PAPERBOY_SLACK_API_URL=" + workspace.API, "PAPERBOY_STORE_URL=" + filepath.Join(t.TempDir(), "paperboy.db"),
		"PAPERBOY_SOURCES_HUGGINGFACE_ENABLED=false", "PAPERBOY_SOURCES_ARXIV_ENABLED=false",
		"PAPERBOY_SLACK_BOT_TOKEN=" + fakeslack.BotToken, "PAPERBOY_SLACK_APP_TOKEN=" + fakeslack.AppToken,
		"PAPERBOY_HTTP_LISTEN=127.0.0.1:0", "PAPERBOY_LIMITS_TOPICS=1", "PAPERBOY_LIMITS_COMMANDS=1",
	})
	workspace.Connected(1)
	if got := workspace.Types("pi", "papers", "/papers subscribe diffusion, lora").Reads(); !strings.Contains(got, "the limit is 1") {
		t.Errorf("two topics: %s", got)
	}
	var got string
	for range 5 { // one of which comes within the minute of the one before
		if got = workspace.Types("pi", "papers", "/papers list").Reads(); strings.Contains(got, "more than the 1 command a minute") {
			break
		}
	}
	if !strings.Contains(got, "was not done") {
		t.Errorf("a second command: %s", got)
	}
	if status := b.stop(); status != 0 {
		t.Errorf("it ended with %d\n%s", status, b.log)
	}
}
