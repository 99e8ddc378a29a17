package webhook_test

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"paperboy/adapters/webhook"
	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/topic"
	"paperboy/core/workers"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

var key = []byte("twenty-four bytes of key")

const address = "http://lab.example/in/s3cret"

// A receiver takes what is signed and not old, each id once, as Standard Webhooks
// asks for. The address and the moment of its answers are the test's.
type receiver struct {
	testing.TB
	dialled chan net.Conn

	mu      sync.Mutex
	answers []string // of the next requests; then all are taken
	asked   []string // when, and what was answered
	taken   []webhook.Message
	ids     map[string]bool
}

func (r *receiver) Accept() (net.Conn, error) {
	if c, ok := <-r.dialled; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (r *receiver) Close() error   { close(r.dialled); return nil }
func (r *receiver) Addr() net.Addr { return &net.TCPAddr{} }

func (r *receiver) dial(context.Context, string, string) (net.Conn, error) {
	r.mu.Lock()
	nobody := len(r.answers) > 0 && r.answers[0] == "nobody there"
	if nobody {
		r.answer()
	}
	r.mu.Unlock()
	if nobody {
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	}
	ours, theirs := net.Pipe()
	r.dialled <- theirs
	return ours, nil
}

// answer is the next one.
func (r *receiver) answer() string {
	a := "204"
	if len(r.answers) > 0 {
		a, r.answers = r.answers[0], r.answers[1:]
	}
	r.asked = append(r.asked, a)
	return a
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	id, at := q.Header.Get("webhook-id"), q.Header.Get("webhook-timestamp")
	seconds, atErr := strconv.ParseInt(at, 10, 64)
	version, signature, _ := strings.Cut(q.Header.Get("webhook-signature"), ",")
	want := webhook.Sign(key, id, at, body)
	switch {
	case err != nil || atErr != nil || math.Abs(time.Since(time.Unix(seconds, 0)).Seconds()) > 300:
		r.Errorf("a message of %q, %v", at, err)
	case version != "v1" || !hmac.Equal([]byte(signature), []byte(want)):
		r.Errorf("signed %q", q.Header.Get("webhook-signature"))
	case strings.Contains(id, ".") || len(id) > 64 || q.Header.Get("content-type") != "application/json" || q.Method != "POST" || q.URL.Path != "/in/s3cret":
		r.Errorf("%s %s %v", q.Method, q.URL, q.Header)
	}
	r.mu.Lock()
	a := r.answer()
	if strings.HasPrefix(a, "2") || strings.Contains(a, "taken") {
		if !r.ids[id] {
			var m webhook.Message
			d := json.NewDecoder(strings.NewReader(string(body)))
			d.DisallowUnknownFields()
			if err := d.Decode(&m); err != nil {
				r.Error(err)
			}
			r.taken = append(r.taken, m)
		}
		r.ids[id] = true
	}
	r.mu.Unlock()
	switch word, rest, _ := strings.Cut(a, " "); {
	case strings.HasPrefix(a, "hangs"):
		<-q.Context().Done()
	case strings.HasPrefix(a, "breaks off"):
		panic(http.ErrAbortHandler)
	default:
		if wait, ok := strings.CutPrefix(rest, "after "); ok {
			w.Header().Set("Retry-After", wait)
		}
		if code, err := strconv.Atoi(word); err == nil {
			w.WriteHeader(code)
		}
	}
}

// receives is a webhook, and who receives from it.
func receives(t *testing.T, answers ...string) (*webhook.Webhook, *receiver) {
	r := &receiver{TB: t, dialled: make(chan net.Conn), answers: answers, ids: map[string]bool{}}
	server := &http.Server{Handler: r}
	go server.Serve(r)
	w := webhook.New(map[string]webhook.Target{"lab": {URL: address, Key: key}}, time.Now, r.dial)
	t.Cleanup(func() { server.Close() })
	return w, r
}

func post() core.Post {
	return core.Post{Key: "1/2509.24002", Channel: webhook.Key("lab"), Card: core.Card{
		Papers: []core.View{{ID: "2509.24002", URL: "https://arxiv.org/abs/2509.24002", Title: "<script>Lamps</script> & more", Labels: []string{"withdrawn"}, Open: "pb1|x"}},
	}}
}

// The example of Standard Webhooks' own libraries.
func TestASignatureIsStandardWebhooks(t *testing.T) {
	key, _ := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if got := webhook.Sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)); got != "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Error(got)
	}
}

