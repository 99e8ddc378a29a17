// Package slack is Paperboy in Slack.
//
// In: slash commands, buttons, shortcuts, mentions and reactions, by Socket
// Mode or by signed HTTP requests, and the Bot's Posts. Out: core's Requests,
// Presses and Reactions, and Block Kit messages.
//
//	blocks.go    a card as blocks: pure functions; cards.go a post in layout cards
//	client.go    the Web API: time-outs, pace, Retry-After, what an error means
//	post.go      core.Connection: post, look for, edit
//	reactions.go what people put on messages, read back a page at a time
//	grant.go     a workspace's token: kept sealed, renewed before it ends
//	install.go   the pages by which people install the app themselves
//	tenants.go   which workspaces there are, and which one something is for
//	socket.go    a transport: Socket Mode, one supervised connection after another
//	http.go      a transport: signed requests
//	handle.go    behind both: what people did becomes core's vocabulary
//	typed.go     what people typed, from how Slack writes it
//	channels.go  what channels are called, who can read them, whether we may post
//	answer.go    the way back: response_url, threads, files
//	windows.go   forms as modals: drawn, searched, submitted; answers in a window
//	home.go      App Home, and the way back from it
//	manifest.go  the app as Slack is told about it
//	doctor.go    what is wrong, and how to mend it
//
// It promises: whatever somebody waits for is acknowledged before any work, but for what
// Slack wants to know with it: what is wrong in a form, and what a search offers; a vote is
// acknowledged once it is written down, so that Slack tells somebody else when this process
// is killed before; what arrives twice is done once; reactions on one message are handled in their order; a channel
// gets at most one message a second, and who is told to wait waits while the
// others go on; a message whose outcome is unknown is never sent again from
// here, which is the ledger's to decide; posting does not need the socket.
// Strangers' text cannot mention, link or format: the one renderer escapes it.
// Tokens and the addresses of answers, which are secrets too, appear in no
// error and no log line. Whatever is asked of it is answered in core's
// vocabulary of errors, which one function makes of Slack's (client.go).
//
// Slack has no silent messages; Post.Silent is passed over.
//
// There is one app, and it has one workspace, whose token the configuration has, or
// many, which people install it in. The app receives, and says which workspace
// something is for; all else is the workspace's own: its token, its pace, what it
// remembers, what it was refused. What comes from a workspace that is none of ours
// is not answered, and a token that is refused ends nothing but its own workspace.
package slack

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// Name is the platform's in keys: "slack/T1/C2", "slack:T1/U2".
const Name = "slack"

var (
	_ core.Connection = (*Slack)(nil)
	_ core.Tenants    = (*Slack)(nil)
	_ core.Finder     = (*Slack)(nil)
	_ core.Editor     = (*Slack)(nil)
	_ core.VoteReader = (*Slack)(nil)
	_ core.Seeder     = (*Slack)(nil)
	_ core.Managers   = (*Slack)(nil)
	_ core.Doors      = (*Slack)(nil)
	_ core.Readers    = (*Slack)(nil)
)

