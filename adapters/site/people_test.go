package site

import (
	"context"
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakeoidc"
)

// A crowd says who can read which of the channels, as platforms do.
type crowd struct {
	core.Connection
	mu    sync.Mutex
	reads map[string][]string // channels, by person
	down  bool
}

func (c *crowd) Serves(in core.Installation) bool { return in.Platform == "web" }
func (c *crowd) Network() core.Network            { return core.Network{Name: "web"} }

func (c *crowd) CanRead(_ context.Context, ch core.ChannelKey, u core.User) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return false, errors.New("nobody answers")
	}
	return slices.Contains(c.reads[u.Key], ch.ID), nil
}

func (c *crowd) let(person string, channels ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads[person] = channels
}

// peopled is a lab whose people can sign in: ana reads #papers and the den.
func peopled(t testing.TB, change ...func(*Options)) (*lab, *crowd) {
	c := &crowd{reads: map[string][]string{"web:ana": {papers, den}, "web:ben": {papers}}}
	l := newLab(t, append([]func(*Options){func(o *Options) { o.Connections = core.NewConnections(nil, c) }}, change...)...)
	return l, c
}

// own is the path of somebody's own link, as the chat shows it.
func (l *lab) own(name string) string {
	l.Helper()
	r := l.bot.Do(l.Context(), core.Request{Channel: l.key(papers), Name: "#" + papers, User: core.User{Key: "web:" + name, Name: name}, Text: "link me"})
	for _, line := range r.Card.Lines {
		for _, s := range line {
			if path, ok := strings.CutPrefix(s.URL, "https://papers.example.org/me/"); ok {
				return "/me/" + path
			}
		}
	}
	l.Fatalf("no link is shown: %v", r.Card.Lines)
	return ""
}

