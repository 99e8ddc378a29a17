package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/internal/fakediscord"
	"paperboy/internal/fakeslack"
	"paperboy/internal/recordings"
	"paperboy/internal/testkit"
)

// begun is a `bot run` on its way.
type begun struct {
	log  *testkit.Log
	stop func() (status int)
}

func begin(t *testing.T, environ []string, flags ...string) begun {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	b := begun{log: &testkit.Log{}}
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"run"}, flags...), strings.NewReader(""), io.Discard, b.log, environ)
	}()
	b.stop = func() int {
		cancel()
		select {
		case status := <-ended:
			return status
		case <-time.After(stopTime):
			t.Errorf("it does not stop\n%s", b.log)
			return -1
		}
	}
	return b
}

func (b begun) readyz(t *testing.T) (status int, body string) {
	t.Helper()
	resp, err := http.Get("http://" + between(b.log.String(), "msg=listening address=", "\n") + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

// Somebody begins with Slack, adds Discord, and gets the same papers for the
// same words; when Discord's token is withdrawn, Slack goes on.
func TestOnePlatformThenBoth(t *testing.T) {
	workspace, server := fakeslack.New(t), fakediscord.New(t)
	workspace.Channel("papers", "pi", "paperboy")
	guild := server.Guild("lab")
	channel := guild.Channel("papers")
	mod := guild.Member("mod", fakediscord.ManageChannels)
	slackOnly := []string{
		"PAPERBOY_SLACK_API_URL=" + workspace.API, "PAPERBOY_DISCORD_API_URL=" + server.API,
		"PAPERBOY_STORE_URL=" + filepath.Join(t.TempDir(), "paperboy.db"),
		"PAPERBOY_SOURCES_HUGGINGFACE_ENABLED=false", "PAPERBOY_SOURCES_ARXIV_ENABLED=false",
		"PAPERBOY_SLACK_BOT_TOKEN=" + fakeslack.BotToken, "PAPERBOY_SLACK_APP_TOKEN=" + fakeslack.AppToken,
		"PAPERBOY_HTTP_LISTEN=127.0.0.1:0",
	}
	both := append(slices.Clone(slackOnly), "PAPERBOY_DISCORD_TOKEN="+fakediscord.Token)
	if status := run(t.Context(), []string{"import", recordings.File(t, "seed_page.jsonl")}, strings.NewReader(""), io.Discard, io.Discard, slackOnly); status != 0 {
		t.Fatalf("import: %d", status)
	}

	b := begin(t, slackOnly)
	workspace.Connected(1)
	workspace.Types("pi", "papers", `/papers subscribe diffusion -"stable diffusion"`).Wait(2)
	if status := b.stop(); status != 0 || len(server.Counts().Calls) > 0 {
		t.Errorf("status %d, calls of Discord %v", status, server.Counts().Calls)
	}

	b = begin(t, both)
	workspace.Connected(1)
	server.Connected(1)
	server.Wait("both", func() bool { status, _ := b.readyz(t); return status == http.StatusOK })
	if got := workspace.Types("pi", "papers", "/papers list").Reads(); !strings.Contains(got, "diffusion") {
		t.Errorf("what was followed is forgotten: %s", got)
	}
	type paper struct{ Title string }
	seed := recordings.Values[paper](t, "seed_page.jsonl", recordings.All)
	titles := func(answer string) (in []string) {
		for _, p := range seed {
			if i := strings.Index(answer, p.Title); i >= 0 {
				in = append(in, fmt.Sprintf("%05d %s", i, p.Title))
			}
		}
		slices.Sort(in)
		for i := range in {
			in[i] = in[i][6:]
		}
		return in
	}
	for _, query := range []string{"diffusion cat:*", `diffusion -"stable diffusion" cat:*`, "lora | federated cat:*", "imbalance* limit:10 cat:*"} {
		slack := titles(workspace.Types("pi", "papers", "/papers "+query).Reads())
		discord := titles(server.Types(mod, channel, "search", map[string]any{"query": query}).Reads())
		if len(slack) == 0 || !slices.Equal(slack, discord) {
			t.Errorf("%s: Slack has %q, Discord %q", query, slack, discord)
		}
	}

	server.RefusesToken()
	server.Wait("the end of Discord", func() bool {
		status, body := b.readyz(t)
		return status == http.StatusServiceUnavailable && strings.Contains(body, "discord")
	})
	if got := workspace.Types("pi", "papers", "/papers list").Reads(); !strings.Contains(got, "diffusion") {
		t.Errorf("Slack does not go on: %s", got)
	}
	if status := b.stop(); status != 0 {
		t.Errorf("it ended with %d", status)
	}
}
