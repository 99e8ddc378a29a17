package mcp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"paperboy/core"
)

// Links say whose a key is.
type Links interface {
	LinkBySecret(ctx context.Context, purpose core.Purpose, secret string) (core.Link, core.Channel, error)
}

// mostBytes is how long a request may be: a question is a few hundred.
const mostBytes = 64 << 10

// Handler answers /mcp. Each request brings the key of a channel as its bearer
// token, and is answered as that channel; there are no sessions, so that a key that
// is taken away opens nothing from the next request on. public is the address under
// which the world reaches us, "" where it does not. A key reads and nothing else:
// it is a channel's, and a vote or a list is a person's.
func Handler(o Options, links Links, public string) http.Handler {
	h := &handler{Options: o, links: links, origins: http.NewCrossOriginProtection()}
	h.As = nil
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	if u, err := url.Parse(public); err == nil && u.Host != "" {
		if err := h.origins.AddTrustedOrigin(u.Scheme + "://" + u.Host); err == nil {
			h.host = u.Hostname()
		}
	}
	h.serve = sdk.NewStreamableHTTPHandler(func(r *http.Request) *sdk.Server {
		return r.Context().Value(serverKey{}).(*sdk.Server)
	}, &sdk.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true, MaxRequestBodyBytes: mostBytes, PropagateRequestCancellation: true,
		DisableLocalhostProtection: true, // ours knows the public address too: a proxy on this machine asks for that
	})
	return h
}

type handler struct {
	Options
	links   Links
	origins *http.CrossOriginProtection
	host    string // the public one
	serve   http.Handler
}

type serverKey struct{}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.rebound(r) || h.origins.Check(r) != nil {
		http.Error(w, "Pages of other sites may not ask here.", http.StatusForbidden)
		return
	}
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	var ch core.Channel
	err := core.ErrNotFound
	if key = strings.TrimSpace(key); key != "" && strings.EqualFold(scheme, "Bearer") {
		_, ch, err = h.links.LinkBySecret(r.Context(), core.LinkAssistant, key)
	}
	switch {
	case errors.Is(err, core.ErrNotFound):
		w.Header().Set("WWW-Authenticate", `Bearer realm="paperboy"`)
		http.Error(w, "There is no such key, or no longer. `/papers link assistant` in the channel gives one, to be sent as `Authorization: Bearer KEY`.", http.StatusUnauthorized)
		return
	case err != nil:
		h.Log.Error("a key could not be looked up", "err", err)
		http.Error(w, "That failed on my side. Ask again in a moment.", http.StatusServiceUnavailable)
		return
	}
	o := h.Options
	o.Channel = ch.ID
	h.serve.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), serverKey{}, New(o))))
}

// rebound: the request came to this machine's own address under a name that is
// neither its nor ours. So asks a page whose name was made to lead here.
func (h *handler) rebound(r *http.Request) bool {
	at, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return at != nil && loopback(fmt.Sprint(at)) && !loopback(host) && !strings.EqualFold(host, h.host)
}

// loopback reports whether a host, or an address with its port, is this machine's own.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}
