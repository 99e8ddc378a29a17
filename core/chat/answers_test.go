package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"paperboy/core"
)

func (l *lab) completes(p core.Partial) (values []string) {
	l.Helper()
	p.Channel, p.User = at("ml"), person("ana")
	for _, c := range l.Complete(l.Context(), p) {
		values = append(values, c.Value)
	}
	return values
}

func TestALineIsCompleted(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe diffusion, low rank")
	l.says("ana", "mute soup")
	l.store.ledger = []core.Delivery{{Channel: l.channel().ID, Item: "2611.00001", State: core.Posted}}
	for _, c := range []struct {
		p    core.Partial
		want string // the first
	}{
		{core.Partial{Text: "sub"}, "subscribe "},
		{core.Partial{Text: "settings lay"}, "settings layout:"},
		{core.Partial{Text: "settings layout:th"}, "settings layout:thread"},
		{core.Partial{Text: "settings seed:"}, "settings seed:yes"},
		{core.Partial{Text: "schedule 09:00 berl"}, "schedule 09:00 Europe/Berlin"},
		{core.Partial{Text: "unsubscribe low"}, "unsubscribe 2"},
		{core.Partial{Text: "top dif"}, "top diffusion"},
		{core.Partial{Text: "unmute so"}, "unmute soup"},
		{core.Partial{Text: "mute dif"}, "mute diffusion"},
		{core.Partial{Text: "show 2611"}, "show 2611.00001"},
		{core.Partial{Text: "search lamp aut"}, "search lamp author:"},
		{core.Partial{Verb: "unsubscribe", Option: "topic", Value: "#2"}, "2"},
		{core.Partial{Verb: "help", Option: "verb", Value: "res"}, "resume"},
		{core.Partial{Text: "nothing so"}, "nothing soup"},
		{core.Partial{Verb: "nothing"}, ""},
		{core.Partial{Verb: "show", Option: "nothing"}, ""},
	} {
		got := append(l.completes(c.p), "")
		if got[0] != c.want {
			t.Errorf("%+v: %q, want first %q", c.p, got, c.want)
		}
	}
}

func TestASearchSaysHowItWasRead(t *testing.T) {
	l := newLab(t)
	r := l.says("ana", "diffusion limit:1 sort:new")
	l.sees(r, "2 papers for diffusion, the newest 1:", "I read this as: diffusion by words and by meaning, in cs.*")
	if !strings.HasSuffix(l.button(r.Card, "Share"), "|search diffusion sort:new limit:1 share:yes") {
		t.Errorf("shares %s", l.button(r.Card, "Share"))
	}
	shared := l.presses("ana", "ml", l.button(r.Card, "Share"))
	l.sees(shared, "shared by @ana: /papers search diffusion sort:new limit:1")
	if !shared.Public {
		t.Error("shared with nobody")
	}

	r = l.says("ana", `"searching" since:7d`)
	l.sees(r, "No papers match searching since 17 Nov 2026. I read this as: word searching")
	l.doesNotSee(r, "Try")
	r = l.says("ana", "subscribr diffusion")
	l.sees(r, "Did you mean /papers subscribe diffusion?")
	l.sees(l.presses("ana", "ml", l.button(r.Card, "Yes: subscribe")), "#1 diffusion: I read this as")
}

func TestAnAnswerSaysWhyEachPaperIsThere(t *testing.T) {
	l := newLab(t)
	r := l.says("ana", "search Diffusion & lamps")
	l.sees(r, "1 paper for diffusion lamp with all the words, then the nearest in meaning:", "matched Diffusion, lamps", "has diffusion",
		"I read this as: diffusion lamp by words and by meaning")
	l.sees(l.says("ana", "search lamps & kettles of brass: a survey"), "No paper has all of lamp kettle of brass a survey. The nearest in meaning:", "has lamp")
	l.sees(l.says("ana", `search "diffusion" | agents`), "3 papers for", "matched Diffusion", "matched Agents")
	if long := l.says("ana", "search "+strings.Repeat("diffusion of lamps and soup ", 60)); long.Failed {
		t.Errorf("a long question is refused: %s", read(long))
	}
}

