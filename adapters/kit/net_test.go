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

func TestPausesGrowAndDiffer(t *testing.T) {
	for try, most := range map[int]time.Duration{0: time.Second, 1: 2 * time.Second, 5: 32 * time.Second, 6: time.Minute, 1000: time.Minute} {
		seen := map[time.Duration]bool{}
		for range 100 {
			d := kit.Backoff(try, time.Second, time.Minute)
			if d < most/2 || d >= most {
				t.Errorf("try %d: %v", try, d)
			}
			seen[d] = true
		}
		if len(seen) < 50 {
			t.Errorf("try %d: only %d different pauses of 100", try, len(seen))
		}
	}
}

func TestATokenGoesToNobodyElse(t *testing.T) {
	asked := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer elsewhere.Close()
	platform := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer platform.Close()
	resp, err := kit.HTTPClient(time.Minute, 1, nil).Get(platform.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if asked || resp.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("%s; asked elsewhere: %t", resp.Status, asked)
	}
}

func TestWhoDoesNotAnswerIsNotWaitedForForEver(t *testing.T) {
	gate := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-gate }))
	defer silent.Close()
	defer close(gate)
	resp, err := kit.HTTPClient(20*time.Millisecond, 1, nil).Get(silent.URL)
	if err == nil {
		resp.Body.Close()
		t.Fatal("an answer")
	}
	if kit.NeverLeft(err) {
		t.Error("it left")
	}
}
