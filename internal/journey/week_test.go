package journey

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/polite"
	"paperboy/internal/recordings"
	"paperboy/internal/replay"
	"paperboy/sources/arxiv"
	"paperboy/sources/huggingface"
)

// reads gives the town the real clients of both sources, and what they reach.
func (w *town) reads(r *replay.Replay, withArxiv bool) {
	w.Helper()
	r.Now = w.clock
	agent := polite.UserAgent("1.0", "pi@lab.example")
	w.sources = []core.Source{huggingface.New("https://huggingface.co", &polite.Client{Agent: agent, Transport: r}, w.clock)}
	if withArxiv {
		w.sources = append(w.sources, arxiv.New(arxiv.Config{
			URL: "https://export.arxiv.org", RSSURL: "https://rss.arxiv.org", Categories: []string{"cs.LG", "cs.CL"},
			Client: &polite.Client{Agent: agent, Transport: r, RateLimiter: &polite.RateLimiter{}}, Notes: w.store, Now: w.clock,
		}))
	}
	w.bot.Feed.Sources = w.sources
}

// polls is the bot asking its sources at that moment.
func (w *town) polls(when string) {
	w.Helper()
	w.now = at(when)
	if err := w.bot.Fetch(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// a paper that both sources can list.
func byHF(id string, words string) core.Seen {
	return core.Seen{Paper: core.Paper{ID: core.PaperID(id), Title: words + " " + id, Abstract: "Text.", Authors: []string{"Ana Lee"}}, Sighting: core.Sighting{Source: "hf"}, Authority: core.Index}
}

func byArxiv(id string, words string) core.Seen {
	return core.Seen{Paper: core.Paper{ID: core.PaperID(id), Version: 1, Title: words + " " + id, Abstract: "Text.", Authors: []string{"Ana Lee"}, Categories: []string{"cs.LG"}}, Sighting: core.Sighting{Source: "arxiv"}, Authority: core.Publisher}
}

// november is from a Thursday to the Tuesday after; every paper is about LoRA.
func november(t *testing.T) (*town, *replay.Replay) {
	w := newTown(t)
	r := replay.FromPapers(map[core.Date][]core.Seen{
		"2025-11-20": {byHF("2511.20001", "LoRA"), byArxiv("2511.20002", "LoRA")},
		"2025-11-21": {byHF("2511.21001", "LoRA"), byArxiv("2511.21002", "LoRA")},
		"2025-11-24": {byHF("2511.24001", "LoRA"), byArxiv("2511.24002", "LoRA")},
		"2025-11-25": {byHF("2511.25001", "LoRA"), byArxiv("2511.25002", "LoRA")},
	})
	w.now = at("2025-11-20 08:30")
	w.reads(r, true)
	w.polls("2025-11-20 08:30")
	w.says("pi", "subscribe lora")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.polls("2025-11-21 08:55")
	w.until(at("2025-11-21 09:00"))
	w.posted("2511.21001", "2511.21002")
	return w, r
}

// posted checks all papers that were ever posted, in order.
func (w *town) posted(want ...core.PaperID) {
	w.Helper()
	if got := w.postedPapers(); !slices.Equal(got, want) {
		w.Errorf("posted %v, want %v", got, want)
	}
}

func TestSaturday(t *testing.T) {
	w, _ := november(t)
	messages := len(w.chat.posts)
	for _, when := range []string{"2025-11-22 08:55", "2025-11-22 20:00", "2025-11-23 10:00"} {
		w.polls(when)
		w.until(w.now)
	}
	if len(w.chat.posts) != messages {
		t.Error("something was posted at the weekend")
	}
	w.sees(text(w.says("pi", "today").Card), "arXiv announces nothing on Friday and Saturday, and Hugging Face lists nothing at weekends. Next post: Monday 09:00 (Berlin).")
	status := text(w.says("pi", "status").Card)
	w.sees(status, "Hugging Face: nothing due", "arXiv: nothing due", "Next post: Mon 24 Nov 09:00 (Berlin)")
}

func TestArxivIsLateOnMonday(t *testing.T) {
	w, r := november(t)
	r.Stale("2025-11-24", true)
	w.polls("2025-11-24 08:55")
	w.until(at("2025-11-24 09:00"))
	w.posted("2511.21001", "2511.21002", "2511.24001")
	header := w.chat.posts[len(w.chat.posts)-2]
	w.sees(text(header.Card), "Mon 24 Nov", "1 new for this channel", "arXiv is late")
	w.sees(text(w.says("pi", "status").Card), "arXiv: stale")

	r.Stale("2025-11-24", false)
	w.polls("2025-11-24 13:00")
	w.polls("2025-11-25 08:55")
	w.until(at("2025-11-25 09:00"))
	w.posted("2511.21001", "2511.21002", "2511.24001", "2511.24002", "2511.25001", "2511.25002")
	late := w.message("2511.24002").Card.Papers[0].Labels
	if !slices.Contains(late, "listed late") {
		t.Errorf("labels %v", late)
	}
	for _, id := range []core.PaperID{"2511.25001", "2511.25002"} {
		if labels := w.message(id).Card.Papers[0].Labels; len(labels) != 0 {
			t.Errorf("%s: %v", id, labels)
		}
	}
	w.sees(text(w.says("pi", "status").Card), "arXiv: fresh")
}

func TestHuggingFaceIsDown(t *testing.T) {
	w, r := november(t)
	r.Fail(func(req *http.Request) *http.Response {
		if strings.Contains(req.URL.Host, "huggingface") {
			return replay.Answer(200, "<html>We are down</html>")
		}
		return nil
	})
	w.polls("2025-11-24 08:55")
	w.until(at("2025-11-24 09:00"))
	w.posted("2511.21001", "2511.21002", "2511.24002")
	w.sees(text(w.chat.posts[len(w.chat.posts)-2].Card), "Hugging Face has not answered since Fri 08:55")
	w.sees(text(w.says("pi", "status").Card), "Hugging Face: failed")
	if n := strings.Count(w.log.String(), "a source failed"); n != 1 {
		t.Errorf("logged %d times", n)
	}

	// A day later it is mentioned in the channel, once; and once more when it is back.
	messages := len(w.chat.posts)
	for hour := range 26 {
		w.now = at("2025-11-24 10:00").Add(time.Duration(hour) * time.Hour)
		w.polls(w.now.Format("2006-01-02 15:04"))
		w.until(w.now)
	}
	said := func() (notices []string) {
		for _, p := range w.chat.posts[messages:] {
			if len(p.Card.Papers) == 0 && p.Card.Title == "" {
				notices = append(notices, text(p.Card))
			}
		}
		return notices
	}
	if n := len(said()); n != 1 {
		t.Fatalf("%d notices, want one", n)
	}
	w.sees(said()[0], "Hugging Face has not answered since")
	w.posted("2511.21001", "2511.21002", "2511.24002", "2511.25002") // the notice took no post's place
	r.Fail(nil)
	w.polls("2025-11-25 14:00")
	w.until(at("2025-11-25 14:00"))
	if n := len(said()); n != 2 {
		t.Fatalf("%d notices, want one that it is back", n)
	}
	w.sees(said()[1], "Hugging Face is back.")
	w.polls("2025-11-26 08:55")
	w.until(at("2025-11-26 09:00"))
	got := w.postedPapers()
	slices.Sort(got)
	if want := []core.PaperID{"2511.21001", "2511.21002", "2511.24001", "2511.24002", "2511.25001", "2511.25002"}; !slices.Equal(got, want) {
		t.Errorf("posted %v, want %v", got, want)
	}
}

// Real days, as they were recorded. Four papers of them were listed twice, six
// days apart or less; nothing is repeated, and nothing that matches is lost.
func TestRealDaysAndThePapersThatWereListedTwice(t *testing.T) {
	dir := recordings.Dir(t)
	for _, c := range []struct {
		from, until string
		twice       []core.PaperID
	}{
		{"2026-04-07", "2026-04-20", []core.PaperID{"2604.07429"}},
		{"2026-06-05", "2026-06-24", []core.PaperID{"2606.11176"}},
		{"2026-08-10", "2026-08-21", []core.PaperID{"2608.12313", "2608.13558"}},
	} {
		t.Run(c.from, func(t *testing.T) {
			w := newTown(t)
			r, err := replay.FromDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			w.now = at(c.from + " 12:00")
			w.reads(r, false)
			w.polls(c.from + " 12:00")
			w.says("pi", "subscribe model*, a, the") // nearly everything
			w.says("pi", "settings max:15")
			w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
			for w.now.Before(at(c.until + " 12:00")) {
				next := w.nextDue()
				for w.now.Before(next) { // as Run does, every six hours instead of every half
					w.now = w.now.Add(6 * time.Hour)
					if w.now.After(next) {
						w.now = next
					}
					w.polls(w.now.In(berlin).Format("2006-01-02 15:04"))
				}
				w.until(next)
			}
			got := w.postedPapers()
			if len(got) < 50 {
				t.Errorf("only %d papers in these days", len(got))
			}
			seen := map[core.PaperID]int{}
			for _, id := range got {
				if seen[id]++; seen[id] > 1 {
					t.Errorf("%s was posted twice", id)
				}
			}
			sightings, err := w.store.Sightings(t.Context(), c.twice)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range c.twice {
				if n := len(sightings[id]); n != 2 {
					t.Errorf("%s was listed %d times: %v", id, n, sightings[id])
				}
				if seen[id] > 1 {
					t.Errorf("%s was listed twice and posted %d times", id, seen[id])
				}
			}
			// What was listed and matches is posted, or skipped for want of room.
			papers, err := w.store.ChangedPapers(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			topics, err := w.store.Topics(t.Context(), w.channel().ID)
			if err != nil {
				t.Fatal(err)
			}
			var lost []string
			for _, p := range papers {
				if p.Seq <= topics[0].Since {
					continue // it was there before the topic
				}
				if _, err := w.store.Delivery(t.Context(), w.channel().ID, core.PaperItem(p.ID)); err != nil {
					lost = append(lost, fmt.Sprint(p.ID))
				}
			}
			if len(lost) > 0 {
				t.Errorf("%d of %d papers are nowhere: %v", len(lost), len(papers), lost)
			}
			t.Logf("%d papers listed, %d posted, %d nowhere", len(papers), len(got), len(lost))
		})
	}
}
