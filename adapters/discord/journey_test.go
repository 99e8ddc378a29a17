package discord_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"paperboy/core"
	"paperboy/internal/fakediscord"
)

func TestJoiningIsSilentAndAsksForLittle(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		other := l.discord.Guild("another")
		c := other.Channel("general")
		if got := l.discord.Intents(); !slices.Equal(got, []int{1<<0 | 1<<10}) {
			t.Errorf("intents %v, want guilds and reactions only", got)
		}
		for _, c := range []*fakediscord.Channel{c, l.channel} {
			if n := len(l.discord.Posts(c)); n != 0 {
				t.Errorf("%d messages on joining", n)
			}
		}
		said := l.types(l.mod, "list").Wait(2)
		l.sees(said[1].Reads(), "Hi, I'm Paperboy", l.command("preview")+" topic:diffusion", l.command("schedule")+" time:09:00 zone:Europe/Berlin days:weekdays")
		for _, m := range said {
			if m.For == "" {
				t.Error("the answer and the greeting are private")
			}
		}
		if n := len(l.types(l.mod, "list").Wait(1)); n != 1 {
			t.Errorf("%d messages: the greeting comes once", n)
		}
		l.passes(3 * 24 * time.Hour)
		if n := len(l.types(l.mod, "list").Wait(1)); n != 1 {
			t.Errorf("%d messages: the greeting comes once, and not every few days", n)
		}
	})
}

func TestRegisteringTwiceWritesOnce(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		l.restart()
		c := l.discord.Counts()
		if n := c.Calls[fakediscord.PutCommands] + c.Calls[fakediscord.PutGuild]; n != 1 {
			t.Errorf("%d writes of the commands, want 1", n)
		}
		if c.CommandsCreated != 4 {
			t.Errorf("%d commands created, want /papers and three in the menu", c.CommandsCreated)
		}
	})
}

func TestWhoMay(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		m := l.types(l.ana, "subscribe", "topic", "diffusion").Wait(1)[0]
		l.sees(m.Reads(), "You need Manage Channels here to change topics. You can still search and save.")
		if m.For == "" {
			t.Error("the refusal should be private")
		}
		l.lists("2025-11-24", 1, 2, 3, 28)
		m = l.types(l.ana, "search", "query", "diffusion").Wait(1)[0]
		if m.For == "" {
			t.Error("the answer should be private")
		}
		l.sees(m.Reads(), "4 papers", l.papers[seedID(28)].Title)
		role := l.guild.Role("curators")
		l.types(l.mod, "settings", "editors", "@curators").Wait(1)
		l.ana.Takes(role)
		l.sees(l.types(l.ana, "subscribe", "topic", "diffusion").Wait(2)[1].Reads(), "@ana follows 1 topic here: diffusion.")
	})
}

func TestAutocomplete(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		begun := time.Now()
		choices := l.discord.Completes(l.mod, l.channel, "unsubscribe", "topic", "l")
		if took := time.Since(begun); took > 200*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		if len(choices) != 1 || choices[0].Value != "2" {
			t.Fatalf("choices %v", choices)
		}
		l.sees(l.types(l.mod, "unsubscribe", "topic", choices[0].Name).Wait(2)[1].Reads(), "lora")  // the label
		l.sees(l.types(l.mod, "unsubscribe", "topic", "diffusion").Wait(2)[1].Reads(), "diffusion") // free text
		// A client may send the whole name of what was chosen, with what is said of it.
		verb := l.discord.Completes(l.mod, l.channel, "help", "verb", "sched")[0]
		if verb.Value != "schedule" || verb.Name == "schedule" {
			t.Errorf("%+v", verb)
		}
		l.sees(l.types(l.mod, "help", "verb", verb.Name).Reads(), "schedule: when this channel gets its post")
		zones := l.discord.Completes(l.mod, l.channel, "schedule", "zone", "e", map[string]any{"time": "09:00"})
		seen := map[string]bool{}
		for _, z := range zones {
			if seen[z.Name] {
				t.Errorf("%s twice", z.Name)
			}
			seen[z.Name] = true
		}
		if len(zones) == 0 || len(zones) > 25 {
			t.Errorf("%d zones", len(zones))
		}
	})
}

