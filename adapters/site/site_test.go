package site

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"paperboy/core"
	"paperboy/internal/testkit"
)

// Whoever has no link is told the same at every address, whether something is there or
// not, and whatever is done to it.
func TestStrangersAreToldOneSentence(t *testing.T) {
	l := newLab(t)
	secret := l.link(papers)
	v := l.visitor()
	id := string(l.posted(papers)[0])
	_, want, _ := v.asks(http.MethodGet, "/")
	testkit.Sees(t, want, "This page is for people with a link", "/papers link")
	for _, path := range []string{
		"/", "/?q=agent", "/?date=nonsense", "/papers/" + id, "/papers/" + id + ".bib", "/papers/none", "/channels/1", "/channels/99", "/nowhere", "/c/", "/c/WRONG", secret[:len(secret)-1],
		strings.ToLower(secret), "/static/none", "/static/../site.go", "/leave",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
			status, page, head := v.asks(method, path)
			if status != http.StatusUnauthorized || page != want {
				t.Errorf("%s %s is %d:\n%s", method, path, status, page)
			}
			for name, value := range map[string]string{
				"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Set-Cookie": "",
			} {
				if got := head.Get(name); got != value {
					t.Errorf("%s %s has %s %q, want %q", method, path, name, got, value)
				}
			}
			if csp := head.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none';") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
				t.Errorf("%s %s may load %q", method, path, csp)
			}
		}
	}
}

func TestALinkOpensItsChannelUntilItEnds(t *testing.T) {
	l := newLab(t, func(o *Options) { o.Address = "https://papers.example.org" })
	first := l.link(papers)
	w := httptest.NewRecorder()
	l.site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, first, nil))
	set := w.Header().Get("Set-Cookie")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
		t.Errorf("a link answers %d and leads to %q", w.Code, w.Header().Get("Location"))
	}
	for _, part := range []string{"HttpOnly", "SameSite=Lax", "Secure", "Path=/"} {
		if !strings.Contains(set, part) {
			t.Errorf("the cookie is %s", set)
		}
	}

	l = newLab(t) // where a test's browser, which has no TLS, keeps the cookie
	v := l.visitor()
	first = l.link(papers)
	v.sees(first, "#papers", "agent")
	status, _ := v.gets(fmt.Sprint("/channels/", l.channel(vision).ID))
	if status != http.StatusNotFound {
		t.Errorf("another channel is %d", status)
	}

	// Two links open two channels; the one opened last comes first.
	v.sees(l.link(vision), "#papers", "#vision", "vision language")
	v.sees(fmt.Sprint("/?in=", l.channel(papers).ID), "diffusion")
	v.sees(fmt.Sprint("/channels/", l.channel(papers).ID), "diffusion")

	l.says(papers, "link new")
	page := v.sees("/", "#vision")
	testkit.DoesNotSee(t, page, "#papers")
	l.says(vision, "link off")
	if status, page := v.gets("/"); status != http.StatusUnauthorized {
		t.Errorf("with both links ended a page is %d:\n%s", status, page)
	}
	v.sees(l.link(papers), "#papers")
	if n := strings.Count(v.cookie(), between); n != 0 {
		t.Errorf("ended links are kept: %s", v.cookie())
	}
	r := httptest.NewRequest(http.MethodPost, "/leave", nil) // as another site's page would have a browser send it
	r.Header.Set("Cookie", cookieName+"="+v.cookie())
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w = httptest.NewRecorder()
	if l.site.ServeHTTP(w, r); w.Header().Get("Set-Cookie") != "" {
		t.Error("another site's page makes a reader leave")
	}
	if status, _, _ := v.asks(http.MethodPost, "/leave"); status != http.StatusUnauthorized || v.cookie() != "" {
		t.Errorf("after leaving it is %d, and the cookie %q", status, v.cookie())
	}
}

