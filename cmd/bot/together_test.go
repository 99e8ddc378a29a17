package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"mime/quotedprintable"
	"net"
	"net/http"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakemail"
	"paperboy/internal/testkit"
)

// readersEach is how many read each channel by mail.
const readersEach = 3

// town is a workspace whose channels are read by mail and by feed too.
type town struct {
	slackChannels
	t      *testing.T
	post   *fakemail.Server
	listen string
	roots  string
	feeds  []string // of each channel, where they are

	mu      sync.Mutex
	whole   map[string]int                        // messages that came to their end at the mail server, by id
	ids     map[string]map[string]map[string]bool // of each feed, by paper: the ids that its entry had
	reads   int
	spoiled int // mails
}

func newTown(t *testing.T) *town {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := &town{
		slackChannels: slackPlace(t).(slackChannels), t: t, post: fakemail.New(t, true), listen: l.Addr().String(), roots: filepath.Join(t.TempDir(), "roots.pem"),
		whole: map[string]int{}, ids: map[string]map[string]map[string]bool{},
	}
	if err := os.WriteFile(w.roots, w.post.PEM, 0o600); err != nil {
		t.Fatal(err)
	}
	w.Channel("office", "pi", "paperboy") // where people ask for what is in no channel's count
	return w
}

func (w *town) environ() []string {
	return append(w.slackChannels.environ(), "SSL_CERT_FILE="+w.roots,
		"PAPERBOY_HTTP_LISTEN="+w.listen, "PAPERBOY_HTTP_PUBLIC_URL=http://"+w.listen, "PAPERBOY_EMAIL_FROM=papers@example.org",
		fmt.Sprintf("PAPERBOY_EMAIL_SMTP_URL=smtps://%s:%s@%s", fakemail.User, strings.ReplaceAll(fakemail.Password, "%", "%25"), w.post.Address()))
}

var (
	feedLink    = regexp.MustCompile(`http://[^\s|>]+/feeds/[A-Za-z0-9]+/`)
	confirmLink = regexp.MustCompile(`http://\S+/mail/confirm\?t=[\w.=%-]+`)
)

// follow has every channel read by some, by mail, and by its feed.
func (w *town) follow() {
	w.slackChannels.follow()
	for i := range channels {
		link := feedLink.FindString(w.Types("pi", name(i), "/papers link").Reads())
		if link == "" {
			w.t.Fatal("no link")
		}
		w.feeds = append(w.feeds, link+"posts.json")
		for n := range readersEach {
			w.Types("pi", name(i), fmt.Sprintf("/papers mail %s 09:00 Europe/Berlin weekdays", reader(i, n))).Wait(1)
		}
	}
	testkit.Eventually(w.t, &testkit.Log{}, "everybody is asked", func() bool { return len(w.post.Taken()) == channels*readersEach })
	for _, m := range w.post.Taken() {
		r, err := http.Post(confirmLink.FindString(plain(w.t, m)), "", nil)
		if err != nil {
			w.t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusOK {
			w.t.Fatal(r.Status)
		}
	}
}

func reader(channel, n int) string { return fmt.Sprintf("reader%d@papers%d.example.net", n, channel) }

// plain is a message without its wrapping.
func plain(t testing.TB, m fakemail.Message) string {
	t.Helper()
	b, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(m.Raw)))
	if err != nil && len(b) == 0 {
		t.Fatal(err)
	}
	return string(b)
}

func (w *town) decides(decide func() fate) {
	w.slackChannels.decides(decide)
	w.post.Decides(func(m fakemail.Message) fakemail.Fault {
		w.mu.Lock()
		w.whole[messageID(w.t, m)]++
		w.mu.Unlock()
		f := decide()
		if f != arrives {
			w.mu.Lock()
			w.spoiled++
			w.mu.Unlock()
		}
		switch f {
		case killedBefore, neverArrives, noAnswer:
			return fakemail.Drops(false)
		case killedAfter, answerLost, answerFatal:
			return fakemail.Drops(true)
		case answerBad: // put off: certainly not taken, so this one may come again
			w.mu.Lock()
			w.whole[messageID(w.t, m)]--
			w.mu.Unlock()
			return fakemail.Code(451, [3]int{4, 7, 1}, "come back later")
		}
		return fakemail.Fault{}
	})
}

