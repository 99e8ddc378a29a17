package journey

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
)

// seedMonth lists the whole page over the last weeks, as what was there before.
func (w *town) seedMonth() {
	w.Helper()
	days := []core.Date{"2025-10-30", "2025-11-05", "2025-11-12", "2025-11-19"}
	for n := 1; n <= 33; n++ {
		w.lists(days[n%len(days)], true, n)
	}
}

func TestOneGreetingAndNoDirectMessage(t *testing.T) {
	w := newTown(t)
	card, err := w.bot.Joined(w.Context(), channel(papersChannel), "#papers", false)
	if err != nil {
		t.Fatal(err)
	}
	w.sees(text(card), "Hi, I'm Paperboy", "`/papers preview diffusion`", "`/papers subscribe diffusion`", "`/papers schedule 09:00 Europe/Berlin weekdays`", "I read only commands and reactions on my own posts.")
	if len(w.chat.posts) != 0 {
		t.Errorf("the bot posted by itself: %v", w.chat.posts)
	}
}

func TestTheBareCommandInAnEmptyChannel(t *testing.T) {
	w := newTown(t)
	r := w.says("pi", "")
	w.sees(text(r.Card), "This channel has no topics yet. Start with `/papers subscribe diffusion`.")
	if r.Public || r.Line != nil {
		t.Error("the answer should be private")
	}
}

func TestPreviewOfATopic(t *testing.T) {
	w := newTown(t)
	w.seedMonth()
	r := w.says("pi", "preview diffusion")
	matched := core.Card{Papers: slices.DeleteFunc(slices.Clone(r.Card.Papers), func(v core.View) bool { return slices.Contains(v.Labels, "near miss") })}
	if diff := cmp.Diff([]core.PaperID{seedID(1), seedID(2), seedID(3), seedID(28)}, ids(matched)); diff != "" {
		t.Error(diff)
	}
	w.sees(text(r.Card), "4 papers", "word diffusion in title or abstract, in cs.*, stat.ML, eess.* (HF-listed papers always included)")
	if len(w.chat.posts) != 0 || r.Public || r.Line != nil {
		t.Error("a preview posts nothing")
	}
}

func TestTypedOnAPhone(t *testing.T) {
	w := newTown(t)
	w.seedMonth()
	straight := w.says("pi", `preview diffusion -"stable diffusion"`)
	curly := w.says("pi", "preview diffusion –“stable diffusion”")
	if diff := cmp.Diff(straight, curly); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]core.PaperID{seedID(1), seedID(3), seedID(28)}, ids(curly.Card)); diff != "" {
		t.Error(diff)
	}
}

func TestSubscribeListAndTwice(t *testing.T) {
	w := newTown(t)
	w.seedMonth()
	r := w.says("pi", `subscribe diffusion -"stable diffusion", lora`)
	if got, want := texts(r.Line), `@pi follows 2 topics here: diffusion -"stable diffusion" and lora.`; got != want {
		t.Errorf("public line %q, want %q", got, want)
	}
	w.sees(text(r.Card), "I read this as", "about one a week")
	list := text(w.says("ana", "list").Card)
	w.sees(list, `#1 diffusion -"stable diffusion"`, "#2 lora", "added by pi on 24 Nov 2025")
	again := w.says("ana", "subscribe LoRA")
	w.sees(text(again.Card), "This channel already follows lora (#2). Nothing changed.")
	if again.Line != nil {
		t.Error("nothing changed, so nobody else hears of it")
	}
	if after := text(w.says("ana", "list").Card); after != list {
		t.Error("subscribing twice changed the list")
	}
}

func TestNoOldPaperIsPostedBySubscribing(t *testing.T) {
	w := newTown(t)
	w.seedMonth()
	w.lists("2025-11-24", false, 1, 2, 3) // even those that came an hour ago
	w.says("pi", "subscribe diffusion, lora")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.until(at("2025-11-25 09:00"))
	if len(w.chat.posts) != 0 {
		t.Errorf("posted: %v", w.postedPapers())
	}
}

func TestWhenTheNextPostComes(t *testing.T) {
	w := newTown(t)
	w.sees(text(w.says("pi", "schedule 09:00 Europe/Berlin weekdays").Card), "Next post: Tue 25 Nov 09:00 (Berlin), in 21 h")
	w.sees(text(w.says("pi", "schedule 9 CET+1").Card), "I do not know the zone `CET+1`. Use a name such as `Europe/Berlin`.")
}

