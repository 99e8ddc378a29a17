package polite_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"paperboy/core"
	"paperboy/internal/polite"
)

func reasonOf(t *testing.T, address string) string {
	t.Helper()
	_, err := (&polite.Client{}).Get(t.Context(), address)
	var se *core.SourceError
	if !errors.As(err, &se) {
		t.Fatalf("%s: %v", address, err)
	}
	return se.Reason
}

// As journals do: the first answer sets a cookie and sends on to the same page.
func TestACookieLivesForOneFetch(t *testing.T) {
	begun := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "application/rss+xml" {
			w.WriteHeader(http.StatusNotAcceptable)
			return
		}
		if c, err := r.Cookie("seen"); err == nil && c.Value == "1" {
			fmt.Fprint(w, "the page")
			return
		}
		begun++
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", Path: "/"})
		http.Redirect(w, r, "/feed?cookieSet=1", http.StatusFound)
	}))
	defer server.Close()
	c := &polite.Client{Accept: "application/rss+xml"}
	for i := 1; i <= 2; i++ {
		p, changed, err := c.Changed(t.Context(), server.URL+"/feed", polite.Mark{})
		if err != nil || !changed || string(p.Body) != "the page" || p.URL.String() != server.URL+"/feed?cookieSet=1" || begun != i {
			t.Errorf("%+v %v, begun %d times", p, err, begun)
		}
	}
}

// raw is a server that answers each connection with those bytes.
func raw(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Read(make([]byte, 4096))
			c.Write([]byte(answer))
			c.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

func TestWhoAnsweredIsNotUnreachable(t *testing.T) {
	circle := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) }))
	defer circle.Close()
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer untrusted.Close()
	untrusted.Config.ErrorLog = nil
	send := func(to string) string {
		return raw(t, "HTTP/1.1 302 Found\r\nLocation: "+to+"\r\nContent-Length: 0\r\n\r\n")
	}
	for name, c := range map[string]struct{ address, reason string }{
		"a circle":              {circle.URL, "sends us round in circles"},
		"nobody's certificate":  {untrusted.URL, "shows a certificate that this machine does not trust"},
		"no https":              {strings.Replace(circle.URL, "http:", "https:", 1), "does not speak https"},
		"hangs up":              {raw(t, ""), "hung up before it answered"},
		"no HTTP":               {raw(t, "220 mail.example ESMTP\r\n"), "answers with something that is not HTTP"},
		"sends us to ftp":       {send("ftp://x.example/"), "sends us to an address that cannot be"},
		"sends us to nonsense":  {send("http://[::1/"), "sends us to an address that cannot be"},
		"half an answer":        {raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), "sent only a part of its answer"},
		"no gzip":               {raw(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\nnot packed, I think."), "sent something that cannot be unpacked"},
		"an address of no kind": {"http://[::1", "has an address that cannot be"},
		"nobody there":          {"http://127.0.0.1:1/", polite.Unreachable},
		"no such name":          {"http://nobody.invalid/", polite.Unreachable},
	} {
		if got := reasonOf(t, c.address); got != c.reason {
			t.Errorf("%s: %q, want %q", name, got, c.reason)
		}
	}
}