func messageID(t testing.TB, m fakemail.Message) string {
	parsed, err := netmail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		t.Error(err)
		return ""
	}
	return parsed.Header.Get("Message-Id")
}

// read reads a feed as a reader does that keeps what it has seen. It reports whether
// there was an answer.
func (w *town) read(feed string) bool {
	r, err := http.Get(feed)
	if err != nil {
		return false // nobody is there at the moment
	}
	defer r.Body.Close()
	var f struct{ Items []struct{ ID, URL string } }
	if r.StatusCode != http.StatusOK || json.NewDecoder(r.Body).Decode(&f) != nil {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads++
	seen := map[string]bool{}
	if w.ids[feed] == nil {
		w.ids[feed] = map[string]map[string]bool{}
	}
	for _, item := range f.Items {
		if seen[item.URL] {
			w.t.Errorf("%s stands in a feed twice", item.URL)
		}
		seen[item.URL] = true
		if w.ids[feed][item.URL] == nil {
			w.ids[feed][item.URL] = map[string]bool{}
		}
		w.ids[feed][item.URL][item.ID] = true
	}
	return true
}

// Chat, mail and feeds go by one ledger: whatever ends the process or an answer, at
// whatever moment, a paper comes once to each channel, in each mail and in each feed;
// what nobody can know of a mail is said to be uncertain, and nothing is lost in
// silence. PAPERBOY_KILLS=300 kills so often instead, and prints the table of
// docs/benchmarks.md.
func TestChatMailAndFeedsThroughKillsAndLostAnswers(t *testing.T) {
	seed, papers, kills := uint64(31), 7, 12
	if n, err := strconv.Atoi(os.Getenv("PAPERBOY_KILLS")); err == nil {
		seed, papers, kills = rand.Uint64(), 9, n // a mail has ten at most
	}
	t.Logf("seed %d", seed)
	var w *town
	s := newSiege(t, func(t *testing.T) place { w = newTown(t); return w }, papers)
	s.chance, s.left = rand.New(rand.NewPCG(seed, 9)), kills
	done, reading := make(chan struct{}), sync.WaitGroup{}
	reading.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(100 * time.Millisecond):
				for _, feed := range w.feeds {
					w.read(feed)
				}
			}
		}
	})
	w.decides(s.fate)
	rounds := 0
	for ; rounds < len(s.days) && s.remaining() > 0 && !t.Failed(); rounds++ {
		s.round(s.days[rounds], (rounds+1)*channels*(s.papers+1))
		left := s.remaining()
		s.ahead.Add(int64(10 * time.Minute)) // what a mail server has put off is due
		s.mu.Lock()
		s.left = 0
		s.mu.Unlock()
		w.settle(s)
		s.left = left
	}
	close(done)
	reading.Wait()
	bot := launch(t, s.environ())
	for _, feed := range w.feeds {
		testkit.Eventually(t, bot.log, "a last look at each feed", func() bool { return w.read(feed) })
	}
	bot.stop()
	w.count(s, s.days[:rounds], kills)
}

// settle lets the bot do what is open still. The papers of a mail that nobody knows of
// wait with it for a person.
func (w *town) settle(s *siege) {
	bot := launch(s.T, s.environ())
	st := openedStore(s.T, s.file)
	testkit.Eventually(s.T, bot.log, "nothing is open any more", func() bool {
		chs, err := st.Channels(s.Context())
		if err != nil {
			s.Fatal(err)
		}
		for _, ch := range chs {
			rows, err := st.DeliveriesOf(s.Context(), ch.ID, time.Time{}, core.Planned, core.Sending, core.Held, core.Uncertain)
			if err != nil {
				s.Fatal(err)
			}
			doubt := map[int64]bool{}
			for _, d := range rows {
				doubt[d.Digest] = doubt[d.Digest] || d.State == core.Uncertain
			}
			if slices.ContainsFunc(rows, func(d core.Delivery) bool { return !doubt[d.Digest] }) {
				return false
			}
		}
		return true
	})
	bot.says("msg=running")
	bot.stop()
}

