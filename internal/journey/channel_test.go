package journey

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
)

func TestOnlyPapersWithUpvotes(t *testing.T) {
	w := newTown(t)
	few, enough := 19, 20
	for n, up := range map[int]*int{1: &few, 28: &enough, 3: nil} {
		p := w.papers[seedID(n)]
		p.Upvotes = up
		w.papers[p.ID] = p
	}
	w.sees(text(w.says("pi", "subscribe diffusion min:20").Card), "at least 20 upvotes on Hugging Face")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.lists("2025-11-24", false, 1, 3, 28)
	w.until(at("2025-11-25 09:00"))
	if diff := cmp.Diff([]core.PaperID{seedID(28)}, w.postedPapers()); diff != "" {
		t.Error(diff)
	}
	// Eligible and not yet posted: a paper that people come to like follows.
	p := w.papers[seedID(1)]
	p.Upvotes = &enough
	w.papers[p.ID] = p
	w.lists("2025-11-24", false, 1)
	w.until(at("2025-11-26 09:00"))
	if diff := cmp.Diff([]core.PaperID{seedID(28), seedID(1)}, w.postedPapers()); diff != "" {
		t.Error(diff)
	}
}

// Who fills in an option writes the words of a line into it as well; what was
// chosen beside it counts.
func TestALineInAnOption(t *testing.T) {
	w := almostTuesday(t)
	for _, c := range []struct {
		args map[string]string
		want int
	}{
		{map[string]string{"query": "diffusion"}, 4},
		{map[string]string{"query": "limit:2 diffusion sort:new"}, 2},
		{map[string]string{"query": "diffusion limit:2", "limit": "3"}, 3},
	} {
		r := w.bot.Do(t.Context(), core.Request{Channel: channel(papersChannel), User: user("ana"), Verb: "search", Args: c.args})
		if n := len(r.Card.Papers); n != c.want || r.Failed {
			t.Errorf("%v: %d papers, want %d: %s", c.args, n, c.want, text(r.Card))
		}
	}
	r := w.bot.Do(t.Context(), core.Request{Channel: channel(papersChannel), User: user("ana"), Verb: "search", Args: map[string]string{"query": "limit:2 diffusion -"}})
	w.sees(text(r.Card), "I could not read `diffusion -`")
	w.sees(r.Card.Block, "limit:2 diffusion -\n                  ^")
}

func TestTheOptionCountsForEveryTopic(t *testing.T) {
	w := newTown(t)
	r := w.bot.Do(t.Context(), core.Request{Channel: channel(papersChannel), User: user("pi"), Verb: "subscribe", Args: map[string]string{"topic": "llm | lora, diffusion", "min": "20"}})
	w.sees(texts(r.Line), "llm min:20 | lora min:20", "diffusion min:20")
}

func TestTheThreadLayout(t *testing.T) {
	w := almostTuesday(t)
	w.says("pi", "settings layout:thread max:10 seed:yes")
	w.tick()
	w.onceEach()
	header := w.chat.posts[0]
	w.sees(text(header.Card), "6 papers in thread", w.papers[seedID(28)].Title)
	for _, p := range w.chat.posts[1:] {
		if p.Place != core.InThread || p.Header.ID != header.Ref.ID || p.Thread != "Papers · Tue 25 Nov" || !p.Seed {
			t.Errorf("%s: %s in thread %q of %s, seed %v", p.Key, p.Place, p.Thread, p.Header.ID, p.Seed)
		}
	}
}

func TestDigestLayoutIsOneMessageWithNumberedVotes(t *testing.T) {
	w := almostTuesday(t)
	w.says("pi", "settings layout:digest max:15")
	w.tick()
	if len(w.chat.posts) != 1 {
		t.Fatalf("%d messages, want one", len(w.chat.posts))
	}
	card := w.chat.posts[0].Card
	if !card.Numbered || len(card.Papers) != 6 || len(card.Buttons) != 6 || card.Buttons[5].Label != "6" {
		t.Errorf("%d papers, buttons %v", len(card.Papers), card.Buttons)
	}
	second := card.Papers[1].ID
	w.presses("ana", card, "2")
	w.presses("ben", card, "2")
	if got := w.votes(second).Up; got != 2 {
		t.Errorf("%d votes for the second, want 2", got)
	}
	w.presses("ana", card, "2")
	if got := w.votes(second).Up; got != 1 {
		t.Errorf("%d votes after Ana took hers back, want 1", got)
	}
	w.until(at("2025-11-26 09:00"))
	if len(w.chat.posts) != 1 {
		t.Error("posted again on a quiet day")
	}
}

