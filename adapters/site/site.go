// Package site is the readers' page: papers by day, week and month, a search, a
// paper with all that is known of it, and what a channel was sent and voted for, for
// people who are not in the chat.
//
//	site.go    the doors: who is let in, and what every answer carries
//	reader.go  who is reading: links in a cookie
//	people.go  who is signed in: a person of the chat, their channels and their list
//	oidc.go    how they sign in with an OpenID provider
//	pages.go   a page each: what is asked of core/query
//	similar.go what is similar to a paper, remembered for an hour
//	view.go    addresses, and what the templates show
//	templates/ the pages    static/ their style, and keys for those who have scripts
//
// In: requests over HTTP. Out: pages that a server made, which need no script and
// load nothing from elsewhere. What they show is core/query's and core/cards' answer;
// nothing is ranked, counted or worded a second time.
//
// Promises: it only reads, but for a person's own list. Whoever has no link is told one sentence, the same for
// every address, whether there is something there or not. A reader of a channel's
// link sees papers, which are everybody's, and of channels that one alone; a link that
// ended opens nothing from then on. Who is signed in sees what they can read in the chat
// at that moment, and in doubt nothing. Strangers' words are data. What was mistyped in an
// address is answered by a page that says so.
package site

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/query"
)

// Store is the part of core.Store that is needed here, beside what query asks.
type Store interface {
	LinkBySecret(ctx context.Context, purpose core.Purpose, secret string) (core.Link, core.Channel, error)
	Channels(ctx context.Context) ([]core.Channel, error)
	Topics(ctx context.Context, channel int64) ([]core.Topic, error)
	Papers(ctx context.Context, ids []core.PaperID) ([]core.Paper, error)
	DeliveriesFor(ctx context.Context, channel int64, papers []core.PaperID) (map[core.PaperID]core.Delivery, error)
	Digest(ctx context.Context, id int64) (core.Digest, error)
	Tally(ctx context.Context, channel int64, papers []core.PaperID, since time.Time) (map[core.PaperID]core.Tally, error)
	Save(ctx context.Context, s core.Saved) (changed bool, err error)
	Unsave(ctx context.Context, user string, paper core.PaperID) (changed bool, err error)
	SavedBy(ctx context.Context, user string) ([]core.Saved, error)
	core.PassStore
}

// Tickets let a reader ask for a channel's papers by mail: the box on its page sends one
// to /mail/subscribe.
type Tickets interface {
	Ticket(ctx context.Context, of core.Channel) (string, error)
}

// Options are what a Site is made of.
type Options struct {
	Store   Store
	Query   *query.Reader
	Now     func() time.Time // the calendar
	Zone    *time.Location   // whose days they are where no channel is read; nil: UTC
	Address string           // how the world reaches it, as https://papers.example.org; "" where nobody said
	Command string           // what people type in the chat: "/papers"
	Public  bool             // everybody may read papers and the channels that are not private
	Mail    Tickets          // nil: nothing is sent by mail
	SignIn  *SignIn          // nil: people sign in by their own links alone
	Log     *slog.Logger

	Connections *core.Connections // which tell what people can read; nil: nobody is signed in
}

// Site answers readers. It is safe for concurrent use.
type Site struct {
	Options
	mux  *http.ServeMux
	near neighbours
}

const answerTime = 10 * time.Second // for a page to be made

