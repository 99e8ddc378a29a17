package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"time"

	"paperboy/adapters/kit"
	"paperboy/adapters/zotero"
	"paperboy/core"
	"paperboy/core/chat"
	"paperboy/core/ratelimit"
	"paperboy/core/workers"
	"paperboy/internal/wallclock"
)

type runCommand struct{}

func (runCommand) Help() string {
	return `Set a token first: ` + tokenHelp + `.`
}

const tokenHelp = "PAPERBOY_SLACK_BOT_TOKEN with PAPERBOY_SLACK_APP_TOKEN, or PAPERBOY_DISCORD_TOKEN, in the environment or the configuration"

// stopTime is how long a run may take to end once it is told to: messages that
// are on their way are written down in it.
const (
	stopTime  = 10 * time.Second
	graceTime = 8 * time.Second         // of it, for what is on its way
	lastTime  = 9500 * time.Millisecond // of it, for everything: what hangs then is left
)

// connection is a platform that the bot lives on.
type connection interface {
	core.Connection
	// Run hands over what people do until the context ends, which is no error,
	// or until the platform refuses us for good.
	Run(ctx context.Context, h core.Handler) error
	// Ready says why people are not heard at the moment; nil: they are.
	Ready() error
	// Handlers are what the platform wants to be asked under [http], by path.
	Handlers() map[string]http.Handler
}

// Run runs the bot. Being told to stop is no failure, however early that comes.
func (c *runCommand) Run(a *app) error {
	err := c.run(a)
	if _, wrong := errors.AsType[errUsage](err); err != nil && !wrong && a.ctx.Err() != nil {
		a.log.Warn("stopped", "err", err)
		return nil
	}
	return err
}

func (c *runCommand) run(a *app) error {
	if len(a.config.Platforms()) == 0 {
		return usage("no platform has a token, so there is nowhere to post\n"+
			"  set %s;\n  `bot init` asks for them, `bot doctor` checks them, and `bot demo` needs none", tokenHelp)
	}
	if told := a.readable(); told != "" {
		a.log.Warn(told + "; chmod 600 " + a.file)
	}
	s, err := a.open(false)
	if err != nil {
		return err
	}
	defer s.Close()
	owner := rand.Text()
	platforms, err := a.platforms(s, owner)
	if err != nil {
		return err
	}
	for _, p := range platforms {
		if t, ok := p.(interface {
			Load(context.Context, core.InstallationStore) error
		}); ok { // people install it themselves, and what they granted is in the store
			if err := t.Load(a.ctx, s); err != nil {
				return err
			}
		}
	}
	defaults, err := a.defaults()
	if err != nil {
		return err
	}
	ingest := a.ingest(s, a.sources(s, nil, a.now), a.now)
	ingest.NotBefore = a.notBefore()
	connections := core.NewConnections(a.log)
	for _, p := range platforms {
		if sharer, ok := p.(interface{ Share(core.Turns) }); ok && !s.Exclusive() {
			sharer.Share(s)
		}
		connections.Add(p)
	}
	var subscriber chat.Subscriber
	letters, subscriptions, err := a.mail(s, connections)
	if err != nil {
		return err
	}
	if letters != nil {
		platforms, subscriber = append(platforms, letters), subscriptions
		connections.Add(letters)
	}
	keys, err := kit.NewKeys(string(a.config.Store.Key))
	if err != nil {
		return usage("store.key: %v", err)
	}
	shelves := zotero.New(zotero.Options{Store: s, Keys: keys, Now: time.Now}) // of pauses, which no calendar shifts
	connections.Add(shelves)
	bot := workers.New(workers.Options{
		Store: s, Owner: owner, Connections: connections, Feed: ingest, Clock: wallclock.New(a.now), Log: a.log, Defaults: defaults, Quota: core.Quota(a.config.Limits), NotBefore: a.notBefore(), Grace: grace,
		Embedder: a.embedder(), Page: a.page(), Subscriber: subscriber, Librarian: shelves,
	})
	if subscriptions != nil {
		subscriptions.Wake = bot.Wake
	}
	if err := bot.Join(a.ctx); err != nil {
		if taken, ok := errors.AsType[*core.Taken](err); ok {
			return fmt.Errorf("%s is in use by %v; stop that first, or set [store] url to another file", a.config.Store.URL, taken.By)
		}
		if path, ok := errors.AsType[*fs.PathError](err); ok {
			return fmt.Errorf("cannot lock the database with %s: %w; let this user write that file, or take it away while nothing runs", path.Path, path.Err)
		}
		return err
	}

	if err := shelves.Load(a.ctx); err != nil {
		return err
	}
	if err := a.follow(a.ctx, s); err != nil {
		return err
	}

	ctx, stop := context.WithCancel(a.ctx)
	defer stop()
	port, err := a.listen(ctx, s, connections, platforms)
	if err != nil {
		return err
	}
	handler := ratelimit.New(bot, a.config.Limits.Commands, time.Now, a.log) // which no calendar shifts
	var running sync.WaitGroup
	for _, p := range platforms {
		running.Go(func() {
			if err := p.Run(ctx, handler); err != nil && ctx.Err() == nil {
				connections.Stop(p, err)
			}
		})
	}
	running.Go(port)
	names := make([]string, len(platforms))
	for i, p := range platforms {
		names[i] = p.Network().Name
	}
	a.log.Info("running", "platforms", strings.Join(names, ", "), "version", version())
	running.Go(func() {
		defer stop() // no installation is left
		err = bot.Run(ctx)
	})
	late := make(chan struct{})
	context.AfterFunc(ctx, func() { time.AfterFunc(lastTime, func() { close(late) }) })
	if !inTime(&running, late) {
		a.log.Warn("it did not end in time; what was on its way is looked for at the next start")
		return nil
	}
	if core.Is[*core.Unauthorised](err) {
		return fmt.Errorf("no platform accepts its token any more; `bot doctor` says which and why")
	}
	return err
}

// grace lets what is on its way be awaited when the process is told to stop, so
// that nobody has to look for it afterwards.
func grace(ctx context.Context) context.Context {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { time.AfterFunc(graceTime, cancel) })
	return out
}

// inTime waits for all, but not for ever.
func inTime(wg *sync.WaitGroup, late <-chan struct{}) bool {
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
		return true
	case <-late:
		return false
	}
}
