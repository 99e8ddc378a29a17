package fakediscord

// Connections that need no port and no time of their own, for tests in a
// synctest bubble. Unlike net.Pipe's they hold what is written until it is read,
// as a network does: who writes while holding a lock waits for nobody.

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// memory is a listener in this process.
type memory struct {
	at     address
	queue  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }

func listen(at address) *memory {
	return &memory{at: at, queue: make(chan net.Conn), closed: make(chan struct{})}
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.queue:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Addr() net.Addr { return m.at }

func (m *memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

// Dial connects a client to a Discord that is InProcess.
func (d *Discord) Dial(ctx context.Context, network, to string) (net.Conn, error) {
	refused := &net.OpError{Op: "dial", Net: network, Addr: address(to), Err: os.ErrNotExist}
	for _, m := range d.listeners {
		if m.at != address(to) {
			continue
		}
		up, down := newStream(), newStream()
		select {
		case m.queue <- &conduit{in: up, out: down, at: m.at}:
			return &conduit{in: down, out: up, at: m.at}, nil
		case <-m.closed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return nil, refused
}

// stream is one direction of a connection.
type stream struct {
	mu       sync.Mutex
	changed  *sync.Cond
	held     bytes.Buffer
	over     bool      // nothing comes any more
	deadline time.Time // of reading
	timer    *time.Timer
}

func newStream() *stream {
	s := &stream{}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case !s.deadline.IsZero() && !time.Now().Before(s.deadline):
			return 0, os.ErrDeadlineExceeded
		case s.held.Len() > 0:
			return s.held.Read(p)
		case s.over:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return 0, io.ErrClosedPipe
	}
	s.changed.Broadcast()
	return s.held.Write(p)
}

func (s *stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	if s.timer != nil {
		s.timer.Stop()
	}
	s.changed.Broadcast()
}

func (s *stream) until(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
	}
	s.deadline = t
	if left := time.Until(t); !t.IsZero() && left > 0 { // one that is over needs no bell: all look now
		s.timer = time.AfterFunc(left, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.changed.Broadcast()
		})
	}
	s.changed.Broadcast()
}

// conduit is one end of a connection.
type conduit struct {
	in, out *stream
	at      address
}

func (c *conduit) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *conduit) Write(p []byte) (int, error) { return c.out.write(p) }
func (c *conduit) LocalAddr() net.Addr         { return c.at }
func (c *conduit) RemoteAddr() net.Addr        { return c.at }

func (c *conduit) Close() error {
	c.in.end()
	c.out.end()
	return nil
}

func (c *conduit) SetDeadline(t time.Time) error    { return c.SetReadDeadline(t) }
func (c *conduit) SetWriteDeadline(time.Time) error { return nil } // writing never waits

func (c *conduit) SetReadDeadline(t time.Time) error {
	c.in.until(t)
	return nil
}
