package slack_test

import (
	"context"
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/adapters/kit"
	"paperboy/adapters/slack"
	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/workers"
	"paperboy/internal/fakeslack"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// campus is a cloud of workspaces in which everything has the same ids, and a bot
// that people install there.
type campus struct {
	testing.TB
	cloud  *fakeslack.Cloud
	file   string
	log    *testkit.Log
	source *testkit.Wire
	papers testkit.Page
	clock  *testkit.Clock
	opt    slack.Options
	teams  map[string]*fakeslack.Slack

	store   *store.Store
	bot     *workers.Workers
	adapter *slack.Slack
	mux     *http.ServeMux
	stop    func()
}

const (
	public = "https://papers.example.org"
	keyA   = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	keyB   = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
)

func sealing(t testing.TB, list string) *kit.Keys {
	t.Helper()
	k, err := kit.NewKeys(list)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// newCampus has T1 and T2, with ana, ben and #papers in each; nobody has installed
// anything yet.
func newCampus(t testing.TB, change ...func(*slack.Options)) *campus {
	t.Helper()
	c := &campus{TB: t, file: filepath.Join(t.TempDir(), "paperboy.db"), log: &testkit.Log{}, source: &testkit.Wire{}, papers: testkit.SeedPage(t), clock: &testkit.Clock{}, teams: map[string]*fakeslack.Slack{}}
	c.clock.Set(at("2025-11-24 12:00"))
	c.cloud = fakeslack.NewCloud(t, public+"/slack/oauth")
	c.opt = slack.Options{SigningSecret: fakeslack.SigningSecret, ClientID: fakeslack.ClientID, ClientSecret: fakeslack.ClientSecret, PublicURL: public,
		Keys: sealing(t, keyA), APIURL: c.cloud.API, Command: "/papers", Now: c.clock.Now, Dial: c.cloud.Dial}
	for _, f := range change {
		f(&c.opt)
	}
	for _, team := range []string{"T1", "T2"} {
		c.team(team, "")
	}
	c.start()
	c.source.Fetches(c, c.bot)
	t.Cleanup(func() { c.end() })
	return c
}

func (c *campus) team(id, org string) *fakeslack.Slack {
	s := c.cloud.Team(id, org)
	s.Channel("papers", "ana", "ben")
	if c.mux != nil {
		s.DeliverIn(c.mux)
	}
	c.teams[id] = s
	return s
}

func (c *campus) start() {
	c.Helper()
	var err error
	if c.store, err = store.Open(context.Background(), c.file); err != nil {
		c.Fatal(err)
	}
	c.opt.Log = logger(c.log)
	c.adapter = slack.New(c.opt)
	if err := c.adapter.Load(context.Background(), c.store); err != nil {
		c.Fatal(err)
	}
	c.bot = workers.New(workers.Options{
		Store: c.store, Connections: core.NewConnections(c.opt.Log, c.adapter), Clock: wallclock.New(c.clock.Now), Log: c.opt.Log,
		Feed: &feed.Feed{Store: c.store, Sources: []core.Source{c.source}, Now: c.clock.Now, Log: c.opt.Log},
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.adapter.Run(ctx, c.bot) }()
	c.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	c.mux = http.NewServeMux()
	for path, h := range c.adapter.Handlers() {
		c.mux.Handle(path, h)
	}
	if c.opt.AppToken == "" {
		for _, s := range c.teams {
			s.DeliverIn(c.mux)
		}
	}
	for end := time.Now().Add(time.Minute); c.adapter.Ready() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			c.Fatalf("not ready: %v\n%s", c.adapter.Ready(), c.log)
		}
	}
}

func (c *campus) end() {
	c.stop()
	if err := c.store.Close(); err != nil {
		c.Error(err)
	}
}

func (c *campus) restart() {
	c.Helper()
	c.end()
	c.start()
}

// browser is somebody's, with its cookie.
type browser struct {
	c      *campus
	cookie *http.Cookie
}

var href = regexp.MustCompile(`<a class="go" href="([^"]+)"`)

// opens is an address opened: the page, and where its link leads.
func (b *browser) opens(address string) (status int, page, link string) {
	b.c.Helper()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	w := httptest.NewRecorder()
	b.c.mux.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		b.cookie = cookie
		if cookie.MaxAge < 0 {
			b.cookie = nil
		}
	}
	if m := href.FindStringSubmatch(w.Body.String()); m != nil {
		link = html.UnescapeString(m[1])
	}
	return w.Code, html.UnescapeString(w.Body.String()), link
}

