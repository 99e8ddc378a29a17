// Package slack is Paperboy in Slack.
//
// In: slash commands, buttons, shortcuts, mentions and reactions, by Socket
// Mode or by signed HTTP requests, and the Bot's Posts. Out: core's Requests,
// Presses and Reactions, and Block Kit messages.
//
//	blocks.go    a card as blocks: pure functions; cards.go a post in layout cards
//	client.go    the Web API: time-outs, pace, Retry-After, what an error means
//	post.go      core.Connection: post, look for, edit, read reactions back
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
// It promises: everything is acknowledged before any work, but for what Slack
// wants to know with it: what is wrong in a form, and what a search offers; what arrives twice
// is done once; reactions on one message are handled in their order; a channel
// gets at most one message a second, and who is told to wait waits while the
// others go on; a message whose outcome is unknown is never sent again from
// here, which is the ledger's to decide; posting does not need the socket.
// Strangers' text cannot mention, link or format: the one renderer escapes it.
// Tokens and the addresses of answers, which are secrets too, appear in no
// error and no log line. Whatever is asked of it is answered in core's
// vocabulary of errors, which one function makes of Slack's (client.go).
//
// Slack has no silent messages; Post.Silent is passed over. One installation
// in one workspace is served; what others send is none of ours.
package slack

import (
	"context"
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
	_ core.Finder     = (*Slack)(nil)
	_ core.Editor     = (*Slack)(nil)
	_ core.VoteReader = (*Slack)(nil)
	_ core.Seeder     = (*Slack)(nil)
	_ core.Managers   = (*Slack)(nil)
	_ core.Doors      = (*Slack)(nil)
	_ core.Readers    = (*Slack)(nil)
)

// Options are what an installation is made of.
type Options struct {
	BotToken      string
	AppToken      string // Socket Mode; empty: HTTP mode
	SigningSecret string // of HTTP mode
	APIURL        string // "https://slack.com/api/"
	Command       string // "/papers"
	Now           func() time.Time
	Log           *slog.Logger

	// Dial makes connections; nil: over the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Slack is one installation of the app. It is safe for concurrent use.
type Slack struct {
	opt  Options
	log  *slog.Logger
	api  *slack.Client // with the bot's token
	app  *slack.Client // with the app's
	http *http.Client
	host string // of the API: answers may go there too

	pace  rateLimiter
	queue kit.Queue
	seen  kit.Seen
	names names
	token kit.Token // the bot's
	looks looks
	lost  sync.Map // of *reading, by channel and moment

	addresses kit.Cache[replyTo] // of forms that are open: where the answer goes, by who and when they pressed

	bot   core.Handler
	ready chan struct{} // closed when it is known who we are
	once  sync.Once
	self  identity

	mu     sync.Mutex
	state  error           // nil: connected
	scopes map[string]bool // as Slack last named them; nil: not yet
	heard  time.Time       // when a socket last brought something
}

// identity is who we are in the workspace.
type identity struct{ team, user, bot string }

// New makes an installation. It talks to nobody yet.
func New(o Options) *Slack {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.APIURL = strings.TrimRight(o.APIURL, "/") + "/" // methods' names are appended
	s := &Slack{opt: o, log: o.Log, ready: make(chan struct{}), state: errStarting}
	if u, err := url.Parse(o.APIURL); err == nil {
		s.host = u.Hostname()
	}
	s.http = kit.HTTPClient(callTime, 64, o.Dial) // many channels
	s.api = slack.New(o.BotToken, slack.OptionAPIURL(o.APIURL), slack.OptionHTTPClient(s.http), slack.OptionOnResponseHeaders(s.noteScopes))
	s.app = slack.New("", slack.OptionAppLevelToken(o.AppToken), slack.OptionAPIURL(o.APIURL), slack.OptionHTTPClient(s.http))
	return s
}

// Network says Slack's customs. A mention notifies nobody: it is plain text.
func (s *Slack) Network() core.Network {
	return core.Network{Name: Name, Command: s.opt.Command, Editors: "members", Threads: true, VoteButton: true,
		Limits: core.Limits{ButtonID: 255}}
}

// Serves reports whether the installation is our workspace.
func (s *Slack) Serves(in core.Installation) bool {
	select {
	case <-s.ready:
		return in == s.installation()
	default:
		return false
	}
}

// installation is ours, once Slack has said who we are.
func (s *Slack) installation() core.Installation {
	return core.Installation{Platform: Name, Workspace: s.self.team}
}

func (s *Slack) key(channel string) core.ChannelKey {
	return core.ChannelKey{Platform: Name, Workspace: s.self.team, ID: channel}
}
