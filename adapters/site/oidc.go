package site

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"paperboy/core"
	"paperboy/core/say"
)

// SignIn is an OpenID provider with which people sign in. It is safe for concurrent use.
type SignIn struct {
	Issuer, ClientID, ClientSecret string
	// Person is whom a token is of where the provider is the chat's own; ok is false
	// where it says not. nil: people say so themselves, once, with their own link.
	Person func(claims func(into any) error) (u core.User, ok bool)
	Client *http.Client // nil: one that waits at most ten seconds

	mu       sync.Mutex
	provider *oidc.Provider // nil: not asked yet
}

const (
	callback   = "/signin/callback"
	flowCookie = "paperboy-signin" // what a sign-in was begun with, in this browser
	flowTime   = 10 * time.Minute
)

// A refusal is a sign-in that did not succeed: a sentence for the person, who can try
// again, and the cause for the log.
type refusal struct {
	say.Text
	cause error
}

func (r *refusal) Error() string { return r.cause.Error() }

func refused(cause error, format string, args ...any) error {
	return &refusal{sayf(format, args...), cause}
}

// signIn is the way to sign in with the provider; none where there is none.
func (s *Site) signIn(label string) []choice {
	if s.SignIn == nil || s.Connections == nil {
		return nil
	}
	return []choice{{Label: label, Href: "/signin"}}
}

// asks is the provider as its discovery describes it, and our half of OAuth.
func (s *Site) asks(ctx context.Context) (context.Context, *oidc.Provider, *oauth2.Config, error) {
	in := s.SignIn
	in.mu.Lock()
	defer in.mu.Unlock()
	ctx = oidc.ClientContext(ctx, cmp.Or(in.Client, &http.Client{Timeout: answerTime}))
	if in.provider == nil { // the library holds what it says of itself against the issuer
		p, err := oidc.NewProvider(ctx, in.Issuer)
		if err != nil {
			return ctx, nil, nil, refused(err, "Where one signs in does not answer as it should. Try again in a minute.")
		}
		in.provider = p
	}
	return ctx, in.provider, &oauth2.Config{
		ClientID: in.ClientID, ClientSecret: in.ClientSecret, Endpoint: in.provider.Endpoint(),
		RedirectURL: s.Address + callback, Scopes: []string{oidc.ScopeOpenID, "profile"},
	}, nil
}

// begin sends the browser to the provider, with what it has to come back with.
func (s *Site) begin(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		s.stranger(w, r)
		return nil
	}
	_, _, conf, err := s.asks(r.Context())
	if err != nil {
		return err
	}
	tie := ""
	if r.FormValue("tie") != "" && r.Header.Get("Sec-Fetch-Site") != "cross-site" {
		tie = "tie"
	}
	state, nonce, verifier := core.NewSecret(), core.NewSecret(), oauth2.GenerateVerifier()
	s.keep(w, flowCookie, "/signin", strings.Join([]string{state, nonce, verifier, tie}, between), flowTime)
	http.Redirect(w, r, conf.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), http.StatusSeeOther)
	return nil
}

// finish signs in whom the provider says: with a token for us, of this sign-in, which
// was begun in this browser.
func (s *Site) finish(w http.ResponseWriter, r *http.Request) error {
	c, err := r.Cookie(flowCookie)
	if err != nil {
		c = &http.Cookie{}
	}
	s.keep(w, flowCookie, "/signin", "", -time.Second)
	flow := strings.Split(c.Value, between)
	if len(flow) != 4 || flow[0] == "" || subtle.ConstantTimeCompare([]byte(flow[0]), []byte(r.FormValue("state"))) != 1 {
		return refused(errors.New("the state is not this browser's"), "This was not begun in this browser, or more than ten minutes ago. Begin once more.")
	}
	nonce, verifier, tie := flow[1], flow[2], flow[3] != ""
	if code := r.FormValue("error"); code != "" {
		return refused(errors.New("the provider says "+say.OneLine(code)), "You were not signed in there. Begin once more when you want to.")
	}
	ctx, provider, conf, err := s.asks(r.Context())
	if err != nil {
		return err
	}
	token, err := s.token(ctx, r, provider, conf, nonce, verifier)
	if err != nil {
		return refused(err, "What came back from where you signed in cannot be trusted. Begin once more; if it goes on, tell whoever runs this page.")
	}
	u, err := s.who(r, token, tie)
	if err != nil {
		return err
	}
	return s.lets(w, r, u)
}

// token is the provider's word on who somebody is, held against all that it must say.
func (s *Site) token(ctx context.Context, r *http.Request, provider *oidc.Provider, conf *oauth2.Config, nonce, verifier string) (*oidc.IDToken, error) {
	if iss := r.FormValue("iss"); iss != "" && iss != s.SignIn.Issuer { // RFC 9207
		return nil, errors.New("the answer is another issuer's")
	}
	tokens, err := conf.Exchange(ctx, r.FormValue("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		return nil, err
	}
	raw, _ := tokens.Extra("id_token").(string)
	token, err := provider.Verifier(&oidc.Config{ClientID: conf.ClientID}).Verify(ctx, raw)
	if err == nil && subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1 {
		err = errors.New("the nonce is of another sign-in")
	}
	return token, err
}

// who is the person of the chat that a token is of. With tie, whoever is signed in says
// that it is them.
func (s *Site) who(r *http.Request, token *oidc.IDToken, tie bool) (u core.User, err error) {
	if of := s.SignIn.Person; of != nil {
		u, ok := of(token.Claims)
		if !ok {
			return u, refused(errors.New("the token names nobody of the chat"), "Where you signed in does not say who you are in the chat. `%s` there signs you in.", s.Command+" link me")
		}
		return u, nil
	}
	if c, none := r.Cookie(personCookie); tie && none == nil {
		pass, err := s.Store.Pass(r.Context(), core.PassSession, c.Value, s.Now())
		if err == nil {
			return pass.User, s.Store.SetPersonOf(r.Context(), token.Issuer, token.Subject, pass.User)
		}
		if !errors.Is(err, core.ErrNotFound) {
			return u, err
		}
	}
	u, err = s.Store.PersonOf(r.Context(), token.Issuer, token.Subject)
	if errors.Is(err, core.ErrNotFound) {
		return u, refused(err, "I do not know yet who you are in the chat. Type `%s` there, open what it answers in this browser, and press *Sign in with your account the next time*.", s.Command+" link me")
	}
	return u, err
}