// posts presses a button of a page of ours.
func (v *visitor) posts(path string, form url.Values, header ...string) (int, string) {
	v.Helper()
	r, err := http.NewRequestWithContext(v.Context(), http.MethodPost, v.srv.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := v.client.Do(r)
	if err != nil {
		v.Fatal(err)
	}
	defer res.Body.Close()
	var b strings.Builder
	if err := res.Write(&b); err != nil {
		v.Fatal(err)
	}
	return res.StatusCode, b.String()
}

// signsIn opens somebody's own link and presses its button.
func (v *visitor) signsIn(name string) {
	v.Helper()
	path := v.own(name)
	v.answers(path, http.StatusOK, "This link signs this browser in as "+name+", once.")
	if status, page := v.posts(path, nil); status != http.StatusOK {
		v.Fatalf("%d\n%s", status, page)
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// words are what a page says, without its marks.
func words(page string) string { return html.UnescapeString(tags.ReplaceAllString(page, "")) }

// session is the cookie of who is signed in.
func (v *visitor) session() *http.Cookie {
	u, _ := url.Parse(v.srv.URL)
	for _, c := range v.client.Jar.Cookies(u) {
		if c.Name == personCookie {
			return c
		}
	}
	return nil
}

// In the chat ana asks for her own link; it signs in one browser, once, and shows what
// she can read. Signed out, the session ends in every browser that has it.
func TestAPersonSignsInWithTheirOwnLink(t *testing.T) {
	l, _ := peopled(t)
	ana, thief := l.visitor(), l.visitor()
	path := l.own("ana")
	for range 3 { // as programs do that look at links
		if status, page := thief.gets(path); status != http.StatusOK || thief.session() != nil || strings.Contains(page, "#den") {
			t.Fatalf("looked at, it is %d, %v", status, thief.session())
		}
	}
	if status, _ := thief.posts(path, nil, "Sec-Fetch-Site", "cross-site"); status != http.StatusUnauthorized || thief.session() != nil {
		t.Errorf("pressed on another site's page: %d, %v", status, thief.session())
	}
	if status, _ := ana.posts(path, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	ana.sees("/list", "My list", "#papers", "#den", "Your list is empty")
	_, used, _ := thief.asks(http.MethodGet, path)
	_, nothing, _ := thief.asks(http.MethodGet, "/me/AAAA")
	if status, page := thief.posts(path, nil); status != http.StatusUnauthorized || thief.session() != nil || used != nothing || strings.Contains(page, "ana") {
		t.Errorf("used again: %d, %v", status, thief.session())
	}
	// The session is a secret that no script reads, and of which the store has a hash.
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, l.own("ana"), nil)
	l.site.Address = "https://papers.example.org"
	l.site.ServeHTTP(w, r)
	l.site.Address = ""
	if c := w.Header().Get("Set-Cookie"); !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "Secure") || !strings.Contains(c, "SameSite=Lax") || !strings.Contains(c, "Max-Age=2592000") {
		t.Errorf("the cookie is %s", c)
	}

	old := ana.session()
	if status, _ := ana.posts("/signout", nil, "Sec-Fetch-Site", "cross-site"); status != http.StatusUnauthorized {
		t.Errorf("another site signs out: %d", status)
	}
	ana.sees("/list", "My list")
	ana.posts("/signout", nil)
	if status, _ := ana.gets("/list"); status != http.StatusUnauthorized || ana.session() != nil {
		t.Errorf("signed out: %d, %v", status, ana.session())
	}
	u, _ := url.Parse(l.srv.URL)
	thief.client.Jar.SetCookies(u, []*http.Cookie{old})
	if status, _ := thief.gets("/list"); status != http.StatusUnauthorized {
		t.Errorf("a copy of the cookie opens the list after signing out: %d", status)
	}
}

func TestALinkAndASessionEndWithTime(t *testing.T) {
	l, _ := peopled(t)
	path := l.own("ana")
	l.now = l.now.Add(core.EntryTime)
	v := l.visitor()
	if status, _ := v.gets(path); status != http.StatusUnauthorized {
		t.Errorf("a link of a quarter of an hour ago is %d", status)
	}
	v.signsIn("ana")
	l.now = l.now.Add(core.SessionTime - time.Second)
	v.sees("/list", "My list")
	l.now = l.now.Add(time.Second)
	if status, _ := v.gets("/list"); status != http.StatusUnauthorized {
		t.Errorf("after thirty days the list is %d", status)
	}
}

// What a person sees is what they can read in the chat at that moment; in doubt nothing.
func TestWhoLeavesAChannelSeesItNoMore(t *testing.T) {
	l, c := peopled(t)
	v := l.visitor()
	v.signsIn("ana")
	page := "/channels/" + itoa(l.channel(den).ID)
	v.sees(page, "#den")
	v.sees("/channels", "2 channels that you can read.", "#papers", "#den")
	c.let("web:ana", papers)
	if status, body := v.gets(page); status != http.StatusNotFound || strings.Contains(body, "#den") {
		t.Errorf("the den is %d for who left it", status)
	}
	v.sees("/channels", "1 channel that you can read.")
	if status, _ := v.gets("/channels/" + itoa(l.channel(vision).ID)); status != http.StatusNotFound {
		t.Errorf("a channel that she never was in is %d", status)
	}
	c.let("web:ana")
	status, body := v.gets("/")
	if status != http.StatusForbidden || strings.Contains(body, "#papers") || !strings.Contains(words(body), "who can read no channel that gets papers here") {
		t.Errorf("of nothing she sees %d\n%s", status, words(body))
	}
	c.let("web:ana", papers)
	c.down = true
	if status, body := v.gets("/list"); status != http.StatusServiceUnavailable || !strings.Contains(words(body), "Try again in a minute") {
		t.Errorf("while nobody knows she sees %d\n%s", status, words(body))
	}
	c.down = false
	for _, u := range []core.User{{Key: "webs:ana"}, {Key: "web2:ana"}, {Key: "web:T1/ana"}, {Key: "ana"}} {
		c.let(u.Key, papers, den)
		if among(l.key(papers), u) {
			t.Errorf("%s is among those of #papers", u.Key)
		}
	}
}

// The list on the page is the list in the chat.
func TestAPersonsListIsTheChats(t *testing.T) {
	l, _ := peopled(t)
	v := l.visitor()
	v.signsIn("ana")
	ids := l.posted(papers)
	saved := func() (ids []core.PaperID) {
		list, err := l.store.SavedBy(t.Context(), "web:ana")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			ids = append(ids, s.Paper)
		}
		return ids
	}
	form := url.Values{"paper": {string(ids[0])}, "back": {"/papers/" + string(ids[0])}}
	if _, page := v.posts("/list", form); !strings.Contains(page, "Remove from my list") {
		t.Errorf("after saving the paper's page is\n%s", words(page))
	}
	l.now = l.now.Add(time.Minute)
	if _, err := l.store.Save(t.Context(), core.Saved{User: "web:ana", Paper: ids[1], Note: "<b>for Friday", At: l.now}); err != nil { // in the chat
		t.Fatal(err)
	}
	if got := saved(); !slices.Equal(got, []core.PaperID{ids[1], ids[0]}) {
		t.Fatalf("the chat's list is %v", got)
	}
	page := v.sees("/list", "2 papers, the one saved last first.", "“&lt;b&gt;for Friday”")
	if strings.Index(page, string(ids[1])) > strings.Index(page, string(ids[0])) || strings.Contains(page, "<b>for") {
		t.Error("the list is in another order, or a note is markup")
	}
	form.Set("off", "1")
	v.posts("/list", form)
	if got := saved(); !slices.Equal(got, ids[1:2]) {
		t.Errorf("taken off, the list is %v", got)
	}
	form.Del("off")
	if status, _ := v.posts("/list", form, "Sec-Fetch-Site", "cross-site"); status != http.StatusNotFound || len(saved()) != 1 {
		t.Errorf("another site saves: %d, %v", status, saved())
	}
	if status, _ := v.posts("/list", url.Values{"paper": {"9999.99999"}}); status != http.StatusNotFound {
		t.Errorf("a paper that is not there: %d", status)
	}
	// A link is nobody's name: it has no list and saves nothing.
	linked := l.visitor()
	linked.gets(l.link(papers))
	if page := linked.sees("/"); strings.Contains(page, "/list") {
		t.Error("a link's reader is shown a list")
	}
	if status, _ := linked.gets("/list"); status != http.StatusNotFound {
		t.Errorf("a link's reader has a list: %d", status)
	}
	if status, _ := linked.posts("/list", form); status != http.StatusNotFound || len(saved()) != 1 {
		t.Errorf("a link's reader saves: %d", status)
	}
	if err := l.store.ForgetUser(t.Context(), "web:ana", l.now); err != nil {
		t.Fatal(err)
	}
	if status, _ := v.gets("/list"); status != http.StatusUnauthorized {
		t.Errorf("who is forgotten is still signed in: %d", status)
	}
}

func TestOneComesBackToThisPageAlone(t *testing.T) {
	for back, want := range map[string]string{
		"/papers/2509.1?in=3": "/papers/2509.1?in=3", "/?q=a+b": "/?q=a+b", "": "/list", "https://evil.example/": "/list", "//evil.example/": "/list",
		"/%2f/x": "/list", `/\evil.example`: `/%5Cevil.example`, "javascript:alert(1)": "/list", "x": "/list", "/\n": "/list",
	} {
		if got := ours(back); got != want {
			t.Errorf("%q leads to %q, want %q", back, got, want)
		}
	}
}

// An assembly of the page and a provider.
func withProvider(t testing.TB) (*lab, *crowd, *fakeoidc.Provider) {
	p := fakeoidc.Start(t, "")
	l, c := peopled(t, func(o *Options) {
		o.SignIn = &SignIn{Issuer: p.URL, ClientID: fakeoidc.ClientID, ClientSecret: fakeoidc.ClientSecret}
	})
	l.site.Address = l.srv.URL
	p.Redirects(l.srv.URL + callback)
	return l, c, p
}

// Signed in once with her own link, ana says which account is hers; from then on that
// account signs her in, and nobody else's does.
func TestAnAccountIsTiedOnce(t *testing.T) {
	l, _, p := withProvider(t)
	v := l.visitor()
	v.answers("/signin", http.StatusForbidden, "I do not know yet who you are in the chat. Type /papers link me there")
	v.signsIn("ana")
	v.sees("/list", "Sign in with your account the next time")
	v.sees("/signin?tie=1", "My list", "#den")
	other := l.visitor()
	other.sees("/signin", "My list", "#den", "Sign out <bdi>ana")

	// The next person at the same browser is not ana, whatever it is signed in as.
	p.Is("8", nil)
	v.answers("/signin", http.StatusForbidden, "I do not know yet who you are in the chat")
	stranger := l.visitor()
	stranger.answers("/signin?tie=1", http.StatusForbidden, "I do not know yet who you are in the chat")
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, l.srv.URL+"/signin?tie=1", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := v.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if _, err := l.store.PersonOf(t.Context(), p.URL, "8"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("another site ties an account (%v)", err)
	}
}

// answers checks what an answer that is no page says.
func (v *visitor) answers(path string, want int, sentence string) {
	v.Helper()
	status, page := v.gets(path)
	if status != want || !strings.Contains(words(page), sentence) {
		v.Fatalf("%s is %d\n%s", path, status, words(page))
	}
}

// With the chat's own provider nobody has to say who they are.
func TestTheChatsOwnProvider(t *testing.T) {
	l, _, p := withProvider(t)
	l.site.SignIn.Person = func(claims func(any) error) (core.User, bool) {
		var said struct {
			Chat string `json:"chat"`
		}
		err := claims(&said)
		return core.User{Key: "web:" + said.Chat, Name: said.Chat}, err == nil && said.Chat != ""
	}
	v := l.visitor()
	v.answers("/signin", http.StatusForbidden, "does not say who you are in the chat")
	p.Is("7", map[string]any{"chat": "ben"})
	v.sees("/signin", "Sign out <bdi>ben", "#papers")
	if page := v.sees("/list"); strings.Contains(page, "tie=1") || strings.Contains(page, "#den") {
		t.Error("ben is asked to tie an account, or sees the den")
	}
	p.Is("9", map[string]any{"chat": "somebody of another workspace"})
	l.visitor().answers("/signin", http.StatusForbidden, "who can read no channel that gets papers here")
}

// Whatever is wrong with what comes back, nobody is signed in, and one is told what to do.
func TestWhatComesBackIsHeldAgainstAll(t *testing.T) {
	l, _, p := withProvider(t)
	if err := l.store.SetPersonOf(t.Context(), p.URL, "7", core.User{Key: "web:ana", Name: "ana"}); err != nil {
		t.Fatal(err)
	}
	distrusted := "cannot be trusted. Begin once more"
	refused := func(what, path, sentence string, v *visitor) {
		t.Helper()
		status, page := v.gets(path)
		if status != http.StatusForbidden || !strings.Contains(words(page), sentence) || !strings.Contains(page, `href="/signin"`) || v.session() != nil {
			t.Errorf("%s: %d, session %v\n%s", what, status, v.session(), words(page))
		}
	}
	for what, spoil := range map[string]func(map[string]any){
		"another issuer":    func(c map[string]any) { c["iss"] = p.URL + "/" },
		"another client":    func(c map[string]any) { c["aud"] = "other" },
		"no client":         func(c map[string]any) { delete(c, "aud") },
		"another's nonce":   func(c map[string]any) { c["nonce"] = "other" },
		"no nonce":          func(c map[string]any) { delete(c, "nonce") },
		"expired":           func(c map[string]any) { c["exp"] = time.Now().Add(-time.Minute).Unix() },
		"without an expiry": func(c map[string]any) { delete(c, "exp") },
	} {
		p.Spoil(spoil)
		refused(what, "/signin", distrusted, l.visitor())
	}
	p.Spoil(nil)
	p.Unsigned(true)
	refused("unsigned", "/signin", distrusted, l.visitor())
	p.Unsigned(false)
	p.Forge(t, true)
	refused("forged", "/signin", distrusted, l.visitor())
	p.Forge(t, false)

	begins := func() (v *visitor, back string) { // stops before the browser comes back
		v = l.visitor()
		v.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
			if r.URL.Path == callback {
				back = r.URL.RequestURI()
				return http.ErrUseLastResponse
			}
			return nil
		}
		v.gets("/signin")
		v.client.CheckRedirect = nil
		return v, back
	}
	v, back := begins()
	refused("another browser", back, "not begun in this browser", l.visitor())
	third, _ := begins()
	refused("another browser that began too", back, "not begun in this browser", third)
	refused("an answer of another issuer", strings.Replace(back, "iss=", "iss=https%3A%2F%2Fevil.example&x=", 1), distrusted, v)
	refused("after that the browser begins anew", back, "not begun in this browser", v)
	v, back = begins()
	v.sees(back, "My list")
	refused("a code that was used", back, "not begun in this browser", l.visitor())
	again, fresh := begins()
	code := regexp.MustCompile(`code=[^&]*`)
	refused("a code of another sign-in", code.ReplaceAllString(fresh, code.FindString(back)), distrusted, again)
	v, back = begins()
	refused("refused there", code.ReplaceAllString(back, "error=access_denied"), "You were not signed in there", v)

	p.Rotate(t)
	l.visitor().sees("/signin", "My list")
	v.sees("/signin", "My list")
	if w := httptest.NewRecorder(); true {
		l.site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/signin", nil))
		if c := w.Header().Get("Set-Cookie"); !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") || !strings.Contains(c, "Path=/signin") {
			t.Errorf("the sign-in's cookie is %s", c)
		}
	}
	if log := l.log.String(); strings.Contains(log, fakeoidc.ClientSecret) {
		t.Error("the client's secret stands in the log")
	}
}

