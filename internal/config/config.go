// Package config reads config.toml.
//
// In: a file, and the environment. Out: a Config in which every key has a
// value, its default where nobody set it. What config.example.toml shows is
// what Default gives; a test holds the two together.
//
// Promises: the file is read whatever editor wrote it (internal/textfile); what
// surrounds a secret by mistake, quotes, blanks, line ends, "Bearer", is taken
// off; a key that nobody knows, a value of the wrong type and a value
// that cannot be are refused, all of them at once, each with file, line,
// column and what to write instead. Secrets never print themselves: not in an
// error, not in a log, not in JSON.
package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"paperboy/core"
)

// Config is the whole of config.toml. The toml tags are the keys, which are
// the names of the environment's overrides too: [slack] bot_token is
// PAPERBOY_SLACK_BOT_TOKEN.
type Config struct {
	Store   Store     `toml:"store"`
	Slack   Slack     `toml:"slack"`
	Discord Discord   `toml:"discord"`
	Sources Sources   `toml:"sources"`
	Fetch   Fetch     `toml:"fetch"`
	Digest  Digest    `toml:"digest"`
	Limits  Limits    `toml:"limits"`
	HTTP    HTTP      `toml:"http"`
	Site    Site      `toml:"site"`
	Email   Email     `toml:"email"`
	Summary Summary   `toml:"summary"`
	Meaning Meaning   `toml:"meaning"`
	Webhook []Webhook `toml:"webhook"` // none: nothing is sent anywhere else
	Folder  []Folder  `toml:"folder"`

	// ClockOffset shifts the bot's calendar (PAPERBOY_CLOCK_OFFSET). It is no
	// key of the file: nobody should find it set there next year.
	ClockOffset time.Duration `toml:"-"`

	// SecretsInFile are the keys of the secrets that stand in the file itself, and
	// not in the environment.
	SecretsInFile []string `toml:"-"`
}

// Store says where the memory is.
type Store struct {
	URL Address `toml:"url"` // the path of a SQLite file
	Key Secret  `toml:"key"` // that tokens of many Slack workspaces are sealed with: the first seals, all open
}

// Slack is off while BotToken and ClientSecret are empty.
type Slack struct {
	BotToken      Secret `toml:"bot_token"`
	AppToken      Secret `toml:"app_token"`      // Socket Mode
	SigningSecret Secret `toml:"signing_secret"` // instead of it: HTTP mode
	ClientID      string `toml:"client_id"`
	ClientSecret  Secret `toml:"client_secret"` // with ClientID: many workspaces by OAuth
	APIURL        string `toml:"api_url"`
	Command       string `toml:"command"`
}

// Discord is off while Token is empty.
type Discord struct {
	Token         Secret   `toml:"token"`
	ApplicationID string   `toml:"application_id"` // asked from Discord when empty
	APIURL        string   `toml:"api_url"`
	GuildIDs      []string `toml:"guild_ids"` // register the commands only there; none: globally
}

// Sources are where papers come from.
type Sources struct {
	HuggingFace HuggingFace `toml:"huggingface"`
	Arxiv       Arxiv       `toml:"arxiv"`
	Feed        []Feed      `toml:"feed"` // any RSS or Atom feeds
}

// HuggingFace is Hugging Face Daily Papers.
type HuggingFace struct {
	Enabled bool   `toml:"enabled"`
	URL     string `toml:"url"`
}

// Arxiv is arXiv's query API and its announcements.
type Arxiv struct {
	Enabled    bool     `toml:"enabled"`
	Categories []string `toml:"categories"`
	URL        string   `toml:"url"`
	RSSURL     string   `toml:"rss_url"`
}

// Feed is an RSS or Atom feed.
type Feed struct {
	Name string `toml:"name"` // what people type after source:
	URL  string `toml:"url"`
}

// Fetch is how the sources are asked.
type Fetch struct {
	Interval         time.Duration `toml:"interval"`           // at least 5m; 1s when every source is on this machine
	UserAgentContact string        `toml:"user_agent_contact"` // a mail address or URL that arXiv asks for
}