func TestWhatAnAnswerMeans(t *testing.T) {
	for answer, want := range map[string]string{
		"200": "", "204": "", "202": "",
		"410":              "the channel is gone: the receiver answered 410",
		"429 after 90":     "not done, again in 1m30s: the receiver answered 429",
		"503 after 7":      "not done, again in 7s: the receiver answered 503",
		"503 after 999999": "not done, again in 1h0m0s: the receiver answered 503",
		"400":              "message refused: the receiver answered 400",
		"413":              "message refused: the receiver answered 413",
		"422":              "message refused: the receiver answered 422",
		"401":              "refused: the receiver answered 401; mend url or secret under [[webhook]], or what takes the requests",
		"404":              "refused: the receiver answered 404; mend url or secret under [[webhook]], or what takes the requests",
		"301":              "refused: the receiver answered 301; mend url or secret under [[webhook]], or what takes the requests",
		"500":              "retry", "hangs": "retry", "breaks off": "retry", "nobody there": "retry", "429": "retry", "503 after tomorrow": "retry",
	} {
		t.Run(answer, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, r := receives(t, answer)
				before := time.Now()
				_, err := w.Post(context.Background(), post())
				got := fmt.Sprint(err)
				if err == nil {
					got = ""
				}
				retry, waits := errors.AsType[*core.Retry](err)
				refused, _ := errors.AsType[*core.Refused](err)
				if refused != nil && refused.Message {
					got = "message " + got
				}
				switch {
				case want == "retry" && (!waits || retry.After < 5*time.Second || retry.After > 10*time.Second):
					t.Errorf("%v", err)
				case want != "retry" && got != want:
					t.Errorf("%s, wanted %s", got, want)
				}
				r.mu.Lock()
				defer r.mu.Unlock()
				if took := time.Since(before); took > 20*time.Second || len(r.asked) != 1 || strings.Contains(got, "s3cret") {
					t.Errorf("%v, %v, %s", took, r.asked, got)
				}
			})
		})
	}
}

// The pauses grow from seconds to an hour, and are short again when one was taken.
func TestWhoDoesNotTakeMessagesIsAskedLaterAndLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, r := receives(t, slices.Repeat([]string{"500"}, 12)...)
		var last time.Duration
		for range 12 {
			_, err := w.Post(context.Background(), post())
			retry, ok := errors.AsType[*core.Retry](err)
			if !ok || retry.After > time.Hour {
				t.Fatal(err)
			}
			last = retry.After
		}
		if last < 30*time.Minute {
			t.Errorf("after twelve times again in %v", last)
		}
		_, ok := w.Post(context.Background(), post())
		r.mu.Lock()
		r.answers = []string{"500"}
		r.mu.Unlock()
		_, err := w.Post(context.Background(), post())
		if retry, waits := errors.AsType[*core.Retry](err); ok != nil || !waits || retry.After > 10*time.Second {
			t.Error(ok, err)
		}
	})
}

func TestAMessageHasOneIDAndItsStatesHaveTheirs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, r := receives(t)
		ctx := context.Background()
		p := post()
		ref, err := w.Post(ctx, p)
		again, err2 := w.Post(ctx, p)
		if err = errors.Join(err, err2); err != nil || ref != again {
			t.Error(ref, again, err)
		}
		p.Card.Papers[0].Labels = []string{"updated v2"}
		err = errors.Join(w.Edit(ctx, p, ref), w.Edit(ctx, p, ref))
		p.Card.Papers[0].Labels = []string{"updated v3"}
		err = errors.Join(err, w.Edit(ctx, p, ref))
		r.mu.Lock()
		defer r.mu.Unlock()
		if err != nil || len(r.asked) != 5 || len(r.taken) != 3 || !r.ids[ref.ID] {
			t.Fatal(err, r.asked, len(r.taken))
		}
		for i, kind := range []string{"papers.posted", "papers.updated", "papers.updated"} {
			if m := r.taken[i]; m.Type != kind || m.Data.Message != ref.ID || m.Data.Channel != "lab" || m.Data.Papers[0].Open != "" {
				t.Errorf("%+v", m)
			}
		}
		if got := r.taken[2].Data.Papers[0]; got.Title != "<script>Lamps</script> & more" || got.Labels[0] != "updated v3" {
			t.Errorf("%+v", got)
		}
		if _, found, err := w.Find(ctx, p); found || err != nil {
			t.Error("what may have come is not sent again")
		}
		p.Channel = webhook.Key("elsewhere")
		if _, err := w.Post(ctx, p); !core.Is[*core.Gone](err) {
			t.Error(err)
		}
	})
}