// What is on its way when the bot is told to stop is seeded like the rest.
func TestAMessageThatArrivesAfterTheStopIsSeeded(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		l.types(l.mod, "settings", "seed", true).Wait(2)
		l.stop()
		l.until("2025-11-25 09:00")
		for _, m := range l.posted() {
			if n := len(m.Voters("👍")); n != 1 {
				t.Errorf("%s has %d 👍", link(m), n)
			}
		}
		l.once(6)
	})
}

func TestTheThreadLayoutWithSeeds(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		l.discord.Revokes(l.channel, fakediscord.AddReactions)
		l.eventually("the right that is missing", func() bool {
			no, ok := errors.AsType[*core.MayNot](l.adapter.MaySeed(t.Context(), l.key(l.channel)))
			return ok && no.Right == "Add Reactions"
		})
		l.sees(l.types(l.mod, "settings", "seed", true).Reads(), "Add Reactions")
		l.discord.Grants(l.channel, fakediscord.AddReactions)
		l.types(l.mod, "settings", "layout", "thread", "max", 10, "seed", true).Wait(2)
		l.until("2025-11-25 09:00")
		header := l.header()
		l.sees(header.Reads(), "Papers · Tue 25 Nov", "6 papers in thread")
		thread := l.discord.Thread(header)
		if thread == nil || thread.Name != "Papers · Tue 25 Nov" {
			t.Fatalf("thread %+v", thread)
		}
		papers := l.discord.Posts(thread)
		if len(papers) != 6 {
			t.Fatalf("%d papers in the thread", len(papers))
		}
		for _, m := range papers {
			if got := pressable(m); !slices.Equal(got, []string{"Abstract", "Why?", "Save", "Not for us", "More…"}) {
				t.Errorf("its buttons are %v", got)
			}
			l.discord.Wait("the seed", func() bool { return len(l.discord.Message(m).Voters("👍")) == 1 })
		}
		l.discord.Permits(l.channel, l.guild.ID, 0, fakediscord.AddReactions)
		m := l.paper(1)
		if err := l.discord.Reacts(l.ana, m, "👍"); err != nil {
			t.Fatal(err)
		}
		l.votes(1, 1)
		if len(header.Buttons()) != 0 {
			t.Error("the header has buttons")
		}
	})
}

func TestHostileTitlesAndSilence(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		p := l.papers[seedID(1)]
		p.Title = "@everyone <@123> `diffusion` [arXiv](https://evil.example) ||x||"
		p.Abstract = "@here <@&1> https://evil.example " + p.Abstract
		l.papers[p.ID] = p
		l.lists("2025-11-25", 1)
		l.until("2025-11-25 09:00")
		m := l.paper(1)
		if who := m.Notifies(); len(who) != 0 {
			t.Errorf("it notifies %v", who)
		}
		if title, _ := m.Embeds[0]["title"].(string); title != "\\@everyone \\<@123> \\`diffusion\\` \\[arXiv]\\(https:\\//evil.example) \\|\\|x\\|\\|" {
			t.Errorf("title %q", title)
		}
		for _, m := range l.posted() {
			if !m.Silent() {
				t.Error("a paper rings")
			}
		}
		if l.header().Silent() {
			t.Error("the header does not ring")
		}
		if m.Nonce == "" || l.header().Nonce == "" {
			t.Error("no nonce")
		}
	})
}

func TestTheDefaultLayout(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		header := l.header()
		l.sees(header.Reads(), "Papers · Tue 25 Nov", "6 new for this channel", "top 5 below, 1 in thread", "next post <t:1764144000:f>")
		if n := len(l.discord.Posts(l.discord.Thread(header))); n != 1 {
			t.Errorf("%d in the thread", n)
		}
		l.once(6)
		l.doesNotSee(l.paper(28).Reads(), "author", "▲") // it has none: nothing is said
		if c := l.discord.Counts(); c.Limited != 0 || c.Invalid != 0 {
			t.Errorf("429s %d, invalid %d", c.Limited, c.Invalid)
		}
	})
}

func TestTheDigestLayoutVotesByButtons(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		l.types(l.mod, "settings", "layout", "digest", "max", 10).Wait(2)
		l.until("2025-11-25 09:00")
		header := l.header()
		if n := len(header.Buttons()); n != 6 {
			t.Fatalf("%d buttons, want one a paper", n)
		}
		l.sees(header.Reads(), "1. ", l.papers[seedID(28)].Title)
		l.sees(l.discord.Presses(l.ana, header, "1").Reads(), "Counted: your vote")
	})
}