// An assistant's link opens no page.
func TestALinkOfAnotherPurposeOpensNothing(t *testing.T) {
	l := newLab(t)
	if err := l.store.SetLink(t.Context(), core.Link{Channel: l.channel(papers).ID, Purpose: core.LinkAssistant, Secret: "ASSISTANT", At: l.now}); err != nil {
		t.Fatal(err)
	}
	if status, _ := l.visitor().gets("/c/ASSISTANT"); status != http.StatusUnauthorized {
		t.Errorf("it is %d", status)
	}
}

// titles are the papers of a page, in their order.
func titles(page string) (out []string) {
	for _, part := range strings.Split(page, "<h3>")[1:] {
		href, _, _ := strings.Cut(part, `"><bdi>`)
		_, id, _ := strings.Cut(href, "/papers/")
		id, _, _ = strings.Cut(id, "?")
		out = append(out, id)
	}
	return out
}

// hrefs are the links of a page whose label begins so.
func hrefTo(t *testing.T, page, label string) string {
	t.Helper()
	for _, part := range strings.Split(page, "<a ")[1:] {
		tag, rest, _ := strings.Cut(part, ">")
		text, _, _ := strings.Cut(rest, "</a>")
		if strings.Contains(tag, `aria-label="`+label) || strings.HasPrefix(strings.TrimPrefix(text, "<bdi>"), label) {
			_, href, _ := strings.Cut(tag, `href="`)
			href, _, _ = strings.Cut(href, `"`)
			return html.UnescapeString(href)
		}
	}
	t.Fatalf("no link %q in\n%s", label, page)
	return ""
}

func TestPapersByDayWeekAndMonth(t *testing.T) {
	l := newLab(t)
	v := l.visitor()
	page := v.sees(l.link(papers), "Tue 28 Apr 2026")
	newest := titles(page)
	page = v.sees(hrefTo(t, page, "Before:"), "Mon 27 Apr 2026")
	page = v.sees(hrefTo(t, page, "Before:"), "Fri 24 Apr 2026") // no source has a list at weekends
	monday := v.sees(hrefTo(t, page, "After:"), "Mon 27 Apr 2026")
	if got := titles(v.sees(hrefTo(t, monday, "After:"))); !slices.Equal(got, newest) {
		t.Errorf("there and back: %v, want %v", got, newest)
	}
	week := v.sees(hrefTo(t, page, "Week"), "Week of 20 Apr 2026")
	v.sees(hrefTo(t, week, "After:"), "Week of 27 Apr 2026")
	month := v.sees(hrefTo(t, page, "Month"), "April 2026", "page 1 of 2", "Next page")
	first := titles(month)
	second := titles(v.sees(hrefTo(t, month, "Next page"), "Previous page"))
	if len(first) != perPage || len(second) == 0 || slices.ContainsFunc(second, func(id string) bool { return slices.Contains(first, id) }) {
		t.Errorf("%d papers on the first page and %d on the second", len(first), len(second))
	}
	v.sees("/?date=2020-01-01", "No papers.", "Wed 1 Jan 2020")
}

func TestPapersByTrendNewestAndVotesHere(t *testing.T) {
	l := newLab(t)
	v := l.visitor()
	page := v.sees(l.link(papers))
	trending := titles(page)
	upvotes := func(id string) int {
		ps, err := l.store.Papers(t.Context(), []core.PaperID{core.PaperID(id)})
		if err != nil || len(ps) != 1 {
			t.Fatal(id, err)
		}
		return *ps[0].Upvotes
	}
	if !slices.IsSortedFunc(trending, func(a, b string) int { return upvotes(b) - upvotes(a) }) {
		t.Errorf("trending is %v", trending)
	}
	last := core.PaperID(trending[len(trending)-1])
	l.votes(vision, last, 9) // another channel's are not counted here
	testkit.Sees(t, v.sees(hrefTo(t, page, "Votes here")), "Nobody voted here")
	l.votes(papers, last, 2)
	byVotes := v.sees(hrefTo(t, page, "Votes here"), "2 votes", "1 paper", " in #papers")
	if got := titles(byVotes); len(got) != 1 || got[0] != string(last) {
		t.Errorf("votes here: %v", got)
	}
	if newest := titles(v.sees(hrefTo(t, page, "Newest"))); len(newest) != len(trending) || newest[0] != string(last) {
		t.Errorf("newest is %v", newest)
	}

	// A topic's chip shows its papers alone, and takes itself off again.
	one := v.sees(hrefTo(t, v.sees("/?span=month"), "diffusion"), "diffusion")
	if n := len(titles(one)); n == 0 || n >= perPage {
		t.Errorf("the topic has %d papers", n)
	}
	v.sees(hrefTo(t, one, "diffusion"), "page 1 of 2")
}

