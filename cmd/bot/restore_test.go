package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakediscord"
	"paperboy/internal/postgres"
	"paperboy/internal/testkit"
	"paperboy/store"
)

// restored is a bot whose database was lost two days of posts after it was
// copied, and put back from that copy.
func restored(t *testing.T, open func(*testing.T) place) *siege {
	t.Helper()
	s := newSiege(t, open, 7) // five in the channel, two in the header's thread
	o := &operator{t, s.environ()}
	backup := filepath.Join(t.TempDir(), "copy.db")
	o.gets("copied", "backup", backup)
	s.loses(func() {
		o.environ = s.environ()
		o.gets("looked for before anything is sent", "restore", backup)
	})
	return s
}

// loses is what happens after a copy was made: two days of posts, a crash, and the way back.
func (s *siege) loses(back func()) {
	s.Helper()
	for n, day := range s.days[:2] {
		s.round(day, (n+1)*channels*(s.papers+1))
	}
	bot := launch(s.T, s.environ())
	bot.says("msg=running")
	bot.kill()
	<-bot.ended
	back()
	// However busy this machine is: what was lost is there when the bot plans.
	(&operator{s.T, s.environ()}).gets("fetched 14 new", "fetch")
}

// all waits until each channel's ledger has so many papers in a state.
func (s *siege) all(bot *process, state core.DeliveryState, papers int) {
	s.Helper()
	st, err := store.Open(s.Context(), s.file)
	if err != nil {
		s.Fatal(err)
	}
	defer st.Close()
	chs, err := st.Channels(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	testkit.Eventually(s.T, bot.log, "all papers are "+string(state), func() bool {
		n := 0
		for _, ch := range chs {
			rows, err := st.DeliveriesOf(s.Context(), ch.ID, time.Time{}, state)
			if err != nil {
				s.Fatal(err)
			}
			for _, d := range rows {
				if _, isPaper := d.Item.Paper(); isPaper {
					n++
				}
			}
		}
		return n == papers*channels
	})
}

// What was posted after the copy was made is found where it stands, in the
// channel and in threads, and nothing comes twice; the days that follow come as
// ever.
func TestWhatWasPostedSinceTheCopyDoesNotComeAgain(t *testing.T) {
	for _, c := range places {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			restored(t, c.open).comesOnce()
		})
	}
}

// So it is in PostgreSQL, with a dump: the bot notices by itself that it was brought back.
func TestWhatWasPostedSinceADumpDoesNotComeAgain(t *testing.T) {
	postgres.Needed(t)
	for _, c := range places {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url := postgres.Database(t, nil)
			s := newSiegeIn(t, url, c.open, 7)
			dump := filepath.Join(t.TempDir(), "paperboy.dump")
			postgres.Run(t, "pg_dump", "-Fc", "-f", dump, url)
			s.loses(func() { postgres.Run(t, "pg_restore", "--clean", "--if-exists", "-d", url, dump) })
			s.comesOnce()
		})
	}
}

// comesOnce has the bot find what was posted since the copy, and go on with the days that
// follow.
func (s *siege) comesOnce() {
	s.Helper()
	before := s.once()
	bot := launch(s.T, s.environ())
	s.all(bot, core.Posted, 2*s.papers)
	bot.stop()
	for key, n := range s.once() {
		if n != before[key] {
			s.Errorf("after the restore %s is there %d times, before %d", key, n, before[key])
		}
	}
	s.round(s.days[2], 3*channels*(s.papers+1))
	for key, n := range s.once() {
		if n != 1 {
			s.Errorf("%s came %d times", key, n)
		}
	}
}

// A copy that was made in the middle of a post: part of it is in the ledger as
// posted, part as planned.
func TestACopyFromTheMiddleOfAPost(t *testing.T) {
	for _, c := range places {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSiege(t, c.open, 7)
			backup := filepath.Join(t.TempDir(), "copy.db")
			s.nearly(s.days[0])
			bot := launch(t, s.environ())
			all := channels * (s.papers + 1)
			testkit.Eventually(t, bot.log, "some are posted", func() bool { return len(s.once()) > all/4 })
			(&operator{t, s.environ()}).gets("copied", "backup", backup)
			if n := len(s.once()); n > all*3/4 {
				t.Logf("%d of %d were there when the copy was made", n, all)
			}
			s.all(bot, core.Posted, s.papers)
			bot.kill()
			<-bot.ended
			(&operator{t, s.environ()}).gets("restored", "restore", backup)
			bot = launch(t, s.environ())
			s.all(bot, core.Posted, s.papers)
			bot.stop()
			if there := s.once(); len(there) != all {
				t.Errorf("%d messages, want %d", len(there), all)
			}
			for key, n := range s.once() {
				if n != 1 {
					t.Errorf("%s came %d times", key, n)
				}
			}
		})
	}
}

// Where the bot may not look, nothing that may have been posted is sent: a person
// decides, in status.
func TestWhereNobodyMayLookAPersonDecidesAfterARestore(t *testing.T) {
	for _, c := range places {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := restored(t, c.open)
			var status func() string
			switch w := s.place.(type) {
			case slackChannels:
				w.Withdraw("channels:history")
				status = func() string {
					a := w.Types("pi", name(0), "/papers status")
					return a.Reads()
				}
			case discordChannels:
				for _, ch := range w.all {
					w.Revokes(ch, fakediscord.ReadMessageHistory)
				}
				status = func() string { w.Connected(1); return w.Types(w.mod, w.all[0], "status", nil).Reads() }
			}
			before := len(s.place.arrived())
			bot := launch(t, s.environ())
			s.all(bot, core.Uncertain, 2*s.papers)
			if got := status(); !strings.Contains(got, "uncertain") {
				t.Errorf("status: %s", got)
			}
			bot.stop()
			if now := len(s.place.arrived()); now != before {
				t.Errorf("%d messages were sent in doubt", now-before)
			}
		})
	}
}

