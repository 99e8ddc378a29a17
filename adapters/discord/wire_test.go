package discord

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// Behind a proxy the gateway is reached as everything else is.
func TestTheGatewayIsReachedThroughAProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth(); r.Method != http.MethodConnect || !ok || user != "lab" || password != "secret" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		line, _ := bufio.NewReader(conn).ReadString('\n')
		io.WriteString(conn, r.Host+" hears "+line)
	}))
	defer proxy.Close()
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	connect := func() (net.Conn, error) {
		return through(context.Background(), at, "tcp", "gateway.discord.gg:443")
	}
	if _, err := connect(); err == nil || err.Error() != "the proxy answers 407 Proxy Authentication Required" {
		t.Errorf("without its password: %v", err)
	}
	at.User = url.UserPassword("lab", "secret")
	conn, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "hello\n")
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || line != "gateway.discord.gg:443 hears hello\n" {
		t.Errorf("%q, %v", line, err)
	}
}