func TestAPictureHasItsWords(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		m := l.types(l.ana, "more stats").Wait(1)[0]
		l.sees(m.Reads(), "diffusion", "4 papers, 0 voted for")
		if len(m.Files) != 1 || !strings.HasPrefix(string(m.Files[0].Content), "\x89PNG") {
			t.Fatalf("files %v", m.Files)
		}
		l.sees(m.Files[0].Description, "What each topic brought", "#1 diffusion 0 of 4")
	})
}

func TestAJournalClub(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		l.sees(l.types(l.ana, "more club", "what", "weekly thu 16:00").Reads(), "Manage Channels")
		l.sees(l.types(l.mod, "more club", "what", "weekly thu 16:00").Reads(), "Thursdays 16:00 Berlin")
		for _, n := range []int{9, 3} {
			l.sees(l.types(l.ana, "more club", "what", "nominate "+string(seedID(n))).Reads(), "Nominated.")
		}
		l.until("2025-12-01 16:00")
		last := func(word string) (found fakediscord.Message) { // a line for everybody may still be on its way
			for _, m := range l.discord.Posts(l.channel) {
				if strings.Contains(m.Reads(), word) {
					found = m
				}
			}
			return found
		}
		ballot := last("what do we read?")
		l.sees(ballot.Reads(), "Journal club · Thu 4 Dec: what do we read?", "nominated")
		if ballot.Silent() || len(ballot.Buttons()) != 2 {
			t.Fatalf("silent: %v, buttons %+v", ballot.Silent(), ballot.Buttons())
		}
		label := func(n int) string { return ballot.Buttons()[n].Label }
		l.discord.Presses(l.ana, ballot, label(0)).Wait(1)
		l.sees(l.discord.Presses(l.ana, ballot, label(1)).Reads(), "Your vote is for", l.papers[seedID(3)].Title)
		l.until("2025-12-03 16:00")
		meeting := last("chose this one")
		l.sees(meeting.Reads(), "Journal club · Thu 4 Dec 16:00", "One vote chose this one.", l.papers[seedID(3)].Title)
		threads := l.discord.Threads(l.channel)
		thread := threads[len(threads)-1]
		if thread.Name != "Journal club · Thu 4 Dec" {
			t.Errorf("the thread is called %q", thread.Name)
		}
		first := l.discord.Posts(thread)
		l.sees(first[len(first)-1].Reads(), l.papers[seedID(3)].Title, "belong here")
		f := l.discord.Presses(l.mod, meeting, "Add to calendar").Wait(1)[0].Files
		if len(f) != 1 || !strings.Contains(string(f[0].Content), "DTSTART:20251204T150000Z") {
			t.Errorf("files %v", f)
		}
	})
}

func TestAButtonAnswersPrivatelyAndAnOldOneToo(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(3)
		saved := l.discord.Presses(l.ana, m, "Save").Wait(1)[0]
		l.sees(saved.Reads(), "Saved. 1 in your list")
		if saved.For != l.ana.ID {
			t.Error("others see it")
		}
		more := l.discord.Presses(l.ana, m, "More…").Wait(1)[0]
		l.sees(more.Reads(), l.papers[seedID(3)].Title)
		bib := l.discord.Presses(l.ana, more, "BibTeX").Wait(1)[0]
		l.sees(bib.Reads(), "@misc{", "9912.00003")
		if len(bib.Files) != 1 || !strings.Contains(string(bib.Files[0].Content), "9912.00003") {
			t.Errorf("files %v", bib.Files)
		}
		similar := l.discord.Presses(l.ana, more, "Similar").Wait(1)[0]
		if menus := similar.Menus(); len(menus) != 1 || menus[0].Placeholder != "Open a paper …" || len(similar.Buttons()) > 5 {
			t.Errorf("%+v, %+v", menus, similar.Buttons())
		}
		opened := l.discord.Chooses(l.ana, similar, similar.Menus()[0].Options[0].Label).Wait(1)[0]
		if opened.For != l.ana.ID || link(opened) == "" || !slices.Equal(pressable(opened), []string{"Similar", "Why?", "Save", "Not for us", "More…"}) {
			t.Errorf("the paper's own card: %+v", opened)
		}
		l.sees(l.discord.Presses(l.ana, opened, "Save").Reads(), "Saved. 2 in your list")
		for verb, words := range map[string]string{"bibtex": "@misc{", "save": "Removed from your list", "similar": "Nearest to"} { // of an earlier version's message
			l.sees(l.discord.PressesOld(l.ana, m, "pb1|"+verb+"|"+string(seedID(3))).Reads(), words)
		}
		l.sees(l.discord.PressesOld(l.ana, m, "pb0|gone").Reads(), "This button is from an older post")
		if w := l.discord.PressesOld(l.ana, m, "pb1|mute|"+string(seedID(3))).Window(); w == nil || len(w.Options["Hide"]) == 0 {
			t.Errorf("%+v", w)
		}
		list := l.types(l.ana, "saved").Wait(1)[0]
		a := l.discord.PressesOld(l.ana, list, "pb1|unsave|"+string(seedID(3)))
		if a.Error != "" || !a.Updated {
			t.Errorf("the list itself should change: %+v", a)
		}
	})
}

