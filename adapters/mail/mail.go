// Package mail is the platform on which a channel is somebody's mailbox: it sends what
// core/subscription has asked for.
//
//	mail.go     the connection: one message, and what became of it
//	smtp.go     the way to the mail server, and the doctor's look at it
//	message.go  a post as a message: headers, both forms, the signature
//	bounce.go   what mail servers report afterwards
//	draw.go     a card as plain text and as HTML
//	pages.go    what the links in mails lead to
//
// In: a core.Post. Out: one message handed to the mail server of [email] smtp_url, or
// one of the errors of core/errors.go.
//
// It promises: what the server said before it took a message, a 4xx anywhere, and a
// connection that broke before the end of the message had left, mean that it was
// certainly not sent, and it is tried again. A server that gave no answer to the end of
// a message may have taken it: as nobody can look into a mailbox, that stays uncertain,
// and only a person sends it again. The Message-ID is made from the delivery's key, so
// that a repeat can be told. An address that does not exist ends its subscription at
// once, one that refuses three posts in a row then. No password and no address comes
// into a log.
package mail

import (
	"cmp"
	"context"
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"crypto/x509"

	gomail "github.com/wneessen/go-mail"

	"paperboy/adapters/kit"
	"paperboy/core"
	"paperboy/core/subscription"
)

// Name is the platform's.
const Name = "mail"

// Pace and patience.
const (
	atOnce      = 4                // connections to the server
	sendTime    = 60 * time.Second // for one message, from the first byte to the last answer
	quitTime    = 2 * time.Second  // for a good-bye: the message has been taken
	greySoon    = 5 * time.Minute  // what the server puts off is tried again after that, in the first hour …
	greyLater   = 30 * time.Minute // … and after that
	giveUp      = 72 * time.Hour   // after which it is given up
	unreachable = 2 * time.Minute  // a server that cannot be reached is tried again then
	refusals    = 3                // posts in a row that an address may refuse
	expirePoll  = time.Hour
)

// Ledger is what is asked of the store beside subscriptions.
type Ledger interface {
	DeliveriesOf(ctx context.Context, channel int64, since time.Time, states ...core.DeliveryState) ([]core.Delivery, error)
}

// DKIM is how messages are signed; without a key they are not.
type DKIM struct {
	Domain, Selector string
	Key              crypto.Signer
}

// Options are what a Mail is made of.
type Options struct {
	URL           string // smtp://user:pass@host:587 or smtps://host:465
	From          string // "Paperboy <papers@example.org>"
	DKIM          DKIM
	Ledger        Ledger
	Subscriptions *subscription.Subscriptions
	Now           func() time.Time // the calendar
	Log           *slog.Logger

	// Dial makes connections, Roots are whose certificates are taken; nil: the
	// network, and the system's. Time is for one message; 0: a minute.
	Dial  func(ctx context.Context, network, address string) (net.Conn, error)
	Roots *x509.CertPool
	Time  time.Duration
}

// Mail is the connection. It is safe for concurrent use.
type Mail struct {
	Options
	server *url.URL
	from   *mail.Address
	slots  chan struct{}
	asks   limiter

	mu      sync.Mutex
	trouble error // why the server cannot be used at the moment
}

var (
	_ core.Connection = (*Mail)(nil)
	_ core.Readers    = (*Mail)(nil)
)

// New makes the connection. It asks nobody anything.
func New(o Options) (*Mail, error) {
	server, err := url.Parse(o.URL)
	if err != nil {
		return nil, errors.New("smtp_url is no address of a mail server") // err would show the password
	}
	from, err := mail.ParseAddress(o.From)
	if err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	if from.Name == "" {
		from.Name = "Paperboy"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Time = cmp.Or(o.Time, sendTime)
	return &Mail{Options: o, server: server, from: from, slots: make(chan struct{}, atOnce)}, nil
}

// Network says the customs: nobody votes, types or reads along in a mailbox.
func (m *Mail) Network() core.Network {
	return core.Network{Name: Name, Command: "/papers", Editors: "managers"}
}

// Serves reports whether the installation is the one for mail.
func (m *Mail) Serves(in core.Installation) bool { return in.Platform == Name }

// CanRead: nobody can look into a mailbox from a chat.
func (m *Mail) CanRead(context.Context, core.ChannelKey, core.User) (bool, error) { return false, nil }

// Run deletes what nobody confirmed, until the context ends.
func (m *Mail) Run(ctx context.Context, _ core.Handler) error {
	for {
		if err := m.Subscriptions.Expire(ctx); err != nil && ctx.Err() == nil {
			m.Log.Error("deleting what nobody confirmed", "err", err)
		}
		if kit.Sleep(ctx, expirePoll) != nil {
			return nil
		}
	}
}

// Ready says why no mail goes out at the moment; nil: none was refused a way.
func (m *Mail) Ready() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.trouble
}

// noted keeps how the server is.
func (m *Mail) noted(err error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.trouble = err
	return err
}

// Handlers are the pages that links in mails lead to.
func (m *Mail) Handlers() map[string]http.Handler {
	return map[string]http.Handler{confirmPath: http.HandlerFunc(m.confirm), endPath: http.HandlerFunc(m.end), askPath: http.HandlerFunc(m.ask)}
}