func TestASearchByWordsAndMeaning(t *testing.T) {
	l := newLab(t)
	v := l.visitor()
	v.gets(l.link(papers))
	page := v.sees("/?q=video+diffusion", "video diffusion", "with all the words, and what is near in meaning", "matched")
	if len(titles(page)) == 0 {
		t.Error("nothing is found")
	}
	v.sees("/?q=author:%22Jun+Wang%22", "Jun Wang")
	v.sees("/?q=zzzqqqxxx", "Nothing was found.")
	testkit.DoesNotSee(t, v.sees("/?q="+url.QueryEscape(`<script>alert(1)</script>`)), "<script>alert")
	status, page := v.gets("/?q=" + url.QueryEscape(`agent | -`))
	if status != http.StatusOK && status != http.StatusBadRequest || !strings.Contains(page, "Search papers") {
		t.Errorf("an odd search is %d:\n%s", status, page)
	}
}

func TestAPaperAndAllThatIsKnownOfIt(t *testing.T) {
	l := newLab(t)
	v := l.visitor()
	v.gets(l.link(papers))
	id := l.posted(papers)[0]
	l.votes(papers, id, 3)
	l.votes(vision, id, 7)
	page := v.sees("/papers/"+string(id), "Yutian Chen", "arXiv", "PDF", "Hugging Face", "#papers", "posted Wed 22 Apr 2026", "3 votes", "for <bdi>diffusion</bdi>", "Similar papers", "@misc{", "33")
	testkit.DoesNotSee(t, page, "#vision", "7 votes")
	author := v.sees(hrefTo(t, page, "Yutian Chen"), "Yutian Chen")
	if !slices.Contains(titles(author), string(id)) {
		t.Errorf("what the author wrote is %v", titles(author))
	}
	for file, begins := range map[string]string{".bib": "@misc{", ".ris": "TY  - "} {
		status, data, head := v.asks(http.MethodGet, "/papers/"+string(id)+file)
		if status != http.StatusOK || !strings.HasPrefix(data, begins) || !strings.HasPrefix(head.Get("Content-Disposition"), "attachment; filename=\"papers-") {
			t.Errorf("%s is %d, %q, %q", file, status, head.Get("Content-Disposition"), data)
		}
	}
	v.sees("/papers/arxiv.org/abs/"+string(id)+"v1", "Yutian Chen") // as people copy it
	if status, _ := v.gets("/papers/2604.99999"); status != http.StatusNotFound {
		t.Errorf("a paper that is not there is %d", status)
	}
}

// What is similar is remembered for an hour; a paper that comes then is seen after it.
func TestSimilarPapersAreRememberedForAnHour(t *testing.T) {
	l := newLab(t)
	v := l.visitor()
	v.gets(l.link(papers))
	path := "/papers/" + string(l.posted(papers)[0])
	before := titles(v.sees(path))
	twin := core.Paper{ID: "2604.77777", Title: "AnyRecon: Arbitrary-View 3D Reconstruction with Video Diffusion Model, again", Abstract: "Rebuilds a 3D scene from any views with a video diffusion model.", Categories: []string{"cs.CV"}}
	l.keeps(twin)
	l.now = l.now.Add(59 * time.Minute)
	if got := titles(v.sees(path)); !slices.Equal(got, before) {
		t.Errorf("within the hour: %v, want %v", got, before)
	}
	l.now = l.now.Add(2 * time.Minute)
	if got := titles(v.sees(path)); len(got) == 0 || got[0] != string(twin.ID) {
		t.Errorf("after it: %v", got)
	}
}

