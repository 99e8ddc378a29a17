package journey

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paperboy/core"
)

// votes are the votes of a paper in #papers.
func (w *town) votes(id core.PaperID) core.Tally {
	w.Helper()
	ch := w.channel()
	tally, err := w.store.Tally(w.Context(), ch.ID, []core.PaperID{id}, time.Time{})
	if err != nil {
		w.Fatal(err)
	}
	return tally[id]
}

// channel is #papers as the store has it.
func (w *town) channel() core.Channel {
	w.Helper()
	ch, err := w.store.EnsureChannel(w.Context(), core.Channel{Key: channel(papersChannel)})
	if err != nil {
		w.Fatal(err)
	}
	return ch
}

// amends is what Run does every hour.
func (w *town) amends() {
	w.Helper()
	if err := w.bot.Post.EditDue(w.Context()); err != nil {
		w.Fatal(err)
	}
}

func TestNewsOfAPaperThatWasPosted(t *testing.T) {
	w := tuesday(t)
	before := w.postedPapers()
	w.until(at("2025-11-26 08:00"))

	// arXiv lists the same papers: one as version 2, all in other categories.
	var seen []core.Seen
	for _, id := range before {
		p := w.papers[id]
		p.Version, p.Categories, p.Sources = 1, []string{"cs.CV", "cs.LG"}, []string{"arxiv"}
		seen = append(seen, core.Seen{Paper: p, Sighting: core.Sighting{Source: "arxiv", Day: "2025-11-26", Announce: "cross"}, Authority: core.Publisher})
	}
	second := seen[0]
	second.Paper.Version, second.Paper.Title, second.Sighting = 2, second.Paper.Title+" Revisited", core.Sighting{Source: "arxiv"}
	w.fetches(append(seen, second)...)

	w.until(at("2025-11-26 09:00"))
	if diff := cmp.Diff(before, w.postedPapers()); diff != "" {
		t.Errorf("posted again: %s", diff)
	}
	m := w.message(before[0])
	if m.Edits != 1 {
		t.Errorf("the message was edited %d times, want once", m.Edits)
	}
	w.sees(text(m.Card), "updated v2", "Revisited")

	// A third version on the same day waits: one edit a day.
	third := second
	third.Paper.Version = 3
	w.fetches(third)
	if m := w.message(before[0]); m.Edits != 1 {
		t.Errorf("edited twice on one day")
	}
	w.until(at("2025-11-27 08:00"))
	w.amends()
	m = w.message(before[0])
	w.sees(text(m.Card), "updated v3")
	w.amends()
	if m := w.message(before[0]); m.Edits != 2 {
		t.Errorf("%d edits, want one a day", m.Edits)
	}
}

// An edit that fails is made later: nobody would ask for it again.
func TestAnEditThatFails(t *testing.T) {
	w := tuesday(t)
	w.until(at("2025-11-26 08:00"))
	w.chat.noEdits = errors.New("503")
	p := w.papers[seedID(28)]
	p.Version, p.Sources = 2, []string{"arxiv"}
	w.fetches(core.Seen{Paper: p, Sighting: core.Sighting{Source: "arxiv", Day: "2025-11-26", Announce: "replace"}, Authority: core.Publisher})
	w.says("ana", "today")
	w.reacts("ana", seedID(3), "👎", true)
	w.reacts("ben", seedID(3), "👎", true)
	refusals := w.chat.refusals
	for range 10 { // a source is looked after every few seconds: a refusal is not asked for so often
		w.fetches()
	}
	if n := w.chat.refusals - refusals; n > 0 {
		t.Errorf("%d edits in vain", n)
	}
	w.amends()
	w.chat.noEdits = nil
	w.now = w.now.Add(time.Hour)
	w.amends()
	w.sees(text(w.message(seedID(28)).Card), "updated v2")
	if !w.message(seedID(3)).Card.Papers[0].Folded {
		t.Error("the paper that is not for us is not folded")
	}
	edits := w.message(seedID(28)).Edits
	w.amends()
	if w.message(seedID(28)).Edits != edits {
		t.Error("edited again")
	}
}

func TestOnePersonOneVote(t *testing.T) {
	w := tuesday(t)
	id := seedID(28)
	w.reacts("ana", id, "👍🏽", true)
	w.reacts("ana", id, "❤️", true)
	w.reacts("ben", id, "👍", true)
	twice := core.Reaction{EventID: "Ev1", Channel: channel(papersChannel), Message: w.message(id).Ref.ID, User: user("ana"), Emoji: "🔥", Added: true, Order: w.now.UnixMicro(), At: w.now}
	for range 2 {
		if err := w.bot.React(t.Context(), twice); err != nil {
			t.Fatal(err)
		}
	}
	w.reacts("ana", id, "🔥", false)
	if got := w.votes(id).Up; got != 2 {
		t.Errorf("%d votes, want 2", got)
	}
	w.reacts("ana", id, "❤️", false)
	if got := w.votes(id).Up; got != 2 {
		t.Errorf("after the heart went: %d votes, want 2", got)
	}
	w.reacts("ana", id, "👍🏽", false)
	if got := w.votes(id).Up; got != 1 {
		t.Errorf("after all of Ana's went: %d votes, want 1", got)
	}
}

