package mail_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	netmail "net/mail"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"pgregory.net/rapid"

	"paperboy/adapters/mail"
	"paperboy/core"
	"paperboy/core/say"
	"paperboy/internal/testkit"
)

// fixed is a lab whose links and ids are the same in every run.
func fixed(t *testing.T, change ...func(*lab)) *lab {
	l := newLab(t)
	if err := l.store.SetNote(t.Context(), "mail/key", "the key of the pictures"); err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(l)
	}
	l.restart()
	l.subscribed()
	return l
}

// sends posts a card to ana, and is what came.
func (l *lab) sends(card core.Card) letter {
	l.Helper()
	channels, err := l.store.Channels(l.Context())
	if err != nil {
		l.Fatal(err)
	}
	for _, ch := range channels {
		if ch.Key.Platform == mail.Name {
			p := core.Post{Key: "7/" + string(core.HeaderItem(core.DailyPost, at("2025-11-25 09:00"))), Channel: ch.Key, Card: card}
			if _, err := l.mail.Post(l.Context(), p); err != nil {
				l.Fatal(err)
			}
		}
	}
	mails := l.mails()
	return mails[len(mails)-1]
}

// morning is a digest with one paper of each kind, and what strangers would like to do.
var digest = core.Card{
	Title: "📰 Papers · Tue 25 Nov",
	Lines: []say.Text{say.Say("*3 new*"), say.Say("%s (2) · %s (1)", "diffusion", "<b>lora</b>"), say.Say("41 more came.")},
	Papers: []core.View{
		{ID: "2511.00001", URL: "https://arxiv.org/abs/2511.00001", Title: "Denoising <script>alert(1)</script> & Friends", Authors: "Ana Doe … Zoe Poe (11)",
			Facts: []string{"cs.CV", "▲41", "code ★312"}, Code: "https://github.com/doe/soup", Excerpt: "We show that soup keeps lamps warm, “always”.", Matched: say.Say("matched *diffusion*")},
		{ID: "2511.00002", URL: "https://arxiv.org/abs/2511.00002", Title: "A title over two lines that is so long that it has to be broken somewhere, for instance in thermodynamicallyinspiredautoencoders",
			Authors: "Ben Roe", Labels: []string{"listed late"}, Excerpt: "[Click here](https://evil.example) or http://evil.example/x, *now*.", Matched: say.Say("matched *diffusion*")},
		{ID: "2511.00003", URL: "javascript:alert(1)", Title: "Taken back", Struck: true, Labels: []string{"withdrawn"}, Thumbnail: "https://elsewhere.example/picture.png"},
	},
	Context: []say.Text{say.Say("HF list of 25 Nov · next post Wed 09:00 Berlin")},
	Buttons: []core.Button{{ID: "pb1|up|2511.00001", Label: "👍"}},
}

func TestPicturesOfMails(t *testing.T) {
	l := fixed(t)
	confirmation := read(t, l.server.Taken()[0])
	testkit.LooksLike(t, "confirm.txt", []byte(confirmation.text))
	testkit.LooksLike(t, "confirm.html", []byte(confirmation.html))
	m := l.sends(digest)
	testkit.LooksLike(t, "digest.txt", []byte(m.text))
	testkit.LooksLike(t, "digest.html", []byte(m.html))
	var head strings.Builder
	for _, name := range []string{"From", "To", "Subject", "Date", "Message-Id", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted"} {
		head.WriteString(name + ": " + m.header.Get(name) + "\n")
	}
	testkit.LooksLike(t, "digest.head", []byte(head.String()))
}

// What is loaded from elsewhere tells who reads: nothing is. What strangers wrote is
// characters.
func TestAMailLoadsNothingAndRunsNothing(t *testing.T) {
	m := fixed(t).sends(digest)
	testkit.DoesNotSee(t, m.html, "<script", "<img", "<link", "<style", "src=", "url(", "@import", "javascript:", "elsewhere.example", "<b>lora", `href="http://evil`, "pb1|")
	testkit.DoesNotSee(t, m.text, "javascript:", "elsewhere.example", "pb1|")
	testkit.Sees(t, m.html, "&lt;script&gt;", "<s>Taken back</s>")
}

