package mail_test

import (
	"strings"
	"testing"

	"paperboy/adapters/mail"
)

// bounce is what a mail server reports about a mail of ours, by what it says.
func bounce(kind, about, original string) string {
	return "From: MAILER-DAEMON@mail.example.net\r\nTo: papers@example.org\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/report; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nIt did not work.\r\n" +
		"--b\r\nContent-Type: " + kind + "\r\n\r\n" + about + "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + original + "\r\n--b--\r\n"
}

const gone = "Reporting-MTA: dns; mail.example.net\r\n\r\nFinal-Recipient: rfc822; ana@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n"

// What is reported afterwards ends a subscription where there is no such address, and
// where somebody called a mail spam; nothing else does.
func TestReportsThatEndASubscription(t *testing.T) {
	for name, tc := range map[string]struct {
		kind, about string
		ended       bool
		said        string
	}{
		"no such address":    {"message/delivery-status", gone, true, "there is no such address (5.1.1)"},
		"a full mailbox":     {"message/delivery-status", strings.Replace(gone, "5.1.1", "5.2.2", 1), false, "a report (5.2.2) that ends nothing"},
		"late, and not lost": {"message/delivery-status", strings.NewReplacer("failed", "delayed", "5.1.1", "4.1.1").Replace(gone), false, "that ends nothing"},
		"delivered":          {"message/delivery-status", strings.NewReplacer("failed", "delivered", "5.1.1", "2.1.5").Replace(gone), false, "that ends nothing"},
		"a complaint":        {"message/feedback-report", "Feedback-Type: abuse\r\nUser-Agent: x\r\nVersion: 1\r\n", true, "a complaint"},
		"no spam":            {"message/feedback-report", "Feedback-Type: not-spam\r\n", false, "no report"},
		"a holiday":          {"text/plain", "I am away. Action: failed, Status: 5.1.1", false, "no report"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.subscribed()
			l.morning("2025-11-25")
			raw := string(l.mails()[0].Raw)
			ended, said, err := mail.Report(t.Context(), l.subs, strings.NewReader(bounce(tc.kind, tc.about, raw)))
			if err != nil || ended != tc.ended || !strings.Contains(said, tc.said) {
				t.Errorf("ended %v: %s, %v", ended, said, err)
			}
			if l.known() == tc.ended {
				t.Errorf("known: %v", l.known())
			}
		})
	}
}

func TestAReportThatSomebodyMadeUpEndsNothing(t *testing.T) {
	l := newLab(t)
	l.subscribed()
	l.morning("2025-11-25")
	raw := string(l.mails()[0].Raw)
	for name, forged := range map[string]string{
		"without our mail":     bounce("message/delivery-status", gone, "Subject: yours\r\n\r\nx"),
		"with another's token": bounce("message/delivery-status", gone, strings.ReplaceAll(raw, "unsubscribe?t=", "unsubscribe?t=A")),
		"with a confirmation":  bounce("message/delivery-status", gone, "See /mail/unsubscribe?t="+strings.SplitN(l.link("confirm"), "=", 2)[1]),
		"nothing":              "",
	} {
		if ended, _, _ := mail.Report(t.Context(), l.subs, strings.NewReader(forged)); ended || !l.known() {
			t.Errorf("%s: it ended", name)
		}
	}
}

func FuzzReport(f *testing.F) {
	f.Add(bounce("message/delivery-status", gone, "List-Unsubscribe: <https://x.example/mail/unsubscribe?t=a.b>\r\n\r\nx"))
	f.Add("Content-Type: multipart/report\r\n\r\n--\r\n")
	f.Add("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Transfer-Encoding: base64\r\n\r\n!!\r\n--a--")
	f.Fuzz(func(t *testing.T, report string) {
		subs := forgetful()
		if ended, said, _ := mail.Report(t.Context(), subs, strings.NewReader(report)); ended || said == "" {
			t.Errorf("ended %v: %q", ended, said)
		}
	})
}
