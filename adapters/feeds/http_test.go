package feeds

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"

	"paperboy/adapters/web"
	"paperboy/core"
	ingest "paperboy/core/feed"
	"paperboy/core/query"
	"paperboy/core/workers"
	"paperboy/internal/polite"
	"paperboy/internal/recordings"
	"paperboy/internal/replay"
	"paperboy/internal/testkit"
	"paperboy/internal/wallclock"
	"paperboy/sources/huggingface"
	"paperboy/store"
)

const page = "https://papers.example"

// A lab is a bot with a channel, #ml, whose link is made, and the feeds that it opens.
type lab struct {
	testing.TB
	now    time.Time
	store  *store.Store
	bot    *workers.Workers
	source testkit.Wire
	log    testkit.Log
	feeds  *Feeds
	papers testkit.Page
	ml     core.ChannelKey
	base   string // of #ml's feeds: /feeds/SECRET/
}

func newLab(t testing.TB) *lab {
	t.Helper()
	l := &lab{TB: t, now: testkit.At("2025-11-24 12:00"), papers: testkit.SeedPage(t), ml: core.ChannelKey{Platform: "web", ID: "ml"}}
	var err error
	if l.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "paperboy.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.store.Close() })
	log := slog.New(slog.NewTextHandler(&l.log, nil))
	l.bot = workers.New(workers.Options{
		Store: l.store, Connections: core.NewConnections(nil, web.NewRoom(l.clock, "ml", "cv")), Page: page,
		Feed: &ingest.Feed{Store: l.store, Sources: []core.Source{&l.source}, Now: l.clock, Log: log}, Clock: wallclock.New(l.clock), Log: log,
	})
	l.feeds = &Feeds{Store: l.store, Query: &query.Reader{Store: l.store, Now: l.clock}, Page: page, Now: l.clock, Log: log}
	l.fetches() // a source's first answer is what was there before
	l.base = l.link(l.ml)
	return l
}

func (l *lab) clock() time.Time { return l.now }

func (l *lab) fetches(seen ...core.Seen) { l.Helper(); l.source.Fetches(l, l.bot, seen...) }

func (l *lab) says(in core.ChannelKey, words string) core.Reply {
	l.Helper()
	reply := l.bot.Do(l.Context(), core.Request{Channel: in, Name: "#" + in.ID, User: core.User{Key: "web:pi", Name: "pi"}, Text: words})
	if reply.Failed {
		l.Fatalf("%s: %v", words, reply.Card.Lines)
	}
	return reply
}

// link has a link to the channel made, or another, and says where its feeds are.
func (l *lab) link(in core.ChannelKey) string {
	l.Helper()
	for _, line := range l.says(in, "link new").Card.Lines {
		if at := line[len(line)-1].URL; strings.HasSuffix(at, "/posts.atom") {
			return strings.TrimSuffix(strings.TrimPrefix(at, page), "posts.atom")
		}
	}
	l.Fatal("the link names no feed")
	return ""
}

func (l *lab) until(t time.Time) {
	l.Helper()
	l.now = t
	if err := l.bot.Tick(l.Context()); err != nil {
		l.Fatal(err)
	}
}

// gets is somebody asking for what lies at a path.
func (l *lab) gets(path string, header ...string) *httptest.ResponseRecorder {
	l.Helper()
	return l.asks("GET", path, header...)
}

func (l *lab) asks(method, path string, header ...string) *httptest.ResponseRecorder {
	l.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		if header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	mux := http.NewServeMux()
	mux.Handle("GET /feeds/", l.feeds)
	mux.ServeHTTP(w, r)
	return w
}

// reads is a feed as a reader that is not ours reads it.
func (l *lab) reads(path string) *gofeed.Feed {
	l.Helper()
	w := l.gets(path)
	if w.Code != 200 {
		l.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	f, err := gofeed.NewParser().Parse(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		l.Fatalf("%s: %v", path, err)
	}
	return f
}

func titles(f *gofeed.Feed) (ts []string) {
	for _, i := range f.Items {
		ts = append(ts, i.Title)
	}
	return ts
}

// links are the papers of a feed.
func links(f *gofeed.Feed) (ls []string) {
	for _, i := range f.Items {
		ls = append(ls, strings.TrimPrefix(i.Link, "https://arxiv.org/abs/"))
	}
	return ls
}

func (l *lab) wants(what string, got, want any) {
	l.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		l.Errorf("%s: want -, got +\n%s", what, diff)
	}
}

