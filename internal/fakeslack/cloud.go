package fakeslack

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// The app, as people install it.
const (
	ClientID     = "1111.2222"
	ClientSecret = "fake-client-secret"
)

// How long codes and rotated tokens live.
const (
	codeLife  = 10 * time.Minute
	tokenLife = 12 * time.Hour
)

// Cloud is several workspaces with one app, which people install in them. In it
// everything has the same ids in every workspace, but for the workspaces themselves.
type Cloud struct {
	API string
	// Redirect is the redirect URL in the app's settings.
	Redirect string
	// Rotates: tokens end after twelve hours.
	Rotates bool

	t      testing.TB
	pipes  *pipes
	server *httptest.Server

	mu      sync.Mutex
	serial  int
	teams   map[string]*Slack
	first   *Slack
	orgs    map[string]string // by team
	tokens  map[string]*issued
	refresh map[string]*issued // good for one exchange
	codes   map[string]*code
	lost    int // exchanges whose answer does not arrive
	count   map[string]int
}

// issued is a token.
type issued struct {
	team, org string // of a workspace, or of all of an organisation
	ends      time.Time
	revoked   bool
	scopes    string
}

type code struct {
	issued
	made time.Time
	user string
	used bool
}

// NewCloud is one without workspaces, in this process (Dial).
func NewCloud(t testing.TB, redirect string) *Cloud {
	c := &Cloud{t: t, Redirect: redirect, pipes: newPipes(), teams: map[string]*Slack{}, orgs: map[string]string{}, tokens: map[string]*issued{},
		refresh: map[string]*issued{}, codes: map[string]*code{}, count: map[string]int{}}
	c.server = httptest.NewUnstartedServer(c)
	c.server.Listener.Close()
	c.server.Listener = c.pipes
	c.server.Start()
	c.API = c.server.URL + "/api/"
	t.Cleanup(func() {
		c.server.CloseClientConnections()
		c.server.Close()
	})
	return c
}

// Dial connects to the cloud, whatever the address.
func (c *Cloud) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return (&Slack{pipes: c.pipes}).Dial(ctx, network, address)
}

// Team adds a workspace, of an organisation where one is named.
func (c *Cloud) Team(id, org string) *Slack {
	s := New(c.t, Options{InProcess: true, Team: id})
	s.takes = func(token string) string { return c.refuses(token, id) }
	s.org = org
	c.mu.Lock()
	defer c.mu.Unlock()
	c.teams[id], c.orgs[id] = s, org
	if c.first == nil {
		c.first = s
	}
	s.wire = c.first
	return s
}

// id makes a new secret. The caller holds mu.
func (c *Cloud) id(kind string) string {
	c.serial++
	return fmt.Sprintf("%s-fake-%d", kind, c.serial)
}

// refuses says why a token is not taken in a workspace; "": it is.
func (c *Cloud) refuses(token, team string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tokens[token]
	switch {
	case t == nil:
		return "invalid_auth"
	case t.revoked:
		return "token_revoked"
	case !t.ends.IsZero() && !time.Now().Before(t.ends):
		return "token_expired"
	case t.team != team && (t.org == "" || t.org != c.orgs[team]):
		c.t.Errorf("the token of %s%s is used in %s", t.team, t.org, team)
		return "invalid_auth"
	}
	return ""
}