// count holds what came by all three ways against the ledger.
func (w *town) count(s *siege, days []core.Date, kills int) {
	t := s.T
	if len(s.kills) < kills {
		t.Errorf("killed %d times only, of %d", len(s.kills), kills)
	}
	var wanted []string // papers, as they are written everywhere
	for _, day := range days {
		for _, seen := range s.lists[day] {
			wanted = append(wanted, string(seen.Paper.ID))
		}
	}
	doubled, lost, uncertain := map[string]int{}, map[string]int{}, 0

	posts := s.once()
	for key, n := range posts {
		if n > 1 {
			doubled["chat"] += n - 1
			t.Errorf("%s was posted %d times", key, n)
		}
	}
	lost["chat"] = len(days)*channels*(s.papers+1) - len(posts)

	for id, n := range w.whole {
		if n > 1 {
			doubled["mail"] += n - 1
			t.Errorf("the mail %s was sent %d times", id, n)
		}
	}
	came := map[string]map[string]int{} // by address, papers
	for _, m := range w.post.Taken() {
		if came[m.To[0]] == nil {
			came[m.To[0]] = map[string]int{}
		}
		text := plain(t, m)
		for _, id := range wanted {
			if strings.Contains(text, "/abs/"+id) {
				came[m.To[0]][id]++
			}
		}
	}
	st := openedStore(t, s.file)
	chs, err := st.Channels(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mailboxes := 0
	for _, ch := range chs {
		rows, err := st.DeliveriesOf(t.Context(), ch.ID, time.Time{}, core.Planned, core.Sending, core.Posted, core.Uncertain, core.Held, core.Skipped)
		if err != nil {
			t.Fatal(err)
		}
		doubt := map[int64]bool{} // posts that nobody knows of
		said := map[string]int64{}
		for _, d := range rows {
			switch id, isPaper := d.Item.Paper(); {
			case isPaper:
				said[string(id)] = d.Digest
			case d.State == core.Uncertain && ch.Follows != 0:
				uncertain++
				doubt[d.Digest] = true
			case d.State != core.Posted:
				t.Errorf("%s %s is %s in the ledger", ch.Name, d.Item, d.State)
			}
		}
		if ch.Follows == 0 {
			continue
		}
		mailboxes++
		for _, id := range wanted {
			digest, planned := said[id]
			switch n := came[ch.Name][id]; {
			case n > 1:
				doubled["mail"] += n - 1
				t.Errorf("%s came to %s %d times", id, ch.Name, n)
			case n == 0 && (!planned || !doubt[digest]):
				lost["mail"]++
				t.Errorf("%s never came to %s, and the ledger does not say so", id, ch.Name)
			}
		}
	}
	if mailboxes != channels*readersEach {
		t.Errorf("%d mailboxes", mailboxes)
	}
	for _, feed := range w.feeds {
		if n := len(w.ids[feed]); n != len(wanted) {
			lost["feed"] += len(wanted) - n
		}
		for _, url := range slices.Sorted(maps.Keys(w.ids[feed])) {
			if n := len(w.ids[feed][url]); n > 1 {
				doubled["feed"] += n - 1
				t.Errorf("%s was %d entries of a feed", url, n)
			}
		}
	}
	for way, n := range lost {
		if n != 0 {
			t.Errorf("%d are lost by %s", n, way)
		}
	}
	t.Logf("| kills | stops | lost on the way there | answers lost | put off or 5xx | posts | mails | of them spoiled | reads of feeds | entries | doubled (chat, mail, feed) | lost | mails uncertain |\n"+
		"| %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d, %d, %d | %d, %d, %d | %d |",
		len(s.kills), s.stops, s.losses[neverArrives], s.losses[answerLost]+s.losses[answerFatal], s.losses[answerBad], len(posts), mailboxes*len(days), w.spoiled, w.reads, len(w.feeds)*len(wanted),
		doubled["chat"], doubled["mail"], doubled["feed"], lost["chat"], lost["mail"], lost["feed"], uncertain)
}

var _ place = (*town)(nil)
