package mail

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"paperboy/core"
	"paperboy/core/subscription"
	"paperboy/core/topic"
)

// The pages. What a link in a mail leads to only asks: programs that look at mails
// open links too. A POST does it.
const (
	confirmPath = "/mail/confirm"
	endPath     = "/mail/unsubscribe"
	askPath     = "/mail/subscribe"
)

const (
	mostForm = 8 << 10 // bytes of a form
	// Of strangers no more than so many addresses are asked, in a burst and then one
	// by one: each is a mail to somebody.
	askBurst = 20
	askEvery = 30 * time.Second
)

// shown is a page: a sentence or two, and perhaps a button.
type shown struct {
	Title  string
	Lines  []string
	Button string
	Token  string
}

var pages = template.Must(template.New("page.html").ParseFS(files, "page.html"))

func (m *Mail) show(w http.ResponseWriter, status int, s shown) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src "+styleHash+"; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer") // the address is the permission
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if err := pages.Execute(w, map[string]any{"Page": s, "Style": template.CSS(style)}); err != nil {
		m.Log.Debug("a page was not written", "err", err)
	}
}

// fails says what is wrong: to a person what they can mend, to the operator the rest.
func (m *Mail) fails(w http.ResponseWriter, err error) {
	if wrong, ok := errors.AsType[*topic.Error](err); ok {
		m.show(w, http.StatusBadRequest, shown{Title: "That topic cannot be read", Lines: []string{wrong.Error()}})
		return
	}
	if told, ok := errors.AsType[*core.UserError](err); ok {
		m.show(w, http.StatusBadRequest, shown{Title: "That did not work", Lines: []string{told.Text.String()}})
		return
	}
	m.Log.Error("a page about mail", "err", err)
	m.show(w, http.StatusInternalServerError, shown{Title: "That did not work", Lines: []string{"Something is broken here. Try again in a while."}})
}

// confirm begins a subscription.
func (m *Mail) confirm(w http.ResponseWriter, r *http.Request) {
	token, ok := m.asked(w, r)
	if !ok {
		return
	}
	if r.Method != http.MethodPost {
		asked, err := m.Subscriptions.Asks(r.Context(), token)
		if err != nil {
			m.fails(w, err)
			return
		}
		m.show(w, http.StatusOK, shown{
			Title: "Papers by mail?", Lines: []string{"New papers" + about(asked) + " to " + asked.Address + ", " + asked.Schedule.Human() + ". Nothing on days without any, and every mail has a link that ends it."},
			Button: "Yes, send them", Token: token,
		})
		return
	}
	asked, err := m.Subscriptions.Confirm(r.Context(), token)
	if err != nil {
		m.fails(w, err)
		return
	}
	m.show(w, http.StatusOK, shown{Title: "Done", Lines: []string{"New papers" + about(asked) + " come to " + asked.Address + ", " + asked.Schedule.Human() + "."}})
}

// about says which papers were asked for, where those are not the channel's.
func about(a subscription.Asked) string {
	if len(a.Topics) == 0 {
		return ""
	}
	return " about " + strings.Join(a.Topics, ", ")
}

// end ends a subscription. A mail program's one click (RFC 8058) is a POST as well; what
// is in its form does not matter.
func (m *Mail) end(w http.ResponseWriter, r *http.Request) {
	token, ok := m.asked(w, r)
	if !ok {
		return
	}
	if r.Method != http.MethodPost {
		if err := m.Subscriptions.Ends(r.Context(), token); err != nil {
			m.fails(w, err)
			return
		}
		m.show(w, http.StatusOK, shown{Title: "No more of these mails?", Lines: []string{"Your address is deleted with it."}, Button: "Stop them", Token: token})
		return
	}
	if err := m.Subscriptions.End(r.Context(), token); err != nil {
		m.fails(w, err)
		return
	}
	m.show(w, http.StatusOK, shown{Title: "Done", Lines: []string{"No more of these mails come, and your address is deleted."}})
}

// ask asks an address whether it wants a channel's papers. The form of a page brings:
// ticket (Subscriptions.Ticket), address, and as one likes time, zone and days, and topics of one's own.
func (m *Mail) ask(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		m.show(w, http.StatusMethodNotAllowed, shown{Title: "That did not work", Lines: []string{"Subscribe from a channel's page."}})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostForm)
	of, err := m.Subscriptions.Ticketed(r.Context(), r.PostFormValue("ticket"))
	if err != nil {
		m.fails(w, err)
		return
	}
	if !m.asks.let(m.Now()) {
		w.Header().Set("Retry-After", "60")
		m.show(w, http.StatusTooManyRequests, shown{Title: "Not now", Lines: []string{"Too many have just asked. Try again in a minute."}})
		return
	}
	days := r.PostFormValue("days")
	if strings.EqualFold(days, "weekly") {
		days += ":mon"
	}
	old := of.Schedule
	if old.Time == "" {
		old.Time, old.Days = "09:00", core.Weekdays
	}
	at, err := core.ParseSchedule(strings.Join([]string{r.PostFormValue("time"), r.PostFormValue("zone"), days}, " "), old)
	if err == nil && at.Zone == "" {
		err = core.Userf("E-ZONE", "Which time zone? Add a name such as `Europe/Berlin`.")
	}
	var own []topic.Topic
	if typed := r.PostFormValue("topics"); err == nil && strings.TrimSpace(typed) != "" {
		own, err = topic.ParseList(typed)
	}
	if err == nil {
		err = m.Subscriptions.Subscribe(r.Context(), of, core.User{}, r.PostFormValue("address"), at, own...)
	}
	if err != nil {
		m.fails(w, err)
		return
	}
	m.show(w, http.StatusOK, shown{Title: "Look into your mailbox", Lines: []string{"If nobody asked for that address today, a mail with a link is on its way. Once that is pressed, papers come."}})
}

// asked is the token of a request that may be one.
func (m *Mail) asked(w http.ResponseWriter, r *http.Request) (token string, ok bool) {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return r.URL.Query().Get("t"), true
	}
	w.Header().Set("Allow", "GET, POST")
	m.show(w, http.StatusMethodNotAllowed, shown{Title: "That did not work", Lines: []string{"Open the link from the mail."}})
	return "", false
}

// limiter lets a burst through, and then one after another.
type limiter struct {
	mu   sync.Mutex
	full time.Time // when the whole burst may come again
}

func (l *limiter) let(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full.Before(now) {
		l.full = now
	}
	if l.full.Sub(now) > (askBurst-1)*askEvery {
		return false
	}
	l.full = l.full.Add(askEvery)
	return true
}

const style = `:root{color-scheme:light dark}body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto 0;padding:0 1.2rem}h1{font-size:1.5rem}` +
	`p{overflow-wrap:anywhere}button{font:inherit;font-weight:600;padding:.7rem 1.3rem;border:0;border-radius:.4rem;background:#5b4a8a;color:#fff;cursor:pointer}button:focus-visible{outline:3px solid #b9a7f0;outline-offset:2px}`

var styleHash = func() string {
	sum := sha256.Sum256([]byte(style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}()