func TestShareSaysItAloudAndErrorsDoNot(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		said := l.types(l.ana, "top", "since", "7d", "share", true).Wait(2)
		if said[0].For == "" || said[1].For != "" {
			t.Error("the acknowledgement is private, the answer public")
		}
		said = l.types(l.ana, "search", "query", "diffusion -", "share", true).Wait(1)
		if said[0].For == "" {
			t.Error("an error for everybody")
		}
		private := l.types(l.ana, "search", "query", "diffusion").Wait(1)[0]
		if shared := l.discord.Presses(l.ana, private, "Share").Wait(1); shared[len(shared)-1].For != "" {
			t.Error("shared with nobody")
		}
	})
}

func TestTheMessageMenu(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(3)
		l.sees(l.discord.Menu(l.ana, m, "Save").Reads(), "Saved.")
		l.sees(l.discord.Menu(l.ana, m, "Why").Reads(), "lora")
		l.discord.Menu(l.ana, m, "Similar").Wait(1)
		l.sees(l.discord.Menu(l.ana, l.discord.Says(l.ana, l.channel, "hello"), "Save").Reads(), "shows no paper of mine")
	})
}

func TestACommandInAThreadMeansItsChannel(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		thread := l.discord.Thread(l.header())
		l.sees(l.typesIn(thread, l.ana, "list").Reads(), "#1 diffusion", "#2 lora")
		l.sees(l.discord.Presses(l.ana, l.discord.Posts(thread)[0], "Save").Reads(), "Saved.")
	})
}

func TestVotesOfAllKindsAreOneAPerson(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(3)
		ben := l.guild.Member("ben")
		for _, r := range []struct {
			who   *fakediscord.Member
			emoji string
			burst bool
		}{{l.ana, "👍🏽", false}, {l.ana, "👍🏽", true}, {l.ana, "❤️", false}, {ben, "👍", true}, {ben, "🤷", false}} {
			if err := l.discord.Reacts(r.who, m, r.emoji, r.burst); err != nil {
				t.Fatal(err)
			}
		}
		l.votes(3, 2)
		l.discord.Unreacts(l.ana, m, "👍🏽")
		l.discord.Unreacts(l.ana, m, "❤️")
		l.votes(3, 2) // the burst is left
		l.discord.Unreacts(l.ana, m, "👍🏽", true)
		l.votes(3, 1)
		l.discord.Reacts(l.ana, m, "🔖")
		l.eventually("the bookmark", func() bool {
			mine, err := l.store.SavedBy(t.Context(), "discord:"+l.ana.ID)
			return err == nil && len(mine) == 1
		})
		l.discord.ClearsReactions(m)
		l.votes(3, 0)
	})
}

func TestAStorm(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(3)
		before := l.discord.Counts()
		crowd := l.discord.Storm(300, m, "👍")
		for i, who := range crowd {
			switch i % 3 {
			case 0:
				l.discord.Reacts(who, m, "🔥")
			case 1:
				l.discord.Unreacts(who, m, "👍")
			case 2:
				l.discord.Unreacts(who, m, "👍")
				l.discord.Reacts(who, m, "👍", true)
			}
		}
		l.votes(3, 200)
		after := l.discord.Counts()
		calls := 0
		for route, n := range after.Calls {
			calls += n - before.Calls[route]
		}
		if calls != 0 {
			t.Errorf("%d REST calls for %d events", calls, after.Dispatched-before.Dispatched)
		}
	})
}

