// Package fakeoidc is an OpenID provider for tests, as strict as real ones: exact
// redirect addresses, client secrets, codes that are taken once, PKCE, and tokens
// signed with RS256 and a key that can change.
//
// In: the browser's and the program's requests. Out: what a provider answers; or, where
// a test says so (Spoil), a token that must not be trusted.
package fakeoidc

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The client that it knows.
const (
	ClientID     = "paperboy"
	ClientSecret = "s3cret"
)

// Provider is one. Everybody who comes is signed in as Subject.
type Provider struct {
	URL string

	mu       sync.Mutex
	subject  string
	redirect string
	more     map[string]any
	spoil    func(claims map[string]any)
	unsigned bool
	key      *rsa.PrivateKey
	forged   *rsa.PrivateKey // nil: key signs
	kid      string
	codes    map[string]url.Values
}

// Start starts one that sends browsers back to redirect alone.
func Start(t testing.TB, redirect string) *Provider {
	p := &Provider{redirect: redirect, codes: map[string]url.Values{}, subject: "7"}
	p.Rotate(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	p.URL = srv.URL
	return p
}

// Rotate has it sign with another key from now on; the old one is not published.
func (p *Provider) Rotate(t testing.TB) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key, p.kid = key, rand.Text()
}

// Is says who comes from now on, and what else tokens say of them.
func (p *Provider) Is(subject string, more map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.subject, p.more = subject, more
}

// Redirects says where browsers are sent back to.
func (p *Provider) Redirects(to string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.redirect = to
}

// Spoil changes what tokens say, after which they are signed; nil: nothing.
func (p *Provider) Spoil(how func(claims map[string]any)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spoil = how
}

// Unsigned has tokens come with the algorithm none.
func (p *Provider) Unsigned(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unsigned = yes
}

// Forge has it sign with a key that it does not publish, under the name of the one that
// it does; false: no more.
func (p *Provider) Forge(t testing.TB, yes bool) {
	var key *rsa.PrivateKey
	if yes {
		var err error
		if key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			t.Fatal(err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forged = key
}

func answer(w http.ResponseWriter, status int, what any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(what)
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: p.kid, Algorithm: "RS256", Use: "sig"}}})
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := r.URL.Query()
	if q.Get("client_id") != ClientID || q.Get("redirect_uri") != p.redirect {
		http.Error(w, "an unknown client, or an address that it may not be sent to", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}, "iss": {p.URL}}
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("state") == "" || q.Get("nonce") == "" {
		back.Set("error", "invalid_request")
	} else {
		code := rand.Text()
		p.codes[code] = q
		back.Set("code", code)
	}
	http.Redirect(w, r, p.redirect+"?"+back.Encode(), http.StatusFound)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if id != ClientID || secret != ClientSecret {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	code := r.PostFormValue("code")
	asked, known := p.codes[code]
	delete(p.codes, code)
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || r.PostFormValue("grant_type") != "authorization_code" || r.PostFormValue("redirect_uri") != p.redirect ||
		base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	now := time.Now()
	claims := map[string]any{"iss": p.URL, "sub": p.subject, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "nonce": asked.Get("nonce")}
	maps.Copy(claims, p.more)
	if p.spoil != nil {
		p.spoil(claims)
	}
	answer(w, http.StatusOK, map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 60, "id_token": p.sign(claims)})
}

func (p *Provider) sign(claims map[string]any) string {
	body, err := json.Marshal(claims)
	if err != nil {
		panic(err) // a test's own claims
	}
	if p.unsigned {
		return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(body) + "."
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: cmp.Or(p.forged, p.key), KeyID: p.kid}}, nil)
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(body)
	if err != nil {
		panic(err)
	}
	out, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return out
}