func TestWhatIsBeyondThePostIsCountedAndNeverComesBack(t *testing.T) {
	w := newTown(t)
	w.says("pi", "subscribe cat:* -zzz")
	w.says("pi", "subscribe learning | model | image | data")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.says("pi", "settings layout:thread max:3")
	w.now = at("2025-11-25 08:30")
	all := make([]int, 33)
	for i := range all {
		all[i] = i + 1
	}
	w.lists("2025-11-25", false, all...)
	w.until(at("2025-11-25 09:00"))
	if n := len(w.postedPapers()); n != 3 {
		t.Fatalf("%d papers, want 3", n)
	}
	header := text(w.chat.posts[0].Card)
	w.sees(header, "more today: `/papers today`")
	skipped, err := w.store.DeliveriesOf(t.Context(), w.channel().ID, time.Time{}, core.Skipped)
	if err != nil || len(skipped) == 0 || skipped[0].Reason == "" {
		t.Fatalf("skipped papers are written down with a reason: %v, %v", skipped, err)
	}
	w.sees(header, fmt.Sprintf("%d more today", len(skipped)), fmt.Sprintf("%d new for this channel", len(skipped)+3))
	w.until(at("2025-11-26 09:00"))
	if n := len(w.postedPapers()); n != 3 {
		t.Errorf("what was beyond the post came the next day: %d papers", n)
	}
}

func TestMuted(t *testing.T) {
	w := almostTuesday(t)
	r := w.says("pi", "mute lora for:7d")
	w.sees(texts(r.Line), "@pi hid papers that match lora here for 7 days")
	w.sees(text(w.says("ana", "list").Card), "Hidden here: papers that match lora, for 7 days")
	w.tick()
	got := w.postedPapers()
	slices.Sort(got)
	if diff := cmp.Diff([]core.PaperID{seedID(1), seedID(2), seedID(28)}, got); diff != "" {
		t.Errorf("muted papers are hidden: %s", diff)
	}
	w.now = w.now.AddDate(0, 0, 7)
	w.doesNotSee(text(w.says("ana", "list").Card), "Muted")
}

func TestAPaperMutedForMe(t *testing.T) {
	w := tuesday(t)
	w.says("ana", "mute 9912.00028")
	mine := w.says("ana", "diffusion").Card
	if slices.Contains(ids(mine), seedID(28)) {
		t.Error("I muted it")
	}
	w.sees(text(mine), "1 paper that you muted left out")
	if !slices.Contains(ids(w.says("ben", "diffusion").Card), seedID(28)) {
		t.Error("Ben did not")
	}
	w.says("ana", "unmute 9912.00028")
	if !slices.Contains(ids(w.says("ana", "diffusion").Card), seedID(28)) {
		t.Error("shown again")
	}
}

func TestMutedFromAPaperAndTakenBack(t *testing.T) {
	w := tuesday(t)
	menu := w.presses("ana", w.message(seedID(3)).Card, "Mute")
	w.sees(text(menu.Card), w.papers[seedID(3)].Title)
	long := w.presses("ana", menu.Card, "Papers that match lora")
	if !long.Edit {
		t.Error("the menu goes on in its place")
	}
	done := w.presses("ana", long.Card, "a month")
	w.sees(text(done.Card), "Hidden here for 30 days: papers that match lora.")
	undone := w.presses("ana", done.Card, "Undo")
	w.sees(text(undone.Card), "Shown here again: papers that match lora.")
	w.doesNotSee(text(w.says("ana", "list").Card), "Muted")
}