// installs is somebody installing the app in a workspace, or with its organisation.
func (c *campus) installs(user, team string, orgWide ...bool) (page string) {
	c.Helper()
	b := &browser{c: c}
	_, _, link := b.opens(public + "/slack/install")
	status, page, _ := b.opens(c.cloud.Agrees(link, user, team, len(orgWide) > 0))
	if status != http.StatusOK {
		c.Fatalf("installing in %s: %d\n%s\n%s", team, status, page, c.log)
	}
	return page
}

// says is what somebody reads who types a command in #papers.
func (c *campus) says(team, user, words string) string {
	c.Helper()
	return c.teams[team].Types(user, "papers", "/papers "+words).Reads()
}

// both has the app in both workspaces, invited to #papers.
func both(t testing.TB, change ...func(*slack.Options)) *campus {
	t.Helper()
	c := newCampus(t, change...)
	for _, team := range []string{"T1", "T2"} {
		c.installs("ana", team)
		c.greeted(team)
	}
	return c
}

func (c *campus) greeted(team string) {
	c.Helper()
	c.teams[team].Invite("paperboy", "papers")
	c.teams[team].Wait("the greeting", func() bool { return len(c.teams[team].Posts("papers")) > 0 })
}

// kept is a workspace's record.
func (c *campus) kept(team string) core.Installed {
	c.Helper()
	i, err := c.store.InstallationOf(context.Background(), core.Installation{Platform: slack.Name, Workspace: team})
	if err != nil {
		c.Fatal(err)
	}
	return i
}

func (c *campus) serves(team string) bool {
	return c.adapter.Serves(core.Installation{Platform: slack.Name, Workspace: team})
}

// quiet fails when a token stands in the log, or in a file of the store.
func (c *campus) quiet() {
	c.Helper()
	c.stop()
	files, _ := filepath.Glob(c.file + "*")
	text := c.log.String()
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			c.Fatal(err)
		}
		text += string(b)
	}
	for _, secret := range c.cloud.Secrets() {
		if strings.Contains(text, secret) {
			c.Errorf("%s stands in the clear", secret)
		}
	}
}

func TestPeopleInstallTheAppAndEachWorkspaceIsItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCampus(t)
		b := &browser{c: c}
		status, page, link := b.opens(public + "/slack/install")
		testkit.Sees(t, page, append(slices.Clone(slack.Scopes), "Add to Slack", "a 👍 is a vote")...)
		if strings.Index(page, "Add to Slack</a>") > strings.Index(page, slack.Scopes[0]+"</dt>") {
			t.Error("what is to be pressed stands below a list that a phone shows no end of")
		}
		if status != http.StatusOK || b.cookie == nil || !b.cookie.HttpOnly || !b.cookie.Secure || b.cookie.SameSite != http.SameSiteLaxMode || b.cookie.MaxAge != 600 {
			t.Errorf("%d, the cookie is %+v", status, b.cookie)
		}
		_, page, _ = b.opens(c.cloud.Agrees(link, "ana", "T1", false))
		testkit.Sees(t, page, "Team T1", "/invite @Paperboy", "/papers subscribe diffusion")
		c.installs("ben", "T2")
		for _, team := range []string{"T1", "T2"} {
			c.greeted(team)
		}
		testkit.Sees(t, c.says("T1", "ana", "subscribe lora"), "lora")
		testkit.Sees(t, c.says("T2", "ana", "list"), "This channel has no topics yet")
		testkit.Sees(t, c.says("T2", "ana", "subscribe diffusion"), "diffusion")
		testkit.DoesNotSee(t, c.says("T1", "ana", "list"), "diffusion")
		for _, team := range []string{"T1", "T2"} {
			c.says(team, "ana", "schedule 09:00 Europe/Berlin weekdays")
		}
		c.clock.Set(at("2025-11-25 08:30"))
		c.source.Fetches(c, c.bot, c.papers.Listed("2025-11-25", 1, 2, 3, 28, 17, 19, 5, 9)...)
		c.clock.Set(at("2025-11-25 09:00"))
		if err := c.bot.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		for team, words := range map[string]string{"T1": "lora", "T2": "diffusion"} {
			if posts := c.teams[team].Posts("papers"); len(posts) < 3 {
				t.Errorf("%s got %d messages\n%s", team, len(posts), c.log)
			}
			if i := c.kept(team); i.Name != "Team "+team || i.BotUser != fakeslack.Bot || len(i.Scopes) != len(slack.Scopes) || !strings.HasPrefix(i.By, "slack:"+team+"/U") {
				t.Errorf("%s (%s) is kept as %+v", team, words, i)
			}
		}
		c.quiet()
	})
}

func TestOverSocketsManyWorkspacesAreServedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := both(t, func(o *slack.Options) { o.AppToken, o.SigningSecret = fakeslack.AppToken, "" })
		testkit.Sees(t, c.says("T1", "ana", "subscribe lora"), "lora")
		testkit.Sees(t, c.says("T2", "ana", "list"), "This channel has no topics yet")
	})
}

func TestAnInstallationThatIsNotFinishedSaysWhyAndChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCampus(t)
		for name, tc := range map[string]struct {
			back func(b *browser, link string) string
			want string
		}{
			"denied": {func(_ *browser, link string) string { return c.cloud.Denies(link) }, "You said no"},
			"another browser's": {func(b *browser, link string) string {
				b.cookie = &http.Cookie{Name: "paperboy_slack", Value: "ANOTHER"}
				return c.cloud.Agrees(link, "ana", "T1", false)
			}, "did not begin this"},
			"without a cookie": {func(b *browser, link string) string {
				b.cookie = nil
				return c.cloud.Agrees(link, "ana", "T1", false)
			}, "did not begin this"},
			"a forged state": {func(_ *browser, link string) string {
				return strings.Replace(c.cloud.Agrees(link, "ana", "T1", false), "state=", "state=1", 1)
			}, "did not begin this"},
			"too late": {func(_ *browser, link string) string {
				back := c.cloud.Agrees(link, "ana", "T1", false)
				time.Sleep(10*time.Minute + time.Second)
				return back
			}, "did not begin this"},
			"a code that nobody gave": {func(_ *browser, link string) string {
				return regexp.MustCompile(`code=[^&]+`).ReplaceAllString(c.cloud.Agrees(link, "ana", "T1", false), "code=mine")
			}, "used already or is too old"},
			"without a code": {func(_ *browser, link string) string {
				return regexp.MustCompile(`code=[^&]+&`).ReplaceAllString(c.cloud.Agrees(link, "ana", "T1", false), "")
			}, "could not finish"},
		} {
			b := &browser{c: c}
			_, _, link := b.opens(public + "/slack/install")
			_, page, again := b.opens(tc.back(b, link))
			testkit.Sees(t, page, "Paperboy was not added", tc.want)
			if again != public+"/slack/install" {
				t.Errorf("%s: the way out leads to %q", name, again)
			}
			if c.serves("T1") {
				t.Fatalf("%s: it was installed", name)
			}
		}
		b := &browser{c: c}
		_, _, link := b.opens(public + "/slack/install")
		cookie, back := b.cookie, c.cloud.Agrees(link, "ana", "T1", false)
		b.opens(back)
		b.cookie = cookie
		_, page, _ := b.opens(back)
		testkit.Sees(t, page, "This was done already")
		if !c.serves("T1") || c.cloud.Exchanges("authorization_code") != 2 {
			t.Errorf("served: %v, codes that Slack saw: %d", c.serves("T1"), c.cloud.Exchanges("authorization_code"))
		}
	})
}

func TestATokenIsRenewedBeforeItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCampus(t)
		c.cloud.Rotates = true
		c.installs("ana", "T1")
		c.greeted("T1")
		c.installs("ana", "T2")
		first := c.kept("T1")
		for day := range 3 {
			time.Sleep(9 * time.Hour)
			c.home("T1", "ana")
			if n := c.cloud.Exchanges("refresh_token"); n != day {
				t.Errorf("three hours before the end of token %d: renewed %d times", day, n)
			}
			time.Sleep(time.Hour + time.Minute)
			c.home("T1", "ana")
			if n := c.cloud.Exchanges("refresh_token"); n != day+1 {
				t.Errorf("within two hours of the end of token %d: renewed %d times", day, n)
			}
		}
		if now := c.kept("T1"); slices.Equal(now.Token, first.Token) || !now.Expires.After(first.Expires) {
			t.Error("the new token is not kept")
		}
		// Nobody needed T2's for more than a day.
		c.greeted("T2")
		c.restart()
		c.home("T1", "ana")
		c.quiet()
	})
}