// Digest is what a new channel begins with.
type Digest struct {
	Time     string `toml:"time"`     // "09:00"
	Timezone string `toml:"timezone"` // IANA name; empty: asked in the channel
	Days     string `toml:"days"`     // weekdays, daily, weekly:mon
	Max      int    `toml:"max"`      // papers, 1–15
	Layout   string `toml:"layout"`   // channel, thread, cards, digest, forum
}

// Limits are what one workspace or server may have and ask; a core.Quota.
type Limits struct {
	Channels int `toml:"channels"`
	Topics   int `toml:"topics"`
	Commands int `toml:"commands"`
}

// HTTP is the port for Slack's HTTP mode, probes and the reader's pages.
type HTTP struct {
	Listen    string `toml:"listen"` // host:port; empty: no port is opened
	PublicURL string `toml:"public_url"`
}

// Site is the readers' page under [http].
type Site struct {
	Public bool `toml:"public"` // everybody may read papers and the channels that are not private
	// People sign in with an OpenID provider where all three are set.
	OIDCIssuer       string `toml:"oidc_issuer"`
	OIDCClientID     string `toml:"oidc_client_id"`
	OIDCClientSecret Secret `toml:"oidc_client_secret"`
}

// Email is off while SMTPURL is empty.
type Email struct {
	SMTPURL      Address `toml:"smtp_url"`
	From         string  `toml:"from"`
	DKIMDomain   string  `toml:"dkim_domain"` // mails are signed where all three are set
	DKIMSelector string  `toml:"dkim_selector"`
	DKIMKeyFile  string  `toml:"dkim_key_file"`
}

// Summary is an OpenAI-compatible endpoint; off while URL is empty.
type Summary struct {
	URL    string `toml:"url"`
	Model  string `toml:"model"`
	APIKey Secret `toml:"api_key"`
}

// Meaning is an OpenAI-compatible endpoint for embeddings, by which search and
// likeness go then; while URL is empty they go by the model inside the program.
type Meaning struct {
	URL    string `toml:"url"`
	Model  string `toml:"model"`
	APIKey Secret `toml:"api_key"`
}

// Webhook is an address that gets a channel's posts as signed requests.
type Webhook struct {
	Name     string   `toml:"name"`     // the channel's
	URL      Address  `toml:"url"`      // which may be a secret of its own
	Secret   Secret   `toml:"secret"`   // whsec_ and 24 bytes or more in base64
	Topics   []string `toml:"topics"`   // what it follows, as one types after subscribe
	Schedule string   `toml:"schedule"` // "09:00 Europe/Berlin weekdays"
	Together bool     `toml:"together"` // a post with all its papers is one request
}

// Key is the key with which requests are signed.
func (w Webhook) Key() ([]byte, error) {
	key, ok := strings.CutPrefix(string(w.Secret), "whsec_")
	if !ok {
		return nil, errors.New("does not begin with whsec_")
	}
	return base64.StdEncoding.DecodeString(key)
}

// Folder is one that gets a channel's papers as notes.
type Folder struct {
	Name     string   `toml:"name"` // the channel's
	Path     string   `toml:"path"`
	Topics   []string `toml:"topics"`
	Schedule string   `toml:"schedule"`
}

// When is what a webhook's or a folder's schedule says.
func When(schedule string) (core.Schedule, error) {
	s, err := core.ParseSchedule(schedule, core.Schedule{Days: core.Weekdays})
	if err == nil && (s.Time == "" || s.Zone == "") {
		err = errors.New("a time and a zone are needed")
	}
	return s, err
}

