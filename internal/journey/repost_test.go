package journey

import (
	"slices"
	"strings"
	"testing"

	"paperboy/core"
)

// A paper whose new version is a new paper comes again, when an editor asks for it:
// once a version, whoever asks, and whatever comes of it later.
func TestAVersionThatIsANewPaperComesAgainOnce(t *testing.T) {
	w := tuesday(t)
	id := w.postedPapers()[0]
	repost := "repost " + string(id)
	says := func(what string, words ...string) {
		t.Helper()
		r := w.says("pi", what)
		w.sees(text(r.Card), words...)
		if len(r.Line) > 0 {
			t.Errorf("the channel is told %s", texts(r.Line))
		}
	}
	says("repost 2101.99999", "2101.99999")
	w.lists("2025-11-20", true, 33)
	says("repost "+string(seedID(33)), "was not posted here", "share:yes")
	says(repost, "is the newest that I know")

	version := func(n int, comment string) {
		p := w.papers[id]
		p.Version, p.Comment, p.Title = n, comment, "Lamps anew"
		w.fetches(core.Seen{Paper: p, Sighting: core.Sighting{Source: "arxiv", Day: core.DateOf(w.now), Announce: "replace"}, Authority: core.Publisher, Knows: []core.Fact{core.FactComment}})
	}
	w.until(at("2025-11-26 12:00"))
	version(3, "")
	r := w.says("pi", repost)
	w.sees(text(r.Card), "Version 3 of Lamps anew comes")
	w.sees(texts(r.Line), "pi posts Lamps anew again", "version 3")
	w.until(at("2025-11-26 12:01"))
	messages := func() (of []posted) {
		return slices.DeleteFunc(slices.Clone(w.chat.posts), func(p posted) bool { return len(p.Card.Papers) != 1 || p.Card.Papers[0].ID != id })
	}
	labels := func(p posted) string { return strings.Join(p.Card.Papers[0].Labels, ", ") }
	if ms := messages(); len(ms) != 2 || labels(ms[0]) != "updated v3" || labels(ms[1]) != "again: v3" {
		t.Fatalf("its messages: %+v", ms)
	}
	// A vote on either counts for the paper, and once.
	again := messages()[1]
	for i, m := range messages() {
		r := core.Reaction{Channel: channel(papersChannel), Message: m.Ref.ID, User: user("ana"), Emoji: "👍", Added: true, Order: int64(i + 1), At: w.now}
		if err := w.bot.React(w.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.votes(id).Up; got != 1 {
		t.Errorf("ana's votes are %d", got)
	}
	says(repost, "has come again here, and comes once")
	w.restart()
	says(repost, "has come again here, and comes once")

	// News of it is shown in both.
	w.until(at("2025-11-27 08:00"))
	version(4, "Accepted to ICML 2026")
	w.amends()
	for i, want := range []string{"accepted to ICML 2026, updated v4", "accepted to ICML 2026, again: v3, updated v4"} {
		if got := labels(messages()[i]); got != want {
			t.Errorf("message %d says %q, wanted %q", i, got, want)
		}
	}
	w.until(at("2025-11-28 09:30"))
	if n := len(messages()); n != 2 {
		t.Errorf("%d messages", n)
	}
	w.says("pi", repost)
	w.until(at("2025-11-28 09:31"))
	if ms := messages(); len(ms) != 3 || ms[2].Key == again.Key || labels(ms[2]) != "accepted to ICML 2026, again: v4" {
		t.Errorf("the fourth version: %+v", ms)
	}
	if listed := w.says("pi", "export bibtex what:posted since:30d"); listed.File == nil || strings.Count(string(listed.File.Data), "@") != len(w.postedPapers())-2 {
		t.Errorf("what came again is exported twice: %v", text(listed.Card))
	}
}

func TestWhoMayNotEditPostsNothingAgain(t *testing.T) {
	w := tuesday(t)
	w.says("pi", "settings editors:managers")
	w.sees(text(w.says("ana", "repost "+string(w.postedPapers()[0])).Card), "manager")
}
