package mail

import (
	"bufio"
	"context"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strings"

	"paperboy/core/subscription"
)

// mostReport is how much of a report is read: it may hold the whole mail.
const mostReport = 1 << 20

var endLink = regexp.MustCompile(`/mail/unsubscribe\?t=([A-Za-z0-9_.-]+)`)

// Report reads what a mail server writes when it could not deliver one of our mails
// after all (RFC 3464), or a provider when its reader called it spam (RFC 5965), and
// ends the subscription that it was for: at once where there is no such address, or at
// a complaint. said is what it says, for an operator. Who it was for stands in the part
// of our mail that such a report holds, as the signed link that ends it: what anybody
// else writes ends nothing.
func Report(ctx context.Context, subs *subscription.Subscriptions, r io.Reader) (ended bool, said string, err error) {
	m, err := mail.ReadMessage(bufio.NewReader(io.LimitReader(r, mostReport)))
	if err != nil {
		return false, "this is no mail", nil
	}
	var f report
	f.read(textproto.MIMEHeader(m.Header), m.Body, 0)
	switch {
	case f.complaint:
		said = "a complaint"
	case f.status == "":
		return false, "this is no report about a mail", nil
	case !f.failed || !slices.Contains(nobody, f.status):
		return false, "a report (" + f.status + ") that ends nothing", nil
	default:
		said = "there is no such address (" + f.status + ")"
	}
	if f.token == "" {
		return false, said + ", about a mail that is none of ours", nil
	}
	if err := subs.End(ctx, f.token); err != nil {
		return false, said, err
	}
	return true, said, nil
}

// report is what is found in one.
type report struct {
	failed    bool
	status    string // 5.1.1
	complaint bool
	token     string // of the mail that it is about
}

var (
	action    = regexp.MustCompile(`(?mi)^Action:\s*failed\s*$`)
	status    = regexp.MustCompile(`(?mi)^Status:\s*([245]\.\d{1,3}\.\d{1,3})`)
	complains = regexp.MustCompile(`(?mi)^Feedback-Type:\s*(abuse|fraud|virus|unsubscribe|opt-out)`)
)

// read looks at a part, and at those in it.
func (f *report) read(h textproto.MIMEHeader, body io.Reader, depth int) {
	kind, params, _ := mime.ParseMediaType(h.Get("Content-Type"))
	if strings.HasPrefix(kind, "multipart/") && depth < 5 {
		for parts := multipart.NewReader(body, params["boundary"]); ; {
			p, err := parts.NextRawPart()
			if err != nil {
				return
			}
			f.read(p.Header, p, depth+1)
		}
	}
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, _ := io.ReadAll(body) // what could be read may be enough
	text := strings.ReplaceAll(string(b), "\r\n", "\n")
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		f.failed = f.failed || action.MatchString(text)
		if m := status.FindStringSubmatch(text); m != nil {
			f.status = m[1]
		}
	case "message/feedback-report":
		f.complaint = f.complaint || complains.MatchString(text)
	case "message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global":
		if m := endLink.FindStringSubmatch(text); m != nil {
			f.token = m[1]
		}
	}
}