// home is App Home of somebody, which takes a call with the workspace's token.
func (c *campus) home(team, user string) {
	c.Helper()
	s := c.teams[team]
	before := s.Counts().Calls["views.publish"]
	s.OpensHome(user)
	s.Wait("a home in "+team, func() bool { return s.Counts().Calls["views.publish"] > before })
}

func TestOfSeveralProcessesOneRenewsAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCampus(t)
		c.cloud.Rotates = true
		c.installs("ana", "T1")
		other := slack.New(c.opt)
		if err := other.Load(t.Context(), c.store); err != nil {
			t.Fatal(err)
		}
		time.Sleep(11 * time.Hour)
		ch := core.ChannelKey{Platform: slack.Name, Workspace: "T1", ID: c.teams["T1"].Channel("free", "ana", "paperboy")}
		c.teams["T1"].Invite("paperboy", "free")
		var wg sync.WaitGroup
		for _, a := range []*slack.Slack{c.adapter, other, c.adapter, other} {
			wg.Go(func() {
				if err := a.MayPost(t.Context(), core.Channel{Key: ch}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		time.Sleep(2 * time.Minute) // the other one asks again, and takes over what is kept
		for _, a := range []*slack.Slack{c.adapter, other} {
			if err := a.MayPost(t.Context(), core.Channel{Key: ch}); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(2 * time.Hour)
		for _, a := range []*slack.Slack{c.adapter, other} {
			if err := a.MayPost(t.Context(), core.Channel{Key: ch}); err != nil {
				t.Error(err)
			}
		}
		if n := c.cloud.Exchanges("refresh_token"); n != 1 {
			t.Errorf("exchanged %d times", n)
		}
	})
}

// What is asked of Slack while the answer to a renewal was lost goes on until the end
// of the old token; then this workspace stops, and no other, until the app is
// installed there anew.
func TestALostRenewalCostsNothingBeforeTheEndAndNoOtherWorkspaceEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCampus(t)
		c.cloud.Rotates = true
		c.installs("ana", "T1")
		c.greeted("T1")
		testkit.Sees(t, c.says("T1", "ana", "subscribe lora"), "lora")
		time.Sleep(5 * time.Hour)
		c.installs("ana", "T2")
		c.greeted("T2")
		c.cloud.LoseExchange(1)
		time.Sleep(5*time.Hour + 30*time.Minute)
		c.home("T1", "ana")
		time.Sleep(time.Hour)
		c.home("T1", "ana")
		if !c.serves("T1") {
			t.Fatal("a token that is still good is not used")
		}
		testkit.Sees(t, c.log.String(), "a token was not renewed")
		time.Sleep(time.Hour)
		c.teams["T1"].OpensHome("ana")
		for end := time.Now().Add(time.Minute); c.serves("T1") && time.Now().Before(end); {
			time.Sleep(time.Second)
		}
		if c.serves("T1") {
			t.Fatal("a workspace goes on whose token has ended")
		}
		_, err := c.adapter.Post(t.Context(), core.Post{Channel: core.ChannelKey{Platform: slack.Name, Workspace: "T1", ID: "C1"}})
		if !core.Is[*core.Unauthorised](err) || c.adapter.Refused() != nil {
			t.Errorf("a post says %v, all of it %v", err, c.adapter.Refused())
		}
		c.teams["T1"].OpensHome("ana")
		time.Sleep(time.Second)
		if n := strings.Count(c.log.String(), "the token of a workspace is refused"); n != 1 {
			t.Errorf("the operator is told %d times:\n%s", n, c.log)
		}
		c.home("T2", "ana")
		testkit.Sees(t, c.says("T1", "ana", "list"), "not installed in this workspace any more", public+"/slack/install")
		c.installs("ben", "T1")
		testkit.Sees(t, c.says("T1", "ana", "list"), "lora")
		c.home("T1", "ana")
		c.quiet()
	})
}

func TestAWorkspaceThatRemovesTheAppEndsAloneAndComesBackWithItsData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := both(t)
		for _, team := range []string{"T1", "T2"} {
			testkit.Sees(t, c.says(team, "ana", "subscribe lora"), "lora")
		}
		c.teams["T1"].Uninstall()
		c.teams["T1"].Wait("its end", func() bool { return !c.serves("T1") })
		time.Sleep(time.Second)
		if i := c.kept("T1"); i.Gone.IsZero() || len(i.Token) > 0 {
			t.Errorf("it is kept as %+v", i)
		}
		testkit.Sees(t, c.log.String(), `"slack: the app was removed" workspace=T1`)
		calls := c.teams["T1"].Counts().Calls["chat.postMessage"]
		testkit.Sees(t, c.says("T2", "ana", "list"), "lora")
		if !c.serves("T2") || c.teams["T1"].Counts().Calls["chat.postMessage"] != calls {
			t.Error("the other workspace ends too, or this one gets requests")
		}
		time.Sleep(time.Hour)
		c.installs("ben", "T1")
		testkit.Sees(t, c.says("T1", "ana", "list"), "lora")
	})
}