// Agrees is a person saying yes to what an address asks for, in a workspace, or with
// its organisation for all of it; back is where Slack sends them.
func (c *Cloud) Agrees(authorize, user, team string, orgWide bool) (back string) {
	c.t.Helper()
	u, err := url.Parse(authorize)
	if err != nil || u.Path != "/oauth/v2/authorize" {
		c.t.Fatalf("%q asks nobody", authorize)
	}
	q := u.Query()
	if q.Get("client_id") != ClientID || q.Get("redirect_uri") != c.Redirect || q.Get("scope") == "" {
		c.t.Fatalf("Slack shows an error instead of asking: %q", authorize)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	k := &code{issued: issued{team: team, scopes: q.Get("scope")}, made: time.Now(), user: user}
	if orgWide {
		k.team, k.org = "", c.orgs[team]
	}
	id := c.id("code")
	c.codes[id] = k
	return c.Redirect + "?" + url.Values{"code": {id}, "state": {q.Get("state")}}.Encode()
}

// Denies is a person saying no.
func (c *Cloud) Denies(authorize string) (back string) {
	u, _ := url.Parse(authorize)
	return c.Redirect + "?" + url.Values{"error": {"access_denied"}, "state": {u.Query().Get("state")}}.Encode()
}

// LoseExchange loses the answers of the next exchanges of a refresh token.
func (c *Cloud) LoseExchange(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost = n
}

// Revoke takes back every token of a workspace or organisation.
func (c *Cloud) Revoke(of string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, all := range []map[string]*issued{c.tokens, c.refresh} {
		for _, t := range all {
			if t.team == of || t.org == of {
				t.revoked = true
			}
		}
	}
}

// TakesOff is an administrator of an organisation taking the app off one of its
// workspaces. Slack tells it to the app, of which workspace it does not matter.
func (c *Cloud) TakesOff(team string) (e Event) {
	c.mu.Lock()
	s, org := c.teams[team], c.orgs[team]
	delete(c.orgs, team)
	c.mu.Unlock()
	s.act(func() {
		e = s.happen(object{"type": "team_access_revoked", "team_ids": []string{team}})
		e.payload["team_id"], e.payload["enterprise_id"] = nil, org
		e.payload["authorizations"] = []any{object{"enterprise_id": org, "team_id": "T0", "is_bot": false, "is_enterprise_install": false}}
	})
	return e
}

// Gives is an administrator adding the app, which the organisation has, to a workspace.
func (c *Cloud) Gives(org, team string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.orgs[team] = org
}

// Secrets are all tokens that were ever given.
func (c *Cloud) Secrets() (all []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for t := range c.tokens {
		all = append(all, t)
	}
	for t := range c.refresh {
		all = append(all, t)
	}
	return append(all, ClientSecret)
}

// Exchanges counts the tokens that were asked for, by kind of grant.
func (c *Cloud) Exchanges(kind string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count[kind]
}

// ServeHTTP is the cloud seen from the app.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	again := func() *http.Request {
		out := r.Clone(r.Context())
		out.Body = io.NopCloser(bytes.NewReader(body))
		return out
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	c.mu.Lock()
	first := c.first
	c.mu.Unlock()
	switch {
	case r.URL.Path == "/api/oauth.v2.access":
		c.access(w, again())
	case r.URL.Path == "/api/apps.connections.open", parts[0] == "link":
		first.ServeHTTP(w, again())
	case parts[0] == "api":
		_, token, err := arguments(again())
		team := c.teamOf(token)
		if err != nil || team == nil {
			write(w, refuse("invalid_auth"))
			return
		}
		team.ServeHTTP(w, again())
	case len(parts) > 1 && c.team(parts[1]) != nil: // /commands/T…/…
		c.team(parts[1]).ServeHTTP(w, again())
	default:
		http.NotFound(w, r)
	}
}

func (c *Cloud) team(id string) *Slack {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.teams[id]
}

// teamOf is the workspace of a token; of an organisation's the first that it has.
func (c *Cloud) teamOf(token string) *Slack {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tokens[token]
	if t == nil {
		return nil
	}
	if t.team != "" {
		return c.teams[t.team]
	}
	var found string
	for id, org := range c.orgs {
		if org == t.org && (found == "" || id < found) {
			found = id
		}
	}
	return c.teams[found]
}

// access is oauth.v2.access.
func (c *Cloud) access(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		write(w, refuse("invalid_form_data"))
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	f := r.PostForm
	kind := f.Get("grant_type")
	if kind == "" {
		kind = "authorization_code"
	}
	c.count[kind]++
	k := c.codes[f.Get("code")]
	old := c.refresh[f.Get("refresh_token")]
	switch {
	case f.Get("client_id") != ClientID:
		write(w, refuse("invalid_client_id"))
	case f.Get("client_secret") != ClientSecret:
		write(w, refuse("bad_client_secret"))
	case kind == "refresh_token" && (old == nil || old.revoked):
		write(w, refuse("invalid_refresh_token"))
	case kind == "refresh_token":
		old.revoked = true
		answer := c.issue(old.team, old.org, old.scopes, "")
		if c.lost > 0 {
			c.lost--
			reset(w)
			return
		}
		write(w, answer)
	case k == nil:
		write(w, refuse("invalid_code"))
	case k.used:
		write(w, refuse("code_already_used"))
	case time.Since(k.made) > codeLife:
		write(w, refuse("code_expired"))
	case f.Get("redirect_uri") != c.Redirect:
		write(w, refuse("bad_redirect_uri"))
	default:
		k.used = true
		write(w, c.issue(k.team, k.org, k.scopes, k.user))
	}
}

// issue gives a token. The caller holds mu.
func (c *Cloud) issue(team, org, scopes, user string) object {
	t := &issued{team: team, org: org, scopes: scopes}
	token := c.id("xoxb")
	o := object{"ok": true, "access_token": token, "token_type": "bot", "scope": scopes, "bot_user_id": Bot, "app_id": AppID,
		"team": nil, "enterprise": nil, "is_enterprise_install": org != "" && team == ""}
	if team != "" {
		o["team"] = object{"id": team, "name": "Team " + team}
		org = c.orgs[team]
		if s := c.teams[team]; s != nil {
			s.mu.Lock()
			s.refused = "" // it is there again
			s.mu.Unlock()
		}
	}
	if org != "" {
		o["enterprise"] = object{"id": org, "name": "Organisation " + org}
	}
	if user != "" {
		o["authed_user"] = object{"id": named("U", user)}
	}
	if c.Rotates {
		t.ends = time.Now().Add(tokenLife)
		again := c.id("xoxe-1")
		c.refresh[again] = &issued{team: t.team, org: t.org, scopes: scopes}
		o["refresh_token"], o["expires_in"] = again, int(tokenLife.Seconds())
	}
	c.tokens[token] = t
	return o
}
