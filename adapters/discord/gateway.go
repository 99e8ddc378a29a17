package discord

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// How connections are kept.
const (
	settled    = 30 * time.Second // a connection that lived so long was a good one
	backoffMin = time.Second
	backoffMax = 2 * time.Minute
	stopAfter  = 5 * time.Second
	// A session that is not taken up again is given up after so many tries that
	// the gateway leaves without an answer, or after so long: Discord keeps one
	// for a few minutes.
	resumeTries = 2
	resumeTime  = 5 * time.Minute
)

// outgrown is the close code of a shard with too many servers: there have to be
// more of them.
const outgrown = 4011

// fatal are the close codes after which nobody may come back
// (topics/opcodes-and-status-codes.mdx).
var fatal = map[int]string{
	4004: "the token was refused",
	4010: "this shard does not exist; Paperboy needs an update",
	4012: "the gateway's version is gone; Paperboy needs an update",
	4013: "the intents are invalid; Paperboy needs an update",
	4014: "an intent is not allowed; Paperboy asks for none that needs permission",
}

// anew are those after which the session is lost.
var anew = map[int]bool{4007: true, 4009: true, websocket.CloseNormalClosure: true, websocket.CloseGoingAway: true}

// Run answers people until the context ends. It returns an error when Discord
// refuses us for good; posting does not depend on it otherwise. It is called
// once.
func (d *Discord) Run(ctx context.Context, bot core.Handler) error {
	d.bot = bot
	asked := ctx // to end
	ctx, cancel := context.WithCancel(ctx)
	d.running = ctx
	defer d.rest.http.CloseIdleConnections()
	defer d.turns.held.Wait()
	defer d.queue.Run(ctx, d.log, stopAfter)()
	defer d.acks.Run(ctx, d.log, stopAfter)() // ends first: it fills the other
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	all.Go(func() { d.keepCommands(ctx) })
	all.Go(func() { // the gateway may not know it yet
		select {
		case <-d.rest.auth.Refused():
			cancel()
		case <-ctx.Done():
		}
	})
	err := d.keepShards(ctx)
	if refused := d.rest.auth.Err(); refused != nil {
		err = refused
	} else if asked.Err() != nil {
		return nil
	}
	if err != nil {
		d.log.Error("discord: "+err.Error()+"; nothing more is tried. Mend it, and start again.", "platform", Name)
		d.setLink(err)
		return err
	}
	return nil
}

// gatewayInfo is where the gateway is, in how many shards it wants us, and how
// often we may begin there.
type gatewayInfo struct {
	URL    string `json:"url"`
	Shards int    `json:"shards"`
	Limits struct {
		Remaining   int   `json:"remaining"`
		Reset       int64 `json:"reset_after"` // ms
		Total       int   `json:"total"`
		Concurrency int   `json:"max_concurrency"`
	} `json:"session_start_limit"`
	now time.Time
}

func (g *gatewayInfo) date(h http.Header) {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		g.now = at
	}
}

// askGateway asks Discord for it.
func (d *Discord) askGateway(ctx context.Context) (info gatewayInfo, err error) {
	err = d.rest.call(ctx, request{method: "GET", route: "/gateway/bot", into: &info})
	info.Shards, info.Limits.Concurrency = max(info.Shards, 1), max(info.Limits.Concurrency, 1)
	return info, err
}

// backoff is the pause before a try.
func (d *Discord) backoff(try int) time.Duration {
	return kit.Backoff(try, backoffMin, backoffMax)
}