// Slack repeats events, and not in order: what was removed before it was installed
// anew is there.
func TestAnOldFarewellDoesNotEndANewInstallation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := both(t)
		c.teams["T1"].Tamper(func(kind string, payload map[string]any) {
			if e, ok := payload["event"].(map[string]any); ok && kind == "events_api" {
				e["event_ts"] = "900000000.000001"
			}
		})
		c.teams["T1"].Uninstall()
		time.Sleep(time.Minute)
		if !c.serves("T1") {
			t.Error("it has ended")
		}
	})
}

func TestAnOrganisationInstallsTheAppForItsWorkspaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCampus(t)
		c.team("T7", "E1")
		c.team("T8", "E1")
		c.team("T9", "E2")
		c.installs("ana", "T7", true)
		for _, team := range []string{"T7", "T8"} {
			testkit.Sees(t, c.says(team, "ana", "subscribe lora in "+"cs.LG"), "lora")
			if i := c.kept(team); i.Enterprise != "E1" || len(i.Token) > 0 {
				t.Errorf("%s is kept as %+v", team, i)
			}
		}
		testkit.Sees(t, c.says("T9", "ana", "list"), "not installed")
		testkit.Sees(t, c.says("T1", "ana", "list"), "not installed")
		c.restart()
		if !c.serves("T8") || c.serves("T9") {
			t.Error("after a restart its workspaces are not known")
		}
	})
}

// The event says which workspaces; the organisation and its other workspaces go on. What
// the workspace followed comes back with the app.
func TestAnOrganisationTakesTheAppOffOneOfItsWorkspaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCampus(t)
		for _, team := range []string{"T6", "T7", "T8"} {
			c.team(team, "E1")
		}
		c.installs("ana", "T7", true)
		for _, team := range []string{"T6", "T7", "T8"} {
			testkit.Sees(t, c.says(team, "ana", "subscribe lora in cs.LG"), "lora")
		}
		farewell := c.cloud.TakesOff("T8")
		c.teams["T8"].Wait("its end", func() bool { return !c.serves("T8") })
		if i := c.kept("T8"); i.Gone.IsZero() {
			t.Errorf("it is kept as %+v", i)
		}
		testkit.Sees(t, c.says("T7", "ana", "list"), "lora")
		if e := c.kept("E1"); !c.serves("T7") || !e.Gone.IsZero() || len(e.Token) == 0 {
			t.Errorf("the organisation is kept as %+v", e)
		}
		c.restart()
		if c.serves("T8") || !c.serves("T7") {
			t.Error("after a restart it is there, or the others are not")
		}

		time.Sleep(time.Hour)
		c.cloud.Gives("E1", "T8")
		testkit.Sees(t, c.says("T8", "ana", "list"), "lora")
		farewell.Again() // Slack repeats events
		time.Sleep(time.Minute)
		if !c.serves("T8") {
			t.Error("an old farewell has ended it")
		}

		// One that has granted something itself has its own token, whatever the
		// organisation does; one that nobody knows has nothing to end.
		c.installs("ben", "T7")
		c.cloud.TakesOff("T7")
		c.team("T5", "E1")
		c.cloud.TakesOff("T5")
		time.Sleep(time.Minute)
		if !c.serves("T7") || !c.kept("T7").Gone.IsZero() {
			t.Error("a workspace with a token of its own has ended")
		}
		c.quiet()
		if event := "team_access_revoked"; !strings.Contains(string(slack.Manifest("/papers", public, public, true)), event) || strings.Contains(string(slack.Manifest("/papers", "", "", false)), event) {
			t.Error("the manifest asks for the event where no organisation can install the app, or not where one can")
		}
	})
}