// However a restore ends, what was there before works, or what was restored:
// killed at any moment, and typed again after that, it does what it says.
func TestARestoreThatIsKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := &operator{t, []string{"PAPERBOY_STORE_URL=" + filepath.Join(dir, "old.db")}}
	papers := func(from, to int) string {
		file := filepath.Join(dir, fmt.Sprintf("papers%d.jsonl", from))
		var b strings.Builder
		for n := from; n < to; n++ {
			fmt.Fprintf(&b, `{"id":"2601.%05d","title":"Paper %d on diffusion","abstract":"%s","authors":["A B"],"categories":["cs.LG"],"published":"2026-01-01"}`+"\n", n, n, strings.Repeat(fmt.Sprint("word", n, " "), 20))
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	bot := func(db string, args ...string) *exec.Cmd {
		c := exec.Command("bot", args...)
		c.Dir = t.TempDir()
		c.Env = append(os.Environ(), "PAPERBOY_STORE_URL="+db, "GORACE=atexit_sleep_ms=0")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	backup := filepath.Join(dir, "copy.db")
	o.gets("imported 300", "import", papers(0, 300))
	o.gets("copied", "backup", backup)
	// Who is killed here leaves a -wal behind.
	importing := bot(filepath.Join(dir, "old.db"), "import", papers(300, 30000))
	testkit.Eventually(t, &testkit.Log{}, "there is a -wal", func() bool {
		info, err := os.Stat(filepath.Join(dir, "old.db-wal"))
		return err == nil && info.Size() > 1<<20
	})
	_ = importing.Process.Kill()
	_ = importing.Wait()

	// wreck is that database once more, in a folder of its own.
	wreck := func() string {
		db := filepath.Join(t.TempDir(), "paperboy.db")
		for _, part := range []string{"", "-wal", ".generation"} {
			data, err := os.ReadFile(filepath.Join(dir, "old.db"+part))
			if err == nil {
				err = os.WriteFile(db+part, data, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		return db
	}
	holds := func(db string) int {
		s, err := store.Open(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		n, err := s.CountPapers(t.Context())
		if err := errors.Join(err, s.Check(t.Context())); err != nil {
			t.Fatal(err)
		}
		return n
	}
	old := holds(wreck())
	if old <= 300 {
		t.Fatalf("the old database holds %d papers", old)
	}
	whole := wreck()
	begun := time.Now()
	if err := bot(whole, "restore", backup).Wait(); err != nil || holds(whole) != 300 {
		t.Fatal("not restored", err)
	}
	took := time.Since(begun)
	found := map[int]int{}
	for n := range 40 {
		db := wreck()
		c := bot(db, "restore", backup)
		time.AfterFunc(took*time.Duration(20+4*n)/100, func() { _ = c.Process.Kill() })
		_ = c.Wait()
		now := holds(db)
		if now != old && now != 300 {
			t.Errorf("killed (try %d), the database holds %d papers, neither %d nor 300", n, now, old)
		}
		found[now]++
		if err := bot(db, "restore", backup).Wait(); err != nil || holds(db) != 300 {
			t.Errorf("killed (try %d), it cannot be done again: %v", n, err)
		}
	}
	t.Logf("found %v, within %v", found, took)
}

// What was not posted before the restore is looked for in vain, and comes.
func TestWhatWasNotPostedBeforeARestoreComes(t *testing.T) {
	for _, c := range places {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSiege(t, c.open, 3)
			s.nearly(s.days[0])
			o := &operator{t, s.environ()}
			o.gets("fetched 3 new", "fetch")
			backup := filepath.Join(t.TempDir(), "copy.db")
			o.gets("copied", "backup", backup)
			o.gets("restored", "restore", backup)
			bot := launch(t, s.environ())
			s.all(bot, core.Posted, s.papers)
			bot.stop()
			there := s.once()
			if len(there) != channels*s.papers {
				t.Errorf("%d messages, want %d", len(there), channels*s.papers)
			}
			for key, n := range there {
				if n != 1 {
					t.Errorf("%s came %d times", key, n)
				}
			}
		})
	}
}

// Whatever only reads answers while somebody else writes, however long that takes.
func TestACommandThatReadsWaitsForNoWriter(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "paperboy.db")
	o := &operator{t, []string{"PAPERBOY_STORE_URL=" + file}}
	o.gets("imported 1", "import", paperFile(t))
	topics := filepath.Join(t.TempDir(), "topics")
	if err := os.WriteFile(topics, []byte("lora\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+file+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	stranger, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Rollback()
	o.gets("1 paper for lora", "search", "lora")
	o.gets("lora", "export", "bibtex", "--what", "all")
	o.gets("paperboy_config", "export", "config")
	o.gets(`"matches":1`, "match", "--topics", topics, "--stats")
	o.gets("copied", "backup", filepath.Join(t.TempDir(), "copy.db"))
}