func TestDropsResumesAndANewSession(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(3)
		crowd := l.discord.Storm(50, m, "👍")
		l.discord.Drops()
		l.discord.Storm(50, m, "👍")
		l.votes(3, 100)
		if c := l.discord.Counts(); c.Resumes == 0 || c.Identifies != 1 {
			t.Errorf("resumes %d, identifies %d", c.Resumes, c.Identifies)
		}
		lists := l.discord.Counts().Calls[fakediscord.GetReactions]
		if lists != 0 {
			t.Errorf("%d reads after a resume", lists)
		}
		l.discord.Repeats(20)
		l.discord.AsksReconnect()
		l.eventually("a resume", func() bool { return l.discord.Counts().Resumes > 1 && l.adapter.Ready() == nil })
		l.votes(3, 100)
		l.discord.Forgets()
		l.discord.Drops()
		l.discord.Storm(50, m, "👍") // nobody hears it
		for _, who := range crowd[:10] {
			l.discord.Unreacts(who, m, "👍")
		}
		l.votes(3, 140)
		// What happens in the new session is newer, though its events are counted
		// from one again.
		l.discord.Unreacts(crowd[20], m, "👍")
		l.votes(3, 139)
		l.once(6)
		if n := l.discord.Counts().Astray; n > 0 {
			t.Errorf("%d sessions were resumed elsewhere than told", n)
		}
	})
}

func TestVotesOfADowntimeCount(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		m := l.paper(3)
		if err := l.end(); err != nil {
			t.Fatal(err)
		}
		l.discord.Storm(250, m, "👍")
		l.discord.Reacts(l.ana, m, "👍", true)
		l.start()
		l.readsVotes()
		l.votes(3, 251)
	})
}

func TestPacedAsToldTo(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		n := 0
		l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
			if c.Route != fakediscord.CreateMessage {
				return nil
			}
			n++
			var f fakediscord.Failure
			switch n {
			case 2:
				f = fakediscord.RateLimited(200 * time.Millisecond)
			case 4:
				f = fakediscord.Global(200 * time.Millisecond)
			case 6:
				f = fakediscord.Cloudflare(300 * time.Millisecond)
			default:
				return nil
			}
			return &f
		})
		l.until("2025-11-25 09:00")
		l.once(6)
		if c := l.discord.Counts(); c.Limited != 3 || c.Impatient != 0 {
			t.Errorf("%d 429s, %d within a Retry-After", c.Limited, c.Impatient)
		}
	})
}

// What one request is told holds for all that it is about: the channel, or
// everything.
func TestWhoWasNotToldWaitsToo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		failure fakediscord.Failure
		other   bool // another channel waits as well
	}{
		"a channel's limit":    {fakediscord.RateLimited(300 * time.Millisecond), false},
		"the global limit":     {fakediscord.Global(300 * time.Millisecond), true},
		"the front of Discord": {fakediscord.Cloudflare(time.Second), true},
	} {
		simulated(t, name, func(t *testing.T) {
			l := newLab(t)
			next := l.channel
			if c.other {
				next = l.guild.Channel("other")
			}
			post := func(in *fakediscord.Channel, key string) error {
				_, err := l.adapter.Post(t.Context(), core.Post{Key: key, Place: core.InChannel, Card: core.Card{Title: key},
					Channel: l.key(in)})
				return err
			}
			l.discord.FailNext(fakediscord.CreateMessage, c.failure)
			if err := post(l.channel, "one"); err == nil {
				t.Fatal("it was not told to wait")
			}
			if err := post(next, "two"); err != nil {
				t.Error(err)
			}
			if n := l.discord.Counts(); n.Impatient > 0 || n.Limited != 1 {
				t.Errorf("%d within the wait, %d 429s", n.Impatient, n.Limited)
			}
		})
	}
}