// Who was not told finds out with the first call, which ends that workspace and not the
// token that its organisation granted for all.
func TestAWorkspaceThatAnOrganisationTookTheAppOffEndsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCampus(t)
		c.team("T7", "E1")
		c.team("T8", "E1")
		c.installs("ana", "T7", true)
		for _, team := range []string{"T7", "T8"} {
			testkit.Sees(t, c.says(team, "ana", "subscribe lora in cs.LG"), "lora")
		}
		c.teams["T7"].Refuse("team_access_not_granted") // who answers for all of E1
		_, err := c.adapter.Post(t.Context(), core.Post{Channel: core.ChannelKey{Platform: slack.Name, Workspace: "T8", ID: "C1"}})
		c.teams["T7"].Refuse("")
		if gone, ok := errors.AsType[*core.Gone](err); !ok || gone.What != core.TheWorkspace {
			t.Errorf("a post says %v", err)
		}
		testkit.Sees(t, c.says("T7", "ana", "list"), "lora")
		if !c.serves("T7") || c.kept("E1").Token == nil {
			t.Error("the organisation has ended")
		}
	})
}

func TestAKeyIsReplacedAndAWrongOneLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := both(t)
		c.stop()
		load := func(keys string) error {
			o := c.opt
			o.Keys = sealing(t, keys)
			return slack.New(o).Load(t.Context(), c.store)
		}
		before := c.kept("T1")
		err := load(keyB)
		if err == nil {
			t.Fatal("a wrong key is taken")
		}
		testkit.Sees(t, err.Error(), "[store] key", "0 of 2", "nothing was changed")
		if !slices.Equal(before.Token, c.kept("T1").Token) {
			t.Fatal("a wrong key changes what is kept")
		}
		if err := load(keyB + "," + keyA); err != nil {
			t.Fatal(err)
		}
		if err := load(keyB); err != nil {
			t.Errorf("what the old key sealed is not sealed anew: %v", err)
		}
		if err := load(keyA); err == nil {
			t.Error("the old key still opens it")
		}
		// What was granted in one workspace is good for nothing in another's row.
		other := c.kept("T2")
		if _, err := c.store.UpdateInstallation(t.Context(), core.Installation{Platform: slack.Name, Workspace: "T1"}, func(i *core.Installed) error {
			i.Token = other.Token
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := load(keyB); err == nil {
			t.Error("a row takes another's token")
		}
	})
}

// Where several processes run, the new key is given to each behind the old one first:
// then whichever seals with it, all can open. Who has only the old one goes on with what
// it has opened, and says what is wrong.
func TestAKeyIsReplacedInOneProcessAfterTheOther(t *testing.T) {
	for name, tc := range map[string]struct {
		keys string // of the one that runs on
		told bool
	}{
		"the new one behind the old one": {keyA + "," + keyB, false},
		"the old one alone":              {keyA, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := both(t, func(o *slack.Options) { o.Keys = sealing(t, tc.keys) })
				load := func(keys string) {
					o := c.opt
					o.Keys = sealing(t, keys)
					if err := slack.New(o).Load(t.Context(), c.store); err != nil {
						t.Fatal(err)
					}
				}
				load(keyB + "," + keyA)
				time.Sleep(10 * time.Minute)
				testkit.Sees(t, c.says("T1", "ana", "subscribe lora"), "lora")
				log := c.log.String()
				if told := strings.Contains(log, "[store] key does not open the tokens of 2 of 2 Slack workspaces, T1 among them"); told != tc.told || strings.Contains(log, "ERROR") != tc.told {
					t.Errorf("told: %v, want %v:\n%s", told, tc.told, log)
				}
			})
		})
	}
}

func TestDoctorNamesTheWorkspaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := both(t)
		c.cloud.Revoke("T2")
		found := slack.New(c.opt)
		if err := found.Load(t.Context(), c.store); err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		papers := core.Channel{Key: core.ChannelKey{Platform: slack.Name, Workspace: "T1", ID: c.teams["T1"].Channel("papers", "ana", "paperboy")}, Name: "#papers"}
		for _, f := range found.Examine(t.Context(), []core.Channel{papers}, true, public) {
			text.WriteString(f.Check + ": " + f.Detail + "; " + f.Fix + "\n")
		}
		testkit.Sees(t, text.String(), "slack T1: Lab, as @paperboy", "slack T1 #papers: I may post", "slack T2: ", "token_revoked", public+"/slack/install")
		for _, secret := range c.cloud.Secrets() {
			testkit.DoesNotSee(t, text.String(), secret)
		}
		if !c.serves("T1") {
			t.Error("T1 is not served")
		}
	})
}
