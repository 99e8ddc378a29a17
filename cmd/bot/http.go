package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"paperboy/adapters/discord"
	"paperboy/adapters/feeds"
	"paperboy/adapters/mail"
	"paperboy/adapters/mcp"
	"paperboy/adapters/site"
	"paperboy/adapters/slack"
	"paperboy/core"
	"paperboy/core/query"
)

// probeTime is how long a probe may take to answer.
const probeTime = 5 * time.Second

// listen opens the port of [http], where one is asked for, and returns what
// serves it until the context ends.
func (a *app) listen(ctx context.Context, s core.Store, connections *core.Connections, platforms []connection) (serve func(), err error) {
	if a.config.HTTP.Listen == "" {
		return func() {}, nil
	}
	l, err := net.Listen("tcp", a.config.HTTP.Listen)
	if err != nil {
		return nil, usage("http.listen: cannot listen on %s (%v); choose another address, as 127.0.0.1:8080", a.config.HTTP.Listen, listenTrouble(err))
	}
	a.log.Info("listening", "address", l.Addr().String())
	return a.serve(ctx, l, a.port(s, connections, platforms)), nil
}

// listenHere opens a port for this machine only, at the address of [http] listen, and
// returns the address under which it is reached. A page elsewhere whose name was made
// to lead here (DNS rebinding) gets nothing.
func (a *app) listenHere(ctx context.Context, s core.Store, connections *core.Connections) (page string, serve func(), err error) {
	l, err := net.Listen("tcp", a.config.HTTP.Listen)
	if err != nil {
		return "", nil, err
	}
	a.config.HTTP.PublicURL = "http://" + l.Addr().String()
	port := a.port(s, connections, nil)
	return a.page(), a.serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != l.Addr().String() {
			http.Error(w, "This page is served on this machine only: open "+a.page()+"/", http.StatusForbidden)
			return
		}
		port.ServeHTTP(w, r)
	})), nil
}

// serve returns what serves a port until the context ends.
func (a *app) serve(ctx context.Context, l net.Listener, h http.Handler) func() {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	return func() {
		go func() {
			<-ctx.Done()
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime/2)
			defer cancel()
			srv.Shutdown(last)
		}()
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("the port is closed", "err", err)
		}
	}
}

// page is where the world reaches the readers' page; "" where it does not.
func (a *app) page() string {
	if a.config.HTTP.Listen == "" {
		return ""
	}
	return strings.TrimRight(a.config.HTTP.PublicURL, "/")
}

// port is everything that is asked over [http].
func (a *app) port(s core.Store, connections *core.Connections, platforms []connection) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), probeTime)
		defer cancel()
		var missing []string
		if _, err := s.CountPapers(ctx); err != nil {
			a.log.Error("the database does not answer", "err", err)
			missing = append(missing, "the database does not answer")
		}
		for _, p := range platforms {
			if err := p.Ready(); err != nil {
				missing = append(missing, p.Network().Name+": "+err.Error())
			}
		}
		if len(missing) > 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			for _, m := range missing {
				fmt.Fprintln(w, m)
			}
			return
		}
		fmt.Fprintln(w, "ready")
		for _, p := range platforms {
			if p, ok := p.(sharded); ok {
				fmt.Fprintln(w, p.Network().Name+": "+discord.ShardNames(p.Shards()))
			}
		}
	})
	registry := prometheus.NewRegistry()
	registry.MustRegister(&metrics{store: s, platforms: platforms, log: a.log})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelError)}))
	pages := readers() // which strangers may ask for; an assistant has a key
	if page := a.page(); page != "" {
		mux.Handle("GET /feeds/", few(pages, &feeds.Feeds{Store: s, Query: &query.Reader{Store: s, Now: a.now}, Page: page, Public: a.config.Site.Public, Now: a.now, Log: a.log}))
	}
	mux.Handle("/mcp", few(readers(), mcp.Handler(a.assistants(s), s, a.config.HTTP.PublicURL)))
	for _, p := range platforms {
		for path, h := range p.Handlers() {
			mux.Handle(path, h)
		}
	}
	mux.Handle("/", few(pages, a.site(s, connections, platforms)))
	return mux
}

