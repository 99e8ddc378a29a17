// Package discord is Paperboy in Discord.
//
// In: slash commands, buttons, select menus, modals, message menus and reactions,
// over the gateway, and the Bot's Posts. Out: core's Requests, Presses, Submissions
// and Reactions, and messages of embeds, buttons and select menus.
//
//	message.go   a card as a message: pure functions; cards.go a post in layout
//	             cards, markdown.go its text,
//	             components.go what is under it, modals.go a form as a window
//	rest.go      the REST API: time-outs, tries; ratelimit.go: when a request may leave
//	guilds.go    guilds, roles and channels as the gateway tells of them; permissions
//	errors.go    what Discord's refusals mean, in core's vocabulary
//	post.go      core.Connection: post; threads.go and forum.go: where to
//	find.go      look for a post whose answer was lost; edit.go, seed.go
//	doors.go     whether posts are taken, and who can read a channel
//	gateway.go   what is heard; shards.go which part of it this process hears, and
//	             when a session may begin; shard.go one part: session after session
//	             over connections (connection.go), and what they tell (events.go)
//	commands.go  the command tree out of core's verbs, and its registration
//	complete.go  how a command goes on while it is typed
//	files.go     a file that somebody gave with a command
//	handle.go    what people did becomes core's vocabulary, and the answer's way back
//	reactions.go reactions in the gateway's order, and read back
//	manifest.go  the invite link
//	doctor.go    what is wrong, and how to mend it
//
// It promises: everything is acknowledged before any work, but for the look
// whether a button opens a form, which Discord takes as the first answer only;
// what arrives twice is
// done once; reactions are taken in the gateway's order, without a request for
// any of them; no request leaves before Discord's limits let it; a message whose
// outcome is unknown is never sent again from here, which is the ledger's to
// decide, and when the ledger sends it again, its nonce makes it the same one;
// posting does not need the gateway. Strangers' text cannot mention, link or
// format: the one renderer escapes it, and no message may notify anybody. The
// token, and those of interactions, appear in no error and no log line.
//
// The gateway is spoken to directly, over a WebSocket. discordgo (v0.29), which
// would do it, waits for ever for a READY that does not come, reconnects for ever
// with a token that is refused, ends the session with its close code, and sleeps
// while it holds its lock; to mend that from outside was twice as long. Pasted links do not unfold here, since that would need
// everybody's messages read.
//
// The bot is one; what it hears is divided. A shard is a part of the guilds, by their
// ids; its session, the cache of its guilds, and what was missed while it had none
// are its own, and it says of no other shard's guild that we are not in it. Where
// several processes run, each has its share of the shards by leases (shards.go), and
// a shard is heard by one of them. What is heard is done where it is heard:
// interactions, reactions, and reading votes back (Hears). Everything else goes over
// REST, from any process and for any guild: posts, edits, looking for them, who can
// read a channel. Its permissions, roles and channels are the cache's where the gateway
// tells of the guild, else Discord is asked and believed for a minute.
package discord

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// Name is the platform's in keys: "discord/<guild>/<channel>", "discord:<user>".
const Name = "discord"

var (
	_ core.Connection = (*Discord)(nil)
	_ core.Finder     = (*Discord)(nil)
	_ core.Editor     = (*Discord)(nil)
	_ core.VoteReader = (*Discord)(nil)
	_ core.Forums     = (*Discord)(nil)
	_ core.Seeder     = (*Discord)(nil)
	_ core.Doors      = (*Discord)(nil)
	_ core.Readers    = (*Discord)(nil)
	_ core.Listener   = (*Discord)(nil)
)