// A signature covers what a mail is and how it is ended: whoever changes that on the
// way breaks it.
func TestMailsAreSigned(t *testing.T) {
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, short, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"RSA": long, "Ed25519": short} {
		t.Run(name, func(t *testing.T) {
			l := fixed(t, func(l *lab) { l.dkim.Key = key })
			m := l.sends(digest)
			var published []string
			for _, f := range l.mail.Examine(t.Context(), func(context.Context, string) ([]string, error) { return nil, nil }) {
				if _, record, ok := strings.Cut(f.Fix, " with "); ok {
					published = []string{record}
				}
			}
			verify := func(raw []byte) *dkim.Verification {
				vs, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
					if domain != "papers._domainkey.example.org" {
						t.Errorf("the key is looked up at %s", domain)
					}
					return published, nil
				}})
				if err != nil || len(vs) != 1 {
					t.Fatal(len(vs), err)
				}
				return vs[0]
			}
			v := verify(m.Raw)
			if v.Err != nil || v.Domain != "example.org" {
				t.Fatal(v.Domain, v.Err)
			}
			for _, h := range []string{"from", "to", "subject", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post", "content-type"} {
				if !slices.ContainsFunc(v.HeaderKeys, func(k string) bool { return strings.EqualFold(k, h) }) {
					t.Errorf("%s is not signed", h)
				}
			}
			for _, change := range [][2]string{{"papers.example.org/mail/unsubscribe", "evil.example/mail/unsubscribe"}, {"One-Click", "Two-Click"}, {"soup", "soap"}} {
				if v := verify(bytes.Replace(m.Raw, []byte(change[0]), []byte(change[1]), 1)); v.Err == nil {
					t.Errorf("%s for %s goes unnoticed", change[1], change[0])
				}
			}
		})
	}
}

func TestWithoutAKeyMailsAreNotSigned(t *testing.T) {
	m := fixed(t, func(l *lab) { l.dkim = mail.DKIM{} }).sends(digest)
	if m.header.Get("Dkim-Signature") != "" {
		t.Error("signed with what?")
	}
}

// Whatever strangers call their papers, a mail is shorter than 100,000 bytes, so that
// no client cuts it; it can be read, and each paper is in it.
func TestAMailOfAnything(t *testing.T) {
	l := fixed(t)
	rapid.Check(t, func(rt *rapid.T) {
		card := core.Card{Title: rapid.String().Draw(rt, "title")}
		for range rapid.IntRange(0, 10).Draw(rt, "papers") {
			long := rapid.IntRange(1, 3000).Draw(rt, "times")
			card.Papers = append(card.Papers, core.View{
				URL: rapid.SampledFrom([]string{"https://arxiv.org/abs/1", "data:x", ""}).Draw(rt, "url"), Title: "t" + strings.Repeat(rapid.String().Draw(rt, "name"), long%40),
				Authors: rapid.StringN(0, 60, -1).Draw(rt, "authors"), Excerpt: strings.Repeat(rapid.StringN(0, 5, -1).Draw(rt, "excerpt"), long),
			})
		}
		m := l.sends(card)
		if len(m.Raw) >= 100_000 {
			rt.Fatalf("%d bytes", len(m.Raw))
		}
		if n := strings.Count(m.html, "<h2"); n != len(card.Papers) {
			rt.Fatalf("%d papers of %d", n, len(card.Papers))
		}
	})
}

func TestALongMailShowsLess(t *testing.T) {
	var card core.Card
	for range 10 {
		card.Papers = append(card.Papers, core.View{URL: "https://arxiv.org/abs/1", Title: strings.Repeat("灯", 100), Excerpt: strings.Repeat("汤灯", 2000)})
	}
	m := fixed(t).sends(card)
	if len(m.Raw) >= 100_000 || !strings.Contains(m.html, strings.Repeat("汤灯", 10)) {
		t.Errorf("%d bytes", len(m.Raw))
	}
}

// Python's reader is another one than Go's.
func TestPythonReadsAMail(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Log("without python3 here: Go's reader alone has looked")
		return
	}
	m := fixed(t).sends(digest)
	cmd := exec.Command(python, "-c", `
import sys, json, email, email.policy
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = {p.get_content_type(): p.get_content() for p in m.walk() if not p.is_multipart()}
print(json.dumps({"subject": m["subject"], "to": m["to"], "id": m["message-id"], "defects": [str(d) for p in m.walk() for d in p.defects], "text": parts["text/plain"], "html": parts["text/html"]}))`)
	cmd.Stdin = bytes.NewReader(m.Raw)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Subject, To, ID, Text, HTML string
		Defects                     []string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	read := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	if got.Subject != m.subject(t) || got.To != address && got.To != "<"+address+">" || len(got.Defects) > 0 || read(got.Text) != read(m.text) || read(got.HTML) != read(m.html) {
		t.Errorf("python reads %q to %q, defects %v", got.Subject, got.To, got.Defects)
	}
}