// A second has fifty requests, however many channels want to post in it.
func TestTheGlobalLimitIsKeptBeforehand(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		var all sync.WaitGroup
		for i := range 150 {
			c := l.guild.Channel(fmt.Sprint("c", i))
			all.Go(func() {
				if _, err := l.adapter.Post(t.Context(), core.Post{Key: c.ID, Place: core.InChannel, Card: core.Card{Title: "news"},
					Channel: l.key(c)}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := l.discord.Counts().Limited; n > 0 {
			t.Errorf("%d 429s", n)
		}
	})
}

// While the reactions on a message are read back, somebody adds one: what was
// read is older by then.
func TestAReactionDuringTheReadingCounts(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		m, other := l.paper(3), l.paper(1)
		l.discord.Reacts(l.mod, m, "👍")
		l.votes(3, 1)
		asked := false
		l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
			if c.Route == fakediscord.GetReactions && !asked { // which emoji there are is known already
				asked = true
				l.discord.Reacts(l.ana, m, "🔥")
				l.discord.Reacts(l.ana, other, "👍")
				l.votes(1, 1) // the later of the two has been taken in
			}
			return nil
		})
		if l.readsVotes(); !asked {
			t.Fatal("nothing was asked")
		}
		l.votes(3, 2)
	})
}

func TestAChannelThatRefuses(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		l.types(l.mod, "settings", "layout", "thread").Wait(2)
		l.discord.Revokes(l.channel, fakediscord.SendMessagesInThreads)
		l.until("2025-11-25 09:00")
		before := l.discord.Counts()
		for range 3 {
			l.tickAfter(2*time.Minute + time.Second)
		}
		after := l.discord.Counts()
		if n := after.Calls[fakediscord.CreateMessage] - before.Calls[fakediscord.CreateMessage]; n != 3 {
			t.Errorf("%d requests for three tries", n)
		}
		l.doesNotSee(l.types(l.ana, "list").Reads(), "I may not post")
		l.sees(l.types(l.mod, "list").Reads(), "I may not post in #papers: missing Send Messages in Threads.", "Nothing was lost")
		l.doesNotSee(l.types(l.mod, "list").Reads(), "I may not post")
		for _, m := range l.discord.Posts(l.channel) {
			l.doesNotSee(m.Reads(), "may not post")
		}
		l.discord.Grants(l.channel, fakediscord.SendMessagesInThreads)
		l.tickAfter(3 * time.Minute)
		l.once(5)
	})
}

// Discord drops embeds that may not be there, and answers that all is well.
func TestWithoutEmbedLinks(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		l.discord.Revokes(l.channel, fakediscord.EmbedLinks)
		l.discord.Revokes(l.channel, fakediscord.AddReactions)
		key := l.key(l.channel)
		l.eventually("the news of both", func() bool { return l.adapter.MaySeed(t.Context(), key) != nil })
		before := l.discord.Counts().Calls[fakediscord.CreateMessage]
		l.until("2025-11-25 09:00")
		l.once(0)
		if n := l.discord.Counts().Calls[fakediscord.CreateMessage] - before; n != 0 { // nor a header that stands alone
			t.Errorf("%d messages", n)
		}
		l.sees(l.types(l.mod, "list").Reads(), "I may not post in #papers: missing Embed Links.")
		l.discord.Grants(l.channel, fakediscord.EmbedLinks)
		l.discord.Grants(l.channel, fakediscord.AddReactions)
		l.eventually("the news of both", func() bool { return l.adapter.MaySeed(t.Context(), key) == nil })
		l.tickAfter(3 * time.Minute)
		l.once(6)

		// The right goes at the very moment: the paper is there in plain text.
		p := l.papers[seedID(5)]
		p.Title += " lora"
		l.papers[p.ID] = p
		l.lists("2025-11-26", 5)
		creates := 0
		l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
			if c.Route == fakediscord.CreateMessage {
				if creates++; creates == 2 { // after the header
					l.discord.Revokes(l.channel, fakediscord.EmbedLinks)
				}
			}
			return nil
		})
		l.until("2025-11-26 09:00")
		posts := l.discord.Posts(l.channel)
		last := posts[len(posts)-1]
		l.sees(last.Reads(), p.Title, "/9912.00005")
		if n := len(pressable(last)); n != 5 {
			t.Errorf("%d buttons", n)
		}
	})
}

