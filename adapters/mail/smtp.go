package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/textproto"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"paperboy/adapters/kit"
	"paperboy/core"
)

// secure: the way is encrypted from the first byte, and not after STARTTLS.
func (m *Mail) secure() bool { return m.server.Scheme == "smtps" }

// local: the server is on this machine, where nothing has to be encrypted.
func (m *Mail) local() bool {
	host := m.server.Hostname()
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (m *Mail) port() int {
	port, err := strconv.Atoi(m.server.Port())
	if err == nil {
		return port
	}
	if m.secure() {
		return 465
	}
	return 587
}

// connect is a connection to the mail server, encrypted and logged in. What fails here
// has certainly sent nothing: *core.Unauthorised where the login is refused, else
// *core.Retry. It ends with the context.
func (m *Mail) connect(ctx context.Context) (*gomail.Client, *smtp.Client, error) {
	config := &tls.Config{ServerName: m.server.Hostname(), RootCAs: m.Roots, MinVersion: tls.VersionTLS12}
	dial := m.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	policy := gomail.TLSMandatory
	if m.secure() || m.local() {
		policy = gomail.NoTLS // or it is encrypted already
	}
	_, domain, _ := strings.Cut(m.from.Address, "@")
	client, err := gomail.NewClient(m.server.Hostname(),
		gomail.WithPort(m.port()), gomail.WithTLSConfig(config), gomail.WithTLSPolicy(policy), gomail.WithHELO(domain), gomail.WithTimeout(m.Time),
		gomail.WithoutNoop(), gomail.WithoutRset(), gomail.WithoutSMTPUTF8(),
		gomail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(dialing, network, address)
			if err != nil {
				return nil, err
			}
			context.AfterFunc(ctx, func() { conn.Close() })
			if !m.secure() {
				return conn, nil
			}
			encrypted := tls.Client(conn, config)
			if err := encrypted.HandshakeContext(dialing); err != nil {
				conn.Close()
				return nil, err
			}
			return encrypted, nil
		}))
	if err != nil {
		return nil, nil, &core.Retry{After: unreachable, Err: m.hidden(err)}
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return nil, nil, &core.Retry{After: unreachable, Err: m.hidden(err)}
	}
	if err := m.login(session); err != nil {
		session.Close()
		if refused, ok := errors.AsType[*textproto.Error](err); ok && refused.Code < 500 || !ok && !errors.Is(err, errNoLogin) {
			return nil, nil, &core.Retry{After: unreachable, Err: m.hidden(err)}
		}
		return nil, nil, &core.Unauthorised{Err: m.hidden(err)}
	}
	return client, session, nil
}

var errNoLogin = errors.New("the server offers no login with a password")

// login says who we are, where the address of the server has that.
func (m *Mail) login(session *smtp.Client) error {
	if m.server.User == nil {
		return nil
	}
	offered, kinds := session.Extension("AUTH")
	user, host, local := m.server.User.Username(), m.server.Hostname(), m.local()
	switch fields := " " + kinds + " "; {
	case offered && strings.Contains(fields, " PLAIN "):
		return session.Auth(smtp.PlainAuth("", user, m.password(), host, local))
	case offered && strings.Contains(fields, " LOGIN "):
		return session.Auth(smtp.LoginAuth(user, m.password(), host, local))
	}
	return errNoLogin
}

// hidden is an error without the password, whoever put it there.
func (m *Mail) hidden(err error) error {
	if text := m.hide(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}

// Examine looks at the mail server as a message would, up to its sender, and sends
// nothing. record looks a DNS record up; nil: the signature's is not looked at.
func (m *Mail) Examine(ctx context.Context, record func(ctx context.Context, name string) ([]string, error)) []kit.Finding {
	where := m.server.Hostname() + ":" + strconv.Itoa(m.port())
	_, session, err := m.connect(ctx)
	if err != nil {
		return []kit.Finding{m.found(where, err)}
	}
	defer session.Close()
	if err := session.Mail(m.from.Address); err != nil {
		return []kit.Finding{kit.Failed(Name, fmt.Sprintf("%s does not take mail from %s: %v", where, m.from.Address, m.hidden(err)),
			"set [email] from to an address that this login may send as")}
	}
	_ = session.UpdateDeadline(quitTime)
	_ = session.Quit()
	how := "encrypted"
	if m.local() && !m.secure() {
		how = "on this machine"
	}
	return append([]kit.Finding{kit.OK(Name, fmt.Sprintf("%s, %s, takes mail from %s", where, how, m.from.Address))}, m.signature(ctx, record)...)
}

// found is what keeps us from the server, and what mends it.
func (m *Mail) found(where string, err error) kit.Finding {
	retry, _ := errors.AsType[*core.Retry](err)
	if retry != nil {
		err = retry.Err
	}
	said := fmt.Sprintf("%s: %v", where, err)
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	_, answered := errors.AsType[*textproto.Error](err)
	switch {
	case core.Is[*core.Unauthorised](err):
		return kit.Failed(Name, said, "set user and password in [email] smtp_url; many providers want an app password, and % for what is no letter (p@ss is p%40ss)")
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid), errors.As(err, &verify):
		return kit.Failed(Name, said, "set the host in [email] smtp_url as the server's certificate names it; a certificate that has expired is for the server's administrator")
	case strings.Contains(err.Error(), "STARTTLS"):
		return kit.Failed(Name, said, "use smtps:// with port 465, or a server that encrypts: a password goes nowhere in the clear")
	case strings.Contains(err.Error(), "first record does not look like a TLS handshake"):
		return kit.Failed(Name, said, "this port begins in the clear: use smtp:// with port 587")
	case answered:
		return kit.Failed(Name, said, "the server turned us away: look at what it says, or use another port")
	}
	return kit.Failed(Name, said, "look at host and port in [email] smtp_url, and whether a firewall lets this machine out (many close port 25)")
}

// signature looks whether the world can check what we sign.
func (m *Mail) signature(ctx context.Context, record func(ctx context.Context, name string) ([]string, error)) []kit.Finding {
	const check = "mail signature"
	if m.DKIM.Key == nil {
		return []kit.Finding{kit.Off(check, "mails are not signed", "set [email] dkim_domain, dkim_selector and dkim_key_file, unless the mail server signs")}
	}
	if record == nil {
		return nil
	}
	name := m.DKIM.Selector + "._domainkey." + m.DKIM.Domain
	want, err := publicKey(m.DKIM.Key)
	if err != nil {
		return []kit.Finding{kit.Failed(check, err.Error(), "make a key with `openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048`")}
	}
	fix := fmt.Sprintf("publish the TXT record %s with v=DKIM1; k=%s; p=%s", name, keyKind(m.DKIM.Key), want)
	txts, err := record(ctx, name)
	switch {
	case err != nil:
		return []kit.Finding{kit.Warning(check, fmt.Sprintf("%s: %v", name, err), fix)}
	case !strings.Contains(strings.ReplaceAll(strings.Join(txts, ""), " ", ""), "p="+want):
		return []kit.Finding{kit.Failed(check, name+" has another key: whoever gets a mail takes it for forged", fix)}
	}
	return []kit.Finding{kit.OK(check, cmp.Or(name, check))}
}