func TestOnePaperIsShown(t *testing.T) {
	l := newLab(t)
	for _, typed := range []string{"show 2611.00001", "show https://arxiv.org/abs/2611.00001v2", "show 2611.00001 · Diffusion of lamps"} {
		r := l.says("ana", typed)
		if len(r.Card.Papers) != 1 || r.Card.Papers[0].Title != "Diffusion of lamps" || r.Public {
			t.Errorf("%s: %s", typed, read(r))
		}
	}
	if r := l.says("ana", "show 2611.00001 share:yes"); !r.Public {
		t.Error("shared with nobody")
	}
	l.sees(l.presses("ana", "ml", "pb1|abstract|2611.00001"), "Diffusion of lamps")
	l.sees(l.says("ana", "show lamps"), "I could not read lamps. Write an arXiv id or a link")
	l.sees(l.says("ana", "show 2611.99999"), "I do not have the paper 2611.99999")
	l.sees(l.says("ana", "show"), "needs an arXiv id")
	// On a paper's message the paper need not be named.
	r := l.Do(t.Context(), core.Request{Channel: at("ml"), User: person("ana"), Text: "show", Paper: "2611.00002"})
	l.sees(r, "Diffusion of soup")
}

func TestTodayIsWhatIsThereForTheChannel(t *testing.T) {
	l := newLab(t)
	l.sees(l.says("ana", ""), "This channel has no topics yet", "Search with /papers diffusion")
	l.says("ana", "subscribe lamps")
	r := l.says("ana", "today")
	l.sees(r, "1 paper for this channel on Tue 24 Nov", "Diffusion of lamps")
	l.doesNotSee(r, "soup")
	l.sees(l.says("ana", "today yesterday"), "Nothing new for this channel on Mon 23 Nov. No papers were listed.")
	l.says("ana", "schedule 09:00 Europe/Berlin weekdays")
	l.sees(l.says("ana", "today 2026-11-21"), "lists nothing at weekends. Next post: Wednesday 09:00 (Berlin).")
	l.sees(l.says("ana", "today soon"), "I could not read soon")
}

