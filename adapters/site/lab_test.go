package site

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/adapters/web"
	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/query"
	"paperboy/core/workers"
	"paperboy/internal/catalogue"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// lab is a bot with three channels, a week of real papers, and its page.
type lab struct {
	testing.TB
	now    time.Time
	store  *store.Store
	bot    *workers.Workers
	site   *Site
	source *testkit.Wire
	srv    *httptest.Server
	log    testkit.Log
	days   []core.Date // that have papers
}

// The channels: two that everybody of the group reads, and one that few do.
const (
	papers = "papers"
	vision = "vision"
	den    = "den"
)

func newLab(t testing.TB, change ...func(*Options)) *lab {
	t.Helper()
	l := &lab{TB: t, source: &testkit.Wire{}}
	lists := catalogue.Days()
	l.days = slices.Sorted(maps.Keys(lists))
	l.days = l.days[max(0, len(l.days)-5):]
	l.now = l.days[0].Time(time.UTC).Add(6 * time.Hour)
	var err error
	if l.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "paperboy.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.store.Close() })
	clock := func() time.Time { return l.now }
	log := slog.New(slog.NewTextHandler(&l.log, nil))
	room := web.NewRoom(clock, papers, vision, den)
	l.bot = workers.New(workers.Options{
		Store: l.store, Connections: core.NewConnections(nil, room), Clock: wallclock.New(clock), Log: log, Page: "https://papers.example.org",
		Feed: &feed.Feed{Store: l.store, Sources: []core.Source{l.source}, Now: clock, Log: log},
	})
	l.source.Fetches(t, l.bot) // a source's first answer is what was there before
	l.says(papers, "subscribe agent, diffusion, video")
	l.says(vision, "subscribe image, \"vision language\"")
	l.says(den, "subscribe reasoning, language")
	for _, ch := range []string{papers, vision, den} {
		l.says(ch, "schedule 09:00 UTC daily")
		l.says(ch, "settings max:15 scope:all layout:thread")
	}
	for _, day := range l.days {
		l.now = day.Time(time.UTC).Add(8 * time.Hour)
		l.source.Fetches(t, l.bot, lists[day]...)
		l.now = day.Time(time.UTC).Add(9 * time.Hour)
		if err := l.bot.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	l.now = l.now.Add(time.Hour)
	o := Options{Store: l.store, Query: &query.Reader{Store: l.store, Now: clock}, Now: clock, Log: log}
	for _, f := range change {
		f(&o)
	}
	l.site = New(o)
	l.srv = httptest.NewServer(l.site)
	t.Cleanup(l.srv.Close)
	return l
}

func (l *lab) key(name string) core.ChannelKey { return core.ChannelKey{Platform: "web", ID: name} }

// says is somebody typing a command in a channel.
func (l *lab) says(channel, words string) core.Reply {
	l.Helper()
	r := l.bot.Do(l.Context(), core.Request{Channel: l.key(channel), Name: "#" + channel, Private: channel == den, User: core.User{Key: "web:pi", Name: "pi"}, Text: words})
	if r.Failed {
		l.Fatalf("%s: %v", words, r.Card.Lines)
	}
	return r
}

// channel is one as the store has it.
func (l *lab) channel(name string) core.Channel {
	l.Helper()
	ch, err := l.store.ChannelByKey(l.Context(), l.key(name))
	if err != nil {
		l.Fatal(err)
	}
	return ch
}

// link is the path of a channel's link, as the chat shows it.
func (l *lab) link(channel string, words ...string) string {
	l.Helper()
	for _, line := range l.says(channel, strings.Join(append([]string{"link"}, words...), " ")).Card.Lines {
		for _, s := range line {
			if path, ok := strings.CutPrefix(s.URL, "https://papers.example.org"); ok && strings.HasPrefix(path, "/c/") {
				return path
			}
		}
	}
	l.Fatal("no link is shown")
	return ""
}

// posted are the papers that a channel was sent.
func (l *lab) posted(channel string) (ids []core.PaperID) {
	l.Helper()
	ds, err := l.store.DeliveriesOf(l.Context(), l.channel(channel).ID, time.Time{}, core.Posted)
	if err != nil {
		l.Fatal(err)
	}
	for _, d := range ds {
		if id, ok := d.Item.Paper(); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// votes has so many people vote for a paper in a channel.
func (l *lab) votes(channel string, id core.PaperID, people int) {
	l.Helper()
	for i := range people {
		user := core.User{Key: fmt.Sprint("web:p", i), Name: fmt.Sprint("p", i)}
		if _, err := l.store.PutReaction(l.Context(), l.channel(channel).ID, id, core.Up, core.Reaction{
			Channel: l.key(channel), Message: "m" + string(id), User: user, Emoji: "👍", Added: true, Order: 1, At: l.now}); err != nil {
			l.Fatal(err)
		}
	}
}

// A visitor is a browser with its cookies.
type visitor struct {
	*lab
	client *http.Client
}

func (l *lab) visitor() *visitor {
	jar, _ := cookiejar.New(nil)
	return &visitor{l, &http.Client{Jar: jar}}
}

// gets is a page as the visitor sees it.
func (v *visitor) gets(path string) (status int, page string) {
	v.Helper()
	status, page, _ = v.asks(http.MethodGet, path)
	return status, page
}

func (v *visitor) asks(method, path string) (int, string, http.Header) {
	v.Helper()
	r, err := http.NewRequestWithContext(v.Context(), method, v.srv.URL+path, nil)
	if err != nil {
		v.Fatal(err)
	}
	res, err := v.client.Do(r)
	if err != nil {
		v.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		v.Fatal(err)
	}
	return res.StatusCode, string(page), res.Header
}

// sees checks that a page is there and has the words.
func (v *visitor) sees(path string, words ...string) string {
	v.Helper()
	status, page := v.gets(path)
	if status != http.StatusOK {
		v.Fatalf("%s is %d:\n%s", path, status, page)
	}
	testkit.Sees(v, page, words...)
	return page
}

// cookie is what the visitor's browser keeps.
func (v *visitor) cookie() string {
	u, _ := url.Parse(v.srv.URL)
	for _, c := range v.client.Jar.Cookies(u) {
		return c.Value
	}
	return ""
}
