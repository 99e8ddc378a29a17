package mail_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"paperboy/internal/chromium"
)

// A mail and the pages fit a phone and a window: nothing has to be scrolled to the
// side. Pictures of them are left in PAPERBOY_SCREENSHOTS.
func TestMailsFitTwoWidthsInABrowser(t *testing.T) {
	l := fixed(t)
	l.morning("2025-11-25")
	mux := http.NewServeMux()
	sent := map[string]string{"/digest.html": l.mails()[0].html, "/confirm.html": read(t, l.server.Taken()[0]).html} // as the mail server got them
	for path, html := range sent {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, html) })
	}
	for pattern, h := range l.mail.Handlers() {
		mux.Handle(pattern, h)
	}
	srv := httptest.NewServer(mux)
	defer srv.Close()
	ctx := chromium.Start(t)
	for name, at := range map[string]string{"digest": "/digest.html", "confirmation": "/confirm.html", "confirm": l.link("confirm"), "end": l.link("unsubscribe"), "forged": "/mail/confirm?t=x"} {
		for _, look := range []struct {
			width  int64
			scheme string
		}{{360, "light"}, {360, "dark"}, {600, "light"}, {600, "dark"}} {
			err := chromedp.Do(ctx, chromedp.EmulateViewport(look.width, 800), chromedp.Navigate(srv.URL+at))
			if err == nil {
				_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}}})
			}
			if err != nil {
				t.Fatal(name, err)
			}
			wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
			if err != nil {
				t.Fatal(name, err)
			}
			if wide > look.width {
				t.Errorf("%s is %d wide in a window of %d", name, wide, look.width)
			}
			dir := os.Getenv("PAPERBOY_SCREENSHOTS")
			if dir == "" {
				continue
			}
			png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("mail-%s-%d-%s.png", name, look.width, look.scheme)), png, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
