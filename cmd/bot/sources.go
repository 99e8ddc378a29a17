package main

import (
	"context"
	"runtime/debug"
	"time"

	"paperboy/core"
	"paperboy/internal/polite"
)

// arxivPace is what arXiv asks for in its API's terms of use: one request each
// three seconds, over everything a user runs.
const arxivPace = 3 * time.Second

// client asks a source politely. What arXiv was last asked is kept in the
// store, for a `bot fetch` beside `bot run`; without a store only this process
// keeps the pace.
func (a *app) client(s core.SourceStore, source string) *polite.Client {
	c := &polite.Client{Agent: polite.UserAgent(version(), a.config.Fetch.UserAgentContact)}
	if source == "arxiv" {
		c.Pace = &polite.Pace{Every: arxivPace}
		if s != nil {
			const note = "arxiv/pace"
			c.Pace.Load = func(ctx context.Context) (string, error) { return s.Note(ctx, note) }
			c.Pace.Save = func(ctx context.Context, line string) error { return s.SetNote(ctx, note, line) }
		}
	}
	return c
}

// version is this program's, "devel" where it was built outside of a release.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// builtAfter is a moment before which this program cannot run: when its source
// was committed, or where the build did not note that, when this was written.
func builtAfter() time.Time {
	at := time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return at
	}
	for _, s := range info.Settings {
		if t, err := time.Parse(time.RFC3339, s.Value); s.Key == "vcs.time" && err == nil && t.After(at) {
			return t
		}
	}
	return at
}