func TestAForum(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := newLab(t)
		forum := l.guild.Forum("papers-forum", "lora", "news", "Papers")
		l.sees(l.types(l.mod, "settings", "layout", "forum").Reads(), "needs a forum channel")
		for _, text := range []string{"settings layout:forum", "subscribe diffusion, lora", "schedule 09:00 Europe/Berlin weekdays"} {
			// Nobody can type in a forum's root; in one of its posts one can.
			l.asks(forum, text)
		}
		l.set("2025-11-25 08:30")
		l.discord.Requires(forum)
		l.lists("2025-11-25", 1, 3, 17)
		l.discord.FailNext(fakediscord.CreatePost, fakediscord.Reset().AfterStoring())
		l.until("2025-11-25 09:00")
		posts := l.discord.Threads(forum)
		if len(posts) != 3 {
			t.Fatalf("%d forum posts, want 3\n%s", len(posts), l.log)
		}
		for _, p := range posts {
			tags := l.discord.Tags(p)
			if strings.Contains(p.Name, "LoRA") && !slices.Equal(tags, []string{"lora"}) || len(tags) == 0 {
				t.Errorf("%s has the tags %v", p.Name, tags)
			}
		}
		m := l.discord.Posts(posts[0])[0]
		l.discord.Reacts(l.ana, m, "👍")
		ch := l.row(forum)
		l.eventually("a vote", func() bool {
			voted, err := l.store.Voted(t.Context(), ch.ID, time.Time{})
			return err == nil && len(voted) == 1
		})
		l.sees(l.typesIn(posts[0], l.ana, "list").Reads(), "diffusion")
	})
}

func TestAnArchivedThread(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := tuesday(t)
		thread := l.discord.Thread(l.header())
		m := l.discord.Posts(thread)[0]
		l.discord.Reacts(l.ana, m, "👍")
		ch := l.row(l.channel)
		voted := func() bool {
			ids, err := l.store.Voted(t.Context(), ch.ID, time.Time{})
			return err == nil && len(ids) == 1
		}
		l.eventually("a vote", voted)
		l.discord.Archives(thread, false)
		l.sees(l.discord.Presses(l.ana, m, "Save").Reads(), "Saved.")
		for range 2 {
			l.discord.Presses(l.guild.Member("ben"), m, "Not for us").Wait(1)
			l.discord.Presses(l.ana, m, "Not for us").Wait(1)
		}
		if !voted() {
			t.Error("the vote is lost")
		}
		// A newer version is labelled there too, and the thread is closed again.
		id := core.PaperID(link(m)[strings.LastIndexByte(link(m), '/')+1:])
		p := l.papers[id]
		p.Version = 2
		l.set("2025-12-05 12:00")
		l.fetches(core.Seen{Paper: p, Sighting: core.Sighting{Source: "arxiv", Day: "2025-12-05", Announce: "replace"}, Authority: core.Publisher})
		l.sees(l.discord.Message(m).Reads(), "updated v2")
		if err := l.discord.Reacts(l.mod, m, "👍"); err == nil {
			t.Error("the thread was left open")
		}
	})
}

func TestRemovedFromTheServer(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		l.discord.Outage(l.guild)
		l.discord.Returns(l.guild)
		l.discord.Kicks(l.guild)
		l.eventually("gone", func() bool { all, err := l.store.Channels(t.Context()); return err == nil && len(all) == 0 })
		before := l.discord.Counts()
		l.until("2025-11-25 09:00")
		if n := l.discord.Counts().Calls[fakediscord.CreateMessage]; n != before.Calls[fakediscord.CreateMessage] {
			t.Error("a request to a server that removed us")
		}
		l.discord.Returns(l.guild)
		l.eventually("back", func() bool { all, err := l.store.Channels(t.Context()); return err == nil && len(all) == 1 })
		l.until("2025-11-26 09:00")
		l.once(6)
		other := l.guild.Channel("other")
		l.typesIn(other, l.mod, "subscribe", "topic", "lora").Wait(2)
		l.discord.DeletesChannel(other)
		l.eventually("the channel is gone", func() bool { all, err := l.store.Channels(t.Context()); return err == nil && len(all) == 1 })
	})
}

