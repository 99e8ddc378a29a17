package site

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"paperboy/core"
	"paperboy/core/cards"
	"paperboy/core/topic"
)

// personCookie holds the secret of the session of whoever is signed in.
const personCookie = "paperboy-person"

// mostForm is the size of what is sent with a press of a button.
const mostForm = 8 << 10

// A door is one that nobody has to be let in for.
type door func(w http.ResponseWriter, r *http.Request) error

// doors are those of signing in and out.
func (s *Site) doors(path string) (door, bool) {
	if s.Connections == nil {
		return nil, false
	}
	if secret, ok := strings.CutPrefix(path, "/me/"); ok {
		return func(w http.ResponseWriter, r *http.Request) error { return s.me(w, r, secret) }, true
	}
	switch {
	case path == "/signout":
		return s.signOut, true
	case path == "/signin" && s.SignIn != nil:
		return s.begin, true
	case path == callback && s.SignIn != nil:
		return s.finish, true
	}
	return nil, false
}

// own reports whether the first of the channels is shown without being asked for.
func (r *reader) own() bool { return len(r.channels) > 0 && (r.linked || r.person != nil) }

// linkedTo reports whether the reader has the channel's link.
func (r *reader) linkedTo(ch *core.Channel) bool {
	return slices.ContainsFunc(r.channels[:len(r.secrets)], func(c core.Channel) bool { return c.ID == ch.ID })
}

// signedIn finds out whose session the browser has, and what they can read in the chat
// now: the platform is asked with every request, and remembers its answer for a minute
// at most. Who can read nothing there is not let in.
func (s *Site) signedIn(r *http.Request, me *reader) error {
	c, err := r.Cookie(personCookie)
	if err != nil || s.Connections == nil || c.Value == "" {
		return nil
	}
	pass, err := s.Store.Pass(r.Context(), core.PassSession, c.Value, s.Now())
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	all, err := s.Store.Channels(r.Context())
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(ch core.Channel) bool { return !among(ch.Key, pass.User) })
	can, unsure := s.Connections.Readable(r.Context(), all, pass.User)
	me.person, me.unsure, me.in = &pass.User, unsure, me.in || len(can) > 0
	for _, ch := range can {
		if _, had := me.channel(ch.ID); !had {
			me.channels = append(me.channels, ch)
		}
	}
	return nil
}

// among reports whether a channel lies where the person is known: on their platform,
// and in their workspace where their key names one.
func among(ch core.ChannelKey, u core.User) bool {
	rest, ok := strings.CutPrefix(u.Key, ch.Platform+":")
	workspace, _, inOne := strings.Cut(rest, "/")
	return ok && (!inOne || workspace == ch.Workspace)
}

// remember finds out what is on the person's list.
func (s *Site) remember(ctx context.Context, me *reader) error {
	if me.person == nil {
		return nil
	}
	mine, err := s.Store.SavedBy(ctx, me.person.Key)
	if err != nil {
		return err
	}
	me.saved = make(map[core.PaperID]bool, len(mine))
	for _, one := range mine {
		me.saved[one.Paper] = true
	}
	return nil
}

// nowhere is for who is signed in and can read no channel.
func (s *Site) nowhere(w http.ResponseWriter, me *reader) {
	n := note{frame: s.frame(&visit{reader: &reader{}}, "Nothing to read here"), Post: "/signout", Press: "Sign out",
		Text: sayf("You are signed in as *%s*, who can read no channel that gets papers here. Invite me to one in the chat, or sign out.", me.person.Name)}
	status := http.StatusForbidden
	if me.unsure {
		n.Title, status = "That failed", http.StatusServiceUnavailable
		n.Text = sayf("I could not find out just now what you can read in the chat. Try again in a minute.")
	}
	s.write(w, status, "note", n)
}

// me is a person's own link: a page with one button, since programs open links too, and
// this one signs in once.
func (s *Site) me(w http.ResponseWriter, r *http.Request, secret string) error {
	var pass core.Pass
	var err error
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		pass, err = s.Store.Pass(r.Context(), core.PassEntry, secret, s.Now())
	case http.MethodPost:
		if http.NewCrossOriginProtection().Check(r) != nil {
			s.stranger(w, r)
			return nil
		}
		pass, err = s.Store.EndPass(r.Context(), core.PassEntry, secret, s.Now())
	default:
		err = core.ErrNotFound
	}
	switch {
	case errors.Is(err, core.ErrNotFound):
		s.stranger(w, r)
		return nil
	case err != nil:
		return err
	case r.Method == http.MethodPost:
		return s.lets(w, r, pass.User)
	}
	s.write(w, http.StatusOK, "note", note{frame: s.frame(&visit{reader: &reader{}}, "Sign in"), Post: r.URL.Path, Press: "Sign in as " + pass.User.Name,
		Text: sayf("This link signs this browser in as *%s*, once. If that is not you, close this page.", pass.User.Name)})
	return nil
}