func TestVersionsAreLinkedToArxiv(t *testing.T) {
	l := newLab(t)
	p := core.Paper{ID: "2604.00001", Title: "Twice", Version: 3, Code: "https://github.com/ana/twice", Stars: new(1234), DOI: "10.1/x", Withdrawn: true}
	l.keeps(p)
	v := l.visitor()
	v.gets(l.link(papers))
	v.sees("/papers/2604.00001", `href="https://arxiv.org/abs/2604.00001v1"`, `href="https://arxiv.org/abs/2604.00001v3"`, "Code ★1,234", `href="https://doi.org/10.1/x"`, "withdrawn", "<s>")
}

// keeps puts papers away as arXiv would send them.
func (l *lab) keeps(ps ...core.Paper) {
	l.Helper()
	var seen []core.Seen
	for _, p := range ps {
		seen = append(seen, core.Seen{Paper: p, Sighting: core.Sighting{Source: "arxiv", Day: core.DateOf(l.now)}, Authority: core.Publisher})
	}
	if _, err := l.store.PutPapers(l.Context(), seen, false, l.now); err != nil {
		l.Fatal(err)
	}
}

type ticket struct{}

func (ticket) Ticket(_ context.Context, of core.Channel) (string, error) {
	return fmt.Sprint("ticket for ", of.Key.ID), nil
}

// Where mail is sent, a channel's page has the box that asks for it, for that channel.
func TestAChannelsPageOffersItsMail(t *testing.T) {
	for _, sent := range []bool{false, true} {
		l := newLab(t, func(o *Options) {
			if sent {
				o.Mail = ticket{}
			}
		})
		v := l.visitor()
		v.gets(l.link(papers))
		page := v.sees(fmt.Sprint("/channels/", l.channel(papers).ID), "#papers")
		if got := strings.Contains(page, `action="/mail/subscribe"`) && strings.Contains(page, `value="ticket for papers"`) && strings.Contains(page, `name="zone" value="UTC"`); got != sent {
			t.Errorf("sent %v, but the box is there: %v", sent, got)
		}
	}
}