// posted are the papers that the ledger has as posted, in its order.
func (l *lab) posted() (ids []string, at []time.Time) {
	l.Helper()
	ch, err := l.store.ChannelByKey(l.Context(), l.ml)
	if err != nil {
		l.Fatal(err)
	}
	ds, err := l.store.DeliveriesOf(l.Context(), ch.ID, time.Time{}, core.Posted)
	if err != nil {
		l.Fatal(err)
	}
	for _, d := range ds {
		if id, ok := d.Item.Paper(); ok {
			ids, at = append(ids, string(id)), append(at, d.Updated.UTC().Truncate(time.Second))
		}
	}
	return ids, at
}

// tuesday is #ml after its first post.
func tuesday(t *testing.T) *lab {
	l := newLab(t)
	l.says(l.ml, "subscribe diffusion, lora")
	l.says(l.ml, "schedule 09:00 Europe/Berlin weekdays")
	l.now = testkit.At("2025-11-25 08:30")
	l.fetches(l.papers.Listed("2025-11-25", 1, 2, 3, 28, 17, 19, 5, 9)...)
	return l
}

func TestAFeedOfPostsIsWhatTheLedgerSaysWasPosted(t *testing.T) {
	l := tuesday(t)
	l.wants("before the post", len(l.reads(l.base+"posts.atom").Items), 0)
	l.until(testkit.At("2025-11-25 09:00"))
	ids, at := l.posted()
	if len(ids) != 6 {
		t.Fatalf("posted %v", ids)
	}
	for _, format := range []string{"atom", "json"} {
		f := l.reads(l.base + "posts." + format)
		l.wants(format, links(f), ids)
		for i, item := range f.Items {
			if !item.PublishedParsed.Equal(at[i]) || !item.UpdatedParsed.Equal(at[i]) {
				t.Errorf("%s: %s was posted at %v, and the feed says %v, %v", format, item.Title, at[i], item.PublishedParsed, item.UpdatedParsed)
			}
		}
		if want := page + l.base + "posts." + format; f.FeedLink != want || f.Title != "Papers in #ml" || !slices.Contains(f.Links, page+"/c/"+strings.Split(l.base, "/")[2]) {
			t.Errorf("%s: %q, at %s, of %v", format, f.Title, f.FeedLink, f.Links)
		}
	}
	l.fetches(l.papers.Fresh(l.now)...) // for the next post
	l.wants("before the next post", links(l.reads(l.base+"posts.atom")), ids)
}

// A reader that looks a few times a day for a month, and asks only for what is new, has
// every paper once and none twice; of news of a paper it hears as a change of what it has.
func TestAReaderHasEveryPaperOfAMonthOnce(t *testing.T) {
	for _, by := range []struct{ name, format, asks, told string }{
		{"JSON by ETag", "json", "If-None-Match", "ETag"},
		{"Atom by date", "atom", "If-Modified-Since", "Last-Modified"},
	} {
		t.Run(by.name, func(t *testing.T) {
			l := newLab(t)
			r := l.reader(by.format, by.asks, by.told)
			l.says(l.ml, "subscribe diffusion, lora")
			versions := 0
			l.month(r, func(morning time.Time) { l.fetches(l.papers.Fresh(morning)...) }, func() {
				ids, _ := l.posted()
				p := core.Paper{ID: core.PaperID(ids[len(ids)-1]), Version: 2 + versions, Title: "Lamps by lora, again", Abstract: "We mend it.", Authors: []string{"Ana Lee"}}
				versions++
				l.fetches(core.Seen{Paper: p, Sighting: core.Sighting{Source: "arxiv", Day: core.DateOf(l.now), Announce: "replace"}, Authority: core.Publisher})
			})
			if versions == 0 || r.changed == 0 {
				t.Errorf("of %d versions the reader heard %d times", versions, r.changed)
			}
		})
	}
}