// Discord kept the message and its answer was lost, or did not.
func TestTheAnswerToAPostIsLost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		failure fakediscord.Failure
	}{
		{"kept, then reset", fakediscord.Reset().AfterStoring()},
		{"kept, then 502", fakediscord.ServerError(502).AfterStoring()},
		{"kept, then a page", fakediscord.HTML(502).AfterStoring()},
		{"reset", fakediscord.Reset()},
		{"502", fakediscord.ServerError(502)},
	} {
		simulated(t, c.name, func(t *testing.T) {
			l := following(t)
			l.discord.FailNext(fakediscord.CreateMessage, c.failure, c.failure, c.failure)
			l.discord.FailNext(fakediscord.StartThread, c.failure)
			l.until("2025-11-25 09:00")
			for i := 0; i < 6 && len(l.posted()) < 6; i++ {
				l.tickAfter(6 * time.Minute)
			}
			l.once(6)
			headers := 0
			for _, m := range l.discord.Posts(l.channel) {
				if m.Interaction == "" && strings.Contains(m.Content, "Tue 25 Nov") {
					headers++
				}
			}
			if headers != 1 {
				t.Errorf("%d headers", headers)
			}
		})
	}
}

// The answer was lost, and the next try was told to wait: that says nothing about
// the first one, however long it takes.
func TestATryThatHasToWaitDoesNotEndTheDoubt(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		n := 0
		l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
			if c.Route != fakediscord.CreateMessage {
				return nil
			}
			f := fakediscord.RateLimited(12 * time.Minute) // by then Discord has forgotten the nonce
			switch n++; n {
			case 3:
				f = fakediscord.ServerError(502).AfterStoring()
			case 4:
			default:
				return nil
			}
			return &f
		})
		l.until("2025-11-25 09:00")
		l.tickAfter(13 * time.Minute)
		l.once(6)
	})
}

// So much was said since that the paper cannot be looked for: whoever sees it
// can decide.
func TestAPaperThatCannotBeLookedForStaysUncertain(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		l := following(t)
		ctx, kill := context.WithCancel(t.Context())
		creates := 0
		l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
			if c.Route != fakediscord.CreateMessage {
				return nil
			}
			if creates++; creates != 2 { // the first paper
				return nil
			}
			kill()
			f := fakediscord.Reset()
			return &f
		})
		l.set("2025-11-25 09:00")
		_ = l.tickUntil(ctx)
		l.discord.OnCall(nil)
		for i := range 1100 {
			l.discord.Says(l.ana, l.channel, fmt.Sprint("message ", i))
		}
		_ = l.end()
		l.start()
		l.tickAfter(6 * time.Minute)
		l.once(5)
		status := l.types(l.mod, "status").Wait(1)[0]
		l.sees(status.Reads(), "uncertain")
		l.sees(status.Buttons()[0].Label, "Post it anyway: ")
		l.discord.Presses(l.mod, status, status.Buttons()[0].Label).Wait(1)
		l.tickAfter(time.Minute)
		l.once(6)
	})
}

// The process dies at any point of the post: before Discord's answer, after it,
// with a 502 or a cut connection after Discord kept the message.
func TestKilledAnywhere(t *testing.T) {
	simulated(t, "", func(t *testing.T) {
		kills := 40
		if testing.Short() {
			kills = 20
		}
		l := following(t)
		l.types(l.mod, "settings", "max", 15).Wait(2)
		rng := rand.New(rand.NewPCG(1, 2))
		day := at("2025-11-25 09:00")
		want := 6
		for kill := 0; kill < kills; {
			ctx, cancel := context.WithCancel(context.Background())
			left := rng.IntN(5)
			l.discord.OnCall(func(c fakediscord.Call) *fakediscord.Failure {
				if c.Route != fakediscord.CreateMessage {
					return nil
				}
				if left--; left >= 0 {
					return nil
				}
				cancel()
				f := fakediscord.Reset()
				if rng.IntN(2) == 0 {
					f = fakediscord.ServerError(502)
				}
				if rng.IntN(2) == 0 {
					f = f.AfterStoring()
				}
				return &f
			})
			l.passes(day.Sub(l.now()))
			_ = l.tickUntil(ctx)
			killed := ctx.Err() != nil
			cancel()
			l.discord.OnCall(nil)
			if killed {
				kill++
				_ = l.end()
				l.start()
				day = l.now().Add(6 * time.Minute) // the lease of whoever died is over
				continue
			}
			// Everything of that day is out: go on with the next.
			day = day.AddDate(0, 0, 1)
			l.passes(day.Add(-time.Hour).Sub(l.now()))
			l.fetches(l.papers.Fresh(day)...)
			want += 4
		}
		for range 4 {
			day = day.AddDate(0, 0, 1)
			l.passes(day.Sub(l.now()))
			l.tick()
		}
		l.once(want)
	})
}
