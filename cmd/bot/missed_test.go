package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/topic"
)

// A guard that does not hold any more is named with its topic, its paper and why, and
// the exit status says so, for whoever runs it as a test.
func TestBrokenGuardsAreNamed(t *testing.T) {
	dir := t.TempDir()
	s := openedStore(t, filepath.Join(dir, "paperboy.db"))
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	paper := core.Seen{Paper: core.Paper{ID: "2611.00001", Title: "We segment lamps", Categories: []string{"cs.CV"}}, Sighting: core.Sighting{Source: "arxiv", Day: "2026-11-24"}, Authority: core.Index}
	if _, err := s.PutPapers(t.Context(), []core.Seen{paper}, false, now); err != nil {
		t.Fatal(err)
	}
	ch, err := s.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: "C1"}, Name: "#ml", Settings: core.DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	parsed := func(text string) topic.Topic {
		tp, err := topic.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return tp
	}
	follows := func(text string, id core.PaperID) core.Topic {
		added, err := s.AddTopic(t.Context(), ch.ID, parsed(text), core.User{}, now)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.AddGuard(t.Context(), ch.ID, core.Guard{Topic: added.ID, Paper: id, At: now}); err != nil {
			t.Fatal(err)
		}
		return added
	}
	guards := func(status int, out ...string) {
		t.Helper()
		var said, complained strings.Builder
		got := run(t.Context(), []string{"missed", "--guards"}, strings.NewReader(""), &said, &complained, []string{"PAPERBOY_STORE_URL=" + filepath.Join(dir, "paperboy.db")})
		if got != status || strings.Count(said.String(), "\n") != len(out) {
			t.Errorf("status %d: %s%s", got, &said, &complained)
		}
		for _, line := range out {
			if !strings.Contains(said.String(), line) {
				t.Errorf("%q is missing in\n%s", line, &said)
			}
		}
	}
	first := follows("segment*", "2611.00001")
	guards(0)
	if _, err := s.NarrowTopic(t.Context(), ch.ID, first.ID, parsed("segment* -lamp")); err != nil {
		t.Fatal(err)
	}
	follows("soup", "2611.00099")
	guards(1, "slack/T1/C1 #ml: #1 segment* -lamp no longer matches 2611.00001 We segment lamps: it has `lamp`, which `-lamp` keeps away",
		"#2 soup no longer matches 2611.00099: the store does not have the paper")
	if _, err := s.NarrowTopic(t.Context(), ch.ID, first.ID, parsed("lamp")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateChannel(t.Context(), ch.ID, func(c *core.Channel) { c.Settings.Scope = topic.Scope{Patterns: []string{"cs.CL"}, Strict: true} }); err != nil {
		t.Fatal(err)
	}
	guards(1, "it is outside of the channel's categories", "#2 soup")
	a := &app{ctx: t.Context(), environ: nil}
	if f := (&doctorCommand{}).guards(a, s); len(f) != 1 || f[0].State != kit.StateWarning || !strings.Contains(f[0].Detail, "2 of 2 guards broken") {
		t.Errorf("the doctor says %+v", f)
	}
}
