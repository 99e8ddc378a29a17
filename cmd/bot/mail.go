package main

import (
	"context"
	"fmt"
	"net"

	"paperboy/adapters/kit"
	"paperboy/adapters/mail"
	"paperboy/core"
	"paperboy/core/subscription"
	"paperboy/store"
)

// mail is the mail server that the configuration describes, and the subscriptions
// that it serves; nil where there is none. s may be nil for who only looks.
func (a *app) mail(s *store.Store, connections *core.Connections) (*mail.Mail, *subscription.Subscriptions, error) {
	c := a.config.Email
	if c.SMTPURL == "" {
		return nil, nil, nil
	}
	if a.config.HTTP.Listen == "" || a.config.HTTP.PublicURL == "" {
		return nil, nil, usage("http.public_url: mails hold links that confirm and end them; set [http] listen and public_url, or leave [email] smtp_url empty")
	}
	subs := subscription.New(subscription.Options{Store: s, Connections: connections, Platform: mail.Name, PublicURL: a.config.HTTP.PublicURL, Now: a.now})
	o := mail.Options{URL: string(c.SMTPURL), From: c.From, Ledger: s, Subscriptions: subs, Now: a.now, Log: a.log}
	if c.DKIMKeyFile != "" {
		key, err := mail.ReadKey(c.DKIMKeyFile)
		if err != nil {
			return nil, nil, usage("email.dkim_key_file: %v", err)
		}
		o.DKIM = mail.DKIM{Domain: c.DKIMDomain, Selector: c.DKIMSelector, Key: key}
	}
	m, err := mail.New(o)
	if err != nil {
		return nil, nil, usage("email: %v", err)
	}
	return m, subs, nil
}

// mailServer looks at the mail server, where one is set.
func (c *doctorCommand) mailServer(a *app) []kit.Finding {
	m, _, err := a.mail(nil, nil)
	switch {
	case err != nil:
		return []kit.Finding{kit.Failed(mail.Name, err.Error(), "docs/mail.md shows how [email] is set up")}
	case m == nil:
		return nil
	}
	ctx, cancel := context.WithTimeout(a.ctx, doctorPatience)
	defer cancel()
	return m.Examine(ctx, net.DefaultResolver.LookupTXT)
}

type bounceCommand struct{}

func (bounceCommand) Help() string {
	return `For the mail server's alias of the sender's address: |"bot bounce --config /etc/paperboy/config.toml". A report that there
is no such address, or that somebody called a mail spam, ends that subscription; all else ends nothing.`
}

// Run reads one report. A report that says nothing to us is no failure: the mail server
// would report that in its turn.
func (c *bounceCommand) Run(a *app) error {
	s, err := a.open(true)
	if err != nil {
		return err
	}
	defer s.Close()
	ended, said, err := mail.Report(a.ctx, subscription.New(subscription.Options{Store: s, Platform: mail.Name, Now: a.now}), a.in)
	if err != nil {
		return err
	}
	what := "nothing ended"
	if ended {
		what = "ended"
	}
	fmt.Fprintf(a.out, "%s: %s\n", what, said)
	return nil
}