// Options are what an installation is made of.
type Options struct {
	Token         string
	ApplicationID string // asked from Discord when empty
	APIURL        string // "https://discord.com/api/v10/"
	GuildIDs      []string
	Now           func() time.Time
	Log           *slog.Logger

	// Leases are where processes agree which of them hears which servers, and Owner
	// is this one there. Nil: this process hears all of them.
	Leases core.Leases
	Owner  string

	// Dial makes connections, for tests that have no network. Nil: the usual way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Discord is one bot. It is safe for concurrent use.
type Discord struct {
	opt     Options
	log     *slog.Logger
	rest    *client
	guilds  guildCache
	acks    kit.Queue // acknowledgements: nothing may hold them up
	queue   kit.Queue // what was asked for
	seen    kit.Seen
	tries   tries
	looks   looks
	lost    sync.Map                     // of *reading, by channel and moment
	told    kit.Cache[perm]              // by channel: ours, as an interaction told
	members kit.Cache[[]string]          // by guild and person: their roles
	drafts  kit.Cache[map[string]string] // of forms in which something was wrong
	self    string                       // our user id: the token's first part
	home    chan struct{}                // a guild came
	rereads *rate.Limiter                // of what is read back
	watches watches                      // of what happens while it is

	bot     core.Handler
	running context.Context // Run's
	leases  core.Leases
	keeper  keeper
	turns   sessionTurns

	mu         sync.Mutex
	link       error // nil: the shards say it
	commands   error // nil: registered
	app        string
	count      int               // of all shards; 0: not known yet
	shards     map[int]*shard    // that this process has, by number
	threads    map[string]bool   // of headers: whether they take messages
	registered map[string]bool   // guilds whose commands are as they should be
	papers     map[string]string // the ids of /papers, by guild; "": everywhere
}

// New makes an installation. It talks to nobody yet.
func New(o Options) *Discord {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Discord{
		opt: o, log: o.Log, self: idOf(o.Token), app: o.ApplicationID,
		home: make(chan struct{}, 1), rereads: rate.NewLimiter(rereadsPerSecond, rereadsPerSecond), link: errStarting, commands: errUnregistered,
		leases: o.Leases, keeper: keeper{bell: make(chan struct{}, 1), ended: make(chan ending)}, shards: map[int]*shard{},
		threads: map[string]bool{}, registered: map[string]bool{}, papers: map[string]string{},
	}
	if d.leases == nil {
		d.leases, d.opt.Owner = &alone{}, "this process"
	}
	d.rest = newClient(o.APIURL, o.Token, o.Dial)
	if d.self == "" {
		_ = d.rest.auth.Refuse(errors.New("it is not one of a bot: its first part is no id")) // said by all who use it
	}
	return d
}

var (
	errStarting     = errors.New("not connected yet")
	errUnregistered = errors.New("the commands are not registered yet")
)

// idOf is the id in a token's first part, "" when there is none.
func idOf(token string) string {
	first, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(first, "="))
	if err != nil || len(raw) == 0 || strings.Trim(string(raw), "0123456789") != "" {
		return ""
	}
	return string(raw)
}

// network are Discord's customs. A mention notifies nobody: it is plain text. There
// is no free text after a command: its options have names.
var network = core.Network{Name: Name, Command: "/papers", Editors: "managers", ManageRight: "Manage Channels", Roles: true, Threads: true, Named: true,
	Limits: core.Limits{Choices: maxChoices, ButtonID: maxCustomID, Fields: maxFields, Rows: maxRows, PerSecond: perSecond}}

// Network says Discord's customs.
func (d *Discord) Network() core.Network { return network }

// Serves reports whether we are in the server, as far as we know: of servers that
// another process hears of, we take it that we are. To post needs no gateway.
func (d *Discord) Serves(in core.Installation) bool {
	if in.Platform != Name {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.shardFor(in.Workspace)
	return in.Workspace == "" || s == nil || s.in == nil || s.in[in.Workspace]
}

// Hears reports whether this process hears what happens in the server: its shard
// is ours, and has said which servers it has.
func (d *Discord) Hears(in core.Installation) bool {
	if in.Platform != Name {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.shardFor(in.Workspace)
	return s != nil && s.in != nil
}

// shardFor is the shard that hears of a server, if this process has it. The
// caller holds mu.
func (d *Discord) shardFor(guild string) *shard {
	if d.count == 0 {
		return nil
	}
	return d.shards[shardOf(guild, d.count)]
}

// Handlers are none: Discord is heard over the gateway.
func (d *Discord) Handlers() map[string]http.Handler { return nil }

// Ready is nil while what people do reaches us and the commands are registered,
// else it says why not.
func (d *Discord) Ready() error {
	if err := d.rest.auth.Err(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.link != nil {
		return d.link
	}
	for _, id := range slices.Sorted(maps.Keys(d.shards)) {
		switch s := d.shards[id]; {
		case s.link == nil:
		case s.of == 1:
			return s.link
		default:
			return fmt.Errorf("shard %v: %w", s, s.link)
		}
	}
	return d.commands
}

func (d *Discord) setLink(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.link = err
}

func (d *Discord) setCommands(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.commands = err
}

func (d *Discord) key(guild, channel string) core.ChannelKey {
	return core.ChannelKey{Platform: Name, Workspace: guild, ID: channel}
}
