package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"paperboy/adapters/discord"
	"paperboy/core"
	"paperboy/store"
)

func openedStore(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// station is a platform that is there or not.
type station struct {
	core.Connection
	name  string
	ready error
}

func (s *station) Network() core.Network                   { return core.Network{Name: s.name} }
func (s *station) Run(context.Context, core.Handler) error { return nil }
func (s *station) Ready() error                            { return s.ready }
func (s *station) Handlers() map[string]http.Handler       { return nil }

func TestTheProbesSayWhatIsMissing(t *testing.T) {
	slack, other := &station{name: "slack"}, &station{name: "discord"}
	a := &app{log: slog.New(slog.DiscardHandler)}
	s := openedStore(t, filepath.Join(t.TempDir(), "paperboy.db"))
	port := a.port(s, core.NewConnections(nil, slack, other), []connection{slack, other})
	asks := func(path string, status int, says string) {
		t.Helper()
		w := httptest.NewRecorder()
		port.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != status || w.Body.String() != says {
			t.Errorf("%s: %d %q, want %d %q", path, w.Code, w.Body, status, says)
		}
	}
	asks("/readyz", 200, "ready\n")
	other.ready = errors.New("its commands are not registered")
	asks("/readyz", 503, "discord: its commands are not registered\n")
	asks("/healthz", 200, "ok\n")
	other.ready = nil
	s.Close()
	asks("/readyz", 503, "the database does not answer\n")
	asks("/healthz", 200, "ok\n")
}

// divided is a platform that is heard in shards.
type divided struct {
	station
	shards []discord.Shard
}

func (d *divided) Shards() []discord.Shard { return d.shards }

func TestTheProbesSayWhichShardsAreHere(t *testing.T) {
	d := &divided{station: station{name: "discord"}, shards: []discord.Shard{{ID: 0, Of: 16, Servers: 12}, {ID: 1, Of: 16, Servers: 13, Err: errors.New("the connection was lost")}, {ID: 5, Of: 16}}}
	a := &app{log: slog.New(slog.DiscardHandler)}
	port := a.port(openedStore(t, filepath.Join(t.TempDir(), "paperboy.db")), core.NewConnections(nil, d), []connection{d})
	asks := func(path string, says ...string) {
		t.Helper()
		w := httptest.NewRecorder()
		port.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		for _, want := range says {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s does not say %q:\n%s", path, want, w.Body)
			}
		}
	}
	asks("/readyz", "ready\ndiscord: shards 0-1, 5 of 16\n")
	asks("/metrics", `paperboy_shard_ready{platform="discord",shard="0/16"} 1`, `paperboy_shard_ready{platform="discord",shard="1/16"} 0`, `paperboy_shard_servers{platform="discord",shard="1/16"} 13`)
}

// A channel's feeds are where its link says that they are, and nowhere where the world
// does not reach the port.
func TestFeedsAreServedWhereTheWorldReachesThePort(t *testing.T) {
	s := openedStore(t, filepath.Join(t.TempDir(), "paperboy.db"))
	ch, err := s.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "web", ID: "ml"}, Name: "#ml", Settings: core.DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	link := core.Link{Channel: ch.ID, Purpose: core.LinkRead, Secret: core.NewSecret()}
	if err := s.SetLink(t.Context(), link); err != nil {
		t.Fatal(err)
	}
	a := &app{log: slog.New(slog.DiscardHandler)}
	gets := func(path string) (status int, body string) {
		w := httptest.NewRecorder()
		a.port(s, core.NewConnections(nil), nil).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code, w.Body.String()
	}
	posts := "/feeds/" + link.Secret + "/posts.atom"
	a.config.HTTP.Listen = "127.0.0.1:8080"
	if status, _ := gets(posts); status == 200 {
		t.Error("a feed that does not know where it is")
	}
	a.config.HTTP.PublicURL = "https://papers.example/"
	if status, body := gets(posts); status != 200 || !strings.Contains(body, `href="https://papers.example`+posts+`"`) {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := gets("/feeds/day.atom"); status != 404 {
		t.Errorf("without a link: %d", status)
	}
	a.config.Site.Public = true
	if status, body := gets("/feeds/day.atom"); status != 200 {
		t.Errorf("public: %d %s", status, body)
	}
}

// The readers' page is on the port, and lets in who has a link; the probes stay where
// they are.
func TestTheReadersPageIsOnThePort(t *testing.T) {
	a := &app{log: slog.New(slog.DiscardHandler)}
	s := openedStore(t, filepath.Join(t.TempDir(), "paperboy.db"))
	ch, err := s.EnsureChannel(t.Context(), core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: "T1", ID: "C1"}, Name: "#ml"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetLink(t.Context(), core.Link{Channel: ch.ID, Purpose: core.LinkRead, Secret: "SECRET"}); err != nil {
		t.Fatal(err)
	}
	port := a.port(s, core.NewConnections(nil), nil)
	asks := func(path, cookie string) (int, string) {
		t.Helper()
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		port.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	if status, page := asks("/", ""); status != 401 || strings.Contains(page, "#ml") {
		t.Errorf("a stranger gets %d:\n%s", status, page)
	}
	if status, page := asks("/", "paperboy=SECRET"); status != 200 || !strings.Contains(page, "#ml") {
		t.Errorf("a reader gets %d:\n%s", status, page)
	}
	if status, _ := asks("/healthz", ""); status != 200 {
		t.Errorf("the probe gets %d", status)
	}
}

// Where nobody said how the world reaches the port there is no page to give links to.
func TestThePageHasAnAddress(t *testing.T) {
	a := &app{}
	a.config.HTTP.PublicURL = "https://papers.example.org/"
	if got := a.page(); got != "" {
		t.Errorf("without a port it is %q", got)
	}
	a.config.HTTP.Listen = ":8080"
	if got := a.page(); got != "https://papers.example.org" {
		t.Errorf("with one it is %q", got)
	}
}