func TestPauseAndCatchUp(t *testing.T) {
	for _, chosen := range []bool{true, false} {
		w := newTown(t)
		w.says("pi", "subscribe diffusion, lora")
		w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
		w.sees(texts(w.says("pi", "pause 14d").Line), "@pi paused the posts here until Mon 8 Dec")
		w.until(at("2025-11-25 08:30"))
		w.lists("2025-11-25", false, 1, 2, 3, 28, 17, 19)
		w.until(at("2025-11-27 09:00"))
		if len(w.chat.posts) != 0 {
			t.Fatal("posted during the pause")
		}
		r := w.says("pi", "resume")
		w.sees(texts(r.Line), "6 papers were missed")
		w.until(at("2025-11-28 09:00"))
		if len(w.chat.posts) != 0 {
			t.Fatal("what is not chosen is skipped")
		}
		if !chosen {
			continue
		}
		w.presses("pi", r.Card, "Catch up now")
		w.until(w.now.Add(time.Minute))
		w.onceEach()
		w.sees(text(w.chat.posts[0].Card), "Catch-up · Fri 28 Nov")
		w.until(at("2025-12-01 09:00"))
		w.onceEach()
	}
}

func TestSubscribeUnsubscribeUndo(t *testing.T) {
	w := newTown(t)
	w.says("pi", "subscribe diffusion, lora, llm")
	w.sees(text(w.says("pi", "unsubscribe 9").Card), "No topic #9 here. `/papers list` shows 1–3.")
	r := w.says("pi", "unsubscribe #2")
	w.sees(texts(r.Line), "@pi stopped following lora here.")
	w.doesNotSee(text(w.says("pi", "list").Card), "lora")
	w.presses("pi", r.Card, "Undo")
	w.sees(text(w.says("pi", "list").Card), "#2 lora")
	r = w.says("pi", "unsubscribe LoRA")
	w.now = w.now.Add(11 * time.Minute)
	w.sees(text(w.presses("pi", r.Card, "Undo").Card), "more than ten minutes ago")
}

func TestMistypedThingsAreExplained(t *testing.T) {
	w := newTown(t)
	w.says("pi", "subscribe diffusion")
	for typed, want := range map[string]string{
		"diffusion -":                 "I could not read `diffusion -`. A minus needs a word right after it: `-video`.",
		"subscribe -survey":           "A topic needs at least one positive word. `-survey` alone would match almost everything.",
		"search (bert | gpt) lora":    "Brackets are not supported. Write `bert lora | gpt lora`.",
		"subscrbe lora":               "Did you mean `/papers subscribe lora`?",
		"help subscrib":               "Try `/papers help subscribe`",
		"show 12.34":                  "I could not read `12.34`. Write an arXiv id or a link",
		"show":                        "`/papers show` needs an arXiv id or a link to the paper: `/papers show 2509.24002`.",
		"settings max:20":             "Write a number from 1 to 15",
		"settings layout:forum":       "needs a forum channel",
		"settings colour:red":         "I could not read `colour:red`",
		"schedule 25:00":              "25:00",
		"export word":                 "`bibtex`",
		"top since:yesterweek":        "yesterweek",
		"mute #7":                     "No topic #7 here",
		"list please":                 "takes no words",
		"show 2509.99999":             "I do not have the paper",
		"search diffusion sort:best!": "`best`, `new` or `top`",
	} {
		got := text(w.says("pi", typed).Card)
		if !strings.Contains(got, want) {
			t.Errorf("/papers %s\n got: %s\nwant: %s", typed, got, want)
		}
		w.doesNotSee(got, "ref ", "went wrong")
	}
	// The caret stands under the place in what was typed.
	r := w.says("pi", "search diffusion titel:lora")
	lines := strings.Split(r.Card.Block, "\n")
	if len(lines) != 2 || strings.Index(lines[1], "^") != strings.Index(lines[0], "titel") {
		t.Errorf("block:\n%s", r.Card.Block)
	}
}