// The same with what Hugging Face listed in a month, as it was recorded.
func TestAReaderHasEveryPaperOfARecordedMonthOnce(t *testing.T) {
	days, err := replay.FromDir(recordings.Dir(t))
	if err != nil {
		t.Fatal(err)
	}
	l := newLab(t)
	days.Now = l.clock
	l.bot.Feed.Sources = []core.Source{huggingface.New("https://huggingface.co", &polite.Client{Agent: "test", Transport: days}, l.clock)}
	fetch := func(time.Time) {
		if err := l.bot.Fetch(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	fetch(l.now)
	l.says(l.ml, "subscribe diffusion, agent, reasoning, video")
	l.month(l.reader("atom", "If-None-Match", "ETag"), fetch, func() {})
}

// A reader reads #ml's posts, asking only for what is new.
type reader struct {
	lab              *lab
	path, asks, told string
	validator        string
	have             map[string]time.Time // by id: when it changed
	looks, nothing   int                  // of those brought nothing
	changed          int
}

func (l *lab) reader(format, asks, told string) *reader {
	return &reader{lab: l, path: l.base + "posts." + format, asks: asks, told: told, have: map[string]time.Time{}}
}

func (r *reader) look() {
	t := r.lab
	t.Helper()
	w := t.gets(r.path, r.asks, r.validator)
	r.looks++
	if w.Code == http.StatusNotModified {
		r.nothing++
		if w.Body.Len() > 0 {
			t.Fatal("a body with nothing new")
		}
		return
	}
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	r.validator = w.Header().Get(r.told)
	f, err := gofeed.NewParser().Parse(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range f.Items {
		if had, ok := r.have[item.GUID]; ok && item.UpdatedParsed.After(had) {
			r.changed++
		}
		r.have[item.GUID] = *item.UpdatedParsed
	}
}

// month is a month of a reader's: each weekday papers come in the morning, are posted at
// nine, and now and then there is news of one. What the reader has is what was posted.
func (l *lab) month(r *reader, come func(morning time.Time), news func()) {
	l.Helper()
	l.says(l.ml, "schedule 09:00 Europe/Berlin weekdays")
	chance := rand.New(rand.NewPCG(11, 2025))
	for end := l.now.AddDate(0, 1, 0); l.now.Before(end); {
		morning := time.Date(l.now.Year(), l.now.Month(), l.now.Day()+1, 9, 0, 0, 0, testkit.Berlin)
		if core.IsWeekday(core.DateOf(morning)) {
			l.now = morning.Add(-time.Hour)
			come(morning)
		}
		l.until(morning)
		if chance.IntN(3) == 0 {
			r.look() // in the second in which it was posted
		}
		if ids, _ := l.posted(); len(ids) > 0 && chance.IntN(4) == 0 {
			l.now = l.now.Add(time.Hour)
			news()
		}
		for range chance.IntN(4) {
			l.now = l.now.Add(time.Duration(1+chance.IntN(180)) * time.Minute)
			r.look()
		}
	}
	l.now = l.now.Add(time.Hour)
	r.look()
	for _, item := range l.reads(r.path).Items {
		if !r.have[item.GUID].Equal(*item.UpdatedParsed) {
			l.Errorf("of the news of %s nobody heard", item.Link)
		}
	}
	ids, _ := l.posted()
	want := map[string]bool{}
	for _, id := range ids {
		want[urn(l.ml.String()+" "+id)] = true
	}
	for guid := range r.have {
		if !want[guid] {
			l.Errorf("%s was never posted", guid)
		}
		delete(want, guid)
	}
	if len(ids) < 80 || len(want) > 0 || r.nothing == 0 {
		l.Errorf("of %d papers %d are missing; %d of %d looks brought nothing", len(ids), len(want), r.nothing, r.looks)
	}
	l.Logf("%d papers, %d changes, %d looks, %d of them without a body", len(ids), r.changed, r.looks, r.nothing)
}

// Somebody who may not gets what somebody gets who asks for what was never there.
func TestWhoHasNoLinkLearnsNothing(t *testing.T) {
	l := tuesday(t)
	l.until(testkit.At("2025-11-25 09:00"))
	nothing := l.gets("/feeds/AAAAAAAAAAAAAAAAAAAAAAAAAA/posts.atom")
	if nothing.Code != 404 || strings.Contains(nothing.Body.String(), "ml") {
		t.Fatalf("%d %s", nothing.Code, nothing.Body)
	}
	closed := func(what, path string) {
		t.Helper()
		if w := l.gets(path); w.Code != nothing.Code || w.Body.String() != nothing.Body.String() || cmp.Diff(w.Header(), nothing.Header()) != "" {
			t.Errorf("%s: %d %s %v", what, w.Code, w.Body, w.Header())
		}
	}
	all := []string{"posts.atom", "posts.json", "day.atom", "topics/1.atom", "search.atom?q=lora", "channel.opml", "digest/2025-11-25.json"}
	for _, name := range all {
		if w := l.gets(l.base + name); w.Code != 200 {
			t.Errorf("%s: %d", name, w.Code)
		}
		closed("without a secret", "/feeds/"+name)
		closed("with nothing for a secret", "/feeds/%20/"+name)
		closed("an assistant's", "/feeds/"+l.assistants()+"/"+name)
	}
	for _, name := range []string{"", "posts", "posts.rss", "posts.atom.json", "topics/0.atom", "topics/01.atom", "topics/99.atom", "topics/.atom", "digest/today.json", "digest/2025-11-25", "digest/2025-11-25.atom", "digest/2025-13-01.json", "x", "posts.atom/", "%2e%2e%2fposts.atom"} {
		closed("no such name", l.base+name)
	}
	old := l.base
	l.base = l.link(l.ml)
	for _, name := range all {
		closed("the old link", old+name)
	}
	if w := l.gets(l.base + "posts.atom"); w.Code != 200 {
		t.Errorf("the new link: %d", w.Code)
	}
	l.says(l.ml, "link off")
	for _, name := range all {
		closed("a link that was ended", l.base+name)
	}
}

// Where the operator says so, the day's papers and searches are for everybody; what is a
// channel's is not, and no channel's votes show in them.
func TestWhatIsPublicIsNoChannels(t *testing.T) {
	l := tuesday(t)
	l.says(l.ml, "settings scope:math.*,strict")
	l.says(l.ml, "mute "+l.papers["9912.00002"].Title[:12]+" for:forever")
	l.until(testkit.At("2025-11-25 09:00"))
	l.feeds.Public = true
	before := links(l.reads("/feeds/day.atom"))
	l.wants("searched", len(l.reads("/feeds/search.json?q=diffusion").Items), 4)
	if f := l.reads("/feeds/day.atom"); f.Title != "Papers of the day" || len(f.Items) != 8 || f.FeedLink != page+"/feeds/day.atom" {
		t.Errorf("%s at %s: %v", f.Title, f.FeedLink, titles(f))
	}
	last := before[len(before)-1]
	ch, _ := l.store.ChannelByKey(t.Context(), l.ml)
	if _, err := l.store.PutReaction(t.Context(), ch.ID, core.PaperID(last), core.Up, core.Reaction{Channel: l.ml, Message: "m", User: core.User{Key: "web:ana"}, Emoji: "👍", Added: true, Order: 1, At: l.now}); err != nil {
		t.Fatal(err)
	}
	l.wants("after a channel's vote", links(l.reads("/feeds/day.atom")), before)
	l.wants("for the channel", links(l.reads(l.base + "day.atom"))[0], last)
	for _, name := range []string{"posts.atom", "topics/1.atom", "channel.opml", "digest/2025-11-25.json"} {
		if w := l.gets("/feeds/" + name); w.Code != 404 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// Ten thousand requests of strangers, of people of another channel and of those whose link
// was taken away, for anything: nobody sees of #ml's what its link alone opens.
func TestTenThousandRequestsOfOthersSeeNothing(t *testing.T) {
	l := tuesday(t)
	cv := core.ChannelKey{Platform: "web", ID: "cv"}
	l.says(l.ml, "subscribe zebra")
	l.says(cv, "subscribe diffusion, video")
	l.says(cv, "schedule 09:00 Europe/Berlin weekdays")
	l.until(testkit.At("2025-11-25 09:00"))
	old, others := l.base, l.link(cv)
	l.base = l.link(l.ml)
	theirs := []string{"#ml", "zebra", strings.Split(l.base, "/")[2]}
	for _, item := range l.reads(l.base + "posts.atom").Items {
		theirs = append(theirs, item.GUID)
	}
	assistants := "/feeds/" + l.assistants() + "/"
	chance := rand.New(rand.NewPCG(4, 10))
	any := func(of ...string) string { return of[chance.IntN(len(of))] }
	seen := map[string]int{}
	for range 10_000 {
		secret := l.base[:7+chance.IntN(26)] // a part of the right one
		base := any(old, old, assistants, strings.ToLower(l.base), secret+"/", "/feeds/"+core.NewSecret()+"/", "/feeds/", "/feeds/%00/", "/feeds/../")
		if chance.IntN(8) == 0 {
			base = others
		}
		path := base + any("posts", "day", "search", "topics/1", "topics/2", "topics/3", "channel", "digest/2025-11-25", "", "..", l.base[1:]+"posts", "posts"+any("\x00", "%2f", "%2e%2e/"+l.base[7:]+"posts")) +
			any(".atom", ".json", ".opml", ".xml", "") + any("", "?q=diffusion", "?q=zebra", "?channel=1", "?secret="+core.NewSecret())
		r, err := http.NewRequest("GET", strings.ReplaceAll(path, "\x00", "%00"), nil)
		if err != nil {
			continue
		}
		r.Header.Set("If-None-Match", any("", "*", `"0"`))
		w := httptest.NewRecorder()
		l.feeds.ServeHTTP(w, r)
		answer := fmt.Sprint(w.Header(), w.Body)
		for _, secret := range theirs {
			if strings.Contains(answer, secret) && !strings.Contains(path, "zebra") && !strings.Contains(path, secret) {
				t.Fatalf("%s: %d shows %q", path, w.Code, secret)
			}
		}
		if w.Code >= 500 || w.Code != 404 && base != others {
			t.Fatalf("%s: %d", path, w.Code)
		}
		seen[fmt.Sprint(w.Code)]++
	}
	t.Log(seen)
}

func (l *lab) assistants() string {
	l.Helper()
	ch, err := l.store.ChannelByKey(l.Context(), l.ml)
	if err != nil {
		l.Fatal(err)
	}
	link := core.Link{Channel: ch.ID, Purpose: core.LinkAssistant, Secret: core.NewSecret(), At: l.now}
	if err := l.store.SetLink(l.Context(), link); err != nil {
		l.Fatal(err)
	}
	return link.Secret
}

func TestHowFeedsAreServed(t *testing.T) {
	l := tuesday(t)
	l.until(testkit.At("2025-11-25 09:00"))
	l.now = l.now.Add(30 * time.Second)
	for path, mime := range map[string]string{
		"posts.atom": "application/atom+xml; charset=utf-8", "posts.json": "application/feed+json; charset=utf-8", "topics/1.atom": "application/atom+xml; charset=utf-8",
		"channel.opml": "text/x-opml; charset=utf-8", "digest/2025-11-25.json": "application/json; charset=utf-8",
	} {
		w := l.gets(l.base + path)
		h := w.Header()
		if got := h.Get("Content-Type"); got != mime {
			t.Errorf("%s is %s", path, got)
		}
		if h.Get("X-Robots-Tag") != "noindex" || !strings.Contains(h.Get("Cache-Control"), "private") || h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("ETag") == "" {
			t.Errorf("%s: %v", path, h)
		}
		if h.Get("Last-Modified") != "" {
			t.Errorf("%s says that it last changed %s, and it may once more within that second", path, h.Get("Last-Modified"))
		}
		again := l.gets(l.base+path, "If-None-Match", h.Get("ETag"))
		if again.Code != 304 || again.Body.Len() > 0 {
			t.Errorf("%s with nothing new: %d", path, again.Code)
		}
		head := l.asks("HEAD", l.base+path)
		if head.Code != 200 || head.Body.Len() > 0 || head.Header().Get("Content-Length") != fmt.Sprint(w.Body.Len()) {
			t.Errorf("HEAD %s: %d %v", path, head.Code, head.Header())
		}
		if w := l.asks("POST", l.base+path); w.Code != 405 {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
	l.now = l.now.Add(time.Minute)
	w := l.gets(l.base + "posts.atom")
	if got := w.Header().Get("Last-Modified"); got != "Tue, 25 Nov 2025 08:00:00 GMT" {
		t.Errorf("Last-Modified %q", got)
	}
	if w := l.gets(l.base+"posts.atom", "If-Modified-Since", w.Header().Get("Last-Modified")); w.Code != 304 {
		t.Errorf("with nothing new since: %d", w.Code)
	}
	for _, path := range []string{"day.atom", "topics/1.atom"} { // a vote, a change of the topic: nothing in it says when
		if got := l.gets(l.base + path).Header().Get("Last-Modified"); got != "" {
			t.Errorf("%s: Last-Modified %q", path, got)
		}
	}
}

func TestTheFeedOfATopicAndOfASearch(t *testing.T) {
	l := tuesday(t)
	diffusion := []string{"9912.00001", "9912.00002", "9912.00003", "9912.00028"}
	sorted := func(path string) []string { f := l.reads(path); return slices.Sorted(slices.Values(links(f))) }
	l.wants("#1", sorted(l.base+"topics/1.atom"), diffusion)
	l.wants("the same, searched", sorted(l.base+"search.atom?q=diffusion"), diffusion)
	l.wants("as JSON", sorted(l.base+"search.json?q=diffusion"), diffusion)
	l.wants("what it is called", l.reads(l.base+"topics/1.atom").Title, "#ml: diffusion")
	if f := l.reads(l.base + "topics/1.atom"); !strings.Contains(f.Items[0].Content, "matched ") {
		t.Errorf("it does not say why: %s", f.Items[0].Content)
	}
	one, two := l.reads(l.base+"search.atom?q=diffusion"), l.reads(l.base+"search.atom?q=lora")
	if one.FeedLink != page+l.base+"search.atom?q=diffusion" || strings.Contains(one.FeedLink, "lora") || two.FeedLink == one.FeedLink {
		t.Errorf("they are at %s and %s", one.FeedLink, two.FeedLink)
	}
	l.fetches(core.Seen{Paper: core.Paper{ID: "2511.30001", Title: "Diffusion of heat in walls", Abstract: "Walls.", Categories: []string{"physics.flu-dyn"}}, Sighting: core.Sighting{Source: "hf", Day: "2025-11-25"}, Authority: core.Publisher})
	l.wants("what Hugging Face lists is in every scope", len(sorted(l.base+"topics/1.atom")), 5)
	l.says(l.ml, "settings scope:cs.*,strict")
	l.wants("a strict scope", sorted(l.base+"topics/1.atom"), diffusion)
	l.says(l.ml, "mute "+l.papers["9912.00002"].Title[:12]+" for:forever")
	l.wants("without what is muted", len(sorted(l.base+"topics/1.atom")), 3)
	for q, says := range map[string]string{"": "Write behind `q=` what", "%22open": "quote", strings.Repeat("a", 501): "at most 500 characters"} {
		w := l.gets(l.base + "search.atom?q=" + q)
		if w.Code != 400 || !strings.Contains(w.Body.String(), says) || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%q: %d %s", q, w.Code, w.Body)
		}
	}
	l.says(l.ml, "unsubscribe 1")
	if w := l.gets(l.base + "topics/1.atom"); w.Code != 404 {
		t.Errorf("a topic that is not followed: %d", w.Code)
	}
}

func TestTheDaysMostVoted(t *testing.T) {
	l := tuesday(t)
	l.until(testkit.At("2025-11-25 09:00"))
	f := l.reads(l.base + "day.atom")
	if f.Title != "Papers of the day for #ml" || len(f.Items) != 8 {
		t.Fatalf("%s: %v", f.Title, titles(f))
	}
	var upvotes []int
	for _, id := range links(f) {
		if n := l.papers[core.PaperID(id)].Upvotes; n != nil {
			upvotes = append(upvotes, *n)
		}
	}
	if !slices.IsSortedFunc(upvotes, func(a, b int) int { return b - a }) {
		t.Errorf("by votes: %v", upvotes)
	}
	l.until(testkit.At("2025-11-26 12:00"))
	l.fetches(l.papers.Listed("2025-11-26", 20)...)
	after := links(l.reads(l.base + "day.atom"))
	l.wants("the newest day comes first", after, append([]string{"9912.00020"}, links(f)...))
	l.until(testkit.At("2025-11-28 12:00"))
	l.wants("three days later", links(l.reads(l.base+"day.atom")), []string{"9912.00020"})
}

func TestTheDigestOfADayAsData(t *testing.T) {
	l := tuesday(t)
	l.until(testkit.At("2025-11-25 09:00"))
	ids, _ := l.posted()
	ch, _ := l.store.ChannelByKey(t.Context(), l.ml)
	d, err := l.store.Delivery(t.Context(), ch.ID, core.Item(ids[0]))
	if err != nil {
		t.Fatal(err)
	}
	react := core.Reaction{Channel: l.ml, Message: d.Ref.ID, User: core.User{Key: "web:ana", Name: "ana"}, Emoji: "👍", Added: true, Order: 1, At: l.now}
	if err := l.bot.React(t.Context(), react); err != nil {
		t.Fatal(err)
	}
	var got digestDay
	body := l.gets(l.base + "digest/2025-11-25.json").Body
	if strings.Contains(body.String(), "ana\"") || strings.Contains(body.String(), "web:") {
		t.Error("it names people")
	}
	if err := json.Unmarshal(body.Bytes(), &got); err != nil || len(got.Posts) != 1 || len(got.Posts[0].Papers) != 6 {
		t.Fatalf("%v %+v", err, got)
	}
	post, first := got.Posts[0], got.Posts[0].Papers[0]
	if got.Channel != "#ml" || got.Zone != "Europe/Berlin" || post.Kind != core.DailyPost || !post.Due.Equal(l.now) || !strings.Contains(post.Title, "Tue 25 Nov") || !strings.Contains(strings.Join(post.Lines, " "), "6 new for this channel") {
		t.Errorf("%+v", got)
	}
	if string(first.ID) != ids[0] || first.Votes != (digestVotes{Up: 1}) || !strings.HasPrefix(first.Why, "matched ") || len(first.Topics) == 0 || first.Abstract == "" {
		t.Errorf("%+v", first)
	}
	for _, quiet := range []string{"2025-11-24", "2025-11-26", "1999-01-01"} {
		var none digestDay
		if err := json.Unmarshal(l.gets(l.base+"digest/"+quiet+".json").Body.Bytes(), &none); err != nil || none.Posts == nil || len(none.Posts) > 0 || string(none.Date) != quiet {
			t.Errorf("%s: %v %+v", quiet, err, none)
		}
	}
}

// A quiet day's line was the channel's post of that day, and is there as data; the pages and
// the feed have only papers.
func TestAQuietDayAsData(t *testing.T) {
	l := newLab(t)
	l.says(l.ml, "subscribe zeolites")
	l.says(l.ml, "settings quiet:note")
	l.says(l.ml, "schedule 09:00 Europe/Berlin weekdays")
	l.now = testkit.At("2025-11-25 08:30")
	l.fetches(l.papers.Listed("2025-11-25", 2)...)
	l.until(testkit.At("2025-11-25 09:00"))
	var got digestDay
	if err := json.Unmarshal(l.gets(l.base+"digest/2025-11-25.json").Body.Bytes(), &got); err != nil || len(got.Posts) != 1 {
		t.Fatalf("%v %+v", err, got)
	}
	if post := got.Posts[0]; post.Papers == nil || len(post.Papers) != 0 || !strings.Contains(strings.Join(post.Lines, " "), "Nothing new for this channel today") {
		t.Errorf("%+v", post)
	}
	l.wants("its feed", len(l.reads(l.base+"posts.atom").Items), 0)
}

func TestTheListOfAChannelsFeeds(t *testing.T) {
	l := tuesday(t)
	body := l.gets(l.base + "channel.opml").Body.String()
	for _, at := range []string{"posts.atom", "day.atom", "topics/1.atom", "topics/2.atom"} {
		if !strings.Contains(body, `xmlUrl="`+page+l.base+at+`"`) {
			t.Errorf("no %s in\n%s", at, body)
		}
		if w := l.gets(l.base + at); w.Code != 200 {
			t.Errorf("%s: %d", at, w.Code)
		}
	}
}

// What an operator reads names no secret, and whoever asked is told to come back.
func TestAStoreThatDoesNotAnswer(t *testing.T) {
	l := tuesday(t)
	l.store.Close()
	w := l.gets(l.base + "posts.atom")
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("ETag") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if log := l.log.String(); !strings.Contains(log, "a feed could not be read") || strings.Contains(log, strings.Split(l.base, "/")[2]) {
		t.Error(log)
	}
}
