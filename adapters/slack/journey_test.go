package slack_test

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/internal/fakeslack"
)

func TestOneGreetingAndNoDirectMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		m := l.slack.Posts("papers")[0]
		l.sees(m.Reads(), "Hi, I'm Paperboy", "/papers preview diffusion", "/papers subscribe diffusion", "/papers schedule 09:00 Europe/Berlin weekdays")
		if dms := l.slack.DirectMessages(); len(dms) != 0 {
			t.Errorf("direct messages: %v", dms)
		}
		if !m.NoLinks || !m.NoMedia {
			t.Error("links in it would unfold")
		}
	})
}

func TestTheBareCommandInAnEmptyChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		a := l.types("pi", "")
		m := a.Wait(1)[0]
		l.sees(m.Reads(), "This channel has no topics yet. Start with /papers subscribe diffusion.")
		if m.For == "" {
			t.Error("the answer should be private")
		}
	})
}

func TestPreviewTypedOnAPhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.lists("2025-11-24", 1, 2, 3, 28, 17)
		l.sees(strings.ReplaceAll(l.types("pi", "preview diffusion").Reads(), "\u2060", ""), "4 papers", "word diffusion in title or abstract, in cs.*, stat.ML, eess.*")
		straight, curly := l.types("pi", `preview diffusion -"stable diffusion"`).Reads(), l.types("pi", "preview diffusion –“stable diffusion”").Reads()
		if d := cmp.Diff(straight, curly); d != "" {
			t.Error(d)
		}
		l.sees(curly, "3 papers")
		if n := len(l.slack.Posts("papers")); n != 1 {
			t.Errorf("%d messages, want the greeting only", n)
		}
	})
}

func TestSubscribeListAndTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.lists("2025-11-24", 1, 2, 3, 28, 17)
		said := l.types("pi", `subscribe diffusion -"stable diffusion", lora`).Wait(2)
		private, public := said[0], said[1]
		if private.For == "" || public.For != "" {
			t.Error("the reading is private and the line public")
		}
		l.sees(public.Reads(), `@pi follows 2 topics here: diffusion -"stable diffusion" and lora.`)
		if who := public.Notifies(); len(who) != 0 {
			t.Errorf("the line notifies %v", who)
		}
		l.sees(private.Reads(), "I read this as", "a weekday")
		l.sees(l.types("ana", "list").Reads(), `#1 diffusion -"stable diffusion"`, "#2 lora", "added by pi on 24 Nov 2025")
		l.sees(l.types("ana", "subscribe LoRA").Reads(), "This channel already follows lora (#2). Nothing changed.")
	})
}

func TestSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.sees(l.types("pi", "schedule 09:00 Europe/Berlin weekdays").Reads(), "Next post: Tue 25 Nov 09:00 (Berlin), in 21 h")
		l.sees(l.types("pi", "schedule 9 CET+1").Reads(), "I do not know the zone CET+1. Use a name such as Europe/Berlin.")
	})
}

// What is on its way when the bot is told to stop is seeded like the rest.
func TestAMessageThatArrivesAfterTheStopIsSeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := following(t)
		l.types("pi", "settings seed:yes").Wait(1)
		if err := l.stop(); err != nil {
			t.Fatal(err)
		}
		l.until("2025-11-25 09:00")
		for _, m := range l.posted() {
			if n := len(m.Voters("+1")); n != 1 {
				t.Errorf("%s has %d 👍", m.Key("key"), n)
			}
		}
		if n := len(l.posted()); n != 6 {
			t.Errorf("%d papers", n)
		}
	})
}

func TestTheDailyPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		posts := l.slack.Posts("papers")
		header := posts[slices.IndexFunc(posts, func(m fakeslack.Message) bool { return strings.Contains(m.Key("key"), "@daily") })]
		l.sees(header.Reads(), "Papers · Tue 25 Nov", "6 new for this channel", "top 5 below, 1 in thread", "next post Wed 09:00 Berlin")
		if n := len(l.slack.Thread(header)); n != 1 {
			t.Errorf("%d in the header's thread, want 1", n)
		}
		if n := len(l.posted()); n != 6 {
			t.Errorf("%d papers, want 6", n)
		}
		l.sees(l.paper(3).Reads(), "matched diffusion, LoRA")
		if c := l.slack.Counts(); c.Limited != 0 {
			t.Errorf("429s: %d", c.Limited)
		}
	})
}

func TestTheOtherLayouts(t *testing.T) {
	for _, layout := range []string{"thread", "digest"} {
		t.Run(layout, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := following(t)
				l.types("pi", "settings layout:"+layout).Wait(1)
				l.until("2025-11-25 09:00")
				posts := l.slack.Posts("papers")
				header := posts[len(posts)-1]
				l.sees(header.Reads(), "Papers · Tue 25 Nov")
				switch layout {
				case "thread":
					if n := len(l.slack.Thread(header)); n != 5 {
						t.Errorf("%d papers in the thread, want 5", n)
					}
				case "digest":
					if n := len(l.slack.Thread(header)); n != 0 || len(header.Buttons()) != 5 {
						t.Errorf("%d in the thread, buttons %v", n, header.Buttons())
					}
					l.sees(l.slack.Presses("ana", header, "1").Reads(), "Counted: your vote")
				}
			})
		})
	}
}

func TestWhatAMessageShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := following(t)
		p := l.papers[seedID(1)]
		p.Title = "<!channel> " + strings.Repeat("Diffusion & <b>boundaries</b> *x* ", 9)
		p.Abstract = "In this paper, we propose <!channel> <@U0PI> https://evil.example and no more. " + p.Abstract
		p.Authors = []string{"Jan Peter Doe"}
		l.papers[p.ID] = p
		l.lists("2025-11-25", 1)
		l.until("2025-11-25 09:00")
		m := l.paper(1)
		if who := m.Notifies(); len(who) != 0 {
			t.Errorf("it notifies %v", who)
		}
		for _, link := range m.Links() {
			if link.URL != "https://arxiv.org/abs/9912.00001" && !link.Bare {
				t.Errorf("a link of a stranger: %v", link)
			}
		}
		l.sees(strings.ReplaceAll(m.Reads(), "\u2060", ""), "<!channel> Diffusion & <b>boundaries</b> *x*", "we propose <!channel> <@U0PI> https://evil.example and no more.", "Jan Peter Doe · matched Diffusion")
		if m.Text == "" || !m.NoLinks || !m.NoMedia {
			t.Error("no text, or links unfold")
		}
		l.doesNotSee(l.paper(28).Reads(), "author", "▲")
	})
}

// The process dies at any point of the post: before Slack's answer, after it,
// with the connection cut after Slack kept the message.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, killedAnywhere)
}

func killedAnywhere(t *testing.T) {
	kills := 40
	if testing.Short() {
		kills = 20
	}
	l := following(t)
	l.types("pi", "settings max:15").Wait(1)
	rng := rand.New(rand.NewPCG(1, 2))
	day := at("2025-11-25 09:00")
	for kill := 0; kill < kills; {
		ctx, cancel := context.WithCancel(context.Background())
		left := rng.IntN(5)
		l.slack.OnCall(func(c fakeslack.Call) *fakeslack.Failure {
			if c.Method != "chat.postMessage" {
				return nil
			}
			if left--; left >= 0 {
				return nil
			}
			cancel()
			f := fakeslack.Reset()
			if rng.IntN(2) == 0 {
				f = f.AfterStoring()
			}
			return &f
		})
		l.clock.Set(day)
		_ = l.tickIn(ctx)
		time.Sleep(2 * time.Minute) // Slack's own clock goes on too: it gives history once a minute
		killed := ctx.Err() != nil
		cancel()
		l.slack.OnCall(nil)
		time.Sleep(time.Minute) // Slack lets us look again
		l.restart()             // while time passes nobody says that the process lives
		if killed {
			kill++
			l.clock.Set(l.clock.Now().Add(6 * time.Minute))
			day = l.clock.Now()
			continue
		}
		// Everything of that day is out: go on with the next.
		day = day.AddDate(0, 0, 1)
		l.clock.Set(day.Add(-time.Hour))
		l.fetches(l.papers.Fresh(day)...)
	}
	l.slack.OnCall(nil)
	l.clock.Set(day.Add(10 * time.Minute))
	l.tick()
	keys := map[string]int{}
	for _, m := range l.slack.Posts("papers") {
		keys[m.Key("key")]++
		for _, r := range l.slack.Thread(m) {
			keys[r.Key("key")]++
		}
	}
	delete(keys, "") // the greeting, the lines
	for k, n := range keys {
		if n != 1 {
			t.Errorf("%s was posted %d times", k, n)
		}
	}
	for n := range 33 {
		if p := l.papers[seedID(n+1)]; slices.Contains([]int{1, 2, 3, 28, 17, 19}, n+1) && keys[l.keyOf(p.ID)] != 1 {
			t.Errorf("paper %d was posted %d times", n+1, keys[l.keyOf(p.ID)])
		}
	}
}

func (l *lab) keyOf(id core.PaperID) string {
	ch, err := l.store.EnsureChannel(context.Background(), core.Channel{Key: core.ChannelKey{Platform: "slack", Workspace: fakeslack.Team, ID: l.slack.Posts("papers")[0].Channel}})
	if err != nil {
		l.Fatal(err)
	}
	return fmt.Sprintf("%d/%s", ch.ID, id)
}

// Slack kept the message and its answer was lost.
func TestTheAnswerIsLost(t *testing.T) {
	for _, c := range []struct {
		name    string
		failure fakeslack.Failure
	}{
		{"kept, then reset", fakeslack.Reset().AfterStoring()},
		{"kept, then 503", fakeslack.ServerError().AfterStoring()},
		{"kept, then a page", fakeslack.HTML().AfterStoring()},
		{"kept, then fatal_error", fakeslack.Error("fatal_error").AfterStoring()},
		{"reset", fakeslack.Reset()},
		{"503", fakeslack.ServerError()},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := following(t)
				l.slack.FailNext("chat.postMessage", c.failure, c.failure, c.failure)
				l.until("2025-11-25 09:00")
				for i := 0; i < 6 && len(l.posted()) < 6; i++ {
					l.clock.Set(l.clock.Now().Add(6 * time.Minute))
					l.tick()
				}
				seen := map[string]bool{}
				for _, u := range titlesOf(l.posted()) {
					if seen[u] {
						t.Errorf("%s was posted twice", u)
					}
					seen[u] = true
				}
				if len(seen) != 6 {
					t.Errorf("%d papers, want 6\n%s", len(seen), l.log)
				}
			})
		})
	}
}

// Without the history scope nothing is sent twice, and a person decides.
func TestWhereWeMayNotLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := following(t)
		l.slack.Withdraw("channels:history")
		n := 0
		l.slack.OnCall(func(c fakeslack.Call) *fakeslack.Failure {
			if c.Method != "chat.postMessage" {
				return nil
			}
			if n++; n == 3 {
				f := fakeslack.Reset()
				return &f
			}
			return nil
		})
		l.until("2025-11-25 09:00")
		l.slack.OnCall(nil)
		if got := len(l.posted()); got != 5 {
			t.Fatalf("%d papers, want 5 and one uncertain", got)
		}
		status := l.types("pi", "status").Wait(1)[0]
		l.sees(status.Reads(), "uncertain")
		i := slices.IndexFunc(status.Buttons(), func(b fakeslack.Button) bool { return strings.HasPrefix(b.Label, "Post it anyway") })
		if i < 0 {
			t.Fatalf("no button among %v", status.Buttons())
		}
		l.sees(l.slack.Presses("pi", status, status.Buttons()[i].Label).Reads(), "Posting it.")
		l.tick()
		if got := len(l.posted()); got != 6 {
			t.Errorf("%d papers, want 6", got)
		}
	})
}

func TestToldToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := following(t)
		n := 0
		l.slack.OnCall(func(c fakeslack.Call) *fakeslack.Failure {
			if c.Method == "chat.postMessage" {
				if n++; n == 4 {
					f := fakeslack.RateLimited(7 * time.Second)
					return &f
				}
			}
			return nil
		})
		begun := time.Now()
		l.until("2025-11-25 09:00")
		if took := time.Since(begun); took < 7*time.Second {
			t.Errorf("it took %v: nobody waited", took)
		}
		if got := len(l.posted()); got != 6 {
			t.Errorf("%d papers, want 6", got)
		}
		if c := l.slack.Counts(); c.Impatient != 0 || c.Limited != 1 {
			t.Errorf("429s: %+v", c)
		}
	})
}

func TestANewVersionEditsTheMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		before := titlesOf(l.posted())
		l.set("2025-11-26 08:00")
		first := l.papers[seedID(1)]
		first.Version, first.Categories, first.Sources = 1, []string{"cs.CV"}, []string{"arxiv"}
		second := first
		second.Version = 2
		l.fetches(core.Seen{Paper: first, Sighting: core.Sighting{Source: "arxiv", Day: "2025-11-26", Announce: "cross"}, Authority: core.Publisher}, core.Seen{Paper: second, Sighting: core.Sighting{Source: "arxiv"}, Authority: core.Publisher})
		m := l.paper(1)
		l.sees(m.Reads(), "updated v2")
		if m.Edits != 1 || m.Key("key") == "" {
			t.Errorf("%d edits, key %q", m.Edits, m.Key("key"))
		}
		l.until("2025-11-26 09:00")
		if d := cmp.Diff(before, titlesOf(l.posted())); d != "" {
			t.Error(d)
		}
	})
}

func TestVotesAreOnePerPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(1)
		l.slack.Reacts("ana", m, "+1::skin-tone-3").Again()
		l.slack.Reacts("ana", m, "heart")
		l.slack.Reacts("ben", m, "thumbsup")
		l.slack.Reacts("paperboy", m, "+1")
		l.votes(1, 2)
		l.slack.Unreacts("ana", m, "heart")
		l.slack.Reacts("cem", m, "fire") // what came before is done when this is
		l.votes(1, 3)
		l.slack.Unreacts("cem", m, "fire")
		l.votes(1, 2)
		l.slack.Unreacts("ana", m, "+1::skin-tone-3")
		l.votes(1, 1)
	})
}

func TestVotesWhileTheBotWasAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(1)
		l.end()
		l.slack.Reacts("cem", m, "+1")
		before := l.slack.Counts().Calls
		l.start()
		l.readVotes()
		l.votes(1, 1)
		if c := l.slack.Counts().Calls; c["conversations.history"] != before["conversations.history"] || c["reactions.get"] == 0 {
			t.Errorf("calls: %v", c)
		}
	})
}

func TestSaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		saved := l.slack.Presses("cem", l.paper(1), "Save").Wait(1)[0]
		l.sees(saved.Reads(), "Saved.")
		if saved.For != l.slack.User("cem") {
			t.Error("everybody sees what was saved")
		}
		l.slack.Reacts("cem", l.paper(3), "bookmark")
		l.eventually("both are there", func() bool {
			r := l.types("cem", "saved").Reads()
			return strings.Contains(r, l.papers[seedID(1)].Title) && strings.Contains(r, l.papers[seedID(3)].Title)
		})
		l.sees(l.slack.Presses("cem", l.paper(1), "Save").Reads(), "Removed from your list.")
		l.sees(l.types("ana", "saved").Reads(), "Your list is empty")
		list := l.types("cem", "saved").Wait(1)[0]
		l.slack.Presses("cem", list, "Remove")
		l.eventually("the list is drawn anew", func() bool {
			m, ok := l.slack.Message(list)
			return ok && strings.Contains(m.Reads(), "Your list is empty")
		})
	})
}

func TestBibTeXAndFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		entry := l.slack.Presses("ana", l.paper(1), "BibTeX").Wait(1)[0]
		l.sees(entry.Reads(), "eprint", "9912.00001")
		l.slack.Presses("ana", l.paper(1), "Save").Wait(1)
		l.types("ana", "export bibtex since:7d")
		l.slack.Wait("the file", func() bool {
			return slices.ContainsFunc(l.slack.DirectMessages(), func(m fakeslack.Message) bool { return len(m.Files) == 1 })
		})
		dm := l.slack.DirectMessages()[0]
		l.sees(string(dm.Files[0].Body), "@misc", "9912.00001")
		if c := l.slack.Counts(); c.UploadToken != 0 {
			t.Errorf("the address of the upload got a token: %+v", c)
		}
	})
}

func TestAPictureHasItsWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		l.types("ana", "stats")
		l.slack.Wait("the picture", func() bool {
			return slices.ContainsFunc(l.slack.DirectMessages(), func(m fakeslack.Message) bool { return len(m.Files) == 1 })
		})
		picture := l.slack.DirectMessages()[0].Files[0]
		l.sees(picture.Alt, "What each topic brought", "#1 diffusion 0 of 4")
		if _, err := png.Decode(bytes.NewReader(picture.Body)); err != nil || !strings.HasSuffix(picture.Name, ".png") {
			t.Errorf("%s is no picture: %v", picture.Name, err)
		}
	})
}

func TestAPictureThatCannotBeUploadedIsNotShownAsText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		l.slack.Withdraw("files:write")
		got := l.types("ana", "stats").Wait(2)
		l.sees(got[0].Reads(), "diffusion", "4 papers, 0 voted for")
		l.sees(got[1].Reads(), "files:write")
		l.doesNotSee(got[1].Reads(), "PNG", "IHDR")
	})
}

func TestAJournalClub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		l.sees(l.types("pi", "club weekly thu 16:00").Reads(), "Thursdays 16:00 Berlin")
		for _, n := range []int{9, 3} {
			l.sees(l.types("ana", "club nominate "+string(seedID(n))).Reads(), "Nominated.")
		}
		last := func(word string) (found fakeslack.Message) { // a line for everybody may still be on its way
			for _, m := range l.slack.Posts("papers") {
				if strings.Contains(m.Reads(), word) {
					found = m
				}
			}
			return found
		}
		l.until("2025-12-01 16:00")
		ballot := last("what do we read?")
		l.sees(ballot.Reads(), "Journal club · Thu 4 Dec: what do we read?", "1. ", "nominated", "/papers club nominate ID")
		if n := len(ballot.Buttons()); n != 2 {
			t.Fatalf("%d buttons", n)
		}
		label := func(n int) string { return ballot.Buttons()[n].Label }
		l.slack.Presses("ana", ballot, label(0)).Wait(1)
		l.sees(l.slack.Presses("ana", ballot, label(1)).Reads(), "Your vote is for", l.papers[seedID(3)].Title)
		l.until("2025-12-03 16:00")
		meeting := last("chose this one")
		l.sees(meeting.Reads(), "Journal club · Thu 4 Dec 16:00", "One vote chose this one.", l.papers[seedID(3)].Title)
		thread := l.slack.Thread(meeting)
		l.sees(thread[len(thread)-1].Reads(), l.papers[seedID(3)].Title, "belong here")
		l.slack.Presses("ben", meeting, "Add to calendar")
		l.slack.Wait("the file", func() bool {
			return slices.ContainsFunc(l.slack.DirectMessages(), func(m fakeslack.Message) bool {
				return len(m.Files) == 1 && strings.Contains(string(m.Files[0].Body), "DTSTART:20251204T150000Z")
			})
		})
	})
}

func TestAFileThatCannotBeUploaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		l.slack.Withdraw("files:write")
		l.slack.Presses("ana", l.paper(1), "Save").Wait(1)
		got := l.types("ana", "export bibtex").Wait(2)
		l.sees(got[1].Reads(), "files:write", "9912.00001")
	})
}

func TestNotForUs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		l.sees(l.slack.Presses("ana", l.paper(3), "Not for us").Reads(), "Noted.")
		l.slack.Presses("ben", l.paper(3), "Not for us").Wait(1)
		l.settles()
		l.slack.Wait("it is folded", func() bool { return l.paper(3).Edits > 0 })
		l.doesNotSee(l.paper(3).Reads(), "matched")
		if l.paper(3).Key("key") == "" {
			t.Error("the edit lost the key")
		}
	})
}

func TestWeekend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		n := len(l.slack.Posts("papers"))
		l.until("2025-11-29 09:00")
		if got := len(l.slack.Posts("papers")); got != n {
			t.Errorf("%d posts on a Saturday", got-n)
		}
		l.sees(l.types("ana", "today").Reads(), "weekend", "Monday 09:00")
	})
}

func TestTheAgenda(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		l.slack.Reacts("ana", l.paper(17), "+1")
		l.votes(17, 1)
		m := l.types("pi", "top since:7d share:yes").Wait(1)[0]
		if m.For != "" {
			t.Error("an agenda is for everybody")
		}
		l.sees(m.Reads(), l.papers[seedID(17)].Title, "👍 1")
	})
}

func TestAMentionInAPapersThread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(1)
		l.slack.Mentions("ana", m, "similar")
		l.slack.Wait("an answer in the thread", func() bool { return len(l.slack.Thread(m)) == 2 })
		answer := l.slack.Thread(m)[1]
		if answer.User != fakeslack.Bot || answer.For != "" {
			t.Errorf("the answer is %+v", answer)
		}
		// What is somebody's own stays so, and what went wrong is not said aloud.
		for _, words := range []string{"saved", "show nothing-of-the-kind"} {
			posts := len(l.slack.Posts("papers")) + len(l.slack.Thread(m))
			l.slack.Mentions("ana", m, words)
			l.slack.Wait("a private answer to "+words, func() bool {
				return slices.ContainsFunc(l.slack.Sees("ana", "papers"), func(m fakeslack.Message) bool { return m.For != "" }) ||
					l.slack.Counts().Calls["chat.postEphemeral"] > 0
			})
			if now := len(l.slack.Posts("papers")) + len(l.slack.Thread(m)); now > posts+1 { // ana's own words
				t.Errorf("%q was answered aloud", words)
			}
		}
	})
}

func TestShortcutsOnAMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		l.sees(l.slack.Shortcut("ana", "paperboy_save", l.paper(1)).Reads(), "Saved")
		l.sees(l.slack.Shortcut("ana", "paperboy_why", l.paper(1)).Reads(), "diffusion")
		l.slack.Shortcut("ana", "paperboy_similar", l.paper(1)).Wait(1)
		said := l.slack.Says("ben", "papers", "just talk")
		l.sees(l.slack.Shortcut("ana", "paperboy_save", said).Reads(), "shows no paper of mine")
	})
}

func TestAppHome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		l.slack.Presses("ana", l.paper(1), "Save").Wait(1)
		l.slack.OpensHome("ana")
		l.slack.Wait("a home", func() bool { _, ok := l.slack.Home("ana"); return ok })
		home, _ := l.slack.Home("ana")
		l.sees(home.Reads(), "#papers", "#1 diffusion", "#2 lora", l.papers[seedID(1)].Title)
		l.slack.PressesHome("ana", "Remove")
		l.slack.Wait("the home without it", func() bool {
			h, _ := l.slack.Home("ana")
			return !strings.Contains(h.Reads(), l.papers[seedID(1)].Title)
		})
	})
}

func TestPastedLinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		l.slack.Channel("random", "ben")
		l.types("pi", "settings links:yes").Wait(1)
		l.slack.Says("ben", "random", "look: https://arxiv.org/abs/9912.00001")
		m := l.slack.Says("ben", "papers", "look: https://arxiv.org/abs/9912.00001v2 and https://arxiv.org/abs/0000.00000")
		l.slack.Wait("a card", func() bool { now, _ := l.slack.Message(m); return len(now.Unfurls) == 1 })
		if n := l.slack.Counts().Calls["chat.unfurl"]; n != 1 {
			t.Errorf("%d links unfolded, want only the one where that was asked for", n)
		}
	})
}

func TestHeldAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := following(t)
		l.slack.Archive("papers")
		l.until("2025-11-25 09:00")
		if n := len(l.posted()); n != 0 {
			t.Fatalf("%d papers in an archived channel", n)
		}
		tries := l.slack.Counts().Calls["chat.postMessage"]
		l.until("2025-11-25 09:01")
		if n := l.slack.Counts().Calls["chat.postMessage"]; n != tries {
			t.Error("tried again too soon")
		}
		l.slack.Unarchive("papers")
		l.until("2025-11-25 09:03")
		if n := len(l.posted()); n != 6 {
			t.Errorf("%d papers, want 6", n)
		}
	})
}

func TestAPrivateChannelThatSentUsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { sentAway(t, false, (*fakeslack.Slack).PrivateChannel) })
}

// That a channel is private is known after a restart too.
func TestAPrivateChannelThatSentUsAwayWhileTheBotWasDown(t *testing.T) {
	for name, channel := range map[string]func(*fakeslack.Slack, string, ...string) string{"new": (*fakeslack.Slack).NewPrivateChannel, "old": (*fakeslack.Slack).PrivateChannel} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { sentAway(t, true, channel) })
		})
	}
}

func sentAway(t *testing.T, down bool, channel func(*fakeslack.Slack, string, ...string) string) {
	l := newLab(t)
	channel(l.slack, "lab", "pi")
	l.slack.Invite("paperboy", "lab")
	l.slack.Wait("the greeting", func() bool { return len(l.slack.Posts("lab")) == 1 })
	l.slack.Types("pi", "lab", "/papers subscribe diffusion").Wait(2)
	l.slack.Types("pi", "lab", "/papers schedule 09:00 Europe/Berlin weekdays").Wait(1)
	l.set("2025-11-25 08:30")
	l.lists("2025-11-25", 1, 2)
	if down {
		l.end()
	}
	l.slack.Kick("paperboy", "lab")
	if down {
		l.start()
	}
	l.until("2025-11-25 09:00")
	l.sees(l.slack.Types("pi", "lab", "/papers list").Reads(), "I may not post in #lab", "/invite @Paperboy", "Nothing was lost")
	l.slack.Invite("paperboy", "lab")
	l.until("2025-11-25 09:05")
	n := 0
	for _, m := range l.slack.Posts("lab") {
		if isPaper(m) {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d papers, want 2", n)
	}
}

func TestADeletedChannelGetsNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := following(t)
		l.slack.Delete("papers")
		l.eventually("it is known", func() bool {
			chs, err := l.store.Channels(context.Background())
			return err == nil && !slices.ContainsFunc(chs, func(c core.Channel) bool { return c.Gone.IsZero() })
		})
		before := l.slack.Counts().Calls["chat.postMessage"]
		l.until("2025-11-25 09:00")
		l.until("2025-11-25 10:00")
		if n := l.slack.Counts().Calls["chat.postMessage"]; n != before {
			t.Errorf("%d more posts", n-before)
		}
	})
}

func TestTheAppIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := following(t)
		l.slack.Uninstall()
		l.eventually("the bot knows", func() bool { return core.Is[*core.Unauthorised](l.adapter.Ready()) })
		calls := fmt.Sprint(l.slack.Counts().Calls)
		l.until("2025-11-25 09:00")
		if now := fmt.Sprint(l.slack.Counts().Calls); now != calls {
			t.Errorf("calls went on: %s, then %s", calls, now)
		}
		if err := l.stop(); !core.Is[*core.Unauthorised](err) {
			t.Errorf("Run ended with %v", err)
		}
	})
}

func TestOnlyManagers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inChannel(t)
		l.types("pi", "settings editors:managers").Wait(1)
		l.sees(l.types("ana", "subscribe lora").Reads(), "Only channel managers may change topics in this channel. Ask @pi, who set it up.")
		l.sees(l.types("pi", "subscribe lora").Reads(), "I read this as") // who made the channel
	})
}

// The addresses of answers are secrets too.
func TestNothingSecretIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := tuesday(t)
		l.slack.FailNext("response_url", fakeslack.Reset(), fakeslack.Reset())
		l.types("ana", "today")
		l.slack.FailNext("chat.postEphemeral", fakeslack.ServerError())
		l.slack.Mentions("ana", l.paper(1), "saved")
		l.slack.FailNext("apps.connections.open", fakeslack.ServerError())
		l.slack.FailNext("link", fakeslack.ServerError(), fakeslack.Reset())
		l.slack.Drop()
		l.slack.Connected(1)
		l.eventually("the trouble is in the log", func() bool { return strings.Count(l.log.String(), "did not arrive") >= 2 })
		for _, secret := range []string{fakeslack.BotToken, fakeslack.AppToken, "/secret", "ticket"} {
			l.doesNotSee(l.log.String(), secret)
		}
	})
}

func TestOverSignedRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, overHTTP)
		l.serve()
		l.slack.Invite("paperboy", "papers")
		l.slack.Wait("the greeting", func() bool { return len(l.slack.Posts("papers")) == 1 })
		l.types("pi", "subscribe diffusion, lora").Wait(2)
		l.types("pi", "schedule 09:00 Europe/Berlin weekdays").Wait(1)
		l.set("2025-11-25 08:30")
		l.lists("2025-11-25", 1, 2, 3)
		l.until("2025-11-25 09:00")
		l.slack.Reacts("ana", l.paper(1), "+1").Again()
		l.votes(1, 1)
		l.sees(l.slack.Presses("ana", l.paper(1), "Save").Reads(), "Saved")
		if c := l.slack.Counts(); c.Retries != 1 || c.Unanswered != 0 {
			t.Errorf("%+v", c)
		}
		if err := l.slack.VerifyURL(); err != nil {
			t.Error(err)
		}
	})
}