// The clocks of Berlin go back on 26 October 2025 and forward on 29 March 2026.
func TestHalfPastTwoOnBothClockChangeDays(t *testing.T) {
	for _, day := range []string{"2025-10-26", "2026-03-29"} {
		t.Run(day, func(t *testing.T) {
			w := newTown(t)
			w.now = at(day+" 00:00").AddDate(0, 0, -1)
			w.says("pi", "subscribe diffusion")
			w.says("pi", "settings quiet:note")
			w.says("pi", "schedule 02:30 Europe/Berlin daily")
			midnight := at(day + " 00:00")
			w.until(midnight)
			before := len(w.chat.posts)
			for end := midnight.AddDate(0, 0, 1); w.now.Before(end); {
				w.until(w.now.Add(5 * 60e9))
			}
			if n := len(w.chat.posts) - before; n != 1 {
				t.Errorf("%d posts on the day of the clock change, want 1", n)
			}
		})
	}
}

// tuesday is a channel that follows diffusion and lora, after its first post.
func tuesday(t *testing.T) *town {
	w := newTown(t)
	w.says("pi", "subscribe diffusion, lora")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.until(at("2025-11-25 08:30"))
	w.lists("2025-11-25", false, 1, 2, 3, 28, 17, 19, 5, 9)
	w.until(at("2025-11-25 09:00"))
	return w
}

func TestTheDailyPost(t *testing.T) {
	w := tuesday(t)
	if len(w.chat.posts) != 7 {
		t.Fatalf("%d messages, want a header and six papers", len(w.chat.posts))
	}
	header := w.chat.posts[0]
	w.sees(text(header.Card), "Papers · Tue 25 Nov", "6 new for this channel", "diffusion (4)", "lora (3)", "1 matches both", "top 5 below, 1 in thread", "next post Wed 09:00 Berlin")
	if header.Silent || len(header.Card.Buttons) != 0 {
		t.Error("a header notifies and carries no buttons")
	}
	for i, p := range w.chat.posts[1:] {
		place, want := p.Place, core.InChannel
		if i == 5 {
			want = core.InThread
		}
		if place != want || place == core.InThread && p.Header != header.Ref {
			t.Errorf("paper %d is in %s, want %s", i+1, place, want)
		}
		if !p.Silent || len(p.Card.Papers) != 1 || len(p.Card.Buttons) != 5 {
			t.Errorf("paper %d is not one silent message with five buttons: %+v", i+1, p)
		}
	}
	got := w.postedPapers()
	slices.Sort(got)
	if diff := cmp.Diff([]core.PaperID{seedID(1), seedID(2), seedID(3), seedID(17), seedID(19), seedID(28)}, got); diff != "" {
		t.Error(diff)
	}
	w.sees(w.message(seedID(3)).Card.Papers[0].Matched.String(), "matched diffusion, LoRA")
}

func TestWhatAMessageShows(t *testing.T) {
	w := newTown(t)
	p := w.papers[seedID(1)]
	p.Title = strings.Repeat("Diffusion & <b>boundaries</b> ", 10)
	p.Abstract = "In this paper, we propose <!channel> lamps" + strings.Repeat(", and more of them", 20) + ". " + p.Abstract
	p.Authors = []string{"Jan Peter Doe"}
	w.papers[p.ID] = p
	w.says("pi", "subscribe diffusion")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.until(at("2025-11-25 08:30"))
	w.lists("2025-11-25", false, 1, 28)
	w.until(at("2025-11-25 09:00"))
	v := w.message(p.ID).Card.Papers[0]
	if v.Authors != "Jan Peter Doe" {
		t.Errorf("authors %q", v.Authors)
	}
	if n := len([]rune(v.Excerpt)); n > 220 || !strings.HasSuffix(v.Excerpt, " …") {
		t.Errorf("excerpt of %d characters: %q", n, v.Excerpt)
	}
	if !strings.HasPrefix(v.Excerpt, "In this paper, we propose <!channel> lamps") || !strings.Contains(v.Title, "<b>boundaries</b>") {
		t.Error("strangers' text is carried as it is; the renderer escapes it")
	}
	if v.URL != "https://arxiv.org/abs/9912.00001" {
		t.Errorf("URL %q", v.URL)
	}
	nobody := w.message(seedID(28)).Card.Papers[0] // no author line on the page
	if nobody.Authors != "" || slices.ContainsFunc(nobody.Facts, func(f string) bool { return strings.Contains(f, "▲") }) {
		t.Errorf("unknown things are left out: %+v", nobody)
	}
}
