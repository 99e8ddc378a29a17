package polite_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/core"
	"paperboy/internal/polite"
	"paperboy/internal/replay"
)

// server answers as f says and counts.
func server(f func(*http.Request) *http.Response) *replay.Replay {
	r := replay.FromPapers(nil)
	r.Fail(f)
	return r
}

func TestWhatAServerSaysAboutWaitingIsHandedOn(t *testing.T) {
	for _, c := range []struct {
		name   string
		code   int
		header []string
		want   time.Duration
		limit  bool
		reason string
	}{
		{"seconds", 429, []string{"Retry-After", "120"}, 2 * time.Minute, true, "HTTP 429"},
		{"a date", 429, []string{"Retry-After", "Mon, 23 Nov 2026 09:20:00 GMT"}, 20 * time.Minute, true, "HTTP 429"},
		{"a date that is over", 429, []string{"Retry-After", "Mon, 23 Nov 2026 08:20:00 GMT"}, 0, true, "HTTP 429"},
		{"Hugging Face's", 429, []string{"RateLimit", `"api";r=0;t=55`}, 55 * time.Second, true, "HTTP 429"},
		{"Hugging Face's with requests left", 429, []string{"RateLimit", `"api";r=12;t=55`}, 0, true, "HTTP 429"},
		{"nonsense", 429, []string{"Retry-After", "soon", "RateLimit", ";;=;r=x;t=-1"}, 0, true, "HTTP 429"},
		{"years", 503, []string{"Retry-After", "999999999999"}, 24 * time.Hour, false, "answers with an error (HTTP 503)"},
		{"below zero", 503, []string{"Retry-After", "-5"}, 0, false, "answers with an error (HTTP 503)"},
		{"forbidden", 403, nil, 24 * time.Hour, false, "refuses our requests (HTTP 403); I ask again in a day"},
		{"gone", 410, nil, 0, false, "has taken that page away for good (HTTP 410)"},
		{"nothing that we read", 406, nil, 0, false, "has nothing in a form that we read (HTTP 406)"},
		{"a page that is not there", 404, nil, 0, false, "has no such page (HTTP 404)"},
		{"a password", 401, nil, 0, false, "asks for a password (HTTP 401)"},
		{"nowhere", 302, nil, 0, false, "sends us on without saying where (HTTP 302)"},
		{"nothing at all", 204, nil, 0, false, "sent an empty answer (HTTP 204)"},
		{"trouble of its own", 500, nil, 0, false, "answers with an error (HTTP 500)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)))
				client := &polite.Client{Transport: server(func(*http.Request) *http.Response { return replay.Answer(c.code, "no\n way", c.header...) })}
				body, err := client.Get(t.Context(), "https://x.example/")
				var se *core.SourceError
				var status *polite.StatusError
				if !errors.As(err, &se) || se.Wait != c.want || se.Limit != c.limit || se.Reason != c.reason {
					t.Errorf("got %+v", se)
				}
				if !errors.As(err, &status) || status.Code != c.code || status.Body != "no way" || string(body) != "no\n way" {
					t.Errorf("got %+v, %q", status, body)
				}
			})
		})
	}
}

func TestAPageThatHasNotChangedIsNotSentAgain(t *testing.T) {
	sent := 0
	version := "one"
	r := server(func(req *http.Request) *http.Response {
		if req.Header.Get("If-None-Match") == version && req.Header.Get("If-Modified-Since") == "yesterday" {
			return replay.Answer(304, "")
		}
		sent++
		return replay.Answer(200, "body "+version, "ETag", version, "Last-Modified", "yesterday")
	})
	c := &polite.Client{Transport: r}
	fresh := func(want string, wantSent int) {
		t.Helper()
		if body, err := c.Fresh(context.Background(), "https://x.example/feed"); err != nil || string(body) != want || sent != wantSent {
			t.Errorf("%q sent %d times, %v; want %q, %d", body, sent, err, want, wantSent)
		}
	}
	fresh("body one", 1)
	fresh("body one", 1)
	version = "two"
	fresh("body two", 2)
	fresh("body two", 2)
	if body, err := c.Get(context.Background(), "https://x.example/feed"); err != nil || string(body) != "body two" || sent != 3 {
		t.Error("Get asks for the whole page")
	}
}