// site is the readers' page.
func (a *app) site(s core.Store, connections *core.Connections, platforms []connection) http.Handler {
	zone, err := time.LoadLocation(a.config.Digest.Timezone)
	if err != nil { // the configuration was read with less
		zone = time.UTC
	}
	o := site.Options{
		Store: s, Query: &query.Reader{Store: s, Now: a.now, Embedder: a.embedder()}, Connections: connections, Now: a.now, Zone: zone,
		Address: a.page(), Command: a.config.Slack.Command, Public: a.config.Site.Public, Log: a.log,
	}
	if c := a.config.Site; c.OIDCIssuer != "" {
		o.SignIn = &site.SignIn{Issuer: c.OIDCIssuer, ClientID: c.OIDCClientID, ClientSecret: string(c.OIDCClientSecret)}
		if c.OIDCIssuer == slack.Issuer {
			o.SignIn.Person = slack.Person
		}
	}
	for _, p := range platforms {
		if m, ok := p.(*mail.Mail); ok {
			o.Mail = m.Subscriptions
		}
	}
	return site.New(o)
}

// sharded is a platform whose servers are heard by several processes, each a part
// of them: the shards that this one has.
type sharded interface {
	connection
	Shards() []discord.Shard
}

// metrics are read from the store when they are asked for: there is no second
// count that could say something else.
type metrics struct {
	store     core.Store
	platforms []connection
	log       *slog.Logger
}

var (
	papersMetric  = prometheus.NewDesc("paperboy_papers", "Papers in the store.", nil, nil)
	openMetric    = prometheus.NewDesc("paperboy_deliveries_open", "Messages that are planned, on the way or held.", []string{"state"}, nil)
	successMetric = prometheus.NewDesc("paperboy_source_last_success_seconds", "When a source last answered, in Unix time.", []string{"source"}, nil)
	wordMetric    = prometheus.NewDesc("paperboy_source_state", "1 for the word that a source's state is in.", []string{"source", "state"}, nil)
	ownersMetric  = prometheus.NewDesc("paperboy_processes", "Processes that work on the database.", nil, nil)
	heardMetric   = prometheus.NewDesc("paperboy_shard_ready", "For each shard that this process has: 1 when what happens in its servers is heard.", []string{"platform", "shard"}, nil)
	serversMetric = prometheus.NewDesc("paperboy_shard_servers", "Servers of each shard that this process has.", []string{"platform", "shard"}, nil)
	readyMetric   = prometheus.NewDesc("paperboy_platform_ready", "1 when people are heard on a platform.", []string{"platform"}, nil)
)

// Describe implements prometheus.Collector.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{papersMetric, openMetric, successMetric, wordMetric, readyMetric, ownersMetric, heardMetric, serversMetric} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, p := range m.platforms {
		ready := 0.0
		if p.Ready() == nil {
			ready = 1
		}
		gauge(readyMetric, ready, p.Network().Name)
		if p, ok := p.(sharded); ok {
			for _, s := range p.Shards() {
				heard := 1.0
				if s.Err != nil {
					heard = 0
				}
				gauge(heardMetric, heard, p.Network().Name, s.String())
				gauge(serversMetric, float64(s.Servers), p.Network().Name, s.String())
			}
		}
	}
	papers, err := m.store.CountPapers(ctx)
	if err == nil {
		gauge(papersMetric, float64(papers))
	}
	open, openErr := m.store.CountOpen(ctx)
	for state, count := range open {
		gauge(openMetric, float64(count), string(state))
	}
	owners, ownersErr := m.store.Owners(ctx)
	if ownersErr == nil {
		gauge(ownersMetric, float64(len(owners)))
	}
	states, stateErr := m.store.SourceStates(ctx)
	for _, s := range states {
		if !s.LastSuccess.IsZero() {
			gauge(successMetric, float64(s.LastSuccess.Unix()), s.Source)
		}
		gauge(wordMetric, 1, s.Source, string(s.Word))
	}
	if err := errors.Join(err, openErr, ownersErr, stateErr); err != nil {
		m.log.Error("metrics", "err", err)
	}
}