func TestTopIsByVotesThenUpvotes(t *testing.T) {
	l := newLab(t)
	l.says("ana", "list")
	l.sees(l.says("ana", "top"), "No votes in the last 7 days.")
	for i, id := range []core.PaperID{"2611.00001", "2611.00002"} {
		for n := range i + 1 {
			r := core.Reaction{Channel: at("ml"), Message: "m" + string(id), User: person(fmt.Sprint("u", n)), Emoji: "👍", Added: true, Order: 1, At: l.now}
			if _, err := l.store.PutReaction(t.Context(), l.channel().ID, id, core.Up, r); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := l.says("ana", "top since:2d")
	l.sees(r, "Top papers here since 22 Nov")
	if len(r.Card.Papers) != 2 || r.Card.Papers[0].ID != "2611.00002" || r.Card.Papers[0].Votes != 2 {
		t.Errorf("%+v", r.Card.Papers)
	}
	if r := l.says("ana", "top lamps"); len(r.Card.Papers) != 1 {
		t.Errorf("of one topic: %s", read(r))
	}
	r = l.says("ana", "export csv what:top since:2d")
	if r.File == nil || strings.Count(string(r.File.Data), "2611.0000") < 2 {
		t.Errorf("%+v", r.File)
	}
}

func TestWhyAndSimilar(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe lamps")
	l.sees(l.says("ana", "why 2611.00002"), "It was not posted here: the topic of this channel does not match it.", "it never says lamp")
	l.sees(l.says("ana", "why 2611.00001"), "Topic lamp", "in title", "It was not posted: I had it before the topic was followed")
	ledger := func(d core.Delivery) {
		d.Channel, d.Item = l.channel().ID, "2611.00001"
		l.store.ledger = []core.Delivery{d}
	}
	ledger(core.Delivery{State: core.Skipped, Reason: "muted"})
	l.sees(l.says("ana", "why 2611.00001"), "It was not posted: muted.")
	ledger(core.Delivery{State: core.Posted, Late: true})
	l.sees(l.presses("ana", "ml", "pb1|why|2611.00001"), "It was listed late")

	l.comes(paper("2611.00004", "Lamps again, and soup"), paper("2611.00005", "Folding of proteins"))
	r := l.says("ana", "similar 2611.00001 sort:new")
	l.sees(r, "Nearest to Diffusion of lamps by words and meaning:", "Lamps again")
	l.comes(core.Paper{ID: "2611.00006", Title: "Unique"})
	l.sees(l.says("ana", "similar 2611.00006"), "I have nothing that is like Unique.")
}

func TestAPreviewPostsNothing(t *testing.T) {
	l := newLab(t)
	l.comes(core.Paper{ID: "2611.00007", Title: "Lamps of soup", Categories: []string{"physics.optics"}})
	r := l.says("ana", "preview lamps days:7")
	l.sees(r, "Last 7 days: 2 papers, 2.0 a weekday. I have papers of only 1 day.", "Nothing was posted.")
	l.sees(l.says("ana", "preview cat:cs.*"), "3 primary in cs.*, 0 cross-listed.")
	l.sees(l.says("ana", "preview unheard"), "Last 30 days: 0 papers.", "A topic matches by its words: a paper that never writes them is missed. /papers search unheard looks for what is near in meaning.")
	l.sees(l.presses("ana", "ml", l.button(r.Card, "Follow it here")), "#1 lamp: ")
	l.sees(l.says("ana", "subscribe lamps"), "already follows lamp (#1). Nothing changed.")
	l.sees(l.says("ana", "subscribe agents | soup min:20"), "#2 agent | soup min:20")
	r = l.Do(t.Context(), core.Request{Channel: at("ml"), User: person("ana"), Verb: "subscribe", Args: map[string]string{"topic": "lora | gpt", "min": "5"}})
	l.sees(r, "#3 lora min:5 | gpt min:5")
	l.sees(l.says("ana", "unsubscribe 7"), "No topic #7 here. /papers list shows 1–3.")
	l.sees(l.says("ana", "unsubscribe nothing"), "This channel does not follow nothing.")
}

func TestAListIsOnesOwn(t *testing.T) {
	l := newLab(t)
	l.sees(l.says("ana", "saved"), "Your list is empty.")
	l.sees(l.says("ana", `save 2611.00001 note:"for Friday"`), "Saved. 1 in your list")
	l.sees(l.presses("ana", "ml", "pb1|save|2611.00002"), "Saved. 2 in your list")
	l.sees(l.presses("ana", "ml", "pb1|save|2611.00002"), "Removed from your list.")
	r := l.says("ana", "saved lamps since:1d")
	l.sees(r, "1 paper in your list:", "“for Friday”")
	l.sees(l.says("ana", "saved soup"), "Nothing in your list is like that.")
	l.sees(l.says("ben", "saved"), "Your list is empty.")
	l.sees(l.presses("ana", "ml", "pb1|done|2611.00001"), "done")
	l.sees(l.presses("ana", "ml", "pb1|done|2611.00003"), "not in your list any more")
	if f := l.says("ana", "export bibtex").File; f == nil || !strings.Contains(string(f.Data), "Diffusion of lamps") {
		t.Errorf("%+v", f)
	}
	l.sees(l.says("ben", "export bibtex"), "There is nothing to export: there are no papers in your list.")
	if r := l.presses("ana", "ml", "pb1|more|2611.00001"); r.Public || !strings.Contains(r.Card.Lines[0].String(), "Diffusion of lamps") || len(r.Card.Buttons) != 3 {
		t.Errorf("what a message has no room for: %+v", r)
	}
	if r := l.presses("ana", "ml", "pb1|bibtex|2611.00001"); r.File == nil || !strings.HasPrefix(r.Card.Block, "@misc{") {
		t.Error(read(r))
	}
	l.sees(l.presses("ana", "ml", "pb1|unsave|2611.00001"), "Your list is empty.")

	l.says("ana", "save 2611.00001")
	l.sees(l.presses("ana", "ml", l.button(l.says("ana", "saved").Card, "Delete everything")), "This cannot be undone.")
	l.sees(l.presses("ana", "ml", "pb1|forgetme|yes"), "I keep nothing about you any more.")
	l.sees(l.says("ana", "saved"), "Your list is empty.")
}

func TestMutesAreByTopicHereAndByPaperForOneself(t *testing.T) {
	l := newLab(t)
	l.says("ana", "subscribe lamps")
	l.sees(l.says("ana", `mute "soup kitchen" for:14d`), "Hidden here for 14 days: papers that match \"soup kitchen\".")
	r := l.says("ana", "mute #1 for:forever")
	l.sees(r, "Hidden here for ever: papers that match lamp.")
	l.sees(l.presses("ana", "ml", l.button(r.Card, "Undo")), "Shown here again: papers that match lamp.")
	l.sees(l.presses("ana", "ml", l.button(r.Card, "Undo")), "That is not muted any more.")
	l.sees(l.says("ana", "mute kettles"), "Hidden here for 7 days: papers that match kettle.")
	l.sees(l.says("ana", "mute agents for:12h"), "for 12 hours: ")
	l.sees(l.says("ana", "mute lamps for:soon"), "I could not read soon")
	l.sees(l.says("ana", "unmute agents"), "Shown here again: papers that match agent.")
	l.sees(l.says("ana", "unmute agents"), "Nothing that is hidden here is called agent.")

	// The menu under a paper.
	l.change(func(ch *core.Channel) { ch.Settings.Editors = "managers"; ch.Owner = "" })
	r = l.presses("ben", "ml", "pb1|mute|2611.00001")
	l.sees(r, "Hide what of Diffusion of lamps?")
	for _, label := range []string{"This paper, for me", "Papers by Ana Doe", "Papers in cs.LG", "Papers that match lamp"} {
		l.button(r.Card, label)
	}
	long := l.presses("ben", "ml", l.button(r.Card, "This paper"))
	l.sees(long, "Hide Diffusion of lamps for you for:")
	l.sees(l.presses("ben", "ml", l.button(long.Card, "a week")), "Hidden for you for 7 days: Diffusion of lamps.")
	long = l.presses("ben", "ml", l.button(r.Card, "Papers in"))
	l.sees(l.presses("ben", "ml", l.button(long.Card, "a week")), "Only channel managers may change topics")
}

func TestWhoMayEditGoesByTheNetworksCustom(t *testing.T) {
	l := newLab(t)
	l.net.customs.Editors, l.net.customs.ManageRight = "managers", "Manage Channels"
	l.sees(l.says("ana", "subscribe lamps"), "You need Manage Channels here")
	l.sees(l.says("ana", "settings"), "Who may change this: managers")
	boss := person("boss")
	boss.Manager = true
	if r := l.Do(t.Context(), core.Request{Channel: at("ml"), User: boss, Text: "subscribe lamps"}); r.Failed {
		t.Error(read(r))
	}
}

func TestGreetings(t *testing.T) {
	l := newLab(t)
	card, err := l.Joined(t.Context(), at("ml"), "#ml", false)
	if err != nil {
		t.Fatal(err)
	}
	l.sees(core.Reply{Card: card}, "Hi, I'm Paperboy", "/papers subscribe diffusion")
	l.sees(l.presses("ana", "ml", l.button(card, "Help")), "Find", "papers with a word, without another")
	if got := l.About(t.Context(), at("ml")).String(); got != "follows nothing yet" {
		t.Error(got)
	}

	boss := person("boss")
	if _, ok := l.Welcome(t.Context(), at("ml"), "#ml", boss); ok {
		t.Error("greeted somebody who may set nothing up")
	}
	boss.Manager = true
	for _, want := range []bool{true, false} {
		if _, ok := l.Welcome(t.Context(), at("ml"), "#ml", boss); ok != want {
			t.Errorf("greeted %v, want %v", ok, want)
		}
	}
	about := func(want string) {
		t.Helper()
		if got := l.About(t.Context(), at("ml")).String(); got != want {
			t.Errorf("about: %s, want %s", got, want)
		}
	}
	l.says("ana", "subscribe a1, b1, c1, d1, e1")
	about("follows a1, b1, c1 and 2 more · no time set yet")
	l.says("ana", "schedule 09:00 Europe/Berlin weekdays")
	about("follows a1, b1, c1 and 2 more · weekdays 09:00 Berlin")
	l.says("ana", "pause 7d")
	about("follows a1, b1, c1 and 2 more · paused")
}

func TestHelpFollowsFromTheTable(t *testing.T) {
	l := newLab(t)
	l.sees(l.says("ana", "help subscribe"), "(for those who may edit this channel)", "min:")
	l.sees(l.says("ana", "help saved"), "(only you see it)")
	l.sees(l.says("ana", "help export"), "bibtex", "ris")
	l.sees(l.says("ana", "help settings"), "seven days after the last message")
	l.sees(l.says("ana", "help subscribr"), "Try /papers help subscribe.")
	l.sees(l.says("ana", "status now"), "takes no words after it")
	l.sees(l.says("ana", "pause never"), "I could not read never")
	r := l.Do(t.Context(), core.Request{Channel: at("ml"), User: person("ana"), Verb: "nothing"})
	l.sees(r, "I do not know nothing.")
	r = l.Do(t.Context(), core.Request{Channel: at("ml"), User: person("ana"), Verb: "search", Args: map[string]string{"query": "lamps sort:new", "limit": "99"}})
	l.sees(r, "Write a number from 1 to 10")
}

func TestStatusNamesTheSources(t *testing.T) {
	l := newLab(t)
	l.sees(l.says("ana", "status"), "No source has been asked yet.", "3 papers in the store.")
	for name, s := range map[string]core.SourceState{
		"arxiv":       {Title: "arXiv", Word: core.NotAnnounced, LastSuccess: l.now.Add(-time.Hour), Newest: "2026-11-20"},
		"huggingface": {Title: "Hugging Face", Word: core.Failed, Reason: "cannot be reached", RetryAt: l.now.Add(time.Hour)},
		"lab":         {Word: core.Fresh, LastSuccess: l.now.AddDate(0, 0, -1)},
	} {
		if err := l.store.UpdateSourceState(t.Context(), name, func(is *core.SourceState) { *is = s }); err != nil {
			t.Fatal(err)
		}
	}
	l.sees(l.says("ana", "status"), "arXiv: nothing due · last answer 11:00 · newest list Fri 20 Nov",
		"Hugging Face: failed (cannot be reached) · never answered yet · next try 13:00", "lab: fresh · last answer Mon 23 Nov 12:00")
}

func TestPastedLinksUnfoldOnlyWhereThatIsWanted(t *testing.T) {
	l := newLab(t)
	l.says("ana", "status") // the channel is known
	const link = "https://arxiv.org/abs/2611.00001v1"
	if _, ok := l.Unfurl(t.Context(), at("ml"), link); ok {
		t.Error("nobody asked for it")
	}
	l.says("ana", "settings links:yes")
	if card, ok := l.Unfurl(t.Context(), at("ml"), link); !ok || card.Papers[0].Title != "Diffusion of lamps" {
		t.Errorf("%+v %v", card, ok)
	}
	for _, other := range []string{"https://arxiv.org/abs/2611.99999", "https://example.org/2611"} {
		if _, ok := l.Unfurl(t.Context(), at("ml"), other); ok {
			t.Errorf("%s is no paper of ours", other)
		}
	}
}