// policy: the pages' own files and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// New puts a Site together.
func New(o Options) *Site {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Command == "" {
		o.Command = "/papers"
	}
	s := &Site{Options: o, mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /{$}", s.page(s.home))
	s.mux.HandleFunc("GET /papers/{id...}", s.page(s.paper))
	s.mux.HandleFunc("GET /channels/{id}", s.page(s.channel))
	s.mux.HandleFunc("GET /channels", s.page(s.channels))
	s.mux.HandleFunc("GET /list", s.page(s.list))
	s.mux.HandleFunc("POST /list", s.page(s.save))
	s.mux.HandleFunc("POST /leave", s.leave)
	s.mux.HandleFunc("/", s.page(func(context.Context, *visit) error { return core.ErrNotFound }))
	return s
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if !s.Public {
		h.Set("X-Robots-Tag", "noindex, nofollow")
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	r = r.WithContext(ctx)
	if name, ok := strings.CutPrefix(r.URL.Path, "/static/"); ok && asset(w, r, name) {
		return
	}
	h.Set("Cache-Control", "no-store")
	if secret, ok := strings.CutPrefix(r.URL.Path, "/c/"); ok {
		s.enter(w, r, secret)
		return
	}
	if door, ok := s.doors(r.URL.Path); ok {
		if err := door(w, r); err != nil {
			s.fail(w, r, nil, err)
		}
		return
	}
	reader, err := s.reader(r)
	switch {
	case err != nil:
		s.fail(w, r, nil, err)
	case !reader.in && reader.person != nil:
		s.nowhere(w, reader)
	case !reader.in:
		s.stranger(w, r)
	default:
		s.mux.ServeHTTP(w, r.WithContext(context.WithValue(ctx, readerKey{}, reader)))
	}
}

type readerKey struct{}

// visit is a request of somebody who is let in.
type visit struct {
	*reader
	w http.ResponseWriter
	r *http.Request
	ask
}

// page is a door to a page.
func (s *Site) page(f func(context.Context, *visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{reader: r.Context().Value(readerKey{}).(*reader), w: w, r: r}
		var err error
		if v.ask, err = s.asked(v.reader, r); err == nil {
			err = s.remember(r.Context(), v.reader)
		}
		if err == nil {
			err = f(r.Context(), v)
		}
		if err != nil {
			s.fail(w, r, v, err)
		}
	}
}

// fail answers what went wrong: one's own mistake in a sentence, and ours with a
// reference that stands in the log.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	if v == nil {
		v = &visit{reader: &reader{}}
	}
	text, mistaken := sentence(err)
	var refused *refusal
	switch {
	case r.Context().Err() == context.Canceled:
	case errors.As(err, &refused):
		s.Log.Info("a sign-in was refused", "err", refused.cause)
		s.write(w, http.StatusForbidden, "note", note{frame: s.frame(v, "You are not signed in"), Text: refused.Text, Links: s.signIn("Sign in")})
	case mistaken:
		s.write(w, http.StatusBadRequest, "note", note{frame: s.frame(v, "That cannot be read"), Text: text})
	case errors.Is(err, core.ErrNotFound):
		s.write(w, http.StatusNotFound, "note", note{frame: s.frame(v, "Nothing is here"), Text: sayf("Nothing is at this address.")})
	default:
		ref := rand.Text()[:4]
		s.Log.Error("a page failed", "ref", ref, "err", err)
		s.write(w, http.StatusServiceUnavailable, "note", note{frame: s.frame(v, "That failed"), Text: sayf("That failed on my side (ref %s). Try again in a moment.", ref)})
	}
}

// stranger is told how to get in, in the same words at every address.
func (s *Site) stranger(w http.ResponseWriter, _ *http.Request) {
	text := sayf("This page is for people with a link: ask for one in the chat, where those who may edit a channel make it with `%s`.", s.Command+" link")
	if s.Connections != nil {
		text = append(text, sayf(" There `%s` signs you in as yourself.", s.Command+" link me")...)
	}
	s.write(w, http.StatusUnauthorized, "note", note{frame: s.frame(&visit{reader: &reader{}}, "For people with a link"), Text: text, Links: s.signIn("Sign in")})
}

//go:embed static
var static embed.FS

// assets are the static files by name, each with the mark of its content.
var assets, marks = func() (map[string][]byte, map[string]string) {
	files, marks := map[string][]byte{}, map[string]string{}
	entries, _ := fs.ReadDir(static, "static")
	for _, e := range entries {
		data, err := static.ReadFile("static/" + e.Name())
		if err != nil {
			panic(err) // it is embedded
		}
		sum := sha256.Sum256(data)
		files[e.Name()], marks[e.Name()] = data, hex.EncodeToString(sum[:6])
	}
	return files, marks
}()

// asset serves a static file, which nobody has to ask for twice.
func asset(w http.ResponseWriter, r *http.Request, name string) bool {
	data, ok := assets[name]
	if !ok {
		return false
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if r.URL.RawQuery == marks[name] {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("ETag", `"`+marks[name]+`"`)
	http.ServeContent(w, r, name, time.Time{}, strings.NewReader(string(data)))
	return true
}

// href is the address of a static file.
func href(name string) string { return fmt.Sprintf("/static/%s?%s", name, marks[name]) }