func TestAnEventThatComesLateChangesNothing(t *testing.T) {
	w := tuesday(t)
	id := seedID(28)
	r := core.Reaction{Channel: channel(papersChannel), Message: w.message(id).Ref.ID, User: user("ana"), Emoji: "👍", Order: 20, At: w.now}
	if err := w.bot.React(t.Context(), r); err != nil { // removed, says the later event
		t.Fatal(err)
	}
	r.Added, r.Order = true, 10
	if err := w.bot.React(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if got := w.votes(id).Up; got != 0 {
		t.Errorf("%d votes, want 0: the removal was later", got)
	}
}

func TestVotesWhileTheBotWasAway(t *testing.T) {
	w := tuesday(t)
	id := seedID(28)
	w.reacts("ana", id, "👍", true)
	w.chat.stand[w.message(id).Ref.ID] = []core.Reaction{
		{Channel: channel(papersChannel), Message: w.message(id).Ref.ID, User: user("cem"), Emoji: "👍", Added: true},
		{Channel: channel(papersChannel), Message: w.message(id).Ref.ID, User: user("cem"), Emoji: "🔖", Added: true},
	}
	w.now = w.now.Add(2 * time.Hour)
	w.restart()
	if err := w.bot.ReadVotes(t.Context(), "web"); err != nil {
		t.Fatal(err)
	}
	w.settles()
	if got := w.votes(id).Up; got != 1 {
		t.Errorf("%d votes, want Cem's only: Ana took hers back", got)
	}
	w.sees(text(w.says("cem", "saved").Card), "1 paper in your list", w.papers[id].Title)
}

func TestMyList(t *testing.T) {
	w := tuesday(t)
	card := w.message(seedID(28)).Card
	r := w.presses("cem", card, "Save")
	w.sees(text(r.Card), "Saved. 1 in your list · `/papers saved`")
	if r.Public || r.Line != nil {
		t.Error("nobody else sees what I save")
	}
	w.reacts("cem", seedID(1), "🔖", true)
	w.sees(text(w.says("cem", "saved").Card), "2 papers", w.papers[seedID(28)].Title, w.papers[seedID(1)].Title)
	w.sees(text(w.presses("cem", card, "Save").Card), "Removed from your list.")
	mine := text(w.says("cem", "saved").Card)
	w.sees(mine, "1 paper")
	w.doesNotSee(mine, w.papers[seedID(28)].Title)
	w.sees(text(w.says("ana", "saved").Card), "Your list is empty. Press Save under a paper or react with 🔖.")

	w.reacts("cem", seedID(1), "🔖", false)
	w.sees(text(w.says("cem", "saved").Card), "Your list is empty.")
}

func TestDeleteEverythingAboutMe(t *testing.T) {
	w := tuesday(t)
	w.reacts("cem", seedID(28), "👍", true)
	w.says("cem", "save 9912.00028")
	ask := w.presses("cem", w.says("cem", "saved").Card, "Delete everything about me")
	w.sees(text(ask.Card), "cannot be undone")
	if got := w.votes(seedID(28)).Up; got != 1 {
		t.Error("nothing is deleted before the second press")
	}
	w.presses("cem", ask.Card, "Delete everything about me")
	if got := w.votes(seedID(28)).Up; got != 0 {
		t.Errorf("%d votes are left", got)
	}
	w.sees(text(w.says("cem", "saved").Card), "Your list is empty.")
}

func TestBibTeX(t *testing.T) {
	w := tuesday(t)
	p := w.papers[seedID(28)]
	p.Authors, p.Categories, p.Sources = []string{"Ada Lovelace", "Alan Turing"}, []string{"cs.CV"}, []string{"hf"}
	p.Title = "Fast & Simple: 100% Diffusion_2"
	w.fetches(core.Seen{Paper: p, Sighting: core.Sighting{Source: "hf", Day: "2025-11-25"}, Authority: core.Index})
	r := w.presses("cem", w.message(p.ID).Card, "BibTeX")
	w.sees(r.Card.Block, "author", "Ada Lovelace and Alan Turing", "eprint", "9912.00028", "archivePrefix", "primaryClass", "cs.CV", `Fast \& Simple: 100\% Diffusion\_2`)
	if r.Public {
		t.Error("the entry is private")
	}
	for _, n := range []string{"1", "2", "28"} {
		w.says("cem", "save 9912.000"+strings.Repeat("0", 2-len(n))+n)
	}
	f := w.says("cem", "export bibtex since:7d").File
	if f == nil {
		t.Fatal("no file")
	}
	keys := map[string]bool{}
	for line := range strings.Lines(string(f.Data)) {
		if strings.HasPrefix(line, "@") {
			if keys[line] {
				t.Errorf("key twice: %s", line)
			}
			keys[line] = true
		}
	}
	if len(keys) != 3 {
		t.Errorf("%d entries, want 3", len(keys))
	}
}

func TestNotForUs(t *testing.T) {
	w := tuesday(t)
	id := seedID(28)
	card := w.message(id).Card
	first := w.presses("ana", card, "Not for us")
	w.sees(text(first.Card), "Noted.")
	if w.message(id).Card.Papers[0].Folded {
		t.Error("one person does not fold a paper")
	}
	second := w.presses("ben", card, "Not for us")
	m := w.message(id)
	if !m.Card.Papers[0].Folded || m.Edits != 1 {
		t.Errorf("two people fold it with one edit; edits: %d", m.Edits)
	}
	if second.Public {
		t.Fatalf("why is asked privately: %+v", second.Card)
	}
	w.alike()
	second = w.presses("ben", second.Card, "Off topic")
	if second.Public || len(second.Card.Buttons) == 0 {
		t.Fatalf("an exclusion is offered privately: %+v", second.Card)
	}
	w.sees(text(second.Card), "Exclude something from diffusion (#1)?", "would have kept 4 of 11 papers away")
	word := strings.TrimPrefix(second.Card.Buttons[0].Label, "-")
	applied := w.presses("ben", second.Card, second.Card.Buttons[0].Label)
	w.sees(texts(applied.Line), "@ben excluded "+word, "diffusion -"+word)
	w.sees(text(w.says("pi", "list").Card), "diffusion -"+word)

	// Ana takes hers back: one is too few.
	w.presses("ana", card, "Not for us")
	if w.message(id).Card.Papers[0].Folded {
		t.Error("the paper should be shown in full again")
	}
}

// alike are papers that were there before: three as number 28 is about, and others.
func (w *town) alike() {
	w.Helper()
	var seen []core.Seen
	for n := range 7 {
		title := "Diffusion of tea"
		if n < 3 {
			title = "Sparsity in diffusion"
		}
		seen = append(seen, core.Seen{Paper: core.Paper{ID: core.PaperID(fmt.Sprintf("9911.0000%d", n)), Title: title, Categories: []string{"cs.LG"}}, Sighting: core.Sighting{Source: "hf", Day: "2025-11-20"}, Authority: core.Index})
	}
	if _, err := w.store.PutPapers(w.Context(), seen, true, w.now); err != nil {
		w.Fatal(err)
	}
}

func TestOnlyAnEditorExcludes(t *testing.T) {
	w := tuesday(t)
	card := w.message(seedID(28)).Card
	w.alike()
	offer := w.presses("ana", w.presses("ana", card, "Not for us").Card, "Off topic")
	w.says("pi", "settings editors:managers")
	w.sees(text(w.presses("ana", offer.Card, offer.Card.Buttons[0].Label).Card), "Only channel managers may change topics in this channel. Ask @pi, who set it up.")
	w.sees(text(w.says("pi", "list").Card), "#1 diffusion ·")
}

func TestTop(t *testing.T) {
	w := newTown(t)
	for n, up := range map[int]int{1: 5, 2: 0, 28: 9} {
		p := w.papers[seedID(n)]
		p.Upvotes = &up
		w.papers[p.ID] = p
	}
	w.says("pi", "subscribe diffusion")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.lists("2025-11-24", false, 1, 2, 3, 28)
	w.until(at("2025-11-25 09:00"))
	w.sees(text(w.says("pi", "top since:7d").Card), "No votes in the last 7 days. React with 👍 on a paper to count it.")
	w.reacts("ana", seedID(2), "👍", true)
	r := w.says("pi", "top since:7d share:yes")
	if !r.Public {
		t.Error("share:yes is for everybody")
	}
	var order []core.PaperID
	for _, v := range r.Card.Papers {
		order = append(order, v.ID)
	}
	// #2 has a vote; #28 and #1 have upvotes; of #3 they are unknown, which is not zero.
	if diff := cmp.Diff([]core.PaperID{seedID(2), seedID(28), seedID(1), seedID(3)}, order); diff != "" {
		t.Error(diff)
	}
	if r.Card.Papers[0].Votes != 1 {
		t.Errorf("the agenda shows the votes: %+v", r.Card.Papers[0])
	}
}

func TestUnknownUpvotesStandBeforeNone(t *testing.T) {
	w := newTown(t)
	zero := 0
	p := w.papers[seedID(1)]
	p.Upvotes = &zero
	w.papers[p.ID] = p
	w.says("pi", "subscribe diffusion")
	w.says("pi", "schedule 09:00 Europe/Berlin weekdays")
	w.lists("2025-11-24", false, 1, 3)
	w.until(at("2025-11-25 09:00"))
	w.reacts("ana", seedID(1), "👍", true)
	w.reacts("ana", seedID(3), "👍", true)
	if got := w.says("pi", "top").Card.Papers; got[0].ID != seedID(3) {
		t.Errorf("first is %s: unknown is not zero-and-last", got[0].ID)
	}
}
