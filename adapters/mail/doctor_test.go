package mail_test

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"testing"

	"paperboy/adapters/kit"
	"paperboy/adapters/mail"
	"paperboy/internal/fakemail"
	"paperboy/internal/testkit"
)

// The doctor goes as far as the sender, sends nothing, and names what mends it.
func TestTheDoctorNamesTheFix(t *testing.T) {
	refuse := func(at fakemail.Stage, f fakemail.Fault) func(*fakemail.Server) {
		return func(s *fakemail.Server) { s.Fails(at, f) }
	}
	for name, tc := range map[string]struct {
		secure bool
		change func(*mail.Options)
		server func(*fakemail.Server)
		state  kit.State
		says   []string
	}{
		"well":                 {state: kit.StateOK, says: []string{"mail.example.org:587, encrypted, takes mail from papers@example.org"}},
		"well, from the start": {secure: true, state: kit.StateOK, says: []string{"encrypted"}},
		"a wrong password": {change: func(o *mail.Options) { o.URL = strings.Replace(o.URL, "hunter2", "hunter3", 1) }, state: kit.StateFailed,
			says: []string{"535", "set user and password in [email] smtp_url"}},
		"no login": {change: func(o *mail.Options) { o.URL = "smtp://" + fakemail.Host + ":587" }, state: kit.StateFailed, says: []string{"530", "[email] from"}},
		"a sender that is not ours": {server: refuse(fakemail.From, fakemail.Code(553, [3]int{5, 7, 1}, "not owned by user")), state: kit.StateFailed,
			says: []string{"does not take mail from papers@example.org", "set [email] from"}},
		"an unknown certificate": {change: func(o *mail.Options) { o.Roots = x509.NewCertPool() }, state: kit.StateFailed, says: []string{"as the server's certificate names it"}},
		"the wrong port, encrypted": {change: func(o *mail.Options) { o.URL = strings.Replace(o.URL, "smtp:", "smtps:", 1) }, state: kit.StateFailed,
			says: []string{"use smtp:// with port 587"}},
		"nobody there": {change: func(o *mail.Options) {
			o.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("connection refused") }
		}, state: kit.StateFailed, says: []string{"connection refused", "host and port"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := fakemail.New(t, tc.secure)
			o := mail.Options{URL: s.URL(), From: "papers@example.org", Dial: s.Dial, Roots: s.Roots}
			if tc.change != nil {
				tc.change(&o)
			}
			if tc.server != nil {
				tc.server(s)
			}
			m, err := mail.New(o)
			if err != nil {
				t.Fatal(err)
			}
			f := m.Examine(t.Context(), nil)[0]
			if f.State != tc.state {
				t.Errorf("it is %s: %s", f.State, f.Detail)
			}
			testkit.Sees(t, f.Detail+" "+f.Fix, tc.says...)
			testkit.DoesNotSee(t, f.Detail+" "+f.Fix, fakemail.Password, "hunter")
			if len(s.Taken()) > 0 || s.Said(fakemail.To) > 0 {
				t.Error("the doctor has sent something")
			}
		})
	}
}

func TestTheDoctorLooksForTheSignaturesRecord(t *testing.T) {
	l := newLab(t)
	state := func(txt []string, err error) (kit.State, string) {
		fs := l.mail.Examine(t.Context(), func(_ context.Context, name string) ([]string, error) {
			if name != "papers._domainkey.example.org" {
				t.Error(name)
			}
			return txt, err
		})
		return fs[1].State, fs[1].Fix
	}
	missing, fix := state(nil, errors.New("no such host"))
	_, record, _ := strings.Cut(fix, " with ")
	if missing != kit.StateWarning || !strings.HasPrefix(record, "v=DKIM1; k=ed25519; p=") {
		t.Error(missing, fix)
	}
	if got, _ := state([]string{record[:20], record[20:]}, nil); got != kit.StateOK { // as DNS breaks long ones
		t.Error("with the record:", got)
	}
	if got, _ := state([]string{"v=DKIM1; p=AAAA"}, nil); got != kit.StateFailed {
		t.Error("with another key:", got)
	}
}
