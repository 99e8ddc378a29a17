package site

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"paperboy/core"
)

// The cookie holds the secrets of the links that somebody opened, the last one first.
const (
	cookieName = "paperboy"
	cookieTime = 180 * 24 * time.Hour
	mostLinks  = 8
	between    = "." // which no secret has
	mostPublic = 50  // channels that are listed for everybody
)

// reader is who is reading.
type reader struct {
	in       bool           // they are let in
	linked   bool           // by a link
	channels []core.Channel // that they may read, the one opened last first, then a person's
	secrets  []string       // that open the first of the channels, one each
	person   *core.User     // who is signed in; nil: nobody
	unsure   bool           // nobody can say just now what else they can read
	saved    map[core.PaperID]bool
}

// channel is one of those that the reader may read.
func (r *reader) channel(id int64) (*core.Channel, bool) {
	i := slices.IndexFunc(r.channels, func(c core.Channel) bool { return c.ID == id })
	if i < 0 {
		return nil, false
	}
	return &r.channels[i], true
}

// reader finds out who is reading. Links are asked for every time: one that ended
// opens nothing.
func (s *Site) reader(r *http.Request, more ...string) (*reader, error) {
	me := &reader{in: s.Public}
	secrets := more
	if c, err := r.Cookie(cookieName); err == nil && len(c.Value) <= 1000 {
		secrets = append(secrets, strings.Split(c.Value, between)...)
	}
	for _, secret := range secrets[:min(mostLinks, len(secrets))] {
		_, ch, err := s.Store.LinkBySecret(r.Context(), core.LinkRead, secret)
		if errors.Is(err, core.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if _, had := me.channel(ch.ID); !had {
			me.in, me.linked = true, true
			me.channels = append(me.channels, ch)
			me.secrets = append(me.secrets, secret)
		}
	}
	if err := s.signedIn(r, me); err != nil {
		return nil, err
	}
	if s.Public {
		all, err := s.Store.Channels(r.Context())
		if err != nil {
			return nil, err
		}
		for _, ch := range all {
			if _, had := me.channel(ch.ID); !had && !ch.Private && ch.Name != "" && len(me.channels) < mostPublic {
				me.channels = append(me.channels, ch)
			}
		}
	}
	return me, nil
}

// enter lets in who has a link: the secret leaves the address for a cookie.
func (s *Site) enter(w http.ResponseWriter, r *http.Request, secret string) {
	_, _, err := s.Store.LinkBySecret(r.Context(), core.LinkRead, secret)
	switch {
	case errors.Is(err, core.ErrNotFound), r.Method != http.MethodGet && r.Method != http.MethodHead:
		s.stranger(w, r)
		return
	case err != nil:
		s.fail(w, r, nil, err)
		return
	}
	me, err := s.reader(r, secret)
	if err != nil {
		s.fail(w, r, nil, err)
		return
	}
	s.keep(w, cookieName, "/", strings.Join(me.secrets, between), cookieTime)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// leave forgets the links in this browser; they stay as they are.
func (s *Site) leave(w http.ResponseWriter, r *http.Request) {
	if http.NewCrossOriginProtection().Check(r) != nil {
		s.stranger(w, r)
		return
	}
	s.keep(w, cookieName, "/", "", -time.Second)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// keep has the browser keep a cookie; with a time below zero it forgets it.
func (s *Site) keep(w http.ResponseWriter, name, path, value string, hold time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: path, MaxAge: int(hold / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(s.Address, "https:"),
	})
}