// A provider that does not answer, or says that it is somebody else, signs nobody in.
func TestAProviderThatIsNotThere(t *testing.T) {
	l, _, p := withProvider(t)
	l.site.SignIn.Issuer = p.URL + "/"
	l.visitor().answers("/signin", http.StatusForbidden, "Where one signs in does not answer as it should. Try again in a minute.")
	l.site.SignIn.Issuer = p.URL
	l.visitor().answers("/signin", http.StatusForbidden, "I do not know yet who you are")
}

// Pages that have a feed say where it is; the secret in it is the reader's own.
func TestAPageNamesItsFeeds(t *testing.T) {
	l, _ := peopled(t)
	l.site.Address = "https://papers.example.org"
	path := l.link(papers)
	secret := strings.TrimPrefix(path, "/c/")
	v := l.visitor()
	v.client.Jar = cookies(l, secret)
	for _, one := range []struct{ page, name string }{{"/", "day"}, {"/channels/" + itoa(l.channel(papers).ID), "posts"}} {
		_, page := v.gets(one.page)
		page = html.UnescapeString(page)
		for typ, ext := range map[string]string{"application/atom+xml": "atom", "application/feed+json": "json"} {
			if !strings.Contains(page, `<link rel="alternate" type="`+typ+`" title="`) || !strings.Contains(page, `href="/feeds/`+secret+"/"+one.name+"."+ext+`"`) {
				t.Errorf("%s names no %s\n%s", one.page, ext, page[:min(900, len(page))])
			}
		}
	}
	if _, page := v.gets("/?q=video"); strings.Contains(page, "alternate") {
		t.Error("a search names a feed")
	}
	ana := l.visitor()
	l.site.Address = ""
	ana.signsIn("ana")
	l.site.Address = "https://papers.example.org"
	if page := ana.sees("/"); strings.Contains(page, "alternate") {
		t.Error("who has no link is shown one")
	}
}

func cookies(l *lab, secret string) http.CookieJar {
	jar := l.visitor().client.Jar
	u, _ := url.Parse(l.srv.URL)
	jar.SetCookies(u, []*http.Cookie{{Name: cookieName, Value: secret}})
	return jar
}

func itoa(n int64) string { return ask{In: n}.Href()[len("?in="):] }