func TestSomebodyElsesHeadersAreNotWritten(t *testing.T) {
	l := fixed(t)
	m := l.sends(core.Card{Title: "x\r\nBcc: evil@example.com\r\n\r\nbody"})
	if m.header.Get("Bcc") != "" || len(m.To) != 1 {
		t.Errorf("to %v, bcc %q", m.To, m.header.Get("Bcc"))
	}
	if _, err := netmail.ParseAddress(m.header.Get("From")); err != nil {
		t.Error(err)
	}
}

func TestALinkThatWasTamperedWithDoesNothing(t *testing.T) {
	l := fixed(t)
	l.now = at("2025-11-25 08:00")
	confirm, end := l.link("confirm"), l.link("unsubscribe")
	for _, link := range []string{
		"/mail/confirm", "/mail/confirm?t=", "/mail/confirm?t=x.y", confirm[:len(confirm)-1] + "A", strings.Replace(confirm, "confirm", "unsubscribe", 1),
		strings.Replace(end, "unsubscribe", "confirm", 1), "/mail/unsubscribe?t=" + strings.Repeat("A", 5000),
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			code, page := l.asks(method, link, "")
			if code != http.StatusBadRequest || !strings.Contains(page, "This link is not whole") {
				t.Errorf("%s %.60s: %d", method, link, code)
			}
		}
	}
	if code, _ := l.asks(http.MethodDelete, end, ""); code != http.StatusMethodNotAllowed {
		t.Error("DELETE:", code)
	}
	if !l.known() {
		t.Error("a forged link ended a subscription")
	}
}

// The form of a page: who holds a ticket for a channel may ask for its papers, and no
// answer tells whether an address is known.
func TestThePagesForm(t *testing.T) {
	l := newLab(t)
	ticket := l.ticket()
	ask := func(pairs ...string) (int, string) {
		return l.asks(http.MethodPost, "/mail/subscribe", form(append([]string{"ticket", ticket}, pairs...)...))
	}
	code, first := ask("address", address, "time", "08:00", "zone", "Europe/Berlin", "days", "weekly")
	if code != http.StatusOK {
		t.Fatal(code, first)
	}
	if _, again := ask("address", address); again != first {
		t.Error("an answer tells that the address is known")
	}
	l.until("2025-11-24 12:01")
	testkit.Sees(t, read(t, l.server.Taken()[0]).text, "Mondays 08:00 Berlin")
	for want, pairs := range map[string][]string{
		"is no mail address":     {"address", "ana"},
		"is not a time of day":   {"address", address, "time", "26:00"},
		"I do not know the zone": {"address", address, "zone", "Atlantis"},
	} {
		if code, page := ask(pairs...); code != http.StatusBadRequest || !strings.Contains(page, want) {
			t.Errorf("%v: %d %s", pairs, code, page)
		}
	}
	for _, forged := range []string{"", "x", ticket + "x", strings.SplitN(l.link("confirm"), "=", 2)[1]} {
		if code, _ := l.asks(http.MethodPost, "/mail/subscribe", form("ticket", forged, "address", "b@example.net")); code != http.StatusBadRequest {
			t.Errorf("a ticket %.20q is taken: %d", forged, code)
		}
	}
	if code, _ := l.asks(http.MethodGet, "/mail/subscribe", ""); code != http.StatusMethodNotAllowed {
		t.Error("GET:", code)
	}
	refused := 0
	for range 40 {
		if code, _ := ask("address", "c@example.net", "zone", "Europe/Berlin"); code == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 20 {
		t.Errorf("of 40 in a row only %d were refused", refused)
	}
}

func TestThePagesTellNobodyTheLink(t *testing.T) {
	l := fixed(t)
	h := l.headers(l.link("unsubscribe"))
	for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"} {
		if h.Get(name) != want {
			t.Errorf("%s: %q", name, h.Get(name))
		}
	}
	testkit.Sees(t, h.Get("Content-Security-Policy"), "default-src 'none'", "form-action 'self'", "frame-ancestors 'none'")
}
