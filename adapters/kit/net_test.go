package kit_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/adapters/kit"
)

// closed is an address where nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

func TestWhatNeverLeft(t *testing.T) {
	dropping := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
	}))
	defer dropping.Close()
	resetting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		}
	}))
	defer resetting.Close()
	through := func(proxy string) *http.Transport {
		u, err := url.Parse(proxy)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Transport{Proxy: http.ProxyURL(u)}
	}
	for name, tc := range map[string]struct {
		transport *http.Transport
		url       string
		want      bool
	}{
		"nobody listens":              {&http.Transport{}, closed(t), true},
		"the proxy does not listen":   {through(closed(t)), "http://platform.example/", true},
		"nor does it for HTTPS":       {through(closed(t)), "https://platform.example/", true},
		"the connection drops inside": {&http.Transport{}, dropping.URL, false},
		"the connection is reset":     {&http.Transport{}, resetting.URL, false},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tc.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := tc.transport.RoundTrip(req)
		if err == nil {
			resp.Body.Close()
			t.Fatalf("%s: an answer", name)
		}
		if got := kit.NeverLeft(err); got != tc.want {
			t.Errorf("%s (%v): %t", name, err, got)
		}
	}
	if !kit.NeverLeft(&net.DNSError{}) {
		t.Error("a name that nobody knows leads nowhere")
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := kit.Sleep(ctx, 900*time.Millisecond); err != nil {
			t.Error(err)
		}
		if err := kit.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := kit.Sleep(ctx, 0); err == nil {
			t.Error("no wait is no excuse to go on")
		}
	})
}
