package journey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/feed"
	"paperboy/core/workers"
	"paperboy/internal/wallclock"
	"paperboy/store"
)

// The kill test runs this binary as the process that is killed: it delivers
// what the database holds to the chat at that address, and ends.
const (
	victimDatabase = "PAPERBOY_TEST_VICTIM_DATABASE"
	victimChat     = "PAPERBOY_TEST_VICTIM_CHAT"
	victimNow      = "PAPERBOY_TEST_VICTIM_NOW"
)

func TestMain(m *testing.M) {
	if os.Getenv(victimDatabase) == "" {
		os.Exit(m.Run())
	}
	if err := victim(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func victim() error {
	ctx := context.Background()
	now, err := time.Parse(time.RFC3339, os.Getenv(victimNow))
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, os.Getenv(victimDatabase))
	if err != nil {
		return err
	}
	defer st.Close()
	clock := func() time.Time { return now }
	bot := workers.New(workers.Options{
		Store: st, Clock: wallclock.New(clock), Connections: core.NewConnections(nil, remote(os.Getenv(victimChat))),
		Feed: &feed.Feed{Store: st, Now: clock},
	})
	return bot.Tick(ctx)
}

// remote is a chat in another process, reached over HTTP.
type remote string

func (remote) Network() core.Network {
	return core.Network{Name: "web", Command: "/papers", Editors: "members", Threads: true}
}
func (remote) Serves(core.Installation) bool { return true }

func (r remote) Post(ctx context.Context, p core.Post) (core.MessageRef, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return core.MessageRef{}, err
	}
	resp, err := http.Post(string(r)+"/post", "application/json", bytes.NewReader(body))
	return r.ref(resp, err)
}

func (r remote) Find(ctx context.Context, p core.Post) (core.MessageRef, bool, error) {
	ref, err := r.ref(http.Get(string(r) + "/find?key=" + url.QueryEscape(p.Key)))
	return ref, ref.ID != "", err
}

func (remote) ref(resp *http.Response, err error) (ref core.MessageRef, _ error) {
	if err != nil {
		return ref, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return ref, errors.New(resp.Status)
	}
	return ref, json.NewDecoder(resp.Body).Decode(&ref)
}

// A real process, really killed, at random moments of a post: before
// the chat stored the message, or after, with the answer lost.
func TestAProcessIsKilled(t *testing.T) {
	kills := 0
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { kills += killed(t, rand.New(rand.NewPCG(seed, 10))) })
	}
	if t.Logf("killed %d times", kills); kills < 20 {
		t.Error("hardly anybody was killed")
	}
}

// killed plays one post to its end, however often that takes, and says how
// often it took.
func killed(t *testing.T, r *rand.Rand) (kills int) {
	w := almostTuesday(t)
	now := w.now
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var keys []string
	var child *exec.Cmd
	mux := http.NewServeMux()
	answer := func(rw http.ResponseWriter, key string) {
		ref := core.MessageRef{}
		if i := slices.Index(keys, key); i >= 0 {
			ref.ID = fmt.Sprint(i + 1)
		}
		if err := json.NewEncoder(rw).Encode(ref); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("/post", func(rw http.ResponseWriter, req *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, err := io.ReadAll(req.Body)
		var p core.Post
		if err != nil || json.Unmarshal(body, &p) != nil {
			t.Error("half a post")
		}
		kill, stored := r.IntN(2) == 0, r.IntN(2) == 0
		if !kill || stored {
			keys = append(keys, p.Key)
		}
		if kill {
			kills++
			if err := child.Process.Kill(); err != nil {
				t.Error(err)
			}
			panic(http.ErrAbortHandler) // the answer never leaves
		}
		answer(rw, p.Key)
	})
	mux.HandleFunc("/find", func(rw http.ResponseWriter, req *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		answer(rw, req.URL.Query().Get("key"))
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()

	for {
		passes(t, w.url)
		mu.Lock()
		child = exec.Command(os.Args[0])
		child.Env = append(os.Environ(), victimDatabase+"="+w.url, victimChat+"="+srv.URL, victimNow+"="+now.Format(time.RFC3339))
		var out bytes.Buffer
		child.Stderr = &out
		err := child.Start()
		mu.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(6 * time.Minute) // longer than the lease of who was killed
		if err = child.Wait(); err == nil {
			break
		}
		if status := (*exec.ExitError)(nil); !errors.As(err, &status) || status.Exited() {
			t.Fatalf("%v: %s", err, out.String())
		}
	}
	slices.Sort(keys)
	var want []string
	for _, id := range six {
		want = append(want, "1/"+string(id))
	}
	want = append(want, "1/"+string(core.HeaderItem(core.DailyPost, at("2025-11-25 09:00"))))
	slices.Sort(want)
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("each message once: %s", diff)
	}
	return kills
}
