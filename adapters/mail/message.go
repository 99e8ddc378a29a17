package mail

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	gomail "github.com/wneessen/go-mail"

	"paperboy/core"
	"paperboy/core/subscription"
)

// mostBytes is how long a message may be: from 102 kB on clients cut it.
const (
	mostBytes      = 100_000
	signatureBytes = 1000
)

// signed are the headers that the signature covers: all that say what this is, and both
// by which it is ended, as RFC 8058 wants it.
var signed = []string{"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"}

// message is a post as a message, and its Message-ID. A message that would be too long
// shows less of its abstracts.
func (m *Mail) message(ctx context.Context, ch, of core.Channel, p core.Post) (msg *gomail.Msg, id string, err error) {
	name, err := m.Subscriptions.MessageName(ctx, p.Key)
	if err != nil {
		return nil, "", err
	}
	end, err := m.Subscriptions.EndLink(ctx, ch.Key)
	if err != nil {
		return nil, "", err
	}
	_, domain, _ := strings.Cut(m.from.Address, "@")
	id = name + "@" + domain
	l := letter{card: p.Card, end: end, of: of.Name}
	if l.confirms = subscription.IsConfirmation(p.Key); l.confirms || of.Private && ch.Owner == "" {
		l.of = ""
	}
	for _, l.room = range []int{3000, 800, 200, 0} {
		msg, err = m.compose(ch, l, id, domain, p.Plain)
		if err != nil {
			return nil, "", err
		}
		var raw bytes.Buffer
		if _, err := msg.WriteTo(&raw); err != nil {
			return nil, "", err
		}
		if raw.Len() < mostBytes-signatureBytes {
			return msg, id, m.sign(msg, raw.Bytes())
		}
	}
	return nil, "", errors.New("it is too long, whatever is left out")
}

func (m *Mail) compose(ch core.Channel, l letter, id, domain string, plain bool) (*gomail.Msg, error) {
	name, _, _ := strings.Cut(id, "@")
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary(name)) // what is sent has to be what was signed
	msg.FromMailAddress(m.from)
	msg.ToMailAddress(&mail.Address{Address: ch.Name})
	msg.Subject(l.subject())
	msg.SetDateWithValue(m.Now())
	msg.SetMessageIDWithValue(id)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeaderPreformatted("List-Id", "<"+ch.Key.ID+"."+domain+">")
	msg.SetListUnsubscribe(l.end)
	msg.SetListUnsubscribePost()
	msg.SetBodyString(gomail.TypeTextPlain, l.text())
	if !plain {
		html, err := l.html()
		if err != nil {
			return nil, err
		}
		msg.AddAlternativeString(gomail.TypeTextHTML, html)
	}
	return msg, nil
}

// sign signs a message, which raw is as it is sent.
func (m *Mail) sign(msg *gomail.Msg, raw []byte) error {
	if m.DKIM.Key == nil {
		return nil
	}
	signer, err := dkim.NewSigner(&dkim.SignOptions{
		Domain: m.DKIM.Domain, Selector: m.DKIM.Selector, Signer: m.DKIM.Key, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return err
	}
	if _, err := signer.Write(raw); err != nil {
		return err
	}
	if err := signer.Close(); err != nil {
		return err
	}
	_, value, _ := strings.Cut(signer.Signature(), ": ")
	msg.SetGenHeaderPreformatted("DKIM-Signature", strings.TrimSpace(value))
	return nil
}

// ReadKey reads the private key of [email] dkim_key_file, RSA or Ed25519, in PEM.
func ReadKey(file string) (crypto.Signer, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	key, err := gomail.PrivKeyFromPEM(b)
	if err != nil {
		return nil, fmt.Errorf("%s is no private key: %w", file, err)
	}
	if _, err := publicKey(key); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return key, nil
}

// publicKey is what the DNS record of a key holds.
func publicKey(key crypto.Signer) (string, error) {
	switch public := key.Public().(type) {
	case ed25519.PublicKey:
		return base64.StdEncoding.EncodeToString(public), nil
	case *rsa.PublicKey:
		if public.Size() < 1024/8 {
			return "", errors.New("the key is too short: nobody takes less than 1024 bits")
		}
		der, err := x509.MarshalPKIXPublicKey(public)
		return base64.StdEncoding.EncodeToString(der), err
	}
	return "", errors.New("the key is neither RSA nor Ed25519")
}

func keyKind(key crypto.Signer) string {
	if _, ok := key.Public().(ed25519.PublicKey); ok {
		return "ed25519"
	}
	return "rsa"
}