// Post sends one message.
func (m *Mail) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	turn, over := core.Turn(ctx)
	defer over()
	select {
	case m.slots <- struct{}{}:
		defer func() { <-m.slots }()
	case <-turn.Done():
		return core.MessageRef{}, &core.Retry{Err: turn.Err()}
	}
	ch, of, err := m.Subscriptions.Goes(ctx, p.Channel, p.Key)
	if err != nil {
		return core.MessageRef{}, err
	}
	msg, id, err := m.message(ctx, ch, of, p)
	if err != nil {
		return core.MessageRef{}, &core.Refused{Message: true, Reason: "it cannot be written as a mail", Err: err}
	}
	if err := turn.Err(); err != nil {
		return core.MessageRef{}, &core.Retry{Err: err}
	}
	client, session, err := m.connect(ctx)
	if m.noted(err) != nil {
		return core.MessageRef{}, err
	}
	err = client.SendWithSMTPClient(session, msg)
	_ = session.UpdateDeadline(quitTime)
	_ = client.CloseWithSMTPClient(session)
	if err != nil {
		return core.MessageRef{}, m.outcome(ctx, ch, p, err)
	}
	return core.MessageRef{Conversation: p.Channel.ID, ID: id}, nil
}

// outcome is what a failed message means, in the words of core/errors.go.
func (m *Mail) outcome(ctx context.Context, ch core.Channel, p core.Post, err error) error {
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return fmt.Errorf("sending a mail: %s", m.silent(err, ch))
	}
	code := failed.ErrorCode()
	said := errors.New(m.silent(failed, ch))
	m.Log.Warn("the mail server did not take a mail, or gave no answer", "channel", ch.ID, "key", p.Key, "err", said)
	switch {
	case code == 0 && failed.Reason == gomail.ErrSMTPDataClose:
		return said // it may have taken the message: nobody knows
	case code == 0:
		return &core.Retry{After: unreachable, Err: said}
	case code < 500:
		age := m.Now().Sub(due(p.Key))
		switch {
		case age > giveUp:
			return m.refused(ctx, ch, p, failed, said)
		case age > time.Hour:
			return &core.Retry{After: greyLater, Err: said}
		}
		return &core.Retry{After: greySoon, Err: said}
	case failed.Reason == gomail.ErrSMTPMailFrom:
		return &core.Refused{Reason: "the mail server does not take the sender's address; whoever runs me has to look at `[email] from`", Err: said}
	}
	return m.refused(ctx, ch, p, failed, said)
}

// nobody are the codes that say that an address is none (RFC 3463): no such mailbox,
// no such domain, moved away, takes no mail at all.
var nobody = []string{"5.1.1", "5.1.2", "5.1.6", "5.1.10"}

// refused is a message that the server does not take. An address that is none ends its
// subscription, as does one that refuses the third post in a row: the first try of each
// is followed by one as plain text.
func (m *Mail) refused(ctx context.Context, ch core.Channel, p core.Post, failed *gomail.SendError, said error) error {
	if failed.Reason == gomail.ErrSMTPRcptTo && slices.Contains(nobody, failed.EnhancedStatusCode()) {
		return m.Subscriptions.Over(ctx, ch, said)
	}
	if p.Plain {
		before, err := m.refusedBefore(ctx, ch)
		if err != nil {
			return &core.Retry{After: time.Minute, Err: err}
		}
		if before >= refusals-1 {
			return m.Subscriptions.Over(ctx, ch, said)
		}
	}
	reason := fmt.Sprintf("the mail server refused it (%d)", failed.ErrorCode())
	return &core.Refused{Message: true, Reason: reason, Err: said}
}

// refusedBefore counts the last posts that were refused in a row.
func (m *Mail) refusedBefore(ctx context.Context, ch core.Channel) (n int, err error) {
	ds, err := m.Ledger.DeliveriesOf(ctx, ch.ID, time.Time{}, core.Posted, core.Skipped, core.Uncertain)
	for _, d := range ds {
		switch _, isPaper := d.Item.Paper(); {
		case isPaper || d.Attempt == 0:
		case d.State == core.Skipped:
			n++
		default:
			n = 0
		}
	}
	return n, err
}

// silent is an error for the log: without the address.
func (m *Mail) silent(err error, ch core.Channel) string {
	text, _, _ := strings.Cut(err.Error(), ", affected ")
	if i := strings.Index(strings.ToLower(text), strings.ToLower(ch.Name)); i >= 0 && ch.Name != "" {
		text = text[:i] + "[address]" + text[i+len(ch.Name):]
	}
	return m.hide(text)
}

// hide takes our password out of a text.
func (m *Mail) hide(text string) string {
	if secret := m.password(); secret != "" {
		text = strings.ReplaceAll(text, secret, "[secret]")
	}
	return text
}

func (m *Mail) password() string {
	p, _ := m.server.User.Password()
	return p
}

// due is the moment that a header's key names.
func due(post string) time.Time {
	t, _ := time.Parse(time.RFC3339, post[strings.LastIndexByte(post, '/')+1:])
	return t
}