// Default is the configuration of somebody who wrote none.
func Default() Config {
	return Config{
		Store:   Store{URL: "paperboy.db"},
		Slack:   Slack{APIURL: "https://slack.com/api/", Command: "/papers"},
		Discord: Discord{APIURL: "https://discord.com/api/v10/", GuildIDs: []string{}},
		Sources: Sources{
			HuggingFace: HuggingFace{Enabled: true, URL: "https://huggingface.co"},
			Arxiv: Arxiv{
				Enabled:    true,
				Categories: []string{"cs.LG", "cs.CL", "cs.CV", "cs.AI", "stat.ML"},
				URL:        "https://export.arxiv.org",
				RSSURL:     "https://rss.arxiv.org",
			},
		},
		Fetch:  Fetch{Interval: 30 * time.Minute},
		Digest: Digest{Time: "09:00", Days: "weekdays", Max: 5, Layout: "channel"},
		Limits: Limits(core.DefaultQuota()),
	}
}

// Many reports whether people install the app in their workspaces, instead of the
// configuration having the token of one.
func (s Slack) Many() bool { return s.BotToken == "" && s.ClientSecret != "" }

// Platforms are the names of the platforms that are set up.
func (c *Config) Platforms() []string {
	var on []string
	if c.Slack.BotToken != "" || c.Slack.ClientSecret != "" {
		on = append(on, "slack")
	}
	if c.Discord.Token != "" {
		on = append(on, "discord")
	}
	if len(c.Webhook) > 0 {
		on = append(on, "webhook")
	}
	if len(c.Folder) > 0 {
		on = append(on, "folder")
	}
	return on
}

// Secret is a string that does not print itself. string(s) is the secret.
type Secret string

const hidden = "[secret]"

func (s Secret) show() string {
	if s == "" {
		return ""
	}
	return hidden
}

// String is "[secret]", or nothing for an empty one.
func (s Secret) String() string { return s.show() }

// GoString is String: %#v tells no more.
func (s Secret) GoString() string { return s.show() }

// LogValue is String, for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.show()) }

// MarshalText is String, for JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.show()), nil }

// Address is a URL or a file name that may hold a password, which it does not
// print. string(a) is the whole address.
type Address string

// Server reports whether it is that of a database server, PostgreSQL, and not of a file.
func (a Address) Server() bool {
	scheme, _, isURL := strings.Cut(string(a), "://")
	return isURL && (scheme == "postgres" || scheme == "postgresql")
}

// wrong says why nothing can be kept at an address, and what to write; "": something can.
func (a Address) wrong() string {
	const writeFile = `write the path of a SQLite file, as "paperboy.db", or "postgres://USER@HOST/DATABASE"`
	scheme, _, isURL := strings.Cut(string(a), "://")
	switch {
	case a == "":
		return "is empty; " + writeFile
	case isURL && !a.Server():
		return fmt.Sprintf("I know no database %q; %s", scheme, writeFile)
	case !isURL && (strings.HasPrefix(scheme, "postgres") && strings.Contains(scheme, ":") || strings.Contains(scheme, "dbname=")): // which may hold a password
		return `is neither a file's path nor an address; write it as "postgres://USER:PASSWORD@HOST/DATABASE"`
	case !isURL:
		return ""
	}
	switch u, err := url.Parse(string(a)); {
	case err != nil: // which would tell the password
		return `cannot be read as an address; write it as "postgres://USER:PASSWORD@HOST/DATABASE", with @, /, :, ?, # and % of a password as %40, %2F, %3A, %3F, %23 and %25`
	case strings.Trim(u.Path, "/") == "" && !u.Query().Has("dbname"):
		return `names no database; write it as "postgres://USER@HOST/DATABASE"`
	}
	return ""
}

// String is the address with its password struck out.
func (a Address) String() string {
	u, err := url.Parse(string(a))
	switch {
	case err != nil: // what cannot be read may hold anything
		return hidden
	case u.Scheme == "" && u.User == nil:
		return string(a)
	}
	q := u.Query()
	for _, password := range []string{"password", "sslpassword"} { // as PostgreSQL takes them too
		if q.Has(password) {
			q.Set(password, "xxxxx")
			u.RawQuery = q.Encode()
		}
	}
	return u.Redacted()
}

// GoString is String.
func (a Address) GoString() string { return a.String() }

// LogValue is String, for slog.
func (a Address) LogValue() slog.Value { return slog.StringValue(a.String()) }

// MarshalText is String, for JSON and the like.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }
