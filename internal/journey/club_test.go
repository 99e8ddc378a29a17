package journey

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
	"paperboy/core/cards"
)

// clubbing is tuesday's channel with a journal club on Thursdays at 16:00.
func clubbing(t *testing.T) *town {
	w := tuesday(t)
	r := w.says("pi", "club weekly thu 16:00")
	w.sees(texts(r.Line), "@pi set the journal club here to Thursdays 16:00 Berlin.", "Its first vote opens Mon 1 Dec 16:00 (Berlin)")
	return w
}

// ballot is the newest message with a vote on it, and announced the newest that
// says what won; nil where there is none since the clock was at from.
func (w *town) club(title string, from int) *posted {
	for i := len(w.chat.posts) - 1; i >= from; i-- {
		if strings.HasPrefix(w.chat.posts[i].Card.Title, title) {
			return &w.chat.posts[i]
		}
	}
	return nil
}

const (
	aVote    = "🗳 Journal club"
	aMeeting = "📖 Journal club"
)

// chooses is somebody pressing a paper's button on a ballot.
func (w *town) chooses(who string, ballot *posted, id core.PaperID) core.Reply {
	w.Helper()
	for _, b := range ballot.Card.Buttons {
		if strings.HasSuffix(b.ID, "|"+string(id)) {
			return w.presses(who, ballot.Card, b.Label)
		}
	}
	w.Fatalf("%s is not on the ballot", id)
	return core.Reply{}
}

func TestAJournalClubFromItsVoteToItsMeeting(t *testing.T) {
	w := clubbing(t)
	w.reacts("ana", seedID(28), "👍", true)
	w.reacts("ben", seedID(28), "👍", true)
	w.reacts("ben", seedID(3), "👍", true)
	r := w.says("cem", "club nominate https://arxiv.org/abs/"+string(seedID(9)))
	w.sees(texts(r.Line), "@cem nominated", w.papers[seedID(9)].Title, "for the journal club on Thu 4 Dec")
	w.sees(text(r.Card), "Nominated. The vote opens Mon 1 Dec 16:00")
	w.sees(text(w.says("dee", "club nominate "+string(seedID(9))).Card), "is nominated already")
	w.sees(text(w.says("dee", "club").Card), "Thursdays 16:00 Berlin", "The next vote opens Mon 1 Dec 16:00", "for the meeting on Thu 4 Dec", "Nominated for it:", w.papers[seedID(9)].Title)
	w.says("pi", "club rota @ana, @ben")

	// It opens by itself: what people nominated, then the best of the week.
	w.until(at("2025-12-01 15:59"))
	if w.club(aVote, 0) != nil {
		t.Error("the vote opened early")
	}
	w.until(at("2025-12-01 16:00"))
	ballot := w.club(aVote, 0)
	if ballot == nil {
		t.Fatal("no vote opened")
	}
	if diff := cmp.Diff([]core.PaperID{seedID(9), seedID(28), seedID(3)}, []core.PaperID{ballot.Card.Papers[0].ID, ballot.Card.Papers[1].ID, ballot.Card.Papers[2].ID}); diff != "" || len(ballot.Card.Buttons) != 3 {
		t.Errorf("on the ballot: %s, %v", diff, ballot.Card.Buttons)
	}
	w.sees(text(ballot.Card), "Journal club · Thu 4 Dec: what do we read?", "One vote a person, until Wed 3 Dec 16:00", "nominated")

	// A person has one vote, which can be moved and taken back.
	w.sees(text(w.chooses("ana", ballot, seedID(9)).Card), "Your vote is for", w.papers[seedID(9)].Title, "closes Wed 3 Dec 16:00")
	w.chooses("ana", ballot, seedID(3))
	w.sees(text(w.chooses("ben", ballot, seedID(3)).Card), "Your vote is for")
	w.chooses("cem", ballot, seedID(9))
	w.sees(text(w.chooses("dee", ballot, seedID(28)).Card), "Your vote is for")
	w.sees(text(w.chooses("dee", ballot, seedID(28)).Card), "Taken back")
	w.sees(text(w.says("dee", "club nominate "+string(seedID(3))).Card), "stands on the ballot that is open")
	w.sees(text(w.says("dee", "club").Card), "A vote on 3 papers is open; it closes Wed 3 Dec 16:00")

	// It closes by itself: the winner is announced, with its thread.
	before := len(w.chat.posts)
	w.until(at("2025-12-03 16:00"))
	meeting := w.club(aMeeting, before)
	if meeting == nil || meeting.Card.Papers[0].ID != seedID(3) {
		t.Fatalf("announced is %+v", meeting)
	}
	w.sees(text(meeting.Card), "Journal club · Thu 4 Dec 16:00", "2 of 3 votes chose this one.", "We meet Thu 4 Dec 16:00. @ana presents; after that it is @ben's turn.")
	thread := w.chat.posts[len(w.chat.posts)-1]
	if thread.Place != core.InThread || thread.Header != meeting.Ref || thread.Thread != "Journal club · Thu 4 Dec" || !thread.Silent || thread.Card.Papers[0].ID != seedID(3) {
		t.Errorf("its thread begins with %+v", thread)
	}
	w.sees(text(thread.Card), "Questions and thoughts for the journal club belong here.")
	if n := len(w.chat.posts) - before; n != 2 {
		t.Errorf("%d messages, want the announcement and the first of its thread", n)
	}

	// It can be put into a calendar, and is read for ever.
	f := w.presses("eve", meeting.Card, "Add to calendar").File
	if f == nil || f.Name != "journal-club-2025-12-04.ics" || f.Type != "text/calendar; charset=utf-8" {
		t.Fatalf("the file is %+v", f)
	}
	w.sees(string(f.Data), "DTSTART:20251204T150000Z\r\n", "DTEND:20251204T160000Z\r\n", "SUMMARY:Journal club: DataDream")
	if diff := cmp.Diff(string(f.Data), string(w.says("eve", "club calendar").File.Data)); diff != "" {
		t.Error(diff)
	}
	w.sees(text(w.says("eve", "club list").Card), "The journal club chose 1 paper:", w.papers[seedID(3)].Title, "chosen 3 Dec 2025")
	w.sees(string(w.says("eve", "export bibtex what:club").File.Data), "DataDream")
	w.sees(text(w.says("eve", "club").Card), "It reads DataDream", "The next vote opens Mon 8 Dec 16:00", "@ben presents what is chosen next, then @ana")
	w.sees(text(w.chooses("eve", ballot, seedID(9)).Card), "That vote is over: DataDream", "was chosen")
	w.sees(text(w.says("dee", "club nominate "+string(seedID(3))).Card), "The journal club chose", "on Wed 3 Dec 2025 already")
}

// Twelve weeks, and nobody organises anything: weeks in which nobody votes or
// nominates are weeks off, ties are decided, nothing stands on a ballot after it won
// or three times in a row, and every message comes once, at its minute, across a
// change of the clocks and restarts.
func TestTwelveWeeksWithoutAnOrganiser(t *testing.T) {
	w := newTown(t)
	w.now = at("2026-02-02 12:00")
	w.says("pi", "subscribe lora")
	w.says("pi", "settings max:15")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.says("pi", "club thu 16:00")
	w.says("pi", "club rota @ana @ben @cem")
	r := rand.New(rand.NewPCG(12, 2026))
	rota := []string{"@ana", "@ben", "@cem"}
	people := []string{"ana", "ben", "cem", "dee", "eve"}
	won := map[core.PaperID]bool{}
	var last, before []core.PaperID // on the last two ballots
	papers, votes, meetings, off, ties := 0, 0, 0, 0, 0
	for week := range 12 {
		monday := at("2026-02-02 16:00").AddDate(0, 0, 7*week)
		monday = time.Date(monday.Year(), monday.Month(), monday.Day(), 16, 0, 0, 0, berlin)
		holiday, silent := week == 3, week == 6 // nobody likes or nominates anything, nobody chooses anything
		// The week before: papers come, and some are liked.
		for day := -5; day <= -1 && week > 0; day++ {
			w.until(time.Date(monday.Year(), monday.Month(), monday.Day()+day, 8, 0, 0, 0, berlin))
			var seen []core.Seen
			for range 2 {
				papers++
				p := core.Paper{ID: core.PaperID(fmt.Sprintf("2602.%05d", papers)), Title: fmt.Sprintf("LoRA, part %d", papers), Abstract: "About lora."}
				seen = append(seen, core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: core.DateOf(w.now.In(berlin))}, Authority: core.Index})
			}
			w.fetches(seen...)
			w.until(time.Date(monday.Year(), monday.Month(), monday.Day()+day, 9, 0, 0, 0, berlin))
			posted := w.postedPapers()
			for _, who := range people {
				if len(posted) > 0 && !holiday && r.IntN(2) == 0 {
					w.reacts(who, posted[len(posted)-1-r.IntN(min(3, len(posted)))], "👍", true)
				}
			}
			if holiday { // what was liked before is too old by then, or did not win twice
				for _, id := range posted {
					for _, who := range people {
						w.reacts(who, id, "👍", false)
					}
				}
			}
		}
		if r.IntN(2) == 0 {
			w.restart()
		}
		from := len(w.chat.posts)
		w.until(monday)
		ballot := w.club(aVote, from)
		if (ballot == nil) != (week == 0 || holiday) {
			t.Fatalf("week %d: the ballot is %+v", week, ballot)
		}
		w.until(monday.Add(time.Hour))
		if ballot == nil {
			off++
			w.until(time.Date(monday.Year(), monday.Month(), monday.Day()+2, 16, 0, 0, 0, berlin))
			if w.club(aMeeting, from) != nil {
				t.Errorf("week %d: something was announced", week)
			}
			continue
		}
		votes++
		var on []core.PaperID
		for _, v := range ballot.Card.Papers {
			on = append(on, v.ID)
			if won[v.ID] || slices.Contains(last, v.ID) && slices.Contains(before, v.ID) {
				t.Errorf("week %d: %s stands on the ballot", week, v.ID)
			}
		}
		last, before = on, last
		chosen := map[core.PaperID]int{}
		if !silent {
			for i, who := range people[:4] {
				id := on[(i+r.IntN(2))%min(2, len(on))]
				w.chooses(who, ballot, id)
				chosen[id]++
			}
		}
		from = len(w.chat.posts)
		closes := time.Date(monday.Year(), monday.Month(), monday.Day()+2, 16, 0, 0, 0, berlin)
		if r.IntN(2) == 0 {
			w.restart()
		}
		w.until(closes.Add(-time.Minute))
		if w.club(aMeeting, from) != nil {
			t.Errorf("week %d: announced early", week)
		}
		w.until(closes)
		meeting := w.club(aMeeting, from)
		if silent {
			if meeting != nil {
				t.Errorf("week %d: nobody chose anything, and %v was announced", week, meeting.Card.Papers)
			}
			off++
			continue
		}
		if meeting == nil {
			t.Fatalf("week %d: nothing was announced", week)
		}
		winner := meeting.Card.Papers[0].ID
		won[winner] = true
		var want core.PaperID
		for _, id := range on {
			better := chosen[id] > chosen[want] || want != "" && chosen[id] == chosen[want] && w.votes(id).Up > w.votes(want).Up
			if want == "" || better {
				want = id
			}
		}
		if len(chosen) > 1 && chosen[on[0]] == chosen[on[1]] {
			ties++
			w.sees(text(meeting.Card), "as many as another")
		}
		if winner != want {
			t.Errorf("week %d: %s won, want %s of %v", week, winner, want, chosen)
		}
		w.sees(text(meeting.Card), time.Date(closes.Year(), closes.Month(), closes.Day()+1, 16, 0, 0, 0, berlin).Format("We meet Mon 2 Jan 15:04. ")+rota[meetings%3]+" presents")
		meetings++
	}
	t.Logf("%d votes, %d meetings, %d weeks off, %d ties", votes, meetings, off, ties)
	if votes != 10 || meetings != 9 || off != 3 || ties == 0 {
		t.Errorf("%d votes, %d meetings, %d weeks off, %d ties", votes, meetings, off, ties)
	}
	titles := map[string]int{}
	for _, p := range w.chat.posts {
		if strings.Contains(p.Card.Title, "Journal club") {
			titles[p.Card.Title]++
		}
	}
	for title, n := range titles {
		if n != 1 {
			t.Errorf("%q came %d times", title, n)
		}
	}
	if len(titles) != votes+meetings {
		t.Errorf("%d messages, want %d", len(titles), votes+meetings)
	}
	w.sees(text(w.says("ana", "club list").Card), "The journal club chose 9 papers:")
}

// Wherever the process is cut off, each of the club's messages comes once.
func TestAClubThatIsCutOff(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := clubbing(t)
				w.says("cem", "club nominate "+string(seedID(9)))
				r := rand.New(rand.NewPCG(seed, 45))
				begun := len(w.chat.posts)
				w.now = at("2025-12-01 16:00")
				for range 1 + r.IntN(2) {
					w.dies(r.IntN(2), r.IntN(2) == 0)
				}
				w.until(w.now)
				w.chooses("ana", w.club(aVote, begun), seedID(9))
				w.now = at("2025-12-03 16:00")
				for range 1 + r.IntN(3) {
					w.dies(r.IntN(3), r.IntN(2) == 0)
				}
				w.until(w.now)
				var got []string
				for _, p := range w.chat.posts[begun:] {
					got = append(got, string(p.Place)+" "+cards.Cut(p.Card.Title, 4))
				}
				if diff := cmp.Diff([]string{"channel 🗳 …", "channel 📖 …", "thread "}, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestWhatAClubDoesNotDo(t *testing.T) {
	t.Run("while posts are paused no vote opens, and none is made up for", func(t *testing.T) {
		w := clubbing(t)
		w.reacts("ana", seedID(28), "👍", true)
		w.says("pi", "pause 14d")
		n := len(w.chat.posts)
		for day := range 13 {
			w.until(at("2025-11-26 16:00").AddDate(0, 0, day))
		}
		if len(w.chat.posts) != n {
			t.Errorf("posted: %v", w.chat.posts[n:])
		}
	})
	t.Run("a bot that was away over the closing announces it before the meeting, and not after", func(t *testing.T) {
		for back, announced := range map[string]bool{"2025-12-04 15:00": true, "2025-12-04 16:00": false} {
			w := clubbing(t)
			w.says("cem", "club nominate "+string(seedID(9)))
			w.until(at("2025-12-01 16:00"))
			w.chooses("ana", w.club(aVote, 0), seedID(9))
			w.until(at(back))
			if got := w.club(aMeeting, 0) != nil; got != announced {
				t.Errorf("back at %s: announced is %v", back, got)
			}
		}
	})
	t.Run("one that was away over the opening opens it late", func(t *testing.T) {
		w := clubbing(t)
		w.says("cem", "club nominate "+string(seedID(9)))
		w.until(at("2025-12-02 10:00"))
		if b := w.club(aVote, 0); b == nil {
			t.Error("no vote opened")
		} else {
			w.sees(text(b.Card), "until Wed 3 Dec 16:00")
		}
	})
	t.Run("an ended club counts nothing", func(t *testing.T) {
		w := clubbing(t)
		w.says("cem", "club nominate "+string(seedID(9)))
		w.until(at("2025-12-01 16:00"))
		ballot := w.club(aVote, 0)
		w.chooses("ana", ballot, seedID(9))
		w.sees(texts(w.says("pi", "club off").Line), "@pi ended the journal club here.")
		w.sees(text(w.chooses("ben", ballot, seedID(9)).Card), "That vote is over.")
		w.until(at("2025-12-03 16:00"))
		if w.club(aMeeting, 0) != nil {
			t.Error("a club that is ended announced something")
		}
		w.sees(text(w.says("ana", "club").Card), "There is no journal club here.", "`/papers club weekly thu 16:00` begins one")
	})
	t.Run("a vote of a club is no 👍, and its people are forgotten when they ask", func(t *testing.T) {
		w := clubbing(t)
		w.says("cem", "club nominate "+string(seedID(28)))
		w.says("cem", "club nominate "+string(seedID(3)))
		w.until(at("2025-12-01 16:00"))
		ballot := w.club(aVote, 0)
		w.chooses("ana", ballot, seedID(28))
		w.chooses("ben", ballot, seedID(3))
		if up := w.votes(seedID(28)).Up; up != 0 {
			t.Errorf("%d votes for the paper", up)
		}
		if err := w.store.ForgetUser(w.Context(), "web:ana", w.now); err != nil {
			t.Fatal(err)
		}
		w.until(at("2025-12-03 16:00"))
		m := w.club(aMeeting, 0)
		if m == nil || m.Card.Papers[0].ID != seedID(3) {
			t.Fatalf("announced: %+v", m)
		}
		w.sees(text(m.Card), "One vote chose this one.")
	})
}

func TestWhatIsMistypedOfAClub(t *testing.T) {
	w := tuesday(t)
	for line, want := range map[string]string{
		"club nominate 2509.24002": "There is no journal club here yet. `/papers club weekly thu 16:00` begins one.",
		"club rota @ana":           "There is no journal club here yet.",
		"club off":                 "There is no journal club here yet.",
		"club list":                "The journal club has chosen nothing yet.",
		"club calendar":            "No meeting has been announced yet.",
		"club weekly thu":          "On which day and when does it meet?",
		"club 16:00":               "On which day and when does it meet?",
		"club weekdays 16:00":      "A journal club meets on one day of the week",
		"club thu 16:00 Atlantis":  "`Atlantis` is neither a day nor a time zone that I know. `/papers club weekly thu 16:00 Europe/Berlin`, say.",
		"club weekly thr 16:00":    "`thr` is neither a day nor a time zone",
		"club thu 25:00":           "is not a time of day",
		"club penguin":             "I do not know `penguin` of a journal club.",
	} {
		r := w.says("pi", line)
		w.sees(text(r.Card), want)
		if !r.Failed || r.Line != nil {
			t.Errorf("%s: %+v", line, r)
		}
	}
	w.sees(texts(w.says("pi", "club every Thursday at 4pm").Line), "set the journal club here to Thursdays 16:00 Berlin")
	w.sees(text(w.says("pi", "club nominate").Card), "Which paper?")
	w.sees(text(w.says("pi", "club nominate lamps").Card), "I could not read `lamps`.")
	w.sees(text(w.says("pi", "club rota").Card), "Who presents, in which order?")
	w.sees(text(w.says("pi", "club rota <@81234> ben").Card), "type them as words, as in `/papers club rota ana ben`")
	w.sees(text(w.says("pi", "club rota "+strings.Repeat("ana ", 31)).Card), "That are 31 names. A rota holds 30.")
	w.doesNotSee(text(w.says("pi", "club").Card), "presents")
}

func TestAClubIsTakenAwayAndBroughtBack(t *testing.T) {
	w := clubbing(t)
	w.says("pi", "club rota @ana @ben")
	config := w.says("pi", "export config").File.Data
	w.sees(string(config), `"club": "16:00 Europe/Berlin weekly:thu"`)
	there := newTown(t)
	for _, want := range []int{1, 0} { // brought twice it changes nothing
		if _, changed, err := there.bot.ImportConfig(there.Context(), config); err != nil || changed != want {
			t.Fatalf("%d changed, want %d (%v)", changed, want, err)
		}
	}
	w.sees(text(there.says("ana", "club").Card), "Thursdays 16:00 Berlin", "@ana presents what is chosen next, then @ben")
}
