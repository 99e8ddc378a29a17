package slack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/semaphore"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// How tokens that end are renewed.
const (
	renewBefore = 2 * time.Hour   // as Slack's own SDKs do
	renewTime   = time.Minute     // whoever renews it and does not come back by then is dead
	renewAgain  = time.Minute     // after it went wrong
	renewSoon   = 2 * time.Second // where another process is at it
	keepTime    = 20 * time.Second
)

// grant is what a workspace, or an organisation for its workspaces, has granted: a
// token, and whether Slack takes it.
type grant struct {
	of     *app
	by     string // the workspace or organisation; "": its token is the configuration's
	token  kit.Token
	told   sync.Once                    // that Slack refuses it
	client atomic.Pointer[slack.Client] // with the token
	ends   bool                         // the token ends, and is renewed
	org    bool                         // it is an organisation's, and serves its workspaces

	scopesMu sync.Mutex
	scopes   map[string]bool // as Slack last named them; nil: not yet

	renewing *semaphore.Weighted // held by who renews, or looks at what follows
	record   core.Installed
	next     time.Time // a renewal that went wrong is not tried again before
}

// newGrant is a grant with a token in the clear; of one that is kept, as its record says.
func (s *app) newGrant(token string, record core.Installed) *grant {
	g := &grant{of: s, by: record.Workspace, renewing: semaphore.NewWeighted(1), record: record, ends: len(record.Refresh) > 0, org: record.OrgWide()}
	if len(record.Scopes) > 0 {
		g.note(record.Scopes)
	}
	g.use(token)
	return g
}

func (g *grant) use(token string) {
	g.client.Store(slack.New(token, slack.OptionAPIURL(g.of.opt.APIURL), slack.OptionHTTPClient(g.of.http), slack.OptionOnResponseHeaders(g.noteScopes)))
}

// api is Slack with the token as it is at the moment.
func (g *grant) api() *slack.Client { return g.client.Load() }

// noteScopes remembers what Slack says the token may do.
func (g *grant) noteScopes(_ string, h http.Header) {
	if list := h.Get("X-Oauth-Scopes"); list != "" {
		g.note(strings.Split(list, ","))
	}
}

func (g *grant) note(list []string) {
	scopes := map[string]bool{}
	for _, scope := range list {
		scopes[strings.TrimSpace(scope)] = true
	}
	g.scopesMu.Lock()
	g.scopes = scopes
	g.scopesMu.Unlock()
}

// lacks reports whether the token is known to be without the scope.
func (g *grant) lacks(scope string) bool {
	g.scopesMu.Lock()
	defer g.scopesMu.Unlock()
	return g.scopes != nil && !g.scopes[scope]
}

// granted does something with the token: with a new one where it ends soon, and once
// more with a new one where Slack says that it has ended.
func (g *grant) granted(ctx context.Context, do func() error) error {
	if !g.ends {
		return do()
	}
	if err := g.renew(ctx, nil); err != nil {
		return err
	}
	used := g.api()
	err := do()
	if slices.Contains([]string{"token_expired", "invalid_auth"}, code(err)) && g.renew(ctx, used) == nil && g.api() != used {
		err = do()
	}
	return err
}

// errRenewing: the token has ended, and there is no new one yet.
var errRenewing = errors.New("the token has ended, and Slack has not given a new one yet")

// renew gets a new token where the one that we have ends soon, or was refused. The
// old one is used for as long as Slack takes it, whatever becomes of that.
func (g *grant) renew(ctx context.Context, refused *slack.Client) error {
	if err := g.renewing.Acquire(ctx, 1); err != nil { // whoever renews may wait for Slack
		return &core.Retry{After: renewSoon, Err: err}
	}
	defer g.renewing.Release(1)
	now := time.Now()
	left := g.record.Expires.Sub(now)
	switch {
	case refused != nil && g.api() != refused: // somebody just did
		return nil
	case refused == nil && left > renewBefore:
		return nil
	case now.Before(g.next) && refused == nil && left > 0:
		return nil
	case now.Before(g.next):
		return &core.Retry{After: g.next.Sub(now), Err: errRenewing}
	}
	again, err := g.exchange(ctx)
	if err == nil {
		return nil
	}
	g.next = now.Add(again)
	g.of.log.Warn("slack: a token was not renewed", "workspace", g.record.Workspace, "ends", g.record.Expires, "again", again, "err", g.of.discreet(err))
	switch {
	case refused == nil && left > 0:
		return nil
	case code(err) != "" && !slices.Contains(slices.Concat(passingCodes, unknownCodes), code(err)):
		return g.refuse(fmt.Errorf("Slack says %s, and the app has to be installed anew there", code(err)))
	}
	return &core.Retry{After: again, Err: fmt.Errorf("%w: %w", errRenewing, g.of.discreet(err))}
}

