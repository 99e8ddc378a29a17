package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"paperboy/adapters/folder"
	"paperboy/adapters/webhook"
	"paperboy/core"
	"paperboy/internal/testkit"
	"paperboy/store"
)

// Nobody can type where a webhook leads: its channel is what the configuration says,
// from each start on.
func TestAWebhookFollowsWhatTheConfigurationSays(t *testing.T) {
	dir := t.TempDir()
	file, db := filepath.Join(dir, "config.toml"), filepath.Join(dir, "paperboy.db")
	const secret = "whsec_dHdlbnR5LWZvdXIgYnl0ZXMgb2Yga2V5"
	entry := func(name, topics, schedule, more string) string {
		return fmt.Sprintf("[[webhook]]\nname = %q\nurl = \"http://127.0.0.1:1/s3cret\"\nsecret = \"${SECRET}\"\ntopics = [%s]\nschedule = %q\n%s\n", name, topics, schedule, more)
	}
	environ := []string{"SECRET=" + secret, "PAPERBOY_STORE_URL=" + db, "PAPERBOY_SOURCES_HUGGINGFACE_ENABLED=false", "PAPERBOY_SOURCES_ARXIV_ENABLED=false", "PAPERBOY_HTTP_LISTEN=127.0.0.1:0"}
	starts := func(entries ...string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(strings.Join(entries, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		b := begin(t, environ, "--config", file)
		testkit.Eventually(t, b.log, "running", func() bool { return strings.Contains(b.log.String(), "msg=running platforms=webhook") })
		if status, body := b.readyz(t); status != http.StatusOK {
			t.Errorf("readyz: %d %s", status, body)
		}
		var report testkit.Log
		run(t.Context(), []string{"doctor", "--config", file}, strings.NewReader(""), &report, &report, environ)
		if !strings.Contains(report.String(), "webhook lab") {
			t.Errorf("doctor says\n%s", &report)
		}
		if status := b.stop(); status != 0 {
			t.Errorf("it ended with %d\n%s", status, b.log)
		}
		for _, said := range []string{b.log.String(), report.String()} {
			if strings.Contains(said, "s3cret") || strings.Contains(said, secret) {
				t.Errorf("a secret is told:\n%s", said)
			}
		}
	}
	// is how a channel stands: its topics by number, when it gets its post, and how.
	is := func(name, want string) core.Channel {
		t.Helper()
		s, err := store.Open(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		ch, err := s.ChannelByKey(t.Context(), webhook.Key(name))
		if err != nil {
			t.Fatal(err)
		}
		topics, err := s.Topics(t.Context(), ch.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%s %s %d, private %v, gone %v:", ch.Schedule, ch.Settings.Layout, ch.Settings.Max, ch.Private, !ch.Gone.IsZero())
		for _, topic := range topics {
			got += fmt.Sprintf(" #%d %s", topic.Number, topic.Topic)
		}
		if got != want {
			t.Errorf("%s is %s\nand not %s", name, got, want)
		}
		return ch
	}
	starts(entry("lab", `"lora", "diffusion -video"`, "09:00 Europe/Berlin", ""), entry("other", `"cats"`, "9 UTC daily", "together = true"))
	first := is("lab", "09:00 Europe/Berlin weekdays forum 15, private true, gone false: #1 lora #2 diffusion -video")
	is("other", "09:00 UTC daily digest 10, private true, gone false: #1 cat")

	starts(entry("lab", `"lora", "diffusion -video"`, "09:00 Europe/Berlin", "")) // the same again
	if again := is("lab", "09:00 Europe/Berlin weekdays forum 15, private true, gone false: #1 lora #2 diffusion -video"); !again.Scheduled.Equal(first.Scheduled) {
		t.Error("it is scheduled anew though nothing changed")
	}
	is("other", "09:00 UTC daily digest 10, private true, gone true: #1 cat")

	starts(entry("lab", `"agents", "diffusion -video"`, "17:30 Europe/Berlin daily", "together = true"))
	is("lab", "17:30 Europe/Berlin daily digest 10, private true, gone false: #2 diffusion -video #3 agent")
}

func TestAWebhookThatCannotBeIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.toml")
	text := "[[webhook]]\nname = \"Lab\"\nurl = \"http://lab.example/x\"\nsecret = \"hunter2\"\ntopics = [\"(\"]\nschedule = \"sometimes\"\n[[webhook]]\nname = \"b\"\nurl = \"https://b.example\"\nsecret = \"whsec_c2hvcnQ=\"\nschedule = \"09:00\"\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var said testkit.Log
	if status := run(t.Context(), []string{"run", "--config", file}, strings.NewReader(""), &said, &said, nil); status != 2 {
		t.Errorf("status %d", status)
	}
	for _, want := range []string{"config.toml:2:8: webhook.0.name:", "config.toml:3:7: webhook.0.url: http:// is only for this machine", "config.toml:4:10: webhook.0.secret:", "openssl rand -base64 24",
		"config.toml:5:1: webhook.0.topics:", "config.toml:6:12: webhook.0.schedule:", "config.toml:10:10: webhook.1.secret:", "webhook.1.topics: is empty", "config.toml:11:12: webhook.1.schedule:"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &said)
		}
	}
	if strings.Contains(said.String(), "hunter2") {
		t.Errorf("a secret is told:\n%s", &said)
	}
}

// A folder is followed likewise, and the doctor says when it is not there.
func TestAFolderFollowsWhatTheConfigurationSays(t *testing.T) {
	dir := t.TempDir()
	file, db, vault := filepath.Join(dir, "config.toml"), filepath.Join(dir, "paperboy.db"), filepath.Join(dir, "vault")
	text := fmt.Sprintf("[[folder]]\nname = \"reading\"\npath = %q\ntopics = [\"lora\"]\nschedule = \"09:00 Europe/Berlin\"\n", vault)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"PAPERBOY_STORE_URL=" + db, "PAPERBOY_SOURCES_HUGGINGFACE_ENABLED=false", "PAPERBOY_SOURCES_ARXIV_ENABLED=false"}
	doctor := func() string {
		var report testkit.Log
		run(t.Context(), []string{"doctor", "--config", file}, strings.NewReader(""), &report, &report, environ)
		return report.String()
	}
	if got := doctor(); !strings.Contains(got, "make the folder") {
		t.Errorf("of a folder that is not there the doctor says\n%s", got)
	}
	if err := os.Mkdir(vault, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := doctor(); !strings.Contains(got, "folder reading") || strings.Contains(got, "make the folder") {
		t.Errorf("the doctor says\n%s", got)
	}
	b := begin(t, environ, "--config", file)
	testkit.Eventually(t, b.log, "running", func() bool { return strings.Contains(b.log.String(), "msg=running platforms=folder") })
	if status := b.stop(); status != 0 {
		t.Errorf("it ended with %d\n%s", status, b.log)
	}
	s, err := store.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ch, err := s.ChannelByKey(t.Context(), folder.Key("reading"))
	if err != nil || ch.Settings.Layout != core.LayoutForum || ch.Schedule.String() != "09:00 Europe/Berlin weekdays" {
		t.Errorf("%+v, %v", ch, err)
	}
}