func TestCompletion(t *testing.T) {
	w := tuesday(t)
	for n := range 40 {
		w.says("pi", fmt.Sprintf("subscribe topic%d", n))
	}
	complete := func(p core.Partial) []core.Choice {
		p.Channel, p.User = channel(papersChannel), user("pi")
		choices := w.bot.Complete(t.Context(), p)
		labels := map[string]bool{}
		for _, c := range choices {
			if labels[c.Label] || c.Label == "" || len([]rune(c.Label)) > 100 {
				t.Errorf("label %q is there twice, empty or too long", c.Label)
			}
			labels[c.Label] = true
		}
		if len(choices) > 25 {
			t.Errorf("%d choices", len(choices))
		}
		return choices
	}
	first := func(p core.Partial, value string) {
		t.Helper()
		if got := complete(p); len(got) == 0 || got[0].Value != value {
			t.Errorf("%+v: %+v, want first %q", p, got, value)
		}
	}
	first(core.Partial{Text: "sub"}, "subscribe ")
	first(core.Partial{Text: "settings lay"}, "settings layout:")
	first(core.Partial{Text: "settings layout:th"}, "settings layout:thread")
	first(core.Partial{Text: "schedule 09:00 berl"}, "schedule 09:00 Europe/Berlin")
	first(core.Partial{Text: "unsubscribe lor"}, "unsubscribe 2")
	first(core.Partial{Text: "show 9912"}, "show "+string(w.postedPapers()[5]))
	first(core.Partial{Verb: "unsubscribe", Option: "topic", Value: "topic39"}, "42")
	first(core.Partial{Verb: "top", Option: "since", Value: ""}, "1d")
	if got := complete(core.Partial{Verb: "unsubscribe", Option: "topic"}); len(got) != 25 {
		t.Errorf("%d choices of 42 topics", len(got))
	}

	// The label instead of the value works, and so does free text.
	label := complete(core.Partial{Verb: "unsubscribe", Option: "topic", Value: "topic3"})[0].Label
	w.sees(texts(w.bot.Do(t.Context(), core.Request{Channel: channel(papersChannel), User: user("pi"), Verb: "unsubscribe", Args: map[string]string{"topic": label}}).Line), "stopped following topic3 here")
	w.sees(texts(w.bot.Do(t.Context(), core.Request{Channel: channel(papersChannel), User: user("pi"), Verb: "unsubscribe", Args: map[string]string{"topic": "Topic5"}}).Line), "stopped following topic5 here")
	label = complete(core.Partial{Verb: "show", Option: "paper", Value: "9912.00028"})[0].Label
	w.sees(text(w.bot.Do(t.Context(), core.Request{Channel: channel(papersChannel), User: user("pi"), Verb: "show", Args: map[string]string{"paper": label}}).Card), w.papers[seedID(28)].Title)
}

func TestARequestThatComesTwiceIsAnsweredOnce(t *testing.T) {
	w := newTown(t)
	r := core.Request{ID: "1", Channel: channel(papersChannel), User: user("pi"), Text: "subscribe lora"}
	if first := w.bot.Do(t.Context(), r); first.Line == nil {
		t.Error("the first is answered")
	}
	if again := w.bot.Do(t.Context(), r); len(again.Card.Lines) != 0 || again.Line != nil {
		t.Errorf("the second is passed over: %+v", again)
	}
}

func TestAnOldButtonAnswers(t *testing.T) {
	w := newTown(t)
	for _, id := range []string{"pb0|save|2509.24002", "pb1|dance|2509.24002", "pb1|save", "", "pb1|mute|2509.24002|9"} {
		r := w.bot.Press(t.Context(), core.Press{Channel: channel(papersChannel), User: user("ana"), Button: id})
		if len(r.Card.Lines) == 0 || r.Public {
			t.Errorf("%q: %+v", id, r)
		}
	}
}

func TestConfigurationMovesHouse(t *testing.T) {
	pi := newTown(t)
	pi.says("ana", `subscribe diffusion -"stable diffusion", lora min:3`)
	pi.says("ana", "schedule 07:30 Asia/Tokyo daily")
	pi.says("ana", "settings max:7 layout:thread scope:cs.*,math.OC quiet:note")
	pi.says("ana", "mute survey for:30d")
	file := pi.says("ana", "export config").File
	if file == nil {
		t.Fatal("no file")
	}
	laptop := newTown(t)
	for n, want := range []int{1, 0} {
		channels, changed, err := laptop.bot.ImportConfig(t.Context(), file.Data)
		if err != nil || channels != 1 || changed != want {
			t.Errorf("import %d: %d channels, %d changed, %v", n+1, channels, changed, err)
		}
	}
	again := laptop.says("ben", "export config").File
	if diff := cmp.Diff(string(file.Data), string(again.Data)); diff != "" {
		t.Error(diff)
	}
	if a, b := pi.says("ana", "settings").Card.Block, laptop.says("ben", "settings").Card.Block; a != b {
		t.Errorf("settings differ:\n%s\n%s", a, b)
	}
}

