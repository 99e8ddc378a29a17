package kit

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"time"
)

// Sleep waits, or returns early with the context's error.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Briefly does something small that has to be done now or never: it gets two
// seconds.
func Briefly(ctx context.Context, do func(context.Context)) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	do(ctx)
}

// Backoff is the pause before a try, counted from 0: twice as long every time,
// from shortest to longest, and up to half less by chance, so that not all come
// back at the same moment.
func Backoff(try int, shortest, longest time.Duration) time.Duration {
	d := min(longest, shortest<<min(try, 10))
	return d/2 + rand.N(d/2)
}

// HTTPClient has time-outs, keeps so many idle connections to its one host, and
// follows no redirect: a token would go along. dial, where it is not nil, makes
// its connections.
func HTTPClient(timeout time.Duration, idle int, dial func(context.Context, string, string) (net.Conn, error)) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	if dial != nil {
		t.DialContext = dial
	}
	t.MaxIdleConnsPerHost = idle
	t.ResponseHeaderTimeout = timeout
	return &http.Client{
		Transport:     t,
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// NeverLeft says of an HTTP client's error that no connection could be made, to
// the platform or to the proxy before it, so that nothing was sent and it may
// be sent again.
func NeverLeft(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && slices.Contains([]string{"dial", "proxyconnect"}, op.Op) {
		return true
	}
	_, ok := errors.AsType[*net.DNSError](err)
	return ok
}