func TestTooMuchIsRefusedAndTooSlowIsCut(t *testing.T) {
	huge := &polite.Client{Transport: server(func(*http.Request) *http.Response { return replay.Answer(200, strings.Repeat("x", polite.MaxBody+1)) })}
	body, err := huge.Get(context.Background(), "https://x.example/")
	if err == nil || len(body) != 32<<20 {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	synctest.Test(t, func(t *testing.T) {
		slow := &polite.Client{Transport: server(replay.Hang)}
		start := time.Now()
		_, err := slow.Get(t.Context(), "https://x.example/")
		var se *core.SourceError
		if !errors.As(err, &se) || se.Reason != "did not answer in time" || time.Since(start) != 30*time.Second {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestARedirectNeverLeavesEncryption(t *testing.T) {
	c := &polite.Client{Transport: server(func(req *http.Request) *http.Response {
		if req.URL.Path == "/moved" {
			return replay.Answer(200, "here")
		}
		return replay.Answer(301, "", "Location", req.URL.Query().Get("to"))
	})}
	if body, err := c.Get(context.Background(), "http://x.example/?to=https://x.example/moved"); err != nil || string(body) != "here" {
		t.Errorf("%q %v", body, err)
	}
	if _, err := c.Get(context.Background(), "https://x.example/?to=http://x.example/moved"); err == nil {
		t.Error("redirected to http")
	}
	if _, err := c.Get(context.Background(), "https://x.example/?to=https://x.example/"); err == nil {
		t.Error("redirected for ever")
	}
}

// memory is a store's turns, which several processes share.
type memory struct {
	sync.Mutex
	free time.Time
	by   string
	slow time.Duration // to write
}

func (m *memory) TakeTurn(_ context.Context, _, by string, _, hold time.Duration) (wait time.Duration, taken bool, err error) {
	time.Sleep(m.slow)
	defer time.Sleep(m.slow) // what was written is old when the answer arrives
	m.Lock()
	defer m.Unlock()
	if wait = time.Until(m.free); wait > 0 {
		return wait, false, nil
	}
	m.free, m.by = time.Now().Add(hold), by
	return 0, true, nil
}

func (m *memory) EndTurn(_ context.Context, _, by string, pause time.Duration) error {
	time.Sleep(m.slow)
	m.Lock()
	defer m.Unlock()
	if m.by == by {
		m.free = time.Now().Add(pause)
	}
	return nil
}

func (m *memory) pace() *polite.RateLimiter {
	return &polite.RateLimiter{Every: 3 * time.Second, Turns: m}
}

func TestProcessesThatShareAStoreKeepOnePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := server(func(*http.Request) *http.Response {
			time.Sleep(1300 * time.Millisecond)
			return replay.Answer(200, "")
		})
		var m memory
		var all sync.WaitGroup
		for range 3 { // processes
			c := &polite.Client{Transport: r, RateLimiter: m.pace()}
			for range 4 { // goroutines
				all.Go(func() {
					if _, err := c.Get(t.Context(), "https://x.example/api/query"); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if n := r.AtOnce("arxiv"); n != 1 {
			t.Errorf("%d connections at once", n)
		}
		var last time.Time
		for i, req := range r.Requests() {
			if gap := req.At.Sub(last); i > 0 && gap < 3*time.Second {
				t.Errorf("request %d came %s after the one before", i, gap)
			}
			last = req.At
		}
		if len(r.Requests()) != 12 {
			t.Errorf("%d requests", len(r.Requests()))
		}
		// After a crash in the middle of a request the others wait until it must be over.
		m.free, m.by = time.Now().Add(polite.Timeout), "crashed"
		start := time.Now()
		if _, err := (&polite.Client{Transport: r, RateLimiter: m.pace()}).Get(t.Context(), "https://x.example/api/query"); err != nil {
			t.Error(err)
		}
		if waited := time.Since(start); waited < polite.Timeout || waited > polite.Timeout+10*time.Second {
			t.Errorf("waited %s", waited)
		}
	})
}

func TestAServerThatWantsToBeLeftAloneIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuse := true
		r := server(func(*http.Request) *http.Response {
			if refuse {
				return replay.Answer(429, "", "Retry-After", "600")
			}
			return replay.Answer(200, "")
		})
		pace := &polite.RateLimiter{Every: 3 * time.Second}
		feed, query := &polite.Client{Transport: r, RateLimiter: pace}, &polite.Client{Transport: r, RateLimiter: pace}
		feed.Get(t.Context(), "https://x.example/rss/cs")
		refuse = false
		time.Sleep(4 * time.Minute)
		_, err := query.Get(t.Context(), "https://x.example/api/query")
		var se *core.SourceError
		if !errors.As(err, &se) || !se.Limit || se.Wait.Round(time.Second) != 6*time.Minute || len(r.Requests()) != 1 {
			t.Errorf("asked %d times: %v", len(r.Requests()), err)
		}
		time.Sleep(6 * time.Minute)
		if _, err := query.Get(t.Context(), "https://x.example/api/query"); err != nil {
			t.Error(err)
		}
	})
}

func TestSomebodyWhoGivesUpLosesHisTurnOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &polite.Client{Transport: server(func(*http.Request) *http.Response { return replay.Answer(200, "") }), RateLimiter: &polite.RateLimiter{Every: 3 * time.Second}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		c.Get(t.Context(), "https://x.example/")
		if _, err := c.Get(ctx, "https://x.example/"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if _, err := c.Get(t.Context(), "https://x.example/"); err != nil {
			t.Error(err)
		}
	})
}

// arXiv's pace is from the end of one request to the beginning of the next,
// whoever makes them, and however slow the store is that they share.
func TestThreeSecondsLieBetweenTheEndAndTheNextBeginning(t *testing.T) {
	for name, paces := range map[string]func() []*polite.RateLimiter{
		"in one process without a store": func() []*polite.RateLimiter {
			p := &polite.RateLimiter{Every: 3 * time.Second}
			return []*polite.RateLimiter{p, p, p}
		},
		"in three processes": func() []*polite.RateLimiter {
			m := memory{slow: 30 * time.Millisecond}
			return []*polite.RateLimiter{m.pace(), m.pace(), m.pace()}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const took = 2 * time.Second
				r := server(func(*http.Request) *http.Response {
					time.Sleep(took)
					return replay.Answer(200, "")
				})
				var all sync.WaitGroup
				for i, pace := range paces() {
					c := &polite.Client{Transport: r, RateLimiter: pace}
					all.Go(func() {
						time.Sleep(time.Duration(i) * 59 * time.Millisecond) // the next one reads just before this one writes
						for range 3 {
							if _, err := c.Get(t.Context(), "https://x.example/api/query"); err != nil {
								t.Error(err)
							}
						}
					})
				}
				all.Wait()
				asked := r.Requests()
				if len(asked) != 9 {
					t.Fatalf("%d requests", len(asked))
				}
				for i, req := range asked[1:] {
					if rest := req.At.Sub(asked[i].At) - took; rest < 3*time.Second {
						t.Errorf("request %d began %v after the end of the one before", i+1, rest)
					}
				}
			})
		})
	}
}

func TestEveryRequestSaysWhoAsks(t *testing.T) {
	var agent string
	c := &polite.Client{Agent: polite.UserAgent("1.2", "me@example.org"), Transport: server(func(req *http.Request) *http.Response {
		agent = req.Header.Get("User-Agent")
		return replay.Answer(200, "")
	})}
	if _, err := c.Get(t.Context(), "https://x.example/"); err != nil || agent != "Paperboy/1.2 (+me@example.org)" {
		t.Errorf("%q, %v", agent, err)
	}
	if agent := polite.UserAgent("1.2", ""); agent != "Paperboy/1.2" {
		t.Errorf("without a contact: %q", agent)
	}
}
