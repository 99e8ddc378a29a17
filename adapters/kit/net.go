package kit

import (
	"context"
	"errors"
	"net"
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
