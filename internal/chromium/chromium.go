// Package chromium is the browser of tests of pages: windows, what is done in them, and
// what they come to. A test without a Chromium is skipped and says so (recordings).
package chromium

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"paperboy/internal/recordings"
)

// Start starts a browser for as long as a test takes, five minutes at most, and gives
// its first window.
func Start(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(recordings.Browser(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(opts, more...)...)
	t.Cleanup(cancel)
	first, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(first); err != nil {
		t.Fatal(err)
	}
	return first
}

// Tab is a window.
type Tab struct {
	T   *testing.T
	Ctx context.Context
}

// Open opens a window of that size beside the first: a tab behind another one draws
// nothing.
func Open(t *testing.T, first context.Context, width, height int64) Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(first, chromedp.WithNewWindow(true))
	t.Cleanup(cancel)
	b := Tab{T: t, Ctx: ctx}
	if err := chromedp.Do(ctx); err != nil { // opens it, for as long as ctx lives
		t.Fatal(err)
	}
	b.Do(chromedp.EmulateViewport(width, height))
	return b
}

// Do does something there.
func (b Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.T.Fatal(err)
	}
}

// Is waits until an expression of the page is true.
func (b Tab) Is(expression string) {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Poll[chromedp.Void]("!!("+expression+")", chromedp.WithPollingInterval(20*time.Millisecond))); err != nil {
		html, _ := chromedp.Run(b.Ctx, chromedp.OuterHTML("main"))
		b.T.Fatalf("never: %s (%v)\n%s", expression, err, html)
	}
}

// Value is what an expression of the page comes to.
func Value[T any](b Tab, expression string) T {
	b.T.Helper()
	v, err := chromedp.Run(b.Ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.T.Fatal(err)
	}
	return v
}

// Picture keeps a screenshot where PAPERBOY_SCREENSHOTS asks for it, once nothing moves.
func (b Tab) Picture(name string) {
	b.T.Helper()
	dir := os.Getenv("PAPERBOY_SCREENSHOTS")
	if dir == "" {
		return
	}
	b.Is(`document.getAnimations().length === 0`)
	png, err := chromedp.Run(b.Ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.T.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.T.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.T.Fatal(err)
	}
}
