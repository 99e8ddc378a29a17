package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/core/topic"
)

// An operator sees who is served, pauses a workspace, has it go on, and deletes it when
// the question is answered, each named in whatever way is clear.
func TestWorkspacesAreListedPausedAndDeleted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "paperboy.db")
	bot := func(in string, args ...string) (status int, out, complaint string) {
		t.Helper()
		var said, complained strings.Builder
		status = run(t.Context(), append([]string{"workspaces"}, args...), strings.NewReader(in), &said, &complained, []string{"PAPERBOY_STORE_URL=" + path})
		return status, said.String(), complained.String()
	}
	sees := func(what string, words ...string) {
		t.Helper()
		for _, w := range words {
			if !strings.Contains(what, w) {
				t.Errorf("%q is missing in\n%s", w, what)
			}
		}
	}
	s := openedStore(t, path)
	_, _, complaint := bot("", "list")
	sees(complaint, "no workspace is known yet")
	for _, key := range []core.ChannelKey{{Platform: "slack", Workspace: "T1", ID: "C1"}, {Platform: "slack", Workspace: "T2", ID: "C1"}, {Platform: "discord", ID: "D1"}} {
		if _, err := s.EnsureChannel(t.Context(), core.Channel{Key: key, Settings: core.DefaultSettings()}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.UpdateInstallation(t.Context(), core.Installation{Platform: "slack", Workspace: "T2"}, func(i *core.Installed) error {
		i.Name = "Vision Lab"
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	one, err := s.ChannelByKey(t.Context(), core.ChannelKey{Platform: "slack", Workspace: "T1", ID: "C1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"diffusion", "lora"} {
		what, err := topic.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddTopic(t.Context(), one.ID, what, core.User{}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	status, out, _ := bot("", "pause", "vision lab")
	sees(out, "slack/T2 is paused", "bot workspaces resume")
	_, list, _ := bot("", "list")
	sees(strings.Join(strings.Fields(list), " "), "FOLLOWING TOPICS (IN ONE)", "slack/T1 1 1 of 1000 2 (2 of 50) 0 active", "discord/- 1 0 0 (0 of 50)")
	sees(list, "slack/T1", "active", "Vision Lab", "paused since "+time.Now().UTC().Format(time.DateOnly), "discord/-")
	_, list, _ = bot("", "list", "--json")
	sees(list, `{"workspace":"slack/T2","name":"Vision Lab","channels":1,"following":0,"topics":0,"most":0,"messages":0,"state":"paused","since":"`)
	if paused, err := s.WorkspacePaused(t.Context(), core.Installation{Platform: "slack", Workspace: "T2"}); err != nil || !paused || status != 0 {
		t.Errorf("status %d, paused %v, %v", status, paused, err)
	}
	_, out, _ = bot("", "resume", "T2")
	sees(out, "slack/T2 goes on")
	status, _, complaint = bot("", "resume", "T2")
	sees(complaint, "slack/T2 is not paused")
	if status != 1 {
		t.Errorf("status %d", status)
	}
	_, _, complaint = bot("no\n", "delete", "slack/T2")
	sees(complaint, "Delete everything of slack/T2 (Vision Lab) with 1 channel")
	status, _, complaint = bot("", "pause", "T3")
	sees(complaint, "there is no workspace T3; there are discord/-, slack/T1, slack/T2")
	if status != 2 {
		t.Errorf("status %d", status)
	}

	status, _, complaint = bot("no\n", "delete", "slack/T1")
	sees(complaint, "Delete everything of slack/T1 with 1 channel and 2 topics, for good?", "nothing was deleted")
	if _, list, _ = bot("", "list"); status != 1 || !strings.Contains(list, "slack/T1") {
		t.Errorf("status %d:\n%s", status, list)
	}
	if err := s.GoneWorkspace(t.Context(), "discord", "", time.Now()); err != nil {
		t.Fatal(err)
	}
	_, _, complaint = bot("no\n", "delete", "discord/-")
	sees(complaint, "Delete everything of discord/-, gone since "+time.Now().UTC().Format(time.DateOnly)+", with all that is kept of it, for good?")
	_, out, _ = bot("yes\n", "delete", "slack/T1")
	sees(out, "slack/T1 with 1 channel and 2 topics is deleted")
	bot("", "delete", "--yes", "slack/T2")
	if _, list, _ = bot("", "list"); strings.Contains(list, "slack/") {
		t.Errorf("after they were deleted:\n%s", list)
	}
}