func TestAClockThatCannotBeTrue(t *testing.T) {
	w := almostTuesday(t)
	w.bot.Plan.NotBefore, w.bot.Chat.NotBefore = at("2025-11-01 00:00"), at("2025-11-01 00:00")
	right := w.now
	w.until(time.Date(1970, 1, 1, 0, 5, 0, 0, time.UTC))
	if len(w.chat.posts) != 0 {
		t.Fatal("posted in 1970")
	}
	w.sees(text(w.says("pi", "status").Card), "My clock says 1 Jan 1970")
	w.until(right)
	w.onceEach()
	if len(w.chat.posts) != 7 {
		t.Errorf("%d messages, want one post", len(w.chat.posts))
	}
}

func TestOneCatchUpAfterThreeDays(t *testing.T) {
	w := newTown(t)
	w.says("pi", "subscribe diffusion, lora")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.until(at("2025-11-27 09:00")) // Thursday; nothing to post until then, and then the network is gone
	w.now = at("2025-12-01 09:30")  // Monday: Friday's and Monday's posts are due
	w.lists("2025-11-28", false, 1, 2, 3)
	w.lists("2025-12-01", false, 28, 17, 19)
	w.until(w.now)
	w.onceEach()
	w.sees(text(w.chat.posts[0].Card), "Catch-up: 2 days · Mon 1 Dec")
	if len(w.chat.posts) != 7 {
		t.Errorf("%d messages, want one header and six papers", len(w.chat.posts))
	}
	for _, id := range []core.PaperID{seedID(1), seedID(17)} {
		if labels := w.message(id).Card.Papers[0].Labels; len(labels) != 0 {
			t.Errorf("%s is not late, the post was: %v", id, labels)
		}
	}
}

func TestListedLate(t *testing.T) {
	w := tuesday(t)
	w.until(at("2025-11-26 08:00"))
	w.lists("2025-11-25", false, 16) // still on Tuesday's list, as it fills up
	w.lists("2025-11-23", false, 25) // a list that was complete when Tuesday's post went out
	w.says("pi", "subscribe llm")
	w.until(at("2025-11-26 09:00"))
	if len(w.postedPapers()) != 6 {
		t.Fatal("what was there when the topic came is seen")
	}
	w.lists("2025-11-26", false, 16)
	for n, late := range map[int]bool{11: false, 12: true} {
		p := w.papers[seedID(n)]
		p.Title = "LLM " + p.Title
		w.papers[p.ID] = p
		day := core.Date("2025-11-26")
		if late {
			day = "2025-11-21"
		}
		w.lists(day, false, n)
	}
	w.until(at("2025-11-27 09:00"))
	for n, late := range map[int]bool{11: false, 12: true} {
		if got := slices.Contains(w.message(seedID(n)).Card.Papers[0].Labels, "listed late"); got != late {
			t.Errorf("#%d listed late: %v, want %v", n, got, late)
		}
	}
}

func TestTheBestOfTheWeek(t *testing.T) {
	w := tuesday(t)
	w.says("pi", "settings weekly:yes")
	w.reacts("ana", seedID(19), "👍", true)
	w.reacts("ben", seedID(19), "👍", true)
	w.reacts("ana", seedID(2), "👍", true)
	w.until(at("2025-12-01 09:00"))
	last := w.chat.posts[len(w.chat.posts)-1].Card
	w.sees(text(last), "Best of the week · Mon 1 Dec")
	var order []core.PaperID
	for _, v := range last.Papers {
		order = append(order, v.ID)
	}
	if diff := cmp.Diff([]core.PaperID{seedID(19), seedID(2)}, order); diff != "" {
		t.Error(diff)
	}
}

func TestNothingSecretOrStrangeInTheLog(t *testing.T) {
	w := tuesday(t)
	w.chat.fail = func(core.Post) error { return errors.New("boom") }
	w.store.Close()
	r := w.says("pi", "list")
	got := text(r.Card)
	w.sees(got, "That failed on my side (ref ", "Nothing was changed.")
	ref := got[strings.Index(got, "ref ")+4:][:4]
	w.sees(w.log.String(), "ref="+ref)
}
