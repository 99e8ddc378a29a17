package main

import (
	"context"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/internal/config"
	"paperboy/internal/embeddings"
	"paperboy/internal/polite"
	"paperboy/internal/replay"
	"paperboy/sources/arxiv"
	rss "paperboy/sources/feed"
	"paperboy/sources/huggingface"
)

// arxivPace is what arXiv asks for in its API's terms of use: one request each
// three seconds, over everything a user runs.
const arxivPace = 3 * time.Second

// sources are those that the configuration has on. transport nil is the
// network; now is the calendar that they go by.
func (a *app) sources(s sourceStore, transport http.RoundTripper, now func() time.Time) []core.Source {
	var out []core.Source
	cfg := a.config.Sources
	if cfg.HuggingFace.Enabled {
		out = append(out, huggingface.New(cfg.HuggingFace.URL, a.client(s, huggingface.Name, transport), now))
	}
	if cfg.Arxiv.Enabled {
		out = append(out, arxiv.New(arxiv.Config{URL: cfg.Arxiv.URL, RSSURL: cfg.Arxiv.RSSURL, Categories: cfg.Arxiv.Categories,
			Client: a.client(s, arxiv.Name, transport), Notes: s, Now: now}))
	}
	for _, f := range cfg.Feed {
		out = append(out, rss.New(a.feed(s, f, transport, now)))
	}
	return out
}

// feed is what a [[sources.feed]] is made of.
func (a *app) feed(s sourceStore, f config.Feed, transport http.RoundTripper, now func() time.Time) rss.Config {
	client := a.client(s, f.Name, transport)
	client.Accept = rss.Accept
	c := rss.Config{Name: f.Name, URL: f.URL, Client: client, Now: now}
	if s != nil {
		c.Notes = s
	}
	return c
}

// ingest brings papers of the sources into the store; arXiv, where it is among
// them, is asked for categories that others leave out.
func (a *app) ingest(s core.Store, sources []core.Source, now func() time.Time) *feed.Feed {
	in := &feed.Feed{Store: s, Sources: sources, Now: now, Log: a.log, Interval: a.config.Fetch.Interval, Sleep: kit.Sleep}
	for _, src := range sources {
		if ax, ok := src.(*arxiv.Source); ok {
			in.Catalogue = ax
		}
	}
	return in
}

// page is one that a source has when it is well. read, where it is set, says
// whether the source can read it too.
type page struct {
	source, url string
	read        func(ctx context.Context, s sourceStore, transport http.RoundTripper) error
}

// pages are the small ones of the sources that are on, to see whether they answer.
func (a *app) pages() []page {
	cfg := a.config.Sources
	var out []page
	if cfg.HuggingFace.Enabled {
		out = append(out, page{source: huggingface.Name, url: strings.TrimRight(cfg.HuggingFace.URL, "/") + "/api/daily_papers?limit=1"})
	}
	if cfg.Arxiv.Enabled {
		out = append(out, page{source: arxiv.Name, url: strings.TrimRight(cfg.Arxiv.URL, "/") + "/api/query?id_list=1706.03762&max_results=1"})
	}
	for _, f := range cfg.Feed {
		out = append(out, page{f.Name, f.URL, func(ctx context.Context, s sourceStore, transport http.RoundTripper) error {
			_, err := rss.New(a.feed(s, f, transport, a.now)).Check(ctx)
			return err
		}})
	}
	return out
}

// answering are Hugging Face and arXiv, as far as they answer while a person waits.
func (a *app) answering(s sourceStore) []core.Source {
	ctx, cancel := context.WithTimeout(a.ctx, demoPatience)
	defer cancel()
	var mu sync.Mutex
	var well []string
	var wg sync.WaitGroup
	for _, p := range a.pages() {
		wg.Go(func() {
			if _, err := a.client(s, p.source, nil).Get(ctx, p.url); err == nil {
				mu.Lock()
				defer mu.Unlock()
				well = append(well, p.source)
			}
		})
	}
	wg.Wait()
	return slices.DeleteFunc(a.sources(s, nil, time.Now), func(s core.Source) bool {
		return s.Name() != huggingface.Name && s.Name() != arxiv.Name || !slices.Contains(well, s.Name())
	})
}

// defaults are what [digest] says about new channels.
func (a *app) defaults() (core.Defaults, error) {
	cfg := a.config.Digest
	settings := core.DefaultSettings()
	settings.Max, settings.Layout = cfg.Max, core.Layout(cfg.Layout)
	schedule, err := core.ParseSchedule(cfg.Time+" "+cfg.Days, core.Schedule{Zone: cfg.Timezone})
	return core.Defaults{Settings: settings, Schedule: schedule}, err
}

// sourceStore is what sources need of the store.
type sourceStore interface {
	core.SourceStore
	core.Turns
}

// client asks a source politely. Whose turn it is to ask arXiv is kept in
// the store, for other processes and a `bot fetch` beside them; without a store only this
// process keeps the pace.
func (a *app) client(s sourceStore, source string, transport http.RoundTripper) *polite.Client {
	c := &polite.Client{Agent: polite.UserAgent(version(), a.config.Fetch.UserAgentContact), Transport: transport}
	if _, recorded := transport.(*replay.Replay); source == arxiv.Name && !recorded {
		c.RateLimiter = &polite.RateLimiter{Every: arxivPace}
		if s != nil {
			c.RateLimiter.Turns, c.RateLimiter.Name = s, arxiv.Name
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

// embedder is the endpoint that says what papers are about; nil where none is set.
func (a *app) embedder() core.Embedder {
	m := a.config.Meaning
	if m.URL == "" {
		return nil
	}
	return &embeddings.Endpoint{URL: m.URL, Model: m.Model, Key: string(m.APIKey)}
}