// refuse notes that Slack does not take the token, and tells the operator of it where it is
// one of many: with it the platform does not stop, which would say so.
func (g *grant) refuse(err error) error {
	err = g.token.Refuse(err)
	if g.by != "" {
		g.told.Do(func() {
			g.of.log.Error("slack: the token of a workspace is refused; nothing more is tried there until the app is installed anew", "workspace", g.by, "err", err)
		})
	}
	return err
}

// Why no token is exchanged.
var (
	errElsewhere = errors.New("another process renews it")
	errUngranted = errors.New("nothing is granted there any more")
)

// exchange has the token that ends exchanged for a new one, by one process at a time:
// a refresh token is good for one exchange. again is when to try once more.
func (g *grant) exchange(ctx context.Context) (again time.Duration, err error) {
	now, other, in := time.Now(), false, g.record.Installation
	kept, err := g.of.store.UpdateInstallation(ctx, in, func(i *core.Installed) error {
		switch {
		case len(i.Refresh) == 0:
			return errUngranted
		case !bytes.Equal(i.Token, g.record.Token):
			other = true // another process has done it
			return nil
		case !i.Renewing.IsZero() && now.Sub(i.Renewing).Abs() < renewTime:
			return errElsewhere
		}
		i.Renewing = now
		return nil
	})
	switch {
	case errors.Is(err, errElsewhere):
		return renewSoon, err
	case err != nil:
		return renewAgain, err
	case other:
		return renewAgain, g.adopt(kept)
	}
	refresh, _, err := g.of.opt.Keys.Open(kept.Refresh, belongs(in, "refresh"))
	if err != nil {
		return renewAgain, err
	}
	resp, err := slack.RefreshOAuthV2TokenContext(ctx, g.of.http, g.of.opt.ClientID, g.of.opt.ClientSecret, refresh, slack.OAuthOptionAPIURL(g.of.opt.APIURL))
	if err == nil && (resp.AccessToken == "" || resp.RefreshToken == "") {
		err = errNoAnswer
	}
	// What came is kept, whoever does not wait for it any more: the old refresh token
	// may be good for nothing now.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	if err != nil {
		_, werr := g.of.store.UpdateInstallation(ctx, in, func(i *core.Installed) error {
			if i.Renewing.Equal(kept.Renewing) {
				i.Renewing = time.Time{}
			}
			return nil
		})
		return renewAgain, errors.Join(err, werr)
	}
	fresh := kept
	fresh.Renewing = time.Time{}
	g.of.seal(&fresh, resp.AccessToken, resp.RefreshToken, resp.ExpiresIn)
	for try := 0; ; try++ {
		_, err = g.of.store.UpdateInstallation(ctx, in, func(i *core.Installed) error {
			i.Token, i.Refresh, i.Expires, i.Renewing = fresh.Token, fresh.Refresh, fresh.Expires, fresh.Renewing
			return nil
		})
		if err == nil || kit.Sleep(ctx, g.of.backoff(try)) != nil {
			break
		}
	}
	if err != nil { // it is good for as long as we live
		g.of.log.Error("slack: a renewed token could not be kept; the app may have to be installed anew there", "workspace", in.Workspace, "err", err)
	}
	return 0, g.adopt(fresh)
}

// adopt takes over what is kept. The caller holds renewing.
func (g *grant) adopt(kept core.Installed) error {
	token, _, err := g.of.opt.Keys.Open(kept.Token, belongs(kept.Installation, "token"))
	if err != nil {
		return err
	}
	g.record, g.next = kept, time.Time{}
	g.use(token)
	return nil
}

// belongs is what a token is sealed for.
func belongs(in core.Installation, what string) string {
	return in.Platform + "/" + in.Workspace + "/" + what
}

// seal writes tokens into a record; seconds is how long they live, 0 for ever.
func (s *app) seal(i *core.Installed, token, refresh string, seconds int) {
	i.Token, i.Refresh, i.Expires = s.opt.Keys.Seal(token, belongs(i.Installation, "token")), s.opt.Keys.Seal(refresh, belongs(i.Installation, "refresh")), time.Time{}
	if seconds > 0 {
		i.Expires = time.Now().Add(time.Duration(seconds) * time.Second)
	}
}
