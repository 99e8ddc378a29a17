package mail_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"paperboy/internal/chromium"
)

// A mail and the pages fit a phone and a window: nothing has to be scrolled to the
// side. Pictures of them are left in PAPERBOY_SCREENSHOTS.
func TestMailsFitTwoWidthsInABrowser(t *testing.T) {
	l := fixed(t)
	mux := http.NewServeMux()
	for _, name := range []string{"digest.html", "confirm.html"} {
		mux.HandleFunc("/"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, filepath.Join("testdata", name)) })
	}
	for pattern, h := range l.mail.Handlers() {
		mux.Handle(pattern, h)
	}
	srv := httptest.NewServer(mux)
	defer srv.Close()
	ctx := chromium.Start(t)
	for name, at := range map[string]string{"digest": "/digest.html", "confirmation": "/confirm.html", "confirm": l.link("confirm"), "end": l.link("unsubscribe"), "forged": "/mail/confirm?t=x"} {
		for _, width := range []int64{360, 640} {
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(srv.URL+at)); err != nil {
				t.Fatal(name, err)
			}
			wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
			if err != nil {
				t.Fatal(name, err)
			}
			if wide > width {
				t.Errorf("%s is %d wide in a window of %d", name, wide, width)
			}
			dir := os.Getenv("PAPERBOY_SCREENSHOTS")
			if dir == "" {
				continue
			}
			png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "mail-"+name+"-"+map[int64]string{360: "phone", 640: "window"}[width]+".png"), png, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
