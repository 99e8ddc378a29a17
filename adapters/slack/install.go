package slack

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"paperboy/core"
)

// The pages by which people install the app in their workspace: one says what it does
// and what it asks for, the other is where Slack sends them back. What they carry in
// between is bound to their browser by a cookie, good for ten minutes, and good once.
const (
	installPath = "/slack/install"
	oauthPath   = "/slack/oauth"
	stateCookie = "paperboy_slack"
	stateTime   = 10 * time.Minute
)

// purposes say in a sentence what each scope is asked for.
var purposes = map[string]string{
	"app_mentions:read": "It hears when somebody mentions it.",
	"channels:history":  "After a lost answer it looks whether a post of its own stands in a public channel, instead of posting it twice.",
	"channels:read":     "It knows what a public channel is called, and whether it is in it.",
	"chat:write":        "It posts papers and answers.",
	"commands":          "It answers its command.",
	"files:write":       "It hands over lists of papers as files.",
	"groups:history":    "It looks the same way in private channels that it was invited to.",
	"groups:read":       "It knows what such a channel is called and who is in it, so that nobody else is shown its papers.",
	"im:history":        "It answers what is written to it directly.",
	"im:read":           "It tells messages to itself from those between others.",
	"im:write":          "It sends what only you asked for to you alone.",
	"links:read":        "Where a channel wants it, it sees links to papers …",
	"links:write":       "… and shows them as cards.",
	"mpim:read":         "It knows whether it is in a group message.",
	"reactions:read":    "It counts 👍 on its own posts as votes.",
	"reactions:write":   "Where a channel wants it, it adds the first 👍.",
	"users:read":        "It knows who is a guest and who is an administrator, so that guests see only their channels.",
}

//go:embed install.html
var installHTML string

//go:embed install.css
var installCSS string

var (
	installTemplate = template.Must(template.New("install").Parse(installHTML))
	installStyle    = func() string {
		sum := sha256.Sum256([]byte(installCSS))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}()
)

// installPageData is a page: a sentence or two, what is asked for, where to go on.
type installPageData struct {
	Title  string
	Lines  []string
	Scopes []struct{ Name, Does string }
	Link   string
	Label  string
}

func (s *Slack) show(w http.ResponseWriter, status int, p installPageData) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src "+installStyle+"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if err := installTemplate.Execute(w, map[string]any{"Page": p, "Style": template.CSS(installCSS)}); err != nil {
		s.log.Debug("a page was not written", "err", err)
	}
}

// installPage is the address of the page to install from.
func (s *app) installPage() string { return strings.TrimRight(s.opt.PublicURL, "/") + installPath }

func (s *app) redirectURL() string { return strings.TrimRight(s.opt.PublicURL, "/") + oauthPath }

// stamp is the state that goes to Slack and comes back: when it began, under the seal of this
// app and of the browser, which has the other half.
func (s *Slack) stamp(browser string, begun time.Time) string {
	at := strconv.FormatInt(begun.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.opt.ClientSecret))
	mac.Write([]byte(at + " " + browser))
	return at + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// begun reports whether a state is this browser's, and not too old.
func (s *Slack) begun(state, browser string, now time.Time) bool {
	at, _, _ := strings.Cut(state, ".")
	seconds, err := strconv.ParseInt(at, 10, 64)
	begun := time.Unix(seconds, 0)
	return err == nil && browser != "" && hmac.Equal([]byte(state), []byte(s.stamp(browser, begun))) && now.Sub(begun) < stateTime && begun.Before(now.Add(time.Minute))
}

func (s *Slack) cookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: stateCookie, Value: value, Path: "/", MaxAge: age, HttpOnly: true,
		Secure: strings.HasPrefix(s.opt.PublicURL, "https:"), SameSite: http.SameSiteLaxMode})
}

// serveInstall is the page to install from.
func (s *Slack) serveInstall(w http.ResponseWriter, _ *http.Request) {
	browser := rand.Text()
	s.cookie(w, browser, int(stateTime.Seconds()))
	ask := url.Values{"client_id": {s.opt.ClientID}, "scope": {strings.Join(Scopes, ",")}, "redirect_uri": {s.redirectURL()}, "state": {s.stamp(browser, time.Now())}}
	p := installPageData{Title: "Add Paperboy to Slack", Label: "Add to Slack",
		Link: strings.TrimSuffix(s.opt.APIURL, "api/") + "oauth/v2/authorize?" + ask.Encode(),
		Lines: []string{
			"Paperboy brings the new papers of Hugging Face and arXiv that match a channel's topics into that channel, one message each; a 👍 is a vote.",
			"It reads what is written to it, and reactions on its own posts. Whoever removes the app from the workspace takes it away; what it kept for the workspace is deleted 30 days later.",
		}}
	for _, scope := range Scopes {
		p.Scopes = append(p.Scopes, struct{ Name, Does string }{scope, purposes[scope]})
	}
	s.show(w, http.StatusOK, p)
}