// lets gives the browser a session, in the place of the one that it had.
func (s *Site) lets(w http.ResponseWriter, r *http.Request, u core.User) error {
	if err := s.ends(r); err != nil {
		return err
	}
	now := s.Now()
	p := core.Pass{Purpose: core.PassSession, Secret: core.NewSecret(), User: u, Until: now.Add(core.SessionTime)}
	if err := s.Store.PutPass(r.Context(), p, now); err != nil {
		return err
	}
	s.keep(w, personCookie, "/", p.Secret, core.SessionTime)
	http.Redirect(w, r, "/list", http.StatusSeeOther)
	return nil
}

// ends ends the browser's session.
func (s *Site) ends(r *http.Request) error {
	c, err := r.Cookie(personCookie)
	if err != nil {
		return nil
	}
	if _, err = s.Store.EndPass(r.Context(), core.PassSession, c.Value, s.Now()); errors.Is(err, core.ErrNotFound) {
		return nil
	}
	return err
}

// signOut ends the session, in the store and in the browser.
func (s *Site) signOut(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost || http.NewCrossOriginProtection().Check(r) != nil {
		s.stranger(w, r)
		return nil
	}
	if err := s.ends(r); err != nil {
		return err
	}
	s.keep(w, personCookie, "/", "", -time.Second)
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// mine is a person's list.
type mine struct {
	listed
	Tie []choice // to an account of the provider; none: nobody has to say whose it is
}

// list is what the person saved, here and in the chat.
func (s *Site) list(ctx context.Context, v *visit) error {
	if v.person == nil {
		return core.ErrNotFound
	}
	l := mine{listed: listed{frame: s.frame(v, "My list"), Heading: "My list"}}
	papers, err := s.Query.Saved(ctx, v.person.Key, topic.Topic{}, "", time.UTC)
	if err != nil {
		return err
	}
	for _, one := range papers[min(len(papers), (v.Page-1)*perPage):min(len(papers), v.Page*perPage)] {
		view := cards.Entry(&one.Paper)
		if one.Saved.Note != "" {
			view.Facts = append(view.Facts, "“"+cards.Cut(one.Saved.Note, 80)+"”")
		}
		l.Items = append(l.Items, v.item(view, &one.Paper, 0))
	}
	l.Said = sayf("%s, the one saved last first.", cards.Count(len(papers), "paper"))
	if len(papers) == 0 {
		l.Said = sayf("Your list is empty. Press *Save* under a paper here, or react with 🔖 in the chat.")
	}
	if s.SignIn != nil && s.SignIn.Person == nil {
		if l.Tie = s.signIn("Sign in with your account the next time"); len(l.Tie) > 0 {
			l.Tie[0].Href += "?tie=1"
		}
	}
	if err := v.turns(&l.listed, len(papers)); err != nil {
		return err
	}
	s.write(v.w, http.StatusOK, "list", l)
	return nil
}

// save puts a paper on the person's list, or takes it off: the ledger is the chat's.
func (s *Site) save(ctx context.Context, v *visit) error {
	if v.person == nil || http.NewCrossOriginProtection().Check(v.r) != nil {
		return core.ErrNotFound
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, mostForm)
	papers, err := s.find(ctx, v.r.PostFormValue("paper"))
	if err != nil {
		return err
	}
	if v.r.PostFormValue("off") != "" {
		_, err = s.Store.Unsave(ctx, v.person.Key, papers[0].ID)
	} else {
		_, err = s.Store.Save(ctx, core.Saved{User: v.person.Key, Paper: papers[0].ID, At: s.Now()})
	}
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.r, ours(v.r.PostFormValue("back")), http.StatusSeeOther)
	return nil
}

// ours is an address of this page; what is none is the list's.
func ours(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") {
		return "/list"
	}
	return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
}

// all is the page of the channels that the reader may read.
type all struct {
	frame
	Heading string
	Said    string
	Items   []choice
}

func (s *Site) channels(_ context.Context, v *visit) error {
	a := all{frame: s.frame(v, "Channels"), Heading: "Channels", Said: cards.Count(len(v.reader.channels), "channel") + " that you can read."}
	if v.unsure {
		a.Said = "I could not find out just now what else you can read. Try again in a minute."
	}
	for i := range v.reader.channels {
		ch := &v.reader.channels[i]
		to := ask{Path: "/channels/" + strconv.FormatInt(ch.ID, 10), In: v.seenFrom(ch)}
		a.Items = append(a.Items, choice{Label: named(ch), Href: to.Href()})
	}
	s.write(v.w, http.StatusOK, "channels", a)
	return nil
}

// feeds are those of what a page shows: behind the link that the reader has, or everybody's.
func (s *Site) feeds(v *visit, name, title string) (out []choice) {
	base := "/feeds/"
	i := slices.IndexFunc(v.reader.channels[:len(v.secrets)], func(c core.Channel) bool { return v.here != nil && c.ID == v.here.ID })
	switch {
	case s.Address == "": // then there are none
		return nil
	case i >= 0:
		base += v.secrets[i] + "/"
	case !s.Public:
		return nil
	}
	return []choice{
		{Label: title, Title: "application/atom+xml", Href: base + name + ".atom"},
		{Label: title, Title: "application/feed+json", Href: base + name + ".json"},
	}
}
