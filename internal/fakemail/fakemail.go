// Package fakemail is a mail server for tests, a real one (emersion/go-smtp) that keeps
// what it gets and, where the test says so, does what real ones do at their worst.
//
// It refuses what real ones refuse: mail without a login, a login in the clear, a
// message without what RFC 5322 wants or with lines that are too long.
package fakemail

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Host is what the server's certificate says, User and Password let one in.
const (
	Host     = "mail.example.org"
	User     = "paperboy"
	Password = "hunter2%pass"
)

// Stage is a moment of a session that a test can spoil.
type Stage string

// The stages.
const (
	Login Stage = "login"
	From  Stage = "from"
	To    Stage = "to"
	Data  Stage = "data" // the whole message is there
)

// Fault is what happens at a stage. Its zero value is none.
type Fault struct {
	Err  *smtp.SMTPError // the answer
	Drop bool            // the connection breaks instead of an answer …
	Kept bool            // … or beside it: the message was taken all the same
	Then func()          // is called before anything is answered
}

// Code is an answer, as 451 4.7.1.
func Code(code int, enhanced [3]int, text string) Fault {
	return Fault{Err: &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode(enhanced), Message: text}}
}

// Drops breaks the connection; kept: the message was taken.
func Drops(kept bool) Fault { return Fault{Drop: true, Kept: kept} }

// Message is one that was taken.
type Message struct {
	From string
	To   []string
	Raw  []byte
}

// Server is the mail server.
type Server struct {
	Roots *x509.CertPool // whose certificate it has
	PEM   []byte         // the same, as a file for another process

	address string
	secure  bool

	mu     sync.Mutex
	faults map[Stage][]Fault
	taken  []Message
	said   map[Stage]int
	decide func(Message) Fault
}

// New starts one that begins in the clear (STARTTLS), or encrypted where secure.
func New(t testing.TB, secure bool) *Server {
	t.Helper()
	certificate, roots := certify(t)
	s := &Server{Roots: roots, PEM: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), secure: secure, faults: map[Stage][]Fault{}, said: map[Stage]int{}}
	srv := smtp.NewServer(s)
	srv.Domain, srv.TLSConfig = Host, &tls.Config{Certificates: []tls.Certificate{certificate}}
	srv.MaxMessageBytes, srv.ReadTimeout, srv.WriteTimeout = 1<<20, time.Minute, time.Minute
	srv.ErrorLog = silence{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	if secure {
		l = tls.NewListener(l, srv.TLSConfig)
	}
	done := make(chan struct{})
	go func() { defer close(done); srv.Serve(l) }()
	t.Cleanup(func() { l.Close(); srv.Close(); <-done })
	return s
}

type silence struct{}

func (silence) Printf(string, ...any) {}
func (silence) Println(...any)        {}

// Address is where it listens.
func (s *Server) Address() string { return s.address }

// URL is smtp_url for it.
func (s *Server) URL() string {
	scheme := "smtp"
	if s.secure {
		scheme = "smtps"
	}
	return fmt.Sprintf("%s://%s:%s@%s:587", scheme, User, strings.ReplaceAll(Password, "%", "%25"), Host)
}

// Dial leads every address here.
func (s *Server) Dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, s.address)
}

// Fails scripts the next answers of a stage.
func (s *Server) Fails(at Stage, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[at] = append(s.faults[at], faults...)
}

// Decides asks about every message that has come as a whole and has no fault scripted.
func (s *Server) Decides(decide func(Message) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.decide = decide
}

// Taken are the messages that it took.
func (s *Server) Taken() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.taken...)
}

// Said counts how often a stage was come to.
func (s *Server) Said(at Stage) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said[at]
}

func (s *Server) next(at Stage, m Message) (f Fault) {
	s.mu.Lock()
	s.said[at]++
	decide := s.decide
	if len(s.faults[at]) > 0 {
		f, s.faults[at], decide = s.faults[at][0], s.faults[at][1:], nil
	}
	s.mu.Unlock()
	if at == Data && decide != nil {
		return decide(m)
	}
	return f
}

// NewSession implements smtp.Backend.
func (s *Server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: c}, nil
}

type session struct {
	server *Server
	conn   *smtp.Conn
	in     bool
	m      Message
}

// answer does what the test wants at a stage.
func (s *session) answer(at Stage) error {
	f := s.server.next(at, s.m)
	if f.Then != nil {
		f.Then()
	}
	if f.Kept {
		s.keep()
	}
	if f.Drop {
		s.conn.Conn().Close()
		return errors.New("dropped")
	}
	if f.Err != nil {
		return f.Err
	}
	if at == Data && !f.Kept {
		s.keep()
	}
	return nil
}

func (s *session) keep() {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.taken = append(s.server.taken, s.m)
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if err := s.answer(Login); err != nil {
			return err
		}
		if user != User || password != Password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "Authentication credentials invalid"}
		}
		s.in = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.in {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.m = Message{From: from}
	return s.answer(From)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.answer(To); err != nil {
		return err
	}
	s.m.To = append(s.m.To, to)
	return nil
}

func (s *session) Data(r io.Reader) (err error) {
	if s.m.Raw, err = io.ReadAll(r); err != nil {
		return err
	}
	if wrong := wrong(s.m.Raw); wrong != "" {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: wrong}
	}
	return s.answer(Data)
}

func (s *session) Reset()        { s.m = Message{} }
func (s *session) Logout() error { return nil }

// wrong is why no server should take a message.
func wrong(raw []byte) string {
	for line := range bytes.Lines(raw) {
		switch {
		case len(line) > 1000:
			return "a line is too long"
		case !bytes.HasSuffix(line, []byte("\r\n")):
			return "a line has no end"
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err.Error()
	}
	for _, h := range []string{"Date", "From", "To", "Subject", "Message-Id", "Mime-Version", "Content-Type"} {
		if len(m.Header[h]) != 1 {
			return fmt.Sprintf("%d times %s", len(m.Header[h]), h)
		}
	}
	return ""
}

// certify makes a certificate for Host that only Roots vouch for.
func certify(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: Host}, DNSNames: []string{Host}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
