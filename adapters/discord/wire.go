package discord

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// wire is a gateway connection seen from between discordgo and the network. It
// reads along, frame by frame, what discordgo keeps to itself or answers wrongly:
// the heartbeat's interval and acknowledgements, the close code, and the requests
// to reconnect (7) and to begin anew (9), which end the connection here, so that
// gateway.go decides what follows.
type wire struct {
	net.Conn
	line *line
	in   *bufio.Reader
	out  []byte // read, and not yet taken
	raw  bool   // no WebSocket came about: bytes pass
	open bool   // the handshake is over
}

// line is what is known of one connection. It outlives it.
type line struct {
	ctx    context.Context
	cancel context.CancelFunc
	gone   chan struct{} // closed when the connection is over

	mu      sync.Mutex
	conn    net.Conn
	over    bool
	bye     bool // we leave for good: the close frame may pass, which ends the session
	every   time.Duration
	acked   time.Time
	code    int  // the close frame's; 0: none came
	invalid bool // op 9 …
	keep    bool // … and the session may be resumed all the same
	live    bool // READY or RESUMED came
}

func newLine(ctx context.Context) *line {
	l := &line{gone: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancel(ctx)
	return l
}

// dial connects, with TLS where config is given.
func (l *line) dial(ctx context.Context, network, address string, config *tls.Config) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.ctx, cancel)()
	var proxy *url.URL
	var err error
	if config != nil { // a gateway on this machine needs none
		if proxy, err = http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: address}}); err != nil {
			return nil, err
		}
	}
	conn, err := through(ctx, proxy, network, address)
	if err != nil {
		return nil, err
	}
	if config != nil {
		host, _, _ := net.SplitHostPort(address)
		config = config.Clone()
		config.ServerName = host
		t := tls.Client(conn, config)
		if err := t.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, err
		}
		conn = t
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		conn.Close()
		return nil, net.ErrClosed
	}
	l.conn = conn
	return &wire{Conn: conn, line: l, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// through connects to an address, by way of an HTTP proxy if there is one. The
// dialer's own way would put TLS above the wire, where nothing can be read.
func through(ctx context.Context, proxy *url.URL, network, address string) (net.Conn, error) {
	if proxy == nil {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	if proxy.Scheme != "http" {
		return nil, errors.New("only http:// proxies are understood, not " + proxy.Scheme + "://")
	}
	at := proxy.Host
	if proxy.Port() == "" {
		at = net.JoinHostPort(proxy.Hostname(), "80")
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, at)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	r := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: http.Header{}}
	if u := proxy.User; u != nil {
		password, _ := u.Password()
		r.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)))
	}
	if err := r.Write(conn); err != nil {
		conn.Close()
		return nil, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), r) // who is connected to waits for us to begin
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New("the proxy answers " + resp.Status)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// cut ends the connection without a word: the session can be resumed.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over {
		l.over = true
		close(l.gone)
	}
	l.cancel()
	if l.conn != nil {
		l.conn.Close()
	}
}

// silent reports whether heartbeats have not been acknowledged for longer than
// they may, and what interval was asked for.
func (l *line) silent(now time.Time) (yes bool, every time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.every > 0 && now.Sub(l.acked) > l.every+l.every/2, l.every
}

// begun notes that the session lives: from now on discordgo sends heartbeats.
func (l *line) begun() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live, l.acked = true, time.Now()
}

// maxFrame is more than the largest guild's GUILD_CREATE.
const maxFrame = 64 << 20

var errEnded = errors.New("the gateway asked for another connection")

func (w *wire) Read(p []byte) (int, error) {
	if w.raw {
		return w.in.Read(p)
	}
	if len(w.out) == 0 {
		if err := w.more(); err != nil {
			w.line.cut()
			return 0, err
		}
	}
	n := copy(p, w.out)
	w.out = w.out[n:]
	return n, nil
}

// more reads the handshake's answer, or the next frame.
func (w *wire) more() error {
	if !w.open {
		for {
			text, err := w.in.ReadString('\n')
			if err != nil {
				return err
			}
			w.raw = w.raw || len(w.out) == 0 && !strings.Contains(text, " 101 ")
			w.out = append(w.out, text...)
			if strings.TrimSpace(text) == "" {
				w.open = true
				return nil
			}
		}
	}
	head := make([]byte, 2, 14)
	if _, err := io.ReadFull(w.in, head); err != nil {
		return err
	}
	size := uint64(head[1] & 0x7f)
	extra := map[uint64]int{126: 2, 127: 8}[size]
	head = head[:2+extra]
	if _, err := io.ReadFull(w.in, head[2:]); err != nil {
		return err
	}
	switch extra {
	case 2:
		size = uint64(binary.BigEndian.Uint16(head[2:]))
	case 8:
		size = binary.BigEndian.Uint64(head[2:])
	}
	if head[1]&0x80 != 0 || size > maxFrame {
		return errors.New("a frame that no gateway sends")
	}
	frame := make([]byte, len(head)+int(size))
	copy(frame, head)
	payload := frame[len(head):]
	if _, err := io.ReadFull(w.in, payload); err != nil {
		return err
	}
	if !w.line.look(head[0], payload) {
		return errEnded
	}
	w.out = frame
	return nil
}

// opLimit is more than the few bytes of a frame that is not an event.
const opLimit = 4096

// look reads a frame along. It says whether discordgo is to see it.
func (l *line) look(head byte, payload []byte) bool {
	const final, text, closes = 0x80, 1, 8
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case head&0x0f == closes && len(payload) >= 2:
		l.code = int(binary.BigEndian.Uint16(payload))
	case head&final != 0 && head&0x0f == text && len(payload) <= opLimit:
		var f struct {
			Op int             `json:"op"`
			D  json.RawMessage `json:"d"`
		}
		if json.Unmarshal(payload, &f) != nil {
			return true
		}
		switch f.Op {
		case 7:
			return false
		case 9:
			l.invalid, l.keep = true, string(f.D) == "true"
			return false
		case 10:
			var hello struct {
				Every float64 `json:"heartbeat_interval"`
			}
			_ = json.Unmarshal(f.D, &hello) // without it nobody watches, and Discord closes
			l.every, l.acked = time.Duration(hello.Every*float64(time.Millisecond)), time.Now()
		case 11:
			l.acked = time.Now()
		}
	}
	return true
}

// Write keeps discordgo's close frame back: its code 1000 would end the session.
func (w *wire) Write(p []byte) (int, error) {
	if len(p) > 0 && p[0]&0x0f == 8 {
		w.line.mu.Lock()
		bye := w.line.bye
		w.line.mu.Unlock()
		if !bye {
			return len(p), nil
		}
	}
	return w.Conn.Write(p)
}

func (w *wire) Close() error {
	w.line.cut()
	return w.Conn.Close()
}