// What goes wrong on the way, by how Slack calls it.
var (
	staleCodes    = []string{"invalid_code", "code_already_used", "code_expired", "invalid_grant_type"}
	operatorCodes = []string{"invalid_client_id", "bad_client_secret", "bad_redirect_uri", "invalid_client"}
)

// serveOAuth is where Slack sends people back.
func (s *Slack) serveOAuth(w http.ResponseWriter, r *http.Request) {
	fails := func(status int, line string) {
		s.show(w, status, installPageData{Title: "Paperboy was not added", Lines: []string{line}, Link: s.installPage(), Label: "Start again"})
	}
	var browser string
	if c, err := r.Cookie(stateCookie); err == nil {
		browser = c.Value
	}
	s.cookie(w, "", -1) // it is good once
	q := r.URL.Query()
	state := q.Get("state")
	now := time.Now()
	switch {
	case !s.begun(state, browser, now):
		fails(http.StatusBadRequest, "This browser did not begin this within the last ten minutes, so nothing was done.")
		return
	case s.seen.Before("state "+state, now):
		fails(http.StatusBadRequest, "This was done already, so nothing was done again.")
		return
	case q.Get("error") == "access_denied":
		fails(http.StatusOK, "You said no, and nothing was changed.")
		return
	case q.Get("error") != "" || q.Get("code") == "":
		s.log.Warn("slack: an installation was not finished", "error", q.Get("error"))
		fails(http.StatusBadGateway, "Slack could not finish this, and nothing was changed.")
		return
	}
	select {
	case <-s.ready:
	default:
		fails(http.StatusServiceUnavailable, "Paperboy is just starting.")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), callTime-5*time.Second)
	defer cancel()
	resp, err := slack.GetOAuthV2ResponseContext(ctx, s.http, s.opt.ClientID, s.opt.ClientSecret, q.Get("code"), s.redirectURL(), slack.OAuthOptionAPIURL(s.opt.APIURL))
	if err == nil && (resp.AccessToken == "" || resp.Team.ID == "" && !(resp.IsEnterpriseInstall && resp.Enterprise.ID != "")) {
		err = errNoAnswer
	}
	if err != nil {
		s.log.Error("slack: an installation was not finished", "err", s.discreet(err))
		switch c := code(err); {
		case slices.Contains(staleCodes, c):
			fails(http.StatusBadRequest, "What Slack gave this browser was used already or is too old.")
		case slices.Contains(operatorCodes, c):
			fails(http.StatusInternalServerError, "Slack does not accept how this Paperboy is set up ("+c+"); whoever runs it has to compare client_id, client_secret and the redirect URL with the app's settings.")
		default:
			fails(http.StatusBadGateway, "Slack did not answer as it should, and nothing was changed.")
		}
		return
	}
	name, err := s.install(ctx, resp)
	if err != nil {
		s.log.Error("slack: an installation could not be kept", "err", s.discreet(err))
		fails(http.StatusInternalServerError, "Something is broken here, and it was not kept.")
		return
	}
	s.show(w, http.StatusOK, installPageData{Title: "Paperboy is in " + name, Lines: []string{
		"Invite it to a channel: type /invite @Paperboy there.",
		"Then type " + s.opt.Command + " subscribe and what the channel wants to read about, as in " + s.opt.Command + " subscribe diffusion.",
	}})
}

// install keeps what a workspace or an organisation has granted, and begins there at
// once. What is known of it from before, papers and votes of 30 days among it, is there
// again.
func (s *Slack) install(ctx context.Context, resp *slack.OAuthV2Response) (name string, err error) {
	in := core.Installation{Platform: Name, Workspace: resp.Team.ID}
	name = resp.Team.Name
	if resp.IsEnterpriseInstall {
		in.Workspace, name = resp.Enterprise.ID, resp.Enterprise.Name
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	kept, err := s.store.UpdateInstallation(ctx, in, func(i *core.Installed) error {
		i.Installation = in
		i.Enterprise, i.Name, i.BotUser, i.Scopes = resp.Enterprise.ID, name, resp.BotUserID, strings.Split(resp.Scope, ",")
		i.By, i.At, i.Gone, i.Renewing = Name+":"+in.Workspace+"/"+resp.AuthedUser.ID, time.Now(), time.Time{}, time.Time{}
		if !resp.IsEnterpriseInstall && i.Enterprise == in.Workspace {
			i.Enterprise = ""
		}
		s.seal(i, resp.AccessToken, resp.RefreshToken, resp.ExpiresIn)
		return nil
	})
	if err != nil {
		return "", err
	}
	if err := s.admit(kept); err != nil {
		return "", err
	}
	s.log.Info("slack: the app was installed", "workspace", in.Workspace, "name", name, "by", kept.By)
	return name, s.bot.Returned(ctx, in)
}