// Options are what the app is made of.
type Options struct {
	BotToken      string // of the one workspace; empty: people install the app in theirs
	AppToken      string // Socket Mode; empty: HTTP mode
	SigningSecret string // of HTTP mode
	ClientID      string // with ClientSecret, PublicURL and Keys, where people install the app
	ClientSecret  string
	PublicURL     string
	Keys          *kit.Keys // that tokens are sealed with
	APIURL        string    // "https://slack.com/api/"
	Command       string    // "/papers"
	Now           func() time.Time
	Log           *slog.Logger

	// Dial makes connections; nil: over the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Slack is the app, in all of its workspaces. It is safe for concurrent use.
type Slack struct {
	app
	socket *slack.Client // with the app's token
	one    *workspace    // whose token the configuration has; nil: people install the app

	tenants tenants
}

// app is what all workspaces share.
type app struct {
	opt  Options
	log  *slog.Logger
	http *http.Client
	host string // of the API: answers may go there too

	queue kit.Queue
	seen  kit.Seen
	bot   core.Handler
	store core.InstallationStore // where people install the app
	ready chan struct{}          // closed when it is known which workspaces there are

	mu    sync.Mutex
	state error     // nil: connected
	over  error     // why all of it ended
	heard time.Time // when a socket last brought something
}

// workspace is the app in one of them.
type workspace struct {
	*app
	*grant
	once sync.Once
	self identity

	pace  rateLimiter
	names names
	looks looks
	lost  sync.Map // of *reading, by channel and moment

	addresses kit.Cache[replyTo] // of forms that are open: where the answer goes, by who and when they pressed
}

// identity is who we are in the workspace.
type identity struct{ team, user, bot string }

// New makes the app. It talks to nobody yet.
func New(o Options) *Slack {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.APIURL = strings.TrimRight(o.APIURL, "/") + "/" // methods' names are appended
	s := &Slack{app: app{opt: o, log: o.Log, ready: make(chan struct{}), state: errStarting}}
	if u, err := url.Parse(o.APIURL); err == nil {
		s.host = u.Hostname()
	}
	s.http = kit.HTTPClient(callTime, 64, o.Dial) // many channels
	s.socket = slack.New("", slack.OptionAppLevelToken(o.AppToken), slack.OptionAPIURL(o.APIURL), slack.OptionHTTPClient(s.http))
	if o.BotToken != "" {
		s.one = &workspace{app: &s.app, grant: s.newGrant(o.BotToken, core.Installed{})}
	}
	return s
}

// Network says Slack's customs. A mention notifies nobody: it is plain text.
func (s *Slack) Network() core.Network {
	return core.Network{Name: Name, Command: s.opt.Command, Editors: "members", Threads: true, VoteButton: true,
		Limits: core.Limits{ButtonID: 255, Gap: postEvery + postMargin, InFlight: tier3 - 8}}
}

// Serves reports whether the installation is one of ours.
func (s *Slack) Serves(in core.Installation) bool {
	select {
	case <-s.ready:
	default:
		return false
	}
	if s.one != nil {
		return in == s.one.installation()
	}
	w := s.tenants.get(in.Workspace)
	return in.Platform == Name && w != nil && w.token.Err() == nil
}

// Refused says why nothing goes on in any workspace; nil while it does.
func (s *Slack) Refused() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over == nil && s.one != nil {
		return s.one.token.Err()
	}
	return s.over
}

// errNotOurs: the app is not installed in the workspace, or not any more.
var errNotOurs = errors.New("the app is not installed in this workspace")

// of is the workspace that a channel is in.
func (s *Slack) of(ch core.ChannelKey) (*workspace, error) {
	if s.one != nil {
		return s.one, nil
	}
	if w := s.tenants.get(ch.Workspace); w != nil {
		return w, nil
	}
	return nil, &core.Unauthorised{Err: errNotOurs}
}

// Post implements core.Connection, in the channel's workspace; so does what follows
// with the other abilities.
func (s *Slack) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	w, err := s.of(p.Channel)
	if err != nil {
		return core.MessageRef{}, err
	}
	return w.Post(ctx, p)
}

// Find implements core.Finder.
func (s *Slack) Find(ctx context.Context, p core.Post) (core.MessageRef, bool, error) {
	w, err := s.of(p.Channel)
	if err != nil {
		return core.MessageRef{}, false, err
	}
	return w.Find(ctx, p)
}

// Edit implements core.Editor.
func (s *Slack) Edit(ctx context.Context, p core.Post, ref core.MessageRef) error {
	w, err := s.of(p.Channel)
	if err != nil {
		return err
	}
	return w.Edit(ctx, p, ref)
}

// Reactions implements core.VoteReader.
func (s *Slack) Reactions(ctx context.Context, ch core.ChannelKey, thread core.MessageRef, refs []core.MessageRef, keep func(core.MessageRef, []core.Reaction) error) (rest []core.MessageRef, err error) {
	w, err := s.of(ch)
	if err != nil {
		return nil, err
	}
	return w.Reactions(ctx, ch, thread, refs, keep)
}

// MaySeed implements core.Seeder.
func (s *Slack) MaySeed(ctx context.Context, ch core.ChannelKey) error {
	w, err := s.of(ch)
	if err != nil {
		return err
	}
	return w.MaySeed(ctx, ch)
}

// MayPost implements core.Doors.
func (s *Slack) MayPost(ctx context.Context, ch core.Channel) error {
	w, err := s.of(ch.Key)
	if err != nil {
		return err
	}
	return w.MayPost(ctx, ch)
}

// CanRead implements core.Readers.
func (s *Slack) CanRead(ctx context.Context, ch core.ChannelKey, u core.User) (bool, error) {
	w, err := s.of(ch)
	if err != nil {
		return false, err
	}
	return w.CanRead(ctx, ch, u)
}

// Manages implements core.Managers.
func (s *Slack) Manages(ctx context.Context, ch core.ChannelKey, u core.User) bool {
	w, err := s.of(ch)
	return err == nil && w.Manages(ctx, ch, u)
}

// installation is ours, once Slack has said who we are.
func (s *workspace) installation() core.Installation {
	return core.Installation{Platform: Name, Workspace: s.self.team}
}

func (s *workspace) key(channel string) core.ChannelKey {
	return core.ChannelKey{Platform: Name, Workspace: s.self.team, ID: channel}
}
