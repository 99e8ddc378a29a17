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
	slack, discord := &station{name: "slack"}, &station{name: "discord"}
	a := &app{log: slog.New(slog.DiscardHandler)}
	s := openedStore(t, filepath.Join(t.TempDir(), "paperboy.db"))
	port := a.port(s, []connection{slack, discord})
	asks := func(path string, status int, says string) {
		t.Helper()
		w := httptest.NewRecorder()
		port.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != status || w.Body.String() != says {
			t.Errorf("%s: %d %q, want %d %q", path, w.Code, w.Body, status, says)
		}
	}
	asks("/readyz", 200, "ready\n")
	discord.ready = errors.New("its commands are not registered")
	asks("/readyz", 503, "discord: its commands are not registered\n")
	asks("/healthz", 200, "ok\n")
	discord.ready = nil
	s.Close()
	asks("/readyz", 503, "the database does not answer\n")
	asks("/healthz", 200, "ok\n")
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
	asks := func(status int, says string) {
		t.Helper()
		w := httptest.NewRecorder()
		a.port(s, nil).ServeHTTP(w, httptest.NewRequest("GET", "/feeds/"+link.Secret+"/posts.atom", nil))
		if w.Code != status || !strings.Contains(w.Body.String(), says) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	a.config.HTTP.Listen = "127.0.0.1:8080"
	asks(404, "")
	a.config.HTTP.PublicURL = "https://papers.example/"
	asks(200, `href="https://papers.example/feeds/`+link.Secret+`/posts.atom"`)
}
