package site

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"paperboy/core"
)

// caller is somebody who asks, by the cookies that they have.
type caller struct {
	who, cookie string
	reads       []string // channels
	session     string
}

// canary is what only the den says; digits alone would stand in other places too.
const canary = "canary"

// addresses are made of everything that an address may hold, and of what others would
// like to know.
func randomAddress(r *rand.Rand, papers []core.PaperID, channels int64) string {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	id := string(papers[r.IntN(len(papers))])
	path := pick("/", "/", "/", "/papers/"+id, "/papers/"+id+".bib", "/papers/"+id+".ris", fmt.Sprint("/channels/", r.Int64N(channels+3)-1), "/c/"+pick("", "x", canary), "/leave", "/nowhere", "/list", "/channels", "/me/"+pick("", "x", canary), "/signin", "/signout")
	q := url.Values{}
	maybe := func(name, value string) {
		if r.IntN(3) == 0 {
			q.Set(name, value)
		}
	}
	maybe("in", fmt.Sprint(r.Int64N(channels+3)-1))
	maybe("date", fmt.Sprintf("2026-04-%02d", 15+r.IntN(16)))
	maybe("span", pick("day", "week", "month", "year"))
	maybe("sort", pick("trending", "new", "votes", "best", "x"))
	maybe("topic", fmt.Sprint(r.IntN(7)))
	maybe("page", fmt.Sprint(r.IntN(4)))
	if r.IntN(8) == 0 { // which take longest
		q.Set("q", pick("agent", canary, "video diffusion", `author:"Jun Wang"`, "like:"+id, "(", "#1"))
	}
	return path + "?" + q.Encode()
}

// Ten thousand requests at random, of strangers, of people whose link or session ended, of
// members of other channels, and of people who are signed in and not in that channel: first while the private channel has said nothing, and then
// the same once much was said, posted and voted for there. Each has the same answer to
// the letter, and none knows a word of it.
func TestNobodySeesWhatIsNotTheirs(t *testing.T) {
	for _, public := range []bool{false, true} {
		t.Run(fmt.Sprint("public=", public), func(t *testing.T) {
			l := newLab(t, func(o *Options) {
				o.Public = public
				o.Connections = core.NewConnections(nil, &crowd{reads: map[string][]string{"web:ana": {papers, vision}, "web:cem": {den}}})
			})
			session := func(name string, hold time.Duration) string {
				p := core.Pass{Purpose: core.PassSession, Secret: core.NewSecret(), User: core.User{Key: "web:" + name, Name: name}, Until: l.now.Add(hold)}
				if err := l.store.PutPass(l.Context(), p, l.now.Add(-2*hold)); err != nil {
					l.Fatal(err)
				}
				return p.Secret
			}
			secret := func(channel string, words ...string) string {
				return strings.TrimPrefix(l.link(channel, words...), "/c/")
			}
			ended := secret(den)
			callers := []caller{
				{"a stranger", "", nil, ""}, {"a guesser", "AAAAAAAAAAAAAAAAAAAAAAAAAA.1.%00", nil, "AAAAAAAAAAAAAAAAAAAAAAAAAA"}, {"one whose link ended", ended, nil, ""},
				{"a member of #papers", secret(papers), []string{papers}, ""}, {"a member of both", secret(vision) + between + secret(papers) + between + ended, []string{vision, papers}, ""},
				{"ana, signed in", "", []string{papers, vision}, session("ana", time.Hour)}, {"ana with a link", secret(papers), []string{papers, vision}, session("ana", time.Hour)},
				{"one of the den whose session ended", "", nil, session("cem", 0)},
			}
			l.says(den, "link off")
			ids := append(l.posted(papers), l.posted(den)...)
			most := l.channel(den).ID

			const requests = 2500 // asked twice, with and without public
			ask := func() (answers []uint64, opened map[string]int) {
				r := rand.New(rand.NewPCG(1, 2))
				opened = map[string]int{}
				for range requests {
					c := callers[r.IntN(len(callers))]
					address := randomAddress(r, ids, most)
					req := httptest.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
					for name, value := range map[string]string{cookieName: c.cookie, personCookie: c.session} {
						if value != "" {
							req.AddCookie(&http.Cookie{Name: name, Value: value})
						}
					}
					w := httptest.NewRecorder()
					l.site.ServeHTTP(w, req)
					page := w.Body.String()
					asked, _ := url.QueryUnescape(address)
					if strings.Contains(strings.ReplaceAll(page, canary, ""), "#den") || strings.Contains(page, canary) && !strings.Contains(asked, canary) {
						t.Fatalf("%s at %s is told of the den:\n%s", c.who, asked, page)
					}
					if !public && c.reads == nil && w.Code != http.StatusUnauthorized {
						t.Fatalf("%s at %s gets %d", c.who, asked, w.Code)
					}
					if w.Code >= 500 {
						t.Fatalf("%s at %s gets %d", c.who, asked, w.Code)
					}
					opened[fmt.Sprint(c.who, " ", w.Code)]++
					h := fnv.New64a()
					fmt.Fprint(h, w.Code, w.Header(), page)
					answers = append(answers, h.Sum64())
				}
				return answers, opened
			}
			silent, opened := ask()

			for _, words := range []string{"subscribe " + canary + ", video", "unsubscribe language", "mute " + canary, "settings max:3", "schedule 07:07 Asia/Tokyo daily", "link", "link new"} {
				l.says(den, words)
			}
			for i, id := range ids {
				l.votes(den, id, 1+i%7)
			}
			spoken, _ := ask()
			for i := range silent {
				if silent[i] != spoken[i] {
					t.Fatalf("request %d is answered otherwise once something was said in the den", i)
				}
			}
			t.Log(opened)
		})
	}
}