func TestAChannelsViewIsWhatItWasSent(t *testing.T) {
	l := newLab(t)
	v := l.visitor()
	v.gets(l.link(papers))
	id := l.posted(papers)[0]
	l.votes(papers, id, 5)
	path := fmt.Sprint("/channels/", l.channel(papers).ID)
	page := v.sees(path, "#papers", "Tue 28 Apr 2026", "Wed 22 Apr 2026", "09:00", "5 votes", "agent")
	want := map[core.PaperID]bool{}
	for _, id := range l.posted(papers) {
		want[id] = true
	}
	got := titles(page)
	for _, id := range got {
		if !want[core.PaperID(id)] {
			t.Errorf("%s was not posted there", id)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d papers are shown of %d", len(got), len(want))
	}
	if first, last := strings.Index(page, "Tue 28 Apr"), strings.Index(page, "Wed 22 Apr"); first > last {
		t.Error("the newest post does not come first")
	}
	v.sees(path+"?date=2026-04-01", "Nothing was posted in these two weeks.", "Later")
	v.sees(path+"?date=2026-04-23", "Wed 22 Apr 2026")
}

// What was mistyped is answered by a page that says so; nothing fails.
func TestWhatCannotBeReadIsSaid(t *testing.T) {
	l := newLab(t)
	v := l.visitor()
	v.gets(l.link(papers))
	for _, c := range []struct {
		path   string
		status int
		says   string
	}{
		{"/?date=tomorrow", 400, "I could not read the day"},
		{"/?date=2026-13-40", 400, "Write it as in"},
		{"/?date=0000-00-00", 400, "I could not read the day"},
		{"/?date=9999-12-31", 400, "I could not read the day"},
		{"/?span=year", 400, "I do not know"},
		{"/?sort=%3Cb%3E", 400, "&lt;b&gt;"},
		{"/?page=0", 400, "There is no page"},
		{"/?page=99999999999999999999", 400, "There is no page"},
		{"/?page=1000", 400, "There is no page 1000 of this."},
		{"/?q=agent&page=7", 400, "There is no page 7 of this."},
		{"/?topic=999", 404, "Nothing is at this address"},
		{"/?topic=x", 404, "Nothing is at this address"},
		{"/?in=2", 404, "Nothing is at this address"},
		{"/?in=-1", 404, "Nothing is at this address"},
		{"/?in=0", 404, "Nothing is at this address"},
		{"/?q=" + strings.Repeat("a", 5000), 400, "500 are read"},
		{"/?q=%00%ff%fe", 200, ""},
		{"/?q=" + url.QueryEscape(strings.Repeat("((", 200)), 400, "There is no word to look for"},
		{"/?q=like:nonsense", 400, ""},
		{"/?date=2026-04-28;drop", 200, ""},
		{"/papers/", 404, "Nothing is at this address"},
		{"/papers/%00", 404, "Nothing is at this address"},
		{"/papers/" + strings.Repeat("9", 4000), 404, ""},
		{"/papers/..%2f..%2fetc%2fpasswd", 404, ""},
		{"/papers/.bib", 404, ""},
		{"/channels/x", 404, ""},
		{"/channels/99999999999999999999", 404, ""},
		{"/channels/-1", 404, ""},
		{"/nowhere", 404, "Nothing is at this address"},
	} {
		status, page := v.gets(c.path)
		if status != c.status && (c.path != "/?q=like:nonsense" || status >= 500) {
			t.Errorf("%.60s is %d, want %d", c.path, status, c.status)
		}
		testkit.Sees(t, page, c.says)
		if status < 500 && !strings.Contains(page, `role="search"`) {
			t.Errorf("%.60s leaves no way on", c.path)
		}
	}
	l.store.Close()
	if status, page := v.gets("/"); status != http.StatusServiceUnavailable || !strings.Contains(page, "That failed on my side (ref ") {
		t.Errorf("with its memory gone it says %d:\n%s", status, page)
	}
	testkit.Sees(t, l.log.String(), "a page failed", "ref=")
}

// Titles, names and links are strangers' words.
func TestStrangersWordsAreData(t *testing.T) {
	l := newLab(t)
	evil := `</title><script>alert(1)</script><img src=x onerror=alert(2)> "quoted' ` + "\u202eturned"
	l.keeps(core.Paper{ID: "2604.00002", Title: evil, Abstract: evil + ". " + evil, Authors: []string{evil, `"><script>`}, Categories: []string{"cs.LG"},
		Code: "javascript:alert(3)", Project: "https://user:pass@example.org/", Comment: evil, Journal: evil, DOI: `10.1/"><script>`, Organization: evil})
	v := l.visitor()
	v.gets(l.link(papers))
	for _, path := range []string{"/?sort=new", "/papers/2604.00002", "/?q=quoted"} {
		page := v.sees(path, "quoted")
		testkit.DoesNotSee(t, page, "<script>alert", "<img src=x", "javascript:", "user:pass", "\u202e", `"><script>`)
	}
}

func TestWithPublicEverybodyReadsPapersAndOpenChannels(t *testing.T) {
	l := newLab(t, func(o *Options) { o.Public = true })
	v := l.visitor()
	page := v.sees("/", "Tue 28 Apr 2026", "#papers", "#vision")
	testkit.DoesNotSee(t, page, "#den", "Votes here", "Forget my links")
	l.votes(papers, l.posted(papers)[0], 3)
	l.votes(den, l.posted(den)[0], 7)
	v.sees(fmt.Sprint("/channels/", l.channel(papers).ID), "#papers", "3 votes")
	v.sees(fmt.Sprint("/?in=", l.channel(papers).ID), "Votes here")
	for _, path := range []string{fmt.Sprint("/channels/", l.channel(den).ID), fmt.Sprint("/?in=", l.channel(den).ID)} {
		if status, _ := v.gets(path); status != http.StatusNotFound {
			t.Errorf("%s of a private channel is %d", path, status)
		}
	}
	testkit.DoesNotSee(t, v.sees("/papers/"+string(l.posted(den)[0])), "#den", "7 votes")
	if _, _, head := v.asks(http.MethodGet, "/"); head.Get("X-Robots-Tag") != "" {
		t.Error("a public page asks not to be found")
	}
	v.sees(l.link(den), "#den", "Votes here") // a link opens more
}

// A page is small, however much is on it, and what it loads comes once.
func TestPagesAreSmall(t *testing.T) {
	l := newLab(t)
	var ps []core.Paper
	for i := range 200 {
		ps = append(ps, core.Paper{ID: core.PaperID(fmt.Sprintf("2604.%05d", 30000+i)), Title: fmt.Sprint(strings.Repeat("A long title of a paper ", 8), i),
			Abstract: strings.Repeat("We show that it works, and measure how well it does on many tasks. ", 28), Authors: slices.Repeat([]string{"Ana Doe", "Ben van der Roe"}, 150),
			Categories: []string{"cs.LG", "cs.AI"}, Code: "https://github.com/ana/some-long-name-of-a-repository", Project: "https://ana.example.org/some/long/name"})
	}
	l.keeps(ps...)
	v := l.visitor()
	v.gets(l.link(papers))
	for _, path := range []string{"/", "/?span=month", "/?q=long+title", "/papers/2604.30000", fmt.Sprint("/channels/", l.channel(papers).ID)} {
		page := v.sees(path)
		t.Logf("%s: %d bytes", path, len(page))
		if len(page) > 100_000 {
			t.Errorf("%s has %d bytes", path, len(page))
		}
		if !utf8.ValidString(page) {
			t.Errorf("%s is no UTF-8", path)
		}
		for _, attribute := range []string{`src="`, `rel="stylesheet" href="`} {
			for _, part := range strings.Split(page, attribute)[1:] {
				if !strings.HasPrefix(part, "/static/") {
					t.Errorf("%s loads %.60s", path, part)
				}
			}
		}
	}
	_, _, head := v.asks(http.MethodGet, href("site.css"))
	if head.Get("Cache-Control") != "public, max-age=31536000, immutable" || !strings.HasPrefix(head.Get("Content-Type"), "text/css") {
		t.Errorf("the style is %v", head)
	}
	if status, _, _ := v.asks(http.MethodGet, "/static/site.css?other"); status != http.StatusOK {
		t.Errorf("another version's style is %d", status)
	}
}

// Whatever stands in an address is answered, and never as our own fault.
func FuzzAnyAddressIsAnswered(f *testing.F) {
	l := newLab(f)
	cookie := cookieName + "=" + strings.TrimPrefix(l.link(papers), "/c/")
	for _, seed := range [][2]string{
		{"/", "date=2026-04-28&span=week&sort=votes&topic=1&page=1&in=1"}, {"/", "q=author:%22Jun+Wang%22+-video&sort=new"}, {"/papers/2604.19747", ""}, {"/papers/2604.19747.ris", ""},
		{"/channels/1", "date=2026-04-23"}, {"/", "date=2026-02-30&page=-1"}, {"/", "q=like:2604.19747%4070"}, {"/", "%zz;&=&&q=%ff"}, {"//", "q=(("}, {"/c/x/../..", ""},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: path, RawQuery: query}
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		l.site.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%q ? %q is %d:\n%s", path, query, w.Code, w.Body)
		}
	})
}