// A morning with every fault: each paper is taken once, in order, and what becomes of
// it comes after it.
func TestAMorningWithEveryFaultBringsEachPaperOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, r := receives(t, "nobody there", "500", "breaks off, taken", "429 after 30", "hangs, taken", "204", "hangs", "422", "422", "500")
		ctx := t.Context()
		s, err := store.Open(ctx, filepath.Join(t.TempDir(), "paperboy.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		clock := wallclock.New(time.Now)
		bot := workers.New(workers.Options{Store: s, Connections: core.NewConnections(nil, w), Clock: clock, Feed: &feed.Feed{Store: s, Now: time.Now}})
		settings := core.DefaultSettings()
		settings.Layout = core.LayoutForum
		ch, err := s.EnsureChannel(ctx, core.Channel{Key: webhook.Key("lab"), Name: "lab", Settings: settings, Private: true,
			Schedule: core.Schedule{Time: "09:00", Zone: "UTC", Days: core.Daily}, Scheduled: time.Now(), Created: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		lamps, _ := topic.Parse("lamps")
		if _, err := s.AddTopic(ctx, ch.ID, lamps, core.User{Name: "the configuration"}, time.Now()); err != nil {
			t.Fatal(err)
		}
		comes := func(version int, ids ...core.PaperID) {
			for _, id := range ids {
				seen := core.Seen{Paper: core.Paper{ID: id, Title: "Lamps", Version: version, Categories: []string{"cs.LG"}}, Authority: core.Publisher,
					Sighting: core.Sighting{Source: "arxiv", Day: core.DateOf(time.Now())}}
				if _, err := s.PutPapers(ctx, []core.Seen{seen}, false, time.Now()); err != nil {
					t.Fatal(err)
				}
			}
		}
		comes(1, "2611.00001", "2611.00002", "2611.00003", "2611.00004")
		passes := func(d time.Duration) {
			t.Helper()
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(time.Minute) {
				if err := bot.Tick(ctx); err != nil {
					t.Fatal(err)
				}
			}
		}
		passes(11 * time.Hour)
		comes(2, "2611.00001")
		passes(time.Hour)
		r.mu.Lock()
		defer r.mu.Unlock()
		var got []string
		for _, m := range r.taken {
			got = append(got, fmt.Sprint(m.Type, " ", m.Data.Papers[0].ID, " ", m.Data.Papers[0].Labels))
		}
		// the second was refused in every form, and held up no other
		want := []string{"papers.posted 2611.00001 []", "papers.posted 2611.00003 []", "papers.posted 2611.00004 []", "papers.updated 2611.00001 [updated v2]"}
		if !slices.Equal(got, want) {
			t.Errorf("taken:\n%s\nwanted:\n%s\nasked: %q", strings.Join(got, "\n"), strings.Join(want, "\n"), r.asked)
		}
		if n := len(r.asked); n > 16 {
			t.Errorf("asked %d times: %q", n, r.asked)
		}

		r.answers = []string{"410"}
		r.mu.Unlock()
		comes(1, "2611.00005")
		passes(48 * time.Hour)
		r.mu.Lock()
		n := len(r.asked)
		if last := r.asked[n-1]; last != "410" {
			t.Errorf("asked: %q", r.asked)
		}
		if c, err := s.ChannelByID(ctx, ch.ID); err != nil || c.Gone.IsZero() {
			t.Errorf("gone: %v, %v", c.Gone, err)
		}
	})
}
